"""Owns what SymPy's symbols become: a name each, and the domain that their assumptions come to."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from derivcheck.lang.domains import REAL, Domain

_ZERO = Fraction(0)

Sign = Literal[">", ">=", "<", "<=", "!="]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a symbol lives: its domain, and how it compares with 0 where the domain cannot say so as well."""

    domain: Domain = REAL
    sign: Sign | None = None


#: The assumptions that say how a symbol compares with 0, the narrowest first.
_SIGNS: tuple[tuple[str, Domain, Sign], ...] = (
    ("is_positive", Domain("positive"), ">"),
    ("is_negative", Domain("interval", high=_ZERO), "<"),
    ("is_nonnegative", Domain("nonnegative"), ">="),
    ("is_nonpositive", Domain("interval", high=_ZERO, high_open=False), "<="),
)
#: Assumptions that no domain and no condition stands for.
_FOREIGN = (
    "even",
    "odd",
    "prime",
    "composite",
    "irrational",
    "transcendental",
    "algebraic",
    "imaginary",
    "infinite",
)


class Unreal(Exception):
    """A symbol that is no real variable, or one with an assumption that cannot be kept; the message says which."""


def name_of(symbol: Any, taken: set[str]) -> str:
    """The symbol's name; where another symbol has it (SymPy tells them apart by assumptions), with a number."""
    base = name = str(symbol.name)
    number = 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


def place_of(symbol: Any) -> Place:
    """Where a symbol lives by its assumptions.

    Raises:
        Unreal: when the reals cannot say it.
    """
    if symbol.is_real is False or symbol.is_commutative is False:
        raise Unreal("is not a real number; all variables are real here")
    if symbol.is_zero:
        return Place(Domain("finite", values=(_ZERO,)))
    foreign = [word for word in _FOREIGN if getattr(symbol, f"is_{word}")]
    if symbol.is_rational and not symbol.is_integer:
        foreign.append("rational")
    if foreign and not (symbol.is_integer and set(foreign) == {"algebraic"}):
        raise Unreal(f"is assumed to be {foreign[0]}, which cannot be kept; declare it in `variables`")
    found = next(((domain, sign) for word, domain, sign in _SIGNS if getattr(symbol, word)), None)
    if symbol.is_integer:
        return Place(Domain("integer"), found[1] if found else "!=" if symbol.is_nonzero else None)
    if found is not None:
        return Place(found[0])
    return Place(REAL, "!=" if symbol.is_nonzero else None)
