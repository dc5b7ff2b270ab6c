"""Faults planted in SymPy and in the engine's own tables: no false claim is proved, and contradictions are told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from planted import Fault
from planted_faults import FAULTS, LIES, answers, bites, claims, under
from sympy.core.cache import clear_cache

from derivcheck.engine import decide, normal_form


@pytest.fixture(autouse=True)
def _no_derivatives_remembered() -> Iterator[None]:
    clear_cache()
    yield
    clear_cache()


#: Every falsehood is tried under its own faults and, in turn, under others; ``run.py`` tries all under all.
SHARE = 12


def named(fault: Fault) -> str:
    return f"{fault.place}: {fault.name}"


@pytest.mark.parametrize("number", range(len(FAULTS)), ids=[named(fault) for fault in FAULTS])
def test_under_a_fault_no_falsehood_is_proved(number: int) -> None:
    fault = FAULTS[number]
    lies = list(dict.fromkeys((*fault.lies, *LIES[number % SHARE :: SHARE])))
    said = under(fault, claims(lies))
    assert [lie for lie, verdict in zip(lies, said, strict=True) if verdict == "proved"] == []


@pytest.mark.parametrize("fault", FAULTS, ids=named)
def test_the_faults_are_faults(fault: Fault) -> None:
    """Or, for what the engine does not use, they are none to it."""
    assert bites(fault) == fault.used


def test_without_a_fault_the_falsehoods_are_refuted_and_the_truths_proved() -> None:
    assert set(answers(claims(LIES))) == {"refuted"}
    truths = tuple(dict.fromkeys(truth for fault in FAULTS for truth in fault.truths))
    assert set(answers(claims(truths))) == {"proved"}


def test_there_are_many_faults_in_every_place() -> None:
    assert len(FAULTS) >= 100
    assert len({named(fault) for fault in FAULTS}) == len(FAULTS)
    assert sum(fault.used for fault in FAULTS) >= 100
    assert {fault.place for fault in FAULTS} == {
        "sympy.diff",
        "sympy.simplify, cancel, factor",
        "SymPy's constructors",
        "symbolic road",
        "tower",
        "rigorous road",
        "index road",
        "function table",
    }


def test_a_prover_that_proves_everything_proves_no_falsehood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_form.Prover, "prove", lambda *_, **__: normal_form.ZERO)
    derivation = claims(LIES)
    assert "proved" not in answers(derivation)
    monkeypatch.setattr(decide, "FIRST", ())
    monkeypatch.setattr(decide, "ELSEWHERE", ())
    said = answers(derivation)
    assert "proved" not in said
    assert said.count("fault") > len(LIES) * 0.9
