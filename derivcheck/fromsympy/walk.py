"""Owns walks over SymPy expressions, in which a shared part is met once, and what is printed of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.indexed import Idx

#: A SymPy object: SymPy's classes have no types that would help here.
Basic = Any

#: Most parts of an expression that is printed at all.
_PRINTABLE = 20_000
#: Longest piece of an expression that a message shows.
_SHOWN = 80


def is_sympy(value: object) -> bool:
    """Whether a value is an expression, a matrix or an array of SymPy's, or a list with one in it."""
    if isinstance(value, (list, tuple)):
        return any(is_sympy(item) for item in value)
    return isinstance(value, (sympy.Basic, sympy.MatrixBase, sympy.NDimArray))


def spelled(value: Basic) -> str:
    """The text of a value, on one line; of one that cannot be printed (too large, too many digits) its class."""
    if sum(_unfolded(part) for part in expressions(value)) > _PRINTABLE:
        return f"<{type(value).__name__}>"
    try:
        return " ".join(str(value).split())
    except (ValueError, RecursionError):
        return f"<{type(value).__name__}>"


def distinct(root: Basic) -> Iterator[Basic]:
    """Every expression inside one once, inner ones first: SymPy's own walks unfold what is shared."""
    seen: set[Basic] = set()
    stack = [(root, False)]
    while stack:
        expr, done = stack.pop()
        if done:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((part, False) for part in expr.args if isinstance(part, sympy.Basic))


def _unfolded(root: Basic) -> int:
    """How many parts an expression has when it is written out."""
    sizes: dict[Basic, int] = {}
    for expr in distinct(root):
        sizes[expr] = 1 + sum(sizes.get(part, 0) for part in expr.args)
    return sizes[root]


def show(value: Basic) -> str:
    """A piece of SymPy for a message."""
    text = spelled(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def expressions(value: Basic) -> Iterator[Basic]:
    """The expressions that a value consists of: itself, or the entries of a list or a matrix."""
    if isinstance(value, sympy.Basic):
        yield value
    elif isinstance(value, (list, tuple, sympy.MatrixBase, sympy.NDimArray)):
        for item in value.flat() if isinstance(value, sympy.MatrixBase) else list(value):
            yield from expressions(item)


def inside(expr: Basic) -> tuple[Basic, ...]:
    """The expressions inside one that are converted before it; some classes keep other things there."""
    match expr:
        case sympy.Derivative():
            return (expr.expr,)
        case sympy.Piecewise():
            return tuple(part for pair in expr.args for part in pair.args)
        case MatrixElement():
            return (expr.parent,)
        case sympy.Indexed() | sympy.MatPow() if not isinstance(expr, sympy.Inverse):
            return (expr.base,)
        case _ if expr.is_Atom or isinstance(expr, _OPAQUE_INSIDE):
            return ()
        case _:
            return tuple(expr.args)


#: What converts its inside itself, or has none.
_OPAQUE_INSIDE = (
    sympy.Sum, sympy.Product, sympy.MatrixSymbol, sympy.IndexedBase, Idx, sympy.MatrixBase, sympy.NDimArray,
    sympy.Identity, sympy.ZeroMatrix, sympy.OneMatrix,
)  # fmt: skip
