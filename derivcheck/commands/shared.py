"""Owns what commands have in common: options, progress, a stop by signal, the way of a report to its reader."""

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

if TYPE_CHECKING:
    from derivcheck.report.interface import Style
    from derivcheck.run import Tick

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


output_option = click.option(
    "-o", "--output", metavar="FILE", help="Write the report to a file, whole or not at all."
)
seed_option = click.option(
    "--seed", type=click.IntRange(min=0), default=0, metavar="N", help="Seed of all random points (default 0)."
)
timeout_option = click.option(
    "--timeout", type=float, callback=_seconds, metavar="SECONDS",
    help="Stop at a claim after this time, which is then undecided (default 60).",
)  # fmt: skip
color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", metavar="WHEN",
    help="auto (the default), always or never. NO_COLOR is respected.",
)  # fmt: skip


def jobs_option(what: str, default: str = "1") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """``--jobs``, with what the processes do in its help."""
    return click.option(
        "-j", "--jobs", callback=_processes, default=default, metavar="N",
        help=f"{what} in N processes at once, or 'auto': one for each processor (default {default}).",
    )  # fmt: skip


def writable(output: str | None) -> None:
    """Refuse, before any work is done, a file that a report could not be written to.

    Raises:
        CannotRun: with the reason.
    """
    from derivcheck.report import deliver

    problem = deliver.obstacle(output) if output else None
    if problem:
        raise CannotRun(f"the report cannot be written: {problem}")


def deliver_report(text: str, output: str | None, summary: str) -> None:
    """Print a report, or write it to a file and print its summary.

    Raises:
        CannotRun: when the file cannot be written.
    """
    from derivcheck.report import deliver

    if not output:
        deliver.to_stream(text, sys.stdout)
        return
    try:
        deliver.to_file(text, output)
    except OSError as error:
        raise CannotRun(f"the report cannot be written: {error}") from error
    deliver.to_stream(summary + "\n", sys.stderr)


def style_for(color: str, output: str | None) -> Style:
    """How to dress a report: as wide as the terminal there is, and otherwise the same on every machine."""
    from derivcheck.report.interface import Style

    to_terminal = sys.stdout.isatty() and not output
    colored = color == "always" or (
        color == "auto" and to_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    )
    return Style(colored, shutil.get_terminal_size().columns) if to_terminal else Style(colored)


@contextmanager
def progress() -> Iterator[Callable[[Tick], None] | None]:
    """Who is to be told where the work is: a progress bar if somebody looks, else nobody."""
    if not sys.stderr.isatty() or not sys.stdout.isatty():
        yield None
        return
    from derivcheck.report.progress import ProgressBar

    with ProgressBar(sys.stderr) as bar:
        yield bar.watch


class Terminated(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), which is taken like Ctrl-C: what is finished is reported."""


@contextmanager
def terminable() -> Iterator[None]:
    """Within this, SIGTERM raises :class:`Terminated`."""
    if threading.current_thread() is not threading.main_thread():  # where Python takes no signals
        yield
        return

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise Terminated

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
