"""Owns points under conditions: domains narrowed by what is assumed, and points moved exactly onto equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from derivcheck.engine import jets
from derivcheck.engine.arrays import filled
from derivcheck.engine.draws import contains, ends_of
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.places import Point
from derivcheck.engine.quadrics import points_on
from derivcheck.engine.spaces import Space, plain_number
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr

_WORK = 2_000_000


def tight_domains(space: Space) -> dict[str, Domain]:
    """Domains narrowed by conditions of the simplest kind (``s > 0``, ``0 < p < 1``): only to draw better; every
    condition is still evaluated at every point."""
    domains: dict[str, Domain] = {}
    originals = {n: v.domain for n, v in space.variables.items()} | dict(space.bound)
    for condition in typed.conjuncts(space.conditions):
        if not isinstance(condition, typed.Compare) or condition.operator not in ("<", "<=", ">", ">="):
            continue
        for subject, bound, operator in (
            (condition.left, condition.right, condition.operator),
            (condition.right, condition.left, _MIRROR[condition.operator]),
        ):
            name = _name_of(subject)
            limit = plain_number(bound)
            if name in originals and limit is not None:
                domains[name] = _narrowed(domains.get(name, originals[name]), operator, limit)
    return domains


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _name_of(expr: Expr) -> str:
    if isinstance(expr, typed.Variable):
        return expr.name
    return expr.key if isinstance(expr, typed.Bound) else ""


def _narrowed(domain: Domain, operator: str, limit: Fraction) -> Domain:
    if domain.kind not in ("real", "positive", "nonnegative", "interval"):
        return domain
    low, high = ends_of(domain)
    if operator in (">", ">="):
        low = limit if low is None else max(low, limit)
    else:
        high = limit if high is None else min(high, limit)
    if low is not None and high is not None and low >= high:
        return domain
    return Domain("interval", low, high)


def meet(space: Space, point: Point) -> Point | None:
    """The point, moved exactly onto the equations among the conditions; ``None`` if one does not hold."""
    if not space.conditions:
        return point
    try:
        for condition in typed.conjuncts(space.conditions):
            if isinstance(condition, typed.Compare) and condition.operator == "==":
                moved = _onto(space, point, condition)
                if moved is None:
                    return None
                point = moved
        with jets.precision(256):
            evaluator = Evaluator(space.derivation, point, Meter(_WORK), space.session.names)
            for condition in space.conditions:
                if any(test.truth is not True for test in evaluator.value(condition).ravel()):
                    return None
    except OverBudget:
        return None
    return point


def _onto(space: Space, point: Point, equation: typed.Compare) -> Point | None:
    """Solve an equation (entry by entry) for one of the entries in which it is affine, in exact rationals."""
    count = 1
    for size in space.shape(equation.shape):
        count *= size
    used: set[tuple[str, int]] = set()
    for entry in range(count):
        if _gap(space, point, equation, entry) == 0:
            continue
        for name in space.variables:
            moved = _solve_for(space, point, equation, entry, name, used)
            if moved is not None:
                point = moved
                break
        else:
            return _onto_quadric(space, point, equation) if count == 1 else None
    return point


def _onto_quadric(space: Space, point: Point, equation: typed.Compare) -> Point | None:
    """Solve an equation that is of degree 2 in all entries that can be moved alone."""
    names = [n for n, v in space.variables.items() if n not in space.given and v.domain.kind in _MOVABLE]

    def moved(numbers: Sequence[Any]) -> Point:
        rest = iter(numbers)
        shapes = ((name, point.values[name]) for name in names)
        arrays = {name: filled([Jet(next(rest)) for _ in range(old.size)], old.shape) for name, old in shapes}
        return replace(point, values={**point.values, **arrays})

    def gap(numbers: Sequence[Any]) -> Any:
        found = _gap(space, moved(numbers), equation, 0)
        return None if isinstance(found, Jet) else found

    near = [x.value for name in names for x in point.values[name].reshape(-1)]
    of = [name for name in names for _ in range(point.values[name].size)]
    for numbers in points_on(gap, near):
        if all(_in_domain(space, name, Jet(number)) for name, number in zip(of, numbers, strict=True)):
            return moved(numbers)
    return None


def _gap(space: Space, point: Point, equation: typed.Compare, entry: int) -> Any:
    """left - right of one entry of an equation, exact, or ``None`` where it is not rational."""
    evaluator = Evaluator(space.derivation, point, Meter(_WORK), space.session.names)
    left, right = np.broadcast_arrays(evaluator.value(equation.left), evaluator.value(equation.right))
    difference = left.ravel()[entry] - right.ravel()[entry]
    return difference if difference.parts else (difference.value if type(difference.value) is fmpq else None)


def _solve_for(
    space: Space, point: Point, equation: typed.Compare, entry: int, name: str, used: set[tuple[str, int]]
) -> Point | None:
    if name in space.given or space.variables[name].domain.kind not in _MOVABLE:
        return None
    array = point.values[name]
    flat = array.reshape(-1)
    seeded = filled([Jet(x.value, {((1, i),): fmpq(1)}) for i, x in enumerate(flat)], array.shape)
    gap = _gap(space, _with(point, name, seeded), equation, entry)
    if not isinstance(gap, Jet) or isinstance(gap.value, Hole):
        return None
    for i in reversed(range(len(flat))):
        slope = gap.parts.get(((1, i),))
        rational_slope = type(slope) is fmpq and slope != 0 and type(gap.value) is fmpq
        if (name, i) in used or slope is None or not rational_slope:
            continue
        entries = list(flat)
        entries[i] = Jet(flat[i].value - gap.value / slope)
        moved = _with(point, name, filled(entries, array.shape))
        if _gap(space, moved, equation, entry) == 0 and _in_domain(space, name, entries[i]):
            used.add((name, i))
            return moved
    return None


#: Domains of numbers: their entries can be moved alone.
_MOVABLE = ("real", "positive", "nonnegative", "interval")


def _in_domain(space: Space, name: str, entry: Jet) -> bool:
    value = Fraction(int(entry.value.p), int(entry.value.q))
    return contains(space.variables[name].domain, value)


def _with(point: Point, name: str, array: Any) -> Point:
    return replace(point, values={**point.values, name: array})
