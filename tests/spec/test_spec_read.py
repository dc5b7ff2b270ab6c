"""YAML that is taken, YAML that is not and why, and limits that hold before anything breaks."""

import time

import pytest
from specfile import HEAD, PATH, problems, refused

from derivcheck.spec.marks import MarkedList, MarkedMap, plain, source_passage
from derivcheck.spec.read import MOST_BYTES, MOST_DEPTH, MOST_NODES, read


def data(text):
    reading = read(text, PATH)
    assert reading.problems == ()
    return plain(reading.top)


def told(text):
    reading = read(text, PATH)
    return [
        (*(reading.source.position(p.span.start) if p.span else (0, 0)), p.code, p.message) for p in reading.problems
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: y", {"a": "y"}),
        ("n: no", {"n": "no"}),
        ("on: 1e-3", {"on": "1e-3"}),
        ("a: 1:30", {"a": "1:30"}),
        ("a: 0o17", {"a": "0o17"}),
        ("a: ~", {"a": "~"}),
        ("a: null", {"a": "null"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a:", {"a": ""}),
        ("a: ''", {"a": ""}),
        ("a: [1, 2.50, true]", {"a": ["1", "2.50", "true"]}),
        ("a: {b: c}", {"a": {"b": "c"}}),
        ("a: {0, 1}", {"a": {"0": "", "1": ""}}),
        ("a:\n- b\n- - c", {"a": ["b", ["c"]]}),
        ('a: "\\u0394 \\\\ \\x41"', {"a": "Δ \\ A"}),
        ("a: 'it''s'", {"a": "it's"}),
        ("a: >\n  b\n  c\n\n  d\n", {"a": "b c\nd"}),
        ("a: |\n  b\n   c\n", {"a": "b\n c"}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: b\r\nc: d\r\n", {"a": "b", "c": "d"}),
        ("---\na: b\n...\n", {"a": "b"}),
        ("%YAML 1.2\n---\na: b\n", {"a": "b"}),
        ("# c\na: b # c\n", {"a": "b"}),
        ("a: می\u200cخواهم", {"a": "می\u200cخواهم"}),
    ],
)
def test_every_scalar_is_text(text, expected):
    assert data(text) == expected


@pytest.mark.parametrize(
    ("text", "line", "column", "code", "message"),
    [
        # structure
        ("a: 1\nb: 2\na: 3", 3, 1, "duplicate", "`a` is given twice (first in line 1)"),
        ("a: {0, 1, 0}", 1, 11, "duplicate", "`0` is given twice (first in line 1)"),
        ("a: &b c", 1, 4, "anchor", "a YAML anchor, `&b`"),
        ("a: &b [c]", 1, 4, "anchor", "a YAML anchor, `&b`"),
        ("a: *b", 1, 4, "alias", "a YAML alias, `*b`"),
        ("a: {<<: b}", 1, 5, "merge", "a YAML merge key, `<<`"),
        ("a: !!int 3", 1, 4, "tag", "a YAML tag, `tag:yaml.org,2002:int`"),
        ("a: !x [3]", 1, 4, "tag", "a YAML tag, `!x`"),
        ("a: !<tag:x,[y]> 3", 1, 4, "tag", "a YAML tag, `tag:x,[y]`"),
        ("a: ! b", 1, 4, "tag", "a YAML tag, `!`"),
        ("%TAG !e! tag:e,\n---\na: b", 1, 1, "tag", "a `%TAG` directive"),
        ("a: b\n---\nc: d", 2, 1, "document", "a second YAML document begins here"),
        ("? [a]\n: b", 1, 3, "key", "a key must be a text"),
        ("{[a]: b}", 1, 2, "key", "a key must be a text"),
        ("{a: b, '': c}", 1, 8, "key", "a key is missing before this `:`"),
        ("\u00a0a: b", 1, 1, "key", "a blank in a key that is none to YAML, U+00A0 (NO-BREAK SPACE"),
        ("", 0, 0, "empty", "the file is empty"),
        (" \n# nothing\n", 0, 0, "empty", "the file is empty"),
        ("--- ''", 0, 0, "empty", "the file is empty"),
        ("- a", 1, 1, "kind", "a spec is a mapping of keys to values, not a list"),
        ("abc", 1, 1, "kind", "a spec is a mapping of keys to values, not a text"),
        # characters
        ("a: b\x07", 1, 5, "character", "a control or invisible character, U+0007"),
        ("a: \0", 1, 4, "character", "a control or invisible character, U+0000"),
        ("a: \x85", 1, 4, "character", "a control or invisible character, U+0085"),
        ("a: b\u2028", 1, 5, "character", "a control or invisible character, U+2028 (LINE SEPARATOR"),
        ("a: \u202eb", 1, 4, "character", "a control or invisible character, U+202E (RIGHT-TO-LEFT OVERRIDE"),
        ("# \u2066\na: b", 1, 3, "character", "a control or invisible character, U+2066 (LEFT-TO-RIGHT ISOLATE"),
        ("a: b\ufeff", 1, 5, "character", "a control or invisible character, U+FEFF (ZERO WIDTH NO-BREAK SPACE"),
        ("a: \ud800", 1, 4, "character", "a control or invisible character, U+D800"),
        ("a: \uffff", 1, 4, "character", "a control or invisible character, U+FFFF"),
        ("a: b\rc: d", 1, 5, "character", "a carriage return that ends no line"),
        ('a: "\\frac"', 1, 5, "character", "an escape that stands for a control character, U+000C"),
        ('a: "x \\theta"', 1, 7, "character", "an escape that stands for a control character, U+0009"),
        ('a: "\\nabla"', 1, 5, "character", "an escape that stands for a control character, U+000A"),
        ('a: "\\u202e"', 1, 5, "character", "an escape that stands for a control character, U+202E (RIGHT-TO-LEFT"),
        ('a: "\\Lambda"', 1, 5, "character", "an escape that stands for a control character, U+2028 (LINE"),
        ('"\\eta": b', 1, 2, "character", "an escape that stands for a control character, U+001B"),
        # syntax
        ("title: One: two", 1, 11, "yaml", "a second `: ` in one line"),
        ("- a: b: c", 1, 7, "yaml", "a second `: ` in one line"),
        ("a: b\n  c: d", 2, 4, "yaml", "this `key:` does not stand where a key can stand"),
        ("a: b\nc\nd: e", 2, 1, "yaml", "there is no `: ` after this key"),
        ("a: - x", 1, 4, "yaml", "`- ` begins an item of a list, which cannot stand here"),
        ("a: ? x", 1, 4, "yaml", "`? ` begins a key, which cannot stand here"),
        ("a:\n\tb: c", 2, 1, "yaml", "a tab where YAML takes only blanks"),
        ("a: b\t", 1, 5, "yaml", "a tab where YAML takes only blanks"),
        ("a: @b", 1, 4, "yaml", "YAML reserves this character at the beginning of a text"),
        ("a: `b`", 1, 4, "yaml", "YAML reserves this character at the beginning of a text"),
        ("a: {n: >= 2}", 1, 8, "yaml", "YAML cannot take this character here"),
        ("a: >= 2", 1, 4, "yaml", "`>` and `|` at the beginning of a value announce a block of text"),
        ("a: |x|", 1, 4, "yaml", "`>` and `|` at the beginning of a value announce a block of text"),
        ("a: |2\n  b", 1, 4, "yaml", "a block of text with an indentation number"),
        ("a: * b", 1, 4, "yaml", "`*` at the beginning of a value is a YAML alias"),
        ("a: & b", 1, 4, "yaml", "`&` at the beginning of a value is a YAML anchor"),
        ("a: !x!y b", 1, 4, "yaml", "`!` at the beginning of a value is a YAML tag"),
        ('a: "\\sigma"', 1, 5, "yaml", "a backslash in double quotes begins an escape, and this is none"),
        ('a: "x\\xi"', 1, 7, "yaml", "a backslash in double quotes begins an escape, and this is none"),
        ('a: "\\U99999999"', 1, 5, "yaml", "an escape or a directive with an impossible number"),
        ("%YAML " + "9" * 5000 + ".1\n---\na: b", 1, 1, "yaml", "an escape or a directive with an impossible number"),
        ("%YAML 3.0\n---\na: b", 1, 1, "yaml", "this YAML directive cannot be followed"),
        ("%YAML x\n---\na: b", 1, 7, "yaml", "a line that begins with `%` is a YAML directive"),
        ("a: 'b\nc: d", 1, 4, "yaml", "this quote is never closed"),
        ('a: "b', 1, 4, "yaml", "this quote is never closed"),
        ("a: [1, 2] + b", 1, 11, "yaml", "text after the end of a value"),
        ("a: 'b' + c", 1, 8, "yaml", "text after the end of a value"),
        ("a: {b: W[0, 1]}", 1, 9, "yaml", "a comma or `}` is missing before this"),
        ("a: [W[0], b]", 1, 6, "yaml", "a comma or `]` is missing before this"),
        ("a: [1, 2\nb: c\n", 1, 4, "yaml", "this bracket is not closed, or a comma is missing after it"),
        ("a: {b: [1, 2\n  3}\n", 1, 8, "yaml", "this bracket is not closed, or a comma is missing after it"),
        ("a: [1,, 2]", 1, 7, "yaml", "a value is missing here"),
        ("a: b\n - c\n d: e", 3, 3, "yaml", "this `key:` does not stand where a key can stand"),
        ("a:\n  b: c\n d: e", 3, 2, "yaml", "this line does not stand where YAML expects it"),
        ("{a: b}\nc: d", 2, 1, "yaml", "text after the end of the spec"),
    ],
)
def test_what_is_no_spec_is_told_with_its_place(text, line, column, code, message):
    found = told(text)
    assert found[0][:3] == (line, column, code)
    assert found[0][3].startswith(message)
    assert len(found) == 1


def test_every_problem_of_a_file_is_told_at_once():
    text = 'a: "\\frac"\nb: \x07\nb: *x\nc: &y !!str z\nd: {<<: e}\n'
    assert [row[:3] for row in sorted(told(text))] == [
        (1, 5, "character"),
        (2, 4, "character"),
        (3, 1, "duplicate"),
        (3, 4, "alias"),
        (4, 4, "anchor"),
        (4, 4, "tag"),
        (5, 5, "merge"),
    ]


def test_a_problem_hints_at_what_to_do():
    for problem in refused("title: One: two\n").problems:
        assert "single quotes" in problem.hint


# --- limits ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: " + "[" * 100_000, id="open brackets"),
        pytest.param("a: " + "[" * 100_000 + "]" * 100_000, id="brackets"),
        pytest.param("[" * 500_000, id="nothing but brackets"),
        pytest.param("{a: " * 100_000, id="braces"),
        pytest.param("a:\n" + "- " * 100_000, id="list in list"),
        pytest.param("? " * 100_000, id="keys in keys"),
        pytest.param("\n".join(" " * i + "a:" for i in range(1300)), id="indentation"),
        pytest.param("a: [" + "[a, " * 100_000, id="lists that begin with text"),
        pytest.param("a:\n" + "".join(f"{'  ' * i}- b:\n" for i in range(900)), id="lists and mappings"),
    ],
)
def test_deep_nesting_is_refused_early(text):
    begun = time.process_time()
    assert [row[2] for row in told(text)] == ["limit"]
    assert time.process_time() - begun < 5


def test_the_deepest_nesting_is_taken():
    inside = MOST_DEPTH - 1
    text = "a: " + "[" * inside + "]" * inside
    assert told(text) == []
    (found,) = told("a: [" + text[3:] + "]")
    assert found[2:] == ("limit", f"more than {MOST_DEPTH} lists and mappings inside each other")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("".join(f"a{i}:\n" for i in range(1_000_000)), id="a million keys"),
        pytest.param("a: " + "x + " * 2_500_000, id="a line of 10 MB"),
        pytest.param("a: " + "ŷ" * (MOST_BYTES // 2), id="bytes and not characters"),
    ],
)
def test_a_large_file_is_refused_unread(text):
    (problem,) = read(text, PATH).problems
    assert problem.code == "limit"
    assert "a spec has at most 1,000,000" in problem.message


def test_many_values_are_refused():
    (found,) = told("a: [" + "b," * MOST_NODES + "]")
    assert found[2] == "limit"
    assert told("a: [" + "b," * 100 + "]") == []


def test_a_bomb_of_aliases_is_never_unfolded():
    lines = ["a0: &a0 [x, x]"] + [f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]" for i in range(1, 60)]
    assert {row[2] for row in told("\n".join(lines))} == {"anchor", "alias"}
    assert {row[2] for row in told("a: &a [*a]")} == {"anchor", "alias"}


def test_many_problems_are_told_up_to_a_number():
    rows = problems(HEAD + "".join(f"a{i}: b\n" for i in range(500)))
    assert len(rows) == 101
    assert rows[-1] == (0, 0, "limit", "and 400 more problems")


# --- places ---------------------------------------------------------------------------------------------------


def node(text, *path):
    found = read(text, PATH).top
    for key in path:
        found = found.get(key) if isinstance(found, MarkedMap) else found.items[key]
    return found


@pytest.mark.parametrize(
    ("written", "passage"),
    [
        ("[[1, 2], [3, 4]]", "[[1, 2], [3, 4]]"),
        ("[f(x, y), 2]", "[f(x, y), 2]"),
        ("[1, # one\n    2]", "[1,      2]"),
        ("[1,\n  2]", "[1,   2]"),
        ("['1/2', \"-3\"]", "[1/2, -3]"),
        ("{0, 1}", "{0, 1}"),
        ("{-1, 1}", "{-1, 1}"),
        ("[]", "[]"),
        ("[[1, 2], [3, 4],\n ]", "[[1, 2], [3, 4]   ]"),
        ("{0, 1,}", "{0, 1 }"),
        ("\n  - [1]\n  - [-2]", "[[1], [-2]]"),
        ("\n  - - 1\n    - 2\n  - [3, 4]", "[[1, 2], [3, 4]]"),
        ("x +\n  y", "x + y"),
        (">\n  x +\n  y\n", "x + y"),
        ("|\n  x +\n  y\n", "x + y"),
    ],
)
def test_a_formula_that_yaml_takes_apart_is_put_together(written, passage):
    found = source_passage(node(f"a: {written}", "a"))
    assert found.text == passage
    assert len(found.offsets) == len(found.text) + 1
    assert list(found.offsets) == sorted(found.offsets)
    for character, offset in zip(found.text, found.offsets, strict=False):
        if character.isalnum():
            assert found.source.text[offset] == character


def test_spans_of_collections_end_where_they_end():
    text = "a: [1, 2]\nb:\n  - c\n  - d\n\ne: {f: g}\n"
    for key, shown in (("a", "[1, 2]"), ("b", "- c\n  - d"), ("e", "{f: g}")):
        found = node(text, key)
        assert isinstance(found, MarkedList | MarkedMap)
        assert text[found.span.start : found.span.end] == shown
