"""A student's page: their own text, every line marked, whatever it is made of."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from gradebook_samples import (
    EVIL,
    EVIL_LATEX,
    NOTE,
    a_class,
    ada,
    broken,
    formula,
    hostile,
    many_formulas,
    place,
    step,
)
from html_reading import contents_of_text, read
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.gradebook import classroom, student
from derivcheck.gradebook.html import MATHML, inert, words
from derivcheck.gradebook.lines import MOST_CHARACTERS, MOST_LINES, lay_out
from derivcheck.gradebook.student import MOST_CARDS
from derivcheck.gradebook.summary import Summary
from derivcheck.grading.model import FormulaResult, StepResult, Student, Submission

GOLDEN = Path(__file__).parent / "golden"
OURS = MATHML | words(
    """html head meta title style body main header footer section h1 h2 p div span strong code a ul ol li dl dt dd
    table
    thead tbody tr th td br wbr details summary svg symbol path use rect line text"""
)


def class_page() -> str:
    summary = Summary()
    for one in a_class():
        summary.add(one)
    return classroom.render(summary, "Logistic regression")


PAGES = {"student": lambda: student.render(ada()), "failed": lambda: student.render(broken()), "class": class_page}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pages_are_as_they_were(name: str) -> None:
    """Look at a changed page in a browser before its golden file is replaced."""
    path = GOLDEN / f"{name}.html"
    page = re.sub(r"(?s)<style>.*?</style>", "<style></style>", PAGES[name]())
    page = re.sub(r"sha256-[^&]*&#39;", "sha256-…&#39;", page)
    page = re.sub(r"(<(?:section|tr|li|p|ul|ol|div|table|svg|footer)\b)", r"\n\1", page)
    assert page == path.read_text(encoding="utf-8")


# -- marks ---------------------------------------------------------------------------------------------------------


def marks(submission: Submission) -> dict[int, str]:
    return {line.number: line.mark for line in lay_out(submission).lines if line.mark != "none"}


def test_every_line_has_its_mark() -> None:
    assert marks(ada()) == {
        10: "right",
        11: "right",
        14: "wrong",
        16: "follows",
        18: "follows",
        20: "unread",
        22: "review",
    }
    classes = re.findall(r'<li id="line-(\d+)" class="(\w+)">', student.render(ada()))
    assert {int(line): mark for line, mark in classes if mark != "none"} == marks(ada())
    assert [int(line) for line, _ in classes] == list(range(1, NOTE.count("\n") + 1))


def test_the_gravest_mark_of_a_line_is_its_mark() -> None:
    text = "$a = b = c = d$\n$e = \\oint$"
    steps = tuple(
        step(text, f"= {right}", "x", mark, "s", None)
        for right, mark in (("b", "right"), ("c", "follows"), ("d", "review"))
    )
    unread = formula(text, "$e = \\oint$", problem="no")
    submission = Submission(Student("x"), "x", text, "k", steps=steps, formulas=(unread,))
    assert marks(submission) == {1: "review", 2: "unread"}
    assert marks(replace(submission, steps=(*steps, replace(steps[0], mark="wrong")))) == {1: "wrong", 2: "unread"}


def test_a_step_over_several_lines_marks_them_all_and_its_hint_is_under_the_last() -> None:
    text = "Some\n$$a = b\n + c$$\nend"
    start, end = place(text, "b\n + c")
    wrong = StepResult("s", 0, "c", start, end, 2, "a", "=", "b + c", "refuted", "wrong", "because of c")
    submission = Submission(
        Student("x"), "x", text, "k", steps=(wrong,), formulas=(formula(text, "$$a = b\n + c$$", signs=2),)
    )
    assert marks(submission) == {2: "wrong", 3: "wrong"}
    html = student.render(submission)
    assert html.index('id="line-3"') < html.index("because of c") < html.index('id="line-4"')


def test_the_hint_and_the_counterexample_are_beside_their_line() -> None:
    html = student.render(ada())
    begin, end = html.index('id="line-14"'), html.index('id="line-15"')
    for said in (
        "Wrong",
        "The two sides differ at a point.",
        "Probably: ",
        "A counterexample:",
        "<dt>z</dt><dd><code>3/2</code></dd>",
    ):
        assert said in html[begin:end]


def test_claims_and_lines_lead_to_each_other() -> None:
    html = student.render(ada())
    claim = html[html.index('id="claim-2"') : html.index('id="claim-3"')]
    assert 'href="#line-14"' in claim
    line = html[html.index('id="line-14"') : html.index('id="line-15"')]
    assert 'href="#claim-2"' in line
    carried = html[html.index('id="line-16"') : html.index('id="line-17"')]
    assert 'the mistake in <a href="#claim-2">' in carried


def test_what_was_not_read_is_said_to_cost_nothing() -> None:
    html = student.render(ada())
    unread = html[html.index('id="line-20"') : html.index('id="line-21"')]
    for said in (
        "it costs nothing",
        r"\oint is no notation",
        "Write it in words",
        "this was not applied",
        r"read as \int",
    ):
        assert said in unread


def test_places_that_cannot_be_are_passed_over() -> None:
    text = "$a = b$"
    formulas = (
        FormulaResult(0, 7, 1, 6, 1, False),
        FormulaResult(2, 9, 3, 8, 1, False),
        FormulaResult(5, 3, 1, 1, 1, False, problem="x"),
        FormulaResult(-4, 2, 0, 0, 1, False),
    )
    steps = (
        StepResult("s", 0, "c", 50, 60, 9, "a", "=", "b", "refuted", "wrong"),
        StepResult("s", 0, "c", 0, 0, 0, "a", "=", "b", "refuted", "wrong"),
    )
    submission = Submission(Student("x"), "x", text, "k", steps=steps, formulas=formulas)
    assert contents_of_text(student.render(submission)) == [text]
    assert marks(submission) == {1: "wrong"}


# -- a submission is text ------------------------------------------------------------------------------------------


def check_page(html: str, submission: Submission) -> None:
    page = read(html)
    assert set(page.tags) <= OURS
    assert page.tags.count("style") == 1
    for tag, name, value in page.attributes:
        assert not name.startswith("on")
        assert name not in ("style", "src", "srcset", "action", "background", "xlink:href")
        if name == "href":
            assert re.fullmatch(r"#[a-z0-9-]+", value), (tag, value)
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    shown = [inert(line.text) for line in lay_out(submission).lines] if submission.text else []
    assert page.lines == shown


def test_a_hostile_submission_is_text() -> None:
    check_page(student.render(hostile()), hostile())
    assert contents_of_text(student.render(hostile())) == inert(hostile().text).removesuffix("\n").split("\n")


LINES = st.one_of(
    st.sampled_from(
        [*EVIL, *EVIL_LATEX, "$x = y$", "\\[", "\\]", "", "$$\\begin{aligned}", "a &= b \\\\", "\\end{aligned}$$"]
    ),
    st.text(max_size=20),
)
PLACES = st.tuples(st.integers(0, 120), st.integers(0, 40), st.integers(0, 3), st.booleans())


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    st.lists(LINES, max_size=8),
    st.lists(PLACES, max_size=6),
    st.sampled_from(["right", "follows", "wrong", "review"]),
)
def test_any_text_is_text_wherever_its_formulas_are_said_to_be(
    lines: list[str], places: list[tuple[int, int, int, bool]], mark: str
) -> None:
    text = "\n".join(lines)
    formulas = tuple(
        FormulaResult(
            start,
            start + length,
            start + signs,
            max(start + signs, start + length - signs),
            1,
            display,
            problem=text[:9],
        )
        for start, length, signs, display in places
    )
    steps = tuple(
        StepResult(
            text[:3],
            0,
            text[:5],
            start,
            start + length,
            1,
            text,
            "=",
            text,
            "x",
            mark,
            text,
            ((text, text),),
            text,
            text,
            text,
        )
        for start, length, _, _ in places
    )
    submission = Submission(Student("x", text, text), text, text, text, (), steps, formulas, (text,), text)
    html = student.render(submission)
    check_page(html, submission)
    shown = inert(text.replace("\r\n", " \n")).removesuffix("\n").split("\n") if text else []
    assert contents_of_text(html) == shown


# -- a page can be opened --------------------------------------------------------------------------------------------


def test_a_page_of_five_thousand_formulas_is_bounded() -> None:
    submission = many_formulas(5_000)
    started = time.process_time()
    html = student.render(submission)
    assert time.process_time() - started < 20
    assert len(html) < 8_000_000
    check_page(html, submission)
    assert f"{5_000 - MOST_LINES} more lines are not shown here" in html
    assert f"{MOST_LINES - MOST_CARDS} more hints are not shown" in html
    assert html.count('class="card') == MOST_CARDS


@pytest.mark.parametrize("text", ["x" * 3_000_000, "\n" * 1_000_000, "$" + "x" * 2_000_000 + "$", "$$\n" * 300_000])
def test_a_page_of_a_huge_text_is_bounded(text: str) -> None:
    whole = FormulaResult(0, len(text), 1, len(text) - 1, 1, True, problem="too long")
    submission = Submission(Student("x"), "x", text, "k", formulas=(whole,))
    html = student.render(submission)
    assert len(html) < 12_000_000
    if "\n" in text:
        assert "more lines are not shown here" in html


def test_a_huge_line_is_cut_where_the_page_would_be_too_long() -> None:
    submission = Submission(Student("x"), "x", "y" * (MOST_CHARACTERS + 1_000) + "\nlast", "k")
    html = student.render(submission)
    assert contents_of_text(html) == ["y" * MOST_CHARACTERS]
    assert "The end of this line is not shown here. 1 more lines are not shown here" in html


def test_backticks_are_code_and_relations_are_as_people_write_them() -> None:
    text = "$a = b$"
    wrong = StepResult(
        "s", 0, "c", 5, 6, 1, "a", "==", "b", "refuted", "wrong", "`<b>` is not `", ((("`x`", "1")),), diagnosis="`b`"
    )
    html = student.render(Submission(Student("x"), "x", text, "k", steps=(wrong,)))
    assert "`&lt;b&gt;` is not `" in html  # an odd number of them: nothing of it is code
    assert "</strong><code>b</code></p>" in html
    assert "==" not in html.split("</style>")[1]


def test_the_counterexample_of_what_follows_is_folded_away() -> None:
    text = "$a = b$"
    follows = StepResult(
        "s", 0, "c", 5, 6, 1, "a", "=", "b", "refuted", "follows", witness=(("x", "1"),), carried_from="line 1"
    )
    html = student.render(Submission(Student("x"), "x", text, "k", steps=(follows,)))
    assert '<details class="witness"><summary>A counterexample</summary>' in html
    assert 'the mistake in <a href="#line-1">line 1</a>.' in html


def test_what_is_said_once_is_not_said_again() -> None:
    claim = replace(ada().claims[1], words="Wrong: a sign.", diagnosis="a sign")
    html = student.render(replace(ada(), claims=(claim, replace(ada().claims[0], words="Right."))))
    table = html[html.index("<tbody>") : html.index("</tbody>")]
    assert "Probably" not in table
    assert "Right." not in table


@pytest.mark.parametrize("submission", [broken(), Submission(Student("x"), "", "", ""), replace(ada(), claims=())])
def test_a_page_of_nothing_is_a_page(submission: Submission) -> None:
    check = read(student.render(submission))
    assert "h1" in check.tags


def test_hints_with_huge_formulas_are_bounded() -> None:
    """What costs the most to draw, as often as a page has hints."""
    submission = many_formulas(MOST_CARDS)
    steps = tuple(
        replace(step, left="[" * 2_900, right="y" * 40_000, because="z" * 40_000) for step in submission.steps
    )
    started = time.process_time()
    html = student.render(replace(submission, steps=steps))
    assert time.process_time() - started < 60
    assert len(html) < 20_000_000
