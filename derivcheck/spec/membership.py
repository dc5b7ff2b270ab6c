"""Owns membership: whether an exact value that a spec gives lies in the domain that it declares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from derivcheck.lang.domains import Domain, DomainKind
from derivcheck.model import PointValue

#: Exact elimination of larger matrices would be costly.
_MOST_ROWS = 16


def outside(domain: Domain, value: PointValue) -> str | None:
    """Why a value does not lie in a domain, in words; ``None`` if it does."""
    whole = _WHOLE.get(domain.kind)
    if whole is not None:
        rows = _rows(value)
        if domain.kind in _BY_ELIMINATION and len(rows) > _MOST_ROWS:
            return f"with more than {_MOST_ROWS} rows it cannot be told whether it is {domain.kind}"
        return None if whole(rows) else f"it is not {_SPELLED.get(domain.kind, domain.kind)}"
    wrong = next((entry for entry in value.entries if not contains(domain, entry)), None)
    return None if wrong is None else f"{wrong} is not in the domain {spell(domain)}"


def contains(domain: Domain, number: Fraction) -> bool:
    """Whether a number lies in a domain of numbers."""
    match domain.kind:
        case "positive":
            return number > 0
        case "nonnegative":
            return number >= 0
        case "integer":
            return number.denominator == 1
        case "finite":
            return number in domain.values
        case "interval":
            low, high = domain.low, domain.high
            above = low is None or number > low or (number == low and not domain.low_open)
            return above and (high is None or number < high or (number == high and not domain.high_open))
        case _:
            return True


def spell(domain: Domain) -> str:
    """A domain of numbers as a spec writes it."""
    if domain.kind == "finite":
        return "{" + ", ".join(str(value) for value in domain.values) + "}"
    if domain.kind != "interval":
        return f"`{domain.kind}`"
    low = "-oo" if domain.low is None else str(domain.low)
    high = "oo" if domain.high is None else str(domain.high)
    return f"{'(' if domain.low_open else '['}{low}, {high}{')' if domain.high_open else ']'}"


_Matrix = Sequence[Sequence[Fraction]]


def _rows(value: PointValue) -> _Matrix:
    """The entries, by the last axis."""
    width = value.shape[-1] if value.shape else 1
    return [value.entries[start : start + width] for start in range(0, len(value.entries), width)]


def _entries(rows: _Matrix) -> list[Fraction]:
    return [entry for row in rows for entry in row]


def _simplex(rows: _Matrix) -> bool:
    return min(_entries(rows)) >= 0 and sum(_entries(rows)) == 1


def _one_hot(rows: _Matrix) -> bool:
    return sorted(_entries(rows)) == [0] * (len(_entries(rows)) - 1) + [1]


def _symmetric(rows: _Matrix) -> bool:
    return all(rows[i][j] == rows[j][i] for i in range(len(rows)) for j in range(i))


def _diagonal(rows: _Matrix) -> bool:
    return all(entry == 0 for i, row in enumerate(rows) for j, entry in enumerate(row) if i != j)


def _orthogonal(rows: _Matrix) -> bool:
    size = range(len(rows))
    return all(
        sum((rows[k][i] * rows[k][j] for k in size), Fraction(0)) == (1 if i == j else 0) for i in size for j in size
    )


def _pivots(rows: _Matrix, *, exchange: bool) -> Iterator[Fraction]:
    """The pivots of Gaussian elimination up to the first 0; with ``exchange``, a row whose pivot is not 0 is taken
    first where there is one (and the signs of the pivots mean nothing)."""
    left = [list(row) for row in rows]
    while left:
        best = next((i for i, row in enumerate(left) if row[0] != 0), 0) if exchange else 0
        top = left.pop(best)
        yield top[0]
        if top[0] == 0:
            return
        left = [[entry - row[0] / top[0] * above for entry, above in zip(row, top, strict=True)][1:] for row in left]


def _invertible(rows: _Matrix) -> bool:
    return all(pivot != 0 for pivot in _pivots(rows, exchange=True))


def _positive_definite(rows: _Matrix) -> bool:
    # Sylvester: the leading minors are the products of the pivots without exchange
    return _symmetric(rows) and all(pivot > 0 for pivot in _pivots(rows, exchange=False))


_WHOLE: dict[DomainKind, Callable[[_Matrix], bool]] = {
    "simplex": _simplex, "one-hot": _one_hot, "symmetric": _symmetric, "diagonal": _diagonal,
    "orthogonal": _orthogonal, "invertible": _invertible, "positive definite": _positive_definite,
}  # fmt: skip
_BY_ELIMINATION = ("invertible", "positive definite", "orthogonal")
_SPELLED = {"simplex": "in the simplex: entries >= 0 whose sum is 1"}
