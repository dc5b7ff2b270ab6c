"""Owns suggestions: what a formula may have been before its transcription damaged it. They are never applied.

Of an unread formula the damage is looked for where the reading stopped, then where it stops next, the smallest change
first; of a refuted one, a single damage is looked for with which it is proved. The work is bounded by counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from itertools import islice

from derivcheck.errors import Problem, Refused
from derivcheck.model import Derivation
from derivcheck.notes import damage
from derivcheck.notes.damage import Edit
from derivcheck.notes.model import Formula, Note, Suggestion
from derivcheck.notes.read import read_note
from derivcheck.notes.settle import of_claim, questions, settle
from derivcheck.outcome import FAILING
from derivcheck.run import Already, Kind, Options, Run
from derivcheck.source import Source, Span
from derivcheck.verdict import ClaimReport, Verdict

#: Readings that are tried for one unread formula, changes in one, and readings of it that are judged.
MOST_READ = 40
MOST_CHANGES = 6
MOST_JUDGED = 2
#: Other readings of one refuted formula that are judged, and formulas of a note that are looked at.
MOST_OTHERS = 8
MOST_FORMULAS = 40
#: What may have to be changed, at most, in a formula that then has a mistake, and the mistakes by which it is told:
#: no such with which anything can be explained.
MOST_DAMAGE = 2
PLAUSIBLE = frozenset(
    ["transpose", "order", "product", "missing sum", "sum or mean", "axis", "missing factor", "factor of a size",
     "several"]
)  # fmt: skip
#: Formulas that are read again, in all, to see what a changed one states where it stands.
MOST_REREAD = 10_000
#: Characters between damage and the sign at which the reading stops for it.
NEAR = 3
#: Longest formula that is looked at.
LONGEST = 1_500


def suggestions(
    note: Note, reports: Sequence[ClaimReport], key: Derivation | None = None, options: Options | None = None
) -> tuple[Suggestion, ...]:
    """Other readings of the formulas of a note that are unread, or state something that is refuted: of an unread one
    the smallest change with which it is proved, or else with which it is read whole; of a refuted one the smallest
    with which it is proved."""
    return suggestions_of([(note, reports)], key, options)[0]


def suggestions_of(
    notes: Sequence[tuple[Note, Sequence[ClaimReport]]], key: Derivation | None = None, options: Options | None = None
) -> list[tuple[Suggestion, ...]]:
    """The suggestions for several notes, whose readings are judged together."""
    candidates: list[tuple[list[_Candidate], list[_Candidate]]] = []
    for note, reports in notes:
        desk = _Desk(note, key)
        unread = [one for number in islice(desk.unread(), MOST_FORMULAS) for one in desk.whole(number)]
        refuted = islice(desk.refuted(reports), MOST_FORMULAS)
        candidates.append((unread, [one for number in refuted for one in desk.others(number)]))
    every = [one for pair in candidates for some in pair for one in some]
    found = iter(_judged(every, key, replace(options or Options(), claims=(), timings=False)))
    made: list[tuple[Suggestion, ...]] = []
    for unread, others in candidates:
        told = [*_best(unread, [next(found) for _ in unread]),
                *_best(others, [next(found) for _ in others], only_proved=True)]  # fmt: skip
        made.append(tuple(sorted(told, key=lambda one: one.formula)))
    return made


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A formula as it may have been, and the note with it in place."""

    formula: int
    text: str
    words: tuple[str, ...]
    cost: int
    note: Note

    def claims(self) -> tuple[str, ...]:
        """The ids of the claims of which a part stands in the formula."""
        parts = self.note.formulas[self.formula].parts
        return tuple(dict.fromkeys(part.claim for part in parts if part.claim is not None))


@dataclass(order=True, slots=True)
class _Try:
    """A changed formula in the queue: the least change first, and among these the first found."""

    cost: int
    order: int
    text: str = field(compare=False)
    words: tuple[str, ...] = field(compare=False)


class _Desk:
    """The note at hand, and what has to be known to read it again."""

    def __init__(self, note: Note, key: Derivation | None) -> None:
        self._note = note
        self._key = key
        self._left = MOST_REREAD

    # --- which formulas

    def unread(self) -> Iterator[int]:
        """The unread formulas that a person can have meant as one."""
        for number, formula in enumerate(self._note.formulas):
            if formula.problem is not None and self._fits(formula):
                yield number

    def refuted(self, reports: Sequence[ClaimReport]) -> Iterator[int]:
        """The formulas in which the first wrong step of a refuted claim stands."""
        places = sorted(report.span for report in reports if report.verdict is Verdict.REFUTED)
        for number, formula in enumerate(self._note.formulas):
            if any(formula.span.start <= one.start < formula.span.end for one in places) and self._fits(formula):
                yield number

    def _fits(self, formula: Formula) -> bool:
        return formula.content.end - formula.content.start <= LONGEST

    def _text(self, number: int) -> str:
        place = self._note.formulas[number].content
        return self._note.source.text[place.start : place.end]

    # --- unread formulas

    def whole(self, number: int) -> list[_Candidate]:
        """The smallest changes with which a formula is read whole."""
        start = self._text(number)
        waiting, seen, order = [_Try(0, 0, start, ())], {start}, 0
        found: list[_Candidate] = []
        for _ in range(MOST_READ):
            if not waiting or len(found) == MOST_JUDGED:
                break
            one = heappop(waiting)
            problem = self._problem(one.text)
            if problem is None:
                candidate = self._placed(number, one.text, one.words, one.cost) if one.words else None
                found += [candidate] if candidate is not None else []
                continue
            if len(one.words) == MOST_CHANGES:
                continue
            for edit in _near(one.text, problem):
                if edit.text not in seen:
                    seen.add(edit.text)
                    order += 1
                    heappush(waiting, _Try(one.cost + edit.cost, order, edit.text, (*one.words, edit.words)))
        return found

    def _problem(self, text: str) -> Problem | None:
        """What stops the reading of a formula by itself, by all names of the note; its place counts from the text."""
        try:
            read = read_note(Source("formula.md", f"$${text}$$"), self._note.derivation)
        except Refused as refused:
            return refused.problems[0]
        if len(read.formulas) != 1:
            return Problem("latex", "this is not one formula")
        problem = read.formulas[0].problem
        if problem is None or problem.span is None:
            return problem
        return replace(problem, span=Span(max(0, problem.span.start - 2), max(0, problem.span.end - 2)))

    # --- refuted formulas

    def others(self, number: int) -> list[_Candidate]:
        """Single changes with which a formula can still be read."""
        text = self._text(number)
        edits = sorted(_silent(text), key=lambda edit: edit.cost)
        found: list[_Candidate] = []
        for edit in islice(edits, MOST_READ):
            if len(found) == MOST_OTHERS:
                break
            if self._problem(edit.text) is None:
                candidate = self._placed(number, edit.text, (edit.words,), edit.cost)
                found += [candidate] if candidate is not None and candidate.claims() else []
        return found

    def _placed(self, number: int, text: str, words: tuple[str, ...], cost: int) -> _Candidate | None:
        """The note up to a formula, with that one changed, if it can be read there."""
        if self._left < 0:
            return None
        self._left -= number + 1
        source, formula = self._note.source, self._note.formulas[number]
        place = formula.content
        changed = source.text[: place.start] + text + source.text[place.end : formula.span.end]
        try:
            note = read_note(Source(source.path, changed), self._key)
        except Refused:
            return None
        if len(note.formulas) != number + 1 or note.formulas[number].problem is not None:
            return None
        return _Candidate(number, text, words, cost, note)


# --- judging


def _judged(
    candidates: Sequence[_Candidate], key: Derivation | None, options: Options
) -> list[dict[str, ClaimReport]]:
    """What is found of the claims of every candidate, by their ids."""
    if not candidates:
        return []
    from derivcheck.notes.check import again

    work: list[Already] = []
    for one in candidates:
        asked, wanted = questions(one.note), one.claims()
        numbers = frozenset(n for n, claim in enumerate(asked) if of_claim(claim.id) in wanted)
        work.append(Already(replace(one.note.derivation, claims=asked), numbers))
    run = Run((), options, Kind(again=again(key)), work)
    return [{report.id: report for report in spec.claims} for spec in run.execute().specs]


def _best(
    candidates: Sequence[_Candidate], judged: Sequence[dict[str, ClaimReport]], *, only_proved: bool = False
) -> list[Suggestion]:
    """Of each formula the first candidate that is proved, or else the first that is worth telling."""
    made: dict[int, Suggestion] = {}
    for one, found in zip(candidates, judged, strict=True):
        suggestion, hopeful = _suggestion(one, found)
        known, proved = made.get(one.formula), suggestion.verdict is Verdict.PROVED
        better = known is None or (proved and known.verdict is not Verdict.PROVED)
        if better and (proved or (not only_proved and (hopeful or _tells(one, suggestion.verdict)))):
            made[one.formula] = suggestion
    return list(made.values())


def _suggestion(one: _Candidate, found: dict[str, ClaimReport]) -> tuple[Suggestion, bool]:
    """What a candidate comes to, the worst verdict of the steps that stand in the formula; and whether it is likely
    to be what was written: a step of it is proved, or it is known what mistake it has, and little was changed."""
    bare = Suggestion(one.formula, one.text, " and ".join(one.words))
    verdicts: list[tuple[Verdict, str | None]] = []
    diagnosed = False
    for part in one.note.formulas[one.formula].parts:
        claim = next((c for c in one.note.derivation.claims if c.id == part.claim), None)
        if claim is None:
            continue
        try:
            report = settle(one.note, claim, lambda asked: found[asked.id])
        except KeyError:  # a fault of the engine: nothing is known of it
            verdicts.append((Verdict.UNDECIDED, None))
            continue
        steps = report.steps[slice(*part.links)]
        diagnosed = diagnosed or report.diagnosis_kind in PLAUSIBLE
        verdicts += [(step.verdict, report.diagnosis or _why(report)) for step in steps]
        if not steps:
            verdicts.append((report.verdict, report.diagnosis or _why(report)))
    if not verdicts:
        return bare, False
    verdict, because = max(verdicts, key=lambda one: _WORST.index(one[0]))
    made = replace(bare, verdict=verdict, because=because if verdict in FAILING else None)
    return made, any(one is Verdict.PROVED for one, _ in verdicts) or (diagnosed and one.cost <= MOST_DAMAGE)


#: Verdicts from the best to the worst.
_WORST = (Verdict.PROVED, Verdict.SUPPORTED, Verdict.UNDECIDED, Verdict.INVALID, Verdict.REFUTED)


def _why(report: ClaimReport) -> str:
    """Why something is not proved; of what has no meaning also what may be done."""
    hint = next((problem.hint for problem in report.problems if problem.hint), None)
    return report.because + (f"; {hint}" if hint else "")


def _tells(one: _Candidate, verdict: Verdict | None) -> bool:
    """Whether a reading that is not proved is worth telling: what takes several changes to be wrong is no reading."""
    return one.cost < 2 or verdict in (Verdict.SUPPORTED, Verdict.UNDECIDED)


def _near(text: str, problem: Problem) -> Iterator[Edit]:
    """What may undo the damage that stopped the reading."""
    for rule in damage.ANY:
        edit = rule.edit(text)
        if edit is not None and _touches(edit, problem.span):
            yield edit
    for finder in damage.FINDERS:
        for edit in finder(text):
            if finder is damage.brackets or _touches(edit, problem.span):
                yield edit


def _touches(edit: Edit, span: Span | None) -> bool:
    return span is None or any(start <= span.end + NEAR and span.start <= end + NEAR for start, end in edit.places)


def _silent(text: str) -> Iterator[Edit]:
    """What may undo damage that did not stop the reading: in one place, then in all."""
    seen = {text}
    for rule in damage.SILENT:
        whole = rule.edit(text)
        for edit in (*rule.each(text), *([] if whole is None else [replace(whole, cost=whole.cost + 1)])):
            if edit.text not in seen:
                seen.add(edit.text)
                yield edit
