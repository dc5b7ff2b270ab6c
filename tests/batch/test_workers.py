"""Owns the tests of the worker processes: whatever a submission does to its process, it costs that one alone."""

from __future__ import annotations

import os
import time
from contextlib import closing
from pathlib import Path

import fake_grading
import pytest

from derivcheck.batch import workers
from derivcheck.batch.find import HandedIn
from derivcheck.batch.room import Limits, Setup
from derivcheck.batch.workers import Graded, NoWorkers, graded
from derivcheck.grading.codec import from_json
from derivcheck.grading.model import Student
from derivcheck.grading.policy import Policy

LIMITS = Limits(seconds=1.0, memory=256 << 20)


def setup(limits: Limits = LIMITS, key: str = fake_grading.KEY) -> Setup:
    return Setup("key.deriv.yaml", key, Policy(), limits, None, fake_grading.grader)


def handed_in(*texts: str) -> list[tuple[int, HandedIn]]:
    return [(n, HandedIn(Student(f"s{n}"), f"s{n}.md", text)) for n, text in enumerate(texts)]


def outcomes(texts: list[str], jobs: int = 2, limits: Limits = LIMITS) -> list[Graded]:
    found = list(graded(handed_in(*texts), setup(limits), jobs))
    assert sorted(one.number for one in found) == list(range(len(texts))), "each has one answer, and one only"
    return sorted(found, key=lambda one: one.number)


def points(one: Graded) -> int:
    assert one.result is not None, one.reason
    return int(from_json(one.result).points)


def test_each_hostile_submission_costs_itself_alone() -> None:
    bad = {
        "SPIN": "it took longer than 1 s",
        "MEMORY": "it took more than 256 MB of memory",
        "CRASH": "ZeroDivisionError: by what the student wrote",
        "SEGFAULT": "the process that graded it was ended by SIGSEGV",
        "KILL": "the process that graded it was ended by SIGKILL, as the system does where memory runs out",
        "EXIT": "the process that graded it ended with status 3",
        "QUIT": "internal error: SystemExit",
    }
    texts = ["right", *(text for word in bad for text in (word, "right right"))]
    found = outcomes(texts)
    assert [points(one) for one in found[::2]] == [1, *[2] * len(bad)]
    for one, reason in zip(found[1::2], bad.values(), strict=True):
        assert one.result is None
        assert one.reason.endswith(reason), one.reason


def test_a_process_that_ignores_every_signal_it_can_is_ended_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SLACK", 1.0)
    monkeypatch.setattr(workers, "GRACE", 0.0)
    monkeypatch.setattr(workers, "PATIENCE", 20.0)
    found = list(graded(handed_in("right", "STUBBORN", "SLEEP", "right"), setup(), 4))
    by_number = {one.number: one for one in found}
    assert [points(by_number[0]), points(by_number[3])] == [1, 1]
    assert [by_number[1].reason, by_number[2].reason] == ["it took longer than 1 s"] * 2


def test_waiting_is_no_work() -> None:
    """A busy machine makes nobody late: what counts is the processor's time."""
    assert points(outcomes(["SLEEP=2 right"], 1)[0]) == 1


def test_a_submission_whose_process_died_is_graded_once_more(tmp_path: Path) -> None:
    found = outcomes([f"ONCE={tmp_path / 'died'} right", "right right"], 1)
    assert [points(one) for one in found] == [1, 2]


def test_a_submission_is_graded_twice_at_most(tmp_path: Path) -> None:
    count = tmp_path / "count"
    assert outcomes([f"COUNT={count} KILL"], 2)[0].result is None
    assert count.read_text() == ".."


def test_results_do_not_depend_on_order_or_number_of_processes() -> None:
    texts = ["right " * n for n in range(4)] + ["KILL", "CRASH"]
    alone = outcomes(texts, 1)
    together = outcomes(texts, 3)
    reverse = sorted(graded(handed_in(*texts)[::-1], setup(), 2), key=lambda one: one.number)
    assert alone == together == reverse


def test_no_process_is_left_when_it_is_given_up() -> None:
    with closing(graded(handed_in("right", "SLEEP", "SPIN"), setup(Limits(1000.0, 1 << 30)), 3)) as found:
        assert points(next(found)) == 1
        assert len(_children()) >= 2
    time.sleep(0.2)
    assert _children() == []


def test_processes_that_cannot_be_made_ready_are_told_of() -> None:
    with pytest.raises(NoWorkers, match="no process can be started to grade in: ValueError: this is no key"):
        list(graded(handed_in("right"), setup(key="no key"), 1))


def test_processes_that_never_come_up_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    monkeypatch.setattr(workers, "LOOKING", 0.01)
    with pytest.raises(NoWorkers, match=r"no process can be started to grade in: it was not ready within 0\.01 s"):
        list(graded(handed_in("right"), setup(), 1))


def _children() -> list[str]:
    """Processes of this one that grade."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as stat, open(f"/proc/{entry}/cmdline") as line:
                    if stat.read().rsplit(")", 1)[1].split()[1] == str(os.getpid()) and "spawn_main" in line.read():
                        found.append(entry)
            except OSError:
                continue
    return found
