"""Owns exponentials, logarithms and roots in the tower.

- exp(u): rational multiples of logarithms become powers, rational multiples of pi and constants their own
  generators; the rest is written in an echelon basis of a lattice of exponents, one generator a basis element. A
  fractional coordinate refines the basis and starts again (:class:`Refine`).
- log(f): f is factored; the sum of e_i log|p_i|, true wherever f > 0. The log of an exp generator is its argument.
- |p|**(1/d): r with r**d = sign(p) p, unless it is a sum of simpler roots (``radicals``).
- a**n for a whole n over any a: exp(n log|a|) with (-1)**n where a < 0; (-1)**n is u with u**2 = 1, one generator
  for each monomial of n modulo 2.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq, fmpz

from derivcheck.engine.bounds import exp_bound, log_bound, root_bound
from derivcheck.engine.lattice import Refine
from derivcheck.engine.radicals import Radicals
from derivcheck.engine.ring import Generator, Monomial, Poly
from derivcheck.engine.signs import Undefined
from derivcheck.engine.work import OverBudget

#: Roots of higher degree are not taken: what is made of them has that many factors.
LARGEST_DEGREE = 1_000


class Powers(Radicals):
    """A tower with exponentials, logarithms and powers."""

    def exp(self, a: Poly) -> Poly:
        """The exponential."""
        return self._cases(self._exp, a) if self.by_cases else self._exp(a)

    def _exp(self, a: Poly) -> Poly:
        ring = self.ring
        result = ring.one
        rest = ring.sparse(a)
        for monomial, c in list(rest.items()):
            if not monomial:
                result = ring.mul(result, self._e_to(c))
                del rest[monomial]
            elif len(monomial) == 1 and monomial[0][1] == 1:
                g = ring.by_place[monomial[0][0]]
                if g.kind == "log":
                    result = ring.mul(result, self.power_of_size(g.poly, c))
                    del rest[monomial]
        for index, n in self._exponents.coordinates(rest).items():
            g = self._exp_generator(index)
            result = ring.mul(result, self._integer_power(g.raw, n))
        return result

    def _exp_generator(self, index: int) -> Generator:
        found = self.by_key.get(("exp", index))
        if found is None:
            argument = self._exponents.basis[index]
            found = self.ring.new("exp", argument, low=fmpq(0), strict_low=True)
            self._bound_exp(found)
            self.by_key["exp", index] = found
        return found

    def _bound_exp(self, made: Generator) -> None:
        low, high = self.ring.minimum(made.poly), self.ring.minimum(-made.poly)
        below = None if low is None else exp_bound(low[0], up=False, strict=low[1])
        above = None if high is None else exp_bound(-high[0], up=True, strict=high[1])
        if below is not None:
            made.low, made.strict_low = below
        elif low is not None and low[0] > 0:
            made.low = fmpq(1)
        if above is not None:
            made.high, made.strict_high = above
        elif high is not None and high[0] > 0:
            made.high, made.strict_high = fmpq(1), True

    def _e_to(self, c: Any) -> Poly:
        """e**c for a rational c."""
        denominator = self.denominators.get("e", 1)
        found = self.by_key.get("e")
        if found is None:
            argument = self.ring.constant(fmpq(1, denominator))
            found = self.ring.new("exp", argument, low=fmpq(1), strict_low=True)
            self._bound_exp(found)
            self.by_key["e"] = found
        n = c * denominator
        if n.q != 1:
            raise Refine("e", int(n.q))
        return self._integer_power(found.raw, int(n.p))

    def _integer_power(self, a: Poly, n: int) -> Poly:
        if abs(n) > 10_000:
            raise OverBudget
        return self.ring.power(a if n >= 0 else self.inverse(a), abs(n))

    def power_of_size(self, p: Poly, q: Any) -> Poly:
        """``|p|**q`` for an irreducible p (or a prime number) and a rational q."""
        ring = self.ring
        q = fmpq(q)
        whole = int(q.p // q.q)
        part = q - whole
        base = p if p.is_constant() else ring.mul(self.sign_of(p), p)
        result = self._integer_power(base, whole)
        simpler = self._simpler_root(p, part)
        if simpler is not None:
            return ring.mul(result, simpler)
        if part != 0:
            g = self._root_generator(p, int(part.q))
            n = part * g.degree
            if n.q != 1:
                key = ("root", ring.key(p))
                raise Refine(key, int(n.q) * (1 if key in self.denominators else g.degree))
            result = ring.mul(result, g.raw ** int(n.p))
        return result

    def _simpler_root(self, p: Poly, q: Any) -> Poly | None:
        """``|p|**q`` for 0 < q < 1 through the square or cube root of ``p`` as a sum of simpler roots."""
        for degree in (2, 3):
            if q != 0 and q.q % degree == 0:
                root = self.denested(p, degree)
                if root is not None:
                    rest = q * degree
                    return self.power(root, int(rest.p)) if rest.q == 1 else self.rational_power(root, rest)
        return None

    def _root_generator(self, p: Poly, degree: int) -> Generator:
        key = ("root", self.ring.key(p))
        found = self.by_key.get(key)
        if found is None:
            size = self.ring.mul(self.sign_of(p), p)
            bound = self.ring.minimum(p)
            low, strict = fmpq(0), p.is_constant() or self.definite(p) != 0
            if bound is not None and bound[0] >= 1:
                low, strict = fmpq(1), bound[0] > 1 or bound[1]
            degree = self.denominators.get(key, degree)
            if degree > LARGEST_DEGREE:  # x**2.00000000000001
                raise OverBudget
            found = self.ring.new("root", p, degree=degree, low=low, strict_low=strict)
            self._bound_root(found)
            self.by_key[key] = found
            self.ring.add_rule(found.raw**degree - size)
            self.relate_conjugate(found)
        return found

    def _bound_root(self, root: Generator) -> None:
        """Close bounds of the root of a number, or of what is known to lie between numbers."""
        low, high = self.ring.minimum(root.poly), self.ring.minimum(-root.poly)
        if low is None or low[0] <= 0:
            return
        root.low, root.strict_low = root_bound(low[0], root.degree, up=False, strict=low[1])
        if high is not None and high[0] < 0:
            root.high, root.strict_high = root_bound(-high[0], root.degree, up=True, strict=high[1])

    def log(self, a: Poly) -> Poly:
        """The logarithm of an element that is positive wherever the claim is defined."""
        return self._cases(self._log, a)

    def _log(self, a: Poly) -> Poly:
        top, below = self.numerator(a)
        if top.is_zero():
            raise Undefined("the log of an expression that is zero everywhere")
        content, factors = self._factored(a, top)
        if not factors and not below and content < 0:
            raise Undefined("the log of a negative number")
        result = self._log_of_number(fmpq(content))
        for p, e in factors:
            result += self._log_of_size(p) * e
        for p, e in below:
            result -= self._log_of_size(p) * e
        return result

    def _log_of_size(self, p: Poly) -> Poly:
        """log|p| for an irreducible p."""
        g = self.ring.generator_of(p)
        if g is not None:
            if g.kind == "exp":
                return g.poly
            if g.kind == "root":
                inner = self._log_of_number(g.poly.leading_coefficient()) if g.poly.is_constant() else None
                return (self._log_of_size(g.poly) if inner is None else inner) / g.degree
            if g.kind in ("sign", "parity"):
                return self.ring.zero
        size = self.size_of_unit(p)
        if size is not None:
            return self._log_of_number(size)
        key = ("log", self.ring.key(p))
        found = self.by_key.get(key)
        if found is None:
            found = self.ring.new("log", p)
            self._bound_log(found)
            self.by_key[key] = found
            self.suspects[key[1]] = p
            self._relate_conjugate_log(found)
        return self.ring.reduce(found.raw)

    def _bound_log(self, made: Generator) -> None:
        low, high = self.ring.minimum(made.poly), self.ring.minimum(-made.poly)
        if low is None or low[0] < 0:
            return  # it is the logarithm of the size
        if low[0] > 0:
            made.low, made.strict_low = log_bound(low[0], up=False, strict=low[1])
        if high is not None and high[0] < 0:
            made.high, made.strict_high = log_bound(-high[0], up=True, strict=high[1])

    def _relate_conjugate_log(self, made: Generator) -> None:
        """The rule for the sum of a new logarithm and that of the conjugate of its argument."""
        for mate, norm in self.mates(made.poly, "log"):
            product = -norm if norm.is_constant() and norm.leading_coefficient() < 0 else norm
            self.take_rule(made.raw + mate.raw - self._log(product))

    def _log_of_number(self, c: Any) -> Poly:
        """log|c| through the primes of a rational c."""
        result = self.ring.zero
        for n, sign in ((fmpz(abs(c.p)), 1), (fmpz(c.q), -1)):
            for prime, e in self._primes(n):
                key = ("log", prime)
                found = self.by_key.get(key)
                if found is None:
                    argument = self.ring.constant(prime)
                    found = self.ring.new("log", argument)
                    self._bound_log(found)
                    self.by_key[key] = found
                result += found.raw * (sign * e)
        return result

    @staticmethod
    def _primes(n: Any) -> list[tuple[int, int]]:
        if n <= 1:
            return []
        if n.height_bits() > 200:
            raise OverBudget
        return [(int(p), int(e)) for p, e in n.factor()]

    def rational_power(self, a: Poly, q: Any) -> Poly:
        """``a**q`` for a rational q that is no integer and an ``a`` >= 0 wherever the claim is defined."""
        return self._cases(lambda b: self._rational_power(b, q), a)

    def power_of_any_size(self, a: Poly, q: Any) -> Poly:
        """``|a|**q`` for a rational q that is no integer."""

        def power(b: Poly) -> Poly:
            negative = b.is_constant() and not b.is_zero() and b.leading_coefficient() < 0
            return self._rational_power(-b if negative else b, q)

        return self._cases(power, a)

    def _rational_power(self, a: Poly, q: Any) -> Poly:
        ring = self.ring
        top, below = self.numerator(a)
        content, factors = ring.factor(top)
        if top.is_zero():
            if q < 0:
                raise Undefined("a division by an expression that is zero everywhere")
            return ring.zero
        if not factors and not below and content < 0:
            raise Undefined("a root of a negative number")
        result = ring.one
        content = fmpq(content)
        for n, sign in ((fmpz(abs(content.p)), 1), (fmpz(content.q), -1)):
            for prime, e in self._primes(n):
                result = ring.mul(result, self.power_of_size(ring.constant(prime), q * e * sign))
        for p, e in factors:
            result = ring.mul(result, self._size_to(p, q * e))
        for p, e in below:
            result = ring.mul(result, self._size_to(p, -q * e))
        return result

    def _size_to(self, p: Poly, q: Any) -> Poly:
        """``|p|**q`` for an irreducible p that may be a generator with a power of its own."""
        g = self.ring.generator_of(p)
        if g is not None:
            if g.kind == "exp":
                return self.exp(g.poly * q)
            if g.kind == "root":
                return self.power_of_size(g.poly, q / g.degree)
            if g.kind in ("sign", "parity"):
                return self.ring.mul(g.raw, g.raw)
        size = self.size_of_unit(p)
        if size is not None:
            return self.rational_power(self.ring.constant(size), q)
        return self.power_of_size(p, q)

    def power(self, a: Poly, n: int) -> Poly:
        """``a**n`` for an integer n."""
        return self._integer_power(a, n)

    # -- whole exponents --------------------------------------------------------------------------------------------

    def whole_power(self, a: Poly, n: Poly) -> Poly:
        """``a**n`` for an ``n`` that is an integer wherever it has a value. 0**n is 1 for n = 0 and else 0 here,
        which is no value where n < 0. Where ``a`` may be 0, the caller has to decide (``suspects``)."""
        return self._cases(lambda b: self._whole_power(b, n), a)

    def _whole_power(self, a: Poly, n: Poly) -> Poly:
        ring = self.ring
        top, below = self.numerator(a)
        if top.is_zero():
            sign = self.sign(n)
            return 1 - ring.mul(sign, sign)
        content, factors = ring.factor(top)
        result = ring.one if content > 0 else self.alternating(n)
        logs = self._log_of_number(fmpq(content))
        for p, e in (*factors, *((p, -e) for p, e in below)):
            self._suspect(p)
            logs += self._log_of_size(p) * e
            if e % 2:
                sign = self.sign_of(p)
                negative = (ring.mul(sign, sign) - sign) / 2
                result = ring.mul(result, 1 - ring.mul(negative, 1 - self.alternating(n)))
        return ring.mul(result, self.exp(ring.mul(n, logs)))

    def _suspect(self, p: Poly) -> None:
        """Remember that an irreducible ``p`` may be 0."""
        g = self.ring.generator_of(p)
        if g is not None and g.kind in ("root", "sign"):
            for f, _ in self.ring.factor(g.poly)[1]:
                self._suspect(f)
        elif not self.is_nonzero(p):
            self.suspects[self.ring.key(p)] = p

    def alternating(self, n: Poly) -> Poly:
        """``(-1)**n`` for an ``n`` that is an integer wherever it has a value."""
        parities: dict[Monomial, int] = {}
        for monomial, c in self.ring.sparse(n).items():
            if c.q != 1 or not all(self.ring.by_place[i].whole for i, _ in monomial):
                return self._parity(("parity", self.ring.key(n)), n)
            odd = tuple((i, 1) for i, _ in monomial)  # k**e is odd where k is
            parities[odd] = (parities.get(odd, 0) + int(c.p)) % 2
        result = self.ring.one
        for monomial, parity in parities.items():
            if parity and monomial:
                exponent = self.ring.dense({monomial: fmpq(1)})
                result = self.ring.mul(result, self._parity(("parity", monomial), exponent))
            elif parity:
                result = -result
        return result

    def _parity(self, key: tuple[str, Any], exponent: Poly) -> Poly:
        found = self.by_key.get(key)
        if found is None:
            found = self.ring.new("parity", exponent, low=fmpq(-1), high=fmpq(1), whole=True)
            self.by_key[key] = found
            self.ring.add_rule(found.raw**2 - 1)
        return found.raw
