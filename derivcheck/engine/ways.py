"""Owns the way of one claim's entries into a tower, for the short way to a proof (``shortly``).

Typed expressions are followed entry by entry, and derivatives carried along (``duals``); where one number is
differentiated by the entries of an array, they are had from a tape (``tape``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial, reduce
from itertools import product
from math import prod
from typing import Any, TypeGuard

from derivcheck.engine.components import ARRAY, Index, TooManyRows, of_and_targets, stretched
from derivcheck.engine.convert import leaf_generator
from derivcheck.engine.duals import Carried, Dual, LongWay, Number, Traced, level_of
from derivcheck.engine.lower import Leaf
from derivcheck.engine.names import is_literal
from derivcheck.engine.operations import POWER, TIMES
from derivcheck.engine.ring import Poly
from derivcheck.engine.spaces import Space
from derivcheck.engine.tape import Tapes
from derivcheck.engine.work import Meter
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation

#: Derivatives inside one another.
MOST_DERIVATIVES = 3

#: What is differentiated by: "variable" or "bound", its name, and the entry.
_Target = tuple[str, str, Index]
_By = tuple[_Target, ...]

#: Differentiated by any entry of any array, as the tape will have it.
ANY: _By = (("any", "", ()),)


class Way(Tapes):
    """One attempt, in one tower. The entries of the definitions that are ``named`` are not written out: they are
    numbers of which nothing is known but their derivatives. What is shown of any numbers holds of these."""

    def __init__(
        self,
        space: Space,
        room: int,
        denominators: dict[Any, int],
        meter: Meter,
        *,
        alone: bool,
        named: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(room, denominators, meter, alone=alone)
        self._named = named
        self._derivation = space.derivation
        self._names = space.session.names
        self._bound = space.bound
        self.shape = space.shape
        self.env: dict[str, int] = {}
        self._leaves: dict[_Target, Poly] = {}
        self._traced: dict[_Target, Traced] = {}
        self._memo: dict[Any, Number] = {}  # by identities of expressions, which whoever has the way keeps alive
        self._in_branch = False
        self._before = 0
        self._never_zero: set[Any] = set()

    def forked(self, meter: Meter, *, alone: bool) -> Way:
        """The same, in a tower of its own; what has been assumed holds for every entry."""
        other: Way = super().forked(meter, alone=alone)
        other.env = {}
        other.off = []
        other._leaves = dict(self._leaves)
        other._traced = dict(self._traced)
        other._memo = dict(self._memo)
        other._never_zero = set(self._never_zero)
        other._before = len(self._told)
        return other

    @property
    def assumes(self) -> bool:
        """Whether anything was assumed that may not hold for another entry."""
        return len(self._told) > self._before

    def zero(self, left: Expr, right: Expr, index: Index) -> bool:
        """Whether an entry of both sides is equal wherever both have values; ``off`` has the kinks that are left out.

        Raises:
            LongWay, Refine, Full, Undefined, NotLowered, OverBudget: it is not seen here.
        """
        self.off = []
        a, b = (self.at(side, self._place(side, index), ()) for side in (left, right))
        element = self.ring.reduce(a - b)
        return self._is_zero_off_kinks(element) if self.off and not element.is_zero() else self._is_zero(element)

    def _is_zero(self, element: Poly) -> bool:
        if not element.is_zero() and not self.tower.numerator(element)[0].is_zero():
            return False
        # and nothing that was divided by, or was the argument of a logarithm, may be 0
        for key, p in self.tower.suspects.items():
            if key not in self._never_zero:
                if not self.tower.is_nonzero(p):
                    return False
                self._never_zero.add(key)
        return True

    def _is_zero_off_kinks(self, element: Poly) -> bool:
        """Whether an element is 0 where no kink is at 0 and moves; other entries know nothing of that."""
        apart = self.forked(self.ring.meter, alone=self._alone)
        for argument, slope in self.off:
            apart.tower.assume_off(argument, slope)
        return apart._is_zero(apart.ring.reduce(element))

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
        if by is ANY and target[2]:
            traced = self._traced.get(target)
            if traced is None:
                traced = self._traced[target] = self.traced_leaf(found)
            return traced
        for level, moving in enumerate(by, start=1):
            if moving == target:
                found = Dual(level, found, self.ring.one)
        return found

    def defined(self, expr: typed.Defined, index: Index, by: _By) -> Number:
        """An entry of a defined name."""
        definition = self._derivation.definitions[expr.name]
        if expr.name not in self._named:
            return self.at(definition, index, by)
        target = ("defined", expr.name, index)
        value = self._leaves.get(target)
        if value is None:
            value = self._leaves[target] = leaf_generator(self.tower, Leaf(expr.name, index, Domain())).raw
        if not by:
            return value
        number = self.at(definition, index, by)
        if type(number) is Traced:
            self.give_value(number, value)
        return Dual(1, value, number.slope) if type(number) is Dual and len(by) == 1 else number

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
        if target.kind == "defined" or by is ANY or len(by) + len(places) > MOST_DERIVATIVES:
            raise LongWay
        if not by and self._goes_back(expr):
            with suppress(LongWay):
                return self._back_by(expr, of_index, self._place_of(target, places[0]))
        inner = by
        for place in places:
            if target.kind == "bound":
                inner = (*inner, ("bound", target.key, ()))
                continue
            inner = (*inner, ("variable", target.name, self._place_of(target, place)))
        found = self.at(expr.of, of_index, inner)
        for level in range(len(inner), len(by), -1):
            if level_of(found) != level:
                return self.ring.zero
            found = found.slope
        return found

    def recorded(self, expr: Expr) -> list[Traced]:
        """The entries of an expression that have been recorded."""
        places = product(*(range(n) for n in self.shape(expr.shape)))
        found = (self._memo.get((id(expr), place, ANY)) for place in places)
        return [entry for entry in found if type(entry) is Traced]

    def _place_of(self, target: typed.Target, place: Index) -> Index:
        """The entry of a variable that an entry of a target is."""
        if target.subscripts is None:
            return place
        rest = iter(place)
        return tuple(next(rest) if s is None else self.position(s) for s in target.subscripts)

    def _goes_back(self, expr: typed.Derivative) -> bool:
        """Whether derivatives are had from a tape: one number by the entries of an array, once."""
        return is_by_array(expr, self._derivation) and not self._names.derivatives(expr.of)

    def _back_by(self, expr: typed.Derivative, of_index: Index, place: Index) -> Number:
        root = self.at(expr.of, of_index, ANY)
        target = ("variable", expr.target.name, place)
        self.leaf(target, ANY)
        leaf = self._traced[target]
        kinks = self.moving_kinks(root, leaf)
        if kinks and self._in_branch:
            raise LongWay
        self.off += kinks
        return self.back(root, leaf)

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

    def compare(self, expr: typed.Compare, index: Index, by: _By) -> Number:
        """A condition: 1 where it holds, 0 elsewhere."""
        difference = self.sum(self.operand(expr.left, index, by), self.negative(self.operand(expr.right, index, by)))
        self.note("kink", difference)
        return HOLDS[expr.operator](Carried(self, self.apply(("sign",), difference))).number

    def where(self, expr: typed.Where, index: Index, by: _By) -> Number:
        """One of two branches."""
        test = Carried(self, self.operand(expr.test, index, by))
        constant = self.constant_of(test.number)
        if constant is not None:
            return self.operand(expr.then if constant[0] else expr.otherwise, index, by)
        outside, self._in_branch = self._in_branch, True
        try:
            a, b = (Carried(self, self.operand(e, index, by)) for e in (expr.then, expr.otherwise))
        finally:
            self._in_branch = outside
        return (test * a + (1 - test) * b).number

    def note(self, kind: str, number: Number) -> None:
        """What must hold of a value for the claim to be defined: but in a branch, which need not be taken."""
        if not self._in_branch:
            super().note(kind, number)
        elif kind == "kink":
            self._kinks = True
            if level_of(number):
                raise LongWay
        elif kind != "pole" and (level_of(number) or not self._certainly(kind, number)):
            raise LongWay

    def _certainly(self, kind: str, number: Poly) -> bool:
        definite = self.tower.definite(number)
        return definite == 1 or (kind == "!=" and definite == -1)

    def array_op(self, expr: typed.ArrayOp, index: Index, by: _By) -> Number:
        """An entry of an operation on whole arrays."""
        try:
            found: Carried = ARRAY[expr.name](_Maker(self, by), expr, index)
        except TooManyRows as many:
            raise LongWay from many
        return found.number

    def product(self, factors: Iterable[Number]) -> Number:
        """The product of numbers."""
        return reduce(partial(self.apply, TIMES), factors)


class _Maker:
    """What makes entries of operations on arrays (see ``components``), differentiated alike."""

    def __init__(self, way: Way, by: _By) -> None:
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

#: Conditions by the sign of the difference of their two sides.
HOLDS: dict[str, Callable[[Carried], Carried]] = {
    ">": lambda s: (s * s + s) / 2,
    "<": lambda s: (s * s - s) / 2,
    ">=": lambda s: 1 - (s * s - s) / 2,
    "<=": lambda s: 1 - (s * s + s) / 2,
    "==": lambda s: 1 - s * s,
    "!=": lambda s: s * s,
}

_MAKE: dict[type[Expr], Callable[[Way, Any, Index, _By], Number]] = {
    typed.Number: lambda w, e, index, by: w.rational(e.value.numerator, e.value.denominator),
    typed.Constant: lambda w, e, index, by: w.tower.pi() if e.name == "pi" else w.tower.exp(w.ring.one),
    typed.Dimension: lambda w, e, index, by: w.rational(w.shape((e.name,))[0], 1),
    typed.Variable: lambda w, e, index, by: w.leaf(("variable", e.name, index), by),
    typed.Bound: Way.bound,
    typed.Defined: Way.defined,
    typed.Negate: lambda w, e, index, by: w.negative(w.at(e.operand, index, by)),
    typed.Arithmetic: Way.arithmetic,
    typed.Apply: Way.function,
    typed.Derivative: Way.derivative,
    typed.MatMul: Way.matmul,
    typed.Element: Way.element,
    typed.Entries: Way.entries,
    typed.BigOp: Way.big_op,
    typed.ArrayOp: Way.array_op,
    typed.Compare: Way.compare,
    typed.Where: Way.where,
}


def polynomial_arrays(derivation: Derivation) -> frozenset[str]:
    """The defined arrays that are sums and products of others, and have a value wherever these do."""
    named = ((name, expr) for name, expr in derivation.definitions.items() if expr.shape)
    return frozenset(name for name, expr in named if _is_polynomial(expr))


def _is_polynomial(expr: Expr) -> bool:
    nodes = list(typed.postorder(expr))
    return len(nodes) > 1 and all(
        isinstance(e, _POLYNOMIAL)
        or (isinstance(e, typed.Arithmetic) and (e.operator in "+-*" or isinstance(e.right, _NUMBERS)))
        or (isinstance(e, typed.ArrayOp) and e.name in ("transpose", "sum"))
        for e in nodes
    )


_NUMBERS = (typed.Number, typed.Dimension)
_POLYNOMIAL = (*_NUMBERS, typed.Variable, typed.Defined, typed.Negate, typed.MatMul)


def is_by_array(expr: Expr, derivation: Derivation) -> TypeGuard[typed.Derivative]:
    """Whether it is a derivative of one number by the entries of an array."""
    if not isinstance(expr, typed.Derivative) or expr.kind != "gradient" or expr.target.kind != "variable":
        return False
    return len(derivation.variables[expr.target.name].shape) > 0
