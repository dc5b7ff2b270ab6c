"""Owns the crew of worker processes that grade a batch: every submission gets an answer, whatever becomes of them.

Each worker is a Pebble pool of its own with one process and never more than one task, so that nothing is shared that
a dying process could leave locked or half read, and no task waits for a process that is about to be ended (Pebble's
issues 163 and 153). A pool that does not answer in time is thrown away with its process, whatever it hangs on.

A submission that gets no result is graded once more, after all others and in a fresh process, so that neither the
load of the machine nor what a worker did before decides over it.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future
from concurrent.futures import wait as wait_for
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.context import SpawnContext, SpawnProcess
from time import monotonic
from typing import Any

from pebble import ProcessExpired, ProcessPool

from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Answer, Setup, enter, grade_one
from derivcheck.parallel import ended, no_interrupts

#: Seconds that a new process may take to import the engine and read the key, on a machine that is busy.
PATIENCE = 120.0
#: By the clock a submission may take so many times its processor time, and some: only a process that hangs does.
SLACK = 5.0
GRACE = 30.0
#: Seconds between two looks at whether a process has begun.
LOOKING = 1.0
#: Seconds that a pool may take to end by itself.
ENDING = 5.0
#: Times in a row that processes may not even begin.
MOST_FALSE_STARTS = 4


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of a submission, by its number: the result as JSON, or why there is none."""

    number: int
    result: str | None
    reason: str = ""


class NoWorkers(Exception):
    """No process could be started; the message says why."""


def graded(todo: Sequence[tuple[int, HandedIn]], setup: Setup, jobs: int) -> Generator[Graded, None, None]:
    """What comes of submissions, in the order in which they are done, by up to ``jobs`` processes.

    No process is left when the generator is closed.

    Raises:
        NoWorkers: where no process can be started.
    """
    crew = _Crew(todo, setup, jobs)
    try:
        while crew.at_work():
            yield from crew.heard()
    finally:
        crew.end()


@dataclass(slots=True)
class _Task:
    number: int
    handed_in: HandedIn
    again: bool = False


class _Crew:
    def __init__(self, todo: Sequence[tuple[int, HandedIn]], setup: Setup, jobs: int) -> None:
        self._waiting = deque(_Task(number, handed_in) for number, handed_in in todo)
        self._again: deque[_Task] = deque()
        self._setup = setup
        self._jobs = jobs
        self._workers: list[_Worker] = []
        self._false_starts = 0

    def at_work(self) -> bool:
        """Whether there is more to come. Sees to it that every worker has something to do."""
        idle = [worker for worker in self._workers if worker.task is None]
        while self._waiting or (self._again and not self._busy()):
            task = self._waiting.popleft() if self._waiting else self._again.popleft()
            while task.again and idle:
                self._dismiss(idle.pop())
            worker = idle.pop() if idle else self._another()
            if worker is None:
                (self._again if task.again else self._waiting).appendleft(task)
                break
            worker.give(task)
        for worker in idle:
            self._dismiss(worker)
        return bool(self._workers)

    def heard(self) -> Iterator[Graded]:
        """Wait until something happens; what it comes to."""
        begun = [worker.has_begun() for worker in self._workers]
        asked = min(worker.deadline for worker in self._workers)
        if not all(begun):
            asked = min(asked, monotonic() + LOOKING)
        wait_for([worker.future for worker in self._workers], max(0.0, asked - monotonic()), FIRST_COMPLETED)
        late = monotonic() - asked
        if late > 1.0:  # all of us were stopped, or asleep: nobody has had that time
            for worker in self._workers:
                worker.deadline += late
        for worker in list(self._workers):
            if worker.future.done():
                yield from self._answer(worker)
            elif worker.deadline <= monotonic():
                yield from self._overdue(worker)

    def end(self) -> None:
        """End every worker, whatever it is at."""
        for worker in self._workers:
            worker.stop()
        for worker in self._workers:
            worker.end()
        self._workers = []

    def _busy(self) -> bool:
        return any(worker.task is not None and not worker.task.again for worker in self._workers)

    def _another(self) -> _Worker | None:
        if len(self._workers) >= self._jobs:
            return None
        worker = _Worker(self._setup)
        self._workers.append(worker)
        return worker

    def _dismiss(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.stop()
        worker.end()

    # -- what workers say, or fail to say

    def _answer(self, worker: _Worker) -> Iterator[Graded]:
        task = worker.taken()
        error = worker.future.exception()
        if error is not None:
            self._dismiss(worker)
            if isinstance(error, ProcessExpired):
                yield from self._lost(task, _died(error.exitcode, self._setup))
            elif isinstance(error, BrokenProcessPool):
                self._not_begun(task, str(error))
            else:
                yield from self._lost(task, f"internal error: {type(error).__name__}")
            return
        answer: Answer = worker.future.result()
        if not answer.ready:
            self._dismiss(worker)
            self._not_begun(task, answer.reason)
            return
        self._false_starts = 0
        if answer.memory > self._setup.limits.memory // 2:  # what the next one may take must not depend on this one
            self._dismiss(worker)
        if answer.result is None:
            yield from self._lost(task, answer.reason)
        else:
            yield Graded(task.number, answer.result)

    def _overdue(self, worker: _Worker) -> Iterator[Graded]:
        begun = worker.has_begun()
        task = worker.taken()
        self._dismiss(worker)
        if begun:
            yield from self._lost(task, _too_long(self._setup))
        else:
            self._not_begun(task, f"it was not ready within {PATIENCE:g} s")

    def _lost(self, task: _Task, reason: str) -> Iterator[Graded]:
        """A submission without a result: it is graded once more, and then that is its result."""
        if task.again:
            yield Graded(task.number, None, reason)
        else:
            task.again = True
            self._again.append(task)

    def _not_begun(self, task: _Task, reason: str) -> None:
        self._false_starts += 1
        if self._false_starts >= MOST_FALSE_STARTS:
            raise NoWorkers(f"no process can be started to grade in: {reason}")
        (self._again if task.again else self._waiting).appendleft(task)


class _Worker:
    """A pool with one process, what it is at, and until when it may be silent."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._context = _Context()
        self._pool = ProcessPool(max_workers=1, initializer=enter, initargs=(setup,), context=self._context)
        self._begun = False
        self.task: _Task | None = None
        self.future: Future[Any] = Future()
        self.deadline = 0.0

    def give(self, task: _Task) -> None:
        """Give it a submission, in a process that has done nothing yet where it is graded again."""
        self.task = task
        self._begun = False
        self.deadline = monotonic() + PATIENCE
        try:
            with no_interrupts():  # which a process that starts now does not hear either
                self.future = self._pool.schedule(grade_one, args=[task.handed_in])
        except (RuntimeError, OSError) as broken:  # the process has died while it was idle, or none can be started
            self.future = Future()
            self.future.set_exception(BrokenProcessPool(str(broken)))

    def has_begun(self) -> bool:
        """Whether the process has come to the submission, for which it has its time from now on."""
        if not self._begun and self.future.running():
            self._begun = True
            self.deadline = monotonic() + SLACK * self._setup.limits.seconds + GRACE
        return self._begun

    def taken(self) -> _Task:
        """What it was at; it is at nothing then."""
        task = self.task
        assert task is not None
        self.task = None
        return task

    def stop(self) -> None:
        """Begin to end it."""
        self._pool.stop()  # type: ignore[no-untyped-call]
        self._context.kill()

    def end(self) -> None:
        """End it, also where it hangs."""
        ending = threading.Thread(target=self._join, daemon=True)
        ending.start()
        ending.join(ENDING)
        self._context.kill()

    def _join(self) -> None:
        with contextlib.suppress(Exception):  # whatever breaks in a pool that is thrown away
            self._pool.join()


class _Context(SpawnContext):
    """Starts processes afresh, without locks or threads of this one, and knows those that it has started."""

    def __init__(self) -> None:
        super().__init__()
        self._started: list[SpawnProcess] = []

    def Process(self, *args: Any, **kwargs: Any) -> SpawnProcess:  # type: ignore[override]  # noqa: N802
        """Make a process; the name is that of the standard library."""
        process = SpawnProcess(*args, **kwargs)
        self._started.append(process)
        return process

    def kill(self) -> None:
        """End every process that was started and has not ended."""
        for process in self._started:
            if process.pid is not None and process.exitcode is None:
                with contextlib.suppress(OSError):
                    process.kill()


def _died(status: int | None, setup: Setup) -> str:
    if status is not None and hasattr(signal, "SIGPROF") and status == -signal.SIGPROF:
        return _too_long(setup)
    often = ", as the system does where memory runs out" if status == -9 else ""
    return f"the process that graded it {ended(status)}{often}"


def _too_long(setup: Setup) -> str:
    return f"it took longer than {setup.limits.seconds:g} s"
