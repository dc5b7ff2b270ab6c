"""Owns the index forms of operations on whole arrays: what one entry of each is."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from flint import fmpq

from derivcheck.engine.indexed.terms import Index, NotShown, Sum
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr

if TYPE_CHECKING:
    from derivcheck.engine.indexed.lower import Frame, IndexLowering

_ONLY: Index = ("1", "=", 0)


def _reduced(
    low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame, each: Callable[[Sum], Sum]
) -> Sum:
    """The sum of ``each`` entry that a reduction takes in."""
    a = expr.arguments[0]
    keep = expr.keepdims or expr.name in ("softmax", "log_softmax")
    if expr.axis is None:
        chosen, summed = low.over(expr, index, a.shape)
        places = chosen
    else:
        axis = expr.axis
        outer = index[:axis] + index[axis + 1 :] if keep else index
        chosen, summed = low.over(expr, index, (a.shape[axis],))
        places = [(*outer[:axis], k, *outer[axis:]) for (k,) in chosen]
    c = low.calculus
    return c.add(*(c.total(each(low.at(a, place, frame)), summed) for place in places))


def _same(s: Sum) -> Sum:
    return s


def _sum(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    return _reduced(low, expr, index, frame, _same)


def _mean(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    shape = expr.arguments[0].shape
    dims = shape if expr.axis is None else (shape[expr.axis],)
    count = low.calculus.product(low.calculus.size(low.axis(d)) for d in dims)
    return low.calculus.multiply(_reduced(low, expr, index, frame, _same), low.calculus.power(count, -1))


def _prod(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a, c = expr.arguments[0], low.calculus
    if expr.axis is None:
        chosen, over = low.over(expr, index, a.shape)
    else:
        axis = expr.axis
        outer = index[:axis] + index[axis + 1 :] if expr.keepdims else index
        picked, over = low.over(expr, index, (a.shape[axis],))
        chosen = [(*outer[:axis], k, *outer[axis:]) for (k,) in picked]
    made = []
    for place in chosen:
        s = low.at(a, place, frame)
        for i in over:
            s = c.product_over(s, i)
        made.append(s)
    return c.product(made)


def _norm(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    total = _reduced(low, expr, index, frame, lambda s: low.calculus.multiply(s, s))
    low.note(">=", total)
    return low.calculus.power(total, Fraction(1, 2), low.carrier.is_guarded)


def _logsumexp(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    return low.calculus.log(_reduced(low, expr, index, frame, low.calculus.exp))


def _softmax(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    own = c.exp(low.at(expr.arguments[0], index, frame))
    return c.multiply(own, c.power(_reduced(low, expr, index, frame, c.exp), -1))


def _log_softmax(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    c = low.calculus
    return c.subtract(low.at(expr.arguments[0], index, frame), c.log(_reduced(low, expr, index, frame, c.exp)))


def _dot(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a, b = expr.arguments
    c = low.calculus
    chosen, summed = low.over(expr, index, a.shape)
    return c.add(*(c.total(c.multiply(low.at(a, i, frame), low.at(b, i, frame)), summed) for i in chosen))


def _outer(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a, b = expr.arguments
    left = low.at(a, _vector_index(low, a, index[0]), frame)
    return low.calculus.multiply(left, low.at(b, _vector_index(low, b, index[1]), frame))


def _vector_index(low: IndexLowering, expr: Expr, i: Index) -> tuple[Index, ...]:
    """The index of the i-th entry of a vector, row or column."""
    if len(expr.shape) == 1:
        return (i,)
    return (_ONLY, i) if low.axis(expr.shape[0]) == "1" else (i, _ONLY)


def _trace(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a = expr.arguments[0]
    _square(low, a.shape)
    chosen, summed = low.over(expr, index, a.shape[:1])
    return low.calculus.add(*(low.calculus.total(low.at(a, (i, i), frame), summed) for (i,) in chosen))


def _square(low: IndexLowering, shape: typed.Shape) -> None:
    if low.axis(shape[0]) != low.axis(shape[1]):
        raise NotShown("the diagonal of an array that is not square")


def _matrix(
    low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame
) -> tuple[Sum, tuple[Index, Index]]:
    a = expr.arguments[0]
    if low.carrier.is_guarded:
        raise NotShown("an inverse or determinant in a branch that need not be taken")
    row, column = low.fresh(expr, index, 2, a.shape)
    return low.at(a, (row, column), frame), (row, column)


def _det(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    if low.axis(expr.arguments[0].shape[0]) == "1":
        return low.at(expr.arguments[0], (_ONLY, _ONLY), frame)
    return low.calculus.determinant(*_matrix(low, expr, index, frame))


def _inv(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    body, over = _matrix(low, expr, index, frame)
    return low.calculus.inverse(body, over, index[0], index[1])


def _diag(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a = expr.arguments[0]
    if len(a.shape) == 2:
        _square(low, a.shape)
        return low.at(a, (index[0], index[0]), frame)
    return low.calculus.multiply(low.calculus.delta(index[0], index[1]), low.at(a, (index[0],), frame))


def _reshape(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    a = expr.arguments[0]
    before, after = [low.axis(d) for d in a.shape], [low.axis(d) for d in expr.shape]
    if [d for d in before if d != "1"] == [d for d in after if d != "1"]:
        rest = iter([i for i, d in zip(index, after, strict=True) if d != "1"])
        return low.at(a, tuple(_ONLY if d == "1" else next(rest) for d in before), frame)
    if not all(d.isdigit() for d in before) or any(i[1] != "=" for i in index):
        raise NotShown("a reshape that mixes axes of symbolic sizes")
    flat = 0
    for i, d in zip(index, after, strict=True):
        flat = flat * int(d) + i[2]
    place: list[Index] = []
    for d in reversed(before):
        flat, k = divmod(flat, int(d))
        place.insert(0, (d, "=", k))
    return low.at(a, tuple(place), frame)


def _concat(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    axis = expr.axis or 0
    sizes = [low.axis(part.shape[axis]) for part in expr.arguments]
    if index[axis][1] != "=" or not all(d.isdigit() for d in sizes):
        raise NotShown("a concatenation along an axis of symbolic size")
    i = index[axis][2]
    for part, d in zip(expr.arguments, sizes, strict=True):
        if i < int(d):
            return low.at(part, (*index[:axis], (d, "=", i), *index[axis + 1 :]), frame)
        i -= int(d)
    raise NotShown("an index beyond the parts of a concatenation")


def _transpose(low: IndexLowering, expr: typed.ArrayOp, index: tuple[Index, ...], frame: Frame) -> Sum:
    return low.at(expr.arguments[0], index[::-1], frame)


Operation = Callable[["IndexLowering", Any, tuple[Index, ...], "Frame"], Sum]

#: One row an operation of ``typed.ArrayOp``.
ARRAY_OPERATIONS: dict[str, Operation] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "norm": _norm,
    "dot": _dot,
    "outer": _outer,
    "trace": _trace,
    "det": _det,
    "inv": _inv,
    "diag": _diag,
    "transpose": _transpose,
    "reshape": _reshape,
    "concat": _concat,
    "eye": lambda low, expr, index, frame: low.calculus.delta(index[0], index[1]),
    "ones": lambda low, expr, index, frame: {low.calculus.store.unit: fmpq(1)},
    "zeros": lambda low, expr, index, frame: {},
}
