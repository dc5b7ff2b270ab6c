"""Owns ONE table: every elementwise function of the language, its names, its arity and its meaning.

A row is either *defined* in terms of other rows, by a formula that any carrier of values can follow (balls with
derivatives, SymPy expressions, floating-point arrays), or *primitive*, and then each carrier has it itself under
the row's name. A new function is one row; a test checks every row against an independent computation.

Meanings are those of real analysis: where a formula has no real value (the log of a negative number, a pole), the
function is undefined there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

#: A carrier offers ``+ - * / **`` and unary minus on its values, one method for every primitive row,
#: ``number(Fraction)``, ``where(test, then, otherwise)`` with ``less(a, b)``, and ``ratio(a, b)`` for a quotient
#: whose denominator may be zero.
Carrier = Any
Value = Any


@dataclass(frozen=True, slots=True)
class Function:
    """One row: ``least`` to ``most`` arguments, and the formula if it is not primitive."""

    name: str
    least: int
    most: int
    formula: Callable[..., Value] | None
    summary: str

    @property
    def primitive(self) -> bool:
        """Whether each carrier has this function itself."""
        return self.formula is None


def _third(c: Carrier) -> Value:
    return c.number(Fraction(1, 3))


def _fold(step: Callable[[Carrier, Value, Value], Value]) -> Callable[..., Value]:
    def fold(c: Carrier, first: Value, *rest: Value) -> Value:
        for value in rest:
            first = step(c, first, value)
        return first

    return fold


def _greater(c: Carrier, a: Value, b: Value) -> Value:
    return (a + b + c.abs(a - b)) / 2


def _lesser(c: Carrier, a: Value, b: Value) -> Value:
    return (a + b - c.abs(a - b)) / 2


def _leaky(c: Carrier, x: Value, slope: Value | None = None) -> Value:
    a = c.number(Fraction(1, 100)) if slope is None else slope
    return ((1 + a) * x + (1 - a) * c.abs(x)) / 2


def _elu(c: Carrier, x: Value, alpha: Value | None = None) -> Value:
    tail = c.exp(x) - 1
    return c.where(c.less(c.number(Fraction(0)), x), x, tail if alpha is None else alpha * tail)


def _sinh(c: Carrier, x: Value) -> Value:
    return (c.exp(x) - c.exp(-x)) / 2


def _cosh(c: Carrier, x: Value) -> Value:
    return (c.exp(x) + c.exp(-x)) / 2


def _asinh(c: Carrier, x: Value) -> Value:
    return c.log(x + c.sqrt(x * x + 1))


def _acosh(c: Carrier, x: Value) -> Value:
    # sqrt(x - 1)*sqrt(x + 1), not sqrt(x**2 - 1): defined for x >= 1 alone
    return c.log(x + c.sqrt(x - 1) * c.sqrt(x + 1))


def _atanh(c: Carrier, x: Value) -> Value:
    return (c.log(1 + x) - c.log(1 - x)) / 2


_ROWS: tuple[tuple[str, int, int, Callable[..., Value] | None, str], ...] = (
    # exponentials and logarithms
    ("exp", 1, 1, None, "e**x"),
    ("log", 1, 1, None, "natural logarithm, x > 0"),
    ("log2", 1, 1, lambda c, x: c.log(x) / c.log(c.number(Fraction(2))), "logarithm to base 2"),
    ("log10", 1, 1, lambda c, x: c.log(x) / c.log(c.number(Fraction(10))), "logarithm to base 10"),
    ("log1p", 1, 1, lambda c, x: c.log(1 + x), "log(1 + x)"),
    ("expm1", 1, 1, lambda c, x: c.exp(x) - 1, "exp(x) - 1"),
    # roots, size and sign
    ("sqrt", 1, 1, None, "square root, x >= 0"),
    ("cbrt", 1, 1, lambda c, x: c.sign(x) * c.abs(x) ** _third(c), "real cube root, also of negative numbers"),
    ("abs", 1, 1, None, "absolute value"),
    ("sign", 1, 1, None, "-1, 0 or 1"),
    ("min", 2, 64, _fold(_lesser), "the least of its arguments"),
    ("max", 2, 64, _fold(_greater), "the greatest of its arguments"),
    ("clip", 3, 3, lambda c, x, low, high: _lesser(c, _greater(c, x, low), high), "min(max(x, low), high)"),
    # activations
    ("sigmoid", 1, 1, lambda c, x: 1 / (1 + c.exp(-x)), "1/(1 + exp(-x))"),
    ("logit", 1, 1, lambda c, x: c.log(x) - c.log(1 - x), "log(x/(1 - x)), 0 < x < 1"),
    ("relu", 1, 1, lambda c, x: (x + c.abs(x)) / 2, "max(x, 0)"),
    ("leaky_relu", 1, 2, _leaky, "x for x > 0, slope*x below; slope 0.01 unless given"),
    ("elu", 1, 2, _elu, "x for x > 0, alpha*(exp(x) - 1) below; alpha 1 unless given"),
    ("softplus", 1, 1, lambda c, x: c.log(1 + c.exp(x)), "log(1 + exp(x))"),
    ("silu", 1, 1, lambda c, x: x / (1 + c.exp(-x)), "x*sigmoid(x)"),
    ("gelu", 1, 1, lambda c, x: x * (1 + c.erf(x / c.sqrt(c.number(Fraction(2))))) / 2, "x*Phi(x), exact"),
    # trigonometry
    ("sin", 1, 1, None, "sine"),
    ("cos", 1, 1, None, "cosine"),
    ("tan", 1, 1, lambda c, x: c.ratio(c.sin(x), c.cos(x)), "tangent"),
    ("sec", 1, 1, lambda c, x: c.ratio(1, c.cos(x)), "1/cos(x)"),
    ("csc", 1, 1, lambda c, x: c.ratio(1, c.sin(x)), "1/sin(x)"),
    ("cot", 1, 1, lambda c, x: c.ratio(c.cos(x), c.sin(x)), "cos(x)/sin(x)"),
    ("asin", 1, 1, None, "inverse sine, -1 <= x <= 1"),
    ("acos", 1, 1, None, "inverse cosine, -1 <= x <= 1"),
    ("atan", 1, 1, None, "inverse tangent"),
    ("asec", 1, 1, lambda c, x: c.acos(c.ratio(1, x)), "acos(1/x)"),
    ("acsc", 1, 1, lambda c, x: c.asin(c.ratio(1, x)), "asin(1/x)"),
    ("acot", 1, 1, lambda c, x: c.atan(c.ratio(1, x)), "atan(1/x), x != 0"),
    # hyperbolic functions
    ("sinh", 1, 1, _sinh, "hyperbolic sine"),
    ("cosh", 1, 1, _cosh, "hyperbolic cosine"),
    ("tanh", 1, 1, lambda c, x: 1 - 2 / (1 + c.exp(2 * x)), "hyperbolic tangent"),
    ("sech", 1, 1, lambda c, x: 1 / _cosh(c, x), "1/cosh(x)"),
    ("csch", 1, 1, lambda c, x: c.ratio(1, _sinh(c, x)), "1/sinh(x), x != 0"),
    ("coth", 1, 1, lambda c, x: 1 + c.ratio(2, c.exp(2 * x) - 1), "1/tanh(x), x != 0"),
    ("asinh", 1, 1, _asinh, "inverse hyperbolic sine"),
    ("acosh", 1, 1, _acosh, "inverse hyperbolic cosine, x >= 1"),
    ("atanh", 1, 1, _atanh, "inverse hyperbolic tangent, -1 < x < 1"),
    ("asech", 1, 1, lambda c, x: _acosh(c, c.ratio(1, x)), "acosh(1/x)"),
    ("acsch", 1, 1, lambda c, x: _asinh(c, c.ratio(1, x)), "asinh(1/x)"),
    ("acoth", 1, 1, lambda c, x: _atanh(c, c.ratio(1, x)), "atanh(1/x)"),
    # special functions
    ("erf", 1, 1, None, "error function"),
    ("erfc", 1, 1, lambda c, x: 1 - c.erf(x), "1 - erf(x)"),
    ("erfi", 1, 1, None, "imaginary error function"),
    ("erfinv", 1, 1, None, "inverse error function, -1 < x < 1"),
    ("gamma", 1, 1, None, "gamma function"),
    ("lgamma", 1, 1, None, "log(gamma(x)), x > 0"),
    ("digamma", 1, 1, lambda c, x: c.polygamma(c.number(Fraction(0)), x), "logarithmic derivative of gamma"),
    ("polygamma", 2, 2, None, "n-th derivative of digamma, n a literal integer >= 0"),
    ("beta", 2, 2, lambda c, a, b: c.ratio(c.gamma(a) * c.gamma(b), c.gamma(a + b)), "Euler's beta function"),
    ("lowergamma", 2, 2, None, "lower incomplete gamma function (s, x), s > 0 and x > 0"),
    ("uppergamma", 2, 2, None, "upper incomplete gamma function (s, x), s > 0 and x > 0"),
    ("zeta", 1, 1, None, "Riemann's zeta function"),
    ("polylog", 2, 2, None, "polylogarithm Li_s(x), s a literal integer, x < 1, or x = 1 for s > 1"),
    ("lambertw", 1, 1, None, "principal branch of the Lambert W function"),
    ("besselj", 2, 2, None, "Bessel function of the first kind, literal integer or half-integer order"),
    ("bessely", 2, 2, None, "Bessel function of the second kind, x > 0"),
    ("besseli", 2, 2, None, "modified Bessel function of the first kind"),
    ("besselk", 2, 2, None, "modified Bessel function of the second kind, x > 0"),
    ("airyai", 1, 1, None, "Airy function Ai"),
    ("airybi", 1, 1, None, "Airy function Bi"),
    ("expint", 2, 2, None, "generalised exponential integral E_n(x), n a literal integer, x > 0"),
    ("Ei", 1, 1, None, "exponential integral"),
    ("Si", 1, 1, None, "sine integral"),
    ("Ci", 1, 1, None, "cosine integral, x > 0"),
    ("fresnels", 1, 1, None, "Fresnel integral S"),
    ("fresnelc", 1, 1, None, "Fresnel integral C"),
    ("elliptic_k", 1, 1, None, "complete elliptic integral of the first kind K(m), m < 1"),
    ("elliptic_e", 1, 1, None, "complete elliptic integral of the second kind E(m), m <= 1"),
)

#: The table, by canonical name.
FUNCTIONS: dict[str, Function] = {row[0]: Function(*row) for row in _ROWS}

#: Other spellings of a canonical name.
ALIASES: dict[str, str] = {
    "ln": "log",
    "σ": "sigmoid",
    **{f"arc{name[1:]}": name for name in FUNCTIONS if name[0] == "a" and name[1:] in FUNCTIONS},
    **{f"ar{name[1:]}": name for name in ("asinh", "acosh", "atanh", "acoth", "asech", "acsch")},
}


def canonical(name: str) -> str | None:
    """The canonical name of an elementwise function, or ``None`` if the language has none of that name."""
    return name if name in FUNCTIONS else ALIASES.get(name)
