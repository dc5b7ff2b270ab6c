"""Owns the faults that are planted in SymPy: in its derivatives, its simplifiers, and its constructors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sympy
from planted import ANYTHING, Fault, Patch, Plant
from sympy.core.function import Function

# --- SymPy: derivatives ------------------------------------------------------------------------------------------


def _slope(cls: Any, rule: Callable[..., Any]) -> Plant:
    return lambda patch: patch.setattr(cls, "fdiff", lambda self, argindex=1: rule(*self.args))


def _first_factor_alone(patch: Patch) -> None:
    def first_factor_only(self: Any, s: Any, n: int) -> Any:
        first, *rest = self.args
        return sympy.Mul(first.diff(s, n), *rest)

    patch.setattr(sympy.Mul, "_eval_derivative_n_times", first_factor_only)


def _last_term_lost(patch: Patch) -> None:
    patch.setattr(sympy.Add, "_eval_derivative", lambda self, s: sympy.Add(*(t.diff(s) for t in self.args[:-1])))


def _power_not_lowered(patch: Patch) -> None:
    patch.setattr(sympy.Pow, "_eval_derivative", lambda self, s: self.exp * self * self.base.diff(s))


def _exponent_taken_for_constant(patch: Patch) -> None:
    def by_the_base(self: Any, s: Any) -> Any:
        return self.exp * self.base ** (self.exp - 1) * self.base.diff(s)

    patch.setattr(sympy.Pow, "_eval_derivative", by_the_base)


def _inner_derivative_lost(patch: Patch) -> None:
    def outer_only(self: Any, s: Any) -> Any:
        return self.fdiff(1) if self.has(s) else sympy.S.Zero

    patch.setattr(Function, "_eval_derivative", outer_only)


def _derivatives(changed: Callable[[Any, Any, Any], Any]) -> Plant:
    """Every derivative changed: ``changed(the right one, the expression, the symbol)``."""

    def plant(patch: Patch) -> None:
        inside: list[Any] = []

        def lying(honest: Callable[..., Any]) -> Callable[..., Any]:
            def derivative(self: Any, s: Any, n: int) -> Any:
                inside.append(self)
                try:
                    found = honest(self, s, n)
                    return found if len(inside) > 1 else changed(found, self, s)
                finally:
                    inside.pop()

            return derivative

        for cls in (sympy.Basic, sympy.core.expr.AtomicExpr, sympy.Mul):
            patch.setattr(cls, "_eval_derivative_n_times", lying(cls._eval_derivative_n_times))

    return plant


SYMPY_DIFF = (
    Fault("sympy.diff", "cos' = sin", _slope(sympy.cos, sympy.sin), ("D(cos(x), x) == sin(x)",)),
    Fault("sympy.diff", "sin' = -cos", _slope(sympy.sin, lambda x: -sympy.cos(x)), ("D(sin(x), x) == -cos(x)",)),
    Fault("sympy.diff", "exp' = 2 exp", _slope(sympy.exp, lambda x: 2 * sympy.exp(x)), ("D(exp(x), x) == 2*exp(x)",)),
    Fault("sympy.diff", "log' = 1/x**2", _slope(sympy.log, lambda x: 1 / x**2), ("D(log(p), p) == 1/p**2",)),
    Fault(
        "sympy.diff",
        "atan' = 1/(1 - x**2)",
        _slope(sympy.atan, lambda x: 1 / (1 - x**2)),
        ("D(atan(x), x) == 1/(1 - x**2)",),
    ),
    Fault(
        "sympy.diff",
        "asin' negative",
        _slope(sympy.asin, lambda x: -1 / sympy.sqrt(1 - x**2)),
        ("D(asin(x), x) == -1/sqrt(1 - x**2)",),
    ),
    Fault(
        "sympy.diff",
        "erf' without its factor",
        _slope(sympy.erf, lambda x: sympy.exp(-(x**2))),
        ("D(erf(x), x) == exp(-x**2)",),
    ),
    Fault("sympy.diff", "gamma' = gamma", _slope(sympy.gamma, sympy.gamma), ("D(gamma(p), p) == gamma(p)",)),
    Fault(
        "sympy.diff",
        "lgamma' = polygamma(1, x)",
        _slope(sympy.loggamma, lambda x: sympy.polygamma(1, x)),
        ("D(lgamma(p), p) == polygamma(1, p)",),
    ),
    Fault("sympy.diff", "Ei' = exp", _slope(sympy.Ei, sympy.exp), ("D(Ei(p), p) == exp(p)",)),
    Fault("sympy.diff", "Si' = sin", _slope(sympy.Si, sympy.sin), ("D(Si(p), p) == sin(p)",)),
    Fault(
        "sympy.diff",
        "product: first factor alone",
        _first_factor_alone,
        ("D(sin(x)*exp(x), x) == sin(x)*exp(x)", "D(sin(x)*exp(x), x) == cos(x)*exp(x)"),
    ),
    Fault(
        "sympy.diff",
        "sum: last term lost",
        _last_term_lost,
        ("D(sin(x + x**2), x) == cos(x + x**2)", "D((x + x**3)**2, x) == 2*(x + x**3)"),
    ),
    Fault("sympy.diff", "power not lowered", _power_not_lowered, ("D(x**3, x) == 3*x**3",)),
    Fault("sympy.diff", "exponent taken for a constant", _exponent_taken_for_constant, ("D(p**x, x) == 0",)),
    Fault(
        "sympy.diff",
        "inner derivative lost",
        _inner_derivative_lost,
        ("D(sin(x**2), x) == cos(x**2)", "D(exp(2*x), x) == exp(2*x)"),
        used=False,  # the chain rule is the engine's own
    ),
    Fault(
        "sympy.diff",
        "every derivative 0",
        _derivatives(lambda right, e, s: sympy.S.Zero),
        ("D(x*y, x) == 0", "D(trace(A @ A), A) == 0", "D(log(sum(exp(a))), a) == 0", "D(norm(a), a) == 0"),
    ),
    Fault(
        "sympy.diff",
        "every derivative doubled",
        _derivatives(lambda right, e, s: 2 * right),
        ("D(x*y, x) == 2*y", "D(sin(x), x) == 2*cos(x)"),
    ),
    Fault(
        "sympy.diff",
        "derivatives by any symbol",
        _derivatives(lambda right, e, s: sympy.Add(*(e.diff(t) for t in e.free_symbols))),
        ("D(x*y**2, x) == y**2 + x", "D(x*y, x) == x + y"),
    ),
)


# --- SymPy: simplification ---------------------------------------------------------------------------------------


def _simplifier(*names: str, result: Callable[[Any], Any]) -> Plant:
    def plant(patch: Patch) -> None:
        for name in names:
            patch.setattr(sympy, name, lambda e, *_, **__: result(e))
            if hasattr(sympy.Expr, name):
                patch.setattr(sympy.Expr, name, lambda self, *_, **__: result(self))

    return plant


def _roots_of_squares(patch: Patch) -> None:
    patch.setattr(sympy.Pow, "_eval_power", lambda self, other: self.base ** (self.exp * other))


def _evaluated(cls: Any, rule: Callable[[Any], Any]) -> Plant:
    return lambda patch: patch.setattr(cls, "eval", classmethod(lambda _, *arguments: rule(*arguments)))


def _even(cls: Any) -> Plant:
    honest = cls.eval

    def rule(x: Any) -> Any:
        return cls(-x) if x.could_extract_minus_sign() else honest(x)

    return _evaluated(cls, rule)


SYMPY_SIMPLIFY = (
    *(
        Fault(
            "sympy.simplify, cancel, factor",
            f"{names[0]} gives {told}",
            _simplifier(*names, result=result),
            ANYTHING,
            used=False,
        )
        for names in (
            ("simplify",),
            ("cancel",),
            ("factor",),
            ("together", "ratsimp"),
            ("expand",),
            ("trigsimp", "powsimp"),
        )
        for told, result in (("0", lambda e: sympy.S.Zero), ("1", lambda e: sympy.S.One))
    ),
    Fault(
        "sympy.simplify, cancel, factor",
        "equals is always True",
        lambda patch: patch.setattr(sympy.Expr, "equals", lambda *_, **__: True),
        ANYTHING,
        used=False,
    ),
    Fault(
        "SymPy's constructors", "sqrt(x**2) = x", _roots_of_squares, ("sqrt(x**2) == x", "sqrt((x - 1)**2) == x - 1")
    ),
    Fault("SymPy's constructors", "exp(x) = 1 + x", _evaluated(sympy.exp, lambda x: 1 + x), ("exp(x) == 1 + x",)),
    Fault("SymPy's constructors", "log(x) = x - 1", _evaluated(sympy.log, lambda x: x - 1), ("log(p) == p - 1",)),
    Fault("SymPy's constructors", "sin is even", _even(sympy.sin), ("sin(-x) == sin(x)",)),
    Fault("SymPy's constructors", "atan is even", _even(sympy.atan), ("atan(-x) == atan(x)",)),
    Fault("SymPy's constructors", "erf = atan", _evaluated(sympy.erf, sympy.atan), ("erf(x) == atan(x)",)),
)
