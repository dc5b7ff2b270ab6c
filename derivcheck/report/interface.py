"""Owns what a report format is, and how text that somebody else wrote is made safe to show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from derivcheck.outcome import FAILING, Outcome, fails_as_said, outcome
from derivcheck.source import Source, Span, visible
from derivcheck.verdict import ClaimReport, NestedText, RunReport, Verdict

#: Columns of a report that is not printed to a terminal: a constant, so that the bytes are the same anywhere.
FIXED_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Style:
    """How a report may be dressed: ANSI colours, and the columns to fill."""

    color: bool = False
    width: int = FIXED_WIDTH


class Format(Protocol):
    """A report format: a module with this function."""

    def render(self, run: RunReport, style: Style) -> str:
        """The whole report as text that ends in a line break."""
        ...


def one_line(text: str) -> str:
    """Text on one line with nothing in it that moves a cursor or turns the direction of writing."""
    return "".join(visible(c) for c in " ".join(text.split("\n")).replace("\r", " "))


def place(source: Source | None, span: Span) -> tuple[int, int]:
    """Line and column of a span, from 1; where there is no text, the beginning of it."""
    return source.position(span.start) if source is not None and span.start <= len(source.text) else (1, 1)


def verdict_words(claim: ClaimReport) -> str:
    """The verdict, and whether it was looked for: ``refuted (as expected)``."""
    return claim.verdict.value + (_as_hoped(claim) if claim.expect == "holds" else _as_feared(claim))


def _as_hoped(claim: ClaimReport) -> str:
    return " (accepted)" if claim.ok and claim.verdict is not Verdict.PROVED else ""


def _as_feared(claim: ClaimReport) -> str:
    """What is to be said of a claim that was expected to fail."""
    if claim.ok:
        return " (as expected)"
    if claim.verdict not in FAILING:
        return " (expected to fail)"
    if not fails_as_said(claim):
        return " (at another step than expected)"
    return f" (its correction {claim.correct_verdict.value if claim.correct_verdict else 'unknown'})"


def sizes_words(sizes: str | None) -> str:
    """For which sizes a proof holds: ``every size``, ``h=3, n=2``, or nothing."""
    return "every size" if sizes == "every" else sizes or ""


def nested(value: NestedText) -> str:
    """Numbers as they are written in a spec: ``3/2``, ``[[1, 2], [3, 4]]``."""
    return value if isinstance(value, str) else f"[{', '.join(nested(entry) for entry in value)}]"


def plural(count: int, noun: str) -> str:
    """``1 claim``, ``2 claims``."""
    return f"{count} {noun}" + ("" if count == 1 else "s")


def summary(run: RunReport) -> str:
    """One line: how many claims there are, how many are ok, what the others are, and what could not be read."""
    claims = [claim for spec in run.specs for claim in spec.claims]
    parts = [
        f"{sum(claim.ok for claim in claims)} ok",
        *_tally(claims, Outcome.WRONG),
        *_tally(claims, Outcome.OPEN),
    ]
    faults = sum(len(spec.faults) for spec in run.specs)
    unread = sum(bool(spec.problems) for spec in run.specs)
    if faults:
        parts.append(plural(faults, "engine fault"))
    if unread:
        parts.append(f"{plural(unread, 'file')} not read")
    head = f"{plural(len(claims), 'claim')} in {plural(len(run.specs), 'file')}"
    return ("interrupted; " if run.interrupted else "") + f"{head}: {', '.join(parts)}"


def _tally(claims: Sequence[ClaimReport], of: Outcome) -> list[str]:
    """``2 refuted``, ``1 proved (expected to fail)``, … in the order of the verdicts."""
    words = [(claim.verdict, verdict_words(claim)) for claim in claims if outcome(claim) is of]
    order = {verdict: rank for rank, verdict in enumerate(Verdict)}
    distinct = sorted(set(words), key=lambda pair: (order[pair[0]], pair[1]))
    return [f"{words.count(pair)} {pair[1]}" for pair in distinct]
