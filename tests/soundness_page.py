"""Owns the page of results of a measurement of soundness: Markdown tables of what became of what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

SAID = ("refuted", "supported", "undecided", "proved", "fault", "crash")
#: Share of the rewritings that may be left without a proof.
MOST_UNPROVED = 0.01


class Measurement(Protocol):
    """What a journal tells."""

    about: dict[str, Any]

    def counts(self, part: str) -> Mapping[str, Counter[str]]: ...

    def subjects(self, part: str) -> int: ...

    def told(self, what: str) -> list[str]: ...


def page(found: Measurement) -> tuple[str, bool]:
    """The page, and whether everything is as it must be."""
    mutants, rewritings, faults = (found.counts(part) for part in ("mutants", "rewritings", "faults"))
    different = sum(_said(counts) for counts in mutants.values())
    equal = sum(_said(counts) for counts in rewritings.values())
    proved = sum(counts["proved"] for counts in rewritings.values())
    hits = found.told("hits")
    enough = different >= found.about["mutants"] and equal >= found.about["rewritings"]
    good = not hits and enough and equal - proved <= MOST_UNPROVED * equal
    lines = [
        "# Soundness, measured",
        "",
        f"By `python tests/soundness/run.py --seed {found.about['seed']}`; the tables are its output.",
        "",
        "| measured | how many | of | as it must not be |",
        "| --- | ---: | --- | --- |",
        *_summary(found, different, equal, equal - proved),
        "",
        *(f"- {hit}" for hit in hits),
        *([""] if hits else []),
        "## Mutants",
        "",
        "A mutant is *the same* if it says nothing else than the claim did (both sides were changed alike, say), as",
        "far as 120 digits at many points tell (200 where the change is minute), and *no claim* if names, shapes or",
        "its domain make it none; *not confirmed* are those that the engine refuted at a point where 5,000 digits of",
        "the other evaluator do not show the difference. Those are not counted above.",
        "",
        *_table(mutants, ("equal", "the same"), ("unconfirmed", "not confirmed"), ("no claim", "no claim")),
        "",
        "## Rewritings",
        "",
        *_table(rewritings, ("no claim", "no claim")),
        "",
        "## Planted faults",
        "",
        "What became of the falsehoods under the faults. *Fault* says that the engine noticed that it contradicts",
        "itself.",
        "",
        *_table(faults, ("invalid", "invalid")),
    ]
    return "\n".join(lines) + "\n", good


def _summary(found: Measurement, different: int, equal: int, unproved: int) -> Iterator[str]:
    mutants, rewritings, faults = (found.counts(part) for part in ("mutants", "rewritings", "faults"))
    yield (
        f"| mutants, each confirmed different by another evaluator | {different:,} "
        f"| {found.subjects('mutants'):,} true claims | {_count(mutants, 'proved')} proved |"
    )
    yield (
        f"| equivalent rewritings | {equal:,} | {found.subjects('rewritings'):,} true claims "
        f"| {_count(rewritings, 'refuted')} refuted, {unproved} ({_percent(unproved, equal)}) not proved |"
    )
    yield (
        f"| planted faults | {found.subjects('faults'):,} | {_tried(faults):,} falsehoods each "
        f"| {_count(faults, 'proved')} proved |"
    )


def _said(counts: Counter[str]) -> int:
    return sum(counts[said] for said in SAID)


def _tried(faults: Mapping[str, Counter[str]]) -> int:
    """Falsehoods that are tried under each fault: every one has the same."""
    from planted_faults import LIES, refuted_corpus

    return len(LIES) + sum(len(d.claims) for d in refuted_corpus()) if faults else 0


def _count(found: Mapping[str, Counter[str]], said: str) -> int:
    return sum(counts[said] for counts in found.values())


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "none"


def _table(found: Mapping[str, Counter[str]], *more: tuple[str, str]) -> Iterator[str]:
    columns = [said for said in SAID if any(counts[said] for counts in found.values())]
    yield f"| kind | judged | {' | '.join([*columns, *(title for _, title in more)])} |"
    yield f"| --- | {' | '.join(['---:'] * (1 + len(columns) + len(more)))} |"
    total = sum(found.values(), Counter())
    for kind, counts in [*sorted(found.items()), ("all", total)]:
        numbers = [_said(counts), *(counts[column] for column in columns), *(counts[key] for key, _ in more)]
        yield f"| {kind} | {' | '.join(f'{n:,}' if n else '' for n in numbers)} |"
