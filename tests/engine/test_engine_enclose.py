"""The rigorous road on every kind of expression, against mpmath's differences and NumPy's, at sizes that differ."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest
import reference_mpmath
import reference_numpy
from engine_expressions import COEFFICIENTS, DERIVATIVES, PLAIN, TRANSPOSED, everything, in_mpmath, setting, values
from engine_kit import SIZES, Given, close, derivation, enclosed, evaluator, expression
from flint import arb

from derivcheck.engine.jets import Hole
from derivcheck.engine.places import StandIn
from derivcheck.engine.work import Meter, OverBudget

CASES = [
    *(pytest.param(text, "gradient", id=text) for text in (*PLAIN, *DERIVATIVES)),
    *(pytest.param(text, "jacobian", id=f"{text} transposed") for text in TRANSPOSED),
]


def reference(given, numbers, digits=120):
    with reference_mpmath.precise(digits):
        tolerance = reference_mpmath.tolerance([given.expr], given.derivation.definitions)
        return tolerance.order, reference_mpmath.evaluate(
            given.expr, setting(given.derivation.definitions), in_mpmath(numbers)
        )


@pytest.mark.parametrize(("text", "layout"), CASES)
def test_against_mpmath(text, layout):
    given = everything()[text, layout]
    numbers = values()
    found = enclosed(given, numbers, functions={"g": StandIn(COEFFICIENTS)})
    order, expected = reference(given, numbers)
    assert found.shape == expected.shape
    digits = {0: 45, 1: 16}.get(order, 9)
    for place in np.ndindex(*expected.shape):
        assert close(found[place], expected[place], digits), (place, found[place], expected[place])


@pytest.mark.parametrize(("text", "layout"), [case for case in CASES if "g" not in case.values[0].split("(")[0]][::3])
def test_against_numpy(text, layout):
    given = everything()[text, layout]
    numbers = values(1)
    found = enclosed(given, numbers, functions={"g": StandIn(COEFFICIENTS)})
    floats = {name: np.asarray(x, dtype=float) for name, x in numbers.items()}

    def g(x):
        return sum(float(c) * x**k for k, c in enumerate(COEFFICIENTS))

    expected = reference_numpy.evaluate(given.expr, given.derivation, floats, SIZES, opaque={"g": g})
    got = np.array([float(arb(x).mid()) for x in found.ravel()]).reshape(found.shape)
    second = "hess" in text or text.count("D(") > 1 or "jac(D" in text
    np.testing.assert_allclose(got, expected, rtol=1e-3 if second else 1e-6, atol=1e-3 if second else 1e-6)


def test_axes_of_size_1(monkeypatch):
    """Nothing is squeezed away."""
    sizes = {"n": 1, "m": 1, "h": 2}
    monkeypatch.setattr("engine_expressions.SIZES", sizes)
    numbers = values()
    for text in PLAIN + DERIVATIVES:
        if any(place in text for place in ("[1", "1]", "[2", "W[0, 0]", "2]")):
            continue
        given = everything()[text, "gradient"]
        found = enclosed(given, numbers, sizes, functions={"g": StandIn(COEFFICIENTS)})
        assert found.shape == tuple(sizes[d] if isinstance(d, str) else d for d in given.expr.shape), text


def test_singular_matrices():
    numbers = {"A": [[1, 2], [2, 4]], "u": [1, 1]}
    variables = "variables: {A: [n, n], u: [n]}\n"
    (hole, *_) = enclosed(expression("inv(A) @ u", variables), numbers).ravel()
    assert isinstance(hole, Hole)
    assert hole.certain
    assert enclosed(expression("det(A)", variables), numbers)[()] == 0
    # a determinant has a derivative at a singular matrix: its cofactors
    gradient = enclosed(expression("D(det(A), A)", variables), numbers)
    assert [int(x.p) for x in gradient.ravel()] == [4, -2, -2, 1]


def test_inverse_by_rows_in_any_order():
    """A zero on the diagonal asks for a pivot from below."""
    given = expression("inv(A)", "variables: {A: [n, n]}\n")
    found = enclosed(given, {"A": [[0, 2, 0], [0, 0, 4], [1, 0, 0]]}, {"n": 3})
    assert [str(x) for x in found.ravel()] == ["0", "0", "1", "1/2", "0", "0", "0", "1/4", "0"]


def test_gradient_at_a_kink_of_one_entry_is_missing_there_alone():
    given = expression("D(sum(relu(u)), u)", "variables: {u: [n]}\n")
    found = enclosed(given, {"u": [0, 3]})
    assert isinstance(found[0], Hole)
    assert found[1] == 1


def test_kinks_that_are_not_crossed():
    setting_ = "variables: {a: , s: }\ndefine: {r: relu(s)}\n"
    for text, expected in (
        ("D(relu(s)*a, a)", 0),  # at s = 0: the kink does not move with a
        ("D(a*abs(s), a)", 0),
        ("D(where(s > 0, a, 2*a), a)", 2),
        ("D(r*a, r)", 3),
        ("D(r**2, r)", 0),
        ("where(s == 0, 5, D(a**2, a))", 5),
    ):
        assert enclosed(expression(text, setting_), {"a": 3, "s": 0})[()] == expected, text
    for text in ("D(relu(s)*a, s)", "D(where(s > 0, a, 2*a), s)", "D(sign(s), s)", "D(sqrt(s), s)"):
        hole = enclosed(expression(text, setting_), {"a": 3, "s": 0})[()]
        assert isinstance(hole, Hole), text
        assert hole.certain


def test_a_unit_that_is_off_has_a_gradient():
    """relu(relu(s)) is 0 around s = -1."""
    for text in ("D(relu(relu(s)), s)", "D(relu(-relu(s)), s)", "D(max(relu(s), 0), s)"):
        assert enclosed(expression(text, "variables: {s: }\n"), {"s": -1})[()] == 0, text


def test_branches_that_are_not_taken_need_no_value():
    variables = "variables: {a: , s: }\n"
    for text, expected in (
        ("where(s > 0, log(s), 7)", 7),
        ("where(s > 0, 1/(s + 1), 7)", 7),
        ("D(where(s > 0, sqrt(s), 7*s), s)", 7),
        ("where(s < 0, 7, D(relu(s + 1), s))", 7),
    ):
        assert enclosed(expression(text, variables), {"a": 1, "s": -1})[()] == expected, text


def test_powers_by_how_the_exponent_is_written():
    setting_ = "variables: {s: , k: {domain: integer}, y: {domain: '{0, 1}'}, z: }\ndefine: {two: 2, half: 1/2}\n"
    point = {"s": -3, "k": 2, "y": 1, "z": 2}
    for text, expected in (
        ("s**2", 9), ("s**two", 9), ("s**k", 9), ("s**(k + 1)", -27), ("s**y", -3), ("sum(s**i for i in 3)", 7),
        ("s**-1", -1 / 3), ("(-s)**z", 9), ("s**0", 1), ("0**0", 1),
    ):  # fmt: skip
        found = enclosed(expression(text, setting_), point)[()]
        assert not isinstance(found, Hole), text
        assert close(found, mpmath.mpf(expected), 14), text
    for text in ("s**z", "s**half", "s**(1/3)", "(s + 3)**-1", "(s + 3)**z", "0**z"):
        hole = enclosed(expression(text, setting_), point)[()]
        assert isinstance(hole, Hole), text
        assert hole.certain, text


def test_a_name_that_is_given_is_cut():
    setting_ = "variables: {a: }\ndefine: {q: a**2, f: q*a + q**2}\n"
    given = expression("[f, D(f, q), D(f, a)]", setting_)
    found = enclosed(given, {"a": 3, "q": 5}, cut=("q",))
    assert [int(x.p) for x in found] == [40, 13, 5]
    assert [int(x.p) for x in enclosed(given, {"a": 3})] == [108, 21, 135]


def test_a_derivative_within_a_cut():
    """Inside D(…, b) the name b is free, also for derivatives that stand there."""
    setting_ = "variables: {a: }\ndefine: {b: a**2, c: b*a, d: 'c*D(c, b)'}\n"
    for text, expected in (
        ("D(c, a)", 3 * 9),
        ("D(c, b)", 3),
        ("d", 27 * 3),
        ("D(d, b)", 9),
        ("D(D(c**2, b), b)", 2 * 9),
        ("D(D(c**2, b), a)", 8 * 27),
        ("D(b, b)", 1),
        ("D(a, b)", 0),
    ):
        assert enclosed(expression(text, setting_), {"a": 3})[()] == expected, text


def test_bound_scalars_are_differentiated_by():
    spec = derivation("claims:\n  it: D(z**3, z) == 3*z**2 for z in (0, 2)\n")
    (claim,) = spec.claims
    assert claim.statement is not None
    key = claim.statement.quantifiers[0].key
    sides = (Given(spec, side, claim) for side in (claim.statement.links[0].left, claim.statement.links[0].right))
    assert [str(enclosed(side, {}, bound={key: "3/2"})[()]) for side in sides] == ["27/4", "27/4"]


def test_an_index_of_a_sum_hides_no_other():
    given = expression("sum(i + sum(i*j for i in 3) for j in 3, i in 2)", "variables: {a: }\n")
    assert enclosed(given, {"a": 0})[()] == sum(i + sum(k * j for k in range(3)) for j in range(3) for i in range(2))


def test_opaque_functions_follow_their_rule():
    """g' = g (1 - g): with the value of g free, every derivative of it is a polynomial in that value."""
    setting_ = "variables: {a: , b: }\nfunctions: {g: {derivative: 'g(z)*(1 - g(z))'}, k: {derivative: '2'}}\n"
    stand_ins = {"g": StandIn((Fraction(1, 3),)), "k": StandIn((Fraction(1, 3),))}

    def value(text):
        return enclosed(expression(text, setting_), {"a": 2, "b": 5}, functions=stand_ins)[()]

    with mpmath.mp.workdps(60):
        s = mpmath.mpf(1) / 3
        first = s * (1 - s)
        second = first * (1 - 2 * s)
        for text, expected in (
            ("g(a)", s), ("g'(a)", first), ("g''(a)", second), ("D(g(a), a)", first), ("D(D(g(a), a), a)", second),
            ("D(g(a*b - 8), a)", 5 * first), ("hess(g(a*b - 8), b)", 4 * second), ("k'(b)", 2), ("k''(b)", 0),
            ("D(g'(a), a)", second), ("D(b*k(a), a)", 10),
        ):  # fmt: skip
            assert close(value(text), expected, 40), text


def test_values_of_an_opaque_function_at_two_places_are_not_made_up():
    """One value may be chosen; the solution of the rule then has its own at every other place."""
    setting_ = "variables: {a: , b: }\nfunctions: {g: {derivative: '2*z'}}\n"
    found = enclosed(expression("g(a) - g(b)", setting_), {"a": 2, "b": 5}, functions={"g": StandIn((Fraction(1),))})
    assert isinstance(found[()], Hole)
    assert not found[()].certain


def test_work_is_counted():
    given = expression("sum(X @ X.T)", "variables: {X: [n, m]}\n")
    road = evaluator(given, {"X": [[1, 2, 3], [4, 5, 6]]})
    road.begin(Meter(10))
    with pytest.raises(OverBudget):
        road.value(given.expr)
