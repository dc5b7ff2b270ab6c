"""Owns the journal of a batch: results that are finished, kept so that no kill, crash or full disk takes them back.

It is an SQLite file in the folder of the results. A result is there as soon as it is told of (WAL, synchronous=FULL),
under a key that says what it came from: what is asked for again by the same key is the same result. Whoever has the
journal open holds a lock that ends with the process; a file that is damaged, or no journal, is refused and kept.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
from pathlib import Path
from types import TracebackType

#: The journal's file in the folder of the results.
NAME = "journal.sqlite"
#: By which a file is told to be a journal, and the form of it.
_APPLICATION = 0x64726A31
_FORM = 1
_HEADER = b"SQLite format 3\0"
#: Seconds to wait for a run that is just ending.
_PATIENCE = 1.0


class JournalError(Exception):
    """The journal cannot be used; the message says why, and what to do."""


class InUse(JournalError):
    """Another run has the journal open."""


class NotWritten(JournalError):
    """What was told last could not be kept; all that was kept before it is."""


class Journal:
    """The journal in a folder, which is made where it is not there yet. A context manager."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._connection = _opened(self.path)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let others open it."""
        with contextlib.suppress(sqlite3.Error):  # all that was kept is; what cannot be tidied up will be next time
            self._connection.close()

    def __len__(self) -> int:
        """How many results are kept."""
        return sum(1 for _ in self._connection.execute("SELECT key FROM results"))

    def get(self, key: str) -> str | None:
        """The result under a key, as it was put there."""
        row = self._ask("SELECT result, digest FROM results WHERE key = ?", key)
        if row is None:
            return None
        result, digest = row
        return result if isinstance(result, str) and _digest(key, result) == digest else None

    def put(self, key: str, result: str) -> None:
        """Keep a result; when this returns, nothing but the loss of the disk takes it away.

        Raises:
            NotWritten: where it could not be kept.
        """
        try:
            with self._connection:
                self._connection.execute(
                    "INSERT OR REPLACE INTO results (key, result, digest) VALUES (?, ?, ?)",
                    (key, result, _digest(key, result)),
                )
        except (sqlite3.Error, OSError) as error:
            raise NotWritten(f"{self.path}: {_words(error)}") from error

    def clear(self) -> None:
        """Forget every result.

        Raises:
            NotWritten: where that cannot be written down.
        """
        try:
            with self._connection:
                self._connection.execute("DELETE FROM results")
        except (sqlite3.Error, OSError) as error:
            raise NotWritten(f"{self.path}: {_words(error)}") from error

    def _ask(self, question: str, *values: str) -> tuple[object, ...] | None:
        try:
            row: tuple[object, ...] | None = self._connection.execute(question, values).fetchone()
        except sqlite3.Error as error:
            raise _damaged(self.path, error) from error
        return row


def there_is_one(folder: Path) -> bool:
    """Whether a folder has a file of a journal's name."""
    return os.path.lexists(folder / NAME)


def _opened(path: Path) -> sqlite3.Connection:
    _look_at(path)
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level="IMMEDIATE", check_same_thread=False)
    except sqlite3.Error as error:
        raise NotWritten(f"{path}: {_words(error)}") from error
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL").fetchone()
        connection.execute("PRAGMA synchronous = FULL")
        _take_up(connection, path)
    except BaseException as error:
        connection.close()
        if isinstance(error, sqlite3.Error):
            raise _refusal(path, error) from error
        raise
    return connection


def _look_at(path: Path) -> None:
    """Refuse a file that is no SQLite file, before SQLite is let near it."""
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file():
        raise JournalError(f"{path} is no file of a journal; choose another folder")
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADER))
    except OSError as error:
        raise JournalError(f"{path} cannot be opened: {error.strerror}") from error
    if head not in (b"", _HEADER):
        raise JournalError(f"{path} is no journal of derivcheck; move it away, or choose another folder")


def _take_up(connection: sqlite3.Connection, path: Path) -> None:
    """See that it is a journal and whole, or make it one where it is new; the lock is held from here on."""
    connection.execute("BEGIN IMMEDIATE")
    application, form, tables = (
        connection.execute(question).fetchone()[0]
        for question in ("PRAGMA application_id", "PRAGMA user_version", "SELECT count(*) FROM sqlite_master")
    )
    if (application, form, tables) == (0, 0, 0):
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {_FORM}")
        connection.execute(
            "CREATE TABLE results (key TEXT PRIMARY KEY, result TEXT NOT NULL, digest TEXT NOT NULL) WITHOUT ROWID"
        )
    elif application != _APPLICATION:
        raise JournalError(f"{path} is no journal of derivcheck; move it away, or choose another folder")
    elif form != _FORM:
        raise JournalError(f"{path} is the journal of another version of derivcheck; choose another folder")
    elif connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise _damaged(path, None)
    connection.execute("COMMIT")


def _refusal(path: Path, error: sqlite3.Error) -> JournalError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return InUse(f"another run is at work in {path.parent}; wait for it, or choose another folder")
    if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        return NotWritten(f"{path}: {_words(error)}")
    return _damaged(path, error)


def _damaged(path: Path, error: Exception | None) -> JournalError:
    said = f" ({error})" if error else ""
    return JournalError(f"{path} is damaged{said}; move it away to grade anew, or choose another folder")


def _digest(key: str, result: str) -> str:
    return hashlib.sha256(f"{key}\0{result}".encode()).hexdigest()


def _words(error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full"
    if code == sqlite3.SQLITE_READONLY:
        return "it may not be written to"
    if code == sqlite3.SQLITE_CANTOPEN:
        return "it cannot be opened there"
    return str(error)
