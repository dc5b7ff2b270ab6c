"""Owns evidence files: what was claimed and what was found of it, in full, so that others can check it again.

One JSON file a claim, and a list of them. A file has the statement as a graph of explicit operations (nothing of it
has to be parsed), everything declared that it depends on, and the verdict of each link: for a refutation the exact
point and enclosures of both sides, for a proof the sizes for which it holds, and points at which it can be looked at
again. ``derivcheck.recheck`` reads them.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from fractions import Fraction
from pathlib import Path
from typing import Any

from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import (
    Compare,
    Expr,
    Opaque,
    Quantifier,
    Target,
    named_by,
    postorder,
)
from derivcheck.model import Claim, Derivation
from derivcheck.verdict import ClaimReport, StepReport, Verdict, Witness
from derivcheck.version import __version__

#: The version of the format, raised when a reader of the last one would misread it.
FORMAT = 1
LIST = "evidence.json"
_NAME = re.compile(r"claim-[0-9a-f]{16}\.json\Z")

Data = dict[str, Any]


class NotOurs(Exception):
    """The folder has files that are no evidence: nothing is written into it."""


#: By file: its path as reports show it, what was read, and its claims with what was found of them.
Judged = Iterable[tuple[str, Derivation, Iterable[tuple[Claim, ClaimReport]]]]


def write(folder: Path, specs: Judged, seed: int) -> int:
    """Write the evidence of claims, by the path of their spec; how many there are.

    The folder holds the evidence of one run: what an earlier one left there is removed, and the list is written last.

    Raises:
        NotOurs: the folder is not empty, and what is in it is not evidence alone.
        OSError: something cannot be written.
    """
    _cleared(folder)
    listed: list[Data] = []
    for path, derivation, claims in specs:
        writer = Writer(path, derivation, seed)
        for claim, report in claims:
            data = writer.evidence(claim, report)
            name = f"claim-{hashlib.sha256(json.dumps([path, claim.id]).encode()).hexdigest()[:16]}.json"
            _write(folder / name, data)
            listed.append({"file": name, "spec": path, "claim": claim.id, "seal": data["seal"]})
    _write(folder / LIST, _sealed({"derivcheck": __version__, "format": FORMAT, "claims": listed}))
    return len(listed)


def _cleared(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(os.listdir(folder))
    strange = [name for name in names if name != LIST and not _NAME.match(name)]
    if strange:
        raise NotOurs(f"it holds {strange[0]!r}, which is not evidence")
    for name in names:
        (folder / name).unlink()


def _write(path: Path, data: Data) -> None:
    path.write_text(_laid_out(data) + "\n", encoding="ascii", newline="\n")


def _laid_out(value: Any, depth: int = 0) -> str:
    """JSON in which what belongs together stands on one line, and each node of a graph on its own."""
    pad = " " * (depth + 1)
    if isinstance(value, dict) and value and depth < _DEEP:
        rows = [f"{pad}{json.dumps(key)}: {_laid_out(one, depth + 1)}" for key, one in value.items()]
        return "{\n" + ",\n".join(rows) + f"\n{pad[1:]}}}"
    if isinstance(value, list) and len(value) > 1 and isinstance(value[0], dict):
        return "[\n" + ",\n".join(pad + json.dumps(one) for one in value) + f"\n{pad[1:]}]"
    return json.dumps(value)


#: Objects inside objects that are laid out over lines.
_DEEP = 3


def seal(data: Mapping[str, Any]) -> str:
    """The digest of everything in a file but its seal."""
    content = {key: value for key, value in data.items() if key != "seal"}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _sealed(data: Data) -> Data:
    return {**data, "seal": seal(data)}


class Writer:
    """Makes the evidence of the claims of one spec."""

    def __init__(self, path: str, derivation: Derivation, seed: int) -> None:
        from derivcheck.engine.record import Recorder

        self._path = path
        self._derivation = derivation
        self._seed = seed
        self._recorder = Recorder(derivation, seed)

    def evidence(self, claim: Claim, report: ClaimReport) -> Data:
        """All of one claim's evidence, sealed."""
        source = self._derivation.source.text.encode("utf-8")
        verdicts = [step.verdict for step in report.steps]
        statement_here = _statement(self._derivation, claim)
        correction = None
        if claim.correct is not None and report.correct_verdict is not None:
            statement, statement_data = claim.correct.statement, _statement(self._derivation, claim.correct)
            every = [report.correct_verdict] * len(statement.links if statement else ())
            correction = {
                "verdict": report.correct_verdict.value,
                "because": "the correction",
                "statement": statement_data,
                "links": self._links(claim.correct, statement_data, every, ()),
            }
        return _sealed(
            {
                "derivcheck": __version__,
                "format": FORMAT,
                "spec": {"path": self._path, "sha256": hashlib.sha256(source).hexdigest()},
                "claim": claim.id,
                "expect": claim.expect,
                "verdict": report.verdict.value,
                "because": report.because,
                "sizes": report.sizes,
                "seed": self._seed,
                "problems": [problem.message for problem in report.problems],
                "statement": statement_here,
                "links": self._links(claim, statement_here, verdicts, report.steps),
                "correction": correction,
            }
        )

    def _links(
        self, claim: Claim, graph: Data | None, verdicts: Sequence[Verdict], steps: Sequence[StepReport]
    ) -> list[Data]:
        from derivcheck.engine.record import within

        links = claim.statement.links if claim.statement else ()
        sides = graph.pop("sides") if graph else []
        keys = {q["name"]: q["key"] for q in graph["quantifiers"] if q["size"] is None} if graph else {}
        found: list[Data] = []
        for i, (link, verdict) in enumerate(zip(links, verdicts, strict=True)):
            step = steps[i] if steps else None
            proved = verdict is Verdict.PROVED
            found.append(
                {
                    "relation": link.relation,
                    "left": sides[i][0],
                    "right": sides[i][1],
                    "within": list(within(claim, link)),
                    "verdict": verdict.value,
                    "because": step.because if step else None,
                    "notes": list(step.notes) if step else [],
                    "sizes": step.sizes if step else None,
                    "points": [_point(one, keys) for one in self._recorder.points(claim, link)] if proved else [],
                    "witness": _witness(step.witness, keys) if step and step.witness else None,
                }
            )
        return found


def _point(witness: Witness, keys: Mapping[str, str]) -> Data:
    return {
        "sizes": dict(witness.sizes),
        "point": {keys.get(name, name): value for name, value in witness.point.items()},
        "functions": {name: list(value) for name, value in witness.functions.items()},
    }


def _witness(witness: Witness, keys: Mapping[str, str]) -> Data:
    return {
        **_point(witness, keys),
        "index": dict(witness.index),
        "entry": list(witness.entry),
        "left": enclosure(witness.left),
        "right": enclosure(witness.right),
        "bits": witness.bits,
        "explanation": witness.explanation,
    }


def enclosure(text: str) -> str:
    """What a report shows of a number, as a ball ``[middle +/- radius]`` that contains it."""
    if "[" in text or text.startswith(("about", "a number")):
        return text if "[" in text else "[0 +/- inf]"
    if "…" in text:
        mantissa, _, exponent = text.partition("…")
        decimals = len(mantissa.partition(".")[2])
        return f"[{mantissa}{exponent} +/- 1e{int(exponent[1:] or 0) - decimals}]"
    number = Fraction(text)
    return f"[{number} +/- 0]" if number.denominator == 1 else f"[{_decimal(number)} +/- 1e-30]"


def _decimal(number: Fraction) -> str:
    scaled = round(number * 10**40)
    return f"{scaled}e-40"


# --- statements as graphs


def _statement(derivation: Derivation, claim: Claim) -> Data | None:
    if claim.statement is None:
        return None
    return _Graph(derivation).statement(claim)


class _Graph:
    """A statement, and all that it is made from, as numbered nodes: each refers to those before it."""

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._nodes: list[Data] = []
        self._numbers: dict[Expr, int] = {}
        self._keys: dict[str, str] = {}

    def statement(self, claim: Claim) -> Data:
        statement = claim.statement
        assert statement is not None
        conditions = (*self._derivation.assume, *claim.when)
        sides = [side for link in statement.links for side in (link.left, link.right)]
        names = self._reached([*sides, *conditions], claim)
        return {
            "text": statement.text,
            "quantifiers": [self._quantifier(q) for q in statement.quantifiers],
            "sides": [[self._number(link.left), self._number(link.right)] for link in statement.links],
            "conditions": [self._number(condition) for condition in conditions],
            "up_to": claim.up_to,
            "tolerance": _rational(claim.tolerance),
            "equations": any(_equation(condition) for condition in conditions),
            "variables": self._variables(claim, statement.quantifiers, names),
            "definitions": {
                name: self._number(expr)
                for name, expr in self._derivation.definitions.items()
                if name in names and name not in claim.at
            },
            "functions": {name: self._function(name) for name in self._derivation.functions if name in names},
            "dims": {
                name: {"least": rule.least, "exact": rule.exact} for name, rule in self._derivation.dims.items()
            },
            "nodes": self._nodes,
        }

    def _variables(self, claim: Claim, quantifiers: Sequence[Quantifier], names: set[str]) -> Data:
        """What has a value at a point: variables, what ``at`` gives a value, and the scalars that are bound."""
        found: Data = {
            name: {"shape": list(variable.shape), "domain": _domain(variable.domain)}
            for name, variable in self._derivation.variables.items()
            if name in names and name not in claim.at
        }
        for name, value in claim.at.items():
            given = [_rational(entry) for entry in value.entries]
            found[name] = {"shape": list(value.shape), "domain": {"kind": "given", "values": given}}
        for bound in quantifiers:
            if bound.domain is not None:
                found[self._key(bound.key)] = {"shape": [], "domain": _domain(bound.domain), "name": bound.name}
        return found

    def _function(self, name: str) -> Data:
        rule = self._derivation.functions[name]
        if rule.derivative is None:
            return {"derivative": None, "parameter": None}
        return {"derivative": self._number(rule.derivative), "parameter": self._key(rule.parameter or "")}

    def _reached(self, roots: list[Expr], claim: Claim) -> set[str]:
        """Every name, of a variable, a definition or a function, that expressions are made from."""
        names: set[str] = set()
        waiting = list(roots)
        while waiting:
            for expr in postorder(waiting.pop()):
                for name in _names_of(expr):
                    if name in names:
                        continue
                    names.add(name)
                    rule = self._derivation.functions.get(name)
                    if rule is not None and rule.derivative is not None:
                        waiting.append(rule.derivative)
                    if name in self._derivation.definitions and name not in claim.at:
                        waiting.append(self._derivation.definitions[name])
        return names

    def _key(self, key: str) -> str:
        """A short name of a binder, the same for every writing of the same statement."""
        return self._keys.setdefault(key, f"#{len(self._keys)}")

    def _quantifier(self, quantifier: Quantifier) -> Data:
        return {"name": quantifier.name, "key": self._key(quantifier.key), "size": quantifier.size}

    def _number(self, root: Expr) -> int:
        for expr in postorder(root):
            if expr not in self._numbers:
                told: Data = {"op": type(expr).__name__}
                for field in fields(expr):
                    if field.name != "span":
                        told[field.name] = self._told(field.name, getattr(expr, field.name))
                self._numbers[expr] = len(self._nodes)
                self._nodes.append(told)
        return self._numbers[root]

    def _told(self, name: str, value: Any) -> Any:
        match value:
            case Expr():
                return self._numbers[value]
            case Fraction():
                return _rational(value)
            case tuple():
                return [self._told("", one) for one in value]
            case Target():
                told = {field.name: self._told("", getattr(value, field.name)) for field in fields(value)}
                return told | {"key": self._key(value.key) if value.kind == "bound" else ""}
            case str() if name == "key" and value:
                return self._key(value)
            case _:
                return value


def _names_of(expr: Expr) -> tuple[str, ...]:
    return (expr.function,) if isinstance(expr, Opaque) else named_by(expr)


def _equation(condition: Expr) -> bool:
    """Whether a condition makes numbers depend on each other."""
    return any(isinstance(part, Compare) and part.operator == "==" for part in postorder(condition))


def _domain(domain: Domain) -> Data:
    return {
        "kind": domain.kind,
        "low": _rational(domain.low),
        "high": _rational(domain.high),
        "low_open": domain.low_open,
        "high_open": domain.high_open,
        "values": [_rational(value) for value in domain.values],
    }


def _rational(value: Fraction | None) -> str | None:
    return None if value is None else f"{value.numerator}/{value.denominator}"
