"""Owns what characters a text may have and what a name is: forms, scripts and look-alikes.

Two names that look alike but are different would let a formula say something else than what its reader sees. So a
name is one form (NFC), from one script (Greek may stand with Latin), and never the double of another known name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from derivcheck.errors import Problem
from derivcheck.lang.limits import MAX_NAME, MAX_PROBLEMS, MAX_SUGGESTED
from derivcheck.source import Passage, Span

#: Words that the grammar keeps for itself; every other word may be a name.
RESERVED: tuple[str, ...] = ("and", "or", "not", "for", "in")

_BLANKS = "\t\n\r"
#: Control, format (bidi, zero-width), surrogate, private and unassigned characters, line and paragraph separators.
_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})

#: What a reader takes a letter of another script for. Cyrillic, Greek, Armenian and Cherokee letters that most
#: typefaces draw like a Latin one (after Unicode's confusables data).
_LOOKS_LIKE: dict[str, str] = {
    **dict(zip("аеорсухіјѕһԁԛԝѵ", "aeopcyxijshdqwv", strict=True)),
    **dict(zip("АВЕКМНОРСТУХЅІЈԌ", "ABEKMHOPCTYXSIJG", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοͿϲ", "ABEZHIKMNOPTYXoJc", strict=True)),
    **dict(zip("օսհոցզ", "ouhngq", strict=True)),
    **dict(zip("ᎪᏟᎬᎢᎷ", "ACETM", strict=True)),
}
#: Same drawing, two code points: the micro sign and the letter mu.
_SAME = str.maketrans({"\u00b5": "\u03bc"})
_TRANSPOSES = frozenset("ᵀᵗ")
#: Scripts that are written together.
_TOGETHER = ({"LATIN", "GREEK"}, {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL"})
#: The blocks of letters that are other letters in another typeface: full width, mathematical, ligatures.
_TYPEFACES = ((0x1D400, 0x1D7FF), (0xFF01, 0xFFEE), (0xFB00, 0xFB06), (0x24B6, 0x24E9))


def normalise(name: str) -> str:
    """The one form of a name: composed (NFC), and with mu for the micro sign."""
    return unicodedata.normalize("NFC", name).translate(_SAME)


def code_point(character: str) -> str:
    """``U+202E (RIGHT-TO-LEFT OVERRIDE)``."""
    name = unicodedata.name(character, "")
    return f"U+{ord(character):04X}" + (f" ({name})" if name else "")


def character_problems(passage: Passage) -> list[Problem]:
    """Every character that may stand nowhere in a formula: invisible, directional, or no character at all."""
    found = [
        Problem(
            "character",
            f"the character {code_point(c)} is not allowed in a formula",
            passage.span(i, i + 1),
            "delete it; it does not show, or changes how the text around it shows",
        )
        for i, c in enumerate(passage.text)
        if unicodedata.category(c) in _FORBIDDEN and c not in _BLANKS
    ]
    return found[:MAX_PROBLEMS]


def _script(character: str) -> str:
    letterlike = "\u2100" <= character <= "\u214f"
    if character == "_" or letterlike or unicodedata.category(character) in ("Nd", "No", "Mn", "Mc", "Lm"):
        return ""
    name = unicodedata.name(character, "")
    return name.split(" ", 1)[0] if name else ""


def skeleton(name: str) -> str:
    """A name as a reader sees it: two names with one skeleton cannot be told apart."""
    return "".join(_LOOKS_LIKE.get(c, c) for c in normalise(name))


def name_problem(text: str, span: Span) -> Problem | None:
    """What is wrong with the letters of one name, if anything."""
    if len(text) > MAX_NAME:
        return Problem("limit", f"this name has {len(text)} characters; {MAX_NAME} are allowed", span)
    for c in text:
        if (hint := _raised(c)) is not None:
            return Problem("character", f"{code_point(c)} cannot be part of a name", span, hint)
        if any(low <= ord(c) <= high for low, high in _TYPEFACES) or (c.isdigit() and not _plain_digit(c)):
            plain = unicodedata.normalize("NFKC", c)
            message = f"{code_point(c)} looks like `{plain}` but is another character"
            return Problem("character", message, span, f"write `{unicodedata.normalize('NFKC', text)}`")
        if unicodedata.category(c) in ("No", "Nl") and not _subscript(c):
            return Problem("character", f"{code_point(c)} cannot be part of a name", span)
    return _mixed(text, span)


def _raised(c: str) -> str | None:
    if c in _TRANSPOSES:
        return "a transpose is written `x.T`"
    if unicodedata.decomposition(c).startswith("<super>"):
        return "a power is written `x**2` or `x^2`"
    return None


def _plain_digit(c: str) -> bool:
    return c in "0123456789" or _subscript(c)


def _subscript(c: str) -> bool:
    return "\u2080" <= c <= "\u2089"


def _mixed(text: str, span: Span) -> Problem | None:
    scripts = {c: script for c in text if (script := _script(c))}
    kinds = set(scripts.values())
    if len(kinds) < 2 or kinds <= _TOGETHER[1]:
        return None
    if kinds <= _TOGETHER[0]:
        odd = [c for c in scripts if scripts[c] == "GREEK" and c in _LOOKS_LIKE]
    else:
        odd = [c for c in scripts if scripts[c] not in _TOGETHER[0]]
    if not odd:
        return None
    message = f"the name `{text}` mixes scripts: it has {code_point(odd[0])} among other letters"
    plain = skeleton(text)
    return Problem("character", message, span, f"write `{plain}`" if plain != text else None)


def double(name: str, known: Iterable[str]) -> tuple[str, str] | None:
    """Another known name that looks the same as this one, and the letter of this name (or of that) that differs."""
    seen = skeleton(name)
    for other in known:
        if other != name and skeleton(other) == seen:
            mine, theirs = normalise(name), normalise(other)
            odd = next((a if a in _LOOKS_LIKE else b for a, b in zip(mine, theirs, strict=False) if a != b), mine[0])
            return other, odd
    return None


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, if one is like it at all; ties go to the first given."""
    choices = list(dict.fromkeys(known))[:MAX_SUGGESTED]
    folded: dict[str, str] = {}
    for choice in choices:
        folded.setdefault(_fold(choice), choice)
    close = get_close_matches(_fold(name), list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", skeleton(name)).casefold()
