"""Owns quadratic polynomials as sums of squares: whether one is positive, or never negative, for all real values."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from derivcheck.engine.ring import Monomial, Poly, Ring

#: Beyond so many terms a polynomial is not looked at.
MOST_TERMS = 30


def square_sum(ring: Ring, p: Poly) -> int | None:
    """1 if a polynomial of degree 2 is positive whatever the generators are, 0 if it is never negative, ``None`` if
    neither is shown. Squares are completed one generator after the other: c g**2 + l g + m, with l and m free of g,
    is c (g + l/(2c))**2 + m - l**2/(4c)."""
    if len(p) > MOST_TERMS or p.total_degree() != 2:
        return None
    rest: dict[Monomial, Any] = ring.sparse(p)
    while True:
        place = next((m[0][0] for m in rest if m), None)
        if place is None:
            constant = rest.get((), fmpq(0))
            return 1 if constant > 0 else 0 if constant == 0 else None
        square = rest.pop(((place, 2),), fmpq(0))
        if square <= 0:
            return None
        linear = {m: rest.pop(m) for m in list(rest) if any(i == place for i, _ in m)}
        free = [(tuple((i, e) for i, e in m if i != place), c) for m, c in linear.items()]
        for m, c in free:
            for n, d in free:
                product = _times(m, n)
                value = rest.get(product, fmpq(0)) - c * d / (4 * square)
                rest[product] = value
                if value == 0:
                    del rest[product]


def _times(m: Monomial, n: Monomial) -> Monomial:
    exponents = dict(m)
    for place, e in n:
        exponents[place] = exponents.get(place, 0) + e
    return tuple(sorted(exponents.items()))
