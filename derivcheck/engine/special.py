"""Owns the normal form of special functions in one tower: lowest orders and fewest arguments, by ``relations``.

Of the arguments that differ by integers, the first that is met is kept. What a row needs is either known of the
tower, or becomes a suspect: the claim is then also proved where it fails.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

from flint import fmpq

from derivcheck.engine.elements import Element, Elements
from derivcheck.engine.lattice import Refine
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
    Link,
    Rewrite,
)
from derivcheck.engine.ring import Generator, Poly
from derivcheck.engine.signs import Undefined
from derivcheck.engine.tower import Tower

#: Arguments and orders further apart than this are not related.
MOST_STEPS = 40
#: f(m a) is written out for m up to this.
MOST_MULTIPLE = 6

#: Functions whose first argument is an order: a literal number.
ORDERED = frozenset({"polygamma", "polylog", "expint", "besselj", "bessely", "besseli", "besselk"})

Argument = Any  # a Fraction for orders, a polynomial else


class Special:
    """Special functions over one tower."""

    def __init__(self, tower: Tower) -> None:
        self.tower = tower
        self.regular: list[Poly] = []
        self._carrier = Elements(tower, self._applied)
        self._known: dict[Any, Poly] = {}
        self._bases: dict[Any, list[tuple[Poly, Poly]]] = {}
        self._linked: set[Any] = set()

    # -- what is told ---------------------------------------------------------------------------------------------

    def assume_regular(self, a: Poly) -> None:
        """Take in that gamma has a value at ``a``: it is not 0, -1, -2, …

        Raises:
            Undefined: it is.
        """
        number = _number(a)
        if number is not None and number <= 0 and number.denominator == 1:
            raise Undefined("a pole of gamma")
        m = self._multiple(a)
        self.regular += [a] if m == 1 else [a / m + fmpq(k, m) for k in range(m)]

    def _off_zero(self, a: Poly) -> None:
        """Go on where ``a`` is not 0; where it may be, it becomes a suspect."""
        top, _ = self.tower.numerator(a)
        if top.is_zero():
            raise Undefined("a pole of a special function")
        for p, _ in self.tower.ring.factor(top)[1]:
            if self.tower.is_nonzero(p):
                continue
            if any(_whole(a - y, least=0) is not None for y in self.regular):
                self.tower.set_nonzero(p)
            else:
                self.tower.suspects[self.tower.ring.key(p)] = p

    def _is_positive(self, a: Poly) -> bool:
        return bool(self.tower.ring.reduce(self.tower.sign(a)) == 1)

    # -- functions --------------------------------------------------------------------------------------------------

    def apply(self, name: str, arguments: tuple[Poly, ...]) -> Poly:
        """A special function of elements, in normal form.

        Raises:
            Undefined: it has no value there.
        """
        if name in ORDERED:
            order = _number(arguments[0])
            if order is None:
                return self.tower.atom(name, arguments)
            arguments = (order, *arguments[1:])
        return self.tower.by_signs(lambda last: self._function(name, (*arguments[:-1], last)), arguments[-1])

    def _applied(self, name: str, arguments: tuple[Any, ...]) -> Poly:
        """For formulas: a function of orders and elements."""
        polys = tuple(a.poly if isinstance(a, Element) else a for a in arguments)
        if name not in ORDERED:
            polys = tuple(self._constant(a) if isinstance(a, Fraction) else a for a in polys)
        return self._function(name, polys)

    def _constant(self, value: Fraction) -> Poly:
        return self.tower.ring.constant(fmpq(value.numerator, value.denominator))

    def _function(self, name: str, arguments: tuple[Argument, ...]) -> Poly:
        key = name, *(a if isinstance(a, Fraction) else self.tower.ring.key(a) for a in arguments)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._made(name, arguments)
        return found

    def _made(self, name: str, arguments: tuple[Argument, ...]) -> Poly:
        last = arguments[-1]
        parity = PARITIES[name](*arguments[:-1]) if name in PARITIES else 0
        if parity and not last.is_zero() and last.leading_coefficient() < 0:
            return self._function(name, (*arguments[:-1], -last)) * parity
        undone = self._undone(name, last)
        if undone is not None:
            return undone
        root = self._square_root(last) if name in SQUARES and arguments[0] >= 1 else None
        if root is not None:
            return SQUARES[name](self._carrier, arguments[0], self._carrier.element(root)).poly
        for row in _ROWS.get(name, ()):
            found = self._rewritten(row, arguments)
            if found is not None:
                return found
        if name in SHIFTS:
            return self._of_family(name, arguments)
        return self._atom(name, arguments)

    def _undone(self, name: str, last: Poly) -> Poly | None:
        """x for f(g(x))."""
        g = self.tower.ring.generator_of(last)
        inverse = INVERSES.get(name)
        if inverse is not None and g is not None and g.kind == "atom" and g.name == inverse:
            return g.poly
        return self._undone_lambert(last) if name == "lambertw" else None

    def _undone_lambert(self, a: Poly) -> Poly | None:
        """y for W(y exp(y)), y > -1 (DLMF 4.13.1)."""
        if a.is_zero():
            return None
        for g in self.tower.ring.occurring(a, "exp"):
            degree = a.degrees()[g.place]
            y = g.poly * degree
            if a == y * g.raw**degree and self._is_positive(y + 1):
                return y
        return None

    def _square_root(self, a: Poly) -> Poly | None:
        """z with z**2 = a, for a polynomial that is no number."""
        if a.is_constant():
            return None
        content, factors = self.tower.ring.factor(a)
        parts = fmpq(content)
        root = fmpq(isqrt(abs(int(parts.p))), isqrt(int(parts.q)))
        if parts != root**2 or any(e % 2 for _, e in factors):
            return None
        z = self.tower.ring.constant(root)
        for p, e in factors:
            z = self.tower.ring.mul(z, p ** (e // 2))
        return z

    def _rewritten(self, row: Rewrite, arguments: tuple[Argument, ...]) -> Poly | None:
        numbers = tuple(a if isinstance(a, Fraction) else _number(a) for a in arguments)
        if not row.when(*numbers):
            return None
        values = tuple(
            self._value(a, number, i < row.literal)
            for i, (a, number) in enumerate(zip(arguments, numbers, strict=True))
        )
        if not all(self._is_positive(p.poly) for p in row.positive(self._carrier, *values)):
            return None
        for p in row.nonzero(self._carrier, *values):
            self._off_zero(p.poly)
        return row.right(self._carrier, *values).poly

    def _value(self, a: Argument, number: Fraction | None, literal: bool) -> Any:
        if literal:
            return number
        return self._carrier.number(a) if isinstance(a, Fraction) else self._carrier.element(a)

    # -- families: arguments that differ by integers ----------------------------------------------------------------

    def _of_family(self, name: str, arguments: tuple[Argument, ...]) -> Poly:
        place = SHIFTS[name].place
        a, others = arguments[place], tuple(x for i, x in enumerate(arguments) if i != place)
        family = name, *(x if isinstance(x, Fraction) else self.tower.ring.key(x) for x in others)
        at = _At(place, others)
        m = self._multiple(a) if name in MULTIPLES else 1
        if m > 1:
            values = at.values(self._carrier, a / m)
            return MULTIPLES[name].right(self._carrier, m, *values).poly
        number = _number(a)
        if number is not None:
            return self._at_number(name, family, at, number)
        for base, value in self._bases.get(family, []):
            if _whole(a - base) is not None:
                return self._shifted(name, at, base, value, a)
        for base, _ in self._bases.get(family, []):
            if _whole(a + base) is not None:
                reflected = self._reflected(name, at, base, a)
                if reflected is not None:
                    return reflected
        return self._base(name, family, at, a)

    def _base(self, name: str, family: Any, at: _At, a: Poly) -> Poly:
        value = self._atom(name, at.arguments(a))
        self._bases.setdefault(family, []).append((a, value))
        return value

    def _at_number(self, name: str, family: Any, at: _At, number: Fraction) -> Poly:
        """Of a number: by the value at the number of (0, 1] that differs by an integer."""
        part = number - (-(-number.numerator // number.denominator)) + 1
        if name != "uppergamma" and number <= 0 and number.denominator == 1:
            raise Undefined("a pole of a special function")
        base = self._constant(part)
        value = None
        for row in BASES:
            if row.function == name and value is None:
                value = self._rewritten(row, at.arguments(base))
        if value is None and part > Fraction(1, 2) and name in REFLECTIONS:
            value = self._reflected(name, at, self._constant(1 - part), base) if part != 1 else None
        if value is None:
            value = next((v for b, v in self._bases.get(family, []) if b == base), None)
        if value is None and part in (1, Fraction(1, 2)):
            value = self._function(name, at.arguments(base)) if number != part else None
        if value is None:
            value = self._base(name, family, at, base)
        return self._shifted(name, at, base, value, self._constant(number))

    def _shifted(self, name: str, at: _At, base: Poly, value: Poly, a: Poly) -> Poly:
        """The value at ``a`` from that at ``base``."""
        row, steps = SHIFTS[name], _whole(a - base)
        if steps is None or abs(steps) > MOST_STEPS:
            return self._atom(name, at.arguments(a))
        found = self._carrier.element(value)
        for k in range(steps) if steps > 0 else range(-1, steps - 1, -1):
            values = at.values(self._carrier, base + k)
            for p in row.nonzero(self._carrier, *values):
                self._off_zero(p.poly)
            slope, offset = row.slope(self._carrier, *values), row.offset(self._carrier, *values)
            found = found * slope + offset if steps > 0 else (found - offset) / slope
        return found.poly

    def _reflected(self, name: str, at: _At, base: Poly, a: Poly) -> Poly | None:
        """The value at ``a`` by that at ``base``, where their sum is an integer."""
        row = REFLECTIONS.get(name)
        if row is None or not row.when(*(x for x in at.others)):
            return None
        if row.positive and not (self._is_positive(base) and self._is_positive(1 - base)):
            return None
        between = None if row.positive else self._integers_between(base, a)
        if between is None and not row.positive:
            return None
        for p in between or ():
            self.tower.suspects[self.tower.ring.key(p)] = p
        sine = self.tower.cos_sin(self.tower.pi() * base)[1]
        for p, _ in self.tower.ring.factor(self.tower.numerator(sine)[0])[1]:
            self.tower.set_nonzero(p)
        value = row.right(self._carrier, *at.values(self._carrier, base)).poly
        return self._shifted(name, at, 1 - base, value, a)

    def _integers_between(self, base: Poly, a: Poly) -> list[Poly] | None:
        """base - k for the integers k that ``base`` may be where gamma has values at ``a`` and at one more argument
        that differs from ``base`` by an integer; ``None`` if it is not known to have them."""
        if base.is_constant():
            return []
        total = _whole(a + base)
        steps = [s for s in (_whole(y - base) for y in self.regular) if s is not None]
        other = [s for s in (_whole(y - a) for y in self.regular) if s is not None]
        if total is None or not steps or not other:
            return None
        # base + s is no integer <= 0, nor is a + t = total - base + t
        least, most = 1 - min(steps), total + min(other) - 1
        if most - least > MOST_STEPS:
            return None
        return [base - k for k in range(least, most + 1)]

    def _multiple(self, a: Poly) -> int:
        """The greatest m of which ``a`` is the m-fold of an argument in use, up to a number; 1 if there is none."""
        terms = self.tower.ring.sparse(a)
        terms.pop((), None)
        if not terms:
            return 1
        rest = self.tower.ring.dense(terms)
        content = self.tower.ring.content(rest)
        key = ("argument", self.tower.ring.key(rest / content))
        parts = self.tower.denominators.get(key, 1)
        scaled = content * parts
        if scaled.q != 1:
            raise Refine(key, int(scaled.q))
        m = abs(int(scaled.p))
        return m if m <= MOST_MULTIPLE else 1

    # -- atoms and what links them ----------------------------------------------------------------------------------

    def _atom(self, name: str, arguments: tuple[Argument, ...]) -> Poly:
        polys = tuple(self._constant(a) if isinstance(a, Fraction) else a for a in arguments)
        raw = self.tower.atom(name, polys)
        g = self.tower.ring.generator_of(raw)
        assert g is not None
        if g.poly is None:
            g.poly = polys[-1]
            _BOUNDS.get(name, _no_bounds)(self, g)
            if name == "lambertw":
                self._tell_lambert(g)
            for link in LINKS:
                self._link(link, name, arguments)
        return raw

    def _tell_lambert(self, g: Generator) -> None:
        """W exp(W) = a, and log W = log a - W where a > 0 (DLMF 4.13.1)."""
        ring = self.tower.ring
        side = ring.reduce(self.tower.sign(1 + ring.mul(self.tower.exp(ring.one), g.poly)))
        if ring.reduce(side * side) != side:
            return  # it may stand in a branch that is not taken, and have no value
        if self._is_positive(g.poly):
            relation = self.tower.log(g.raw) + g.raw - self.tower.log(g.poly)
            if not ring.reduce(relation).is_zero():
                ring.add_rule(relation)
        relation = ring.mul(self.tower.exp(g.raw), g.raw) - g.poly
        if not relation.is_zero():
            ring.add_rule(relation)

    def _link(self, link: Link, name: str, arguments: tuple[Argument, ...]) -> None:
        """Take in a relation as soon as a function of each of its sides occurs."""
        mine, at = (name, *arguments[:-1]), self._carrier.element(arguments[-1])
        for own, other, mirrored in ((link.here, link.there, False), (link.there, link.here, True)):
            if mine not in own:
                continue
            if not all(self._is_positive(p.poly) for p in link.positive(self._carrier, at)):
                return
            partner = link.partner(at)
            if not any(self._occurs(f, partner.poly) for f in other):
                continue
            x = partner if mirrored else at
            key = id(link), frozenset((self.tower.ring.key(at.poly), self.tower.ring.key(partner.poly)))
            if key in self._linked:
                return
            self._linked.add(key)
            relation = self.tower.ring.reduce(link.relation(self._carrier, x).poly)
            if not relation.is_zero():
                self.tower.ring.add_rule(relation)

    def _occurs(self, function: tuple[Any, ...], a: Poly) -> bool:
        orders = tuple(self.tower.ring.key(self._constant(n)) for n in function[1:])
        return ("atom", function[0], *orders, self.tower.ring.key(a)) in self.tower.by_key


class _At:
    """Arguments with one place open."""

    def __init__(self, place: int, others: tuple[Argument, ...]) -> None:
        self.place = place
        self.others = others

    def arguments(self, a: Poly) -> tuple[Argument, ...]:
        """All arguments."""
        return (*self.others[: self.place], a, *self.others[self.place :])

    def values(self, carrier: Elements, a: Poly) -> tuple[Any, ...]:
        """All arguments as values of the carrier; orders are numbers."""
        return tuple(x if isinstance(x, Fraction) else carrier.element(x) for x in self.arguments(a))


def _number(a: Poly) -> Fraction | None:
    if not a.is_constant():
        return None
    c = fmpq(a.leading_coefficient()) if not a.is_zero() else fmpq(0)
    return Fraction(int(c.p), int(c.q))


def _whole(a: Poly, least: int | None = None) -> int | None:
    """The integer that ``a`` is."""
    number = _number(a)
    if number is None or number.denominator != 1 or (least is not None and number < least):
        return None
    return int(number)


def _no_bounds(special: Special, g: Generator) -> None:
    return


def _positive_like_argument(special: Special, g: Generator) -> None:
    if special._is_positive(g.poly):
        g.low, g.strict_low = fmpq(0), True


def _positive(special: Special, g: Generator) -> None:
    g.low, g.strict_low = fmpq(0), True


def _of_gamma(special: Special, g: Generator) -> None:
    special.tower.nonzero.add(special.tower.ring.key(g.raw))  # 1/gamma is entire
    _positive_like_argument(special, g)


def _of_erf(special: Special, g: Generator) -> None:
    g.low, g.high, g.strict_low, g.strict_high = fmpq(-1), fmpq(1), True, True
    _positive_like_argument(special, g)


def _of_lambert(special: Special, g: Generator) -> None:
    tower = special.tower
    end = 1 + tower.ring.mul(tower.exp(tower.ring.one), g.poly)
    g.low, g.strict_low = fmpq(-1), special._is_positive(end)
    _positive_like_argument(special, g)


#: Bounds of values. (K_n, uppergamma > 0; gamma, Ei… by the sign of the argument; DLMF 5, 7, 8, 10.37, 19.2)
_BOUNDS: dict[str, Callable[[Special, Generator], None]] = {
    "gamma": _of_gamma,
    "erf": _of_erf,
    "erfi": _positive_like_argument,
    "erfinv": _positive_like_argument,
    "uppergamma": _positive,
    "besselk": _positive,
    "elliptic_k": _positive,
    "elliptic_e": _positive,
    "lambertw": _of_lambert,
}

_ROWS: dict[str, list[Rewrite]] = {}
for _row in REWRITES:
    _ROWS.setdefault(_row.function, []).append(_row)
