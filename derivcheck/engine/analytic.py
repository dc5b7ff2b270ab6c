"""Owns which claims are analytic by the way they are written: two sides of such a claim that agree around one point
agree on the whole domain, so that nothing can be hidden beyond a hinge, at a number or at an edge."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Any

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation, Variable

#: Functions that are analytic on all real numbers, and those of them that are positive everywhere.
_POSITIVE = frozenset({"exp", "sigmoid", "softplus", "cosh", "sech"})
_ENTIRE = _POSITIVE | {"sin", "cos", "atan", "sinh", "tanh", "asinh", "erf", "expm1", "silu"}

#: Functions whose values are below 1 everywhere.
_BELOW_ONE = frozenset({"sigmoid", "tanh"})

#: Functions that are analytic on the positive numbers.
_ON_POSITIVE = frozenset({"log", "sqrt"})


class _Form(IntEnum):
    """What the way that an expression is written tells of its value on the whole domain: whether it is analytic
    there, and its sign."""

    NOT_ANALYTIC = 0
    ANALYTIC = 1
    NONNEGATIVE = 2
    POSITIVE = 3


def is_analytic(derivation: Derivation, *sides: Expr) -> bool:
    """Whether expressions are defined and analytic for all values of the variables in their domains (intervals, so
    that the whole domain is connected), as the way that they are written shows."""
    forms: dict[int, _Form] = {}
    stack: list[tuple[Expr, tuple[Expr, ...] | None]] = [(side, None) for side in sides]
    while stack:
        e, inside = stack.pop()
        if inside is None:
            if id(e) in forms:
                continue
            inside = (derivation.definitions[e.name],) if type(e) is typed.Defined else typed.children(e)
            if inside:
                stack.append((e, inside))
                stack += [(child, None) for child in inside]
                continue
        tell = _FORMS.get(type(e))
        if tell is None:
            return False
        form = tell(e, [forms[id(child)] for child in inside], derivation)
        if form is _Form.NOT_ANALYTIC:
            return False
        forms[id(e)] = form
    return True


def _of_variable(variable: Variable) -> _Form:
    domain = variable.domain
    match domain.kind:
        case "real":
            return _Form.ANALYTIC
        case "positive":
            return _Form.POSITIVE
        case "nonnegative":
            return _Form.NONNEGATIVE
        case "interval" if domain.low is not None and domain.low >= 0:
            return _Form.POSITIVE if domain.low > 0 or domain.low_open else _Form.NONNEGATIVE
        case "interval":
            return _Form.ANALYTIC
        case _:
            return _Form.NOT_ANALYTIC


def _is_gap(e: typed.Arithmetic, derivation: Derivation) -> bool:
    """Whether a difference is that of a number and of what is always below it: 1 - p for p in (0, 1), 1 - sigmoid."""
    high, low = e.left, e.right
    while isinstance(low, typed.Defined):
        low = derivation.definitions[low.name]
    if not isinstance(high, typed.Number):
        return False
    if isinstance(low, typed.Apply):
        return high.value >= 1 and low.function in _BELOW_ONE and not low.order
    if not isinstance(low, typed.Variable):
        return False
    end = derivation.variables[low.name].domain
    return end.high is not None and (end.high < high.value or (end.high == high.value and end.high_open))


def _of_arithmetic(e: typed.Arithmetic, a: _Form, b: _Form) -> _Form:
    bounded = a >= _Form.NONNEGATIVE and b >= _Form.NONNEGATIVE
    if e.operator == "**":
        if a is _Form.POSITIVE:
            return _Form.POSITIVE
        whole = isinstance(e.right, typed.Number) and e.right.value.denominator == 1 and e.right.value > 0
        if not whole or not isinstance(e.right, typed.Number):
            return _Form.NOT_ANALYTIC
        return _Form.NONNEGATIVE if e.right.value % 2 == 0 else a
    if e.operator == "/" and not (b is _Form.POSITIVE or (isinstance(e.right, typed.Number) and e.right.value != 0)):
        return _Form.NOT_ANALYTIC
    if not bounded:
        return _Form.ANALYTIC
    if e.operator == "+":
        return _Form.POSITIVE if a is _Form.POSITIVE or b is _Form.POSITIVE else _Form.NONNEGATIVE
    return _Form.POSITIVE if a is _Form.POSITIVE and b is _Form.POSITIVE else _Form.NONNEGATIVE


def _of_function(e: typed.Apply, argument: _Form) -> _Form:
    if e.function in _ON_POSITIVE and argument is _Form.POSITIVE:
        return _Form.ANALYTIC if e.function == "log" or e.order else _Form.POSITIVE
    if e.function not in _ENTIRE:
        return _Form.NOT_ANALYTIC
    return _Form.POSITIVE if e.function in _POSITIVE and not e.order else _Form.ANALYTIC


def _of_operation(e: typed.Arithmetic, inner: list[_Form], derivation: Derivation) -> _Form:
    if e.operator == "-":
        return _Form.POSITIVE if _is_gap(e, derivation) else _Form.ANALYTIC
    return _of_arithmetic(e, *inner)


_FORMS: dict[type[Expr], Callable[[Any, list[_Form], Derivation], _Form]] = {
    typed.Number: lambda e, inner, derivation: _Form.POSITIVE if e.value > 0 else _Form.ANALYTIC,
    typed.Constant: lambda e, inner, derivation: _Form.POSITIVE,
    typed.Variable: lambda e, inner, derivation: _of_variable(derivation.variables[e.name]),
    typed.Defined: lambda e, inner, derivation: inner[0],
    typed.Negate: lambda e, inner, derivation: _Form.ANALYTIC,
    typed.Derivative: lambda e, inner, derivation: (
        _Form.ANALYTIC if e.target.subscripts is None else _Form.NOT_ANALYTIC
    ),
    typed.Arithmetic: _of_operation,
    typed.Apply: lambda e, inner, derivation: _of_function(e, inner[0]) if len(inner) == 1 else _Form.NOT_ANALYTIC,
}
