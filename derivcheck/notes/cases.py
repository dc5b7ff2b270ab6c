"""Owns what the text between formulas says of cases: a formula with ``if $z > 0$`` or ``otherwise`` beside it is
said for some values only, and so is what stands after ``For $z > 0$:``."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, zip_longest

from derivcheck.notes.model import Formula
from derivcheck.source import Span

#: A condition: something is compared, or lies in a set that has a letter, or does not lie in one.
_COMPARED = re.compile(
    r"[<>≤≥≠∉]|\\(?:lt|gt|leq?|geq?|neq?|leqslant|geqslant|ll|gg|notin|not)(?![A-Za-z])"
    r"|(?:\\in(?![A-Za-z])|∈)\s*(?:\\mathcal\s*\{?\s*)?[A-Z](?![A-Za-z])"
)
#: Two index letters, equal or not: ``k = j``, ``k \neq j``.
PAIR = re.compile(r"\s*([a-z])\s*(?:=|≠|!=|\\neq?(?![a-zA-Z])|\\not\s*=)\s*([a-z])\s*[.,:;]?\s*")
_CASE_WORDS = r"(?:for|if|when|whenever|unless|provided|case|suppose|assume|assuming|as long as|falls|wenn|für)"
_CASE = re.compile(rf"\b{_CASE_WORDS}\b", re.IGNORECASE)
#: The same after the formula that it is said of, and the words that say by themselves that there are cases.
_AFTER = re.compile(rf"[\s,;()]*(?:and|only|holds|but)?[\s,(]*(?:{_CASE_WORDS}|where|with|on)\b", re.IGNORECASE)
_AFTER_ALONE = re.compile(
    r"[\s,;()]*(?:and|only|holds|but)?[\s,(]*(?:if|when|whenever|unless|provided|falls|wenn)\b", re.IGNORECASE
)
_OTHERWISE = re.compile(r"\b(?:otherwise|else|elsewhere|sonst)\b", re.IGNORECASE)
#: What a case is called without a formula.
_STATES = re.compile(
    r"\b(?:positive|negative|zero|(?:in)?active|inside|outside|above|below|(?:in)?correct(?:ly)?|violat\w+"
    r"|misclassified|saturat\w+|firing)\b",
    re.IGNORECASE,
)
#: What may say of the formula behind it that it is not so.
_DENIED = re.compile(
    r"\b(?:not|instead of|rather than|unlike|nicht|statt"
    r"|(?:wrong(?:ly)?|false(?:ly)?|incorrect(?:ly)?|falsch)(?: (?:to )?\w+)?"
    r"|(?:mistake|error|fehler)(?: (?:is|was|would be|wäre|ist))?)[\s:,\"'“„(]*$",
    re.IGNORECASE,
)
#: Where a sentence, a paragraph, an item or a cell of a table ends.
_STOP = re.compile(r"[.!?;](?=\s|$)|\n[ \t>]*\n|\n[ \t>]*(?:[-*+]|\(?\w{1,3}[.)])\s|\n[ \t]*#|\\item\b|\|")
#: So near a formula stands what is said of it, in characters.
_NEAR = 40
#: Sentences are no longer than this.
_FAR = 1000
_BLANK = re.compile(r"\n[ \t>]*\n")


@dataclass(frozen=True, slots=True)
class Case:
    """How the text speaks of a case, and the piece of it that is said of this case; ``denied``: it may rather say
    that this is not so."""

    text: str
    span: Span
    denied: bool = False

    @property
    def words(self) -> str:
        """Why what is said there may not be claimed in general."""
        if self.denied:
            return f"the text may say that this is not so: `{self.text}`"
        return f"the text speaks of a case, `{self.text}`, and it may be meant for that alone"


def cases(text: str, formulas: Sequence[Formula]) -> tuple[Case, ...]:
    """What the text says for some values alone, in its order: the formula that a condition stands behind, or, of a
    condition in front, all that comes to the next one, or to the end of the paragraph."""
    told = _Told(text, formulas)
    return tuple(sorted((*told.behind(), *told.in_front(), *told.denied()), key=lambda case: case.span))


class _Told:
    """A text with its formulas."""

    def __init__(self, text: str, formulas: Sequence[Formula]) -> None:
        self._text, self._formulas = text, formulas
        self._blanked = _blanked(text, formulas)
        self._stops = [stop.span() for stop in _STOP.finditer(self._blanked)]
        self._starts = [start for start, _ in self._stops]

    def behind(self) -> Iterator[Case]:
        """Formulas behind which a case is told."""
        for place, formula in enumerate(self._formulas):
            after = formula.span.end
            end = self._sentence_end(after)
            told = _AFTER_ALONE.match(self._blanked, after, end) or _OTHERWISE.search(self._words(after, end))
            if told is not None:
                yield Case(told[0].strip(" ,;(\n"), formula.span)
            elif _AFTER.match(self._blanked, after, end) and (condition := self._condition_after(place, end)):
                yield Case(condition, formula.span)

    def _condition_after(self, place: int, end: int) -> str | None:
        """The first condition behind a formula, in its sentence, if no statement comes before it."""
        for later in islice(self._formulas, place + 1, None):
            if later.span.start >= end or "=" in self._content(later):
                return None
            if self._is_condition(later):
                return self._content(later)
        return None

    def denied(self) -> Iterator[Case]:
        """Formulas of which the words before them say that they are wrong: ``and not $…$``."""
        for formula in self._formulas:
            said = _DENIED.search(self._words(max(formula.span.start - _NEAR, 0), formula.span.start))
            if said is not None:
                yield Case(said[0].strip(" \n\t:,(\"'“„"), formula.span, denied=True)

    def in_front(self) -> Iterator[Case]:
        """What stands behind a case: ``If $z > 0$, then``, ``when it is active,``."""
        opened = (self._opened(place) for place in range(len(self._formulas)))
        found = [case for case in opened if case is not None]
        for case, following in zip_longest(found, found[1:]):
            end = block_end(self._text, case.span.end)
            yield Case(case.text, Span(case.span.end, end if following is None else min(end, following.span.start)))

    def _opened(self, place: int) -> Case | None:
        """The case that a formula is the condition of, or that the words before it speak of; with its place."""
        formula = self._formulas[place]
        start = self._sentence_start(formula.span.start)
        stated = start
        for before in reversed(self._formulas[:place]):
            if before.span.start < start:
                break
            if "=" in self._content(before):
                stated = before.span.end
                break
        if _CASE.search(self._words(stated, formula.span.start)) is None:
            return None
        if stated > start and _AFTER.match(self._blanked, stated, formula.span.start):
            return None
        if self._is_condition(formula):
            return Case(self._content(formula), formula.span)
        state = _STATES.search(self._words(stated, formula.span.start))
        return None if state is None else Case(state[0], Span(formula.span.start, formula.span.start))

    def _content(self, formula: Formula) -> str:
        return self._text[formula.content.start : formula.content.end].strip()

    def _is_condition(self, formula: Formula) -> bool:
        content = self._content(formula)
        if formula.display or "=" in content or PAIR.fullmatch(content):  # two index letters: see prose
            return False
        return _COMPARED.search(content) is not None

    def _words(self, start: int, end: int) -> str:
        return self._blanked[start:end].replace("\x00", "")

    def _sentence_end(self, start: int) -> int:
        place = bisect_left(self._starts, start)
        end = self._starts[place] if place < len(self._starts) else len(self._blanked)
        return min(end, start + _FAR)

    def _sentence_start(self, end: int) -> int:
        place = bisect_right(self._starts, end - 1)
        return max(min(self._stops[place - 1][1], end) if place else 0, end - _FAR)


def _blanked(text: str, formulas: Sequence[Formula]) -> str:
    """The text with formulas as long blanks, so that their letters and stops are no words of it."""
    pieces, at = [], 0
    for formula in formulas:
        pieces += [text[at : formula.span.start], "\x00" * (formula.span.end - formula.span.start)]
        at = formula.span.end
    return "".join([*pieces, text[at:]])


def block_end(text: str, start: int) -> int:
    """The end of the paragraph, or of the one after it if that is begun by a formula on lines of its own."""
    blank = _BLANK.search(text, start)
    if blank is None:
        return len(text)
    rest = text[blank.end() :].lstrip()
    if not rest.startswith(("$$", r"\[", r"\begin")):
        return blank.start()
    following = _BLANK.search(text, blank.end())
    return len(text) if following is None else following.start()
