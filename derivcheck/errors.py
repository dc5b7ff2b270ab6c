"""Owns what is said when input cannot be taken: a problem with its place and a hint, and the error tree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from derivcheck.source import Source, Span


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a text: what, where, and what to do about it.

    ``code`` is a short stable word (``syntax``, ``name``, ``shape``, ``limit``, ``key``, ``yaml``, …) by which
    programs and tests can tell problems apart.
    """

    code: str
    message: str
    span: Span | None = None
    hint: str | None = None

    def show(self, source: Source) -> str:
        """``path:line:column: message``, the line with a caret, and the hint."""
        if self.span is None:
            head, excerpt = f"{source.path}: {self.message}", ""
        else:
            head = f"{source.where(self.span)}: {self.message}"
            excerpt = "\n" + "\n".join("    " + line for line in source.excerpt(self.span).split("\n"))
        return head + excerpt + (f"\n    hint: {self.hint}" if self.hint else "")


class DerivcheckError(Exception):
    """Everything that derivcheck raises on purpose."""


class Refused(DerivcheckError):
    """A text that could not be taken, with every problem found in it (at least one)."""

    def __init__(self, problems: Iterable[Problem], source: Source | None = None) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        self.source = source
        super().__init__(self.problems, source)  # its text is made when it is asked for: readers try many things

    def __str__(self) -> str:
        if self.source is None:
            return "\n".join(p.message for p in self.problems)
        return "\n".join(p.show(self.source) for p in self.problems)


class EngineFault(DerivcheckError):
    """Two independent roads to the same value disagree: a bug in the engine, never a verdict on a claim."""
