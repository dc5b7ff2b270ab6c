"""Owns what the symbolic road adds to SymPy: sign, size, case and opaque functions with exactly our meaning, and
the carrier that follows the function table with SymPy expressions.

SymPy's own ``Abs``, ``sign``, ``Max`` and ``Piecewise`` are not used: their derivatives bring in ``DiracDelta``, or
forget their branches. Where a derivative does not exist is read off our own nodes (``facts`` of the lowering).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy
from sympy import Function, Integer, Rational, S, Symbol

from derivcheck.functions import FUNCTIONS

Sym = Any  # sympy.Expr; SymPy has no type stubs

#: What SymPy has found out of the symbols of each kind, in its own form.
_KNOWN: dict[bool, Any] = {}


def symbol(name: str, *, positive: bool = False) -> Sym:
    """A real symbol. What SymPy finds out of it follows from these assumptions alone, and so holds for every other
    with the same: they share it, since SymPy takes longer to ask a new symbol whether it is zero, negative, finite
    than for all that it does with the answer."""
    made = Symbol(name, real=True, positive=True if positive else None)
    made._assumptions = _KNOWN.setdefault(positive, made._assumptions)
    return made


class Sgn(Function):  # type: ignore[misc]
    """``Sgn(p)``: the sign of p, one of -1, 0, 1. Its derivative is 0 where it has one."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, p: Sym) -> Sym | None:
        """Signs of numbers."""
        return Integer(int(bool(p > 0)) - int(bool(p < 0))) if p.is_Rational or p.is_Float else None

    def _eval_derivative(self, s: Sym) -> Sym:
        return S.Zero


class Mag(Function):  # type: ignore[misc]
    """``Mag(p)``: the absolute value of p. Its derivative is p' Sgn(p) where it has one."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, p: Sym) -> Sym | None:
        """Absolute values of numbers."""
        return abs(p) if p.is_Rational or p.is_Float else None

    def _eval_derivative(self, s: Sym) -> Sym:
        return Sgn(self.args[0]) * self.args[0].diff(s)


class Cond(Function):  # type: ignore[misc]
    """``Cond(c, a, b)``: a where c is 1, b where c is 0; a branch that is not taken need not be defined."""

    nargs = 3
    is_real = True

    @classmethod
    def eval(cls, c: Sym, a: Sym, b: Sym) -> Sym | None:
        """Decided cases, and equal branches that are numbers."""
        if c is S.One:
            return a
        if c is S.Zero:
            return b
        return a if a == b and a.is_Rational else None


class IntPow(Function):  # type: ignore[misc]
    """``IntPow(a, n)``: a to the power of an n that is an integer wherever it is defined; a may be negative."""

    nargs = 2
    is_real = True

    @classmethod
    def eval(cls, a: Sym, n: Sym) -> Sym | None:
        """Literal exponents, and bases that are known to be positive."""
        return a**n if n.is_Integer or a.is_positive else None

    def fdiff(self, argindex: int = 1) -> Sym:
        """By the base; by the exponent there is no derivative."""
        a, n = self.args
        return n * IntPow(a, n - 1) if argindex == 1 else sympy.nan


class LamW(Function):  # type: ignore[misc]
    """``LamW(x)``: the principal branch W of Lambert's function. SymPy's derivative of its own has no value at 0."""

    nargs = 1
    is_real = True

    @classmethod
    def eval(cls, x: Sym) -> Sym | None:
        """W(0) and W(e)."""
        return S.Zero if x == 0 else S.One if x == sympy.E else None

    def fdiff(self, argindex: int = 1) -> Sym:
        """1/((1 + W) exp(W)), from W exp(W) = x."""
        return 1 / ((1 + self) * sympy.exp(self))

    def _eval_evalf(self, precision: int) -> Sym:
        return sympy.LambertW(self.args[0])._eval_evalf(precision)


class Opq(Function):  # type: ignore[misc]
    """``Opq(k, n, x)``: the n-th derivative of the k-th opaque function at x."""

    nargs = 3
    is_real = True


def positive(p: Sym) -> Sym:
    """1 where p > 0, 0 elsewhere."""
    s = Sgn(p)
    return (s * s + s) / 2


def zero(p: Sym) -> Sym:
    """1 where p = 0, 0 elsewhere."""
    s = Sgn(p)
    return 1 - s * s


#: Conditions as numbers 0 and 1, from the difference left - right.
CONDITIONS: dict[str, Callable[[Sym], Sym]] = {
    ">": positive,
    "<": lambda p: positive(-p),
    ">=": lambda p: 1 - positive(-p),
    "<=": lambda p: 1 - positive(p),
    "==": zero,
    "!=": lambda p: 1 - zero(p),
}


def number(value: Fraction | int) -> Sym:
    """A rational number."""
    return Rational(value.numerator, value.denominator)


#: Numbers of which SymPy is asked for the special functions.
LARGEST_ARGUMENT = 50


class TooLarge(Exception):
    """A value that SymPy would compute at a cost without bound."""


class SymbolicCarrier:
    """The carrier of SymPy expressions.

    ``case`` makes the value of a condition with two branches; ``note`` is told what must hold of a value for the
    function to be defined (``>``, ``>=``, ``!=``: than 0) or where it has a ``kink``.
    """

    def __init__(self, case: Callable[[Sym, Sym, Sym], Sym], note: Callable[[str, Sym], None]) -> None:
        self.where = case
        self._note = note

    number = staticmethod(number)

    def less(self, a: Sym, b: Sym) -> Sym:
        """1 where a < b, 0 elsewhere."""
        self._note("kink", b - a)
        return positive(b - a)

    def ratio(self, a: Sym, b: Sym) -> Sym:
        """``a / b``, undefined where b is 0."""
        self._note("!=", b)
        return a / b

    def apply(self, name: str, arguments: tuple[Sym, ...]) -> Sym:
        """A function of the table."""
        row = FUNCTIONS[name]
        if row.formula is not None:
            return row.formula(self, *arguments)
        return self._primitive(name, *arguments)

    def _primitive(self, name: str, *arguments: Sym) -> Sym:
        if name in SPECIAL and any(a.is_Number and abs(a) > LARGEST_ARGUMENT for a in arguments):
            raise TooLarge(f"{name} of a number beyond {LARGEST_ARGUMENT}")  # SymPy would write it all out
        for kind, value in NEEDS.get(name, _needs_nothing)(*arguments):
            self._note(kind, value)
        if name in _EVALUATING and (_is_plain(name, arguments[0]) or _is_doubtful(arguments[0])):
            return PRIMITIVES[name](arguments[0], evaluate=False)
        return PRIMITIVES[name](*arguments)

    def __getattr__(self, name: str) -> Callable[..., Sym]:
        if name not in PRIMITIVES:
            raise AttributeError(name)
        return lambda *arguments: self._primitive(name, *arguments)


#: Functions that SymPy evaluates where it takes their argument for 0.
_EVALUATING = frozenset({"exp", "log", "sin", "cos", "asin", "acos", "atan", "erf", "erfi", "gamma"})


def _is_doubtful(x: Sym) -> bool:
    """Whether SymPy would compare a number with 0 in a few digits of floating point, which takes acos(1 - 1e-6) for 0
    or not, as the hash seed will have it (sympy#23086)."""
    return bool(x.is_number and x.has(sympy.asin, sympy.acos, sympy.atan))


def _is_plain(name: str, x: Sym) -> bool:
    """Whether SymPy finds nothing out of an argument, but takes long to ask whether it is 0: the log of a sum."""
    return bool(name == "log" and x.is_Add and x.free_symbols)


def _needs_nothing(*arguments: Sym) -> tuple[tuple[str, Sym], ...]:
    return ()


#: What must hold of a primitive's arguments for it to be defined, and where it has no derivative.
NEEDS: dict[str, Callable[..., tuple[tuple[str, Sym], ...]]] = {
    "log": lambda x: ((">", x),),
    "sqrt": lambda x: ((">=", x),),
    "abs": lambda x: (("kink", x),),
    "sign": lambda x: (("kink", x),),
    "asin": lambda x: ((">=", 1 - x), (">=", 1 + x)),
    "acos": lambda x: ((">=", 1 - x), (">=", 1 + x)),
    "erfinv": lambda x: ((">", 1 - x * x),),
    "gamma": lambda x: (("pole", x),),
    "lgamma": lambda x: ((">", x), ("pole", x)),
    "polygamma": lambda n, x: (("pole", x),),
    "lowergamma": lambda s, x: ((">", s), (">", x), ("pole", s)),
    "uppergamma": lambda s, x: ((">", s), (">", x)),
    "zeta": lambda x: (("!=", x - 1),),
    "polylog": lambda s, x: ((">=" if s.is_Integer and s > 1 else ">", 1 - x),),
    "lambertw": lambda x: ((">=", 1 + sympy.E * x),),
    "bessely": lambda n, x: ((">", x),),
    "besselk": lambda n, x: ((">", x),),
    "expint": lambda n, x: ((">", x),),
    "Ei": lambda x: (("!=", x),),
    "Ci": lambda x: ((">", x),),
    "elliptic_k": lambda m: ((">", 1 - m),),
    "elliptic_e": lambda m: ((">=", 1 - m),),
}

#: SymPy's form of each primitive row of the function table.
PRIMITIVES: dict[str, Callable[..., Sym]] = {
    "exp": sympy.exp,
    "log": sympy.log,
    "sqrt": sympy.sqrt,
    "abs": Mag,
    "sign": Sgn,
    "sin": sympy.sin,
    "cos": sympy.cos,
    "asin": sympy.asin,
    "acos": sympy.acos,
    "atan": sympy.atan,
    "erf": sympy.erf,
    "erfi": sympy.erfi,
    "erfinv": sympy.erfinv,
    "gamma": sympy.gamma,
    "lgamma": sympy.loggamma,
    "polygamma": sympy.polygamma,
    "lowergamma": sympy.lowergamma,
    "uppergamma": sympy.uppergamma,
    "zeta": sympy.zeta,
    "polylog": sympy.polylog,
    "lambertw": LamW,
    "besselj": sympy.besselj,
    "bessely": sympy.bessely,
    "besseli": sympy.besseli,
    "besselk": sympy.besselk,
    "airyai": sympy.airyai,
    "airybi": sympy.airybi,
    "expint": sympy.expint,
    "Ei": sympy.Ei,
    "Si": sympy.Si,
    "Ci": sympy.Ci,
    "fresnels": sympy.fresnels,
    "fresnelc": sympy.fresnelc,
    "elliptic_k": sympy.elliptic_k,
    "elliptic_e": sympy.elliptic_e,
}

#: The functions whose values at integers SymPy writes out.
SPECIAL = frozenset(PRIMITIVES) - {"exp", "log", "sqrt", "abs", "sign", "sin", "cos", "asin", "acos", "atan"}
