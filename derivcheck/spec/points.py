"""Owns points: the exact values that ``at`` gives, in the shapes that are declared, and the sizes they tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.parse import parse_expression
from derivcheck.lang.shapes import show
from derivcheck.lang.typed import Shape
from derivcheck.model import DimensionRule, PointValue
from derivcheck.source import Passage, Span

_HINT = "write exact numbers: -3, 0.25, 1/2, [[2], [-3]]"
_Concrete = tuple[int, ...]


def read_value(passage: Passage) -> PointValue:
    """A number, or an array of numbers with rows of one length.

    Raises:
        Refused: when it is anything else.
    """
    shape, entries = _value(parse_expression(passage), passage)
    return PointValue(shape, tuple(entries))


def _value(node: nodes.Node, passage: Passage) -> tuple[_Concrete, list[Fraction]]:
    if not isinstance(node, nodes.Array):
        return (), [_number(node, passage)]
    if not node.items:
        raise Refused([Problem("value", "an array without entries", node.span, _HINT)], passage.source)
    rows = [_value(item, passage) for item in node.items]
    shape = rows[0][0]
    for item, (other, _) in zip(node.items, rows, strict=True):
        if other != shape:
            message = f"the rows of this array differ: {show(shape)} and {show(other)}"
            raise Refused([Problem("value", message, item.span, _HINT)], passage.source)
    return (len(rows), *shape), [entry for _, entries in rows for entry in entries]


def _number(node: nodes.Node, passage: Passage) -> Fraction:
    match node:
        case nodes.Number(value=value):
            return value
        case nodes.Unary(sign="-" | "+" as sign, operand=operand):
            return -_number(operand, passage) if sign == "-" else _number(operand, passage)
        case nodes.Chain(operands=(above, below), operators=(nodes.Operator(sign="/"),)):
            divisor = _number(below, passage)
            if divisor:
                return _number(above, passage) / divisor
            raise Refused([Problem("value", "a division by zero", node.span)], passage.source)
        case _:
            raise Refused([Problem("value", "a point is given by exact numbers", node.span, _HINT)], passage.source)


@dataclass(slots=True)
class Sizes:
    """What the values of a point say about the sizes of dimensions, and which value said so first."""

    rules: Mapping[str, DimensionRule]
    found: dict[str, int] = field(default_factory=dict)
    _said_by: dict[str, str] = field(default_factory=dict)

    def bind(self, dim: str, size: int, name: str, span: Span) -> Problem | None:
        """Take note that the value of ``name`` gives a dimension a size, unless that cannot be."""
        if size > limits.MAX_SIZE:
            message = f"`{name}` makes `{dim}` {size:,}; {limits.MAX_SIZE:,} is the most"
            return Problem("limit", message, span)
        rule = self.rules.get(dim, DimensionRule(dim))
        if rule.exact not in (None, size) or size < rule.least:
            wanted = f"{rule.least} or more" if rule.exact is None else f"{rule.exact}"
            return Problem("shape", f"`{name}` makes `{dim}` {size}, but `dims` says {wanted}", span)
        before = self.found.setdefault(dim, size)
        first = self._said_by.setdefault(dim, name)
        if before != size:
            return Problem("shape", f"`{name}` makes `{dim}` {size}, but `{first}` makes it {before}", span)
        return None

    def give(self, dim: str, value: PointValue, span: Span) -> list[Problem]:
        """Take note of a size that is given outright."""
        number = value.entries[0]
        if value.shape or number.denominator != 1 or not 1 <= number <= limits.MAX_SIZE:
            message = f"`{dim}` is a dimension: its size is a whole number from 1 to {limits.MAX_SIZE:,}"
            return [Problem("value", message, span)]
        problem = self.bind(dim, int(number), dim, span)
        return [] if problem is None else [problem]

    def fit(self, name: str, shape: Shape, value: PointValue, span: Span) -> tuple[PointValue, list[Problem]]:
        """A value in the shape of the name it is for, and what stands against it."""
        if not value.shape and shape and all(axis == 1 for axis in shape):
            return PointValue((1,) * len(shape), value.entries), []
        literal = [(axis, size) for axis, size in zip(shape, value.shape, strict=False) if isinstance(axis, int)]
        if len(value.shape) != len(shape) or any(axis != size for axis, size in literal):
            message = f"`{name}` has the shape {show(shape)}, and this value {show(value.shape)}"
            return value, [Problem("shape", message, span, _as_column(shape, value))]
        told = [
            self.bind(axis, size, name, span)
            for axis, size in zip(shape, value.shape, strict=True)
            if isinstance(axis, str)
        ]
        return value, [problem for problem in told if problem is not None]


def _as_column(shape: Shape, value: PointValue) -> str | None:
    """How a value that was written as a row would be written as a column, and the other way round."""
    shown = [str(entry) for entry in value.entries[:3]]
    more = ", …" if len(value.entries) > 3 else ""
    if len(shape) == 2 and shape[1] == 1 and len(value.shape) in (1, 2):
        return f"a column is written [{', '.join(f'[{entry}]' for entry in shown)}{more}]"
    if len(shape) == 2 and shape[0] == 1 and len(value.shape) in (1, 2):
        return f"a row is written [[{', '.join(shown)}{more}]]"
    return None
