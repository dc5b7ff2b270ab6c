"""Suggestions: what each rule finds, that the smallest change comes first, and that nothing is ever applied."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notes_kit import key

from derivcheck.notes import damage
from derivcheck.notes.check import check_note, read_text
from derivcheck.notes.model import NoteReport
from derivcheck.notes.outcome import Standing, exit_status, standings
from derivcheck.verdict import Verdict

KEY = key(
    "X: [n, m]",
    "W1: [h, n]",
    "b1: [h, 1]",
    "x: [n, 1]",
    "w: [n, 1]",
    "y: {}",
    "alpha: {domain: positive}",
    define={
        "Z1": "W1 @ X + b1",
        "z": "(w.T @ x)[0, 0]",
        "yhat": "sigmoid(z)",
        "J": "-y*log(yhat) - (1 - y)*log(1 - yhat)",
        "C": "sum(Z1)/m",
    },
    notation={"Z1": "z^{[1](i)}", "X": "x^{(i)}"},
)


def report(text: str) -> NoteReport:
    return check_note(read_text(text, "note.md", KEY), key=KEY)


def found(formula: str) -> list[tuple[str, str, str | None]]:
    return [(one.text.strip(), one.words, one.verdict) for one in report(f"$${formula}$$").suggestions]


UNREAD = [
    (r"J = -y \text{lu} \hat y - (1 - y) \text{lu} (1 - \hat y)", r"J = -y \ln  \hat y - (1 - y) \ln  (1 - \hat y)",
     r"`\text{lu}` read as `\ln`"),
    (r"J = -y lm(\hat y) - (1 - y) lm(1 - \hat y)", r"J = -y \ln (\hat y) - (1 - y) \ln (1 - \hat y)",
     r"`lm` read as `\ln`"),
    (r"J = -y \ln \hat g - (1 - g) \ln(1 - \hat g)", r"J = -y \ln \hat y - (1 - y) \ln(1 - \hat y)",
     "`g` read as `y`"),
    (r"J = -y \ln \dot y - (1 - y) \ln(1 - \dot y)", r"J = -y \ln \hat y - (1 - y) \ln(1 - \hat y)",
     r"`\dot` read as `\hat`"),
    (r"z = w^T \chi", "z = w^T x", r"`\chi` read as `x`"),
    (r"z^{[i](i)} = W^{[i]} \times^{(i)} + b^{[i]}", "z^{[1](i)} = W^{[1]} x^{(i)} + b^{[1]}",
     r"`\times` read as `x` and `[i]` read as `[1]`"),
    (r"\frac{\partial T}{\partial z} = \hat y - y", r"\frac{\partial J}{\partial z} = \hat y - y", "`T` read as `J`"),
    (r"\frac{\partial \mathcal{T}}{\partial z} = \hat y - y", r"\frac{\partial J}{\partial z} = \hat y - y",
     r"`\mathcal{T}` read as `J`"),
    (r"\boxed{\frac{\partial J}{\partial z} = \hat y - y", r"\boxed{\frac{\partial J}{\partial z} = \hat y - y}",
     "`}` added at the end"),
    (r"\frac{\partial J}{\partial w} = (\hat y - y) x)", r"\frac{\partial J}{\partial w} = (\hat y - y) x",
     "`)` left out"),
    (r"\frac{\partial J}{\partial w} = ((\hat y - y) x", r"\frac{\partial J}{\partial w} = ((\hat y - y) x)",
     "`)` added at the end"),
    (r"\hat y = s i g m o i d ( z )", r"\hat y = \mathrm{sigmoid} ( z )",
     r"`s i g m o i d` read as `\mathrm{sigmoid}`"),
    (r"1 - \hat y = l - \sigma(z)", r"1 - \hat y = 1 - \sigma(z)", "`l` read as `1`"),
    (r"z = w^T x \qquad -G", "z = w^T x", "`-` and a sign at the end, as the number of the formula, left out"),
    (r"J(w) = \hat y \text{ geqrt }", None, None),
    (r"Apa \frac{\partial J}{\partial z} = \hat y - y", r"\frac{\partial J}{\partial z} = \hat y - y",
     "letters before the formula left out"),
    (r"\frac{d\sigma(z)}{dz} = \sigma'(z) \mathrm{~geqrt}", None, None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "text", "words"), [one for one in UNREAD if one[1]], ids=lambda one: str(one)[:40]
)
def test_an_unread_formula(formula, text, words):
    assert found(formula) == [(text, words, Verdict.PROVED)]


@pytest.mark.parametrize("formula", [one[0] for one in UNREAD if one[1] is None])
def test_what_no_rule_explains(formula):
    assert found(formula) == []


SUMS = key(
    "Y: [1, m]", "T: [1, m]", define={"E": "T - Y", "J": "sum(E*E)/m", "c": "sum(T)/m"},
    notation={"Y": "y^{(i)}", "T": "t^{(i)}"},
)  # fmt: skip


@pytest.mark.parametrize("sign", [r"\lesssim", r"\leq", r"\Sigma", r"\stackrel{\text{def}}{=}", r"\sum", "≲"])
def test_a_sum_that_came_out_as_another_sign(sign):
    text = rf"$$c = \frac{{1}}{{m}} {sign} t^{{(i)}} - y^{{(i)}} + y^{{(i)}}$$"
    (one,) = check_note(read_text(text, "note.md", SUMS), key=SUMS).suggestions
    assert one.text == r"c = \frac{1}{m} \sum_{i} \left( t^{(i)} - y^{(i)} + y^{(i)} \right)"
    assert one.verdict is Verdict.PROVED


def test_a_sum_without_parentheses():
    text = r"$$c = \frac{1}{m} \sum_{i=1}^m t^{(i)} - y^{(i)} + y^{(i)}$$"
    (one,) = check_note(read_text(text, "note.md", SUMS), key=SUMS).suggestions
    assert one.words == "parentheses around all that is summed"
    assert one.verdict is Verdict.PROVED


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\frac{\partial J}{\partial z} = y - y", r"\frac{\partial J}{\partial z} = \hat{y} - y"),
        (r"J = -y \ln y - (1 - y) \ln(1 - \hat y)", r"J = -y \ln \hat{y} - (1 - y) \ln(1 - \hat y)"),
    ],
)
def test_a_hat_that_was_lost(formula, text):
    ((one, words, verdict),) = found(formula)
    assert (one, verdict) == (text, Verdict.PROVED)
    assert words == r"`y` read as `\hat{y}`"


@pytest.mark.parametrize(
    "formula", [r"\frac{\partial J}{\partial z} = \hat y + y", r"\frac{\partial J}{\partial z} = 2(\hat y - y)"]
)
def test_a_mistake_is_no_damage(formula):
    assert found(formula) == []


def test_nothing_is_applied_and_nothing_counts():
    made = report(r"$$J = -y \text{lu} \hat y - (1 - y) \text{lu} (1 - \hat y)$$")
    assert standings(made) == (Standing.UNREAD,)
    assert made.claims == ()
    assert exit_status([made]) == 3
    assert len(made.suggestions) == 1


def test_a_note_without_damage_has_no_suggestions():
    assert report(r"$\frac{\partial J}{\partial z} = \hat y - y$ and $z = w^T x$").suggestions == ()


def test_what_is_wrong_after_one_change_is_told_with_its_reason():
    (one,) = report(r"$$\frac{\partial T}{\partial w} = (\hat y - y) w$$").suggestions
    assert (one.words, one.verdict) == ("`T` read as `J`", Verdict.REFUTED)
    assert one.because


RATES = {
    rate: key("w: [n, 1]", "x: [n, m]", "y: [1, m]", f"{rate}: {{domain: positive}}",
              define={"e": "w.T @ x - y", "E": "sum(e*e)/2", "w_next": f"w - {rate}*D(E, w)"})
    for rate in ("alpha", "eta")
}  # fmt: skip


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize(
    ("rest", "verdict", "because"),
    [
        (r"\times x e^T", "proved", None),
        (r"\times x e", "invalid", "a transpose is missing, of e: it holds with"),
        (r"\times e x", "invalid", "the transpose of e is missing, and the order of a product is wrong: it"),
        (r"\times x e^T / m", "refuted", "a factor too many, 1/m: it holds with"),
    ],
)
def test_a_product_sign_with_nothing_before_it_is_the_learning_rate_of_the_key(rate, rest, verdict, because):
    made = check_note(read_text(f"$$w = w - {rest}$$", "note.md", RATES[rate]), key=RATES[rate])
    (one,) = made.suggestions
    assert one.words == rf"`\times` read as `\{rate}`"
    assert one.verdict == verdict
    assert (one.because is None) == (because is None)
    assert because is None or because.split(":")[0] in one.because
    assert made.claims == ()


def test_a_product_sign_between_factors_is_one():
    made = check_note(read_text(r"$$E = \frac12 e \times e^T$$", "note.md", RATES["alpha"]), key=RATES["alpha"])
    assert (made.suggestions, [claim.verdict.value for claim in made.claims]) == ((), ["proved"])


def test_damage_in_two_places_and_a_mistake_that_is_known():
    text = r"$$w = w - \times \Sigma(e^2 + 1)$$"
    assert check_note(read_text(text, "note.md", RATES["alpha"]), key=RATES["alpha"]).suggestions == ()
    bias = key("b: {}", "y: [1, m]", "alpha: {domain: positive}",
               define={"e": "-y + b", "E": "sum(e*e)/(2*m)", "b_next": "b - alpha*D(E, b)"})  # fmt: skip
    (one,) = check_note(read_text(r"$$b = b - \times \Sigma(e)$$", "note.md", bias), key=bias).suggestions
    assert (one.verdict, one.because) == ("refuted", "a mean for the sum: it holds with b - alpha*mean(e)")


def test_the_work_is_bounded():
    bad = r"$$q_{00} = g \chi \mathcal{T} lu(\lesssim o l 0 \times^{(i)} + \alpha[i]$$"
    text = "\n\n".join(bad.replace("00", str(number)) for number in range(99))
    begun = time.process_time()
    report(text)
    assert time.process_time() - begun < 30


# --- rules by themselves

TEXTS = st.lists(
    st.sampled_from([*"xyglu10()[]{}^_=+- ", "\\times ", "\\hat ", "\\sum ", "\\text{lu}", "\\frac", "^{(i)}"]),
    max_size=25,
).map("".join)


@settings(derandomize=True, max_examples=300, deadline=None)
@given(TEXTS)
def test_an_edit_changes_the_places_that_it_names(text):
    edits = [edit for rule in (*damage.ANY, *damage.SILENT) if (edit := rule.edit(text)) is not None]
    edits += [edit for finder in damage.FINDERS for edit in finder(text)]
    for edit in edits:
        assert edit.words
        assert edit.cost >= 1
        assert all(0 <= start <= end <= len(text) for start, end in edit.places)
        first = min(start for start, _ in edit.places)
        assert edit.text[:first] == text[:first] or edit.text.startswith(text.rstrip())


@settings(derandomize=True, max_examples=60, deadline=None)
@given(TEXTS)
def test_no_text_stops_the_search(text):
    text = text.replace("$", "")
    report(f"$${text}$$")
