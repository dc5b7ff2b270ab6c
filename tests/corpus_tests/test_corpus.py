"""The conformance corpus: every claim gets the verdict that its folder says, every refutation survives a replay."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
import yaml
from changed_claims import CORPUS, unconfirmed

from derivcheck.engine import judge
from derivcheck.model import Claim, Derivation
from derivcheck.spec import load
from derivcheck.verdict import ClaimReport, Verdict

EXPECTED: dict[str, frozenset[Verdict]] = {
    "proved": frozenset({Verdict.PROVED}),
    "refuted": frozenset({Verdict.REFUTED}),
    "invalid": frozenset({Verdict.INVALID}),
    "undecided": frozenset({Verdict.SUPPORTED, Verdict.UNDECIDED}),
    "open/true": frozenset({Verdict.PROVED, Verdict.SUPPORTED, Verdict.UNDECIDED}),
    "open/false": frozenset({Verdict.REFUTED, Verdict.SUPPORTED, Verdict.UNDECIDED}),
    "open/nowhere": frozenset({Verdict.INVALID, Verdict.UNDECIDED}),
}


def claims_of(folder: str) -> list[tuple[str, str, str]]:
    """Folder, file and id of every claim, read without the spec reader."""
    found = []
    for path in sorted((CORPUS / folder).glob("*.deriv.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        found += [(folder, path.name, name) for name in data["claims"]]
    return found


@cache
def _claims(folder: str, file: str) -> dict[str, object]:
    return dict(yaml.load((CORPUS / folder / file).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)["claims"])


def written(folder: str, file: str, name: str) -> object:
    """A claim as it stands in its file."""
    return _claims(folder, file)[name]


def named(case: tuple[str, str, str]) -> str:
    return "/".join(case).replace(".deriv.yaml", "")


CLAIMS = [case for folder in EXPECTED for case in claims_of(folder)]


@cache
def derivation(folder: str, file: str) -> Derivation:
    return load(CORPUS / folder / file)


@cache
def answer(folder: str, file: str, name: str) -> tuple[Claim, ClaimReport]:
    found = derivation(folder, file)
    claim = next(claim for claim in found.claims if claim.id == name)
    return claim, judge(found, claim)


@pytest.mark.parametrize("case", CLAIMS, ids=named)
def test_a_claim_gets_the_verdict_of_its_folder(case: tuple[str, str, str]) -> None:
    _, report = answer(*case)
    assert report.verdict in EXPECTED[case[0]], report.because


@pytest.mark.parametrize("case", claims_of("refuted"), ids=named)
def test_a_refutation_survives_a_replay_of_its_witness(case: tuple[str, str, str]) -> None:
    claim, report = answer(*case)
    assert unconfirmed(derivation(*case[:2]), claim, report) is None


@pytest.mark.parametrize("case", claims_of("proved"), ids=named)
def test_a_proof_says_for_which_sizes_and_has_no_witness(case: tuple[str, str, str]) -> None:
    _, report = answer(*case)
    assert report.sizes
    assert report.witness is None
    assert all(step.witness is None for step in report.steps)


@pytest.mark.parametrize("case", [c for c in claims_of("proved") if c[1].startswith("every-size")], ids=named)
def test_a_claim_for_every_size_is_proved_for_every_size(case: tuple[str, str, str]) -> None:
    _, report = answer(*case)
    assert report.sizes == "every", report.because


@pytest.mark.parametrize("case", [c for c in claims_of("proved") if c[1].startswith("domain-notes")], ids=named)
def test_domains_that_differ_are_told(case: tuple[str, str, str]) -> None:
    _, report = answer(*case)
    assert any("undefined" in note for note in report.notes), report.notes


def test_the_corpus_is_as_large_as_it_should_be() -> None:
    assert len(CLAIMS) >= 1000
    assert len(claims_of("refuted")) >= 300
    assert len(claims_of("proved")) >= 600


@pytest.mark.parametrize("path", sorted(CORPUS.rglob("*.deriv.yaml")), ids=lambda path: path.relative_to(CORPUS).name)
def test_a_file_says_what_it_is_about_and_expects_nothing_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert str(path.parent.relative_to(CORPUS)) in EXPECTED
    for claim in load(path).claims:
        assert claim.expect == "holds"


def test_no_two_claims_of_a_folder_say_the_same() -> None:
    for folder in EXPECTED:
        seen: dict[tuple[str, str], str] = {}
        for case in claims_of(folder):
            key = (case[1], str(written(*case)))
            assert key not in seen, (named(case), seen[key])
            seen[key] = named(case)
