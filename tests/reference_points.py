"""Owns a judge for tests that is no prover: both sides of a claim at many points, by mpmath, at several sizes.

It draws its own points and never asks the engine. What it finds ``different`` is false (a difference must show in 120
digits and stand in 900); what it finds ``equal`` agreed to 16 digits or 100 wherever it was tried, which is no proof
but says much more than floats can.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle, groupby, product
from typing import Any, Literal

import mpmath
import numpy as np
from reference_mpmath import (
    DIGITS,
    Array,
    Setting,
    Tolerance,
    array,
    evaluate,
    paired,
    precise,
    scalar,
    tolerance,
    undefined,
)

from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.lang.typed import Expr, children, least_sizes
from derivcheck.model import Claim, Derivation, Link, Statement
from derivcheck.verdict import Witness

Kind = Literal["equal", "different", "undefined"]
Stage = Literal["plain", "wide", "special", "constants"]

#: Sizes of dimensions: pairwise distinct, then the least there are, then others again.
MORE_DIGITS = 900
#: Differences that turned out to be noise, after which further ones are not looked at with more digits.
MOST_DOUBTS = 6
_SIZES = ((2, 3, 4, 5, 6), (3, 2, 5, 4, 7), (1, 1, 1, 1, 1), (4, 5, 3, 2, 6))
MOST_ENTRIES = 100
_MORE_SIZES = ((5, 6, 7, 8, 9), (6, 5, 9, 7, 8), (7, 8, 5, 6, 9), (8, 7, 6, 5, 9), (11, 12, 13, 14, 15))
_TRIES = 60


@dataclass(frozen=True)
class Finding:
    """``undefined``: nowhere were both sides defined. ``where`` tells a reader the point of a difference."""

    kind: Kind
    compared: int = 0
    where: str = ""


def look(
    derivation: Derivation, claim: Claim, seed: int = 0, stages: Sequence[Stage] = (), digits: int = DIGITS
) -> Finding:
    """Compare both sides of every link of a claim at points; the first difference decides."""
    assert claim.statement is not None, claim.problems
    compared = 0
    with precise(digits):
        for link in claim.statement.links:
            found = _look_at(_Question(derivation, claim, claim.statement, link), seed, stages or tuple(_STAGES))
            if found.kind != "equal":
                return found
            compared += found.compared
    return Finding("equal", compared)


def replayed(derivation: Derivation, claim: Claim, link: Link, witness: Witness) -> tuple[Any, Any]:
    """Both sides at a witness, at the working precision."""
    assert claim.statement is not None
    question = _Question(derivation, claim, claim.statement, link)
    values = {name: _nested(text) for name, text in witness.point.items()}
    bound = {
        q.key: _number(str(witness.index[q.name] if q.size is not None else witness.point[q.name]))
        for q in claim.statement.quantifiers
    }
    for place, a, b in _sides(question, witness.sizes, values, bound):
        if place == tuple(witness.entry):
            return a, b
    raise AssertionError(f"there is no entry {witness.entry}")


def _number(text: str) -> Any:
    value = Fraction(text)
    return mpmath.mpf(value.numerator) / value.denominator


def _nested(text: Any) -> Array:
    if isinstance(text, str):
        return scalar(_number(text))
    return np.array([_nested(row).tolist() for row in text], dtype=object)


# --- questions -----------------------------------------------------------------------------------------------


#: Functions that solve the derivative rules used in tests, by the rule's text without blanks; each is a solution.
_SOLUTIONS: dict[str, Callable[[Any], Any]] = {
    "g(z)*(1-g(z))": lambda x: 1 / (1 + mpmath.exp(-x - mpmath.mpf(1) / 3)),
    "1-g(z)**2": lambda x: mpmath.tanh(x + mpmath.mpf(1) / 7),
    "g(z)": lambda x: mpmath.exp(x) * 2 / 3,
    "-2*z*g(z)": lambda x: mpmath.exp(-x * x) * 5 / 3,
    "indicator(z>0)": lambda x: max(x, mpmath.mpf(0)) + mpmath.mpf(1) / 3,
    "1/(1+z**2)": lambda x: mpmath.atan(x) + mpmath.mpf(2) / 7,
    "2*z": lambda x: x * x + mpmath.mpf(2) / 7,
    "2": lambda x: 2 * x + mpmath.mpf(2) / 7,
    "0": lambda x: mpmath.mpf(2) / 7 + 0 * x,
}


def _unknown(x: Any) -> Any:
    """A function for one of which nothing is known."""
    return mpmath.sin(x * 5 / 7 + 1) + x * x / 11 + x**3 / 50


@dataclass(frozen=True)
class _Question:
    derivation: Derivation
    claim: Claim
    statement: Statement
    link: Link

    @property
    def conditions(self) -> tuple[Expr, ...]:
        return (*self.derivation.assume, *self.claim.when)

    def setting(self, sizes: Mapping[str, int]) -> Setting:
        opaque = {}
        for name, rule in self.derivation.functions.items():
            opaque[name] = _unknown
            if rule.derivative is not None:
                span = rule.derivative.span
                text = "".join(self.derivation.source.text[span.start : span.end].split())
                opaque[name] = _SOLUTIONS[text.replace(f"{name}(", "g(")]
        return Setting(self.derivation.definitions, sizes, opaque, self.values, self.scalars)

    @property
    def values(self) -> dict[str, frozenset[Fraction] | None]:
        """The names and keys that have integers or few values, and these (``None``: every integer)."""
        domains = {name: variable.domain for name, variable in self.derivation.variables.items()}
        domains |= {q.key: q.domain for q in self.statement.quantifiers if q.domain is not None}
        return {
            name: frozenset(domain.values) or None
            for name, domain in domains.items()
            if domain.kind in ("integer", "finite")
        }

    @property
    def scalars(self) -> frozenset[str]:
        """The keys of what is bound over a domain."""
        return frozenset(q.key for q in self.statement.quantifiers if q.domain is not None)


@dataclass(frozen=True)
class _Seen:
    """Both sides of one entry at a point where they are defined."""

    sizes: Mapping[str, int]
    point: Mapping[str, Array]
    bound: Mapping[str, Any]
    place: tuple[int, ...]
    left: Any
    right: Any

    def again(self, question: _Question) -> _Seen | None:
        """The same at the working precision; ``None`` if a side is undefined there."""
        for place, a, b in _sides(question, self.sizes, self.point, self.bound):
            if place == self.place and not undefined(a) and not undefined(b):
                return _Seen(self.sizes, self.point, self.bound, place, a, b)
        return None


def _look_at(question: _Question, seed: int, stages: Sequence[Stage]) -> Finding:
    link = question.link
    close = tolerance((link.left, link.right), question.derivation.definitions)
    if close.order > 4:
        return Finding("undefined", 0, "too many derivatives of derivatives")
    compared = doubtful = 0
    for sizes, group in groupby(_points(question, seed, stages), key=lambda drawn: drawn[0]):
        seen: list[_Seen] = []
        for here in _everywhere(question, sizes, group):
            if not question.claim.up_to and not _meets(question, here, close):
                stands = _stands(question, here, close) if doubtful < MOST_DOUBTS else None
                if stands:
                    return Finding("different", compared, _told(here))
                if stands is None:
                    doubtful += 1
                    continue
            compared += 1
            seen.append(here)
        if question.claim.up_to and not _one_factor(seen, close):
            with precise(MORE_DIGITS):
                more = [again for again in (here.again(question) for here in seen) if again is not None]
                if not _one_factor(more, close):
                    return Finding("different", compared, "there is no one positive factor")
    return Finding("equal" if compared else "undefined", compared)


def _everywhere(question: _Question, sizes: Mapping[str, int], drawn: Iterable[_Drawn]) -> Iterator[_Seen]:
    """Every entry and index at points, where both sides are defined."""
    for _, point, bound in drawn:
        memo: dict[Any, Array] = {}
        for index in _indices(question, sizes):
            names = {**bound, **index}
            for place, a, b in _sides(question, sizes, point, names, memo):
                if not undefined(a) and not undefined(b):
                    yield _Seen(sizes, point, names, place, a, b)


def _sides(
    question: _Question,
    sizes: Mapping[str, int],
    point: Mapping[str, Array],
    bound: Mapping[str, Any],
    memo: dict[Any, Array] | None = None,
) -> list[tuple[tuple[int, ...], Any, Any]]:
    setting, link = question.setting(sizes), question.link
    left, right = (evaluate(side, setting, point, bound, memo) for side in (link.left, link.right))
    return list(paired(left, right))


def _stands(question: _Question, seen: _Seen, close: Tolerance) -> bool | None:
    """Whether a difference is there with more digits: ``True`` or ``False``, or ``None`` where it has no certain size
    (both sides are the noise of a pole, or of a singular matrix)."""
    gap = seen.left - seen.right
    with precise(MORE_DIGITS):
        again = seen.again(question)
        if again is None:
            return None
        if _meets(question, again, close):
            return False
        return True if abs(again.left - again.right - gap) <= abs(gap) / 100 else None


def _meets(question: _Question, seen: _Seen, close: Tolerance) -> bool:
    a, b = seen.left, seen.right
    if question.link.relation == "==":
        return close.equal(a, b)
    if question.claim.tolerance is not None:
        return bool(abs(a - b) <= _number(str(question.claim.tolerance)) + close.floor)
    return bool(abs(a - b) <= _half_unit(question.link.right, seen.place) + close.floor)


def _half_unit(expr: Expr, place: tuple[int, ...]) -> Any:
    """Half a unit of the last digit of a displayed number; nothing of what is none."""
    if isinstance(expr, typed.Entries) and place:
        shape = tuple(int(size) for size in expr.shape)
        return _half_unit(expr.entries[int(np.ravel_multi_index(place, shape))], ())
    while isinstance(expr, typed.Negate):
        expr = expr.operand
    if not isinstance(expr, typed.Number):
        return 0
    mantissa, _, exponent = expr.text.lower().partition("e")
    return mpmath.mpf(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2])) / 2


def _one_factor(seen: Sequence[_Seen], close: Tolerance) -> bool:
    """Whether a = c b with one c > 0."""
    if not seen:
        return True
    base = max(seen, key=lambda pair: abs(pair.right))
    if base.right == 0:
        return all(pair.left == 0 for pair in seen)
    factor = base.left / base.right
    return bool(factor > 0 and all(close.equal(pair.left, factor * pair.right) for pair in seen))


def _told(seen: _Seen) -> str:
    def brief(value: Any) -> Any:
        return [brief(v) for v in value] if isinstance(value, np.ndarray) and value.ndim else mpmath.nstr(value, 8)

    values = {name: brief(v if v.ndim else v[()]) for name, v in seen.point.items()}
    sides = f"{mpmath.nstr(seen.left, 20)} {mpmath.nstr(seen.right, 20)}"
    return f"{values} {dict(seen.bound) or ''} {seen.place or ''}: {sides}"


# --- points --------------------------------------------------------------------------------------------------


def _indices(question: _Question, sizes: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    ranged = [q for q in question.statement.quantifiers if q.size is not None]
    lengths = [sizes[q.size] if isinstance(q.size, str) else q.size for q in ranged]
    for values in product(*(range(n or 0) for n in lengths)):
        yield {q.key: mpmath.mpf(v) for q, v in zip(ranged, values, strict=True)}


@dataclass(frozen=True)
class _Reach:
    """What a question is made from, through all definitions."""

    variables: tuple[str, ...]
    dims: tuple[str, ...]
    least: Mapping[str, int]
    constants: tuple[Any, ...]
    counts: bool
    """A size or an index is used as a number, so that a few sizes say little."""


def _reach(question: _Question) -> _Reach:
    derivation = question.derivation
    names: dict[str, None] = {}
    dims: set[str] = set()
    least: dict[str, int] = {}
    constants: dict[Any, None] = {}
    dims.update(q.size for q in question.statement.quantifiers if isinstance(q.size, str))
    counts = False
    stack = [question.link.left, question.link.right, *question.conditions]
    seen: set[Expr] = set()
    while stack:
        expr = stack.pop()
        if expr in seen:
            continue
        seen.add(expr)
        for dim, size in least_sizes(expr).items():
            least[dim] = max(size, least.get(dim, 1))
        dims.update(d for d in (*expr.shape, getattr(expr, "size", None)) if isinstance(d, str))
        if isinstance(expr, typed.Dimension):
            dims.add(expr.name)
            counts = True
        counts = counts or (isinstance(expr, typed.Bound) and expr.key not in question.scalars)
        if isinstance(expr, typed.Number) and abs(expr.value) < 10**6:
            constants[expr.value] = constants[-expr.value] = None
        for name in _names(expr):
            names[name] = None
            if name in derivation.definitions and name not in question.claim.at:
                stack.append(derivation.definitions[name])
        stack.extend(_computed(expr))
    variables = tuple(name for name in derivation.variables if name in names)
    dims.update(d for name in variables for d in derivation.variables[name].shape if isinstance(d, str))
    turning = tuple(mpmath.mpf(v.numerator) / v.denominator for v in constants)
    return _Reach(variables, tuple(sorted(dims)), least, turning or (mpmath.mpf(0),), counts)


def _computed(expr: Expr) -> tuple[Expr, ...]:
    """What an expression computes with: subscripts do not count."""
    match expr:
        case typed.Element():
            return (expr.base,)
        case typed.Derivative():
            return (expr.of,)
        case _:
            return children(expr)


def _names(expr: Expr) -> tuple[str, ...]:
    if isinstance(expr, typed.Variable | typed.Defined):
        return (expr.name,)
    if isinstance(expr, typed.Derivative) and expr.target.kind != "bound":
        return (expr.target.name,)
    return ()


def _all_sizes(question: _Question, reach: _Reach) -> list[dict[str, int]]:
    """Choices of sizes that the spec, the point and literal positions allow."""
    derivation, claim = question.derivation, question.claim
    choices: list[dict[str, int]] = []
    for row in (*_SIZES, *(_MORE_SIZES if reach.counts else ())):
        sizes = {}
        for dim, size in zip(reach.dims, cycle(row), strict=False):
            rule = derivation.dims.get(dim)
            low = max(reach.least.get(dim, 1), rule.least if rule else 1)
            fixed = claim.sizes.get(dim, rule.exact if rule else None)
            sizes[dim] = fixed if fixed is not None else max(size, low)
        shapes = (derivation.variables[name].shape for name in reach.variables)
        entries = sum(int(np.prod([sizes[d] if isinstance(d, str) else d for d in shape])) for shape in shapes)
        if sizes not in choices and (not choices or entries <= MOST_ENTRIES):
            choices.append(sizes)
    return choices


#: Sizes, values of variables, values of bound names.
_Drawn = tuple[dict[str, int], dict[str, Array], dict[str, Any]]
_STAGES: dict[Stage, int] = {"plain": 2, "constants": 6, "wide": 3, "special": 5}


def _points(question: _Question, seed: int, stages: Sequence[Stage]) -> Iterator[_Drawn]:
    rng = random.Random(f"{seed}/{question.claim.id}")
    reach = _reach(question)
    for number, sizes in enumerate(_all_sizes(question, reach)):
        for stage in stages:
            if number >= len(_SIZES) and stage != "plain":
                continue
            count = _STAGES[stage] if number == 0 else 1
            found = 0
            for _ in range(_TRIES):
                drawn = _draw(question, reach, sizes, stage, rng)
                if drawn is not None:
                    yield (sizes, *drawn)
                    found += 1
                if found == count:
                    break


def _draw(
    question: _Question, reach: _Reach, sizes: dict[str, int], stage: Stage, rng: random.Random
) -> tuple[dict[str, Array], dict[str, Any]] | None:
    claim, setting = question.claim, question.setting(sizes)
    values: dict[str, Array] = {}
    for name in reach.variables:
        variable = question.derivation.variables[name]
        values[name] = _whole(variable.domain, setting.shape(variable.shape), stage, rng, reach.constants)
    for name, given in claim.at.items():
        values[name] = array([_number(str(v)) for v in given.entries], given.shape)
    bound = {
        q.key: _entry(q.domain, stage, rng, reach.constants)
        for q in question.statement.quantifiers
        if q.domain is not None
    }
    for condition in _conjuncts(question.conditions):
        if not _hold(question, condition, setting, values, bound):
            return None
    return values, bound


def _conjuncts(conditions: Sequence[Expr]) -> Iterator[Expr]:
    for condition in conditions:
        if isinstance(condition, typed.Logic) and condition.operator == "and":
            yield from _conjuncts(condition.operands)
        else:
            yield condition


def _hold(
    question: _Question, condition: Expr, setting: Setting, values: dict[str, Array], bound: dict[str, Any]
) -> bool:
    """Whether a condition holds at every index, after moving the values onto it if it is an equation."""
    for index in _indices(question, setting.sizes):
        names = {**bound, **index}
        if isinstance(condition, typed.Compare) and condition.operator == "==":
            if not _onto(question, condition, setting, values, names):
                return False
        elif not all(test is True for test in evaluate(condition, setting, values, names).ravel()):
            return False
    return True


def _onto(
    question: _Question, equation: typed.Compare, setting: Setting, values: dict[str, Array], bound: dict[str, Any]
) -> bool:
    """Move real variables, an entry each, so that every entry of an equation holds."""

    def gaps() -> list[Any]:
        sides = (evaluate(side, setting, values, bound) for side in (equation.left, equation.right))
        return [a - b for _, a, b in paired(*sides)]

    near = mpmath.mpf(10) ** -100
    variables = question.derivation.variables
    movable = [
        n for n in variables if variables[n].domain.kind in _FREE and n in values and n not in question.claim.at
    ]
    places = [(name, place) for name in movable for place in reversed(list(np.ndindex(*values[name].shape)))]
    for i in range(len(gaps())):
        for name, place in places:
            gap = gaps()[i]
            if undefined(gap):
                return False
            if abs(gap) <= near:
                break
            before = values[name]
            slope = _probe(values, name, place, gaps, i) - gap
            if abs(slope) > mpmath.mpf(10) ** -20:
                moved = before.copy()
                moved[place] = before[place] - gap / slope
                values[name] = moved
                if abs(gaps()[i]) > near or not _inside(variables[name].domain, moved[place]):
                    values[name] = before
    return all(abs(gap) <= near for gap in gaps())


_FREE = ("real", "positive", "nonnegative", "interval")


def _probe(values: dict[str, Array], name: str, place: Any, gaps: Callable[[], list[Any]], i: int) -> Any:
    before = values[name]
    moved = before.copy()
    moved[place] = before[place] + 1
    values[name] = moved
    gap = gaps()[i]
    values[name] = before
    return gap


def _inside(domain: Domain, value: Any) -> bool:
    low, high = (None if end is None else _number(str(end)) for end in _ends(domain))
    if domain.kind == "finite":
        return any(value == _number(str(v)) for v in domain.values)
    open_low = domain.low_open if domain.kind == "interval" else domain.kind == "positive"
    if low is not None and (value < low or (open_low and value == low)):
        return False
    return not (high is not None and (value > high or (domain.high_open and value == high)))


def _ends(domain: Domain) -> tuple[Fraction | None, Fraction | None]:
    return (Fraction(0), None) if domain.kind in ("positive", "nonnegative") else (domain.low, domain.high)


def _entry(domain: Domain, stage: Stage, rng: random.Random, constants: Sequence[Any]) -> Any:
    if domain.kind == "finite":
        return _number(str(rng.choice(domain.values)))
    if domain.kind == "integer":
        return mpmath.mpf(rng.randint(-9, 9) * (11 if stage == "wide" else 1))
    low, high = (None if end is None else _number(str(end)) for end in _ends(domain))
    if stage in ("special", "constants"):
        pool = [mpmath.mpf(v) / 2 for v in (0, 1, 2, 4, -1, -2, -4)] + [end for end in (low, high) if end is not None]
        value = rng.choice(pool)
        if stage == "constants":
            value = rng.choice(constants) + mpmath.mpf(rng.choice((-3, -1, 0, 0, 1, 3))) / 4
        if _inside(domain, value):
            return value
    share = mpmath.mpf(rng.randint(1, 2**40 - 1)) / 2**40
    if low is not None and high is not None:
        return low + (high - low) * share
    size = (share * 5 / 2 + mpmath.mpf(1) / 8) * (rng.choice((1, 4, 12)) if stage == "wide" else 1)
    return low + size if low is not None else high - size if high is not None else size * rng.choice((1, -1))


def _whole(
    domain: Domain, shape: tuple[int, ...], stage: Stage, rng: random.Random, constants: Sequence[Any]
) -> Array:
    build = _WHOLE.get(domain.kind)
    count = int(np.prod(shape, dtype=int))
    if build is None:
        return array([_entry(domain, stage, rng, constants) for _ in range(count)], shape)
    size = 1 if stage != "wide" else 4
    draws = [mpmath.mpf(rng.randint(-(2**30), 2**30)) / 2**29 * size for _ in range(count)]
    return build(array(draws, shape), rng)


def _simplex(x: Array, rng: random.Random) -> Array:
    weights = abs(x) + mpmath.mpf(1) / 64
    return weights / np.sum(weights)


def _one_hot(x: Array, rng: random.Random) -> Array:
    hot = rng.randrange(x.size)
    return array([mpmath.mpf(int(i == hot)) for i in range(x.size)], x.shape)


def _eye(n: int) -> Array:
    return array([mpmath.mpf(int(i == j)) for i, j in np.ndindex(n, n)], (n, n))


def _orthogonal(x: Array, rng: random.Random) -> Array:
    """Cayley's transform of a skew matrix, its first row with a sign of its own."""
    skew, one = x - x.T, _eye(len(x))
    plus = np.array(mpmath.inverse(mpmath.matrix((one + skew).tolist())).tolist(), dtype=object)
    turned = (one - skew) @ plus
    turned[0] = turned[0] * rng.choice((1, -1))
    return turned


_WHOLE: dict[str, Callable[[Array, random.Random], Array]] = {
    "simplex": _simplex,
    "one-hot": _one_hot,
    "symmetric": lambda x, rng: x + x.T,
    "invertible": lambda x, rng: x + 5 * _eye(len(x)),
    "positive definite": lambda x, rng: x @ x.T + _eye(len(x)) / 4,
    "diagonal": lambda x, rng: x * _eye(len(x)),
    "orthogonal": _orthogonal,
}
