"""Owns the place of the reader in a row of items; small spaces are passed over."""

from __future__ import annotations

from derivcheck.lang.latex.tree import Item, Items
from derivcheck.source import Passage


class Cursor:
    """A position in a row of items that show."""

    def __init__(self, passage: Passage, items: Items) -> None:
        self.items = tuple(item for item in items if item.kind not in ("thin", "aside"))
        self.at = 0
        self.place = (items[0].start, items[-1].end) if items else (0, min(1, len(passage.text)))

    def peek(self) -> Item | None:
        """The next item."""
        return self.items[self.at] if self.at < len(self.items) else None

    def take(self) -> Item:
        """The next item, which there must be; the position moves on."""
        item = self.items[self.at]
        self.at += 1
        return item

    def last(self) -> Item | None:
        """The item before the position."""
        return self.items[self.at - 1] if self.at else None

    def signs(self) -> list[Item]:
        """The plus and minus signs that come next."""
        found: list[Item] = []
        while (item := self.peek()) is not None and item.kind == "op" and item.text in ("+", "-"):
            found.append(self.take())
        return found
