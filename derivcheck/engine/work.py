"""Owns counted work: budgets that are the same on every machine, unlike the clock, and whatever was judged before."""

from __future__ import annotations


class OverBudget(Exception):
    """The counted work of an evaluation went beyond its budget."""


class Meter:
    """Counts work in elementary operations and stops it."""

    __slots__ = ("budget", "spent")

    def __init__(self, budget: int, spent: int = 0) -> None:
        self.budget = budget
        self.spent = spent

    def spend(self, amount: int) -> None:
        """Add work; raises :class:`OverBudget` beyond the budget."""
        self.spent += amount
        if self.spent > self.budget:
            raise OverBudget


class Cost:
    """What the making of one remembered result cost by itself (``own``), and the costs of what it was made from.

    ``paid_by`` is the last meter that has been charged with it, and so with all that it was made from.
    """

    __slots__ = ("own", "paid_by", "uses")

    def __init__(self, own: int = 0) -> None:
        self.own = own
        self.uses: list[Cost] = []
        self.paid_by: Meter | None = None


class Ledger:
    """Charges remembered results to every meter under which they are used: once each, whoever made them first.

    A result is remembered with its :class:`Cost`. A meter thus comes to the same sum whether a result was made under
    it or was there already, and a claim to the same verdict whichever claims came before it. For that everything
    that a result is made from must be remembered with a cost of its own, or be made anew every time.
    """

    __slots__ = ("_open", "meter")

    def __init__(self, meter: Meter) -> None:
        self.begin(meter)

    def begin(self, meter: Meter) -> None:
        """Charge this meter from here on. What was being made is given up."""
        self.meter = meter
        self._open = [Cost()]

    def spend(self, amount: int) -> None:
        """Add work to what is being made, and to the meter; raises :class:`OverBudget` beyond its budget."""
        self._open[-1].own += amount
        self.meter.spend(amount)

    def open(self) -> Cost:
        """Something that will be remembered is made from here on; :meth:`close` or :meth:`give_up` must follow."""
        cost = Cost()
        self._open.append(cost)
        return cost

    def close(self) -> None:
        """It is made."""
        cost = self._open.pop()
        cost.paid_by = self.meter
        self._open[-1].uses.append(cost)

    def give_up(self) -> None:
        """It cannot be made: its cost is that of what asked for it."""
        cost = self._open.pop()
        self._open[-1].own += cost.own
        self._open[-1].uses += cost.uses

    def use(self, cost: Cost) -> None:
        """Something that is remembered is used: the meter is charged with what it has not been charged with yet."""
        self._open[-1].uses.append(cost)
        if cost.paid_by is not self.meter:
            self.meter.spend(self._owed(cost))

    def _owed(self, cost: Cost) -> int:
        meter = self.meter
        cost.paid_by = meter
        owed, stack = 0, [cost]
        while stack:
            top = stack.pop()
            owed += top.own
            for used in top.uses:
                if used.paid_by is not meter:
                    used.paid_by = meter
                    stack.append(used)
        return owed
