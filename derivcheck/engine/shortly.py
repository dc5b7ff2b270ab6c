"""Owns the short way to a proof: entries of both sides straight into a tower, derivatives carried along.

No expression is made of a claim, and SymPy is asked for nothing but the derivatives of operations (``duals``). What a
claim needs beyond that (kinks that move, branches, conditions, points at which a denominator may be 0) is left to the
long way (``exact``), which is also asked where the difference is not 0 here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial, reduce
from itertools import islice, product
from math import prod
from typing import Any

from derivcheck.engine.compare import indices
from derivcheck.engine.components import ARRAY, Index, TooManyRows, of_and_targets, stretched
from derivcheck.engine.convert import leaf_generator
from derivcheck.engine.duals import POWER, TIMES, Carried, Dual, Duals, LongWay, Number, level_of
from derivcheck.engine.lattice import Refine
from derivcheck.engine.lower import Leaf, NotLowered
from derivcheck.engine.names import is_literal
from derivcheck.engine.ring import Full, Poly
from derivcheck.engine.signs import Undefined
from derivcheck.engine.spaces import Space
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, Quantifier

#: Counted work, of points of few numbers and of others; attempts; entries that are looked at.
WORK = 60_000
LARGE_WORK = 300_000
FEW = 8
ATTEMPTS = 6
MOST_ENTRIES = 64

#: Generators beside those of functions and of variables.
ROOM = 8

#: Derivatives inside one another.
MOST_DERIVATIVES = 3

#: What is differentiated by: "variable" or "bound", its name, and the entry.
_Target = tuple[str, str, Index]
_By = tuple[_Target, ...]


class _Way(Duals):
    """One attempt, in one tower."""

    def __init__(self, space: Space, room: int, denominators: dict[Any, int], meter: Meter, *, alone: bool) -> None:
        super().__init__(room, denominators, meter, alone=alone)
        self._derivation = space.derivation
        self._names = space.session.names
        self._bound = space.bound
        self.shape = space.shape
        self.env: dict[str, int] = {}
        self._leaves: dict[_Target, Poly] = {}
        self._memo: dict[Any, Number] = {}

    def zero(self, left: Expr, right: Expr, index: Index) -> bool:
        """Whether an entry of both sides is equal wherever both have values.

        Raises:
            LongWay, Refine, Full, Undefined, NotLowered, OverBudget: it is not seen here.
        """
        a, b = (self.at(side, self._place(side, index), ()) for side in (left, right))
        element = self.ring.reduce(a - b)
        if not element.is_zero() and not self.tower.numerator(element)[0].is_zero():
            return False
        # and nothing that was divided by, or was the argument of a logarithm, may be 0
        return all(self.tower.is_nonzero(p) for p in self.tower.suspects.values())

    def _place(self, side: Expr, index: Index) -> Index:
        """The entry of a side: one of one entry goes with all of the other."""
        shape = self.shape(side.shape)
        return (0,) * len(shape) if prod(shape) == 1 else index

    # -- typed expressions --------------------------------------------------------------------------------------

    def at(self, expr: Expr, index: Index, by: _By) -> Number:
        """An entry of an expression, differentiated by entries of variables (the outermost first)."""
        key: Any = (id(expr), index, by)
        if self.env:
            key = (*key, *(self.env.get(k) for k in self._names.keys(expr)))
        found = self._memo.get(key)
        if found is None:
            make = _MAKE.get(type(expr))
            if make is None:
                raise LongWay
            found = self._memo[key] = make(self, expr, index, by)
        return found

    def operand(self, expr: Expr, index: Index, by: _By) -> Number:
        """An operand's entry for an entry of the result."""
        return self.at(expr, stretched(self, expr, index) if expr.shape else (), by)

    def leaf(self, target: _Target, by: _By) -> Number:
        """An entry of a variable, or a bound scalar."""
        found = self._leaves.get(target)
        if found is None:
            kind, name, index = target
            domain = self._bound[name] if kind == "bound" else self._derivation.variables[name].domain
            if domain.kind not in _OF_ENTRIES:
                raise LongWay
            found = self._leaves[target] = leaf_generator(self.tower, Leaf(name, index, domain)).raw
        for level, moving in enumerate(by, start=1):
            if moving == target:
                found = Dual(level, found, self.ring.one)
        return found

    def bound(self, expr: typed.Bound, index: Index, by: _By) -> Number:
        """A bound index or scalar."""
        value = self.env.get(expr.key)
        if value is not None:
            return self.rational(value, 1)
        if expr.key not in self._bound:
            raise LongWay
        return self.leaf(("bound", expr.key, ()), by)

    def arithmetic(self, expr: typed.Arithmetic, index: Index, by: _By) -> Number:
        """``+ - * / **``."""
        a = self.operand(expr.left, index, by)
        b = self.operand(expr.right, index, by)
        match expr.operator:
            case "+":
                return self.sum(a, b)
            case "-":
                return self.sum(a, self.negative(b))
            case "*":
                return self.apply(TIMES, a, b)
            case "/":
                return self.quotient(a, b)
            case _:
                return self._power(a, b, expr.right)

    def _power(self, a: Number, b: Number, exponent: Expr) -> Number:
        constant = self.constant_of(b)
        if is_literal(exponent) and constant is not None:
            p, q = constant
            if q != 1:
                self.note(">" if p < 0 else ">=", a)
            elif p < 0:
                self.note("!=", a)
            return self.apply(("**", str(p), str(q)), a) if p else self.ring.one
        if constant is not None or self._names.integral(exponent):
            raise LongWay
        self.note(">", a)
        return self.apply(POWER, a, b)

    def function(self, expr: typed.Apply, index: Index, by: _By) -> Number:
        """A function of the table."""
        if expr.order:
            raise LongWay
        arguments = [self.operand(a, index, by) for a in expr.arguments]
        row = FUNCTIONS[expr.function]
        if row.formula is None:
            return self.primitive(row.name, *arguments)
        return row.formula(self, *(Carried(self, a) for a in arguments)).number

    def derivative(self, expr: typed.Derivative, index: Index, by: _By) -> Number:
        """An entry of a derivative."""
        target = expr.target
        of_index, places = of_and_targets(expr, index)
        if target.kind == "defined" or len(by) + len(places) > MOST_DERIVATIVES:
            raise LongWay
        inner = by
        for place in places:
            if target.kind == "bound":
                inner = (*inner, ("bound", target.key, ()))
                continue
            if target.subscripts is not None:
                rest = iter(place)
                place = tuple(next(rest) if s is None else self.position(s) for s in target.subscripts)  # noqa: PLW2901
            inner = (*inner, ("variable", target.name, place))
        found = self.at(expr.of, of_index, inner)
        for level in range(len(inner), len(by), -1):
            if level_of(found) != level:
                return self.ring.zero
            found = found.slope
        return found

    def position(self, subscript: Expr) -> int:
        """The number that a subscript is."""
        constant = self.constant_of(self.at(subscript, (), ()))
        if constant is None:
            raise LongWay
        return constant[0]

    def matmul(self, expr: typed.MatMul, index: Index, by: _By) -> Number:
        """An entry of a matrix product."""
        left = self.shape(expr.left.shape)
        rows, columns = index[: len(left) - 1], index[len(left) - 1 :]
        return self.total(
            self.apply(TIMES, self.at(expr.left, (*rows, k), by), self.at(expr.right, (k, *columns), by))
            for k in range(left[-1])
        )

    def element(self, expr: typed.Element, index: Index, by: _By) -> Number:
        """An entry of an entry or slice."""
        rest = iter(index)
        place = tuple(next(rest) if s is None else self.position(s) for s in expr.subscripts)
        shape = self.shape(expr.base.shape)
        return self.at(expr.base, tuple(i % n for i, n in zip(place, shape, strict=True)), by)

    def entries(self, expr: typed.Entries, index: Index, by: _By) -> Number:
        """An entry of a literal."""
        flat = 0
        for i, n in zip(index, self.shape(expr.shape), strict=True):
            flat = flat * n + i
        return self.at(expr.entries[flat], (), by)

    def big_op(self, expr: typed.BigOp, index: Index, by: _By) -> Number:
        """A sum or product over an index."""
        before = self.env.get(expr.key)
        terms = []
        for i in range(self.shape((expr.size,))[0]):
            self.env[expr.key] = i
            terms.append(self.at(expr.body, index, by))
        if before is None:
            self.env.pop(expr.key, None)
        else:
            self.env[expr.key] = before
        return self.total(terms) if expr.kind == "sum" else self.product(terms)

    def array_op(self, expr: typed.ArrayOp, index: Index, by: _By) -> Number:
        """An entry of an operation on whole arrays."""
        try:
            found: Carried = ARRAY[expr.name](_Maker(self, by), expr, index)
        except TooManyRows as many:
            raise LongWay from many
        return found.number

    def total(self, terms: Iterable[Number]) -> Number:
        """The sum of numbers."""
        return reduce(self.sum, terms)

    def product(self, factors: Iterable[Number]) -> Number:
        """The product of numbers."""
        return reduce(partial(self.apply, TIMES), factors)


class _Maker:
    """What makes entries of operations on arrays (see ``components``), differentiated alike."""

    def __init__(self, way: _Way, by: _By) -> None:
        self._way = way
        self._by = by
        self.carrier = self
        self.shape = way.shape

    def entry(self, expr: Expr, index: Index) -> Carried:
        """An entry of an operand."""
        return Carried(self._way, self._way.at(expr, index, self._by))

    def let(self, component: Carried) -> Carried:
        """The same: elements of the tower are never unfolded."""
        return component

    def total(self, terms: Iterable[Carried]) -> Carried:
        """The sum of some."""
        return Carried(self._way, self._way.total(term.number for term in terms))

    def product(self, factors: Iterable[Carried]) -> Carried:
        """The product of some."""
        return Carried(self._way, self._way.product(factor.number for factor in factors))

    def exp(self, x: Carried) -> Carried:
        """The exponential."""
        return self.apply("exp", (x,))

    def log(self, x: Carried) -> Carried:
        """The logarithm of what is positive."""
        return Carried(self._way, self._way.apply(("log",), x.number))

    def constant(self, value: int) -> Carried:
        """A whole number."""
        return Carried(self._way, self._way.rational(value, 1))

    def ratio(self, a: Carried, b: Carried) -> Carried:
        """``a / b``, undefined where b is 0."""
        return self._way.ratio(a, b)

    def apply(self, name: str, arguments: tuple[Carried, ...]) -> Carried:
        """A primitive function."""
        return Carried(self._way, self._way.primitive(name, *(a.number for a in arguments)))


#: Domains of arrays that say nothing but of each entry alone.
_OF_ENTRIES = frozenset({"real", "positive", "nonnegative", "interval", "integer", "finite"})

_MAKE: dict[type[Expr], Callable[[_Way, Any, Index, _By], Number]] = {
    typed.Number: lambda w, e, index, by: w.rational(e.value.numerator, e.value.denominator),
    typed.Constant: lambda w, e, index, by: w.tower.pi() if e.name == "pi" else w.tower.exp(w.ring.one),
    typed.Dimension: lambda w, e, index, by: w.rational(w.shape((e.name,))[0], 1),
    typed.Variable: lambda w, e, index, by: w.leaf(("variable", e.name, index), by),
    typed.Bound: _Way.bound,
    typed.Defined: lambda w, e, index, by: w.at(w._derivation.definitions[e.name], index, by),
    typed.Negate: lambda w, e, index, by: w.negative(w.at(e.operand, index, by)),
    typed.Arithmetic: _Way.arithmetic,
    typed.Apply: _Way.function,
    typed.Derivative: _Way.derivative,
    typed.MatMul: _Way.matmul,
    typed.Element: _Way.element,
    typed.Entries: _Way.entries,
    typed.BigOp: _Way.big_op,
    typed.ArrayOp: _Way.array_op,
}


def proved(
    space: Space,
    left: Expr,
    right: Expr,
    quantifiers: Sequence[Quantifier],
    functions: Sequence[typed.Shape],
    *,
    work: int,
    last: bool,
) -> bool:
    """Whether the short way shows that all entries of two sides (or the ``last``, where that is enough) are equal
    wherever both have values; ``functions`` are the shapes of what needs generators, ``work`` is the most that may be
    spent. Where it does not, nothing is said."""
    cases = list(islice(indices(quantifiers, space), MOST_ENTRIES + 1))
    a, b = (space.shape(e.shape) for e in (left, right))
    shape = a if prod(a) >= prod(b) else b
    if not cases or len(cases) * prod(shape) > MOST_ENTRIES:
        return False
    places = list(product(*(range(n) for n in shape)))
    if last:
        cases, places = cases[-1:], places[-1:]
    entries = [(case, place) for case in cases for place in places]
    denominators: dict[Any, int] = {}
    room = ROOM + 2 * sum(prod(space.shape(f)) for f in functions) + (space.entries if space.entries > 4 else 0)
    meter = Meter(min(work, WORK if space.entries <= FEW else LARGE_WORK))
    way: _Way | None = None
    for case, place in entries:
        for _ in range(ATTEMPTS):
            if way is None:
                way = _Way(space, room, denominators, meter, alone=len(entries) == 1)
            way.env.update((q.key, value) for q, value in case)
            try:
                if not way.zero(left, right, place):
                    return False
                break
            except Refine as refine:
                denominators = {**denominators, refine.key: denominators.get(refine.key, 1) * refine.factor}
            except Full:
                room *= 2
            except (LongWay, Undefined, NotLowered, OverBudget):
                return False
            way = None
        else:
            return False
        if way is not None and way.assumes:
            way = None  # where another entry has a value, these conditions need not hold
    return True
