"""Owns the floating-point evidence: both sides, lambdified for NumPy, at many random points at once.

Floating point proves nothing and refutes nothing; it tells how widely two sides that were neither proved nor
refuted have been seen to agree. This is the one place where code is generated from expressions: symbols have
internal names (a letter and a digest), and no text of a user reaches it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import sympy

from derivcheck.engine.exact import ExactRoad
from derivcheck.engine.lower import Lowering, NotLowered, NowhereDefined
from derivcheck.engine.points import draw_points
from derivcheck.engine.spaces import Space
from derivcheck.engine.symbols import Sym
from derivcheck.lang.typed import Expr

POINTS = 64
#: Relative agreement that counts, in floating point.
CLOSE = 1e-7
MOST_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class Evidence:
    """At how many points both sides were finite, and at how many of these every entry agreed."""

    compared: int
    agreed: int


def sample(road: ExactRoad, space: Space, left: Expr, right: Expr, seed: int) -> Evidence | None:
    """Compare both sides in floating point; ``None`` where that cannot be done (opaque functions, say)."""
    if space.derivation.functions:
        return None
    try:
        entries = [(a, b) for a, b, _ in list(road.entries(left, right))[:MOST_ENTRIES]]
        function, leaves = lambdified(road.lowering, [side for pair in entries for side in pair])
    except (NotLowered, NowhereDefined, NotImplementedError):  # a function that SymPy does not print for NumPy
        return None
    try:
        columns = _columns(road, space, leaves, seed)
    except OverflowError:  # a number beyond floating point
        return None
    if columns is None:
        return None
    with np.errstate(all="ignore"):
        try:
            values = function(*columns)
        except (TypeError, NameError, ValueError, OverflowError, ZeroDivisionError):
            return None  # a function that NumPy does not have, or not for arrays
    shape = columns[0].shape if columns else (1,)
    sides = [np.broadcast_to(_real(v), shape) for v in values]
    a, b = np.stack(sides[0::2]), np.stack(sides[1::2])
    finite = np.isfinite(a) & np.isfinite(b)
    close = np.abs(np.where(finite, a - b, 0)) <= CLOSE * (1 + np.maximum(np.abs(a), np.abs(b)))
    some = finite.any(axis=0)
    return Evidence(int(some.sum()), int((some & (close | ~finite).all(axis=0)).sum()))


def _real(value: Any) -> Any:
    """Real numbers as floats; what is complex has no value here."""
    array = np.asarray(value)
    if np.iscomplexobj(array):
        array = np.where(array.imag == 0, array.real, np.nan)
    return array.astype(float)


def lambdified(lowering: Lowering, exprs: list[Sym]) -> tuple[Callable[..., Any], list[Sym]]:
    """A NumPy function of the leaves that the expressions are made from, shared parts computed once."""
    order: list[Sym] = []
    leaves: list[Sym] = []
    done: set[Sym] = set()
    stack = [s for e in exprs for s in sorted(e.free_symbols, key=lambda s: s.name)]
    while stack:
        top = stack[-1]
        let = lowering.lets.get(top)
        waiting = [] if let is None else [s for s in let.free if s not in done]
        if top in done or waiting:
            stack.extend(waiting)
            if top in done:
                stack.pop()
            continue
        done.add(top)
        stack.pop()
        if let is None:
            leaves.append(top)
        else:
            order.append(top)
    shared = [(s, lowering.lets[s].expr) for s in order]
    function = sympy.lambdify(leaves, exprs, modules=[_NUMPY, "numpy"], cse=lambda given: (shared, list(given)))
    return function, leaves


def _columns(road: ExactRoad, space: Space, leaves: list[Sym], seed: int) -> list[Any] | None:
    """The values of every leaf at random points."""
    names = {leaf.name: leaf for leaf in (road.lowering.leaves[s] for s in leaves)}
    if any(name not in space.variables and name not in space.bound and name not in space.given for name in names):
        return None
    rows: list[list[float]] = []
    for point in draw_points(space, "fine", seed, POINTS):
        row = []
        for symbol in leaves:
            leaf = road.lowering.leaves[symbol]
            bound = point.bound.get(leaf.name)
            if bound is None:
                value = point.values[leaf.name][leaf.index].value
                row.append(int(value.p) / int(value.q))
            else:
                row.append(float(bound))
        rows.append(row)
    return [np.array(column) for column in zip(*rows, strict=True)] if rows else None


def _each(function: Callable[[float], float]) -> Callable[..., Any]:
    return np.vectorize(function, otypes=[float])


#: NumPy's form of our own functions, and of those that NumPy lacks but the standard library has.
_NUMPY: dict[str, Any] = {
    "Sgn": np.sign,
    "Mag": np.abs,
    "Cond": lambda c, a, b: np.where(np.asarray(c) > 0.5, a, b),
    "IntPow": lambda a, n: np.power(np.asarray(a, dtype=float), n),
    "erf": _each(math.erf),
    "gamma": _each(math.gamma),
    "loggamma": _each(math.lgamma),
}
