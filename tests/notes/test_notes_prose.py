"""Index letters of which the text between formulas says something: what is claimed of them is not called wrong."""

from __future__ import annotations

import pytest

from derivcheck.notes.read import read_note
from derivcheck.source import Source
from derivcheck.spec import loads

KEY = loads(
    """derivcheck: 1
title: softmax
variables: {z: [K, 1], y: {shape: [K, 1], domain: one-hot}}
define:
  p: softmax(z, axis=0)
  L: -sum(y*log(p))
claims:
  a: D(L, z) == p - y
""",
    "key.deriv.yaml",
)
OTHERS = r"\frac{\partial p_k}{\partial z_j} = -p_k p_j"


def doubts(text: str) -> list[str]:
    note = read_note(Source("note.md", text), KEY)
    assert note.derivation.claims
    return [note.doubtful.get(claim.id, "") for claim in note.derivation.claims]


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (f"${OTHERS}$", [False]),
        (rf"For $k \neq j$: ${OTHERS}$", [True]),
        (rf"For $k \ne j$, ${OTHERS}$.", [True]),
        (rf"If $k = j$: ${OTHERS}$. If $k \neq j$: ${OTHERS}$", [True, True]),
        (f"For $k \\neq j$,\n\n$$ {OTHERS} $$\n\n$$ {OTHERS} $$", [True, False]),
        (f"For $k \\neq j$ all is said.\n\nBut ${OTHERS}$", [False]),
        (rf"${OTHERS}$ for $k \neq j$", [True]),
        (f"$$ {OTHERS} $$\nif $k \\neq j$, and ${OTHERS}$", [True, False]),
        (rf"${OTHERS}$. And for $k \neq j$ nothing.", [False]),
        (rf"For $i \neq j$: ${OTHERS}$", [False]),
        (r"Let $c$ be the true class: $\frac{\partial L}{\partial z_c} = p_c - 1$", [True]),
        (r"Let $c$ be any index: $\frac{\partial L}{\partial z_c} = p_c - 1$", [False]),
        (r"For each class $c$ we have $\frac{\partial L}{\partial z_c} = p_c - 1$", [True]),
        (r"It costs $c$ much: $\frac{\partial L}{\partial z_c} = p_c - 1$", [False]),
        (r"Let $c$ be the true class: $\frac{\partial L}{\partial z_k} = p_k - 1$", [False]),
    ],
)
def test_claims_of_letters_that_the_text_speaks_of_are_in_doubt(text: str, doubtful: list[bool]) -> None:
    assert [bool(doubt) for doubt in doubts(text)] == doubtful


def test_the_doubt_tells_what_is_said() -> None:
    (doubt,) = doubts(rf"For $k \neq j$: ${OTHERS}$")
    assert doubt == r"the text says something of `k \neq j`, and it may be meant for that alone"
