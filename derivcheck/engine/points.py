"""Owns the points at which claims are tried: exact rationals, drawn by seed, in the domain, under the assumptions.

Points come in stages of growing variety (short fractions that read well, fine ones, many scales, special values, one
landmark like 0 everywhere), because every sampling that is too uniform calls some false statement true:
``min(x, 100) == x`` near 0, a hinge that no point reaches, ``where(x == 0, 5, 1) == 1`` anywhere but at 0.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any, Literal

import numpy as np
from flint import fmpq

from derivcheck.engine import jets
from derivcheck.engine.arrays import scalar
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.jets import Hole, Jet, rational
from derivcheck.engine.places import Point, StandIn
from derivcheck.engine.quadrics import points_on
from derivcheck.engine.session import Session
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr, children
from derivcheck.model import Derivation, PointValue, Variable

Stage = Literal["plain", "fine", "wide", "special", "landmark"]

#: Points drawn one after the other that do not meet the conditions, after which no more are drawn.
MOST_FRUITLESS = 100

#: One of these everywhere that its domain allows it makes the points of the ``landmark`` stage.
LANDMARKS = (Fraction(0), Fraction(1), Fraction(-1))

#: Numerators over 8 of a plain draw: no 0, no ±1; small, so that a network's units are not saturated.
_PLAIN = (2, 3, 4, 5, 6, 7, 9, 10, 11, 13, 18)
_SPECIAL = (*LANDMARKS, *(Fraction(n, d) for n, d in ((2, 1), (-2, 1), (1, 2), (-1, 2))))
MOST_SPECIAL = 44
LARGEST_SPECIAL = 10**9
_WORK = 2_000_000
#: Numbers in a point that has all variables of a derivation; a claim has points of its own where there are more.
MOST_SHARED = 2_000


#: Finds the numbers that are written in a claim, which few points are made from.
Constants = Callable[[], tuple[Fraction, ...]]


@dataclass(frozen=True, slots=True)
class Space:
    """What a point must be of: the variables that matter at these sizes, the claim's bound scalars, its given
    values (``at``), and the conditions that must hold (``assume`` and ``when``; ``local`` ones speak of a quantified
    index, and leave out the indices for which they do not hold). ``names`` tells what the keys of
    bound scalars are called, ``free`` whether the two sides depend on anything that is not given."""

    session: Session
    variables: Mapping[str, Variable]
    sizes: Mapping[str, int]
    bound: Mapping[str, Domain]
    given: Mapping[str, PointValue]
    conditions: tuple[Expr, ...]
    local: tuple[Expr, ...]
    constants_of: Constants
    names: Mapping[str, str]
    free: bool

    @property
    def constants(self) -> tuple[Fraction, ...]:
        """The numbers that are written in the claim."""
        return self.constants_of()

    @property
    def derivation(self) -> Derivation:
        """The derivation whose points these are."""
        return self.session.derivation

    @property
    def entries(self) -> int:
        """How many numbers a point has."""
        return self._count(self.variables)

    @property
    def is_shared(self) -> bool:
        """Whether its points are those of other claims, too: with all variables, if these are not too many."""
        apart = self.given or self.bound or self.conditions
        return not apart and self._count(self.derivation.variables) <= MOST_SHARED

    def _count(self, variables: Mapping[str, Variable]) -> int:
        return sum(prod(self.shape(variable.shape)) for variable in variables.values())

    def shape(self, shape: typed.Shape) -> tuple[int, ...]:
        """A shape at the sizes of this space."""
        return tuple(d if isinstance(d, int) else self.sizes[d] for d in shape)


def constants_in(exprs: Sequence[Expr], definitions: Mapping[str, Expr]) -> tuple[Fraction, ...]:
    """The numbers written in expressions, sorted: the places where a condition may turn."""
    seen: set[int] = set()
    found: set[Fraction] = set()
    stack = list(exprs)
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        value = _plain_number(node) if isinstance(node, _NUMBERS) else None
        if value is not None and abs(value) < 10**9:
            found |= {value, -value}
        if isinstance(node, typed.Defined):
            stack.append(definitions[node.name])
        stack.extend(children(node))
    return tuple(sorted(found))[:64]


def draw_points(space: Space, stage: Stage, seed: int, wanted: int) -> Iterator[Point]:
    """Up to ``wanted`` points of a stage; fewer where the conditions are hard to meet."""
    tightened = _tighten(space)
    alike = LANDMARKS if stage == "landmark" else _special_values(space, tightened) if stage == "special" else ()
    found = fruitless = 0
    for attempt in range(len(LANDMARKS) if stage == "landmark" else wanted * 24):
        value = alike[attempt] if attempt < len(alike) else None
        point = _meet_conditions(space, _drawn(space, tightened, stage, f"{seed}/{stage}/{attempt}", value))
        if point is None:
            fruitless += 1
            if fruitless > MOST_FRUITLESS:
                return
            continue
        yield point
        fruitless = 0
        found += 1
        if found == wanted or not space.free:
            return


def _drawn(space: Space, domains: Mapping[str, Domain], stage: Stage, stream: str, alike: Fraction | None) -> Point:
    """A point in the domains, with ``alike`` everywhere that its domain allows it; the point that other claims of
    the derivation have, where nothing tells them apart."""
    if stage == "special" or not space.is_shared or space.derivation.functions:
        return _draw(space, domains, stage, stream, alike)
    label = (tuple(space.sizes.items()), stream)
    found = space.session.points.get(label)
    if found is None:
        found = replace(_draw(space, domains, stage, stream, alike), label=label)
        space.session.points[label] = found
    return found


def _draw(space: Space, domains: Mapping[str, Domain], stage: Stage, seed: str, alike: Fraction | None) -> Point:
    """A point in the domains, with ``alike`` everywhere that its domain allows it. Every variable has its own
    stream of random numbers, so that its value does not depend on which other variables a claim reaches."""
    values: dict[str, Any] = {}
    for name, given in space.given.items():
        values[name] = _filled(given.shape, [Jet(rational(v)) for v in given.entries])
    special = stage == "special"
    constants = space.constants if special else ()
    limited = special or not space.is_shared
    for name, variable in (space.variables if limited else space.derivation.variables).items():
        if name in values:
            continue
        shape = space.shape(variable.shape)
        if alike is not None and variable.domain.kind not in _WHOLE and contains(variable.domain, alike):
            values[name] = _filled(shape, [Jet(rational(alike))] * prod(shape))
        else:
            domain = domains.get(name, variable.domain)
            values[name] = _draw_array(domain, shape, stage, random.Random(f"{seed}/{name}"), constants)
    bound = {}
    for key, domain in space.bound.items():
        if alike is not None and contains(domain, alike):
            bound[key] = alike
        else:
            rng = random.Random(f"{seed}/{space.names[key]}")
            bound[key] = _draw_number(domains.get(key, domain), stage, rng, constants)
    functions = {name: _stand_in(random.Random(f"{seed}/{name}")) for name in space.derivation.functions}
    cut = tuple(name for name in space.given if name in space.derivation.definitions)
    return Point(space.sizes, values, bound, functions, cut)


def _special_values(space: Space, tightened: Mapping[str, Domain]) -> tuple[Fraction, ...]:
    """0 and 1, every number written in the claim, what lies between two of them and just beyond, and the ends of
    the domains that conditions make."""
    written = [c for c in space.constants if abs(c) <= LARGEST_SPECIAL][:16]
    ends = [end for domain in tightened.values() for end in _ends(domain) if end is not None]
    between = [(a + b) / 2 for a, b in pairwise(sorted({*written, *ends}))]
    beyond = [c + step for c in (*written[:1], *written[-1:]) for step in (-1, 1)]
    return tuple(dict.fromkeys((*LANDMARKS, *ends, *written, *between, *beyond, *_SPECIAL)))[:MOST_SPECIAL]


def _stand_in(rng: random.Random) -> StandIn:
    return StandIn(tuple(Fraction(rng.randint(1, 12), rng.choice((5, 7, 9))) for _ in range(5)))


def _draw_array(
    domain: Domain, shape: tuple[int, ...], stage: Stage, rng: random.Random, constants: tuple[Fraction, ...]
) -> Any:
    size = prod(shape)
    build = _WHOLE.get(domain.kind)
    if build is not None:
        numbers = build(shape, stage, rng)
    else:
        numbers = [_draw_number(domain, stage, rng, constants) for _ in range(size)]
    return _filled(shape, [Jet(rational(v)) for v in numbers])


def _filled(shape: tuple[int, ...], entries: Sequence[Jet]) -> Any:
    if not shape:
        return scalar(entries[0])
    out = np.empty(len(entries), dtype=object)
    for i, entry in enumerate(entries):
        out[i] = entry
    return out.reshape(shape)


def _draw_number(domain: Domain, stage: Stage, rng: random.Random, constants: tuple[Fraction, ...]) -> Fraction:
    if domain.kind == "finite":
        return rng.choice(domain.values)
    if domain.kind == "integer":
        return Fraction(rng.choice((-3, -2, 2, 3, 4, 5, 7)) if stage != "special" else rng.randint(-3, 6))
    low, high = _ends(domain)
    if stage == "special" and rng.random() < 0.6:
        candidates = [v for v in (*_SPECIAL, *constants, low, high) if v is not None and contains(domain, v)]
        if candidates:
            return rng.choice(candidates)
    if low is not None and high is not None:
        parts = 16 if stage == "plain" else 1 << 16
        return low + (high - low) * Fraction(rng.randint(1, parts - 1), parts)
    number = _draw_size(stage, rng)
    if low is not None:
        return low + number
    if high is not None:
        return high - number
    return number * rng.choice((1, -1))


def _draw_size(stage: Stage, rng: random.Random) -> Fraction:
    """A positive number."""
    if stage in ("plain", "special", "landmark"):
        return Fraction(rng.choice(_PLAIN), 8)
    fine = Fraction(rng.randint(1, 1 << 17), 1 << 16)
    return fine * Fraction(2) ** rng.choice((-6, -2, 0, 0, 3, 6, 9, 12)) if stage == "wide" else fine


def _ends(domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    if domain.kind in ("positive", "nonnegative"):
        return Fraction(0), domain.high
    return domain.low, domain.high


def contains(domain: Domain, value: Fraction) -> bool:
    """Whether a number is in a domain of numbers."""
    if domain.kind == "finite":
        return value in domain.values
    if domain.kind == "integer" and value.denominator != 1:
        return False
    low, high = _ends(domain)
    low_open = domain.kind == "positive" or (domain.kind == "interval" and domain.low_open)
    if low is not None and (value < low or (low_open and value == low)):
        return False
    return not (high is not None and (value > high or (domain.high_open and value == high)))


def _weights(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    size = prod(shape)
    weights = [rng.randint(1, 9 if stage == "plain" else 1 << 12) for _ in range(size)]
    if stage == "special" and rng.random() < 0.5:
        return _one_hot(shape, stage, rng)
    return [Fraction(w, sum(weights)) for w in weights]


def _one_hot(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    size = prod(shape)
    hot = rng.randrange(size)
    return [Fraction(int(i == hot)) for i in range(size)]


def _square(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> np.ndarray:
    n = shape[0]
    return np.array(
        [[_draw_size(stage, rng) * rng.choice((1, -1)) for _ in range(n)] for _ in range(n)], dtype=object
    )


def _symmetric(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    return [a[min(i, j), max(i, j)] for i in range(shape[0]) for j in range(shape[0])]


def _invertible(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    # a diagonal that outweighs its row makes a matrix regular (Gershgorin); signs keep both orientations
    for i in range(shape[0]):
        a[i, i] = rng.choice((1, -1)) * (sum(abs(a[i, j]) for j in range(shape[0]) if j != i) + abs(a[i, i]))
    return list(a.ravel())


def _positive_definite(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, "plain" if stage == "wide" else stage, rng)
    product = a @ a.T
    return [product[i, j] + (i == j) for i in range(shape[0]) for j in range(shape[0])]


def _diagonal(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    a = _square(shape, stage, rng)
    return [a[i, j] if i == j else Fraction(0) for i in range(shape[0]) for j in range(shape[0])]


def _orthogonal(shape: tuple[int, ...], stage: Stage, rng: random.Random) -> list[Fraction]:
    """Cayley's transform (I - S)(I + S)^-1 of a skew matrix, some rows negated: every one is rational."""
    n = shape[0]
    entries = {(i, j): Fraction(rng.choice((1, -1)) * rng.randint(1, 7), 4) for i in range(n) for j in range(i)}
    skew = [[entries.get((i, j), Fraction(0)) - entries.get((j, i), Fraction(0)) for j in range(n)] for i in range(n)]
    plus = [[skew[i][j] + (i == j) for j in range(n)] + [(i == j) - skew[i][j] for j in range(n)] for i in range(n)]
    for k in range(n):  # I + S is regular, and so are its leading minors: no pivoting
        plus[k] = [x / plus[k][k] for x in plus[k]]
        for i in range(n):
            if i != k:
                plus[i] = [x - plus[i][k] * y for x, y in zip(plus[i], plus[k], strict=True)]
    signs = [rng.choice((1, -1)) for _ in range(n)]
    return [plus[i][n + j] * signs[i] for i in range(n) for j in range(n)]


_WHOLE: dict[str, Callable[[tuple[int, ...], Stage, random.Random], list[Fraction]]] = {
    "simplex": _weights,
    "one-hot": _one_hot,
    "symmetric": _symmetric,
    "invertible": _invertible,
    "positive definite": _positive_definite,
    "diagonal": _diagonal,
    "orthogonal": _orthogonal,
}


# --- conditions ------------------------------------------------------------------------------------------------


def _tighten(space: Space) -> dict[str, Domain]:
    """Domains narrowed by conditions of the simplest kind (``s > 0``, ``0 < p < 1``): only to draw better; every
    condition is still evaluated at every point."""
    domains: dict[str, Domain] = {}
    originals = {n: v.domain for n, v in space.variables.items()} | dict(space.bound)
    for condition in _conjuncts(space.conditions):
        if not isinstance(condition, typed.Compare) or condition.operator not in ("<", "<=", ">", ">="):
            continue
        for subject, bound, operator in (
            (condition.left, condition.right, condition.operator),
            (condition.right, condition.left, _MIRROR[condition.operator]),
        ):
            name = _name_of(subject)
            limit = _plain_number(bound)
            if name in originals and limit is not None:
                domains[name] = _narrowed(domains.get(name, originals[name]), operator, limit)
    return domains


_MIRROR = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _conjuncts(conditions: tuple[Expr, ...]) -> list[Expr]:
    found: list[Expr] = []
    for condition in conditions:
        if isinstance(condition, typed.Logic) and condition.operator == "and":
            found.extend(_conjuncts(condition.operands))
        else:
            found.append(condition)
    return found


def _name_of(expr: Expr) -> str:
    if isinstance(expr, typed.Variable):
        return expr.name
    return expr.key if isinstance(expr, typed.Bound) else ""


#: What a number can be written with.
_NUMBERS = (typed.Number, typed.Negate, typed.Arithmetic)


def _plain_number(expr: Expr) -> Fraction | None:
    if isinstance(expr, typed.Negate):
        inner = _plain_number(expr.operand)
        return None if inner is None else -inner
    if isinstance(expr, typed.Arithmetic) and expr.operator == "/":
        top, bottom = _plain_number(expr.left), _plain_number(expr.right)
        return None if top is None or not bottom else top / bottom
    return expr.value if isinstance(expr, typed.Number) else None


def _narrowed(domain: Domain, operator: str, limit: Fraction) -> Domain:
    if domain.kind not in ("real", "positive", "nonnegative", "interval"):
        return domain
    low, high = _ends(domain)
    if operator in (">", ">="):
        low = limit if low is None else max(low, limit)
    else:
        high = limit if high is None else min(high, limit)
    if low is not None and high is not None and low >= high:
        return domain
    return Domain("interval", low, high)


def _meet_conditions(space: Space, point: Point) -> Point | None:
    """The point, moved exactly onto the equations among the conditions; ``None`` if one does not hold."""
    if not space.conditions:
        return point
    try:
        for condition in _conjuncts(space.conditions):
            if isinstance(condition, typed.Compare) and condition.operator == "==":
                moved = _onto(space, point, condition)
                if moved is None:
                    return None
                point = moved
        with jets.precision(256):
            evaluator = Evaluator(space.derivation, point, Meter(_WORK), space.session.names)
            for condition in space.conditions:
                if any(test.truth is not True for test in evaluator.value(condition).ravel()):
                    return None
    except OverBudget:
        return None
    return point


def _onto(space: Space, point: Point, equation: typed.Compare) -> Point | None:
    """Solve an equation (entry by entry) for one of the entries in which it is affine, in exact rationals."""
    count = 1
    for size in space.shape(equation.shape):
        count *= size
    used: set[tuple[str, int]] = set()
    for entry in range(count):
        if _gap(space, point, equation, entry) == 0:
            continue
        for name in space.variables:
            moved = _solve_for(space, point, equation, entry, name, used)
            if moved is not None:
                point = moved
                break
        else:
            return _onto_quadric(space, point, equation) if count == 1 else None
    return point


def _onto_quadric(space: Space, point: Point, equation: typed.Compare) -> Point | None:
    """Solve an equation that is of degree 2 in all entries that can be moved alone."""
    names = [n for n, v in space.variables.items() if n not in space.given and v.domain.kind in _MOVABLE]

    def moved(numbers: Sequence[Any]) -> Point:
        rest = iter(numbers)
        shapes = ((name, point.values[name]) for name in names)
        arrays = {name: _filled(old.shape, [Jet(next(rest)) for _ in range(old.size)]) for name, old in shapes}
        return replace(point, values={**point.values, **arrays})

    def gap(numbers: Sequence[Any]) -> Any:
        found = _gap(space, moved(numbers), equation, 0)
        return None if isinstance(found, Jet) else found

    near = [x.value for name in names for x in point.values[name].reshape(-1)]
    of = [name for name in names for _ in range(point.values[name].size)]
    for numbers in points_on(gap, near):
        if all(_in_domain(space, name, Jet(number)) for name, number in zip(of, numbers, strict=True)):
            return moved(numbers)
    return None


def _gap(space: Space, point: Point, equation: typed.Compare, entry: int) -> Any:
    """left - right of one entry of an equation, exact, or ``None`` where it is not rational."""
    evaluator = Evaluator(space.derivation, point, Meter(_WORK), space.session.names)
    left, right = np.broadcast_arrays(evaluator.value(equation.left), evaluator.value(equation.right))
    difference = left.ravel()[entry] - right.ravel()[entry]
    return difference if difference.parts else (difference.value if type(difference.value) is fmpq else None)


def _solve_for(
    space: Space, point: Point, equation: typed.Compare, entry: int, name: str, used: set[tuple[str, int]]
) -> Point | None:
    if name in space.given or space.variables[name].domain.kind not in _MOVABLE:
        return None
    array = point.values[name]
    flat = array.reshape(-1)
    seeded = _filled(array.shape, [Jet(x.value, {((1, i),): fmpq(1)}) for i, x in enumerate(flat)])
    gap = _gap(space, _with(point, name, seeded), equation, entry)
    if not isinstance(gap, Jet) or isinstance(gap.value, Hole):
        return None
    for i in reversed(range(len(flat))):
        slope = gap.parts.get(((1, i),))
        rational_slope = type(slope) is fmpq and slope != 0 and type(gap.value) is fmpq
        if (name, i) in used or slope is None or not rational_slope:
            continue
        entries = list(flat)
        entries[i] = Jet(flat[i].value - gap.value / slope)
        moved = _with(point, name, _filled(array.shape, entries))
        if _gap(space, moved, equation, entry) == 0 and _in_domain(space, name, entries[i]):
            used.add((name, i))
            return moved
    return None


#: Domains of numbers: their entries can be moved alone.
_MOVABLE = ("real", "positive", "nonnegative", "interval")


def _in_domain(space: Space, name: str, entry: Jet) -> bool:
    value = Fraction(int(entry.value.p), int(entry.value.q))
    return contains(space.variables[name].domain, value)


def _with(point: Point, name: str, array: Any) -> Point:
    return replace(point, values={**point.values, name: array})
