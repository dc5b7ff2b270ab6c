"""The five notes as they came: nothing is misread, by the ledger and by readings that were checked by hand; the
mistakes of their authors are found in their places."""

from __future__ import annotations

from pathlib import Path

import pytest
from notes_measure import Checked, checked, notes, readings, table

from derivcheck.notes.outcome import Standing
from derivcheck.verdict import ClaimReport

FOLDER = Path(__file__).parent
N0, N1, N2, N3, N4 = notes()

#: Where the ledger counts something else, and why: nothing of this is a misreading.
EXPLAINED = {
    (
        N3,
        86,
    ): "the ledger counts the point z = 0, at which there is no derivative; the report says that it is left out",
}


def at(note: str, line: int, number: int = 0) -> Checked:
    return [one for one in checked(note) if one.line == line][number]


def claim(note: str, line: int, number: int = 0) -> ClaimReport:
    one = at(note, line, number)
    part = next(part for part in one.formula.parts if part.claim is not None)
    return next(found for found in one.report.claims if found.id == part.claim)


def suggestion(note: str, line: int):
    one = at(note, line)
    return next((found for found in one.report.suggestions if found.formula == one.number), None)


@pytest.mark.parametrize("note", notes())
def test_nothing_is_misread_by_the_ledger(note):
    against = {(note, one.line) for one in checked(note) if one.contradicts}
    assert against <= EXPLAINED.keys()


def test_what_is_explained_is_still_so():
    assert {place for place in EXPLAINED if at(*place).contradicts} == EXPLAINED.keys()


def test_the_readings_are_those_that_were_checked_by_hand():
    assert readings() == (FOLDER / "five-notes.txt").read_text(encoding="utf-8")


def test_the_table_is_that_of_the_readme():
    page = (FOLDER.parent / "notes_corpus" / "README.md").read_text(encoding="utf-8")
    assert table() in page


# --- the authors' mistakes

#: What the ledger says is wrong as its author wrote it, in formulas that can be read: where it stands, and what a
#: teacher would say. Of the second note's update equations the learning rate came out as a product sign: what they
#: state is told as a suggestion.
MISTAKES = [
    (N2, 37, "refuted", "a factor sigmoid'(a1) is missing: it holds with W2.T*(h2 - y)*sigmoid'(a1)"),
    (N3, 26, "refuted", "a slip in the arithmetic: it holds with 10"),
    (N3, 28, "refuted", "it follows from line 26: with 30 for z it holds"),
    (N3, 90, "invalid", "the transpose of w2 and the factor x.T are missing: it holds with "
     "((a2 - y)*w2.T*indicator(z1 > 0)) @ x.T"),
    (N3, 108, "invalid", "a sum is missing: it holds with sum(1/N*(A2 - y))"),
    (N3, 112, "invalid", "the factors w2.T and relu'(Z1), and the sum over the axis 1 are missing: it holds with "
     "sum((w2.T @ (1/N*(A2 - y)))*relu'(Z1), axis=1, keepdims=True)"),
    (N4, 52, "refuted", "the inner derivative is forgotten (chain rule), D(z, w): it holds with sigmoid'(z)*D(z, w)"),
]  # fmt: skip

#: What is right but for a transpose, or a row beside a column.
LAYOUTS = [
    (
        N2,
        59,
        "a transpose is missing or too many: transposed, the right side agrees as far as its numbers are rounded",
    ),
    (N3, 82, "a transpose is missing, of w2: it holds with (a2 - y)*w2.T*indicator(z1 > 0)"),
    (N3, 100, "a transpose is missing, of w2: it holds with (a2 - y)*w2.T*indicator(z1 > 0)"),
    (N3, 106, "a transpose is missing, of A1: it holds with 1/N*(A2 - y) @ A1.T"),
]

SUGGESTED = [
    (N1, 70, "refuted", "a factor 1/m is missing on the right: it holds with sum(T - Y, axis=1, keepdims=True)/m"),
    (N1, 102, "invalid", "a transpose is missing, of A1: it holds with W2 - alpha*(T - Y) @ A1.T/m"),
    (N1, 106, "invalid", "the transpose of W2 and the factor 1/m are missing: it holds with "
     "W1 - ((alpha*W2.T @ (T - Y))*relu'(Z1)) @ X.T/m"),
    (N1, 108, "invalid", "the transpose of W2 and the factor 1/m are missing, and a sum along an axis is needed, not "
     "over all entries: it holds with b1 - alpha*sum((W2.T @ (T - Y))*relu'(Z1), axis=1, keepdims=True)/m"),
    (N3, 110, "invalid", "the transposes of w2 and X are missing, and the order of a product is wrong: it holds with "
     "((1/N*w2.T @ (A2 - y))*indicator(Z1 > 0)) @ X.T"),
]  # fmt: skip


def told(note: str, line: int) -> ClaimReport:
    """The report of the claim that goes wrong in a line."""
    reports = {id(one.report): one.report for one in checked(note)}
    found = [(report, claim) for report in reports.values() for claim in report.claims if not claim.ok]
    return next(claim for report, claim in found if report.source.position(claim.span.start)[0] == line)


@pytest.mark.parametrize(("note", "line", "verdict", "words"), MISTAKES)
def test_a_mistake_is_found_in_its_place(note, line, verdict, words):
    assert at(note, line).standing is Standing.WRONG
    found = told(note, line)
    assert (found.verdict.value, found.diagnosis) == (verdict, words)


@pytest.mark.parametrize(("note", "line", "words"), LAYOUTS)
def test_a_row_for_a_column_is_told(note, line, words):
    assert at(note, line).standing is Standing.WRONG
    found = told(note, line)
    assert (found.verdict.value, found.diagnosis, found.diagnosis_kind) == ("invalid", words, "transpose")


@pytest.mark.parametrize(("note", "line", "verdict", "words"), SUGGESTED)
def test_a_mistake_beside_damage_is_told_as_a_suggestion(note, line, verdict, words):
    assert at(note, line).standing is Standing.UNREAD
    found = suggestion(note, line)
    assert (found.verdict, found.because) == (verdict, words)


def test_an_update_equation_that_is_right_is_proved_once_its_learning_rate_is_read():
    found = suggestion(N1, 104)
    assert found.words == r"`\Sigma` read as `\mathrm{sum}` and `\times` read as `\alpha`"
    assert found.verdict == "proved"


def test_thirty_for_ten_is_where_it_first_stands():
    found = claim(N3, 26)
    assert found.first_wrong_step is not None
    assert found.steps[found.first_wrong_step].right == "30"
    assert at(N3, 24).standing is not Standing.WRONG


def test_undoing_what_the_transcription_did():
    proved = [(note[:3], one.line) for note in notes() for one in checked(note)
              if (found := suggestion(note, one.line)) is not None and found.verdict == "proved"]  # fmt: skip
    assert {("000", 35), ("000", 43), ("000", 59), ("001", 17), ("001", 36), ("001", 38), ("001", 40), ("001", 42),
            ("001", 104), ("002", 9), ("004", 46)} <= set(proved)  # fmt: skip
