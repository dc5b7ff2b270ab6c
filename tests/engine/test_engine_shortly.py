"""The short way to a proof: what it shows, what it leaves to the long way, and that it believes no falsehood."""

from __future__ import annotations

from pathlib import Path

import pytest
import sympy

from derivcheck.engine import operations, shortly
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.spec import load, loads

CORPUS = Path(__file__).parents[1] / "corpus"
VARIABLES = """\
{x: , y: , p: {domain: positive}, s: {domain: '{-1, 1}'}, v: [3], A: [2, 3], B: [3, 2],
  S: {shape: [2, 2], domain: symmetric}}"""
HEAD = f"derivcheck: 1\ntitle: t\nvariables: {VARIABLES}\ndefine: {{f: x**2 + p, r: A @ v}}\n"


def shown(derivation, claim, link) -> bool:
    question = Question(Session(derivation), claim, link, claim.statement.quantifiers, 0)
    space = question.spaces()[0]
    if space.conditions or space.local or space.given or derivation.functions:
        return False
    return shortly.proved(
        space, link.left, link.right, question.quantifiers, question.reach().applied, work=10**6, last=False
    )


def of_free_size(derivation, claim) -> bool:
    """Whether a claim may be false at other sizes alone."""
    (link,) = claim.statement.links
    question = Question(Session(derivation), claim, link, claim.statement.quantifiers, 0)
    return bool(question.reach().dims)


def shows(statement: str) -> bool:
    derivation = loads(f"{HEAD}claims:\n  a: '{statement}'\n", "t")
    (claim,) = derivation.claims
    assert claim.statement is not None, claim.problems
    return shown(derivation, claim, claim.statement.links[0])


@pytest.mark.parametrize(
    "statement",
    [
        "D(x**3, x) == 3*x**2",
        "D(exp(x*y)*sin(x), x) == exp(x*y)*(y*sin(x) + cos(x))",
        "D(tanh(x), x) == 1 - tanh(x)**2",
        "D(D(tanh(x), x), x) == -2*tanh(x)*(1 - tanh(x)**2)",
        "D(D(D(sin(x*y), x), x), x) == -y**3*cos(x*y)",
        "D(D(x**2*sin(y), x), y) == 2*x*cos(y)",
        "D(log(f), x) == 2*x/f",
        "D(p**x, x) == p**x*log(p)",
        "D(p**x, p) == x*p**(x - 1)",
        "D(sqrt(f), x) == x/sqrt(f)",
        "D(erf(x), x) == 2*exp(-x**2)/sqrt(pi)",
        "D(lgamma(p), p) == digamma(p)",
        "D(exp(z), z) == exp(z) for z in real",
        "D(x*s**2, x) == 1",
        "relu(x) - relu(-x) == x",
        "D(abs(y)*x, x) == abs(y)",
        "D(sum(v**2), v) == 2*v",
        "D(log(sum(exp(v))), v) == softmax(v)",
        "D(sum(r**2), A) == 2*outer(r, v)",
        "hess(sum(v**4)/12, v) == diag(v**2)",
        "jac(r, v) == A",
        "trace(A @ B) == trace(B @ A)",
        "D(trace(A @ B), A) == B.T",
        "D(sum(v[i]**2 for i in 3), v) == 2*v",
        "D(sum(v**2), v[j]) == 2*v[j] for j in 3",
        "prod(v) == v[0]*v[1]*v[2]",
        "D(A[0, 1]*x, A) == x*[[0, 1, 0], [0, 0, 0]]",
        "D(norm(v - 2)**2, v) == 2*(v - 2)",
        "[log(x), sqrt(p**2), log(x**2)] == [log(x), p, log(x*x)]",
        "[x/x, y/y] == [1, 1]",
        "D(abs(x), x) == sign(x)",
        "D(relu(x), x) == indicator(x > 0)",
        "where(x > 0, x, -x) == abs(x)",
    ],
)
def test_what_it_shows(statement):
    assert shows(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "D(sqrt(relu(x)), x) == 0",
        "where(x > 0, sqrt(x**2), -x) == abs(x)",  # nothing holds of a branch
        "D(log(f), f) == 1/f",  # the graph is cut
        "sigmoid''(x) == sigmoid(x)*(1 - sigmoid(x))",
        "S[0, 1] == S[1, 0]",  # a relation of entries
        "gamma(p + 1) == p*gamma(p)",  # a relation of special functions
        "(-1)**s == -1",
        "(x**2)**(1/2)*x == x**2",
        "log(x) == log(x) + sqrt(-1 - x**2)",  # nowhere
        "1/(x - x) == 1/(x - x)",
        "[log(x), sqrt(x**2)] == [log(x), x]",  # what holds where one entry has a value, need not for another
        "[sqrt(x**2), 1/x, log(x)] == [x, 1/x, log(x)]",
        "[sqrt(x - 1), abs(x)] == [sqrt(x - 1), x]",
    ],
)
def test_what_it_leaves(statement):
    assert not shows(statement)


@pytest.mark.parametrize(
    "path", sorted([*CORPUS.glob("refuted/*.yaml"), *CORPUS.glob("open/false/*.yaml")]), ids=lambda path: path.name
)
def test_it_believes_no_falsehood(path):
    derivation = load(path)
    for claim in derivation.claims:
        if claim.statement is not None and len(claim.statement.links) == 1 and not claim.up_to:
            (link,) = claim.statement.links
            if link.relation == "==" and claim.expect == "holds" and not of_free_size(derivation, claim):
                assert not shown(derivation, claim, link), claim.id


@pytest.mark.parametrize(
    ("falsehood", "function"),
    [
        ("D(sin(x), x) == -cos(x)", sympy.sin),
        ("D(exp(x), x) == -exp(x)", sympy.exp),
        ("D(erf(x), x) == -2*exp(-x**2)/sqrt(pi)", sympy.erf),
    ],
)
def test_derivatives_are_those_of_sympy(monkeypatch, falsehood, function):
    sympy.core.cache.clear_cache()
    assert not shows(falsehood)
    honest = function.fdiff
    monkeypatch.setattr(function, "fdiff", lambda self, argindex=1: -honest(self, argindex))
    sympy.core.cache.clear_cache()
    assert shows(falsehood)
    sympy.core.cache.clear_cache()


def test_sympy_is_asked_once_for_an_operation(monkeypatch):
    sympy.core.cache.clear_cache()
    asked = []
    honest = operations.rule
    monkeypatch.setattr(operations, "rule", lambda *a: (asked.append(a), honest(*a))[1])
    assert shows("D(exp(x*y), x) == y*exp(x*y)")
    first = len(asked)
    assert first
    assert shows("D(exp(exp(x)), x) == exp(x + exp(x))")
    assert len(asked) == first
    sympy.core.cache.clear_cache()
