"""Products, powers and lengths by shapes, with what is ambiguous reported; notations; and inputs meant to hurt."""

from __future__ import annotations

import pytest
from latex_kit import NOTATIONS, SCOPES, read, statement

from derivcheck.errors import Refused
from derivcheck.lang.elaborate import Scope, ambiguities, elaborate
from derivcheck.lang.latex import Notation, read_expression, read_formula, read_statement
from derivcheck.source import Passage


def told(latex: str, kit: str) -> list[str]:
    """The pieces of a formula that could be read in two ways."""
    (line,) = read(latex, kit)
    return [latex[span.start : span.end] for span, _ in ambiguities(statement(line), SCOPES[kit])]


@pytest.mark.parametrize(
    ("latex", "kit", "places"),
    [
        (r"W^{[1]} x", "layers", []),
        (r"a^{[1]} (1 - a^{[1]})", "layers", []),
        (r"a^{[1]} x^T", "layers", []),
        (r"A \odot B", "layers", []),
        (r"A B", "layers", ["B"]),
        (r"A \cdot B", "layers", [r"\cdot"]),
        (r"A^{-1}", "layers", ["A^{-1}"]),
        (r"A^2", "layers", ["A^2"]),
        (r"w^2", "layers", []),
        (r"w \cdot v", "layers", [r"\cdot"]),
        (r"w^T \cdot v", "layers", []),
        (r"c c", "rows", ["c"]),
        (r"c \cdot c", "rows", [r"\cdot"]),
        (r"W^{[2]T}(T-Y) \odot Z^{[1]} X^T", "batch", [r"W^{[2]T}(T-Y) \odot Z^{[1]} X^T"]),
        (r"(W^{[2]T}(T-Y) \odot Z^{[1]}) X^T", "batch", []),
        (r"\alpha T \odot Y", "batch", []),
    ],
)
def test_what_can_be_read_in_two_ways_is_told(latex: str, kit: str, places: list[str]) -> None:
    assert sorted(set(told(latex, kit))) == places


def test_where_it_goes_along_is_told_by_the_whole_statement() -> None:
    made = read_statement(Passage.of(r"a^{[1]} = A^{-1} \\ = w"), NOTATIONS["layers"])
    assert [made.texts, made.relations] == [("a^{[1]}", "A^{-1}", "w"), ("==", "==")]
    with pytest.raises(Refused, match="second statement"):
        read_statement(Passage.of(r"w = v \\ v = w"), NOTATIONS["layers"])
    with pytest.raises(Refused, match="states nothing"):
        read_statement(Passage.of(r"w"), NOTATIONS["layers"])


def test_places_are_those_of_the_source() -> None:
    text = "first line\n$a + q$"
    start = text.index("a + q")
    from derivcheck.source import Source

    passage = Passage("a + q", Source("note.md", text), tuple(range(start, start + 6)))
    with pytest.raises(Refused) as refused:
        read_formula(passage, NOTATIONS["calculus"])
    assert "note.md:2:6" in str(refused.value)


def test_words_around_a_statement_are_kept() -> None:
    first, second = read(r"x = y \text{ if } z > 0 \quad \text{where } z = t", "calculus")
    assert len(first.conditions) == 1
    assert not first.supposes
    assert second.supposes


def test_an_index_of_one_side_alone_is_refused_across_lines() -> None:
    first, second = read_formula(Passage.of(r"z^{[1]} = b^{[1]} \\ = b^{[1]} x_k"), NOTATIONS["layers"])
    with pytest.raises(Refused, match="summed over"):
        second.after(first)


@pytest.mark.parametrize(
    ("spellings", "message"),
    [
        ({"x": (r"\hat{z}",), "y": (r"\hat{z}",)}, "stands for `x` and for `y`"),
        ({"x": ("a + b",)}, "a spelling is one symbol"),
        ({"x": ("",)}, "a spelling is one symbol"),
        ({"x": (r"\def\x{y}",)}, "is not taken"),
        ({"x": (r"\hat{z",)}, "not closed"),
    ],
)
def test_spellings_that_cannot_be(spellings: dict[str, tuple[str, ...]], message: str) -> None:
    made = Notation(shapes={"x": (), "y": ()}, spellings=spellings)
    with pytest.raises(Refused, match=message):
        read_formula(Passage.of("x"), made)


def test_a_declared_name_wins_over_a_function() -> None:
    made = Notation(shapes={"σ": (), "e": (), "z": (), "T": ()})
    with pytest.raises(Refused, match="could be a product or arguments"):
        read_formula(Passage.of(r"\sigma(z)"), made)
    power = read_expression(Passage.of("e^z"), made)
    assert elaborate(power, Scope(variables=made.shapes)).shape == ()
    with pytest.raises(Refused, match="a power or a transpose"):
        read_formula(Passage.of("z^T"), made)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 30_000,
        "(" * 1_000 + "x" + ")" * 1_000,
        "{" * 1_000 + "x" + "}" * 1_000,
        r"\left(" * 500 + "x" + r"\right)" * 500,
        r"\sqrt{" * 500 + "x" + "}" * 500,
        r"\hat" * 3_000 + "x",
        r"\frac{1}{" * 300 + "x" + "}" * 300,
        "x^{" * 300 + "2" + "}" * 300,
        "-" * 3_000 + "x",
        "|" * 3_000,
        r"\begin{cases} " * 300,
        "x'" * 3_000,
        "9" * 10_000,
        "x +" * 5_000,
        "x\u202ey",
        "x\x00y",
        "\u0430 + x",
        r"\sum_{i=1}^{x} " * 200,
        r"\log " * 400 + "x",
        r"\nabla_{x} " * 300 + "x",
    ],
    ids=lambda text: text[:12].encode("unicode_escape").decode(),
)
def test_what_is_meant_to_hurt_is_refused(text: str) -> None:
    with pytest.raises(Refused) as refused:
        read(text, "calculus")
    assert all(problem.span is not None for problem in refused.value.problems)


def test_long_but_flat_formulas_are_read() -> None:
    (line,) = read(" + ".join(["x y"] * 400), "calculus")
    assert len(line.terms) == 1
