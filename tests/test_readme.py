"""The README keeps its word: its spec gives the output that it shows, and its Python runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)


def test_the_spec_gives_the_output_shown(tmp_path: Path) -> None:
    (tmp_path / "mine.deriv.yaml").write_text(blocks("yaml")[0], encoding="utf-8")
    command, shown = blocks("console")[1].split("\n", 1)
    assert command == "$ derivcheck run mine.deriv.yaml"
    done = subprocess.run(
        [sys.executable, "-m", "derivcheck", "run", "mine.deriv.yaml"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.strip() == shown.strip()
    assert done.returncode == 1


def test_the_note_gives_the_output_shown(tmp_path: Path) -> None:
    (tmp_path / "homework.md").write_text(blocks("markdown")[0], encoding="utf-8")
    (shown,) = (block for block in blocks("console") if block.startswith("$ derivcheck check homework.md\n"))
    done = subprocess.run(
        [sys.executable, "-m", "derivcheck", "check", "homework.md"],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.stdout.strip() == shown.split("\n", 1)[1].strip()
    assert done.returncode == 1


def test_the_gates_commands_are_the_first_console_block() -> None:
    lines = blocks("console")[0].splitlines()
    assert len(lines) == 2
    assert all(line.startswith("$ python3 -m venv .venv && ") for line in lines)
    assert "derivcheck run specs/" in lines[0]
    assert "pytest" in lines[1]


def test_the_python_runs() -> None:
    names: dict[str, object] = {}
    (code,) = blocks("python")
    exec(compile(code, "README.md", "exec"), names)
    for name, value in names.items():
        if name.startswith("test_"):
            value()  # type: ignore[operator]


def test_every_page_that_it_names_is_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
