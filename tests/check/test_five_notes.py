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


def test_thirty_for_ten():
    found = claim(N3, 26)
    assert found.first_wrong_step is not None
    assert found.steps[found.first_wrong_step].right == r"30"
    assert found.diagnosis == "a slip in the arithmetic: it holds with 10"
    assert at(N3, 26).standing is Standing.WRONG
    assert at(N3, 24).standing is not Standing.WRONG


def test_the_sum_over_the_observations_is_missing():
    found = claim(N3, 108)
    assert found.diagnosis_kind == "missing sum"
    assert found.diagnosis == "a sum is missing: it holds with sum(1/N*(A2 - y))"


def test_the_gradient_by_the_first_bias_has_another_shape():
    assert at(N3, 112).standing is Standing.WRONG
    assert claim(N3, 112).because == "the two sides have different shapes: [h, 1] and [1, N]"


def test_a_transpose_is_missing():
    assert at(N3, 106).standing is Standing.WRONG
    assert claim(N3, 106).problems[0].hint == "with the transpose (`.T`) of the right side the shapes fit"


def test_a_gradient_of_another_layer():
    found = claim(N2, 37)
    assert found.diagnosis == "a factor sigmoid'(a1) is missing: it holds with W2.T*(h2 - y)*sigmoid'(a1)"


@pytest.mark.parametrize("line", [102, 106])
def test_the_update_equations_lack_a_transpose(line):
    """Their learning rate came out as a product sign: what they state is told as a suggestion."""
    assert at(N1, line).standing is Standing.UNREAD
    found = suggestion(N1, line)
    assert found.words == r"`\times` read as `\alpha`"
    assert found.verdict == "invalid"
    assert "with the transpose (`.T`)" in found.because


def test_the_mean_is_no_sum():
    """What NumPy's form lacks, once its name and the sum before it are read as they were meant."""
    found = suggestion(N1, 70)
    assert found.words.startswith(r"`nb. \text{Sum}` read as `\mathrm{np.sum}` and `heepdims` read as `keepdims`")
    assert found.because.startswith("a factor 1/m is missing on the right")


def test_the_factor_one_over_m_is_missing_beside_the_transpose():
    """With its transpose in place, the update of the first weights still lacks the 1/m."""
    from derivcheck.notes.check import check_note, read_text
    from derivcheck.spec import load

    key = load(FOLDER.parent / "notes_corpus" / "001.deriv.yaml")
    text = r"$$W^{[1]} = W^{[1]} - \alpha W^{[2]T}(T-Y) \odot ReLU'(Z^{[1]}) X^{T}$$"
    (found,) = check_note(read_text(text, "note.md", key), key=key).claims
    assert found.diagnosis.startswith("a factor 1/m is missing")


def test_undoing_what_the_transcription_did():
    proved = [(note[:3], one.line) for note in notes() for one in checked(note)
              if (found := suggestion(note, one.line)) is not None and found.verdict == "proved"]  # fmt: skip
    assert {("000", 35), ("000", 43), ("000", 59), ("001", 17), ("001", 36), ("001", 38), ("001", 40), ("001", 42),
            ("001", 104), ("002", 9), ("004", 46)} <= set(proved)  # fmt: skip
