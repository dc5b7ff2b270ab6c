"""Owns where the time of ``derivcheck run`` goes: timers around the engine's parts, put there from here.

Each second counts once, for the innermost part. Run as a program it measures in its own, fresh process and prints
JSON; the product has no timers.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib import import_module
from inspect import isgeneratorfunction
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

#: Part, module and name of what is timed; where the engine has no such name any more, the time is that of "other".
PARTS = (
    ("points: drawing", "derivcheck.engine.decide", "draw_points"),
    ("points: drawing", "derivcheck.engine.numbers", "draw_points"),
    ("points: drawing", "derivcheck.engine.scale", "draw_points"),
    ("points: evaluation", "derivcheck.engine.decide", "pairs"),
    ("points: evaluation", "derivcheck.engine.numbers", "pairs"),
    ("points: evaluation", "derivcheck.engine.scale", "pairs"),
    ("points: evaluation", "derivcheck.engine.decide", "_by_program"),
    ("proof: short way", "derivcheck.engine.decide", "proved"),
    ("proof: components and derivatives", "derivcheck.engine.exact", "ExactRoad.entries"),
    ("proof: normal form", "derivcheck.engine.normal_form", "Prover.prove"),
    ("proof: normal form", "derivcheck.engine.normal_form", "Prover.constant"),
    ("proof: every size", "derivcheck.engine.indexed.prove", "EverySize.prove"),
    ("floating-point evidence", "derivcheck.engine.decide", "sample"),
    ("diagnosis", "derivcheck.diagnose", "diagnose"),
)


class Clock:
    """Processor time by part; of parts inside one another only the innermost runs."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._running: list[str] = []
        self._since = process_time()

    def enter(self, part: str) -> None:
        """A part begins."""
        self._lap()
        self._running.append(part)

    def leave(self) -> None:
        """The innermost part ends."""
        self._lap()
        self._running.pop()

    def _lap(self) -> None:
        now = process_time()
        if self._running:
            part = self._running[-1]
            self.seconds[part] = self.seconds.get(part, 0.0) + now - self._since
        self._since = now

    def timed(self, part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, timed; of a generator every turn."""

        def call(*args: Any, **kwargs: Any) -> Any:
            self.enter(part)
            try:
                return function(*args, **kwargs)
            finally:
                self.leave()

        def turns(*args: Any, **kwargs: Any) -> Iterator[Any]:
            inner = function(*args, **kwargs)
            while True:
                self.enter(part)
                try:
                    value = next(inner)
                except StopIteration:
                    return
                finally:
                    self.leave()
                yield value

        return turns if isgeneratorfunction(function) else call


def measured(folder: str) -> dict[str, float]:
    """The seconds of every part of a run over a folder, in this process, which must be fresh."""
    clock = Clock()
    clock.enter("import: reader")
    from derivcheck import spec
    from derivcheck.errors import EngineFault
    from derivcheck.run import discover, read

    spec.loads("derivcheck: 1\ntitle: t\nvariables: {x: }\nclaims: {a: x == x}\n", "warm")
    clock.leave()
    clock.enter("reading")
    derivations = [read(found.path) for found in discover([folder])]
    clock.leave()
    clock.enter("import: engine")
    import derivcheck.engine  # noqa: F401 - here, where its time is taken
    from derivcheck.judging import engine_for, judged

    for part, module, name in PARTS:
        _wrap(clock, part, import_module(module), name.split("."))
    clock.leave()
    for derivation in derivations:
        clock.enter("other")
        judge = engine_for(derivation, seed=0)
        for claim in derivation.claims:
            try:
                judged(judge, claim)
            except EngineFault as fault:
                print(f"{derivation.source.path}: {claim.id}: {fault}", file=sys.stderr)
        clock.leave()
    return clock.seconds


def _wrap(clock: Clock, part: str, owner: Any, path: list[str]) -> None:
    *outer, name = path
    for step in outer:
        owner = getattr(owner, step, None)
    if hasattr(owner, name):
        setattr(owner, name, clock.timed(part, getattr(owner, name)))


def split(folder: str) -> dict[str, float]:
    """The seconds of every part, in a fresh process."""
    done = subprocess.run([sys.executable, __file__, folder], capture_output=True, check=True, text=True)
    seconds: dict[str, float] = json.loads(done.stdout)
    return seconds


def commands(folder: str) -> dict[str, tuple[float, float]]:
    """Processor and wall-clock seconds of the whole command in several ways."""
    with tempfile.TemporaryDirectory() as cache:
        keep = {"DERIVCHECK_CACHE": cache, "DERIVCHECK_NO_CACHE": ""}
        return {
            "without a cache": _command(folder, "--no-cache"),
            "without a cache, -j 2": _command(folder, "--no-cache", "-j", "2"),
            "first run with a cache": _command(folder, **keep),
            "second run with a cache": _command(folder, **keep),
            "reading alone (--claim nothing)": _command(folder, "--claim", "no-such-claim", "--no-cache"),
        }


ONE_CLAIM = (
    "derivcheck: 1\ntitle: One\nvariables: {x: , y: {domain: positive}}\nclaims:\n  a: D(x**2*y, x) == 2*x*y\n"
)


def starts(rounds: int) -> dict[str, float]:
    """Processor time of commands that have next to nothing to do, as medians of ratios to the import of the libraries
    that compute, which is taken anew each time."""
    imports = ("-c", "import sympy, numpy, flint")
    module = ("-m", "derivcheck")
    with tempfile.TemporaryDirectory() as folder:
        spec = Path(folder, "one.deriv.yaml")
        spec.write_text(ONE_CLAIM, encoding="utf-8")
        # bytecode is kept, as it is where derivcheck is installed; the first turn writes it
        keep = {"DERIVCHECK_CACHE": folder, "DERIVCHECK_NO_CACHE": "", "PYTHONDONTWRITEBYTECODE": ""}
        ways = {
            "`derivcheck --help`": (*module, "--help"),
            "a run of one claim": (*module, "run", str(spec), "--no-cache"),
            "the same, remembered": (*module, "run", str(spec)),
        }
        found: dict[str, list[float]] = {way: [] for way in ways}
        for turn in range(rounds + 1):
            for way, arguments in ways.items():
                ratio = _python(*arguments, **keep)[0] / _python(*imports, **keep)[0]
                if turn:
                    found[way].append(ratio)
    return {way: median(ratios) for way, ratios in found.items()}


def _command(folder: str, *options: str, **environment: str) -> tuple[float, float]:
    return _python("-m", "derivcheck", "run", folder, *options, **environment)


def _python(*arguments: str, **environment: str) -> tuple[float, float]:
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    command = [sys.executable, *arguments]
    subprocess.run(command, capture_output=True, check=False, env={**os.environ, **environment})
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter() - begun
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))
    print(json.dumps(measured(sys.argv[1])))
