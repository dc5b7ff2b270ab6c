r"""Owns what calls mean by the shapes of their arguments: along which axis a softmax of a matrix goes that does not
say so (row by row or column by column; the key tells if it uses one of them alone, and nobody means all entries,
unless the key does); and the diagonal matrix of a column, ``\operatorname{diag}(p)``."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from functools import partial

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import elaborate
from derivcheck.lang.substitute import changed
from derivcheck.lang.typed import ArrayOp, Shape, postorder
from derivcheck.notes.context import Context

_NAMES = frozenset({"softmax", "log_softmax"})


def along(node: nodes.Node, context: Context) -> tuple[nodes.Node, ...]:
    """The node, its softmaxes told along which axis they go, and its diagonals of columns those of vectors; one for
    every reading."""
    node = changed(node, partial(_straight, context=context))
    if not any(_untold(one, context) for one in nodes.every(node)):
        return (node,)
    axes = _axes(context) or frozenset({0, 1})
    if None in axes:
        return (node,)
    ways = sorted(axis for axis in axes if axis is not None)
    return tuple(changed(node, partial(_told, axis=axis, context=context)) for axis in ways)


def told(node: nodes.Node, context: Context) -> nodes.Node:
    """The one reading of a node.

    Raises:
        Refused: where there are two.
    """
    first, *others = along(node, context)
    if others:
        message = "softmax along which axis: of every row, or of every column?"
        raise Refused([Problem("latex", message, node.span, "write `axis=0` or `axis=1` behind its argument")])
    return first


def _axes(context: Context) -> frozenset[int | None]:
    """The axes along which the key's own softmaxes go."""
    return frozenset(
        part.axis
        for value in context.base.definitions.values()
        for part in postorder(value)
        if isinstance(part, ArrayOp) and part.name in _NAMES and _matrix(part.shape)
    )


def _matrix(shape: Shape) -> bool:
    return len(shape) == 2 and 1 not in shape


def _untold(node: nodes.Node, context: Context) -> bool:
    if not isinstance(node, nodes.Call) or node.function.text not in _NAMES or node.keywords or node.primes:
        return False
    if len(node.arguments) != 1 or node.function.text in context.notation.functions:
        return False
    try:
        return _matrix(elaborate(node.arguments[0], context.scope).shape)
    except Refused:
        return False


def _told(node: nodes.Node, axis: int, context: Context) -> nodes.Node:
    if not isinstance(node, nodes.Call) or not _untold(node, context):
        return node
    place = node.function.span
    number = nodes.Number(place, Fraction(axis), str(axis))
    return replace(node, keywords=(nodes.Keyword(place, nodes.Name(place, "axis"), number),))


def _straight(node: nodes.Node, context: Context) -> nodes.Node:
    """The diagonal matrix of a column or a row as that of a vector."""
    if not isinstance(node, nodes.Call) or node.function.text != "diag" or len(node.arguments) != 1 or node.keywords:
        return node
    try:
        shape = elaborate(node.arguments[0], context.scope).shape
    except Refused:
        return node
    sizes = [axis for axis in shape if axis != 1]
    if len(shape) != 2 or len(sizes) != 1:
        return node
    place, size = node.function.span, sizes[0]
    count = nodes.Name(place, size) if isinstance(size, str) else nodes.Number(place, Fraction(size), str(size))
    vector = nodes.Call(place, nodes.Name(place, "reshape"), 0, (node.arguments[0], count), ())
    return replace(node, arguments=(vector,))
