"""Owns the exact road of one claim at explicit sizes: its entries as components, its conditions as facts, proofs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import islice
from math import prod

import numpy as np
import sympy
from sympy import Integer, S

from derivcheck.engine.compare import MOST_ENTRIES, indices
from derivcheck.engine.components import Index
from derivcheck.engine.draws import contains
from derivcheck.engine.lets import Fact, Facts
from derivcheck.engine.lower import Leaf
from derivcheck.engine.normal_form import ZERO, Outcome, Prover, Setting, solve_for_leaf
from derivcheck.engine.spaces import Space
from derivcheck.engine.symbols import Sym, number
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, Quantifier

#: One entry of both sides, and the facts of both.
Entry = tuple[Sym, Sym, Facts]

#: Entries of a one-hot array of which the products of any two are written down.
MOST_ONE_HOT = 8

#: Decimal digits of values by SymPy.
DIGITS = 50


class ExactRoad:
    """Lowered components of a claim, and a prover for them; made once a claim and size.

    ``off_kinks`` tells, after a proof, whether it leaves out points at which a derivative does not exist.
    """

    def __init__(self, space: Space, quantifiers: tuple[Quantifier, ...], meter: Meter) -> None:
        cut_free = frozenset(n for n in space.given if n in space.derivation.definitions)
        self._space = space
        self._quantifiers = quantifiers
        self._meter = meter
        self.off_kinks = False
        self.lowering = space.session.lowering(space.sizes, cut_free, space.bound, meter)

    def entries(self, left: Expr, right: Expr, *, few: bool = False) -> Iterator[Entry]:
        """Every entry of both sides with the facts of both, for every value of the quantified indices; the first and
        the last of them if ``few`` are enough.

        Raises:
            NotLowered, NowhereDefined, OverBudget: as in the lowering.
        """
        shape = self._common_shape(left, right)
        cases = list(islice(indices(self._quantifiers, self._space), MOST_ENTRIES + 1))
        if len(cases) * prod(shape) > MOST_ENTRIES:
            raise OverBudget  # a proof must have seen every entry
        if few:
            cases = [cases[0], cases[-1]][: len(cases)]
        for case, chosen in enumerate(cases):
            for quantifier, value in chosen:
                self.lowering.bind(quantifier.key, value)
            here = dict.fromkeys(self._facts_of(self._space.local))
            places = list(np.ndindex(*shape))
            if few and len(places) > 1:
                places = [places[-case]] if len(cases) > 1 else [places[0], places[-1]]
            for index in places:
                a, facts_a = self._entry(left, index)
                b, facts_b = self._entry(right, index)
                yield a, b, {**here, **facts_a, **facts_b}

    def _common_shape(self, left: Expr, right: Expr) -> Index:
        a, b = (self.lowering.shape(e.shape) for e in (left, right))
        return a if prod(a) >= prod(b) else b

    def _entry(self, expr: Expr, index: Index) -> tuple[Sym, Facts]:
        shape = self.lowering.shape(expr.shape)
        if prod(shape) == 1:
            index = (0,) * len(shape)
        return self.lowering.entry_with_facts(expr, index)

    def prover(self, entries: Iterable[Entry]) -> Prover:
        """A prover of these entries under the conditions of the space. What replaces leaves, and what is known of
        them, is said of the leaves that the entries and the conditions are made from: others are of other claims."""
        substitutions: dict[Sym, Sym] = {}
        facts: list[Fact] = []
        conditions = list(self._facts_of(self._space.conditions))
        made_from = [p for a, b, known in entries for p in (a, b, *(q for fact in known for q in fact[1:]))]
        for symbol in self.lowering.leaves_of([*(p for _, p, _ in conditions), *made_from]):
            self._replace(symbol, self.lowering.leaves[symbol], substitutions, facts)
        for relation, p, q in conditions:
            if relation != "==":
                facts.append((relation, p, q))
                continue
            equation = self._unfolded(p, substitutions)
            solved = solve_for_leaf(self.lowering, equation, tuple(substitutions))
            if solved is None:
                facts.append((relation, equation, S.Zero))
                continue
            leaf, value = solved
            substitutions[leaf] = value
            if value.is_Rational and not contains(self.lowering.leaves[leaf].domain, Fraction(value.p, value.q)):
                facts.append(("!=", S.Zero, S.Zero))  # it never holds
        return Prover(self.lowering, Setting(substitutions, tuple(facts)), self._meter)

    def prove(self, left: Expr, right: Expr, *, defined: bool, few: bool = False) -> Outcome:
        """Whether every entry of both sides is equal wherever both are defined; ``defined``: somewhere they are.
        The last entry alone is judged where ``few`` are enough, since another road has shown them all.

        Raises:
            NotLowered, NowhereDefined, OverBudget: as in the lowering.
        """
        entries = list(self.entries(left, right, few=few))
        self.off_kinks = any(kind == "off" for _, _, facts in entries for kind, _, _ in facts)
        prover = self.prover(entries)
        nowhere: Outcome | None = None
        for a, b, facts in entries[-1:] if few else entries:
            outcome = prover.prove(a, b, facts, defined=defined)
            if outcome.kind == "open":
                return outcome
            if outcome.kind == "nowhere":
                nowhere = outcome
        return nowhere or ZERO

    def evaluate(self, expr: Sym) -> str | None:
        """The decimal value of a component whose leaves are all given, by SymPy; ``None`` if it has none."""
        substitutions: dict[Sym, Sym] = {}
        for symbol in self.lowering.leaves_of([expr]):
            self._replace(symbol, self.lowering.leaves[symbol], substitutions, [])
        stack = [expr]
        known: dict[Sym, Sym] = dict(substitutions)
        while stack:
            top = stack[-1]
            waiting = [s for s in top.free_symbols if s not in known]
            if any(s not in self.lowering.lets for s in waiting):
                return None
            if waiting:
                stack.extend(self.lowering.lets[s].expr for s in waiting)
                for s in waiting:
                    inner = self.lowering.lets[s].expr
                    if all(f in known for f in inner.free_symbols):
                        known[s] = inner.xreplace(known).evalf(DIGITS)
                continue
            stack.pop()
        value = expr.xreplace(known).evalf(DIGITS)
        return str(value) if value.is_Float or value.is_Rational else None

    def _unfolded(self, expr: Sym, substitutions: dict[Sym, Sym]) -> Sym:
        """An expression in leaves alone, with what is replaced replaced."""
        for _ in range(64):
            known = {s: self.lowering.lets[s].expr for s in expr.free_symbols if s in self.lowering.lets}
            known.update({s: substitutions[s] for s in expr.free_symbols if s in substitutions})
            if not known:
                break
            expr = expr.xreplace(known)
        return sympy.expand(expr)

    def _facts_of(self, conditions: tuple[Expr, ...]) -> Iterator[Fact]:
        stack = list(reversed(conditions))
        while stack:
            condition = stack.pop()
            if isinstance(condition, typed.Logic) and condition.operator == "and":
                stack.extend(reversed(condition.operands))
            elif isinstance(condition, typed.Compare):
                shape = self.lowering.shape(condition.shape)
                for index in np.ndindex(*shape):
                    (a, known), (b, more) = (
                        self.lowering.operand_with_facts(e, index) for e in (condition.left, condition.right)
                    )
                    yield from (fact for fact in (*known, *more) if fact[0] in (">", ">=", "!="))
                    flip = condition.operator in ("<", "<=")
                    relation = {"<": ">", "<=": ">="}.get(condition.operator, condition.operator)
                    yield relation, self.lowering.let(b - a if flip else a - b), S.Zero

    def _replace(self, symbol: Sym, leaf: Leaf, substitutions: dict[Sym, Sym], facts: list[Fact]) -> None:
        """What the given values and the domain of a whole array say of one entry."""
        given = self._space.given.get(leaf.name)
        if given is not None:
            flat = int(np.ravel_multi_index(leaf.index, given.shape)) if given.shape else 0
            substitutions[symbol] = number(given.entries[flat])
            return
        low = self.lowering
        match leaf.domain.kind:
            case "symmetric" | "positive definite" if leaf.index[0] > leaf.index[1]:
                substitutions[symbol] = low.variable_entry(leaf.name, leaf.index[::-1])
            case "diagonal" if leaf.index[0] != leaf.index[1]:
                substitutions[symbol] = S.Zero
            case "orthogonal":
                relations = [("==", p, S.Zero) for p in self._orthogonality(leaf)]
                facts.extend(relation for relation in relations if relation not in facts)
            case "simplex" | "one-hot":
                self._sum_to_one(symbol, leaf, substitutions)
                if leaf.domain.kind == "one-hot":
                    facts.extend(("==", p, S.Zero) for p in self._one_hot(symbol, leaf))
            case _:
                pass

    def _sum_to_one(self, symbol: Sym, leaf: Leaf, substitutions: dict[Sym, Sym]) -> None:
        places = list(np.ndindex(*self.lowering.shape(self._space.derivation.variables[leaf.name].shape)))
        if leaf.index == places[-1]:
            others = (self.lowering.variable_entry(leaf.name, place) for place in places[:-1])
            substitutions[symbol] = 1 - sympy.Add(*others)

    def _one_hot(self, symbol: Sym, leaf: Leaf) -> Iterator[Sym]:
        """Products of two entries are 0: of this one and those before it, but not the last, which is replaced."""
        places = list(np.ndindex(*self.lowering.shape(self._space.derivation.variables[leaf.name].shape)))
        if len(places) <= MOST_ONE_HOT and leaf.index != places[-1]:
            for place in places[: places.index(leaf.index)]:
                yield symbol * self.lowering.variable_entry(leaf.name, place)

    def _orthogonality(self, leaf: Leaf) -> Iterator[Sym]:
        n = self.lowering.shape(self._space.derivation.variables[leaf.name].shape)[0]
        x = [[self.lowering.variable_entry(leaf.name, (i, j)) for j in range(n)] for i in range(n)]
        for i in range(n):
            for j in range(i, n):
                yield sympy.Add(*(x[k][i] * x[k][j] for k in range(n))) - Integer(i == j)
                yield sympy.Add(*(x[i][k] * x[j][k] for k in range(n))) - Integer(i == j)
