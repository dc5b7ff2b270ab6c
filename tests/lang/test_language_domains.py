"""Domains: each spelling beside what is not one."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from language import place, problems_of, unmark

from derivcheck.lang.domains import REAL, Domain, parse_domain
from derivcheck.source import Passage

F = Fraction

DOMAINS = [
    ("real", REAL),
    ("  real ", REAL),
    ("positive", Domain("positive")),
    ("nonnegative", Domain("nonnegative")),
    ("integer", Domain("integer")),
    ("(0, 1)", Domain("interval", F(0), F(1))),
    ("[0, 1]", Domain("interval", F(0), F(1), False, False)),
    ("[0, 1)", Domain("interval", F(0), F(1), False, True)),
    ("(0, 1]", Domain("interval", F(0), F(1), True, False)),
    ("(0, oo)", Domain("interval", F(0), None)),
    ("[-1, oo)", Domain("interval", F(-1), None, False)),
    ("(-oo, 1/2]", Domain("interval", None, F(1, 2), True, False)),
    ("(-oo, +oo)", Domain("interval", None, None)),
    ("(-∞, ∞)", Domain("interval", None, None)),
    ("(0.1, 1e2)", Domain("interval", F(1, 10), F(100))),
    ("[2, 2]", Domain("interval", F(2), F(2), False, False)),
    ("(−1, 1)", Domain("interval", F(-1), F(1))),
    ("{0, 1}", Domain("finite", values=(F(0), F(1)))),
    ("{-1, 1}", Domain("finite", values=(F(-1), F(1)))),
    ("{1, 0, 1.0, 0}", Domain("finite", values=(F(1), F(0)))),
    ("{1/2, -1/-4, 0.5}", Domain("finite", values=(F(1, 2), F(1, 4)))),
    ("{7}", Domain("finite", values=(F(7),))),
    ("simplex", Domain("simplex")),
    ("one-hot", Domain("one-hot")),
    ("one - hot", Domain("one-hot")),
    ("symmetric", Domain("symmetric")),
    ("invertible", Domain("invertible")),
    ("positive definite", Domain("positive definite")),
    ("positive  \n definite", Domain("positive definite")),
    ("diagonal", Domain("diagonal")),
    ("orthogonal", Domain("orthogonal")),
]


@pytest.mark.parametrize(("text", "domain"), DOMAINS)
def test_a_domain_is_read(text: str, domain: Domain) -> None:
    assert parse_domain(Passage.of(text)) == domain


REFUSED = [
    ("⟦reel⟧", "domain", "no domain `reel`", "`real`"),
    ("⟦postive⟧", "domain", "no domain", "`positive`"),
    ("⟦positive definit⟧", "domain", "no domain", "`positive definite`"),
    ("⟦onehot⟧", "domain", "no domain", "`one-hot`"),
    ("⟦Real⟧", "domain", "no domain", "`real`"),
    ("⟦quaternion⟧", "domain", "no domain", "there are real, positive"),
    ("⟦interval⟧", "domain", "no domain", ""),
    ("⟦finite⟧", "domain", "no domain", ""),
    ("⟦(1, 0)⟧", "domain", "reversed", "`(0, 1)`"),
    ("⟦[1, -1/2)⟧", "domain", "reversed", "`[-1/2, 1)`"),
    ("⟦(1, 1)⟧", "domain", "no value in it", None),
    ("⟦[1, 1)⟧", "domain", "no value in it", None),
    ("⟦{}⟧", "domain", "no value in it", None),
    ("[0, ⟦oo⟧]", "domain", "infinity does not belong", "round bracket"),
    ("[⟦-oo⟧, 0)", "domain", "infinity does not belong", "round bracket"),
    ("(⟦oo⟧, 0)", "domain", "`oo` cannot be this end", None),
    ("(0, ⟦-oo⟧)", "domain", "`-oo` cannot be this end", None),
    ("{0, ⟦oo⟧}", "domain", "rational numbers", "literal"),
    ("(0, ⟦pi⟧)", "domain", "rational numbers", "literal"),
    ("(0, ⟦a⟧)", "domain", "rational numbers", ""),
    ("{⟦1 + 1⟧}", "domain", "rational numbers", ""),
    ("{⟦1/0⟧}", "domain", "division by zero", None),
    ("⟦3⟧", "domain", "a number is no domain", "{0, 1}"),
    ("(0⟦)⟧", "syntax", "cannot stand here", ""),
    ("(0, 1⟦,⟧ 2)", "syntax", "cannot stand here", ""),
    ("⟦(⟧0, 1", "syntax", "never closed", "`)`"),
    ("{0, 1⟦)⟧", "syntax", "cannot close", "`}`"),
    ("real⟦,⟧ x", "syntax", "", ""),
    ("⟦$x$⟧", "latex", "", ""),
    ("(0, ⟦1e999999⟧)", "limit", "", ""),
    ("{0, ⟦\u200b⟧1}", "character", "U+200B", ""),
]


@pytest.mark.parametrize(("marked", "code", "message", "hint"), REFUSED)
def test_what_is_no_domain(marked: str, code: str, message: str, hint: str | None) -> None:
    text, *where = unmark(marked)
    (problem,) = problems_of(lambda: parse_domain(Passage.of(text)))
    assert (problem.code, place(problem)) == (code, tuple(where))
    assert message in problem.message
    assert problem.hint is None if hint is None else hint in (problem.hint or "")


def test_an_empty_text_is_no_domain() -> None:
    (problem,) = problems_of(lambda: parse_domain(Passage.of(" ")))
    assert problem.code == "syntax"


rationals = st.fractions(min_value=-50, max_value=50, max_denominator=20)


@settings(derandomize=True, max_examples=100, deadline=None)
@given(rationals, rationals, st.booleans(), st.booleans())
def test_every_interval_is_read_or_told_to_be_empty(low: Fraction, high: Fraction, left: bool, right: bool) -> None:
    text = f"{'(' if left else '['}{low}, {high}{')' if right else ']'}"
    if low < high or (low == high and not left and not right):
        assert parse_domain(Passage.of(text)) == Domain("interval", low, high, left, right)
    else:
        (problem,) = problems_of(lambda: parse_domain(Passage.of(text)))
        assert problem.code == "domain"


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.lists(rationals, min_size=1, max_size=8))
def test_every_finite_set_is_read_in_its_order(values: list[Fraction]) -> None:
    domain = parse_domain(Passage.of("{" + ", ".join(map(str, values)) + "}"))
    assert domain == Domain("finite", values=tuple(dict.fromkeys(values)))
