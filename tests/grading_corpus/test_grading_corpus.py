"""The corpus of submissions: its form, and how far grading agrees with what a human marker says."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from grading_kit import MISTAKES, OUTCOMES, Case, Measured, cases, key_of, keys, measured

from derivcheck.engine import Judge
from derivcheck.spec import load
from derivcheck.verdict import Verdict

ALL = cases()


@cache
def found() -> Measured:
    pytest.importorskip("derivcheck.grading.grade")
    return measured()


# --- the corpus itself -------------------------------------------------------------------------------------------


def test_the_corpus_is_as_large_as_it_is_said_to_be() -> None:
    of_exercises = Counter(case.path.parent.name for case in ALL)
    assert len(of_exercises) >= 6
    assert min(of_exercises.values()) >= 8
    assert len(ALL) >= 48
    planted = [case.mistake for case in ALL if case.mistake is not None]
    assert len(planted) >= 24
    assert len({mistake.kind for mistake in planted}) >= 16
    assert sum("follows" in outcomes for case in ALL for outcomes in case.claims.values()) >= 10
    assert sum("slip" in outcomes for case in ALL for outcomes in case.claims.values()) >= 4
    assert {case.path.suffix for case in ALL} == {".md", ".tex"}


@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_expectations_are_well_formed(case: Case) -> None:
    assert list(case.claims) == [claim.id for claim in key_of(case).claims]
    assert all(outcomes and set(outcomes) <= set(OUTCOMES) for outcomes in case.claims.values())
    mistaken = any(set(outcomes) & {"wrong", "slip", "follows"} - {"right"} and "right" not in outcomes
                   for outcomes in case.claims.values())  # fmt: skip
    assert mistaken == (case.mistake is not None)
    if case.mistake is not None:
        assert case.mistake.kind in MISTAKES
        assert case.mistake.of is None or case.claims[case.mistake.of][0] in ("wrong", "slip")
        assert case.mistake.diagnoses


@pytest.mark.parametrize("name", keys())
def test_every_claim_of_a_key_is_proved(name: str) -> None:
    derivation = load(keys()[name])
    judge = Judge(derivation)
    assert {claim.id: judge.judge(claim).verdict for claim in derivation.claims} == {
        claim.id: Verdict.PROVED for claim in derivation.claims
    }
    assert derivation.notation
    assert all(claim.points for claim in derivation.claims)


# --- how far grading agrees --------------------------------------------------------------------------------------


def test_nothing_right_is_marked_wrong() -> None:
    assert found().right_as_wrong == []


def test_nothing_wrong_is_marked_right() -> None:
    assert found().wrong_as_right == []


def test_what_is_right_is_found_or_left_to_a_human() -> None:
    assert found().missed == []


def test_errors_carried_forward_are_seen() -> None:
    assert found().not_carried == []


def test_the_first_wrong_step_is_found_in_all() -> None:
    print(f"first wrong step found: {found().placed} of {found().mistakes}")
    assert found().first_wrong == []


def test_the_diagnosis_is_right_in_nine_of_ten() -> None:
    print(f"diagnosis right: {found().told} of {found().mistakes}")
    assert found().told >= 0.9 * found().mistakes, found().diagnosis


def test_little_is_left_to_a_human() -> None:
    print(f"left to a human: {len(found().left_to_humans)} of {found().claims} claims")
    assert len(found().left_to_humans) <= 0.1 * found().claims, found().left_to_humans


def test_points_are_as_the_rule_gives_them() -> None:
    assert found().points == []
