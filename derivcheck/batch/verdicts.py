"""Owns the verdicts that a worker has come to know: students share most of what they claim, and it is judged once.

They are found by what a claim says (its fingerprint), and are the same whether they were judged now, a while ago or
in an earlier run; so that it makes no difference to a result which submissions a worker has seen before.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from derivcheck.cache import Cache, CacheOfSpec
from derivcheck.fingerprint import Fingerprints, Unknown
from derivcheck.model import Claim, Derivation
from derivcheck.plain import NotPlain, Plain, from_plain, to_plain
from derivcheck.verdict import ClaimReport

#: Verdicts that are kept in memory.
MOST = 20_000


class Verdicts:
    """The verdicts of one worker for one seed: in its memory, and in a folder that all share, if there is one."""

    def __init__(self, seed: int, folder: Path | None) -> None:
        self._seed = seed
        self._disk = Cache.opened(folder, seed)
        self._known: dict[str, Plain] = {}

    def of(self, derivation: Derivation) -> VerdictsOfOne:
        """The verdicts for the claims of one derivation."""
        try:
            fingerprints = Fingerprints(derivation, "", self._seed)
        except Unknown:
            fingerprints = None
        return VerdictsOfOne(self._known, fingerprints, self._disk.of(derivation) if self._disk else None)

    def clear(self) -> None:
        """Forget what is in memory."""
        self._known.clear()


class VerdictsOfOne:
    """The verdicts for the claims of one derivation."""

    def __init__(self, known: dict[str, Plain], fingerprints: Fingerprints | None, disk: CacheOfSpec | None) -> None:
        self._known = known
        self._fingerprints = fingerprints
        self._disk = disk

    def get(self, claim: Claim) -> ClaimReport | None:
        """The report of a claim, as the engine would make it, if it is known."""
        key = self._key(claim)
        if key is not None and key in self._known:
            with contextlib.suppress(NotPlain):
                return from_plain(self._known[key], claim)
        report = self._disk.get(claim) if self._disk else None
        if report is not None:
            self._keep(key, claim, report)
        return report

    def put(self, claim: Claim, report: ClaimReport) -> None:
        """Keep the report of a claim as the engine made it."""
        self._keep(self._key(claim), claim, report)
        if self._disk:
            self._disk.put(claim, report)

    def _keep(self, key: str | None, claim: Claim, report: ClaimReport) -> None:
        if key is None:
            return
        with contextlib.suppress(NotPlain):
            self._known[key] = to_plain(report, claim)
            if len(self._known) > MOST:
                del self._known[next(iter(self._known))]

    def _key(self, claim: Claim) -> str | None:
        try:
            return self._fingerprints.of(claim) if self._fingerprints else None
        except Unknown:
            return None
