"""Owns what depends on what: whether an expression reaches a name, and whether it is an elementwise image of one.

Defined names are followed and every expression is looked at once, so a shared graph costs its size and not its
unfolding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from derivcheck.lang import shapes
from derivcheck.lang.typed import (
    Apply,
    Arithmetic,
    Bound,
    Compare,
    Defined,
    Derivative,
    Expr,
    Logic,
    Negate,
    Opaque,
    Target,
    Variable,
    Where,
    children,
    postorder,
)  # fmt: skip

Definitions = Mapping[str, Expr]

#: Operations whose entry i depends on entry i of their operands alone.
_ELEMENTWISE = (Negate, Arithmetic, Apply, Opaque, Where, Compare, Logic)


def is_target(expr: Expr, target: Target) -> bool:
    """Whether an expression is the whole name that a derivative is taken by."""
    match expr:
        case Variable(name=name):
            return target.kind == "variable" and name == target.name
        case Defined(name=name):
            return target.kind == "defined" and name == target.name
        case Bound(key=key):
            return target.kind == "bound" and key == target.key
        case _:
            return False


def _inside(definitions: Definitions, target: Target) -> Callable[[Expr], tuple[Expr, ...]]:
    """What lies inside an expression when names are followed down to the target, where the graph is cut."""

    def inside(expr: Expr) -> tuple[Expr, ...]:
        if is_target(expr, target):
            return ()
        return (definitions[expr.name],) if isinstance(expr, Defined) else children(expr)

    return inside


def depends(expr: Expr, target: Target, definitions: Definitions) -> bool:
    """Whether a target can be reached from an expression through the defined names."""
    return any(is_target(part, target) for part in postorder(expr, _inside(definitions, target)))


def is_image(expr: Expr, target: Target, definitions: Definitions) -> bool:
    """Whether entry i of an expression depends on no other entry of the target than entry i, told from its form:
    elementwise operations all the way down to the target, and everything else free of it. What is free of the
    target altogether depends on no entry, and is such an image too."""
    inside = _inside(definitions, target)
    found: dict[Expr, Literal["free", "image", "mixed"]] = {}
    for part in postorder(expr, inside):
        below = [found[child] for child in inside(part)]
        if is_target(part, target):
            found[part] = "image"
        elif all(word == "free" for word in below):
            found[part] = "free"
        elif "mixed" in below or not _keeps(part, target):
            found[part] = "mixed"
        else:
            found[part] = "image"
    return found[expr] != "mixed"


def _keeps(part: Expr, target: Target) -> bool:
    """Whether an operation over an elementwise image gives one again."""
    if isinstance(part, Derivative):
        return part.kind == "elementwise"
    return isinstance(part, (*_ELEMENTWISE, Defined)) and shapes.agree(part.shape, target.whole, {})
