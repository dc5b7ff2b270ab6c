"""Owns ``derivcheck check``: its options, and the exit status of the answer."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import click

from derivcheck.commands.shared import (
    INTERRUPTED,
    TERMINATED,
    CannotRun,
    Terminated,
    color_option,
    deliver_report,
    jobs_option,
    output_option,
    progress,
    seed_option,
    style_for,
    terminable,
    timeout_option,
    writable,
)
from derivcheck.report.notes import FORMATS

if TYPE_CHECKING:
    from derivcheck.model import Derivation
    from derivcheck.notes.model import NoteReport
    from derivcheck.run import Options


def _lines(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, int | None] | None:
    """Lines from one to another, or to the end."""
    if value is None:
        return None
    match = re.fullmatch(r"([1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8})?)?", value)
    if match is None or (match[2] and int(match[2]) < int(match[1])):
        raise click.BadParameter(f"{value!r} is no range of lines such as 12-80, 12- or 12")
    first = int(match[1])
    return first, int(match[2]) if match[2] else (None if "-" in value else first)


@click.command(short_help="Check the formulas of notes, like a spelling checker.")
@click.argument("paths", nargs=-1, required=True, metavar="NOTE...", type=click.Path())
@click.option(
    "-k", "--key", metavar="KEY",
    help="A spec file (*.deriv.yaml) whose variables, definitions and notation the notes use.",
)  # fmt: skip
@click.option(
    "-f", "--format", "form", type=click.Choice(list(FORMATS)), default="terminal", metavar="FORMAT",
    help="terminal (the default), concise (one line a finding, for editors), json, or github (for its Actions).",
)  # fmt: skip
@output_option
@click.option(
    "-l", "--lines", callback=_lines, metavar="FROM-TO",
    help="Check the formulas in these lines alone, such as 12-80 or 47- (a note may need several keys).",
)  # fmt: skip
@click.option(
    "--accept", multiple=True, type=click.Choice(["unread", "supported"]), metavar="WHAT",
    help="Take for ok: 'unread' formulas, or claims that are only 'supported'. May be repeated.",
)  # fmt: skip
@seed_option
@jobs_option("Judge notes")
@timeout_option
@click.option("--no-cache", is_flag=True, help="Judge every claim anew, and remember no verdict.")
@click.option("-w", "--watch", is_flag=True, help="Check a note again whenever it is saved, until Ctrl-C.")
@color_option
def check(
    *,
    paths: tuple[str, ...],
    key: str | None,
    form: str,
    output: str | None,
    lines: tuple[int, int | None] | None,
    accept: tuple[str, ...],
    seed: int,
    jobs: int,
    timeout: float | None,
    no_cache: bool,
    watch: bool,
    color: str,
) -> NoReturn:
    """Check the formulas of notes (Markdown or LaTeX) where they stand, like a spelling checker.

    Each formula is proved, refuted with a counterexample, or reported unread
    with what stopped the reading. Folders are searched for *.md, *.markdown,
    *.tex and *.txt.

    What the letters mean is told by a key, or by the note's own front matter.

    \b
    Examples:
      derivcheck check homework.md
      derivcheck check homework.md --key network.deriv.yaml --watch
      derivcheck check notes/ --format github --accept unread

    \b
    Exit status (of several, 2 goes before 1 before 3):
      0  every formula was read, and all that they state is proved
      1  something is wrong: refuted, or of shapes that do not fit
      2  a note or the key could not be read as a file, or the engine
         contradicted itself; all the rest was still checked
      3  nothing is wrong, but a formula is unread or undecided, or there
         was none
    """
    from derivcheck.cache import folder
    from derivcheck.run import TIMEOUT, Options
    from derivcheck.verdict import Verdict

    if watch and output:
        raise click.UsageError("--watch prints as it goes; --output is not for it")
    options = Options(
        seed=seed,
        accept=frozenset({Verdict.SUPPORTED} if "supported" in accept else ()),
        jobs=jobs,
        timeout=timeout or TIMEOUT,
        killable=timeout is not None,
        cache=None if no_cache else folder(),
    )
    asked = Asked(paths, key, options, form, output, color, lines, accept_unread="unread" in accept)
    try:
        if watch:
            from derivcheck.commands.watch import watch_notes

            sys.exit(watch_notes(asked))
        sys.exit(_check(asked))
    except KeyboardInterrupt:  # a second one, while the report is written
        sys.exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for."""

    paths: tuple[str, ...]
    key: str | None
    options: Options
    form: str = "terminal"
    output: str | None = None
    color: str = "auto"
    lines: tuple[int, int | None] | None = None
    accept_unread: bool = False


def _check(asked: Asked) -> int:
    writable(asked.output)
    reports, stopped = judged(asked, asked.paths, read_key(asked.key))
    deliver(asked, reports)
    from derivcheck.notes.outcome import exit_status

    return stopped or exit_status(reports, accept_unread=asked.accept_unread)


def read_key(path: str | None) -> Derivation | None:
    """The key at a path.

    Raises:
        CannotRun: with every problem of the file.
    """
    if path is None:
        return None
    from derivcheck.errors import EngineFault, Refused
    from derivcheck.judging import read
    from derivcheck.report.details import plain_problem
    from derivcheck.report.interface import one_line

    try:
        return read(path)
    except Refused as refused:
        problems = (plain_problem(one_line(path), refused.source, problem) for problem in refused.problems)
        raise CannotRun("the key cannot be read\n" + "\n".join(problems)) from refused
    except EngineFault as fault:
        raise CannotRun(f"reading the key: {one_line(str(fault))}") from fault


def judged(asked: Asked, paths: Sequence[str], key: Derivation | None) -> tuple[Sequence[NoteReport], int]:
    """The reports of all notes that were finished, and the exit status of what stopped the work early, or 0."""
    from derivcheck.notes.check import NotesRun

    work = NotesRun(paths, asked.options, key, lines=asked.lines)
    try:
        with terminable(), progress() as watch:
            return work.execute(watch), 0
    except Terminated:
        return work.reports(), TERMINATED
    except KeyboardInterrupt:
        return work.reports(), INTERRUPTED


def deliver(asked: Asked, reports: Sequence[NoteReport]) -> None:
    """Print the report, or write it to the file that was asked for."""
    from derivcheck.report.notes import render
    from derivcheck.report.notes.findings import summary

    text = render(asked.form, reports, style_for(asked.color, asked.output))
    deliver_report(text, asked.output, summary(reports))
