"""Owns the rational multiples of pi: their cosines and sines, through angles of prime power denominator."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from flint import fmpq, fmpq_poly, fmpz

#: Denominators of which pi/n has a cosine and a sine by radicals that are used here. Others have generators.
BY_RADICALS = (1, 2, 3, 4, 5, 8)
#: Odd prime powers up to this have generators of their own, the root of a polynomial of half their totient.
LARGEST_ODD = 31


def pieces(turn: Any) -> Iterator[tuple[int, int]]:
    """Integers k and prime powers n (or 1) with turn = sum of k/n, the k of the prime powers in [0, n)."""
    whole = fmpq(turn)
    a, q = int(whole.p), int(whole.q)
    for prime, e in fmpz(q).factor():
        n = int(prime) ** int(e)
        k = a * pow(q // n, -1, n) % n
        whole -= fmpq(k, n)
        yield k, n
    yield int(whole.p) % 2, 1


def is_known(turn: Any) -> bool:
    """Whether the cosine and sine of turn*pi are had exactly."""
    return all(n in BY_RADICALS or (n % 2 and n <= LARGEST_ODD) for _, n in pieces(turn))


def cosine_polynomial(n: int) -> Any:
    """The minimal polynomial over Q of cos(pi/n) for an odd prime power n > 3.

    T_n(cos(pi/n)) = cos(pi) = -1; of the irreducible factors of T_n + 1 it is the one of half the totient's degree
    (the others belong to smaller divisors of n).
    """
    x = fmpq_poly([0, 1])
    before, now = fmpq_poly([1]), x
    for _ in range(n - 1):
        before, now = now, 2 * x * now - before
    degree = prod((int(p) - 1) * int(p) ** (int(e) - 1) for p, e in fmpz(n).factor()) // 2
    return next(f for f, _ in (now + 1).factor()[1] if f.degree() == degree)
