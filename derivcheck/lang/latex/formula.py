"""Owns whole formulas: lines, the words and arrows between statements, chains of relations, and free indices."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.expressions import Reader
from derivcheck.lang.latex.line import Line, ReadRelation
from derivcheck.lang.latex.marks import between_digits, explains, with_decimals
from derivcheck.lang.latex.notation import Notation
from derivcheck.lang.latex.tokens import unread
from derivcheck.lang.latex.tree import Item, Items, tree
from derivcheck.source import Passage


def read_formula(passage: Passage, notation: Notation) -> tuple[Line, ...]:
    """Read a formula, without the signs around it (``$``, ``\\[``), whole or not at all.

    Raises:
        Refused: with the place and the token that stopped it (code ``latex``).
    """
    chunks = parted(passage)
    return checked(chunks, tuple(read_chunk(chunk, passage, notation) for chunk in chunks), passage)


def parted(passage: Passage) -> tuple[Chunk, ...]:
    """The statements of a formula as items, at least one, before it is known what they mean.

    Raises:
        Refused: with the place and the token that cannot be read, whatever is declared.
    """
    try:
        chunks = tuple(_chunks(with_decimals(_flat(tree(passage), passage)), passage))
    except RecursionError:
        raise unread(passage, 0, 1, "this formula is nested too deep") from None
    if not chunks:
        raise unread(passage, 0, 1, "there is no formula here")
    return chunks


def read_chunk(chunk: Chunk, passage: Passage, notation: Notation) -> Line:
    """The line that one statement of a formula is, by the names that are declared where it stands.

    Raises:
        Refused: with the place and the token that stopped it.
    """
    try:
        return _line(chunk, passage, notation)
    except RecursionError:
        raise unread(passage, 0, 1, "this formula is nested too deep") from None


def checked(chunks: Sequence[Chunk], lines: tuple[Line, ...], passage: Passage) -> tuple[Line, ...]:
    """The lines of a formula, if they can stand together.

    Raises:
        Refused: for an expression that stands alone among statements, and for what is too large.
    """
    for place, (chunk, line) in enumerate(zip(chunks, lines, strict=True)):
        begins = place == 0 and lines[1:2] and lines[1].continues
        if len(lines) > 1 and not line.relations and not begins:
            raise _stop(passage, chunk.items[0], "this expression stands alone among other formulas")
    _check(lines, passage)
    return lines


def read_expression(passage: Passage, notation: Notation) -> nodes.Node:
    """Read a formula that is one expression.

    Raises:
        Refused: with the place and the token that stopped it.
    """
    (line, *more) = read_formula(passage, notation)
    if more or line.relations or line.binders or line.conditions:
        place = more[0].span if more else (line.relation_spans or (line.span,))[0]
        raise Refused([Problem("latex", "an expression is expected here, not a statement", place)], passage.source)
    return line.terms[0]


def read_condition(passage: Passage, notation: Notation) -> nodes.Node:
    """Read a formula that is a condition: ``z > 0``, ``0 < p < 1``.

    Raises:
        Refused: with the place and the token that stopped it.
    """
    try:
        reader = Reader(passage, notation)
        node = reader.condition(tuple(item for item in tree(passage) if item.kind != "thin"))
        _known_later(reader, passage)
    except RecursionError:
        raise unread(passage, 0, 1, "this formula is nested too deep") from None
    if (problem := limits.tree_problem(node)) is not None:
        raise Refused([problem], passage.source)
    return node


def read_statement(passage: Passage, notation: Notation) -> nodes.Statement:
    """Read a formula that is one equation or one chain of equations, over one line or several.

    Raises:
        Refused: with the place and the token that stopped it.
    """
    first, *more = read_formula(passage, notation)
    problem: str | None = None
    for line in more:
        if not line.continues:
            problem = "a second statement"
            raise Refused([Problem("latex", problem, line.span)], passage.source)
        try:
            joined = line.after(first)
        except Refused as refused:
            raise Refused(refused.problems, passage.source) from None
        first = replace(
            first,
            span=first.span.to(line.span),
            terms=first.terms + line.terms,
            relations=first.relations + line.relations,
            relation_spans=first.relation_spans + line.relation_spans,
            texts=first.texts + line.texts,
            binders=joined.binders,
            conditions=first.conditions + line.conditions,
        )
    made = first.statement()
    if made is None or first.conditions:
        problem = "this states nothing that can be decided" if made is None else "a condition after a statement"
        raise Refused([Problem("latex", problem, first.span, r"a claim is an equation")], passage.source)
    return made


def _check(lines: tuple[Line, ...], passage: Passage) -> None:
    for line in lines:
        for node in (*line.terms, *line.conditions):
            if (problem := limits.tree_problem(node)) is not None:
                raise Refused([problem], passage.source)


# --- lines and chunks --------------------------------------------------------------------------------------------


def _stop(passage: Passage, item: Item, message: str, hint: str | None = None) -> Refused:
    return unread(passage, item.start, item.end, message, hint)


def _flat(items: Items, passage: Passage) -> Items:
    """The items with the environments of lines, and the boxes around whole statements, taken away."""
    found: list[Item] = []
    for place, item in enumerate(items):
        inside = item.args[0] if item.kind in ("env", "wrap") and item.args else ()
        if item.kind == "env" and item.text in commands.LINES:
            edge = Item("row", item.text, item.start, item.start)
            if not item.bare:
                raise _stop(passage, item, "a script on an environment of lines")
            found += [edge, *_flat(inside, passage), replace(edge, start=item.end, end=item.end)]
        elif item.kind == "wrap" and _whole_side(items, place, inside):
            found += _flat(inside, passage)
        else:
            found.append(item)
    return tuple(found)


def _whole_side(items: Items, place: int, inside: Items) -> bool:
    """Whether a box holds a whole statement or a whole side, so that it groups nothing."""
    before = next((i for i in reversed(items[:place]) if i.kind not in ("thin", "aside")), None)
    after = next((i for i in items[place + 1 :] if i.kind not in ("thin", "aside")), None)
    edges = ("relation", "wide", "row", "tab", "arrow", "text", "punct")
    return (before is None or before.kind in edges) and (after is None or after.kind in edges)


@dataclass(slots=True)
class Chunk:
    """The items of one statement, and what was said around it (see :class:`Line`)."""

    items: list[Item]
    lead: str = ""
    condition: tuple[Item, ...] | None = None
    asides: tuple[Item, ...] = ()


def _chunks(items: Items, passage: Passage) -> list[Chunk]:
    """The statements of a formula, parted at line ends, wide spaces, commas, arrows and words."""
    found = [Chunk([])]
    for place, item in enumerate(items):
        last = found[-1]
        if item.kind == "row":
            if not _joins(last.items, items[place + 1 :]):
                found.append(Chunk([]))
        elif item.kind == "aside":
            last.asides += (item,)
        elif item.kind == "tab":
            if not _beside_relation(items, place) and last.items:
                found.append(Chunk([]))
        elif item.kind == "wide":
            if _begins_line(items, place):
                continue
            if last.items and last.items[-1].kind not in ("op", "relation") and not _tagged(items[place + 1 :]):
                found.append(Chunk([]))
            elif last.items and _tagged(items[place + 1 :]):
                found.append(Chunk([], "tag"))
        elif item.kind == "punct" and item.text in ",;":
            if not last.items:
                raise _stop(passage, item, "this sign cannot stand here")
            if between_digits(items, place):
                raise _stop(passage, item, "a decimal comma, or the end of a formula?", "decimals have a point")
            found.append(Chunk([]))
        elif item.kind == "punct" and item.text == "." and not _more(items[place + 1 :]):
            last.asides += (item,)
        elif item.kind == "arrow":
            found.append(Chunk([], item.text))
        elif item.kind == "text" and explains(items, place):
            last.asides += (item,)
        elif item.kind == "text" and (words := _words(item)) is not None:
            _text(found, item, words, passage)
        elif (reason := _reason(item)) is not None:
            found += [reason, Chunk([])]
        elif item.kind != "thin":
            last.items.append(item)
    return _merged(found, passage)


def _merged(found: list[Chunk], passage: Passage) -> list[Chunk]:
    """The chunks that say something; equation numbers are asides, and a condition belongs to what it follows."""
    made: list[Chunk] = []
    for chunk in found:
        if chunk.lead == "tag" and made:
            made[-1].asides += (*chunk.items, *chunk.asides)
        elif chunk.lead == "if":
            if not made or made[-1].condition is not None or not chunk.items:
                place = chunk.asides[0]
                raise _stop(passage, place, "these words cannot be read as part of the formula")
            made[-1].condition = tuple(chunk.items)
        elif not made and len(found) > 1 and _numbered(chunk.items):
            found[1].asides += tuple(chunk.items)
        elif chunk.items:
            made.append(chunk)
        elif chunk.asides and made:
            made[-1].asides += chunk.asides
    return made


def _text(found: list[Chunk], item: Item, words: str, passage: Passage) -> None:
    """Words between formulas: a label, a connective, or the beginning of a condition."""
    if words == "":
        found[-1].asides += (item,)
    elif words == "if":
        found.append(Chunk([], "if", asides=(item,)))
    else:
        found.append(Chunk([], words, asides=(item,)))


def _words(item: Item) -> str | None:
    """What words between formulas say: nothing (a label), ``if``, or connectives; ``None`` for all others."""
    words = [w for w in re.findall(r"[^\W\d_]+(?:\.[a-z]\.)?", item.text.lower()) if w[0].isalpha()]
    if not words or (len(words) == 1 and re.fullmatch(r"[-–—\s]*\(?\s*\w{1,4}\s*\)\s*", item.text)):
        return ""
    if item.sup is not None or item.sub is not None:
        return None
    if len(words) == 1 and words[0] in commands.CONDITIONALS:
        return "if"
    return " ".join(words) if all(word in commands.CONNECTIVES for word in words) else None


def _reason(item: Item) -> Chunk | None:
    r"""A reason in brackets, ``[\because a = b]``: a statement of its own beside the one that it stands in."""
    if item.kind != "group" or item.text not in "([" or not item.bare:
        return None
    inside = [i for i in item.args[0] if i.kind not in ("thin", "tab")]
    lead = inside[0].text if inside and inside[0].kind == "arrow" else None
    if inside and inside[0].kind == "text":
        lead = _words(inside[0])
    if lead not in ("because", "since") or not any(i.kind == "relation" for i in inside):
        return None
    return Chunk(inside[1:], lead)


def _more(items: Items) -> bool:
    return any(item.kind not in ("thin", "aside", "wide", "row") for item in items)


def _numbered(items: list[Item]) -> bool:
    """Whether items are the number of an equation before it: ``(1.6)``."""
    if len(items) != 1 or items[0].kind != "group" or items[0].text != "(" or not items[0].bare:
        return False
    return [item.kind for item in items[0].args[0]] == ["number"]


def _tagged(items: Items) -> bool:
    """Whether an equation number comes next and ends its line: ``\\quad (3)``."""
    shown = [item for item in items if item.kind not in ("thin", "wide")]
    if not shown or shown[0].kind != "group" or shown[0].text != "(" or not shown[0].bare:
        return False
    inside = shown[0].args[0]
    number = len(inside) == 1 and inside[0].kind in ("number", "letter") and inside[0].bare
    return number and (len(shown) == 1 or shown[1].kind in ("row", "aside"))


def _joins(before: list[Item], after: Items) -> bool:
    """Whether a line goes on in the next: one ends, or the other begins, with a sign between values.

    A line that begins with a sign and has a relation could be a statement by itself: it is not joined.
    """
    start = next((item for item in after if item.kind not in ("thin", "tab", "wide")), None)
    end = next((place for place, item in enumerate(after) if item.kind == "row"), len(after))
    related = any(item.kind == "relation" for item in after[:end])
    if start is not None and start.text in ("+", "-") and related:
        return bool(before) and before[-1].kind in ("op", "relation")
    ends = bool(before) and before[-1].kind in ("op", "relation")
    return bool(before) and (ends or (start is not None and start.kind == "op"))


def _begins_line(items: Items, place: int) -> bool:
    """Whether nothing that shows stands before this on its line."""
    before = next((i for i in reversed(items[:place]) if i.kind not in ("thin", "tab", "wide")), None)
    return before is None or before.kind == "row"


def _beside_relation(items: Items, place: int) -> bool:
    """Whether ``&`` only aligns: it stands at a relation, or at the beginning of a line."""
    before = next((i for i in reversed(items[:place]) if i.kind != "thin"), None)
    after = next((i for i in items[place + 1 :] if i.kind != "thin"), None)
    relation = (before is not None and before.kind == "relation") or (after is not None and after.kind == "relation")
    return relation or before is None or before.kind == "row"


# --- one line ----------------------------------------------------------------------------------------------------


#: Kinds of items that are values.
_SHOWN = frozenset({"number", "letter", "accent", "word", "group", "frac", "sqrt", "function", "big", "env", "op"})


def _line(chunk: Chunk, passage: Passage, notation: Notation) -> Line:
    """The chain of one statement."""
    reader = Reader(passage, notation)
    sides: list[list[Item]] = [[]]
    signs: list[Item] = []
    for item in chunk.items:
        if item.kind == "relation":
            signs.append(item)
            sides.append([])
        else:
            sides[-1].append(item)
    continues = bool(signs) and not sides[0]
    if continues:
        sides = sides[1:]
    for sign in signs:
        if sign.text not in ("==", "≈", ":="):
            raise _stop(passage, sign, "a statement is an equation", "a condition follows a statement after `if`")
        if sign.plain == "!" and (
            sign is not signs[-1] or [item.text for item in sides[-1] if item.kind in _SHOWN] != ["0"]
        ):
            raise _stop(passage, sign, "what has to be equal is not claimed")
    for place, side in enumerate(sides):
        if not side:
            raise _stop(passage, signs[min(place, len(signs) - 1)], "one side of this is missing")
    terms = [reader.whole(tuple(sides[0]))]
    known = {letter for letter, uses in reader.indices.uses.items() if uses} | reader.indices.later.keys()
    terms += [reader.whole(tuple(side)) for side in sides[1:]]
    _everywhere(reader, passage, terms)
    conditions = () if chunk.condition is None else (reader.condition(chunk.condition),)
    _known_later(reader, passage)
    texts = tuple(passage.text[side[0].start : side[-1].end] for side in sides)
    first = min(chunk.items[0].start, sides[0][0].start)
    return Line(
        passage.span(first, chunk.items[-1].end),
        tuple(terms),
        tuple(_relation(sign) for sign in signs),
        tuple(passage.span(sign.start, sign.end) for sign in signs),
        _binders(reader, passage, None if continues else known),
        texts,
        continues,
        conditions,
        chunk.lead,
        tuple(passage.span(item.start, item.end) for item in chunk.asides),
    )


def _everywhere(reader: Reader, passage: Passage, terms: Sequence[nodes.Node]) -> None:
    """Refuse an index below a Kronecker delta that some side lacks: it is summed over without a sign there."""
    for letter, place in reader.indices.compared.items():
        for term in terms:
            if not any(isinstance(node, nodes.Name) and node.text == letter for node in nodes.every(term)):
                raise _stop(passage, place, f"`{letter}` is missing on another side: is it summed over?",
                      r"write the sum: `\sum_{i=1}^{n}`")  # fmt: skip


def _known_later(reader: Reader, passage: Passage) -> None:
    """Refuse a letter that was taken for an index and stands on nothing that has one."""
    for letter, place in reader.indices.later.items():
        if not reader.indices.uses.get(letter) and letter not in reader.indices.ever:
            message = f"`{passage.text[place.start : place.end]}` is not declared"
            hint = "declare it, or its spelling in `notation`"
            raise Refused([Problem("name", message, passage.span(place.start, place.end), hint)], passage.source)


def _relation(sign: Item) -> ReadRelation:
    return "≈" if sign.text == "≈" else ":=" if sign.text == ":=" else "=="


def _binders(reader: Reader, passage: Passage, known: set[str] | None) -> tuple[nodes.Binder, ...]:
    """The index letters that no sum binds: the statement is made for each of their values.

    One that the first side (whose letters are ``known``) lacks is refused: the author may mean a sum over it.
    """
    binders: list[nodes.Binder] = []
    for letter, uses in reader.indices.uses.items():
        if not uses:
            continue
        axis, place = uses[0]
        if letter in reader.indices.ever:
            raise _stop(passage, place, f"`{letter}` is bound by a sum elsewhere and free here",
                  "write parentheses around all that the sum takes in")  # fmt: skip
        if known is not None and letter not in known:
            raise _stop(passage, place, f"`{letter}` stands on this side only: is it summed over?",
                  r"write the sum: `\sum_{i=1}^{n}`")  # fmt: skip
        for (one, _), (other, item) in pairwise(uses):
            if one != other:
                raise _stop(passage, item, f"`{letter}` goes along {one} and along {other}")
        binders.append(reader.bound(place, axis))
    return tuple(binders)
