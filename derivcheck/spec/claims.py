"""Owns the claims of a spec: their chains in the scope of what is declared, with their points and conditions.

What is wrong with the text of a claim is a problem of the file. Names and shapes that are wrong inside one claim
make that claim invalid, and the rest of the file stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import cast

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.elaborate import Scope
from derivcheck.lang.names import nearest, normalise
from derivcheck.model import Claim, DimensionRule, Expectation, Layout, PointValue, Variable
from derivcheck.spec.chains import Chain, corrected, cut_items, main_chain, one_line
from derivcheck.spec.formulas import Formulas
from derivcheck.spec.marks import Marked, MarkedList, MarkedMap, MarkedText, source_passage
from derivcheck.spec.meaning import meant
from derivcheck.spec.membership import outside
from derivcheck.spec.points import Sizes, read_value
from derivcheck.spec.problems import Problems

#: Problems that elaboration finds in a claim and that are problems of the file all the same.
_OF_THE_FILE = ("syntax", "limit")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a claim stands in: the scope of its file, what is declared, the default layout, how formulas are
    read, the remarks on every definition and what it uses; ``blind`` when the declared names are not all known."""

    scope: Scope
    variables: Mapping[str, Variable]
    dims: Mapping[str, DimensionRule]
    layout: Layout
    formulas: Formulas
    remarks: Mapping[str, tuple[str, ...]]
    blind: bool


def read_claim(
    key: MarkedText, value: Marked, around: Surroundings, problems: Problems, *, sound: bool
) -> Claim | None:
    """One claim; ``None`` after a problem of the file, and when its form is not ``sound``."""
    spec = value if isinstance(value, MarkedMap) else None
    inside: list[Problem] = []
    formulas = replace(around.formulas, inside=inside)
    chain = main_chain(value, formulas)
    written = None if spec is None else spec.get("correct")
    correct = None if written is None else corrected(written, chain, formulas)
    conditions = _conditions(None if spec is None else spec.get("when"), formulas)
    values = _values(None if spec is None else spec.get("at"), problems)
    if inside and sound:
        unread = Claim(key.text, _shown(value), key.span, None, tuple(inside), layout=around.layout)
        return unread if spec is None else _with_facts(unread, spec, None, problems)
    if chain is None or conditions is None or values is None or not sound or around.blind:
        return None
    tolerance = _tolerance(spec, [chain, *([correct] if correct else [])], problems)
    point = _point(values, around)
    given = _Given(around, conditions, point, tolerance)
    bare = Claim(key.text, chain.text, key.span, None, at=point.values, sizes=point.sizes, layout=around.layout)
    claim = bare if spec is None else _with_facts(bare, spec, chain, problems)
    if correct is not None and written is not None:
        plain = replace(bare, id=f"{claim.id}.correct", text=correct.text, span=written.span)
        plain = replace(plain, layout=claim.layout, up_to=claim.up_to)
        claim = replace(claim, correct=_meant(plain, correct, given))
    claim = _meant(claim, chain, given)
    problems.extend(problem for problem in claim_problems(claim) if problem.code in _OF_THE_FILE)
    return claim


def claim_problems(claim: Claim) -> tuple[Problem, ...]:
    """What is wrong inside a claim and inside its correction."""
    return (*claim.problems, *(claim.correct.problems if claim.correct is not None else ()))


def _shown(value: Marked) -> str:
    """How a claim is written that could not be read."""
    spec = value.entries if isinstance(value, MarkedMap) else {}
    texts = [spec[key][1] for key in ("statement", "of", "gradient") if key in spec] or [value]
    return one_line(source_passage(texts[0]).text)


def _text(spec: MarkedMap, key: str) -> str | None:
    node = spec.get(key)
    return node.text if isinstance(node, MarkedText) else None


def _with_facts(claim: Claim, spec: MarkedMap, chain: Chain | None, problems: Problems) -> Claim:
    """A claim with what its plain keys say."""
    index = _text(spec, "fails_at")
    fails_at = None if index is None else int(index)
    steps = 0 if chain is None else len(chain.relations)
    node = spec.get("fails_at")
    if chain is not None and fails_at is not None and fails_at >= steps and node is not None:
        last = "has one step, 0" if steps == 1 else f"has the steps 0 to {steps - 1}"
        problems.add(
            "value", f"`fails_at` is {fails_at}, but this chain {last}", node.span, "steps are counted from 0"
        )
    points = _text(spec, "points")
    return replace(
        claim,
        layout=cast(Layout, _text(spec, "layout") or claim.layout),
        up_to="positive factor" if _text(spec, "up_to") else None,
        expect=cast(Expectation, _text(spec, "expect") or "holds"),
        fails_at=fails_at,
        because=_text(spec, "because"),
        points=None if points is None else Fraction(points),
        cite=_text(spec, "cite"),
    )


def _tolerance(spec: MarkedMap | None, chains: Iterable[Chain], problems: Problems) -> Fraction | None:
    node = None if spec is None else spec.get("tolerance")
    if not isinstance(node, MarkedText):
        return None
    problem = limits.literal_problem(node.text, node.span)
    if problem is not None:
        problems.extend([problem])
        return None
    tolerance = Fraction(node.text)
    if tolerance == 0:
        problems.add("value", "a tolerance of 0", node.span, "write `==` for equality")
    if not any("≈" in chain.relations for chain in chains):
        problems.add("claim", "a `tolerance` without ≈", node.span, "a tolerance belongs to a claim `a ≈ b`")
    return tolerance


def _conditions(node: Marked | None, formulas: Formulas) -> list[nodes.Node] | None:
    """The conditions of ``when``; ``None`` after a problem."""
    written = condition_texts(node, formulas.problems)
    if written is None:
        return None
    found = [formulas.condition(source_passage(text)) for text in written]
    read = [condition for condition in found if condition is not None]
    return read if len(read) == len(found) else None


def condition_texts(node: Marked | None, problems: Problems) -> list[MarkedText] | None:
    """One condition or a list of them as texts; ``None`` after a problem."""
    if isinstance(node, MarkedText):
        return [node] if node.text else []
    if not isinstance(node, MarkedList):
        return []
    return None if cut_items(node, problems) else [item for item in node.items if isinstance(item, MarkedText)]


# --- points --------------------------------------------------------------------------------------------------


def _values(node: Marked | None, problems: Problems) -> list[tuple[MarkedText, Marked, PointValue]] | None:
    """The values of ``at`` as they are written; ``None`` after a problem."""
    if not isinstance(node, MarkedMap):
        return []
    found = []
    for key, value in node.entries.values():
        passage = source_passage(value)
        try:
            if passage.text:
                found.append((key, value, read_value(passage)))
        except Refused as refused:
            problems.extend(refused.problems)
    return found if len(found) == len(node.entries) else None


@dataclass(slots=True)
class _Point:
    """What ``at`` says: values, sizes, and what is wrong with them inside this claim."""

    values: dict[str, PointValue] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def _point(written: list[tuple[MarkedText, Marked, PointValue]], around: Surroundings) -> _Point:
    sizes = Sizes(around.dims)
    point = _Point(sizes=sizes.found)
    for key, node, value in written:
        name = normalise(key.text)
        if name in point.values:
            point.problems.append(Problem("name", f"`{name}` has a value twice", key.span))
        elif name in around.variables:
            variable = around.variables[name]
            point.values[name], problems = sizes.fit(name, variable.shape, value, node.span)
            why = None if problems else outside(variable.domain, point.values[name])
            if why is not None:
                problems = [Problem("domain", f"this value of `{name}` is outside of its domain: {why}", node.span)]
            point.problems.extend(problems)
        elif name in around.scope.definitions:
            shape = around.scope.definitions[name].shape
            point.values[name], problems = sizes.fit(name, shape, value, node.span)
            point.problems.extend(problems)
        elif name in around.dims:
            point.problems.extend(sizes.give(name, value, node.span))
        elif name not in around.scope.faulty:
            point.problems.append(_unknown(key, name, around))
    return point


def _unknown(key: MarkedText, name: str, around: Surroundings) -> Problem:
    if name in around.scope.functions:
        return Problem("name", f"`{name}` is a function and has no value", key.span)
    close = nearest(name, (*around.variables, *around.scope.definitions, *around.dims))
    hint = f"did you mean `{close}`?" if close else "a point has values of variables and of defined names"
    return Problem("name", f"`{name}` is not declared", key.span, hint)


# --- meaning -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Given:
    """What a claim and its correction share."""

    around: Surroundings
    conditions: list[nodes.Node]
    point: _Point
    tolerance: Fraction | None


def _meant(claim: Claim, chain: Chain, given: _Given) -> Claim:
    """A claim with what its chain and conditions mean."""
    if "≈" in chain.relations:
        claim = replace(claim, tolerance=given.tolerance)
    if given.point.problems:
        return replace(claim, problems=tuple(given.point.problems))
    around = given.around
    scope = replace(around.scope, sizes={**around.scope.sizes, **given.point.sizes})
    return meant(claim, chain, given.conditions, scope, around.remarks)
