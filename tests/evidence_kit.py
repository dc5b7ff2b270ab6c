"""What the tests of evidence share: the evidence of statements, seals that fit again, and commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from derivcheck import evidence
from derivcheck.engine import Judge
from derivcheck.spec import loads

ROOT = Path(__file__).parents[1]
HEAD = """
derivcheck: 1
title: t
variables: {x: {}, y: {}, p: {domain: positive}, q: {domain: positive}, l: {domain: "{-1, 1}"}, z: [n], w: [n],
            A: [n, m], Q: {shape: [n, n], domain: symmetric}, s: {shape: [n], domain: simplex}}
define: {a: "sigmoid(w @ z)"}
claims:
"""


def spec_of(*claims: str) -> str:
    """A spec of bare statements."""
    return HEAD + "".join(f"  c{i}: {json.dumps(claim)}\n" for i, claim in enumerate(claims))


def evidence_in(text: str) -> list[dict[str, Any]]:
    """The evidence of the claims of a spec."""
    derivation = loads(text, "t.deriv.yaml")
    judge, writer = Judge(derivation), evidence.Writer("t.deriv.yaml", derivation, 0)
    return [writer.evidence(claim, judge.judge(claim)) for claim in derivation.claims]


def evidence_of(*claims: str) -> list[dict[str, Any]]:
    """The evidence of bare statements."""
    return evidence_in(spec_of(*claims))


def resealed(data: dict[str, Any]) -> dict[str, Any]:
    """The same with a seal that fits."""
    return {**data, "seal": evidence.seal(data)}


def variable(name: str) -> dict[str, Any]:
    """The node of a scalar variable."""
    return {"op": "Variable", "shape": [], "name": name}


def number(value: str) -> dict[str, Any]:
    """The node of a number."""
    return {"op": "Number", "shape": [], "value": value, "text": value}


def arithmetic(operator: str, left: int, right: int) -> dict[str, Any]:
    """The node of a sum, product and so on of two scalars."""
    return {"op": "Arithmetic", "shape": [], "operator": operator, "left": left, "right": right}


def apply(function: str, argument: int, order: int = 0) -> dict[str, Any]:
    """The node of a function of a scalar."""
    return {"op": "Apply", "shape": [], "function": function, "order": order, "arguments": [argument]}


def run_module(module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """``python -m module arguments`` of this checkout."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environment, timeout=120)
