"""Owns what a note is once it is read: its formulas in their places, what each states, and what is reported of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from derivcheck.errors import Problem
from derivcheck.lang.nodes import Node
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Claim, Derivation
from derivcheck.source import Source, Span
from derivcheck.verdict import ClaimReport, Verdict

#: What a chain of a formula is: a claim that is judged; a definition that the note makes of a name of its own; an
#: assignment (``w := w - …``) and a lone expression, which state nothing; a supposition (``where z = 1``).
Kind = Literal["claim", "definition", "assignment", "supposition", "expression"]


@dataclass(frozen=True, slots=True)
class Part:
    """One chain, or the piece of a chain, that stands in one formula.

    ``claim`` is the id of the claim that it states or goes on with, ``links`` the half-open range of that claim's
    links (each by its right side) that stand here. ``name`` is what a definition or an assignment gives a value.
    ``remarks`` are ambiguities and whatever else a reader should know of the reading.
    """

    kind: Kind
    span: Span
    claim: str | None = None
    links: tuple[int, int] = (0, 0)
    name: str | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A row of a formula, or a term of one, that could not be read, and why."""

    span: Span
    problem: Problem


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of a note. ``span`` has the signs around it (``$``, ``\\[``), ``content`` what is between them.

    ``problem`` says what stopped the reading first, and where. The formula is unread then and has no ``parts``; or it
    was read in part, and ``unread`` has all of it that was not.
    """

    span: Span
    content: Span
    display: bool
    parts: tuple[Part, ...] = ()
    problem: Problem | None = None
    unread: tuple[Unread, ...] = ()

    @property
    def not_read(self) -> tuple[Unread, ...]:
        """What of it could not be read: all of it, some of its rows and terms, or nothing."""
        if self.problem is None or self.unread:
            return self.unread
        return (Unread(self.content, self.problem),)


@dataclass(frozen=True, slots=True)
class Piece:
    """A term of a chain that is no claim as a whole, since its shapes or names do not go together.

    ``value`` is what the term means if it can be typed by itself, ``problem`` says why it cannot, or why it does not
    go with the term before it. ``relation`` is the sign before it (``""`` for the first), ``text`` as written,
    ``node`` the surface form of a term that cannot be typed.
    """

    value: Expr | None
    text: str
    span: Span
    relation: str = ""
    problem: Problem | None = None
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """A chain that is no claim as a whole, term by term, under its quantifiers."""

    pieces: tuple[Piece, ...]
    quantifiers: tuple[Quantifier, ...] = ()


@dataclass(frozen=True, slots=True)
class Gaps:
    """The places of terms of a chain that were not read: between those that were, and ``after`` the last of them."""

    between: tuple[Span, ...] = ()
    after: Span | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A note that was read.

    ``derivation`` has every name that it may use (the key's, those of its own front matter, and its own definitions)
    and, as ``claims``, what the note states, in its order. ``problems`` are remarks on the document as a whole
    (a front matter that is not used, an environment that is not closed), each with its place. ``broken`` has, by the
    id of an invalid claim, what can be said of its terms one by one. ``alternatives`` has the other readings of a
    claim, by its id; ``doubtful`` says, by the id of a claim, why it is not to be called wrong; ``allowances`` has,
    by the id of a claim, those of its links (by their places) that may hold by rounding alone, each as a claim with a
    tolerance: :func:`derivcheck.notes.settle.settle` makes one report of all that. ``unusual`` are readings like
    the alternatives, which nobody means where the usual one is true. ``gaps`` has, by the id of a
    claim, what of its chain was not read.
    """

    source: Source
    derivation: Derivation
    formulas: tuple[Formula, ...]
    problems: tuple[Problem, ...] = ()
    broken: Mapping[str, Broken] = field(default_factory=dict)
    alternatives: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    unusual: Mapping[str, tuple[Claim, ...]] = field(default_factory=dict)
    doubtful: Mapping[str, str] = field(default_factory=dict)
    allowances: Mapping[str, tuple[tuple[int, Claim], ...]] = field(default_factory=dict)
    gaps: Mapping[str, Gaps] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Another reading of a formula, as if its transcription had damaged it; it is never applied by itself.

    ``formula`` is its number in the note, ``text`` the LaTeX as it may have been, ``words`` what was changed
    (``lu read as \\ln``), ``verdict`` what was found of what it states then (the worst of its claims), ``because``
    why that is not proved.
    """

    formula: int
    text: str
    words: str
    verdict: Verdict | None = None
    because: str | None = None


@dataclass(frozen=True, slots=True)
class NoteReport:
    """What is reported of a note; with ``problems`` it could not be read as a document, and ``note`` is ``None``.

    ``claims`` are the reports of ``note.derivation.claims``, in their order, as far as they were judged.
    """

    path: str
    source: Source | None
    note: Note | None
    claims: tuple[ClaimReport, ...] = ()
    suggestions: tuple[Suggestion, ...] = ()
    problems: tuple[Problem, ...] = ()
    faults: tuple[str, ...] = ()
