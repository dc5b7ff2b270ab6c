"""Owns the ``json`` format, version 1: the fields of the spec format's section 4, and some beside them."""

from __future__ import annotations

import json
from typing import Any

from derivcheck.errors import Problem
from derivcheck.report.interface import Style, place
from derivcheck.source import Source, Span, visible
from derivcheck.verdict import ClaimReport, RunReport, SpecReport, StepReport, Witness
from derivcheck.version import REPORT_SCHEMA, __version__

Data = dict[str, Any]


def render(run: RunReport, style: Style) -> str:
    """The report as one JSON object."""
    return encoded(as_data(run))


def encoded(data: Data) -> str:
    """Plain data as JSON that nothing in it can turn into more than text."""
    text = json.dumps(data, ensure_ascii=False, indent=2)
    return "".join(_escape(c) for c in text) + "\n"


def _escape(character: str) -> str:
    """Escaped if a terminal or an editor could take it for more than text; in a JSON string that means the same."""
    if character == "\n" or visible(character) == character:
        return character
    return json.dumps(character)[1:-1]


def as_data(run: RunReport) -> Data:
    """The report as plain data."""
    counts: Data = dict(run.counts())
    counts["faults"] = sum(len(spec.faults) for spec in run.specs)
    counts["unread"] = sum(bool(spec.problems) for spec in run.specs)
    return {
        "derivcheck": __version__,
        "schema": REPORT_SCHEMA,
        "interrupted": run.interrupted,
        "specs": [_spec(spec) for spec in run.specs],
        "summary": counts,
    }


def _spec(spec: SpecReport) -> Data:
    return {
        "path": spec.path,
        "title": spec.title,
        "problems": [problem_data(problem, spec.source) for problem in spec.problems],
        "faults": list(spec.faults),
        "claims": [claim_data(claim, spec.source) for claim in spec.claims],
    }


def problem_data(problem: Problem, source: Source | None) -> Data:
    """A problem with its place."""
    line, column = (None, None) if problem.span is None else place(source, problem.span)
    return {
        "line": line,
        "column": column,
        "code": problem.code,
        "message": problem.message,
        "hint": problem.hint,
    }


def claim_data(claim: ClaimReport, source: Source | None) -> Data:
    """A claim as plain data; ``line`` and ``column`` are its own, ``place`` is that of what is wrong in it."""
    line, column = place(source, claim.claim_span)
    data: Data = {
        "id": claim.id,
        "statement": claim.statement,
        "line": line,
        "column": column,
        "expect": claim.expect,
        "ok": claim.ok,
        "verdict": claim.verdict.value,
        "sizes": claim.sizes,
        "because": claim.because,
        "place": range_data(claim.span, source),
        "problems": [problem_data(problem, source) for problem in claim.problems],
        "steps": [_step(step, source) for step in claim.steps],
        "first_wrong_step": claim.first_wrong_step,
        "notes": list(claim.notes),
        "witness": _witness(claim.witness),
        "diagnosis": claim.diagnosis,
        "diagnosis_kind": claim.diagnosis_kind,
        "correct": claim.correct,
        "correct_verdict": claim.correct_verdict.value if claim.correct_verdict else None,
        "reason": claim.reason,
        "points": claim.points,
        "cite": claim.cite,
    }
    return data if claim.seconds is None else {**data, "seconds": round(claim.seconds, 3)}


def _step(step: StepReport, source: Source | None) -> Data:
    line, column = place(source, step.span)
    return {
        "index": step.index,
        "left": step.left,
        "relation": step.relation,
        "right": step.right,
        "verdict": step.verdict.value,
        "sizes": step.sizes,
        "because": step.because,
        "line": line,
        "column": column,
        "notes": list(step.notes),
        "witness": _witness(step.witness),
    }


def _witness(witness: Witness | None) -> Data | None:
    if witness is None:
        return None
    return {
        "point": dict(witness.point),
        "left": witness.left,
        "right": witness.right,
        "entry": list(witness.entry),
        "index": dict(witness.index),
        "sizes": dict(witness.sizes),
        "explanation": witness.explanation,
        "functions": {name: list(values) for name, values in witness.functions.items()},
    }


def range_data(span: Span, source: Source | None) -> Data:
    """Where something begins and ends."""
    line, column = place(source, span)
    end_line, end_column = place(source, Span(span.end, span.end))
    return {"line": line, "column": column, "end_line": end_line, "end_column": end_column}
