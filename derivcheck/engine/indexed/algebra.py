"""Owns sums and products of index forms: how a product of atoms becomes a canonical sum, by relations that hold for
every size at every point where the atoms have values.

The relations, one rule a kind of atom: a Kronecker delta replaces an index; ``sign(u)**2 = 1``; a power of a sum that
stands beside the leading term of that sum takes it up (``t*R(t + s) = 1 - s*R(t + s)``, also summed over an index:
``sum_j e_j*R(sum_j e_j) = 1``); an inverse times its matrix is the identity; entries of finite domains, one-hot,
orthogonal arrays, and those whose sums are known; a sum over an index that nothing depends on is the size.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations
from typing import Any

from flint import fmpq

from derivcheck.engine.indexed.terms import (
    UNITS,
    Argument,
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

Item = tuple[Factors, tuple[Index, ...], Any]


@dataclass(frozen=True, slots=True)
class Total:
    """Summed over all indices at ``slots``, the entries of an array are ``value``."""

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
    totals: dict[str, list[Total]] = field(default_factory=dict)


class Algebra:
    """Arithmetic of sums. What rebuilds an atom from changed arguments is given by a subclass."""

    def __init__(self, constraints: Constraints, sizes: Mapping[str, int], meter: Meter) -> None:
        self.store = Store(meter)
        self.constraints = constraints
        self.sizes = sizes
        self._products: dict[tuple[Monomial, Monomial], Sum] = {}
        self._renamed: dict[Any, Sum] = {}

    # -- sums -------------------------------------------------------------------------------------------------------

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
            _join(out, s)
        return out

    def scale(self, s: Sum, by: Any) -> Sum:
        """A sum times a rational number."""
        return {m: c * by for m, c in s.items()} if by else {}

    def subtract(self, a: Sum, b: Sum) -> Sum:
        """The difference of two sums."""
        return self.add(a, self.scale(b, fmpq(-1)))

    # -- products ---------------------------------------------------------------------------------------------------

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
                _join(out, self._times(m, n), c * d)
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
            found = self._products[m, n] = self.term(_merged(left, right.items()), (*first, *second), fmpq(1))
        return found

    def total(self, s: Sum, over: Sequence[Index]) -> Sum:
        """A sum over indices, which are free in ``s`` and temporary."""
        if not over:
            return s
        out: Sum = {}
        for m, c in s.items():
            factors, bound = self.store.opened(m, beyond((*m.free, *over)))
            _join(out, self.term(factors, (*bound, *over), c))
        return out

    def renamed(self, s: Sum, renaming: Mapping[Index, Index]) -> Sum:
        """A sum with other free indices, of which several may become the same."""
        out: Sum = {}
        for m, c in s.items():
            used = tuple(sorted((i, renaming[i]) for i in m.free if renaming.get(i, i) != i))
            if not used:
                _join(out, {m: c})
                continue
            key = (m, used)
            found = self._renamed.get(key)
            if found is None:
                factors, bound = self.store.opened(m, beyond((*m.free, *(j for _, j in used))))
                found = {}
                for f, b, k in self._rename_items(factors, bound, fmpq(1), dict(used)):
                    _join(found, self.term(f, b, k))
                self._renamed[key] = found
            _join(out, found, c)
        return out

    def _rename_items(
        self, factors: Factors, bound: tuple[Index, ...], c: Any, renaming: Mapping[Index, Index]
    ) -> list[Item]:
        """A product under a renaming of its free indices, as products that are still to be reduced."""
        plain: Factors = {}
        rest: list[Sum] = []
        for atom, e in factors.items():
            if not any(i in renaming for i in atom.free):
                _put(plain, atom, e)
            elif self._structural(atom, renaming):
                _put(plain, self.store.rename_atom(atom, renaming), e)
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
        return not (atom.arguments or atom.kind == "delta") or not any(j[1] == "=" for j in targets)

    def spread(self, factors: Factors, bound: tuple[Index, ...], c: Any, sums: Sequence[Sum]) -> list[Item]:
        """A product of atoms and of whole sums, as products that are still to be reduced."""
        if not sums:
            return [(factors, bound, c)]
        product = self.product(sums)
        start = beyond((*bound, *(i for a in factors for i in a.free), *(i for m in product for i in m.free)))
        items: list[Item] = []
        for m, k in product.items():
            more, inner = self.store.opened(m, start)
            items.append((_merged(factors, more.items()), (*bound, *inner), c * k))
        return items

    def rebuilt(
        self, atom: Atom, exponent: Exponent, inside: Callable[[Sum], Sum], renaming: Mapping[Index, Index]
    ) -> Sum:
        """A power of an atom whose arguments and indices have changed."""
        raise NotImplementedError

    def is_off(self, atom: Atom, factors: Factors, bound: tuple[Index, ...]) -> bool:
        """Whether a product is 0 where ``atom``, a condition u = 0, is met."""
        raise NotImplementedError

    # -- reduction of one product -----------------------------------------------------------------------------------

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
        active = [a for a in f if a.kind in _RULES]
        if len(active) > 1:
            active.sort(key=lambda a: a.digest)
        for atom in active:
            more = _RULES[atom.kind](self, atom, f[atom], f, b, c)
            if more is not None:
                return more
        for index in b:
            if not any(index in a.free for a in f):
                sized = self.spread(f, tuple(i for i in b if i != index), c, [self.size(index[0])])
                return sized
        return None

    def size(self, dim: str) -> Sum:
        """The size of a dimension: a symbol, or a number if it is known."""
        if dim.isdigit():
            return self.number(int(dim))
        if dim in self.sizes:
            return self.number(self.sizes[dim])
        return {self.store.monomial(((self.store.atom("size", dim), 1),), ()): fmpq(1)}

    def _delta(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        i, j = atom.indices
        rest = {a: x for a, x in f.items() if a is not atom}
        if i == j:
            return [(rest, b, c)]
        if i[1] == j[1] == "=":
            return []
        for out, into in ((i, j), (j, i)):
            if out in b:
                left = tuple(x for x in b if x != out)
                return self._rename_items(rest, left, c, {out: into})
        out, into = (i, j) if j[1] == "=" else (j, i)  # in order, and a literal position stays
        if any(out in a.free for a in rest):
            items = self._rename_items(rest, b, c, {out: into})
            return [(_merged(g, [(atom, 1)]), d, k) for g, d, k in items]
        return None if e == 1 else [({**rest, atom: 1}, b, c)]

    def _sign(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        if e in (0, 1):
            return None
        return [({a: x for a, x in f.items() if a is not atom} | ({atom: 1} if e % 2 else {}), b, c)]

    def _zero(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``[u = 0]`` is 0 or 1, and makes u 0."""
        if e != 1:
            return [({**f, atom: 1}, b, c)]
        u = atom.arguments[0]
        for other, x in f.items():
            if other.arguments == atom.arguments:
                if other.kind == "sign":
                    return [({a: y for a, y in f.items() if a is not other}, b, c)]
                if other.kind == "power" and x < 0:
                    return []
        if self.is_off(atom, f, b):
            return []
        assert u.lead is not None
        found = self.divided(f, b, u.lead)
        if found is None:
            return None
        return self._others(u, found[0], found[1], -c / u.terms[u.lead])

    def _power(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        base = atom.arguments[0]
        if e >= 1:
            less = _merged(f, [(atom, -1)])
            return self._others(base, less, b, c, every=True)
        if e > 0:
            return None
        assert base.lead is not None
        found = self.divided(f, b, base.lead)
        if found is not None:
            rest, left = found
            k = c / base.terms[base.lead]
            return [(_merged(rest, [(atom, 1)]), left, k), *self._others(base, rest, left, -k)]
        trailing = self._trailing(base, f)
        if trailing is None:
            return None
        found = self.divided(f, b, trailing)
        if found is None:
            return None
        rest, left = found
        k = c / base.terms[trailing]
        return [(_merged(rest, [(atom, 1)]), left, k), *self._others(base, rest, left, -k, but=trailing)]

    def _trailing(self, base: Argument, f: Factors) -> Monomial | None:
        """The one term of a sum without an atom that the product is divided by and the leading term has."""
        assert base.lead is not None
        for atom, e in base.lead.factors:
            if e > 0 and f.get(atom, 0) < 0 and atom.kind not in UNITS:
                without = [m for m in base.terms if all(a is not atom for a, _ in m.factors)]
                if len(without) == 1 and not without[0].bound:
                    return without[0]
        return None

    def _others(
        self,
        base: Argument,
        f: Factors,
        b: tuple[Index, ...],
        c: Any,
        *,
        every: bool = False,
        but: Monomial | None = None,
    ) -> list[Item]:
        """A product times the terms of a sum: all of them, or all but one (the leading one)."""
        but = base.lead if but is None else but
        start = beyond((*b, *base.free, *(i for a in f for i in a.free)))
        items: list[Item] = []
        for m, k in base.terms.items():
            if every or m is not but:
                more, inner = self.store.opened(m, start)
                items.append((_merged(f, more.items()), (*b, *inner), c * k))
        self.store.meter.spend(len(items) * len(f))
        return items

    def divided(self, f: Factors, b: tuple[Index, ...], by: Monomial) -> tuple[Factors, tuple[Index, ...]] | None:
        """A product divided by a monomial, if that is a part of it (sums included); else ``None``."""
        if not by.factors:
            return f, b
        if not by.bound:
            rest = _without(f, by.factors)
            return None if rest is None else (rest, b)
        kinds = {a.kind for a in f}
        if any(a.kind not in kinds and a.kind not in UNITS for a, _ in by.factors):
            return None
        if len(by.bound) > len(b) or len(by.bound) > 3:
            return None
        for chosen in permutations(b, len(by.bound)):
            if any(i[0] != j[0] for i, j in zip(by.bound, chosen, strict=True)):
                continue
            self.store.meter.spend(4)
            names = dict(zip(by.bound, chosen, strict=True))
            rest = _without(f, [(self.store.rename_atom(a, names), e) for a, e in by.factors])
            if rest is not None and not any(i in a.free for a in rest for i in chosen):
                return rest, tuple(i for i in b if i not in chosen)
        return None

    def _prime(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        whole = e.numerator // e.denominator
        if whole == 0:
            return None
        return [(_merged(f, [(atom, -whole)]), b, c * fmpq(int(atom.name)) ** whole)]

    def _sine(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        if atom.name != "sin" or e < 2:
            return None
        cosine = self.store.atom("function", "cos", (), atom.arguments)
        less = _merged(f, [(atom, -2)])
        return [(less, b, c), (_merged(less, [(cosine, 2)]), b, -c)]

    def _inverse(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``sum_k inverse[i, k]*M[k, j]`` is the delta of i and j."""
        if e < 1:
            return None
        body, (row, column) = atom.arguments[0], atom.binds
        assert body.lead is not None
        outside = sorted({i for a in f for i in a.free if i[0] == row[0]})
        for slot, place in ((1, row), (0, column)):
            k, other = atom.indices[slot], atom.indices[1 - slot]
            if k not in b or k == other:
                continue
            for j in outside:
                self.store.meter.spend(4)
                names = {place: k, (column if place is row else row): j}
                if j == k:
                    continue
                lead = self.store.rename_monomial(body.lead, names)
                found = self.divided(_merged(f, [(atom, -1)]), b, lead)
                if found is None or any(k in a.free for a in found[0]):
                    continue
                rest, left = found
                identity = self.store.atom("delta", "", tuple(sorted((other, j))))
                scale = c / body.terms[body.lead]
                first = (_merged(rest, [(identity, 1)]), tuple(i for i in left if i != k), scale)
                renamed = self.store.argument(self.store.rename_terms(body.terms, names))
                more = self._others(renamed, _merged(rest, [(atom, 1)]), left, -scale, but=lead)
                return [first, *more]
        return None

    # -- entries of constrained arrays ------------------------------------------------------------------------------

    def _entry(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        known = self.constraints
        if atom.name in known.finite and isinstance(e, int) and e >= len(known.finite[atom.name]):
            return self._finite(atom, e, f, b, c)
        if atom.name in known.one_hot:
            for other in f:
                if other.name == atom.name and other is not atom and other.kind == "entry":
                    deltas = [
                        (self.store.atom("delta", "", tuple(sorted(pair))), 1)
                        for pair in zip(atom.indices, other.indices, strict=True)
                    ]
                    return [(_merged({a: x for a, x in f.items() if a is not other}, deltas), b, c)]
        if atom.name in known.orthogonal:
            return self._orthogonal(atom, e, f, b, c)
        for rule in known.totals.get(atom.name, ()):
            places = [atom.indices[s] for s in rule.slots]
            if e == 1 and all(
                i in b and atom.indices.count(i) == 1 and not any(i in a.free for a in f if a is not atom)
                for i in places
            ):
                rest = {a: x for a, x in f.items() if a is not atom}
                return self.spread(rest, tuple(i for i in b if i not in places), c, [rule.value])
        return None

    def _finite(self, atom: Atom, e: int, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item]:
        """The highest powers by the lower ones: the product of all (y - v) is 0."""
        values = self.constraints.finite[atom.name]
        monic = [fmpq(1)]  # coefficients of the product of (y - v), highest first
        for v in values:
            monic = [x - v * y for x, y in zip([*monic, fmpq(0)], [fmpq(0), *monic], strict=True)]
        top = len(values)
        return [
            (_merged({a: x for a, x in f.items() if a is not atom}, [(atom, e - k)]), b, -c * monic[k])
            for k in range(1, top + 1)
            if monic[k]
        ]

    def _orthogonal(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        for slot in (0, 1):
            k = atom.indices[slot]
            if k not in b or atom.indices[1 - slot] == k:
                continue
            holders = [a for a in f if k in a.free]
            partner = atom if e == 2 else next((a for a in holders if a is not atom), None)
            if len(holders) != (1 if e == 2 else 2) or partner is None or partner.name != atom.name:
                continue
            if partner.kind != "entry" or f[partner] != e or e not in (1, 2) or partner.indices.count(k) != 1:
                continue
            if partner.indices[slot] != k:
                continue
            pair = tuple(sorted((atom.indices[1 - slot], partner.indices[1 - slot])))
            rest = {a: x for a, x in f.items() if a is not atom and a is not partner}
            return [(_merged(rest, [(self.store.atom("delta", "", pair), 1)]), tuple(i for i in b if i != k), c)]
        return None


def _join(out: Sum, s: Sum, by: Any = None) -> None:
    """Add a sum, times a number, to one that is being made."""
    for m, c in s.items():
        value = c if by is None else c * by
        if m in out:
            value = out[m] + value
            if not value:
                del out[m]
                continue
        out[m] = value


def _put(factors: Factors, atom: Atom, e: Exponent) -> None:
    total = factors.get(atom, 0) + e
    if total == 0:
        factors.pop(atom, None)
    else:
        factors[atom] = total.numerator if isinstance(total, Fraction) and total.denominator == 1 else total


def _merged(factors: Factors, more: Iterable[tuple[Atom, Exponent]]) -> Factors:
    out = dict(factors)
    for atom, e in more:
        _put(out, atom, e)
    return out


def _without(f: Factors, parts: Iterable[tuple[Atom, Exponent]]) -> Factors | None:
    """Factors without some that are among them; sizes may always be divided by."""
    parts = list(parts)
    strict = [p for p in parts if p[0].kind not in UNITS] or parts
    for a, e in strict:
        have = f.get(a, 0)
        if (have < e) if e > 0 else (have > e):
            return None
    return _merged(f, [(a, -e) for a, e in parts])


Rule = Callable[[Algebra, Atom, Any, Factors, tuple[Index, ...], Any], list[Item] | None]

_RULES: dict[str, Rule] = {
    "delta": Algebra._delta,
    "sign": Algebra._sign,
    "zero": Algebra._zero,
    "power": Algebra._power,
    "prime": Algebra._prime,
    "function": Algebra._sine,
    "inverse": Algebra._inverse,
    "symmetric inverse": Algebra._inverse,
    "entry": Algebra._entry,
    "symmetric": Algebra._entry,
}
