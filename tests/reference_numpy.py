"""Owns a second meaning of typed expressions, for tests: float64 arrays, and derivatives by central differences.

It shares nothing with the engine: no rule of calculus, no lowering to scalars. What it gives is good to about ten
digits for a first derivative of a smooth expression and six for a second; at kinks and poles it says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import mpmath
import numpy as np
from numpy.typing import NDArray

from derivcheck.lang import typed
from derivcheck.lang.typed import Dim, Expr

Array = NDArray[np.float64]

#: Step of a central difference of fourth order, relative to the size of what is varied.
STEP = 2e-3


class DerivationLike(Protocol):
    """Anything that has the definitions (a ``Derivation``, a ``Scope``)."""

    @property
    def definitions(self) -> Mapping[str, Expr]:
        """Defined names and their expressions."""


@dataclass(frozen=True)
class _Frame:
    derivation: DerivationLike
    values: Mapping[str, Array]
    sizes: Mapping[str, int]
    bound: Mapping[str, float]
    opaque: Mapping[str, Callable[[Array], Array]]
    memo: dict[Any, Array] = field(default_factory=dict)

    def at(self, **changes: Any) -> _Frame:
        return replace(self, memo={}, **changes)

    def size(self, axis: Dim) -> int:
        return self.sizes[axis] if isinstance(axis, str) else axis

    def shape(self, shape: typed.Shape) -> tuple[int, ...]:
        return tuple(self.size(axis) for axis in shape)


def evaluate(
    expr: Expr,
    derivation: DerivationLike,
    values: Mapping[str, Any],
    sizes: Mapping[str, int],
    bound: Mapping[str, float] | None = None,
    opaque: Mapping[str, Callable[[Array], Array]] | None = None,
) -> Array:
    """The value of an expression, with its concrete shape; of a condition, an array of booleans.

    ``values`` has every variable's value (anything ``np.asarray`` takes); a defined name in it is cut: it has that
    value whatever its expression says. ``sizes`` are of the symbolic dimensions, ``bound`` the values of bound
    names by key, ``opaque`` the declared functions, as functions of arrays.
    """
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    frame = _Frame(derivation, arrays, sizes, dict(bound or {}), dict(opaque or {}))
    with np.errstate(all="ignore"):
        return _value(expr, frame)


def _value(expr: Expr, frame: _Frame) -> Array:
    if expr in frame.memo:
        return frame.memo[expr]
    made = np.asarray(_RULES[type(expr)](expr, frame))
    if made.shape != frame.shape(expr.shape):
        raise AssertionError(f"{expr} was given the shape {expr.shape}, but has {made.shape} at {frame.sizes}")
    frame.memo[expr] = made
    return made


def _defined(expr: typed.Defined, frame: _Frame) -> Array:
    if expr.name in frame.values:
        return frame.values[expr.name]
    return _value(frame.derivation.definitions[expr.name], frame)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "**": np.power,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def _binary(expr: typed.Arithmetic | typed.Compare, frame: _Frame) -> Array:
    return _ARITHMETIC[expr.operator](_value(expr.left, frame), _value(expr.right, frame))


def _matmul(expr: typed.MatMul, frame: _Frame) -> Array:
    return np.matmul(_value(expr.left, frame), _value(expr.right, frame))


def _index(subscripts: tuple[typed.Subscript, ...], frame: _Frame) -> tuple[Any, ...]:
    return tuple(slice(None) if s is None else round(float(_value(s, frame))) for s in subscripts)


def _element(expr: typed.Element, frame: _Frame) -> Array:
    return _value(expr.base, frame)[_index(expr.subscripts, frame)]


def _logic(expr: typed.Logic, frame: _Frame) -> Array:
    operands = [_value(operand, frame) for operand in expr.operands]
    if expr.operator == "not":
        return np.logical_not(operands[0])
    combine = np.logical_and if expr.operator == "and" else np.logical_or
    out = operands[0]
    for operand in operands[1:]:
        out = combine(out, operand)
    return out


def _where(expr: typed.Where, frame: _Frame) -> Array:
    parts = np.broadcast_arrays(*(_value(e, frame) for e in (expr.test, expr.then, expr.otherwise)))
    return np.where(*parts)


def _big(expr: typed.BigOp, frame: _Frame) -> Array:
    bodies = [
        _value(expr.body, frame.at(bound={**frame.bound, expr.key: float(i)})) for i in range(frame.size(expr.size))
    ]
    return np.sum(bodies, axis=0) if expr.kind == "sum" else np.prod(bodies, axis=0)


# --- functions -----------------------------------------------------------------------------------------------


def _special(name: str, *before: float) -> Callable[..., Any]:
    """A function of mpmath, entry by entry; NaN where it has no real value."""

    def one(*arguments: float) -> float:
        try:
            value = getattr(mpmath, name)(*before, *arguments)
        except (ValueError, ZeroDivisionError, OverflowError, mpmath.libmp.NoConvergence):
            return math.nan
        return float(value.real) if not isinstance(value, mpmath.mpc) or value.imag == 0 else math.nan

    return np.vectorize(one, otypes=[np.float64])


def _fold(step: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    def folded(first: Any, *rest: Any) -> Any:
        for other in rest:
            first = step(first, other)
        return first

    return folded


def _acot(x: Any) -> Any:
    return np.arctan(1 / x)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "expm1": np.expm1,
    "sqrt": np.sqrt,
    "cbrt": np.cbrt,
    "abs": np.abs,
    "sign": np.sign,
    "min": _fold(np.minimum),
    "max": _fold(np.maximum),
    "clip": lambda x, low, high: np.minimum(np.maximum(x, low), high),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "logit": lambda x: np.log(x / (1 - x)),
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x, slope=0.01: np.where(x > 0, x, slope * x),
    "elu": lambda x, alpha=1.0: np.where(x > 0, x, alpha * np.expm1(x)),
    "softplus": lambda x: np.logaddexp(0, x),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "gelu": lambda x: x * _special("ncdf")(x),
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "sec": lambda x: 1 / np.cos(x),
    "csc": lambda x: 1 / np.sin(x),
    "cot": lambda x: 1 / np.tan(x),
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "asec": lambda x: np.arccos(1 / x),
    "acsc": lambda x: np.arcsin(1 / x),
    "acot": _acot,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "sech": lambda x: 1 / np.cosh(x),
    "csch": lambda x: 1 / np.sinh(x),
    "coth": lambda x: 1 / np.tanh(x),
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "asech": lambda x: np.arccosh(1 / x),
    "acsch": lambda x: np.arcsinh(1 / x),
    "acoth": lambda x: np.arctanh(1 / x),
    "erf": _special("erf"),
    "erfc": _special("erfc"),
    "erfi": _special("erfi"),
    "erfinv": _special("erfinv"),
    "gamma": _special("gamma"),
    "lgamma": _special("loggamma"),
    "digamma": _special("digamma"),
    "polygamma": _special("polygamma"),
    "beta": _special("beta"),
    "lowergamma": np.vectorize(lambda s, x: float(mpmath.gammainc(s, 0, x)), otypes=[np.float64]),
    "uppergamma": np.vectorize(lambda s, x: float(mpmath.gammainc(s, x)), otypes=[np.float64]),
    "zeta": _special("zeta"),
    "polylog": _special("polylog"),
    "lambertw": _special("lambertw"),
    "besselj": _special("besselj"),
    "bessely": _special("bessely"),
    "besseli": _special("besseli"),
    "besselk": _special("besselk"),
    "airyai": _special("airyai"),
    "airybi": _special("airybi"),
    "expint": _special("expint"),
    "Ei": _special("ei"),
    "Si": _special("si"),
    "Ci": _special("ci"),
    "fresnels": _special("fresnels"),
    "fresnelc": _special("fresnelc"),
    "elliptic_k": _special("ellipk"),
    "elliptic_e": _special("ellipe"),
}


def _apply(expr: typed.Apply, frame: _Frame) -> Array:
    arguments = np.broadcast_arrays(*(_value(argument, frame) for argument in expr.arguments))
    first, *rest = arguments
    return _nth(lambda x: _FUNCTIONS[expr.function](x, *rest), expr.order, first)


def _opaque(expr: typed.Opaque, frame: _Frame) -> Array:
    return _nth(frame.opaque[expr.function], expr.order, _value(expr.argument, frame))


def _nth(function: Callable[[Any], Any], order: int, x: Array) -> Array:
    """The n-th derivative of an elementwise function."""
    if order == 0:
        return np.asarray(function(x))
    return _difference(lambda t: _nth(function, order - 1, t), x, np.ones_like(x))


def _difference(function: Callable[[Array], Array], x: Array, direction: Array) -> Array:
    """The derivative along a direction, by five points."""
    h = STEP * max(1.0, float(np.max(np.abs(x), initial=0.0)))
    near = function(x + h * direction) - function(x - h * direction)
    far = function(x + 2 * h * direction) - function(x - 2 * h * direction)
    return np.asarray((8 * near - far) / (12 * h))


# --- arrays --------------------------------------------------------------------------------------------------


def _softmax(x: Array, axis: int | None) -> Array:
    shifted = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return shifted / np.sum(shifted, axis=axis, keepdims=True)


def _logsumexp(x: Array, axis: int | None, keepdims: bool) -> Array:
    top = np.max(x)
    return np.asarray(np.log(np.sum(np.exp(x - top), axis=axis, keepdims=keepdims)) + top)


def _norm(x: Array, axis: int | None, keepdims: bool) -> Array:
    return np.asarray(np.sqrt(np.sum(x * x, axis=axis, keepdims=keepdims)))


_ARRAYS: dict[str, Callable[[typed.ArrayOp, list[Array], tuple[int, ...]], Any]] = {
    "sum": lambda e, a, s: np.sum(a[0], axis=e.axis, keepdims=e.keepdims),
    "mean": lambda e, a, s: np.mean(a[0], axis=e.axis, keepdims=e.keepdims),
    "prod": lambda e, a, s: np.prod(a[0], axis=e.axis, keepdims=e.keepdims),
    "logsumexp": lambda e, a, s: _logsumexp(a[0], e.axis, e.keepdims),
    "norm": lambda e, a, s: _norm(a[0], e.axis, e.keepdims),
    "softmax": lambda e, a, s: _softmax(a[0], e.axis),
    "log_softmax": lambda e, a, s: a[0] - _logsumexp(a[0], e.axis, True),
    "dot": lambda e, a, s: np.dot(a[0], a[1]),
    "outer": lambda e, a, s: np.outer(a[0], a[1]),
    "trace": lambda e, a, s: np.trace(a[0]),
    "det": lambda e, a, s: np.linalg.det(a[0]),
    "inv": lambda e, a, s: np.linalg.inv(a[0]),
    "diag": lambda e, a, s: np.diag(a[0]),
    "transpose": lambda e, a, s: np.transpose(a[0]),
    "reshape": lambda e, a, s: np.reshape(a[0], s),
    "concat": lambda e, a, s: np.concatenate(a, axis=e.axis),
    "eye": lambda e, a, s: np.eye(s[0]),
    "ones": lambda e, a, s: np.ones(s),
    "zeros": lambda e, a, s: np.zeros(s),
}


def _array(expr: typed.ArrayOp, frame: _Frame) -> Array:
    arguments = [_value(argument, frame) for argument in expr.arguments]
    return np.asarray(_ARRAYS[expr.name](expr, arguments, frame.shape(expr.shape)))


def _entries(expr: typed.Entries, frame: _Frame) -> Array:
    return np.reshape([float(_value(entry, frame)) for entry in expr.entries], frame.shape(expr.shape))


# --- derivatives ---------------------------------------------------------------------------------------------


def _derivative(expr: typed.Derivative, frame: _Frame) -> Array:
    target = expr.target
    jacobian = _jacobian(expr.of, target, frame)
    of, by = frame.shape(expr.of.shape), frame.shape(target.shape)
    match expr.kind:
        case "gradient":
            gradient = jacobian.reshape(by)
            return gradient.T if expr.transposed else gradient
        case "tangent":
            return jacobian.reshape(of)
        case "elementwise":
            count = int(np.prod(of))
            full = jacobian.reshape(count, count)
            if not np.allclose(full, np.diag(np.diag(full)), atol=1e-7):
                raise AssertionError("an elementwise derivative of something that is no elementwise image")
            return np.diag(full).reshape(of)
        case "jacobian":
            return jacobian
        case "hessian":
            first = typed.Derivative(target.shape, expr.span, "gradient", expr.of, target)
            return _jacobian(first, target, frame)


def _jacobian(of: Expr, target: typed.Target, frame: _Frame) -> Array:
    """Every entry of ``of`` by every entry of the target, of shape ``of.shape + target.shape``."""
    base = _base(target, frame)
    places = (slice(None),) * base.ndim if target.subscripts is None else _index(target.subscripts, frame)
    positions = np.arange(base.size).reshape(base.shape)[places]
    columns = []
    for position in np.ravel(positions):
        direction = np.zeros(base.size)
        direction[position] = 1.0
        columns.append(
            _difference(lambda x: _value(of, _moved(target, x, frame)), base, direction.reshape(base.shape))
        )
    shape = frame.shape(of.shape) + positions.shape
    return np.stack([np.ravel(column) for column in columns], axis=-1).reshape(shape)


def _base(target: typed.Target, frame: _Frame) -> Array:
    if target.kind == "bound":
        return np.asarray(frame.bound[target.key])
    if target.kind == "variable" or target.name in frame.values:
        return frame.values[target.name]
    return _value(frame.derivation.definitions[target.name], frame)


def _moved(target: typed.Target, x: Array, frame: _Frame) -> _Frame:
    if target.kind == "bound":
        return frame.at(bound={**frame.bound, target.key: float(x)})
    return frame.at(values={**frame.values, target.name: x})


_RULES: dict[type[Expr], Callable[[Any, _Frame], Any]] = {
    typed.Number: lambda e, f: float(e.value),
    typed.Constant: lambda e, f: {"pi": math.pi, "e": math.e}[e.name],
    typed.Variable: lambda e, f: f.values[e.name],
    typed.Defined: _defined,
    typed.Dimension: lambda e, f: float(f.sizes[e.name]),
    typed.Bound: lambda e, f: f.bound[e.key],
    typed.Negate: lambda e, f: -_value(e.operand, f),
    typed.Arithmetic: _binary,
    typed.Compare: _binary,
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
