"""Owns sums of long products in the tower: what is common to all of them is left out before they are multiplied out.

The gradient of a network of 16 layers is a product of a (1 - a) for every layer on both sides. Multiplied out, each
has 2**16 terms; factor by factor, the two are the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from derivcheck.engine.convert import Converter
from derivcheck.engine.lets import Let
from derivcheck.engine.ring import Poly, PolyKey, Ring
from derivcheck.engine.symbols import Sym

#: Factors of one product, from which on it is taken apart, and beyond which it is not; products of one sum.
FEWEST_FACTORS = 8
MOST_FACTORS = 512
MOST_PRODUCTS = 16


def element_of_sum(converter: Converter, e: Sym) -> Poly:
    """An element of which ``e`` is a multiple: where it is 0, so is ``e``.

    Raises:
        NotLowered, Undefined, Refine, Full, OverBudget: as in the conversion.
    """
    products = _products(e, converter.lets) if e.is_Add and len(e.args) <= MOST_PRODUCTS else None
    if products is None:
        return converter.tower.ring.reduce(converter.convert(e))
    return _Terms(converter, products).element()


def _products(e: Sym, lets: Mapping[Sym, Let]) -> list[Counter[Sym]] | None:
    """The factors of every term with how often they occur, if they are many but not too many."""
    products = []
    for term in e.args:
        factors: Counter[Sym] = Counter()
        for steps, factor in enumerate(_factors(term, lets)):
            if steps > MOST_FACTORS:
                return None
            factors[factor] += 1
        products.append(factors)
    return products if max(p.total() for p in products) >= FEWEST_FACTORS else None


def _factors(term: Sym, lets: Mapping[Sym, Let]) -> Iterator[Sym]:
    """The factors of a product, those of the let symbols in it included."""
    stack = [term]
    while stack:
        e = stack.pop()
        while e in lets:
            e = lets[e].expr
        if e.is_Mul:
            stack.extend(reversed(e.args))
        elif e.is_Pow and e.exp.is_Integer and 1 < e.exp <= MOST_FACTORS:
            stack.extend([e.base] * int(e.exp))
        else:
            yield e


class _Terms:
    """The terms of one sum as factors in the tower."""

    def __init__(self, converter: Converter, products: list[Counter[Sym]]) -> None:
        self._ring: Ring = converter.tower.ring
        self._polys: dict[PolyKey, Poly] = {}
        self._terms = [self._counted((converter.convert(f), n) for f, n in p.items()) for p in products]

    def element(self) -> Poly:
        """The sum without what all terms have in common."""
        self._cancel()
        self._terms = [self._apart(term) for term in self._terms]
        zero = self._ring.key(self._ring.zero)
        if all(zero in term for term in self._terms):
            return self._ring.zero
        self._cancel()
        total = self._ring.zero
        for term in self._terms:
            product = self._ring.one
            for key, n in term.items():
                product = self._ring.mul(product, self._ring.power(self._polys[key], n))
            total = total + product
        return self._ring.reduce(total)

    def _counted(self, factors: Iterator[tuple[Poly, int]]) -> Counter[PolyKey]:
        counted: Counter[PolyKey] = Counter()
        for poly, n in factors:
            key = self._ring.key(poly)
            self._polys[key] = poly
            counted[key] += n
        return counted

    def _cancel(self) -> None:
        common = self._terms[0]
        for term in self._terms[1:]:
            common = common & term
        self._terms = [term - common for term in self._terms]

    def _apart(self, term: Counter[PolyKey]) -> Counter[PolyKey]:
        """The irreducible factors of a product, after those have been multiplied to which a rule applies together:
        of exp(u) and 1/(1 + exp(u)) the product is 1 - 1/(1 + exp(u))."""
        ring, found = self._ring, []
        constant = ring.one
        for group in self._groups(list(term)):
            product = ring.one
            for key in group:
                product = ring.mul(product, ring.power(self._polys[key], term[key]))
            content, factors = ring.factor(product)
            constant = constant * content
            found += factors
        return self._counted(iter([*found, (constant, 1)]))

    def _groups(self, keys: list[PolyKey]) -> list[list[PolyKey]]:
        """The factors in groups, such that no rule applies to the product of two of different groups."""
        places = {key: frozenset(self._ring.places(self._polys[key])) for key in keys}
        groups = [([key], places[key]) for key in keys]
        for needs in self._ring.needs():
            touched = [g for g in groups if needs & g[1]]
            if len(touched) > 1 and needs <= frozenset().union(*(g[1] for g in touched)):
                groups = [g for g in groups if not needs & g[1]]
                groups.append(([k for g in touched for k in g[0]], frozenset().union(*(g[1] for g in touched))))
        return [g[0] for g in groups]
