"""Owns the JSON of results, form 1: of one student, and of a whole batch; its schema is ``results.schema.json``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from importlib.resources import files
from typing import Any

from derivcheck.gradebook.html import HARMFUL
from derivcheck.gradebook.words import needs_review, reviews
from derivcheck.grading.model import ClaimResult, FormulaResult, StepResult, Submission
from derivcheck.source import Source
from derivcheck.version import __version__

#: The version of the form, raised when a reader of the last one would misread it.
FORM = 1

Data = dict[str, Any]


def render(submission: Submission) -> str:
    """One student's results as JSON."""
    return encoded(as_data(submission))


def whole(results: Iterable[str]) -> Iterator[str]:
    """A whole batch as JSON, from what :func:`render` made of each of its students; in pieces, for it may be long."""
    yield f'{{\n "derivcheck": {json.dumps(__version__)},\n "form": {FORM},\n "students": ['
    for index, text in enumerate(results):
        yield (",\n" if index else "\n") + text.strip()
    yield "\n ]\n}\n"


def schema() -> Data:
    """The JSON Schema of both."""
    text = (files("derivcheck.gradebook") / "results.schema.json").read_text(encoding="utf-8")
    data: Data = json.loads(text)
    return data


def encoded(data: Data) -> str:
    """JSON in UTF-8 with every character escaped that would be more than text to a terminal or an editor."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    return HARMFUL.sub(lambda match: json.dumps(match.group())[1:-1], text) + "\n"


def as_data(submission: Submission) -> Data:
    """One student's results as plain data."""
    source = Source(submission.path, submission.text)
    return {
        "derivcheck": __version__,
        "form": FORM,
        "student": {
            "id": submission.student.id,
            "name": submission.student.name,
            "email": submission.student.email,
            "account": submission.student.account,
        },
        "path": submission.path,
        "key": submission.key,
        **_points(submission.points, submission.of),
        "needs_review": needs_review(submission),
        "review": list(reviews(submission)),
        "failure": submission.failure or None,
        "claims": [_claim(claim, source) for claim in submission.claims],
        "steps": [_step(step, source) for step in submission.steps],
        "formulas": [_formula(formula, source) for formula in submission.formulas],
    }


def _points(points: Fraction, of: Fraction) -> Data:
    """Points as numbers, rounded to six places, and as they are."""
    return {"points": numeric(points), "of": numeric(of), "exact": {"points": str(points), "of": str(of)}}


def numeric(value: Fraction) -> int | float:
    """A number of JSON: whole where it is whole, else rounded to six places."""
    return int(value) if value.denominator == 1 else round(float(value), 6)


def _place(source: Source, start: int, end: int) -> Data | None:
    if not 0 <= start < end <= len(source.text):
        return None
    line, column = source.position(start)
    return {"start": start, "end": end, "line": line, "column": column}


def _claim(claim: ClaimResult, source: Source) -> Data:
    return {
        "id": claim.id,
        "title": claim.title,
        "statement": claim.statement,
        "outcome": claim.outcome,
        **_points(claim.points, claim.of),
        "words": claim.words,
        "place": _place(source, claim.start, claim.end),
        "steps": list(claim.steps),
        "first_wrong": claim.first_wrong,
        "kind": claim.kind or None,
        "diagnosis": claim.diagnosis or None,
        "review": list(claim.review),
    }


def _step(step: StepResult, source: Source) -> Data:
    return {
        "claim": step.claim,
        "index": step.index,
        "of": step.of,
        "line": step.line,
        "place": _place(source, step.start, step.end),
        "left": step.left,
        "relation": step.relation,
        "right": step.right,
        "verdict": step.verdict,
        "mark": step.mark,
        "because": step.because,
        "witness": [{"label": label, "value": value} for label, value in step.witness],
        "kind": step.kind or None,
        "diagnosis": step.diagnosis or None,
        "carried_from": step.carried_from or None,
    }


def _formula(formula: FormulaResult, source: Source) -> Data:
    problem = {
        "message": formula.problem,
        "hint": formula.hint,
        "place": _place(source, formula.problem_start, formula.problem_end),
    }
    return {
        "line": formula.line,
        "place": _place(source, formula.start, formula.end),
        "display": formula.display,
        "kinds": list(formula.kinds),
        "steps": list(formula.steps),
        "problem": problem if formula.problem else None,
        "unread": [_place(source, *span) for span in formula.unread],
        "remarks": list(formula.remarks),
        "suggestions": list(formula.suggestions),
    }
