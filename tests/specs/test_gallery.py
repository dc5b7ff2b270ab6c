"""The gallery: what a newcomer looks for is there, well formed, and each file shows a mistake beside the truth."""

from __future__ import annotations

from pathlib import Path

import pytest

from derivcheck.engine import Judge
from derivcheck.spec import load

SPECS = Path(__file__).parents[2] / "specs"
GALLERY = (
    "activations",
    "attention",
    "batch-norm",
    "gaussian-kl",
    "gaussian-nll",
    "l2-normalisation",
    "latex",
    "linear-regression",
    "log-sum-exp",
    "newton-logistic",
    "ridge-regression",
    "softmax-cross-entropy",
    "softmax-regression",
)


def test_the_gallery_is_what_is_listed() -> None:
    assert sorted(path.name for path in SPECS.glob("gallery-*")) == [f"gallery-{n}.deriv.yaml" for n in GALLERY]


@pytest.mark.parametrize("name", GALLERY)
def test_a_gallery_file_shows_truths_and_mistakes(name: str) -> None:
    derivation = load(SPECS / f"gallery-{name}.deriv.yaml")
    mistakes = [claim for claim in derivation.claims if claim.expect == "fails"]
    truths = [claim for claim in derivation.claims if claim.expect == "holds"]
    assert mistakes
    assert len(truths) > len(mistakes)
    for claim in truths:
        assert claim.statement is not None, (claim.id, claim.problems)
    for claim in mistakes:
        assert claim.because, claim.id
        assert claim.correct is not None, claim.id
        assert claim.correct.statement is not None, (claim.id, claim.correct.problems)


@pytest.mark.parametrize("name", GALLERY)
def test_every_claim_is_as_expected(name: str) -> None:
    derivation = load(SPECS / f"gallery-{name}.deriv.yaml")
    judge = Judge(derivation)
    reports = [judge.judge(claim) for claim in derivation.claims]
    assert not [(report.id, report.verdict, report.because) for report in reports if not report.ok]
