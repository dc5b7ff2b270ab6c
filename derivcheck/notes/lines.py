r"""Owns the reading of one statement by what may be used where it stands, the functions of the note written out.

A letter that is not declared and is the argument of a function on the left (``\sigma'(z) = \sigma(z)(1-\sigma(z))``)
stands for any number; ``L(\hat y, y)`` is L, where L depends on what is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import elaborate
from derivcheck.lang.latex import Line
from derivcheck.lang.latex.formula import Chunk, read_chunk
from derivcheck.lang.latex.notation import base_key, spelling_key
from derivcheck.lang.latex.symbols import FunctionName, Indices, Symbols, split
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.latex.undeclared import undeclared
from derivcheck.lang.typed import Expr, Target
from derivcheck.notes.context import Context
from derivcheck.notes.functions import Function, written_out
from derivcheck.notes.heads import name_for
from derivcheck.source import Passage, Span

#: Items that are symbols.
SYMBOLS = frozenset({"letter", "accent", "word"})


def read_line(chunk: Chunk, passage: Passage, context: Context) -> tuple[Line, Context]:
    """The line of a statement without the functions of the note."""
    try:
        line = read_chunk(chunk, passage, context.notation)
    except Refused as refused:
        free = _any_numbers(chunk, passage, context) if refused.problems[0].code == "name" else {}
        if not free:
            raise
        return _for_any(chunk, passage, context, free)
    return without_functions(line, context)


def without_functions(line: Line, context: Context) -> tuple[Line, Context]:
    """A line with the note's functions and families written out, and the context with what that gave names to."""
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
    if isinstance(argument, nodes.Name) and not _mixed(context.functions[function], argument.text, context):
        return argument, context
    base = name_base = function.removesuffix("()") + "_argument"
    count = 2
    while base in context.names:
        base, count = f"{name_base}_{count}", count + 1
    expression = elaborate(argument, context.scope)
    return nodes.Name(argument.span, base), context.with_argument(base, expression)


def _mixed(function: Function, argument: str, context: Context) -> bool:
    """Whether a function has its argument in it in another way than by its parameter: then the derivative by the
    argument is another one."""
    body = {node.text for node in nodes.every(function.body) if isinstance(node, nodes.Name)}
    names = sorted(name for name in body - {*function.parameters} if context.scope.kind(name) is not None)
    if argument in names:
        return True
    if not context.notation.value(argument) or argument in context.base.dims:
        return bool(names)
    kind: Literal["variable", "defined"] = "variable" if argument in context.base.variables else "defined"
    target = Target(kind, argument, argument, None, context.notation.shape(argument))
    return any(
        context.scope.reach.reaches(defined(name, context), target) for name in names if context.notation.value(name)
    )


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
    if any(
        not letters & {base_key(item) for item in every_item(tuple(side)) if item.kind in SYMBOLS} for side in sides
    ):
        return {}
    names: dict[str, str] = {}
    for text, item in missing.items():
        names[name_for(item, {*context.names, *names})] = text
    return names


def _for_any(chunk: Chunk, passage: Passage, context: Context, names: dict[str, str]) -> tuple[Line, Context]:
    """A statement for every value of its letters."""
    inner = context.with_numbers(names)
    line, made = without_functions(
        read_chunk(chunk, passage, inner.notation), replace(context, notation=inner.notation)
    )
    places = {
        node.text: node.span for term in line.terms for node in nodes.every(term) if isinstance(node, nodes.Name)
    }
    binders = tuple(
        nodes.Binder(places[name], nodes.Name(places[name], name), nodes.Words(places[name], "real"))
        for name in names
        if name in places
    )
    kept = replace(made, notation=replace(context.notation, only_spelled=made.notation.only_spelled))
    return replace(line, binders=(*line.binders, *binders)), kept


def _arguments(items: Items, passage: Passage, context: Context) -> Iterator[str]:
    """The letters in the parentheses behind a function, and those by which something is differentiated."""
    for item in every_item(items):
        if item.kind == "frac" and (by := _differentiated_by(item)) is not None:
            yield base_key(by)
    for before, after in neighbours(items):
        if after.kind != "group" or after.text not in "([{" or before.kind not in (*SYMBOLS, "function"):
            continue
        if before.kind == "function" or _is_function(before, passage, context):
            yield from (base_key(item) for item in every_item(after.args[0]) if item.kind in SYMBOLS)


def _differentiated_by(item: Item) -> Item | None:
    r"""The letter of ``\frac{d}{dx}``."""
    over, under = ([one for one in side if one.kind != "thin"] for side in item.args)
    signs = [one.text for one in (*over[:1], *under[:1])]
    if len(over) != 1 or len(under) != 2 or signs not in (["d", "d"], ["partial", "partial"]):
        return None
    return under[1] if under[1].kind == "letter" and under[1].sub is None and not under[1].primes else None


def _is_function(item: Item, passage: Passage, context: Context) -> bool:
    symbols = Symbols(passage, context.notation, Indices(), lambda items: nodes.Name(Span(0, 0), ""))
    try:
        made, _ = symbols.read(replace(item, primes=0), None)
    except Refused:
        return False
    return isinstance(made, FunctionName)


def as_written(item: Item, passage: Passage) -> str:
    """The text of an item with single blanks."""
    return " ".join(passage.text[item.start : item.end].split())


def every_item(items: Items) -> Iterator[Item]:
    """Items and all in them."""
    for item in items:
        yield item
        for inner in (*item.args, item.sub or (), item.sup or ()):
            yield from every_item(inner)


def neighbours(items: Items) -> Iterator[tuple[Item, Item]]:
    """Neighbours, inside of others too."""
    shown = [item for item in items if item.kind not in ("thin", "aside")]
    yield from pairwise(shown)
    for item in shown:
        for inner in item.args:
            yield from neighbours(inner)


# --- values with their arguments


def with_arguments(items: Items, passage: Passage, context: Context) -> Context:
    r"""The context in which ``L(\hat y, y)`` is a spelling of L, where L depends on what is named."""
    for symbol, group in neighbours(items):
        if symbol.kind not in SYMBOLS or group.kind != "group" or group.text != "(" or not group.args[0]:
            continue
        bare = replace(symbol, primes=0)
        name = value_name(bare, passage, context)
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
        name = value_name(shown[0], passage, context)
        if name is None:
            if not shown[0].bare or not undeclared((shown[0],), passage, context.notation):
                return False  # `J(y^{(i)})` may be of one sample, whatever J is
            continue
        kind: Literal["variable", "defined"] = "variable" if name in context.base.variables else "defined"
        target = Target(kind, name, name, None, context.notation.shape(name))
        if not context.scope.reach.reaches(defined(value, context), target):
            return False
    return True


def defined(name: str, context: Context) -> Expr:
    """The value of a name."""
    return elaborate(nodes.Name(Span(0, 0), name), context.scope)


def value_name(item: Item, passage: Passage, context: Context) -> str | None:
    """The name of the whole value that a symbol stands for."""
    symbols = Symbols(passage, context.notation, Indices(), lambda items: nodes.Name(Span(0, 0), ""))
    try:
        made, _ = symbols.read(item, None)
    except Refused:
        return None
    return None if isinstance(made, FunctionName) or not isinstance(made, nodes.Name) else made.text
