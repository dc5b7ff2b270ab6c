"""Owns the command line: what may be asked for, and the exit status of the answer."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

import click

from derivcheck.report import FORMATS
from derivcheck.version import __version__

if TYPE_CHECKING:
    from derivcheck.report.interface import Style
    from derivcheck.run import Options, Run, Tick
    from derivcheck.verdict import RunReport

INTERRUPTED = 128 + signal.SIGINT
TERMINATED = 128 + signal.SIGTERM
#: Largest ``--jobs``: each takes the memory of an engine.
MOST_JOBS = 256
#: Longest ``--timeout``: eleven days.
MOST_SECONDS = 1_000_000


class CannotRun(click.ClickException):
    """What was asked for cannot be done as asked; reported like a usage error, without the usage."""

    exit_code = 2


def _processes(context: click.Context, parameter: click.Parameter, value: str) -> int:
    """A number of processes from 1; ``auto`` is the number of processors."""
    if value == "auto":
        from derivcheck.parallel import processors

        return processors()
    if not (value.isascii() and value.isdecimal() and 1 <= int(value[:4]) <= MOST_JOBS and len(value) < 5):
        raise click.BadParameter(f"{value!r} is neither 'auto' nor a number from 1 to {MOST_JOBS}")
    return int(value)


def _seconds(context: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """A time that a system can wait for."""
    if value is not None and not 0 < value <= MOST_SECONDS:
        raise click.BadParameter(f"{value:g} is no number of seconds above 0 and up to {MOST_SECONDS}")
    return value


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_SETTINGS)
@click.version_option(__version__, "-V", "--version", message="derivcheck %(version)s")
def main() -> None:
    """A spelling checker for derivations.

    Claims that one expression equals another (a gradient, a step of a derivation, a number) are proved, or refuted
    with a point at which they fail.

    \b
    Begin with:
      derivcheck run specs/      check every *.deriv.yaml in a folder
      derivcheck run --help      formats, options and exit statuses
    """


@main.command(short_help="Check the claims of spec files.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@click.option(
    "-f", "--format", "form", type=click.Choice(list(FORMATS)), default="terminal", metavar="FORMAT",
    help="terminal (the default), concise (one line a claim), json, junit, or github (for its Actions).",
)  # fmt: skip
@click.option("-o", "--output", metavar="FILE", help="Write the report to a file, whole or not at all.")
@click.option(
    "-c", "--claim", "claims", multiple=True, metavar="GLOB",
    help="Check only the claims whose id matches, such as 'dJ-*'. May be repeated.",
)  # fmt: skip
@click.option(
    "--accept", multiple=True, type=click.Choice(["supported"]), metavar="supported",
    help="Take claims that agree wherever they were tried, but are not proved, for ok.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of all random points (default 0)."
)
@click.option(
    "-j", "--jobs", callback=_processes, default="1", metavar="N",
    help="Judge files in N processes at once, or 'auto': one for each processor (default 1).",
)  # fmt: skip
@click.option(
    "--timeout", type=float, callback=_seconds, metavar="SECONDS",
    help="Stop at a claim after this time, which is then undecided (default 60).",
)  # fmt: skip
@click.option(
    "--evidence", metavar="DIR",
    help="Write what each verdict rests on to a folder; 'python -m derivcheck.recheck DIR' checks it again.",
)  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Judge every claim anew, and remember no verdict.")
@click.option("--timings", is_flag=True, help="Report the seconds that each claim took.")
@click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", metavar="WHEN",
    help="auto (the default), always or never. NO_COLOR is respected.",
)  # fmt: skip
def run(
    *,
    paths: tuple[str, ...],
    form: str,
    output: str | None,
    claims: tuple[str, ...],
    accept: tuple[str, ...],
    seed: int,
    jobs: int,
    timeout: float | None,
    evidence: str | None,
    no_cache: bool,
    timings: bool,
    color: str,
) -> NoReturn:
    """Check the claims of spec files. Folders are searched for *.deriv.yaml.

    \b
    Examples:
      derivcheck run notes.deriv.yaml
      derivcheck run specs/ --claim 'dJ-*'
      derivcheck run specs/ --format junit --output report.xml

    \b
    Exit status (of several, 2 goes before 1 before 3):
      0  every claim is ok
      1  a claim is not as expected: refuted, malformed, or an expected failure
         that holds
      2  a file could not be read, or the engine contradicted itself; all the
         rest was still checked
      3  nothing is wrong, but a claim is only supported or undecided
    """
    from derivcheck.cache import folder
    from derivcheck.run import TIMEOUT, Options
    from derivcheck.verdict import Verdict

    options = Options(
        seed=seed,
        accept=frozenset(Verdict(word) for word in accept),
        claims=claims,
        timings=timings,
        jobs=jobs,
        timeout=timeout or TIMEOUT,
        killable=timeout is not None,
        cache=None if no_cache else folder(),
    )
    try:
        sys.exit(_run(paths, options, form, output, evidence, color))
    except KeyboardInterrupt:  # a second one, while the report is written
        sys.exit(INTERRUPTED)


@main.command(short_help="Print the JSON Schema of spec files.")
def schema() -> None:
    """Print the JSON Schema of spec files, with which an editor completes and checks them while you write.

    \b
    In the first line of a spec, for editors that use the YAML language server:
      # yaml-language-server: $schema=deriv.schema.json
    """
    from derivcheck.report import deliver
    from derivcheck.spec.schema import json_schema_text

    deliver.to_stream(json_schema_text(), sys.stdout)


@main.command(short_help="Look after remembered verdicts.")
@click.option("--path", is_flag=True, help="Print the folder alone.")
@click.option("--clear", is_flag=True, help="Forget every verdict.")
def cache(*, path: bool, clear: bool) -> None:
    """Tell where verdicts are remembered, and how many, or forget them.

    A claim that was judged before is not judged again, until it, something that
    it uses, or derivcheck changes. The folder is that of DERIVCHECK_CACHE, or
    one in your cache folder; DERIVCHECK_NO_CACHE=1 turns the cache off.
    """
    from derivcheck import cache as verdicts
    from derivcheck.report.interface import plural

    root = verdicts.folder()
    if root is None:
        raise CannotRun("verdicts are not remembered: DERIVCHECK_NO_CACHE is set, or there is no cache folder")
    if clear:
        try:
            forgotten = verdicts.clear(root)
        except OSError as error:
            raise CannotRun(f"not all verdicts could be forgotten: {error}") from error
        click.echo(f"{plural(forgotten, 'verdict')} forgotten")
    elif path:
        click.echo(os.fspath(root))
    else:
        count, size = verdicts.contents(root)
        click.echo(f"{os.fspath(root)}: {plural(count, 'verdict')}, {size // 1000} kB")


def _run(
    paths: tuple[str, ...], options: Options, form: str, output: str | None, evidence: str | None, color: str
) -> int:
    from derivcheck.outcome import exit_status
    from derivcheck.report import deliver

    problem = deliver.obstacle(output) if output else None
    if problem:
        raise CannotRun(f"the report cannot be written: {problem}")
    report, stopped, judged = _judge(paths, options)
    _deliver(report, form, output, color)
    if evidence is not None:
        _write_evidence(evidence, judged, options.seed)
    if options.claims and not stopped and not any(s.claims or s.problems or s.faults for s in report.specs):
        raise CannotRun(f"no claim matches {' or '.join(map(repr, options.claims))}")
    return stopped or exit_status(report)


def _judge(paths: tuple[str, ...], options: Options) -> tuple[RunReport, int, Run]:
    """The report of all that was finished, the exit status of what stopped it early, or 0, and the run itself."""
    from derivcheck.run import Run

    work = Run(paths, options)
    try:
        with _terminable(), _progress() as watch:
            return work.execute(watch), 0, work
    except _Terminated:
        return work.report(), TERMINATED, work
    except KeyboardInterrupt:
        return work.report(), INTERRUPTED, work


def _write_evidence(folder: str, work: Run, seed: int) -> None:
    from pathlib import Path

    from derivcheck.evidence import NotOurs, write
    from derivcheck.report import deliver
    from derivcheck.report.interface import plural

    try:
        count = write(Path(folder), work.judged(), seed)
    except (NotOurs, OSError) as error:
        raise CannotRun(f"the evidence cannot be written to {folder!r}: {error}") from error
    deliver.to_stream(f"evidence of {plural(count, 'claim')} written to {folder}\n", sys.stderr)


def _deliver(report: RunReport, form: str, output: str | None, color: str) -> None:
    from derivcheck.report import deliver, render
    from derivcheck.report.interface import summary

    text = render(form, report, _style(color, to_terminal=sys.stdout.isatty() and not output))
    if not output:
        deliver.to_stream(text, sys.stdout)
        return
    try:
        deliver.to_file(text, output)
    except OSError as error:
        raise CannotRun(f"the report cannot be written: {error}") from error
    deliver.to_stream(summary(report) + "\n", sys.stderr)


def _style(color: str, *, to_terminal: bool) -> Style:
    """How to dress the report: as wide as the terminal there is, and otherwise the same on every machine."""
    from derivcheck.report.interface import Style

    colored = color == "always" or (
        color == "auto" and to_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    return Style(colored, shutil.get_terminal_size().columns) if to_terminal else Style(colored)


@contextmanager
def _progress() -> Iterator[Callable[[Tick], None] | None]:
    """Who is to be told where the run is: a progress bar if somebody looks, else nobody."""
    if not sys.stderr.isatty() or not sys.stdout.isatty():
        yield None
        return
    from derivcheck.report.progress import ProgressBar

    with ProgressBar(sys.stderr) as bar:
        yield bar.watch


class _Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), which is taken like Ctrl-C: what is finished is reported."""


@contextmanager
def _terminable() -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():  # where Python takes no signals
        yield
        return

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise _Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
