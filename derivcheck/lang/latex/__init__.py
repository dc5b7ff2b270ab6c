"""Owns the way from LaTeX formulas to surface nodes: read whole by declared notation, or refused with the place.

Text → tokens → tree (what stands where on paper) → nodes (what it means by the notation). No macro is expanded.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivcheck.lang.latex.formula import read_expression, read_formula, read_statement
    from derivcheck.lang.latex.line import Line
    from derivcheck.lang.latex.notation import Notation
    from derivcheck.lang.latex.printer import Unprintable, to_latex

#: The public names and where they are: imported when they are used, as most specs have no LaTeX.
_PUBLIC = {
    "Line": "line",
    "Notation": "notation",
    "Unprintable": "printer",
    "read_expression": "formula",
    "read_formula": "formula",
    "read_statement": "formula",
    "to_latex": "printer",
}

__all__ = ["Line", "Notation", "Unprintable", "read_expression", "read_formula", "read_statement", "to_latex"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value
