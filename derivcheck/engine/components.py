"""Owns the index formulas of operations on whole arrays: one entry of the result from entries of the operands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr

Index = tuple[int, ...]
Sym = Any  # a component: what the road makes of an entry

#: What makes components: ``entry(expr, index)``, ``shape``, ``let(component)`` for what is used more than once,
#: ``total`` and ``product`` of some, ``exp``, ``log`` (of what is positive), ``constant(integer)``, and ``carrier``.
Maker = Any


class TooManyRows(Exception):
    """A determinant that would be too large to write out."""


def along(low: Maker, expr: Expr, axis: int | None, keepdims: bool, index: Index) -> Iterator[Index]:
    """The entries of an operand that one entry of a reduction takes in."""
    shape = low.shape(expr.shape)
    if axis is None:
        yield from product(*(range(n) for n in shape))
        return
    outer = index[:axis] + index[axis + 1 :] if keepdims else index
    for i in range(shape[axis]):
        yield (*outer[:axis], i, *outer[axis:])


def reduced(low: Maker, expr: typed.ArrayOp, index: Index, term: Callable[[Sym], Sym]) -> list[Sym]:
    """The entries that a reduction takes in, each through ``term``, as let symbols."""
    a = expr.arguments[0]
    keep = expr.keepdims or expr.name in ("softmax", "log_softmax")
    return [low.let(term(low.let(low.entry(a, i)))) for i in along(low, a, expr.axis, keep, index)]


def stretched(low: Maker, expr: Expr, index: Index) -> Index:
    """The entry of an operand for an entry of the result: a scalar goes with anything, an axis of 1 stretches."""
    own = low.shape(expr.shape)
    tail = index[len(index) - len(own) :]
    return tuple(0 if size == 1 else i for size, i in zip(own, tail, strict=True))


def of_and_targets(expr: typed.Derivative, index: Index) -> tuple[Index, tuple[Index, ...]]:
    """Which entry is differentiated for an entry of a derivative, and by which entries of the target, one after the
    other."""
    one, rank = (0,) * len(expr.of.shape), len(expr.of.shape)
    match expr.kind:
        case "gradient":
            return one, (index[::-1] if expr.transposed else index,)
        case "elementwise":
            return index, (index,)
        case "tangent":
            return index, ((),)
        case "jacobian":
            return index[:rank], (index[rank:],)
        case _:
            return one, (index[: len(index) // 2], index[len(index) // 2 :])


def _same(x: Sym) -> Sym:
    return x


def _sum(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(low.total(reduced(low, expr, index, _same)))


def _mean(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    terms = reduced(low, expr, index, _same)
    return low.let(low.total(terms) / len(terms))


def _prod(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(low.product(reduced(low, expr, index, _same)))


def _norm(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    total = low.let(low.total(reduced(low, expr, index, lambda x: x * x)))
    return low.let(low.carrier.apply("sqrt", (total,)))


def _logsumexp(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    return low.let(low.log(low.let(low.total(reduced(low, expr, index, low.exp)))))


def _softmax(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    own = low.let(low.exp(low.let(low.entry(expr.arguments[0], index))))
    return low.let(own / low.let(low.total(reduced(low, expr, index, low.exp))))


def _log_softmax(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    total = low.let(low.total(reduced(low, expr, index, low.exp)))
    return low.let(low.entry(expr.arguments[0], index) - low.log(total))


def _dot(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    a, b = expr.arguments
    places = product(*(range(n) for n in low.shape(a.shape)))
    return low.let(low.total(low.let(low.entry(a, i)) * low.let(low.entry(b, i)) for i in places))


def _outer(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    a, b = expr.arguments
    vectors = (_vector_index(low, a, index[0]), _vector_index(low, b, index[1]))
    return low.entry(a, vectors[0]) * low.entry(b, vectors[1])


def _vector_index(low: Maker, expr: Expr, i: int) -> Index:
    """The index of the i-th entry of a vector, row or column."""
    shape = low.shape(expr.shape)
    return (i,) if len(shape) == 1 else (0, i) if shape[0] == 1 else (i, 0)


def _trace(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    return low.let(low.total(low.entry(a, (i, i)) for i in range(low.shape(a.shape)[0])))


def _minor(low: Maker, a: Expr, rows: Index, columns: Index) -> Sym:
    """A determinant by expansion along its first row."""
    if not rows:
        return low.constant(1)
    if len(rows) > 6:
        raise TooManyRows("a determinant of more than 6 rows")
    terms = []
    for j, column in enumerate(columns):
        rest = _minor(low, a, rows[1:], columns[:j] + columns[j + 1 :])
        terms.append((-1) ** j * low.let(low.entry(a, (rows[0], column))) * rest)
    return low.let(low.total(terms))


def _det(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    everything = tuple(range(low.shape(a.shape)[0]))
    return _minor(low, a, everything, everything)


def _inv(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    """Cramer's rule: the cofactor of the transposed place over the determinant."""
    a = expr.arguments[0]
    everything = tuple(range(low.shape(a.shape)[0]))
    i, j = index
    rows = tuple(k for k in everything if k != j)
    columns = tuple(k for k in everything if k != i)
    return low.let(
        low.carrier.ratio((-1) ** (i + j) * _minor(low, a, rows, columns), _minor(low, a, everything, everything))
    )


def _diag(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    a = expr.arguments[0]
    if len(a.shape) == 2:
        return low.entry(a, (index[0], index[0]))
    return low.entry(a, (index[0],)) if index[0] == index[1] else low.constant(0)


def _reshape(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    flat = 0
    for i, n in zip(index, low.shape(expr.shape), strict=True):
        flat = flat * n + i
    place: list[int] = []
    for n in reversed(low.shape(expr.arguments[0].shape)):
        flat, i = divmod(flat, n)
        place.insert(0, i)
    return low.entry(expr.arguments[0], tuple(place))


def _concat(low: Maker, expr: typed.ArrayOp, index: Index) -> Sym:
    axis = expr.axis or 0
    i = index[axis]
    for part in expr.arguments:
        n = low.shape(part.shape)[axis]
        if i < n:
            return low.entry(part, (*index[:axis], i, *index[axis + 1 :]))
        i -= n
    raise AssertionError("an index beyond the parts of a concatenation")


#: By the name of the operation.
ARRAY: dict[str, Callable[[Maker, typed.ArrayOp, Index], Sym]] = {
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
    "eye": lambda low, expr, index: low.constant(1) if index[0] == index[1] else low.constant(0),
    "ones": lambda low, expr, index: low.constant(1),
    "zeros": lambda low, expr, index: low.constant(0),
}
