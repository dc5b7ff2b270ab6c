"""Owns the way from LaTeX formulas to surface nodes: read whole by declared notation, or refused with the place.

Text → tokens → tree (what stands where on paper) → nodes (what it means by the notation). No macro is expanded.
"""

from derivcheck.lang.latex.formula import read_expression, read_formula, read_statement
from derivcheck.lang.latex.line import Line
from derivcheck.lang.latex.notation import Notation
from derivcheck.lang.latex.printer import Unprintable, to_latex

__all__ = ["Line", "Notation", "Unprintable", "read_expression", "read_formula", "read_statement", "to_latex"]
