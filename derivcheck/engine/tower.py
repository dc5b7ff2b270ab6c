"""Owns the tower: exponentials, logarithms, roots, signs, reciprocals and angles as generators over the rationals.

Every relation that is used is true wherever the expression has a value, so that an element that reduces to the
zero polynomial *is* zero there; no theory of algebraic independence is needed for that (it only says how rarely a
true identity is missed). Which generators there are and the relations they bring: ``signs`` (reciprocals, signs),
``powers`` (exponentials, logarithms, roots), ``assumptions`` (what is told), ``angles`` (cosines, sines), ``arcs``
(inverse functions of angles), and here constants, and functions of which only equality of arguments is used.
"""

from __future__ import annotations

from collections.abc import Callable

from flint import fmpq

from derivcheck.engine.arcs import Arcs
from derivcheck.engine.ring import Poly


class Tower(Arcs):
    """Elements built from leaves by the functions of analysis, as reduced polynomials of a :class:`Ring`."""

    def euler(self) -> Poly:
        """Euler's constant, 0.5772…"""
        found = self.by_key.get("euler")
        if found is None:
            low, high = fmpq(5772, 10000), fmpq(5773, 10000)
            found = self.ring.new("constant", name="euler", low=low, high=high, strict_low=True, strict_high=True)
            self.by_key["euler"] = found
        return found.raw

    def by_signs(self, function: Callable[[Poly], Poly], a: Poly) -> Poly:
        """``function(a)``, by cases of the signs in ``a`` where that is asked for and they are few."""
        return self._cases(function, a)

    def atom(self, name: str, arguments: tuple[Poly, ...]) -> Poly:
        """A function of which only equality of arguments is used."""
        key = ("atom", name, *(self.ring.key(a) for a in arguments))
        found = self.by_key.get(key)
        if found is None:
            found = self.ring.new("atom", name=name)
            self.by_key[key] = found
        return found.raw
