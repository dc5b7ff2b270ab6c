"""Owns the relations of single kinds of atoms: what a product becomes that has one.

A Kronecker delta replaces an index; ``sign(u)**2 = 1``; a power of a sum that stands beside the leading term of that
sum takes it up (``t*R(t + s) = 1 - s*R(t + s)``, also summed over an index: ``sum_j e_j*R(sum_j e_j) = 1``); an
inverse times its matrix is the identity; entries of finite domains, of one-hot and orthogonal arrays, and of arrays
whose sums are known. Each holds for every size, at every point where the atoms have values.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import permutations
from typing import Any

from flint import fmpq

from derivcheck.engine.indexed.algebra import Algebra, Item, merged
from derivcheck.engine.indexed.terms import (
    UNITS,
    Argument,
    Atom,
    Exponent,
    Factors,
    Index,
    Monomial,
    beyond,
)


class Rules(Algebra):
    """The algebra with its relations."""

    def is_off(self, atom: Atom, factors: Factors, bound: tuple[Index, ...]) -> bool:
        """Whether a product is 0 where ``atom``, a condition u = 0, is met."""
        raise NotImplementedError

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
            return [(merged(g, [(atom, 1)]), d, k) for g, d, k in items]
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
            less = merged(f, [(atom, -1)])
            return self._others(base, less, b, c, every=True)
        if e > 0:
            return None
        assert base.lead is not None
        found = self.divided(f, b, base.lead)
        if found is not None:
            rest, left = found
            k = c / base.terms[base.lead]
            return [(merged(rest, [(atom, 1)]), left, k), *self._others(base, rest, left, -k)]
        trailing = self._trailing(base, f)
        if trailing is None:
            return None
        found = self.divided(f, b, trailing)
        if found is None:
            return None
        rest, left = found
        k = c / base.terms[trailing]
        return [(merged(rest, [(atom, 1)]), left, k), *self._others(base, rest, left, -k, but=trailing)]

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
                items.append((merged(f, more.items()), (*b, *inner), c * k))
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
        return [(merged(f, [(atom, -whole)]), b, c * fmpq(int(atom.name)) ** whole)]

    def _sine(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        if atom.name != "sin" or e < 2:
            return None
        cosine = self.store.atom("function", "cos", (), atom.arguments)
        less = merged(f, [(atom, -2)])
        return [(less, b, c), (merged(less, [(cosine, 2)]), b, -c)]

    def _inverse(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``sum_k inverse[i, k]*M[k, j]`` is the delta of i and j."""
        if e < 1:
            return None
        body, (row, column) = atom.arguments[0], atom.binds
        terms = [m for m in body.terms if all(a.kind != "delta" for a, _ in m.factors)]
        if not terms:
            return None
        top = max(terms, key=lambda m: (sum(e for _, e in m.factors), not m.bound, m.pattern, m.digest))
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
                lead = self.store.rename_monomial(top, names)
                found = self.divided(merged(f, [(atom, -1)]), b, lead)
                if found is None or any(k in a.free for a in found[0]):
                    continue
                rest, left = found
                identity = self.store.atom("delta", "", tuple(sorted((other, j))))
                scale = c / body.terms[top]
                first = (merged(rest, [(identity, 1)]), tuple(i for i in left if i != k), scale)
                renamed = self.store.argument(self.store.rename_terms(body.terms, names))
                more = self._others(renamed, merged(rest, [(atom, 1)]), left, -scale, but=lead)
                return [first, *more]
        return None

    def _determinant(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """Beside a determinant an inverse becomes an adjugate, and divided by one an adjugate an inverse; of an
        orthogonal matrix it is 1 or -1."""
        body = atom.arguments[0]
        if e not in (0, 1) and isinstance(e, int) and self._is_orthogonal(body):
            return [(merged(f, [(atom, e % 2 - e)]), b, c)]
        if not isinstance(e, int) or atom.name or self.is_never_singular(atom):
            return None
        before, after, step = ("inverse", "adjugate", -1) if e > 0 else ("adjugate", "inverse", 1)
        for other, x in f.items():
            if other.kind.endswith(before) and other.arguments == atom.arguments and x > 0:
                kind = other.kind.replace(before, after)
                made = self.store.atom(kind, "", other.indices, other.arguments, other.binds)
                return [(merged(f, [(atom, step), (other, -1), (made, 1)]), b, c)]
        return None

    def is_never_singular(self, atom: Atom) -> bool:
        """Whether the matrix of an atom has an inverse wherever it has a value."""
        raise NotImplementedError

    def _is_orthogonal(self, body: Argument) -> bool:
        (m, *others) = body.terms
        one = not others and len(m.factors) == 1 and m.factors[0][1] == 1 and body.terms[m] == 1
        return one and m.factors[0][0].kind == "entry" and m.factors[0][0].name in self.constraints.orthogonal

    def _product(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``(-1)**n`` to a power."""
        if e in (0, 1) or not isinstance(e, int) or atom.arguments[0].terms != self.number(-1):
            return None
        return [(merged(f, [(atom, e % 2 - e)]), b, c)]

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
                    return [(merged({a: x for a, x in f.items() if a is not other}, deltas), b, c)]
        if atom.name in known.orthogonal:
            return self._orthogonal(atom, e, f, b, c)
        for rule in known.totals.get(atom.name, ()):
            places = [atom.indices[s] for s in rule.slots]
            if e == 1 and all(
                i in b and atom.indices.count(i) == 1 and not any(i in a.free for a in f if a is not atom)
                for i in places
            ):
                rest = {a: x for a, x in f.items() if a is not atom}
                return self.spread(rest, tuple(i for i in b if i not in places), c, [self.number(rule.value)])
        return None

    def _finite(self, atom: Atom, e: int, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item]:
        """The highest powers by the lower ones: the product of all (y - v) is 0."""
        values = self.constraints.finite[atom.name]
        monic = [fmpq(1)]  # coefficients of the product of (y - v), highest first
        for v in values:
            monic = [x - v * y for x, y in zip([*monic, fmpq(0)], [fmpq(0), *monic], strict=True)]
        top = len(values)
        return [
            (merged({a: x for a, x in f.items() if a is not atom}, [(atom, e - k)]), b, -c * monic[k])
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
            return [(merged(rest, [(self.store.atom("delta", "", pair), 1)]), tuple(i for i in b if i != k), c)]
        return None


def _without(f: Factors, parts: Iterable[tuple[Atom, Exponent]]) -> Factors | None:
    """Factors without some that are among them; sizes may always be divided by."""
    parts = list(parts)
    strict = [p for p in parts if p[0].kind not in UNITS] or parts
    for a, e in strict:
        have = f.get(a, 0)
        if (have < e) if e > 0 else (have > e):
            return None
    return merged(f, [(a, -e) for a, e in parts])


Rules.rules = {
    "delta": Rules._delta,
    "sign": Rules._sign,
    "zero": Rules._zero,
    "power": Rules._power,
    "prime": Rules._prime,
    "function": Rules._sine,
    "inverse": Rules._inverse,
    "symmetric inverse": Rules._inverse,
    "determinant": Rules._determinant,
    "product": Rules._product,
    "entry": Rules._entry,
    "symmetric": Rules._entry,
}
