"""Owns the list of everything wrong with one file: gathered in stages, told once, in the order of the file."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field

from derivcheck.errors import Problem
from derivcheck.source import Source, Span

#: How many problems of one file are told.
_MOST = 100


@dataclass(slots=True)
class Problems:
    """Problems of one source. What a later stage finds within the span of an earlier stage's problem is a
    consequence of it and is not told again."""

    source: Source
    found: list[Problem] = field(default_factory=list)
    _settled: list[Span] = field(default_factory=list)

    def add(self, code: str, message: str, span: Span | None, hint: str | None = None) -> None:
        """One problem."""
        self.extend([Problem(code, message, span, hint)])

    def extend(self, problems: Iterable[Problem]) -> None:
        """Several problems of the present stage."""
        self.found.extend(problem for problem in problems if not self._told(problem.span))

    def next_stage(self) -> None:
        """What was found so far is settled."""
        self._settled = _merged(problem.span for problem in self.found if problem.span is not None)

    def all(self) -> list[Problem]:
        """What was found, in the order of the file; of very many the first ones and how many more there are."""
        told = sorted(dict.fromkeys(self.found), key=_place)
        if len(told) > _MOST:
            return [*told[:_MOST], Problem("limit", f"and {len(told) - _MOST:,} more problems")]
        return told

    def _told(self, span: Span | None) -> bool:
        if span is None:
            return False
        before = bisect_right(self._settled, Span(span.end, -1)) - 1
        return before >= 0 and self._settled[before].end > span.start


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same places without overlaps, sorted."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = merged[-1].to(span)
        else:
            merged.append(span)
    return merged


def _place(problem: Problem) -> tuple[int, int, str]:
    span = problem.span or Span(-1, -1)
    return span.start, span.end, problem.message
