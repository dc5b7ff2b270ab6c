"""Owns the check of a file's form: marked data against the models, every finding a problem with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from derivcheck.errors import Problem
from derivcheck.source import Span
from derivcheck.spec import schema
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
    for error in schema.errors(plain(top)):
        place = _place(error["loc"], top)
        problem = _cut(place) or _WORDS.get(error["type"], _must)(error, place)
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


def _place(location: tuple[str | int, ...], top: MarkedMap) -> _Place:
    path: list[str | int] = []
    node: Marked | None = top
    around: Marked = top
    for part in location:
        if node is None:
            break
        found = step(node, part)
        if found is None and part in schema.BRANCHES:
            continue
        path.append(part)
        around, node = node, found
    return _Place(tuple(path), node, around, of_key=location[-1:] == ("[key]",))


def _first_line(node: Marked) -> Span:
    """Of a block of lines its beginning, of anything else all of it."""
    if isinstance(node, MarkedText) or node.flow:
        return node.span
    return Span(node.span.start, node.span.start + 1)


_MISSING = {"derivcheck": "write `derivcheck: 1` at the top", "title": "write `title: …`, what this is about"}


def _missing(error: ErrorDetails, place: _Place) -> Problem:
    return Problem("missing", f"the key {place.name} is missing", place.span, _MISSING.get(str(place.last)))


_KEYS: dict[str, tuple[str, ...]] = {
    "": tuple(schema.SpecFile.model_fields),
    "variables": tuple(schema.VariableSpec.model_fields),
    "functions": tuple(schema.FunctionSpec.model_fields),
    "claims": tuple(schema.ClaimSpec.model_fields),
    "reading": tuple(schema.ReadingSpec.model_fields),
}


def _unknown(error: ErrorDetails, place: _Place) -> Problem:
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


#: What is wanted where a whole part of the file is of the wrong kind.
_KINDS = {"dict_type": "a mapping of names to values", "model_type": "a mapping", "list_type": "a list"}


def _must(error: ErrorDetails, place: _Place) -> Problem:
    context = error.get("ctx", {})
    be = context.get("be") or _KINDS.get(error["type"], "something else")
    if place.of_key:
        return Problem("value", f"the key {place.name} must be {be}", place.span, context.get("hint"))
    cut = place.in_flow and isinstance(place.node, MarkedText) and cut_by_comma(place.node.text)
    message = f"{place.name} must be {be}, not {_got(place.node)}"
    return Problem("value", message, place.span, CUT_HINT if cut else context.get("hint"))


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


_WORDS: dict[str, Callable[[ErrorDetails, _Place], Problem]] = {
    "missing": _missing,
    "extra_forbidden": _unknown,
}
