"""Owns the short way to a proof: entries of both sides straight into a tower (``ways``).

No expression is made of a claim, and SymPy is asked for nothing but the derivatives of operations. What a claim needs
beyond that (branches that are not defined everywhere, conditions, points at which a denominator may be 0) is left to
the long way (``exact``), which is also asked where the difference is not 0 here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from contextlib import suppress
from itertools import islice, product
from math import prod
from typing import Any, Literal

from derivcheck.engine.compare import indices
from derivcheck.engine.duals import LongWay, Traced
from derivcheck.engine.lattice import Refine
from derivcheck.engine.lower import NotLowered
from derivcheck.engine.names import Names
from derivcheck.engine.ring import Full
from derivcheck.engine.signs import Undefined
from derivcheck.engine.spaces import Space
from derivcheck.engine.ways import ANY, Way, is_by_array, polynomial_arrays
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, Quantifier

#: Counted work, of points of few numbers and of others; attempts; entries that are looked at.
WORK = 60_000
LARGE_WORK = 300_000
FEW = 8
ATTEMPTS = 6
MOST_ENTRIES = 64

#: Generators beside those of functions and of variables.
ROOM = 8

#: How many grounds are kept for the claims that follow.
MOST_GROUNDS = 8

#: Where an equation was shown: wherever both sides have values, or off the kinks of what is differentiated.
Shown = Literal["everywhere", "off kinks"]


def _written_out(expr: Expr, definitions: Mapping[str, Expr]) -> Expr:
    """What a name stands for."""
    while isinstance(expr, typed.Defined):
        expr = definitions[expr.name]
    return expr


class Ground:
    """What derivatives of one number by entries of arrays have in common, whatever else is claimed of them: its
    operations, what holds where it has a value, and its derivatives by the entries of the arrays that are defined on
    the way, the last of these first. Proofs begin with one of these ``stages``, and go on in a tower of their own, so
    that none depends on any other.
    """

    def __init__(self, way: Way, of: Expr, definitions: Mapping[str, Expr], names: Names) -> None:
        """
        Raises:
            LongWay, Refine, Full, Undefined, NotLowered, OverBudget: as in the way.
        """
        self._of = of  # kept alive, since what is remembered of its parts goes by their identities
        self._root = way.at(of, (0,) * len(of.shape), ANY)
        self._stages = [way]
        self._entries: list[tuple[str, list[Traced]]] = []
        arrays = dict.fromkeys(e.name for e in names.reached(of) if isinstance(e, typed.Defined) and e.shape)
        for name in arrays:
            self._entries.append((name, way.recorded(definitions[name])))
        self._entries.sort(key=lambda entry: max((t.place for t in entry[1]), default=0), reverse=True)
        self._names = {name: names.named(definitions[name]) for name in arrays}

    def stage(self, variable: str) -> Way:
        """The stage for derivatives by entries of a variable."""
        last = max(
            (k for k, (name, _) in enumerate(self._entries, start=1) if variable in self._names[name]), default=0
        )
        while len(self._stages) <= last:
            before = self._stages[-1]
            meter = Meter(before.ring.meter.budget, before.ring.meter.spent)
            way = before.forked(meter, alone=True)
            for traced in self._entries[len(self._stages) - 1][1]:
                way.back(self._root, traced)
            self._stages.append(way)
        return self._stages[last]


class _Start:
    """Where the proofs of one link's entries begin."""

    def __init__(
        self,
        space: Space,
        of: typed.Derivative | None,
        room: int,
        meter: Meter,
        *,
        alone: bool,
        named: frozenset[str],
    ) -> None:
        self._space = space
        self._of = of
        self._named = named
        self._room = room
        self._meter = meter
        self._alone = alone
        self._denominators: dict[Any, int] = {}
        self._charged: set[Hashable] = set()

    def way(self) -> Way:
        """A way to begin with.

        Raises:
            Refine, Full, OverBudget: another has to be begun with.
        """
        of = self._of
        if of is not None:
            number = _written_out(of.of, self._space.derivation.definitions)
            where = tuple(self._space.sizes.items()), tuple(self._space.bound.items())
            key = (
                id(number),
                where,
                self._room,
                tuple(self._denominators.items()),
                self._meter.budget,
                bool(self._named),
            )
            ground = self._ground(number, key)
            if ground is not None:
                with suppress(LongWay, Undefined, NotLowered):
                    stage = ground.stage(of.target.name)
                    if key not in self._charged:
                        self._charged.add(key)
                        self._meter.spend(stage.ring.meter.spent)
                    return stage.forked(self._meter, alone=self._alone)
        return self._fresh(self._meter, alone=self._alone)

    def _ground(self, of: Expr, key: Hashable) -> Ground | None:
        known = self._space.session.grounds
        if key not in known:
            ground: Ground | None = None
            with suppress(LongWay, Undefined, NotLowered, OverBudget):
                way = self._fresh(Meter(self._meter.budget), alone=True)
                ground = Ground(way, of, self._space.derivation.definitions, self._space.session.names)
            if len(known) >= MOST_GROUNDS:
                known.clear()
            known[key] = ground
        return known[key]

    def _fresh(self, meter: Meter, *, alone: bool) -> Way:
        return Way(self._space, self._room, self._denominators, meter, alone=alone, named=self._named)

    def finer(self, refine: Refine) -> None:
        """Begin with a finer lattice."""
        known = self._denominators.get(refine.key, 1)
        self._denominators = {**self._denominators, refine.key: known * refine.factor}

    def larger(self) -> None:
        """Begin with more room for generators."""
        self._room *= 2


def proved(
    space: Space,
    left: Expr,
    right: Expr,
    quantifiers: Sequence[Quantifier],
    functions: Sequence[typed.Shape],
    *,
    work: int,
    last: bool,
) -> Shown | None:
    """Whether the short way shows that all entries of two sides (or the ``last``, where that is enough) are equal
    wherever both have values, and whether these leave out the kinks of what is differentiated; ``functions`` are the
    shapes of what needs generators, ``work`` is the most that may be spent. Where it does not, nothing is said."""
    cases = list(islice(indices(quantifiers, space), MOST_ENTRIES + 1))
    a, b = (space.shape(e.shape) for e in (left, right))
    shape = a if prod(a) >= prod(b) else b
    if not cases or len(cases) * prod(shape) > MOST_ENTRIES:
        return None
    places = list(product(*(range(n) for n in shape)))
    if last:
        cases, places = cases[-1:], places[-1:]
    entries = [(case, place) for case in cases for place in places]
    room = ROOM + 2 * sum(prod(space.shape(f)) for f in functions) + (space.entries if space.entries > 4 else 0)
    budget = min(work, WORK if space.entries <= FEW else LARGE_WORK)
    of = _differentiated(space, (left, right))
    named = frozenset[str]() if of is None else _kept_names(space, of.of)
    for kept in (named, frozenset[str]()) if named else (named,):
        more = sum(prod(space.shape(space.derivation.definitions[name].shape)) for name in kept)
        start = _Start(space, of, room + more, Meter(budget), alone=len(entries) == 1, named=kept)
        shown = _shown(start, entries, left, right)
        if shown is not None:
            return shown
    return None


def _differentiated(space: Space, sides: Sequence[Expr]) -> typed.Derivative | None:
    """The side that is a derivative by the entries of an array, if there is one and points are large."""
    names = space.session.names
    for e in sides if space.entries > FEW else ():
        if is_by_array(e, space.derivation) and not (names.derivatives(e.of) or names.keys(e.of)):
            return e
    return None


def _kept_names(space: Space, of: Expr) -> frozenset[str]:
    """The names on the way to a number that need not be written out to see what its derivatives are."""
    return polynomial_arrays(space.derivation) & space.session.names.named(of)


#: An entry of a claim: values of the quantified indices, and the place.
_Entry = tuple[tuple[tuple[Quantifier, int], ...], tuple[int, ...]]


def _shown(start: _Start, entries: Sequence[_Entry], left: Expr, right: Expr) -> Shown | None:
    """Whether these entries of both sides are equal, one after the other in as few towers as can be."""
    way: Way | None = None
    off = False
    for case, place in entries:
        for _ in range(ATTEMPTS):
            try:
                way = start.way() if way is None else way
                way.env.update((q.key, value) for q, value in case)
                if not way.zero(left, right, place):
                    return None
                break
            except Refine as refine:
                start.finer(refine)
            except Full:
                start.larger()
            except (LongWay, Undefined, NotLowered, OverBudget):
                return None
            way = None
        else:
            return None
        off = off or bool(way.off)
        if way.assumes:
            way = None  # where another entry has a value, these conditions need not hold
    return "off kinks" if off else "everywhere"
