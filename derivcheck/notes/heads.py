"""Owns what stands first in a statement: the symbol that it may define, and the name that such a symbol gets."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, replace

from derivcheck.lang.latex.formula import Chunk
from derivcheck.lang.latex.notation import base_key, canon, joined, superscript
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.names import RESERVED, skeleton
from derivcheck.source import Passage, Span

_SYMBOLS = frozenset({"letter", "accent", "word"})
#: Letters that are indices so often that an equation of one is no definition of a value.
INDEX_LETTERS = frozenset("ijk")


@dataclass(frozen=True, slots=True)
class Head:
    """A symbol alone, or with arguments in parentheses, on the left of the first relation of a statement.

    ``rest`` is the statement from behind that relation on; ``relation`` is its sign.
    """

    item: Item
    arguments: Item | None
    relation: str
    rest: Chunk

    def spelling(self, passage: Passage) -> str:
        """The symbol as it is written, without its arguments."""
        return passage.text[self.item.start : self.item.end]

    def called(self, passage: Passage) -> str | None:
        """The symbol with its arguments as it is written."""
        return None if self.arguments is None else passage.text[self.item.start : self.arguments.end]

    def span(self, passage: Passage) -> Span:
        """Where it stands."""
        return passage.span(self.item.start, (self.arguments or self.item).end)


def head_of(chunk: Chunk) -> Head | None:
    """The head of a statement, if it begins with one symbol and a relation."""
    at = next((place for place, item in enumerate(chunk.items) if item.kind == "relation"), None)
    if at is None or chunk.items[at].text not in ("==", ":=") or at + 1 == len(chunk.items):
        return None
    shown = [*joined(tuple(item for item in chunk.items[:at] if item.kind not in ("thin", "tab")))]
    if not shown or shown[0].kind not in _SYMBOLS or len(shown) > 2:
        return None
    first, *after = shown
    group = after[0] if after else None
    if group is not None and (group.kind != "group" or group.text != "(" or not group.bare):
        return None
    return Head(first, group, chunk.items[at].text, replace(chunk, items=chunk.items[at + 1 :]))


def definable(item: Item) -> bool:
    """Whether a symbol can be the name of a value: its scripts are labels, and none is a power, a transpose, an index
    or a prime."""
    if item.primes or _like_another(item) or item.text in ("d", r"\mathit{d}", r"\top", r"\prime", r"\mathsf{T}"):
        return False
    if item.kind == "letter" and item.bare and item.text in INDEX_LETTERS:
        return False
    labels = all(len(part) == 1 and _label(part[0]) for part in superscript(item.sup))
    return labels and (item.sub is None or _word(item.sub))


def _like_another(item: Item) -> bool:
    """Whether a letter is one of another script that cannot be told from a Latin one by looking at it."""
    letters = [item, *item.args[0]] if item.kind == "accent" else [item]
    return any(not one.text.isascii() and skeleton(one.text) != one.text for one in letters)


def family_index(item: Item) -> str | None:
    """The index of a symbol with one index letter, above in parentheses or below: ``p^{(i)}``, ``p_k``."""
    if item.primes or item.kind not in _SYMBOLS:
        return None
    parts = superscript(item.sup)
    if item.sub is not None and not parts:
        return canon(item.sub) if re.fullmatch(r"[a-z]", canon(item.sub)) else None
    last = canon(parts[-1]) if parts and item.sub is None else ""
    labels = all(len(part) == 1 and _label(part[0]) for part in parts[:-1])
    return last[1:-1] if labels and re.fullmatch(r"\([a-z]\)", last) else None


def _label(item: Item) -> bool:
    """``[2]`` and ``(2)`` above a symbol; ``(i)`` is an index."""
    inside = canon(item.args[0]) if item.kind == "group" and item.bare and item.text in "[(" else ""
    return re.fullmatch(r"\d+|[A-Z]|\d+[+-]\d+", inside) is not None


def _word(sub: Items) -> bool:
    """A number, a capital letter or a word below a symbol; a small letter is an index."""
    shown = [item for item in sub if item.kind != "thin"]
    if not all(item.bare and item.kind in ("letter", "number", "word", "text") for item in shown):
        return False
    if len(shown) == 1:
        item = shown[0]
        return item.kind != "letter" or item.text.isupper() or item.text.startswith("\\")
    return all(item.kind == "letter" and len(item.text) == 1 for item in shown) and len(shown) > 2


def name_for(item: Item, taken: Collection[str]) -> str:
    """A name of the language for a symbol that a note defines: the letter by its word, and its labels."""
    parts = [_plain(base_key(item))]
    if item.kind == "accent":
        parts = [*(_plain(i.plain or i.text) for i in item.args[0]), _plain(item.text)]
    parts += [_plain(canon(part)) for part in superscript(item.sup)]
    if item.sub is not None:
        parts.append("_" + _plain(canon(item.sub)))
    name = "".join(parts)
    if not name or not (name[0].isalpha()):
        name = f"v{name}"
    name = name[:40]
    if name in RESERVED:
        name += "_"
    made, count = name, 2
    while made in taken:
        made, count = f"{name}_{count}", count + 1
    return made


def _plain(text: str) -> str:
    """The letters and digits of a symbol's spelling; of a typeface only the letter."""
    text = re.sub(r"\\(?:math[a-z]+|boldsymbol)\{", "", unicodedata.normalize("NFC", text))
    return "".join(c for c in text if c.isalnum() or c == "_")
