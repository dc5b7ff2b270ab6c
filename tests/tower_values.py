"""Expressions as trees, their values by mpmath, the elements of a tower that they are, and the values of those."""

from __future__ import annotations

import random
from dataclasses import dataclass
from fractions import Fraction

import mpmath
from flint import fmpq
from hypothesis import strategies as st
from mpmath import mp

from derivcheck.engine.lattice import Refine
from derivcheck.engine.ring import Full, Ring
from derivcheck.engine.signs import Undefined
from derivcheck.engine.tower import Tower
from derivcheck.engine.work import Meter, OverBudget

DIGITS = 80
TINY = mpmath.mpf(10) ** -40

#: Leaves: low, high, whether they are attained. k is an integer.
LEAVES = {
    "x": (None, None, True),
    "y": (0, None, False),
    "z": (0, 1, True),
    "w": (-1, 2, False),
    "k": (None, None, True),
}
VALUES = {
    "x": ("-7/3", "-1", "0", "1/2", "1", "3"),
    "y": ("1/7", "1", "5/2", "4"),
    "z": ("0", "1/3", "1"),
    "w": ("-5/6", "0", "3/2"),
    "k": ("-3", "-1", "0", "1", "2"),
}


# --- trees ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Tree:
    """An expression: what to do, and on what."""

    name: str
    inside: tuple[Tree, ...] = ()
    number: Fraction = Fraction(0)


leaf = st.sampled_from([Tree("leaf", number=Fraction(i)) for i in range(len(LEAVES))])
exponent = st.sampled_from(
    [
        Tree("leaf", number=Fraction(4)),
        Tree("*", (Tree("number", number=Fraction(2)), Tree("leaf", number=Fraction(4)))),
        Tree("-", (Tree("number", number=Fraction(1)), Tree("leaf", number=Fraction(4)))),
        Tree("power", (Tree("leaf", number=Fraction(4)),), Fraction(2)),
    ]
)
constant = st.sampled_from([Tree("number", number=Fraction(n)) for n in ("2", "-1", "3/2", "-2/3", "12")])


def larger(inner):
    one, two = st.tuples(inner), st.tuples(inner, inner)
    return st.one_of(
        st.builds(Tree, st.sampled_from(["+", "-", "*", "/"]), two),
        st.builds(Tree, st.sampled_from(["exp", "log", "sign", "abs", "sin", "cos"]), one),
        st.builds(Tree, st.just("power"), one, st.sampled_from([Fraction(n) for n in (-2, -1, 0, 2, 3)])),
        st.builds(Tree, st.just("whole"), st.tuples(inner, exponent)),
        st.builds(
            Tree, st.just("root"), one, st.sampled_from([Fraction(n) for n in ("1/2", "1/3", "2/3", "-1/2", "3/2")])
        ),
    )


trees = st.recursive(st.one_of(leaf, leaf, constant), larger, max_leaves=5)


def value(tree, point):
    """By mpmath; ``None`` where there is no real value."""
    inside = [value(t, point) for t in tree.inside]
    if any(v is None for v in inside):
        return None
    match tree.name, inside:
        case "leaf", _:
            return point[int(tree.number)]
        case "number", _:
            return mpmath.mpf(tree.number.numerator) / tree.number.denominator
        case "+", [a, b]:
            return a + b
        case "-", [a, b]:
            return a - b
        case "*", [a, b]:
            return a * b
        case "/", [a, b]:
            return None if near_zero(b) else a / b
        case "exp", [a]:
            return mpmath.exp(a) if abs(a) < 200 else None
        case "log", [a]:
            return mpmath.log(a) if a > TINY else None
        case "sign", [a]:
            return mpmath.mpf(sign(a))
        case "abs", [a]:
            return abs(a)
        case "sin", [a]:
            return mpmath.sin(a)
        case "cos", [a]:
            return mpmath.cos(a)
        case "whole", [a, k]:
            return None if k != int(k) or (near_zero(a) and k < 0) else (a ** int(k) if a else mpmath.mpf(k == 0))
        case "power", [a]:
            return None if near_zero(a) and tree.number < 0 else a ** int(tree.number)
        case _, [a]:
            if near_zero(a):
                return mpmath.mpf(0) if tree.number > 0 else None
            return None if a < 0 else mpmath.exp(mpmath.log(a) * tree.number.numerator / tree.number.denominator)
    raise AssertionError(tree)


def near_zero(a):
    return abs(a) < TINY


def sign(a):
    return 0 if near_zero(a) else 1 if a > 0 else -1


def element(tower, tree, leaves):
    ring, build = tower.ring, lambda t: element(tower, t, leaves)
    match tree.name, tree.inside:
        case "leaf", _:
            return leaves[int(tree.number)]
        case "number", _:
            return ring.constant(fmpq(tree.number.numerator, tree.number.denominator))
        case "+", (a, b):
            return ring.reduce(build(a) + build(b))
        case "-", (a, b):
            return ring.reduce(build(a) - build(b))
        case "*", (a, b):
            return ring.mul(build(a), build(b))
        case "/", (a, b):
            return ring.mul(build(a), tower.inverse(build(b)))
        case "exp", (a,):
            return tower.exp(build(a))
        case "log", (a,):
            return tower.log(build(a))
        case "sign", (a,):
            return tower.sign(build(a))
        case "abs", (a,):
            inner = build(a)
            return ring.mul(inner, tower.sign(inner))
        case "sin", (a,):
            return tower.cos_sin(build(a))[1]
        case "cos", (a,):
            return tower.cos_sin(build(a))[0]
        case "whole", (a, k):
            return tower.whole_power(build(a), build(k))
        case "power", (a,):
            return tower.power(build(a), int(tree.number))
        case _, (a,):
            return tower.rational_power(build(a), fmpq(tree.number.numerator, tree.number.denominator))
    raise AssertionError(tree)


def fresh(denominators, room=24, by_cases=False):
    tower = Tower(Ring(room, Meter(3_000_000)), denominators, by_cases=by_cases)
    leaves = []
    for name, (low, high, closed) in LEAVES.items():
        bounds = [None if v is None else fmpq(v) for v in (low, high)]
        whole = name == "k"
        strict = not closed
        made = tower.ring.new(
            "leaf", low=bounds[0], high=bounds[1], strict_low=strict, strict_high=strict, name=name, whole=whole
        )
        leaves.append(made.raw)
    return tower, leaves


def built(tree, by_cases):
    """The tower and the element, with finer lattices and larger contexts as needed; ``None`` if it is not taken, or
    called undefined, as it then has to be."""
    denominators, room = {}, 24
    for _ in range(12):
        tower, leaves = fresh(denominators, room, by_cases)
        try:
            return tower, element(tower, tree, leaves)
        except Refine as refine:
            denominators = {**denominators, refine.key: denominators.get(refine.key, 1) * refine.factor}
        except Full:
            room *= 2
        except Undefined:
            assert all(value(tree, point) is None for point in points(30)), tree
            return None
        except OverBudget:
            return None
    return None


def points(count=12):
    rng = random.Random(5)
    for _ in range(count):
        texts = [rng.choice(VALUES[name]) for name in LEAVES]
        yield [mpmath.mpf(Fraction(t).numerator) / Fraction(t).denominator for t in texts]


def meaning(tower, point):
    """The values of all generators at a point, oldest first; ``None`` where one has none."""
    values = {}
    leaves = iter(point)
    for g in tower.ring.generators:
        if g.kind == "leaf":
            values[g.place] = next(leaves)
            continue
        if g.kind == "constant":
            values[g.place] = +mp.pi
            continue
        inner = at(tower.ring, g.poly, values)
        values[g.place] = None if inner is None else KINDS[g.kind](inner, g)
    return values


KINDS = {
    "exp": lambda a, g: mpmath.exp(a) if abs(a) < 200 else None,
    "log": lambda a, g: None if near_zero(a) else mpmath.log(abs(a)),
    "root": lambda a, g: mpmath.mpf(0) if near_zero(a) else mpmath.exp(mpmath.log(abs(a)) / g.degree),
    "sign": lambda a, g: mpmath.mpf(sign(a)),
    "parity": lambda a, g: mpmath.mpf((-1) ** int(a)) if a == int(a) else None,
    "inverse": lambda a, g: None if near_zero(a) else 1 / a,
    "cos": lambda a, g: mpmath.cos(a),
    "sin": lambda a, g: mpmath.sin(a),
}


def at(ring, poly, values):
    """The value of a polynomial in generators; ``None`` if one of those in it has none."""
    total = mpmath.mpf(0)
    for monomial, c in ring.sparse(poly).items():
        term = mpmath.mpf(int(c.p)) / int(c.q)
        for place, e in monomial:
            if values.get(place) is None:
                return None
            term *= values[place] ** int(e)
        total += term
    return total


def violated(ring, values):
    """The relations by which elements are reduced that do not hold for values of the generators."""
    found = ((relation, at(ring, relation, values)) for relation in ring.relations())
    return [r for r, got in found if got is not None and abs(got) > TINY * scale(ring, r, values)]


def scale(ring, poly, values):
    """How large the terms of a polynomial are: what of its value is noise."""
    return sum(
        abs(at(ring, ring.dense({monomial: c}), values) or 0) for monomial, c in ring.sparse(poly).items()
    ) + mpmath.mpf(1)
