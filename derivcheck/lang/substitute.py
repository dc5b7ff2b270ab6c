"""Owns the putting of nodes in the place of names: what a function applied to arguments stands for, written out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from typing import Any

from derivcheck.lang import nodes
from derivcheck.source import Span


def changed(node: nodes.Node, change: Callable[[nodes.Node], nodes.Node]) -> nodes.Node:
    """A node with ``change`` made to everything in it, from the inside out."""
    made: dict[str, Any] = {f.name: _part(getattr(node, f.name), change) for f in fields(node)}
    old = {f.name: getattr(node, f.name) for f in fields(node)}
    return change(node if all(made[name] is old[name] for name in made) else replace(node, **made))


def _part(value: object, change: Callable[[nodes.Node], nodes.Node]) -> object:
    if isinstance(value, nodes.Node):
        return changed(value, change)
    if isinstance(value, tuple):
        made = tuple(_part(item, change) for item in value)
        return value if all(one is other for one, other in zip(made, value, strict=True)) else made
    return value


def substituted(body: nodes.Node, values: Mapping[str, nodes.Node], span: Span) -> nodes.Node:
    """A body with nodes for its free names, as if all of it were written at ``span``; the names that sums bind in it
    get others, so that none of them catches a name of what is put in."""
    return _substituted(body, dict(values), span, [0])


def _substituted(node: nodes.Node, values: dict[str, nodes.Node], span: Span, count: list[int]) -> nodes.Node:
    if isinstance(node, nodes.Name):
        return values.get(node.text, replace(node, span=span))
    if isinstance(node, nodes.Comprehension):
        values = dict(values)
        for binder in node.binders:
            count[0] += 1
            values[binder.name.text] = nodes.Name(span, f"{binder.name.text}_{count[0]}")
    made: dict[str, Any] = {
        f.name: span if f.name == "span" else _inside(node, f.name, values, span, count) for f in fields(node)
    }
    return replace(node, **made)


def _inside(node: nodes.Node, name: str, values: dict[str, nodes.Node], span: Span, count: list[int]) -> object:
    value = getattr(node, name)
    if name == "function" or (isinstance(node, nodes.Keyword) and name == "name"):
        return replace(value, span=span)

    def part(one: object) -> object:
        if isinstance(one, nodes.Node):
            return _substituted(one, values, span, count)
        return tuple(part(item) for item in one) if isinstance(one, tuple) else one

    return part(value)


def entrywise(node: nodes.Node) -> nodes.Node:
    """The same expression of numbers, its products and powers such that of arrays they go entry by entry."""

    def change(one: nodes.Node) -> nodes.Node:
        match one:
            case nodes.Product():
                signs = tuple(replace(o, sign="/" if o.sign == "/" else "*") for o in one.operators)
                return nodes.Chain(one.span, one.operands, signs)
            case nodes.Raised():
                return nodes.Power(one.span, one.base, one.exponent, nodes.Operator(one.exponent.span, "**"))
            case nodes.Length(kind="|"):
                return nodes.Call(one.span, nodes.Name(one.span, "abs"), 0, (one.operand,), ())
            case _:
                return one

    return changed(node, change)
