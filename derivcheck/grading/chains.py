"""Owns the chains of a submission as grading sees them: terms in their places, the links between them, and what every
term is about; also of chains that are no claim as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from derivcheck.grading.subjects import Subject, Subjects
from derivcheck.lang.nodes import Node
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Claim, Link, Relation, Statement
from derivcheck.notes.model import Broken, Note, Piece
from derivcheck.source import Span


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a chain; ``value`` is ``None`` if it means nothing by itself (``node`` is its surface form then),
    ``subject`` is what it is about."""

    value: Expr | None
    text: str
    span: Span
    subject: Subject | None
    node: Node | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of a submission, by its number. ``relations[i]`` stands between the terms i and i + 1, and
    ``misfits[i]`` says why these do not go together (``""``: they do)."""

    number: int
    claim: Claim
    terms: tuple[Term, ...]
    relations: tuple[Relation, ...]
    misfits: tuple[str, ...]
    quantifiers: tuple[Quantifier, ...]

    #: The other readings of the chain, those that matter only where it is not right as it was read, and why it may
    #: not mean what it was read as.
    others: tuple[Chain, ...] = ()
    unusual: tuple[Chain, ...] = ()
    doubt: str = ""

    def link(self, left: int, right: int) -> Link | None:
        """The link between two terms; ``None`` if one of them means nothing."""
        a, b = self.terms[left], self.terms[right]
        if a.value is None or b.value is None:
            return None
        relation = "≈" if "≈" in self.relations[min(left, right) : max(left, right)] else "=="
        return Link(a.value, b.value, "≈" if relation == "≈" else "==", a.text, b.text, b.span)

    @property
    def head(self) -> Subject | None:
        """What the first term is about."""
        return self.terms[0].subject

    @property
    def span(self) -> Span:
        """From the first term to the last."""
        return self.claim.span.to(self.terms[-1].span)


def chains_of(note: Note, subjects: Subjects) -> tuple[Chain, ...]:
    """The chains of a note, in its order."""
    made: list[Chain] = []
    for claim in note.derivation.claims:
        chain = _chain(len(made), claim, note.broken, subjects)
        if chain is not None:
            others, unusual = (
                tuple(
                    one
                    for one in (_chain(chain.number, c, note.broken, subjects) for c in readings)
                    if one is not None
                )
                for readings in (note.alternatives.get(claim.id, ()), note.unusual.get(claim.id, ()))
            )
            made.append(replace(chain, others=others, unusual=unusual, doubt=note.doubtful.get(claim.id, "")))
    return tuple(made)


def _chain(number: int, claim: Claim, broken: Mapping[str, Broken], subjects: Subjects) -> Chain | None:
    if claim.statement is not None:
        return _sound(number, claim, claim.statement, subjects)
    if claim.id in broken:
        return _broken(number, claim, broken[claim.id], subjects)
    return None


def _sound(number: int, claim: Claim, statement: Statement, subjects: Subjects) -> Chain:
    links = statement.links

    def term(value: Expr, text: str, span: Span) -> Term:
        return Term(value, text, span, subjects.of(value, statement.quantifiers))

    first = Span(statement.span.start, max(statement.span.start, min(statement.span.end, links[0].span.start)))
    terms = (
        term(links[0].left, links[0].left_text, first),
        *(term(link.right, link.right_text, link.span) for link in links),
    )
    relations = tuple(link.relation for link in links)
    return Chain(number, claim, terms, relations, tuple("" for _ in links), statement.quantifiers)


def _broken(number: int, claim: Claim, broken: Broken, subjects: Subjects) -> Chain | None:
    pieces = broken.pieces
    if len(pieces) < 2:
        return None

    terms = []
    for piece in pieces:
        subject = None if piece.value is None else subjects.of(piece.value, broken.quantifiers)
        terms.append(Term(piece.value, piece.text, piece.span, subject, piece.node))
    misfits = tuple("" if _meaningless(pieces[0]) else _misfit(after) for after in pieces[1:])
    relations: tuple[Relation, ...] = tuple("≈" if piece.relation == "≈" else "==" for piece in pieces[1:])
    links = [
        Link(a.value, b.value, "==", a.text, b.text, b.span)
        for a, b, misfit in zip(terms[:-1], terms[1:], misfits, strict=True)
        if a.value is not None and b.value is not None and not misfit
    ]
    # what is judged has the quantifiers of the chain, and these stand in its statement
    statement = Statement(claim.text, tuple(links), broken.quantifiers, claim.span)
    sound = replace(claim, statement=statement, problems=())
    return Chain(number, sound, tuple(terms), relations, misfits, broken.quantifiers)


def _meaningless(piece: Piece) -> bool:
    """Whether a term has no value for another reason than its shapes: the derivative of an array by an array. That is
    no mistake of its author's."""
    return piece.problem is not None and piece.problem.code != "shape"


def _misfit(piece: Piece) -> str:
    """What is wrong with a term and its shapes."""
    return "" if piece.problem is None or _meaningless(piece) else piece.problem.message
