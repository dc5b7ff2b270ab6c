"""Owns a process that grades a few submissions for another one: ``python -m derivcheck.batch.chunk``.

What to do comes pickled on stdin, from a process that runs the same derivcheck and is trusted as this one; what came
of it goes to stdout. It has workers of its own, as a batch on one machine has. When stdin ends before the work does,
whoever asked is gone, and so is this process.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from typing import BinaryIO

from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Setup
from derivcheck.batch.workers import Graded, NoWorkers, graded
from derivcheck.cache import folder


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some submissions by their numbers, and how to grade them."""

    setup: Setup
    todo: tuple[tuple[int, HandedIn], ...]


def graded_apart(chunk: Chunk) -> list[Graded]:
    """What comes of a chunk, by a process of its own on this machine: where this process may have none that grade,
    or no signals.

    Raises:
        NoWorkers: where there is nobody to grade.
    """
    command = [sys.executable, "-m", "derivcheck.batch.chunk"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            process.stdin.write(pickle.dumps(chunk))
            process.stdin.flush()
            data = process.stdout.read()
        except OSError as error:
            raise NoWorkers(f"a process to grade in has ended: {error.strerror}") from error
        finally:
            process.kill()
    if not data:
        raise NoWorkers("a process to grade in has ended")
    found: list[Graded] | str = pickle.loads(data)
    if isinstance(found, str):
        raise NoWorkers(found)
    return found


def _serve(source: BinaryIO, sink: BinaryIO) -> None:
    chunk: Chunk = pickle.load(source)
    threading.Thread(target=_end_with, args=(source,), daemon=True).start()
    setup = replace(chunk.setup, cache=folder() if chunk.setup.cache else None)
    answer: list[Graded] | str
    try:
        with closing(graded(chunk.todo, setup, 1)) as found:
            answer = list(found)
    except NoWorkers as error:
        answer = str(error)
    sink.write(pickle.dumps(answer))
    sink.flush()


def _end_with(source: BinaryIO) -> None:
    os.read(source.fileno(), 1)  # without the lock of a buffer, which would be missed when this process ends
    os._exit(1)


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
