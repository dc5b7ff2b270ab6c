"""Owns the points at which a link was looked at, told in full: what somebody else needs to look there again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.engine import jets
from derivcheck.engine.compare import Pair, witness
from derivcheck.engine.decide import MOST_VALUES
from derivcheck.engine.draws import Stage
from derivcheck.engine.numbers import displayed
from derivcheck.engine.points import draw_points
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.engine.sizes import choices
from derivcheck.model import Claim, Derivation, Link
from derivcheck.verdict import Witness

#: Points at one choice of sizes after the other: of short fractions, of fine ones, of many scales. Sizes are small:
#: whoever looks again looks at every entry.
STARTS = ((2, False), (2, True), (1, False))
STAGES: tuple[tuple[Stage, ...], ...] = (("plain", "fine", "wide"), ("plain",), ("plain",))


class Recorder:
    """Tells points of the claims of one derivation."""

    def __init__(self, derivation: Derivation, seed: int) -> None:
        self._session = Session(derivation)
        self._seed = seed

    def points(self, claim: Claim, link: Link) -> Iterator[Witness]:
        """Points that meet the assumptions, at several sizes; without values of the two sides."""
        assert claim.statement is not None
        question = Question(self._session, claim, link, claim.statement.quantifiers, self._seed)
        found, nothing = question.reach(), jets.rational(0)
        chosen = choices(question.derivation, claim, found, STARTS, distinct=False)
        spaces = (replace(question.spaces()[0], sizes=sizes) for sizes in chosen)
        for space, stages in zip(spaces, STAGES, strict=False):
            for stage in stages if space.entries <= MOST_VALUES else ():
                for point in draw_points(space, stage, self._seed, 1):
                    yield witness(space, point, Pair((), (), nothing, nothing, nothing), found)
                if not space.free:
                    break


def within(claim: Claim, link: Link) -> tuple[str, ...]:
    """How far the sides of ``left ≈ right`` may be apart, by entry or for all of them alike; nothing of ``==``."""
    if link.relation != "≈":
        return ()
    if claim.tolerance is not None:
        return (str(claim.tolerance),)
    return tuple(str(number.half) for number in displayed(link.right) or ())
