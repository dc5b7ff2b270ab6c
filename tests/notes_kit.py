"""Owns what the tests of notes share: keys in few words, and what a note was read as."""

from __future__ import annotations

from collections.abc import Mapping

from derivcheck.model import Derivation
from derivcheck.notes.model import Note
from derivcheck.notes.read import read_note
from derivcheck.source import Source
from derivcheck.spec import loads


def key(
    *variables: str,
    define: Mapping[str, str] | None = None,
    notation: Mapping[str, str] | None = None,
    more: str = "",
) -> Derivation:
    """A key without claims."""
    lines = ["derivcheck: 1", "title: a key", "variables:", *(f"  {line}" for line in variables)]
    lines += ["define:", *(f"  {name}: '{text}'" for name, text in (define or {}).items())]
    lines += ["notation:", *(f"  {name}: ['{text}']" for name, text in (notation or {}).items())]
    return loads("\n".join([*lines, more]), "key.deriv.yaml")


def note(text: str, given: Derivation | None = None, path: str = "note.md") -> Note:
    return read_note(Source(path, text), given)


def kinds(text: str, given: Derivation | None = None) -> list[str]:
    return [part.kind for formula in note(text, given).formulas for part in formula.parts]


def claims(text: str, given: Derivation | None = None) -> list[str]:
    return [claim.text for claim in note(text, given).derivation.claims]
