"""Owns a batch: the key is judged, submissions are graded, every result is kept, and all of them are handed back.

A key with a claim that is wrong would mark right students wrong; it is judged before anything else. Results are kept
as they come, under names that say all that they depend on, so that a batch that was stopped at any moment goes on
where it was, and one that is asked for again with more submissions grades these alone.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from derivcheck.batch.find import HandedIn
from derivcheck.batch.journal import Journal, there_is_one
from derivcheck.batch.room import Grader, Limits, Setup, by_grading
from derivcheck.batch.workers import Graded, graded
from derivcheck.errors import EngineFault, Refused
from derivcheck.fingerprint import Unknown, engine_digest
from derivcheck.grading.model import Submission
from derivcheck.judging import read
from derivcheck.model import Derivation
from derivcheck.outcome import Outcome, outcome
from derivcheck.source import Source
from derivcheck.verdict import SpecReport
from derivcheck.version import __version__

if TYPE_CHECKING:
    from derivcheck.grading.policy import Policy

#: Is told how many of how many submissions are done, and which one was the last.
Watch = Callable[[int, int, str], None]
#: Gives what comes of submissions, by processes of this machine or by those of others.
Crew = Callable[[Sequence[tuple[int, HandedIn]], Setup], Generator[Graded, None, None]]


class CannotGrade(Exception):
    """The batch cannot be graded as asked; the message says why."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to grade; ``cache`` is the folder of remembered verdicts, ``None`` for none."""

    policy: Policy
    limits: Limits = field(default_factory=Limits)
    cache: Path | None = None
    grader: Grader = by_grading


@dataclass(frozen=True, slots=True)
class Summary:
    """What a batch came to: how many submissions; the points of those that could be graded, in their order; the
    points that could be had; and the ids of those that somebody has to look at, with the first reason."""

    count: int
    points: tuple[Fraction, ...]
    of: Fraction
    review: tuple[tuple[str, str], ...]


class Batch:
    """Submissions that are graded by one key. What is graded is kept in a journal, from which results are read."""

    def __init__(self, key: Derivation, handed_in: Sequence[HandedIn], options: Options, journal: Journal) -> None:
        self._key = key
        self._all = tuple(handed_in)
        self._options = options
        self._journal = journal
        self._around = _digest(engine(), Path(key.source.path).name, key.source.text, options.policy.text())
        self.done = 0

    def execute(self, crew: Crew, watch: Watch | None = None) -> int:
        """Grade every submission that could be read and whose result is not kept; how many that were.

        Raises:
            NotWritten: where a result could not be kept; those before it are.
            NoWorkers: where there is nobody to grade.
        """
        todo = [(number, one) for number, one in enumerate(self._all) if not one.failure and self._kept(one) is None]
        self.done = len(self._all) - len(todo)
        tell = watch or (lambda done, total, last: None)
        tell(self.done, len(self._all), "")
        if not todo:
            return 0
        with closing(crew(todo, self._setup())) as outcomes:
            for found in outcomes:
                one = self._all[found.number]
                self._journal.put(self._name(one), self._entry(found))
                self.done += 1
                tell(self.done, len(self._all), one.path)
        return len(todo)

    def results(self) -> Iterator[Submission]:
        """The results of all submissions, in their order, as far as there are any."""
        from derivcheck.grading.codec import from_json

        for one in self._all:
            kept = {"result": None, "reason": one.failure} if one.failure else self._kept(one)
            if kept is not None:
                text, reason = kept["result"], kept["reason"]
                found = self._ungraded(one, reason or "") if text is None else from_json(text)
                yield replace(found, review=(*found.review, *one.review))

    def summary(self) -> Summary:
        """What all of it came to."""
        from derivcheck.gradebook.words import needs_review, reviews

        points, review, most = [], [], Fraction(0)
        for found in self.results():
            most = max(most, found.of)
            if not found.failure:
                points.append(found.points)
            if needs_review(found):
                review.append((found.student.id, found.failure or reviews(found)[0]))
        return Summary(len(self._all), tuple(points), most, tuple(review))

    # -- what is kept

    def _setup(self) -> Setup:
        options, source = self._options, self._key.source
        return Setup(source.path, source.text, options.policy, options.limits, options.cache, options.grader)

    def _name(self, one: HandedIn) -> str:
        return _digest(self._around, one.digest)

    def _entry(self, found: Graded) -> str:
        limits = None if found.result is not None else repr(self._options.limits)
        return json.dumps({"result": found.result, "reason": found.reason, "limits": limits})

    def _kept(self, one: HandedIn) -> dict[str, str | None] | None:
        """What is kept of a submission. That it took too long, or too much, holds for the limits of then."""
        text = self._journal.get(self._name(one))
        if text is None:
            return None
        kept: dict[str, str | None] = json.loads(text)
        return kept if kept["limits"] in (None, repr(self._options.limits)) else None

    def _ungraded(self, one: HandedIn, reason: str) -> Submission:
        from derivcheck.grading.grade import ungraded

        return ungraded(self._key, Source(one.path, one.text), one.student, self._options.policy, reason)


# --- the key, and the folder of the results


def read_key(path: str) -> Derivation:
    """The key in a spec file.

    Raises:
        CannotGrade: where it cannot be read, or claims nothing.
    """
    try:
        key = read(path)
    except Refused as refused:
        raise CannotGrade(f"the key cannot be read:\n{refused}") from refused
    except EngineFault as fault:
        raise CannotGrade(f"the key cannot be read: {fault}") from fault
    if not key.claims:
        raise CannotGrade(f"the key {path!r} claims nothing, so there is nothing to grade")
    return key


def judged_key(key: Derivation, options: Options, jobs: int) -> SpecReport:
    """What is found of the claims of the key itself."""
    from derivcheck.run import TIMEOUT, Run
    from derivcheck.run import Options as RunOptions

    how = RunOptions(seed=options.policy.seed, jobs=jobs, timeout=TIMEOUT, killable=True, cache=options.cache)
    return Run((key.source.path,), how).execute().specs[0]


def wrong_claims(report: SpecReport) -> list[str]:
    """What is certainly wrong with a key: the ids of claims that are not as expected, and faults."""
    return [*(claim.id for claim in report.claims if outcome(claim) is Outcome.WRONG), *report.faults]


def open_claims(report: SpecReport) -> list[str]:
    """The ids of the claims of a key that are neither proved nor refuted."""
    return [claim.id for claim in report.claims if outcome(claim) is Outcome.OPEN]


def opened(folder: Path, *, resume: bool, overwrite: bool) -> Journal:
    """The journal in a folder for results, which is made where there is none. Earlier results are neither mixed with
    new ones nor lost unasked.

    Raises:
        CannotGrade: where the folder has something else, or earlier results and it was not said what to do with them.
        JournalError: where the journal cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not there_is_one(folder) and any(folder.iterdir()):
            raise CannotGrade(f"{folder} has other files; choose an empty folder, or a new one")
    except OSError as error:
        raise CannotGrade(f"{folder} cannot be used for results: {error.strerror}") from error
    journal = Journal(folder)
    try:
        if overwrite:
            journal.clear()
        elif not resume and len(journal):
            raise CannotGrade(
                f"{folder} has results already; --resume grades what is new or has changed and keeps the rest, "
                "--overwrite grades everything anew"
            )
    except BaseException:
        journal.close()
        raise
    return journal


def by_processes(jobs: int) -> Crew:
    """A crew of processes of this machine."""
    return lambda todo, setup: graded(todo, setup, jobs)


# --- names


def engine() -> str:
    """What would grade: the same words, the same results."""
    try:
        return engine_digest()
    except Unknown:
        return __version__


def _digest(*words: str) -> str:
    return hashlib.sha256(json.dumps(words).encode("ascii")).hexdigest()
