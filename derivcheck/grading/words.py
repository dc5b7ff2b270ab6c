"""Owns what is told of a claim of the key, in a sentence for the student and in lines for who has to look at it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from derivcheck.grading.model import Outcome, StepResult

LOOK = "Somebody has to look at this."
#: What is said of an outcome.
_SAID: Mapping[Outcome, str] = {
    "right": "Right.",
    "slip": "The answer is right, but a step on the way is not.",
    "follows": "Not the right answer, but it follows from an earlier mistake, and keeps its points.",
    "wrong": "The answer is not right.",
    "not found": "This was not found.",
    "review": LOOK,
}

#: What is said where there are two answers that differ.
CHANGED = "Different answers are given; the last one counts."


def sentence(outcome: Outcome, wrong: StepResult | None, carried: StepResult | None, *, begun: bool) -> str:
    """One sentence, or two, on what became of a claim."""
    if outcome == "not found" and begun:
        return "This is begun, and right so far, but no answer is given."
    said = _SAID[outcome]
    if wrong is not None and outcome in ("wrong", "slip"):
        hint = f": {wrong.diagnosis}" if wrong.diagnosis else ""
        return f"{said} It goes wrong in line {wrong.line}{hint}."
    if wrong is not None and outcome == "follows":
        return (
            f"Not the right answer, but it follows from the mistake in line {wrong.line}, which alone costs points."
        )
    if carried is not None and outcome == "follows":
        return f"{said} The mistake is in line {carried.line}."
    return said


def lines(numbers: Sequence[int]) -> str:
    """Line numbers in words: ``line 3``, ``lines 3, 5 and 8``."""
    told = [str(number) for number in sorted(set(numbers))]
    if len(told) == 1:
        return f"line {told[0]}"
    return f"lines {', '.join(told[:-1])} and {told[-1]}"


def looked_at(step: StepResult) -> str:
    """What a human is told of a step that could not be decided."""
    return f"line {step.line}: {step.verdict}: {step.because}"
