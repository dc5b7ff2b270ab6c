"""Owns the index forms of arithmetic, products, indexing, binders, cases and conditions: one entry of each."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import fmpq

from derivcheck.engine.indexed.arrays import ARRAY_OPERATIONS
from derivcheck.engine.indexed.terms import Index, NotShown, Sum, beyond
from derivcheck.engine.names import is_literal
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr

if TYPE_CHECKING:
    from derivcheck.engine.indexed.lower import Frame, IndexLowering


def _arithmetic(low: IndexLowering, expr: typed.Arithmetic, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    a, b = low.operand(expr.left, index, frame), low.operand(expr.right, index, frame)
    match expr.operator:
        case "+":
            return c.add(a, b)
        case "-":
            return c.subtract(a, b)
        case "*":
            return c.multiply(a, b)
        case "/":
            low.note("!=", b)
            return c.multiply(a, c.power(b, -1, low.carrier.is_guarded))
        case _:
            return _power(low, a, b, expr.right)


def _power(low: IndexLowering, a: Sum, b: Sum, exponent: Expr) -> Sum:
    c, guarded = low.calculus, low.carrier.is_guarded
    number = c.number_of(b)
    if number is not None:
        q = Fraction(int(number.p), int(number.q))
        if is_literal(exponent) or low.names.integral(exponent):
            if q.denominator > 1:
                low.note(">" if q < 0 else ">=", a)
            elif q < 0:
                low.note("!=", a)
        else:
            low.note(">", a)
        return c.power(a, q, guarded)
    if not low.names.integral(exponent):
        low.note(">", a)
    elif not c.is_positive(a):
        return _sized_power(low, a, b)

    def power(value: Sum) -> Sum:
        q = c.number_of(value)
        if q is not None:
            return c.power(a, Fraction(int(q.p), int(q.q)), guarded=True)
        return c.exp(c.multiply(value, c.log(a, guarded)))

    cases = c.by_cases(b, power)
    return power(b) if cases is None else cases


def _sized_power(low: IndexLowering, a: Sum, b: Sum) -> Sum:
    """A number of any sign to a sum of sizes: a product over as many factors."""
    c = low.calculus
    parts = []
    for m, k in b.items():
        lone = len(m.factors) == 1 and m.factors[0][0].kind == "size" and m.factors[0][1] == 1
        if k < 0 or k.q != 1 or not (lone or not m.factors):
            raise NotShown("an integer exponent that is no sum of sizes, over a base that may be negative")
        over = (m.factors[0][0].name if lone else "", "%", beyond(i for n in a for i in n.free))
        parts.append(c.natural_power(c.product_over(a, over) if lone else a, int(k)))
    return c.product(parts)


def _matmul(low: IndexLowering, expr: typed.MatMul, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    split = len(expr.left.shape) - 1
    chosen, summed = low.over(expr, index, (expr.left.shape[-1],))
    terms = []
    for (k,) in chosen:
        left = low.at(expr.left, (*index[:split], k), frame)
        right = low.at(expr.right, (k, *index[split:]), frame)
        terms.append(c.total(c.multiply(left, right), summed))
    return c.add(*terms)


def _element(low: IndexLowering, expr: typed.Element, index: tuple[Index, ...], frame: Frame) -> Sum:
    return low.at(expr.base, low.places(expr.subscripts, expr.base.shape, index), frame)


def _big_op(low: IndexLowering, expr: typed.BigOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    chosen, summed = low.over(expr, index, (expr.size,))
    before = low.bound.get(expr.key)
    made = []
    for (k,) in chosen:
        low.bound[expr.key] = k
        body = low.at(expr.body, index, frame)
        if expr.kind == "sum":
            made.append(c.total(body, summed))
        else:
            made.append(c.product_over(body, k) if summed else body)
    if before is None:
        del low.bound[expr.key]
    else:
        low.bound[expr.key] = before
    return c.add(*made) if expr.kind == "sum" else c.product(made)


def _entries(low: IndexLowering, expr: typed.Entries, index: tuple[Index, ...], frame: Frame) -> Sum:
    flat = 0
    for i, d in zip(index, expr.shape, strict=True):
        if i[1] != "=":
            raise NotShown("an array written out, at an index that is no number")
        flat = flat * int(low.axis(d)) + i[2]
    return low.at(expr.entries[flat], (), frame)


def _compare(low: IndexLowering, expr: typed.Compare, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    indices = _compared_indices(low, expr)
    if indices is not None:
        i, j = indices
        match expr.operator:
            case "==":
                return c.delta(i, j)
            case "!=":
                return c.subtract(c.number(1), c.delta(i, j))
            case "<":
                return c.before(i, j)
            case ">":
                return c.before(j, i)
            case "<=":
                return c.subtract(c.number(1), c.before(j, i))
            case _:
                return c.subtract(c.number(1), c.before(i, j))
    gap = c.subtract(low.operand(expr.left, index, frame), low.operand(expr.right, index, frame))
    low.note("kink", gap)
    back = c.scale(gap, fmpq(-1))
    match expr.operator:
        case ">":
            return c.above(gap)
        case "<":
            return c.above(back)
        case ">=":
            return c.subtract(c.number(1), c.above(back))
        case "<=":
            return c.subtract(c.number(1), c.above(gap))
        case "==":
            return c.zero(gap)
        case _:
            return c.subtract(c.number(1), c.zero(gap))


def _compared_indices(low: IndexLowering, expr: typed.Compare) -> tuple[Index, Index] | None:
    """Two indices of one dimension that are compared; one may be a literal position, if at every size there are as
    many positions as the comparison is made from."""
    sides = [low.bound.get(e.key) if isinstance(e, typed.Bound) else None for e in (expr.left, expr.right)]
    dims = {side[0] for side in sides if isinstance(side, tuple)}
    if len(dims) != 1:
        return None
    (dim,) = dims
    found: list[Index] = []
    for side, written, fewer in zip(sides, (expr.left, expr.right), ((">", "<="), ("<", ">=")), strict=True):
        if isinstance(side, tuple):
            found.append(side)
        elif isinstance(written, typed.Number) and written.value.denominator == 1 and written.value >= 0:
            place = int(written.value)
            if not low.calculus.exists(dim, place - 1 if expr.operator in fewer else place):
                return None
            found.append((dim, "=", place))
    return (found[0], found[1]) if len(found) == 2 else None


def _logic(low: IndexLowering, expr: typed.Logic, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    # one operand may decide alone, whatever the others are: none says where the whole is defined
    operands = low.aside(expr.operands if expr.operator != "not" else (), index, frame)
    if expr.operator == "not":
        return c.subtract(c.number(1), low.operand(expr.operands[0], index, frame))
    if expr.operator == "and":
        return c.product(operands)
    opposite = [c.subtract(c.number(1), o) for o in operands]
    return c.subtract(c.number(1), c.product(opposite))


def _where(low: IndexLowering, expr: typed.Where, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    test = low.operand(expr.test, index, frame)
    number = c.number_of(test)
    if number is not None:
        return low.operand(expr.then if number == 1 else expr.otherwise, index, frame)
    branches = low.aside((expr.then, expr.otherwise), index, frame)
    return c.add(branches[1], c.multiply(test, c.subtract(*branches)))


Operation = Callable[["IndexLowering", Any, tuple[Index, ...], "Frame"], Sum]

#: One row a kind of expression.
OPERATIONS: dict[type[Expr], Operation] = {
    typed.Number: lambda low, expr, index, frame: low.calculus.number(expr.value),
    typed.Constant: lambda low, expr, index, frame: low.calculus.constant(expr.name),
    typed.Variable: lambda low, expr, index, frame: low.named("variable", expr.name, index, frame),
    typed.Defined: lambda low, expr, index, frame: low.named("defined", expr.name, index, frame),
    typed.Dimension: lambda low, expr, index, frame: low.calculus.size(expr.name),
    typed.Bound: lambda low, expr, index, frame: low.bound_name(expr.key, frame),
    typed.Negate: lambda low, expr, index, frame: low.calculus.scale(low.at(expr.operand, index, frame), fmpq(-1)),
    typed.Arithmetic: _arithmetic,
    typed.MatMul: _matmul,
    typed.Element: _element,
    typed.Apply: lambda low, expr, index, frame: low.applied(expr, index, frame),
    typed.Opaque: lambda low, expr, index, frame: low.opaque(expr, index, frame),
    typed.ArrayOp: lambda low, expr, index, frame: ARRAY_OPERATIONS[expr.name](low, expr, index, frame),
    typed.BigOp: _big_op,
    typed.Entries: _entries,
    typed.Compare: _compare,
    typed.Logic: _logic,
    typed.Where: _where,
    typed.Derivative: lambda low, expr, index, frame: low.derivative(expr, index, frame),
}
