"""Owns the cache of verdicts: a folder with a small file for every claim that was judged, found by its fingerprint.

Nothing rests on it. What is missing, unreadable, cut off or changed is judged again; what cannot be written is not
remembered. Files appear whole, by being renamed, so that any number of processes may read and write at once and a
crash leaves nothing half written. A file holds plain data, which are checked before they are taken for a report.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from derivcheck import version
from derivcheck.fingerprint import EngineStamp, Fingerprints, Unknown, engine_digest, engine_stamp, youngest
from derivcheck.model import Claim, Derivation
from derivcheck.plain import NotPlain, from_plain, to_plain
from derivcheck.verdict import ClaimReport

#: The folder of the verdicts in the cache folder; another number for another form of the files in it.
VERDICTS = "verdicts-1"
_SUFFIX = ".json"
#: Largest file that is looked at.
MOST_BYTES = 1_000_000
#: Seconds after which a file that nobody asked for is removed, and between two searches for such files.
KEPT = 30 * 24 * 3600.0
SWEPT = 24 * 3600.0
#: Seconds during which the source files are taken to be as they were.
_TRUSTED = 0.1

_TAG = """\
Signature: 8a477f597d28d172789f06886806bc55
# This file says that its folder is a cache (see bford.info/cachedir), here of derivcheck's verdicts.
"""


def folder(environment: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path | None:
    """Where verdicts are kept: ``DERIVCHECK_CACHE``, or a folder in the user's cache folder; ``None`` for nowhere
    (``DERIVCHECK_NO_CACHE`` is set, or there is no such folder)."""
    if environment.get("DERIVCHECK_NO_CACHE"):
        return None
    if environment.get("DERIVCHECK_CACHE"):
        return Path(environment["DERIVCHECK_CACHE"])
    if platform == "win32":
        local = environment.get("LOCALAPPDATA")
        return Path(local, "derivcheck", "Cache") if local else None
    shared = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(shared) and platform != "darwin":  # the XDG rule: a relative one does not count
        return Path(shared, "derivcheck")
    home = environment.get("HOME", "")
    if not os.path.isabs(home):
        return None
    return (
        Path(home, "Library", "Caches", "derivcheck") if platform == "darwin" else Path(home, ".cache", "derivcheck")
    )


class Cache:
    """The verdicts of this engine with one seed, in a folder."""

    def __init__(self, root: Path, seed: int, engine: str, stamp: EngineStamp) -> None:
        self._root = root
        self._seed = seed
        self._engine = engine
        self._stamp = stamp
        self._trusted_until = 0.0
        self._begun = False

    @classmethod
    def opened(cls, root: Path | None, seed: int) -> Cache | None:
        """The cache in a folder, which need not be there yet; ``None`` where there can be none. To be opened before
        anything else, since what is imported later is taken to be the engine as it is now."""
        if root is None:
            return None
        try:
            stamp = engine_stamp()
            if youngest(stamp) > version.IMPORTED - _TRUSTED:  # what runs here may be older than what is there
                return None
            return cls(root, seed, engine_digest(), stamp)
        except Unknown:
            return None

    def of(self, derivation: Derivation) -> CacheOfSpec:
        """The cache for the claims of one derivation."""
        try:
            fingerprints = Fingerprints(derivation, self._engine, self._seed)
        except Unknown:
            fingerprints = None
        return CacheOfSpec(self, fingerprints)

    def read(self, key: str) -> object | None:
        """The plain data under a fingerprint, if there are any and they are whole."""
        path = self._path(key)
        try:
            entry = json.loads(_bytes(path))
            if not isinstance(entry, dict) or set(entry) != {"key", "check", "report"}:
                return None
            if entry["key"] != key or entry["check"] != _check(entry["report"]):
                return None
        except (OSError, ValueError, RecursionError):
            return None
        _keep(path)
        report: object = entry["report"]
        return report

    def write(self, key: str, report: object) -> None:
        """Remember plain data under a fingerprint, unless the engine has changed since this process began."""
        if not self._same_engine():
            return
        data = json.dumps({"key": key, "check": _check(report), "report": report}).encode("ascii")
        if len(data) > MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            self._begin()
            _write_whole(self._path(key), data)

    def _path(self, key: str) -> Path:
        return self._root / VERDICTS / self._engine[:16] / key[:2] / f"{key[2:]}{_SUFFIX}"

    def _same_engine(self) -> bool:
        now = time.monotonic()
        if now > self._trusted_until:
            try:
                if engine_stamp() != self._stamp:
                    return False
            except Unknown:
                return False
            self._trusted_until = now + _TRUSTED
        return True

    def _begin(self) -> None:
        """Make the folder, and once a day remove what has not been asked for in a long time."""
        if self._begun:
            return
        self._begun = True
        verdicts = self._root / VERDICTS
        if not verdicts.is_dir():
            verdicts.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_whole(verdicts / "CACHEDIR.TAG", _TAG.encode("ascii"))
        stamp = verdicts / "swept"
        if _age(stamp) > SWEPT:
            stamp.touch()
            _sweep(verdicts)


class CacheOfSpec:
    """The cache for the claims of one derivation."""

    def __init__(self, cache: Cache, fingerprints: Fingerprints | None) -> None:
        self._cache = cache
        self._fingerprints = fingerprints

    def get(self, claim: Claim) -> ClaimReport | None:
        """The report of a claim, as the engine would make it, if it is remembered."""
        key = self._key(claim)
        if key is None:
            return None
        try:
            return from_plain(self._cache.read(key), claim)
        except NotPlain:
            return None

    def put(self, claim: Claim, report: ClaimReport) -> None:
        """Remember the report of a claim as the engine made it."""
        key = self._key(claim)
        if key is not None:
            with contextlib.suppress(NotPlain):
                self._cache.write(key, to_plain(report, claim))

    def _key(self, claim: Claim) -> str | None:
        try:
            return self._fingerprints.of(claim) if self._fingerprints else None
        except Unknown:
            return None


# --- looking after the folder


def contents(root: Path) -> tuple[int, int]:
    """How many verdicts are kept, and their bytes."""
    sizes = [status.st_size for path, status in _files(root / VERDICTS) if path.suffix == _SUFFIX]
    return len(sizes), sum(sizes)


def clear(root: Path) -> int:
    """Forget every verdict; how many there were. What else is in the folder is left alone.

    Raises ``OSError`` where that cannot be done.
    """
    count, _ = contents(root)
    verdicts = root / VERDICTS
    if verdicts.is_symlink():
        verdicts.unlink()
    elif verdicts.exists():
        shutil.rmtree(verdicts)
    return count


def _sweep(verdicts: Path) -> None:
    """Remove files that nobody has asked for in a long time, and folders that are empty."""
    if verdicts.is_symlink():  # whatever it points at is not ours
        return
    oldest = time.time() - KEPT
    for path, status in _files(verdicts):
        if status.st_mtime < oldest and path.parent != verdicts:
            with contextlib.suppress(OSError):
                path.unlink()
    for where, _, _ in os.walk(verdicts, topdown=False):
        if Path(where) != verdicts:
            with contextlib.suppress(OSError):  # not empty
                os.rmdir(where)


def _files(verdicts: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for where, _, names in os.walk(verdicts):
        for name in names:
            path = Path(where, name)
            with contextlib.suppress(OSError):
                yield path, path.lstat()


# --- files


def _bytes(path: Path) -> bytes:
    """A regular file's bytes; opening a pipe would wait for somebody to write into it."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            raise OSError("no file of the cache")
        return file.read(MOST_BYTES + 1)


def _check(report: object) -> str:
    """A digest by which a file that is not what was written is told: cut off by a crash, or changed by a disk."""
    return hashlib.sha256(json.dumps(report, sort_keys=True).encode("ascii")).hexdigest()


def _write_whole(path: Path, data: bytes) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _keep(path: Path) -> None:
    """Tell that a file was asked for, once a day."""
    if _age(path) > SWEPT:
        with contextlib.suppress(OSError):
            os.utime(path)


def _age(path: Path, now: Callable[[], float] = time.time) -> float:
    try:
        return now() - path.stat().st_mtime
    except OSError:
        return float("inf")
