"""Owns derivatives back along a tape: of one number by many, for the short way to a proof (``shortly``).

Operations on what moves are recorded (:class:`Traced`) and not done. Going back over the record from what is
differentiated, every number gets the derivative by it, of the operations by SymPy; only the values that these need
are made. Going forward from what is differentiated by, the arguments of kinks get theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from derivcheck.engine.duals import Duals, Number, Traced
from derivcheck.engine.operations import MINUS, PLUS, TIMES
from derivcheck.engine.ring import Poly
from derivcheck.engine.work import Meter

#: Operations whose argument has a kink where it is 0.
_KINKED = (("abs",), ("sign",))


class Tape:
    """What a number was made from, by whom it was used, and where its kinks are."""

    def __init__(self, root: Traced) -> None:
        self.root = root
        self.users: dict[Traced, list[tuple[Traced, int]]] = {root: []}
        kinks: dict[Traced, None] = {}
        stack = [root]
        while stack:
            user = stack.pop()
            for i, made_from in enumerate(user.arguments):
                if type(made_from) is not Traced:
                    continue
                if made_from not in self.users:
                    self.users[made_from] = []
                    stack.append(made_from)
                self.users[made_from].append((user, i))
                if user.operation in _KINKED:
                    kinks[made_from] = None
        self.kinks = sorted(kinks, key=_place)

    def made_with(self, leaf: Traced) -> set[Traced]:
        """All that a number went into, with itself."""
        return set(self._closure(leaf, ()))

    def until(self, leaf: Traced, known: Iterable[Traced]) -> list[Traced]:
        """All that a number went into, up to what is known, the last to be made first."""
        return sorted(self._closure(leaf, known), key=_place, reverse=True)

    def _closure(self, leaf: Traced, known: Iterable[Traced]) -> Iterator[Traced]:
        seen = {*known}
        stack = [leaf] if leaf in self.users and leaf not in seen else []
        seen.update(stack)
        while stack:
            top = stack.pop()
            yield top
            for user, _ in self.users[top]:
                if user not in seen:
                    seen.add(user)
                    stack.append(user)


def _place(traced: Traced) -> int:
    return traced.place


class Tapes(Duals):
    """Numbers in one tower, with their tapes."""

    def __init__(self, *details: Any, **named: Any) -> None:
        super().__init__(*details, **named)
        self._tapes: dict[Traced, Tape] = {}
        self._back: dict[Traced, dict[Traced, Number]] = {}

    def forked(self, meter: Meter, *, alone: bool) -> Any:
        """The same numbers in a tower of their own."""
        other = super().forked(meter, alone=alone)
        other._tapes = dict(self._tapes)
        other._back = {root: dict(slopes) for root, slopes in self._back.items()}
        return other

    def tape(self, root: Traced) -> Tape:
        """The tape of a number."""
        found = self._tapes.get(root)
        if found is None:
            found = self._tapes[root] = Tape(root)
            self._back[root] = {root: self.ring.one}
        return found

    def back(self, root: Number, leaf: Traced) -> Number:
        """The derivative of a number by one that it is made from."""
        if type(root) is not Traced:
            return self.ring.zero
        tape, slopes = self.tape(root), self._back
        known = slopes[root]
        for top in tape.until(leaf, known):
            known[top] = self.total(self._passed(user, i, known[user]) for user, i in tape.users[top])
        return known.get(leaf, self.ring.zero)

    def moving_kinks(self, root: Number, leaf: Traced) -> list[tuple[Poly, Poly]]:
        """The arguments of kinks that move with a number, with their derivatives by it."""
        if type(root) is not Traced:
            return []
        tape = self.tape(root)
        moving = tape.made_with(leaf) if tape.kinks else set()
        kinks = [kink for kink in tape.kinks if kink in moving]
        slopes: dict[Traced, Number] = {leaf: self.ring.one}
        return [(self.value_of(kink), self._forth(kink, moving, slopes)) for kink in kinks]

    def _forth(self, root: Traced, moving: set[Traced], known: dict[Traced, Number]) -> Number:
        """The derivative of a number by the one of which ``known`` tells the derivatives."""
        stack = [root]
        while stack:
            top = stack[-1]
            if top in known:
                stack.pop()
                continue
            inner = [(i, a) for i, a in enumerate(top.arguments) if type(a) is Traced and a in moving]
            waiting = [a for _, a in inner if a not in known]
            if waiting:
                stack.extend(waiting)
                continue
            known[top] = self.total(self._passed(top, i, known[a]) for i, a in inner)
        return known[root]

    def _passed(self, user: Traced, i: int, slope: Number) -> Number:
        """A derivative times that of an operation by its i-th argument."""
        if user.operation == PLUS:
            return slope
        if user.operation == MINUS:
            return self.negative(slope)
        return self.apply(TIMES, self._partial(user.operation, user.arguments, 1, i), slope)
