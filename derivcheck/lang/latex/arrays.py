"""Owns what is laid out in rows (matrices, cases, rows of numbers), and the conditions in cases and indicators."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from derivcheck.lang import nodes
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.base import Part
from derivcheck.lang.latex.cursor import Cursor
from derivcheck.lang.latex.notation import superscript
from derivcheck.lang.latex.symbols import split
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.latex.written import written

_OPPOSITE = {"<": ">=", ">=": "<", ">": "<=", "<=": ">", "==": "!=", "!=": "=="}


class Tables(Part):
    """Matrices, cases and conditions."""

    def table(self, item: Item) -> nodes.Node:
        """An environment that is one value."""
        if item.text in commands.CASES:
            return self._cases(item)
        if item.text in commands.MATRICES:
            return self._matrix(item)
        raise self.stop(item, f"`{item.text}` cannot stand inside a formula")

    def _rows(self, item: Item) -> list[list[Items]]:
        """The cells of an environment; a last empty row is none."""
        rows: list[list[list[Item]]] = [[[]]]
        for part in item.args[0]:
            if part.kind == "row":
                rows.append([[]])
            elif part.kind == "tab":
                rows[-1].append([])
            elif part.kind not in ("thin", "aside"):
                rows[-1][-1].append(part)
        if rows[-1] == [[]]:
            rows.pop()
        return [[tuple(cell) for cell in row] for row in rows]

    def _matrix(self, item: Item) -> nodes.Node:
        rows = self._rows(item)
        if not rows:
            raise self.stop(item, "this matrix is empty")
        for row in rows:
            for cell in row:
                if not cell:
                    raise self.stop(item, "an entry of this matrix is missing")
            if len(row) != len(rows[0]):
                raise self.stop(row[0][0], "the rows of this matrix differ in length")
        span = self.symbols.span(item)
        made = tuple(
            nodes.Array(self.symbols.span(row[0][0], row[-1][-1]), tuple(self.whole(cell) for cell in row))
            for row in rows
        )
        return nodes.Array(span, made)

    def row_of_numbers(self, group: Item) -> nodes.Node | None:
        r"""``[2 \ -3 \ -3]`` and ``[2, -3]``: a row; ``None`` for parentheses around an expression."""
        inside = group.args[0]
        if any(i.kind == "punct" and i.text == "," for i in inside):
            cells = split(inside, ",")
        elif any(i.kind in ("thin", "wide") for i in inside) and _numbers_alone(inside):
            cells = _spaced(inside)
        else:
            return self._framed(inside)
        if any(i.kind == "op" and after.kind in ("thin", "wide") for i, after in pairwise(inside)
               if _numbers_alone(inside)):  # fmt: skip
            raise self.stop(group, "a row of numbers or a sum?", "write the row as a matrix")
        if any(not [i for i in cell if i.kind != "thin"] for cell in cells):
            raise self.stop(group, "an entry of this row is missing")
        if len(cells) == 1:
            return None
        span = self.symbols.span(group)
        return nodes.Array(span, (nodes.Array(span, tuple(self.whole(cell) for cell in cells)),))

    def _framed(self, inside: Items) -> nodes.Node | None:
        """The entries of a matrix whose brackets are typed around it."""
        shown = [i for i in inside if i.kind != "thin"]
        if len(shown) == 1 and shown[0].kind == "env" and shown[0].bare and shown[0].text in commands.MATRICES:
            return self._matrix(shown[0])
        return None

    # --- cases and conditions --------------------------------------------------------------------------------

    def _cases(self, item: Item) -> nodes.Node:
        """``where`` for every row; the last row is for all else, or for the opposite of the one before it."""
        rows = self._rows(item)
        read: list[tuple[nodes.Node, nodes.Node | None]] = []
        for row in rows:
            cells = row if len(row) > 1 else split(row[0], ",")
            if len(cells) != 2 or not cells[0] or not cells[1]:
                raise self.stop(row[0][0] if row and row[0] else item, "a row of cases is a value and its condition")
            read.append((self.whole(_untailed(cells[0])), self._when(_untailed(cells[1]))))
        if len(read) < 2:
            raise self.stop(item, "cases with one row")
        value, last = read[-1]
        if last is not None and not (len(read) == 2 and read[0][1] is not None and _opposite(read[0][1], last)):
            raise self.stop(rows[-1][-1][0], "the last case must be for all else",
                      r"write `\text{otherwise}`, or the opposite of the other condition")  # fmt: skip
        span = self.symbols.span(item)
        for then, condition in reversed(read[:-1]):
            if condition is None:
                raise self.stop(item, "only the last case can be for all else")
            value = nodes.Call(span, nodes.Name(span, "where"), 0, (condition, then, value), ())
        return value

    def _when(self, items: Items) -> nodes.Node | None:
        """A condition after ``if``; ``None`` for ``otherwise``."""
        words = items[0].text.lower().rstrip(".,:") if items and items[0].kind in ("text", "word") else ""
        if words in commands.OTHERWISE and len(items) == 1:
            return None
        if words in commands.CONDITIONALS:
            items = items[1:]
        return self.condition(items)

    def condition(self, items: Items) -> nodes.Node:
        """``z > 0``, ``0 < z \\le 1``, ``k = j`` of indices."""
        self.indices.conditions += 1
        cursor = Cursor(self.passage, items)
        operands = [self.sum(cursor)]
        operators: list[nodes.Operator] = []
        while (item := cursor.peek()) is not None:
            if item.kind != "relation" or item.text not in commands.COMPARISONS:
                raise self.stop(item, "this cannot stand in a condition")
            cursor.take()
            operators.append(nodes.Operator(self.symbols.span(item), item.text))
            operands.append(self.sum(cursor))
        self.indices.conditions -= 1
        if not operators:
            raise self.stop(items[0], "a condition is missing here", "e.g. `z > 0`")
        span = operands[0].span.to(operands[-1].span)
        return nodes.Comparison(span, tuple(operands), tuple(operators))

    def indicated(self, item: Item, cursor: Cursor) -> nodes.Node | None:
        r"""``\mathbb{1}[z>0]``, ``1_{\{z>0\}}``: 1 where the condition holds; ``None`` if there is no condition."""
        after = cursor.peek()
        end = item
        if item.sub is not None:
            inside = tuple(i for i in item.sub if i.kind != "thin")
            if len(inside) == 1 and inside[0].kind == "group" and inside[0].bare:
                inside = inside[0].args[0]
        elif after is not None and after.kind == "group" and after.text in "([{" and _relates(after.args[0]):
            cursor.take()
            if not after.bare:
                raise self.stop(after, "a script on a condition")
            inside, end = after.args[0], after
        else:
            return None
        if not _relates(inside) or item.sup is not None or item.primes:
            return None
        span = self.symbols.span(item, end)
        return nodes.Call(span, nodes.Name(span, "indicator"), 0, (self.condition(inside),), ())

    def iverson(self, item: Item, cursor: Cursor) -> nodes.Node | None:
        """``[z > 0]``, and ``(z > 0)`` beside a product sign: 1 where the condition holds; ``None`` for all else."""
        inside = item.args[0]
        signs = [one.text for one in inside if one.kind == "relation"]
        if not signs or item.sub is not None or item.primes or not set(signs) <= commands.COMPARISONS:
            return None
        before, after = (cursor.items[cursor.at - 2] if cursor.at > 1 else None), cursor.peek()
        times = any(one is not None and one.kind == "op" and one.text in "·⊙×" for one in (before, after))
        if item.text != "[" and not (item.text == "(" and times and "==" not in signs):
            return None
        span = self.symbols.span(replace(item, sup=None))
        made = nodes.Call(span, nodes.Name(span, "indicator"), 0, (self.condition(inside),), ())
        return self.symbols.scripted(made, item, superscript(item.sup))


def _relates(items: Items) -> bool:
    return any(item.kind == "relation" for item in items)


def _numbers_alone(items: Items) -> bool:
    kinds = {item.kind for item in items}
    bare = all(item.bare for item in items)
    signs = all(item.text in "+-" for item in items if item.kind == "op")
    return bare and signs and "number" in kinds and kinds <= {"number", "op", "thin", "wide"}


def _spaced(items: Items) -> list[Items]:
    cells: list[list[Item]] = [[]]
    for item in items:
        if item.kind in ("thin", "wide"):
            if cells[-1]:
                cells.append([])
        else:
            cells[-1].append(item)
    return [tuple(cell) for cell in cells if cell]


def _untailed(items: Items) -> Items:
    """A cell without the punctuation and the spaces at its end."""
    last = len(items)
    while last and (items[last - 1].kind == "wide" or items[last - 1].text in (",", ".", ";")):
        last -= 1
    first = 0
    while first < last and items[first].kind == "wide":
        first += 1
    return items[first:last]


def _opposite(one: nodes.Node, other: nodes.Node) -> bool:
    """Whether two comparisons of the same sides exclude each other and leave nothing out."""
    if not (isinstance(one, nodes.Comparison) and isinstance(other, nodes.Comparison)):
        return False
    if len(one.operators) != 1 or len(other.operators) != 1:
        return False
    same = all(written(a) == written(b) for a, b in zip(one.operands, other.operands, strict=True))
    return same and _OPPOSITE[one.operators[0].sign] == other.operators[0].sign
