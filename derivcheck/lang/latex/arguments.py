"""Owns functions and what they are applied to: arguments, with parentheses or without, and sums over indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from derivcheck.lang import nodes
from derivcheck.lang.latex.base import Part
from derivcheck.lang.latex.cursor import Cursor
from derivcheck.lang.latex.notation import is_transpose, superscript
from derivcheck.lang.latex.symbols import FunctionName, split
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.typed import Dim

_BASES = {"2": "log2", "10": "log10", "e": "log"}


class Application(Part):
    """Functions applied to arguments, and sums and products over an index."""

    def apply(self, item: Item, function: FunctionName, cursor: Cursor) -> nodes.Node:
        """A function by its symbol: its arguments stand in parentheses or brackets."""
        if function.power is not None:
            raise self.stop(
                function.power[0], "a script between a function and its argument", "put it after the argument"
            )
        group = cursor.peek()
        if group is None or group.kind != "group" or group.text not in "([{":
            raise self.stop(item, "this is a function; its argument is missing", "write the argument in parentheses")
        cursor.take()
        name = nodes.Name(self.symbols.span(item), function.name)
        node = self._called(name, function.primes, group)
        return self._scripted(node, group)

    def _scripted(self, node: nodes.Node, group: Item) -> nodes.Node:
        if group.sub is not None or group.primes:
            raise self.stop(group, "a subscript or a prime on the arguments of a function")
        return self.symbols.scripted(node, group, superscript(group.sup))

    def _called(self, name: nodes.Name, primes: int, group: Item) -> nodes.Call:
        arguments: list[nodes.Node] = []
        keywords: list[nodes.Keyword] = []
        inside = tuple(i for i in group.args[0] if i.kind != "thin")
        for part in split(inside, ",") if inside else []:
            if (keyword := self._keyword(part)) is not None:
                keywords.append(keyword)
            else:
                arguments.append(self.whole(part))
        span = name.span.to(self.symbols.span(replace(group, end=self._closing(group))))
        return nodes.Call(span, name, primes, tuple(arguments), tuple(keywords))

    def _closing(self, group: Item) -> int:
        return group.end

    def _keyword(self, items: Items) -> nodes.Keyword | None:
        """``axis=1``, ``keepdims=True``: the name in letters or as a word."""
        equals = next((place for place, item in enumerate(items) if item.text == "=="), None)
        if equals is None:
            return None
        word = "".join(item.text for item in items[:equals])
        if word not in ("axis", "keepdims"):
            raise self.stop(items[equals], "a relation among arguments")
        value_items = items[equals + 1 :]
        value = "".join(item.text for item in value_items)
        span = self.symbols.span(items[0], items[-1])
        name = nodes.Name(span, word)
        if value in ("True", "False"):
            return nodes.Keyword(span, name, nodes.Name(span, value))
        return nodes.Keyword(span, name, self.whole(value_items))

    # --- named operators -------------------------------------------------------------------------------------

    def named(self, item: Item, cursor: Cursor) -> tuple[nodes.Node, bool]:
        r"""``\log x``, ``\exp(x)``, ``\sin^2 x``, and whether the argument stood without parentheses."""
        name = item.text
        if item.sub is not None:
            base = "".join(i.text for i in item.sub)
            if name != "log" or base not in _BASES:
                raise self.stop(item, "this subscript of a function cannot be read")
            name = _BASES[base]
        turned = item.sup is not None and len(item.sup) == 1 and is_transpose(item.sup[0]) and item.sup[0].bare
        power = None if turned else self._power_of(item)
        span = self.symbols.span(item)
        called = nodes.Name(span, name)
        group = cursor.peek()
        node: nodes.Node
        if group is not None and group.kind == "group" and group.text in "([{":
            cursor.take()
            parts = superscript(group.sup)
            if parts and (turned or not (len(parts) == 1 and is_transpose(parts[0][0]))):
                raise self.stop(
                    group, "a power of the function or of its argument?", "write parentheses around what is raised"
                )
            made: nodes.Node = self._called(called, item.primes, group)
            if turned:
                made = self.symbols.scripted(made, item, superscript(item.sup))
            node, is_open = self._scripted(made, group), False
        else:
            if turned:
                raise self.stop(item, "a transpose between a function and its argument", "put it after the argument")
            factor = self.argument(cursor)
            if factor.kind == "operator":
                raise self.stop(item, "the argument of this function ends where?", "write parentheses")
            if factor.kind == "big" and not _single(factor.node):
                raise self.stop(item, "how much of this sum is the argument?", "write parentheses")
            whole = span.to(factor.node.span)
            node, is_open = nodes.Call(whole, called, item.primes, (factor.node,), ()), True
        if power is not None:
            node = nodes.Raised(node.span, node, power)
        return node, is_open

    def _power_of(self, item: Item) -> nodes.Number | None:
        if item.sup is None:
            return None
        text = "".join(i.text for i in item.sup)
        if not (len(item.sup) == 1 and item.sup[0].kind == "number" and text.isdigit() and int(text) > 1):
            raise self.stop(item.sup[0], "this between a function and its argument cannot be read",
                      "write the inverse by its name, the reciprocal as a fraction")  # fmt: skip
        return nodes.Number(self.symbols.span(item.sup[0]), Fraction(text), text)

    # --- sums over an index ----------------------------------------------------------------------------------

    def big_operator(self, item: Item, cursor: Cursor) -> nodes.Node:
        r"""``\sum_{i=1}^{m}`` with its body: the factors up to the next ``+`` or ``-``."""
        letters, upper = self._range(item)
        for letter in letters:
            if letter.text in self.indices.bound:
                raise self.stop(letter, f"`{letter.text}` is bound already")
            if self.notation.value(letter.text) or letter.text in self.notation.functions:
                raise self.stop(letter, f"`{letter.text}` is declared and cannot be an index")
        before = {letter.text: self.indices.uses.pop(letter.text, []) for letter in letters}
        self.indices.bound.extend(letter.text for letter in letters)
        start = cursor.at
        signs = cursor.signs()
        if len(signs) > 1:
            raise self.stop(signs[-1], "too many signs in a row")
        factor = self.product(cursor)
        body = factor.node
        if signs:
            body = nodes.Unary(self.symbols.span(signs[0]).to(body.span), "-" if signs[0].text == "-" else "+", body)
        if item.text == "prod" and factor.kind in ("product", "operator") and not _indexed_last(body, letters):
            raise self.stop(
                cursor.items[start], "which of these factors does the product take in?", "write parentheses"
            )
        del self.indices.bound[len(self.indices.bound) - len(letters) :]
        binders = tuple(self._binder(letter, upper, item) for letter in letters)
        for letter in letters:
            self.indices.uses[letter.text] = before[letter.text]
            self.indices.ever[letter.text] = letter
        span = self.symbols.span(item).to(body.span)
        function = nodes.Name(self.symbols.span(replace(item, sub=None, sup=None)), item.text)
        return nodes.Comprehension(span, function, body, binders)

    def _range(self, item: Item) -> tuple[list[Item], Item | None]:
        """The index letters of a sum, and the item of its upper limit."""
        if item.sub is None:
            raise self.stop(item, "this sum does not say over what", r"write `\sum_{i=1}^{m}`")
        if item.primes:
            raise self.stop(item, "a prime on a sum")
        sub = tuple(i for i in item.sub if i.kind != "thin")
        sup = tuple(i for i in item.sup or () if i.kind != "thin")
        equals = next((place for place, i in enumerate(sub) if i.text == "=="), None)
        letters = split(sub if equals is None else sub[:equals], ",")
        for letter in letters:
            if len(letter) != 1 or letter[0].kind != "letter" or not letter[0].bare or len(letter[0].text) != 1:
                raise self.stop(item.sub[0], "this range of a sum cannot be read", r"write `\sum_{i=1}^{m}`")
        if (equals is not None) != bool(sup) or (sup and len(letters) > 1):
            raise self.stop(item, "this range of a sum has one end only", r"write `\sum_{i=1}^{m}`")
        if equals is not None:
            self._lowest(sub[equals + 1 :], item)
            sup = self._highest(sup, item)
        return [letter[0] for letter in letters], (sup[0] if sup else None)

    def _lowest(self, items: Items, item: Item) -> None:
        first = self.notation.first
        if "".join(i.text for i in items) != str(first):
            raise self.stop(items[0] if items else item, f"a sum begins at {first} in this notation")

    def _highest(self, items: Items, item: Item) -> Items:
        """The item that names the number of terms: the upper limit, or what is one more than it."""
        if self.notation.first == 0:
            if len(items) != 3 or items[1].text != "-" or items[2].text != "1":
                raise self.stop(items[0], "a sum that begins at 0 ends one before a dimension: `n-1`")
            items = items[:1]
        if len(items) != 1 or not items[0].bare:
            raise self.stop(items[0], "a sum goes to a dimension or a number")
        return items

    def _binder(self, letter: Item, upper: Item | None, item: Item) -> nodes.Binder:
        used: list[Dim] = [axis for axis, _ in self.indices.uses.get(letter.text, [])]
        if upper is not None and upper.kind == "number" and upper.text.isdigit():
            return self.bound(letter, int(upper.text))
        if upper is not None:
            name, _ = self.symbols.read(upper, None)
            if not isinstance(name, nodes.Name) or name.text not in self.notation.dims:
                raise self.stop(upper, "a sum goes to a dimension or a number")
            return self.bound(letter, name.text)
        if len(set(used)) != 1:
            raise self.stop(item, f"over what `{letter.text}` goes is not told by what it stands on",
                      r"write `\sum_{i=1}^{m}`")  # fmt: skip
        return self.bound(letter, used[0])

    def bound(self, letter: Item, over: Dim) -> nodes.Binder:
        """The binder of an index letter over a dimension or a number of values."""
        span = self.symbols.span(replace(letter, end=letter.start + 1, sub=None, sup=None))
        name = nodes.Name(span, letter.text)
        if isinstance(over, str):
            return nodes.Binder(span, name, nodes.Words(span, over))
        return nodes.Binder(span, name, nodes.Size(span, nodes.Number(span, Fraction(over), str(over))))


def _indexed_last(body: nodes.Node, letters: Sequence[Item]) -> bool:
    """Whether the last of several factors has the index of a product, which then takes in all of them."""
    if isinstance(body, nodes.Unary) or not isinstance(body, nodes.Product):
        return False
    names, stack = {letter.text for letter in letters}, [body.operands[-1]]
    while stack:
        one = stack.pop()
        if isinstance(one, nodes.Name) and one.text in names:
            return True
        stack.extend(nodes.children(one))
    return False


def _single(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Comprehension) and not isinstance(node.body, nodes.Product)
