"""Owns the class summary: what needs a person, which claims and which mistakes, how often, and how points lie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from statistics import median
from typing import Any, get_args

from derivcheck.gradebook.results import FORM, encoded, numeric
from derivcheck.gradebook.words import claim_name, kind_words, mistakes, needs_review, reviews, shortened
from derivcheck.grading.model import Outcome, Submission
from derivcheck.version import __version__

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
#: Columns of the distribution of points: shares of a tenth of what could be had.
COLUMNS = 10


@dataclass(frozen=True, slots=True)
class Entry:
    """What the class is told of one submission."""

    id: str
    name: str
    points: Fraction
    of: Fraction
    outcomes: tuple[tuple[str, Outcome], ...]
    mistakes: tuple[tuple[str, str], ...]
    review: tuple[str, ...]
    failure: str

    @property
    def open(self) -> bool:
        """Whether a person has to look at it."""
        return bool(self.review or self.failure)

    @property
    def share(self) -> Fraction:
        """The points as a share of those that could be had."""
        return min(max(self.points / self.of, Fraction(0)), Fraction(1)) if self.of > 0 else Fraction(0)


@dataclass(slots=True)
class ClaimTally:
    """How a claim of the key went in the class."""

    id: str
    title: str
    statement: str
    of: Fraction
    counts: dict[Outcome, int] = field(default_factory=lambda: dict.fromkeys(OUTCOMES, 0))

    @property
    def students(self) -> int:
        """How many submissions it was looked for in."""
        return sum(self.counts.values())


@dataclass(slots=True)
class MistakeTally:
    """A kind of mistake: how often it was made, by how many, and where."""

    kind: str
    count: int = 0
    students: list[str] = field(default_factory=list)
    claims: list[str] = field(default_factory=list)


class Summary:
    """Collects submissions, one after the other, and tells of them as a class; the order plays no part."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._claims: dict[str, ClaimTally] = {}
        self._orders: set[tuple[str, ...]] = set()
        self._keys: set[str] = set()

    def add(self, submission: Submission) -> None:
        """Take in one submission."""
        self._keys.add(submission.key)
        review = reviews(submission)
        if needs_review(submission) and not review and not submission.failure:
            review = ("something of it needs a person",)
        self._entries.append(
            Entry(
                submission.student.id,
                submission.student.name,
                submission.points,
                submission.of,
                tuple((claim.id, claim.outcome) for claim in submission.claims),
                tuple(mistakes(submission)),
                tuple(shortened(line, 500) for line in review[:50]),
                shortened(submission.failure, 500),
            )
        )
        self._orders.add(tuple(claim.id for claim in submission.claims))
        for claim in submission.claims:
            tally = self._claims.setdefault(
                claim.id, ClaimTally(claim.id, claim_name(claim), claim.statement, claim.of)
            )
            tally.counts[claim.outcome] += 1

    @property
    def keys(self) -> list[str]:
        """The keys that were graded by."""
        return sorted(self._keys)

    @property
    def entries(self) -> list[Entry]:
        """The submissions by the ids of their students."""
        return sorted(self._entries, key=lambda entry: entry.id)

    @property
    def open(self) -> list[Entry]:
        """Those that a person has to look at: first those of which nothing was graded."""
        return sorted((entry for entry in self.entries if entry.open), key=lambda entry: not entry.failure)

    @property
    def graded(self) -> list[Entry]:
        """Those of which something was graded."""
        return [entry for entry in self.entries if not entry.failure]

    @property
    def claims(self) -> list[ClaimTally]:
        """The claims in the key's order (of several keys, one after the other)."""
        order = dict.fromkeys(one for ids in sorted(self._orders, key=lambda ids: (-len(ids), ids)) for one in ids)
        return [self._claims[one] for one in order]

    @property
    def mistakes(self) -> list[MistakeTally]:
        """The kinds of mistakes, the most frequent first."""
        tallies: dict[str, MistakeTally] = {}
        for entry in self.entries:
            for kind, claim in entry.mistakes:
                tally = tallies.setdefault(kind, MistakeTally(kind))
                tally.count += 1
                tally.students += [entry.id] * (entry.id not in tally.students)
                tally.claims += [claim] * (bool(claim) and claim not in tally.claims)
        return sorted(tallies.values(), key=lambda tally: (-len(tally.students), -tally.count, tally.kind))

    def distribution(self) -> list[int]:
        """How many submissions have which share of the points, in tenths; all of the points belong to the last."""
        columns = [0] * COLUMNS
        for entry in self.graded:
            if entry.of > 0:
                columns[min(int(entry.share * COLUMNS), COLUMNS - 1)] += 1
        return columns


def render(summary: Summary) -> str:
    """The class summary as JSON."""
    return encoded(as_data(summary))


def as_data(summary: Summary) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "derivcheck": __version__,
        "form": FORM,
        "keys": summary.keys,
        "students": len(summary.entries),
        "graded": len(summary.graded),
        "needs_review": [
            {"id": one.id, "name": one.name, "failure": one.failure or None, "review": list(one.review)}
            for one in summary.open
        ],
        "claims": [
            {
                "id": one.id,
                "title": one.title,
                "of": numeric(one.of),
                "students": one.students,
                "outcomes": {outcome: one.counts[outcome] for outcome in OUTCOMES},
            }
            for one in summary.claims
        ],
        "mistakes": [
            {
                "kind": one.kind or None,
                "words": kind_words(one.kind),
                "count": one.count,
                "students": one.students,
                "claims": sorted(one.claims),
            }
            for one in summary.mistakes
        ],
        "points": _points(summary),
    }


def _points(summary: Summary) -> dict[str, Any]:
    entries = summary.graded
    points: Sequence[Fraction] = [entry.points for entry in entries]
    return {
        "of": numeric(max((entry.of for entry in entries), default=Fraction(0))),
        "mean": numeric(sum(points, Fraction(0)) / len(points)) if points else None,
        "median": numeric(Fraction(median(points))) if points else None,
        "least": numeric(min(points)) if points else None,
        "most": numeric(max(points)) if points else None,
        "tenths": summary.distribution(),
    }
