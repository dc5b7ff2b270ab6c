"""The table of relations against balls: every row at many points, with every order; a wrong row would be seen."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from flint import arb, ctx, fmpq

from derivcheck.engine import balls
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.relations import (
    BASES,
    INVERSES,
    LINKS,
    MULTIPLES,
    PARITIES,
    REFLECTIONS,
    REWRITES,
    SHIFTS,
    SQUARES,
    Rewrite,
)
from derivcheck.engine.special import ORDERED

POINTS = {
    "positive": ("1/7", "2/3", "1", "3/2", "5/2", "17/3", "11"),
    "real": ("-7/3", "-1", "-1/5", "0", "1/7", "2/3", "1", "5/2"),
    "unit": ("1/50", "1/7", "1/3", "1/2", "5/8", "19/20"),
    "below 1": ("-9", "-7/3", "-1", "-1/5", "1/7", "1/2", "9/10"),
}
TINY = arb(2) ** -60


class Undefined(Exception):
    """A function has no value there."""


class Ball:
    """A ball with the arithmetic of values."""

    def __init__(self, value: Any) -> None:
        self.arb = value

    @staticmethod
    def of(value: Any) -> Any:
        return value.arb if isinstance(value, Ball) else arb(fmpq(value.numerator, value.denominator))

    def __add__(self, other: Any) -> Ball:
        return Ball(self.arb + Ball.of(other))

    def __sub__(self, other: Any) -> Ball:
        return Ball(self.arb - Ball.of(other))

    def __mul__(self, other: Any) -> Ball:
        return Ball(self.arb * Ball.of(other))

    def __truediv__(self, other: Any) -> Ball:
        return Ball(self.arb / Ball.of(other))

    def __pow__(self, n: int) -> Ball:
        return Ball(self.arb**n)

    def __neg__(self) -> Ball:
        return Ball(-self.arb)

    def __rsub__(self, other: Any) -> Ball:
        return -self + other

    def __rtruediv__(self, other: Any) -> Ball:
        return Ball(Ball.of(other) / self.arb)

    __radd__, __rmul__ = __add__, __mul__


class Carrier:
    """The functions of the language in balls."""

    pi = property(lambda self: Ball(arb.pi()))
    euler = property(lambda self: Ball(arb.const_euler()))

    def number(self, value: Fraction) -> Ball:
        return Ball(Ball.of(value))

    def apply(self, name: str, *arguments: Any) -> Ball:
        jets = tuple(
            Jet(fmpq(a.numerator, a.denominator)) if isinstance(a, Fraction) else Jet(Ball.of(a)) for a in arguments
        )
        if name.endswith("prime"):
            found = balls.apply_derivative(name.removesuffix("prime"), 1, jets, 1)
        else:
            found = balls.apply(name, jets)
        if isinstance(found.value, Hole):
            raise Undefined
        return Ball(arb(found.value))


C = Carrier()


@pytest.fixture(autouse=True)
def precision() -> Any:
    before, ctx.prec = ctx.prec, 192
    yield
    ctx.prec = before


def points(domain: str) -> list[Fraction]:
    return [Fraction(text) for text in POINTS[domain]]


def agree(left: Any, right: Any) -> bool:
    difference = left.arb - right.arb
    return bool(difference.contains(0)) and bool(difference.rad() < TINY * (1 + abs(left.arb)))


def samples(row: Rewrite) -> list[tuple[Fraction, ...]]:
    """Arguments at which a row applies, orders first."""
    orders = [Fraction(n) for n in row.orders]
    if row.function == "zeta":
        return [(n,) for n in orders]
    last = [*points(row.domain), Fraction(0), Fraction(1, 2)]
    two = row.function in ORDERED or row.function in ("lowergamma", "uppergamma")
    found = [(n, x) for n in orders or points("positive") for x in last] if two else [(x,) for x in last]
    return [arguments for arguments in found if row.when(*arguments)]


@pytest.mark.parametrize("row", [*REWRITES, *BASES], ids=lambda row: f"{row.function}-{row.source}")
def test_rewrites(row: Rewrite) -> None:
    tried = 0
    for arguments in samples(row):
        asked = tuple(a if row.function in ORDERED and i == 0 else C.number(a) for i, a in enumerate(arguments))
        try:
            left = C.apply(row.function, *asked)
        except Undefined:
            continue
        values = tuple(a if i < row.literal else C.number(a) for i, a in enumerate(arguments))
        if all(p.arb > 0 for p in row.positive(C, *values)) and all(p.arb != 0 for p in row.nonzero(C, *values)):
            tried += 1
            assert agree(left, row.right(C, *values)), arguments
    assert tried


FAMILIES = [
    ("gamma", ()),
    *(("polygamma", (Fraction(n),)) for n in range(5)),
    *(("uppergamma", (x,)) for x in points("positive")),
]


def family(name: str, others: tuple[Any, ...], a: Any) -> tuple[Any, ...]:
    """The arguments with ``a`` at the place that is shifted."""
    others = tuple(o if name == "polygamma" else C.number(o) for o in others)
    place = SHIFTS[name].place
    return (*others[:place], a, *others[place:])


def places(name: str) -> list[Fraction]:
    negative = [Fraction("-1/3"), Fraction("-5/2")] if name == "gamma" else []
    return [*points("positive"), *negative]


@pytest.mark.parametrize(("name", "others"), FAMILIES, ids=str)
def test_shifts(name: str, others: tuple[Any, ...]) -> None:
    row = SHIFTS[name]
    for a in places(name):
        here, above = family(name, others, C.number(a)), family(name, others, C.number(a + 1))
        step = C.apply(name, *here) * row.slope(C, *here) + row.offset(C, *here)
        assert agree(C.apply(name, *above), step), a


@pytest.mark.parametrize(("name", "others"), [f for f in FAMILIES if f[0] in MULTIPLES], ids=str)
@pytest.mark.parametrize("m", [2, 3, 4, 5])
def test_multiples(name: str, others: tuple[Any, ...], m: int) -> None:
    for a in places(name):
        if name == "gamma" and a < 0 and (a * m).denominator == 1:
            continue
        many = C.apply(name, *family(name, others, C.number(a * m)))
        assert agree(many, MULTIPLES[name].right(C, m, *family(name, others, C.number(a)))), a


@pytest.mark.parametrize(("name", "others"), [f for f in FAMILIES if f[0] in REFLECTIONS], ids=str)
def test_reflections(name: str, others: tuple[Any, ...]) -> None:
    row = REFLECTIONS[name]
    if not row.when(*others):
        assert others[0] > 1
        return
    inside = points("unit") if row.positive else [Fraction(t) for t in ("-7/3", "-1/2", "1/5", "9/4")]
    for a in inside:
        mirrored = C.apply(name, *family(name, others, C.number(1 - a)))
        assert agree(mirrored, row.right(C, *family(name, others, C.number(a)))), a


@pytest.mark.parametrize("link", LINKS, ids=lambda link: link.source)
def test_links(link: Any) -> None:
    tried = 0
    for a in points(link.domain):
        x = C.number(a)
        if all(p.arb > 0 for p in link.positive(C, x)):
            tried += 1
            assert agree(link.relation(C, x), C.number(Fraction(0))), a
            assert agree(link.partner(link.partner(x)), x)
    assert tried > 4


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("name", SQUARES)
def test_squares(name: str, order: int) -> None:
    for a in points("unit"):
        z = C.number(a)
        assert agree(C.apply(name, Fraction(order), z * z), SQUARES[name](C, Fraction(order), z))


@pytest.mark.parametrize("name", PARITIES)
def test_parities(name: str) -> None:
    for order in range(-3, 6):
        before = (Fraction(order),) if name in ORDERED else ()
        for a in (Fraction(1, 7), Fraction(2, 3), Fraction(9, 10)):
            sign = PARITIES[name](*before)
            assert sign
            assert agree(C.apply(name, *before, C.number(-a)), C.apply(name, *before, C.number(a)) * sign)
    assert PARITIES["besselj"](Fraction(1, 2)) == 0


@pytest.mark.parametrize(("outer", "inner"), INVERSES.items())
def test_inverses(outer: str, inner: str) -> None:
    for a in (Fraction(-2, 3), Fraction(0), Fraction(1, 7), Fraction(9, 10)):
        assert agree(C.apply(outer, C.apply(inner, C.number(a))), C.number(a))


def test_every_row_has_a_source() -> None:
    rows = [*REWRITES, *BASES, *SHIFTS.values(), *MULTIPLES.values(), *REFLECTIONS.values(), *LINKS]
    assert all(row.source.startswith("DLMF ") or row.source == "definition" for row in rows)
