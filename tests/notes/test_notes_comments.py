"""Comments of TeX inside formulas: what the page does not show is not read, and nothing else is lost."""

from __future__ import annotations

import pytest

from derivcheck.notes.read import read_note
from derivcheck.source import Source
from derivcheck.spec import loads

KEY = loads("derivcheck: 1\ntitle: x\nvariables: {x: , y: }\nclaims: {a: x == x}\n", "key.deriv.yaml")


def formulas(text: str, path: str = "note.tex") -> list[str | None]:
    """What each formula claims (its claims' texts), or ``None`` where it is unread."""
    note = read_note(Source(path, text), KEY)
    assert all(formula.problem is not None or formula.parts for formula in note.formulas)
    claims = iter(note.derivation.claims)
    return [None if formula.problem is not None else next(claims).text for formula in note.formulas]


@pytest.mark.parametrize(
    "text",
    [
        "\\[ x^2 = y % why\n + 1 \\]",
        "\\[ x^2 = y % it costs $5$\n + 1 \\]",
        "\\[ x^2 = y % 100% sure\n + 1 \\]",
        "\\begin{align} x^2 &= y % \\\\\n + 1 \\end{align}",
        "$x^2 = y %\n + 1$",
    ],
)
def test_a_comment_inside_a_formula_is_left_out(text: str) -> None:
    (claimed,) = formulas(text)
    assert claimed is not None
    assert "".join(claimed.split()) == "x^2=y+1"


@pytest.mark.parametrize(
    "text",
    [
        "\\[ x^2 = y % \\]\n + 1 \\]",
        "$x^2 = y % $\n + 1$",
        "\\begin{align} x^2 &= y % \\end{align}\n + 1 \\end{align}",
        "\\[ x^2 = y % why \\]",
        "\\[ x^2 = y \\% \n + 1 \\]",
    ],
)
def test_a_comment_that_may_hide_the_end_of_a_formula_stops_it(text: str) -> None:
    assert formulas(text)[0] is None


def test_markdown_has_no_such_comments() -> None:
    assert formulas("$$ x^2 = y % why\n + 1 $$", "note.md") == [None]


def test_places_are_those_of_the_document() -> None:
    text = "\\[ x^2 = y % why\n + q \\]"
    note = read_note(Source("note.tex", text), KEY)
    problem = note.formulas[0].problem
    assert problem is not None
    assert problem.span is not None
    assert text[problem.span.start : problem.span.end] == "q"
