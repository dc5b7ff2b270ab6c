"""Steps that are said in another way, order or sense than the key's, or for a case alone: none of them is wrong."""

from __future__ import annotations

import pytest

from derivcheck.grading.grade import grade
from derivcheck.grading.model import Student, Submission
from derivcheck.source import Source
from derivcheck.spec import loads

FIELDS = loads(
    """derivcheck: 1
title: functions of two variables
variables: {x: , y: }
define: {f: x**3*y**2}
claims:
  by-x: D(f, x) == 3*x**2*y**2
  mixed: D(D(f, x), y) == 6*x**2*y
  third: D(D(D(f, x), y), x) == 12*x*y
""",
    "fields.deriv.yaml",
)
LAYER = loads(
    """derivcheck: 1
title: a layer, and a loss with a penalty
variables: {X: [n, m], W: [k, n], b: [k, 1], t: {shape: [k, m], domain: '{-1, 1}'}}
define:
  Z: W @ X + b
  J: sum((Z - t)**2)/2 + sum(W**2)/2
notation: {J: [J], Z: [Z, 'z^{(i)}']}
claims:
  scores: D(J, Z) == Z - t
  weights: D(J, W) == (Z - t) @ X.T + W
  bias: D(J, b) == sum(Z - t, axis=1, keepdims=True)
""",
    "layer.deriv.yaml",
)
MARGIN = loads(
    """derivcheck: 1
title: a margin
variables: {u: [m], w: [m], c: {domain: positive}}
define:
  s: u*w
  h: relu(1 - s)
  J: sum(w**2)/2 + c*sum(h)
claims:
  by-margin: D(J, s) == -c*indicator(s < 1)
""",
    "margin.deriv.yaml",
)


def graded(key: object, text: str) -> Submission:
    return grade(key, Source("note.md", text), Student("a"))  # type: ignore[arg-type]


def outcomes(submission: Submission) -> dict[str, str]:
    return {claim.id: claim.outcome for claim in submission.claims}


@pytest.mark.parametrize(
    ("text", "claim", "outcome"),
    [
        (r"$\frac{\partial^2 f}{\partial x \partial y} = 6 x^2 y$", "mixed", "right"),
        (r"$\frac{\partial^2 f}{\partial y \partial x} = 6 x^2 y$", "mixed", "right"),
        (r"$\frac{\partial^2 f}{\partial y \partial x} = 6 x y$", "mixed", "wrong"),
        (r"$\frac{\partial^2 f}{\partial x^2} = 6 x y^2$", "mixed", "not found"),
        (r"$\frac{\partial}{\partial x} \frac{\partial^2 f}{\partial x \partial y} = 12 x y$", "third", "right"),
        (r"$\frac{\partial}{\partial y} \frac{\partial^2 f}{\partial x \partial x} = 12 x y$", "third", "right"),
    ],
)
def test_derivatives_by_numbers_are_told_in_any_order(text: str, claim: str, outcome: str) -> None:
    assert outcomes(graded(FIELDS, text))[claim] == outcome


def test_a_derivative_that_is_written_as_a_subscript_and_not_read_is_for_a_human() -> None:
    assert outcomes(graded(FIELDS, r"$\operatorname{\bf f}_x = 3 x^2 y^2$"))["by-x"] == "review"
    assert outcomes(graded(FIELDS, r"$\operatorname{\bf f}_k = 3 x^2 y^2$"))["by-x"] == "not found"


def test_a_sum_that_says_no_axis_may_be_along_the_one_that_fits() -> None:
    right = graded(LAYER, r"$\frac{\partial J}{\partial b} = \text{sum}(Z - t)$")
    assert outcomes(right)["bias"] in ("right", "review")
    wrong = graded(LAYER, r"$\frac{\partial J}{\partial b} = \text{sum}(Z + t)$")
    assert outcomes(wrong)["bias"] == "wrong"
    double = graded(LAYER, r"$\frac{\partial J}{\partial b} = \sum_{i=1}^m \sum_{j=1}^k (Z_{ji} - t_{ji})$")
    assert outcomes(double)["bias"] == "wrong"


def test_a_name_that_is_set_to_a_number_is_no_wrong_step() -> None:
    (step,) = graded(MARGIN, "It is not differentiable in $s_i = 1$.").steps
    assert (step.mark, step.of) == ("review", None)
    (step,) = graded(MARGIN, "$s_i = u_i + w_i$").steps
    assert step.mark == "wrong"


def test_what_is_held_fixed_is_said_by_the_key_where_it_asks_for_the_derivative() -> None:
    assert (
        outcomes(graded(MARGIN, r"$\frac{\partial J}{\partial s_i} = -c\,\mathbb{1}[s_i > 1]$"))["by-margin"]
        == "wrong"
    )
    assert (
        outcomes(graded(MARGIN, r"$\frac{\partial J}{\partial s_i} = -c\,\mathbb{1}[s_i < 1]$"))["by-margin"]
        == "right"
    )
    other = graded(MARGIN, r"$\frac{\partial J}{\partial h_i} = 2 c$")
    assert [step.mark for step in other.steps] == ["review"]


def test_what_is_said_of_a_case_in_the_text_is_for_a_human() -> None:
    for text in (
        r"If $s_i < 1$ then $\frac{\partial J}{\partial s_i} = -c$, "
        r"and if $s_i > 1$ then $\frac{\partial J}{\partial s_i} = 0$.",
        r"$\frac{\partial J}{\partial s_i} = -c$ if $s_i < 1$ and $0$ otherwise.",
    ):
        assert outcomes(graded(MARGIN, text))["by-margin"] == "review"


def test_a_name_that_stands_for_a_derivative_is_wrong_where_its_shapes_cannot_be() -> None:
    found = graded(
        LAYER,
        "Let $\\delta = \\frac{\\partial J}{\\partial Z}$. Then\n\n$$\\delta = (Z - t) X^T$$\n\n"
        "$$\\frac{\\partial J}{\\partial b} = \\sum_{i=1}^m \\delta^{(i)}$$",
    )
    assert outcomes(found)["scores"] == "wrong"
    assert outcomes(found)["bias"] in ("right", "follows")


def test_what_follows_from_a_term_whose_shapes_cannot_be_is_found() -> None:
    found = graded(
        LAYER,
        "Let $\\delta = \\frac{\\partial J}{\\partial Z}$. Then\n\n$$\\delta = X (Z - t)$$\n\n"
        "$$\\frac{\\partial J}{\\partial b} = \\sum_{i=1}^m \\delta^{(i)}$$",
    )
    assert outcomes(found)["scores"] == "wrong"
    assert outcomes(found)["bias"] in ("right", "follows")
