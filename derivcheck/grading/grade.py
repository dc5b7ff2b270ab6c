"""Owns grading: a key and a submission go in, what became of every claim of the key, step by step, and the points
come out. The same input gives the same result on every machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from derivcheck.errors import Refused
from derivcheck.grading.accounts import Account, Accounts
from derivcheck.grading.carry import Carry
from derivcheck.grading.chains import Chain, chains_of
from derivcheck.grading.court import Cache, Court
from derivcheck.grading.match import Asked, Stated, asked_of, given_names, too_short, unfinished
from derivcheck.grading.missing import Search
from derivcheck.grading.model import ClaimResult, Outcome, StepResult, Student, Submission
from derivcheck.grading.points import Evidence, outcome_of, points_of
from derivcheck.grading.policy import Policy
from derivcheck.grading.results import Results
from derivcheck.grading.steps import Marked, Marking
from derivcheck.grading.subjects import Subjects
from derivcheck.grading.words import CHANGED, LOOK, lines, looked_at, sentence
from derivcheck.model import Claim, Derivation
from derivcheck.notes.model import Gaps, Note, Suggestion
from derivcheck.source import Source, Span


def grade(
    key: Derivation, source: Source, student: Student, policy: Policy | None = None, *, cache: Cache | None = None
) -> Submission:
    """Grade one submission.

    A ``cache`` is asked before the engine is, and told what it finds.
    """
    from derivcheck.notes.read import read_note

    policy = policy or Policy()
    try:
        note = read_note(source, key if policy.layout == "key" else replace(key, layout=policy.layout))
    except Refused as refused:
        return ungraded(key, source, student, policy, f"the submission cannot be read: {refused.problems[0].message}")
    return grade_note(key, note, student, policy, cache=cache)


def ungraded(key: Derivation, source: Source, student: Student, policy: Policy, reason: str) -> Submission:
    """The result of a submission that was not graded: every claim of the key is for a human to look at."""
    claims = tuple(
        ClaimResult(claim.id, claim.id, _statement(claim), "review", Fraction(0), _worth(claim, policy), _UNGRADED)
        for claim in _graded(key)
    )
    return Submission(student, source.path, source.text, key.title, claims, review=(reason,), failure=reason)


#: Answers that differ from the last, above which somebody has to look.
_MOST_OTHERS = 1
_SHOTGUN = "several different answers are given"
_UNGRADED = "This was not graded; somebody has to look at it."


def _graded(key: Derivation) -> tuple[Claim, ...]:
    """The claims of a key that submissions are graded by: not the errors of a source that a spec keeps."""
    return tuple(claim for claim in key.claims if claim.expect == "holds")


def _statement(claim: Claim) -> str:
    return claim.statement.text if claim.statement else claim.text


def _worth(claim: Claim, policy: Policy) -> Fraction:
    return policy.points if claim.points is None else claim.points


def grade_note(
    key: Derivation, note: Note, student: Student, policy: Policy | None = None, *, cache: Cache | None = None
) -> Submission:
    """Grade a submission that was read as a note."""
    return _Grading(key, note, student, policy or Policy(), cache).result()


class _Grading:
    """The grading of one submission."""

    def __init__(self, key: Derivation, note: Note, student: Student, policy: Policy, cache: Cache | None) -> None:
        self._key, self._note, self._student, self._policy = key, note, student, policy
        self._own = tuple(name for name in note.derivation.definitions if name not in key.definitions)
        self._subjects = Subjects(note.derivation, frozenset(self._own))
        self._court = Court(note.derivation, policy.seed, cache)
        self._chains = chains_of(note, self._subjects)

    def result(self) -> Submission:
        """The result."""
        asked = asked_of(self._key, self._subjects)
        accounts = Accounts(asked, self._chains, self._subjects, self._court)
        marking = self._marking(asked, accounts)
        marked = marking.mark()
        accounts.settle(marked, marking.answer)
        results = Results(self._note, self._chains, marked, self._suggested())
        steps = results.steps(accounts.of())
        search = Search(self._note, self._chains, self._subjects, self._court, self._own, accounts.owned())
        claims = _Claims(
            self._chains, self._subjects, self._policy, search, accounts, marking, marked, steps, self._note
        )
        found = tuple(claims.result(claim) for claim in _graded(self._key))
        review = [line for claim in found for line in claim.review]
        review += [f"the engine has a fault: {fault}" for fault in self._court.faults]
        return Submission(
            self._student,
            self._note.source.path,
            self._note.source.text,
            self._key.title,
            found,
            steps,
            results.formulas(),
            tuple(dict.fromkeys(review)),
        )

    def _suggested(self) -> tuple[Suggestion, ...]:
        """What the formulas that could not be read may have been: for who looks at them, and for no points."""
        from derivcheck.notes.suggest import suggestions

        if all(formula.problem is None for formula in self._note.formulas):
            return ()
        return suggestions(self._note, (), self._key)

    def _marking(self, asked: tuple[Asked, ...], accounts: Accounts) -> Marking:
        numeric = [one for one in asked if one.claim.at]
        points = {tuple((name, value.entries) for name, value in one.claim.at.items()) for one in numeric}
        everywhere = numeric if len(points) == 1 else []
        carry = Carry(self._subjects, self._court, given_names(asked, self._subjects))
        told = tuple(subject for one in asked for subject in one.subjects if subject.kind == "derivative")
        return Marking(
            self._court, self._subjects, self._policy, self._chains, accounts.asked(), told, everywhere, carry
        )


@dataclass(frozen=True, slots=True)
class _Claims:
    """What became of the claims of the key."""

    chains: tuple[Chain, ...]
    subjects: Subjects
    policy: Policy
    search: Search
    accounts: Accounts
    marking: Marking
    marked: Marked
    steps: tuple[StepResult, ...]
    note: Note

    def result(self, claim: Claim) -> ClaimResult:
        """What became of one."""
        account = self.accounts.by_id.get(claim.id)
        worth = _worth(claim, self.policy)
        bare = ClaimResult(claim.id, claim.id, _statement(claim), "review", worth, worth, LOOK)
        if account is None:
            return replace(bare, review=(f"the key's claim {claim.id} is not well formed",))
        return self._stated(account, bare) if account.stated else self._absent(account, bare)

    def _absent(self, account: Account, bare: ClaimResult) -> ClaimResult:
        reasons = self.search.reasons(account.asked)
        outcome: Outcome = "review" if reasons else "not found"
        return replace(
            bare,
            outcome=outcome,
            points=Fraction(0),
            words=sentence(outcome, None, None, begun=False),
            review=tuple(f"{bare.id}: {reason}" for reason in reasons),
        )

    def _stated(self, account: Account, bare: ClaimResult) -> ClaimResult:
        last = account.answers[-1] if account.answers else account.stated[-1]
        finished = last.answer is not None and not self._left(account, last)
        counted = [self.marked.steps[n] for n in account.steps]
        evidence = Evidence(
            counted,
            [self.marked.steps[n] for n in account.own],
            self.marking.answer(last),
            finished,
            any(self.marked.steps[n].mark in ("wrong", "follows") for n in self.marked.of_chain[last.chain]),
        )
        outcome = outcome_of(evidence)
        review = [looked_at(self.steps[n]) for n in account.steps if self.marked.steps[n].mark == "review"]
        doubt = _SHOTGUN if account.others > _MOST_OTHERS else self._doubt(account.asked, last)
        if doubt and outcome in ("right", "follows", "slip"):
            outcome, review = "review", [*review, doubt]
        if not_read := self._not_read(account, last, outcome, finished=finished):
            outcome, review = "review", [*review, not_read]
        if outcome == "review" and not review:
            review.append("the answer could not be decided")
        wrong = next((n for n in account.steps if self.marked.steps[n].mark == "wrong"), None)
        first = None if wrong is None else self.steps[wrong]
        carried = next((step.carried_from for step in counted if step.carried_from is not None), None)
        said = sentence(outcome, first, None if carried is None else self.steps[carried], begun=not finished)
        chain = self.chains[last.chain]
        place = chain.terms[last.term if last.answer is None else last.answer].span
        return replace(
            bare,
            outcome=outcome,
            points=points_of(bare.of, evidence, self.policy),
            words=f"{said} {CHANGED}" if account.others else said,
            steps=tuple(account.steps),
            first_wrong=wrong,
            start=place.start,
            end=place.end,
            kind="" if first is None else first.kind,
            diagnosis="" if first is None else first.diagnosis,
            review=tuple(f"{bare.id}: {line}" for line in review),
        )

    def _not_read(self, account: Account, last: Stated, outcome: Outcome, *, finished: bool) -> str:
        """What of an answer, or of the way to it, could not be read, where that may change what became of it."""
        every = [gaps for one in account.stated if (gaps := self._gaps(one)) is not None]
        mine = self._gaps(last)
        if mine is not None and mine.after is not None:
            return f"what stands in {self._lines([mine.after])} could not be read, and it may have the answer"
        if outcome in ("right", "follows", "review"):
            return ""
        places = [span for gaps in every for span in (*gaps.between, *([gaps.after] if gaps.after else []))]
        if places:
            return f"a step in {self._lines(places)} could not be read"
        unread = [] if finished else self.search.unread(account.asked)
        return f"no answer was found, but what stands in {lines(unread)} could not be read" if unread else ""

    def _gaps(self, stated: Stated) -> Gaps | None:
        """What of a chain was not read."""
        return self.note.gaps.get(self.chains[stated.chain].claim.id)

    def _lines(self, places: Sequence[Span]) -> str:
        return lines([self.note.source.position(place.start)[0] for place in places])

    def _left(self, account: Account, last: Stated) -> bool:
        """Whether something is left open in an answer."""
        return bool(unfinished(self.chains, [last], self.subjects, account.asked.given))

    def _doubt(self, asked: Asked, stated: Stated) -> str:
        """Why an answer that holds may not be one to what is asked for."""
        chain = self.chains[stated.chain]
        line = lines([self.note.source.position(chain.span.start)[0]])
        if chain.claim.when and not asked.claim.when:
            return f"the answer in {line} is given under a condition of its own"
        if too_short(asked, chain, stated.answer):
            return f"the number in {line} has very few digits"
        return ""
