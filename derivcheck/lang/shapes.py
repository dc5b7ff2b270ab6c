"""Owns the algebra of shapes: which go together under which operator, what comes out, and the usual cure if none.

A symbolic axis equals itself alone, or a number when the size of that dimension is known; only a literal 1
stretches. ``sizes`` are the known sizes of symbolic dimensions (an exact rule, or the point of a claim).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from derivcheck.lang.typed import ArrayOp, Dim, Expr, Shape

Sizes = Mapping[str, int]
#: What an operator makes of two shapes; ``None`` if they do not go together.
Rule = Callable[[Shape, Shape, Sizes], Shape | None]
#: Functions that make one number of an axis, and can keep that axis with size 1.
REDUCTIONS = frozenset({"sum", "mean", "prod", "logsumexp", "norm"})


def show(shape: Shape) -> str:
    """``[n, 1]``; a scalar is ``[]``, in words."""
    return "[" + ", ".join(str(axis) for axis in shape) + "]" if shape else "[] (a number)"


def same(a: Dim, b: Dim, sizes: Sizes) -> bool:
    """Whether two axes certainly have one size."""
    if isinstance(a, str) and isinstance(b, str):
        return a == b
    return known(a, sizes) == known(b, sizes)


def known(axis: Dim, sizes: Sizes) -> Dim:
    """The number of a dimension of known size; otherwise the axis as it is."""
    return sizes.get(axis, axis) if isinstance(axis, str) else axis


def agree(a: Shape, b: Shape, sizes: Sizes) -> bool:
    """Whether two shapes are the same, axis by axis."""
    return len(a) == len(b) and all(same(x, y, sizes) for x, y in zip(a, b, strict=True))


def one_entry(shape: Shape) -> bool:
    """Whether there is exactly one entry, whatever the sizes: a scalar, or every axis the literal 1."""
    return all(axis == 1 for axis in shape)


def elementwise(a: Shape, b: Shape, sizes: Sizes) -> Shape | None:
    """The shape of ``a + b``: a scalar goes with anything, a literal 1 stretches, all else must be the same."""
    if not a or not b:
        return a or b
    if len(a) != len(b):
        return None
    out: list[Dim] = []
    for x, y in zip(a, b, strict=True):
        if x == 1:
            out.append(y)
        elif y == 1 or same(x, y, sizes):
            out.append(x if y == 1 or isinstance(x, str) else y)
        else:
            return None
    return tuple(out)


def matmul(a: Shape, b: Shape, sizes: Sizes) -> Shape | None:
    """The shape of ``a @ b`` for one or two axes each."""
    if not (0 < len(a) < 3 and 0 < len(b) < 3) or not same(a[-1], b[0], sizes):
        return None
    return a[:-1] + b[1:]


def equation(a: Shape, b: Shape, sizes: Sizes) -> Shape | None:
    """The shape of the claim ``a == b``: the same shape, or a number against anything; one entry is a number."""
    if not a or not b:
        return a or b
    return a if agree(a, b, sizes) else None


def rule_of(operator: str) -> Rule:
    """The rule of an operator within an expression; all but the matrix product are elementwise."""
    return matmul if operator == "@" else elementwise


def cure(operator: str, rule: Rule, left: Expr, right: Expr, sizes: Sizes) -> str | None:
    """What would make two sides go together under an operator and its rule, if one of the usual changes does."""
    return next(_cures(operator, rule, left, right, sizes), None)


def _cures(operator: str, rule: Rule, left: Expr, right: Expr, sizes: Sizes) -> Iterator[str]:
    a, b = left.shape, right.shape
    if operator == "@" and not (a and b):
        yield "`*` multiplies by a number"
        return
    for side, changed, out in (
        ("right", len(b) > 1, rule(a, b[::-1], sizes)),
        ("left", len(a) > 1, rule(a[::-1], b, sizes)),
    ):
        # a transpose that only works by stretching both sides against each other is no cure
        fits = out is not None and (operator == "@" or agree(out, a, sizes) or agree(out, b, sizes))
        if changed and fits:
            yield f"with the transpose (`.T`) of the {side} side the shapes fit"
    if operator == "*" and (out := matmul(a, b, sizes)) is not None:
        yield f"`@` is the matrix product; it gives {show(out)} here"
    if operator == "@" and agree(a, b, sizes):
        yield "`*` is the elementwise product; the shapes are equal"
    yield from _longer(rule, left, right, sizes)


def _longer(rule: Rule, left: Expr, right: Expr, sizes: Sizes) -> Iterator[str]:
    """Whether an axis of size 1, put in where one is missing, makes the shapes fit."""
    for side, short, other in (("left", left, right), ("right", right, left)):

        def fits(shape: Shape, side: str = side, other: Shape = other.shape) -> bool:
            return (rule(shape, other, sizes) if side == "left" else rule(other, shape, sizes)) is not None

        if (kept := _kept(short)) is not None and fits(kept):
            yield f"with `keepdims=True` the {side} side keeps its axis, and the shapes fit"
        if len(short.shape) == 1:
            for shape in ((short.shape[0], 1), (1, short.shape[0])):
                if fits(shape):
                    sizes_text = ", ".join(str(axis) for axis in shape)
                    yield f"with `reshape(…, {sizes_text})` of the {side} side the shapes fit"


def _kept(expr: Expr) -> Shape | None:
    """The shape that a reduction along an axis would have with that axis kept, if it is one."""
    if not (isinstance(expr, ArrayOp) and expr.name in REDUCTIONS) or expr.keepdims or expr.axis is None:
        return None
    return (*expr.shape[: expr.axis], 1, *expr.shape[expr.axis :])
