"""Owns the words and numbers in which results are told to people: marks, outcomes, kinds of mistakes, points."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Literal, get_args

from derivcheck.grading.model import ClaimResult, Mark, Outcome, StepResult, Submission

#: What a line of a submission is marked with: a step's mark; a formula that could not be read; nothing claimed.
LineMark = Literal["right", "follows", "wrong", "review", "unread", "none"]

#: The word of a mark, and what it means.
MARKS: dict[LineMark, tuple[str, str]] = {
    "right": ("right", "This step was proved."),
    "follows": ("follows", "This step would be right if an earlier mistake were none."),
    "wrong": ("wrong", "This step does not hold."),
    "review": ("review", "This step could not be decided: a person looks at it."),
    "unread": ("unread", "This formula could not be read; it costs nothing."),
    "none": ("", "Nothing is claimed here."),
}
#: From the gravest on: where several steps stand on one line, the line has the first of their marks.
GRAVITY: tuple[LineMark, ...] = ("wrong", "review", "unread", "follows", "right", "none")

#: By what something is coloured and which picture it has: as a mark, or as a claim with a slip.
Tone = LineMark | Literal["slip"]

#: The word of an outcome, what it means, and its tone.
OUTCOMES: dict[Outcome, tuple[str, str, Tone]] = {
    "right": ("right", "stated and right", "right"),
    "slip": ("slip", "right in the end, with a wrong step on the way", "slip"),
    "follows": ("follows", "right if an earlier mistake were none", "follows"),
    "wrong": ("wrong", "stated and wrong", "wrong"),
    "not found": ("not found", "nowhere stated", "none"),
    "review": ("review", "a person has to look at it", "review"),
}

#: The kinds of mistakes, as a class is told of them.
KINDS: dict[str, str] = {
    "activation": "the activation's derivative",
    "arithmetic": "a slip in the arithmetic",
    "axis": "a sum over the wrong axis",
    "chain rule": "the chain rule (an inner derivative)",
    "condition": "the cases of a condition",
    "constant factor": "a constant factor",
    "constant term": "equal up to a constant",
    "exchanged names": "names exchanged (such as y and ŷ)",
    "exponent": "an exponent",
    "extra factor": "a factor too many",
    "extra sum": "a sum too many",
    "extra term": "a term too many",
    "factor of a size": "a factor of a size (such as 1/m)",
    "function": "the wrong function",
    "function for derivative": "a function where its derivative belongs",
    "index": "a wrong index or layer",
    "label coding": "the coding of the labels",
    "likelihood": "likelihood taken for loss",
    "missing factor": "a factor missing",
    "missing sum": "a sum missing",
    "missing term": "a term missing",
    "number": "a wrong number",
    "one sample": "right for one sample, not for the batch",
    "order": "the order of a matrix product",
    "power rule": "the power rule",
    "product": "elementwise and matrix product exchanged",
    "product rule": "the product rule",
    "quotient rule": "the quotient rule",
    "rounding": "rounding",
    "shape": "shapes that do not fit",
    "sign": "a sign",
    "size": "a wrong size",
    "sum or mean": "sum and mean exchanged",
    "sum or product": "sum and product exchanged",
    "transpose": "a transpose",
    "upside down": "a fraction upside down",
}
UNTOLD = "no probable mistake found"


def kind_words(kind: str) -> str:
    """A kind of mistake in words; one that is not in the table says itself what it is."""
    return KINDS.get(kind, kind) if kind else UNTOLD


def number(value: Fraction, places: int = 2) -> str:
    """A number for people and for other programs: at most ``places`` decimals, none that say nothing."""
    exact = Decimal(value.numerator) / Decimal(value.denominator)
    rounded = exact.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    text = format(rounded, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def points_words(points: Fraction, of: Fraction) -> str:
    """``7.5 of 10 points``, ``1 of 1 point``."""
    return f"{number(points)} of {number(of)} {'point' if of == 1 else 'points'}"


def shortened(text: str, most: int = 2_000) -> str:
    """A text that somebody else's tool made, cut where it would fill a page."""
    return text if len(text) <= most else f"{text[:most]}…"


def who(submission: Submission) -> str:
    """What a submission is called by: its student's name, or id."""
    return submission.student.name or submission.student.id


def needs_review(submission: Submission) -> bool:
    """Whether a person has to look at a submission before its points stand."""
    return bool(submission.failure or reviews(submission))


def reviews(submission: Submission) -> tuple[str, ...]:
    """What a person has to look at, each once, in the submission's order; the failure says the rest by itself."""
    lines = list(submission.review)
    for claim in submission.claims if not submission.failure else ():
        lines.extend(claim.review or ((f"{claim.title or claim.id}: {claim.words}",) * (claim.outcome == "review")))
    return tuple(dict.fromkeys(line for line in lines if line != submission.failure))


def gravest(marks: list[LineMark]) -> LineMark:
    """The mark of a line with several."""
    return min(marks, key=GRAVITY.index, default="none")


def mistakes(submission: Submission) -> list[tuple[str, str]]:
    """The mistakes of a submission, each as its kind and the id of the claim that it was made in."""
    steps = [step for step in submission.steps if step.mark == "wrong"]
    found = [(step.kind, step.of or "") for step in steps]
    told = {step.of for step in steps}
    return found + [(one.kind, one.id) for one in submission.claims if one.outcome == "wrong" and one.id not in told]


def step_words(step: StepResult) -> str:
    """A step as one line of text."""
    return f"{step.left} {relation(step)} {step.right}".strip()


def relation(step: StepResult) -> str:
    """The relation of a step, as people write it."""
    return "=" if step.relation == "==" else step.relation


def telling(words: str, outcome: Outcome) -> str:
    """A claim's sentence, if it says more than the outcome's word does."""
    return "" if words.strip(" .").lower() == OUTCOMES[outcome][0] else words


def probably(diagnosis: str, words: str) -> str:
    """A diagnosis, if it is not said already."""
    return "" if diagnosis.strip(" .") in words else diagnosis


def claim_name(claim: ClaimResult) -> str:
    """What a claim is called by."""
    return claim.title or claim.id


#: Every mark and every outcome has its words; a new one that has none is found when this is imported.
if set(MARKS) != {*get_args(Mark), "unread", "none"} or set(OUTCOMES) != set(get_args(Outcome)):
    raise AssertionError("a mark or an outcome without words")
