"""Owns the reading of one symbol: which declared name it is, which entry or sample of it, and what stands above."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.notation import (
    SLOT,
    Key,
    Meaning,
    Notation,
    base_key,
    canon,
    function_word,
    is_transpose,
    superscript,
)
from derivcheck.lang.latex.tokens import unread
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.typed import Dim
from derivcheck.source import Passage, Span

#: Letters that stand for functions so often that parentheses after them are hardly ever a factor.
_LIKE_FUNCTIONS = frozenset({"f", "g", "F", "G", "J", "L", r"\ell", r"\mathcal{J}", r"\mathcal{L}"})


@dataclass(slots=True)
class Indices:
    """The index letters of a formula: which are bound here, which ever were, and along which axes each was used;
    and in which typeface each letter was written; ``conditions``: how many conditions are being read here;
    ``compared``: the free letters below a Kronecker delta, and where; ``later``: letters of conditions and deltas
    that are indices if the rest of the formula has them."""

    bound: list[str] = field(default_factory=list)
    ever: dict[str, Item] = field(default_factory=dict)
    uses: dict[str, list[tuple[Dim, Item]]] = field(default_factory=dict)
    faces: dict[str, str] = field(default_factory=dict)
    styles: dict[str, str] = field(default_factory=dict)
    conditions: int = 0
    compared: dict[str, Item] = field(default_factory=dict)
    later: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FunctionName:
    """A symbol that is a function, with its primes; ``power`` is what else stands above it."""

    name: str
    primes: int
    power: Items | None = None


@dataclass(frozen=True, slots=True)
class Symbols:
    """The reader of symbols of one formula; ``expression`` reads the items of a power."""

    passage: Passage
    notation: Notation
    indices: Indices
    expression: Callable[[Items], nodes.Node]

    def stop(self, item: Item, message: str, hint: str | None = None) -> Refused:
        """What is raised of an item that cannot be read, with its place."""
        return unread(self.passage, item.start, item.end, message, hint)

    def span(self, first: Item, last: Item | None = None) -> Span:
        """The place of an item, or from one to another."""
        return self.passage.span(first.start, (last or first).end)

    # --- which name ------------------------------------------------------------------------------------------

    def read(self, item: Item, group: Item | None) -> tuple[nodes.Node | FunctionName, bool]:
        """What a symbol is; ``group`` follows it, and the answer tells whether that was part of its spelling."""
        if item.bare and (item.text in self.indices.bound or self._compared(item)):
            return self._counted(item), False
        parts = list(superscript(item.sup))
        primes = item.primes
        while parts and parts[0][0].text == r"\prime" and len(parts[0]) == 1:
            primes, parts = primes + 1, parts[1:]
        found = self._meaning(item, parts, group)
        if found is not None and self._may_be_number(item, found[2], parts):
            found = None
        if found is None:
            return self._undeclared(item, parts, primes, group), False
        meaning, with_sub, count, with_group = found
        left = parts[count:]
        while left and len(left[0]) == 1 and left[0][0].text == r"\prime":
            primes, left = primes + 1, left[1:]
        if meaning.kind == "function":
            return self._function(item, meaning.name, primes, left, with_sub), with_group
        applied = None if meaning.slot else self.notation.applied.get(meaning.name)
        if applied is not None and group is not None and group.text == "(" and (primes or not with_group):
            return self._function(item, applied, primes, left, with_sub), False
        if primes:
            raise self.stop(item, "a prime on something that is no function", "write the derivative as a fraction")
        if not with_group:
            entry = bool(meaning.slot) or (item.sub is not None and not with_sub)
            self._not_called(item, group, parts[:count], with_sub, entry=entry)
        node = self._entry(item, meaning, parts[:count], with_sub)
        last = group if with_group and group is not None else item
        node = replace(node, span=self.span(item, last))
        node = self.scripted(node, item, left)
        if with_group and group is not None and not group.bare:
            node = self.scripted(node, group, list(superscript(group.sup)))
        return node, with_group

    def is_spelled(self, item: Item) -> bool:
        """Whether a symbol is declared with all that stands above it: ``\\sigma^2``."""
        parts = tuple(canon(part) for part in superscript(item.sup))
        key: Key = (base_key(item), canon(item.sub or ()), parts, "")
        return bool(parts) and self.notation.lookup(key) is not None

    def _kronecker(self, item: Item) -> nodes.Node | None:
        r"""``\delta_{ij}`` of two indices, where the letter means nothing else."""
        if base_key(item) != r"\delta" or item.sub is None or item.sup is not None or item.primes:
            return None
        letters = [one for one in item.sub if one.kind != "thin" and one.text != ","]
        known = all(self._is_index(one) for one in letters)
        if len(letters) != 2 or not known or r"\delta" in self.notation.taken or self.notation.spells(r"\delta"):
            return None
        span = self.span(item)
        free = {one.text: item for one in letters if one.text not in self.indices.bound}
        self.indices.compared.update(free)
        self.indices.later.update(free)
        left, right = (self._counted(one) for one in letters)
        equal = nodes.Comparison(span, (left, right), (nodes.Operator(span, "=="),))
        return nodes.Call(span, nodes.Name(span, "indicator"), 0, (equal,), ())

    def _is_index(self, item: Item) -> bool:
        """Whether a letter can be an index here: one that is bound, or that means nothing else."""
        letter = item.kind == "letter" and item.bare and re.fullmatch(r"[a-z]", item.text) is not None
        return letter and (item.text in self.indices.bound or not self._taken(item.text))

    def _function(self, item: Item, name: str, primes: int, left: list[Items], with_sub: bool) -> FunctionName:
        if item.sub is not None and not with_sub:
            raise self.stop(item.sub[0], "a subscript on a function")
        if len(left) > 1:
            raise self.stop(left[1][0], "too much stands above this function")
        return FunctionName(name, primes, left[0] if left else None)

    def _meaning(self, item: Item, parts: list[Items], group: Item | None) -> tuple[Meaning, bool, int, bool] | None:
        """The longest declared spelling that a symbol begins with: how much of its scripts belongs to it."""
        base = base_key(item)
        self._one_face(item, base)
        for letter in dict.fromkeys((base, self._plain(item))):
            best: list[tuple[int, Meaning, bool, int, bool]] = []
            for key, with_sub, count, with_group in self._keys(letter, item, parts, group):
                meaning = self.notation.lookup(key)
                if meaning is not None:
                    weight = 2 * count + 4 * with_group + with_sub * (1 if meaning.default else 2)
                    best.append((weight, meaning, with_sub, count, with_group))
            if best:
                most = max(weight for weight, *_ in best)
                top = [found for found in best if found[0] == most]
                if len({found[1].name for found in top}) > 1:
                    names = " and ".join(f"`{found[1].name}`" for found in top)
                    raise self.stop(item, f"this could be {names}", "declare this spelling as it stands")
                self._one_style(item, letter, top[0][1], with_sub=top[0][2])
                return top[0][1:]
        return None

    def _one_style(self, item: Item, letter: str, meaning: Meaning, *, with_sub: bool) -> None:
        """Refuse ``z_1`` for a name beside ``z^{[1]}`` in one formula: the first may be an entry of the second."""
        if not meaning.default or not (item.sub or item.sup):
            return
        style = self.indices.styles.setdefault(letter, "sub" if with_sub else "sup")
        if (style == "sub") != with_sub:
            raise self.stop(item, "numbers below and above this letter in one formula", "declare these spellings")

    def _one_face(self, item: Item, base: str) -> None:
        """Refuse a letter in two typefaces of which only one is declared: they may be two things."""
        face = self.indices.faces.setdefault(self._plain(item), base)
        if face != base and not self.notation.spells(base) | self.notation.spells(face) >= {base, face}:
            raise self.stop(item, "the same letter in another typeface", "declare the spelling of both")

    def _plain(self, item: Item) -> str:
        if item.kind == "accent":
            return f"\\{item.text}{{{''.join(i.plain or i.text for i in item.args[0])}}}"
        return item.plain or base_key(item)

    def _keys(
        self, letter: str, item: Item, parts: list[Items], group: Item | None
    ) -> list[tuple[Key, bool, int, bool]]:
        texts = [canon(part) for part in parts]
        sub = canon(item.sub or ())
        arguments = canon([replace(group, sub=None, sup=None, primes=0)]) if group is not None else ""
        found: list[tuple[Key, bool, int, bool]] = []
        for group_text in dict.fromkeys((arguments, "")):
            for sub_text in dict.fromkeys((sub, SLOT if re.fullmatch(r"[a-z]|\d+", sub) else sub, "")):
                for count in range(len(texts), -1, -1):
                    taken = tuple(texts[:count])
                    found += [
                        ((letter, sub_text, sup, group_text), bool(sub_text), count, bool(group_text))
                        for sup in (taken, *_slotted(taken))
                    ]
        return found

    def _undeclared(
        self, item: Item, parts: list[Items], primes: int, group: Item | None
    ) -> nodes.Node | FunctionName:
        """The few symbols with a meaning of their own: functions by word, σ, e and π."""
        if (kronecker := self._kronecker(item)) is not None:
            return kronecker
        text = item.text if item.kind in ("word", "text") else base_key(item)
        word = function_word(text) if item.kind in ("word", "text") and len(text) > 1 else None
        if text == r"\sigma" and not self._taken("sigma", "σ"):
            word = "sigmoid"
        if word is not None and not self._taken(word):
            return self._function(item, word, primes, parts, with_sub=False)
        if primes or item.sub is not None:
            word = None
        elif text in (r"\pi", "e") and (text not in self.notation.taken or _is_exponential(item)):
            name = nodes.Name(self.span(item), "pi" if text == r"\pi" else "e")
            if text == "e" and item.sup is not None:
                exponent = self.expression(item.sup)
                return nodes.Call(self.span(item), nodes.Name(self.span(item), "exp"), 0, (exponent,), ())
            return self.scripted(name, item, parts)
        if (made := self._fitted(item, parts, primes, group)) is not None:
            return made
        shown = self.passage.text[item.start : item.end]
        hint = "declare it, or its spelling in `notation`"
        if item.kind == "text":
            hint = "words between formulas are read only where they change nothing"
        message = f"`{shown if len(shown) <= 40 else shown[:40] + '…'}` is not declared"
        if item.kind == "text":
            raise self.stop(item, message, hint)
        raise Refused([Problem("name", message, self.span(item), hint)], self.passage.source)

    def _fitted(self, item: Item, parts: list[Items], primes: int, group: Item | None) -> nodes.Node | None:
        """An identity matrix or a column of ones, with the size that is written, or the one that will fit."""
        name = commands.FITTED.get(base_key(item))
        if name is None or primes or base_key(item) in self.notation.taken:
            return None
        if group is not None and base_key(item) in commands.INDICATORS:
            return None  # an indicator of something that is no condition
        size: nodes.Name | nodes.Number | None = None
        if item.sub is not None:
            sub = [one for one in item.sub if one.kind != "thin"]
            times = [place for place, one in enumerate(sub) if one.text == "×"]
            if len(times) == 1 and name == "eye" and canon(sub[: times[0]]) == canon(sub[times[0] + 1 :]):
                sub = sub[: times[0]]
            if len(sub) != 1 or not sub[0].bare:
                return None
            written = self.expression(tuple(sub))
            if not isinstance(written, nodes.Name | nodes.Number):
                return None
            size = written
        node = nodes.Fitted(self.span(item), name, size, plain=item.text == "I" and size is None)
        return self.scripted(node, item, parts)

    def _may_be_number(self, item: Item, count: int, parts: list[Items]) -> bool:
        """Whether the letter e, which the text calls something else, is the number below this exponent.

        Raises:
            Refused: where it may be either: ``e^2``.
        """
        left = parts[count:]
        if item.text not in self.notation.taken or item.sub is not None or not left or is_transpose(left[-1][-1]):
            return False
        if _is_exponential(item):
            return True
        raise self.stop(item, f"a power of the number {item.text}, or of what is called so here?")

    def _taken(self, *names: str) -> bool:
        return any(self.notation.value(name) or name in self.notation.functions for name in names)

    def _not_called(
        self, item: Item, group: Item | None, used: Sequence[Items], with_sub: bool, *, entry: bool
    ) -> None:
        """Refuse a value with something after it that looks like arguments: ``f(x)`` is seldom a product. The letters
        of functions are mostly such, but not an ``entry`` of an array: ``g_i (x_i - a)``."""
        if group is None or group.text != "(":
            return
        inside = [i for i in group.args[0] if i.kind != "thin"]
        lists = any(i.kind == "punct" for i in inside)
        single = not any(i.kind == "op" and i.text in "+-" for i in inside[1:])
        single = single and any(i.kind in ("letter", "accent", "word") for i in inside)
        key: Key = (base_key(item), canon(item.sub or ()) if with_sub else "", tuple(canon(p) for p in used), "")
        above = superscript(item.sup)
        if above and is_transpose(above[-1][-1]):
            single = False  # a function is not transposed before it is applied
        named = base_key(item) in _LIKE_FUNCTIONS and not entry
        if lists or single or named or key in self.notation.called:
            shown = self.passage.text[item.start : group.end]
            hint = "a product is written with a sign; for a value with its arguments declare this spelling"
            raise self.stop(group, f"`{shown if len(shown) <= 40 else '(…)'}` could be a product or arguments", hint)

    # --- which entry -----------------------------------------------------------------------------------------

    def _compared(self, item: Item) -> bool:
        """Whether a letter is a free index of the formula within a condition: ``\\mathbb{1}[k = j]``."""
        if not self.indices.conditions or self.notation.spells(item.text):
            return False
        if not (self.indices.uses.get(item.text) and self._free(item)):
            if item.text == "e" or not self._is_index(item):
                return False
            self.indices.later.setdefault(item.text, item)
        return True

    def _counted(self, item: Item) -> nodes.Node:
        """A bound index as a number: it counts from the first number of the notes, the language counts from 0."""
        name = nodes.Name(self.span(item), item.text)
        if self.notation.first == 0:
            return name
        return nodes.Chain(name.span, (name, _number(name.span, 1)), (nodes.Operator(name.span, "+"),))

    def _entry(self, item: Item, meaning: Meaning, used: Sequence[Items], with_sub: bool) -> nodes.Node:
        """The name, or the entry or the sample of it that the scripts ask for."""
        name = nodes.Name(self.span(item), meaning.name)
        shape = self.notation.shape(meaning.name)
        at: dict[int, nodes.Node] = {}
        if meaning.slot:
            axis = self.notation.sample_axis(meaning.name)
            inside = item.sub if meaning.slot == "sub" else used[meaning.place][0].args[0]
            at[axis] = self.position(inside or (), shape[axis], item)
        whole_columns = bool(at)
        by_letters = None if item.sub is None or with_sub or shape else self._by_letters(name, item.sub)
        if by_letters is not None:
            return by_letters
        if item.sub is not None and not with_sub:
            whole_columns = False
            self._subscripted(item, item.sub, shape, at)
        if not at:
            return name
        free = [axis for axis in range(len(shape)) if axis not in at]
        if all(shape[axis] == 1 for axis in free):
            at.update({axis: _number(name.span, 0) for axis in free})
            free = []
        subscripts = tuple(at.get(axis, nodes.Whole(name.span)) for axis in range(len(shape)))
        entry = nodes.Index(name.span, name, subscripts)
        if not free or not whole_columns:
            return entry
        minus = nodes.Unary(name.span, "-", _number(name.span, 1))
        sizes = (minus, _number(name.span, 1)) if free == [0] else (_number(name.span, 1), minus)
        return nodes.Call(name.span, nodes.Name(name.span, "reshape"), 0, (entry, *sizes), ())

    def _by_letters(self, name: nodes.Name, sub: Items) -> nodes.Node | None:
        """``f_{xy}``: the derivative of a number by the numbers below it, from which it is made."""
        letters = [item for item in sub if item.kind != "thin" and not (item.kind == "punct" and item.text == ",")]
        node: nodes.Node = name
        if len(letters) > limits.MAX_ORDER:
            return None
        for letter in letters:
            meaning = self.notation.lookup((base_key(letter), "", (), "")) if letter.bare else None
            if meaning is None or meaning.kind != "value" or self.notation.shape(meaning.name):
                return None
            if not self.notation.made_from(name.text, meaning.name):
                return None
            node = nodes.Derivative(name.span, "D", node, nodes.Name(self.span(letter), meaning.name))
        return node if letters else None

    def _subscripted(self, item: Item, sub: Items, shape: tuple[Dim, ...], at: dict[int, nodes.Node]) -> None:
        given = self._listed(sub, len(shape))
        open_axes = [axis for axis in range(len(shape)) if axis not in at]
        if len(given) != len(open_axes):
            open_axes = [axis for axis in open_axes if shape[axis] != 1]
        if len(given) != len(open_axes):
            shown = "a number" if not shape else f"the shape [{', '.join(map(str, shape))}]"
            raise self.stop(sub[0], f"{len(given)} subscripts do not tell an entry of {shown}",
                      "declare this spelling, or write all subscripts")  # fmt: skip
        for axis, position in zip(open_axes, given, strict=True):
            if len(position) == 1 and position[0].kind == "punct" and position[0].text == ":":
                at[axis] = nodes.Whole(self.span(position[0]))
            else:
                at[axis] = self.position(position, shape[axis], item)

    def _listed(self, sub: Items, axes: int) -> list[Items]:
        """The subscripts of ``jk``, ``j,k``, ``12`` or ``i+1``, one after the other."""
        visible = tuple(item for item in sub if item.kind != "thin")
        if any(item.kind == "punct" and item.text == "," for item in visible):
            return split(visible, ",")
        if any(item.kind == "op" for item in visible):
            return [visible]
        if len(visible) == 1 and visible[0].kind == "number" and axes == 2 and len(visible[0].text) == 2:
            (item,) = visible
            return [(replace(item, text=digit),) for digit in item.text]
        return [(item,) for item in visible]

    def position(self, items: Items, axis: Dim, place: Item) -> nodes.Node:
        """A place along an axis: a number, an index, or an index with a number added; counted from 0."""
        visible = [item for item in items if item.kind != "thin"]
        if not visible or any(not item.bare for item in visible):
            raise self.stop(visible[0] if visible else place, "this cannot be a position")
        head, first = visible[0], self.notation.first
        if head.kind == "number" and len(visible) == 1 and head.text.isdigit():
            position = int(head.text) - first
            size = axis if isinstance(axis, int) else None
            if position < 0 or (size is not None and position >= size):
                raise self.stop(head, f"there is no entry {head.text} here; the first is {first}")
            return _number(self.span(head), position)
        if head.kind != "letter" or not re.fullmatch(r"[a-z]", head.text):
            raise self.stop(head, "a position is a number or an index letter")
        if head.text not in self.indices.bound and self._taken(head.text):
            raise self.stop(head, f"`{head.text}` is declared and is no index here")
        self.indices.uses.setdefault(head.text, []).append((axis, head))
        name = nodes.Name(self.span(head), head.text)
        if len(visible) == 1:
            return name
        if len(visible) == 3 and visible[1].text in ("+", "-") and visible[2].text.isdigit():
            number = _number(self.span(visible[2]), int(visible[2].text))
            operator = nodes.Operator(self.span(visible[1]), visible[1].text)
            return nodes.Chain(self.span(head, visible[2]), (name, number), (operator,))
        raise self.stop(visible[1], "a position is an index, perhaps with a number added")

    # --- what stands above -----------------------------------------------------------------------------------

    def scripted(self, node: nodes.Node, item: Item, parts: Sequence[Items]) -> nodes.Node:
        """A value with what stands above it: transposes, then a power."""
        span = node.span.to(self.span(item))
        for place, part in enumerate(parts):
            head = part[0]
            if len(part) == 1 and is_transpose(head) and head.bare:
                if self.notation.value("T") and head.text == "T" and not self.notation.shape("T"):
                    raise self.stop(
                        head, "`T` is a number here: a power or a transpose?", r"write `\top` for a transpose"
                    )
                node = nodes.Transpose(span, node)
            elif (
                head.kind == "group"
                and head.bare
                and len(part) == 1
                and not (_calculates(head) and self._unbound(head))
            ):
                raise self.stop(
                    head, "what this index means is not declared", "declare the spelling with it in `notation`"
                )
            elif _negated_transpose(part):
                raise self.stop(head, "an inverse transpose in one sign", r"write `(A^{-1})^{\top}`")
            elif place < len(parts) - 1:
                raise self.stop(head, "a power before something else above the line")
            else:
                node = nodes.Raised(span, node, self.expression(part))
        return node

    def _unbound(self, group: Item) -> bool:
        """Whether no index letter stands in a group above a symbol."""
        return group.text != "[" and all(
            item.text not in self.indices.bound and not (item.kind == "letter" and self._free(item))
            for item in group.args[0]
        )

    def _free(self, item: Item) -> bool:
        return item.text in self.indices.uses and not self._taken(item.text)


def _is_exponential(item: Item) -> bool:
    """Whether a letter e with an exponent is that of the exponential function, whatever else is called e: an error is
    squared, and not raised to the power of a symbol."""
    if item.text != "e" or item.sup is None or item.sub is not None or item.primes:
        return False
    shown = [one for one in item.sup if one.kind != "thin"]
    if len(shown) == 1 and shown[0].kind == "group":
        return False
    return any(one.kind != "number" for one in shown) and not any(is_transpose(one) for one in shown)


def _negated_transpose(part: Items) -> bool:
    return len(part) == 2 and part[0].text == "-" and is_transpose(part[1])


def _slotted(parts: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The parts of a superscript with any index in place of one that there is."""
    places = [place for place, text in enumerate(parts) if re.fullmatch(r"\(([a-z]|\d+)\)", text)]
    return [(*parts[:place], f"({SLOT})", *parts[place + 1 :]) for place in places]


def _calculates(group: Item) -> bool:
    """Whether what is in parentheses is a sum or a product, and so no index."""
    inside = group.args[0]
    return any(item.kind in ("op", "frac") for item in inside) and any(
        item.kind not in ("op", "number") for item in inside
    )


def split(items: Items, sign: str) -> list[Items]:
    """The parts of a list between its commas."""
    found: list[list[Item]] = [[]]
    for item in items:
        if item.kind == "punct" and item.text in (sign, ";"):
            found.append([])
        else:
            found[-1].append(item)
    return [tuple(part) for part in found]


def _number(span: Span, value: int) -> nodes.Number:
    return nodes.Number(span, Fraction(value), str(value))
