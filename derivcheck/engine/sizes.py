"""Owns the choice of explicit sizes for symbolic dimensions, and which dimensions and names a claim reaches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, children, least_sizes
from derivcheck.model import Claim, Derivation


@dataclass(frozen=True, slots=True)
class Reach:
    """What expressions are made from, through all definitions: variables (in order of declaration), dimensions
    (sorted), and the least size that the literal indices ask of each dimension."""

    variables: tuple[str, ...]
    dims: tuple[str, ...]
    least: Mapping[str, int]
    differentiates: bool


def reach(derivation: Derivation, claim: Claim, exprs: Sequence[Expr]) -> Reach:
    """What the expressions of a claim are made from."""
    names: set[str] = set()
    dims: set[str] = set()
    least: dict[str, int] = {}
    differentiates = False
    seen: set[int] = set()
    stack = list(exprs)
    for root in exprs:
        _raise_to(least, least_sizes(root))
    while stack:
        node = stack.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        dims.update(d for d in node.shape if isinstance(d, str))
        for name in _named(node):
            if name not in names:
                names.add(name)
                if name in derivation.variables:
                    dims.update(d for d in derivation.variables[name].shape if isinstance(d, str))
                elif name not in claim.at:
                    definition = derivation.definitions[name]
                    _raise_to(least, least_sizes(definition))
                    stack.append(definition)
        if isinstance(node, typed.Dimension):
            dims.add(node.name)
        if isinstance(node, typed.BigOp) and isinstance(node.size, str):
            dims.add(node.size)
        if isinstance(node, typed.Derivative) or (isinstance(node, typed.Apply | typed.Opaque) and node.order):
            differentiates = True
        stack.extend(children(node))
    variables = tuple(name for name in derivation.variables if name in names)
    return Reach(variables, tuple(sorted(dims)), least, differentiates)


def _named(node: Expr) -> tuple[str, ...]:
    if isinstance(node, typed.Variable | typed.Defined):
        return (node.name,)
    if isinstance(node, typed.Derivative) and node.target.kind != "bound":
        return (node.target.name,)
    return ()


def _raise_to(least: dict[str, int], more: Mapping[str, int]) -> None:
    for name, size in more.items():
        least[name] = max(least.get(name, 1), size)


def choices(derivation: Derivation, claim: Claim, found: Reach) -> Iterator[dict[str, int]]:
    """Sizes to try, the ones for proofs first: pairwise distinct and at least 2; then the other way round, then
    larger ones (``(n - 1)*(n - 2) == 0``), and the least there are. Dimensions that the spec or the claim's point
    fix have their size."""
    # of all dimensions, so that the claims of a derivation share their points and components
    every = sorted({d for v in derivation.variables.values() for d in v.shape if isinstance(d, str)} | {*found.dims})
    free = [d for d in every if d not in claim.sizes]
    fixed = {d: claim.sizes[d] for d in every if d in claim.sizes}
    tried: list[dict[str, int]] = []
    for order, start in ((free, 2), (free[::-1], 2), (free, 3), (free[::-1], 4), (free, 1)):
        sizes = dict(fixed)
        for dim in order:
            rule = derivation.dims.get(dim)
            low = max(start, found.least.get(dim, 1), rule.least if rule else 1)
            taken = set(sizes.values()) if start > 1 else set()
            while low in taken:
                low += 1
            sizes[dim] = rule.exact if rule and rule.exact is not None else low
        ordered = {d: sizes[d] for d in every}
        if ordered not in tried:
            tried.append(ordered)
            yield ordered


def representative(sizes: Mapping[str, int], found: Reach, claim: Claim) -> bool:
    """Whether sizes are such that a proof at them says something: no free dimension has size 1 by choice."""
    return all(n > 1 or d in claim.sizes or d not in found.dims for d, n in sizes.items())


def told(derivation: Derivation, claim: Claim, found: Reach, sizes: Mapping[str, int]) -> str:
    """For which sizes something was shown: ``every`` if no dimension was free, else like ``h=3, n=2``."""
    rules = derivation.dims
    free = [d for d in found.dims if d not in claim.sizes and not (d in rules and rules[d].exact is not None)]
    return ", ".join(f"{d}={sizes[d]}" for d in free) or "every"
