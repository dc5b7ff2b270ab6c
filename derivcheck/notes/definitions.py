"""Owns the definitions that a note makes: of values, of functions, and of arrays by their parts."""

from __future__ import annotations

from dataclasses import replace

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import ambiguities, elaborate, elaborate_statement
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk, read_chunk
from derivcheck.lang.latex.notation import SLOT, base_key
from derivcheck.lang.latex.symbols import split
from derivcheck.lang.latex.tree import Item
from derivcheck.lang.latex.undeclared import undeclared
from derivcheck.lang.latex.written import written
from derivcheck.lang.substitute import entrywise, substituted
from derivcheck.lang.typed import Expr, Shape, Target
from derivcheck.notes.axes import told
from derivcheck.notes.context import Context
from derivcheck.notes.equal import MOST_QUESTIONS, proved_equal
from derivcheck.notes.functions import Family, Function
from derivcheck.notes.heads import Head, definable, family_index, name_for
from derivcheck.notes.lines import as_written, defined, read_line, value_name, without_functions
from derivcheck.notes.stated import Stated
from derivcheck.source import Passage

#: Signs that mean a number unless they are declared; an equation of one alone would define it.
_CONSTANTS = frozenset({"e", r"\pi"})
#: The letter of identity matrices, which means anything else as soon as it is given a meaning.
_IDENTITY = "I"


def defines(head: Head, passage: Passage, context: Context) -> bool:
    """Whether a head is a symbol that is not declared and can be the name of something, or one of the note's own."""
    if not (definable(head.item) or family_index(head.item)):
        return False
    base = base_key(head.item)
    if head.item.bare and base in {*_CONSTANTS, _IDENTITY} and not context.notation.spells(base):
        return True
    own = context.defined(head.spelling(passage))
    if own is not None and own.name in context.functions and head.arguments is not None:
        return _parameters(head, passage, context) is not None
    if own is not None and own.name in context.notation.applied and head.arguments is not None:
        called = context.defined(head.called(passage) or "")
        return called is own or _parameters(head, passage, context) is not None
    if own is not None or _size_redefined(head, passage, context):
        return True
    if head.arguments is not None and _declared_with_arguments(head, passage, context):
        return False
    try:
        line = read_chunk(Chunk([head.item]), passage, context.notation)
    except Refused as refused:
        return refused.problems[0].code == "name"
    families = context.families if family_index(head.item) is not None else {}
    return any(isinstance(node, nodes.Name) and node.text in families for node in nodes.every(line.terms[0]))


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
    name = value_name(head.item, passage, context)
    if name is None or name not in context.base.dims or name in context.base.variables or head.arguments is not None:
        return False
    try:
        rest, _ = read_line(head.rest, passage, context)
    except Refused:
        return False
    others = {node.text for node in nodes.every(rest.terms[0]) if isinstance(node, nodes.Name)}
    return bool(others & (context.base.variables.keys() | context.definitions.keys()))


def definition(head: Head, chunk: Chunk, passage: Passage, context: Context) -> tuple[Stated, Context]:
    """What a symbol stands for from here on.

    Raises:
        Refused: when its right side cannot be read, or has no meaning.
    """
    where = head.span(passage)
    if head.item.bare and base_key(head.item) in _CONSTANTS - {"e"}:
        message = f"`{head.item.text}` is the number here: it cannot be the name of something else"
        raise Refused([Problem("name", message, where, "give it another name")])
    if head.arguments is not None and not _symbols(head.arguments):
        message = "what this is at other arguments cannot be told"
        raise Refused([Problem("latex", message, where, "define it of letters: `f(x) = …`")])
    if (letters := _parameters(head, passage, context)) is not None:
        return _function(head, letters, chunk, passage, context)
    rest, context = read_line(head.rest, passage, context)
    if rest.continues or rest.assigns:
        raise Refused([Problem("latex", "what this symbol stands for cannot be told", where, "declare it")])
    index = family_index(head.item)
    if index is not None or rest.binders:
        return _family(head, index, replace(rest, lead=chunk.lead), passage, context)
    first = told(rest.terms[0], context)
    meaning, span = written(first), where.to(first.span)
    line = replace(rest, lead=chunk.lead, terms=(first, *rest.terms[1:]))
    spelling = head.spelling(passage)
    own = context.defined(spelling)
    if own is not None and own.meaning == meaning:
        return Stated(line, "definition", own.name, span), context
    expression = elaborate(first, context.scope)
    if own is not None and own.name in context.definitions and head.relation == "==":
        context = replace(context, questions=context.questions + 1)
        again = any(isinstance(node, nodes.Name) and node.text == own.name for node in nodes.every(first))
        if not again and _same(own.name, expression, context):
            whole, context = read_line(chunk, passage, context)
            return Stated(whole, "claim"), context
    name = name_for(head.item, context.names)
    spellings = tuple(text for text in (spelling, head.called(passage)) if text is not None)
    made = context.with_definition(name, spellings, expression, meaning, span)
    unclear = [message for _, message in ambiguities(first, context.scope) if "matrix" not in message]
    if unclear:
        made = replace(made, several={**made.several, spelling: (span.start, frozenset({name}))})
    if head.arguments is not None and not expression.shape:
        made = _applied(head, name, first, passage, made)
    return Stated(line, "definition", name, span, (*unclear, *_again(head, passage, context))), made


def _same(name: str, value: Expr, context: Context) -> bool:
    """Whether a name of the note is provably what is given as its value once more."""
    if context.questions > MOST_QUESTIONS or context.definitions[name].shape != value.shape:
        return False
    return proved_equal(name, value, context.base, dict(context.definitions), value.span)


def _symbols(arguments: Item) -> bool:
    """Whether symbols stand in parentheses, and nothing that is calculated."""
    parts = ([item for item in part if item.kind != "thin"] for part in split(arguments.args[0], ","))
    return all(len(part) == 1 and part[0].kind in ("letter", "accent", "word") for part in parts)


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
        names[name_for(item, {*context.names, *names})] = as_written(item, passage)
    inner = context.with_numbers(names)
    rest, made = without_functions(
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
        parameter = value_name(shown[0], passage, context) if len(shown) == 1 else None
        if parameter is None or context.notation.shape(parameter) or parameter in context.definitions:
            return context
        parameters.append(parameter)
    free = {node.text for node in nodes.every(body) if isinstance(node, nodes.Name)}
    through = [one for one in free if one in context.definitions and _reached(one, parameters, context)]
    if through or len(set(parameters)) < len(parameters):
        return context
    function = Function(f"{name}()", tuple(parameters), entrywise(body))
    return context.with_function(function, (), written(body), body.span)


def _reached(name: str, parameters: list[str], context: Context) -> bool:
    value = defined(name, context)
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
