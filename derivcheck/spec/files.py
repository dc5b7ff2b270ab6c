"""Owns the way from a path to a file's text: what is no file, too large or no UTF-8 is refused."""

from __future__ import annotations

import os
import stat

from derivcheck.errors import Problem, Refused
from derivcheck.source import Source, Span, visible
from derivcheck.spec.read import MOST_BYTES, too_long


def read_file(path: str | os.PathLike[str]) -> tuple[str, str]:
    """The text of a file and the path as it is shown.

    Raises:
        Refused: when there is no such file, it is a folder, a pipe or a device, cannot be read, is too large or is
            not UTF-8.
    """
    shown = shown_path(path)
    try:
        data = _bytes(path)
    except (OSError, ValueError) as error:
        raise Refused([_unreadable(error)], Source(shown, "")) from None
    except _NoSpec as no_spec:
        raise Refused([no_spec.problem], Source(shown, "")) from None
    if len(data) > MOST_BYTES:
        raise Refused([too_long(len(data))], Source(shown, ""))
    return _decoded(data, shown), shown


def shown_path(path: str | os.PathLike[str]) -> str:
    """A path as it may be printed: no control characters, no bytes that are no text."""
    return "".join(visible(c) for c in os.fspath(path))


class _NoSpec(Exception):
    """What is there is not read at all."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def _bytes(path: str | os.PathLike[str]) -> bytes:
    # Without O_NONBLOCK, opening a pipe waits until somebody writes into it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise _NoSpec(Problem("file", "this is no regular file"))
        if status.st_size > MOST_BYTES:
            raise _NoSpec(too_long(status.st_size))
        return file.read(MOST_BYTES + 1)


def _unreadable(error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        return Problem("file", "there is no such file", None, "check the spelling of the path")
    if isinstance(error, IsADirectoryError):
        return Problem("file", "this is a folder, not a spec file")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return Problem("file", f"this cannot be read: {reason}")


_MARKS = ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16"), (b"\x1f\x8b", "gzip"), (b"PK\x03\x04", "zip"))


def _decoded(data: bytes, shown: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        kind = next((f" (it begins like {name})" for mark, name in _MARKS if data.startswith(mark)), "")
        message = f"this is not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start}{kind}"
        place = len(data[: error.start].decode("utf-8"))
        problem = Problem("encoding", message, Span(place, place + 1), "save the file as UTF-8")
        raise Refused([problem], Source(shown, data.decode("utf-8", "replace"))) from None
