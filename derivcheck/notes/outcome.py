"""Owns what the report of a note comes to: the standing of each formula, counts, and the exit status of a check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum

from derivcheck.notes.model import Formula, NoteReport, Part
from derivcheck.outcome import FAILING
from derivcheck.verdict import ClaimReport, Verdict


class Standing(StrEnum):
    """How a formula stands, the worst of what it states: in the order in which they go before one another."""

    UNREAD = "unread"
    WRONG = "wrong"
    OPEN = "undecided"
    WAITING = "not judged"
    PARTLY = "partly read"
    PROVED = "proved"
    SILENT = "nothing to prove"


_ORDER = {standing: place for place, standing in enumerate(Standing)}


def standings(report: NoteReport) -> tuple[Standing, ...]:
    """The standing of every formula of a note, in the order of the note; none if it could not be read."""
    if report.note is None:
        return ()
    claims = {claim.id: claim for claim in report.claims}
    return tuple(_standing(formula, claims) for formula in report.note.formulas)


def _standing(formula: Formula, claims: Mapping[str, ClaimReport]) -> Standing:
    if formula.problem is not None and not formula.unread:
        return Standing.UNREAD
    stated = [_part(part, claims) for part in formula.parts]
    return min([*stated, Standing.PARTLY if formula.unread else Standing.SILENT], key=_ORDER.__getitem__)


def _part(part: Part, claims: Mapping[str, ClaimReport]) -> Standing:
    """What is found of the links that stand here; of a claim that was not judged by links, of the whole."""
    if part.claim is None:
        return Standing.SILENT
    claim = claims.get(part.claim)
    if claim is None:
        return Standing.WAITING
    if claim.ok:
        return Standing.PROVED
    verdicts = [step.verdict for step in claim.steps[slice(*part.links)]]
    if not claim.steps or (not verdicts and part.links[0] == 0):  # the head of a chain stands here alone
        verdicts = [claim.verdict]
    return min((_of(verdict) for verdict in verdicts), key=_ORDER.__getitem__, default=Standing.SILENT)


def _of(verdict: Verdict) -> Standing:
    if verdict in FAILING:
        return Standing.WRONG
    return Standing.PROVED if verdict is Verdict.PROVED else Standing.OPEN


def counts(reports: Sequence[NoteReport]) -> dict[str, int]:
    """How many formulas there are, how many stand how, and how many suggestions there are."""
    every = [standing for report in reports for standing in standings(report)]
    return {
        "notes": len(reports),
        "formulas": len(every),
        **{standing.value.replace(" ", "_"): every.count(standing) for standing in Standing},
        "suggestions": sum(len(report.suggestions) for report in reports),
        "faults": sum(len(report.faults) for report in reports),
        "notes_not_read": sum(bool(report.problems) for report in reports),
    }


def exit_status(reports: Sequence[NoteReport], *, accept_unread: bool = False) -> int:
    """0: every formula was read and all that is stated is proved; 1: something is wrong; 2: a note could not be read,
    or the engine contradicted itself; 3: nothing is wrong, but something is undecided or unread, or there was nothing
    to check. Of several, 2 goes before 1 before 3."""
    if any(report.problems or report.faults for report in reports):
        return 2
    every = {standing for report in reports for standing in standings(report)}
    if Standing.WRONG in every:
        return 1
    waiting = {Standing.OPEN, Standing.WAITING}
    waiting |= set() if accept_unread else {Standing.UNREAD, Standing.PARTLY}
    return 3 if every & waiting or not every else 0
