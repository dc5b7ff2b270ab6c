"""Owns the pieces of what was handed in: each file of a folder or an archive, its bytes or why it cannot be taken.

Nothing here is fatal: a pipe, a link, a file that cannot be opened or is too large is a piece with a problem. Files
are opened without following links and without waiting, and never more is read of them than may be taken.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass

#: What is read of a submission, by the end of its name.
ACCEPTED = (".md", ".tex", ".txt")
#: A file in which a learning platform says who handed in what.
METADATA = "submission_metadata.yml"
#: Bytes of a file of a submission, of a platform's own file, and of all that is taken from one folder or archive.
MOST_BYTES = 1_000_000
MOST_METADATA = 50_000_000
MOST_TOTAL = 500_000_000
#: Files and folders of one folder or archive, and folders inside one another.
MOST_PIECES = 100_000
DEEPEST = 32

_KINDS = {
    ".pdf": "a PDF", ".png": "an image", ".jpg": "an image", ".jpeg": "an image", ".heic": "an image",
    ".gif": "an image", ".webp": "an image", ".bmp": "an image", ".tif": "an image", ".tiff": "an image",
    ".svg": "an image", ".doc": "a Word document", ".docx": "a Word document", ".odt": "a text document",
    ".rtf": "a text document", ".pages": "a Pages document", ".ipynb": "a notebook", ".html": "a web page",
    ".htm": "a web page", ".zip": "an archive in what was handed in", ".gz": "an archive", ".tar": "an archive",
    ".rar": "an archive", ".7z": "an archive", ".tgz": "an archive",
}  # fmt: skip

#: What systems put beside files: nobody handed it in.
_SYSTEM = frozenset({"thumbs.db", "desktop.ini", "__macosx"})
#: What editors and LaTeX leave behind beside what somebody wrote.
LEFTOVERS = (
    ".aux", ".log", ".out", ".toc", ".synctex.gz", ".fls", ".fdb_latexmk", ".bbl", ".blg", ".bib", ".bst", ".sty",
    ".cls", ".bak", "~",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A file by its place inside what was given (names from the outermost folder on); ``problem`` says why ``data``
    is empty."""

    parts: tuple[str, ...]
    data: bytes = b""
    problem: str = ""

    @property
    def place(self) -> str:
        """Its place, as readers see it."""
        return "/".join(self.parts)


class Budget:
    """How much may still be taken from one folder or archive."""

    def __init__(self, total: int = MOST_TOTAL) -> None:
        self._left = total

    def problem(self, size: int) -> str:
        """Why a file of this size cannot be taken, or nothing."""
        return "" if size <= self._left else f"more than {MOST_TOTAL // 1_000_000} MB were handed in together"

    def spend(self, size: int) -> None:
        """A file of this size was taken."""
        self._left -= size


def is_system(parts: tuple[str, ...]) -> bool:
    """Whether a file is hidden, or a system's own."""
    return any(part.startswith(".") or part.lower() in _SYSTEM for part in parts)


def most_of(parts: tuple[str, ...]) -> int:
    """The bytes that a file may have."""
    return MOST_METADATA if parts[-1] == METADATA else MOST_BYTES


def kind_problem(name: str) -> str:
    """Why a file of this name is not read, or nothing."""
    lower = name.lower()
    if lower.endswith(ACCEPTED) or name == METADATA:
        return ""
    kind = _KINDS.get(os.path.splitext(lower)[1])
    return f"{kind or 'this type of file'} cannot be read (what can: {' '.join(ACCEPTED)})"


def too_large(most: int) -> str:
    """What is said of a file with more bytes than may be taken."""
    return f"it is larger than {most // 1_000_000} MB"


def in_folder(root: str, aside: frozenset[str] = frozenset()) -> Iterator[Piece]:
    """The pieces of a folder, sorted; without what is in ``aside`` (real paths). Links are not followed."""
    budget = Budget()
    count = 0
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        try:
            with os.scandir(os.path.join(root, *parts)) as scan:
                entries = sorted(scan, key=lambda entry: entry.name)
        except OSError as error:
            yield Piece(parts, problem=f"this folder cannot be opened: {error.strerror}")
            continue
        kept = [
            entry for entry in entries if not is_system((entry.name,)) and os.path.realpath(entry.path) not in aside
        ]
        if not kept and parts:
            yield Piece(parts, problem="there is nothing in this folder")
        folders = []
        for entry in kept:
            count += 1
            if count > MOST_PIECES:
                yield Piece((*parts, entry.name), problem=f"there are more than {MOST_PIECES} files")
                return
            inside = (*parts, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if len(inside) > DEEPEST:
                    yield Piece(inside, problem=f"there are more than {DEEPEST} folders inside one another")
                else:
                    folders.append(inside)
            else:
                yield from_file(entry.path, inside, budget)
        waiting += reversed(folders)


def from_file(path: str, parts: tuple[str, ...], budget: Budget, *, follow: bool = False) -> Piece:
    """A piece that is a file. A link is followed only where somebody has named it himself."""
    try:
        status = os.stat(path, follow_symlinks=follow)
        problem = _mode_problem(status.st_mode) or kind_problem(parts[-1]) or budget.problem(status.st_size)
        if problem:
            return Piece(parts, problem=problem)
        data = _read(path, most_of(parts), follow)
    except OSError as error:
        return Piece(parts, problem=f"it cannot be opened: {error.strerror}")
    if data is None:
        return Piece(parts, problem=too_large(most_of(parts)))
    budget.spend(len(data))
    return Piece(parts, data)


def _mode_problem(mode: int) -> str:
    if stat.S_ISREG(mode):
        return ""
    if stat.S_ISLNK(mode):
        return "it is a link, which is not followed"
    if stat.S_ISDIR(mode):
        return "it is a folder, not a file"
    return "it is no file but a pipe, a socket or a device"


def _read(path: str, most: int, follow: bool) -> bytes | None:
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    handle = os.open(path, flags | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):  # it was exchanged since
            raise OSError(0, "it is no longer a file")
        data = file.read(most + 1)
    return None if len(data) > most else data
