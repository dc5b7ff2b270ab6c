"""Owns the way back from typed expressions to text: what it prints reads to the same expression again.

Parentheses stand where the grammar needs them, and where a matrix product and an elementwise one would stand beside
each other, so that a corrected formula looks like one that a person wrote.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from derivcheck.lang import typed
from derivcheck.lang.arithmetic import LONGEST_FOLD
from derivcheck.lang.typed import Expr, Shape

#: How tightly a text holds together, from the loosest: ``or``, ``and``, ``not``, a comparison, a sum, a product, a
#: sign, a power, and what needs no parentheses anywhere.
OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER, ATOM = range(9)

_Text = tuple[str, int]


def printed(expr: Expr) -> str:
    """The text of an expression."""
    return _print(expr)[0]


def _print(expr: Expr) -> _Text:
    return _PRINT[type(expr)](expr)


def _at(expr: Expr, least: int) -> str:
    """The text of an expression, in parentheses unless it holds together at least so tightly."""
    text, level = _print(expr)
    return text if level >= least else f"({text})"


def _arguments(exprs: Sequence[Expr], *keywords: str) -> str:
    return ", ".join((*(printed(e) for e in exprs), *keywords))


def _arithmetic(expr: typed.Arithmetic) -> _Text:
    sign = expr.operator
    if sign == "**":
        return f"{_at(expr.left, ATOM)}**{_at(expr.right, SIGN)}", POWER
    if sign in "+-":
        return f"{_first(expr, SUM)} {sign} {_at(expr.right, PRODUCT)}", SUM
    return f"{_first(expr, PRODUCT)}{sign}{_at(expr.right, SIGN)}", PRODUCT


def _matmul(expr: typed.MatMul) -> _Text:
    return f"{_first(expr, PRODUCT)} @ {_at(expr.right, SIGN)}", PRODUCT


def _first(expr: typed.Arithmetic | typed.MatMul, level: int) -> str:
    """The left operand: of the same chain, unless the chain would be so long that it is read as another tree."""
    length, left = 2, expr.left
    while _level(left) == level and isinstance(left, typed.Arithmetic | typed.MatMul):
        length, left = length + 1, left.left
    return _at(expr.left, level if length <= LONGEST_FOLD and not _is_mixed(expr) else level + 1)


def _is_mixed(expr: typed.Arithmetic | typed.MatMul) -> bool:
    """Whether a matrix product is multiplied entry by entry, or the reverse: allowed, and easily misread."""
    left = expr.left
    if isinstance(expr, typed.MatMul):
        return isinstance(left, typed.Arithmetic) and left.operator == "*" and bool(left.left.shape)
    return expr.operator == "*" and isinstance(left, typed.MatMul)


def _level(expr: Expr) -> int:
    if isinstance(expr, typed.MatMul):
        return PRODUCT
    if isinstance(expr, typed.Arithmetic):
        return POWER if expr.operator == "**" else SUM if expr.operator in "+-" else PRODUCT
    return ATOM


def _element(expr: typed.Element) -> _Text:
    return f"{_at(expr.base, ATOM)}{_subscripts(expr.subscripts)}", ATOM


def _subscripts(subscripts: Sequence[typed.Subscript] | None) -> str:
    if subscripts is None:
        return ""
    return "[" + ", ".join(":" if s is None else printed(s) for s in subscripts) + "]"


def _array_op(expr: typed.ArrayOp) -> _Text:
    if expr.name == "transpose":
        return f"{_at(expr.arguments[0], ATOM)}.T", ATOM
    if expr.name == "eye":
        return f"eye({expr.shape[0]})", ATOM
    if expr.name in ("ones", "zeros"):
        return f"{expr.name}({_sizes(expr.shape)})", ATOM
    if expr.name == "reshape":
        return f"reshape({printed(expr.arguments[0])}, {_sizes(expr.shape)})", ATOM
    keywords = [] if expr.axis is None else [f"axis={expr.axis}"]
    if expr.keepdims:
        keywords.append("keepdims=True")
    return f"{expr.name}({_arguments(expr.arguments, *keywords)})", ATOM


def _sizes(shape: Shape) -> str:
    return ", ".join(map(str, shape))


def _big_op(expr: typed.BigOp) -> _Text:
    bound = typed.bound_by(expr)
    name = expr.key.partition("@")[0] if bound is None else bound.name
    return f"{expr.kind}({printed(expr.body)} for {name} in {expr.size})", ATOM


def _entries(expr: typed.Entries) -> _Text:
    rows = [printed(entry) for entry in expr.entries]
    for axis in reversed(expr.shape):
        assert isinstance(axis, int)
        rows = ["[" + ", ".join(rows[i : i + axis]) + "]" for i in range(0, len(rows), axis)]
    return rows[0], ATOM


def _logic(expr: typed.Logic) -> _Text:
    if expr.operator == "not":
        return f"not {_at(expr.operands[0], NOT)}", NOT
    level = OR if expr.operator == "or" else AND
    return f" {expr.operator} ".join(_at(operand, level + 1) for operand in expr.operands), level


def _where(expr: typed.Where) -> _Text:
    if _is_number(expr.then, "1") and _is_number(expr.otherwise, "0"):
        return f"indicator({printed(expr.test)})", ATOM
    return f"where({_arguments((expr.test, expr.then, expr.otherwise))})", ATOM


def _is_number(expr: Expr, text: str) -> bool:
    return isinstance(expr, typed.Number) and expr.text == text


def _derivative(expr: typed.Derivative) -> _Text:
    word = {"jacobian": "jac", "hessian": "hess"}.get(expr.kind, "D")
    by = f"{expr.target.name}{_subscripts(expr.target.subscripts)}"
    return f"{word}({printed(expr.of)}, {by})", ATOM


def _call(name: str, order: int, arguments: Sequence[Expr]) -> _Text:
    primes = "'" * order
    return f"{name}{primes}({_arguments(arguments)})", ATOM


_PRINT: dict[type[Expr], Callable[[Any], _Text]] = {
    typed.Number: lambda e: (e.text, ATOM),
    typed.Constant: lambda e: (e.name, ATOM),
    typed.Variable: lambda e: (e.name, ATOM),
    typed.Defined: lambda e: (e.name, ATOM),
    typed.Dimension: lambda e: (e.name, ATOM),
    typed.Bound: lambda e: (e.name, ATOM),
    typed.Negate: lambda e: (f"-{_at(e.operand, SIGN)}", SIGN),
    typed.Arithmetic: _arithmetic,
    typed.MatMul: _matmul,
    typed.Element: _element,
    typed.Apply: lambda e: _call(e.function, e.order, e.arguments),
    typed.Opaque: lambda e: _call(e.function, e.order, (e.argument,)),
    typed.ArrayOp: _array_op,
    typed.BigOp: _big_op,
    typed.Entries: _entries,
    typed.Compare: lambda e: (f"{_at(e.left, SUM)} {e.operator} {_at(e.right, SUM)}", COMPARISON),
    typed.Logic: _logic,
    typed.Where: _where,
    typed.Derivative: _derivative,
}
