"""Owns who handed in what, as far as names tell: as Gradescope, Canvas and Moodle export it, or one name a student.

- Gradescope: ``submission_metadata.yml`` beside a folder for every submission, with the names of its submitters.
- Moodle: ``First Last_123456_assignsubmission_file_/…``, or all of that in front of the name of the file.
- Canvas: ``lastfirst_12345_67890_notes.md``, ``lastfirst_LATE_12345_67890_notes.md``, ``anon_ab12C_67890_notes.md``,
  ``lastfirst_12345_text.html``.
- anything else: a file is a student's, known by its name without the ending; a folder is a student's with all in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from derivcheck.batch.pieces import LEFTOVERS, METADATA, Piece

#: Folders around everything that are looked through, and nesting of a platform's own file.
_WRAPPERS = 4
_DEEPEST = 32

# The first place that fits is the platform's: what follows it is a name that a student chose.
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>[0-9]+)_assignsubmission_(?:file|onlinetext)(?:_.*)?", re.DOTALL)
_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)?(?:LATE_)?(?P<id>[0-9]+|anon_[0-9A-Za-z]+)_(?:[0-9]+_.+|text\.html|link\.html)", re.DOTALL
)


@dataclass(slots=True)
class Pile:
    """The pieces of one student's submission; ``id``, ``name``, ``email`` and ``account`` as the names say, ``id``
    not yet made unique."""

    id: str
    name: str = ""
    email: str = ""
    account: str = ""
    pieces: list[Piece] = field(default_factory=list)


def piles(pieces: Iterable[Piece], *, wrapped: bool = True) -> list[Pile]:
    """The pieces of a folder or an archive by students, in the order in which these are first met; ``wrapped``:
    there may be folders around everything."""
    inner = _unwrapped(list(pieces)) if wrapped else list(pieces)
    for layout in (_gradescope, _canvas, _moodle):
        found = layout(inner)
        if found is not None:
            return found
    return _plain(inner)


def _unwrapped(pieces: list[Piece]) -> list[Piece]:
    """Without folders that are around everything, as archives have them."""
    for _ in range(_WRAPPERS):
        tops = {piece.parts[:1] for piece in pieces}
        if len(tops) != 1 or any(len(piece.parts) < 2 for piece in pieces) or _MOODLE.fullmatch(pieces[0].parts[0]):
            break
        pieces = [Piece(piece.parts[1:], piece.data, piece.problem) for piece in pieces]
    return pieces


# --- Gradescope


def _gradescope(pieces: list[Piece]) -> list[Pile] | None:
    said = next((piece for piece in pieces if piece.parts == (METADATA,)), None)
    if said is None:
        return None
    submitters = _submitters(said.data)
    if submitters is None:
        return None
    by_folder: dict[str, list[Piece]] = {folder: [] for folder in submitters}
    for piece in pieces:
        if piece is not said:
            by_folder.setdefault(piece.parts[0], []).append(piece)
    found = []
    for folder, inside in by_folder.items():
        people = submitters.get(folder) or [Pile(_stem(folder), name=_stem(folder))]
        for person in people:
            inner = inside or [Piece((folder,), problem="there is no such folder in the export")]
            found.append(Pile(person.id, person.name, person.email, person.account, list(inner)))
    return found


def _submitters(data: bytes) -> dict[str, list[Pile]] | None:
    """The submitters by the name of their folder; ``None`` where the file is none of Gradescope's."""
    try:
        tree = _tree(data.decode("utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError, _TooDeep):
        return None
    if not isinstance(tree, Mapping):
        return None
    return {folder: _people(folder, about) for folder, about in tree.items()}


def _people(folder: str, about: object) -> list[Pile]:
    listed = about.get(":submitters") if isinstance(about, Mapping) else None
    people = []
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, Mapping):
            name, number, email = (_word(one.get(key)) for key in (":name", ":sid", ":email"))
            account = f"gradescope:{number}" if number else ""
            people.append(Pile(number or email or folder, name, email, account))
    return people


def _word(value: object) -> str:
    return value if isinstance(value, str) and value not in ("~", "null") else ""


class _TooDeep(Exception):
    pass


def _tree(text: str) -> object:
    """Mappings, lists and strings of a YAML text. Tags mean nothing here, and what an alias repeats is left out."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    root: list[Any] = []
    open_: list[dict[str, Any] | list[Any]] = [root]
    keys: list[str | None] = [None]
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            open_.pop()
            keys.pop()
            continue
        if isinstance(event, yaml.ScalarEvent):
            value: Any = event.value
        elif isinstance(event, yaml.MappingStartEvent):
            value = {}
        elif isinstance(event, yaml.SequenceStartEvent):
            value = []
        elif isinstance(event, yaml.AliasEvent):
            value = None
        else:
            continue
        _put(open_[-1], keys, value)
        if isinstance(value, dict | list):
            if len(open_) > _DEEPEST:
                raise _TooDeep
            open_.append(value)
            keys.append(None)
    return root[0] if root else None


def _put(into: dict[str, Any] | list[Any], keys: list[str | None], value: Any) -> None:
    """Put a value into a list, or, as a key or what belongs to the key before it, into a mapping."""
    if isinstance(into, list):
        into.append(value)
    elif keys[-1] is None:
        keys[-1] = value if isinstance(value, str) else ""
    else:
        into[keys[-1]] = value
        keys[-1] = None


# --- Moodle and Canvas


def _canvas(pieces: list[Piece]) -> list[Pile] | None:
    files = [piece for piece in pieces if len(piece.parts) == 1]
    return _named(pieces, _CANVAS, "canvas") if len(files) == len(pieces) and _most(pieces, _CANVAS) else None


def _moodle(pieces: list[Piece]) -> list[Pile] | None:
    return _named(pieces, _MOODLE, "moodle") if _most(pieces, _MOODLE) else None


def _most(pieces: list[Piece], form: re.Pattern[str]) -> bool:
    """Whether most of the outermost names have a form: one student's name does not make an export, nor unmake it."""
    names = {piece.parts[0] for piece in pieces}
    return 2 * sum(form.fullmatch(name) is not None for name in names) > len(names)


def _named(pieces: list[Piece], form: re.Pattern[str], platform: str) -> list[Pile]:
    """Piles by the names of the outermost files and folders; what does not have the form is a pile of its own."""
    found: dict[tuple[str, ...], Pile] = {}
    for piece in pieces:
        match = form.fullmatch(piece.parts[0])
        if match is None:
            pile = found.setdefault(("", _stem_of(piece)), Pile(_stem_of(piece), name=_stem_of(piece)))
        else:
            number, name = match["id"], match["name"] or match["id"]
            account = f"{platform}:{number}" if number.isdecimal() else ""
            pile = found.setdefault((number, name), Pile(number, name=name, account=account))
        pile.pieces.append(piece)
    return list(found.values())


# --- names alone


def _plain(pieces: Sequence[Piece]) -> list[Pile]:
    found: dict[str, Pile] = {}
    for piece in pieces:
        name = _stem_of(piece)
        found.setdefault(name, Pile(name, name=name)).pieces.append(piece)
    return list(found.values())


def _stem_of(piece: Piece) -> str:
    """What a student is known by: the name of the folder, or that of the file without its ending."""
    return piece.parts[0] if len(piece.parts) > 1 else _stem(piece.parts[0])


def _stem(name: str) -> str:
    for end in LEFTOVERS:
        if name.lower().endswith(end) and len(name) > len(end):
            return name[: -len(end)]
    stem, dot, _ = name.rpartition(".")
    return stem if dot and stem else name
