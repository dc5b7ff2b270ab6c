"""Every row of the language: what a text means, against NumPy written by hand, at sizes that are all different."""

# ruff: noqa: PLW0108, SIM300 - every row looks alike: a text, and NumPy in the order of the text

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from language import SCOPE, SIZES, draw_values, make_scope, read, read_condition
from reference_numpy import evaluate

from derivcheck.functions import ALIASES, FUNCTIONS

VALUES = draw_values()
V = SimpleNamespace(**VALUES, yhat=VALUES["ŷ"], **SIZES)
e = np.e

Meaning = Callable[[], Any]


def ev(text: str, **scope: Any) -> np.ndarray:
    made = make_scope(**scope) if scope else SCOPE
    return evaluate(read(text, made), made, VALUES, SIZES, opaque={"g": np.tanh, "f": np.sin})


ARITHMETIC: list[tuple[str, Meaning]] = [
    ("7", lambda: 7.0),
    ("0.25", lambda: 0.25),
    (".5", lambda: 0.5),
    ("2.", lambda: 2.0),
    ("1e-3", lambda: 0.001),
    ("1e−3", lambda: 0.001),
    ("2.5E+2", lambda: 250.0),
    ("pi", lambda: np.pi),
    ("π", lambda: np.pi),
    ("e", lambda: np.e),
    ("a", lambda: V.a),
    ("ŷ", lambda: V.yhat),
    ("y\u0302", lambda: V.yhat),
    ("m", lambda: 5.0),
    ("a + b - p", lambda: V.a + V.b - V.p),
    ("a - b - p", lambda: V.a - V.b - V.p),
    ("a - (b - p)", lambda: V.a - (V.b - V.p)),
    ("a − b", lambda: V.a - V.b),
    ("a/b/p", lambda: V.a / V.b / V.p),
    ("a/b*p", lambda: V.a / V.b * V.p),
    ("a/(b*p)", lambda: V.a / (V.b * V.p)),
    ("-a**2", lambda: -(V.a**2)),
    ("(-a)**2", lambda: V.a**2),
    ("2**-1", lambda: 0.5),
    ("2**-a", lambda: 2 ** (-V.a)),
    ("2^3", lambda: 8.0),
    ("2**3**2", lambda: 512.0),
    ("(2**3)**2", lambda: 64.0),
    ("2^3**2", lambda: 512.0),
    ("-2**2", lambda: -4.0),
    ("- -a", lambda: V.a),
    ("--a", lambda: V.a),
    ("+a", lambda: V.a),
    ("a*-b", lambda: -V.a * V.b),
    ("a--b", lambda: V.a + V.b),
    ("1/2*a", lambda: V.a / 2),
    ("a + b*p**2", lambda: V.a + V.b * V.p**2),
    ("(a + b)*p", lambda: (V.a + V.b) * V.p),
    ("((((a))))", lambda: V.a),
    ("a\n  + b", lambda: V.a + V.b),
    ("a\u00a0+\tb", lambda: V.a + V.b),
]

ARRAYS: list[tuple[str, Meaning]] = [
    ("x + y", lambda: V.x + V.y),
    ("2*x", lambda: 2 * V.x),
    ("x/a", lambda: V.x / V.a),
    ("a**x", lambda: V.a**V.x),
    ("x**2", lambda: V.x**2),
    ("X + x", lambda: V.X + V.x),
    ("x*X", lambda: V.x * V.X),
    ("x + r", lambda: V.x + V.r),
    ("one*X", lambda: V.one * V.X),
    ("W @ X", lambda: V.W @ V.X),
    ("W @ X + c", lambda: V.W @ V.X + V.c),
    ("W @ u", lambda: V.W @ V.u),
    ("u @ X", lambda: V.u @ V.X),
    ("u @ v", lambda: V.u @ V.v),
    ("x.T @ y", lambda: V.x.T @ V.y),
    ("x @ y.T", lambda: V.x @ V.y.T),
    ("a*x @ y.T", lambda: (V.a * V.x) @ V.y.T),
    ("x @ y.T*a", lambda: (V.x @ V.y.T) * V.a),
    ("x @ (r*a)", lambda: V.x @ (V.r * V.a)),
    ("-x @ r", lambda: (-V.x) @ V.r),
    ("x*y @ r", lambda: (V.x * V.y) @ V.r),
    ("X.T", lambda: V.X.T),
    ("V.T", lambda: V.V.T),
    ("u.T", lambda: V.u),
    ("a.T", lambda: V.a),
    ("(X.T)[0, :]", lambda: V.X.T[0]),
    ("X.T[0, :]", lambda: V.X.T[0]),
    ("X.T**2", lambda: V.X.T**2),
    ("-X.T", lambda: -V.X.T),
    ("u[0]", lambda: V.u[0]),
    ("u[2]", lambda: V.u[2]),
    ("X[1, 2]", lambda: V.X[1, 2]),
    ("X[0, :]", lambda: V.X[0]),
    ("X[:, 1]", lambda: V.X[:, 1]),
    ("X[:, :]", lambda: V.X),
    ("X[1]", lambda: V.X[1]),
    ("X[1][2]", lambda: V.X[1][2]),
    ("V[0, :, 2]", lambda: V.V[0, :, 2]),
    ("M[-1, -3]", lambda: V.M[-1, -3]),
    ("M[1 - 1, 1 + 1]", lambda: V.M[0, 2]),
    ("(x.T @ y)[0, 0]", lambda: (V.x.T @ V.y)[0, 0]),
    ("[1, 2, 3]", lambda: np.array([1.0, 2, 3])),
    ("[[1, a], [-b, 4]]", lambda: np.array([[1, V.a], [-V.b, 4]])),
    ("[[[1], [2]], [[3], [4]]]", lambda: np.array([[[1], [2]], [[3], [4]]])),
    ("[u[0], X[1, 1]]", lambda: np.array([V.u[0], V.X[1, 1]])),
    ("[[1, 2, 3], [4, 5, 6]] + M", lambda: np.array([[1, 2, 3], [4, 5, 6]]) + V.M),
    ("eye(n)", lambda: np.eye(3)),
    ("eye(4)", lambda: np.eye(4)),
    ("ones(n)", lambda: np.ones(3)),
    ("ones(n, m)", lambda: np.ones((3, 5))),
    ("ones((n, 2))", lambda: np.ones((3, 2))),
    ("zeros([2, 3]) + M", lambda: V.M),
    ("zeros(m, 1)", lambda: np.zeros((5, 1))),
    ("A @ eye(n)", lambda: V.A),
]

FUNCTIONS_OF_ARRAYS: list[tuple[str, Meaning]] = [
    ("sum(X)", lambda: V.X.sum()),
    ("sum(a)", lambda: V.a),
    ("sum(X, axis=0)", lambda: V.X.sum(0)),
    ("sum(X, axis=1)", lambda: V.X.sum(1)),
    ("sum(X, axis=-1)", lambda: V.X.sum(-1)),
    ("sum(X, 1)", lambda: V.X.sum(1)),
    ("sum(X, axis=None)", lambda: V.X.sum()),
    ("sum(X, axis=1, keepdims=True)", lambda: V.X.sum(1, keepdims=True)),
    ("sum(X, axis=1, keepdims=False)", lambda: V.X.sum(1)),
    ("sum(X, keepdims=True)", lambda: V.X.sum(keepdims=True)),
    ("sum(V, axis=1)", lambda: V.V.sum(1)),
    ("mean(X, axis=0)", lambda: V.X.mean(0)),
    ("mean(X)", lambda: V.X.mean()),
    ("prod(X, axis=1)", lambda: V.X.prod(1)),
    ("prod(u)", lambda: V.u.prod()),
    ("logsumexp(u)", lambda: np.log(np.exp(V.u).sum())),
    ("logsumexp(X, axis=0, keepdims=True)", lambda: np.log(np.exp(V.X).sum(0, keepdims=True))),
    ("softmax(u)", lambda: np.exp(V.u) / np.exp(V.u).sum()),
    ("softmax(X, axis=0)", lambda: np.exp(V.X) / np.exp(V.X).sum(0)),
    ("log_softmax(X, axis=1)", lambda: np.log(np.exp(V.X) / np.exp(V.X).sum(1, keepdims=True))),
    ("norm(X)", lambda: np.linalg.norm(V.X)),
    ("norm(X, axis=1)", lambda: np.linalg.norm(V.X, axis=1)),
    ("dot(u, v)", lambda: np.dot(V.u, V.v)),
    ("dot(W, X)", lambda: np.dot(V.W, V.X)),
    ("dot(a, u)", lambda: np.dot(V.a, V.u)),
    ("outer(u, t)", lambda: np.outer(V.u, V.t)),
    ("outer(x, r)", lambda: np.outer(V.x, V.r)),
    ("trace(A)", lambda: np.trace(V.A)),
    ("det(A)", lambda: np.linalg.det(V.A)),
    ("inv(A)", lambda: np.linalg.inv(V.A)),
    ("diag(u)", lambda: np.diag(V.u)),
    ("diag(A)", lambda: np.diag(V.A)),
    ("diag(one)", lambda: np.diag(V.one)),
    ("transpose(X)", lambda: V.X.T),
    ("reshape(X, m, n)", lambda: V.X.reshape(5, 3)),
    ("reshape(M, 3, 2)", lambda: V.M.reshape(3, 2)),
    ("reshape(M, 6)", lambda: V.M.reshape(6)),
    ("reshape(M, [3, -1])", lambda: V.M.reshape(3, -1)),
    ("reshape(u, n, 1)", lambda: V.u.reshape(3, 1)),
    ("reshape(x, -1)", lambda: V.x.reshape(-1)),
    ("reshape(V, n, -1, m)", lambda: V.V.reshape(3, -1, 5)),
    ("concat(M, N)", lambda: np.concatenate([V.M, V.N])),
    ("concat([M, N], axis=1)", lambda: np.concatenate([V.M, V.N], 1)),
    ("concat(x, y, x, axis=1)", lambda: np.concatenate([V.x, V.y, V.x], 1)),
    ("concat([1, 2], [3])", lambda: np.array([1.0, 2, 3])),
]

BINDERS: list[tuple[str, Meaning]] = [
    ("sum(u[i] for i in n)", lambda: V.u.sum()),
    ("sum(i*u[i] for i in n)", lambda: (np.arange(3) * V.u).sum()),
    ("mean(u[i] for i in n)", lambda: V.u.mean()),
    ("mean(X[i, j]*i for i in n, j in m)", lambda: (V.X.T * np.arange(3)).mean()),
    ("mean(X[i, j] for i in n for j in m)", lambda: V.X.mean()),
    ("mean(i for i in 4)", lambda: 1.5),
    ("mean(X[:, j] for j in m)", lambda: V.X.mean(1)),
    ("mean(mean(X[i, j] for j in m)**2 for i in n)", lambda: (V.X.mean(1) ** 2).mean()),
    ("prod(u[i] for i in n)", lambda: V.u.prod()),
    ("sum(X[i, j] for i in n, j in m)", lambda: V.X.sum()),
    ("sum(X[i, j] for i in n for j in m)", lambda: V.X.sum()),
    ("sum(prod(X[i, j] for j in m) for i in n)", lambda: V.X.prod(1).sum()),
    ("sum(sum(X[i, j] for i in n)*sum(X[i, j] for i in n) for j in m)", lambda: (V.X.sum(0) ** 2).sum()),
    ("sum(X[:, j]*t[j] for j in m)", lambda: V.X @ V.t),
    ("sum(M[1, j + 1] for j in 2)", lambda: V.M[1, 1:].sum()),
    ("sum(M[1, 1 + j] - M[1, j] for j in 2)", lambda: V.M[1, 2] - V.M[1, 0]),
    ("sum(M[0, j - 0] for j in 3)", lambda: V.M[0].sum()),
    ("sum(1 for i in m)", lambda: 5.0),
    ("sum(i for i in 4)", lambda: 6.0),
    ("sum(A[i, i] for i in n) - trace(A)", lambda: 0.0),
    ("sum(sum(i for i in n) for i in m)", lambda: 15.0),
]

CHOICES: list[tuple[str, Meaning]] = [
    ("indicator(X > 0.5)", lambda: (V.X > 0.5) * 1.0),
    ("where(X > 0.5, X, 0)", lambda: np.where(V.X > 0.5, V.X, 0)),
    ("where(X > x, 1, Y)", lambda: np.where(V.X > V.x, 1, V.Y)),
    ("where(a < b, x, y)", lambda: np.where(V.a < V.b, V.x, V.y)),
    ("eq(a, a)", lambda: 1.0),
    ("eq(x, 0)", lambda: np.zeros((3, 1))),
    ("indicator(0.3 < X < 0.6)", lambda: ((V.X > 0.3) & (V.X < 0.6)) * 1.0),
    ("indicator(0.3 < X and X < 0.6)", lambda: ((V.X > 0.3) & (V.X < 0.6)) * 1.0),
    ("indicator(X < 0.3 or X > 0.6)", lambda: ((V.X < 0.3) | (V.X > 0.6)) * 1.0),
    ("indicator(not X < 0.3)", lambda: (V.X >= 0.3) * 1.0),
    ("indicator(not X < 0.3 and X < 0.6)", lambda: ((V.X >= 0.3) & (V.X < 0.6)) * 1.0),
    ("indicator(X < 0.3 or X > 0.4 and X > 0.8)", lambda: ((V.X < 0.3) | (V.X > 0.8)) * 1.0),
    ("indicator(not (X < 0.3 or X > 0.6))", lambda: ((V.X >= 0.3) & (V.X <= 0.6)) * 1.0),
    ("indicator(a ≤ a) + indicator(a ≥ a) + indicator(a ≠ a)", lambda: 2.0),
    ("indicator(a <= a) + indicator(a >= a) + indicator(a != a) + indicator(a == a)", lambda: 3.0),
    ("max(X, Y)", lambda: np.maximum(V.X, V.Y)),
    ("max(X, x, 0.5)", lambda: np.maximum(np.maximum(V.X, V.x), 0.5)),
    ("min(a, b, p)", lambda: min(V.a, V.b, V.p)),
    ("clip(X, 0.3, 0.6)", lambda: np.clip(V.X, 0.3, 0.6)),
]

NAMED: list[tuple[str, Meaning]] = [
    ("Z", lambda: V.W @ V.X + V.c),
    ("L", lambda: (np.maximum(V.W @ V.X + V.c, 0) ** 2).sum() / 5),
    ("E", lambda: 1 / (1 + np.exp(-V.X))),
    ("sigmoid'(x)", lambda: np.exp(-V.x) / (1 + np.exp(-V.x)) ** 2),
    ("sin''(x)", lambda: -np.sin(V.x)),
    ("relu'(Z)", lambda: 1.0 * ((V.W @ V.X + V.c) > 0)),
    ("leaky_relu'(-x, 0.2)", lambda: 0.2 * np.ones((3, 1))),
    ("sin′(x)", lambda: np.cos(V.x)),
    ("g(x)", lambda: np.tanh(V.x)),
    ("g'(x)", lambda: 1 - np.tanh(V.x) ** 2),
    ("f''(a)", lambda: -np.sin(V.a)),
]


def named(value: object) -> str:
    """The text of a case is its name; the function beside it has none that stays the same."""
    return repr(value) if isinstance(value, str) else "meaning"


@pytest.mark.parametrize(
    ("text", "meaning"), [*ARITHMETIC, *ARRAYS, *FUNCTIONS_OF_ARRAYS, *BINDERS, *CHOICES, *NAMED], ids=named
)
def test_a_text_means_what_numpy_says(text: str, meaning: Meaning) -> None:
    expected = np.asarray(meaning(), dtype=float)
    made = ev(text)
    assert made.shape == expected.shape
    np.testing.assert_allclose(made, expected, rtol=1e-8, atol=1e-9)


DERIVATIVES: list[tuple[str, Meaning]] = [
    ("D(a**3, a)", lambda: 3 * V.a**2),
    ("D(sum(x**2), x)", lambda: 2 * V.x),
    ("D(x.T @ y, x)", lambda: V.y),
    ("D(sum(X**2), X[0, 1])", lambda: 2 * V.X[0, 1]),
    ("D(sum(X**2), X[0, :])", lambda: 2 * V.X[0]),
    ("D(sum(X**2), X[1])", lambda: 2 * V.X[1]),
    ("D(L, R)", lambda: 2 * np.maximum(V.W @ V.X + V.c, 0) / 5),
    ("D(L, W)", lambda: 2 * np.maximum(V.W @ V.X + V.c, 0) / 5 @ V.X.T),
    ("D(L, c)", lambda: (2 * np.maximum(V.W @ V.X + V.c, 0) / 5).sum(1, keepdims=True)),
    ("D(R, Z)", lambda: 1.0 * ((V.W @ V.X + V.c) > 0)),
    ("D(E, X)", lambda: np.exp(-V.X) / (1 + np.exp(-V.X)) ** 2),
    ("D(D(E, X), X)", lambda: -np.tanh(V.X / 2) * np.exp(-V.X) / (1 + np.exp(-V.X)) ** 2),
    ("D(a*X**2, a)", lambda: V.X**2),
    ("D(q*X, a)", lambda: 2 * V.a * V.X),
    ("D(q*X, q)", lambda: V.X),
    ("D(q + a, q)", lambda: 1.0),
    ("D(X, X)", lambda: np.ones((3, 5))),
    ("D(Z, Z)", lambda: np.ones((4, 5))),
    ("D(D(a**3, a), a)", lambda: 6 * V.a),
    ("jac(A @ x, x)", lambda: V.A.reshape(3, 1, 3, 1)),
    ("jac(u**2, u)", lambda: np.diag(2 * V.u)),
    ("jac(A @ u, u)", lambda: V.A),
    ("jac(a*u, a)", lambda: V.u),
    ("jac(sum(u**2), u)", lambda: 2 * V.u),
    ("hess(u @ A @ u, u)", lambda: V.A + V.A.T),
    ("hess(a**3, a)", lambda: 6 * V.a),
    ("hess(x.T @ A @ x, x)", lambda: (V.A + V.A.T).reshape(3, 1, 3, 1)),
    ("X - alpha*D(sum(X**2), X)", lambda: V.X - V.alpha * 2 * V.X),
    ("D(L, R)*D(R, Z)", lambda: 2 * np.maximum(V.W @ V.X + V.c, 0) / 5 * ((V.W @ V.X + V.c) > 0)),
]


@pytest.mark.parametrize(("text", "meaning"), DERIVATIVES, ids=named)
def test_a_derivative_means_what_calculus_says(text: str, meaning: Meaning) -> None:
    expected = np.asarray(meaning(), dtype=float)
    made = ev(text)
    assert made.shape == expected.shape
    np.testing.assert_allclose(made, expected, rtol=1e-6, atol=1e-6)


def test_in_numerator_layout_the_gradient_of_a_column_is_a_row() -> None:
    np.testing.assert_allclose(ev("D(sum(x**2), x)", layout="jacobian"), 2 * V.x.T, rtol=1e-8)
    np.testing.assert_allclose(ev("D(sum(u**2), u)", layout="jacobian"), 2 * V.u, rtol=1e-8)
    assert ev("jac(A @ x, x)", layout="jacobian").shape == (3, 1, 3, 1)


CONDITIONS: list[tuple[str, bool]] = [
    ("0 < p < 1", True),
    ("0 < p < 0.1", False),
    ("p > 0 and p < 1", True),
    ("p > 1 or p > 0", True),
    ("not p > 1", True),
    ("1 == 1.0 == 1e0", True),
    ("1 != 2", True),
    ("not not (1 < 2)", True),
    ("(1 < 2) and (2 < 1 or 3 < 4)", True),
]


@pytest.mark.parametrize(("text", "holds"), CONDITIONS)
def test_a_condition_holds_when_it_should(text: str, holds: bool) -> None:
    assert bool(evaluate(read_condition(text, SCOPE), SCOPE, VALUES, SIZES)) is holds


#: Where each function is tried; most are at home in (0, 1).
ARGUMENTS: dict[str, tuple[str, ...]] = {
    "acosh": ("2.5",),
    "asec": ("2.5",),
    "acsc": ("2.5",),
    "acoth": ("2.5",),
    "polygamma": ("1", "0.7"),
    "polylog": ("2", "0.3"),
    "expint": ("2", "0.7"),
    "zeta": ("2.5",),
    "besselj": ("1", "0.7"),
    "bessely": ("1", "0.7"),
    "besseli": ("1", "0.7"),
    "besselk": ("1", "0.7"),
    "leaky_relu": ("-0.7", "0.2"),
    "elu": ("-0.7", "0.2"),
    "max": ("0.1", "0.7", "0.3"),
    "clip": ("0.7", "0.1", "0.3"),
}


class Floats:
    """Values of the table's own formulas in floating point: what a formula in the table says of a defined row."""

    def number(self, value: Any) -> float:
        return float(value)

    def less(self, a: float, b: float) -> bool:
        return a < b

    def ratio(self, a: float, b: float) -> float:
        return a / b

    def where(self, test: bool, then: float, otherwise: float) -> float:
        return then if test else otherwise

    def __getattr__(self, name: str) -> Callable[..., float]:
        from reference_numpy import _FUNCTIONS

        return lambda *arguments: float(_FUNCTIONS[name](*arguments))


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_elementwise_function_reads_and_agrees_with_its_row(name: str) -> None:
    function = FUNCTIONS[name]
    arguments = ARGUMENTS.get(name, ("0.7", "0.4", "0.3")[: function.least])
    made = float(ev(f"{name}({', '.join(arguments)})"))
    assert np.isfinite(made)
    if function.formula is not None:
        assert made == pytest.approx(function.formula(Floats(), *map(float, arguments)), rel=1e-9)


@pytest.mark.parametrize(("alias", "name"), sorted(ALIASES.items()))
def test_every_other_spelling_is_the_same_function(alias: str, name: str) -> None:
    arguments = ", ".join(ARGUMENTS.get(name, ("0.7",)))
    assert ev(f"{alias}({arguments})") == ev(f"{name}({arguments})")


def test_an_elementwise_function_of_two_arguments_stretches_them() -> None:
    assert ev("besselj(1, X)").shape == (3, 5)
    assert ev("leaky_relu(X, x)").shape == (3, 5)
