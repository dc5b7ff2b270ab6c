r"""Owns what one statement of a formula is to a note: a claim, a definition of its own, an assignment, a supposition.

A letter that is not declared and is the argument of a function on the left (``\sigma'(z) = \sigma(z)(1-\sigma(z))``)
stands for any number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import elaborate, elaborate_statement
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk, read_chunk
from derivcheck.lang.latex.notation import SLOT, base_key, spelling_key
from derivcheck.lang.latex.symbols import FunctionName, Indices, Symbols, split
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.latex.undeclared import undeclared
from derivcheck.lang.latex.written import written
from derivcheck.lang.substitute import changed, entrywise, substituted
from derivcheck.lang.typed import Arithmetic, Derivative, Expr, Shape, Target, Variable
from derivcheck.notes.context import Context
from derivcheck.notes.functions import Family, Function, written_out
from derivcheck.notes.heads import Head, definable, family_index, head_of, name_for
from derivcheck.notes.model import Kind
from derivcheck.source import Passage, Span

#: Signs that mean a number unless they are declared; an equation of one alone would define it.
_CONSTANTS = frozenset({"e", r"\pi"})
#: Words before a statement that has been shown, or is known, and that is no definition.
_CONCLUSIONS = frozenset({"so", "thus", "hence", "therefore", "then", "gives", "since", "because", "recall"})
#: Where another exercise begins, in which letters have other meanings.
SECTIONS = re.compile(
    r"\n[ \t>]*#|\\(?:sub)*section|\n[\W_]*(?:exercise|problem|question|task|part|aufgabe)\b", re.IGNORECASE
)
#: Words before an equation that says of which case the text goes on to speak: ``for y = 1``.
_CASES = frozenset({"if", "for", "when", "case", "suppose", "assume", "assuming", "say"})
_SYMBOLS = frozenset({"letter", "accent", "word"})


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement, read: its line and what it is; ``name`` is what a definition or an assignment gives a value,
    ``span`` the place of the definition. ``doubt`` says why it must not be called wrong."""

    line: Line
    kind: Kind
    name: str | None = None
    span: Span | None = None
    remarks: tuple[str, ...] = ()
    doubt: str | None = None


def stated(chunk: Chunk, passage: Passage, context: Context, lead: str = "") -> tuple[Stated, Context]:
    """One statement, by what may be used where it stands, and what may be used behind it; ``lead`` is the word before
    its formula.

    Raises:
        Refused: with the place and the token that stopped it; with the code ``name`` for what is not declared.
    """
    context = _with_arguments(tuple(chunk.items), passage, context)
    chunk = replace(chunk, lead=f"{lead} {chunk.lead}".strip())
    doubt = _doubt(chunk, passage, context)
    head = head_of(chunk)
    how = None if head is None else _evaluates(head, chunk, passage, context)
    if how is not None:
        line, context = _line(chunk, passage, context)
        made, doubt = Stated(line, "claim"), doubt or how or None
    elif head is not None and _defines(head, passage, context):
        made, context = _definition(head, chunk, passage, context)
    else:
        line, context = _line(chunk, passage, context)
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
        rest, _ = _line(head.rest, passage, context)
        value = elaborate(rest.terms[0], context.scope)
    except Refused:
        return None
    again = any(isinstance(node, nodes.Name) and node.text == own.name for node in _all(rest.terms[0]))
    if again or isinstance(value, Derivative) or rest.assigns:
        return None
    return "" if derivative else f"`{head.spelling(passage)}` may be given another meaning here"


def _doubt(chunk: Chunk, passage: Passage, context: Context) -> str | None:
    """Why a statement may not mean what it is read as: a function of the note in it has several meanings there."""
    for spelling, names in context.several.items():
        if names & (context.functions.keys() | context.families.keys()):
            letter = spelling_key(spelling)[0]
            if any(item.kind in _SYMBOLS and base_key(item) == letter for item in _items(tuple(chunk.items))):
                return f"`{spelling}` has several meanings in this note; it was read in the last one above it"
    return None


def _line(chunk: Chunk, passage: Passage, context: Context) -> tuple[Line, Context]:
    """The line of a statement without the functions of the note."""
    try:
        line = read_chunk(chunk, passage, context.notation)
    except Refused as refused:
        free = _any_numbers(chunk, passage, context) if refused.problems[0].code == "name" else {}
        if not free:
            raise
        return _for_any(chunk, passage, context, free)
    return _written_out(line, context)


def _written_out(line: Line, context: Context) -> tuple[Line, Context]:
    if not context.functions and not context.families:
        return line, context
    made = context

    def named(function: str, argument: nodes.Node) -> nodes.Name:
        nonlocal made
        target, made = _argument(function, argument, made)
        return target

    def out(node: nodes.Node) -> nodes.Node:
        return written_out(node, context.functions, context.families, named)

    terms = tuple(out(term) for term in line.terms)
    conditions = tuple(out(condition) for condition in line.conditions)
    return replace(line, terms=terms, conditions=conditions), made


def _argument(function: str, argument: nodes.Node, context: Context) -> tuple[nodes.Name, Context]:
    """A name for what a function is applied to, by which its derivative can be taken."""
    body = context.functions[function].body
    own = any(isinstance(node, nodes.Name) and context.scope.kind(node.text) is not None for node in _all(body))
    if isinstance(argument, nodes.Name) and not own:
        return argument, context
    base = name_base = function.removesuffix("()") + "_argument"
    count = 2
    while base in context.names:
        base, count = f"{name_base}_{count}", count + 1
    expression = elaborate(argument, context.scope)
    return nodes.Name(argument.span, base), context.with_argument(base, expression)


def _all(node: nodes.Node) -> Iterator[nodes.Node]:
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(nodes.children(one))


# --- letters for any number


def _any_numbers(chunk: Chunk, passage: Passage, context: Context) -> dict[str, str]:
    """The letters of a statement that stand for any number: not declared, arguments of a function on the left, and
    in every term. By names for them, how they are spelled."""
    sides: list[list[Item]] = [[]]
    for item in chunk.items:
        if item.kind == "relation":
            sides.append([])
        else:
            sides[-1].append(item)
    missing = undeclared(tuple(chunk.items), passage, context.notation)
    letters = {base_key(item) for item in missing.values() if item.bare and item.kind in ("letter", "accent")}
    arguments = set(_arguments(tuple(sides[0]), passage, context))
    if len(sides) < 2 or not letters or len(letters) < len(missing) or not letters <= arguments:
        return {}
    if any(not letters & {base_key(item) for item in _items(tuple(side)) if item.kind in _SYMBOLS} for side in sides):
        return {}
    names: dict[str, str] = {}
    for text, item in missing.items():
        names[name_for(item, {*context.names, *names})] = text
    return names


def _for_any(chunk: Chunk, passage: Passage, context: Context, names: dict[str, str]) -> tuple[Line, Context]:
    """A statement for every value of its letters."""
    inner = context.with_numbers(names)
    line, made = _written_out(read_chunk(chunk, passage, inner.notation), replace(context, notation=inner.notation))
    places = {node.text: node.span for term in line.terms for node in _all(term) if isinstance(node, nodes.Name)}
    binders = tuple(
        nodes.Binder(places[name], nodes.Name(places[name], name), nodes.Words(places[name], "real"))
        for name in names
        if name in places
    )
    kept = replace(made, notation=replace(context.notation, only_spelled=made.notation.only_spelled))
    return replace(line, binders=(*line.binders, *binders)), kept


def _arguments(items: Items, passage: Passage, context: Context) -> Iterator[str]:
    """The letters in the parentheses behind a function."""
    for before, after in _pairs(items):
        if after.kind != "group" or after.text not in "([{" or before.kind not in (*_SYMBOLS, "function"):
            continue
        if before.kind == "function" or _is_function(before, passage, context):
            yield from (base_key(item) for item in _items(after.args[0]) if item.kind in _SYMBOLS)


def _is_function(item: Item, passage: Passage, context: Context) -> bool:
    symbols = Symbols(passage, context.notation, Indices(), lambda items: nodes.Name(Span(0, 0), ""))
    try:
        made, _ = symbols.read(replace(item, primes=0), None)
    except Refused:
        return False
    return isinstance(made, FunctionName)


def _text(item: Item, passage: Passage) -> str:
    return " ".join(passage.text[item.start : item.end].split())


def _items(items: Items) -> Iterator[Item]:
    for item in items:
        yield item
        for inner in (*item.args, item.sub or (), item.sup or ()):
            yield from _items(inner)


def _pairs(items: Items) -> Iterator[tuple[Item, Item]]:
    """Neighbours, inside of others too."""
    shown = [item for item in items if item.kind not in ("thin", "aside")]
    yield from pairwise(shown)
    for item in shown:
        for inner in item.args:
            yield from _pairs(inner)


# --- values with their arguments


def _with_arguments(items: Items, passage: Passage, context: Context) -> Context:
    r"""The context in which ``L(\hat y, y)`` is a spelling of L, where L depends on what is named."""
    for symbol, group in _pairs(items):
        if symbol.kind not in _SYMBOLS or group.kind != "group" or group.text != "(" or not group.args[0]:
            continue
        bare = replace(symbol, primes=0)
        name = _value(bare, passage, context)
        if name is None or name in context.notation.applied or name not in context.definitions:
            continue
        spelling = passage.text[symbol.start : symbol.end].rstrip("'") + passage.text[group.start : group.end]
        if symbol.primes or not group.bare or not _named(group, name, passage, context):
            continue
        if context.notation.lookup(spelling_key(spelling)) is None:
            context = context.with_spelling(name, spelling)
    return context


def _named(group: Item, value: str, passage: Passage, context: Context) -> bool:
    """Whether what stands in parentheses are names that a value depends on (or letters that mean nothing here)."""
    for part in split(group.args[0], ","):
        shown = [item for item in part if item.kind != "thin"]
        if len(shown) != 1 or shown[0].kind not in ("letter", "accent", "word"):
            return False
        name = _value(shown[0], passage, context)
        if name is None:
            if not shown[0].bare or not undeclared((shown[0],), passage, context.notation):
                return False  # `J(y^{(i)})` may be of one sample, whatever J is
            continue
        kind: Literal["variable", "defined"] = "variable" if name in context.base.variables else "defined"
        target = Target(kind, name, name, None, context.notation.shape(name))
        if not context.scope.reach.reaches(_defined(value, context), target):
            return False
    return True


def _defined(name: str, context: Context) -> Expr:
    return elaborate(nodes.Name(Span(0, 0), name), context.scope)


def _value(item: Item, passage: Passage, context: Context) -> str | None:
    """The name of the whole value that a symbol stands for."""
    symbols = Symbols(passage, context.notation, Indices(), lambda items: nodes.Name(Span(0, 0), ""))
    try:
        made, _ = symbols.read(item, None)
    except Refused:
        return None
    return None if isinstance(made, FunctionName) or not isinstance(made, nodes.Name) else made.text


# --- what it is


def numeric(line: Line) -> bool:
    """Whether a supposition gives a name a value in numbers: ``z = 1``."""
    return not any(isinstance(node, nodes.Name) for term in line.terms[1:] for node in _all(term))


def _kind(line: Line, context: Context) -> Stated:
    """What a statement of declared names is."""
    first = line.terms[0]
    base = first.base if isinstance(first, nodes.Index) else first
    name = base.text if isinstance(base, nodes.Name) else None
    if line.assigns:
        return _update(line, name, context) or Stated(line, "assignment", name)
    supposes = line.supposes or bool(_CASES & set(line.lead.split()))
    if supposes and line.relations and not isinstance(first, nodes.Derivative):
        return Stated(line, "supposition", name)
    if name is None or not context.free(name) or line.continues or not line.relations:
        return Stated(line, "claim")
    others = line.terms[1:]
    if any(written(other) == written(first) for other in others):
        return Stated(line, "claim")
    if any(isinstance(node, nodes.Name) and node.text == name for other in others for node in _all(other)):
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


# --- definitions


def _defines(head: Head, passage: Passage, context: Context) -> bool:
    """Whether a head is a symbol that is not declared and can be the name of something, or one of the note's own."""
    if not (definable(head.item) or family_index(head.item)):
        return False
    base = base_key(head.item)
    if head.item.bare and base in _CONSTANTS:
        return not context.notation.spells(base)
    own = context.defined(head.spelling(passage))
    if own is not None and own.name in context.functions and head.arguments is not None:
        return _parameters(head, passage, context) is not None
    if own is not None or _size_redefined(head, passage, context):
        return True
    if head.arguments is not None and _declared_with_arguments(head, passage, context):
        return False
    try:
        line = read_chunk(Chunk([head.item]), passage, context.notation)
    except Refused as refused:
        return refused.problems[0].code == "name"
    return any(isinstance(node, nodes.Name) and node.text in context.families for node in _all(line.terms[0]))


def _declared_with_arguments(head: Head, passage: Passage, context: Context) -> bool:
    """Whether a symbol is a spelling together with its arguments, as ``L^{(i)}(t^{(i)}, y^{(i)})``."""
    assert head.arguments is not None
    try:
        read_chunk(Chunk([head.item, head.arguments]), passage, context.notation)
    except Refused:
        return False
    return True


def _size_redefined(head: Head, passage: Passage, context: Context) -> bool:
    """Whether a letter that is a size to the key is given a value that no size has: the author's own letter."""
    name = _value(head.item, passage, context)
    if name is None or name not in context.base.dims or name in context.base.variables or head.arguments is not None:
        return False
    try:
        rest, _ = _line(head.rest, passage, context)
    except Refused:
        return False
    others = {node.text for node in _all(rest.terms[0]) if isinstance(node, nodes.Name)}
    return bool(others & (context.base.variables.keys() | context.definitions.keys()))


def _definition(head: Head, chunk: Chunk, passage: Passage, context: Context) -> tuple[Stated, Context]:
    """What a symbol stands for from here on.

    Raises:
        Refused: when its right side cannot be read, or has no meaning.
    """
    where = head.span(passage)
    if head.item.bare and base_key(head.item) in _CONSTANTS:
        message = f"`{head.item.text}` is the number here: it cannot be the name of something else"
        raise Refused([Problem("name", message, where, "give it another name")])
    if (letters := _parameters(head, passage, context)) is not None:
        return _function(head, letters, chunk, passage, context)
    rest, context = _line(head.rest, passage, context)
    if rest.continues or rest.assigns:
        raise Refused([Problem("latex", "what this symbol stands for cannot be told", where, "declare it")])
    index = family_index(head.item)
    if index is not None or rest.binders:
        return _family(head, index, replace(rest, lead=chunk.lead), passage, context)
    first = rest.terms[0]
    meaning, span = written(first), where.to(first.span)
    line = replace(rest, lead=chunk.lead)
    spelling = head.spelling(passage)
    own = context.defined(spelling)
    if own is not None and own.meaning == meaning:
        return Stated(line, "definition", own.name, span), context
    name = name_for(head.item, context.names)
    expression = elaborate(first, context.scope)
    spellings = tuple(text for text in (spelling, head.called(passage)) if text is not None)
    made = context.with_definition(name, spellings, expression, meaning, span)
    if head.arguments is not None and not expression.shape:
        made = _applied(head, name, first, passage, made)
    return Stated(line, "definition", name, span, _again(head, passage, context)), made


def _again(head: Head, passage: Passage, context: Context) -> tuple[str, ...]:
    """The remark on a symbol that meant something else before."""
    own = context.defined(head.spelling(passage))
    if own is None:
        return ()
    line, _ = passage.source.position(own.span.start)
    return (f"`{head.spelling(passage)}` was defined in line {line}; from here on it is this",)


def _parameters(head: Head, passage: Passage, context: Context) -> tuple[Item, ...] | None:
    """The parameters of a function that a head defines: letters of which one at least is not declared."""
    if head.arguments is None:
        return None
    letters: list[Item] = []
    missing = False
    for part in split(head.arguments.args[0], ","):
        shown = [item for item in part if item.kind != "thin"]
        if len(shown) != 1 or shown[0].kind not in ("letter", "accent") or not shown[0].bare:
            return None
        letters.append(shown[0])
        missing = missing or bool(undeclared((shown[0],), passage, context.notation))
    return tuple(letters) if missing and len({base_key(item) for item in letters}) == len(letters) else None


def _function(
    head: Head, letters: tuple[Item, ...], chunk: Chunk, passage: Passage, context: Context
) -> tuple[Stated, Context]:
    """A function of numbers, from here on; further terms are claimed for any numbers.

    Raises:
        Refused: when its right side cannot be read, or is no number where its parameters are.
    """
    names: dict[str, str] = {}
    for item in letters:
        names[name_for(item, {*context.names, *names})] = _text(item, passage)
    inner = context.with_numbers(names)
    rest, made = _written_out(
        read_chunk(head.rest, passage, inner.notation), replace(context, notation=inner.notation)
    )
    where = head.span(passage)
    if rest.continues or rest.assigns or rest.binders:
        raise Refused([Problem("latex", "what this function is cannot be told", where, "declare it")])
    body = rest.terms[0]
    place = body.span
    binders = tuple(nodes.Binder(place, nodes.Name(place, name), nodes.Words(place, "real")) for name in names)
    alone = nodes.Statement(place, (body,), (), (), binders, (rest.texts[0],))
    (value,), _ = elaborate_statement(alone, made.scope)
    if value.shape:
        raise Refused([Problem("shape", "this function of numbers is no number", body.span, "declare it")])
    line = replace(rest, lead=chunk.lead, binders=binders)
    meaning, span = written(body), where.to(body.span)
    spelling = head.spelling(passage)
    own = context.defined(spelling)
    after = replace(made, notation=context.notation)
    if own is not None and own.meaning == meaning:
        return Stated(line, "definition", own.name, span), after
    function = Function(name_for(head.item, {*context.names, *names}), tuple(names), entrywise(body))
    remarks = _again(head, passage, context)
    return Stated(line, "definition", function.name, span, remarks), after.with_function(
        function, (spelling,), meaning, span
    )


def _applied(head: Head, name: str, body: nodes.Node, passage: Passage, context: Context) -> Context:
    """The context in which a value with its arguments is a function of them, too, if these are numbers."""
    assert head.arguments is not None
    parameters = []
    for part in split(head.arguments.args[0], ","):
        shown = [item for item in part if item.kind != "thin"]
        parameter = _value(shown[0], passage, context) if len(shown) == 1 else None
        if parameter is None or context.notation.shape(parameter) or parameter in context.definitions:
            return context
        parameters.append(parameter)
    free = {node.text for node in _all(body) if isinstance(node, nodes.Name)}
    through = [one for one in free if one in context.definitions and _reached(one, parameters, context)]
    if through or len(set(parameters)) < len(parameters):
        return context
    function = Function(f"{name}()", tuple(parameters), entrywise(body))
    return context.with_function(function, (), written(body), body.span)


def _reached(name: str, parameters: list[str], context: Context) -> bool:
    value = _defined(name, context)
    targets = (Target("variable", one, one, None, context.notation.shape(one)) for one in parameters)
    return any(context.scope.reach.reaches(value, target) for target in targets)


def _family(head: Head, index: str | None, line: Line, passage: Passage, context: Context) -> tuple[Stated, Context]:
    """An array that is given by its parts, from here on.

    Raises:
        Refused: when the indices on both sides do not go together.
    """
    where, first = head.span(passage), line.terms[0]
    if index is None or [binder.name.text for binder in line.binders] != [index] or head.arguments is not None:
        message = "the indices of this symbol and of what it stands for do not go together"
        raise Refused([Problem("latex", message, where, "declare it")])
    alone = nodes.Statement(first.span, (first,), (), (), line.binders, line.texts[:1])
    (value,), (quantifier,) = elaborate_statement(alone, context.scope)
    assert quantifier.size is not None
    shape, axis = _family_shape(value.shape, quantifier.size, context)
    if shape is None or (head.item.sub is not None and value.shape):
        raise Refused([Problem("shape", "this array of parts cannot be told", where, "declare it")])
    spelling, span = head.spelling(passage), where.to(first.span)
    meaning = written(substituted(first, {index: nodes.Name(span, SLOT)}, span))
    own = context.defined(spelling)
    if own is not None and own.meaning == meaning:
        return Stated(line, "definition", own.name, span), context
    name = name_for(head.item, context.names)
    made = context.with_family(Family(name, index, axis, first), shape, spelling, meaning, span)
    return Stated(line, "definition", name, span, _again(head, passage, context)), made


def _family_shape(part: Shape, size: int | str, context: Context) -> tuple[Shape | None, int]:
    """The shape of an array of which the parts are given, and the axis along which they stand."""
    if not part:
        return (size,), 0
    if context.notation.samples == "columns" and len(part) == 2 and part[1] == 1:
        return (part[0], size), 1
    if context.notation.samples == "rows" and len(part) == 2 and part[0] == 1:
        return (size, part[1]), 0
    return None, 0
