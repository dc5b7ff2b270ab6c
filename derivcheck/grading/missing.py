"""Owns where a claim of the key may yet be that no chain of a submission states: what a human has to look at."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from derivcheck.grading.chains import Chain
from derivcheck.grading.court import Court
from derivcheck.grading.expressions import Indices
from derivcheck.grading.match import TELLING, Asked, derivatives
from derivcheck.grading.subjects import Subjects
from derivcheck.grading.words import lines
from derivcheck.lang.typed import Defined, Derivative
from derivcheck.notes.model import Formula, Note

#: Signs by which an unread formula may state something.
_RELATIONS = ("=", "\\approx", "\\equiv", "\\simeq", "≈")
#: Signs of a derivative among what is no command; and those for one by a number.
_DERIVATIVE = re.compile(r"\\(partial|nabla|delta|Delta)|[dD∂∇]")
_COMMAND = re.compile(r"\\(?!partial|nabla|delta|Delta)[A-Za-z]+")
_PRIMES = ("'", "\\prime", "′", "\\dot")
_SUBSCRIPT = re.compile(r"_\s*(?:\{[^{}]*\}|\\?[A-Za-z]+)")
#: How many names of a note's own are compared with what was not found.
_MOST_OWN = 40


@dataclass(frozen=True, slots=True)
class Search:
    """Looks in a submission for claims that were not found; ``own`` are the names that it brought in, ``owned`` the
    chains that state another claim of the key."""

    note: Note
    chains: Sequence[Chain]
    subjects: Subjects
    court: Court
    own: Sequence[str]
    owned: Collection[int]

    def reasons(self, asked: Asked) -> list[str]:
        """Where a claim that was not found may yet be."""
        reasons = []
        unread = self.unread(asked)
        if unread:
            reasons.append(f"not found, but what stands in {lines(unread)} could not be read")
        defined = self._defined(asked)
        if defined:
            reasons.append(f"not stated, but the note's own {defined} is equal to it, perhaps up to a factor")
        near = [
            self._line(chain.span.start)
            for chain in self.chains
            if chain.number not in self.owned
            and (any(asked.is_near(term.subject) for term in chain.terms) or self._within(asked, chain))
        ]
        if near:
            reasons.append(f"not found as a whole, but {lines(near)} may state a part of it")
        ends = self._ends(asked) if not reasons else []
        if ends:
            reasons.append(f"not stated, but {lines(ends)} may end in it, without saying of what")
        return reasons

    def unread(self, asked: Asked) -> list[int]:
        """The lines of what could not be read and may state a claim."""
        return [
            self._line(left.span.start)
            for formula in self.note.formulas
            if formula.problem is not None and self._says(formula, asked)
            for left in formula.not_read
        ]

    def _within(self, asked: Asked, chain: Chain) -> bool:
        """Whether a chain begins or ends with an expression in which what is asked for stands: ``m ∂J/∂b``."""
        return any(
            term.subject is not None
            and term.subject.kind == "expression"
            and term.value is not None
            and any(asked.about(inner) for inner in derivatives(term.value, self.subjects, chain.claim))
            for term in (chain.terms[0], chain.terms[-1])
        )

    def _ends(self, asked: Asked) -> list[int]:
        """The lines of chains that are about nothing and end in what is asked for."""
        statement = asked.claim.statement
        if asked.numeric or statement is None or statement.quantifiers:
            return []
        found = []
        for chain in self.chains:
            last = chain.terms[-1]
            about = any(term.subject is not None and term.subject.kind in TELLING for term in chain.terms)
            if about or chain.quantifiers or last.value is None or last.value.shape != asked.head.shape:
                continue
            link = replace(statement.links[-1], left=asked.head, right=last.value, relation="==")
            if self.court.rule(asked.claim, link).proved:
                found.append(self._line(last.span.start))
        return found

    def _defined(self, asked: Asked) -> str:
        """A name of the note's own that has the value that is asked for, or a multiple of it, though it nowhere says
        so."""
        statement = asked.claim.statement
        if asked.numeric or statement is None or statement.quantifiers:
            return ""
        link = statement.links[0]
        for name in self.own[:_MOST_OWN]:
            value = self.note.derivation.definitions[name]
            if value.shape != asked.head.shape or isinstance(value, Derivative):
                continue
            same = replace(link, right=Defined(value.shape, link.span, name), relation="==")
            if self.court.rule(replace(asked.claim, up_to="positive factor"), same).proved:
                return name
        return ""

    def _says(self, formula: Formula, asked: Asked) -> bool:
        """Whether an unread formula may state what is asked for: it has a relation, and signs of a derivative."""
        text = self.note.source.text[formula.content.start : formula.content.end]
        if not any(sign in text for sign in _RELATIONS):
            return False
        opened = self.subjects.opened(asked.head, Indices())
        if opened is None or opened.target is None:
            return True
        if not opened.target.shape and (
            any(sign in text for sign in _PRIMES) or self._below(opened.target.name, text)
        ):
            return True
        return _DERIVATIVE.search(_COMMAND.sub(" ", text)) is not None

    def _below(self, name: str, text: str) -> bool:
        """Whether a letter that is differentiated by stands in a subscript: ``f_x``, ``f_{xy}``."""
        spelled = (name, *self.subjects.spellings(name))
        return any(letter in found[0] for found in _SUBSCRIPT.finditer(text) for letter in spelled)

    def _line(self, offset: int) -> int:
        return self.note.source.position(offset)[0]
