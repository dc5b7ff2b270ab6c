"""Owns what comes of grading one submission: its formulas and steps in their places, and the points; frozen values.

Everything here is made of text, numbers and tuples, so that a result can be written down (a journal, JSON, another
machine) and read again without loss. Places are character offsets into ``text``, half open, and lines from 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

#: What a step is worth: right; wrong in itself but right if an earlier mistake were none (error carried forward);
#: wrong; not decided, for a human to look at.
Mark = Literal["right", "follows", "wrong", "review"]

#: What became of a claim of the key: stated and right; right in the end with a wrong step on the way; right if an
#: earlier mistake were none; wrong; nowhere stated; a human has to look.
Outcome = Literal["right", "slip", "follows", "wrong", "not found", "review"]


@dataclass(frozen=True, slots=True)
class Student:
    """Whose submission it is, as far as file names tell; ``id`` is never empty and is unique in a batch.

    ``account`` is what a platform knows the student by (``canvas:101``, ``moodle:201``, ``gradescope:sid``), taken
    from what the platform has written and never from what a student may choose; empty where that is not for certain.
    """

    id: str
    name: str = ""
    email: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class StepResult:
    """One link of a chain of the submission, judged. ``start``/``end`` is the place of its right side.

    ``claim`` is the id of the submission's chain, ``index`` the number of the link in it, ``of`` the id of the key's
    claim for which it counts (``None``: for none). ``left`` and ``right`` are LaTeX as written. ``witness`` are lines
    of a label and a value (``("w", "[[2], [-3]]")``). ``kind`` and ``diagnosis`` tell the probable mistake.
    """

    claim: str
    index: int
    of: str | None
    start: int
    end: int
    line: int
    left: str
    relation: str
    right: str
    verdict: str
    mark: Mark
    because: str = ""
    witness: tuple[tuple[str, str], ...] = ()
    kind: str = ""
    diagnosis: str = ""
    carried_from: str = ""


@dataclass(frozen=True, slots=True)
class FormulaResult:
    """A formula of the submission.

    ``problem`` says why it was not read (``problem_start``/``problem_end``: where); ``unread`` has the places of all
    that was not, which may be some rows and terms alone. ``remarks`` and ``suggestions`` are for the reader and cost
    nothing; ``steps`` are numbers into the result's steps.
    """

    start: int
    end: int
    content_start: int
    content_end: int
    line: int
    display: bool
    kinds: tuple[str, ...] = ()
    steps: tuple[int, ...] = ()
    problem: str = ""
    hint: str = ""
    problem_start: int = 0
    problem_end: int = 0
    remarks: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()
    unread: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimResult:
    """What became of a claim of the key.

    ``statement`` is the key's own; ``start``/``end`` is where the submission states it (0, 0: nowhere); ``steps``
    are numbers into the result's steps; ``words`` is one sentence for the student; ``review`` says what a human has
    to look at, one line each.
    """

    id: str
    title: str
    statement: str
    outcome: Outcome
    points: Fraction
    of: Fraction
    words: str
    steps: tuple[int, ...] = ()
    first_wrong: int | None = None
    start: int = 0
    end: int = 0
    kind: str = ""
    diagnosis: str = ""
    review: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Submission:
    """The result of one submission. ``review`` has what a human has to look at before the points stand; ``failure``
    says why nothing was graded (it could not be read, it took too long), and then ``review`` says so, too."""

    student: Student
    path: str
    text: str
    key: str
    claims: tuple[ClaimResult, ...] = ()
    steps: tuple[StepResult, ...] = ()
    formulas: tuple[FormulaResult, ...] = ()
    review: tuple[str, ...] = ()
    failure: str = ""
    version: int = 1

    @property
    def points(self) -> Fraction:
        """The points that were given."""
        return sum((claim.points for claim in self.claims), Fraction(0))

    @property
    def of(self) -> Fraction:
        """The points that could be had."""
        return sum((claim.of for claim in self.claims), Fraction(0))
