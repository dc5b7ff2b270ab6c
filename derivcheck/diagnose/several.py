"""Owns corrections that undo several mistakes at once, by the number of changes: what is wrong with a term whose
shapes do not go together, steps of the chain rule that were forgotten together, one change beside a factor."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice

from derivcheck.diagnose import arrays, scales
from derivcheck.diagnose.backward import MOST_MISSING, forgotten
from derivcheck.diagnose.case import Candidate, Case, Generator
from derivcheck.diagnose.rebuild import arithmetic
from derivcheck.diagnose.told import Change, Changed
from derivcheck.diagnose.written import changes
from derivcheck.errors import Refused
from derivcheck.lang import nodes, typed
from derivcheck.lang.elaborate import Scope, elaborate
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr

#: Changed terms that are typed, readings that are kept of a term that means nothing, and changes of each of these.
MOST_TYPED = 400
MOST_READINGS = 24
MOST_ADDED = 400
#: The largest number that may be missing as a factor, or be one too much, beside another mistake.
LARGEST_CONSTANT = 4
#: Changes of a term as it is written that may be needed for it to mean something.
MOST_WRITTEN = 3


def readings(term: nodes.Node, scope: Scope, shape: typed.Shape) -> list[list[Changed]]:
    """The readings of a term that means nothing as it is written, by the number of changes: those of the shape that
    is wanted first."""
    levels: list[list[Changed]] = []
    waiting: list[tuple[nodes.Node, tuple[Change, ...]]] = [(term, ())]
    typed_so_far, seen, known = 0, {term}, set[str]()
    for _ in range(MOST_WRITTEN):
        level: list[Changed] = []
        following: list[tuple[nodes.Node, tuple[Change, ...]]] = []
        for node, done in waiting:
            for changed, change in changes(node):
                if typed_so_far == MOST_TYPED or changed in seen:
                    continue
                seen.add(changed)
                typed_so_far += 1
                following.append((changed, (*done, change)))
                try:
                    value = elaborate(changed, scope)
                except Refused:
                    continue
                if printed(value) not in known:
                    known.add(printed(value))
                    level.append(Changed(value, (*done, change)))
        levels.append(sorted(level, key=lambda one: one.side.shape != shape))
        waiting = following
    return levels


def in_all(case: Case, levels: Sequence[Sequence[Changed]], *, after: int = 0) -> Iterator[Candidate]:
    """Corrections of a term as it is written: changed, then changed with something more; of more than ``after``
    changes."""
    for count, level in islice(enumerate(levels), after, None):
        yield from (one.candidate for one in level)
        for one in islice(levels[count - 1] if count else (), MOST_READINGS):
            yield from _with_more(case, one)
        for one in islice(levels[count - 2] if count > 1 else (), MOST_READINGS):
            yield from _with_two_more(case, one)


def together(case: Case) -> Iterator[Candidate]:
    """Corrections of a side that means something, by two changes and by more."""
    yield from (one.candidate for one in forgotten(case, 1))
    for missing in range(2, MOST_MISSING + 1):
        yield from (one.candidate for one in forgotten(case, missing))
        for one in forgotten(case, missing - 1):
            yield from _scaled(case, one)
        if missing == 2:
            yield from _beside(case)
    for one in forgotten(case, MOST_MISSING):
        yield from _scaled(case, one)


#: What is changed beside a factor of the whole, and beside a factor of a part.
BESIDE_THE_WHOLE: tuple[Generator, ...] = (
    arrays.means, arrays.matrices, arrays.sums, scales.missing_factors, arrays.other_names,
)  # fmt: skip
BESIDE_A_PART: tuple[Generator, ...] = (scales.signs, arrays.matrices, scales.dropped_factors, arrays.sums)


def _beside(case: Case) -> Iterator[Candidate]:
    """Two changes: any one with which the side is right but for a factor of the whole; one that is often made, and a
    factor of a part."""
    bare = Changed(case.claimed)
    for generate in BESIDE_THE_WHOLE:
        for one in generate(case):
            yield from _scaled(case, bare.after(one))
    for generate in BESIDE_A_PART:
        if case.misfit and generate is scales.dropped_factors:
            continue  # by leaving things out nearly anything can be made to fit
        for one in generate(case):
            yield from _with_more(case, bare.after(one))


def _with_more(case: Case, one: Changed) -> Iterator[Candidate]:
    """A reading with one more change: of factors and signs, or of what is summed."""
    yield from _scaled(case, one)
    inside = case.of(one.side)
    of_shape: tuple[Generator, ...] = (arrays.means, arrays.sums) if case.misfit or not case.fits(one.side) else ()
    for generate in (scales.by_numbers, *of_shape):
        yield from (one.after(found).candidate for found in islice(generate(inside), MOST_ADDED))
    if case.misfit:
        yield from (one.then(found.side, *found.changes).candidate for found in forgotten(inside, 1))


def _with_two_more(case: Case, one: Changed) -> Iterator[Candidate]:
    """A reading with two more changes: of what is summed and of a factor, or of the chain rule and a factor."""
    inside = case.of(one.side)
    for generate in (arrays.means, arrays.sums):
        for found in islice(generate(inside), MOST_ADDED):
            if found.side.shape == case.other.shape:
                second = one.after(found)
                yield from _scaled(case, second)
                yield from (second.after(last).candidate for last in scales.by_numbers(case.of(found.side)))
    for step in forgotten(inside, 1):
        yield from _scaled(case, one.then(step.side, *step.changes))


def _scaled(case: Case, one: Changed) -> Iterator[Candidate]:
    """A reading that is right but for a factor of the whole: a sign, a size, a number."""
    ratio = case.proportion(one.side) if case.free else None
    if ratio is not None:
        yield from (one.then(side, *changes).candidate for side, changes in _by(case, one.side, ratio))


_SIGN = Change("sign", "the sign is wrong")


def _by(case: Case, side: Expr, ratio: Fraction) -> Iterator[tuple[Expr, list[Change]]]:
    """A side times a number that is the size of a dimension, or one over it, or is small."""
    signs = [_SIGN] if ratio < 0 else []
    signed = scales.negative(side) if ratio < 0 else side
    if ratio == -1:
        yield signed, signs
        return
    size = abs(ratio)
    for dim in case.dims:
        n = case.sizes.get(dim, 0)
        of_dim = typed.Dimension((), side.span, dim)
        if n > 1 and size in (n, Fraction(1, n)):
            over = size < 1
            made = arithmetic("/", signed, of_dim) if over else arithmetic("*", of_dim, signed)
            words = f"the factor {'1/' * over}{dim} is missing"
            if made is not None:
                yield made, [Change("factor of a size", words), *signs]
    if max(size.numerator, size.denominator) <= LARGEST_CONSTANT:
        words = f"the factor {size} is missing" if size.numerator != 1 else f"a factor {size.denominator} too much"
        yield scales.times(signed, size), [Change("constant factor", words), *signs]
