"""The command as a process of its own, over the real reader and engine."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from derivcheck import process

SPECS = {
    "b.deriv.yaml": """\
derivcheck: 1
title: One sigmoid unit
variables:
  x: [n, 1]
  w: [n, 1]
  a: {domain: positive}
define:
  u: (w.T @ x)[0, 0]
  f: 1/(1 + exp(-u))
claims:
  right: D(f, w) == x*f*(1 - f)
  wrong:
    of: f
    wrt: w
    gradient: x*f*(1 + f)
    steps:
      - x*f*(1 - f)
    cite: page 3
  shapes: D(f, w) == x.T*f*(1 - f)
  number: 0.5*a ≈ 0.41
  kink: D(relu(u), u) == indicator(u > 0)
  known:
    statement: D(f, u) == f*(1 + f)
    expect: fails
    correct: f*(1 - f)
    because: a slip
""",
    "a.deriv.yaml": "derivcheck: 1\ntitle: Sums\nvariables:\n  p: [n]\nclaims:\n  s: sum(2*p) == 2*sum(p)\n",
    "broken.deriv.yaml": "derivcheck: 1\ntitle: Broken\nvariable:\n  x: [n]\nclaims:\n  a: x + == 1\n",
}


@pytest.fixture
def specs(tmp_path):
    for name, text in SPECS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def derivcheck(*arguments, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-m", "derivcheck", *arguments],
        cwd=cwd, capture_output=True, check=False, env={**os.environ, **environment},
    )  # fmt: skip


def test_the_whole_way(specs):
    done = derivcheck("run", ".", "-f", "json", cwd=specs)
    assert (done.returncode, done.stderr) == (2, b"")
    data = json.loads(done.stdout)
    assert [spec["path"] for spec in data["specs"]] == sorted(SPECS)
    assert len(data["specs"][2]["problems"]) == 2
    found = {claim["id"]: (claim["verdict"], claim["ok"]) for spec in data["specs"] for claim in spec["claims"]}
    assert found == {
        "s": ("proved", True),
        "right": ("proved", True),
        "wrong": ("refuted", False),
        "shapes": ("invalid", False),
        "number": ("refuted", False),
        "kink": ("proved", True),
        "known": ("refuted", True),
    }
    wrong = next(claim for claim in data["specs"][1]["claims"] if claim["id"] == "wrong")
    assert wrong["first_wrong_step"] == 1
    assert wrong["place"]["line"] == 15
    assert set(wrong["witness"]["point"]) <= {"x", "w"}


EVERY_FORMAT = """
import sys
from derivcheck.cli import main
for form in ("terminal", "concise", "json", "junit", "github"):
    try:
        main(["run", "-f", form, *sys.argv[1:]], prog_name="derivcheck")
    except SystemExit as end:
        print(end.code, flush=True)
"""


def every_format(*names, cwd, **environment):
    return subprocess.run(
        [sys.executable, "-c", EVERY_FORMAT, *names],
        cwd=cwd, capture_output=True, check=True, env={**os.environ, **environment},
    ).stdout  # fmt: skip


def test_same_bytes_under_any_hash_seed_order_of_files_and_terminal(specs):
    names = list(SPECS)
    first = every_format(*names, cwd=specs, PYTHONHASHSEED="0")
    again = every_format(
        *reversed(names), cwd=specs,
        PYTHONHASHSEED="12345", COLUMNS="40", TERM="dumb", FORCE_COLOR="1", LC_ALL="C", PYTHONUTF8="0", TZ="UTC+9",
    )  # fmt: skip
    assert first == again
    assert first.count(b"\n2\n") == 5
    assert str(specs).encode() not in first


def test_a_reader_that_goes_away_does_not_change_the_exit_status(specs):
    command = f"'{sys.executable}' -m derivcheck run a.deriv.yaml; echo $? >&2"
    done = subprocess.run(
        ["bash", "-c", f"({command}) | head -c 1"], cwd=specs, capture_output=True, check=True, text=True
    )
    assert done.stderr == "0\n"


CTRL_C = """
import os, signal
import derivcheck.engine
from derivcheck.cli import main

class Pressed(derivcheck.engine.Judge):
    def judge(self, claim):
        if claim.id == "number":
            os.kill(os.getpid(), signal.SIGINT)
        return super().judge(claim)

derivcheck.engine.Judge = Pressed
main(["run", "b.deriv.yaml", "-f", "json", "-o", "out.json"])
"""


def test_ctrl_c_leaves_what_is_finished(specs):
    done = subprocess.run([sys.executable, "-c", CTRL_C], cwd=specs, capture_output=True, check=False)
    assert done.returncode == 130
    assert done.stderr == b"interrupted; 3 claims in 1 file: 1 ok, 1 refuted, 1 invalid\n"
    data = json.loads((specs / "out.json").read_text(encoding="utf-8"))
    assert data["interrupted"] is True
    assert [claim["id"] for claim in data["specs"][0]["claims"]] == ["right", "wrong", "shapes"]


HEAVY = ("sympy", "numpy", "flint", "mpmath", "derivcheck.engine")


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], (*HEAVY, "rich", "pydantic", "lark", "yaml", "pytest")),
        (["--version"], (*HEAVY, "rich", "pydantic", "lark", "yaml", "pytest")),
        (["run", "--help"], (*HEAVY, "rich", "pydantic", "lark", "yaml", "pytest")),
        (["schema"], (*HEAVY, "rich", "pytest")),
        (["run", "missing"], HEAVY),
    ],
)
def test_nothing_heavy_is_imported_for_nothing(tmp_path, arguments, unwanted):
    code = (
        "import atexit, json, sys\n"
        f"atexit.register(lambda: sys.stderr.write(json.dumps([m for m in {unwanted!r} if m in sys.modules])))\n"
        f"from derivcheck.cli import main\nmain({arguments!r}, prog_name='derivcheck')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False)
    assert done.stdout
    assert json.loads(done.stderr) == []


ONE = "derivcheck: 1\ntitle: One\nvariables: {x: }\nclaims:\n  a: %s\n"
#: What a run of a claim does not need, unless it says so.
UNASKED = (
    "derivcheck.lang.latex.formula", "derivcheck.lang.latex.notation", "derivcheck.engine.indexed.prove",
    "derivcheck.diagnose", "derivcheck.cache", "derivcheck.parallel", "derivcheck.evidence", "derivcheck.notes",
    "derivcheck.grading", "derivcheck.batch", "derivcheck.gradebook", "derivcheck.fromsympy", "derivcheck.mixed",
    "derivcheck.report.json", "derivcheck.report.progress", "lark", "latex2mathml", "pebble", "multiprocessing",
    "asyncio", "pytest",
)  # fmt: skip


@pytest.mark.parametrize(
    ("claim", "options", "asked"),
    [
        ("D(x**2, x) == 2*x", ["--no-cache"], []),
        ("D(x**2, x) == 2*x", ["--no-cache", "-f", "json"], ["derivcheck.report.json"]),
        ("D(x**2, x) == 2*x", [], ["derivcheck.cache"]),
        ("$x + x = 2 x$", ["--no-cache"], ["derivcheck.lang.latex.formula", "derivcheck.lang.latex.notation"]),
        ("D(x**2, x) == 3*x", ["--no-cache"], ["derivcheck.diagnose"]),
    ],
)
def test_a_run_imports_what_it_needs_and_nothing_else(tmp_path, claim, options, asked):
    (tmp_path / "one.deriv.yaml").write_text(ONE % claim, encoding="utf-8")
    told = f"sys.stderr.write(json.dumps([m for m in {UNASKED!r} if m in sys.modules]))"
    code = (
        f"import atexit, json, sys\natexit.register(lambda: {told})\n"
        f"from derivcheck.cli import main\nmain(['run', 'one.deriv.yaml', *{options!r}], prog_name='derivcheck')\n"
    )
    environment = {**os.environ, "DERIVCHECK_CACHE": str(tmp_path / "cache"), "DERIVCHECK_NO_CACHE": ""}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, env=environment
    )
    assert b" a " in done.stdout or b'"a"' in done.stdout
    assert json.loads(done.stderr) == asked


def test_what_is_remembered_needs_no_engine(tmp_path):
    (tmp_path / "one.deriv.yaml").write_text(ONE % "x + x == 2*x", encoding="utf-8")
    environment = {**os.environ, "DERIVCHECK_CACHE": str(tmp_path / "cache"), "DERIVCHECK_NO_CACHE": ""}
    code = (
        f"import atexit, json, sys\n"
        f"atexit.register(lambda: sys.stderr.write(json.dumps([m for m in {HEAVY!r} if m in sys.modules])))\n"
        "from derivcheck.cli import main\nmain(['run', 'one.deriv.yaml', '-f', 'concise'])\n"
    )
    first, second = (
        subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=False, env=environment)
        for _ in range(2)
    )
    assert first.stdout == second.stdout
    assert json.loads(first.stderr) == list(HEAVY)
    assert json.loads(second.stderr) == []


def test_a_command_of_its_own_process_does_not_look_for_garbage_at_its_end(tmp_path):
    code = (
        "import atexit, gc, sys\n"
        "atexit.register(lambda: sys.stderr.write(f'{gc.get_freeze_count() > 1000} {gc.get_threshold()[0]}'))\n"
        "from derivcheck.cli import main\nmain(['cache'], prog_name='derivcheck')\n"
    )
    environment = {**os.environ, "DERIVCHECK_CACHE": str(tmp_path / "cache"), "DERIVCHECK_NO_CACHE": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, text=True)
    assert done.stderr == f"True {process.YOUNG}"


def test_importing_derivcheck_changes_nothing_in_a_process_that_is_not_its_own():
    code = (
        "import gc, os\nbefore = gc.get_threshold(), dict(os.environ)\n"
        "import derivcheck, derivcheck.cli\nderivcheck.check('1 + 1 == 2')\n"
        "assert (gc.get_threshold(), dict(os.environ)) == before\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_derivcheck_imports_nothing_else(tmp_path):
    code = "import sys, derivcheck; print(sorted(m for m in sys.modules if m.startswith('derivcheck')))"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert done.stdout == "['derivcheck', 'derivcheck.version']\n"


def test_the_schema_is_that_of_spec_files(tmp_path):
    done = derivcheck("schema", cwd=tmp_path)
    schema = json.loads(done.stdout)
    assert done.returncode == 0
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert {"derivcheck", "title", "variables", "claims"} <= set(schema["properties"])
