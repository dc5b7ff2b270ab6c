"""Owns the exact cosines and sines of the fractions of pi that are square roots of rationals."""

from __future__ import annotations

from typing import Any

from flint import fmpq


def turn_key(turn: Any) -> tuple[int, int]:
    """The numerator and denominator of a rational multiple of pi, brought into [0, 2)."""
    half = fmpq(turn) / 2
    t = 2 * (half - half.p // half.q)
    return int(t.p), int(t.q)


def _exact_turns() -> dict[tuple[int, int], tuple[tuple[Any, int], tuple[Any, int]]]:
    """(cos, sin) of t pi for the t below 2 where both are p sqrt(n): multiples of 1/6 and 1/4."""
    half = fmpq(1, 2)
    first = {
        (0, 1): ((fmpq(1), 1), (fmpq(0), 1)),
        (1, 6): ((half, 3), (half, 1)),
        (1, 4): ((half, 2), (half, 2)),
        (1, 3): ((half, 1), (half, 3)),
    }
    table: dict[tuple[int, int], tuple[tuple[Any, int], tuple[Any, int]]] = {}
    for (p, q), (cos, sin) in first.items():
        pair = cos, sin
        for quarter in range(4):
            turn = fmpq(p, q) + fmpq(quarter, 2)
            table[int(turn.p), int(turn.q)] = pair
            pair = (-pair[1][0], pair[1][1]), pair[0]
    return table


#: (cos, sin) of t pi as p sqrt(n), by the key of t.
EXACT_TURNS = _exact_turns()
