"""The command line as a user meets it, over an engine with fixed answers."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from derivcheck.cli import main
from derivcheck.version import __version__


@pytest.fixture
def specs(tmp_path, monkeypatch, engine):
    monkeypatch.chdir(tmp_path)
    Path("good.deriv.yaml").write_text("a: proved sizes=every\nb: proved cite\n")
    Path("bad.deriv.yaml").write_text("c: refuted\nd: supported\n")
    Path("open.deriv.yaml").write_text("e: supported\n")
    return tmp_path


def derivcheck(*arguments: str):
    return CliRunner().invoke(main, arguments)


def run(*arguments: str):
    return derivcheck("run", *arguments)


# --- asking


def test_version():
    assert derivcheck("--version").stdout == f"derivcheck {__version__}\n"


@pytest.mark.parametrize("arguments", [("--help",), ("-h",), ("run", "--help"), ("run", "-h"), ("schema", "-h")])
def test_help_fits_eighty_columns(arguments):
    result = derivcheck(*arguments)
    assert result.exit_code == 0
    assert max(len(line) for line in result.stdout.split("\n")) <= 80


def test_help_names_every_format_and_exit_status():
    text = derivcheck("run", "--help").stdout
    for word in ("terminal", "concise", "json", "junit", "github", "  0  ", "  1  ", "  2  ", "  3  "):
        assert word in text


def test_bad_usage_is_status_2():
    for arguments in (
        ["run"],
        ["walk"],
        ["run", "x", "--format", "xml"],
        ["run", "x", "--seed", "-1"],
        ["run", "--no"],
    ):
        assert derivcheck(*arguments).exit_code == 2
    assert run("x", "--accept", "undecided").exit_code == 2


# --- running


def test_exit_statuses(specs):
    assert run("good.deriv.yaml").exit_code == 0
    assert run("open.deriv.yaml").exit_code == 3
    assert run("open.deriv.yaml", "--accept", "supported").exit_code == 0
    assert run("bad.deriv.yaml", "open.deriv.yaml").exit_code == 1
    assert run("bad.deriv.yaml", "missing").exit_code == 2
    assert run(".").exit_code == 1


def test_formats(specs):
    assert "✓  a  proved  every size" in run("good.deriv.yaml").stdout
    assert run("good.deriv.yaml", "-f", "concise").stdout.startswith("good.deriv.yaml:1:1: a: proved: ")
    assert json.loads(run("good.deriv.yaml", "-f", "json").stdout)["summary"]["ok"] == 2
    assert ElementTree.fromstring(run("good.deriv.yaml", "-f", "junit").stdout).get("tests") == "2"
    assert run("bad.deriv.yaml", "-f", "github").stdout.startswith("::error file=bad.deriv.yaml,line=1,col=1,")


def test_reports_are_the_same_bytes_for_any_order_of_files(specs):
    for form in ("terminal", "concise", "json", "junit", "github"):
        first = run("-f", form, "good.deriv.yaml", "bad.deriv.yaml", "missing").stdout_bytes
        assert run("-f", form, "missing", "bad.deriv.yaml", "good.deriv.yaml").stdout_bytes == first
        assert run("-f", form, "./bad.deriv.yaml", "missing", "good.deriv.yaml", ".").stdout_bytes != b""


def test_a_report_that_is_not_printed_to_a_terminal_has_no_colors_unless_asked_for(specs):
    assert b"\x1b" not in run("bad.deriv.yaml").stdout_bytes
    assert b"\x1b" in run("bad.deriv.yaml", "--color", "always").stdout_bytes


def test_claims_can_be_selected(specs):
    data = json.loads(run(".", "-f", "json", "-c", "a", "-c", "[cd]").stdout)
    assert [claim["id"] for spec in data["specs"] for claim in spec["claims"]] == ["c", "d", "a"]


def test_a_selection_that_selects_nothing_is_bad_usage(specs):
    result = run(".", "--claim", "nothing-*")
    assert result.exit_code == 2
    assert "no claim matches 'nothing-*'" in result.stderr


def test_timings(specs):
    claim = json.loads(run("good.deriv.yaml", "-f", "json", "--timings").stdout)["specs"][0]["claims"][0]
    assert claim["seconds"] >= 0
    assert " s" in run("good.deriv.yaml", "--timings").stdout


def test_seed(specs):
    assert "with seed 5" in run("good.deriv.yaml", "--seed", "5", "-f", "concise").stdout


def test_engine_faults_are_status_2_and_the_rest_is_judged(specs):
    Path("f.deriv.yaml").write_text("x: fault\ny: crash\nz: proved\n")
    result = run("f.deriv.yaml", "-f", "concise")
    assert result.exit_code == 2
    lines = result.stdout.split("\n")
    assert lines[0] == "f.deriv.yaml:3:1: z: proved: found proved with seed 0"
    assert lines[1] == "f.deriv.yaml: fault: x: two roads disagree"
    assert lines[2].startswith("f.deriv.yaml: fault: y: internal error at fake_engine.py:")


@pytest.mark.parametrize(("deed", "status"), [("interrupt", 130), ("terminate", 143)])
def test_what_is_finished_is_printed_when_a_run_is_stopped(specs, deed, status):
    Path("i.deriv.yaml").write_text(f"x: proved\ny: {deed}\nz: proved\n")
    result = run("i.deriv.yaml", "-f", "json")
    assert result.exit_code == status
    data = json.loads(result.stdout)
    assert data["interrupted"] is True
    assert [claim["id"] for claim in data["specs"][0]["claims"]] == ["x"]
    assert "interrupted; 1 claim in 1 file: 1 ok" in run("i.deriv.yaml").stdout


def test_a_stopped_run_writes_its_report_to_the_file(specs):
    Path("i.deriv.yaml").write_text("x: proved\ny: interrupt\n")
    assert run("i.deriv.yaml", "-f", "json", "-o", "out.json").exit_code == 130
    assert json.loads(Path("out.json").read_text())["interrupted"] is True


def test_it_can_be_called_from_any_thread(specs):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, "good.deriv.yaml").result().exit_code == 0


# --- writing to a file


def test_output_goes_to_the_file_and_the_summary_to_stderr(specs):
    result = run(".", "-f", "junit", "-o", "report.xml")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == "5 claims in 3 files: 2 ok, 1 refuted, 2 supported\n"
    assert ElementTree.parse("report.xml").getroot().get("tests") == "5"
    assert sorted(p.name for p in specs.iterdir()) == [
        "bad.deriv.yaml", "good.deriv.yaml", "open.deriv.yaml", "report.xml",
    ]  # fmt: skip


def test_output_replaces_a_report_and_keeps_its_permissions(specs):
    report = Path("report.json")
    report.write_text("old")
    report.chmod(0o640)
    run("good.deriv.yaml", "-f", "json", "-o", "report.json")
    assert json.loads(report.read_text())["schema"] == 1
    assert stat.S_IMODE(report.stat().st_mode) == 0o640


def test_a_new_report_has_the_permissions_of_any_new_file(specs):
    run("good.deriv.yaml", "-o", "report.txt")
    Path("other").write_text("")
    assert Path("report.txt").stat().st_mode == Path("other").stat().st_mode


def test_output_goes_through_a_link(specs):
    Path("link").symlink_to("real")
    run("good.deriv.yaml", "-f", "json", "-o", "link")
    assert Path("link").is_symlink()
    assert Path("real").read_text().startswith("{")


def test_output_to_a_device_does_not_replace_it(specs):
    assert run("good.deriv.yaml", "-o", "/dev/null").exit_code == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("target", ["folder", "no/such/folder/report", "good.deriv.yaml/report"])
def test_a_report_that_cannot_be_written_is_said_before_the_work(specs, target, monkeypatch):
    Path("folder").mkdir()
    monkeypatch.setattr("derivcheck.run.Run.execute", lambda *_: pytest.fail("the work was begun"))
    result = run("good.deriv.yaml", "-o", target)
    assert result.exit_code == 2
    assert "the report cannot be written" in result.stderr


def test_a_full_disk_leaves_the_old_report_and_no_rubbish(specs, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    Path("report").write_text("old")
    monkeypatch.setattr("os.fsync", full)
    result = run("good.deriv.yaml", "-o", "report")
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert Path("report").read_text() == "old"
    assert not [path for path in specs.iterdir() if path.name.startswith(".")]


def test_hostile_paths_are_inert(specs):
    name = "[bold]\x1b[31m%0A\n::error::x.deriv.yaml"
    Path(name).write_text("a: refuted\n")
    for form in ("terminal", "concise", "json", "junit", "github"):
        result = run(name, "-f", form)
        assert result.exit_code == 1
        assert "\x1b" not in result.stdout
        assert not any(line.startswith("::error::") for line in result.stdout.split("\n"))
