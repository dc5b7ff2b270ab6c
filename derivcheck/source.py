"""Owns places in text: a source, a span of it, and the excerpt with a caret that shows a reader where."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from unicodedata import category, east_asian_width


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range ``start:end`` of character offsets into one source's text."""

    start: int
    end: int

    def to(self, other: Span) -> Span:
        """The smallest span that covers this one and ``other``."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True)
class Source:
    """A text and the name a reader knows it by (a path, or ``<statement>`` for a string given in Python)."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        starts.extend(i + 1 for i, c in enumerate(self.text) if c == "\n")
        return starts

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a character, both counted from 1; columns count characters."""
        line = bisect_right(self._starts, offset) - 1
        return line + 1, offset - self._starts[line] + 1

    def line(self, number: int) -> str:
        """The text of a line (counted from 1) without its line break."""
        start = self._starts[number - 1]
        end = self._starts[number] - 1 if number < len(self._starts) else len(self.text)
        return self.text[start:end].rstrip("\r")

    def where(self, span: Span) -> str:
        """``path:line:column`` of the start of a span."""
        line, column = self.position(span.start)
        return f"{self.path}:{line}:{column}"

    def excerpt(self, span: Span, width: int = 100) -> str:
        """The line in which a span begins and, under it, carets below the span; long lines are cut around it."""
        number, column = self.position(span.start)
        line = self.line(number)
        length = max(1, min(span.end - span.start, len(line) - column + 1))
        first = max(0, min(column - 1 - width // 3, len(line) - width))
        shown = "".join(visible(c) for c in line[first : first + width])
        lead = "…" if first else ""
        tail = "…" if first + width < len(line) else ""
        before = "".join(visible(c) for c in line[first : column - 1])
        marked = "".join(visible(c) for c in line[column - 1 : column - 1 + length])
        room = max(1, columns(shown) - columns(before))
        carets = "^" * max(1, min(columns(marked), room))
        return f"{lead}{shown}{tail}\n{' ' * (columns(lead) + columns(before))}{carets}"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text to be read and where each of its characters stands in its source.

    ``offsets`` has one entry a character and one for the end; an escape or a folded line break in the source
    makes neighbouring characters of ``text`` stand further apart than one.
    """

    text: str
    source: Source
    offsets: tuple[int, ...] = field(repr=False)

    @classmethod
    def of(cls, text: str, path: str = "<statement>") -> Passage:
        """A whole text as a passage of itself."""
        return cls(text, Source(path, text), tuple(range(len(text) + 1)))

    def span(self, start: int, end: int) -> Span:
        """The span in the source of the characters ``start:end`` of this passage."""
        last = self.offsets[end - 1] + 1 if end > start else self.offsets[start]
        return Span(self.offsets[start], max(last, self.offsets[start]))

    @property
    def whole(self) -> Span:
        """The span in the source of all of it."""
        return self.span(0, len(self.text))


def columns(text: str) -> int:
    """How many terminal cells a text takes: wide characters two, combining marks none."""
    return sum(0 if category(c) in ("Mn", "Me") else 2 if east_asian_width(c) in "WF" else 1 for c in text)


def visible(character: str) -> str:
    """A character as it may be shown: tabs as a blank, control and direction characters as ``�``."""
    if character == "\t":
        return " "
    return "\N{REPLACEMENT CHARACTER}" if category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") else character
