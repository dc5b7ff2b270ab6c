"""What is seen in a terminal: colours, its width, and a progress bar when a run takes long."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from io import StringIO

import pytest
from rich.cells import cell_len

from derivcheck.report.progress import ProgressBar
from derivcheck.run import Tick

SPEC = """\
derivcheck: 1
title: A title that goes on and on until it does not fit into sixty columns any more
variables:
  x: []
claims:
  right: D(x**2, x) == 2*x
  wrong-with-a-rather-long-name-that-is-not-short: D(x**3, x) == 3*x
"""


def in_a_terminal(columns: int, *arguments: str, cwd, **environment: str) -> tuple[str, int]:
    """What the command prints on a terminal of some columns, and its exit status; no progress on stderr."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "FORCE_COLOR")}
    with subprocess.Popen(
        [sys.executable, "-m", "derivcheck", *arguments], cwd=cwd, stdout=follower, stderr=subprocess.DEVNULL,
        env={**env, "TERM": "xterm-256color", **environment},
    ) as process:  # fmt: skip
        os.close(follower)
        seen = b""
        while True:
            try:
                piece = os.read(leader, 65536)
            except OSError:  # all is closed at the other end
                break
            if not piece:
                break
            seen += piece
    os.close(leader)
    return seen.decode("utf-8").replace("\r\n", "\n"), process.returncode


@pytest.fixture
def spec(tmp_path):
    (tmp_path / "a.deriv.yaml").write_text(SPEC, encoding="utf-8")
    return tmp_path


def test_a_terminal_gets_colors_and_its_own_width(spec):
    text, status = in_a_terminal(60, "run", "a.deriv.yaml", cwd=spec)
    assert status == 1
    assert "\x1b[31m" in text
    bare = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert max(cell_len(line) for line in bare.split("\n")) <= 60
    assert "wrong-with-a-rather-long-name" in bare


def test_no_color_is_respected(spec):
    text, _ = in_a_terminal(80, "run", "a.deriv.yaml", cwd=spec, NO_COLOR="1")
    assert "\x1b[" not in text
    assert "✗ wrong-with-a-rather-long-name-that-is-not-short: refuted" in text


class Terminal(StringIO):
    def isatty(self):
        return True


def test_a_progress_bar_when_it_takes_long(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with ProgressBar(stream, patience=0) as bar:
        deadline = time.monotonic() + 10
        while "1/2" not in stream.getvalue() and time.monotonic() < deadline:
            bar.watch(Tick(1, 2, "[bold]s[/bold].deriv.yaml", "a\x1b]0;evil\x07 {0} :smile:"))
            time.sleep(0.02)
    shown = stream.getvalue()
    assert "1/2" in shown
    assert "[bold]s[/bold].deriv.yaml: a�]0;evil� {0} :smile:" in shown
    assert "\x1b]0;" not in shown


def test_no_progress_bar_when_it_does_not(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with ProgressBar(stream, patience=60) as bar:
        bar.watch(Tick(0, 1, "a", "b"))
    assert stream.getvalue() == ""


def stopped(stream):
    with ProgressBar(stream, patience=0) as bar:
        bar.watch(Tick(0, 1, "a", "b"))
        deadline = time.monotonic() + 10
        while "a: b" not in stream.getvalue() and time.monotonic() < deadline:
            time.sleep(0.02)
        raise KeyboardInterrupt


def test_a_progress_bar_goes_when_the_run_is_stopped(monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal()
    with pytest.raises(KeyboardInterrupt):
        stopped(stream)
    assert stream.getvalue().endswith("\x1b[2K")
