"""Owns displayed numbers: whether ``a ≈ 0.3932`` is right, by enclosures narrowed until they tell, ties by rationals.

``a ≈ d`` holds if the true value lies within half a unit of the last digit displayed (both ends included: a tie may
be rounded either way); with a tolerance, if the two sides differ by no more than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from derivcheck.engine import jets
from derivcheck.engine.compare import Pair, pairs, shown, witness
from derivcheck.engine.decide import CHECK_BITS, POINT_WORK, PROOF_WORK
from derivcheck.engine.exact import ExactRoad
from derivcheck.engine.lower import NotLowered, NowhereDefined
from derivcheck.engine.places import Point
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Answer, Question
from derivcheck.engine.sizes import Reach, told
from derivcheck.engine.spaces import Space
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.errors import EngineFault
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.verdict import Verdict

PRECISIONS = (64, 128, 256, 1024, 4096)


@dataclass(frozen=True, slots=True)
class Displayed:
    """A displayed number: the middle of the interval that it stands for, and half its width."""

    value: Fraction
    half: Fraction


def unit(text: str) -> Fraction:
    """The unit of the last displayed digit: 1/10000 of ``0.3932``, 1 of ``30``, 100 of ``2.5e3``."""
    mantissa, _, exponent = text.lower().partition("e")
    decimals = len(mantissa.partition(".")[2].replace("_", ""))
    return Fraction(10) ** (int(exponent or 0) - decimals)


def displayed(expr: Expr) -> list[Displayed] | None:
    """The displayed numbers of a literal, row-major; ``None`` if it is no literal."""
    if isinstance(expr, typed.Entries):
        found = [displayed(entry) for entry in expr.entries]
        return None if any(d is None for d in found) else [x for d in found for x in d or ()]
    sign = 1
    while isinstance(expr, typed.Negate):
        sign, expr = -sign, expr.operand
    if not isinstance(expr, typed.Number):
        return None
    return [Displayed(sign * expr.value, unit(expr.text) / 2)]


def decide_displayed(question: Question) -> Answer:
    """Decide ``left ≈ right``.

    Raises:
        EngineFault: the symbolic and the rigorous value of the left side contradict each other.
    """
    found = question.reach()
    if question.claim.tolerance is None and displayed(question.link.right) is None:
        return Answer(Verdict.INVALID, "`≈` needs a displayed number on its right, or a tolerance")
    spaces = question.spaces()
    holds = 0
    for space in spaces:
        for point in draw_points(space, "plain", question.seed, 6 if space.free else 1):
            answer = _at_point(question, found, space, point)
            if answer is not None:
                return answer
            holds += 1
    if not holds:
        return Answer(Verdict.UNDECIDED, "no point was found in the domain that meets the assumptions")
    if spaces[0].free:
        return Answer(Verdict.SUPPORTED, f"it holds at {holds} points; it was not shown for every point")
    if found.differentiates:
        _check_by_symbols(question, spaces[0])
    if told(question.derivation, question.claim, found, spaces[0].sizes) != "every":
        return Answer(
            Verdict.SUPPORTED, f"it holds at {len(spaces)} choices of sizes; it was not shown for every size"
        )
    return Answer(Verdict.PROVED, "the true value rounds to the digits displayed", sizes="every")


def _at_point(question: Question, found: Reach, space: Space, point: Point) -> Answer | None:
    """An answer other than "it holds here", or ``None``."""
    tolerance = question.claim.tolerance
    literals = displayed(question.link.right) if tolerance is None else None
    seen: list[Pair] = []
    for bits in PRECISIONS:
        with jets.precision(bits):
            try:
                link = question.link
                seen = pairs(link.left, link.right, question.quantifiers, space, point, Meter(POINT_WORK))
            except OverBudget:
                return Answer(Verdict.UNDECIDED, "the work is more than the budget")
            gaps = [_gap(pair, i, literals, tolerance) for i, pair in enumerate(seen)]
            for pair, gap in zip(seen, gaps, strict=True):
                if isinstance(gap, jets.Hole):
                    if gap.certain:
                        return Answer(Verdict.INVALID, f"the value is undefined: {gap.reason}")
                elif gap > 0:
                    because = f"the true value is {shown(pair.left)}, not {shown(pair.right)}"
                    seen_at = witness(space, point, pair, found)
                    return Answer(Verdict.REFUTED, because, witness=seen_at)
            if all(not isinstance(gap, jets.Hole) and gap <= 0 for gap in gaps):
                return None
    return _ties(question, space, literals)


def _gap(pair: Pair, i: int, literals: list[Displayed] | None, tolerance: Fraction | None) -> Any:
    """|left - right| minus what is allowed: certainly positive is wrong, certainly not positive is right."""
    if isinstance(pair.difference, jets.Hole):
        return pair.difference
    if literals is not None:
        allowed = literals[i % len(literals)].half
    else:
        allowed = Fraction(0) if tolerance is None else tolerance
    return abs(pair.difference) - jets.rational(allowed)


def _ties(question: Question, space: Space, literals: list[Displayed] | None) -> Answer | None:
    """Balls do not separate the value from an end of the interval: it may be that end, exactly."""
    try:
        road = ExactRoad(space, question.quantifiers, Meter(PROOF_WORK))
        entries = list(road.entries(question.link.left, question.link.right))
        prover = road.prover(entries)
        tolerance = question.claim.tolerance or Fraction(0)
        for i, (left, right, _) in enumerate(entries):
            gap = prover.constant(left - right)
            allowed = tolerance if literals is None else literals[i % len(literals)].half
            if gap is None or abs(Fraction(int(gap.p), int(gap.q))) > allowed:
                break
        else:
            return None
    except (NotLowered, NowhereDefined, OverBudget):
        pass
    return Answer(Verdict.UNDECIDED, f"the value is too near to an end of its interval at {PRECISIONS[-1]} bits")


def _check_by_symbols(question: Question, space: Space) -> None:
    """A second road to a value that takes a derivative: SymPy's, evaluated by SymPy."""
    balls = [x.value for x in _left_values(question, space)]
    try:
        road = ExactRoad(space, question.quantifiers, Meter(PROOF_WORK))
        values = [road.evaluate(left) for left, _, _ in list(road.entries(question.link.left, question.link.right))]
    except (NotLowered, NowhereDefined, OverBudget):
        return
    for ball, value in zip(balls, values, strict=True):
        if value is None or isinstance(ball, jets.Hole):
            continue
        with jets.precision(CHECK_BITS):
            other = arb(value)
            if abs(arb(ball) - other) > (1 + abs(other)) * arb(fmpq(1, 10**20)):
                raise EngineFault(f"two roads to a derivative disagree: {shown(ball)} and {shown(other)}")


def _left_values(question: Question, space: Space) -> Iterator[jets.Jet]:
    point = next(draw_points(space, "plain", question.seed, 1))
    with jets.precision(CHECK_BITS):
        for pair in pairs(
            question.link.left, question.link.right, question.quantifiers, space, point, Meter(POINT_WORK)
        ):
            yield jets.Jet(pair.left)
