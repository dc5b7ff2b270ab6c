"""Owns the check of a file's form: marked data against what a spec can be, every finding a problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from derivcheck.errors import Problem
from derivcheck.source import Span
from derivcheck.spec import schema
from derivcheck.spec.forms import Wrong
from derivcheck.spec.marks import (
    CUT_HINT,
    Marked,
    MarkedList,
    MarkedMap,
    MarkedText,
    Path,
    cut_by_comma,
    plain,
    step,
)
from derivcheck.spec.words import did_you_mean, quoted


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and the way down to the node that it is about."""

    path: Path
    problem: Problem


@dataclass(frozen=True, slots=True)
class Form:
    """Which parts of a file have the right form."""

    _at: frozenset[Path]
    _under: frozenset[Path]

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Form:
        """The form of a file in which there are these findings."""
        paths = {finding.path for finding in findings}
        return cls(frozenset(paths), frozenset(path[:end] for path in paths for end in range(len(path) + 1)))

    def sound(self, *path: str | int) -> bool:
        """Whether there is no finding at a node, inside it, or at one around it."""
        return path not in self._under and not any(path[:end] in self._at for end in range(1, len(path)))


def check(top: MarkedMap) -> list[Finding]:
    """What is wrong with the form of a spec: kinds, keys, patterns, and keys that do not go together."""
    found, cuts = [], []
    for wrong in schema.SPEC.wrong(plain(top)):
        place = _place(wrong, top)
        problem = _cut(place) or _WORDS[wrong.what](wrong, place)
        cuts.extend([problem.span] if problem.message == _CUT and problem.span is not None else [])
        found.append(Finding(place.path, problem))
    # what lies between the two ends of a text cut by several commas is part of it
    found = [finding for finding in found if not any(_inside(finding.problem.span, cut) for cut in cuts)]
    claims = top.get("claims")
    if isinstance(claims, MarkedMap):
        for name, (key, claim) in claims.entries.items():
            if isinstance(claim, MarkedMap):
                found.extend(Finding(("claims", name), problem) for problem in _disagreements(key, claim))
    return found


def _disagreements(key: MarkedText, claim: MarkedMap) -> Iterator[Problem]:
    """Keys of a claim that do not go together."""
    expect = claim.get("expect")
    fails = isinstance(expect, MarkedText) and expect.text == "fails"
    for name, message, hint in schema.disagreements(frozenset(claim.entries), fails=fails):
        at = None if name is None else claim.key(name)
        yield Problem("claim", message, (at or key).span, hint)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an error is: the way down, the node there (``None`` if a key is missing) and the one around it."""

    path: Path
    node: Marked | None
    around: Marked
    of_key: bool

    @property
    def last(self) -> str | int:
        return self.path[-1] if self.path else ""

    @property
    def name(self) -> str:
        """What a reader calls the value."""
        if isinstance(self.last, int):
            owner = next((part for part in reversed(self.path) if isinstance(part, str)), "")
            return f"item {self.last + 1} of {quoted(owner)}"
        return quoted(self.last)

    @property
    def span(self) -> Span:
        """The value; its key where there is no value to see; the top of the mapping where there is no key."""
        visible = self.node is not None and self.node.span.end > self.node.span.start
        key = self.key
        if key is not None and (self.of_key or not visible):
            return key.span
        if self.node is not None and visible:
            return _first_line(self.node)
        return Span(self.around.span.start, self.around.span.start + 1)

    @property
    def in_flow(self) -> bool:
        """Whether it stands in a collection written ``{…}`` or ``[…]``."""
        return not isinstance(self.around, MarkedText) and self.around.flow

    @property
    def key(self) -> MarkedText | None:
        """The key of the value, if it has one."""
        if isinstance(self.around, MarkedMap) and isinstance(self.last, str):
            return self.around.key(self.last)
        return None


def _place(wrong: Wrong, top: MarkedMap) -> _Place:
    node: Marked | None = top
    around: Marked = top
    for part in wrong.path:
        if node is None:
            break
        around, node = node, step(node, part)
    return _Place(wrong.path, node, around, of_key=wrong.what == "key")


def _first_line(node: Marked) -> Span:
    """Of a block of lines its beginning, of anything else all of it."""
    if isinstance(node, MarkedText) or node.flow:
        return node.span
    return Span(node.span.start, node.span.start + 1)


_MISSING = {"derivcheck": "write `derivcheck: 1` at the top", "title": "write `title: …`, what this is about"}


def _missing(wrong: Wrong, place: _Place) -> Problem:
    return Problem("missing", f"the key {place.name} is missing", place.span, _MISSING.get(str(place.last)))


_KEYS: dict[str, tuple[str, ...]] = {
    "": schema.SPEC.names,
    "variables": schema.VARIABLE.names,
    "functions": schema.FUNCTION.names,
    "claims": schema.CLAIM.names,
    "reading": schema.READING.names,
}


def _unknown(wrong: Wrong, place: _Place) -> Problem:
    key = place.key
    span = place.span if key is None else key.span
    known = _KEYS[str(place.path[0]) if len(place.path) > 1 else ""]
    hint = did_you_mean(str(place.last), known) or f"the keys here are {', '.join(known)}"
    return Problem("key", f"unknown key {place.name}", span, hint)


_CUT = "a comma has cut this text in two"


def _cut(place: _Place) -> Problem | None:
    before, key = _cut_before(place), place.key
    if before is None or key is None:
        return None
    return Problem("key", _CUT, before.span.to(key.span), CUT_HINT)


def _inside(span: Span | None, cut: Span) -> bool:
    """Whether a span lies strictly within another."""
    return span is not None and span != cut and cut.start <= span.start and span.end <= cut.end


def _cut_before(place: _Place) -> MarkedText | None:
    """The text of which a key is the rest: ``(0`` before the key ``1)`` of ``{domain: (0, 1)}``."""
    around = place.around
    if not isinstance(around, MarkedMap) or not around.flow or not cut_by_comma(str(place.last)):
        return None
    keys = list(around.entries)
    for name in reversed(keys[: keys.index(str(place.last))]):
        value = around.get(name)
        if isinstance(value, MarkedText) and value.text:
            return value if value.style == "plain" and cut_by_comma(value.text) else None
    return None


def _key_must(wrong: Wrong, place: _Place) -> Problem:
    return Problem("value", f"the key {place.name} must be {wrong.be}", place.span, wrong.hint)


def _must(wrong: Wrong, place: _Place) -> Problem:
    cut = place.in_flow and isinstance(place.node, MarkedText) and cut_by_comma(place.node.text)
    message = f"{place.name} must be {wrong.be}, not {_got(place.node)}"
    return Problem("value", message, place.span, CUT_HINT if cut else wrong.hint)


def _got(node: Marked | None) -> str:
    """What stands in the place of what should."""
    match node:
        case MarkedText(text=text) if text:
            return quoted(text)
        case MarkedList(items=items):
            return "this list" if items else "an empty list"
        case MarkedMap(entries=entries):
            return "this mapping" if entries else "an empty mapping"
        case _:
            return "nothing"


_WORDS: dict[str, Callable[[Wrong, _Place], Problem]] = {
    "value": _must,
    "key": _key_must,
    "missing": _missing,
    "unknown": _unknown,
}
