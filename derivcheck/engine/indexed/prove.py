"""Owns the every-size proof of one link of a claim: both sides as index forms with symbolic sizes, entry by entry.

First without any knowledge; then once more with what holds wherever both sides are defined (the facts of our own
nodes, and the conditions), if the first does not do.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from flint import fmpq

from derivcheck.engine.indexed.algebra import Constraints, Total
from derivcheck.engine.indexed.cancelled import vanishes
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.lower import ONLY, IndexLowering
from derivcheck.engine.indexed.terms import Index, NotShown, Sum, beyond
from derivcheck.engine.names import Names
from derivcheck.engine.normal_form import ZERO, Outcome
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Claim, Derivation

#: Functions with kinks or jumps.
_KINKED = frozenset({"abs", "sign", "relu", "leaky_relu", "elu", "min", "max", "clip"})

#: Entries at literal positions of one claim.
MOST_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class _Setting:
    """What the proofs of one derivation under the same conditions share."""

    calculus: Calculus
    lowering: IndexLowering
    replaced: dict[str, Sum]


class EverySize:
    """Proofs for every size of the claims of one derivation; they share what they lower."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._names = Names(derivation)
        self._settings: dict[Hashable, _Setting] = {}

    def prove(
        self,
        left: Expr,
        right: Expr,
        quantifiers: Sequence[Quantifier],
        conditions: Sequence[Expr],
        meter: Meter,
    ) -> Outcome:
        """Whether two sides are equal, entry by entry, for every size, wherever both are defined."""
        try:
            return self._prove(left, right, tuple(quantifiers), tuple(conditions), meter)
        except NotShown as reason:
            return Outcome("open", str(reason))
        except OverBudget:
            return Outcome("open", "the work is more than the budget")
        except RecursionError:
            return Outcome("open", "definitions that are nested too deeply")

    def _prove(
        self,
        left: Expr,
        right: Expr,
        quantifiers: tuple[Quantifier, ...],
        conditions: tuple[Expr, ...],
        meter: Meter,
    ) -> Outcome:
        self._names.bind_scalars(q.key for q in quantifiers if q.domain is not None and q.domain.kind != "integer")
        least = self._least(left, right)
        # where there are kinks, their facts will be wanted
        setting = self._noting if self._has_kinks(left, right) else self._setting
        plain = _Task(setting(quantifiers, conditions, least, meter), left, right, quantifiers, meter)
        waiting = [i for i in plain.entries() if not plain.is_zero(plain.difference(i))]
        if waiting and self._has_determinants(left, right):
            apart = _Task(
                self._setting(quantifiers, conditions, least, meter, splits=True), left, right, quantifiers, meter
            )
            waiting = [i for i in waiting if not apart.is_zero(apart.difference(i))]
        if not waiting:
            return ZERO
        notes = self._noting(quantifiers, conditions, least, meter)
        informed, calculus = _Task(notes, left, right, quantifiers, meter, informed=True), notes.calculus
        for entry in waiting:
            known = {relation: list(patterns) for relation, patterns in calculus.known.items()}
            try:
                informed.learn(entry)
                if informed.is_zero(calculus.again(informed.difference(entry))):
                    continue
                lowering = IndexLowering(self._derivation, calculus, self._names, notes.replaced, facts=False)
                task = _Task(_Setting(calculus, lowering, {}), left, right, quantifiers, meter, informed=True)
                if not task.is_zero(task.difference(entry)):
                    return Outcome("open", "the two sides do not reduce to one form for every size")
            finally:
                calculus.known = known
                calculus.forget()
        return ZERO

    def _has_determinants(self, *sides: Expr) -> bool:
        return any(isinstance(e, typed.ArrayOp) and e.name == "det" for s in sides for e in self._names.reached(s))

    def _has_kinks(self, *sides: Expr) -> bool:
        return any(
            isinstance(e, typed.Where) or (isinstance(e, typed.Apply) and e.function in _KINKED)
            for s in sides
            for e in self._names.reached(s)
        )

    def _least(self, left: Expr, right: Expr) -> dict[str, int]:
        """The least sizes that are declared, or that the positions written in both sides ask."""
        least = {name: rule.least for name, rule in self._derivation.dims.items()}
        for side in (left, right):
            for name, size in typed.least_sizes(side).items():
                least[name] = max(size, least.get(name, 1))
        return least

    def _noting(
        self,
        quantifiers: tuple[Quantifier, ...],
        conditions: tuple[Expr, ...],
        least: Mapping[str, int],
        meter: Meter,
    ) -> _Setting:
        """A setting in which facts are noted."""
        return self._setting(quantifiers, conditions, least, meter, facts=True)

    def _setting(
        self,
        quantifiers: tuple[Quantifier, ...],
        conditions: tuple[Expr, ...],
        least: Mapping[str, int],
        meter: Meter,
        *,
        splits: bool = False,
        facts: bool = False,
    ) -> _Setting:
        """Shared by the links whose conditions, least sizes and quantified scalars are the same."""
        scalars = tuple(q for q in quantifiers if q.domain is not None)
        key = (conditions, tuple(sorted(least.items())), splits, facts)
        found = None if scalars else self._settings.get(key)
        if found is None:
            known = constrained(self._derivation, quantifiers)
            calculus = Calculus(known, _known_sizes(self._derivation), meter, least, splits=splits)
            replaced = _assume(self._derivation, calculus, self._names, conditions, quantifiers, meter)
            lowering = IndexLowering(self._derivation, calculus, self._names, replaced, facts=facts)
            found = _Setting(calculus, lowering, replaced)
            if not scalars:
                self._settings[key] = found
        return found


def prove_every_size(
    derivation: Derivation,
    claim: Claim,
    left: Expr,
    right: Expr,
    quantifiers: Sequence[Quantifier],
    conditions: Sequence[Expr],
    meter: Meter,
) -> Outcome:
    """Whether ``left == right`` for every size of every symbolic dimension, wherever both sides are defined.

    ``zero``: it is so. ``open``: not shown (the reason says why). A claim at a given point is not of this road.
    """
    if claim.at:
        return Outcome("open", "a claim at a given point")
    return EverySize(derivation).prove(left, right, quantifiers, conditions, meter)


class _Task:
    """One link in one setting."""

    def __init__(
        self,
        setting: _Setting,
        left: Expr,
        right: Expr,
        quantifiers: tuple[Quantifier, ...],
        meter: Meter,
        *,
        informed: bool = False,
    ) -> None:
        self._informed = informed  # of one entry alone, which says nothing of the others
        self._low = setting.lowering
        self._c = setting.calculus
        self._left = left
        self._right = right
        self._quantifiers = quantifiers
        self._low.begin(meter)

    def entries(self) -> list[tuple[Index, ...]]:
        """Indices of the entries: of quantifiers first, then of the axes."""
        shape = self._left.shape if len(self._left.shape) >= len(self._right.shape) else self._right.shape
        dims = [*(q.size for q in self._quantifiers if q.size is not None), *shape]
        ways: list[list[Index]] = []
        count = 1
        for k, dim in enumerate(dims):
            ways.append(self._low.positions(dim) or [(self._low.axis(dim), "@", k)])
            count *= len(ways[-1])
            if count > MOST_ENTRIES:
                raise NotShown("too many entries at literal positions")
        return list(product(*ways))

    def _bind(self, entry: tuple[Index, ...]) -> tuple[Index, ...]:
        ranged = [q for q in self._quantifiers if q.size is not None]
        for q, index in zip(ranged, entry, strict=False):
            self._low.bound[q.key] = index
        return entry[len(ranged) :]

    def _side(self, side: Expr, index: tuple[Index, ...]) -> tuple[Index, ...]:
        if len(side.shape) == len(index):
            return index
        return tuple(ONLY for _ in side.shape)  # a scalar, or an array of exactly one entry

    def difference(self, entry: tuple[Index, ...]) -> Sum:
        """Left minus right at an entry."""
        index = self._bind(entry)
        left = self._low.entry(self._left, self._side(self._left, index))
        right = self._low.entry(self._right, self._side(self._right, index))
        return self._c.subtract(left, right)

    def learn(self, entry: tuple[Index, ...]) -> None:
        """Learn what holds wherever both sides have a value at an entry; nothing is made with that here."""
        index = self._bind(entry)
        sides = ((side, self._side(side, index)) for side in (self._left, self._right))
        for facts in [self._low.entry_with_facts(side, place)[1] for side, place in sides]:
            for kind, p, q in facts:
                if q is not None:
                    self._c.learn_kink(p.terms, q.terms)
                elif kind in (">", "!="):
                    self._c.learn(kind, p.terms)

    def is_zero(self, s: Sum) -> bool:
        """Whether a difference is zero wherever both sides are defined: directly, or times its denominators."""
        return not s or self._cleared(s) or self._by_bodies(s) or (not self._informed and vanishes(self._c, s))

    def _cleared(self, s: Sum) -> bool:
        """Multiply by what the sides divide by, which is not 0 where they are defined."""
        c = self._c
        for _ in range(8):
            low = c.lowest(s, integral=True)
            below = {a: -e for a, e in low.items() if e < 0}
            if not below:
                return False
            s = c.multiply(s, c.term(below, (), fmpq(1)))
            if not s:
                return True
        return False

    def _by_bodies(self, s: Sum) -> bool:
        """Sums over one index, each of whose summands is zero."""
        c = self._c
        groups: dict[tuple[str, ...], Sum] = {}
        for m, k in s.items():
            groups.setdefault(tuple(i[0] for i in m.bound), {})[m] = k
        for dims, group in groups.items():
            if len(dims) != 1:
                if not self._cleared(group):
                    return False
                continue
            over = (dims[0], "%", beyond(i for m in group for i in m.free))
            body: Sum = {}
            for m, k in group.items():
                factors = {c.store.rename_atom(a, {m.bound[0]: over}): e for a, e in m.factors}
                body = c.add(body, c.term(factors, (), k))
            if body and not self._cleared(body):
                return False
        return True


# -- what is known before anything is lowered ---------------------------------------------------------------------


def _known_sizes(derivation: Derivation) -> dict[str, int]:
    return {name: rule.exact for name, rule in derivation.dims.items() if rule.exact is not None}


def constrained(derivation: Derivation, quantifiers: Sequence[Quantifier]) -> Constraints:
    """What the domains of variables and quantified scalars say."""
    known = Constraints()
    for name, variable in derivation.variables.items():
        slots = tuple(k for k, d in enumerate(variable.shape) if d != 1)
        _constrain(known, f"variable {name}", variable.domain, slots)
    for q in quantifiers:
        if q.domain is not None:
            _constrain(known, f"bound {q.key}", q.domain, ())
    return known


def _constrain(known: Constraints, name: str, domain: Domain, slots: tuple[int, ...]) -> None:
    match domain.kind:
        case "positive":
            known.positive.add(name)
        case "interval" if domain.low is not None and (domain.low > 0 or (domain.low == 0 and domain.low_open)):
            known.positive.add(name)
        case "nonnegative":
            known.nonnegative.add(name)
        case "interval" if domain.low == 0:
            known.nonnegative.add(name)
        case "finite" if len(domain.values) <= 4:
            known.finite[name] = tuple(fmpq(v.numerator, v.denominator) for v in domain.values)
        case "simplex" | "one-hot":
            known.nonnegative.add(name)
            known.totals[name] = [Total(slots, fmpq(1))]
            if domain.kind == "one-hot":
                known.finite[name] = (fmpq(0), fmpq(1))
                known.one_hot.add(name)
        case "symmetric" | "positive definite":
            known.symmetric.add(name)
            if domain.kind == "positive definite":
                known.definite.add(name)
                known.regular.add(name)
        case "invertible":
            known.regular.add(name)
        case "diagonal":
            known.diagonal.add(name)
        case "orthogonal":
            known.orthogonal.add(name)
            known.regular.add(name)
        case _:
            pass


def _assume(
    derivation: Derivation,
    calculus: Calculus,
    names: Names,
    conditions: Sequence[Expr],
    quantifiers: Sequence[Quantifier],
    meter: Meter,
) -> dict[str, Sum]:
    """Learn conditions: how things compare with 0, totals of rows and arrays, and the values of variables, which
    are returned by name at formal indices."""
    replaced: dict[str, Sum] = {}
    lowering = IndexLowering(derivation, calculus, names, replaced, facts=False)
    lowering.begin(meter)
    keys = {q.key: q for q in quantifiers}
    for condition in typed.conjuncts(conditions):
        if not isinstance(condition, typed.Compare) or any(k in keys for k in names.keys(condition)):
            continue
        shape = max(condition.left.shape, condition.right.shape, key=len)
        index = tuple(ONLY if lowering.axis(d) == "1" else (lowering.axis(d), "$", k) for k, d in enumerate(shape))
        try:
            lowering.begin(meter)
            gap = calculus.subtract(
                lowering.operand(condition.left, index, lowering.root),
                lowering.operand(condition.right, index, lowering.root),
            )
        except NotShown:
            continue
        _take(derivation, calculus, condition.operator, gap, replaced)
        lowering = IndexLowering(derivation, calculus, names, replaced, facts=False)
    return replaced


def _take(derivation: Derivation, calculus: Calculus, operator: str, gap: Sum, replaced: dict[str, Sum]) -> None:
    match operator:
        case ">":
            calculus.learn(">", gap)
        case "<":
            calculus.learn(">", calculus.scale(gap, fmpq(-1)))
        case "!=":
            calculus.learn("!=", gap)
            _take_value_away(calculus, gap)
        case "==":
            if not _take_total(calculus, gap):
                _take_value(derivation, calculus, gap, replaced)
        case _:
            pass


def _take_value_away(calculus: Calculus, gap: Sum) -> None:
    """``y != number`` for every entry of an array of a finite domain."""
    finite = calculus.constraints.finite
    entries = [m for m in gap if m.factors]
    if len(entries) != 1 or entries[0].bound or len(entries[0].factors) != 1:
        return
    ((atom, e),) = entries[0].factors
    everywhere = all(i == ONLY or i[1] == "$" for i in atom.indices) and len(set(atom.indices)) == len(atom.indices)
    if e == 1 and atom.name in finite and everywhere:
        value = -gap.get(calculus.store.unit, fmpq(0)) / gap[entries[0]]
        finite[atom.name] = tuple(v for v in finite[atom.name] if v != value) or finite[atom.name]


def _take_total(calculus: Calculus, gap: Sum) -> bool:
    """``sum over some axes of an array == number``, for all indices of its other axes."""
    summed = [m for m in gap if m.factors]
    if len(summed) != 1 or len(summed[0].factors) != 1:
        return False
    ((atom, e),) = summed[0].factors
    slots = tuple(k for k, i in enumerate(atom.indices) if i in summed[0].bound)
    distinct = len(set(atom.indices)) == len(atom.indices)
    if atom.kind != "entry" or e != 1 or not slots or len(slots) != len(summed[0].bound) or not distinct:
        return False
    if any(i[1] == "=" and i != ONLY for i in atom.indices) or not atom.name.startswith("variable "):
        return False
    value = -gap.get(calculus.store.unit, fmpq(0)) / gap[summed[0]]
    calculus.constraints.totals.setdefault(atom.name, []).append(Total(slots, value))
    return True


def _take_value(derivation: Derivation, calculus: Calculus, gap: Sum, replaced: dict[str, Sum]) -> None:
    """An equation that gives every entry of a variable its value."""
    for m in sorted(gap, key=lambda m: m.digest):
        if len(m.factors) != 1 or m.bound or m.factors[0][1] != 1:
            continue
        atom = m.factors[0][0]
        if atom.kind != "entry" or not atom.name.startswith("variable "):
            continue
        name = atom.name.removeprefix("variable ")
        formal = [i for i in atom.indices if i != ONLY]
        free = {i for n in gap for i in n.free if i[1] == "$"}
        if len(set(formal)) < len(formal) or any(i[1] != "$" for i in formal) or free - set(formal):
            continue
        if any(atom.name in n.names for n in gap if n is not m):
            continue
        rest = {n: -k / gap[m] for n, k in gap.items() if n is not m}
        places = {i: (i[0], "$", k) for k, i in enumerate(atom.indices) if i != ONLY}
        replaced[name] = calculus.renamed(rest, places)
        return
