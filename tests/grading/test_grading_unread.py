r"""Grading of answers of which a part could not be read: it goes to a human where it may matter, and never counts as
wrong. ``\int`` is not read."""

from __future__ import annotations

import pytest
from graded_notes import LOGISTIC, MEMORY, claim, outcomes, spec

from derivcheck.gradebook.lines import lay_out
from derivcheck.grading.codec import from_json, to_json
from derivcheck.grading.grade import grade
from derivcheck.grading.model import Student, Submission
from derivcheck.source import Source

KEY = """\
notation:
  p: ['p', '\\hat{y}']
claims:
  lossz: {statement: 'D(L, z) == p - y', points: 2}
  bias: {statement: 'D(J, b) == sum(p - y)/m', points: 2}
"""


def handed_in(*rows: str) -> Submission:
    text = "\\begin{align}\n" + " \\\\\n".join(rows) + "\n\\end{align}\n"
    return grade(spec(LOGISTIC + KEY), Source("note.md", text), Student("s"), cache=MEMORY)


HEAD = r"\frac{\partial L}{\partial z} &= \frac{\partial L}{\partial p} \odot \frac{\partial p}{\partial z}"
CASES = [
    # what follows a step that is not read is judged by what stands before it
    ((HEAD, r"&= \int q", "&= p - y"), "right"),
    ((r"\frac{\partial L}{\partial z} &= \int q", "&= p - y"), "right"),
    ((r"\frac{\partial L}{\partial z} &= \int q = p - y",), "right"),
    # where the end is not read it may be the answer, whatever stands before it
    ((HEAD, r"&= \int q"), "review"),
    ((HEAD, "&= p - y", r"&= \int q"), "review"),
    ((HEAD, "&= y - p", r"&= \int q"), "review"),
    ((HEAD, "&= y - p", r"&= \foo q", "&= p - y"), "review"),
    # a mistake before or behind a step that is not read
    ((HEAD, r"&= \int q", "&= y - p"), "review"),
    ((HEAD, "&= y - p", r"&= \int q", "&= p - y"), "review"),
    # another row that is not read
    ((HEAD, "&= p - y", r"q &= \int q"), "right"),
    ((HEAD, "&= y - p", r"q &= \int q"), "wrong"),
    ((HEAD, r"\frac{\partial L}{\partial z} &= \int q"), "review"),
    ((r"q &= \int q", HEAD, "&= p - y"), "right"),
    # what may say for which case the rest is meant
    ((r"\text{For } y = 1:", HEAD, "&= p - 1"), "review"),
    ((r"\text{For } y = 1:", HEAD, "&= p - y"), "right"),
]


@pytest.mark.parametrize(("rows", "outcome"), CASES, ids=[" // ".join(rows) for rows, _ in CASES])
def test_what_is_not_read_goes_to_a_human_where_it_may_matter(rows: tuple[str, ...], outcome: str) -> None:
    result = handed_in(*rows)
    assert outcomes(result)["lossz"] == outcome
    told = claim(result, "lossz").review
    assert bool(told) is (outcome == "review")


def test_it_is_told_where_it_stands() -> None:
    found = claim(handed_in(HEAD, "&= y - p", r"&= \int q"), "lossz")
    assert found.review == ("lossz: what stands in line 4 could not be read, and it may have the answer",)
    found = claim(handed_in(HEAD, r"&= \int q", "&= y - p"), "lossz")
    assert found.review == ("lossz: a step in line 3 could not be read",)


def test_what_is_nowhere_found_may_stand_in_a_row_that_is_not_read() -> None:
    result = handed_in(HEAD, "&= p - y", r"\frac{\partial J}{\partial b} &= \int q")
    assert outcomes(result) == {"lossz": "right", "bias": "review"}
    assert claim(result, "bias").review == ("bias: not found, but what stands in line 4 could not be read",)
    assert outcomes(handed_in(HEAD, "&= p - y"))["bias"] == "not found"


def test_only_the_lines_that_are_not_read_are_marked() -> None:
    result = handed_in(HEAD, r"&= \int q", "&= p - y", r"q &= \int r")
    assert from_json(to_json(result)) == result
    assert [line.number for line in lay_out(result).lines if "unread" in line.marks] == [3, 5]
    (formula,) = result.formulas
    assert formula.problem == r"`\int` is not known here"
    assert formula.remarks[-1] == r"line 5 was not read either: `\int` is not known here"
    whole = grade(spec(LOGISTIC + KEY), Source("note.md", "$$\n\\int q\n\\le 2\n$$"), Student("s"), cache=MEMORY)
    assert [line.number for line in lay_out(whole).lines if "unread" in line.marks] == [1, 2, 3, 4]
