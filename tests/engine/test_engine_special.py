"""The normal form of special functions: what may be concluded where, and what a branch that is not taken forbids."""

from __future__ import annotations

import pytest
from engine_kit import verdict
from flint import fmpq

from derivcheck.engine.ring import Ring
from derivcheck.engine.signs import Undefined
from derivcheck.engine.special import Special
from derivcheck.engine.tower import Tower
from derivcheck.engine.work import Meter

SETTING = """variables:
  x:
  p: {domain: positive}
  u: {domain: '(0, 1)'}
  i: {domain: integer}
"""


def made(low: int | None = None) -> tuple[Special, object]:
    """A special-function normaliser over one leaf, positive with ``low=0``."""
    tower = Tower(Ring(60, Meter(10**8)), {}, by_cases=False)
    leaf = tower.ring.new("leaf", name="x", low=None if low is None else fmpq(low), strict_low=low is not None)
    return Special(tower), leaf.raw


def suspects(special: Special) -> list[str]:
    return [str(p) for p in special.tower.suspects.values() if not special.tower.is_nonzero(p)]


def test_a_recurrence_leaves_its_pole_as_a_suspect() -> None:
    special, x = made()
    first = special.apply("gamma", (x,))
    assert special.apply("gamma", (x + 1,)) == x * first
    assert suspects(special) == [str(x)]


def test_a_recurrence_has_no_suspect_where_gamma_has_a_value() -> None:
    special, x = made()
    special.assume_regular(x)
    first = special.apply("gamma", (x,))
    assert special.apply("gamma", (x + 2,)) == x * (x + 1) * first
    assert suspects(special) == []


def test_a_value_above_does_not_tell_of_the_pole_below() -> None:
    special, x = made()
    special.assume_regular(x + 1)
    special.apply("gamma", (x,))
    special.apply("gamma", (x + 2,))
    assert suspects(special) == [str(x)]


def test_a_positive_argument_has_no_poles() -> None:
    special, x = made(0)
    special.apply("gamma", (x,))
    special.apply("gamma", (x + 3,))
    assert suspects(special) == []


@pytest.mark.parametrize("n", [0, -1, -7])
def test_gamma_has_no_value_at_its_poles(n: int) -> None:
    special, x = made()
    with pytest.raises(Undefined):
        special.apply("gamma", (x * 0 + n,))
    with pytest.raises(Undefined):
        special.assume_regular(x * 0 + n)


def test_reflection_needs_values_on_both_sides() -> None:
    special, x = made()
    first = special.apply("gamma", (x,))
    second = special.apply("gamma", (1 - x,))
    assert special.tower.ring.generator_of(second) is not None  # of its own: nothing tells that sin(pi x) is not 0
    assert second != first


def test_what_is_odd_takes_the_sign_out() -> None:
    special, x = made()
    for name in ("erf", "erfi", "Si", "fresnels", "fresnelc"):
        assert special.apply(name, (-x,)) == -special.apply(name, (x,))
        assert special.apply(name, (x * 0,)).is_zero()


def test_orders_that_are_no_numbers_are_kept() -> None:
    special, x = made()
    raw = special.apply("besselj", (x, x))
    assert special.tower.ring.generator_of(raw) is not None


def test_arguments_far_apart_are_not_related() -> None:
    special, x = made(0)
    special.apply("gamma", (x,))
    assert special.tower.ring.generator_of(special.apply("gamma", (x + 1000,))) is not None


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("gamma(x + 1) == x*gamma(x)", "proved"),
        ("gamma(x + 1) == x*gamma(x) + where(x == 1, 1, 0)", "refuted"),
        ("where(x > 1, gamma(x + 1), 1) == where(x > 1, x*gamma(x), 1)", "proved"),
        ("where(x > 1, gamma(x + 1), 1) == where(x > 1, x*gamma(x), 2)", "refuted"),
        ("gamma(i + 2) == (i + 1)*gamma(i + 1)", "proved"),
        ("gamma(i + 2) == i*gamma(i + 1)", "refuted"),
        ("polylog(2, x) + polylog(2, 1 - x) == pi**2/6 - log(x)*log(1 - x)", "proved"),
        ("lambertw(x*exp(x)) == x", "refuted"),
        ("lambertw(p*exp(p)) == p", "proved"),
        ("lambertw(-u*exp(-u)) == -u", "proved"),
        ("lambertw(-p*exp(-p)) == -p", "refuted"),
        ("besselj(2, x - 1) + besselj(0, x - 1) == 2*besselj(1, x - 1)/(x - 1)", "proved"),
        ("besselj(1/3, p) == besselj(1/3, p)", "proved"),
        ("erf(erfinv(x)) == x", "proved"),
        ("erf(erfinv(x)) == -x", "refuted"),
    ],
)
def test_claims(claim: str, expected: str) -> None:
    assert verdict(claim, SETTING) == expected
