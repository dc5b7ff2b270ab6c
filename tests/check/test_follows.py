"""Steps that are wrong because of an earlier mistake: that is said, and they stay wrong."""

from __future__ import annotations

import pytest
from notes_kit import key

from derivcheck.notes.check import check_note, read_text
from derivcheck.notes.model import NoteReport

KEY = key(define={
    "w": "2", "x": "3", "z": "w*x + 4", "a": "z**2", "E": "(a - 1)/2", "u": "[1, 2]", "s": "sum(u*u)",
})  # fmt: skip


def report(*formulas: str) -> NoteReport:
    text = "\n\n".join(f"$${formula}$$" for formula in formulas)
    return check_note(read_text(text, "note.md", KEY), key=KEY)


def told(*formulas: str) -> list[tuple[str, str | None]]:
    return [(claim.verdict.value, claim.diagnosis_kind) for claim in report(*formulas).claims]


def test_a_number_that_was_put_in_as_it_was_stated():
    found = report("z = 2 \\cdot 3 + 4 = 12", "a = z^2 = 12^2 = 144")
    assert found.claims[0].diagnosis == "a slip in the arithmetic: it holds with 10"
    assert found.claims[1].diagnosis == "it follows from line 1: with 12 for z it holds"
    assert found.claims[1].verdict == "refuted"


@pytest.mark.parametrize(
    ("formulas", "kinds"),
    [
        (("z = 2 \\cdot 3 + 4 = 12", "a = 144"), ["arithmetic", "follows"]),
        (("z = 12", "a = 144", "E = \\frac{144 - 1}{2}"), ["arithmetic", "follows", "follows"]),
        (("z = 12", "a = 145"), ["arithmetic", "arithmetic"]),  # another mistake
        (("z = 10", "a = 144"), [None, "arithmetic"]),  # nothing wrong before it
        (("a = 144", "z = 12"), ["arithmetic", "arithmetic"]),  # what comes later is no reason
        (("z = 12", "s = 6"), ["arithmetic", "arithmetic"]),  # nothing to do with it
        (("z = 12", "z = 13"), ["arithmetic", "arithmetic"]),
        (("z = a", "a = 100"), ["other", None]),  # a name is not defined by what is made from it
    ],
)
def test_what_follows_and_what_does_not(formulas, kinds):
    found = [kind for _, kind in told(*formulas)]
    assert [kind if kind in ("follows", None) else "other" for kind in found] == [
        kind if kind in ("follows", None) else "other" for kind in kinds
    ]


def test_what_is_wrong_again_in_its_own_right_is_stated_then():
    assert [kind for _, kind in told("z = 12", "z = 11", "a = 121")][-1] == "follows"


def test_nothing_right_is_touched():
    assert [verdict for verdict, _ in told("z = 12", "a = 100", "s = 5")] == ["refuted", "proved", "proved"]
