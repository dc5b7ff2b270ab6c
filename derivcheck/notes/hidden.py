r"""Owns what is in a document and does not count on its page: what is struck out, has the colour of the paper, stands
in a branch that TeX may not take, in a box, or in what a command stands for; or in a tag, a script or a link."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from derivcheck.source import Span

_CROSSED = "this is crossed out"
_UNSEEN = "this is not seen on the page"

#: A branch of TeX, which may not be taken; ``\\iff`` is an arrow.
_IF = r"(?-i:\\if(?!f(?![A-Za-z@])|thenelse)[A-Za-z@]*)"
_BRANCHES = re.compile(rf"{_IF}|(?P<end>\\fi(?![A-Za-z@]))")
#: What is kept for later, for a file or for nothing: what a command stands for, a box, a label.
_KEPT = (
    r"\\(?:(?:re|provide)?newcommand|DeclareRobustCommand|(?:re)?newenvironment)\*?[ \t]*\{?\\?[A-Za-z@]+\}?[ \t]*"
    r"(?:\[[^\]\n]{0,40}\][ \t]*){0,2}|\\[gex]?def[ \t]*\\[A-Za-z@]+[^{}\n]{0,40}"
    r"|\\(?:typeout|message|label|index|glossary|@gobble[a-z]*)"
    r"|\\(?:savebox|sbox)[ \t]*\{?(?:\\?[A-Za-z@]+|\d+)\}?[ \t]*(?:\[[^\]\n]{0,40}\][ \t]*){0,2}"
    r"|\\raisebox[ \t]*\{[ \t]*-?[ \t]*\d{2}[^{}\n]{0,20}\}(?:\[[^\]\n]{0,40}\]){0,2}"
)
_FAR_BACK = r"[ \t]*-[ \t]*(?:\d{3}|\d{2}[\d.]{0,8}[ \t]*(?:cm|in|em))"
_MARKS = re.compile(
    r"(?P<escaped>\\[\\{}])"
    rf"|(?P<branch>{_IF})"
    r"|(?P<rest>(?-i:\\endinput(?![A-Za-z])))"
    r"|(?P<box>\\begin[ \t]*\{lrbox\})"
    r"|(?P<crossed>\\(?:sout|st|xout|cancel|xcancel|bcancel)[ \t]*\{)"
    rf"|(?P<kept>(?-i:{_KEPT})[ \t]*\{{)"
    r"|(?P<unseen>\\(?:[hv]?phantom|scalebox[ \t]*\{0*\.?0*\}|setbox[ \t]*\d+[ \t]*=?[ \t]*\\[hv]box"
    r"|textcolor[ \t]*(?P<model>\[[^\]\n]{0,40}\])?[ \t]*\{(?P<ink>[^{}\n]{0,60})\})[ \t]*\{)"
    r"|(?P<small>\\(?:nullfont(?![A-Za-z])|fontsize[ \t]*\{[ \t]*[0-3]?(?:\.\d+)?[ \t]*(?:pt)?[ \t]*\}"
    r"|transparent[ \t]*\{0*\.?0*\}"
    rf"|hspace\*?[ \t]*\{{{_FAR_BACK}[^{{}}\n]{{0,10}}\}}|(?:hskip|kern){_FAR_BACK}))"
    r"|(?P<colour>\\color[ \t]*(?P<space>\[[^\]\n]{0,40}\])?[ \t]*\{(?P<paint>[^{}\n]{0,60})\})"
    r"|(?P<strike>~~)"
    r"|(?P<element><(?P<unshown>script|style|template|noscript|title|select)(?:\s[^<>]{0,400})?>)"
    r"|(?P<html><(?P<tag>del|s|strike|span|div|p|font)(?P<attributes>(?:\s[^<>\n]{0,400})?)>)"
    r"|(?P<inside><[a-z][a-z0-9-]{0,30}(?:\s+[a-z:_-]{1,40}(?:\s*=\s*(?:\"[^\"]{0,2000}\"|'[^']{0,2000}'|[^\s\"'<>`=]{1,200}))?){1,20}\s*/?>"
    r"|<\?[^<>]{0,2000}\?>|<!\[CDATA\[[^\]<]{0,2000}\]\]>"
    r"|!\[(?:[^\[\]\n]|\[[^\[\]\n]{0,200}\]){0,2000}\](?=\()"
    r"|\]\((?:[^()\n]|\((?:[^()\n]|\([^()\n]{0,200}\)){0,200}\)){0,2000}\)"
    r"|(?<![^\n])[ ]{0,3}\[[^\]^\n]{1,80}\]:[ \t]+\S{1,400}[ \t]+[\"'(][^\n]{0,2000})"
    r"|(?P<end></(?P<close>del|s|strike|span|div|p|font)\s*>)"
    r"|(?P<open>\{)"
    r"|(?P<shut>\})"
    r"|(?P<line>\n[ \t]*\n)",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|\bhidden\b|color\s*[:=]\s*[\"']?(?:white|#fff)"
    r"|(?:left|top|right|bottom|indent)\s*:\s*-\s*\d{3}|(?:width|height)\s*:\s*0(?![.\d])|scale\(0*\.?0*\)"
    r"|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Covers:
    """The stretches of a text that do not count, in order, and why."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    reasons: tuple[str, ...]

    def at(self, place: int) -> str:
        """Why a place does not count; ``""`` if it does."""
        index = bisect_right(self.starts, place) - 1
        return self.reasons[index] if index >= 0 and place < self.ends[index] else ""


def hidden(text: str, formulas: Sequence[Span] = ()) -> Covers:
    """What does not count in a text; in time linear in its length. A tag in one of the ``formulas``, which are in
    order, is a part of that formula and hides nothing behind it."""
    marker = _Marker(text, formulas)
    for match in _MARKS.finditer(text):
        _RULES[match.lastgroup or ""](marker, match)
    marker.finish()
    return marker.covers()


class _Marker:
    """What is open at a place of a text: braces and tags, each with what it hides (or nothing)."""

    def __init__(self, text: str, formulas: Sequence[Span]) -> None:
        self.text, self.lowered = text, text.lower()
        self.formulas = formulas
        self.braces: list[tuple[int, str]] = []
        self.tags: dict[str, list[tuple[int, str]]] = {}
        self.strike: int | None = None
        self.found: list[tuple[int, int, str]] = []
        self.until = 0

    def skip(self, match: re.Match[str]) -> None:
        """A sign that stands for itself."""

    def branch(self, match: re.Match[str]) -> None:
        if match.start() < self.until:
            return
        depth, self.until = 1, len(self.text)
        for other in _BRANCHES.finditer(self.text, match.end()):
            depth += -1 if other["end"] else 1
            if not depth:
                self.until = other.start()
                break
        self.found.append((match.start(), self.until, _UNSEEN))

    def rest(self, match: re.Match[str]) -> None:
        self.found.append((match.start(), len(self.text), _UNSEEN))

    def box(self, match: re.Match[str]) -> None:
        self._up_to("\\end{lrbox}", match)

    def element(self, match: re.Match[str]) -> None:
        before = bisect_right(self.formulas, match.start(), key=lambda span: span.start) - 1
        if before < 0 or match.start() >= self.formulas[before].end:
            self._up_to(f"</{match['unshown'].lower()}", match)

    def _up_to(self, sign: str, match: re.Match[str]) -> None:
        """All up to a sign, or to the end if it does not come."""
        if match.start() < self.until:
            return
        end = self.lowered.find(sign, match.end())
        self.until = len(self.text) if end < 0 else end
        self.found.append((match.start(), self.until, _UNSEEN))

    def inside(self, match: re.Match[str]) -> None:
        self.found.append((match.start(), match.end(), _UNSEEN))

    def kept(self, match: re.Match[str]) -> None:
        self.braces.append((match.end(), _UNSEEN))

    def small(self, match: re.Match[str]) -> None:
        self._from_here(match.end())

    def crossed(self, match: re.Match[str]) -> None:
        self.braces.append((match.end(), _CROSSED))

    def unseen(self, match: re.Match[str]) -> None:
        seen = match["ink"] is not None and match["model"] is None and not _like_paper(match["ink"])
        self.braces.append((match.end(), "" if seen else _UNSEEN))

    def colour(self, match: re.Match[str]) -> None:
        if match["space"] is not None or _like_paper(match["paint"]):
            self._from_here(match.end())

    def _from_here(self, place: int) -> None:
        """All up to the end of the group, or of the text."""
        if self.braces:
            start, reason = self.braces[-1]
            self.braces[-1] = (start if reason else place, reason or _UNSEEN)
        else:
            self.found.append((place, len(self.text), _UNSEEN))

    def struck(self, match: re.Match[str]) -> None:
        if self.strike is None:
            self.strike = match.end()
        else:
            self.found.append((self.strike, match.start(), _CROSSED))
            self.strike = None

    def html(self, match: re.Match[str]) -> None:
        tag = match["tag"].lower()
        if match["attributes"]:
            self.found.append((match.start(), match.end(), _UNSEEN))
        reason = (
            _CROSSED if tag in ("del", "s", "strike") else _UNSEEN if _INVISIBLE.search(match["attributes"]) else ""
        )
        self.tags.setdefault(tag, []).append((match.end(), reason))

    def end(self, match: re.Match[str]) -> None:
        opened = self.tags.get(match["close"].lower())
        if opened:
            self._close(opened.pop(), match.start())

    def open(self, match: re.Match[str]) -> None:
        self.braces.append((match.end(), ""))

    def shut(self, match: re.Match[str]) -> None:
        if self.braces:
            self._close(self.braces.pop(), match.start())

    def line(self, match: re.Match[str]) -> None:
        """Between paragraphs nothing is struck out any more."""
        self.strike = None

    def _close(self, opened: tuple[int, str], end: int) -> None:
        start, reason = opened
        if reason:
            self.found.append((start, end, reason))

    def finish(self) -> None:
        """What is still open hides all that follows."""
        for opened in (*self.braces, *(one for tags in self.tags.values() for one in tags)):
            self._close(opened, len(self.text))

    def covers(self) -> Covers:
        """The stretches, those inside of others left out."""
        kept: list[tuple[int, int, str]] = []
        for start, end, reason in sorted(self.found, key=lambda one: (one[0], -one[1])):
            if not kept or end > kept[-1][1]:
                kept.append((max(start, kept[-1][1]) if kept else start, end, reason))
        return Covers(tuple(s for s, _, _ in kept), tuple(e for _, e, _ in kept), tuple(r for _, _, r in kept))


def _like_paper(colour: str) -> bool:
    """Whether a colour cannot be seen on white paper; one that is given by numbers is not looked into."""
    name = colour.strip().lower()
    return name in ("white", "transparent", "none", "") or not re.fullmatch(r"[a-z]+(?:![5-9]\d|!100)?", name)


_RULES: dict[str, Callable[[_Marker, re.Match[str]], None]] = {
    "escaped": _Marker.skip,
    "branch": _Marker.branch,
    "rest": _Marker.rest,
    "box": _Marker.box,
    "element": _Marker.element,
    "inside": _Marker.inside,
    "kept": _Marker.kept,
    "small": _Marker.small,
    "crossed": _Marker.crossed,
    "unseen": _Marker.unseen,
    "colour": _Marker.colour,
    "strike": _Marker.struck,
    "html": _Marker.html,
    "end": _Marker.end,
    "open": _Marker.open,
    "shut": _Marker.shut,
    "line": _Marker.line,
}
