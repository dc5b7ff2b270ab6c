"""Owns the command that judges many changed claims: ``python tests/soundness/run_mutants.py --count 1000``.

Every true claim of the corpus and of the specs is changed in the ways in which people get formulas wrong (or, with
``--rewritings``, written otherwise); a table says what became of the changes. The exit status is 1 if a falsehood was
proved, a truth refuted, or the engine contradicted itself.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from changed_claims import Outcome, judged, table, true_subjects
from formula_texts import sample
from mutations import MUTATIONS
from rewritings import REWRITINGS


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=500, help="how many changes (500)")
    parser.add_argument("--seed", type=int, default=0, help="which sample (0)")
    parser.add_argument("--kind", action="append", help="only changes of this kind; may be repeated")
    parser.add_argument("--only", default="", help="only claims whose file/id has this text")
    parser.add_argument("--rewritings", action="store_true", help="ways to write the same thing otherwise")
    parser.add_argument("--show", action="append", default=[], help="list outcomes of this verdict")
    parser.add_argument("--quick", action="store_true", help="do not look at what is supported or undecided")
    given = parser.parse_args()
    rules = REWRITINGS if given.rewritings else MUTATIONS
    rules = {kind: rule for kind, rule in rules.items() if not given.kind or kind in given.kind}
    found = [subject for subject in true_subjects() if given.only in subject.name]
    outcomes: list[Outcome] = []
    for changed in sample(found, rules, given.count, given.seed):
        start = time.perf_counter()
        outcome = judged(changed, thorough=not given.quick)
        took = time.perf_counter() - start
        outcomes.append(outcome)
        listed = outcome.said in given.show and not (outcome.equal and not given.rewritings)
        if outcome.wrong or outcome.said == "fault" or listed or (took > 10 and given.show):
            print(f"{outcome.said} ({took:.1f} s) {changed}\n    {outcome.wrong or outcome.because}", flush=True)
    print(*table(outcomes), sep="\n")
    bad = [o for o in outcomes if o.wrong or o.said == "fault" or (given.rewritings and o.said == "refuted")]
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
