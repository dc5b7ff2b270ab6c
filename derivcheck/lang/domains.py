"""Owns the domains: where a variable, or a scalar bound by ``for``, may take its values."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

DomainKind = Literal[
    "real", "positive", "nonnegative", "integer", "interval", "finite", "simplex", "one-hot",
    "symmetric", "invertible", "positive definite", "diagonal", "orthogonal",
]  # fmt: skip

#: Domains that are of the whole array; the others are of every entry.
WHOLE_ARRAY: frozenset[DomainKind] = frozenset(
    {"simplex", "one-hot", "symmetric", "invertible", "positive definite", "diagonal", "orthogonal"}
)


@dataclass(frozen=True, slots=True)
class Domain:
    """Where a variable lives. For an ``interval`` an end that is ``None`` is infinite; ``values`` is for
    ``finite`` alone, in the order written, without repetition."""

    kind: DomainKind = "real"
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = True
    high_open: bool = True
    values: tuple[Fraction, ...] = ()


REAL = Domain()
