"""Owns equality up to a positive factor, and the constant factor by which two sides that differ do so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, fmpq

from derivcheck.engine import jets
from derivcheck.engine.compare import Pair, pairs, shown, witness
from derivcheck.engine.decide import EVERY_SIZE_WORK, POINT_WORK, PROOF_WORK
from derivcheck.engine.exact import ExactRoad
from derivcheck.engine.jets import Hole, Number
from derivcheck.engine.lower import NotLowered, NowhereDefined
from derivcheck.engine.places import Point
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Answer, Question
from derivcheck.engine.sizes import Reach, told
from derivcheck.engine.spaces import Space
from derivcheck.engine.symbols import number
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.typed import Expr
from derivcheck.verdict import Verdict

BITS = 256
POINTS = 6
FACTOR_POINTS = 3
#: The first look for a factor: that of the refutation, and one more.
QUICK_BITS = 64
QUICK_POINTS = 2
LARGEST_DENOMINATOR = 10_000
LARGEST_EXPONENT = 10_000
#: A rational p/q in a ball of at most this radius around m is a convergent of m's continued fraction for all q up to
#: the largest denominator, since it is nearer to m than 1/(2 q**2) (Legendre).
NARROW = 1e-10


@dataclass(frozen=True, slots=True)
class _Seen:
    point: Point
    pair: Pair


def decide_up_to_factor(question: Question) -> Answer:
    """Decide ``left = c * right`` for one constant c > 0 (which may depend on the sizes).

    Raises:
        EngineFault: the proof and the independent evaluation contradict each other.
    """
    found = question.reach()
    spaces = question.spaces()
    try:
        looks = [(space, _look(question, space)) for space in spaces]
    except OverBudget:
        return Answer(Verdict.UNDECIDED, "the work is more than the budget")
    for space, seen in looks:
        base = _base(seen)
        if base is None:
            answer = _right_side_is_zero(space, found, seen)
            if answer.verdict is Verdict.REFUTED or space is spaces[0]:
                return answer
            continue
        for s in seen:
            wrong = _contradicts(s.pair, base.pair)
            if wrong is not None:
                seen_at = witness(space, s.point, s.pair, found, explanation=wrong)
                return Answer(Verdict.REFUTED, wrong, witness=seen_at)
    space, seen = looks[0]
    first = _base(seen)
    assert first is not None
    factor = jets.divide(first.pair.left, first.pair.right)
    if jets.sign_of(factor) != 1:
        return Answer(Verdict.UNDECIDED, "the sign of the factor is not certain")
    exact = simple_rational(factor)
    if exact is None:
        return Answer(Verdict.SUPPORTED, f"the factor is {shown(factor)} at {len(seen)} values")
    return _prove_factor(question, found, space, exact, len(seen))


def _base(seen: list[_Seen]) -> _Seen | None:
    """The first value with a right side that is not 0."""
    return next((s for s in seen if jets.sign_of(s.pair.right) in (1, -1)), None)


def _right_side_is_zero(space: Space, found: Reach, seen: list[_Seen]) -> Answer:
    """The right side is 0, or nearly, wherever it was looked at: no factor makes a left side of it that is not."""
    for s in seen:
        if jets.sign_of(s.pair.left) in (1, -1) and jets.sign_of(s.pair.right) == 0:
            wrong = "the right side is 0 where the left is not"
            return Answer(Verdict.REFUTED, wrong, witness=witness(space, s.point, s.pair, found, explanation=wrong))
    return Answer(Verdict.UNDECIDED, "no point was found at which the right side is defined and not 0")


def _prove_factor(question: Question, found: Reach, space: Space, factor: Any, count: int) -> Answer:
    c = number(Fraction(int(factor.p), int(factor.q)))
    reason = "the difference does not reduce to 0"
    try:
        road = ExactRoad(space, question.quantifiers, Meter(PROOF_WORK))
        entries = list(road.entries(question.link.left, question.link.right))
        prover = road.prover(entries)
        outcomes = [prover.prove(a, c * b, facts) for a, b, facts in entries]
        if all(outcome.kind == "zero" for outcome in outcomes):
            sizes = told(question.derivation, question.claim, found, space.sizes)
            if sizes != "every" and not _for_every_size(question, found):
                told_at = f"exactly so at {sizes}, with the factor {shown(factor)}; not shown for every size"
                return Answer(Verdict.SUPPORTED, told_at)
            because = f"the left side is {shown(factor)} times the right side; checked at {count} values"
            return Answer(Verdict.PROVED, because, sizes="every")
        reason = next(o.reason for o in outcomes if o.kind != "zero") or reason
    except (NotLowered, NowhereDefined) as outside:
        reason = str(outside)
    except OverBudget:
        reason = "the work is more than the budget"
    return Answer(Verdict.SUPPORTED, f"the factor is {shown(factor)} at {count} values; not proved: {reason}")


def _for_every_size(question: Question, found: Reach) -> bool:
    """Whether the two sides differ by a constant, or by a constant times or over one size, whatever the sizes."""
    factors: list[tuple[Any, Mapping[str, int]]] = []
    for space in question.spaces()[:2]:
        factor = constant_factor(question, space)
        if factor is None:
            return False
        factors.append((factor, space.sizes))
    for dim, power in ((None, 0), *((d, p) for d in found.dims for p in (1, -1))):
        constants = {str(f / fmpq(sizes[dim]) ** power if dim else f) for f, sizes in factors}
        if len(constants) == 1 and _proved_with(question, factors[0], dim, power):
            return True
    return False


def _proved_with(question: Question, seen: tuple[Any, Mapping[str, int]], dim: str | None, power: int) -> bool:
    """Whether left = c n**power right for every size, with the c that was seen."""
    factor, sizes = seen
    constant = factor / fmpq(sizes[dim]) ** power if dim else factor
    link, span = question.link, question.link.span
    right: Expr = typed.Number((), span, Fraction(int(constant.p), int(constant.q)), str(constant))
    right = typed.Arithmetic(link.right.shape, span, "*", right, link.right)
    if dim:
        size = typed.Dimension((), span, dim)
        right = typed.Arithmetic(link.right.shape, span, "*" if power > 0 else "/", right, size)
    outcome = question.session.prove_every_size(
        link.left, right, question.quantifiers, question.conditions, EVERY_SIZE_WORK
    )
    return outcome.kind == "zero"


def _look(question: Question, space: Space, count: int = POINTS) -> list[_Seen]:
    seen: list[_Seen] = []
    link = question.link
    with jets.precision(BITS):
        for point in draw_points(space, "plain", question.seed, count):
            found = pairs(link.left, link.right, question.quantifiers, space, point, Meter(POINT_WORK))
            seen.extend(
                _Seen(point, pair)
                for pair in found
                if not isinstance(pair.left, Hole) and not isinstance(pair.right, Hole)
            )
    return seen


def _contradicts(pair: Pair, base: Pair) -> str | None:
    """Why no constant c > 0 fits a pair and the base pair, if that is certain."""
    with jets.precision(BITS):
        signs = jets.sign_of(pair.left), jets.sign_of(pair.right)
        if None not in signs and signs[0] != signs[1]:
            if 0 in signs:
                return "one side is 0 where the other is not"
            return "the two sides have opposite signs"
        crossed = pair.left * base.right - base.left * pair.right
        if jets.sign_of(crossed) in (1, -1):
            here, there = (jets.divide(p.left, p.right) for p in (pair, base))
            return f"the factor is {shown(here)} here and {shown(there)} elsewhere"
    return None


def simple_rational(value: Number) -> Any | None:
    """The rational with a small denominator in an enclosure, if there is one."""
    if type(value) is fmpq:
        return value
    if abs(int(value.mid().man_exp()[1])) > LARGEST_EXPONENT:
        return None
    middle = fmpq(*_mid_fraction(value))
    bound = fmpq(0)
    # continued fraction of the midpoint, until a convergent lies in the ball
    p0, q0, p1, q1 = 0, 1, 1, 0
    rest = middle
    for _ in range(64):
        whole = rest.p // rest.q
        p0, q0, p1, q1 = p1, q1, int(whole) * p1 + p0, int(whole) * q1 + q0
        if q1 > LARGEST_DENOMINATOR:
            return None
        if value.contains(arb(fmpq(p1, q1))) or value.overlaps(arb(fmpq(p1, q1))):
            return fmpq(p1, q1)
        if rest == whole:
            return None
        rest = 1 / (rest - whole + bound)
    return None


def _mid_fraction(value: Any) -> tuple[int, int]:
    mantissa, exponent = value.mid().man_exp()
    m, e = int(mantissa), int(exponent)
    return (m << e, 1) if e >= 0 else (m, 1 << -e)


def constant_factor(question: Question, space: Space) -> Any | None:
    """The simple rational c with left = c * right at every point tried; ``None`` if there is none."""
    try:
        if _no_factor(question, space):
            return None
        seen = _look(question, space, FACTOR_POINTS)
    except OverBudget:
        return None
    base = _base(seen)
    if base is None or not space.free:
        return None
    with jets.precision(BITS):
        factor = simple_rational(jets.divide(base.pair.left, base.pair.right))
        if factor is None or factor == 0:
            return None
        if any(jets.sign_of(s.pair.left - s.pair.right * factor) in (1, -1) for s in seen):
            return None
    return factor


def _no_factor(question: Question, space: Space) -> bool:
    """Whether two values are certainly not in one proportion, at few points and in few bits: mostly so, and soon
    seen."""
    base: Pair | None = None
    with jets.precision(QUICK_BITS):
        for point in draw_points(space, "plain", question.seed, QUICK_POINTS):
            link = question.link
            for pair in pairs(link.left, link.right, question.quantifiers, space, point, Meter(POINT_WORK)):
                if isinstance(pair.left, Hole) or isinstance(pair.right, Hole):
                    continue
                if base is None:
                    base = pair if jets.sign_of(pair.right) in (1, -1) else None
                    if base is not None and _is_not_simple(jets.divide(base.left, base.right)):
                        return True
                elif jets.sign_of(pair.left * base.right - base.left * pair.right) in (1, -1):
                    return True
    return False


def _is_not_simple(factor: Number) -> bool:
    """Whether an enclosure is narrow enough to tell that there is no rational with a small denominator in it."""
    return type(factor) is arb and bool(factor.rad() < NARROW) and simple_rational(factor) is None
