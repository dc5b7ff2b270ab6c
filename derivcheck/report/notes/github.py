"""Owns the ``github`` format of notes: workflow commands that are shown beside the lines of a pull request."""

from __future__ import annotations

from collections.abc import Sequence

from derivcheck.notes.model import NoteReport
from derivcheck.report.github import command
from derivcheck.report.interface import Style
from derivcheck.report.notes.findings import Finding, findings, summary

_LEVELS = {"error": "error", "warning": "warning", "note": "notice"}


def render(reports: Sequence[NoteReport], style: Style) -> str:
    """``::error file=…,line=…,col=…,title=…::message``, or ``warning`` or ``notice``."""
    lines = [
        command(_LEVELS[one.level], report.path, report.source, one.span, one.title, _message(one))
        for report in reports
        for one in findings(report)
    ]
    return "\n".join([*lines, summary(reports)]) + "\n"


def _message(finding: Finding) -> str:
    lines = [finding.message]
    for detail in finding.details:
        first, *rest = detail.lines
        lines += [f"{detail.label}: {first}", *(f"  {line}" for line in rest)]
    return "\n".join(lines)
