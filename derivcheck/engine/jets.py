"""Owns the numbers of the rigorous road: exact rationals and balls that carry derivatives, and the undefined.

A :class:`Jet` is an element of a nilpotent algebra over real numbers: ``value + sum of parts``, each part the
coefficient of a product of infinitesimals. Every differentiation has a *level*, every entry it differentiates by a
*direction*; two infinitesimals of one level multiply to zero, so that the coefficient of one of them is exactly
the partial derivative (forward-mode differentiation; nested levels give mixed and higher derivatives).

A number is a :class:`~flint.fmpq` as long as it is rational and short, a :class:`~flint.arb` (a ball that is
certain to contain the true value) otherwise, or a :class:`Hole` where there is no real value, or where the
precision does not suffice to tell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any, Literal

from flint import arb, arb_series, ctx, fmpq

#: A rational whose numerator or denominator is longer than this many bits is continued as a ball.
LONGEST_RATIONAL = 4096

#: Integer powers beyond this are taken through the logarithm.
LARGEST_POWER = 1 << 20

#: How an exponent is written; see :func:`power`.
ExponentKind = Literal["literal", "integral", "real"]

#: One infinitesimal: its level and its direction. A key is sorted by level; no level occurs twice.
Key = tuple[tuple[int, int], ...]
Number = Any  # fmpq | arb | Hole; flint has no type stubs


class Hole:
    """The absence of a value. ``certain``: there is no real value; otherwise the precision does not tell."""

    __slots__ = ("certain", "reason")

    def __init__(self, certain: bool, reason: str) -> None:
        self.certain = certain
        self.reason = reason

    def _with(self, other: object) -> Hole:
        return other if isinstance(other, Hole) and other.certain and not self.certain else self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _with

    def __neg__(self) -> Hole:
        return self

    def __repr__(self) -> str:
        return f"Hole({'undefined' if self.certain else 'unknown'}: {self.reason})"


class precision:  # noqa: N801 -- it is used like a function
    """Balls are computed with this many bits inside the block."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def __enter__(self) -> None:
        self._before = ctx.prec
        ctx.prec = self._bits

    def __exit__(self, *problem: object) -> None:
        ctx.prec = self._before


def rational(value: Fraction | int) -> Number:
    """A Python rational as a number."""
    return fmpq(value.numerator, value.denominator)


def ball(number: Number) -> Any:
    """A number that is not a hole as a ball at the current precision."""
    return number if type(number) is arb else arb(number)


def sign_of(number: Number) -> int | None:
    """-1, 0 or 1 where that is certain, ``None`` where it is not (holes included)."""
    if isinstance(number, Hole):
        return None
    if number > 0:
        return 1
    if number < 0:
        return -1
    if type(number) is fmpq or number.is_zero():
        return 0
    return None


def _short(number: Number) -> Number:
    if type(number) is fmpq and number.height_bits() > LONGEST_RATIONAL:
        return arb(number)
    return number


def divide(a: Number, b: Number) -> Number:
    """``a / b``; a hole where ``b`` is, or may be, zero."""
    if isinstance(b, Hole):
        return b._with(a)
    sign = sign_of(b)
    if sign == 0:
        return Hole(True, "division by zero")._with(a)
    if sign is None:
        return Hole(False, "division by a number that may be zero")._with(a)
    return _short(a / b)


def merge(a: Key, b: Key) -> Key | None:
    """The key of a product, ``None`` if the two share a level (the product is zero)."""
    if a[-1][0] < b[0][0]:
        return a + b
    if b[-1][0] < a[0][0]:
        return b + a
    levels = {level for level, _ in a}
    if any(level in levels for level, _ in b):
        return None
    return tuple(sorted(a + b))


class Jet:
    """A number with derivative parts. ``parts`` never has the key ``()``: that is ``value``.

    A part that is present says that the number *depends* on that infinitesimal, even if the part is 0.
    """

    __slots__ = ("parts", "value")

    def __init__(self, value: Number, parts: dict[Key, Number] | None = None) -> None:
        self.value = value
        self.parts: dict[Key, Number] = parts or {}

    def __repr__(self) -> str:
        return f"Jet({self.value!r}, {self.parts!r})"

    def __add__(self, other: Any) -> Jet:
        if type(other) is not Jet:
            other = jet(other)
        value, mine, theirs = self.value + other.value, self.parts, other.parts
        if type(value) is fmpq:
            value = _short(value)
        if not theirs:
            return Jet(value, mine)
        if not mine:
            return Jet(value, theirs)
        parts = dict(mine)
        for key, number in theirs.items():
            parts[key] = parts[key] + number if key in parts else number
        return Jet(value, parts)

    __radd__ = __add__

    def __neg__(self) -> Jet:
        return Jet(-self.value, self.parts and {key: -number for key, number in self.parts.items()})

    def __sub__(self, other: Any) -> Jet:
        if type(other) is not Jet:
            other = jet(other)
        value, mine, theirs = self.value - other.value, self.parts, other.parts
        if type(value) is fmpq:
            value = _short(value)
        if not theirs:
            return Jet(value, mine)
        parts = dict(mine)
        for key, number in theirs.items():
            parts[key] = parts[key] - number if key in parts else -number
        return Jet(value, parts)

    def __rsub__(self, other: Any) -> Jet:
        return -self + jet(other)

    def __mul__(self, other: Any) -> Jet:
        if type(other) is not Jet:
            other = jet(other)
        a, b = self.value, other.value
        mine, theirs = self.parts, other.parts
        value = a * b
        if type(value) is fmpq:
            value = _short(value)
        if not theirs:
            return Jet(value, _times(mine, b) if mine else None)
        if not mine:
            return Jet(value, _times(theirs, a))
        parts = _times(mine, b)
        for key, product in _times(theirs, a).items():
            parts[key] = parts[key] + product if key in parts else product
        if _joined(mine, theirs):
            for key_a, number_a in mine.items():
                for key_b, number_b in theirs.items():
                    key_ab = merge(key_a, key_b)
                    if key_ab is not None:
                        product = _short(number_a * number_b)
                        parts[key_ab] = parts[key_ab] + product if key_ab in parts else product
        return Jet(value, parts)

    __rmul__ = __mul__

    def reciprocal(self) -> Jet:
        """``1 / self``."""
        inverse = divide(fmpq(1), self.value)
        if isinstance(inverse, Hole):
            return Jet(inverse, dict.fromkeys(self.parts, inverse))
        coefficients = [inverse]
        for _ in range(_depth(self)):
            coefficients.append(_short(-coefficients[-1] * inverse))
        return compose(coefficients, self)

    def __truediv__(self, other: Any) -> Jet:
        if type(other) is not Jet:
            other = jet(other)
        if not other.parts:
            b, parts = other.value, self.parts
            value = divide(self.value, b)
            if parts and type(b) is fmpq and b:
                return Jet(value, {k: _short(v / b) for k, v in parts.items()})
            return Jet(value, {k: divide(v, b) for k, v in parts.items()} if parts else None)
        inverse: Jet = other.reciprocal()
        return self * inverse

    def __rtruediv__(self, other: Any) -> Jet:
        return self.reciprocal() if other == 1 else jet(other) / self

    def __pow__(self, other: Any) -> Jet:
        return power(self, jet(other), "literal")


ZERO = Jet(fmpq(0))
ONE = Jet(fmpq(1))


def jet(value: Any) -> Jet:
    """A jet from a jet, an integer, or a number."""
    if isinstance(value, Jet):
        return value
    return Jet(fmpq(value) if isinstance(value, int) else value)


def total(terms: Iterable[Jet]) -> Jet:
    """The sum of some jets, first to last; one jet is made, and not one a term."""
    value: Number = fmpq(0)
    parts: dict[Key, Number] = {}
    for x in terms:
        value = _short(value + x.value)
        for key, number in x.parts.items():
            parts[key] = parts[key] + number if key in parts else number
    return Jet(value, parts)


def dot(left: Iterable[Jet], right: Iterable[Jet]) -> Jet:
    """The sum of the products of two rows of jets."""
    value: Number = fmpq(0)
    parts: dict[Key, Number] = {}
    for x, y in zip(left, right, strict=True):
        if x.parts and y.parts:
            product = x * y
            value = _short(value + product.value)
            for key, number in product.parts.items():
                parts[key] = parts[key] + number if key in parts else number
            continue
        factor, moving = (y.value, x.parts) if x.parts else (x.value, y.parts)
        value = _short(value + x.value * y.value)
        for key, number in _times(moving, factor).items():
            parts[key] = parts[key] + number if key in parts else number
    return Jet(value, parts)


def _times(parts: dict[Key, Number], factor: Number) -> dict[Key, Number]:
    """Parts times a number."""
    if type(factor) is arb:  # what comes of it is never a long rational
        return {key: number * factor for key, number in parts.items()}
    return {key: _short(number * factor) for key, number in parts.items()}


def _joined(a: dict[Key, Number], b: dict[Key, Number]) -> bool:
    """Whether products of a part of either may not vanish: not both are of one and the same level."""
    levels_a = {level for key in a for level, _ in key}
    return len(levels_a) > 1 or levels_a != {level for key in b for level, _ in key}


def levels(x: Jet) -> set[int]:
    """The levels of the infinitesimals on which a jet depends."""
    return {level for key in x.parts for level, _ in key}


def _depth(x: Jet) -> int:
    """On how many levels of infinitesimals a jet depends."""
    first: int | None = None
    for key in x.parts:
        if len(key) > 1 or (first is not None and key[0][0] != first):
            return len(levels(x))
        first = key[0][0]
    return 0 if first is None else 1


def compose(coefficients: list[Number], x: Jet) -> Jet:
    """``f(x)`` from the Taylor coefficients of f at ``x.value``: one more of them than ``x`` has levels."""
    if len(coefficients) == 2 or not x.parts:
        return Jet(coefficients[0], _times(x.parts, coefficients[1]) if x.parts else None)
    nilpotent = Jet(fmpq(0), x.parts)
    result = Jet(coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        result = result * nilpotent + Jet(coefficient)
    return result


def through_hole(hole: Hole, x: Jet) -> Jet:
    """A jet without a value, still dependent on what ``x`` depends on."""
    return Jet(hole, dict.fromkeys(x.parts, hole))


def by_series(
    x: Jet,
    value: Callable[[Any], Any],
    series: Callable[[Any], Any],
    slope: Callable[[Any, Any], Any] | None = None,
) -> Jet:
    """An analytic function by FLINT's own ball and power-series arithmetic; ``slope`` is its derivative, by argument
    and value, where that is quicker had without a series."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    at = ball(x.value)
    if not x.parts:
        return Jet(_finite(value(at)))
    order = _depth(x) + 1
    if slope is not None and order == 2:
        there = value(at)
        return compose([_finite(there), _finite(slope(at, there))], x)
    if order > ctx.cap:  # flint would cut the series silently
        return through_hole(Hole(False, f"derivatives of order {order - 1}"), x)
    expansion = series(arb_series([at, 1], prec=order))
    coefficients = [_finite(c) for c in expansion.coeffs()]
    coefficients += [arb(0)] * (order - len(coefficients))
    return compose(coefficients, x)


def by_rule(x: Jet, value: Callable[[Any], Any], derivative: Callable[[Jet], Jet]) -> Jet:
    """A function of which balls are known, and whose derivative is a formula: one level at a time."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    if not x.parts:
        return Jet(_finite(value(ball(x.value))))
    top = max(levels(x))
    below = Jet(x.value, {key: v for key, v in x.parts.items() if all(level != top for level, _ in key)})
    result = by_rule(below, value, derivative)
    slope = derivative(below)
    directions: dict[int, dict[Key, Number]] = {}
    for key, number in x.parts.items():
        direction = next((d for level, d in key if level == top), None)
        if direction is not None:
            directions.setdefault(direction, {})[tuple(k for k in key if k[0] != top)] = number
    parts = dict(result.parts)
    for direction, coefficient in directions.items():
        inner = Jet(coefficient.pop((), fmpq(0)), coefficient) * slope
        parts[((top, direction),)] = inner.value
        for key, number in inner.parts.items():
            joined = merge(key, ((top, direction),))
            if joined is not None:
                parts[joined] = number
    return Jet(result.value, parts)


def _finite(number: Any) -> Number:
    return number if number.is_finite() else Hole(False, "no finite enclosure at this precision")


def power(base: Jet, exponent: Jet, kind: ExponentKind) -> Jet:
    """``base ** exponent`` over the reals; what is defined depends on how the exponent is written.

    A ``literal`` integer takes any base (0 to a negative power is undefined), a literal fraction a base >= 0. An
    ``integral`` exponent (an integer wherever it is defined, but not a literal) takes any base, too; every other
    (``real``) exponent a base > 0.
    """
    if isinstance(base.value, Hole) or isinstance(exponent.value, Hole):
        hole = base.value if isinstance(base.value, Hole) else exponent.value
        return Jet(hole, {**dict.fromkeys(base.parts, hole), **dict.fromkeys(exponent.parts, hole)})
    if type(exponent.value) is fmpq and not exponent.parts:
        if kind == "literal" and exponent.value.q != 1:
            return _rational_power(base, exponent.value)
        whole = exponent.value.q == 1 and abs(exponent.value.p) <= LARGEST_POWER
        if whole and kind != "real":
            return _integer_power(base, int(exponent.value.p))
    return exp(exponent * log(base))


def raised(number: Number, n: int) -> Number:
    """``number ** n`` for n >= 0."""
    if type(number) is fmpq:
        return number**n
    return products(n, number) if n else arb(1)


def products(n: int, x: Any) -> Any:
    """``x**n`` for n > 0 by products: flint's own power of a ball around 0 is not a number."""
    result, rest = x, n - 1
    while rest:
        if rest & 1:
            result = result * x
        rest >>= 1
        if rest:
            x = x * x
    return result


def _integer_power(base: Jet, n: int) -> Jet:
    if n < 0:
        return _integer_power(base, -n).reciprocal()
    if not base.parts:
        value = base.value
        if type(value) is fmpq and value.height_bits() * n > LONGEST_RATIONAL:
            value = arb(value)
        return Jet(_short(raised(value, n)))
    coefficients: list[Number] = []
    binomial = 1
    for k in range(_depth(base) + 1):
        coefficients.append(fmpq(0) if k > n else _integer_power(Jet(base.value), n - k).value * binomial)
        binomial = binomial * (n - k) // (k + 1)
    return compose(coefficients, base)


def _rational_power(base: Jet, q: Any) -> Jet:
    sign = sign_of(base.value)
    if sign is None:
        return through_hole(Hole(False, "a root of a number that may be negative"), base)
    if sign < 0:
        return through_hole(Hole(True, "a fractional power of a negative number"), base)
    if sign == 0:
        if q < 0:
            return through_hole(Hole(True, "division by zero"), base)
        moving = any(type(part) is fmpq and part != 0 for part in base.parts.values())
        return Jet(fmpq(0), dict.fromkeys(base.parts, Hole(moving, "no derivative where a root is zero")))
    at = ball(base.value)
    root = at.sqrt() if q == fmpq(1, 2) else (arb(q) * at.log()).exp()
    exact = exact_root(base.value) if q == fmpq(1, 2) else None
    coefficients: list[Number] = [root if exact is None else exact]
    falling, index = fmpq(1), q
    for k in range(1, _depth(base) + 1):
        falling, index = falling * index / k, index - 1
        coefficients.append(divide(coefficients[0] * falling, raised(base.value, k)))
    return compose(coefficients, base)


def exact_root(value: Number) -> Number | None:
    """The square root of a rational number >= 0, if it is rational."""
    if type(value) is not fmpq:
        return None
    p, q = value.p.isqrt(), value.q.isqrt()
    return fmpq(p, q) if p * p == value.p and q * q == value.q else None


def exp(x: Jet) -> Jet:
    """The exponential."""
    if type(x.value) is fmpq and x.value == 0 and not x.parts:
        return ONE
    return by_series(x, arb.exp, arb_series.exp, lambda at, there: there)


def log(x: Jet) -> Jet:
    """The natural logarithm; undefined unless the argument is positive."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    sign = sign_of(x.value)
    if sign is None:
        return through_hole(Hole(False, "log of a number that may not be positive"), x)
    if sign <= 0:
        return through_hole(Hole(True, "log of a number that is not positive"), x)
    if type(x.value) is fmpq and x.value == 1 and not x.parts:
        return ZERO
    return by_series(x, arb.log, arb_series.log, lambda at, there: 1 / at)


def absolute(x: Jet) -> Jet:
    """The absolute value; at 0 it has a derivative only if the argument's is 0 (``relu(relu(x))`` for x < 0)."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    sign = sign_of(x.value)
    if sign is None:
        return Jet(abs(x.value), dict.fromkeys(x.parts, Hole(False, "the sign of abs's argument is not certain")))
    if sign == 0:
        return Jet(x.value, {key: _slope_of_size(key, part) for key, part in x.parts.items()})
    return x if sign > 0 else -x


def _slope_of_size(key: Key, part: Number) -> Number:
    """The derivative of |u| where u is 0: none, unless u' is 0, too; then it is 0, since u is o(h) there."""
    if len(key) == 1 and type(part) is fmpq:
        return fmpq(0) if part == 0 else Hole(True, "abs has no derivative at 0")
    return Hole(False, "abs may have no derivative at 0")


def signum(x: Jet) -> Jet:
    """The sign; it has no derivative at 0."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    sign = sign_of(x.value)
    if sign is None:
        return through_hole(Hole(False, "the sign is not certain"), x)
    edge = Hole(True, "sign has no derivative at 0") if sign == 0 else fmpq(0)
    return Jet(fmpq(sign), dict.fromkeys(x.parts, edge))
