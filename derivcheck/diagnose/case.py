"""Owns what is known of a refuted link when its mistake is looked for: the side that is claimed, the other one, the
names that may stand in a correction, and points at which corrections are tried in few digits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from derivcheck.diagnose.rebuild import Site, sites
from derivcheck.engine import jets
from derivcheck.engine.arrays import as_array
from derivcheck.engine.compare import MOST_ENTRIES, indices, paired
from derivcheck.engine.draws import Stage
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.names import Names
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Question
from derivcheck.engine.scale import simple_rational
from derivcheck.engine.session import Session
from derivcheck.engine.spaces import Space
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.lang import typed
from derivcheck.lang.shapes import equation
from derivcheck.lang.typed import Expr
from derivcheck.model import Claim, Link, Misfit

#: Counted work of all evaluations of one diagnosis, and how many corrections are tried.
WORK = 1_000_000
MOST_TRIED = 1_500
BITS = 64
#: Where the two sides are looked at: the stage, the place of the choice of sizes, and how many points.
LOOKS: tuple[tuple[Stage, int, int], ...] = (("plain", 0, 2), ("plain", 1, 1), ("plain", 2, 1))
#: Where else, if they do not differ there.
FURTHER: tuple[tuple[Stage, int, int], ...] = (("landmark", 0, 3), ("special", 0, 12), ("wide", 0, 4))
#: Names that a correction may bring in.
MOST_NAMES = 24
LARGEST_RATIO = 1_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A correction: the claimed side as it should perhaps be, the kind of mistake, and words for it.

    With a ``model`` the mistake is known by what it makes: the claimed side is equal to the model.
    """

    kind: str
    words: str
    side: Expr
    model: Expr | None = None


def at(kind: str, words: str, side: Expr | None) -> Iterator[Candidate]:
    """The correction, if it is possible."""
    if side is not None:
        yield Candidate(kind, words, side)


class Spent(Exception):
    """The work that one diagnosis may cost is used up."""


@dataclass(slots=True)
class _Look:
    """A point, an evaluator there, and what the unclaimed side comes to for every choice of indices."""

    space: Space
    evaluator: Evaluator
    others: list[tuple[tuple[tuple[Any, int], ...], Any]]


@dataclass(slots=True)
class Case:
    """One link that is wrong: ``other`` is what the ``claimed`` side was claimed to be. A ``misfit`` is one whose two
    sides have different shapes: the claimed side has to have the shape of the other one then.
    """

    question: Question
    claimed: Expr
    other: Expr
    on_the_right: bool
    sites: list[Site]
    names: tuple[Expr, ...]
    dims: tuple[str, ...]
    known: Names
    misfit: bool = False
    _looks: list[_Look] = field(default_factory=list)
    _alive: list[Expr] = field(default_factory=list)
    _tried: int = 0
    _meter: Meter = field(default_factory=lambda: Meter(WORK))

    @property
    def free(self) -> bool:
        """Whether the sides depend on anything that is not given."""
        return self.question.spaces()[0].free

    @property
    def target(self) -> typed.Target | None:
        """What the other side is the derivative by."""
        return self.other.target if isinstance(self.other, typed.Derivative) else None

    def link(self, claimed: Expr, other: Expr | None = None) -> Link:
        """The link with another claimed side."""
        left, right = (other or self.other), claimed
        return replace(
            self.question.link,
            left=left if self.on_the_right else right,
            right=right if self.on_the_right else left,
            relation="==",
        )

    def unfolded(self, expr: Expr) -> Expr:
        """What a defined name stands for, as long as it is one; the name by which is differentiated stays."""
        target = self.target
        given = self.question.claim.at
        while isinstance(expr, typed.Defined) and expr.name not in given:
            if target is not None and target.kind == "defined" and target.name == expr.name:
                break
            expr = self.question.derivation.definitions[expr.name]
        return expr

    def depends(self, expr: Expr) -> bool:
        """Whether an expression is made from what the other side is the derivative by."""
        target = self.target
        if target is None:
            return False
        if target.kind == "bound":
            return target.key in self.known.keys(expr)
        return target.name in self.known.named(expr)

    def varies(self, expr: Expr) -> bool:
        """Whether an expression is made from variables."""
        return bool(self.known.named(expr) & self.question.derivation.variables.keys())

    def fits(self, side: Expr) -> bool:
        """Whether the claimed side may have this shape."""
        if self.misfit:
            return equation(self.other.shape, side.shape, {}) is not None
        return side.shape in (self.claimed.shape, self.other.shape, typed.SCALAR)

    def of(self, claimed: Expr) -> Case:
        """The case with another claimed side, looked at the same points."""
        return replace(self, claimed=claimed, sites=sites(claimed))

    def begin_anew(self, tried: int) -> None:
        """Let so many corrections be tried from here on, for as much work as at first."""
        self._tried, self._meter = MOST_TRIED - tried, Meter(WORK)
        for look in self._looks:
            look.evaluator.begin(self._meter)

    def agrees(self, side: Expr, with_claimed: bool = False) -> bool:
        """Whether an expression may be equal to the other side (or to the claimed one), as far as the points tell.

        Raises:
            Spent: so much has been tried that no more may be.
        """
        if not with_claimed and not self.fits(side):
            return False
        self._tried += 1
        if self._tried > MOST_TRIED:
            raise Spent
        self._alive.append(side)
        met = 0
        with jets.precision(BITS):
            for look in self._looks:
                same = self._same(look, side, with_claimed)
                if same is None:
                    return False
                met += same
        return met > 0

    def agrees_further(self, side: Expr) -> bool:
        """The same at more points, of more kinds."""
        with jets.precision(BITS):
            try:
                looks = [look for how in FURTHER for look in _draw(self, *how)]
            except OverBudget:
                return False
            return all(self._same(look, side, False) is not None for look in looks)

    def _same(self, look: _Look, side: Expr, with_claimed: bool) -> int | None:
        """How many entries agree at a point; ``None`` if one does not."""
        count = 0
        try:
            for chosen, value in look.others:
                for quantifier, position in chosen:
                    look.evaluator.bind(quantifier.key, position)
                other = look.evaluator.bare(self.claimed) if with_claimed else value
                for a, b in _entries(other, look.evaluator.bare(side)):
                    if isinstance(a, Hole):
                        continue
                    if isinstance(b, Hole) or jets.sign_of(a - b) in (1, -1):
                        return None
                    count += 1
        except OverBudget:
            raise Spent from None
        return count

    def ratio(self, other: Expr | None = None, *, apart: bool = False) -> Fraction | None:
        """The other side over the claimed one at the first entry where both have values, if it is a short rational;
        ``apart``: the difference instead."""
        if self.misfit and not self.fits(self.claimed):
            return None
        with jets.precision(BITS):
            for look in self._looks[:1]:
                for chosen, value in look.others:
                    for quantifier, position in chosen:
                        look.evaluator.bind(quantifier.key, position)
                    for a, b in _entries(value, look.evaluator.bare(self.claimed)):
                        if isinstance(a, Hole) or isinstance(b, Hole):
                            continue
                        if jets.sign_of(b) not in (1, -1):
                            continue
                        return _short(a - b if apart else jets.divide(a, b))
        return None

    def proportion(self, side: Expr) -> Fraction | None:
        """What a side has to be multiplied with to be the other one, as far as the first point tells: a short
        rational that is not 1, the same for every entry.

        Raises:
            Spent: so much has been tried that no more may be.
        """
        if not self.fits(side):
            return None
        self._tried += 1
        if self._tried > MOST_TRIED:
            raise Spent
        self._alive.append(side)
        found: Fraction | None = None
        try:
            with jets.precision(BITS):
                for look in self._looks[:1]:
                    for chosen, value in look.others:
                        for quantifier, position in chosen:
                            look.evaluator.bind(quantifier.key, position)
                        for a, b in _entries(value, look.evaluator.bare(side)):
                            if isinstance(a, Hole) or (
                                not isinstance(b, Hole) and jets.sign_of(b) == 0 == jets.sign_of(a)
                            ):
                                continue
                            if isinstance(b, Hole) or jets.sign_of(b) not in (1, -1):
                                return None
                            if found is None:
                                found = _short(jets.divide(a, b))
                                if found is None or found == 1:
                                    return None
                            elif jets.sign_of(a - b * fmpq(found.numerator, found.denominator)) in (1, -1):
                                return None
        except OverBudget:
            raise Spent from None
        return found

    def values(self) -> list[Fraction] | None:
        """The entries of the other side at the first point, if they are rationals."""
        found: list[Fraction] = []
        for _, value in self._looks[0].others:
            for jet in as_array(value).ravel():
                if type(jet.value) is not fmpq:
                    return None
                found.append(Fraction(int(jet.value.p), int(jet.value.q)))
        return found

    @property
    def sizes(self) -> dict[str, int]:
        """The sizes at the first point."""
        return dict(self._looks[0].space.sizes)


def _short(value: Any) -> Fraction | None:
    found = simple_rational(value)
    if found is None or found == 0:
        return None
    short = Fraction(int(found.p), int(found.q))
    return short if max(abs(short.numerator), short.denominator) <= LARGEST_RATIO else None


def _entries(a: Any, b: Any) -> Iterator[tuple[Any, Any]]:
    if type(a) is Jet and type(b) is Jet:
        yield a.value, b.value
        return
    a, b = paired(as_array(a), as_array(b))
    for entry in np.ndindex(*a.shape):
        yield a[entry].value, b[entry].value


def open_case(question: Question) -> Case | None:
    """What is known of a refuted link; ``None`` where the two sides differ at no point that is near at hand."""
    link = question.link
    on_the_right = not (_differentiates(link.right) and not _differentiates(link.left))
    if _is_atom(link.left) and not isinstance(link.right, typed.Derivative):
        on_the_right = True  # what is claimed of a name stands beside it
    elif _is_atom(link.right) and not _is_atom(link.left) and not _differentiates(link.left):
        on_the_right = False
    claimed, other = (link.right, link.left) if on_the_right else (link.left, link.right)
    known = Names(question.derivation)
    known.bind_scalars(q.key for q in question.quantifiers if q.domain is not None and q.domain.kind != "integer")
    names, dims = _names(question, known)
    case = Case(question, claimed, other, on_the_right, sites(claimed), names, dims, known)
    try:
        with jets.precision(BITS):
            case._looks = _looks(case)
    except OverBudget:
        return None
    return case if case._looks and not case.agrees(claimed) else None


def open_misfit(session: Session, claim: Claim, misfit: Misfit, seed: int, claimed: Expr) -> Case | None:
    """What is known of a link whose shapes do not go together, with a reading of its other side that means something;
    ``None`` where it has a value at no point that is near at hand."""
    link = Link(misfit.known, claimed, "==", "", "", misfit.span)
    question = Question(session, claim, link, misfit.quantifiers, seed)
    known = Names(question.derivation)
    known.bind_scalars(q.key for q in misfit.quantifiers if q.domain is not None and q.domain.kind != "integer")
    names, dims = _names(question, known)
    case = Case(question, claimed, misfit.known, True, sites(claimed), names, dims, known, misfit=True)
    try:
        with jets.precision(BITS):
            case._looks = [look for how in LOOKS for look in _draw(case, *how)]
    except OverBudget:
        return None
    return case if case._looks else None


def _is_atom(expr: Expr) -> bool:
    return isinstance(expr, typed.Variable | typed.Defined | typed.Bound)


def _differentiates(expr: Expr) -> bool:
    return any(isinstance(e, typed.Derivative) for e in typed.postorder(expr))


def _names(question: Question, known: Names) -> tuple[tuple[Expr, ...], tuple[str, ...]]:
    """The names from which the two sides are made, the ones of the claimed side first, and the sizes."""
    derivation, link = question.derivation, question.link
    reached: dict[str, Expr] = {}
    for side in (link.right, link.left):
        for expr in typed.postorder(side):
            if isinstance(expr, typed.Variable | typed.Defined):
                reached.setdefault(expr.name, expr)
    used = known.named(link.left) | known.named(link.right)
    span = link.span
    for name, variable in derivation.variables.items():
        if name in used:
            reached.setdefault(name, typed.Variable(variable.shape, span, name))
    for name, definition in derivation.definitions.items():
        if name in used:
            reached.setdefault(name, typed.Defined(definition.shape, span, name))
    scalars: list[Expr] = [typed.Bound((), span, q.name, q.key) for q in question.quantifiers if q.domain is not None]
    return (*scalars, *list(reached.values())[:MOST_NAMES]), question.reach().dims


def _looks(case: Case) -> list[_Look]:
    """Points at which both sides are looked at; one at which they differ comes first."""
    found = [look for how in LOOKS for look in _draw(case, *how)]
    if not any(_differ(case, look) for look in found):
        more = (look for how in FURTHER for look in _draw(case, *how))
        apart = next((look for look in more if _differ(case, look)), None)
        if apart is None:
            return []
        found.insert(0, apart)
    return sorted(found, key=lambda look: not _differ(case, look))


def _draw(case: Case, stage: Stage, place: int, count: int) -> Iterator[_Look]:
    question = case.question
    spaces = question.spaces()
    if place >= len(spaces):
        return
    space = spaces[place]
    for point in draw_points(space, stage, question.seed, count):
        evaluator = Evaluator(question.derivation, point, case._meter, case.known)
        others = []
        for chosen in indices(question.quantifiers, space):
            for quantifier, position in chosen:
                evaluator.bind(quantifier.key, position)
            if any(test.truth is not True for c in space.local for test in evaluator.value(c).ravel()):
                continue
            others.append((chosen, evaluator.bare(case.other)))
            if len(others) * max(1, as_array(others[0][1]).size) > MOST_ENTRIES:
                break
        yield _Look(space, evaluator, others)


def _differ(case: Case, look: _Look) -> bool:
    return case._same(look, case.claimed, False) is None


#: What makes the corrections of some kinds, the likeliest first.
Generator = Callable[[Case], Iterator[Candidate]]
