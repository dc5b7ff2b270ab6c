"""Owns the judgement of planted faults: which falsehoods are proved under one, and whether it has any effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import pytest
from changed_claims import CORPUS
from engine_kit import quoted
from measured_changes import Measured, Tell
from planted import SETTING, Fault
from planted_indexed import INDEXED
from planted_sympy import SYMPY_DIFF, SYMPY_SIMPLIFY
from planted_tables import RELATIONS, RIGOROUS, SYMBOLIC, TABLE, TOWER
from sympy.core.cache import clear_cache

from derivcheck.engine import Judge, decide
from derivcheck.engine.indexed.prove import prove_every_size
from derivcheck.engine.work import Meter
from derivcheck.errors import EngineFault
from derivcheck.model import Derivation
from derivcheck.spec import load, loads

#: All of them.
FAULTS: tuple[Fault, ...] = (*SYMPY_DIFF, *SYMPY_SIMPLIFY, *SYMBOLIC, *TOWER, *RELATIONS, *RIGOROUS, *INDEXED, *TABLE)
#: Everything that one of them makes look true.
LIES: tuple[str, ...] = tuple(dict.fromkeys(lie for fault in FAULTS for lie in fault.lies))


def claims(texts: Iterable[str]) -> Derivation:
    """Claims in the setting of the faults; a condition may stand after a bar."""
    lines: list[str] = []
    for number, text in enumerate(texts):
        statement, _, condition = (part.strip() for part in text.partition("|"))
        when = f", when: {quoted(condition)}" if condition else ""
        lines.append(f"  c{number}: {{statement: {quoted(statement)}{when}}}\n")
    lines = lines or ["  none: x == x\n"]
    return loads(f"{SETTING}claims:\n{''.join(lines)}", "planted.deriv.yaml")


def answers(derivation: Derivation) -> list[str]:
    """What is said of each claim; ``fault`` where the engine contradicts itself."""
    judge = Judge(derivation)
    said = []
    for claim in derivation.claims:
        try:
            said.append(judge.judge(claim).verdict.value)
        except EngineFault:
            said.append("fault")
    return said


@cache
def lies() -> Derivation:
    """The falsehoods of all faults."""
    return claims(LIES)


def warm() -> None:
    """Do once what every process would do for itself."""
    for derivation in (lies(), *refuted_corpus()):
        answers(derivation)


def under(fault: Fault, derivation: Derivation) -> list[str]:
    """What is said under a fault."""
    clear_cache()
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        said = answers(derivation)
    clear_cache()
    return said


#: Of the false claims of the corpus, one in so many is judged under every fault.
STEP = 8


@cache
def refuted_corpus() -> list[Derivation]:
    """Some false claims of the corpus: not those for which SymPy is at fault without one that is planted."""
    paths = sorted((CORPUS / "refuted").glob("*.deriv.yaml"))
    whole = (load(path) for path in paths if not path.name.startswith("sympy-"))
    return [replace(derivation, claims=derivation.claims[::STEP]) for derivation in whole]


@dataclass(frozen=True)
class FaultTask:
    """All falsehoods under one fault."""

    number: int
    part: str = "faults"

    @property
    def name(self) -> str:
        return f"{FAULTS[self.number].place}: {FAULTS[self.number].name}"

    def measure(self, tell: Tell, skip: Sequence[str] = ()) -> Measured:
        """Judge the falsehoods of all faults, and those of the corpus."""
        fault = FAULTS[self.number]
        measured = Measured()
        for derivation in (lies(), *refuted_corpus()):
            tell(f"{self.name}: {derivation.source.path}")
            if f"{self.name}: {derivation.source.path}" in skip:
                continue
            for claim, said in zip(derivation.claims, under(fault, derivation), strict=True):
                measured.count(fault.place, said)
                if said == "proved":
                    measured.hits.append(f"proved under a fault ({self.name}): {claim.text}")
        tell(f"{self.name}: its effect")
        if bites(fault) != fault.used:
            measured.hits.append(f"a fault without effect, or one where there should be none: {self.name}")
        return measured


def bites(fault: Fault) -> bool:
    """Whether a fault has any effect: without the points that forestall a proof a falsehood of it is believed (which
    ends in a fault of the engine), or the index road proves one, or a truth is not proved any more."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decide, "FIRST", ())
        patch.setattr(decide, "ELSEWHERE", ())
        if any(said != "refuted" for said in under(fault, claims(fault.lies))):
            return True
    if any(said != "proved" for said in under(fault, claims(fault.truths))):
        return True
    return fault.place == "index road" and _shown_for_every_size(fault)


def _shown_for_every_size(fault: Fault) -> bool:
    derivation = claims(fault.lies)
    with pytest.MonkeyPatch.context() as patch:
        fault.plant(patch)
        for claim in derivation.claims:
            assert claim.statement is not None
            (link,) = claim.statement.links
            sides = (link.left, link.right, claim.statement.quantifiers, claim.when)
            if prove_every_size(derivation, claim, *sides, Meter(10**6)).kind == "zero":
                return True
    return False
