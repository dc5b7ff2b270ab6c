"""Grade the corpus and print how far grading agrees with the marker: `python tests/grading_corpus/measure.py`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from grading_kit import Measured, cases, measured

ROWS = (
    ("something right is marked wrong", "right_as_wrong"),
    ("something wrong is marked right", "wrong_as_right"),
    ("a right claim is not found", "missed"),
    ("an error carried forward is not seen", "not_carried"),
    ("left to a human", "left_to_humans"),
    ("the first wrong step is another", "first_wrong"),
    ("another diagnosis, or none", "diagnosis"),
    ("other points", "points"),
)


def table(found: Measured) -> str:
    """The figures as a Markdown table."""
    planted = sum(case.mistake is not None for case in cases())
    rows = [
        ("submissions (with a planted mistake)", f"{len(cases())} ({planted})"),
        ("outcomes of claims as the marker's", f"{found.agreed} of {found.claims}"),
        ("first wrong step found", f"{found.placed} of {found.mistakes}"),
        ("diagnosis as the marker's", f"{found.told} of {found.mistakes}"),
        ("points as the marker's", f"{found.scored - len(found.points)} of {found.scored}"),
        *((words, str(len(getattr(found, name)))) for words, name in ROWS[:5]),
    ]
    return "\n".join(["| | |", "| --- | --- |", *(f"| {words} | {figure} |" for words, figure in rows)])


def main() -> None:
    found = measured()
    print(table(found))
    for words, name in ROWS:
        lines = getattr(found, name)
        if lines:
            print(f"\n{words}:")
            print("\n".join(f"- {line}" for line in lines))


if __name__ == "__main__":
    main()
