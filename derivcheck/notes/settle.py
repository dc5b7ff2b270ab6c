"""Owns the one report of a claim of a note that has several readings, or whose reading is in doubt.

What is proved in every reading is proved, what fails in every reading fails; between these nothing is decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from derivcheck.lang.typed import ArrayOp
from derivcheck.model import Claim, Link, Relation, Statement
from derivcheck.notes.conditions import CONDITION, set_to_0
from derivcheck.notes.model import Broken, Note, Piece
from derivcheck.notes.rounding import ROUNDED, allowances, as_displayed
from derivcheck.verdict import ClaimReport, StepReport, Verdict

Judge = Callable[[Claim], ClaimReport]

#: What is said of a row beside a column, where the numbers are the same as far as they are rounded.
TURNED = "a transpose is missing or too many: transposed, the right side agrees as far as its numbers are rounded"

_WRONG = frozenset({Verdict.REFUTED, Verdict.INVALID})


def questions(note: Note) -> tuple[Claim, ...]:
    """All that :func:`settle` may ask for: the note's claims, then their other readings and single links; each with
    an id of its own."""
    found = list(note.derivation.claims)
    for claim in note.derivation.claims:
        found += _others(note, claim)
        loose = _loose(note, claim)
        if loose or claim.id in note.broken or set_to_0(claim, note.derivation.definitions):
            found += [link for link in _links(note, claim) if link is not None]
        found += loose.values()
        found += _turned(note, claim).values()
    return tuple(found)


def of_claim(question: str) -> str:
    """The id of the claim that a question is asked for, by the question's own id."""
    return re.split(r"[#~|^]", question, maxsplit=1)[0]


def _others(note: Note, claim: Claim) -> list[Claim]:
    """The other readings of a claim, the usual ones first."""
    readings = (*note.alternatives.get(claim.id, ()), *note.unusual.get(claim.id, ()))
    return [replace(one, id=f"{claim.id}|{n}") for n, one in enumerate(readings, 2)]


def _loose(note: Note, claim: Claim) -> dict[int, Claim]:
    """The links of a claim that may hold by rounding alone, by their places, as claims that allow for it."""
    found = dict(note.allowances.get(claim.id, ()))
    if claim.id in note.broken:
        links = enumerate(_links(note, claim))
        found = {place: loose for place, link in links if link for _, loose in allowances(link, note.derivation)}
    return {place: replace(one, id=f"{claim.id}~{place}") for place, one in found.items()}


def _turned(note: Note, claim: Claim) -> dict[int, Claim]:
    """The links of a claim that may hold by rounding if their right side is transposed, by their places: between
    numbers nothing else can be told of a row that stands beside a column."""
    broken = note.broken.get(claim.id)
    found: dict[int, Claim] = {}
    if broken is None:
        return found
    for place, (left, right) in enumerate(compared(broken)):
        if left.value is None or right.value is None or right.problem is None:
            continue
        if len(right.value.shape) == 2 and right.value.shape[::-1] == left.value.shape:
            other = ArrayOp(left.value.shape, right.span, "transpose", (right.value,))
            statement = _stated(claim, replace(left, problem=None), replace(right, value=other, problem=None), broken)
            turned = replace(claim, statement=statement, problems=(), misfit=None)
            for _, loose in allowances(turned, note.derivation):
                found[place] = replace(loose, id=f"{claim.id}^{place}")
    return found


def _links(note: Note, claim: Claim) -> list[Claim | None]:
    """The links of a claim as claims of their own; ``None`` for one that means nothing."""
    statement, broken = claim.statement, note.broken.get(claim.id)
    alone: list[Statement | None] = []
    if statement is not None:
        alone = [replace(statement, links=(link,)) for link in statement.links]
    elif broken is not None:
        alone = [_stated(claim, left, right, broken) for left, right in compared(broken)]
    return [
        None
        if one is None
        else as_displayed(replace(claim, id=f"{claim.id}#{place}", statement=one, problems=(), misfit=None))
        for place, one in enumerate(alone)
    ]


def _stated(claim: Claim, left: Piece, right: Piece, broken: Broken) -> Statement | None:
    """What two terms of a broken chain state, if they are sound and go together."""
    if left.value is None or right.value is None or right.problem is not None:
        return None
    link = Link(left.value, right.value, _relation(right), left.text, right.text, right.span)
    return Statement(claim.text, (link,), broken.quantifiers, left.span.to(right.span))


def _relation(piece: Piece) -> Relation:
    return "≈" if piece.relation == "≈" else "=="


def settle(note: Note, claim: Claim, judge: Judge) -> ClaimReport:
    """The report of a claim of a note: ``judge`` is asked for the claim and, if need be, for its other readings.

    A claim in doubt (:attr:`Note.doubtful`) is never reported as wrong, and one with other readings
    (:attr:`Note.alternatives`) is proved or refuted only if every reading is; an unusual one matters where the usual
    ones are not proved.
    """
    report = judge(claim)
    if (broken := note.broken.get(claim.id)) is not None:
        report = _by_pieces(report, claim, broken, _links(note, claim), judge)
        turned = _turned(note, claim).get(-1 if report.first_wrong_step is None else report.first_wrong_step)
        if turned is not None and report.diagnosis is None and judge(turned).verdict not in _WRONG:
            report = replace(report, diagnosis=TURNED, diagnosis_kind="transpose")
    if report.verdict in _WRONG and (excuses := _excuses(note, claim, report, judge)):
        report = _excused(report, excuses, _links(note, claim), judge)
    others = _others(note, claim)
    doubt = note.doubtful.get(claim.id)
    if report.verdict in _WRONG and doubt is not None:
        return _undecided(report, doubt)
    if not others or report.verdict not in (*_WRONG, Verdict.PROVED):
        return report
    if report.verdict is Verdict.PROVED:
        others = others[: len(note.alternatives.get(claim.id, ()))]
    for other in others:
        second = judge(other)
        if second.verdict is report.verdict or (second.verdict in _WRONG and report.verdict in _WRONG):
            continue
        words = next((warning for warning in other.warnings if warning not in claim.warnings), "it is read otherwise")
        found = f"it can be read in two ways, with different results: {report.verdict} as it is read here; {words}"
        return _undecided(report, f"{found}: {second.verdict}")
    return report


def _excuses(note: Note, claim: Claim, report: ClaimReport, judge: Judge) -> dict[int, str]:
    """The steps that are not to be called wrong, by their places, and why: they may hold by rounding, or they set
    something to 0, which is a condition."""
    loose = _loose(note, claim)
    excuses = dict.fromkeys(set_to_0(claim, note.derivation.definitions), CONDITION)
    for step in report.steps:
        if step.verdict in _WRONG and step.index in loose and judge(loose[step.index]).verdict not in _WRONG:
            excuses[step.index] = ROUNDED
    return excuses


def _excused(
    report: ClaimReport, excuses: dict[int, str], links: Sequence[Claim | None], judge: Judge
) -> ClaimReport:
    """The report of a wrong claim in which no step is wrong that has an excuse."""
    steps = [
        replace(step, verdict=Verdict.UNDECIDED, because=excuses[step.index], witness=None)
        if step.verdict in _WRONG and step.index in excuses
        else step
        for step in report.steps
    ]
    wrong = next((step.index for step in steps if step.verdict in _WRONG), None)
    if wrong is None:
        first = next(step.because for step in steps if step.verdict is Verdict.UNDECIDED)
        return replace(_undecided(report, first or report.because), steps=tuple(steps))
    link = links[wrong]
    if wrong != report.first_wrong_step and link is not None:
        alone = judge(link)
        report = replace(
            report,
            span=alone.span,
            because=alone.because,
            witness=alone.witness,
            diagnosis=alone.diagnosis,
            diagnosis_kind=alone.diagnosis_kind,
        )
    return replace(report, steps=tuple(steps), first_wrong_step=wrong)


def _by_pieces(
    report: ClaimReport, claim: Claim, broken: Broken, links: Sequence[Claim | None], judge: Judge
) -> ClaimReport:
    """The report of an invalid claim with a step for each link; the links between sound terms are judged."""
    steps: list[StepReport] = []
    alone: dict[int, ClaimReport] = {}
    for index, link in enumerate(links):
        left, right = compared(broken)[index]
        bare = StepReport(index, left.text, right.text, _relation(right), Verdict.INVALID, right.span)
        if link is None:
            why = right.problem or left.problem
            verdict = Verdict.UNDECIDED if uncertain(left) or uncertain(right) else Verdict.INVALID
            because = "this cannot be compared" if why is None else why.message
            steps.append(replace(bare, verdict=verdict, because=because))
            continue
        found = alone[index] = judge(link)
        step = found.steps[0] if found.steps else replace(bare, verdict=found.verdict, because=found.because)
        steps.append(replace(step, index=index))
    wrong = next((step.index for step in steps if step.verdict in _WRONG), None)
    if wrong is None and any(step.verdict is Verdict.UNDECIDED for step in steps):
        first = next(step for step in steps if step.verdict is Verdict.UNDECIDED)
        return replace(_undecided(report, first.because or report.because), steps=tuple(steps), problems=())
    made = replace(report, steps=tuple(steps), first_wrong_step=wrong)
    if wrong is None:
        return made
    made = replace(made, span=steps[wrong].span, because=steps[wrong].because or report.because)
    if wrong in alone:  # what is told is that of the step, not of the shapes after it
        told = alone[wrong]
        return replace(
            made,
            verdict=told.verdict,
            witness=told.witness,
            problems=told.problems,
            diagnosis=told.diagnosis,
            diagnosis_kind=told.diagnosis_kind,
        )
    invalid = [step.index for step in steps if step.verdict is Verdict.INVALID and step.index not in alone]
    problems = [compared(broken)[index][1].problem for index in invalid]
    made = replace(made, problems=tuple(problem for problem in problems if problem is not None) or report.problems)
    if claim.misfit is None or claim.misfit.place != wrong:
        return replace(made, diagnosis=None, diagnosis_kind=None)
    return made


def compared(broken: Broken) -> list[tuple[Piece, Piece]]:
    """The terms of a chain with what each is compared with: the one before it that may mean something here."""
    pairs: list[tuple[Piece, Piece]] = []
    for place, right in enumerate(broken.pieces[1:]):
        before = broken.pieces[: place + 1]
        left = next((piece for piece in reversed(before) if not uncertain(piece)), before[-1])
        pairs.append((left, right))
    return pairs


def uncertain(piece: Piece) -> bool:
    """Whether a term means nothing here because its notation is not known, not because it is wrong: the derivative of
    an array by an array, of which people write products by the chain rule; a norm of which there are several."""
    return piece.problem is not None and piece.problem.code in ("derivative", "jacobian", "latex")


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
        diagnosis_kind=None,
        span=report.claim_span,
    )
