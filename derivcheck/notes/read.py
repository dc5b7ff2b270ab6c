"""Owns the reading of a note: every formula by what may be used where it stands, and what each of them states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from derivcheck.errors import Problem, Refused
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk, checked, parted
from derivcheck.lang.latex.tree import Item
from derivcheck.lang.latex.undeclared import undeclared
from derivcheck.lang.typed import Arithmetic, Defined, Dimension, Expr, children, postorder
from derivcheck.model import Claim, Derivation
from derivcheck.notes.cases import cases
from derivcheck.notes.chains import Chains
from derivcheck.notes.conditions import conditional
from derivcheck.notes.context import Context
from derivcheck.notes.document import Document, Place, document
from derivcheck.notes.front import front
from derivcheck.notes.heads import definable, head_of, name_for
from derivcheck.notes.model import Formula, Note, Part
from derivcheck.notes.partly import INEQUALITY, Piece, pieces
from derivcheck.notes.prose import restricted, restrictions
from derivcheck.notes.rounding import allowances, as_displayed
from derivcheck.notes.signs import taken, unsaid_delta
from derivcheck.notes.stated import Stated
from derivcheck.notes.statements import SECTIONS, numeric, stated
from derivcheck.source import Passage, Source, Span

#: The longest note, in characters, and the most formulas of one that are read.
MOST_CHARACTERS = 2_000_000
MOST_FORMULAS = 2_000
#: How many names are listed for a note that declares none.
_MOST_LISTED = 20
#: Words before a formula, in the text, that say what it is to the formulas around it.
_LEAD = re.compile(
    r"\b(since|because|recall|where|with|let|so|thus|hence|therefore|using|from|by|if|for|when|case|suppose|assume|assuming"
    r"|say|set|setting|solve|solving|equate|equating)\W*$",
    re.IGNORECASE,
)
#: What may stand before a formula that begins its line: marks of lists and quotations, and numbers.
_LINE_START = re.compile(r"[\s>*+\-|&]*(?:\(?[\w.]{0,5}\)|\d{1,3}\.)?[\s*]*")
#: What may stand between two formulas in one line that belong together.
_LITTLE = re.compile(
    r"(?:[\s,;:.()*_|&]|\\\\|and\b|so\b|thus\b|hence\b|therefore\b|which\b|that\b|is\b|then\b|or\b|again\b)*",
    re.IGNORECASE,
)
#: Words before an equation that is to be solved, and is not claimed.
_EQUATIONS = frozenset({"set", "setting", "solve", "solving", "equate", "equating"})
#: For how many formulas a supposition may be meant.
_CASE = 4
#: Words after which a formula gives a reason: the chain before it goes on behind it.
_REASONS = frozenset({"since", "because", "recall", "where", "with", "using"})


def read_note(source: Source, key: Derivation | None = None) -> Note:
    """Read a note, by the names of a key or by those that it declares itself.

    Raises:
        Refused: when the document as a whole cannot be taken: it is too large, or what declares its names cannot be.
    """
    if len(source.text) > MOST_CHARACTERS:
        message = f"the note has {len(source.text):,} characters; {MOST_CHARACTERS:,} are the most"
        raise Refused([Problem("limit", message, None, "split it into several notes")], source)
    declared = front(source, key)
    read, context = document(source, declared.end), Context.of(declared.derivation)
    notation = replace(context.notation, taken=taken(read, context.notation))
    reading = _Reading(read, replace(context, notation=notation), declared.problems)
    reading.run()
    return reading.note()


@dataclass(slots=True)
class _Reading:
    """A note that is being read: what may be used so far, and what was found."""

    document: Document
    context: Context
    problems: tuple[Problem, ...]
    formulas: list[Formula] = field(default_factory=list)
    chains: Chains = field(init=False)
    missing: dict[str, Item] = field(default_factory=dict)
    supposed: tuple[int, str] | None = None

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
        text = self.document.source.text
        base, claims = self.context.base, tuple(as_displayed(claim) for claim in self.chains.finish())
        derivation = replace(
            base,
            source=self.document.source,
            definitions=self.context.definitions,
            claims=claims,
            notation=self.context.notation.spellings,
        )
        formulas = tuple(
            replace(formula, parts=tuple(sorted(self.chains.parts.get(number, ()), key=lambda part: part.span)))
            if formula.problem is None or formula.unread
            else formula
            for number, formula in enumerate(self.formulas)
        )
        rounded = {claim.id: loose for claim in claims if (loose := allowances(claim, derivation))}
        said, told = restrictions(text, formulas), cases(text, formulas)
        doubtful = dict(conditional(claims, self.context.definitions, self.document.source)) | {
            claim.id: why
            for claim in claims
            if (why := self._doubt(claim) or restricted(claim, said, told)) is not None
        }
        return Note(
            self.document.source,
            derivation,
            formulas,
            (*self.problems, *self.document.problems, *self._nothing_declared()),
            broken=self.chains.broken,
            alternatives=self.chains.alternatives,
            unusual=self.chains.unusual,
            doubtful=doubtful,
            allowances=rounded,
            gaps=self.chains.gaps,
        )

    def _nothing_declared(self) -> tuple[Problem, ...]:
        """What is told of a note that declares nothing, and for which there is no key: how to declare its names."""
        base = self.context.base
        if base.variables or base.definitions or base.functions or not self.missing:
            return ()
        lines, spelled = [], []
        taken: set[str] = set()
        for text, item in [*self.missing.items()][:_MOST_LISTED]:
            name = name_for(item, taken)
            taken.add(name)
            lines.append(f"  {name}: []")
            if text != name:
                spelled.append(f"  {name}: ['{text}']")
        block = ["---", "variables:", *lines, *(["notation:", *spelled] if spelled else []), "---"]
        hint = (
            "give a key, or begin the note with the names that it uses and their shapes ([] is a number, [n, 1] a "
            "column, [h, n] a matrix):\n" + "\n".join(block)
        )
        message = "the note does not declare what its letters stand for, and there is no key"
        return (Problem("name", message, Span(0, min(1, len(self.document.source.text))), hint),)

    def _doubt(self, claim: Claim) -> str | None:
        """Why a claim may not mean what it was read as: it has a name to which the note gives several meanings."""
        links = claim.statement.links if claim.statement is not None else ()
        if (doubt := self.chains.doubts.get(claim.id)) is not None:
            return doubt
        if unsaid_delta(claim.text, self.document.source.text, self.context.notation):
            return r"`\delta` was read as Kronecker's; perhaps another is meant"
        names = {
            part.name
            for link in links
            for side in (link.left, link.right)
            for part in postorder(side)
            if isinstance(part, Defined)
        }
        size = next((part.name for link in links for side in (link.left, link.right) for part in _sizes(side)), None)
        if size is not None and not self._counts(size):
            return f"`{size}` was read as the size that the key calls so; perhaps another `{size}` is meant"
        for spelling, (since, meanings) in self.context.several.items():
            if claim.span.end <= since:
                continue
            if names & meanings or (not links and spelling in claim.text):
                return (
                    f"`{spelling}` has several meanings in this note; it fails in the one that stands last above it"
                )
        return None

    def _counts(self, size: str) -> bool:
        """Whether the note itself writes sums up to a size, by its name: it means then what the key calls so."""
        sums = rf"_\{{\s*[a-z]\s*=\s*[01]\s*\}}\s*\^\s*(?:{re.escape(size)}(?!\w)|\{{\s*{re.escape(size)}\s*\}})"
        text = self.document.source.text
        spans = (formula.content for formula in self.formulas if formula.problem is None)
        return any(re.search(sums, text[span.start : span.end]) for span in spans)

    # --- one formula

    def _formula(self, number: int, place: Place, before: int) -> Formula:
        bare = Formula(place.span, place.content, place.display)
        if (problem := self._not_to_be_read(number, place)) is not None:
            self.chains.end(self.context)
            return replace(bare, problem=problem)
        lead = self._lead(place, before)
        try:
            self._no_macros(place.span)
            read, context = self._statements(self.document.passage(place), self.context, lead)
        except Refused as refused:
            problem = refused.problems[0]
            problem = replace(problem, span=problem.span or place.content)
            return self._partly(
                number, place, lead, replace(bare, problem=problem), follows=self._follows(place, before)
            )
        if read[0].line.continues and not self._follows(place, before):
            self.chains.end(self.context)
        for one in read:
            self._take(number, one, context)
        self.context = context
        return bare

    def _not_to_be_read(self, number: int, place: Place) -> Problem | None:
        """Why a formula is not to be read, nor a part of it."""
        if number >= MOST_FORMULAS:
            return Problem("limit", f"a note has at most {MOST_FORMULAS:,} formulas that are read", place.span)
        if place.hidden:
            return Problem("hidden", place.hidden, place.span)
        if self.document.altered is not None:
            message = "this document changes what signs mean to TeX"
            return Problem("latex", message, self.document.altered)
        return None

    def _partly(self, number: int, place: Place, lead: str, unread: Formula, *, follows: bool) -> Formula:
        """A formula that cannot be read as a whole: what can be read of it joins what was read before it."""

        def read(passage: Passage, context: Context, lead: str) -> tuple[list[Stated], Context]:
            self._no_macros(passage.whole)
            return self._statements(passage, context, lead)

        missing = dict(self.missing)
        one_formula = "multline" in self.document.source.text[place.span.start : place.content.start]
        found, context = (
            ((), self.context) if one_formula else pieces(self.document.passage(place), self.context, lead, read)
        )
        self.missing = missing
        if not found or not (found[0].row.goes_on and follows):
            self.chains.end(self.context)
        narrow = next((self.document.source.position(one.row.span.start)[0] for one in found if one.narrows), None)
        said = False
        for row in found:
            for one in row.statements:
                said = said or bool(one.line.relations) or one.kind != "claim"
                doubt = None if narrow is None else f"line {narrow} was not read: it may say for what this is meant"
                self.chains.holes = row.holes
                self._take(number, replace(one, doubt=one.doubt or doubt), context)
                self.chains.holes = ()
            self._behind(row, context)
        self.context = context
        left = tuple(one for row in found for one in row.unread)
        return replace(unread, problem=left[0].problem, unread=left) if said and left else unread

    def _behind(self, row: Piece, context: Context) -> None:
        """What the open chain is behind a row that was not read, or whose end was not."""
        chain = self.chains.open
        if chain is not None and row.unread and (row.statements or row.row.goes_on):
            last = chain.terms[-1].span
            behind = [one.span for one in row.unread if one.span.start > last.start and one.problem != INEQUALITY]
            if behind:
                self.chains.cut(behind[0])
        if row.breaks:
            self.chains.end(context)

    def _no_macros(self, span: Span) -> None:
        """Refuse a formula that uses what the document defines itself."""
        if not self.document.macros:
            return
        text = self.document.source.text
        for match in re.compile(r"\\([A-Za-z]+|[^A-Za-z])").finditer(text, span.start, span.end):
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

    def _follows(self, place: Place, before: int) -> bool:
        """Whether a chain can go on in a formula: it begins a line, or hardly anything stands between it and the
        formula before it; and no exercise begins between them."""
        text = self.document.source.text
        between = text[before : place.span.start]
        line = text[max(before, text.rfind("\n", 0, place.span.start) + 1) : place.span.start]
        begins = "\n" in between and _LINE_START.fullmatch(line) is not None
        return not SECTIONS.search(between) and (place.display or begins or _LITTLE.fullmatch(between) is not None)

    def _statements(self, passage: Passage, context: Context, lead: str) -> tuple[list[Stated], Context]:
        """The statements of a formula, and what may be used behind it."""
        chunks = parted(passage)
        found: list[Stated] = []
        for place, chunk in enumerate(chunks):
            try:
                one, context = stated(chunk, passage, context, "" if place else lead)
            except Refused as refused:
                if refused.problems and refused.problems[0].code == "name":
                    raise Refused([self._not_declared(chunks, passage, context, refused.problems[0])]) from None
                raise
            found.append(one)
        lines = (replace(one.line, relations=("==",)) if one.kind == "definition" else one.line for one in found)
        checked(chunks, tuple(lines), passage)
        return found, context

    def _not_declared(self, chunks: tuple[Chunk, ...], passage: Passage, context: Context, first: Problem) -> Problem:
        """The problem of names without a meaning: all of them."""
        names: dict[str, Item] = {}
        for chunk in chunks:
            names |= undeclared(tuple(chunk.items), passage, context.notation)
            head = head_of(chunk)
            used = chunk.items if head is None or not definable(head.item) else head.rest.items
            self.missing |= undeclared(tuple(used), passage, context.notation)
        if len(names) < 2:
            return first
        listed = ", ".join(f"`{name}`" for name in [*names][:8]) + (", …" if len(names) > 8 else "")
        return replace(first, message=f"not declared: {listed}")

    # --- what it states

    def _take(self, number: int, one: Stated, context: Context) -> None:
        """One statement joins what was read before it."""
        line = one.line
        if set(line.lead.split()) & _EQUATIONS and one.kind != "definition":
            self.supposed = (number, " = ".join(line.texts))
        if self.supposed is not None and number <= self.supposed[0] + _CASE and one.doubt is None:
            what, where = self.supposed[1], self.document.formulas[self.supposed[0]].span
            if not SECTIONS.search(self.document.source.text[where.end : self.document.formulas[number].span.start]):
                line_number, _ = self.document.source.position(where.start)
                one = replace(
                    one, doubt=f"line {line_number} speaks of a case, `{what}`: it may be meant for that alone"
                )
        if one.kind == "definition":
            self.chains.part(number, Part("definition", one.span or line.span, name=one.name, remarks=one.remarks))
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context, (), one.doubt)
        elif one.kind in ("assignment", "supposition"):
            self.chains.part(number, Part(one.kind, line.span, name=one.name, remarks=one.remarks))
            if one.kind == "supposition" and numeric(line):
                self.supposed = (number, " = ".join(line.texts))
            if one.kind == "assignment":
                self.chains.end(context)
        elif line.continues:
            self._continued(number, line, context, one.doubt)
        elif not line.relations:
            self.chains.part(number, Part("expression", line.span))
            self.chains.begin(line, number, context)
        elif set(line.lead.split()) & _REASONS:
            kept, self.chains.open = self.chains.open, None
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context, one.remarks, one.doubt)
            self.chains.end(context)
            self.chains.open = kept
        else:
            self.chains.begin(line, number, context)
            self.chains.go_on(line, 1, number, context, one.remarks, one.doubt)

    def _continued(self, number: int, line: Line, context: Context, doubt: str | None) -> None:
        """A line that begins with a relation goes on with the chain before it; without one it begins its own."""
        chain = self.chains.open
        if chain is not None:
            self.chains.go_on(line, 0, number, context, (), doubt)
            return
        remark = "what this goes on with was not read"
        self.chains.open = None
        whole = replace(line, continues=False, relations=line.relations[1:], relation_spans=line.relation_spans[1:])
        self.chains.begin(whole, number, context)
        if len(whole.terms) > 1:
            self.chains.go_on(whole, 1, number, context, (remark,), doubt)
        else:
            self.chains.part(number, Part("expression", line.span, remarks=(remark,)))


def _sizes(root: Expr) -> Iterator[Dimension]:
    """The sizes that stand in an expression as values, and not below a line or in an exponent."""
    stack = [root]
    while stack:
        part = stack.pop()
        if isinstance(part, Dimension):
            yield part
        elif isinstance(part, Arithmetic) and part.operator in ("/", "**"):
            stack.append(part.left)
        else:
            stack.extend(children(part))
