"""Owns the signs to which a note gives another meaning than the usual one: e, pi, and Kronecker's delta."""

from __future__ import annotations

import re

from derivcheck.lang.latex.notation import Notation
from derivcheck.notes.document import Document

#: A letter or sign of a number on the left of an equation, perhaps with an index or a label: it is given a meaning.
_REDEFINED = re.compile(
    r"(?:^|[&,;{}]|\\\\|quad|style|arrow|implies)\s*(e|I|\\pi(?![A-Za-z]))\s*(?:_\s*(?:\{[^{}]*\}|\w))?"
    r"\s*(?:\^\s*\{?\s*[(\[]\w+[)\]]\s*\}?)?\s*&?\s*(?:=|:\s*=|\\coloneqq|\\equiv)"
)
#: A delta; two indices below it; what stands before and behind it where it is defined, and as what.
_DELTA = re.compile(r"\\delta(?![A-Za-z])|δ")
_INDICES = re.compile(r"\s*_\s*\{\s*[a-z]\s*,?\s*[a-z]\s*\}(?!\s*['^(])")
_HEAD = re.compile(r"(?:^|[&,;{}]|\\\\|quad|style|arrow|implies)\s*$")
_GIVEN = re.compile(r"\s*&?\s*:?=\s*&?\s*")
_INDICATOR = re.compile(r"1(?![0-9])|\\mathbb|\\mathbf\s*\{?\s*1|\\begin\s*\{[dr]?cases\}")


def taken(read: Document, notation: Notation) -> frozenset[str]:
    """The signs of numbers that a note gives another meaning somewhere: they stand alone on the left of an equation.
    Its author may mean that anywhere in it, also where the equation itself cannot be read."""
    texts = (read.source.text[place.content.start : place.content.end] for place in read.formulas)
    found: set[str] = set()
    for text in texts:
        found |= {match[1] for match in _REDEFINED.finditer(text)}
        if any(not _kronecker(text, match) for match in _DELTA.finditer(text)):
            found.add(r"\delta")
    return frozenset(sign for sign in found if not notation.spells(sign))


def _kronecker(text: str, delta: re.Match[str]) -> bool:
    """Whether a delta has two indices, and is not defined as something else than Kronecker's."""
    indices = _INDICES.match(text, delta.end())
    if indices is None:
        return False
    defines = _HEAD.search(text, 0, delta.start()) and _GIVEN.match(text, indices.end())
    return not defines or _INDICATOR.match(text, defines.end()) is not None


def unsaid_delta(claim: str, text: str, notation: Notation) -> bool:
    """Whether a claim has a delta in it that the text of a note nowhere says to be Kronecker's."""
    if not _DELTA.search(claim) or notation.spells(r"\delta"):
        return False
    defined = (_GIVEN.match(text, one.end()) for delta in _DELTA.finditer(text)
               if (one := _INDICES.match(text, delta.end())) is not None)  # fmt: skip
    given = any(one is not None and _INDICATOR.match(text, one.end()) is not None for one in defined)
    return not given and re.search("kronecker", text, re.IGNORECASE) is None
