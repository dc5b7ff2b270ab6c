"""Owns the signs of differences of the values of monotone functions, told by the signs of simpler polynomials.

- exp u - exp v has the sign of u - v.
- The sum of q_i log a_i and of what has no logarithm has the sign of exp of it, less 1.
- A + B r**k with a root r, A and B of opposite signs: that of the difference of the powers that rid it of the root.
  With a square root, for any A and B: where they disagree, that of A**2 - B**2 r**2 decides which prevails.
- log a <= a - 1 and exp u >= 1 + u, with equality at 1 and at 0 only.
"""

from __future__ import annotations

from math import gcd, lcm
from typing import Any

from flint import fmpq

from derivcheck.engine.powers import Powers
from derivcheck.engine.quadratics import square_sum
from derivcheck.engine.ring import Generator, Poly

#: Beyond so many terms, or such exponents, a polynomial is not looked at.
MOST_TERMS = 24
LARGEST_EXPONENT = 12


class Comparisons(Powers):
    """A tower that compares values of monotone functions by their arguments."""

    def compared(self, p: Poly) -> Poly | None:
        """The sign of an irreducible polynomial through the signs of simpler ones, if there is a rule for that."""
        if len(p) > MOST_TERMS:
            return None
        for rule in (self._by_tangent, self._by_exponents, self._by_logs, self._by_roots):
            found = rule(p)
            if found is not None:
                return found
        return None

    def same_zeros(self, p: Poly) -> Poly:
        """The polynomial of least depth that is known to be 0 where ``p`` is, and only there."""
        sign = self.compared(p)
        g = None if sign is None else self.ring.generator_of(sign) or self.ring.generator_of(-sign)
        return p if g is None or g.kind != "sign" else g.poly

    # -- exponentials and logarithms ------------------------------------------------------------------------------

    def _by_exponents(self, p: Poly) -> Poly | None:
        terms = list(self.ring.sparse(p).items())
        if len(terms) != 2 or terms[0][1] != -terms[1][1]:
            return None
        logs = []
        for monomial, _ in terms:
            if any(self.ring.by_place[i].kind != "exp" for i, _ in monomial):
                return None
            logs.append(sum((self.ring.by_place[i].poly * e for i, e in monomial), self.ring.zero))
        return self.sign((logs[0] - logs[1]) * terms[0][1])

    def _by_logs(self, p: Poly) -> Poly | None:
        """The logarithms that stand alone with a rational factor are done away with."""
        ring = self.ring
        logs: dict[int, Any] = {}
        rest = p
        for monomial, c in ring.sparse(p).items():
            if len(monomial) == 1 and monomial[0][1] == 1 and ring.by_place[monomial[0][0]].kind == "log":
                logs[monomial[0][0]] = c
                rest = rest - c * ring.by_place[monomial[0][0]].raw
        if not logs:
            return None
        # whole exponents, as small as can be: sign(p) is that of any positive multiple
        factor = fmpq(lcm(*(int(c.q) for c in logs.values())), gcd(*(int(c.p) for c in logs.values())))
        if any(abs(c * factor) > LARGEST_EXPONENT for c in logs.values()):
            return None
        above, below = ring.one, ring.one
        for place, c in logs.items():
            argument = ring.by_place[place].poly
            size = argument if argument.is_constant() else ring.mul(self.sign_of(argument), argument)
            power = ring.power(size, abs(int((c * factor).p)))
            if c > 0:
                above = ring.mul(above, power)
            else:
                below = ring.mul(below, power)
        return self.sign(ring.reduce(ring.mul(above, self.exp(rest * factor)) - below))

    def _by_tangent(self, p: Poly) -> Poly | None:
        """log a - a + 1, exp u - u - 1, and a log a - a + 1."""
        ring = self.ring
        for g in ring.made_of(p):
            if g.kind not in ("log", "exp"):
                continue
            sign_c, touch = self._above_tangent(p, g) if g.kind == "exp" else self._below_tangent(p, g)
            if sign_c:
                sign = self.sign(touch)
                return ring.mul(sign, sign) * sign_c
        return None

    def _above_tangent(self, p: Poly, g: Generator) -> tuple[int, Poly]:
        """The sign of c and u for p = c (exp u - u - 1), where exp u is a power of ``g``; 0 if it is not that."""
        for k, slope in self.ring.by_powers(p, g).items():
            if k > 0 and slope.is_constant():
                c, u = slope.leading_coefficient(), g.poly * k
                return (1 if c > 0 else -1) * (p == (g.raw**k - u - 1) * c), u
        return 0, p

    def _below_tangent(self, p: Poly, g: Generator) -> tuple[int, Poly]:
        """The sign and a - 1 for p = c (log a - a + 1) or p = c (a log a - a + 1), where a > 0."""
        size = g.poly if g.poly.is_constant() else self.ring.mul(self.sign_of(g.poly), g.poly)
        slope = self.ring.by_powers(p, g).get(1)
        if slope is None or size.is_zero():  # of 0 only where the logarithm has no value
            return 0, p
        touch = size - 1
        c = slope.leading_coefficient()
        if slope.is_constant() and self.ring.reduce(p - (g.raw - touch) * c).is_zero():
            return (-1 if c > 0 else 1), touch
        c = c / size.leading_coefficient()
        if self.ring.reduce(p - (self.ring.mul(size, g.raw) - touch) * c).is_zero():
            return (1 if c > 0 else -1), touch
        return 0, p

    # -- roots ----------------------------------------------------------------------------------------------------

    def _by_roots(self, p: Poly) -> Poly | None:
        for root in reversed(self.ring.occurring(p, "root")):
            parts = self.ring.by_powers(p, root)
            if len(parts) != 2 or 0 not in parts:
                continue
            power = max(parts)
            found = self._opposed(root, power, parts[0], parts[power])
            if found is None and 2 * power == root.degree:
                found = self._by_norm(root, parts[0], parts[power])
            if found is not None:
                return found
        return None

    def _opposed(self, root: Generator, power: int, a: Poly, b: Poly) -> Poly | None:
        """The sign of a + b r**power where one is known never to be negative, and the other never positive."""
        ring = self.ring
        for side in (1, -1):
            if self._never_negative(a * side) and self._never_negative(b * -side):
                whole = root.degree // gcd(power, root.degree)
                size = root.poly if root.poly.is_constant() else ring.mul(self.sign_of(root.poly), root.poly)
                right = ring.mul(ring.power(b * -side, whole), ring.power(size, power * whole // root.degree))
                return self.sign(ring.reduce(ring.power(a * side, whole) - right) * side)
        return None

    def _never_negative(self, p: Poly) -> bool:
        bound = self.ring.minimum(p)
        return (bound is not None and bound[0] >= 0) or square_sum(self.ring, p) is not None

    def _by_norm(self, root: Generator, a: Poly, b: Poly) -> Poly:
        """The sign of a + b sqrt(c): x, y and n are the signs of a, of b sqrt(c) and of a**2 - b**2 c."""
        ring = self.ring
        x = self.sign(a)
        y = ring.mul(self.sign(b), self.sign(root.raw))
        n = self.sign(self._norm(root, a, b))
        product = ring.mul(x, y)
        both = ring.mul(product, product)
        decided = ring.mul(x, (1 + product) / 2) + ring.mul(ring.mul(x, n), (1 - product) / 2)
        return ring.reduce(ring.mul(both, decided) + ring.mul(1 - both, x + y))

    def definite_by_roots(self, p: Poly) -> int:
        """1 or -1 if comparing squares shows that a polynomial with roots in it has that sign, else 0."""
        if len(p) > MOST_TERMS:
            return 0
        for root in reversed(self.ring.occurring(p, "root")):
            parts = self._conjugates(p, root)
            if parts is None:
                continue
            prevails = self._definite_product(self._norm(root, *parts))
            if prevails:
                return self.definite(parts[0] if prevails > 0 else parts[1])
        return 0

    def _definite_product(self, a: Poly) -> int:
        """The sign that a product certainly has, else 0."""
        if a.is_constant():
            return 0 if a.is_zero() else 1 if a.leading_coefficient() > 0 else -1
        found = self.definite(a)
        if found:
            return found
        content, factors = self.ring.factor(a)
        side = 1 if content > 0 else -1
        for p, e in factors:
            side *= self.definite(p) ** e
        return side
