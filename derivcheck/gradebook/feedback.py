"""Owns what a claim's result says in words, for formats that show text or a few elements of HTML for each claim."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.gradebook.html import Element, el
from derivcheck.gradebook.words import (
    MARKS,
    OUTCOMES,
    needs_review,
    points_words,
    probably,
    reviews,
    shortened,
    step_words,
    telling,
)
from derivcheck.grading.model import ClaimResult, StepResult, Submission

#: Steps that are told of for each claim; the page of the student has them all.
MOST_STEPS = 20
#: Values of a counterexample that are told.
MOST_VALUES = 12


def paragraphs(submission: Submission, claim: ClaimResult) -> list[Element]:
    """A claim's result as elements: what became of it, then each step that is not right."""
    words = telling(claim.words, claim.outcome)
    outcome = el("strong", None, OUTCOMES[claim.outcome][0])
    said = [el("p", None, outcome, f": {shortened(words)}" if words else None)]
    if probably(claim.diagnosis, claim.words):
        said.append(el("p", None, f"Probably: {shortened(claim.diagnosis)}"))
    items = [_item(step) for step in told_steps(submission, claim)]
    if items:
        said.append(el("ul", None, *items))
    if claim.review:
        lines = [el("li", None, shortened(line, 500)) for line in claim.review[:MOST_STEPS]]
        said += [el("p", None, "A person looks at this:"), el("ul", None, *lines)]
    return said


def _item(step: StepResult) -> Element:
    parts: list[Element | str] = [
        f"line {step.line}: ",
        el("strong", None, MARKS[step.mark][0]),
        " ",
        el("code", None, shortened(step_words(step), 500)),
    ]
    parts += [part for line in _reasons(step) for part in (el("br"), line)]
    return el("li", None, *parts)


def lines(submission: Submission, claim: ClaimResult) -> list[str]:
    """The same as lines of text."""
    words = telling(claim.words, claim.outcome)
    said = [OUTCOMES[claim.outcome][0] + (f": {shortened(words)}" if words else "")]
    if probably(claim.diagnosis, claim.words):
        said.append(f"Probably: {shortened(claim.diagnosis)}")
    for step in told_steps(submission, claim):
        said.append(f"line {step.line}: {MARKS[step.mark][0]}: {shortened(step_words(step), 500)}")
        said += [f"    {line}" for line in _reasons(step)]
    said += [f"A person looks at this: {shortened(line, 500)}" for line in claim.review[:MOST_STEPS]]
    return said


def told_steps(submission: Submission, claim: ClaimResult) -> list[StepResult]:
    """The steps of a claim that are not right, in their order, the first few."""
    steps = [submission.steps[number] for number in claim.steps if number < len(submission.steps)]
    return [step for step in steps if step.mark != "right"][:MOST_STEPS]


def _reasons(step: StepResult) -> Iterator[str]:
    if step.because:
        yield shortened(step.because, 500)
    if probably(step.diagnosis, step.because):
        yield f"Probably: {shortened(step.diagnosis, 500)}"
    if step.witness:
        values = ", ".join(f"{label} = {shortened(value, 100)}" for label, value in step.witness[:MOST_VALUES])
        yield f"Counterexample: {values}"


def overview(submission: Submission) -> list[str]:
    """What is said of a submission as a whole, in lines of text."""
    if submission.failure:
        return [f"Nothing was graded; a person looks at it: {shortened(submission.failure)}"]
    said = [points_words(submission.points, submission.of)]
    if needs_review(submission):
        said.append("Preliminary: a person looks at this before the points stand:")
        said += [f"- {shortened(line, 500)}" for line in reviews(submission)[:MOST_STEPS]]
    return said
