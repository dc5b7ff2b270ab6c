"""Owns numbers that carry derivatives along in a tower, for the short way to a proof (``shortly``).

A number is an element of the tower or, where something is differentiated, a :class:`Dual`. The derivative of every
operation is SymPy's: it is asked for once, on symbols, and what it says is evaluated in the tower.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial, reduce
from typing import Any

from flint import fmpq
from sympy import Rational

from derivcheck.engine.convert import Converter
from derivcheck.engine.lets import operand_symbol
from derivcheck.engine.lower import FAILS
from derivcheck.engine.operations import (
    INVERSE,
    MINUS,
    OVER,
    PLUS,
    TIMES,
    Code,
    Constants,
    Formula,
    Operation,
    needs,
    partial_derivative,
)
from derivcheck.engine.ring import Poly, Ring
from derivcheck.engine.symbols import LARGEST_ARGUMENT, NEEDS, PRIMITIVES, SPECIAL
from derivcheck.engine.tower import Tower
from derivcheck.engine.work import Meter


class Dual:
    """``value + slope*e`` with ``e**2 = 0``, of the infinitesimal of one derivative: the ``level``-th, counted from
    outside. Its parts are of lower levels; an element of the tower has level 0. The value may be given by what will
    ``make`` it when it is asked for: of what is differentiated last, nobody asks."""

    __slots__ = ("_make", "_value", "level", "slope")

    def __init__(self, level: int, value: Number, slope: Number, make: Callable[[], Number] | None = None) -> None:
        self.level = level
        self.slope = slope
        self._value = value
        self._make = make

    @property
    def value(self) -> Number:
        """The value without the infinitesimal."""
        if self._make is not None:
            self._value, self._make = self._make(), None
        return self._value


class Traced:
    """An operation that was recorded and not done, the ``place``-th. A leaf has no arguments."""

    __slots__ = ("arguments", "operation", "place")

    #: What is traced moves in one derivative, and there are no others.
    level = 1

    def __init__(self, operation: Operation, arguments: tuple[Number, ...], place: int) -> None:
        self.operation = operation
        self.arguments = arguments
        self.place = place


Number = Any  # Poly | Dual | Traced


class LongWay(Exception):
    """The claim is left to the long way."""


class Carried:
    """A number as formulas of the function table see it."""

    __slots__ = ("number", "way")

    def __init__(self, way: Duals, number: Number) -> None:
        self.way = way
        self.number = number

    def __add__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.sum(self.number, self.way.plain(other)))

    __radd__ = __add__

    def __neg__(self) -> Carried:
        return Carried(self.way, self.way.negative(self.number))

    def __sub__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.sum(self.number, self.way.negative(self.way.plain(other))))

    def __rsub__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.sum(self.way.plain(other), self.way.negative(self.number)))

    def __mul__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.apply(TIMES, self.number, self.way.plain(other)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.apply(OVER, self.number, self.way.plain(other)))

    def __rtruediv__(self, other: Any) -> Carried:
        return Carried(self.way, self.way.apply(OVER, self.way.plain(other), self.number))

    def __pow__(self, other: Any) -> Carried:
        constant = self.way.constant_of(self.way.plain(other))
        if constant is None:
            raise LongWay
        return Carried(self.way, self.way.apply(("**", *map(str, constant)), self.number))


class Duals:
    """Numbers in one tower. It is a carrier of the function table. Where an entry is not judged ``alone``, what
    certainly holds is not assumed, so that another can be judged in the same tower."""

    def __init__(self, room: int, denominators: dict[Any, int], meter: Meter, *, alone: bool) -> None:
        self._alone = alone
        self.tower = Tower(Ring(room, meter), denominators, by_cases=False)
        self.ring = self.tower.ring
        self._converter = Converter(self.tower, None, {})
        self._told: set[Any] = set()
        #: What was made of which elements, by their identity: the values that derivatives by other entries need, too.
        self._made: dict[Any, tuple[Poly, tuple[Poly, ...]]] = {}
        self._rationals: dict[tuple[int, int], Poly] = {}
        self._kinks = False
        #: The arguments of kinks that move where something is differentiated, with their derivatives: not the one is
        #: 0 and the other is not, where the derivative exists.
        self.off: list[tuple[Poly, Poly]] = []
        self._values: dict[Traced, Poly] = {}
        self._recorded = 0

    def forked(self, meter: Meter, *, alone: bool) -> Any:
        """The same numbers in a tower of their own."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._alone = alone
        other.tower = self.tower.forked(meter)
        other.ring = other.tower.ring
        other._converter = Converter(other.tower, None, {})
        other._told = set(self._told)
        other._made = dict(self._made)
        other._rationals = dict(self._rationals)
        other._values = dict(self._values)
        return other

    # -- numbers ------------------------------------------------------------------------------------------------

    def plain(self, value: Any) -> Number:
        """What a formula computes with: a number, or a Python integer."""
        return value.number if type(value) is Carried else self.rational(value, 1)

    def rational(self, p: int, q: int) -> Poly:
        """A rational number."""
        found = self._rationals.get((p, q))
        if found is None:
            found = self._rationals[p, q] = self.ring.constant(fmpq(p, q))
        return found

    def sum(self, a: Number, b: Number) -> Number:
        """``a + b``."""
        level = max(level_of(a), level_of(b))
        if not level:
            return self._once(PLUS, self._plus, a, b)
        return self._sum_of((a, b), level)

    def total(self, terms: Iterable[Number]) -> Number:
        """The sum of some, of one at least."""
        numbers = tuple(terms)
        if len(numbers) == 1:
            return numbers[0]
        level = max(map(level_of, numbers))
        return self._sum_of(numbers, level) if level else reduce(self.sum, numbers)

    def _sum_of(self, numbers: tuple[Number, ...], level: int) -> Number:
        if any(type(a) is Traced for a in numbers):
            return self._record(PLUS, numbers)
        slopes = [a.slope for a in numbers if level_of(a) == level]
        return Dual(level, None, self.total(slopes), lambda: self.total(self.value_at(a, level) for a in numbers))

    def negative(self, a: Number) -> Number:
        """``-a``."""
        if type(a) is Dual:
            return Dual(a.level, None, self.negative(a.slope), lambda: self.negative(a.value))
        if type(a) is Traced:
            return self._record(MINUS, (a,))
        return self._once(MINUS, self._minus, a)

    def apply(self, operation: Operation, *arguments: Number) -> Number:
        """An operation, with its derivative by the rule of SymPy for every argument that moves."""
        for a in arguments:
            if type(a) is Dual or type(a) is Traced:
                break
        else:
            key = (operation, *map(id, arguments))
            found = self._made.get(key)
            if found is None:
                found = self._made[key] = self._element(operation, *arguments), arguments
            return found[0]
        if any(type(a) is Traced for a in arguments):
            return self._record(operation, arguments)
        level = max(map(level_of, arguments))
        slope = self.total(
            self.apply(TIMES, self._partial(operation, arguments, level, i), a.slope)
            for i, a in enumerate(arguments)
            if level_of(a) == level
        )
        return Dual(level, None, slope, lambda: self.apply(operation, *(self.value_at(a, level) for a in arguments)))

    def _record(self, operation: Operation, arguments: tuple[Number, ...]) -> Traced:
        self._recorded += 1
        return Traced(operation, arguments, self._recorded)

    def traced_leaf(self, element: Poly) -> Traced:
        """An element by which something may be differentiated."""
        leaf = self._record((), ())
        self._values[leaf] = element
        return leaf

    def give_value(self, traced: Traced, value: Poly) -> None:
        """Say what comes of an operation that was recorded."""
        if traced.arguments:
            self._values.setdefault(traced, value)

    def value_of(self, traced: Traced) -> Poly:
        """What comes of an operation that was recorded."""
        values = self._values
        stack = [] if traced in values else [traced]
        while stack:
            top = stack[-1]
            waiting = [a for a in top.arguments if type(a) is Traced and a not in values]
            if waiting:
                stack.extend(waiting)
                continue
            stack.pop()
            if top not in values:
                values[top] = self._done(top.operation, [self.value_at(a, 1) for a in top.arguments])
        return values[traced]

    def _done(self, operation: Operation, arguments: list[Poly]) -> Poly:
        if operation == PLUS:
            return self.total(arguments)
        return self.negative(*arguments) if operation == MINUS else self.apply(operation, *arguments)

    def value_at(self, a: Number, level: int) -> Number:
        """A number without the infinitesimal of a level."""
        if type(a) is Traced:
            return self.value_of(a)
        return a.value if type(a) is Dual and a.level == level else a

    def _once(self, operation: Any, make: Callable[..., Poly], *arguments: Poly) -> Poly:
        """What an operation makes of elements, made once."""
        key = (operation, *map(id, arguments))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = make(*arguments), arguments
        return found[0]

    @staticmethod
    def _plus(a: Poly, b: Poly) -> Poly:
        return a + b

    @staticmethod
    def _minus(a: Poly) -> Poly:
        return -a

    def _element(self, operation: Operation, *arguments: Poly) -> Poly:
        """An operation on elements of the tower."""
        name = operation[0]
        if name == "*":
            return self.ring.mul(*arguments)
        if name == "/":
            return self.ring.mul(arguments[0], self._inverse(arguments[1]))
        if name == "**" and len(operation) > 1:
            p, q = int(operation[1]), int(operation[2])
            a = arguments[0]
            if len(operation) > 3 and not self.tower.definite(a):
                self.tower.assume(">", a)  # 1 + exp(2*asinh(x)), of which the roots do not show it
            if q != 1:
                return self.tower.rational_power(a, fmpq(p, q))
            return self.tower.power(a, p) if p >= 0 else self.tower.power(self._inverse(a), -p)
        if name == "**":
            return self.tower.exp(self.ring.mul(arguments[1], self.tower.log(arguments[0])))
        made = _ELEMENTS.get(name)
        return self._converter.special_atom(name, arguments) if made is None else made(self, *arguments)

    def _inverse(self, a: Poly) -> Poly:
        return self._once(INVERSE, self.tower.inverse, a)

    def _partial(self, operation: Operation, arguments: tuple[Number, ...], level: int, i: int) -> Number:
        """The derivative of an operation by its i-th argument, which moves at a level, at the values there."""
        if operation[0] in _WRITTEN:
            constants: Constants = (None,) * len(arguments)
        else:  # by what is differentiated, is a symbol
            constants = tuple(
                None if k == i else self.constant_of(self.value_at(a, level)) for k, a in enumerate(arguments)
            )
        slope = partial_derivative(operation, constants, i)
        return self._evaluated(slope, {k: self.value_at(arguments[k], level) for k in slope.used})

    def constant_of(self, value: Number) -> tuple[int, int] | None:
        """The rational number that a number is, if it is one."""
        if type(value) is Dual or type(value) is Traced or not value.is_constant():
            return None
        c = fmpq(0) if value.is_zero() else fmpq(value.leading_coefficient())
        return int(c.p), int(c.q)

    def _evaluated(self, formula: Formula, values: Mapping[int, Number]) -> Number:
        """What SymPy says of symbols, of these numbers instead, by which operands they are."""
        code = formula.code
        if code is None:
            known = {operand_symbol(k): value for k, value in values.items()}
            if any(map(level_of, known.values())):
                raise LongWay
            return self._once(
                formula, lambda *_: self._converter.convert_with(formula.expression, known), *known.values()
            )
        return self._followed(code, values)

    def _followed(self, code: Code, values: Mapping[int, Number]) -> Number:
        """What a formula makes of operands."""
        kind = code[0]
        if kind == "operand":
            return values[code[1]]
        if kind == "number":
            return self.rational(code[1], code[2])
        if kind == "pi":
            return self.tower.pi()
        if kind == "other":
            return self._converter.convert_with(code[1], {})
        arguments = [self._followed(part, values) for part in code[-1]]
        if kind == "apply":
            return self.apply(code[1], *arguments)
        if kind == "product":
            return reduce(partial(self.apply, TIMES), arguments)
        total = self.total(arguments)
        return total if level_of(total) else self.ring.reduce(total)

    def base(self, a: Number) -> Poly:
        """A number without any infinitesimal."""
        while type(a) is Dual:
            a = a.value
        return self.value_of(a) if type(a) is Traced else a

    # -- what holds ---------------------------------------------------------------------------------------------

    def note(self, kind: str, number: Number) -> None:
        """What must hold of a value for the claim to be defined: it does, wherever the claim is judged."""
        moves = level_of(number) > 0
        if kind == "kink":
            self._kinks = True
            if moves:
                self.note_kink(number)
            return
        if kind == "pole":
            return  # nothing is made of that as long as special functions are atoms
        if kind == ">=" and moves:
            if self._kinks or type(number) is Traced:
                raise LongWay  # of what is 0 on an open set a root has a derivative
            kind = ">"
        number = self.base(number)
        if number.is_constant():
            constant = self.constant_of(number)
            assert constant is not None
            if FAILS[kind](Rational(*constant)):
                raise LongWay
            return
        key = kind, self.ring.key(number)
        if key not in self._told and (self._alone or self.tower.definite(number) != 1):
            self._told.add(key)
            self.tower.assume(kind, number)

    def note_kink(self, number: Number) -> None:
        """Something with a kink where a number is 0 is differentiated, and the number moves."""
        if type(number) is Dual:
            if number.level > 1:
                raise LongWay
            self.off.append((number.value, number.slope))

    @property
    def assumes(self) -> bool:
        """Whether anything was assumed that may not hold everywhere."""
        return bool(self._told)

    # -- the carrier --------------------------------------------------------------------------------------------

    def number(self, value: Any) -> Carried:
        """A rational constant of a formula."""
        return Carried(self, self.rational(value.numerator, value.denominator))

    def ratio(self, a: Any, b: Any) -> Carried:
        """``a / b``, undefined where b is 0."""
        return Carried(self, self.quotient(self.plain(a), self.plain(b)))

    def quotient(self, a: Number, b: Number) -> Number:
        """``a / b``, undefined where b is 0."""
        self.note("!=", b)
        return self.apply(OVER, a, b)

    def __getattr__(self, name: str) -> Callable[..., Carried]:
        if name not in PRIMITIVES:
            raise LongWay
        return lambda *arguments: Carried(self, self.primitive(name, *(self.plain(a) for a in arguments)))

    def primitive(self, name: str, *arguments: Number) -> Number:
        """A primitive function, with what must hold for it to be defined."""
        if name in SPECIAL:
            for constant in map(self.constant_of, arguments):
                if constant is not None and abs(constant[0]) > LARGEST_ARGUMENT * constant[1]:
                    raise LongWay
        if name in NEEDS:
            constants = tuple(self.constant_of(self.base(a)) for a in arguments)
            for kind, needed in needs(name, constants):
                self.note(kind, self._evaluated(needed, dict(enumerate(arguments))))
        return self.apply((name,), *arguments)


def level_of(a: Number) -> int:
    """The level of a number: 0 for an element of the tower."""
    return a.level if type(a) is Dual or type(a) is Traced else 0


#: Operations that SymPy writes for symbols, whatever they are.
_WRITTEN = ("*", "/", "**")

#: Primitive functions of elements; the others are atoms.
_ELEMENTS: dict[str, Callable[..., Poly]] = {
    "exp": lambda w, a: w.tower.exp(a),
    "log": lambda w, a: w.tower.log(a),
    "sqrt": lambda w, a: w.tower.rational_power(a, fmpq(1, 2)),
    "abs": lambda w, a: w.ring.mul(a, w.tower.sign(a)),
    "sign": lambda w, a: w.tower.sign(a),
    "sin": lambda w, a: w.tower.cos_sin(a)[1],
    "cos": lambda w, a: w.tower.cos_sin(a)[0],
    "asin": lambda w, a: w.tower.arcsine(a),
    "acos": lambda w, a: w.tower.pi() / 2 - w.tower.arcsine(a),
    "atan": lambda w, a: w.tower.arctangent(a),
}
