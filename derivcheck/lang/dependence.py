"""Owns what depends on what: what an expression reaches, how often it differentiates, of what it is an image.

Defined names are followed and every expression is looked at once, so a shared graph costs its size and not its
unfolding. This works on definitions and knows nothing of scopes.
"""

from __future__ import annotations

from collections.abc import Mapping
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
)

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


_KINDS: dict[str, type[Expr]] = {"variable": Variable, "defined": Defined}


class Reach:
    """Which declared names every defined name reaches, through the others: one bit a name, one number a definition,
    so that ten thousand definitions are no work."""

    def __init__(self, definitions: Definitions) -> None:
        self.definitions = definitions
        self._bits: dict[tuple[type[Expr], str], int] = {}
        self._masks: dict[str, int] = {}
        for name, expr in definitions.items():  # in order: each uses the ones before it
            self._masks[name] = self._mask(expr)

    def _bit(self, kind: type[Expr], name: str) -> int:
        return 1 << self._bits.setdefault((kind, name), len(self._bits))

    def _mask(self, root: Expr) -> int:
        mask = 0
        for expr in postorder(root):
            if isinstance(expr, Variable):
                mask |= self._bit(Variable, expr.name)
            elif isinstance(expr, Defined):
                mask |= self._bit(Defined, expr.name) | self._masks[expr.name]
        return mask

    def reaches(self, root: Expr, target: Target) -> bool:
        """Whether a target can be reached from an expression through the defined names."""
        if target.kind == "bound":  # no definition is inside the binder of a claim
            return any(is_target(expr, target) for expr in postorder(root))
        mask = self._masks[root.name] if isinstance(root, Defined) else self._mask(root)
        return is_target(root, target) or bool(mask & self._bit(_KINDS[target.kind], target.name))


class Orders:
    """How many differentiations are nested in every defined name, through the others."""

    def __init__(self, definitions: Definitions) -> None:
        self._orders: dict[str, int] = {}
        for name, expr in definitions.items():  # in order: each uses the ones before it
            self._orders[name] = self.of(expr)

    def of(self, root: Expr) -> int:
        """The order of an expression; ``hess`` counts twice, every prime once."""
        found: dict[Expr, int] = {}
        for expr in postorder(root):
            below = max((found[child] for child in children(expr)), default=0)
            match expr:
                case Defined(name=name):
                    found[expr] = self._orders[name]
                case Apply(order=order) | Opaque(order=order):
                    found[expr] = max(below, order)
                case Derivative(kind=kind):
                    found[expr] = below + (2 if kind == "hessian" else 1)
                case _:
                    found[expr] = below
        return found[root]


def is_image(expr: Expr, target: Target, reach: Reach) -> bool:
    """Whether entry i of an expression depends on no other entry of the target than entry i, told from its form:
    elementwise operations all the way down to the target, and everything else free of it. What is free of the
    target altogether depends on no entry, and is such an image too."""

    def inside(part: Expr) -> tuple[Expr, ...]:
        # names are followed down to the target, where the graph is cut, and as far as they lead there
        if is_target(part, target):
            return ()
        if isinstance(part, Defined):
            return (reach.definitions[part.name],) if reach.reaches(part, target) else ()
        return children(part)

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
