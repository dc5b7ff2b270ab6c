"""Owns the index formulas of operations on whole arrays: one entry of the result from entries of the operands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import TYPE_CHECKING

import sympy
from sympy import S

from derivcheck.engine.symbols import Sym
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr

if TYPE_CHECKING:
    from derivcheck.engine.lower import Lowering

Index = tuple[int, ...]


class TooManyRows(Exception):
    """A determinant that would be too large to write out."""


def _same(x: Sym) -> Sym:
    return x


def _sum(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(sympy.Add(*low.reduced(expr, index, _same)))


def _mean(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    terms = low.reduced(expr, index, _same)
    return low.let(sympy.Add(*terms) / len(terms))


def _prod(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(sympy.Mul(*low.reduced(expr, index, _same)))


def _norm(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    total = low.let(sympy.Add(*low.reduced(expr, index, lambda x: x * x)))
    return low.let(low.carrier.apply("sqrt", (total,)))


def _logsumexp(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(sympy.log(low.let(sympy.Add(*low.reduced(expr, index, sympy.exp)))))


def _softmax(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    own = low.let(sympy.exp(low.let(low.entry(expr.arguments[0], index))))
    return low.let(own / low.let(sympy.Add(*low.reduced(expr, index, sympy.exp))))


def _log_softmax(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    total = low.let(sympy.Add(*low.reduced(expr, index, sympy.exp)))
    return low.let(low.entry(expr.arguments[0], index) - sympy.log(total))


def _dot(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    a, b = expr.arguments
    places = product(*(range(n) for n in low.shape(a.shape)))
    return low.let(sympy.Add(*(low.let(low.entry(a, i)) * low.let(low.entry(b, i)) for i in places)))


def _outer(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    a, b = expr.arguments
    vectors = (_vector_index(low, a, index[0]), _vector_index(low, b, index[1]))
    return low.entry(a, vectors[0]) * low.entry(b, vectors[1])


def _vector_index(low: Lowering, expr: Expr, i: int) -> Index:
    """The index of the i-th entry of a vector, row or column."""
    shape = low.shape(expr.shape)
    return (i,) if len(shape) == 1 else (0, i) if shape[0] == 1 else (i, 0)


def _trace(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    return low.let(sympy.Add(*(low.entry(a, (i, i)) for i in range(low.shape(a.shape)[0]))))


def _minor(low: Lowering, a: Expr, rows: Index, columns: Index) -> Sym:
    """A determinant by expansion along its first row."""
    if not rows:
        return S.One
    if len(rows) > 6:
        raise TooManyRows("a determinant of more than 6 rows")
    terms = []
    for j, column in enumerate(columns):
        rest = _minor(low, a, rows[1:], columns[:j] + columns[j + 1 :])
        terms.append((-1) ** j * low.let(low.entry(a, (rows[0], column))) * rest)
    return low.let(sympy.Add(*terms))


def _det(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    everything = tuple(range(low.shape(a.shape)[0]))
    return _minor(low, a, everything, everything)


def _inv(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    """Cramer's rule: the cofactor of the transposed place over the determinant."""
    a = expr.arguments[0]
    everything = tuple(range(low.shape(a.shape)[0]))
    i, j = index
    rows = tuple(k for k in everything if k != j)
    columns = tuple(k for k in everything if k != i)
    return low.let(
        low.carrier.ratio((-1) ** (i + j) * _minor(low, a, rows, columns), _minor(low, a, everything, everything))
    )


def _diag(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    if len(a.shape) == 2:
        return low.entry(a, (index[0], index[0]))
    return low.entry(a, (index[0],)) if index[0] == index[1] else S.Zero


def _reshape(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    flat = 0
    for i, n in zip(index, low.shape(expr.shape), strict=True):
        flat = flat * n + i
    place: list[int] = []
    for n in reversed(low.shape(expr.arguments[0].shape)):
        flat, i = divmod(flat, n)
        place.insert(0, i)
    return low.entry(expr.arguments[0], tuple(place))


def _concat(low: Lowering, expr: typed.ArrayOp, index: Index) -> Sym:
    axis = expr.axis or 0
    i = index[axis]
    for part in expr.arguments:
        n = low.shape(part.shape)[axis]
        if i < n:
            return low.entry(part, (*index[:axis], i, *index[axis + 1 :]))
        i -= n
    raise AssertionError("an index beyond the parts of a concatenation")


#: By the name of the operation.
ARRAY: dict[str, Callable[[Lowering, typed.ArrayOp, Index], Sym]] = {
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
    "transpose": lambda low, expr, index: low.entry(expr.arguments[0], index[::-1]),
    "reshape": _reshape,
    "concat": _concat,
    "eye": lambda low, expr, index: S.One if index[0] == index[1] else S.Zero,
    "ones": lambda low, expr, index: S.One,
    "zeros": lambda low, expr, index: S.Zero,
}
