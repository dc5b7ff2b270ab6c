"""Owns the carrier of index forms, by which the formulas of the function table are followed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq

from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.terms import NotShown, Sum
from derivcheck.functions import FUNCTIONS

#: Functions without a rule of their own here that are defined for all numbers, as are their derivatives.
_TOTAL = frozenset({"sin", "cos", "atan", "erf", "erfi"})


class Carrier:
    """The carrier of index forms, by which formulas of the function table are followed. ``note`` is told what must
    hold of a value: ``>``, ``>=`` or ``!=`` than 0, or that 0 is a ``kink``."""

    def __init__(self, calculus: Calculus, note: Callable[[str, Sum], None]) -> None:
        self.calculus = calculus
        self.note = note
        self.is_guarded = False

    def apply(self, name: str, arguments: tuple[Sum, ...]) -> Sum:
        """A function of the table."""
        row = FUNCTIONS[name]
        values = [Value(self, a) for a in arguments]
        return _sum_of(self, row.formula(self, *values) if row.formula else self._primitive(name, *values))

    def number(self, value: Fraction) -> Value:
        """A rational number."""
        return Value(self, self.calculus.number(value))

    def less(self, a: Value, b: Value) -> Value:
        """1 where a < b, else 0."""
        gap = (b - a).sum
        self.note("kink", gap)
        return Value(self, self.calculus.above(gap))

    def where(self, test: Value, then: Value, otherwise: Value) -> Value:
        """One of two values."""
        return test * then + (1 - test) * otherwise

    def ratio(self, a: Any, b: Any) -> Value:
        """A quotient."""
        return Value(self, _sum_of(self, a)).__truediv__(b)

    def __getattr__(self, name: str) -> Callable[..., Value]:
        if name not in FUNCTIONS:
            raise AttributeError(name)
        return lambda *arguments: self._primitive(name, *arguments)

    def _primitive(self, name: str, *arguments: Any) -> Value:
        c = self.calculus
        sums = [_sum_of(self, a) for a in arguments]
        match name:
            case "exp":
                made = c.exp(sums[0])
            case "log":
                self.note(">", sums[0])
                made = c.log(sums[0], self.is_guarded)
            case "sqrt":
                self.note(">=", sums[0])
                made = c.power(sums[0], Fraction(1, 2), self.is_guarded)
            case "abs":
                self.note("kink", sums[0])
                made = c.absolute(sums[0])
            case "sign":
                self.note("kink", sums[0])
                made = c.subtract(c.sign(sums[0]), c.zero(sums[0]))
            case _:
                if self.is_guarded and name not in _TOTAL:
                    raise NotShown(f"{name} in a branch that need not be taken")
                made = c.function(name, *sums)
        return Value(self, made)


class Value:
    """A sum with the operators that the function table's formulas use."""

    __slots__ = ("carrier", "sum")

    def __init__(self, carrier: Carrier, s: Sum) -> None:
        self.carrier = carrier
        self.sum = s

    def _made(self, s: Sum) -> Value:
        return Value(self.carrier, s)

    def __add__(self, other: Any) -> Value:
        return self._made(self.carrier.calculus.add(self.sum, _sum_of(self.carrier, other)))

    def __sub__(self, other: Any) -> Value:
        return self._made(self.carrier.calculus.subtract(self.sum, _sum_of(self.carrier, other)))

    def __rsub__(self, other: Any) -> Value:
        return self._made(self.carrier.calculus.subtract(_sum_of(self.carrier, other), self.sum))

    def __mul__(self, other: Any) -> Value:
        return self._made(self.carrier.calculus.multiply(self.sum, _sum_of(self.carrier, other)))

    def __truediv__(self, other: Any) -> Value:
        below = _sum_of(self.carrier, other)
        self.carrier.note("!=", below)
        over = self.carrier.calculus.power(below, -1, self.carrier.is_guarded)
        return self._made(self.carrier.calculus.multiply(self.sum, over))

    def __rtruediv__(self, other: Any) -> Value:
        above: Value = self._made(_sum_of(self.carrier, other))
        return above.__truediv__(self)

    def __pow__(self, other: Any) -> Value:
        q = _sum_of(self.carrier, other)
        number = self.carrier.calculus.number_of(q)
        if number is None:
            raise NotShown("a formula with a power that is no number")
        exponent = Fraction(int(number.p), int(number.q))
        if exponent.denominator > 1:
            self.carrier.note(">=" if exponent > 0 else ">", self.sum)
        return self._made(self.carrier.calculus.power(self.sum, exponent, self.carrier.is_guarded))

    def __neg__(self) -> Value:
        return self._made(self.carrier.calculus.scale(self.sum, fmpq(-1)))

    __radd__ = __add__
    __rmul__ = __mul__


def _sum_of(carrier: Carrier, value: Any) -> Sum:
    return value.sum if isinstance(value, Value) else carrier.calculus.number(Fraction(value))
