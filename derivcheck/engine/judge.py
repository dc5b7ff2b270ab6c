"""Owns the judgement of one claim: its chain link by link, its expectation and correction, one report."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from derivcheck.engine.decide import decide_equality
from derivcheck.engine.numbers import decide_displayed
from derivcheck.engine.question import Answer, Question
from derivcheck.engine.scale import decide_up_to_factor
from derivcheck.engine.session import Session
from derivcheck.model import Claim, Derivation, Statement
from derivcheck.verdict import ClaimReport, StepReport, Verdict

#: From the best to the worst; a claim is as good as its worst link.
_ORDER = (Verdict.PROVED, Verdict.SUPPORTED, Verdict.UNDECIDED, Verdict.INVALID, Verdict.REFUTED)

#: Expressions inside one another, definitions written out. Every road follows them by calls, of which Python allows
#: so many inside one another; how many it takes depends on what is remembered of earlier claims, and no verdict may.
MOST_NESTED = 1_500


@dataclass(frozen=True, slots=True)
class Settings:
    """How to judge. The same seed gives the same points, and so the same report."""

    seed: int = 0


class Mistake(Protocol):
    """The probable mistake in a refuted link: its kind, a short word, and one line that tells it."""

    @property
    def kind(self) -> str:
        """One of a few words, by which mistakes can be counted."""

    @property
    def text(self) -> str:
        """What went wrong here."""


#: What tells the probable mistake in a refuted link, and in a claim whose shapes do not go together.
Diagnose = Callable[[Question, Answer], Mistake | None]
Repair = Callable[[Session, Claim, int], Mistake | None]


class Judge:
    """Judges the claims of one derivation, which share work. The order in which they are judged changes nothing.

    The first refuted link of a claim is given to ``diagnose``, a claim whose shapes do not go together to ``repair``,
    unless there is none.
    """

    def __init__(
        self,
        derivation: Derivation,
        settings: Settings | None = None,
        diagnose: Diagnose | None = None,
        repair: Repair | None = None,
    ) -> None:
        self._session = Session(derivation)
        self._settings = settings or Settings()
        self._diagnose = diagnose
        self._repair = repair

    def plain(self) -> Judge:
        """A judge that shares its work with this one and looks for no mistakes."""
        other = Judge(self._session.derivation, self._settings)
        other._session = self._session
        return other

    def judge(self, claim: Claim) -> ClaimReport:
        """Judge a claim.

        Raises:
            EngineFault: two independent roads to one value disagree.
        """
        correction = None if claim.correct is None else self.judge(claim.correct)
        statement = claim.statement
        if statement is None:
            repair = self._repair if claim.misfit is not None else None
            mistake = None if repair is None else repair(self._session, claim, self._settings.seed)
            return _malformed(claim, correction, mistake)
        answers: list[Answer] = []
        wrong = False
        for link in statement.links:
            question = Question(self._session, claim, link, statement.quantifiers, self._settings.seed)
            answer = _answer(question)
            if answer.verdict is Verdict.REFUTED and not wrong and self._diagnose is not None:
                answer = _told(answer, self._diagnose(question, answer))
            wrong = wrong or answer.verdict is Verdict.REFUTED
            answers.append(answer)
        return _report(claim, statement, answers, correction)


def judge(derivation: Derivation, claim: Claim, settings: Settings | None = None) -> ClaimReport:
    """Judge one claim of a derivation; for several, one :class:`Judge` is faster.

    Raises:
        EngineFault: two independent roads to one value disagree.
    """
    return Judge(derivation, settings).judge(claim)


def _answer(question: Question) -> Answer:
    if question.is_higher_than(MOST_NESTED):
        return Answer(Verdict.UNDECIDED, "it is nested too deeply")
    if question.link.relation == "≈":
        return decide_displayed(question)
    return decide_up_to_factor(question) if question.claim.up_to else decide_equality(question)


def _told(answer: Answer, mistake: Mistake | None) -> Answer:
    return answer if mistake is None else replace(answer, diagnosis=mistake.text, diagnosis_kind=mistake.kind)


def _malformed(claim: Claim, correction: ClaimReport | None, mistake: Mistake | None) -> ClaimReport:
    first = claim.problems[0]
    return ClaimReport(
        id=claim.id,
        statement=claim.text,
        span=first.span or claim.span,
        claim_span=claim.span,
        expect=claim.expect,
        verdict=Verdict.INVALID,
        ok=_is_ok(claim, Verdict.INVALID, None, correction),
        because=first.message,
        problems=claim.problems,
        notes=claim.warnings,
        diagnosis=None if mistake is None else mistake.text,
        diagnosis_kind=None if mistake is None else mistake.kind,
        reason=claim.because,
        correct=None if correction is None else correction.statement,
        correct_verdict=None if correction is None else correction.verdict,
        points=None if claim.points is None else str(claim.points),
        cite=claim.cite,
    )


def _report(claim: Claim, statement: Statement, answers: list[Answer], correction: ClaimReport | None) -> ClaimReport:
    verdict = max((a.verdict for a in answers), key=_ORDER.index)
    wrong = next((i for i, a in enumerate(answers) if a.verdict is Verdict.REFUTED), None)
    decisive = wrong if wrong is not None else next(i for i, a in enumerate(answers) if a.verdict is verdict)
    answer, link = answers[decisive], statement.links[decisive]
    return ClaimReport(
        id=claim.id,
        statement=statement.text,
        span=link.span if verdict is not Verdict.PROVED else claim.span,
        claim_span=claim.span,
        expect=claim.expect,
        verdict=verdict,
        ok=_is_ok(claim, verdict, wrong, correction),
        because=_because(claim, answer, answers, wrong, verdict),
        sizes=_sizes(answers) if verdict is Verdict.PROVED else None,
        steps=_steps(statement, answers),
        first_wrong_step=wrong if len(answers) > 1 else None,
        notes=(*claim.warnings, *dict.fromkeys(note for a in answers for note in a.notes)),
        witness=answer.witness,
        diagnosis=answer.diagnosis,
        diagnosis_kind=answer.diagnosis_kind,
        correct=None if correction is None else correction.statement,
        correct_verdict=None if correction is None else correction.verdict,
        reason=claim.because,
        points=None if claim.points is None else str(claim.points),
        cite=claim.cite,
    )


def _because(claim: Claim, answer: Answer, answers: list[Answer], wrong: int | None, verdict: Verdict) -> str:
    if claim.fails_at is not None and wrong is not None and wrong != claim.fails_at:
        return f"the first wrong step is {wrong}, not {claim.fails_at} as fails_at says; {answer.because}"
    if len(answers) > 1 and verdict is Verdict.PROVED:
        return f"each of the {len(answers)} steps: {answer.because}"
    return answer.because


def _sizes(answers: list[Answer]) -> str | None:
    """The sizes for which every link is proved, from those of the links."""
    limited = [a.sizes for a in answers if a.sizes not in (None, "every")]
    return ", ".join(dict.fromkeys(part for sizes in limited if sizes for part in sizes.split(", "))) or "every"


def _steps(statement: Statement, answers: list[Answer]) -> tuple[StepReport, ...]:
    return tuple(
        StepReport(
            index=i,
            left=link.left_text,
            right=link.right_text,
            relation=link.relation,
            verdict=a.verdict,
            span=link.span,
            because=a.because,
            sizes=a.sizes,
            witness=a.witness,
            notes=a.notes,
        )
        for i, (link, a) in enumerate(zip(statement.links, answers, strict=True))
    )


def _is_ok(claim: Claim, verdict: Verdict, wrong: int | None, correction: ClaimReport | None) -> bool:
    if claim.expect == "holds":
        return verdict is Verdict.PROVED
    if claim.fails_at is not None and wrong != claim.fails_at:
        return False
    fails = verdict in (Verdict.REFUTED, Verdict.INVALID)
    return fails and correction is not None and correction.verdict is Verdict.PROVED
