"""Owns the marks: every link of a submission's chains judged on its own merits, in the light of what was stated
before, and the answers of chains judged against what they are the answers to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derivcheck.grading.carry import Carry, Reading
from derivcheck.grading.chains import Chain
from derivcheck.grading.court import Court, Ruling
from derivcheck.grading.doubts import SQUARED, SUMMED, held_fixed, squared_lengths, sums_along_axes
from derivcheck.grading.expressions import is_closed, is_decimal
from derivcheck.grading.match import TELLING, Asked, Stated, derivatives
from derivcheck.grading.model import Mark
from derivcheck.grading.policy import Policy
from derivcheck.grading.subjects import Subject, Subjects
from derivcheck.lang import shapes, typed
from derivcheck.lang.typed import Expr
from derivcheck.model import Claim, Link, Misfit, Statement
from derivcheck.notes.conditions import is_set
from derivcheck.notes.rounding import ROUNDED, allowances
from derivcheck.source import Span
from derivcheck.verdict import Verdict

_HALF = Fraction(1, 2)
_TRANSPOSE = "a transpose: it holds with the transpose of this"
#: Mistakes in how factors are multiplied, which the terms after such a one have again.
_OF_PRODUCTS = ("transpose", "order", "product")


@dataclass(slots=True)
class Step:
    """One link of a chain, marked. ``credit`` is the part of its points that it earns; ``empty``: it says nothing
    (both sides are written alike); ``aside``: it is an equation that is to be solved, or the like, and no step;
    ``again``: it repeats a mistake word for word; ``foreign``: it is right in another exercise."""

    chain: int
    index: int
    verdict: str
    mark: Mark
    because: str
    credit: Fraction
    ruling: Ruling | None = None
    kind: str = ""
    diagnosis: str = ""
    carried_from: int | None = None
    again: bool = False
    foreign: bool = False
    empty: bool = False
    aside: bool = False


@dataclass(slots=True)
class Marked:
    """The steps of a submission, by chain, and how the terms of every chain compare with what it is about."""

    steps: list[Step] = field(default_factory=list)
    of_chain: dict[int, list[int]] = field(default_factory=dict)


@dataclass(slots=True)
class Marking:
    """Marks the steps of one submission, chain by chain, in its order."""

    court: Court
    subjects: Subjects
    policy: Policy
    chains: Sequence[Chain]
    #: The claims of the key that a chain states, by the number of the chain.
    asked: Mapping[int, Sequence[Asked]]
    #: What the key says of derivatives.
    told: Sequence[Subject]
    #: The claims of the key at a point.
    numeric: Sequence[Asked]
    carry: Carry
    marked: Marked = field(default_factory=Marked)

    def mark(self) -> Marked:
        """Mark every chain."""
        for chain in self.chains:
            self._chain(chain)
        return self.marked

    # --- chains

    def _chain(self, chain: Chain) -> None:
        numbers = self.marked.of_chain[chain.number] = []
        head = telling(chain, self.asked.get(chain.number, ()))
        #: Whether a term is what the chain is about: not asked as long as every link before it holds.
        right: dict[int, bool | None] = {}
        wrong: int | None = None
        for i in range(len(chain.relations)):
            step = self._step(chain, i, head)
            if step.verdict == "refuted" and not step.aside and step.mark == "wrong" and head is not None:
                self._return(step, chain, i, head, right, wrong)
            if step.mark == "wrong" and step.verdict == "refuted":
                self._tell(step, chain, i)
            if step.mark == "wrong" and wrong is None:
                wrong = len(self.marked.steps)
            numbers.append(len(self.marked.steps))
            self.marked.steps.append(step)
            if head is not None and i >= head and not step.aside:
                self._state(chain, head, i + 1, right, len(self.marked.steps) - 1)
        if head is not None and head > 0 and numbers:
            self._state(chain, head, 0, right, numbers[0])

    def _return(
        self, step: Step, chain: Chain, i: int, head: int, right: dict[int, bool | None], wrong: int | None
    ) -> None:
        """A step from a wrong term back to a right one repeats no mistake, though the two differ."""
        if wrong is None or right.get(i) is not False or i < head:
            return
        link = chain.link(head, i + 1)
        if link is not None and self._ruled(chain, link).proved:
            step.mark, step.credit = "follows", Fraction(1)
            step.carried_from = wrong
            step.because = "right in itself, though not equal to the wrong term before it"

    def _state(self, chain: Chain, head: int, term: int, right: dict[int, bool | None], step: int) -> None:
        """Remember what the chain says of its head, and whether that is so."""
        link = chain.link(head, term) if term > head else chain.link(term, head)
        if link is None:
            return
        subject = chain.terms[head].subject
        value = chain.terms[term].value
        assert subject is not None
        assert value is not None
        if chain.terms[term].subject == subject or chain.terms[head].value is None:
            return
        refuted = any(self.marked.steps[n].verdict == "refuted" for n in self.marked.of_chain[chain.number])
        if refuted:
            ruling = self._ruled(chain, link)
            right[term] = True if ruling.proved else False if ruling.refuted else None
        wrong = right.get(term) is False
        if wrong and _is_zero(value):
            return
        origin, foreign = self.marked.steps[step].carried_from, self.marked.steps[step].foreign
        for place in range(min(head, term), max(head, term) + 1):
            told = chain.terms[place]
            about = told.subject is not None and told.subject.kind in TELLING
            if place != term and about and told.value is not None:
                self.carry.state(told.value, value, step if origin is None else origin, wrong=wrong, foreign=foreign)

    # --- steps

    def _step(self, chain: Chain, i: int, head: int | None) -> Step:
        link = chain.link(i, i + 1)
        misfit = chain.misfits[i]
        if link is None or misfit:
            return self._misfit(chain, i, head)
        return self._judged(chain, i, head, link)

    def _judged(self, chain: Chain, i: int, head: int | None, link: Link) -> Step:
        """A link between two terms, or between what the chain is about and a term, that can be compared."""
        ruling = self._in_every_reading(chain, link, i)
        step = Step(chain.number, i, ruling.verdict.value, "right", ruling.report.because, Fraction(1), ruling)
        step.empty = ruling.proved and (self._says_nothing(chain, link) or self._turns_round(chain, i, head))
        if ruling.proved:
            return step
        if ruling.refuted and chain.doubt:
            step.mark, step.because = "review", chain.doubt
            return step
        if not ruling.refuted:
            fine = ruling.verdict is Verdict.SUPPORTED and self.policy.supported == "right"
            step.mark = "right" if fine else "review"
            return step
        if self._is_equation(chain, i, head):
            step.mark, step.aside = "review", True
            step.because = f"an equation, and no identity: {step.because}"
            return step
        step.mark, step.credit = "wrong", Fraction(0)
        forgiven = self._forgiven(chain, link)
        if forgiven is not None:
            step.credit, step.because = forgiven
            step.mark = "right" if step.credit == 1 else "wrong"
            return step
        if self.policy.carry:
            reading, certain = self._follows(chain, link)
            if reading is not None and reading.rounded:
                step.mark, step.credit = "right", Fraction(1)
                step.because = f"right with the rounded value that was stated before: {step.because}"
            elif reading is not None and reading.foreign:
                step.mark, step.credit, step.foreign = "review", Fraction(1), True
                step.because = f"right only for another meaning of what is differentiated: {step.because}"
            elif reading is not None:
                step.mark, step.credit, step.carried_from = "follows", Fraction(1), reading.step
                step.again = reading.again
            elif not certain:
                step.mark, step.credit = "review", Fraction(1)
                step.because += "; whether it follows from an earlier mistake is not decided"
        if step.mark == "wrong" and self._may_be_rounded(chain, link):
            step.mark, step.credit, step.because = "review", Fraction(1), ROUNDED
        if step.mark == "wrong" and (sense := self._other_sense(chain, link)) is not None:
            step.mark, step.credit, step.because = "review", Fraction(1), sense
        return step

    def _other_sense(self, chain: Chain, link: Link) -> str | None:
        """Another sense in which a refuted link may be meant, and in which it may hold."""
        if any(self.court.rule(chain.claim, other).proved for other in squared_lengths(link)):
            return SQUARED
        if any(fits(other) and self.court.rule(chain.claim, other).proved for other in sums_along_axes(link)):
            return SUMMED
        return held_fixed(link, self.court.derivation, lambda part: self._asked_for(part, chain))

    def _asked_for(self, part: typed.Derivative, chain: Chain) -> bool:
        """Whether the key says what a derivative is, and by that what is held fixed."""
        subject = self.subjects.of(part, chain.quantifiers)
        return any(mine.near(subject) for mine in self.told)

    def _follows(self, chain: Chain, link: Link) -> tuple[Reading | None, bool]:
        """How a link follows from what was stated before, in any sense in which it may be meant."""
        certain = True
        for claim, other in ((chain.claim, link), *self._senses(chain, link)):
            reading, sure = self.carry.follows(claim, other)
            if reading is not None:
                return reading, True
            certain = certain and sure
        return None, certain

    def _may_be_rounded(self, chain: Chain, link: Link) -> bool:
        """Whether a link may fail because rounded numbers are written in it, and for no other reason."""
        alone = Statement("", (link,), chain.quantifiers, link.span)
        loose = allowances(replace(chain.claim, statement=alone), self.court.derivation)
        return any(
            not self.court.rule(claim, claim.statement.links[0]).refuted
            for _, claim in loose
            if claim.statement is not None
        )

    def _in_every_reading(self, chain: Chain, link: Link, i: int) -> Ruling:
        """What the engine finds of a link; if it is not the same in every reading of the chain, nothing."""
        ruling = self._ruled(chain, link)
        for other in (*chain.others, *chain.unusual) if ruling.refuted else chain.others if ruling.proved else ():
            same = other.link(i, i + 1) if i + 1 < len(other.terms) else None
            if same is None or self._ruled(other, same).verdict is not ruling.verdict:
                words = "it can be read in two ways, with different results"
                report = replace(ruling.report, verdict=Verdict.UNDECIDED, because=words, witness=None)
                return Ruling(report)
        return ruling

    def _misfit(self, chain: Chain, i: int, head: int | None) -> Step:
        """A link whose sides do not go together, or one of them means nothing."""
        number, misfit = chain.number, chain.misfits[i]
        before = self.marked.of_chain[number]
        if before and self.marked.steps[before[-1]].verdict == "invalid" and head is not None and i > head:
            return self._after_misfit(chain, i, head, before[-1])
        if not misfit:
            last = i + 2 == len(chain.terms)
            because = "what stands here cannot be compared" + ("" if last else "; what comes after it is")
            return Step(number, i, "invalid", "review", because, Fraction(1), aside=not last)
        link = chain.link(i, i + 1)
        filled = None if link is None else _filled(link)
        if filled is not None and self._ruled(chain, filled).proved:
            words = f"right but for axes of size 1: {misfit}"
            return Step(number, i, "invalid", "right", words, Fraction(1))
        turned = None if link is None else _turned(link)
        if turned is not None and self._ruled(chain, turned).proved:
            words = f"the transpose of it is right: {misfit}"
            if self._either_layout(chain):
                return Step(number, i, "invalid", "right", words, Fraction(1))
            _, told = self._repaired(chain, i, head) or ("", _TRANSPOSE)
            return Step(number, i, "invalid", "wrong", words, Fraction(0), kind="transpose", diagnosis=told)
        kind, words = self._repaired(chain, i, head) or ("shape", misfit)
        mark: Mark = "wrong" if self.policy.misfit == "wrong" else "review"
        credit = Fraction(mark == "review")
        return Step(number, i, "invalid", mark, misfit, credit, kind=kind, diagnosis=words)

    def _repaired(self, chain: Chain, i: int, head: int | None) -> tuple[str, str] | None:
        """The probable mistake in a term whose shapes do not go together."""
        term = chain.terms[i + 1]
        told = None if head is None else chain.terms[head]
        if told is None or told.value is None or (term.node is None and term.value is None):
            return None
        misfit = Misfit(0, told.value, term.value, term.node, chain.quantifiers, Span(0, 0))
        return self.court.mistake(chain.claim, misfit)

    def _after_misfit(self, chain: Chain, i: int, head: int, wrong: int) -> Step:
        """A step away from a term that means nothing: judged by what the chain is about."""
        link = chain.link(head, i + 1)
        if link is not None and fits(link) and self.marked.steps[wrong].aside:
            return self._judged(chain, i, head, link)
        if link is not None and fits(link) and self._ruled(chain, link).proved:
            because = "right in itself, after a term that is not"
            return Step(chain.number, i, "invalid", "follows", because, Fraction(1), carried_from=wrong)
        repaired = self._repaired(chain, i, head)
        if repaired is not None and repaired[0] in _OF_PRODUCTS:
            because = "right but for the mistake before it"
            return Step(chain.number, i, "invalid", "follows", because, Fraction(1), carried_from=wrong)
        because = "what stands before it has no value, so that it cannot be compared"
        return Step(chain.number, i, "invalid", "review", because, Fraction(1))

    def _forgiven(self, chain: Chain, link: Link) -> tuple[Fraction, str] | None:
        """What a refuted link earns, and why, if it is one of the things that a key or a policy lets pass."""
        asked = any(one.claim.up_to for one in self.asked.get(chain.number, ()))
        if (asked or self.policy.factor != "wrong") and self.court.rule(_up_to(chain.claim), link).proved:
            half = self.policy.factor == "half" and not asked
            words = "equal up to a constant positive factor"
            return (_HALF, f"{words}, which counts half") if half else (Fraction(1), words)
        turned = _turned(link) if self._either_layout(chain) else None
        if turned is not None and self.court.rule(chain.claim, turned).proved:
            return Fraction(1), "right in the other layout: it is the transpose"
        return None

    def _either_layout(self, chain: Chain) -> bool:
        """Whether a gradient may as well be the transpose of what it is in the layout of the key."""
        own = {one.claim.layout for one in self.asked.get(chain.number, ())}
        return self.policy.layout == "either" or bool(own - {self.court.derivation.layout})

    def _says_nothing(self, chain: Chain, link: Link) -> bool:
        numbered = {q.key: ("every", i) for i, q in enumerate(chain.quantifiers)}
        sides = (self.subjects.unfolded(link.left), self.subjects.unfolded(link.right))
        return self.subjects.form(sides[0], numbered) == self.subjects.form(sides[1], numbered)

    def _turns_round(self, chain: Chain, i: int, head: int | None) -> bool:
        """Whether the new term is written with what the chain is about, so that it tells nothing of it."""
        term = chain.terms[i + 1]
        subject = None if head is None else chain.terms[head].subject
        if subject is None or term.value is None or i + 1 == head:
            return False
        return subject in derivatives(term.value, self.subjects, chain.claim)

    def _is_equation(self, chain: Chain, i: int, head: int | None) -> bool:
        """Whether a link that does not hold everywhere is hardly meant to: a derivative is set to 0, a variable is
        given a value, or there is nothing that the chain is about."""
        if self.asked.get(chain.number) and not _is_zero(chain.terms[i + 1].value):
            return False
        if head is None or _is_zero(chain.terms[i + 1].value):
            return True
        return isinstance(chain.terms[head].value, typed.Variable) or self._sets(chain, i)

    def _sets(self, chain: Chain, i: int) -> bool:
        """Whether a link gives a name that depends on something a value in numbers: ``a kink at $u_i = 1$``."""
        if len(chain.terms) != 2 or self.numeric:
            return False
        link = chain.link(i, i + 1)
        return link is not None and is_set(link, self.court.derivation.definitions)

    # --- rulings

    def _ruled(self, chain: Chain, link: Link) -> Ruling:
        """What the engine finds of a link; if it is not proved as it stands, in the sense that suits it."""
        ruling = self.court.rule(chain.claim, link)
        if ruling.proved:
            return ruling
        for claim, other in self._senses(chain, link):
            again = self.court.rule(claim, other)
            if again.proved:
                return again
            if other.relation == "≈" and claim.at and again.refuted:
                ruling = again
        return ruling

    def _senses(self, chain: Chain, link: Link) -> Iterator[tuple[Claim, Link]]:
        """How else a link may be meant: rounded, at the point of the key, under the conditions of the key."""
        rounded = replace(link, relation="≈") if is_decimal(link.right) else link
        if rounded.relation != link.relation:
            yield chain.claim, rounded
        asked = self.asked.get(chain.number, ())
        if (is_closed(link.left) or is_closed(link.right)) and not chain.claim.at:
            points = [a for a in asked if a.claim.at] or list(self.numeric)
            for one in points[:2]:
                yield _at(chain.claim, one.claim), rounded
        for one in asked:
            parts = (part for condition in one.claim.when for part in typed.postorder(condition))
            if one.claim.when and not any(isinstance(part, typed.Bound) for part in parts):
                yield replace(chain.claim, when=(*chain.claim.when, *one.claim.when)), link

    def _tell(self, step: Step, chain: Chain, i: int) -> None:
        """Find the probable mistake."""
        link = chain.link(i, i + 1)
        if link is None:
            return
        told = self.carry.told(chain.claim, link) if self.policy.carry else None
        told = told or self.court.rule(chain.claim, link, told=True).report
        step.diagnosis, step.kind = told.diagnosis or "", told.diagnosis_kind or ""

    def answer(self, stated: Stated) -> bool | None:
        """Whether a chain's answer to a claim of the key is right by itself; ``None`` if that is not decided."""
        chain = self.chains[stated.chain]
        if stated.answer is None:
            return None
        first, last = sorted((stated.term, stated.answer))
        link = chain.link(first, last)
        between = [self.marked.steps[n] for n in self.marked.of_chain[chain.number][first:last]]
        if link is not None and not fits(link):
            other = _filled(link) or (_turned(link) if self._either_layout(chain) else None)
            if other is not None and self._ruled(chain, other).proved:
                return True
        if link is None or not fits(link):
            return False if any(step.mark == "wrong" for step in between) else None
        ruling = self._ruled(chain, link)
        if ruling.refuted:
            rounded = any(step.verdict == "refuted" and step.mark == "right" for step in between)
            fine = rounded and all(step.mark == "right" for step in between)
            return fine or self._forgiven(chain, link) is not None
        fine = ruling.verdict is Verdict.SUPPORTED and self.policy.supported == "right"
        return True if ruling.proved or fine else None


def telling(chain: Chain, asked: Sequence[Asked]) -> int | None:
    """The term that a chain is about: one that the key asks for, or else the first that is something."""
    terms = enumerate(chain.terms)
    for one in asked:
        for i, term in enumerate(chain.terms):
            if one.about(term.subject):
                return i
    return next((i for i, term in terms if term.subject is not None and term.subject.kind in TELLING), None)


def _is_zero(value: Expr | None) -> bool:
    """Whether an expression is written as 0, or as an array of zeros."""
    match value:
        case typed.Number():
            return value.value == 0
        case typed.Entries():
            return all(_is_zero(entry) for entry in value.entries)
        case typed.ArrayOp():
            return value.name == "zeros"
        case _:
            return False


def _up_to(claim: Claim) -> Claim:
    return replace(claim, up_to="positive factor")


def _at(claim: Claim, point: Claim) -> Claim:
    """A claim at the point of another."""
    return replace(claim, at=point.at, sizes=point.sizes, tolerance=point.tolerance)


def fits(link: Link) -> bool:
    """Whether the two sides of a link can be equal, by their shapes."""
    return shapes.equation(link.left.shape, link.right.shape, {}) is not None or (
        shapes.one_entry(link.left.shape) and shapes.one_entry(link.right.shape)
    )


def _filled(link: Link) -> Link | None:
    """A link with axes of size 1 put in or left out on the right, if it fits then."""
    wanted, given = link.left.shape, link.right.shape
    if len(wanted) == len(given) or [d for d in wanted if d != 1] != [d for d in given if d != 1]:
        return None
    return replace(link, right=typed.ArrayOp(wanted, link.right.span, "reshape", (link.right,)))


def _turned(link: Link) -> Link | None:
    """A link with its right side transposed, if that fits."""
    right = link.right
    if len(right.shape) != 2 or right.shape[::-1] != link.left.shape:
        return None
    return replace(link, right=typed.ArrayOp(right.shape[::-1], right.span, "transpose", (right,)))
