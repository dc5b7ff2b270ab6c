"""Owns the domains: where a variable, or a scalar bound by ``for``, may take its values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, get_args

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.names import nearest
from derivcheck.lang.parse import parse_over
from derivcheck.source import Passage

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

#: Domains that a word names; the others are written with brackets.
_WORDS: dict[str, DomainKind] = {kind: kind for kind in get_args(DomainKind) if kind not in ("interval", "finite")}
_INFINITE = ("oo", "∞", "inf")


def parse_domain(passage: Passage) -> Domain:
    """Read a domain: ``real``, ``(0, oo)``, ``{-1, 1}``, ``positive definite``, …

    Raises:
        Refused: with every problem that can be told at once.
    """
    over = parse_over(passage)
    try:
        return read_domain(over)
    except Refused as refused:
        raise Refused(refused.problems, passage.source) from None


def read_domain(over: nodes.Over, also: Iterable[str] = ()) -> Domain:
    """What a domain that was written means; ``also`` are other words that would have been taken in its place.

    Raises:
        Refused: when it is none, or has no value in it.
    """
    match over:
        case nodes.Words(text=text):
            if text not in _WORDS:
                close = nearest(text, (*also, *_WORDS))
                hint = f"did you mean `{close}`?" if close else f"there are {', '.join(_WORDS)}, `(0, 1)`, `{{0, 1}}`"
                raise Refused([Problem("domain", f"there is no domain `{text}`", over.span, hint)])
            return Domain(_WORDS[text])
        case nodes.Interval():
            return _interval(over)
        case nodes.FiniteSet():
            return _finite(over)
        case _:
            hint = "a set of values is written `{0, 1}`"
            raise Refused([Problem("domain", "a number is no domain", over.span, hint)])


def _interval(over: nodes.Interval) -> Domain:
    low, high = _bound(over.low, -1), _bound(over.high, +1)
    for end, is_open, node in ((low, over.low_open, over.low), (high, over.high_open, over.high)):
        if end is None and not is_open:
            hint = "write a round bracket at an infinite end"
            raise Refused([Problem("domain", "infinity does not belong to an interval", node.span, hint)])
    if low is not None and high is not None:
        if low > high:
            message = f"this interval is reversed: {low} is more than {high}"
            raise Refused([Problem("domain", message, over.span, f"write `{_brackets(over, high, low)}`")])
        if low == high and (over.low_open or over.high_open):
            raise Refused([Problem("domain", "this interval has no value in it", over.span)])
    return Domain("interval", low, high, over.low_open, over.high_open)


def _brackets(over: nodes.Interval, low: Fraction, high: Fraction) -> str:
    return f"{'(' if over.low_open else '['}{low}, {high}{')' if over.high_open else ']'}"


def _bound(node: nodes.Node, infinite: int) -> Fraction | None:
    """An end of an interval; ``None`` for the infinity that may stand there (``infinite`` is its sign)."""
    sign, inner = 1, node
    while isinstance(inner, nodes.Unary) and inner.sign in ("+", "-"):
        sign, inner = (-sign if inner.sign == "-" else sign), inner.operand
    if isinstance(inner, nodes.Name) and inner.text in _INFINITE:
        if sign == infinite:
            return None
        word = "-oo" if sign < 0 else "oo"
        raise Refused([Problem("domain", f"`{word}` cannot be this end of an interval", node.span)])
    return _rational(node)


def _finite(over: nodes.FiniteSet) -> Domain:
    if not over.entries:
        raise Refused([Problem("domain", "this set has no value in it", over.span)])
    if len(over.entries) > limits.MAX_SIZE:
        raise Refused([Problem("limit", f"a set of more than {limits.MAX_SIZE} values", over.span)])
    values = [_rational(entry) for entry in over.entries]
    return Domain("finite", values=tuple(dict.fromkeys(values)))


def _rational(node: nodes.Node) -> Fraction:
    """A rational number: a literal, a quotient of two, with signs."""
    match node:
        case nodes.Number(value=value):
            return value
        case nodes.Unary(sign="-" | "+" as sign, operand=operand):
            return -_rational(operand) if sign == "-" else _rational(operand)
        case nodes.Chain(operands=(above, below), operators=(nodes.Operator(sign="/"),)):
            divisor = _rational(below)
            if divisor == 0:
                raise Refused([Problem("domain", "a division by zero", node.span)])
            return _rational(above) / divisor
        case _:
            hint = "write a literal: `0.5`, `-1`, `1/2`"
            raise Refused([Problem("domain", "a domain's values are rational numbers", node.span, hint)])
