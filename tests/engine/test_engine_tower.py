"""The tower against numbers: elements, the relations they are reduced by, bounds, signs, and sign cells."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp
from tower_values import (
    DIGITS,
    TINY,
    at,
    built,
    fresh,
    meaning,
    near_zero,
    points,
    scale,
    sign,
    trees,
    value,
    violated,
)

from derivcheck.engine.cells import contradictory
from derivcheck.engine.ring import Ring
from derivcheck.engine.signs import Undefined
from derivcheck.engine.tower import Tower
from derivcheck.engine.work import Meter


def has_whole(tree):
    return tree.name == "whole" or any(has_whole(t) for t in tree.inside)


def at_a_suspect(tower, generators):
    """Where a base of a whole power may be 0, which the caller has to decide."""
    found = [at(tower.ring, p, generators) for p in tower.suspects.values()]
    return any(v is not None and near_zero(v) for v in found)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees, st.booleans())
def test_an_element_has_the_value_of_its_expression(tree, by_cases):
    with mp.workdps(DIGITS):
        found = built(tree, by_cases)
        if found is None:
            return
        tower, poly = found
        for point in points():
            expected = value(tree, point)
            if expected is None:
                continue
            generators = meaning(tower, point)
            got = at(tower.ring, poly, generators)
            if got is not None and not (has_whole(tree) and at_a_suspect(tower, generators)):
                assert abs(got - expected) <= TINY * scale(tower.ring, poly, generators) * (1 + abs(expected)), point


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees, st.booleans())
def test_every_relation_holds(tree, by_cases):
    """All that elements are reduced by is true at every point where the generators in it have values."""
    with mp.workdps(DIGITS):
        found = built(tree, by_cases)
        if found is None:
            return
        tower, _ = found
        for point in points(6):
            assert violated(tower.ring, meaning(tower, point)) == [], point


@settings(max_examples=150, deadline=None, derandomize=True)
@given(trees)
def test_bounds_are_bounds(tree):
    """Of the element, of its negative, and of every generator."""
    with mp.workdps(DIGITS):
        found = built(tree, by_cases=False)
        if found is None:
            return
        tower, poly = found
        ring = tower.ring
        bounded = [g.raw * c for g in ring.generators for c in (1, -1)] + [poly, -poly]
        bounds = [(p, ring.minimum(p)) for p in bounded]
        for point in points():
            generators = meaning(tower, point)
            for p, bound in bounds:
                got = at(ring, p, generators)
                if got is None or bound is None:
                    continue
                low = mpmath.mpf(int(bound[0].p)) / int(bound[0].q)
                assert got >= low - TINY * scale(ring, p, generators), (p, bound, point)
                # a strict bound is not attained; what is as near as rounding may be an exponential
                exact = all(generators[g.place] is not None for g in ring.generators) and not any(
                    g.kind == "exp" for g in ring.generators
                )
                assert not (bound[1] and exact and got == low), (p, bound, point)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(trees)
def test_definite_signs_are_certain(tree):
    with mp.workdps(DIGITS):
        found = built(tree, by_cases=False)
        if found is None:
            return
        tower, poly = found
        definite = tower.definite(poly)
        if definite:
            for point in points():
                got = at(tower.ring, poly, meaning(tower, point))
                assert got is None or (sign(got) in (definite, 0) and got != 0), point


# --- bounds and conditions, by hand --------------------------------------------------------------------------


def test_a_bound_that_is_attained_is_not_strict():
    """sqrt(1 + x**2) is 1 at x = 0."""
    tower, (x, *_) = fresh({})
    root = tower.rational_power(x * x + 1, fmpq(1, 2))
    assert tower.ring.minimum(root) == (1, False)
    assert not tower.definite(root - 1)
    assert tower.definite(root)
    root = tower.rational_power(x * x + 2, fmpq(1, 2))
    assert tower.definite(root - 1) == 1


def test_a_product_with_a_factor_that_can_only_be_0_is_not_strict():
    ring = Ring(8, Meter(10**6))
    zero = ring.new("leaf", low=fmpq(0), high=fmpq(0))
    one = ring.new("leaf", low=fmpq(0), high=fmpq(1), strict_low=True, strict_high=True)
    bound = ring.minimum(-(zero.raw * one.raw))
    assert bound is None or bound[0] < 0 or not bound[1]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.data())
def test_minimum_of_random_polynomials_in_bounded_leaves(data):
    ring = Ring(8, Meter(10**6))
    leaves, values = [], []
    for _ in range(3):
        low = data.draw(st.one_of(st.none(), st.fractions(-2, 2, max_denominator=2)))
        width = data.draw(st.one_of(st.none(), st.fractions(0, 3, max_denominator=2)))
        high = None if width is None else (low if low is not None else Fraction(-1)) + width
        closed = data.draw(st.booleans()) or (low is not None and low == high)
        ends = [None if v is None else fmpq(v.numerator, v.denominator) for v in (low, high)]
        leaves.append(ring.new("leaf", low=ends[0], high=ends[1], strict_low=not closed, strict_high=not closed).raw)
        start, end = low if low is not None else Fraction(-5), high if high is not None else Fraction(5)
        end = max(end, start) if low is not None or high is None else end
        start = min(start, end)
        share = data.draw(st.sampled_from([Fraction(n, 4) for n in ((0, 1, 2, 3, 4) if closed else (1, 2, 3))]))
        values.append(start + (end - start) * share)
    terms = data.draw(
        st.lists(
            st.tuples(st.integers(-3, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)),
            min_size=1,
            max_size=4,
        )
    )
    poly, exact = ring.zero, Fraction(0)
    for c, *exponents in terms:
        term, number = ring.constant(fmpq(c)), Fraction(c)
        for x, v, e in zip(leaves, values, exponents, strict=True):
            term, number = term * x**e, number * v**e
        poly, exact = poly + term, exact + number
    bound = ring.minimum(poly)
    if bound is not None:
        low = Fraction(int(bound[0].p), int(bound[0].q))
        assert exact > low if bound[1] else exact >= low, (poly, bound, values)


@pytest.mark.parametrize(
    ("relation", "point", "allowed"),
    [
        (">=", "0", True), (">=", "3", True), (">", "3", True), ("!=", "-2", True), ("!=", "3", True),
    ],
)  # fmt: skip
def test_what_is_assumed_leaves_the_points_that_meet_it(relation, point, allowed):
    """After assuming ``x relation 0`` every rule still holds at a point that meets it."""
    with mp.workdps(DIGITS):
        tower, (x, *_) = fresh({})
        tower.sign(x)
        tower.assume(relation, x)
        tower.assume(relation, x * x * 3 if relation == ">=" else x**3 if relation == ">" else x * 2)
        generators = meaning(tower, [mpmath.mpf(point), 1, 1, 1, 1])
        for relation in tower.ring.relations():
            assert near_zero(at(tower.ring, relation, generators)) is allowed


@pytest.mark.parametrize("signs", [(1, 1), (-1, -1), (0, 1), (1, 0), (0, 0), (0, -1), (-1, 0)])
@pytest.mark.parametrize("shape", ["x*y", "x*y**2", "x**2*y", "x**2*y**2", "-(x*y)"])
def test_products_that_are_assumed_not_negative(signs, shape):
    a, b = signs
    negative = {"x*y": a * b, "x*y**2": a * b * b, "x**2*y": a * a * b, "x**2*y**2": 1, "-(x*y)": -a * b}[shape] < 0
    if negative:
        return
    with mp.workdps(DIGITS):
        tower = Tower(Ring(16, Meter(10**6)), {}, by_cases=False)
        x, y = (tower.ring.new("leaf").raw for _ in range(2))
        terms = {"x*y": x * y, "x*y**2": x * y**2, "x**2*y": x**2 * y, "x**2*y**2": x**2 * y**2, "-(x*y)": -(x * y)}
        tower.sign(x)
        tower.sign(y)
        tower.assume(">=", terms[shape])
        generators = meaning(tower, [mpmath.mpf(a), mpmath.mpf(b)])
        for relation in tower.ring.relations():
            assert near_zero(at(tower.ring, relation, generators)), (relation, signs)


def test_assumptions_that_never_hold():
    for relation, sign_ in ((">", -1), (">", 0), ("!=", 0)):
        tower, (x, *_) = fresh({})
        with pytest.raises(Undefined):
            tower.assume(relation, (x * x + 1) * sign_)


def test_identities_that_need_no_claim():
    tower, (x, y, *_) = fresh({("angle", 0): 1})
    ring = tower.ring
    assert ring.mul(tower.exp(x), tower.exp(-x)) == 1
    assert tower.log(tower.exp(x)) == x
    assert tower.exp(tower.log(y)) == y
    assert tower.log(y * y) == 2 * tower.log(y)
    assert ring.mul(tower.sign(x), tower.sign(x * x * x)) == ring.mul(tower.sign(x), tower.sign(x))
    c, s = tower.cos_sin(x)
    cos, sin = tower.cos_sin(2 * x)
    assert ring.reduce(cos - (c * c - s * s)) == 0
    assert ring.reduce(sin - 2 * s * c) == 0


def test_products_of_reciprocals_are_split():
    """1/(p q) = 1/q - s/p where p = s q + 1: what two relations have in common, which rewriting alone misses."""
    tower, (x, y, *_) = fresh({})
    e, f = tower.exp(x), tower.exp(y)
    for p, q in ((e, 1 + e), (1 + e, e), (e, 1 + e * e), (2 + e, 2 * e - 1), (e, 1 + e * f)):
        product, apart = tower.ring.mul(tower.inverse(p), tower.inverse(q)), tower.inverse(p * q)
        assert tower.ring.reduce(product - apart) == 0
    assert tower.ring.mul(tower.inverse(e), tower.inverse(1 + e)) == tower.inverse(e) - tower.inverse(1 + e)
    assert tower.ring.mul(tower.inverse(1 + e), tower.inverse(1 + f)) != 0


# --- sign cells ----------------------------------------------------------------------------------------------

NAMES = (((0, 1),), ((1, 1),), ((2, 1),), ())


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    st.lists(st.fractions(-3, 3, max_denominator=3), min_size=3, max_size=3),
    st.lists(
        st.tuples(
            st.lists(st.integers(-3, 3), min_size=3, max_size=3), st.fractions(0, 2, max_denominator=4), st.booleans()
        ),
        min_size=1,
        max_size=7,
    ),
)
def test_a_system_with_a_solution_is_not_contradictory(solution, rows):
    system = []
    for coefficients, slack, open_end in rows:
        constant = slack - sum(c * v for c, v in zip(coefficients, solution, strict=True))
        terms = {name: fmpq(c) for name, c in zip(NAMES, coefficients, strict=False)}
        terms[()] = fmpq(constant.numerator, constant.denominator)
        system.append((terms, open_end and slack > 0))
    assert not contradictory(system)


@pytest.mark.parametrize(
    "rows",
    [
        [((1, 0, 0, 0), True), ((-1, 0, 0, 0), True)],  # x > 0, -x > 0
        [((1, 0, 0, 0), True), ((-1, 0, 0, 0), False)],  # x > 0, -x >= 0
        [((1, 1, 0, -2), False), ((-1, 0, 0, 0), False), ((0, -1, 0, 1), False)],  # x + y >= 2, x <= 0, y <= 1
        [((1, -1, 0, 0), True), ((0, 1, -1, 0), True), ((-1, 0, 1, 0), True)],  # x > y > z > x
        [((0, 0, 0, -1), False)],
        [((0, 0, 0, 0), True)],
    ],
)
def test_contradictions_are_found(rows):
    system = [({name: fmpq(c) for name, c in zip(NAMES, row, strict=True)}, strict) for row, strict in rows]
    assert contradictory(system)
    for i in range(len(system)):
        if len(system) > 1:
            assert not contradictory(system[:i] + system[i + 1 :])
