"""Owns the tables that gradebooks import: Canvas, Moodle (its gradebook and its grading worksheet), nbgrader.

Points that do not stand yet, because a person has to look at the submission, are not handed to a gradebook: their
cell is empty, which changes nothing there. ``points.csv`` has all points, with those that are preliminary marked.

A cell that a spreadsheet would run is no formula any more: an apostrophe stands before it. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import normalize

from derivcheck.gradebook.feedback import overview
from derivcheck.gradebook.html import inert
from derivcheck.gradebook.words import OUTCOMES, claim_name, needs_review, number, shortened
from derivcheck.grading.model import Student, Submission

#: Decimals of points: Moodle keeps five, Canvas shows two.
_PLACES = 5

#: A user of a platform, as a submission's place in that platform's own export tells.
_ACCOUNT = re.compile(r"(canvas|moodle):([0-9]{1,18})")
_NBGRADER = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score"),
    *("late_submission_penalty", "score", "max_score"),
)

_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_STARTS = frozenset("=+-@|%\N{MINUS SIGN}")
_AGAIN = re.compile(r"(?<=[;|])(\s*[\"']?\s*)(?=\S)")


@dataclass(frozen=True, slots=True)
class Row:
    """What the tables need of a submission."""

    student: Student
    points: Fraction
    of: Fraction
    review: bool
    failed: bool
    claims: tuple[tuple[str, Fraction], ...]
    feedback: str

    @property
    def standing(self) -> str:
        """The points if they stand, else nothing."""
        return "" if self.review else _points(self.points)

    @classmethod
    def of_submission(cls, submission: Submission) -> Row:
        """The row of a submission."""
        said = [*overview(submission), *_claims(submission)]
        return cls(
            submission.student,
            submission.points,
            submission.of,
            needs_review(submission),
            bool(submission.failure),
            tuple((claim.id, claim.points) for claim in submission.claims),
            shortened(" / ".join(line.strip() for line in said), 4_000),
        )


def _claims(submission: Submission) -> Iterable[str]:
    for claim in submission.claims:
        words = OUTCOMES[claim.outcome][0] + (f" ({claim.diagnosis})" if claim.diagnosis else "")
        yield f"{claim_name(claim)}: {words}, {number(claim.points)} of {number(claim.of)}"


def canvas(rows: Sequence[Row], title: str) -> str:
    """The table that Canvas imports: it finds a student by Canvas's own id, by the SIS ids, or by the name."""
    most = max((row.of for row in rows), default=Fraction(0))
    table: list[Sequence[str]] = [
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", title),
        ("    Points Possible", "", "", "", "", _points(most)),
    ]
    for row in rows:
        found = account(row.student, "canvas")
        ours = "" if found else row.student.id
        login = row.student.email or ours
        table.append((row.student.name or row.student.id, found, ours, login, "", row.standing))
    return written(table)


def moodle(rows: Sequence[Row], title: str) -> str:
    """The table for Moodle's gradebook, whose import finds a student by the e-mail address.

    Only students with an address have a row: Moodle gives the points of a row without one to the student before it.
    """
    table: list[Sequence[str]] = [("Email address", "Full name", title, f"{title} (feedback)")]
    table += [(row.student.email, row.student.name, row.standing, row.feedback) for row in rows if row.student.email]
    return written(table)


def worksheet(rows: Sequence[Row]) -> str:
    """Moodle's offline grading worksheet, for the submissions that Moodle's own download has named."""
    table: list[Sequence[str]] = [
        (
            "Identifier",
            "Full name",
            "Email address",
            "Grade",
            "Maximum Grade",
            "Last modified (grade)",
            "Feedback comments",
        )
    ]
    for row in rows:
        participant = account(row.student, "moodle")
        if participant:
            name = f"Participant {participant}"
            most = _points(row.of)
            table.append((name, row.student.name, row.student.email, row.standing, most, "", row.feedback))
    return written(table)


def nbgrader(rows: Sequence[Row], title: str) -> str:
    """The columns that nbgrader exports."""
    table: list[Sequence[str]] = [_NBGRADER]
    for row in rows:
        first, _, last = row.student.name.rpartition(" ")
        got, most = row.standing, _points(row.of)
        table.append((title, "", "", row.student.id, last, first, row.student.email, got, "0", got, most))
    return written(table)


def points(rows: Sequence[Row], claims: Sequence[tuple[str, str]]) -> str:
    """All points, one column a claim (of ``claims``, ids and names), for people; it is no system's form."""
    heads = ["id", "name", "email", "points", "of", "state", *(name for _, name in claims)]
    table: list[Sequence[str]] = [heads]
    for row in rows:
        had = {identity: _points(got) for identity, got in row.claims}
        state = "not graded" if row.failed else "preliminary" if row.review else "stands"
        whole = ("", "") if row.failed else (_points(row.points), _points(row.of))
        each = (had.get(identity, "") for identity, _ in claims)
        table.append((row.student.id, row.student.name, row.student.email, *whole, state, *each))
    return written(table)


def account(student: Student, platform: str) -> str:
    """A student's number on a platform, or nothing.

    It is what the platform has said of the submission, never read off a path: files are named by students.
    """
    match = _ACCOUNT.fullmatch(student.account)
    return match.group(2) if match and match.group(1) == platform else ""


def safe_title(key: str) -> str:
    """A column's title made from a key's name; a number in brackets at its end would be Canvas's id of another."""
    title = re.sub(r"\(([0-9]+)\)\s*\Z", r"[\1]", " ".join(key.split()))
    return shortened(title, 200) or "derivcheck"


def written(table: Iterable[Sequence[str]]) -> str:
    """Rows as CSV: every cell quoted and defused, lines ended as RFC 4180 has it."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(
        [defused(c) for c in row] for row in table
    )
    return out.getvalue()


def defused(cell: str) -> str:
    """A cell that no spreadsheet runs, on one line.

    An apostrophe goes before what begins with ``=``, ``+``, ``-``, ``@`` or another form of these (full width,
    small), and before the same after ``;`` or ``|``, at which some spreadsheets cut. A number stays a number.
    """
    text = inert(" ".join(cell.replace("\t", " ").replace("\r", " ").split("\n")))
    if _NUMBER.match(text):
        return text
    text = _AGAIN.sub(lambda match: match.group(1) + ("'" if _runs(text[match.end() :]) else ""), text)
    return f"'{text}" if _runs(text.lstrip(" \"'\N{REPLACEMENT CHARACTER}\N{NO-BREAK SPACE}")) else text


def _runs(text: str) -> bool:
    first = normalize("NFKC", text[:1])[:1]
    return first in _STARTS if first else False


def _points(value: Fraction) -> str:
    return number(value, _PLACES)
