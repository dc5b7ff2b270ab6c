"""The formats of a report on notes, one file each over one small interface."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from derivcheck.notes.model import NoteReport
    from derivcheck.report.interface import Style

#: The formats by name. A format is imported when it is asked for: they need libraries that cost time to import.
FORMATS: dict[str, str] = {
    "terminal": "derivcheck.report.notes.terminal",
    "concise": "derivcheck.report.notes.concise",
    "json": "derivcheck.report.notes.json",
    "github": "derivcheck.report.notes.github",
}


class Format(Protocol):
    """A format of a report on notes: a module with this function."""

    def render(self, reports: Sequence[NoteReport], style: Style) -> str:
        """The whole report as text that ends in a line break."""
        ...


def render(name: str, reports: Sequence[NoteReport], style: Style) -> str:
    """Reports of notes in the format ``name``, one of :data:`FORMATS` (``KeyError`` otherwise)."""
    module = cast("Format", import_module(FORMATS[name]))
    return module.render(reports, style)
