"""Owns the primitive functions of the rigorous road: each on a jet, with its domain, by FLINT's own arithmetic.

An instance of :class:`Balls` is a carrier in the sense of ``functions``: the defined functions follow their formula
over it. Nothing here knows SymPy.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import acb, arb, arb_series, ctx, fmpq

from derivcheck.engine import direct, jets
from derivcheck.engine.jets import Hole, Jet, Key, Number, by_rule, by_series, jet, sign_of, through_hole
from derivcheck.functions import FUNCTIONS


@dataclass(frozen=True, slots=True)
class Test:
    """A condition at a point: ``truth`` is ``True``, ``False`` or a :class:`Hole` (undefined, or not certain);
    ``edge`` holds the infinitesimals along which it may change right here, so that no derivative exists."""

    truth: bool | Hole
    edge: frozenset[Key] = frozenset()


#: Orders of special functions, and arguments of zeta below 0, are refused beyond this: their cost has no bound.
LARGEST_ORDER = 200

UNCERTAIN = Hole(False, "a condition cannot be told at this precision")

_TRUTH: dict[str, Callable[[int], bool]] = {
    "<": lambda sign: sign < 0,
    "<=": lambda sign: sign <= 0,
    ">": lambda sign: sign > 0,
    ">=": lambda sign: sign >= 0,
    "==": lambda sign: sign == 0,
    "!=": lambda sign: sign != 0,
}


def compare(operator: str, a: Jet, b: Jet) -> Test:
    """``a operator b``, exactly for rationals, and for balls where they are apart."""
    difference = a - b
    if isinstance(difference.value, Hole):
        return Test(difference.value, frozenset(difference.parts))
    sign = sign_of(difference.value)
    if sign is None:
        return Test(UNCERTAIN, frozenset(difference.parts))
    return Test(_TRUTH[operator](sign), frozenset(difference.parts) if sign == 0 else frozenset())


def both(a: Test, b: Test) -> Test:
    """``a and b``."""
    return _join(a, b, decisive=False)


def either(a: Test, b: Test) -> Test:
    """``a or b``."""
    return _join(a, b, decisive=True)


def _join(a: Test, b: Test, *, decisive: bool) -> Test:
    edge = a.edge | b.edge
    for test, other in ((a, b), (b, a)):
        # a side that decides alone, off its edge, makes the other's edge harmless
        if test.truth is decisive:
            return Test(decisive, edge if test.edge else frozenset())
        if isinstance(test.truth, Hole) and other.truth is not decisive:
            return Test(test.truth._with(other.truth), edge)
    return Test(not decisive, edge)


def negate(a: Test) -> Test:
    """``not a``."""
    return Test(a.truth if isinstance(a.truth, Hole) else not a.truth, a.edge)


def where(test: Test, then: Jet, otherwise: Jet) -> Jet:
    """The branch that is taken; the other need not be defined. At an edge it has no derivative."""
    if isinstance(test.truth, Hole):
        keys = {**then.parts, **otherwise.parts, **dict.fromkeys(test.edge)}
        return Jet(test.truth, dict.fromkeys(keys, test.truth))
    taken = then if test.truth else otherwise
    if not test.edge:
        return taken
    kink = Hole(True, "no derivative where a condition changes")
    return Jet(taken.value, dict.fromkeys({**then.parts, **otherwise.parts, **dict.fromkeys(test.edge)}, kink))


def _inside(low: int, high: int, *, closed: bool, name: str, x: Jet) -> Hole | None:
    """A hole if ``x`` is not certainly between the bounds."""
    if isinstance(x.value, Hole):
        return x.value
    below, above = sign_of(x.value - low), sign_of(high - x.value)
    if below is None or above is None:
        return Hole(False, f"{name} of a number that may lie outside its domain")
    if min(below, above) < 0 or (not closed and 0 in (below, above)):
        return Hole(True, f"{name} of a number outside its domain")
    return None


def _bounded(name: str, *, closed: bool, value: Callable[[Any], Any], series: Callable[[Any], Any], x: Jet) -> Jet:
    hole = _inside(-1, 1, closed=closed, name=name, x=x)
    if hole is not None:
        return through_hole(hole, x)
    if x.parts and abs(x.value) == 1:
        return _at_the_end(name, x, value(jets.ball(x.value)))
    return by_series(x, value, series)


def _at_the_end(name: str, x: Jet, value: Any) -> Jet:
    edge = Hole(True, f"{name} has no derivative at the end of its domain")
    return Jet(value, dict.fromkeys(x.parts, edge))


def _positive(name: str, x: Jet, then: Callable[[Jet], Jet]) -> Jet:
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    sign = sign_of(x.value)
    if sign == 1:
        return then(x)
    return through_hole(Hole(sign is not None, f"{name} of a number that is not certainly positive"), x)


def _integer(name: str, n: Jet) -> int | Hole:
    if isinstance(n.value, Hole):
        return n.value
    if n.parts or type(n.value) is not fmpq or n.value.q != 1 or abs(n.value.p) > LARGEST_ORDER:
        return Hole(False, f"{name} needs a literal integer order of at most {LARGEST_ORDER}")
    return int(n.value.p)


def _real(number: Any) -> Any:
    return number.real if number.imag.contains(0) else arb.nan()


class Balls:
    """The carrier of jets."""

    def number(self, value: Fraction) -> Jet:
        """A rational constant."""
        return Jet(jets.rational(value))

    def where(self, test: Test, then: Jet, otherwise: Jet) -> Jet:
        """See :func:`where`."""
        return where(test, then, otherwise)

    def less(self, a: Any, b: Any) -> Test:
        """``a < b``."""
        return compare("<", jet(a), jet(b))

    def ratio(self, a: Any, b: Any) -> Jet:
        """``a / b``, undefined where b is 0."""
        return jet(a) / jet(b)

    exp = staticmethod(jets.exp)
    log = staticmethod(jets.log)
    abs = staticmethod(jets.absolute)
    sign = staticmethod(jets.signum)

    def sqrt(self, x: Jet) -> Jet:
        """Square root of a number >= 0; no derivative at 0."""
        return jets.power(x, Jet(fmpq(1, 2)), "literal")

    def sin(self, x: Jet) -> Jet:
        """Sine."""
        return by_series(x, arb.sin, arb_series.sin)

    def cos(self, x: Jet) -> Jet:
        """Cosine."""
        return by_series(x, arb.cos, arb_series.cos)

    def asin(self, x: Jet) -> Jet:
        """Inverse sine on [-1, 1]."""
        return _bounded("asin", closed=True, value=arb.asin, series=arb_series.asin, x=x)

    def acos(self, x: Jet) -> Jet:
        """Inverse cosine on [-1, 1]."""
        return _bounded("acos", closed=True, value=arb.acos, series=arb_series.acos, x=x)

    def atan(self, x: Jet) -> Jet:
        """Inverse tangent."""
        return by_series(x, arb.atan, arb_series.atan)

    def erf(self, x: Jet) -> Jet:
        """Error function."""
        return by_series(x, arb.erf, arb_series.erf)

    def erfi(self, x: Jet) -> Jet:
        """Imaginary error function."""
        return by_series(x, arb.erfi, arb_series.erfi)

    def erfinv(self, x: Jet) -> Jet:
        """Inverse error function on (-1, 1); erfinv' = sqrt(pi)/2 exp(erfinv²)."""
        hole = _inside(-1, 1, closed=False, name="erfinv", x=x)
        if hole is not None:
            return through_hole(hole, x)

        def slope(a: Jet) -> Jet:
            inner = self.erfinv(a)
            return jets.exp(inner * inner) * Jet(arb.pi().sqrt() / 2)

        return by_rule(x, arb.erfinv, slope)

    def gamma(self, x: Jet) -> Jet:
        """Gamma function, undefined at 0, -1, -2, …"""
        if type(x.value) is fmpq and x.value.q == 1 and x.value <= 0:
            return through_hole(Hole(True, "gamma at a pole"), x)
        return by_series(x, arb.gamma, arb_series.gamma)

    def lgamma(self, x: Jet) -> Jet:
        """log(gamma(x)) for x > 0."""
        return _positive("lgamma", x, lambda a: by_series(a, arb.lgamma, arb_series.lgamma))

    def polygamma(self, n: Jet, x: Jet) -> Jet:
        """The n-th derivative of digamma, undefined at 0, -1, -2, …; for x > 0 by the Hurwitz zeta function."""
        order = _integer("polygamma", n)
        if isinstance(order, Hole) or order < 0:
            hole = order if isinstance(order, Hole) else Hole(True, "polygamma of negative order")
            return through_hole(hole, x)
        if type(x.value) is fmpq and x.value.q == 1 and x.value <= 0:
            return through_hole(Hole(True, "polygamma at a pole"), x)

        def value(at: Any) -> Any:
            if order == 0:
                return at.digamma()
            if not at > 0:
                return _real(acb(at).polygamma(acb(order)))
            # psi_n(x) = (-1)^(n+1) n! zeta(n + 1, x) (DLMF 25.11.12)
            value = arb(order + 1).zeta(at) * arb(order + 1).gamma()
            return value if order % 2 else -value

        def slope(a: Jet) -> Jet:
            return self.polygamma(Jet(fmpq(order + 1)), a)

        return by_rule(x, value, slope)

    def lowergamma(self, s: Jet, x: Jet) -> Jet:
        """Lower incomplete gamma function, s and x > 0, differentiable by x."""
        return self._incomplete("lowergamma", s, x, 1)

    def uppergamma(self, s: Jet, x: Jet) -> Jet:
        """Upper incomplete gamma function, s and x > 0, differentiable by x."""
        return self._incomplete("uppergamma", s, x, -1)

    def _incomplete(self, name: str, s: Jet, x: Jet, sign: int) -> Jet:
        if s.parts:
            return through_hole(Hole(False, f"{name} has no derivative by its order here"), s)
        if isinstance(s.value, Hole):
            return through_hole(s.value, x)
        order = jets.ball(s.value)
        if not abs(order) < LARGEST_ORDER:
            return through_hole(Hole(False, f"{name} of an order beyond {LARGEST_ORDER}"), x)

        def value(at: Any) -> Any:
            return at.gamma_lower(order) if sign > 0 else at.gamma_upper(order)

        def slope(a: Jet) -> Jet:
            return jets.exp(-a + (s - 1) * jets.log(a)) * sign

        return _positive(name, s, lambda _: _positive(name, x, lambda a: by_rule(a, value, slope)))

    def zeta(self, x: Jet) -> Jet:
        """Riemann's zeta function, undefined at 1."""
        if type(x.value) is fmpq and x.value == 1:
            return through_hole(Hole(True, "zeta at its pole"), x)
        if jets.sign_of(x.value + LARGEST_ORDER) != 1:
            return through_hole(Hole(False, f"zeta below -{LARGEST_ORDER}"), x)
        return by_series(x, lambda a: a.zeta(), lambda a: a.zeta())

    def polylog(self, s: Jet, x: Jet) -> Jet:
        """Polylogarithm of literal integer order, x < 1, or x = 1 for s > 1; Li_s' = Li_(s-1)/x."""
        order = _integer("polylog", s)
        if isinstance(order, Hole):
            return through_hole(order, x)
        if order > 1 and type(x.value) is fmpq and x.value == 1:
            return _at_the_end("polylog", x, arb(order).zeta())

        def slope(a: Jet) -> Jet:
            return self.polylog(Jet(fmpq(order - 1)), a) / a

        return _positive("polylog", 1 - x, lambda _: by_rule(x, lambda a: a.polylog(order), slope))

    def lambertw(self, x: Jet) -> Jet:
        """Principal branch of Lambert's W, x > -1/e."""
        edge = x + jets.exp(Jet(fmpq(-1)))
        return _positive("lambertw", edge, lambda _: by_series(x, arb.lambertw, arb_series.lambertw))

    def _bessel(self, name: str, n: Jet, x: Jet) -> Jet:
        if isinstance(n.value, Hole) or n.parts:
            hole = n.value if isinstance(n.value, Hole) else Hole(False, f"{name} has no derivative by its order")
            return through_hole(hole, x)
        order = jets.ball(n.value)
        if not abs(order) < LARGEST_ORDER:
            return through_hole(Hole(False, f"{name} of an order beyond {LARGEST_ORDER}"), x)
        below, above = _BESSEL_SLOPE[name]

        def value(at: Any) -> Any:
            if name == "besselk" and _takes_long(at):
                return arb.nan()
            return getattr(at, _BESSEL_BALL[name])(order)

        def slope(a: Jet) -> Jet:
            lower, upper = self._bessel(name, n - 1, a), self._bessel(name, n + 1, a)
            return (lower * below + upper * above) / 2

        def at(a: Jet) -> Jet:
            return by_rule(a, value, slope)

        anywhere = name in ("besselj", "besseli") and type(n.value) is fmpq and n.value.q == 1
        return at(x) if anywhere else _positive(name, x, at)

    def besselj(self, n: Jet, x: Jet) -> Jet:
        """Bessel J_n; J_n' = (J_(n-1) - J_(n+1))/2 (DLMF 10.6.1)."""
        return self._bessel("besselj", n, x)

    def bessely(self, n: Jet, x: Jet) -> Jet:
        """Bessel Y_n, x > 0; Y_n' = (Y_(n-1) - Y_(n+1))/2 (DLMF 10.6.1)."""
        return self._bessel("bessely", n, x)

    def besseli(self, n: Jet, x: Jet) -> Jet:
        """Modified Bessel I_n; I_n' = (I_(n-1) + I_(n+1))/2 (DLMF 10.29.1)."""
        return self._bessel("besseli", n, x)

    def besselk(self, n: Jet, x: Jet) -> Jet:
        """Modified Bessel K_n, x > 0; K_n' = -(K_(n-1) + K_(n+1))/2 (DLMF 10.29.1)."""
        return self._bessel("besselk", n, x)

    def airyai(self, x: Jet) -> Jet:
        """Airy Ai."""
        return by_series(x, lambda a: a.airy_ai(), lambda a: a.airy_ai())

    def airybi(self, x: Jet) -> Jet:
        """Airy Bi."""
        return by_series(x, lambda a: a.airy_bi(), lambda a: a.airy_bi())

    def expint(self, n: Jet, x: Jet) -> Jet:
        """E_n(x), literal integer n, x > 0; E_n' = -E_(n-1) (DLMF 8.19.13)."""
        order = _integer("expint", n)
        if isinstance(order, Hole):
            return through_hole(order, x)

        def slope(a: Jet) -> Jet:
            return -self.expint(Jet(fmpq(order - 1)), a)

        return _positive("expint", x, lambda b: by_rule(b, lambda a: a.expint(arb(order)), slope))

    def Ei(self, x: Jet) -> Jet:  # noqa: N802 -- the function's name
        """Exponential integral, undefined at 0."""
        if type(x.value) is fmpq and x.value == 0:
            return through_hole(Hole(True, "Ei at 0"), x)
        return by_series(x, arb.ei, arb_series.ei)

    def Si(self, x: Jet) -> Jet:  # noqa: N802 -- the function's name
        """Sine integral."""
        return by_series(x, arb.si, arb_series.si)

    def Ci(self, x: Jet) -> Jet:  # noqa: N802 -- the function's name
        """Cosine integral, x > 0."""
        return _positive("Ci", x, lambda a: by_series(a, arb.ci, arb_series.ci))

    def fresnels(self, x: Jet) -> Jet:
        """Fresnel S with sin(pi t²/2)."""
        return by_series(x, lambda a: a.fresnel_s(), lambda a: a.fresnel_s())

    def fresnelc(self, x: Jet) -> Jet:
        """Fresnel C with cos(pi t²/2)."""
        return by_series(x, lambda a: a.fresnel_c(), lambda a: a.fresnel_c())

    def elliptic_k(self, m: Jet) -> Jet:
        """Complete elliptic integral K(m), m < 1; K' = (E - (1-m)K)/(2m(1-m)) (DLMF 19.4.1)."""

        def slope(a: Jet) -> Jet:
            return (self.elliptic_e(a) - (1 - a) * self.elliptic_k(a)) / (2 * a * (1 - a))

        return _positive("elliptic_k", 1 - m, lambda _: by_rule(m, lambda a: _real(acb(a).elliptic_k()), slope))

    def elliptic_e(self, m: Jet) -> Jet:
        """Complete elliptic integral E(m), m <= 1; E' = (E - K)/(2m) (DLMF 19.4.2)."""
        if type(m.value) is fmpq and m.value == 1:
            return _at_the_end("elliptic_e", m, fmpq(1))

        def slope(a: Jet) -> Jet:
            return (self.elliptic_e(a) - self.elliptic_k(a)) / (2 * a)

        return _positive("elliptic_e", 1 - m, lambda _: by_rule(m, lambda a: _real(acb(a).elliptic_e()), slope))


def _takes_long(at: Any) -> bool:
    """Where FLINT needs seconds for one K_n: between its convergent and its asymptotic series, at many bits."""
    return bool(ctx.prec > 512 and at > ctx.prec / 10 and at < ctx.prec)


_BESSEL_BALL = {"besselj": "bessel_j", "bessely": "bessel_y", "besseli": "bessel_i", "besselk": "bessel_k"}
_BESSEL_SLOPE = {"besselj": (1, -1), "bessely": (1, -1), "besseli": (1, 1), "besselk": (-1, -1)}

BALLS = Balls()


def apply(name: str, arguments: tuple[Jet, ...]) -> Jet:
    """An elementwise function of the table at a point.

    Raises:
        EngineFault: the formula of the table does not give the function's value.
    """
    row = FUNCTIONS[name]
    if row.formula is not None:
        found = jet(row.formula(BALLS, *arguments))
        direct.agree(row.name, arguments, found)
        return found
    primitive: Callable[..., Jet] = getattr(BALLS, row.name)
    return primitive(*arguments)


def apply_derivative(name: str, order: int, arguments: tuple[Jet, ...], level: int) -> Jet:
    """The derivative of an elementwise function by its first argument, ``order`` times (``relu'`` has 1).

    ``level`` and those above must not occur in the arguments.
    """
    if order == 0:
        return apply(name, arguments)
    first = arguments[0]
    perturbed = first + Jet(fmpq(0), {((level, 0),): fmpq(1)})
    return part(apply_derivative(name, order - 1, (perturbed, *arguments[1:]), level + 1), level, 0)


def part(x: Jet, level: int, direction: int) -> Jet:
    """The coefficient of one infinitesimal: the partial derivative."""
    if isinstance(x.value, Hole):
        return through_hole(x.value, x)
    value: Number = fmpq(0)
    parts: dict[Key, Number] = {}
    for key, number in x.parts.items():
        if (level, direction) in key:
            rest = tuple(k for k in key if k != (level, direction))
            if rest:
                parts[rest] = number
            else:
                value = number
    return Jet(value, parts)
