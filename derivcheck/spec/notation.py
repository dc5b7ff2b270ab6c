"""Owns how the names of a derivation are written in LaTeX: its notation, for whoever reads formulas by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from derivcheck.lang.elaborate import Scope
from derivcheck.model import Derivation, Reading

if TYPE_CHECKING:
    from derivcheck.lang.latex import Notation


def notation_of(derivation: Derivation) -> Notation:
    """The names that a formula may use and their spellings, by what a derivation declares."""
    scope = Scope(
        {name: variable.shape for name, variable in derivation.variables.items()},
        derivation.definitions,
        frozenset(derivation.dims),
        frozenset(derivation.functions),
    )
    return notation_by(scope, derivation.notation, derivation.reading)


def notation_by(scope: Scope, spellings: Mapping[str, tuple[str, ...]], reading: Reading) -> Notation:
    """The same by a scope."""
    from derivcheck.lang.latex.notation import Notation  # where it is asked for: most specs have no LaTeX

    return Notation(
        shapes={**scope.variables, **{name: made.shape for name, made in scope.definitions.items()}},
        dims=scope.dims,
        functions=scope.functions,
        spellings=spellings,
        first=1 if reading.first is None else reading.first,
        samples=reading.samples or "columns",
    )
