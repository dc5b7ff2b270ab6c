"""Owns equations that are no identities: what is set to 0 is a condition, and what follows may hold only under it; a
name that is said to be a number may be one, too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from derivcheck.lang.typed import Defined, Derivative, Element, Expr, Number, postorder
from derivcheck.model import Claim, Link
from derivcheck.notes.rounding import constant
from derivcheck.notes.statements import SECTIONS
from derivcheck.source import Source

#: What is said of something that is set to 0.
CONDITION = "this may be a condition, to be solved: it does not hold everywhere"

#: A numbered paragraph.
_NUMBERED = re.compile(r"\n[ \t>]*\(?(?:\d{1,3}|[a-z])[.)]\s|\\item\b")


def _ends(between: str) -> bool:
    """Whether another exercise begins in a text."""
    return SECTIONS.search(between) is not None or _NUMBERED.search(between) is not None


def set_to_0(claim: Claim, definitions: Mapping[str, Expr]) -> list[int]:
    """The links of a chain in which something that is no number is set to 0."""
    links = claim.statement.links if claim.statement is not None else ()
    return [
        place
        for place, link in enumerate(links)
        for one, other in ((link.left, link.right), (link.right, link.left))
        if isinstance(one, Number) and one.value == 0 and not constant(other, definitions)
    ]


def is_set(link: Link, definitions: Mapping[str, Expr]) -> bool:
    """Whether a link gives a name that depends on something a value in numbers: ``a kink at $u_i = 1$``."""
    for one, other in ((link.left, link.right), (link.right, link.left)):
        name = one.base if isinstance(one, Element) else one
        if isinstance(name, Defined) and not constant(name, definitions):
            return not any(isinstance(part, Defined) for part in postorder(other)) and constant(other, definitions)
    return False


def conditional(
    claims: Sequence[Claim], definitions: Mapping[str, Expr], source: Source
) -> Iterator[tuple[str, str]]:
    """The claims that may hold only where something is 0 that was set to 0 before them, and why: equations between
    expressions, in the same exercise. What says what a derivative or a defined name is, is meant everywhere, and
    between numbers there is nothing to solve."""
    condition: Claim | None = None
    for claim in sorted(claims, key=lambda one: one.span):
        if condition is not None and _ends(source.text[condition.span.end : claim.span.start]):
            condition = None
        if set_to_0(claim, definitions):
            condition = claim
        elif condition is not None and claim.statement is not None:
            links = claim.statement.links
            numbers = all(constant(side, definitions) for link in links for side in (link.left, link.right))
            if not numbers and not isinstance(links[0].left, Derivative | Defined):
                line = source.position(condition.span.start)[0]
                yield claim.id, f"it may follow from what was set to 0 in line {line}, and hold only there"
