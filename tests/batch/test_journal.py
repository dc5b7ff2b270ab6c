"""Owns the tests of the journal: what it has told is kept, and what is no journal is left alone."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from derivcheck.batch import journal as journals
from derivcheck.batch.journal import NAME, InUse, Journal, JournalError, NotWritten

#: Writes results one after the other, and says so of each, until it is killed or cannot.
WRITER = """
import resource, signal, sys
from pathlib import Path
from derivcheck.batch.journal import Journal, NotWritten
limit = int(sys.argv[2])
with Journal(Path(sys.argv[1])) as journal:
    if limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    for number in range(100_000):
        try:
            journal.put(str(number), "x" * 3000)
        except NotWritten as error:
            print("not written:", error, flush=True)
            break
        print(number, flush=True)
"""


def writer(folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, os.fspath(folder), str(limit)], stdout=subprocess.PIPE, text=True
    )


def test_what_was_put_is_there(tmp_path: Path) -> None:
    with Journal(tmp_path) as journal:
        assert journal.get("a") is None
        journal.put("a", '{"ŷ": 1}')
        journal.put("b", "")
        journal.put("a", "again")
        assert (journal.get("a"), journal.get("b"), len(journal)) == ("again", "", 2)
    assert sorted(os.listdir(tmp_path)) == [NAME], "nothing is left beside it"
    with Journal(tmp_path) as journal:
        assert (journal.get("a"), journal.get("b"), len(journal)) == ("again", "", 2)
        journal.clear()
        assert len(journal) == 0


@pytest.mark.parametrize("seed", range(6))
def test_nothing_that_was_told_is_lost_by_a_kill(tmp_path: Path, seed: int) -> None:
    process = writer(tmp_path)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(random.Random(seed).randrange(1, 60))]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    with Journal(tmp_path) as journal:
        assert all(journal.get(line.strip()) == "x" * 3000 for line in told if line.strip())
        assert len(journal) - len(told) in (-1, 0, 1), "the last line may be cut off, or not have been told"
        journal.put("after", "x")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_full_disk_takes_back_nothing(tmp_path: Path) -> None:
    process = writer(tmp_path, 400_000)
    out, _ = process.communicate(timeout=60)
    *told, last = out.splitlines()
    assert process.returncode == 0
    assert last.startswith(f"not written: {tmp_path / NAME}: ")
    assert len(told) > 10
    with Journal(tmp_path) as journal:
        assert all(journal.get(number) == "x" * 3000 for number in told)
        journal.put("more room", "x")


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    process = writer(tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    with pytest.raises(InUse, match="another run is at work in"):
        Journal(tmp_path)
    process.kill()
    process.wait()
    process.stdout.close()
    with Journal(tmp_path) as journal:
        assert journal.get("0") == "x" * 3000


FOREIGN = {
    "text": b"my own notes",
    "half a header": b"SQLite",
    "damaged": b"SQLite format 3\0" + b"\xff" * 5000,
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / NAME
    path.write_bytes(FOREIGN[name])
    with pytest.raises(JournalError, match="move it away"):
        Journal(tmp_path)
    assert path.read_bytes() == FOREIGN[name]
    assert os.listdir(tmp_path) == [NAME]


def test_a_database_of_somebody_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / NAME
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE results (mine TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match="is no journal of derivcheck"):
        Journal(tmp_path)
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT sql FROM sqlite_master").fetchall() == [
            ("CREATE TABLE results (mine TEXT)",)
        ]
    connection.close()
    assert len(path.read_bytes()) == len(before)


def test_a_journal_of_another_form_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(journals, "_FORM", 2)
        Journal(tmp_path).close()
    with pytest.raises(JournalError, match="another version"):
        Journal(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")
def test_a_pipe_a_link_and_a_folder_are_no_journals(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / NAME)
    with pytest.raises(JournalError, match="is no file of a journal"):
        Journal(tmp_path)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(JournalError, match="is no file of a journal"):
        Journal(tmp_path)
    (tmp_path / NAME).unlink()
    (tmp_path / NAME).mkdir()
    with pytest.raises(JournalError, match="is no file of a journal"):
        Journal(tmp_path)
    with pytest.raises(NotWritten, match="it cannot be opened there"):
        Journal(tmp_path / "nowhere")


@pytest.mark.parametrize("seed", range(20))
def test_damage_is_never_taken_for_a_result(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    with Journal(tmp_path) as journal:
        for number in range(40):
            journal.put(str(number), f"{number}:" + "y" * 500)
    path = tmp_path / NAME
    data = bytearray(path.read_bytes())
    for _ in range(draw.choice([1, 30])):
        data[draw.randrange(100, len(data))] ^= 1 << draw.randrange(8)
    path.write_bytes(data)
    try:
        journal = Journal(tmp_path)
    except JournalError:
        assert path.read_bytes() == data
        return
    with journal:
        for number in range(40):
            with contextlib.suppress(JournalError):
                assert journal.get(str(number)) in (None, f"{number}:" + "y" * 500)
