"""Owns what verdicts come to: a claim's outcome under what was expected of it, and the exit status of a run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from enum import StrEnum

from derivcheck.verdict import ClaimReport, RunReport, Verdict

#: The claim fails, for certain.
FAILING = frozenset({Verdict.REFUTED, Verdict.INVALID})
#: Neither proved nor refuted.
OPEN_VERDICTS = frozenset({Verdict.SUPPORTED, Verdict.UNDECIDED})


class Outcome(StrEnum):
    """What a verdict means for whoever asked."""

    OK = "ok"
    WRONG = "wrong"
    OPEN = "open"


def outcome(claim: ClaimReport) -> Outcome:
    """``ok`` as reported; ``open`` where more effort or ``--accept`` could make it so; else ``wrong``."""
    if claim.ok:
        return Outcome.OK
    if claim.verdict in OPEN_VERDICTS:
        return Outcome.OPEN
    waits = claim.expect == "fails" and claim.verdict in FAILING and fails_as_said(claim)
    return Outcome.OPEN if waits and claim.correct_verdict in OPEN_VERDICTS else Outcome.WRONG


def fails_as_said(claim: ClaimReport) -> bool:
    """Whether the first wrong step is the one that ``fails_at`` names, if it names one."""
    return claim.fails_at is None or claim.fails_at == claim.first_wrong_step


def accepting(claim: ClaimReport, accept: Collection[Verdict]) -> ClaimReport:
    """The claim with ``ok`` set where a verdict in ``accept`` stands in for a proof (spec format, section 4)."""
    if claim.expect == "holds":
        ok = claim.verdict in accept
    else:
        ok = claim.verdict in FAILING and claim.correct_verdict in accept and fails_as_said(claim)
    return replace(claim, ok=True) if ok and not claim.ok else claim


def exit_status(run: RunReport) -> int:
    """0, 1, 2 or 3 as in the spec format, section 4: of several that apply, 2 goes before 1 before 3."""
    outcomes = {outcome(claim) for spec in run.specs for claim in spec.claims}
    if any(spec.problems or spec.faults for spec in run.specs):
        return 2
    if Outcome.WRONG in outcomes:
        return 1
    return 3 if Outcome.OPEN in outcomes else 0
