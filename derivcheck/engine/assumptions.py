"""Owns what a tower is told: conditions that hold wherever the claim is judged, as rules of its ring."""

from __future__ import annotations

from typing import Any

from derivcheck.engine.powers import Powers
from derivcheck.engine.ring import Poly
from derivcheck.engine.signs import Undefined


class Assumptions(Powers):
    """A tower that takes in conditions."""

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
