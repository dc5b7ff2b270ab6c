"""Claims are held to be analytic only where the way they are written shows it."""

from __future__ import annotations

import json

import pytest

from derivcheck.engine.analytic import is_analytic
from derivcheck.spec import loads

VARIABLES = {
    "x": "", "y": "", "s": "positive", "n": "nonnegative", "p": "(0, 1)", "q": "[0, 1]", "t": "(-1, 1)",
    "l": "{-1, 1}", "k": "integer", "h": "[1/2, oo)",
}  # fmt: skip

ANALYTIC = (
    "x*y - 2", "x/2", "x**3", "n**2", "exp(-x**2)", "log(1 + exp(x))", "1/s", "s**x", "s**(-1/2)", "sqrt(s)",
    "log(p)",
    "log(1 - p)", "log(1 - sigmoid(x))", "1/(1 - p)", "1/(x**2 + 1)", "sqrt(n + 1)", "tanh(x)/cosh(y)",
    "D(sqrt(s), s)",
    "log(u)", "D(log(u), u)", "1/h", "log(2 - q)", "sin(x)*atan(y)", "log(1 - tanh(x))", "x**2/(1 + n)",
)  # fmt: skip

NOT_SHOWN = (
    "1/x", "x**(-1)", "x**(1/3)", "sqrt(x**2)", "sqrt(n)", "log(x)", "abs(x)", "relu(x)", "max(x, y)", "x**y",
    "log(n)", "1/q", "log(1 - q)", "log(1 - t**2)", "1/(1 - x)", "log(p - 1)", "log(1 - s)", "l*x", "k*x", "tan(x)",
    "asin(x)", "where(x > 0, x, 1)", "indicator(x > 0)", "sign(x)", "n**(1/2)", "log(2*x)", "1/(s - 1)", "1/sin(x)",
    "log(1/2 - sigmoid(x))", "log(-s)", "log(1 - x)", "sqrt(x*x)", "1/(x + s)", "acos(x)", "D(abs(x), x)", "1/n",
    "D(sqrt(n), n)", "x**(1/2)",
)  # fmt: skip


def analytic(expression: str) -> bool:
    """Whether a side is told to be analytic."""
    variables = {name: {"domain": domain or "real"} for name, domain in VARIABLES.items()}
    top = {"derivcheck": "1", "title": "t", "variables": variables, "define": {"u": "x**2 + s"}}
    derivation = loads(json.dumps({**top, "claims": {"c": f"{expression} == 0"}}), "analytic.deriv.yaml")
    statement = derivation.claims[0].statement
    assert statement is not None, derivation.claims[0].problems
    return is_analytic(derivation, statement.links[0].left)


@pytest.mark.parametrize("expression", ANALYTIC)
def test_it_is_shown(expression: str) -> None:
    assert analytic(expression)


@pytest.mark.parametrize("expression", NOT_SHOWN)
def test_it_is_not_shown(expression: str) -> None:
    assert not analytic(expression)
