"""Owns the plain data that a claim's report is, apart from what the claim itself says: strings, numbers and lists.

Verdicts are remembered as such. Places are left out and told by what stands there ("step 2"), so that a report can be
put back on the same claim after its lines have moved; and what has nothing to do with the verdict (the id, the
citation, the points) is taken from the claim it is put on. What comes back is checked field by field: it may be cut
off, or made by somebody else.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from derivcheck.model import Claim
from derivcheck.source import Span
from derivcheck.verdict import ClaimReport, NestedText, StepReport, Verdict, Witness

#: What JSON can say.
Plain = dict[str, Any]
T = TypeVar("T")

#: Nesting of the numbers of a witness: the axes that an array may have, and some.
_DEEPEST = 16


class NotPlain(ValueError):
    """A report that cannot be told without places, or data that are no report."""


def to_plain(report: ClaimReport, claim: Claim) -> Plain:
    """A report of this claim as the engine made it, as plain data.

    Raises:
        NotPlain: for a report whose places are not for certain those of the claim or of one of its steps.
    """
    data: Plain = {
        "verdict": report.verdict.value,
        "ok": report.ok,
        "because": report.because,
        "statement": report.statement,
        "place": _place(report, claim),
        "sizes": report.sizes,
        "steps": [_step(step) for step in report.steps],
        "first_wrong_step": report.first_wrong_step,
        "notes": list(report.notes),
        "witness": _witness(report.witness),
        "diagnosis": report.diagnosis,
        "diagnosis_kind": report.diagnosis_kind,
        "correct": report.correct,
        "correct_verdict": report.correct_verdict.value if report.correct_verdict else None,
    }
    if from_plain(data, claim) != report:
        raise NotPlain("this report says more than its plain data")
    return data


def from_plain(data: object, claim: Claim) -> ClaimReport:
    """The report of a claim that plain data are.

    Raises:
        NotPlain: where they are none, or none of a claim like this one.
    """
    fields = _mapping(data)
    links = _links(claim)
    steps = tuple(_read_step(one, i, links) for i, one in enumerate(_list(fields, "steps")))
    if len(steps) not in (0, len(links)):
        raise NotPlain("another number of steps")
    first_wrong = _of(fields, "first_wrong_step", _optional(_number))
    if first_wrong is not None and first_wrong >= len(steps):
        raise NotPlain("a step that there is not")
    return ClaimReport(
        id=claim.id,
        statement=_of(fields, "statement", _text),
        span=_span(_of(fields, "place", _text), claim),
        claim_span=claim.span,
        expect=claim.expect,
        verdict=_of(fields, "verdict", _verdict),
        ok=_of(fields, "ok", _truth),
        because=_of(fields, "because", _text),
        sizes=_of(fields, "sizes", _optional(_text)),
        steps=steps,
        first_wrong_step=first_wrong,
        fails_at=claim.fails_at,
        notes=_texts(fields, "notes"),
        witness=_of(fields, "witness", _optional(_read_witness)),
        diagnosis=_of(fields, "diagnosis", _optional(_text)),
        diagnosis_kind=_of(fields, "diagnosis_kind", _optional(_text)),
        correct=_of(fields, "correct", _optional(_text)),
        correct_verdict=_of(fields, "correct_verdict", _optional(_verdict)),
        reason=claim.because,
        problems=claim.problems,
        points=None if claim.points is None else str(claim.points),
        cite=claim.cite,
    )


# --- places


def _links(claim: Claim) -> tuple[Span, ...]:
    return tuple(link.span for link in claim.statement.links) if claim.statement else ()


def _places(claim: Claim) -> dict[str, Span]:
    """What a report of a claim can point at, by name."""
    places = {"claim": claim.span}
    places.update((f"step {i}", span) for i, span in enumerate(_links(claim)))
    places.update((f"problem {i}", p.span) for i, p in enumerate(claim.problems) if p.span is not None)
    return places


def _place(report: ClaimReport, claim: Claim) -> str:
    names = [name for name, span in _places(claim).items() if span == report.span]
    if len(names) != 1:  # in another file these may not be one place
        raise NotPlain("a place that has no name, or two")
    return names[0]


def _span(name: str, claim: Claim) -> Span:
    places = _places(claim)
    if name not in places:
        raise NotPlain("a place that there is not")
    return places[name]


# --- parts


def _step(step: StepReport) -> Plain:
    return {
        "left": step.left,
        "relation": step.relation,
        "right": step.right,
        "verdict": step.verdict.value,
        "because": step.because,
        "sizes": step.sizes,
        "witness": _witness(step.witness),
        "notes": list(step.notes),
    }


def _read_step(data: object, index: int, links: tuple[Span, ...]) -> StepReport:
    if index >= len(links):
        raise NotPlain("more steps than there are")
    fields = _mapping(data)
    return StepReport(
        index=index,
        left=_of(fields, "left", _text),
        right=_of(fields, "right", _text),
        relation=_of(fields, "relation", _text),
        verdict=_of(fields, "verdict", _verdict),
        span=links[index],
        because=_of(fields, "because", _optional(_text)),
        sizes=_of(fields, "sizes", _optional(_text)),
        witness=_of(fields, "witness", _optional(_read_witness)),
        notes=_texts(fields, "notes"),
    )


def _witness(witness: Witness | None) -> Plain | None:
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
        "bits": witness.bits,
    }


def _read_witness(data: object) -> Witness:
    fields = _mapping(data)
    return Witness(
        point={name: _nested(value) for name, value in _mapping(fields.get("point")).items()},
        left=_of(fields, "left", _text),
        right=_of(fields, "right", _text),
        entry=tuple(_number(place) for place in _list(fields, "entry")),
        index={name: _text(value) for name, value in _mapping(fields.get("index")).items()},
        sizes={name: _number(value) for name, value in _mapping(fields.get("sizes")).items()},
        explanation=_of(fields, "explanation", _optional(_text)),
        functions={name: _texts(found, name) for found in [_mapping(fields.get("functions"))] for name in found},
        bits=_of(fields, "bits", _number),
    )


# --- what a value has to be


def _of(fields: Plain, name: str, read: Callable[[object], T]) -> T:
    if name not in fields:
        raise NotPlain(f"{name} is missing")
    return read(fields[name])


def _optional(read: Callable[[object], T]) -> Callable[[object], T | None]:
    return lambda value: None if value is None else read(value)


def _mapping(value: object) -> Plain:
    if not isinstance(value, dict) or not all(isinstance(key, str) for key in value):
        raise NotPlain("a mapping is wanted")
    return value


def _list(fields: Plain, name: str) -> list[object]:
    value = fields.get(name)
    if not isinstance(value, list):
        raise NotPlain(f"{name}: a list is wanted")
    return value


def _texts(fields: Plain, name: str) -> tuple[str, ...]:
    return tuple(_text(value) for value in _list(fields, name))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise NotPlain("a text is wanted")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise NotPlain("true or false is wanted")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise NotPlain("a number from 0 is wanted")
    return value


def _verdict(value: object) -> Verdict:
    try:
        return Verdict(_text(value))
    except ValueError:
        raise NotPlain("a verdict is wanted") from None


def _nested(value: object, depth: int = 0) -> NestedText:
    if isinstance(value, str):
        return value
    if not isinstance(value, list | tuple) or depth > _DEEPEST:
        raise NotPlain("nested numbers are wanted")
    return tuple(_nested(entry, depth + 1) for entry in value)
