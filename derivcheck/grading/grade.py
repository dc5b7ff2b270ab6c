"""Owns grading: a key and a submission go in, what became of every claim of the key, step by step, and the points
come out. The same input gives the same result on every machine."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derivcheck.errors import Refused
from derivcheck.grading.carry import Carry
from derivcheck.grading.chains import Chain, chains_of
from derivcheck.grading.court import Cache, Court
from derivcheck.grading.expressions import Indices
from derivcheck.grading.match import Asked, Stated, asked_of, leads, stated_in, too_short, unfinished
from derivcheck.grading.model import ClaimResult, FormulaResult, StepResult, Student, Submission
from derivcheck.grading.points import Evidence, outcome_of, points_of
from derivcheck.grading.policy import Policy
from derivcheck.grading.steps import Marked, Marking, Step
from derivcheck.grading.subjects import Subjects
from derivcheck.grading.words import CHANGED, lines, looked_at, sentence
from derivcheck.lang.typed import Defined, Derivative
from derivcheck.model import Claim, Derivation, Link
from derivcheck.notes.model import Formula, Note
from derivcheck.source import Source, Span
from derivcheck.verdict import NestedText, Witness

#: Signs by which an unread formula may state something.
_RELATIONS = ("=", "\\approx", "\\equiv", "\\simeq", "≈")


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


#: Signs of a derivative among what is no command; and those for one by a number.
_DERIVATIVE = re.compile(r"\\(partial|nabla|delta|Delta)|[dD∂∇]")
_COMMAND = re.compile(r"\\(?!partial|nabla|delta|Delta)[A-Za-z]+")
_PRIMES = ("'", "\\prime", "′", "\\dot")
#: How many names of a note's own are compared with what was not found.
_MOST_OWN = 40
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


@dataclass(slots=True)
class _Account:
    """What counts for one claim of the key: the chains that state it, and the steps."""

    asked: Asked
    stated: tuple[Stated, ...]
    steps: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    answers: list[Stated] = field(default_factory=list)
    changed: bool = False


class _Grading:
    """The grading of one submission."""

    def __init__(self, key: Derivation, note: Note, student: Student, policy: Policy, cache: Cache | None) -> None:
        self.key, self.note, self.student, self.policy = key, note, student, policy
        own = frozenset(note.derivation.definitions) - frozenset(key.definitions)
        self.subjects = Subjects(note.derivation, own)
        self.court = Court(note.derivation, policy.seed, cache)
        self.chains = chains_of(note, self.subjects)
        self.asked = asked_of(key, self.subjects)
        self.dropped: set[int] = set()
        self.said: set[Hashable] = set()
        self.accounts = {
            one.claim.id: _Account(one, stated_in(one, self.chains, self.subjects)) for one in self.asked
        }

    def result(self) -> Submission:
        """The result."""
        self._by_value()
        marking = self._marking()
        marked = marking.mark()
        for account in self.accounts.values():
            self._settle(account, marked)
        self._assign(marked)
        of = self._of()
        steps = tuple(self._step(step, of.get(number), marked) for number, step in enumerate(marked.steps))
        claims = tuple(self._claim(claim, marking, marked, steps) for claim in _graded(self.key))
        review = [line for claim in claims for line in claim.review]
        review += [f"the engine has a fault: {fault}" for fault in self.court.faults]
        return Submission(
            self.student,
            self.note.source.path,
            self.note.source.text,
            self.key.title,
            claims,
            steps,
            self._formulas(marked),
            tuple(dict.fromkeys(review)),
        )

    # --- matching by what the engine finds

    def _by_value(self) -> None:
        """Chains about a derivative by the right thing of something that is written in another way."""
        taken = {stated.chain for account in self.accounts.values() for stated in account.stated}
        for account in self.accounts.values():
            if account.stated:
                continue
            found = [
                chain
                for chain in self.chains
                if chain.number not in taken and chain.head is not None and self._same_head(account.asked, chain)
            ]
            account.stated = tuple(Stated(chain.number, 0, len(chain.terms) - 1) for chain in found)

    def _same_head(self, asked: Asked, chain: Chain) -> bool:
        head, mine = chain.head, asked.subjects[0]
        value = chain.terms[0].value
        if head is None or value is None or head.kind != "derivative" or mine.kind != "derivative":
            return False
        if not isinstance(head.what, tuple) or not isinstance(mine.what, tuple) or head.what[1] != mine.what[1]:
            return False
        first = asked.claim.statement.links[0] if asked.claim.statement else None
        if first is None or head.pattern != mine.pattern or value.shape != asked.head.shape or chain.quantifiers:
            return False
        if asked.claim.statement is not None and asked.claim.statement.quantifiers:
            return False
        return self.court.rule(chain.claim, replace(first, left=value, right=asked.head, relation="==")).proved

    # --- marking

    def _marking(self) -> Marking:
        asked: dict[int, list[Asked]] = {}
        for account in self.accounts.values():
            for stated in account.stated:
                asked.setdefault(stated.chain, []).append(account.asked)
        numeric = [one for one in self.asked if one.claim.at]
        points = {repr(sorted((n, v.entries) for n, v in one.claim.at.items())) for one in numeric}
        carry = Carry(self.subjects, self.court)
        everywhere = numeric if len(points) == 1 else []
        return Marking(self.court, self.subjects, self.policy, self.chains, asked, everywhere, carry)

    def _settle(self, account: _Account, marked: Marked) -> None:
        """Which answer counts: the last one that is meant as one. A chain with another answer before it does not."""
        stated = [self._meant(one, marked) for one in account.stated]
        account.answers = [one for one in stated if one.answer is not None]
        if not account.answers:
            return
        last = account.answers[-1]
        left = [one for one in account.answers[:-1] if self._differ(one, last)]
        account.changed = bool(left)
        self.dropped.update(one.chain for one in left)
        account.stated = tuple(one for one in stated if one not in left)

    def _meant(self, stated: Stated, marked: Marked) -> Stated:
        """A chain's statement without an end that is no answer: a derivative that is set to 0."""
        numbers = marked.of_chain[stated.chain]
        answer = stated.answer
        while answer is not None and answer > stated.term and marked.steps[numbers[answer - 1]].aside:
            answer = answer - 1 if answer - 1 > stated.term else None
        return replace(stated, answer=answer)

    def _differ(self, one: Stated, last: Stated) -> bool:
        """Whether two answers are certainly not the same."""
        if one.chain == last.chain or one.answer is None or last.answer is None:
            return False
        a, b = self.chains[one.chain], self.chains[last.chain]
        left, right = a.terms[one.answer], b.terms[last.answer]
        if left.value is None or right.value is None or left.value.shape != right.value.shape:
            return False
        if a.quantifiers or b.quantifiers:
            return False
        link = Link(left.value, right.value, "==", left.text, right.text, right.span)
        return self.court.rule(b.claim, link).refuted

    def _assign(self, marked: Marked) -> None:
        """Which steps count for which claim of the key: those of the chains that state it, and those of the chains
        before it that state nothing that the key asks for."""
        owners: dict[int, list[_Account]] = {}
        for account in self.accounts.values():
            for stated in account.stated:
                owners.setdefault(stated.chain, []).append(account)
        waiting: list[int] = []
        for chain in self.chains:
            if chain.number in self.dropped and chain.number not in owners:
                continue
            numbers = [n for n in marked.of_chain[chain.number] if not _apart(marked.steps[n])]
            if chain.number not in owners:
                waiting += self._leading(chain, numbers, marked)
                continue
            for place, account in enumerate(owners[chain.number]):
                part = self._part(account, owners[chain.number], chain, numbers, marked)
                part = [n for n in part if not self._repeats(marked.steps[n], account)]
                leading = [n for n in waiting if place == 0 and self._leads(marked.steps[n], account.asked)]
                waiting = [n for n in waiting if n not in leading]
                account.own += part
                account.steps += leading + part

    def _leads(self, step: Step, asked: Asked) -> bool:
        """Whether a step of a chain that states nothing asked for lies on the way to what is."""
        head = self.chains[step.chain].terms[0].value
        return head is not None and leads(head, asked.head, self.subjects)

    def _repeats(self, step: Step, account: _Account) -> bool:
        """Whether a step says once more what has cost this claim its points."""
        return step.again and step.carried_from in account.steps

    def _leading(self, chain: Chain, numbers: list[int], marked: Marked) -> list[int]:
        """The steps of a chain that states nothing asked for. What it says of a name is given, unless it is wrong."""
        head = chain.head
        if head is None or head.kind == "expression":
            return []
        wrong = [n for n in numbers if marked.steps[n].mark == "wrong"]
        if head.kind == "name":
            return wrong
        said = (head, *(self.subjects.form(t.value) for t in chain.terms[1:] if t.value is not None))
        if said in self.said:
            return wrong
        self.said.add(said)
        return numbers

    def _part(
        self, account: _Account, owners: Sequence[_Account], chain: Chain, numbers: list[int], marked: Marked
    ) -> list[int]:
        """The steps of a chain that count for one of the claims that it states: of a formula and of its value at a
        point, each has its own."""
        kinds = {other.asked.numeric for other in owners}
        if len(kinds) == 1:
            return numbers
        formula = next(o for o in owners if not o.asked.numeric)
        answer = next((s.answer for s in formula.stated if s.chain == chain.number), None)
        ends = len(chain.terms) if answer is None else answer
        numeric = account.asked.numeric
        return [n for n in numbers if (marked.steps[n].index >= ends) is numeric]

    def _of(self) -> dict[int, str]:
        """For which claim of the key a step counts."""
        found: dict[int, str] = {}
        for name, account in self.accounts.items():
            for number in account.steps:
                found.setdefault(number, name)
        return found

    # --- claims

    def _claim(self, claim: Claim, marking: Marking, marked: Marked, steps: Sequence[StepResult]) -> ClaimResult:
        worth = _worth(claim, self.policy)
        account = self.accounts.get(claim.id)
        if account is None:
            reason = f"the key's claim {claim.id} is not well formed"
            return ClaimResult(
                claim.id, claim.id, _statement(claim), "review", worth, worth, "Somebody has to look at this.",
                review=(reason,),
            )  # fmt: skip
        if not account.stated:
            return self._absent(account, worth)
        return self._stated(account, worth, marking, marked, steps)

    def _absent(self, account: _Account, worth: Fraction) -> ClaimResult:
        claim = account.asked.claim
        reasons = self._perhaps(account.asked)
        return ClaimResult(
            claim.id,
            claim.id,
            _statement(claim),
            "review" if reasons else "not found",
            Fraction(0),
            worth,
            sentence("review" if reasons else "not found", None, None, begun=False),
            review=tuple(f"{claim.id}: {reason}" for reason in reasons),
        )

    def _perhaps(self, asked: Asked) -> list[str]:
        """Where a claim that was not found may yet be."""
        reasons = []
        unread = [
            self._line(f.span.start) for f in self.note.formulas if f.problem is not None and self._says(f, asked)
        ]
        if unread:
            reasons.append(f"not found, but what stands in {lines(unread)} could not be read")
        defined = self._defined(asked)
        if defined:
            reasons.append(f"not stated, but the note's own {defined} is equal to it, perhaps up to a factor")
        owned = {stated.chain for account in self.accounts.values() for stated in account.stated}
        near = [
            self._line(chain.span.start)
            for chain in self.chains
            if chain.number not in owned and any(asked.is_near(term.subject) for term in chain.terms)
        ]
        if near:
            reasons.append(f"not found as a whole, but {lines(near)} may state a part of it")
        return reasons

    def _defined(self, asked: Asked) -> str:
        """A name of the note's own that has the value that is asked for, or a multiple of it, though it nowhere says
        so."""
        statement = asked.claim.statement
        if asked.numeric or statement is None or statement.quantifiers:
            return ""
        own = [name for name in self.note.derivation.definitions if name not in self.key.definitions]
        link = statement.links[0]
        for name in own[:_MOST_OWN]:
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
        if not opened.target.shape and any(sign in text for sign in _PRIMES):
            return True
        return _DERIVATIVE.search(_COMMAND.sub(" ", text)) is not None

    def _stated(
        self,
        account: _Account,
        worth: Fraction,
        marking: Marking,
        marked: Marked,
        steps: Sequence[StepResult],
    ) -> ClaimResult:
        claim = account.asked.claim
        last = account.answers[-1] if account.answers else account.stated[-1]
        answer = marking.answer(last)
        there = last.answer is not None
        left = unfinished(self.chains, [last], self.subjects, account.asked.given)
        evidence = Evidence(
            [marked.steps[n] for n in account.steps],
            [marked.steps[n] for n in account.own],
            answer,
            there and not left,
            any(marked.steps[n].mark in ("wrong", "follows") for n in marked.of_chain[last.chain]),
        )
        outcome = outcome_of(evidence)
        points = points_of(worth, evidence, self.policy)
        wrong = next((n for n in account.steps if marked.steps[n].mark == "wrong"), None)
        origins = (marked.steps[n].carried_from for n in account.steps)
        carried = next((origin for origin in origins if origin is not None), None)
        review = [looked_at(steps[n]) for n in account.steps if marked.steps[n].mark == "review"]
        doubt = self._doubt(account.asked, last)
        if doubt and outcome in ("right", "follows", "slip"):
            outcome, review = "review", [*review, doubt]
        if outcome == "review" and not review:
            review.append("the answer could not be decided")
        place = self._answer_place(last)
        said = sentence(
            outcome,
            None if wrong is None else steps[wrong],
            None if carried is None else steps[carried],
            begun=not there or bool(left),
        )
        return ClaimResult(
            claim.id,
            claim.id,
            _statement(claim),
            outcome,
            points,
            worth,
            f"{said} {CHANGED}" if account.changed else said,
            tuple(account.steps),
            wrong,
            place.start,
            place.end,
            steps[wrong].kind if wrong is not None else "",
            steps[wrong].diagnosis if wrong is not None else "",
            tuple(f"{claim.id}: {line}" for line in review),
        )

    def _doubt(self, asked: Asked, stated: Stated) -> str:
        """Why an answer that holds may not be one to what is asked for."""
        chain = self.chains[stated.chain]
        if chain.claim.when and not asked.claim.when:
            return f"the answer in {lines([self._line(chain.span.start)])} is given under a condition of its own"
        if too_short(asked, chain, stated.answer):
            return f"the number in {lines([self._line(chain.span.start)])} has very few digits"
        return ""

    def _answer_place(self, stated: Stated) -> Span:
        chain = self.chains[stated.chain]
        return chain.terms[stated.term if stated.answer is None else stated.answer].span

    # --- plain values

    def _line(self, offset: int) -> int:
        return self.note.source.position(offset)[0]

    def _step(self, step: Step, of: str | None, marked: Marked) -> StepResult:
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
            carried_from="" if step.carried_from is None else self._place_of(marked.steps[step.carried_from]),
        )

    def _place_of(self, step: Step) -> str:
        return f"line {self._line(self.chains[step.chain].terms[step.index + 1].span.start)}"

    def _formulas(self, marked: Marked) -> tuple[FormulaResult, ...]:
        numbers = {chain.claim.id: chain.number for chain in self.chains}
        return tuple(self._formula(formula, marked, numbers) for formula in self.note.formulas)

    def _formula(self, formula: Formula, marked: Marked, numbers: Mapping[str, int]) -> FormulaResult:
        here: list[int] = []
        for part in formula.parts:
            if part.claim is not None and part.claim in numbers:
                of_chain = marked.of_chain[numbers[part.claim]]
                here += [n for n in of_chain if part.links[0] <= marked.steps[n].index < part.links[1]]
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
            tuple(remark for part in formula.parts for remark in part.remarks),
        )


def _apart(step: Step) -> bool:
    """Whether a step counts for nothing."""
    return step.empty or step.aside


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
