"""Owns the questions that grading puts to the engine: one link at a time, with what it stands in; what the engine
contradicts itself on, or breaks on, is not decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from derivcheck import judging
from derivcheck.engine import Judge
from derivcheck.errors import EngineFault, Problem
from derivcheck.lang.typed import Expr
from derivcheck.model import Claim, Derivation, Link, Misfit, Statement
from derivcheck.source import Span
from derivcheck.verdict import ClaimReport, Verdict

#: Where a link that is asked about stands: nowhere, so that all that ask the same ask the same.
_CLAIM, _LINK = Span(0, 2), Span(1, 2)


class CacheOfDerivation(Protocol):
    """Remembers the reports of the claims of one derivation."""

    def get(self, claim: Claim) -> ClaimReport | None:
        """The report of a claim, if it is remembered."""

    def put(self, claim: Claim, report: ClaimReport) -> None:
        """Remember the report of a claim."""


class Cache(Protocol):
    """Remembers reports."""

    def of(self, derivation: Derivation) -> CacheOfDerivation:
        """The cache for the claims of one derivation."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the engine finds of a link; ``fault`` is what it broke on."""

    report: ClaimReport
    fault: str = ""

    @property
    def verdict(self) -> Verdict:
        """Its verdict."""
        return self.report.verdict

    @property
    def proved(self) -> bool:
        """Whether it holds for certain."""
        return self.report.verdict is Verdict.PROVED

    @property
    def refuted(self) -> bool:
        """Whether it fails for certain."""
        return self.report.verdict is Verdict.REFUTED


class Court:
    """Rules on links of one derivation, or of the same with other definitions."""

    def __init__(self, derivation: Derivation, seed: int, cache: Cache | None = None) -> None:
        self.derivation = derivation
        self._seed = seed
        self._cache = cache
        self._rooms: dict[tuple[tuple[str, int], ...], _Room] = {}
        self._alive: list[Expr] = []
        self.faults: list[str] = []

    def rule(
        self, claim: Claim, link: Link, *, told: bool = False, definitions: Mapping[str, Expr] | None = None
    ) -> Ruling:
        """What the engine finds of a link under the conditions of a claim; ``told``: with the probable mistake.

        ``definitions`` take the place of those of the derivation.
        """
        room = self._room(definitions or {})
        text = "told" if told else "asked"
        alone = replace(link, left_text=text, right_text=text, span=_LINK)
        quantifiers = claim.statement.quantifiers if claim.statement else ()
        return self._asked(
            replace(_bare(claim, text), statement=Statement(text, (alone,), quantifiers, _CLAIM)), room, told=told
        )

    def mistake(self, claim: Claim, misfit: Misfit) -> tuple[str, str] | None:
        """The kind of the probable mistake in a term whose shapes do not go together, and a line that tells it."""
        problem = Problem("shape", "the shapes do not go together", _CLAIM)
        asked = replace(_bare(claim, "misfit"), statement=None, problems=(problem,), misfit=misfit)
        report = self._asked(asked, self._room({}), told=True).report
        return None if report.diagnosis is None else (report.diagnosis_kind or "shape", report.diagnosis)

    def _asked(self, asked: Claim, room: _Room, *, told: bool) -> Ruling:
        known = room.cache.get(asked) if room.cache else None
        if known is not None:
            return Ruling(known)
        try:
            report = judging.judged(room.telling if told else room.plain, asked)
        except EngineFault as fault:
            words = str(fault)
            if words not in self.faults:
                self.faults.append(words)
            return Ruling(_undecided(asked), words)
        if room.cache:
            room.cache.put(asked, report)
        return Ruling(report)

    def _room(self, definitions: Mapping[str, Expr]) -> _Room:
        key = tuple((name, id(expr)) for name, expr in definitions.items())
        if key not in self._rooms:
            self._alive += definitions.values()
            derivation = self.derivation
            if definitions:
                derivation = replace(derivation, definitions={**derivation.definitions, **definitions})
            self._rooms[key] = _Room(derivation, self._seed, self._cache)
        return self._rooms[key]


class _Room:
    """One derivation with its judges: one that looks for the probable mistake, and one that does not."""

    def __init__(self, derivation: Derivation, seed: int, cache: Cache | None) -> None:
        self.cache = None if cache is None else cache.of(derivation)
        self.telling: Judge = judging.engine_for(derivation, seed)
        self.plain: Judge = self.telling.plain()


def _bare(claim: Claim, text: str) -> Claim:
    """A claim with nothing that tells where it stands, or what is done with the verdict."""
    return replace(
        claim,
        id=text,
        text=text,
        span=_CLAIM,
        problems=(),
        misfit=None,
        warnings=(),
        expect="holds",
        correct=None,
        fails_at=None,
        because=None,
        points=None,
        cite=None,
    )


def _undecided(claim: Claim) -> ClaimReport:
    return ClaimReport(
        id=claim.id,
        statement=claim.text,
        span=claim.span,
        claim_span=claim.span,
        expect=claim.expect,
        verdict=Verdict.UNDECIDED,
        ok=False,
        because="it could not be decided",
    )
