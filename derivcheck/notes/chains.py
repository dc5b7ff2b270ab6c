"""Owns the chains of a note: over several lines and several formulas, and the claims that they make.

A chain of which a term means nothing (its shapes are at odds) is an invalid claim, beside what its terms mean one by
one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TypeGuard

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.derivatives import LOOSE
from derivcheck.lang.elaborate import Scope, ambiguities, elaborate_statement, link_problem
from derivcheck.lang.latex import Line
from derivcheck.lang.shapes import one_entry
from derivcheck.lang.substitute import changed
from derivcheck.lang.typed import Derivative, Expr, Quantifier
from derivcheck.model import Claim
from derivcheck.notes.axes import along
from derivcheck.notes.context import Context
from derivcheck.notes.model import Broken, Gaps, Part, Piece
from derivcheck.source import Source, Span
from derivcheck.spec.chains import Chain
from derivcheck.spec.meaning import LAYOUTS, meant

#: Signs of products that are written where something else than the product of matrices may be meant.
_PRODUCTS = (r"\cdot", r"\times", "·", "×", "⋅", "*", r"\ast")
#: How many places with two readings have all their combinations looked at.
_FEW = 3
_SIGNS = {"==": "=", "≈": r"\approx"}


@dataclass(slots=True)
class _Open:
    """A chain that may be gone on with: its sound terms, the relations between them, and for each relation the
    formula in which its right side stands; ``first`` is that of the first term. ``remarks`` are by formula.
    ``gaps`` are the places of terms that were not read, ``cut`` that of one behind the last term."""

    terms: list[nodes.Node]
    texts: list[str]
    binders: tuple[nodes.Binder, ...]
    first: int
    conditions: tuple[nodes.Node, ...] = ()
    relations: list[nodes.Relation] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    formulas: list[int] = field(default_factory=list)
    remarks: list[tuple[int, str]] = field(default_factory=list)
    doubt: str | None = None
    gaps: tuple[Span, ...] = ()
    cut: Span | None = None

    def with_term(self, term: nodes.Node, text: str, relation: nodes.Relation, span: Span, formula: int) -> _Open:
        """The chain with one more term."""
        return replace(
            self,
            terms=[*self.terms, term],
            texts=[*self.texts, text],
            relations=[*self.relations, relation],
            spans=[*self.spans, span],
            formulas=[*self.formulas, formula],
        )

    def statement(self) -> nodes.Statement:
        """The chain as a statement."""
        span = self.terms[0].span
        for term in self.terms[1:]:
            span = span.to(term.span)
        return nodes.Statement(
            span, tuple(self.terms), tuple(self.relations), tuple(self.spans), self.binders, tuple(self.texts)
        )


@dataclass(frozen=True, slots=True)
class _Made:
    """A claim that is finished but for its id, with the parts of formulas that state it."""

    claim: Claim
    parts: list[tuple[int, Part]]
    others: tuple[Claim, ...]
    unusual: tuple[Claim, ...]
    broken: Broken | None
    doubt: str | None
    gaps: Gaps | None


class Chains:
    """The chains of a note so far, in order; every finished one is a claim."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._made: list[_Made] = []
        self.parts: dict[int, list[Part]] = {}
        self.broken: dict[str, Broken] = {}
        self.doubts: dict[str, str] = {}
        self.alternatives: dict[str, tuple[Claim, ...]] = {}
        self.unusual: dict[str, tuple[Claim, ...]] = {}
        self.gaps: dict[str, Gaps] = {}
        self.open: _Open | None = None
        #: The places of terms that were not read among those that are read now.
        self.holes: tuple[Span, ...] = ()

    def cut(self, place: Span) -> None:
        """The open chain goes on with a term that was not read."""
        if self.open is not None:
            self.open.cut = self.open.cut or place

    def part(self, formula: int, part: Part) -> None:
        """Note a part of a formula that states nothing."""
        self.parts.setdefault(formula, []).append(part)

    def begin(self, line: Line, formula: int, context: Context) -> None:
        """A new chain that begins with the first term of a line."""
        self.end(context)
        self.open = _Open([line.terms[0]], [_one_line(line.texts[0])], line.binders, formula)

    def end(self, context: Context) -> None:
        """The chain so far is all there is."""
        if self.open is not None and self.open.relations:
            self._claim(self.open, context)
        self.open = None

    def go_on(
        self,
        line: Line,
        first: int,
        formula: int,
        context: Context,
        remarks: Sequence[str] = (),
        doubt: str | None = None,
    ) -> None:
        """More terms for the open chain: those of a line from ``first`` on, with the relations before them."""
        assert self.open is not None
        if line.conditions and (self.open.relations or self.open.conditions):
            self._from_last(context, line.conditions)
        elif line.conditions:
            self.open.conditions = line.conditions
        elif self.open.conditions and self.open.relations:
            self._from_last(context, ())
        skip = len(line.terms) - len(line.relations)
        self.open.binders = _joined(self.open.binders, line.binders)
        self.open.remarks += [(formula, remark) for remark in remarks]
        self.open.doubt = self.open.doubt or doubt
        for place in range(first, len(line.terms)):
            relation = line.relations[place - skip]
            assert relation != ":="
            self._term(line, place, relation, line.relation_spans[place - skip], formula)

    def _from_last(self, context: Context, conditions: tuple[nodes.Node, ...]) -> None:
        """End the open chain, and begin one with its last term under other conditions."""
        assert self.open is not None
        last = _Open([self.open.terms[-1]], [self.open.texts[-1]], self.open.binders, -1, conditions)
        last.cut = self.open.cut
        self.end(context)
        self.open = last

    def _term(self, line: Line, place: int, relation: nodes.Relation, span: Span, formula: int) -> None:
        assert self.open is not None
        term, text = line.terms[place], _one_line(line.texts[place])
        last = self.open.terms[-1].span
        gaps = [hole for hole in self.holes if last.start < hole.start < term.span.start]
        if self.open.cut is not None or gaps:
            at = self.source.position((self.open.cut or gaps[0]).start)[0]
            self.open.remarks.append((formula, f"a term before `{_short(text)}` was not read (line {at}): see there"))
            self.open.gaps += (*([self.open.cut] if self.open.cut is not None else []), *gaps)
            self.open.cut = None
        self.open = self.open.with_term(term, text, relation, span, formula)

    def _claim(self, chain: _Open, context: Context) -> None:
        """A claim of the links of a chain."""
        statement = chain.statement()
        text = _shown(statement)
        bare = Claim("", text, statement.span, None, layout=context.base.layout)
        unclear = self._unclear(statement, context)
        scopes = (context.scope, *_otherwise([span for span, message in unclear if message != LOOSE], context.scope))
        unusual = [one for one in _otherwise([span for span, _ in unclear], context.scope) if one not in scopes]
        ways = [way for told in along(statement, context) for way in _standing(_statement(told), context)]

        def read(scopes: Iterable[Scope]) -> list[Claim]:
            made = (Chain(way, text, "") for way in ways)
            return [meant(bare, one, chain.conditions, scope, context.remarks) for one in made for scope in scopes]

        readings = read(scopes)
        sound = [one for one in readings if one.statement is not None]
        seldom = tuple(one for one in read(unusual) if one.statement is not None)
        if len(ways) > 1:
            sound = [one for one in sound if _even(one)] or sound
        claim, *others = sound or readings[:1]
        broken = _broken(ways, context) if claim.statement is None else None
        parts: list[tuple[int, Part]] = []
        for formula in dict.fromkeys(chain.formulas):
            links = [place for place, other in enumerate(chain.formulas) if other == formula]
            first, last = links[0], links[-1]
            whole = first == 0 and formula == chain.first
            span = statement.terms[first if whole else first + 1].span.to(statement.terms[last + 1].span)
            told = [remark for at, remark in chain.remarks if at == formula]
            told += [remark for at, remark in unclear if span.start <= at.start < span.end and remark != LOOSE]
            remarks = tuple(dict.fromkeys(told))
            parts.append((formula, Part("claim", span, None, (first, last + 1), remarks=remarks)))
        gaps = Gaps(chain.gaps, chain.cut) if chain.gaps or chain.cut is not None else None
        self._made.append(_Made(claim, parts, tuple(others), seldom, broken, chain.doubt or _not_told(claim), gaps))

    def _unclear(self, statement: nodes.Statement, context: Context) -> list[tuple[Span, str]]:
        """Where a product of a statement has two readings that an author may mean, and which was taken."""
        try:
            found = ambiguities(statement, context.scope)
        except Refused:
            return []
        # square matrices side by side are multiplied, and the inverse is the inverse: nobody means otherwise
        return [
            (span, message)
            for span, message in found
            if "matrix" not in message or self.source.text[span.start : span.end] in _PRODUCTS
        ]

    def finish(self) -> tuple[Claim, ...]:
        """The claims in the order of the note, each with its id, by the line that it begins in."""
        count: dict[int, int] = {}
        claims: list[Claim] = []
        for made in sorted(self._made, key=lambda made: made.claim.span):
            claim = made.claim
            line = self.source.position(claim.span.start)[0]
            count[line] = count.get(line, 0) + 1
            name = f"line-{line}" if count[line] == 1 else f"line-{line}.{count[line]}"
            claims.append(replace(claim, id=name))
            if made.others:
                self.alternatives[name] = tuple(replace(other, id=name) for other in made.others)
            if made.unusual:
                self.unusual[name] = tuple(replace(other, id=name) for other in made.unusual)
            if made.broken is not None:
                self.broken[name] = made.broken
            if made.doubt is not None:
                self.doubts[name] = made.doubt
            if made.gaps is not None:
                self.gaps[name] = made.gaps
            for formula, part in made.parts:
                self.part(formula, replace(part, claim=name))
        self._made.clear()
        return tuple(claims)


def _not_told(claim: Claim) -> str | None:
    """Why a claim cannot be looked at, which makes it no wrong one: it is too large, or it is not told which size an
    identity matrix has."""
    return next((problem.message for problem in claim.problems if problem.code in ("limit", "size")), None)


def _otherwise(places: list[Span], scope: Scope) -> list[Scope]:
    """The scopes in which some products have their other reading: every choice of a few places, of many each place
    alone and all of them."""
    distinct = list(dict.fromkeys(places))
    few = len(distinct) <= _FEW
    sizes = range(1, len(distinct) + 1) if few else {1, len(distinct)}
    return [
        replace(scope, otherwise=frozenset(some)) for size in sorted(sizes) for some in combinations(distinct, size)
    ]


def _standing(statement: nodes.Statement, context: Context) -> list[nodes.Statement]:
    """The statement, and how else it may be meant where samples are rows: a sample by itself is mostly written as a
    column (``x_i^T w``) although it is a row of the array; and has one axis where all vectors have one."""
    if context.notation.samples != "rows":
        return [statement]

    def upright(node: nodes.Node) -> nodes.Node:
        if not _is_row(node):
            return node
        entry, one, rest = node.arguments
        return replace(node, arguments=(entry, rest, one))

    def plain(node: nodes.Node) -> nodes.Node:
        return node.arguments[0] if _is_row(node) else node

    shapes = [variable.shape for variable in context.base.variables.values()]
    vectors = any(len(shape) == 1 for shape in shapes) and not any(len(shape) == 2 and 1 in shape for shape in shapes)
    found = [statement]
    for change in (upright, plain) if vectors else (upright,):
        terms = tuple(changed(term, change) for term in statement.terms)
        if any(one is not other for one, other in zip(terms, statement.terms, strict=True)):
            found.append(replace(statement, terms=terms))
    return found


def _even(claim: Claim) -> bool:
    """Whether no link of a claim equates a number with an array: nobody means that of a sample, stand it or lie."""
    links = claim.statement.links if claim.statement is not None else ()
    return all(one_entry(link.left.shape) == one_entry(link.right.shape) for link in links)


def _is_row(node: nodes.Node) -> TypeGuard[nodes.Call]:
    """Whether something is one sample of an array of rows, as the row that it is."""
    if not isinstance(node, nodes.Call) or node.function.text != "reshape" or len(node.arguments) != 3:
        return False
    one = node.arguments[1]
    return isinstance(one, nodes.Number) and one.value == 1


def _broken(ways: Sequence[nodes.Statement], context: Context) -> Broken:
    """What can be said of a chain that means nothing as a whole: its terms one by one, in the better layout."""
    scopes = [replace(context.scope, layout=layout) for layout in LAYOUTS[context.base.layout]]
    made = [_pieces(way, scope) for way in ways for scope in scopes]
    return max(made, key=lambda one: sum(map(_sound, one.pieces)))


def _sound(piece: Piece) -> bool:
    return piece.problem is None


def _pieces(statement: nodes.Statement, scope: Scope) -> Broken:
    pieces: list[Piece] = []
    quantifiers: tuple[Quantifier, ...] = ()
    last: Expr | None = None
    signs = zip(("", *statement.relations), (statement.span, *statement.relation_spans), strict=True)
    for term, text, (sign, place) in zip(statement.terms, statement.texts, signs, strict=True):
        alone = nodes.Statement(term.span, (term,), (), (), statement.binders, (text,))
        try:
            (value,), quantifiers = elaborate_statement(alone, scope)
        except Refused as refused:
            problem = next(iter(refused.problems), Problem("name", "a name in it means nothing", term.span))
            pieces.append(Piece(None, text, term.span, sign, problem, term))
            continue
        misfit = link_problem(last, value, scope, place) if last is not None and sign else None
        if misfit is not None and last is not None and (_is_jacobian(last, value) or _is_jacobian(value, last)):
            misfit = replace(misfit, code="jacobian")
        pieces.append(Piece(value, text, term.span, sign, misfit))
        last = value
    return Broken(tuple(pieces), quantifiers)


def _statement(node: nodes.Node) -> nodes.Statement:
    assert isinstance(node, nodes.Statement)
    return node


def _is_jacobian(one: Expr, other: Expr) -> bool:
    """Whether an array may be meant as the Jacobian of what another differentiates entry by entry."""
    if not isinstance(one, Derivative) or one.kind != "elementwise" or len(one.shape) != 2 or 1 not in one.shape:
        return False
    size = one.shape[0] if one.shape[1] == 1 else one.shape[1]
    return other.shape == (size, size)


def _joined(one: tuple[nodes.Binder, ...], other: tuple[nodes.Binder, ...]) -> tuple[nodes.Binder, ...]:
    known = {binder.name.text for binder in one}
    return (*one, *(binder for binder in other if binder.name.text not in known))


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"


def _shown(statement: nodes.Statement) -> str:
    pieces = [statement.texts[0]]
    for relation, text in zip(statement.relations, statement.texts[1:], strict=True):
        pieces += [_SIGNS[relation], text]
    return " ".join(pieces)
