"""Owns what the tests of LaTeX share: the formulas with their readings, notations and scopes, and comparison."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from derivcheck.lang.elaborate import Scope
from derivcheck.lang.latex import Line, Notation, read_formula
from derivcheck.lang.nodes import Statement
from derivcheck.lang.typed import Bound, Expr, Quantifier
from derivcheck.source import Passage

DATA = yaml.load((Path(__file__).parent / "latex" / "formulas.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)


@dataclass(frozen=True)
class Case:
    kit: str
    latex: str
    kind: str
    expected: Any


def _shape(axes: list[str]) -> tuple[int | str, ...]:
    return tuple(int(axis) if axis.isdigit() else axis for axis in axes)


def notation(kit: str) -> Notation:
    given = DATA["kits"][kit]
    return Notation(
        shapes={name: _shape(axes) for name, axes in given["shapes"].items()},
        dims=frozenset(given.get("dims", ())),
        functions=frozenset(given.get("functions", ())),
        spellings={name: tuple(spellings) for name, spellings in given.get("notation", {}).items()},
        first=0 if given.get("first") == "0" else 1,
        samples=given.get("samples", "columns"),
    )


NOTATIONS = {kit: notation(kit) for kit in DATA["kits"]}
SCOPES = {
    kit: Scope(variables=n.shapes, dims=n.dims - n.shapes.keys(), functions=n.functions)
    for kit, n in NOTATIONS.items()
}
CASES = [
    Case(kit, latex, *(("reads", given) if isinstance(given, str) else next(iter(given.items()))))
    for kit, formulas in DATA["formulas"].items()
    for latex, given in formulas
]


def read(latex: str, kit: str) -> tuple[Line, ...]:
    return read_formula(Passage.of(latex), NOTATIONS[kit])


def form(value: object) -> object:
    """A typed expression without places, so that two can be compared; bound names by their names alone."""
    if isinstance(value, Bound):
        return ("Bound", value.name)
    if isinstance(value, Quantifier):
        return ("Quantifier", value.name, value.size)
    if isinstance(value, Expr):
        skip = ("span", "text", "index")
        return (type(value).__name__, *(form(getattr(value, f.name)) for f in fields(value) if f.name not in skip))
    if isinstance(value, str) and "@" in value:
        return value.split("@")[0]
    if isinstance(value, tuple) and value and isinstance(value[0], Quantifier):
        return tuple(sorted((form(item) for item in value), key=repr))
    if isinstance(value, tuple):
        return tuple(form(item) for item in value)
    if hasattr(value, "subscripts"):
        return (value.kind, value.name, form(value.subscripts))
    return value


def joined(lines: tuple[Line, ...]) -> list[Line]:
    """The lines with continuations joined to what they continue."""
    made: list[Line] = []
    for line in lines:
        if line.continues and made:
            after = line.after(made[-1])
            made[-1] = Line(
                after.span, made[-1].terms + line.terms, made[-1].relations + line.relations,
                made[-1].relation_spans + line.relation_spans, after.binders, made[-1].texts + line.texts,
            )  # fmt: skip
        else:
            made.append(line)
    return made


def statement(line: Line) -> Statement:
    """The statement of a line; a lone expression is claimed equal to itself."""
    if len(line.terms) > 1:
        made = line.statement()
        assert made is not None
        return made
    return Statement(line.span, line.terms * 2, ("==",), (line.span,), line.binders, line.texts * 2)
