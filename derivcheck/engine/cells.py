"""Owns sign cells: whether some choice of signs of polynomials is possible at all, by Fourier-Motzkin elimination.

Each monomial counts as a variable of its own, so that "impossible" is certain and "possible" is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flint import fmpq

from derivcheck.engine.ring import Generator, Monomial, Poly, Ring

#: ``sum of coefficient * monomial > 0`` (strict) or ``>= 0``; the empty monomial is the constant.
Inequality = tuple[dict[Monomial, Any], bool]

MOST_SIGNS = 8
MOST_INEQUALITIES = 400


def remaining_edges(ring: Ring, a: Poly) -> list[Poly] | None:
    """The polynomials on whose zeros it is still open whether ``a``, free of reciprocals, is zero.

    Off the zeros of these, ``a`` is zero under every choice of signs that is possible; with an empty list it is
    zero everywhere. ``None``: there is a choice of signs without a zero under which it is not shown to be zero.
    """
    signs = ring.occurring(a, "sign")
    if not signs or len(signs) > MOST_SIGNS:
        return None if not a.is_zero() else []
    edges: list[Poly] = []
    among_signs = [r for r in ring.relations() if all(g.kind == "sign" for g in ring.made_of(r))]
    for cell in _nonzero_cells(ring, a, signs, ()):
        if _broken(among_signs, cell) or _impossible(ring, cell):
            continue
        edge = next((s.poly for s, value in cell if not value), None)
        if edge is None:
            return None
        edges.append(edge)
    return edges


def _nonzero_cells(
    ring: Ring, a: Poly, signs: list[Generator], chosen: tuple[tuple[Generator, int], ...]
) -> Iterator[tuple[tuple[Generator, int], ...]]:
    """The choices of signs under which ``a`` does not reduce to zero."""
    if a.is_zero():
        return
    if not signs:
        yield chosen
        return
    s, rest = signs[-1], signs[:-1]
    square = ring.reduce(s.raw**2)
    for value in (1, -1) if square == 1 else (1, 0) if square == s.raw else (1, -1, 0):
        b = ring.substitute(a, s, value)
        if value == 0:
            b = ring.reduce(b % s.poly)
        yield from _nonzero_cells(ring, b, rest, (*chosen, (s, value)))


def _impossible(ring: Ring, cell: tuple[tuple[Generator, int], ...]) -> bool:
    inequalities: list[Inequality] = []
    for s, value in (*cell, *_implied(ring, cell)):
        terms = ring.sparse(s.poly)
        if value:
            inequalities.append(({m: c * value for m, c in terms.items()}, True))
        else:
            inequalities.append((dict(terms), False))
            inequalities.append(({m: -c for m, c in terms.items()}, False))
    for monomial in {m: None for terms, _ in inequalities for m in terms if m}:
        low = ring.minimum(ring.dense({monomial: fmpq(1)}))
        high = ring.minimum(ring.dense({monomial: fmpq(-1)}))
        if low is not None:
            inequalities.append(({monomial: fmpq(1), (): -low[0]}, low[1]))
        if high is not None:
            inequalities.append(({monomial: fmpq(-1), (): -high[0]}, high[1]))
    return contradictory(inequalities)


def _broken(relations: list[Poly], cell: tuple[tuple[Generator, int], ...]) -> bool:
    """Whether a choice of signs breaks a relation between signs."""
    values = {f"g{s.place}": value for s, value in cell}
    for relation in relations:
        value = relation.subs(values)
        if value.is_constant() and not value.is_zero():
            return True
    return False


def _implied(ring: Ring, cell: tuple[tuple[Generator, int], ...]) -> Iterator[tuple[Generator, int]]:
    """The signs that the rules of the ring tell from those of a cell."""
    chosen = {s.place for s, _ in cell}
    for g in ring.generators:
        if g.kind != "sign" or g.place in chosen:
            continue
        value = ring.reduce(g.raw)
        for s, v in cell:
            value = ring.substitute(value, s, v)
        if value.is_constant():
            yield g, 0 if value.is_zero() else int(fmpq(value.leading_coefficient()).p)


def contradictory(inequalities: list[Inequality]) -> bool:
    """Whether linear inequalities have no common real solution."""
    variables = list({m: None for terms, _ in inequalities for m in terms if m})
    for variable in variables:
        above = [(t, s) for t, s in inequalities if t.get(variable, 0) > 0]
        below = [(t, s) for t, s in inequalities if t.get(variable, 0) < 0]
        rest = [(t, s) for t, s in inequalities if t.get(variable, 0) == 0]
        for up, strict_up in above:
            for down, strict_down in below:
                joined = {
                    m: up.get(m, fmpq(0)) * -down[variable] + down.get(m, fmpq(0)) * up[variable]
                    for m in {**up, **down}
                    if m != variable
                }
                rest.append((joined, strict_up or strict_down))
        if len(rest) > MOST_INEQUALITIES:
            return False
        inequalities = rest
    return any(
        terms.get((), fmpq(0)) < 0 or (strict and terms.get((), fmpq(0)) == 0) for terms, strict in inequalities
    )
