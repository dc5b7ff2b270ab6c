"""Owns several changes of one formula: what is said of them together, and the correction that they make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivcheck.diagnose.case import Candidate
from derivcheck.lang.typed import Expr


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed: the kind of mistake that this undoes, and words for it."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class Changed:
    """A formula as it may have been meant, and what was changed for that."""

    side: Expr
    changes: tuple[Change, ...] = ()

    def then(self, side: Expr, *changes: Change) -> Changed:
        """The same after further changes, which make ``side``."""
        return replace(self, side=side, changes=(*self.changes, *changes))

    def after(self, one: Candidate) -> Changed:
        """The same after a correction."""
        return self.then(one.side, Change(one.kind, one.words))

    @property
    def candidate(self) -> Candidate:
        """The correction that all changes make."""
        kinds = {one.kind for one in self.changes}
        words = joined([one.words for one in self.changes])
        return Candidate(kinds.pop() if len(kinds) == 1 else "several", words, self.side)


#: What single diagnoses say is missing: transposes, factors, and anything else.
_MISSING: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("transpose", re.compile(r"a transpose is missing, of (.+)")),
    ("factor", re.compile(r"(?:a|the) factor (.+?) is missing")),
    ("", re.compile(r"((?:a|the) .+?) is missing")),
)


def joined(words: Sequence[str]) -> str:
    """What several changes are said to be: what is missing first, then the rest."""
    if len(words) == 1:
        return words[0]
    missing: dict[str, list[str]] = {kind: [] for kind, _ in _MISSING}
    rest: list[str] = []
    for one in words:
        found = ((kind, pattern.fullmatch(one)) for kind, pattern in _MISSING)
        kind, match = next(((kind, match) for kind, match in found if match), ("", None))
        if match is None:
            rest.append(one)
        else:
            missing[kind].append(match[1])
    turned, factors, others = missing["transpose"], missing["factor"], missing[""]
    nouns = [f"the transpose{'s' * (len(turned) > 1)} of {listed(turned)}"] if turned else []
    nouns += [f"the factor{'s' * (len(factors) > 1)} {listed(factors)}"] if factors else []
    nouns += others
    many = len(turned) + len(factors) + len(others) > 1
    told = [f"{listed(nouns)} {'are' if many else 'is'} missing"] if nouns else []
    return ", and ".join([*told, *rest])


def listed(words: Sequence[str]) -> str:
    """``a, b and c``; with commas alone where there are lists inside."""
    if any(" and " in word for word in words[:-1]):
        return ", ".join([*words[:-1], f"and {words[-1]}"])
    return " and ".join([*([", ".join(words[:-1])] if len(words) > 1 else []), words[-1]])
