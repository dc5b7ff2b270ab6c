"""Owns lattices of exponents and angles: vectors over the rationals with integer coordinates in a growing basis."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from derivcheck.engine.ring import Monomial, Poly, Ring


class Refine(Exception):
    """A lattice or a root needs a finer generator: begin again with ``denominators[key]`` multiplied."""

    def __init__(self, key: Any, factor: int) -> None:
        self.key = key
        self.factor = factor
        super().__init__(key)


class Lattice:
    """An echelon basis that grows by what is independent of it. ``denominators`` holds by how much an element of the
    basis must be divided, from earlier attempts."""

    def __init__(self, name: str, ring: Ring, denominators: dict[Any, int]) -> None:
        self.name = name
        self.basis: list[Poly] = []
        self._ring = ring
        self._denominators = denominators
        self._rows: dict[Monomial, tuple[dict[Monomial, Any], dict[int, Any]]] = {}

    def forked(self, ring: Ring) -> Lattice:
        """The same lattice, apart, in another ring of the same polynomials."""
        other = Lattice(self.name, ring, self._denominators)
        other.basis = list(self.basis)
        other._rows = {pivot: (dict(row), dict(made_from)) for pivot, (row, made_from) in self._rows.items()}
        return other

    def coordinates(self, terms: dict[Monomial, Any]) -> dict[int, int]:
        """Integer coordinates of a vector; the basis grows by it where it is independent.

        Raises:
            Refine: a coordinate would be a fraction.
        """
        rest = dict(terms)
        found: dict[int, Any] = {}
        while True:
            pivot = next((m for m in rest if m in self._rows), None)
            if pivot is None:
                break
            row, combination = self._rows[pivot]
            c = rest[pivot]
            _subtract(rest, row, c)
            for index, x in combination.items():
                found[index] = found.get(index, fmpq(0)) + c * x
            self._ring.meter.spend(len(row))
        if rest:
            self._extend(terms, rest, found)
        coordinates: dict[int, int] = {}
        for index, x in found.items():
            if x.q != 1:
                raise Refine((self.name, index), int(x.q))
            if x != 0:
                coordinates[index] = int(x.p)
        return coordinates

    def _extend(self, terms: dict[Monomial, Any], rest: dict[Monomial, Any], found: dict[int, Any]) -> None:
        """Add ``terms / d`` to the basis: ``rest`` is what the rows so far leave of it."""
        index = len(self.basis)
        d = self._denominators.get((self.name, index), 1)
        # a pivot that is the largest monomial is stable under the order in which terms were met
        pivot = max(rest, key=lambda m: (-len(m), m))
        scale = rest[pivot]
        row = {m: c / scale for m, c in rest.items()}
        combination = {i: -x / scale for i, x in found.items()}
        combination[index] = fmpq(d) / scale
        for other, (other_row, other_combination) in list(self._rows.items()):
            c = other_row.get(pivot)
            if c is None:
                continue
            _subtract(other_row, row, c)
            for i, x in combination.items():
                other_combination[i] = other_combination.get(i, fmpq(0)) - c * x
            self._rows[other] = (other_row, other_combination)
        self._rows[pivot] = (row, combination)
        self.basis.append(self._ring.dense({m: c / d for m, c in terms.items()}))
        found.clear()
        found[index] = fmpq(d)


def _subtract(vector: dict[Monomial, Any], row: dict[Monomial, Any], c: Any) -> None:
    """``vector -= c * row``, in place."""
    for monomial, x in row.items():
        y = vector.get(monomial, fmpq(0)) - c * x
        if y == 0:
            vector.pop(monomial, None)
        else:
            vector[monomial] = y
