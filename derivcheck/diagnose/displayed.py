"""Owns mistakes in written numbers: rounding, the sign, the decimal point, exchanged digits, a factor, arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from flint import arb

from derivcheck.diagnose.case import Candidate, Case
from derivcheck.diagnose.rebuild import fraction
from derivcheck.engine import jets
from derivcheck.engine.compare import pairs
from derivcheck.engine.decide import POINT_WORK
from derivcheck.engine.numbers import Displayed, decide_displayed, displayed
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Question
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr
from derivcheck.verdict import Verdict

BITS = 256


@dataclass(frozen=True, slots=True)
class Written:
    """What is wrong with a displayed number, or an array of them: one line, and the right digits."""

    kind: str
    text: str
    corrected: str


@dataclass(frozen=True, slots=True)
class _Number:
    """A written number: its value, the unit of its last digit, and the value rounded to that unit."""

    value: Fraction
    unit: Fraction
    right: Fraction


def displayed_mistake(question: Question) -> Written | None:
    """What is wrong with the displayed numbers on the right of ``≈``; ``None`` if nothing certain is to be said."""
    claimed = question.link.right
    spaces = question.spaces()
    shown = displayed(claimed)
    if shown is None or question.claim.tolerance is not None or spaces[0].free or len(spaces) > 1:
        return None
    point = next(draw_points(spaces[0], "plain", question.seed, 1), None)
    if point is None:
        return None
    numbers: list[_Number] = []
    with jets.precision(BITS):
        try:
            link = question.link
            found = pairs(link.left, link.right, question.quantifiers, spaces[0], point, Meter(POINT_WORK))
        except OverBudget:
            return None
        if len(found) != len(shown):
            return None
        for pair, one in zip(found, shown, strict=True):
            number = None if isinstance(pair.left, jets.Hole) else _number(pair.left, one)
            if number is None:
                return None
            numbers.append(number)
        kind, words = _kind(numbers, found)
    side = _rounded(claimed, numbers)
    corrected = replace(question, link=replace(question.link, right=side))
    if decide_displayed(corrected).verdict is not Verdict.PROVED:
        return None
    return Written(kind, f"{words}: it rounds to {printed(side)}", printed(side))


def _number(value: Any, shown: Displayed) -> _Number | None:
    step = 2 * shown.half
    nearest = (arb(value) / _ball(step) + _ball(Fraction(1, 2))).floor().unique_fmpz()
    return None if nearest is None else _Number(shown.value, step, int(nearest) * step)


def _kind(numbers: Sequence[_Number], found: Sequence[Any]) -> tuple[str, str]:
    """The one slip that explains every number that is wrong."""
    wrong = [(n, pair.left) for n, pair in zip(numbers, found, strict=True) if not _is_right(n, pair.left)]
    for kind, words, explains in _SLIPS:
        if wrong and all(explains(n, value) for n, value in wrong):
            return kind, words
    return "arithmetic", "a slip in the arithmetic" if len(wrong) < 2 else "slips in the arithmetic"


def _is_right(n: _Number, value: Any) -> bool:
    return bool(abs(arb(value) - _ball(n.value)) <= _ball(n.unit / 2))


def _ball(value: Fraction) -> Any:
    return arb(jets.rational(value))


def _same_digits(n: _Number, value: Any) -> bool:
    a, b = (str(abs(int(x / n.unit))) for x in (n.value, n.right))
    differing = [i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y]
    return len(a) == len(b) and len(differing) == 2 and sorted(a) == sorted(b)


def _shifted(n: _Number, value: Any) -> bool:
    return any(_near(n, value, Fraction(10) ** k) for k in (-3, -2, -1, 1, 2, 3))


def _near(n: _Number, value: Any, factor: Fraction) -> bool:
    """Whether the value times a factor rounds to what is written, and does not round to 0."""
    return n.value != 0 and bool(abs(arb(value) * _ball(factor) - _ball(n.value)) <= _ball(n.unit / 2))


_SLIPS: tuple[tuple[str, str, Callable[[_Number, Any], bool]], ...] = (
    ("rounding", "the rounding", lambda n, value: bool(abs(arb(value) - _ball(n.value)) < _ball(n.unit))),
    ("sign", "the sign", lambda n, value: n.value == -n.right),
    ("decimal point", "the decimal point", _shifted),
    ("digits", "two digits are exchanged", _same_digits),
    ("constant factor", "twice the value", lambda n, value: _near(n, value, Fraction(2))),
    ("constant factor", "half the value", lambda n, value: _near(n, value, Fraction(1, 2))),
)


def _rounded(claimed: Expr, numbers: Sequence[_Number]) -> Expr:
    """The numbers as they should be written, to as many digits."""
    if isinstance(claimed, typed.Entries):
        entries = tuple(_written(e, n) for e, n in zip(claimed.entries, numbers, strict=True))
        return replace(claimed, entries=entries)
    return _written(claimed, numbers[0])


def _written(old: Expr, n: _Number) -> Expr:
    if n.value == n.right:
        return old
    text, span = _digits(abs(n.right), n.unit), old.span
    made = typed.Number((), span, abs(n.right), text)
    return typed.Negate((), span, made) if n.right < 0 else made


def _digits(value: Fraction, step: Fraction) -> str:
    """A number to the digits of a unit that is a power of ten."""
    if step >= 1:
        zeros = len(str(int(step))) - 1
        return f"{int(value / step)}e{zeros}" if zeros else str(int(value))
    places = len(str(step.denominator)) - 1
    digits = str(int(value / step)).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def value_mistake(case: Case) -> Candidate | None:
    """An exact number, or an array of them, that stands for something without variables: what it comes to."""
    if case.free or not typed.displayed(case.claimed):
        return None
    values = case.values()
    entries = case.claimed.entries if isinstance(case.claimed, typed.Entries) else (case.claimed,)
    if values is None or len(values) != len(entries):
        return None
    new = tuple(fraction(v, case.claimed.span) for v in values)
    side = replace(case.claimed, entries=new) if isinstance(case.claimed, typed.Entries) else new[0]
    return Candidate("arithmetic", "a slip in the arithmetic", side)
