"""``derivcheck check`` as a command: what it prints, exit statuses, keys, lines, several notes, time limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from derivcheck import run
from derivcheck.cli import main
from derivcheck.commands.shared import Terminated

KEY = """\
derivcheck: 1
title: One sigmoid unit
variables:
  w: [n, 1]
  x: [n, 1]
  y: {}
define:
  z: (w.T @ x)[0, 0]
  yhat: sigmoid(z)
  L: -y*log(yhat) - (1 - y)*log(1 - yhat)
"""
RIGHT = r"$$\frac{\partial L}{\partial z} = \hat y - y$$"
WRONG = r"$$\frac{\partial L}{\partial w} = (\hat y + y) x$$"
UNREAD = r"$$\oint z\,dz = 0$$"
OPEN = r"$$\Gamma(z^2 + 1) \approx 3$$"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DERIVCHECK_CACHE", str(tmp_path / "cache"))
    (tmp_path / "key.deriv.yaml").write_text(KEY, encoding="utf-8")
    return tmp_path


def note(name: str, *formulas: str) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join(formulas) + "\n", encoding="utf-8")
    return name


def check(*arguments: str):
    return CliRunner().invoke(main, ["check", "--key", "key.deriv.yaml", *arguments])


@pytest.mark.parametrize(
    ("formulas", "status"),
    [
        ((RIGHT,), 0),
        ((RIGHT, WRONG), 1),
        ((RIGHT, UNREAD), 3),
        ((WRONG, UNREAD), 1),
        ((UNREAD,), 3),
        (("nothing here",), 3),
        (("$q = 2 z$",), 0),
        ((r"$\hat y = 2$",), 1),
    ],
)
def test_exit_statuses(formulas, status):
    assert check(note("a.md", *formulas)).exit_code == status


def test_unread_formulas_may_be_accepted():
    path = note("a.md", RIGHT, UNREAD)
    assert check(path, "--accept", "unread").exit_code == 0
    assert check(note("b.md", WRONG, UNREAD), "--accept", "unread").exit_code == 1


def test_each_finding_has_its_place():
    result = check(note("a.md", RIGHT, WRONG, UNREAD), "-f", "concise")
    assert [line.partition(": ")[0] for line in result.stdout.splitlines()[:-1]] == ["a.md:3:35", "a.md:5:3"]
    assert result.stdout.splitlines()[-1] == "3 formulas in 1 note: 1 proved, 1 wrong, 1 not read"


def test_the_probable_mistake_is_told():
    assert "perhaps    a sign" in check(note("a.md", WRONG)).stdout


def test_several_notes_and_folders():
    note("notes/b.md", RIGHT)
    note("notes/a.tex", "\\documentclass{article}\\begin{document}", WRONG, "\\end{document}")
    note("notes/c.txt", RIGHT)
    note("notes/d.py", WRONG)
    note("notes/.hidden/e.md", WRONG)
    result = check("notes", note("z.md", RIGHT), "-f", "json")
    assert [one["path"] for one in json.loads(result.stdout)["notes"]] == [
        "notes/a.tex", "notes/b.md", "notes/c.txt", "z.md",
    ]  # fmt: skip
    assert result.exit_code == 1


def test_a_folder_without_notes_is_a_problem(folder):
    (folder / "empty").mkdir()
    result = check("empty")
    assert result.exit_code == 2
    assert "there is no *.md or *.markdown or *.tex or *.txt in this folder" in result.stdout


def test_one_bad_file_does_not_stop_the_others(folder):
    (folder / "bad.md").write_bytes(b"$x = \xff$")
    (folder / "gone.md").symlink_to("nowhere")
    result = check(note("a.md", WRONG), "bad.md", "gone.md", "none.md", "-f", "concise")
    assert result.exit_code == 2
    assert "a.md:1:35: error: refuted" in result.stdout
    assert "bad.md:1:6: error: not read: this is not UTF-8" in result.stdout
    assert "none.md: error: not read: there is no such file" in result.stdout


def test_a_note_without_a_key():
    path = note("a.md", "$f(t) = t^2$", "$f'(t) = 2 t$", "$f'(t) = 3 t$")
    result = CliRunner().invoke(main, ["check", path, "-f", "json"])
    formulas = json.loads(result.stdout)["notes"][0]["formulas"]
    assert [one["standing"] for one in formulas] == ["nothing to prove", "proved", "wrong"]


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "there is no such file"), ("derivcheck: 1\ntitel: x\n", "unknown key `titel`"), ("\x00", "key")],
)
def test_a_key_that_cannot_be_read(folder, text, said):
    (folder / "key.deriv.yaml").unlink()
    if text is not None:
        (folder / "key.deriv.yaml").write_text(text, encoding="utf-8")
    result = check(note("a.md", RIGHT))
    assert result.exit_code == 2
    assert "the key cannot be read" in result.stderr
    assert said in result.stderr


def test_lines():
    path = note("a.md", RIGHT, WRONG, UNREAD)
    assert check(path, "--lines", "1-2").exit_code == 0
    assert check(path, "--lines", "3").exit_code == 1
    assert check(path, "--lines", "4-").exit_code == 3
    result = check(path, "--lines", "3-5", "-f", "concise")
    assert [line.split(":")[1] for line in result.stdout.splitlines()[:-1]] == ["3", "5"]


@pytest.mark.parametrize("lines", ["0", "-3", "5-2", "a", "1-2-3", "1,2", "９", ""])
def test_lines_that_are_none(lines):
    assert check(note("a.md", RIGHT), f"--lines={lines}").exit_code == 2


@pytest.mark.parametrize(("name", "sign"), [("a.md", ""), ("a.tex", "% ")])
def test_front_matter_stays_with_any_lines(name, sign):
    text = f"{sign}---\n{sign}variables:\n{sign}  q: []\n{sign}---\n\n$q + q = 3 q$\n\n$q + q = 2 q$\n"
    Path(name).write_text(text, encoding="utf-8")
    assert CliRunner().invoke(main, ["check", name, "--lines", "8-"]).exit_code == 0
    assert CliRunner().invoke(main, ["check", name]).exit_code == 1


def test_output(folder):
    result = check(note("a.md", WRONG), "-f", "json", "-o", "report.json")
    assert result.stdout == ""
    assert result.stderr == "1 formula in 1 note: 0 proved, 1 wrong\n"
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["summary"]["wrong"] == 1
    assert check(note("a.md", WRONG), "-o", "no/such/report").exit_code == 2


def test_the_same_bytes_again_with_any_number_of_processes():
    paths = [note(f"{name}.md", RIGHT, WRONG, UNREAD, r"$y = \text{lu} w$") for name in "abc"]
    plain = check(*paths, "-f", "json").stdout
    assert check(*reversed(paths), "-f", "json").stdout == plain
    assert check(*paths, "-f", "json", "--no-cache").stdout == plain
    assert check(*paths, "-f", "json", "--no-cache", "-j", "2", "--timeout", "50").stdout == plain


def test_a_claim_that_takes_too_long_is_undecided():
    hard = r"$$\Gamma(z^3 + 2) \zeta(z^2 + 2) = \Gamma(z^3 + 2) \zeta(z^2 + 2) + e^{-e^{z^2+7}}$$"
    path = note("a.md", RIGHT, hard.replace(r"\zeta", r"\mathrm{zeta}").replace(r"\Gamma", r"\mathrm{gamma}"))
    result = check(path, "--timeout", "0.01", "--no-cache", "-f", "json")
    claims = json.loads(result.stdout)["notes"][0]["claims"]
    assert "undecided" in {one["verdict"] for one in claims}
    assert result.exit_code == 3
    assert any("it was not decided within 0.01 s" in one["because"] for one in claims)


def test_nothing_in_a_note_is_more_than_text():
    evil = r"$\def\a{\a\a}\a$ <script>alert(1)</script> $\input{/etc/passwd}$ $\write18{ls}$ $__import__('os')$"
    result = check(note("a.md", evil, "::error::x", "$\x1b[31m z$"))
    assert result.exit_code == 3
    assert "\x1b" not in result.stdout
    assert "root:" not in result.stdout


def test_help_is_quick_and_complete():
    script = "import sys, derivcheck.cli; sys.exit(any(m in sys.modules for m in ('sympy', 'rich', 'flint', 'lark')))"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
    assert "Exit status" in CliRunner().invoke(main, ["check", "--help"]).stdout


@pytest.mark.parametrize(("stop", "status"), [(KeyboardInterrupt, 130), (Terminated, 143)])
def test_what_is_finished_is_reported_when_it_is_stopped(monkeypatch, stop, status):
    judged, seen = run.judged, []

    def until_stopped(judge, claim):
        seen.append(claim)
        if len(seen) == 2:
            raise stop
        return judged(judge, claim)

    monkeypatch.setattr(run, "judged", until_stopped)
    result = check(note("a.md", WRONG, RIGHT, RIGHT), "-f", "concise", "--no-cache")
    assert result.exit_code == status
    assert "a.md:1:35: error: refuted" in result.stdout
    assert result.stdout.splitlines()[-1] == "3 formulas in 1 note: 0 proved, 1 wrong, 2 not judged"
