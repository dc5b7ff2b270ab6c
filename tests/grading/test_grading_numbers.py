"""Numbers: rounded values that are put in, wrong ones that are carried on, and formulas beside their values."""

from __future__ import annotations

import pytest
from graded_notes import claim, graded, marks, outcomes, step

NEURON = """\
define:
  x: "[[1], [2], [-1]]"
  w: "[[0.5], [-0.25], [1]]"
  t: "1"
  z: (w.T @ x)[0, 0] + 0.5
  a: sigmoid(z)
  E: (a - t)**2/2
"""
ASKED = """\
claims:
  score: z == -0.5
  output: a ≈ 0.3775
  error: E ≈ 0.1937
  formula: D(E, z) == (a - t)*a*(1 - a)
  value: D(E, z) ≈ -0.1463
  weights: D(E, w) == (a - t)*a*(1 - a)*x
"""
#: The same at a point.
AT = """\
variables: {u: , v: {domain: positive}}
define:
  s: u*v + 1
  q: s**2/3
"""
AT_CLAIMS = """\
claims:
  s-there: {statement: s ≈ 2.5, at: {u: 3, v: 0.5}}
  q-there: {statement: q ≈ 2.083, at: {u: 3, v: 0.5}}
  slope: D(q, u) == 2*s*v/3
  slope-there: {statement: 'D(q, u) ≈ 0.8333', at: {u: 3, v: 0.5}}
"""


def neuron(*chains: str) -> dict[str, str]:
    return outcomes(graded(chains, setting=NEURON, claims=ASKED))


def test_all_right() -> None:
    found = neuron(
        "z == -0.5",
        "a == sigmoid(z) ≈ 0.3775",
        "E == (a - t)**2/2 ≈ 0.1937",
        "D(E, z) == (a - t)*a*(1 - a) ≈ -0.1463",
        "D(E, w) == (a - t)*a*(1 - a)*x",
    )
    assert set(found.values()) == {"right"}


def test_rounded_values_that_are_put_in() -> None:
    found = neuron(
        "a == sigmoid(z) == 0.3775",
        "E == (0.3775 - 1)**2/2 == 0.1938",
        "D(E, z) == (a - t)*a*(1 - a) == (0.3775 - 1)*0.3775*0.6225 == -0.1463",
    )
    assert found == {
        "score": "not found", "output": "right", "error": "right", "formula": "right", "value": "right",
        "weights": "not found",
    }  # fmt: skip


def test_a_wrong_number_is_carried() -> None:
    found = neuron("z == 0.5", "a == sigmoid(0.5) ≈ 0.6225", "E == (0.6225 - 1)**2/2 ≈ 0.0713")
    assert (found["score"], found["output"], found["error"]) == ("wrong", "follows", "follows")


def test_a_wrong_number_that_does_not_follow() -> None:
    found = neuron("z == 0.5", "a == sigmoid(0.5) ≈ 0.7225")
    assert (found["score"], found["output"]) == ("wrong", "wrong")


def test_the_value_of_a_wrong_formula_follows() -> None:
    found = neuron("D(E, z) == (a - t)*a", "D(E, z) ≈ -0.235")
    assert (found["formula"], found["value"]) == ("wrong", "follows")


def test_a_number_is_no_answer_to_a_question_for_a_formula() -> None:
    found = neuron("D(E, z) ≈ -0.1463")
    assert (found["formula"], found["value"]) == ("not found", "right")


@pytest.mark.parametrize("number", ["0", "0.", "0.4", "0.0"])
def test_a_number_of_few_digits_is_no_answer(number: str) -> None:
    assert neuron(f"a ≈ {number}")["output"] in ("review", "wrong")


def test_a_whole_number_is_not_rounded_behind_an_equals_sign() -> None:
    assert neuron("a == 0")["output"] != "right"
    assert neuron("a == 1")["output"] in ("wrong", "review")


def test_rounded_wrongly_is_wrong() -> None:
    result = graded(["a == sigmoid(z) ≈ 0.3776"], setting=NEURON, claims=ASKED)
    assert outcomes(result)["output"] == "wrong"
    assert step(result, 0, 1).kind == "rounding"


def test_at_a_point_of_the_key() -> None:
    result = graded(
        ["s == u*v + 1 == 3*0.5 + 1 == 2.5", "q == s**2/3 ≈ 2.083", "D(q, u) == 2*s*v/3 ≈ 0.8333"],
        setting=AT,
        claims=AT_CLAIMS,
    )
    assert set(outcomes(result).values()) == {"right"}
    assert set(marks(result)) == {"right"}


def test_a_mistake_at_a_point_is_carried() -> None:
    result = graded(
        ["s == 3*0.5 + 1 == 3.5", "q == s**2/3 ≈ 4.083", "D(q, u) == 2*s*v/3 ≈ 1.167"], setting=AT, claims=AT_CLAIMS
    )
    assert outcomes(result) == {
        "s-there": "wrong", "q-there": "follows", "slope": "right", "slope-there": "follows",
    }  # fmt: skip
    assert claim(result, "slope").points == 1


def test_a_formula_is_not_judged_at_the_point_alone() -> None:
    """s**2/3 has the slope 2s/3 by s: at v = 1/2, u = 3 much else is right by accident."""
    result = graded(["D(q, u) == s/3"], setting=AT, claims=AT_CLAIMS)
    assert outcomes(result)["slope"] == "wrong"
