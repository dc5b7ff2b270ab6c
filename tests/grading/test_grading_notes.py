r"""Grading of notes as they are written: LaTeX in, marks in their places out."""

from __future__ import annotations

import pytest
from graded_notes import LOGISTIC, MEMORY, Memory, claim, outcomes, spec

from derivcheck.grading.grade import grade, ungraded
from derivcheck.grading.model import Student, Submission
from derivcheck.grading.policy import Policy
from derivcheck.source import Source

KEY = """\
notation:
  X: ['X', 'x^{(i)}']
  y: ['y', 'y^{(i)}']
  z: ['z', 'z^{(i)}']
  p: ['p', 'p^{(i)}', '\\hat{y}']
claims:
  lossp: D(L, p) == (p - y)/(p*(1 - p))
  lossz: D(L, z) == p - y
  weights: {of: J, wrt: w, gradient: X @ (p - y).T/m, points: 3}
  bias: {statement: 'D(J, b) == sum(p - y)/m', points: 2}
"""


def handed_in(text: str, policy: Policy | None = None) -> Submission:
    return grade(spec(LOGISTIC + KEY), Source("note.md", text), Student("s"), policy, cache=MEMORY)


NOTE = r"""# Exercise 1

$$\frac{\partial L}{\partial p} = -\frac{y}{p} - \frac{1-y}{1-p}$$

so that
$$
\begin{aligned}
\frac{\partial L}{\partial z} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial z} \\
 &= 2yp - y - p
\end{aligned}
$$

and $\frac{\partial J}{\partial w} = \frac{1}{m} X (2yp - y - p)^T$.
"""


def test_a_note() -> None:
    result = handed_in(NOTE)
    assert outcomes(result) == {"lossp": "wrong", "lossz": "follows", "weights": "follows", "bias": "not found"}
    wrong = result.steps[0]
    assert (wrong.line, wrong.mark, wrong.kind) == (3, "wrong", "sign")
    assert NOTE[wrong.start : wrong.end] == r"-\frac{y}{p} - \frac{1-y}{1-p}"
    assert wrong.right == r"-\frac{y}{p} - \frac{1-y}{1-p}"
    assert [step.line for step in result.steps] == [3, 8, 9, 13]
    assert {step.carried_from for step in result.steps if step.mark == "follows"} == {"line 3"}


def test_every_step_stands_in_its_formula() -> None:
    result = handed_in(NOTE)
    numbers = [number for formula in result.formulas for number in formula.steps]
    assert sorted(numbers) == list(range(len(result.steps)))
    for formula in result.formulas:
        for number in formula.steps:
            step = result.steps[number]
            assert formula.start <= step.start < step.end <= formula.end


ROW = r"$\frac{\partial J}{\partial w} = \frac1m (p - y) X^T$"


def test_the_wrong_shape_is_wrong_and_told() -> None:
    result = handed_in(ROW)
    assert outcomes(result)["weights"] == "wrong"
    assert result.steps[0].kind == "transpose"
    assert claim(result, "weights").points == 0


@pytest.mark.parametrize(("layout", "outcome"), [("gradient", "wrong"), ("jacobian", "right"), ("either", "right")])
def test_the_layout(layout: str, outcome: str) -> None:
    assert outcomes(handed_in(ROW, Policy(layout=layout)))["weights"] == outcome  # type: ignore[arg-type]


def test_shapes_that_fit_nowhere() -> None:
    text = r"$\frac{\partial J}{\partial w} = \frac1m X (p - y)$"
    assert outcomes(handed_in(text))["weights"] == "wrong"
    assert outcomes(handed_in(text, Policy(misfit="review")))["weights"] == "review"


def test_after_a_term_that_fits_nowhere() -> None:
    text = r"$\frac{\partial J}{\partial w} = \frac1m X (p - y) = \frac1m X (p - y)^T$"
    result = handed_in(text)
    assert outcomes(result)["weights"] == "slip"
    assert [step.mark for step in result.steps] == ["wrong", "follows"]


def test_what_was_not_read_may_be_what_was_not_found() -> None:
    result = handed_in(r"$\frac{\partial J}{\partial b} = \frac1m \sum_i \text{the errors}$")
    assert outcomes(result)["bias"] == "review"
    assert "line 1" in claim(result, "bias").review[0]
    assert result.formulas[0].problem
    alone = handed_in(r"$x \zeta$")
    assert outcomes(alone)["bias"] == "not found"


def test_ungraded() -> None:
    key = spec(LOGISTIC + KEY)
    result = ungraded(key, Source("a.pdf", ""), Student("s"), Policy(), "a PDF")
    assert (result.points, result.of) == (0, 7)
    assert set(outcomes(result).values()) == {"review"}
    assert result.failure == "a PDF"
    assert result.review == ("a PDF",)


def test_a_cache_is_asked_and_told() -> None:
    memory = Memory()
    key, source = spec(LOGISTIC + KEY), Source("note.md", NOTE)
    first = grade(key, source, Student("s"), cache=memory)
    asked, memory.hits = len(memory.reports), 0
    again = grade(key, source, Student("s"), cache=memory)
    assert first == again == grade(key, source, Student("s"))
    assert len(memory.reports) == asked <= memory.hits


def test_what_a_formula_may_have_been_is_said_and_counts_for_nothing() -> None:
    result = handed_in(r"$\frac{\partial J}{\partial b} = \frac1m \lesssim \left( p^{(i)} - y^{(i)} \right)$")
    assert outcomes(result)["bias"] == "review"
    assert claim(result, "bias").points == 0
    assert "proved" in result.formulas[0].suggestions[0]


def test_an_axis_of_size_1_is_no_mistake() -> None:
    key = (
        "variables: {W: [h, n], X: [n, m], c: [h, 1]}\ndefine:\n  Z: W @ X + c\n  J: sum(Z**2)/2\n"
        "claims:\n  bias: D(J, c) == sum(Z, axis=1, keepdims=True)\n"
    )
    for axis, outcome in ((1, "right"), (0, "wrong")):
        text = rf"$\frac{{\partial J}}{{\partial c}} = \mathrm{{np.sum}}(Z, axis={axis})$"
        result = grade(spec(key), Source("note.md", text), Student("s"), cache=MEMORY)
        assert outcomes(result)["bias"] == outcome, result.steps


@pytest.mark.parametrize(
    ("term", "kind", "meant"),
    [
        ("X (p - y)", "transpose", "X @ (p - y).T"),
        ("X^T (p - y)", "transpose", "X @ (p - y).T"),
        ("(p - y)^T X", "order", "X @ (p - y).T"),
        ("X (p - y) y", "shape", ""),
    ],
)
def test_the_mistake_in_a_product_that_does_not_conform(term: str, kind: str, meant: str) -> None:
    result = handed_in(rf"$\frac{{\partial J}}{{\partial w}} = \frac1m {term}$")
    assert result.steps[0].mark == "wrong"
    assert result.steps[0].kind == kind
    assert meant in result.steps[0].diagnosis


CHAIN_RULE = (
    r"\frac{\partial J}{\partial w} = "
    r"\frac{\partial J}{\partial L}\frac{\partial L}{\partial z}\frac{\partial z}{\partial w}"
)


@pytest.mark.parametrize(
    ("end", "outcome", "points"),
    [(r" = \frac1m X (p - y)^T", "right", 3), (r" = X (p - y)^T", "wrong", 0), ("", "review", 0)],
)
def test_the_chain_rule_in_derivatives_of_arrays_by_arrays(end: str, outcome: str, points: int) -> None:
    """Such a term cannot be compared: it costs nothing, and what comes after it is judged by what it is about."""
    result = handed_in(f"${CHAIN_RULE}{end}$")
    assert outcomes(result)["weights"] == outcome
    assert outcome == "review" or claim(result, "weights").points == points
    assert result.steps[0].mark == "review"


def test_what_follows_from_a_mistake_behind_such_a_term() -> None:
    result = handed_in(rf"$\frac{{\partial L}}{{\partial z}} = y - p$. ${CHAIN_RULE} = \frac1m X (y - p)^T$.")
    assert outcomes(result)["weights"] == "follows"


@pytest.mark.parametrize("head", [r"-\frac{\partial J}{\partial b}", r"m \frac{\partial J}{\partial b}"])
def test_what_is_asked_for_within_an_expression_is_for_a_human(head: str) -> None:
    sign = "-" if head[0] == "-" else "m"
    result = handed_in(rf"${head} = {sign} \frac1m \sum_{{i=1}}^m (p^{{(i)}} - y^{{(i)}})$")
    assert outcomes(result)["bias"] == "review"
    assert "line 1" in claim(result, "bias").review[0]


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        (r"$\frac{d}{du} \log(1 + e^u) = \sigma(u)$", "right"),
        (r"$\frac{d}{dt} \log(e^t + 1) = \frac{e^t}{1 + e^t}$", "right"),
        (r"Let $\zeta(u) = \log(1 + e^u)$. Then $\zeta'(u) = 1 - \sigma(-u)$.", "right"),
        (r"$\frac{d}{du} \log(1 + e^u) = \sigma(-u)$", "wrong"),
        (r"$\frac{d}{du} \log(1 + e^{2u}) = 2 \sigma(2u)$", "not found"),
        (r"$\frac{d^2}{du^2} \left(\log(1 + e^u)\right) = \sigma(u) \sigma(-u)$", "not found"),
    ],
)
def test_a_function_is_known_by_what_it_is(text: str, outcome: str) -> None:
    given = spec(LOGISTIC + 'claims:\n  softplus: "softplus\'(u) == sigmoid(u) for u in real"\n')
    result = grade(given, Source("note.md", text), Student("s"), cache=MEMORY)
    assert outcomes(result) == {"softplus": outcome}
