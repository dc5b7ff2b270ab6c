"""Runs in several processes: the same bytes, and what is left when a process dies, hangs or is stopped."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from derivcheck import judging, parallel
from derivcheck.cli import main
from derivcheck.judging import OutOfTime, within
from derivcheck.run import FEW, Options, Run, run

TESTS = Path(__file__).parents[1]
SPECS = TESTS.parent / "specs"

#: The command over an engine with fixed answers, in this process and, since they import it, in its workers. It stands
#: in for the engine from the start, which saves each of them the time to import that.
SCRIPT = f"""\
import sys, types
sys.path.insert(0, {str(TESTS)!r})
import derivcheck
derivcheck.engine = sys.modules["derivcheck.engine"] = types.ModuleType("derivcheck.engine")
derivcheck.diagnose = sys.modules["derivcheck.diagnose"] = types.ModuleType("derivcheck.diagnose")
derivcheck.diagnose.diagnose = None
import fake_engine
fake_engine.install(types.SimpleNamespace(setattr=lambda owner, name, value, raising: setattr(owner, name, value)))
from derivcheck.cli import main
if __name__ == "__main__":
    main(prog_name="derivcheck")
"""

MANY = "".join(f"c{i}: proved\n" for i in range(FEW))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("command.py").write_text(SCRIPT)
    return tmp_path


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "command.py", *arguments], capture_output=True, text=True, check=False, timeout=120
    )


def found(done: subprocess.CompletedProcess[str]) -> dict[str, dict]:
    return {spec["path"]: spec for spec in json.loads(done.stdout)["specs"]}


# --- the same bytes


def test_the_report_has_the_same_bytes_for_any_number_of_processes(folder):
    names = ["gallery-log-sum-exp", "gallery-ridge-regression", "004-label-likelihood"]
    for name in names:
        Path(f"{name}.deriv.yaml").symlink_to(SPECS / f"{name}.deriv.yaml")
    Path("wrong.deriv.yaml").write_text(
        "derivcheck: 1\ntitle: Wrong\nvariables:\n  x: [n]\n  y: {domain: positive}\nclaims:\n"
        "  sign: D(sum(x**2), x) == -2*x\n  shape: D(sum(x**2), x) == 2\n"
        "  chain: log(y**2) == 2*log(y) == log(y) + 1\n  kink: D(relu(y - 1), y) == indicator(y > 1)\n"
    )
    bytes_of = {}
    for jobs in ("1", "3"):
        arguments = [sys.executable, "-m", "derivcheck", "run", ".", "-f", "json", "-j", jobs]
        done = subprocess.run(arguments, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (1, b"")
        bytes_of[jobs] = done.stdout
    assert bytes_of["1"] == bytes_of["3"]
    assert len(json.loads(bytes_of["1"])["specs"]) == 4


def test_a_run_with_little_to_do_starts_no_process(folder, engine, monkeypatch):
    monkeypatch.setattr(parallel, "judge_all", lambda *_: pytest.fail("a process was started"))
    Path("a.deriv.yaml").write_text(MANY)
    Path("b.deriv.yaml").write_text("unreadable")
    assert CliRunner().invoke(main, ["run", "a.deriv.yaml", "b.deriv.yaml", "-j", "4"]).exit_code == 2
    Path("b.deriv.yaml").write_text("few: proved\n")
    assert CliRunner().invoke(main, ["run", "b.deriv.yaml", "-j", "4"]).exit_code == 0


@pytest.mark.parametrize("jobs", ["0", "-1", "x", "1.5", "9999", "", "٣"])
def test_numbers_of_processes_that_make_no_sense(folder, jobs):
    result = CliRunner().invoke(main, ["run", ".", "-j", jobs])
    assert result.exit_code == 2
    assert "neither 'auto' nor a number from 1 to" in result.stderr


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "-inf", "1e300", "1000001", "x", ""])
def test_times_that_make_no_sense(folder, seconds):
    assert CliRunner().invoke(main, ["run", ".", "--timeout", seconds]).exit_code == 2


def test_the_longest_time_is_waited_for(folder):
    Path("a.deriv.yaml").write_text("a: proved\n")
    assert command("run", "a.deriv.yaml", "--timeout", "1e6").returncode == 0


def test_auto_is_a_process_for_each_processor(folder, engine, monkeypatch):
    seen = []
    monkeypatch.setattr(parallel, "processors", lambda: 7)
    monkeypatch.setattr(Run, "execute", lambda self, watch: seen.append(self.options.jobs) or Run([]).execute())
    CliRunner().invoke(main, ["run", "x", "-j", "auto"])
    assert seen == [7]
    assert parallel.processors() >= 1


# --- what is left


def test_a_process_that_dies_takes_one_claim_with_it(folder):
    Path("a.deriv.yaml").write_text("a1: proved\na2: segfault\na3: refuted\n")
    Path("b.deriv.yaml").write_text("b1: exit\nb2: fault\nb3: memory\nb4: proved\n" + MANY)
    Path("c.deriv.yaml").write_text("c: proved\n")
    done = command("run", ".", "-f", "json", "-j", "2")
    assert (done.returncode, done.stderr) == (2, "")
    specs = found(done)
    assert [claim["id"] for claim in specs["a.deriv.yaml"]["claims"]] == ["a1", "a3"]
    assert specs["a.deriv.yaml"]["faults"] == ["a2: the process that judged it was ended by SIGSEGV"]
    assert specs["b.deriv.yaml"]["faults"] == [
        "b1: the process that judged it ended with status 7",
        "b2: two roads disagree",
        "b3: internal error: MemoryError: there was no more memory",
    ]
    assert len(specs["b.deriv.yaml"]["claims"]) == 1 + FEW
    assert [claim["id"] for claim in specs["c.deriv.yaml"]["claims"]] == ["c"]


def test_a_file_over_which_processes_keep_dying_is_given_up(folder):
    Path("a.deriv.yaml").write_text("a0: proved\n" + "".join(f"a{i}: exit\n" for i in range(1, 6)))
    Path("b.deriv.yaml").write_text(MANY)
    done = command("run", ".", "-f", "json", "-j", "2")
    assert done.returncode == 2
    specs = found(done)
    assert [claim["id"] for claim in specs["a.deriv.yaml"]["claims"]] == ["a0"]
    assert specs["a.deriv.yaml"]["faults"][2:] == [
        "a3: the process that judged it ended with status 7",
        "a4: given up, after 3 processes had died over this file",
        "a5: given up, after 3 processes had died over this file",
    ]
    assert len(specs["b.deriv.yaml"]["claims"]) == FEW


def test_a_claim_that_runs_out_of_time_is_undecided_and_the_others_are_judged(folder):
    Path("a.deriv.yaml").write_text("a: proved\nb: hang\nc: refuted fails correct=proved\n")
    done = command("run", "a.deriv.yaml", "-f", "json", "--timeout", "0.5")
    assert (done.returncode, done.stderr) == (3, "")
    claims = found(done)["a.deriv.yaml"]["claims"]
    assert [(claim["id"], claim["verdict"], claim["ok"]) for claim in claims] == [
        ("a", "proved", True), ("b", "undecided", False), ("c", "refuted", True),
    ]  # fmt: skip
    assert claims[1]["because"] == "it was not decided within 0.5 s"
    assert claims[1]["line"] == 2


def test_a_spec_that_cannot_be_read_by_the_worker_is_a_fault_of_its_claims(folder):
    source = SCRIPT.replace(
        "from derivcheck.cli", "import derivcheck.spec\nif __name__ != '__main__':\n"
        "    derivcheck.spec.loads = lambda text, path: {}['x']\nfrom derivcheck.cli",
    )  # fmt: skip
    Path("command.py").write_text(source)
    Path("a.deriv.yaml").write_text("a: proved\nb: proved\n")
    done = command("run", "a.deriv.yaml", "-f", "json", "--timeout", "60")
    assert done.returncode == 2
    faults = found(done)["a.deriv.yaml"]["faults"]
    assert [fault.split(": ")[:2] for fault in faults] == [["a", "reading the file"], ["b", "reading the file"]]


def test_a_process_that_dies_as_it_starts_is_a_fault_and_no_endless_loop(folder):
    Path("command.py").write_text(SCRIPT + "if __name__ != '__main__':\n    import os; os._exit(3)\n")
    Path("a.deriv.yaml").write_text("a: proved\nb: proved\n")
    done = command("run", "a.deriv.yaml", "-f", "json", "--timeout", "60")
    assert done.returncode == 2
    reason = "the process that was to judge it ended with status 3 before it got to it"
    assert found(done)["a.deriv.yaml"]["faults"] == [f"a: {reason}", f"b: {reason}"]


def test_no_process_to_be_had_is_a_fault(folder, engine, monkeypatch):
    def refuse(*_):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.context.SpawnProcess.start", refuse)
    Path("a.deriv.yaml").write_text("a: proved\n")
    report = run(["a.deriv.yaml"], Options(killable=True))
    assert report.specs[0].faults == ("a: no process could be started to judge it: Resource temporarily unavailable",)


# --- stopping


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks processes up in /proc")
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_is_finished_is_reported_when_it_is_stopped_and_no_process_is_left(folder, number, status):
    Path("a.deriv.yaml").write_text("a1: proved\na2: hang\n")
    Path("b.deriv.yaml").write_text("b1: proved\nb2: hang\n" + MANY)
    with subprocess.Popen(
        [sys.executable, "command.py", "run", ".", "-f", "json", "-j", "2", "--timings"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 60
        while len(_at_work(process.pid)) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(0.5)
        workers = _workers(process.pid)
        os.killpg(process.pid, number)  # as a terminal does, to all of them
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (status, "")
    data = json.loads(out)
    assert data["interrupted"] is True
    assert [[claim["id"] for claim in spec["claims"]] for spec in data["specs"]] == [["a1"], ["b1"]]
    assert not [pid for pid in workers if Path("/proc", str(pid)).exists()]


def _workers(parent: int) -> list[int]:
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
            line = (path.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"spawn_main" in line:
            found.append(int(path.parent.name))
    return found


def _at_work(parent: int) -> list[int]:
    """The workers that have come to where signals are blocked: they hang."""
    hanging = []
    for pid in _workers(parent):
        try:
            status = Path("/proc", str(pid), "status").read_text()
        except OSError:
            continue
        blocked = next(line.split()[1] for line in status.splitlines() if line.startswith("SigBlk"))
        if int(blocked, 16) & (1 << (signal.SIGTERM - 1)):
            hanging.append(pid)
    return hanging


# --- the time limit within this process


def test_python_code_is_stopped_in_this_process():
    begun = time.monotonic()
    with pytest.raises(OutOfTime):
        within(0.05, lambda: time.sleep(30))
    assert time.monotonic() - begun < 20
    assert within(30, lambda: 7) == 7
    assert signal.getsignal(signal.SIGALRM) == signal.SIG_DFL
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_an_error_passes_the_time_limit():
    with pytest.raises(ZeroDivisionError):
        within(30, lambda: 1 // 0)
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_a_claim_that_takes_too_long_in_this_process_is_undecided(folder, engine):
    Path("a.deriv.yaml").write_text("a: proved\nb: sleep fails correct=proved\nc: proved\n")
    claims = run(["a.deriv.yaml"], Options(timeout=0.05)).specs[0].claims
    assert [(claim.id, claim.verdict.value) for claim in claims] == [
        ("a", "proved"), ("b", "undecided"), ("c", "proved"),
    ]  # fmt: skip
    assert claims[1].because == "it was not decided within 0.05 s"


def test_after_a_claim_was_stopped_the_next_gets_a_judge_that_is_sound(folder, engine, monkeypatch):
    judges = []
    make = judging.engine_for

    def made(derivation, seed):
        judges.append(derivation)
        return make(derivation, seed)

    monkeypatch.setattr("derivcheck.run.engine_for", made)
    Path("a.deriv.yaml").write_text("a: proved\nb: sleep\nc: proved\n")
    run(["a.deriv.yaml"], Options(timeout=0.05))
    assert len(judges) == 2


def test_the_time_limit_of_a_claim_with_a_correction_leaves_both_undecided(folder):
    from derivcheck.spec import loads

    text = (
        "derivcheck: 1\ntitle: t\nvariables: {x: }\nclaims:\n  a:\n    statement: D(x**2, x) == x == 2\n"
        "    expect: fails\n    correct: 2*x\n    fails_at: 0\n    because: why\n    points: 1/2\n    cite: p\n"
    )
    (claim,) = loads(text, "a").claims
    report = judging.out_of_time(claim, 60)
    assert (report.statement, report.correct) == ("D(x**2, x) == x == 2", "D(x**2, x) == 2*x")
    assert (report.verdict.value, report.correct_verdict.value, report.ok) == ("undecided", "undecided", False)
    assert (report.fails_at, report.reason, report.points, report.cite) == (0, "why", "1/2", "p")
    assert report.because == "it was not decided within 60 s"
