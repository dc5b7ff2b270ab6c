"""Owns ``derivcheck run``: its options, and the exit status of the answer."""

from __future__ import annotations

import sys
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
from derivcheck.report import FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from derivcheck.run import Options, Run
    from derivcheck.verdict import RunReport


@click.command(short_help="Check the claims of spec files.")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path())
@click.option(
    "-f", "--format", "form", type=click.Choice(list(FORMATS)), default="terminal", metavar="FORMAT",
    help="terminal (the default), concise (one line a claim), json, junit, or github (for its Actions).",
)  # fmt: skip
@output_option
@click.option(
    "-c", "--claim", "claims", multiple=True, metavar="GLOB",
    help="Check only the claims whose id matches, such as 'dJ-*'. May be repeated.",
)  # fmt: skip
@click.option(
    "--accept", multiple=True, type=click.Choice(["supported"]), metavar="supported",
    help="Take claims that agree wherever they were tried, but are not proved, for ok.",
)  # fmt: skip
@seed_option
@jobs_option("Judge files")
@timeout_option
@click.option(
    "--evidence", metavar="DIR",
    help="Write what each verdict rests on to a folder; 'python -m derivcheck.recheck DIR' checks it again.",
)  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Judge every claim anew, and remember no verdict.")
@click.option("--timings", is_flag=True, help="Report the seconds that each claim took.")
@color_option
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
        cache=None if no_cache else _cache_folder(),
    )
    try:
        sys.exit(_run(paths, options, form, output, evidence, color))
    except KeyboardInterrupt:  # a second one, while the report is written
        sys.exit(INTERRUPTED)


def _cache_folder() -> Path | None:
    from derivcheck.cache import folder

    return folder()


def _run(
    paths: tuple[str, ...], options: Options, form: str, output: str | None, evidence: str | None, color: str
) -> int:
    from derivcheck.outcome import exit_status
    from derivcheck.report import render
    from derivcheck.report.interface import summary

    writable(output)
    report, stopped, judged = _judge(paths, options)
    deliver_report(render(form, report, style_for(color, output)), output, summary(report))
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
        with terminable(), progress() as watch:
            return work.execute(watch), 0, work
    except Terminated:
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
