"""Owns straight-line programs: both sides of a scalar claim as one list of operations on FLINT's balls and power
series, made once a claim and run at every point.

A derivative is a coefficient of a power series, so that one operation of FLINT does what a dozen on jets do. A
program tells two finite enclosures, or nothing (:class:`Leaves`): where a value does not exist, or the precision does
not tell, or a claim is of anything but numbers, the evaluation by jets has the word (``enclose``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, lru_cache, partial
from operator import add, mul, neg, sub, truediv
from typing import Any

from flint import arb, arb_series, fmpq, fmpq_series

from derivcheck.engine import direct, jets
from derivcheck.engine.names import Names, is_literal
from derivcheck.engine.places import Point
from derivcheck.errors import EngineFault
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation

Ball = Any  # arb, or arb_series for what moves; python-flint has no type stubs

#: Operations of a program; exponents that are taken by products; derivatives inside one another.
MOST_OPERATIONS = 600
LARGEST_POWER = 64
MOST_DERIVATIVES = 3

#: Counted work of an operation.
WORK = 5


class Leaves(Exception):
    """A program does not tell: of such a claim there is none, or not at this point."""


class _Slot:
    """Where a value of a program is: its number (of what operations make, from 0 on; of constants and inputs, from -1
    downwards), whether it is a series (what moves with the name by which is differentiated) or a ball, and whether it
    is rational at rational points. It is the carrier's value: operators write operations down."""

    __slots__ = ("moves", "number", "program", "rational")

    def __init__(self, program: _Writer, number: int, *, moves: bool, rational: bool) -> None:
        self.program = program
        self.number = number
        self.moves = moves
        self.rational = rational

    def __add__(self, other: Any) -> _Slot:
        return self.program.binary(add, self, other)

    def __sub__(self, other: Any) -> _Slot:
        return self.program.binary(sub, self, other)

    def __mul__(self, other: Any) -> _Slot:
        return self.program.binary(mul, self, other)

    def __truediv__(self, other: Any) -> _Slot:
        return self.program.binary(truediv, self, other)

    def __radd__(self, other: Any) -> _Slot:
        return self.program.binary(add, other, self)

    def __rsub__(self, other: Any) -> _Slot:
        return self.program.binary(sub, other, self)

    def __rmul__(self, other: Any) -> _Slot:
        return self.program.binary(mul, other, self)

    def __rtruediv__(self, other: Any) -> _Slot:
        return self.program.binary(truediv, other, self)

    def __neg__(self) -> _Slot:
        return self.program.unary(neg, self, rational=self.rational)

    def __pow__(self, other: _Slot) -> _Slot:
        return self.program.real_power(self, other)


def _first(x: Ball) -> Ball:
    """The value, of what may be a series."""
    return x[0] if type(x) is arb_series else x


def _log(x: Ball) -> Ball:
    if not _first(x) > 0:
        raise Leaves
    return x.log()


def _root(x: Ball) -> Ball:
    if not _first(x) > 0:
        raise Leaves
    return x.sqrt()


def _size_of_series(x: Ball) -> Ball:
    first = x[0]
    if first > 0:
        return x
    if first < 0:
        return -x
    raise Leaves


def _sign_of_ball(x: Ball) -> Ball:
    if x > 0:
        return arb(1)
    if x < 0:
        return arb(-1)
    raise Leaves


def _sign_of_series(x: Ball) -> Ball:
    return _sign_of_ball(x[0]) + 0 * x


def _within(function: Callable[[Ball], Ball]) -> Callable[[Ball], Ball]:
    def inside(x: Ball) -> Ball:
        first = _first(x)
        if not (first > -1 and first < 1):
            raise Leaves
        return function(x)

    return inside


def _over(a: Ball, b: Ball) -> Ball:
    if _first(b).contains(0):
        raise Leaves
    return a / b


#: Primitive functions: of a ball, of a series.
FUNCTIONS_OF: dict[str, tuple[Callable[[Ball], Ball], Callable[[Ball], Ball]]] = {
    "exp": (arb.exp, arb_series.exp),
    "log": (_log, _log),
    "sqrt": (_root, _root),
    "abs": (abs, _size_of_series),
    "sign": (_sign_of_ball, _sign_of_series),
    "sin": (arb.sin, arb_series.sin),
    "cos": (arb.cos, arb_series.cos),
    "asin": (_within(arb.asin), _within(arb_series.asin)),
    "acos": (_within(arb.acos), _within(arb_series.acos)),
    "atan": (arb.atan, arb_series.atan),
    "erf": (arb.erf, arb_series.erf),
    "erfi": (arb.erfi, arb_series.erfi),
}


def _exact_first(x: Any) -> Any:
    return x[0] if type(x) is fmpq_series else x


def _exact_over(a: Any, b: Any) -> Any:
    if _exact_first(b) == 0:
        raise Leaves
    return a / b


def _exact_size(x: Any) -> Any:
    first = _exact_first(x)
    if first == 0 and first is not x:
        raise Leaves
    return x if first >= 0 else -x


def _exact_sign(x: Any) -> Any:
    first = _exact_first(x)
    if first == 0:
        raise Leaves
    return (1 if first > 0 else -1) + 0 * x


def _exact_root(x: Any) -> Any:
    first = _exact_first(x)
    root = jets.exact_root(first) if first > 0 else None
    if root is None:
        return None
    return root if first is x else root * (x / first).sqrt()  # FLINT wants a series that begins with 1


#: Of primitive functions, those that make rational numbers of rational ones, sometimes: how they do.
_EXACTLY: dict[str, Callable[[Any], Any]] = {"abs": _exact_size, "sign": _exact_sign, "sqrt": _exact_root}


@cache
def _raised(n: int) -> Callable[[Any], Any]:
    return partial(jets.products, n)


def coefficient(series: Ball) -> Ball:
    """The derivative at a point, from a series of two terms."""
    if not series[0].is_finite():
        raise Leaves
    return series[1]


def _slope(series: Ball) -> Ball:
    """The derivative as a series of one term less."""
    if not series[0].is_finite():
        raise Leaves
    return series.derivative()


def _exact_coefficient(series: Any) -> Any:
    return series[1]


def _exact_slope(series: Any) -> Any:
    return series.derivative()


@cache
def _agreeing(name: str) -> Callable[..., Ball]:
    """The value that a formula gave, which must be that of FLINT's own function.

    Raises:
        EngineFault: the two enclosures do not meet.
    """
    own = direct.DIRECT[name]

    def agreeing(found: Ball, *arguments: Ball) -> Ball:
        value = own(*(a[0] if type(a) is arb_series else a for a in arguments))
        first = found[0] if type(found) is arb_series else found
        if value.is_finite() and not value.overlaps(first):
            raise EngineFault(f"the formula of {name} does not give the value of {name}")
        return found

    return agreeing


def _found(found: Any, *arguments: Any) -> Any:
    """What a formula makes of rational numbers; FLINT's own function tells balls."""
    return found


#: An operation: on balls and series, on rational numbers and series of these, and the numbers of its places. That on
#: rational numbers is None where not all of them are.
_Operation = tuple[Callable[..., Ball], Callable[..., Any] | None, int, int | None, tuple[int, ...]]

#: What is there before any operation: a rational number, ``pi`` or ``e``, or the kind and name of an input with the
#: order of its series.
_Source = tuple[int, int] | tuple[str] | tuple[str, str, int]


class Program:
    """Both sides of a claim; ``rational``: which of them are rational numbers at rational points."""

    def __init__(self, operations: list[_Operation], sources: list[_Source], sides: tuple[_Slot, _Slot]) -> None:
        self._operations = operations
        self._left, self._right = sides[0].number, sides[1].number
        self._constants = [(-k, source) for k, source in enumerate(sources, start=1) if len(source) < 3]
        self._inputs: list[Any] = [(-k, *source) for k, source in enumerate(sources, start=1) if len(source) == 3]
        self._size = len(operations) + len(sources)
        self._known: dict[int, list[Ball]] = {}
        self.rational = sides[0].rational, sides[1].rational
        self.work = WORK * len(operations)

    def run(self, point: Point, bits: int) -> tuple[Ball, Ball]:
        """Enclosures of both sides at a point, finite ones, at the precision that is set, of so many ``bits``.

        Raises:
            Leaves: it does not tell.
            EngineFault: the formula of a function does not give its value.
        """
        known = self._known.get(bits)
        if known is None:
            known = self._known[bits] = [None] * self._size
            for k, constant in self._constants:
                known[k] = _constant(constant, bits)
        values = known.copy()
        for k, kind, name, order in self._inputs:
            value = arb(_given(point, kind, name))
            values[k] = arb_series([value, 1], prec=order + 1) if order else value
        for k, (function, _, first, second, others) in enumerate(self._operations):
            if second is None:
                values[k] = function(values[first])
            elif others:
                values[k] = function(values[first], values[second], *[values[i] for i in others])
            else:
                values[k] = function(values[first], values[second])
        left, right = values[self._left], values[self._right]
        if not (left.is_finite() and right.is_finite()):
            raise Leaves
        return left, right

    def exactly(self, point: Point, left: Ball, right: Ball) -> tuple[Any, Any]:
        """Both sides at a point, of which the enclosures are given: a side that is ``rational`` as a rational number.

        Raises:
            Leaves: it does not tell.
            EngineFault: an enclosure does not hold the number.
        """
        values: list[Any] = [None] * self._size
        for k, constant in self._constants:
            values[k] = None if len(constant) == 1 else fmpq(*constant)
        for k, kind, name, order in self._inputs:
            value = _given(point, kind, name)
            values[k] = fmpq_series([value, 1], prec=order + 1) if order else value
        for k, (_, function, first, second, _) in enumerate(self._operations):
            a = values[first]
            b = None if second is None else values[second]
            if function is None or a is None or (second is not None and b is None):
                continue  # not a rational number, or not one here
            # what has more than two places is nothing but _found
            values[k] = function(a) if second is None else function(a, b)
        return _in(left, values[self._left]), _in(right, values[self._right])


def _in(enclosure: Ball, number: Any) -> Any:
    """A rational number that must lie in an enclosure; the enclosure, if there is none."""
    if number is None:
        return enclosure
    if number.height_bits() > jets.LONGEST_RATIONAL:
        raise Leaves
    if not enclosure.overlaps(arb(number)):
        raise EngineFault(f"an enclosure, {enclosure}, does not hold the value, {number}")
    return number


def _given(point: Point, kind: str, name: str) -> Any:
    """The value of an input at a point, a rational number."""
    if kind == "variable":
        return point.values[name][()].value
    return jets.rational(point.bound[name])


@lru_cache(1_000)
def _constant(constant: tuple[Any, ...], bits: int) -> Ball:
    """A constant at the precision that is set, of so many ``bits``."""
    return _CONSTANTS[constant[0]]() if len(constant) == 1 else arb(fmpq(*constant))


_CONSTANTS: dict[str, Callable[[], Ball]] = {"pi": arb.pi, "e": arb.const_e}


class _Frame:
    """By what is differentiated, and how often: the name of a variable or bound scalar, and the order of its series;
    with what has been written down under it, by the identity of expressions."""

    __slots__ = ("name", "order", "written")

    def __init__(self, name: str, order: int) -> None:
        self.name = name
        self.order = order
        self.written: dict[int, _Slot] = {}


class _Writer:
    """Writes a program down. It is the carrier of the function table, too."""

    def __init__(self, derivation: Derivation, names: Names, bound: Mapping[str, Any]) -> None:
        self._derivation = derivation
        self._names = names
        self._bound = bound
        self._operations: list[_Operation] = []
        self._made: dict[tuple[Any, ...], _Slot] = {}
        self._sources: dict[_Source, _Slot] = {}
        self._root = _Frame("", 0)
        self._frames: dict[tuple[str, int], _Frame] = {}

    def program(self, left: Expr, right: Expr) -> Program:
        """The program of two sides.

        Raises:
            Leaves: there is none.
        """
        sides = self.slot(left, self._root), self.slot(right, self._root)
        return Program(self._operations, list(self._sources), sides)

    # -- the carrier --------------------------------------------------------------------------------------------

    def operation(
        self,
        function: Callable[..., Ball],
        exactly: Callable[..., Any] | None,
        first: int,
        second: int | None = None,
        others: tuple[int, ...] = (),
        *,
        moves: bool,
        rational: bool,
    ) -> _Slot:
        """Write an operation on the values of some places down, unless it is there; ``exactly`` is the same on
        rational numbers."""
        key = (function, first, second, others)
        found = self._made.get(key)
        if found is None:
            number = len(self._operations)
            if number >= MOST_OPERATIONS:
                raise Leaves
            found = self._made[key] = _Slot(self, number, moves=moves, rational=rational)
            self._operations.append((function, exactly if rational else None, first, second, others))
        return found

    def unary(self, function: Callable[..., Ball], x: _Slot, *, rational: bool) -> _Slot:
        """An operation on one value that is the same on rational numbers."""
        return self.operation(function, function, x.number, moves=x.moves, rational=rational)

    def binary(self, function: Callable[..., Ball], a: Any, b: Any) -> _Slot:
        """Arithmetic; a Python integer is a constant."""
        a = a if type(a) is _Slot else self.constant((a, 1))
        b = b if type(b) is _Slot else self.constant((b, 1))
        exactly = function
        if function is truediv:
            function, exactly = _over, _exact_over
        rational = a.rational and b.rational
        moves = a.moves or b.moves
        return self.operation(function, exactly, a.number, b.number, moves=moves, rational=rational)

    def source(self, source: _Source, *, moves: bool, rational: bool) -> _Slot:
        """What is there before any operation."""
        found = self._sources.get(source)
        if found is None:
            number = -1 - len(self._sources)
            found = self._sources[source] = _Slot(self, number, moves=moves, rational=rational)
        return found

    def constant(self, value: tuple[int, int] | tuple[str]) -> _Slot:
        """A rational number, or ``pi`` or ``e``."""
        return self.source(value, moves=False, rational=len(value) == 2)

    def number(self, value: Any) -> _Slot:
        """A rational constant of a formula."""
        return self.constant((value.numerator, value.denominator))

    def ratio(self, a: Any, b: Any) -> _Slot:
        """``a / b``."""
        return self.binary(truediv, a, b)

    def primitive(self, name: str, *arguments: _Slot) -> _Slot:
        """A primitive function."""
        found = FUNCTIONS_OF.get(name)
        if found is None or len(arguments) != 1:
            raise Leaves
        x = arguments[0]
        exactly = _EXACTLY.get(name)
        rational = x.rational and exactly is not None
        return self.operation(found[x.moves], exactly, x.number, moves=x.moves, rational=rational)

    def __getattr__(self, name: str) -> Callable[..., _Slot]:
        return partial(self.primitive, name)

    def real_power(self, a: _Slot, b: _Slot) -> _Slot:
        """``a**b`` of a positive number."""
        return self.primitive("exp", b * self.primitive("log", a))

    # -- typed expressions --------------------------------------------------------------------------------------

    def slot(self, expr: Expr, frame: _Frame) -> _Slot:
        """Where the value of an expression is."""
        found = frame.written.get(id(expr))
        if found is None:
            write = _WRITE.get(type(expr))
            if write is None or expr.shape:
                raise Leaves
            found = frame.written[id(expr)] = write(self, expr, frame)
        return found

    def input(self, kind: str, name: str, frame: _Frame) -> _Slot:
        """A variable or bound scalar: a series if it is what is differentiated by."""
        order = frame.order if frame.order and f"{kind} {name}" == frame.name else 0
        return self.source((kind, name, order), moves=bool(order), rational=True)

    def bound(self, expr: typed.Bound, frame: _Frame) -> _Slot:
        """A bound scalar."""
        if expr.key not in self._bound:
            raise Leaves
        return self.input("bound", expr.key, frame)

    def arithmetic(self, expr: typed.Arithmetic, frame: _Frame) -> _Slot:
        """``+ - * / **``."""
        left = self.slot(expr.left, frame)
        if expr.operator == "**":
            return self._power(left, expr.right, frame)
        return self.binary(_ARITHMETIC[expr.operator], left, self.slot(expr.right, frame))

    def _power(self, base: _Slot, exponent: Expr, frame: _Frame) -> _Slot:
        value = _literal(exponent)
        if value is None:
            if is_literal(exponent) or self._names.integral(exponent):
                raise Leaves
            return self.real_power(base, self.slot(exponent, frame))
        if value.denominator != 1:
            if value == _HALF:
                return self.primitive("sqrt", base)
            return self.real_power(base, self.number(value))
        n = abs(value.numerator)
        if not 0 < n <= LARGEST_POWER:
            raise Leaves
        raised = base if n == 1 else base * base if n == 2 else self.unary(_raised(n), base, rational=base.rational)
        return raised if value > 0 else 1 / raised

    def apply(self, expr: typed.Apply, frame: _Frame) -> _Slot:
        """A function of the table."""
        if expr.order:
            raise Leaves
        arguments = [self.slot(a, frame) for a in expr.arguments]
        row = FUNCTIONS[expr.function]
        if row.formula is None:
            return self.primitive(row.name, *arguments)
        found: _Slot = row.formula(self, *arguments)
        if row.name not in direct.DIRECT:
            return found
        agreeing = _agreeing(row.name)
        first, *others = (a.number for a in arguments)
        return self.operation(
            agreeing, _found, found.number, first, tuple(others), moves=found.moves, rational=found.rational
        )

    def derivative(self, expr: typed.Derivative, frame: _Frame) -> _Slot:
        """A derivative of a number by a number: a coefficient of its series."""
        target = expr.target
        if target.kind == "defined" or target.subscripts is not None or target.whole or expr.kind == "hessian":
            raise Leaves
        name = f"{target.kind} {target.key if target.kind == 'bound' else target.name}"
        if frame.name not in ("", name) or frame.order >= MOST_DERIVATIVES:
            raise Leaves
        key = (name, frame.order + 1)
        below = self._frames.get(key)
        if below is None:
            below = self._frames[key] = _Frame(*key)
        series = self.slot(expr.of, below)
        if not series.moves:
            raise Leaves
        inner = frame.order > 0
        function, exactly = (_slope, _exact_slope) if inner else (coefficient, _exact_coefficient)
        return self.operation(function, exactly, series.number, moves=inner, rational=series.rational)


def _literal(exponent: Expr) -> Any:
    """The number that an exponent is, if it is written as one."""
    if isinstance(exponent, typed.Number):
        return exponent.value
    if isinstance(exponent, typed.Negate) and isinstance(exponent.operand, typed.Number):
        return -exponent.operand.value
    if (
        isinstance(exponent, typed.Arithmetic)
        and exponent.operator == "/"
        and isinstance(exponent.right, typed.Number)
        and exponent.right.value
    ):
        top = _literal(exponent.left)
        return None if top is None else top / exponent.right.value
    return None


def program(
    derivation: Derivation, names: Names, bound: Mapping[str, Any], left: Expr, right: Expr
) -> Program | None:
    """The program of two sides, if there is one."""
    try:
        return _Writer(derivation, names, bound).program(left, right)
    except Leaves:
        return None


_HALF = Fraction(1, 2)

_ARITHMETIC: dict[str, Callable[..., Ball]] = {"+": add, "-": sub, "*": mul, "/": truediv}

_WRITE: dict[type[Expr], Callable[[_Writer, Any, _Frame], _Slot]] = {
    typed.Number: lambda w, expr, frame: w.number(expr.value),
    typed.Constant: lambda w, expr, frame: w.constant((expr.name,)),
    typed.Variable: lambda w, expr, frame: w.input("variable", expr.name, frame),
    typed.Bound: _Writer.bound,
    typed.Defined: lambda w, expr, frame: w.slot(w._derivation.definitions[expr.name], frame),
    typed.Negate: lambda w, expr, frame: -w.slot(expr.operand, frame),
    typed.Arithmetic: _Writer.arithmetic,
    typed.Apply: _Writer.apply,
    typed.Derivative: _Writer.derivative,
}
