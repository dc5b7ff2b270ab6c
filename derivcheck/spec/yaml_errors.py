"""Owns what is said of YAML that does not parse: PyYAML's complaint, in the words of someone writing formulas."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from derivcheck.errors import Problem
from derivcheck.source import Source, Span
from derivcheck.spec.words import quoted

_QUOTE = "put the whole value in single quotes: '…'"


@dataclass(frozen=True, slots=True)
class _Row:
    """One complaint: patterns for PyYAML's ``problem`` and ``context``, and for the line up to the place; what to
    say and advise; ``at_context`` when the place is where the construct began; ``later`` when that was in a
    line before; ``back`` characters before it."""

    problem: str
    message: str
    hint: str
    context: str = ""
    before: str = ""
    at_context: bool = False
    later: bool = False
    back: int = 0


#: The first row that matches speaks.
_ROWS: tuple[_Row, ...] = (
    _Row(
        "mapping values are not allowed",
        "a second `: ` in one line",
        f"inside a text `: ` begins a value for YAML; {_QUOTE}",
        before=r"\S:\s.*$|^\s*- .*$",
    ),
    _Row(
        "mapping values are not allowed",
        "this `key:` does not stand where a key can stand",
        "begin it in the same column as the keys beside it",
    ),
    _Row(
        "could not find expected ':'",
        "there is no `: ` after this key",
        "a line of a mapping is `key: value`; a text that goes on in the next line is indented deeper than its key",
        at_context=True,
    ),
    _Row(
        "sequence entries are not allowed",
        "`- ` begins an item of a list, which cannot stand here",
        f"for a formula that begins with a minus, {_QUOTE} or leave no blank after the minus; "
        "a list begins in a line of its own",
    ),
    _Row("mapping keys are not allowed", "`? ` begins a key, which cannot stand here", _QUOTE),
    _Row(
        r"found character '\\t'",
        "a tab where YAML takes only blanks",
        "replace the tab by blanks (or remove it at the end of a line)",
    ),
    _Row(
        "found character '[@`%]'",
        "YAML reserves this character at the beginning of a text",
        _QUOTE,
    ),
    _Row("found character", "YAML cannot take this character here", _QUOTE),
    _Row(
        ".*",
        "`>` and `|` at the beginning of a value announce a block of text in the lines below",
        _QUOTE,
        context="while scanning a block scalar",
        at_context=True,
    ),
    _Row(
        ".*",
        "`*` at the beginning of a value is a YAML alias",
        _QUOTE,
        context="while scanning an alias",
        at_context=True,
    ),
    _Row(
        ".*",
        "`&` at the beginning of a value is a YAML anchor",
        _QUOTE,
        context="while scanning an anchor",
        at_context=True,
    ),
    _Row(
        ".*",
        "`!` at the beginning of a value is a YAML tag",
        _QUOTE,
        context="(scanning|parsing) a tag",
        at_context=True,
    ),
    _Row("tag handle", "`!` at the beginning of a value is a YAML tag", _QUOTE),
    _Row(
        "unexpected end of stream|unexpected document separator",
        "this quote is never closed",
        "close it; inside single quotes write a quote twice: ''",
        at_context=True,
    ),
    _Row(
        "unknown escape character|expected escape sequence",
        "a backslash in double quotes begins an escape, and this is none",
        "use single quotes for LaTeX and other text with backslashes: '…'",
        back=1,
    ),
    _Row(".*", "a line that begins with `%` is a YAML directive", _QUOTE, context="directive"),
    _Row("YAML directive|YAML document", "this YAML directive cannot be followed", "leave the `%YAML` line out"),
    _Row(
        "expected <block end>, but found '(<scalar>|,|\\]|\\})'",
        "text after the end of a value",
        f"what begins with a bracket or a quote ends with its partner; if more belongs to it, {_QUOTE}",
        before=r"[\]}'\"]\s*$",
    ),
    _Row(
        "expected <block end>, but found",
        "this line does not stand where YAML expects it",
        "begin it in the same column as the keys (or the `-`) beside it",
    ),
    _Row(
        "expected ',' or",
        "this bracket is not closed, or a comma is missing after it",
        f"close it in the line where the value ends; for a formula with brackets of its own, {_QUOTE}",
        at_context=True,
        later=True,
    ),
    _Row(
        "expected ',' or '\\]'",
        "a comma or `]` is missing before this",
        f"inside [ ] a text cannot hold brackets, braces or commas of its own; {_QUOTE} or use lines with `- `",
    ),
    _Row(
        "expected ',' or '\\}'",
        "a comma or `}` is missing before this",
        f"inside {{ }} a text cannot hold brackets, braces or commas of its own; {_QUOTE} or give each key a line",
    ),
    _Row("expected the node content", "a value is missing here", "write the value, or take the comma out"),
    _Row(
        "expected '<document start>'",
        "text after the end of the spec",
        "one file holds one spec; every line belongs to one of its keys",
    ),
)


def explain(error: yaml.YAMLError, source: Source) -> Problem:
    """The problem that a PyYAML error means, with its place in the source."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return Problem("yaml", "this is not YAML", None, "check indentation and quotes")
    problem, context = error.problem or "", error.context or ""
    mark = error.problem_mark or error.context_mark
    place = 0 if mark is None else mark.index
    line = source.text[source.text.rfind("\n", 0, place) + 1 : place]
    for row in _ROWS:
        if row.later and "\n" not in source.text[_index(error.context_mark) : place]:
            continue
        if re.search(row.problem, problem) and re.search(row.context, context) and re.search(row.before, line):
            begun = error.context_mark if row.at_context else None
            at = _within(begun.index if begun is not None else place - row.back, source)
            return Problem("yaml", row.message, at, row.hint)
    return Problem("yaml", f"YAML cannot be read here ({quoted(problem)})", _within(place, source), _QUOTE)


def impossible_number(source: Source) -> Problem:
    """The problem of an escape beyond Unicode or a directive with a number of thousands of digits."""
    match = re.search(r"\\U(?!000|0010)[0-9A-Fa-f]{8}|^%.*", source.text, re.MULTILINE)
    at = None if match is None else Span(*match.span())
    hint = "use single quotes for text with backslashes, and leave `%` lines out"
    return Problem("yaml", "an escape or a directive with an impossible number", at, hint)


def _index(mark: yaml.Mark | None) -> int:
    return 0 if mark is None else mark.index


def _within(place: int, source: Source) -> Span:
    """One character; at the end of the file the last one that can be seen."""
    start = place if place < len(source.text) else max(0, len(source.text.rstrip()) - 1)
    return Span(start, min(start + 1, len(source.text)))
