"""Results of SymPy that are known to be wrong, by the number of its issue: what it says, and what derivcheck says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sympy
from sympy import (
    Determinant,
    MatrixSymbol,
    Ne,
    Piecewise,
    Rational,
    Trace,
    acos,
    log,
    sin,
    symbols,
    tanh,
)

from derivcheck.engine import Judge
from derivcheck.spec import load
from derivcheck.verdict import ClaimReport

CORPUS = Path(__file__).parents[1] / "corpus"

A, B, E, F = (MatrixSymbol(name, 3, 3) for name in "ABEF")
U, V = MatrixSymbol("U", 3, 2), MatrixSymbol("V", 2, 3)
u, v = MatrixSymbol("u", 3, 1), MatrixSymbol("v", 3, 1)
W1, W2 = MatrixSymbol("W1", 3, 3), MatrixSymbol("W2", 1, 3)
s, x, y = symbols("s x y", real=True)
SINC = Piecewise((sin(x) / x, Ne(x, 0)), (1, True))
JUMP = Piecewise((sin(x), x < 0), (Rational(1, 2), True))
ANGLE = acos(Rational(7823207, 7823209))


def _norm(e: Any) -> Any:
    return Trace(e.T * e)


@dataclass(frozen=True)
class Wrong:
    """What SymPy ``says``, where that is stable; ``truths`` and ``lies`` are claims of the corpus by their ids."""

    issue: str
    says: Callable[[], Any] | None
    wrongly: Any
    truths: tuple[str, ...]
    lies: tuple[str, ...] = ()


WRONG = (
    Wrong("26585", lambda: (_norm(A - U * V) / 2 + _norm(U) / 2).diff(U), 0, ("sum-of-norms",), ("sum-of-norms-0",)),
    Wrong("25118", lambda: (Trace(F.T * F) - 3).diff(F), 0, ("trace-and-number",), ("trace-and-number-0",)),
    Wrong("24725", lambda: (Trace(u.T * v) + s).diff(v), 0, ("inner-product-and-scalar", "scalar-in-a-trace")),
    # 0 in one session, an error in another
    Wrong("30527", None, None, ("square-of-a-trace",), ("square-of-a-trace-0",)),
    Wrong("27406", lambda: (Trace(A.T * A) + Trace(B.T * B)).diff(A), 0, ("sum-of-traces",), ("sum-of-traces-0",)),
    Wrong("17229", lambda: E[1, 1].diff(E), 0, ("entry-by-its-matrix",), ("entry-by-its-matrix-0",)),
    Wrong("17229", lambda: (u.T * v)[0, 0].diff(v), 0, ("inner-product",), ("inner-product-0",)),
    Wrong(
        "26561", lambda: (Trace(E) + 1).diff(E), 0, ("trace-and-one", "squared-trace-and-one"), ("trace-and-one-0",)
    ),
    Wrong("log-det", lambda: log(Determinant(A)).diff(A), 0, ("log-determinant-derivative",)),
    Wrong("log-sum-exp", lambda: log(Trace(A) + 1).diff(A), 0, ("log-sum-exp-derivative",)),
    Wrong(
        "two-layer network",
        lambda: (W2 * (W1 * u).applyfunc(tanh)).diff(W1).shape,
        (3, 1, 3),  # for a 3 x 3 matrix
        ("two-layer-gradient",),
        ("two-layer-gradient-0", "two-layer-gradient-without-slope"),
    ),
    Wrong("11402", lambda: SINC.diff(x, x).subs(x, 0), 0, ("sinc-off-0",)),  # it is -1/3
    Wrong("24127", lambda: JUMP.diff(x).subs(x, 0), 0, ("jump-off-0",)),  # there is none
    Wrong("23086", lambda: ANGLE.evalf(2), 0, ("small-angle",), ("small-angle-0", "sine-of-a-small-angle-0")),
    # an equality of exponentials of a matrix: False in one session, no answer in another
    Wrong("29781", None, None, ("greater-eigenvalue",), ("lesser-eigenvalue",)),
    Wrong(
        "27796",
        ((1.0 * x - y) ** 2.0 - (x - y) ** 2.0).is_constant,
        False,
        ("floats-cancel", "floats-have-no-slope"),
        ("floats-do-not-cancel",),
    ),
)


@cache
def reports(folder: str) -> dict[str, ClaimReport]:
    derivation = load(CORPUS / folder / "sympy-wrong-results.deriv.yaml")
    more = load(CORPUS / folder / "computer-algebra-traps.deriv.yaml")
    return {claim.id: Judge(d).judge(claim) for d in (derivation, more) for claim in d.claims}


@pytest.mark.skipif(not sympy.__version__.startswith("1.14"), reason="what SymPy 1.14 says")
@pytest.mark.parametrize("wrong", [w for w in WRONG if w.says], ids=lambda wrong: wrong.issue)
def test_sympy_says_something_wrong(wrong: Wrong) -> None:
    assert wrong.says is not None
    said = str(wrong.says())  # a matrix of zeros is written as 0, too
    assert said == str(wrong.wrongly)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.issue)
def test_derivcheck_does_not(wrong: Wrong) -> None:
    for name in wrong.truths:
        assert reports("proved")[name].verdict.value == "proved", name
    for name in wrong.lies:
        assert reports("refuted")[name].verdict.value == "refuted", name


@pytest.mark.parametrize("name", ["sinc-at-0", "jump-at-0"])
def test_where_a_derivative_changes_branches_it_says_nothing(name: str) -> None:
    (claim,) = (c for c in load(CORPUS / "invalid" / "defined-nowhere.deriv.yaml").claims if c.id == name)
    derivation = load(CORPUS / "invalid" / "defined-nowhere.deriv.yaml")
    assert Judge(derivation).judge(claim).verdict.value == "invalid"


def test_derivatives_off_a_jump_say_so() -> None:
    for name in ("sinc-off-0", "jump-off-0"):
        assert any("kink" in note for note in reports("proved")[name].notes), name


def test_the_cosine_of_the_small_angle_is_what_it_is() -> None:
    assert reports("proved")["sine-of-a-small-angle"].verdict.value == "proved"
