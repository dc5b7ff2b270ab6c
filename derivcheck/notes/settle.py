"""Owns the one report of a claim of a note that has several readings, or whose reading is in doubt.

What is proved in every reading is proved, what fails in every reading fails; between these nothing is decided.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from derivcheck.model import Claim, Link, Relation, Statement
from derivcheck.notes.model import Broken, Note
from derivcheck.verdict import ClaimReport, StepReport, Verdict

_WRONG = frozenset({Verdict.REFUTED, Verdict.INVALID})


def questions(note: Note) -> tuple[Claim, ...]:
    """All that :func:`settle` may ask for: the note's claims, then their other readings and single links; each with
    an id of its own."""
    found = list(note.derivation.claims)
    for claim in note.derivation.claims:
        found += _others(note, claim)
        if (broken := note.broken.get(claim.id)) is not None:
            found += [one for one in _links(claim, broken) if one is not None]
    return tuple(found)


def _others(note: Note, claim: Claim) -> list[Claim]:
    """The other readings of a claim."""
    return [replace(one, id=f"{claim.id}~{n}") for n, one in enumerate(note.alternatives.get(claim.id, ()), 2)]


def _links(claim: Claim, broken: Broken) -> list[Claim | None]:
    """The links of an invalid claim as claims of their own; ``None`` for one that means nothing."""
    found: list[Claim | None] = []
    for index, (left, right) in enumerate(pairwise(broken.pieces)):
        if left.value is None or right.value is None or right.problem is not None:
            found.append(None)
            continue
        relation: Relation = "≈" if right.relation == "≈" else "=="
        link = Link(left.value, right.value, relation, left.text, right.text, right.span)
        alone = Statement(claim.text, (link,), broken.quantifiers, left.span.to(right.span))
        found.append(replace(claim, id=f"{claim.id}#{index}", statement=alone, problems=()))
    return found


def settle(note: Note, claim: Claim, judge: Callable[[Claim], ClaimReport]) -> ClaimReport:
    """The report of a claim of a note: ``judge`` is asked for the claim and, if need be, for its other readings.

    A claim in doubt (:attr:`Note.doubtful`) is never reported as wrong, and one with other readings
    (:attr:`Note.alternatives`) is proved or refuted only if every reading is.
    """
    report = judge(claim)
    if (broken := note.broken.get(claim.id)) is not None:
        report = _by_pieces(report, claim, broken, judge)
    others = _others(note, claim)
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


def _by_pieces(
    report: ClaimReport, claim: Claim, broken: Broken, judge: Callable[[Claim], ClaimReport]
) -> ClaimReport:
    """The report of an invalid claim with a step for each link; the links between sound terms are judged."""
    steps: list[StepReport] = []
    for index, alone in enumerate(_links(claim, broken)):
        left, right = broken.pieces[index : index + 2]
        relation: Relation = "≈" if right.relation == "≈" else "=="
        if alone is None:
            why = right.problem or left.problem
            because = "this cannot be compared" if why is None else why.message
            steps.append(
                StepReport(index, left.text, right.text, relation, Verdict.INVALID, right.span, because=because)
            )
            continue
        found = judge(alone)
        step = found.steps[0] if found.steps else None
        if step is None:
            step = StepReport(index, left.text, right.text, relation, found.verdict, right.span, found.because)
        steps.append(replace(step, index=index))
    wrong = next((step.index for step in steps if step.verdict in _WRONG), None)
    span = report.span if wrong is None else steps[wrong].span
    return replace(report, steps=tuple(steps), first_wrong_step=wrong, span=span)


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
