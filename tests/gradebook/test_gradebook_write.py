"""The directory of what is handed back: whole files, only ours, the same bytes, and names for any id."""

from __future__ import annotations

import errno
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from gradebook_samples import a_class, ada, hostile
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.gradebook import write
from derivcheck.gradebook.names import file_name, page_reference
from derivcheck.gradebook.write import KEPT, LIST, NotOurs, write_all
from derivcheck.grading.model import Student, Submission


def contents(directory: Path) -> dict[str, bytes]:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in sorted(directory.rglob("*")) if p.is_file()}


def test_everything_is_written(tmp_path: Path) -> None:
    written = write_all(a_class(), tmp_path / "new" / "out")
    assert (written.students, written.need_review) == (6, 3)
    assert written.page.is_file()
    found = contents(tmp_path / "new" / "out")
    each = {f"{place}/{one.student.id}{end}" for one in a_class() for place, end in write.FORMATS}
    tops = {
        "index.html",
        "summary.json",
        "results.json",
        "canvas.csv",
        "moodle.csv",
        "nbgrader.csv",
        "points.csv",
        LIST,
    }
    assert set(found) == each | tops
    listed = json.loads(found[LIST])
    assert listed == {"form": 1, "complete": True, "files": sorted((each | tops) - {LIST})}
    whole = json.loads(found["results.json"])
    assert [one["student"]["id"] for one in whole["students"]] == sorted(one.student.id for one in a_class())


def test_the_bytes_do_not_depend_on_the_order_or_on_what_was_there(tmp_path: Path) -> None:
    write_all(a_class(), tmp_path / "a")
    shuffled = a_class()
    random.Random(1).shuffle(shuffled)
    write_all([replace(ada(), text="old", steps=(), formulas=())], tmp_path / "b")
    write_all(iter(shuffled), tmp_path / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    write_all(a_class(), tmp_path / "a")
    assert contents(tmp_path / "a") == contents(tmp_path / "b")


def test_the_bytes_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); from pathlib import Path;"
        "from gradebook_samples import a_class, hostile;"
        "from derivcheck.gradebook.write import write_all; write_all([*a_class(), hostile()], Path(sys.argv[1]))"
    )
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        arguments = [sys.executable, "-c", program, str(tmp_path / seed), str(Path(__file__).parents[1])]
        subprocess.run(arguments, check=True, env=environment, cwd=Path(__file__).parents[2])
    assert contents(tmp_path / "1") == contents(tmp_path / "2")


def test_what_an_earlier_run_wrote_is_removed_and_nothing_else(tmp_path: Path) -> None:
    write_all(a_class(), tmp_path)
    (tmp_path / "students" / "mine.txt").write_text("mine")
    (tmp_path / "notes.txt").write_text("mine")
    write_all([ada()], tmp_path)
    found = contents(tmp_path)
    assert "students/hopper.html" not in found
    assert "results/hopper.json" not in found
    assert found["students/mine.txt"] == found["notes.txt"] == b"mine"
    assert "students/ada.html" in found


def test_a_list_that_names_other_files_removes_none_of_them(tmp_path: Path) -> None:
    write_all([ada()], tmp_path / "out")
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "out" / "thesis.tex").write_text("mine")
    (tmp_path / "out" / "students" / "thesis.tex").write_text("mine")
    listed = json.loads((tmp_path / "out" / LIST).read_text())
    listed["files"] += [
        "../precious",
        "/etc/passwd",
        "thesis.tex",
        "students/thesis.tex",
        "students/../thesis.tex",
        "a/b/c",
        "",
    ]
    (tmp_path / "out" / LIST).write_text(json.dumps(listed))
    write_all([ada()], tmp_path / "out")
    assert (tmp_path / "precious").read_text() == "mine"
    assert (tmp_path / "out" / "thesis.tex").read_text() == "mine"
    assert (tmp_path / "out" / "students" / "thesis.tex").read_text() == "mine"


def test_a_directory_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    before = contents(tmp_path)
    with pytest.raises(NotOurs, match="thesis"):
        write_all([ada()], tmp_path)
    assert contents(tmp_path) == before
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "x", '{"form": 1}', '{"form": 1, "files": [1]}', '{"form": 2, "files": []}', "[" * 99999]
)
def test_a_list_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / LIST).write_text(text)
    with pytest.raises(NotOurs):
        write_all([ada()], tmp_path)
    assert (tmp_path / LIST).read_text() == text


def test_the_journal_of_a_batch_is_left_alone(tmp_path: Path) -> None:
    for name in KEPT:
        (tmp_path / name).write_text("journal")
    write_all([ada()], tmp_path)
    write_all([ada()], tmp_path)
    assert all((tmp_path / name).read_text() == "journal" for name in KEPT)


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "file").write_text("mine")
    out = tmp_path / "out"
    write_all([ada()], out)
    for name in ("students/ada.html", "index.html", "results.json"):
        (out / name).unlink()
        (out / name).symlink_to(elsewhere / "file")
    write_all([ada()], out)
    assert (elsewhere / "file").read_text() == "mine"
    assert not any(path.is_symlink() for path in out.rglob("*"))


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    out = tmp_path / "out"
    write_all([], out)
    (out / "students").rmdir()
    (out / "students").symlink_to(elsewhere)
    with pytest.raises(NotOurs, match="students is no folder"):
        write_all([ada()], out)
    assert os.listdir(elsewhere) == []


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    write_all([], tmp_path)
    (tmp_path / "students" / "ada.html").mkdir()
    with pytest.raises(NotOurs, match=r"ada.html is a folder"):
        write_all([ada()], tmp_path)


def test_two_submissions_of_one_student_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="two submissions"):
        write_all([ada(), ada()], tmp_path)


class Stopped(BaseException):
    """As Ctrl-C is."""


def test_a_run_that_was_cut_off_is_taken_up_by_the_next(tmp_path: Path) -> None:
    def some(count: int) -> Iterator[Submission]:
        for index in range(count):
            yield replace(ada(), student=Student(f"s{index}"))
        raise Stopped

    with pytest.raises(Stopped):
        write_all(some(70), tmp_path)
    assert json.loads((tmp_path / LIST).read_text())["complete"] is False
    (tmp_path / "students" / f"{write._PART}half").write_text("half")
    (tmp_path / f"{write._PART}half").write_text("half")
    write_all(a_class(), tmp_path)
    write_all(a_class(), tmp_path.with_name("undisturbed"))
    assert contents(tmp_path) == contents(tmp_path.with_name("undisturbed"))


def test_a_run_that_was_killed_before_its_list_was_there_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / f"{write._PART}half").write_text("half")
    write_all([ada()], tmp_path)
    assert f"{write._PART}half" not in contents(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
@pytest.mark.parametrize("after", [0, 1, 5, 12, 20])
def test_on_a_full_disk_every_file_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    write_all([ada()], tmp_path)
    before = contents(tmp_path)
    changed = [replace(one, key="Another key") for one in a_class()]
    count = 0
    real = tempfile.mkstemp

    def full(*arguments: str, **named: object) -> tuple[int, str]:
        nonlocal count
        count += 1
        descriptor, name = real(*arguments, **named)  # type: ignore[call-overload]
        if count > after:
            os.close(descriptor)
            descriptor = os.open("/dev/full", os.O_WRONLY)
        return descriptor, name

    monkeypatch.setattr(tempfile, "mkstemp", full)
    with pytest.raises(OSError, match="No space"):
        write_all(changed, tmp_path)
    monkeypatch.undo()
    whole = tmp_path.with_name("whole")
    write_all(changed, whole)
    good = contents(whole)
    for name, data in contents(tmp_path).items():
        assert name == LIST or data in (before.get(name), good.get(name)), name
    write_all(changed, tmp_path)
    assert contents(tmp_path) == good


@pytest.mark.skipif(os.geteuid() != 0, reason="needs to mount a small file system")
def test_on_a_disk_that_is_really_full_it_is_said(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(small)], check=False, capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("no right to mount")
    try:
        with pytest.raises(OSError) as caught:  # noqa: PT011
            write_all([*a_class(), hostile()], small / "out")
        assert caught.value.errno == errno.ENOSPC
        for path in (small / "out").rglob("*.json"):
            json.loads(path.read_text())
        assert not list((small / "out").rglob("*part*"))
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_files_can_be_read_like_any_other(tmp_path: Path) -> None:
    write_all([ada()], tmp_path / "out")
    mask = os.umask(0)
    os.umask(mask)
    assert (tmp_path / "out" / "students" / "ada.html").stat().st_mode & 0o777 == 0o666 & ~mask


# -- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", ["ada", "s1", "ada.lovelace", "ada_l-2", "ada@example.org", "4711", "a" * 80])
def test_a_plain_id_is_its_own_name(identity: str) -> None:
    assert file_name(identity) == identity


HARD = [
    "..",
    ".",
    "/",
    "../../etc/passwd",
    "a/b",
    "a\\b",
    "C:x",
    "con",
    "CON",
    "con.txt",
    "nul",
    "com1",
    "lpt9.md",
    "Ada",
    "ADA",
    "ada ",
    " ada",
    "ada.",
    "a..b",
    "",
    "\x00",
    "\n",
    "a\x00b",
    "x" * 81,
    "x" * 5_000,
    "ß",
    "é",
    "e\u0301",
    "名前",
    "\ud800",
    "\u202eadA",
    "-ada",
    ".ada",
    "~",
    "*",
    "?",
    "a?b",
    "a:b",
    "a|b",
    "<a>",
    '"',
    "'",
    "%2e%2e",
    "ada-0123456789abcdef",
    "$(x)",
    "`x`",
    "a b",
]


@pytest.mark.parametrize("identity", HARD)
def test_a_hard_id_gets_a_safe_name(identity: str) -> None:
    name = file_name(identity)
    assert name == name.lower()
    assert name.isascii()
    assert 1 <= len(name) <= 80
    assert all(c.isalnum() or c == "-" for c in name)
    assert not name.startswith("-")
    assert name[-17] == "-"
    assert page_reference(identity) == f"students/{name}.html"


@settings(derandomize=True, max_examples=300, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from(HARD)), unique=True, max_size=12))
def test_no_two_ids_have_one_name_even_where_capitals_make_no_difference(identities: list[str]) -> None:
    made = [file_name(one) for one in identities]
    again = [file_name(one) for one in made]
    assert len({one.casefold() for one in made}) == len(identities)
    # nor does an id that is another's made name
    assert all(b != a for a, b, identity in zip(made, again, identities, strict=True) if a != identity)


def test_hard_ids_are_written_where_they_belong(tmp_path: Path) -> None:
    write_all(
        [replace(ada(), student=Student(one or "x")) for one in HARD if one != "" and "\ud800" not in one],
        tmp_path / "out",
    )
    assert sorted(os.listdir(tmp_path)) == ["out"]
    assert len(list((tmp_path / "out" / "students").iterdir())) == len(HARD) - 2
