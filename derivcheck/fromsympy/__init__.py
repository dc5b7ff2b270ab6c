"""SymPy expressions to typed expressions: a table over SymPy's classes, never their text.

What SymPy would take over the complex numbers is read over the reals: a symbol without assumptions is a real
variable. The assumptions positive, nonnegative, negative, nonpositive, integer, nonzero and zero are kept; others
that narrow a symbol down are refused, since dropping them would change the claim.
"""

from derivcheck.fromsympy.arrays import RULES as _ARRAY_RULES
from derivcheck.fromsympy.converter import Converter, target_of
from derivcheck.fromsympy.scalars import RULES as _SCALAR_RULES
from derivcheck.fromsympy.walk import is_sympy, spelled

__all__ = ["Converter", "converter", "is_sympy", "spelled", "target_of"]


def converter() -> Converter:
    """A converter that knows every rule."""
    return Converter({**_SCALAR_RULES, **_ARRAY_RULES})
