"""Owns what the claims of one derivation share: lowered components with their derivatives, and evaluated points.

Sharing changes no answer: the names of symbols and the draws of points depend on what they are of, never on which
claims came before.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.indexed.prove import EverySize
from derivcheck.engine.lower import Lowering
from derivcheck.engine.names import Names
from derivcheck.engine.places import Point
from derivcheck.engine.work import Meter
from derivcheck.lang.domains import Domain
from derivcheck.model import Derivation

#: How many evaluated points are kept.
MOST_POINTS = 64


class Session:
    """Shared work on one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.names = Names(derivation)
        self.every_size = EverySize(derivation)
        self.points: dict[Hashable, Point] = {}
        self._lowerings: dict[Hashable, Lowering] = {}
        self._evaluators: dict[Hashable, Evaluator] = {}

    def lowering(
        self, sizes: Mapping[str, int], cut_free: frozenset[str], bound: Mapping[str, Domain], meter: Meter
    ) -> Lowering:
        """The components at given sizes; ``meter`` counts the work from here on."""
        key = (tuple(sorted(sizes.items())), cut_free, tuple(bound.items()))
        found = self._lowerings.get(key)
        if found is None:
            found = Lowering(self.derivation, sizes, cut_free, bound=bound, names=self.names)
            self._lowerings[key] = found
        found.begin(meter)
        return found

    def evaluator(self, point: Point, bits: int, meter: Meter) -> Evaluator:
        """The evaluation at a point (at a precision that the caller sets); ``meter`` counts the work from here on."""
        if point.label is None:
            return Evaluator(self.derivation, point, meter, self.names)
        key = (point.label, bits)
        found = self._evaluators.get(key)
        if found is None:
            if len(self._evaluators) >= MOST_POINTS:
                self._evaluators.clear()
            found = Evaluator(self.derivation, point, meter, self.names)
            self._evaluators[key] = found
        found.meter = meter
        return found
