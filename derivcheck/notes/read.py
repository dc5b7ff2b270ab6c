"""Owns the reading of a note: every formula by what may be used where it stands, and what each of them states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import elaborate
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk, checked, parted, read_chunk
from derivcheck.lang.latex.notation import base_key, spelling_key
from derivcheck.lang.latex.undeclared import undeclared
from derivcheck.lang.latex.written import written
from derivcheck.lang.typed import Defined, postorder
from derivcheck.model import Claim, Derivation
from derivcheck.notes.chains import Chains
from derivcheck.notes.context import Context
from derivcheck.notes.document import Document, Place, document
from derivcheck.notes.heads import Head, definable, head_of, name_for
from derivcheck.notes.model import Formula, Kind, Note, Part
from derivcheck.source import Passage, Source, Span

#: The longest note, in characters, and the most formulas of one that are read.
MOST_CHARACTERS = 2_000_000
MOST_FORMULAS = 2_000
#: Words before a formula, in the text, that say what it is to the formulas around it.
_LEAD = re.compile(r"(since|because|recall|where|with|let|so|thus|hence|therefore|using|from|by)\W*$", re.IGNORECASE)
#: Words after which a formula gives a reason: the chain before it goes on behind it.
_REASONS = frozenset({"since", "because", "recall", "where", "with", "using"})
#: Signs that mean a number unless they are declared; an equation of one alone defines it.
_CONSTANTS = frozenset({"e", r"\pi"})


def read_note(source: Source, key: Derivation | None = None) -> Note:
    """Read a note, by the names of a key or by those that it declares itself.

    Raises:
        Refused: when the document as a whole cannot be taken: it is too large, or what declares its names cannot be.
    """
    if len(source.text) > MOST_CHARACTERS:
        message = f"the note has {len(source.text):,} characters; {MOST_CHARACTERS:,} are the most"
        raise Refused([Problem("limit", message, None, "split it into several notes")], source)
    base = key if key is not None else Derivation(source, "", {}, {}, ())
    reading = _Reading(document(source), Context.of(base))
    reading.run()
    return reading.note()


@dataclass(frozen=True, slots=True)
class _Read:
    """One statement of a formula, read: its line and what it is; a definition has its name."""

    line: Line
    kind: Kind
    name: str | None = None
    span: Span | None = None
    remarks: tuple[str, ...] = ()


@dataclass(slots=True)
class _Reading:
    """A note that is being read: what may be used so far, and what was found."""

    document: Document
    context: Context
    formulas: list[Formula] = field(default_factory=list)
    chains: Chains = field(init=False)

    def __post_init__(self) -> None:
        self.chains = Chains(self.document.source)

    def run(self) -> None:
        before = 0
        for number, place in enumerate(self.document.formulas):
            self.formulas.append(self._formula(number, place, before))
            before = place.span.end
        self.chains.end(self.context)

    def note(self) -> Note:
        """What was read."""
        base, claims = self.context.base, self.chains.finish()
        derivation = replace(
            base,
            source=self.document.source,
            definitions=self.context.definitions,
            claims=claims,
            notation=self.context.notation.spellings,
        )
        formulas = tuple(
            replace(formula, parts=tuple(sorted(self.chains.parts.get(number, ()), key=lambda part: part.span)))
            for number, formula in enumerate(self.formulas)
        )
        doubtful = {claim.id: why for claim in claims if (why := self._doubt(claim)) is not None}
        return Note(
            self.document.source,
            derivation,
            formulas,
            self.document.problems,
            broken=self.chains.broken,
            doubtful=doubtful,
        )

    def _doubt(self, claim: Claim) -> str | None:
        """Why a claim may not mean what it was read as: it has a name to which the note gives several meanings."""
        links = claim.statement.links if claim.statement is not None else ()
        names = {
            part.name
            for link in links
            for side in (link.left, link.right)
            for part in postorder(side)
            if isinstance(part, Defined)
        }
        for spelling, meanings in self.context.several.items():
            if names & meanings or (not links and spelling in claim.text):
                return (
                    f"`{spelling}` has several meanings in this note; it fails in the one that stands last above it"
                )
        return None

    # --- one formula

    def _formula(self, number: int, place: Place, before: int) -> Formula:
        bare = Formula(place.span, place.content, place.display)
        try:
            if number >= MOST_FORMULAS:
                message = f"a note has at most {MOST_FORMULAS:,} formulas that are read"
                raise Refused([Problem("limit", message, place.span)])
            self._no_macros(place)
            read, context = self._statements(self.document.passage(place))
        except Refused as refused:
            self.chains.end(self.context)
            problem = refused.problems[0]
            return replace(bare, problem=replace(problem, span=problem.span or place.content))
        lead = self._lead(place, before)
        for at, one in enumerate(read):
            self._take(number, replace(one, line=_led(one.line, lead)) if at == 0 else one, context)
        self.context = context
        return bare

    def _no_macros(self, place: Place) -> None:
        """Refuse a formula that uses what the document defines itself."""
        if self.document.altered is not None:
            message = "this document changes what signs mean to TeX"
            raise Refused([Problem("latex", message, self.document.altered)])
        if not self.document.macros:
            return
        text = self.document.source.text
        for match in re.compile(r"\\([A-Za-z]+|[^A-Za-z])").finditer(text, place.span.start, place.span.end):
            name = match[1]
            if name in ("begin", "end"):
                inside = re.compile(r"[ \t]*\{([A-Za-z]+\*?)\}").match(text, match.end())
                name = inside[1] if inside else name
            if name in self.document.macros:
                message = f"`{match[0]}` is defined in this document, and macros are not expanded"
                raise Refused([Problem("latex", message, Span(*match.span()), "write the formula itself")])

    def _lead(self, place: Place, before: int) -> str:
        """The word before a formula, on its line, that says what it is to the others."""
        text = self.document.source.text
        start = max(before, place.span.start - 40)
        found = _LEAD.search(text[start : place.span.start].rstrip())
        return found[1].lower() if found and "\n\n" not in text[start + found.start() : place.span.start] else ""

    def _statements(self, passage: Passage) -> tuple[list[_Read], Context]:
        """The statements of a formula, and what may be used behind it."""
        context = self.context
        chunks = parted(passage)
        read: list[_Read] = []
        for chunk in chunks:
            try:
                one, context = _statement(chunk, passage, context)
            except Refused as refused:
                if refused.problems and refused.problems[0].code == "name":
                    raise Refused([_not_declared(chunks, passage, context, refused.problems[0])]) from None
                raise
            read.append(one)
        checked(chunks, tuple(one.line for one in read), passage)
        return read, context

    # --- what it states

    def _take(self, number: int, one: _Read, context: Context) -> None:
        """One statement joins what was read before it."""
        line = one.line
        if one.kind == "definition":
            self.chains.part(number, Part("definition", one.span or line.span, name=one.name, remarks=one.remarks))
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context)
        elif one.kind in ("assignment", "supposition"):
            self.chains.part(number, Part(one.kind, line.span, name=one.name, remarks=one.remarks))
            if one.kind == "assignment":
                self.chains.end(context)
        elif line.continues:
            self._continued(number, line, context)
        elif not line.relations:
            self.chains.part(number, Part("expression", line.span))
            self.chains.begin(line, number, context)
        elif set(line.lead.split()) & _REASONS:
            kept, self.chains.open = self.chains.open, None
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context, one.remarks)
            self.chains.end(context)
            self.chains.open = kept
        else:
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context, one.remarks)

    def _continued(self, number: int, line: Line, context: Context) -> None:
        """A line that begins with a relation goes on with the chain before it; without one it begins its own."""
        chain = self.chains.open
        if chain is not None:
            self.chains.go_on(line, 0, number, context)
            return
        remark = "what this goes on with was not read"
        self.chains.open = None
        whole = replace(line, continues=False, relations=line.relations[1:], relation_spans=line.relation_spans[1:])
        self.chains.begin(whole, number, context)
        if len(whole.terms) > 1:
            self.chains.go_on(whole, 1, number, context, (remark,))
        else:
            self.chains.part(number, Part("expression", line.span, remarks=(remark,)))


def _led(line: Line, lead: str) -> Line:
    return replace(line, lead=f"{lead} {line.lead}".strip()) if lead else line


def _statement(chunk: Chunk, passage: Passage, context: Context) -> tuple[_Read, Context]:
    """One statement, by what may be used where it stands.

    Raises:
        Refused: with the place and the token that stopped it.
    """
    head = head_of(chunk)
    if head is not None and _new(head, passage, context):
        return _definition(head, chunk, passage, context)
    line = read_chunk(chunk, passage, context.notation)
    if head is not None and _own(head, line, context):
        return _definition(head, chunk, passage, context)
    return _kind(line, context), context


def _kind(line: Line, context: Context) -> _Read:
    """What a statement of declared names is."""
    first = line.terms[0]
    base = first.base if isinstance(first, nodes.Index) else first
    name = base.text if isinstance(base, nodes.Name) else None
    if line.assigns:
        return _Read(line, "assignment", name)
    if line.supposes and line.relations:
        return _Read(line, "supposition", name)
    if name is None or not context.free(name) or line.continues or not line.relations:
        return _Read(line, "claim")
    others = line.terms[1:]
    if any(written(other) == written(first) for other in others):
        return _Read(line, "claim")
    if any(_mentions(other, name) for other in others):
        return _Read(line, "assignment", name)
    remark = f"`{name}` is given: an equation of it is a supposition"
    return _Read(line, "supposition", name, remarks=(remark,))


def _mentions(node: nodes.Node, name: str) -> bool:
    stack = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, nodes.Name) and one.text == name:
            return True
        stack.extend(nodes.children(one))
    return False


# --- definitions


def _new(head: Head, passage: Passage, context: Context) -> bool:
    """Whether a head is a symbol that is not declared and that can be the name of a value."""
    if not definable(head.item):
        return False
    if head.item.bare and base_key(head.item) in _CONSTANTS:
        return not context.notation.spells(base_key(head.item))
    try:
        read_chunk(Chunk([head.item]), passage, context.notation)
    except Refused as refused:
        return refused.problems[0].code == "name"
    return False


def _own(head: Head, line: Line, context: Context) -> bool:
    """Whether a head is a name that the note defined, so that the statement could give it another meaning."""
    first = line.terms[0]
    if head.arguments is not None or not isinstance(first, nodes.Name):
        return False
    return any(own.name == first.text for own in context.own.values())


def _definition(head: Head, chunk: Chunk, passage: Passage, context: Context) -> tuple[_Read, Context]:
    """What a symbol stands for from here on.

    Raises:
        Refused: when its right side cannot be read, or has no meaning.
    """
    if head.item.bare and base_key(head.item) in _CONSTANTS:
        message = f"`{head.item.text}` is the number here: it cannot be the name of something else"
        raise Refused([Problem("name", message, head.span(passage), "give it another name")])
    rest = read_chunk(head.rest, passage, context.notation)
    if rest.continues or rest.assigns or rest.binders:
        message = "what this symbol stands for cannot be told"
        raise Refused([Problem("latex", message, head.span(passage), "declare it")])
    spelling = head.spelling(passage)
    own = context.own.get(spelling_key(spelling))
    span = head.span(passage).to(rest.terms[0].span)
    if own is not None and own.meaning == written(rest.terms[0]):
        return _Read(replace(rest, lead=chunk.lead), "definition", own.name, span), context
    name = name_for(head.item, context.names)
    expression = elaborate(rest.terms[0], context.scope)
    spellings = tuple(text for text in (spelling, head.called(passage)) if text is not None)
    remarks: tuple[str, ...] = ()
    if own is not None:
        line, _ = passage.source.position(own.span.start)
        remarks = (f"`{spelling}` was defined in line {line}; from here on it is this",)
    made = context.with_definition(name, spellings, expression, written(rest.terms[0]), span)
    return _Read(replace(rest, lead=chunk.lead), "definition", name, span, remarks), made


def _not_declared(chunks: tuple[Chunk, ...], passage: Passage, context: Context, first: Problem) -> Problem:
    """The problem of names without a meaning: all of them."""
    names = dict.fromkeys(
        name for chunk in chunks for name in undeclared(tuple(chunk.items), passage, context.notation)
    )
    if len(names) < 2:
        return first
    listed = ", ".join(f"`{name}`" for name in [*names][:8]) + (", …" if len(names) > 8 else "")
    return replace(first, message=f"not declared: {listed}")
