"""The choices of a policy: how they are written, and what each changes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from graded_notes import claim, graded, marks, outcomes

from derivcheck.errors import Refused
from derivcheck.grading.policy import Policy, parse_policy, policy_of, read_policy


def test_nothing_is_the_default() -> None:
    assert parse_policy("") == parse_policy(" , ") == Policy()


def test_what_is_written_is_read() -> None:
    policy = parse_policy("factor=half, answer=1/2, carry=no, decimals=1, points=3/2, seed=7, layout=either")
    assert policy == Policy(
        factor="half", answer=Fraction(1, 2), carry=False, decimals=1, points=Fraction(3, 2), seed=7, layout="either"
    )
    assert parse_policy(policy.text()) == policy
    assert parse_policy(Policy().text()) == Policy()


@pytest.mark.parametrize(
    "text",
    [
        "factor", "factor=", "factor=maybe", "factr=half", "factor=half,factor=wrong", "answer=2", "answer=-1",
        "answer=1/0", "answer=1e9", "carry=perhaps", "decimals=99", "decimals=-1", "points=0", "seed=1.5",
        "seed=99999999999999999", "__class__=1", "answer=٣",
    ],
)  # fmt: skip
def test_what_there_is_not_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        parse_policy(text)


def test_every_problem_is_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        policy_of({"factr": "half", "answer": "2"})
    assert len(refused.value.problems) == 2
    assert refused.value.problems[0].hint == "did you mean `factor`?"


@pytest.mark.parametrize(
    ("points", "decimals", "text"),
    [
        (Fraction(1, 3), 2, "0.33"),
        (Fraction(2, 3), 2, "0.67"),
        (Fraction(1, 8), 2, "0.13"),
        (Fraction(3), 2, "3"),
        (Fraction(5, 2), 2, "2.5"),
        (Fraction(5, 2), 0, "3"),
        (Fraction(0), 2, "0"),
        (Fraction(-1, 1000), 2, "0"),
        (Fraction(10), 0, "10"),
    ],
)
def test_points_are_rounded_where_they_are_shown(points: Fraction, decimals: int, text: str) -> None:
    assert Policy(decimals=decimals).shown(points) == text


LOST = ["D(J, w) == X @ (p - y).T"]


@pytest.mark.parametrize(("factor", "points", "outcome"), [("wrong", 0, "wrong"), ("accept", 3, "right")])
def test_a_constant_factor(factor: str, points: int, outcome: str) -> None:
    result = graded(LOST, parse_policy(f"factor={factor}"))
    assert claim(result, "weights").points == points
    assert outcomes(result)["weights"] == outcome


def test_a_constant_factor_that_counts_half() -> None:
    assert claim(graded(LOST, Policy(factor="half")), "weights").points == Fraction(3, 2)


def test_a_negative_factor_is_never_accepted() -> None:
    assert claim(graded(["D(J, w) == X @ (y - p).T"], Policy(factor="accept")), "weights").points == 0


def test_errors_are_carried_forward_or_not() -> None:
    chains = ["D(L, z) == y - p", "D(J, w) == X @ (y - p).T/m"]
    assert marks(graded(chains)) == ["wrong", "follows"]
    assert marks(graded(chains, Policy(carry=False))) == ["wrong", "wrong"]


def test_the_answer_alone() -> None:
    alone = ["D(J, w) == X @ (p - y).T/m"]
    policy = Policy(answer=Fraction(1, 3))
    assert claim(graded(alone), "weights").points == 3
    assert claim(graded(alone, policy), "weights").points == 1
    with_steps = ["D(L, z) == D(L, p)*D(p, z) == p - y", *alone]
    assert claim(graded(with_steps, policy), "lossz").points == 1


def test_what_is_worth_nothing_in_the_key() -> None:
    assert graded([], Policy(points=Fraction(5))).of == 5 + 5 + 3 + 2


def test_a_policy_in_a_file() -> None:
    assert read_policy("factor: half\nanswer: 1/2  # of the points\n", "policy.yaml") == Policy(
        factor="half", answer=Fraction(1, 2)
    )
    assert read_policy("{}", "policy.yaml") == Policy()


@pytest.mark.parametrize("text", ["factor: [half]", "- factor", "factor: &a half", "factr: half", "a: b: c", "\x00"])
def test_a_file_that_is_no_policy(text: str) -> None:
    with pytest.raises(Refused):
        read_policy(text, "policy.yaml")


def test_the_other_layout() -> None:
    chains = ["D(J, w).T == (p - y) @ X.T/m"]
    assert outcomes(graded(chains))["weights"] == "right"
