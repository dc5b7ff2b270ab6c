"""Owns the rules for SymPy's scalar classes: numbers, functions, conditions, cases, sums, derivatives."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import sympy
from sympy.core.function import AppliedUndef
from sympy.logic.boolalg import BooleanAtom
from sympy.tensor.indexed import Idx

from derivcheck.fromsympy.converter import Converter, Rule
from derivcheck.fromsympy.walk import Basic, show
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import limits, typed
from derivcheck.lang.typed import SCALAR, Dim, Expr
from derivcheck.model import OpaqueFunction

_ONE = Fraction(1)
_ZERO = Fraction(0)

#: SymPy's functions of the expression language's table, by canonical name; the arguments are in the same order.
_FUNCTIONS: dict[type, str] = {
    **{getattr(sympy, name): name for name in (
        "exp", "log", "sign", "sin", "cos", "tan", "sec", "csc", "cot", "asin", "acos", "atan", "asec", "acsc",
        "acot", "sinh", "cosh", "tanh", "sech", "csch", "coth", "asinh", "acosh", "atanh", "asech", "acsch",
        "acoth", "erf", "erfc", "erfi", "erfinv", "gamma", "polygamma", "digamma", "beta", "lowergamma",
        "uppergamma", "zeta", "polylog", "besselj", "bessely", "besseli", "besselk", "airyai", "airybi", "expint",
        "Ei", "Si", "Ci", "fresnels", "fresnelc", "elliptic_k", "elliptic_e",
    )},
    sympy.Abs: "abs",
    sympy.Min: "min",
    sympy.Max: "max",
    sympy.loggamma: "lgamma",
    sympy.LambertW: "lambertw",
}  # fmt: skip

_RELATIONS: dict[type, Literal["<", "<=", ">", ">=", "==", "!="]] = {
    sympy.StrictLessThan: "<",
    sympy.LessThan: "<=",
    sympy.StrictGreaterThan: ">",
    sympy.GreaterThan: ">=",
    sympy.Equality: "==",
    sympy.Unequality: "!=",
}
_JUNCTIONS: dict[type, Literal["and", "or", "not"]] = {sympy.And: "and", sympy.Or: "or", sympy.Not: "not"}

#: The largest number: Python prints no integer of more than 4300 digits.
_MOST_BITS = 14_000
#: The highest derivative that is written out.
_MOST_TIMES = 16


def _rational(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    if expr.is_finite is False or not expr.is_Rational:
        raise c.refusal(f"{show(expr)} is no real number")
    value = Fraction(int(expr.p), int(expr.q))
    if limits.bits(value) > _MOST_BITS:
        raise c.refusal("a number has too many digits")
    return c.number(value)


def _float(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    return c.decimal(str(expr))


def _no_number(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    raise c.refusal(f"{show(expr)} is no real number", "everything is real here")


def _symbol(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    index = c.index(expr)
    return c.variable(expr, SCALAR) if index is None else c.shifted(index.bound, index.start)


def _index(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    index = c.index(expr)
    if index is None:
        raise c.refusal(f"the index {show(expr)} belongs to no sum")
    return c.shifted(index.bound, index.start)


def _itself(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    """Everything is real: the real part, the conjugate."""
    return inside[0]


def _zero(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    """Everything is real: the imaginary part."""
    return c.number(_ZERO)


def _factorial(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return typed.Apply(SCALAR, c.span, "gamma", 0, (c.arithmetic("+", inside[0], c.number(_ONE)),))


def _pi(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    return typed.Constant(SCALAR, c.span, "pi")


def _e(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    return typed.Constant(SCALAR, c.span, "e")


def _sum(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return c.fold("+", inside)


def _product(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return c.fold("*", inside)


def _power(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    base, exponent = inside
    if expr.base.is_Rational and expr.exp.is_Rational:
        number = Fraction(int(expr.base.p), int(expr.base.q))
        if limits.power_bits(number, int(abs(expr.exp)) + 1) > limits.MAX_BITS:
            raise c.refusal(f"{show(expr.base)} to the power {show(expr.exp)} is too large")
    if expr.exp is sympy.S.NegativeOne:
        return c.arithmetic("/", c.number(_ONE), base)
    return c.arithmetic("**", base, exponent)


def _function(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    name = _FUNCTIONS[type(expr)]
    row = FUNCTIONS[name]
    if not row.least <= len(inside) <= row.most:
        raise c.refusal(f"{type(expr).__name__} of {len(inside)} arguments cannot be read: {show(expr)}")
    return typed.Apply(SCALAR, c.span, name, 0, tuple(inside))


def _opaque(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    name = str(expr.func.__name__)
    if len(inside) != 1:
        raise c.refusal(f"{show(expr)} has {len(inside)} arguments; an unknown function has one")
    c.functions.setdefault(name, OpaqueFunction(name))
    return typed.Opaque(SCALAR, c.span, name, 0, inside[0])


def _compare(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    left, right = inside
    return typed.Compare(SCALAR, c.span, _RELATIONS[type(expr)], left, right)


def _logic(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return typed.Logic(SCALAR, c.span, _JUNCTIONS[type(expr)], tuple(inside))


def _truth(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    zero = c.number(_ZERO)
    return typed.Compare(SCALAR, c.span, "==" if expr == sympy.true else "!=", zero, zero)


def _piecewise(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    if expr.args[-1].cond != sympy.true:
        raise c.refusal(f"{show(expr)} is not defined everywhere", "give it a last case: (value, True)")
    *cases, (result, _) = zip(inside[0::2], inside[1::2], strict=True)
    for value, test in reversed(cases):
        result = typed.Where(SCALAR, c.span, test, value, result)
    return result


def _heaviside(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    """1 above 0, 0 below, and at 0 what the expression says (1/2 unless told otherwise)."""
    x, at_zero = inside
    zero = c.number(_ZERO)
    above, below = (typed.Compare(SCALAR, c.span, sign, x, zero) for sign in (">", "<"))
    rest = typed.Where(SCALAR, c.span, below, zero, at_zero)
    return typed.Where(SCALAR, c.span, above, c.number(_ONE), rest)


def _big(kind: Literal["sum", "prod"]) -> Rule:
    def rule(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
        (symbol, low, high), *outer = reversed(expr.limits)
        if not low.is_Integer:
            raise c.refusal(f"a sum that begins at {show(low)}", "begin it at a number")
        size = _size(c, high - low + 1)
        if isinstance(size, int) and size < 1:
            return c.number(_ZERO if kind == "sum" else _ONE)
        key, inner = c.within(symbol, size, int(low))
        rest = expr.func(expr.function, *reversed(outer)) if outer else expr.function
        return typed.BigOp(SCALAR, c.span, kind, key, size, inner.scalar(rest))

    return rule


def _size(c: Converter, size: Basic) -> Dim:
    """How many values an index has: a number, or a dimension of some matrix."""
    size = sympy.expand(size)
    if size.is_Integer and size <= limits.MAX_SIZE:
        return int(size)
    if isinstance(size, sympy.Symbol) and c.name(size) in c.dims:
        return c.name(size)
    raise c.refusal(f"a sum over {show(size)} values", "a sum goes over a number of values, or a matrix's dimension")


def _derivative(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    (result,) = inside
    for by, times in expr.variable_count:
        if not (times.is_Integer and 0 <= times <= _MOST_TIMES):
            raise c.refusal(f"a derivative of the order {show(times)}")
        target = c.by(by)
        for _ in range(int(times)):
            result = typed.Derivative(target.shape, c.span, "gradient", result, target)
    return result


RULES: dict[type, Rule] = {
    sympy.Rational: _rational,
    sympy.Float: _float,
    sympy.Symbol: _symbol,
    Idx: _index,
    type(sympy.pi): _pi,
    type(sympy.E): _e,
    **{type(n): _no_number for n in (sympy.I, sympy.oo, -sympy.oo, sympy.zoo, sympy.nan)},
    sympy.Add: _sum,
    sympy.Mul: _product,
    sympy.Pow: _power,
    **dict.fromkeys(_FUNCTIONS, _function),
    AppliedUndef: _opaque,
    **dict.fromkeys(_RELATIONS, _compare),
    **dict.fromkeys(_JUNCTIONS, _logic),
    BooleanAtom: _truth,
    sympy.re: _itself,
    sympy.im: _zero,
    sympy.conjugate: _itself,
    sympy.UnevaluatedExpr: _itself,
    sympy.factorial: _factorial,
    sympy.Piecewise: _piecewise,
    sympy.Heaviside: _heaviside,
    sympy.Sum: _big("sum"),
    sympy.Product: _big("prod"),
    sympy.Derivative: _derivative,
}
