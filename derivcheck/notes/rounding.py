r"""Owns what ``=`` means between numbers in a note: people write it where a value is rounded.

Before a displayed decimal (``= 0.3932``) it is read as ``≈``: the digits displayed have to be right. Elsewhere it
means what it says; but where rounded numbers have been put in, or a value is rounded to an integer
(``\sigma(30) = 1``), as much is allowed for as the rounding can have changed, and what fails only without that is not
decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, postorder
from derivcheck.model import Claim, Derivation, Link

#: What is said of a step that holds only if its numbers are rounded ones.
ROUNDED = "its numbers may be rounded: it holds as far as they can be off"
#: Parts of an expression above which its numbers are not looked at.
_LARGEST = 400
_FREE = (typed.Variable, typed.Bound, typed.Dimension)


def as_displayed(claim: Claim) -> Claim:
    """The claim with ``≈`` for every ``=`` before a displayed decimal."""
    if claim.statement is None:
        return claim
    links = tuple(
        replace(link, relation="≈") if link.relation == "==" and _decimal(link.right) else link
        for link in claim.statement.links
    )
    return replace(claim, statement=replace(claim.statement, links=links))


def allowances(claim: Claim, derivation: Derivation) -> tuple[tuple[int, Claim], ...]:
    """The links of a claim that may hold by rounding alone: each by its place, as a claim of its own that allows for
    as much as the numbers in it can be off."""
    if claim.statement is None or claim.tolerance is not None:
        return ()
    found: list[tuple[int, Claim]] = []
    for place, link in enumerate(claim.statement.links):
        room = _room(link, derivation.definitions)
        if room:
            loose = replace(claim.statement, links=(replace(link, relation="≈"),))
            found.append((place, replace(claim, statement=loose, tolerance=room)))
    return tuple(found)


def _decimal(expr: Expr) -> bool:
    """A literal, or an array of literals, one of them with a decimal point."""
    from derivcheck.engine.numbers import displayed, unit

    return displayed(expr) is not None and any(
        isinstance(part, typed.Number) and unit(part.text) < 1 for part in postorder(expr)
    )


def _room(link: Link, definitions: Mapping[str, Expr]) -> Fraction:
    """By how much the sides of a link may differ if their numbers are rounded."""
    from derivcheck.engine.numbers import displayed

    if not (constant(link.left, definitions) and constant(link.right, definitions)):
        return Fraction(0)
    left, right = (_Numbers(definitions).of(side) for side in (link.left, link.right))
    off = max((one.off for one in left or ()), default=Fraction(0))
    if _decimal(link.right):  # the digits displayed may be rounded anyway
        return off + max(one.half for one in displayed(link.right) or ()) if off else off
    off += max((one.off for one in right or ()), default=Fraction(0))
    if off == 0 and left is None and right is not None and _integers(link.right):
        return Fraction(1, 2)  # a value that is no fraction, beside integers
    return off


def _integers(expr: Expr) -> bool:
    """Whether no number with a decimal point and no name stands in an expression."""
    numbers = [part for part in postorder(expr) if isinstance(part, typed.Number | typed.Defined)]
    return all(isinstance(part, typed.Number) and "." not in part.text for part in numbers)


def constant(expr: Expr, definitions: Mapping[str, Expr]) -> bool:
    """Whether an expression is made of numbers alone, also through what it names."""
    seen: set[str] = set()
    waiting = [expr]
    while waiting:
        for part in postorder(waiting.pop()):
            if isinstance(part, _FREE):
                return False
            if isinstance(part, typed.Defined) and part.name not in seen:
                seen.add(part.name)
                waiting.append(definitions[part.name])
    return True


@dataclass(frozen=True, slots=True)
class _Value:
    """A number, and by how much it may be off."""

    value: Fraction
    off: Fraction = Fraction(0)


class _Numbers:
    """Arithmetic with rounded numbers: the values of an expression, row-major; ``None`` for what is no arithmetic."""

    def __init__(self, definitions: Mapping[str, Expr]) -> None:
        self.definitions = definitions
        self.parts = 0

    def of(self, expr: Expr) -> list[_Value] | None:
        self.parts += 1
        if self.parts > _LARGEST:
            return None
        match expr:
            case typed.Number():
                return [_Value(expr.value, _off(expr))]
            case typed.Defined():
                inside = self.of(self.definitions[expr.name])
                return None if inside is None else [_Value(one.value) for one in inside]  # what is given is exact
            case typed.Negate():
                inside = self.of(expr.operand)
                return None if inside is None else [_Value(-one.value, one.off) for one in inside]
            case typed.Entries():
                found = [self.of(entry) for entry in expr.entries]
                return None if any(one is None for one in found) else [v for one in found for v in one or ()]
            case typed.Arithmetic():
                return self._arithmetic(expr)
            case typed.MatMul():
                return self._product(expr)
            case typed.ArrayOp(name="transpose", arguments=(inner,)):
                inside, columns = self.of(inner), inner.shape[-1] if inner.shape else 1
                return None if inside is None or isinstance(columns, str) else [
                    one for column in range(columns) for one in inside[column::columns]
                ]  # fmt: skip
            case _:
                return None

    def _arithmetic(self, expr: typed.Arithmetic) -> list[_Value] | None:
        left, right = self.of(expr.left), self.of(expr.right)
        if left is None or right is None:
            return None
        if len(left) != len(right) and 1 not in (len(left), len(right)):
            return None
        size = max(len(left), len(right))
        pairs = zip(left * (size // len(left)), right * (size // len(right)), strict=True)
        made = [_combined(expr.operator, a, b) for a, b in pairs]
        return None if any(one is None for one in made) else [one for one in made if one is not None]

    def _product(self, expr: typed.MatMul) -> list[_Value] | None:
        left, right = self.of(expr.left), self.of(expr.right)
        rows, middle = expr.left.shape[:-1], expr.left.shape[-1]
        columns = expr.right.shape[1:]
        sizes = [*rows, middle, *columns]
        if left is None or right is None or not all(isinstance(size, int) for size in sizes):
            return None
        inner, across = int(middle), int(columns[0]) if columns else 1
        found: list[_Value] = []
        for row in range(len(left) // inner):
            for column in range(across):
                total = _Value(Fraction(0))
                for k in range(inner):
                    part = _combined("*", left[row * inner + k], right[k * across + column])
                    assert part is not None
                    total = _Value(total.value + part.value, total.off + part.off)
                found.append(total)
        return found


def _off(number: typed.Number) -> Fraction:
    """Half a unit of the last digit of a number that looks rounded: one with several digits behind the point, and no
    half, quarter or eighth."""
    from derivcheck.engine.numbers import unit

    digits = number.text.replace(".", "").lstrip("0")
    rounded = unit(number.text) < 1 and len(digits) > 1 and 8 % number.value.denominator != 0
    return unit(number.text) / 2 if rounded else Fraction(0)


def _combined(sign: str, a: _Value, b: _Value) -> _Value | None:
    if sign in "+-":
        return _Value(a.value + b.value if sign == "+" else a.value - b.value, a.off + b.off)
    if sign == "*":
        return _Value(a.value * b.value, abs(a.value) * b.off + abs(b.value) * a.off + a.off * b.off)
    if sign == "/":
        least = abs(b.value) - b.off
        if least <= 0:
            return None
        return _Value(a.value / b.value, (a.off + abs(a.value / b.value) * b.off) / least)
    if b.off or b.value.denominator != 1 or not 0 <= b.value <= 8:
        return None
    made = _Value(Fraction(1))
    for _ in range(int(b.value)):
        made = _combined("*", made, a) or made
    return made
