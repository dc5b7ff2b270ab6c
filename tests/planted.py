"""Owns what a planted fault is: a lie in one place of SymPy or of the engine, with falsehoods that look true by it.

Nothing that a fault makes of the engine may prove a falsehood; that a truth is not proved any more, or that the
engine notices that it contradicts itself, is as it should be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]

#: What the claims below may name.
SETTING = """derivcheck: 1
title: planted faults
dims: {k: 2}
variables:
  x:
  y:
  p: {domain: positive}
  i: {domain: integer}
  a: [n]
  b: [n]
  A: [n, n]
  B: [k, k]
  C: [k, k]
  M: {shape: [n, n], domain: invertible}
"""


@dataclass(frozen=True)
class Fault:
    """``lies``: falsehoods that it makes look true. ``truths`` that it makes look false, where its road alone decides
    nothing. A claim is a statement, perhaps with a condition after a bar."""

    place: str
    name: str
    plant: Plant
    lies: tuple[str, ...]
    truths: tuple[str, ...] = ()
    used: bool = True
    """Whether the engine uses at all what is at fault."""


#: Falsehoods for what would make anything look true.
ANYTHING = ("x == y", "sin(x) == cos(x)", "D(x*y, x) == 0", "x + 1 == 1", "x == x**2")


def item(table: dict[Any, Any], key: Any, value: Any) -> Plant:
    """Another entry of a table."""
    return lambda patch: patch.setitem(table, key, value)


def method(cls: Any, name: str, value: Any) -> Plant:
    """Another method of a class, or another function of a module."""
    return lambda patch: patch.setattr(cls, name, value)
