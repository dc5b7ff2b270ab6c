"""Measures how the five notes are read, against the ledger: ``python tests/notes_measure.py`` prints it.

A formula is *misread* if it stands proved where the ledger says that its transcription is false as it stands, or
wrong where the ledger says that it is as written and true.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from derivcheck.notes.check import NotesRun
from derivcheck.notes.model import Formula, NoteReport
from derivcheck.notes.outcome import Standing, standings
from derivcheck.run import Options
from derivcheck.spec import load

FOLDER = Path(__file__).parent / "notes_corpus"


def _data(name: str):
    return yaml.load((FOLDER / name).read_text(encoding="utf-8"), yaml.BaseLoader)


@dataclass(frozen=True)
class Item:
    """A statement of a note, in the ledger."""

    id: str
    first: int
    last: int
    verdict: str
    literal: str
    fault: str


@dataclass(frozen=True)
class Checked:
    """A formula of a note as it was checked, and what the ledger says of its lines."""

    note: str
    line: int
    text: str
    standing: Standing
    readings: tuple[str, ...]
    items: tuple[Item, ...]
    formula: Formula
    report: NoteReport
    number: int

    @property
    def contradicts(self) -> bool:
        """Whether the ledger says otherwise."""
        if self.standing is Standing.PROVED:
            return any(item.literal == "FALSE" for item in self.items)
        sound = all(item.literal == "SAME" and item.verdict == "TRUE" for item in self.items)
        return self.standing is Standing.WRONG and bool(self.items) and sound


def notes() -> list[str]:
    """The five notes."""
    return list(_data("parts.yaml"))


@cache
def ledger(note: str) -> tuple[Item, ...]:
    """What the ledger says of a note."""
    found = []
    for name, item in _data("ledger.yaml")[note].items():
        first, last = map(int, item["lines"].split("-"))
        found.append(Item(name, first, last, item["verdict"], item["literal"], item["fault"]))
    return tuple(found)


@cache
def reports(note: str) -> tuple[tuple[str, NoteReport], ...]:
    """The exercises of a note, each checked with its key."""
    found = []
    for lines, key in _data("parts.yaml")[note].items():
        first, _, last = lines.partition("-")
        run = NotesRun(
            [FOLDER / note],
            Options(),
            load(FOLDER / f"{key}.deriv.yaml"),
            lines=(int(first), int(last) if last else None),
        )
        (report,) = run.execute()
        found.append((key, report))
    return tuple(found)


@cache
def checked(note: str) -> tuple[Checked, ...]:
    """Every formula of a note, in its order."""
    return tuple(one for _, report in reports(note) for one in _formulas(note, report))


def _formulas(note: str, report: NoteReport) -> Iterator[Checked]:
    from derivcheck.lang.print import printed

    assert report.note is not None
    source = report.note.source
    claims = {claim.id: claim for claim in report.note.derivation.claims}
    for number, (formula, standing) in enumerate(zip(report.note.formulas, standings(report), strict=True)):
        first = source.position(formula.span.start)[0]
        last = source.position(formula.span.end - 1)[0]
        readings = []
        for part in formula.parts:
            statement = claims[part.claim].statement if part.claim is not None else None
            if statement is not None:
                links = statement.links[slice(*part.links)]
                head = [printed(links[0].left)] if part.links[0] == 0 else ["…"]
                readings.append(" ".join([*head, *(f"{link.relation} {printed(link.right)}" for link in links)]))
        items = tuple(item for item in ledger(note) if item.first <= last and item.last >= first)
        text = source.text[formula.content.start : formula.content.end]
        yield Checked(note, first, " ".join(text.split()), standing, tuple(readings), items, formula, report, number)


def table() -> str:
    """How many formulas of each note stand how, and how many contradict the ledger."""
    columns = ("formulas", "read", "proved", "wrong", "undecided", "nothing to prove", "partly read", "unread",
               "suggestions", "against the ledger")  # fmt: skip
    lines = ["| note | " + " | ".join(columns) + " |", "| --- |" + " ---: |" * len(columns)]
    for note in notes():
        every = checked(note)
        count = {standing: sum(one.standing is standing for one in every) for standing in Standing}
        numbers = [
            len(every), len(every) - count[Standing.UNREAD] - count[Standing.PARTLY], count[Standing.PROVED],
            count[Standing.WRONG],
            count[Standing.OPEN], count[Standing.SILENT], count[Standing.PARTLY], count[Standing.UNREAD],
            sum(len(report.suggestions) for _, report in reports(note)), sum(one.contradicts for one in every),
        ]  # fmt: skip
        lines.append(f"| {note[:3]} | " + " | ".join(map(str, numbers)) + " |")
    return "\n".join(lines)


def readings() -> str:
    """Every formula of the five notes that is read, with its standing and what it was read as."""
    lines = []
    for note in notes():
        for one in checked(note):
            if one.standing is not Standing.UNREAD:
                lines += [f"{note[:3]}:{one.line} {one.standing}: {one.text}", *(f"    {r}" for r in one.readings)]
    return "\n".join(lines) + "\n"


def keep() -> None:
    """Write the readings and the table where the tests look for them; to be read before they are committed."""
    (FOLDER.parent / "check" / "five-notes.txt").write_text(readings(), encoding="utf-8")
    page = FOLDER / "README.md"
    text = page.read_text(encoding="utf-8")
    page.write_text(re.sub(r"\| note \|.*?(?=\n\n)", lambda _: table(), text, flags=re.DOTALL), encoding="utf-8")


if __name__ == "__main__":
    if "--keep" in sys.argv:
        keep()
    if "--all" in sys.argv:
        for note_ in notes():
            for one_ in checked(note_):
                said = ", ".join(f"{i.id} {i.verdict}/{i.literal}" for i in one_.items)
                mark = " AGAINST THE LEDGER" if one_.contradicts else ""
                print(f"{note_[:3]}:{one_.line} {one_.standing}{mark} [{said}]\n    {one_.text[:150]}")
                print("".join(f"    -> {reading}\n" for reading in one_.readings), end="")
    print(table())
