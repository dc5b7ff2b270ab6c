"""What a class is told: first what needs a person, then what went how, in words."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from gradebook_samples import a_class, ada, broken, hostile, with_outcomes
from html_reading import read
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.gradebook import classroom, summary
from derivcheck.gradebook.summary import Summary
from derivcheck.grading.model import Student, Submission


def of(submissions: list[Submission]) -> Summary:
    made = Summary()
    for one in submissions:
        made.add(one)
    return made


def test_what_needs_a_person_comes_first() -> None:
    data = summary.as_data(of(a_class()))
    assert [(one["id"], one["failure"]) for one in data["needs_review"]] == [
        ("broken", "it took longer than 60 seconds"),
        ("ada", None),
        ("goedel", None),
    ]
    assert data["needs_review"][1]["review"] == [
        "line 21: a formula could not be read",
        "line 23: the second derivative could not be decided",
    ]
    names = list(data)
    assert names.index("needs_review") < names.index("claims") < names.index("mistakes") < names.index("points")
    page = classroom.render(of(a_class()), "T")
    places = [page.index(f'id="part-{part}"') for part in ("review", "claims", "mistakes", "points", "students")]
    assert places == sorted(places)


def test_claims_are_counted_by_outcome() -> None:
    claims = {one["id"]: one for one in summary.as_data(of(a_class()))["claims"]}
    assert list(claims) == ["dy", "dz", "dLdz", "dLdw", "dLdb", "hess"]
    assert claims["dz"]["outcomes"] == {"right": 2, "slip": 1, "follows": 0, "wrong": 2, "not found": 0, "review": 0}
    assert claims["dLdb"]["outcomes"]["not found"] == 2
    assert claims["hess"]["outcomes"] == {
        "right": 2,
        "slip": 0,
        "follows": 0,
        "wrong": 1,
        "not found": 0,
        "review": 2,
    }
    assert all(one["students"] == sum(one["outcomes"].values()) == 5 for one in claims.values())


def test_mistakes_are_counted_by_students_and_told_in_words() -> None:
    assert summary.as_data(of(a_class()))["mistakes"] == [
        {"kind": "sign", "words": "a sign", "count": 2, "students": ["ada", "noether"], "claims": ["dz"]},
        {"kind": None, "words": "no probable mistake found", "count": 1, "students": ["turing"], "claims": ["hess"]},
        {"kind": "transpose", "words": "a transpose", "count": 1, "students": ["turing"], "claims": ["dLdw"]},
    ]


def test_points_of_those_that_were_graded() -> None:
    points = summary.as_data(of(a_class()))["points"]
    shares = [Fraction(29, 6), Fraction(28, 3), Fraction(19, 3), Fraction(28, 3) - Fraction(11, 6), Fraction(25, 3)]
    assert points["mean"] == pytest.approx(float(sum(shares) / 5), abs=1e-6)
    assert points["median"] == 7.5
    assert (points["least"], points["most"], points["of"]) == (4.833333, 9.333333, 9.333333)
    assert points["tenths"] == [0, 0, 0, 0, 0, 1, 1, 0, 2, 1]
    assert sum(points["tenths"]) == 5


@settings(derandomize=True, max_examples=20, deadline=None)
@given(st.permutations(a_class()))
def test_the_order_plays_no_part(submissions: list[Submission]) -> None:
    assert summary.render(of(submissions)) == summary.render(of(a_class()))
    assert classroom.render(of(submissions), "T") == classroom.render(of(a_class()), "T")


@pytest.mark.parametrize(
    "submissions",
    [[], [broken()], [Submission(Student("x"), "x", "", "k")], [ada()], [with_outcomes("Grace Hopper", {})]],
    ids=["none", "failed", "empty", "one", "perfect"],
)
def test_a_class_of_any_kind_has_a_page(submissions: list[Submission]) -> None:
    made = of(submissions)
    json.loads(summary.render(made))
    page = read(classroom.render(made, "T"))
    assert "h1" in page.tags


def test_nothing_to_look_at_is_said() -> None:
    assert "Every point stands as it is." in classroom.render(of([with_outcomes("Grace Hopper", {})]), "T")


def test_a_plot_says_its_numbers_in_words() -> None:
    page = read(classroom.render(of(a_class()), "T"))
    label = next(value for tag, name, value in page.attributes if tag == "svg" and name == "aria-label")
    assert label == (
        "Students by their share of the points: "
        "1 from 50 to 60 %; 1 from 60 to 70 %; 2 from 80 to 90 %; 1 from 90 to 100 %."
    )


def test_whose_a_mistake_is_can_be_looked_up() -> None:
    html = classroom.render(of(a_class()), "T")
    mistakes = html[html.index('id="part-mistakes"') : html.index('id="part-points"')]
    assert mistakes.index("a sign") < mistakes.index("students/ada.html") < mistakes.index("students/noether.html")
    many = [replace(ada(), student=Student(f"s{index:03}")) for index in range(classroom._MOST_NAMED + 5)]
    assert " and 5 more</p>" in classroom.render(of(many), "T")


def test_a_hostile_student_is_text_on_the_class_page() -> None:
    page = read(classroom.render(of([*a_class(), hostile()]), "</title><script>x</script>"))
    assert "script" not in page.tags
    assert page.tags.count("style") == 1
    hrefs = [value for _, name, value in page.attributes if name == "href"]
    assert all(one.startswith(("#mark-", "students/")) for one in hrefs)
