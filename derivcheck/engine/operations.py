"""Owns what SymPy says of single operations, for the short way to a proof (``shortly``): their derivatives, and what
must hold for them to be defined. SymPy is asked once, on symbols; what it says is kept as a formula of operations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Mul, Pow, Rational
from sympy.core.cache import cacheit

from derivcheck.engine.convert import surely_positive
from derivcheck.engine.lets import operand_symbol, rule
from derivcheck.engine.symbols import NEEDS, PRIMITIVES, Sym

#: An operation: ``+``, ``-``, ``*``, ``/``, the name of a primitive function, or ``**`` with a rational exponent.
Operation = tuple[str, ...]

PLUS: Operation = ("+",)
MINUS: Operation = ("-",)
TIMES: Operation = ("*",)
OVER: Operation = ("/",)
POWER: Operation = ("**",)
INVERSE: Operation = ("1/",)

#: A power of what is positive by the way it is written has this as its last part.
SURE = "sure"

#: ``("operand", k)``, ``("number", p, q)``, ``("pi",)``, ``("sum", codes)``, ``("product", codes)``, ``("apply",
#: operation, codes)``, or ``("other", expression)`` of what has no operand in it.
Code = tuple[Any, ...]

#: Constants among the arguments of an operation, which SymPy is told.
Constants = tuple[tuple[int, int] | None, ...]


class Formula:
    """An expression of operands: ``used`` are those that are in it; ``code`` is ``None`` where it has something of
    which no operation is known."""

    __slots__ = ("code", "expression", "used")

    def __init__(self, expression: Sym, operands: tuple[Sym, ...]) -> None:
        self.expression = expression
        self.used = tuple(k for k, operand in enumerate(operands) if operand in expression.free_symbols)
        self.code = _code(expression, {operands[k]: ("operand", k) for k in self.used})


def _code(e: Sym, operands: dict[Sym, Code]) -> Code | None:
    if e.is_Symbol:
        return operands[e]
    if e.is_Rational:
        return "number", int(e.p), int(e.q)
    kind = type(e).__name__
    if kind == "Pi":
        return ("pi",)
    base_alone = e.is_Pow and e.exp.is_Rational
    codes = tuple(_code(a, operands) for a in ((e.base,) if base_alone else e.args))
    if None in codes:
        return None if e.free_symbols else ("other", e)
    if e.is_Add or e.is_Mul:
        return "sum" if e.is_Add else "product", codes
    if base_alone:
        sure = (SURE,) if e.exp.is_Integer and e.exp < 0 and surely_positive(e.base) else ()
        return "apply", ("**", str(e.exp.p), str(e.exp.q), *sure), codes
    if e.is_Pow:
        return "apply", POWER, codes
    name = _NAMED.get(kind)
    if name is None:
        return None if e.free_symbols else ("other", e)
    return "apply", (name,), codes


def _operands(constants: Constants) -> tuple[Sym, ...]:
    return tuple(operand_symbol(k) if c is None else Rational(*c) for k, c in enumerate(constants))


@cacheit  # type: ignore[untyped-decorator]
def partial_derivative(operation: Operation, constants: Constants, i: int) -> Formula:
    """SymPy's derivative of an operation on symbols by one of them."""
    operands = _operands(constants)
    return Formula(rule(_in_sympy(operation), operands, i), operands)


@cacheit  # type: ignore[untyped-decorator]
def _in_sympy(operation: Operation) -> Callable[..., Sym]:
    """An operation, in SymPy's terms."""
    name = operation[0]
    if name == "*":
        return Mul  # type: ignore[no-any-return]
    if name == "/":
        return lambda a, b: Mul(a, Pow(b, -1))
    if name == "**" and len(operation) > 1:
        exponent = Rational(int(operation[1]), int(operation[2]))
        return lambda a: Pow(a, exponent)
    return Pow if name == "**" else PRIMITIVES[name]


@cacheit  # type: ignore[untyped-decorator]
def needs(name: str, constants: Constants) -> tuple[tuple[str, Formula], ...]:
    """What must hold of the arguments of a function."""
    operands = _operands(constants)
    return tuple((kind, Formula(needed, operands)) for kind, needed in NEEDS[name](*operands))


#: SymPy's classes (and ours) of the functions that derivatives are written with.
_NAMED = {
    "Sgn": "sign",
    "Mag": "abs",
    **{name: name for name in ("exp", "log", "sin", "cos", "asin", "acos", "atan", "erf", "erfi")},
}
