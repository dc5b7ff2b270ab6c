"""Owns which chains of a submission state which claims of the key, and which lead to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from derivcheck.grading.chains import Chain
from derivcheck.grading.expressions import Indices, is_closed
from derivcheck.grading.subjects import Subject, Subjects
from derivcheck.lang.typed import (
    Arithmetic,
    ArrayOp,
    BigOp,
    Defined,
    Derivative,
    Element,
    Expr,
    Negate,
    Number,
    Variable,
    displayed,
    postorder,
)
from derivcheck.model import Claim, Derivation

#: Kinds of subjects that a chain can be about.
TELLING = ("derivative", "prime", "name")


@dataclass(frozen=True, slots=True)
class Asked:
    """A claim of the key: what its terms are about, and whether a number is asked for, and a rounded one."""

    claim: Claim
    subjects: tuple[Subject, ...]
    head: Expr
    numeric: bool
    rounded: bool
    #: The derivatives that its own answer is written with.
    given: frozenset[Subject]
    #: Whether the same is asked for as a number and as a formula.
    twice: bool = False

    def about(self, subject: Subject | None) -> bool:
        """Whether a term that is about something is about this."""
        return subject is not None and any(subject.covers(mine) for mine in self.subjects)

    def is_near(self, subject: Subject | None) -> bool:
        """Whether a term that is about something is about a part of this."""
        return subject is not None and any(mine.near(subject) for mine in self.subjects) and not self.about(subject)


@dataclass(frozen=True, slots=True)
class Stated:
    """A chain that states a claim of the key: the term that is what is asked for, and the one that is the answer
    (``None``: there is no other)."""

    chain: int
    term: int
    answer: int | None


def asked_of(key: Derivation, subjects: Subjects) -> tuple[Asked, ...]:
    """The claims of a key that can be asked for: those that are well formed and expected to hold."""
    asked = []
    for claim in key.claims:
        if claim.statement is None or claim.expect != "holds":
            continue
        quantifiers = claim.statement.quantifiers
        terms = [claim.statement.links[0].left, *(link.right for link in claim.statement.links)]
        first = subjects.of(terms[0], quantifiers)
        also = [subjects.of(term, quantifiers) for term in terms[1:]]
        # a name that is said to be a derivative (g == D(J, a) == h - y) asks for the derivative as well
        heads = (first, *(s for s in also if s.kind == "derivative" and first.kind in ("name", "derivative")))
        rounded = bool(claim.at) or any(link.relation == "≈" for link in claim.statement.links)
        numeric = rounded or is_closed(terms[-1])
        given = frozenset(derivatives(terms[-1], subjects, claim))
        asked.append(Asked(claim, tuple(dict.fromkeys(heads)), terms[0], numeric, rounded, given))
    return tuple(replace(one, twice=_is_twice(one, asked)) for one in asked)


def _is_twice(one: Asked, asked: Sequence[Asked]) -> bool:
    return any(other.numeric is not one.numeric and other.subjects[0] == one.subjects[0] for other in asked)


def given_names(asked: Sequence[Asked], subjects: Subjects) -> frozenset[str]:
    """The names that a key differentiates and asks nothing else of."""
    opened = [one for one in (subjects.opened(each.head, Indices()) for each in asked) if one is not None]
    names = [(one.of.name, one.target) for one in opened if isinstance(one.of, Defined)]
    return frozenset(name for name, target in names if target) - {name for name, target in names if not target}


def derivatives(term: Expr, subjects: Subjects, claim: Claim) -> list[Subject]:
    """The derivatives that stand in a term, names of the note's own written out."""
    quantifiers = claim.statement.quantifiers if claim.statement else ()
    return [subjects.of(part, quantifiers) for part in _parts(term, subjects) if isinstance(part, Derivative)]


def _parts(term: Expr, subjects: Subjects) -> list[Expr]:
    found: list[Expr] = []
    waiting = [term]
    while waiting:
        for part in postorder(waiting.pop()):
            found.append(part)
            if isinstance(part, Defined) and (meant := subjects.meaning(part)) is not None:
                waiting.append(meant)
    return found


def stated_in(asked: Asked, chains: Sequence[Chain], subjects: Subjects) -> tuple[Stated, ...]:
    """The chains that state a claim of the key, in the order of the submission.

    Where no chain begins with just what is asked for, those count that are about more (``∂p_k/∂z_j`` where
    ``∂p_k/∂z_k`` is asked for), or in which it stands behind something else that they are about
    (``∂L/∂b = ∂L/∂z = p - y``).
    """
    first: list[Stated] = []
    more: list[Stated] = []
    for chain in chains:
        terms = [i for i, term in enumerate(chain.terms) if asked.about(term.subject)]
        if not terms:
            continue
        answer = _answer(asked, chain, terms)
        if (answer is None and asked.twice) or _is_given(asked, chain, answer, subjects):
            continue
        before = (chain.terms[i].subject for i in range(terms[0]))
        behind = any(s is not None and s.kind in ("derivative", "prime") for s in before)
        exact = chain.terms[terms[0]].subject in asked.subjects
        (first if exact and not behind else more).append(Stated(chain.number, terms[0], answer))
    return tuple(first or more)


def _answer(asked: Asked, chain: Chain, terms: Sequence[int]) -> int | None:
    """The last term that is not itself what is asked for; of a claim without numbers, the last without."""
    others = [i for i in range(len(chain.terms)) if i not in terms]
    if asked.numeric:
        numbers = [i for i in others if _closed(chain, i)]
        if numbers or asked.rounded or not others:
            return numbers[-1] if numbers else None
        return others[-1]
    if others and _closed(chain, others[-1]):
        formulas = [i for i in others if not _closed(chain, i)]
        if asked.twice or (formulas and formulas[-1] > 0):
            return formulas[-1] if formulas else None
    return others[-1] if others else None


def leads(term: Expr, to: Expr, subjects: Subjects) -> bool:
    """Whether what a chain is about lies on the way to what is asked for: a name that it is made from; a derivative
    of such a name by one that is made from what is differentiated by; a function's derivative, which may lie
    anywhere."""
    mine, asked = subjects.opened(term, Indices()), subjects.opened(to, Indices())
    if mine is None:
        return True
    whole = to if asked is None else asked.of
    if not _made_from(whole, mine.of, subjects):
        return False
    if mine.target is None or asked is None or asked.target is None:
        return mine.target is None or asked is None
    if mine.target.kind == "bound" or asked.target.kind == "bound":
        return True
    by = Defined(mine.target.whole, to.span, mine.target.name)
    same = mine.target.name == asked.target.name
    trivial = isinstance(mine.of, Defined | Variable) and mine.of.name == mine.target.name
    return not trivial and (same or (mine.target.kind == "defined" and subjects.reaches(by, asked.target.name)))


def _made_from(whole: Expr, part: Expr, subjects: Subjects) -> bool:
    if isinstance(part, Defined | Variable):
        return subjects.reaches(whole, part.name)
    return subjects.called(whole) == subjects.called(part)


def too_short(asked: Asked, chain: Chain, answer: int | None) -> bool:
    """Whether an answer is a rounded number of so few digits that it says little: of one alone, or of less than half
    of those that the key has."""
    value = None if answer is None else chain.terms[answer].value
    statement = asked.claim.statement
    asked_for_a_number = asked.numeric and not asked.rounded
    if asked_for_a_number or value is None or statement is None or not displayed(value):
        return False
    mine, wanted = _digits(value), _digits(statement.links[-1].right) if asked.rounded else 2
    return mine < min(2, wanted) or 2 * mine < wanted


def _digits(value: Expr) -> int:
    """The most significant digits of a number that is displayed in an expression."""
    texts = [part.text for part in postorder(value) if isinstance(part, Number)]
    return max((len(text.split("e")[0].replace(".", "").lstrip("0")) for text in texts), default=0)


def _closed(chain: Chain, term: int) -> bool:
    value = chain.terms[term].value
    return value is not None and is_closed(value)


def _is_given(asked: Asked, chain: Chain, answer: int | None, subjects: Subjects) -> bool:
    """Whether an answer to a question about a name only says its definition again, where the key has another form."""
    head = asked.head
    if asked.numeric or not isinstance(head, Defined) or answer is None or asked.claim.statement is None:
        return False
    value, form = chain.terms[answer].value, asked.claim.statement.links[-1].right
    definition = subjects.definition(head)
    if value is None or subjects.form(form) == subjects.form(definition):
        return False
    if subjects.form(value) == subjects.form(definition):
        return True
    return summands(value) == summands(definition) != summands(form)


def summands(expr: Expr) -> int:
    """Of how many summands an expression is made, factors, sums over entries and signs before them left aside."""
    match expr:
        case Arithmetic(operator="+" | "-"):
            return summands(expr.left) + summands(expr.right)
        case Arithmetic(operator="*"):
            return max(summands(expr.left), summands(expr.right))
        case Arithmetic(operator="/"):
            return summands(expr.left)
        case Negate():
            return summands(expr.operand)
        case Element():
            return summands(expr.base)
        case BigOp():
            return summands(expr.body)
        case ArrayOp(name="sum" | "mean" | "transpose"):
            return summands(expr.arguments[0])
        case _:
            return 1


def unfinished(
    chains: Sequence[Chain], stated: Sequence[Stated], subjects: Subjects, given: frozenset[Subject]
) -> tuple[Subject, ...]:
    """The derivatives that the last answer is written with and of which the submission nowhere says what they are.

    A derivative is told if a chain about it has an end without derivatives, or with such as are told; ``given`` are
    those that the key itself writes its answer with.
    """
    told = set(given)
    needs = [(chain.terms[i].subject, needed) for chain in chains for i, needed in _ends(chain, subjects)]
    grown = True
    while grown:
        grown = False
        for subject, needed in needs:
            if subject is not None and subject not in told and needed <= told:
                told.add(subject)
                grown = True
    chain = chains[stated[-1].chain]
    answer = stated[-1].answer
    value = None if answer is None else chain.terms[answer].value
    if value is None:
        return ()
    own = chain.terms[stated[-1].term].subject
    left = [s for s in derivatives(value, subjects, chain.claim) if s not in told or s == own]
    return tuple(dict.fromkeys(left))


def _ends(chain: Chain, subjects: Subjects) -> list[tuple[int, frozenset[Subject]]]:
    """The terms of a chain that are about something, with the derivatives that its last other term is written
    with."""
    found = []
    for i, term in enumerate(chain.terms):
        if term.subject is None or term.subject.kind not in TELLING:
            continue
        others = [other.value for j, other in enumerate(chain.terms) if j != i]
        if others:
            # a term that has no value, as its shapes do not go together, is wrong, and yet what was said
            left = () if others[-1] is None else derivatives(others[-1], subjects, chain.claim)
            found.append((i, frozenset(left)))
    return found
