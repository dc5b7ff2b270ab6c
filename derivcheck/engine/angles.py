"""Owns cosines and sines in the tower.

- Rational multiples of pi: by radicals where these are simple, else a root of a cyclotomic polynomial.
- Integer multiples of pi times integers: a sign, cos(n pi) = (-1)**n.
- Whole and half multiples of an inverse function's value: by square roots.
- All else: pairs on a lattice of angles, c**2 + s**2 = 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

from flint import arb, fmpq

from derivcheck.engine.assumptions import Assumptions
from derivcheck.engine.ring import Monomial, Poly
from derivcheck.engine.turns import cosine_polynomial, is_known, pieces
from derivcheck.engine.work import Meter

Pair = tuple[Poly, Poly]

#: Multiples of an inverse function's value beyond this are angles like others.
MOST_FOLD = 24


@dataclass(frozen=True, slots=True)
class Arc:
    """An angle known by its cosine and sine (``arcsine``: it is the asin of the sine), from ``low`` to ``high``
    (``strict``: attains neither): rational multiples of pi, or balls."""

    cosine: Poly
    sine: Poly
    low: Any
    high: Any
    strict: bool
    arcsine: bool = False


class Angles(Assumptions):
    """A tower with cosines and sines. ``arcs`` are the values of inverse functions, by their places."""

    def __init__(self, *details: Any, **named: Any) -> None:
        super().__init__(*details, **named)
        self.arcs: dict[int, Arc] = {}
        self._turns: dict[int, Pair] = {}

    def forked(self, meter: Meter) -> Self:
        """The same tower, apart."""
        other = super().forked(meter)
        other.arcs = dict(self.arcs)
        other._turns = dict(self._turns)
        return other

    def cos_sin(self, a: Poly) -> Pair:
        """Cosine and sine."""
        if not self.by_cases or not self.ring.occurring(a, "sign"):
            return self._cos_sin(a)
        return self._cases(lambda b: self._cos_sin(b)[0], a), self._cases(lambda b: self._cos_sin(b)[1], a)

    def _cos_sin(self, a: Poly) -> Pair:
        rest = self.ring.sparse(a)
        pair = self._without_turn(rest)
        pair = self._without_half_turns(rest, pair)
        pair = self._without_arcs(rest, pair)
        for index, n in self._angles.coordinates(rest).items():
            pair = self._add(pair, self._angle_generators(index), n)
        return pair

    def _add(self, pair: Pair, angle: Pair, n: int) -> Pair:
        """The pair of the sum of an angle and n times another."""
        c, s = pair
        x, y = (angle[0], -angle[1]) if n < 0 else angle
        for _ in range(abs(n)):
            c, s = self.ring.reduce(c * x - s * y), self.ring.reduce(c * y + s * x)
            self.ring.meter.spend(len(c) + len(s))
        return c, s

    # -- what is known of an angle ------------------------------------------------------------------------------

    def _without_turn(self, rest: dict[Monomial, Any]) -> Pair:
        """The pair of the rational multiple of pi in an angle, which is taken out of it."""
        pair = self.ring.one, self.ring.zero
        pi = self.by_key.get("pi")
        if pi is None:
            return pair
        turn = rest.pop(((pi.place, 1),), fmpq(0))
        if not is_known(turn):
            half = fmpq((2 * turn).p // (2 * turn).q, 2)
            rest[((pi.place, 1),)] = turn - half
            turn = half
        for k, n in pieces(turn):
            if k:
                pair = self._add(pair, self._base_turn(n), k)
        return pair

    def _base_turn(self, n: int) -> Pair:
        """Cosine and sine of pi/n."""
        found = self._turns.get(n)
        if found is None:
            found = self._turns[n] = self._radical_turn(n) if n in _RADICAL_TURNS else self._cyclotomic_turn(n)
        return found

    def _radical_turn(self, n: int) -> Pair:
        cosine, sine = (self._radical(*parts[:3], nested=parts[3]) for parts in _RADICAL_TURNS[n])
        relation = self.ring.reduce(cosine * sine * 2 - self._base_turn(4)[1]) if n == 8 else self.ring.zero
        if not relation.is_zero():  # of the two roots at pi/8, which are factors of one another
            self.ring.add_rule(relation)
        return cosine, sine

    def _radical(self, a: Any, b: Any, n: int, *, nested: bool) -> Poly:
        value = self.ring.constant(a) + self._root_of(self.ring.constant(n)) * b
        if not nested:
            return value
        self._tell_sign(value, 1)
        return self._root_of(value)

    def _root_of(self, a: Poly) -> Poly:
        return self.rational_power(a, fmpq(1, 2))

    def _tell_sign(self, a: Poly, sign: int) -> None:
        """Take in the sign of a constant that bounds of its generators do not show."""
        content, factors = self.ring.factor(a)
        if len(factors) == 1 and factors[0][1] == 1:
            self._definite[self.ring.key(factors[0][0])] = sign if content > 0 else -sign

    def _cyclotomic_turn(self, n: int) -> Pair:
        """Cosine and sine of pi/n for an odd prime power n, both between 0 and 1."""
        bounds = {"low": fmpq(0), "high": fmpq(1), "strict_low": True, "strict_high": True}
        c, s = (self.ring.new("constant", name=(name, n), **bounds).raw for name in ("cos", "sin"))
        relation = self.ring.zero
        for coefficient in reversed(cosine_polynomial(n).coeffs()):
            relation = relation * c + coefficient
        self.ring.add_rule(relation)
        self.ring.add_rule(s**2 + c**2 - 1)
        return c, s

    def _without_half_turns(self, rest: dict[Monomial, Any], pair: Pair) -> Pair:
        """Take out the integer multiples of pi times a product of integers: of these only the parity matters."""
        pi = self.by_key.get("pi")
        if pi is None:
            return pair
        for monomial, c in list(rest.items()):
            others = [(i, e) for i, e in monomial if i != pi.place]
            if (pi.place, 1) in monomial and others and all(self.ring.by_place[i].whole for i, _ in others):
                whole = int(c.p // c.q)
                del rest[monomial]
                if c != whole:
                    rest[monomial] = c - whole
                if whole % 2:
                    sign = self.alternating(self.ring.dense({tuple(others): fmpq(1)}))
                    pair = self.ring.mul(pair[0], sign), self.ring.mul(pair[1], sign)
        return pair

    def _without_arcs(self, rest: dict[Monomial, Any], pair: Pair) -> Pair:
        """Take out whole and half multiples of the values of inverse functions."""
        for monomial, c in list(rest.items()):
            arc = self.arcs.get(monomial[0][0]) if len(monomial) == 1 and monomial[0][1] == 1 else None
            if arc is None or c.q > 2 or abs(c.p) > MOST_FOLD:
                continue
            del rest[monomial]
            pair = self._add(pair, (arc.cosine, arc.sine) if c.q == 1 else self._half(arc), int(c.p))
        return pair

    def _half(self, arc: Arc) -> Pair:
        """The pair of half an arc, which lies between -pi/2 and pi/2, so that its cosine is >= 0."""
        if arc.arcsine:
            # (sqrt(1 + b) +- sqrt(1 - b))/2, whose squares are (1 +- sqrt(1 - b**2))/2
            up, down = self._root_of(1 + arc.sine), self._root_of(1 - arc.sine)
            return (up + down) / 2, (up - down) / 2
        cosine = self._root_of((arc.cosine + 1) / 2)
        return cosine, self.ring.mul(arc.sine, self.inverse(cosine * 2))

    # -- other angles -------------------------------------------------------------------------------------------

    def _angle_generators(self, index: int) -> Pair:
        cos = self.by_key.get(("cos", index))
        if cos is None:
            argument = self._angles.basis[index]
            (cos_low, cos_strict), (sin_low, sin_strict) = self._angle_bounds(argument)
            cos = self.ring.new("cos", argument, low=cos_low, high=fmpq(1), strict_low=cos_strict)
            sin = self.ring.new("sin", argument, low=sin_low, high=fmpq(1), strict_low=sin_strict)
            self.by_key["cos", index], self.by_key["sin", index] = cos, sin
            self.ring.add_rule(sin.raw**2 + cos.raw**2 - 1)
            self._tell_squares(cos.raw, sin.raw)
        return cos.raw, self.by_key["sin", index].raw

    def _tell_squares(self, c: Poly, s: Poly) -> None:
        """What of a cosine and a sine is a square: 1 - c**2, 1 - s**2, 1 + sin(2x), 1 - sin(2x)."""
        self.ring.add_square((c - 1, c + 1), s, -1)
        self.ring.add_square((s - 1, s + 1), c, -1)
        self.ring.add_square((2 * s * c + 1,), s + c, 1)
        self.ring.add_square((2 * s * c - 1,), s - c, -1)

    def _angle_bounds(self, argument: Poly) -> tuple[tuple[Any, bool], tuple[Any, bool]]:
        """Lower bounds of the cosine and the sine, and whether they are strict, from those of the angle."""
        low, high = self.ring.minimum(argument), self.ring.minimum(-argument)
        cos_low, sin_low = (fmpq(-1), False), (fmpq(-1), False)
        if low is not None and high is not None:
            half_pi = arb.pi() / 2
            if -half_pi < arb(low[0]) and arb(-high[0]) < half_pi:
                cos_low = fmpq(0), True
            if low[0] >= 0 and arb(-high[0]) < 2 * half_pi:
                sin_low = fmpq(0), bool(low[0] > 0 or low[1])
        return cos_low, sin_low


_HALF, _QUARTER, _EIGHTH, _NONE = fmpq(1, 2), fmpq(1, 4), fmpq(1, 8), fmpq(0)

#: (cosine, sine) of pi/n: (a, b, n, nested) is a + b sqrt(n), or the square root of it.
_RADICAL_TURNS: dict[int, tuple[tuple[Any, Any, int, bool], tuple[Any, Any, int, bool]]] = {
    1: ((fmpq(-1), _NONE, 1, False), (_NONE, _NONE, 1, False)),
    2: ((_NONE, _NONE, 1, False), (fmpq(1), _NONE, 1, False)),
    3: ((_HALF, _NONE, 1, False), (_NONE, _HALF, 3, False)),
    4: ((_NONE, _HALF, 2, False), (_NONE, _HALF, 2, False)),
    5: ((_QUARTER, _QUARTER, 5, False), (fmpq(5, 8), -_EIGHTH, 5, True)),
    8: ((_HALF, _QUARTER, 2, True), (_HALF, -_QUARTER, 2, True)),
}
