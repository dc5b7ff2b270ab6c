"""Products of many factors are compared factor by factor, and told apart by any one of them."""

from __future__ import annotations

import json

import pytest

from derivcheck.engine import factored, judge
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport, Verdict

LAYERS = 20


def deep(*, wrong: str | None = None, unit: str = "sigmoid", slope: str = "a*(1 - a)") -> ClaimReport:
    """A chain of units, differentiated by the first weight; ``wrong`` is the slope claimed of one in the middle."""
    variables = {"x": ""} | {f"w{i}": "" for i in range(1, LAYERS + 1)}
    define, slopes = {}, []
    for i in range(1, LAYERS + 1):
        define[f"a{i}"] = f"{unit}(w{i}*{'x' if i == 1 else f'a{i - 1}'})"
        slopes.append((wrong if wrong and i == LAYERS // 2 else slope).replace("a", f"a{i}"))
    gradient = "*".join([*(f"({s})" for s in slopes), *(f"w{i}" for i in range(2, LAYERS + 1)), "x"])
    claims = {"c": {"of": f"a{LAYERS}", "wrt": "w1", "gradient": gradient}}
    top = {"derivcheck": "1", "title": "deep", "variables": variables, "define": define, "claims": claims}
    derivation = loads(json.dumps(top), "deep.deriv.yaml")
    return judge(derivation, derivation.claims[0])


@pytest.mark.parametrize(("unit", "slope"), [("sigmoid", "a*(1 - a)"), ("tanh", "1 - a**2"), ("sigmoid", "a - a**2")])
def test_a_deep_chain_is_proved(unit: str, slope: str) -> None:
    assert deep(unit=unit, slope=slope).verdict is Verdict.PROVED


@pytest.mark.parametrize("wrong", ["a*(1 + a)", "a", "1 - a", "-a*(1 - a)", "a*(1 - a)/2", "a**2*(1 - a)"])
def test_one_wrong_factor_of_many_is_seen(wrong: str) -> None:
    assert deep(wrong=wrong).verdict is Verdict.REFUTED


TERMS = {
    "(x + 1)**9*(y + 2)**3*(z - 1) == (x + 1)**9*(y + 2)**3*z - (x + 1)**9*(y + 2)**3": "zero",
    "x**9*y*z + x**9*y*w == x**9*y*(z + w)": "zero",
    "(y + 2)**9*exp(-x)*sigmoid(x) == (y + 2)**9*(1 - sigmoid(x))": "zero",
    "(y + 2)**9*exp(x)*sigmoid(x) == (y + 2)**9*(1 - sigmoid(x))": "open",
    "(x + 1)**9*(y + 2)**3 == -(x + 1)**9*(2 - y)**3": "open",
    "(x + 1)**9*(y + 2)**3 == (x + 1)**9*(2*y + 4)**3": "open",
    "(x + 1)**9*(y + 2)**3 == (x + 1)**9*(2*y + 4)**3/8": "zero",
    "sin(x)**4*(x + 1)**9 + cos(x)**4*(x + 1)**9 == (x + 1)**9*(1 - 2*sin(x)**2*cos(x)**2)": "zero",
    "sin(x)**4*(x + 1)**9 + cos(x)**4*(x + 1)**9 == (x + 1)**9*(1 - sin(x)**2*cos(x)**2)": "open",
}


@pytest.mark.parametrize("statement", TERMS)
def test_the_road_alone_tells_products_apart(statement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from derivcheck.engine import decide

    met = []
    whole = factored._Terms.element
    monkeypatch.setattr(factored._Terms, "element", lambda self: met.append(1) or whole(self))
    monkeypatch.setattr(decide, "FIRST", ())  # no point says so first
    monkeypatch.setattr(decide, "_proved_shortly", lambda *_, **__: False)
    monkeypatch.setattr(decide, "CHECKS", ())
    monkeypatch.setattr(decide, "FAR_CHECKS", ())
    outcomes = []
    prove = decide._prove
    monkeypatch.setattr(decide, "_prove", lambda *a, **k: outcomes.append(prove(*a, **k)) or outcomes[-1])
    top = {"derivcheck": "1", "title": "t", "variables": dict.fromkeys("xyzw", ""), "claims": {"c": statement}}
    derivation = loads(json.dumps(top), "terms.deriv.yaml")
    judge(derivation, derivation.claims[0])
    assert met
    assert outcomes[0].kind == TERMS[statement]
