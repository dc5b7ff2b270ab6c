"""Owns let symbols: small SymPy expressions with names of their own, and their derivatives.

A graph of shared parts is never unfolded: SymPy differentiates the small expression of each symbol, the chain rule
joins them. Names are digests of what the symbols stand for, so that nothing depends on the order of their making.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b

import sympy
from sympy import S
from sympy.core.cache import cacheit

from derivcheck.engine.symbols import Cond, IntPow, Mag, Opq, Sgn, Sym, symbol
from derivcheck.engine.work import Cost, Ledger, Meter

#: ``(">" | ">=" | "!=" | "==", p, 0)``: how p compares with 0. ``("kink", p, 0)``: where p passes through 0 there is
#: no derivative. ``("off", p, q)``: a derivative was taken, by which p has the derivative q: not p = 0 and q != 0.
#: ``("power", p, q)``: p to the power of an integer q: not p = 0 and q < 0. ``("pole", p, 0)``: p is not 0, -1, -2, …
Fact = tuple[str, Sym, Sym]
Facts = dict[Fact, None]  # an ordered set: inner facts come first


@dataclass(slots=True)
class Let:
    """A let symbol's expression and the symbols it is made from, directly and in the end."""

    expr: Sym
    free: tuple[Sym, ...]
    ancestors: frozenset[Sym] = field(default_factory=frozenset)


@dataclass(slots=True)
class Made:
    """What has been made once and for all: its value, its facts, and what it cost."""

    value: Sym
    facts: Facts
    cost: Cost


class Lets:
    """Let symbols. ``opaque(k, n, x)`` makes the n-th derivative of the k-th opaque function at x, noting facts."""

    def __init__(self, opaque: Callable[[int, int, Sym], Sym]) -> None:
        self.ledger = Ledger(Meter(0))
        self.lets: dict[Sym, Let] = {}
        self._opaque_slope = opaque
        self._digests: dict[Sym, str] = {}
        self._named: dict[str, Sym] = {}
        self._by_expr: dict[Sym, Sym] = {}
        self._slopes: dict[tuple[Sym, Sym], Made] = {}
        self._facts: list[Facts] = [{}]
        self._partials: dict[tuple[Sym, Sym], tuple[Sym, Cost]] = {}

    def thin(self, p: Sym) -> bool:
        """Whether the zeros of p are thin: an analytic expression is 0 on no open set, ``relu(x)`` is on one. (A root
        of what is 0 on an open set is constant there, and has a derivative.)"""
        while p in self.lets:
            p = self.lets[p].expr
        if p.is_Mul or p.is_Pow or isinstance(p, Mag):
            return all(self.thin(a) for a in p.args)
        return self._analytic(p)

    def _analytic(self, p: Sym) -> bool:
        """Whether nothing in p has kinks, or may have."""
        stack, seen = [p], set()
        while stack:
            e = stack.pop()
            if e in seen:
                continue
            seen.add(e)
            if isinstance(e, Mag | Sgn | Cond | Opq | IntPow):
                return False
            stack.extend(e.args)
            if e in self.lets:
                stack.append(self.lets[e].expr)
        return True

    def let(self, expr: Sym) -> Sym:
        """A symbol for an expression, one for equal ones; symbols and numbers stand for themselves."""
        if expr.is_Symbol or expr.is_Rational:
            return expr
        found = self._by_expr.get(expr)
        if found is None:
            found = self._by_expr[expr] = self._named_let(f"t{self._digest(expr)}", expr)
        return self._charged(found)

    def _charged(self, found: Sym) -> Sym:
        """A let symbol, which whoever asks for it pays for: also where it was there already."""
        self.ledger.spend(1 + len(self.lets[found].free))
        return found

    def named_let(self, name: str, expr: Sym) -> Sym:
        """A let symbol of that name, for that expression always."""
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = self._named_let(name, expr)
        return self._charged(found)

    def _named_let(self, name: str, expr: Sym) -> Sym:
        made = symbol(name)
        free = tuple(sorted(expr.free_symbols, key=lambda s: s.name))
        ancestors = frozenset(free).union(*(self.lets[s].ancestors for s in free if s in self.lets))
        self.lets[made] = Let(expr, free, ancestors)
        return made

    def spot(self, expr: Sym) -> Sym:
        """A symbol of its own for the argument of a function that is differentiated by it."""
        return self.named_let(f"s{self._digest(expr)}", expr)

    def _digest(self, expr: Sym) -> str:
        """A short text that depends on an expression alone, not on when it was met."""
        found = self._digests.get(expr)
        if found is None:
            if expr.is_Symbol:
                return str(expr.name)
            if expr.is_Rational:  # as SymPy writes it, which takes its printer long
                inner = str(expr.p) if expr.q == 1 else f"{expr.p}/{expr.q}"
            else:
                inner = ",".join(self._digest(a) for a in expr.args) if expr.args else str(expr)
            found = self._digests[expr] = digest(f"{type(expr).__name__}({inner})")
        return found

    def derivative(self, expr: Sym, by: Sym) -> Sym:
        """The derivative of an expression by a leaf or let symbol, which everything else is held to go through."""
        if expr == by:  # not "is": SymPy may keep an equal symbol of an earlier run
            return S.One
        if expr.is_Rational:
            return S.Zero
        if expr.is_Symbol:
            return self._slope(expr, by)
        return self._chain(expr, tuple(expr.free_symbols), by)

    def _slope(self, of: Sym, by: Sym) -> Sym:
        """The derivative of a let symbol; its ancestors' first, so that no long chain recurses deeply."""
        if of == by:
            return S.One
        let = self.lets.get(of)
        if let is None or by not in let.ancestors:
            return S.Zero
        stack = [of]
        while stack:
            top = stack[-1]
            if (top, by) in self._slopes:
                stack.pop()
                continue
            waiting = [
                s
                for s in self.lets[top].free
                if s != by and s in self.lets and by in self.lets[s].ancestors and (s, by) not in self._slopes
            ]
            if waiting:
                stack.extend(waiting)
                continue
            let = self.lets[top]
            cost = self.ledger.open()
            self._facts.append({})
            try:
                slope = self.let(self._chain(let.expr, let.free, by))
            except BaseException:
                self.ledger.give_up()
                raise
            self.ledger.close()
            self._slopes[top, by] = Made(slope, self._facts.pop(), cost)
            stack.pop()
        return self._used(self._slopes[of, by])

    def _used(self, made: Made) -> Sym:
        """What is remembered: its facts hold here, too, and whoever uses it pays for it."""
        self.ledger.use(made.cost)
        self._facts[-1].update(made.facts)
        return made.value

    def depends(self, expr: Sym, by: Sym) -> bool:
        """Whether an expression is made from a symbol."""
        return any(s == by or (s in self.lets and by in self.lets[s].ancestors) for s in expr.free_symbols)

    def _chain(self, expr: Sym, free: tuple[Sym, ...], by: Sym) -> Sym:
        """The derivative of one small expression, by SymPy, joined to those of its symbols by the chain rule."""
        if isinstance(expr, Cond):
            c, a, b = expr.args
            return Cond(c, self.derivative(a, by), self.derivative(b, by))
        if isinstance(expr, Opq):
            k, n, x = expr.args
            return self._opaque_slope(int(k), int(n) + 1, x) * self.derivative(x, by)
        if expr.is_Add:  # term by term: most have few symbols of many
            self.ledger.spend(len(expr.args))
            return sympy.Add(*(self._term(a, by) for a in expr.args if not a.is_Rational))
        terms = []
        for s in sorted(free, key=lambda s: s.name):
            slope = self._slope(s, by)
            if slope != 0:
                terms.append(self._partial(expr, s) * slope)
        return sympy.Add(*terms)

    def _term(self, expr: Sym, by: Sym) -> Sym:
        return self._slope(expr, by) if expr.is_Symbol else self._chain(expr, tuple(expr.free_symbols), by)

    def _partial(self, expr: Sym, s: Sym) -> Sym:
        found = self._partials.get((expr, s))
        if found is None:
            found = self._partials[expr, s] = _differentiated(expr, s), Cost(100)
        self.ledger.use(found[1])
        return found[0]


#: Terms of a sum of which SymPy is asked for the derivative by every one.
MOST_OPERANDS = 8


@cacheit  # type: ignore[untyped-decorator]
def _differentiated(expr: Sym, s: Sym) -> Sym:
    """SymPy's derivative of an expression, one operation at a time. Not by its ``diff``, which asks of what it has
    found at every step whether it is 0, and takes longer for the answer than for the derivative."""
    if expr == s:
        return S.One
    moving = [(i, a) for i, a in enumerate(expr.args) if s in a.free_symbols]
    if expr.is_Add and len(expr.args) > MOST_OPERANDS:  # as many rules of as many operands would be asked for
        return sympy.Add(*(_differentiated(a, s) for _, a in moving))
    return sympy.Add(*(_by_operand(expr, i) * _differentiated(a, s) for i, a in moving))


def _by_operand(expr: Sym, i: int) -> Sym:
    """The derivative of an operation or function by one of its operands."""
    operands = tuple(operand_symbol(k) if a.free_symbols else a for k, a in enumerate(expr.args))
    return rule(expr.func, operands, i).xreplace(dict(zip(operands, expr.args, strict=True)))


@cacheit  # type: ignore[untyped-decorator]
def rule(operation: Sym, operands: tuple[Sym, ...], i: int) -> Sym:
    """SymPy's derivative of an operation on symbols by one of them, which it is asked for once."""
    return operation(*operands)._eval_derivative_n_times(operands[i], 1)


@cacheit  # type: ignore[untyped-decorator]
def operand_symbol(k: int) -> Sym:
    """A symbol for the k-th operand of an operation."""
    return symbol(f"p{k}")


def digest(text: str) -> str:
    """A short digest of a text, for names."""
    return blake2b(text.encode(), digest_size=10).hexdigest()
