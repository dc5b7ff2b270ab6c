"""Scalars decoded with their places agree with PyYAML, and every character stands where it says."""

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.source import Source
from derivcheck.spec.scalars import STYLES, decode

PIECES = [
    *("a", "bc", "ŷ", "漢", " ", "  ", "\n", "\n\n", "\r\n", "\t", "'", "''", '"', "\\\\", '\\"', "\\x41"),
    *("\\\n", "\\u0394", "\\U0001F600", "#", " #", ":", "-", "+", "=="),
]
OPENINGS = ["", "'", '"', "|\n", ">\n", "|-\n", ">+\n", "| # c\n", "|\r\n  "]


def scalars(text):
    source = Source("x", text)
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            start, end = event.start_mark.index, event.end_mark.index
            yield event, decode(source, start, end, STYLES[event.style])


@settings(derandomize=True, max_examples=1500, deadline=None)
@given(
    st.sampled_from(["", "k: ", "- - ", "[a, ", "k:\n    "]),
    st.sampled_from(OPENINGS),
    st.lists(st.sampled_from(PIECES), max_size=12),
    st.sampled_from(["", " ", "   "]),
)
def test_decoding_agrees_with_pyyaml(lead, opening, pieces, indent):
    body = "".join(pieces)
    if opening and opening[0] in "|>":
        body = "".join(indent + "  " + line for line in body.splitlines(keepends=True))
    close = opening if opening in ("'", '"') and opening else ""
    text = lead + opening + body + close + ("]" if lead.startswith("[") else "")
    try:
        found = list(scalars(text))
    except (yaml.YAMLError, ValueError):
        return
    for event, scalar in found:
        assert scalar.passage.text.strip(" \n\t") == event.value.strip(" \n\t"), (text, event.value)
        offsets = scalar.passage.offsets
        assert len(offsets) == len(scalar.passage.text) + 1
        assert list(offsets) == sorted(offsets)


@pytest.mark.parametrize(
    "text",
    [
        "a: x + Q",
        "a: 'it''s Q'",
        'a: "\\x41 \\\\ Q"',
        "a: x +\n  y +\n\n  Q",
        "a: 'x ''\n   y\n\n   Q'",
        'a: "x \\\n   y\n   Q"',
        "a: |\n   x\n     y\n\n   Q\n",
        "a: >-\n   x\n   y\n\n     z\n   Q\n",
        "a: | # note\r\n   x\r\n   ŷ漢 Q\r\n",
        "a:\n\n - [ b, c Q]",
    ],
)
def test_a_character_stands_where_it_says(text):
    *_, (event, scalar) = scalars(text)
    position = scalar.passage.text.index("Q")
    assert text[scalar.passage.offsets[position]] == "Q"
    assert scalar.passage.text.rstrip("\n") == event.value.rstrip("\n")
