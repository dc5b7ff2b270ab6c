"""Owns the typed expressions: names resolved, shapes known, every meaning decided; what the engine works on.

Text becomes nodes (``nodes``), nodes become these (``elaborate``). A typed expression is a graph, not a tree of
text: a defined name stays a :class:`Defined` and is never unfolded here. All values are frozen and compared by
identity, so that walks can be memoised in constant time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from derivcheck.lang.domains import Domain
from derivcheck.source import Span

#: One axis: a number, or the name of a symbolic dimension (``n``). Only the number 1 stretches.
Dim = int | str
Shape = tuple[Dim, ...]
SCALAR: Shape = ()


@dataclass(frozen=True, slots=True, eq=False)
class Expr:
    """A value of a known shape; a scalar has shape ``()``."""

    shape: Shape
    span: Span


@dataclass(frozen=True, slots=True, eq=False)
class Number(Expr):
    """An exact rational. ``text`` is how it was written (``0.3932``): a displayed number counts its digits."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Constant(Expr):
    """``pi`` or ``e``."""

    name: Literal["pi", "e"]


@dataclass(frozen=True, slots=True, eq=False)
class Variable(Expr):
    """A declared variable, whole."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Defined(Expr):
    """A name of the forward computation; its expression stands in the derivation's definitions."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Dimension(Expr):
    """The size of a symbolic dimension, as a number (the ``m`` of ``/ m``)."""

    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Bound(Expr):
    """A name bound by ``for``: an index (an integer from 0), or a scalar of a domain (``for z in real``).

    ``key`` is unique within the claim, so that nested binders of one name stay apart.
    """

    name: str
    key: str


@dataclass(frozen=True, slots=True, eq=False)
class Negate(Expr):
    """``-operand``."""

    operand: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Arithmetic(Expr):
    """Elementwise ``+ - * / **``. A scalar goes with anything; an axis of literal size 1 stretches."""

    operator: Literal["+", "-", "*", "/", "**"]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class MatMul(Expr):
    """``left @ right`` as NumPy has it for one and two axes: [a,b]@[b,c], [a,b]@[b], [a]@[a,b], [a]@[a]."""

    left: Expr
    right: Expr


#: One place of an index: an expression for the position, or ``None`` for ``:`` (the whole axis).
Subscript = Expr | None


@dataclass(frozen=True, slots=True, eq=False)
class Element(Expr):
    """``base[subscripts]``, one subscript an axis of the base; positions are literal integers or bound indices,
    possibly with an integer added or subtracted."""

    base: Expr
    subscripts: tuple[Subscript, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Apply(Expr):
    """An elementwise function of ``functions.FUNCTIONS`` by its canonical name; ``order`` counts primes
    (``relu'`` has 1). With more than one argument, arguments stretch against each other like ``+``."""

    function: str
    order: int
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Opaque(Expr):
    """An elementwise function declared in the spec, of which only a derivative rule, or nothing, is known."""

    function: str
    order: int
    argument: Expr


@dataclass(frozen=True, slots=True, eq=False)
class ArrayOp(Expr):
    """A function of whole arrays, with NumPy's meaning.

    ``name`` is one of: ``sum mean prod softmax log_softmax logsumexp norm`` (with ``axis``, ``None`` for all
    entries, and ``keepdims``), ``dot outer trace det inv diag transpose reshape concat`` (``axis`` for concat),
    ``eye ones zeros`` (no arguments; the shape says all). ``softmax``/``log_softmax`` keep the shape. ``diag``
    of one axis is the diagonal matrix, of two axes the diagonal. ``reshape`` is row-major. A negative axis has
    been made non-negative.
    """

    name: str
    arguments: tuple[Expr, ...]
    axis: int | None = None
    keepdims: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class BigOp(Expr):
    """``sum(body for i in n)`` or ``prod(body for i in n)``: ``key`` is the bound index in ``body``."""

    kind: Literal["sum", "prod"]
    key: str
    size: Dim
    body: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Entries(Expr):
    """``[1, 2, 3]``, ``[[1, 2], [3, 4]]``: the entries, row-major, each a scalar."""

    entries: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Compare(Expr):
    """An elementwise condition ``left operator right``; its value is true or false, never a number."""

    operator: Literal["<", "<=", ">", ">=", "==", "!="]
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True, eq=False)
class Logic(Expr):
    """``and``, ``or`` (two operands or more), ``not`` (one), elementwise over conditions."""

    operator: Literal["and", "or", "not"]
    operands: tuple[Expr, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Where(Expr):
    """``where(test, then, otherwise)``, elementwise. A branch that is not taken need not be defined.

    ``indicator(test)`` is ``where(test, 1, 0)``; ``eq(a, b)`` is ``where(a == b, 1, 0)``.
    """

    test: Expr
    then: Expr
    otherwise: Expr


@dataclass(frozen=True, slots=True)
class Target:
    """What a derivative is taken by: a variable, a defined name (the graph is cut there) or a bound scalar
    (``key``); with ``subscripts``, one entry or a slice of it. ``shape`` is the shape of what is left, ``whole``
    the shape before the subscripts."""

    kind: Literal["variable", "defined", "bound"]
    name: str
    key: str
    subscripts: tuple[Subscript, ...] | None
    shape: Shape
    whole: Shape = SCALAR


@dataclass(frozen=True, slots=True, eq=False)
class Derivative(Expr):
    """A derivative of ``of`` by ``target``; ``kind`` says which entries it has:

    - ``gradient``: ``of`` has one entry; the shape is the target's (``transposed``: reversed, numerator layout).
    - ``elementwise``: ``of`` is an elementwise image of the target, of its shape; entry i is d of_i / d target_i.
    - ``tangent``: the target is a scalar; the shape is that of ``of``.
    - ``jacobian``: shape ``of.shape + target.shape``.
    - ``hessian``: ``of`` has one entry; shape ``target.shape + target.shape``.
    """

    kind: Literal["gradient", "elementwise", "tangent", "jacobian", "hessian"]
    of: Expr
    target: Target
    transposed: bool = False


@dataclass(frozen=True, slots=True)
class Quantifier:
    """``for j in h`` (``size`` is set) or ``for z in real`` (``domain`` is set) over a whole statement; ``key``
    is that of the :class:`Bound` in its expressions."""

    name: str
    key: str
    size: Dim | None = None
    domain: Domain | None = None


def children(expr: Expr) -> tuple[Expr, ...]:
    """The expressions directly inside one (a defined name has none; subscripts count)."""
    inside = _INSIDE.get(type(expr))
    return () if inside is None else inside(expr)


def _indices(subscripts: tuple[Subscript, ...] | None) -> tuple[Expr, ...]:
    return tuple(s for s in subscripts or () if s is not None)


#: By type, since walks are most of what is done with expressions.
_INSIDE: dict[type[Expr], Callable[[Any], tuple[Expr, ...]]] = {
    Negate: lambda e: (e.operand,),
    Arithmetic: lambda e: (e.left, e.right),
    MatMul: lambda e: (e.left, e.right),
    Compare: lambda e: (e.left, e.right),
    Element: lambda e: (e.base, *_indices(e.subscripts)),
    Apply: lambda e: e.arguments,
    ArrayOp: lambda e: e.arguments,
    Opaque: lambda e: (e.argument,),
    BigOp: lambda e: (e.body,),
    Entries: lambda e: e.entries,
    Logic: lambda e: e.operands,
    Where: lambda e: (e.test, e.then, e.otherwise),
    Derivative: lambda e: (e.of, *_indices(e.target.subscripts)),
}


def bound_by(expr: BigOp) -> Bound | None:
    """The index that a sum or product binds, as its body names it; ``None`` if it does not."""
    uses = (e for e in postorder(expr.body) if isinstance(e, Bound) and e.key == expr.key)
    return next(uses, None)


def named_by(expr: Expr) -> tuple[str, ...]:
    """The variable or definition that one expression names by itself; what is inside it is not looked at."""
    if isinstance(expr, Variable | Defined):
        return (expr.name,)
    if isinstance(expr, Derivative) and expr.target.kind != "bound":
        return (expr.target.name,)
    return ()


def conjuncts(conditions: Iterable[Expr]) -> list[Expr]:
    """The conditions that have to hold one by one: every ``and`` taken apart."""
    found: list[Expr] = []
    for condition in conditions:
        if isinstance(condition, Logic) and condition.operator == "and":
            found.extend(conjuncts(condition.operands))
        else:
            found.append(condition)
    return found


def postorder(root: Expr, inside: Callable[[Expr], tuple[Expr, ...]] = children) -> Iterator[Expr]:
    """Every expression of a graph once, those inside another before it; a loop, so that depth is no matter.

    ``inside`` says what lies directly inside one: give one that follows defined names to walk through them.
    """
    seen: set[Expr] = set()
    stack: list[tuple[Expr, bool]] = [(root, False)]
    while stack:
        expr, done = stack.pop()
        if done:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((child, False) for child in reversed(inside(expr)))


def least_sizes(root: Expr) -> dict[str, int]:
    """How large symbolic dimensions must be for the literal positions in an expression to exist: ``A[2, j]`` asks
    that the first axis of ``A`` has 3 or more. Defined names are not followed; dimensions that need only 1 are
    left out."""
    least: dict[str, int] = {}
    for expr in postorder(root):
        note_sizes(expr, least)
    return least


def note_sizes(expr: Expr, least: dict[str, int]) -> None:
    """Raise ``least`` to what one expression asks for by itself; see :func:`least_sizes`."""
    match expr:
        case Element(base=base, subscripts=subscripts):
            _ask_sizes(base.shape, subscripts, least)
        case Derivative(target=Target(subscripts=tuple() as subscripts, whole=whole)):
            _ask_sizes(whole, subscripts, least)
        case _:
            pass


def _ask_sizes(shape: Shape, subscripts: tuple[Subscript, ...], least: dict[str, int]) -> None:
    for axis, subscript in zip(shape, subscripts, strict=True):
        if isinstance(axis, str) and isinstance(subscript, Number) and subscript.value > 0:
            least[axis] = max(least.get(axis, 1), int(subscript.value) + 1)


def displayed(expr: Expr) -> bool:
    """Whether an expression is a displayed number, or an array of them: what may stand to the right of ``≈``."""
    entries = expr.entries if isinstance(expr, Entries) else (expr,)
    return all(isinstance(e.operand if isinstance(e, Negate) else e, Number) for e in entries)
