"""docs/results.md tells the truth: the files, the formats and the limits are as it says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from gradebook_samples import a_class, with_outcomes

from derivcheck.gradebook import lines, prairielearn, results, student, write
from derivcheck.gradebook.words import GRAVITY, MARKS

ROOT = Path(__file__).parents[2]
DOCS = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")


def test_every_file_of_the_directory_is_named(tmp_path: Path) -> None:
    grace = with_outcomes("Grace Hopper", {})
    from_moodle = replace(grace, student=replace(grace.student, account="moodle:5"))
    write.write_all([one for one in a_class() if one.student.id != "hopper"] + [from_moodle], tmp_path)
    written = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    named = set(re.findall(r"`([\w/-]+\.(?:html|json|csv))`", DOCS.split("## ")[0]))
    general = {re.sub(r"/[^/]+(\.\w+)$", r"/ID\1", name) for name in written}
    assert general == named


def test_the_limits_are_as_told() -> None:
    for limit in (lines.MOST_LINES, lines.MOST_CHARACTERS, student.MOST_DRAWN, student.MOST_CARDS):
        assert f"{limit:,}" in DOCS
    assert prairielearn.MOST_BYTES == 1_000_000
    assert f"form {results.FORM}," in DOCS


def test_the_marks_are_as_told() -> None:
    told = re.findall(r"^\| (\w+) \| \w", DOCS.split("## Pages")[1].split("## JSON")[0], flags=re.MULTILINE)
    assert told == [
        "mark",
        *(word for word, _ in (MARKS[mark] for mark in ("right", "follows", "wrong", "review", "unread"))),
    ]
    assert ", ".join(mark for mark in GRAVITY if mark != "none") in DOCS.replace("\n", " ")


def test_the_schema_is_where_it_is_said_to_be() -> None:
    assert (ROOT / "derivcheck" / "gradebook" / "results.schema.json").is_file()
    assert "`derivcheck/gradebook/results.schema.json`" in DOCS
