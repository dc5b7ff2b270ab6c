"""What must not pay: padding, repetition, circles, conditions of one's own; and what holds for every submission."""

from __future__ import annotations

from fractions import Fraction

import pytest
from graded_notes import claim, graded, marks, outcomes
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.grading.codec import to_json
from derivcheck.grading.policy import Policy

WRONG = "D(J, w) == X @ (p - y).T"


def test_a_wrong_answer_stated_again_earns_nothing() -> None:
    assert claim(graded([WRONG]), "weights").points == 0
    assert claim(graded([WRONG] * 5), "weights").points == 0


def test_padding_with_the_head_earns_nothing() -> None:
    padded = "D(J, w) == D(J, w) + 0 == D(J, w)*1 == D(J, w) + 0 + 0 == X @ (p - y).T"
    assert claim(graded([padded]), "weights").points == 0


def test_a_wrong_step_with_the_head_in_it_is_a_wrong_step() -> None:
    assert claim(graded(["D(J, w) == 2*D(J, w) == X @ (p - y).T/m"]), "weights").points < 3


def test_however_many_steps_a_wrong_one_costs_its_least_part() -> None:
    long = "D(J, w) == X @ (y - p).T/m" + " == X @ (y - p).T/m + 0*w" * 8
    assert claim(graded([long]), "weights").points <= Fraction(3) * Fraction(3, 4)
    assert claim(graded([long], Policy(step=Fraction(1))), "weights").points == 0


def test_circles_are_no_answers() -> None:
    assert claim(graded(["D(J, b) == D(J, b) + D(J, w)[0, 0] - D(J, w)[0, 0]"]), "bias").points == 0
    own = graded(["D(J, b) == g"], define={"g": "D(J, b)"})
    assert claim(own, "bias").points == 0
    assert outcomes(own)["bias"] == "not found"


def test_the_derivative_of_the_same_in_other_words_is_no_answer() -> None:
    assert outcomes(graded(["D(J, b) == D(J + 1, b)"]))["bias"] == "not found"


@pytest.mark.parametrize("chain", ["D(L, p) == D(L, p)", "p == p", "D(J, b) == D(sum(L)/m, b)"])
def test_what_says_nothing_is_nothing(chain: str) -> None:
    assert graded([chain]).points == 0


POOL = [
    "D(L, p) == (p - y)/(p*(1 - p))",
    "D(L, p) == -y/p - (1 - y)/(1 - p)",
    "D(L, z) == D(L, p)*D(p, z) == p - y",
    "D(L, z) == y - p",
    "D(p, z) == p*(1 - p)",
    "D(p, z) == p*(1 + p) == p + p**2",
    "z == w.T @ X",
    "D(J, w) == X @ (p - y).T/m",
    "D(J, w) == X @ (y - p).T/m == X @ (p - y).T/m",
    "D(J, b) == sum(p - y)",
    "D(J, b) == sum(D(L, z))/m",
    "D(J, b) == 0",
    "X @ p.T == X @ y.T",
]


@settings(derandomize=True, max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(POOL), max_size=5))
def test_of_every_submission(chains: list[str]) -> None:
    result = graded(chains)
    for one in result.claims:
        assert 0 <= one.points <= one.of
        steps = [result.steps[n] for n in one.steps]
        lost = one.of - one.points
        explained = any(step.mark == "wrong" for step in steps) or not steps or "no answer" in one.words
        assert not lost or explained, one
        if one.outcome == "right":
            assert one.points == one.of
        if one.first_wrong is not None:
            assert result.steps[one.first_wrong].mark == "wrong"
    for step in result.steps:
        assert step.mark != "right" or step.verdict == "proved"
        assert step.mark not in ("wrong", "follows") or step.verdict == "refuted"
    assert to_json(result) == to_json(graded(chains))


RENAMED = {
    "D(L, z) == D(L, p)*D(p, z) == p - y": "D(L, z) == D(L, p)*D(p, z) == -(y - p)",
    "D(J, w) == X @ (y - p).T/m == X @ (p - y).T/m": "D(J, w) == X @ ((y - p)/m).T == (1/m)*(X @ p.T - X @ y.T)",
    "D(J, b) == sum(p - y)/m": "D(J, b) == mean(p - y)",
    "D(p, z) == p*(1 + p) == p + p**2": "D(p, z) == p + p*p == p*(1 + p)",
}


def test_equal_steps_in_other_words_have_equal_points() -> None:
    before, after = graded(list(RENAMED)), graded(list(RENAMED.values()))
    assert marks(before) == marks(after)
    assert [one.points for one in before.claims] == [one.points for one in after.claims]


LEADING = "D(L, p) == -y/p + (1 - y)/(1 - p)"


@pytest.mark.parametrize(
    "padding", ["D(b, b) == 1", "D(J, J) == 1", "D(w, b) == 0", "z == w.T @ X + b", "D(z, b) == 1"]
)
def test_true_things_that_lead_nowhere_earn_nothing(padding: str) -> None:
    assert claim(graded([padding, padding, WRONG]), "weights").points == 0


def test_what_leads_there_counts_once() -> None:
    only = "claims:\n  lossz: D(L, z) == p - y\n"
    once = graded([LEADING, "D(L, z) == y - p"], claims=only)
    assert claim(once, "lossz").points == Fraction(1, 2)
    assert graded([LEADING, LEADING, LEADING, "D(L, z) == y - p"], claims=only).points == once.points


def test_another_exercise_is_for_a_human() -> None:
    """Who takes another loss for the one that is given has solved another exercise."""
    easy = graded(["L == p", "D(L, p) == 1", "D(L, z) == p*(1 - p)"])
    assert outcomes(easy) == {"lossp": "review", "lossz": "review", "weights": "not found", "bias": "not found"}
    inner = graded(["z == w.T @ X", "p == sigmoid(w.T @ X)", "D(J, w) == X @ (sigmoid(w.T @ X) - y).T/m"])
    assert outcomes(inner)["weights"] == "follows"


def test_a_wrong_definition_by_a_name_of_ones_own() -> None:
    result = graded(["z == u + 1", "D(J, b) == 0*u[0, 0]"], define={"u": "w.T @ X"})
    assert marks(result)[0] == "wrong"
    assert outcomes(result)["bias"] == "follows"
