"""Owns the tests of batches on a Dask cluster of several processes of this machine, some of which are lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic, sleep

import fake_grading
import pytest
from batch_kit import TESTS, finished, started, written

from derivcheck.batch import cluster as clusters
from derivcheck.batch.chunk import Chunk, graded_apart
from derivcheck.batch.cluster import by_cluster
from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Limits, Setup
from derivcheck.batch.workers import Graded, NoWorkers, graded
from derivcheck.grading.model import Student
from derivcheck.grading.policy import Policy

pytest.importorskip("distributed")
pytestmark = [
    # Dask's own, of its threads and sockets
    pytest.mark.filterwarnings("default"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

SETUP = Setup("key.deriv.yaml", fake_grading.KEY, Policy(), Limits(5.0, 256 << 20), None, fake_grading.grader)


def handed_in(*texts: str) -> list[tuple[int, HandedIn]]:
    return [(n, HandedIn(Student(f"s{n}"), f"s{n}.md", text)) for n, text in enumerate(texts)]


@dataclass
class Cluster:
    """A scheduler and machines, as far as Dask can tell: processes of their own."""

    address: str
    machines: list[subprocess.Popen[bytes]]


@contextmanager
def cluster_of(machines: int) -> Iterator[Cluster]:
    """A cluster of so many machines with one thread each."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as ending:
        file = os.path.join(folder, "scheduler.json")

        def start(program: str, *words: str) -> subprocess.Popen[bytes]:
            command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", file, "--no-dashboard"]
            environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.fspath(TESTS.parent), os.fspath(TESTS)])}
            process = subprocess.Popen(
                [*command, *words], env=environment, cwd=folder, start_new_session=True,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            ending.callback(process.wait)
            ending.callback(lose, process)
            return process

        start("dask_scheduler", "--host", "127.0.0.1", "--port", "0")
        address = _address(file)
        workers = [start("dask_worker", "--nthreads", "1", "--host", "127.0.0.1") for _ in range(machines)]
        yield Cluster(address, workers)


def _address(file: str) -> str:
    """The scheduler's address, as soon as it has written it down."""
    until = monotonic() + 60
    while monotonic() < until:
        with suppress(OSError, ValueError, KeyError), open(file, encoding="utf-8") as about:
            return str(json.load(about)["address"])
        sleep(0.05)
    raise AssertionError("the scheduler does not come up")


def lose(machine: subprocess.Popen[bytes]) -> None:
    """Kill all processes of a machine that it has started itself."""
    with suppress(ProcessLookupError):
        os.killpg(machine.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Two machines."""
    with cluster_of(2) as found:
        yield found


def in_order(found: list[Graded]) -> list[Graded]:
    return sorted(found, key=lambda one: one.number)


def test_it_comes_to_the_same_as_on_one_machine(cluster: Cluster) -> None:
    todo = handed_in(*("right " * (n % 3) for n in range(9)), "KILL", "CRASH", "right")
    there = list(by_cluster(cluster.address)(todo, SETUP))
    assert in_order(there) == in_order(list(graded(todo, SETUP, 2)))
    assert len(there) == len(todo)


def test_the_command_writes_the_same_bytes(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "key.deriv.yaml").write_text(fake_grading.KEY)
    (tmp_path / "subs").mkdir()
    for n in range(8):
        (tmp_path / "subs" / f"s{n}.md").write_text("right " * (n % 4) + ("KILL" if n == 5 else "x"))
    words = [os.fspath(tmp_path / name) for name in ("key.deriv.yaml", "subs")]
    for out, more in (("here", []), ("there", ["--cluster", cluster.address])):
        process = started([*words, "-o", os.fspath(tmp_path / out), *more], tmp_path / "cache")
        status, _, err = finished(process)
        assert (status, "Traceback" in err) == (3, False), err
    assert written(tmp_path / "there") == written(tmp_path / "here")
    assert len(written(tmp_path / "here")) > 8


def test_results_come_as_they_are_done(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "MOST", 1)
    todo = handed_in("right", *["SLEEP=4"] * 3)
    with closing(by_cluster(cluster.address)(todo, SETUP)) as found:
        assert next(found).number == 0
        begun = monotonic()
    assert monotonic() - begun < 3, "nobody waits for what nobody wants"


def test_the_chunk_of_a_machine_that_is_lost_is_graded_by_another() -> None:
    with cluster_of(2) as local:
        todo = handed_in(*["SLEEP=0.3 right"] * 8)
        with closing(by_cluster(local.address)(todo, SETUP)) as found:
            first = next(found)
            lose(local.machines[0])
            rest = list(found)
    assert in_order([first, *rest]) == in_order(list(graded(todo, SETUP, 2)))


def test_a_process_for_a_chunk_says_nothing_and_leaves_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    found = graded_apart(Chunk(SETUP, tuple(handed_in("right", "KILL"))))
    assert [one.reason[:30] for one in in_order(found)] == ["", "the process that graded it was"]
    assert capfd.readouterr() == ("", "")


def test_a_process_for_a_chunk_that_cannot_grade_says_why() -> None:
    with pytest.raises(NoWorkers, match="this is no key"):
        graded_apart(Chunk(replace(SETUP, key_text="no key"), tuple(handed_in("right"))))


def test_a_cluster_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "ANSWER", 0.5)
    for address in ("tcp://127.0.0.1:1", "nonsense://", "127.0.0.1"):
        with pytest.raises(NoWorkers, match="does not answer"):
            list(by_cluster(address)(handed_in("right"), SETUP))


def test_a_cluster_without_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 0.5)
    with cluster_of(0) as local, pytest.raises(NoWorkers, match="has no machines"):
        list(by_cluster(local.address)(handed_in("right"), SETUP))


def test_a_machine_with_another_version_is_told(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "engine", lambda: "another")
    with pytest.raises(NoWorkers, match="another version of derivcheck"):
        list(by_cluster(cluster.address)(handed_in("right"), SETUP))


def test_dask_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NoWorkers, match=r"pip install 'derivcheck\[cluster\]'"):
        by_cluster("tcp://127.0.0.1:1")
