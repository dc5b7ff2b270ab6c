"""Owns what names mean where an expression stands, and how the rules of elaboration ask for the parts they need.

A rule for a node is a generator: it yields what it needs (:class:`Ask`), is sent the typed results, and returns its
own. The driver in ``elaborate`` keeps the stack, so nesting costs no Python frames; a rule is sent only sound
results, so one mistake is told once and not again by everything around it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from derivcheck.errors import Problem, Refused
from derivcheck.lang import names
from derivcheck.lang.dependence import Orders, Reach
from derivcheck.lang.nodes import Fitted, Node
from derivcheck.lang.typed import Dim, Expr, Quantifier, Shape
from derivcheck.source import Span

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Scope:
    """The declared names that an expression may use.

    ``sizes``: dimensions whose size is known here (``dims: {k: 2}``, or the claim's ``at``), which then go with
    that number in shapes. ``bound``: names bound around the expression (``when`` of a claim with ``for z in
    real``). ``faulty``: names that are declared but whose own text was refused; what uses them is refused without
    a further problem. ``otherwise``: places of products with two readings (see ``products``) where not the usual one
    is to be taken.
    """

    variables: Mapping[str, Shape] = field(default_factory=lambda: _NOTHING)
    definitions: Mapping[str, Expr] = field(default_factory=lambda: _NOTHING)
    dims: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    layout: Literal["gradient", "jacobian"] = "gradient"
    sizes: Mapping[str, int] = field(default_factory=lambda: _NOTHING)
    bound: Mapping[str, Quantifier] = field(default_factory=lambda: _NOTHING)
    faulty: frozenset[str] = frozenset()
    otherwise: frozenset[Span] = frozenset()

    def within(self, quantifiers: Iterable[Quantifier]) -> Scope:
        """This scope inside ``for …``: with the quantifiers' names bound."""
        return replace(self, bound={**self.bound, **{q.name: q for q in quantifiers}})

    def kind(self, name: str) -> str | None:
        """What a name is declared as, in words; the innermost meaning wins."""
        places: tuple[tuple[str, Mapping[str, Any] | frozenset[str]], ...] = (
            ("a bound name", self.bound),
            ("a variable", self.variables),
            ("a defined name", self.definitions),
            ("a dimension", self.dims),
            ("a declared function", self.functions),
            ("a defined name", self.faulty),
        )
        return next((word for word, place in places if name in place), None)

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Every name that stands for a value, in order of declaration."""
        return (*self.bound, *self.variables, *self.definitions, *sorted(self.dims))

    @cached_property
    def foreign(self) -> Mapping[str, tuple[str, ...]]:
        """The declared names that are not plain ASCII, by how they look to a reader."""
        found: dict[str, dict[str, None]] = {}
        for place in (self.bound, self.variables, self.definitions, sorted(self.dims), sorted(self.functions)):
            for name in place:
                if not name.isascii():
                    found.setdefault(names.skeleton(name), {})[name] = None
        return {look: tuple(same) for look, same in found.items()}

    @cached_property
    def reach(self) -> Reach:
        """What every defined name depends on."""
        return Reach(self.definitions)

    @cached_property
    def orders(self) -> Orders:
        """How often every defined name differentiates."""
        return Orders(self.definitions)


@dataclass(slots=True)
class Session:
    """What one elaboration remembers: the exact values of its constant parts, so that they are sized once, and
    where what was written can be read in two ways. ``sizes`` are tried for what has no size of its own; what is
    ``unfitted`` had none, what is ``fitted`` had one."""

    values: dict[Expr, Fraction | None] = field(default_factory=dict)
    ambiguities: dict[tuple[Span, str], None] = field(default_factory=dict)
    sizes: Mapping[Span, Dim] = field(default_factory=dict)
    unfitted: dict[Span, Fitted] = field(default_factory=dict)
    fitted: dict[Span, None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Context:
    """The scope of a node within one elaboration."""

    scope: Scope
    session: Session

    def within(self, *quantifiers: Quantifier) -> Context:
        """The context inside a binder."""
        return replace(self, scope=self.scope.within(quantifiers))

    def ask(self, *nodes: Node) -> list[Ask]:
        """The numbers or arrays that nodes stand for, in this context."""
        return [Ask(node, self) for node in nodes]

    def conditions(self, *nodes: Node) -> list[Ask]:
        """The conditions that nodes stand for, in this context."""
        return [Ask(node, self, "condition") for node in nodes]


@dataclass(frozen=True, slots=True)
class Ask:
    """A node that a rule needs elaborated, and whether it must be a number (an array of them) or a condition."""

    node: Node
    context: Context
    want: Literal["number", "condition"] = "number"


Work: TypeAlias = Generator[Sequence[Ask], list[Expr], Expr]


def refusal(code: str, message: str, span: Span, hint: str | None = None) -> Refused:
    """One problem, to be raised by a rule; the driver collects it and goes on elsewhere."""
    return Refused([Problem(code, message, span, hint)])
