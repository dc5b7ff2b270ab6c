"""Owns rational points of quadrics: numbers at which a polynomial of degree 2 in them is exactly 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isqrt
from typing import Any

from flint import fmpq

#: The value of the polynomial at some numbers, exact; ``None`` where it is not rational.
Gap = Callable[[Sequence[Any]], Any]

#: Coordinates along which a first point is looked for.
MOST_AXES = 6


def points_on(gap: Gap, near: Sequence[Any]) -> Iterator[list[Any]]:
    """Points at which ``gap`` is 0, if it is of degree 2: a first one on an axis, and those in which the lines from
    there, in directions made from the numbers of ``near``, meet the quadric again.

    Every point is checked, so that nothing need be known of ``gap``; where it is no such polynomial, none is found.
    """
    base = _on_an_axis(gap, len(near))
    if base is None:
        return
    for flipped in (None, len(near) - 1, 0):
        direction = [-x if i == flipped else x for i, x in enumerate(near)]
        ahead, behind = (gap(_along(base, direction, fmpq(s))) for s in (1, -1))
        if ahead is None or behind is None or ahead + behind == 0:
            continue
        point = _along(base, direction, (behind - ahead) / (ahead + behind))
        if gap(point) == 0:
            yield point
    yield base


def _along(base: Sequence[Any], direction: Sequence[Any], s: Any) -> list[Any]:
    return [b + s * d for b, d in zip(base, direction, strict=True)]


def _on_an_axis(gap: Gap, count: int) -> list[Any] | None:
    """A point with one coordinate that is not 0."""
    for axis in range(min(count, MOST_AXES)):
        direction = [fmpq(int(i == axis)) for i in range(count)]
        zero = [fmpq(0)] * count
        at = [gap(_along(zero, direction, fmpq(s))) for s in (0, 1, -1)]
        if any(value is None for value in at):
            continue
        a, b, c = (at[1] + at[2]) / 2 - at[0], (at[1] - at[2]) / 2, at[0]
        root = _root(b * b - 4 * a * c)
        if root is None or a == b == 0:
            continue
        point = _along(zero, direction, (root - b) / (2 * a) if a != 0 else -c / b)
        if gap(point) == 0:
            return point
    return None


def _root(square: Any) -> Any | None:
    """The square root of a rational number that is a square."""
    if square < 0:
        return None
    p, q = isqrt(int(square.p)), isqrt(int(square.q))
    return fmpq(p, q) if p * p == square.p and q * q == square.q else None
