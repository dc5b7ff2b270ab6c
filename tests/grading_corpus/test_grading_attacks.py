"""Notes by which somebody would be marked wrongly: none of them is, whatever else comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import yaml
from grading_kit import CORPUS, OUTCOMES, keys

from derivcheck.model import Derivation
from derivcheck.source import Source
from derivcheck.spec import load


@dataclass(frozen=True)
class Attack:
    tries: str
    key: str
    path: str
    text: str
    only: dict[str, list[str]]
    most: dict[str, float]


def _attack(given: dict[str, Any]) -> Attack:
    path, text = ("note.tex", given["tex"]) if "tex" in given else ("note.md", given["note"])
    return Attack(given["tries"], given["key"], path, text, given["only"], given.get("most", {}))


ATTACKS = [_attack(given) for given in yaml.safe_load((CORPUS / "attacks.yaml").read_text(encoding="utf-8"))]


@cache
def key(name: str) -> Derivation:
    return load(keys()[name])


def test_attacks_are_well_formed() -> None:
    assert len({attack.tries for attack in ATTACKS}) == len(ATTACKS)
    for attack in ATTACKS:
        ids = {claim.id for claim in key(attack.key).claims}
        assert attack.only.keys() <= ids, attack.tries
        assert all(outcomes and set(outcomes) <= set(OUTCOMES) for outcomes in attack.only.values()), attack.tries


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.tries)
def test_nobody_is_marked_wrongly(attack: Attack) -> None:
    pytest.importorskip("derivcheck.grading.grade")
    from derivcheck.grading.grade import grade
    from derivcheck.grading.model import Student
    from derivcheck.grading.policy import Policy

    graded = grade(key(attack.key), Source(attack.path, attack.text), Student("somebody"), Policy())
    assert all(0 <= claim.points <= attack.most.get(claim.id, claim.of) for claim in graded.claims)
    outcomes = {claim.id: claim.outcome for claim in graded.claims}
    assert {name: outcomes[name] for name in attack.only if outcomes[name] not in attack.only[name]} == {}
