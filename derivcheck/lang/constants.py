"""Owns the exact values of constant expressions, so far as they are rational, and the limits on their size."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction

from derivcheck.lang import limits
from derivcheck.lang.scope import refusal
from derivcheck.lang.typed import Arithmetic, Defined, Entries, Expr, Negate, Number, children, postorder

Values = dict[Expr, Fraction | None]

_EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def constant(root: Expr, definitions: Mapping[str, Expr], values: Values) -> Fraction | None:
    """The rational value of a scalar made of numbers and ``+ - * / **`` alone, or ``None``.

    ``values`` remembers what was found, by expression. Defined names are followed.

    Raises:
        Refused: when a value would have too many bits; it is told from sizes, and never computed.
    """
    if root not in values:

        def inside(expr: Expr) -> tuple[Expr, ...]:
            if expr in values or expr.shape:
                return ()
            return (definitions[expr.name],) if isinstance(expr, Defined) else children(expr)

        for expr in postorder(root, inside):
            if expr not in values:
                values[expr] = _value(expr, definitions, values)
    return values[root]


def _value(expr: Expr, definitions: Mapping[str, Expr], values: Values) -> Fraction | None:
    if expr.shape:
        return None
    match expr:
        case Number(value=value):
            return value
        case Defined(name=name):
            return values[definitions[name]]
        case Negate(operand=operand):
            below = values[operand]
            return None if below is None else -below
        case Arithmetic():
            return _arithmetic(expr, values)
        case _:
            return None


def _arithmetic(expr: Arithmetic, values: Values) -> Fraction | None:
    left, right = values[expr.left], values[expr.right]
    if expr.operator == "**":
        return _power(expr, left, right)
    if left is None or right is None or (expr.operator == "/" and right == 0):
        return None
    value = _EXACT[expr.operator](left, right)
    if limits.bits(value) > limits.MAX_BITS:
        raise _too_large(expr, limits.bits(value))
    return value


def _power(expr: Arithmetic, base: Fraction | None, exponent: Fraction | None) -> Fraction | None:
    if exponent is not None and abs(exponent) > limits.MAX_EXPONENT:
        message = f"this exponent is too large: {limits.MAX_EXPONENT} is the most"
        raise refusal("limit", message, expr.right.span)
    if base is None or exponent is None or exponent.denominator != 1 or (base == 0 and exponent < 0):
        return None
    predicted = limits.power_bits(base, exponent.numerator)
    if predicted > limits.MAX_BITS:
        raise _too_large(expr, predicted)
    return Fraction(base**exponent.numerator)


def check_exponent(exponent: Expr, definitions: Mapping[str, Expr], values: Values) -> None:
    """Refuse an array of exponents of which one is too large (a scalar one is seen by :func:`constant`)."""
    entries = exponent.entries if isinstance(exponent, Entries) else (exponent,)
    for entry in entries:
        value = constant(entry, definitions, values)
        if value is not None and abs(value) > limits.MAX_EXPONENT:
            raise refusal("limit", f"this exponent is too large: {limits.MAX_EXPONENT} is the most", entry.span)


def _too_large(expr: Expr, bits: int) -> Exception:
    message = f"this constant would have up to {bits} bits; {limits.MAX_BITS} are allowed"
    return refusal("limit", message, expr.span)
