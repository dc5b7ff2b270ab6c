"""Owns the model of a derivation: what a spec file says once it is read, shaped and resolved; frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from derivcheck.errors import Problem
from derivcheck.lang.domains import REAL, Domain
from derivcheck.lang.nodes import Node
from derivcheck.lang.typed import Expr, Quantifier, Shape
from derivcheck.source import Source, Span

Layout = Literal["gradient", "jacobian", "either"]
Expectation = Literal["holds", "fails"]
Relation = Literal["==", "≈"]


@dataclass(frozen=True, slots=True)
class Variable:
    """A declared variable."""

    name: str
    shape: Shape
    domain: Domain = REAL
    doc: str | None = None


@dataclass(frozen=True, slots=True)
class OpaqueFunction:
    """A function of one number of which only the derivative rule is known, or nothing.

    ``derivative`` is an expression in which ``parameter`` (a :class:`~derivcheck.lang.typed.Bound` with that key)
    is the argument; it may use the function itself.
    """

    name: str
    derivative: Expr | None = None
    parameter: str | None = None


@dataclass(frozen=True, slots=True)
class DimensionRule:
    """Which sizes a symbolic dimension may have: exactly ``exact``, or at least ``least``."""

    name: str
    least: int = 1
    exact: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """One relation of a chain: ``left relation right``, with the text of both as written."""

    left: Expr
    right: Expr
    relation: Relation
    left_text: str
    right_text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Statement:
    """A chain of one link or more, for every value of its quantifiers. ``text`` is how it was written, or how
    ``of``/``wrt``/``gradient``/``steps`` spell it out."""

    text: str
    links: tuple[Link, ...]
    quantifiers: tuple[Quantifier, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Misfit:
    """The first link of a chain that cannot be, by its shapes: the ``place`` of the link, what is ``known`` (a term
    of the chain that means something), and the term that should be equal to it: its ``value``, if it has one, and how
    it is ``written``, unless that is very long."""

    place: int
    known: Expr
    value: Expr | None
    written: Node | None
    quantifiers: tuple[Quantifier, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class PointValue:
    """A value given by ``at``: numbers in row-major order, and the concrete shape they have."""

    shape: tuple[int, ...]
    entries: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a derivation.

    A claim that is not well formed (its shapes or names are wrong) has ``statement`` ``None`` and says why in
    ``problems``; if it is its shapes that are wrong, ``misfit`` has what that was found by. ``warnings`` are remarks
    of the reading, shown with the verdict. ``at`` holds values of variables and of defined names (which are then cut
    free); ``sizes`` what these say about dimensions.
    """

    id: str
    text: str
    span: Span
    statement: Statement | None
    problems: tuple[Problem, ...] = ()
    misfit: Misfit | None = None
    warnings: tuple[str, ...] = ()
    at: Mapping[str, PointValue] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    when: tuple[Expr, ...] = ()
    layout: Layout = "gradient"
    up_to: Literal["positive factor"] | None = None
    tolerance: Fraction | None = None
    expect: Expectation = "holds"
    correct: Claim | None = None
    fails_at: int | None = None
    because: str | None = None
    points: Fraction | None = None
    cite: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """How formulas in LaTeX count: the number of the first entry of an array, and whether ``x^{(i)}`` is a column or
    a row of what it spells; ``None`` where nothing is said, which means 1 and columns."""

    first: Literal[0, 1] | None = None
    samples: Literal["columns", "rows"] | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """A spec file, read. ``definitions`` is in order of definition; each may use the ones before it."""

    source: Source
    title: str
    variables: Mapping[str, Variable]
    definitions: Mapping[str, Expr]
    claims: tuple[Claim, ...]
    dims: Mapping[str, DimensionRule] = field(default_factory=dict)
    functions: Mapping[str, OpaqueFunction] = field(default_factory=dict)
    assume: tuple[Expr, ...] = ()
    layout: Layout = "gradient"
    origin: str | None = None
    description: str | None = None
    notation: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    reading: Reading = Reading()
