"""Arrays too large to be looked at: what holds with the sizes left open, and what cannot be left open."""

import pytest
from engine_kit import derivation, report

from derivcheck.engine.loosened import is_free_of_sizes, loosened

SIZES = "dims: {m: 60, n: 784}\nvariables: {X: [m, n], w: [n], y: [m], V: [n, 3]}\n"


def test_what_holds_for_every_size_holds_for_a_large_one():
    found = report("D(sum((X @ w - y)**2), w) == 2*X.T @ (X @ w - y)", SIZES)
    assert (found.verdict, found.sizes) == ("proved", "every")


@pytest.mark.parametrize(
    "statement",
    ["D(sum((X @ w - y)**2), w) == X.T @ (X @ w - y)", "(m - 60)*sum(X) == 0", "sum(X)*m == sum(X)*60"],
)
def test_what_does_not_is_undecided(statement):
    found = report(f"'{statement}'", SIZES)
    assert found.verdict == "undecided"
    assert "more than" in found.because


@pytest.mark.parametrize(
    ("setting", "statement", "free"),
    [
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n], y: [m]}\n", "X.T @ y == X.T @ y", True),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n], y: [1, n]}\n", "X + y == y + X", True),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n], y: [60]}\n", "X.T @ y == X.T @ y", False),
        ("dims: {m: 60, n: 60}\nvariables: {X: [m, n], y: [m]}\n", "X.T @ y == X.T @ y", False),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n]}\n", "sum(X[i, 0] for i in 60) == sum(X[:, 0])", False),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n]}\n", "sum(X[i, 0] for i in m) == sum(X[:, 0])", True),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n]}\n", "sum(X[i + 1, 0] for i in 59) == sum(X[:, 0])", False),
        ("dims: {m: 60, n: 784}\nvariables: {X: [m, n]}\n", "sum(concat(X, X, axis=0)) == 2*sum(X)", False),
        ("dims: {m: 1, n: 784}\nvariables: {X: [m, n]}\n", "X == X", False),
        ("variables: {X: [m, n]}\n", "X == X", False),
    ],
)
def test_which_claims_are_free_of_the_sizes(setting, statement, free):
    spec = derivation(f"{setting}claims:\n  it: '{statement}'\n")
    (claim,) = spec.claims
    assert claim.statement is not None, claim.problems
    (link,) = claim.statement.links
    assert is_free_of_sizes(spec, claim, (link.left, link.right), claim.statement.quantifiers) is free


def test_sizes_left_open():
    spec = derivation("dims: {m: 60, n: '>= 3', k: 1}\nvariables: {X: [m, n], y: [k]}\nclaims:\n  it: X == X\n")
    rules = loosened(spec).dims
    assert [(rules[d].exact, rules[d].least) for d in ("m", "n", "k")] == [(None, 2), (None, 3), (None, 1)]
