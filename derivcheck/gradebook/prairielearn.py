"""Owns the result that PrairieLearn takes from an external grader, which may not be larger than 1 MB."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from derivcheck.gradebook.feedback import lines, overview
from derivcheck.gradebook.html import inert
from derivcheck.gradebook.results import encoded, numeric
from derivcheck.gradebook.words import claim_name, shortened
from derivcheck.grading.model import ClaimResult, Submission

MOST_BYTES = 1_000_000
MOST_TESTS = 1_000
CUT = "(Cut: the whole was larger than PrairieLearn takes.)"


def render(submission: Submission) -> str:
    """The result of one submission as PrairieLearn reads it; whatever is too much is cut, and said to be."""
    for keep in (None, 2_000, 200, 0):
        text = encoded(as_data(submission, keep=keep))
        if len(text.encode("utf-8")) <= MOST_BYTES:
            break
    return text


def as_data(submission: Submission, *, keep: int | None = None) -> dict[str, Any]:
    """The same as plain data; ``keep`` is how many characters of each text are kept."""
    if submission.failure:
        return {"gradable": False, "format_errors": [_kept(shortened(submission.failure), keep)], "tests": []}
    of = submission.of
    score = min(max(submission.points / of, Fraction(0)), Fraction(1)) if of > 0 else Fraction(0)
    cut = keep is not None or len(submission.claims) > MOST_TESTS
    said = [*overview(submission)[: 5 if cut else None], *([CUT] if cut else [])]
    return {
        "gradable": True,
        "score": numeric(score),
        "message": inert("\n".join(said)),
        "tests": [_test(submission, claim, keep) for claim in submission.claims[:MOST_TESTS]],
    }


def _test(submission: Submission, claim: ClaimResult, keep: int | None) -> dict[str, Any]:
    return {
        "name": _kept(shortened(claim_name(claim), 200), keep),
        "description": _kept(shortened(claim.statement, 500), keep),
        "points": numeric(claim.points),
        "max_points": numeric(claim.of),
        "message": _kept(shortened(claim.words), keep),
        "output": _kept("\n".join(lines(submission, claim)), keep),
    }


def _kept(text: str, keep: int | None) -> str:
    return inert(text if keep is None or len(text) <= keep else text[:keep] + "…")
