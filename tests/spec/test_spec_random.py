"""Whatever the text, it is taken or refused with problems that can be shown; nothing else is ever raised."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from specfile import PATH

from derivcheck.errors import Refused
from derivcheck.spec import loads

WHOLE = settings(derandomize=True, max_examples=400, deadline=None)
EXAMPLES = sorted(
    path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "specs").glob("*.deriv.yaml")
)

KEYS = [
    "derivcheck", "title", "source", "dims", "variables", "functions", "assume", "define", "layout", "notation",
    "claims", "statement", "of", "wrt", "gradient", "steps", "at", "when", "up_to", "tolerance", "expect", "correct",
    "fails_at", "because", "points", "cite", "shape", "domain", "doc", "derivative", "x", "n", "f", "g",
]  # fmt: skip
VALUES = [
    "1", "a test", "[n, 1]", "x", "f == x", "D(f, x) == x", "{x: [1, 2]}", "(0, 1)", "{0, 1}", "real", "symmetric",
    "[[1, 2], [3]]", "gradient", "fails", "holds", "positive factor", "-1/2", "0.5", "'", '"', "[", "{", "}", "]",
    "*x", "&x", "!x", "|", ">", "- x", "? x", ": x", "#", "%", "@", "", "f ≈ 0.5", "x for i in n", "'f(x, y)'",
    '"\\frac"', "\u202e", "\0", "\t", "ŷ", "9**9**9", "[x, {y: z}]", "max(x, 1)",
]  # fmt: skip


def refusal_of(text):
    try:
        loads(text, PATH)
    except Refused as refusal:
        return refusal
    return None


def taken_or_refused(text):
    refusal = refusal_of(text)
    if refusal is None:
        return
    assert refusal.problems
    shown = str(refusal)
    assert all(character >= " " or character == "\n" for character in shown)
    shown.encode()
    for problem in refusal.problems:
        if problem.span is not None:
            assert 0 <= problem.span.start <= problem.span.end <= len(refusal.source.text)


@WHOLE
@given(st.text())
def test_any_text(text):
    taken_or_refused(text)


@WHOLE
@given(st.text(alphabet=":-?[]{}#&*!|>'\"%@`,\n \tab\\1"))
def test_any_text_of_signs(text):
    taken_or_refused(text)


@st.composite
def documents(draw, depth=3):
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        key = draw(st.sampled_from(KEYS))
        if depth and draw(st.booleans()):
            inner = draw(documents(depth - 1))
            lines.append(f"{key}:\n" + "\n".join("  " + line for line in inner.split("\n")))
        else:
            lines.append(f"{key}: {draw(st.sampled_from(VALUES))}")
    return "\n".join(lines)


@WHOLE
@given(documents())
def test_any_keys_and_values(text):
    taken_or_refused("derivcheck: 1\ntitle: a test\n" + text)
    taken_or_refused(text)


@settings(WHOLE, max_examples=300)
@given(st.data())
def test_specs_with_a_piece_changed(data):
    text = data.draw(st.sampled_from(EXAMPLES))
    start = data.draw(st.integers(0, len(text)))
    length = data.draw(st.integers(0, 12))
    piece = data.draw(st.sampled_from([*VALUES, "", "\n", "  ", ": ", "== ", "(", ")"]))
    taken_or_refused(text[:start] + piece + text[start + length :])
