"""Owns the judgement of changed claims: what the engine says of one, and whether an independent look agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import mpmath
from formula_texts import Changed, Subject, subjects
from reference_mpmath import tolerance
from reference_points import Finding, look, replayed

from derivcheck.engine import judge
from derivcheck.errors import EngineFault, Refused
from derivcheck.model import Claim, Derivation
from derivcheck.verdict import ClaimReport, Verdict

#: Digits of a replay; more where the two sides do not come apart (values far away may be 1e-13000 beside 1).
REPLAYS = (120, 1_200, 15_000)
ROOT = Path(__file__).parents[1]
CORPUS = ROOT / "tests" / "corpus"
SPECS = ROOT / "specs"


#: Its arrays have thousands of numbers, at which a value takes the independent evaluators minutes.
TOO_LARGE = "every-size-large.deriv.yaml"


def true_subjects() -> list[Subject]:
    """Every claim of the corpus and of the project's own specs that holds."""
    files = [*sorted((CORPUS / "proved").glob("*.deriv.yaml")), *sorted(SPECS.glob("*.deriv.yaml"))]
    files = [path for path in files if path.name != TOO_LARGE]
    return [subject for path in files for subject in subjects(path)]


@dataclass(frozen=True)
class Outcome:
    """``said`` is the engine's verdict, ``fault``, or ``unread`` (the file would not load). ``wrong`` tells of a
    falsehood proved or a truth refuted; ``equal`` that the change changed no value."""

    changed: Changed
    said: str
    because: str = ""
    equal: bool | None = None
    wrong: str | None = None


def judged(changed: Changed, *, thorough: bool = False) -> Outcome:
    """Judge a change. What is proved is looked at independently, what is refuted is replayed at its witness;
    ``thorough`` looks also at what is supported or undecided."""
    try:
        derivation = changed.subject.derivation()
    except Refused as refused:
        return Outcome(changed, "unread", str(refused))
    claim = derivation.claims[0]
    try:
        report = judge(derivation, claim)
    except EngineFault as fault:
        return Outcome(changed, "fault", str(fault))
    said = report.verdict.value
    if report.verdict is Verdict.PROVED:
        found = look(derivation, claim)
        wrong = None if found.kind != "different" else f"PROVED, but different: {found.where}"
        return Outcome(changed, said, report.because, found.kind == "equal", wrong)
    if report.verdict is Verdict.REFUTED:
        return Outcome(changed, said, report.because, False, unconfirmed(derivation, claim, report))
    found = look(derivation, claim) if thorough and claim.statement is not None else Finding("undefined")
    return Outcome(changed, said, report.because, None if found.kind == "undefined" else found.kind == "equal")


def unconfirmed(
    derivation: Derivation, claim: Claim, report: ClaimReport, replays: Sequence[int] = REPLAYS
) -> str | None:
    """Why the witness of a refutation does not convince, by mpmath; ``None`` if it does."""
    assert claim.statement is not None
    for step, link in zip(report.steps, claim.statement.links, strict=True):
        if step.verdict is not Verdict.REFUTED:
            continue
        if step.witness is None:
            return "REFUTED without a witness"
        if derivation.functions:
            return None  # a witness does not say which functions stood for the unknown ones
        close = tolerance((link.left, link.right), derivation.definitions)
        for digits in replays:
            with mpmath.workdps(digits):
                left, right = replayed(derivation, claim, link, step.witness)
                defined = not mpmath.isnan(left) and not mpmath.isnan(right)
                if defined and (claim.up_to or not close.equal(left, right)):
                    return None
        why = f"both sides are {_brief(left)}" if defined else "a side is undefined"
        return f"REFUTED at {step.witness.point}, where {why}"
    return "REFUTED without a refuted step"


def _brief(value: mpmath.mpf) -> str:
    size = int(mpmath.mag(value)) if value else 0
    return mpmath.nstr(value, 20) if abs(size) < 1_000 else f"about 2**{size}"


COLUMNS = ("refuted", "invalid", "supported", "undecided", "fault", "unread", "proved")


def table(outcomes: Iterable[Outcome]) -> Iterator[str]:
    """The outcomes, counted by kind of change."""
    counts: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        for kind in (outcome.changed.kind, "all"):
            counts.setdefault(kind, Counter()).update([outcome.said, *(["equal"] if outcome.equal else [])])
            if outcome.wrong:
                counts[kind]["WRONG"] += 1
    columns = (*COLUMNS, "equal", "WRONG")
    yield f"{'':22}{'all':>8}" + "".join(f"{column:>11}" for column in columns)
    for kind in sorted(counts, key=lambda k: (k == "all", k)):
        total = sum(counts[kind][column] for column in COLUMNS)
        yield f"{kind:22}{total:8}" + "".join(f"{counts[kind][column] or '':>11}" for column in columns)
