"""Owns the symbolic road down from typed expressions: scalar SymPy components at given sizes, derivatives included.

Only the entries that are asked for are made, each by the index formula of its operation (``C[i,j] = sum over k of
A[i,k] B[k,j]``), never through SymPy's matrices. Intermediate entries are *let* symbols with an expression of their
own, so that a shared graph is never unfolded; SymPy differentiates the small expression of each, and the chain rule
joins them. Every entry of a defined name is a let symbol of its own, which is where a derivative by that name cuts.

Beside each entry stand its *facts*: what holds wherever the entry has a value, because our own nodes say so (the
argument of a ``log`` is positive, a denominator is not zero, a derivative is not taken at a kink). What stands in
a branch of ``where`` gives no facts, since the branch need not be taken. SymPy's expressions give none either: it
erases domains before one can look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sympy
from sympy import Integer, S

from derivcheck.engine.components import ARRAY, Index, TooManyRows, of_and_targets, stretched
from derivcheck.engine.lets import Facts, Lets, Made, digest
from derivcheck.engine.names import Names, is_literal
from derivcheck.engine.symbols import CONDITIONS, Cond, IntPow, Opq, Sym, SymbolicCarrier, TooLarge, number, symbol
from derivcheck.engine.work import Meter
from derivcheck.functions import FUNCTIONS
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr
from derivcheck.model import Derivation


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a free symbol comes from: an entry of a variable or given name, or a bound scalar (``key``)."""

    name: str
    index: Index
    domain: Domain


class NotLowered(Exception):
    """The symbolic road does not take an expression (the reason is the message); never a verdict by itself."""


class NowhereDefined(Exception):
    """An expression has no value anywhere (the reason is the message)."""


class Lowering(Lets):
    """SymPy components of one derivation at given sizes. Symbols have internal names (a letter and a digest): no
    name that a user chose reaches SymPy."""

    def __init__(
        self,
        derivation: Derivation,
        sizes: Mapping[str, int],
        cut_free: frozenset[str],
        *,
        bound: Mapping[str, Domain],
        names: Names,
    ) -> None:
        super().__init__(self._opaque_entry)
        self._names = names
        self._derivation = derivation
        self._sizes = sizes
        self._cut_free = cut_free
        self._bound_domains = bound
        self.leaves: dict[Sym, Leaf] = {}
        self._entry_symbols: dict[tuple[str, str, Index], Sym] = {}
        self._memo: dict[tuple[Any, ...], Made] = {}
        self._env: dict[str, Sym] = {}
        self._opaque_numbers = {name: i for i, name in enumerate(derivation.functions)}
        self.carrier = SymbolicCarrier(lambda c, a, b: self.let(Cond(c, a, b)), self._note)

    def begin(self, meter: Meter) -> None:
        """Count the work from here on with this meter."""
        self.ledger.begin(meter)
        self._facts = [{}]
        self._env = {}

    # -- the outside --------------------------------------------------------------------------------------------

    def shape(self, shape: typed.Shape) -> Index:
        """A shape at these sizes."""
        return tuple(d if isinstance(d, int) else self._sizes[d] for d in shape)

    @staticmethod
    def total(terms: Iterable[Sym]) -> Sym:
        """The sum of components."""
        return sympy.Add(*terms)

    @staticmethod
    def product(factors: Iterable[Sym]) -> Sym:
        """The product of components."""
        return sympy.Mul(*factors)

    exp = staticmethod(sympy.exp)
    log = staticmethod(sympy.log)
    constant = staticmethod(Integer)

    def bind(self, key: str, value: int) -> None:
        """Give a quantifier's index its value."""
        self._env[key] = Integer(value)

    def entry(self, expr: Expr, index: Index) -> Sym:
        """One entry of an expression (a condition: 1 or 0).

        Raises:
            NotLowered: the expression is outside of what this road takes.
            OverBudget: the counted work is more than the budget.
        """
        key = (id(expr), index, *(self._env.get(k) for k in self._names.keys(expr)))
        found = self._memo.get(key)
        if found is None:
            cost = self.ledger.open()
            self._facts.append({})
            try:
                self.ledger.spend(200)
                symbolic = _LOWER[type(expr)](self, expr, index)
            except BaseException as problem:
                self.ledger.give_up()
                if isinstance(problem, TooLarge | TooManyRows):
                    raise NotLowered(str(problem)) from problem
                raise
            self.ledger.close()
            found = self._memo[key] = Made(symbolic, self._facts.pop(), cost)
        return self._used(found)

    def leaves_of(self, exprs: Iterable[Sym]) -> list[Sym]:
        """The leaves that components are made from, in an order that depends on these alone."""
        found: set[Sym] = set()
        seen: set[Sym] = set()
        stack = [s for e in exprs for s in e.free_symbols]
        while stack:
            top = stack.pop()
            if top in seen:
                continue
            seen.add(top)
            let = self.lets.get(top)
            if let is not None:
                stack.extend(let.free)
            elif top in self.leaves:
                found.add(top)
        return sorted(found, key=lambda s: s.name)

    def entry_with_facts(self, expr: Expr, index: Index) -> tuple[Sym, Facts]:
        """One entry of an expression, and what holds wherever it has a value."""
        self._facts.append({})
        symbolic = self.entry(expr, index)
        return symbolic, self._facts.pop()

    def operand_with_facts(self, expr: Expr, index: Index) -> tuple[Sym, Facts]:
        """An operand's entry for an entry of the result, and what holds wherever it has a value."""
        self._facts.append({})
        symbolic = self.operand(expr, index)
        return symbolic, self._facts.pop()

    def _note(self, kind: str, p: Sym) -> None:
        if p.is_Rational:
            if kind in FAILS and FAILS[kind](p):
                raise NowhereDefined(f"{p} where a number {kind} 0 is needed")
            return
        self._facts[-1][kind, p, S.Zero] = None

    def _differentiable(self, facts: Facts, by: Sym) -> None:
        """Note the facts of a differentiated expression: roots and kinks that move with ``by`` are not at 0."""
        for kind, p, q in facts:
            moves = self.depends(p, by)
            if kind == "kink" and moves:
                self._facts[-1]["off", p, self.let(self.derivative(p, by))] = None
                self._facts[-1][kind, p, q] = None  # and again, if this is differentiated in its turn
            elif kind == ">=" and moves and self.thin(p):
                self._note(">", p)
            elif kind == ">=" and moves:
                self._facts[-1][kind, p, q] = None
                self._facts[-1]["off", p, self.let(self.derivative(p, by))] = None
            else:
                self._facts[-1][kind, p, q] = None

    # -- names ----------------------------------------------------------------------------------------------------

    def _leaf(self, kind: str, name: str, index: Index, domain: Domain) -> Sym:
        key = (kind, name, index)
        found = self._entry_symbols.get(key)
        if found is None:
            made = symbol(f"v{digest(repr(key))}", positive=domain.kind == "positive")
            self._entry_symbols[key] = made
            self.leaves[made] = Leaf(name, index, domain)
            return made
        return found

    def _variable(self, expr: typed.Variable, index: Index) -> Sym:
        return self.variable_entry(expr.name, index)

    def variable_entry(self, name: str, index: Index) -> Sym:
        """The symbol of one entry of a variable."""
        return self._leaf("variable", name, index, self._derivation.variables[name].domain)

    def _defined(self, expr: typed.Defined, index: Index) -> Sym:
        return self._defined_entry(expr.name, index)

    def _defined_entry(self, name: str, index: Index) -> Sym:
        if name in self._cut_free:
            return self._leaf("defined", name, index, Domain())
        expr = self.entry(self._derivation.definitions[name], index)  # always: its facts are the name's, too
        return self.named_let(f"d{digest(repr(('defined', name, index)))}", expr)

    def _bound(self, expr: typed.Bound, index: Index) -> Sym:
        found = self._env.get(expr.key)
        return self._bound_scalar(expr.key) if found is None else found

    def _bound_scalar(self, key: str) -> Sym:
        return self._leaf("bound", key, (), self._bound_domains[key])

    # -- differentiation ----------------------------------------------------------------------------------------

    def _derivative(self, expr: typed.Derivative, index: Index) -> Sym:
        self._check_cut(expr)
        of_index, places = self._of_and_targets(expr, index)
        self._facts.append({})
        value = self.entry(expr.of, of_index)
        facts = self._facts.pop()
        for place in places:
            by = self._target(expr.target, place)
            self._differentiable(facts, by)
            value = self.let(self.derivative(value, by))
        return value

    def _check_cut(self, expr: typed.Derivative) -> None:
        """Refuse a derivative by a defined name of what has been differentiated by something that the name is made
        from: inside the cut the name does not move with it, which the chain rule here does not know."""
        if expr.target.kind != "defined":
            return
        made_from = self._names.named(self._derivation.definitions[expr.target.name])
        inner = {node.target.name for node in self._names.derivatives(expr.of)}
        if inner & made_from:
            raise NotLowered("a derivative by a name, of a derivative by what the name is made from")

    def _of_and_targets(self, expr: typed.Derivative, index: Index) -> tuple[Index, tuple[Index, ...]]:
        """Which entry is differentiated, and by which entries of the target, one after the other."""
        return of_and_targets(expr, index)

    def _target(self, target: typed.Target, index: Index) -> Sym:
        if target.kind == "bound":
            return self._bound_scalar(target.key)
        if target.subscripts is not None:
            rest = iter(index)
            index = tuple(next(rest) if s is None else int(self.entry(s, ())) for s in target.subscripts)
        if target.kind == "variable":
            return self.variable_entry(target.name, index)
        return self._defined_entry(target.name, index)

    # -- operations ---------------------------------------------------------------------------------------------

    def operand(self, expr: Expr, index: Index) -> Sym:
        """An operand's entry for an entry of the result: a scalar goes with anything, an axis of 1 stretches."""
        return self.entry(expr, stretched(self, expr, index) if expr.shape else ())

    def _arithmetic(self, expr: typed.Arithmetic, index: Index) -> Sym:
        a, b = self.operand(expr.left, index), self.operand(expr.right, index)
        if expr.operator == "/":
            return self._divide(a, b)
        if expr.operator == "**":
            return self._power(a, b, expr.right)
        return _ARITHMETIC[expr.operator](a, b)

    def _divide(self, a: Sym, b: Sym) -> Sym:
        if b == 0:
            raise NowhereDefined("a division by a number that is zero everywhere")
        self._note("!=", b)
        return a / b

    def _power(self, a: Sym, b: Sym, exponent: Expr) -> Sym:
        if (is_literal(exponent) and b.is_Rational) or (b.is_Integer and self._names.integral(exponent)):
            if b < 0 and a == 0:
                raise NowhereDefined("a division by a number that is zero everywhere")
            if not b.is_Integer:
                self._note(">" if b < 0 else ">=", a)
            elif b < 0:
                self._note("!=", a)
        elif self._names.integral(exponent):
            self._facts[-1]["power", a, b] = None
            return IntPow(a, b)  # a negative base is allowed, which exp(b*log(a)) does not tell
        else:
            self._note(">", a)
        return a**b

    def _matmul(self, expr: typed.MatMul, index: Index) -> Sym:
        left, right = self.shape(expr.left.shape), self.shape(expr.right.shape)
        rows = index[: len(left) - 1]
        columns = index[len(left) - 1 :]
        terms = []
        for k in range(left[-1]):
            b = self.entry(expr.right, (k, *columns))
            terms.append(self.let(self.entry(expr.left, (*rows, k))) * self.let(b))
        self.ledger.spend(right[0])
        return self.let(sympy.Add(*terms))

    def _element(self, expr: typed.Element, index: Index) -> Sym:
        rest = iter(index)
        place = tuple(next(rest) if s is None else int(self.entry(s, ())) for s in expr.subscripts)
        shape = self.shape(expr.base.shape)
        return self.entry(expr.base, tuple(i % n for i, n in zip(place, shape, strict=True)))

    def _apply(self, expr: typed.Apply, index: Index) -> Sym:
        arguments = [self.operand(a, index) for a in expr.arguments]
        if expr.order:
            # a symbol of its own for the argument, by which the function is differentiated
            spot = self.spot(arguments[0])
            self._facts.append({})
            value = self.carrier.apply(expr.function, (spot, *arguments[1:]))
            self._differentiable(self._facts.pop(), spot)
            for _ in range(expr.order):
                value = self.derivative(value, spot)
            return value
        if expr.shape or FUNCTIONS[expr.function].formula is not None:
            # a formula may use its argument more than once: nested, the expression would double each time
            arguments = [self.let(a) if expr.shape or _is_large(a) else a for a in arguments]
        value = self.carrier.apply(expr.function, tuple(arguments))
        return self.let(value) if expr.shape else value

    def _opaque(self, expr: typed.Opaque, index: Index) -> Sym:
        number_ = self._opaque_numbers[expr.function]
        return self._opaque_entry(number_, expr.order, self.let(self.entry(expr.argument, index)))

    def _opaque_entry(self, k: int, order: int, x: Sym) -> Sym:
        name = list(self._derivation.functions)[k]
        rule = self._derivation.functions[name]
        if order == 0 or rule.derivative is None:
            return self.let(Opq(k, order, x))
        spot = x if x.is_Symbol else self.spot(x)
        parameter = rule.parameter or ""
        before = self._env.get(parameter)
        self._env[parameter] = spot
        value = self.entry(rule.derivative, ())
        for _ in range(order - 1):
            value = self.derivative(value, spot)
        if before is None:
            del self._env[parameter]
        else:
            self._env[parameter] = before
        return self.let(value)

    def _big_op(self, expr: typed.BigOp, index: Index) -> Sym:
        before = self._env.get(expr.key)
        terms = []
        for i in range(self.shape((expr.size,))[0]):
            self._env[expr.key] = Integer(i)
            terms.append(self.let(self.entry(expr.body, index)))
        if before is None:
            self._env.pop(expr.key, None)
        else:
            self._env[expr.key] = before
        return self.let(sympy.Add(*terms) if expr.kind == "sum" else sympy.Mul(*terms))

    def _entries(self, expr: typed.Entries, index: Index) -> Sym:
        flat = 0
        for i, n in zip(index, self.shape(expr.shape), strict=True):
            flat = flat * n + i
        return self.entry(expr.entries[flat], ())

    def _compare(self, expr: typed.Compare, index: Index) -> Sym:
        difference = self.let(self.operand(expr.left, index) - self.operand(expr.right, index))
        self._note("kink", difference)
        return CONDITIONS[expr.operator](difference)

    def _logic(self, expr: typed.Logic, index: Index) -> Sym:
        if expr.operator == "not":
            return 1 - self.operand(expr.operands[0], index)
        # one operand may decide alone, whatever the others are: none says where the whole is defined
        self._facts.append({})
        operands = [self.operand(o, index) for o in expr.operands]
        self._facts.pop()
        if expr.operator == "and":
            return sympy.Mul(*operands)
        return 1 - sympy.Mul(*(1 - o for o in operands))

    def _where(self, expr: typed.Where, index: Index) -> Sym:
        c = self.operand(expr.test, index)
        if c.is_Rational:
            return self.operand(expr.then if c == 1 else expr.otherwise, index)
        self._facts.append({})
        a, b = (self._branch(e, index) for e in (expr.then, expr.otherwise))
        self._facts.pop()  # a branch need not be taken: it says nothing of where the whole is defined
        return self.let(Cond(c, a, b))

    def _branch(self, expr: Expr, index: Index) -> Sym:
        """A branch's entry; if it has no value anywhere, a number of which nothing is known stands for it."""
        depth = len(self._facts)
        try:
            return self.operand(expr, index)
        except NowhereDefined:
            del self._facts[depth:]
            return self._leaf("nowhere", repr(expr.span), index, Domain())

    # -- operations on whole arrays -----------------------------------------------------------------------------

    def _array_op(self, expr: typed.ArrayOp, index: Index) -> Sym:
        return ARRAY[expr.name](self, expr, index)


#: An expression of more nodes has a let symbol of its own where it may be used more than once.
MOST_NODES = 12


def _is_large(expr: Sym) -> bool:
    return next(islice(sympy.preorder_traversal(expr), MOST_NODES, None), None) is not None


#: When a fact cannot be.
FAILS: dict[str, Callable[[Sym], bool]] = {
    ">": lambda p: bool(p <= 0),
    ">=": lambda p: bool(p < 0),
    "!=": lambda p: bool(p == 0),
}


_ARITHMETIC: dict[str, Callable[[Sym, Sym], Sym]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
}

_LOWER: dict[type[Expr], Callable[[Lowering, Any, Index], Sym]] = {
    typed.Number: lambda low, expr, index: number(expr.value),
    typed.Constant: lambda low, expr, index: sympy.pi if expr.name == "pi" else sympy.E,
    typed.Variable: Lowering._variable,
    typed.Defined: Lowering._defined,
    typed.Dimension: lambda low, expr, index: Integer(low.shape((expr.name,))[0]),
    typed.Bound: Lowering._bound,
    typed.Negate: lambda low, expr, index: -low.entry(expr.operand, index),
    typed.Arithmetic: Lowering._arithmetic,
    typed.MatMul: Lowering._matmul,
    typed.Element: Lowering._element,
    typed.Apply: Lowering._apply,
    typed.Opaque: Lowering._opaque,
    typed.ArrayOp: Lowering._array_op,
    typed.BigOp: Lowering._big_op,
    typed.Entries: Lowering._entries,
    typed.Compare: Lowering._compare,
    typed.Logic: Lowering._logic,
    typed.Where: Lowering._where,
    typed.Derivative: Lowering._derivative,
}
