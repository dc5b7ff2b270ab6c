"""Owns the identity matrix and the column of ones where no size is written: they have the one that fits.

Every size that occurs in the declared shapes is tried. Where one alone makes sense of the whole statement, it is
meant; where several do, or none, the statement is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import TypeVar

from derivcheck.errors import Refused
from derivcheck.lang import nodes, shapes
from derivcheck.lang.scope import Context, Scope, Session, refusal
from derivcheck.lang.typed import Arithmetic, ArrayOp, Dim, Expr, Negate

_T = TypeVar("_T")

#: Elaborations that are tried.
MOST_TRIED = 256

_WORDS = {"eye": "identity matrix", "ones": "column of ones"}
_CODE = "size"


def fitted(context: Context, node: nodes.Fitted) -> Expr:
    """``I`` and ``1`` in bold: of the size that is written, or that this elaboration tries."""
    if node.size is not None:
        size = _written(context, node.size)
    elif node.span in context.session.sizes:
        size = context.session.sizes[node.span]
    else:
        context.session.unfitted[node.span] = node
        raise refusal(_CODE, f"the size of this {_WORDS[node.name]} is not told", node.span, _hint(node))
    context.session.fitted[node.span] = None
    if node.name == "eye":
        return ArrayOp((size, size), node.span, "eye", ())
    return ArrayOp((size,) if _has_flat_vectors(context.scope) else (size, 1), node.span, "ones", ())


def beside(node: nodes.Node, others: Sequence[Expr]) -> None:
    """Refuse a plain letter ``I`` in a product with an array: it may be anything that was not declared.

    Raises:
        Refused: that it is not declared.
    """
    if isinstance(node, nodes.Fitted) and node.plain and any(other.shape for other in others):
        hint = r"declare it; an identity matrix beside an array is `\mathbf{I}` or `I_n`"
        raise refusal(_CODE, "`I` is not declared", node.span, hint)


def alike(context: Context, made: Sequence[Expr]) -> None:
    """Refuse an identity or ones in a sum, or an equation, with anything of another shape: nothing stretches there.

    Raises:
        Refused: that the shapes do not fit.
    """
    for expr in made:
        core = _core(expr)
        if not (isinstance(core, ArrayOp) and core.name in _WORDS and core.span in context.session.fitted):
            continue
        for other in made:
            if not shapes.agree(other.shape, expr.shape, context.scope.sizes):
                sides = f"{shapes.show(expr.shape)} and {shapes.show(other.shape)}"
                raise refusal("shape", f"this {_WORDS[core.name]} does not fit: {sides}", core.span)


def _core(expr: Expr) -> Expr:
    """What is left of an expression without signs, transposes and factors that are numbers."""
    while True:
        match expr:
            case Negate():
                expr = expr.operand
            case ArrayOp(name="transpose"):
                expr = expr.arguments[0]
            case Arithmetic(operator="*" | "/") if not expr.right.shape and expr.left.shape:
                expr = expr.left
            case Arithmetic(operator="*") if not expr.left.shape and expr.right.shape:
                expr = expr.right
            case _:
                return expr


def fitting(scope: Scope, elaborate: Callable[[Session], _T]) -> _T:
    """What ``elaborate`` makes, with the sizes that fit where none are written.

    Raises:
        Refused: as ``elaborate`` does, or no size fits, or several do.
    """
    session = Session()
    try:
        return elaborate(session)
    except Refused as refused:
        others = [problem for problem in refused.problems if problem.span not in session.unfitted]
        if not session.unfitted:
            raise
        if others:
            raise Refused(others) from None
    places = sorted(session.unfitted, key=lambda span: (span.start, span.end))
    sizes = _sizes(scope)
    first = session.unfitted[places[0]]
    if len(sizes) ** len(places) > MOST_TRIED:
        raise refusal(_CODE, "there are too many sizes that these could have", first.span, _hint(first))
    found: list[tuple[_T, tuple[Dim, ...]]] = []
    reasons: list[Refused] = []
    for chosen in product(sizes, repeat=len(places)):
        try:
            found.append((elaborate(Session(sizes=dict(zip(places, chosen, strict=True)))), chosen))
        except Refused as refused:
            reasons += [refused] if all(problem.code == _CODE for problem in refused.problems) else []
    if len(found) == 1:
        return found[0][0]
    word = _WORDS[first.name]
    if not found:
        if reasons:
            raise reasons[0]
        raise refusal(_CODE, f"there is no size for this {word} with which the shapes fit", first.span, _hint(first))
    place, node = next(
        (k, session.unfitted[span]) for k, span in enumerate(places) if len({sizes[k] for _, sizes in found}) > 1
    )
    fit = " or ".join(dict.fromkeys(str(sizes[place]) for _, sizes in found))
    raise refusal(_CODE, f"this {_WORDS[node.name]} could be of size {fit}", node.span, _hint(node))


def _hint(node: nodes.Fitted) -> str:
    return "write its size: `I_n`" if node.name == "eye" else r"write its size: `\mathbf{1}_n`"


def _written(context: Context, size: nodes.Name | nodes.Number) -> Dim:
    if isinstance(size, nodes.Number):
        if size.value.denominator == 1 and size.value > 0:
            return int(size.value)
    elif size.text in context.scope.dims:
        return size.text
    elif (variable := context.scope.kind(size.text)) is not None:
        raise refusal(_CODE, f"`{size.text}` is {variable}, and no size", size.span)
    raise refusal(_CODE, "this is no size", size.span, "a size is a dimension of the declared shapes, or a number")


def _shapes(scope: Scope) -> list[tuple[Dim, ...]]:
    return [*scope.variables.values(), *(definition.shape for definition in scope.definitions.values())]


def _sizes(scope: Scope) -> tuple[Dim, ...]:
    """The sizes that occur, in order of declaration."""
    return tuple(dict.fromkeys(dim for shape in _shapes(scope) for dim in shape if dim != 1))


def _has_flat_vectors(scope: Scope) -> bool:
    return any(len(shape) == 1 for shape in _shapes(scope))
