"""The specs of the notes N0, N1 and N4: each item of the ledger is a claim of the kind its verdict asks for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from derivcheck.engine import judge
from derivcheck.model import Claim, Derivation
from derivcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(path.name for path in SPECS.glob("00[014]-*.deriv.yaml"))

#: Every item of the ledger that makes a claim, by its verdict. Prose makes none.
LEDGER = {
    "TRUE": """
        N0-1 N0-2 N0-4a N0-4b N0-5a N0-5b N0-6 N0-8 N0-10 N0-11 N0-12 N0-14a N0-14b N0-15 N0-16 N0-18 N0-20 N0-21
        N0-24 N0-25a N0-25b N0-26 N0-27 N0-28
        N1-1 N1-2 N1-3 N1-4a N1-4b N1-5 N1-6 N1-6r N1-7 N1-8 N1-9 N1-10 N1-11 N1-12 N1-13a N1-13b N1-15 N1-16 N1-17a
        N1-21 N1-21b N1-21c N1-29
        N4-2 N4-3 N4-4 N4-5 N4-6 N4-7 N4-10 N4-11a N4-11b N4-14 N4-16 N4-20a""",
    "TRUE-ONLY-IF": """
        N0-19 N0-22 N1-20 N1-23 N1-24 N4-1 N4-13b N4-15 N4-17 N4-18 N4-19 N4-20b N4-21a""",
    "FALSE": "N0-13 N1-17b N1-18a N1-18b N1-25 N1-28 N1-30 N1-31 N4-8 N4-12 N4-13a",
    "ILLEGIBLE": "N0-7 N1-14a N1-14b N1-14c N1-14d N1-19 N1-22 N1-26 N1-27 N4-21b",
}  # fmt: skip
VERDICT = {item: verdict for verdict, text in LEDGER.items() for item in text.split()}

_ROW = re.compile(r"\| (N[014]-\w+) \| [^|]* \| ([A-Z-]+) \| \[[^]]*\]\(([^)]*)\) \| (.*) \|")
_CLAIM = re.compile(r"`([^`]+)`( \*\(fails\)\*)?")


def items(verdict: str) -> list[str]:
    return LEDGER[verdict].split()


@cache
def spec(name: str) -> Derivation:
    return load(SPECS / name)


def claims_of(item: str) -> dict[tuple[str, str], Claim]:
    """The claims that cite an item, by file and id."""
    return {(name, claim.id): claim for name in FILES for claim in spec(name).claims if claim.cite == item}


def test_the_ledger_is_whole() -> None:
    assert [sum(item.startswith(note) for item in VERDICT) for note in ("N0-", "N1-", "N4-")] == [28, 41, 24]
    assert len(VERDICT) == sum(len(items(verdict)) for verdict in LEDGER)


@pytest.mark.parametrize("item", items("TRUE"))
def test_a_true_item_holds(item: str) -> None:
    claims = claims_of(item).values()
    assert claims
    assert all(claim.expect == "holds" for claim in claims)


@pytest.mark.parametrize("item", items("TRUE-ONLY-IF"))
def test_a_conditional_item_holds_with_its_condition_and_fails_without(item: str) -> None:
    assert {claim.expect for claim in claims_of(item).values()} == {"holds", "fails"}


@pytest.mark.parametrize("item", items("FALSE"))
def test_a_false_item_is_an_expected_failure(item: str) -> None:
    assert "fails" in {claim.expect for claim in claims_of(item).values()}


@pytest.mark.parametrize("item", items("ILLEGIBLE"))
def test_an_illegible_item_has_a_conjecture(item: str) -> None:
    claims = claims_of(item).values()
    assert claims
    assert all(claim.expect == "holds" and claim.id.endswith("-conjecture") for claim in claims)


@pytest.mark.parametrize("name", FILES)
def test_every_claim_is_fit_for_its_place(name: str) -> None:
    for claim in spec(name).claims:
        assert claim.cite in VERDICT or re.fullmatch(r"L\d+", claim.cite or ""), claim.id
        if claim.expect == "fails":
            assert claim.because, claim.id
            assert claim.correct is not None, claim.id
            assert claim.correct.statement is not None, (claim.id, claim.correct.problems)
        else:
            assert claim.statement is not None, (claim.id, claim.problems)
        assert claim.id.endswith("-conjecture") == (VERDICT.get(claim.cite or "") == "ILLEGIBLE"), claim.id


@pytest.mark.parametrize("name", FILES)
def test_every_claim_is_as_expected(name: str) -> None:
    reports = [judge(spec(name), claim) for claim in spec(name).claims]
    assert not [(report.id, report.verdict, report.because) for report in reports if not report.ok]


@pytest.mark.parametrize("name", FILES)
def test_no_claim_repeats_a_definition(name: str) -> None:
    derivation = spec(name)
    text = derivation.source.text
    definitions = {
        (defined, "".join(text[expr.span.start : expr.span.end].split()))
        for defined, expr in derivation.definitions.items()
    }
    for claim in derivation.claims:
        links = claim.statement.links if claim.statement else ()
        spelled = [("".join(link.left_text.split()), "".join(link.right_text.split())) for link in links]
        assert not spelled or not set(spelled) <= definitions, claim.id
        assert all(left != right for left, right in spelled), claim.id


def test_the_table_names_every_claim() -> None:
    rows = [
        match.groups()
        for page in sorted(SPECS.glob("*.md"))
        for line in page.read_text(encoding="utf-8").splitlines()
        if (match := _ROW.fullmatch(line))
    ]
    assert {item: verdict for item, verdict, _, _ in rows} == VERDICT
    for item in VERDICT:
        told = [
            (file, claim, bool(fails))
            for row_item, _, file, cell in rows
            if row_item == item
            for claim, fails in _CLAIM.findall(cell)
        ]
        found = [(file, id_, claim.expect == "fails") for (file, id_), claim in claims_of(item).items()]
        assert sorted(told) == sorted(found), item
