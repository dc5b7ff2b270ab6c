"""The pages on the command line and on Python say what is so: their examples run, their tables are complete."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path

from click.testing import CliRunner
from report_samples import EVERY_VERDICT

from derivcheck import api
from derivcheck.cli import main
from derivcheck.report import FORMATS, render
from derivcheck.report.interface import Style

DOCS = Path(__file__).parents[2] / "docs"

UNIT = """\
derivcheck: 1
title: One sigmoid unit

variables:
  x: [n, 1]
  w: [n, 1]
define:
  u: (w.T @ x)[0, 0]
  f: 1/(1 + exp(-u))

claims:
  df-dw:
    of: f
    wrt: w
    gradient: x*f*(1 + f)
    steps: [x*f*(1 - f)]
    cite: page 3
  df-dw-right: D(f, w) == x*f*(1 - f)
"""


def test_the_examples_in_python_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unit.deriv.yaml").write_text(UNIT, encoding="utf-8")
    flags = doctest.ELLIPSIS | doctest.IGNORE_EXCEPTION_DETAIL
    failed, tried = doctest.testfile(
        str(DOCS / "python.md"), module_relative=False, optionflags=flags, encoding="utf-8"
    )
    assert tried > 20
    assert failed == 0


def test_the_terminal_example_is_what_is_printed(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "unit.deriv.yaml").write_text(UNIT, encoding="utf-8")
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(unit\.deriv\.yaml  One.*?)```", page, re.DOTALL)[1]
    printed = CliRunner().invoke(main, ["run", "unit.deriv.yaml"]).stdout

    def skeleton(text):
        """Numbers and sizes are the engine's affair."""
        text = re.sub(r"-?\d+\.\d+(…|e-?\d+)*", "#", text)
        return re.sub(r"every size|n=\d", "#", re.sub(r" +", " ", text))

    assert skeleton(shown) == skeleton(printed)


def test_every_option_is_explained():
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    for option in main.commands["run"].params:
        for name in getattr(option, "opts", []):
            assert not name.startswith("-") or f"`{name}" in page, name
    for form in FORMATS:
        assert f"### `{form}`" in page
    for command in main.commands:
        assert f"derivcheck {command}" in page


def keys(data) -> set[str]:
    """Every field name of a report, except what stands in for the names of a spec."""
    if isinstance(data, list):
        return set().union(*map(keys, data))
    if isinstance(data, dict):
        inner = (value for key, value in data.items() if key not in ("point", "index", "sizes"))
        return set(data).union(*map(keys, inner))
    return set()


def test_every_field_of_the_json_is_explained():
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    table = page[page.index("### `json`") : page.index("### `junit`")]
    explained = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", table))))
    assert keys(json.loads(render("json", EVERY_VERDICT, Style()))) - explained <= {
        "proved", "refuted", "supported", "undecided", "invalid",
    }  # fmt: skip


def test_every_argument_is_explained():
    page = (DOCS / "python.md").read_text(encoding="utf-8")
    for name in (*api.Settings.__annotations__, *api.How.__annotations__):
        assert f"`{name}`" in page
    for name in api.__all__:
        assert name in page or name in ("Problem", "Settings", "Spec")
