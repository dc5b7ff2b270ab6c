"""Owns how problems quote the user's text and which declared word they suggest for a mistyped one."""

from __future__ import annotations

from collections.abc import Collection

from derivcheck.lang.names import nearest
from derivcheck.source import visible

#: Beyond so many candidates none is suggested: the comparison is quadratic in the length of each.
_MOST_CANDIDATES = 2_000
_LONGEST = 60


def quoted(text: str) -> str:
    """A piece of user text in backticks, fit to be printed: one line, no control characters, not too long."""
    shown = "".join(visible(c) for c in text[: _LONGEST + 1].replace("\n", " "))
    return f"`{shown[:_LONGEST]}…`" if len(shown) > _LONGEST else f"`{shown}`"


def did_you_mean(word: str, known: Collection[str]) -> str | None:
    """A hint that suggests the known word that ``word`` was most probably meant to be, if there is one."""
    if len(known) > _MOST_CANDIDATES or len(word) > _LONGEST:
        return None
    near = nearest(word, known)
    return None if near is None else f"did you mean {quoted(near)}?"
