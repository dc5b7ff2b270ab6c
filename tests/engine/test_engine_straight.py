"""Straight-line programs say what the evaluation by jets says, or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from flint import arb, fmpq

from derivcheck.engine import jets
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.engine.straight import Leaves, program
from derivcheck.engine.work import Meter
from derivcheck.errors import EngineFault
from derivcheck.spec import load, loads

CORPUS = Path(__file__).parents[1] / "corpus"
STAGES = (("plain", 2, 64), ("fine", 2, 256), ("landmark", 3, 64), ("special", 6, 64), ("wide", 3, 128))


def compared(derivation) -> int:
    """At how many points a program told both sides of a claim, each time what jets tell."""
    session, told = Session(derivation), 0
    for claim in derivation.claims:
        if claim.statement is None or claim.at:
            continue
        for link in claim.statement.links:
            question = Question(session, claim, link, claim.statement.quantifiers, 0)
            space = question.spaces()[0]
            straight = question.program(space)
            if straight is None:
                continue
            for stage, wanted, bits in STAGES:
                for point in draw_points(space, stage, 0, wanted):
                    with jets.precision(bits):
                        try:
                            sides = straight.run(point, bits)
                        except Leaves:
                            continue
                        evaluator = Evaluator(derivation, point, Meter(10**9), session.names)
                        exact = straight.exactly(point, *sides)
                        for side, number, expr in zip(sides, exact, (link.left, link.right), strict=True):
                            value = evaluator.bare(expr).value
                            assert not (isinstance(value, jets.Hole) and value.certain), (claim.id, value)
                            if not isinstance(value, jets.Hole):
                                assert arb(value).overlaps(side), (claim.id, value, side)
                                assert number is side or (type(number) is fmpq and value == number), claim.id
                    told += 1
    return told


@pytest.mark.parametrize(
    "path", sorted(CORPUS.rglob("*.deriv.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_programs_and_jets_tell_the_same(path):
    compared(load(path))


def one(statement: str, variables: str = "{x: , y: {domain: positive}, n: {domain: integer}, v: [3]}"):
    text = f"derivcheck: 1\ntitle: t\nvariables: {variables}\ndefine: {{f: x**2 + 1}}\nclaims:\n  a: '{statement}'\n"
    derivation = loads(text, "t")
    claim = derivation.claims[0]
    assert claim.statement is not None, claim.problems
    question = Question(Session(derivation), claim, claim.statement.links[0], claim.statement.quantifiers, 0)
    return derivation, question, question.spaces()[0]


@pytest.mark.parametrize(
    "statement",
    [
        "D(exp(x)*sin(x), x) == exp(x)*(sin(x) + cos(x))",
        "D(D(x**3, x), x) == 6*x",
        "D(D(D(sin(x*y), x), x), x) == -y**3*cos(x*y)",
        "D(tanh(x)*log(y), y) == tanh(x)/y",
        "D(x**(1/2) + x**(-3), x) == 1/(2*sqrt(x)) - 3/x**4",
        "D(y**x, x) == y**x*log(y)",
        "relu(x) + relu(-x) == abs(x)",
        "D(log(f), x) == 2*x/f",
        "D(exp(z), z) == exp(z) for z in real",
        "D(asin(x/9) + atan(x) + erf(x), x) == 1/sqrt(81 - x**2) + 1/(1 + x**2) + 2*exp(-x**2)/sqrt(pi)",
    ],
)
def test_scalar_claims_have_programs(statement):
    derivation, question, _ = one(statement)
    assert question.program(question.spaces()[0]) is not None
    assert compared(derivation)


@pytest.mark.parametrize(
    "statement",
    [
        "sum(v) == v[0] + v[1] + v[2]",
        "D(dot(v, v), v) == 2*v",
        "D(D(x*y, x), y) == 1",
        "D(log(f), f) == 1/f",
        "where(x > 0, x, -x) == abs(x)",
        "x**n == x*x**(n - 1)",
        "sigmoid''(x) == sigmoid(x)*(1 - sigmoid(x))",
        "gamma(y + 1) == y*gamma(y)",
        "D(y, x) == 0",
        "x**0 == 1",
    ],
)
def test_other_claims_have_none(statement):
    _, question, space = one(statement)
    assert question.program(space) is None


@pytest.mark.parametrize(
    ("statement", "x"),
    [
        ("D(log(x), x) == 1/x", -1),  # the coefficient 1/x would be a number
        ("D(log(x), x) == 1/x", 0),
        ("D(sqrt(x), x) == 1/(2*sqrt(x))", 0),
        ("D(sqrt(x), x) == 1/(2*sqrt(x))", -1),
        ("sqrt(x)**2 == x", -1),
        ("D(abs(x), x) == sign(x)", 0),
        ("D(x/x, x) == 0", 0),
        ("x/x == 1", 0),
        ("x**(1/3) == cbrt(x)", -1),
        ("D(asin(x), x) == 1/sqrt(1 - x**2)", 1),
        ("D(log(x)*0, x) == 0", -1),
        ("sign(x) == x", 0),
        ("D(atanh(x), x) == 1/(1 - x**2)", -1),
    ],
)
def test_where_a_side_has_no_value_a_program_says_nothing(statement, x):
    _, question, space = one(statement)
    straight = question.program(space)
    assert straight is not None
    point = next(p for p in draw_points(space, "landmark", 0, 3) if p.values["x"][()].value == x)
    for bits in (64, 256):
        with jets.precision(bits), pytest.raises(Leaves):
            straight.run(point, bits)


@pytest.mark.parametrize(
    ("statement", "exact"),
    [
        ("D(x**3 - x/y, x) == 3*x**2", (True, True)),
        ("D(D((x + 1)/(x - 7), x), x) == abs(x)", (True, True)),
        ("D(x**(-2), x) + relu(x) + sign(x) == max(x, y)", (True, True)),
        ("D(sqrt(x**2), x) == sqrt(y**4)", (True, True)),
        ("D(sqrt(x**2 + 2), x) == x", (False, True)),
        ("sqrt(2) == x", (False, True)),
        ("D(x**3, x) == exp(x)", (True, False)),
        ("pi == x", (False, True)),
        ("x**(3/2) == 2", (False, True)),
        ("D(x**2*exp(x) - x**2*exp(x), x) == 0", (False, True)),
    ],
)
def test_rational_numbers_are_told_exactly(statement, exact):
    _, question, space = one(statement.replace("x**(3/2)", "(x*x)**(3/2)"))
    straight = question.program(space)
    for stage in ("plain", "wide"):
        for point in draw_points(space, stage, 0, 3):
            with jets.precision(64):
                sides = straight.exactly(point, *straight.run(point, 64))
            assert tuple(type(side) is fmpq for side in sides) == exact


def test_an_enclosure_that_does_not_hold_the_number_is_a_fault():
    _, question, space = one("D(x**3, x) == 3*x**2")
    straight = question.program(space)
    point = next(iter(draw_points(space, "plain", 0, 1)))
    with jets.precision(64):
        left, right = straight.run(point, 64)
        assert straight.exactly(point, left, right)[0] == straight.exactly(point, left, right)[1]
        with pytest.raises(EngineFault, match="does not hold"):
            straight.exactly(point, left + arb(1) / 2**50, right)


def test_programs_are_not_made_of_what_is_long():
    text = "+".join(f"sin({k}*x)" for k in range(220))
    derivation, question, space = one(f"x == {text}")
    link = question.link
    assert program(derivation, question.session.names, space.bound, link.left, link.right) is None
