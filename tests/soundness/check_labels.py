"""Owns the command that checks the corpus itself: ``python tests/soundness/check_labels.py``.

Both sides of every claim are evaluated by mpmath at many points and sizes, without the engine. A claim of ``proved/``
that differs somewhere, or one of ``refuted/`` that never does, is listed. The second need not be a mistake: an
isolated point, or a difference of 1e-400, is not found in this way, and whoever adds such a claim must argue for it.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from changed_claims import CORPUS
from reference_points import look

from derivcheck.spec import load

LABELS = {
    "proved": "equal",
    "open/true": "equal",
    "undecided": "equal",
    "refuted": "different",
    "open/false": "different",
    "open/nowhere": "undefined",
}


def main(words: list[str]) -> int:
    """Check the claims whose file and id have all the words."""
    counts: Counter[str] = Counter()
    for folder, label in LABELS.items():
        for path in sorted((CORPUS / folder).glob("*.deriv.yaml")):
            derivation = load(path)
            for claim in derivation.claims:
                name = f"{folder}/{path.name.split('.')[0]}/{claim.id}"
                if all(word in name for word in words):
                    found = look(derivation, claim)
                    counts[f"{label}: {found.kind}"] += 1
                    if found.kind != label:
                        print(f"{name} is said to be {label}, was found {found.kind}: {claim.text}  {found.where}")
    print(*(f"{label:>24} {count}" for label, count in sorted(counts.items())), sep="\n")
    return int(any(label == "equal: different" for label in counts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
