"""Owns the making of typed expressions from others: new nodes with their shapes, and a formula in which one part is
replaced; ``None`` where the shapes do not go together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

from derivcheck.lang import shapes, typed
from derivcheck.lang.typed import Expr, Shape
from derivcheck.source import Span

#: Parts of a formula in which something is replaced; the rest of a longer one is left as it is.
MOST_SITES = 60

Operator = Literal["+", "-", "*", "/", "**"]


def number(value: int, span: Span) -> Expr:
    """A whole number from 0."""
    return typed.Number((), span, Fraction(value), str(value))


def fraction(value: Fraction, span: Span) -> Expr:
    """A rational, as it is written."""
    made = number(abs(value.numerator), span)
    if value.denominator != 1:
        made = typed.Arithmetic((), span, "/", made, number(value.denominator, span))
    return made if value >= 0 else typed.Negate((), span, made)


def is_one(expr: Expr) -> bool:
    """Whether an expression is the number 1."""
    return isinstance(expr, typed.Number) and expr.value == 1


def arithmetic(operator: Operator, left: Expr | None, right: Expr | None) -> Expr | None:
    """``left operator right``, elementwise."""
    if left is None or right is None:
        return None
    shape = shapes.elementwise(left.shape, right.shape, {})
    return None if shape is None else typed.Arithmetic(shape, left.span, operator, left, right)


def matmul(left: Expr | None, right: Expr | None) -> Expr | None:
    """``left @ right``."""
    if left is None or right is None:
        return None
    shape = shapes.matmul(left.shape, right.shape, {})
    return None if shape is None else typed.MatMul(shape, left.span, left, right)


def negated(expr: Expr) -> Expr:
    """``-expr``, without a sign that is there already, and with a difference turned round."""
    if isinstance(expr, typed.Negate):
        return expr.operand
    if isinstance(expr, typed.Arithmetic) and expr.operator == "-":
        return replace(expr, left=expr.right, right=expr.left)
    return typed.Negate(expr.shape, expr.span, expr)


def transposed(expr: Expr) -> Expr | None:
    """``expr.T`` of what has two axes; a transpose that is there is taken away."""
    if isinstance(expr, typed.ArrayOp) and expr.name == "transpose":
        return expr.arguments[0]
    if len(expr.shape) != 2:
        return None
    return typed.ArrayOp(expr.shape[::-1], expr.span, "transpose", (expr,))


def reduced(name: str, expr: Expr, axis: int | None, *, keepdims: bool) -> Expr | None:
    """A sum or mean, of all entries or along an axis."""
    if not expr.shape or (axis is not None and axis >= len(expr.shape)):
        return None
    return typed.ArrayOp(_reduced(expr.shape, axis, keepdims=keepdims), expr.span, name, (expr,), axis, keepdims)


def _reduced(shape: Shape, axis: int | None, *, keepdims: bool) -> Shape:
    one: Shape = (1,)
    if axis is None:
        return one * len(shape) if keepdims else ()
    return shape[:axis] + one * keepdims + shape[axis + 1 :]


def gradient(of: Expr, target: typed.Target) -> Expr | None:
    """``D(of, target)``, where its shapes say what it is and it is no elementwise derivative."""
    if shapes.one_entry(of.shape):
        return typed.Derivative(target.shape, of.span, "gradient", of, target)
    if not target.shape:
        return typed.Derivative(of.shape, of.span, "tangent", of, target)
    return None


# --- a formula with one part replaced


@dataclass(frozen=True, slots=True)
class Site:
    """A part of a formula; ``plug`` makes the formula with another part in its place. A ``factor`` is looked for at
    the whole, all summands and what is summed (also in a factor, which is ``linear``), the sides of a matrix product:
    elsewhere it is one of these as well.
    All but the whole are ``inner`` parts. ``bound`` are the indices of the sums around it, with their sizes;
    ``whole`` is what it stands in directly.
    """

    part: Expr
    plug: Callable[[Expr], Expr | None]
    factor: bool
    inner: bool
    bound: tuple[tuple[typed.Bound, typed.Dim], ...] = ()
    whole: Expr | None = None
    linear: bool = True

    def plug_with(self, new: Expr | None) -> Expr | None:
        """The formula with a part that may be impossible."""
        return None if new is None else self.plug(new)


def sites(root: Expr) -> list[Site]:
    """The parts of a formula, from the outside in and in reading order. Derivatives and positions are whole."""
    found: list[Site] = []
    for site in _sites(root):
        found.append(site)
        if len(found) == MOST_SITES:
            break
    return found


def _sites(root: Expr) -> Iterator[Site]:
    waiting = [Site(root, lambda new: new, factor=True, inner=False)]
    while waiting:
        site = waiting.pop(0)
        yield site
        inside = parts(site.part)
        for i, part in enumerate(inside):
            plug = _within(site, inside, i)
            linear = site.linear and (_holds_factors(site.part, i) or _multiplies(site.part))
            factor = linear and (_has_summands(site.part) or (site.factor and _holds_factors(site.part, i)))
            bound = (*site.bound, *_bound(site.part))
            waiting.append(Site(part, plug, factor, inner=True, bound=bound, whole=site.part, linear=linear))


def _bound(whole: Expr) -> Iterator[tuple[typed.Bound, typed.Dim]]:
    """The index that a sum binds, if it is used."""
    if isinstance(whole, typed.BigOp):
        use = typed.bound_by(whole)
        if use is not None:
            yield use, whole.size


def _within(site: Site, inside: Sequence[Expr], i: int) -> Callable[[Expr], Expr | None]:
    def plug(new: Expr) -> Expr | None:
        made = with_parts(site.part, (*inside[:i], new, *inside[i + 1 :]))
        return None if made is None else site.plug(made)

    return plug


def _has_summands(whole: Expr) -> bool:
    """Whether a factor of one of its parts is none of the whole: in a sum by an index one that has the index."""
    return isinstance(whole, typed.BigOp) or (isinstance(whole, typed.Arithmetic) and whole.operator in ("+", "-"))


def _multiplies(whole: Expr) -> bool:
    return isinstance(whole, typed.Arithmetic) and whole.operator == "*"


def _holds_factors(whole: Expr, i: int) -> bool:
    """Whether a factor of the i-th part is not as well one of the whole."""
    match whole:
        case typed.Arithmetic():
            return whole.operator in ("+", "-") or (whole.operator == "/" and i == 0)
        case typed.MatMul():
            return True
        case typed.Negate() | typed.BigOp():
            return True
        case typed.ArrayOp():
            return whole.name in ("sum", "mean", "transpose", "diag", "trace")
        case _:
            return False


def parts(expr: Expr) -> tuple[Expr, ...]:
    """The parts of an expression that may be replaced."""
    if isinstance(expr, typed.Element):
        return (expr.base,)
    if isinstance(expr, typed.Derivative):
        return ()
    return typed.children(expr)


def is_condition(expr: Expr) -> bool:
    """Whether a value is true or false, and no number."""
    return isinstance(expr, typed.Compare | typed.Logic)


def with_parts(expr: Expr, new: tuple[Expr, ...]) -> Expr | None:
    """An expression with other parts, as :func:`parts` has them."""
    make = _MAKE.get(type(expr))
    if make is None or any(is_condition(a) != is_condition(b) for a, b in zip(parts(expr), new, strict=True)):
        return None
    made = make(expr, new)
    if made is not None and [e.shape for e in new] == [e.shape for e in parts(expr)]:
        return replace(made, shape=expr.shape)  # shapes may go together for sizes that are known
    return made


def _element(expr: typed.Element, new: tuple[Expr, ...]) -> Expr | None:
    return replace(expr, base=new[0]) if new[0].shape == expr.base.shape else None


def _array_op(expr: typed.ArrayOp, new: tuple[Expr, ...]) -> Expr | None:
    if expr.name == "transpose":
        return typed.ArrayOp(new[0].shape[::-1], expr.span, "transpose", new) if new[0].shape else new[0]
    if [e.shape for e in new] == [e.shape for e in expr.arguments]:
        return replace(expr, arguments=new)
    if expr.name in shapes.REDUCTIONS:
        return reduced(expr.name, new[0], expr.axis, keepdims=expr.keepdims)
    if expr.name in ("softmax", "log_softmax") and len(new[0].shape) > (expr.axis or 0):
        return replace(expr, shape=new[0].shape, arguments=new)
    return None


def _stretched(exprs: Sequence[Expr]) -> Shape | None:
    shape: Shape | None = exprs[0].shape
    for expr in exprs[1:]:
        if shape is not None:
            shape = shapes.elementwise(shape, expr.shape, {})
    return shape


def _stretching(make: Callable[[Any, tuple[Expr, ...]], dict[str, Any]]) -> Callable[[Any, tuple[Expr, ...]], Any]:
    def remade(expr: Expr, new: tuple[Expr, ...]) -> Expr | None:
        shape = _stretched(new)
        changes: Any = {"shape": shape, **make(expr, new)}
        return None if shape is None else replace(expr, **changes)

    return remade


def _entries(expr: typed.Entries, new: tuple[Expr, ...]) -> Expr | None:
    return None if any(e.shape for e in new) else replace(expr, entries=new)


_MAKE: dict[type[Expr], Callable[[Any, tuple[Expr, ...]], Expr | None]] = {
    typed.Negate: lambda e, new: replace(e, shape=new[0].shape, operand=new[0]),
    typed.Arithmetic: lambda e, new: arithmetic(e.operator, *new),
    typed.MatMul: lambda e, new: matmul(*new),
    typed.Element: _element,
    typed.Apply: _stretching(lambda e, new: {"arguments": new}),
    typed.Opaque: _stretching(lambda e, new: {"argument": new[0]}),
    typed.ArrayOp: _array_op,
    typed.BigOp: lambda e, new: replace(e, shape=new[0].shape, body=new[0]),
    typed.Entries: _entries,
    typed.Compare: _stretching(lambda e, new: {"left": new[0], "right": new[1]}),
    typed.Logic: _stretching(lambda e, new: {"operands": new}),
    typed.Where: _stretching(lambda e, new: {"test": new[0], "then": new[1], "otherwise": new[2]}),
}


def substituted(root: Expr, change: Callable[[Expr], Expr | None]) -> Expr | None:
    """A formula in which every part that ``change`` has something for is replaced by it; ``None`` if shapes do not
    go together, or nothing is changed."""
    made: dict[Expr, Expr] = {}
    for expr in typed.postorder(root, parts):
        new = change(expr)
        if new is None:
            inside = parts(expr)
            renewed = tuple(made[e] for e in inside)
            unchanged = all(a is b for a, b in zip(inside, renewed, strict=True))
            new = expr if unchanged else with_parts(expr, renewed)
            if new is None:
                return None
        made[expr] = new
    return None if made[root] is root else made[root]
