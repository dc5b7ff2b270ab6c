"""Owns Gradescope's ``results.json``: one test for each claim of the key, its output as HTML that is inert.

A submission that needs a person is shown to its student when the grades are published, not before. What was not
decided has no status (Gradescope knows ``passed`` and ``failed`` alone) and is tagged ``needs review``.
"""

from __future__ import annotations

from typing import Any

from derivcheck.gradebook.feedback import overview, paragraphs
from derivcheck.gradebook.html import el, inert
from derivcheck.gradebook.html import render as markup
from derivcheck.gradebook.results import encoded, numeric
from derivcheck.gradebook.words import claim_name, needs_review, reviews, shortened
from derivcheck.grading.model import ClaimResult, Outcome, Submission
from derivcheck.version import __version__

_STATUS: dict[Outcome, str] = {
    "right": "passed",
    "slip": "failed",
    "follows": "passed",
    "wrong": "failed",
    "not found": "failed",
}


def render(submission: Submission) -> str:
    """The results of one submission as Gradescope reads them."""
    return encoded(as_data(submission))


def as_data(submission: Submission) -> dict[str, Any]:
    """The same as plain data."""
    review = needs_review(submission)
    visibility = "after_published" if review else "visible"
    output = [el("p", None, shortened(line)) for line in overview(submission)]
    return {
        "score": numeric(submission.points),
        "output": "".join(markup(one) for one in output),
        "output_format": "html",
        "test_output_format": "html",
        "test_name_format": "text",
        "visibility": visibility,
        "stdout_visibility": "hidden",
        "extra_data": {
            "derivcheck": __version__,
            "key": submission.key,
            "of": numeric(submission.of),
            "needs_review": review,
            "review": list(reviews(submission)),
            "failure": submission.failure or None,
        },
        "tests": [_test(submission, claim, number, visibility) for number, claim in enumerate(submission.claims, 1)],
    }


def _test(submission: Submission, claim: ClaimResult, number: int, visibility: str) -> dict[str, Any]:
    status = _STATUS.get(claim.outcome)
    return {
        "score": numeric(claim.points),
        "max_score": numeric(claim.of),
        **({"status": status} if status else {}),
        "name": shortened(inert(claim_name(claim)), 200),
        "name_format": "text",
        "number": str(number),
        "output": "".join(markup(one) for one in paragraphs(submission, claim)),
        "output_format": "html",
        "tags": [claim.outcome] if status else [claim.outcome, "needs review"],
        "visibility": visibility,
        "extra_data": {"id": claim.id, "outcome": claim.outcome, "kind": claim.kind or None},
    }
