"""Owns the competitors: each says of a claim that it is true, that it is not, or nothing.

derivcheck is given the spec that it has read; the peers write both sides as SymPy expressions (naive.py), with the
derivative by SymPy, and decide. What a peer says is what its user would read off: that ``simplify`` did not come to 0
is taken for "not equal".
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from time import thread_time
from typing import Any

from derivcheck.model import Derivation

#: True, false, or nothing said; a word on it; and the seconds that went into making what is decided.
Says = tuple[bool | None, str, float]


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to decide claims; ``proves`` if what it calls true is meant to be proved. ``made`` is the same claim
    with its derivative made, of which deciding alone is timed, where that cannot be told from the making."""

    name: str
    decide: Callable[[Derivation], Says]
    proves: bool = True
    made: Callable[[Derivation], Derivation] | None = None


def _derivcheck(derivation: Derivation) -> Says:
    from derivcheck.engine import Judge

    judge = Judge(derivation)
    verdicts = [judge.judge(claim).verdict.value for claim in derivation.claims]
    if "refuted" in verdicts:
        return False, "refuted", 0.0
    return (True, "proved", 0.0) if set(verdicts) == {"proved"} else (None, ", ".join(verdicts), 0.0)


def _made(derivation: Derivation) -> Derivation:
    """The claim of a spec with SymPy's derivative in its place, read as derivcheck reads SymPy's expressions.

    Raises:
        Refused: derivcheck has no form of what SymPy's derivative is (at kinks, say).
    """
    from naive import Naive

    from derivcheck import mixed

    (claim,) = derivation.claims
    assert claim.statement is not None
    (link,) = claim.statement.links
    (sides,) = Naive(derivation).sides(link)
    return mixed.derivation(derivation, mixed.Request(sides))


def _by_entries(zero: Callable[[Any, Any], bool | None]) -> Callable[[Derivation], Says]:
    """Decide entry by entry: all have to be equal, and one that is not decides."""

    def decide(derivation: Derivation) -> Says:
        from naive import Naive

        (claim,) = derivation.claims
        assert claim.statement is not None
        says: bool | None = True
        begun = thread_time()
        naive, making = Naive(derivation), 0.0
        for link in claim.statement.links:
            sides = naive.sides(link)
            making += thread_time() - begun
            for left, right in sides:
                found = zero(left, right)
                if found is False:
                    return False, "", making
                says = says if found else None
            begun = thread_time()
        return says, "", making

    return decide


def _simplify(left: Any, right: Any) -> bool | None:
    import sympy

    return bool(sympy.simplify(left - right) == 0)


def _equals(left: Any, right: Any) -> bool | None:
    found = left.equals(right)
    return None if found is None else bool(found)


def _cancel(left: Any, right: Any) -> bool | None:
    import sympy

    return bool(sympy.cancel((left - right).rewrite(sympy.exp)) == 0)


def _symengine(left: Any, right: Any) -> bool | None:
    import symengine

    return bool(symengine.expand(symengine.sympify(left - right)) == 0)


#: Floating-point points, and the relative difference that is taken for none.
POINTS = 20
CLOSE = 1e-9


def _lambdify(left: Any, right: Any) -> bool | None:
    """Whether both sides agree in floating point wherever both are finite, at random points."""
    import sympy

    symbols = sorted(left.free_symbols | right.free_symbols, key=lambda s: s.name)
    function = sympy.lambdify(symbols, [left, right], modules=["math", "mpmath"])
    source, seen = random.Random(0), 0
    for _ in range(POINTS):
        # within (0, 1), where every domain of the benchmark has values, some of them of either sign
        point = [source.uniform(0.05, 0.45) * (1 if s.is_positive else source.choice((1, 1, -1))) for s in symbols]
        try:
            a, b = (complex(value) for value in function(*point))
        except (ValueError, ZeroDivisionError, OverflowError, TypeError):
            continue
        if not (math.isfinite(abs(a)) and math.isfinite(abs(b))) or a.imag or b.imag:
            continue
        seen += 1
        if abs(a - b) > CLOSE * (1 + max(abs(a), abs(b))):
            return False
    return True if seen else None


DERIVCHECK = Peer("derivcheck", _derivcheck, made=_made)


def peers() -> tuple[Peer, ...]:
    """Those that are installed; derivcheck is the first."""
    found = [
        DERIVCHECK,
        Peer("simplify(a - b) == 0", _by_entries(_simplify)),
        Peer("a.equals(b)", _by_entries(_equals)),
        Peer("cancel(rewrite(exp)) == 0", _by_entries(_cancel)),
        Peer("lambdify, 20 points", _by_entries(_lambdify), proves=False),
    ]
    if find_spec("symengine"):
        found.append(Peer("SymEngine expand == 0", _by_entries(_symengine)))
    return tuple(found)
