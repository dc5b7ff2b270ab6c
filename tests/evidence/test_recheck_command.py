"""``python -m derivcheck.recheck DIR``: what it prints, what it refuses, and evidence that was made to do harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evidence_kit import ROOT, apply, arithmetic, evidence_of, number, resealed, run_module, spec_of, variable

from derivcheck import evidence

# --- the folder


def _folder(tmp_path: Path) -> Path:
    spec = tmp_path / "t.deriv.yaml"
    spec.write_text(spec_of("D(x**2, x) == 2*x", "D(x**2, x) == x"), encoding="utf-8")
    run_module("derivcheck", "run", str(spec), "--no-cache", "--evidence", str(tmp_path / "out"))
    return tmp_path / "out"


def test_the_command_says_a_line_a_claim_and_needs_neither_sympy_nor_the_engine(tmp_path: Path) -> None:
    out = _folder(tmp_path)
    found = run_module("derivcheck.recheck", str(out))
    assert found.returncode == 0, found.stderr
    first, second, last = found.stdout.splitlines()
    assert first.startswith("confirmed: ")
    assert "c0: proved, 5 points, error below 2**-1" in first
    assert second.startswith("confirmed: ")
    assert "c1: refuted" in second
    assert last == "2 confirmed, 0 agrees, 0 not checked, 0 FAILED"
    program = (
        "import sys; from pathlib import Path; from derivcheck import recheck; recheck.main(Path(sys.argv[1]));"
        "print(*(m for m in sys.modules if m.split('.')[0] == 'sympy' or m.startswith('derivcheck.')))"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    loaded = subprocess.run(
        [sys.executable, "-c", program, str(out)], check=True, capture_output=True, text=True, env=environment
    )
    assert set(loaded.stdout.splitlines()[-1].split()) == {"derivcheck.recheck", "derivcheck.version"}


@pytest.mark.parametrize("how", ["a digit", "a seal", "missing", "one too many", "the list", "swapped"])
def test_an_altered_folder_is_refused(tmp_path: Path, how: str) -> None:
    out = _folder(tmp_path)
    first, second = sorted(path for path in out.iterdir() if path.name != evidence.LIST)
    match how:
        case "a digit":
            first.write_text(first.read_text().replace('"value": "2/1"', '"value": "3/1"'))
        case "a seal":
            data = json.loads(first.read_text())
            data["statement"]["text"] = "something else"
            first.write_text(json.dumps(resealed(data)))
        case "missing":
            first.unlink()
        case "one too many":
            (out / "claim-0.json").write_text(first.read_text())
        case "the list":
            (out / evidence.LIST).write_text((out / evidence.LIST).read_text().replace("t.deriv", "s.deriv"))
        case "swapped":
            one, other = first.read_text(), second.read_text()
            first.write_text(other)
            second.write_text(one)
    found = run_module("derivcheck.recheck", str(out))
    assert found.returncode == 2
    assert "Traceback" not in found.stderr
    assert "confirmed" not in found.stdout


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["t.deriv.yaml"], ["empty"], ["empty", "empty"]])
def test_what_is_no_folder_of_evidence_is_told_with_the_usage(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "t.deriv.yaml").write_text(spec_of("x == x"), encoding="utf-8")
    found = run_module("derivcheck.recheck", *(str(tmp_path / one) for one in arguments))
    assert found.returncode == 2
    assert found.stdout == ""
    *why, usage = found.stderr.splitlines()
    assert usage.startswith("usage: python -m derivcheck.recheck DIR")
    if len(arguments) == 1:
        assert f"{arguments[0]}/evidence.json" in why[0].replace(os.sep, "/")
    else:
        assert why == []


# --- made to do harm


def _whole(data: dict[str, Any], nodes: list[dict[str, Any]]) -> None:
    """Claim that the last of these nodes is equal to itself."""
    data["statement"]["nodes"] = nodes
    data["links"][0].update(left=len(nodes) - 1, right=len(nodes) - 1)


def _in_place(data: dict[str, Any], node: dict[str, Any]) -> None:
    """Another node for the left side."""
    data["statement"]["nodes"][data["links"][0]["left"]] = node


def _deep(data: dict[str, Any]) -> None:
    nodes = [number("1/1"), *({"op": "Negate", "shape": [], "operand": i} for i in range(30_000))]
    _whole(data, nodes)


def _derivatives(data: dict[str, Any]) -> None:
    """Twenty derivatives of an eighth power, inside one another."""
    target = {"kind": "variable", "name": "x", "key": "", "subscripts": None}
    derivative = {"op": "Derivative", "shape": [], "kind": "gradient", "target": target, "transposed": False}
    powers = [variable("x"), *(arithmetic("*", i, i) for i in range(3))]
    _whole(data, [*powers, *({**derivative, "of": 3 + i} for i in range(20))])


def _names(data: dict[str, Any]) -> None:
    """Sums of all of 12,000 variables, each of which is told which names are in it."""
    every = [f"v{i}" for i in range(12_000)]
    nodes, sums = [variable(name) for name in every], []
    nodes.append(arithmetic("+", 0, 0))
    for i in range(1, len(every)):
        nodes.append(arithmetic("+", len(nodes) - 1, i))
        if i % 1_000 == 0:  # followed one after the other, so that none is too deep
            sums.append(len(nodes) - 1)
    nodes.append(arithmetic("+", sums[0], sums[0]))
    nodes += [arithmetic("+", len(nodes) - 1 + i, one) for i, one in enumerate(sums)]
    _whole(data, nodes)
    data["statement"]["variables"] = {name: {"shape": [], "domain": {"kind": "integer"}} for name in every}
    data["statement"]["quantifiers"] = [{"name": "i", "key": "#0", "size": 1}]
    data["links"][0]["points"] = [{"sizes": {}, "functions": {}, "point": dict.fromkeys(every, "1")}]


HOSTILE: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a circle": lambda d: _in_place(d, {"op": "Negate", "shape": [], "operand": d["links"][0]["left"]}),
    "nested without end": _deep,
    "derivatives of derivatives": _derivatives,
    "an order without end": lambda d: _whole(d, [variable("x"), apply("abs", 0, 10**6)]),
    "an order below 0": lambda d: _whole(d, [variable("x"), apply("exp", 0, -1)]),
    "names without end": _names,
    "a size without end": lambda d: _in_place(
        d, {"op": "ArrayOp", "name": "ones", "shape": [10**9], "arguments": []}
    ),
    "an unknown operation": lambda d: d["statement"]["nodes"][d["links"][0]["left"]].update(op="__import__"),
    "an unknown function": lambda d: _in_place(d, apply("system", 0)),
    "a node that is none": lambda d: d["links"][0].update(left=10**6),
    "no links": lambda d: d.update(links=None),
    "an exponent without end": lambda d: d["links"][0]["points"][0]["point"].update(x="1e999999999"),
    "not a number": lambda d: d["links"][0]["points"][0]["point"].update(x="nan"),
}


def _judged_alone(folder: Path, data: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    """What is said of a folder with the evidence of one claim, its seals in order."""
    data = resealed(data)
    (folder / "claim-0.json").write_text(json.dumps(data))
    listed = {"format": 1, "claims": [{"file": "claim-0.json", "seal": data["seal"]}]}
    (folder / evidence.LIST).write_text(json.dumps(resealed(listed)))
    found = run_module("derivcheck.recheck", str(folder))
    assert found.returncode in (0, 1, 2)
    assert "Traceback" not in found.stderr
    return found


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_evidence_neither_hangs_nor_passes(tmp_path: Path, name: str) -> None:
    (data,) = evidence_of("D(x**2, x) == 2*x")
    HOSTILE[name](data)
    assert "confirmed:" not in _judged_alone(tmp_path, data).stdout


def test_a_tower_of_squares_does_not_hang(tmp_path: Path) -> None:
    """Both sides are the same: it may be confirmed, with a bound that tells."""
    (data,) = evidence_of("D(x**2, x) == 2*x")
    _whole(data, [variable("x"), *(arithmetic("*", i, i) for i in range(60))])
    assert _judged_alone(tmp_path, data).stdout
