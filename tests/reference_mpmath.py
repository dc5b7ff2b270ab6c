"""Owns a third meaning of typed expressions, for tests: mpmath numbers of 120 digits, derivatives by differences.

It shares nothing with the engine: no balls, no SymPy, no rule of calculus. A value that does not exist (the log of a
negative number, a pole, a derivative at a kink) is NaN. Where nothing cancels, what it gives is good to 100 digits
without derivatives and to 16 with up to four of them; see :class:`Tolerance`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from mpmath import mp

from derivcheck.lang import typed
from derivcheck.lang.typed import Dim, Expr, children, postorder

Array = Any  # np.ndarray of dtype object, of mpf; of True, False or None (undefined) for conditions
OneNumber = Callable[..., Any]

DIGITS = 120
#: By how much the two one-sided slopes may differ, relative to the slope, before it is a kink or a jump.
KINK = mpmath.mpf(10) ** -10
NAN = mpmath.nan


@dataclass(frozen=True)
class Setting:
    """A derivation, the sizes of its dimensions and functions in the place of its opaque ones."""

    definitions: Mapping[str, Expr]
    sizes: Mapping[str, int]
    opaque: Mapping[str, OneNumber] = field(default_factory=dict)
    #: Names and keys whose values are integers or of a finite set: that set, or ``None`` for every integer.
    values: Mapping[str, frozenset[Fraction] | None] = field(default_factory=dict)
    #: Keys of the bound names that are no indices.
    scalars: frozenset[str] = frozenset()
    keys: dict[Expr, frozenset[str]] = field(default_factory=dict)

    def size(self, axis: Dim) -> int:
        return self.sizes[axis] if isinstance(axis, str) else axis

    def shape(self, shape: typed.Shape) -> tuple[int, ...]:
        return tuple(self.size(axis) for axis in shape)


def evaluate(
    expr: Expr,
    setting: Setting,
    values: Mapping[str, Array],
    bound: Mapping[str, Any] | None = None,
    memo: dict[Any, Array] | None = None,
) -> Array:
    """The value of an expression as an object array of its concrete shape; of a condition, of True, False, None.

    ``values`` has an array for every variable; a defined name in it is cut. ``bound`` has the values of bound names
    by key. ``memo`` may be shared by calls with the same setting, values and precision. Call it inside
    :func:`precise`.
    """
    return _value(expr, _Frame(setting, values, dict(bound or {}), {} if memo is None else memo))


def precise(digits: int = DIGITS) -> Any:
    """A context with the working precision."""
    return mp.workdps(digits)


def _step() -> Any:
    """Step of a central difference, whose error is its square, or itself where a second derivative jumps; four
    nested differences leave a third of the digits."""
    return mpmath.mpf(10) ** -(mp.dps // 6)


def array(values: Any, shape: tuple[int, ...]) -> Array:
    """An object array of numbers from a flat sequence."""
    out = np.empty(len(values), dtype=object)
    for i, value in enumerate(values):
        out[i] = value
    return out.reshape(shape)


def scalar(value: Any) -> Array:
    return array([value], ())


def undefined(x: Any) -> bool:
    """Whether a number is none."""
    return x is None or (not isinstance(x, bool) and bool(mpmath.isnan(x)))


@dataclass(frozen=True)
class Tolerance:
    """How well values of expressions are known: ``order`` differences are nested in them."""

    order: int

    def equal(self, a: Any, b: Any) -> bool:
        """Whether two numbers are the same as far as can be told at the working precision."""
        relative = mpmath.mpf(10) ** (-mp.dps * self._share[0])
        return bool(abs(a - b) <= relative * (abs(a) + abs(b)) + self.floor)

    @property
    def floor(self) -> Any:
        """What is noise even beside 0."""
        return mpmath.mpf(10) ** (-mp.dps * self._share[1])

    @property
    def _share(self) -> tuple[float, float]:
        return {0: (0.85, 0.9)}.get(self.order, (0.14, 0.15))


def tolerance(roots: Sequence[Expr], definitions: Mapping[str, Expr]) -> Tolerance:
    """How well values of these expressions are known."""
    return Tolerance(max(_order(root, definitions, {}) for root in roots))


def _order(root: Expr, definitions: Mapping[str, Expr], memo: dict[Any, int]) -> int:
    """How many differences are nested in an expression."""

    def inside(expr: Expr) -> tuple[Expr, ...]:
        return (definitions[expr.name],) if isinstance(expr, typed.Defined) else children(expr)

    for expr in postorder(root, inside):
        own = expr.order if isinstance(expr, typed.Apply | typed.Opaque) else 0
        if isinstance(expr, typed.Derivative):
            own = 2 if expr.kind == "hessian" else 1
        memo[expr] = own + max((memo[child] for child in inside(expr)), default=0)
    return memo[root]


# --- walking -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    setting: Setting
    values: Mapping[str, Array]
    bound: Mapping[str, Any]
    memo: dict[Any, Array] = field(default_factory=dict)

    def moved(self, name: str, value: Array) -> _Frame:
        return replace(self, values={**self.values, name: value}, memo={})

    def binding(self, key: str, value: Any) -> _Frame:
        # the memo is shared: its keys tell which values of bound names an entry belongs to
        return replace(self, bound={**self.bound, key: value})


def _keys(root: Expr, known: dict[Expr, frozenset[str]]) -> frozenset[str]:
    """The keys of the bound names in an expression (definitions have none that are free)."""
    if root not in known:
        for expr in postorder(root):
            own = frozenset({expr.key}) if isinstance(expr, typed.Bound) else frozenset[str]()
            if isinstance(expr, typed.Derivative) and expr.target.kind == "bound":
                own = frozenset({expr.target.key})
            known[expr] = own.union(*(known[child] for child in children(expr)))
    return known[root]


def _value(expr: Expr, frame: _Frame) -> Array:
    key = (expr, tuple(sorted((k, frame.bound[k]) for k in _keys(expr, frame.setting.keys) if k in frame.bound)))
    made = frame.memo.get(key)
    if made is None:
        made = _as_array(_RULES[type(expr)](expr, frame))
        if made.shape != frame.setting.shape(expr.shape):
            raise AssertionError(f"shape {expr.shape} came out as {made.shape} at {frame.setting.sizes}")
        frame.memo[key] = made
    return made


def _as_array(value: Any) -> Array:
    return value if isinstance(value, np.ndarray) else scalar(value)


def _map(function: OneNumber, *arrays: Array) -> Array:
    spread = np.broadcast_arrays(*arrays)
    values = [function(*entries) for entries in zip(*(a.ravel() for a in spread), strict=True)]
    return array(values, spread[0].shape)


def _defined(expr: typed.Defined, frame: _Frame) -> Array:
    if expr.name in frame.values:
        return frame.values[expr.name]
    return _value(frame.setting.definitions[expr.name], frame)


# --- arithmetic ----------------------------------------------------------------------------------------------


def _quotient(a: Any, b: Any) -> Any:
    return NAN if b == 0 or undefined(b) else a / b


def _is_literal(expr: Expr) -> bool:
    parts = (typed.Number, typed.Dimension, typed.Negate, typed.Arithmetic)
    return all(isinstance(part, parts) for part in postorder(expr))


def _is_integral(expr: Expr, setting: Setting) -> bool:
    """Whether an exponent can only be an integer by the way it is built."""
    found = _values(expr, setting)
    if found is not None:
        return all(value.denominator == 1 for value in found)
    match expr:
        case typed.Bound():
            return expr.key in setting.values or expr.key not in setting.scalars
        case typed.Variable():
            return expr.name in setting.values
        case typed.Defined():
            return _is_integral(setting.definitions[expr.name], setting)
        case typed.Arithmetic(operator="+" | "-" | "*"):
            return _is_integral(expr.left, setting) and _is_integral(expr.right, setting)
        case typed.Arithmetic(operator="**", right=typed.Number(value=value)):
            return value >= 0 and value.denominator == 1 and _is_integral(expr.left, setting)
        case typed.BigOp():
            return _is_integral(expr.body, setting)
        case typed.MatMul():
            return _is_integral(expr.left, setting) and _is_integral(expr.right, setting)
        case typed.ArrayOp(name="sum" | "prod" | "dot" | "trace" | "det" | "transpose"):
            return all(_is_integral(a, setting) for a in expr.arguments)
        case typed.Apply(function="abs" | "sign" | "relu" | "min" | "max", order=0):
            return all(_is_integral(a, setting) for a in expr.arguments)
        case typed.Where():
            return _is_integral(expr.then, setting) and _is_integral(expr.otherwise, setting)
        case typed.Negate() | typed.Element():
            return _is_integral(expr.operand if isinstance(expr, typed.Negate) else expr.base, setting)
        case _:
            return False


def _values(expr: Expr, setting: Setting) -> frozenset[Fraction] | None:
    """The values that an expression may have, if they are few: those of labels, and what is computed from them."""
    match expr:
        case typed.Number():
            return frozenset({expr.value})
        case typed.Dimension():
            return frozenset({Fraction(setting.sizes[expr.name])})
        case typed.Bound(key=name) | typed.Variable(name=name):
            return setting.values.get(name)
        case typed.Defined():
            return _values(setting.definitions[expr.name], setting)
        case typed.Element():
            return _values(expr.base, setting)
        case typed.Negate():
            inner = _values(expr.operand, setting)
            return None if inner is None else frozenset(-value for value in inner)
        case typed.Arithmetic(operator="+" | "-" | "*" | "/"):
            left, right = _values(expr.left, setting), _values(expr.right, setting)
            if left is None or right is None or (expr.operator == "/" and 0 in right) or len(left) * len(right) > 64:
                return None
            return frozenset(_ARITHMETIC[expr.operator](a, b) for a in left for b in right)
        case _:
            return None


def _power(expr: typed.Arithmetic, frame: _Frame) -> Array:
    literal = _is_literal(expr.right)
    integral = _is_integral(expr.right, frame.setting)

    def power(a: Any, b: Any) -> Any:
        if undefined(a) or undefined(b):
            return NAN
        if integral or (literal and mpmath.isint(b)):
            return NAN if a == 0 and b < 0 else a ** int(b)
        if literal:
            return NAN if a < 0 or (a == 0 and b < 0) else a**b
        return a**b if a > 0 else NAN

    return _map(power, _value(expr.left, frame), _value(expr.right, frame))


_ARITHMETIC: dict[str, OneNumber] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": _quotient,
}
_COMPARE: dict[str, OneNumber] = {
    "<": lambda a, b: bool(a < b),
    "<=": lambda a, b: bool(a <= b),
    ">": lambda a, b: bool(a > b),
    ">=": lambda a, b: bool(a >= b),
    "==": lambda a, b: bool(a == b),
    "!=": lambda a, b: bool(a != b),
}


def _arithmetic(expr: typed.Arithmetic, frame: _Frame) -> Array:
    if expr.operator == "**":
        return _power(expr, frame)
    return _map(_ARITHMETIC[expr.operator], _value(expr.left, frame), _value(expr.right, frame))


def _compare(expr: typed.Compare, frame: _Frame) -> Array:
    truth = _COMPARE[expr.operator]
    return _map(
        lambda a, b: None if undefined(a) or undefined(b) else truth(a, b),
        _value(expr.left, frame),
        _value(expr.right, frame),
    )


def _and(*tests: Any) -> Any:
    return False if False in tests else None if None in tests else True


def _or(*tests: Any) -> Any:
    return True if True in tests else None if None in tests else False


def _not(test: Any) -> Any:
    return None if test is None else not test


def _logic(expr: typed.Logic, frame: _Frame) -> Array:
    return _map({"and": _and, "or": _or, "not": _not}[expr.operator], *(_value(o, frame) for o in expr.operands))


def _where(expr: typed.Where, frame: _Frame) -> Array:
    parts = (_value(e, frame) for e in (expr.test, expr.then, expr.otherwise))
    return _map(lambda test, a, b: NAN if test is None else a if test else b, *parts)


def _matmul(expr: typed.MatMul, frame: _Frame) -> Array:
    return np.matmul(_value(expr.left, frame), _value(expr.right, frame))


def _positions(subscripts: tuple[typed.Subscript, ...], frame: _Frame) -> tuple[Any, ...]:
    return tuple(slice(None) if s is None else int(_value(s, frame)[()]) for s in subscripts)


def _element(expr: typed.Element, frame: _Frame) -> Array:
    return _value(expr.base, frame)[_positions(expr.subscripts, frame)]


def _big(expr: typed.BigOp, frame: _Frame) -> Array:
    terms = [_value(expr.body, frame.binding(expr.key, mpmath.mpf(i))) for i in range(frame.setting.size(expr.size))]
    total = terms[0]
    for term in terms[1:]:
        total = total + term if expr.kind == "sum" else total * term
    return total


# --- functions -----------------------------------------------------------------------------------------------


def _on(domain: Callable[..., bool], function: OneNumber) -> OneNumber:
    """A function that exists on a part of the real line."""

    def partial(*arguments: Any) -> Any:
        if any(undefined(a) for a in arguments) or not domain(*arguments):
            return NAN
        try:
            value = function(*arguments)
        except (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence):
            return NAN
        return NAN if isinstance(value, mpmath.mpc) and value.imag != 0 else mpmath.mpf(value.real)

    return partial


def _everywhere(*_: Any) -> bool:
    return True


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + mpmath.exp(-x))


def _fold(step: OneNumber) -> OneNumber:
    def folded(first: Any, *rest: Any) -> Any:
        for other in rest:
            first = NAN if undefined(first) or undefined(other) else step(first, other)
        return first

    return folded


_FUNCTIONS: dict[str, OneNumber] = {
    "exp": _on(_everywhere, mpmath.exp),
    "log": _on(lambda x: x > 0, mpmath.log),
    "log2": _on(lambda x: x > 0, lambda x: mpmath.log(x, 2)),
    "log10": _on(lambda x: x > 0, mpmath.log10),
    "log1p": _on(lambda x: x > -1, mpmath.log1p),
    "expm1": _on(_everywhere, mpmath.expm1),
    "sqrt": _on(lambda x: x >= 0, mpmath.sqrt),
    "cbrt": _on(_everywhere, lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x))),
    "abs": _on(_everywhere, abs),
    "sign": _on(_everywhere, lambda x: NAN if 0 < abs(x) < mpmath.mpf(10) ** -(mp.dps // 3) else mpmath.sign(x)),
    "min": _fold(min),
    "max": _fold(max),
    "clip": _on(_everywhere, lambda x, low, high: min(max(x, low), high)),
    "sigmoid": _on(_everywhere, _sigmoid),
    "logit": _on(lambda x: 0 < x < 1, lambda x: mpmath.log(x / (1 - x))),
    "relu": _on(_everywhere, lambda x: max(x, mpmath.mpf(0))),
    "leaky_relu": _on(_everywhere, lambda x, *a: x if x > 0 else (a[0] if a else mpmath.mpf(1) / 100) * x),
    "elu": _on(_everywhere, lambda x, alpha=1: x if x > 0 else alpha * mpmath.expm1(x)),
    "softplus": _on(_everywhere, lambda x: mpmath.log1p(mpmath.exp(x))),
    "silu": _on(_everywhere, lambda x: x * _sigmoid(x)),
    "gelu": _on(_everywhere, lambda x: x * mpmath.ncdf(x)),
    "sin": _on(_everywhere, mpmath.sin),
    "cos": _on(_everywhere, mpmath.cos),
    "tan": _on(_everywhere, mpmath.tan),
    "sec": _on(_everywhere, mpmath.sec),
    "csc": _on(lambda x: x != 0, mpmath.csc),
    "cot": _on(lambda x: x != 0, mpmath.cot),
    "asin": _on(lambda x: abs(x) <= 1, mpmath.asin),
    "acos": _on(lambda x: abs(x) <= 1, mpmath.acos),
    "atan": _on(_everywhere, mpmath.atan),
    "asec": _on(lambda x: abs(x) >= 1, mpmath.asec),
    "acsc": _on(lambda x: abs(x) >= 1, mpmath.acsc),
    "acot": _on(lambda x: x != 0, lambda x: mpmath.atan(1 / x)),
    "sinh": _on(_everywhere, mpmath.sinh),
    "cosh": _on(_everywhere, mpmath.cosh),
    "tanh": _on(_everywhere, mpmath.tanh),
    "sech": _on(_everywhere, mpmath.sech),
    "csch": _on(lambda x: x != 0, mpmath.csch),
    "coth": _on(lambda x: x != 0, mpmath.coth),
    "asinh": _on(_everywhere, mpmath.asinh),
    "acosh": _on(lambda x: x >= 1, mpmath.acosh),
    "atanh": _on(lambda x: abs(x) < 1, mpmath.atanh),
    "asech": _on(lambda x: 0 < x <= 1, mpmath.asech),
    "acsch": _on(lambda x: x != 0, mpmath.acsch),
    "acoth": _on(lambda x: abs(x) > 1, mpmath.acoth),
    "erf": _on(_everywhere, mpmath.erf),
    "erfc": _on(_everywhere, mpmath.erfc),
    "erfi": _on(_everywhere, mpmath.erfi),
    "erfinv": _on(lambda x: abs(x) < 1, mpmath.erfinv),
    "gamma": _on(lambda x: not (x <= 0 and mpmath.isint(x)), mpmath.gamma),
    "lgamma": _on(lambda x: x > 0, mpmath.loggamma),
    "digamma": _on(lambda x: not (x <= 0 and mpmath.isint(x)), mpmath.digamma),
    "polygamma": _on(lambda n, x: not (x <= 0 and mpmath.isint(x)), lambda n, x: mpmath.polygamma(int(n), x)),
    "beta": _on(_everywhere, mpmath.beta),
    "lowergamma": _on(lambda s, x: s > 0 and x > 0, lambda s, x: mpmath.gammainc(s, 0, x)),
    "uppergamma": _on(lambda s, x: s > 0 and x > 0, mpmath.gammainc),
    "zeta": _on(lambda x: x != 1, mpmath.zeta),
    "polylog": _on(lambda s, x: x < 1 or (x == 1 and s > 1), lambda s, x: mpmath.polylog(int(s), x)),
    "lambertw": _on(lambda x: x > -mpmath.exp(-1), mpmath.lambertw),
    "besselj": _on(_everywhere, mpmath.besselj),
    "bessely": _on(lambda n, x: x > 0, mpmath.bessely),
    "besseli": _on(_everywhere, mpmath.besseli),
    "besselk": _on(lambda n, x: x > 0, mpmath.besselk),
    "airyai": _on(_everywhere, mpmath.airyai),
    "airybi": _on(_everywhere, mpmath.airybi),
    "expint": _on(lambda n, x: x > 0, lambda n, x: mpmath.expint(int(n), x)),
    "Ei": _on(lambda x: x != 0, mpmath.ei),
    "Si": _on(_everywhere, mpmath.si),
    "Ci": _on(lambda x: x > 0, mpmath.ci),
    "fresnels": _on(_everywhere, mpmath.fresnels),
    "fresnelc": _on(_everywhere, mpmath.fresnelc),
    "elliptic_k": _on(lambda m: m < 1, mpmath.ellipk),
    "elliptic_e": _on(lambda m: m <= 1, mpmath.ellipe),
}


def _slope(near: Any, here: Any, far: Any) -> Any:
    """The derivative from values a step below, at and a step above; NaN at a kink or jump."""
    if undefined(near) or undefined(here) or undefined(far):
        return NAN
    below, above = (here - near) / _step(), (far - here) / _step()
    slope = (below + above) / 2
    if abs(here) * mpmath.mpf(10) ** -mp.dps > _step() * KINK * max(1, abs(slope)):
        return NAN  # lost in the rounding of a large value
    return slope if abs(above - below) <= KINK * max(1, abs(slope)) else NAN


def _nth(function: OneNumber, order: int, x: Any) -> Any:
    """The n-th derivative of a function of one number."""
    if undefined(x):
        return NAN
    if order == 0:
        return function(x)
    return _slope(*(_nth(function, order - 1, x + step) for step in (-_step(), 0, _step())))


def _apply(expr: typed.Apply, frame: _Frame) -> Array:
    function = _FUNCTIONS[expr.function]
    arguments = (_value(argument, frame) for argument in expr.arguments)
    return _map(lambda x, *rest: _nth(lambda t: function(t, *rest), expr.order, x), *arguments)


def _opaque(expr: typed.Opaque, frame: _Frame) -> Array:
    function = frame.setting.opaque[expr.function]
    return _map(lambda x: _nth(function, expr.order, x), _value(expr.argument, frame))


# --- arrays --------------------------------------------------------------------------------------------------


def _exp(x: Array) -> Array:
    return _map(_FUNCTIONS["exp"], x)


def _total(e: typed.ArrayOp, x: Array) -> Array:
    return _as_array(np.sum(x, axis=e.axis, keepdims=e.keepdims))


def _softmax(e: typed.ArrayOp, x: Array) -> Array:
    raised = _exp(x)
    return raised / np.sum(raised, axis=e.axis, keepdims=True)


def _eliminated(x: Array) -> tuple[Array, Any]:
    """The rows of ``[A B]`` (A square) as ``[1 inv(A) B]`` and det(A), by Gauss and Jordan; NaN and 0 if singular."""
    rows, determinant = x.copy(), mpmath.mpf(1)
    for k in range(len(rows)):
        pivot = max(range(k, len(rows)), key=lambda i: abs(rows[i, k]))
        if rows[pivot, k] == 0 or any(undefined(entry) for entry in rows.ravel()):
            undetermined = any(undefined(entry) for entry in rows.ravel())
            return array([NAN] * rows.size, rows.shape), NAN if undetermined else mpmath.mpf(0)
        if pivot != k:
            rows[[k, pivot]] = rows[[pivot, k]]
            determinant = -determinant
        determinant = determinant * rows[k, k]
        rows[k] = rows[k] / rows[k, k]
        for i in range(len(rows)):
            if i != k:
                rows[i] = rows[i] - rows[i, k] * rows[k]
    return rows, determinant


def _inverse(x: Array) -> Array:
    return _eliminated(np.concatenate([x, _identity(len(x))], axis=1))[0][:, len(x) :]


def _identity(n: int) -> Array:
    return _constant(lambda place: int(place[0] == place[1]), (n, n))


def _constant(entry: Callable[[tuple[int, ...]], int], shape: tuple[int, ...]) -> Array:
    return array([mpmath.mpf(entry(place)) for place in np.ndindex(*shape)], shape)


def _diag(x: Array) -> Array:
    if x.ndim == 2:
        return array([x[i, i] for i in range(len(x))], (len(x),))
    return array([x[i] if i == j else mpmath.mpf(0) for i, j in np.ndindex(len(x), len(x))], (len(x), len(x)))


_ARRAYS: dict[str, Callable[[typed.ArrayOp, list[Array], tuple[int, ...]], Any]] = {
    "sum": lambda e, a, s: _total(e, a[0]),
    "mean": lambda e, a, s: _total(e, a[0]) / (a[0].size if e.axis is None else a[0].shape[e.axis]),
    "prod": lambda e, a, s: np.prod(a[0], axis=e.axis, keepdims=e.keepdims),
    "logsumexp": lambda e, a, s: _map(_FUNCTIONS["log"], _total(e, _exp(a[0]))),
    "norm": lambda e, a, s: _map(_FUNCTIONS["sqrt"], _total(e, a[0] * a[0])),
    "softmax": lambda e, a, s: _softmax(e, a[0]),
    "log_softmax": lambda e, a, s: _map(_FUNCTIONS["log"], _softmax(e, a[0])),
    "dot": lambda e, a, s: np.sum(a[0] * a[1]),
    "outer": lambda e, a, s: np.multiply.outer(a[0], a[1]),
    "trace": lambda e, a, s: sum((a[0][i, i] for i in range(1, len(a[0]))), a[0][0, 0]),
    "det": lambda e, a, s: _eliminated(a[0])[1],
    "inv": lambda e, a, s: _inverse(a[0]),
    "diag": lambda e, a, s: _diag(a[0]),
    "transpose": lambda e, a, s: np.transpose(a[0]),
    "reshape": lambda e, a, s: np.reshape(a[0], s),
    "concat": lambda e, a, s: np.concatenate(a, axis=e.axis),
    "eye": lambda e, a, s: _identity(s[0]),
    "ones": lambda e, a, s: _constant(lambda place: 1, s),
    "zeros": lambda e, a, s: _constant(lambda place: 0, s),
}


def _array(expr: typed.ArrayOp, frame: _Frame) -> Array:
    arguments = [_value(argument, frame) for argument in expr.arguments]
    return _ARRAYS[expr.name](expr, arguments, frame.setting.shape(expr.shape))


def _entries(expr: typed.Entries, frame: _Frame) -> Array:
    return array([_value(entry, frame)[()] for entry in expr.entries], frame.setting.shape(expr.shape))


# --- derivatives ---------------------------------------------------------------------------------------------


def _derivative(expr: typed.Derivative, frame: _Frame) -> Array:
    target = expr.target
    if expr.kind == "hessian":
        first = typed.Derivative(target.shape, expr.span, "gradient", expr.of, target)
        return _jacobian(first, target, frame)
    jacobian = _jacobian(expr.of, target, frame)
    of, by = frame.setting.shape(expr.of.shape), frame.setting.shape(target.shape)
    if expr.kind == "jacobian":
        return jacobian
    if expr.kind == "tangent":
        return jacobian.reshape(of)
    if expr.kind == "gradient":
        gradient = jacobian.reshape(by)
        return gradient.T if expr.transposed else gradient
    count = int(np.prod(by, dtype=int))
    full = jacobian.reshape(count, count)
    if any(full[i, j] != 0 and not undefined(full[i, j]) for i, j in np.ndindex(count, count) if i != j):
        raise AssertionError("an elementwise derivative of something that is no elementwise image")
    return array([full[i, i] for i in range(count)], of)


def _jacobian(of: Expr, target: typed.Target, frame: _Frame) -> Array:
    """Every entry of ``of`` by every entry of the target, of shape ``of.shape + target.shape``."""
    base = _base(target, frame)
    places = () if target.subscripts is None else _positions(target.subscripts, frame)
    positions = np.arange(base.size).reshape(base.shape)[places]
    here = _value(of, _moved(target, base, frame))
    columns = []
    for position in np.ravel(positions):
        sides = []
        for step in (-_step(), _step()):
            values = list(base.ravel())
            values[position] = values[position] + step
            sides.append(_value(of, _moved(target, array(values, base.shape), frame)))
        columns.append(np.ravel(_map(_slope, sides[0], here, sides[1])))
    shape = frame.setting.shape(of.shape) + np.shape(positions)
    return array([columns[j][i] for i in range(here.size) for j in range(len(columns))], shape)


def _base(target: typed.Target, frame: _Frame) -> Array:
    if target.kind == "bound":
        return scalar(frame.bound[target.key])
    if target.name in frame.values:
        return frame.values[target.name]
    return _value(frame.setting.definitions[target.name], frame)


def _moved(target: typed.Target, x: Array, frame: _Frame) -> _Frame:
    return frame.binding(target.key, x[()]) if target.kind == "bound" else frame.moved(target.name, x)


def _constants(name: str) -> Any:
    return +mp.pi if name == "pi" else +mp.e


_RULES: dict[type[Expr], Callable[[Any, _Frame], Any]] = {
    typed.Number: lambda e, f: mpmath.mpf(e.value.numerator) / e.value.denominator,
    typed.Constant: lambda e, f: _constants(e.name),
    typed.Variable: lambda e, f: f.values[e.name],
    typed.Defined: _defined,
    typed.Dimension: lambda e, f: mpmath.mpf(f.setting.sizes[e.name]),
    typed.Bound: lambda e, f: f.bound[e.key],
    typed.Negate: lambda e, f: -_value(e.operand, f),
    typed.Arithmetic: _arithmetic,
    typed.Compare: _compare,
    typed.MatMul: _matmul,
    typed.Element: _element,
    typed.Apply: _apply,
    typed.Opaque: _opaque,
    typed.ArrayOp: _array,
    typed.BigOp: _big,
    typed.Entries: _entries,
    typed.Logic: _logic,
    typed.Where: _where,
    typed.Derivative: _derivative,
}


def paired(left: Array, right: Array) -> Iterator[tuple[tuple[int, ...], Any, Any]]:
    """Entry by entry of two sides; one that has one entry goes with all of the other."""
    if left.size == 1 and right.ndim:
        left = left.reshape(())
    elif right.size == 1 and left.ndim:
        right = right.reshape(())
    a, b = np.broadcast_arrays(left, right)
    for place in np.ndindex(*a.shape):
        yield place, a[place], b[place]
