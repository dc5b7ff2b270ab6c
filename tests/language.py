"""Owns what the tests of the language share: a scope with a small network in it, marked texts, and readers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from derivcheck.errors import Problem, Refused
from derivcheck.lang.elaborate import Scope, elaborate, elaborate_condition, elaborate_statement
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.lang.typed import Expr, Shape
from derivcheck.source import Passage

#: Sizes with which nothing agrees by accident.
SIZES = {"n": 3, "h": 4, "m": 5, "k": 2}

VARIABLES: dict[str, Shape] = {
    "a": (),
    "b": (),
    "p": (),
    "alpha": (),
    "ŷ": (),
    "u": ("n",),
    "v": ("n",),
    "t": ("m",),
    "x": ("n", 1),
    "y": ("n", 1),
    "r": (1, "n"),
    "one": (1, 1),
    "A": ("n", "n"),
    "B": ("n", "n"),
    "X": ("n", "m"),
    "Y": ("n", "m"),
    "W": ("h", "n"),
    "c": ("h", 1),
    "M": (2, 3),
    "N": (2, 3),
    "V": ("n", "n", "m"),
}

DEFINITIONS = {
    "Z": "W @ X + c",
    "R": "relu(Z)",
    "L": "sum(R**2)/m",
    "q": "a**2 + 1",
    "E": "sigmoid(X)",
    "ten": "10",
    "huge": "10**3000",
}


def read(text: str, scope: Scope) -> Expr:
    return elaborate(parse_expression(Passage.of(text)), scope)


def read_condition(text: str, scope: Scope) -> Expr:
    return elaborate_condition(parse_expression(Passage.of(text)), scope)


def make_scope(
    variables: Mapping[str, Shape] = VARIABLES, definitions: Mapping[str, str] = DEFINITIONS, **more: Any
) -> Scope:
    """A scope in which the definitions are read one after the other, as a spec's are."""
    more = {"dims": frozenset(SIZES), "functions": frozenset({"g", "f"}), **more}
    made: dict[str, Expr] = {}
    for name, text in definitions.items():
        made[name] = read(text, Scope(variables, dict(made), **more))
    return Scope(variables, made, **more)


SCOPE = make_scope()


def problems_of(reading: Callable[[], object]) -> tuple[Problem, ...]:
    """The problems with which a reading is refused."""
    try:
        made = reading()
    except Refused as refused:
        return refused.problems
    raise AssertionError(f"it was taken: {made}")


def expression_problems(text: str, scope: Scope = SCOPE) -> tuple[Problem, ...]:
    return problems_of(lambda: read(text, scope))


def statement_problems(text: str, scope: Scope = SCOPE) -> tuple[Problem, ...]:
    return problems_of(lambda: elaborate_statement(parse_statement(Passage.of(text)), scope))


def unmark(marked: str) -> tuple[str, int, int]:
    """``x ⟦+⟧ v``: the text without its marks, and where they stood."""
    start, end = marked.index("⟦"), marked.index("⟧") - 1
    return marked.replace("⟦", "").replace("⟧", ""), start, end


def place(problem: Problem) -> tuple[int, int]:
    assert problem.span is not None
    return problem.span.start, problem.span.end


def draw_values(seed: int = 0, variables: Mapping[str, Shape] = VARIABLES) -> dict[str, np.ndarray]:
    """A value for every variable, away from 0 and from each other."""
    generator = np.random.default_rng(seed)
    concrete = {
        name: tuple(SIZES[axis] if isinstance(axis, str) else axis for axis in shape)
        for name, shape in variables.items()
    }
    return {name: generator.uniform(0.2, 0.9, shape) for name, shape in concrete.items()}
