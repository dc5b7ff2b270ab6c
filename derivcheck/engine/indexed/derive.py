"""Owns derivatives of index forms by an entry of an array, and substitution of an array's entries by index forms.

A derivative is taken by a *cut*: an array of its own name, free of every constraint, that stands for the variable or
defined name; afterwards the cut is replaced by what it stands for. So what is known of a variable (labels 0 or 1, a
symmetric matrix, rows that sum to 1) is used at the point only, never in the derivative.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from flint import fmpq

from derivcheck.engine.indexed.algebra import join, merged
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.terms import Atom, Index, NotShown, Sum, beyond

#: The derivative of an opaque function: (name, order, argument) to the derivative of that order.
OpaqueRule = Callable[[str, int, Sum], Sum]


class Differentiation:
    """The derivative by one entry of a cut array."""

    def __init__(self, calculus: Calculus, opaque: OpaqueRule) -> None:
        self._c = calculus
        self._opaque = opaque
        self._atoms: dict[tuple[Atom, str, tuple[Index, ...]], Sum] = {}

    def derivative(self, s: Sum, name: str, place: tuple[Index, ...]) -> Sum:
        """The derivative of a sum by the entry ``name[place]``."""
        c = self._c
        out: Sum = {}
        for m, k in s.items():
            if name not in m.names:
                continue
            factors, bound = c.store.opened(m, beyond((*m.free, *place)))
            for atom, e in factors.items():
                if name not in atom.names:
                    continue
                slope = self._atom(atom, name, place)
                if not slope:
                    continue
                rest = merged(factors, [(atom, -1)])
                scale = k * fmpq(e.numerator, e.denominator)
                for f, b, d in c.spread(rest, bound, scale, [slope]):
                    join(out, c.term(f, b, d))
        return out

    def _atom(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        key = (atom, name, place)
        found = self._atoms.get(key)
        if found is None:
            self._c.store.meter.spend(8)
            found = self._atoms[key] = self._slope(atom, name, place)
        return found

    def _slope(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        c = self._c
        match atom.kind:
            case "entry":
                return c.product(c.delta(i, j) for i, j in zip(atom.indices, place, strict=True))
            case "exp":
                return c.multiply(c.single(atom), self.derivative(atom.arguments[0].terms, name, place))
            case "power":
                return self.derivative(atom.arguments[0].terms, name, place)
            case "log":
                inner = atom.arguments[0].terms
                return c.multiply(c.power(inner, -1), self.derivative(inner, name, place))
            case "sign" | "zero":
                return {}
            case "guarded":
                return self._guarded(atom, name, place)
            case "function":
                return self._function(atom, name, place)
            case "inverse" | "symmetric inverse" | "determinant":
                return self._matrix(atom, name, place)
            case "product":
                return self._product(atom, name, place)
            case _:
                raise NotShown(f"the derivative of a {atom.kind}")

    def _guarded(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        c, inner = self._c, atom.arguments[0].terms
        kind, _, q = atom.name.partition(" ")
        slope = self.derivative(inner, name, place)
        if kind == "log":
            return c.multiply(c.power(inner, -1, guarded=True), slope)
        less = c.power(inner, Fraction(q) - 1, guarded=True)
        return c.multiply(c.scale(less, fmpq(Fraction(q).numerator, Fraction(q).denominator)), slope)

    def _function(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        c = self._c
        slopes = [self.derivative(a.terms, name, place) for a in atom.arguments]
        if atom.name.startswith("opaque "):
            _, function, order = atom.name.split(" ")
            return c.multiply(self._opaque(function, int(order) + 1, atom.arguments[0].terms), slopes[0])
        rule = _SLOPES.get(atom.name)
        if rule is None or len(slopes) > 1:
            raise NotShown(f"the derivative of {atom.name}")
        return c.multiply(rule(c, atom.arguments[0].terms), slopes[0])

    def _matrix(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        """``d inv = -inv dM inv`` and ``d det = trace(adjugate dM)``."""
        c = self._c
        start = beyond((*atom.free, *place))
        row, column = ((b[0], "%", start + k) for k, b in enumerate(atom.binds))
        body = c.store.rename_terms(atom.arguments[0].terms, dict(zip(atom.binds, (row, column), strict=True)))
        slope = self.derivative(body, name, place)
        if atom.kind == "determinant":
            opposite = c.adjugate(body, (row, column), column, row)
            return c.total(c.multiply(opposite, slope), [row, column])
        i, j = atom.indices
        left = c.store.atom(atom.kind, "", self._ordered(atom, i, row), atom.arguments, atom.binds)
        right = c.store.atom(atom.kind, "", self._ordered(atom, column, j), atom.arguments, atom.binds)
        around = c.multiply(c.single(left), c.single(right))
        return c.scale(c.total(c.multiply(around, slope), [row, column]), fmpq(-1))

    @staticmethod
    def _ordered(atom: Atom, i: Index, j: Index) -> tuple[Index, ...]:
        return tuple(sorted((i, j))) if atom.kind == "symmetric inverse" else (i, j)

    def _product(self, atom: Atom, name: str, place: tuple[Index, ...]) -> Sum:
        """The product rule, as the product times the sum of logarithmic derivatives: for positive factors alone."""
        c = self._c
        over = (atom.binds[0][0], "%", beyond((*atom.free, *place)))
        body = c.store.rename_terms(atom.arguments[0].terms, {atom.binds[0]: over})
        if not c.is_positive(body):
            raise NotShown("the derivative of a product whose factors may be 0")
        each = c.multiply(c.power(body, -1), self.derivative(body, name, place))
        return c.multiply(c.single(atom), c.total(each, [over]))

    # -- substitution -----------------------------------------------------------------------------------------------

    def substituted(self, s: Sum, name: str, value: Callable[[tuple[Index, ...]], Sum]) -> Sum:
        """A sum with ``value(indices)`` for every entry of an array."""
        c = self._c
        out: Sum = {}
        memo: dict[Atom, Sum] = {}

        def inside(inner: Sum) -> Sum:
            return put(inner)

        def put(inner: Sum) -> Sum:
            made: Sum = {}
            for m, k in inner.items():
                if name not in m.names:
                    join(made, {m: k})
                    continue
                factors, bound = c.store.opened(m, beyond(m.free))
                plain = {a: e for a, e in factors.items() if name not in a.names}
                sums = [powered(a, e) for a, e in factors.items() if name in a.names]
                for f, b, d in c.spread(plain, bound, k, sums):
                    join(made, c.term(f, b, d))
            return made

        def powered(atom: Atom, e: int | Fraction) -> Sum:
            if atom.name == name:
                return c.power(value(atom.indices), e)
            if atom.kind in ("exp", "power"):
                return c.rebuilt(atom, e, inside, {})
            if atom not in memo:
                memo[atom] = c.rebuilt(atom, 1, inside, {})
            return c.power(memo[atom], e)

        join(out, put(s))
        return out


def _over(c: Calculus, s: Sum) -> Sum:
    return c.power(s, -1)


def _one_minus_square(c: Calculus, s: Sum) -> Sum:
    return c.subtract(c.number(1), c.multiply(s, s))


def _gauss(c: Calculus, s: Sum, sign: int) -> Sum:
    """``2/sqrt(pi) * exp(sign * s**2)``."""
    scale = c.scale(c.power(c.constant("pi"), Fraction(-1, 2)), fmpq(2))
    return c.multiply(scale, c.exp(c.scale(c.multiply(s, s), fmpq(sign))))


#: Derivatives of the functions that are kept as atoms, for arguments inside of their domains.
_SLOPES: dict[str, Callable[[Calculus, Sum], Sum]] = {
    "sin": lambda c, s: c.function("cos", s),
    "cos": lambda c, s: c.scale(c.function("sin", s), fmpq(-1)),
    "asin": lambda c, s: c.power(_one_minus_square(c, s), Fraction(-1, 2)),
    "acos": lambda c, s: c.scale(c.power(_one_minus_square(c, s), Fraction(-1, 2)), fmpq(-1)),
    "atan": lambda c, s: _over(c, c.add(c.number(1), c.multiply(s, s))),
    "erf": lambda c, s: _gauss(c, s, -1),
    "erfi": lambda c, s: _gauss(c, s, 1),
    "lgamma": lambda c, s: c.function("polygamma", {}, s),
    "gamma": lambda c, s: c.multiply(c.function("gamma", s), c.function("polygamma", {}, s)),
    "Si": lambda c, s: c.multiply(c.function("sin", s), _over(c, s)),
}
