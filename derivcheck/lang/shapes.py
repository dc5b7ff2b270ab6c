"""Owns the algebra of shapes: which go together under which operator, what comes out, and the usual cure if none.

A symbolic axis equals itself alone, or a number when the size of that dimension is known; only a literal 1
stretches. ``sizes`` are the known sizes of symbolic dimensions (an exact rule, or the point of a claim).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivcheck.lang.typed import Dim, Shape

Sizes = Mapping[str, int]
#: What an operator makes of two shapes; ``None`` if they do not go together.
Rule = Callable[["Shape", "Shape", Sizes], "Shape | None"]


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


RULES: dict[str, Rule] = {
    "+": elementwise,
    "-": elementwise,
    "*": elementwise,
    "/": elementwise,
    "**": elementwise,
    "@": matmul,
    "==": equation,
}


def cure(operator: str, left: Shape, right: Shape, sizes: Sizes) -> str | None:
    """What would make two shapes go together under an operator, if one of the usual changes does."""
    return next(_cures(operator, left, right, sizes), None)


def _cures(operator: str, left: Shape, right: Shape, sizes: Sizes) -> Iterator[str]:
    rule = RULES[operator]
    if operator == "@" and not (left and right):
        yield "`*` multiplies by a number"
        return
    for flip_left, flip_right in ((False, True), (True, False)):
        a = left[::-1] if flip_left else left
        b = right[::-1] if flip_right else right
        changed = (flip_left and len(left) > 1) or (flip_right and len(right) > 1)
        if changed and _worth(operator, rule(a, b, sizes), left, right, sizes):
            side = "left" if flip_left else "right"
            yield f"with the transpose (`.T`) of the {side} side the shapes fit"
    if operator == "*" and (out := matmul(left, right, sizes)) is not None:
        yield f"`@` is the matrix product; it gives {show(out)} here"
    if operator == "@" and agree(left, right, sizes):
        yield "`*` is the elementwise product; the shapes are equal"
    if len(left) != len(right) and operator != "@":
        yield from _kept(rule, left, right, sizes)


def _worth(operator: str, out: Shape | None, left: Shape, right: Shape, sizes: Sizes) -> bool:
    """A transpose that only works by stretching both sides against each other is no cure."""
    return out is not None and (operator == "@" or agree(out, left, sizes) or agree(out, right, sizes))


def _kept(rule: Rule, left: Shape, right: Shape, sizes: Sizes) -> Iterator[str]:
    """Whether an axis of size 1, put in where one is missing, makes the shapes fit."""
    short, long, is_left = (left, right, True) if len(left) < len(right) else (right, left, False)
    for places in product((False, True), repeat=len(long)):
        if places.count(True) != len(short):
            continue
        axes = iter(short)
        padded: Shape = tuple(next(axes) if place else 1 for place in places)
        if rule(padded if is_left else long, long if is_left else padded, sizes) is not None:
            side = "left" if is_left else "right"
            yield f"if the {side} side had the shape {show(padded)} (`keepdims=True` keeps an axis) it would fit"
