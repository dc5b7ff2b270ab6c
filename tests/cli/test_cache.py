"""Remembered verdicts: the same bytes as without, never of another engine or question; no harm from the folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import fake_engine
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from derivcheck import cache, fingerprint
from derivcheck.cache import Cache, folder
from derivcheck.cli import main
from derivcheck.engine import Judge
from derivcheck.run import Options, run
from derivcheck.spec import loads
from derivcheck.verdict import Verdict


@pytest.fixture
def asked(tmp_path, monkeypatch, engine):
    """The claims that the engine with fixed answers is asked for; the working folder and the cache are new."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DERIVCHECK_NO_CACHE")
    monkeypatch.setenv("DERIVCHECK_CACHE", str(tmp_path / "cache"))
    # an engine of one file, which nobody changes while it is tested
    package = tmp_path / "engine" / "engine"
    package.mkdir(parents=True)
    (package / "decide.py").write_text("")
    monkeypatch.setattr(fingerprint, "_PACKAGE", package.parent)
    monkeypatch.setattr("derivcheck.version.IMPORTED", float("inf"))
    claims: list[str] = []
    judge = fake_engine.judge

    def counted(derivation, claim, settings):
        claims.append(claim.id)
        return judge(derivation, claim, settings)

    monkeypatch.setattr(fake_engine, "judge", counted)
    return claims


def derivcheck(*arguments: str):
    return CliRunner().invoke(main, arguments)


def entries() -> list[Path]:
    return sorted(Path("cache").rglob("*.json"))


# --- the same bytes


def test_a_second_run_asks_the_engine_nothing_and_prints_the_same_bytes(asked):
    Path("a.deriv.yaml").write_text(
        "a: proved sizes=every\nb: refuted note=remark\nc: invalid fails correct=proved\n"
    )
    Path("b.deriv.yaml").write_text("unreadable")
    for form in ("terminal", "concise", "json", "junit", "github"):
        without = derivcheck("run", ".", "-f", form, "--no-cache")
        derivcheck("run", ".", "-f", form)
        asked.clear()
        again = derivcheck("run", ".", "-f", form)
        assert asked == []
        assert (again.stdout_bytes, again.exit_code) == (without.stdout_bytes, without.exit_code)
    assert len(entries()) == 3


def test_what_is_new_alone_is_judged_and_the_report_is_in_order(asked):
    Path("a.deriv.yaml").write_text("a: proved\nc: supported\n")
    derivcheck("run", ".")
    Path("a.deriv.yaml").write_text("\n\nc: supported\nb: refuted\na: proved\n")
    asked.clear()
    text = derivcheck("run", ".", "-f", "json").stdout
    assert asked == ["b"]
    claims = json.loads(text)["specs"][0]["claims"]
    assert [(claim["id"], claim["line"]) for claim in claims] == [("c", 3), ("b", 4), ("a", 5)]
    assert text == derivcheck("run", ".", "-f", "json", "--no-cache").stdout


def test_options_that_say_what_to_make_of_a_verdict_do_not_matter_to_it(asked):
    Path("a.deriv.yaml").write_text("a: supported\nb: proved\n")
    assert derivcheck("run", ".").exit_code == 3
    asked.clear()
    assert derivcheck("run", ".", "--accept", "supported").exit_code == 0
    assert derivcheck("run", ".", "--claim", "b").exit_code == 0
    assert "seconds" in derivcheck("run", ".", "-f", "json", "--timings").stdout
    assert derivcheck("run", ".").exit_code == 3
    assert asked == []
    derivcheck("run", ".", "--seed", "1")
    assert asked == ["a", "b"]


def test_only_verdicts_of_the_engine_are_remembered(asked):
    Path("a.deriv.yaml").write_text("a: fault\nb: crash\nc: sleep\nd: proved\n")
    for _ in range(2):
        asked.clear()
        report = run(["a.deriv.yaml"], Options(timeout=0.05, cache=folder()))
        assert len(report.specs[0].faults) == 2
        assert [claim.verdict for claim in report.specs[0].claims] == [Verdict.UNDECIDED, Verdict.PROVED]
    assert asked == ["a", "b", "c"]


def test_what_was_judged_before_a_run_was_stopped_is_remembered(asked):
    Path("a.deriv.yaml").write_text("a: proved\nb: interrupt\nc: proved\n")
    assert derivcheck("run", ".").exit_code == 130
    asked.clear()
    assert derivcheck("run", ".").exit_code == 130
    assert asked == ["b"]


def test_the_cache_can_be_left_alone(asked, monkeypatch):
    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", ".", "--no-cache")
    monkeypatch.setenv("DERIVCHECK_NO_CACHE", "1")
    derivcheck("run", ".")
    assert asked == ["a", "a"]
    assert not Path("cache").exists()


SPEC = """\
derivcheck: 1
title: Squares
variables: {x: [n]}
claims:
  right: D(sum(x**2), x) == 2*x
  chain:
    of: sum(x**2)
    wrt: x
    steps: [2*x, 3*x]
  shapes:
    statement: D(sum(x**2), x) == sum(x)*x.T @ x
    expect: fails
    correct: 2*x
  names: D(sum(x**2), x) == 2*X
"""

UNTOUCHED = """
import atexit, json, sys
heavy = ("sympy", "numpy", "flint", "mpmath", "derivcheck.engine")
atexit.register(lambda: sys.stderr.write(json.dumps([m for m in heavy if m in sys.modules])))
from derivcheck.cli import main
main(["run", ".", "-f", "json", "-j", "2"], prog_name="derivcheck")
"""


def test_the_real_engine_is_not_even_imported_for_what_is_remembered(tmp_path):
    environment = {key: value for key, value in os.environ.items() if key != "DERIVCHECK_NO_CACHE"}
    environment["DERIVCHECK_CACHE"] = str(tmp_path / "cache")

    def command() -> subprocess.CompletedProcess[bytes]:
        arguments = [sys.executable, "-c", UNTOUCHED]
        return subprocess.run(arguments, cwd=tmp_path, capture_output=True, check=False, env=environment)

    (tmp_path / "a.deriv.yaml").write_text(SPEC, encoding="utf-8")
    first, second = command(), command()
    assert json.loads(first.stderr) == ["sympy", "numpy", "flint", "mpmath", "derivcheck.engine"]
    assert json.loads(second.stderr) == []
    assert (second.stdout, second.returncode) == (first.stdout, first.returncode)
    moved = SPEC.replace("claims:\n", "\n# further down\nclaims:\n")
    (tmp_path / "a.deriv.yaml").write_text(moved, encoding="utf-8")
    third = command()
    assert json.loads(third.stderr) == []
    environment["DERIVCHECK_NO_CACHE"] = "1"
    assert command().stdout == third.stdout != first.stdout


# --- never of another engine


def test_a_change_of_the_engine_forgets_everything(asked, monkeypatch):
    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", ".")
    monkeypatch.setattr(cache, "engine_digest", lambda: "f" * 64)
    derivcheck("run", ".")
    derivcheck("run", ".")
    assert asked == ["a", "a"]


def test_what_an_engine_finds_that_changes_meanwhile_is_not_remembered(asked, tmp_path, monkeypatch):
    source = Path("engine/engine/decide.py")
    monkeypatch.setattr(cache, "_TRUSTED", -1.0)
    opened = Cache.opened(tmp_path / "cache", 0)
    assert opened is not None
    opened.write("0" * 64, {})
    source.write_text("# changed")
    opened.write("1" * 64, {})
    assert [path.name for path in entries()] == [f"{'0' * 62}.json"]
    source.unlink()
    opened.write("2" * 64, {})
    assert len(entries()) == 1


def test_an_engine_that_has_changed_since_it_was_imported_is_not_taken_for_the_new_one(asked, monkeypatch):
    Path("a.deriv.yaml").write_text("a: proved\n")
    monkeypatch.setattr("derivcheck.version.IMPORTED", time.time() - 60)
    derivcheck("run", "."), derivcheck("run", ".")
    assert asked == ["a", "a"]
    assert not Path("cache").exists()


def test_without_a_known_engine_there_is_no_cache(asked, monkeypatch):
    def unknown():
        raise fingerprint.Unknown

    monkeypatch.setattr(cache, "engine_digest", unknown)
    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", "."), derivcheck("run", ".")
    assert asked == ["a", "a"]


def test_what_has_no_fingerprint_is_not_remembered(asked, tmp_path):
    opened = Cache.opened(tmp_path / "cache", 0)
    assert opened is not None
    derivation = loads(SPEC, "a.deriv.yaml")
    (claim, *_), report = derivation.claims, Judge(derivation).judge(derivation.claims[0])
    for odd, its in (
        (derivation, replace(claim, tolerance=0.5)),
        (replace(derivation, assume=(object(),)), claim),
    ):
        opened.of(odd).put(its, report)
        assert opened.of(odd).get(its) is None
    assert not Path("cache").exists()
    opened.of(derivation).put(claim, report)
    assert opened.of(derivation).get(claim) == report


# --- no harm from the folder


def remembered(asked) -> Path:
    """The file of a verdict."""
    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", ".")
    asked.clear()
    (entry,) = entries()
    return entry


def rewrite(entry: Path, **changes: object) -> None:
    data = json.loads(entry.read_bytes())
    data["report"].update(changes)
    data["check"] = cache._check(data["report"])
    entry.write_text(json.dumps(data))


SPOILT = {
    "empty": lambda entry: entry.write_bytes(b""),
    "cut off": lambda entry: entry.write_bytes(entry.read_bytes()[:-20]),
    "changed": lambda entry: entry.write_bytes(entry.read_bytes().replace(b"proved", b"provEd")),
    "no text": lambda entry: entry.write_bytes(b"\xff\xfe\x00"),
    "no object": lambda entry: entry.write_text("[1, 2]"),
    "deep": lambda entry: entry.write_text("[" * 100_000),
    "a long number": lambda entry: entry.write_text("1" * 10_000),
    "large": lambda entry: entry.write_bytes(entry.read_bytes() + b" " * cache.MOST_BYTES),
    "of another claim": lambda entry: entry.write_bytes(entry.read_bytes().replace(b'"key": "', b'"key": "0')),
    "a verdict that there is not": lambda entry: rewrite(entry, verdict="certain"),
    "a place that there is not": lambda entry: rewrite(entry, place="step 7"),
    "a number for a text": lambda entry: rewrite(entry, because=7),
    "a folder": lambda entry: (entry.unlink(), entry.mkdir()),
    "a pipe": lambda entry: (entry.unlink(), os.mkfifo(entry)),
    "a link to itself": lambda entry: (entry.unlink(), entry.symlink_to(entry.name)),
    "unreadable": lambda entry: (entry.unlink(), entry.symlink_to("/proc/1/mem")),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_file_is_as_none(asked, how):
    entry = remembered(asked)
    SPOILT[how](entry)
    assert derivcheck("run", ".").exit_code == 0
    assert asked == ["a"]


def test_a_spoilt_file_is_replaced(asked):
    entry = remembered(asked)
    entry.write_bytes(b"")
    derivcheck("run", "."), derivcheck("run", ".")
    assert asked == ["a"]


@settings(
    derandomize=True, max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_damage_to_a_file_changes_a_verdict(asked, data):
    Path("a.deriv.yaml").write_text("a: refuted\nb: proved\n")
    before = derivcheck("run", ".", "-f", "json").stdout
    for entry in entries():
        content = bytearray(entry.read_bytes())
        start = data.draw(st.integers(0, len(content)))
        content[start : start + data.draw(st.integers(0, 9))] = data.draw(st.binary(max_size=9))
        entry.write_bytes(content)
    assert derivcheck("run", ".", "-f", "json").stdout == before


def test_a_folder_that_cannot_be_used_costs_nothing_but_time(asked, monkeypatch):
    Path("a.deriv.yaml").write_text("a: proved\n")
    Path("file").write_text("")
    for place in ("file", "file/below", "/dev/null/cache", "/proc/cache", "x" * 300):
        monkeypatch.setenv("DERIVCHECK_CACHE", place)
        result = derivcheck("run", ".")
        assert (result.exit_code, result.stderr) == (0, "")
    assert Path("file").read_text() == ""


def test_a_full_disk_leaves_no_rubbish(asked, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", ".", "--seed", "1")
    before = sorted(Path("cache").rglob("*"))
    monkeypatch.setattr("os.replace", full)
    assert derivcheck("run", ".").exit_code == 0
    assert [path for path in sorted(Path("cache").rglob("*")) if path.is_file() and path not in before] == []


def test_the_folder_is_for_its_owner_alone_and_says_that_it_is_a_cache(asked):
    remembered(asked)
    verdicts = Path("cache", cache.VERDICTS)
    assert verdicts.stat().st_mode & 0o077 == 0
    assert (verdicts / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


WRITING = """
import sys
from pathlib import Path
from derivcheck.cache import Cache
cache = Cache.opened(Path("cache"), 0)
for turn in range(40):
    for key in range(10):
        report = {"turn": turn, "who": sys.argv[1], "text": "x" * 20_000}
        cache.write(f"{key:064}", report)
        found = cache.read(f"{key:064}")
        assert found is not None and len(found["text"]) == 20_000
"""


def test_many_processes_may_read_and_write_at_once(asked):
    processes = [subprocess.Popen([sys.executable, "-c", WRITING, str(i)]) for i in range(3)]
    assert [process.wait(timeout=120) for process in processes] == [0, 0, 0]
    assert len(entries()) == 10
    assert not [path for path in Path("cache").rglob(".*") if path.is_file()]


def test_what_nobody_asks_for_is_forgotten_in_time(asked):
    entry = remembered(asked)
    other = Path("cache", cache.VERDICTS, "0123456789abcdef", "00", "1.json")
    leftover = other.with_name(".half")
    other.parent.mkdir(parents=True)
    for path in (other, leftover):
        path.write_text("")
    long_ago = time.time() - cache.KEPT - 100
    for path in (entry, other, leftover, Path("cache", cache.VERDICTS, "CACHEDIR.TAG")):
        os.utime(path, (long_ago, long_ago))
    derivcheck("run", ".")  # asks for the first
    Path("a.deriv.yaml").write_text("b: supported\n")
    derivcheck("run", ".")
    assert other.exists()  # it was looked for today
    swept = Path("cache", cache.VERDICTS, "swept")
    os.utime(swept, (long_ago, long_ago))
    Path("a.deriv.yaml").write_text("c: invalid\n")
    derivcheck("run", ".")
    assert not other.parent.parent.exists()
    assert len(entries()) == 3
    assert (Path("cache", cache.VERDICTS) / "CACHEDIR.TAG").exists()


# --- where it is, and the command


HOME = {"HOME": "/home/me"}
PLACES = [
    (HOME, "linux", "/home/me/.cache/derivcheck"),
    ({**HOME, "XDG_CACHE_HOME": "/var/c"}, "linux", "/var/c/derivcheck"),
    ({**HOME, "XDG_CACHE_HOME": "relative"}, "linux", "/home/me/.cache/derivcheck"),
    ({**HOME, "XDG_CACHE_HOME": ""}, "linux", "/home/me/.cache/derivcheck"),
    ({**HOME, "XDG_CACHE_HOME": "/var/c"}, "darwin", "/home/me/Library/Caches/derivcheck"),
    ({"LOCALAPPDATA": "/AppData"}, "win32", "/AppData/derivcheck/Cache"),
    ({**HOME}, "win32", None),
    ({}, "linux", None),
    ({"HOME": "relative"}, "linux", None),
    ({**HOME, "DERIVCHECK_CACHE": "here"}, "linux", "here"),
    ({**HOME, "DERIVCHECK_CACHE": ""}, "linux", "/home/me/.cache/derivcheck"),
    ({**HOME, "DERIVCHECK_CACHE": "here", "DERIVCHECK_NO_CACHE": "1"}, "linux", None),
    ({**HOME, "DERIVCHECK_NO_CACHE": ""}, "linux", "/home/me/.cache/derivcheck"),
]


@pytest.mark.parametrize(("environment", "platform", "place"), PLACES)
def test_where_verdicts_are_kept(environment, platform, place):
    assert folder(environment, platform) == (None if place is None else Path(place))


def test_the_command_tells_where_and_how_many_and_forgets(asked, tmp_path):
    assert derivcheck("cache", "--path").stdout == f"{tmp_path}/cache\n"
    assert derivcheck("cache").stdout == f"{tmp_path}/cache: 0 verdicts, 0 kB\n"
    assert derivcheck("cache", "--clear").stdout == "0 verdicts forgotten\n"
    Path("a.deriv.yaml").write_text("a: proved\nb: refuted\n")
    derivcheck("run", ".")
    assert derivcheck("cache").stdout.startswith(f"{tmp_path}/cache: 2 verdicts, ")
    Path("cache/mine").write_text("")
    assert derivcheck("cache", "--clear").stdout == "2 verdicts forgotten\n"
    assert [path.name for path in Path("cache").iterdir()] == ["mine"]
    asked.clear()
    derivcheck("run", ".")
    assert asked == ["a", "b"]


def test_forgetting_does_not_follow_links(asked, tmp_path):
    Path("elsewhere").mkdir()
    Path("elsewhere/old.json").write_text("")
    os.utime("elsewhere/old.json", (0, 0))
    Path("cache").mkdir()
    Path("cache", cache.VERDICTS).symlink_to(tmp_path / "elsewhere")
    Path("a.deriv.yaml").write_text("a: proved\n")
    derivcheck("run", ".")
    assert derivcheck("cache", "--clear").exit_code == 0
    assert Path("elsewhere/old.json").exists()
    assert not Path("cache", cache.VERDICTS).is_symlink()


def test_the_command_says_when_there_is_no_cache(asked, monkeypatch):
    monkeypatch.setenv("DERIVCHECK_NO_CACHE", "1")
    for option in ([], ["--path"], ["--clear"]):
        result = derivcheck("cache", *option)
        assert result.exit_code == 2
        assert "verdicts are not remembered" in result.stderr


def test_what_cannot_be_forgotten_is_said(asked, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    remembered(asked)
    monkeypatch.setattr("shutil.rmtree", refuse)
    result = derivcheck("cache", "--clear")
    assert result.exit_code == 2
    assert "Permission denied" in result.stderr


# --- the plugin


def test_the_plugin_remembers_too(asked, pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    monkeypatch.setenv("DERIVCHECK_CACHE", str(pytester.path / "cache"))
    (pytester.path / "x.deriv.yaml").write_text("a: proved\nb: refuted\n")
    pytester.runpytest().assert_outcomes(passed=1, failed=1)
    first = pytester.runpytest("-v")
    first.assert_outcomes(passed=1, failed=1)
    first.stdout.fnmatch_lines(["  witness    x = 1/2"])
    assert asked == ["a", "b"]
    pytester.runpytest("--derivcheck-no-cache").assert_outcomes(passed=1, failed=1)
    assert asked == ["a", "b", "a", "b"]
    derivcheck("run", str(pytester.path))
    assert asked == ["a", "b", "a", "b"]
