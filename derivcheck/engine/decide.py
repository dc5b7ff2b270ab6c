"""Owns the order of strategies for one link of a chain: rigorous refutation, exact proof with its independent check,
more refutation, evidence; and which verdict follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derivcheck.engine import jets
from derivcheck.engine.analytic import is_analytic
from derivcheck.engine.compare import Pair, agree, agreement, agrees, pairs, relative_gap, witness
from derivcheck.engine.draws import Stage
from derivcheck.engine.exact import ExactRoad
from derivcheck.engine.loosened import is_free_of_sizes
from derivcheck.engine.lower import NotLowered, NowhereDefined
from derivcheck.engine.normal_form import Outcome
from derivcheck.engine.places import Point
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import MOST_STRAIGHT, Answer, Question
from derivcheck.engine.sampling import Evidence, sample
from derivcheck.engine.shortly import Shown, proved
from derivcheck.engine.sizes import BEYOND, Reach, representative, told
from derivcheck.engine.spaces import Space
from derivcheck.engine.straight import Leaves, Program
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.errors import EngineFault
from derivcheck.verdict import Verdict

#: Counted work: of an evaluation at a point, of all for one link, of an exact proof, of a proof for every size.
POINT_WORK = 1_000_000
POINTS_WORK = 3_000_000
PROOF_WORK = 6_000_000
EVERY_SIZE_WORK = 200_000

#: (stage, how many points, precisions in bits): before the proof; then, at other sizes than the proof's; and after
#: a proof that did not come off.
FIRST: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (("plain", 2, (64,)),)
ELSEWHERE: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (("plain", 1, (64,)),)
AFTER: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (
    ("plain", 6, (256, 1024)),
    ("fine", 8, (256, 1024)),
    ("wide", 12, (256, 1024)),
    ("special", 48, (256,)),
)
CHECK_BITS = 256

#: Balls that agree in fewer digits say nothing.
FEWEST_DIGITS = 3

#: Numbers in a point, and in one at sizes that are only tried because a proof for every size did not come off.
MOST_VALUES = 150
MOST_BEYOND = 150
#: Numbers in all points together at which a proof for every size is confirmed at larger sizes.
MOST_CONFIRMED = 60

#: Numbers in a point, beyond which a claim that has one form for every size is not looked at once more.
MOST_CHECKED = 60

#: Entries compared for one link, after which no further point is looked at.
MOST_COMPARED = 20_000
CHECKS: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (("fine", 3, (CHECK_BITS,)),)
LANDMARK_CHECKS: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (("landmark", 3, (64,)),)

#: Checks far out and at the numbers written in the claim, landmarks among them, where a point has few entries: what
#: is wrong beyond a hinge is seen nowhere else. Beside the landmarks, where there can be no hinge.
FAR_CHECKS: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (("special", 8, (64,)), ("wide", 2, (CHECK_BITS,)))
FEW_ENTRIES = 6
ANALYTIC_CHECKS: tuple[tuple[Stage, int, tuple[int, ...]], ...] = (*LANDMARK_CHECKS, ("wide", 1, (CHECK_BITS,)))

OFF_KINKS = "shown off the kinks: where a condition or an absolute value changes, the derivative does not exist"


@dataclass(slots=True)
class Tally:
    """What the points so far have shown; the digits of agreement once it ``measures`` them, for evidence."""

    compared: int = 0
    agreed: int = 0
    digits: int = 999
    measures: bool = False
    points: int = 0
    lost: str | None = None
    found: Answer | None = None
    work: int = 0
    over_budget: bool = False


def decide_equality(question: Question, *, work: int | None = None, search: bool = True) -> Answer:
    """Decide ``left == right``, the exact proof within a budget of counted ``work`` (``PROOF_WORK`` unless given).

    Without ``search`` nothing more is done where the proof does not come off: what is neither proved nor refuted by
    then is supported if the first points agree.

    Raises:
        EngineFault: the proof and the independent evaluation contradict each other.
    """
    found = question.reach()
    spaces = question.spaces()
    if any(space.entries > MOST_VALUES for space in spaces[:1]):
        return _at_any_size(question)
    tally = Tally()
    defined: list[Space] = []
    general: Outcome | None = None
    for i, space in enumerate(spaces):
        before = tally.agreed
        if general is not None and general.kind == "zero" and defined and space.entries > MOST_CHECKED:
            continue  # what has one form for every size need not be looked at where that takes long
        _try_points(question, found, space, ELSEWHERE if i else FIRST, tally)
        if tally.found is not None:
            return tally.found
        if tally.agreed > before and representative(space.sizes, found, question.claim):
            defined.append(space)
        general = general or _where_sizes_are_free(question, found)
    # a claim may be defined at some sizes alone: an inverse of X.T @ X needs more rows than columns
    outcome = Outcome("open", "")
    for space in defined or spaces[:1]:
        few = general is not None and general.kind == "zero" and question.is_smooth()
        shown = _proved_shortly(question, space, work or PROOF_WORK, last=few)
        if shown:
            return _checked(question, found, space, tally, general, few=few, off_kinks=shown == "off kinks")
        road = ExactRoad(space, question.quantifiers, Meter(work or PROOF_WORK))
        outcome = _prove(question, road, defined=bool(tally.agreed), few=few)
        if outcome.kind == "zero":
            return _checked(question, found, space, tally, general, few=few, off_kinks=road.off_kinks)
        if outcome.kind == "open":
            break
    if outcome.kind == "nowhere" and (outcome.structural or not tally.agreed):
        return Answer(Verdict.INVALID, f"the claim has no value anywhere: {outcome.reason}")
    if not search:
        verdict = Verdict.SUPPORTED if tally.agreed else Verdict.UNDECIDED
        return Answer(verdict, f"agrees at {tally.agreed} points; not proved: {outcome.reason}")
    tally.measures = True  # the points before the proof were looked at in few digits
    for space in spaces:
        _try_points(question, found, space, AFTER, tally)
        if tally.found is not None:
            return tally.found
    if outcome.kind == "open" and defined and tally.agreed and question.is_smooth():
        general = general or _for_every_size(question)
        floats = _floats(question, defined[0]) if general.kind == "zero" else None
        if floats is not None and floats.compared == floats.agreed > 0:
            _beyond(question, found, tally)
            because = "the two sides reduce to one form for every size; checked at "
            because += f"{tally.agreed} points to {tally.digits} digits; SymPy does not reduce them "
            because += f"({outcome.reason}), but its derivatives agree in floating point at {floats.agreed} points"
            return Answer(Verdict.PROVED, because, sizes="every", notes=_notes(tally))
    return _not_proved(question, spaces[0], tally, outcome)


def _at_any_size(question: Question) -> Answer:
    """A claim whose arrays are too large to be looked at: proved if it is with the sizes of the spec left open."""
    large = f"its arrays have more than {MOST_VALUES} entries at the sizes of the spec"
    roots = (question.link.left, question.link.right, *question.conditions)
    if not is_free_of_sizes(question.derivation, question.claim, roots, question.quantifiers):
        return Answer(Verdict.UNDECIDED, large)
    other = Question(question.session.loosened(), question.claim, question.link, question.quantifiers, question.seed)
    answer = decide_equality(other)
    if answer.verdict is Verdict.PROVED and answer.sizes == "every":
        return answer
    return Answer(Verdict.UNDECIDED, f"{large}, and for every size it is not proved but {answer.verdict.value}")


def _where_sizes_are_free(question: Question, found: Reach) -> Outcome | None:
    """Whether both sides have one form for every size; ``None`` where no size is free."""
    sizes = told(question.derivation, question.claim, found, question.spaces()[0].sizes)
    return None if sizes == "every" else _for_every_size(question)


def _for_every_size(question: Question) -> Outcome:
    link = question.link
    return question.session.prove_every_size(
        link.left, link.right, question.quantifiers, question.conditions, EVERY_SIZE_WORK
    )


def _proved_shortly(question: Question, space: Space, work: int, *, last: bool) -> Shown | None:
    """Whether the short way proves it; if not, that says nothing."""
    given = space.conditions or space.local or space.given or space.derivation.functions
    if given or question.is_higher_than(MOST_STRAIGHT):
        return None
    link, functions = question.link, question.reach().applied
    return proved(space, link.left, link.right, question.quantifiers, functions, work=work, last=last)


def _prove(question: Question, road: ExactRoad, *, defined: bool, few: bool) -> Outcome:
    try:
        return road.prove(question.link.left, question.link.right, defined=defined, few=few)
    except NotLowered as outside:
        return Outcome("open", str(outside))
    except NowhereDefined as nowhere:
        return Outcome("nowhere", str(nowhere), structural=True)
    except OverBudget:
        return Outcome("open", "the work is more than the budget")
    except RecursionError:
        return Outcome("open", "it is nested too deeply")


def _checked(
    question: Question,
    found: Reach,
    space: Space,
    tally: Tally,
    general: Outcome | None,
    *,
    few: bool,
    off_kinks: bool,
) -> Answer:
    """A proof, confirmed at further points by the road that shares neither SymPy nor the tower with it."""
    _try_points(question, found, space, CHECKS, tally)
    if tally.found is None:
        _try_points(question, found, space, _further_checks(question, space), tally)
    if tally.found is not None:
        seen = tally.found.witness
        detail = f" ({seen.left} against {seen.right})" if seen else ""
        raise EngineFault(f"proved equal, but the independent evaluation differs at a point{detail}")
    if not tally.agreed:
        return Answer(Verdict.UNDECIDED, "no point was found at which both sides are defined", notes=_notes(tally))
    notes = (*((OFF_KINKS,) if off_kinks else ()), *_notes(tally))
    sizes = told(question.derivation, question.claim, found, space.sizes)
    if general is None:
        because = f"the difference of the two sides reduces to 0; checked at {tally.agreed} points"
        return Answer(Verdict.PROVED, because, sizes=sizes, notes=notes)
    if general.kind == "zero":
        _beyond(question, found, tally)
        where = f"in the last entry at {sizes}" if few else f"at {sizes}"
        because = f"the two sides reduce to one form for every size; confirmed by SymPy {where}, "
        because += f"checked at {tally.agreed} points"
        return Answer(Verdict.PROVED, because, sizes="every", notes=notes)
    for larger in question.spaces(BEYOND):
        if larger.entries <= MOST_BEYOND:
            _try_points(question, found, larger, ELSEWHERE, tally)
        if tally.found is not None:
            return tally.found
    # a proof at explicit sizes says nothing certain of others: five different indices are never met below n = 5
    because = f"exactly so at {sizes}, and at {tally.agreed} points; not shown for every size: {general.reason}"
    return Answer(Verdict.SUPPORTED, because, notes=notes)


def _beyond(question: Question, found: Reach, tally: Tally) -> None:
    """Look at a proof for every size at larger sizes than the other roads have seen, as far as the points are small:
    what goes wrong from some size on (five different indices, an index compared with 6) shows nowhere else.

    Raises:
        EngineFault: the two sides differ there.
    """
    entries = 0
    for larger in question.spaces(BEYOND):
        entries += larger.entries
        if entries > MOST_CONFIRMED:
            return
        _try_points(question, found, larger, ELSEWHERE, tally)
        if tally.found is not None:
            raise EngineFault(f"proved for every size, but the two sides differ at {dict(larger.sizes)}")


def _further_checks(question: Question, space: Space) -> Sequence[tuple[Stage, int, tuple[int, ...]]]:
    """What a proof is held against beside a few points anywhere."""
    if space.entries > FEW_ENTRIES:
        return LANDMARK_CHECKS
    whole = not (space.given or space.bound or space.conditions or space.local)
    if whole and is_analytic(question.derivation, question.link.left, question.link.right):
        return ANALYTIC_CHECKS
    return FAR_CHECKS


def _not_proved(question: Question, space: Space, tally: Tally, outcome: Outcome) -> Answer:
    if not tally.points:
        return Answer(Verdict.UNDECIDED, "no point was found in the domain that meets the assumptions")
    if not tally.agreed:
        if tally.over_budget:
            return Answer(Verdict.UNDECIDED, "the work is more than the budget")
        return Answer(Verdict.UNDECIDED, f"no point was found at which both sides are defined ({outcome.reason})")
    because = f"agrees at {tally.agreed} points to {tally.digits} digits{_in_floats(question, space)}; "
    because += f"not proved: {outcome.reason}"
    return Answer(Verdict.SUPPORTED, because, notes=_notes(tally))


def _floats(question: Question, space: Space) -> Evidence | None:
    """The two sides by SymPy's derivatives, in floating point; ``None`` if that is not to be had."""
    road = ExactRoad(space, question.quantifiers, Meter(PROOF_WORK))
    try:
        return sample(road, space, question.link.left, question.link.right, question.seed)
    except (OverBudget, RecursionError):
        return None


def _in_floats(question: Question, space: Space) -> str:
    """What floating point adds, in words."""
    evidence = _floats(question, space)
    if evidence is None or not evidence.compared:
        return ""
    return f", and in floating point at {evidence.agreed} of {evidence.compared}"


def _notes(tally: Tally) -> tuple[str, ...]:
    return () if tally.lost is None else (tally.lost,)


def _try_points(
    question: Question,
    found: Reach,
    space: Space,
    stages: Sequence[tuple[Stage, int, tuple[int, ...]]],
    tally: Tally,
) -> None:
    """Compare both sides at points until they differ; the tally has what was found."""
    program = None if tally.measures else question.program(space)
    for stage, wanted, precisions in stages:
        for point in draw_points(space, stage, question.seed, wanted):
            if tally.compared > MOST_COMPARED or tally.work > POINTS_WORK:
                return
            tally.points += 1
            if program is not None and _by_program(program, question, found, space, point, precisions[0], tally):
                if tally.found is not None:
                    return
                continue
            for pair in _visible_first(_look(question, space, point, precisions, tally)):
                _take(question, found, space, point, pair, tally)
                if tally.found is not None:
                    return


def _by_program(
    program: Program, question: Question, found: Reach, space: Space, point: Point, bits: int, tally: Tally
) -> bool:
    """Compare both sides of a scalar claim by its program; whether that tells."""
    with jets.precision(bits):
        try:
            left, right = program.run(point, bits)
        except Leaves:
            return False
        difference = left - right
        differs = not difference.contains(0)
        if differs and any(program.rational):
            try:
                left, right = program.exactly(point, left, right)
            except Leaves:
                return False
            difference = left - right
        if not differs and not agree(left, difference, FEWEST_DIGITS):
            return False
    tally.work += program.work
    if differs:
        _take(question, found, space, point, Pair((), (), left, right, difference, bits), tally)
    else:
        tally.compared += 1
        tally.agreed += 1
    return True


def _visible_first(seen: Iterable[Pair]) -> list[Pair]:
    """The pairs of a point, one that differs first: the one in which the difference is plainest to a reader."""
    found = list(seen)
    differing = [pair for pair in found if pair.status == "differ"]
    if differing:
        plainest = max(differing, key=lambda pair: min(relative_gap(pair), 0.1))
        return [plainest]
    return found


def _look(
    question: Question, space: Space, point: Point, precisions: tuple[int, ...], tally: Tally
) -> Iterator[Pair]:
    """The pairs at one point; with more bits as long as some are open or agree in few digits only."""
    seen: list[Pair] = []
    for bits in precisions:
        meter = Meter(POINT_WORK)
        try:
            with jets.precision(bits):
                seen = pairs(question.link.left, question.link.right, question.quantifiers, space, point, meter)
                if any(pair.status == "differ" for pair in seen):
                    break
                if all(pair.status not in ("unknown",) and _settled(pair, bits) for pair in seen):
                    break
        except (OverBudget, RecursionError):
            tally.over_budget = True
            return
        finally:
            tally.work += meter.spent
    with jets.precision(precisions[-1]):
        yield from seen


def _settled(pair: Pair, bits: int) -> bool:
    return pair.status != "agree" or jets.sign_of(pair.difference) == 0 or bits >= 1024


def _take(question: Question, found: Reach, space: Space, point: Point, pair: Pair, tally: Tally) -> None:
    """Count one pair."""
    tally.compared += 1
    match pair.status:
        case "differ":
            seen = witness(space, point, pair, found)
            because = f"the two sides differ: {seen.left} against {seen.right}"
            tally.found = Answer(Verdict.REFUTED, because, witness=seen, notes=_notes(tally))
        case "agree" if agrees(pair, FEWEST_DIGITS):
            tally.agreed += 1
            if tally.measures:
                tally.digits = min(tally.digits, agreement(pair))
        case "left undefined" | "right undefined":
            if tally.lost is None:
                tally.lost = _domain_note(question, found, space, point, pair)
        case _:
            pass


def _domain_note(question: Question, found: Reach, space: Space, point: Point, pair: Pair) -> str:
    """The two sides have different domains: say so, with a point."""
    missing, hole = ("left", pair.left) if isinstance(pair.left, jets.Hole) else ("right", pair.right)
    zero = jets.rational(0)
    there = witness(space, point, Pair(pair.index, pair.entry, zero, zero, zero), found)
    values = ", ".join(f"{name} = {text(value)}" for name, value in there.point.items())
    return f"the {missing} side is undefined ({hole.reason}) where the other is defined, e.g. at {values}"


def text(value: object) -> str:
    """Nested text of numbers on one line."""
    if isinstance(value, tuple):
        return "[" + ", ".join(text(v) for v in value) + "]"
    return str(value)
