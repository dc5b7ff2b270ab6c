"""Evidence files: what they have, that they are the same each time, and where they may be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from derivcheck import evidence
from derivcheck.cli import main

SPEC = """
derivcheck: 1
title: A mixture
variables: {x: {domain: positive}, z: [n], W: [n, m], v: [m]}
functions: {f: {}}
define: {p: "softmax(z)"}
claims:
  log: "D(log(x), x) == 1/x"
  wrong: "D(x**2, x) == x"
  opaque: "D(f(x)**2, x) == f(x)"
  softmax: "jac(p, z) == diag(p) - outer(p, p)"
  linear: "D(v @ v, v) == 2*v"
  shapes: "W @ z == v"
  digits: "sqrt(2) ≈ 1.414"
  bound: "(t + 1)**2 == t**2 + 2*t + 1 for t in real"
  known: {statement: "D(x**3, x) == x**2", expect: fails, correct: "D(x**3, x) == 3*x**2"}
"""


def _written(folder: Path, *options: str) -> Path:
    spec = folder / "mixture.deriv.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    out = folder / "evidence"
    result = CliRunner().invoke(main, ["run", str(spec), "--no-cache", "--evidence", str(out), *options])
    assert "evidence of" in result.stderr, result.output
    return out


def _claims(folder: Path) -> dict[str, dict[str, object]]:
    listed = json.loads((folder / evidence.LIST).read_text())["claims"]
    return {one["claim"]: json.loads((folder / one["file"]).read_text()) for one in listed}


def test_every_claim_has_a_file_that_its_seal_fits(tmp_path: Path) -> None:
    claims = _claims(_written(tmp_path))
    assert list(claims) == ["log", "wrong", "opaque", "softmax", "linear", "shapes", "digits", "bound", "known"]
    assert all(evidence.seal(data) == data["seal"] for data in claims.values())


def test_a_refutation_has_its_point_its_enclosures_and_their_precision(tmp_path: Path) -> None:
    claims = _claims(_written(tmp_path))
    witness = claims["wrong"]["links"][0]["witness"]  # type: ignore[index]
    assert set(witness["point"]) == {"x"}
    assert witness["bits"] >= 64
    assert witness["left"].startswith("[")
    assert witness["right"].startswith("[")
    assert len(claims["opaque"]["links"][0]["witness"]["functions"]["f"]) == 5  # type: ignore[index]


def test_a_proof_has_points_at_several_sizes(tmp_path: Path) -> None:
    points = _claims(_written(tmp_path))["softmax"]["links"][0]["points"]  # type: ignore[index]
    assert {point["sizes"]["n"] for point in points} == {1, 2, 3}
    assert all(len(point["point"]["z"]) == point["sizes"]["n"] for point in points)


def test_a_correction_has_its_own_graph_and_points(tmp_path: Path) -> None:
    correction = _claims(_written(tmp_path))["known"]["correction"]
    assert correction["verdict"] == "proved"  # type: ignore[index]
    assert correction["links"][0]["points"]  # type: ignore[index]


def test_the_same_bytes_under_any_hash_seed_and_with_several_processes(tmp_path: Path) -> None:
    spec = tmp_path / "mixture.deriv.yaml"
    spec.write_text(SPEC, encoding="utf-8")
    seen = []
    for seed, jobs in (("0", "1"), ("7", "2")):
        command = [sys.executable, "-m", "derivcheck", "run", "mixture.deriv.yaml", "--no-cache"]
        command += ["-j", jobs, "--evidence", f"out{seed}"]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}
        subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True)
        seen.append({path.name: path.read_bytes() for path in (tmp_path / f"out{seed}").iterdir()})
    assert len(seen[0]) == 10
    assert seen[0] == seen[1]


def test_an_earlier_run_is_replaced_and_strange_files_are_left_alone(tmp_path: Path) -> None:
    out = _written(tmp_path)
    assert len(list(out.iterdir())) == 10
    _written(tmp_path, "--claim", "log")
    assert len(list(out.iterdir())) == 2
    (out / "notes.txt").write_text("mine")
    result = CliRunner().invoke(main, ["run", str(tmp_path), "--evidence", str(out)])
    assert result.exit_code == 2
    assert "notes.txt" in result.output
    assert (out / "notes.txt").read_text() == "mine"
    assert len(list(out.iterdir())) == 3


@pytest.mark.parametrize(
    ("shown", "ball"),
    [
        ("0.39322…", "[0.39322 +/- 1e-5]"),
        ("-1.5…e20", "[-1.5e20 +/- 1e19]"),
        ("[0.1 +/- 0.2]", "[0.1 +/- 0.2]"),
        ("7", "[7 +/- 0]"),
        ("0.25", "[2500000000000000000000000000000000000000e-40 +/- 1e-30]"),
        ("about 2^500000", "[0 +/- inf]"),
    ],
)
def test_what_reports_show_becomes_a_ball_that_contains_it(shown: str, ball: str) -> None:
    assert evidence.enclosure(shown) == ball
