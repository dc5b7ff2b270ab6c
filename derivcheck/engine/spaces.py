"""Owns what a point must be of: which variables, at which sizes, with which values and under which conditions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from derivcheck.engine.session import Session
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr, children
from derivcheck.model import Derivation, PointValue, Variable

#: Numbers in a point that has all variables of a derivation; a claim has points of its own where there are more.
MOST_SHARED = 2_000

#: Finds the numbers that are written in a claim, which few points are made from.
Constants = Callable[[], tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class Space:
    """What a point must be of: the variables that matter at these sizes, the claim's bound scalars, its given
    values (``at``), and the conditions that must hold (``assume`` and ``when``; ``local`` ones speak of a quantified
    index, and leave out the indices for which they do not hold). ``names`` tells what the keys of
    bound scalars are called, ``free`` whether the two sides depend on anything that is not given."""

    session: Session
    variables: Mapping[str, Variable]
    sizes: Mapping[str, int]
    bound: Mapping[str, Domain]
    given: Mapping[str, PointValue]
    conditions: tuple[Expr, ...]
    local: tuple[Expr, ...]
    constants_of: Constants
    names: Mapping[str, str]
    free: bool

    @property
    def constants(self) -> tuple[Fraction, ...]:
        """The numbers that are written in the claim."""
        return self.constants_of()

    @property
    def derivation(self) -> Derivation:
        """The derivation whose points these are."""
        return self.session.derivation

    @property
    def entries(self) -> int:
        """How many numbers a point has."""
        return self._count(self.variables)

    @property
    def is_shared(self) -> bool:
        """Whether its points are those of other claims, too: with all variables, if these are not too many."""
        apart = self.given or self.bound or self.conditions
        return not apart and self._count(self.derivation.variables) <= MOST_SHARED

    def _count(self, variables: Mapping[str, Variable]) -> int:
        return sum(prod(self.shape(v.shape)) if v.shape else 1 for v in variables.values())

    def shape(self, shape: typed.Shape) -> tuple[int, ...]:
        """A shape at the sizes of this space."""
        return tuple(d if isinstance(d, int) else self.sizes[d] for d in shape)


def constants_in(exprs: Sequence[Expr], definitions: Mapping[str, Expr]) -> tuple[Fraction, ...]:
    """The numbers written in expressions, sorted: the places where a condition may turn."""
    seen: set[int] = set()
    found: set[Fraction] = set()
    stack = list(exprs)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        value = plain_number(node) if isinstance(node, _NUMBERS) else None
        if value is not None and abs(value) < 10**9:
            found |= {value, -value}
        if isinstance(node, typed.Defined):
            stack.append(definitions[node.name])
        stack.extend(children(node))
    return tuple(sorted(found))[:64]


#: What a number can be written with.
_NUMBERS = (typed.Number, typed.Negate, typed.Arithmetic)


def plain_number(expr: Expr) -> Fraction | None:
    """The rational that an expression writes down with digits, a minus and a bar; ``None`` if it is none."""
    if isinstance(expr, typed.Negate):
        inner = plain_number(expr.operand)
        return None if inner is None else -inner
    if isinstance(expr, typed.Arithmetic) and expr.operator == "/":
        top, bottom = plain_number(expr.left), plain_number(expr.right)
        return None if top is None or not bottom else top / bottom
    return expr.value if isinstance(expr, typed.Number) else None
