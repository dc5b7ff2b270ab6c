"""Owns how problems quote the user's text and which declared word they suggest for a mistyped one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from derivcheck.source import visible

#: Beyond so many candidates none is suggested: the comparison is quadratic in the length of each.
_MOST_CANDIDATES = 2_000
_LONGEST = 60


def quoted(text: str) -> str:
    """A piece of user text in backticks, fit to be printed: one line, no control characters, not too long."""
    shown = "".join(visible(c) for c in text.replace("\n", " "))
    return f"`{shown[:_LONGEST]}…`" if len(shown) > _LONGEST else f"`{shown}`"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` was most probably meant to be, or ``None``."""
    candidates = sorted(known)
    if len(candidates) > _MOST_CANDIDATES or len(word) > _LONGEST:
        return None
    folded: dict[str, str] = {}
    for candidate in candidates:
        folded.setdefault(candidate.casefold(), candidate)
    found = get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return folded[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """A hint that suggests the nearest known word, if there is one."""
    near = nearest(word, known)
    return None if near is None else f"did you mean {quoted(near)}?"


def listed(words: Iterable[str]) -> str:
    """Words in backticks, with commas, the last with "or"."""
    shown = [f"`{word}`" for word in words]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"
