"""What ``=`` means between numbers: rounded values are no mistakes, and mistakes are not excused by rounding."""

from __future__ import annotations

import pytest
from notes_kit import key

from derivcheck.notes.check import check_note, read_text
from derivcheck.notes.outcome import standings
from derivcheck.verdict import ClaimReport

KEY = key(
    "x: {}",
    define={"z": "1/2", "a": "sigmoid(z)", "w": "[[2], [-3], [-3]]", "u": "sigmoid(30)", "t": "3*z"},
)


def report(text: str) -> ClaimReport:
    (found,) = check_note(read_text(text, "note.md", KEY), key=KEY).claims
    return found


def verdicts(text: str) -> list[str]:
    return [step.verdict.value for step in report(text).steps]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        # a displayed decimal: its digits have to be right
        ("a = 0.6225", "proved"),
        ("a = 0.62", "proved"),
        ("a = 0.6", "proved"),
        ("a = 0.6226", "refuted"),
        ("a = 0.63", "refuted"),
        ("a = 0.5", "refuted"),
        (r"a = \sigma(0.5) = 0.622459", "proved"),
        (r"a w = \begin{bmatrix} 1.2449 \\ -1.8674 \\ -1.8674 \end{bmatrix}", "proved"),
        (r"a w = \begin{bmatrix} 1.2449 \\ -1.8674 \\ -1.8664 \end{bmatrix}", "refuted"),
        (r"a w = \begin{bmatrix} 1.2449 \\ -1.8674 \\ -1.8675 \end{bmatrix}", "refuted"),
        (r"\frac{1}{3} = 0.333", "proved"),
        (r"\frac{1}{3} = 0.334", "refuted"),
        # rounded to an integer: whether that was meant is not told
        ("u = 1", "undecided"),
        ("u = 2", "refuted"),
        ("a = 1", "undecided"),
        ("a = 0", "refuted"),
        ("a = z", "refuted"),
        ("0.62 = a", "undecided"),
        ("0.5 = a", "refuted"),
        ("a = 0.6225 w", "refuted"),
        # exact numbers stay exact
        ("t = 1.5", "proved"),
        ("t = 2", "refuted"),
        ("t = 1", "refuted"),
        (r"2 \cdot 0.5 = 2", "refuted"),
        (r"20 \cdot 0 + 20 \cdot 1 + -10 = 30", "refuted"),
        (r"0.5 \cdot 4 = 2.1", "refuted"),
        # rounded numbers put in
        (r"a (1 - a) = 0.62 \cdot 0.38", "undecided"),
        (r"a (1 - a) = 0.6225 \cdot 0.3775", "undecided"),
        (r"a (1 - a) = 0.6225 \cdot 0.3875", "refuted"),
        (r"a (1 - a) = 0.6225 \cdot 0.3775 = 0.235", "undecided"),
        (r"a w = \frac{0.762}{1.2242} \begin{bmatrix} 2 \\ -3 \\ -3 \end{bmatrix}", "undecided"),
        (r"a w = \frac{0.622459}{1.1} \begin{bmatrix} 2 \\ -3 \\ -3 \end{bmatrix}", "refuted"),
        (r"\frac12 (0.3775 - 1)^2 = 0.1938", "proved"),
        (r"\frac12 (0.38 - 1)^2 = 0.1938", "undecided"),
        (r"\frac12 (0.38 - 1)^2 = 0.2138", "refuted"),
        # of variables nothing is rounded
        (r"x + 0.1234 = x + 0.1235", "refuted"),
        (r"0.1234 x = 0.12 x", "refuted"),
        (r"\sigma(x) - \sigma(x) = 0.00", "supported"),
        (r"0.1 \tanh(x) = 2", "refuted"),
    ],
)  # fmt: skip
def test_a_step_between_numbers(formula, verdict):
    assert report(f"${formula}$").verdict.value == verdict


def test_the_first_wrong_step_is_one_that_rounding_does_not_excuse():
    found = report(r"$u = 20 \cdot 0 + 1 = 30$")
    assert [step.verdict.value for step in found.steps] == ["undecided", "refuted"]
    assert found.first_wrong_step == 1
    assert found.diagnosis == "a slip in the arithmetic: it holds with 1"
    assert found.witness is not None
    assert found.witness.right == "30"


def test_rounding_beside_a_wrong_shape():
    text = r"$w^T a = 0.6225 w = \begin{bmatrix} 1.2449 \\ -1.8674 \\ -1.8674 \end{bmatrix}$"
    assert verdicts(text) == ["invalid", "undecided"]


def test_a_formula_that_holds_by_rounding_stands_undecided():
    note = read_text("$a = 0.62$ and $u = 1$.", "note.md", KEY)
    assert [standing.value for standing in standings(check_note(note, key=KEY))] == ["proved", "undecided"]


@pytest.mark.parametrize(
    ("formula", "verdicts_"),
    [
        (r"\frac{d}{dx}(x^2 - 2x) = 2x - 2 = 0", ["proved", "undecided"]),
        (r"\frac{d}{dx}(x^2 - 2x) = 2x + 2 = 0", ["refuted", "undecided"]),
        (r"\frac{d}{dx}(x^2 - 2x) = 0", ["undecided"]),
        (r"\frac{d}{dx}(x^2 - 2x) = 1", ["refuted"]),
        ("2x - 2 = 0", ["undecided"]),
        ("0 = 2x - 2", ["undecided"]),
        ("2x - 2x = 0", ["proved"]),
        ("2 - 1 = 0", ["refuted"]),
        ("a = 0", ["refuted"]),
    ],
)
def test_what_is_set_to_0_may_be_a_condition(formula, verdicts_):
    assert verdicts(f"${formula}$") == verdicts_


def _standings(text: str) -> list[str]:
    given = key("A: [n, n]", "w: [n, 1]", "y: [n, 1]", define={"r": "A @ w - y", "L": "sum(r*r)"})
    return [one.value for one in standings(check_note(read_text(text, "note.md", given), key=given))]


SET = r"$\frac{\partial L}{\partial w} = 2 A^T (A w - y) = 0$"


@pytest.mark.parametrize(
    ("between", "follows", "standing"),
    [
        (" i.e. ", "$A^T A w = A^T y$", "undecided"),
        ("\n\n", "$A^T A w = A^T y$", "undecided"),
        ("\n\n## Exercise 2\n\n", "$A^T A w = A^T y$", "wrong"),
        ("\n\n2. ", "$A^T A w = A^T y$", "wrong"),
        (" and ", "$r = A w + y$", "wrong"),
        (" and ", r"$\frac{\partial L}{\partial w} = A^T (A w - y)$", "wrong"),
        (" and ", "$1 + 1 = 3$", "wrong"),
        (" and ", "$A^T (A w - y) = A^T A w - A^T y$", "proved"),
    ],
)
def test_what_follows_from_a_condition_may_hold_only_there(between, follows, standing):
    assert _standings(SET + between + follows)[1] == standing
    assert _standings(f"$r = A w - y$ {between} {follows}")[1] == ("wrong" if standing == "undecided" else standing)
