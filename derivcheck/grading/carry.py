"""Owns errors carried forward: a later step read as if what the student stated before, wrongly, were so.

A stated ``D(u, v) == S`` that is wrong makes ``D(f, w)``, on whose way from ``w`` to ``f`` it lies, into
``D(f, w) + sum(D(f, u[j])*(S[j, k] - D(u[j], v[k]))*D(v[k], w))``: the chain rule with ``S`` in its place.
A name that was stated wrongly has what was stated for its definition. Nothing follows that the engine does not prove.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from derivcheck.grading.court import Court, Ruling
from derivcheck.grading.expressions import (
    Change,
    Indices,
    array_of,
    combined,
    entry,
    is_closed,
    is_decimal,
    product,
    rewritten,
    stretched,
    summed,
    with_bound,
)
from derivcheck.grading.subjects import Opened, Subjects
from derivcheck.lang import typed
from derivcheck.lang.typed import Dim, Expr, Target
from derivcheck.model import Claim, Link, Relation
from derivcheck.verdict import ClaimReport, Verdict

#: How many readings of one step are put to the engine.
MOST_READINGS = 10
#: How many readings of a wrong step are looked at for the probable mistake in it.
MOST_TOLD = 2
#: How many of the latest mistakes are carried through the chain rule.
MOST_CUTS = 4


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that was stated: ``opened`` is ``value``, said in step ``step``; ``wrong``: and is not; ``foreign``:
    it is so in another exercise."""

    opened: Opened
    value: Expr
    step: int
    wrong: bool
    foreign: bool = False

    @property
    def closed(self) -> bool:
        """Whether it is stated as a number."""
        return is_closed(self.value)


@dataclass(frozen=True, slots=True)
class Reading:
    """A link as it would be if an earlier mistake were none; ``rounded``: it was none, but a rounded value;
    ``again``: the link says once more what was stated wrongly of its own left side; ``foreign``: it is so in another
    exercise."""

    left: Expr
    right: Expr
    step: int
    definitions: Mapping[str, Expr] = field(default_factory=dict)
    rounded: bool = False
    again: bool = False
    foreign: bool = False


@dataclass(slots=True)
class Carry:
    """What a submission stated so far, and what follows from it. ``given`` are the names that are differentiated in
    the key and that nothing is asked of: whoever takes them for something else solves another exercise."""

    subjects: Subjects
    court: Court
    given: frozenset[str] = frozenset()
    indices: Indices = field(default_factory=Indices)
    stated: list[Mistake] = field(default_factory=list)

    def state(self, term: Expr, value: Expr, step: int, *, wrong: bool, foreign: bool = False) -> None:
        """Remember that a term, which is about something, was stated to be a value, in the place of what was stated
        of it before: who has put a mistake right does not follow from it any more."""
        opened = self.subjects.opened(term, self.indices)
        if opened is not None and len(opened.axes) == len(term.shape):
            fitting = stretched(value, tuple(dim for _, dim in opened.axes))
            if fitting is not None and _free(fitting) <= {_key(index) for index, _ in opened.indices()}:
                new = Mistake(opened, fitting, step, wrong, foreign)
                self.stated = [old for old in self.stated if not self._replaces(new, old)]
                self.stated.append(new)

    def _replaces(self, new: Mistake, old: Mistake) -> bool:
        """Whether a statement is about what an earlier one is about, and as a number or a formula like that one."""
        one, other = new.opened, old.opened
        if new.closed is not old.closed or self.subjects.called(one.of) != self.subjects.called(other.of):
            return False
        if one.target is None or other.target is None:
            return one.target is other.target
        return _same_target(one.target, other.target)

    def follows(self, claim: Claim, link: Link) -> tuple[Reading | None, bool]:
        """The reading by which a link follows from what was stated, and if there is none whether that is certain."""
        certain = True
        for reading in self._readings(link, claim):
            ruling = self._ruled(claim, link, reading)
            if ruling.proved:
                return reading, True
            certain = certain and ruling.verdict in (Verdict.REFUTED, Verdict.INVALID)
        return None, certain

    def told(self, claim: Claim, link: Link) -> ClaimReport | None:
        """The report on a link with the probable mistake in it, if that is seen where what was stated wrongly before
        is in its place."""
        for reading in islice(self._readings(link, claim), MOST_TOLD):
            report = self._ruled(claim, link, reading, told=True).report
            if report.diagnosis is not None:
                return replace(report, diagnosis=f"after the earlier mistake, {report.diagnosis}")
        return None

    def _ruled(self, claim: Claim, link: Link, reading: Reading, *, told: bool = False) -> Ruling:
        relation: Relation = "≈" if is_decimal(reading.right) else link.relation
        carried = replace(link, left=reading.left, right=reading.right, relation=relation)
        return self.court.rule(claim, carried, told=told, definitions=reading.definitions)

    # --- readings

    def _readings(self, link: Link, claim: Claim) -> Iterator[Reading]:
        """The link with what was stated wrongly in the place of what it is, the latest first."""
        seen = 0
        for reading in self._all_readings(link, claim):
            if reading.left is link.left and reading.right is link.right and not reading.definitions:
                continue
            seen += 1
            if seen > MOST_READINGS:
                return
            yield reading

    def _all_readings(self, link: Link, claim: Claim) -> Iterator[Reading]:
        wrong = [m for m in reversed(self.stated) if m.wrong]
        if is_numeric(link):
            yield from self._with_numbers(link)
        by_definition = self._redefined(wrong)
        worlds: list[tuple[Mapping[str, Expr], int | None]] = [({}, None)]
        if by_definition is not None:
            worlds.append(by_definition)
        cuts = [m for m in wrong if m.opened.target is not None]
        for definitions, origin in worlds:
            if origin is not None:
                yield Reading(link.left, link.right, origin, definitions, foreign=self._is_foreign(definitions))
            yield from self._changed(link, cuts, None, definitions, origin)
            for mistake in cuts[:MOST_CUTS]:
                yield from self._changed(link, cuts, mistake, definitions, origin)

    def _changed(
        self,
        link: Link,
        mistakes: Sequence[Mistake],
        through: Mistake | None,
        definitions: Mapping[str, Expr],
        origin: int | None,
    ) -> Iterator[Reading]:
        """The link with every derivative that was stated wrongly as it was stated; with ``through``, also every other
        one that the chain rule leads through that one."""
        used: list[Mistake] = []

        def change(part: Expr) -> Expr | None:
            if isinstance(part, typed.Defined) and (meant := self.subjects.meaning(part)) is not None:
                new = rewritten(meant, change)
                return None if new is meant else new
            if not isinstance(part, typed.Derivative):
                return None
            for mistake in mistakes:
                known = self._carried(part, mistake, direct=True)
                if known is not None:
                    used.append(mistake)
                    return known
            if through is None:
                return None
            found = self._carried(part, through, direct=False)
            if found is not None:
                used.append(through)
            return found

        left = rewritten(link.left, change)
        again = through is None and bool(used) and self._is_stated(link.left, mistakes)
        right = rewritten(link.right, change)
        if used:
            step = used[0].step if origin is None else origin
            foreign = any(mistake.foreign for mistake in used) or self._is_foreign(definitions)
            yield Reading(left, right, step, definitions, again=again, foreign=foreign)

    def _is_foreign(self, definitions: Mapping[str, Expr]) -> bool:
        return not self.given.isdisjoint(definitions)

    def _is_stated(self, term: Expr, mistakes: Sequence[Mistake]) -> bool:
        """Whether a term is itself something that was stated."""
        opened = self.subjects.opened(term, self.indices)
        if opened is None or opened.target is None:
            return False
        return any(
            self.subjects.called(opened.of) == self.subjects.called(mistake.opened.of)
            and mistake.opened.target is not None
            and _same_target(opened.target, mistake.opened.target)
            for mistake in mistakes
        )

    def _carried(self, node: typed.Derivative, mistake: Mistake, *, direct: bool) -> Expr | None:
        """A derivative as it is if a mistake were none; ``None`` if it has nothing to do with it."""
        found = self.subjects.opened(node, self.indices)
        if found is None or found.target is None or mistake.opened.target is None:
            return None
        stated, value = self._renewed(mistake)
        assert stated.target is not None
        same_of = self.subjects.called(found.of) == self.subjects.called(stated.of)
        same_by = _same_target(found.target, stated.target)
        if direct and not (same_of and same_by):
            return None
        if not direct and not self._leads(found, stated, same_of=same_of, same_by=same_by):
            return None
        bound: dict[str, Expr] = {}
        if same_of and not _bind(bound, stated.of_at, found.of_at):
            return None
        if same_by and not _bind(bound, stated.by_at, found.by_at):
            return None
        rest = [(index, dim) for index, dim in stated.indices() if _key(index) not in bound]
        stated, value = stated.at(bound), with_bound(value, bound)
        entry_value = self._through(found, stated, value, rest, same_of=same_of, same_by=same_by)
        made = array_of(entry_value, found.axes)
        return made if made is None or made.shape == node.shape else None

    def _through(
        self,
        found: Opened,
        stated: Opened,
        value: Expr,
        rest: Sequence[tuple[Expr, Dim]],
        *,
        same_of: bool,
        same_by: bool,
    ) -> Expr:
        """One entry of a derivative by the chain rule through what was stated."""
        if same_of and same_by:
            return summed(value, rest)
        assert found.target is not None
        assert stated.target is not None
        outer = None if same_of else _scalar(found.of, found.of_at, _target_of(stated.of), stated.of_at)
        by = typed.Defined(stated.target.whole, found.span, stated.target.name)
        inner = None if same_by else _scalar(by, stated.by_at, found.target, found.by_at)
        if self._only_through(found, stated, same_of=same_of, same_by=same_by):
            return summed(product([f for f in (outer, value, inner) if f is not None]), rest)
        truth = _scalar(stated.of, stated.of_at, stated.target, stated.by_at)
        gap = combined("-", value, truth)
        more = summed(product([f for f in (outer, gap, inner) if f is not None]), rest)
        return combined("+", _scalar(found.of, found.of_at, found.target, found.by_at), more)

    def _leads(self, found: Opened, stated: Opened, *, same_of: bool, same_by: bool) -> bool:
        """Whether what was stated lies on a way from the one end of a derivative to the other."""
        if same_of and same_by:
            return False
        assert found.target is not None
        assert stated.target is not None
        reaches = self.subjects.reaches
        if not same_of and not (isinstance(stated.of, typed.Defined) and reaches(found.of, stated.of.name)):
            return False
        if same_by:
            return True
        if stated.target.kind != "defined" or found.target.kind == "bound":
            return False
        by = typed.Defined(stated.target.whole, found.span, stated.target.name)
        return stated.target.name != found.target.name and reaches(by, found.target.name)

    def _only_through(self, found: Opened, stated: Opened, *, same_of: bool, same_by: bool) -> bool:
        """Whether there is no way past what was stated."""
        assert found.target is not None
        assert stated.target is not None
        last = found.target.name
        past = self.subjects.reaches
        if not same_of and isinstance(stated.of, typed.Defined):
            if past(found.of, last, without=stated.of.name):
                return False
            return same_by or not past(stated.of, last, without=stated.target.name)
        return not past(found.of, last, without=stated.target.name)

    def _renewed(self, mistake: Mistake) -> tuple[Opened, Expr]:
        """What was stated with indices of its own, as its entry at them."""
        opened = mistake.opened
        fresh = {_key(index): self.indices.fresh(dim, opened.span) for index, dim in opened.indices()}
        renewed = opened.at(fresh)
        value = with_bound(mistake.value, fresh)
        return renewed, entry(value, [index for index, _ in renewed.axes])

    # --- names

    def _redefined(self, wrong: Sequence[Mistake]) -> tuple[Mapping[str, Expr], int] | None:
        """Definitions as they were stated wrongly, the last of each name, and the step of the first of them."""
        made: dict[str, Expr] = {}
        steps: list[int] = []
        for mistake in wrong:
            of = mistake.opened.of
            if mistake.opened.target is not None or mistake.closed or not isinstance(of, typed.Defined):
                continue
            if of.name in made or self.subjects.reaches(mistake.value, of.name):
                continue
            whole = _whole(mistake)
            whole = None if whole is None else self.subjects.without_own(whole)
            if whole is not None and whole.shape == of.shape and self.subjects.comes_before(whole, of.name):
                made[of.name] = whole
                steps.append(mistake.step)
        return (dict(sorted(made.items())), min(steps)) if made else None

    def _with_numbers(self, link: Link) -> Iterator[Reading]:
        """The link with the numbers that were stated for names, and the numbers or formulas for derivatives, whether
        right or wrong: a value that was rounded is one that was stated."""
        for numbers in (True, False):
            used: list[Mistake] = []
            change = self._inserting(link, used, numbers=numbers)
            left, right = rewritten(link.left, change), rewritten(link.right, change)
            if used:
                first = next((m for m in used if m.wrong), used[0])
                yield Reading(left, right, first.step, rounded=not first.wrong)

    def _inserting(self, link: Link, used: list[Mistake], *, numbers: bool) -> Change:
        """What puts in what was stated; ``numbers``: for derivatives as well, and not the formulas."""

        def change(part: Expr) -> Expr | None:
            if isinstance(part, typed.Derivative):
                new = self._stated_value(part, used, numbers=numbers)
                return new if new is None or numbers else rewritten(new, change)
            if not isinstance(part, typed.Defined):
                return None
            known = self._number_of(part)
            if known is not None and part is not link.left:
                used.append(known)
                return known.value
            meant = self.subjects.definition(part)
            new = rewritten(meant, change)
            return None if new is meant else new

        return change

    def _number_of(self, name: typed.Defined) -> Mistake | None:
        """The last number that was stated for a name."""
        for mistake in reversed(self.stated):
            of = mistake.opened.of
            number = mistake.opened.target is None and mistake.closed and _is_whole(mistake.opened)
            if number and isinstance(of, typed.Defined) and of.name == name.name:
                return mistake
        return None

    def _stated_value(self, node: typed.Derivative, used: list[Mistake], *, numbers: bool) -> Expr | None:
        """What was stated of a derivative last, or what it is by the chain rule through what was."""
        known = [m for m in reversed(self.stated) if m.opened.target is not None and m.closed is numbers]
        for direct in (True, False):
            for mistake in known:
                new = self._carried(node, mistake, direct=direct)
                if new is not None:
                    used.append(mistake)
                    return new
        return None


def is_numeric(link: Link) -> bool:
    """Whether one of the sides is made of numbers alone."""
    return link.relation == "≈" or is_closed(link.left) or is_closed(link.right)


def _key(index: Expr) -> str:
    return index.key if isinstance(index, typed.Bound) else ""


def _free(root: Expr) -> set[str]:
    """The keys of the bound names that an expression uses and does not bind."""
    parts = list(typed.postorder(root))
    used = {part.key for part in parts if isinstance(part, typed.Bound)}
    used |= {part.target.key for part in parts if isinstance(part, typed.Derivative) and part.target.kind == "bound"}
    return used - {part.key for part in parts if isinstance(part, typed.BigOp)}


def _whole(mistake: Mistake) -> Expr | None:
    """What was stated of a name, as an array of the name's shape."""
    opened = mistake.opened
    if _is_whole(opened):
        return mistake.value
    axes = tuple(zip(opened.of_at, opened.of.shape, strict=True))
    if any(dim != 1 and not isinstance(index, typed.Bound) for index, dim in axes):
        return None
    return array_of(entry(mistake.value, [index for index, _ in opened.axes]), axes)


def _is_whole(opened: Opened) -> bool:
    """Whether a name is stated as one array, and not entry by entry."""
    return len(opened.axes) == len(opened.of.shape)


def _same_target(a: Target, b: Target) -> bool:
    return (a.kind, a.name) == (b.kind, b.name) and (a.kind != "bound" or a.key == b.key)


def _target_of(name: Expr) -> Target:
    assert isinstance(name, typed.Defined)
    return Target("defined", name.name, name.name, None, name.shape, name.shape)


def _scalar(of: Expr, of_at: Sequence[Expr], target: Target, by_at: Sequence[Expr]) -> Expr:
    """The derivative of one entry by one entry."""
    by = replace(target, subscripts=tuple(by_at) if target.whole else None, shape=())
    return typed.Derivative((), of.span, "gradient", entry(of, of_at), by)


def _bind(bound: dict[str, Expr], pattern: Sequence[Expr], places: Sequence[Expr]) -> bool:
    """Find what the indices of a pattern are at given places; ``False`` if the pattern is not met there."""
    for index, place in zip(pattern, places, strict=True):
        if isinstance(index, typed.Bound):
            known = bound.setdefault(index.key, place)
            if not _same_index(known, place):
                return False
        elif not _same_index(index, place):
            return False
    return True


def _same_index(a: Expr, b: Expr) -> bool:
    if isinstance(a, typed.Bound) and isinstance(b, typed.Bound):
        return a.key == b.key
    return isinstance(a, typed.Number) and isinstance(b, typed.Number) and a.value == b.value
