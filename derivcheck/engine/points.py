"""Owns the points at which claims are tried: exact rationals, drawn by seed, in the domain, under the assumptions.

Points come in stages of growing variety (short fractions that read well, fine ones, many scales, special values, one
landmark like 0 everywhere), because every sampling that is too uniform calls some false statement true:
``min(x, 100) == x`` near 0, a hinge that no point reaches, ``where(x == 0, 5, 1) == 1`` anywhere but at 0.
"""

from __future__ import annotations

import random
from collections.abc import Hashable, Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from derivcheck.engine.arrays import filled
from derivcheck.engine.conditions import meet, tight_domains
from derivcheck.engine.draws import (
    LANDMARKS,
    SPECIAL,
    WHOLE,
    Stage,
    contains,
    draw_array,
    draw_number,
    ends_of,
)
from derivcheck.engine.jets import Jet, rational
from derivcheck.engine.places import Point, StandIn
from derivcheck.engine.spaces import Space
from derivcheck.lang.domains import Domain

#: Points drawn one after the other that do not meet the conditions, after which no more are drawn.
MOST_FRUITLESS = 100
MOST_SPECIAL = 44
LARGEST_SPECIAL = 10**9


def draw_points(space: Space, stage: Stage, seed: int, wanted: int) -> Iterator[Point]:
    """Up to ``wanted`` points of a stage; fewer where the conditions are hard to meet."""
    if stage != "special" and space.is_shared and not space.derivation.functions:
        return _shared(space, stage, seed, wanted if space.free else 1)
    return _own(space, stage, seed, wanted)


def _own(space: Space, stage: Stage, seed: int, wanted: int) -> Iterator[Point]:
    """Points of one claim alone."""
    tightened = tight_domains(space) if space.conditions else {}
    alike = LANDMARKS if stage == "landmark" else _special_values(space, tightened) if stage == "special" else ()
    found = fruitless = 0
    for attempt in range(len(LANDMARKS) if stage == "landmark" else wanted * 24):
        value = alike[attempt] if attempt < len(alike) else None
        point: Point | None = _draw(space, tightened, stage, _stream(seed, stage, attempt), value)
        point = meet(space, point) if point is not None and space.conditions else point
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


def _shared(space: Space, stage: Stage, seed: int, wanted: int) -> Iterator[Point]:
    """The same points for all claims that nothing tells apart."""
    label = (space.session.signature(space.sizes), stage, seed)
    drawn = _POINTS.get(label)
    if drawn is None:
        if len(_POINTS) >= MOST_REMEMBERED:
            _POINTS.clear()
        drawn = _POINTS[label] = []
    alike = LANDMARKS[:wanted] if stage == "landmark" else (None,) * wanted
    for attempt, value in enumerate(alike):
        if attempt == len(drawn):
            drawn.append(_draw(space, {}, stage, _stream(seed, stage, attempt), value, (*label, attempt)))
        yield drawn[attempt]


def _stream(seed: int, stage: Stage, attempt: int) -> str:
    """What seeds the random numbers of one point."""
    return f"{seed}/{stage}/{attempt}"


#: Points in the order in which they are drawn, by the variables that they are of, the stage and the seed: derivations
#: with the same variables have the same points.
_POINTS: dict[Hashable, list[Point]] = {}
MOST_REMEMBERED = 200


def _draw(
    space: Space,
    domains: Mapping[str, Domain],
    stage: Stage,
    seed: str,
    alike: Fraction | None,
    label: Hashable = None,
) -> Point:
    """A point in the domains, with ``alike`` everywhere that its domain allows it. Every variable has its own
    stream of random numbers, so that its value does not depend on which other variables a claim reaches."""
    values: dict[str, Any] = {}
    for name, given in space.given.items():
        values[name] = filled([Jet(rational(v)) for v in given.entries], given.shape)
    special = stage == "special"
    constants = space.constants if special else ()
    limited = special or not space.is_shared
    for name, variable in (space.variables if limited else space.derivation.variables).items():
        if name in values:
            continue
        shape = space.shape(variable.shape)
        if alike is not None and variable.domain.kind not in WHOLE and contains(variable.domain, alike):
            values[name] = filled([Jet(rational(alike))] * prod(shape), shape)
        else:
            domain = domains.get(name, variable.domain)
            values[name] = draw_array(domain, shape, stage, f"{seed}/{name}", constants)
    bound = {}
    for key, domain in space.bound.items():
        if alike is not None and contains(domain, alike):
            bound[key] = alike
        else:
            rng = random.Random(f"{seed}/{space.names[key]}")
            bound[key] = draw_number(domains.get(key, domain), stage, rng, constants)
    functions = {name: _stand_in(random.Random(f"{seed}/{name}")) for name in space.derivation.functions}
    cut = tuple(name for name in space.given if name in space.derivation.definitions)
    return Point(space.sizes, values, bound, functions, cut, label)


def _special_values(space: Space, tightened: Mapping[str, Domain]) -> tuple[Fraction, ...]:
    """0 and 1, every number written in the claim, what lies between two of them and just beyond, and the ends of
    the domains that conditions make."""
    written = [c for c in space.constants if abs(c) <= LARGEST_SPECIAL][:16]
    ends = [end for domain in tightened.values() for end in ends_of(domain) if end is not None]
    between = [(a + b) / 2 for a, b in pairwise(sorted({*written, *ends}))]
    beyond = [c + step for c in (*written[:1], *written[-1:]) for step in (-1, 1)]
    return tuple(dict.fromkeys((*LANDMARKS, *ends, *written, *between, *beyond, *SPECIAL)))[:MOST_SPECIAL]


def _stand_in(rng: random.Random) -> StandIn:
    return StandIn(tuple(Fraction(rng.randint(1, 12), rng.choice((5, 7, 9))) for _ in range(5)))
