"""Owns a submission as lines: the pieces of each, text or formula, its mark, and what is to be said beside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from derivcheck.gradebook.words import LineMark, gravest
from derivcheck.grading.model import FormulaResult, StepResult, Submission

#: What a page shows of a submission: a note of a person has a few hundred lines.
MOST_LINES = 4_000
MOST_CHARACTERS = 250_000

#: What belongs to the layout of an aligned formula, not to one of its lines.
_FRAME = re.compile(
    r"\\(?:begin|end)\s*\{(?:align|aligned|split|gather|gathered|equation|eqnarray|multline)\*?\}|\\\[|\\\]|"
    r"\\\(|\\\)|\$\$|\$"
)
_BREAK = re.compile(r"(?:\\\\(?:\s*\[[^\]]*\])?|\\newline|\\cr)\s*\Z")
_PAIRS = (("\\left", "\\right"), ("\\begin", "\\end"))
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line. ``latex`` is what is to be drawn of a formula's piece; empty: it stands as it is written."""

    text: str
    formula: int | None = None
    latex: str = ""
    display: bool = False


@dataclass(slots=True)
class Line:
    """A line, numbered from 1, with its pieces in order (together they are the line); ``steps`` and ``formulas`` are
    those that end on it, by number; ``whole`` is a formula that ended here and is to be drawn as a whole."""

    number: int
    pieces: list[Piece] = field(default_factory=list)
    marks: list[LineMark] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)
    formulas: list[int] = field(default_factory=list)
    whole: str = ""

    @property
    def mark(self) -> LineMark:
        """The gravest of its marks."""
        return gravest(self.marks)

    @property
    def text(self) -> str:
        """The line as it was written."""
        return "".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Laid:
    """A submission's lines, as many as are shown, and how many are not; ``cut``: nor is the end of the one line."""

    lines: tuple[Line, ...]
    left_out: int
    cut: bool


def lay_out(submission: Submission) -> Laid:
    """The lines of a submission with their marks. Formulas whose places cannot be are passed over."""
    text = submission.text.replace("\r\n", " \n")  # as long as it was, so that places stay what they are
    starts = [0, *(match.end() for match in re.finditer("\n(?!\\Z)", text))]  # a break at the end begins no line
    shown = _shown(starts, len(text))
    lines = [Line(number) for number in range(1, shown + 1)]
    place = _Places(starts)
    cut = shown == 1 and len(text) > MOST_CHARACTERS and (len(starts) == 1 or starts[1] > MOST_CHARACTERS)
    text = text[:MOST_CHARACTERS] if cut else text
    formulas = list(_in_order(submission.formulas, len(text)))
    _cut_up(text, starts, lines, formulas)
    for number, formula in formulas:
        _, last = place.lines(formula.start, formula.end)
        if last < shown:
            lines[last].formulas.append(number)
        if formula.problem:
            for start, end in formula.unread or ((formula.start, formula.end),):
                first, last = place.lines(start, end)
                for line in lines[first : min(last + 1, shown)]:
                    line.marks.append("unread")
    for number, step in enumerate(submission.steps):
        for index in _lines_of(step, place, shown):
            lines[index].marks.append(step.mark)
        _, last = _lines_of_ends(step, place)
        if last < shown:
            lines[last].steps.append(number)
    return Laid(tuple(lines), len(starts) - shown, cut)


def _shown(starts: list[int], length: int) -> int:
    """How many lines are shown: always the first, whole lines, and only so many."""
    ends = [*starts[1:], length]
    return max(1, min(MOST_LINES, bisect_right(ends, MOST_CHARACTERS)))


class _Places:
    """From offsets to lines, counted from 0."""

    def __init__(self, starts: list[int]) -> None:
        self._starts = starts

    def line(self, offset: int) -> int:
        return max(bisect_right(self._starts, offset), 1) - 1

    def lines(self, start: int, end: int) -> tuple[int, int]:
        return self.line(start), self.line(max(start, end - 1))

    @property
    def count(self) -> int:
        return len(self._starts)


def _lines_of_ends(step: StepResult, place: _Places) -> tuple[int, int]:
    """The first and the last line of a step, from 0; where it has no place, by its line number."""
    if step.end > step.start:
        return place.lines(step.start, step.end)
    line = min(max(step.line, 1), place.count) - 1
    return line, line


def _lines_of(step: StepResult, place: _Places, shown: int) -> range:
    first, last = _lines_of_ends(step, place)
    return range(first, min(last + 1, shown))


def _in_order(formulas: tuple[FormulaResult, ...], length: int) -> Iterator[tuple[int, FormulaResult]]:
    """Formulas with their numbers, in their order in the text, none that lies over another or beyond the end."""
    at = 0
    for number, formula in sorted(enumerate(formulas), key=lambda pair: (pair[1].start, pair[0])):
        if at <= formula.start < formula.end <= length:
            yield number, formula
            at = formula.end


def _cut_up(text: str, starts: list[int], lines: list[Line], formulas: list[tuple[int, FormulaResult]]) -> None:
    """Fill the lines with their pieces."""
    bounds = [*starts[1:], len(text) if text.endswith("\n") else len(text) + 1]
    at = 0
    for number, formula in formulas:
        _plain(text, starts, bounds, lines, at, formula.start)
        _formula(text, starts, bounds, lines, number, formula)
        at = formula.end
    _plain(text, starts, bounds, lines, at, len(text))


def _parts(
    starts: list[int], bounds: list[int], lines: list[Line], start: int, end: int
) -> Iterator[tuple[Line, int, int]]:
    """A range of the text, line by line: the line, and where its share of the range begins and ends."""
    index = bisect_right(starts, start) - 1
    while index < len(lines) and starts[index] < end:
        low, high = max(start, starts[index]), min(end, bounds[index] - 1)
        if low < high:
            yield lines[index], low, high
        index += 1


def _plain(text: str, starts: list[int], bounds: list[int], lines: list[Line], start: int, end: int) -> None:
    for line, low, high in _parts(starts, bounds, lines, start, end):
        line.pieces.append(Piece(text[low:high]))


def _formula(
    text: str, starts: list[int], bounds: list[int], lines: list[Line], number: int, formula: FormulaResult
) -> None:
    """A formula on one line is drawn there; over several, each line by itself if each is whole by itself."""
    parts = list(_parts(starts, bounds, lines, formula.start, formula.end))
    content = text[formula.content_start : formula.content_end]
    if len(parts) == 1 and "\n" not in text[formula.start : formula.end]:
        line, low, high = parts[0]
        line.pieces.append(Piece(text[low:high], number, content, formula.display))
        return
    drawn = [_by_itself(text[low:high]) for _, low, high in parts]
    apart = all(latex is not None for latex in drawn)
    for (line, low, high), latex in zip(parts, drawn, strict=True):
        line.pieces.append(Piece(text[low:high], number, (latex or "") if apart else "", display=True))
    if parts and not apart:
        parts[-1][0].whole = content


def _by_itself(part: str) -> str | None:
    """What is drawn of one line of a formula; ``None`` if it is not whole without the others."""
    latex = _FRAME.sub(" ", part).strip()
    latex = _BREAK.sub("", latex).strip()
    if any(latex.count(opening) != latex.count(closing) for opening, closing in _PAIRS):
        return None
    if "\\begin" not in latex:
        latex = re.sub(r"(?<!\\)&", " ", latex).strip()
    depth = 0
    for match in _BRACE.finditer(latex):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth < 0:
            return None
    return latex if depth == 0 else None
