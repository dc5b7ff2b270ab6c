"""Owns the forward computation: definitions, each using the ones before it, and the rules of functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import Scope, elaborate, elaborate_rule
from derivcheck.lang.parse import parse_expression
from derivcheck.lang.typed import Expr
from derivcheck.model import OpaqueFunction
from derivcheck.source import Passage
from derivcheck.spec.declare import Part
from derivcheck.spec.marks import Marked, MarkedList, MarkedMap, source_passage
from derivcheck.spec.problems import Problems

_Node = TypeVar("_Node", bound=nodes.Node)


def parsed(parse: Callable[[Passage], _Node], passage: Passage, problems: Problems) -> _Node | None:
    """What a passage is parsed to; ``None`` after a problem, and for an empty one, which the form forbids."""
    if not passage.text:
        return None
    try:
        return parse(passage)
    except Refused as refused:
        problems.extend(refused.problems)
        return None


def formula(node: Marked, problems: Problems) -> nodes.Node | None:
    """The expression that a value of a spec is; ``None`` after a problem."""
    return None if minus_meant(node, problems) else parsed(parse_expression, source_passage(node), problems)


def minus_meant(node: Marked, problems: Problems) -> bool:
    """Whether a value is a list of one line, ``- x``: to YAML an array, to a reader probably minus x; told if so."""
    if not isinstance(node, MarkedList) or node.flow or len(node.items) != 1 or isinstance(node.items[0], MarkedList):
        return False
    hint = "for a minus write -x without the blank or '- x' in quotes; for an array [x]"
    problems.add("value", "a dash and a blank make a list with one entry of this", node.span, hint)
    return True


def free_names(root: nodes.Node) -> Iterator[nodes.Name]:
    """Every name that stands for a value and is not bound by a ``for`` within the formula, in reading order."""
    stack: list[tuple[nodes.Node, frozenset[str]]] = [(root, frozenset())]
    while stack:
        node, bound = stack.pop()
        if isinstance(node, nodes.Name) and node.text not in bound:
            yield node
        if isinstance(node, nodes.Comprehension | nodes.Statement):
            bound = bound | {binder.name.text for binder in node.binders}
        stack.extend((child, bound) for child in reversed(nodes.children(node)))


@dataclass(frozen=True, slots=True)
class Defined:
    """The definitions that are sound, in order, and the names of the others."""

    expressions: Mapping[str, Expr]
    faulty: frozenset[str]


def definitions(parts: Sequence[Part], scope: Scope, problems: Problems, *, blind: bool) -> Defined:
    """Elaborate the definitions in order; ``blind`` when the declared names are not all known, so that formulas
    are parsed but their names are not looked at."""
    read = {part.name: formula(part.value, problems) if part.sound else None for part in parts}
    if blind:
        return Defined({}, frozenset(read))
    misplaced = _misplaced(read, problems)
    made: dict[str, Expr] = dict(scope.definitions)
    faulty = set(scope.faulty)
    for name, node in read.items():
        if node is None or name in misplaced:
            faulty.add(name)
            continue
        inner = Scope(scope.variables, made, scope.dims, scope.functions, sizes=scope.sizes, faulty=frozenset(faulty))
        try:
            made[name] = elaborate(node, inner)
        except Refused as refused:
            problems.extend(refused.problems)
            faulty.add(name)
    return Defined(made, frozenset(faulty))


def _misplaced(read: Mapping[str, nodes.Node | None], problems: Problems) -> frozenset[str]:
    """The definitions that use one after them or go in a circle, each told."""
    order = {name: place for place, name in enumerate(read)}
    uses = {
        name: {} if node is None else {free.text: free for free in free_names(node) if free.text in order}
        for name, node in read.items()
    }
    misplaced: dict[str, None] = {}
    for name, used in uses.items():
        late = [free for free in used.values() if order[free.text] >= order[name]]
        for free in late:
            way = _way(free.text, name, uses)
            if way is None:
                message = f"`{name}` uses `{free.text}`, which is defined after it"
                problems.add("order", message, free.span, f"move `{free.text}` above `{name}`")
            elif not any(step in misplaced for step in way):
                shown = " → ".join(f"`{step}`" for step in (name, *way)[:6]) + (" → …" if len(way) > 5 else "")
                hint = "a definition uses only what is declared or defined before it"
                problems.add("order", f"`{name}` is defined by itself: {shown}", free.span, hint)
        if late:
            misplaced[name] = None
    return frozenset(misplaced)


def _way(start: str, goal: str, uses: Mapping[str, Mapping[str, nodes.Name]]) -> list[str] | None:
    """The shortest way from one definition to another along what they use, both ends included."""
    came: dict[str, str | None] = {start: None}
    level = [start]
    while level and goal not in came:
        further: list[str] = []
        for name in level:
            for used in uses[name]:
                if used not in came:
                    came[used] = name
                    further.append(used)
        level = further
    if goal not in came:
        return None
    way, step = [goal], came[goal]
    while step is not None:
        way.append(step)
        step = came[step]
    return way[::-1]


def functions(parts: Sequence[Part], scope: Scope, problems: Problems, *, blind: bool) -> dict[str, OpaqueFunction]:
    """The opaque functions, with their derivative rules."""
    made = {}
    for part in parts:
        written = part.value.get("derivative") if isinstance(part.value, MarkedMap) else None
        node = None
        if written is not None and part.sound:
            node = formula(written, problems)
        rule, parameter = None, None
        if node is not None and not blind:
            try:
                rule, parameter = elaborate_rule(node, scope, part.name)
            except Refused as refused:
                problems.extend(refused.problems)
        made[part.name] = OpaqueFunction(part.name, rule, parameter)
    return made
