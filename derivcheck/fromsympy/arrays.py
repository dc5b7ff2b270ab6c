"""Owns the rules for SymPy's matrix classes: symbols of any size, products, transposes, traces, entries."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import reduce

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from derivcheck.fromsympy.converter import Converter, Rule
from derivcheck.fromsympy.walk import Basic, show
from derivcheck.lang import typed
from derivcheck.lang.typed import SCALAR, Dim, Expr, Shape

#: The highest power of a matrix that is written out.
_MOST_FACTORS = 16


def _symbol(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    return c.variable(expr, _shape(c, expr))


def _shape(c: Converter, expr: Basic) -> Shape:
    return tuple(c.axis(size) for size in expr.shape)


def _literal(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    return c.any(sympy.Matrix(expr) if isinstance(expr, sympy.MatrixBase) else sympy.MutableDenseNDimArray(expr))


def _base(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
    if expr.shape is None:
        raise c.refusal(f"the array {show(expr)} has no shape", "IndexedBase(name, shape=(n,))")
    return c.variable(expr, _shape(c, expr))


def _element(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return _at(c, inside[0], (expr.i, expr.j))


def _indexed(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return _at(c, inside[0], expr.indices)


def _at(c: Converter, base: Expr, indices: Sequence[Basic]) -> Expr:
    subscripts = (_subscript(c, index, axis) for index, axis in zip(indices, base.shape, strict=True))
    return typed.Element(SCALAR, c.span, base, tuple(subscripts))


def _subscript(c: Converter, index: Basic, axis: Dim) -> Expr:
    """A position that is in range for every size: a number, or the index of a sum over the axis's own dimension."""
    number, rest = sympy.expand(index).as_coeff_Add()
    found = None if rest == 0 else c.index(rest)
    if not number.is_Integer or (rest != 0 and found is None):
        raise c.refusal(
            f"the position {show(index)} is neither a number nor the index of a sum",
            'a claim for every entry is made in a string: "D(L, w[j]) == g[j] for j in n"',
        )
    offset = int(number) + (found.start if found else 0)
    if not _within(offset, found.size if found else None, axis):
        raise c.refusal(f"the position {show(index)} leaves its axis, which has {axis} entries")
    return c.shifted(found.bound, offset) if found else c.number(Fraction(offset))


def _within(offset: int, size: Dim | None, axis: Dim) -> bool:
    """Whether ``offset``, or ``offset`` and the ``size`` positions from there, are on an axis, whatever its size;
    a literal position on a symbolic axis asks that the dimension be that large."""
    if size == axis and offset == 0:
        return True
    if isinstance(axis, str):
        return size is None and offset >= 0
    return offset >= 0 and (size is None or isinstance(size, int)) and offset + (size or 1) <= axis


def _sum(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return c.fold("+", inside)


def _elementwise(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return c.fold("*", inside)


def _elementwise_power(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    base, exponent = inside
    return c.arithmetic("**", base, exponent)


def _product(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    numbers = [part for part in inside if not part.shape]
    matrix = reduce(lambda a, b: _matmul(c, a, b), [part for part in inside if part.shape])
    return c.fold("*", [*numbers, matrix])


def _matmul(c: Converter, left: Expr, right: Expr) -> Expr:
    return typed.MatMul((left.shape[0], right.shape[1]), c.span, left, right)


def _power(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    (base,) = inside
    if not (expr.exp.is_Integer and 1 <= abs(expr.exp) <= _MOST_FACTORS):
        raise c.refusal(f"a matrix to the power {show(expr.exp)} cannot be read")
    if expr.exp < 0:
        base = typed.ArrayOp(base.shape, c.span, "inv", (base,))
    return reduce(lambda a, b: _matmul(c, a, b), [base] * abs(int(expr.exp)))


def _transpose(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    (of,) = inside
    return typed.ArrayOp(of.shape[::-1], c.span, "transpose", (of,))


def _inverse(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
    return typed.ArrayOp(inside[0].shape, c.span, "inv", (inside[0],))


def _number(name: str) -> Rule:
    def rule(c: Converter, expr: Basic, inside: list[Expr]) -> Expr:
        return typed.ArrayOp(SCALAR, c.span, name, tuple(inside))

    return rule


def _constant(name: str) -> Rule:
    def rule(c: Converter, expr: Basic, _: list[Expr]) -> Expr:
        return typed.ArrayOp(_shape(c, expr), c.span, name, ())

    return rule


RULES: dict[type, Rule] = {
    sympy.MatrixSymbol: _symbol,
    sympy.ImmutableDenseMatrix: _literal,
    sympy.ImmutableSparseMatrix: _literal,
    sympy.ImmutableDenseNDimArray: _literal,
    MatrixElement: _element,
    sympy.IndexedBase: _base,
    sympy.Indexed: _indexed,
    sympy.MatAdd: _sum,
    sympy.MatMul: _product,
    sympy.MatPow: _power,
    sympy.HadamardProduct: _elementwise,
    sympy.HadamardPower: _elementwise_power,
    sympy.Transpose: _transpose,
    sympy.Adjoint: _transpose,
    sympy.Inverse: _inverse,
    sympy.Trace: _number("trace"),
    sympy.Determinant: _number("det"),
    sympy.Identity: _constant("eye"),
    sympy.ZeroMatrix: _constant("zeros"),
    sympy.OneMatrix: _constant("ones"),
}
