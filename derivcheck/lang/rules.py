"""Owns how the argument of a declared function's derivative rule is told from its text."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.lang import nodes
from derivcheck.lang.domains import REAL
from derivcheck.lang.scope import Scope, refusal
from derivcheck.lang.typed import Quantifier


def rule_parameter(node: nodes.Node, scope: Scope, function_name: str) -> Quantifier | None:
    """The argument of ``function_name`` in its rule: the one name that is not declared, or that stands as the
    function's own argument; ``None`` for a rule without names.

    Raises:
        Refused: when several names could be it, or only declared ones occur.
    """
    found = {name.text: name for name in _names(node) if scope.kind(name.text) is None and name.text not in _FIXED}
    for part in _walk(node):
        if isinstance(part, nodes.Call) and part.function.text == function_name and len(part.arguments) == 1:
            argument = part.arguments[0]
            if isinstance(argument, nodes.Name):
                found.setdefault(argument.text, argument)
    if len(found) > 1:
        first, second, *_ = found.values()
        message = f"the argument of `{function_name}` could be `{first.text}` or `{second.text}`"
        raise refusal("name", message, second.span, "a rule has one name that is not declared: the argument")
    if found:
        (name,) = found.values()
        return Quantifier(name.text, f"{name.text}@{node.span.start}", None, REAL)
    declared = next((name for name in _names(node) if scope.kind(name.text) is not None), None)
    if declared is not None:
        message = f"`{declared.text}` is declared; which name is the argument of `{function_name}`?"
        raise refusal("name", message, declared.span, "use a name for the argument that is not declared")
    return None


_FIXED = ("e", "pi", "π")


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    stack = [node]
    while stack:
        part = stack.pop()
        yield part
        stack.extend(reversed(nodes.children(part)))


def _names(node: nodes.Node) -> Iterator[nodes.Name]:
    """The names that stand for values, in reading order."""
    return (part for part in _walk(node) if isinstance(part, nodes.Name))
