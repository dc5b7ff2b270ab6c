"""Owns which steps of a submission count for which claim of the key, and which answer to it counts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace

from derivcheck.grading.chains import Chain
from derivcheck.grading.court import Court
from derivcheck.grading.match import Asked, Stated, leads, stated_in
from derivcheck.grading.steps import Marked, Step
from derivcheck.grading.subjects import Subjects
from derivcheck.lang.typed import Apply, Bound, Derivative, Expr
from derivcheck.model import Link


@dataclass(slots=True)
class Account:
    """What counts for one claim of the key: the chains that state it, the answers, how many ``others`` differ from
    the last, and the steps."""

    asked: Asked
    stated: tuple[Stated, ...]
    steps: list[int] = field(default_factory=list)
    own: list[int] = field(default_factory=list)
    answers: list[Stated] = field(default_factory=list)
    others: int = 0


class Accounts:
    """The accounts of all claims of the key, by their ids."""

    def __init__(self, asked: Sequence[Asked], chains: Sequence[Chain], subjects: Subjects, court: Court) -> None:
        self._chains, self._subjects, self._court = chains, subjects, court
        self._dropped: set[int] = set()
        self._said: set[Hashable] = set()
        self.by_id = {one.claim.id: Account(one, stated_in(one, chains, subjects)) for one in asked}
        self._by_value()

    def asked(self) -> dict[int, list[Asked]]:
        """The claims of the key that a chain states, by the number of the chain."""
        found: dict[int, list[Asked]] = {}
        for account in self.by_id.values():
            for stated in account.stated:
                found.setdefault(stated.chain, []).append(account.asked)
        return found

    def owned(self) -> frozenset[int]:
        """The chains that state a claim of the key."""
        return frozenset(stated.chain for account in self.by_id.values() for stated in account.stated)

    def settle(self, marked: Marked, right: Callable[[Stated], bool | None]) -> None:
        """Settle, once all steps are marked, which answers count and which steps; ``right`` tells of an answer by
        itself whether it is."""
        for account in self.by_id.values():
            self._settle(account, marked, right)
        self._assign(marked)

    def of(self) -> dict[int, str]:
        """For which claim of the key a step counts."""
        found: dict[int, str] = {}
        for name, account in self.by_id.items():
            for number in account.steps:
                found.setdefault(number, name)
        return found

    # --- matching by what the engine finds

    def _by_value(self) -> None:
        """Chains about a derivative by the right thing of something that is written in another way."""
        taken = {stated.chain for account in self.by_id.values() for stated in account.stated}
        for account in self.by_id.values():
            if account.stated:
                continue
            found = [
                chain
                for chain in self._chains
                if chain.number not in taken and chain.head is not None and self._same_head(account.asked, chain)
            ]
            account.stated = tuple(Stated(chain.number, 0, len(chain.terms) - 1) for chain in found)

    def _same_head(self, asked: Asked, chain: Chain) -> bool:
        head, mine = chain.head, asked.subjects[0]
        value = chain.terms[0].value
        if mine.kind == "prime":
            return value is not None and self._same_function(asked, chain, value)
        if head is None or value is None or head.kind != "derivative" or mine.kind != "derivative":
            return False
        if not isinstance(head.what, tuple) or not isinstance(mine.what, tuple) or head.what[1:] != mine.what[1:]:
            return False
        first = asked.claim.statement.links[0] if asked.claim.statement else None
        if first is None or head.pattern != mine.pattern or value.shape != asked.head.shape or chain.quantifiers:
            return False
        if asked.claim.statement is not None and asked.claim.statement.quantifiers:
            return False
        return self._court.rule(chain.claim, replace(first, left=value, right=asked.head, relation="==")).proved

    def _same_function(self, asked: Asked, chain: Chain, value: Expr) -> bool:
        """Whether a chain begins with the derivative, by a letter that stands for any number, of what is proved to be
        the function of one number of which the claim asks for the derivative."""
        head, order = asked.head, 0
        while isinstance(value, Derivative) and value.target.kind == "bound" and not value.target.subscripts:
            order, key, name, value = order + 1, value.target.key, value.target.name, value.of
        numbers = {q.key for q in chain.quantifiers if q.size is None}
        if not isinstance(head, Apply) or len(head.arguments) != 1 or order != head.order or not order:
            return False
        if key not in numbers or not isinstance(head.arguments[0], Bound) or value.shape:
            return False
        function = replace(head, order=0, arguments=(replace(head.arguments[0], name=name, key=key),))
        link = Link(value, function, "==", "", "", chain.terms[0].span)
        return self._court.rule(chain.claim, link).proved

    def _settle(self, account: Account, marked: Marked, right: Callable[[Stated], bool | None]) -> None:
        """Which answer counts: the last one that is meant as one. If it is not right, a chain before it that ends in
        another answer is of no use; if it is, the mistakes of that chain count."""
        stated = [self._meant(one, marked) for one in account.stated]
        account.answers = [one for one in stated if one.answer is not None]
        if not account.answers:
            return
        last = account.answers[-1]
        left = [one for one in account.answers[:-1] if self._differ(one, last)]
        account.others = len(left)
        if right(last) is False:
            self._dropped.update(one.chain for one in left)
            stated = [one for one in stated if one not in left]
        account.stated = tuple(stated)

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
        a, b = self._chains[one.chain], self._chains[last.chain]
        left, right = a.terms[one.answer], b.terms[last.answer]
        if left.value is None or right.value is None or left.value.shape != right.value.shape:
            return False
        if a.quantifiers or b.quantifiers:
            return False
        link = Link(left.value, right.value, "==", left.text, right.text, right.span)
        return self._court.rule(b.claim, link).refuted

    def _assign(self, marked: Marked) -> None:
        """Which steps count for which claim of the key: those of the chains that state it, and those of the chains
        before it that state nothing that the key asks for."""
        owners: dict[int, list[Account]] = {}
        for account in self.by_id.values():
            for stated in account.stated:
                owners.setdefault(stated.chain, []).append(account)
        waiting: list[int] = []
        for chain in self._chains:
            if chain.number in self._dropped and chain.number not in owners:
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
        head = self._chains[step.chain].terms[0].value
        return head is not None and leads(head, asked.head, self._subjects)

    def _repeats(self, step: Step, account: Account) -> bool:
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
        said = (head, *(self._subjects.form(t.value) for t in chain.terms[1:] if t.value is not None))
        if said in self._said:
            return wrong
        self._said.add(said)
        return numbers

    def _part(
        self, account: Account, owners: Sequence[Account], chain: Chain, numbers: list[int], marked: Marked
    ) -> list[int]:
        """The steps of a chain that count for one of the claims that it states: of a formula and of its value at a
        point, each has its own."""
        stated = next(one for one in account.stated if one.chain == chain.number)
        if stated.answer is None or stated.answer > stated.term:
            numbers = [n for n in numbers if marked.steps[n].index >= stated.term]  # those before it are another's
        kinds = {other.asked.numeric for other in owners}
        if len(kinds) == 1:
            return numbers
        formula = next(o for o in owners if not o.asked.numeric)
        answer = next((s.answer for s in formula.stated if s.chain == chain.number), None)
        ends = len(chain.terms) if answer is None else answer
        numeric = account.asked.numeric
        return [n for n in numbers if (marked.steps[n].index >= ends) is numeric]


def _apart(step: Step) -> bool:
    """Whether a step counts for nothing."""
    return step.empty or step.aside
