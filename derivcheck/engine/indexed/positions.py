"""Owns index forms of indices as numbers, and of their order: the ``i`` of ``sum(i*x[i] for i in n)``, and ``i < j``.

``position`` is the number 0, 1, … that an index is, ``before`` is 1 where one index is less than another of the same
dimension, else 0. Their sums are polynomials in the size (Faulhaber's formula). Of two opposite orders of indices one
is written by the other: ``[i < j] = 1 - [i == j] - [j < i]``.
"""

from __future__ import annotations

from math import comb
from typing import Any

from flint import fmpq

from derivcheck.engine.indexed.algebra import Item, merged
from derivcheck.engine.indexed.rules import Rules
from derivcheck.engine.indexed.terms import Atom, Exponent, Factors, Index, Sum, beyond

#: Powers of an index that are summed in closed form.
MOST_POWER = 24

#: Literal positions up to which an order is written by equalities.
MOST_PLACES = 4


class Positions(Rules):
    """The algebra with indices as numbers."""

    def position(self, i: Index) -> Sum:
        """An index as a number."""
        if i[1] == "=":
            return self.number(fmpq(i[2]))
        return self.single(self.store.atom("position", "", (i,)))

    def delta(self, i: Index, j: Index) -> Sum:
        """1 where two indices are equal, else 0."""
        if i == j:
            return self.number(1)
        return self.term({self.store.atom("delta", "", tuple(sorted((i, j)))): 1}, (), fmpq(1))

    def before(self, i: Index, j: Index) -> Sum:
        """1 where an index is less than another of the same dimension, else 0."""
        if i == j or (j[1] == "=" and j[2] == 0):
            return {}
        if i[1] == j[1] == "=":
            return self.number(int(i[2] < j[2]))
        if i[1] == "=" and i[2] < MOST_PLACES:  # these places exist, since that of i does
            return self.subtract(self.number(1), self.add(*(self.delta(j, (i[0], "=", k)) for k in range(i[2] + 1))))
        if j[1] == "=" and j[2] < MOST_PLACES:
            return self.add(*(self.delta(i, (i[0], "=", k)) for k in range(j[2])))
        return self.term({self.store.atom("before", "", (i, j)): 1}, (), fmpq(1))

    def exists(self, dim: str, place: int) -> bool:
        """Whether a literal position exists whatever the size of a dimension is."""
        return place < (int(dim) if dim.isdigit() else max(self.sizes.get(dim, 1), self.least.get(dim, 1)))

    def power_sum(self, n: Sum, exponent: int) -> Sum:
        """``0**e + 1**e + … + (n - 1)**e``, with ``0**0 = 1``, for a natural number n."""
        powers = [self.number(1)]
        for _ in range(exponent + 1):
            powers.append(self.multiply(powers[-1], n))
        return self.add(
            *(
                self.scale(powers[exponent + 1 - k], fmpq.bernoulli(k) * fmpq(comb(exponent + 1, k), exponent + 1))
                for k in range(exponent + 1)
            )
        )

    def _position(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        (i,) = atom.indices
        if i not in b or not isinstance(e, int) or not 0 < e <= MOST_POWER:
            return None
        if any(i in a.free for a in f if a is not atom):
            return None
        rest = {a: x for a, x in f.items() if a is not atom}
        return self.spread(rest, tuple(k for k in b if k != i), c, [self.power_sum(self.size(i[0]), e)])

    def _before(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        i, j = atom.indices
        rest = {a: x for a, x in f.items() if a is not atom}
        if e != 1:
            return [({**rest, atom: 1}, b, c)]
        if self.store.atom("before", "", (j, i)) in f:
            return []
        if i in b:
            summed = self._counted(i, j, rest, b, c)
            if summed is not None:
                return summed
        if any(a.kind == "before" for a in rest):  # one at a time could go round in circles
            return None
        opened = j in b and self._counted(j, i, rest, b, c) is not None
        if opened or self._is_turned(i, j, rest, b):
            opposite = self.store.atom("before", "", (j, i))
            identity = self.store.atom("delta", "", tuple(sorted((i, j))))
            return [(rest, b, c), (merged(rest, [(identity, 1)]), b, -c), (merged(rest, [(opposite, 1)]), b, -c)]
        if self._is_balanced(i, j, rest, b):
            identity = self.store.atom("delta", "", tuple(sorted((i, j))))
            return [(rest, b, c / 2), (merged(rest, [(identity, 1)]), b, -c / 2)]
        return None

    def _counted(self, i: Index, j: Index, rest: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """The sum over all ``i < j`` of a power of i."""
        own = self.store.atom("position", "", (i,))
        e = rest.get(own, 0)
        if not isinstance(e, int) or not 0 <= e <= MOST_POWER or any(i in a.free for a in rest if a is not own):
            return None
        others = {a: x for a, x in rest.items() if a is not own}
        return self.spread(others, tuple(k for k in b if k != i), c, [self.power_sum(self.position(j), e)])

    def _is_turned(self, i: Index, j: Index, rest: Factors, b: tuple[Index, ...]) -> bool:
        """Whether ``i < j`` is written by ``j < i``: the bound index first; of two bound ones, by what is beside."""
        if "=" in (i[1], j[1]):
            return False
        if i in b and j in b:
            here, there = self._sides(i, j, rest, b)
            return bool(there.digest < here.digest)
        return (j in b) if (i in b) != (j in b) else j < i

    def _is_balanced(self, i: Index, j: Index, rest: Factors, b: tuple[Index, ...]) -> bool:
        """Whether exchanging two bound indices changes nothing."""
        if i not in b or j not in b:
            return False
        here, there = self._sides(i, j, rest, b)
        return here is there

    def _sides(self, i: Index, j: Index, rest: Factors, b: tuple[Index, ...]) -> tuple[Any, Any]:
        """What stands beside an order of two bound indices, and that with the two exchanged."""
        start = beyond((*b, *(k for a in rest for k in a.free)))
        one, two = (i[0], "%", start), (i[0], "%", start + 1)
        left = tuple(k for k in b if k not in (i, j))

        def seen(names: dict[Index, Index]) -> Any:
            return self.store.canonical({self.store.rename_atom(a, names): e for a, e in rest.items()}, left)

        return seen({i: one, j: two}), seen({i: two, j: one})


Positions.rules = {**Rules.rules, "position": Positions._position, "before": Positions._before}
