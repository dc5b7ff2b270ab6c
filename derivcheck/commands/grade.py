"""Owns ``derivcheck grade``: its options, what it says while it works and in the end, and its exit status."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from derivcheck.commands.shared import (
    INTERRUPTED,
    TERMINATED,
    CannotRun,
    Terminated,
    jobs_option,
    progress,
    terminable,
)

if TYPE_CHECKING:
    from derivcheck.batch.find import HandedIn
    from derivcheck.batch.journal import Journal
    from derivcheck.batch.run import Batch, Crew, Options, Summary, Watch
    from derivcheck.grading.policy import Policy
    from derivcheck.model import Derivation

#: Results could not be kept or written, though nothing is wrong with what was asked for.
NOT_WRITTEN = 1
#: Somebody has to look at a submission.
REVIEW = 3
#: Lines of submissions to look at that are printed.
_MOST_LINES = 20


@click.command(short_help="Grade notes that students hand in.")
@click.argument("key", metavar="KEY", type=click.Path())
@click.argument("submissions", nargs=-1, required=True, metavar="SUBMISSIONS...", type=click.Path())
@click.option("-o", "--output", required=True, metavar="DIR", help="The folder for the results: a new or empty one.")
@click.option(
    "--policy", default="", metavar="CHOICES",
    help="What teachers differ on, such as 'factor=half,answer=1/2', or a file of such choices (*.yaml).",
)  # fmt: skip
@click.option("--resume", is_flag=True, help="Go on with the results in DIR: grade what is new or has changed.")
@click.option("--overwrite", is_flag=True, help="Forget the results in DIR and grade everything anew.")
@click.option("--trust-key", is_flag=True, help="Grade by the key even where it claims what is wrong.")
@jobs_option("Grade", default="auto")
@click.option(
    "--timeout", type=click.FloatRange(min=1, max=100_000), default=60.0, metavar="SECONDS",
    help="Processor time for one submission (default 60); what takes longer needs review.",
)  # fmt: skip
@click.option(
    "--memory", type=click.IntRange(min=64, max=1 << 20), default=2048, metavar="MB",
    help="Memory for one submission (default 2048); what needs more needs review.",
)  # fmt: skip
@click.option("--no-cache", is_flag=True, help="Judge every claim anew, and remember no verdict.")
@click.option("--cluster", metavar="ADDRESS", help="Grade on the machines of a Dask cluster (tcp://HOST:PORT).")
def grade(
    *,
    key: str,
    submissions: tuple[str, ...],
    output: str,
    policy: str,
    resume: bool,
    overwrite: bool,
    trust_key: bool,
    jobs: int,
    timeout: float,
    memory: int,
    no_cache: bool,
    cluster: str | None,
) -> NoReturn:
    """Grade notes by a key, and write the results to a folder.

    SUBMISSIONS are notes (.md, .tex, .txt), folders or zip archives of them, one a
    student, as Gradescope, Canvas and Moodle export them. What cannot be read, and
    what takes too long, needs review and costs nothing.

    \b
    Examples:
      derivcheck grade key.deriv.yaml submissions.zip --output results
      derivcheck grade key.deriv.yaml late/ on-time/ --output results --resume

    \b
    Exit status:
      0  every submission is graded
      1  results could not be kept or written (a full disk); what was finished is
         kept, --resume goes on
      2  nothing was graded: the key is wrong or cannot be read, there are no
         submissions, or DIR cannot be used
      3  every submission is graded, but somebody has to look at some of them
      130, 143  stopped by Ctrl-C or SIGTERM; what was finished is kept, --resume
         goes on
    """
    if resume and overwrite:
        raise click.UsageError("--resume and --overwrite exclude one another")
    try:
        with terminable():
            asked = _asked(key, submissions, output, policy, timeout, memory << 20, no_cache)
            crew = _crew(cluster, jobs)
            with _opened(Path(output), resume, overwrite) as journal:
                _look_at_key(asked, jobs, trust_key)
                sys.exit(_graded(asked, Path(output), crew, journal))
    except Terminated:
        sys.exit(TERMINATED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is to be graded, and how."""

    key: Derivation
    handed_in: list[HandedIn]
    options: Options


def _policy(choices: str) -> Policy:
    from derivcheck.errors import Refused
    from derivcheck.grading.policy import parse_policy, read_policy
    from derivcheck.spec.files import read_file

    try:
        if choices.endswith((".yaml", ".yml")):
            return read_policy(*read_file(choices))
        return parse_policy(choices)
    except Refused as refused:
        hints = dict.fromkeys(problem.hint for problem in refused.problems if problem.hint)
        raise CannotRun("\n".join((f"--policy: {refused}", *(f"  hint: {hint}" for hint in hints)))) from refused


def _asked(
    key: str, submissions: tuple[str, ...], output: str, policy: str, seconds: float, memory: int, no_cache: bool
) -> _Asked:
    from derivcheck.batch.find import NothingThere, find
    from derivcheck.batch.room import Limits
    from derivcheck.batch.run import CannotGrade, Options, read_key
    from derivcheck.cache import folder

    options = Options(_policy(policy), Limits(seconds, memory), None if no_cache else folder())
    try:
        derivation = read_key(key)
        handed_in = find(submissions, (key, output))
    except (CannotGrade, NothingThere) as problem:
        raise CannotRun(str(problem)) from problem
    if not handed_in:
        raise CannotRun("there are no submissions in what was given")
    return _Asked(derivation, handed_in, options)


def _opened(folder: Path, resume: bool, overwrite: bool) -> Journal:
    from derivcheck.batch.journal import JournalError
    from derivcheck.batch.run import CannotGrade, opened

    try:
        return opened(folder, resume=resume, overwrite=overwrite)
    except (CannotGrade, JournalError) as error:
        raise CannotRun(str(error)) from error


def _look_at_key(asked: _Asked, jobs: int, trusted: bool) -> None:
    """Refuse a key that claims what is wrong; tell of what it claims that could not be proved."""
    from derivcheck.batch.run import judged_key, open_claims, wrong_claims
    from derivcheck.report import render
    from derivcheck.report.interface import Style
    from derivcheck.verdict import RunReport

    report = judged_key(asked.key, asked.options, jobs)
    wrong, undecided = wrong_claims(report), open_claims(report)
    if not wrong and not undecided:
        return
    _say(render("terminal", RunReport((report,)), Style()))
    if wrong and not trusted:
        raise CannotRun(
            f"the key is wrong ({', '.join(wrong)}), and would mark right students wrong; "
            "mend it, or grade by it all the same with --trust-key"
        )
    if undecided:
        _say(f"not proved in the key: {', '.join(undecided)}; students are graded by it all the same\n")


def _crew(cluster: str | None, jobs: int) -> Crew:
    from derivcheck.batch.run import by_processes

    if cluster is None:
        return by_processes(jobs)
    from derivcheck.batch.cluster import by_cluster
    from derivcheck.batch.workers import NoWorkers

    try:
        return by_cluster(cluster)
    except NoWorkers as error:
        raise CannotRun(str(error)) from error


def _graded(asked: _Asked, folder: Path, crew: Crew, journal: Journal) -> int:
    """Grade and write; the exit status."""
    from derivcheck.batch.journal import NotWritten
    from derivcheck.batch.run import Batch
    from derivcheck.batch.workers import NoWorkers
    from derivcheck.gradebook.write import NotOurs, write_all

    batch = Batch(asked.key, asked.handed_in, asked.options, journal)
    try:
        with _watch() as watch:
            fresh = batch.execute(crew, watch)
        write_all(batch.results(), folder, title=asked.key.title)
    except NotOurs as error:
        raise CannotRun(f"the results cannot be written to {folder}: {error}") from error
    except KeyboardInterrupt:
        _say_stopped(batch, len(asked.handed_in), "stopped", folder)
        raise
    except (NotWritten, NoWorkers, OSError) as error:
        _say_stopped(batch, len(asked.handed_in), str(error), folder)
        return NOT_WRITTEN
    summary = batch.summary()
    _say_summary(summary, fresh, folder)
    return REVIEW if summary.review else 0


# --- what is said


def _say(text: str) -> None:
    from derivcheck.report import deliver

    deliver.to_stream(text, sys.stderr)


def _say_stopped(batch: Batch, total: int, why: str, folder: Path) -> None:
    _say(f"{why}: {batch.done} of {total} submissions are graded and kept in {folder}; go on with --resume\n")


def _say_summary(summary: Summary, fresh: int, folder: Path) -> None:
    from derivcheck.report import deliver
    from derivcheck.report.interface import plural

    lines = [f"{plural(summary.count, 'submission')}, {fresh} graded now; results are in {folder}", *_points(summary)]
    if summary.review:
        lines.append(f"{plural(len(summary.review), 'submission')} to look at:")
        lines += [f"  {name}: {reason}" for name, reason in summary.review[:_MOST_LINES]]
        if len(summary.review) > _MOST_LINES:
            lines.append(f"  and {len(summary.review) - _MOST_LINES} more")
    deliver.to_stream("\n".join(lines) + "\n", sys.stdout)


def _points(summary: Summary) -> Iterator[str]:
    """How the points are distributed: the lowest, the middle and the highest, and how many have each tenth."""
    points = sorted(summary.points)
    if not points or not summary.of:
        return
    low, middle, high = (f"{float(points[at]):g}" for at in (0, len(points) // 2, -1))
    yield f"points of {float(summary.of):g}: lowest {low}, median {middle}, highest {high}"
    counts = [0] * 10
    for one in points:
        counts[min(9, max(0, int(10 * one / summary.of)))] += 1
    most = max(counts)
    for tenth, number in enumerate(counts):
        if number:
            bar = "#" * max(1, 40 * number // most)
            yield f"  {10 * tenth:3}-{10 * tenth + 10:3} %  {bar} {number}"


@contextmanager
def _watch() -> Iterator[Watch | None]:
    from derivcheck.run import Tick

    with progress() as told:
        if told is None:
            yield None
            return

        def watch(done: int, total: int, last: str) -> None:
            told(Tick(done, total, "graded", last))

        yield watch
