"""Owns what two nodes have in common when only their places differ."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, TypeAlias

from derivcheck.lang import nodes

_LEFT_OUT = ("span", "loose")
Written: TypeAlias = tuple[Any, ...]


def written(node: nodes.Node) -> Written:
    """A node without its places, and without what else it could have been, to be compared: its kind, and its parts
    the same way."""
    return (type(node).__name__, *(_part(getattr(node, f.name)) for f in fields(node) if f.name not in _LEFT_OUT))


def _part(value: object) -> object:
    if isinstance(value, nodes.Node):
        return written(value)
    if isinstance(value, tuple):
        return tuple(_part(item) for item in value)
    return value
