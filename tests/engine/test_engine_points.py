"""The points at which claims are tried: in their domains, on their equations, reproducible, varied."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from engine_kit import derivation

from derivcheck.engine.draws import contains
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.lang.domains import Domain, parse_domain
from derivcheck.source import Passage

STAGES = ("plain", "fine", "wide", "special")


def spaces(body, claim=0, session=None):
    """The spaces of one claim of a spec."""
    spec = derivation(body) if isinstance(body, str) else body
    chosen = spec.claims[claim]
    assert chosen.statement is not None, chosen.problems
    question = Question(session or Session(spec), chosen, chosen.statement.links[0], chosen.statement.quantifiers, 0)
    return question.spaces()


def fractions(array):
    flat = [Fraction(int(x.value.p), int(x.value.q)) for x in array.ravel()]
    out = np.empty(len(flat), dtype=object)
    out[:] = flat
    return out.reshape(array.shape)


def drawn(body, name, stages=STAGES, wanted=12):
    """The values of one variable in all stages, as exact fractions."""
    found = []
    for space in spaces(body):
        for stage in stages:
            found.extend(fractions(point.values[name]) for point in draw_points(space, stage, 0, wanted))
    return found


def of_domain(domain, shape="[n]"):
    return f"variables: {{v: {{shape: {shape}, domain: '{domain}'}}}}\nclaims:\n  it: v == 0\n"


# --- domains of numbers --------------------------------------------------------------------------------------

NUMBERS = {
    "real": lambda v: True,
    "positive": lambda v: v > 0,
    "nonnegative": lambda v: v >= 0,
    "integer": lambda v: v.denominator == 1,
    "(0, 1)": lambda v: 0 < v < 1,
    "[0, 1]": lambda v: 0 <= v <= 1,
    "(-1/2, 1/3]": lambda v: Fraction(-1, 2) < v <= Fraction(1, 3),
    "[2, oo)": lambda v: v >= 2,
    "(2, oo)": lambda v: v > 2,
    "(-oo, -3]": lambda v: v <= -3,
    "(-oo, oo)": lambda v: True,
    "[5, 5]": lambda v: v == 5,
    "(1e300, 1e301)": lambda v: 10**300 < v < 10**301,
    "(0, 1e-300)": lambda v: 0 < v < Fraction(1, 10**300),
    "{0, 1}": lambda v: v in (0, 1),
    "{-1, 1}": lambda v: v in (-1, 1),
    "{1/3, 2, -0.5}": lambda v: v in (Fraction(1, 3), 2, Fraction(-1, 2)),
    "{7}": lambda v: v == 7,
}


@pytest.mark.parametrize("domain", NUMBERS)
@pytest.mark.parametrize("stage", STAGES)
def test_numbers_are_in_their_domain(domain, stage):
    values = drawn(of_domain(domain), "v", [stage])
    assert values
    for array in values:
        assert all(NUMBERS[domain](v) for v in array.ravel()), array


@pytest.mark.parametrize("domain", NUMBERS)
def test_containing_is_what_the_domain_says(domain):
    parsed = parse_domain(Passage.of(domain))
    for text in ("-10", "-3", "-1", "-1/2", "0", "1/3", "1/2", "1", "2", "5", "7", "1e300", "2e300", "1e-301"):
        value = Fraction(text)
        assert contains(parsed, value) is bool(NUMBERS[domain](value)), value


@pytest.mark.parametrize(
    ("domain", "wanted"),
    [
        ("{0, 1}", {0, 1}),
        ("{-1, 1}", {-1, 1}),
        ("[0, 1]", {0, 1}),
        ("nonnegative", {0, 1}),
        ("real", {0, 1, -1, 2, -2}),
        ("integer", {0, 1, -1, 2}),
        ("[2, oo)", {2}),
        ("(-oo, -3]", {-3}),
    ],
)
def test_special_points_reach_the_ends_and_the_small_numbers(domain, wanted):
    values = {v for array in drawn(of_domain(domain), "v", ["special"], 48) for v in array.ravel()}
    assert wanted <= values


def test_wide_points_have_many_sizes_and_both_signs():
    values = [v for array in drawn(of_domain("real", "[]"), "v", ["wide"], 40) for v in array.ravel()]
    assert max(values) > 100
    assert min(values) < -100
    assert min(abs(v) for v in values) < Fraction(1, 20)


@pytest.mark.parametrize(
    ("statement", "test"),
    [
        ("min(v, 100) == v", lambda v: v > 100),
        ("max(1 - v, 0) == 1 - v", lambda v: v > 1),
        ("where(v == 3, 5, 1) == 1", lambda v: v == 3),
        ("where(v == 0.3, 5, 1) == 1", lambda v: v == Fraction(3, 10)),
        ("where(v == 1/7, 5, 1) == 1", lambda v: v == Fraction(1, 7)),
        ("where(v > 40 and v < 41, 5, 1) == 1", lambda v: 40 < v < 41),
        ("where(v < -1000, 5, 1) == 1", lambda v: v < -1000),
        ("relu(v) == v", lambda v: v < 0),
        ("where(v == 0, 5, 1) == 1", lambda v: v == 0),
        ("clip(v, -2, 7) == v", lambda v: v < -2),
        ("clip(v, -2, 7) == max(v, -2)", lambda v: v > 7),
    ],
)
def test_both_sides_of_a_hinge_are_reached(statement, test):
    body = f"variables: {{v: }}\nclaims:\n  it: '{statement}'\n"
    values = [v for stage in STAGES for array in drawn(body, "v", [stage], 48) for v in array.ravel()]
    assert any(test(v) for v in values)
    assert not all(test(v) for v in values)


# --- domains of arrays ---------------------------------------------------------------------------------------


def determinant(a):
    if not len(a):
        return Fraction(1)
    minors = (np.delete(np.delete(a, 0, 0), j, 1) for j in range(len(a)))
    return sum(((-1) ** j * a[0, j] * determinant(m) for j, m in enumerate(minors)), Fraction(0))


def identity(n):
    return np.array([[Fraction(int(i == j)) for j in range(n)] for i in range(n)], dtype=object)


WHOLE = {
    "simplex": lambda v: sum(v.ravel()) == 1 and min(v.ravel()) >= 0,
    "one-hot": lambda v: sorted(v.ravel()) == [0] * (v.size - 1) + [1],
    "symmetric": lambda a: (a == a.T).all(),
    "invertible": lambda a: determinant(a) != 0,
    "positive definite": lambda a: (a == a.T).all() and all(determinant(a[:k, :k]) > 0 for k in range(1, len(a) + 1)),
    "diagonal": lambda a: all(a[i, j] == 0 for i in range(len(a)) for j in range(len(a)) if i != j),
    "orthogonal": lambda a: (a @ a.T == identity(len(a))).all(),
}


@pytest.mark.parametrize("domain", WHOLE)
@pytest.mark.parametrize("stage", STAGES)
def test_arrays_are_in_their_domain(domain, stage):
    shape = "[n]" if domain in ("simplex", "one-hot") else "[n, n]"
    values = drawn(of_domain(domain, shape), "v", [stage], 6)
    assert values
    assert all(WHOLE[domain](v) for v in values)
    assert len({str(v) for v in values}) > 2


def test_orthogonal_matrices_have_both_determinants():
    values = drawn(of_domain("orthogonal", "[n, n]"), "v", ["fine"], 12)
    assert {determinant(v) for v in values} == {1, -1}


def test_determinants_of_invertible_matrices_have_both_signs():
    values = drawn(of_domain("invertible", "[n, n]"), "v", ["fine"], 12)
    assert {determinant(v) > 0 for v in values} == {True, False}


# --- conditions ----------------------------------------------------------------------------------------------

CONDITIONS = [
    # conditions, shape of v, what holds of v and w
    ("sum(v) == 1", "[n]", lambda v, w: sum(v.ravel()) == 1),
    ("sum(v) == 1 and sum(w) == 0", "[n]", lambda v, w: sum(v.ravel()) == 1 and sum(w.ravel()) == 0),
    ("v == w", "[n]", lambda v, w: (v == w).all()),
    ("v[0] == 3*v[1] + 1/7", "[n]", lambda v, w: v[0] == 3 * v[1] + Fraction(1, 7)),
    ("v @ w == 2", "[n]", lambda v, w: sum(v * w) == 2),
    ("sum(v**2*w) == 0", "[n]", lambda v, w: sum(v * v * w) == 0),
    ("v > 0", "[n]", lambda v, w: min(v) > 0),
    ("v != w", "[n]", lambda v, w: (v != w).all()),
    ("sum(v) > 1", "[n]", lambda v, w: sum(v) > 1),
    ("0 < v and v < 1", "[n]", lambda v, w: all(0 < x < 1 for x in v)),
    ("v[0] > 0 or w[0] > 0", "[n]", lambda v, w: v[0] > 0 or w[0] > 0),
    ("not v[0] > w[0]", "[n]", lambda v, w: v[0] <= w[0]),
    ("exp(v[0]) > 2", "[n]", lambda v, w: v[0] > Fraction(6931, 10000)),
    ("log(v) > w", "[n]", lambda v, w: min(v) > 0),
    ("2 <= v", "[]", lambda v, w: v[()] >= 2),
    ("-5 > v", "[]", lambda v, w: v[()] < -5),
    ("1/3 < v < 2/5", "[]", lambda v, w: Fraction(1, 3) < v[()] < Fraction(2, 5)),
    ("v + w == 1 and v > 0", "[]", lambda v, w: v[()] + w[()] == 1 and v[()] > 0),
    ("v*w == 1", "[]", lambda v, w: v[()] * w[()] == 1),
    ("v/w == 3", "[]", lambda v, w: v[()] == 3 * w[()]),
]


@pytest.mark.parametrize(("condition", "shape", "holds"), CONDITIONS)
@pytest.mark.parametrize("stage", ["plain", "fine"])
def test_conditions_hold_exactly(condition, shape, holds, stage):
    body = f"variables: {{v: {shape}, w: {shape}}}\nassume: ['{condition}']\nclaims:\n  it: sum(v) == sum(w)\n"
    if shape == "[]":
        body = body.replace("sum(v) == sum(w)", "v == w")
    space = spaces(body)[0]
    points = list(draw_points(space, stage, 0, 5))
    assert len(points) >= 2
    for point in points:
        assert holds(fractions(point.values["v"]), fractions(point.values["w"])), point.values


def test_conditions_that_exclude_each_other_have_no_points():
    body = "variables: {v: }\nassume: ['v > 1', 'v < 0']\nclaims:\n  it: v == v\n"
    for space in spaces(body):
        for stage in STAGES:
            assert not list(draw_points(space, stage, 0, 3))


def test_conditions_of_a_claim_hold_too():
    body = "variables: {v: , w: }\nclaims:\n  it: {statement: v == w, when: ['v == 2*w', 'w > 2']}\n"
    for point in draw_points(spaces(body)[0], "fine", 0, 4):
        v, w = (fractions(point.values[name])[()] for name in "vw")
        assert v == 2 * w
        assert w > 2


def test_equations_do_not_leave_the_domain():
    body = (
        "variables: {v: {shape: [n], domain: '[0, 1]'}, w: {domain: positive}}\n"
        "assume: ['sum(v) == w']\nclaims:\n  it: sum(v) == w\n"
    )
    points = list(draw_points(spaces(body)[0], "fine", 0, 6))
    assert points
    for point in points:
        v, w = fractions(point.values["v"]), fractions(point.values["w"])[()]
        assert sum(v) == w > 0
        assert all(0 <= x <= 1 for x in v)


def test_given_values_are_kept():
    body = "variables: {v: [n], w: }\nclaims:\n  it: {statement: sum(v) == w, at: {v: [1, 0.1, -3]}}\n"
    for space in spaces(body):
        assert space.sizes == {"n": 3}
        for point in draw_points(space, "special", 0, 3):
            assert list(fractions(point.values["v"])) == [1, Fraction(1, 10), -3]


def test_bound_scalars_are_in_their_domain():
    body = "claims:\n  it: z**2 == z*t for z in (0, 1), t in {2, 3}\n"
    space = spaces(body)[0]
    keys = {name: key for key, name in space.names.items()}
    seen = set()
    for stage in STAGES:
        for point in draw_points(space, stage, 0, 8):
            assert 0 < point.bound[keys["z"]] < 1
            seen.add(point.bound[keys["t"]])
    assert seen == {2, 3}


# --- reproducible --------------------------------------------------------------------------------------------

TWO = "variables: {a: [n], b: [n], c: }\nclaims:\n  one: sum(a) == c\n  both: sum(a*b) == c\n  other: b == c\n"


def texts(space, stage, names, seed=0):
    return [[str(fractions(point.values[name])) for name in names] for point in draw_points(space, stage, seed, 4)]


@pytest.mark.parametrize("stage", STAGES)
def test_the_same_seed_gives_the_same_points(stage):
    first, second = (texts(spaces(TWO)[0], stage, ("a", "c")) for _ in range(2))
    assert first == second
    if stage != "special":  # these begin with the same value everywhere
        assert texts(spaces(TWO)[0], stage, ("a", "c"), seed=1) != first


@pytest.mark.parametrize("stage", ["plain", "fine", "wide"])
def test_values_do_not_depend_on_what_else_is_reached(stage):
    one, both, other = (spaces(TWO, claim)[0] for claim in range(3))
    assert texts(one, stage, ("a", "c")) == texts(both, stage, ("a", "c"))
    assert texts(other, stage, ("b", "c")) == texts(both, stage, ("b", "c"))


def test_claims_of_one_session_share_their_points():
    spec = derivation(TWO)
    session = Session(spec)
    one, both = (next(draw_points(spaces(spec, i, session)[0], "plain", 0, 1)) for i in range(2))
    assert one.label == both.label
    assert one.values["a"] is both.values["a"]


def test_points_with_conditions_are_shared_with_none():
    body = "variables: {a: , b: }\nclaims:\n  one: a == b\n  two: {statement: a == b, when: [a > b]}\n"
    spec = derivation(body)
    session = Session(spec)
    one, two = (next(draw_points(spaces(spec, i, session)[0], "plain", 0, 1)) for i in range(2))
    assert one.label is not None
    assert two.label is None


def test_no_domain_needs_the_others_names():
    assert contains(Domain("interval", Fraction(0), None, False, True), Fraction(0))
    assert not contains(Domain("interval", Fraction(0), None, True, True), Fraction(0))
