"""Owns the tower: exponentials, logarithms, roots, signs, reciprocals and angles as generators over the rationals.

Every relation that is used is true wherever the expression has a value, so that an element that reduces to the
zero polynomial *is* zero there; no theory of algebraic independence is needed for that (it only says how rarely a
true identity is missed). Which generators there are and the relations they bring: ``signs`` (reciprocals, signs),
``powers`` (exponentials, logarithms, roots), ``assumptions`` (what is told), and here

- sin and cos: pairs on a lattice of angles, c**2 + s**2 = 1;
- constants, and functions of which only equality of arguments is used.
"""

from __future__ import annotations

from typing import Any

from flint import fmpq

from derivcheck.engine.angles import EXACT_TURNS, turn_key
from derivcheck.engine.assumptions import Assumptions
from derivcheck.engine.ring import Poly


class Tower(Assumptions):
    """Elements built from leaves by the functions of analysis, as reduced polynomials of a :class:`Ring`."""

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
