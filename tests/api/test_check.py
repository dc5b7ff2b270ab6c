"""Claims given as strings in Python: read like spec files, judged by the engine, shown to people."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

import derivcheck
from derivcheck import Refused, Verdict, check, check_equal, check_gradient

UNIT = {"variables": {"x": ("n", 1), "w": ("n", 1)}, "define": {"f": "1/(1 + exp(-(w.T @ x)[0, 0]))"}}


def test_a_statement_with_its_own_binder_needs_nothing_else():
    result = check("sigmoid'(z) == sigmoid(z)*(1 - sigmoid(z)) for z in real")
    assert result
    assert result.verdict is Verdict.PROVED
    assert repr(result) == "<proved: sigmoid'(z) == sigmoid(z)*(1 - sigmoid(z)) for z in real>"


def test_a_gradient_of_any_size():
    result = check_gradient("f", "w", "x*f*(1 - f)", **UNIT)
    assert result.ok
    assert repr(result).startswith("<proved for ")


def test_a_wrong_gradient_has_a_witness():
    result = check_gradient("f", "w", "x*f*(1 + f)", steps=["x*f*(1 - f)"], **UNIT)
    assert not result
    assert result.verdict is Verdict.REFUTED
    assert result.report.first_wrong_step == 1
    assert set(result.point) <= {"x", "w"}
    lines = str(result).split("\n")
    assert lines[0] == "refuted: D(f, w) == x*f*(1 - f) == x*f*(1 + f)"
    assert "  wrong step 1: x*f*(1 - f) == x*f*(1 + f)" in lines
    assert any(line.startswith("  witness ") for line in lines)


def test_chains_of_equal_terms():
    assert check_equal("(a + b)**2", "a**2 + 2*a*b + b**2", "a*(a + 2*b) + b**2", variables=["a", "b"])
    with pytest.raises(TypeError):
        check_equal("a")


def test_displayed_numbers_and_tolerances():
    at = {"variables": ["x"], "at": {"x": 0}}
    assert check("sigmoid(x) ≈ 0.5", **at)
    assert check("sigmoid(x + 0.1) ≈ 0.52", **at)
    assert check("sigmoid(x + 0.1) ≈ 0.53", **at).verdict is Verdict.REFUTED
    for tolerance in ("0.01", 0.01, Decimal("0.01")):
        assert check("sigmoid(x + 0.1) ≈ 0.53", tolerance=tolerance, **at)


@pytest.mark.parametrize(
    "value", [[[1], [-2]], ((1,), (-2,)), np.array([[1], [-2]]), [["1"], ["-2"]], [[Fraction(1)], [Decimal("-2.0")]]]
)
def test_points_in_every_spelling(value):
    assert check("sum(v) ≈ -1", variables={"v": ("n", 1)}, at={"v": value})


def test_a_float_is_the_decimal_that_it_prints_as():
    assert check("10*x == 1", variables=["x"], at={"x": 0.1})
    assert check("10*x == 1", variables=["x"], at={"x": np.float64(0.1)})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), "one", "x", [[1], [2, 3]]])
def test_points_that_are_no_numbers_are_refused(value):
    with pytest.raises(Refused):
        check("x == x", variables=["x"], at={"x": value})


@pytest.mark.parametrize("value", [None, True, object(), 1j])
def test_points_of_another_type_are_type_errors(value):
    with pytest.raises(TypeError):
        check("x == x", variables=["x"], at={"x": value})


# --- what is declared


def test_variables_in_every_spelling():
    for shape in (("n",), ["n"]):
        assert check("sum(2*v) == 2*sum(v)", variables={"v": shape})
    for shape in (3, (3,), [3]):
        assert check("v[0] + v[1] + v[2] == sum(v)", variables={"v": shape})
    for scalar in (None, (), []):
        assert check("v + v == 2*v", variables={"v": scalar})
    assert check("sqrt(v**2) == v", variables={"v": "positive"})
    assert check("v**2 == 1", variables={"v": "{-1, 1}"})
    assert check("abs(v) == -v", variables={"v": "[-1, 0]"})
    assert check("sum(v) == 1", variables={"v": {"shape": ("n",), "domain": "simplex", "doc": "probabilities: p"}})
    assert check("trace(S @ A) == trace(A @ S)", variables={"S": ("n", "n"), "A": {"shape": ["n", "n"]}})


def test_a_domain_in_brackets_is_a_domain_and_not_a_shape():
    assert check("abs(v) == v", variables={"v": "[0, 1]"})


def test_conditions_dimensions_and_functions():
    assert check("x/x == 1", variables=["x"], assume="x != 0")
    assert check("abs(x) == -x", variables=["x"], assume=["x < 0", "x > -5"])
    assert check("abs(x) == -x", variables=["x"], when="x < 0")
    assert check("sum(v) == v[0] + v[1]", variables={"v": ("n",)}, dims={"n": 2})
    assert check("D(g(x)**2, x) == 2*g(x)*g'(x)", variables=["x"], functions={"g": None})
    assert check("D(g(x), x) == g(x)*(1 - g(x))", variables=["x"], functions={"g": "g(z)*(1 - g(z))"})


def test_layouts_and_factors():
    loss = {"variables": {"w": ("n", 1)}, "define": {"L": "sum(w**2)"}}
    assert check_gradient("L", "w", "2*w", **loss)
    assert check_gradient("L", "w", "2*w.T", layout="jacobian", **loss)
    assert check_gradient("L", "w", "2*w.T", **loss).verdict is Verdict.INVALID
    assert check_gradient("L", "w", "w", up_to="positive factor", **loss)
    assert not check_gradient("L", "w", "-w", up_to="positive factor", **loss)


def test_any_name_is_a_name():
    names = [
        "lambda",
        "E",
        "I",
        "S",
        "None",
        "class",
        "__x__",
        "no",
        "null",
        "y",
        "ŷ",
        "σ_1",
        "e",
        "pi",
        "beta",
        "on",
    ]
    for name in names:
        assert check(f"{name} + {name} == 2*{name}", variables=[name]), name


@pytest.mark.parametrize(
    "text", ["x == x # y", "'x' == x", "x: == x", "{x} == x", "*x == x", "!a == x", "'", "&x == x"]
)
def test_yaml_in_a_string_means_nothing(text):
    """What a string has of YAML's own signs is text of the formula, as it is in quotes."""
    with pytest.raises(Refused) as caught:
        check(text, variables=["x"])
    assert {problem.code for problem in caught.value.problems} <= {"syntax", "character", "name"}


def test_a_minus_is_no_list():
    assert check("- x == -x", variables=["x"])


def test_a_formula_may_go_over_lines():
    assert check("x\n  + x\n== 2*x", variables=["x"])


# --- what cannot be read


def test_a_syntax_error_shows_its_place():
    with pytest.raises(Refused) as caught:
        check("x + == y", variables=["x", "y"])
    assert "statement: x + == y" in str(caught.value)
    assert "^^" in str(caught.value)


def test_an_undeclared_name_is_an_error_with_a_hint():
    with pytest.raises(Refused) as caught:
        check("wieght + 1 == 1 + weight", variables=["weight"])
    assert "did you mean `weight`?" in str(caught.value)


def test_shapes_that_do_not_fit_are_invalid():
    result = check("v == u", variables={"v": ("n",), "u": ("m",)})
    assert result.verdict is Verdict.INVALID
    assert "[n] and [m]" in str(result)


@pytest.mark.parametrize("text", ["", "   ", "x", "x ≈", "== 1", "x = 1"])
def test_what_is_no_statement_is_refused(text):
    with pytest.raises(Refused):
        check(text, variables=["x"])


def test_control_characters_are_refused():
    with pytest.raises(Refused):
        check("x == x\x1b[31m", variables=["x"])
    with pytest.raises(Refused):
        check("x == x", variables=["x\u202e"])


def test_arguments_of_the_wrong_type():
    with pytest.raises(TypeError, match="unknown argument 'variable'"):
        check("x == x", variable=["x"])
    with pytest.raises(TypeError, match="not the string 'xy'"):
        check("x == x", variables="xy")
    with pytest.raises(TypeError, match="shape of x"):
        check("x == x", variables={"x": (1.5,)})
    with pytest.raises(TypeError, match="a name is a string"):
        check("x == x", variables={1: None})
    with pytest.raises(TypeError, match="a string or a SymPy equation"):
        check(3)
    for seed in ("a", -1, True, 1.5):
        with pytest.raises(TypeError, match="seed"):
            check("x == x", variables=["x"], seed=seed)
    with pytest.raises(ValueError, match="'undecided'"):
        check("x == x", variables=["x"], accept="undecided")


# --- results


def test_supported_is_ok_only_if_accepted():
    claim = "erf(abs(a)) == abs(erf(a))"
    result = check(claim, variables=["a"])
    assert result.verdict is Verdict.SUPPORTED
    assert not result
    accepted = check(claim, variables=["a"], accept="supported")
    assert accepted.ok
    assert repr(accepted).startswith("<supported (accepted): ")


def test_a_long_statement_is_cut_in_a_repr_and_whole_in_the_text():
    result = check(f"{'x + ' * 400}x == 401*x", variables=["x"])
    assert result
    assert len(repr(result)) < 330
    assert "401*x" in str(result)


def test_results_are_values():
    first, second = check("1 == 1"), check("1 == 1")
    assert first == second
    assert hash(first.verdict) == hash(second.verdict)
    assert copy.deepcopy(first) == first
    assert pickle.loads(pickle.dumps(first)) == first
    with pytest.raises(AttributeError):
        first.report = None


def test_markdown_is_inert():
    result = check("x == x + 1", variables=["x"])
    text = result._repr_markdown_()
    assert text.startswith("**refuted**\n\n```text\nx == x + 1\n")
    assert text.endswith("\n```")


def test_a_fence_is_longer_than_any_in_the_text():
    from derivcheck.result import fenced

    text = fenced("a ``` b", "````", "<script>")
    assert text.split("\n")[0] == "`````text"
    assert text.split("\n")[-1] == "`````"


def test_every_public_name_is_there_and_no_other():
    for name in derivcheck.__all__:
        assert getattr(derivcheck, name) is not None
    assert set(dir(derivcheck)) == set(derivcheck.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'chekc'"):
        _ = derivcheck.chekc
