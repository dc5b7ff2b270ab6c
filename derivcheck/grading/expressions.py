"""Owns the making of typed expressions for grading: parts replaced by others of their shape, entries of arrays,
arrays from their entries, sums over indices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from fractions import Fraction
from itertools import count
from typing import Any

from derivcheck.lang import typed
from derivcheck.lang.typed import Dim, Expr, Shape, Target
from derivcheck.source import Span

#: What stands in the place of a part: another expression of its shape, or ``None`` to leave it.
Change = Callable[[Expr], Expr | None]


def rewritten(root: Expr, change: Change) -> Expr:
    """An expression in which every part that ``change`` has something for is replaced by it, from the outside in:
    what was put in is not looked at again. What has nothing to replace in it is the very same expression."""
    made: dict[Expr, Expr] = {}
    asked: dict[Expr, Expr | None] = {}

    def new_of(expr: Expr) -> Expr | None:
        if expr not in asked:
            asked[expr] = change(expr)
        return asked[expr]

    def inside(expr: Expr) -> tuple[Expr, ...]:
        return () if new_of(expr) is not None else typed.children(expr)

    for expr in typed.postorder(root, inside):
        new = new_of(expr)
        made[expr] = new if new is not None else _remade(expr, made)
    return made[root]


def _remade(expr: Expr, made: Mapping[Expr, Expr]) -> Expr:
    """An expression with the parts that were made of its own."""
    if all(made[child] is child for child in typed.children(expr)):
        return expr
    changes: dict[str, Any] = {}
    for name in _inner_fields(expr):
        value = getattr(expr, name)
        if isinstance(value, Target):
            changes[name] = replace(value, subscripts=_each(value.subscripts, made))
        else:
            changes[name] = made[value] if isinstance(value, Expr) else _each(value, made)
    return replace(expr, **changes)


def _each(values: Any, made: Mapping[Expr, Expr]) -> Any:
    return values if values is None else tuple(value if value is None else made[value] for value in values)


def _inner_fields(expr: Expr) -> tuple[str, ...]:
    """The fields that hold expressions, by how they are annotated."""
    return tuple(one.name for one in fields(expr) if one.type in _HOLDING)


_HOLDING = ("Expr", "tuple[Expr, ...]", "tuple[Subscript, ...]", "Target")


def with_bound(root: Expr, values: Mapping[str, Expr]) -> Expr:
    """An expression with other expressions in the place of bound names, by their keys."""
    if not values:
        return root
    return rewritten(root, lambda e: values.get(e.key) if isinstance(e, typed.Bound) else None)


def number(value: int, span: Span) -> Expr:
    """A whole number from 0."""
    return typed.Number((), span, Fraction(value), str(value))


def product(factors: Sequence[Expr]) -> Expr:
    """The elementwise product of scalars and of arrays of one shape."""
    made = factors[0]
    for factor in factors[1:]:
        made = typed.Arithmetic(made.shape or factor.shape, made.span, "*", made, factor)
    return made


def combined(operator: Any, left: Expr, right: Expr) -> Expr:
    """``left operator right`` of two scalars."""
    return typed.Arithmetic((), left.span, operator, left, right)


def entry(base: Expr, subscripts: Sequence[Expr]) -> Expr:
    """One entry of an array; a scalar has no subscripts and is its own."""
    return typed.Element((), base.span, base, tuple(subscripts)) if base.shape else base


class Indices:
    """Makes bound indices that no other expression of a link has."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = count()

    def fresh(self, dim: Dim, span: Span) -> Expr:
        """An index over a dimension; over one of size 1, its only value."""
        if dim == 1:
            return number(0, span)
        name = f"i{next(self._numbers)}"
        return typed.Bound((), span, name, f"{name}@carried")


def summed(body: Expr, over: Sequence[tuple[Expr, Dim]]) -> Expr:
    """The sum of an expression over indices."""
    for index, dim in over:
        if isinstance(index, typed.Bound):
            body = typed.BigOp(body.shape, body.span, "sum", index.key, dim, body)
    return body


def array_of(value: Expr, axes: Sequence[tuple[Expr, Dim]]) -> Expr | None:
    """The array whose entry at the given indices is a value, as a sum over unit arrays; ``None`` beyond two axes."""
    if not axes:
        return value
    if len(axes) > 2:
        return None
    units = [_unit(index, dim) for index, dim in axes]
    unit = units[0]
    if len(units) == 2:
        shape: Shape = tuple(dim for _, dim in axes)
        unit = typed.ArrayOp(shape, value.span, "outer", tuple(units))
    return summed(product([unit, value]), axes)


def _unit(index: Expr, dim: Dim) -> Expr:
    """The vector that is 1 at an index and 0 elsewhere."""
    identity = typed.ArrayOp((dim, dim), index.span, "eye", ())
    return typed.Element((dim,), index.span, identity, (None, index))


def stretched(value: Expr, shape: Shape) -> Expr | None:
    """A value as an array of a shape: itself, or a number for every entry; ``None`` if it is another array."""
    if value.shape == shape:
        return value
    if not shape and all(axis == 1 for axis in value.shape):
        return entry(value, [number(0, value.span)] * len(value.shape))
    if not value.shape:
        return product([value, typed.ArrayOp(shape, value.span, "ones", ())])
    return None


def is_decimal(value: Expr) -> bool:
    """Whether an expression is a displayed number with a decimal point, or an array with one: before it, ``=`` means
    that its digits are right."""
    return typed.displayed(value) and any(
        isinstance(part, typed.Number) and "." in part.text for part in typed.postorder(value)
    )


def is_closed(root: Expr) -> bool:
    """Whether an expression is made of numbers alone."""
    free = (typed.Variable, typed.Defined, typed.Bound, typed.Derivative, typed.Dimension, typed.Opaque)
    return not any(isinstance(e, free) for e in typed.postorder(root))
