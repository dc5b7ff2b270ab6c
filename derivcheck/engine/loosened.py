"""Owns claims whose arrays are too large to be looked at: whether they mean the same with the sizes of the spec left
open, so that a proof for every size is one for these.

A name of a size and the size itself may stand for each other while sizes are known. A claim is taken only where that
cannot have happened: the sizes of the spec are different from each other, and from every number that is a size or
could be one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, Quantifier, children
from derivcheck.model import Claim, Derivation

#: Sizes that are left open are at least this (or what the spec says, if that is less).
LEAST = 2


def loosened(derivation: Derivation) -> Derivation:
    """A derivation with the sizes of dimensions left open."""
    dims = {
        name: rule if rule.exact is None else replace(rule, exact=None, least=min(LEAST, rule.exact))
        for name, rule in derivation.dims.items()
    }
    return replace(derivation, dims=dims)


def is_free_of_sizes(
    derivation: Derivation, claim: Claim, roots: Sequence[Expr], quantifiers: Sequence[Quantifier]
) -> bool:
    """Whether a claim with the sizes left open is well formed, and is the same claim at the sizes of the spec."""
    known = [rule.exact for rule in derivation.dims.values() if rule.exact is not None]
    if claim.at or claim.sizes or not known or len(set(known)) < len(known) or min(known) < LEAST:
        return False
    numbers = {q.size for q in quantifiers if isinstance(q.size, int)}
    for variable in derivation.variables.values():
        numbers.update(d for d in variable.shape if isinstance(d, int))
    for e in _parts(derivation, roots):
        numbers.update(d for d in e.shape if isinstance(d, int))
        if isinstance(e, typed.BigOp) and isinstance(e.size, int):
            numbers.add(e.size)
        if isinstance(e, typed.ArrayOp) and e.name in ("reshape", "concat"):
            return False
        if not all(isinstance(s, typed.Number | typed.Bound | None) for s in _subscripts(e)):
            return False
    return numbers.isdisjoint(known)


def _parts(derivation: Derivation, roots: Sequence[Expr]) -> Iterator[Expr]:
    def inside(e: Expr) -> tuple[Expr, ...]:
        return (derivation.definitions[e.name],) if isinstance(e, typed.Defined) else children(e)

    for root in roots:
        yield from typed.postorder(root, inside)


def _subscripts(e: Expr) -> tuple[typed.Subscript, ...]:
    if isinstance(e, typed.Element):
        return e.subscripts
    if isinstance(e, typed.Derivative):
        return e.target.subscripts or ()
    return ()
