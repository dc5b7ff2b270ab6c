"""Owns the ``concise`` format of notes: one line a finding, as compilers write them, for editors and for grep."""

from __future__ import annotations

from collections.abc import Sequence

from derivcheck.notes.model import NoteReport
from derivcheck.report.interface import Style, one_line, place
from derivcheck.report.notes.findings import Finding, findings, summary


def render(reports: Sequence[NoteReport], style: Style) -> str:
    """``path:line:column: level: what: why``; a remedy follows in parentheses."""
    lines = [_line(report, finding) for report in reports for finding in findings(report)]
    return "\n".join([*lines, summary(reports)]) + "\n"


def _line(report: NoteReport, finding: Finding) -> str:
    where = one_line(report.path)
    if finding.span is not None:
        line, column = place(report.source, finding.span)
        where += f":{line}:{column}"
    told = {detail.label: detail.lines[0] for detail in finding.details}
    extra = [f"{label}: {told[label]}" for label in ("hint", "perhaps", "suggestion") if label in told]
    return f"{where}: {finding.level}: {finding.title}: {finding.message}" + (
        f" ({'; '.join(extra)})" if extra else ""
    )
