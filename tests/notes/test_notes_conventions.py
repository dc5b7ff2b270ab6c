"""What authors leave to convention: the letter e, samples as rows, derivatives in one line; what is right is not
called wrong by it, and what has two meanings is not read."""

from __future__ import annotations

import pytest
from notes_kit import note

from derivcheck.judging import engine_for, judged
from derivcheck.model import Derivation
from derivcheck.notes.settle import settle
from derivcheck.spec import loads

ERROR = loads(
    """derivcheck: 1
title: An error
variables: {o: [n], y: [n], x: [], t: []}
define:
  L: sum((o - y)**2)/2
  q: exp(-x)
  N: n*t + sum(y)*t
  f: x**2
notation: {f: ['f', 'f(x)']}
""",
    "key",
)
ROWS = """derivcheck: 1
title: Samples as rows
reading: {samples: rows}
variables: {X: [m, n], w: COLUMN, y: [m]}
define:
  r: SCORES - y
  J: sum(r**2)/2
notation: {X: ['X', 'x_i'], y: ['y', 'y_i']}
"""
COLUMNS = loads(ROWS.replace("COLUMN", "[n, 1]").replace("SCORES", "sum(X @ w, axis=1)"), "key")
VECTORS = loads(ROWS.replace("COLUMN", "[n]").replace("SCORES", "X @ w"), "key")


def read(text: str, given: Derivation) -> tuple[list[str], list[str]]:
    """What is found of the claims of a note, and why formulas of it are unread."""
    made = note(text, given)
    judge = engine_for(made.derivation, 0)
    found = [settle(made, claim, lambda one: judged(judge, one)).verdict.value for claim in made.derivation.claims]
    return found, [formula.problem.message for formula in made.formulas if formula.problem]


@pytest.mark.parametrize(
    ("text", "found", "unread"),
    [
        (r"$e = o - y$, $\frac{\partial L}{\partial o} = e$", ["proved"], 0),
        (r"$e = o - y$, $\frac{\partial L}{\partial o} = -e$", ["refuted"], 0),
        (r"Set $e = o - y$. $\frac{\partial L}{\partial o} = -e$", ["refuted"], 0),
        (r"$e = o - y$, $q = e^{-x}$, $L = \frac{1}{2} e^\top e$", ["proved", "proved"], 0),
        (r"$e_i = o_i - y_i$, $L = \frac12 \sum_i e_i^2$, $q = e^{-x}$", ["proved", "proved"], 0),
        (r"$e = o - y$, $L = e^2$", [], 1),
        (r"$e_i = o_i - y_i$, $\frac{\partial L}{\partial o} = e$", [], 1),
        (r"$\frac{\partial L}{\partial o} = e$ where $e = o - y$", [], 1),
        (r"$e = \oint o$ and $\frac{\partial L}{\partial o} = e$", [], 2),
        (r"$\pi = o$ and $\frac{\partial L}{\partial o} = \pi - y$", [], 2),
        (r"$\ln e = 1$ and $q = 1/e^x$ and $q e^x = 1$", ["proved", "proved", "proved"], 0),
    ],
)
def test_the_letter_e(text: str, found: list[str], unread: int) -> None:
    got, problems = read(text, ERROR)
    assert got == found
    assert len(problems) == unread, problems


@pytest.mark.parametrize("given", [COLUMNS, VECTORS], ids=["columns", "vectors"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$r_i = x_i^T w - y_i$", "proved"),
        (r"$r_i = w^T x_i - y_i$", "proved"),
        (r"$r_i = x_i w - y_i$", "proved"),
        (r"$r_i = x_i^T w + y_i$", "refuted"),
        (r"$\frac{\partial J}{\partial w} = \sum_{i=1}^m r_i x_i$", "proved"),
        (r"$\frac{\partial J}{\partial w} = -\sum_{i=1}^m r_i x_i$", "refuted"),
        (r"$\frac{\partial J}{\partial w} = \sum_{i=1}^m (x_i^T w - y_i) x_i$", "proved"),
        (r"$\frac{\partial J}{\partial w} = \sum_{i=1}^m (x_i^T w - y_i)$", "invalid"),
        (r"$X^T X = \sum_i x_i x_i^T$", "proved"),
    ],
)
def test_a_sample_of_rows_stands_or_lies(text: str, found: str, given: Derivation) -> None:
    got, problems = read(text, given)
    assert not problems
    # a number for every entry of a vector fits no product; in one axis it may only be refuted
    assert got == [found] or (found == "invalid" and got == ["refuted"])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$\partial J/\partial w = X^T r$", ["proved"]),
        (r"$\partial J / \partial w = -X^T r$", ["refuted"]),
        (r"$2\, \partial J/\partial r = 2 r$ and $\partial J/\partial r \cdot 2 = 2 r$", ["proved", "proved"]),
        (r"$\partial^2 J/\partial w_j^2 = \sum_i X_{ij}^2$", ["proved"]),
        (r"$(\partial J/\partial r)^T = r^T$", ["proved"]),
        (r"$X^T (r) = X^T r$", ["proved"]),
        (r"$2/\partial J/\partial w = 1$", []),
        (r"$\partial J/\partial w\, X = 1$", []),
        (r"$\partial J/\partial w^T = r^T X$", []),
        (r"$\partial J = r$", []),
    ],
)
def test_derivatives_in_one_line(text: str, found: list[str]) -> None:
    got, problems = read(text, VECTORS)
    assert got == found
    assert bool(problems) is not bool(found)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("$f' = 2x$ and $f'' = 2$ and $f'(x) = 2x$", ["proved", "proved", "proved"]),
        ("$f' = x$", ["refuted"]),
        ("$x f' = 2 x^2$", ["proved"]),
        ("$f'(t) = 2t$", []),
        ("$q' = -q$", []),
        ("$f' [x] = 2x^2$", []),
    ],
)
def test_a_prime_without_its_argument(text: str, found: list[str]) -> None:
    got, problems = read(text, ERROR)
    assert [one for one in got if one != "undecided"] == found
    assert bool(problems) is not bool(found)


def test_the_norm_of_a_matrix_is_unclear_and_not_wrong() -> None:
    assert read(r"$\|X\|^2 = 3$", VECTORS) == (["undecided"], [])
    assert read(r"$\|X\|_F^2 = 3$", VECTORS) == (["refuted"], [])


def test_a_size_is_known_by_the_sums_that_go_up_to_it() -> None:
    assert read(r"$\frac{\partial N}{\partial t} = -n + \sum_{i=1}^n y_i$", ERROR) == (["refuted"], [])
    assert read(r"$\frac{\partial N}{\partial t} = -n + \sum_i y_i$", ERROR) == (["undecided"], [])
