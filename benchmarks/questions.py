"""Owns the questions: true and false claims as spec files, from claims.yaml and made at growing sizes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

CLAIMS = Path(__file__).with_name("claims.yaml")


@dataclass(frozen=True, slots=True)
class Question:
    """A spec with one claim, ``claim``, and whether it is true."""

    name: str
    spec: str
    true: bool


def spec(variables: Mapping[str, object], define: Mapping[str, str], claim: object) -> str:
    """The text of a spec with one claim."""
    return spec_of_several(variables, define, {"claim": claim})


def spec_of_several(variables: Mapping[str, object], define: Mapping[str, str], claims: Mapping[str, object]) -> str:
    """The text of a spec; JSON is YAML."""
    top = {"derivcheck": "1", "title": "benchmark", "variables": variables, "define": define, "claims": claims}
    return json.dumps(top, ensure_ascii=False)


def scalar_questions() -> Iterator[Question]:
    """Every expression of claims.yaml as a claim of its own."""
    families = yaml.load(CLAIMS.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # every value is text
    for name, family in families.items():
        for kind in ("right", "wrong"):
            for number, gradient in enumerate(family[kind]):
                claim = {"of": family["of"], "wrt": family["wrt"], "gradient": gradient}
                yield Question(f"{name}/{kind} {number}", spec(family["variables"], {}, claim), kind == "right")


# --- networks


def network(n: int, h: int, k: int, m: int, *, true: bool = True) -> Question:
    """The gradient by the first weights of a two-layer perceptron: ``n`` inputs, ``h`` hidden units (tanh), ``k``
    outputs (sigmoid, cross-entropy), ``m`` samples in columns. The wrong one has lost its 1/m."""
    variables = {"X": f"[{n}, {m}]", "Y": f"[{k}, {m}]", "W1": f"[{h}, {n}]", "b1": f"[{h}, 1]"}
    variables |= {"W2": f"[{k}, {h}]", "b2": f"[{k}, 1]"}
    define = {
        "Z1": "W1 @ X + b1",
        "A1": "tanh(Z1)",
        "Z2": "W2 @ A1 + b2",
        "A2": "sigmoid(Z2)",
        "J": f"-sum(Y*log(A2) + (1 - Y)*log(1 - A2))/{m}",
    }
    gradient = "(W2.T @ (A2 - Y)*(1 - A1**2)) @ X.T" + (f"/{m}" if true else "")
    name = f"n={n}, h={h}, k={k}, m={m}" + ("" if true else ", wrong")
    return Question(name, spec(variables, define, {"of": "J", "wrt": "W1", "gradient": gradient}), true)


#: Sizes of networks, from the least that tells its parts apart.
NETWORKS = ((2, 3, 1, 4), (3, 4, 2, 5), (4, 5, 3, 6), (5, 6, 4, 8))


# --- claims for every size


def whole_network(*, layers: tuple[str, str] = ("tanh", "1 - A1**2")) -> Question:
    """Every gradient of a two-layer perceptron with symbolic sizes, in one spec of four claims: ``n`` inputs, ``h``
    hidden units, ``k`` outputs (sigmoid, cross-entropy), ``m`` samples in columns."""
    unit, slope = layers
    variables = {"X": "[n, m]", "Y": "[k, m]", "W1": "[h, n]", "b1": "[h, 1]", "W2": "[k, h]", "b2": "[k, 1]"}
    define = {
        "Z1": "W1 @ X + b1",
        "A1": f"{unit}(Z1)",
        "Z2": "W2 @ A1 + b2",
        "A2": "sigmoid(Z2)",
        "J": "-sum(Y*log(A2) + (1 - Y)*log(1 - A2))/m",
    }
    gradients = {
        "W2": "(A2 - Y) @ A1.T/m",
        "b2": "sum(A2 - Y, axis=1, keepdims=True)/m",
        "W1": f"(W2.T @ (A2 - Y)*({slope})) @ X.T/m",
        "b1": f"sum(W2.T @ (A2 - Y)*({slope}), axis=1, keepdims=True)/m",
    }
    claims = {name: {"of": "J", "wrt": name, "gradient": gradient} for name, gradient in gradients.items()}
    return Question(f"{unit}, sigmoid", spec_of_several(variables, define, claims), true=True)


WHOLE_NETWORKS = (("tanh", "1 - A1**2"), ("sigmoid", "A1*(1 - A1)"), ("relu", "indicator(Z1 > 0)"))

_REGRESSION: dict[str, object] = {"X": "[m, n]", "y": "[m, 1]", "w": "[n, 1]"}
_CLASSES: dict[str, object] = {"X": "[m, n]", "Y": "[m, k]", "W": "[n, k]", "b": "[1, k]"}

#: Claims with symbolic sizes: variables, definitions, what is differentiated by what, a right gradient, wrong ones.
MATRICES: dict[str, tuple[dict[str, object], dict[str, str], str, str, str, tuple[str, ...]]] = {
    "least squares": (
        _REGRESSION, {"r": "X @ w - y"}, "sum(r**2)/m", "w", "2*X.T @ r/m",
        ("X.T @ r/m", "2*X.T @ r", "-2*X.T @ r/m"),
    ),
    "ridge": (
        {**_REGRESSION, "c": ""}, {"r": "X @ w - y"}, "sum(r**2)/2 + c*sum(w**2)/2", "w", "X.T @ r + c*w",
        ("X.T @ r + c*w/2", "X.T @ r", "X.T @ r + c*w**2"),
    ),
    "logistic regression": (
        _REGRESSION, {"p": "sigmoid(X @ w)"}, "-sum(y*log(p) + (1 - y)*log(1 - p))/m", "w", "X.T @ (p - y)/m",
        ("X.T @ (p - y)", "X.T @ (y - p)/m", "X.T @ ((p - y)*p*(1 - p))/m"),
    ),
    "poisson regression": (
        _REGRESSION, {"z": "X @ w"}, "sum(exp(z) - y*z)/m", "w", "X.T @ (exp(z) - y)/m",
        ("X.T @ (exp(z) + y)/m", "X.T @ (z - y)/m", "X.T @ (exp(z) - y)"),
    ),
    "softmax regression": (
        _CLASSES, {"P": "softmax(X @ W + b, axis=1)", "J": "-sum(Y*log(P))/m"}, "J", "W",
        "X.T @ (sum(Y, axis=1, keepdims=True)*P - Y)/m",
        ("X.T @ (P - Y)/m", "X.T @ (sum(Y, axis=1, keepdims=True)*P - Y)", "X.T @ (Y - P)/m"),
    ),
    "quadratic form": (
        {"A": "[n, n]", "x": "[n, 1]"}, {}, "(x.T @ A @ x)[0, 0]", "x", "A @ x + A.T @ x",
        ("2*A @ x", "A @ x", "A @ x - A.T @ x"),
    ),
    "trace of a product": (
        {"A": "[n, m]", "B": "[m, n]"}, {}, "trace(A @ B)", "A", "B.T", ("2*B.T", "-B.T", "A"),
    ),
    "squared distance": (
        {"A": "[m, n]", "B": "[m, k]", "C": "[k, n]"}, {}, "sum((A - B @ C)**2)", "B", "-2*(A - B @ C) @ C.T",
        ("2*(A - B @ C) @ C.T", "-(A - B @ C) @ C.T", "-2*(A + B @ C) @ C.T"),
    ),
    "softmax": (
        {"z": "[n]", "t": "[n]"}, {"p": "softmax(z)"}, "sum(t*p)", "z", "p*(t - sum(t*p))",
        ("p*t", "p*(t + sum(t*p))", "t - sum(t*p)*p"),
    ),
    "log-sum-exp": ({"z": "[n]"}, {}, "logsumexp(z)", "z", "softmax(z)", ("exp(z)", "z*softmax(z)", "-softmax(z)")),
    "normalised vector": (
        {"x": "[n]", "v": "[n]"}, {"r": "norm(x)"}, "sum(v*x)/r", "x", "v/r - x*sum(v*x)/r**3",
        ("v/r", "v/r - x*sum(v*x)/r**2", "v/r + x*sum(v*x)/r**3"),
    ),
    "batch variance": (
        {"x": "[m]"}, {"c": "x - mean(x)"}, "mean(c**2)", "x", "2*c/m", ("2*c", "2*x/m", "c/m"),
    ),
}  # fmt: skip


def matrix_questions() -> Iterator[Question]:
    """Claims for every size, true and false."""
    for name, (variables, define, of, by, right, wrong) in MATRICES.items():
        for kind, gradients in (("right", (right,)), ("wrong", wrong)):
            for number, gradient in enumerate(gradients):
                claim = {"of": of, "wrt": by, "gradient": gradient}
                yield Question(f"{name}/{kind} {number}", spec(variables, define, claim), kind == "right")


# --- growth


def depth(layers: int) -> Question:
    """A chain of ``layers`` sigmoid units, differentiated by the first weight."""
    variables: dict[str, object] = {"x": ""} | {f"w{i}": "" for i in range(1, layers + 1)}
    define, slopes = {}, []
    for i in range(1, layers + 1):
        define[f"a{i}"] = f"sigmoid(w{i}*{'x' if i == 1 else f'a{i - 1}'})"
        slopes.append(f"a{i}*(1 - a{i})")
    weights = [f"w{i}" for i in range(2, layers + 1)]
    claim = {"of": f"a{layers}", "wrt": "w1", "gradient": "*".join([*slopes, *weights, "x"])}
    return Question(f"{layers} layers", spec(variables, define, claim), true=True)


def width(units: int) -> Question:
    """A hidden layer of ``units`` sigmoid units, every entry of the gradient by its weights."""
    variables: dict[str, object] = {"x": "[2, 1]", "y": "", "W": f"[{units}, 2]", "v": f"[1, {units}]"}
    define = {"a": "sigmoid(W @ x)", "f": "(v @ a)[0, 0]", "J": "(f - y)**2/2"}
    claim = {"of": "J", "wrt": "W", "gradient": "(f - y)*(v.T*a*(1 - a)) @ x.T"}
    return Question(f"{units} units", spec(variables, define, claim), true=True)


def length(terms: int) -> Question:
    """A sum of ``terms`` logistic losses, differentiated by the weight that is in all of them."""
    variables: dict[str, object] = {"w": ""} | {f"{name}{i}": "" for i in range(terms) for name in "xy"}
    claim = {
        "of": " + ".join(f"log(1 + exp(-y{i}*w*x{i}))" for i in range(terms)),
        "wrt": "w",
        "gradient": " - ".join(["0", *(f"x{i}*y{i}*sigmoid(-y{i}*w*x{i})" for i in range(terms))]),
    }
    return Question(f"{terms} terms", spec(variables, {}, claim), true=True)


def steps(count: int) -> Question:
    """A chain of ``count`` steps, each a square completed in another way."""
    turned = ["x**2", *(f"(x + {i})**2 - {2 * i}*x - {i * i}" for i in range(1, count + 1))]
    return Question(f"{count} steps", spec({"x": ""}, {}, {"statement": " == ".join(turned)}), true=True)


#: How a claim can grow: what grows, the question of a size, and the sizes.
GROWTH = (
    ("depth", depth, (1, 2, 4, 8, 16)),
    ("width", width, (2, 4, 8, 16, 32)),
    ("length", length, (2, 4, 8, 16, 32)),
    ("steps", steps, (2, 4, 8, 16, 32)),
)
