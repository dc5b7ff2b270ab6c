"""Owns a run: which files are meant, reading them, judging every claim, and what is left when that goes wrong.

The command line, the pytest plugin and the Python API all come through here, with spec files or with files of another
kind that claims can be read from. What was judged before and is remembered is not judged again; the rest is judged in
this process, or, where that is worth while, by several others.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from derivcheck.errors import EngineFault, Problem, Refused
from derivcheck.judging import OutOfTime, engine_for, judged, out_of_time, read, within
from derivcheck.model import Claim, Derivation
from derivcheck.outcome import accepting
from derivcheck.source import Source
from derivcheck.verdict import ClaimReport, RunReport, SpecReport, Verdict

if TYPE_CHECKING:
    from derivcheck.cache import Cache, CacheOfSpec
    from derivcheck.engine import Judge

SUFFIX = ".deriv.yaml"

#: Reads a text with claims in it, given its path; what a worker process is told must be picklable.
FromText = Callable[[str, str], Derivation]

#: Claims for which no other process is started: they are judged before it is ready.
FEW = 12
#: Seconds for a claim in a process that would otherwise have no limit.
TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Options:
    """How to run: the seed of all random points, the verdicts accepted besides ``proved``, globs over claim ids
    (none: every claim), and whether to measure seconds.

    ``jobs`` is the number of processes that may judge at once. ``timeout`` is the number of seconds for one claim;
    ``killable`` asks for processes that can be killed for it even in the midst of C code. ``cache`` is the folder in
    which verdicts are remembered, ``None`` for none.
    """

    seed: int = 0
    accept: frozenset[Verdict] = frozenset()
    claims: tuple[str, ...] = ()
    timings: bool = False
    jobs: int = 1
    timeout: float | None = None
    killable: bool = False
    cache: Path | None = None

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


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that claims are read from: its endings, how one is read, and how it is read again, from its
    text and its path, in another process (``None``: as a spec).

    ``read`` may raise :class:`~derivcheck.errors.Refused` and :class:`~derivcheck.errors.EngineFault`.
    """

    suffixes: tuple[str, ...] = (SUFFIX,)
    read: Callable[[str], Derivation] | None = None
    again: FromText | None = None


SPECS = Kind()


@dataclass(frozen=True, slots=True)
class Already:
    """A derivation that is read already, and which of its claims are to be judged, by their place (``None``: all)."""

    derivation: Derivation
    claims: frozenset[int] | None = None


@dataclass
class _Entry:
    """A file of the run, as far as it has come; ``found`` has what came of its claims, by their place in the file."""

    path: str
    derivation: Derivation | None = None
    source: Source | None = None
    problems: tuple[Problem, ...] = ()
    fault: str | None = None
    cache: CacheOfSpec | None = None
    wanted: frozenset[int] | None = None
    found: dict[int, ClaimReport | EngineFault] = field(default_factory=dict)

    def report(self) -> SpecReport:
        """What is finished, in the order of the file, whatever the order in which it came."""
        claims = self.derivation.claims if self.derivation else ()
        found = [(claims[number].id, self.found[number]) for number in sorted(self.found)]
        return SpecReport(
            self.path,
            self.derivation.title if self.derivation else "",
            self.source,
            self.problems,
            tuple(one for _, one in found if isinstance(one, ClaimReport)),
            (
                *((self.fault,) if self.fault else ()),
                *(f"{name}: {one}" for name, one in found if isinstance(one, EngineFault)),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Todo:
    """A claim to be judged: its file, and its place in it."""

    entry: _Entry
    derivation: Derivation
    number: int

    @property
    def claim(self) -> Claim:
        return self.derivation.claims[self.number]


class Run:
    """A run that can be stopped at any moment: :meth:`report` tells what is finished.

    It is over the files that ``paths`` stand for, and over what is read ``already``.
    """

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]],
        options: Options | None = None,
        kind: Kind = SPECS,
        already: Iterable[Already] = (),
    ) -> None:
        self.options = options or Options()
        self._paths = tuple(paths)
        self._kind = kind
        self._entries = [_prepared(one) for one in already]
        self._finished = False
        self._watch: Callable[[Tick], None] = lambda tick: None
        self._total = 0

    def execute(self, watch: Callable[[Tick], None] | None = None) -> RunReport:
        """Read every file, then judge every selected claim of every file that could be read.

        Nothing that is wrong with a file raises. A ``KeyboardInterrupt`` passes through, and :meth:`report` then
        has all that was finished before it.
        """
        self._watch = watch or self._watch
        cache = self._cache()
        for found in discover(self._paths, self._kind.suffixes):
            self._entries.append(_entry(found, self._kind))
        every = list(self._selected())
        self._total = len(every)
        todo = self._not_remembered(every, cache) if cache else every
        if self._worth_processes(todo):
            self._judge_elsewhere(todo)
        else:
            self._judge_here(todo)
        self._finished = True
        return self.report()

    def report(self) -> RunReport:
        """What is finished so far; ``interrupted`` unless that is everything."""
        return RunReport(tuple(entry.report() for entry in self._entries), interrupted=not self._finished)

    def judged(self) -> Iterator[tuple[str, Derivation, list[tuple[Claim, ClaimReport]]]]:
        """By file, as reports show its path: what was read, and the claims that have been judged so far."""
        for entry in self._entries:
            if entry.derivation is not None:
                found = ((entry.derivation.claims[number], entry.found[number]) for number in sorted(entry.found))
                reports = [(claim, one) for claim, one in found if isinstance(one, ClaimReport)]
                yield entry.path, entry.derivation, reports

    def _selected(self) -> Iterator[_Todo]:
        for entry in self._entries:
            if entry.derivation is not None:
                for number, claim in enumerate(entry.derivation.claims):
                    wanted = entry.wanted is None or number in entry.wanted
                    if wanted and self.options.selects(claim.id):
                        yield _Todo(entry, entry.derivation, number)

    # -- what is remembered

    def _cache(self) -> Cache | None:
        if self.options.cache is None:
            return None
        from derivcheck.cache import Cache

        return Cache.opened(self.options.cache, self.options.seed)

    def _not_remembered(self, every: list[_Todo], cache: Cache) -> list[_Todo]:
        """Take what the cache has; what it has not."""
        for entry in self._entries:
            if entry.derivation is not None:
                entry.cache = cache.of(entry.derivation)
        return [one for one in every if not self._remembered(one)]

    def _remembered(self, one: _Todo) -> bool:
        begun = perf_counter()
        report = one.entry.cache.get(one.claim) if one.entry.cache else None
        if report is not None:
            self._take(one, report, perf_counter() - begun)
        return report is not None

    def _judged(self, one: _Todo, found: ClaimReport | EngineFault, seconds: float) -> None:
        """The engine has judged a claim: remember its report and take it."""
        if isinstance(found, ClaimReport) and one.entry.cache is not None:
            one.entry.cache.put(one.claim, found)
        self._take(one, found, seconds)

    def _take(self, one: _Todo, found: ClaimReport | EngineFault, seconds: float) -> None:
        if isinstance(found, ClaimReport):
            found = _as_asked(found, self.options, seconds)
        one.entry.found[one.number] = found

    def _tell(self, one: _Todo) -> None:
        done = sum(len(entry.found) for entry in self._entries)
        self._watch(Tick(done, self._total, one.entry.path, one.claim.id))

    # -- judging

    def _worth_processes(self, todo: list[_Todo]) -> bool:
        if self.options.killable:
            return bool(todo)
        return self.options.jobs > 1 and len(todo) > FEW and len({id(one.entry) for one in todo}) > 1

    def _judge_here(self, todo: list[_Todo]) -> None:
        judges: dict[int, Judge] = {}
        for one in todo:
            self._tell(one)
            place = id(one.entry)
            if place not in judges:
                judges = {place: engine_for(one.derivation, self.options.seed)}  # one at a time: they hold much
            judge, claim, begun = judges[place], one.claim, perf_counter()
            try:
                found: ClaimReport | EngineFault = within(self.options.timeout, partial(judged, judge, claim))
            except EngineFault as fault:
                found = fault
            except OutOfTime:
                judges = {}  # it was stopped in the midst of its work
                self._take(one, out_of_time(claim, self.options.timeout or 0), perf_counter() - begun)
                continue
            self._judged(one, found, perf_counter() - begun)

    def _judge_elsewhere(self, todo: list[_Todo]) -> None:
        from derivcheck.parallel import judge_all
        from derivcheck.worker import Settings, Task

        by_file: dict[int, list[_Todo]] = {}
        for one in todo:
            by_file.setdefault(id(one.entry), []).append(one)
        files = list(by_file.values())
        places = [{one.number: one for one in ones} for ones in files]
        sources = [ones[0].derivation.source for ones in files]
        tasks = [
            Task(source.path, source.text, tuple(one.number for one in ones), self._kind.again)
            for source, ones in zip(sources, files, strict=True)
        ]
        settings = Settings(self.options.seed, self.options.timeout or TIMEOUT)
        outcomes = judge_all(tasks, self.options.jobs, settings, lambda task, claim: self._tell(places[task][claim]))
        with closing(outcomes):
            for outcome in outcomes:
                one = places[outcome.task][outcome.claim]
                if outcome.found is None:
                    self._take(one, out_of_time(one.claim, settings.timeout), settings.timeout)
                else:
                    self._judged(one, outcome.found, outcome.seconds)


def run(paths: Iterable[str | os.PathLike[str]], options: Options | None = None) -> RunReport:
    """Run spec files and folders; see :class:`Run`."""
    return Run(paths, options).execute()


class SpecJudge:
    """Judges the claims of one derivation in this process, one by one. They share work; what is remembered is not
    judged again."""

    def __init__(
        self, derivation: Derivation, options: Options | None = None, cache: CacheOfSpec | None = None
    ) -> None:
        self._derivation = derivation
        self._options = options or Options()
        self._cache = cache
        self._judge: Judge | None = None

    def report(self, claim: Claim) -> ClaimReport:
        """Judge a claim, and apply the options to what was found.

        Raises :class:`~derivcheck.errors.EngineFault` where the engine contradicts itself or crashes.
        """
        begun = perf_counter()
        report = self._cache.get(claim) if self._cache else None
        if report is None:
            if self._judge is None:
                self._judge = engine_for(self._derivation, self._options.seed)
            report = judged(self._judge, claim)
            if self._cache:
                self._cache.put(claim, report)
        return _as_asked(report, self._options, perf_counter() - begun)


def judge_claim(derivation: Derivation, claim: Claim, options: Options | None = None) -> ClaimReport:
    """Judge one claim, as :class:`SpecJudge` does."""
    return SpecJudge(derivation, options).report(claim)


def _as_asked(report: ClaimReport, options: Options, seconds: float) -> ClaimReport:
    return accepting(replace(report, seconds=seconds if options.timings else None), options.accept)


def _prepared(one: Already) -> _Entry:
    source = one.derivation.source
    return _Entry(source.path, one.derivation, source, wanted=one.claims)


def _entry(found: Found, kind: Kind) -> _Entry:
    if found.problem is not None:
        return _Entry(found.shown, problems=(found.problem,))
    try:
        derivation = (kind.read or read)(found.path)
    except Refused as refused:
        return _Entry(found.shown, source=refused.source, problems=refused.problems)
    except EngineFault as fault:
        return _Entry(found.shown, fault=f"reading the file: {fault}")
    return _Entry(found.shown, derivation, derivation.source)


# --- which files are meant


@dataclass(frozen=True, slots=True)
class Found:
    """A file with claims: as reports show it (normalised, ``/`` between its parts), its path, and why it is none."""

    shown: str
    path: str
    problem: Problem | None = None

    @staticmethod
    def at(path: str, problem: Problem | None = None) -> Found:
        """What is at a path."""
        return Found(os.path.normpath(path).replace(os.sep, "/"), path, problem)


def discover(
    paths: Iterable[str | os.PathLike[str]], suffixes: tuple[str, ...] = SPECS.suffixes
) -> tuple[Found, ...]:
    """The files that some files and folders stand for, each once, sorted; with what is wrong with a folder.

    A folder is searched for files with one of the endings (``.deriv.yaml``), except in hidden folders and through
    links; a folder without any is a problem, since a run that checks nothing must not look like a run that finds
    nothing wrong.
    """
    found: list[Found] = []
    for path in [os.fspath(path) for path in paths]:
        found += _search(path, suffixes) if os.path.isdir(path) else [Found.at(path)]
    unique: dict[str, Found] = {}
    for one in sorted(found, key=lambda one: (one.shown, one.path)):
        unique.setdefault(os.path.abspath(one.path), one)
    return tuple(unique.values())


def _search(folder: str, suffixes: tuple[str, ...]) -> list[Found]:
    found: list[Found] = []

    def unreadable(error: OSError) -> None:
        found.append(Found.at(error.filename, Problem("file", f"this folder cannot be read: {error.strerror}")))

    for where, folders, files in os.walk(folder, onerror=unreadable):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Found.at(os.path.join(where, name)) for name in files if name.endswith(suffixes)]
    wanted = " or ".join(f"*{suffix}" for suffix in suffixes)
    return found or [Found.at(folder, Problem("file", f"there is no {wanted} in this folder"))]


__all__ = [
    "SPECS",
    "Already",
    "Found",
    "Kind",
    "Options",
    "Run",
    "SpecJudge",
    "Tick",
    "discover",
    "judge_claim",
    "read",
    "run",
]
