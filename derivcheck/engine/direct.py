"""Owns a second meaning of the functions that the table defines by a formula: their values by FLINT's own functions.

The formula of a function is shared by all roads, so that a slip in one of the table would be a slip everywhere. Here
every value that a formula gave at a point is compared with one that does not know the formula.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flint import arb

from derivcheck.engine import jets
from derivcheck.engine.jets import Hole, Jet
from derivcheck.errors import EngineFault

Ball = Any  # arb; python-flint has no type stubs


def agree(name: str, arguments: tuple[Jet, ...], found: Jet) -> None:
    """Compare the value of a defined function with FLINT's.

    Raises:
        EngineFault: the two enclosures do not meet.
    """
    direct = DIRECT.get(name)
    if direct is None or isinstance(found.value, Hole) or any(isinstance(a.value, Hole) for a in arguments):
        return
    value = direct(*(jets.ball(a.value) for a in arguments))
    if value.is_finite() and not value.overlaps(jets.ball(found.value)):
        raise EngineFault(f"the formula of {name} does not give the value of {name}")


def _cbrt(x: Ball) -> Ball:
    return x.root(3) if x >= 0 else -((-x).root(3)) if x < 0 else arb.nan()


def _below(x: Ball, positive: Ball, negative: Ball) -> Ball:
    """A function with another branch for x <= 0."""
    return positive if x > 0 else negative if x <= 0 else arb.nan()


def _least(first: Ball, *rest: Ball) -> Ball:
    for x in rest:
        first = first.min(x)
    return first


def _greatest(first: Ball, *rest: Ball) -> Ball:
    for x in rest:
        first = first.max(x)
    return first


def _sigmoid(x: Ball) -> Ball:
    return ((x / 2).tanh() + 1) / 2


#: By the name of the function, of balls.
DIRECT: dict[str, Callable[..., Ball]] = {
    "log2": lambda x: x.log() / arb.const_log2(),
    "log10": lambda x: x.log() / arb.const_log10(),
    "log1p": lambda x: x.log1p(),
    "expm1": lambda x: x.expm1(),
    "cbrt": _cbrt,
    "min": _least,
    "max": _greatest,
    "clip": lambda x, low, high: x.max(low).min(high),
    "sigmoid": _sigmoid,
    "logit": lambda x: 2 * (2 * x - 1).atanh(),
    "relu": lambda x: x.max(arb(0)),
    "leaky_relu": lambda x, *slope: _below(x, x, slope[0] * x if slope else x / 100),
    "elu": lambda x, alpha=1: _below(x, x, alpha * x.expm1()),
    "softplus": lambda x: x.exp().log1p(),
    "silu": lambda x: x * _sigmoid(x),
    "gelu": lambda x: x * (-x / arb(2).sqrt()).erfc() / 2,
    "tan": lambda x: x.tan(),
    "sec": lambda x: x.sec(),
    "csc": lambda x: x.csc(),
    "cot": lambda x: x.cot(),
    "asec": lambda x: (1 / x).acos(),
    "acsc": lambda x: (1 / x).asin(),
    "acot": lambda x: (1 / x).atan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "sech": lambda x: x.sech(),
    "csch": lambda x: x.csch(),
    "coth": lambda x: x.coth(),
    "asinh": lambda x: x.asinh(),
    "acosh": lambda x: x.acosh(),
    "atanh": lambda x: x.atanh(),
    "asech": lambda x: (1 / x).acosh(),
    "acsch": lambda x: (1 / x).asinh(),
    "acoth": lambda x: (1 / x).atanh(),
    "erfc": lambda x: x.erfc(),
    "digamma": lambda x: x.digamma(),
    "beta": lambda a, b: a.gamma() * b.gamma() * (a + b).rgamma(),
}
