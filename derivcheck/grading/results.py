"""Owns the plain values of steps and formulas: what was found, with its places in the submission's text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from derivcheck.grading.chains import Chain
from derivcheck.grading.model import FormulaResult, StepResult
from derivcheck.grading.steps import Marked, Step
from derivcheck.notes.model import Formula, Note, Suggestion
from derivcheck.source import Span
from derivcheck.verdict import NestedText, Verdict, Witness


@dataclass(frozen=True, slots=True)
class Results:
    """Makes plain values of what was marked in a note."""

    note: Note
    chains: Sequence[Chain]
    marked: Marked
    suggested: tuple[Suggestion, ...] = ()

    def steps(self, of: Mapping[int, str]) -> tuple[StepResult, ...]:
        """The steps, with the claims of the key for which they count."""
        return tuple(self._step(step, of.get(number)) for number, step in enumerate(self.marked.steps))

    def formulas(self) -> tuple[FormulaResult, ...]:
        """The formulas, with the numbers of the steps in them."""
        numbers = {chain.claim.id: chain.number for chain in self.chains}
        told: dict[int, list[str]] = {}
        for one in self.suggested:
            proved = ", which is proved" if one.verdict is Verdict.PROVED else ""
            told.setdefault(one.formula, []).append(f"{one.words}: {one.text}{proved}")
        return tuple(
            replace(self._formula(formula, numbers), suggestions=tuple(told.get(number, ())))
            for number, formula in enumerate(self.note.formulas)
        )

    def _line(self, offset: int) -> int:
        return self.note.source.position(offset)[0]

    def _step(self, step: Step, of: str | None) -> StepResult:
        chain = self.chains[step.chain]
        left, right = chain.terms[step.index], chain.terms[step.index + 1]
        witness = step.ruling.report.witness if step.ruling is not None else None
        return StepResult(
            claim=chain.claim.id,
            index=step.index,
            of=of,
            start=right.span.start,
            end=right.span.end,
            line=self._line(right.span.start),
            left=left.text,
            relation=chain.relations[step.index],
            right=right.text,
            verdict=step.verdict,
            mark=step.mark,
            because=step.because,
            witness=() if witness is None else _witness(witness),
            kind=step.kind,
            diagnosis=step.diagnosis,
            carried_from="" if step.carried_from is None else self._place_of(self.marked.steps[step.carried_from]),
        )

    def _place_of(self, step: Step) -> str:
        return f"line {self._line(self.chains[step.chain].terms[step.index + 1].span.start)}"

    def _formula(self, formula: Formula, numbers: Mapping[str, int]) -> FormulaResult:
        here: list[int] = []
        for part in formula.parts:
            if part.claim is not None and part.claim in numbers:
                of_chain = self.marked.of_chain[numbers[part.claim]]
                here += [n for n in of_chain if part.links[0] <= self.marked.steps[n].index < part.links[1]]
        problem = formula.problem
        place = problem.span if problem is not None and problem.span is not None else Span(0, 0)
        return FormulaResult(
            formula.span.start,
            formula.span.end,
            formula.content.start,
            formula.content.end,
            self._line(formula.span.start),
            formula.display,
            tuple(part.kind for part in formula.parts),
            tuple(here),
            "" if problem is None else problem.message,
            (problem.hint or "") if problem is not None else "",
            place.start,
            place.end,
            (*(remark for part in formula.parts for remark in part.remarks), *self._also(formula)),
            unread=tuple((one.span.start, one.span.end) for one in formula.unread),
        )

    def _also(self, formula: Formula) -> Iterator[str]:
        """What else of a formula was not read, and why."""
        for one in formula.unread[1:]:
            yield f"line {self._line(one.span.start)} was not read either: {one.problem.message}"


def _witness(witness: Witness) -> tuple[tuple[str, str], ...]:
    """A counterexample in lines: the point, and what the two sides come to there."""
    told = [(name, _nested(value)) for name, value in witness.point.items()]
    told += [(name, value) for name, value in witness.index.items()]
    told += [(f"size of {name}", str(size)) for name, size in witness.sizes.items()]
    return (*told, ("left side", witness.left), ("right side", witness.right))


def _nested(value: NestedText) -> str:
    if isinstance(value, str):
        return value
    return "[" + ", ".join(_nested(one) for one in value) + "]"
