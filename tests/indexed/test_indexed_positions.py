"""Indices as numbers, their order, and signs beside each other: values at sizes, and what must not be shown."""

import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from index_values import FormValues, kinds

from derivcheck.engine.indexed.algebra import Constraints
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.work import Meter

SETTING = """variables: {x: [n], y: [n], A: [n, n], z: [m], t: , c: {domain: positive}}
"""
FIRST, SECOND, OTHER = ("n", "%", 0), ("n", "%", 1), ("m", "%", 2)


def calculus(least=None):
    return Calculus(Constraints(), {}, Meter(200_000), least)


@pytest.mark.parametrize("exponent", range(8))
def test_sums_of_powers(exponent):
    c = calculus()
    made = c.total(c.natural_power(c.position(FIRST), exponent), [FIRST])
    assert not any(a.kind == "position" for m in made for a, _ in m.factors)
    for n in range(1, 8):
        assert FormValues({}, {"n": n}).of(made, {}) == pytest.approx(sum(i**exponent for i in range(n)))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from(["before ij", "before ji", "delta", "i", "j", "x i", "x j", "A", "z"]), max_size=5),
    st.integers(1, 4),
)
def test_sums_over_ordered_indices_have_their_values(parts, n):
    c = calculus()
    made = {
        "before ij": c.before(FIRST, SECOND),
        "before ji": c.before(SECOND, FIRST),
        "delta": c.delta(FIRST, SECOND),
        "i": c.position(FIRST),
        "j": c.position(SECOND),
        "x i": c.entry("x", (FIRST,)),
        "x j": c.entry("x", (SECOND,)),
        "A": c.entry("A", (FIRST, SECOND)),
        "z": c.entry("z", (OTHER,)),
    }
    whole = c.total(c.product(made[p] for p in parts), [FIRST, SECOND, OTHER])
    values = {"x": [0.5, -1.25, 2.0, 0.75], "A": [[i + 0.5 * j * j + 0.1 for j in range(4)] for i in range(4)],
              "z": [1.5, -0.5]}  # fmt: skip
    forms = FormValues(values, {"n": n, "m": 2})
    expected = 0.0
    for i in range(n):
        for j in range(n):
            for k in range(2):
                product = 1.0
                for p in parts:
                    product *= {
                        "before ij": float(i < j), "before ji": float(j < i), "delta": float(i == j), "i": i, "j": j,
                        "x i": values["x"][i], "x j": values["x"][j], "A": values["A"][i][j], "z": values["z"][k],
                    }[p]  # fmt: skip
                expected += product
    assert forms.of(whole, {}) == pytest.approx(expected)


def test_the_two_orders_of_two_indices():
    c = calculus()
    both = c.add(c.before(FIRST, SECOND), c.before(SECOND, FIRST), c.delta(FIRST, SECOND))
    x, y = c.entry("x", (FIRST,)), c.entry("y", (SECOND,))
    whole = c.total(c.multiply(both, c.multiply(x, y)), [FIRST, SECOND])
    assert whole == c.multiply(c.total(x, [FIRST]), c.total(y, [SECOND]))
    assert c.before(FIRST, FIRST) == {}
    assert c.before(FIRST, ("n", "=", 0)) == {}
    assert c.before(("n", "=", 1), ("n", "=", 3)) == c.number(1)
    assert c.renamed(c.before(FIRST, SECOND), {FIRST: SECOND}) == {}


def test_an_index_that_becomes_a_position_becomes_its_number():
    c = calculus()
    assert c.renamed(c.position(FIRST), {FIRST: ("n", "=", 4)}) == c.number(4)
    assert c.renamed(c.before(FIRST, SECOND), {FIRST: ("n", "=", 4), SECOND: ("n", "=", 3)}) == {}
    assert c.total(c.multiply(c.position(FIRST), c.delta(FIRST, ("n", "=", 2))), [FIRST]) == c.number(2)


def test_positions_that_need_not_exist():
    assert calculus().exists("n", 0)
    assert not calculus().exists("n", 1)
    assert calculus({"n": 3}).exists("n", 2)
    assert not calculus({"n": 3}).exists("n", 3)
    assert calculus().exists("4", 3)
    zero_to_four = "*".join(f"(n - {k})" for k in range(1, 5))
    assert kinds(
        SETTING,
        "sum(indicator(i == 7)*x[i] for i in n) == x[7]",  # which asks that there are 8
        f"sum(indicator(i == 7) for i in n)*{zero_to_four} == {zero_to_four}",
        f"sum(indicator(i == 5)*t for i in n)*{zero_to_four} == t*{zero_to_four}",
        "sum(indicator(i == 1) for i in n) == 1",
        "sum(indicator(i == 0) for i in n) == 1",
    ) == ["zero", "open", "open", "open", "zero"]
    assert kinds("dims: {n: '>= 6'}\n" + SETTING, "sum(indicator(i == 5)*x[i] for i in n) == x[5]") == ["zero"]


def test_powers_whose_exponent_is_a_size():
    assert (
        kinds(
            SETTING,
            "(2*t)**n == 2**n*t**n",
            "t**(2*n + m) == (t**n)**2*t**m",
            "((-1)**n)**2 == 1",
            "(-t)**n == (-1)**n*t**n",
            "(-t)**n == t**n",
            "(-1)**n == 1",
            "(-1)**n == -1",
            "t**(n + m) == t**n + t**m",
            "t**n*(n - 1) == t*(n - 1)",
            "(t**2)**n == t**n",
        )
        == ["zero"] * 4 + ["open"] * 6
    )


def test_signs_of_numbers_that_are_apart():
    c = calculus()
    u = c.entry("x", (FIRST,))
    low, high = c.sign(u), c.sign(c.add(u, c.number(fmpq(1, 2))))
    product = c.multiply(low, high)
    for value in (-1.0, -0.5, -0.25, 0.0, 0.3):
        forms = FormValues({"x": [value]}, {"n": 1})
        assert forms.of(product, {FIRST: 0}) == (1 if value >= 0 else -1) * (1 if value + 0.5 >= 0 else -1)
    assert all(sum(a.kind == "sign" for a, _ in m.factors) < 2 for m in product)


def test_signs_that_exclude_each_other():
    """All four ways in which one number says something of another's sign."""
    c = calculus()
    x, half = c.entry("x", (FIRST,)), c.number(fmpq(1, 2))
    minus = c.scale(x, fmpq(-1))
    below, above = c.subtract(minus, half), c.add(x, half)
    for a, b in [
        (x, c.subtract(x, half)),
        (x, c.subtract(half, x)),
        (minus, below),
        (above, below),
        (c.subtract(x, half), below),
    ]:
        for made, value in (
            (c.multiply(c.sign(a), c.sign(b)), lambda u, v: (1 if u >= 0 else -1) * (1 if v >= 0 else -1)),
            (c.multiply(c.zero(a), c.sign(b)), lambda u, v: (u == 0) * (1 if v >= 0 else -1)),
        ):
            for at in (-1.0, -0.5, -0.25, 0.0, 0.25, 0.5, 1.0):
                forms = FormValues({"x": [at]}, {"n": 1})
                here = {FIRST: 0}
                assert forms.of(made, here) == value(forms.of(a, here), forms.of(b, here)), at


def test_bound_indices_are_named_by_what_is_left():
    """A sum inside of a sign keeps apart from the sum around it, also after a sign beside it has become a number."""
    setting = "variables: {X: [m, n], w: [n], y: [m]}\ndefine: {r: X @ w - y}\n"
    assert kinds(
        setting,
        "D(sum(where(abs(r) <= 1, r**2/2, abs(r) - 1/2)), w) == X.T @ clip(r, -1, 1)",
        "D(sum(where(abs(r) <= 1, r**2/2, abs(r) - 1/2)), w) == X.T @ clip(r, -1, 2)",
        "D(sum(where(abs(r) <= 1, r**2/2, abs(r) - 1/2)), w) == X.T @ sign(r)",
    ) == ["zero", "open", "open"]
