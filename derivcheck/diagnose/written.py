"""Owns changes of products as they are written, where the shapes of what is written do not go together: a factor
transposed, two neighbours exchanged, entry by entry for the product of matrices and the reverse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from derivcheck.diagnose.told import Change
from derivcheck.lang import nodes

Factors = nodes.Product | nodes.Chain
_Change = Callable[[Factors], Iterator[tuple[nodes.Node, str]]]

#: The product of matrices and that entry by entry, each for the other, as formulas and as the expression language
#: write them.
_OTHERWISE = {"⊙": "", "": "⊙", "·": "⊙", "×": "⊙", "@": "*", "*": "@"}


def changes(node: nodes.Node) -> Iterator[tuple[nodes.Node, Change]]:
    """A term with one product of it changed, the smallest changes first."""
    for kind, change in (("transpose", _transposed), ("order", _exchanged), ("product", _otherwise)):
        for changed, words in _everywhere(node, change):
            yield changed, Change(kind, words)


def _everywhere(node: nodes.Node, change: _Change) -> Iterator[tuple[nodes.Node, str]]:
    """A term in which one of its products is changed."""
    if isinstance(node, nodes.Product) or (
        isinstance(node, nodes.Chain) and all(operator.sign not in "+-" for operator in node.operators)
    ):
        yield from change(node)
    for one in fields(node):
        value = getattr(node, one.name)
        if isinstance(value, nodes.Node):
            for changed, words in _everywhere(value, change):
                yield _with(node, one.name, changed), words
        elif isinstance(value, tuple):
            for place, part in enumerate(value):
                if isinstance(part, nodes.Node) and not isinstance(part, nodes.Operator):
                    for changed, words in _everywhere(part, change):
                        yield _with(node, one.name, (*value[:place], changed, *value[place + 1 :])), words


def _with(node: nodes.Node, name: str, value: object) -> nodes.Node:
    different: dict[str, Any] = {name: value}
    return replace(node, **different)


def _transposed(node: Factors) -> Iterator[tuple[nodes.Node, str]]:
    for place, operand in enumerate(node.operands):
        if isinstance(operand, nodes.Number):
            continue
        extra = isinstance(operand, nodes.Transpose)
        turned = operand.operand if isinstance(operand, nodes.Transpose) else nodes.Transpose(node.span, operand)
        name = operand.operand if isinstance(operand, nodes.Transpose) else operand
        of = f", of {name.text}" if isinstance(name, nodes.Name) else ""
        words = f"a transpose too many{of}" if extra else f"a transpose is missing{of}"
        yield replace(node, operands=(*node.operands[:place], turned, *node.operands[place + 1 :])), words
    yield nodes.Transpose(node.span, node), "a transpose is missing, of a product"


def _exchanged(node: Factors) -> Iterator[tuple[nodes.Node, str]]:
    signs = ["", *(operator.sign for operator in node.operators), ""]
    for place in range(len(node.operands) - 1):
        one, other = node.operands[place : place + 2]
        if "/" not in signs[place : place + 2] and not isinstance(one, nodes.Number):
            operands = (*node.operands[:place], other, one, *node.operands[place + 2 :])
            yield replace(node, operands=operands), "the order of a product is wrong"


def _otherwise(node: Factors) -> Iterator[tuple[nodes.Node, str]]:
    for place, operator in enumerate(node.operators):
        sign = _OTHERWISE.get(operator.sign)
        if sign is not None:
            other = replace(operator, sign=sign)
            matrix = sign in ("", "@")
            words = (
                "a product of matrices, not an elementwise one"
                if matrix
                else "an elementwise product, not one of matrices"
            )
            yield replace(node, operators=(*node.operators[:place], other, *node.operators[place + 1 :])), words
