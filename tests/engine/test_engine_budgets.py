"""Counted work: a claim is charged the same, and gets the same report, whatever was judged before it."""

from __future__ import annotations

import random

import pytest
from engine_kit import derivation

from derivcheck.engine import Judge, decide, judge, numbers, scale
from derivcheck.engine.indexed.prove import EverySize
from derivcheck.engine.session import Session
from derivcheck.engine.work import Cost, Ledger, Meter, OverBudget
from derivcheck.errors import EngineFault

NETWORK = """\
variables:
  W1: [h, n]
  W2: [k, h]
  x: [n]
  y: {shape: [k], domain: one-hot}
  c: {domain: positive}
  Q: {shape: [2, 2], domain: orthogonal}
  S: {shape: [n, n], domain: symmetric}
functions:
  g: {derivative: 'log(g(z))'}
  f: {}
define:
  a: tanh(W1 @ x)
  z: W2 @ a
  p: softmax(z)
  L: -sum(y*log(p))
claims:
  outer: D(L, z) == p - y
  other: c**2*sqrt(c) == c**(5/2)
  weights: D(L, W2) == outer(p - y, a)
  rotation: Q.T @ Q @ Q == Q
  inner: D(L, a) == W2.T @ (p - y)
  wrong: D(L, W2) == outer(p - y, x[0]*a)
  first: D(L, W1) == outer((W2.T @ (p - y))*(1 - a**2), x)
  again: D(L, x) == W1.T @ ((W2.T @ (p - y))*(1 - a**2))
  rule: D(g(c), c) == log(g(c))
  rules: D(D(g(c), c), c)*g(c) == log(g(c))
  opaque: D(f(c*f(c)), c) == f'(c*f(c))*(f(c) + c*f'(c))
  quadratic: D(x @ S @ x, x) == 2*S @ x
  factor: {statement: 'D(c*L, z) == 3*c*(p - y)', up_to: positive factor}
  displayed: {statement: 'D(tanh(c)*exp(c), c) ≈ 3.0', at: {c: 1.25}}
"""
#: What is followed by whole files, in budgets small enough that most of them bind.
BUDGETS = (("POINT_WORK", 4_000), ("POINTS_WORK", 12_000), ("PROOF_WORK", 25_000), ("EVERY_SIZE_WORK", 4_000))


@pytest.fixture(scope="module")
def network():
    return derivation(NETWORK)


def told(judging, claim):
    """All of a report, as text."""
    try:
        return repr(judging.judge(claim))
    except EngineFault as fault:
        return f"fault: {fault}"


def limit(monkeypatch, name, budget):
    """Set a budget, wherever it is used."""
    for module in (decide, numbers, scale):
        if hasattr(module, name):
            monkeypatch.setattr(module, name, budget)


def orders(count, seed):
    """The order of the file, backwards, and two at random, one of them with some left out."""
    rng = random.Random(seed)
    every = list(range(count))
    return [every, every[::-1], rng.sample(every, count), rng.sample(every, count // 2)]


# --- every budget at once ------------------------------------------------------------------------------------


def test_the_meters_of_a_claim_come_to_the_same_whatever_came_before(network, monkeypatch):
    class Watched(Meter):
        __slots__ = ()

        def __init__(self, budget):
            super().__init__(budget)
            meters.append(self)

    meters = []
    for module in (decide, numbers, scale):
        monkeypatch.setattr(module, "Meter", Watched)

    def spent(judging, claim):
        meters.clear()
        told(judging, claim)
        return [meter.spent for meter in meters]

    alone = [spent(Judge(network), claim) for claim in network.claims]
    assert all(alone)
    for order in orders(len(network.claims), 1):
        judging = Judge(network)
        for i in order:
            assert spent(judging, network.claims[i]) == alone[i], network.claims[i].id


@pytest.mark.parametrize("part", [0.05, 0.2, 0.6])
def test_the_order_changes_nothing_where_budgets_end(network, monkeypatch, part):
    for name, budget in BUDGETS:
        limit(monkeypatch, name, int(budget * part))
    alone = [told(Judge(network), claim) for claim in network.claims]
    assert any("more than the budget" in text for text in alone)
    for order in orders(len(network.claims), part):
        judging = Judge(network)
        for i in order:
            assert told(judging, network.claims[i]) == alone[i], (part, network.claims[i].id)


def test_budgets_decide_and_more_of_one_never_takes_a_proof_away(network, monkeypatch):
    found = {}
    for part in (0.05, 1, 4, 400):
        for name, budget in BUDGETS:
            limit(monkeypatch, name, int(budget * part))
        found[part] = {claim.id for claim in network.claims if judge(network, claim).ok}
    assert found[0.05] < found[1] < found[400]
    assert found[1] <= found[4] <= found[400]


# --- each at its very border ---------------------------------------------------------------------------------


def link(claim):
    """The sides of a claim of one link, and what is said of them."""
    (only,) = claim.statement.links
    return only.left, only.right, claim.statement.quantifiers, claim.when


@pytest.mark.parametrize("name", ["outer", "weights", "inner", "first", "again", "quadratic"])
def test_a_proof_for_every_size_needs_its_own_work_and_no_more(network, name):
    claims = {claim.id: claim for claim in network.claims}
    meter = Meter(10**9)
    assert EverySize(network).prove(*link(claims[name]), meter).kind == "zero"
    for before in ((), ("again",), ("first", "outer", "weights", "quadratic"), tuple(claims)):
        for budget, kind in ((meter.spent, "zero"), (meter.spent - 1, "open")):
            session = Session(network)
            for other in before:
                if len(claims[other].statement.links) == 1:
                    session.prove_every_size(*link(claims[other]), 10**9)
            outcome = session.prove_every_size(*link(claims[name]), budget)
            assert outcome.kind == kind, (before, budget)
            assert kind == "zero" or outcome.reason == "the work is more than the budget"


def test_a_proof_is_right_after_one_that_was_cut_off(network):
    claims = {claim.id: claim for claim in network.claims}
    meter = Meter(10**9)
    EverySize(network).prove(*link(claims["first"]), meter)
    for share in (7, 3, 2):
        session = Session(network)
        assert session.prove_every_size(*link(claims["first"]), meter.spent // share).kind == "open"
        assert session.prove_every_size(*link(claims["again"]), 10**9).kind == "zero"
        assert session.prove_every_size(*link(claims["wrong"]), 10**9).kind == "open"


def test_points_that_are_too_much_work_are_given_up_after_a_few(monkeypatch):
    spec = derivation("variables: {A: [n, n], B: [n, n]}\nclaims:\n  it: sum(inv(A) @ inv(B)) == sum(inv(B @ A))\n")
    looked = []
    whole = decide.pairs
    monkeypatch.setattr(decide, "pairs", lambda *a: (looked.append(a), whole(*a))[1])
    limit(monkeypatch, "POINT_WORK", 10)
    limit(monkeypatch, "POINTS_WORK", 55)
    report = judge(spec, spec.claims[0])
    assert report.verdict.value == "undecided"
    assert len(looked) < 10


# --- what claims leave behind --------------------------------------------------------------------------------


def test_what_a_rule_needs_is_known_also_where_its_derivative_is_remembered():
    """The derivative of ``g`` needs g > 0: the second claim of a session knows that as well as the first."""
    spec = derivation(
        "variables: {x: , y: }\n"
        "functions: {g: {derivative: 'log(g(z))'}}\n"
        "claims:\n"
        "  a: D(g(x), x) == log(g(x))\n"
        "  b: sqrt(g(x)**2)*D(g(x), x) == g(x)*D(g(x), x)\n"
        "  c: D(g(x)*y, x)*abs(g(x)) == g(x)*D(g(x)*y, x)\n"
    )
    alone = [judge(spec, claim) for claim in spec.claims]
    assert [report.verdict.value for report in alone] == ["proved"] * 3
    for order in ([0, 1, 2], [2, 1, 0], [1, 0, 2]):
        judging = Judge(spec)
        for i in order:
            assert judging.judge(spec.claims[i]) == alone[i]


@pytest.mark.parametrize("step", ["sin({} + 1)", "where(x > 0, {}, 1) + 1", "sum(v*{})"])
def test_what_is_nested_too_deeply_is_so_in_any_company(step):
    lines, inner = [], "x"
    for i in range(400):
        lines.append(f"  d{i}: {step.format(step.format(inner))}\n")
        inner = f"d{i}"
    spec = derivation(
        f"variables: {{x: , v: [n]}}\ndefine:\n{''.join(lines)}claims:\n"
        "  shallow: d9*2 == d9 + d9\n  half: d399*2 == d398 + d398\n  all: d399*2 == d399 + d399\n"
    )
    alone = [judge(spec, claim) for claim in spec.claims]
    assert alone[0].verdict.value != "undecided"
    assert alone[2].because == "it is nested too deeply"
    judging = Judge(spec)
    assert [judging.judge(spec.claims[i]) for i in (0, 2)] == [alone[0], alone[2]]


# --- the ledger ----------------------------------------------------------------------------------------------


def made(ledger, own, *uses):
    """Something remembered that cost so much, made from others that are remembered."""
    cost = ledger.open()
    for used in uses:
        ledger.use(used)
    ledger.spend(own)
    ledger.close()
    return cost


def charged(ledger, used):
    """What a new meter is charged for something that is remembered."""
    meter = Meter(10**6)
    ledger.begin(meter)
    ledger.use(used)
    return meter.spent


def test_what_is_remembered_is_charged_once_to_each_meter():
    first, second = Meter(10**6), Meter(10**6)
    ledger = Ledger(first)
    low = made(ledger, 3)
    left, right = made(ledger, 10, low), made(ledger, 20, low)
    top = made(ledger, 100, left, right, left)
    assert first.spent == 133
    ledger.use(top)
    assert first.spent == 133
    ledger.begin(second)
    ledger.use(right)
    assert second.spent == 23
    ledger.use(top)
    ledger.use(low)
    assert second.spent == 133


def test_what_is_made_from_what_is_remembered_is_charged_with_that():
    ledger = Ledger(Meter(10**6))
    low = made(ledger, 3)
    ledger.begin(Meter(10**6))
    top = made(ledger, 5, low)
    assert ledger.meter.spent == 8
    assert charged(ledger, top) == 8


def test_what_cannot_be_made_is_charged_to_what_asked_for_it():
    ledger = Ledger(Meter(10**6))
    low = made(ledger, 3)
    ledger.begin(Meter(10**6))
    top = ledger.open()
    ledger.open()
    ledger.use(low)
    ledger.spend(7)
    ledger.give_up()
    ledger.spend(1)
    ledger.close()
    assert (top.own, top.uses) == (8, [low])
    assert charged(ledger, top) == 11


def test_a_remembered_result_can_be_more_than_a_budget():
    ledger = Ledger(Meter(10**6))
    low = made(ledger, 30)
    top = made(ledger, 5, low)
    ledger.begin(Meter(35))
    ledger.use(top)
    ledger.begin(Meter(34))
    with pytest.raises(OverBudget):
        ledger.use(top)
    ledger.begin(Meter(35))  # what was half charged then is charged in full now
    ledger.use(top)
    assert ledger.meter.spent == 35
    assert isinstance(top, Cost)
