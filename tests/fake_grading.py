"""Owns a grader that needs no engine: it does what the text of a submission says, also what no grader should do."""

from __future__ import annotations

import os
import signal
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

from derivcheck.batch.room import Grade, Setup
from derivcheck.grading.model import ClaimResult, Student, Submission
from derivcheck.source import Source

KEY = """\
derivcheck: "1"
title: The square
variables:
  x: {}
claims:
  square: D(x**2, x) == 2*x
"""


def grader(setup: Setup) -> Grade:
    """What grades: a point for every ``right`` in the text, once the words in capitals have been obeyed."""
    if "no key" in setup.key_text:
        raise ValueError("this is no key")
    return _graded


def _graded(source: Source, student: Student) -> Submission:
    for word in source.text.split():
        name, _, argument = word.partition("=")
        if name in DEEDS:
            DEEDS[name](argument)
    points = Fraction(source.text.count("right"))
    claim = ClaimResult("square", "", "D(x**2, x) == 2*x", "right", points, Fraction(4), "words")
    return Submission(student, source.path, source.text, "The square", (claim,))


def _spin(argument: str) -> None:
    while True:
        pass


def _stubborn(argument: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    _spin(argument)


def _memory(argument: str) -> None:
    kept = []
    while True:
        kept.append(bytearray(1 << 24))


def _crash(argument: str) -> None:
    raise ZeroDivisionError("by what the student wrote")


def _once(argument: str) -> None:
    """Die the first time, and leave a file to tell."""
    if not Path(argument).exists():
        Path(argument).touch()
        os.kill(os.getpid(), signal.SIGKILL)


def _count(argument: str) -> None:
    """Leave a line for every time that this is graded."""
    with Path(argument).open("a") as file:
        file.write(".")


DEEDS: dict[str, Any] = {
    "SPIN": _spin,
    "SLEEP": lambda argument: time.sleep(float(argument or 1000)),
    "STUBBORN": _stubborn,
    "MEMORY": _memory,
    "CRASH": _crash,
    "SEGFAULT": lambda argument: os.kill(os.getpid(), signal.SIGSEGV),
    "KILL": lambda argument: os.kill(os.getpid(), signal.SIGKILL),
    "EXIT": lambda argument: os._exit(int(argument or 3)),
    "QUIT": lambda argument: (_ for _ in ()).throw(SystemExit(4)),
    "ONCE": _once,
    "COUNT": _count,
}
