"""Owns a worker process: it is given specs, one at a time, judges their claims, and tells of each as it comes to it.

It reads the spec's text itself and keeps what the claims of a spec share. It may be killed at any moment; whoever
started it knows which claim it was at.
"""

from __future__ import annotations

import contextlib
import math
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter

from derivcheck import process
from derivcheck.errors import EngineFault
from derivcheck.judging import CRASHES, described, engine_for, judged
from derivcheck.model import Derivation
from derivcheck.verdict import ClaimReport

#: Bytes of memory of a worker, beside what the libraries take: what needs more is no derivation.
MEMORY = 4 << 30
#: Seconds after a claim's time limit when a worker ends itself: nobody is left to end it.
GRACE = 30


@dataclass(frozen=True, slots=True)
class Settings:
    """How a worker judges: the seed, and after how many seconds nobody wants to know any more."""

    seed: int
    timeout: float


@dataclass(frozen=True, slots=True)
class Task:
    """A spec by its name and its text, and the claims of it that are to be judged, by their place in the file.

    ``read`` makes a derivation of a text that is no spec, given its path; it is sent to the worker by its name.
    """

    path: str
    text: str
    claims: tuple[int, ...]
    read: Callable[[str, str], Derivation] | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """The worker has come to a claim."""

    claim: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of a claim, a report or a fault, and after how many seconds."""

    claim: int
    found: ClaimReport | EngineFault
    seconds: float


@dataclass(frozen=True, slots=True)
class Done:
    """The worker has come to the end of its task."""


Message = Begun | Found | Done


def work(connection: Connection, settings: Settings) -> None:
    """The life of a worker process: tasks come through the connection, messages go back."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all of a terminal's processes; one answers it
    process.own()
    import derivcheck.engine  # noqa: F401 - what it takes, in time and address space, is not that of a claim

    limit_memory(address_space() + MEMORY)
    with contextlib.suppress(EOFError, OSError):  # the other end has gone
        while True:
            task: Task = connection.recv()
            for message in _messages(task, settings):
                connection.send(message)


def _messages(task: Task, settings: Settings) -> Iterator[Message]:
    from derivcheck import spec

    try:
        derivation = (task.read or spec.loads)(task.text, task.path)
        judge = engine_for(derivation, settings.seed)
    except CRASHES as crash:
        fault = EngineFault(f"reading the file: {described(crash)}")
        yield from (Found(claim, fault, 0.0) for claim in task.claims)
        yield Done()
        return
    for number in task.claims:
        yield Begun(number)
        begun = perf_counter()
        found: ClaimReport | EngineFault
        with _mortal(settings.timeout):
            try:
                found = judged(judge, derivation.claims[number])
            except EngineFault as fault:
                found = EngineFault(str(fault))  # without what it came from, which need not pass through a pipe
        yield Found(number, found, perf_counter() - begun)
    yield Done()


@contextlib.contextmanager
def _mortal(timeout: float) -> Iterator[None]:
    """End this process, even in the midst of C code, if it is still at it long after its time."""
    if not hasattr(signal, "alarm"):
        yield
        return
    signal.alarm(math.ceil(timeout) + GRACE)
    try:
        yield
    finally:
        signal.alarm(0)


def limit_memory(most: int) -> None:
    """Let this process have no more than so many bytes of address space, where a system has such a limit."""
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(ValueError, OSError):  # a system that has no such limit
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def address_space() -> int:
    """Bytes of address space that are taken, as far as the system tells: on machines with many processors, numerical
    libraries set aside gigabytes that they never touch."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return 0
