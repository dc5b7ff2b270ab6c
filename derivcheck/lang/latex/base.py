"""Owns what the parts of the reader share: the state of a reading, and what each part may ask of the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from derivcheck.errors import Refused
    from derivcheck.lang import nodes
    from derivcheck.lang.latex.cursor import Cursor
    from derivcheck.lang.latex.expressions import Factor
    from derivcheck.lang.latex.notation import Notation
    from derivcheck.lang.latex.symbols import Indices, Symbols
    from derivcheck.lang.latex.tree import Item, Items
    from derivcheck.source import Passage


class Part:
    """What every part of the reader has; the methods are those of the reader that is put together from the parts."""

    passage: Passage
    notation: Notation
    indices: Indices
    symbols: Symbols

    if TYPE_CHECKING:

        def stop(self, item: Item, message: str, hint: str | None = None) -> Refused:
            """What is raised of an item that cannot be read."""

        def whole(self, items: Items) -> nodes.Node:
            """The expression that takes up all the items."""

        def sum(self, cursor: Cursor) -> nodes.Node:
            """Terms with ``+`` and ``-`` between them."""

        def product(self, cursor: Cursor) -> Factor:
            """Factors side by side and with product signs between them."""

        def run(self, cursor: Cursor) -> Factor:
            """Factors side by side, of the kind ``run``, or the one that there is."""

        def differentiated(
            self, factors: Sequence[nodes.Node], operators: Sequence[nodes.Operator]
        ) -> nodes.Derivative | None:
            """A derivative of one factor and the factors behind it as the derivative of all of them."""

        def factor(self, cursor: Cursor) -> Factor:
            """The factor that begins here."""

        def argument(self, cursor: Cursor) -> Factor:
            """One factor after a function without parentheses."""
