"""Owns in which other senses a refuted step may be meant, so that it is for a human and not wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from derivcheck.diagnose.rebuild import sites
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation, Link

#: What is said of the square of a vector.
SQUARED = "the square of a vector is taken entry by entry; as its squared length it holds"
#: What is said of the sum of a whole array.
SUMMED = "the sum is taken over all entries; as one along an axis it holds"


def held_fixed(link: Link, derivation: Derivation, told: Callable[[typed.Derivative], bool]) -> str | None:
    """Why a derivative may be meant with something else held fixed; ``None`` if there is one sense, as of those of
    which the key has ``told`` what they are.

    ``∂L/∂μ`` of ``L = μ - y η``, where ``μ = exp(η)``: with η held fixed it is 1, and ``1 - y/μ`` of L by μ alone.
    """
    for side in (link.left, link.right):
        for part in typed.postorder(side):
            if isinstance(part, typed.Derivative) and _beside(part, derivation.definitions) and not told(part):
                name = part.target.name
                return f"what `{name}` is made of is in this also apart from `{name}`: what is held fixed?"
    return None


def _beside(derivative: typed.Derivative, definitions: Mapping[str, Expr]) -> bool:
    target = derivative.target
    if target.kind != "defined" or target.name not in definitions:
        return False
    own = _ingredients(definitions[target.name], definitions, "")
    return bool(own & _ingredients(derivative.of, definitions, target.name))


def _ingredients(root: Expr, definitions: Mapping[str, Expr], without: str) -> frozenset[str]:
    """The variables, and the names of constants, from which an expression is made; not by way of one name."""
    found: set[str] = set()
    seen = {without}
    waiting = [root]
    while waiting:
        for part in typed.postorder(waiting.pop()):
            if isinstance(part, typed.Variable):
                found.add(part.name)
            elif isinstance(part, typed.Defined) and part.name not in seen:
                seen.add(part.name)
                meaning = definitions[part.name]
                waiting.append(meaning)
                if not any(isinstance(e, typed.Variable | typed.Defined) for e in typed.postorder(meaning)):
                    found.add(part.name)
    return frozenset(found)


def squared_lengths(link: Link) -> Iterator[Link]:
    """The link with a square of a vector taken for the square of its length, one at a time."""
    for side in ("left", "right"):
        for site in sites(getattr(link, side)):
            new = site.plug(_length(site.part)) if _is_square(site.part) else None
            if new is not None:
                yield replace(link, left=new) if side == "left" else replace(link, right=new)


def sums_along_axes(link: Link) -> Iterator[Link]:
    """The link with the sum of a whole array, as by ``\\text{sum}(A)``, taken along one of its axes."""
    for side in ("left", "right"):
        for site in sites(getattr(link, side)):
            for part in _along(site.part):
                new = site.plug(part)
                if new is not None:
                    yield replace(link, left=new) if side == "left" else replace(link, right=new)


def _along(expr: Expr) -> Iterator[Expr]:
    """A sum of all entries of an array with two axes, along each of them."""
    match expr:
        case typed.ArrayOp(name="sum" | "mean", arguments=(inner,), axis=None) if len(inner.shape) == 2:
            for axis in (1, 0):
                shape = tuple(1 if place == axis else dim for place, dim in enumerate(inner.shape))
                yield replace(expr, shape=shape, axis=axis, keepdims=True)
        case _:
            return


def _is_square(expr: Expr) -> bool:
    """Whether an expression is ``v**2`` of an array with one axis that is not 1."""
    return (
        isinstance(expr, typed.Arithmetic)
        and expr.operator == "**"
        and isinstance(expr.right, typed.Number)
        and expr.right.value == 2
        and sum(axis != 1 for axis in expr.left.shape) == 1
    )


def _length(square: Expr) -> Expr:
    return typed.ArrayOp((), square.span, "sum", (square,))
