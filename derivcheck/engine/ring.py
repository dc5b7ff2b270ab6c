"""Owns the polynomials of the exact road: generators over Q with rewriting rules, on python-flint's ``fmpq_mpoly``.

Lexicographic order with the newest generator largest, so that every rule removes the newer in favour of the older.
All generators live in one flint context of fixed size; one that is full is replaced by a larger one by starting
again (:class:`Full`). Flint's polynomials are unhashable: :meth:`Ring.key` makes a hashable form of one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import compress, count
from math import gcd, lcm
from typing import Any, Literal

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derivcheck.engine.work import Meter, OverBudget

Poly = Any  # flint.fmpq_mpoly
#: ``((place, exponent), …)``, places rising.
Monomial = tuple[tuple[int, int], ...]
PolyKey = str

Kind = Literal["leaf", "constant", "exp", "log", "root", "sign", "parity", "inverse", "cos", "sin", "atom"]

#: Beyond these a polynomial is not multiplied, or not factored: the claim stays undecided.
LARGEST_PRODUCT = 400_000
LARGEST_POLYNOMIAL = 20_000
LARGEST_FACTORED = 2_000


#: Generators of a context in which all exponents may be looked at.
SMALL = 16


class Full(Exception):
    """The context has no room for another generator."""


@dataclass(slots=True, eq=False)
class Generator:
    """A generator: its place in the context, what it stands for, and bounds of its value.

    ``poly`` is the argument (of exp, log, root, sign), the exponent (of a parity, -1 to that) or the denominator (of
    an inverse); ``degree`` the root's.
    ``low`` and ``high`` bound the value (``None``: infinite); ``strict``: a finite bound is not attained. ``whole``:
    the value is an integer.
    """

    place: int
    kind: Kind
    poly: Poly
    raw: Poly
    degree: int = 1
    low: Any = None
    high: Any = None
    strict_low: bool = False
    strict_high: bool = False
    name: Any = None
    whole: bool = False

    def copy(self) -> Generator:
        """The same generator, of which more may become known."""
        return Generator(
            self.place,
            self.kind,
            self.poly,
            self.raw,
            self.degree,
            self.low,
            self.high,
            self.strict_low,
            self.strict_high,
            self.name,
            self.whole,
        )


@lru_cache(256)
def _context(room: int) -> tuple[Any, tuple[Poly, ...]]:
    """A flint context of so many generators, and these."""
    context = fmpq_mpoly_ctx.get([f"g{i}" for i in range(room)], Ordering.lex)
    return context, context.gens()


class Ring:
    """Polynomials in generators, reduced by rules."""

    def __init__(self, room: int, meter: Meter) -> None:
        self.room = room
        self.meter = meter
        self.context, self._raw = _context(room)
        self._places = range(room)
        self._contexts: dict[tuple[int, ...], Any] = {}
        self.one: Poly = self.context.constant(1)
        self.zero: Poly = self.context.constant(0)
        self.generators: list[Generator] = []
        self.by_place: dict[int, Generator] = {}
        self._order: list[int] = []
        self._rules: dict[int, list[tuple[tuple[tuple[int, int], ...], Poly]]] = {}
        self._squares: list[tuple[tuple[Poly, ...], Poly, int]] = []

    def forked(self, meter: Meter) -> Ring:
        """The same generators and rules, apart: its polynomials are of this ring, too."""
        other = Ring(self.room, meter)
        other._contexts = self._contexts
        other.generators = [g.copy() for g in self.generators]
        other.by_place = {g.place: g for g in other.generators}
        other._order = list(self._order)
        other._rules = {place: list(rules) for place, rules in self._rules.items()}
        other._squares = list(self._squares)
        return other

    # -- generators and rules -------------------------------------------------------------------------------------

    def new(self, kind: Kind, poly: Poly = None, **details: Any) -> Generator:
        """A new generator, larger than all before it.

        Raises:
            Full: the context is full.
        """
        place = self.room - 1 - len(self.generators)
        if place < 0:
            raise Full
        generator = Generator(place, kind, poly, self._raw[place], **details)
        self.generators.append(generator)
        self.by_place[place] = generator
        self.meter.spend(4)
        return generator

    def add_rule(self, relation: Poly) -> None:
        """From now on ``relation`` is 0: its leading monomial is rewritten by the rest."""
        leading = relation.monomial(0)
        needs = tuple((i, e) for i, e in enumerate(leading) if e)
        place = min(i for i, _ in needs)
        if place not in self._rules:
            self._rules[place] = []
            self._order.append(place)
        self._rules[place].append((needs, relation))

    def add_square(self, factors: tuple[Poly, ...], root: Poly, sign: int) -> None:
        """From now on these factors together are told as sign root**2, which is what the rules make of their product:
        (c - 1)(c + 1) is -s**2 for a cosine and a sine, 2 s c + 1 is (s + c)**2."""
        self._squares.append((factors, root, sign))

    def needs(self) -> Iterator[frozenset[int]]:
        """The places of the generators that each rule needs in one monomial to apply."""
        for rules in self._rules.values():
            for needs, _ in rules:
                yield frozenset(i for i, _ in needs)

    def relations(self) -> Iterator[Poly]:
        """What the rules make 0."""
        for rules in self._rules.values():
            for _, relation in rules:
                yield relation

    def reduce(self, a: Poly) -> Poly:
        """``a`` with the rules applied until none applies.

        Raises:
            OverBudget: the polynomial or the work grows too large.
        """
        if not self._rules or not len(a):
            return a
        for _ in range(64):
            before, rest = a, self._order
            while rest:
                degrees = a.degrees()
                # most places have degree 0
                for step in compress(count(), map(degrees.__getitem__, rest)):
                    b = self._reduced_at(rest[step], a, degrees)
                    if b is not a:
                        a, rest = b, rest[step + 1 :]
                        break
                else:
                    break
                if not len(a):
                    return a
            if a is before:
                return a
        raise OverBudget

    def _reduced_at(self, place: int, a: Poly, degrees: tuple[int, ...]) -> Poly:
        """``a`` with the rules at one place applied, one after the other; itself if none applies."""
        for needs, relation in self._rules[place]:
            for i, e in needs:
                if degrees[i] < e:
                    break
            else:
                if len(a) > LARGEST_POLYNOMIAL:
                    raise OverBudget
                self.meter.spend(len(a))
                b = a % relation
                if b != a:
                    a, degrees = b, b.degrees()
        return a

    # -- arithmetic -----------------------------------------------------------------------------------------------

    def constant(self, value: Any) -> Poly:
        """A rational number."""
        return self.one * value

    def mul(self, a: Poly, b: Poly) -> Poly:
        """The product, reduced."""
        work = len(a) * len(b)
        if work > LARGEST_PRODUCT:
            raise OverBudget
        self.meter.spend(work)
        return self.reduce(a * b) if self._rules else a * b

    def charge(self, a: Poly, b: Poly) -> None:
        """Account for a product before it is made."""
        work = len(a) * len(b)
        if work > LARGEST_PRODUCT:
            raise OverBudget
        self.meter.spend(work)

    def power(self, a: Poly, n: int) -> Poly:
        """``a**n`` for n >= 0, reduced."""
        result = self.one
        while n:
            if n & 1:
                result = self.mul(result, a)
            n >>= 1
            if n:
                a = self.mul(a, a)
        return result

    def factor(self, a: Poly) -> tuple[Any, list[tuple[Poly, int]]]:
        """A rational times powers of irreducible primitive polynomials with positive leading coefficient."""
        if a.is_constant():
            return (a.leading_coefficient() if not a.is_zero() else fmpq(0)), []
        if len(a) == 1:
            return a.leading_coefficient(), [(self._raw[i], e) for i, e in self.monomial(a)]
        if len(a) > LARGEST_FACTORED:
            raise OverBudget
        self.meter.spend(16 * len(a))
        if a.total_degree() == 1:
            content = self.content(a)
            return content, [(a / content, 1)]
        used = tuple(compress(self._places, a.degrees()))
        small = a.project_to_context(self._context_of(used), mapping={i: k for k, i in enumerate(used)})
        content, factors = small.factor()
        content = fmpq(content)
        found = []
        for factor, exponent in factors:
            p = factor.project_to_context(self.context, mapping=dict(enumerate(used)))
            unit = self.content(p)
            content *= unit ** int(exponent)
            found.append((p / unit, int(exponent)))
        return self._with_squares(content, found) if self._squares else (content, found)

    def _with_squares(self, content: Any, factors: list[tuple[Poly, int]]) -> tuple[Any, list[tuple[Poly, int]]]:
        for parts, root, sign in self._squares:
            n = min(next((e for f, e in factors if f == part), 0) for part in parts)
            if n:
                content *= sign**n
                once = sum(e for f, e in factors if f == root)
                rest = [(f, e - n if f in parts else e) for f, e in factors if f != root]
                factors = [(f, e) for f, e in rest if e] + [(root, once + 2 * n)]
        return content, factors

    def content(self, a: Poly) -> Any:
        """The rational by which ``a`` must be divided to become primitive with positive leading coefficient."""
        numerator, denominator = 0, 1
        for c in a.coeffs():
            q = fmpq(c)
            numerator, denominator = gcd(numerator, int(q.p)), lcm(denominator, int(q.q))
        sign = -1 if a.leading_coefficient() < 0 else 1
        return fmpq(sign * numerator, denominator)

    def _context_of(self, places: tuple[int, ...]) -> Any:
        """A context of only some generators: flint slows down with unused ones."""
        found = self._contexts.get(places)
        if found is None:
            found = self._contexts[places] = fmpq_mpoly_ctx.get([f"g{i}" for i in places], Ordering.lex)
        return found

    # -- looking at polynomials -------------------------------------------------------------------------------------

    def generator_of(self, a: Poly) -> Generator | None:
        """The generator that ``a`` is, if it is one."""
        if len(a) == 1 and a.total_degree() == 1 and a.leading_coefficient() == 1:
            return self.by_place[a.degrees().index(1)]
        return None

    def occurring(self, a: Poly, kind: Kind) -> list[Generator]:
        """The generators of a kind that occur in ``a``, oldest first."""
        degrees = a.degrees()
        return [g for g in self.generators if g.kind == kind and degrees[g.place] > 0]

    def made_of(self, a: Poly) -> list[Generator]:
        """All generators that occur in ``a``, largest first."""
        return [self.by_place[i] for i, e in enumerate(a.degrees()) if e > 0]

    def by_powers(self, a: Poly, generator: Generator) -> dict[int, Poly]:
        """The coefficients of ``a`` by the powers of a generator."""
        parts: dict[int, dict[Monomial, Any]] = {}
        for monomial, c in self.sparse(a).items():
            power = sum(e for i, e in monomial if i == generator.place)
            rest = tuple((i, e) for i, e in monomial if i != generator.place)
            parts.setdefault(power, {})[rest] = c
        return {power: self.dense(terms) for power, terms in parts.items()}

    def sparse(self, a: Poly) -> dict[tuple[tuple[int, int], ...], Any]:
        """The terms: monomials as ``((place, exponent), …)`` with their coefficients."""
        if len(a) <= 1:
            return {self.monomial(a): a.leading_coefficient()} if len(a) else {}
        if self.room <= SMALL:
            return {tuple((i, e) for i, e in enumerate(m) if e): c for m, c in a.to_dict().items()}
        used = tuple(compress(self._places, a.degrees()))
        # flint tells exponents one by one: in a context of the generators that occur they are few
        terms = a.project_to_context(self._context_of(used), mapping={i: k for k, i in enumerate(used)})
        return {
            tuple(zip(compress(used, monomial), filter(None, monomial), strict=True)): c
            for monomial, c in terms.to_dict().items()
        }

    def monomial(self, a: Poly) -> Monomial:
        """The monomial of a polynomial with one term."""
        exponents = a.degrees()
        return tuple(zip(compress(self._places, exponents), filter(None, exponents), strict=True))

    def dense(self, terms: dict[tuple[tuple[int, int], ...], Any]) -> Poly:
        """The polynomial of sparse terms."""
        total = self.zero
        for monomial, c in terms.items():
            term = self.constant(c)
            for place, exponent in monomial:
                term *= self._raw[place] ** exponent
            total += term
        return total

    def key(self, a: Poly) -> PolyKey:
        """A hashable form, the same for equal polynomials: flint's text, which is quicker than to ask for terms."""
        return str(a)

    def places(self, a: Poly) -> Iterator[int]:
        """The places of the generators that occur in ``a``."""
        return compress(self._places, a.degrees())

    def substitute(self, a: Poly, generator: Generator, value: Any) -> Poly:
        """``a`` with a generator replaced by a rational, reduced."""
        return self.reduce(a.subs({f"g{generator.place}": value}))

    def minimum(self, a: Poly) -> tuple[Any, bool] | None:
        """A lower bound of the value of ``a`` and whether it is strict, from the bounds of its generators."""
        total, strict = fmpq(0), False
        for monomial, c in self.sparse(a).items():
            bound = self._term_minimum(monomial, c)
            if bound is None:
                return None
            total, strict = total + bound[0], strict or bound[1]
        return total, strict

    def _term_minimum(self, monomial: tuple[tuple[int, int], ...], c: Any) -> tuple[Any, bool] | None:
        if len(monomial) == 1 and monomial[0][1] == 1:
            g = self.by_place[monomial[0][0]]
            bound, strict = (g.low, g.strict_low) if c > 0 else (g.high, g.strict_high)
            return None if bound is None else (bound * c, strict)
        low, high, above_zero, strict_low, strict_high = fmpq(1), fmpq(1), True, False, False
        for place, e in monomial:
            g = self.by_place[place]
            if g.low is None or g.low < 0:
                if e % 2:
                    return None
                low, above_zero = fmpq(0), False
                size = None if g.low is None or g.high is None else max(-g.low, g.high, fmpq(0))
                high = None if high is None or size is None else high * size**e
                continue
            low, strict_low = low * g.low**e, strict_low or g.strict_low
            above_zero = above_zero and (g.low > 0 or g.strict_low)
            high = None if high is None or g.high is None else high * g.high**e
            strict_high = strict_high or g.strict_high
        if c > 0:
            return low * c, strict_low if low > 0 else above_zero
        return None if high is None else (high * c, strict_high and high > 0)
