"""Owns the SymPy form that the peers are given: what somebody who knows SymPy would write by hand.

A claim's sides become NumPy arrays of plain SymPy expressions, definitions unfolded, functions by SymPy's own names,
derivatives by ``diff``. It shares nothing with the engine of derivcheck but the reader of the text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
import sympy
from sympy import Abs, Heaviside, Max, Min, Piecewise, Rational, Symbol, log

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation, Link

Array = Any  # of SymPy expressions


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + sympy.exp(-x))


#: The functions of the benchmark's claims by SymPy's; those with the same name are looked up in SymPy.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": Abs,
    "sigmoid": _sigmoid,
    "logit": lambda x: log(x / (1 - x)),
    "relu": lambda x: Max(0, x),
    "softplus": lambda x: log(1 + sympy.exp(x)),
    "silu": lambda x: x * _sigmoid(x),
    "lgamma": sympy.loggamma,
    "cbrt": lambda x: sympy.sign(x) * Abs(x) ** Rational(1, 3),
    "min": Min,
    "max": Max,
}
SAME = (
    "exp log sqrt sign sin cos tan sec csc cot asin acos atan sinh cosh tanh sech csch coth asinh acosh atanh "
    "erf erfc gamma digamma"
)
FUNCTIONS |= {name: getattr(sympy, name) for name in SAME.split()}

_CONDITIONS = {"<": sympy.Lt, "<=": sympy.Le, ">": sympy.Gt, ">=": sympy.Ge, "==": sympy.Eq, "!=": sympy.Ne}


class Naive:
    """The expressions of one derivation whose sizes are all numbers."""

    def __init__(self, derivation: Derivation) -> None:
        self._definitions = derivation.definitions
        self.symbols: dict[str, Array] = {}
        self._known: dict[int, Array] = {}
        for name, variable in derivation.variables.items():
            shape = tuple(int(axis) for axis in variable.shape)
            low = variable.domain.low
            positive = True if variable.domain.kind == "positive" or (low is not None and low >= 0) else None
            entries = [
                Symbol(name + "".join(f"_{i}" for i in index), real=True, positive=positive)
                for index in np.ndindex(*shape)
            ]
            self.symbols[name] = _array(entries, shape)

    def sides(self, link: Link) -> list[tuple[Any, Any]]:
        """Both sides, entry by entry."""
        left, right = np.broadcast_arrays(self.value(link.left), self.value(link.right))
        return list(zip(left.ravel(), right.ravel(), strict=True))

    def value(self, expr: Expr) -> Array:
        """The value of an expression."""
        found = self._known.get(id(expr))
        if found is None:
            found = self._known[id(expr)] = self._value(expr)
        return found

    def _value(self, expr: Expr) -> Array:
        match expr:
            case typed.Number():
                return _array([Rational(expr.value.numerator, expr.value.denominator)], ())
            case typed.Constant():
                return _array([sympy.pi if expr.name == "pi" else sympy.E], ())
            case typed.Variable():
                return self.symbols[expr.name]
            case typed.Defined():
                return self.value(self._definitions[expr.name])
            case typed.Negate():
                return _entrywise(lambda x: -x, self.value(expr.operand))
            case typed.Arithmetic():
                return _entrywise(_OPERATORS[expr.operator], self.value(expr.left), self.value(expr.right))
            case typed.MatMul():
                return np.asarray(self.value(expr.left) @ self.value(expr.right))
            case typed.Element(subscripts=subscripts):
                places = [slice(None) if s is None else int(self.value(s)[()]) for s in subscripts]
                return np.asarray(self.value(expr.base)[tuple(places)])
            case typed.Apply(order=0):
                return _entrywise(FUNCTIONS[expr.function], *(self.value(a) for a in expr.arguments))
            case typed.Compare():
                return _entrywise(_CONDITIONS[expr.operator], self.value(expr.left), self.value(expr.right))
            case typed.Where():
                return _entrywise(_where, *(self.value(e) for e in (expr.test, expr.then, expr.otherwise)))
            case typed.ArrayOp(name="transpose"):
                return self.value(expr.arguments[0]).T
            case typed.ArrayOp(name="sum", axis=None):
                return _array([reduce(lambda a, b: a + b, self.value(expr.arguments[0]).ravel())], ())
            case typed.Derivative(kind="gradient" | "tangent", target=typed.Target(kind="variable", subscripts=None)):
                by = self.symbols[expr.target.name]
                return _entrywise(lambda x: _diff(self.value(expr.of).ravel()[0], x), by)
            case typed.Derivative(target=typed.Target(kind="defined")):
                raise NotImplementedError("a derivative by a defined name")
            case _:
                raise NotImplementedError(type(expr).__name__)


_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
}


def _where(test: Any, then: Any, otherwise: Any) -> Any:
    return Piecewise((then, test), (otherwise, True))


def _diff(f: Any, x: Any) -> Any:
    return sympy.diff(f, x).replace(Heaviside, lambda t, *_: Piecewise((1, t > 0), (0, True)))


def _array(entries: list[Any], shape: tuple[int, ...]) -> Array:
    out = np.empty(len(entries), dtype=object)
    out[:] = entries
    return out.reshape(shape)


def _entrywise(function: Callable[..., Any], *arrays: Array) -> Array:
    broadcast = np.broadcast_arrays(*arrays)
    entries = [function(*row) for row in zip(*(a.ravel() for a in broadcast), strict=True)]
    return _array(entries, broadcast[0].shape)
