"""Front matter: what a note declares itself, alone and beside a key, and where it is wrong."""

from __future__ import annotations

import pytest
from notes_kit import key, note

from derivcheck.errors import Refused
from derivcheck.notes.model import Note

KEY = key("x: [n, 1]", "W: [h, n]", "y: [h, 1]", define={"a": "sigmoid(W @ x)"}, notation={"a": r"\hat{y}"})
TOP = "---\ntitle: HW 3\nvariables: {w: [n], v: [n]}\ndefine: {u: w.T @ v}\nnotation: {u: ['\\eta']}\n---\n"


def states(made: Note) -> list[object]:
    return [f.problem.message if f.problem else [part.kind for part in f.parts] for f in made.formulas]


def told(made: Note) -> list[str]:
    source = made.source.text
    return [f"{source[p.span.start : p.span.end]}: {p.message}" for p in made.problems if p.span is not None]


def test_a_note_can_be_read_with_no_key_at_all() -> None:
    made = note(TOP + r"$\eta = w^T v$ and $\eta = 2$ and $q = r$")
    assert states(made) == [["claim"], ["claim"], "not declared: `q`, `r`"]
    assert made.derivation.title == "a note"
    assert made.problems == ()


def test_a_comment_in_latex_declares_too() -> None:
    made = note(
        "% My homework\n% ---\n% variables:\n%   w: [n]\n%   v: [n]\n% ---\n"
        "\\documentclass{article}\n\\begin{document}$w^T v = v^T w$\\end{document}",
        path="note.tex",
    )
    assert states(made) == [["claim"]]


@pytest.mark.parametrize(
    "top",
    ["---\ntitle: x\nauthor: [a, b\n---\n", "---\nlayout: post\n---\n", "---\nname: A\nmatriculation: 12\n---\n", ""],
)
def test_front_matter_of_others_is_passed_over(top: str) -> None:
    assert states(note(top + "$a = a$", KEY)) == [["claim"]]
    assert note(top + "$a = a$", KEY).problems == ()
    assert states(note(top + "$1 = 1$")) == [["claim"]]


def test_a_ruler_is_no_front_matter() -> None:
    assert len(note("---\n\nsome $x$ text\n\n---\n$y$").formulas) == 2
    assert len(note("---\n---\n$y$").formulas) == 1


def test_front_matter_adds_to_a_key() -> None:
    made = note(TOP + r"$\eta = w^T v$ and $\hat{y} = \sigma(W x)$", KEY)
    assert states(made) == [["claim"], ["claim"]]
    assert list(made.derivation.variables) == ["x", "W", "y", "w", "v"]
    assert made.problems == ()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("variables: {W: [3, 3]}", "W: the key declares `W`; this is not used"),
        ("define: {a: 'W @ x'}", "a: the key declares `a`; this is not used"),
        ("dims: {n: 3}", "n: the key declares `n`; this is not used"),
        ("notation: {y: ['\\hat{y}']}", "'\\hat{y}': by the key this spelling stands for `a`; this is not used"),
        ("notation: {y: ['W']}", "'W': by the key this spelling stands for `W`; this is not used"),
        ("assume: x == 0", "assume: what is assumed is the key's; this is not used"),
        ("layout: jacobian\nvariables: {t: []}", "layout: the key decides the layout; this is not used"),
    ],
)
def test_front_matter_changes_nothing_of_a_key(line: str, message: str) -> None:
    made = note(f"---\n{line}\n---\n$\\hat{{y}} = \\sigma(W x)$", KEY)
    assert told(made) == [message]
    assert states(made) == [["claim"]]
    assert made.derivation.assume == ()
    assert made.derivation.definitions["a"] is KEY.definitions["a"]


def test_a_reading_is_the_keys_where_it_has_one() -> None:
    text = "---\nreading: {first: 0}\n---\n$x_0 = x_0$"
    assert states(note(text, KEY)) == [["claim"]]
    first = key("x: [n, 1]", more="reading: {first: 1}")
    assert told(note(text, first)) == ["reading: the key decides the reading; this is not used"]


@pytest.mark.parametrize(
    ("top", "message", "piece"),
    [
        ("variables: {t: [n}", "a comma or `]` is missing before this", "}"),
        ("variable: {t: []}\ndims: {k: 2}", "unknown key `variable`", "variable"),
        ("define: {u: 'v + 1'}", "`v` is not declared", "v"),
        ("define: {u: '$v + 1$'}", "`v` is not declared", "v"),
        ("variables: {t: {shape: [n], domain: cats}}", "there is no domain `cats`", "cats"),
        ("notation: {q: ['\\eta']}", "`q` is not declared, so it cannot be spelled", "q"),
        ("variables: {t: []}\nnotation: {t: [a + b]}", "`a + b`: a spelling is one symbol with its scripts", "a + b"),
        ("variables: {a: &x [], b: *x}", "a YAML anchor, `&x`", "&x"),
        ("variables: !!python/name:os.system {}", "a YAML tag, `tag:yaml.org,2002:python/name:os.system`",
         "!!python/name:os.system"),
    ],
)  # fmt: skip
def test_a_bad_front_matter_is_refused_at_its_place_or_passed_over_beside_a_key(
    top: str, message: str, piece: str
) -> None:
    text = f"---\n{top}\n---\n$\\hat{{y}} = \\sigma(W x)$"
    with pytest.raises(Refused) as caught:
        note(text)
    (problem, *_) = caught.value.problems
    assert problem.message.startswith(message)
    assert problem.span is not None
    assert text[problem.span.start : problem.span.end] == piece
    made = note(text, KEY)
    assert states(made) == [["claim"]]
    assert any(line.endswith("the key has all that is needed") for line in told(made))


def test_a_front_matter_without_an_end_is_told() -> None:
    made = note("---\nvariables: {x: []}\n\n$1 = 1$")
    assert made.problems[0].message == "this front matter does not end, and is not used"
    assert states(made) == [["claim"]]


def test_a_note_that_declares_nothing_is_shown_how() -> None:
    made = note(r"$\hat{y} = W^{[1]} x$ and $x = 1 + u$")
    (problem,) = made.problems
    assert problem.hint is not None
    block = problem.hint[problem.hint.index("---") :]
    assert block == ("---\nvariables:\n  W1: []\n  x: []\n  u: []\nnotation:\n  W1: ['W^{[1]}']\n---")
    assert note(block + "\n$\\hat{y} = W^{[1]} x$ and $q = 1 + u$").problems == ()
