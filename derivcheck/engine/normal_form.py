"""Owns the exact proof: that left - right is zero wherever both are defined, by reduction in a tower.

A proof rests on relations that are true where the claim is defined. What is known of that comes from the facts of
our own nodes (``lower``), the domains, and the assumptions. A reciprocal or logarithm of which it is not known
that its argument is not 0 is a *suspect*: the claim is then also proved where that argument is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal, NamedTuple

import sympy
from sympy import Integer, Rational

from derivcheck.engine.cells import remaining_edges
from derivcheck.engine.convert import Converter
from derivcheck.engine.factored import element_of_sum
from derivcheck.engine.injective import vanishing_edges
from derivcheck.engine.lattice import Refine
from derivcheck.engine.lets import Fact, Facts
from derivcheck.engine.lower import Lowering, NotLowered
from derivcheck.engine.quadratics import square_sum
from derivcheck.engine.ring import Full, Poly, Ring
from derivcheck.engine.signs import Undefined
from derivcheck.engine.symbols import Sym, number
from derivcheck.engine.tower import Tower
from derivcheck.engine.work import Meter, OverBudget

ATTEMPTS = 14
DEEPEST_BOUNDARY = 3
MOST_FINITE_CASES = 512


@dataclass(frozen=True, slots=True)
class Outcome:
    """``zero``: proved; ``nowhere``: an entry is defined nowhere; ``open``: not shown (``reason`` says why).

    ``structural``: it is seen from the way the claim is written that an entry is defined nowhere.
    """

    kind: Literal["zero", "nowhere", "open"]
    reason: str = ""
    structural: bool = False


#: About how many generators a function brings with it, where it is not 2. Every one slows down all that is done with
#: polynomials; a tower that has too few is built again.
_ROOM = {"exp": 1, "Pow": 1, "log": 3, "asin": 8, "acos": 8, "atan": 8}


class Way(NamedTuple):
    """How elements are made: functions by the cases of signs in their arguments, special functions with their
    relations."""

    by_cases: bool
    related: bool


PLAIN = Way(by_cases=False, related=False)

ZERO = Outcome("zero")
NOWHERE = Outcome("nowhere", "it would need a division by 0, or the log or root of a negative number")
CONTRADICTION = Outcome("nowhere", "its conditions never hold")


@dataclass(frozen=True, slots=True)
class Setting:
    """What a proof may use beside the facts of the entry: how leaves are replaced, and the conditions that hold
    (as facts, with ``==`` for equations that could not be solved for a leaf)."""

    substitutions: Mapping[Sym, Sym]
    conditions: tuple[Fact, ...]


class Prover:
    """Proves entries of claims over one lowering."""

    def __init__(self, lowering: Lowering, setting: Setting, meter: Meter) -> None:
        self._lowering = lowering
        self._setting = setting
        self._meter = meter
        self._denominators: dict[Any, int] = {}
        self._shared: dict[Any, tuple[Tower, Converter]] = {}

    def prove(self, left: Sym, right: Sym, facts: Facts, *, defined: bool = False) -> Outcome:
        """Whether left = right wherever the facts hold; ``defined``: it is known that they do somewhere."""
        plain = {fact: None for fact in facts if fact[0] != "off"}
        if defined and len(plain) < len(facts):
            # kinks tell the entries of a gradient apart; without them they share a tower, and often that is enough
            outcome = self._in_general(left - right, plain, self._setting.substitutions, 0, thorough=False)
            if outcome.kind == "zero":
                return outcome
        return self._by_values(left - right, facts, self._setting.substitutions, 0)

    def constant(self, expr: Sym) -> Sym | None:
        """The rational number that an expression without free leaves is, if it is one."""
        way = Way(by_cases=True, related=True)
        outcome = self._attempts(expr, {}, self._setting.substitutions, way, Converter.convert)
        if not isinstance(outcome, tuple):
            return None
        element = outcome[1]
        if element.is_zero():
            return Integer(0)
        if not element.is_constant():
            return None
        c = element.leading_coefficient()
        return Rational(int(c.p), int(c.q))

    # -- strategies -------------------------------------------------------------------------------------------------

    def _by_values(self, e: Sym, facts: Facts, substitutions: Mapping[Sym, Sym], depth: int) -> Outcome:
        """In general first; then value by value of the leaves with finite domains."""
        general = self._in_general(e, facts, substitutions, depth)
        if general.kind != "open" or depth:
            return general
        finite = [s for s in self._reached(e, facts, substitutions) if self._values(s)]
        cases = 1
        for s in finite:
            cases *= len(self._values(s))
        if not finite or cases > MOST_FINITE_CASES:
            return general
        for values in product(*(self._values(s) for s in finite)):
            chosen = {**substitutions, **dict(zip(finite, values, strict=True))}
            outcome = self._in_general(e, facts, chosen, depth)
            if outcome.kind == "open":
                return outcome
        return ZERO

    def _values(self, symbol: Sym) -> tuple[Sym, ...]:
        return tuple(number(v) for v in self._lowering.leaves[symbol].domain.values)

    def _in_general(
        self, e: Sym, facts: Facts, substitutions: Mapping[Sym, Sym], depth: int, *, thorough: bool = True
    ) -> Outcome:
        ways = [PLAIN]
        for way in ways:
            found = self._looked_at(e, facts, substitutions, way, thorough=thorough)
            if isinstance(found, Outcome):
                return found
            tower, converter, edges = found
            if edges is not None:
                return self._at_edges(tower, converter, edges, e, facts, substitutions, depth)
            if not thorough:
                break
            if way == PLAIN:
                ways += [Way(by_cases=False, related=True)] if converter.special_met else []
                signs = any(g.kind == "sign" for g in tower.ring.generators)
                ways += [Way(by_cases=True, related=converter.special_met)] if signs else []
        return Outcome("open", "the difference does not reduce to 0")

    def _looked_at(
        self, e: Sym, facts: Facts, substitutions: Mapping[Sym, Sym], way: Way, *, thorough: bool
    ) -> Outcome | tuple[Tower, Converter, list[Poly] | None]:
        """The tower with the edges that remain, with finer lattices as the look needs them."""
        for _ in range(ATTEMPTS):
            found = self._attempts(e, facts, substitutions, way)
            if isinstance(found, Outcome):
                return found
            tower, element, converter = found
            try:
                return tower, converter, self._edges(tower, element, thorough=thorough)
            except Refine as refine:
                self._refine(refine)
                self._shared.clear()
        return Outcome("open", "exponents with too many denominators")

    def _refine(self, refine: Refine) -> None:
        known = self._denominators.get(refine.key, 1)
        self._denominators = {**self._denominators, refine.key: known * refine.factor}

    def _edges(self, tower: Tower, element: Poly, *, thorough: bool) -> list[Poly] | None:
        """Where it remains to be shown that an element is zero; ``None`` if it is not shown elsewhere either."""
        if element.is_zero():
            return []
        try:
            top, _ = tower.numerator(element)
            if top.is_zero():
                return []
            if not thorough:
                return None
            edges = remaining_edges(tower.ring, top)
            return vanishing_edges(tower, top) if edges is None else edges
        except (Full, OverBudget):
            return None

    def _attempts(
        self,
        e: Sym,
        facts: Facts,
        substitutions: Mapping[Sym, Sym],
        way: Way,
        convert: Callable[[Converter, Sym], Poly] = element_of_sum,
    ) -> Outcome | tuple[Tower, Poly, Converter]:
        """The element of ``e``, or one of which it is a multiple, with larger contexts and finer lattices as needed.

        Entries with the same facts share a tower, and with it the work for what is common to them.
        """
        key = (tuple(f for f in facts if f[0] != "kink"), way)
        shared = self._shared.get(key) if substitutions is self._setting.substitutions else None
        if shared is not None:
            try:
                tower, converter = shared
                return tower, tower.ring.reduce(convert(converter, e)), converter
            except (Refine, Full, Undefined, NotLowered, OverBudget):
                del self._shared[key]
        found = self._fresh(e, facts, substitutions, way, convert)
        if isinstance(found, tuple) and substitutions is self._setting.substitutions:
            self._shared[key] = found[0], found[2]
        return found

    def _fresh(
        self,
        e: Sym,
        facts: Facts,
        substitutions: Mapping[Sym, Sym],
        way: Way,
        convert: Callable[[Converter, Sym], Poly],
    ) -> Outcome | tuple[Tower, Poly, Converter]:
        room = self._estimate(e, facts)
        for _ in range(ATTEMPTS):
            tower = Tower(Ring(room, self._meter), self._denominators, by_cases=way.by_cases)
            converter = Converter(tower, self._lowering, substitutions, related=way.related)
            unused = ("kink",) if way.related else ("kink", "pole")
            judged = [fact for fact in (*self._setting.conditions, *facts) if fact[0] not in unused]
            try:
                for fact in judged:
                    kind, p, q = fact
                    if not self._assume(converter, kind, converter.convert(p), converter.convert(q)):
                        return NOWHERE if fact in facts else CONTRADICTION
                return tower, tower.ring.reduce(convert(converter, e)), converter
            except Refine as refine:
                self._refine(refine)
            except Full:
                room *= 2
            except (Undefined, NotLowered) as outside:
                return Outcome("open", str(outside))
            except OverBudget:
                return Outcome("open", "the work is more than the budget")
        return Outcome("open", "exponents with too many denominators")

    @staticmethod
    def _assume(converter: Converter, kind: str, element: Poly, slope: Poly) -> bool:
        """Take in a fact; ``False`` if it holds nowhere."""
        try:
            if kind == "off":
                converter.tower.assume_off(element, slope)
            elif kind == "pole":
                converter.special.assume_regular(element)
            elif kind == "power":
                if element.is_zero():
                    converter.tower.assume(">=", slope)
            else:
                converter.tower.assume(kind, element)
        except Undefined:
            return False
        return True

    def _estimate(self, e: Sym, facts: Facts) -> int:
        """About how many generators an element needs."""
        count, seen = 12, set()
        stack = [e, *(p for fact in (*facts, *self._setting.conditions) for p in fact[1:])]
        while stack:
            x = stack.pop()
            if x in seen:
                continue
            seen.add(x)
            if x.is_Symbol:
                let = self._lowering.lets.get(x)
                count += let is None
                stack.extend(() if let is None else (let.expr,))
            elif x.is_Function or (x.is_Pow and not (x.exp.is_Integer and x.exp > 0)):
                count += _ROOM.get(type(x).__name__, 2)
            stack.extend(x.args)
        return count

    def _reached(self, e: Sym, facts: Facts, substitutions: Mapping[Sym, Sym]) -> list[Sym]:
        """The free leaves that an expression is made from, in order of their making."""
        found: set[Sym] = set()
        stack = [e, *(p for fact in facts for p in fact[1:])]
        seen: set[Sym] = set()
        while stack:
            for s in stack.pop().free_symbols:
                if s in seen:
                    continue
                seen.add(s)
                if s in self._lowering.lets:
                    stack.append(self._lowering.lets[s].expr)
                elif s in substitutions:
                    stack.append(substitutions[s])
                else:
                    found.add(s)
        return sorted(found, key=lambda s: s.name)

    # -- where a suspect is 0 ---------------------------------------------------------------------------------

    def _at_edges(
        self,
        tower: Tower,
        converter: Converter,
        edges: list[Poly],
        e: Sym,
        facts: Facts,
        substitutions: Mapping[Sym, Sym],
        depth: int,
    ) -> Outcome:
        """Prove the claim also where a suspect (a denominator in a branch, say) or an edge of signs is 0, by
        solving for a leaf there."""
        suspects = [p for p in tower.suspects.values() if not tower.is_nonzero(p)]
        for p in {tower.ring.key(p): p for p in (*suspects, *edges)}.values():
            solved = self._solve(tower, converter, p) if depth < DEEPEST_BOUNDARY else None
            if solved is None:
                return Outcome("open", "it holds apart from points where a denominator or a condition is at its edge")
            there = self._in_general(e, facts, {**substitutions, **solved}, depth + 1)
            if there.kind == "open":
                return there
        return ZERO

    @staticmethod
    def _solve(tower: Tower, converter: Converter, p: Poly) -> dict[Sym, Sym] | None:
        """What ``p = 0`` says of a leaf: ``p`` is linear in it with a constant coefficient, or a sum of squares of
        which one is of such a form."""
        p = tower.same_zeros(p)
        terms = tower.ring.sparse(p)
        if any(place not in converter.leaves for m in terms for place, _ in m):
            return None
        squares = square_sum(tower.ring, p) == 0
        for place, leaf in converter.leaves.items():
            having = {m: c for m, c in terms.items() if any(i == place for i, _ in m)}
            if list(having) == [((place, 1),)]:
                slope, rest = having[((place, 1),)], [(m, c) for m, c in terms.items() if m not in having]
            elif squares and ((place, 2),) in having:
                # a v**2 + b v + c is a (v + b/(2 a))**2 and what is a sum of squares, too
                slope = 2 * having.pop(((place, 2),))
                rest = [(tuple((i, e) for i, e in m if i != place), c) for m, c in having.items()]
            else:
                continue
            negative = sympy.Add(
                *(
                    Rational(int((c / slope).p), int((c / slope).q))
                    * sympy.Mul(*(converter.leaves[i] ** x for i, x in m))
                    for m, c in rest
                )
            )
            return {leaf: -negative}
        return None


def solve_for_leaf(lowering: Lowering, equation: Sym, taken: Sequence[Sym]) -> tuple[Sym, Sym] | None:
    """``equation = 0`` solved for a leaf in which it is linear with a rational coefficient."""
    unfolded = equation
    for _ in range(64):
        lets = {s: lowering.lets[s].expr for s in unfolded.free_symbols if s in lowering.lets}
        if not lets:
            break
        unfolded = unfolded.xreplace(lets)
    candidates = [s for s in lowering.leaves if s in unfolded.free_symbols and s not in taken]
    for leaf in sorted(candidates, key=lambda s: (lowering.leaves[s].name, lowering.leaves[s].index), reverse=True):
        slope = sympy.diff(unfolded, leaf)
        if slope.is_Rational and slope != 0:
            rest = unfolded.xreplace({leaf: Integer(0)})
            return leaf, -rest / slope
    return None
