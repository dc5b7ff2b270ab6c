"""What notes state: chains over lines and formulas, definitions of their own, suppositions, and what stays unread."""

from __future__ import annotations

import pytest
from notes_kit import claims, key, kinds, note

LAYERS = key("x: [n, 1]", "W: [h, n]", "b: [h, 1]", "y: [h, 1]", define={"z": "W @ x + b", "a": "sigmoid(z)"})


def test_a_chain_over_several_formulas_is_one_claim() -> None:
    made = note(
        "$$\\sigma(b) = \\frac{1}{1+e^{-b}}$$\n\nso\n\n$$= \\frac{e^b}{1+e^b} \\\\ = 1 - \\sigma(-b)$$", LAYERS
    )
    (claim,) = made.derivation.claims
    assert claim.statement is not None
    assert [link.right_text for link in claim.statement.links] == [
        r"\frac{1}{1+e^{-b}}", r"\frac{e^b}{1+e^b}", r"1 - \sigma(-b)",
    ]  # fmt: skip
    first, second = made.formulas
    assert [(part.claim, part.links) for part in first.parts] == [("line-1", (0, 1))]
    assert [(part.claim, part.links) for part in second.parts] == [("line-1", (1, 3))]


def test_a_name_of_the_key_that_is_restated_is_a_claim() -> None:
    assert kinds("$z = W x + b$ and $a = \\sigma(z)$", LAYERS) == ["claim", "claim"]


def test_a_new_name_is_a_definition_and_can_be_used() -> None:
    made = note("$\\delta^{[2]} = a - y$\n\n$\\delta^{[2]} + y = a$", LAYERS)
    assert [part.kind for formula in made.formulas for part in formula.parts] == ["definition", "claim"]
    assert list(made.derivation.definitions) == ["z", "a", "delta2"]
    assert made.derivation.claims[0].statement is not None


def test_a_name_that_gets_another_meaning_makes_no_false_claim() -> None:
    made = note("$g = a - y$\n\n$g = W x$\n\n$g + b = z$ and $g = W x$", LAYERS)
    assert [part.kind for formula in made.formulas for part in formula.parts] == [
        "definition", "definition", "claim", "definition",
    ]  # fmt: skip
    assert made.formulas[1].parts[0].remarks == ("`g` was defined in line 1; from here on it is this",)
    assert list(made.derivation.definitions) == ["z", "a", "g", "g_2"]
    assert list(made.doubtful) == ["line-5"]


def test_what_is_given_is_not_claimed() -> None:
    assert kinds("$x = 1$", LAYERS) == ["supposition"]
    assert kinds("$W = W - 2 W$ and $W := W - b x^T$", LAYERS) == ["assignment", "assignment"]
    assert kinds(r"$a \quad \text{where } z = 1$", LAYERS) in ([], ["expression", "supposition"])
    assert kinds("$a + b$", LAYERS) == ["expression"]


def test_names_that_are_not_declared_are_listed() -> None:
    (formula,) = note("$p + q^2 \\hat{r} = a + p$", LAYERS).formulas
    assert formula.problem is not None
    assert formula.problem.code == "name"
    assert formula.problem.message == "not declared: `p`, `q`, `\\hat{r}`"


def test_a_reason_does_not_interrupt_a_chain() -> None:
    made = claims("$W x + b = z$ since $a = \\sigma(z)$\n\n$= W x + b$", LAYERS)
    assert made == ["W x + b = z = W x + b", r"a = \sigma(z)"]
    unread = claims("$= q$ since $a = \\sigma(z)$\n\n$= W x = x$", LAYERS)
    assert unread == [r"a = \sigma(z)", "W x = x"]


@pytest.mark.parametrize(
    ("between", "joined"),
    [
        (" ", True),
        ("\n\n", True),
        (", and so ", True),
        (". We find that it is\n\n", True),
        (" is zero at the minimum, where we have ", False),
        ("\n\n# Exercise 2\n\n", False),
        ("\n\n- ", True),
        ("\n\n(2) ", True),
    ],
)
def test_what_may_stand_between_the_parts_of_a_chain(between: str, joined: bool) -> None:
    made = claims(f"$W x + b = z$.\n\n$a = \\sigma(z)${between}$= \\frac{{1}}{{1 + e^{{-z}}}}$", LAYERS)
    assert made == ["W x + b = z", r"a = \sigma(z)" + (r" = \frac{1}{1 + e^{-z}}" if joined else "")]


def test_a_display_goes_on_whatever_is_said_before_it() -> None:
    assert len(claims("$W x + b = z$, and with a little algebra this is $$= b + W x$$", LAYERS)) == 1
