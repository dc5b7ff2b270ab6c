"""Owns ``derivcheck check --watch``: notes are checked again as they are saved, until Ctrl-C."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from derivcheck.commands.check import Asked, deliver, judged, read_key
from derivcheck.commands.shared import INTERRUPTED, TERMINATED, CannotRun, Terminated, terminable

if TYPE_CHECKING:
    from derivcheck.model import Derivation

#: Milliseconds of silence after which a change is answered (an editor writes in several steps), the most that are
#: waited for it, and between two looks at what has been asked of the process.
SETTLED, LONGEST, AWAKE = 50, 800, 300

#: A file as the system tells of it: when it was written, its size, and which file it is; ``None`` for none.
Stamp = tuple[int, int, int] | None


def watch_notes(asked: Asked) -> int:
    """Check all notes, then each that changes, until Ctrl-C, which ends it with 0.

    Raises:
        CannotRun: when the library for it is missing, a folder is, or the key cannot be read at the start.
    """
    try:
        from watchfiles import watch
    except ImportError as error:
        raise CannotRun("--watch needs the package watchfiles: pip install 'derivcheck[watch]'") from error
    desk = _Desk(asked)
    places = _folders([*asked.paths, *([asked.key] if asked.key else [])])
    try:
        with terminable():
            # begun before the first check, so that nothing that is saved meanwhile goes unseen
            looks = watch(
                *places, watch_filter=None, debounce=LONGEST, step=SETTLED, rust_timeout=AWAKE, yield_on_timeout=True,
                recursive=any(map(os.path.isdir, asked.paths)), ignore_permission_denied=True,
            )  # fmt: skip
            next(looks)
            stopped = desk.begin()
            while not stopped:
                changed = next(looks)
                stopped = desk.answer() if changed else 0
            return 0 if stopped == INTERRUPTED else stopped
    except Terminated:
        return TERMINATED
    except KeyboardInterrupt:
        return 0


class _Desk:
    """The notes, the key, and how each of their files was when it was last looked at."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._key: Derivation | None = read_key(asked.key)
        self._key_stamp = _stamp(asked.key) if asked.key else None
        self._stamps: dict[str, Stamp] = {}

    def begin(self) -> int:
        """Check every note; the exit status of what stopped that, or 0."""
        self._stamps = self._now()
        stopped = self._check(self._asked.paths)
        self._say(f"watching {', '.join(self._asked.paths)}; Ctrl-C ends it")
        return stopped

    def answer(self) -> int:
        """Check the notes that are not as they were, all of them if the key has changed."""
        everything = self._key_changed()
        before, self._stamps = self._stamps, self._now()
        changed = [path for path, stamp in self._stamps.items() if stamp != before.get(path) or everything]
        for path in sorted({*before} - {*self._stamps} | {p for p in changed if self._stamps[p] is None}):
            if before.get(path) is not None:
                self._say(f"{path} is gone; it is checked when it is there again")
        there = [path for path in changed if self._stamps[path] is not None]
        return self._check(there) if there else 0

    def _now(self) -> dict[str, Stamp]:
        from derivcheck.notes.check import SUFFIXES
        from derivcheck.run import discover

        return {one.path: _stamp(one.path) for one in discover(self._asked.paths, SUFFIXES)}

    def _key_changed(self) -> bool:
        """Whether the key is another now; one that cannot be read is told of, and the one before it stays."""
        if self._asked.key is None or (stamp := _stamp(self._asked.key)) == self._key_stamp:
            return False
        self._key_stamp = stamp
        try:
            self._key = read_key(self._asked.key)
        except CannotRun as problem:
            self._say(problem.message)
            return False
        return True

    def _check(self, paths: Sequence[str]) -> int:
        reports, stopped = judged(self._asked, paths, self._key)
        deliver(self._asked, reports)
        return stopped

    def _say(self, text: str) -> None:
        from derivcheck.report import deliver as delivery
        from derivcheck.report.interface import one_line

        delivery.to_stream("\n".join(map(one_line, text.split("\n"))) + "\n", sys.stderr)


def _stamp(path: str) -> Stamp:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _folders(paths: Iterable[str]) -> list[str]:
    """The folders in which something can happen to these: an editor replaces a file rather than write into it.

    Raises:
        CannotRun: where there is no such folder.
    """
    found: set[str] = set()
    for path in paths:
        found.update([path] if os.path.isdir(path) else [os.path.dirname(os.path.abspath(path))])
        found.add(os.path.dirname(os.path.realpath(path)))  # through links, to where it is written
    missing = sorted(folder for folder in found if not os.path.isdir(folder))
    if missing:
        raise CannotRun(f"there is no folder {missing[0]} to watch")
    return sorted(found)
