"""Owns the way of one spec and one claim through reader and engine: a crash becomes a fault, a time limit a verdict.

The engine and the spec reader are imported when they are first needed, so that asking for help costs nothing.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, NoReturn, TypeVar

from derivcheck.errors import EngineFault
from derivcheck.model import Claim, Derivation
from derivcheck.verdict import ClaimReport, Verdict

if TYPE_CHECKING:
    from derivcheck.engine import Judge
    from derivcheck.engine.judge import Mistake
    from derivcheck.engine.question import Answer, Question
    from derivcheck.engine.session import Session

T = TypeVar("T")

#: What a mistake in the engine, or in a library under it, raises. Such a crash is reported as an engine fault:
#: it must not take the other claims with it, and it must not look like a verdict.
CRASHES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip

#: Calls inside one another that the engine may make: definitions that go through one another are followed by calls.
DEEPEST = 10_000


def read(path: str | os.PathLike[str]) -> Derivation:
    """Read a spec file.

    Raises:
        Refused: with every problem found, also where there is no such file.
        EngineFault: where the reader crashes.
    """
    from derivcheck.spec import load

    try:
        return load(path)
    except CRASHES as crash:
        raise EngineFault(described(crash)) from crash


def engine_for(derivation: Derivation, seed: int) -> Judge:
    """A judge of the claims of one derivation, which share work."""
    from derivcheck.engine import Judge, Settings

    return Judge(derivation, Settings(seed=seed), _diagnosed, _repaired)


def _diagnosed(question: Question, answer: Answer) -> Mistake | None:
    """The probable mistake in a refuted link; what finds it is imported where there is one."""
    from derivcheck.diagnose import diagnose

    return diagnose(question, answer)


def _repaired(session: Session, claim: Claim, seed: int) -> Mistake | None:
    """The probable mistake in a claim whose shapes do not go together."""
    from derivcheck.diagnose import misfit

    return misfit(session, claim, seed)


def judged(judge: Judge, claim: Claim) -> ClaimReport:
    """What the engine finds of a claim.

    Raises:
        EngineFault: where the engine contradicts itself or crashes.
    """
    try:
        with _room():
            return replace(judge.judge(claim), fails_at=claim.fails_at)
    except CRASHES as crash:
        raise EngineFault(described(crash)) from crash


@contextmanager
def _room() -> Iterator[None]:
    """Let the engine's walks go as deep as it takes, and equally deep whoever calls: a test, a worker, a notebook.

    Only the main thread has a stack for that.
    """
    if not _in_main_thread():
        yield
        return
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(sum(1 for _ in traceback.walk_stack(None)) + DEEPEST)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def described(crash: BaseException) -> str:
    """One line that tells a developer where it broke, the same on every machine: no folders, no addresses."""
    if isinstance(crash, MemoryError | RecursionError):  # where it ran out is chance
        short = "memory" if isinstance(crash, MemoryError) else "room for calls inside one another"
        return f"internal error: {type(crash).__name__}: there was no more {short}"
    frames = list(traceback.extract_tb(crash.__traceback__))
    frames = frames[1:] or frames  # the first is the call from here
    ours = [frame for frame in frames if os.sep + "derivcheck" + os.sep in frame.filename]
    frame = (ours or frames)[-1]
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", " ".join(str(crash).split()))[:200]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"internal error at {place}: {type(crash).__name__}" + (f": {text}" if text else "")


# --- the time limit


def out_of_time(claim: Claim, seconds: float) -> ClaimReport:
    """The report of a claim that was not decided within its time: undecided, and so is its correction."""
    correct = claim.correct
    return ClaimReport(
        id=claim.id,
        statement=claim.statement.text if claim.statement else claim.text,
        span=claim.span,
        claim_span=claim.span,
        expect=claim.expect,
        verdict=Verdict.UNDECIDED,
        ok=False,
        because=f"it was not decided within {seconds:g} s",
        fails_at=claim.fails_at,
        notes=claim.warnings,
        correct=None if correct is None else correct.statement.text if correct.statement else correct.text,
        correct_verdict=None if correct is None else Verdict.UNDECIDED,
        reason=claim.because,
        points=None if claim.points is None else str(claim.points),
        cite=claim.cite,
    )


class OutOfTime(BaseException):
    """Raised in the midst of work that took too long; like Ctrl-C, no business of who catches errors."""


def within(seconds: float | None, work: Callable[[], T]) -> T:
    """The result of some work in this process, which is stopped after ``seconds``.

    This stops Python code, and only in the main thread of a system with timers: code in C goes on until it returns.
    A limit that holds for everything needs a process of its own, which can be killed.

    Raises:
        OutOfTime: when it took too long; what it was working on may be left half done.
    """
    if seconds is None or not hasattr(signal, "setitimer") or not _in_main_thread():
        return work()

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, stop)
    try:
        # again and again: an exception in a destructor is swallowed
        signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
        try:
            return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    finally:
        signal.signal(signal.SIGALRM, before)


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()
