"""Owns ONE table: what is known of the special functions beside their derivatives.

Recurrences, connection formulas, reflections, Wronskians and special values, each with its source and with what it
needs. A formula is written over a carrier, which offers ``apply(name, *arguments)`` for functions of the language,
``pi`` and ``euler`` (Euler's constant) and whose values have ``+ - * /`` and whole powers; so the same formula
normalises elements of the tower (``special``) and is tested in balls. Orders are ``Fraction`` numbers.

A row may be applied wherever the left side has a value and what it needs holds: ``positive`` must be known, and
where something of ``nonzero`` is 0 the caller has to decide otherwise. A link is a relation of values that may
stand in different branches of a claim, so all that it needs to be defined must be ``positive``. Sources are sections
of the NIST Digital Library of Mathematical Functions (DLMF).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import factorial
from typing import Any

from flint import fmpq

Carrier = Any
Value = Any
#: Of the literal arguments, and of the last argument if it is a number, else ``None``.
Test = Callable[..., bool]
Formula = Callable[..., Value]
Needs = Callable[..., tuple[Value, ...]]

HALF = Fraction(1, 2)


def _nothing(c: Carrier, *arguments: Value) -> tuple[Value, ...]:
    return ()


def _always(*arguments: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Rewrite:
    """``function(arguments) = right(carrier, *arguments)`` where ``when`` holds.

    ``literal`` is how many leading arguments are orders. ``orders`` and ``domain`` say where the row is tested.
    """

    function: str
    source: str
    right: Formula
    when: Test = _always
    literal: int = 0
    positive: Needs = _nothing
    nonzero: Needs = _nothing
    orders: tuple[Fraction | int, ...] = ()
    domain: str = "positive"


@dataclass(frozen=True, slots=True)
class Shift:
    """``f(a + 1) = slope f(a) + offset`` in the argument at ``place``; both formulas have all arguments, with a."""

    function: str
    source: str
    place: int
    slope: Formula
    offset: Formula
    nonzero: Needs


@dataclass(frozen=True, slots=True)
class Multiple:
    """``f(…, m a)`` by the values of f at a, a + 1/m, …: ``right(carrier, m, *arguments)`` with a last."""

    function: str
    source: str
    right: Formula


@dataclass(frozen=True, slots=True)
class Reflection:
    """``f(…, 1 - a) = right(carrier, *arguments)`` with a last, for orders of which ``when`` holds; ``positive``:
    for 0 < a < 1 only, else wherever sin(pi a) is not 0."""

    function: str
    source: str
    right: Formula
    positive: bool
    when: Test = _always


@dataclass(frozen=True, slots=True)
class Link:
    """``relation(carrier, a) = 0`` between the functions ``here`` at a and those ``there`` at ``partner(a)``."""

    source: str
    here: tuple[tuple[Any, ...], ...]
    there: tuple[tuple[Any, ...], ...]
    relation: Formula
    positive: Needs = _nothing
    partner: Callable[[Value], Value] = lambda a: a
    domain: str = "positive"


def _bessel_up(sign_lower: int, sign_term: int) -> Formula:
    """C_n = sign_term 2(n - 1)/x C_(n-1) + sign_lower C_(n-2)."""

    def right(name: str) -> Formula:
        def formula(c: Carrier, n: Fraction, x: Value) -> Value:
            step = c.apply(name, n - 1, x) / x * (2 * sign_term * (n - 1))
            return step + c.apply(name, n - 2, x) * sign_lower

        return formula

    return right


def _bessel_down(sign_upper: int, sign_term: int) -> Formula:
    """C_n = sign_term 2(n + 1)/x C_(n+1) + sign_upper C_(n+2)."""

    def right(name: str) -> Formula:
        def formula(c: Carrier, n: Fraction, x: Value) -> Value:
            step = c.apply(name, n + 1, x) / x * (2 * sign_term * (n + 1))
            return step + c.apply(name, n + 2, x) * sign_upper

        return formula

    return right


def _by_x(c: Carrier, n: Fraction, x: Value) -> tuple[Value, ...]:
    return (x,)


def _integer(n: Fraction | None) -> bool:
    return n is not None and n.denominator == 1


def _half_integer(n: Fraction | None) -> bool:
    return n is not None and n.denominator == 2


def _is(order: Fraction) -> Test:
    return lambda n, x: n == order


def _at(value: Fraction | int) -> Test:
    return lambda *arguments: arguments[-1] == value


def _wave(c: Carrier, function: str, x: Value, sign: int = 1) -> Value:
    """sqrt(2/(pi x)) f(x)."""
    return c.apply("sqrt", 2 / (c.pi * x)) * c.apply(function, x) * sign


def _bessels() -> list[Rewrite]:
    rows: list[Rewrite] = []
    whole, halves = (2, 3, 5), (Fraction(3, 2), Fraction(5, 2))
    for name, source, lower, term in (
        ("besselj", "DLMF 10.6.1", -1, 1),
        ("bessely", "DLMF 10.6.1", -1, 1),
        ("besseli", "DLMF 10.29.1", 1, -1),
        ("besselk", "DLMF 10.29.1", 1, 1),
    ):
        up, down = _bessel_up(lower, term)(name), _bessel_down(lower, -term if lower > 0 else term)(name)
        rows += [
            Rewrite(name, source, up, lambda n, x: _integer(n) and n >= 2, 1, nonzero=_by_x, orders=whole),
            Rewrite(name, source, up, lambda n, x: _half_integer(n) and n > 1, 1, nonzero=_by_x, orders=halves),
        ]
        mirrored = _mirror(name)
        rows.append(
            Rewrite(name, _MIRRORS[name], mirrored, lambda n, x: _integer(n) and n < 0, 1, orders=(-1, -2, -3))
        )
        if name == "besselk":
            under = (-HALF, Fraction(-3, 2))
            rows.append(
                Rewrite(name, "DLMF 10.27.3", mirrored, lambda n, x: _half_integer(n) and n < 0, 1, orders=under)
            )
        else:
            under = (Fraction(-3, 2), Fraction(-5, 2))
            test = lambda n, x: _half_integer(n) and n < -1  # noqa: E731 -- one of many tests
            rows.append(Rewrite(name, source, down, test, 1, nonzero=_by_x, orders=under))
    return rows


_MIRRORS = {"besselj": "DLMF 10.4.1", "bessely": "DLMF 10.4.1", "besseli": "DLMF 10.27.1", "besselk": "DLMF 10.27.3"}


def _mirror(name: str) -> Formula:
    """C_n by C_(-n): with the sign (-1)**n for J and Y of integer order, none for I and K."""

    def formula(c: Carrier, n: Fraction, x: Value) -> Value:
        odd = name in ("besselj", "bessely") and n % 2 == 1
        return c.apply(name, -n, x) * (-1 if odd else 1)

    return formula


def _half_bessel(name: str, order: Fraction, source: str, right: Formula) -> Rewrite:
    def formula(c: Carrier, n: Fraction, x: Value) -> Value:
        return right(c, x)

    return Rewrite(name, source, formula, _is(order), 1, positive=_by_x, orders=(order,))


def _polylog_below(c: Carrier, s: Fraction, x: Value) -> Value:
    """Li_(-n)(x) as a polynomial in y = x/(1 - x): x d/dx = y (1 + y) d/dy, n times of Li_0 = y."""
    y = x / (1 - x)
    coefficients = [0, 1]
    for _ in range(int(-s)):
        slopes = [k * a for k, a in enumerate(coefficients)]  # of y d/dy
        coefficients = [a + b for a, b in zip([*slopes, 0], [0, *slopes], strict=True)]
    total = y * 0
    for k, a in enumerate(coefficients):
        total = total + y**k * a
    return total


def _even_zeta(c: Carrier, s: Fraction) -> Value:
    n = int(s)
    b = _fraction(fmpq.bernoulli(n))
    return c.pi**n * (b * (-1) ** (n // 2 + 1) * Fraction(2**n, 2 * factorial(n)))


def _zeta_below(c: Carrier, s: Fraction) -> Value:
    n = 1 - int(s)
    return c.number(-_fraction(fmpq.bernoulli(n)) / n if n > 1 else Fraction(-1, 2))


def _fraction(q: Any) -> Fraction:
    return Fraction(int(q.p), int(q.q))


def _psi_at_1(c: Carrier, n: Fraction, x: Value) -> Value:
    k = int(n)
    return -c.euler if k == 0 else c.apply("zeta", Fraction(k + 1)) * ((-1) ** (k + 1) * factorial(k))


def _psi_at_half(c: Carrier, n: Fraction, x: Value) -> Value:
    k = int(n)
    if k == 0:
        return -c.euler - c.apply("log", c.number(Fraction(2))) * 2
    return c.apply("zeta", Fraction(k + 1)) * ((-1) ** (k + 1) * factorial(k) * (2 ** (k + 1) - 1))


def _airy_at_0(power: Fraction, argument: Fraction, sign: int) -> Formula:
    """sign 3**power / gamma(argument)."""

    def formula(c: Carrier, x: Value) -> Value:
        third = c.apply("exp", c.apply("log", c.number(Fraction(3))) * power)
        return third / c.apply("gamma", c.number(argument)) * sign

    return formula


def _below_2(n: Fraction | None, x: Any) -> bool:
    return _integer(n) and n is not None and n < 1


def _zero(c: Carrier, *arguments: Value) -> Value:
    return c.number(Fraction(0))


def _one_at_order_0(c: Carrier, n: Fraction, x: Value) -> Value:
    return c.number(Fraction(int(n == 0)))


def _whole_at_0(n: Fraction | None, x: Any) -> bool:
    return x == 0 and _integer(n)


def _logarithm(c: Carrier, s: Fraction, x: Value) -> Value:
    return -c.apply("log", 1 - x)


def _dilogarithm_of_half(c: Carrier, s: Fraction, x: Value) -> Value:
    return c.pi**2 / 12 - c.apply("log", c.number(Fraction(2))) ** 2 / 2


#: Closed forms and steps towards the lowest order, tried in this order.
REWRITES: tuple[Rewrite, ...] = (
    # gamma and its relatives
    Rewrite("gamma", "DLMF 5.4.1", lambda c, x: c.number(Fraction(1)), _at(1)),
    Rewrite("gamma", "DLMF 5.4.6", lambda c, x: c.apply("sqrt", c.pi), _at(HALF)),
    Rewrite("lgamma", "definition", lambda c, x: c.apply("log", c.apply("gamma", x))),
    Rewrite("polygamma", "DLMF 5.4.12, 5.15.2", _psi_at_1, _at(1), 1, orders=(0, 1, 2, 3)),
    Rewrite("polygamma", "DLMF 5.4.13, 5.15.3", _psi_at_half, _at(HALF), 1, orders=(0, 1, 2, 3)),
    Rewrite("lowergamma", "DLMF 8.2.3", lambda c, s, x: c.apply("gamma", s) - c.apply("uppergamma", s, x)),
    Rewrite("zeta", "DLMF 25.6.2", _even_zeta, lambda s: _integer(s) and s in range(2, 40, 2), 1, orders=(2, 4, 8)),
    Rewrite("zeta", "DLMF 25.6.1, 25.6.3", _zeta_below, lambda s: s in range(-40, 1), 1, orders=(0, -1, -2, -5)),
    # exponential integrals
    Rewrite("expint", "DLMF 6.2.6", lambda c, n, x: -c.apply("Ei", -x), _is(Fraction(1)), 1, orders=(1,)),
    Rewrite(
        "expint",
        "DLMF 8.19.12",
        lambda c, n, x: (c.apply("exp", -x) - x * c.apply("expint", n - 1, x)) / c.number(n - 1),
        lambda n, x: _integer(n) and n > 1,
        1,
        orders=(2, 3, 5),
    ),
    Rewrite(
        "expint",
        "DLMF 8.19.12",
        lambda c, n, x: (c.apply("exp", -x) - (c.apply("expint", n + 1, x) * n if n else 0)) / x,
        lambda n, x: _integer(n) and n < 1,
        1,
        nonzero=_by_x,
        orders=(0, -1, -2),
    ),
    # error functions
    Rewrite("erf", "DLMF 7.2.1", _zero, _at(0)),
    Rewrite("erfi", "DLMF 7.2.1", _zero, _at(0)),
    Rewrite("erfinv", "DLMF 7.17.1", _zero, _at(0)),
    Rewrite("Si", "DLMF 6.2.9", _zero, _at(0)),
    Rewrite("fresnels", "DLMF 7.2.8", _zero, _at(0)),
    Rewrite("fresnelc", "DLMF 7.2.7", _zero, _at(0)),
    # Bessel functions
    Rewrite("besselj", "DLMF 10.2.2", _one_at_order_0, _whole_at_0, 1, orders=(0, 1, 2)),
    Rewrite("besseli", "DLMF 10.25.2", _one_at_order_0, _whole_at_0, 1, orders=(0, 1, 2)),
    _half_bessel("besselj", HALF, "DLMF 10.16.1", lambda c, x: _wave(c, "sin", x)),
    _half_bessel("besselj", -HALF, "DLMF 10.16.1", lambda c, x: _wave(c, "cos", x)),
    _half_bessel("bessely", HALF, "DLMF 10.16.1", lambda c, x: _wave(c, "cos", x, -1)),
    _half_bessel("bessely", -HALF, "DLMF 10.16.1", lambda c, x: _wave(c, "sin", x)),
    _half_bessel("besseli", HALF, "DLMF 10.39.1", lambda c, x: _wave(c, "sinh", x)),
    _half_bessel("besseli", -HALF, "DLMF 10.39.1", lambda c, x: _wave(c, "cosh", x)),
    _half_bessel("besselk", HALF, "DLMF 10.39.2", lambda c, x: c.apply("sqrt", c.pi / (2 * x)) * c.apply("exp", -x)),
    *_bessels(),
    # Airy functions
    Rewrite("airyai", "DLMF 9.2.3", _airy_at_0(Fraction(-2, 3), Fraction(2, 3), 1), _at(0)),
    Rewrite("airyaiprime", "DLMF 9.2.4", _airy_at_0(Fraction(-1, 3), Fraction(1, 3), -1), _at(0)),
    Rewrite("airybi", "DLMF 9.2.5", _airy_at_0(Fraction(-1, 6), Fraction(2, 3), 1), _at(0)),
    Rewrite("airybiprime", "DLMF 9.2.6", _airy_at_0(Fraction(1, 6), Fraction(1, 3), 1), _at(0)),
    # polylogarithms
    Rewrite("polylog", "DLMF 25.12.10", _zero, _at(0), 1, orders=(-1, 1, 2)),
    Rewrite("polylog", "DLMF 25.12.10", _logarithm, _is(Fraction(1)), 1, orders=(1,), domain="below 1"),
    Rewrite("polylog", "DLMF 25.12.10", _polylog_below, _below_2, 1, orders=(0, -1, -2, -3, -6), domain="below 1"),
    Rewrite("polylog", "DLMF 25.12.6", _dilogarithm_of_half, lambda s, x: s == 2 and x == HALF, 1, orders=(2,)),
    # elliptic integrals, Lambert's W
    Rewrite("elliptic_k", "DLMF 19.6.1", lambda c, m: c.pi / 2, _at(0)),
    Rewrite("elliptic_e", "DLMF 19.6.1", lambda c, m: c.pi / 2, _at(0)),
    Rewrite("lambertw", "DLMF 4.13.1", _zero, _at(0)),
)  # fmt: skip


#: First-order recurrences.
SHIFTS: dict[str, Shift] = {
    row.function: row
    for row in (
        Shift("gamma", "DLMF 5.5.1", 0, lambda c, x: x, lambda c, x: x * 0, lambda c, x: (x,)),
        Shift(
            "polygamma",
            "DLMF 5.15.5",
            1,
            lambda c, n, x: x * 0 + 1,
            lambda c, n, x: (x * 0 + (-1) ** int(n) * factorial(int(n))) / x ** (int(n) + 1),
            lambda c, n, x: (x,),
        ),
        Shift(
            "uppergamma",
            "DLMF 8.8.2",
            0,
            lambda c, s, x: s,
            lambda c, s, x: c.apply("exp", s * c.apply("log", x) - x),
            lambda c, s, x: (),
        ),
    )
}

#: Values of the families of ``SHIFTS`` that are elementary, at the base number.
BASES: tuple[Rewrite, ...] = (
    Rewrite("uppergamma", "DLMF 8.4.5", lambda c, s, x: c.apply("exp", -x), lambda s, x: s == 1, 1, orders=(1,)),
    Rewrite(
        "uppergamma",
        "DLMF 8.4.6",
        lambda c, s, x: c.apply("sqrt", c.pi) * (1 - c.apply("erf", c.apply("sqrt", x))),
        lambda s, x: s == HALF,
        1,
        orders=(HALF,),
    ),
)


def _gamma_multiple(c: Carrier, m: int, x: Value) -> Value:
    log = c.apply("log", c.number(Fraction(m))) * (x * m - HALF) + c.apply("log", c.pi * 2) * Fraction(1 - m, 2)
    product = c.apply("exp", log)
    for k in range(m):
        product = product * c.apply("gamma", x + Fraction(k, m))
    return product


def _psi_multiple(c: Carrier, m: int, n: Fraction, x: Value) -> Value:
    total = c.apply("log", c.number(Fraction(m))) * m if n == 0 else x * 0
    for k in range(m):
        total = total + c.apply("polygamma", n, x + Fraction(k, m))
    return total * Fraction(1, m ** (int(n) + 1)) if n else total * Fraction(1, m)


MULTIPLES: dict[str, Multiple] = {
    "gamma": Multiple("gamma", "DLMF 5.5.6", _gamma_multiple),
    "polygamma": Multiple("polygamma", "DLMF 5.5.7, 5.15.7", _psi_multiple),
}


def _psi_reflected(c: Carrier, n: Fraction, x: Value) -> Value:
    sine, cosine = c.apply("sin", c.pi * x), c.apply("cos", c.pi * x)
    if n == 0:
        return c.apply("polygamma", n, x) + c.pi * cosine / sine
    return c.pi**2 / sine**2 - c.apply("polygamma", n, x)


REFLECTIONS: dict[str, Reflection] = {
    "gamma": Reflection(
        "gamma", "DLMF 5.5.3", lambda c, x: c.pi / (c.apply("sin", c.pi * x) * c.apply("gamma", x)), positive=False
    ),
    "polygamma": Reflection("polygamma", "DLMF 5.5.4, 5.15.6", _psi_reflected, False, lambda n: n in (0, 1)),
}


def _wronskian_jy(c: Carrier, x: Value) -> Value:
    j, y = ([c.apply(name, Fraction(n), x) for n in (0, 1)] for name in ("besselj", "bessely"))
    return (j[1] * y[0] - j[0] * y[1]) * c.pi * x - 2


def _wronskian_ik(c: Carrier, x: Value) -> Value:
    i, k = ([c.apply(name, Fraction(n), x) for n in (0, 1)] for name in ("besseli", "besselk"))
    return (i[0] * k[1] + i[1] * k[0]) * x - 1


def _wronskian_airy(c: Carrier, x: Value) -> Value:
    ai, bi, slope_ai, slope_bi = (c.apply(name, x) for name in ("airyai", "airybi", "airyaiprime", "airybiprime"))
    return (ai * slope_bi - slope_ai * bi) * c.pi - 1


def _legendre(c: Carrier, m: Value) -> Value:
    k, e, k1, e1 = (c.apply(name, a) for a in (m, 1 - m) for name in ("elliptic_k", "elliptic_e"))
    return (e * k1 + e1 * k - k * k1) * 2 - c.pi


def _dilogarithms(c: Carrier, x: Value) -> Value:
    both = c.apply("polylog", Fraction(2), x) + c.apply("polylog", Fraction(2), 1 - x)
    return both - c.pi**2 / 6 + c.apply("log", x) * c.apply("log", 1 - x)


def _landen(c: Carrier, x: Value) -> Value:
    both = c.apply("polylog", Fraction(2), x) + c.apply("polylog", Fraction(2), x / (x - 1))
    return both + c.apply("log", 1 - x) ** 2 / 2


_J, _Y, _I, _K = (tuple((name, Fraction(n)) for n in (0, 1)) for name in ("besselj", "bessely", "besseli", "besselk"))
_DILOGARITHM = (("polylog", Fraction(2)),)

#: Relations between functions that occur together.
LINKS: tuple[Link, ...] = (
    Link("DLMF 10.5.2", _J, _Y, _wronskian_jy, lambda c, x: (x,)),
    Link("DLMF 10.28.2", _I, _K, _wronskian_ik, lambda c, x: (x,)),
    Link(
        "DLMF 9.2.7", (("airyai",), ("airyaiprime",)), (("airybi",), ("airybiprime",)), _wronskian_airy, domain="real"
    ),
    Link(
        "DLMF 19.7.1",
        (("elliptic_k",), ("elliptic_e",)),
        (("elliptic_k",), ("elliptic_e",)),
        _legendre,
        lambda c, m: (m, 1 - m),
        lambda m: 1 - m,
        "unit",
    ),
    Link("DLMF 25.12.6", _DILOGARITHM, _DILOGARITHM, _dilogarithms, lambda c, x: (x, 1 - x), lambda x: 1 - x, "unit"),
    Link(
        "DLMF 25.12.3", _DILOGARITHM, _DILOGARITHM, _landen, lambda c, x: (1 - x,), lambda x: x / (x - 1), "below 1"
    ),
)


def _odd(*orders: Fraction) -> int:
    return -1


def _by_order(n: Fraction) -> int:
    return 0 if n.denominator != 1 else -1 if n % 2 else 1


#: f_s(z**2) by f_s(z) and f_s(-z), for orders s >= 1. (DLMF 25.12.5; term by term of 25.12.10)
SQUARES: dict[str, Formula] = {
    "polylog": lambda c, s, z: (c.apply("polylog", s, z) + c.apply("polylog", s, -z)) * 2 ** (int(s) - 1)
}

#: f(-x) = sign f(x), with the sign by the orders; 0: no relation. (DLMF 7.4, 6.4, 7.17, 10.11.1, 10.34.1)
PARITIES: dict[str, Callable[..., int]] = {
    **dict.fromkeys(("erf", "erfi", "erfinv", "Si", "fresnels", "fresnelc"), _odd),
    "besselj": _by_order,
    "besseli": _by_order,
}

#: f(g(x)) = x wherever g(x) has a value. (DLMF 7.17.1)
INVERSES: dict[str, str] = {"erf": "erfinv", "erfinv": "erf"}
