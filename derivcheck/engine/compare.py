"""Owns the comparison of two sides at points by the rigorous road: where they certainly differ, how far they agree,
and where one is defined and the other is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, product
from typing import Any, Literal

import numpy as np
from flint import arb, ctx, fmpq

from derivcheck.engine import jets
from derivcheck.engine.arrays import as_array
from derivcheck.engine.jets import Hole, Jet, Number
from derivcheck.engine.places import Point
from derivcheck.engine.sizes import Reach
from derivcheck.engine.spaces import Space
from derivcheck.engine.work import Meter
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.verdict import NestedText, Witness

Status = Literal["differ", "agree", "unknown", "left undefined", "right undefined", "both undefined"]

#: Binary exponents of numbers that are written out.
LARGEST_EXPONENT = 100_000

#: Entries and quantified cases of one claim that are looked at, at one point.
MOST_ENTRIES = 4_096


@dataclass(frozen=True, slots=True)
class Pair:
    """Both sides of one entry at one point; ``difference`` is left - right at the precision of their evaluation, of
    so many ``bits``."""

    index: tuple[tuple[str, int], ...]
    entry: tuple[int, ...]
    left: Number
    right: Number
    difference: Number
    bits: int = field(default_factory=lambda: int(ctx.prec))
    #: How the two compare; only certain answers are more than ``unknown``.
    status: Status = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", _status(self.left, self.right, self.difference))


def _status(left: Number, right: Number, difference: Number) -> Status:
    if type(difference) is not Hole:
        return "differ" if jets.sign_of(difference) in (1, -1) else "agree"
    holes = [side for side in (left, right) if isinstance(side, Hole)]
    if not all(hole.certain for hole in holes):
        return "unknown"
    if len(holes) == 2:
        return "both undefined"
    return "left undefined" if isinstance(left, Hole) else "right undefined"


def indices(quantifiers: Sequence[Quantifier], space: Space) -> Iterator[tuple[tuple[Quantifier, int], ...]]:
    """Every choice of values of the quantified indices."""
    ranged = [q for q in quantifiers if q.size is not None]
    sizes = [space.shape((q.size,))[0] for q in ranged if q.size is not None]
    for values in product(*(range(n) for n in sizes)):
        yield tuple(zip(ranged, values, strict=True))


def pairs(
    left: Expr, right: Expr, quantifiers: Sequence[Quantifier], space: Space, point: Point, meter: Meter
) -> list[Pair]:
    """Every entry of both sides at a point, at the precision that is set.

    Raises:
        OverBudget: the counted work is more than the budget.
    """
    evaluator = space.session.evaluator(point, ctx.prec, meter)
    found: list[Pair] = []
    for chosen in indices(quantifiers, space):
        for quantifier, value in chosen:
            evaluator.bind(quantifier.key, value)
        if any(test.truth is not True for c in space.local for test in evaluator.value(c).ravel()):
            continue
        index = tuple((q.name, value) for q, value in chosen)
        entries = _entries(index, evaluator.bare(left), evaluator.bare(right))
        found.extend(islice(entries, MOST_ENTRIES - len(found)))
        if len(found) >= MOST_ENTRIES:
            break
    return found


def _entries(index: tuple[tuple[str, int], ...], a: Any, b: Any) -> Iterator[Pair]:
    """The pairs of two values, which have no axes or are arrays."""
    if type(a) is Jet and type(b) is Jet:
        yield Pair(index, (), a.value, b.value, a.value - b.value)
        return
    a, b = paired(as_array(a), as_array(b))
    for entry in np.ndindex(*a.shape):
        left, right = a[entry].value, b[entry].value
        yield Pair(index, entry, left, right, left - right)


def paired(a: Any, b: Any) -> tuple[Any, Any]:
    """Two sides spread to one shape: a scalar, or an array of one entry, goes with anything."""
    if a.size == 1 and b.ndim:
        a = a.reshape(())
    elif b.size == 1 and a.ndim:
        b = b.reshape(())
    spread_a, spread_b = np.broadcast_arrays(a, b)
    return spread_a, spread_b


def agreement(pair: Pair) -> int:
    """To how many significant digits the two sides of an agreeing pair are known to be equal (at most 999)."""
    gap = arb(pair.difference)
    size = max(abs(arb(pair.left)).upper(), arb(1))
    relative = (abs(gap).upper() / size).upper()
    if relative == 0:
        return 999
    if not relative.is_finite() or not relative > 0:
        return 0
    digits = -(relative.log() / arb(10).log()).upper()
    return 0 if digits < 0 else 999 if digits > 999 else int(float(digits.lower()))


def agrees(pair: Pair, digits: int) -> bool:
    """Whether the two sides of an agreeing pair are known to be equal to so many significant digits."""
    if type(pair.difference) is fmpq and pair.difference == 0:
        return True
    return agree(jets.ball(pair.left), jets.ball(pair.difference), digits)


def agree(left: Any, difference: Any, digits: int) -> bool:
    """Whether two balls, of which one and the difference are given, are equal to so many significant digits."""
    gap = difference.abs_upper() * 10**digits
    return bool(gap <= 1 or gap <= left.abs_upper())


def relative_gap(pair: Pair) -> float:
    """About how far two sides that differ are apart, relative to their size."""
    gap, size = abs(arb(pair.difference)), abs(arb(pair.left)) + abs(arb(pair.right))
    return float((gap / size).mid()) if size > 0 else 0.0


def shown(number: Number, digits: int = 12) -> str:
    """A number for a reader: exact if it is a short rational, else certain digits and ``…``, else a ball."""
    if type(number) is fmpq:
        exact = _decimal(number)
        if exact is not None:
            return exact
        number = arb(number)
    if abs(int(number.mid().man_exp()[1])) > LARGEST_EXPONENT:
        return (
            f"about 2^{int(number.mid().man_exp()[1])}"
            if number.rel_accuracy_bits() > 20
            else "a number without bound"
        )
    if number.is_exact() and number.is_integer() and abs(number) < 10**40:
        return str(number.unique_fmpz())
    text: str = number.str(digits, radius=False)
    if "[" in text or number.rel_accuracy_bits() < 20:
        return str(number.str(digits))
    mantissa, e, exponent = text.partition("e")
    return f"{mantissa}…{e}{exponent}"


def shown_apart(a: Number, b: Number) -> tuple[str, str]:
    """Two numbers that differ, with as many digits as it takes to see it."""
    texts = shown(a), shown(b)
    for digits in (20, 32, 48, 64, 96):
        if texts[0] != texts[1] and not _looks_whole(texts):
            break
        texts = shown(a, digits), shown(b, digits)
    return texts


def _looks_whole(texts: tuple[str, str]) -> bool:
    """Whether digits like 1.00000 or 0.99999 hide by what the numbers differ."""
    stems = {t.rstrip("…").rstrip("0").rstrip(".") for t in texts}
    return len(stems) == 1


def _decimal(number: Any) -> str | None:
    """A short rational as ``3``, ``0.25`` or ``1/3``."""
    p, q = int(number.p), int(number.q)
    if q == 1:
        return str(p) if abs(p) < 10**40 else None
    rest, shift = q, 0
    while rest % 10 == 0:
        rest //= 10
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest == 1:
        while q and 10**shift % q:
            shift += 1
        if shift <= 12:
            scaled = abs(p) * (10**shift // q)
            text = str(scaled).rjust(shift + 1, "0")
            return f"{'-' if p < 0 else ''}{text[:-shift]}.{text[-shift:]}"
    return f"{p}/{q}" if max(abs(p), q) < 10**8 else None


def witness(space: Space, point: Point, pair: Pair, found: Reach, explanation: str | None = None) -> Witness:
    """A witness at a point: the variables that the claim reaches, given values, bound scalars, and both sides."""
    values: dict[str, NestedText] = {}
    dims = set(found.dims)
    for name in (*found.variables, *(n for n in space.given if n not in space.derivation.variables)):
        values[name] = nested(point.values[name])
    for key, value in point.bound.items():
        values[space.names[key]] = _fraction(jets.rational(value))
    left, right = shown_apart(pair.left, pair.right)
    stand_ins = {name: _stand_in(space, point, name) for name in point.functions if name in found.functions}
    return Witness(
        point=values,
        left=left,
        right=right,
        entry=pair.entry,
        index={name: str(value) for name, value in pair.index},
        sizes={d: n for d, n in space.sizes.items() if d in dims},
        explanation=explanation,
        functions=stand_ins,
        bits=pair.bits,
    )


def _stand_in(space: Space, point: Point, name: str) -> tuple[str, ...]:
    """What stands for an opaque function: a polynomial, or one value where the derivative rule settles the others."""
    coefficients = point.functions[name].coefficients
    known = space.derivation.functions[name].derivative is not None
    return tuple(_fraction(jets.rational(c)) for c in (coefficients[:1] if known else coefficients))


def nested(array: Any) -> NestedText:
    """The values of an array of jets as nested text."""
    if array.ndim == 0:
        x: Jet = array[()]
        return _fraction(x.value)
    return tuple(nested(np.asarray(row, dtype=object)) for row in array)


def _fraction(number: Number) -> str:
    return _decimal(number) or f"{int(number.p)}/{int(number.q)}"
