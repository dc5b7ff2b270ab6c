"""Owns the checking of notes: every claim judged, and other readings looked for where something is amiss."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial

from derivcheck.errors import EngineFault
from derivcheck.judging import CRASHES, described
from derivcheck.model import Derivation
from derivcheck.notes.model import Note, NoteReport
from derivcheck.notes.read import read_note
from derivcheck.notes.settle import questions, settle
from derivcheck.run import Already, Found, Kind, Options, Run, Tick
from derivcheck.source import Source
from derivcheck.verdict import ClaimReport, SpecReport

#: The endings of notes in a folder.
SUFFIXES = (".md", ".markdown", ".tex", ".txt")

Watch = Callable[[Tick], None]


#: The first and the last line, from 1, of those that are looked at; ``None`` for the last of the note.
Lines = tuple[int, int | None]


def read_file(path: str | os.PathLike[str], key: Derivation | None = None, lines: Lines | None = None) -> Note:
    """Read the note in a file, or some lines of it, with the names and the notation of a key.

    Raises:
        Refused: when there is no such file, or it cannot be taken as a document.
        EngineFault: where the reader crashes.
    """
    from derivcheck.spec.files import read_file as text_of

    text, shown = text_of(path)
    return read_text(text if lines is None else only(text, lines), shown, key)


def only(text: str, lines: Lines) -> str:
    """A note with nothing but blanks in all other lines, so that all places stay; its front matter is kept."""
    first, last = lines
    opening = re.match(r"\ufeff?(%?)[ \t]*---[ \t]*\r?\n.*?\n\1[ \t]*(---|\.\.\.)[ \t\r]*(\n|\Z)", text, re.DOTALL)
    head = text[: opening.end()].count("\n") if opening else 0
    return "\n".join(
        line if number <= head or (first <= number and (last is None or number <= last)) else " " * len(line)
        for number, line in enumerate(text.split("\n"), 1)
    )


def read_text(text: str, path: str, key: Derivation | None = None) -> Note:
    """Read a note from its text. Raises as :func:`read_file`."""
    try:
        return read_note(Source(path, text), key)
    except CRASHES as crash:
        raise EngineFault(described(crash)) from crash


def asked(note: Note) -> Derivation:
    """A note's derivation with everything that has to be judged to report on its claims."""
    return replace(note.derivation, claims=questions(note))


def again(key: Derivation | None) -> Callable[[str, str], Derivation]:
    """What reads that of a note again in another process, from its text and its path; the key goes along as text."""
    return partial(_derivation, key=None if key is None else (key.source.text, key.source.path))


def _derivation(text: str, path: str, key: tuple[str, str] | None) -> Derivation:
    from derivcheck import spec

    return asked(read_text(text, path, None if key is None else spec.loads(*key)))


class NotesRun:
    """A check of notes that can be stopped at any moment: :meth:`reports` tells what is finished.

    It is over the files that ``paths`` stand for, and over notes that are read ``already``.
    """

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]],
        options: Options | None = None,
        key: Derivation | None = None,
        already: Iterable[Note] = (),
        lines: Lines | None = None,
    ) -> None:
        self._key = key
        self._lines = lines
        self._options = options or Options()
        self._notes = {note.source.path: note for note in already}
        prepared = [Already(asked(note)) for note in self._notes.values()]
        self._finished: dict[str, NoteReport] = {}
        self._run = Run(paths, self._options, Kind(SUFFIXES, self._read, again(key)), prepared)

    def execute(self, watch: Watch | None = None) -> tuple[NoteReport, ...]:
        """Read every note and judge all that it states, then look for suggestions.

        Nothing that is wrong with a note raises. A ``KeyboardInterrupt`` passes through.
        """
        from derivcheck.notes.follows import following
        from derivcheck.notes.suggest import suggestions_of

        self._run.execute(watch)
        for report in self.reports():
            if report.note is not None:
                claims = following(report.note, report.claims, replace(self._options, claims=(), timings=False))
                self._finished[report.path] = replace(report, claims=claims)
        judged = [(report, report.note) for report in self.reports() if report.note is not None]
        found = suggestions_of([(note, report.claims) for report, note in judged], self._key, self._options)
        for (report, _), some in zip(judged, found, strict=True):
            self._finished[report.path] = replace(report, suggestions=some)
        return self.reports()

    def reports(self) -> tuple[NoteReport, ...]:
        """What is finished so far, by path."""
        return tuple(self._finished.get(one.path) or self._report(one) for one in self._run.report().specs)

    def _report(self, one: SpecReport) -> NoteReport:
        note = self._notes.get(one.path)
        found = () if note is None else settled(note, one.claims)
        return NoteReport(one.path, one.source, note, found, problems=one.problems, faults=one.faults)

    def _read(self, path: str) -> Derivation:
        note = read_file(path, self._key, self._lines)
        self._notes[Found.at(path).shown] = note
        return asked(note)


def settled(note: Note, found: Iterable[ClaimReport]) -> tuple[ClaimReport, ...]:
    """The reports of a note's claims, of what was found of all that was asked; those that can be made already."""
    by_id = {report.id: report for report in found}
    made: list[ClaimReport] = []
    for claim in note.derivation.claims:
        with suppress(KeyError):  # the run was stopped before it, or it was a fault of the engine
            made.append(settle(note, claim, lambda one: by_id[one.id]))
    return tuple(made)


def check_note(
    note: Note, *, key: Derivation | None = None, options: Options | None = None, watch: Watch | None = None
) -> NoteReport:
    """The report of one note that has been read, with the key that it was read with."""
    (report,) = NotesRun((), options, key, [note]).execute(watch)
    return report
