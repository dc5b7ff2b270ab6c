"""Steps whose sides differ in shape: what is proved with a transpose or a sum is told, nothing else is."""

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
        (r"\frac{\partial J}{\partial b} = p - y", None),
        (r"\frac{\partial J}{\partial w} = (p - y) X^T", None),
        (r"\frac{\partial J}{\partial w} = p", None),
        (r"\frac{\partial C}{\partial c} = q \odot \mathrm{ReLU}'(Z)", "missing sum"),
        (r"\frac{\partial C}{\partial c} = Z", None),
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
