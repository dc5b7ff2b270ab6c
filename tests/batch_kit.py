"""Owns what tests of batches share: running the command as a process, and comparing what it has written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

TESTS = Path(__file__).parent
FAKE = (sys.executable, os.fspath(TESTS / "fake_grade_command.py"))
REAL = (sys.executable, "-m", "derivcheck")


def started(
    arguments: Sequence[str], cache: Path, program: Sequence[str] = FAKE, more: Mapping[str, str] | None = None
) -> subprocess.Popen[str]:
    """``derivcheck grade`` as a process of a session of its own, with its own folder of remembered verdicts."""
    path = os.pathsep.join([os.fspath(TESTS.parent), os.fspath(TESTS)])
    environment = os.environ | {"PYTHONPATH": path, "DERIVCHECK_CACHE": os.fspath(cache)} | dict(more or {})
    return subprocess.Popen(
        [*program, "grade", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, start_new_session=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Its exit status and what it said."""
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def written(folder: Path) -> dict[str, bytes]:
    """The bytes of all files of a folder of results, without the journal."""
    return {
        os.fspath(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("journal.sqlite")
    }
