"""Derivatives back along a tape: the same as forward, off the kinks, and in a tower of every proof's own."""

from __future__ import annotations

from itertools import product

import pytest

from derivcheck.engine import shortly, ways
from derivcheck.engine.duals import Dual, LongWay
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.engine.work import Meter
from derivcheck.lang import typed
from derivcheck.spec import loads

HEAD = """\
derivcheck: 1
title: t
variables: {a: [3], b: [3], A: [2, 3], B: [3, 2], x: , p: {shape: [3], domain: positive}}
define: {u: A @ a, h: tanh(u), r: relu(A @ a), q: 'B @ h + b', s: softmax(q)}
"""


def asked(statement: str) -> Question:
    derivation = loads(f"{HEAD}claims:\n  a: '{statement}'\n", "t")
    (claim,) = derivation.claims
    assert claim.statement is not None, claim.problems
    (link,) = claim.statement.links
    return Question(Session(derivation), claim, link, claim.statement.quantifiers, 0)


def shows(statement: str) -> str | None:
    question = asked(statement)
    functions = question.reach().applied
    sides = question.link.left, question.link.right
    return shortly.proved(question.spaces()[0], *sides, question.quantifiers, functions, work=10**6, last=False)


@pytest.mark.parametrize(
    ("of", "by"),
    [
        ("sum(a*sin(a))", "a"),
        ("sum(a)*sum(b)*x", "b"),
        ("sum(h)", "A"),
        ("sum(h)", "a"),
        ("sum(tanh(q)*q)", "B"),
        ("log(sum(exp(q)))", "b"),
        ("-sum(b*log(s))", "B"),
        ("sum(p**x) + prod(p)", "p"),
        ("trace(A @ B @ A @ B)", "A"),
        ("sum(erf(a)**2)/sum(1 + a**2)", "a"),
        ("sum(r)*r[0]", "A"),
        ("sum(abs(a)*sign(a - 1))", "a"),
        ("sum(where(a > x, a**2, 2*a - x))", "a"),
        ("x**2", "a"),
    ],
)
def test_back_along_a_tape_and_forward_derivatives_agree(of, by):
    question = asked(f"D({of}, {by}) == D({of}, {by})")
    derivative = question.link.left
    assert isinstance(derivative, typed.Derivative)
    way = ways.Way(question.spaces()[0], 200, {}, Meter(10**6), alone=True)
    root = way.at(derivative.of, (), ways.ANY)
    for place in product(*(range(n) for n in way.shape(derivative.target.shape))):
        target = ("variable", by, place)
        forward = way.at(derivative.of, (), (target,))
        slope = forward.slope if type(forward) is Dual else way.ring.zero
        way.leaf(target, ways.ANY)
        assert way.ring.reduce(way.back(root, way._traced[target]) - slope).is_zero()


@pytest.mark.parametrize(
    "statement", ["D(sum(norm(a)*b), a) == sum(b)*a/norm(a)", "D(sum(sqrt(p)), p) == 1/(2*sqrt(p))"]
)
def test_roots_are_left_to_forward_derivatives(statement):
    question = asked(statement)
    derivative = question.link.left
    assert isinstance(derivative, typed.Derivative)
    way = ways.Way(question.spaces()[0], 200, {}, Meter(10**6), alone=True)
    with pytest.raises(LongWay):
        way.at(derivative.of, (), ways.ANY)
    assert shows(statement) == "everywhere"


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("D(sum(h), A) == outer(1 - h**2, a)", "everywhere"),
        ("D(sum(r), A) == outer(indicator(u > 0), a)", "off kinks"),
        ("D(sum(r), A) == outer((1 + sign(u))/2, a)", "off kinks"),
        ("D(sum(r), A) == outer(indicator(u >= 0), a)", "off kinks"),
        ("D(sum(abs(a)), a) == sign(a)", "off kinks"),
        ("D(sum(a*abs(b)), a) == abs(b)", "everywhere"),
        ("D(sum(relu(x)*a), a) == [relu(x), relu(x), relu(x)]", "everywhere"),
        ("D(sum(where(a > 0, a, 0)), a) == indicator(a > 0)", "off kinks"),
        ("D(abs(x), x) == sign(x)", "off kinks"),
        ("D(relu(x)*x, x) == 2*relu(x)", "off kinks"),
        ("indicator(x >= 1) + indicator(x < 1) == 1", "everywhere"),
        ("indicator(x != 1) + indicator(x == 1) == 1", "everywhere"),
        ("indicator(x <= 1) == 1 - indicator(x > 1)", "everywhere"),
        ("D(sum(relu(a)) + log(x), a) == indicator(a > 0)*sqrt(x**2)/x*sign(a)", "off kinks"),
        ("D(where(x > 0, x**2, 0), x) == where(x > 0, 2*x, 0)", "off kinks"),
    ],
)
def test_where_it_is_shown(statement, shown):
    assert shows(statement) == shown


@pytest.mark.parametrize(
    "statement",
    [
        "D(sum(r), A) == outer(indicator(u < 0), a)",
        "D(sum(a*sign(b)), a) == sign(b) + 1 - sign(b)**2",  # b does not move, and may be 0
        "D(sum(relu(a)), a) == indicator(a > 0)*sign(a[0])**2",  # what holds for one entry need not for another
        "D(sum(relu(x)*a), a) == [relu(x), relu(x), x]",
        "D(where(x > 0, abs(x - 1), 0), x) == where(x > 0, sign(x - 1), 0)*sign(x - 1)**2",  # where it is not taken
        "where(x > 0, log(x), 5) == where(x > 0, log(x), 7)",
        "where(x > 0, sqrt(x**2), x) == x",  # nothing holds of a branch
        "where(x > 0, 1/x, 0)*x == 1",
        "indicator(x > 0) == indicator(x >= 0)",
        "D(D(x*abs(x), x), x) == 2*sign(x)",  # twice: left to the long way
    ],
)
def test_what_it_does_not_show(statement):
    assert shows(statement) is None


def test_what_is_made_in_a_fork_says_nothing_of_the_rest():
    question = asked("sum(abs(a)) == sum(abs(a))")
    way = ways.Way(question.spaces()[0], 40, {}, Meter(10**6), alone=True)
    before = way.at(question.link.left, (), ())
    fork = way.forked(way.ring.meter, alone=True)
    leaf = way.leaf(("variable", "a", (0,)), ())
    fork.tower.assume(">", leaf)
    assert fork.ring.reduce(before) != before
    assert way.ring.reduce(before) == before
    generators = len(way.ring.generators)
    fork.tower.exp(leaf)
    assert len(fork.ring.generators) == generators + 1
    assert len(way.ring.generators) == generators
    assert way.tower.sign(leaf) != way.ring.one
    assert fork.tower.sign(leaf) == way.ring.one


@pytest.mark.parametrize(
    ("statement", "shown"),
    [
        ("D(sum(relu(q)**2), b) == 2*relu(q)", "off kinks"),  # q need not be written out
        ("D(sum(q**2), b) == 2*B @ h + 2*b", "everywhere"),  # here it has to
        ("D(sum(s*b), B) == outer(s*(b - sum(s*b)), h)", "everywhere"),
        ("D(sum(q**3), a) == A.T @ ((1 - tanh(u)**2)*(B.T @ (3*q**2)))", "everywhere"),
        ("D(sum(q**2), b) == 2*q + b - b", "everywhere"),
        ("D(sum(q**2), b) == 2*b", None),
        ("D(sum(q*b), b) == q", None),
        ("D(sum(log(q)), b) == 1/q", "everywhere"),
        ("D(sum(log(q**2)), b) == 2/abs(q)", None),
        ("D(sum(q), B) == outer(b, h)", None),
    ],
)
def test_names_that_need_not_be_written_out(statement, shown):
    assert asked(statement).spaces()[0].entries > shortly.FEW
    assert shows(statement) == shown
