"""Owns the command that measures soundness: ``python tests/soundness/run.py``.

Mutants of true claims, each confirmed different without the engine, none of which may be proved; equivalent
rewritings, none of which may be refuted; and faults planted in SymPy and in the engine's own tables, under none of
which a falsehood may be proved. The same seed measures the same things. A run that was interrupted goes on from its
journal (``--resume``). The exit status is 1 if something was as it must not be, or too little was measured.
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path

# the command is run from anywhere, on this copy of the project
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

from measured_changes import batches  # noqa: E402
from planted_faults import FAULTS, FaultTask, warm  # noqa: E402
from soundness_journal import Journal, Task, measure  # noqa: E402
from soundness_page import page  # noqa: E402

from derivcheck.fingerprint import engine_digest  # noqa: E402

PAGE = Path(__file__).with_name("results.md")


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mutants", type=int, default=20_000, help="mutants that are confirmed different (20000)")
    parser.add_argument("--rewritings", type=int, default=20_000, help="equivalent rewritings (20000)")
    parser.add_argument("--no-faults", action="store_true", help="plant no faults")
    parser.add_argument("--only", default="", help="only claims or faults whose name has this text")
    parser.add_argument("--seed", type=int, default=0, help="which mutants and rewritings (0)")
    parser.add_argument("-j", type=int, default=1, dest="workers", help="how many processes (1)")
    parser.add_argument("--limit", type=float, default=90, help="seconds for one claim, after which it hangs (90)")
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
    tasks: list[Task] = [*batches("mutants", given.mutants, given.seed, given.only)]
    tasks += batches("rewritings", given.rewritings, given.seed, given.only)
    tasks += [FaultTask(i) for i in range(about["faults"])]
    if about["faults"]:
        warm()
    tasks = [task for task in tasks if given.only in task.name]
    random.Random(given.seed).shuffle(tasks)  # what is told of the time left is true of all kinds
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
