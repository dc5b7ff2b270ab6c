"""Owns a batch on many machines: chunks of submissions are tasks of a Dask cluster, and come back as they are done.

A task grades in processes of its own, as it is done on one machine, with the same limits; the bytes are the same. A
task whose machine is lost is given to another one. Dask sends code and data as they are: the cluster has to be one's
own, on a network that is.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from time import monotonic
from typing import Any

from derivcheck.batch.chunk import Chunk, graded_apart
from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Setup
from derivcheck.batch.run import Crew, engine
from derivcheck.batch.workers import Graded, NoWorkers

#: Submissions of a chunk: enough to make up for the start of a process, few enough to lose.
MOST = 16
#: Chunks for each thread of the cluster, at least, where there are so many submissions.
TURNS = 4
#: Seconds in which a cluster has to answer, and in which some machine of it has to be there.
ANSWER = 20.0
PATIENCE = 60.0
#: Times that a chunk may be lost with its machine.
MOST_LOSSES = 3


def by_cluster(address: str) -> Crew:
    """A crew of the machines of the Dask cluster whose scheduler has this address.

    Raises:
        NoWorkers: where Dask is not installed.
    """
    try:
        import distributed as dask
    except ImportError as error:
        raise NoWorkers("a cluster needs Dask: pip install 'derivcheck[cluster]'") from error

    distributed: Any = dask

    def crew(todo: Sequence[tuple[int, HandedIn]], setup: Setup) -> Generator[Graded, None, None]:
        client = _client(distributed, address)
        try:
            yield from _Cluster(client, address, setup).graded(todo)
        finally:
            client.close()

    return crew


def _client(distributed: Any, address: str) -> Any:
    for last in (False, True):
        try:
            return distributed.Client(address, timeout=ANSWER, name="derivcheck")
        except (OSError, ValueError) as error:  # TimeoutError is one of them
            raise NoWorkers(f"the cluster at {address!r} does not answer") from error
        except AssertionError as error:  # its thread has not come up within 10 s, as on a machine that is very busy
            if last:
                raise NoWorkers("Dask does not come up on this machine") from error
    raise AssertionError("unreachable")


class _Cluster:
    def __init__(self, client: Any, address: str, setup: Setup) -> None:
        self._client = client
        self._address = address
        self._setup = setup
        self._engine = engine()
        self._open: dict[Any, Chunk] = {}
        self._losses: dict[Chunk, int] = {}

    def graded(self, todo: Sequence[tuple[int, HandedIn]]) -> Iterator[Graded]:
        """What comes of submissions, in the order in which chunks are done."""
        threads = self._threads()
        size = max(1, min(MOST, -(-len(todo) // (TURNS * threads))))
        for first in range(0, len(todo), size):
            self._give(Chunk(self._setup, tuple(todo[first : first + size])))
        try:
            while self._open:
                for future in self._done():
                    yield from self._answer(future, self._open.pop(future))
        finally:
            self._client.cancel(list(self._open))

    def _threads(self) -> int:
        """How many tasks the cluster does at once, as soon as it has machines."""
        begun = monotonic()
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError as error:
            waited = f"{monotonic() - begun:.0f} s"
            raise NoWorkers(f"the cluster at {self._address!r} has no machines (waited {waited})") from error
        return max(1, sum(int(threads) for threads in self._client.nthreads().values()))

    def _give(self, chunk: Chunk) -> None:
        self._open[self._client.submit(graded_there, chunk, self._engine, pure=False)] = chunk

    def _done(self) -> list[Any]:
        """The chunks that are done, as soon as one is."""
        import distributed

        wait: Any = distributed.wait
        alone_since = None
        while True:
            try:
                return list(wait(list(self._open), timeout=1.0, return_when="FIRST_COMPLETED").done)
            except TimeoutError:
                if self._client.nthreads():
                    alone_since = None
                    continue
            alone_since = alone_since or monotonic()
            if monotonic() - alone_since > PATIENCE:
                raise NoWorkers(f"all machines of the cluster at {self._address!r} are lost")

    def _answer(self, future: Any, chunk: Chunk) -> Iterator[Graded]:
        from distributed import KilledWorker

        if future.status == "finished":
            yield from future.result()
            return
        error = future.exception() if future.status == "error" else None
        losses = self._losses[chunk] = self._losses.get(chunk, 0) + 1
        if isinstance(error, NoWorkers) or (error is not None and not isinstance(error, KilledWorker | OSError)):
            raise NoWorkers(f"a machine of the cluster cannot grade: {error}")
        if losses >= MOST_LOSSES:
            raise NoWorkers("machines of the cluster are lost again and again")
        self._give(chunk)


def graded_there(chunk: Chunk, expected: str) -> list[Graded]:
    """What comes of a chunk, on a machine of the cluster.

    Raises:
        NoWorkers: where that machine has another derivcheck, or cannot start processes.
    """
    if engine() != expected:
        raise NoWorkers("it has another version of derivcheck, of Python, or of a library that computes")
    return graded_apart(chunk)
