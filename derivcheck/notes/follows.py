"""Owns what follows from a mistake in a note: a wrong step that holds with what was wrongly said of a name before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from derivcheck.errors import EngineFault
from derivcheck.judging import OutOfTime, within
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Defined, Expr, postorder
from derivcheck.model import Claim, Derivation
from derivcheck.notes.model import Note
from derivcheck.run import TIMEOUT, Options, judge_claim
from derivcheck.verdict import ClaimReport, Verdict

#: Steps of a note that are tried, and values stated wrongly before them with which each is.
MOST_STEPS = 12
MOST_VALUES = 3
KIND = "follows"


@dataclass(frozen=True, slots=True)
class _Stated:
    """What a wrong chain says of a name, and the line in which it goes wrong."""

    name: str
    value: Expr
    line: int


def following(note: Note, reports: Sequence[ClaimReport], options: Options) -> tuple[ClaimReport, ...]:
    """The reports of a note's claims; a refuted one of which the first wrong step is proved with a value that was
    stated wrongly before it is told to follow from that. It stays wrong."""
    claims = {claim.id: claim for claim in note.derivation.claims}
    stated: list[_Stated] = []
    made: list[ClaimReport] = []
    left = MOST_STEPS
    for report in reports:
        claim = claims[report.id]
        wrong = report.first_wrong_step if report.first_wrong_step is not None else 0
        told = report
        if report.verdict is Verdict.REFUTED and claim.statement is not None:
            if stated and left:
                left -= 1
                told = _followed(note, claim, wrong, report, stated[::-1][:MOST_VALUES], options)
            line = note.source.position(claim.statement.links[wrong].span.start)[0]
            if told is report:
                stated += _said(note.derivation, claim, wrong, line)
        made.append(told)
    return tuple(made)


def _followed(
    note: Note, claim: Claim, wrong: int, report: ClaimReport, stated: Sequence[_Stated], options: Options
) -> ClaimReport:
    assert claim.statement is not None
    link = claim.statement.links[wrong]
    alone = replace(claim, statement=replace(claim.statement, links=(link,)), fails_at=None, correct=None)
    for one in stated:
        if one.name not in _reached(note.derivation.definitions, (link.left, link.right)):
            continue
        with_it = replace(note.derivation, definitions={**note.derivation.definitions, one.name: one.value})
        try:
            found = within(options.timeout or TIMEOUT, partial(judge_claim, with_it, alone, options))
        except (EngineFault, OutOfTime):
            continue
        if found.verdict is Verdict.PROVED:
            words = f"it follows from line {one.line}: with {printed(one.value)} for {one.name} it holds"
            return replace(report, diagnosis=words, diagnosis_kind=KIND)
    return report


def _said(derivation: Derivation, claim: Claim, wrong: int, line: int) -> Iterator[_Stated]:
    """What a chain comes to after its wrong step, for every name before that: of names that were defined earlier than
    these it may be made, so that nothing is defined by itself."""
    assert claim.statement is not None
    links = claim.statement.links
    value = links[-1].right
    order = list(derivation.definitions)
    for term in (links[0].left, *(link.right for link in links[:wrong])):
        if not isinstance(term, Defined) or term.name not in order or value.shape != term.shape:
            continue
        names = {part.name for part in postorder(value) if isinstance(part, Defined)}
        if all(order.index(name) < order.index(term.name) for name in names):
            yield _Stated(term.name, value, line)


def _reached(definitions: Mapping[str, Expr], sides: Sequence[Expr]) -> set[str]:
    """The defined names that expressions are made from."""
    found: set[str] = set()
    waiting = list(sides)
    while waiting:
        for part in postorder(waiting.pop()):
            if isinstance(part, Defined) and part.name not in found:
                found.add(part.name)
                waiting.append(definitions[part.name])
    return found
