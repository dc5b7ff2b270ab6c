"""Owns the drawing of numbers and arrays from a domain, by a stream of random numbers; and what is in a domain."""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import Any, Literal

import numpy as np

from derivcheck.engine.arrays import filled
from derivcheck.engine.jets import Jet, rational
from derivcheck.lang.domains import Domain

#: The variety of a draw: short fractions, fine ones, many scales, special values, one landmark everywhere.
Stage = Literal["plain", "fine", "wide", "special", "landmark"]

#: One of these everywhere that its domain allows it makes the points of the ``landmark`` stage.
LANDMARKS = (Fraction(0), Fraction(1), Fraction(-1))

#: Numerators over 8 of a plain draw: no 0, no ±1; small, so that a network's units are not saturated.
_PLAIN = (2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 18)
SPECIAL = (*LANDMARKS, *(Fraction(n, d) for n, d in ((2, 1), (-2, 1), (1, 2), (-1, 2))))


#: How many draws are remembered: the claims of a run have names, domains and streams in common.
MOST_REMEMBERED = 2_000


@lru_cache(MOST_REMEMBERED)
def draw_array(
    domain: Domain, shape: tuple[int, ...], stage: Stage, stream: str, constants: tuple[Fraction, ...]
) -> Any:
    """An array of jets of that shape in a domain, the same whenever it is asked for, and so not to be written to;
    ``stream`` seeds the random numbers, ``constants`` are the numbers to try in a ``special`` draw."""
    rng = random.Random(stream)
    size = prod(shape)
    build = WHOLE.get(domain.kind)
    if build is not None:
        numbers = build(shape, stage, rng)
    else:
        numbers = [draw_number(domain, stage, rng, constants) for _ in range(size)]
    array = filled([Jet(rational(v)) for v in numbers], shape)
    array.setflags(write=False)
    return array


def draw_number(domain: Domain, stage: Stage, rng: random.Random, constants: tuple[Fraction, ...]) -> Fraction:
    """A number of a domain of numbers."""
    if domain.kind == "finite":
        return rng.choice(domain.values)
    if domain.kind == "integer":
        return Fraction(rng.choice((-3, -2, 2, 3, 4, 5, 7)) if stage != "special" else rng.randint(-3, 6))
    low, high = ends_of(domain)
    if stage == "special" and rng.random() < 0.6:
        candidates = [v for v in (*SPECIAL, *constants, low, high) if v is not None and contains(domain, v)]
        if candidates:
            return rng.choice(candidates)
    if low is not None and high is not None:
        parts = 16 if stage == "plain" else 1 << 16
        return low + (high - low) * Fraction(rng.randint(1, parts - 1), parts)
    number = _draw_size(stage, rng)
    if low is not None:
        return low + number
    if high is not None:
        return high - number
    return number * rng.choice((1, -1))


def _draw_size(stage: Stage, rng: random.Random) -> Fraction:
    """A positive number."""
    if stage in ("plain", "special", "landmark"):
        return Fraction(rng.choice(_PLAIN), 8)
    fine = Fraction(rng.randint(1, 1 << 17), 1 << 16)
    return fine * Fraction(2) ** rng.choice((-6, -2, 0, 0, 3, 6, 9, 12)) if stage == "wide" else fine


def ends_of(domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    """The ends of a domain of numbers; ``None`` for an infinite one."""
    if domain.kind in ("positive", "nonnegative"):
        return Fraction(0), domain.high
    return domain.low, domain.high


def contains(domain: Domain, value: Fraction) -> bool:
    """Whether a number is in a domain of numbers."""
    if domain.kind == "finite":
        return value in domain.values
    if domain.kind == "integer" and value.denominator != 1:
        return False
    low, high = ends_of(domain)
    low_open = domain.kind == "positive" or (domain.kind == "interval" and domain.low_open)
    if low is not None and (value < low or (low_open and value == low)):
        return False
    return not (high is not None and (value > high or (domain.high_open and value == high)))


def _weights(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    size = prod(shape)
    weights = [rng.randint(1, 9 if stage == "plain" else 1 << 12) for _ in range(size)]
    if stage == "special" and rng.random() < 0.5:
        return _one_hot(shape, stage, rng)
    return [Fraction(w, sum(weights)) for w in weights]


def _one_hot(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    size = prod(shape)
    hot = rng.randrange(size)
    return [Fraction(int(i == hot)) for i in range(size)]


def _square(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> np.ndarray:
    n = shape[0]
    return np.array(
        [[_draw_size(stage, rng) * rng.choice((1, -1)) for _ in range(n)] for _ in range(n)], dtype=object
    )


def _symmetric(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    return [a[min(i, j), max(i, j)] for i in range(shape[0]) for j in range(shape[0])]


def _invertible(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    # a diagonal that outweighs its row makes a matrix regular (Gershgorin); signs keep both orientations
    for i in range(shape[0]):
        a[i, i] = rng.choice((1, -1)) * (sum(abs(a[i, j]) for j in range(shape[0]) if j != i) + abs(a[i, i]))
    return list(a.ravel())


def _positive_definite(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, "plain" if stage == "wide" else stage, rng)
    product = a @ a.T
    return [product[i, j] + (i == j) for i in range(shape[0]) for j in range(shape[0])]


def _diagonal(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    return [a[i, j] if i == j else Fraction(0) for i in range(shape[0]) for j in range(shape[0])]


def _orthogonal(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    """Cayley's transform (I - S)(I + S)^-1 of a skew matrix, some rows negated: every one is rational."""
    n = shape[0]
    entries = {(i, j): Fraction(rng.choice((1, -1)) * rng.randint(1, 7), 4) for i in range(n) for j in range(i)}
    skew = [[entries.get((i, j), Fraction(0)) - entries.get((j, i), Fraction(0)) for j in range(n)] for i in range(n)]
    plus = [[skew[i][j] + (i == j) for j in range(n)] + [(i == j) - skew[i][j] for j in range(n)] for i in range(n)]
    for k in range(n):  # I + S is regular, and so are its leading minors: no pivoting
        plus[k] = [x / plus[k][k] for x in plus[k]]
        for i in range(n):
            if i != k:
                plus[i] = [x - plus[i][k] * y for x, y in zip(plus[i], plus[k], strict=True)]
    signs = [rng.choice((1, -1)) for _ in range(n)]
    return [plus[i][n + j] * signs[i] for i in range(n) for j in range(n)]


WHOLE: dict[str, Callable[[tuple[int, ...], Stage, random.Random], list[Fraction]]] = {
    "simplex": _weights,
    "one-hot": _one_hot,
    "symmetric": _symmetric,
    "invertible": _invertible,
    "positive definite": _positive_definite,
    "diagonal": _diagonal,
    "orthogonal": _orthogonal,
}
