"""The formats of a report, one file each over one small interface."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from derivcheck.report.interface import Format, Style
    from derivcheck.verdict import RunReport

#: The formats by name. A format is imported when it is asked for: they need libraries that cost time to import.
FORMATS: dict[str, str] = {
    "terminal": "derivcheck.report.terminal",
    "concise": "derivcheck.report.concise",
    "json": "derivcheck.report.json",
    "junit": "derivcheck.report.junit",
    "github": "derivcheck.report.github",
}


def render(name: str, run: RunReport, style: Style) -> str:
    """A run in the format ``name``, one of :data:`FORMATS` (``KeyError`` otherwise)."""
    module = cast("Format", import_module(FORMATS[name]))
    return module.render(run, style)
