"""Owns the ``json`` format of notes, version 1: fields may be added, not changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from derivcheck.lang.print import printed
from derivcheck.model import Claim
from derivcheck.notes.model import Formula, NoteReport, Part, Suggestion
from derivcheck.notes.outcome import Standing, counts, standings
from derivcheck.report.interface import Style
from derivcheck.report.json import claim_data, encoded, problem_data, range_data
from derivcheck.source import Source
from derivcheck.verdict import ClaimReport
from derivcheck.version import NOTES_SCHEMA, __version__

Data = dict[str, Any]


def render(reports: Sequence[NoteReport], style: Style) -> str:
    """The report as one JSON object."""
    return encoded(as_data(reports))


def as_data(reports: Sequence[NoteReport]) -> Data:
    """The report as plain data."""
    return {
        "derivcheck": __version__,
        "schema": NOTES_SCHEMA,
        "notes": [_note(report) for report in reports],
        "summary": counts(reports),
    }


def _note(report: NoteReport) -> Data:
    note, source = report.note, report.source
    data: Data = {
        "path": report.path,
        "problems": [problem_data(problem, source) for problem in report.problems],
        "faults": list(report.faults),
        "remarks": [],
        "formulas": [],
        "claims": [],
    }
    if note is not None:
        read = {claim.id: claim for claim in note.derivation.claims}
        data["remarks"] = [problem_data(problem, source) for problem in note.problems]
        data["formulas"] = [
            _formula(formula, standing, source, [one for one in report.suggestions if one.formula == number])
            for number, (formula, standing) in enumerate(zip(note.formulas, standings(report), strict=True))
        ]
        data["claims"] = [_claim(claim, read[claim.id], source) for claim in report.claims]
    return data


def _formula(formula: Formula, standing: Standing, source: Source | None, suggestions: list[Suggestion]) -> Data:
    text = "" if source is None else source.text[formula.content.start : formula.content.end]
    return {
        **range_data(formula.span, source),
        "text": text,
        "display": formula.display,
        "standing": standing.value,
        "problem": None if formula.problem is None else problem_data(formula.problem, source),
        "unread": [
            {**range_data(one.span, source), "problem": problem_data(one.problem, source)} for one in formula.unread
        ],
        "parts": [_part(part, source) for part in formula.parts],
        "suggestions": [
            {
                "text": one.text,
                "words": one.words,
                "verdict": one.verdict and one.verdict.value,
                "because": one.because,
            }
            for one in suggestions
        ],
    }


def _part(part: Part, source: Source | None) -> Data:
    return {
        "kind": part.kind,
        "claim": part.claim,
        "links": list(part.links),
        "name": part.name,
        "remarks": list(part.remarks),
        "place": range_data(part.span, source),
    }


def _claim(found: ClaimReport, claim: Claim, source: Source | None) -> Data:
    """A claim as in the report of a run, and how it was read: the terms of the chain in the expression language."""
    links = claim.statement.links if claim.statement else ()
    terms = [printed(links[0].left), *(printed(link.right) for link in links)] if links else []
    return {**claim_data(found, source), "read_as": terms}
