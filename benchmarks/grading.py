"""Owns the measurement of grading: a course's thousand submissions through ``derivcheck grade``, time and memory.

The submissions are made from the corpus of the tests: each is one of its notes with a few edits at random places of
its formulas, some that change nothing and some that plant a mistake, under a name of its own. Every exercise is a
batch with its own key, graded cold (no verdict is remembered) in processes of this machine.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "grading_corpus"
RESULTS = Path(__file__).parent / "grading.md"

#: Other ways to write the same.
SAME = (
    (r"\\frac\{1\}\{m\}", r"\\frac1m"), (r"\\frac\{1\}\{m\}", r"m^{-1}"), (r"\\odot", r"\\circ"),
    (r"\\frac", r"\\dfrac"), (r"\(a - y\)", r"(-y + a)"), (r"\(p - y\)", r"(-y + p)"), (r"\\left|\\right", ""),
    (r"\(A\^\{\[2\]\} - Y\)", r"(-Y + A^{[2]})"), (r" = ", r" = 1 \\cdot "), (r"2x\b", r"2 \\cdot x"),
    (r"e\^\{-x\}", r"\\exp(-x)"), (r"\\ln", r"\\log"), (r" = ", r"="), (r"\$\$\n\n", "$$\n\nso\n\n"),
)  # fmt: skip
#: Slips that students make.
SLIPS = (
    (r" - ", " + "), (r" \+ ", " - "), (r"\\frac\{1\}\{m\}", ""), (r"\^T", ""), (r"\[1\]", "[2]"), (r"\b2", "3"),
    (r"\(1 - ", "(1 + "), (r"\\odot .*?(?=\$|\n)", ""), (r"\\sum_\{i=1\}\^\{?m\}?", ""), (r"\\frac12", ""),
    (r"X\^T", "X"), (r"\\ln", ""), (r" y", r" \\hat{y}"), (r"cos", "sin"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Measured:
    """A batch: how many submissions, seconds by the clock and of processors, and the most memory (bytes, PSS)."""

    exercise: str
    submissions: int
    distinct: int
    seconds: float
    processor: float
    memory: int
    outcomes: Counter[str]
    review: int


def edited(text: str, edits: tuple[tuple[str, str], ...], draw: random.Random) -> str:
    """The text with one of the edits at one of its places, if there is any."""
    places = [(found, to) for form, to in edits for found in re.finditer(form, text)]
    if not places:
        return text
    found, to = draw.choice(places)
    return text[: found.start()] + found.expand(to) + text[found.end() :]


def submissions(exercise: str, count: int, folder: Path, draw: random.Random) -> int:
    """Write so many submissions; how many different texts they are."""
    notes = sorted(path for path in (CORPUS / exercise).iterdir() if path.suffix in (".md", ".tex"))
    texts = set()
    for number in range(count):
        note = draw.choice(notes)
        text = note.read_text(encoding="utf-8")
        for _ in range(draw.choice((0, 1, 1, 2))):
            text = edited(text, SAME, draw)
        for _ in range(draw.choice((0, 0, 1, 1, 2))):
            text = edited(text, SLIPS, draw)
        texts.add(text)
        (folder / f"student{number:04}{note.suffix}").write_text(text, encoding="utf-8")
    return len(texts)


def measured(exercise: str, count: int, jobs: int, draw: random.Random, warm: bool) -> Iterator[Measured]:
    """Grade a batch, cold, and, with ``warm``, once more with the verdicts that the first time has remembered."""
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "subs").mkdir()
        distinct = submissions(exercise, count, room / "subs", draw)
        for turn in range(1 + warm):
            yield _run(exercise, count, distinct, room, jobs, turn)


def _run(exercise: str, count: int, distinct: int, room: Path, jobs: int, turn: int) -> Measured:
    out = room / f"out{turn}"
    key = os.fspath(CORPUS / exercise / "key.deriv.yaml")
    command = [sys.executable, "-m", "derivcheck", "grade", key, os.fspath(room / "subs"), "-o", os.fspath(out)]
    environment = os.environ | {"PYTHONPATH": os.fspath(ROOT), "DERIVCHECK_CACHE": os.fspath(room / "cache")}
    begun = time.perf_counter()
    with subprocess.Popen([*command, "-j", str(jobs)], env=environment, stdout=subprocess.DEVNULL) as process:
        most = 0
        while process.poll() is None:
            most = max(most, _memory(process.pid))
            time.sleep(0.5)
    seconds = time.perf_counter() - begun
    if process.returncode not in (0, 3):
        raise SystemExit(f"{exercise}: exit status {process.returncode}")
    found = json.loads((out / "results.json").read_text(encoding="utf-8"))["students"]
    outcomes = Counter(claim["outcome"] for one in found for claim in one["claims"])
    review = sum(one["needs_review"] for one in found)
    return Measured(exercise, count, distinct, seconds, _processor(), most, outcomes, review)


_before = 0.0


def _processor() -> float:
    """Seconds of processors that children have used since this was asked last; those of their children count."""
    global _before  # noqa: PLW0603 - a clock
    now = os.times()
    used = now.children_user + now.children_system - _before
    _before += used
    return used


def _memory(root: int) -> int:
    """The memory of a process and all it has started: shared pages count by their share."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = Path("/proc", entry, "stat").read_text(encoding="ascii", errors="replace")
            except OSError:
                continue
            children.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(entry))
    waiting, total = [root], 0
    while waiting:
        process = waiting.pop()
        waiting += children.get(process, [])
        try:
            rollup = Path("/proc", str(process), "smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
        total += int(found[1]) * 1024 if found else 0
    return total


def table(found: list[Measured]) -> str:
    """The measurements as a table."""
    lines = [
        "| exercise | submissions | different | s | a second | processor s | memory, MB | right | slip | follows "
        "| wrong | not found | review | to look at |",
        "| --- " + "| ---: " * 13 + "|",
    ]
    kinds = ("right", "slip", "follows", "wrong", "not found", "review")
    total = Measured(
        "**all**",
        sum(one.submissions for one in found),
        sum(one.distinct for one in found),
        sum(one.seconds for one in found),
        sum(one.processor for one in found),
        max(one.memory for one in found),
        sum((one.outcomes for one in found), Counter()),
        sum(one.review for one in found),
    )
    for one in [*found, total]:
        counts = " | ".join(str(one.outcomes[kind]) for kind in kinds)
        lines.append(
            f"| {one.exercise} | {one.submissions} | {one.distinct} | {one.seconds:.0f} "
            f"| {one.submissions / one.seconds:.2f} | {one.processor:.0f} | {one.memory / 1e6:.0f} | {counts} "
            f"| {one.review} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Measure, and print or write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=int, default=1000)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", help="one exercise alone")
    parser.add_argument("--warm", action="store_true", help="once more, with remembered verdicts")
    parser.add_argument("--write", action="store_true", help=f"write {RESULTS.name}")
    asked = parser.parse_args()
    names = sorted(path.parent.name for path in CORPUS.glob("*/key.deriv.yaml"))
    names = [name for name in names if asked.only in (None, name)]
    cold, warm = [], []
    for number, name in enumerate(names):
        count = (asked.submissions * (number + 1)) // len(names) - (asked.submissions * number) // len(names)
        turns = list(measured(name, count, asked.jobs, random.Random(f"{asked.seed} {name}"), asked.warm))
        print(table(turns), flush=True)
        cold.append(turns[0])
        warm += turns[1:]
    machine = f"Python {platform.python_version()}, {os.cpu_count()} processors, {asked.jobs} processes"
    text = f"{machine}, nothing remembered:\n\n{table(cold)}\n"
    if warm:
        text += f"\nThe same once more, with the verdicts that are remembered:\n\n{table(warm)}\n"
    print("\n" + text)
    if asked.write:
        words, _, _ = RESULTS.read_text(encoding="utf-8").partition("Python ")  # what is said of it is kept
        RESULTS.write_text(words + text, encoding="utf-8")


if __name__ == "__main__":
    main()
