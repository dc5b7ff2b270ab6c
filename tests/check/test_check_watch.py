"""``--watch``: only the changed note is checked again, whatever way it is saved, and Ctrl-C ends it with 0."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from click.testing import CliRunner

from derivcheck.cli import main

ROOT = Path(__file__).parents[2]
RIGHT, WRONG = "$z + z = 2 z$\n", "$z + z = 3 z$\n"
KEY = "derivcheck: 1\ntitle: a key\nvariables:\n  z: {}\n"
#: Seconds in which something has to happen, on a machine with much else to do.
PATIENCE = 60.0


class Watching:
    """A running ``derivcheck check --watch``, and what it says."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "DERIVCHECK_CACHE": str(folder / ".cache"),
                       "PYTHONUNBUFFERED": "1"}  # fmt: skip
        self.process = subprocess.Popen(
            [sys.executable, "-m", "derivcheck", "check", "--watch", "--key", "key.deriv.yaml", "-f", "concise",
             *arguments],
            cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.lines: Queue[str] = Queue()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, text: str) -> list[str]:
        """What is said up to a line that has a text in it."""
        said: list[str] = []
        end = time.monotonic() + PATIENCE
        while not said or text not in said[-1]:
            try:
                said.append(self.lines.get(timeout=max(0.1, end - time.monotonic())))
            except Empty:
                pytest.fail(f"{text!r} was not said, but {said}")
        return said

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def watching(tmp_path) -> Iterator[Watching]:
    pytest.importorskip("watchfiles")
    (tmp_path / "key.deriv.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "a.md").write_text(RIGHT, encoding="utf-8")
    (tmp_path / "b.md").write_text(WRONG, encoding="utf-8")
    made = Watching(tmp_path, "a.md", "b.md")
    try:
        made.until("Ctrl-C ends it")
        yield made
    finally:
        made.close()


def test_only_the_changed_note_is_checked_again(watching, tmp_path):
    (tmp_path / "a.md").write_text(WRONG, encoding="utf-8")
    said = watching.until("formula")
    assert said[0].startswith("a.md:1:10: error: refuted")
    assert said[1:] == ["1 formula in 1 note: 0 proved, 1 wrong"]
    (tmp_path / "b.md").write_text(RIGHT, encoding="utf-8")
    assert watching.until("formula") == ["1 formula in 1 note: 1 proved"]
    assert watching.end() == 0


def test_an_editor_that_replaces_the_file(watching, tmp_path):
    (tmp_path / "new").write_text(WRONG, encoding="utf-8")
    os.replace(tmp_path / "new", tmp_path / "a.md")
    assert "1 wrong" in watching.until("formula")[-1]
    assert watching.end() == 0


def test_a_file_that_vanishes_and_comes_back(watching, tmp_path):
    (tmp_path / "a.md").unlink()
    assert watching.until("is gone")[-1] == "a.md is gone; it is checked when it is there again"
    (tmp_path / "a.md").write_text(WRONG, encoding="utf-8")
    said = watching.until("formula")
    assert said[-1] == "1 formula in 1 note: 0 proved, 1 wrong"
    assert not any(line.startswith("b.md") for line in said)
    assert watching.end() == 0


def test_all_notes_are_checked_when_the_key_is_saved(watching, tmp_path):
    (tmp_path / "key.deriv.yaml").write_text("derivcheck: 2\n", encoding="utf-8")
    assert "the key cannot be read" in watching.until("the key cannot be read")[-1]
    (tmp_path / "key.deriv.yaml").write_text(KEY + "  q: {}\n", encoding="utf-8")
    assert watching.until("formula")[-1] == "2 formulas in 2 notes: 1 proved, 1 wrong"
    assert watching.end() == 0


def test_a_file_beside_the_notes_is_none_of_them(watching, tmp_path):
    (tmp_path / "c.md").write_text(WRONG, encoding="utf-8")
    (tmp_path / "a.md").write_text(RIGHT + "\n" + RIGHT, encoding="utf-8")
    assert watching.until("formula") == ["2 formulas in 1 note: 2 proved"]
    assert watching.end() == 0


def test_it_ends_when_the_system_asks_for_it(watching):
    assert watching.end(signal.SIGTERM) in (0, 143)


def test_a_new_note_in_a_folder(tmp_path):
    pytest.importorskip("watchfiles")
    (tmp_path / "key.deriv.yaml").write_text(KEY, encoding="utf-8")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.md").write_text(RIGHT, encoding="utf-8")
    made = Watching(tmp_path, "notes")
    try:
        made.until("Ctrl-C ends it")
        (tmp_path / "notes" / "b.md").write_text(WRONG, encoding="utf-8")
        assert made.until("formula")[-1] == "1 formula in 1 note: 0 proved, 1 wrong"
        assert made.end() == 0
    finally:
        made.close()


def test_without_its_package_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    (tmp_path / "a.md").write_text(RIGHT, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "--watch", str(tmp_path / "a.md")])
    assert result.exit_code == 2
    assert "pip install 'derivcheck[watch]'" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no/such/folder/a.md"], "there is no folder"),
        (["a.md", "-o", "report.txt"], "--output"),
        (["a.md", "-k", "none.deriv.yaml"], "the key cannot be read"),
    ],
)
def test_what_cannot_be_watched(tmp_path, monkeypatch, arguments, said):
    pytest.importorskip("watchfiles")
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["check", "--watch", *arguments])
    assert result.exit_code == 2
    assert said in result.stderr
