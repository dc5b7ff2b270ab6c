"""Owns reciprocals and signs in the tower: 1/p for irreducible p, sign(p), and cases by the signs of an argument.

- 1/p for irreducible p: q with p q = 1. The tower remembers p: where p may be 0, the caller has to decide.
- sign(p) for irreducible p: s with s**3 = s and p s**2 = p; s**2 = 1 once p is known not to be 0.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import fmpq

from derivcheck.engine.lattice import Lattice
from derivcheck.engine.ring import Generator, Monomial, Poly, PolyKey, Ring
from derivcheck.engine.work import OverBudget

#: How many generators of signs are split into cases in the argument of one function.
MOST_CASES = 3


class Undefined(Exception):
    """The element has no value anywhere (the message says why)."""


class Signs:
    """The state of a tower, with reciprocals and signs of its elements.

    ``denominators`` are hints from earlier attempts; ``by_cases`` splits arguments of functions by the signs in
    them (needed for ``exp(abs(x))``, wasteful for networks).
    """

    def __init__(self, ring: Ring, denominators: dict[Any, int], *, by_cases: bool) -> None:
        self.ring = ring
        self.denominators = denominators
        self.by_cases = by_cases
        self.by_key: dict[Any, Generator] = {}
        self.nonzero: set[PolyKey] = set()
        self.suspects: dict[PolyKey, Poly] = {}
        self._definite: dict[PolyKey, int] = {}
        self._reach: dict[int, set[int]] = {}  # of an inverse, by its place: the places in its denominator
        self._exponents = Lattice("exp", ring, denominators)
        self._angles = Lattice("angle", ring, denominators)

    # -- reciprocals ----------------------------------------------------------------------------------------------

    def numerator(self, a: Poly) -> tuple[Poly, list[tuple[Poly, int]]]:
        """``a`` as a numerator free of reciprocals over a product of powers of irreducible polynomials."""
        ring = self.ring
        below: list[tuple[Poly, int]] = []
        for _ in range(24):
            inverses = ring.occurring(a, "inverse")
            if not inverses:
                return a, below
            degrees = a.degrees()
            groups: dict[tuple[int, ...], dict[Monomial, Any]] = {}
            places = [g.place for g in inverses]
            for monomial, c in ring.sparse(a).items():
                exponents = dict(monomial)
                group = tuple(exponents.get(i, 0) for i in places)
                rest = tuple((i, e) for i, e in monomial if i not in places)
                groups.setdefault(group, {})[rest] = c
            total = ring.zero
            for group, terms in groups.items():
                term = ring.dense(terms)
                for g, e in zip(inverses, group, strict=True):
                    missing = degrees[g.place] - e
                    for _ in range(missing):
                        ring.charge(term, g.poly)
                        term = term * g.poly
                total += term
            a = ring.reduce(total)
            below += [(g.poly, degrees[g.place]) for g in inverses]
        raise OverBudget

    def inverse(self, a: Poly) -> Poly:
        """``1/a``.

        Raises:
            Undefined: ``a`` is identically zero.
        """
        return self._cases(self._inverse, a)

    def _inverse(self, a: Poly) -> Poly:
        top, below = self.numerator(a)
        if top.is_zero():
            raise Undefined("a division by an expression that is zero everywhere")
        content, factors = self._factored(a, top)
        result = self.ring.constant(1 / fmpq(content))
        for p, e in factors:
            result = self.ring.mul(result, self.ring.power(self._reciprocal(p), e))
        for p, e in below:
            result = self.ring.mul(result, self.ring.power(p, e))
        return result

    def _factored(self, a: Poly, top: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        """The factors of ``top``, the numerator of ``a``: none is 0 anywhere if the whole certainly is not, as
        1 + e**3 is not, though its factor 1 - e + e**2 does not show it."""
        content, factors = self.ring.factor(top)
        if len(factors) > 1 and (self.definite(top) or self.definite(a)):
            for p, _ in factors:
                self._set_nonzero(p)
        return content, factors

    def _reciprocal(self, p: Poly) -> Poly:
        """1/p for an irreducible p."""
        ring = self.ring
        g = ring.generator_of(p)
        if g is not None and g.kind == "root":  # 1/r = r**(d-1) sign(p) / p
            rest = ring.mul(self.sign_of(g.poly), self.inverse(g.poly))
            return ring.mul(g.raw ** (g.degree - 1), rest)
        if g is not None and g.kind == "sign":
            self.suspects[ring.key(g.poly)] = g.poly
            return g.raw
        key = ring.key(p)
        self.suspects[key] = p
        found = self.by_key.get(("inverse", key))
        if found is None:
            found = ring.new("inverse", p)
            bound = ring.minimum(p)
            if bound is not None and bound[0] >= 0:
                found.low, found.strict_low = fmpq(0), True
                if bound[0] > 0:
                    found.high, found.strict_high = 1 / bound[0], bound[1]
            self.by_key["inverse", key] = found
            ring.add_rule(p * found.raw - 1)
            self._split_products(found)
        return found.raw

    def _split_products(self, new: Generator) -> None:
        """Products of reciprocals as sums, as partial fractions have it: from p = s q + c with a rational c follows
        c/(p q) = 1/q - s/p. It is what the two relations have in common, and is not found by rewriting with them."""
        ring = self.ring
        used = self._reach[new.place] = {i for i, e in enumerate(new.poly.degrees()) if e}
        for old in [g for g in ring.generators if g.kind == "inverse" and g is not new]:
            reach = self._reach.get(old.place, set())
            for p, q, inside in ((new, old, reach <= used), (old, new, used <= reach)):
                if not inside:
                    continue
                s, c = divmod(p.poly, q.poly)
                if not c.is_constant() or c.is_zero():
                    continue
                relation = c * p.raw * q.raw - q.raw + s * p.raw
                leading = relation.monoms()[0]
                if sum(leading) == 2 and leading[p.place] == leading[q.place] == 1:
                    ring.add_rule(relation)
                break

    # -- signs ----------------------------------------------------------------------------------------------------

    def definite(self, p: Poly, key: PolyKey | None = None) -> int:
        """1 or -1 if ``p`` certainly has that sign wherever it has a value, else 0."""
        key = self.ring.key(p) if key is None else key
        known = self._definite.get(key)
        if known is None:
            known = 0
            for sign in (1, -1):
                bound = self.ring.minimum(p * sign)
                if bound is not None and (bound[0] > 0 or (bound[0] == 0 and bound[1])):
                    known = sign
                    break
            self._definite[key] = known
        return known

    def is_nonzero(self, p: Poly) -> bool:
        """Whether an irreducible ``p`` is known not to be 0 wherever the claim is defined."""
        g = self.ring.generator_of(p)
        if g is not None and g.kind in ("root", "sign"):
            return all(self.is_nonzero(f) for f, _ in self.ring.factor(g.poly)[1])
        key = self.ring.key(p)
        return key in self.nonzero or self.definite(p, key) != 0

    def sign_of(self, p: Poly) -> Poly:
        """The sign of an irreducible primitive polynomial, or of a positive number."""
        ring = self.ring
        if p.is_constant():
            return ring.one
        g = ring.generator_of(p)
        if g is not None and g.kind == "sign":
            return g.raw
        key = ring.key(p)
        definite = self.definite(p, key)
        if definite:
            return ring.constant(definite)
        if g is not None and g.kind == "root":
            sign = self.sign_of(g.poly)
            return ring.mul(sign, sign)
        found = self.by_key.get(("sign", key))
        if found is None:
            found = ring.new("sign", p, low=fmpq(-1), high=fmpq(1))
            self.by_key["sign", key] = found
            if key in self.nonzero:
                ring.add_rule(found.raw**2 - 1)
            else:
                ring.add_rule(found.raw**3 - found.raw)
                ring.add_rule(p * found.raw**2 - p)
        return found.raw

    def sign(self, a: Poly) -> Poly:
        """The sign of an element: -1, 0 or 1."""
        return self._cases(self._sign, a)

    def _sign(self, a: Poly) -> Poly:
        top, below = self.numerator(a)
        if top.is_zero():
            return self.ring.zero
        definite = self.definite(a)
        if definite:
            return self.ring.constant(definite)
        content, factors = self.ring.factor(top)
        result = self.ring.constant(1 if content > 0 else -1)
        for p, e in factors:
            sign = self.sign_of(p)
            result = self.ring.mul(result, sign if e % 2 else self.ring.mul(sign, sign))
        for p, e in below:
            if e % 2:
                result = self.ring.mul(result, self.sign_of(p))
        return result

    def _set_nonzero(self, p: Poly) -> None:
        g = self.ring.generator_of(p)
        if g is not None and g.kind in ("root", "sign"):
            for f, _ in self.ring.factor(g.poly)[1]:
                self._set_nonzero(f)
            return
        key = self.ring.key(p)
        if key not in self.nonzero:
            self.nonzero.add(key)
            self._exclude_signs(p)
            found = self.by_key.get(("sign", key))
            if found is not None:
                self.ring.add_rule(found.raw**2 - 1)

    def _exclude_signs(self, p: Poly) -> None:
        """A polynomial in one sign that is not 0 leaves only some values of it: dividing by (s + 1)/2 leaves 1."""
        signs = self.ring.occurring(p, "sign")
        if len(signs) != 1 or any(i != signs[0].place for m in self.ring.sparse(p) for i, _ in m):
            return
        s = signs[0]
        possible = (1, -1) if self.is_nonzero(s.poly) else (1, -1, 0)
        left = [v for v in possible if not self.ring.substitute(p, s, v).is_zero()]
        if 0 not in left and 0 in possible:
            self._set_nonzero(s.poly)
        if len(left) == 1:
            self.ring.add_rule(s.raw - left[0])

    def _cases(self, function: Callable[[Poly], Poly], a: Poly) -> Poly:
        """``function(a)``, by cases of the signs in ``a`` where that is asked for and they are few."""
        signs = self.ring.occurring(a, "sign") if self.by_cases else []
        if not signs or len(signs) > MOST_CASES:
            return function(a)
        s = signs[-1]
        ring = self.ring
        above = self._one_case(function, ring.substitute(a, s, 1))
        below = self._one_case(function, ring.substitute(a, s, -1))
        square = ring.reduce(s.raw**2)
        result = ring.mul(above, (square + s.raw) / 2) + ring.mul(below, (square - s.raw) / 2)
        if square != 1:
            at_zero = ring.substitute(a, s, 0) % s.poly  # where s is 0, so is its polynomial
            result += ring.mul(self._one_case(function, ring.reduce(at_zero)), 1 - square)
        return ring.reduce(result)

    def _one_case(self, function: Callable[[Poly], Poly], a: Poly) -> Poly:
        """One case; where it has no value, any will do: the whole has none there, or does not use it."""
        try:
            return self._cases(function, a)
        except Undefined:
            return self.ring.zero
