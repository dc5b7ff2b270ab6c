"""Owns how the corpus of submissions is read and measured: what a marker says, what was graded, where they part.

An expectation is written from the mathematics. ``review`` is honest wherever it is not sure; it is counted, and it is
no disagreement. See tests/grading_corpus/README.md for the form of the files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from derivcheck.model import Derivation
from derivcheck.source import Source
from derivcheck.spec import load

if TYPE_CHECKING:
    from derivcheck.grading.model import StepResult, Submission

CORPUS = Path(__file__).parent / "grading_corpus"
OUTCOMES = ("right", "slip", "follows", "wrong", "not found", "review")
#: The kinds of planted mistakes (in a marker's words).
MISTAKES = (
    "sign", "lost factor", "lost sum", "missing transpose", "extra transpose", "order of product",
    "Hadamard for matrix product", "wrong index", "wrong axis", "wrong layer", "wrong name",
    "y and prediction exchanged", "inner derivative forgotten", "product rule", "quotient rule",
    "activation's derivative", "log-likelihood for loss", "label coding", "rounding", "arithmetic", "a constant off",
    "right for one sample", "lost term", "a factor too many",
)  # fmt: skip


@dataclass(frozen=True)
class Mistake:
    """The planted mistake: its kind, the line of the first wrong step, the key's claim it is in (or none), the kinds
    of diagnosis that tell it, and the lines of further steps that are wrong in themselves."""

    kind: str
    line: int
    of: str | None
    diagnoses: tuple[str, ...]
    also: tuple[int, ...] = ()


@dataclass(frozen=True)
class Case:
    """A submission and what is expected of it."""

    path: Path
    text: str
    about: str
    claims: dict[str, tuple[str, ...]]
    mistake: Mistake | None
    points: Fraction | None
    tags: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def source(self) -> Source:
        return Source(self.path.name, self.text)


def keys() -> dict[str, Path]:
    """The keys by the name of their exercise."""
    return {path.parent.name: path for path in sorted(CORPUS.glob("*/key.deriv.yaml"))}


def key_of(case: Case) -> Derivation:
    return load(case.path.parent / "key.deriv.yaml")


def cases() -> list[Case]:
    """All submissions, in the order of their names."""
    files = (file for exercise in keys() for file in sorted((CORPUS / exercise).iterdir()))
    return [_case(file) for file in files if file.suffix in (".md", ".tex")]


def _case(path: Path) -> Case:
    given = yaml.load(path.with_suffix(".expect.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    text = path.read_text(encoding="utf-8")
    claims = {
        name: (outcome,) if isinstance(outcome, str) else tuple(outcome) for name, outcome in given["claims"].items()
    }
    planted = given.get("mistake")
    mistake = None
    if planted is not None:
        mistake = Mistake(
            planted["kind"],
            line_of(text, planted["at"], int(planted.get("occurrence", 0))),
            planted.get("of"),
            tuple(planted.get("diagnoses", ())),
            tuple(line_of(text, also) for also in planted.get("also", ())),
        )
    points = Fraction(given["points"]) if "points" in given else None
    return Case(path, text, given["about"], claims, mistake, points, tuple(given.get("tags", ())))


def line_of(text: str, part: str, occurrence: int = 0) -> int:
    """The line that a part of a text stands in: the one alone, or the one of this number."""
    found = [number for number, line in enumerate(text.splitlines(), 1) if part in line]
    if len(found) < occurrence or (not occurrence and len(found) != 1):
        raise LookupError(f"{part!r} occurs {len(found)} times")
    return found[max(occurrence, 1) - 1]


# --- the measurement ---------------------------------------------------------------------------------------------


@dataclass
class Measured:
    """Where grading and marker part, one line for each, by what it means."""

    right_as_wrong: list[str] = field(default_factory=list)
    wrong_as_right: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)  # right and not found: it would cost points
    not_carried: list[str] = field(default_factory=list)  # follows from a mistake, but marked wrong
    left_to_humans: list[str] = field(default_factory=list)
    first_wrong: list[str] = field(default_factory=list)
    diagnosis: list[str] = field(default_factory=list)
    points: list[str] = field(default_factory=list)
    claims: int = 0
    agreed: int = 0
    mistakes: int = 0
    placed: int = 0
    told: int = 0
    scored: int = 0


def measure(case: Case, graded: Submission, into: Measured) -> None:
    """Compare one submission with what is expected of it."""
    outcomes = {claim.id: claim.outcome for claim in graded.claims}
    for name, expected in case.claims.items():
        _claim(f"{case.name}: {name}", expected, outcomes.get(name, "(nothing)"), into)
    _steps(case, graded, into)
    if case.points is not None:
        into.scored += 1
        if graded.points != case.points:
            into.points.append(f"{case.name}: {graded.points} points of {graded.of}, not {case.points}")


def _claim(where: str, expected: tuple[str, ...], got: str, into: Measured) -> None:
    into.claims += 1
    words = f"{where}: {' or '.join(expected)}, graded {got}"
    if got in expected:
        into.agreed += 1
    elif got == "review":
        into.left_to_humans.append(words)
    elif got == "not found":
        into.missed.append(words)
    elif "right" in expected or expected == ("not found",):
        into.right_as_wrong.append(words)
    elif got == "wrong" and "follows" in expected:
        into.not_carried.append(words)
    elif got == "wrong":
        into.right_as_wrong.append(words)
    else:
        into.wrong_as_right.append(words)


def _steps(case: Case, graded: Submission, into: Measured) -> None:
    """The first wrong step, what is marked wrong besides, and the diagnosis."""
    wrong = sorted((step for step in graded.steps if step.mark == "wrong"), key=lambda step: step.start)
    allowed = set() if case.mistake is None else {case.mistake.line, *case.mistake.also}
    for step in wrong:
        if step.line not in allowed:
            carried = "follows" in case.claims.get(step.of or "", ())
            words = f"{case.name}: line {step.line}, {step.left} {step.relation} {step.right}, is marked wrong"
            (into.not_carried if carried else into.right_as_wrong).append(words)
    if case.mistake is None:
        return
    into.mistakes += 1
    first = wrong[0].line if wrong else None
    if first == case.mistake.line:
        into.placed += 1
    else:
        into.first_wrong.append(f"{case.name}: line {case.mistake.line}, graded {first} ({case.mistake.kind})")
    kinds = _kinds(graded, wrong, case.mistake)
    if any(kind in case.mistake.diagnoses for kind in kinds):
        into.told += 1
    else:
        said = ", ".join(kinds) or "nothing"
        into.diagnosis.append(f"{case.name}: {case.mistake.kind} ({', '.join(case.mistake.diagnoses)}), told {said}")


def _kinds(graded: Submission, wrong: list[StepResult], mistake: Mistake) -> list[str]:
    """What is told of the mistake: with its step, or else with its claim."""
    at_step = [step.kind for step in wrong if step.line == mistake.line and step.kind]
    at_claim = [claim.kind for claim in graded.claims if claim.id == mistake.of and claim.kind]
    return at_step[:1] or at_claim


def measured() -> Measured:
    """The whole corpus, graded by the default policy."""
    into = Measured()
    for case, graded in graded_cases():
        measure(case, graded, into)
    return into


def graded_cases() -> Iterator[tuple[Case, Submission]]:
    from derivcheck.grading.grade import grade
    from derivcheck.grading.model import Student
    from derivcheck.grading.policy import Policy

    found = {name: load(path) for name, path in keys().items()}
    for case in cases():
        yield case, grade(found[case.path.parent.name], case.source, Student(case.path.stem), Policy())
