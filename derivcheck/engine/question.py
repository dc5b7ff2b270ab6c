"""Owns one link of a claim as it is put to the engine, with what its strategies ask of it; and the answer."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from derivcheck.engine.session import Session
from derivcheck.engine.sizes import STARTS, Reach, choices, is_smooth, reach
from derivcheck.engine.spaces import Constants, Space, constants_in
from derivcheck.engine.straight import Program, program
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Claim, Derivation, Link
from derivcheck.verdict import Verdict, Witness

#: Expressions inside one another, beyond which there is no program, and no short way to a proof.
MOST_STRAIGHT = 60


@dataclass(frozen=True, slots=True)
class Question:
    """One link to be judged: ``left relation right`` of a claim of the session's derivation."""

    session: Session
    claim: Claim
    link: Link
    quantifiers: tuple[Quantifier, ...]
    seed: int
    _known: dict[Hashable, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def derivation(self) -> Derivation:
        """The derivation that the claim is of."""
        return self.session.derivation

    @property
    def conditions(self) -> tuple[Expr, ...]:
        """What is assumed."""
        return (*self.derivation.assume, *self.claim.when)

    def is_higher_than(self, most: int) -> bool:
        """Whether its deepest part is nested more deeply than that: no more deeply than it has parts."""
        return (bool(self.claim.at) or self.reach().nodes > most) and self.height() > most

    def height(self) -> int:
        """How deeply the deepest part of it is nested."""
        return max(self.session.names.height(e) for e in (self.link.left, self.link.right, *self.conditions))

    def reach(self) -> Reach:
        """What it is made from."""
        found: Reach | None = self._known.get("reach")
        if found is None:
            sides = (self.link.left, self.link.right)
            found = reach(self.derivation, self.claim, sides, self.conditions, self.quantifiers)
            self._known["reach"] = found
        return found

    def spaces(self, starts: Sequence[tuple[int, bool]] = STARTS) -> list[Space]:
        """Its points at every choice of sizes, the ones for proofs first."""
        found: list[Space] | None = self._known.get(starts)
        if found is None:
            found = self._known[starts] = _spaces_of(self, self.reach(), starts)
        return found

    def is_smooth(self) -> bool:
        """Whether points show every difference of its two sides."""
        return is_smooth(self.derivation, self.reach(), self.link, self.quantifiers)

    def is_plain(self, space: Space) -> bool:
        """Whether it is a claim of numbers about which nothing further is given."""
        alone = not (self.link.left.shape or self.link.right.shape or space.given or space.local)
        alone = alone and not self.derivation.functions and all(q.size is None for q in self.quantifiers)
        return alone and not self.is_higher_than(MOST_STRAIGHT)

    def program(self, space: Space) -> Program | None:
        """Its program, if it is a claim of numbers that has one."""
        if "program" not in self._known:
            left, right = self.link.left, self.link.right
            self._known["program"] = (
                program(self.derivation, self.session.names, space.bound, left, right)
                if self.is_plain(space)
                else None
            )
        found: Program | None = self._known["program"]
        return found


@dataclass(frozen=True, slots=True)
class Answer:
    """The verdict on one link."""

    verdict: Verdict
    because: str
    sizes: str | None = None
    witness: Witness | None = None
    notes: tuple[str, ...] = ()
    diagnosis: str | None = None
    diagnosis_kind: str | None = None


def _spaces_of(question: Question, found: Reach, starts: Sequence[tuple[int, bool]]) -> list[Space]:
    roots = (question.link.left, question.link.right, *question.conditions)
    constants = cache(partial(constants_in, roots, question.derivation.definitions))
    chosen = choices(question.derivation, question.claim, found, starts)
    return [_space_of(question, found, sizes, constants) for sizes in chosen]


def _space_of(question: Question, found: Reach, sizes: dict[str, int], constants: Constants) -> Space:
    bound = {q.key: q.domain for q in question.quantifiers if q.domain is not None}
    scalars = (q for q in question.quantifiers if q.domain is not None and q.domain.kind != "integer")
    question.session.names.bind_scalars(q.key for q in scalars)
    indices = {q.key for q in question.quantifiers if q.size is not None}
    keys = question.session.names.keys
    local = tuple(c for c in question.conditions if indices.intersection(keys(c)))
    return Space(
        session=question.session,
        variables={name: question.derivation.variables[name] for name in found.variables},
        sizes=sizes,
        bound=bound,
        given=question.claim.at,
        conditions=tuple(c for c in question.conditions if c not in local),
        local=local,
        constants_of=constants,
        names={q.key: q.name for q in question.quantifiers},
        free=bool(bound or question.derivation.functions) or not found.sides <= set(question.claim.at),
    )
