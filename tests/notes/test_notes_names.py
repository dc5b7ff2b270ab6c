"""The names that a note makes itself, and what it says with them; judged by the engine, right beside wrong."""

from __future__ import annotations

import pytest
from notes_kit import key, kinds, note

from derivcheck.judging import engine_for, judged
from derivcheck.notes.settle import settle

KEY = key(
    "x: [n, 1]", "W: [h, n]", "b: [h, 1]", "y: [h, 1]", "t: {}", "u: {}",
    define={"z": "W @ x + b", "a": "sigmoid(z)", "L": "sum((a - y)**2)/2", "W_new": "W - t*D(L, W)"},
)  # fmt: skip
BATCH = key(
    "X: [n, m]", "W: [1, n]", "Y: [1, m]",
    define={"A": "sigmoid(W @ X)", "J": "sum((A - Y)**2)/m"},
    notation={"X": "x^{(i)}", "A": "a^{(i)}", "Y": "y^{(i)}"},
)  # fmt: skip


def verdicts(text: str, given=KEY) -> list[str]:  # type: ignore[no-untyped-def]
    """What is found of the claims of a note; unread formulas by the beginning of the reason."""
    made = note(text, given)
    assert not [f.problem for f in made.formulas if f.problem], [f.problem for f in made.formulas if f.problem]
    judge = engine_for(made.derivation, 0)
    return [settle(made, claim, lambda one: judged(judge, one)).verdict.value for claim in made.derivation.claims]


def unread(text: str, given=KEY) -> list[str]:  # type: ignore[no-untyped-def]
    return [f.problem.message for f in note(text, given).formulas if f.problem]


# --- values


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$\delta = a - y$ and $\delta + y = a$", ["proved"]),
        (r"$\delta = a - y$ and $\delta - y = a$", ["refuted"]),
        (r"$\delta = a - y = (a - y) \cdot 1$", ["proved"]),
        (r"$\delta = a - y = y - a$", ["refuted"]),
        (r"$\delta^{[2]} = a - y$ and $\delta^{[2]} = a - y$", []),
        (r"$\delta = \frac{\partial L}{\partial z}$ and $\delta = (a - y) \odot a \odot (1 - a)$", ["proved"]),
        (r"$\delta = \frac{\partial L}{\partial z}$ and $\delta = (a - y) \odot a$", ["refuted"]),
        ("$\\delta = \\frac{\\partial L}{\\partial z}$\n\n# Exercise 2\n\n$\\delta = a$ and $\\delta + 0 = \\delta$",
         ["proved"]),
        (r"$g = a - y$ and $g = W x$ and $g + b = z$", ["proved"]),
        (r"$g = a - y$ and $g = W x$ and $g + y = a$", ["undecided"]),
        (r"$g = a - y$, so $g = a \odot 1 - y$", ["proved"]),
        (r"$g = a - y$, so $g = a + y$", ["undecided"]),
        (r"$g = a$ and $g = g + y$ and $g = a + y$", ["proved"]),
        (r"$g \leftarrow a - y$ and $g \leftarrow g \odot a$ and $g = a$", []),
        (r"$dz = \frac{\partial L}{\partial z}$ and $dW = dz\, x^T$ and $\nabla_W L = dW$", ["proved"]),
        (r"$dz = \frac{\partial L}{\partial z}$ and $\nabla_W L = x\, dz^T$", ["invalid"]),
        (r"$J(W, b) = L + 1$ and $\nabla_b J(W, b) = \nabla_b L$ and $\frac{\partial J}{\partial b} = a$",
         ["proved", "refuted"]),
        (r"$h = \sigma(W x + b)$ and $h = a$", ["proved"]),
        (r"$s = t^2$ and $\frac{ds}{dt} = 2 t$", ["proved"]),
        (r"$s(t) = t^2$ and $s'(t) = 2t$ and $s(u) = u^2$ and $s(t u) = t^2 u^2$", ["proved", "proved", "proved"]),
        (r"$s(t) = t^2 + u$ and $s(u) = u^2$", ["refuted"]),
    ],
)  # fmt: skip
def test_values_of_a_note(text: str, found: list[str]) -> None:
    assert verdicts(text) == found


def test_what_a_key_declares_is_checked_and_not_redefined() -> None:
    assert verdicts("$z = W x + b$ and $a = \\sigma(z)$") == ["proved", "proved"]
    assert verdicts("$z = W x - b$ and $a = z$") == ["refuted", "refuted"]
    assert (
        verdicts("$L = \\frac12 \\sum_j (a_j - y_j)^2$ and $L(a, y) = \\frac12 (a - y)^T (a - y)$") == ["proved"] * 2
    )
    assert unread("$x(t) = 1$ and $L(u) = 2$") == [
        "`x(t)` could be a product or arguments", "`L(u)` could be a product or arguments",
    ]  # fmt: skip


def test_what_is_given_is_supposed_and_what_a_case_says_is_not_wrong() -> None:
    assert kinds("$x = y$ and $t = 1$ and $n = 3$", KEY) == ["supposition"] * 3
    assert verdicts(r"$L = 1 \quad \text{where } y = a$") == ["refuted"]
    assert verdicts("If $t = 1$, then $u + t = u + 1$ and $t u = u + 1$.") == ["undecided", "undecided"]
    assert verdicts(r"Setting $\frac{\partial L}{\partial b} = a$ gives $a = y$.") == ["undecided", "undecided"]
    assert verdicts("If $t = 1$.\n\n# Next\n\n$t u = u + 1$.") == ["refuted"]
    assert verdicts(r"with $\frac{\partial L}{\partial a} = a - y$") == ["proved"]


def test_updates_are_claims_where_the_key_knows_what_becomes_of_a_variable() -> None:
    assert verdicts(r"$W := W - t \cdot ((a - y) \odot a \odot (1 - a)) x^T$") == ["proved"]
    assert verdicts(r"$W = W - t \cdot ((a - y) \odot a) x^T$") == ["refuted"]
    assert kinds(r"$b := b - t a$ and $b = b - t a$", KEY) == ["assignment", "assignment"]


# --- functions


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$f(s) = \frac{1}{1 + e^{-s}}$ and $a = f(z)$", ["proved"]),
        (r"$f(s) = \frac{1}{1 + e^{s}}$ and $a = f(z)$", ["refuted"]),
        (r"$f(s) = \frac{1}{1 + e^{-s}} = \sigma(s)$", ["proved"]),
        (r"$f(s) = \frac{1}{1 + e^{-s}} = \sigma(-s)$", ["refuted"]),
        (r"$f(s) = s^2$, $f'(s) = 2s$, $f''(s) + s = 2 + s$, $f'(t u) = 2 t u$, $f'(a) = 2 a$", ["proved"] * 4),
        (r"$f(s) = s^2$ and $f'(s) = s$", ["refuted"]),
        (r"$f(s) = t s$ and $f'(t) = t$", ["proved"]),
        (r"$f(s) = t s$ and $f'(t) = 2 t$", ["refuted"]),
        (r"$f(s, r) = s^2 r$ and $f(t, u) = t^2 u$ and $f(u, t) = t^2 u$", ["proved", "refuted"]),
        (r"$f(s) = s^2$ and $f(f(t)) = t^4$", ["proved"]),
        (r"$\ell(p, q) = -q \ln p$ and $\frac{\partial \ell(p, q)}{\partial p} = -\frac{q}{p}$", ["proved"]),
        (r"$f(s) = s^2$ and $f(s) = s^3$ and $f(t) = t^3$ and $f(t) = t^2$", ["proved", "undecided"]),
        (r"$\sigma'(s) = \sigma(s)(1 - \sigma(s))$ and $\sigma(-s) = 1 - \sigma(s)$", ["proved", "proved"]),
        (r"$\sigma'(s) = \sigma(s)$", ["refuted"]),
        (r"$\tanh'(s) = 1 - \tanh^2(s)$", ["proved"]),
    ],
)
def test_functions_of_a_note(text: str, found: list[str]) -> None:
    assert verdicts(text) == found


def test_a_definition_with_two_readings_makes_nothing_wrong() -> None:
    vectors = key("u: [n]", "v: [n]")
    made = note(r"$s = u \cdot v$ and $s = s$ and $s u = v$", vectors)
    assert made.formulas[0].parts[0].remarks != ()
    assert set(made.doubtful) == {claim.id for claim in made.derivation.claims}


def test_functions_that_cannot_be_read() -> None:
    assert unread(r"$f(x) = x^T x$ and $f(2 x) = 4 x^T x$") == ["what this is at other arguments cannot be told"]
    assert unread(r"$\sigma(s) = 0.73$") == ["`s` is not declared"]
    assert unread(r"$f(s) = s^2$ and $f(t, u) = t$") == ["`f` was defined with 1 argument"]
    assert unread(r"$f(s) = s + q$") == ["not declared: `f`, `s`, `q`"]
    assert unread(r"$f''(s) = 2$") == ["not declared: `f`, `s`"]
    assert unread(r"$f(s) = x s$") == ["this function of numbers is no number"]
    assert unread(r"$f(s) = \sum_j s_j$") != []


# --- arrays by their parts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$\delta_j = a_j - y_j$ and $L = \frac12 \sum_j \delta_j^2$", ["proved"]),
        (r"$\delta_j = a_j - y_j$ and $L = \sum_j \delta_j^2$", ["refuted"]),
        (r"$\delta_j = a_j - y_j$ and $\delta_k + y_k = a_k$ and $\delta_1 = a_1 - y_1$", ["proved", "proved"]),
        (r"$\delta_j = a_j - y_j$ and $\delta_k = a_k - y_k$", []),
        (r"$\delta_j = a_j - y_j$ and $\delta_k = a_k$ and $L = \frac12\sum_j \delta_j^2$", ["undecided"]),
    ],
)
def test_arrays_by_their_entries(text: str, found: list[str]) -> None:
    assert verdicts(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (r"$\delta^{(i)} = a^{(i)} - y^{(i)}$ and $J = \frac1m \sum_{i=1}^m (\delta^{(i)})^2$", ["proved"]),
        (r"$\delta^{(i)} = a^{(i)} - y^{(i)}$ and $J = \sum_{i=1}^m (\delta^{(i)})^2$", ["refuted"]),
        (r"$v^{(i)} = x^{(i)} y^{(i)}$ and $\sum_{i=1}^m v^{(i)} = X Y^T$", ["proved"]),
        (r"$v^{(i)} = x^{(i)} y^{(i)}$ and $\sum_{i=1}^m v^{(i)} = X A^T$", ["refuted"]),
        (r"$\delta = A - Y$ and $J = \frac1m \sum_{i=1}^m (\delta^{(i)})^2$", ["proved"]),
        (r"$E = X Y^T$ and $E_1 = E_1$", ["proved"]),
    ],
)
def test_arrays_by_their_samples(text: str, found: list[str]) -> None:
    assert verdicts(text, BATCH) == found


def test_arrays_that_cannot_be_read() -> None:
    assert unread(r"$\delta_j = a_j - y_j$ and $\delta = a - y$ and $\delta + y = a$") == []
    assert unread(r"$\delta_j = a_k$") == ["the indices of this symbol and of what it stands for do not go together"]
    assert unread(r"$\delta^{(i)} = a^{(i)}$ and $\delta + 1 = A$", BATCH) == ["`\\delta` is not declared"]
    assert unread(r"$E = X Y^T$ and $E^{(i)} = 1$", BATCH) != []


# --- letters


@pytest.mark.parametrize(
    "text",
    [r"$\pi = a$", "$у = 2 t$", "$q' = 1$", "$q^2 = 1$", "$i = a + q$", "$q + r = 1$"],
)
def test_letters_that_cannot_be_given_a_meaning(text: str) -> None:
    assert unread(text)


def test_a_letter_of_the_key_is_not_taken_for_another() -> None:
    assert kinds("$i = 1$ and $z_1 = z_1$", KEY) == ["claim"]
    assert unread("$i = 1$", KEY) == ["`i` is not declared"]
    (formula,) = note("$a = h$", KEY).formulas
    assert formula.problem is None
    assert verdicts("$L = h$") == ["undecided"]
    assert verdicts("$L = \\frac{1}{h} \\sum_j (a_j - y_j)^2$") == ["refuted"]
