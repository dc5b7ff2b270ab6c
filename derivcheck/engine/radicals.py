"""Owns nested radicals: the root of A + B sqrt(c) as a sum of simpler roots, and what roots of conjugates make.

- Square roots, where A**2 - B**2 c = D**2. Then |A| >= |D|, and with t = (|A| + D)/2, u = (|A| - D)/2, both >= 0 and
  4 t u = B**2 c:  sqrt|A + B sqrt(c)| = sqrt(t) + sqrt(u) where A B >= 0, and |sqrt(t) - sqrt(u)| elsewhere, which is
  (sqrt(t) - sqrt(u)) sign(D). True wherever c >= 0, without any further condition.
- Cube roots, where A**2 - B**2 c = n**3 and a solves 4 a**3 - 3 n a = A: (a + b sqrt(c))**3 = A + B sqrt(c) with
  b = B/(4 a**2 - n). It is multiplied out before it is used.
- Roots of A + B sqrt(c) and A - B sqrt(c): their product is that of A**2 - B**2 c.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx, fmpz

from derivcheck.engine.ring import Generator, Poly
from derivcheck.engine.signs import Signs, Undefined

#: Beyond so many terms, or roots in them, a polynomial is not taken apart.
MOST_TERMS = 12
MOST_ROOTS = 5

#: Larger numbers are not factored.
LARGEST_NORM = 10**18


class Radicals(Signs):
    """A tower that takes nested radicals apart."""

    @abstractmethod
    def rational_power(self, a: Poly, q: Any) -> Poly:
        """``a**q`` for a rational q that is no integer and an ``a`` >= 0 wherever the claim is defined."""

    @abstractmethod
    def power_of_any_size(self, a: Poly, q: Any) -> Poly:
        """``|a|**q`` for a rational q that is no integer."""

    def denested(self, p: Poly, degree: int) -> Poly | None:
        """``|p|**(1/degree)`` for an irreducible ``p`` and degree 2 or 3 by simpler roots; ``None``: not found."""
        if len(p) > MOST_TERMS or len(self.ring.occurring(p, "root")) > MOST_ROOTS:
            return None
        for root in reversed(self.ring.occurring(p, "root")):
            parts = self._conjugates(p, root)
            if parts is None:
                continue
            found = self._square_root(p, root, *parts) if degree == 2 else self._cube_root(p, root, *parts)
            if found is not None:
                return found
        return None

    def _conjugates(self, p: Poly, root: Generator) -> tuple[Poly, Poly] | None:
        """A and B of p = A + B sqrt(c) with the square root that is a power of this generator."""
        half = root.degree // 2
        parts = self.ring.by_powers(p, root)
        if root.degree % 2 or not parts.keys() <= {0, half} or len(parts) < 2:
            return None
        return parts[0], parts[half]

    def _norm(self, root: Generator, a: Poly, b: Poly) -> Poly:
        """A**2 - B**2 c."""
        ring = self.ring
        size = ring.mul(self.sign_of(root.poly), root.poly)
        return ring.reduce(ring.mul(a, a) - ring.mul(ring.mul(b, b), size))

    # -- square roots ---------------------------------------------------------------------------------------------

    def _square_root(self, p: Poly, root: Generator, a: Poly, b: Poly) -> Poly | None:
        others = [g for g in self.ring.occurring(p, "root") if g is not root]
        d = self._exact_root(self._norm(root, a, b), others)
        if d is None:
            return None
        side = self.sign(a)
        if side.is_constant():
            return self._sum_of_roots(a * fmpq(side.leading_coefficient()), b * side, d, others)
        above, below = (self._sum_of_roots(a * s, b * s, d, others) for s in (1, -1))
        if above is None or below is None:
            return None
        square = self.ring.mul(side, side)  # where A is 0, so are B c and the root
        return self.ring.mul(above, (square + side) / 2) + self.ring.mul(below, (square - side) / 2)

    def _sum_of_roots(self, a: Poly, b: Poly, d: Poly, others: list[Generator]) -> Poly | None:
        """sqrt(t) + sqrt(u), or |sqrt(t) - sqrt(u)|, where ``a`` >= 0; ``None`` if they are no simpler."""
        ring = self.ring
        try:
            halves = [(a + d) / 2, (a - d) / 2]
            if any(g not in others for t in halves for g in ring.occurring(t, "root")):
                return None
            t, u = (self.rational_power(half, fmpq(1, 2)) for half in halves)
        except Undefined:
            return None  # such a case is none
        side = self.sign(b)
        opposite = (ring.mul(side, side) - side) / 2
        return ring.reduce(
            ring.mul(t + u, 1 - opposite) + ring.mul(ring.mul(t - u, self.sign(d)), opposite),
        )

    def _exact_root(self, a: Poly, allowed: list[Generator]) -> Poly | None:
        """Some g with g**2 = a, made of the generators in ``a`` and the allowed roots."""
        ring = self.ring
        if a.is_zero():
            return a
        content, factors = ring.factor(a)
        content = fmpq(content)
        if content < 0 or any(e % 2 for _, e in factors):
            return self._root_by_parts(a, allowed)
        result = ring.constant(fmpq(content.p.isqrt(), content.q.isqrt()))
        missing = content / fmpq(content.p.isqrt(), content.q.isqrt()) ** 2
        if missing != 1:
            surd = self._allowed_surd(content, allowed)
            if surd is None:
                return None
            result = surd
        for p, e in factors:
            result = ring.mul(result, ring.power(p, e // 2))
        return result

    def _root_by_parts(self, a: Poly, allowed: list[Generator]) -> Poly | None:
        """As ``_exact_root``, of an A + B sqrt(c) that is a square of a sum of roots."""
        ring = self.ring
        for root in reversed([g for g in allowed if g in ring.occurring(a, "root")]):
            parts = self._conjugates(a, root)
            if parts is None:
                continue
            others = [g for g in allowed if g is not root]
            d = self._exact_root(self._norm(root, *parts), others)
            if d is None:
                continue
            t, u = (self._exact_root(ring.reduce((parts[0] + sign * d) / 2), allowed) for sign in (1, -1))
            if t is not None and u is not None:
                for found in (t + u, t - u):
                    if ring.reduce(found**2 - a).is_zero():
                        return ring.reduce(found)
        return None

    def _allowed_surd(self, content: Any, allowed: list[Generator]) -> Poly | None:
        """The square root of a positive rational by allowed square roots of primes."""
        rest = fmpz(content.p * content.q)  # sqrt(p/q) = sqrt(p q)/q
        result = self.ring.constant(fmpq(1, content.q))
        for g in allowed:
            if g.poly.is_constant() and g.degree % 2 == 0:
                prime = fmpq(g.poly.leading_coefficient()).p
                if rest % prime == 0 and (rest // prime) % prime != 0:
                    rest //= prime
                    result = self.ring.mul(result, g.raw ** (g.degree // 2))
        root = rest.isqrt()
        return self.ring.reduce(result * int(root)) if root * root == rest else None

    # -- cube roots -----------------------------------------------------------------------------------------------

    def _cube_root(self, p: Poly, root: Generator, a: Poly, b: Poly) -> Poly | None:
        """The cube root of ``p`` through that of k p, whose norm k**2 (A**2 - B**2 c) has a cube for its content."""
        ring = self.ring
        k = _cubing(fmpq(ring.factor(self._norm(root, a, b))[0]))
        if k != 1:
            found = self._whole_cube_root(p * k, root, a * k, b * k)
            unit = self.rational_power(ring.constant(fmpq(1, k)), fmpq(1, 3))
            return None if found is None else ring.mul(found, unit)
        return self._whole_cube_root(p, root, a, b)

    def _whole_cube_root(self, p: Poly, root: Generator, a: Poly, b: Poly) -> Poly | None:
        ring = self.ring
        n = self._exact_cube_root(self._norm(root, a, b))
        if n is None:
            return None
        for x in self._linear_roots(a, n):
            below = 4 * ring.mul(x, x) - n
            if below.is_zero():
                continue
            y, rest = divmod(b, below)
            found = x + ring.mul(y, root.raw ** (root.degree // 2))
            if rest.is_zero() and ring.reduce(ring.power(found, 3) - p).is_zero():
                return ring.mul(found, self.sign(p))
        return None

    def _exact_cube_root(self, a: Poly) -> Poly | None:
        content, factors = self.ring.factor(a)
        top, bottom = (_exact_cube(v) for v in (fmpq(content).p, fmpq(content).q))
        if a.is_zero() or top is None or bottom is None or any(e % 3 for _, e in factors):
            return None
        result = self.ring.constant(fmpq(top, bottom))
        for p, e in factors:
            result = self.ring.mul(result, self.ring.power(p, e // 3))
        return result

    def _linear_roots(self, a: Poly, n: Poly) -> list[Poly]:
        """The x in the ring, rational multiples apart, with 4 x**3 - 3 n x = a."""
        ring = self.ring
        places = [g.place for g in ring.made_of(a + n) or ring.made_of(a)]
        places += [g.place for g in (*ring.made_of(a), *ring.made_of(n)) if g.place not in places]
        context = fmpq_mpoly_ctx.get(["x", *(f"g{i}" for i in sorted(places))], Ordering.lex)
        x = context.gens()[0]
        cubic = 4 * x**3 - 3 * n.project_to_context(context) * x - a.project_to_context(context)
        found = []
        ring.meter.spend(16 * len(cubic))
        for factor, _ in cubic.factor()[1]:
            if factor.degrees()[0] == 1:
                slope = factor.derivative(0)
                if slope.is_constant():
                    rest = (slope * x - factor) / fmpq(slope.leading_coefficient())
                    found.append(rest.project_to_context(ring.context))
        return found

    # -- conjugates -----------------------------------------------------------------------------------------------

    def relate_conjugate(self, made: Generator) -> None:
        """The rule for the product of a new root with that of the conjugate of what it is a root of."""
        if made.degree % 2:
            return
        for mate, norm in self.mates(made.poly, "root"):
            if mate.degree % 2:
                continue
            one, other = made.raw ** (made.degree // 2), mate.raw ** (mate.degree // 2)
            root = self.power_of_any_size(norm, fmpq(1, 2))
            self.take_rule(one * other - root)
            # and what follows by a factor, which reduction does not see of itself
            for a, b in ((one, other), (other, one)):
                left, right = self.ring.mul(a, a) * b, self.ring.mul(a, root)
                self.take_rule(left - right)
                self.take_rule(self.ring.mul(left, root) - self.ring.mul(right, root))

    def mates(self, p: Poly, kind: str) -> Iterator[tuple[Generator, Poly]]:
        """The generators of a kind that have a conjugate of ``p`` for their argument, with the product of both."""
        ring = self.ring
        if len(p) > MOST_TERMS:
            return
        for root in reversed(ring.occurring(p, "root")):
            parts = self._conjugates(p, root)
            if parts is None:
                continue
            a, b = parts
            content, factors = ring.factor(a - b * root.raw ** (root.degree // 2))
            if len(factors) != 1 or factors[0][1] != 1:
                continue
            mate = self.by_key.get((kind, ring.key(factors[0][0])))
            norm = self._norm(root, a, b) / fmpq(content)
            if mate is not None and mate.poly != p and not norm.is_zero():
                yield mate, norm


def _cubing(value: Any) -> int:
    """The least k > 0 for which k**2 times a rational is a cube."""
    result = 1
    for part, side in ((fmpz(abs(value.p)), 1), (fmpz(value.q), -1)):
        if part > LARGEST_NORM:
            return 1
        for prime, e in part.factor() if part > 1 else ():
            result *= int(prime) ** (side * e % 3)
    return result


def _exact_cube(value: Any) -> int | None:
    """The integer whose cube is ``value``."""
    root = int(fmpz(abs(value)).root(3))
    if root**3 != abs(int(value)):
        return None
    return -root if value < 0 else root
