"""Owns how one entry ``body[row, column]`` of a product of matrices comes apart: into a scalar, diagonal factors, and
the square matrices between them, from left to right.

A bound index that every way from the row to the column goes through is a *cut* of the product. At cuts of the row's
own dimension the product is one of square matrices; at any cut a closed product may be begun anew (``P @ Q`` as
``Q @ P``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from derivcheck.engine.indexed.terms import Atom, Factors, Index

#: A product of atoms and the indices that it is summed over.
Part = tuple[Factors, tuple[Index, ...]]


@dataclass(frozen=True, slots=True)
class Chain:
    """``scalar * node(p0) * link(p0, p1) * node(p1) * … * node(pk)``, summed over the places between."""

    places: tuple[Index, ...]
    scalar: Part
    nodes: tuple[Part, ...]
    links: tuple[Part, ...]

    @property
    def is_pure(self) -> bool:
        """Whether it has neither a scalar nor diagonal factors."""
        return not self.scalar[0] and not any(node[0] for node in self.nodes)

    @property
    def is_lone(self) -> bool:
        """Whether it is one square matrix."""
        return self.is_pure and len(self.links) == 1


def cuts(factors: Factors, bound: tuple[Index, ...], row: Index, column: Index) -> list[Index]:
    """The bound indices that every way from the row to the column goes through, in the order in which it does."""
    if column not in _reached(factors, (row, column, *bound), row, None):
        return []
    found = [k for k in bound if column not in _reached(factors, (row, column, *bound), row, k)]
    behind = {k: len(_reached(factors, (row, column, *bound), row, k).intersection(found)) for k in found}
    return sorted(found, key=lambda k: behind[k])


def chain(factors: Factors, bound: tuple[Index, ...], row: Index, column: Index) -> Chain | None:
    """A product as a chain of square matrices; ``None`` if its row and column have nothing to do with each other."""
    vertices = (row, column, *bound)
    if column not in _reached(factors, vertices, row, None):
        return None
    between = [k for k in cuts(factors, bound, row, column) if k[0] == row[0]]
    places = (row, *between, column)
    inner = tuple(k for k in bound if k not in between)
    scalar: Factors = {}
    nodes: list[Factors] = [{} for _ in places]
    links: list[Factors] = [{} for _ in places[1:]]
    for part in _parts(factors, inner):
        touched = [n for n, p in enumerate(places) if any(p in a.free for a in part)]
        if not touched:
            scalar.update(part)
        elif len(touched) == 1:
            nodes[touched[0]].update(part)
        elif touched[1] == touched[0] + 1 and len(touched) == 2:
            links[touched[0]].update(part)
        else:
            return None
    return Chain(
        places,
        _with_bound(scalar, inner),
        tuple(_with_bound(n, inner) for n in nodes),
        tuple(_with_bound(n, inner) for n in links),
    )


def sides(factors: Factors, bound: tuple[Index, ...], row: Index, cut: Index) -> tuple[Factors, Factors]:
    """What of a product is on the row's side of a cut, and the rest."""
    near = _reached(factors, (row, *bound), row, cut)
    left = {a: e for a, e in factors.items() if any(i in near for i in a.free)}
    return left, {a: e for a, e in factors.items() if a not in left}


def _with_bound(factors: Factors, bound: tuple[Index, ...]) -> Part:
    return factors, tuple(b for b in bound if any(b in a.free for a in factors))


def _reached(factors: Factors, vertices: Iterable[Index], start: Index, without: Index | None) -> set[Index]:
    """The indices that hang together with one, if another is taken away."""
    edges = [{i for i in a.free if i in vertices and i != without} for a in factors]
    found, grown = {start}, True
    while grown:
        grown = False
        for edge in edges:
            if edge & found and not edge <= found:
                found |= edge
                grown = True
    return found


def _parts(factors: Factors, inner: tuple[Index, ...]) -> list[Factors]:
    """Atoms that hang together by inner indices."""
    parts: list[tuple[set[Index], list[Atom]]] = []
    for atom in factors:
        own, joined = {i for i in atom.free if i in inner}, [atom]
        rest = []
        for indices, atoms in parts:
            if indices & own:
                own, joined = own | indices, [*atoms, *joined]
            else:
                rest.append((indices, atoms))
        parts = [*rest, (own, joined)]
    return [{a: factors[a] for a in atoms} for _, atoms in parts]
