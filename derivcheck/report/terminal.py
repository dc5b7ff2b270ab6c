"""Owns the ``terminal`` format: a table of the claims and, under it, what is worth reading of those not ok."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from derivcheck.outcome import Outcome, exit_status, outcome
from derivcheck.report.details import details, excerpt
from derivcheck.report.dressing import STATUS_COLORS, Page, code, fault_line, heading, indented, problem_lines, rows
from derivcheck.report.interface import Style, one_line, place, sizes_words, summary, verdict_words
from derivcheck.verdict import ClaimReport, RunReport, SpecReport

#: A mark and a colour for each outcome; the verdict is always there in words too.
_MARKS = {Outcome.OK: ("✓", "green"), Outcome.WRONG: ("✗", "red"), Outcome.OPEN: ("?", "yellow")}


def render(run: RunReport, style: Style) -> str:
    """The report as text, with ANSI colours if the style has them."""
    page = Page(style)
    for spec in run.specs:
        if not (spec.claims or spec.problems or spec.faults):
            continue  # nothing in it was asked for, or the run was stopped before it
        page.print(_spec(spec, page.width))
        page.print()
    page.print(Text(summary(run), STATUS_COLORS[exit_status(run)]))
    return page.text()


def _spec(spec: SpecReport, width: int) -> RenderableType:
    if spec.problems:  # each of them names the file
        first, *others = (Group(*problem_lines(spec.path, spec.source, one, width)) for one in spec.problems)
        return Group(first, *(Padding(problem, (1, 0, 0, 0)) for problem in others))
    parts: list[RenderableType] = heading(spec.path, spec.title, width)
    if spec.claims:
        parts.append(Padding(_table(spec), (0, 0, 0, 2)))
    notes = _notes(spec)
    if notes:
        parts.append(indented(rows(("note", line) for line in notes)))
    not_ok = [claim for claim in spec.claims if outcome(claim) is not Outcome.OK]
    parts += [indented(_claim(spec, claim, width - 2)) for claim in not_ok]
    parts += [indented(fault_line(fault)) for fault in spec.faults]
    return Group(*parts)


def _table(spec: SpecReport) -> Table:
    """A line a claim; a column that no claim has anything for is left out."""
    columns = [
        [Text(*_MARKS[outcome(claim)]) for claim in spec.claims],
        [Text(one_line(claim.id)) for claim in spec.claims],
        [Text(verdict_words(claim), _MARKS[outcome(claim)][1]) for claim in spec.claims],
        [Text(one_line(sizes_words(claim.sizes))) for claim in spec.claims],
        [Text(one_line(claim.cite or ""), "dim") for claim in spec.claims],
        [Text("" if claim.seconds is None else f"{claim.seconds:.3f} s", "dim") for claim in spec.claims],
    ]
    columns = [column for column in columns if any(column)]
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in columns:
        table.add_column(overflow="fold")
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    return table


def _claim(spec: SpecReport, claim: ClaimReport, width: int) -> RenderableType:
    mark, color = _MARKS[outcome(claim)]
    parts: list[RenderableType] = [Text(f"{mark} {one_line(claim.id)}: {verdict_words(claim)}", f"bold {color}")]
    for problem in claim.problems:
        parts += problem_lines(spec.path, spec.source, problem, width)
    if not any(problem.span for problem in claim.problems):
        line, column = place(spec.source, claim.span)
        parts.append(Text(f"{one_line(spec.path)}:{line}:{column}", "cyan"))
        parts += code(excerpt(spec.source, claim.span, width))
    return Group(*parts, rows((detail.label, line) for detail in details(claim) for line in detail.lines))


def _notes(spec: SpecReport) -> list[str]:
    """The remarks on claims that are ok, each said once with the claims that it is about."""
    about: dict[str, list[str]] = {}
    for claim in spec.claims:
        if outcome(claim) is Outcome.OK:
            for note in claim.notes:
                about.setdefault(note, []).append(claim.id)
    return [one_line(f"{', '.join(ids)}: {note}") for note, ids in about.items()]
