"""Owns marked data: the texts, lists and mappings of a YAML file, each with its place in the source."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from derivcheck.source import Passage, Source, Span

Style = Literal["plain", "single", "double", "literal", "folded"]

#: What marked data is without its marks: every scalar a string.
Plain = str | list["Plain"] | dict[str, "Plain"]

_LAST_COMMA = re.compile(r",(\s*[\]}])")

#: A way from the top of a file down to a node: keys of mappings and positions in lists.
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class MarkedText:
    """A scalar: its passage (blanks around it taken off) and the span of it all, quotes included."""

    passage: Passage
    span: Span
    style: Style = "plain"

    @property
    def source(self) -> Source:
        """The file it stands in."""
        return self.passage.source

    @property
    def text(self) -> str:
        """The characters it stands for."""
        return self.passage.text


@dataclass(frozen=True, slots=True, eq=False)
class MarkedList:
    """A sequence; ``flow`` when it is written ``[a, b]`` on the spot and not as lines with ``-``."""

    items: tuple[Marked, ...]
    span: Span
    source: Source
    flow: bool


@dataclass(frozen=True, slots=True, eq=False)
class MarkedMap:
    """A mapping: the text of a key -> the key and its value, in the order of the file, none twice; ``flow`` when
    it is written ``{a: b}``."""

    entries: Mapping[str, tuple[MarkedText, Marked]]
    span: Span
    source: Source
    flow: bool

    def get(self, key: str) -> Marked | None:
        """The value of a key, or ``None``."""
        entry = self.entries.get(key)
        return None if entry is None else entry[1]

    def key(self, key: str) -> MarkedText | None:
        """The key itself, where it is written, or ``None``."""
        entry = self.entries.get(key)
        return None if entry is None else entry[0]


Marked = MarkedText | MarkedList | MarkedMap


def plain(node: Marked) -> Plain:
    """The data without its marks."""
    match node:
        case MarkedText():
            return node.text
        case MarkedList():
            return [plain(item) for item in node.items]
        case MarkedMap():
            return {key: plain(value) for key, (_, value) in node.entries.items()}


def step(node: Marked, key: str | int) -> Marked | None:
    """One step of a way down, or ``None`` where there is no such key or position."""
    match node, key:
        case MarkedMap(), str():
            return node.get(key)
        case MarkedList(), int() if 0 <= key < len(node.items):
            return node.items[key]
        case _:
            return None


def texts(node: Marked) -> Iterator[MarkedText]:
    """Every scalar of a node, keys too, in the order of the file."""
    match node:
        case MarkedText():
            yield node
        case MarkedList():
            for item in node.items:
                yield from texts(item)
        case MarkedMap():
            for key, value in node.entries.values():
                yield key
                yield from texts(value)


def source_passage(node: Marked) -> Passage:
    """The text of a node as one passage, for formulas, shapes, domains and points.

    YAML reads ``[[1, 2], [3, 4]]`` as lists and ``{0, 1}`` as a mapping; where a formula is meant it is what is
    written that counts. Of a flow collection this is its source, without comments and with line breaks as
    blanks; a quoted item stands for what it quotes. Lines with ``-`` are the list that they spell.
    """
    if isinstance(node, MarkedText):
        return one_line(node.passage)
    if isinstance(node, MarkedList) and not node.flow:
        return _bracketed([source_passage(item) for item in node.items], node.span, node.source)
    return _as_written(node)


def one_line(passage: Passage) -> Passage:
    """The same passage with every line break and tab as a blank."""
    if not any(c in passage.text for c in "\n\r\t"):
        return passage
    text = "".join(" " if c in "\n\r\t" else c for c in passage.text)
    return Passage(text, passage.source, passage.offsets)


def stripped(passage: Passage) -> Passage:
    """The same passage without the blanks and line breaks around it."""
    text = passage.text
    start = len(text) - len(text.lstrip(" \n\r\t"))
    end = max(start, len(text.rstrip(" \n\r\t")))
    if (start, end) == (0, len(text)):
        return passage
    return Passage(text[start:end], passage.source, passage.offsets[start : end + 1])


def joined(parts: Iterable[tuple[str, tuple[int, ...]]], end: int, source: Source) -> Passage:
    """A passage of pieces of text, each with the offsets of its characters; ``end`` is the place after them."""
    chosen = list(parts)
    text = "".join(piece for piece, _ in chosen)
    return Passage(text, source, (*(offset for _, offsets in chosen for offset in offsets), end))


def _bracketed(items: list[Passage], span: Span, source: Source) -> Passage:
    parts: list[tuple[str, tuple[int, ...]]] = [("[", (span.start,))]
    for number, item in enumerate(items):
        if number:
            parts.append((", ", (item.offsets[0],) * 2))
        parts.append((item.text, item.offsets[:-1]))
    last = max(span.start, span.end - 1)
    return joined([*parts, ("]", (last,))], last + 1, source)


def _as_written(node: MarkedList | MarkedMap) -> Passage:
    source = node.source
    parts: list[tuple[str, tuple[int, ...]]] = []
    place = node.span.start
    for leaf in texts(node):
        parts.append(_gap(source, place, leaf.span.start))
        parts.append((leaf.text, leaf.passage.offsets[:-1]))
        place = leaf.span.end
    parts.append(_gap(source, place, node.span.end))
    return one_line(joined(parts, node.span.end, source))


def _gap(source: Source, start: int, end: int) -> tuple[str, tuple[int, ...]]:
    """What stands between two scalars of a flow collection: brackets, commas and blanks, comments left out."""
    kept: list[int] = []
    comment = False
    for offset in range(start, end):
        character = source.text[offset]
        comment = character != "\n" if comment else character == "#"
        if not comment:
            kept.append(offset)
    text = "".join(source.text[offset] for offset in kept)
    # YAML allows a comma after the last item, the language does not
    return _LAST_COMMA.sub(r" \1", text), tuple(kept)


#: What to do about a text that a comma has cut.
CUT_HINT = "inside { } and [ ] a comma ends a text, also within parentheses: quote the whole text, as in '(0, 1)'"


def cut_by_comma(text: str) -> bool:
    """Whether a comma seems to have cut a text in a flow collection: ``{domain: (0, 1)}`` is, to YAML, the text
    ``(0`` and a key ``1)``."""
    return text.count("(") != text.count(")")
