"""Owns proofs that an element is zero through a function of it that is injective where the element can lie.

The exponential is injective, so that exp(f) = 1 shows f = 0: for sums of logarithms whose arguments are related
(asinh against a log, roots under logs). The cosine is 1 within (-2 pi, 2 pi) only at 0, so that cos(f) = 1 shows
f = 0 where bounds of the angles in f leave f no other place: for inverse circular functions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

from flint import arb, fmpq

from derivcheck.engine.cells import remaining_edges
from derivcheck.engine.ring import Generator, Monomial, Poly
from derivcheck.engine.signs import Undefined
from derivcheck.engine.tower import Tower

#: How many signs in a sum of angles are split into cases.
MOST_SIGNS = 3
#: Longer sums are not looked at.
MOST_TERMS = 24


def vanishing_edges(tower: Tower, top: Poly) -> list[Poly] | None:
    """The polynomials on whose zeros it is still open whether ``top``, free of reciprocals, is zero, if a factor of
    it is shown to be zero elsewhere; ``None`` if none is.

    Raises:
        Refine, Full, OverBudget: as in the tower.
    """
    for factor, _ in tower.ring.factor(top)[1]:
        if len(factor) > MOST_TERMS:
            continue
        for test in (_by_exponential, _by_cosine):
            try:
                edges = test(tower, factor)
            except Undefined:
                continue
            if edges is not None:
                return edges
    return None


def _by_exponential(tower: Tower, f: Poly) -> list[Poly] | None:
    scale = _scale(c for m, c in tower.ring.sparse(f).items() if _of_kind(tower, m, "log"))
    return None if scale is None else _zero_but_at(tower, tower.exp(f / scale) - 1, tower.ring.one)


def _by_cosine(tower: Tower, f: Poly) -> list[Poly] | None:
    ring = tower.ring
    scale = _scale(c for m, c in ring.sparse(f).items() if len(m) == 1 and m[0][1] == 1 and m[0][0] in tower.arcs)
    signs = ring.occurring(f, "sign")
    if scale is None or len(signs) > MOST_SIGNS:
        return None
    edges = [s.poly for s in signs if ring.reduce(s.raw**2) != 1]
    for values in product((1, -1), repeat=len(signs)):
        angle, here = _where_signs_are(tower, f / scale, signs, values)
        if here.is_zero() or angle.is_zero():
            continue
        if not _within_a_turn(tower, angle):
            return None
        found = _zero_but_at(tower, tower.cos_sin(angle)[0] - 1, here)
        if found is None:
            return None
        edges += found
    return edges


def _where_signs_are(tower: Tower, f: Poly, signs: list[Generator], values: tuple[int, ...]) -> tuple[Poly, Poly]:
    """``f`` with values for its signs, and an element that is 1 where the signs have them and 0 elsewhere."""
    here = tower.ring.one
    for s, value in zip(signs, values, strict=True):
        f = tower.ring.substitute(f, s, value)
        here = tower.ring.mul(here, (s.raw**2 + s.raw * value) / 2)
    return f, here


def _zero_but_at(tower: Tower, a: Poly, here: Poly) -> list[Poly] | None:
    """Where it is open whether ``a`` is zero where ``here`` is 1; ``None`` if it is open elsewhere, too."""
    top, _ = tower.numerator(a)
    top = tower.ring.mul(top, here)
    return [] if top.is_zero() else remaining_edges(tower.ring, top)


def _of_kind(tower: Tower, monomial: Monomial, kind: str) -> bool:
    """Whether a monomial is one generator of a kind."""
    return len(monomial) == 1 and monomial[0][1] == 1 and tower.ring.by_place[monomial[0][0]].kind == kind


def _scale(coefficients: Iterator[Any]) -> Any | None:
    """The largest rational of which all coefficients are integer multiples; ``None`` of none."""
    scale = None
    for c in coefficients:
        scale = fmpq(abs(c.p), c.q) if scale is None else _common(scale, c)
    return scale


def _common(a: Any, b: Any) -> Any:
    while b != 0:
        quotient = a / b
        a, b = b, a - b * (quotient.p // quotient.q)
    return fmpq(abs(a.p), a.q)


def _within_a_turn(tower: Tower, angle: Poly) -> bool:
    """Whether an angle is certainly between -2 pi and 2 pi."""
    return all(_below_a_turn(tower, tower.ring.sparse(angle * side)) for side in (1, -1))


def _below_a_turn(tower: Tower, terms: dict[Monomial, Any]) -> bool:
    """Whether a sum is certainly below 2 pi: its greatest value as a multiple of pi and a ball."""
    turns, rest, strict, exact = fmpq(0), arb(0), False, True
    pi = tower.by_key.get("pi")
    for monomial, c in terms.items():
        if pi is not None and monomial == ((pi.place, 1),):
            turns += c
            continue
        arc = tower.arcs.get(monomial[0][0]) if len(monomial) == 1 and monomial[0][1] == 1 else None
        if arc is not None:
            end = arc.high if c > 0 else arc.low
            strict = strict or arc.strict
            if type(end) is fmpq:
                turns += c * end
                continue
            rest, exact = rest + end * c, False
            continue
        bound = tower.ring.minimum(tower.ring.dense({monomial: -c}))
        if bound is None:
            return False
        rest, exact, strict = rest - arb(bound[0]), exact and bound[0] == 0, strict or bound[1]
    if exact:
        return bool(turns < 2 or (turns == 2 and strict))
    return bool(arb.pi() * turns + rest < arb.pi() * 2)
