"""What is printed reads to the same expression, and looks as a person writes it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from language import DEFINITIONS, VARIABLES, read

from derivcheck.lang.elaborate import Scope
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr, Target
from derivcheck.spec import load

SPECS = sorted((Path(__file__).parents[2] / "specs").glob("*.deriv.yaml"))
CORPUS = sorted((Path(__file__).parents[1] / "corpus").glob("*/*.deriv.yaml"))


def form(value: Any) -> Any:
    """An expression without places: nested tuples that are equal where two mean the same."""
    if isinstance(value, Expr | Target):
        inside = [(f.name, form(getattr(value, f.name))) for f in fields(value) if f.name not in ("span", "key")]
        return (type(value).__name__, *inside)
    if isinstance(value, tuple):
        return tuple(form(item) for item in value)
    return value


@pytest.mark.parametrize("path", [*SPECS, *CORPUS], ids=lambda path: path.name)
def test_claims_read_back(path: Path) -> None:
    derivation = load(path)
    shapes = {name: variable.shape for name, variable in derivation.variables.items()}
    sizes = {name: rule.exact for name, rule in derivation.dims.items() if rule.exact is not None}
    for claim in derivation.claims:
        if claim.statement is None or claim.layout != "gradient":
            continue
        scope = Scope(
            shapes,
            derivation.definitions,
            frozenset(derivation.dims),
            frozenset(derivation.functions),
            sizes={**sizes, **claim.sizes},
        ).within(claim.statement.quantifiers)
        for link in claim.statement.links:
            for side in (link.left, link.right):
                assert form(read(printed(side), scope)) == form(side), printed(side)


WRITTEN = [
    "a - (b - p)",
    "a - b - p",
    "a/(b*p)",
    "a/b/p",
    "-a**2",
    "(-a)**2",
    "a**b**p",
    "(a**b)**p",
    "a**-2",
    "-(a*b)",
    "-a*b",
    "-(a + b)",
    "a*(b + p)",
    "(W @ X)*(W @ Y)",
    "W @ (X*Y)",
    "(A*B) @ x",
    "2*A @ x",
    "A @ B @ x",
    "A @ (B @ x)",
    "X.T @ Y/m",
    "(A + B).T",
    "A.T.T",
    "A[0, :]",
    "(A + B)[0, 1]",
    "sum(A[i, i] for i in n)",
    "sum(X, axis=1, keepdims=True)",
    "softmax(A, axis=0)",
    "where(a > 0 and not b < 1 or p == 2, a, b)",
    "indicator(a < b)",
    "[[1, a], [-b, 0.50]]",
    "D(a**2, a)",
    "jac(A @ u, u)[:, 0]",
    "hess(u @ A @ u, u)",
    "sigmoid'(a)",
    "leaky_relu'(a, 0.2)",
    "eye(n)",
    "ones(n, 1)",
    "reshape(u, n, 1) @ r",
    "concat(M, N, axis=1)",
    "outer(u, v)",
    "1e-3*pi + e",
    "D(sum(A), A[0, 1])",
    "a + -b",
]


@pytest.mark.parametrize("text", WRITTEN)
def test_what_is_written_as_printed_stays(text: str) -> None:
    definitions: dict[str, Expr] = {}
    scope = Scope(VARIABLES, definitions, frozenset({"n", "h", "m", "k"}))
    assert printed(read(text, scope)) == text


@pytest.mark.parametrize("count", [2, 16, 17, 40])
@pytest.mark.parametrize("sign", [" + ", " - ", "*", "/", " @ "])
def test_chains_of_any_length(sign: str, count: int) -> None:
    scope = Scope(VARIABLES, {}, frozenset({"n"}))
    text = sign.join(["A"] * count)
    once = read(text, scope)
    assert form(read(printed(once), scope)) == form(once)


def test_definitions_stay_names() -> None:
    definitions: dict[str, Expr] = {}
    scope = Scope(VARIABLES, definitions, frozenset({"n", "h", "m", "k"}))
    for name, text in DEFINITIONS.items():
        definitions[name] = read(text, Scope(VARIABLES, dict(definitions), scope.dims))
    full = Scope(VARIABLES, definitions, scope.dims)
    assert printed(read("relu(Z) + R*2", full)) == "relu(Z) + R*2"
