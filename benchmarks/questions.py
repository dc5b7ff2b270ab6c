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


def spec(variables: Mapping[str, object], define: Mapping[str, str], claim: object, **more: object) -> str:
    """The text of a spec with one claim; JSON is YAML."""
    top = {"derivcheck": "1", "title": "benchmark", "variables": variables, "define": define, **more}
    return json.dumps({**top, "claims": {"claim": claim}}, ensure_ascii=False)


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
