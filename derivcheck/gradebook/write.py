"""Owns the directory of what is handed back: every file whole or not at all, only where the directory is ours.

The directory has a list of its own files. A name is on the list before the file is there, so that a run that was cut
off leaves nothing that the next one does not know as its own; what is not on it is never touched. Links are never
followed: a file takes the place of a link, and a folder that is one is refused.
"""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePosixPath

from derivcheck.gradebook import classroom, gradescope, prairielearn, results, student, tables
from derivcheck.gradebook import summary as summaries
from derivcheck.gradebook.html import words
from derivcheck.gradebook.names import STUDENT_PAGES, file_name
from derivcheck.gradebook.tables import Row
from derivcheck.grading.model import Submission
from derivcheck.report.deliver import encode, replace_file

#: The list of the directory's files; a directory with one is ours.
LIST = "derivcheck-results.json"
FORM = 1
#: What a batch keeps beside the results: it is left alone, and makes no directory somebody else's.
KEPT = frozenset({"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "journal.sqlite-journal"})

#: How what is not yet whole begins; what a run that was killed left of it is removed by the next.
_PART = ".derivcheck-part-"
#: Submissions whose files are put on the list together, before they are written.
_BLOCK = 50

#: The formats of one student, by the folder in which they stand and the ends of their names.
FORMATS: dict[tuple[str, str], Callable[[Submission], str]] = {
    (STUDENT_PAGES, ".html"): student.render,
    ("results", ".json"): results.render,
    ("gradescope", ".json"): gradescope.render,
    ("prairielearn", ".json"): prairielearn.render,
}


class NotOurs(Exception):
    """The directory has files that are not ours: nothing is written into it."""


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: how many submissions, how many of them need a person, and the page to begin with."""

    students: int
    need_review: int
    page: Path


def write_all(submissions: Iterable[Submission], directory: Path, *, title: str = "") -> Written:
    """Write all that is handed back for a batch; the bytes depend on the submissions alone, not on their order.

    ``title`` names the assignment in the tables and on the class page; without one the key's name does. What an
    earlier run left in the directory and this one does not write is removed.

    Raises:
        NotOurs: the directory has other things in it, or one of its folders is a link.
        ValueError: two submissions have the same student.
        OSError: something cannot be written; every file that is there is whole.
    """
    folder = _Folder(directory)
    summary = summaries.Summary()
    rows: list[Row] = []
    waiting = iter(submissions)
    while block := list(islice(waiting, _BLOCK)):
        folder.announce(_files_of(submission) for submission in block)
        for submission in block:
            for name, render in zip(_files_of(submission), FORMATS.values(), strict=True):
                folder.write(name, [render(submission)])
            summary.add(submission)
            rows.append(Row.of_submission(submission))
    rows.sort(key=lambda row: row.student.id)
    named = title or tables.safe_title(" / ".join(summary.keys))
    folder.write("results.json", results.whole(folder.read(f"results/{file_name(r.student.id)}.json") for r in rows))
    for path, text in _of_class(summary, rows, named).items():
        folder.write(path, [text])
    folder.finish()
    return Written(len(rows), len(summary.open), directory / "index.html")


def _files_of(submission: Submission) -> list[str]:
    """The names of a submission's files, in the order of the formats."""
    name = file_name(submission.student.id)
    return [f"{place}/{name}{end}" for place, end in FORMATS]


def _of_class(summary: summaries.Summary, rows: list[Row], title: str) -> dict[str, str]:
    """The files of the class as a whole; a table for a system in which nobody can be found is left out."""
    files = {
        "summary.json": summaries.render(summary),
        "index.html": classroom.render(summary, title),
        "canvas.csv": tables.canvas(rows, title),
        "nbgrader.csv": tables.nbgrader(rows, title),
        "points.csv": tables.points(rows, [(claim.id, claim.title) for claim in summary.claims]),
    }
    if any(row.student.email for row in rows):
        files["moodle.csv"] = tables.moodle(rows, title)
    if any(tables.account(row.student, "moodle") for row in rows):
        files["moodle-worksheet.csv"] = tables.worksheet(rows)
    return files


class _Folder:
    """The directory that is written into, and its list."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._before = self._listed()
        self._now: set[str] = set()
        self._announced = set(_TOP)
        self._record(complete=False)
        self._sweep(directory)
        for place in sorted({place for place, _ in FORMATS}):
            self._own_folder(place)
            self._sweep(directory / place)

    def _listed(self) -> frozenset[str]:
        """The files of an earlier run.

        Raises:
            NotOurs: there is no list, but other things; or the list is none.
        """
        path = self._directory / LIST
        names = sorted(n for n in os.listdir(self._directory) if n not in KEPT and not n.startswith(_PART))
        if LIST not in names:
            if names:
                raise NotOurs(f"it holds {names[0]!r}, which derivcheck did not write")
            return frozenset()
        if path.is_symlink() or not path.is_file():
            raise NotOurs(f"{LIST} is no file")
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            files = data["files"]
            known = data["form"] == FORM and all(isinstance(name, str) for name in files)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotOurs(f"{LIST} is not derivcheck's list") from error
        if not known:
            raise NotOurs(f"{LIST} is of another version of derivcheck")
        return frozenset(name for name in files if _is_one_of_ours(name))

    def _own_folder(self, name: str) -> None:
        path = self._directory / name
        try:
            path.mkdir()
        except FileExistsError:
            if not stat.S_ISDIR(os.lstat(path).st_mode):
                raise NotOurs(f"{name} is no folder") from None

    def _sweep(self, folder: Path) -> None:
        """Remove what a killed run was writing."""
        for name in os.listdir(folder):
            if name.startswith(_PART):
                (folder / name).unlink()

    def announce(self, names: Iterable[Iterable[str]]) -> None:
        """Put names on the list before the files are there."""
        self._announced.update(name for some in names for name in some)
        self._record(complete=False)

    def write(self, name: str, text: Iterable[str]) -> None:
        """Write a file of the directory, whole or not at all.

        Raises:
            ValueError: it was written before.
        """
        if name in self._now:
            raise ValueError(f"{name} is written twice: two submissions of one student")
        self._now.add(name)
        path = self._directory / name
        if path.is_dir() and not path.is_symlink():
            raise NotOurs(f"{name} is a folder")
        self._put(path, text)

    def read(self, name: str) -> str:
        """A file that was written before, again."""
        return (self._directory / name).read_text(encoding="utf-8")

    def finish(self) -> None:
        """Remove what an earlier run wrote and this one did not, and write the list."""
        for name in sorted(self._before - self._now):
            path = self._directory / name
            if not path.parent.is_symlink() and (path.is_symlink() or path.is_file()):
                path.unlink()
        self._record(complete=True)

    def _record(self, *, complete: bool) -> None:
        names = sorted(self._now if complete else self._before | self._announced)
        data = {"form": FORM, "complete": complete, "files": names}
        self._put(self._directory / LIST, [json.dumps(data, indent=1) + "\n"])

    def _put(self, path: Path, text: Iterable[str]) -> None:
        # what a power cut takes is made again from the batch's journal: thousands of files need not wait for the disk
        replace_file(path, (encode(part) for part in text), prefix=_PART, durable=False)


def _is_one_of_ours(name: str) -> bool:
    """Whether a name of a list is one that we would give: it may be removed."""
    path = PurePosixPath(name)
    if len(path.parts) == 1:
        return name in _TOP and name != LIST
    if len(path.parts) != 2 or (path.parts[0], path.suffix) not in FORMATS or str(path) != name:
        return False
    return file_name(path.stem) == path.stem or path.stem[-17:-16] == "-"


_TOP = words(
    "results.json summary.json index.html canvas.csv nbgrader.csv points.csv moodle.csv moodle-worksheet.csv"
)
