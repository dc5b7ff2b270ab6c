r"""Owns the functions and families that a note defines: ``f(z) = z^2``, ``\delta^{(i)} = a^{(i)} - y^{(i)}``.

Wherever one is used, what it stands for is written out with its arguments in the place of its parameters. The
derivative ``f'(a)`` is that of ``f(u)`` by ``u`` where ``u`` is a name for ``a``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.substitute import changed, substituted


@dataclass(frozen=True, slots=True)
class Function:
    """A function of numbers: ``parameters`` are names that are free in ``body``."""

    name: str
    parameters: tuple[str, ...]
    body: nodes.Node


@dataclass(frozen=True, slots=True)
class Family:
    """An array that is given entry by entry, or sample by sample: ``index`` is free in ``body``, which stands for the
    part at this place along ``axis``."""

    name: str
    index: str
    axis: int
    body: nodes.Node


def written_out(
    node: nodes.Node,
    functions: Mapping[str, Function],
    families: Mapping[str, Family],
    named: Callable[[str, nodes.Node], nodes.Name],
) -> nodes.Node:
    """A node without the functions and families of the note; ``named`` gives a name for the argument of a derivative.

    Raises:
        Refused: for a use that its definition says nothing of.
    """

    def change(one: nodes.Node) -> nodes.Node:
        if isinstance(one, nodes.Call) and one.function.text in functions:
            return _applied(one, functions[one.function.text], named)
        if isinstance(one, nodes.Call) and one.function.text == "reshape" and isinstance(one.arguments[0], _Sample):
            return one.arguments[0].value
        if isinstance(one, nodes.Index) and isinstance(one.base, nodes.Name) and one.base.text in families:
            return _sampled(one, families[one.base.text])
        return one

    made = changed(node, change)
    _no_rest(made, families)
    if (problem := limits.tree_problem(made)) is not None:
        raise Refused([problem])
    return made


@dataclass(frozen=True, slots=True)
class _Sample(nodes.Node):
    """A sample of a family that still stands as the row of an index, to be made a column or a row by what is around
    it."""

    value: nodes.Node


def _sampled(index: nodes.Index, family: Family) -> nodes.Node:
    position = index.subscripts[family.axis]
    others = [part for axis, part in enumerate(index.subscripts) if axis != family.axis]
    if isinstance(position, nodes.Whole):
        raise Refused([_misused(index)])
    value = substituted(family.body, {family.index: position}, index.span)
    if not others:
        return value
    if all(isinstance(part, nodes.Whole) for part in others):
        return _Sample(index.span, value)
    raise Refused([_misused(index)])


def _misused(node: nodes.Node) -> Problem:
    return Problem("latex", "this is defined for one index only", node.span, "write it as it was defined")


def _no_rest(node: nodes.Node, families: Mapping[str, Family]) -> None:
    """Refuse what is left of a family: the whole of an array of which only the parts are known."""
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, _Sample) or (isinstance(one, nodes.Name) and one.text in families):
            raise Refused([_misused(one)])
        stack.extend(nodes.children(one))


def _applied(call: nodes.Call, function: Function, named: Callable[[str, nodes.Node], nodes.Name]) -> nodes.Node:
    if len(call.arguments) != len(function.parameters) or call.keywords:
        count = len(function.parameters)
        message = f"`{call.function.text}` was defined with {count} argument{'s' if count > 1 else ''}"
        raise Refused([Problem("latex", message, call.span)])
    if not call.primes:
        return substituted(function.body, dict(zip(function.parameters, call.arguments, strict=True)), call.span)
    if len(call.arguments) > 1 or call.primes > limits.MAX_ORDER:
        raise Refused([Problem("latex", "a prime on this function", call.span, "write the derivative as a fraction")])
    target = named(function.name, call.arguments[0])
    made = substituted(function.body, {function.parameters[0]: target}, call.span)
    for _ in range(call.primes):
        made = nodes.Derivative(call.span, "D", made, target)
    return made
