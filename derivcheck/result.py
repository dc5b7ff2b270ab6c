"""Owns how answers look in Python: a result of one claim and the results of files, readable, frozen, true if ok."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from derivcheck.outcome import exit_status
from derivcheck.report import render
from derivcheck.report.details import details, labelled, plain_problem
from derivcheck.report.interface import Style, one_line, sizes_words, summary, verdict_words
from derivcheck.source import Source
from derivcheck.verdict import ClaimReport, NestedText, RunReport, Verdict, Witness

if TYPE_CHECKING:
    from derivcheck.notes.model import NoteReport

#: Longest statement in a ``repr``.
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Result:
    """What was found of one claim. It is true, as in ``assert check(…)``, if the claim is ``ok``: proved or accepted.

    One that is false is not thereby refuted: see ``verdict``.
    """

    report: ClaimReport
    source: Source
    sized: bool = True

    @property
    def verdict(self) -> Verdict:
        """``proved``, ``refuted``, ``supported``, ``undecided`` or ``invalid``."""
        return self.report.verdict

    @property
    def ok(self) -> bool:
        """Whether it is proved (or as it was expected, or accepted)."""
        return self.report.ok

    @property
    def because(self) -> str:
        """The reason of the verdict, in one sentence."""
        return self.report.because

    @property
    def sizes(self) -> str | None:
        """For which sizes a proof holds: ``every``, or e.g. ``h=3, n=2``."""
        return self.report.sizes

    @property
    def witness(self) -> Witness | None:
        """The point at which the two sides differ, if it is refuted."""
        return self.report.witness

    @property
    def point(self) -> Mapping[str, NestedText]:
        """The witness's exact values by variable, as text, nested like the variable; empty without a witness."""
        return self.report.witness.point if self.report.witness else {}

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks: kinks, domains that differ, and the like."""
        return self.report.notes

    def __bool__(self) -> bool:
        return self.report.ok

    def __repr__(self) -> str:
        statement = one_line(self.report.statement)
        return f"<{self._head()}: {statement if len(statement) <= _SHOWN else statement[: _SHOWN - 1] + '…'}>"

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _repr_markdown_(self) -> str:
        head, *rest = self._lines()
        return f"**{self._head()}**\n\n{fenced(head.partition(': ')[2], *rest)}"

    def _lines(self) -> list[str]:
        """The verdict on the statement and everything worth knowing of it, a line each."""
        lines = [f"{self._head()}: {one_line(self.report.statement)}"]
        for problem in self.report.problems:
            lines += plain_problem(self.source.path, self.source, problem).split("\n")
        for detail in details(self.report):
            if detail.label != "claim":
                lines += labelled(detail)
        return lines

    def _head(self) -> str:
        """The verdict in words; for which sizes it is proved, if there are any (``sized``)."""
        sizes = sizes_words(self.sizes) if self.sized and self.verdict is Verdict.PROVED else ""
        return verdict_words(self.report) + (f" for {one_line(sizes)}" if sizes else "")


@dataclass(frozen=True, slots=True)
class Results:
    """What was found of the claims of files. It is true if everything is ok."""

    report: RunReport

    @property
    def ok(self) -> bool:
        """Whether every file could be read and every claim is ok."""
        return self.status == 0

    @property
    def status(self) -> int:
        """The exit status that ``derivcheck run`` would have: 0, 1, 2 or 3."""
        return exit_status(self.report)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read, and faults of the engine."""
        return tuple(
            text
            for spec in self.report.specs
            for text in (
                *(plain_problem(spec.path, spec.source, problem) for problem in spec.problems),
                *(f"{one_line(spec.path)}: engine fault: {one_line(fault)}" for fault in spec.faults),
            )
        )

    def render(self, form: str = "terminal") -> str:
        """The report in a format of the command line: terminal, concise, json, junit or github."""
        return render(form, self.report, Style())

    def __iter__(self) -> Iterator[Result]:
        """The result of every claim, by file and in the order of the file."""
        for spec in self.report.specs:
            for claim in spec.claims:
                yield Result(claim, spec.source or Source(spec.path, ""))

    def __len__(self) -> int:
        return sum(len(spec.claims) for spec in self.report.specs)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        return f"<{summary(self.report)}>"

    def __str__(self) -> str:
        return self.render().rstrip("\n")

    def _repr_markdown_(self) -> str:
        return fenced(str(self))


@dataclass(frozen=True, slots=True)
class NoteResult:
    """What was found of the formulas of a note. It is true if every formula was read and all they state is proved."""

    report: NoteReport

    @property
    def ok(self) -> bool:
        """Whether every formula was read and all that they state is proved."""
        return self.status == 0

    @property
    def status(self) -> int:
        """The exit status that ``derivcheck check`` would have: 0, 1, 2 or 3."""
        from derivcheck.notes.outcome import exit_status as of_notes

        return of_notes([self.report])

    @property
    def standings(self) -> tuple[str, ...]:
        """How each formula stands: ``proved``, ``wrong``, ``undecided``, ``unread``, ``nothing to prove``."""
        from derivcheck.notes.outcome import standings

        return tuple(standing.value for standing in standings(self.report))

    def render(self, form: str = "terminal") -> str:
        """The report in a format of the command line: terminal, concise, json or github."""
        from derivcheck.report.notes import render as of_notes

        return of_notes(form, [self.report], Style())

    def __iter__(self) -> Iterator[Result]:
        """The result of everything that the note states, in its order."""
        for claim in self.report.claims:
            yield Result(claim, self.report.source or Source(self.report.path, ""))

    def __len__(self) -> int:
        return len(self.report.claims)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        from derivcheck.report.notes.findings import summary as of_notes

        return f"<{of_notes([self.report])}>"

    def __str__(self) -> str:
        return self.render().rstrip("\n")

    def _repr_markdown_(self) -> str:
        return fenced(str(self))


def fenced(*lines: str) -> str:
    """Lines as a Markdown code block, in which nothing is markup, whatever is in them."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
