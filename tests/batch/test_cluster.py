"""Owns the tests of batches on a Dask cluster of several processes of this machine, some of which are lost."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import closing
from time import monotonic
from typing import Any

import fake_grading
import pytest

from derivcheck.batch import cluster as clusters
from derivcheck.batch.cluster import by_cluster
from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Limits, Setup
from derivcheck.batch.workers import Graded, NoWorkers, graded
from derivcheck.grading.model import Student
from derivcheck.grading.policy import Policy

distributed = pytest.importorskip("distributed")
pytestmark = [
    # Dask's own, of its threads and sockets
    pytest.mark.filterwarnings("default"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SETUP = Setup("key.deriv.yaml", fake_grading.KEY, Policy(), Limits(5.0, 256 << 20), None, fake_grading.grader)


def handed_in(*texts: str) -> list[tuple[int, HandedIn]]:
    return [(n, HandedIn(Student(f"s{n}"), f"s{n}.md", text)) for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two machines, as far as Dask can tell."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as local:
        yield local


def in_order(found: list[Graded]) -> list[Graded]:
    return sorted(found, key=lambda one: one.number)


def test_it_comes_to_the_same_as_on_one_machine(cluster: Any) -> None:
    todo = handed_in(*("right " * (n % 3) for n in range(9)), "KILL", "CRASH", "right")
    there = list(by_cluster(cluster.scheduler_address)(todo, SETUP))
    assert in_order(there) == in_order(list(graded(todo, SETUP, 2)))
    assert len(there) == len(todo)


def test_results_come_as_they_are_done(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST", 1)
    todo = handed_in("right", *["SLEEP=4"] * 3)
    with closing(by_cluster(cluster.scheduler_address)(todo, SETUP)) as found:
        assert next(found).number == 0
        begun = monotonic()
    assert monotonic() - begun < 3, "nobody waits for what nobody wants"


def test_the_chunk_of_a_machine_that_is_lost_is_graded_by_another() -> None:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as local:
        todo = handed_in(*["SLEEP=0.3 right"] * 8)
        found = by_cluster(local.scheduler_address)(todo, SETUP)
        with closing(found):
            first = next(found)
            victim = next(iter(local.workers.values())).pid
            os.kill(victim, signal.SIGKILL)
            rest = list(found)
    assert in_order([first, *rest]) == in_order(list(graded(todo, SETUP, 2)))


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ANSWER", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://", "127.0.0.1"):
        with pytest.raises(NoWorkers, match="does not answer"):
            list(by_cluster(address)(handed_in("right"), SETUP))


def test_a_cluster_without_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)
    with (
        distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=":0", silence_logs=50) as local,
        pytest.raises(NoWorkers, match="has no machines"),
    ):
        list(by_cluster(local.scheduler_address)(handed_in("right"), SETUP))


def test_a_machine_with_another_version_is_told(cluster: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "engine", lambda: "another")
    with pytest.raises(NoWorkers, match="another version of derivcheck"):
        list(by_cluster(cluster.scheduler_address)(handed_in("right"), SETUP))


def test_dask_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoWorkers, match=r"pip install 'derivcheck\[cluster\]'"):
        by_cluster("tcp://127.0.0.1:1")
