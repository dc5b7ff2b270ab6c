"""The algebra of jets: derivatives of arithmetic, powers of every kind, conditions and cases, holes."""

from __future__ import annotations

from fractions import Fraction

import pytest
from engine_kit import exact
from flint import arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.engine import balls, jets
from derivcheck.engine.jets import Hole, Jet, power

A, B = ((1, 0),), ((2, 0),)
AB = ((1, 0), (2, 0))
#: A ball of which it is not certain whether it is 0.
VAGUE = arb(0, 1) / 64


def jet(value, slope=None, key=A):
    return Jet(exact(value), None if slope is None else {key: exact(slope)})


def holes(x):
    """Whether the value and the first derivative are certain holes, uncertain ones, or none."""
    return tuple(n.certain if isinstance(n, Hole) else None for n in (x.value, x.parts.get(A)))


coefficients = st.lists(st.fractions(-5, 5, max_denominator=4), min_size=1, max_size=4)
numbers = st.fractions(-3, 3, max_denominator=5)


def polynomial(terms, x):
    result = Jet(fmpq(0)) if isinstance(x, Jet) else Fraction(0)
    for c in reversed(terms):
        result = result * x + (Jet(exact(c)) if isinstance(x, Jet) else c)
    return result


def slopes(terms):
    return [c * k for k, c in enumerate(terms)][1:] or [Fraction(0)]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(coefficients, coefficients, numbers, numbers)
def test_sums_products_and_quotients_have_exact_derivatives(p, q, x, y):
    """p(x) q(y) + x y and p(x)/(1 + q(y)**2): value, both slopes and the mixed derivative, in rationals."""
    a, b = jet(x, 1, A), jet(y, 1, B)
    mixed = polynomial(p, a) * polynomial(q, b) + a * b
    px, qy, dp, dq = polynomial(p, x), polynomial(q, y), polynomial(slopes(p), x), polynomial(slopes(q), y)
    assert mixed.value == exact(px * qy + x * y)
    assert mixed.parts[A] == exact(dp * qy + y)
    assert mixed.parts[B] == exact(px * dq + x)
    assert mixed.parts[AB] == exact(dp * dq + 1)
    below = 1 + qy * qy
    quotient = polynomial(p, a) / (polynomial(q, b) * polynomial(q, b) + 1)
    assert quotient.value == exact(px / below)
    assert quotient.parts.get(A, 0) == exact(dp / below)
    assert quotient.parts.get(B, 0) == exact(-px * 2 * qy * dq / below**2)
    assert quotient.parts.get(AB, 0) == exact(-dp * 2 * qy * dq / below**2)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(coefficients, numbers)
def test_two_levels_of_one_number_give_its_second_derivative(p, x):
    value = polynomial(p, Jet(exact(x), {A: fmpq(1), B: fmpq(1)}))
    assert value.parts.get(A, 0) == value.parts.get(B, 0) == exact(polynomial(slopes(p), x))
    assert value.parts.get(AB, 0) == exact(polynomial(slopes(slopes(p)), x))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(numbers, st.integers(-4, 5))
def test_integer_powers_are_products(x, n):
    base = Jet(exact(x), {A: fmpq(1), B: fmpq(1)})
    found = power(base, Jet(fmpq(n)), "literal")
    if x == 0 and n < 0:
        assert holes(found) == (True, True)
        return
    product = Jet(fmpq(1))
    for _ in range(abs(n)):
        product = product * base
    expected = product if n >= 0 else 1 / product
    assert found.value == expected.value
    assert all(found.parts.get(key, 0) == expected.parts.get(key, 0) for key in (A, B, AB))


def test_two_directions_of_one_level_do_not_meet():
    a, b = jet(2, 1, ((1, 0),)), jet(3, 1, ((1, 1),))
    product = a * b
    assert product.parts == {((1, 0),): 3, ((1, 1),): 2}


# --- powers --------------------------------------------------------------------------------------------------

POWERS = [
    # kind, base, exponent, value or None (certainly undefined), has a derivative by the base
    ("literal", "2", "3", "8", True),
    ("literal", "-2", "3", "-8", True),
    ("literal", "0", "3", "0", True),
    ("literal", "0", "1", "0", True),
    ("literal", "0", "0", "1", True),
    ("literal", "-2", "0", "1", True),
    ("literal", "-2", "-2", "1/4", True),
    ("literal", "0", "-1", None, False),
    ("literal", "9/4", "1/2", "3/2", True),
    ("literal", "0", "1/2", "0", False),
    ("literal", "0", "3/2", "0", False),
    ("literal", "0", "-1/2", None, False),
    ("literal", "-4", "1/2", None, False),
    ("literal", "-8", "1/3", None, False),
    ("integral", "2", "3", "8", True),
    ("integral", "-2", "3", "-8", True),
    ("integral", "-2", "-1", "-1/2", True),
    ("integral", "-2", "0", "1", True),
    ("integral", "0", "-1", None, False),
    ("real", "4", "2", "16", True),
    ("real", "-4", "2", None, False),
    ("real", "0", "2", None, False),
    ("real", "0", "0", None, False),
    ("real", "-1", "1/2", None, False),
]


@pytest.mark.parametrize(("kind", "base", "exponent", "expected", "smooth"), POWERS)
def test_power(kind, base, exponent, expected, smooth):
    found = power(jet(base, 1), jet(exponent), kind)
    if expected is None:
        assert holes(found) == (True, True)
        return
    assert found.value == exact(expected) or found.value.contains(arb(exact(expected)))
    slope = found.parts.get(A)
    if not smooth:
        assert isinstance(slope, Hole)
        assert slope.certain
        return
    n, x = Fraction(exponent), Fraction(base)
    expected_slope = n * Fraction(expected) / x if x else Fraction(int(n == 1))
    assert slope == exact(expected_slope) or slope.contains(arb(exact(expected_slope)))


def test_power_by_a_moving_exponent_needs_a_positive_base():
    found = power(jet(2), jet(3, 1), "real")
    assert found.parts[A].contains(arb(8) * arb(2).log())
    assert holes(power(jet(-2), jet(3, 1), "integral")) == (True, True)


def test_power_of_a_number_that_may_be_negative_is_open():
    for kind, exponent in (("literal", "1/2"), ("real", "2")):
        found = power(Jet(VAGUE, {A: fmpq(1)}), jet(exponent), kind)
        assert holes(found) == (False, False)
    assert not isinstance(power(Jet(VAGUE, {A: fmpq(1)}), jet(2), "literal").value, Hole)
    assert holes(power(Jet(VAGUE), jet(-1), "literal"))[0] is False


def test_large_rationals_go_on_as_balls():
    found = power(jet(3), jet(5000), "literal").value
    assert isinstance(found, arb)
    assert found.contains(arb(3) ** 5000)


# --- conditions ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operator", "truths"),
    [
        ("<", (True, False, False)),
        ("<=", (True, True, False)),
        (">", (False, False, True)),
        (">=", (False, True, True)),
        ("==", (False, True, False)),
        ("!=", (True, False, True)),
    ],
)
def test_comparisons(operator, truths):
    for difference, truth in zip((-1, 0, 1), truths, strict=True):
        test = balls.compare(operator, jet(difference, 1), jet(0))
        assert test.truth is truth
        assert test.edge == (frozenset({A}) if difference == 0 else frozenset())
    assert isinstance(balls.compare(operator, Jet(VAGUE), jet(0)).truth, Hole)
    undefined = balls.compare(operator, jets.log(jet(-1)), jet(0)).truth
    assert isinstance(undefined, Hole)
    assert undefined.certain


TRUE, FALSE = balls.Test(True), balls.Test(False)
TRUE_EDGE, FALSE_EDGE = balls.Test(True, frozenset({A})), balls.Test(False, frozenset({A}))
HOLE = balls.Test(Hole(True, "undefined"))
OPEN = balls.Test(Hole(False, "unknown"))


@pytest.mark.parametrize("join", [balls.both, balls.either])
def test_and_or_of_certain_tests(join):
    for a in (True, False):
        for b in (True, False):
            expected = (a and b) if join is balls.both else (a or b)
            assert join(balls.Test(a), balls.Test(b)).truth is expected


def test_what_is_not_certain_is_never_called_true_or_false():
    assert isinstance(balls.both(TRUE, OPEN).truth, Hole)
    assert isinstance(balls.either(FALSE, OPEN).truth, Hole)
    assert isinstance(balls.both(TRUE, HOLE).truth, Hole)
    assert isinstance(balls.negate(OPEN).truth, Hole)
    assert balls.negate(TRUE).truth is False


def test_an_edge_counts_where_it_decides():
    assert balls.both(TRUE, TRUE_EDGE).edge
    assert balls.both(TRUE, FALSE_EDGE).edge
    assert not balls.both(FALSE, TRUE_EDGE).edge
    assert not balls.either(TRUE, FALSE_EDGE).edge
    assert balls.either(FALSE, TRUE_EDGE).edge
    assert balls.negate(TRUE_EDGE).edge


def test_where_takes_one_branch_and_does_not_look_at_the_other():
    nothing = jets.log(jet(-1, 1))
    assert balls.where(TRUE, jet(3, 2), nothing).value == 3
    assert balls.where(FALSE, nothing, jet(3, 2)).parts[A] == 2
    assert holes(balls.where(TRUE, nothing, jet(3, 2))) == (True, True)
    assert holes(balls.where(HOLE, jet(3, 2), jet(3, 2))) == (True, True)
    assert holes(balls.where(OPEN, jet(3, 2), jet(3, 2))) == (False, False)


def test_where_has_no_derivative_at_its_edge():
    for test in (TRUE_EDGE, FALSE_EDGE):
        assert holes(balls.where(test, jet(3, 2), jet(3, 2))) == (None, True)
        # also if neither branch depends on what moves the edge
        assert holes(balls.where(test, jet(3), jet(4))) == (None, True)


# --- holes ---------------------------------------------------------------------------------------------------


def test_division_by_zero_and_by_what_may_be_zero():
    assert holes(jet(1) / jet(0, 1)) == (True, True)
    assert holes(jet(0) / jet(0, 1)) == (True, True)
    assert holes(jet(1) / Jet(VAGUE, {A: fmpq(1)})) == (False, False)


def test_a_certain_hole_wins_over_an_uncertain_one():
    certain, unknown = jets.log(jet(-1)), jet(1) / Jet(VAGUE)
    for joined in (certain + unknown, unknown + certain, certain * unknown, unknown * certain, unknown / certain):
        assert joined.value.certain
    assert not (unknown * unknown).value.certain


def test_zero_times_nothing_is_nothing():
    assert isinstance((jet(0) * jets.log(jet(0))).value, Hole)
    assert isinstance((jet(0, 1) * jets.log(jet(0))).parts[A], Hole)


def test_signs_of_numbers():
    assert [jets.sign_of(exact(v)) for v in ("-1/3", "0", "2")] == [-1, 0, 1]
    assert jets.sign_of(VAGUE) is None
    assert jets.sign_of(arb(0)) == 0
    assert jets.sign_of(Hole(True, "")) is None


def test_absolute_value_of_what_does_not_move_through_0_has_a_slope():
    """relu(relu(x)) is 0 around every x < 0; |u| there has the derivative 0."""
    still = jet(0, 0)
    assert jets.absolute(still).parts[A] == 0
    assert holes(jets.absolute(jet(0, 1))) == (None, True)
    # by two levels at once the slope of the slope is not known
    twice = Jet(fmpq(0), {A: fmpq(0), B: fmpq(0), AB: fmpq(2)})
    assert isinstance(jets.absolute(twice).parts[AB], Hole)


def test_precision_is_put_back():
    with jets.precision(77):
        with jets.precision(300):
            pass
        assert jets.ctx.prec == 77
