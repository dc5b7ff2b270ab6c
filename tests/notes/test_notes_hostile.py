"""Notes that were written to hurt, and notes in which what a reader sees and what a program sees differ."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from notes_kit import key, note

from derivcheck.errors import Refused
from derivcheck.notes.model import Note
from derivcheck.notes.read import MOST_CHARACTERS, MOST_FORMULAS

KEY = key("x: [n, 1]", "W: [h, n]", define={"z": "W @ x", "a": "sigmoid(z)"})
RIGHT = r"$z = W x$"


def problems(made: Note) -> list[str | None]:
    return [formula.problem.message if formula.problem else None for formula in made.formulas]


@pytest.mark.parametrize(
    "text",
    [
        r"\def\a{\a\a} $\a = z$",
        r"$\def\a{z} z = W x$",
        r"$\input{/etc/passwd}$",
        r"$\write18{rm -rf /}$",
        r"$\csname z\endcsname$",
        r"\newcommand{\sigma}{2} $a = \sigma(z)$",
        r"\renewcommand\hat[1]{#1} $\hat{z} = z$",
        r"\let\ln\exp $\ln x = \ln x$",
        r"\newenvironment{cases}{}{} $z = \begin{cases} 1 & z > 0 \\ 0 & z \le 0 \end{cases}$",
        "$z = W x % - 1\n$",
        "$z = W\u202ex$",
        "$z = W\u200bx$",
        "$z = W x\x00$",
        "$\u0437 = W x + z - \u0437$",
        "$z = __import__('os')$",
        "$z = {0.__class__}$",
        r"$z = \text{<script>}$",
        "$" + "(" * 500 + "z" + ")" * 500 + "$",
        "$" + "{" * 500 + "z" + "}" * 500 + "$",
        "$" + r"\frac{1}{" * 100 + "z" + "}" * 100 + "$",
        "$z = " + "x + " * 20_000 + "x$",
        "$" + r"\sqrt{" * 60 + "z" + "}" * 60 + "$",
    ],
)
def test_a_hostile_formula_costs_itself_alone(text: str) -> None:
    made = note(f"{RIGHT}\n\n{text}\n\n{RIGHT}", KEY)
    first, *middle, last = problems(made)
    assert first is None
    assert last is None
    assert all(middle)
    assert len(made.derivation.claims) == 2


def test_what_is_too_large_is_no_mistake() -> None:
    made = note("$9^{9^{9^9}} = z$", KEY)
    assert list(made.doubtful) == ["line-1"]
    assert made.derivation.claims[0].statement is None


def test_limits() -> None:
    with pytest.raises(Refused, match="characters"):
        note("x" * (MOST_CHARACTERS + 1), KEY)
    made = note("$1=1$ " * (MOST_FORMULAS + 5), KEY)
    assert [problem is None for problem in problems(made)] == [True] * MOST_FORMULAS + [False] * 5


def test_a_long_note_of_definitions_is_read_in_reasonable_time() -> None:
    names = [rf"v_{{{number}}}" for number in range(150)]
    text = "\n".join(f"${name} = {before} + 1$" for before, name in zip(["1", *names], names, strict=False))
    made = note(text, KEY)
    assert len(made.derivation.definitions) == 152


def test_the_same_text_is_read_the_same() -> None:
    pieces = [RIGHT, "$a = z$", "$g = x$", "$g = z$", "$= W x$", "since $a = \\sigma(z)$", "$q = r$", "~~$z$~~", "$"]
    for seed in range(20):
        order = random.Random(seed).choices(pieces, k=12)
        one, other = (note("\n\n".join(order), KEY) for _ in range(2))
        assert one.formulas == other.formulas
        assert [(c.id, c.text, c.span) for c in one.derivation.claims] == [
            (c.id, c.text, c.span) for c in other.derivation.claims
        ]


@pytest.mark.parametrize(
    "hide",
    ["% {}", "\\iffalse {} \\fi", "{{\\color{{white}} {}}}", "\\phantom{{{}}}", "\\sout{{{}}}",
     "\\begin{{comment}}{}\\end{{comment}}"],
)  # fmt: skip
def test_what_a_reader_does_not_see_claims_nothing(hide: str) -> None:
    made = note(hide.format(RIGHT) + "\n\n$a = z$", KEY, "note.tex")
    assert [claim.text for claim in made.derivation.claims] == ["a = z"]


def test_nothing_of_a_note_is_run_or_opened(tmp_path: Path) -> None:
    target = tmp_path / "pwned"
    for text in (
        f"$\\input{{{target}}}$",
        f"\\openout1={target} $z$",
        f"---\ndefine: {{u: \"open('{target}')\"}}\n---\n",
    ):
        note(text, KEY)
    assert not target.exists()


def test_several_documents_in_one_text_are_all_read() -> None:
    one = "\\documentclass{article}\\newcommand{\\q}{1}\\begin{document}$z = W x$\\end{document}"
    made = note(f"{one}\n\n{one}", KEY, "note.tex")
    assert len(made.derivation.claims) == 2
    assert len(note("$z = W x$\n\n---\ntitle: x\n---\n\n$a = \\sigma(z)$", KEY).derivation.claims) == 2
    late = note(f"{one}\n\n$a = z$", KEY, "note.tex")
    assert [problem.message for problem in late.problems] == [
        "what stands behind the end of the document is not read"
    ]
