"""Owns the making of the parser's table: Lark's, of ``grammar.lark``, numbered anew so that it is always the same.

Only who changes the grammar runs this (``python -m derivcheck.lang.make_table > derivcheck/lang/table.py``); a run
of derivcheck needs the table and neither this nor Lark, whose import and table take a fifth of a second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lark import Lark
from lark.grammar import Rule
from lark.lexer import PatternStr, TerminalDef
from lark.parsers.lalr_analysis import Shift

from derivcheck.lang.automaton import END, LIST, PASS

GRAMMAR = Path(__file__).with_name("grammar.lark")
STARTS = ("expression", "statement", "domain")
#: It has the terminals that no start asks for, which the lexer shall know all the same.
NEVER = "never"

_HEAD = '''"""The parser's table, made of ``grammar.lark`` by :mod:`derivcheck.lang.make_table`; not to be edited."""

from typing import Final

# fmt: off
'''


def lark(**options: Any) -> Lark:
    """The grammar, read by Lark."""
    grammar = GRAMMAR.read_text(encoding="utf-8")
    starts = [*STARTS, NEVER]
    return Lark(grammar, parser="lalr", lexer="basic", start=starts, maybe_placeholders=False, **options)


def table_text() -> str:
    """The text of ``table.py``."""
    read = lark()
    rules = sorted((rule for rule in read.rules if rule.origin.name != NEVER), key=_order)
    starts, states = _states(read, rules)
    terminals, keywords, ignored = _terminals(read)
    tables = (
        ("TERMINALS: Final[tuple[tuple[str, str], ...]] = (", [f"{pair!a}," for pair in terminals], ")"),
        ("KEYWORDS: Final[dict[str, str]] = {", [f"{word!r}: {name!r}," for word, name in keywords], "}"),
        ("IGNORED: Final[frozenset[str]] = frozenset({", [f"{name!r}," for name in ignored], "})"),
        ("RULES: Final[tuple[tuple[str, int, str], ...]] = (", [f"{_rule(rule)!r}," for rule in rules], ")"),
        ("STARTS: Final[dict[str, int]] = {", [f"{name!r}: {state}," for name, state in starts.items()], "}"),
        ("STATES: Final[tuple[dict[str, int], ...]] = (", [f"{row!r}," for row in states], ")"),
    )
    lines = [line for head, rows, end in tables for line in (head, *_folded(rows), end)]
    return _HEAD + "\n".join(lines) + "\n"


def _folded(rows: list[str], width: int = 110) -> Iterator[str]:
    """Rows of a table, indented; a long one broken where a comma and a blank stand between its entries."""
    for row in rows:
        line = f"    {row}"
        while len(line) > width:
            cut = line.rindex(", ", 0, width) + 1
            yield line[:cut]
            line = f"     {line[cut:]}"
        yield line


def _order(rule: Rule) -> tuple[str, tuple[str, ...]]:
    return rule.origin.name, tuple(symbol.name for symbol in rule.expansion)


def _rule(rule: Rule) -> tuple[str, int, str]:
    """What is reduced, from how many parts, and what becomes of them: a rule that begins with ``?`` hands on its only
    part, and what is repeated is a rule of Lark's own, which begins with ``_``."""
    origin, count = str(rule.origin.name), len(rule.expansion)
    assert count, "the automaton knows no empty rules"
    if origin.startswith("_"):
        return origin, count, LIST
    if rule.options.expand1 and not rule.alias and count == 1:
        return origin, count, PASS
    return origin, count, rule.alias or origin


def _states(read: Lark, rules: list[Rule]) -> tuple[dict[str, int], list[dict[str, int]]]:
    """The states, numbered as they are come upon from the starts by way of the symbols in their order: Lark's own
    numbers depend on how sets are hashed."""
    parser: Any = read.parser
    theirs = parser.parser._parse_table
    numbers = {rule: number for number, rule in enumerate(rules)}
    ends = {theirs.end_states[start] for start in STARTS}
    order = [theirs.start_states[start] for start in STARTS]
    places = {state: place for place, state in enumerate(order)}
    rows = []
    for state in order:
        row = {}
        for symbol, (action, target) in sorted(theirs.states[state].items()):
            if action is Shift and target not in places:
                places[target] = len(order)
                order.append(target)
            row[str(symbol)] = places[target] if action is Shift else ~numbers[target]
        if state in ends:  # Lark looks for these; to us the end is a token like another, behind which there is none
            row[END] = places[state]
        rows.append(row)
    return {start: places[theirs.start_states[start]] for start in STARTS}, rows


def _terminals(read: Lark) -> tuple[list[tuple[str, str]], list[tuple[str, str]], list[str]]:
    """The terminals in the order in which Lark's lexer tries them, the names that are keywords, and what is left out
    between tokens. A keyword is no terminal of its own to Lark's lexer, but a name that is spelled so."""
    lexer: Any = read._build_lexer(dont_ignore=False)
    names = [terminal.name for terminal in lexer.terminals if terminal.name in lexer.scanner.allowed_types]
    by_name: dict[str, TerminalDef] = {terminal.name: terminal for terminal in read.terminals}
    keywords = sorted(
        (terminal.pattern.value, name)
        for name, terminal in by_name.items()
        if name not in names and isinstance(terminal.pattern, PatternStr)
    )
    assert len(names) + len(keywords) == len(by_name)
    return [(name, by_name[name].pattern.to_regexp()) for name in names], keywords, sorted(lexer.ignore_types)


if __name__ == "__main__":
    sys.stdout.write(table_text())
