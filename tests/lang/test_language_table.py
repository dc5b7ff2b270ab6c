"""The parser's table is the grammar's: made anew it is the same, and Lark itself reads and refuses alike."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lark.exceptions import UnexpectedToken

from derivcheck.lang import make_table, parse, table
from derivcheck.lang.automaton import LIST, PASS, Unexpected
from derivcheck.lang.build import Builder
from derivcheck.source import Passage

SHIPPED = Path(table.__file__).read_text(encoding="utf-8")
LARK = make_table.lark(transformer=Builder())

#: What formulas are made of, and what they are not: every terminal, in all its spellings, and their near misses.
WORDS = (
    "a", "f", "W1", "ŷ", "∞", "in", "inner", "or", "order", "and", "not", "nota", "for", "T",
    "1", "2.5", ".5", "1e-3", "1e−3", "3.", "==", "=", "!=", "≠", "<", "<=", "≤", ">=", "≈", "~=", "~", "**", "^",
    "*", "@", "/", "//", "+", "-", "−", "->", ",", ":", ":=", "(", ")", "[", "]", "{", "}", "'", "’", ".T", ". T",
    ".Tx", ".shape", "&&", "|", "\\", "$", "£", " ", "\t", "\n", "\u00a0", "a\u0302",
)  # fmt: skip
#: Whole pieces, so that what is put together is often a formula.
PIECES = (
    "f(a, axis=1)", "f''(a)", "sum(a[i] for i in n)", "prod(a for i in n, j in {0, 1})", "[1, [a]]", "(a, b)",
    "a[:, 1]", "a.T", "(a)", "not a", "a < b", "a == b == c", " + a", " * b", " ** c", " and a", " or b",
    " for i in (0, 1]", " for k in positive definite", "f()", "[]", "{}", "-a", "one-hot", "[0, 1)",
    "positive definite",
)  # fmt: skip

texts = st.lists(st.sampled_from(WORDS + PIECES), max_size=12).map("".join) | st.text(max_size=12)


def read_by_lark(passage, start):
    """The tokens, and what Lark makes of them by the grammar, or where it stops and what it expects there."""
    tokens = list(LARK.lex(passage.text))
    pieces = [parse.Piece(t.type, str(t), passage.span(t.start_pos, t.end_pos), t.start_pos) for t in tokens]
    parser, fed = LARK.parse_interactive("", start=start), 0
    try:
        for piece in pieces:
            parser.feed_token(piece)
            fed += 1
        return pieces, parser.feed_eof()
    except UnexpectedToken:
        return pieces, (fed, parser.accepts())


def read_by_table(passage, start):
    pieces = parse._pieces(passage)
    try:
        return pieces, parse._AUTOMATON.parse(pieces, start, Builder())
    except Unexpected as found:
        return pieces, (found.place, found.expected)


def test_the_shipped_table_is_that_of_the_grammar():
    assert make_table.table_text() == SHIPPED


@pytest.mark.parametrize("seed", ["1", "23"])
def test_the_table_does_not_depend_on_how_sets_are_hashed(seed):
    made = subprocess.run(
        [sys.executable, "-m", "derivcheck.lang.make_table"],
        env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONUTF8": "1"}, capture_output=True, check=True,
    )  # fmt: skip
    assert made.stdout.decode("utf-8").splitlines() == SHIPPED.splitlines()


def test_every_rule_has_its_method():
    assert [rule for rule in table.RULES if rule[2] not in (PASS, LIST) and not hasattr(Builder, rule[2])] == []


@pytest.mark.parametrize("start", make_table.STARTS)
@settings(derandomize=True, max_examples=300, deadline=None)
@given(text=texts)
@example(text="")
@example(text="a + b - c*d/e @ f**-g == not (h or i) and j for i in n for j in {1, 2}, k in [0, 1)")
@example(text="a" + " + a" * 300)
@example(text="a" + "[1, :, b.T]" * 30)
def test_lark_reads_and_refuses_alike(start, text):
    passage = Passage.of(text)
    assert read_by_table(passage, start) == read_by_lark(passage, start)
