"""Owns the faults that are planted in the symbolic and in the rigorous road, and in the function table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import sympy
from flint import fmpq
from planted import ANYTHING, Fault, Patch, Plant, item, method

from derivcheck.engine import (
    balls,
    cells,
    compare,
    components,
    convert,
    decide,
    duals,
    jets,
    lets,
    lower,
    normal_form,
    question,
    straight,
    symbols,
    tape,
    ways,
)
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.normal_form import ZERO, Prover
from derivcheck.engine.relations import INVERSES, PARITIES, REFLECTIONS, SHIFTS, SQUARES
from derivcheck.engine.ring import Ring
from derivcheck.engine.tower import Tower
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import typed

# --- the symbolic road's own tables ------------------------------------------------------------------------------


def _transposed_gradient(patch: Patch) -> None:
    honest = lower.Lowering._of_and_targets

    def transposed(self: Any, expr: Any, index: Any) -> Any:
        of, (first, *rest) = honest(self, expr, index)
        return of, (first[::-1] if expr.kind == "gradient" else first, *rest)

    patch.setattr(lower.Lowering, "_of_and_targets", transposed)


def _left_transposed(low: Any, expr: Any, index: Any) -> Any:
    if len(expr.left.shape) < 2 or expr.left.shape[0] != expr.left.shape[1]:
        return lower.Lowering._matmul(low, expr, index)
    rows = range(low.shape(expr.left.shape)[1])
    return low.let(
        sympy.Add(*(low.entry(expr.left, (k, index[0])) * low.entry(expr.right, (k, *index[1:])) for k in rows))
    )


_APPLIED, _LEAF = duals.Duals.apply, ways.Way.leaf


def _outer_alone(self: Any, operation: Any, *arguments: Any) -> Any:
    if len(operation[0]) < 3:  # products, quotients and powers
        return _APPLIED(self, operation, *arguments)
    (x,) = arguments
    return _APPLIED(self, operation, duals.Dual(x.level, x.value, self.ring.one) if type(x) is duals.Dual else x)


def _first_leaf(self: Any, target: Any, by: Any) -> Any:
    kind, name, index = target
    return _LEAF(self, (kind, name, (0,) * len(index)), by)


_TAPE = tape.Tape.__init__


def _used_once(self: Any, root: Any) -> None:
    _TAPE(self, root)
    self.users = {made_from: users[:1] for made_from, users in self.users.items()}


def _all_kinks(self: Any, root: Any, leaf: Any) -> Any:
    kinks = self.tape(root).kinks if type(root) is duals.Traced else ()
    return [(self.value_of(kink), self.ring.one) for kink in kinks]


def _for_every_entry(self: Any, element: Any) -> bool:
    for argument, slope in self.off:
        self.tower.assume_off(argument, slope)
    return self._is_zero(self.ring.reduce(element))


def _positive_all(self: Any, number: Any) -> None:
    self.tower.assume(">", self.base(number))


def _inner_derivative_lost(patch: Patch) -> None:
    honest = lets._differentiated

    def outer_only(expr: Any, s: Any) -> Any:
        return lets._by_operand(expr, 0) if expr.is_Function else honest(expr, s)

    patch.setattr(lets, "_differentiated", outer_only)


def _first_of_a_sum(low: Any, expr: Any, index: Any) -> Any:
    return components.reduced(low, expr, index, lambda s: s)[0]


def _cases_exchanged(c: Any, e: Any) -> Any:
    test = c._memo[e.args[0]]
    if test.is_constant():
        return c._cond(e)
    a, b = (c._memo[part] for part in e.args[1:])
    return c.tower.ring.mul(test, b) + c.tower.ring.mul(1 - test, a)


SYMBOLIC = (
    Fault(
        "symbolic road",
        "inner derivative lost",
        _inner_derivative_lost,
        ("D(sin(x**2), x) == cos(x**2)", "D(exp(2*x), x) == exp(2*x)"),
    ),
    Fault("symbolic road", "cos for sin", item(symbols.PRIMITIVES, "sin", sympy.cos), ("sin(x) == cos(x)",)),
    Fault("symbolic road", "atan for asin", item(symbols.PRIMITIVES, "asin", sympy.atan), ("asin(x) == atan(x)",)),
    Fault("symbolic road", "abs changes nothing", item(symbols.PRIMITIVES, "abs", lambda x: x), ("abs(x) == x",)),
    Fault("symbolic road", "sign is 1", item(symbols.PRIMITIVES, "sign", lambda x: sympy.S.One), ("sign(x) == 1",)),
    Fault("symbolic road", "abs needs x > 0", item(symbols.NEEDS, "abs", lambda x: ((">", x),)), ("abs(x) == x",)),
    Fault(
        "symbolic road",
        "exp needs x > 0",
        item(symbols.NEEDS, "exp", lambda x: ((">", x),)),
        ("abs(x)*exp(x) == x*exp(x)",),
    ),
    Fault(
        "symbolic road",
        "< for >",
        item(symbols.CONDITIONS, ">", symbols.CONDITIONS["<"]),
        ("indicator(x > 0) == indicator(x < 0)",),
    ),
    Fault(
        "symbolic road",
        "> for >=",
        item(symbols.CONDITIONS, ">=", symbols.CONDITIONS[">"]),
        ("indicator(x >= 0) == indicator(x > 0)",),
    ),
    Fault(
        "symbolic road",
        "== for !=",
        item(symbols.CONDITIONS, "!=", symbols.CONDITIONS["=="]),
        ("indicator(x != 0) == indicator(x == 0)",),
    ),
    Fault(
        "symbolic road",
        "abs' = 1",
        method(symbols.Mag, "_eval_derivative", lambda self, s: self.args[0].diff(s)),
        ("D(abs(x), x) == 1", "D(relu(x), x) == 1"),
    ),
    Fault(
        "symbolic road",
        "branches exchanged",
        item(convert._NODES, "Cond", _cases_exchanged),
        ("where(x > 0, x, -x) == -abs(x)",),
    ),
    Fault(
        "symbolic road",
        "matrix product transposes",
        item(lower._LOWER, typed.MatMul, _left_transposed),
        ("trace(B @ C) == sum(B*C)",),
    ),
    Fault(
        "symbolic road",
        "the short way: chain rule lost",
        method(duals.Duals, "apply", _outer_alone),
        ("D(sin(x**2), x) == cos(x**2)", "D(exp(2*x), x) == exp(2*x)"),
    ),
    Fault(
        "symbolic road",
        "the short way: every entry is the first",
        method(ways.Way, "leaf", _first_leaf),
        ("sum(a) == n*a[0]",),
    ),
    Fault(
        "symbolic road",
        "the short way: everything is positive",
        method(duals.Duals, "note", lambda self, kind, number: _positive_all(self, number)),
        ("abs(x) == x",),
    ),
    Fault(
        "symbolic road",
        "the tape: of what is used twice, once",
        method(tape.Tape, "__init__", _used_once),
        ("D(sum(a*sin(a)), a) == sin(a)", "D(sum(a*sin(a)), a) == a*cos(a)"),
        ("D(sum(a*sin(a)), a) == sin(a) + a*cos(a)",),
    ),
    Fault(
        "symbolic road",
        "the tape: inner derivative lost",
        method(tape.Tapes, "_passed", lambda self, user, i, slope: slope),
        ("D(sum(sin(a)*b), a) == 1", "D(sum(exp(a)), a) == 1"),
    ),
    Fault(
        "symbolic road",
        "the tape: kinks move with everything",
        method(tape.Tapes, "moving_kinks", _all_kinks),
        ("D(sum(a*sign(b)), a) == sign(b) + 1 - sign(b)**2",),
    ),
    Fault(
        "symbolic road",
        "the short way: kinks of one entry hold for every other",
        method(ways.Way, "_is_zero_off_kinks", _for_every_entry),
        ("D(sum(relu(a)), a) == indicator(a > 0)*sign(a[0])**2",),
    ),
    Fault(
        "symbolic road",
        "the short way: < for >",
        item(ways.HOLDS, ">", ways.HOLDS["<"]),
        ("indicator(x > 0) == indicator(x < 0)",),
    ),
    Fault("symbolic road", "gradient transposed", _transposed_gradient, ("D(trace(B @ C), B) == C",)),
    Fault("symbolic road", "sum takes one term", item(components.ARRAY, "sum", _first_of_a_sum), ("sum(a) == a[0]",)),
    Fault(
        "symbolic road",
        "mean forgets 1/n",
        item(components.ARRAY, "mean", components.ARRAY["sum"]),
        ("mean(a) == sum(a)", "D(mean(a**2), a) == 2*a"),
    ),
    Fault(
        "symbolic road",
        "norm squared",
        item(components.ARRAY, "norm", lambda low, e, i: components._norm(low, e, i) ** 2),
        ("norm(a) == sum(a**2)",),
    ),
    Fault(
        "symbolic road",
        "trace for det",
        item(components.ARRAY, "det", components.ARRAY["trace"]),
        ("det(B) == trace(B)",),
    ),
    Fault(
        "symbolic road",
        "inverse transposed",
        item(components.ARRAY, "inv", lambda low, e, i: components._inv(low, e, i[::-1])),
        ("B @ inv(B).T == eye(2)",),
    ),
    Fault("symbolic road", "proves everything", method(Prover, "prove", lambda *_, **__: ZERO), ANYTHING),
)


# --- the tower's relations ---------------------------------------------------------------------------------------


def _off_by_one(patch: Patch) -> None:
    honest = Ring.add_rule
    patch.setattr(Ring, "add_rule", lambda self, relation: honest(self, relation - 1))


def _multiplicity_lost(patch: Patch) -> None:
    honest = Ring.factor

    def once_each(self: Any, p: Any) -> Any:
        content, factors = honest(self, p)
        return content, [(q, 1) for q, _ in factors]

    patch.setattr(Ring, "factor", once_each)


def _pi_below_22_7(patch: Patch) -> None:
    honest = Tower.pi

    def lower_pi(self: Any) -> Any:
        raw = honest(self)
        self.by_key["pi"].low, self.by_key["pi"].high = fmpq(3), fmpq(31, 10)
        return raw

    patch.setattr(Tower, "pi", lower_pi)


def _turns_forgotten(self: Any, n: int) -> Any:
    return self.ring.one, self.ring.zero


def _conditions_strict(patch: Patch) -> None:
    honest = Tower.assume
    patch.setattr(Tower, "assume", lambda self, relation, p: honest(self, ">" if relation != "==" else "==", p))


def _atoms_alike(patch: Patch) -> None:
    honest = Tower.atom
    patch.setattr(Tower, "atom", lambda self, name, arguments: honest(self, name, (self.ring.one,)))


TOWER = (
    Fault("tower", "every sign 1", method(Tower, "sign", lambda self, a: self.ring.one), ("sign(x) == 1",)),
    Fault("tower", "everything definite", method(Tower, "definite", lambda *_: 1), ("abs(x) == x",)),
    Fault(
        "tower",
        "everything bounded by 1",
        method(Ring, "minimum", lambda *_: (fmpq(1), True)),
        ("abs(x) == x", "max(x, 0) == x"),
    ),
    Fault("tower", "nothing is 0", method(Tower, "is_nonzero", lambda *_: True), ("sign(x) == 1 | x >= 0",)),
    Fault(
        "tower",
        "every cell impossible",
        lambda patch: patch.setattr(cells, "contradictory", lambda _: True),
        ("relu(x) == abs(x)", "max(x, y) == min(x, y)"),
    ),
    Fault(
        "tower",
        "no edges",
        lambda patch: patch.setattr(normal_form, "remaining_edges", lambda *_: []),
        ("relu(x) == abs(x)", "where(x == 0, 5, 1) == 1"),
    ),
    Fault(
        "tower",
        "edges not looked at",
        method(Prover, "_at_edges", lambda *_, **__: ZERO),
        ("where(x == 0, 5, 1) == 1",),
    ),
    Fault("tower", "log(x) = x - 1", method(Tower, "log", lambda self, a: a - 1), ("log(p) == p - 1",)),
    Fault("tower", "exp(x) = 1 + x", method(Tower, "exp", lambda self, a: a + 1), ("exp(x) == 1 + x",)),
    Fault("tower", "cos and sin alike", method(Tower, "cos_sin", lambda self, a: (a, a)), ("sin(x) == cos(x)",)),
    Fault("tower", "1/x = x", method(Tower, "inverse", lambda self, a: a), ("1/x == x",)),
    Fault("tower", "x**q = q x", method(Tower, "rational_power", lambda self, a, q: a * q), ("sqrt(p) == p/2",)),
    Fault("tower", "everything reduces to 0", method(Ring, "reduce", lambda self, a: self.zero), ANYTHING),
    Fault("tower", "relations off by one", _off_by_one, ("sin(x)**2 + cos(x)**2 == 2", "x/x == 2")),
    Fault("tower", "multiplicities lost", _multiplicity_lost, ("log(p**2 + 2*p + 1) == log(p + 1)", "1/x**2 == 1/x")),
    Fault("tower", "pi below 31/10", _pi_below_22_7, ("min(pi, 31/10) == pi",)),
    Fault(
        "tower", "turns by pi/2 are none", method(Tower, "_base_turn", _turns_forgotten), ("sin(x + pi/3) == sin(x)",)
    ),
    Fault("tower", "every condition is > 0", _conditions_strict, ("sign(x) == 1 | x != 0",)),
    Fault("tower", "functions without arguments", _atoms_alike, ("gamma(p) == gamma(2*p)", "erf(x) == erf(x*y)")),
)


# --- what is known of special functions --------------------------------------------------------------------------


def _gamma_shifted(c: Any, x: Any) -> Any:
    return x + 1


RELATIONS = (
    Fault("tower", "odd functions even", item(PARITIES, "erf", lambda *_: 1), ("erf(log(1/p)) == erf(log(p))",)),
    Fault(
        "tower",
        "J of odd order even",
        item(PARITIES, "besselj", lambda *_: 1),
        ("besselj(1, log(1/p)) == besselj(1, log(p))",),
    ),
    Fault(
        "tower",
        "gamma(x + 1) = (x + 1) gamma(x)",
        item(SHIFTS, "gamma", replace(SHIFTS["gamma"], slope=_gamma_shifted)),
        ("gamma(p + 1) == (p + 1)*gamma(p)",),
    ),
    Fault("tower", "erf undoes erfi", item(INVERSES, "erf", "erfi"), ("erf(erfi(x)) == x",)),
    Fault(
        "tower",
        "halves of a polylogarithm",
        item(SQUARES, "polylog", lambda c, s, z: c.apply("polylog", s, z) + c.apply("polylog", s, -z)),
        ("polylog(2, 1/(1 + p)**2) == polylog(2, 1/(1 + p)) + polylog(2, -1/(1 + p))",),
    ),
    Fault(
        "tower",
        "the sine of pi in a reflection",
        item(REFLECTIONS, "gamma", replace(REFLECTIONS["gamma"], right=lambda c, x: c.pi / c.apply("gamma", x))),
        ("gamma(1 - x)*gamma(x) == pi",),
    ),
)


# --- the rigorous road -------------------------------------------------------------------------------------------


def _without_product_rule(patch: Patch) -> None:
    product = Jet.__mul__
    patch.setattr(Jet, "__mul__", lambda self, other: product(self, Jet(jets.jet(other).value)))


def _wrong_chain_rule(patch: Patch) -> None:
    def outer_only(coefficients: list[Any], x: Jet) -> Jet:
        return Jet(coefficients[0], dict.fromkeys(x.parts, coefficients[1] if len(coefficients) > 1 else 0))

    patch.setattr(jets, "compose", outer_only)


def _ball(name: str, changed: Callable[[Jet], Jet]) -> Plant:
    honest = getattr(balls.Balls, name)
    static = name in ("exp", "log", "abs", "sign")

    def plant(patch: Patch) -> None:
        if static:
            patch.setattr(balls.Balls, name, staticmethod(lambda x: changed(honest(x))))
        else:
            patch.setattr(balls.Balls, name, lambda self, x: changed(honest(self, x)))
        of = straight.FUNCTIONS_OF.get(name)
        if of is not None:
            patch.setitem(straight.FUNCTIONS_OF, name, tuple(_then(changed, function) for function in of))

    return plant


def _then(changed: Callable[[Any], Any], function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: changed(function(x))


def _bounded_roots(base: Jet, q: Any) -> Jet:
    return Jet(base.value * q, {key: part * q for key, part in base.parts.items()})


def _all_agree(*arguments: Any) -> list[Any]:
    """The pairs of a point; where the two sides differ, the right one is taken for the left."""
    return [
        compare.Pair(p.index, p.entry, p.left, p.left, jets.rational(0)) if p.status == "differ" else p
        for p in _PAIRS(*arguments)
    ]


def _blind(patch: Patch) -> None:
    patch.setattr(decide, "pairs", _all_agree)
    patch.setattr(question, "program", lambda *_: None)


_PAIRS = compare.pairs
RIGOROUS = (
    Fault(
        "rigorous road",
        "cos for sin",
        lambda patch: patch.setattr(balls.Balls, "sin", balls.Balls.cos),
        ("sin(x) == cos(x)",),
        ("D(sin(x)**2, x) == 2*sin(x)*cos(x)",),
    ),
    Fault(
        "rigorous road",
        "-cos for cos",
        _ball("cos", lambda v: -v),
        ("cos(x) == -cos(x)",),
        ("D(sin(x), x) == cos(x)",),
    ),
    Fault(
        "rigorous road", "2 exp for exp", _ball("exp", lambda v: 2 * v), ("exp(0*x) == 2",), ("exp(x)*exp(-x) == 1",)
    ),
    Fault(
        "rigorous road",
        "log + 1 for log",
        _ball("log", lambda v: v + 1),
        ("log(p/p) == 1",),
        ("log(p**2) == 2*log(p)",),
    ),
    Fault(
        "rigorous road",
        "abs of its size",
        _ball("abs", lambda v: -v),
        ("abs(x) == -abs(x)",),
        ("abs(x)*abs(y) == abs(x*y)",),
    ),
    Fault(
        "rigorous road",
        "erf halved",
        _ball("erf", lambda v: v / 2),
        ("erf(x) == erf(x)/2",),
        ("D(erf(x), x) == 2*exp(-x**2)/sqrt(pi)",),
    ),
    Fault(
        "rigorous road",
        "no product rule",
        _without_product_rule,
        ("D(x*y, y) == 0", "D(sin(x)*exp(x), x) == cos(x)*exp(x)"),
        ("D(x*y*x, x) == 2*x*y",),
    ),
    Fault(
        "rigorous road",
        "no chain rule",
        _wrong_chain_rule,
        ("D(exp(2*x), x) == exp(2*x)",),
        ("D(exp(2*x), x) == 2*exp(2*x)",),
    ),
    Fault(
        "rigorous road",
        "every derivative 0",
        lambda patch: patch.setattr(balls, "part", lambda *_: Jet(fmpq(0))),
        ("sigmoid'(x) == 0", "tanh'(x) == 0"),
        ("sigmoid'(x) == sigmoid(x)*(1 - sigmoid(x))",),
    ),
    Fault(
        "rigorous road",
        "> is <",
        item(balls._TRUTH, ">", lambda sign: sign < 0),
        ("indicator(x > 0) == indicator(x < 0)",),
        ("x*indicator(x > 0) == relu(x)",),
    ),
    Fault(
        "rigorous road",
        "roots halve",
        lambda patch: patch.setattr(jets, "_rational_power", _bounded_roots),
        ("sqrt(p) == p/2",),
        ("sqrt(p)**2 == p",),
    ),
    Fault(
        "rigorous road",
        "J' of the wrong sign",
        item(balls._BESSEL_SLOPE, "besselj", (1, 1)),
        ("D(besselj(1, x), x) == (besselj(0, x) + besselj(2, x))/2",),
        ("D(besselj(0, x), x) == -besselj(1, x)",),
    ),
    Fault(
        "rigorous road",
        "no difference is seen",
        lambda patch: patch.setattr(jets, "sign_of", lambda number: None if isinstance(number, Hole) else 0),
        ANYTHING,
        (),
    ),
    Fault("rigorous road", "all sides agree", _blind, ANYTHING, ()),
)


# --- the function table, which all roads follow ------------------------------------------------------------------


def _formula(name: str, formula: Callable[..., Any]) -> Plant:
    return lambda patch: patch.setitem(FUNCTIONS, name, replace(FUNCTIONS[name], formula=formula))


def _as(other: str) -> Callable[..., Any]:
    made = FUNCTIONS[other].formula
    assert made is not None
    return made


_WRONG_FORMULAS: tuple[tuple[str, Callable[..., Any], str], ...] = (
    ("sigmoid", lambda c, x: 1 / (1 + c.exp(x)), "sigmoid(x) == 1/(1 + exp(x))"),
    ("tanh", lambda c, x: 1 - 2 / (1 + c.exp(x)), "tanh(x) == 2*sigmoid(x) - 1"),
    ("softplus", lambda c, x: c.log(2 + c.exp(x)), "softplus(x) == log(2 + exp(x))"),
    ("relu", lambda c, x: c.abs(x), "relu(x) == abs(x)"),
    ("relu", lambda c, x: (x - c.abs(x)) / 2, "relu(x) == min(x, 0)"),
    ("leaky_relu", lambda c, x, slope=None: (x + c.abs(x)) / 2, "leaky_relu(x) == relu(x)"),
    (
        "elu",
        lambda c, x, alpha=None: c.where(c.less(c.number(Fraction(0)), x), x, c.exp(x)),
        "elu(x) == where(x > 0, x, exp(x))",
    ),
    ("silu", lambda c, x: x * (1 + c.exp(-x)), "silu(x) == x*(1 + exp(-x))"),
    ("gelu", lambda c, x: x * (1 + c.erf(x)) / 2, "gelu(x) == x*(1 + erf(x))/2"),
    ("logit", lambda c, x: c.log(x) + c.log(1 - x), "logit(p) == log(p) + log(1 - p)"),
    ("max", _as("min"), "max(x, y) == min(x, y)"),
    ("clip", lambda c, x, low, high: x, "clip(x, 0, 1) == x"),
    ("cbrt", lambda c, x: c.abs(x), "cbrt(x) == abs(x)"),
    ("log2", _as("log10"), "log2(p) == log10(p)"),
    ("log1p", lambda c, x: c.log(2 + x), "log1p(p) == log(2 + p)"),
    ("expm1", lambda c, x: c.exp(x), "expm1(x) == exp(x)"),
    ("tan", _as("cot"), "tan(x) == cot(x)"),
    ("sec", _as("csc"), "sec(x) == csc(x)"),
    ("acot", lambda c, x: c.atan(x), "acot(x) == atan(x)"),
    ("sinh", _as("cosh"), "sinh(x) == cosh(x)"),
    ("cosh", _as("sinh"), "cosh(x) == sinh(x)"),
    ("coth", lambda c, x: c.ratio(2, c.exp(2 * x) - 1), "coth(x) == 2/(exp(2*x) - 1)"),
    ("asinh", lambda c, x: c.log(x + c.sqrt(x * x + 2)), "asinh(x) == log(x + sqrt(x**2 + 2))"),
    ("acosh", _as("asinh"), "acosh(p + 1) == asinh(p + 1)"),
    ("atanh", lambda c, x: c.log(1 + x) - c.log(1 - x), "atanh(x) == log(1 + x) - log(1 - x)"),
    ("erfc", lambda c, x: 1 + c.erf(x), "erfc(x) == 1 + erf(x)"),
    ("digamma", lambda c, x: c.polygamma(c.number(Fraction(1)), x), "digamma(p) == polygamma(1, p)"),
    ("beta", lambda c, a, b: c.gamma(a) * c.gamma(b), "beta(p, p) == gamma(p)**2"),
)
TABLE = tuple(
    Fault("function table", f"{name} so that {lie}", _formula(name, wrong), (lie,))
    for name, wrong, lie in _WRONG_FORMULAS
)
