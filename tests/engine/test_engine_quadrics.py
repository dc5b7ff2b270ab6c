"""Rational points of quadrics, and witnesses under conditions of degree 2."""

from __future__ import annotations

from fractions import Fraction

import pytest
from engine_kit import report
from flint import fmpq

from derivcheck.engine.quadrics import points_on

NEAR = [fmpq(3, 8), fmpq(-5, 4), fmpq(7, 2)]


@pytest.mark.parametrize(
    "gap",
    [
        lambda v: v[0] ** 2 + v[1] ** 2 - 1,
        lambda v: v[0] ** 2 + v[1] ** 2 + v[2] ** 2 - fmpq(25, 4),
        lambda v: v[0] ** 2 / 4 - v[1] ** 2 / 9 - 1,
        lambda v: v[0] ** 2 + v[0] * v[1] + v[2] - 6,
        lambda v: v[2] ** 2 - v[0] ** 2 - v[1] ** 2 - 4 * v[2],
    ],
)
def test_points_lie_on_the_quadric_and_not_all_on_an_axis(gap):
    found = list(points_on(gap, NEAR))
    assert found
    assert all(gap(point) == 0 for point in found)
    assert any(sum(x != 0 for x in point) > 1 for point in found)


@pytest.mark.parametrize(
    "gap",
    [
        lambda v: v[0] ** 2 + v[1] ** 2 + 1,
        lambda v: v[0] ** 2 + v[1] ** 2 - 3,
        lambda v: v[0] ** 4 + v[1] ** 4 - 2,
        lambda v: None,
    ],
    ids=["no real point", "no rational point", "degree 4", "not rational"],
)
def test_where_there_is_none_or_it_is_no_quadric_none_is_found(gap):
    assert list(points_on(gap, NEAR)) == []


@pytest.mark.parametrize(
    ("claim", "condition"),
    [
        ("x**4 + y**4 == 1", "x**2 + y**2 == 1"),
        ("x*y == y*x*z", "x**2 + 4*y**2 == 9"),
        ("p == x", "p**2 == x**2 + y**2"),
        ("sum(w**4) == 1", "sum(w**2) == 1"),
    ],
)
def test_witnesses_meet_conditions_of_degree_two(claim, condition):
    setting = "variables: {x: , y: , z: , p: {domain: positive}, w: [3]}\n"
    found = report(f"{{statement: '{claim}', when: ['{condition}']}}", setting)
    assert found.verdict.value == "refuted"
    point = {name: value for name, value in found.witness.point.items() if not isinstance(value, tuple)}
    values = {name: Fraction(value) for name, value in point.items()}
    values["w"] = [Fraction(value) for value in found.witness.point.get("w", ())]
    left, right = _CONDITIONS[condition](values)
    assert left == right
    assert values.get("p", 1) > 0


_CONDITIONS = {
    "x**2 + y**2 == 1": lambda v: (v["x"] ** 2 + v["y"] ** 2, 1),
    "x**2 + 4*y**2 == 9": lambda v: (v["x"] ** 2 + 4 * v["y"] ** 2, 9),
    "p**2 == x**2 + y**2": lambda v: (v["p"] ** 2, v["x"] ** 2 + v["y"] ** 2),
    "sum(w**2) == 1": lambda v: (sum(w**2 for w in v["w"]), 1),
}


@pytest.mark.parametrize(
    ("claim", "condition"),
    [("x == y", "x**2 + y**2 == -1"), ("x == 0", "b == 2"), ("x == 1", "p*q == -1"), ("x == 1", "exp(x) == 0")],
)
def test_conditions_that_are_never_met_make_a_claim_invalid(claim, condition):
    setting = "variables: {x: , y: , b: {domain: '{0, 1}'}, p: {domain: positive}, q: {domain: nonnegative}}\n"
    found = report(f"{{statement: '{claim}', when: ['{condition}']}}", setting)
    assert found.verdict.value == "invalid"


def test_a_condition_holds_only_where_it_is_defined():
    assert report("{statement: 'x*y == 1', when: [x == 1/y]}").verdict.value == "proved"
    assert report("{statement: 'x*y == 2', when: [x == 1/y]}").verdict.value == "refuted"
