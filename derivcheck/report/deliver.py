"""Owns the way of a finished report to its reader: to a stream, or to a file that is never left half written."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO


def encode(text: str) -> bytes:
    """Text as UTF-8; half a surrogate pair (of a file name that is no UTF-8) becomes an escape."""
    return text.encode("utf-8", "backslashreplace")


def to_stream(text: str, stream: TextIO) -> None:
    """Write a report to a terminal in its own encoding, and to anything else as UTF-8 on every machine.

    A reader that has gone away (``| head``) is no error: what was found stays what it is.
    """
    encoding = (stream.encoding or "utf-8") if stream.isatty() else "utf-8"
    data = encode(text).decode("utf-8").encode(encoding, "replace")
    try:
        stream.flush()
        stream.buffer.write(data)
        stream.buffer.flush()
    except BrokenPipeError:
        # the interpreter flushes once more when it ends, and would complain on stderr
        if stream is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def obstacle(path: str) -> str | None:
    """Why a report could not be written to a path, as far as can be told before the work is done."""
    target = Path(path)
    if target.is_dir():
        return f"{path} is a folder"
    if not target.absolute().parent.is_dir():
        return f"there is no folder {target.parent}"
    return None


def to_file(text: str, path: str) -> None:
    """Write a report to a file, whole or not at all; through a link, into what it points at.

    Raises ``OSError`` where that fails; a report that was there before is then untouched.
    """
    target = Path(os.path.realpath(path))
    data = encode(text)
    if target.exists() and not target.is_file():  # a pipe or /dev/stdout: there is nothing to replace
        target.write_bytes(data)
        return
    replace_file(target, [data])


def replace_file(target: Path, parts: Iterable[bytes], *, prefix: str | None = None, durable: bool = True) -> None:
    """Write a file beside its place and put it there, whole or not at all; in place of a link, not through it.

    ``durable``: it is on the disk when this returns, at some 10 ms a file; without, the system writes it in its time.

    Raises ``OSError`` where that fails; a file that was there before is then untouched.
    """
    prefix = f".{target.name[:64]}." if prefix is None else prefix
    descriptor, temporary = tempfile.mkstemp(prefix=prefix, dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            for data in parts:
                file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        Path(temporary).chmod(_mode(target))
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _mode(target: Path) -> int:
    """The permissions of the file that is replaced, or those that any new file gets."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
