"""Owns suggestions: what a formula may have been before its transcription damaged it."""

from __future__ import annotations

from collections.abc import Sequence

from derivcheck.model import Derivation
from derivcheck.notes.model import Note, Suggestion
from derivcheck.run import Options
from derivcheck.verdict import ClaimReport


def suggestions(
    note: Note, reports: Sequence[ClaimReport], key: Derivation | None = None, options: Options | None = None
) -> tuple[Suggestion, ...]:
    """Other readings of the formulas of a note that are unread, or state something that is refuted."""
    return ()
