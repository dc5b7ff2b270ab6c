"""Owns the way from typed expressions to index forms: one entry, at given indices, of any expression.

A derivative makes a *frame* in which its target is a cut (an array of its own); the expression is lowered there,
differentiated, and the cut is replaced by what the target is outside. Definitions that do not reach the target are
shared with the frame outside. Facts (what holds wherever an entry has a value) are noted beside it if asked for;
branches of ``where`` give none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from derivcheck.engine.indexed.carrier import Carrier
from derivcheck.engine.indexed.derive import Differentiation
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.operations import OPERATIONS
from derivcheck.engine.indexed.terms import Argument, Index, NotShown, Sum, beyond
from derivcheck.engine.names import Names
from derivcheck.engine.work import Meter
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, children
from derivcheck.model import Derivation

#: Axes of a known size up to this are taken position by position.
MOST_UNROLLED = 4

#: ``(">" | ">=" | "!=", p, None)``: how p compares with 0. ``("kink", p, None)``: where p passes through 0 there is
#: no derivative. ``("off", p, q)``: a derivative was taken, by which p has the derivative q: it is not that p = 0
#: and q != 0.
Fact = tuple[str, Argument, Argument | None]
ONLY: Index = ("1", "=", 0)


class Frame:
    """One differentiation: what is cut there, and what has been lowered there."""

    __slots__ = ("cut", "depth", "inner", "memo", "parent", "target")

    def __init__(self, parent: Frame | None, target: tuple[str, str], cut: str) -> None:
        self.parent = parent
        self.target = target
        self.cut = cut
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.memo: dict[Any, tuple[Sum, tuple[Fact, ...]]] = {}
        self.inner: dict[tuple[str, str], Frame] = {}


class IndexLowering:
    """Index forms of the expressions of one derivation. ``replaced`` are variables that conditions give values to,
    at formal indices."""

    def __init__(
        self, derivation: Derivation, calculus: Calculus, names: Names, replaced: Mapping[str, Sum], *, facts: bool
    ) -> None:
        self.derivation = derivation
        self.calculus: Calculus = calculus
        self.names = names
        self._replaced = replaced
        self._wants_facts = facts
        self._facts: list[dict[Fact, None]] = [{}]
        self._root = Frame(None, ("", ""), "")
        self._reach: dict[Expr, frozenset[tuple[str, str]]] = {}
        self._slopes: dict[tuple[str, int, bool], Sum] = {}
        self.bound: dict[str, Index | Sum] = {}
        self.carrier = Carrier(calculus, self.note)
        self.differentiation = Differentiation(calculus, self._opaque_of)

    def begin(self, meter: Meter) -> None:
        """Count the work from here on with this meter."""
        self.calculus.store.meter = meter
        self._facts = [{}]
        self.carrier.is_guarded = False
        self.bound = {}

    def entry(self, expr: Expr, index: tuple[Index, ...]) -> Sum:
        """One entry of an expression (of a condition: 1 or 0).

        Raises:
            NotShown: the expression is outside of what this road takes.
            OverBudget: the counted work is more than the budget.
        """
        return self.at(expr, index, self._root)

    def entry_with_facts(self, expr: Expr, index: tuple[Index, ...]) -> tuple[Sum, tuple[Fact, ...]]:
        """One entry of an expression, and what holds wherever it has a value."""
        return self._apart(lambda: self.entry(expr, index))

    @property
    def root(self) -> Frame:
        """Where nothing is cut."""
        return self._root

    def axis(self, dim: typed.Dim) -> str:
        """The dimension of an axis, its size if it is known."""
        if isinstance(dim, str) and dim in self.calculus.sizes:
            return str(self.calculus.sizes[dim])
        return str(dim)

    def positions(self, dim: typed.Dim) -> list[Index] | None:
        """All positions of an axis of small known size; ``None`` if an index is summed over instead."""
        axis = self.axis(dim)
        if axis.isdigit() and int(axis) <= MOST_UNROLLED:
            return [(axis, "=", k) for k in range(int(axis))]
        return None

    def note(self, kind: str, s: Sum) -> None:
        """Note how a value compares with 0 wherever the expression has a value (or that 0 is a kink)."""
        if self._wants_facts and not self.carrier.is_guarded and s:
            self._facts[-1][kind, self.calculus.store.argument(s), None] = None

    def _apart(self, make: Callable[[], Sum]) -> tuple[Sum, tuple[Fact, ...]]:
        self._facts.append({})
        try:
            made = make()
        finally:
            facts = self._facts.pop()
        return made, tuple(facts)

    def _differentiated(
        self,
        facts: tuple[Fact, ...],
        cut: str,
        places: tuple[tuple[Index, ...], ...],
        value: Callable[[tuple[Index, ...]], Sum] | None,
    ) -> None:
        """Note the facts of a differentiated expression: roots that move with the target are not at 0, and it is not
        at the kinks that do. ``value`` is what the cut stands for, if there was one."""

        def outside(s: Sum) -> Sum:
            return s if value is None else self.differentiation.substituted(s, cut, value)

        for kind, p, q in facts:
            if self.carrier.is_guarded:
                return
            moves = cut in p.names
            if q is not None:
                self._note_kink(outside(p.terms), outside(q.terms))
                continue
            self.note(">" if kind == ">=" and moves else kind, outside(p.terms) if moves else p.terms)
            if kind == "kink" and moves:
                for place in places:
                    slope = self.differentiation.derivative(p.terms, cut, place)
                    self._note_kink(outside(p.terms), outside(slope))

    def _note_kink(self, p: Sum, q: Sum) -> None:
        if p and q:
            store = self.calculus.store
            self._facts[-1]["off", store.argument(p), store.argument(q)] = None

    def at(self, expr: Expr, index: tuple[Index, ...], frame: Frame) -> Sum:
        """One entry of an expression in a frame."""
        while frame.parent is not None and frame.target not in self._reached(expr):
            frame = frame.parent
        bound = tuple(self._bound_key(k) for k in self.names.keys(expr))
        key = (expr, index, bound, self.carrier.is_guarded)
        found = frame.memo.get(key)
        if found is None:
            self.calculus.store.meter.spend(4)
            found = frame.memo[key] = self._apart(lambda: OPERATIONS[type(expr)](self, expr, index, frame))
        self._facts[-1].update(dict.fromkeys(found[1]))
        return found[0]

    def _bound_key(self, key: str) -> Any:
        value = self.bound.get(key)
        return self.calculus.store.argument(value) if isinstance(value, dict) else value

    def _reached(self, expr: Expr) -> frozenset[tuple[str, str]]:
        """The variables, defined names and bound scalars that an expression is made from."""
        found = self._reach.get(expr)
        if found is not None:
            return found

        def inside(e: Expr) -> tuple[Expr, ...]:
            if e in self._reach:
                return ()
            return (self.derivation.definitions[e.name],) if isinstance(e, typed.Defined) else children(e)

        for e in typed.postorder(expr, inside):
            if e not in self._reach:
                below = frozenset[tuple[str, str]]().union(*(self._reach[c] for c in inside(e)))
                self._reach[e] = below | _own_names(e)
        return self._reach[expr]

    def fresh(self, expr: Expr, index: tuple[Index, ...], count: int, dims: tuple[typed.Dim, ...]) -> list[Index]:
        """New indices for sums inside an expression."""
        values = [v for k in self.names.keys(expr) if isinstance(v := self.bound.get(k), tuple)]
        sums = [v for k in self.names.keys(expr) if isinstance(v := self.bound.get(k), dict)]
        start = beyond((*index, *values, *(i for s in sums for m in s for i in m.free)))
        return [(self.axis(dims[k]), "%", start + k) for k in range(count)]

    def over(
        self, expr: Expr, index: tuple[Index, ...], dims: tuple[typed.Dim, ...]
    ) -> tuple[list[tuple[Index, ...]], list[Index]]:
        """How to go through axes: all choices of their indices, and those of these that are summed over."""
        new = self.fresh(expr, index, len(dims), dims)
        chosen: list[tuple[Index, ...]] = [()]
        summed: list[Index] = []
        for dim, name in zip(dims, new, strict=True):
            places = self.positions(dim)
            if places is None:
                summed.append(name)
                places = [name]
            chosen = [(*before, place) for before in chosen for place in places]
            if len(chosen) > 256:
                raise NotShown("arrays of known sizes that are too large")
        return chosen, summed

    def named(self, kind: str, name: str, index: tuple[Index, ...], frame: Frame) -> Sum:
        """An entry of a variable or defined name: of the innermost cut by that name, if there is one."""
        outer: Frame | None = frame
        while outer is not None:
            if outer.target == (kind, name):
                return self.calculus.entry(outer.cut, index)
            outer = outer.parent
        if kind == "variable":
            if name in self._replaced:
                return self.calculus.renamed(self._replaced[name], _formal_to(index))
            return self.calculus.entry(f"variable {name}", index)
        formal = tuple(i if i[1] == "=" else (i[0], "$", k) for k, i in enumerate(index))
        made, facts = self._apart(lambda: self.at(self.derivation.definitions[name], formal, frame))
        names = _formal_to(index)
        for fact, p, q in facts:
            if q is None:
                self.note(fact, self.calculus.renamed(p.terms, names))
            else:
                self._note_kink(self.calculus.renamed(p.terms, names), self.calculus.renamed(q.terms, names))
        return self.calculus.renamed(made, names)

    def bound_name(self, key: str, frame: Frame) -> Sum:
        """A scalar that is bound by ``for``, or an index as a number."""
        outer: Frame | None = frame
        while outer is not None:
            if outer.target == ("bound", key):
                return self.calculus.entry(outer.cut, ())
            outer = outer.parent
        value = self.bound.get(key)
        if value is None:
            return self.calculus.entry(f"bound {key}", ())
        if isinstance(value, dict):
            return value
        return self.calculus.position(value)

    def position(self, subscript: Expr, dim: typed.Dim) -> Index:
        """The index that a subscript is."""
        axis = self.axis(dim)
        if isinstance(subscript, typed.Bound):
            value = self.bound.get(subscript.key)
            if isinstance(value, tuple) and value[1] != "=":
                if value[0] != axis:
                    raise NotShown("an index that goes through another dimension")
                return value
        number = self.calculus.number_of(self.entry(subscript, ()))
        if number is None or number.q != 1:
            raise NotShown("an index that is moved")
        place = int(number.p)
        if place < 0 and not axis.isdigit():
            raise NotShown("an index that counts from the end")
        return (axis, "=", place % int(axis)) if axis.isdigit() else (axis, "=", place)

    def places(
        self, subscripts: tuple[typed.Subscript, ...], shape: typed.Shape, index: tuple[Index, ...]
    ) -> tuple[Index, ...]:
        """The indices of a whole array, from those of an entry or slice of it."""
        rest = iter(index)
        return tuple(next(rest) if s is None else self.position(s, d) for s, d in zip(subscripts, shape, strict=True))

    def operand(self, expr: Expr, index: tuple[Index, ...], frame: Frame) -> Sum:
        """An operand's entry for an entry of the result: a scalar goes with anything, an axis of 1 stretches."""
        if not expr.shape:
            return self.at(expr, (), frame)
        tail = index[len(index) - len(expr.shape) :]
        own = tuple(ONLY if self.axis(d) == "1" else i for d, i in zip(expr.shape, tail, strict=True))
        return self.at(expr, own, frame)

    def applied(self, expr: typed.Apply, index: tuple[Index, ...], frame: Frame) -> Sum:
        """An elementwise function of the table, or a derivative of one."""
        arguments = [self.operand(a, index, frame) for a in expr.arguments]
        if not expr.order:
            return self.carrier.apply(expr.function, tuple(arguments))
        spot = self.calculus.entry("spot", ())
        made, facts = self._apart(lambda: self.carrier.apply(expr.function, (spot, *arguments[1:])))
        for _ in range(expr.order):
            made = self.differentiation.derivative(made, "spot", ())
        self._differentiated(facts, "spot", ((),), lambda _: arguments[0])
        return self.differentiation.substituted(made, "spot", lambda _: arguments[0])

    def opaque(self, expr: typed.Opaque, index: tuple[Index, ...], frame: Frame) -> Sum:
        """An opaque function, or a derivative of one."""
        return self._opaque_of(expr.function, expr.order, self.operand(expr.argument, index, frame))

    def _opaque_of(self, name: str, order: int, s: Sum) -> Sum:
        """The derivative of an opaque function at an argument, by its rule if it has one."""
        rule = self.derivation.functions[name]
        if order == 0 or rule.derivative is None or rule.parameter is None:
            return self.calculus.function(f"opaque {name} {order}", s)
        if any(kind != "bound" for kind, _ in self._reached(rule.derivative)):
            raise NotShown("a function's rule that depends on variables")
        if self.carrier.is_guarded:
            raise NotShown("the rule of a function in a branch that need not be taken")
        key = (name, order, self._wants_facts)
        found = self._slopes.get(key)
        spot = f"spot {name}"
        if found is None:
            if order == 1:
                before = self.bound.get(rule.parameter)
                self.bound[rule.parameter] = self.calculus.entry(spot, ())
                found = self.entry(rule.derivative, ())
                if before is None:
                    del self.bound[rule.parameter]
                else:
                    self.bound[rule.parameter] = before
            else:
                lower = self._opaque_of(name, order - 1, self.calculus.entry(spot, ()))
                found = self.differentiation.derivative(lower, spot, ())
            self._slopes[key] = found
        return self.differentiation.substituted(found, spot, lambda _: s)

    def aside(self, exprs: tuple[Expr, ...], index: tuple[Index, ...], frame: Frame) -> list[Sum]:
        """Operands that need not be defined."""
        before, self.carrier.is_guarded = self.carrier.is_guarded, True
        try:
            return [self.operand(e, index, frame) for e in exprs]
        finally:
            self.carrier.is_guarded = before

    def derivative(self, expr: typed.Derivative, index: tuple[Index, ...], frame: Frame) -> Sum:
        """An entry of a derivative: of a cut, which is then replaced."""
        target = expr.target
        one, rank = tuple(ONLY for _ in expr.of.shape), len(expr.of.shape)
        of_index = one
        places: tuple[tuple[Index, ...], ...] = (index[::-1] if expr.transposed else index,)
        match expr.kind:
            case "elementwise":
                of_index, places = index, (index,)
            case "tangent":
                of_index, places = index, ((),)
            case "jacobian":
                of_index, places = index[:rank], (index[rank:],)
            case "hessian":
                places = (index[: len(index) // 2], index[len(index) // 2 :])
            case _:
                pass
        if self._needs_no_cut(expr, frame):
            return self._straight(expr, of_index, places, frame)
        inner = self._cutting(frame, target)
        made, facts = self._apart(lambda: self.at(expr.of, of_index, inner))
        if target.subscripts is not None:
            places = tuple(self.places(target.subscripts, target.whole, place) for place in places)
        for place in places:
            made = self.differentiation.derivative(made, inner.cut, place)

        def value(indices: tuple[Index, ...]) -> Sum:
            if target.kind == "bound":
                return self.bound_name(target.key, frame)
            return self.named(target.kind, target.name, indices, frame)

        self._differentiated(facts, inner.cut, places, value)
        return self.differentiation.substituted(made, inner.cut, value)

    def _needs_no_cut(self, expr: typed.Derivative, frame: Frame) -> bool:
        """Whether a derivative by a variable may be taken as it stands: nothing that was used holds at its value
        alone, as ``t == 2*u`` does, in the derivative of t*u by u."""
        if expr.target.kind != "variable" or frame is not self._root or self._replaced:
            return False
        if any(self.calculus.known.values()) or self.names.derivatives(expr.of):
            return False
        return self.calculus.constraints.says_nothing_of(f"variable {expr.target.name}")

    def _straight(
        self, expr: typed.Derivative, of_index: tuple[Index, ...], places: tuple[tuple[Index, ...], ...], frame: Frame
    ) -> Sum:
        """A derivative without a cut, so that all derivatives of one number share its form."""
        target = expr.target
        made, facts = self._apart(lambda: self.at(expr.of, of_index, frame))
        if target.subscripts is not None:
            places = tuple(self.places(target.subscripts, target.whole, place) for place in places)
        for place in places:
            made = self.differentiation.derivative(made, f"variable {target.name}", place)
        self._differentiated(facts, f"variable {target.name}", places, None)
        return made

    def _cutting(self, frame: Frame, target: typed.Target) -> Frame:
        key = (target.kind, target.key if target.kind == "bound" else target.name)
        found = frame.inner.get(key)
        if found is None:
            known = self.calculus.constraints
            cut = f"cut {frame.depth + 1} {key[0]} {key[1]}"
            for open_condition in (known.positive, known.regular):  # which a derivative may use
                if f"{key[0]} {key[1]}" in open_condition:
                    open_condition.add(cut)
            found = frame.inner[key] = Frame(frame, key, cut)
        return found


def _formal_to(index: tuple[Index, ...]) -> dict[Index, Index]:
    return {(i[0], "$", k): i for k, i in enumerate(index) if i[1] != "="}


def _own_names(expr: Expr) -> frozenset[tuple[str, str]]:
    match expr:
        case typed.Variable():
            return frozenset({("variable", expr.name)})
        case typed.Defined():
            return frozenset({("defined", expr.name)})
        case typed.Bound():
            return frozenset({("bound", expr.key)})
        case typed.Derivative():
            target = expr.target
            return frozenset({(target.kind, target.key if target.kind == "bound" else target.name)})
        case _:
            return frozenset()
