r"""What is read of a formula that cannot be read as a whole: its rows, and chains over terms that are not read.

``\int`` is known to be part of a value, but is not read; ``\foo`` may be anything.
"""

from __future__ import annotations

import time

import pytest
from notes_kit import key, note

from derivcheck.notes.model import Note
from derivcheck.notes.rows import MOST_ROWS, rows
from derivcheck.source import Passage

LAYERS = key("x: [n, 1]", "W: [h, n]", "b: [h, 1]", "y: [h, 1]", define={"z": "W @ x + b", "a": "sigmoid(z)"})


def read(text: str) -> Note:
    return note(text, LAYERS)


def stated(made: Note) -> list[str]:
    return [claim.text for claim in made.derivation.claims]


def unread(made: Note) -> list[str]:
    text = made.source.text
    return [text[one.span.start : one.span.end] for formula in made.formulas for one in formula.not_read]


# --- what stands in which row

ROWS = [
    (r"a &= b \\ &= c \\[2pt] d &= e \\", [r"a &= b", r"&= c", r"d &= e"]),
    (r"\begin{aligned} a &= b \\ &= c \end{aligned}.", [r"a &= b", r"&= c"]),
    (r"\label{q} \begin{equation}\begin{split} a &= b \\ &= c \end{split}\end{equation}", [r"a &= b", r"&= c"]),
    (r"a = \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\ = c", [r"a = \begin{pmatrix} 1 \\ 2 \end{pmatrix}", "= c"]),
    (r"a = \substack{b \\ c} \\ = d", [r"a = \substack{b \\ c}", "= d"]),
    (r"a = b \\ + c \\ = d", [r"a = b \\ + c", "= d"]),
    (r"a = b + \\ c = d", [r"a = b + \\ c = d"]),
    (r"a = \\ b", [r"a = \\ b"]),
    (r"a = b \\ - c = d", ["a = b", "- c = d"]),
    (r"a = b (c \\ d) \\ = e", [r"a = b (c \\ d)", "= e"]),
    (r"a = b (c \\ = e \\ = f", ["a = b (c", "= e", "= f"]),
    (r"a = \left( b \right. \\ \left. + c \right) \\ = d", [r"a = \left( b \right.", r"\left. + c \right)", "= d"]),
    (r"a = b \\ (c + d) \\ e = f", [r"a = b \\ (c + d)", "e = f"]),
    (r"a \\ &= b \\ c &= d", ["a", "&= b", "c &= d"]),
    (r"a = b \\ \text{if } z > 0 \\ c = d", [r"a = b \\ \text{if } z > 0", "c = d"]),
    (r"\text{Now the bias:} \\ a = b", [r"\text{Now the bias:}", "a = b"]),
    (r"a = b } \\ c = d", [r"a = b } \\ c = d"]),
    (r"a = \begin{x} b \\ c = d", [r"a = \begin{x} b \\ c = d"]),
]


@pytest.mark.parametrize(("text", "expected"), ROWS, ids=[text for text, _ in ROWS])
def test_rows(text: str, expected: list[str]) -> None:
    assert [row.passage.text.strip() for row in rows(Passage.of(text))] == expected


def test_many_rows_are_not_looked_at() -> None:
    assert len(rows(Passage.of(r"a = b \\ " * MOST_ROWS))) == MOST_ROWS
    assert rows(Passage.of(r"a = b \\ " * (MOST_ROWS + 1))) == ()


PLAIN = [
    (r"a = \int_0^1 \mathbb{E}[x = 1] \, dt = c,", True),
    (r"a = \frac{b \le c}{d} = c", True),
    (r"\Rightarrow a = b", True),
    (r"\text{so } a = \text{loss} \cdot 2", True),
    (r"a \approx 0.5 = c", True),
    (r"a = \alpha {b} = {c}", True),
    (r"a \le b", False),
    (r"a := b", False),
    (r"a = b, c = d", False),
    (r"y = 1: L = b", False),
    (r"a = b \quad z > 0", False),
    (r"a = b \text{ for } z", False),
    (r"a = b \text{ loss}", False),
    (r"a = b && \text{(chain rule)}", True),
    (r"a = b \quad \text{by definition.}", True),
    (r"a = b \text{ by definition}", False),
    (r"a = b && \text{(one sample)}", False),
    (r"a = \foo b", False),
    (r"a = \stackrel{!}{=} b", False),
    (r"a {=} b = c", False),
    (r"a \mathrel{\foo} b = c", False),
    (r"\forall a = b", False),
    (r"a = b \sim c", False),
    (r"a = b ∼ c", False),
    (r"a = b \Rightarrow c = d", False),
    (r"a = \begin{tikzcd} b \end{tikzcd}", False),
    (r"a = b!", False),
    (r"a = (b", False),
    (r"a b", False),
]


@pytest.mark.parametrize(("text", "plain"), PLAIN, ids=[text for text, _ in PLAIN])
def test_a_chain_of_equals_for_certain(text: str, plain: bool) -> None:
    (row,) = rows(Passage.of(text))
    assert row.plain is plain


# --- what is stated, and what is not read

DISPLAYS = [
    # a row of its own that is not read costs the others nothing
    (r"z &= W x + b \\ a &= \int q \\ a &= \sigma(z)", ["z = W x + b", r"a = \sigma(z)"], [r"\int q"]),
    (r"z &= W x + b \\ q_1 &= \int x \\ &= b", ["z = W x + b"], [r"q_1 &= \int x"]),
    # a chain goes on over a row that begins with `=`
    (r"z &= W x \\ &= \int q \\ &= b", ["z = W x = b"], [r"= \int q"]),
    (r"z &= \int q \\ &= b", ["z = b"], [r"\int q"]),
    (r"z &= \int q \\ &= \int r \\ &= b", ["z = b"], [r"\int q", r"= \int r"]),
    (r"z &= W x \\ &= \int q = b", ["z = W x = b"], [r"\int q"]),
    (r"z &= W x \\ &= \int q", ["z = W x"], [r"= \int q"]),
    (r"z \\ &= \int q \\ &= b", ["z = b"], [r"= \int q"]),
    # but not where it may be something else than equal, or about something else
    (r"z &= W x \\ &\le \int q \\ &= b", ["z = W x"], [r"\le \int q"]),
    (r"z &= W x \\ &\approx \int q \\ &= b", ["z = W x"], [r"\approx \int q"]),
    (r"z &= W x \\ &= \int q \approx \int r \\ &= b", ["z = W x"], [r"= \int q \approx \int r"]),
    (r"z &= W x \\ &= \foo q \\ &= b", ["z = W x"], [r"= \foo q"]),
    (r"z &= W x \\ &\stackrel{!}{=} q \\ &= b", ["z = W x"], [r"\stackrel{!}{=} q"]),
    (r"z &= W x \\ q_1 &= \int q \\ &= b", ["z = W x"], [r"q_1 &= \int q"]),
    (r"z &= W x \\ \int q \\ &= b", ["z = W x"], [r"\int q"]),
    # what goes on in the next row is one with it
    (r"z &= W x + \int q \\ &+ b \\ a &= \sigma(z)", [r"a = \sigma(z)"], [r"W x + \int q \\ &+ b"]),
    (r"z &= \int (q \\ & r) \\ a &= \sigma(z)", [r"a = \sigma(z)"], [r"\int (q \\ & r)"]),
    # a name stands for the first term behind it, and for no later one
    (r"\delta &= \int q = a - y \\ z &= W x", ["z = W x"], [r"\delta &= \int q = a - y"]),
    (r"\delta &= \int q \\ &= a - y \\ z &= W x", ["z = W x"], [r"\delta &= \int q"]),
    (r"\delta &= a - y = \int q \\ \delta + y &= a", [r"\delta + y = a"], [r"\int q"]),
    # what is given is not claimed
    (r"y &= \int q \\ &= b \\ z &= W x", ["z = W x"], [r"y &= \int q"]),
    (r"y &= \int q = b \\ z &= W x", ["z = W x"], [r"\int q"]),
]


@pytest.mark.parametrize(("rows_", "claims", "left"), DISPLAYS, ids=[text for text, _, _ in DISPLAYS])
def test_rows_are_read_by_themselves(rows_: str, claims: list[str], left: list[str]) -> None:
    for display in (rf"\begin{{align}} {rows_} \end{{align}}", rf"$$\begin{{aligned}} {rows_} \end{{aligned}}$$"):
        made = read(display)
        assert stated(made) == claims
        assert unread(made)[: len(left)] == left
        assert made.formulas[0].problem is not None
        assert made.formulas[0].unread or display.startswith("$")


CHAINS = [
    (r"z = \int q = W x", ["z = W x"], [r"\int q"]),
    (r"z = W x = \int q", ["z = W x"], [r"\int q"]),
    (r"z = W x = \hat q = b = \int r", ["z = W x = b"], [r"\hat q", r"\int r"]),
    (r"\int q = W x = z", ["W x = z"], [r"\int q"]),
    (r"z = \int q \approx W x", [r"z \approx W x"], [r"\int q"]),
    (r"z \approx \int q = W x", [], [r"z \approx \int q = W x"]),
    (r"z = W x \approx \int q = b", ["z = W x"], [r"\int q", "b"]),
    (r"z = \int q", [], [r"z = \int q"]),
    (r"\int q = z", [], [r"\int q = z"]),
    (r"z = \int q \le W x", [], [r"z = \int q \le W x"]),
    (r"z = \int q, a = b = y", [], [r"z = \int q, a = b = y"]),
    (r"q_i = \int_i r = W x", [], [r"q_i = \int_i r = W x"]),
    (r"\int q = b_i = y_i", [], [r"\int q = b_i = y_i"]),
    (r"z_i = \int q = b_i", ["z_i = b_i"], [r"\int q"]),
    (r"z = \int q \Rightarrow W x = b", [], [r"z = \int q \Rightarrow W x = b"]),
    (r"\text{where } z = \int q = W x", ["z = W x"], [r"\int q"]),
    (r"\text{where } y = \int q = W x", [], [r"\int q"]),
    (r"z = \int q = W x > 0", ["z = W x"], [r"\int q", "> 0"]),
    (r"z = W x \ge 0", ["z = W x"], [r"\ge 0"]),
    (r"z = W x \ge y", [], [r"z = W x \ge y"]),
    (r"z = W x, z > 0", [], ["z = W x, z > 0"]),
    (r"z \le W x = 0", [], [r"z \le W x = 0"]),
]


@pytest.mark.parametrize(("chain", "claims", "left"), CHAINS, ids=[text for text, _, _ in CHAINS])
def test_a_chain_goes_on_over_a_term_that_is_not_read(chain: str, claims: list[str], left: list[str]) -> None:
    made = read(f"${chain}$")
    assert stated(made) == claims
    assert unread(made) == left


def test_a_chain_goes_on_over_a_formula_that_is_not_read() -> None:
    made = read("$$z = W x$$\n\n$$= \\int q$$\n\n$$= b$$")
    assert stated(made) == ["z = W x = b"]
    last = made.formulas[2].parts[0]
    assert last.remarks == ("a term before `b` was not read (line 3): see there",)
    (gaps,) = made.gaps.values()
    assert [made.source.text[one.start : one.end] for one in gaps.between] == [r"= \int q"]
    assert gaps.after is None
    assert stated(read("$$z = W x$$\n\n$$q = \\int q$$\n\n$$= b$$")) == ["z = W x"]
    assert stated(read("$$z = W x$$\n\n# Exercise 2\n\n$$= \\int q$$\n\n$$= b$$")) == ["z = W x"]


def test_the_rows_of_multline_are_pieces_of_one_formula() -> None:
    assert stated(read(r"\begin{multline} z = W x \int q \\ a = b \end{multline}")) == []
    assert stated(read(r"\begin{gather} z = W x \int q \\ a = b \end{gather}")) == ["a = b"]


def test_a_macro_of_the_document_spoils_its_row_alone() -> None:
    made = note(
        r"\newcommand{\q}{y} \begin{align} z &= W x \\ a &= \q + b \\ a &= \sigma(z) \end{align}", LAYERS, "n.tex"
    )
    assert stated(made) == ["z = W x", r"a = \sigma(z)"]
    bridged = note(r"\newcommand{\E}{<} \begin{align} z &= W x \\ &= \E q \\ &= b \end{align}", LAYERS, "n.tex")
    assert stated(bridged) == ["z = W x"]


@pytest.mark.parametrize(
    ("row", "doubtful"),
    [
        (r"\text{For } q = 1: &", True),
        (r"q = 1: & \quad q", True),
        (r"y &= \int q", True),
        (r"q \in \{0, 1\}", True),
        (r"\text{Let } q \text{ be the class}", True),
        (r"a &= \int q \quad \text{for } q = 1", True),
        (r"\foo{q = 1}", True),
        (r"a &= \int q", False),
        (r"a &= \foo q", False),
        (r"\hat q &= \foo", False),
        (r"\text{so}", False),
        (r"\text{Now the bias:}", True),
    ],
)
def test_what_may_narrow_the_other_rows_makes_them_doubtful(row: str, doubtful: bool) -> None:
    made = read(rf"\begin{{align}} {row} \\ z &= W x \\ a &= b \int r \\ a &= b \end{{align}}")
    assert stated(made) == ["z = W x", "a = b"]
    assert [bool(made.doubtful.get(claim.id)) for claim in made.derivation.claims] == [doubtful] * 2


def test_a_name_that_may_have_got_another_meaning_makes_no_false_claim() -> None:
    made = read("$\\delta = a - y$\n\n$\\delta = \\int q$\n\n$\\delta + y = z$ and $z = b$")
    assert list(made.doubtful) == ["line-5"]
    assert list(read("$\\delta = a - y$\n\n$q = \\int q$\n\n$\\delta + y = z$").doubtful) == []


def test_a_chain_without_its_beginning_is_not_called_wrong() -> None:
    made = read(r"$\int q = W x = b$")
    assert list(made.doubtful.values()) == ["what this chain begins with was not read"]


def test_what_is_hidden_or_too_much_is_not_read_in_part() -> None:
    assert stated(read(r"~~$z = \int q = W x$~~")) == []
    assert stated(read(r"\iffalse $z = \int q = W x$ \fi")) == []


@pytest.mark.parametrize(
    "piece", ["{", "x + ", "(", "{(", "(}", r"\left( ", r"\text{", "x_{", r"\\", r"\begin{a}", "="]
)
def test_the_signs_of_a_row_are_told_in_linear_time(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece) // 2)
        whole = Passage.of(text + "x" + "".join({"{": "}", "(": ")"}.get(c, "") for c in reversed(text)))
        begun = time.process_time()
        rows(whole)
        return time.process_time() - begun

    seconds(1_000)
    assert min(seconds(64_000) for _ in range(3)) < 40 * max(min(seconds(8_000) for _ in range(3)), 0.004)
