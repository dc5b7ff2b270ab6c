"""Expressions of every kind over one small network, with values, for the tests of the engine's two roads."""

from __future__ import annotations

import random
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
from engine_kit import SIZES, Given, expressions
from reference_mpmath import Setting, array

SETTING = """\
variables:
  a: []
  b: []
  p: {domain: positive}
  t: [m]
  u: [n]
  v: [n]
  x: [n, 1]
  y: [n, 1]
  r: [1, m]
  one: [1, 1]
  A: [n, n]
  B: [n, n]
  X: [n, m]
  Y: [n, m]
  W: [h, n]
  c: [h, 1]
  M: [2, 3]
functions:
  g: {}
define:
  Z: W @ X + c
  R: tanh(Z)
  S: relu(Z)
  L: sum(R**2)/m
  K: sum(S*Z)/h
  q: a**2 + b
  again: q
  loop: q*again + a
  E: exp(X)
  col: W @ x
  pair: '[a, a*b]'
"""

SHAPES: dict[str, tuple[str | int, ...]] = {
    "a": (), "b": (), "p": (), "t": ("m",), "u": ("n",), "v": ("n",), "x": ("n", 1), "y": ("n", 1),
    "r": (1, "m"), "one": (1, 1), "A": ("n", "n"), "B": ("n", "n"), "X": ("n", "m"), "Y": ("n", "m"),
    "W": ("h", "n"), "c": ("h", 1), "M": (2, 3),
}  # fmt: skip

#: The polynomial that stands for ``g``.
COEFFICIENTS = tuple(Fraction(n, 7) for n in (3, -5, 2, 4, 1))

PLAIN = [
    # arithmetic and stretching
    "a + b*2 - p/3", "-(a - b)**3", "a**-2", "p**(1/2)", "p**a", "2**b", "(-2)**3", "x + X", "X*r", "X - x*r",
    "x/r", "X**2", "p**X", "x*one", "X*a - Y/p", "0.25*X + 1e-2", "pi*e**2 + π",
    # matrix products
    "A @ B", "W @ X", "A @ u", "u @ A", "u @ v", "W @ x", "x.T @ A @ x", "r @ X.T", "(W @ X) @ r.T", "t @ X.T",
    "M @ [1, 2, 3]", "[1, 2] @ M",
    # reductions
    "sum(X)", "sum(X, axis=0)", "sum(X, axis=1)", "sum(X, axis=1, keepdims=True)", "sum(X, axis=0, keepdims=True)",
    "mean(X)", "mean(X, axis=0)", "mean(X, axis=-1, keepdims=True)", "prod(X)", "prod(X, axis=0)",
    "prod(X, axis=1, keepdims=True)", "norm(X)", "norm(X, axis=0)", "norm(X, axis=1, keepdims=True)", "norm(u)",
    "logsumexp(X)", "logsumexp(X, axis=0)", "logsumexp(X, axis=1, keepdims=True)", "logsumexp(u)",
    "softmax(u)", "softmax(X, axis=0)", "softmax(X, axis=1)", "softmax(X, axis=-1)", "log_softmax(u)",
    "log_softmax(X, axis=0)", "log_softmax(X, axis=1)",
    # linear algebra and shapes
    "dot(u, v)", "outer(u, v)", "outer(x, u)", "outer(r, u)", "outer(t, u)", "trace(A)", "trace(A @ B.T)", "det(A)",
    "det([[1, a], [b, 3]])", "inv(A)", "inv(A) @ u", "det(A @ B)", "diag(u)", "diag(A)", "X.T", "transpose(X)",
    "X.T @ Y", "reshape(X, m, n)", "reshape(u, n, 1)", "reshape(M, 3, 2)", "reshape(M, 6)",
    "concat(M, ones(2, 1), axis=1)", "concat([M, M], axis=0)", "concat(r, 2*r, -r, axis=0)",
    "eye(n)", "ones(n, m)", "zeros(m)", "eye(n)*a", "n*m/h + a",
    # indexing
    "u[0]", "X[1, 2]", "X[1, :]", "X[:, 1]", "A[0]", "M[-1, -2]", "X[0, :] @ Y[1, :]", "x[1, 0]", "x[:, 0]",
    # sums and products over indices
    "sum(i*u[i] for i in n)", "prod(1 + X[i, j] for i in n, j in m)", "sum(X[:, j]*j for j in m)",
    "sum(A[i, i] for i in n)", "sum(M[0, i + 1] - M[0, i] for i in 2)", "sum(p**i for i in 3)",
    "sum(prod(X[i, j] for j in m) for i in n)", "sum((i + 1)**(j - 1)*X[i, j] for i in n, j in m)",
    # literals
    "[1, 2, a]", "[[1, a], [b, 4]] @ M", "[[a*b, a], [b, q]]",
    # elementwise functions, conditions
    "tanh(X)", "sigmoid(W @ X + c)", "relu(X - 1)", "max(X, Y)", "max(a, b, p)", "min(X, 1/2)", "clip(X, 1/4, 3/4)",
    "leaky_relu(X - 1, 1/5)", "abs(X - Y)", "sign(X - Y)", "log(p) + sqrt(p) + p**(2/3)", "sin(a)*cos(b) + atan(X)",
    "erf(a) + gamma(p)", "where(X > Y, X, Y**2)", "where(a > 5, log(-1 - a**2), b)", "indicator(X > 1/2)",
    "eq(u, u)", "indicator(a < b and b < p or not a > p)", "indicator(0 < a < 5)", "where(u == u, 1, 2)",
    "where(x > r, x, r)", "relu'(X - 1)", "sigmoid'(X)", "tanh''(a)", "exp'''(b)", "leaky_relu'(X - 1, 1/5)",
    # functions of which nothing is known
    "g(a)", "g(X)*g'(X)", "g''(u)", "g(g(a))",
]  # fmt: skip

DERIVATIVES = [
    # gradients, tangents, elementwise images, Jacobians
    "D(a**3*b, a)", "D(sum(X**2*Y), X)", "D(sum(X**2*Y), X[1, 2])", "D(sum(X**2*Y), X[1, :])",
    "D(sum(X**2*Y), X[:, 1])", "D(a*X**2, a)", "D(tanh(X)*Y, X)", "D(X**2, X)", "D(x.T @ A @ x, x)",
    "D(x.T @ A @ x, A)", "D(u @ A @ u, u)", "D(det(A), A)", "D(trace(inv(A) @ B), A)", "D(log(det(A @ A.T)), A)",
    "jac(A @ u, u)", "jac(softmax(u), u)", "jac(softmax(X, axis=1), X)", "jac(X.T @ u, X)", "jac(u, a)",
    "jac(X[0, :], X)", "D(norm(u), u)", "D(logsumexp(X), X)", "D(prod(u), u)", "D(sum(i*u[i]**2 for i in n), u)",
    "D(where(X[0, 0] > 5, sum(Y), sum(X**3)), X)", "D(sum(where(X > 1/2, X**2, 0)), X)", "D(max(a, b)*a, a)",
    "D(g(a*b), a)", "D(g(g(a)), a)", "D(sum(g(X)), X)", "D(g'(a), a)", "D(p**a, a)", "D(p**a, p)",
    "D(one, one)", "D(sum(one*X), one)", "D(sum(M @ M.T), M)",
    # through and by defined names
    "D(L, W)", "D(L, X)", "D(L, c)", "D(L, Z)", "D(L, R)", "D(L, W[1, :])", "D(L, W[:, 1])", "D(L, Z[2, 1])",
    "D(L, c[:, 0])", "D(K, W)", "D(K, Z)", "D(K, S)", "D(S, Z)", "D(R, Z)", "jac(R, Z)", "D(loop, a)",
    "D(loop, q)", "D(loop, again)", "D(q, again)", "D(a*q, q)", "D(sum(E*X), E)", "D(sum(E*X), X)",
    "jac(pair, a)", "D(pair[1], pair)", "D(sum(pair)**2, pair[0])", "jac(col, x)", "D(sum(col**2), col)",
    "D(L, W) - D(L, Z) @ X.T", "W - a*D(L, W)",
    # second derivatives
    "hess(u @ A @ u, u)", "hess(logsumexp(u), u)", "hess(a**3*b, a)", "hess(sum(X**3), X[0, :])", "hess(L, c)",
    "hess(sum(R**2), Z[0, :])", "D(D(a**3*b**2, a), b)", "D(D(loop, a), a)", "D(sum(D(L, Z)*Z), W[0, 0])",
    "D(D(loop, q), again)", "D(a*D(a**2*b, a), a)", "jac(D(sum(u**3), u), u)", "hess(g(a*b), a)",
    "D(sum(jac(softmax(u), u) @ v), u)", "hess(sum(where(u > 1/2, u**3, u**2)), u)",
]  # fmt: skip

#: Expressions in numerator layout.
TRANSPOSED = ["D(L, W)", "D(L, c)", "D(sum(X**2*Y), X)", "D(u @ A @ u, u)", "D(x.T @ A @ x, x)", "D(sum(r**3), r)"]


def concrete(shape: tuple[str | int, ...]) -> tuple[int, ...]:
    """A shape at the sizes of the tests."""
    return tuple(SIZES[d] if isinstance(d, str) else d for d in shape)


def values(seed: int = 0) -> dict[str, np.ndarray]:
    """Rationals for every variable: away from 0, from each other, and from the numbers in the expressions."""
    found = {}
    for name, shape in SHAPES.items():
        rng = random.Random(f"{seed}/{name}")
        sized = concrete(shape)
        numbers = [
            Fraction(rng.randint(20, 120), 97) * (1 if name in ("p", "X", "Y") else rng.choice((1, -1)))
            for _ in range(int(np.prod(sized, dtype=int)))
        ]
        flat = np.empty(len(numbers), dtype=object)
        flat[:] = numbers
        found[name] = flat.reshape(sized)
    return found


def in_mpmath(numbers: dict[str, np.ndarray]) -> dict[str, Any]:
    """The same values for the reference."""
    return {
        name: array([mpmath.mpf(v.numerator) / v.denominator for v in np.ravel(x)], np.shape(x))
        for name, x in numbers.items()
    }


def setting(definitions: Any) -> Setting:
    """The reference's setting, in which ``g`` is the polynomial."""

    def g(x: Any) -> Any:
        return sum(
            (mpmath.mpf(c.numerator) / c.denominator * x**k for k, c in enumerate(COEFFICIENTS)), mpmath.mpf(0)
        )

    return Setting(definitions, SIZES, {"g": g})


@cache
def everything() -> dict[tuple[str, str], Given]:
    """All expressions, by text and layout."""
    found = {(text, "gradient"): given for text, given in expressions((*PLAIN, *DERIVATIVES), SETTING).items()}
    found.update(((text, "jacobian"), given) for text, given in expressions(TRANSPOSED, SETTING, "jacobian").items())
    return found
