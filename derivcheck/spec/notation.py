"""Owns how the names of a derivation are written in LaTeX: its notation, for whoever reads formulas by it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from derivcheck.lang.elaborate import Scope
from derivcheck.lang.typed import Defined, Expr, Variable, postorder
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
        depends=_depends(scope.definitions),
    )


def _depends(definitions: Mapping[str, Expr]) -> dict[str, frozenset[str]]:
    """Of every definition the names from which it is made; those that it uses stand before it."""
    found: dict[str, frozenset[str]] = {}
    for name, made in definitions.items():
        found[name] = made_of(made, found)
    return found


def made_of(expression: Expr, known: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names from which an expression is made, by those of the definitions that it uses."""
    names = {part.name for part in postorder(expression) if isinstance(part, Defined | Variable)}
    return frozenset(names).union(*(known.get(name, frozenset()) for name in names))
