"""Owns what the pages have in common: the style sheet, the marks as pictures with words, links to lines, and bars."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import cache
from importlib.resources import files

from derivcheck.gradebook.html import Element, document, el
from derivcheck.gradebook.mathml import math
from derivcheck.gradebook.words import MARKS, LineMark, Tone, shortened
from derivcheck.version import __version__

#: The pictures of the marks, drawn as strokes in a square of 16: they differ in shape, not in colour alone.
_SHAPES: dict[Tone, tuple[str, ...]] = {
    "slip": ("M2.5 10 C5 3.5 7 6 8 8 C9 10 11 12.5 13.5 6",),
    "right": ("M2.5 8.5 L6.5 12.5 L13.5 4",),
    "wrong": ("M3.5 3.5 L12.5 12.5", "M12.5 3.5 L3.5 12.5"),
    "follows": ("M3.5 2.5 V9.5 H12", "M9 6 L12.5 9.5 L9 13"),
    "review": ("M5 5.5 C5 1.5 11 1.5 11 5.5 C11 8 8 7.5 8 10", "M8 13 V13.2"),
    "unread": ("M13.5 8 A5.5 5.5 0 1 1 2.5 8 A5.5 5.5 0 1 1 13.5 8", "M4.2 11.8 L11.8 4.2"),
    "none": ("M4 8 H12",),
}


@cache
def style_sheet() -> str:
    """The style sheet of every page."""
    return (files("derivcheck.gradebook") / "page.css").read_text(encoding="utf-8")


def page(title: str, body: Iterable[Element]) -> str:
    """A whole page, with the pictures of the marks at its head and what made it at its foot."""
    footer = el("footer", None, el("p", None, f"Made by derivcheck {__version__}."))
    return document(title, style_sheet(), [_sprite(), el("main", None, *body), footer])


def _sprite() -> Element:
    symbols = [
        el("symbol", {"id": f"mark-{mark}", "viewBox": "0 0 16 16"}, *(el("path", {"d": path}) for path in paths))
        for mark, paths in _SHAPES.items()
    ]
    return el("svg", {"class": "sprite", "aria-hidden": "true"}, *symbols)


def picture(mark: Tone) -> Element:
    """The picture of a mark, which says nothing to those who hear a page: a word stands beside it."""
    return el("svg", {"class": "picture", "aria-hidden": "true"}, el("use", {"href": f"#mark-{mark}"}))


def badge(mark: Tone, word: str, title: str = "") -> Element:
    """A mark as picture and word."""
    attributes = {"class": f"badge {mark}"}
    return el("span", {**attributes, "title": title} if title else attributes, picture(mark), el("span", None, word))


def mark_badge(mark: LineMark) -> Element:
    """The badge of a line's or a step's mark."""
    word, meaning = MARKS[mark]
    return badge(mark, word, meaning)


def section(title: str, *children: Element | None, name: str) -> Element:
    """A section under its heading; ``name`` is the end of its anchor."""
    heading = el("h2", {"id": f"part-{name}"}, title)
    return el("section", {"aria-labelledby": f"part-{name}"}, heading, *children)


def formula(latex: str, *, display: bool = False) -> Element:
    """A formula that somebody wrote, drawn, or as text where it cannot be."""
    return math(latex, latex, display=display) or el("code", {"class": "latex"}, shortened(latex))


def said(text: str, most: int = 2_000) -> list[Element | str]:
    """A sentence in which what stands between backticks is code."""
    parts = shortened(text, most).split("`")
    if len(parts) % 2 == 0:
        return ["`".join(parts)]
    return [el("code", None, part) if index % 2 else part for index, part in enumerate(parts) if part]


def notice(title: str, lines: Sequence[str], mark: Tone) -> Element:
    """A box with a list, for what must not be overlooked."""
    items = [el("li", None, *said(line)) for line in lines]
    head = el("p", {"class": "head"}, picture(mark), el("strong", None, title))
    return el("div", {"class": f"notice {mark}"}, head, el("ul", None, *items) if items else None)


def share_bar(part: Fraction, whole: Fraction) -> Element:
    """How much of something there is, as a bar beside its number."""
    share = min(max(part / whole, Fraction(0)), Fraction(1)) if whole > 0 else Fraction(0)
    return stacked([(share, "right")])


def stacked(shares: Sequence[tuple[Fraction, Tone]]) -> Element:
    """Shares of one, one after the other, as a bar; the numbers stand beside it, so it is not read out."""
    at = Fraction(0)
    pieces: list[Element] = [el("rect", {"class": "ground", "width": "100", "height": "10"})]
    for share, mark in shares:
        if share > 0:
            attributes = {
                "class": f"fill {mark}",
                "x": _short(at * 100),
                "width": _short(share * 100),
                "height": "10",
            }
            pieces.append(el("rect", attributes))
            at += share
    box = {"class": "bar", "viewBox": "0 0 100 10", "preserveAspectRatio": "none", "aria-hidden": "true"}
    return el("svg", box, *pieces)


def _short(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
