"""Owns the ``terminal`` format of notes: each finding in its place, as a spelling checker shows it."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from derivcheck.notes.model import NoteReport
from derivcheck.notes.outcome import exit_status
from derivcheck.report.details import excerpt
from derivcheck.report.dressing import STATUS_COLORS, Page, code, heading, indented, rows
from derivcheck.report.interface import Style, one_line, place
from derivcheck.report.notes.findings import Finding, findings, summary

#: A mark and a colour for each level; what was found is always there in words too.
_MARKS = {"error": ("✗", "red"), "warning": ("?", "yellow"), "note": ("·", "cyan")}


def render(reports: Sequence[NoteReport], style: Style) -> str:
    """The report as text, with ANSI colours if the style has them."""
    page = Page(style)
    for report in reports:
        found = findings(report)
        page.print(Group(*heading(report.path, summary([report]).partition(": ")[2], page.width)))
        for finding in found:
            page.print(indented(_finding(report, finding, page.width - 2)))
        page.print()
    page.print(Text(summary(reports), STATUS_COLORS[exit_status(reports)]))
    return page.text()


def _finding(report: NoteReport, finding: Finding, width: int) -> RenderableType:
    mark, color = _MARKS[finding.level]
    parts: list[RenderableType] = [Text(f"{mark} {finding.title}: {finding.message}", f"bold {color}")]
    if finding.span is not None:
        line, column = place(report.source, finding.span)
        parts.append(Text(f"{one_line(report.path)}:{line}:{column}", "cyan"))
        parts += code(excerpt(report.source, finding.span, width), color)
    return Group(*parts, rows((one.label, line) for one in finding.details for line in one.lines))
