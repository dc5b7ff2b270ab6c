"""Owns the tower: exponentials, logarithms, roots, signs, reciprocals and angles as generators over the rationals.

Every relation that is used is true wherever the expression has a value, so that an element that reduces to the
zero polynomial *is* zero there; no theory of algebraic independence is needed for that (it only says how rarely a
true identity is missed). What each generator is, and the relations it brings:

- exp(u): rational multiples of logarithms become powers, rational multiples of pi and constants their own
  generators; the rest is written in an echelon basis of a lattice of exponents, one generator a basis element. A
  fractional coordinate refines the basis and starts again (:class:`Refine`).
- log(f): f is factored; the sum of e_i log|p_i|, true wherever f > 0. The log of an exp generator is its argument.
- |p|**(1/d): r with r**d = sign(p) p.
- sign(p) for irreducible p: s with s**3 = s and p s**2 = p; s**2 = 1 once p is known not to be 0.
- 1/p for irreducible p: q with p q = 1. The tower remembers p: where p may be 0, the caller has to decide.
- sin and cos: pairs on a lattice of angles, c**2 + s**2 = 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import fmpq, fmpz

from derivcheck.engine.angles import EXACT_TURNS, turn_key
from derivcheck.engine.lattice import Lattice, Refine
from derivcheck.engine.ring import Generator, Monomial, Poly, PolyKey, Ring
from derivcheck.engine.work import OverBudget

#: How many generators of signs are split into cases in the argument of one function.
MOST_CASES = 3


class Undefined(Exception):
    """The element has no value anywhere (the message says why)."""


class Tower:
    """Elements built from leaves by the functions of analysis, as reduced polynomials of a :class:`Ring`.

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
        return found.raw

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

    def assume(self, relation: str, a: Poly) -> None:
        """Take in that ``a > 0``, ``>= 0``, ``!= 0`` or ``== 0`` wherever the claim is judged."""
        top, below = self.numerator(a)
        if top.is_zero():
            if relation in (">", "!="):
                raise Undefined("a condition that never holds")
            return
        if relation == "==":
            top = self.ring.reduce(top)
            if top.is_constant() and not top.is_zero():
                raise Undefined("conditions that never hold together")
            if not top.is_zero():
                self.ring.add_rule(top)
            return
        for p, _ in below:
            self._set_nonzero(p)
        content, factors = self.ring.factor(top)
        if relation in (">", "!="):
            for p, _ in factors:
                self._set_nonzero(p)
        if relation != "!=":
            self._assume_product(relation, content, factors, below)

    def assume_off(self, a: Poly, slope: Poly) -> None:
        """Take in that not both ``a = 0`` and ``slope != 0``: a derivative exists where ``a``, inside of an absolute
        value or a condition, has the derivative ``slope``. As a relation: slope (1 - sign(a)**2) = 0."""
        ring = self.ring
        top, _ = self.numerator(slope)
        if top.is_zero():
            return
        open_ = [p for p, _ in ring.factor(top)[1] if not self.is_nonzero(p)]
        if not open_:
            self.assume("!=", a)
            return
        relation = ring.mul(self.sign(a), self.sign(a)) - 1
        for p in open_:
            relation = ring.mul(relation, p)
        if not relation.is_zero() and not relation.is_constant():
            ring.add_rule(relation)

    def _assume_product(
        self, relation: str, content: Any, factors: list[tuple[Poly, int]], below: list[tuple[Poly, int]]
    ) -> None:
        side = 1 if content > 0 else -1
        open_: list[Poly] = []
        for p, e in factors + below:
            definite = self.definite(p)
            if definite:
                side *= definite**e
            elif e % 2:
                open_.append(p)
            elif relation == ">=" and not self.is_nonzero(p):
                return  # where that square is 0 the condition says nothing of the other factors
        if not open_:
            if side < 0 and relation == ">":
                raise Undefined("a condition that never holds")
            return
        signs = [self.sign_of(p) for p in open_]
        if relation == ">=" and not all(self.is_nonzero(p) for p in open_):
            if len(open_) == 1:  # s is 0 or side
                self.ring.add_rule(signs[0] ** 2 - signs[0] * side)
                self.ring.add_rule(open_[0] * signs[0] - open_[0] * side)
            return
        product = self.ring.constant(side)
        for sign in signs[:-1]:
            product = product * sign
        relation_ = self.ring.reduce(signs[-1] - product)
        if not relation_.is_zero() and not relation_.is_constant():
            self.ring.add_rule(relation_)
        elif relation_.is_constant() and not relation_.is_zero():
            raise Undefined("conditions that never hold together")

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

    # -- exponentials, logarithms, powers ---------------------------------------------------------------------------

    def exp(self, a: Poly) -> Poly:
        """The exponential."""
        return self._cases(self._exp, a)

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
            low, high = self.ring.minimum(argument), self.ring.minimum(-argument)
            if low is not None and low[0] >= 0:
                found.low, found.strict_low = fmpq(1), low[1] or low[0] > 0
            if high is not None and high[0] >= 0:
                found.high, found.strict_high = fmpq(1), high[1] or high[0] > 0
            self.by_key["exp", index] = found
        return found

    def _e_to(self, c: Any) -> Poly:
        """e**c for a rational c."""
        denominator = self.denominators.get("e", 1)
        found = self.by_key.get("e")
        if found is None:
            argument = self.ring.constant(fmpq(1, denominator))
            found = self.ring.new("exp", argument, low=fmpq(1), strict_low=True)
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
        if part != 0:
            g = self._root_generator(p, int(part.q))
            n = part * g.degree
            if n.q != 1:
                key = ("root", ring.key(p))
                raise Refine(key, int(n.q) * (1 if key in self.denominators else g.degree))
            result = ring.mul(result, g.raw ** int(n.p))
        return result

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
            found = self.ring.new("root", p, degree=degree, low=low, strict_low=strict)
            self.by_key[key] = found
            self.ring.add_rule(found.raw**degree - size)
        return found

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
            if g.kind == "sign":
                return self.ring.zero
        key = ("log", self.ring.key(p))
        found = self.by_key.get(key)
        if found is None:
            bound = self.ring.minimum(p)
            low = fmpq(0) if bound is not None and bound[0] >= 1 else None
            strict = bound is not None and (bound[0] > 1 or bound[1])
            found = self.ring.new("log", p, low=low, strict_low=strict)
            self.by_key[key] = found
            self.suspects[key[1]] = p
        return found.raw

    def _log_of_number(self, c: Any) -> Poly:
        """log|c| through the primes of a rational c."""
        result = self.ring.zero
        for n, sign in ((fmpz(abs(c.p)), 1), (fmpz(c.q), -1)):
            for prime, e in self._primes(n):
                key = ("log", prime)
                found = self.by_key.get(key)
                if found is None:
                    argument = self.ring.constant(prime)
                    found = self.ring.new("log", argument, low=fmpq(0), strict_low=True)
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
            if g.kind == "sign":
                return self.ring.mul(g.raw, g.raw)
        return self.power_of_size(p, q)

    def power(self, a: Poly, n: int) -> Poly:
        """``a**n`` for an integer n."""
        return self._integer_power(a, n)

    # -- angles -----------------------------------------------------------------------------------------------------

    def cos_sin(self, a: Poly) -> tuple[Poly, Poly]:
        """Cosine and sine."""
        ring = self.ring
        rest = ring.sparse(a)
        turn = fmpq(0)
        pi = self.by_key.get("pi")
        if pi is not None:
            whole = rest.pop(((pi.place, 1),), fmpq(0))
            turn = whole if turn_key(whole) in EXACT_TURNS else fmpq((2 * whole).p // (2 * whole).q, 2)
            if whole != turn:
                rest[((pi.place, 1),)] = whole - turn
        exact = EXACT_TURNS[turn_key(turn)]
        c, s = (self._surd(*parts) for parts in exact)
        for index, n in self._angles.coordinates(rest).items():
            x, y = self._angle_generators(index)
            if n < 0:
                y = -y
            for _ in range(abs(n)):
                c, s = ring.reduce(c * x - s * y), ring.reduce(c * y + s * x)
                self.ring.meter.spend(len(c) + len(s))
        return c, s

    def _surd(self, p: Any, n: int) -> Poly:
        """p sqrt(n)."""
        root = self.ring.one if n == 1 else self.power_of_size(self.ring.constant(n), fmpq(1, 2))
        return root * p

    def _angle_generators(self, index: int) -> tuple[Poly, Poly]:
        cos = self.by_key.get(("cos", index))
        if cos is None:
            argument = self._angles.basis[index]
            cos = self.ring.new("cos", argument, low=fmpq(-1), high=fmpq(1))
            sin = self.ring.new("sin", argument, low=fmpq(-1), high=fmpq(1))
            self.by_key["cos", index], self.by_key["sin", index] = cos, sin
            self.ring.add_rule(sin.raw**2 + cos.raw**2 - 1)
        return cos.raw, self.by_key["sin", index].raw

    # -- constants and opaque functions -----------------------------------------------------------------------------

    def pi(self) -> Poly:
        """The constant pi."""
        found = self.by_key.get("pi")
        if found is None:
            low, high = fmpq(314159, 100000), fmpq(314160, 100000)
            found = self.ring.new("constant", low=low, high=high, strict_low=True, strict_high=True)
            self.by_key["pi"] = found
        return found.raw

    def atom(self, name: str, arguments: tuple[Poly, ...]) -> Poly:
        """A function of which only equality of arguments is used."""
        key = ("atom", name, *(self.ring.key(a) for a in arguments))
        found = self.by_key.get(key)
        if found is None:
            found = self.ring.new("atom", name=name)
            self.by_key[key] = found
        return found.raw
