"""Owns the tests of ``derivcheck grade`` as a process: what stops it, what it keeps, and what it says and returns."""

from __future__ import annotations

import errno
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path

import fake_grading
import pytest
from batch_kit import finished, started, written
from click.testing import CliRunner

from derivcheck import cli
from derivcheck.batch import run
from derivcheck.batch.journal import NAME

GOOD = {f"good{n}.md": "right " * (n % 4 + 1) for n in range(8)}
#: What the table of hostile input has, among what is right.
HOSTILE = {
    "bad-crash.md": "CRASH", "bad-kill.md": "KILL", "bad-memory.md": "MEMORY", "bad-segfault.md": "SEGFAULT",
    "bad-slow.md": "SPIN", "bad-exit.md": "EXIT", "bad-empty.md": "", "bad-scan.pdf": "%PDF-1.7",
    "bad-script.md": "<script>alert(1)</script> right", "=cmd().md": "right",
}  # fmt: skip
#: Limits that keep what is hostile short.
SHORT = ("--timeout", "1", "--memory", "256")


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of verdicts that has the key's."""
    folder = tmp_path_factory.mktemp("cache")
    root = tmp_path_factory.mktemp("first")
    (root / "key.deriv.yaml").write_text(fake_grading.KEY)
    (root / "a.md").write_text("right")
    status, _, err = grade(root, [root / "a.md"], root / "out", cache=folder)
    assert status == 0, err
    return folder


@pytest.fixture
def room(tmp_path: Path) -> Path:
    (tmp_path / "key.deriv.yaml").write_text(fake_grading.KEY)
    return tmp_path


def submissions(room: Path, files: dict[str, str]) -> Path:
    folder = room / "subs"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def arguments(room: Path, paths: list[Path], out: Path, *more: str) -> list[str]:
    return [os.fspath(room / "key.deriv.yaml"), *map(os.fspath, paths), "--output", os.fspath(out), "-j", "2", *more]


def grade(
    room: Path, paths: list[Path], out: Path, *more: str, cache: Path, **environment: str
) -> tuple[int, str, str]:
    return finished(started(arguments(room, paths, out, *more), cache, more=environment))


def points(out: Path) -> dict[str, float]:
    return {path.stem: json.loads(path.read_text())["points"] for path in sorted((out / "results").glob("*.json"))}


def invoked(*words: object) -> tuple[int, str]:
    result = CliRunner().invoke(cli.main, ["grade", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, cache: Path, room: Path) -> Callable[..., tuple[int, str]]:
    """Runs it in this process, and one of its own for the submissions, which is quicker; the exit status and what it
    said."""
    monkeypatch.setattr(run, "Options", partial(run.Options, grader=fake_grading.grader))
    monkeypatch.setenv("DERIVCHECK_CACHE", os.fspath(cache))

    def invoke(folder: Path, *more: str) -> tuple[int, str]:
        return invoked(*arguments(room, [folder], room / "out", *more, "-j", "1"))

    return invoke


# --- what becomes of a batch


def test_a_hostile_batch_ends_with_every_other_result_in_place(room: Path, cache: Path) -> None:
    folder = submissions(room, GOOD | HOSTILE)
    os.mkfifo(folder / "bad-pipe.md")
    (folder / "bad-link.md").symlink_to("/etc/passwd")
    (folder / "bad-folder.md").mkdir()
    (room / "none.zip").write_bytes(b"PK no archive")
    status, out, err = grade(room, [folder, room / "none.zip"], room / "out", *SHORT, cache=cache)
    assert status == 3, err
    assert len(points(room / "out")) == len(GOOD) + len(HOSTILE) + 4
    alone = grade(room, [folder / name for name in GOOD], room / "alone", cache=cache)
    assert alone[0] == 0
    for name in ("results", "students", "gradescope", "prairielearn"):
        for path in (room / "alone" / name).iterdir():
            assert (room / "out" / name / path.name).read_bytes() == path.read_bytes(), path
    assert "12 submissions to look at:" in out
    for line in (
        "bad-crash: internal error at fake_grading.py",
        "bad-kill: the process that graded it was ended by SIGKILL",
        "bad-memory: it took more than 256 MB of memory",
        "bad-segfault: the process that graded it was ended by SIGSEGV",
        "bad-slow: it took longer than 1 s",
        "bad-empty: it is empty",
        "bad-scan: a PDF cannot be read",
        "bad-pipe: it is no file but a pipe",
        "bad-link: it is a link",
        "none-zip: it is no zip archive",
    ):
        assert line in out
    assert "Traceback" not in err


def test_order_and_number_of_processes_do_not_matter(room: Path, cache: Path) -> None:
    folder = submissions(room, GOOD | {"bad.md": "KILL"})
    files = sorted(folder.iterdir())
    assert grade(room, files, room / "one", "-j", "1", cache=cache)[0] == 3
    assert grade(room, files[::-1], room / "three", "-j", "3", cache=cache)[0] == 3
    assert written(room / "one") == written(room / "three")
    assert len(points(room / "one")) == 9


# --- stopping and going on


def interrupted(process: object, journal: Path, results: int, number: signal.Signals) -> None:
    """Send a signal as soon as so many results are kept."""
    wait_until(journal, results)
    process.send_signal(number)  # type: ignore[attr-defined]


def wait_until(journal: Path, results: int) -> None:
    """Wait until a journal has grown by so many results, which are of the same size."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        wal = journal.with_name(journal.name + "-wal")
        if wal.exists() and wal.stat().st_size > 4152 * results:
            return
        time.sleep(0.01)
    raise AssertionError("it keeps nothing")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_finished_is_kept_when_it_is_stopped(
    room: Path, cache: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    count = tmp_path / "count"
    folder = submissions(room, {f"s{n:02}.md": f"COUNT={count} SLEEP=0.2 right" for n in range(16)})
    process = started(arguments(room, [folder], room / "out"), cache)
    interrupted(process, room / "out" / NAME, 6, number)
    code, _, err = finished(process)
    assert code == status, err
    assert "submissions are graded and kept in" in err
    assert "--resume" in err
    assert "Traceback" not in err
    assert not (room / "out" / "results.json").exists(), "a part of a class is not handed back as if it were all"
    before = len(count.read_text())
    assert 1 <= before < 16
    refused = grade(room, [folder], room / "out", cache=cache)
    assert refused[0] == 2
    assert "--resume" in refused[2]
    assert "--overwrite" in refused[2]
    again = grade(room, [folder], room / "out", "--resume", cache=cache)
    assert again[0] == 0, again[2]
    assert 16 <= len(count.read_text()) <= 16 + 2, "only what was not finished is graded again"
    assert len(points(room / "out")) == 16


@pytest.mark.parametrize("seed", [1])
def test_killed_at_any_moment_and_resumed_it_comes_to_the_same_bytes(room: Path, cache: Path, seed: int) -> None:
    draw = random.Random(seed)
    folder = submissions(room, {f"s{n:02}.md": "SLEEP=0.1 right" for n in range(24)} | {"bad.md": "KILL"})
    assert grade(room, [folder], room / "calm", cache=cache)[0] == 3
    for _ in range(3):
        process = started(arguments(room, [folder], room / "out", "--resume"), cache)
        time.sleep(draw.uniform(0.3, 3.0))
        process.send_signal(signal.SIGKILL)
        finished(process)
    assert grade(room, [folder], room / "out", "--resume", cache=cache)[0] == 3
    assert written(room / "out") == written(room / "calm")


def test_a_full_disk_costs_nothing_that_is_finished(room: Path, cache: Path, tmp_path: Path) -> None:
    count = tmp_path / "count"
    folder = submissions(room, {f"s{n:02}.md": f"COUNT={count} right " + "x" * 9000 for n in range(30)})
    status, out, err = grade(room, [folder], room / "out", cache=cache, MOST_BYTES_OF_A_FILE="150000")
    assert status == 1, (out, err)
    assert "submissions are graded and kept in" in err
    assert "Traceback" not in err
    kept = len(count.read_text())
    assert kept >= 5
    status, out, err = grade(room, [folder], room / "out", "--resume", cache=cache)
    assert status == 0, err
    assert len(count.read_text()) <= 30 + 4
    assert len(points(room / "out")) == 30


def test_two_runs_at_once_in_one_folder(room: Path, cache: Path) -> None:
    folder = submissions(room, {f"s{n}.md": "SLEEP=0.5 right" for n in range(12)})
    first = started(arguments(room, [folder], room / "out"), cache)
    wait_until(room / "out" / NAME, 1)
    status, _, err = grade(room, [folder], room / "out", "--resume", cache=cache)
    assert (status, "another run is at work" in err) == (2, True)
    assert finished(first)[0] == 0
    assert len(points(room / "out")) == 12


# --- what is graded anew


def graded_again(count: Path) -> int:
    done = len(count.read_text()) if count.exists() else 0
    count.unlink(missing_ok=True)
    return done


def test_only_what_has_changed_is_graded_again(
    room: Path, here: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    count = tmp_path / "count"
    folder = submissions(room, dict.fromkeys(("a.md", "b.md", "c.md"), f"COUNT={count} right"))
    policy = tmp_path / "policy.yaml"
    policy.write_text("factor: half\n")
    runs = [
        ((), 3),
        (("--resume",), 0),
        (("--resume", "--policy", "factor=half"), 3),
        (("--resume", "--policy", str(policy)), 0),  # the same policy
        (("--resume",), 0),
        (("--overwrite",), 3),
    ]
    for more, again in runs:
        assert here(folder, *more)[0] == 0
        assert graded_again(count) == again, more
    (folder / "b.md").write_text(f"COUNT={count} right right")
    (folder / "d.md").write_text(f"COUNT={count} right")
    (folder / "a.md").unlink()
    assert here(folder, "--resume")[0] == 0
    assert graded_again(count) == 2
    assert list(points(room / "out")) == ["b", "c", "d"], "nothing is left of a submission that is not there"
    key = room / "key.deriv.yaml"
    key.write_text(key.read_text().replace("The square", "Squares"))
    assert here(folder, "--resume")[0] == 0
    assert graded_again(count) == 3


def test_what_took_too_long_is_graded_again_with_more_time(room: Path, here: Callable[..., tuple[int, str]]) -> None:
    folder = submissions(room, {"slow.md": "SPIN right", "good.md": "right"})
    status, out = here(folder, "--timeout", "1")
    assert (status, "it took longer than 1 s" in out) == (3, True)
    assert "0 graded now" in here(folder, "--timeout", "1", "--resume")[1]
    out = here(folder, "--timeout", "1.5", "--resume")[1]
    assert "1 graded now" in out
    assert "it took longer than 1.5 s" in out


# --- what is refused


def test_a_key_that_claims_what_is_wrong_is_refused(room: Path, cache: Path) -> None:
    folder = submissions(room, {"a.md": "right"})
    key = room / "key.deriv.yaml"
    key.write_text(key.read_text().replace("== 2*x", "== 3*x"))
    status, _, err = grade(room, [folder], room / "out", cache=cache)
    assert status == 2
    assert "the key is wrong (square), and would mark right students wrong" in err
    assert "refuted" in err, "the report says why"
    assert written(room / "out") == {}
    status, _, err = grade(room, [folder], room / "out", "--trust-key", cache=cache)
    assert status == 0
    assert "refuted" in err


@pytest.fixture
def asked(room: Path) -> list[object]:
    """The arguments for one submission that can be graded."""
    return [room / "key.deriv.yaml", submissions(room, {"a.md": "right"}), "--output", room / "out"]


def test_what_cannot_be_graded(room: Path, asked: list[object]) -> None:
    key, folder, _, out = asked
    (room / "empty").mkdir()
    (room / "often.yaml").write_text("factor: often\n")
    (room / "broken.deriv.yaml").write_text("derivcheck: 1\nclaims: {")
    (room / "nothing.deriv.yaml").write_text("derivcheck: 1\ntitle: t\nvariables: {x: {}}\nclaims: {}\n")
    (room / "foreign").mkdir()
    (room / "foreign" / "mine.txt").write_text("my own")
    for words, said in (
        ((room / "no.deriv.yaml", folder, "-o", out), "the key cannot be read"),
        ((room / "broken.deriv.yaml", folder, "-o", out), "the key cannot be read"),
        ((room / "nothing.deriv.yaml", folder, "-o", out), "the key"),
        ((key, room / "nobody", "-o", out), "there is no file or folder"),
        ((key, room / "empty", "-o", out), "there are no submissions"),
        ((key, folder, "-o", room / "foreign"), "has other files; choose an empty folder"),
        ((key, folder, "-o", room / "foreign", "--overwrite"), "has other files; choose an empty folder"),
        ((key, folder, "-o", key), "cannot be used for results"),
        ((key, folder, "-o", out, "--policy", "factor=often"), "--policy: "),
        ((key, folder, "-o", out, "--policy", room / "no.yaml"), "there is no such file"),
        ((key, folder, "-o", out, "--policy", room / "often.yaml"), "wrong, accept or half is wanted"),
        ((key, folder, "-o", out, "--resume", "--overwrite"), "exclude one another"),
        ((key, folder), "Missing option"),
        ((key, "-o", out), "Missing argument"),
        ((key, folder, "-o", out, "--timeout", "0"), "Invalid value"),
    ):
        status, text = invoked(*words)
        assert (status, said in text) == (2, True), (words, text)
    assert (room / "foreign" / "mine.txt").read_text() == "my own"


def test_a_cluster_without_dask(asked: list[object], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert invoked(*asked, "--cluster", "tcp://127.0.0.1:1") == (
        2,
        "Error: a cluster needs Dask: pip install 'derivcheck[cluster]'\n",
    )


@pytest.mark.parametrize("content", [b"my notes", b"SQLite format 3\0" + b"\1" * 3000])
def test_a_journal_that_is_none_is_refused_and_left_alone(room: Path, asked: list[object], content: bytes) -> None:
    (room / "out").mkdir()
    (room / "out" / NAME).write_bytes(content)
    for more in ((), ("--resume",), ("--overwrite",)):
        status, text = invoked(*asked, *more)
        assert (status, "move it away" in text) == (2, True), text
    assert (room / "out" / NAME).read_bytes() == content
    assert os.listdir(room / "out") == [NAME]


def test_a_disk_that_fills_up_while_results_are_written(
    room: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from derivcheck.gradebook import write

    folder = submissions(room, {"a.md": "right"})
    assert grade(room, [folder], room / "out", cache=cache)[0] == 0

    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(write, "write_all", full)
    monkeypatch.setenv("DERIVCHECK_CACHE", os.fspath(cache))
    status, text = invoked(room / "key.deriv.yaml", folder, "-o", room / "out", "--resume")
    assert status == 1
    assert "No space left on device: 1 of 1 submissions are graded and kept" in text


def test_the_journal_has_nothing_but_results(room: Path, cache: Path) -> None:
    folder = submissions(room, {"a.md": "right", "b.md": "right"})
    assert grade(room, [folder], room / "out", cache=cache)[0] == 0
    with closing(sqlite3.connect(room / "out" / NAME)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM results").fetchone()
    assert count == 2
    assert sorted(name for name in os.listdir(room / "out") if name.startswith("journal")) == [NAME]
