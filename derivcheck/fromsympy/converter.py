"""Owns the walk over SymPy expressions, and what they declare on the way: variables, functions, dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import count
from typing import Literal

import sympy
from sympy.matrices.expressions.matexpr import MatrixElement

from derivcheck.errors import Problem, Refused
from derivcheck.fromsympy.symbols import Unreal, name_of, place_of
from derivcheck.fromsympy.walk import Basic, distinct, expressions, inside, show
from derivcheck.lang import limits, shapes, typed
from derivcheck.lang.typed import SCALAR, Dim, Expr, Shape
from derivcheck.model import OpaqueFunction, Variable
from derivcheck.source import Span

Rule = Callable[["Converter", Basic, list[Expr]], Expr]
Operator = Literal["+", "-", "*", "/", "**"]

_NOWHERE = Span(0, 0)


@dataclass(frozen=True, slots=True)
class Index:
    """What the index of a sum stands for: a bound name that goes from 0 over ``size`` values, and where it starts."""

    bound: typed.Bound
    size: Dim
    start: int


@dataclass
class Converter:
    """Converts the expressions of one claim. ``variables``, ``functions``, ``dims`` and ``assume`` grow on the way;
    a symbol whose name is already a variable's or a defined one is that, and its own assumptions say nothing."""

    rules: Mapping[type, Rule]
    definitions: dict[str, Expr] = field(default_factory=dict)
    variables: dict[str, Variable] = field(default_factory=dict)
    functions: dict[str, OpaqueFunction] = field(default_factory=dict)
    dims: dict[str, None] = field(default_factory=dict)
    assume: list[Expr] = field(default_factory=list)
    span: Span = field(default=_NOWHERE)
    _names: dict[Basic, str] = field(default_factory=dict)
    _indices: dict[Basic, Index] = field(default_factory=dict)
    _memo: dict[Basic, Expr] = field(default_factory=dict)
    _keys: Iterator[int] = field(default_factory=count)

    def expression(self, value: Basic, span: Span) -> Expr:
        """The typed expression of a SymPy expression, matrix or array, of a number, or of a list of them.

        Raises:
            Refused: with the first thing that cannot be read.
        """
        self.span, self._memo = span, {}
        self.note_dims(value)
        converted = self.any(value)
        if _depth(converted) > limits.MAX_DEPTH:
            raise self.refusal(f"this is more than {limits.MAX_DEPTH} operations deep")
        return converted

    def note_dims(self, value: Basic) -> None:
        """Declare the dimensions of every matrix symbol in a value; of several values that go together, before any
        is converted, since a symbol outside of a shape is a dimension only if it is one elsewhere."""
        for root in expressions(value):
            for part in distinct(root):
                if isinstance(part, (sympy.MatrixSymbol, sympy.IndexedBase)):
                    axes = [self.axis(size) for size in part.shape or ()]
                    self.dims.update((axis, None) for axis in axes if isinstance(axis, str))

    def target(self, value: Basic, span: Span) -> typed.Target:
        """What a derivative is taken by: a symbol, a matrix symbol, an indexed base, or an entry of one.

        Raises:
            Refused: when it is something else.
        """
        self.span, self._memo = span, {}
        self.note_dims(value)
        return self.by(value)

    @staticmethod
    def is_one_target(value: Basic) -> bool:
        """Whether a derivative can be taken by a value as a whole."""
        return isinstance(value, (sympy.Symbol, sympy.MatrixSymbol, MatrixElement, sympy.IndexedBase, sympy.Indexed))

    # -- for the rules ------------------------------------------------------------------------------------------

    def any(self, value: Basic) -> Expr:
        """The typed expression of anything that has one."""
        if isinstance(value, (list, tuple)):
            return self.entries([self.any(item) for item in value])
        if isinstance(value, (sympy.MatrixBase, sympy.NDimArray)):
            flat = value.flat() if isinstance(value, sympy.MatrixBase) else list(value.reshape(len(value)))
            if not flat:
                raise self.refusal("an array without entries")
            return typed.Entries(
                tuple(int(size) for size in value.shape), self.span, tuple(self.scalar(item) for item in flat)
            )
        if isinstance(value, (int, float, Fraction)) and not isinstance(value, bool):
            return self.decimal(str(value))
        if not isinstance(value, sympy.Basic):
            raise self.refusal(f"`{show(value)}` is no expression", "give strings, numbers or SymPy expressions")
        return self._walk(value)

    def scalar(self, value: Basic) -> Expr:
        """The same, of what must be a number."""
        converted = self.any(value)
        if converted.shape:
            raise self.refusal(f"an array inside an array: {show(value)}")
        return converted

    def entries(self, rows: list[Expr]) -> Expr:
        """An array of numbers, or of rows of one shape."""
        shape = rows[0].shape if rows else ()
        if not rows or any(row.shape != shape for row in rows) or (shape and not all_entries(rows)):
            raise self.refusal("the rows of an array have different lengths")
        flat = [part for row in rows for part in (row.entries if isinstance(row, typed.Entries) else (row,))]
        return typed.Entries((len(rows), *shape), self.span, tuple(flat))

    def by(self, value: Basic) -> typed.Target:
        """What a derivative is taken by."""
        found = target_of(self._walk(value)) if self.is_one_target(value) else None
        if found is None:
            raise self.refusal(f"a derivative by {show(value)} is not possible", "take it by a symbol")
        return found

    def number(self, value: Fraction, text: str | None = None) -> Expr:
        """An exact number; a negative one is the negative of a literal, as it is in text."""
        literal = typed.Number(SCALAR, self.span, abs(value), text or str(abs(value)))
        return typed.Negate(SCALAR, self.span, literal) if value < 0 else literal

    def decimal(self, text: str) -> Expr:
        """A number as it is printed: a floating-point ``0.1`` is 1/10."""
        try:
            return self.number(Fraction(text), text.removeprefix("-"))
        except ValueError:
            raise self.refusal(f"{text} is no real number") from None

    def arithmetic(self, operator: Operator, left: Expr, right: Expr) -> Expr:
        """An elementwise operation, of which one side may be a number."""
        return typed.Arithmetic(left.shape or right.shape, self.span, operator, left, right)

    def fold(self, operator: Operator, parts: Sequence[Expr]) -> Expr:
        """The same operation between all parts, as a balanced tree, so that no walk need be as deep as it is long."""
        if len(parts) == 1:
            return parts[0]
        middle = len(parts) // 2
        return self.arithmetic(operator, self.fold(operator, parts[:middle]), self.fold(operator, parts[middle:]))

    def variable(self, symbol: Basic, shape: Shape) -> Expr:
        """The variable of a symbol, declared when it is met first; a dimension's symbol is its size, that of a
        defined name is the name."""
        name = self.name(symbol)
        if name in self.definitions:
            return self._fitting(typed.Defined(self.definitions[name].shape, self.span, name), name, shape)
        if name in self.dims and not shape:
            return typed.Dimension(SCALAR, self.span, name)
        if name not in self.variables:
            self.variables[name] = Variable(name, shape) if shape else self._scalar_variable(symbol, name)
        return self._fitting(typed.Variable(self.variables[name].shape, self.span, name), name, shape)

    def _fitting(self, declared: Expr, name: str, shape: Shape) -> Expr:
        if declared.shape == shape:
            return declared
        raise self.refusal(
            f"{name} is declared with the shape {shapes.show(declared.shape)}, the symbol has {shapes.show(shape)}"
        )

    def index(self, symbol: Basic) -> Index | None:
        """What a symbol stands for inside a sum, if it is that sum's index."""
        return self._indices.get(symbol)

    def within(self, symbol: Basic, size: Dim, start: int) -> tuple[str, Converter]:
        """A converter for the inside of a sum, and the key of its index."""
        key = f"{symbol.name}@{next(self._keys)}"
        index = Index(typed.Bound(SCALAR, self.span, str(symbol.name), key), size, start)
        return key, replace(self, _indices={**self._indices, symbol: index}, _memo={})

    def shifted(self, bound: typed.Bound, offset: int) -> Expr:
        """An index with a number added."""
        if offset == 0:
            return bound
        amount = self.number(Fraction(abs(offset)))
        return typed.Arithmetic(SCALAR, self.span, "+" if offset > 0 else "-", bound, amount)

    def name(self, symbol: Basic) -> str:
        """The name of a symbol, its own among those of the claim."""
        if symbol not in self._names:
            self._names[symbol] = name_of(symbol, set(self._names.values()))
        return self._names[symbol]

    def axis(self, size: Basic) -> Dim:
        """A size of a matrix symbol: a number or a symbol."""
        if size.is_Integer:
            return int(size)
        if isinstance(size, sympy.Symbol):
            return self.name(size)
        raise self.refusal(f"the size {show(size)} of a matrix is neither a number nor a symbol")

    def refusal(self, message: str, hint: str | None = None) -> Refused:
        """A problem, to be raised."""
        return Refused([Problem("sympy", message, self.span, hint)])

    # -- inside -------------------------------------------------------------------------------------------------

    def _walk(self, root: Basic) -> Expr:
        """Inner expressions first, each once; a loop, so that depth is no matter."""
        stack = [root]
        while stack:
            expr = stack[-1]
            if expr in self._memo:
                stack.pop()
                continue
            rule = self._rule(expr)  # before its inside, so that the outermost stranger is named
            parts = inside(expr)
            waiting = [part for part in parts if part not in self._memo]
            if not waiting:
                self._memo[expr] = rule(self, expr, [self._memo[part] for part in parts])
            stack.extend(reversed(waiting))
        return self._memo[root]

    def _rule(self, expr: Basic) -> Rule:
        for kind in type(expr).__mro__:
            if kind in self.rules:
                return self.rules[kind]
        hint = "write it with the functions and operators of the expression language"
        raise self.refusal(f"SymPy's {type(expr).__name__} cannot be read: {show(expr)}", hint)

    def _scalar_variable(self, symbol: Basic, name: str) -> Variable:
        try:
            place = place_of(symbol)
        except Unreal as unreal:
            raise self.refusal(f"{name} {unreal}") from None
        if place.sign is not None:
            variable = typed.Variable(SCALAR, self.span, name)
            self.assume.append(typed.Compare(SCALAR, self.span, place.sign, variable, self.number(Fraction(0))))
        return Variable(name, SCALAR, place.domain)


def target_of(expr: Expr) -> typed.Target | None:
    """What a derivative by an expression is taken by: a variable or defined name, whole or an entry of it."""
    whole, subscripts = (expr.base, expr.subscripts) if isinstance(expr, typed.Element) else (expr, None)
    match whole:
        case typed.Variable(name=name):
            return typed.Target("variable", name, name, subscripts, expr.shape, whole.shape)
        case typed.Defined(name=name):
            return typed.Target("defined", name, name, subscripts, expr.shape, whole.shape)
        case _:
            return None


def all_entries(rows: list[Expr]) -> bool:
    """Whether every row is a literal array."""
    return all(isinstance(row, typed.Entries) for row in rows)


def _depth(root: Expr) -> int:
    depth: dict[Expr, int] = {}
    for part in typed.postorder(root):
        depth[part] = 1 + max((depth[child] for child in typed.children(part)), default=0)
    return depth[root]
