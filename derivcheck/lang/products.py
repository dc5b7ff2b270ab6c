"""Owns what mathematics writes in one way for several things: products, powers and lengths, told by their shapes.

Where the shapes allow two readings with different values, one is taken by convention and the place is noted
(``Session.ambiguities``), so that whoever shows the result can say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from derivcheck.errors import Refused
from derivcheck.lang import nodes, shapes
from derivcheck.lang.arithmetic import binary
from derivcheck.lang.fitting import beside
from derivcheck.lang.scope import Context, Work, refusal
from derivcheck.lang.typed import Apply, Arithmetic, ArrayOp, Element, Expr, MatMul, Negate, Number

#: How the operators of a product may bind, tightest first: side by side before the signs, and ⊙ last; or ⊙ among
#: the signs; or everything from the left. Only a mixture of ⊙ with other products makes a difference.
_BINDINGS: tuple[tuple[frozenset[str], ...], ...] = (
    (frozenset({""}), frozenset("·×/"), frozenset("⊙")),
    (frozenset({""}), frozenset("·×/⊙")),
    (frozenset({"", "·", "×", "/", "⊙"}),),
)
#: The highest power of a matrix that is written out as products.
_HIGHEST = 8


def product(context: Context, node: nodes.Product) -> Work:
    """``a b``, ``a · b``, ``a × b``, ``a ⊙ b``, ``a / b`` in a row."""
    operands = yield context.ask(*node.operands)
    for place, written in enumerate(node.operands):
        beside(written, (*operands[:place], *operands[place + 1 :]))
    signs = {operator.sign for operator in node.operators}
    if not ("⊙" in signs and len(signs) > 1):
        return _fold(context, operands, node.operators, _BINDINGS[0]).value
    fitting: list[_Folded] = []
    first: Refused | None = None
    for binding in _BINDINGS:
        try:
            fitting.append(_fold(context, operands, node.operators, binding))
        except Refused as refused:
            first = first or refused
    if not fitting:
        assert first is not None
        raise first
    chosen = fitting[0]
    if first is not None:
        message = "⊙ stands beside another product without parentheses; only one order fits the shapes"
        context.session.ambiguities[node.span, message] = None
    elif any(made.grouping != chosen.grouping for made in fitting) and any(made.matrix for made in fitting):
        message = "⊙ stands beside another product without parentheses; the other product was taken first"
        context.session.ambiguities[node.span, message] = None
        if node.span in context.scope.otherwise:
            chosen = next(made for made in fitting if made.grouping != chosen.grouping)
    return chosen.value


@dataclass(frozen=True, slots=True)
class _Folded:
    """A product so far: how its factors were grouped, and whether one of its products is that of matrices."""

    value: Expr
    grouping: str
    matrix: bool = False


def _fold(
    context: Context, operands: Sequence[Expr], operators: Sequence[nodes.Operator], binding: Sequence[frozenset[str]]
) -> _Folded:
    """The product with its operators taken level by level, each level from the left."""
    values = [_Folded(operand, str(place)) for place, operand in enumerate(operands)]
    waiting = list(operators)
    for level in binding:
        done, left = [values[0]], list[nodes.Operator]()
        for operator, value in zip(waiting, values[1:], strict=True):
            if operator.sign in level:
                made = _pair(context, operator, done[-1].value, value.value)
                matrix = isinstance(made, MatMul) or done[-1].matrix or value.matrix
                done[-1] = _Folded(made, f"({done[-1].grouping} {value.grouping})", matrix)
            else:
                left.append(operator)
                done.append(value)
        values, waiting = done, left
    return values[0]


def _pair(context: Context, operator: nodes.Operator, left: Expr, right: Expr) -> Expr:
    """Two factors: the product that their shapes allow."""
    sizes, place = context.scope.sizes, operator.span
    if operator.sign in ("/", "⊙"):
        return binary(context, "*" if operator.sign == "⊙" else "/", left, right, place)
    if shapes.one_entry(left.shape) or shapes.one_entry(right.shape):
        return binary(context, "*", _alone(left, right), _alone(right, left), place)
    matrix = shapes.matmul(left.shape, right.shape, sizes) is not None
    entries = shapes.agree(left.shape, right.shape, sizes)
    if len(right.shape) == 1 and _is_row(right):
        return _by_row(context, operator, left, right)
    if len(left.shape) == len(right.shape) == 1 and _is_row(left) and matrix:
        return binary(context, "@", left, right, place)
    if matrix and entries:
        return _either(context, operator, left, right)
    if matrix:
        return binary(context, "@", left, right, place)
    if entries:
        if operator.sign == "·":
            message = "`·` between vectors was read entry by entry; for their inner product write a transpose"
            context.session.ambiguities[place, message] = None
            if place in context.scope.otherwise and len(left.shape) == 2:
                column = left.shape[1] == 1
                turned = ArrayOp(tuple(reversed(left.shape)), left.span, "transpose", (left,))
                other = ArrayOp(tuple(reversed(right.shape)), right.span, "transpose", (right,))
                return binary(context, "@", turned if column else left, right if column else other, place)
        return binary(context, "*", left, right, place)
    sides = f"{shapes.show(left.shape)} and {shapes.show(right.shape)}"
    message = f"the shapes {sides} fit neither the matrix product nor the product entry by entry"
    hint = shapes.cure("@", shapes.matmul, left, right, sizes) or shapes.cure(
        "*", shapes.elementwise, left, right, sizes
    )
    raise refusal("shape", message, place, hint)


def _is_row(vector: Expr) -> bool:
    """Whether a vector with one axis was written as a row, with a transpose: ``w^T``, ``w^T X``, ``(X w - y)^T``."""
    match vector:
        case ArrayOp(name="transpose", arguments=(operand,)):
            return not _is_row(operand)
        case MatMul(left=left, right=right):
            return len(right.shape) == 2 and _is_row(left)
        case Negate(operand=operand):
            return _is_row(operand)
        case Arithmetic(left=left, right=right):
            parts = [part for part in (left, right) if part.shape]
            return all(len(part.shape) == 1 and _is_row(part) for part in parts)
        case _:
            return False


def _by_row(context: Context, operator: nodes.Operator, left: Expr, right: Expr) -> Expr:
    """Something times a vector with one axis that was written as a row: of a column it is the outer product."""
    if len(left.shape) == 1 and not _is_row(left):
        return ArrayOp(left.shape + right.shape, left.span.to(right.span), "outer", (left, right))
    message = "what stands before a row is a column, or a number"
    raise refusal("shape", message, operator.span, "is there a transpose too many?")


def _either(context: Context, operator: nodes.Operator, left: Expr, right: Expr) -> Expr:
    """Both products fit: square matrices are multiplied, vectors with one axis only under ``·``."""
    inner = len(left.shape) == 2 or operator.sign == "·"
    message = "this product was read as the matrix product; it could be entry by entry"
    if len(left.shape) == 1:
        message = (
            "this product of vectors was read as their inner product; it could be entry by entry"
            if inner
            else "this product of vectors was read entry by entry; it could be their inner product"
        )
    context.session.ambiguities[operator.span, message] = None
    if operator.span in context.scope.otherwise:
        inner = not inner
    return binary(context, "@" if inner else "*", left, right, operator.span)


def _alone(one: Expr, other: Expr) -> Expr:
    """An array with one entry beside an array with another number of axes is that number."""
    if one.shape and shapes.one_entry(one.shape) and len(one.shape) != len(other.shape) and other.shape:
        zero = Number((), one.span, Fraction(0), "0")
        return Element((), one.span, one, (zero,) * len(one.shape))
    return one


def _whole_exponent(exponent: Expr) -> int | None:
    """The integer that an exponent is written as."""
    match exponent:
        case Number(value=value) if value.denominator == 1:
            return int(value)
        case Negate(operand=Number(value=value)) if value.denominator == 1:
            return -int(value)
        case _:
            return None


def raised(context: Context, node: nodes.Raised) -> Work:
    """A power; of a square matrix the inverse or a product of matrices, of other arrays entry by entry."""
    base, exponent = yield context.ask(node.base, node.exponent)
    shape = base.shape
    square = len(shape) == 2 and shapes.same(shape[0], shape[1], context.scope.sizes)
    if exponent.shape or not square or shapes.one_entry(shape):
        return binary(context, "**", base, exponent, node.exponent.span, node.span)
    whole = _whole_exponent(exponent)
    if whole == -1:
        message = "this was read as the inverse matrix; it could be the reciprocal entry by entry"
        context.session.ambiguities[node.span, message] = None
        return ArrayOp(shape, node.span, "inv", (base,))
    if whole is None or not 1 < whole <= _HIGHEST:
        hint = f"a square matrix has the powers -1 and 2 to {_HIGHEST} here"
        raise refusal("shape", "this power of a square matrix cannot be read", node.exponent.span, hint)
    message = "this was read as a power of the matrix; it could be entry by entry"
    context.session.ambiguities[node.span, message] = None
    made = base
    for _ in range(whole - 1):
        made = binary(context, "@", made, base, node.exponent.span, node.span)
    return made


def inner(context: Context, node: nodes.Inner) -> Work:
    """``⟨a, b⟩``: the sum of the products of their entries; one of two vectors may lie, and the other stand."""
    left, right = yield context.ask(node.left, node.right)
    sizes, span = context.scope.sizes, node.span
    same = len(left.shape) == len(right.shape) and all(
        shapes.same(one, other, sizes) for one, other in zip(left.shape, right.shape, strict=True)
    )
    turned = len(left.shape) == len(right.shape) == 2 and 1 in left.shape
    if (
        not same
        and turned
        and all(shapes.same(one, other, sizes) for one, other in zip(left.shape, right.shape[::-1], strict=True))
    ):
        right, same = ArrayOp(right.shape[::-1], right.span, "transpose", (right,)), True
    if not same:
        sides = f"{shapes.show(left.shape)} and {shapes.show(right.shape)}"
        raise refusal("shape", f"the inner product of the shapes {sides}", span)
    made = Arithmetic(left.shape, span, "*", left, right)
    return ArrayOp((), span, "sum", (made,)) if left.shape else made


def length(context: Context, node: nodes.Length) -> Work:
    """``|a|`` of a number, ``‖a‖`` of a vector, ``‖A‖_F`` of a matrix."""
    (operand,) = yield context.ask(node.operand)
    shape, span = operand.shape, node.span
    if node.kind == "|":
        if not shapes.one_entry(shape):
            message = f"`|…|` of the shape {shapes.show(shape)} could be a length, a determinant, or entry by entry"
            raise refusal("shape", message, span, r"write `\lVert … \rVert`, `\det` or `\operatorname{abs}(…)`")
        return Apply(shape, span, "abs", 0, (operand,))
    if node.kind != "F" and sum(axis != 1 for axis in shape) > 1:
        message = f"this norm of a matrix, of the shape {shapes.show(shape)}, has several meanings"
        raise refusal("latex", message, span, r"the root of the sum of all squares is `\lVert A \rVert_F`")
    if node.kind == "1":
        sizes = Apply(shape, span, "abs", 0, (operand,))
        return ArrayOp((), span, "sum", (sizes,)) if shape else sizes
    if not shape:
        return Apply((), span, "abs", 0, (operand,))
    return ArrayOp((), span, "norm", (operand,))
