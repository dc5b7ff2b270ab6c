"""Owns reciprocals and signs in the tower: 1/p for irreducible p, sign(p), and cases by the signs of an argument.

- 1/p for irreducible p: q with p q = 1. The tower remembers p: where p may be 0, the caller has to decide.
- sign(p) for irreducible p: s with s**3 = s and p s**2 = p; s**2 = 1 once p is known not to be 0, s**2 = s where
  p is never negative. A sign that can be had from the signs of simpler polynomials is (``comparisons``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

from flint import fmpq

from derivcheck.engine.lattice import Lattice
from derivcheck.engine.quadratics import square_sum
from derivcheck.engine.ring import Generator, Monomial, Poly, PolyKey, Ring
from derivcheck.engine.work import Meter, OverBudget

#: How many generators of signs are split into cases in the argument of one function.
MOST_CASES = 3

#: Generators whose value is -1, 0 or 1.
_SIGN_LIKE = ("sign", "parity")


def _sign_of_number(c: Any) -> int:
    return int(c > 0) - int(c < 0)


class Undefined(Exception):
    """The element has no value anywhere (the message says why)."""


class Signs(ABC):
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
        self._signs: dict[PolyKey, Poly] = {}
        self._definite: dict[PolyKey, int] = {}
        self._reach: dict[int, set[int]] = {}  # of an inverse, by its place: the places in its denominator
        self._exponents = Lattice("exp", ring, denominators)
        self._angles = Lattice("angle", ring, denominators)

    def forked(self, meter: Meter) -> Self:
        """The same tower, apart: what is made in either, or assumed, says nothing of the other."""
        ring = self.ring.forked(meter)
        other = type(self)(ring, self.denominators, by_cases=self.by_cases)
        other.by_key = {key: ring.by_place[g.place] for key, g in self.by_key.items()}
        other.nonzero = set(self.nonzero)
        other.suspects = dict(self.suspects)
        other._signs = dict(self._signs)
        other._definite = dict(self._definite)
        other._reach = {place: set(reach) for place, reach in self._reach.items()}
        other._exponents = self._exponents.forked(ring)
        other._angles = self._angles.forked(ring)
        return other

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
        return self._cases(self._inverse, a) if self.by_cases else self._inverse(a)

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
                self.set_nonzero(p)
        return content, factors

    def _reciprocal(self, p: Poly) -> Poly:
        """1/p for an irreducible p."""
        ring = self.ring
        g = ring.generator_of(p)
        if g is not None and g.kind == "root":  # 1/r = r**(d-1) sign(p) / p
            rest = ring.mul(self.sign_of(g.poly), self.inverse(g.poly))
            return ring.mul(g.raw ** (g.degree - 1), rest)
        if g is not None and g.kind in _SIGN_LIKE:
            if g.kind == "sign":
                self.suspects[ring.key(g.poly)] = g.poly
            return g.raw
        size = self.size_of_unit(p)
        if size is not None:
            return p / size**2
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
                leading = relation.monomial(0)
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
                if square_sum(self.ring, p * sign) == 1:
                    known = sign
                    break
                bound = self.ring.minimum(p * sign)
                if bound is not None and (bound[0] > 0 or (bound[0] == 0 and bound[1])):
                    known = sign
                    break
            self._definite[key] = known or self.definite_by_roots(p)
        return self._definite[key]

    def forget_indefinite(self) -> None:
        """More is known now: signs that were not definite may be."""
        self._definite = {key: sign for key, sign in self._definite.items() if sign}

    @abstractmethod
    def definite_by_roots(self, p: Poly) -> int:
        """1 or -1 if comparing squares shows that a polynomial with roots in it has that sign, else 0."""

    def is_nonzero(self, p: Poly) -> bool:
        """Whether an irreducible ``p`` is known not to be 0 wherever the claim is defined."""
        g = self.ring.generator_of(p)
        if (g is not None and g.kind == "parity") or self.size_of_unit(p) is not None:
            return True
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
        if g is not None and g.kind in _SIGN_LIKE:
            return g.raw
        key = ring.key(p)
        definite = self.definite(p, key)
        if definite:
            return ring.constant(definite)
        if g is not None and g.kind == "root":
            sign = self.sign_of(g.poly)
            return ring.mul(sign, sign)
        found = self._signs.get(key)
        if found is None:
            found = self.of_signs(p, _sign_of_number)
            found = self.compared(p) if found is None else found
            found = self._new_sign(p, key) if found is None else found
            self._signs[key] = found
            if key in self.nonzero:
                self._exclude_zero(found)
            else:
                self.take_rule(p * ring.mul(found, found) - p)
        return ring.reduce(found)

    @abstractmethod
    def compared(self, p: Poly) -> Poly | None:
        """The sign of an irreducible polynomial through the signs of simpler ones, if there is a rule for that."""

    def _new_sign(self, p: Poly, key: PolyKey) -> Poly:
        """A generator for the sign of ``p``, which nothing is known of but that it is -1, 0 or 1."""
        bound = self.ring.minimum(p)
        low = 0 if (bound is not None and bound[0] >= 0) or square_sum(self.ring, p) is not None else -1
        s = self.ring.new("sign", p, low=fmpq(low), high=fmpq(1), whole=True).raw
        if low == 0:
            self.ring.add_rule(s**2 - s)
        elif key not in self.nonzero:
            self.ring.add_rule(s**3 - s)
        return s

    def of_signs(self, p: Poly, value: Callable[[Any], Any]) -> Poly | None:
        """``value(p)`` of a polynomial in a few signs alone, by their values; ``None`` for any other."""
        generators = self.ring.made_of(p)
        if len(generators) > MOST_CASES or any(g.kind not in _SIGN_LIKE for g in generators):
            return None
        return self._by_value(p, generators, value)

    def _by_value(self, p: Poly, signs: list[Generator], value: Callable[[Any], Any]) -> Poly:
        ring = self.ring
        if not signs or p.is_constant():
            return ring.constant(value(fmpq(0) if p.is_zero() else fmpq(p.leading_coefficient())))
        s, rest = signs[0], signs[1:]
        square = ring.reduce(s.raw**2)
        above, below = (self._by_value(ring.substitute(p, s, v), rest, value) for v in (1, -1))
        result = ring.mul(above, (square + s.raw) / 2) + ring.mul(below, (square - s.raw) / 2)
        if square != 1:
            result += ring.mul(self._by_value(ring.substitute(p, s, 0), rest, value), 1 - square)
        return ring.reduce(result)

    def size_of_unit(self, p: Poly) -> Any | None:
        """The size of a polynomial that is made of signs and has only two values, c and -c: ``None`` for others."""
        by_place = self.ring.by_place
        if not p.is_constant() and all(by_place[i].kind in _SIGN_LIKE for i in self.ring.places(p)):
            square = self.ring.mul(p, p)
            if square.is_constant() and not square.is_zero() and square.leading_coefficient() > 0:
                c = fmpq(square.leading_coefficient())
                return fmpq(c.p.isqrt(), c.q.isqrt())
        return None

    def take_rule(self, relation: Poly) -> None:
        """From now on ``relation`` is 0.

        Raises:
            Undefined: it is a number that is not 0.
        """
        relation = self.ring.reduce(relation)
        if relation.is_zero():
            return
        if relation.is_constant():
            raise Undefined("conditions that never hold together")
        self.ring.add_rule(relation)

    def _exclude_zero(self, sign: Poly) -> None:
        """Take in that a sign, of whatever form, is not 0."""
        if len(sign) == 1:
            for s in self.ring.made_of(sign):
                if s.kind == "sign":
                    self.set_nonzero(s.poly)
        self.take_rule(sign**2 - 1)

    def sign(self, a: Poly) -> Poly:
        """The sign of an element: -1, 0 or 1."""
        return self._cases(self._sign, a) if self.by_cases else self._sign(a)

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

    def set_nonzero(self, p: Poly) -> None:
        """Take in that ``p`` is not 0 wherever the claim is judged."""
        g = self.ring.generator_of(p)
        if g is not None and g.kind in ("root", "sign"):
            for f, _ in self.ring.factor(g.poly)[1]:
                self.set_nonzero(f)
            return
        key = self.ring.key(p)
        if key not in self.nonzero:
            self.nonzero.add(key)
            self._exclude_signs(p)
            found = self._signs.get(key)
            if found is not None:
                self._exclude_zero(found)

    def _exclude_signs(self, p: Poly) -> None:
        """A polynomial in one sign that is not 0 leaves only some values of it: dividing by (s + 1)/2 leaves 1."""
        signs = self.ring.occurring(p, "sign")
        if len(signs) != 1 or any(i != signs[0].place for m in self.ring.sparse(p) for i, _ in m):
            return
        s = signs[0]
        possible = (1, -1) if self.is_nonzero(s.poly) else (1, -1, 0)
        left = [v for v in possible if not self.ring.substitute(p, s, v).is_zero()]
        if 0 not in left and 0 in possible:
            self.set_nonzero(s.poly)
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
