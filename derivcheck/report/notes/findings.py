"""Owns what is said of a note: its findings in the order of their places, and the line that sums them up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from derivcheck.errors import Problem
from derivcheck.lang.print import printed
from derivcheck.model import Claim
from derivcheck.notes.model import Formula, Note, NoteReport, Suggestion
from derivcheck.notes.outcome import Standing, counts
from derivcheck.outcome import FAILING
from derivcheck.report.details import Detail, details, wrong_step
from derivcheck.report.interface import one_line, place, plural
from derivcheck.source import Span
from derivcheck.verdict import ClaimReport, Verdict

#: How a finding is to be taken, in the words of compilers.
Level = Literal["error", "warning", "note"]

#: Details of a claim that its place in the note shows already, or that only specs have.
_SHOWN_BY_PLACE = frozenset({"claim", "steps", "wrong step", "because", "correct", "spec says", "cite"})
#: Longest formula that is written out in a report.
_LONGEST = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in a note that its reader should look at: what (``title``), where, and why (``message``)."""

    level: Level
    span: Span | None
    title: str
    message: str
    details: tuple[Detail, ...] = ()


def findings(report: NoteReport) -> tuple[Finding, ...]:
    """What is worth reading of a note, in the order of its text."""
    found = [Finding("error", p.span, "not read", one_line(p.message), _hint(p)) for p in report.problems]
    found += [Finding("error", None, "engine fault", one_line(fault)) for fault in report.faults]
    if report.note is not None:
        found += [Finding("note", p.span, "remark", one_line(p.message), _hint(p)) for p in report.note.problems]
        found += _of_formulas(report.note, report)
        found += _of_claims(report.note, report)
    return tuple(sorted(found, key=lambda one: (one.span is None, one.span or Span(0, 0))))


def _of_formulas(note: Note, report: NoteReport) -> Iterator[Finding]:
    for number, formula in enumerate(note.formulas):
        for place_, left in enumerate(formula.not_read):
            suggested = () if place_ else _suggested(report.suggestions, number)
            span = left.problem.span or left.span
            yield Finding(
                "warning", span, "not read", one_line(left.problem.message), (*_hint(left.problem), *suggested)
            )
        for part in formula.parts:
            for remark in part.remarks:
                yield Finding("note", part.span, "remark", one_line(remark))


def _of_claims(note: Note, report: NoteReport) -> Iterator[Finding]:
    claims = {claim.id: claim for claim in note.derivation.claims}
    told: set[int] = set()
    # each is said once, and what is said of a formula is not said of its claim
    remarks = {remark for formula in note.formulas for part in formula.parts for remark in part.remarks}
    for found in report.claims:
        if found.ok:
            said = [note for note in found.notes if note not in remarks]
            remarks.update(said)
            yield from (Finding("note", found.claim_span, "remark", one_line(note)) for note in said)
            continue
        number = _formula_at(note.formulas, found.span)
        about = (
            *_read_as(claims[found.id], found),
            *(one for one in details(found) if one.label not in _SHOWN_BY_PLACE),
            *_also_wrong(found, report),
            *(_suggested(report.suggestions, number) if number is not None and number not in told else ()),
        )
        if number is not None:
            told.add(number)
        yield from _of_claim(found, about)


def _of_claim(claim: ClaimReport, about: tuple[Detail, ...]) -> Iterator[Finding]:
    level: Level = "error" if claim.verdict in FAILING else "warning"
    if not claim.problems:
        yield Finding(level, claim.span, claim.verdict.value, one_line(claim.because), about)
    for place_, problem in enumerate(claim.problems):
        rest = about if place_ == 0 else ()
        span = problem.span or claim.span
        yield Finding(level, span, claim.verdict.value, one_line(problem.message), (*_hint(problem), *rest))


def _read_as(claim: Claim, found: ClaimReport) -> tuple[Detail, ...]:
    """The statement, or its wrong step, in the expression language, so that a reader sees how it was taken."""
    if claim.statement is None:
        return ()
    step = wrong_step(found)
    links = claim.statement.links if step is None else claim.statement.links[step.index : step.index + 1]
    texts = [printed(links[0].left), *(f"{link.relation} {printed(link.right)}" for link in links)]
    return (Detail("read as", (clipped(" ".join(texts)),)),)


def _also_wrong(claim: ClaimReport, report: NoteReport) -> tuple[Detail, ...]:
    """The places of further wrong steps of a chain."""
    first = claim.first_wrong_step
    later = [step for step in claim.steps if step.verdict in FAILING and first is not None and step.index > first]
    places = [":".join(map(str, place(report.source, step.span))) for step in later]
    return (Detail("also", (f"{plural(len(later), 'later step')} wrong: {', '.join(places)}",)),) if later else ()


def _suggested(suggestions: Sequence[Suggestion], formula: int) -> tuple[Detail, ...]:
    lines = tuple(suggestion_line(one) for one in suggestions if one.formula == formula)
    return (Detail("suggestion", lines),) if lines else ()


#: What is said of a suggestion, by what was found of what the formula states then.
_THEN = {
    None: "it can be read",
    Verdict.PROVED: "it is proved",
    Verdict.SUPPORTED: "it agrees wherever it was tried",
    Verdict.UNDECIDED: "it can be read, and is neither proved nor refuted",
    Verdict.REFUTED: "it can be read, and is refuted",
    Verdict.INVALID: "it can be read, and its shapes do not fit",
}


def suggestion_line(suggestion: Suggestion) -> str:
    """A suggestion in words: what was changed, what follows, and the formula with the change."""
    text = clipped(one_line(" ".join(suggestion.text.split())))
    then = _THEN[suggestion.verdict] + (f": {one_line(suggestion.because)}" if suggestion.because else "")
    return f"{one_line(suggestion.words)}: then {then} (only a suggestion, not applied): {text}"


def _hint(problem: Problem) -> tuple[Detail, ...]:
    return (Detail("hint", tuple(map(one_line, problem.hint.split("\n")))),) if problem.hint else ()


def _formula_at(formulas: Sequence[Formula], span: Span) -> int | None:
    return next((n for n, one in enumerate(formulas) if one.span.start <= span.start < one.span.end), None)


def clipped(text: str) -> str:
    """A text that is cut where it is longer than anybody reads."""
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


# --- the sum of it

_WORDS = {
    Standing.PROVED: "proved",
    Standing.WRONG: "wrong",
    Standing.OPEN: "undecided",
    Standing.WAITING: "not judged",
    Standing.SILENT: "with nothing to prove",
    Standing.PARTLY: "partly read",
    Standing.UNREAD: "not read",
}


def summary(reports: Sequence[NoteReport]) -> str:
    """One line: how many formulas there are, and how they stand."""
    tally = counts(reports)
    parts = [
        f"{count} {words}"
        for standing, words in _WORDS.items()
        if (count := tally[standing.value.replace(" ", "_")]) or standing is Standing.PROVED
    ]
    if tally["suggestions"]:
        parts.append(plural(tally["suggestions"], "suggestion"))
    if tally["faults"]:
        parts.append(plural(tally["faults"], "engine fault"))
    if tally["notes_not_read"]:
        parts.append(f"{plural(tally['notes_not_read'], 'note')} not read")
    return f"{plural(tally['formulas'], 'formula')} in {plural(len(reports), 'note')}: {', '.join(parts)}"
