"""Owns what one statement of a formula is to a note: a claim, a definition, an assignment, a supposition."""

from __future__ import annotations

import re
from dataclasses import replace

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import elaborate
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk
from derivcheck.lang.latex.notation import base_key, spelling_key
from derivcheck.lang.latex.written import written
from derivcheck.lang.substitute import changed
from derivcheck.lang.typed import Arithmetic, Derivative, Variable
from derivcheck.notes.context import Context
from derivcheck.notes.definitions import defines, definition
from derivcheck.notes.heads import Head, definable, head_of
from derivcheck.notes.lines import SYMBOLS, every_item, read_line, with_arguments
from derivcheck.notes.stated import Stated
from derivcheck.source import Passage

#: Words before a statement that has been shown, or is known, and that is no definition.
_CONCLUSIONS = frozenset({"so", "thus", "hence", "therefore", "then", "gives", "since", "because", "recall"})
#: Where another exercise begins, in which letters have other meanings.
SECTIONS = re.compile(
    r"\n[ \t>]*#|\\(?:sub)*section|\n[\W_]*(?:exercise|problem|question|task|part|aufgabe)\b", re.IGNORECASE
)
#: Words before an equation that says of which case the text goes on to speak: ``for y = 1``.
_CASES = frozenset({"if", "for", "when", "case", "suppose", "assume", "assuming", "say", "at"})


def stated(chunk: Chunk, passage: Passage, context: Context, lead: str = "") -> tuple[Stated, Context]:
    """One statement, by what may be used where it stands, and what may be used behind it; ``lead`` is the word before
    its formula.

    Raises:
        Refused: with the place and the token that stopped it; with the code ``name`` for what is not declared.
    """
    context = with_arguments(tuple(chunk.items), passage, context)
    chunk = replace(chunk, lead=f"{lead} {chunk.lead}".strip())
    doubt = _doubt(chunk, passage, context)
    head = head_of(chunk)
    how = None if head is None else _evaluates(head, chunk, passage, context)
    if how is not None:
        line, context = read_line(chunk, passage, context)
        made, doubt = Stated(line, "claim"), doubt or how or None
    elif head is not None and defines(head, passage, context):
        made, context = definition(head, chunk, passage, context)
    else:
        line, context = read_line(chunk, passage, context)
        made = _kind(line, context)
    return replace(made, doubt=doubt), context


def _evaluates(head: Head, chunk: Chunk, passage: Passage, context: Context) -> str | None:
    """Whether a statement says something of a name of the note and does not define it once more: what a derivative is
    that it stands for, or what follows ``so``. The text is the doubt in that; ``None`` if it is a definition."""
    if head.relation != "==" or not definable(head.item) or head.arguments is not None:
        return None
    own = context.defined(head.spelling(passage))
    if own is None or own.name not in context.definitions:
        return None
    between = passage.source.text[own.span.end : head.span(passage).start]
    derivative = isinstance(context.definitions[own.name], Derivative) and not SECTIONS.search(between)
    concludes = bool(_CONCLUSIONS & set(chunk.lead.split()))
    if not derivative and not concludes:
        return None
    try:
        rest, _ = read_line(head.rest, passage, context)
        value = elaborate(rest.terms[0], context.scope)
    except Refused as refused:
        misfit = derivative and all(problem.code == "shape" for problem in refused.problems)
        return "" if misfit else None  # a derivative of which this is said by a product that cannot be
    again = any(isinstance(node, nodes.Name) and node.text == own.name for node in nodes.every(rest.terms[0]))
    if again or isinstance(value, Derivative) or rest.assigns:
        return None
    return "" if derivative else f"`{head.spelling(passage)}` may be given another meaning here"


def _doubt(chunk: Chunk, passage: Passage, context: Context) -> str | None:
    """Why a statement may not mean what it is read as: a function of the note in it has several meanings there."""
    for spelling, (_, names) in context.several.items():
        if names & (context.functions.keys() | context.families.keys()):
            letter = spelling_key(spelling)[0]
            if any(item.kind in SYMBOLS and base_key(item) == letter for item in every_item(tuple(chunk.items))):
                return f"`{spelling}` has several meanings in this note; it was read in the last one above it"
    return None


# --- what it is


def numeric(line: Line) -> bool:
    """Whether a supposition gives a name a value in numbers: ``z = 1``."""
    return not any(isinstance(node, nodes.Name) for term in line.terms[1:] for node in nodes.every(term))


def _kind(line: Line, context: Context) -> Stated:
    """What a statement of declared names is."""
    first = line.terms[0]
    base = first.base if isinstance(first, nodes.Index) else first
    name = base.text if isinstance(base, nodes.Name) else None
    if line.assigns:
        return _update(line, name, context) or Stated(line, "assignment", name)
    cases = bool(_CASES & set(line.lead.split()))
    restated = isinstance(first, nodes.Name) and name in context.base.definitions and not cases and not numeric(line)
    supposes = cases or (line.supposes and not restated)
    for_any = any(isinstance(binder.over, nodes.Words) and binder.over.text == "real" for binder in line.binders)
    if supposes and line.relations and not isinstance(first, nodes.Derivative) and not for_any:
        return Stated(line, "supposition", name)
    if name is None or not context.free(name) or line.continues or not line.relations:
        return Stated(line, "claim")
    others = line.terms[1:]
    if any(written(other) == written(first) for other in others):
        return Stated(line, "claim")
    if any(isinstance(node, nodes.Name) and node.text == name for other in others for node in nodes.every(other)):
        return _update(line, name, context) or Stated(line, "assignment", name)
    remark = f"`{name}` is given: an equation of it is a supposition"
    return Stated(line, "supposition", name, remarks=(remark,))


def _update(line: Line, name: str | None, context: Context) -> Stated | None:
    """An assignment as the claim that it makes, if the key has a name for what its variable becomes: one that is
    defined as the variable minus something."""
    updates = [
        new
        for new, made in context.base.definitions.items()
        if isinstance(made, Arithmetic)
        and made.operator == "-"
        and isinstance(made.left, Variable)
        and made.left.name == name
    ]
    if len(updates) != 1 or line.continues:
        return None

    def renamed(node: nodes.Node) -> nodes.Node:
        return replace(node, text=updates[0]) if isinstance(node, nodes.Name) and node.text == name else node

    relations = tuple("==" if relation == ":=" else relation for relation in line.relations)
    claim = replace(line, terms=(changed(line.terms[0], renamed), *line.terms[1:]), relations=relations)
    return Stated(claim, "claim", name, remarks=(f"read as what `{name}` becomes: the key's `{updates[0]}`",))
