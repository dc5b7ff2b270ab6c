"""Whole exponents, nested radicals, and comparisons of values of monotone functions, against numbers."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import mpmath
import pytest
from engine_kit import verdict
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from tower_values import DIGITS, TINY, Tree, at, built, fresh, meaning, points, scale, value, violated

from derivcheck.engine.quadratics import square_sum
from derivcheck.engine.ring import Ring
from derivcheck.engine.work import Meter

whole = st.integers(-4, 4)
leaf = st.sampled_from([Tree("leaf", number=Fraction(i)) for i in range(4)])
number = st.builds(lambda n: Tree("number", number=Fraction(n)), st.integers(1, 7))


def times(n, tree):
    return Tree("*", (Tree("number", number=Fraction(n)), tree))


def plus(a, b):
    return Tree("+", (a, b))


def root(tree, q=Fraction(1, 2)):
    return Tree("root", (tree,), q)


def squared(tree, n=2):
    return Tree("power", (tree,), Fraction(n))


base = st.one_of(number, leaf, st.builds(lambda a, n: plus(a, Tree("number", number=Fraction(n))), leaf, whole))
surd = st.builds(root, base)
#: a sqrt(u) + b sqrt(v), its square and its cube: what is under a nested root that can be taken apart.
sums = st.builds(lambda a, u, b, v: plus(times(a, u), times(b, v)), whole, surd, whole, st.one_of(surd, base))
nested = st.one_of(
    st.builds(lambda s: root(squared(s)), sums),
    st.builds(lambda s: root(squared(s, 3), Fraction(1, 3)), sums),
    st.builds(lambda s: Tree("abs", (root(squared(s, 6), Fraction(1, 6)),)), sums),
    st.builds(lambda u, b, v: root(plus(u, times(b, v))), base, whole, surd),
    st.builds(
        lambda u, b, v: Tree("*", (root(plus(u, times(b, v))), root(plus(u, times(-b, v))))), base, whole, surd
    ),
)
increasing = [
    lambda t: Tree("exp", (t,)),
    lambda t: Tree("log", (t,)),
    root,
    lambda t: root(t, Fraction(1, 3)),
    lambda t: Tree("log", (plus(Tree("number", number=Fraction(1)), Tree("exp", (t,))),)),
]
compared = st.builds(
    lambda f, u, v, a, b: Tree("sign", (plus(times(a, f(u)), times(b, f(v))),)),
    st.sampled_from(increasing),
    base,
    base,
    st.sampled_from([1, 1, 2, -1]),
    st.sampled_from([-1, -1, -3, 1]),
)
tangents = st.builds(
    lambda f, u, a, b: Tree("sign", (plus(f(u), plus(times(a, u), Tree("number", number=Fraction(b)))),)),
    st.sampled_from([*increasing[:3], lambda t: Tree("*", (t, Tree("log", (t,))))]),
    base,
    st.sampled_from([1, -1]),
    st.sampled_from([-1, 0, 1]),
)


@settings(max_examples=120, deadline=None, derandomize=True)
@given(st.one_of(nested, compared, tangents), st.booleans())
def test_elements_and_relations_have_the_values_of_their_expressions(tree, by_cases):
    with mp.workdps(DIGITS):
        found = built(tree, by_cases)
        if found is None:
            return
        tower, poly = found
        for point in points(8):
            generators = meaning(tower, point)
            expected, got = value(tree, point), at(tower.ring, poly, generators)
            if expected is not None and got is not None:
                noise = TINY * scale(tower.ring, poly, generators) * (1 + abs(expected))
                assert abs(got - expected) <= noise, point
            assert violated(tower.ring, generators) == []


def test_a_nested_root_is_a_sum_of_simpler_ones():
    tower, (_, y, *_) = fresh({})
    one = tower.ring.one

    def sqrt(a):
        return tower.rational_power(a, fmpq(1, 2))

    assert sqrt(5 + 2 * sqrt(one * 6)) == sqrt(one * 2) + sqrt(one * 3)
    assert sqrt(y + 1 + 2 * sqrt(y)) == sqrt(y) + 1
    assert tower.rational_power(2 + sqrt(one * 5), fmpq(1, 3)) * 2 == 1 + sqrt(one * 5)
    nested = sqrt(y + sqrt(one * 2))  # y**2 - 2 is no square
    assert tower.ring.generator_of(nested) is not None


def test_two_real_roots_of_a_conjugate_pair_multiply_to_that_of_the_norm():
    tower, (_, y, *_) = fresh({})

    def sqrt(a):
        return tower.rational_power(a, fmpq(1, 2))

    below, above = sqrt(3 - sqrt(y)), sqrt(3 + sqrt(y))
    assert tower.ring.mul(below, above) == sqrt(9 - y)


def test_conjugates_of_the_root_of_a_size():
    """sqrt(1 + sqrt|w|) sqrt(1 - sqrt|w|) is 1 at w = 0, too, where sign(w) is 0."""
    tower, (*_, w, _) = fresh({}, 48, by_cases=True)
    inner = tower.rational_power(w, fmpq(1, 2))
    product = tower.ring.mul(tower.rational_power(1 + inner, fmpq(1, 2)), tower.rational_power(1 - inner, fmpq(1, 2)))
    with mp.workdps(DIGITS):
        generators = meaning(tower, [mpmath.mpf(0)] * 5)
        assert at(tower.ring, product, generators) == 1
        for relation in tower.ring.relations():
            assert at(tower.ring, relation, generators) == 0


@pytest.mark.parametrize(("a", "b"), list(product(range(-3, 4), repeat=2)))
def test_powers_with_whole_exponents(a, b):
    """Of every number and every exponent, as laws of exponents have it."""
    tower, (*_, k) = fresh({})
    ring = tower.ring
    power = tower.whole_power(ring.constant(a) if a else ring.zero, k + b)
    for n in range(-4, 5):
        if a == 0 and n + b < 0:
            continue
        with mp.workdps(DIGITS):
            generators = meaning(tower, [mpmath.mpf(1)] * 4 + [mpmath.mpf(n)])
            assert abs(at(ring, power, generators) - mpmath.mpf(a) ** (n + b)) < TINY * 10**6


def test_the_parity_of_an_exponent():
    tower, (*_, k) = fresh({})
    u = tower.alternating(k)
    assert tower.alternating(k * k) == u
    assert tower.alternating(k * k + k).is_one()
    assert tower.alternating(2 * k).is_one()
    assert tower.alternating(3 - k) == -u
    assert tower.alternating(k * 0) == 1
    assert tower.ring.mul(u, u).is_one()
    assert tower.alternating((k * k + k) / 2) != 1


@pytest.mark.parametrize(
    ("coefficients", "expected"),
    [
        ((1, 1, 1, 0, 0, 0), 0),  # x**2 + x*y + y**2
        ((1, 2, 1, 0, 0, 0), 0),
        ((1, 3, 1, 0, 0, 0), None),
        ((1, 0, 1, 0, 0, 1), 1),
        ((1, 0, 0, 1, 0, 1), 1),
        ((1, 0, 0, 2, 0, 1), 0),
        ((1, 0, 0, 3, 0, 1), None),
        ((1, 0, 0, 0, 1, 1), None),
        ((-1, 0, 0, 0, 0, 1), None),
        ((0, 1, 0, 0, 0, 1), None),
        ((2, -2, 3, 1, 1, 4), 1),
    ],
)
def test_sums_of_squares(coefficients, expected):
    """a x**2 + b x y + c y**2 + d x + e y + f."""
    ring = Ring(4, Meter(10_000))
    x, y = ring.new("leaf").raw, ring.new("leaf").raw
    monomials = (x * x, x * y, y * y, x, y, ring.one)
    assert square_sum(ring, sum((m * c for m, c in zip(monomials, coefficients, strict=True)), ring.zero)) == expected


SETTING = """\
variables: {x: , y: , p: {domain: positive}, q: {domain: positive}, i: {domain: integer}, o: {domain: '[0, 1]'}}
"""


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("x**i*x**2 == x**(i + 2)", "x**i*x**2 == abs(x)**(i + 2)"),
        ("(-1)**(3*i) == (-1)**i", "(-1)**(3*i) == 1"),
        (
            "where(x < 0, x**i, 1) == where(x < 0, (-1)**i*(-x)**i, 1)",
            "where(x < 0, x**i, 1) == where(x < 0, (-x)**i, 1)",
        ),
        ("x**(2*i) == abs(x)**(2*i)", "x**(2*i) == abs(x)**i"),
        ("sqrt(x**2 + 3*x)**3 == (x**2 + 3*x)**(3/2)", "sqrt(x**2 + 3*x) == x*sqrt(1 + 3/x)"),
        ("sqrt(p + 2*sqrt(p - 1)) == 1 + sqrt(p - 1)", "sqrt(p - 2*sqrt(p - 1)) == 1 - sqrt(p - 1)"),
        ("sqrt(1 - o)*sqrt(1 + o) == sqrt(1 - o**2)", "sqrt(1 - o)*sqrt(1 + o) == 1 - o**2/2"),
        ("sign(exp(x) - 1)*x == abs(x)", "sign(exp(x) - 1)*x == x"),
        ("sign(log(p) - log(2*q)) == sign(p - 2*q)", "sign(log(p) - log(2*q)) == sign(p - q)"),
        ("sign(sqrt(p) - 2*sqrt(q)) == sign(p - 4*q)", "sign(sqrt(p) - 2*sqrt(q)) == sign(p - 2*q)"),
        ("sign(x**3 - 1) == sign(x - 1)", "sign(x**2 - 1) == sign(x - 1)"),
        ("relu(relu(x) - 0) == relu(x)", "relu(relu(x) - 1) == relu(x) - 1"),
    ],
)
def test_true_and_false_neighbours(true, false):
    assert verdict(true, SETTING) == "proved"
    assert verdict(false, SETTING) == "refuted"
