"""Owns the answers: verdicts, witnesses, and the reports of a step, a claim, a spec and a run; frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from derivcheck.errors import Problem
from derivcheck.source import Source, Span


class Verdict(StrEnum):
    """What was found of a claim (spec format, section 3)."""

    PROVED = "proved"
    REFUTED = "refuted"
    SUPPORTED = "supported"
    UNDECIDED = "undecided"
    INVALID = "invalid"


#: Text of numbers, nested like the array they stand in.
NestedText = str | tuple["NestedText", ...]


@dataclass(frozen=True, slots=True)
class Witness:
    """A point at which the two sides certainly differ.

    ``point`` has the exact rational value of every variable that matters, nested like the variable's shape;
    ``left`` and ``right`` are decimal enclosures of both sides there (``0.39322…``, or ``[0.1 +/- 0.2]``);
    ``entry`` is the entry of the array at which they differ, ``()`` for scalars; ``index`` the values of the
    claim's quantifiers; ``sizes`` those of its dimensions. ``functions`` has the coefficients (of 1, x, x**2, …) of
    the polynomial that stands for an opaque function; for one with a derivative rule, it is its value at the one
    argument at which it is used. ``bits`` is the precision of the enclosures.
    """

    point: Mapping[str, NestedText]
    left: str
    right: str
    entry: tuple[int, ...] = ()
    index: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)
    explanation: str | None = None
    functions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bits: int = 0


@dataclass(frozen=True, slots=True)
class StepReport:
    """One link of a chain, judged on its own. ``sizes`` as in :class:`ClaimReport`."""

    index: int
    left: str
    right: str
    relation: str
    verdict: Verdict
    span: Span
    because: str | None = None
    sizes: str | None = None
    witness: Witness | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimReport:
    """What is reported of one claim.

    ``ok``: proved as expected, or (under ``expect: fails``) refuted or invalid with its correction proved.
    ``sizes``: for which sizes a proof holds: ``every``, or e.g. ``h=3, n=2``; ``None`` without a proof.
    ``because``: one sentence that gives the reason of the verdict. ``reason``: the spec's own ``because``.
    ``span`` is of what is at fault (the wrong step) or of the claim; ``claim_span`` of the claim itself.
    ``diagnosis_kind`` is the kind of mistake that the diagnosis tells, one of a few words.
    ``fails_at`` is the spec's own, so that a report can tell "wrong where it was said to be" by itself.
    """

    id: str
    statement: str
    span: Span
    claim_span: Span
    expect: str
    verdict: Verdict
    ok: bool
    because: str
    sizes: str | None = None
    steps: tuple[StepReport, ...] = ()
    first_wrong_step: int | None = None
    fails_at: int | None = None
    notes: tuple[str, ...] = ()
    witness: Witness | None = None
    diagnosis: str | None = None
    diagnosis_kind: str | None = None
    correct: str | None = None
    correct_verdict: Verdict | None = None
    reason: str | None = None
    problems: tuple[Problem, ...] = ()
    points: str | None = None
    cite: str | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class SpecReport:
    """What is reported of one spec file; with ``problems`` it could not be read and has no claims.

    ``fault`` names an engine fault (two roads to one value that disagree) met while judging it.
    """

    path: str
    title: str
    source: Source | None
    problems: tuple[Problem, ...] = ()
    claims: tuple[ClaimReport, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """What is reported of a run: its specs, sorted by path; ``interrupted`` if claims were left unjudged."""

    specs: tuple[SpecReport, ...]
    interrupted: bool = False

    def counts(self) -> dict[str, int]:
        """How many claims there are, how many are ok, and how many have each verdict."""
        claims = [claim for spec in self.specs for claim in spec.claims]
        counts = {"claims": len(claims), "ok": sum(claim.ok for claim in claims)}
        counts.update({verdict.value: sum(c.verdict is verdict for c in claims) for verdict in Verdict})
        return counts
