"""Random well-shaped texts against NumPy, and random damage to them: right or refused with a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from language import SCOPE, SIZES, VARIABLES, draw_values, read
from reference_numpy import evaluate

from derivcheck.errors import Problem, Refused
from derivcheck.lang.domains import parse_domain
from derivcheck.lang.elaborate import elaborate, elaborate_statement, warnings
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.lang.typed import Shape
from derivcheck.source import Passage

VALUES = draw_values(5)
SUM, PRODUCT, UNARY, POWER, POSTFIX = range(1, 6)


@dataclass(frozen=True)
class Written:
    """A text, how tightly its outermost operator binds, and the value NumPy gives it."""

    text: str
    binds: int
    value: Any

    def within(self, least: int) -> str:
        return self.text if self.binds >= least else f"({self.text})"


def concrete(shape: Shape) -> tuple[int, ...]:
    return tuple(SIZES[a] if isinstance(a, str) else a for a in shape)


def variables_of(shape: Shape) -> list[str]:
    return [name for name, other in VARIABLES.items() if other == shape]


FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "sin": np.sin,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "abs": np.abs,
    "relu": lambda x: np.maximum(x, 0),
    "atan": np.arctan,
}
SHAPES: list[Shape] = [(), ("n", 1), (1, "n"), ("n", "m"), ("h", "n"), ("n",), (2, 3), ("n", "n")]


def stretched(shape: Shape) -> st.SearchStrategy[Shape]:
    """A shape that goes with this one under an elementwise operator without changing it."""
    choices: list[Shape] = [shape, ()]
    if len(shape) == 2:
        choices += [(shape[0], 1), (1, shape[1])]
    return st.sampled_from(choices)


@st.composite
def leaves(draw: st.DrawFn, shape: Shape) -> Written:
    names = variables_of(shape)
    if shape == () and draw(st.booleans()):
        text = draw(st.sampled_from(["0", "1", "2", "0.5", "1e-1", "3.25", ".75"]))
        return Written(text, POSTFIX, float(text))
    if names:
        name = draw(st.sampled_from(names))
        return Written(name, POSTFIX, VALUES[name])
    size = ", ".join(map(str, shape))
    return Written(f"ones({size})", POSTFIX, np.ones(concrete(shape)))


@st.composite
def written(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    if depth == 0:
        return draw(leaves(shape))
    kind = draw(st.sampled_from(["leaf", "sum", "product", "minus", "power", "call", "array", "array", "choose"]))
    return draw(_KINDS[kind](shape, depth - 1))


def pair(draw: st.DrawFn, shape: Shape, depth: int) -> tuple[Written, Written]:
    other = draw(stretched(shape))
    left, right = (shape, other) if draw(st.booleans()) else (other, shape)
    return draw(written(left, depth)), draw(written(right, depth))


@st.composite
def sums(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    left, right = pair(draw, shape, depth)
    sign = draw(st.sampled_from("+-"))
    value = left.value + right.value if sign == "+" else left.value - right.value
    return Written(f"{left.within(SUM)} {sign} {right.within(PRODUCT)}", SUM, value)


@st.composite
def products(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    left, right = pair(draw, shape, depth)
    if draw(st.booleans()):
        return Written(f"{left.within(PRODUCT)}*{right.within(UNARY)}", PRODUCT, left.value * right.value)
    text = f"{left.within(PRODUCT)}/(1 + {right.within(POSTFIX)}**2)"
    return Written(text, PRODUCT, left.value / (1 + right.value**2))


@st.composite
def negatives(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    inner = draw(written(shape, depth))
    return Written(f"-{inner.within(UNARY)}", UNARY, -inner.value)


@st.composite
def powers(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    inner = draw(written(shape, depth))
    exponent = draw(st.sampled_from(["2", "3", "1", "0"]))
    sign = draw(st.sampled_from(["**", "^"]))
    return Written(f"{inner.within(POSTFIX)}{sign}{exponent}", POWER, inner.value ** int(exponent))


@st.composite
def calls(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    name = draw(st.sampled_from(sorted(FUNCTIONS)))
    inner = draw(written(shape, depth))
    return Written(f"{name}({inner.text})", POSTFIX, FUNCTIONS[name](inner.value))


@st.composite
def choices(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    left, right = pair(draw, shape, depth)
    sign, compare = draw(st.sampled_from([("<", np.less), (">=", np.greater_equal)]))
    if draw(st.booleans()):
        return Written(f"max({left.text}, {right.text})", POSTFIX, np.maximum(left.value, right.value))
    text = f"where({left.text} {sign} {right.text}, {left.text}, {right.text})"
    value = np.where(compare(left.value, right.value), left.value, right.value)
    return Written(text, POSTFIX, value)


@st.composite
def arrays(draw: st.DrawFn, shape: Shape, depth: int) -> Written:
    """What makes an array of this shape from arrays of others."""
    if len(shape) == 2:
        inner = draw(st.sampled_from(["n", "m", "h", 1]))
        if draw(st.booleans()):
            left, right = draw(written((shape[0], inner), depth)), draw(written((inner, shape[1]), depth))
            return Written(f"{left.within(PRODUCT)} @ {right.within(UNARY)}", PRODUCT, left.value @ right.value)
        turned = draw(written(shape[::-1], depth))
        return Written(f"{turned.within(POSTFIX)}.T", POSTFIX, turned.value.T)
    whole = draw(written((*shape, "m"), depth)) if len(shape) < 2 else draw(written(shape, depth))
    kind = draw(st.sampled_from(["sum", "mean", "index", "bound"]))
    axis = len(shape)
    if kind == "sum":
        return Written(f"sum({whole.text}, axis={axis})", POSTFIX, whole.value.sum(axis))
    if kind == "mean":
        return Written(f"mean({whole.text}, axis=-1)", POSTFIX, whole.value.mean(-1))
    colons = ":, " * axis
    if kind == "index":
        return Written(f"{whole.within(POSTFIX)}[{colons}1]", POSTFIX, whole.value[..., 1])
    return Written(f"sum({whole.within(POSTFIX)}[{colons}i]*i for i in m)", POSTFIX, whole.value @ np.arange(5.0))


_KINDS: dict[str, Callable[[Shape, int], st.SearchStrategy[Written]]] = {
    "leaf": lambda shape, depth: leaves(shape),
    "sum": sums,
    "product": products,
    "minus": negatives,
    "power": powers,
    "call": calls,
    "array": arrays,
    "choose": choices,
}

anything = st.sampled_from(SHAPES).flatmap(lambda shape: written(shape, 4).map(lambda w: (shape, w)))


@settings(derandomize=True, max_examples=300, deadline=None)
@given(anything)
def test_random_texts_mean_what_numpy_says(drawn: tuple[Shape, Written]) -> None:
    shape, made = drawn
    assume(np.all(np.isfinite(made.value)) and np.max(np.abs(made.value), initial=0.0) < 1e8)
    assume(len(made.text) < 5_000)
    expr = read(made.text, SCOPE)
    assert expr.shape == shape
    value = evaluate(expr, SCOPE, VALUES, SIZES)
    np.testing.assert_allclose(value, made.value, rtol=1e-7, atol=1e-6)


WRONG_PLACE = st.characters(codec="utf-8", exclude_characters="\n")
PIECES = st.sampled_from(
    ["(", ")", "[", "]", "{", "}", "for", "in", " i ", ",", "=", "==", "**", "*", "@", "+", "-", "'", '"', ".T", ".x",
     "and", "not", ":", "sum(", "D(", "L", "W", "x", "n", "0", "1e9", "$", "\\", "lambda",
     "≈", "σ", "ŷ", "²", "\u0430"]
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    _, made = draw(anything)
    text = draw(st.sampled_from([made.text, f"{made.text} == {made.text}", f"{made.text} == L for j in h"]))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 3)))
        text = text[:at] + draw(st.one_of(PIECES, WRONG_PLACE, st.just(""))) + text[until:]
    return text


def _look(text: str) -> None:
    passage = Passage.of(text)
    for reader in (
        lambda: warnings(elaborate(parse_expression(passage), SCOPE), SCOPE),
        lambda: elaborate_statement(parse_statement(passage), SCOPE),
        lambda: parse_domain(passage),
    ):
        for problem in _problems(reader):
            assert problem.span is not None
            assert 0 <= problem.span.start <= problem.span.end <= len(text)
            assert problem.show(passage.source)


def _problems(reader: Callable[[], object]) -> tuple[Problem, ...]:
    try:
        reader()
    except Refused as refused:
        return refused.problems or (Problem("silent", "refused without a reason"),)
    return ()


@settings(derandomize=True, max_examples=300, deadline=None)
@given(damaged())
def test_damaged_texts_are_read_or_refused_with_a_place(text: str) -> None:
    _look(text)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.lists(PIECES, max_size=30).map("".join))
def test_heaps_of_tokens_are_read_or_refused_with_a_place(text: str) -> None:
    _look(text)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    _look(text)
