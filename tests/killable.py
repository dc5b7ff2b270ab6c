"""Owns work in processes of its own that may hang or die: each costs one name, and the rest goes on."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

#: Does one task: (task, what to call before each part of it, the parts to leave out) to its result.
Work = Callable[[Any, Callable[[str], None], Sequence[str]], Any]
#: Tasks after which a process is replaced by a new one.
TASKS_PER_PROCESS = 100


@dataclass(frozen=True)
class Done:
    """The result of a task, and the parts of it that hung or killed their process."""

    task: Any
    result: Any
    lost: tuple[str, ...]


@dataclass
class _Task:
    task: Any
    lost: list[str] = field(default_factory=list)


class _Worker:
    """A process that does one task after the other."""

    def __init__(self, work: Work) -> None:
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_serve, args=(work, theirs), daemon=True)
        self.process.start()
        theirs.close()
        self.given = 0
        self.task: _Task | None = None
        self.at = ""
        self.since = time.monotonic()

    def give(self, task: _Task) -> None:
        self.task, self.at, self.since = task, "", time.monotonic()
        self.given += 1
        self.pipe.send((task.task, [text.split(": ", 1)[1] for text in task.lost]))

    def news(self) -> Any:
        """The result in a tuple, ``"died"``, or ``None`` if it only goes on."""
        try:
            while self.pipe.poll():
                message = self.pipe.recv()
                if isinstance(message, tuple):
                    return message
                self.at, self.since = message, time.monotonic()
        except (EOFError, ConnectionResetError):
            return "died"
        return None

    def stop(self) -> None:
        self.process.kill()
        self.process.join()


def run(
    work: Work, tasks: Sequence[Any], workers: int, limit: float, alone: Callable[[Any], bool] = lambda _: False
) -> Iterator[Done]:
    """Do all tasks, ``workers`` at a time; a part that takes more than ``limit`` seconds is killed, and the task done
    again without it. A process that did a task that is to be ``alone`` does no other."""
    waiting = [_Task(task) for task in reversed(tasks)]
    team: list[_Worker] = []
    try:
        while waiting or team:
            while waiting and len(team) < workers:
                team.append(_Worker(work))
                team[-1].give(waiting.pop())
            ready = wait([w.pipe for w in team], timeout=1.0)
            for worker in list(team):
                task = worker.task
                assert task is not None
                outcome = worker.news() if worker.pipe in ready else None
                if isinstance(outcome, tuple):
                    fresh = worker.given >= TASKS_PER_PROCESS or alone(task.task)
                    if waiting and not fresh:
                        worker.give(waiting.pop())
                    else:
                        worker.stop()
                        team.remove(worker)
                    yield Done(task.task, outcome[0], tuple(task.lost))
                elif outcome == "died" or time.monotonic() - worker.since > limit:
                    worker.stop()
                    team.remove(worker)
                    _lose(task, f"{'it died' if outcome else f'more than {limit:.0f} s'}: {worker.at}")
                    waiting.append(task)
    finally:
        for worker in team:
            worker.stop()


def _lose(task: _Task, what: str) -> None:
    if what in task.lost:
        raise RuntimeError(f"it had been left out: {what}")
    task.lost.append(what)


def _serve(work: Work, pipe: Connection) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # else it was killed, and nobody is left to work for
        if pipe.poll(2.0):
            task, skip = pipe.recv()
            pipe.send((work(task, pipe.send, skip),))
