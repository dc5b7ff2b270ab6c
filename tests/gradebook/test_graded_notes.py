"""What grading really makes of students' notes fits everything that is handed back."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
from gradescope_rules import check_gradescope
from html_reading import contents_of_text, read
from jsonschema import Draft202012Validator

from derivcheck.gradebook import gradescope, lines, prairielearn, results, student
from derivcheck.gradebook.html import inert
from derivcheck.gradebook.words import KINDS
from derivcheck.gradebook.write import write_all
from derivcheck.grading.grade import grade, ungraded
from derivcheck.grading.model import Student, Submission
from derivcheck.grading.policy import Policy
from derivcheck.source import Source
from derivcheck.spec import load

EXERCISE = Path(__file__).parents[1] / "grading_corpus" / "calculus"
NOTES = sorted([*EXERCISE.glob("*.md"), *EXERCISE.glob("*.tex")])


@cache
def graded(path: Path) -> Submission:
    key = load(str(EXERCISE / "key.deriv.yaml"))
    return grade(key, Source(path.name, path.read_text(encoding="utf-8")), Student(path.stem))


@pytest.mark.parametrize("path", NOTES, ids=[path.stem for path in NOTES])
def test_a_graded_note_fits_every_format(path: Path) -> None:
    submission = graded(path)
    data = json.loads(results.render(submission))
    Draft202012Validator(results.schema()).validate(data)
    check_gradescope(json.loads(gradescope.render(submission)))
    assert 0 <= json.loads(prairielearn.render(submission))["score"] <= 1
    html = student.render(submission)
    read(html)
    shown = inert(submission.text).removesuffix("\n").split("\n")
    assert contents_of_text(html) == shown


@pytest.mark.parametrize("path", NOTES, ids=[path.stem for path in NOTES])
def test_every_step_marks_the_line_that_grading_names(path: Path) -> None:
    submission = graded(path)
    laid = lines.lay_out(submission)
    assert submission.steps
    for number, step in enumerate(submission.steps):
        assert step.mark in laid.lines[step.line - 1].marks
        assert any(number in line.steps for line in laid.lines[step.line - 1 :])
        assert step.kind in {"", "shape", *KINDS}
    for number, formula in enumerate(submission.formulas):
        assert any(number in line.formulas for line in laid.lines[formula.line - 1 :])
        assert (formula.problem != "") == ("unread" in laid.lines[formula.line - 1].marks) or formula.steps


def test_a_batch_of_graded_notes_is_written(tmp_path: Path) -> None:
    key = load(str(EXERCISE / "key.deriv.yaml"))
    late = ungraded(key, Source("x.pdf", ""), Student("pdf"), Policy(), "a PDF cannot be read")
    written = write_all([*(graded(path) for path in NOTES), late], tmp_path / "out")
    assert written.students == len(NOTES) + 1
    data = json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))
    Draft202012Validator(results.schema()).validate(data)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["needs_review"][0] == {"id": "pdf", "name": "", "failure": "a PDF cannot be read", "review": []}
    points = (tmp_path / "out" / "points.csv").read_text(encoding="utf-8")
    assert '"pdf","","","","","not graded"' in points
