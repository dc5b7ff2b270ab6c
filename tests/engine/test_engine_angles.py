"""Angles of the tower against mpmath: fractions of pi, arctangents of rationals, what bounds let one conclude."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from engine_kit import verdict
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.engine.ring import Ring
from derivcheck.engine.tower import Tower
from derivcheck.engine.turns import cosine_polynomial, is_known, pieces
from derivcheck.engine.work import Meter

DIGITS = 50
TINY = mpmath.mpf(10) ** -35


def tower() -> Tower:
    return Tower(Ring(60, Meter(10**8)), {}, by_cases=False)


def value(made: Tower, element) -> mpmath.mpf:
    """The number that an element without leaves is."""
    return mpmath.fsum(
        mpmath.mpf(int(c.p)) / int(c.q) * mpmath.fprod(number(made, i) ** int(e) for i, e in monomial)
        for monomial, c in made.ring.sparse(element).items()
    )


def number(made: Tower, place: int) -> mpmath.mpf:
    g = made.ring.by_place[place]
    if g.kind == "root":
        return abs(value(made, g.poly)) ** (mpmath.mpf(1) / g.degree)
    if g.kind == "inverse":
        return 1 / value(made, g.poly)
    if g.kind == "atom":
        return (
            mpmath.atan(mpmath.mpf(g.name[3]) / g.name[2])
            if type(g.name) is tuple
            else mpmath.asin(value(made, g.poly))
        )
    if g.name is None:
        return mpmath.pi
    function, n = g.name
    return (mpmath.cos if function == "cos" else mpmath.sin)(mpmath.pi / n)


@pytest.mark.parametrize("q", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 15, 20, 24, 25, 28, 40, 60])
def test_cosines_and_sines_of_fractions_of_pi(q: int) -> None:
    with mpmath.workdps(DIGITS):
        for p in range(-q, 2 * q + 1):
            made = tower()
            cosine, sine = made.cos_sin(made.pi() * fmpq(p, q))
            assert abs(value(made, cosine) - mpmath.cos(mpmath.pi * p / q)) < TINY
            assert abs(value(made, sine) - mpmath.sin(mpmath.pi * p / q)) < TINY
            assert (made.ring.reduce(cosine**2 + sine**2 - 1)).is_zero()


@given(st.fractions(max_denominator=500))
def test_the_pieces_of_a_turn_make_it_up_to_whole_turns(turn: Fraction) -> None:
    total = sum(Fraction(k, n) for k, n in pieces(fmpq(turn.numerator, turn.denominator)))
    assert (turn - total) % 2 == 0


@pytest.mark.parametrize("n", [5, 7, 9, 11, 25, 27, 31])
def test_the_polynomial_of_a_cosine(n: int) -> None:
    with mpmath.workdps(DIGITS):
        coefficients = [mpmath.mpf(int(c.p)) / int(c.q) for c in reversed(cosine_polynomial(n).coeffs())]
        assert abs(mpmath.polyval(coefficients, mpmath.cos(mpmath.pi / n))) < TINY
        assert len(coefficients) - 1 == sum(mpmath.libmp.libintmath.gcd(k, n) == 1 for k in range(n)) // 2


@pytest.mark.parametrize(
    ("turn", "known"), [("1/7", True), ("3/8", True), ("1/16", False), ("1/37", False), ("5", True)]
)
def test_which_turns_are_known(turn: str, known: bool) -> None:
    assert is_known(fmpq(*Fraction(turn).as_integer_ratio())) is known


@settings(max_examples=60)
@given(st.fractions(max_denominator=3000).filter(lambda f: abs(f) < 1000), st.sampled_from(["arctangent", "arcsine"]))
def test_inverse_functions_of_rationals(b: Fraction, name: str) -> None:
    if name == "arcsine" and abs(b) > 1:
        b = 1 / b
    made = tower()
    with mpmath.workdps(DIGITS):
        found = getattr(made, name)(made.ring.constant(fmpq(b.numerator, b.denominator)))
        exact = (mpmath.atan if name == "arctangent" else mpmath.asin)(mpmath.mpf(b.numerator) / b.denominator)
        if any(g.kind == "atom" and type(g.name) is str and g.name == "atan" for g in made.ring.generators):
            return  # a large prime, and an atom of its own
        assert abs(value(made, found) - exact) < TINY


@settings(max_examples=60)
@given(
    st.fractions(min_value=-9, max_value=9, max_denominator=60),
    st.fractions(min_value=-9, max_value=9, max_denominator=60),
)
def test_sums_of_arctangents_of_rationals_are_one_up_to_pi(a: Fraction, b: Fraction) -> None:
    if a * b == 1:
        return
    c = (a + b) / (1 - a * b)
    made = tower()
    x, y, z = (made.arctangent(made.ring.constant(fmpq(f.numerator, f.denominator))) for f in (a, b, c))
    turns = 0 if a * b < 1 else 1 if a > 0 else -1
    assert (x + y - z - made.pi() * turns).is_zero()


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [
        ("0", "1", True),
        ("-1", "1", True),
        ("0", "3/2", True),
        ("0", "2", False),
        ("-2", "0", False),
        ("1", "3", False),
    ],
)
def test_the_arcsine_of_a_sine_is_the_angle_within_a_quarter_turn_alone(low: str, high: str, holds: bool) -> None:
    setting = f"variables: {{x: {{domain: '({low}, {high})'}}}}\n"
    assert verdict("asin(sin(x)) == x", setting) == ("proved" if holds else "refuted")


@pytest.mark.parametrize(
    ("low", "high", "holds"), [("0", "3", True), ("1", "7/2", False), ("-1", "1", False), ("0", "22/7", False)]
)
def test_the_arccosine_of_a_cosine_is_the_angle_within_half_a_turn_alone(low: str, high: str, holds: bool) -> None:
    setting = f"variables: {{x: {{domain: '({low}, {high})'}}}}\n"
    assert (verdict("acos(cos(x)) == x", setting) == "proved") is holds


@pytest.mark.parametrize(
    ("domain", "holds"), [("(0, 1)", True), ("[0, 1]", False), ("(-1, 1)", True), ("(0, 2)", False)]
)
def test_a_doubled_arctangent_keeps_to_its_branch(domain: str, holds: bool) -> None:
    found = verdict("2*atan(x) == atan(2*x/(1 - x**2))", f"variables: {{x: {{domain: '{domain}'}}}}\n")
    assert (found == "proved") is (holds or domain == "[0, 1]")  # at 1 the right side has no value


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4, 5])
def test_an_angle_is_not_told_from_its_turns_by_its_cosine(turns: int) -> None:
    claim = f"atan(x) + atan(1/x) == pi/2 + {turns}*pi"
    assert verdict(claim, "variables: {x: {domain: positive}}\n") == ("proved" if turns == 0 else "refuted")
