"""Owns the pieces of a zip archive, which is never unpacked to a disk: names, sizes and kinds meet their limits.

What an archive says of itself is not believed: a member is read up to its limit and not a byte further, whatever size
it announces.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from unicodedata import category

from derivcheck.batch.pieces import (
    DEEPEST,
    MOST_PIECES,
    Budget,
    Piece,
    is_system,
    kind_problem,
    most_of,
    too_large,
)

#: Bytes of an archive, and of its table of contents (read whole).
MOST_ARCHIVE = 2_000_000_000
MOST_TABLE = 50_000_000

#: What a broken member may raise while it is read.
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
    struct.error,
)


class NotAnArchive(Exception):
    """A file that should be an archive and is none that can be read; the message says why."""


def in_archive(path: str) -> Iterator[Piece]:
    """The pieces of a zip archive, in the order of their names.

    Raises:
        NotAnArchive: where the archive as a whole cannot be read.
    """
    try:
        with open(path, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise NotAnArchive("it is no file")
            if os.fstat(file.fileno()).st_size > MOST_ARCHIVE:
                raise NotAnArchive(f"it is larger than {MOST_ARCHIVE // 1_000_000_000} GB")
            _look_at_table(file.fileno())
            with _opened(path) as archive:
                yield from _pieces(archive)
    except OSError as error:
        raise NotAnArchive(f"it cannot be opened: {error.strerror or error}") from error


def _look_at_table(handle: int) -> None:
    """Refuse a table of contents that would fill the memory; how long it is stands near the end of the file."""
    size = os.fstat(handle).st_size
    tail = os.pread(handle, min(size, 1 << 16), max(0, size - (1 << 16))) if hasattr(os, "pread") else b""
    found = tail.rfind(b"PK\5\6")
    if found >= 0 and len(tail) >= found + 16:
        (table,) = struct.unpack("<L", tail[found + 12 : found + 16])
        if (table if table != 0xFFFFFFFF else size) > MOST_TABLE:
            raise NotAnArchive(f"its table of contents is larger than {MOST_TABLE // 1_000_000} MB")


def _opened(path: str) -> zipfile.ZipFile:
    try:
        try:  # what most programs write today, whether they say so or not
            return zipfile.ZipFile(path, metadata_encoding="utf-8")
        except UnicodeDecodeError:
            return zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise NotAnArchive("it is no zip archive, or it is damaged") from error


def _pieces(archive: zipfile.ZipFile) -> Iterator[Piece]:
    budget = Budget()
    seen: set[tuple[str, ...]] = set()
    filled: set[tuple[str, ...]] = set()
    folders: list[tuple[str, ...]] = []
    members = archive.infolist()
    if len(members) > MOST_PIECES:
        raise NotAnArchive(f"there are more than {MOST_PIECES} files in it")
    for member in sorted(members, key=lambda member: (member.filename, member.header_offset)):
        parts, problem = _place(member)
        if not parts or is_system(parts):
            continue
        filled.update(parts[:cut] for cut in range(1, len(parts)))
        if member.is_dir() and not problem:
            folders.append(parts)
        elif parts in seen:
            yield Piece(parts, problem="the archive has two files of this name; the other one was taken")
        else:
            seen.add(parts)
            yield Piece(parts, problem=problem) if problem else _member(archive, member, parts, budget)
    for parts in folders:
        if parts not in filled and parts not in seen:
            seen.add(parts)
            yield Piece(parts, problem="there is nothing in this folder")


def _place(member: zipfile.ZipInfo) -> tuple[tuple[str, ...], str]:
    """Where a member lies, and what is wrong with that."""
    name = member.orig_filename.replace("\\", "/")  # as some programs write it
    parts = tuple(part for part in name.split("/") if part not in ("", "."))
    if name.startswith("/") or ".." in parts or any(part[1:2] == ":" for part in parts[:1]):
        kept = tuple(part for part in parts if part != "..")
        return kept or ("unnamed",), "its name points out of the archive"
    if any(category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in name):
        return parts, "its name has control characters"
    if len(parts) > DEEPEST:
        return parts[:DEEPEST], f"there are more than {DEEPEST} folders inside one another"
    return parts, ""


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, parts: tuple[str, ...], budget: Budget) -> Piece:
    most = most_of(parts)
    mode = member.external_attr >> 16
    problem = kind_problem(parts[-1])
    if not problem and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        problem = "it is a link, which is not followed" if stat.S_ISLNK(mode) else "it is no file"
    if not problem and member.flag_bits & 1:
        problem = "it is encrypted"
    if not problem and member.file_size > most:
        problem = too_large(most)
    problem = problem or budget.problem(member.file_size)
    if problem:
        return Piece(parts, problem=problem)
    budget.spend(member.file_size)  # whatever comes of it: no more than this is read
    try:
        with archive.open(member) as file:
            data = file.read(most + 1)
    except _BROKEN as error:
        kind = (
            "it is packed in a way that is not known" if isinstance(error, NotImplementedError) else "it is damaged"
        )
        return Piece(parts, problem=kind)
    if len(data) > most:
        return Piece(parts, problem=too_large(most))
    return Piece(parts, data)
