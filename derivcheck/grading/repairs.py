"""Owns the probable mistake in a term whose shapes do not go together: one product of it changed so that they do.

A factor transposed, two factors exchanged, or both, or the product entry by entry; what is said to hold was proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from itertools import islice
from typing import Any

from derivcheck.errors import Refused
from derivcheck.lang import nodes, shapes
from derivcheck.lang.elaborate import Scope, elaborate
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Derivation

#: Changed terms that are typed, and those of the right shape that are put to the engine.
MOST_TYPED = 120
MOST_JUDGED = 6


def repair(
    node: nodes.Node,
    head: Expr,
    derivation: Derivation,
    quantifiers: Sequence[Quantifier],
    holds: Callable[[Expr], bool],
) -> tuple[str, str] | None:
    """The kind of the mistake in a term that means nothing, and a line that tells it; ``None`` if none is found.

    ``head`` is what the term should be, ``holds`` tells whether an expression is certainly that.
    """
    scope = scope_of(derivation).within(tuple(quantifiers))
    judged = 0
    for changed, kind, words in islice(_changes(node), MOST_TYPED):
        try:
            value = elaborate(changed, scope)
        except Refused:
            continue
        if shapes.equation(head.shape, value.shape, {}) is None:
            continue
        if holds(value):
            return kind, f"{words}: it holds with {printed(value)}"
        judged += 1
        if judged == MOST_JUDGED:
            break
    return None


def scope_of(derivation: Derivation) -> Scope:
    """The names of a derivation."""
    return Scope(
        {name: variable.shape for name, variable in derivation.variables.items()},
        derivation.definitions,
        frozenset(derivation.dims),
        frozenset(derivation.functions),
        sizes={name: rule.exact for name, rule in derivation.dims.items() if rule.exact is not None},
    )


_WORDS = {
    "transpose": "a transpose is missing or one too many",
    "order": "the order of the product",
    "product": "the product entry by entry is needed, or that of matrices",
}


def _changes(node: nodes.Node) -> Iterator[tuple[nodes.Node, str, str]]:
    """A term with one product of it changed, the smallest changes first."""
    for kind, change in (
        ("transpose", _transposed),
        ("order", _exchanged),
        ("product", _otherwise),
        ("order", _both),
    ):
        for changed in _everywhere(node, change):
            yield changed, kind, _WORDS[kind]


def _everywhere(node: nodes.Node, change: Callable[[nodes.Product], Iterator[nodes.Node]]) -> Iterator[nodes.Node]:
    """A term in which one of its products is changed."""
    if isinstance(node, nodes.Product):
        yield from change(node)
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, nodes.Node):
            for changed in _everywhere(value, change):
                yield _with(node, one.name, changed)
        elif isinstance(value, tuple):
            for place, part in enumerate(value):
                if isinstance(part, nodes.Node) and not isinstance(part, nodes.Operator):
                    for changed in _everywhere(part, change):
                        yield _with(node, one.name, (*value[:place], changed, *value[place + 1 :]))


def _with(node: nodes.Node, name: str, value: object) -> nodes.Node:
    changes: dict[str, Any] = {name: value}
    return replace(node, **changes)


def _turned(node: nodes.Node) -> nodes.Node:
    return node.operand if isinstance(node, nodes.Transpose) else nodes.Transpose(node.span, node)


def _transposed(node: nodes.Product) -> Iterator[nodes.Node]:
    for place, operand in enumerate(node.operands):
        yield replace(node, operands=(*node.operands[:place], _turned(operand), *node.operands[place + 1 :]))
    for place in range(len(node.operands) - 1):
        turned = tuple(_turned(operand) for operand in node.operands[place : place + 2])
        yield replace(node, operands=(*node.operands[:place], *turned, *node.operands[place + 2 :]))


def _exchanged(node: nodes.Product) -> Iterator[nodes.Node]:
    for place in range(len(node.operands) - 1):
        one, other = node.operands[place : place + 2]
        if node.operators[place].sign != "/":
            yield replace(node, operands=(*node.operands[:place], other, one, *node.operands[place + 2 :]))


def _both(node: nodes.Product) -> Iterator[nodes.Node]:
    for changed in _exchanged(node):
        assert isinstance(changed, nodes.Product)
        yield from _transposed(changed)


def _otherwise(node: nodes.Product) -> Iterator[nodes.Node]:
    for place, operator in enumerate(node.operators):
        sign = {"⊙": "", "": "⊙", "·": "⊙", "×": "⊙"}.get(operator.sign)
        if sign is not None:
            other = replace(operator, sign=sign)
            yield replace(node, operators=(*node.operators[:place], other, *node.operators[place + 1 :]))
