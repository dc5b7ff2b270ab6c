"""The specs of the five notes: each item of the ledger is a claim of the kind its verdict asks for, judged so."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from derivcheck.engine import Judge
from derivcheck.model import Claim, Derivation
from derivcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(path.name for path in SPECS.glob("00*.deriv.yaml"))

#: Every item of the ledger by note and verdict.
LEDGER = json.loads((Path(__file__).parent / "ledger.json").read_text(encoding="utf-8"))
VERDICT = {
    item: verdict
    for note in LEDGER.values()
    for verdict, items in note.items()
    for item in items
    if verdict != "NO-CLAIM"
}

#: What claims of an item of a verdict must expect; one that is true only under a condition fails without it.
EXPECT = {
    "TRUE": [{"holds"}],
    "TRUE-ONLY-IF": [{"holds", "fails"}],
    "FALSE": [{"fails"}, {"holds", "fails"}],
    "ILLEGIBLE": [{"holds"}],
}

_ROW = re.compile(r"\| (N\d-\w+) \| [^|]* \| ([A-Z-]+) \| \[[^]]*\]\(([^)]*)\) \| (.*) \|")
_CLAIM = re.compile(r"`([^`]+)`( \*\(fails\)\*)?")


@cache
def spec(name: str) -> Derivation:
    return load(SPECS / name)


def claims_of(item: str) -> dict[tuple[str, str], Claim]:
    """The claims that cite an item, by file and id."""
    return {(name, claim.id): claim for name in FILES for claim in spec(name).claims if claim.cite == item}


def test_the_ledger_is_whole() -> None:
    assert sum(len(items) for note in LEDGER.values() for items in note.values()) == 213
    assert len(VERDICT) == 203


@pytest.mark.parametrize("item", VERDICT)
def test_an_item_is_claimed_as_its_verdict_asks(item: str) -> None:
    claims = claims_of(item).values()
    assert {claim.expect for claim in claims} in EXPECT[VERDICT[item]]
    assert all(claim.id.endswith("-conjecture") == (VERDICT[item] == "ILLEGIBLE") for claim in claims)


@pytest.mark.parametrize("name", FILES)
def test_every_claim_is_fit_for_its_place(name: str) -> None:
    for claim in spec(name).claims:
        assert claim.cite in VERDICT or re.fullmatch(r"L\d+(-L\d+)?", claim.cite or ""), claim.id
        if claim.expect == "fails":
            assert claim.because, claim.id
            assert claim.correct is not None, claim.id
            assert claim.correct.statement is not None, (claim.id, claim.correct.problems)
        else:
            assert claim.statement is not None, (claim.id, claim.problems)


@pytest.mark.parametrize("name", FILES)
def test_every_claim_is_judged_as_expected(name: str) -> None:
    judge = Judge(spec(name))
    reports = [judge.judge(claim) for claim in spec(name).claims]
    assert not [(report.id, report.verdict, report.because) for report in reports if not report.ok]


@pytest.mark.parametrize("name", FILES)
def test_no_claim_is_vacuous(name: str) -> None:
    """No claim repeats a definition word for word, and no side of a link repeats the other."""
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


def test_the_table_names_every_claim_of_every_item() -> None:
    page = (SPECS / "README.md").read_text(encoding="utf-8")
    rows = [match.groups() for line in page.splitlines() if (match := _ROW.fullmatch(line))]
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
