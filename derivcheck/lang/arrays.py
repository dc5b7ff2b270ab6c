"""Owns the functions of whole arrays: one row each, with what it takes and the shape that it gives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TypeAlias

from derivcheck.lang import limits, nodes, shapes
from derivcheck.lang.arithmetic import binary, transposed
from derivcheck.lang.names import nearest
from derivcheck.lang.scope import Context, Work, refusal
from derivcheck.lang.typed import ArrayOp, Dim, Element, Expr, Number, Shape
from derivcheck.source import Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose arguments are elaborated, and whose keywords and sizes are read (``given``, with their places)."""

    context: Context
    node: nodes.Call
    arguments: tuple[Expr, ...]
    axis: int | None = None
    keepdims: bool = False
    given: tuple[tuple[Dim, Span], ...] = ()

    @property
    def name(self) -> str:
        """The function's name."""
        return self.node.function.text

    @property
    def span(self) -> Span:
        """The place of the whole call."""
        return self.node.span

    @property
    def sizes(self) -> shapes.Sizes:
        """The known sizes of dimensions."""
        return self.context.scope.sizes


Make: TypeAlias = Callable[[Call], Expr]


@dataclass(frozen=True, slots=True)
class Row:
    """A function: how many arrays it takes, which keywords, and what it makes of them.

    ``sized``: the arguments from that place on are sizes (``eye(n)``, ``reshape(A, n, m)``) and not values.
    """

    make: Make
    least: int = 1
    most: int = 1
    keywords: tuple[str, ...] = ()
    sized: int | None = None
    positional_axis: bool = field(default=False)


def call(context: Context, node: nodes.Call) -> Work:
    """Elaborate a call of a function of this table."""
    row = ARRAYS[node.function.text]
    if node.primes:
        name = node.function.text
        hint = "write its derivative as `jac(f, v)`"
        raise refusal("function", f"`{name}` is a function of arrays; `{name}'` has no meaning", node.span, hint)
    values, rest = list(node.arguments), []
    if row.sized is not None:
        values, rest = values[: row.sized], values[row.sized :]
    if len(values) == 1 and row.most > 1 and isinstance(values[0], nodes.Array | nodes.Tuple):
        values = list(values[0].items)  # concat([A, B]), as NumPy has it
    axis_node = values.pop() if row.positional_axis and len(values) == 2 else None
    _check_arity(row, node, len(values), len(rest))
    arguments = yield context.ask(*values)
    made = Call(context, node, tuple(arguments))
    made = replace(_keywords(row, made, axis_node), given=_sizes(context, rest))
    return row.make(made)


def _check_arity(row: Row, node: nodes.Call, values: int, sizes: int) -> None:
    name = node.function.text
    if row.sized is not None and not sizes:
        raise refusal("arity", f"`{name}` needs sizes", node.span, f"write e.g. `{_EXAMPLES[name]}`")
    if not row.least <= values <= row.most:
        wanted = f"{row.least}" if row.least == row.most else f"{row.least} or more"
        word = "argument" if wanted == "1" else "arguments"
        hint = "name the axis: `axis=1`" if row.keywords and values == row.most + 1 else None
        raise refusal("arity", f"`{name}` takes {wanted} {word}, not {values}", node.span, hint)


def _keywords(row: Row, made: Call, axis_node: nodes.Node | None) -> Call:
    if axis_node is not None:
        made = replace(made, axis=_axis(made, axis_node))
    seen = {"axis"} if axis_node is not None else set()
    for keyword in made.node.keywords:
        name = keyword.name.text
        if name not in row.keywords:
            close = nearest(name, row.keywords)
            takes = f"`{made.name}` takes {' and '.join(f'`{k}=`' for k in row.keywords) or 'no keywords'}"
            hint = f"did you mean `{close}=`?" if close else takes
            raise refusal("keyword", f"`{made.name}` has no keyword `{name}`", keyword.span, hint)
        if name in seen:
            raise refusal("keyword", f"`{name}` is given twice", keyword.span)
        seen.add(name)
        if name == "axis":
            made = replace(made, axis=_axis(made, keyword.value))
        else:
            made = replace(made, keepdims=_truth(keyword.value))
    return made


def _axis(made: Call, node: nodes.Node) -> int | None:
    sign, inner = 1, node
    if isinstance(inner, nodes.Unary) and inner.sign == "-":
        sign, inner = -1, inner.operand
    if isinstance(inner, nodes.Name) and inner.text == "None" and sign == 1:
        return None
    axes = len(made.arguments[0].shape)
    if not (isinstance(inner, nodes.Number) and inner.value.denominator == 1):
        raise refusal("keyword", "an axis is a literal integer", node.span, "write e.g. `axis=1`")
    axis = sign * int(inner.value)
    if not -axes <= axis < axes:
        shape = shapes.show(made.arguments[0].shape)
        raise refusal("shape", f"there is no axis {axis} in the shape {shape}", node.span)
    return axis % axes


def _truth(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Name) and node.text in ("True", "False"):
        return node.text == "True"
    raise refusal("keyword", "`keepdims` is `True` or `False`", node.span)


def _sizes(context: Context, given: Sequence[nodes.Node]) -> tuple[tuple[Dim, Span], ...]:
    """Sizes among arguments: ``n, 3``, ``(n, 3)`` or ``[n, 3]``; ``-1`` is left to :func:`_reshape`."""
    if len(given) == 1 and isinstance(given[0], nodes.Array | nodes.Tuple):
        given = given[0].items
    scope, found = context.scope, list[tuple[Dim, Span]]()
    for node in given:
        match node:
            case nodes.Number(value=value) if value.denominator == 1 and value > 0:
                if value > limits.MAX_SIZE:
                    message = (
                        f"an axis of size {value}; {limits.MAX_SIZE} is the most that may be written as a number"
                    )
                    raise refusal("limit", message, node.span, "use a symbolic dimension")
                found.append((int(value), node.span))
            case nodes.Unary(sign="-", operand=nodes.Number(value=value)) if value == 1:
                found.append((-1, node.span))
            case nodes.Name(text=text) if scope.kind(text) == "a dimension":
                found.append((text, node.span))
            case nodes.Name(text=text) if scope.kind(text) is None:
                close = nearest(text, sorted(scope.dims))
                hint = f"did you mean `{close}`?" if close else None
                raise refusal("name", f"there is no dimension `{text}`", node.span, hint)
            case _:
                message = "a size is a positive integer or the name of a dimension"
                raise refusal("shape", message, node.span)
    return tuple(found)


# --- what each row makes -------------------------------------------------------------------------------------


def _reduce(c: Call) -> Expr:
    """One number along an axis, or of all entries."""
    shape = c.arguments[0].shape
    one: Shape = (1,)
    if c.axis is None:
        out = one * len(shape) if c.keepdims else ()
    else:
        out = shape[: c.axis] + one * c.keepdims + shape[c.axis + 1 :]
    return ArrayOp(out, c.span, c.name, c.arguments, c.axis, c.keepdims)


def _along(c: Call) -> Expr:
    """The shape stays; the entries along the axis (or all of them) are set against each other."""
    return ArrayOp(c.arguments[0].shape, c.span, c.name, c.arguments, c.axis)


def _dot(c: Call) -> Expr:
    """``a @ b`` by another name: NumPy's ``dot`` is the same for one and two axes."""
    left, right = c.arguments
    if not left.shape or not right.shape:
        return binary(c.context, "*", left, right, c.span)
    made = shapes.matmul(left.shape, right.shape, c.sizes)
    if made is None:
        sides = f"{shapes.show(left.shape)} and {shapes.show(right.shape)}"
        hint = shapes.cure("@", shapes.matmul, left, right, c.sizes)
        raise refusal("shape", f"the shapes {sides} do not go together under `dot`", c.span, hint)
    return replace(binary(c.context, "@", left, right, c.span), span=c.span)


def _outer(c: Call) -> Expr:
    """All products of an entry of the left and one of the right; a row or a column counts as its entries."""
    left, right = (_as_vector(c, argument) for argument in c.arguments)
    return ArrayOp(left.shape + right.shape, c.span, "outer", (left, right))


def _as_vector(c: Call, argument: Expr) -> Expr:
    shape = argument.shape
    if len(shape) == 1:
        return argument
    if len(shape) == 2 and 1 in shape:
        zero = Number((), argument.span, Fraction(0), "0")
        at = (zero, None) if shape[0] == 1 else (None, zero)
        return Element((shape[1] if shape[0] == 1 else shape[0],), argument.span, argument, at)
    message = f"`outer` takes vectors; this has the shape {shapes.show(shape)}"
    raise refusal("shape", message, argument.span)


def _square(c: Call) -> Dim:
    shape = c.arguments[0].shape
    if len(shape) != 2 or not shapes.same(shape[0], shape[1], c.sizes):
        message = f"`{c.name}` takes a square matrix; this has the shape {shapes.show(shape)}"
        raise refusal("shape", message, c.arguments[0].span)
    return shape[0]


def _of_square(c: Call) -> Expr:
    """A number that belongs to a square matrix."""
    _square(c)
    return ArrayOp((), c.span, c.name, c.arguments)


def _inverse(c: Call) -> Expr:
    _square(c)
    return ArrayOp(c.arguments[0].shape, c.span, "inv", c.arguments)


def _diagonal(c: Call) -> Expr:
    shape = c.arguments[0].shape
    if len(shape) == 1:
        return ArrayOp(shape * 2, c.span, "diag", c.arguments)
    if len(shape) == 2 and shape != (1, 1) and 1 in shape:
        hint = "take the vector out of it first: " + ("`x[:, 0]`" if shape[1] == 1 else "`x[0, :]`")
        message = f"`diag` takes a vector or a square matrix; this has the shape {shapes.show(shape)}"
        raise refusal("shape", message, c.arguments[0].span, hint)
    return ArrayOp((_square(c),), c.span, "diag", c.arguments)


def _transpose(c: Call) -> Expr:
    return transposed(c.arguments[0], c.span)


def _concat(c: Call) -> Expr:
    """Arrays joined along an axis, the first unless another is named."""
    first, *others = c.arguments
    axis = c.axis or 0
    if not first.shape:
        raise refusal("shape", "numbers cannot be joined", first.span, "write them as a literal: `[a, b]`")
    total: Dim = first.shape[axis]
    for other in others:
        fits = len(other.shape) == len(first.shape) and all(
            i == axis or shapes.same(a, b, c.sizes)
            for i, (a, b) in enumerate(zip(first.shape, other.shape, strict=True))
        )
        if not fits:
            sides = f"{shapes.show(first.shape)} and {shapes.show(other.shape)}"
            raise refusal("shape", f"the shapes {sides} cannot be joined along axis {axis}", other.span)
        a, b = shapes.known(total, c.sizes), shapes.known(other.shape[axis], c.sizes)
        if not (isinstance(a, int) and isinstance(b, int)):
            message = f"the joined axis would have the size {total} + {other.shape[axis]}, which has no name"
            raise refusal("shape", message, other.span, "arrays can be joined along axes of literal size")
        total = a + b
    shape = (*first.shape[:axis], total, *first.shape[axis + 1 :])
    return ArrayOp(shape, c.span, "concat", c.arguments, axis)


def _filled(c: Call) -> Expr:
    return ArrayOp(_positive(c), c.span, c.name, ())


def _identity(c: Call) -> Expr:
    size, *more = _positive(c)
    if more:
        hint = "an identity matrix is square"
        raise refusal("arity", f"`eye` takes 1 size, not {1 + len(more)}", c.span, hint)
    return ArrayOp((size, size), c.span, "eye", ())


def _positive(c: Call) -> Shape:
    for size, span in c.given:
        if size == -1:
            raise refusal("shape", "a size is positive", span)
    return tuple(size for size, _ in c.given)


def _reshape(c: Call) -> Expr:
    """The same entries, row by row, in another shape; ``-1`` stands for the one size that follows."""
    (argument,) = c.arguments
    asked = [size for size, _ in c.given]
    have, want = [shapes.known(a, c.sizes) for a in argument.shape], [s for s in asked if s != -1]
    numbers, named = _count(have)
    wanted, wanted_names = _count([shapes.known(a, c.sizes) for a in want])
    target = f"[{', '.join(map(str, asked))}]"
    no_fit = refusal("shape", f"the shape {shapes.show(argument.shape)} cannot be reshaped to {target}", c.span)
    left = list(named)
    for name in wanted_names:
        if name not in left:
            raise no_fit
        left.remove(name)
    if numbers % wanted:
        raise no_fit
    ratio, gaps = numbers // wanted, len(asked) - len(want)
    if gaps == 0 and (left or ratio != 1):
        raise no_fit
    if gaps > 1 or len(left) > 1 or (left and ratio != 1):
        raise no_fit
    fill: Dim = left[0] if left else ratio
    shape = tuple(fill if size == -1 else size for size in asked)
    return ArrayOp(shape, c.span, "reshape", c.arguments)


def _count(axes: Sequence[Dim]) -> tuple[int, list[str]]:
    """How many entries: the product of the literal axes, and the symbolic ones."""
    number = 1
    for axis in axes:
        number *= axis if isinstance(axis, int) else 1
    return number, sorted(axis for axis in axes if isinstance(axis, str))


_AXIS = ("axis",)
_AXIS_AND_KEEP = ("axis", "keepdims")

ARRAYS: dict[str, Row] = {
    "sum": Row(_reduce, keywords=_AXIS_AND_KEEP, positional_axis=True),
    "mean": Row(_reduce, keywords=_AXIS_AND_KEEP, positional_axis=True),
    "prod": Row(_reduce, keywords=_AXIS_AND_KEEP, positional_axis=True),
    "logsumexp": Row(_reduce, keywords=_AXIS_AND_KEEP, positional_axis=True),
    "norm": Row(_reduce, keywords=_AXIS_AND_KEEP),  # NumPy's second argument is another norm, not an axis
    "softmax": Row(_along, keywords=_AXIS, positional_axis=True),
    "log_softmax": Row(_along, keywords=_AXIS, positional_axis=True),
    "dot": Row(_dot, 2, 2),
    "outer": Row(_outer, 2, 2),
    "trace": Row(_of_square),
    "det": Row(_of_square),
    "inv": Row(_inverse),
    "diag": Row(_diagonal),
    "transpose": Row(_transpose),
    "concat": Row(_concat, 1, 64, keywords=_AXIS),
    "reshape": Row(_reshape, 1, 1, sized=1),
    "eye": Row(_identity, 0, 0, sized=0),
    "ones": Row(_filled, 0, 0, sized=0),
    "zeros": Row(_filled, 0, 0, sized=0),
}
_EXAMPLES = {"reshape": "reshape(A, n, m)", "eye": "eye(n)", "ones": "ones(n, 1)", "zeros": "zeros(n, 1)"}
