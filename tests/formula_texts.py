"""Owns claims as text that can be changed: one claim of a spec file with what it needs, its formulas, their nodes.

A change replaces the text of one node of a formula by another text; everything around it stays as it was written.
"""

from __future__ import annotations

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.nodes import Node
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.model import Derivation
from derivcheck.source import Passage, Span
from derivcheck.spec import loads

#: What a change makes of a formula: its kind and the new text.
Change = tuple[str, str]


@dataclass(frozen=True)
class Subject:
    """One claim of a spec file as data, alone with what the file declares; every scalar is text."""

    path: Path
    claim: str
    data: Mapping[str, Any]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name.split('.')[0]}/{self.claim}"

    def formulas(self) -> Iterator[tuple[tuple[Any, ...], str]]:
        """The formulas that may be changed, by the way to them in the data: the claim's own, and the definitions that
        it reaches."""
        claim = self.data["claims"][self.claim]
        if isinstance(claim, str):
            yield ("claims", self.claim), claim
        else:
            for key in ("statement", "gradient", "of"):
                if isinstance(claim.get(key), str):
                    yield ("claims", self.claim, key), claim[key]
            for i, step in enumerate(claim.get("steps", ())):
                if isinstance(step, str):
                    yield ("claims", self.claim, "steps", i), step
        reached = _words(json.dumps(claim, ensure_ascii=False))
        for name, text in reversed((self.data.get("define") or {}).items()):
            if name in reached and isinstance(text, str):
                reached |= _words(text)
                yield ("define", name), text

    def with_formula(self, way: tuple[Any, ...], text: str) -> Subject:
        data = json.loads(json.dumps(self.data))
        inner = data
        for key in way[:-1]:
            inner = inner[key]
        inner[way[-1]] = text
        return Subject(self.path, self.claim, data)

    def derivation(self) -> Derivation:
        """The spec, read; JSON is YAML."""
        return loads(json.dumps(self.data, ensure_ascii=False, indent=1), self.path.name)


@dataclass(frozen=True)
class Changed:
    """A subject with one formula changed: of a kind, at a way in its data, from one text to another. A change of more
    than one formula (other names, say) has the whole ``made``, and no way."""

    kind: str
    origin: Subject
    way: tuple[Any, ...] = ()
    before: str = ""
    after: str = ""
    made: Subject | None = None

    @property
    def subject(self) -> Subject:
        return self.made or self.origin.with_formula(self.way, self.after)

    def __str__(self) -> str:
        return f"{self.origin.name} [{self.kind}] {'/'.join(map(str, self.way))}: {self.after}"


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))


@cache
def _read(path: Path) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return data


def subjects(path: Path) -> list[Subject]:
    """The claims of a file that are said to hold, but for those in LaTeX: changes of these are no text of ours."""
    data = _read(path)
    made = []
    for name, claim in data["claims"].items():
        if "$" in json.dumps(claim):
            continue
        if isinstance(claim, str) or claim.get("expect", "holds") == "holds":
            made.append(Subject(path, name, {**data, "claims": {name: claim}}))
    return made


def changes(
    subject: Subject, rules: Mapping[str, Rule], whole: Mapping[str, Callable[[Subject], Iterator[Subject]]] = {}
) -> list[Changed]:
    """Every change of every formula of a subject, and those by ``whole``, of the subject in one."""
    scope = Scope.of(subject)
    found: dict[tuple[Any, ...], Changed] = {}
    for kind, remake in whole.items():
        for i, made in enumerate(remake(subject)):
            found[kind, i] = Changed(kind, subject, made=made)
    for way, text in subject.formulas():
        for kind, after in _changed(text, scope, rules):
            if after != text:
                found.setdefault((way, after), Changed(kind, subject, way, text, after))
    return list(found.values())


def sample(
    found: Sequence[Subject],
    rules: Mapping[str, Rule],
    count: int,
    seed: int = 0,
    whole: Mapping[str, Callable[[Subject], Iterator[Subject]]] = {},
) -> Iterator[Changed]:
    """``count`` changes: from every subject in turn, of the kind that had been taken least often."""
    rng = random.Random(seed)
    order = sorted(found, key=lambda subject: subject.name)
    rng.shuffle(order)
    pools: dict[str, list[Changed]] = {}
    taken: Counter[str] = Counter()
    while order and taken.total() < count:
        for subject in list(order):
            if taken.total() >= count:
                return
            if subject.name not in pools:
                pools[subject.name] = changes(subject, rules, whole)
            pool = pools[subject.name]
            if not pool:
                order.remove(subject)
            else:
                kind = min(sorted({change.kind for change in pool}), key=lambda kind: taken[kind])
                chosen = rng.choice([change for change in pool if change.kind == kind])
                pool.remove(chosen)
                taken[kind] += 1
                yield chosen


# --- nodes and their texts -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scope:
    """What a formula may name: scalar variables, variables with axes, defined names, and dimensions; the shapes of
    the variables with axes, and the variables that have an interval of values."""

    scalars: tuple[str, ...] = ()
    arrays: tuple[str, ...] = ()
    defined: tuple[str, ...] = ()
    dims: tuple[str, ...] = ()
    shapes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    free: tuple[str, ...] = ()

    @classmethod
    def of(cls, subject: Subject) -> Scope:
        scalars, arrays, dims = [], [], dict.fromkeys(subject.data.get("dims") or {})
        shapes: dict[str, tuple[str, ...]] = {}
        free = []
        for name, value in (subject.data.get("variables") or {}).items():
            shape = value.get("shape", "") if isinstance(value, dict) else value
            domain = value.get("domain", "real") if isinstance(value, dict) else "real"
            (arrays if isinstance(shape, list) and shape else scalars).append(name)
            if isinstance(shape, list) and shape:
                shapes[name] = tuple(shape)
            if domain in ("real", "positive"):
                free.append(name)
            dims.update(dict.fromkeys(axis for axis in shape if isinstance(shape, list) and not axis.isdigit()))
        return cls(
            tuple(scalars), tuple(arrays), tuple(subject.data.get("define") or {}), tuple(dims), shapes, tuple(free)
        )


@dataclass(frozen=True)
class Formula:
    """A text with its nodes, and the scope it stands in."""

    text: str
    root: Node
    scope: Scope

    def of(self, node: Node) -> str:
        return self.text[node.span.start : node.span.end]

    def put(self, span: Span, new: str) -> str:
        return self.text[: span.start] + new + self.text[span.end :]

    def replace(self, node: Node, new: str) -> str:
        return self.put(node.span, f"({new})")

    def nodes(self) -> Iterator[Node]:
        """The statement and every node that has a value, in reading order."""
        stack = [self.root]
        while stack:
            node = stack.pop()
            if not isinstance(node, nodes.Keyword | nodes.Binder | nodes.Over):
                yield node
            if not isinstance(node, nodes.Keyword | nodes.Over):
                stack.extend(reversed(nodes.children(node)))

    def names(self) -> list[str]:
        """The declared names in it, in order, once each."""
        known = {*self.scope.scalars, *self.scope.arrays, *self.scope.defined}
        return list(dict.fromkeys(n.text for n in self.nodes() if isinstance(n, nodes.Name) and n.text in known))

    def with_names(self, new: Mapping[str, str]) -> str:
        """The text with other names for some."""
        text = self.text
        spots = [n for n in self.nodes() if isinstance(n, nodes.Name) and n.text in new]
        for spot in sorted(spots, key=lambda n: -n.span.start):
            text = text[: spot.span.start] + new[spot.text] + text[spot.span.end :]
        return text

    @property
    def binders(self) -> tuple[nodes.Binder, ...]:
        return self.root.binders if isinstance(self.root, nodes.Statement) else ()


#: A rule makes changed texts of one node of a formula.
Rule = Callable[[Formula, Node], Iterator[str]]


def parsed(text: str) -> Node:
    """The nodes of a text: of a statement if it is one, else of an expression."""
    passage = Passage.of(text)
    try:
        return parse_statement(passage)
    except Refused:
        return parse_expression(passage)


def _changed(text: str, scope: Scope, rules: Mapping[str, Rule]) -> Iterator[Change]:
    formula = Formula(text, parsed(text), scope)
    positions = _positions(formula)
    for node in formula.nodes():
        for kind, rule in rules.items():
            if id(node) not in positions or kind in _ON_POSITIONS:
                for after in rule(formula, node):
                    yield kind, after


#: Kinds that make sense of a subscript, or of the name that a derivative is taken by.
_ON_POSITIONS = ("index shifted", "names swapped")


def _positions(formula: Formula) -> set[int]:
    """The nodes that are no values: subscripts, sizes, and what a derivative is taken by."""
    found: set[int] = set()
    for node in formula.nodes():
        inside: tuple[Node, ...] = ()
        if isinstance(node, nodes.Index):
            inside = node.subscripts
        if isinstance(node, nodes.Call) and node.function.text in ("D", "jac", "hess"):
            inside = node.arguments[1:]
        if isinstance(node, nodes.Call) and node.function.text in ("eye", "ones", "zeros"):
            inside = node.arguments
        if isinstance(node, nodes.Call) and node.function.text == "reshape":
            inside = node.arguments[1:]
        for part in inside:
            stack = [part]
            while stack:
                inner = stack.pop()
                found.add(id(inner))
                stack.extend(nodes.children(inner))
    return found


def is_condition(node: Node) -> bool:
    return isinstance(node, nodes.Comparison | nodes.Junction) or (
        isinstance(node, nodes.Unary) and node.sign == "not"
    )


def is_value(node: Node) -> bool:
    parts = (nodes.Number, nodes.Name, nodes.Chain, nodes.Power, nodes.Call, nodes.Index, nodes.Transpose)
    return isinstance(node, (*parts, nodes.Comprehension)) and not is_condition(node)


def is_sum(node: Node) -> bool:
    return isinstance(node, nodes.Chain) and node.operators[0].sign in "+-"


def is_product(node: Node) -> bool:
    return isinstance(node, nodes.Chain) and node.operators[0].sign not in "+-"
