"""Steps whose sides differ in shape: what is proved after a few changes is told, and nothing else."""

from __future__ import annotations

import pytest
from notes_kit import key

from derivcheck.notes.check import check_note, read_text
from derivcheck.verdict import ClaimReport, Verdict

KEY = key(
    "X: [n, m]", "w: [n, 1]", "b: [1, 1]", "y: [1, m]", "W: [h, n]", "c: [h, 1]",
    define={"p": "sigmoid(w.T @ X + b)", "J": "sum(-y*log(p) - (1 - y)*log(1 - p))/m", "Z": "W @ X + c",
            "q": "relu(Z)", "C": "sum(q*q)/2"},
)  # fmt: skip


def report(formula: str) -> ClaimReport:
    (found,) = check_note(read_text(f"${formula}$", "note.md", KEY), key=KEY).claims
    return found


@pytest.mark.parametrize(
    ("formula", "kind"),
    [
        (r"\frac{\partial J}{\partial b} = \frac{1}{m} (p - y)", "missing sum"),
        (r"\frac{\partial J}{\partial w} = \frac{1}{m} (p - y) X^T", "transpose"),
        (r"\frac{\partial J}{\partial b} = p - y", "missing sum"),
        (r"\frac{\partial J}{\partial w} = (p - y) X^T", "several"),
        (r"\frac{\partial J}{\partial w} = p", None),
        (r"\frac{\partial C}{\partial c} = q \odot \mathrm{ReLU}'(Z)", "missing sum"),
        (r"\frac{\partial C}{\partial c} = Z", "several"),  # Z relu'(Z) is relu(Z)
        (r"\frac{\partial C}{\partial c} = W", None),
    ],
)
def test_what_makes_a_step_hold(formula, kind):
    found = report(formula)
    assert found.verdict is Verdict.INVALID
    assert found.diagnosis_kind == kind
    assert (found.diagnosis is None) == (kind is None)


def test_the_other_steps_of_such_a_chain_are_judged():
    found = report(r"\frac{\partial J}{\partial b} = \frac{1}{m} (p - y) = \frac{p - y}{m} = \frac{y - p}{m}")
    assert [step.verdict.value for step in found.steps] == ["invalid", "proved", "refuted"]
    assert found.first_wrong_step == 0


def test_a_derivative_of_an_array_by_an_array_is_not_called_wrong():
    found = report(r"\frac{\partial C}{\partial W} = \frac{\partial C}{\partial Z} \frac{\partial Z}{\partial W}")
    assert found.verdict is Verdict.UNDECIDED


def test_a_term_after_one_without_a_value_is_compared_with_what_stands_before():
    chain = r"\frac{\partial C}{\partial W} = \frac{\partial C}{\partial Z} \frac{\partial Z}{\partial W}"
    found = report(chain + r" = (q \odot \mathrm{ReLU}'(Z)) X^T")
    assert [step.verdict.value for step in found.steps] == ["undecided", "proved"]
    assert found.verdict is Verdict.UNDECIDED
    found = report(chain + r" = q \odot \mathrm{ReLU}'(Z)")
    assert [step.verdict.value for step in found.steps] == ["undecided", "invalid"]
    assert found.diagnosis == "a factor X.T is missing: it holds with (q*relu'(Z)) @ X.T"
    assert [problem.code for problem in found.problems] == ["shape"]


def test_what_is_told_of_a_refuted_step_is_its_own_and_not_of_the_shapes_after_it():
    found = report(r"\frac{\partial J}{\partial w} = \frac1m X (y - p)^T = X")
    assert [step.verdict.value for step in found.steps] == ["refuted", "invalid"]
    assert found.verdict is Verdict.REFUTED
    assert found.witness is not None
    assert found.diagnosis_kind == "likelihood"


NUMBERS = key(define={"w": "[[2], [-3]]", "f": "exp(0.5)"})


@pytest.mark.parametrize(
    ("formula", "diagnosis"),
    [
        (r"f w^T = 1.6487 \begin{bmatrix} 2 \\ -3 \end{bmatrix}", "transpose"),
        (r"f w^T = 1.6497 \begin{bmatrix} 2 \\ -3 \end{bmatrix}", None),
        (r"f w^T = 1.6487 \begin{bmatrix} 2 \\ 3 \end{bmatrix}", None),
    ],
)
def test_a_row_beside_a_column_of_rounded_numbers(formula, diagnosis):
    (found,) = check_note(read_text(f"${formula}$", "note.md", NUMBERS), key=NUMBERS).claims
    assert (found.verdict, found.diagnosis_kind) == (Verdict.INVALID, diagnosis)
