"""A spec reader and an engine with fixed answers, for tests of what is done with answers.

A spec is lines ``id: verdict``; after the verdict may follow ``fails`` (it was expected to), ``correct=…`` (the
verdict on the correction), ``fails_at=…``, ``step=…`` (the first wrong step), ``sizes=…``, ``note=…``. In place of
a verdict ``fault``, ``crash``, ``interrupt``, ``terminate`` and ``sleep`` do what they say; ``segfault``, ``exit``,
``memory`` and ``hang`` (which nothing but killing ends) do so in worker processes. A text that has the word
``unreadable`` in it cannot be read.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import derivcheck.engine
import derivcheck.spec
from derivcheck.errors import EngineFault, Problem, Refused
from derivcheck.model import Claim, Derivation
from derivcheck.source import Source, Span
from derivcheck.spec.files import read_file
from derivcheck.verdict import ClaimReport, Verdict, Witness


@dataclass(frozen=True)
class Settings:
    """As the engine's."""

    seed: int = 0


def load(path: str | os.PathLike[str]) -> Derivation:
    return loads(*read_file(path))


def loads(text: str, path: str) -> Derivation:
    source = Source(path, text)
    if "unreadable" in source.text:
        start = source.text.index("unreadable")
        raise Refused([Problem("key", "this is unreadable", Span(start, start + 10), "write better")], source)
    claims, start = [], 0
    for line in source.text.splitlines(keepends=True):
        claim_id, colon, text = line.strip().partition(": ")
        if colon:
            options = _options(text)
            claims.append(
                Claim(
                    claim_id, text, Span(start, start + len(claim_id)), None,
                    expect="fails" if "fails" in text.split() else "holds",
                    fails_at=int(options["fails_at"]) if "fails_at" in options else None,
                )
            )  # fmt: skip
        start += len(line)
    return Derivation(source, f"Title of {Path(path).name}", {}, {}, tuple(claims))


def _options(text: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in text.split() if "=" in word)


def judge(derivation: Derivation, claim: Claim, settings: Settings) -> ClaimReport:
    word, options = claim.text.split()[0], _options(claim.text)
    if word in _DEEDS:
        _DEEDS[word]()
        word = "proved"
    verdict = Verdict(word)
    correct = Verdict(options["correct"]) if "correct" in options else None
    fits = claim.fails_at is None or str(claim.fails_at) == options.get("step")
    failed = verdict in (Verdict.REFUTED, Verdict.INVALID)
    as_expected = failed and correct is Verdict.PROVED and fits
    return ClaimReport(
        claim.id, f"statement of {claim.id}", claim.span, claim.span, claim.expect, verdict,
        ok=verdict is Verdict.PROVED if claim.expect == "holds" else as_expected,
        because=f"found {verdict.value} with seed {settings.seed}",
        sizes=options.get("sizes"), correct="the correction" if correct else None, correct_verdict=correct,
        first_wrong_step=int(options["step"]) if "step" in options else None,
        notes=(options["note"],) if "note" in options else (),
        witness=Witness({"x": "1/2"}, "1.5000…", "2.5000…") if verdict is Verdict.REFUTED else None,
        cite="page 7" if "cite" in claim.text.split() else None,
    )  # fmt: skip


def _fault() -> None:
    raise EngineFault("two roads disagree")


def _crash() -> None:
    raise ZeroDivisionError(f"of {object()!r}")


def _interrupt() -> None:
    raise KeyboardInterrupt


def _hang() -> None:
    signal.pthread_sigmask(signal.SIG_BLOCK, set(signal.Signals) - {signal.SIGALRM})
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    while True:
        time.sleep(60)


_DEEDS = {
    "fault": _fault,
    "crash": _crash,
    "interrupt": _interrupt,
    "terminate": lambda: os.kill(os.getpid(), signal.SIGTERM),
    "sleep": lambda: time.sleep(0.3),
    "segfault": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(7),
    "memory": lambda: bytearray(1 << 42),
    "hang": _hang,
}


class Judge:
    def __init__(self, derivation, settings=None, diagnose=None, repair=None) -> None:
        self.derivation, self.settings = derivation, settings

    def judge(self, claim):
        return judge(self.derivation, claim, self.settings)


def install(monkeypatch) -> None:
    monkeypatch.setattr(derivcheck.spec, "load", load, raising=False)
    monkeypatch.setattr(derivcheck.spec, "loads", loads, raising=False)
    monkeypatch.setattr(derivcheck.engine, "Judge", Judge, raising=False)
    monkeypatch.setattr(derivcheck.engine, "Settings", Settings, raising=False)
