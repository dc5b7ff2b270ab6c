"""Owns the carrier of elements of the tower: formulas written over a carrier make polynomials of a tower."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq

from derivcheck.engine.ring import Poly
from derivcheck.engine.tower import Tower

Number = int | Fraction


class Element:
    """A polynomial of a tower with the arithmetic of values."""

    __slots__ = ("poly", "tower")

    def __init__(self, tower: Tower, poly: Poly) -> None:
        self.tower = tower
        self.poly = poly

    def _of(self, other: Any) -> Poly:
        if isinstance(other, Element):
            return other.poly
        return self.tower.ring.constant(fmpq(other.numerator, other.denominator))

    def _made(self, poly: Poly) -> Element:
        return Element(self.tower, poly)

    def __add__(self, other: Any) -> Element:
        return self._made(self.tower.ring.reduce(self.poly + self._of(other)))

    __radd__ = __add__

    def __neg__(self) -> Element:
        return self._made(-self.poly)

    def __sub__(self, other: Any) -> Element:
        return self + -self._made(self._of(other))

    def __rsub__(self, other: Any) -> Element:
        return self._made(self._of(other)) + -self

    def __mul__(self, other: Any) -> Element:
        return self._made(self.tower.ring.mul(self.poly, self._of(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Element:
        return self._made(self.tower.ring.mul(self.poly, self.tower.inverse(self._of(other))))

    def __rtruediv__(self, other: Any) -> Element:
        return self._made(self._of(other)) / self

    def __pow__(self, n: int) -> Element:
        return self._made(self.tower.power(self.poly, n))


class Elements:
    """The carrier. ``special`` makes the special functions of orders and elements."""

    def __init__(self, tower: Tower, special: Callable[[str, tuple[Any, ...]], Poly]) -> None:
        self._tower = tower
        self._special = special

    def element(self, poly: Poly) -> Element:
        """A polynomial as a value."""
        return Element(self._tower, poly)

    def number(self, value: Number) -> Element:
        """A rational number as a value."""
        return self.element(self._tower.ring.constant(fmpq(value.numerator, value.denominator)))

    @property
    def pi(self) -> Element:
        """The constant pi."""
        return self.element(self._tower.pi())

    @property
    def euler(self) -> Element:
        """Euler's constant."""
        return self.element(self._tower.euler())

    def apply(self, name: str, *arguments: Any) -> Element:
        """A function of the language; orders are numbers."""
        elementary = _ELEMENTARY.get(name)
        if elementary is None:
            return self.element(self._special(name, arguments))
        (x,) = arguments
        return self.element(elementary(self._tower, x.poly))


def _hyperbolic(sign: int) -> Callable[[Tower, Poly], Poly]:
    def function(tower: Tower, a: Poly) -> Poly:
        up = tower.exp(a)
        return (up + tower.inverse(up) * sign) / 2

    return function


_ELEMENTARY: dict[str, Callable[[Tower, Poly], Poly]] = {
    "exp": lambda t, a: t.exp(a),
    "log": lambda t, a: t.log(a),
    "sqrt": lambda t, a: t.rational_power(a, fmpq(1, 2)),
    "sin": lambda t, a: t.cos_sin(a)[1],
    "cos": lambda t, a: t.cos_sin(a)[0],
    "sinh": _hyperbolic(-1),
    "cosh": _hyperbolic(1),
}
