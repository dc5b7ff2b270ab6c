"""Owns the search for what is not declared: every symbol of a formula that has no meaning by its notation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.errors import Refused
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.notation import Notation, superscript
from derivcheck.lang.latex.symbols import Indices, Symbols
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.source import Passage

_SYMBOLS = frozenset({"letter", "accent", "word"})


def undeclared(items: Items, passage: Passage, notation: Notation) -> dict[str, Item]:
    """The symbols in a row of items that are not declared, as they are written, each once in their order."""
    bound = {item.text for big in _all(items) if big.kind == "big" for item in big.sub or ()}
    indices = Indices(bound=sorted(bound))
    found: dict[str, Item] = {}

    def whole(items: Items) -> Item:
        raise Refused([])

    symbols = Symbols(passage, notation, indices, whole)  # type: ignore[arg-type]  # powers are looked at by themselves
    for item in _all(items):
        if item.kind not in _SYMBOLS or item.text in ("d", r"\mathit{d}", r"\prime", r"\top") or item.text in bound:
            continue
        labels = [part for part in superscript(item.sup) if len(part) == 1 and part[0].kind == "group"]
        bare = replace(item, sup=tuple(one for part in labels for one in part) or None, primes=0)
        try:
            symbols.read(bare, None)
        except Refused as refused:
            if any(problem.code == "name" for problem in refused.problems):
                cut = [one.start for one in item.sup or () if one not in (bare.sup or ())]
                text = passage.text[item.start : min(cut, default=item.end)].rstrip("^{ '")
                found.setdefault(" ".join(text.split()), bare)
    return found


def _all(items: Items) -> Iterator[Item]:
    """The items that stand for values, those inside of others too, but no indices and labels."""
    stack = list(reversed(items))
    while stack:
        item = stack.pop()
        yield item
        inner = [one for argument in item.args for one in argument] if item.kind != "accent" else []
        powers = [one for part in superscript(item.sup) for one in part]
        if item.kind in _SYMBOLS:
            powers = [one for one in powers if one.kind not in ("group", "letter") or one.text not in "[(T"]
        if item.kind == "nabla" or (item.kind == "partial" and item.sub):
            inner += item.sub or ()
        if item.kind == "big" or item.text in commands.INDICATORS:
            powers = []
        stack.extend(reversed([*inner, *powers]))
