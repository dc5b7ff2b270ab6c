"""What the reader accepts prints to LaTeX that it reads to the same nodes; whatever comes, it reads or refuses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from latex_kit import CASES, NOTATIONS, Case, read

from derivcheck.errors import Problem, Refused
from derivcheck.lang.latex import Line, Notation, Unprintable, read_expression, read_formula, to_latex
from derivcheck.lang.latex.written import written
from derivcheck.source import Passage

EVERY = settings(derandomize=True, max_examples=250, deadline=None)
KIT = "layers"

ATOMS = st.sampled_from(
    [
        *[
            r"x",
            r"y",
            r"w",
            r"z^{[1]}",
            r"z^{[2]}",
            r"a^{[1]}",
            r"\hat{y}",
            r"b^{[1]}",
            r"W^{(1)}",
            r"W^{[2]}",
            r"L",
            r"\lambda",
            r"2",
            r"0.5",
            r"1",
            r"x_1",
            r"x_{j}",
            r"\pi",
            r"e",
            r"A",
        ],
        *[
            r"W^{[1]}_{jk}",
            r"L(a^{[2]}, y)",
            r"\begin{bmatrix} 1 & -2 \end{bmatrix}",
            r"\sum_{i=1}^{n} x_i",
            r"[2 \ -3]",
            r"I",
            r"I_n",
            r"\mathbf{I}",
            r"\mathbf{1}",
            r"\mathbf{1}_{h}",
        ],
    ]
)


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds(
            lambda a, sign: f"{a[0]} {sign} {a[1]}", pair, st.sampled_from(["+", "-", r"\cdot", r"\odot", "", "/"])
        ),
        st.builds(lambda a: rf"\left( {a} \right)", inner),
        st.builds(lambda a: rf"( {a} )^T", inner),
        st.builds(lambda a: rf"( {a} )^{{-1}}", inner),
        st.builds(lambda a: rf"-{a}", inner),
        st.builds(lambda a: rf"\frac{{{a[0]}}}{{{a[1]}}}", pair),
        st.builds(lambda a: rf"e^{{{a}}}", inner),
        st.builds(lambda a: rf"({a[0]})^{{{a[1]}}}", pair),
        st.builds(lambda a: rf"\log {a}", inner),
        st.builds(lambda a: rf"\sin^2\left({a}\right)", inner),
        st.builds(lambda a: rf"\sigma'({a})", inner),
        st.builds(lambda a: rf"\mathrm{{ReLU}}({a})", inner),
        st.builds(lambda a: rf"\sqrt[3]{{{a}}}", inner),
        st.builds(lambda a: rf"\lVert {a} \rVert_2^2", inner),
        st.builds(lambda a: rf"\left| {a} \right|", inner),
        st.builds(lambda a: rf"\mathbb{{1}}[{a[0]} > {a[1]}]", pair),
        st.builds(lambda a: rf"\begin{{cases}} {a[0]} & {a[1]} \le 0 \\ 0 & \text{{otherwise}} \end{{cases}}", pair),
        st.builds(lambda a: rf"\frac{{\partial {a}}}{{\partial w}}", inner),
        st.builds(lambda a: rf"\frac{{\partial}}{{\partial w}} {a}", inner),
        st.builds(lambda a: rf"\left\langle {a[0]}, {a[1]} \right\rangle", pair),
        st.builds(lambda a: rf"\left[ {a} \right]_+", inner),
        st.builds(lambda a: rf"\left( {a} \right)'", inner),
        st.builds(lambda a: rf"\delta_{{jk}} {a}", inner),
        st.builds(lambda a: rf"\nabla_{{W^{{(1)}}}} {a}", inner),
        st.builds(lambda a: rf"\sum_{{j=1}}^{{h}} ({a})", inner),
        st.builds(lambda a: rf"\mathrm{{np.sum}}({a}, axis=0, keepdims=True)", inner),
    )


FORMULAS = st.recursive(ATOMS, _extend, max_leaves=8)


def back(latex: str, notation: Notation) -> None:
    """What was read, printed and read again is the same."""
    for line in read_formula(Passage.of(latex), notation):
        # together, since an index in a condition is known by what else it stands on
        printed = " = ".join(to_latex(term, notation) for term in line.terms)
        (again,) = read_formula(Passage.of(printed), notation)
        assert len(again.relations) == len(line.terms) - 1
        assert [written(term) for term in again.terms] == [written(term) for term in line.terms], printed


@pytest.mark.parametrize("case", [c for c in CASES if c.kind != "unread"], ids=lambda c: f"{c.kit}: {c.latex[:60]}")
def test_every_formula_goes_there_and_back(case: Case) -> None:
    try:
        back(case.latex, NOTATIONS[case.kit])
    except Unprintable:
        pytest.fail("not printable")


@EVERY
@given(FORMULAS)
def test_random_formulas_go_there_and_back(latex: str) -> None:
    try:
        read(latex, KIT)
    except Refused:
        return
    back(latex, NOTATIONS[KIT])


def test_most_random_formulas_are_read() -> None:
    """The property above is about something: a good part of what it draws is accepted."""
    seen = {True: 0, False: 0}

    @settings(derandomize=True, max_examples=200, deadline=None, database=None)
    @given(FORMULAS)
    def count(latex: str) -> None:
        try:
            read(latex, KIT)
        except Refused:
            seen[False] += 1
        else:
            seen[True] += 1

    count()
    assert seen[True] > seen[False] / 2


PIECES = st.sampled_from(
    [
        *[
            r"\frac",
            r"\sqrt",
            r"\left",
            r"\right",
            r"(",
            r")",
            r"[",
            r"]",
            r"{",
            r"}",
            r"^",
            r"_",
            r"'",
            r"&",
            r"\\",
            r"\begin{cases}",
            r"\end{cases}",
            r"\log",
            r"\sum",
            r"\partial",
            r"\nabla",
        ],
        *[
            r"\begin{aligned}",
            r"\end{aligned}",
            r"\hat",
            r"\mathbf",
            r"\text{so}",
            r"\text{if}",
            r"\mathrm{ReLU}",
            r"\quad",
            r",",
            r".",
            r":",
            r"=",
            r"<",
            r"\approx",
        ],
        *[
            r"+",
            r"-",
            r"\cdot",
            r"/",
            r"|",
            r"\|",
            r"x",
            r"w",
            r"W",
            r"L",
            r"1",
            r"2",
            r"\mathbb{1}",
            r"\boxed",
            r"\underbrace",
            r"\{",
            r"\}",
            r"\top",
            r"T",
            r"d",
            r"e",
            r"i",
            r"\tag{1}",
            r"\,",
            r"~",
            r"%",
        ],
        *[r"\Rightarrow", "[1]", "(i)", "σ", "ŷ", "①", "é", r"\x", " ", "\n", "\u202e", "\x00"],
    ]
)


def outcome(text: str, kit: str) -> tuple[tuple[Line, ...], tuple[Problem, ...]]:
    """What is read, or why not."""
    try:
        return read(text, kit), ()
    except Refused as refused:
        return (), refused.problems


@settings(derandomize=True, max_examples=600, deadline=None)
@given(st.lists(PIECES, max_size=14), st.sampled_from(["", " "]))
def test_whatever_comes_is_read_or_refused(pieces: list[str], between: str) -> None:
    text = between.join(pieces)
    lines, problems = outcome(text, KIT)
    assert bool(lines) != bool(problems)
    for problem in problems:
        assert problem.span is not None
        assert problem.span.start <= len(text)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    lines, problems = outcome(text, "calculus")
    assert bool(lines) != bool(problems)


def test_an_expression_is_no_statement() -> None:
    assert written(read_expression(Passage.of("x y"), NOTATIONS["calculus"]))
    with pytest.raises(Refused, match="expected here"):
        read_expression(Passage.of("x = y"), NOTATIONS["calculus"])
