"""Owns the points: how those of a claim are divided over the steps that lead to it, and what became of the claim.

The points of a claim are divided evenly over the steps that count for it, and one more if no answer is given. A step
that is right, that follows from an earlier mistake, or that a human has to look at keeps its share; a wrong one loses
it, and never less than the policy says, so that nothing is gained by many small steps. So the right answer with a
wrong step on the way loses that step alone, and a wrong answer keeps its right steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derivcheck.grading.model import Outcome
from derivcheck.grading.policy import Policy
from derivcheck.grading.steps import Step


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was found of a claim of the key.

    ``steps`` are the steps that count for it, ``own`` those of them that are of a chain that states it;
    ``answer`` is what was found of the last answer by itself: ``True`` and ``False`` for certain, ``None`` if it is
    not decided; ``finished``: there is an answer, and nothing is left open in it; ``mistaken``: the chain that states
    it has a step that is wrong, or follows from one.
    """

    steps: Sequence[Step]
    own: Sequence[Step]
    answer: bool | None
    finished: bool
    mistaken: bool = False


def points_of(worth: Fraction, evidence: Evidence, policy: Policy) -> Fraction:
    """The points for a claim that is stated."""
    missing = not evidence.finished
    shares = len(evidence.steps) + missing
    if shares == missing:
        return Fraction(0)
    lost = sum((1 - step.credit for step in evidence.steps), Fraction(missing))
    points = worth * max(Fraction(0), 1 - lost * max(Fraction(1, shares), policy.step))
    if evidence.finished and len(evidence.steps) == 1 and evidence.steps[0].mark == "right":
        points *= policy.answer
    return points


def outcome_of(evidence: Evidence) -> Outcome:
    """What became of a claim that is stated."""
    marks = {step.mark for step in evidence.steps}
    own = {step.mark for step in evidence.own}
    if not evidence.finished:
        return "wrong" if "wrong" in own else "not found"
    if evidence.answer is None and "wrong" not in own:
        return "follows" if "follows" in own and "review" not in own else "review"
    if evidence.answer:
        if "wrong" in marks:
            return "slip"
        return "review" if "review" in marks else "right"
    if "wrong" in own:
        return "wrong"
    return "follows" if "follows" in own or evidence.mistaken else "review"
