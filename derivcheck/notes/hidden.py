r"""Owns what is in a document and does not count on its page: what is struck out, has the colour of the paper, or
stands in a branch that TeX does not take."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

_CROSSED = "this is crossed out"
_UNSEEN = "this is not seen on the page"

_MARKS = re.compile(
    r"(?P<escaped>\\[\\{}])"
    r"|(?P<iffalse>\\iffalse(?![A-Za-z]))"
    r"|(?P<crossed>\\(?:sout|st|xout|cancel|xcancel|bcancel)[ \t]*\{)"
    r"|(?P<unseen>\\(?:[hv]?phantom|scalebox[ \t]*\{0*\.?0*\}|setbox[ \t]*\d+[ \t]*=?[ \t]*\\[hv]box"
    r"|textcolor[ \t]*(?P<model>\[[^\]\n]{0,40}\])?[ \t]*\{(?P<ink>[^{}\n]{0,60})\})[ \t]*\{)"
    r"|(?P<colour>\\color[ \t]*(?P<space>\[[^\]\n]{0,40}\])?[ \t]*\{(?P<paint>[^{}\n]{0,60})\})"
    r"|(?P<strike>~~)"
    r"|(?P<html><(?P<tag>del|s|strike|span|div|p)(?P<attributes>(?:\s[^<>\n]{0,400})?)>)"
    r"|(?P<end></(?P<close>del|s|strike|span|div|p)\s*>)"
    r"|(?P<open>\{)"
    r"|(?P<shut>\})"
    r"|(?P<line>\n[ \t]*\n)",
    re.IGNORECASE,
)
_INVISIBLE = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|\bhidden\b|color\s*:\s*(?:white|#fff)"
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


def hidden(text: str) -> Covers:
    """What does not count in a text; in time linear in its length."""
    marker = _Marker(text)
    for match in _MARKS.finditer(text):
        _RULES[match.lastgroup or ""](marker, match)
    marker.finish()
    return marker.covers()


class _Marker:
    """What is open at a place of a text: braces and tags, each with what it hides (or nothing)."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.braces: list[tuple[int, str]] = []
        self.tags: dict[str, list[tuple[int, str]]] = {}
        self.strike: int | None = None
        self.found: list[tuple[int, int, str]] = []
        self.until = 0

    def skip(self, match: re.Match[str]) -> None:
        """A sign that stands for itself."""

    def iffalse(self, match: re.Match[str]) -> None:
        if match.start() < self.until:
            return
        end = self.text.find("\\fi", match.end())
        self.until = len(self.text) if end < 0 else end
        self.found.append((match.start(), self.until, _UNSEEN))

    def crossed(self, match: re.Match[str]) -> None:
        self.braces.append((match.end(), _CROSSED))

    def unseen(self, match: re.Match[str]) -> None:
        seen = match["ink"] is not None and match["model"] is None and not _like_paper(match["ink"])
        self.braces.append((match.end(), "" if seen else _UNSEEN))

    def colour(self, match: re.Match[str]) -> None:
        if match["space"] is not None or _like_paper(match["paint"]):
            if self.braces:
                start, reason = self.braces[-1]
                self.braces[-1] = (start if reason else match.end(), reason or _UNSEEN)
            else:
                self.found.append((match.end(), len(self.text), _UNSEEN))

    def struck(self, match: re.Match[str]) -> None:
        if self.strike is None:
            self.strike = match.end()
        else:
            self.found.append((self.strike, match.start(), _CROSSED))
            self.strike = None

    def html(self, match: re.Match[str]) -> None:
        tag = match["tag"].lower()
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
    "iffalse": _Marker.iffalse,
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
