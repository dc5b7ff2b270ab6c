"""Owns subscripts: which positions may be asked of which axis.

A position is a literal integer, an index bound over a dimension, or such an index with an integer added. It must be
in range for every size: a bound index may go along an axis of its own dimension only; a literal one along a
symbolic axis asks that the dimension be that large (``typed.least_sizes``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from derivcheck.lang import nodes, shapes
from derivcheck.lang.lookup import no_double
from derivcheck.lang.names import nearest
from derivcheck.lang.scope import Context, Work, refusal
from derivcheck.lang.typed import (
    Arithmetic,
    Bound,
    Dim,
    Element,
    Expr,
    Number,
    Quantifier,
    Shape,
    Subscript,
)
from derivcheck.source import Span

_POSITIONS = "a position is a literal integer, an index bound by `for`, or `:` for the whole axis"


def index(context: Context, node: nodes.Index) -> Work:
    """``base[j, :]``."""
    (base,) = yield context.ask(node.base)
    found, shape = subscripts(context, base.shape, node)
    return Element(shape, node.span, base, found)


def subscripts(context: Context, shape: Shape, node: nodes.Index) -> tuple[tuple[Subscript, ...], Shape]:
    """The subscripts of an index, one an axis of ``shape``, and the shape that is left.

    Axes without a subscript are whole, as in NumPy: ``A[0]`` is ``A[0, :]``.
    """
    if not shape:
        raise refusal("index", "a number has no entries to take", node.span, "leave out the subscript")
    if len(node.subscripts) > len(shape):
        message = f"{len(node.subscripts)} subscripts for the shape {shapes.show(shape)}"
        raise refusal("index", message, node.subscripts[len(shape)].span)
    found: list[Subscript] = [None] * len(shape)
    for axis, subscript in enumerate(node.subscripts):
        if not isinstance(subscript, nodes.Whole):
            found[axis] = _position(context, _affine(context, subscript), shape[axis], subscript.span)
    left = tuple(size for size, subscript in zip(shape, found, strict=True) if subscript is None)
    return tuple(found), left


@dataclass(frozen=True, slots=True)
class _Affine:
    """``index + offset``; without an index, the literal ``offset``."""

    index: Quantifier | None
    offset: int
    place: Span


def _affine(context: Context, node: nodes.Node) -> _Affine:
    """Read a position: sums and differences of literal integers and at most one bound index, not negated."""
    found, offset, place = None, 0, node.span
    for sign, part in _terms(node):
        if isinstance(part, nodes.Number) and part.value.denominator == 1:
            offset += sign * int(part.value)
        elif isinstance(part, nodes.Name) and sign > 0 and found is None:
            found, place = _bound_index(context, part), part.span
        else:
            raise refusal("index", "this cannot be a position", part.span, _POSITIONS)
    return _Affine(found, offset, place)


def _terms(node: nodes.Node) -> list[tuple[int, nodes.Node]]:
    """The signed terms of a sum; signs in front of a literal are taken in."""
    if isinstance(node, nodes.Chain) and node.operators[0].sign in "+-":
        signs = [1] + [1 if operator.sign == "+" else -1 for operator in node.operators]
        inner = [(sign, operand) for sign, operand in zip(signs, node.operands, strict=True)]
    else:
        inner = [(1, node)]
    terms: list[tuple[int, nodes.Node]] = []
    for outer, part in inner:
        sign, operand = outer, part
        while isinstance(operand, nodes.Unary) and operand.sign in ("+", "-"):
            sign, operand = (-sign if operand.sign == "-" else sign), operand.operand
        terms.append((sign, operand))
    return terms


def _bound_index(context: Context, name: nodes.Name) -> Quantifier:
    scope = context.scope
    no_double(scope, name)
    quantifier = scope.bound.get(name.text)
    if quantifier is not None and quantifier.size is not None:
        return quantifier
    if quantifier is not None:
        raise refusal("index", f"`{name.text}` goes over numbers, not over positions", name.span, _POSITIONS)
    kind = scope.kind(name.text)
    if kind is not None:
        hint = (
            f"{_POSITIONS}; positions count from 0 and never reach the size" if kind == "a dimension" else _POSITIONS
        )
        raise refusal("index", f"`{name.text}` is {kind} and cannot be a position", name.span, hint)
    known = [n for n, q in scope.bound.items() if q.size is not None]
    close = nearest(name.text, known)
    hint = f"did you mean `{close}`?" if close else f"bind it: `for {name.text} in n`"
    raise refusal("name", f"the index `{name.text}` is not bound", name.span, hint)


def _position(context: Context, at: _Affine, axis: Dim, span: Span) -> Subscript:
    sizes = context.scope.sizes
    size = shapes.known(axis, sizes)
    if at.index is None:
        return _literal(at.offset, axis, size, span)
    assert at.index.size is not None
    goes = shapes.known(at.index.size, sizes)
    bound = Bound((), at.place, at.index.name, at.index.key)
    if isinstance(goes, int) and isinstance(size, int):
        if not (at.offset >= 0 and goes - 1 + at.offset < size):
            message = f"positions {at.offset} to {goes - 1 + at.offset} of an axis of size {size}"
            raise refusal("index", f"this index leaves its axis: {message}", span)
    elif not shapes.same(at.index.size, axis, sizes):
        message = f"`{at.index.name}` goes over {at.index.size}, but this axis is {axis}"
        raise refusal("index", message, span, f"bind an index over this axis: `for i in {axis}`")
    elif at.offset:
        last = f"{axis}{at.offset - 1:+d}" if at.offset != 1 else f"{axis}"
        message = f"this index leaves its axis of size {axis}: it goes from {at.offset} to {last}"
        hint = "shift with a matrix, or give the shifted array a name of its own"
        raise refusal("index", message, span, hint)
    return _shifted(bound, at.offset, span) if at.offset else bound


def _shifted(bound: Bound, offset: int, span: Span) -> Expr:
    amount = Number((), span, Fraction(abs(offset)), str(abs(offset)))
    return Arithmetic((), span, "+" if offset > 0 else "-", bound, amount)


def _literal(offset: int, axis: Dim, size: Dim, span: Span) -> Number:
    position = offset
    if isinstance(size, int):
        if not -size <= offset < size:
            message = f"position {offset} of an axis of size {size}: the positions are 0 to {size - 1}"
            raise refusal("index", message, span)
        position = offset % size
    elif offset < 0:
        message = f"position {offset}, counted from the end, of the symbolic dimension {axis}"
        raise refusal("index", message, span, "count from 0, or bind an index")
    return Number((), span, Fraction(position), str(position))
