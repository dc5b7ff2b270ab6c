"""Layers and losses as people use them, over symbolic sizes: their gradients are shown, twice them is not."""

import pytest
from index_values import kinds

SETTING = """variables:
  X: [m, n]
  W: [n, k]
  V: [k, c]
  b: [1, k]
  Y: [m, c]
  G: [m, n]
  g: [1, n]
  be: [1, n]
  eps: {domain: positive}
  r: [m]
  d: {domain: positive}
  M: {shape: [m, n], domain: "{0, 1}"}
  x: [n]
  u: [n]
  A: [t, d1]
  B: [s, d1]
  C: [s, e]
  D0: [t, e]
  mask: [t, s]
  lam: {domain: positive}
  h0: [k]
  Wh: [k, k]
  Wx: [k, n]
define:
  mu: mean(X, axis=0, keepdims=True)
  va: mean((X - mu)**2, axis=0, keepdims=True)
  xh: (X - mu)/sqrt(va + eps)
  out: g*xh + be
  LB: sum(G*out)
  mr: mean(X, axis=1, keepdims=True)
  vr: mean((X - mr)**2, axis=1, keepdims=True)
  lh: (X - mr)/sqrt(vr + eps)
  LL: sum(G*(g*lh + be))
  H: silu(X @ W + b)
  P: softmax(H @ V, axis=1)
  CE: -sum(Y*log(P))/m
  S: A @ B.T/sqrt(d1) + mask
  At: softmax(S, axis=1)
  O: At @ C
  LA: sum((O - D0)**2)/2
  h1: tanh(Wh @ h0 + Wx @ x)
  h2: tanh(Wh @ h1 + Wx @ u)
  E2: sum(h2**2)
"""

#: A derivative and what it is; with what is quantified.
GRADIENTS = {
    "batch normalisation": (
        "D(LB, X)",
        "g/sqrt(va + eps)*(G - mean(G, axis=0, keepdims=True) - xh*mean(G*xh, axis=0, keepdims=True))",
        "",
    ),
    "batch normalisation, scale": (
        "D(LB, g)",
        "sum(G*xh, axis=0, keepdims=True)",
        "",
    ),
    "layer normalisation": (
        "D(LL, X)",
        "(G*g - mean(G*g, axis=1, keepdims=True) - lh*mean(G*g*lh, axis=1, keepdims=True))/sqrt(vr + eps)",
        "",
    ),
    "Huber loss": (
        "D(sum(where(abs(r) <= d, r**2/2, d*(abs(r) - d/2))), r)",
        "where(abs(r) <= d, r, d*sign(r))",
        "",
    ),
    "absolute loss": (
        "D(sum(abs(x)), x)",
        "sign(x)",
        "",
    ),
    "absolute penalty": (
        "D(lam*sum(abs(x)) + sum(x**2)/2, x)",
        "x + lam*sign(x)",
        "",
    ),
    "mask": (
        "D(sum((M*X)**2)/2, X)",
        "M*X",
        "",
    ),
    "cross-entropy, last layer": (
        "D(CE, V)",
        "H.T @ (P*sum(Y, axis=1, keepdims=True) - Y)/m",
        "",
    ),
    "cross-entropy, first layer": (
        "D(CE, W)",
        "X.T @ (((P*sum(Y, axis=1, keepdims=True) - Y) @ V.T/m)*silu'(X @ W + b))",
        "",
    ),
    "attention, queries": (
        "D(LA, A)",
        "(At*((O - D0) @ C.T - sum((O - D0)*O, axis=1, keepdims=True))) @ B/sqrt(d1)",
        "",
    ),
    "attention, keys": (
        "D(LA, B)",
        "(At*((O - D0) @ C.T - sum((O - D0)*O, axis=1, keepdims=True))).T @ A/sqrt(d1)",
        "",
    ),
    "attention, scores": (
        "D(LA, mask)",
        "At*((O - D0) @ C.T - sum((O - D0)*O, axis=1, keepdims=True))",
        "",
    ),
    "recurrent step, state": (
        "D(E2, h1)",
        "Wh.T @ (2*h2*(1 - h2**2))",
        "",
    ),
    "recurrent step, shared weights": (
        "D(E2, Wh)",
        "outer(2*h2*(1 - h2**2), h1) + outer((Wh.T @ (2*h2*(1 - h2**2)))*(1 - h1**2), h0)",
        "",
    ),
    "mean over two axes": (
        "D(mean((X @ W - X @ W*2)**2), W)",
        "2*X.T @ X @ W/(m*k)",
        "",
    ),
    "cosine": (
        "D(dot(x, u)/(norm(x)*norm(u)), x)",
        "u/(norm(x)*norm(u)) - dot(x, u)*x/(norm(x)**3*norm(u))",
        "",
    ),
    "divergence of two softmaxes": (
        "D(sum(softmax(x)*(log_softmax(x) - log_softmax(u))), u)",
        "softmax(u) - softmax(x)",
        "",
    ),
    "divergence, the other way": (
        "D(sum(softmax(x)*(log_softmax(x) - log_softmax(u))), x)",
        "softmax(x)*(log_softmax(x) - log_softmax(u) - sum(softmax(x)*(log_softmax(x) - log_softmax(u))))",
        "",
    ),
    "pairwise ranking": (
        "D(sum(log(1 + exp(-(x[i] - x[j]))) for i in n for j in n), x[l])",
        "sum(sigmoid(x[l] - x[j]) - sigmoid(x[j] - x[l]) for j in n)",
        " for l in n",
    ),
    "elu layer": (
        "D(sum(elu(X @ W)), W)",
        "X.T @ where(X @ W > 0, 1, exp(X @ W))",
        "",
    ),
    "focal loss": (
        "D(sum((1 - sigmoid(r))**2*log(sigmoid(r))), r)",
        "(1 - sigmoid(r))**3 - 2*sigmoid(r)*(1-sigmoid(r))**2*log(sigmoid(r))",
        "",
    ),
    "greatest of two": (
        "D(sum(max(x, u)), x)",
        "indicator(x > u)",
        "",
    ),
    "support vectors": (
        "D(sum(max(0, 1 - r*(X @ x))) + lam/2*dot(x,x), x)",
        "-X.T @ (r*indicator(r*(X @ x) < 1)) + lam*x",
        "",
    ),
    "tanh layer": (
        "D(sum((tanh(X @ W) - 1)**2), W)",
        "2*X.T @ ((tanh(X @ W) - 1)*(1 - tanh(X @ W)**2))",
        "",
    ),
    "gelu layer": (
        "D(sum(gelu(X @ W)), W)",
        "X.T @ gelu'(X @ W)",
        "",
    ),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_the_gradient_of_a_layer(name):
    left, right, over = GRADIENTS[name]
    assert kinds(SETTING, f"{left} == {right}{over}", f"{left} == 2*({right}){over}") == ["zero", "open"]


RELU = """\
variables: {X: [m, n], Y: [m, k], W1: [h, n], b1: [1, h], W2: [g, h], b2: [1, g], W3: [k, g], b3: [1, k]}
define:
  Z1: X @ W1.T + b1
  A1: relu(Z1)
  Z2: A1 @ W2.T + b2
  A2: relu(Z2)
  Z3: A2 @ W3.T + b3
  J: sum((Z3 - Y)**2)/(2*m)
  D3: (Z3 - Y)/m
  D2: (D3 @ W3)*indicator(Z2 > 0)
  D1: (D2 @ W2)*indicator(Z1 > 0)
"""


@pytest.mark.parametrize(
    ("by", "gradient", "kind"),
    [
        ("W3", "D3.T @ A2", "zero"),
        ("W2", "D2.T @ A1", "zero"),
        ("b2", "sum(D2, axis=0, keepdims=True)", "zero"),
        ("W1", "D1.T @ X", "zero"),
        ("b1", "sum(D1, axis=0, keepdims=True)", "zero"),
        ("W2", "(D3 @ W3).T @ A1", "open"),
        ("W1", "((D2 @ W2)*indicator(Z2 @ W2 > 0)).T @ X", "open"),
        ("b1", "sum(D2 @ W2, axis=0, keepdims=True)", "open"),
    ],
)
def test_kinks_inside_kinks(by, gradient, kind):
    assert kinds(RELU, f"D(J, {by}) == {gradient}") == [kind]


@pytest.mark.parametrize("labels", ["'{-1, 1}'", "'{0, 1}'", "'{-1, 0, 2}'", "real"])
@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("D(sum(relu(1 - s*(X @ w))), w) == -X.T @ (s*indicator(s*(X @ w) < 1))", "zero"),
        ("D(J, w) == w - C*X.T @ (s*indicator(u < 1))", "zero"),
        ("D(J, b) == -C*sum(s*indicator(u < 1))", "zero"),
        ("D(J, w) == w - C*X.T @ (s*indicator(u <= 1))", "zero"),
        ("D(J, w) == w - C*X.T @ (s*indicator(u > 1))", "open"),
        ("D(J, b) == -C*sum(indicator(u < 1))", "open"),
        ("sum(a*sign(s - 1)) == D(sum(a**2*sign(s - 1))/2, a)*sum(sign(s - 1)**2)", "open"),
    ],
)
def test_kinks_with_labels_inside(labels, statement, kind):
    labelled = f"{{shape: [m, 1], domain: {labels}}}"
    setting = (
        f"variables: {{X: [m, n], s: {labelled}, w: [n, 1], b: , a: [m, 1], C: {{domain: positive}}}}\n"
        "define: {u: s*(X @ w + b), J: sum(w**2)/2 + C*sum(relu(1 - u))}\n"
    )
    assert kinds(setting, statement) == [kind]


@pytest.mark.parametrize(("labels", "kind"), [("'{0, 1}'", "open"), ("real", "open"), ("'{0, 2}'", "zero")])
def test_labels_that_do_not_move_may_be_at_a_kink(labels, kind):
    setting = f"variables: {{s: {{shape: [m], domain: {labels}}}, a: [m]}}\n"
    assert kinds(setting, "D(sum(a*sign(s - 1)), a) == sign(s - 1) + 1 - sign(s - 1)**2") == [kind]
