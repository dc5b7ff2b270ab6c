"""Where formulas stand in documents, and where what looks like one is none; any text in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.notes.document import Document, document
from derivcheck.source import Source


def found(text: str, path: str = "note.md") -> list[str]:
    return [text[place.content.start : place.content.end] for place in document(Source(path, text)).formulas]


def told(made: Document) -> list[str]:
    return [problem.message for problem in made.problems]


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$a$ and $b$", ["a", "b"]),
        ("$$a = b$$", ["a = b"]),
        ("$$\na\n= b\n$$", ["\na\n= b\n"]),
        (r"\(a\) and \[b\]", ["a", "b"]),
        (r"\[a \\[2pt] b\]", [r"a \\[2pt] b"]),
        (r"\\(a\\) and \\[b\\]", ["a", "b"]),
        (r"\begin{align*} a &= b \end{align*} $c$", [" a &= b ", "c"]),
        (r"\begin{alignat}{2} a &= b \end{alignat}", [" a &= b "]),
        (r"\begin{align} a \end{align*}", []),
        (r"\begin{theorem} $a$ \end{theorem}", ["a"]),
        ("$`a`$ and\n```math\nb\n```\n", ["a", "\nb"]),
        ("> $$\n> a\n> $$", ["\n> a\n> "]),
        ("$a$$b$", ["a", "b"]),
        ("$a\nb$", ["a\nb"]),
        ("$a\n\nb$", []),
        ("- $a\n- b$", []),
        ("$ a = b $", [" a = b "]),
        ("$ 5 and $ 6", []),
        ("costs $5, or $6 each", []),
        ("costs $5 and $x$ more", ["x"]),
        ("$20,000 and $30,000", []),
        (r"\$a\$ and $b\$c$", [r"b\$c"]),
        (r"\\$a$", ["a"]),
        ("`$a$` and ``b`$c$`` $d$", ["d"]),
        ("```\n$a$\n```\n$b$", ["b"]),
        ("~~~~\n$a$\n~~~\n~~~~\n$b$", ["b"]),
        ("```\n$a$", []),
        ("```a`b $c$", ["c"]),
        ("<!-- $a$ --> $b$", ["b"]),
        ("50 % of $a$", ["a"]),
        (r"\begin{verbatim}$a$\end{verbatim}$b$", ["b"]),
        ("$$", []),
        ("$", []),
        ("", []),
    ],
)
def test_formulas_of_markdown(text: str, formulas: list[str]) -> None:
    assert found(text) == formulas


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        (r"$x$ \begin{document} $a$ \end{document} $b$", ["a"]),
        ("\\documentclass{article}\n% \\begin{document}\n\\begin{document}$a$\\end{document}", ["a"]),
        ("$a$ % $b$\n$c$", ["a", "c"]),
        (r"50\% of $a$", ["a"]),
        (r"\verb|$a$| $b$", ["b"]),
        (r"\$5 and $ a $", [" a "]),
        ("$a\n\\item b$", []),
        (r"\begin{equation}a\label{x}\end{equation}", [r"a\label{x}"]),
        (r"\begin{lstlisting}$a$\end{lstlisting}$b$", ["b"]),
        (r"\\[1ex] $a$", ["a"]),
        ("`$a$' ``quoted''", ["a"]),
    ],
)
def test_formulas_of_latex(text: str, formulas: list[str]) -> None:
    assert found(text, "note.tex") == formulas


def test_a_document_is_latex_by_its_name_or_by_what_it_is() -> None:
    assert found("$a$ % $b$", "x.txt") == ["a", "b"]
    assert found(r"\documentclass{a}\begin{document}$a$ % $b$", "x.txt") == ["a"]
    assert found(r"\documentclass{a} $a$ % $b$", "x.md") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "piece", "rest"),
    [
        ("$a = b\n\n$c$", "$", ["c"]),
        ("$$a = b\n\n$$c$$", "$$", ["c"]),
        (r"\[a = b" + "\n\n$c$", r"\[", ["c"]),
        (r"\(a = b" + "\n\n$c$", r"\(", ["c"]),
        (r"\begin{align} a = b $c$", r"\begin{align}", ["c"]),
    ],
)
def test_what_is_not_closed_is_told_and_the_rest_is_read(text: str, piece: str, rest: list[str]) -> None:
    made = document(Source("note.md", text))
    (problem,) = made.problems
    assert problem.message == "this formula is not closed"
    assert problem.span is not None
    assert text[problem.span.start : problem.span.end] == piece
    assert [text[p.content.start : p.content.end] for p in made.formulas] == rest


def test_the_marks_of_a_quotation_are_no_part_of_its_formulas() -> None:
    text = "> > $$\n> > a\n> > = b\n> > $$ $x > y$"
    made = document(Source("note.md", text))
    first, second = (made.passage(place) for place in made.formulas)
    assert first.text == "\na\n= b\n"
    assert text[first.span(1, 2).start] == "a"
    assert second.text == "x > y"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (r"\newcommand{\R}{x}", {"R"}),
        (r"\newcommand*\R{x}", {"R"}),
        (r"\renewcommand{\hat}[1]{#1}", {"hat"}),
        (r"\def\a{\a\a}", {"a"}),
        (r"\let\b=\c", {"b"}),
        (r"\DeclareMathOperator{\tr}{tr}", {"tr"}),
        (r"\newenvironment{align}{}{}", {"align"}),
        (r"\NewDocumentCommand{\f}{m}{#1}", {"f"}),
        (r"\usepackage{amsmath, physics}", {"div", "tr", "Tr", "det", "exp", "log", "ln", "sin", "cos", "tan"}),
        (r"\usepackage{amsmath}", set()),
        (r"\left(\defect)", set()),
    ],
)
def test_what_a_document_defines_is_known(text: str, names: set[str]) -> None:
    assert document(Source("note.tex", text)).macros == names


def test_a_document_that_changes_the_signs_of_tex_or_reads_files_is_told_of() -> None:
    assert told(document(Source("note.tex", r"\catcode`\$=12 $a$"))) == [
        "this changes what signs mean to TeX: no formula of this document can be read"
    ]
    assert told(document(Source("note.tex", r"\input{secret} $a$"))) == [
        "another file is read here; it was not opened, and what it defines is not known"
    ]
    assert told(document(Source("note.md", r"about \catcode and \input{x} $a$"))) == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("~~$a$~~", "this is crossed out"),
        ("<del>$a$</del>", "this is crossed out"),
        (r"\sout{$a$}", "this is crossed out"),
        (r"\textcolor{white}{$a$}", "this is not seen on the page"),
        (r"\textcolor[HTML]{FFFFFE}{$a$}", "this is not seen on the page"),
        (r"\textcolor{red}{$a$}", ""),
        (r"{\color{white} b {c} $a$}", "this is not seen on the page"),
        (r"{\color{white} b} $a$", ""),
        (r"{\color{blue!80} $a$}", ""),
        (r"\phantom{$a$}", "this is not seen on the page"),
        (r"\iffalse $a$ \fi", "this is not seen on the page"),
        (r"\iffalse b \fi $a$", ""),
        ('<span style="display: none">$a$</span>', "this is not seen on the page"),
        ("<span hidden>b</span> $a$", ""),
        ("~~ b\n\n$a$ ~~", ""),
    ],
)
def test_what_does_not_count_on_the_page(text: str, reason: str) -> None:
    (place,) = document(Source("note.md", text)).formulas
    assert place.hidden == reason


_SIGNS = [
    "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\", "`", "```", "~~", "a", "{", "}", "%", ">", "5", "|",
    "\\begin{align}", "\\end{align}", "\\begin{verbatim}", "\\end{verbatim}", "<!--", "-->", "\\color{white}",
    "\\def\\a", "\\verb",
    "<del>", "</del>", "\\iffalse", "\\fi", "\\begin{document}", "\\end{document}",
]  # fmt: skip
_PIECES = st.lists(st.sampled_from([*_SIGNS, "\n", "\n\n", " ", "= b", "- "]), max_size=40).map("".join)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.one_of(_PIECES, st.text(max_size=80)), st.sampled_from(["a.md", "a.tex"]))
def test_every_text_is_a_document(text: str, path: str) -> None:
    made = document(Source(path, text))
    at = 0
    for place in made.formulas:
        assert at <= place.span.start <= place.content.start <= place.content.end <= place.span.end <= len(text)
        at = place.span.end
        passage = made.passage(place)
        assert all(text[passage.offsets[i]] == c for i, c in enumerate(passage.text))
    assert made == document(Source(path, text))


@settings(derandomize=True, max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["$a_{}$", "$$a_{}$$", "\\(a_{}\\)", "\\[a_{}\\]", "\\begin{{align}}a_{}\\end{{align}}"]),
            st.sampled_from([" ", "\n\n", " text, ", " $5 ", "\n```\n$x$\n```\n", " `$x$` ", "\n- "]),
        ),
        max_size=12,
    )
)
def test_every_formula_is_found_where_it_stands(pieces: list[tuple[str, str]]) -> None:
    text = "".join(form.format(number) + between for number, (form, between) in enumerate(pieces))
    assert found(text) == [f"a_{number}" for number in range(len(pieces))]


@pytest.mark.parametrize(
    "piece",
    [*_SIGNS, "$ ", "$$\n\n", "\\[ \\\\] ", "\\( \n\n", "` `` ``` ", "\\$ ", "$a \\$", "> ", "\n", "%\n", "\\\\"],
)
@pytest.mark.parametrize("path", ["a.md", "a.tex"])
def test_hostile_texts_take_linear_time(piece: str, path: str) -> None:
    def once(text: str) -> float:
        start = time.process_time()
        document(Source(path, text))
        return time.process_time() - start

    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        return min(once(text) for _ in range(3))  # what else goes on in this process only ever adds to it

    seconds(1_000)
    assert seconds(64_000) < 40 * max(seconds(8_000), 0.004)
