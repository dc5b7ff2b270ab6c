"""Owns what is to be graded: the submissions that files, folders and archives stand for, one a student.

Whatever cannot be read is a submission all the same, with a ``failure`` that says why: nothing that was handed in is
lost, and nothing stops the others. Several files of one student are parts of one submission: they are joined in the
order of their names (numbers by their value), since platforms export the last version alone. What comes out does not
depend on the order in which things are given, nor on the folder from which they are looked at.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from itertools import count

from derivcheck.batch.archive import NotAnArchive, in_archive
from derivcheck.batch.layouts import Pile, piles
from derivcheck.batch.pieces import LEFTOVERS, Budget, Piece, from_file, in_folder
from derivcheck.grading.model import Student
from derivcheck.source import visible

#: Between the files of one student.
_BETWEEN = "\n\n"
#: Characters of an id, which is used as the name of files.
_LONGEST_ID = 64
#: Characters of a name or an address that is shown.
_LONGEST_NAME = 200
#: Names that Windows keeps for devices.
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What one student handed in. With a ``failure`` there is nothing to grade; ``review`` is what somebody has to
    look at besides the text."""

    student: Student
    path: str
    text: str
    failure: str = ""
    review: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """A digest of all of it."""
        student = self.student
        told = (*astuple(student), self.path, self.text, self.failure, *self.review)
        return hashlib.sha256("\0".join(f"{len(one)}:{one}" for one in told).encode()).hexdigest()


class NothingThere(Exception):
    """What was given cannot be taken as submissions at all; the message says why."""


def find(paths: Sequence[str], aside: Iterable[str] = ()) -> list[HandedIn]:
    """The submissions that paths stand for, sorted by the ids of their students, which are unique.

    A folder or a zip archive holds submissions; any other file is one, or a part of one. ``aside`` are paths that
    are no submissions wherever they lie (the key, the folder of the results).

    Raises:
        NothingThere: where a path is not there, or several folders seem to be one student's each.
    """
    for path in paths:
        if not os.path.lexists(path):
            raise NothingThere(f"there is no file or folder {shown(path)!r}")
    apart = frozenset(os.path.realpath(path) for path in aside)
    folders, files = _given(paths, apart)
    found: list[tuple[str, Pile]] = []
    by_folder = [(_name(folder), piles(in_folder(folder, apart))) for folder in folders]
    _look_at_names([inside for _, inside in by_folder])
    found += [(name, pile) for name, inside in by_folder for pile in inside]
    for parent, inside in _by_parent(files).items():
        archives = [path for path in inside if path.lower().endswith(".zip")]
        single = [path for path in inside if path not in archives]
        found += [(_name(path), pile) for path in archives for pile in _in_archive(path)]
        budget = Budget()
        pieces = [from_file(path, (os.path.basename(path),), budget, follow=True) for path in single]
        found += [(_name(parent), pile) for pile in piles(pieces, wrapped=False)]
    return _unique([_handed_in(name, pile) for name, pile in found])


def shown(text: str) -> str:
    """Text that came from a name as it may be shown anywhere: no control characters, no halves of characters."""
    return "".join(visible(character) for character in text)


# --- what is given


def _given(paths: Sequence[str], aside: Collection[str]) -> tuple[list[str], list[str]]:
    """Folders and files, each once, without what lies in one of the folders, sorted."""
    real = {os.path.realpath(path) for path in paths} - set(aside)
    folders = {path for path in real if os.path.isdir(path)}
    kept = [path for path in real if not any(_inside(path, folder) for folder in folders)]
    return sorted(path for path in kept if path in folders), sorted(path for path in kept if path not in folders)


def _inside(path: str, folder: str) -> bool:
    return path != folder and os.path.commonpath([path, folder]) == folder


def _by_parent(files: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in files:
        found.setdefault(os.path.dirname(path), []).append(path)
    return found


def _name(path: str) -> str:
    return os.path.basename(path) or "submissions"


def _in_archive(path: str) -> Iterator[Pile]:
    name = os.path.basename(path)
    try:
        yield from piles(list(in_archive(path)))
    except NotAnArchive as problem:
        yield Pile(name, name=name, pieces=[Piece((), problem=str(problem))])


def _look_at_names(folders: Sequence[Sequence[Pile]]) -> None:
    """Refuse folders that are one student's each, as far as that shows: the same names in most of them."""
    if len(folders) < 2:
        return
    names = [pile.id for piles_ in folders for pile in piles_]
    if len(set(names)) <= len(names) / 2:
        raise NothingThere(
            "the folders that were given have files of the same names, as if each were one student's; "
            "give the folder in which they lie instead"
        )


# --- one student's files


def _handed_in(container: str, pile: Pile) -> HandedIn:
    name, email, account = (shown(word)[:_LONGEST_NAME] for word in (pile.name, pile.email, pile.account))
    student = Student(_slug(pile.id), name, email, account)
    pieces = sorted(pile.pieces, key=lambda piece: tuple(_natural(part) for part in piece.parts))
    read: list[tuple[Piece, str]] = []
    unread: list[tuple[Piece, str]] = []
    for piece in pieces:
        text, problem = ("", piece.problem) if piece.problem else _text(piece.data)
        (unread if problem else read).append((piece, problem or text))
    unread = [one for one in unread if not _of_no_use(one[0], pieces, read)]
    first = (read or unread or [(Piece(()), "")])[0][0]
    path = shown("/".join((container, *first.parts)))
    if read:
        left = tuple(f"{shown(piece.place)} was not read: {problem}" for piece, problem in unread)
        return HandedIn(student, path, _BETWEEN.join(text for _, text in read), review=left)
    said = [problem if len(unread) == 1 else f"{shown(piece.place)}: {problem}" for piece, problem in unread]
    return HandedIn(student, path, "", "; ".join(said[:5]) or "nothing was handed in")


def _of_no_use(piece: Piece, pieces: Sequence[Piece], read: Sequence[tuple[Piece, str]]) -> bool:
    """Whether a file that was not read says nothing: what LaTeX leaves behind, or the PDF of a text that was read."""
    place = piece.place.lower()
    if place.endswith(LEFTOVERS):
        return len(pieces) > 1
    stem, end = os.path.splitext(place)
    return end == ".pdf" and any(stem == os.path.splitext(other.place.lower())[0] for other, _ in read)


def _text(data: bytes) -> tuple[str, str]:
    """The text of a file, or what is wrong with it."""
    if data.startswith(b"%PDF-"):
        return "", "it is a PDF with another ending"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "", "it is UTF-16; save it as UTF-8"
    if b"\0" in data:
        return "", "it is no text: it has NUL characters"
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return "", f"it is not UTF-8 (at byte {error.start}); save it as UTF-8"
    return (text, "") if text.strip() else ("", "it is empty")


def _natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Names sort by their numbers: ``part2`` before ``part10``."""
    pieces = re.split(r"([0-9]{1,18})", name)
    return tuple((1, int(one), one) if number % 2 else (0, 0, one) for number, one in enumerate(pieces))


# --- ids


def _slug(text: str) -> str:
    """A short ASCII word that any system takes for a file's name."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9_]+", "-", plain)[:_LONGEST_ID].strip("-")
    return f"student-{slug}".rstrip("-") if not slug or _RESERVED.fullmatch(slug) else slug


def _unique(found: Sequence[HandedIn]) -> list[HandedIn]:
    """Every id and every account once: the later ones of the same id get a number, whatever the order in which they
    were found, and an account that several have is nobody's."""
    ordered = sorted(found, key=lambda one: (one.student.id, one.path, one.digest))
    accounts = Counter(one.student.account for one in ordered)
    taken = {one.student.id for one in ordered}
    seen: set[str] = set()
    kept = []
    for one in ordered:
        student, remarks = one.student, list(one.review)
        if student.account and accounts[student.account] > 1:
            student = replace(student, account="")
            remarks.append(f"there are several submissions of {one.student.account}")
        if student.id in seen:
            number = next(n for n in count(2) if f"{student.id}-{n}" not in taken)
            remarks.append(f"there is another submission with the id {student.id}")
            student = replace(student, id=f"{student.id}-{number}")
            taken.add(student.id)
        seen.add(student.id)
        kept.append(replace(one, student=student, review=tuple(remarks)))
    return sorted(kept, key=lambda one: _natural(one.student.id))
