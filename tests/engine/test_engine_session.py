"""What claims share changes no report: the order, the subset, other files before, hash seeds, SymPy's cache."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from engine_kit import HEAD, Judge, derivation

import derivcheck
from derivcheck.engine import Settings, decide
from derivcheck.errors import EngineFault

SPEC = """\
variables:
  x: []
  y: []
  p: {domain: positive}
  k: {domain: integer}
  t: {shape: [m], domain: '{-1, 1}'}
  u: [n]
  A: [n, n]
  X: [m, n]
functions:
  g: {derivative: 'g(z)*(1 - g(z))'}
  f: {}
define:
  r: X @ u
  L: sum(log(1 + exp(-t*r)))/m
  a: relu(x)*y
claims:
  gradient: D(L, u) == -X.T @ (t*sigmoid(-t*r))/m
  factor: D(L, u) == -X.T @ (t*sigmoid(-t*r))
  at-zero: g(0) == g(0)
  rule: D(g(x), x) == g(x)*(1 - g(x))
  rule-again: D(g(y) + g(x), y) == g(y)*(1 - g(y))
  opaque: D(f(f(x)), x) == f'(f(x))*f'(x)
  opaque-wrong: f(x) == f(y)
  integers: x**z*x == x**(z + 1) for z in integer
  reals: x**z*x == x**(z + 1) for z in real
  labels: x**z == where(z == 0, 1, x) for z in {0, 1}
  numbers: 'A[i, j]*2 == A[i, j] + A[i, j] for i in n, j in n'
  kink: D(a, x) == y*indicator(x > 0)
  kink-wrong: D(a, x) == y
  domain: log(x**2) == 2*log(x)
  open: sign(x - 1/7)**2 == 1
  displayed: {statement: 'D(x**3, x) ≈ 6.75', at: {x: 1.5}}
  displayed-wrong: {statement: exp(a) ≈ 7.4, at: {a: 2.1}}
  up-to: {statement: 'D(sum(u**2), u) == u', up_to: positive factor}
  under: {statement: abs(x) == x, when: [x >= y, y > 0]}
  fails: {statement: 'D(x**3, x) == x**2', expect: fails, correct: 'D(x**3, x) == 3*x**2'}
  chain: (x + y)**2 == x**2 + 2*x*y + y**2 == x**2 + y**2 + 2*y*x == (x + y)*(x - y)
  inverse: D(log(det(A)), A) == inv(A).T
"""


def told(judge, claim):
    """All of a report, as text."""
    try:
        return repr(judge.judge(claim))
    except EngineFault as fault:
        return f"fault: {fault}"


@pytest.fixture(scope="module")
def spec():
    return derivation(SPEC)


@pytest.fixture(scope="module")
def alone(spec):
    """Every claim by a judge of its own."""
    return [told(Judge(spec), claim) for claim in spec.claims]


def test_none_of_them_is_a_fault(alone):
    assert not [text for text in alone if text.startswith("fault")]


@pytest.mark.parametrize("order", ["forward", "backward", "odd ones", "twice"])
def test_the_order_of_claims_changes_nothing(spec, alone, order):
    judge = Judge(spec)
    indices = list(range(len(spec.claims)))
    chosen = {"forward": indices, "backward": indices[::-1], "odd ones": indices[1::2], "twice": indices * 2}[order]
    for i in chosen:
        assert told(judge, spec.claims[i]) == alone[i], spec.claims[i].id


NETWORK = """\
variables: {X: "[2, 2]", Y: "[1, 2]", W1: "[2, 2]", b1: "[2, 1]", W2: "[1, 2]", b2: "[1, 1]"}
define:
  A1: relu(W1 @ X + b1)
  A2: sigmoid(W2 @ A1 + b2)
  J: -sum(Y*log(A2) + (1 - Y)*log(1 - A2))/2
claims:
  W1: D(J, W1) == (W2.T @ (A2 - Y)*indicator(A1 > 0)) @ X.T/2
  W2: D(J, W2) == (A2 - Y) @ A1.T/2
  b1: D(J, b1) == sum(W2.T @ (A2 - Y)*indicator(A1 > 0), axis=1, keepdims=True)/2
  b2: D(J, b2) == sum(A2 - Y, axis=1, keepdims=True)/2
  twice: 2*D(J, b2) == D(2*J, b2)
  bound: D(J, b2)*z == z*D(J, b2) for z in real
"""


def test_the_order_changes_nothing_where_derivatives_are_shared(monkeypatch):
    spec = derivation(NETWORK)
    for work in (decide.PROOF_WORK, 2_000, 500):
        monkeypatch.setattr(decide, "PROOF_WORK", work)
        apart = [told(Judge(spec), claim) for claim in spec.claims]
        for step in (1, -1):
            judge = Judge(spec)
            assert [told(judge, claim) for claim in spec.claims[::step]] == apart[::step], work
        if work > 10**6:
            assert all("verdict=<Verdict.PROVED" in text for text in apart)


def test_another_seed_gives_other_points_and_the_same_verdicts(spec):
    judges = [Judge(spec, Settings(seed)) for seed in (0, 7)]
    reports = [[judge.judge(claim) for claim in spec.claims] for judge in judges]
    assert [r.verdict for r in reports[0]] == [r.verdict for r in reports[1]]
    assert [r.witness for r in reports[0]] != [r.witness for r in reports[1]]


def test_the_order_changes_nothing_where_budgets_end(monkeypatch):
    spec = derivation(
        "variables: {W0: [h, n], W1: [k, h], X: [n, m]}\n"
        "define: {A: tanh(W0 @ X), B: tanh(W1 @ A), L: sum(B**2)}\n"
        "claims:\n  a: D(L, W0)*3 == 3*D(L, W0)\n  b: D(L, W0)*2 == 2*D(L, W0)\n"
    )
    for budget in (500, 1_000, 2_500):
        for name in ("POINT_WORK", "PROOF_WORK", "EVERY_SIZE_WORK"):
            monkeypatch.setattr(decide, name, budget)
        apart = [told(Judge(spec), claim) for claim in spec.claims]
        judge = Judge(spec)
        assert [told(judge, claim) for claim in spec.claims] == apart, budget


# --- other processes -----------------------------------------------------------------------------------------

SCRIPT = """\
import sys
from derivcheck.engine import Judge
from derivcheck.spec import loads

if "after" in sys.argv:
    before = loads({head!r} + {before!r}, "before.deriv.yaml")
    judge = Judge(before)
    for claim in before.claims:
        judge.judge(claim)
spec = loads({head!r} + sys.stdin.read(), "test.deriv.yaml")
judge = Judge(spec)
for claim in spec.claims:
    print(repr(judge.judge(claim)))
"""
#: A file with the same names for other things.
BEFORE = """\
variables: {x: [n], y: {domain: positive}, u: [n, n], p: [m], A: {shape: [n, n], domain: symmetric}}
functions: {f: {derivative: 'f(z)'}, g: {}}
define: {L: sum(exp(x*y)), r: x + 1, a: log(y)}
claims:
  a: D(L, x) == y*exp(x*y)
  b: g(y) == f(y)
  c: D(f(y), y) == f(y)
  d: D(trace(A @ u), A) == u.T
"""


def run(environment, *arguments):
    root = str(Path(derivcheck.__file__).parents[1])
    return subprocess.run(
        [sys.executable, "-c", SCRIPT.format(head=HEAD, before=BEFORE), *arguments],
        input=SPEC,
        env={**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": "utf-8", "PYTHONUTF8": "1", **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    ).stdout.splitlines()


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        ({"PYTHONHASHSEED": "1"}, ()),
        ({"PYTHONHASHSEED": "2", "SYMPY_USE_CACHE": "no"}, ()),
        ({"PYTHONHASHSEED": "3", "SYMPY_CACHE_SIZE": "10"}, ("after",)),
    ],
    ids=["hash seed", "no cache", "small cache, after another file"],
)
def test_another_process_prints_the_same(alone, environment, arguments):
    assert run(environment, *arguments) == alone
