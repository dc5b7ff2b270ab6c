"""The specs of the notes N2 and N3: each item of the ledger is a claim of the kind its verdict asks for."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from derivcheck.engine import judge
from derivcheck.model import Claim, Derivation
from derivcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"
FILES = sorted(path.name for path in SPECS.glob("00[23]-*.deriv.yaml"))

#: Every item of the ledger that makes a claim, by its verdict. Prose makes none; nothing here is illegible.
LEDGER = {
    "TRUE": """
        N2-1a N2-1b N2-1c N2-1d N2-1e N2-1f N2-1g N2-1h N2-1i N2-2a N2-2b N2-2c N2-2d N2-2e N2-2f N2-2g
        N2-2h N2-2i N2-3a N2-3b N2-4a N2-4b N2-4c N2-5a N2-5b N2-6a N2-6b N2-6c N2-6e N2-6f N2-6g N2-6h
        N2-6j N2-6k N2-6l N2-6m N2-7 N2-9a N2-9b N2-10a N2-10b N2-11a N2-11b N2-11c N2-11e N2-12a N2-12b
        N2-12c
        N3-1a N3-1b N3-1c N3-2a N3-2b N3-5 N3-8a N3-9 N3-10 N3-11 N3-12 N3-13 N3-14 N3-15a N3-15b N3-16a
        N3-16b N3-16c N3-17 N3-18a N3-18b N3-18c N3-18d N3-18e N3-19a N3-19b N3-19c N3-20a N3-22 N3-23a
        N3-23b N3-24a N3-28 N3-35""",
    "TRUE-ONLY-IF": """
        N2-8a N2-8b N2-11d
        N3-3 N3-4 N3-6 N3-8c N3-20b N3-21 N3-24b N3-25 N3-26 N3-27 N3-29 N3-30 N3-32 N3-33 N3-34a N3-34b
        N3-36 N3-38""",
    "FALSE": "N2-6d N2-6i N3-7 N3-8b N3-31 N3-37 N3-39",
}
VERDICT = {item: verdict for verdict, text in LEDGER.items() for item in text.split()}
KINDS = {"TRUE": {"holds"}, "TRUE-ONLY-IF": {"holds", "fails"}, "FALSE": {"fails"}}

_ROW = re.compile(r"\| (N[23]-\w+) \| [^|]* \| ([A-Z-]+) \| \[[^]]*\]\(([^)]*)\) \| (.*) \|")
_CLAIM = re.compile(r"`([^`]+)`( \*\(fails\)\*)?")


@cache
def spec(name: str) -> Derivation:
    return load(SPECS / name)


def claims_of(item: str) -> dict[tuple[str, str], Claim]:
    """The claims that cite an item, by file and id."""
    return {(name, claim.id): claim for name in FILES for claim in spec(name).claims if claim.cite == item}


def test_the_ledger_is_whole() -> None:
    assert [sum(item.startswith(note) for item in VERDICT) for note in ("N2-", "N3-")] == [53, 57]


@pytest.mark.parametrize("item", VERDICT)
def test_an_item_is_claimed_as_its_verdict_asks(item: str) -> None:
    assert {claim.expect for claim in claims_of(item).values()} == KINDS[VERDICT[item]]


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
def test_every_claim_is_as_expected(name: str) -> None:
    reports = [judge(spec(name), claim) for claim in spec(name).claims]
    assert not [(report.id, report.verdict, report.because) for report in reports if not report.ok]


@pytest.mark.parametrize("name", FILES)
def test_no_link_has_one_text_on_both_sides(name: str) -> None:
    for claim in spec(name).claims:
        for link in claim.statement.links if claim.statement else ():
            assert "".join(link.left_text.split()) != "".join(link.right_text.split()), claim.id


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
