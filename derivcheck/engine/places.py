"""Owns a point of evaluation: sizes, exact values, and functions that stand for opaque ones."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from flint import arb

from derivcheck.engine import jets
from derivcheck.engine.arrays import Array
from derivcheck.engine.jets import Jet, rational


@dataclass(frozen=True, slots=True)
class StandIn:
    """A concrete function in place of an opaque one: a claim about every function fails if it fails for one.

    Where nothing is known, it is the polynomial of these coefficients. Where a derivative rule is known, it is some
    solution of that differential equation: one may choose its value at one argument freely, which settles it at
    every other, where it is then not known here.
    """

    coefficients: tuple[Fraction, ...]

    def polynomial(self, x: Jet, order: int) -> Jet:
        """The polynomial's derivative of that order."""
        terms = list(self.coefficients)
        for _ in range(order):
            terms = [c * k for k, c in enumerate(terms)][1:]
        result = jets.ZERO
        for c in reversed(terms):
            result = result * x + Jet(rational(c))
        return result

    def free_value(self, at: Any, values: list[tuple[Any, Any]]) -> Any:
        """The value at an argument; ``values`` remembers what was chosen at which arguments."""
        if not values:
            values.append((at, arb(rational(self.coefficients[0]))))
        place, value = values[0]
        return value if place.overlaps(at) else arb.nan()


@dataclass(frozen=True, slots=True)
class Point:
    """Where to evaluate: sizes of dimensions, exact values of variables (and of defined names in ``cut``),
    and concrete functions that stand for the opaque ones. Points with equal labels are equal; ``None`` is none."""

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    bound: Mapping[str, Fraction] = field(default_factory=dict)
    functions: Mapping[str, StandIn] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    label: Hashable = None
