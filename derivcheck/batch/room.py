"""Owns the life of a worker process that grades: what it keeps, its limits of memory and time, and what it answers.

The engine is imported and the key is read once, before the limits are set, since what they take is not that of a
submission. Time is counted as the processor's: a loaded machine does not make a submission slower. A process that
has used up its time is ended by the system, even in the midst of C code; so is one whose parent has died.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from derivcheck import process
from derivcheck.batch.find import HandedIn
from derivcheck.errors import DerivcheckError
from derivcheck.judging import CRASHES, described
from derivcheck.source import Source
from derivcheck.worker import address_space, limit_memory

if TYPE_CHECKING:
    from derivcheck.grading.model import Student, Submission
    from derivcheck.grading.policy import Policy

#: Grades one submission.
Grade = Callable[[Source, "Student"], "Submission"]
#: Reads a key and imports what is needed, once for a process, and gives what grades by it.
Grader = Callable[["Setup"], Grade]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may take: seconds of the processor, and bytes of memory beside what the libraries take."""

    seconds: float = 60.0
    memory: int = 2 << 30


@dataclass(frozen=True, slots=True)
class Setup:
    """What every worker is given: the key, the policy, the limits, the folder in which verdicts are remembered
    (``None``: none), and what grades."""

    key_path: str
    key_text: str
    policy: Policy
    limits: Limits
    cache: Path | None
    grader: Grader


@dataclass(frozen=True, slots=True)
class Answer:
    """What a worker says of a submission: the result as JSON, or why there is none; and the bytes of memory that it
    has come to hold. Not ``ready``: the worker cannot grade anything, for that reason."""

    result: str | None
    reason: str
    memory: int
    ready: bool = True


@dataclass(frozen=True, slots=True)
class _Kept:
    """What a worker keeps from one submission to the next."""

    limits: Limits
    grade: Grade
    memory: int


#: What is kept, or why this process cannot grade.
_kept: _Kept | str = "it was not made ready"


def by_grading(setup: Setup) -> Grade:
    """What grades, unless something else is asked for."""
    from derivcheck import spec
    from derivcheck.batch.verdicts import Verdicts

    verdicts = Verdicts(setup.policy.seed, setup.cache)  # first: what is imported after it is the engine as it is now
    import derivcheck.engine  # noqa: F401 - what it takes, in time and address space, is not that of a submission
    from derivcheck.grading.grade import grade

    key = spec.loads(setup.key_text, setup.key_path)
    return lambda source, student: grade(key, source, student, setup.policy, cache=verdicts)


def enter(setup: Setup) -> None:
    """Make this process one that grades. Where that fails its first answer says so: a process that ended here would
    only be started again."""
    global _kept  # noqa: PLW0603 - a worker process has one life
    _end_with_parent()
    process.own()
    try:
        grade = setup.grader(setup)
    except (*CRASHES, DerivcheckError, ImportError, OSError) as error:
        _kept = f"{type(error).__name__}: {error}"
        return
    _kept = _Kept(setup.limits, grade, address_space())
    limit_memory(_kept.memory + setup.limits.memory)


def grade_one(handed_in: HandedIn) -> Answer:
    """Grade a submission in this process, within the limits that it has."""
    from derivcheck.grading.codec import to_json

    kept = _kept
    if isinstance(kept, str):
        return Answer(None, kept, 0, ready=False)
    most = kept.limits.memory
    with _processor_time(kept.limits.seconds):
        try:
            found = kept.grade(Source(handed_in.path, handed_in.text), handed_in.student)
            return Answer(to_json(found), "", address_space() - kept.memory)
        except MemoryError:
            return Answer(None, f"it took more than {most >> 20} MB of memory", most)
        except (*CRASHES, DerivcheckError) as crash:
            return Answer(None, described(crash), most)


@contextlib.contextmanager
def _processor_time(seconds: float) -> Iterator[None]:
    """End this process when it has used so much of the processor."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _end_with_parent() -> None:
    """End this process as soon as there is nobody to tell of a result."""
    parent = multiprocessing.parent_process()

    def watch() -> None:
        assert parent is not None
        parent.join()
        os._exit(1)

    if parent is not None:
        threading.Thread(target=watch, daemon=True).start()
