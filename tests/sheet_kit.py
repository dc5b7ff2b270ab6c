"""Owns how a sheet of submissions is graded and compared with a marker: folders with ``key.deriv.yaml``, submissions,
and ``expected.yaml`` (the outcomes of every claim, ``a|b`` where markers differ; ``wrong``: a part of the line of the
first wrong step; ``kind``: the mistake, in a marker's words).

`python tests/sheet_kit.py tests/grading_corpus/third` prints where grading and marker part.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import yaml

from derivcheck.grading.grade import grade
from derivcheck.grading.model import Student, Submission
from derivcheck.model import Derivation
from derivcheck.source import Source
from derivcheck.spec import load


class Sheet:
    """The submissions of a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.expected = {
            f"{path.parent.name}/{name}": expected
            for path in sorted(folder.glob("*/expected.yaml"))
            for name, expected in yaml.safe_load(path.read_text(encoding="utf-8")).items()
        }

    def files(self) -> set[str]:
        """The submissions that are there."""
        return {f"{p.parent.name}/{p.name}" for ending in ("md", "tex") for p in self.folder.glob(f"*/*.{ending}")}

    def graded(self, name: str) -> Submission:
        """One of them, graded by its key."""
        return _graded(self.folder / name)

    def outcomes(self, name: str) -> list[tuple[str, tuple[str, ...], str]]:
        """What the marker says of each claim, and what was graded."""
        got = {claim.id: str(claim.outcome) for claim in self.graded(name).claims}
        return [(claim, tuple(said.split("|")), got[claim]) for claim, said in self.expected[name]["claims"].items()]

    def first_wrong(self, name: str) -> tuple[int | None, int | None]:
        """The line of the first wrong step, by the marker and as graded."""
        result, part = self.graded(name), self.expected[name].get("wrong")
        lines = [
            number for number, line in enumerate(result.text.splitlines(), 1) if part is not None and part in line
        ]
        assert len(lines) == (part is not None)
        return next(iter(lines), None), min(
            (step.line for step in result.steps if step.mark == "wrong"), default=None
        )

    def agreed(self, names: Iterable[str] | None = None) -> tuple[int, int]:
        """The outcomes that are the marker's, of how many, in these submissions or in all."""
        same = [got in said for name in names or self.expected for _, said, got in self.outcomes(name)]
        return sum(same), len(same)

    def parted(self) -> Iterator[tuple[str, str]]:
        """Where grading and marker part: in what way, and the words."""
        for name in self.expected:
            for claim, said, got in self.outcomes(name):
                if got not in said:
                    yield _way(said, got), f"{name}: {claim}: {' or '.join(said)}, graded {got}"
            marked, found = self.first_wrong(name)
            if found != marked:
                way = "left to a human" if found is None else "another"
                yield f"the first wrong step is {way}", f"{name}: line {marked}, graded {found}"


def _way(said: tuple[str, ...], got: str) -> str:
    if got == "review":
        return "left to a human"
    if got == "not found":
        return "stated, but not found"
    if got == "right" and said == ("follows",):
        return "follows, graded right (same points)"
    if "right" in said:
        return "something right is marked wrong"
    if got == "wrong" and "follows" in said:
        return "an error carried forward is marked wrong"
    return "something wrong is marked right"


@cache
def _key(path: Path) -> Derivation:
    return load(path)


@cache
def _graded(path: Path) -> Submission:
    key = _key(path.parent / "key.deriv.yaml")
    return grade(key, Source(path.name, path.read_text(encoding="utf-8")), Student(path.stem))


def right_is_not_wrong_and_wrong_is_not_right(sheet: Sheet, name: str) -> None:
    """Assert it of every claim of a submission."""
    for claim, said, got in sheet.outcomes(name):
        if said == ("right",):
            assert got in ("right", "review"), claim
        elif "wrong" in said:
            assert got in (*said, "review"), claim
        elif "follows" in said:
            # an answer in terms of an earlier, wrong one is true as it is written: the points are the same
            assert got in ("follows", "right", "review"), claim
        else:
            assert got in ("not found", "review"), claim


def main(folder: str) -> None:
    sheet = Sheet(Path(folder))
    print("{} of {} outcomes are the marker's".format(*sheet.agreed()))
    parted = list(sheet.parted())
    for way, count in Counter(way for way, _ in parted).most_common():
        print(f"\n{way}: {count}")
        print("\n".join(f"- {words}" for one, words in parted if one == way))


if __name__ == "__main__":
    main(sys.argv[1])
