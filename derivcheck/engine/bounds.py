"""Owns rational bounds of roots, exponentials and logarithms of numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb, ctx, fmpq, fmpz

#: Roots of numbers are known to one part in this.
FINENESS = 1 << 64

#: The precision of exponentials and logarithms.
BITS = 64

#: Exponentials of larger numbers are not bounded.
LARGEST_EXPONENT = 64


def root_bound(value: Any, degree: int, *, up: bool, strict: bool) -> tuple[Any, bool]:
    """A rational below (or ``up``: above) the root of a positive number, and whether it is not the root itself."""
    top, bottom = (int(fmpz(v).root(degree)) for v in (value.p, value.q))
    if top**degree == value.p and bottom**degree == value.q:
        return fmpq(top, bottom), strict
    root = int(fmpz(int(value.p) * FINENESS**degree // int(value.q)).root(degree))
    return fmpq(root + 1 if up else root, FINENESS), True


def log_bound(value: Any, *, up: bool, strict: bool) -> tuple[Any, bool]:
    """As ``root_bound``, of the logarithm of a positive number, which is no rational but at 1."""
    return (fmpq(0), strict) if value == 1 else (_enclosed(arb.log, value, up=up), True)


def exp_bound(value: Any, *, up: bool, strict: bool) -> tuple[Any, bool] | None:
    """As ``root_bound``, of the exponential of a number, which is no rational but at 0; ``None``: too large."""
    if abs(value) > LARGEST_EXPONENT:
        return None
    return (fmpq(1), strict) if value == 0 else (_enclosed(arb.exp, value, up=up), True)


def _enclosed(function: Callable[[Any], Any], value: Any, *, up: bool) -> Any:
    with ctx.workprec(BITS):
        ball = function(arb(fmpq(value)))
        return (ball.upper() if up else ball.lower()).fmpq()
