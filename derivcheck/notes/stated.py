"""Owns what a statement of a note is once it is read."""

from __future__ import annotations

from dataclasses import dataclass

from derivcheck.lang.latex import Line
from derivcheck.notes.model import Kind
from derivcheck.source import Span


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement, read: its line and what it is; ``name`` is what a definition or an assignment gives a value,
    ``span`` the place of the definition. ``doubt`` says why it must not be called wrong."""

    line: Line
    kind: Kind
    name: str | None = None
    span: Span | None = None
    remarks: tuple[str, ...] = ()
    doubt: str | None = None
