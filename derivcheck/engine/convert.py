"""Owns the way from SymPy components into the tower: one table over SymPy's classes, walked without recursion."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sympy
from flint import fmpq

from derivcheck.engine.lets import Let
from derivcheck.engine.lower import Leaf, Lowering, NotLowered
from derivcheck.engine.ring import Generator, Poly
from derivcheck.engine.signs import Undefined
from derivcheck.engine.special import Special
from derivcheck.engine.symbols import Cond, Sym
from derivcheck.engine.tower import Tower
from derivcheck.lang.domains import Domain

#: SymPy's classes of special functions (and ours) with the names of the language.
_SPECIAL = {
    "LamW": "lambertw",
    "LambertW": "lambertw",
    "loggamma": "lgamma",
    **{
        name: name
        for name in (
            "erf", "erfi", "erfinv", "Si", "fresnels", "fresnelc", "gamma", "polygamma", "lowergamma", "uppergamma",
            "zeta", "polylog", "besselj", "bessely", "besseli", "besselk", "airyai", "airybi", "airyaiprime",
            "airybiprime", "expint", "Ei", "Ci", "elliptic_k", "elliptic_e",
        )
    },
}  # fmt: skip
#: Those of which something is known, if there is nothing to lose by using it: odd functions.
_ODD = frozenset({"erf", "erfi", "erfinv", "Si", "fresnels", "fresnelc"})


class Converter:
    """Puts SymPy components of one lowering (or of none: expressions of known symbols) into one tower.
    ``substitutions`` replaces leaves, after all differentiation: given values, symmetric entries, equations solved
    for a leaf. ``related``: special functions
    are brought to a normal form; else they are atoms, which is less work and leaves no suspects, and ``special_met``
    tells whether there were any."""

    def __init__(
        self, tower: Tower, lowering: Lowering | None, substitutions: Mapping[Sym, Sym], *, related: bool = False
    ) -> None:
        self.tower = tower
        self.special = Special(tower)
        self.related = related
        self.special_met = False
        self.lets: Mapping[Sym, Let] = {} if lowering is None else lowering.lets
        self._made_from: Mapping[Sym, Leaf] = {} if lowering is None else lowering.leaves
        self._substitutions = substitutions
        self._memo: dict[Sym, Poly] = {}
        self.leaves: dict[int, Sym] = {}

    def convert_with(self, expr: Sym, known: Mapping[Sym, Poly]) -> Poly:
        """The element of an expression of symbols whose elements are ``known``, and of nothing else."""
        self._memo = dict(known)
        return self.convert(expr)

    def convert(self, expr: Sym) -> Poly:
        """The element of the tower.

        Raises:
            NotLowered: a function that the tower does not know.
            Undefined, Refine, Full, OverBudget: as in the tower.
        """
        memo = self._memo
        stack = [expr]
        while stack:
            top = stack[-1]
            if top in memo:
                stack.pop()
                continue
            waiting = [e for e in self._needs(top) if e not in memo]
            if waiting:
                stack.extend(waiting)
                continue
            memo[top] = self._node(top)
            stack.pop()
        return memo[expr]

    def _needs(self, e: Sym) -> tuple[Sym, ...]:
        """What must be converted before ``e``."""
        if e.is_Symbol:
            let = self.lets.get(e)
            if let is not None:
                return (let.expr,)
            replaced = self._substitutions.get(e)
            return () if replaced is None else (replaced,)
        if isinstance(e, Cond):
            c, a, b = e.args
            test = self._memo.get(c)
            if test is None:
                return (c,)
            if test.is_constant():
                return (b,) if test.is_zero() else (a,)
            return (a, b)
        if e.is_Pow and e.exp.is_Rational:
            return (e.base,)
        return tuple(e.args)

    def _node(self, e: Sym) -> Poly:
        if e.is_Symbol:
            inner = self._needs(e)
            return self._memo[inner[0]] if inner else self._leaf(e)
        if e.is_Rational:
            return self.tower.ring.constant(fmpq(int(e.p), int(e.q)))
        convert = _NODES.get(type(e).__name__)
        if convert is not None:
            return convert(self, e)
        special = _SPECIAL.get(type(e).__name__)
        if special is not None:
            return self.special_atom(special, tuple(self.args(e)))
        if e.is_infinite or e is sympy.nan:
            raise Undefined("an infinite value")
        raise NotLowered(f"{type(e).__name__} is outside of what can be decided exactly")

    def args(self, e: Sym) -> list[Poly]:
        """The converted arguments."""
        return [self._memo[a] for a in e.args]

    def _leaf(self, symbol: Sym) -> Poly:
        generator = leaf_generator(self.tower, self._made_from[symbol])
        self.leaves[generator.place] = symbol
        return generator.raw

    def _add(self, e: Sym) -> Poly:
        total = self.tower.ring.zero
        for a in self.args(e):
            total = total + a
        self.tower.ring.meter.spend(len(total))
        return self.tower.ring.reduce(total)

    def _mul(self, e: Sym) -> Poly:
        result, *others = self.args(e)
        for a in others:
            result = self.tower.ring.mul(result, a)
        return result

    def _pow(self, e: Sym) -> Poly:
        if e.exp.is_Integer:
            base = self._memo[e.base]
            if e.exp < 0 and not self.tower.definite(base) and surely_positive(e.base):
                self.tower.assume(">", base)  # 1 + exp(2*asinh(x)), of which the roots do not show it
            return self.tower.power(base, int(e.exp))
        if e.exp.is_Rational:
            return self.tower.rational_power(self._memo[e.base], fmpq(int(e.exp.p), int(e.exp.q)))
        exponent = self._memo[e.exp]
        return self.tower.exp(self.tower.ring.mul(exponent, self.tower.log(self._memo[e.base])))

    def _integer_power(self, e: Sym) -> Poly:
        base, exponent = self.args(e)
        if exponent.is_constant():
            n = fmpq(0) if exponent.is_zero() else exponent.leading_coefficient()
            if n.q == 1:
                return self.tower.power(base, int(n.p))
        return self.tower.whole_power(base, exponent)

    def _size(self, e: Sym) -> Poly:
        a = self._memo[e.args[0]]
        return self.tower.ring.mul(a, self.tower.sign(a))

    def _cond(self, e: Sym) -> Poly:
        c, a, b = e.args
        test = self._memo[c]
        if test.is_constant():
            return self._memo[b if test.is_zero() else a]
        ring = self.tower.ring
        return ring.mul(test, self._memo[a]) + ring.mul(1 - test, self._memo[b])

    def special_atom(self, name: str, arguments: tuple[Poly, ...]) -> Poly:
        """A special function, in its normal form where they are ``related``."""
        self.special_met = True
        if self.related:
            return self.special.apply(name, arguments)
        a = arguments[0]
        if name not in _ODD or a.is_zero():
            return a if name in _ODD else self.tower.atom(name, arguments)
        return -self.tower.atom(name, (-a,)) if a.leading_coefficient() < 0 else self.tower.atom(name, (a,))

    def _sinh_cosh(self, e: Sym) -> tuple[Poly, Poly]:
        up = self.tower.exp(self._memo[e.args[0]])
        down = self.tower.inverse(up)
        return (up - down) / 2, (up + down) / 2

    def _acos(self, e: Sym) -> Poly:
        return self.tower.pi() / 2 - self.tower.arcsine(self._memo[e.args[0]])

    def _quotient(self, top: Poly, bottom: Poly) -> Poly:
        return self.tower.ring.mul(top, self.tower.inverse(bottom))

    def _trig(self, e: Sym, top: int | None, bottom: int | None) -> Poly:
        pair = (*self.tower.cos_sin(self._memo[e.args[0]]), self.tower.ring.one)
        return self._quotient(pair[2 if top is None else top], pair[2 if bottom is None else bottom])

    def _hyperbolic(self, e: Sym, top: int | None, bottom: int | None) -> Poly:
        pair = (*self._sinh_cosh(e), self.tower.ring.one)
        return self._quotient(pair[2 if top is None else top], pair[2 if bottom is None else bottom])


def leaf_generator(tower: Tower, leaf: Leaf) -> Generator:
    """A new generator for a leaf, with what its domain tells."""
    domain = leaf.domain
    low: Any = None
    high: Any = None
    strict_low, strict_high = domain.low_open, domain.high_open
    if domain.kind in ("positive", "nonnegative"):
        low, strict_low = fmpq(0), domain.kind == "positive"
    elif domain.kind == "interval":
        low, high = (None if v is None else fmpq(v.numerator, v.denominator) for v in (domain.low, domain.high))
    elif domain.kind == "finite":
        low, high = (fmpq(v.numerator, v.denominator) for v in (min(domain.values), max(domain.values)))
        strict_low = strict_high = False
    elif domain.kind in ("simplex", "one-hot"):
        low, high, strict_low, strict_high = fmpq(0), fmpq(1), False, False
    elif domain.kind == "positive definite" and len(set(leaf.index)) == 1:
        low, strict_low = fmpq(0), True
    generator = tower.ring.new(
        "leaf",
        low=low,
        high=high,
        strict_low=strict_low,
        strict_high=strict_high,
        name=leaf.name,
        whole=domain.kind in ("integer", "one-hot")
        or (domain.kind == "finite" and all(v.denominator == 1 for v in domain.values)),
    )
    _finite_values(tower, generator, domain)
    return generator


def _finite_values(tower: Tower, generator: Generator, domain: Domain) -> None:
    """The polynomial that a value of a finite domain is a root of."""
    if domain.kind == "one-hot":
        tower.ring.add_rule(generator.raw**2 - generator.raw)
    if domain.kind == "finite":
        relation = tower.ring.one
        for value in domain.values:
            relation = relation * (generator.raw - fmpq(value.numerator, value.denominator))
        tower.ring.add_rule(relation)
        if 0 not in domain.values:
            tower.nonzero.add(tower.ring.key(generator.raw))


def surely_positive(e: Sym) -> bool:
    """Whether the way that a value is written shows that it is positive: sums of squares and exponentials with a
    number > 0 or an exponential among them."""
    if e.is_Add:
        return all(surely_positive(a) or _square(a) for a in e.args) and any(surely_positive(a) for a in e.args)
    if e.is_Mul:
        return all(surely_positive(a) for a in e.args)
    return bool(e.is_Rational and e.is_positive) or type(e).__name__ == "exp"


def _square(e: Sym) -> bool:
    return bool(e.is_Pow and e.exp.is_Integer and e.exp % 2 == 0)


#: By the name of the class in SymPy (or of ours in ``symbols``).
_NODES: dict[str, Callable[[Converter, Sym], Poly]] = {
    "Add": Converter._add,
    "Mul": Converter._mul,
    "Pow": Converter._pow,
    "exp": lambda c, e: c.tower.exp(c.args(e)[0]),
    "Exp1": lambda c, e: c.tower.exp(c.tower.ring.one),
    "Pi": lambda c, e: c.tower.pi(),
    "log": lambda c, e: c.tower.log(c.args(e)[0]),
    "Sgn": lambda c, e: c.tower.sign(c.args(e)[0]),
    "sign": lambda c, e: c.tower.sign(c.args(e)[0]),
    "Mag": Converter._size,
    "Abs": Converter._size,
    "Cond": Converter._cond,
    "IntPow": Converter._integer_power,
    "sin": lambda c, e: c.tower.cos_sin(c.args(e)[0])[1],
    "cos": lambda c, e: c.tower.cos_sin(c.args(e)[0])[0],
    "tan": lambda c, e: c._trig(e, 1, 0),
    "cot": lambda c, e: c._trig(e, 0, 1),
    "sec": lambda c, e: c._trig(e, None, 0),
    "csc": lambda c, e: c._trig(e, None, 1),
    "sinh": lambda c, e: c._sinh_cosh(e)[0],
    "cosh": lambda c, e: c._sinh_cosh(e)[1],
    "tanh": lambda c, e: c._hyperbolic(e, 0, 1),
    "coth": lambda c, e: c._hyperbolic(e, 1, 0),
    "sech": lambda c, e: c._hyperbolic(e, None, 1),
    "csch": lambda c, e: c._hyperbolic(e, None, 0),
    "asin": lambda c, e: c.tower.arcsine(c.args(e)[0]),
    "acos": Converter._acos,
    "atan": lambda c, e: c.tower.arctangent(c.args(e)[0]),
    "erfc": lambda c, e: 1 - c.special_atom("erf", (c.args(e)[0],)),
    "EulerGamma": lambda c, e: c.tower.euler(),
    "Opq": lambda c, e: c.tower.atom("Opq", tuple(c.args(e))),
}
