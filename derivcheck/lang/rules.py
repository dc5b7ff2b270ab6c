"""Owns how the argument of a declared function's derivative rule is told from its text."""

from __future__ import annotations

from collections.abc import Iterator

from derivcheck.lang import nodes
from derivcheck.lang.domains import REAL
from derivcheck.lang.scope import Scope, refusal
from derivcheck.lang.typed import Quantifier

#: Names that have a meaning without being declared.
_FIXED = ("e", "pi", "π")


def rule_parameter(node: nodes.Node, scope: Scope, function_name: str) -> Quantifier | None:
    """The argument of ``function_name`` in its rule: the one name that is not declared, or that stands as the
    function's own argument; ``None`` for a rule without names.

    Raises:
        Refused: when several names could be it, or only declared ones occur.
    """
    found = {name.text: name for name in _names(node) if scope.kind(name.text) is None and name.text not in _FIXED}
    for part, bound in _walk(node):
        if isinstance(part, nodes.Call) and part.function.text == function_name and len(part.arguments) == 1:
            argument = part.arguments[0]
            if isinstance(argument, nodes.Name) and argument.text not in bound:
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


def _walk(root: nodes.Node) -> Iterator[tuple[nodes.Node, frozenset[str]]]:
    """Every node in reading order, with the names that are bound around it; the values of keywords are no names."""
    stack: list[tuple[nodes.Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, bound = stack.pop()
        yield node, bound
        if isinstance(node, nodes.Comprehension):
            bound = bound | {binder.name.text for binder in node.binders}
        if not isinstance(node, nodes.Keyword):
            stack.extend((child, bound) for child in reversed(nodes.children(node)))


def _names(root: nodes.Node) -> list[nodes.Name]:
    """The names that stand for values and are not bound within, in reading order."""
    return [node for node, bound in _walk(root) if isinstance(node, nodes.Name) and node.text not in bound]
