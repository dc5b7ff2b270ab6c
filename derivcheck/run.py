"""Owns a run: which files are meant, reading them, judging every claim, and what is left when that goes wrong.

The command line, the pytest plugin and the Python API all come through here. The engine and the spec reader are
imported when the first file is read, so that asking for help costs nothing.
"""

from __future__ import annotations

import os
import re
import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from derivcheck.errors import EngineFault, Problem, Refused
from derivcheck.model import Claim, Derivation
from derivcheck.outcome import accepting
from derivcheck.source import Source
from derivcheck.verdict import ClaimReport, RunReport, SpecReport, Verdict

if TYPE_CHECKING:
    from derivcheck.engine import Judge

SUFFIX = ".deriv.yaml"

#: What a mistake in the engine, or in a library under it, raises. Such a crash is reported as an engine fault:
#: it must not take the other claims with it, and it must not look like a verdict.
CRASHES = (
    ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the seed of all random points, the verdicts accepted besides ``proved``, globs over claim ids
    (none: every claim), and whether to measure seconds."""

    seed: int = 0
    accept: frozenset[Verdict] = frozenset()
    claims: tuple[str, ...] = ()
    timings: bool = False

    def selects(self, claim_id: str) -> bool:
        """Whether a claim is to be judged."""
        return not self.claims or any(fnmatchcase(claim_id, glob) for glob in self.claims)


@dataclass(frozen=True, slots=True)
class Tick:
    """Where a run is: about to judge ``claim`` of ``path``, with ``done`` of ``total`` claims behind it."""

    done: int
    total: int
    path: str
    claim: str


@dataclass
class _Entry:
    """A file of the run, as far as it has come."""

    path: str
    derivation: Derivation | None = None
    source: Source | None = None
    problems: tuple[Problem, ...] = ()
    claims: list[ClaimReport] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def report(self) -> SpecReport:
        title = self.derivation.title if self.derivation else ""
        return SpecReport(self.path, title, self.source, self.problems, tuple(self.claims), tuple(self.faults))


class Run:
    """A run that can be stopped at any moment: :meth:`report` tells what is finished."""

    def __init__(self, paths: Iterable[str | os.PathLike[str]], options: Options | None = None) -> None:
        self.options = options or Options()
        self._paths = tuple(paths)
        self._entries: list[_Entry] = []
        self._finished = False

    def execute(self, watch: Callable[[Tick], None] | None = None) -> RunReport:
        """Read every file, then judge every selected claim of every file that could be read.

        Nothing that is wrong with a file raises. A ``KeyboardInterrupt`` passes through, and :meth:`report` then
        has all that was finished before it.
        """
        for found in discover(self._paths):
            self._entries.append(_entry(found))
        work = list(self._selected())
        judges: dict[str, Judge] = {}
        for done, (entry, derivation, claim) in enumerate(work):
            if watch is not None:
                watch(Tick(done, len(work), entry.path, claim.id))
            if entry.path not in judges:
                judges = {entry.path: judge_of(derivation, self.options)}  # one at a time: they hold much
            try:
                entry.claims.append(judge_claim(derivation, claim, self.options, judges[entry.path]))
            except EngineFault as fault:
                entry.faults.append(f"{claim.id}: {fault}")
        self._finished = True
        return self.report()

    def report(self) -> RunReport:
        """What is finished so far; ``interrupted`` unless that is everything."""
        return RunReport(tuple(entry.report() for entry in self._entries), interrupted=not self._finished)

    def _selected(self) -> Iterator[tuple[_Entry, Derivation, Claim]]:
        for entry in self._entries:
            if entry.derivation is not None:
                for claim in entry.derivation.claims:
                    if self.options.selects(claim.id):
                        yield entry, entry.derivation, claim


def run(paths: Iterable[str | os.PathLike[str]], options: Options | None = None) -> RunReport:
    """Run spec files and folders; see :class:`Run`."""
    return Run(paths, options).execute()


def judge_of(derivation: Derivation, options: Options | None = None) -> Judge:
    """A judge of the claims of one derivation, which share work."""
    from derivcheck.engine import Judge, Settings

    return Judge(derivation, Settings(seed=(options or Options()).seed))


def judge_claim(
    derivation: Derivation, claim: Claim, options: Options | None = None, judge: Judge | None = None
) -> ClaimReport:
    """Judge one claim, by ``judge`` if there is one, and apply the options to what was found.

    Raises :class:`~derivcheck.errors.EngineFault` where the engine contradicts itself or crashes.
    """
    options = options or Options()
    begun = perf_counter()
    try:
        report = (judge or judge_of(derivation, options)).judge(claim)
    except CRASHES as crash:
        raise EngineFault(_describe(crash)) from crash
    seconds = perf_counter() - begun if options.timings else None
    return accepting(replace(report, fails_at=claim.fails_at, seconds=seconds), options.accept)


def read(path: str | os.PathLike[str]) -> Derivation:
    """Read a spec file.

    Raises :class:`~derivcheck.errors.Refused` with every problem found, also where there is no such file, and
    :class:`~derivcheck.errors.EngineFault` where the reader crashes.
    """
    from derivcheck.spec import load

    try:
        return load(path)
    except CRASHES as crash:
        raise EngineFault(_describe(crash)) from crash


def _entry(found: Found) -> _Entry:
    if found.problem is not None:
        return _Entry(found.shown, problems=(found.problem,))
    try:
        derivation = read(found.path)
    except Refused as refused:
        return _Entry(found.shown, source=refused.source, problems=refused.problems)
    except EngineFault as fault:
        return _Entry(found.shown, faults=[f"reading the file: {fault}"])
    return _Entry(found.shown, derivation, derivation.source)


def _describe(crash: BaseException) -> str:
    """One line that tells a developer where it broke, the same on every machine: no folders, no addresses."""
    frames = list(traceback.extract_tb(crash.__traceback__))
    frames = frames[1:] or frames  # the first is the call from here
    ours = [frame for frame in frames if os.sep + "derivcheck" + os.sep in frame.filename]
    frame = (ours or frames)[-1]
    text = re.sub(r"0x[0-9a-fA-F]{6,}", "0x…", " ".join(str(crash).split()))[:200]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return f"internal error at {place}: {type(crash).__name__}" + (f": {text}" if text else "")


# --- which files are meant


@dataclass(frozen=True, slots=True)
class Found:
    """A spec file: as reports show it (normalised, ``/`` between its parts), its path, and why it is none."""

    shown: str
    path: str
    problem: Problem | None = None

    @staticmethod
    def at(path: str, problem: Problem | None = None) -> Found:
        """What is at a path."""
        return Found(os.path.normpath(path).replace(os.sep, "/"), path, problem)


def discover(paths: Iterable[str | os.PathLike[str]]) -> tuple[Found, ...]:
    """The spec files that some files and folders stand for, each once, sorted; with what is wrong with a folder.

    A folder is searched for ``*.deriv.yaml``, except in hidden folders and through links; a folder without any
    is a problem, since a run that checks nothing must not look like a run that finds nothing wrong.
    """
    found: list[Found] = []
    for path in [os.fspath(path) for path in paths]:
        found += _search(path) if os.path.isdir(path) else [Found.at(path)]
    unique: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: (one.shown, one.path)):
        unique.setdefault(os.path.abspath(one.path), one)
    return tuple(unique.values())


def _search(folder: str) -> list[Found]:
    found: list[Found] = []

    def unreadable(error: OSError) -> None:
        found.append(Found.at(error.filename, Problem("file", f"this folder cannot be read: {error.strerror}")))

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Found.at(os.path.join(where, name)) for name in files if name.endswith(SUFFIX)]
    return found or [Found.at(folder, Problem("file", f"there is no *{SUFFIX} in this folder"))]
