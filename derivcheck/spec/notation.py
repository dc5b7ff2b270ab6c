"""Owns how the names of a derivation are written in LaTeX: its notation, for whoever reads formulas by it."""

from __future__ import annotations

from derivcheck.lang.latex import Notation
from derivcheck.model import Derivation


def notation_of(derivation: Derivation) -> Notation:
    """The names that a formula may use and their spellings, by what a derivation declares."""
    shapes = {name: variable.shape for name, variable in derivation.variables.items()}
    shapes |= {name: made.shape for name, made in derivation.definitions.items()}
    return Notation(
        shapes=shapes,
        dims=frozenset(derivation.dims),
        functions=frozenset(derivation.functions),
        spellings=derivation.notation,
        first=1 if derivation.reading.first is None else derivation.reading.first,
        samples=derivation.reading.samples or "columns",
    )
