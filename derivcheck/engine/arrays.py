"""Owns NumPy's operations on arrays of jets: products, sums, norms, determinants, inverses, by their usual names.

Arrays are NumPy object arrays, so that axes, shapes and broadcasting are NumPy's own.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from flint import arb, fmpq

from derivcheck.engine import balls, jets
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.work import OverBudget
from derivcheck.lang import typed

Array = Any  # np.ndarray of dtype object; of Jet, or of balls.Test for conditions


def scalar(value: Any) -> Array:
    """A value as an array without axes."""
    out = np.empty((), dtype=object)
    out[()] = value
    return out


def as_array(value: Any) -> Array:
    """A value, or an array, as an array."""
    return value if type(value) is np.ndarray else scalar(value)


def bare(value: Any) -> Any:
    """What an array without axes holds; other arrays, and values, as they are."""
    return value[()] if type(value) is np.ndarray and not value.ndim else value


def elementwise(function: Callable[..., Any], *arrays: Any) -> Any:
    """A function of numbers, entry by entry, of arrays that are spread to one shape; of values alone, its value."""
    for a in arrays:
        if type(a) is np.ndarray:
            break
    else:
        return function(*arrays)
    spread = np.broadcast_arrays(*(as_array(a) for a in arrays))
    out = np.empty(spread[0].shape, dtype=object)
    flat = out.reshape(-1)
    for i, values in enumerate(zip(*(a.ravel() for a in spread), strict=True)):
        flat[i] = function(*values)
    return flat.reshape(out.shape)


def filled(values: list[Any], shape: tuple[int, ...]) -> Array:
    """An array of a shape from its entries, row-major; they may stand in rows."""
    entries = _flattened(values)
    out = np.empty(len(entries), dtype=object)
    for i, value in enumerate(entries):
        out[i] = value
    return out.reshape(shape)


def _flattened(values: list[Any]) -> list[Any]:
    return [x for row in values for x in row] if values and isinstance(values[0], list) else values


_OF_ARRAYS: dict[str, Callable[[Array, Array], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.true_divide,
}
_OF_VALUES: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def arithmetic(sign: str, a: Any, b: Any) -> Any:
    """``a sign b`` of arrays, or of values, for which NumPy is a detour."""
    if type(a) is not np.ndarray and type(b) is not np.ndarray:
        return _OF_VALUES[sign](a, b)
    return _OF_ARRAYS[sign](as_array(a), as_array(b))


def matmul(a: Array, b: Array) -> Array:
    """The matrix product, of rows and columns too."""
    columns = b.T.reshape(-1, b.shape[0])
    entries = [jets.dot(row, column) for row in a.reshape(-1, a.shape[-1]) for column in columns]
    return filled(entries, a.shape[:-1] + b.shape[1:])


def summed(a: Array, axis: int | None, *, keepdims: bool) -> Array:
    """The sum over an axis, or over all."""
    if axis is None:
        return filled([jets.total(a.ravel())], (1,) * a.ndim if keepdims else ())
    rows = np.moveaxis(a, axis, -1).reshape(-1, a.shape[axis])
    shape = tuple(1 if i == axis else n for i, n in enumerate(a.shape) if keepdims or i != axis)
    return filled([jets.total(row) for row in rows], shape)


def _sum(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return summed(a, expr.axis, keepdims=expr.keepdims)


def _prod(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return np.prod(a, axis=expr.axis, keepdims=expr.keepdims)


def _count(expr: typed.ArrayOp, a: Array) -> int:
    return int(a.size if expr.axis is None else a.shape[expr.axis])


def _mean(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return as_array(_sum(expr, shape, a)) / Jet(fmpq(_count(expr, a)))


def _exp(a: Array) -> Array:
    return elementwise(jets.exp, a)


def _softmax(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    e = _exp(a)
    return e / summed(e, expr.axis, keepdims=True)


def _log_softmax(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return a - elementwise(jets.log, summed(_exp(a), expr.axis, keepdims=True))


def _logsumexp(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return elementwise(jets.log, as_array(_sum(expr, shape, _exp(a))))


def _norm(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return elementwise(balls.BALLS.sqrt, as_array(_sum(expr, shape, as_array(a * a))))


def _trace(expr: typed.ArrayOp, shape: tuple[int, ...], a: Array) -> Array:
    return as_array(reduce(lambda x, y: x + y, (a[i, i] for i in range(a.shape[0]))))


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
        return filled([a[i, i] for i in range(min(a.shape))], shape)
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


ARRAY_OPS: dict[str, Callable[..., Array]] = {
    "sum": _sum,
    "mean": _mean,
    "prod": _prod,
    "softmax": _softmax,
    "log_softmax": _log_softmax,
    "logsumexp": _logsumexp,
    "norm": _norm,
    "dot": lambda expr, shape, a, b: scalar(jets.dot(a.ravel(), b.ravel())),
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
