r"""Owns what can be read of a formula that cannot be read as a whole: its rows, each by itself, and of a row that is
one chain of equals those terms of it that can be read.

``A = B``, ``= [unread]``, ``= C`` states A = B = … = C, and so B = C: a chain goes on over a term that is not read,
if it is certain that it is one chain. It ends at a row that is not certainly a part of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.latex.notation import joined
from derivcheck.lang.latex.tree import Item, tree
from derivcheck.lang.typed import Derivative
from derivcheck.notes.context import Context, Own
from derivcheck.notes.lines import SYMBOLS, value_name
from derivcheck.notes.model import Unread
from derivcheck.notes.rows import Row, piece, rows
from derivcheck.notes.stated import Stated
from derivcheck.source import Passage, Span

#: What reads a passage: its statements, and what may be used behind them. It raises :class:`Refused`.
Read = Callable[[Passage, Context, str], tuple[list[Stated], Context]]

#: How many terms of a row may be left out.
_MOST_LEFT_OUT = 6
#: Words before a chain that change nothing in what it states.
_SILENT = frozenset({"so", "and", "thus", "hence", "therefore", "then", "that", "we", "have", "get", "is", "gives"})
_NO_BEGINNING = "what this chain begins with was not read"
#: What is said of an inequality behind an equation.
INEQUALITY = Problem("latex", "an inequality is not judged; what stands before it is")
_BEHIND = "what this goes on with is not read"


@dataclass(frozen=True, slots=True)
class Piece:
    """A row: what it states, and what of it could not be read.

    ``holes`` are the places of terms over which its chain goes on. ``breaks``: no chain goes on behind it.
    ``narrows``: what was not read may say for what the other rows are meant.
    """

    row: Row
    statements: tuple[Stated, ...] = ()
    unread: tuple[Unread, ...] = ()
    holes: tuple[Span, ...] = ()
    breaks: bool = False
    narrows: bool = False


def pieces(passage: Passage, context: Context, lead: str, read: Read) -> tuple[tuple[Piece, ...], Context]:
    """The rows of a formula, each read as far as it can be, and what may be used behind them."""
    made: list[Piece] = []
    for row in rows(passage):
        if row.words:
            continue
        one, context = _piece(row, context, "" if made else lead, read)
        made.append(one)
    return tuple(made), context


def _piece(row: Row, context: Context, lead: str, read: Read) -> tuple[Piece, Context]:
    tail = () if row.tail is None else (Unread(row.place(*row.tail), INEQUALITY),)
    try:
        statements, after = read(row.keeping(range(len(row.sides))) if tail else row.passage, context, lead)
        return Piece(row, tuple(statements), tail, breaks=bool(tail)), after
    except Refused as refused:
        problem = refused.problems[0]
    if row.plain and (found := _with_holes(row, problem, context, lead, read)) is not None:
        made, after = found
        return replace(made, unread=(*made.unread, *tail), breaks=made.breaks or bool(tail)), after
    hole = row.plain and row.goes_on and not any(row.approximate(place) for place in range(len(row.relations)))
    narrows = not row.silent or _is_given(row, context)
    bare = Piece(row, (), (Unread(row.span, problem),), (row.span,) if hole else (), not hole, narrows)
    return bare, _shaken(row, context)


# --- a row without some of its terms


def _with_holes(row: Row, problem: Problem, context: Context, lead: str, read: Read) -> tuple[Piece, Context] | None:
    """What a row states without the terms that cannot be read; ``None`` if that cannot be told."""
    first = 1 if row.goes_on else 0
    out: dict[int, Problem] = {}
    while len(out) < _MOST_LEFT_OUT:
        place = _side_of(problem, row)
        if place is None or place in out:
            return None
        out[place] = problem
        kept = _kept(row, first, out)
        if not kept:
            return None
        try:
            statements, after = read(row.keeping(kept), context, lead)
        except Refused as refused:
            problem = refused.problems[0]
            continue
        one = statements[0] if len(statements) == 1 else None
        if one is None or not _sound(one, row, kept, lead, context):
            return None
        return _made(one, row, kept, out), after
    return None


def _side_of(problem: Problem, row: Row) -> int | None:
    """The side in which a problem stands."""
    if problem.span is None:
        return None
    for place, side in enumerate(row.sides):
        span = row.passage.span(*side)
        if side[0] < side[1] and span.start <= problem.span.start < span.end:
            return place
    return None


def _kept(row: Row, first: int, out: dict[int, Problem]) -> list[int]:
    """The sides that are read without some others: what is equal to a term that is only nearly equal to what stands
    before it does not go on with that."""
    kept: list[int] = []
    near = False
    for place in range(first, len(row.sides)):
        before = row.approximate(place - 1) if place else False
        if place in out:
            near = near or (before and bool(kept or first))
        elif near:
            out[place] = Problem("latex", _BEHIND, row.place(*row.sides[place]))
        else:
            kept.append(place)
    return kept


def _sound(one: Stated, row: Row, kept: list[int], lead: str, context: Context) -> bool:
    """Whether a row states without some of its terms what it was read as."""
    if row.goes_on:
        return one.line.continues
    if one.line.continues or one.line.assigns:
        return False
    if kept[0] != 0:  # over what its indices go cannot be told without its beginning
        return not one.line.binders
    if 1 in kept:
        return True
    if one.kind == "definition":  # a name stands for the first term behind it
        return False
    return bool(one.line.relations) or (not set(lead.split()) - _SILENT and _begins(one, row, context))


def _begins(one: Stated, row: Row, context: Context) -> bool:
    """Whether a chain may go on from a head alone: it is nothing given, and nothing that may get another meaning."""
    first = one.line.terms[0]
    base = first.base if isinstance(first, nodes.Index) else first
    if one.line.lead or (isinstance(base, nodes.Name) and context.free(base.text)):
        return False
    found = _own(row, context)
    return found is None or isinstance(context.definitions.get(found[1].name), Derivative)


def _made(one: Stated, row: Row, kept: list[int], out: dict[int, Problem]) -> Piece:
    if kept[0] != 0 and not row.goes_on:
        one = replace(one, doubt=one.doubt or _NO_BEGINNING)
    unread = tuple(Unread(row.place(*row.sides[place]), out[place]) for place in sorted(out))
    behind = [place for place in sorted(out) if place > kept[-1]]
    breaks = any(row.approximate(place - 1) for place in behind)
    holes = tuple(row.place(*row.sides[place]) for place in sorted(out) if place > kept[0] or row.goes_on)
    return Piece(row, (one,), unread, holes, breaks)


# --- what stands on the left of a row


def _head(row: Row) -> tuple[Item, Passage] | None:
    """The symbol that stands alone, or with its arguments, before the first relation of a row."""
    end = row.passage.text.find("=")
    if end < 0 or row.goes_on:
        return None
    side = piece(row.passage, 0, end)
    try:
        items = tree(side)
    except Refused:
        return None
    shown = [item for item in items if item.kind not in ("thin", "tab", "wide", "text", "arrow", "aside")]
    shown = [item for item in shown if not (item.kind == "punct" and item.text == ":")]
    shown = list(joined(tuple(shown)))
    if not shown or shown[0].kind not in SYMBOLS or len(shown) > 2 or (shown[1:] and shown[1].kind != "group"):
        return None
    return shown[0], side


def _own(row: Row, context: Context) -> tuple[str, Own] | None:
    """The name of the note's own that stands there, and how it is spelled."""
    head = _head(row)
    if head is None:
        return None
    item, side = head
    spelling = side.text[item.start : item.end]
    try:
        own = context.defined(spelling)
    except Refused:
        return None
    return None if own is None else (spelling, own)


def _is_given(row: Row, context: Context) -> bool:
    """Whether something given stands there: the row may say of which case the formula speaks."""
    head = _head(row)
    name = None if head is None else value_name(head[0], head[1], context)
    return name is not None and context.free(name)


def _shaken(row: Row, context: Context) -> Context:
    """The context behind a row that was not read: it may have given a name of the note another meaning."""
    found = _own(row, context)
    if found is None:
        return context
    spelling, own = found
    since, names = context.several.get(spelling, (row.span.start, frozenset()))
    return replace(context, several={**context.several, spelling: (since, names | {own.name})})
