"""Owns the rigorous road: the value of a typed expression at a point, as balls, derivatives included.

Arrays are NumPy object arrays of jets, so that products, sums, axes and shapes are NumPy's own. Derivatives are
taken forward: the target gets an infinitesimal an entry and the expression is evaluated again. A derivative by a
defined name overrides its value in that evaluation, and so cuts the graph there.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivcheck.engine import balls, jets
from derivcheck.engine.jets import Hole, Jet, rational
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, children
from derivcheck.model import Derivation

Array = Any  # np.ndarray of dtype object; of Jet, or of balls.Test for conditions


class OverBudget(Exception):
    """The counted work of an evaluation went beyond its budget."""


@dataclass(slots=True)
class Meter:
    """Counts work in elementary operations and stops it."""

    budget: int
    spent: int = 0

    def spend(self, amount: int) -> None:
        """Add work; raises :class:`OverBudget` beyond the budget."""
        self.spent += amount
        if self.spent > self.budget:
            raise OverBudget


@dataclass(frozen=True, slots=True)
class StandIn:
    """A concrete function in place of an opaque one: a claim about every function fails if it fails for one.

    Where nothing is known, it is the polynomial of these coefficients. Where a derivative rule is known, it is some
    solution of that differential equation: one may choose its value at one argument freely, which settles it at
    every other, where it is then not known here.
    """

    coefficients: tuple[Fraction, ...]

    def polynomial(self, x: Jet, order: int) -> Jet:
        """The polynomial's derivative of that order."""
        terms = list(self.coefficients)
        for _ in range(order):
            terms = [c * k for k, c in enumerate(terms)][1:]
        result = jets.ZERO
        for c in reversed(terms):
            result = result * x + Jet(rational(c))
        return result

    def free_value(self, at: Any, values: list[tuple[Any, Any]]) -> Any:
        """The value at an argument; ``values`` remembers what was chosen at which arguments."""
        if not values:
            values.append((at, arb(rational(self.coefficients[0]))))
        place, value = values[0]
        return value if place.overlaps(at) else arb.nan()


@dataclass(frozen=True, slots=True)
class Point:
    """Where to evaluate: sizes of dimensions, exact values of variables (and of defined names in ``cut``),
    and concrete functions that stand for the opaque ones. Points with equal labels are equal; ``None`` is none."""

    sizes: Mapping[str, int]
    values: Mapping[str, Array]
    bound: Mapping[str, Fraction] = field(default_factory=dict)
    functions: Mapping[str, StandIn] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    label: Hashable = None


@dataclass(slots=True)
class _Frame:
    """One differentiation: what it overrides and what has been evaluated under it. The root has depth 0."""

    depth: int
    overrides: dict[tuple[str, str], Array]
    memo: dict[Any, Array] = field(default_factory=dict)
    children: dict[tuple[Any, ...], _Frame] = field(default_factory=dict)


class Evaluator:
    """Evaluates typed expressions of one derivation at one point (at the precision that is set outside)."""

    def __init__(self, derivation: Derivation, point: Point, meter: Meter, names: Names) -> None:
        self._definitions = derivation.definitions
        self._functions = derivation.functions
        self._point = point
        self.meter = meter
        self._names = names
        self._bound: dict[str, Any] = {key: Jet(rational(v)) for key, v in point.bound.items()}
        self._opaque_values: dict[str, list[tuple[Any, Any]]] = {}
        self._root = _Frame(0, {("defined", n): point.values[n] for n in point.cut})

    def value(self, expr: Expr) -> Array:
        """The value of an expression: an object array of jets, of the expression's shape at the point's sizes.

        Raises:
            OverBudget: the counted work is more than the budget.
        """
        return self._eval(expr, self._root)

    def bind(self, key: str, value: int) -> None:
        """Give a quantifier's index its value for the evaluations that follow."""
        self._bound[key] = _index(value)

    def size(self, dim: typed.Dim) -> int:
        """The size of an axis at this point."""
        return dim if isinstance(dim, int) else self._point.sizes[dim]

    def _eval(self, expr: Expr, frame: _Frame) -> Array:
        # Definitions are followed by recursion, so the depth of Python's stack bounds the length of a chain.
        keys = self._names.keys(expr)
        key = (id(expr), *(id(self._bound[k]) for k in keys)) if keys else id(expr)
        found = frame.memo.get(key)
        if found is None:
            found = _EVALUATE[type(expr)](self, expr, frame)
            self.meter.spend(found.size * (4 + frame.depth * 12))
            frame.memo[key] = found
        return found

    def _variable(self, expr: typed.Variable, frame: _Frame) -> Array:
        found = frame.overrides.get(("variable", expr.name))
        return self._point.values[expr.name] if found is None else found

    def _defined(self, expr: typed.Defined, frame: _Frame) -> Array:
        found = frame.overrides.get(("defined", expr.name))
        return self._eval(self._definitions[expr.name], frame) if found is None else found

    def _bound_name(self, expr: typed.Bound, frame: _Frame) -> Array:
        found = frame.overrides.get(("bound", expr.key))
        return scalar(self._bound[expr.key]) if found is None else found

    def _arithmetic(self, expr: typed.Arithmetic, frame: _Frame) -> Array:
        left, right = self._eval(expr.left, frame), self._eval(expr.right, frame)
        if expr.operator == "**":
            kind = self._exponent_kind(expr.right)
            return _map(lambda a, b: jets.power(a, b, kind), left, right)
        return _array(_OPERATORS[expr.operator](left, right))

    def _exponent_kind(self, exponent: Expr) -> jets.ExponentKind:
        if is_literal(exponent):
            return "literal"
        return "integral" if self._names.integral(exponent) else "real"

    def _element(self, expr: typed.Element, frame: _Frame) -> Array:
        base = self._eval(expr.base, frame)
        return _array(base[self._subscripts(expr.subscripts, frame)])

    def _subscripts(self, subscripts: tuple[typed.Subscript, ...], frame: _Frame) -> tuple[Any, ...]:
        places: list[Any] = []
        for subscript in subscripts:
            if subscript is None:
                places.append(slice(None))
            else:
                places.append(int(self._eval(subscript, frame)[()].value.p))
        return tuple(places)

    def _apply(self, expr: typed.Apply, frame: _Frame) -> Array:
        arguments = [self._eval(a, frame) for a in expr.arguments]
        if expr.order:
            level = frame.depth + 1
            return _map(lambda *a: balls.apply_derivative(expr.function, expr.order, a, level), *arguments)
        return _map(lambda *a: balls.apply(expr.function, a), *arguments)

    def _opaque(self, expr: typed.Opaque, frame: _Frame) -> Array:
        return _map(lambda a: self._opaque_at(expr.function, expr.order, a), self._eval(expr.argument, frame))

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
            frame = _Frame(depth, {("bound", rule.parameter or ""): scalar(a)})
            self._bound.setdefault(rule.parameter or "", jets.ZERO)
            assert rule.derivative is not None
            found: Jet = self._eval(rule.derivative, frame)[()]
            return found

        values = self._opaque_values.setdefault(name, [])
        return jets.by_rule(x, lambda at: stand_in.free_value(at, values), slope)

    def _array_op(self, expr: typed.ArrayOp, frame: _Frame) -> Array:
        shape = tuple(self.size(d) for d in expr.shape)
        return _array(_ARRAY_OPS[expr.name](expr, shape, *(self._eval(a, frame) for a in expr.arguments)))

    def _big_op(self, expr: typed.BigOp, frame: _Frame) -> Array:
        terms = []
        outer = self._bound.get(expr.key)
        for i in range(self.size(expr.size)):
            self._bound[expr.key] = _index(i)
            terms.append(self._eval(expr.body, frame))
        if outer is not None:
            self._bound[expr.key] = outer
        return _array(reduce(_OPERATORS["+" if expr.kind == "sum" else "*"], terms))

    def _entries(self, expr: typed.Entries, frame: _Frame) -> Array:
        out = np.empty(len(expr.entries), dtype=object)
        for i, entry in enumerate(expr.entries):
            out[i] = self._eval(entry, frame)[()]
        return out.reshape(tuple(self.size(d) for d in expr.shape))

    def _compare(self, expr: typed.Compare, frame: _Frame) -> Array:
        left, right = self._eval(expr.left, frame), self._eval(expr.right, frame)
        return _map(lambda a, b: balls.compare(expr.operator, a, b), left, right)

    def _logic(self, expr: typed.Logic, frame: _Frame) -> Array:
        operands = [self._eval(o, frame) for o in expr.operands]
        if expr.operator == "not":
            return _map(balls.negate, operands[0])
        join = balls.both if expr.operator == "and" else balls.either
        return reduce(lambda a, b: _map(join, a, b), operands)

    def _where(self, expr: typed.Where, frame: _Frame) -> Array:
        return _map(balls.where, *(self._eval(e, frame) for e in (expr.test, expr.then, expr.otherwise)))

    def _derivative(self, expr: typed.Derivative, frame: _Frame) -> Array:
        target = expr.target
        places = None if target.subscripts is None else self._subscripts(target.subscripts, frame)
        inner, count = self._differentiating(frame, target, places)
        of = self._eval(expr.of, inner)
        level = inner.depth
        wanted = tuple(self.size(d) for d in target.shape)
        if expr.kind == "hessian":
            second, _ = self._differentiating(inner, target, places)
            of = self._eval(expr.of, second).reshape(())[()]
            slopes = [balls.part(of, level + 1, j) for j in range(count)]
            return _fill([[balls.part(x, level, i) for x in slopes] for i in range(count)], wanted + wanted)
        if expr.kind == "elementwise":
            return _fill([balls.part(x, level, i) for i, x in enumerate(of.ravel())], wanted)
        if expr.kind == "gradient":
            one = of.reshape(())[()]
            gradient = _fill([balls.part(one, level, i) for i in range(count)], wanted)
            return gradient.T if expr.transposed else gradient
        jacobian = [[balls.part(x, level, i) for i in range(count)] for x in of.ravel()]
        return _fill(jacobian, of.shape + (() if expr.kind == "tangent" else wanted))

    def _differentiating(
        self, frame: _Frame, target: typed.Target, places: tuple[Any, ...] | None
    ) -> tuple[_Frame, int]:
        """The frame in which every entry of the target has an infinitesimal, and how many there are."""
        name = target.key if target.kind == "bound" else target.name
        current = self._target_value(frame, target)
        key = (target.kind, name, str(places))
        inner = frame.children.get(key)
        spot = np.arange(current.size).reshape(current.shape)
        chosen = np.ravel(spot if places is None else spot[places])
        if inner is None:
            flat = current.reshape(-1).copy()
            for direction, index in enumerate(chosen):
                x = flat[index]
                flat[index] = Jet(x.value, {**x.parts, ((frame.depth + 1, direction),): fmpq(1)})
            inner = _Frame(frame.depth + 1, {**frame.overrides, (target.kind, name): flat.reshape(current.shape)})
            frame.children[key] = inner
            self.meter.spend(16 * len(chosen))
        return inner, len(chosen)

    def _target_value(self, frame: _Frame, target: typed.Target) -> Array:
        if target.kind == "bound":
            found = frame.overrides.get(("bound", target.key))
            return scalar(self._bound[target.key]) if found is None else found
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


def scalar(value: Any) -> Array:
    """A value as an array without axes."""
    out = np.empty((), dtype=object)
    out[()] = value
    return out


def _array(value: Any) -> Array:
    return value if isinstance(value, np.ndarray) else scalar(value)


def _map(function: Callable[..., Any], *arrays: Array) -> Array:
    spread = np.broadcast_arrays(*arrays)
    out = np.empty(spread[0].shape, dtype=object)
    flat = out.reshape(-1)
    for i, values in enumerate(zip(*(a.ravel() for a in spread), strict=True)):
        flat[i] = function(*values)
    return flat.reshape(out.shape)


def _fill(values: list[Any], shape: tuple[int, ...]) -> Array:
    out = np.empty(len(_flat(values)), dtype=object)
    for i, value in enumerate(_flat(values)):
        out[i] = value
    return out.reshape(shape)


def _flat(values: list[Any]) -> list[Any]:
    return [x for row in values for x in row] if values and isinstance(values[0], list) else values


_OPERATORS: dict[str, Callable[[Array, Array], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
}


def _sum(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return np.sum(a, axis=expr.axis, keepdims=expr.keepdims)


def _prod(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return np.prod(a, axis=expr.axis, keepdims=expr.keepdims)


def _count(expr: typed.ArrayOp, a: Array) -> int:
    return int(a.size if expr.axis is None else a.shape[expr.axis])


def _mean(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return _array(_sum(expr, shape, a)) / Jet(fmpq(_count(expr, a)))


def _exp(a: Array) -> Array:
    return _map(jets.exp, a)


def _softmax(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    e = _exp(a)
    return e / np.sum(e, axis=expr.axis, keepdims=True)


def _log_softmax(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return a - _map(jets.log, np.sum(_exp(a), axis=expr.axis, keepdims=True))


def _logsumexp(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return _map(jets.log, _array(_sum(expr, shape, _exp(a))))


def _norm(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return _map(balls.BALLS.sqrt, _array(_sum(expr, shape, a * a)))


def _trace(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return _array(reduce(lambda x, y: x + y, (a[i, i] for i in range(a.shape[0]))))


def _triangular(a: Array) -> list[list[Jet]] | Hole:
    """The rows of ``a`` reduced to upper triangular form in its square part, or a hole if that is singular."""
    rows = [list(row) for row in a]
    for k in range(len(rows)):
        below = [row[k].value for row in rows[k:]]
        candidates = [i for i, x in enumerate(below, start=k) if jets.sign_of(x) in (1, -1)]
        if not candidates:
            holes = [x for x in below if isinstance(x, Hole)]
            return holes[0] if holes else Hole(all(jets.sign_of(x) == 0 for x in below), "the matrix is singular")
        pivot = max(candidates, key=lambda i: abs(float(arb(below[i - k]).mid())))
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(k + 1, len(rows)):
            factor = rows[i][k] / rows[k][k]
            rows[i] = [x - factor * y if j > k else x for j, (x, y) in enumerate(zip(rows[i], rows[k], strict=True))]
    return rows


def _det(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    """By expansion along the first row, which is exact and differentiable also at singular matrices."""

    def minor(rows: tuple[int, ...], columns: tuple[int, ...]) -> Jet:
        if not rows:
            return jets.ONE
        if (rows, columns) not in known:
            total = jets.ZERO
            for j, column in enumerate(columns):
                term = a[rows[0], column] * minor(rows[1:], columns[:j] + columns[j + 1 :])
                total = total - term if j % 2 else total + term
            known[rows, columns] = total
        return known[rows, columns]

    known: dict[tuple[tuple[int, ...], tuple[int, ...]], Jet] = {}
    n = a.shape[0]
    if n > 8:
        raise OverBudget
    return scalar(minor(tuple(range(n)), tuple(range(n))))


def _inv(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    """By elimination on the matrix beside the identity."""
    n = a.shape[0]
    identity = np.empty((n, n), dtype=object)
    for i in range(n):
        for j in range(n):
            identity[i, j] = jets.ONE if i == j else jets.ZERO
    rows = _triangular(np.concatenate([a, identity], axis=1))
    out = np.empty((n, n), dtype=object)
    if isinstance(rows, Hole):
        out[...] = Jet(rows, {key: rows for x in a.ravel() for key in x.parts})
        return out
    for j in range(n):
        for i in reversed(range(n)):
            rest = rows[i][n + j]
            for k in range(i + 1, n):
                rest = rest - rows[i][k] * out[k, j]
            out[i, j] = rest / rows[i][i]
    return out


def _diag(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    if a.ndim == 2:
        return _fill([a[i, i] for i in range(min(a.shape))], shape)
    out = np.empty(shape, dtype=object)
    out[...] = jets.ZERO
    for i in range(a.shape[0]):
        out[i, i] = a[i]
    return out


def _constant(entry: Callable[[tuple[int, ...]], int]) -> Callable[..., Array]:
    def build(expr: typed.ArrayOp, shape: tuple[int, ...]) -> Array:
        out = np.empty(shape, dtype=object)
        for index in np.ndindex(*shape):
            out[index] = Jet(fmpq(entry(index)))
        return out

    return build


_ARRAY_OPS: dict[str, Callable[..., Array]] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "norm": _norm,
    "dot": lambda expr, shape, a, b: _array(np.sum(a * b)),
    "outer": lambda expr, shape, a, b: np.multiply.outer(a.ravel(), b.ravel()).reshape(shape),
    "trace": _trace,
    "det": _det,
    "inv": _inv,
    "diag": _diag,
    "transpose": lambda expr, shape, a: a.T,
    "reshape": lambda expr, shape, a: a.reshape(shape),
    "concat": lambda expr, shape, *parts: np.concatenate(parts, axis=expr.axis),
    "eye": _constant(lambda index: int(index[0] == index[1])),
    "ones": _constant(lambda index: 1),
    "zeros": _constant(lambda index: 0),
}

_EVALUATE: dict[type[Expr], Callable[[Evaluator, Any, _Frame], Array]] = {
    typed.Number: lambda self, expr, frame: scalar(Jet(rational(expr.value))),
    typed.Constant: lambda self, expr, frame: scalar(Jet(arb.pi() if expr.name == "pi" else arb.const_e())),
    typed.Variable: Evaluator._variable,
    typed.Defined: Evaluator._defined,
    typed.Dimension: lambda self, expr, frame: scalar(Jet(fmpq(self.size(expr.name)))),
    typed.Bound: Evaluator._bound_name,
    typed.Negate: lambda self, expr, frame: _map(lambda a: -a, self._eval(expr.operand, frame)),
    typed.Arithmetic: Evaluator._arithmetic,
    typed.MatMul: lambda self, expr, frame: _array(self._eval(expr.left, frame) @ self._eval(expr.right, frame)),
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


def is_literal(expr: Expr) -> bool:
    """Whether an exponent is a number by the way it is written: built from numbers and sizes alone."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if not isinstance(node, typed.Number | typed.Dimension | typed.Negate | typed.Arithmetic):
            return False
        stack.extend(children(node))
    return True


class Names:
    """What expressions of one derivation say of the names in them, remembered by identity: the binders that an
    expression uses without binding them, and whether it can only have integer values.

    It keeps what it was asked about alive, so that identities stay apart.
    """

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._scalars = {f.parameter for f in derivation.functions.values()}
        self._keys: dict[int, tuple[str, ...]] = {}
        self._alive: list[Expr] = []

    def keys(self, expr: Expr) -> tuple[str, ...]:
        """The keys of binders that an expression uses without binding them, sorted."""
        found = self._keys.get(id(expr))
        if found is not None:
            return found
        self._alive.append(expr)
        stack = [(expr, False)]
        while stack:
            node, done = stack.pop()
            if id(node) in self._keys:
                continue
            if done:
                self._keys[id(node)] = tuple(sorted(self._free(node)))
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in children(node))
        return self._keys[id(expr)]

    def bind_scalars(self, keys: Iterable[str]) -> None:
        """These binders take other numbers than integers; all others are indices."""
        self._scalars.update(keys)

    def _free(self, node: Expr) -> set[str]:
        free = {key for child in children(node) for key in self._keys[id(child)]}
        match node:
            case typed.Bound():
                free.add(node.key)
            case typed.BigOp():
                free.discard(node.key)
            case typed.Derivative() if node.target.kind == "bound":
                free.add(node.target.key)
            case _:
                pass
        return free

    def integral(self, expr: Expr) -> bool:
        """Whether an expression can only be an integer: built from integers by ``+ - *``, or of finitely many
        values that all are (``(1 + y)/2`` with labels y of -1 and 1)."""
        match expr:
            case typed.Number():
                return expr.value.denominator == 1
            case typed.Dimension():
                return True
            case typed.Bound():
                return expr.key not in self._scalars
            case typed.Variable():
                domain = self._derivation.variables[expr.name].domain
                whole = all(v.denominator == 1 for v in domain.values)
                return domain.kind in ("integer", "one-hot") or (domain.kind == "finite" and whole)
            case typed.Defined():
                return self.integral(self._derivation.definitions[expr.name])
            case typed.Negate():
                return self.integral(expr.operand)
            case typed.Element():
                return self.integral(expr.base)
            case typed.Where():
                return self.integral(expr.then) and self.integral(expr.otherwise)
            case typed.Arithmetic():
                if expr.operator in "+-*" and self.integral(expr.left) and self.integral(expr.right):
                    return True
                values = self._values(expr)
                return values is not None and all(v.denominator == 1 for v in values)
            case _:
                return False

    def _values(self, expr: Expr) -> frozenset[Fraction] | None:
        """The values that an expression of finitely many can have (perhaps more than it really has)."""
        match expr:
            case typed.Number():
                return frozenset((expr.value,))
            case typed.Variable():
                domain = self._derivation.variables[expr.name].domain
                return frozenset(domain.values) if domain.kind == "finite" else None
            case typed.Defined():
                return self._values(self._derivation.definitions[expr.name])
            case typed.Element():
                return self._values(expr.base)
            case typed.Negate():
                inner = self._values(expr.operand)
                return None if inner is None else frozenset(-v for v in inner)
            case typed.Arithmetic() if expr.operator in _EXACT:
                left, right = self._values(expr.left), self._values(expr.right)
                if left is None or right is None or len(left) * len(right) > 64:
                    return None
                if expr.operator == "/" and 0 in right:
                    return None
                return frozenset(_EXACT[expr.operator](a, b) for a in left for b in right)
            case _:
                return None


_EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
