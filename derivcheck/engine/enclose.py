"""Owns the rigorous road: the value of a typed expression at a point, as balls, derivatives included.

Arrays are NumPy object arrays of jets, so that products, sums, axes and shapes are NumPy's own; what has no axes
is a bare jet (or test) in here, since most claims are scalar and NumPy is a detour for them. Derivatives are
taken forward: the target gets an infinitesimal an entry and the expression is evaluated again. A derivative by a
defined name overrides its value in that evaluation, and so cuts the graph there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from math import prod
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivcheck.engine import balls, jets
from derivcheck.engine.arrays import ARRAY_OPS, Array, arithmetic, as_array, bare, elementwise, filled, matmul
from derivcheck.engine.jets import Jet, rational
from derivcheck.engine.names import Names, is_literal
from derivcheck.engine.places import Point
from derivcheck.engine.work import Cost, Ledger, Meter
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation

Value = Any  # a Jet or Test for what has no axes, else an array of them


@dataclass(slots=True)
class _Frame:
    """One differentiation: what it overrides and what has been evaluated under it. The root has depth 0."""

    depth: int
    overrides: dict[tuple[str, str], Value]
    memo: dict[Any, tuple[Value, Cost]] = field(default_factory=dict)
    children: dict[tuple[Any, ...], tuple[_Frame, int, Cost]] = field(default_factory=dict)


class Evaluator:
    """Evaluates typed expressions of one derivation at one point (at the precision that is set outside)."""

    def __init__(self, derivation: Derivation, point: Point, meter: Meter, names: Names) -> None:
        self._definitions = derivation.definitions
        self._functions = derivation.functions
        self._point = point
        self._ledger = Ledger(meter)
        self._names = names
        self._keys = names.known
        self._bound: dict[str, Any] = {key: Jet(rational(v)) for key, v in point.bound.items()}
        self._opaque_values: dict[str, list[tuple[Any, Any]]] = {}
        self._root = _Frame(0, {("defined", n): bare(point.values[n]) for n in point.cut})

    def begin(self, meter: Meter) -> None:
        """Count the work from here on with this meter."""
        self._ledger.begin(meter)

    def value(self, expr: Expr) -> Array:
        """The value of an expression: an object array of jets, of the expression's shape at the point's sizes.

        Raises:
            OverBudget: the counted work is more than the budget.
        """
        return as_array(self._eval(expr, self._root))

    def bare(self, expr: Expr) -> Value:
        """The value of an expression, a jet if it has no axes."""
        return self._eval(expr, self._root)

    def bind(self, key: str, value: int) -> None:
        """Give a quantifier's index its value for the evaluations that follow."""
        self._bound[key] = _index(value)

    def size(self, dim: typed.Dim) -> int:
        """The size of an axis at this point."""
        return dim if isinstance(dim, int) else self._point.sizes[dim]

    def _eval(self, expr: Expr, frame: _Frame) -> Value:
        there = _THERE.get(type(expr))
        if there is not None:  # nothing is made, so nothing is charged or remembered
            return bare(there(self, expr, frame))
        # Definitions are followed by recursion, so the depth of Python's stack bounds the length of a chain.
        keys = self._keys.get(id(expr))
        if keys is None:
            keys = self._names.keys(expr)
        key = (id(expr), *(id(self._bound[k]) for k in keys)) if keys else id(expr)
        found = frame.memo.get(key)
        if found is not None:
            self._ledger.use(found[1])
            return found[0]
        cost = self._ledger.open()
        try:
            if expr.shape:
                made = self._array(expr, frame)
            else:
                made = _EVALUATE[type(expr)](self, expr, frame)
                if type(made) is np.ndarray:
                    made = made[()]
                work = 4
                if frame.depth:
                    work += len(made.parts) if type(made) is Jet else 1
                self._ledger.spend(work)
        except BaseException:
            self._ledger.give_up()
            raise
        self._ledger.close()
        frame.memo[key] = made, cost
        return made

    def _array(self, expr: Expr, frame: _Frame) -> Array:
        entries = prod(self.size(dim) for dim in expr.shape)
        self._ledger.spend(4 * entries)  # before it is made: an outer product is larger than what it is of
        found = _EVALUATE[type(expr)](self, expr, frame)
        if frame.depth and entries:
            first = found.flat[0]
            self._ledger.spend(entries * len(first.parts) if type(first) is Jet else entries)
        return found

    def _variable(self, expr: typed.Variable, frame: _Frame) -> Value:
        found = frame.overrides.get(("variable", expr.name)) if frame.overrides else None
        return self._point.values[expr.name] if found is None else found

    def _defined(self, expr: typed.Defined, frame: _Frame) -> Value:
        found = frame.overrides.get(("defined", expr.name))
        return self._eval(self._definitions[expr.name], frame) if found is None else found

    def _bound_name(self, expr: typed.Bound, frame: _Frame) -> Value:
        found = frame.overrides.get(("bound", expr.key))
        return self._bound[expr.key] if found is None else found

    def _arithmetic(self, expr: typed.Arithmetic, frame: _Frame) -> Value:
        left, right = self._eval(expr.left, frame), self._eval(expr.right, frame)
        sign = expr.operator
        if sign == "**":
            kind = self._exponent_kind(expr.right)
            return elementwise(lambda a, b: jets.power(a, b, kind), left, right)
        if type(left) is Jet and type(right) is Jet:
            return left + right if sign == "+" else left * right if sign == "*" else arithmetic(sign, left, right)
        return arithmetic(sign, left, right)

    def _exponent_kind(self, exponent: Expr) -> jets.ExponentKind:
        if is_literal(exponent):
            return "literal"
        return "integral" if self._names.integral(exponent) else "real"

    def _element(self, expr: typed.Element, frame: _Frame) -> Value:
        base = self._eval(expr.base, frame)
        return base[self._subscripts(expr.subscripts, frame)]

    def _subscripts(self, subscripts: tuple[typed.Subscript, ...], frame: _Frame) -> tuple[Any, ...]:
        places: list[Any] = []
        for subscript in subscripts:
            if subscript is None:
                places.append(slice(None))
            else:
                places.append(int(self._eval(subscript, frame).value.p))
        return tuple(places)

    def _apply(self, expr: typed.Apply, frame: _Frame) -> Value:
        arguments = [self._eval(a, frame) for a in expr.arguments]
        if not expr.order and not expr.shape:
            return balls.apply(expr.function, tuple(arguments))
        if expr.order:
            level = frame.depth + 1
            return elementwise(lambda *a: balls.apply_derivative(expr.function, expr.order, a, level), *arguments)
        return elementwise(lambda *a: balls.apply(expr.function, a), *arguments)

    def _opaque(self, expr: typed.Opaque, frame: _Frame) -> Value:
        return elementwise(lambda a: self._opaque_at(expr.function, expr.order, a), self._eval(expr.argument, frame))

    def _opaque_at(self, name: str, order: int, x: Jet) -> Jet:
        stand_in = self._point.functions[name]
        rule = self._functions[name]
        if rule.derivative is None:
            return stand_in.polynomial(x, order)
        if order:
            level = max(jets.levels(x), default=0) + 1
            inner = self._opaque_at(name, order - 1, x + Jet(fmpq(0), {((level, 0),): fmpq(1)}))
            return balls.part(inner, level, 0)

        def slope(a: Jet) -> Jet:
            depth = max(jets.levels(a), default=0)
            frame = _Frame(depth, {("bound", rule.parameter or ""): a})
            self._bound.setdefault(rule.parameter or "", jets.ZERO)
            assert rule.derivative is not None
            found: Jet = self._eval(rule.derivative, frame)
            return found

        values = self._opaque_values.setdefault(name, [])
        return jets.by_rule(x, lambda at: stand_in.free_value(at, values), slope)

    def _array_op(self, expr: typed.ArrayOp, frame: _Frame) -> Value:
        shape = tuple(self.size(d) for d in expr.shape)
        return ARRAY_OPS[expr.name](expr, shape, *(as_array(self._eval(a, frame)) for a in expr.arguments))

    def _big_op(self, expr: typed.BigOp, frame: _Frame) -> Value:
        terms = []
        outer = self._bound.get(expr.key)
        for i in range(self.size(expr.size)):
            self._bound[expr.key] = _index(i)
            terms.append(self._eval(expr.body, frame))
        if outer is not None:
            self._bound[expr.key] = outer
        sign = "+" if expr.kind == "sum" else "*"
        return reduce(lambda a, b: arithmetic(sign, a, b), terms)

    def _entries(self, expr: typed.Entries, frame: _Frame) -> Value:
        out = np.empty(len(expr.entries), dtype=object)
        for i, entry in enumerate(expr.entries):
            out[i] = self._eval(entry, frame)
        return out.reshape(tuple(self.size(d) for d in expr.shape))

    def _compare(self, expr: typed.Compare, frame: _Frame) -> Value:
        left, right = self._eval(expr.left, frame), self._eval(expr.right, frame)
        return elementwise(lambda a, b: balls.compare(expr.operator, a, b), left, right)

    def _logic(self, expr: typed.Logic, frame: _Frame) -> Value:
        operands = [self._eval(o, frame) for o in expr.operands]
        if expr.operator == "not":
            return elementwise(balls.negate, operands[0])
        join = balls.both if expr.operator == "and" else balls.either
        return reduce(lambda a, b: elementwise(join, a, b), operands)

    def _where(self, expr: typed.Where, frame: _Frame) -> Value:
        return elementwise(balls.where, *(self._eval(e, frame) for e in (expr.test, expr.then, expr.otherwise)))

    def _derivative(self, expr: typed.Derivative, frame: _Frame) -> Value:
        target = expr.target
        places = None if target.subscripts is None else self._subscripts(target.subscripts, frame)
        inner, count = self._differentiating(frame, target, places)
        of = self._eval(expr.of, inner)
        level = inner.depth
        wanted = tuple(self.size(d) for d in target.shape)
        if type(of) is Jet and not wanted and expr.kind != "hessian":
            return balls.part(of, level, 0)
        if expr.kind == "hessian":
            second, _ = self._differentiating(inner, target, places)
            of = as_array(self._eval(expr.of, second)).reshape(())[()]
            slopes = [balls.part(of, level + 1, j) for j in range(count)]
            return filled([[balls.part(x, level, i) for x in slopes] for i in range(count)], wanted + wanted)
        of = as_array(of)
        if expr.kind == "elementwise":
            return filled([balls.part(x, level, i) for i, x in enumerate(of.ravel())], wanted)
        if expr.kind == "gradient":
            one = of.reshape(())[()]
            gradient = filled([balls.part(one, level, i) for i in range(count)], wanted)
            return gradient.T if expr.transposed else gradient
        jacobian = [[balls.part(x, level, i) for i in range(count)] for x in of.ravel()]
        return filled(jacobian, of.shape + (() if expr.kind == "tangent" else wanted))

    def _differentiating(
        self, frame: _Frame, target: typed.Target, places: tuple[Any, ...] | None
    ) -> tuple[_Frame, int]:
        """The frame in which every entry of the target has an infinitesimal, and how many there are."""
        name = target.key if target.kind == "bound" else target.name
        key = (target.kind, name, None if places is None else str(places))
        found = frame.children.get(key)
        if found is not None:
            self._ledger.use(found[2])
            return found[0], found[1]
        cost = self._ledger.open()
        try:
            inner, count = self._seeded(frame, target, name, places)
        except BaseException:
            self._ledger.give_up()
            raise
        self._ledger.close()
        frame.children[key] = inner, count, cost
        return inner, count

    def _seeded(
        self, frame: _Frame, target: typed.Target, name: str, places: tuple[Any, ...] | None
    ) -> tuple[_Frame, int]:
        current = as_array(self._target_value(frame, target))
        flat = current.reshape(-1).copy()
        chosen: Sequence[int] = range(len(flat))
        if places is not None:
            chosen = np.ravel(np.arange(len(flat)).reshape(current.shape)[places]).tolist()
        self._ledger.spend(16 * len(chosen))
        for direction, index in enumerate(chosen):
            x = flat[index]
            flat[index] = Jet(x.value, {**x.parts, ((frame.depth + 1, direction),): fmpq(1)})
        overrides = {**frame.overrides, (target.kind, name): bare(flat.reshape(current.shape))}
        return _Frame(frame.depth + 1, overrides), len(chosen)

    def _target_value(self, frame: _Frame, target: typed.Target) -> Value:
        if target.kind == "bound":
            found = frame.overrides.get(("bound", target.key))
            return self._bound[target.key] if found is None else found
        found = frame.overrides.get((target.kind, target.name))
        if found is not None:
            return found
        if target.kind == "variable":
            return self._point.values[target.name]
        return self._eval(self._definitions[target.name], frame)


_INDICES: dict[int, Jet] = {}


def _index(i: int) -> Jet:
    """One jet an index, so that memo keys by identity agree."""
    return _INDICES.setdefault(i, Jet(fmpq(i)))


#: What is there already: numbers, and what has a value at the point.
_THERE: dict[type[Expr], Callable[[Evaluator, Any, _Frame], Value]] = {
    typed.Number: lambda self, expr, frame: Jet(rational(expr.value)),
    typed.Constant: lambda self, expr, frame: Jet(arb.pi() if expr.name == "pi" else arb.const_e()),
    typed.Variable: Evaluator._variable,
    typed.Dimension: lambda self, expr, frame: Jet(fmpq(self.size(expr.name))),
    typed.Bound: Evaluator._bound_name,
}

_EVALUATE: dict[type[Expr], Callable[[Evaluator, Any, _Frame], Value]] = {
    typed.Defined: Evaluator._defined,
    typed.Negate: lambda self, expr, frame: elementwise(lambda a: -a, self._eval(expr.operand, frame)),
    typed.Arithmetic: Evaluator._arithmetic,
    typed.MatMul: lambda self, expr, frame: matmul(self._eval(expr.left, frame), self._eval(expr.right, frame)),
    typed.Element: Evaluator._element,
    typed.Apply: Evaluator._apply,
    typed.Opaque: Evaluator._opaque,
    typed.ArrayOp: Evaluator._array_op,
    typed.BigOp: Evaluator._big_op,
    typed.Entries: Evaluator._entries,
    typed.Compare: Evaluator._compare,
    typed.Logic: Evaluator._logic,
    typed.Where: Evaluator._where,
    typed.Derivative: Evaluator._derivative,
}
