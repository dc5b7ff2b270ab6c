"""Owns the command that measures soundness: ``python tests/soundness/run.py``.

Mutants of true claims, each confirmed different without the engine, none of which may be proved; equivalent
rewritings, none of which may be refuted; and faults planted in SymPy and in the engine's own tables, under none of
which a falsehood may be proved. The same seed measures the same things. A run that was interrupted goes on from its
journal (``--resume``). The exit status is 1 if something was as it must not be, or too little was measured.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

# the command is run from anywhere, on this copy of the project
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import killable  # noqa: E402
from measured_changes import Batch, Measured, batches  # noqa: E402
from planted_faults import FAULTS, FaultTask  # noqa: E402
from soundness_page import page  # noqa: E402

from derivcheck.fingerprint import engine_digest  # noqa: E402

Task = Batch | FaultTask
PAGE = Path(__file__).with_name("results.md")


@dataclass
class Journal:
    """What has been measured, by part and name of the task; each line of its file is one task, the first what it is a
    journal of."""

    about: dict[str, Any]
    done: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    file: TextIO | None = None

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
        journal.file = path.open("a", encoding="utf-8")
        if not lines:
            journal._write(about)
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
        if self.file is not None:
            self.file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self.file.flush()

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


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20_000, help="mutants that are confirmed different (20000)")
    parser.add_argument("--rewritings", type=int, default=20_000, help="equivalent rewritings (20000)")
    parser.add_argument("--no-faults", action="store_true", help="plant no faults")
    parser.add_argument("--only", default="", help="only claims or faults whose name has this text")
    parser.add_argument("--seed", type=int, default=0, help="which mutants and rewritings (0)")
    parser.add_argument("-j", type=int, default=1, dest="workers", help="how many processes (1)")
    parser.add_argument("--limit", type=float, default=120, help="seconds for one claim, after which it hangs (120)")
    parser.add_argument("--resume", type=Path, help="journal to write, and to go on from if it is there")
    parser.add_argument("--page", type=Path, default=PAGE, help="where to write the results, if all was measured")
    given = parser.parse_args()
    about = {
        "mutants": given.mutants,
        "rewritings": given.rewritings,
        "faults": 0 if given.no_faults else len(FAULTS),
        "only": given.only,
        "seed": given.seed,
        "engine": engine_digest(),
    }
    tasks: list[Task] = [FaultTask(i) for i in range(about["faults"])]
    tasks += batches("mutants", given.mutants, given.seed, given.only)
    tasks += batches("rewritings", given.rewritings, given.seed, given.only)
    tasks = [task for task in tasks if given.only in task.name]
    journal = Journal.resumed(about, given.resume)
    measure(tasks, journal, given.workers, given.limit, lambda text: print(text, end="", file=sys.stderr, flush=True))
    text, good = page(journal)
    print(text)
    for what in ("unproved", "unconfirmed", "hits"):
        print(*journal.told(what), sep="\n")
    if not given.only:
        given.page.write_text(text, encoding="utf-8")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
