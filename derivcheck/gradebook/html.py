"""Owns how HTML is made: elements of known names whose text is escaped by construction, so that no text is markup.

There is no way to put a finished string of markup into a page: children are elements or text, text is escaped, names
of elements and attributes come from the tables below, and a reference leads into the page or to a file beside it.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256


def words(text: str) -> frozenset[str]:
    """The words of a text: a table of names."""
    return frozenset(text.split())


_VOID = words("meta br wbr")
_HTML = words(
    """meta title header main footer section h1 h2 p div span strong code a ul ol li dl dt dd table thead tbody
    tr th td br wbr details summary"""
)
#: Presentation MathML that browsers draw (MathML Core), and what carries the source along.
MATHML = words(
    """math mrow mi mn mo ms mtext mspace mfrac msqrt mroot msub msup msubsup munder mover munderover mtable mtr mtd
    mstyle semantics annotation"""
)
_SVG = words("svg rect line path text symbol use")
_TAGS = _HTML | MATHML | _SVG
_ATTRIBUTES = words(
    """class id dir charset name content http-equiv href scope colspan role title aria-label aria-hidden
    aria-labelledby display displaystyle scriptlevel stretchy accent linethickness fence form minsize maxsize
    movablelimits width height encoding viewBox x y x1 y1 x2 y2 d rx text-anchor preserveAspectRatio"""
)
#: Into the page, or down to a file beside it: never a scheme, never upwards, never the root.
_LOCAL = re.compile(r"#[a-z][a-z0-9-]*\Z|(?:[A-Za-z0-9_@-][A-Za-z0-9._@%-]*/)*[A-Za-z0-9_@-][A-Za-z0-9._@%-]*\Z")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}
_SPECIAL = re.compile(r"[&<>\"']")

#: Controls but the tab and the line break; what turns the direction of writing, or stands for nothing at all; halves
#: of surrogate pairs; what is no character.
HARMFUL = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e\\u2060\\u2066-\\u2069\\ufeff\\ud800-\\udfff"
    "\\ufdd0-\\ufdef" + "".join(f"\\U{plane:04x}fffe\\U{plane:04x}ffff" for plane in range(17)) + "]"
)


@dataclass(frozen=True, slots=True)
class Element:
    """An element with its attributes and children; made by :func:`el` alone."""

    tag: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Element | str, ...]


def el(tag: str, attributes: Mapping[str, str] | None = None, *children: Element | str | None) -> Element:
    """An element; children that are ``None`` are left out.

    Raises:
        ValueError: a name that is not in the tables, or a reference that leads elsewhere.
    """
    given = tuple((attributes or {}).items())
    if tag not in _TAGS:
        raise ValueError(f"no element of ours: {tag!r}")
    for name, value in given:
        if name not in _ATTRIBUTES or (name == "href" and not _LOCAL.match(value)):
            raise ValueError(f"no attribute of ours: {name}={value!r}")
    return Element(tag, given, tuple(child for child in children if child is not None))


def inert(text: str) -> str:
    """Text without what would turn the direction of writing or is no text: each such character becomes ``�``."""
    return HARMFUL.sub("\N{REPLACEMENT CHARACTER}", text)


def escaped(text: str) -> str:
    """Text as it stands in markup, in content and in quoted attributes alike."""
    return _SPECIAL.sub(lambda match: _ESCAPES[match.group()], inert(text))


def render(element: Element | str) -> str:
    """An element, or a text, as markup."""
    parts: list[str] = []
    _render(element, parts)
    return "".join(parts)


def _render(element: Element | str, parts: list[str]) -> None:
    if isinstance(element, str):
        parts.append(escaped(element))
        return
    attributes = "".join(f' {name}="{escaped(value)}"' for name, value in element.attributes)
    parts.append(f"<{element.tag}{attributes}>")
    if element.tag in _VOID:
        return
    for child in element.children:
        _render(child, parts)
    parts.append(f"</{element.tag}>")


def document(title: str, css: str, body: Iterable[Element | str], lang: str = "en") -> str:
    """A whole page that loads nothing and runs nothing: its policy allows this one style sheet and nothing else."""
    if "<" in css:
        raise ValueError("a style sheet that could end its element")
    digest = b64encode(sha256(css.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    head = [
        el("meta", {"charset": "utf-8"}),
        el("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        el("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        el("meta", {"name": "color-scheme", "content": "light dark"}),
        el("meta", {"name": "referrer", "content": "no-referrer"}),
        el("meta", {"name": "robots", "content": "noindex"}),
        el("title", None, title),
    ]
    return "".join(
        (
            f'<!DOCTYPE html>\n<html lang="{escaped(lang)}">\n<head>\n',
            *(f"{render(one)}\n" for one in head),
            f"<style>{css}</style>\n</head>\n<body>\n",
            *(f"{render(one)}\n" for one in body),
            "</body>\n</html>\n",
        )
    )
