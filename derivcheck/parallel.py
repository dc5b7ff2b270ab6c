"""Owns the worker processes: each judges one spec after the other, and is replaced when it dies or takes too long.

A spec is given to one worker as a whole, since its claims share work. What a worker has told is kept; a claim at
which it dies is a fault, one at which it is killed for its time is undecided, and the rest of the spec is given to
another. Workers are started afresh and not forked, so that they have no locks or threads of their parent; and there
are no threads here either, but one wait for whatever comes next.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import wait
from time import monotonic

from derivcheck.errors import EngineFault
from derivcheck.verdict import ClaimReport
from derivcheck.worker import Begun, Done, Found, Settings, Task, work

#: Is told the task and the claim that a worker has come to.
Watch = Callable[[int, int], None]

#: Workers that may die over one spec before the rest of it is given up.
MOST_DEATHS = 3
#: Seconds that a worker may take between claims: to start, to import the engine, to read a spec.
PATIENCE = 60.0
#: Seconds that a worker may take to end after it has hung up.
DYING = 5.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a claim (by its place in the file) of a task (by its place among the tasks); ``found`` is ``None``
    where there was nothing within its time."""

    task: int
    claim: int
    found: ClaimReport | EngineFault | None
    seconds: float = 0.0


def processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def judge_all(
    tasks: Sequence[Task], jobs: int, settings: Settings, watch: Watch | None = None
) -> Generator[Outcome, None, None]:
    """The outcome of every claim of every task, in the order in which they come, by up to ``jobs`` workers.

    No worker is left when the generator is closed.
    """
    crew = _Crew(tasks, jobs, settings, watch or (lambda task, claim: None))
    try:
        while crew.at_work():
            yield from crew.heard()
    finally:
        crew.end()


class _Open:
    """A task as far as it has come: the claims that are left, and how many workers have died over it."""

    def __init__(self, number: int, task: Task) -> None:
        self.number = number
        self.task = task
        self.rest = deque(task.claims)
        self.deaths = 0

    def taken(self, found: ClaimReport | EngineFault | None, seconds: float = 0.0) -> Outcome:
        """The outcome of the first of the claims that are left."""
        return Outcome(self.number, self.rest.popleft(), found, seconds)

    def given_up(self, reason: str) -> list[Outcome]:
        """The outcome of all claims that are left: none can be had."""
        return [self.taken(EngineFault(reason)) for _ in range(len(self.rest))]


class _Crew:
    """The tasks that wait and the workers that are alive."""

    def __init__(
        self, tasks: Sequence[Task], jobs: int, settings: Settings, watch: Callable[[int, int], None]
    ) -> None:
        tasks_open = [_Open(number, task) for number, task in enumerate(tasks) if task.claims]
        # long ones first, so that no worker begins a long one when the others have nothing left
        self._waiting = deque(sorted(tasks_open, key=lambda one: -len(one.rest)))
        self._jobs = jobs
        self._settings = settings
        self._watch = watch
        self._workers: list[_Worker] = []
        self._given_up: list[Outcome] = []

    def at_work(self) -> bool:
        """Whether there is more to come. Sees to it that every task that can be is being worked on."""
        for worker in [one for one in self._workers if one.open is None]:
            if self._waiting:
                worker.give(self._waiting.popleft())
            else:
                self._workers.remove(worker)
                worker.end()
        while self._waiting and len(self._workers) < self._jobs:
            try:
                worker = _Worker(self._settings)
            except OSError as error:
                if not self._workers:
                    reason = f"no process could be started to judge it: {error.strerror}"
                    self._given_up += [found for one in self._waiting for found in one.given_up(reason)]
                    self._waiting.clear()
                break
            self._workers.append(worker)
            worker.give(self._waiting.popleft())
        return bool(self._workers or self._given_up)

    def heard(self) -> Iterator[Outcome]:
        """Wait until something happens; what it comes to."""
        yield from self._given_up
        self._given_up = []
        if not self._workers:
            return
        asked = min(worker.deadline for worker in self._workers)
        ready = set(wait([worker.connection for worker in self._workers], max(0.0, asked - monotonic())))
        late = monotonic() - asked
        if late > 1.0:  # the clock has jumped, or all of us were stopped: nobody has had that time
            for worker in self._workers:
                worker.deadline += late
        for worker in list(self._workers):
            if worker.connection in ready:
                yield from self._message(worker)
            elif worker.deadline <= monotonic():
                yield from self._too_slow(worker)

    def end(self) -> None:
        """End every worker, whatever it is at."""
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _message(self, worker: _Worker) -> list[Outcome]:
        task = worker.open
        assert task is not None
        try:
            message = worker.connection.recv()
        except (EOFError, OSError, pickle.UnpicklingError):
            return self._died(worker, task)
        worker.deadline = monotonic() + PATIENCE
        match message:
            case Begun(claim):
                worker.at_claim = True
                worker.deadline = monotonic() + self._settings.timeout
                self._watch(task.number, claim)
            case Found(_, found, seconds):
                worker.at_claim = False
                return [task.taken(found, seconds)]
            case Done():
                worker.open = None
            case _:
                raise AssertionError(f"a worker said {message!r}")
        return []

    def _too_slow(self, worker: _Worker) -> list[Outcome]:
        task = worker.open
        assert task is not None
        self._workers.remove(worker)
        worker.end()
        if not worker.at_claim:
            return task.given_up(f"the process that was to judge it did not get to it within {PATIENCE:g} s")
        if len(task.rest) > 1:
            self._waiting.appendleft(task)
        return [task.taken(None)]

    def _died(self, worker: _Worker, task: _Open) -> list[Outcome]:
        self._workers.remove(worker)
        how = worker.end(DYING)
        if not worker.at_claim:
            return task.given_up(f"the process that was to judge it {how} before it got to it")
        task.deaths += 1
        lost = [task.taken(EngineFault(f"the process that judged it {how}"))]
        if task.deaths >= MOST_DEATHS:
            return lost + task.given_up(f"given up, after {task.deaths} processes had died over this file")
        if task.rest:
            self._waiting.appendleft(task)
        return lost


class _Worker:
    """A worker process, the task that it is at, whether it is at a claim, and until when it may be silent."""

    def __init__(self, settings: Settings) -> None:
        context = get_context("spawn")
        self.connection, theirs = context.Pipe()
        self._process = context.Process(target=work, args=(theirs, settings), daemon=True)
        try:
            with no_interrupts():
                self._process.start()
        except BaseException:
            self.connection.close()
            raise
        finally:
            theirs.close()
        self.open: _Open | None = None
        self.at_claim = False
        self.deadline = 0.0

    def give(self, task: _Open) -> None:
        """Give it the rest of a task."""
        self.open = task
        self.at_claim = False
        self.deadline = monotonic() + PATIENCE
        with contextlib.suppress(OSError):  # it is dead already, which will be heard
            self.connection.send(replace(task.task, claims=tuple(task.rest)))

    def end(self, patience: float = 0.0) -> str:
        """End it, after so many seconds in which it may end by itself; how it ended, in words."""
        if patience:
            self._process.join(patience)
        self._process.kill()
        self._process.join()
        self.connection.close()
        return ended(self._process.exitcode)


def ended(status: int | None) -> str:
    """How a process ended, in words."""
    if status is not None and status < 0:
        try:
            return f"was ended by {signal.Signals(-status).name}"
        except ValueError:
            return f"was ended by signal {-status}"
    return f"ended with status {status}"


@contextlib.contextmanager
def no_interrupts() -> Iterator[None]:
    """Leave Ctrl-C unheard for the moment in which a process starts, which then does not hear it either."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
