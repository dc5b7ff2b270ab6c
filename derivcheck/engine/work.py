"""Owns counted work: budgets that are the same on every machine, unlike the clock."""

from __future__ import annotations

from dataclasses import dataclass


class OverBudget(Exception):
    """The counted work of an evaluation went beyond its budget."""


@dataclass(slots=True)
class Meter:
    """Counts work in elementary operations and stops it."""

    budget: int
    spent: int = 0

    def spend(self, amount: int) -> None:
        """Add work; raises :class:`OverBudget` beyond the budget."""
        self.spent += amount
        if self.spent > self.budget:
            raise OverBudget
