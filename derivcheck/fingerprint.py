"""Owns the fingerprint of a question: a digest over all that a claim's verdict depends on, and nothing else.

That is the claim as it was understood and as it is worded, the definitions that it reaches, everything else that is
declared (the points at which a claim is tried depend on all variables), the seed, and the engine: every source file
of derivcheck, and the versions of Python and of the libraries that compute. It is not where the claim stands, what it
is called, or what else its file claims.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from derivcheck.lang.nodes import Name, children
from derivcheck.lang.typed import BigOp, Bound, Expr, Quantifier, Target, named_by, postorder
from derivcheck.model import Claim, Derivation, OpaqueFunction, Variable

#: Distributions whose code computes verdicts.
LIBRARIES = ("sympy", "mpmath", "numpy", "python-flint")

#: Fields that say nothing of the question. Every other field of the model counts, also one that is added later.
_ASIDE: Mapping[type, frozenset[str]] = {
    Claim: frozenset({"id", "because", "points", "cite"}),
    Variable: frozenset({"doc"}),
}

#: Fields that tell binders apart, by their places: here, by the order in which they come.
_KEYS: Mapping[type, str] = {
    Bound: "key", BigOp: "key", Quantifier: "key", Target: "key", OpaqueFunction: "parameter",
}  # fmt: skip

#: Source files by name, with size, and times of modification and of change.
EngineStamp = tuple[tuple[str, int, int, int], ...]


class Unknown(Exception):
    """The engine, or a value of the model, cannot be told by a digest: nothing about it may be remembered."""


# --- the engine


def engine_digest() -> str:
    """A digest of what would judge a claim.

    Raises:
        Unknown: where the source files, or the version of a library, are not to be had.
    """
    from importlib.metadata import PackageNotFoundError, version

    digest = hashlib.sha256()
    about = [sys.implementation.cache_tag, str(sys.hexversion), str(sys.flags.optimize)]
    try:
        about += [f"{name} {version(name)}" for name in LIBRARIES]
        for path in _source_files():
            about.append(path.relative_to(_PACKAGE).as_posix())
            about.append(hashlib.sha256(path.read_bytes()).hexdigest())
    except (PackageNotFoundError, OSError) as missing:
        raise Unknown(str(missing)) from missing
    digest.update(_canonical(about))
    return digest.hexdigest()


def engine_stamp() -> EngineStamp:
    """Names, sizes and times of the source files: if they are as before, so is the digest, and this is quicker.

    Raises:
        Unknown: where the source files are not to be had.
    """
    try:
        states = [(str(path), path.stat()) for path in _source_files()]
    except OSError as missing:
        raise Unknown(str(missing)) from missing
    return tuple((path, state.st_size, state.st_mtime_ns, state.st_ctime_ns) for path, state in states)


def youngest(stamp: EngineStamp) -> float:
    """When a source file was last changed or put in its place, in seconds of the clock."""
    return max(max(modified, changed) for _, _, modified, changed in stamp) / 1e9


_PACKAGE = Path(__file__).parent


def _source_files() -> list[Path]:
    found = []
    for where, folders, names in os.walk(_PACKAGE):
        folders[:] = [name for name in folders if name != "__pycache__"]
        found += [Path(where, name) for name in names if not name.startswith(".")]
    if not any(path.parent.name == "engine" and path.suffix == ".py" for path in found):
        raise Unknown("derivcheck is installed without its source files")
    return sorted(found)


# --- the question


class Fingerprints:
    """The fingerprints of the claims of one derivation, judged by one engine (``engine_digest``) with one seed."""

    def __init__(self, derivation: Derivation, engine: str, seed: int) -> None:
        self._definitions = derivation.definitions
        self._around = _digest(
            engine,
            seed,
            derivation.variables,
            derivation.dims,
            derivation.functions,
            derivation.assume,
            derivation.layout,
        )
        rules = [rule.derivative for rule in derivation.functions.values() if rule.derivative is not None]
        self._always = frozenset(_named((*derivation.assume, *rules)))
        self._of_definition = cache(self._definition)

    def of(self, claim: Claim) -> str:
        """The fingerprint of a claim of the derivation, 64 hexadecimal digits.

        Raises:
            Unknown: where the claim has a value that no digest can be made of.
        """
        reached = self._reached({*self._always, *_named(_roots(claim)), *_given(claim), *_written(claim)})
        definitions = [(name, self._of_definition(name)) for name in self._definitions if name in reached]
        return _digest(self._around, definitions, claim)

    def _definition(self, name: str) -> str:
        return _digest(self._definitions[name])

    def _reached(self, names: set[str]) -> set[str]:
        waiting = [name for name in names if name in self._definitions]
        reached = set(waiting)
        while waiting:
            for name in _named([self._definitions[waiting.pop()]]):
                if name in self._definitions and name not in reached:
                    reached.add(name)
                    waiting.append(name)
        return reached


def _roots(claim: Claim) -> Iterator[Expr]:
    """The expressions of a claim and of its correction."""
    yield from claim.when
    for link in claim.statement.links if claim.statement else ():
        yield link.left
        yield link.right
    if claim.misfit is not None:
        yield claim.misfit.known
        yield from () if claim.misfit.value is None else (claim.misfit.value,)
    if claim.correct is not None:
        yield from _roots(claim.correct)


def _written(claim: Claim) -> Iterator[str]:
    """The names in a term that is kept as it is written, also in a correction of the claim."""
    waiting = [] if claim.misfit is None or claim.misfit.written is None else [claim.misfit.written]
    while waiting:
        node = waiting.pop()
        waiting += children(node)
        if isinstance(node, Name):
            yield node.text
    if claim.correct is not None:
        yield from _written(claim.correct)


def _given(claim: Claim) -> tuple[str, ...]:
    return (*claim.at, *(_given(claim.correct) if claim.correct else ()))


def _named(roots: Iterable[Expr]) -> Iterator[str]:
    """The names, of definitions among others, that expressions use."""
    for root in roots:
        for expr in postorder(root):
            yield from named_by(expr)


# --- digests


def _digest(*values: object) -> str:
    """A digest that two lists of values share only if they are alike, down to which parts are one and the same."""
    writer = _Writer()
    told = [writer.told(value) for value in values]
    return hashlib.sha256(_canonical([told, writer.nodes])).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode("ascii")


class _Writer:
    """Tells values as JSON. Expressions are graphs: each is told once, and by its number from then on."""

    def __init__(self) -> None:
        self.nodes: list[object] = []
        self._numbers: dict[int, int] = {}
        self._keys: dict[object, int] = {}

    def told(self, value: Any) -> object:
        if value is None or type(value) in (bool, int, str):
            return value
        if isinstance(value, Expr):
            return {"node": self._number(value)}
        if isinstance(value, Fraction):
            return {"fraction": f"{value.numerator:x}/{value.denominator:x}"}
        if isinstance(value, tuple | list):
            return [self.told(one) for one in value]
        if isinstance(value, Mapping):
            return {"mapping": [[self.told(key), self.told(one)] for key, one in value.items()]}
        if is_dataclass(value) and not isinstance(value, type):
            return self._record(value)
        raise Unknown(f"no digest of a {type(value).__name__}")

    def _number(self, root: Expr) -> int:
        for expr in postorder(root):
            if id(expr) not in self._numbers:
                record = self._record(expr)  # may number what it has inside
                self._numbers[id(expr)] = len(self.nodes)
                self.nodes.append(record)
        return self._numbers[id(root)]

    def _record(self, value: Any) -> object:
        kind: Any = type(value)
        key = _KEYS.get(kind)
        told = []
        for name in _fields(kind):
            one = getattr(value, name)
            told.append(self._keys.setdefault(one, len(self._keys)) if name == key else self.told(one))
        return {kind.__name__: told}


@cache
def _fields(kind: Any) -> tuple[str, ...]:
    """The fields of a class of the model that count: all but places, and what is only said aside."""
    aside = _ASIDE.get(kind, frozenset())
    return tuple(one.name for one in fields(kind) if one.type not in _PLACES and one.name not in aside)


#: How places are annotated.
_PLACES = ("Span", "Span | None")
