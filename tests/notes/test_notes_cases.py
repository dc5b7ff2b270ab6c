"""Conditions that stand in the text beside formulas: what is said for some values only is not called wrong."""

from __future__ import annotations

import time

import pytest

from derivcheck.notes.read import read_note
from derivcheck.source import Source
from derivcheck.spec import loads

KEY = loads(
    """derivcheck: 1
title: relu
variables: {x: [m], t: {shape: [m], domain: '{-1, 1}'}}
define:
  a: relu(x)
  L: sum(a**2)/2
claims:
  prime: D(a[i], x[i]) == indicator(x[i] > 0) for i in m
""",
    "key.deriv.yaml",
)
ONE = r"\frac{\partial a_i}{\partial x_i} = 1"
TWO = r"\frac{\partial L}{\partial x_i} = x_i"


def doubts(text: str) -> list[bool]:
    note = read_note(Source("note.md", text), KEY)
    assert note.derivation.claims
    return [claim.id in note.doubtful for claim in note.derivation.claims]


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        (f"${ONE}$", [False]),
        (f"If $x_i > 0$ then ${ONE}$.", [True]),
        (f"For $x_i \\geq 0$: ${ONE}$.", [True]),
        (f"For $x_i > 0$:\n\n$$ {ONE} $$\n\n$$ {TWO} $$", [True, False]),
        (f"For $x_i > 0$ we have\n$$ {ONE} $$", [True]),
        (f"When $x_i$ is positive, ${ONE}$.", [True]),
        (f"For all $i$ with $x_i > 0$ we have ${ONE}$", [True]),
        (f"For $i \\in S$, ${ONE}$", [True]),
        (f"For $i \\in \\{{1, \\dots, m\\}}$, ${ONE}$", [False]),
        (f"Since $x_i > 0$, ${ONE}$.", [False]),
        (f"If $x_i > 0$ it fires. Here ${ONE}$", [True]),
        (f"If $x_i > 0$ it fires.\n\nHere ${ONE}$", [False]),
        (f"${ONE}$ if $x_i > 0$", [True]),
        (f"${ONE}$ for $x_i > 0$, and ${TWO}$", [True, False]),
        (f"${ONE}$ (for $x_i > 0$)", [True]),
        (f"${ONE}$ for all $i$ with $x_i > 0$", [True]),
        (f"${ONE}$ on the set where $x_i > 0$", [True]),
        (f"${ONE}$ and $0$ otherwise. But ${TWO}$", [True, False]),
        (f"${ONE}$ when it is active", [True]),
        (f"${ONE}$ for the first layer", [False]),
        (f"${ONE}$. If it is so, so be it. ${TWO}$", [False, False]),
        (f"If we differentiate, ${ONE}$", [False]),
        (f"- if $x_i > 0$: ${ONE}$\n- in general: ${TWO}$", [True, True]),
        (f"- ${TWO}$\n- if $x_i > 0$: ${ONE}$", [False, True]),
        (f"It is ${TWO}$, and not ${ONE}$.", [False, True]),
        (f"It would be wrong to write ${ONE}$.", [True]),
        (f"A common mistake is ${ONE}$; it is ${TWO}$", [True, False]),
        (f"It is ${TWO}$ instead of\n$$ {ONE} $$", [False, True]),
        (f"We do not need the chain rule: ${ONE}$", [False]),
        (f"Note: ${ONE}$", [False]),
        (f"$$ {ONE} $$\nif $x_i > 0$, and else nothing.", [True]),
    ],
)
def test_what_is_said_of_a_case_is_in_doubt(text: str, doubtful: list[bool]) -> None:
    assert doubts(text) == doubtful


def test_the_doubt_tells_the_case() -> None:
    note = read_note(Source("note.md", f"If $x_i > 0$ then ${ONE}$."), KEY)
    (doubt,) = note.doubtful.values()
    assert doubt == "the text speaks of a case, `x_i > 0`, and it may be meant for that alone"


def test_a_long_text_without_a_stop_is_read_in_time_that_grows_with_it() -> None:
    def taken(times: int) -> float:
        start = time.process_time()
        read_note(Source("note.md", "if we have $x_i > 0$ or $t_i < 1$ " * times), KEY)
        return time.process_time() - start

    taken(20)
    assert min(taken(400) for _ in range(3)) < 12 * min(taken(100) for _ in range(3)) + 0.05
