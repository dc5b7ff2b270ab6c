"""Owns the reading of YAML: a text to marked data, every scalar a string, with every problem of the way.

PyYAML's own Python parser gives events, one at a time; the tree is built here without recursion, so that depth,
size and number of nodes are limits and not crashes. (The C parser is faster and is not used: a file must say the
same on every machine.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from unicodedata import category

import yaml

from derivcheck.errors import Problem
from derivcheck.lang.names import code_point
from derivcheck.source import Source, Span
from derivcheck.spec.marks import Marked, MarkedList, MarkedMap, MarkedText, stripped
from derivcheck.spec.scalars import STYLES, decode
from derivcheck.spec.words import quoted
from derivcheck.spec.yaml_errors import explain, impossible_number

#: The longest file, in bytes of UTF-8.
MOST_BYTES = 1_000_000
#: How deep lists and mappings may stand in each other.
MOST_DEPTH = 24
#: How many texts, lists and mappings a file may have.
MOST_NODES = 50_000
#: How many bad characters of a file are reported one by one.
_MOST_CHARACTERS = 20

_SINGLE = "a backslash in double quotes begins an escape; use single quotes for LaTeX: '…'"
_QUOTE = "for a formula that begins so, put it in single quotes: '…'"


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a text: its mapping (``None`` if there is none to speak of) and the problems met."""

    source: Source
    top: MarkedMap | None
    problems: tuple[Problem, ...]


def read(text: str, path: str) -> Reading:
    """A spec's text as marked data. Never raises: whatever is wrong is in the problems."""
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MOST_BYTES:
        return Reading(Source(path, text), None, (too_long(size),))
    source, problems = _characters(Source(path, text.removeprefix("\ufeff")))
    composer = _Composer(source, problems)
    try:
        for event in _events(source):
            composer.take(event)
    except _Stop as stop:
        return Reading(source, None, (*problems, stop.problem))
    return Reading(source, composer.top(), tuple(problems))


def too_long(size: int) -> Problem:
    """The problem of a file of so many bytes."""
    return Problem(
        "limit",
        f"the file has {size:,} bytes; a spec has at most {MOST_BYTES:,}",
        None,
        "split it into several specs",
    )


class _Stop(Exception):
    """Reading cannot go on."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _events(source: Source) -> Iterator[yaml.Event]:
    events = yaml.parse(source.text, Loader=yaml.SafeLoader)
    while True:
        try:
            event = next(events, None)
        except yaml.YAMLError as error:
            raise _Stop(explain(error, source)) from None
        except (ValueError, OverflowError):
            # PyYAML turns digits of escapes and directives into numbers without looking at their size
            raise _Stop(impossible_number(source)) from None
        if event is None:
            return
        yield event


def forbidden(character: str) -> bool:
    """Whether a character may not stand in a spec: controls, direction and invisible formatting characters,
    line separators, halves of surrogate pairs. (The joiners U+200C and U+200D belong to ordinary words.)"""
    if " " <= character <= "~" or character in "\t\n\r\u200c\u200d":
        return False
    return category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") or character in "\ufffe\uffff"


def _characters(source: Source) -> tuple[Source, list[Problem]]:
    """The source with each forbidden character as ``�``, and what was wrong with them."""
    bad = [i for i, c in enumerate(source.text) if not " " <= c <= "~" and forbidden(c)]
    problems = [
        Problem(
            "character",
            f"a control or invisible character, {code_point(source.text[i])}",
            Span(i, i + 1),
            "delete it",
        )
        for i in bad[:_MOST_CHARACTERS]
    ]
    lone = _lone_return(source.text)
    if lone is not None:
        hint = "save the file with line breaks of the usual kind (LF or CRLF)"
        problems.append(Problem("character", "a carriage return that ends no line", Span(lone, lone + 1), hint))
    if not bad:
        return source, problems
    characters = list(source.text)
    for i in bad:
        characters[i] = "\N{REPLACEMENT CHARACTER}"
    return Source(source.path, "".join(characters)), problems


def _lone_return(text: str) -> int | None:
    place = text.find("\r")
    while place >= 0:
        if text[place + 1 : place + 2] != "\n":
            return place
        place = text.find("\r", place + 1)
    return None


@dataclass(slots=True)
class _Open:
    """A collection that is being read; in a mapping ``key`` waits for its value, ``has_key`` says that one does
    (it is ``None`` while a key that cannot be kept waits)."""

    mapping: bool
    start: int
    flow: bool
    end: int
    items: list[Marked] = field(default_factory=list)
    entries: dict[str, tuple[MarkedText, Marked]] = field(default_factory=dict)
    key: MarkedText | None = None
    has_key: bool = False


class _Composer:
    """Events in, marked data out."""

    def __init__(self, source: Source, problems: list[Problem]) -> None:
        self.source = source
        self.problems = problems
        self.open: list[_Open] = []
        self.root: Marked | None = None
        self.nodes = 0
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self._document(event)
            case yaml.AliasEvent():
                span = _span(event)
                message = f"a YAML alias, {quoted(self.source.text[span.start : span.end])}"
                self.problem("alias", message, span, _QUOTE)
                self._place(self._nothing(span))
            case yaml.ScalarEvent():
                self._properties(event)
                self._place(self._scalar(event))
            case yaml.CollectionStartEvent():
                self._properties(event)
                self._begin(event)
            case yaml.CollectionEndEvent():
                self._end(event)

    def top(self) -> MarkedMap | None:
        if isinstance(self.root, MarkedMap):
            return self.root
        start = "begin with `derivcheck: 1` and `title: …`"
        if self.root is None or (isinstance(self.root, MarkedText) and not self.root.text):
            self.problem("empty", "the file is empty", None, start)
        else:
            kind = "a list" if isinstance(self.root, MarkedList) else "a text"
            first = Span(self.root.span.start, self.root.span.start + 1)
            self.problem("kind", f"a spec is a mapping of keys to values, not {kind}", first, start)
        return None

    def problem(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        self.problems.append(Problem(code, message, span, hint))

    def _document(self, event: yaml.DocumentStartEvent) -> None:
        self.documents += 1
        span = _span(event)
        if self.documents > 1:
            hint = "one file holds one derivation; put the second into a file of its own"
            raise _Stop(Problem("document", "a second YAML document begins here", span, hint))
        if event.tags:
            self.problem("tag", "a `%TAG` directive", span, "leave it out: every value is text")

    def _properties(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        """Anchors and tags stand before the node they belong to, inside the event's span."""
        at = _word(self.source, _span(event).start)
        if event.anchor is not None:
            self.problem("anchor", f"a YAML anchor, {quoted('&' + event.anchor)}", at, _QUOTE)
        if event.tag is not None:
            hint = f"leave it out: every value is text; {_QUOTE}"
            self.problem("tag", f"a YAML tag, {quoted(event.tag)}", at, hint)

    def _count(self, span: Span) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            message = f"more than {MOST_NODES:,} values in one spec"
            raise _Stop(Problem("limit", message, span, "split it into several specs"))

    def _scalar(self, event: yaml.ScalarEvent) -> MarkedText:
        span = _span(event)
        style = STYLES[event.style]
        if event.anchor is not None or event.tag is not None:
            return self._nothing(span)
        if style in ("literal", "folded") and any(c in "123456789" for c in self._header(span.start)):
            hint = "leave the number out and begin the text in the same column in every line"
            at = Span(span.start, span.start + 2)
            self.problem("yaml", "a block of text with an indentation number", at, hint)
            return self._nothing(span)
        scalar = decode(self.source, span.start, span.end, style)
        for position in scalar.escapes:
            character = scalar.passage.text[position]
            if forbidden(character) or character in "\t\n\r":
                at = Span(scalar.passage.offsets[position], scalar.passage.offsets[position] + 2)
                message = f"an escape that stands for a control character, {code_point(character)}"
                self.problem("character", message, at, _SINGLE)
        return MarkedText(stripped(scalar.passage), span, style)

    def _nothing(self, span: Span) -> MarkedText:
        """What stands for a scalar that has been refused."""
        return MarkedText(decode(self.source, span.end, span.end, "plain").passage, span)

    def _header(self, start: int) -> str:
        """What follows the ``|`` or ``>`` of a block of text."""
        return self.source.text[start + 1 : start + 3].split("\n", maxsplit=1)[0].split("#", maxsplit=1)[0]

    def _begin(self, event: yaml.CollectionStartEvent) -> None:
        span = _span(event)
        self._count(span)
        if len(self.open) >= MOST_DEPTH:
            message = f"more than {MOST_DEPTH} lists and mappings inside each other"
            raise _Stop(Problem("limit", message, Span(span.start, span.start + 1), "no spec is that deep"))
        opened = _Open(isinstance(event, yaml.MappingStartEvent), span.start, bool(event.flow_style), end=span.start)
        self.open.append(opened)

    def _end(self, event: yaml.CollectionEndEvent) -> None:
        done = self.open.pop()
        span = Span(done.start, max(_span(event).end if done.flow else done.end, done.start))
        node: Marked
        if done.mapping:
            node = MarkedMap(done.entries, span, self.source, done.flow)
        else:
            node = MarkedList(tuple(done.items), span, self.source, done.flow)
        self._place(node, counted=True)

    def _place(self, node: Marked, *, counted: bool = False) -> None:
        """Put a finished node where it belongs."""
        if not counted:
            self._count(node.span)
        if not self.open:
            self.root = node
            return
        parent = self.open[-1]
        parent.end = max(parent.end, node.span.end)
        if not parent.mapping:
            parent.items.append(node)
        elif parent.has_key:
            if parent.key is not None:
                parent.entries[parent.key.text] = (parent.key, node)
            parent.key, parent.has_key = None, False
        else:
            parent.key, parent.has_key = self._key(node, parent), True

    def _key(self, node: Marked, parent: _Open) -> MarkedText | None:
        first = Span(node.span.start, min(node.span.start + 1, len(self.source.text)))
        if not isinstance(node, MarkedText):
            self.problem("key", "a key must be a text", first, "put it in single quotes: '…'")
            return None
        if not node.text:
            self.problem("key", "a key is missing before this `:`", first, "write `key: value`")
            return None
        strange = next((c for c in node.text if c != " " and category(c) == "Zs"), None)
        if strange is not None:
            message = f"a blank in a key that is none to YAML, {code_point(strange)}"
            self.problem("key", message, node.span, "replace it by an ordinary blank")
            return None
        if node.text == "<<":
            self.problem("merge", "a YAML merge key, `<<`", node.span, "write the keys out")
            return None
        if node.text in parent.entries:
            line, _ = self.source.position(parent.entries[node.text][0].span.start)
            message = f"{quoted(node.text)} is given twice (first in line {line})"
            self.problem("duplicate", message, node.span, "keep one of the two")
            return None
        return node


def _span(event: yaml.Event) -> Span:
    start, end = event.start_mark, event.end_mark
    assert start is not None
    assert end is not None
    return Span(start.index, end.index)


def _word(source: Source, start: int) -> Span:
    """From a place to the next blank, comma or bracket."""
    end = start
    while end < len(source.text) and source.text[end] not in " \t\r\n,[]{}":
        end += 1
    return Span(start, max(end, start + 1))
