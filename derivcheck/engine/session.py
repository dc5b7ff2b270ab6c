"""Owns what the claims of one derivation share: lowered components with their derivatives, evaluated points, and
index forms.

Sharing changes no answer: the names of symbols and the draws of points depend on what they are of, and the counted
work of a claim is what it would be if it were the only one, whichever claims came before.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING

from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.loosened import loosened
from derivcheck.engine.lower import Lowering
from derivcheck.engine.names import Names
from derivcheck.engine.normal_form import Outcome
from derivcheck.engine.places import Point
from derivcheck.engine.work import Meter
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Derivation

if TYPE_CHECKING:
    from derivcheck.engine.indexed.prove import EverySize
    from derivcheck.engine.shortly import Ground

#: How many evaluated points are kept.
MOST_POINTS = 64

#: Numbers for sets of variables; none is given twice.
_SIGNATURES: dict[Hashable, int] = {}
_NUMBERS = count()
MOST_SIGNATURES = 1_000


class Session:
    """Shared work on one derivation."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.names = Names(derivation)
        self._signatures: dict[Hashable, int] = {}
        self._lowerings: dict[Hashable, Lowering] = {}
        self._evaluators: dict[Hashable, Evaluator] = {}
        #: What proofs by the short way begin with.
        self.grounds: dict[Hashable, Ground | None] = {}
        self._every_size: EverySize | None = None
        self._every_size_spent = 0
        self._loosened: Session | None = None

    def signature(self, sizes: Mapping[str, int]) -> int:
        """A number that all derivations have in common that have the same variables at these sizes."""
        key = tuple(sizes.items())
        found = self._signatures.get(key)
        if found is None:
            variables = tuple((name, v.shape, v.domain) for name, v in self.derivation.variables.items())
            if len(_SIGNATURES) >= MOST_SIGNATURES:
                _SIGNATURES.clear()
            found = self._signatures[key] = _SIGNATURES.setdefault((key, variables), next(_NUMBERS))
        return found

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
        found.begin(meter)
        return found

    def loosened(self) -> Session:
        """The session of the same derivation with the sizes of dimensions left open."""
        if self._loosened is None:
            self._loosened = Session(loosened(self.derivation))
        return self._loosened

    def prove_every_size(
        self, left: Expr, right: Expr, quantifiers: Sequence[Quantifier], conditions: Sequence[Expr], budget: int
    ) -> Outcome:
        """Whether two sides are equal for every size, wherever both are defined, within a budget of counted work.

        What earlier proofs have done is not counted again, so that a proof alone would count more than this one, but
        no more than all of them together. Where the budget lies between the two, the proof is made anew by itself.
        """
        outcome, spent = self._proved(left, right, quantifiers, conditions, budget)
        earlier, self._every_size_spent = self._every_size_spent, self._every_size_spent + spent
        if earlier and spent <= budget < earlier + spent:
            self._every_size = None
            outcome, spent = self._proved(left, right, quantifiers, conditions, budget)
            self._every_size_spent = spent
        if spent > budget:
            self._every_size = None  # it was left half done
            return Outcome("open", "the work is more than the budget")
        if self._every_size_spent > budget // 2:
            self._every_size = None  # near to where the next proof would have to be made twice
        return outcome

    def _proved(
        self, left: Expr, right: Expr, quantifiers: Sequence[Quantifier], conditions: Sequence[Expr], budget: int
    ) -> tuple[Outcome, int]:
        if self._every_size is None:
            from derivcheck.engine.indexed.prove import EverySize  # scalar claims need nothing of it

            self._every_size, self._every_size_spent = EverySize(self.derivation), 0
        meter = Meter(budget)
        return self._every_size.prove(left, right, quantifiers, conditions, meter), meter.spent
