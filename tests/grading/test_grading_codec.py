"""Results survive being written down; what is no result is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from graded_notes import graded
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.grading.codec import NotAResult, from_json, to_json
from derivcheck.grading.model import ClaimResult, FormulaResult, StepResult, Student, Submission

TEXT = st.text(max_size=20)
NUMBER = st.integers(0, 10**9)
POINTS = st.fractions()


def results() -> st.SearchStrategy[Submission]:
    texts = st.lists(TEXT, max_size=3).map(tuple)
    numbers = st.lists(NUMBER, max_size=3).map(tuple)
    step = st.builds(
        lambda made, mark, witness, of: replace(made, mark=mark, witness=witness, carried_from=of),
        st.builds(
            StepResult,
            TEXT,
            NUMBER,
            st.none() | TEXT,
            NUMBER,
            NUMBER,
            NUMBER,
            TEXT,
            TEXT,
            TEXT,
            TEXT,
            st.just("right"),
        ),
        st.sampled_from(["right", "follows", "wrong", "review"]),
        st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
        TEXT,
    )
    formula = st.builds(
        FormulaResult, NUMBER, NUMBER, NUMBER, NUMBER, NUMBER, st.booleans(), texts, numbers, TEXT, TEXT
    )
    claim = st.builds(
        ClaimResult, TEXT, TEXT, TEXT, st.sampled_from(["right", "slip", "not found"]), POINTS, POINTS, TEXT, numbers,
        st.none() | NUMBER, review=texts,
    )  # fmt: skip

    def some(one: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
        return st.lists(one, max_size=2).map(tuple)

    return st.builds(
        Submission,
        st.builds(Student, TEXT, TEXT, TEXT),
        TEXT,
        TEXT,
        TEXT,
        some(claim),
        some(step),
        some(formula),
        texts,
    )


@settings(derandomize=True, max_examples=60, deadline=None)
@given(results())
def test_what_is_written_is_read(result: Submission) -> None:
    text = to_json(result)
    assert text.isascii()
    assert "\n" not in text
    assert from_json(text) == result
    assert to_json(from_json(text)) == text


def test_a_graded_submission_survives() -> None:
    result = graded(["D(L, z) == y - p", "D(J, b) == sum(y - p)/m == sum(p - y)/m"])
    assert from_json(to_json(result)) == result
    assert result.points == from_json(to_json(result)).points


def changed(path: list[object], value: object) -> str:
    data = json.loads(to_json(graded(["D(L, z) == y - p"])))
    inner = data
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["codec"], 2),
        (["codec"], None),
        (["submission", "version"], 2),
        (["submission", "version"], "1"),
        (["submission", "version"], True),
        (["submission", "student"], None),
        (["submission", "more"], 1),
        (["submission", "claims"], {}),
        (["submission", "claims", 0, "points"], "1/0"),
        (["submission", "claims", 0, "points"], 1),
        (["submission", "claims", 0, "points"], "1e999999999"),
        (["submission", "claims", 0, "points"], "9" * 5000),
        (["submission", "claims", 0, "outcome"], "splendid"),
        (["submission", "steps", 0, "mark"], []),
        (["submission", "steps", 0, "witness"], [["a"]]),
        (["submission", "steps", 0, "line"], "1"),
        (["submission", "steps", 0, "line"], None),
    ],
)
def test_what_is_no_result_is_refused(path: list[object], value: object) -> None:
    with pytest.raises(NotAResult):
        from_json(changed(path, value))


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", "[" * 100_000, '{"codec": 1}', '{"codec": 1, "submission": []}']
)
def test_texts_that_say_nothing(text: str) -> None:
    with pytest.raises(NotAResult):
        from_json(text)


def test_points_are_exact() -> None:
    result = replace(graded([]), claims=(ClaimResult("a", "a", "", "right", Fraction(1, 3), Fraction(2, 3), ""),))
    assert from_json(to_json(result)).claims[0].points == Fraction(1, 3)


def test_the_text_is_of_this_version() -> None:
    assert to_json(graded([])).startswith('{"codec":1,"submission":{"student":')
