"""Owns what the text between formulas says of index letters, as far as it can be told: that they are meant for some
values only. What is claimed of such letters is not known to be claimed for all of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from derivcheck.model import Claim
from derivcheck.notes.cases import PAIR, Case, block_end
from derivcheck.notes.model import Formula
from derivcheck.source import Span

_LETTER = re.compile(r"\s*([a-z])\s*")
#: Words before a letter that give it a meaning, and words after it by which that is any of its values.
_INTRODUCED = re.compile(r"\b(let|where|with|if|when|denote|denoting|suppose|assume|class|label)\W*$", re.IGNORECASE)
_ANY = re.compile(r"\W*(is|be|are|runs?|ranges?|goes)?\W*(an?|any|the|each|every|over)?\W*"
                  r"(index|sample|example|instance|observation|data|over|from|counts?)\b", re.IGNORECASE)  # fmt: skip
#: What stands between a formula and the condition that it is said for.
_AFTERWARDS = re.compile(
    r"[\s,;]*(and|only|holds|but)?[\s,]*(for|if|when|whenever|where|with|provided|as long as)\s*"
)


@dataclass(frozen=True, slots=True)
class Restricted:
    """Letters of which the text says something, how it says it, and the piece of the text where that is in force."""

    letters: frozenset[str]
    text: str
    span: Span


def restrictions(text: str, formulas: Sequence[Formula]) -> tuple[Restricted, ...]:
    """What the text says of index letters, in its order: by conditions in front of formulas, which are in force to
    the end of the paragraph or the formula after it, and by letters that are introduced, which stay."""
    unread = [formula for formula in formulas if formula.problem is not None and not formula.display]
    found = list(_found(text, unread, formulas))
    return tuple(
        Restricted(one.letters, one.text, Span(one.span.start, min(one.span.end, _next(found, one))))
        if len(one.letters) == 2
        else one
        for one in found
    )


def _found(text: str, unread: Iterable[Formula], formulas: Sequence[Formula]) -> Iterator[Restricted]:
    for formula in unread:
        content, after = text[formula.content.start : formula.content.end], formula.span.end
        if (pair := PAIR.fullmatch(content)) and pair[1] != pair[2]:
            letters, said = frozenset(pair.group(1, 2)), content.strip()
            before = max((f.span for f in formulas if f.span.end <= formula.span.start), default=None)
            if before is not None and _AFTERWARDS.fullmatch(text, before.end, formula.span.start):
                yield Restricted(letters, said, before)
            else:
                yield Restricted(letters, said, Span(after, block_end(text, after)))
        elif (letter := _LETTER.fullmatch(content)) and _introduced(text, formula.span):
            yield Restricted(frozenset({letter[1]}), content.strip(), Span(after, len(text)))


def _introduced(text: str, letter: Span) -> bool:
    """Whether a letter gets a meaning where it stands, other than that of any index."""
    before = _INTRODUCED.search(text, max(0, letter.start - 60), letter.start)
    return before is not None and not _ANY.match(text, letter.end)


def _next(found: Sequence[Restricted], one: Restricted) -> int:
    later = (other.span.start for other in found if len(other.letters) == 2 and other.span.start > one.span.start)
    return min(later, default=one.span.end)


def restricted(claim: Claim, among: Sequence[Restricted], told: Sequence[Case] = ()) -> str | None:
    """Why a claim may not be meant for every value, of its letters or of all that is in it; ``None`` if nothing is
    said of that."""
    if claim.statement is None:
        return None
    letters = {quantifier.name for quantifier in claim.statement.quantifiers}
    for one in among:
        if one.letters <= letters and one.span.start <= claim.span.start < one.span.end:
            return f"the text says something of `{one.text}`, and it may be meant for that alone"
    for case in told:
        if case.span.start <= claim.span.start < case.span.end:
            return case.words
    return None
