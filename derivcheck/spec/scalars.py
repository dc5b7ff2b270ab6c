"""Owns YAML's scalar styles: what a plain, quoted or block scalar stands for, and where each character stands.

PyYAML says where a scalar begins and ends but not where its characters are; a caret under a formula needs that.
Each style is decoded here from the source, by the rules of YAML 1.1 as PyYAML has them (a test compares the two).
Line breaks are ``\\n`` or ``\\r\\n``; the reader has refused the rarer ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from derivcheck.source import Passage, Source
from derivcheck.spec.marks import Style

STYLES: dict[str | None, Style] = {
    None: "plain", "": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded",
}  # fmt: skip

_BREAK = re.compile(r"\r?\n|\r")
_HEXADECIMAL = {"x": 2, "u": 4, "U": 8}
_ESCAPES = {
    "0": "\0", "a": "\a", "b": "\b", "t": "\t", "\t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r",
    "e": "\x1b", " ": " ", '"': '"', "\\": "\\", "/": "/",
    "N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029",
}  # fmt: skip


@dataclass(slots=True)
class _Decoded:
    """Characters as they are found, each with its offset; ``escaped`` are the places of escape sequences."""

    characters: list[str] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    escaped: list[int] = field(default_factory=list)

    def put(self, character: str, offset: int) -> None:
        self.characters.append(character)
        self.offsets.append(offset)

    def copy(self, text: str, start: int, end: int) -> None:
        self.characters.extend(text[start:end])
        self.offsets.extend(range(start, end))


@dataclass(frozen=True, slots=True)
class Scalar:
    """A decoded scalar; ``escapes`` has the positions in the passage of characters that an escape stands for."""

    passage: Passage
    escapes: tuple[int, ...]


def decode(source: Source, start: int, end: int, style: Style) -> Scalar:
    """What the scalar at ``start:end`` of the source (quotes and block header included) stands for."""
    out = _Decoded()
    last = _DECODERS[style](source.text, start, end, out)
    passage = Passage("".join(out.characters), source, (*out.offsets, last))
    return Scalar(passage, tuple(out.escaped))


def _plain(text: str, start: int, end: int, out: _Decoded) -> int:
    _flow_lines(text, start, end, out, blanks=" ")
    return end


def _single(text: str, start: int, end: int, out: _Decoded) -> int:
    place = start + 1
    while (quote := text.find("''", place, end - 1)) >= 0:
        place = _flow_lines(text, place, quote, out)
        out.put("'", quote)
        place = quote + 2
    _flow_lines(text, place, end - 1, out)
    return end - 1


def _double(text: str, start: int, end: int, out: _Decoded) -> int:
    place = start + 1
    while (slash := text.find("\\", place, end - 1)) >= 0:
        place = _flow_lines(text, place, slash, out)
        place = _escape(text, slash, end - 1, out)
    _flow_lines(text, place, end - 1, out)
    return end - 1


def _escape(text: str, slash: int, end: int, out: _Decoded) -> int:
    letter = text[slash + 1]
    if letter in "\r\n":
        # a line that ends in a backslash goes on in the next one without a blank
        folded = _folded(text, _BREAK.match(text, slash + 1), end)
        for _ in range(folded.count - 1):
            out.put("\n", slash)
        return folded.end
    out.escaped.append(len(out.characters))
    digits = _HEXADECIMAL.get(letter)
    if digits is None:
        out.put(_ESCAPES[letter], slash)
        return slash + 2
    out.put(chr(int(text[slash + 2 : slash + 2 + digits], 16)), slash)
    return slash + 2 + digits


@dataclass(frozen=True, slots=True)
class _Breaks:
    count: int
    end: int


def _folded(text: str, first: re.Match[str] | None, end: int) -> _Breaks:
    """How many line breaks there are from the first one on, and where text begins again."""
    count, place = 0, end
    match = first
    while match is not None and match.end() <= end:
        count, place = count + 1, match.end()
        while place < end and text[place] in " \t":
            place += 1
        match = _BREAK.match(text, place, end)
    return _Breaks(count, place)


def _flow_lines(text: str, start: int, end: int, out: _Decoded, blanks: str = " \t") -> int:
    """Copy text, folding its lines: one line break is a blank, each further one a line break."""
    place = start
    while (match := _BREAK.search(text, place, end)) is not None:
        stop = match.start()
        while stop > place and text[stop - 1] in blanks:
            stop -= 1
        out.copy(text, place, stop)
        folded = _folded(text, match, end)
        for character in "\n" * (folded.count - 1) or " ":
            out.put(character, stop)
        place = folded.end
    out.copy(text, place, end)
    return end


def _block(text: str, start: int, end: int, out: _Decoded, *, folded: bool) -> int:
    header = _BREAK.search(text, start, end)
    if header is None:
        return end
    lines = _lines(text, header.end(), end)
    indent = 0
    for first, stop in lines:
        blank = len(text[first:stop]) - len(text[first:stop].lstrip(" "))
        indent = max(indent, blank)
        if first + blank < stop:
            break
    previous = ""  # what the last line of text began with, once there was one
    empty: list[int] = []
    for first, stop in lines:
        body = min(first + indent, stop)
        if body == stop and not text[first:stop].strip(" "):
            empty.append(first)
            continue
        _between(text, previous, body, empty, out, folded=folded)
        empty = []
        out.copy(text, body, stop)
        previous = text[body]
    return end


def _between(text: str, previous: str, body: int, empty: list[int], out: _Decoded, *, folded: bool) -> None:
    """What stands between two lines of text of a block scalar."""
    fold = folded and previous not in " \t" and text[body] not in " \t"
    if previous and not fold:
        out.put("\n", empty[0] if empty else body)
    elif previous and not empty:
        out.put(" ", body)
    for place in empty:
        out.put("\n", place)


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    lines = []
    place = start
    while place < end:
        match = _BREAK.search(text, place, end)
        lines.append((place, match.start() if match else end))
        place = match.end() if match else end
    return lines


def _literal(text: str, start: int, end: int, out: _Decoded) -> int:
    return _block(text, start, end, out, folded=False)


def _folded_block(text: str, start: int, end: int, out: _Decoded) -> int:
    return _block(text, start, end, out, folded=True)


_DECODERS: dict[Style, Callable[[str, int, int, _Decoded], int]] = {
    "plain": _plain, "single": _single, "double": _double, "literal": _literal, "folded": _folded_block,
}  # fmt: skip
