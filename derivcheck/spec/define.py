"""Owns the forward computation: definitions, each using the ones before it, and the rules of functions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import Scope, ambiguities, elaborate, elaborate_rule
from derivcheck.lang.typed import Expr
from derivcheck.model import OpaqueFunction
from derivcheck.spec.declare import Part
from derivcheck.spec.formulas import Formulas, between_dollars
from derivcheck.spec.marks import MarkedMap, source_passage
from derivcheck.spec.problems import Problems


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


def definitions(parts: Sequence[Part], scope: Scope, formulas: Formulas, *, blind: bool) -> Defined:
    """Elaborate the definitions in order; ``blind`` when the declared names are not all known, so that formulas
    are parsed but their names are not looked at. LaTeX is read by the names that stand above it."""
    problems = formulas.problems
    latex = {part.name for part in parts if part.sound and between_dollars(source_passage(part.value)) is not None}
    read = {
        part.name: formulas.formula(part.value) if part.sound and part.name not in latex else None for part in parts
    }
    if blind:
        return Defined({}, frozenset(read))
    misplaced = _misplaced(read, problems)
    made: dict[str, Expr] = dict(scope.definitions)
    faulty = set(scope.faulty)
    for part in parts:
        name, node = part.name, read[part.name]
        if name in latex:
            node = formulas.knowing({other: value.shape for other, value in made.items()}).formula(part.value)
        if node is None or name in misplaced:
            faulty.add(name)
            continue
        inner = Scope(scope.variables, made, scope.dims, scope.functions, sizes=scope.sizes, faulty=frozenset(faulty))
        try:
            made[name] = elaborate(node, inner)
            problems.extend(_unclear(node, inner) if name in latex else ())
        except Refused as refused:
            problems.extend(refused.problems)
            faulty.add(name)
    return Defined(made, frozenset(faulty))


def _unclear(node: nodes.Node, scope: Scope) -> list[Problem]:
    """Where LaTeX has two meanings by its shapes: a definition has one."""
    hint = "write parentheses or a transpose, or write it in the expression language"
    return [Problem("latex", message, span, hint) for span, message in ambiguities(node, scope)]


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


def functions(parts: Sequence[Part], scope: Scope, formulas: Formulas, *, blind: bool) -> dict[str, OpaqueFunction]:
    """The opaque functions, with their derivative rules."""
    made = {}
    for part in parts:
        written = part.value.get("derivative") if isinstance(part.value, MarkedMap) else None
        node = None
        if written is not None and part.sound:
            node = formulas.rule(written)
        rule, parameter = None, None
        if node is not None and not blind:
            try:
                rule, parameter = elaborate_rule(node, scope, part.name)
            except Refused as refused:
                formulas.problems.extend(refused.problems)
        made[part.name] = OpaqueFunction(part.name, rule, parameter)
    return made
