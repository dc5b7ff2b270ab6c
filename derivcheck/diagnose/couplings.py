"""Owns the chain rule through an array of which every entry depends on every one of another (a softmax): the way
through one entry alone was taken, and the sum over the others is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.diagnose.case import Candidate, Case, open_case
from derivcheck.diagnose.rebuild import arithmetic, number
from derivcheck.lang import shapes, typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr, Quantifier

_LETTERS = "kjilpqrst"


def lost_couplings(case: Case) -> Iterator[Candidate]:
    """The sum over all entries of a name between, for the way through one of them."""
    other = case.other
    if not isinstance(other, typed.Derivative) or other.kind != "gradient" or other.shape:
        return
    target = other.target
    if target.subscripts is None or target.kind == "bound" or shapes.one_entry(target.whole):
        return
    here = tuple(place for place in target.subscripts if place is not None)
    for name in case.names:
        between = isinstance(name, typed.Defined) and name.name != target.name and case.depends(name)
        if not between or name.shape != target.whole or len(here) != len(name.shape):
            continue
        bound = _bound(case, name)
        entry = tuple(bound.get(axis, place) for axis, place in enumerate(here))
        total: Expr | None = _through(other, name, entry)
        for axis, index in bound.items():
            if total is not None:
                total = typed.BigOp((), other.span, "sum", index.key, name.shape[axis], total)
        alone = _through(other, name, here)
        if total is not None and alone is not None:
            words = (
                f"the sum over all entries of {printed(name)} is forgotten (chain rule), each of which depends on "
            )
            yield Candidate("chain rule", words + _entry_of(target), total, alone)


def _through(other: typed.Derivative, name: Expr, entry: tuple[Expr, ...]) -> Expr | None:
    """The product of derivatives that goes through one entry of a name."""
    assert isinstance(name, typed.Defined)
    by = typed.Target("defined", name.name, "", entry, (), name.shape)
    outer = typed.Derivative((), other.span, "gradient", other.of, by)
    one = typed.Element((), other.span, name, entry)
    return arithmetic("*", outer, typed.Derivative((), other.span, "gradient", one, other.target))


def _entry_of(target: typed.Target) -> str:
    places = ", ".join(":" if place is None else printed(place) for place in target.subscripts or ())
    return f"{target.name}[{places}]"


def _bound(case: Case, name: Expr) -> dict[int, typed.Bound]:
    """An index for every axis of a name that has more than one entry."""
    letters = _free_letters(case)
    span = case.claimed.span
    axes = [axis for axis, size in enumerate(name.shape) if size != 1]
    return {
        axis: typed.Bound((), span, letter, f"{letter} of all") for axis, letter in zip(axes, letters, strict=False)
    }


def _free_letters(case: Case) -> list[str]:
    derivation = case.question.derivation
    used = {*derivation.variables, *derivation.definitions, *derivation.dims, *derivation.functions, *case.dims}
    used |= {quantifier.name for quantifier in case.question.quantifiers}
    return [letter for letter in _LETTERS if letter not in used]


def by_entries(case: Case) -> Case | None:
    """A case of a gradient by a whole array as that of one entry, for every one; ``None`` for any other case."""
    other = case.other
    if not isinstance(other, typed.Derivative) or other.kind != "gradient" or other.transposed or case.misfit:
        return None
    target = other.target
    axes = [axis for axis, size in enumerate(target.shape) if size != 1]
    letters = _free_letters(case)
    if target.subscripts is not None or target.kind == "bound" or not axes or len(letters) < 2 * len(axes):
        return None
    if case.claimed.shape != other.shape:
        return None
    span = case.claimed.span
    found = [
        Quantifier(letter, f"{letter} of each", target.shape[axis])
        for axis, letter in zip(axes, letters, strict=False)
    ]
    place: list[Expr] = [number(0, span) for _ in target.shape]
    for axis, quantifier in zip(axes, found, strict=True):
        place[axis] = typed.Bound((), span, quantifier.name, quantifier.key)
    entry = replace(target, subscripts=tuple(place), shape=())
    left = replace(other, shape=(), target=entry)
    right = typed.Element((), span, case.claimed, tuple(place))
    quantifiers = (*case.question.quantifiers, *found)
    return open_case(replace(case.question, link=case.link(right, left), quantifiers=quantifiers))
