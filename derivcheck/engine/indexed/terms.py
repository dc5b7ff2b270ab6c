"""Owns the terms of the every-size road: indices, atoms, monomials and sums, interned, with structural renaming.

A value is a sum: a dictionary from monomials to rational coefficients, never changed once it is made. A monomial is
a product of atoms with exponents, summed over its *bound* indices. An atom that has arguments (an exponential, a
power, a function) holds them as interned sums, so that equal atoms are the same object.

Bound indices have canonical names that depend on how deeply a monomial's atoms nest: those of an argument are of a
lesser level than those of the monomial around it, so that a renaming never captures. Orders are by digests of the
structure: they do not depend on the order in which things were made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from derivcheck.engine.work import Meter

#: ``(dimension, kind, number)``: ``=`` a literal position, ``@`` an index of the claim's entry, ``$`` a formal index
#: of a definition or fact, ``#`` a canonical bound index, ``%`` a temporary name, ``*`` and ``?`` marks for orders.
Index = tuple[str, str, int]
Renaming = Mapping[Index, Index]
Exponent = int | Fraction
Number = Any  # flint.fmpq
Factors = dict["Atom", Exponent]
Sum = dict["Monomial", Number]

#: Kinds of atoms whose two indices may be exchanged.
UNORDERED = frozenset({"delta", "symmetric", "symmetric inverse", "symmetric adjugate"})

#: Kinds of atoms that are positive whatever the point and the sizes: a product may always be divided by them.
UNITS = frozenset({"size", "prime", "constant"})

#: Bound indices of one monomial; there are never more in use.
_LEVEL = 64


class NotShown(Exception):
    """The every-size road does not take an expression, or does not get on (the message says why)."""


class Atom:
    """One factor: a ``kind``, a ``name``, ``indices``, argument sums, and the placeholders that it binds in them."""

    __slots__ = ("_pattern", "arguments", "binds", "digest", "free", "height", "indices", "kind", "name", "names")

    def __init__(
        self,
        kind: str,
        name: str,
        indices: tuple[Index, ...],
        arguments: tuple[Argument, ...],
        binds: tuple[Index, ...],
    ) -> None:
        self.kind = kind
        self.name = name
        self.indices = indices
        self.arguments = arguments
        self.binds = binds
        inner = [i for a in arguments for i in a.free if i not in binds]
        self.free: frozenset[Index] = frozenset((*indices, *inner))
        self.height: int = 1 + max(a.height for a in arguments) if arguments else 0
        own = frozenset({name}) if kind in ("entry", "symmetric") else frozenset()
        self.names: frozenset[str] = own.union(*(a.names for a in arguments))
        self.digest = _digest(repr((kind, name, indices, binds)).encode(), *(a.digest for a in arguments))
        self._pattern: bytes | None = None

    @property
    def pattern(self) -> bytes:
        """What it looks like but for the names of indices."""
        if self._pattern is None:
            dims = tuple(i[0] for i in self.indices)
            self._pattern = _digest(repr((self.kind, self.name, dims)).encode(), *(a.pattern for a in self.arguments))
        return self._pattern


class Monomial:
    """A product of atoms with exponents, in order, summed over its bound indices."""

    __slots__ = ("_pattern", "bound", "digest", "factors", "free", "height", "names")

    def __init__(self, factors: tuple[tuple[Atom, Exponent], ...], bound: tuple[Index, ...]) -> None:
        self.factors = factors
        self.bound = bound
        self.free: frozenset[Index] = frozenset(i for a, _ in factors for i in a.free if i not in bound)
        self.height: int = max((a.height for a, _ in factors), default=0)
        self.names: frozenset[str] = frozenset().union(*(a.names for a, _ in factors))
        powers = [(a.digest, str(e).encode()) for a, e in factors]
        self.digest = _digest(repr(bound).encode(), *(part for power in powers for part in power))
        self._pattern: bytes | None = None

    @property
    def pattern(self) -> bytes:
        """What it looks like but for the names of indices."""
        if self._pattern is None:
            patterns = sorted((a.pattern, str(e).encode()) for a, e in self.factors)
            dims = repr(tuple(i[0] for i in self.bound)).encode()
            self._pattern = _digest(dims, *(part for power in patterns for part in power))
        return self._pattern


class Argument:
    """An interned sum: the argument of an atom."""

    __slots__ = ("_lead", "_pattern", "digest", "free", "height", "names", "terms")

    def __init__(self, terms: Sum, digest: bytes) -> None:
        self.terms = terms
        self.digest = digest
        self.free: frozenset[Index] = frozenset(i for m in terms for i in m.free)
        self.height: int = max((m.height for m in terms), default=0)
        self.names: frozenset[str] = frozenset().union(*(m.names for m in terms))
        self._pattern: bytes | None = None
        self._lead: Monomial | None = None

    @property
    def pattern(self) -> bytes:
        """What it looks like but for the names of indices."""
        if self._pattern is None:
            patterns = sorted((m.pattern, str(c).encode()) for m, c in self.terms.items())
            self._pattern = _digest(*(part for term in patterns for part in term))
        return self._pattern

    @property
    def lead(self) -> Monomial | None:
        """Its leading term; a sum of nothing has none."""
        if self._lead is None:
            self._lead = leading(self.terms)
        return self._lead


def _digest(*parts: bytes) -> bytes:
    return blake2b(b"|".join(parts), digest_size=16).digest()


def leading(terms: Sum) -> Monomial | None:
    """The term by which a sum is known in products; it does not depend on the names of indices unless two terms
    differ in nothing else. Terms without sums come first, then those of a higher degree (so that taking up a leading
    term comes to an end); constants never lead unless alone."""
    if len(terms) <= 1:
        return next(iter(terms), None)
    return max(terms, key=lambda m: (bool(m.factors), not m.bound, _degree(m), m.pattern, m.digest))


def _degree(m: Monomial) -> Exponent:
    return sum(e for a, e in m.factors if a.kind not in UNITS)


class Store:
    """Interned atoms, monomials and sums, and their renamings. ``meter`` counts the work."""

    def __init__(self, meter: Meter) -> None:
        self.meter = meter
        self._atoms: dict[Any, Atom] = {}
        self._monomials: dict[Any, Monomial] = {}
        self._arguments: dict[bytes, Argument] = {}
        self._renamed: dict[Any, Atom] = {}
        self.unit = self.monomial((), ())

    def atom(
        self,
        kind: str,
        name: str = "",
        indices: tuple[Index, ...] = (),
        arguments: tuple[Argument, ...] = (),
        binds: tuple[Index, ...] = (),
    ) -> Atom:
        """The atom of these parts."""
        key = (kind, name, indices, arguments, binds)
        found = self._atoms.get(key)
        if found is None:
            self.meter.spend(8)
            found = self._atoms[key] = Atom(kind, name, indices, arguments, binds)
        return found

    def monomial(self, factors: tuple[tuple[Atom, Exponent], ...], bound: tuple[Index, ...]) -> Monomial:
        """The monomial of factors in order."""
        key = (factors, bound)
        found = self._monomials.get(key)
        if found is None:
            self.meter.spend(4)
            found = self._monomials[key] = Monomial(factors, bound)
        return found

    def argument(self, terms: Sum) -> Argument:
        """The interned sum of these terms."""
        self.meter.spend(len(terms))
        parts = sorted((m.digest, str(c).encode()) for m, c in terms.items())
        digest = _digest(*(part for pair in parts for part in pair))
        found = self._arguments.get(digest)
        if found is None:
            found = self._arguments[digest] = Argument(terms, digest)
        return found

    # -- structural renaming: injective, and so without any arithmetic ----------------------------------------------

    def rename_atom(self, atom: Atom, renaming: Renaming) -> Atom:
        """An atom with other free indices; the renaming must be injective on them."""
        if atom.free.isdisjoint(renaming):
            return atom
        pairs = tuple((i, renaming[i]) for i in atom.free if i in renaming and renaming[i] != i)
        if not pairs:
            return atom
        if len(pairs) > 1:
            pairs = tuple(sorted(pairs))
        key = (atom, pairs)
        found = self._renamed.get(key)
        if found is None:
            self.meter.spend(4)
            chosen = dict(pairs)
            indices = tuple(chosen.get(i, i) for i in atom.indices)
            if atom.kind in UNORDERED:
                indices = tuple(sorted(indices))
            arguments = tuple(self.argument(self.rename_terms(a.terms, chosen)) for a in atom.arguments)
            found = self._renamed[key] = self.atom(atom.kind, atom.name, indices, arguments, atom.binds)
        return found

    def rename_terms(self, terms: Sum, renaming: Renaming) -> Sum:
        """A sum with other free indices; the renaming must be injective on them."""
        out: Sum = {}
        for m, c in terms.items():
            renamed = self.rename_monomial(m, renaming)
            out[renamed] = c if renamed not in out else out[renamed] + c
        return {m: c for m, c in out.items() if c}

    def rename_monomial(self, m: Monomial, renaming: Renaming) -> Monomial:
        """A monomial with other free indices; bound ones keep their names."""
        if m.free.isdisjoint(renaming):
            return m
        factors = {self.rename_atom(a, renaming): e for a, e in m.factors}
        if len(m.bound) > 1:
            return self.canonical(factors, m.bound)
        return self.monomial(_ordered(factors), m.bound)

    def opened(self, m: Monomial, start: int) -> tuple[Factors, tuple[Index, ...]]:
        """A monomial's factors with temporary names for its bound indices, counted from ``start``."""
        if not m.bound:
            return dict(m.factors), ()
        names = {b: (b[0], "%", start + k) for k, b in enumerate(m.bound)}
        return {self.rename_atom(a, names): e for a, e in m.factors}, tuple(names.values())

    # -- canonical bound indices ------------------------------------------------------------------------------------

    def canonical(self, factors: Factors, bound: tuple[Index, ...]) -> Monomial:
        """The monomial of factors: bound indices are named by colour refinement, tied ones by trying all orders."""
        if not bound:
            return self.monomial(_ordered(factors), ())
        level = max(a.height for a in factors) * _LEVEL
        if len(bound) == 1:
            only = {bound[0]: (bound[0][0], "#", level)}
            return self.monomial(
                _ordered({self.rename_atom(a, only): e for a, e in factors.items()}), (only[bound[0]],)
            )
        if len(bound) >= _LEVEL:
            raise NotShown("a product with too many sums")
        named: Factors = {a: e for a, e in factors.items() if not any(b in a.free for b in bound)}
        names: list[Index] = []
        parts = [self._part(part, tuple(b for b in bound if any(b in a.free for a in part)), level)
                 for part in _connected(factors, bound)]  # fmt: skip
        for _, part, own in sorted(parts, key=lambda p: p[0]):
            moved = {b: (b[0], "#", b[2] + len(names)) for b in own}
            for a, e in part.items():
                renamed = self.rename_atom(a, moved)
                named[renamed] = named.get(renamed, 0) + e
            names.extend(moved.values())
        return self.monomial(_ordered(named), tuple(names))

    def _part(
        self, factors: Factors, bound: tuple[Index, ...], level: int
    ) -> tuple[bytes, Factors, tuple[Index, ...]]:
        """A connected part of a product with canonical names, and what it is ordered by."""
        best: tuple[bytes, Factors, tuple[Index, ...]] | None = None
        for order in self._orders(factors, bound):
            names = {b: (b[0], "#", level + k) for k, b in enumerate(order)}
            named = {self.rename_atom(a, names): e for a, e in factors.items()}
            key = b"".join(a.digest + str(e).encode() for a, e in _ordered(named))
            if best is None or key < best[0]:
                best = key, named, tuple(names.values())
        assert best is not None
        return best

    def parts(self, m: Monomial) -> list[tuple[Monomial, Exponent]]:
        """A monomial as a product: its atoms without bound indices, and its connected closed sums."""
        free = [(a, e) for a, e in m.factors if not any(b in a.free for b in m.bound)]
        found = [(self.monomial(((a, 1),), ()), e) for a, e in free]
        for part in _connected(dict(m.factors), m.bound):
            own = tuple(b for b in m.bound if any(b in a.free for a in part))
            names = {b: (b[0], "%", k) for k, b in enumerate(own, beyond(m.free))}
            opened = {self.rename_atom(a, names): e for a, e in part.items()}
            found.append((self.canonical(opened, tuple(names.values())), 1))
        return found

    def _orders(self, factors: Factors, bound: tuple[Index, ...]) -> list[list[Index]]:
        """The orders of bound indices between which refinement does not tell."""
        colours = self._refined(factors, bound)
        groups: dict[int, list[Index]] = {}
        for b in bound:
            groups.setdefault(colours[b], []).append(b)
        orders: list[list[Index]] = [[]]
        for colour in sorted(groups):
            ways = _permutations(groups[colour])
            if len(orders) * len(ways) > 1_000:
                raise NotShown("a product of too many sums that are alike")
            orders = [[*before, *way] for before in orders for way in ways]
        self.meter.spend(len(orders) * len(factors) * 4)
        return orders

    def _refined(self, factors: Factors, bound: tuple[Index, ...]) -> dict[Index, int]:
        """Colours of bound indices that tell apart what is structurally different."""
        if len({b[0] for b in bound}) == len(bound):  # dimensions tell them apart, by which marks are ordered first
            return {b: k for k, b in enumerate(sorted(bound))}
        colours = dict.fromkeys(bound, 0)
        seen = 0
        for _ in range(len(bound) + 1):
            marks = {b: self._mark(factors, b, colours) for b in bound}
            order = {mark: k for k, mark in enumerate(sorted(set(marks.values())))}
            colours = {b: order[marks[b]] for b in bound}
            if len(order) == seen or len(order) == len(bound):
                break
            seen = len(order)
        return colours

    def _mark(self, factors: Factors, index: Index, colours: Mapping[Index, int]) -> tuple[str, int, bytes]:
        names = {b: (b[0], "*", 0) if b == index else (b[0], "?", c) for b, c in colours.items()}
        parts = sorted(_mark_atom(self, a, names) + str(e).encode() for a, e in factors.items() if index in a.free)
        return index[0], colours[index], b"".join(parts)


def _connected(factors: Factors, bound: tuple[Index, ...]) -> list[Factors]:
    """The parts of a product that share bound indices, apart from what has none."""
    parts: list[tuple[set[Index], Factors]] = []
    for atom, e in factors.items():
        own = {b for b in bound if b in atom.free}
        if not own:
            continue
        joined: Factors = {atom: e}
        rest = []
        for indices, part in parts:
            if indices & own:
                own |= indices
                joined = {**part, **joined}
            else:
                rest.append((indices, part))
        parts = [*rest, (own, joined)]
    return [part for _, part in parts]


def _mark_atom(store: Store, atom: Atom, names: Renaming) -> bytes:
    """What an atom looks like when several indices have one name."""
    if not atom.arguments:
        indices = [names.get(i, i) for i in atom.indices]
        return repr((atom.kind, atom.name, sorted(indices) if atom.kind in UNORDERED else indices)).encode()
    inner = [
        sorted(_mark_term(store, m, names) + str(c).encode() for m, c in a.terms.items()) for a in atom.arguments
    ]
    store.meter.spend(4)
    outer = repr((atom.kind, atom.name, [names.get(i, i) for i in atom.indices])).encode()
    return outer + b"(" + b",".join(part for parts in inner for part in parts) + b")"


def _mark_term(store: Store, m: Monomial, names: Renaming) -> bytes:
    return b"".join(sorted(_mark_atom(store, a, names) + str(e).encode() for a, e in m.factors))


def _ordered(factors: Factors) -> tuple[tuple[Atom, Exponent], ...]:
    if len(factors) < 2:
        return tuple(factors.items())
    return tuple(sorted(factors.items(), key=_digest_of))


def _digest_of(factor: tuple[Atom, Exponent]) -> bytes:
    return factor[0].digest


def _permutations(items: list[Index]) -> list[list[Index]]:
    if len(items) > 6:
        raise NotShown("a product of too many sums that are alike")
    if len(items) <= 1:
        return [items]
    return [[x, *rest] for k, x in enumerate(items) for rest in _permutations(items[:k] + items[k + 1 :])]


def beyond(indices: Iterable[Index]) -> int:
    """A number from which temporary names are new."""
    return 1 + max((n for _, kind, n in indices if kind == "%"), default=-1)
