"""The autograder folder of the examples runs in Gradescope's layout, wherever that is."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from gradescope_rules import check_gradescope

EXAMPLE = Path(__file__).parents[2] / "examples" / "gradescope"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Gradescope's folders, with the sample handed in."""
    place = tmp_path / "auto grader"
    (place / "source").mkdir(parents=True)
    (place / "submission").mkdir()
    (place / "results").mkdir()
    for name in ("setup.sh", "run_autograder", "key.deriv.yaml"):
        shutil.copy2(EXAMPLE / name, place / "source" / name)
    shutil.copy2(EXAMPLE / "run_autograder", place / "run_autograder")
    shutil.copy2(EXAMPLE / "sample" / "homework.md", place / "submission" / "homework.md")
    shutil.copy2(EXAMPLE / "sample" / "submission_metadata.json", place / "submission_metadata.json")
    return place


def run(root: Path) -> subprocess.CompletedProcess[str]:
    package = str(Path(__file__).parents[2])
    environment = {
        **os.environ,
        "AUTOGRADER_ROOT": str(root),
        "DERIVCHECK_HOME": str(root / "none"),
        "DERIVCHECK_CACHE": str(root / "cache"),
        "PYTHONPATH": package,
    }
    arguments = [sys.executable, str(root / "run_autograder")]
    return subprocess.run(
        arguments, cwd=root, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def results(root: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((root / "results" / "results.json").read_text(encoding="utf-8"))
    check_gradescope(data)
    return data


def test_the_sample_is_graded(root: Path) -> None:
    done = run(root)
    assert done.returncode == 0, done.stderr
    data = results(root)
    assert data["extra_data"]["of"] == 6
    assert [test["extra_data"]["outcome"] for test in data["tests"]] == ["right", "wrong", "follows"]
    first, second, third = (test["score"] for test in data["tests"])
    assert (first, third) == (2, 1)
    assert second < 3
    assert "line 11" in data["tests"][1]["output"]
    assert "sign" in data["tests"][1]["output"]
    assert data["visibility"] == "visible"


def test_several_files_are_one_submission(root: Path) -> None:
    text = (root / "submission" / "homework.md").read_text()
    first, rest = text.split("By the output:")
    (root / "submission" / "homework.md").write_text(first)
    (root / "submission" / "part two.md").write_text(rest)
    assert run(root).returncode == 0
    assert results(root)["tests"][0]["score"] == 2


def test_what_cannot_be_graded_is_held_back_for_a_person(root: Path) -> None:
    (root / "submission" / "homework.md").write_bytes(b"%PDF-1.7 \x00\xff")
    assert run(root).returncode == 0
    data = results(root)
    assert data["score"] == 0
    assert data["extra_data"]["failure"]
    assert data["visibility"] == "after_published"


def test_without_a_key_there_are_no_results(root: Path) -> None:
    (root / "source" / "key.deriv.yaml").unlink()
    done = run(root)
    assert done.returncode == 1
    assert "nothing was graded" in done.stderr
    assert not (root / "results" / "results.json").exists()


def test_the_folder_is_as_gradescope_wants_it() -> None:
    for name, first in (("setup.sh", "#!/usr/bin/env bash"), ("run_autograder", "#!/usr/bin/env python3")):
        path = EXAMPLE / name
        assert path.read_text().splitlines()[0] == first
        assert path.stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", str(EXAMPLE / "setup.sh")], check=True)
    key = yaml.safe_load((EXAMPLE / "key.deriv.yaml").read_text())
    metadata = json.loads((EXAMPLE / "sample" / "submission_metadata.json").read_text())
    assert sum(claim["points"] for claim in key["claims"].values()) == float(metadata["assignment"]["total_points"])


def test_the_readme_names_the_files_that_are_there() -> None:
    readme = (EXAMPLE / "README.md").read_text(encoding="utf-8")
    for name in ("setup.sh", "run_autograder", "key.deriv.yaml", "sample/"):
        assert f"`{name}`" in readme
        assert (EXAMPLE / name).exists()
