"""Owns what is measured of changed claims: batches of changes of one claim, judged and looked at independently.

A mutant counts where it says something, and where the independent look (mpmath at points, derivatives by
differences) shows it to be different; a rewriting is equal by the way it is made.
"""

from __future__ import annotations

import json
import math
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from changed_claims import true_subjects, unconfirmed
from formula_texts import Changed, sample
from mutations import MINUTE, MUTATIONS
from reference_mpmath import DIGITS
from reference_points import look
from rewritings import REWRITINGS, WHOLE

from derivcheck.engine import Judge
from derivcheck.errors import EngineFault, Refused
from derivcheck.model import Claim, Derivation
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport, Verdict

#: How many changes are made for a mutant that says something different; the rest are the same, or nothing.
MADE_PER_MUTANT = 1.33
#: Likewise of rewritings, some of which do not fit where they stand.
MADE_PER_REWRITING = 1.02
#: Digits of a look at what differs by little.
MANY_DIGITS = 200
#: Digits of replays of witnesses.
REPLAYS = (120, 1_200, 5_000)
#: Changes of one claim that are judged in one derivation, with shared work, as the claims of a file are.
BATCH = 20

#: Is told what is being done next, so that a hang has a name.
Tell = Callable[[str], None]


@dataclass
class Measured:
    """Outcomes of one piece of work by kind of change, and what must not be."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    hits: list[str] = field(default_factory=list)
    unproved: list[str] = field(default_factory=list)
    unconfirmed: list[str] = field(default_factory=list)

    def count(self, kind: str, outcome: str) -> None:
        self.counts.setdefault(kind, Counter()).update([outcome])


@dataclass(frozen=True)
class Batch:
    """Changes of one claim. ``part`` is ``mutants`` or ``rewritings``."""

    part: str
    name: str
    changes: tuple[Changed, ...]

    def measure(self, tell: Tell, skip: Sequence[str] = ()) -> Measured:
        """Judge all but those that are to be skipped (they hung before)."""
        measured = Measured()
        for derivation, pairs in _derivations(self.changes, measured):
            judge = Judge(derivation)
            for changed, claim in pairs:
                if str(changed) not in skip:
                    tell(str(changed))
                    _one(self.part, changed, derivation, claim, judge, measured)
        return measured


def batches(part: str, wanted: int, seed: int, only: str = "") -> list[Batch]:
    """The batches of a measurement of ``wanted`` mutants or rewritings of the claims whose name has a text; the same
    for the same seed."""
    found = [subject for subject in true_subjects() if only in subject.name]
    if part == "mutants":
        drawn = list(sample(found, MUTATIONS, math.ceil(wanted * MADE_PER_MUTANT), seed))
    else:
        drawn = list(sample(found, REWRITINGS, math.ceil(wanted * MADE_PER_REWRITING), seed, WHOLE))
    by_claim: dict[str, list[Changed]] = {}
    for changed in drawn:
        by_claim.setdefault(changed.origin.name, []).append(changed)
    return [Batch(part, name, tuple(changes)) for name, changes in sorted(by_claim.items())]


def _derivations(
    changes: Sequence[Changed], measured: Measured
) -> Iterator[tuple[Derivation, list[tuple[Changed, Claim]]]]:
    """The changes as claims; those of the claim alone go together."""
    own = [c for c in changes if c.way and c.way[0] == "claims"]
    for start in range(0, len(own), BATCH):
        group = own[start : start + BATCH]
        subject = group[0].origin
        claims = {f"c{i}": c.subject.data["claims"][subject.claim] for i, c in enumerate(group)}
        data = {**subject.data, "claims": claims}
        try:
            derivation = loads(json.dumps(data, ensure_ascii=False, indent=1), subject.path.name)
        except Refused:
            yield from _alone(group, measured)
            continue
        yield derivation, list(zip(group, derivation.claims, strict=True))
    yield from _alone([c for c in changes if c not in own], measured)


def _alone(
    changes: Sequence[Changed], measured: Measured
) -> Iterator[tuple[Derivation, list[tuple[Changed, Claim]]]]:
    for changed in changes:
        try:
            derivation = changed.subject.derivation()
        except Refused:
            measured.count(changed.kind, "no claim")
            continue
        yield derivation, [(changed, derivation.claims[0])]


def _one(part: str, changed: Changed, derivation: Derivation, claim: Claim, judge: Judge, measured: Measured) -> None:
    if claim.statement is None:
        measured.count(changed.kind, "no claim")
        return
    try:
        report = judge.judge(claim)
    except EngineFault as fault:
        measured.count(changed.kind, "fault")
        measured.hits.append(f"engine fault: {changed}: {fault}")
        return
    except Exception:  # whatever it is, it is to be reported, and the next one judged
        measured.count(changed.kind, "crash")
        measured.hits.append(f"crash: {changed}: {traceback.format_exc(limit=-2)}")
        return
    take = _mutant if part == "mutants" else _rewriting
    take(changed, derivation, claim, report, measured)


def _rewriting(
    changed: Changed, derivation: Derivation, claim: Claim, report: ClaimReport, measured: Measured
) -> None:
    said = report.verdict.value
    found = look(derivation, claim) if report.verdict in (Verdict.REFUTED, Verdict.INVALID) else None
    if found is not None and found.kind == "undefined" and report.verdict is Verdict.INVALID:
        # an exponent that does not show any more that it is an integer, say
        measured.count(changed.kind, "no claim")
        return
    measured.count(changed.kind, said)
    if found is not None:
        measured.hits.append(f"{said} rewriting ({found.kind}): {changed}: {report.because}")
    elif report.verdict is not Verdict.PROVED:
        measured.unproved.append(f"{said}: {changed}: {report.because}")


def _mutant(changed: Changed, derivation: Derivation, claim: Claim, report: ClaimReport, measured: Measured) -> None:
    said = report.verdict.value
    if report.verdict is Verdict.INVALID:
        measured.count(changed.kind, "no claim")
        return
    different = _is_different(changed, derivation, claim, report, measured)
    unseen = "unconfirmed" if report.verdict is Verdict.REFUTED else "equal"
    measured.count(changed.kind, said if different else unseen)
    if different and report.verdict is Verdict.PROVED:
        measured.hits.append(f"PROVED, but different: {changed}")
    elif different and report.verdict is not Verdict.REFUTED:
        measured.unproved.append(f"{said}: {changed}: {report.because}")


def _is_different(
    changed: Changed, derivation: Derivation, claim: Claim, report: ClaimReport, measured: Measured
) -> bool:
    """Whether the independent look finds a difference: at the engine's witness, or at its own points."""
    why: str | None = None
    if report.verdict is Verdict.REFUTED and not derivation.functions:
        why = unconfirmed(derivation, claim, report, REPLAYS)
        if why is None:
            return True
    digits = MANY_DIGITS if changed.kind in MINUTE else DIGITS
    if look(derivation, claim, stages=("plain", "constants"), digits=digits).kind == "different":
        return True
    if why is not None:
        measured.unconfirmed.append(f"{changed}: {why}")
    return False
