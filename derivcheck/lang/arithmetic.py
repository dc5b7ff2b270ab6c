"""Owns the meaning of operators: arithmetic, comparison, logic, transpose and array literals."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, cast

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes, shapes
from derivcheck.lang.constants import check_exponent, constant
from derivcheck.lang.fitting import alike
from derivcheck.lang.scope import Context, Work, refusal
from derivcheck.lang.typed import (
    Arithmetic,
    ArrayOp,
    Compare,
    Entries,
    Expr,
    Logic,
    MatMul,
    Negate,
    Number,
    Shape,
)
from derivcheck.source import Span

#: A pure ``+ -`` or ``* /`` chain of more terms is folded as a balanced tree: equal in value and in where it is
#: defined, and shallow, so that no later walk need be as deep as the chain is long.
LONGEST_FOLD = 16

ArithmeticSign = Literal["+", "-", "*", "/", "**"]
CompareSign = Literal["<", "<=", ">", ">=", "==", "!="]


def number(context: Context, node: nodes.Number) -> Expr:
    """A literal."""
    return Number((), node.span, node.value, node.text)


def unary(context: Context, node: nodes.Unary) -> Work:
    """``-a``, ``+a``, ``not a``."""
    if node.sign == "not":
        (test,) = yield context.conditions(node.operand)
        return Logic(test.shape, node.span, "not", (test,))
    (operand,) = yield context.ask(node.operand)
    if node.sign == "+":
        return operand
    return Negate(operand.shape, node.span, operand)


def join(context: Context, sign: str, left: Expr, right: Expr, place: Span) -> Shape:
    """The shape of ``left sign right``.

    Raises:
        Refused: when the shapes do not go together; both are named, and what would make them fit.
    """
    sizes = context.scope.sizes
    shape = shapes.rule_of(sign)(left.shape, right.shape, sizes)
    if shape is None:
        sides = f"{shapes.show(left.shape)} and {shapes.show(right.shape)}"
        hint = shapes.cure(sign, shapes.rule_of(sign), left, right, sizes)
        raise refusal("shape", f"the shapes {sides} do not go together under `{sign}`", place, hint)
    return shape


def binary(context: Context, sign: str, left: Expr, right: Expr, place: Span, whole: Span | None = None) -> Expr:
    """``left sign right`` for ``+ - * / ** @``; ``place`` is that of the sign, ``whole`` that of all of it."""
    shape = join(context, sign, left, right, place)
    span = whole or left.span.to(right.span)
    if sign == "@":
        return MatMul(shape, span, left, right)
    made = Arithmetic(shape, span, cast(ArithmeticSign, sign), left, right)
    definitions, values = context.scope.definitions, context.session.values
    if sign == "**":
        check_exponent(right, definitions, values)
    if not shape:
        constant(made, definitions, values)
    return made


def power(context: Context, node: nodes.Power) -> Work:
    """``base ** exponent``."""
    if isinstance(node.exponent, nodes.Name) and node.exponent.text == "T" and not context.scope.kind("T"):
        raise refusal("name", "`T` is not declared", node.exponent.span, "a transpose is written `x.T`")
    base, exponent = yield context.ask(node.base, node.exponent)
    return binary(context, "**", base, exponent, node.operator.span, node.span)


def chain(context: Context, node: nodes.Chain) -> Work:
    """``a + b - c``, ``a * b @ c / d``, from the left."""
    operands = yield context.ask(*node.operands)
    signs = [operator.sign for operator in node.operators]
    if signs[0] in "+-" and context.session.fitted:
        alike(context, operands)
    if len(operands) <= LONGEST_FOLD or "@" in signs:
        folded = operands[0]
        for operator, operand in zip(node.operators, operands[1:], strict=True):
            whole = node.span if operand is operands[-1] else None
            folded = binary(context, operator.sign, folded, operand, operator.span, whole)
        return folded
    _check_chain(context, node, operands)
    if signs[0] in "+-":
        return _balanced(context, operands, ["+", *signs])
    over = [operand for operand, sign in zip(operands, ["*", *signs], strict=True) if sign == "*"]
    under = [operand for operand, sign in zip(operands, ["*", *signs], strict=True) if sign == "/"]
    top = _balanced(context, over, ["*"] * len(over))
    if not under:
        return top
    return binary(context, "/", top, _balanced(context, under, ["*"] * len(under)), node.span, node.span)


def _check_chain(context: Context, node: nodes.Chain, operands: list[Expr]) -> None:
    """Look at the shapes from the left, as a reader does, so that an error stands where the misfit is."""
    seen = operands[0]
    for operator, operand in zip(node.operators, operands[1:], strict=True):
        shape = join(context, operator.sign, seen, operand, operator.span)
        seen = Expr(shape, seen.span.to(operand.span))


def _balanced(context: Context, terms: list[Expr], signs: list[str]) -> Expr:
    """``signs[0]`` times the balanced sum of signed terms; with ``*`` throughout, the balanced product."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    left = _balanced(context, terms[:middle], signs[:middle])
    right = _balanced(context, terms[middle:], signs[middle:])
    sign = signs[middle]
    if sign in "+-":
        sign = "+" if signs[0] == sign else "-"
    return binary(context, sign, left, right, right.span)


def comparison(context: Context, node: nodes.Comparison) -> Work:
    """``a < b``, and a chain of comparisons, which means each of them."""
    operands = yield context.ask(*node.operands)
    links: list[Expr] = []
    problems: list[Problem] = []
    for (left, right), operator in zip(pairwise(operands), node.operators, strict=True):
        if operator.sign == "≈":
            hint = "a condition compares exactly: `==`, `<`, `<=`, …"
            raise refusal("condition", "`≈` can stand only between the sides of a claim", operator.span, hint)
        try:
            shape = join(context, operator.sign, left, right, operator.span)
        except Refused as refused:
            problems.extend(refused.problems)
            continue
        span = node.span if len(operands) == 2 else left.span.to(right.span)
        links.append(Compare(shape, span, cast(CompareSign, operator.sign), left, right))
    if problems:
        raise Refused(problems)
    if len(links) == 1:
        return links[0]
    return _joined(context, "and", links, node.span, [operator.span for operator in node.operators[1:]])


def _joined(context: Context, word: Literal["and", "or"], tests: list[Expr], whole: Span, places: list[Span]) -> Expr:
    """``and`` or ``or`` of conditions, stretched against each other like arithmetic."""
    seen = tests[0]
    for test, place in zip(tests[1:], places, strict=True):
        seen = Expr(join(context, word, seen, test, place), seen.span)
    return Logic(seen.shape, whole, word, tuple(tests))


def junction(context: Context, node: nodes.Junction) -> Work:
    """``a and b``, ``a or b``."""
    tests = yield context.conditions(*node.operands)
    return _joined(context, node.word, tests, node.span, [test.span for test in tests[1:]])


def transpose(context: Context, node: nodes.Transpose) -> Work:
    """``a.T``: the axes reversed; a number is its own transpose."""
    (operand,) = yield context.ask(node.operand)
    return transposed(operand, node.span)


def transposed(operand: Expr, span: Span) -> Expr:
    """The transpose of anything."""
    return ArrayOp(operand.shape[::-1], span, "transpose", (operand,)) if operand.shape else operand


def array(context: Context, node: nodes.Array) -> Work:
    """``[[1, 2], [3, 4]]``: the entries are numbers, the rows of one length."""
    shape: list[int] = []
    level: list[nodes.Node] = [node]
    while isinstance(level[0], nodes.Array):
        rows = [row for row in level if isinstance(row, nodes.Array)]
        odd = next((row for row in level if row not in rows or len(row.items) != len(rows[0].items)), None)
        if odd is not None:
            raise refusal("shape", "the rows of this array differ in length", odd.span)
        if not rows[0].items:
            raise refusal("shape", "an array needs an entry at least", rows[0].span)
        shape.append(len(rows[0].items))
        level = [item for row in rows for item in row.items]
    if (deeper := next((item for item in level if isinstance(item, nodes.Array)), None)) is not None:
        raise refusal("shape", "the rows of this array differ in length", deeper.span)
    check_shape(tuple(shape), node.span)
    entries = yield context.ask(*level)
    for entry in entries:
        if entry.shape:
            message = f"an entry of an array literal must be a number; this has the shape {shapes.show(entry.shape)}"
            hint = "`concat(a, b, axis=0)` joins arrays"
            if shapes.one_entry(entry.shape):
                hint = f"take its one entry: `[{', '.join('0' for _ in entry.shape)}]`"
            raise refusal("shape", message, entry.span, hint)
    return Entries(tuple(shape), node.span, tuple(entries))


def check_shape(shape: Shape, span: Span) -> None:
    """Refuse a shape with too many axes, or too large literal ones.

    Raises:
        Refused: with the limit that is passed.
    """
    literal, entries = [axis for axis in shape if isinstance(axis, int)], 1
    for axis in literal:
        entries *= axis
    if len(shape) > limits.MAX_AXES:
        message = f"an array of {len(shape)} axes; {limits.MAX_AXES} are the most"
    elif any(axis > limits.MAX_SIZE for axis in literal):
        message = f"an axis of size {max(literal)}; {limits.MAX_SIZE} is the most that may be written as a number"
    elif entries > limits.MAX_ENTRIES:
        message = f"an array of {entries} entries; {limits.MAX_ENTRIES} are the most"
    else:
        return
    raise refusal("limit", message, span, "use a symbolic dimension")
