"""Each of the two roads left alone: the prover believes no falsehood, the points never contradict a truth.

Together they hide each other's faults: a false claim is refuted at points before the prover is asked, a true one is
proved before many points are tried.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import pytest
import yaml
from changed_claims import CORPUS

from derivcheck.engine import compare, decide, jets, judge, normal_form, question
from derivcheck.engine.compare import Pair
from derivcheck.model import Claim, Derivation
from derivcheck.spec import load
from derivcheck.verdict import Verdict


def cases(folder: str, every: int = 1) -> list[tuple[str, str]]:
    """File and id of the claims of a folder that are equations."""
    found = []
    for path in sorted((CORPUS / folder).glob("*.deriv.yaml")):
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        for name, claim in data["claims"].items():
            text = claim if isinstance(claim, str) else claim.get("statement", "")
            if "≈" not in text and "up_to" not in claim:
                found.append((f"{folder}/{path.name}", name))
    return found[::every]


@cache
def derivation(file: str) -> Derivation:
    return load(CORPUS / file)


def claim_of(file: str, name: str) -> Claim:
    return next(claim for claim in derivation(file).claims if claim.id == name)


def blinded(*arguments: Any) -> list[Pair]:
    """The values at a point; where the two sides differ, the right one is taken for the left."""
    return [
        replace(pair, right=pair.left, difference=jets.rational(0)) if pair.status == "differ" else pair
        for pair in compare.pairs(*arguments)
    ]


@pytest.mark.parametrize("case", [*cases("refuted"), *cases("open/false")], ids="/".join)
def test_the_symbolic_road_alone_believes_no_falsehood(
    case: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "pairs", blinded)
    monkeypatch.setattr(question, "program", lambda *_: None)
    monkeypatch.setattr(decide, "AFTER", ())  # only what a proof rests on is of interest
    report = judge(derivation(case[0]), claim_of(*case))
    assert report.verdict in (Verdict.SUPPORTED, Verdict.UNDECIDED, Verdict.INVALID), report.because


@pytest.mark.parametrize("case", cases("proved", every=8), ids="/".join)
def test_points_alone_contradict_no_truth(case: tuple[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    unproved = normal_form.Outcome("open", "not asked")
    monkeypatch.setattr(decide, "_prove", lambda *_, **__: unproved)
    assert judge(derivation(case[0]), claim_of(*case)).verdict in (Verdict.SUPPORTED, Verdict.PROVED)
