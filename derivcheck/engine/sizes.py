"""Owns the choice of explicit sizes for symbolic dimensions, and which dimensions and names a claim reaches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, Quantifier, children, note_sizes
from derivcheck.model import Claim, Derivation, Link


@dataclass(frozen=True, slots=True)
class Reach:
    """What a question is made from, through all definitions: variables (in order of declaration; ``sides``: those
    of the two sides alone, without the conditions), dimensions (sorted), the least size that the literal indices ask
    of each dimension, whether anything is differentiated, the opaque functions, how many expressions there are, and
    the shapes of functions of the table and of exponentials along an axis."""

    variables: tuple[str, ...]
    sides: frozenset[str]
    dims: tuple[str, ...]
    least: Mapping[str, int]
    differentiates: bool
    functions: frozenset[str]
    nodes: int
    applied: tuple[typed.Shape, ...]


def reach(
    derivation: Derivation,
    claim: Claim,
    sides: Sequence[Expr],
    conditions: Sequence[Expr],
    quantifiers: Sequence[Quantifier],
) -> Reach:
    """What the two sides of a question, its conditions and its quantifiers are made from."""
    walk = _Walk(derivation, claim)
    walk.dims.update(q.size for q in quantifiers if isinstance(q.size, str))
    walk.take(sides)
    of_sides = frozenset(walk.names)
    walk.take(conditions)
    in_order = tuple(name for name in derivation.variables if name in walk.names)
    variables = of_sides.intersection(derivation.variables)
    opaque = frozenset(walk.functions)
    dims = tuple(sorted(walk.dims))
    return Reach(
        in_order,
        variables,
        dims,
        walk.least,
        walk.differentiates,
        opaque,
        nodes=walk.nodes,
        applied=tuple(walk.applied),
    )


class _Walk:
    """Collects what expressions are made from."""

    def __init__(self, derivation: Derivation, claim: Claim) -> None:
        self._derivation = derivation
        self._claim = claim
        self._seen: set[int] = set()
        self.names: set[str] = set()
        self.dims: set[str] = set()
        self.least: dict[str, int] = {}
        self.functions: set[str] = set()
        self.differentiates = False
        self.applied: list[typed.Shape] = []

    @property
    def nodes(self) -> int:
        """How many expressions there are."""
        return len(self._seen)

    def take(self, exprs: Sequence[Expr]) -> None:
        """Follow expressions, and the definitions that they name."""
        stack = list(exprs)
        seen = self._seen
        while stack:
            node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if node.shape:
                self._shape(node.shape)
            note = _NOTES.get(type(node))
            if note is not None:
                stack += note(self, node)
            stack += children(node)

    def _shape(self, shape: typed.Shape) -> None:
        self.dims.update(d for d in shape if isinstance(d, str))

    # what is noted of one node: the definitions that it newly names, too

    def variable(self, node: typed.Variable | typed.Defined) -> Sequence[Expr]:
        """A variable or defined name."""
        return self._follow(node.name)

    def dimension(self, node: typed.Dimension) -> Sequence[Expr]:
        """A size as a number."""
        self.dims.add(node.name)
        return ()

    def element(self, node: typed.Element) -> Sequence[Expr]:
        """An entry or slice."""
        note_sizes(node, self.least)
        return ()

    def big_op(self, node: typed.BigOp) -> Sequence[Expr]:
        """A sum or product over an index."""
        if isinstance(node.size, str):
            self.dims.add(node.size)
        return ()

    def apply(self, node: typed.Apply) -> Sequence[Expr]:
        """A function of the table."""
        self.applied.append(node.shape)
        self.differentiates = self.differentiates or bool(node.order)
        return ()

    def array_op(self, node: typed.ArrayOp) -> Sequence[Expr]:
        """An operation on whole arrays."""
        if node.name in _EXPONENTIALS:
            self.applied.append(node.arguments[0].shape)
        return ()

    def opaque(self, node: typed.Opaque) -> Sequence[Expr]:
        """A function of which at most the derivative is known: its rule, if it is new and has one."""
        self.differentiates = self.differentiates or bool(node.order)
        rule = self._derivation.functions[node.function].derivative
        new = node.function not in self.functions
        self.functions.add(node.function)
        return [rule] if new and rule is not None else []

    def derivative(self, node: typed.Derivative) -> Sequence[Expr]:
        """A derivative."""
        self.differentiates = True
        note_sizes(node, self.least)
        return () if node.target.kind == "bound" else self._follow(node.target.name)

    def _follow(self, name: str) -> Sequence[Expr]:
        if name in self.names:
            return ()
        self.names.add(name)
        variable = self._derivation.variables.get(name)
        if variable is not None:
            if variable.shape:
                self._shape(variable.shape)
            return ()
        if name in self._claim.at:
            return ()
        return (self._derivation.definitions[name],)


#: By type; of others there is nothing to note.
_NOTES: dict[type[Expr], Callable[[_Walk, Any], Sequence[Expr]]] = {
    typed.Variable: _Walk.variable,
    typed.Defined: _Walk.variable,
    typed.Dimension: _Walk.dimension,
    typed.Element: _Walk.element,
    typed.BigOp: _Walk.big_op,
    typed.Apply: _Walk.apply,
    typed.ArrayOp: _Walk.array_op,
    typed.Opaque: _Walk.opaque,
    typed.Derivative: _Walk.derivative,
}


#: Operations on arrays that are made with exponentials.
_EXPONENTIALS = frozenset({"softmax", "log_softmax", "logsumexp"})

#: Functions that jump or have kinks; ``where``, ``indicator`` and comparisons are nodes of their own.
_NOT_SMOOTH = frozenset({"abs", "sign", "relu", "leaky_relu", "elu", "min", "max", "clip"})


#: Domains without open sets.
_DISCRETE = frozenset({"finite", "integer", "one-hot"})


def is_smooth(derivation: Derivation, found: Reach, link: Link, quantifiers: Sequence[Quantifier]) -> bool:
    """Whether two sides are made, through all definitions, of continuous variables and of what has neither jumps nor
    kinks: then they differ on an open set of the domain if they do at all, and points show it."""
    domains = [derivation.variables[name].domain for name in found.variables]
    domains += [q.domain for q in quantifiers if q.domain is not None]

    def inside(e: Expr) -> tuple[Expr, ...]:
        return (derivation.definitions[e.name],) if isinstance(e, typed.Defined) else children(e)

    return not any(domain.kind in _DISCRETE for domain in domains) and not any(
        isinstance(e, typed.Where | typed.Compare | typed.Logic | typed.Opaque)
        or (isinstance(e, typed.Apply) and e.function in _NOT_SMOOTH)
        for side in (link.left, link.right)
        for e in typed.postorder(side, inside)
    )


#: The least size to give and whether to go through the dimensions backwards; and sizes to try beyond these.
STARTS = ((2, False), (2, True), (3, False), (4, True), (1, False))
BEYOND = ((5, False), (6, True), (7, False), (8, True), (9, False))


def choices(
    derivation: Derivation,
    claim: Claim,
    found: Reach,
    starts: Sequence[tuple[int, bool]] = STARTS,
    *,
    distinct: bool = True,
) -> Iterator[dict[str, int]]:
    """Sizes to try, the ones for proofs first: pairwise distinct and at least 2; then the other way round, then
    larger ones (``(n - 1)*(n - 2) == 0``), and the least there are. Dimensions that the spec or the claim's point
    fix have their size. Without ``distinct`` it is enough that each differs from the one before: 2, 3, 2, 3, …"""
    # of all dimensions, so that the claims of a derivation share their points and components
    every = sorted({d for v in derivation.variables.values() for d in v.shape if isinstance(d, str)} | {*found.dims})
    if not every:
        yield {}
        return
    free = [d for d in every if d not in claim.sizes]
    fixed = {d: claim.sizes[d] for d in every if d in claim.sizes}
    tried: list[dict[str, int]] = []
    for order, start in [(free[::-1] if back else free, start) for start, back in starts]:
        sizes = dict(fixed)
        for dim in order:
            rule = derivation.dims.get(dim)
            low = max(start, found.least.get(dim, 1), rule.least if rule else 1)
            taken = {*sizes.values()} if distinct else {*list(sizes.values())[-1:]}
            taken = taken if start > 1 else set()
            while low in taken:
                low += 1
            sizes[dim] = rule.exact if rule and rule.exact is not None else low
        ordered = {d: sizes[d] for d in every}
        if ordered not in tried:
            tried.append(ordered)
            yield ordered


def representative(sizes: Mapping[str, int], found: Reach, claim: Claim) -> bool:
    """Whether sizes are such that a proof at them says something: no free dimension has size 1 by choice."""
    return all(n > 1 or d in claim.sizes or d not in found.dims for d, n in sizes.items())


def told(derivation: Derivation, claim: Claim, found: Reach, sizes: Mapping[str, int]) -> str:
    """For which sizes something was shown: ``every`` if no dimension was free, else like ``h=3, n=2``."""
    rules = derivation.dims
    free = [d for d in found.dims if d not in claim.sizes and not (d in rules and rules[d].exact is not None)]
    return ", ".join(f"{d}={sizes[d]}" for d in free) or "every"
