"""Owns marks that are read by what stands around them: commas between digits, and words at the end of a row."""

from __future__ import annotations

import re
from dataclasses import replace

from derivcheck.lang.latex import commands
from derivcheck.lang.latex.tree import Item, Items


def with_decimals(items: Items) -> Items:
    """The items with decimal commas as points, where no list can be meant: ``0,25 x``, and what looks like it beside
    such. ``y = 0,1`` may say that y is 0 or 1."""
    sure = [place for place in range(1, len(items) - 1) if _decimal(items, place, sure=True)]
    if not sure or any(item.kind == "number" and "." in item.text for item in items):
        return items
    found: list[Item] = []
    for place, item in enumerate(items):
        if found and place and _decimal(items, place - 1, sure=False):
            found[-2:] = [
                replace(found[-2], text=f"{found[-2].text}.{item.text}", end=item.end, sub=item.sub, sup=item.sup)
            ]
        else:
            found.append(item)
    return tuple(found)


def _decimal(items: Items, place: int, *, sure: bool) -> bool:
    """Whether a comma between two numbers is a decimal one: for sure, or where another one is."""
    if not 0 < place < len(items) - 1 or items[place].text != "," or not between_digits(items, place):
        return False
    before, comma, after = items[place - 1 : place + 2]
    close = before.end == comma.start and comma.end == after.start and before.bare and after.text.isdigit()
    around = [items[at].text if 0 <= at < len(items) else "" for at in (place - 2, place + 2)]
    if not close or not before.text.isdigit() or "," in around or (len(before.text) > 1 and before.text[0] == "0"):
        return False
    if sure:
        return before.text == "0" and not (len(after.text) == 1 and _symbol_before(items, place - 1))
    return before.text == "0" or len(after.text) != 3


def _symbol_before(items: Items, place: int) -> bool:
    """Whether a number is all that a symbol is said to be."""
    side = [item for item in items[:place] if item.kind not in ("thin", "tab")]
    behind = [item for item in items[place + 3 :] if item.kind not in ("thin", "tab", "aside")]
    alone = not behind or behind[0].kind in ("relation", "row", "wide", "punct", "text")
    symbols = len(side) == 2 or (len(side) > 2 and side[-3].kind in ("row", "wide", "punct", "relation", "text"))
    return alone and symbols and side[-1].kind == "relation" and side[-2].kind in ("letter", "accent", "word")


def explains(items: Items, place: int) -> bool:
    r"""Whether words only say why their row holds: ``&& \text{(chain rule)}`` at its end."""
    item = items[place]
    after = next((i for i in items[place + 1 :] if i.kind not in ("thin", "wide", "aside") and i.text != "."), None)
    before = next((i for i in reversed(items[:place]) if i.kind not in ("thin", "aside")), None)
    if not (after is None or after.kind == "row") or before is None or not item.bare:
        return False
    return before.kind not in ("row", "relation", "op") and explaining(
        item.text, apart=before.kind in ("wide", "tab")
    )


def explaining(text: str, *, apart: bool) -> bool:
    """Whether words only explain, in parentheses or apart from what stands before them."""
    words = re.findall(r"[^\W\d_]+", text.lower())
    framed = re.fullmatch(r"\s*[(\[].*[)\]][\s.]*", text) is not None
    known = bool(words) and set(words) <= commands.EXPLAINING
    return known and (framed or apart) and re.fullmatch(r"[\w\s()\[\].,'’-]*", text) is not None


def between_digits(items: Items, place: int) -> bool:
    """Whether a comma stands directly between two numbers."""
    if not 0 < place < len(items) - 1:
        return False
    before, after = items[place - 1], items[place + 1]
    return before.kind == after.kind == "number" and before.end + 2 >= after.start - 1
