"""Owns the search for the probable mistake in a refuted link: corrections in order, the cheap sieve, the proof.

A correction is tried at a few points in few digits; what passes is put to the engine as a claim of its own. Nothing
is said that was not proved, or else the words say that it only agrees at every point tried.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from derivcheck.diagnose import arrays, couplings, powers, rules, scales
from derivcheck.diagnose.case import Candidate, Case, Generator, Spent, open_case, open_misfit
from derivcheck.diagnose.displayed import displayed_mistake, value_mistake
from derivcheck.diagnose.rebuild import number
from derivcheck.diagnose.several import in_all, readings, together
from derivcheck.diagnose.told import Changed
from derivcheck.engine.decide import decide_equality
from derivcheck.engine.question import Answer, Question
from derivcheck.engine.session import Session
from derivcheck.engine.work import OverBudget
from derivcheck.errors import EngineFault
from derivcheck.lang.elaborate import Scope
from derivcheck.lang.print import printed
from derivcheck.model import Claim, Derivation, Link, Misfit
from derivcheck.verdict import Verdict

#: Counted work of the proof of one correction, and how many are put to the engine.
PROOF_WORK = 300_000
MOST_PROOFS = 4
#: How many corrections are tried that undo several mistakes at once.
MOST_TOGETHER = 3_000
#: A longer correction is not written out.
LONGEST_TEXT = 200

#: The kinds of mistake, the smallest and likeliest first: the first correction that is proved is told.
KINDS: tuple[Generator, ...] = (
    rules.outer_rules,
    rules.product_rules,
    rules.power_rules,
    arrays.conditions,
    scales.signs,
    arrays.activations,
    arrays.means,
    scales.dropped_factors,
    scales.size_factors,
    scales.constant_factors,
    arrays.matrices,
    arrays.exchanged_names,
    arrays.other_names,
    arrays.functions,
    powers.exponents,
    arrays.positions,
    arrays.sums,
    rules.dropped_terms,
    powers.numbers,
    powers.label_codings,
    scales.missing_factors,
    scales.lost_samples,
    rules.inner_rules,
    rules.missing_terms,
    rules.constant_terms,
    couplings.lost_couplings,
)
#: What may be wrong beside these where shapes do not go together.
OF_SHAPES: tuple[Generator, ...] = (arrays.names_of_other_shapes,)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A probable mistake: its kind, one line that tells it, and the text of the claimed side as it should be.

    ``proved``: the corrected statement is; otherwise it agrees at every point tried, and the line says so.
    """

    kind: str
    text: str
    corrected: str | None
    proved: bool


def diagnose(question: Question, answer: Answer) -> Diagnosis | None:
    """The probable mistake in a refuted link; ``None`` if none is found."""
    return diagnosis(question)


def diagnosis(question: Question) -> Diagnosis | None:
    """The probable mistake in a refuted link; ``None`` if none is found within the work that it may cost."""
    if question.claim.up_to:
        return None
    if question.link.relation == "≈":
        found = displayed_mistake(question)
        return None if found is None else Diagnosis(found.kind, found.text, found.corrected, proved=True)
    try:
        case = open_case(question)
        if case is None:
            return None
        roads = (_by_value, _by_correction, _by_entries, _by_several, _for_one)
        return next((told for road in roads if (told := road(case)) is not None), None)
    except (OverBudget, Spent, RecursionError):
        return None


def misfit(session: Session, claim: Claim, seed: int) -> Diagnosis | None:
    """The probable mistake in a claim whose shapes do not go together: in its first link that cannot be."""
    if claim.misfit is None or claim.up_to:
        return None
    try:
        return _in_misfit(session, claim, claim.misfit, seed)
    except (OverBudget, Spent, RecursionError):
        return None


def _in_misfit(session: Session, claim: Claim, found: Misfit, seed: int) -> Diagnosis | None:
    levels: list[list[Changed]] = []
    if found.written is not None:
        scope = scope_of(session.derivation, claim).within(found.quantifiers)
        levels = readings(found.written, scope, found.known.shape)
    sides = [one.side for level in levels for one in level]
    claimed = found.value or next(iter(sides), None)
    case = None if claimed is None else open_misfit(session, claim, found, seed, claimed)
    if case is None:
        return None
    roads: tuple[Callable[[], Diagnosis | None], ...] = (
        lambda: _first(case, in_all(case, levels[:1])),
        lambda: _by_correction(case, *OF_SHAPES) if found.value is not None else None,
        lambda: _anew(case, in_all(case, levels[:2], after=1)),
        lambda: _by_several(case) if found.value is not None else None,
        lambda: _anew(case, in_all(case, levels, after=2)),
    )
    return next((told for road in roads if (told := road()) is not None), None)


def scope_of(derivation: Derivation, claim: Claim | None = None) -> Scope:
    """The names of a derivation, and the sizes that are known where a claim stands."""
    exact = {name: rule.exact for name, rule in derivation.dims.items() if rule.exact is not None}
    return Scope(
        {name: variable.shape for name, variable in derivation.variables.items()},
        derivation.definitions,
        frozenset(derivation.dims),
        frozenset(derivation.functions),
        sizes=exact if claim is None else {**exact, **claim.sizes},
    )


def _by_value(case: Case) -> Diagnosis | None:
    """What is wrong with a written number that stands for a value without variables."""
    found = value_mistake(case)
    if found is None or _verdict(case, case.link(found.side)) is not Verdict.PROVED:
        return None
    return _told(found, proved=True)


def _by_correction(case: Case, *more: Generator) -> Diagnosis | None:
    """The first correction that is proved; or the first that agrees at every point tried."""
    return _first(case, (candidate for generate in (*KINDS, *more) for candidate in generate(case)))


def _by_entries(case: Case) -> Diagnosis | None:
    """What is told of the entries of an array alone: the way through one entry of another for those through all."""
    entries = couplings.by_entries(case)
    found = None if entries is None else _first(entries, couplings.lost_couplings(entries))
    if entries is None or found is None or not found.proved:
        return None
    words = found.text.replace(": it holds with ", f": {printed(entries.claimed)} has to be ")
    return replace(found, text=words, corrected=None)


def _by_several(case: Case) -> Diagnosis | None:
    """The first correction that undoes several mistakes at once and is proved."""
    return _anew(case, together(case))


def _anew(case: Case, candidates: Iterable[Candidate]) -> Diagnosis | None:
    """The first of some corrections that is proved, as far as the work for as many goes."""
    case.begin_anew(MOST_TOGETHER)
    found = _first(case, candidates)
    return found if found is not None and found.proved else None


def _first(case: Case, candidates: Iterable[Candidate]) -> Diagnosis | None:
    supported: Candidate | None = None
    proofs = 0
    try:
        for candidate in candidates:
            if not _passes(case, candidate):
                continue
            verdict = _confirmed(case, candidate)
            if verdict is Verdict.PROVED:
                return _told(candidate, proved=True)
            if verdict is Verdict.SUPPORTED and supported is None and case.agrees_further(candidate.side):
                supported = candidate
            proofs += 1
            if proofs == MOST_PROOFS:
                raise Spent
    except Spent:
        pass
    return None if supported is None else _told(supported, proved=False)


def _passes(case: Case, candidate: Candidate) -> bool:
    if candidate.model is not None:
        return case.agrees(candidate.model, with_claimed=True)
    return case.agrees(candidate.side)


def _confirmed(case: Case, candidate: Candidate) -> Verdict:
    """What the engine finds of the corrected link; with a model, also of the claimed side's equality with it."""
    verdict = _verdict(case, case.link(candidate.side))
    if candidate.model is None or verdict is not Verdict.PROVED:
        return verdict
    return _verdict(case, case.link(case.claimed, candidate.model))


def _verdict(case: Case, link: Link) -> Verdict:
    return _decided(replace(case.question, link=link))


def _decided(question: Question) -> Verdict:
    """What the engine finds of a statement that nobody claimed: if it contradicts itself there, nothing."""
    try:
        return decide_equality(question, work=PROOF_WORK, search=False).verdict
    except EngineFault:
        return Verdict.UNDECIDED


def _told(candidate: Candidate, *, proved: bool) -> Diagnosis:
    text = printed(candidate.side)
    return Diagnosis(candidate.kind, _line(candidate.words, text, proved=proved), text, proved)


def _line(words: str, text: str, *, proved: bool) -> str:
    if len(text) > LONGEST_TEXT:
        return words if proved else f"{words}: so corrected it agrees at every point tried"
    if proved:
        return f"{words}: it holds with {text}"
    return f"{words}: with {text} it agrees at every point tried"


def _vanishes(case: Case, small: Question) -> bool:
    """Whether there is nothing left of the claimed side, so that it says nothing that it is right."""
    link = case.link(case.claimed, number(0, case.claimed.span))
    return _decided(replace(small, link=link)) is not Verdict.REFUTED


def _for_one(case: Case) -> Diagnosis | None:
    """Whether it is right where one of the sizes is 1: for one sample, not for the batch."""
    question = case.question
    fixed = {name for name, rule in question.derivation.dims.items() if rule.exact is not None or rule.least > 1}
    for dim in case.dims:
        if dim in fixed or dim in question.claim.sizes:
            continue
        claim = replace(question.claim, sizes={**question.claim.sizes, dim: 1})
        small = replace(question, claim=claim)
        if dim in small.reach().least:
            continue
        verdict = _decided(small)
        if verdict in (Verdict.PROVED, Verdict.SUPPORTED) and not _vanishes(case, small):
            proved = verdict is Verdict.PROVED
            words = f"right for {dim} = 1" if proved else f"for {dim} = 1 it agrees at every point tried"
            return Diagnosis("one sample", f"{words}, but not for more", None, proved)
    return None
