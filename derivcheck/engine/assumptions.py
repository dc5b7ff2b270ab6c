"""Owns what a tower is told: conditions that hold wherever the claim is judged, as rules of its ring."""

from __future__ import annotations

from typing import Any

from flint import fmpq

from derivcheck.engine.comparisons import Comparisons
from derivcheck.engine.ring import Poly
from derivcheck.engine.signs import Undefined


class Assumptions(Comparisons):
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
            if not top.is_zero() and (top.is_constant() or self.definite(top)):
                raise Undefined("conditions that never hold together")
            if not top.is_zero():
                self.ring.add_rule(top)
            return
        for p, _ in below:
            self.set_nonzero(p)
        content, factors = self.ring.factor(top)
        if relation in (">", "!="):
            for p, _ in factors:
                self.set_nonzero(p)
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
        sign = self.sign(a)
        relation = ring.mul(sign, sign) - 1
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
            if side < 0:
                raise Undefined("a condition that never holds")
            return
        ring = self.ring
        signs = [self.sign_of(p) for p in open_]
        if relation == ">=" and not all(self.is_nonzero(p) for p in open_):
            # the sign of the product is 0 or 1
            sign, product = ring.constant(side), ring.one
            for s, p in zip(signs, open_, strict=True):
                sign, product = ring.mul(sign, s), ring.mul(product, p)
            self.take_rule(sign**2 - sign)
            self.take_rule(product * sign - product)
        else:
            rest = ring.constant(side)
            for s in signs[:-1]:
                rest = ring.mul(rest, s)
            self.take_rule(signs[-1] - rest)
        if len(open_) == 1:
            self._tighten(open_[0] * side, strict=relation == ">")

    def _tighten(self, a: Poly, *, strict: bool) -> None:
        """Take ``a > 0`` or ``a >= 0`` into the bounds of a leaf, if ``a`` is linear in one."""
        made_of = self.ring.made_of(a)
        if len(made_of) != 1 or a.total_degree() != 1 or made_of[0].kind != "leaf":
            return
        g = made_of[0]
        slope = fmpq(a.leading_coefficient())
        bound = g.raw - a / slope
        value = fmpq(0) if bound.is_zero() else fmpq(bound.leading_coefficient())
        if g.whole and (strict or value.q != 1):
            inside = value + 1 if strict and value.q == 1 and slope > 0 else value
            inside = value - 1 if strict and value.q == 1 and slope < 0 else inside
            value, strict = fmpq(inside.ceil() if slope > 0 else inside.floor()), False
        if slope > 0 and (g.low is None or value > g.low or (value == g.low and strict)):
            g.low, g.strict_low = value, strict
        if slope < 0 and (g.high is None or value < g.high or (value == g.high and strict)):
            g.high, g.strict_high = value, strict
        self.forget_indefinite()
