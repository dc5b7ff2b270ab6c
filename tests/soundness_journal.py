"""Owns the journal of a measurement of soundness, from which it goes on when interrupted, and its tasks."""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import killable
from measured_changes import Batch, Measured
from planted_faults import FaultTask

Task = Batch | FaultTask


@dataclass
class Journal:
    """What has been measured, by part and name of the task; each line of its file is one task, the first what it is a
    journal of."""

    about: dict[str, Any]
    done: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    path: Path | None = None

    @classmethod
    def resumed(cls, about: dict[str, Any], path: Path | None) -> Journal:
        journal = cls(about)
        if path is None:
            return journal
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        if lines and json.loads(lines[0]) != about:
            sys.exit(f"{path} is the journal of another measurement, or of another engine: {lines[0]}")
        for line in lines[1:]:
            if line.endswith("}"):  # the last one may be cut off
                entry = json.loads(line)
                journal.done[entry["part"], entry["name"]] = entry
        journal.path = path
        if not lines:
            journal._write(about)
        elif not lines[-1].endswith("}"):
            path.write_text("\n".join(lines[:-1]) + "\n", encoding="utf-8")
        return journal

    def add(self, task: Task, measured: Measured) -> None:
        entry = {
            "part": task.part,
            "name": task.name,
            "counts": measured.counts,
            "hits": measured.hits,
            "unproved": measured.unproved,
            "unconfirmed": measured.unconfirmed,
        }
        self.done[task.part, task.name] = entry
        self._write(entry)

    def _write(self, entry: dict[str, Any]) -> None:
        if self.path is not None:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")

    def counts(self, part: str) -> dict[str, Counter[str]]:
        """Outcomes of a part by kind."""
        total: dict[str, Counter[str]] = {}
        for key in sorted(self.done):
            if key[0] == part:
                for kind, counts in self.done[key]["counts"].items():
                    total.setdefault(kind, Counter()).update(counts)
        return total

    def subjects(self, part: str) -> int:
        """How many claims (or faults) of a part something was measured of."""
        return sum(1 for kind, _ in self.done if kind == part)

    def told(self, what: str) -> list[str]:
        """The hits, or what was not proved, of all parts."""
        return [text for key in sorted(self.done) for text in self.done[key][what]]


def _measure(task: Task, tell: Callable[[str], None], skip: Sequence[str]) -> Measured:
    return task.measure(tell, skip)


def _plants(task: Task) -> bool:
    return isinstance(task, FaultTask)


def measure(tasks: Iterable[Task], journal: Journal, workers: int, limit: float, tell: Callable[[str], None]) -> None:
    """Measure what the journal does not have yet."""
    waiting = [task for task in tasks if (task.part, task.name) not in journal.done]
    start = time.monotonic()
    for number, done in enumerate(killable.run(_measure, waiting, workers, limit, _plants), start=1):
        measured: Measured = done.result
        measured.hits += done.lost
        journal.add(done.task, measured)
        for hit in measured.hits:
            tell(f"\r{hit}\n")
        spent = time.monotonic() - start
        rest = spent / number * (len(waiting) - number)
        tell(f"\r{number} of {len(waiting)} tasks, {spent:.0f} s, about {rest:.0f} s more   ")
    tell("\n")
