"""Owns the front matter of a note: where it stands, and the names that it declares.

It is YAML between two lines ``---`` at the top of a Markdown document, or between two comments ``% ---`` at the top
of a LaTeX document, with the declaring keys of a spec. Beside a key it can add names and spellings, and change none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from derivcheck.errors import Problem, Refused
from derivcheck.lang.latex.notation import Key, Meaning, spelling_key
from derivcheck.lang.names import normalise
from derivcheck.model import Derivation, Reading
from derivcheck.source import Passage, Source, Span
from derivcheck.spec.build import front_matter
from derivcheck.spec.marks import Marked, MarkedList, MarkedMap, MarkedText
from derivcheck.spec.notation import notation_of
from derivcheck.spec.problems import Problems
from derivcheck.spec.read import read
from derivcheck.spec.words import did_you_mean, quoted

#: The keys of a spec that a note may have, too.
KEYS = ("dims", "variables", "functions", "assume", "define", "layout", "notation", "reading")
_DECLARING = ("dims", "variables", "functions", "define")
_LAYOUTS = ("gradient", "jacobian", "either")

_MARKDOWN = re.compile(
    r"\A\ufeff?\s*?^---[ \t]*\r?\n(?P<yaml>.*?)^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL
)
_LATEX = re.compile(
    r"\A\ufeff?(?:[ \t]*\r?\n|[ \t]*%(?![ \t]*---[ \t]*\r?$)[^\n]*\n)*[ \t]*%[ \t]*---[ \t]*\r?\n"
    r"(?P<yaml>(?:[ \t]*%[^\n]*\n)*?)[ \t]*%[ \t]*---[ \t]*\r?$",
    re.MULTILINE,
)
_MAPPING = re.compile(r"\A(?:[ \t]*(?:#[^\n]*)?\r?\n)*[ \t]*[^\s:#\-][^\n:]{0,60}:(?:[ \t\r\n]|\Z)")
_OURS = re.compile(rf"^[ \t]*(?:{'|'.join(key for key in KEYS if key != 'layout')})[ \t]*:", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Front:
    """What a note declares: with what may be used in it, where its text begins, and what is to be told of it."""

    derivation: Derivation
    end: int
    problems: tuple[Problem, ...] = ()


def front(source: Source, key: Derivation | None) -> Front:
    """The front matter of a note, joined to the key if there is one.

    Raises:
        Refused: without a key, when the front matter cannot be read: with every problem of it.
    """
    base = key if key is not None else Derivation(source, "", {}, {}, ())
    found = _block(source.text)
    if found is None:
        return Front(base, 0, _unclosed(source.text))
    masked, end = found
    if not _OURS.search(masked):
        return Front(base, end)
    problems = Problems(source)
    reading = read(masked, source.path)
    problems.extend(reading.problems)
    problems.next_stage()
    top = reading.top
    dropped: list[Problem] = []
    made = base
    if top is not None:
        kept = _kept(top, key, dropped, problems)
        made = front_matter(kept, problems, base)
    if problems.found and key is None:
        raise Refused(problems.all(), source)
    if problems.found:
        made = base
        dropped.append(_unused(problems.all()[0]))
    return Front(replace(made, claims=()), end, (*dropped, *problems.all()))


def _unclosed(text: str) -> tuple[Problem, ...]:
    """What is told of a front matter that does not end."""
    begun = re.match(r"\A\ufeff?\s*---[ \t]*\r?\n", text)
    if begun is None or not _OURS.match(text, begun.end()):
        return ()
    message = "this front matter does not end, and is not used"
    return (Problem("front", message, Span(begun.start(), begun.end()), "end it with a line `---`"),)


def _unused(first: Problem) -> Problem:
    message = "the front matter of this note is not used, for what is wrong with it; the key has all that is needed"
    return Problem("front", message, first.span)


def _block(text: str) -> tuple[str, int] | None:
    """The YAML of a front matter, in its place and with all else blank, and where it ends."""
    match = _MARKDOWN.match(text) if text[:4_000].lstrip("\ufeff \t\r\n").startswith("---") else _LATEX.match(text)
    if match is None:
        return None
    start, end = match.span("yaml")
    before = re.sub(r"[^\r\n]", " ", text[:start])
    yaml = text[start:end]
    if match.re is _LATEX:
        yaml = re.sub(r"^([ \t]*)%", r"\1 ", yaml, flags=re.MULTILINE)
    if not _MAPPING.match(yaml):
        return None
    return before + yaml, match.end()


# --- what is kept of it


def _kept(top: MarkedMap, key: Derivation | None, dropped: list[Problem], problems: Problems) -> MarkedMap:
    """The part of a front matter that is looked at: its declaring keys, without what a key says already."""
    entries: dict[str, tuple[MarkedText, Marked]] = {}
    for name, (mark, value) in top.entries.items():
        if name in KEYS and not (name == "layout" and isinstance(value, MarkedText) and value.text not in _LAYOUTS):
            entries[name] = (mark, value)
        elif (hint := did_you_mean(name, KEYS)) is not None:
            problems.add("key", f"unknown key {quoted(name)}", mark.span, hint)
    if key is not None:
        entries = dict(_beside(entries, key, dropped))
    for name, text in (("derivcheck", "1"), ("title", "a note")):
        entries[name] = (_word(top, name), _word(top, text))
    return replace(top, entries=entries)


def _word(top: MarkedMap, text: str) -> MarkedText:
    """A text that stands for one that a note need not have."""
    return MarkedText(Passage(text, top.source, tuple([top.span.start] * (len(text) + 1))), Span(0, 0))


def _beside(
    entries: dict[str, tuple[MarkedText, Marked]], key: Derivation, dropped: list[Problem]
) -> Iterator[tuple[str, tuple[MarkedText, Marked]]]:
    """The entries that add to a key and change nothing of it; the others are told."""

    def drop(mark: MarkedText, message: str) -> None:
        dropped.append(Problem("front", f"{message}; this is not used", mark.span))

    taken = {*key.variables, *key.definitions, *key.dims, *key.functions}
    for name, (mark, value) in entries.items():
        if name in _DECLARING and isinstance(value, MarkedMap):
            new = {}
            for word, (inner, what) in value.entries.items():
                if normalise(word) in taken:
                    drop(inner, f"the key declares `{word}`")
                else:
                    new[word] = (inner, what)
            yield name, (mark, replace(value, entries=new))
        elif name == "notation" and isinstance(value, MarkedMap):
            yield name, (mark, _spellings(value, key, drop))
        elif name == "reading" and key.reading == Reading():
            yield name, (mark, value)
        elif name in ("assume", "layout", "reading"):
            drop(mark, "what is assumed is the key's" if name == "assume" else f"the key decides the {name}")
        else:
            yield name, (mark, value)


def _spellings(value: MarkedMap, key: Derivation, drop: Callable[[MarkedText, str], None]) -> MarkedMap:
    """The spellings that mean nothing by the key."""
    notation = notation_of(key)
    entries: dict[str, tuple[MarkedText, Marked]] = {}
    for word, (mark, spellings) in value.entries.items():
        if not isinstance(spellings, MarkedList):
            entries[word] = (mark, spellings)
            continue
        kept = []
        for item in spellings.items:
            meaning = _meaning(item, notation.lookup)
            if meaning is not None and meaning != normalise(word):
                drop(
                    item if isinstance(item, MarkedText) else mark, f"by the key this spelling stands for `{meaning}`"
                )
            else:
                kept.append(item)
        if kept:
            entries[word] = (mark, replace(spellings, items=tuple(kept)))
    return replace(value, entries=entries)


def _meaning(item: Marked, lookup: Callable[[Key], Meaning | None]) -> str | None:
    if not isinstance(item, MarkedText):
        return None
    try:
        found = lookup(spelling_key(item.text))
    except Refused:
        return None
    return None if found is None else found.name
