"""Which files a run takes, and what is left of it when files, claims or the engine go wrong."""

from __future__ import annotations

import inspect
import itertools
import os
import subprocess
import sys
from pathlib import Path

import fake_engine
import pytest

from derivcheck.errors import EngineFault, Refused
from derivcheck.outcome import Outcome, exit_status, outcome
from derivcheck.run import Options, Run, discover, read, run
from derivcheck.verdict import RunReport, Verdict

pytestmark = pytest.mark.usefixtures("engine")

SUPPORTED = frozenset({Verdict.SUPPORTED})


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder that is the working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path: str, text: str = "a: proved") -> str:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text, encoding="utf-8")
    return path


def names(*paths) -> list[str]:
    return [found.shown for found in discover(paths)]


def message(path) -> str:
    return run([path]).specs[0].problems[0].message


# --- which files


def test_folders_are_searched_and_files_taken_as_they_are(folder):
    write("s/b.deriv.yaml"), write("s/deep/er/a.deriv.yaml"), write("s/other.yaml"), write("odd.txt")
    assert names("s", "odd.txt") == ["odd.txt", "s/b.deriv.yaml", "s/deep/er/a.deriv.yaml"]


def test_hidden_folders_are_passed_over_unless_asked_for(folder):
    write("s/.venv/a.deriv.yaml"), write("s/b.deriv.yaml")
    assert names("s") == ["s/b.deriv.yaml"]
    assert names("s/.venv") == ["s/.venv/a.deriv.yaml"]


def test_each_file_once_in_the_same_order_however_it_is_named(folder):
    write("s/a.deriv.yaml"), write("s/b.deriv.yaml")
    spellings = ["s", "./s/a.deriv.yaml", "s/../s", "s//b.deriv.yaml"]
    for order in itertools.permutations(spellings):
        assert names(*order) == ["s/a.deriv.yaml", "s/b.deriv.yaml"]
    assert len(names("s", folder / "s")) == 2


def test_a_way_up_through_a_link_leads_where_it_leads(folder):
    (
        write("real/deep/a.deriv.yaml"),
        write("real/b.deriv.yaml", "right: proved"),
        write("b.deriv.yaml", "wrong: proved"),
    )
    Path("link").symlink_to("real/deep")
    assert [claim.id for claim in run(["link/../b.deriv.yaml"]).specs[0].claims] == ["right"]


def test_links_to_files_are_followed_and_loops_of_folders_are_not(folder):
    write("s/a.deriv.yaml")
    Path("s/link.deriv.yaml").symlink_to("a.deriv.yaml")
    Path("s/loop").symlink_to(".")
    Path("s/itself.deriv.yaml").symlink_to("itself.deriv.yaml")
    assert names("s") == ["s/a.deriv.yaml", "s/itself.deriv.yaml", "s/link.deriv.yaml"]
    assert exit_status(run(["s/itself.deriv.yaml"])) == 2


def test_what_cannot_be_read_says_why(folder):
    (folder / "empty").mkdir()
    (folder / "folder.deriv.yaml").mkdir()
    os.mkfifo("pipe.deriv.yaml")
    assert message("empty") == "there is no *.deriv.yaml in this folder"
    assert message("folder.deriv.yaml") == "there is no *.deriv.yaml in this folder"
    for path in ("missing", "pipe.deriv.yaml", "nul\0", "x" * 5000, "/dev/zero", "", "missing/a.deriv.yaml"):
        assert exit_status(run([path])) == 2
        assert message(path)


def test_a_folder_that_cannot_be_listed_is_a_problem(folder, monkeypatch):
    def walk(top, onerror):
        onerror(PermissionError(13, "Permission denied", f"{top}/secret"))
        return iter([(top, [], ["a.deriv.yaml"])])

    write("s/a.deriv.yaml")
    monkeypatch.setattr("os.walk", walk)
    assert [(spec.path, len(spec.problems)) for spec in run(["s"]).specs] == [("s/a.deriv.yaml", 0), ("s/secret", 1)]


def test_no_paths_are_no_files():
    assert run([]) == RunReport(())


def test_a_folder_is_no_spec_to_read(folder):
    with pytest.raises(Refused):
        read(folder)


def test_names_that_are_no_utf8_are_taken(folder):
    path = os.fsdecode(b"\xff.deriv.yaml")
    Path(path).write_text("a: proved")
    assert [spec.path for spec in run([path]).specs] == [path]


# --- what is left when something goes wrong


def test_a_file_that_does_not_load_does_not_stop_the_others(folder):
    report = run([write("a.deriv.yaml", "unreadable"), write("b.deriv.yaml"), "missing"])
    assert [(spec.path, len(spec.problems), len(spec.claims)) for spec in report.specs] == [
        ("a.deriv.yaml", 1, 0), ("b.deriv.yaml", 0, 1), ("missing", 1, 0),
    ]  # fmt: skip
    assert report.specs[0].source is not None


def test_an_engine_fault_is_no_verdict_and_does_not_stop_the_others(folder):
    spec = run([write("a.deriv.yaml", "a: fault\nb: proved")]).specs[0]
    assert spec.faults == ("a: two roads disagree",)
    assert [claim.id for claim in spec.claims] == ["b"]


def test_a_crash_is_an_engine_fault_that_reads_the_same_every_time(folder):
    spec = run([write("a.deriv.yaml", "a: crash\nb: proved")]).specs[0]
    assert len(spec.faults) == 1
    assert "ZeroDivisionError: of <object object at 0x…>" in spec.faults[0]
    assert str(folder) not in spec.faults[0]
    assert [claim.id for claim in spec.claims] == ["b"]


def test_a_crash_of_the_reader_is_a_fault_of_that_file(folder, monkeypatch):
    def load(path):
        return {}["x"]

    monkeypatch.setattr("derivcheck.spec.load", load)
    report = run([write("a.deriv.yaml")])
    assert "reading the file: internal error at test_run.py:" in report.specs[0].faults[0]
    assert exit_status(report) == 2
    with pytest.raises(EngineFault):
        read("a.deriv.yaml")


def test_an_interrupted_run_keeps_what_is_finished(folder):
    work = Run([write("a.deriv.yaml", "a: proved\nb: interrupt\nc: proved"), write("b.deriv.yaml")])
    with pytest.raises(KeyboardInterrupt):
        work.execute()
    report = work.report()
    assert report.interrupted
    assert [[claim.id for claim in spec.claims] for spec in report.specs] == [["a"], []]


def test_a_finished_run_is_not_interrupted(folder):
    assert not run([write("a.deriv.yaml")]).interrupted


# --- options


def test_claims_are_selected_by_glob(folder):
    path = write("a.deriv.yaml", "dJ-dz: proved\ndJ-dw: proved\nother: proved\n[x]: proved")
    ids = {glob: [c.id for c in run([path], Options(claims=(glob,))).specs[0].claims] for glob in ("dJ-*", "[[]x]")}
    assert ids == {"dJ-*": ["dJ-dz", "dJ-dw"], "[[]x]": ["[x]"]}


def test_the_run_tells_where_it_is(folder):
    ticks = []
    Run([write("a.deriv.yaml", "a: proved\nb: proved")]).execute(ticks.append)
    assert [(t.done, t.total, t.path, t.claim) for t in ticks] == [
        (0, 2, "a.deriv.yaml", "a"), (1, 2, "a.deriv.yaml", "b"),
    ]  # fmt: skip


def test_seconds_are_taken_only_on_request(folder):
    path = write("a.deriv.yaml")
    assert run([path]).specs[0].claims[0].seconds is None
    assert run([path], Options(timings=True)).specs[0].claims[0].seconds >= 0


def test_the_seed_reaches_the_engine(folder):
    assert "seed 7" in run([write("a.deriv.yaml")], Options(seed=7)).specs[0].claims[0].because


# --- what verdicts come to

OUTCOMES = {
    "proved": ("ok", "ok"),
    "refuted": ("wrong", "wrong"),
    "invalid": ("wrong", "wrong"),
    "supported": ("open", "ok"),
    "undecided": ("open", "open"),
    "proved fails correct=proved": ("wrong", "wrong"),
    "supported fails correct=proved": ("open", "open"),
    "undecided fails correct=proved": ("open", "open"),
    "refuted fails correct=proved": ("ok", "ok"),
    "invalid fails correct=proved": ("ok", "ok"),
    "refuted fails correct=supported": ("open", "ok"),
    "refuted fails correct=undecided": ("open", "open"),
    "refuted fails correct=refuted": ("wrong", "wrong"),
    "refuted fails correct=proved step=1 fails_at=1": ("ok", "ok"),
    "refuted fails correct=proved step=1 fails_at=0": ("wrong", "wrong"),
    "refuted fails correct=supported step=1 fails_at=0": ("wrong", "wrong"),
    "refuted fails correct=supported step=1 fails_at=1": ("open", "ok"),
}


@pytest.mark.parametrize(("text", "expected"), OUTCOMES.items())
def test_outcomes_with_and_without_accepting_supported(folder, text, expected):
    path = write("a.deriv.yaml", f"a: {text}")
    for accept, wanted in zip((frozenset(), SUPPORTED), expected, strict=True):
        claim = run([path], Options(accept=accept)).specs[0].claims[0]
        assert outcome(claim) == wanted
        assert claim.ok == (wanted == Outcome.OK)


STATUSES = {"proved": 0, "refuted": 1, "invalid": 1, "unreadable": 2, "fault": 2, "supported": 3, "undecided": 3}


def test_exit_statuses_in_every_combination(folder):
    """2 goes before 1 before 3 before 0."""
    for word in STATUSES:
        write(f"{word}.deriv.yaml", f"a: {word}")
    rank = {2: 3, 1: 2, 3: 1, 0: 0}
    for size in range(len(STATUSES) + 1):
        for words in itertools.combinations(STATUSES, size):
            wanted = max((STATUSES[word] for word in words), key=rank.__getitem__, default=0)
            assert exit_status(run([f"{word}.deriv.yaml" for word in words])) == wanted


def test_exit_statuses_of_one_file_with_many_claims(folder):
    words = [word for word in STATUSES if word != "unreadable"]
    rank = {2: 3, 1: 2, 3: 1, 0: 0}
    for pair in itertools.product(words, repeat=2):
        wanted = max((STATUSES[word] for word in pair), key=rank.__getitem__)
        path = write("a.deriv.yaml", "".join(f"c{i}: {word}\n" for i, word in enumerate(pair)))
        assert exit_status(run([path])) == wanted


# --- how deep the engine may go


def test_the_engine_has_the_same_room_however_deep_it_is_called(folder, monkeypatch):
    def room(left):
        return 1 + room(left) if sys.getrecursionlimit() else 0

    def endless(*_):
        rooms.append(sys.getrecursionlimit() - len(inspect.stack(0)))
        return room(0)

    def deeper(calls):
        return run(["a.deriv.yaml"]) if calls == 0 else deeper(calls - 1)

    rooms: list[int] = []
    monkeypatch.setattr(fake_engine, "judge", endless)
    write("a.deriv.yaml")
    before = sys.getrecursionlimit()
    reports = [deeper(calls) for calls in (0, 200)]
    assert reports[0] == reports[1]
    assert reports[0].specs[0].faults == (
        "a: internal error: RecursionError: there was no more room for calls inside one another",
    )
    assert rooms[0] == rooms[1] > 9_000
    assert sys.getrecursionlimit() == before


def test_definitions_may_go_through_one_another_as_often_as_there_may_be_definitions(tmp_path):
    length = 480
    names = "".join(f"  d{i}: d{i - 1} + 1\n" for i in range(1, length))
    text = f"derivcheck: 1\ntitle: t\nvariables: {{x: }}\ndefine:\n  d0: x\n{names}"
    path = tmp_path / "long.deriv.yaml"
    path.write_text(f"{text}claims:\n  a: D(d{length - 1}, x) == 1\n  b: d{length - 1} == x + {length - 1}\n")
    done = subprocess.run([sys.executable, "-m", "derivcheck", "run", path], capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
