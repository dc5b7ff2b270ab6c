"""Every row of the function table on the rigorous road: values and derivatives against mpmath, domains, kinks."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
from engine_kit import BITS, close, exact
from flint import fmpq
from mpmath import mp

from derivcheck.engine import balls, jets
from derivcheck.engine.jets import Hole, Jet
from derivcheck.functions import FUNCTIONS

DIGITS = 60


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


#: mpmath's form of every row.
MEANS = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "log1p": lambda x: mpmath.log(1 + x),
    "expm1": lambda x: mpmath.exp(x) - 1,
    "sqrt": mpmath.sqrt,
    "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    "abs": abs,
    "sign": mpmath.sign,
    "min": min,
    "max": max,
    "clip": lambda x, low, high: min(max(x, low), high),
    "sigmoid": sigmoid,
    "logit": lambda x: mpmath.log(x / (1 - x)),
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "leaky_relu": lambda x, *slope: x if x > 0 else (slope[0] if slope else mpmath.mpf(1) / 100) * x,
    "elu": lambda x, *alpha: x if x > 0 else (alpha[0] if alpha else 1) * (mpmath.exp(x) - 1),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "silu": lambda x: x * sigmoid(x),
    "gelu": lambda x: x * mpmath.ncdf(x),
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "sec": mpmath.sec,
    "csc": mpmath.csc,
    "cot": mpmath.cot,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "asec": lambda x: mpmath.acos(1 / x),
    "acsc": lambda x: mpmath.asin(1 / x),
    "acot": lambda x: mpmath.atan(1 / x),
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "sech": mpmath.sech,
    "csch": mpmath.csch,
    "coth": mpmath.coth,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "asech": lambda x: mpmath.acosh(1 / x),
    "acsch": lambda x: mpmath.asinh(1 / x),
    "acoth": lambda x: mpmath.atanh(1 / x),
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "erfi": mpmath.erfi,
    "erfinv": mpmath.erfinv,
    "gamma": mpmath.gamma,
    "lgamma": mpmath.loggamma,
    "digamma": mpmath.digamma,
    "polygamma": lambda n, x: mpmath.polygamma(int(n), x),
    "beta": mpmath.beta,
    "lowergamma": lambda s, x: mpmath.gammainc(s, 0, x),
    "uppergamma": mpmath.gammainc,
    "zeta": mpmath.zeta,
    "polylog": lambda s, x: mpmath.polylog(int(s), x),
    "lambertw": mpmath.lambertw,
    "besselj": mpmath.besselj,
    "bessely": mpmath.bessely,
    "besseli": mpmath.besseli,
    "besselk": mpmath.besselk,
    "airyai": mpmath.airyai,
    "airybi": mpmath.airybi,
    "expint": lambda n, x: mpmath.expint(int(n), x),
    "Ei": mpmath.ei,
    "Si": mpmath.si,
    "Ci": mpmath.ci,
    "fresnels": mpmath.fresnels,
    "fresnelc": mpmath.fresnelc,
    "elliptic_k": mpmath.ellipk,
    "elliptic_e": mpmath.ellipe,
}

#: Arguments within the domain, in which kinks are not met; the derivative is taken by the last place in ``BY``.
_LINE = ("1/3", "5/4", "-7/4")
_UNIT = ("1/3", "5/8")
_BALL = ("1/3", "-5/8")
_OVER = ("1/3", "9/4")
INSIDE = {
    **dict.fromkeys(FUNCTIONS, _LINE),
    **dict.fromkeys(("log", "log2", "log10", "sqrt", "lgamma", "digamma", "Ci"), _OVER),
    **dict.fromkeys(("asin", "acos", "erfinv", "atanh"), _BALL),
    **dict.fromkeys(("asec", "acsc", "acoth"), ("5/4", "-7/3")),
    "log1p": ("1/3", "-5/8"),
    "logit": _UNIT,
    "asech": _UNIT,
    "acosh": ("5/4", "3"),
    "min": (("1/3", "5/4"), ("2", "-1")),
    "max": (("1/3", "5/4"), ("2", "-1")),
    "clip": (("1/3", "0", "1"), ("-1", "0", "1"), ("3", "0", "1")),
    "leaky_relu": (("1/3",), ("-7/4",), ("-7/4", "1/5")),
    "elu": (("1/3",), ("-7/4",), ("-7/4", "3/2")),
    "polygamma": (("0", "4/3"), ("1", "1/3"), ("3", "9/4"), ("0", "-4/3"), ("1", "-1/3"), ("2", "-9/4")),
    "beta": (("1/3", "5/4"), ("-1/3", "5/4")),
    "lowergamma": (("1/3", "5/4"), ("5/2", "1/4")),
    "uppergamma": (("1/3", "5/4"), ("5/2", "1/4")),
    "zeta": ("1/3", "5/2", "-3/2"),
    "polylog": (("2", "1/3"), ("-1", "-1/2"), ("3", "-4")),
    "lambertw": ("1/3", "-1/4"),
    "besselj": (("0", "5/4"), ("2", "-5/4"), ("1/2", "5/4")),
    "bessely": (("0", "5/4"), ("1/2", "5/4")),
    "besseli": (("0", "5/4"), ("2", "-5/4"), ("1/2", "5/4")),
    "besselk": (("0", "5/4"), ("1/2", "5/4")),
    "expint": (("1", "5/4"), ("3", "1/3"), ("0", "1/3"), ("-2", "4/3")),
    "elliptic_k": ("1/3", "-7/4"),
    "elliptic_e": ("1/3", "-7/4"),
}
#: By which argument derivatives are taken, where it is not the first.
BY = {"polygamma": 1, "lowergamma": 1, "uppergamma": 1, "polylog": 1, "besselj": 1, "bessely": 1, "besseli": 1,
      "besselk": 1, "expint": 1}  # fmt: skip

CASES = [
    pytest.param(name, arguments if isinstance(arguments, tuple) else (arguments,), id=f"{name}{index}")
    for name, rows in INSIDE.items()
    for index, arguments in enumerate(rows)
]


@pytest.fixture(autouse=True)
def precise():
    with mp.workdps(DIGITS), jets.precision(BITS):
        yield


def number(text):
    value = Fraction(text)
    return mpmath.mpf(value.numerator) / value.denominator


def seeded(name, arguments, levels):
    """Arguments in which the chosen one moves by one infinitesimal a level."""
    by = BY.get(name, 0)
    parts = {((level, 0),): exact(1) for level in levels}
    return tuple(Jet(exact(a), parts if i == by else None) for i, a in enumerate(arguments))


def derivative(name, arguments, order):
    """By mpmath's differences, at more digits than are asked of them."""
    by, fixed = BY.get(name, 0), [number(a) for a in arguments]

    def along(t):
        return MEANS[name](*(t if i == by else a for i, a in enumerate(fixed)))

    return mpmath.re(mpmath.diff(along, fixed[by], order))


def test_every_row_has_a_meaning_and_arguments():
    assert set(MEANS) == set(FUNCTIONS) == set(INSIDE)


@pytest.mark.parametrize(("name", "arguments"), CASES)
def test_value_and_first_two_derivatives(name, arguments):
    value = balls.apply(name, seeded(name, arguments, (1, 2)))
    assert close(value.value, mpmath.re(MEANS[name](*map(number, arguments))), 50)
    for level in (1, 2):
        slope = balls.part(value, level, 0)
        assert close(slope.value, derivative(name, arguments, 1), 25)
    assert close(value.parts.get(((1, 0), (2, 0)), exact(0)), derivative(name, arguments, 2), 15)


@pytest.mark.parametrize(("name", "arguments"), [case for case in CASES if case.values[0] not in BY])
def test_primes_are_derivatives_by_the_first_argument(name, arguments):
    given = tuple(Jet(exact(a)) for a in arguments)
    assert close(balls.apply_derivative(name, 1, given, 1).value, derivative(name, arguments, 1), 25)
    assert close(balls.apply_derivative(name, 2, given, 1).value, derivative(name, arguments, 2), 15)


@pytest.mark.parametrize("name", sorted(n for n, row in FUNCTIONS.items() if row.least == 1))
def test_mixed_derivative_through_a_product(name):
    """d²/dx dy f(xy + c) = f'(.) + x y f''(.): two levels, whose infinitesimals meet in the argument."""
    at = Fraction(INSIDE[name][0] if isinstance(INSIDE[name][0], str) else INSIDE[name][0][0])
    x, y = Fraction(3, 7), Fraction(2, 5)
    a = Jet(exact(x), {((1, 0),): exact(1)})
    b = Jet(exact(y), {((2, 0),): exact(1)})
    value = balls.apply(name, (a * b + Jet(exact(at - x * y)),))
    first, second = (derivative(name, (str(at),), order) for order in (1, 2))
    mixed = first + number(str(x * y)) * second
    assert close(value.parts.get(((1, 0), (2, 0)), exact(0)), mixed, 15)
    assert close(value.parts[((1, 0),)], first * number(str(y)), 25)


@pytest.mark.parametrize(("name", "arguments"), [("beta", ("1/3", "5/4")), ("max", ("1/3", "5/4"))])
def test_mixed_derivative_by_two_arguments(name, arguments):
    x, y = (Jet(exact(a), {((level, 0),): exact(1)}) for level, a in enumerate(arguments, start=1))
    value = balls.apply(name, (x, y))
    mixed = mpmath.diff(MEANS[name], tuple(map(number, arguments)), (1, 1))
    assert close(value.parts.get(((1, 0), (2, 0)), exact(0)), mixed, 15)


@pytest.mark.parametrize("name", sorted(n for n in FUNCTIONS if n not in ("min", "max", "clip", "sign", "abs")))
def test_balls_contain_what_exact_arguments_give(name):
    """A wide argument gives a ball that contains the value at each end and in the middle."""
    arguments = INSIDE[name][0] if isinstance(INSIDE[name][0], tuple) else (INSIDE[name][0],)
    by = BY.get(name, 0)
    low, high = (Fraction(arguments[by]) + d for d in (Fraction(0), Fraction(1, 1 << 20)))
    wide = jets.ball(exact((low + high) / 2)) + jets.ball(exact((high - low) / 2)) * jets.arb(0, 1)
    found = balls.apply(name, tuple(Jet(wide if i == by else exact(a)) for i, a in enumerate(arguments))).value
    for end in (low, (low + high) / 2, high):
        inside = balls.apply(name, tuple(Jet(exact(end if i == by else a)) for i, a in enumerate(arguments))).value
        assert isinstance(found, Hole) or found.overlaps(jets.ball(inside))


#: Arguments at which there is certainly no value.
OUTSIDE = {
    "log": ("0", "-1"), "log2": ("0", "-2"), "log10": ("0",), "log1p": ("-1", "-2"), "sqrt": ("-1/9",),
    "asin": ("9/8", "-9/8"), "acos": ("9/8", "-2"), "asec": ("0", "1/2"), "acsc": ("0", "-1/2"), "acot": ("0",),
    "csc": ("0",), "cot": ("0",), "csch": ("0",), "coth": ("0",), "acosh": ("7/8", "-2"), "atanh": ("1", "-1", "2"),
    "asech": ("0", "9/8", "-1/2"), "acsch": ("0",), "acoth": ("0", "1", "-1", "1/2"), "logit": ("0", "1", "-1", "2"),
    "erfinv": ("1", "-1", "2"), "gamma": ("0", "-1", "-7"), "lgamma": ("0", "-1/2"), "digamma": ("0", "-1"),
    "zeta": ("1",), "lambertw": ("-1", "-3/8"), "Ei": ("0",), "Ci": ("0", "-1"), "elliptic_k": ("1", "2"),
    "elliptic_e": ("2",),
    "polygamma": (("1", "0"), ("0", "-3"), ("2", "-1"), ("-1", "1")), "beta": (("0", "1"), ("1", "-2")),
    "lowergamma": (("0", "1"), ("1", "0"), ("-1", "1")), "uppergamma": (("1", "-1"), ("0", "2")),
    "polylog": (("1", "1"), ("2", "3")), "bessely": (("0", "0"), ("1", "-1")), "besselk": (("1", "0"),),
    "besselj": (("1/2", "-1"),), "besseli": (("1/2", "-1"),), "expint": (("1", "0"), ("2", "-1")),
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        pytest.param(name, a if isinstance(a, tuple) else (a,), id=f"{name}{index}")
        for name, rows in OUTSIDE.items()
        for index, a in enumerate(rows)
    ],
)
def test_outside_of_the_domain_is_a_certain_hole(name, arguments):
    value = balls.apply(name, seeded(name, arguments, (1,)))
    assert isinstance(value.value, Hole)
    assert value.value.certain
    assert isinstance(balls.part(value, 1, 0).value, Hole)


#: Where there is a value but no derivative, and the value.
KINKS = [
    ("abs", ("0",), 0), ("sign", ("0",), 0), ("relu", ("0",), 0), ("leaky_relu", ("0",), 0),
    ("leaky_relu", ("0", "1/2"), 0), ("elu", ("0", "2"), 0), ("sqrt", ("0",), 0), ("cbrt", ("0",), 0),
    ("min", ("2", "2"), 2), ("max", ("2", "2"), 2), ("clip", ("1", "0", "1"), 1), ("clip", ("0", "0", "1"), 0),
    ("asin", ("1",), mpmath.asin(1)), ("acos", ("1",), 0), ("acosh", ("1",), 0), ("asech", ("1",), 0),
    ("asec", ("1",), 0),
]  # fmt: skip


@pytest.mark.parametrize(("name", "arguments", "expected"), KINKS)
def test_at_a_kink_the_derivative_alone_is_missing(name, arguments, expected):
    value = balls.apply(name, seeded(name, arguments, (1,)))
    if name != "asin":
        assert close(value.value, expected, 50)
    slope = balls.part(value, 1, 0).value
    assert isinstance(slope, Hole)
    assert slope.certain
    # beside it there is one
    aside = balls.apply(name, seeded(name, ("1/16" if arguments[0] == "0" else "15/16", *arguments[1:]), (1,)))
    if name not in ("acosh", "asec"):
        assert not isinstance(balls.part(aside, 1, 0).value, Hole)


@pytest.mark.parametrize(("name", "alpha"), [("leaky_relu", "1"), ("abs", None), ("relu", None), ("sign", None)])
def test_a_kink_by_which_nothing_moves_has_a_derivative(name, alpha):
    """Without an infinitesimal there is none to be undefined."""
    arguments = (Jet(exact(0)), *((Jet(exact(alpha)),) if alpha else ()))
    moved = balls.apply(name, arguments) * Jet(exact(3), {((1, 0),): exact(1)})
    assert balls.part(moved, 1, 0).value == 0


@pytest.mark.parametrize("name", sorted(n for n, rows in OUTSIDE.items() if not isinstance(rows[0], tuple)))
def test_at_an_uncertain_edge_the_hole_is_not_certain(name):
    """An argument whose ball contains the edge of the domain gives no certain answer."""
    edge = jets.ball(exact(OUTSIDE[name][0]))
    if name in ("lambertw", "sqrt", "asin", "acos", "acosh", "elliptic_e"):
        edge = {"lambertw": -(-jets.arb(1)).exp(), "sqrt": jets.arb(0), "elliptic_e": jets.arb(1)}.get(
            name, jets.arb(1)
        )
    around = edge + jets.arb(0, 1) / 1024
    value = balls.apply(name, (Jet(around),)).value
    assert not isinstance(value, Hole) or not value.certain


def test_order_that_is_no_literal_is_never_a_certain_hole():
    for name in ("polygamma", "polylog", "expint"):
        value = balls.apply(name, (Jet(exact("1/2")), Jet(exact("1/2")))).value
        assert isinstance(value, Hole)
        assert not value.certain


def test_the_second_modified_bessel_function_is_let_be_where_it_takes_flint_seconds():
    with jets.precision(1024):
        found = [
            balls.apply("besselk", (Jet(fmpq(1)), Jet(fmpq(7 * x + 1, 7)))) for x in (50, 110, 200, 400, 900, 5000)
        ]
    assert [isinstance(x.value, Hole) for x in found] == [False, True, True, True, True, False]
