"""What other systems take: their forms, what they make of numbers, and what a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from fractions import Fraction
from functools import cache

import pytest
from gradebook_samples import EVIL, a_class, ada, broken, hostile, many_formulas, with_outcomes
from gradescope_rules import check_gradescope
from html_reading import read
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from derivcheck.gradebook import gradescope, prairielearn, results, tables
from derivcheck.gradebook.html import inert
from derivcheck.gradebook.tables import Row, account, defused
from derivcheck.gradebook.words import KINDS, kind_words, number
from derivcheck.grading.model import Student, Submission

EVERYONE = [*a_class(), hostile(), many_formulas(60), Submission(Student("empty"), "", "", "")]
by_id = pytest.mark.parametrize("submission", EVERYONE, ids=[one.student.id for one in EVERYONE])


# -- our own JSON --------------------------------------------------------------------------------------------------


@cache
def validator() -> Draft202012Validator:
    schema = results.schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@by_id
def test_results_are_valid_by_the_schema_that_is_shipped(submission: Submission) -> None:
    data = json.loads(results.render(submission))
    validator().validate(data)
    assert data["form"] == results.FORM
    assert Fraction(data["exact"]["points"]) == submission.points


def test_a_whole_batch_is_valid_by_the_same_schema() -> None:
    text = "".join(results.whole(results.render(one) for one in EVERYONE))
    data = json.loads(text)
    validator().validate(data)
    assert data["students"] == [json.loads(results.render(one)) for one in EVERYONE]
    validator().validate(json.loads("".join(results.whole([]))))


def test_the_schema_knows_each_field_and_no_other() -> None:
    data = json.loads(results.render(ada()))
    for part in (
        data,
        data["claims"][0],
        data["steps"][2],
        data["steps"][2]["witness"][0],
        data["formulas"][7]["problem"],
    ):
        extra = dict(part)
        part["other"] = 1
        assert not validator().is_valid(data)
        del part["other"]
        for name in extra:
            value = part.pop(name)
            assert not validator().is_valid(data), name
            part[name] = value
    validator().validate(data)
    data["claims"][0]["outcome"] = "fine"
    assert not validator().is_valid(data)


def test_places_are_offsets_and_lines() -> None:
    submission = ada()
    data = json.loads(results.render(submission))
    wrong = data["steps"][2]
    place = wrong["place"]
    assert submission.text[place["start"] : place["end"]] == r"\hat{y}(1 + \hat{y})"
    assert (place["line"], wrong["line"]) == (14, 14)
    assert submission.text.split("\n")[13][place["column"] - 1 :].startswith(r"\hat{y}(1 + \hat{y})")
    assert data["claims"][4]["place"] is None


def test_points_are_numbers_and_fractions() -> None:
    claim = json.loads(results.render(ada()))["claims"][3]
    assert (claim["points"], claim["exact"]) == (0.333333, {"points": "1/3", "of": "1/3"})


def test_json_is_text_to_a_terminal() -> None:
    text = results.render(hostile())
    assert inert(text) == text
    assert json.loads(text)["review"] == [one for one in dict.fromkeys(EVIL) if one != EVIL[0]]


# -- Gradescope ----------------------------------------------------------------------------------------------------


@by_id
def test_gradescope_takes_the_results(submission: Submission) -> None:
    data = json.loads(gradescope.render(submission))
    check_gradescope(data)
    assert len(data["tests"]) == len(submission.claims)
    assert sum(test["score"] for test in data["tests"]) == pytest.approx(data["score"], abs=1e-5)
    for output in [data["output"], *(test["output"] for test in data["tests"])]:
        page = read(output)
        assert set(page.tags) <= {"p", "strong", "ul", "li", "code", "br"}
        assert page.attributes == []


def test_gradescope_shows_what_stands_and_holds_back_what_does_not() -> None:
    stands = json.loads(
        gradescope.render(with_outcomes("Grace Hopper", {"dz": ("wrong", "sign"), "dy": ("slip", "")}))
    )
    assert stands["visibility"] == "visible"
    assert [test["status"] for test in stands["tests"]] == [
        "failed",
        "failed",
        "passed",
        "passed",
        "passed",
        "passed",
    ]
    open_ = json.loads(gradescope.render(ada()))
    assert {open_["visibility"], *(test["visibility"] for test in open_["tests"])} == {"after_published"}
    review = open_["tests"][5]
    assert "status" not in review
    assert review["tags"] == ["review", "needs review"]
    assert open_["extra_data"]["needs_review"] is True
    failed = json.loads(gradescope.render(broken()))
    assert failed["visibility"] == "after_published"
    assert "longer than 60 seconds" in failed["output"]


def test_gradescope_is_told_the_step_and_why() -> None:
    wrong = json.loads(gradescope.render(ada()))["tests"][1]
    assert "line 14" in wrong["output"]
    assert "Probably: a sign" in wrong["output"]
    assert "Counterexample: z = 3/2" in wrong["output"]
    assert wrong["extra_data"] == {"id": "dz", "outcome": "wrong", "kind": "sign"}


# -- PrairieLearn --------------------------------------------------------------------------------------------------


@by_id
def test_prairielearn_takes_the_results(submission: Submission) -> None:
    text = prairielearn.render(submission)
    data = json.loads(text)
    assert len(text.encode()) <= 1_000_000
    if data["gradable"]:
        assert 0.0 <= data["score"] <= 1.0
        assert set(data) == {"gradable", "score", "message", "tests"}
    else:
        assert data["format_errors"]
        assert "score" not in data
    for test in data["tests"]:
        assert set(test) == {"name", "description", "points", "max_points", "message", "output"}


def test_prairielearn_does_not_take_points_for_what_was_not_graded() -> None:
    data = json.loads(prairielearn.render(broken()))
    assert data == {"gradable": False, "format_errors": ["it took longer than 60 seconds"], "tests": []}


@pytest.mark.parametrize("length", [10, 5_000])
@pytest.mark.parametrize("count", [1, 400, 5_000])
def test_prairielearn_is_never_given_more_than_it_takes(count: int, length: int) -> None:
    claim = replace(
        ada().claims[1], title="ŷ" * length, words="<" * length, statement="\x00" * length, diagnosis="é" * length
    )
    data = prairielearn.render(replace(ada(), claims=(claim,) * count))
    assert len(data.encode()) <= prairielearn.MOST_BYTES
    parsed = json.loads(data)
    assert 0 <= parsed["score"] <= 1
    assert (prairielearn.CUT in parsed["message"]) == (count * length >= 2_000_000 or count == 5_000)


# -- tables --------------------------------------------------------------------------------------------------------


def cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


ROWS = [Row.of_submission(one) for one in a_class()]


def test_canvas_finds_its_columns() -> None:
    table = cells(tables.canvas(ROWS, "Homework 3"))
    assert table[0] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Homework 3"]
    assert table[1] == ["    Points Possible", "", "", "", "", "9.33333"]
    assert table[2] == ["Ada Lovelace", "4711", "", "ada@example.org", "", ""]  # her points do not stand
    assert table[4] == ["Grace Hopper", "", "hopper", "hopper@example.org", "", "9.33333"]
    assert len(table) == 2 + len(ROWS)


def test_points_that_do_not_stand_change_no_gradebook() -> None:
    """An empty cell leaves a grade as it is in Canvas and in Moodle; 0 would be one."""
    named = {"ada": "", "broken": "", "goedel": "", "hopper": "9.33333", "noether": "6.33333", "turing": "7.5"}
    canvas = {row[2] or "ada": row[5] for row in cells(tables.canvas(ROWS, "T"))[2:]}
    nbgrader = {row[3]: row[9] for row in cells(tables.nbgrader(ROWS, "T"))[1:]}
    assert canvas == nbgrader == named
    moodle = {row[0].split("@")[0]: row[2] for row in cells(tables.moodle(ROWS, "T"))[1:]}
    assert moodle == {name: points for name, points in named.items() if name != "broken"}


def test_moodle_gets_no_row_without_an_address() -> None:
    """Moodle would give that row's points to the student of the row before it."""
    table = cells(tables.moodle(ROWS, "T"))
    assert table[0] == ["Email address", "Full name", "T", "T (feedback)"]
    assert all(row[0] for row in table)
    assert len(table) == len(ROWS)  # one of them has no address


def test_moodles_worksheet_names_participants() -> None:
    grace = with_outcomes("Grace Hopper", {})
    row = Row.of_submission(replace(grace, student=replace(grace.student, account="moodle:5512")))
    table = cells(tables.worksheet([*ROWS, row]))
    assert [one[:6] for one in table] == [
        ["Identifier", "Full name", "Email address", "Grade", "Maximum Grade", "Last modified (grade)"],
        ["Participant 5512", "Grace Hopper", "hopper@example.org", "9.33333", "9.33333", ""],
    ]


def test_nbgrader_finds_its_columns() -> None:
    table = cells(tables.nbgrader(ROWS, "T"))
    assert ",".join(table[0]) == (
        "assignment,duedate,timestamp,student_id,last_name,first_name,email,raw_score,late_submission_penalty,score,max_score"
    )
    assert table[3] == [
        "T",
        "",
        "",
        "hopper",
        "Hopper",
        "Grace",
        "hopper@example.org",
        "9.33333",
        "0",
        "9.33333",
        "9.33333",
    ]


def test_all_points_are_in_a_table_of_our_own() -> None:
    table = cells(tables.points(ROWS, [("dz", "The derivative"), ("none", "Nobody's")]))
    assert table[0] == ["id", "name", "email", "points", "of", "state", "The derivative", "Nobody's"]
    assert table[1] == ["ada", "Ada Lovelace", "ada@example.org", "4.83333", "9.33333", "preliminary", "0", ""]
    assert table[2] == ["broken", "", "", "", "", "not graded", "", ""]
    assert table[3][5] == "stands"


@pytest.mark.parametrize(
    ("told", "canvas", "moodle"),
    [
        ("canvas:4711", "4711", ""),
        ("moodle:4711", "", "4711"),
        ("gradescope:4711", "", ""),
        ("", "", ""),
        ("4711", "", ""),
        ("canvas:", "", ""),
        ("canvas:=1", "", ""),
        ("canvas:47\n", "", ""),
        (" canvas:47", "", ""),
        ("canvas:4711:moodle:5", "", ""),
    ],
)
def test_platforms_say_whose_a_submission_is(told: str, canvas: str, moodle: str) -> None:
    student = Student("x", account=told)
    assert (account(student, "canvas"), account(student, "moodle")) == (canvas, moodle)


@pytest.mark.parametrize(
    "path",
    [
        "Ada Lovelace_201_assignsubmission_file_/Bob_999_assignsubmission_file_x.md",
        "lovelaceada_101_5501_Bob_999_assignsubmission_file_.md",
        "lovelaceada_101_5501_bob_999_5502_x.md",
        "bob_999_5502_x.md",
    ],
)
def test_nobody_names_a_file_so_that_another_gets_the_points(path: str) -> None:
    """Students choose the names of their files: none of them is a student's number."""
    for told in ("", "canvas:101", "moodle:201"):
        row = Row.of_submission(replace(ada(), path=path, student=Student("ada", account=told)))
        for text in (tables.canvas([row], "T"), tables.worksheet([row]), tables.moodle([row], "T")):
            assert "999" not in text


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "=cmd|' /C calc'!A0",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        '"=1',
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
        "﹢1",
        "﹣x",
        "﹦1",
        "﹫x",
        "−1",
        "⁼1",
        "\x00=1",
        "\ufeff=1",
        "\u200b=1",
        "|x",
        "%x",
        "--1",
        "-",
        "+",
        "-1e5",
        "\u00a0=1",
    ],
)
def test_cells_that_would_run_are_defused(cell: str) -> None:
    assert defused(cell).startswith("'")
    assert defused(cell)[1:] == inert(cell.replace("\t", " ").replace("\r", " ").replace("\n", " "))


@pytest.mark.parametrize(
    "cell", ["", "x", "1", "-1", "-0.5", "12.25", "Ada", "a=b", "a-b@c.org", "    Points Possible", "'", "y > -1"]
)
def test_other_cells_and_negative_numbers_stay(cell: str) -> None:
    assert defused(cell) == cell


@pytest.mark.parametrize("cell", ["a;=1", "a; =1", 'a;"=1', "a|@x", "a;-x"])
def test_cells_that_would_run_when_they_are_cut_are_defused(cell: str) -> None:
    """A spreadsheet whose separator is another cuts a line elsewhere."""
    assert all(
        not part.lstrip(' "').startswith(("=", "@", "-")) for part in defused(cell).replace("|", ";").split(";")
    )


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.text(max_size=30))
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = defused(text)
    assert inert(cell) == cell
    assert "\n" not in cell
    try:
        float(cell)
    except ValueError:
        assert not cell.lstrip().startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))
    assert cells(tables.written([[text, "x"]])) == [[cell, "x"]]


def test_a_hostile_submission_is_one_row_of_inert_cells() -> None:
    row = Row.of_submission(replace(hostile(), student=Student("=1+1", "@SUM(A1)", "+x@y.org")))
    for text in (tables.canvas([row], "=T"), tables.moodle([row], "=T"), tables.nbgrader([row], "=T")):
        for line in cells(text):
            assert all(not cell.startswith(("=", "+", "@", "\t")) for cell in line)
    assert len(cells(tables.moodle([row], "T"))) == 2


def test_a_number_in_brackets_is_no_assignment_of_canvas() -> None:
    assert tables.safe_title("Homework (2)") == "Homework [2]"
    assert tables.safe_title("f(2) and\n more") == "f(2) and more"
    assert tables.safe_title("") == "derivcheck"


# -- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(1, 3), "0.33"),
        (Fraction(5, 2), "2.5"),
        (Fraction(10), "10"),
        (Fraction(0), "0"),
        (Fraction(-1, 3), "-0.33"),
        (Fraction(1, 1000), "0"),
        (Fraction(-1, 1000), "0"),
        (Fraction(199, 200), "1"),
        (Fraction(1, 200), "0.01"),
    ],
)
def test_numbers_are_short(value: Fraction, text: str) -> None:
    assert number(value) == text


def test_kinds_are_told_in_words() -> None:
    assert kind_words("factor of a size") == "a factor of a size (such as 1/m)"
    assert kind_words("something new") == "something new"
    assert kind_words("") == "no probable mistake found"
    assert all(KINDS.values())
