"""Owns the one report of a claim of a note that has several readings, or whose reading is in doubt.

What is proved in every reading is proved, what fails in every reading fails; between these nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derivcheck.model import Claim
from derivcheck.notes.model import Note
from derivcheck.verdict import ClaimReport, Verdict

_WRONG = frozenset({Verdict.REFUTED, Verdict.INVALID})


def settle(note: Note, claim: Claim, judge: Callable[[Claim], ClaimReport]) -> ClaimReport:
    """The report of a claim of a note: ``judge`` is asked for the claim and, if need be, for its other readings.

    A claim in doubt (:attr:`Note.doubtful`) is never reported as wrong, and one with other readings
    (:attr:`Note.alternatives`) is proved or refuted only if every reading is.
    """
    report = judge(claim)
    others = note.alternatives.get(claim.id, ())
    doubt = note.doubtful.get(claim.id)
    if report.verdict in _WRONG and doubt is not None:
        return _undecided(report, doubt)
    if not others or report.verdict not in (*_WRONG, Verdict.PROVED):
        return report
    for other in others:
        second = judge(other)
        if second.verdict is report.verdict or (second.verdict in _WRONG and report.verdict in _WRONG):
            continue
        words = next((warning for warning in other.warnings if warning not in claim.warnings), "it is read otherwise")
        found = f"it can be read in two ways, with different results: {report.verdict} as it is read here; {words}"
        return _undecided(report, f"{found}: {second.verdict}")
    return report


def _undecided(report: ClaimReport, because: str) -> ClaimReport:
    steps = tuple(
        replace(step, verdict=Verdict.UNDECIDED, because=because, witness=None) if step.verdict in _WRONG else step
        for step in report.steps
    )
    if report.verdict is Verdict.PROVED:
        steps = tuple(replace(step, verdict=Verdict.UNDECIDED, because=because) for step in steps)
    return replace(
        report,
        verdict=Verdict.UNDECIDED,
        ok=False,
        because=because,
        steps=steps,
        first_wrong_step=None,
        witness=None,
        diagnosis=None,
        span=report.claim_span,
    )
