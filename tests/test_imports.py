"""The directions of imports, as written down in pyproject.toml, and the calls that turn text into code."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "derivcheck").rglob("*.py"))

#: Calls by which text can become code, and the one place that may make each.
OWNED = {
    "eval": None,
    "exec": None,
    "compile": None,
    "__import__": None,
    "sympify": None,
    "parse_expr": None,
    "S": None,
    "lambdify": "engine/sampling.py",
}


def called(tree: ast.AST) -> list[tuple[str, int]]:
    """The names of all functions called, bare or as attributes, with their lines."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
            owner = function.value if isinstance(function, ast.Attribute) else None
            if name == "compile" and isinstance(owner, ast.Name) and owner.id == "re":
                continue
            found.append((name, node.lineno))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_text_never_becomes_code(path: Path) -> None:
    place = path.relative_to(ROOT / "derivcheck").as_posix()
    calls = called(ast.parse(path.read_text(encoding="utf-8")))
    assert not [(name, line) for name, line in calls if name in OWNED and OWNED[name] != place]


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_module_says_what_it_owns(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_lambdify_is_called_where_it_is_owned() -> None:
    text = (ROOT / "derivcheck" / "engine" / "sampling.py").read_text(encoding="utf-8")
    assert "lambdify" in [name for name, _ in called(ast.parse(text))]


def test_imports_run_in_one_direction() -> None:
    pytest.importorskip("importlinter")
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
