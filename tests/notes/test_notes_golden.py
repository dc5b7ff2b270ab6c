"""Whole notes as they are read: every formula with what it states, in the expression language."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from derivcheck.lang.print import printed
from derivcheck.notes.model import Note
from derivcheck.notes.read import read_note
from derivcheck.source import Source

GOLDEN = Path(__file__).parent / "golden"
NOTES = sorted(path for path in GOLDEN.iterdir() if path.suffix in (".md", ".tex"))


def shown(note: Note) -> str:
    text, lines = note.source.text, []
    claims = {claim.id: claim for claim in note.derivation.claims}
    for formula in note.formulas:
        line, column = note.source.position(formula.span.start)
        lines.append(f"{line}:{column}: {' '.join(text[formula.content.start : formula.content.end].split())}")
        if formula.problem is not None:
            lines.append(f"    unread: {formula.problem.message}")
        for part in formula.parts:
            lines.append(f"    {part.kind}{f' of {part.name}' if part.name else ''}")
            lines += [f"        ({remark})" for remark in part.remarks]
            if part.name in note.derivation.definitions:
                lines.append(f"        {part.name} = {printed(note.derivation.definitions[part.name])}")
            statement = claims[part.claim].statement if part.claim else None
            if statement is not None:
                first, last = part.links
                over = ", ".join(
                    f"{q.name} in {q.size or (q.domain and q.domain.kind)}" for q in statement.quantifiers
                )
                for link in statement.links[first:last]:
                    after = f"    for {over}" if over else ""
                    lines.append(f"        {printed(link.left)} {link.relation} {printed(link.right)}{after}")
                lines += [f"        when {printed(condition)}" for condition in claims[part.claim or ""].when]
            elif part.claim:
                lines += [f"        no claim: {problem.message}" for problem in claims[part.claim].problems]
    lines += [f"problem: {problem.message}" for problem in note.problems]
    lines += [f"{name} is in doubt: {why}" for name, why in note.doubtful.items()]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", NOTES, ids=lambda path: path.name)
def test_the_reading_of_a_note(path: Path) -> None:
    source = Source(path.name, path.read_text(encoding="utf-8"))
    made = shown(read_note(source))
    golden = path.with_name(path.name + ".txt")
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(made, encoding="utf-8")
    assert made == golden.read_text(encoding="utf-8")
    assert made == shown(read_note(source))
