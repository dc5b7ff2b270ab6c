"""Owns a student's page: the points of each claim, and the text with a mark at each line and the hints beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from derivcheck.gradebook.html import Element, el
from derivcheck.gradebook.lines import MOST_CHARACTERS, Laid, Line, Piece, lay_out
from derivcheck.gradebook.mathml import math
from derivcheck.gradebook.page import badge, formula, mark_badge, notice, page, picture, said, section, share_bar
from derivcheck.gradebook.words import (
    MARKS,
    OUTCOMES,
    LineMark,
    claim_name,
    needs_review,
    number,
    points_words,
    probably,
    relation,
    reviews,
    shortened,
    telling,
    who,
)
from derivcheck.grading.model import ClaimResult, FormulaResult, StepResult, Submission

#: Formulas beyond these stand as text, and hints beyond these are counted: a page stays one that can be opened.
MOST_DRAWN = 2_000
MOST_CARDS = 400
_LEGEND: tuple[LineMark, ...] = ("right", "follows", "wrong", "review", "unread")


def render(submission: Submission) -> str:
    """The page of one submission, whole in itself."""
    return page(f"{who(submission)} – {submission.key or 'results'}", _Page(submission).body())


class _Page:
    """One submission's page."""

    def __init__(self, submission: Submission) -> None:
        self._submission = submission
        self._numbers = {claim.id: number for number, claim in enumerate(submission.claims, 1)}
        self._laid = lay_out(submission)
        self._drawn = 0
        self._characters = 0
        self._cards = 0

    def body(self) -> Iterator[Element]:
        """What stands on the page, from the top."""
        submission = self._submission
        yield self._header()
        if submission.failure:
            yield notice("Nothing was graded; a person has to look at it:", [shortened(submission.failure)], "review")
        review = reviews(submission)
        if review:
            lines = [shortened(line) for line in review[:MOST_CARDS]]
            yield notice("A person has to look at this before the points stand:", lines, "review")
        if submission.claims:
            yield section("Points", self._claims(), name="points")
        yield section("Your text, line by line", self._legend(), self._text(), self._rest(), name="text")

    def _header(self) -> Element:
        submission = self._submission
        under = " · ".join(dict.fromkeys(part for part in (submission.student.id, submission.path) if part))
        left = el(
            "div",
            None,
            el("p", {"class": "over"}, submission.key),
            el("h1", {"dir": "auto"}, who(submission)),
            el("p", {"class": "under"}, under),
        )
        if not submission.claims or submission.failure:
            return el("header", None, left)
        word = "preliminary" if needs_review(submission) else "points"
        score = el(
            "div",
            {"class": "score"},
            el("p", None, el("strong", None, number(submission.points)), f" of {number(submission.of)}"),
            share_bar(submission.points, submission.of),
            el("p", {"class": "under"}, word),
        )
        return el("header", None, left, score)

    # -- points ------------------------------------------------------------------------------------------------------

    def _claims(self) -> Element:
        heads = el("tr", None, *(el("th", {"scope": "col"}, text) for text in ("Claim", "Result", "Points", "Where")))
        rows = [self._claim(claim) for claim in self._submission.claims]
        foot = el(
            "tr",
            {"class": "sum"},
            el("th", {"scope": "row", "colspan": "2"}, "All"),
            el(
                "td",
                {"class": "points"},
                "open" if self._submission.failure else points_words(self._submission.points, self._submission.of),
            ),
            el("td"),
        )
        return el("table", {"class": "claims"}, el("thead", None, heads), el("tbody", None, *rows, foot))

    def _claim(self, claim: ClaimResult) -> Element:
        word, meaning, mark = OUTCOMES[claim.outcome]
        undecided = claim.outcome == "review" and not claim.points
        mine = self._numbers[claim.id]
        title = el("span", {"class": "title"}, f"{mine}. {shortened(claim_name(claim), 200)}")
        words = telling(claim.words, claim.outcome)
        told = [el("p", None, *said(words))] if words else []
        if probably(claim.diagnosis, claim.words):
            told.append(el("p", {"class": "probably"}, "Probably: ", *said(claim.diagnosis)))
        return el(
            "tr",
            {"id": f"claim-{mine}"},
            el("th", {"scope": "row"}, title, el("div", {"class": "statement"}, _statement(claim.statement))),
            el("td", {"class": "result"}, badge(mark, word, meaning), *told),
            el("td", {"class": "points"}, f"{'open,' if undecided else number(claim.points)} of {number(claim.of)}"),
            el("td", {"class": "where"}, *self._where(claim)),
        )

    def _where(self, claim: ClaimResult) -> Iterator[Element | str]:
        lines = []
        if claim.end > claim.start:
            lines.append(self._submission.text.count("\n", 0, claim.start) + 1)
        lines += [self._submission.steps[step].line for step in claim.steps if step < len(self._submission.steps)]
        if not lines:
            yield "–"
            return
        yield _line_link(min(lines), self._laid)
        if claim.first_wrong is not None and claim.first_wrong < len(self._submission.steps):
            wrong = self._submission.steps[claim.first_wrong].line
            if wrong != min(lines):
                yield el("br")
                yield "first wrong: "
                yield _line_link(wrong, self._laid)

    # -- the text ----------------------------------------------------------------------------------------------------

    def _legend(self) -> Element:
        entries = [el("li", None, mark_badge(mark), el("span", None, MARKS[mark][1])) for mark in _LEGEND]
        head = el("summary", None, "What the marks mean")
        return el("details", {"class": "legend"}, head, el("ul", None, *entries))

    def _text(self) -> Element:
        if not self._submission.text:
            return el("p", {"class": "empty"}, "There is no text.")
        return el("ol", {"class": "text"}, *(self._line(line) for line in self._laid.lines))

    def _rest(self) -> Element | None:
        laid = self._laid
        parts = []
        if laid.cut:
            parts.append("The end of this line is not shown here.")
        if laid.left_out:
            parts.append(
                f"{laid.left_out} more lines are not shown here; what was found in them counts all the same."
            )
        if self._cards > MOST_CARDS:
            parts.append(
                f"{self._cards - MOST_CARDS} more hints are not shown; the JSON file of the results has them."
            )
        return el("p", {"class": "rest"}, " ".join(parts)) if parts else None

    def _line(self, line: Line) -> Element:
        mark = line.mark
        claims = dict.fromkeys(self._submission.steps[step].of for step in line.steps)
        chips = [self._chip(claim) for claim in claims if claim is not None and claim in self._numbers]
        heading = " heading" if line.text.startswith("#") else ""
        content = el(
            "div", {"class": f"content{heading}", "dir": "auto"}, *(self._piece(piece) for piece in line.pieces)
        )
        return el(
            "li",
            {"id": f"line-{line.number}", "class": mark},
            el(
                "a",
                {"class": "number", "href": f"#line-{line.number}", "aria-label": f"Line {line.number}"},
                str(line.number),
            ),
            el("span", {"class": "mark"}, mark_badge(mark) if mark != "none" else None),
            content,
            el("span", {"class": "chips"}, *chips) if chips else None,
            *self._beside(line),
        )

    def _chip(self, claim: str) -> Element:
        mine = self._numbers[claim]
        return el("a", {"class": "chip", "href": f"#claim-{mine}"}, f"claim {mine}")

    def _piece(self, piece: Piece) -> Element | str:
        if piece.formula is None:
            return piece.text
        drawn = self._draw(piece.latex, piece.text, display=piece.display)
        return drawn or el("code", {"class": "latex"}, piece.text)

    def _draw(self, latex: str, source: str, *, display: bool) -> Element | None:
        if not latex or self._drawn >= MOST_DRAWN or self._characters + len(latex) > MOST_CHARACTERS:
            return None
        self._drawn += 1
        self._characters += len(latex)
        return math(latex, source, display=display)

    def _side(self, latex: str) -> Element:
        return self._draw(latex, latex, display=False) or el("code", {"class": "latex"}, shortened(latex))

    # -- what stands beside a line -----------------------------------------------------------------------------------

    def _beside(self, line: Line) -> Iterator[Element]:
        if line.whole:
            whole = self._draw(line.whole, line.whole, display=True)
            if whole is not None:
                yield el("div", {"class": "whole"}, whole)
        for number_ in line.steps:
            step = self._submission.steps[number_]
            if step.mark != "right" and self._room():
                yield self._step(number_, step)
        for number_ in line.formulas:
            result = self._submission.formulas[number_]
            if (result.problem or result.remarks or result.suggestions) and self._room():
                yield _formula_card(self._submission.text, result)

    def _room(self) -> bool:
        self._cards += 1
        return self._cards <= MOST_CARDS

    def _step(self, number_: int, step: StepResult) -> Element:
        word, meaning = MARKS[step.mark]
        told = el("p", {"class": "head"}, picture(step.mark), el("strong", None, word.capitalize()), f" – {meaning}")
        links: list[Element | str] = [self._side(step.left), f" {relation(step)} ", self._side(step.right)]
        parts: list[Element | None] = [told, el("p", {"class": "link"}, *links)]
        if step.because:
            parts.append(el("p", None, *said(step.because)))
        if probably(step.diagnosis, step.because):
            parts.append(el("p", {"class": "probably"}, el("strong", None, "Probably: "), *said(step.diagnosis)))
        if step.carried_from:
            parts.append(self._carried(step.carried_from))
        if step.witness:
            parts.append(_witness(step))
        return el("div", {"class": f"card {step.mark}", "id": f"step-{number_ + 1}"}, *parts)

    def _carried(self, origin: str) -> Element:
        line = re.fullmatch(r"line ([0-9]{1,7})", origin)
        if line is not None:
            return el("p", None, "It follows from the mistake in ", _line_link(int(line.group(1)), self._laid), ".")
        mine = self._numbers.get(origin)
        if mine is None:
            return el("p", None, f"It follows from an earlier mistake: {shortened(origin, 300)}")
        claim = self._submission.claims[mine - 1]
        link = el("a", {"href": f"#claim-{mine}"}, f"claim {mine}, {shortened(claim_name(claim), 200)}")
        return el("p", None, "It follows from the mistake in ", link, ".")


def _line_link(line: int, laid: Laid) -> Element | str:
    if line > len(laid.lines):
        return f"line {line}"
    return el("a", {"href": f"#line-{line}"}, f"line {line}")


def _statement(statement: str) -> Element:
    """The key's statement: LaTeX between signs, or the language of spec files."""
    text = shortened(statement, 1_000)
    if len(text) > 2 and text.startswith("$") and text.endswith("$"):
        return formula(text.strip("$"))
    return el("code", None, text)


def _witness(step: StepResult) -> Element:
    """The point at which both sides differ."""
    rows: list[Element] = []
    for label, value in step.witness[:60]:
        rows += [el("dt", None, shortened(label, 200)), el("dd", None, el("code", None, shortened(value, 1_000)))]
    values = el("dl", None, *rows)
    if step.mark != "wrong":  # it is there for who wants to see it, but it is not what this step is about
        return el("details", {"class": "witness"}, el("summary", None, "A counterexample"), values)
    return el("div", {"class": "witness"}, el("p", None, "A counterexample:"), values)


def _formula_card(text: str, result: FormulaResult) -> Element:
    """Why a formula was not read, and what else is to be said of it; it costs nothing."""
    mark: LineMark = "unread" if result.problem else "none"
    parts: list[Element] = []
    if result.problem:
        stopped = text[result.problem_start : min(result.problem_end, result.problem_start + 80)]
        where: list[Element | str] = [" – at ", el("code", None, stopped)] if stopped.strip() else []
        why = [*said(result.problem), *where]
        unread = el("strong", None, "Unread")
        parts.append(el("p", {"class": "head"}, picture(mark), unread, " (it costs nothing): ", *why))
        if result.hint:
            parts.append(el("p", {"class": "probably"}, *said(result.hint)))
    parts += [el("p", {"class": "remark"}, "Note: ", *said(remark)) for remark in result.remarks[:20]]
    if result.suggestions:
        items = [el("li", None, *said(one)) for one in result.suggestions[:20]]
        head = el("p", None, "It may have been meant otherwise (this was not applied, and changes no points):")
        parts += [head, el("ul", None, *items)]
    return el("div", {"class": f"card {mark}"}, *parts)
