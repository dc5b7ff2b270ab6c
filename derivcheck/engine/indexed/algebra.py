"""Owns sums and products of index forms: how a product of atoms becomes a canonical sum, by relations that hold for
every size at every point where the atoms have values.

Relations of single kinds of atoms are rules of ``rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from flint import fmpq

from derivcheck.engine.indexed.terms import (
    Atom,
    Exponent,
    Factors,
    Index,
    Monomial,
    NotShown,
    Store,
    Sum,
    beyond,
)
from derivcheck.engine.work import Meter

#: A product of atoms, summed over indices, times a number.
Item = tuple[Factors, tuple[Index, ...], Any]
Rule = Callable[[Any, Atom, Any, Factors, tuple[Index, ...], Any], list[Item] | None]


#: Kinds of atoms whose value at a literal position is a number.
_OF_PLACES = frozenset({"delta", "position", "before"})


@dataclass(frozen=True, slots=True)
class Total:
    """Summed over all indices at ``slots``, the entries of an array are the number ``value``."""

    slots: tuple[int, ...]
    value: Any


@dataclass(slots=True)
class Constraints:
    """What is known of entries, by the name of the array."""

    finite: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    positive: set[str] = field(default_factory=set)
    nonnegative: set[str] = field(default_factory=set)
    symmetric: set[str] = field(default_factory=set)
    diagonal: set[str] = field(default_factory=set)
    orthogonal: set[str] = field(default_factory=set)
    one_hot: set[str] = field(default_factory=set)
    definite: set[str] = field(default_factory=set)
    regular: set[str] = field(default_factory=set)
    totals: dict[str, list[Total]] = field(default_factory=dict)

    def says_nothing_of(self, name: str) -> bool:
        """Whether nothing is known of an array but what holds around every of its values, too: then derivatives of
        what was made with that are those of what was made without."""
        sets = (self.nonnegative, self.symmetric, self.diagonal, self.orthogonal, self.one_hot, self.definite)
        return not (name in self.finite or name in self.totals or any(name in known for known in sets))


class Algebra:
    """Arithmetic of sums; ``sizes`` of dimensions are known exactly, ``least`` ones from below. What rebuilds an atom
    from changed arguments is given by a subclass."""

    #: One rule a kind of atom: a product that has it, as products that are nearer to canonical (or ``None``).
    rules: ClassVar[Mapping[str, Rule]] = {}

    def __init__(
        self,
        constraints: Constraints,
        sizes: Mapping[str, int],
        meter: Meter,
        least: Mapping[str, int] | None = None,
    ) -> None:
        self.store = Store(meter)
        self.constraints = constraints
        self.sizes = sizes
        self.least = least or {}
        self._products: dict[tuple[Monomial, Monomial], Sum] = {}
        self._renamed: dict[Any, Sum] = {}

    def number(self, value: Any) -> Sum:
        """A rational number."""
        c = value if isinstance(value, fmpq) else fmpq(value.numerator, value.denominator)
        return {self.store.unit: c} if c else {}

    def single(self, atom: Atom, exponent: Exponent = 1) -> Sum:
        """One atom to a power."""
        return self.term({atom: exponent}, (), fmpq(1))

    def add(self, *sums: Sum) -> Sum:
        """The sum of sums."""
        if len(sums) == 2 and not (sums[0] and sums[1]):
            return sums[0] or sums[1]
        out: Sum = {}
        for s in sums:
            join(out, s)
        return out

    def scale(self, s: Sum, by: Any) -> Sum:
        """A sum times a rational number."""
        return {m: c * by for m, c in s.items()} if by else {}

    def subtract(self, a: Sum, b: Sum) -> Sum:
        """The difference of two sums."""
        return self.add(a, self.scale(b, fmpq(-1)))

    def multiply(self, a: Sum, b: Sum) -> Sum:
        """The product of two sums."""
        unit = self.store.unit
        for one, other in ((a, b), (b, a)):
            if len(one) == 1 and unit in one:
                return self.scale(other, one[unit])
        out: Sum = {}
        self.store.meter.spend(len(a) * len(b))
        for m, c in a.items():
            for n, d in b.items():
                join(out, self._times(m, n), c * d)
        return out

    def product(self, sums: Iterable[Sum]) -> Sum:
        """The product of several sums."""
        out = self.number(1)
        for s in sums:
            out = self.multiply(out, s)
        return out

    def natural_power(self, s: Sum, exponent: int) -> Sum:
        """A sum to a power 0, 1, 2, …"""
        if exponent > 64:
            raise NotShown("a power that is too high to be multiplied out")
        out = self.number(1)
        for _ in range(exponent):
            out = self.multiply(out, s)
        return out

    def _times(self, m: Monomial, n: Monomial) -> Sum:
        if m.digest > n.digest:
            m, n = n, m
        found = self._products.get((m, n))
        if found is None:
            start = beyond((*m.free, *n.free))
            left, first = self.store.opened(m, start)
            right, second = self.store.opened(n, start + len(first))
            found = self._products[m, n] = self.term(merged(left, right.items()), (*first, *second), fmpq(1))
        return found

    def total(self, s: Sum, over: Sequence[Index]) -> Sum:
        """A sum over indices, which are free in ``s`` and temporary."""
        if not over:
            return s
        out: Sum = {}
        for m, c in s.items():
            factors, bound = self.store.opened(m, beyond((*m.free, *over)))
            join(out, self.term(factors, (*bound, *over), c))
        return out

    def again(self, s: Sum) -> Sum:
        """A sum, reduced by what has been learnt since it was made."""
        out: Sum = {}
        for m, c in s.items():
            factors, bound = self.store.opened(m, beyond(m.free))
            join(out, self.term(factors, bound, c))
        return out

    def renamed(self, s: Sum, renaming: Mapping[Index, Index]) -> Sum:
        """A sum with other free indices, of which several may become the same."""
        out: Sum = {}
        for m, c in s.items():
            used = tuple(sorted((i, renaming[i]) for i in m.free if renaming.get(i, i) != i))
            if not used:
                join(out, {m: c})
                continue
            key = (m, used)
            found = self._renamed.get(key)
            if found is None:
                factors, bound = self.store.opened(m, beyond((*m.free, *(j for _, j in used))))
                found = {}
                for f, b, k in self._rename_items(factors, bound, fmpq(1), dict(used)):
                    join(found, self.term(f, b, k))
                self._renamed[key] = found
            join(out, found, c)
        return out

    def _rename_items(
        self, factors: Factors, bound: tuple[Index, ...], c: Any, renaming: Mapping[Index, Index]
    ) -> list[Item]:
        """A product under a renaming of its free indices, as products that are still to be reduced."""
        plain: Factors = {}
        rest: list[Sum] = []
        for atom, e in factors.items():
            if not any(i in renaming for i in atom.free):
                put(plain, atom, e)
            elif self._structural(atom, renaming):
                put(plain, self.store.rename_atom(atom, renaming), e)
            else:
                rest.append(self.rebuilt(atom, e, lambda s: self.renamed(s, renaming), renaming))
        return self.spread(plain, bound, c, rest)

    def _structural(self, atom: Atom, renaming: Mapping[Index, Index]) -> bool:
        """Whether a renaming only changes names in an atom."""
        if atom.name in self.constraints.diagonal:
            return False
        targets = [renaming.get(i, i) for i in atom.free]
        if len(set(targets)) < len(targets):
            return False
        return not (atom.arguments or atom.kind in _OF_PLACES) or not any(j[1] == "=" for j in targets)

    def spread(self, factors: Factors, bound: tuple[Index, ...], c: Any, sums: Sequence[Sum]) -> list[Item]:
        """A product of atoms and of whole sums, as products that are still to be reduced."""
        if not sums:
            return [(factors, bound, c)]
        product = self.product(sums)
        start = beyond((*bound, *(i for a in factors for i in a.free), *(i for m in product for i in m.free)))
        items: list[Item] = []
        for m, k in product.items():
            more, inner = self.store.opened(m, start)
            items.append((merged(factors, more.items()), (*bound, *inner), c * k))
        return items

    def rebuilt(
        self, atom: Atom, exponent: Exponent, inside: Callable[[Sum], Sum], renaming: Mapping[Index, Index]
    ) -> Sum:
        """A power of an atom whose arguments and indices have changed."""
        raise NotImplementedError

    def term(self, factors: Factors, bound: tuple[Index, ...], c: Any) -> Sum:
        """The canonical sum of a product of atoms, summed over ``bound`` (temporary names)."""
        work: list[Item] = [(factors, bound, c)]
        out: Sum = {}
        while work:
            f, b, k = work.pop()
            self.store.meter.spend(1 + len(f))
            more = self._step(f, b, k)
            if more is None:
                m = self.store.canonical(f, b)
                value = out.get(m, 0) + k
                if value:
                    out[m] = value
                else:
                    out.pop(m, None)
            else:
                work.extend(more)
        return out

    def _step(self, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        active = [a for a in f if a.kind in self.rules]
        if len(active) > 1:
            active.sort(key=lambda a: a.digest)
        for atom in active:
            more = self.rules[atom.kind](self, atom, f[atom], f, b, c)
            if more is not None:
                return more
        for index in b:
            if not any(index in a.free for a in f):
                return self.spread(f, tuple(i for i in b if i != index), c, [self.size(index[0])])
        return None

    def size(self, dim: str) -> Sum:
        """The size of a dimension: a symbol, or a number if it is known."""
        if dim.isdigit():
            return self.number(int(dim))
        if dim in self.sizes:
            return self.number(self.sizes[dim])
        return {self.store.monomial(((self.store.atom("size", dim), 1),), ()): fmpq(1)}


def join(out: Sum, s: Sum, by: Any = None) -> None:
    """Add a sum, times a number, to one that is being made."""
    for m, c in s.items():
        value = c if by is None else c * by
        if m in out:
            value = out[m] + value
            if not value:
                del out[m]
                continue
        out[m] = value


def put(factors: Factors, atom: Atom, e: Exponent) -> None:
    """Multiply a product that is being made by a power of an atom."""
    total = factors.get(atom, 0) + e
    if total == 0:
        factors.pop(atom, None)
    else:
        factors[atom] = total.numerator if isinstance(total, Fraction) and total.denominator == 1 else total


def merged(factors: Factors, more: Iterable[tuple[Atom, Exponent]]) -> Factors:
    """A product times powers of atoms."""
    out = dict(factors)
    for atom, e in more:
        put(out, atom, e)
    return out
