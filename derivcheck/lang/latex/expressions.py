"""Owns the reading of expressions: sums, products, what stands side by side, and every kind of factor.

What a reader of the page could take in two ways (``\\log x y``, ``1/2x``, ``\\sin(x)^2``) is refused, with the
parentheses that would tell. The product of two arrays is left to their shapes (:class:`nodes.Product`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from derivcheck.errors import Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.arguments import Application
from derivcheck.lang.latex.arrays import Tables
from derivcheck.lang.latex.calculus import Calculus, primes_above
from derivcheck.lang.latex.cursor import Cursor
from derivcheck.lang.latex.notation import (
    Notation,
    base_key,
    canon,
    differential,
    function_word,
    is_transpose,
    superscript,
)
from derivcheck.lang.latex.symbols import FunctionName, Indices, Symbols, split
from derivcheck.lang.latex.tokens import unread
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.source import Passage

#: What kind of factor was read: ``open`` is a function whose argument has no parentheses, ``operator`` a derivative
#: of what follows it, ``big`` a sum or a product with its body, ``bars`` something between plain bars, ``product``
#: several factors, ``run`` several side by side.
FactorKind = Literal["plain", "open", "operator", "big", "bars", "wrap", "number", "product", "run"]


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor and what kind it is."""

    node: nodes.Node
    kind: FactorKind = "plain"


class Reader(Application, Tables, Calculus):
    """The reader of one formula's expressions; see the parts that it is put together from."""

    def __init__(self, passage: Passage, notation: Notation) -> None:
        self.passage = passage
        self.notation = notation
        self.indices = Indices()
        self.symbols = Symbols(passage, notation, self.indices, self.whole)

    def stop(self, item: Item, message: str, hint: str | None = None) -> Refused:
        """What is raised of an item that cannot be read, with its place."""
        return unread(self.passage, item.start, item.end, message, hint)

    # --- sums and products -----------------------------------------------------------------------------------

    def whole(self, items: Items) -> nodes.Node:
        """An expression that takes up all the items.

        Raises:
            Refused: with the item that stopped it.
        """
        cursor = Cursor(self.passage, self._typed_names(items))
        node = self.sum(cursor)
        if (item := cursor.peek()) is not None:
            raise self._left_over(item)
        return node

    def _typed_names(self, items: Items) -> Items:
        """The items with functions that are typed in letters, ``ReLU(z)``, as words. To TeX these are products, and
        where every letter of one is declared, or others stand beside them, that could be meant: it is refused."""
        found: list[Item] = []
        for place, item in enumerate(items):
            found.append(item)
            after = items[place + 1] if place + 1 < len(items) else None
            if item.kind != "letter" or len(item.text) != 1 or (after is not None and _side_by_side(item, after)):
                continue
            run = _letters_before(found)
            text = "".join(part.text for part in run)
            inside = next((name for name in commands.TYPED if name in text.lower()), None)
            if inside is None:
                continue
            called = after is not None and after.kind == "group" and after.text == "(" and after.start == item.end
            if inside != text.lower() or not called or all(self._declared(part) for part in run):
                name = replace(run[text.lower().index(inside)], end=item.end)
                raise self.stop(name, f"`{inside}` in letters side by side is a product in TeX",
                                "write the function with its backslash, or the product with signs")  # fmt: skip
            found[-len(run) :] = [replace(item, kind="word", text=text, plain="", start=run[0].start)]
        return tuple(found)

    def _declared(self, letter: Item) -> bool:
        """Whether a letter alone means something, so that it could be a factor."""
        return letter.text == "e" or letter.text in self.indices.bound or self.notation.spells(letter.text) != set()

    def _left_over(self, item: Item) -> Refused:
        words = {"wide": "a wide space", "relation": "a relation", "punct": "this sign", "tab": "`&`", "row": r"`\\`"}
        return self.stop(item, f"{words.get(item.kind, 'this')} cannot stand here")

    def sum(self, cursor: Cursor) -> nodes.Node:
        """Terms with ``+`` and ``-`` between them."""
        terms: list[nodes.Node] = []
        operators: list[nodes.Operator] = []
        while True:
            signs = cursor.signs()
            if len(signs) > 1 + bool(terms):
                raise self.stop(signs[-1], "too many signs in a row")
            if terms:
                if not signs:
                    break
                operators.append(nodes.Operator(self.symbols.span(signs[0]), signs[0].text))
                signs = signs[1:]
            factors = self.product(cursor)
            if signs and factors.kind == "wrap" and isinstance(factors.node, nodes.Chain):
                raise self.stop(signs[0], "a sign before a sum in a box", "write parentheses")
            node = factors.node
            for sign in signs:
                kind: Literal["-", "+"] = "-" if sign.text == "-" else "+"
                node = nodes.Unary(self.symbols.span(sign).to(node.span), kind, node)
            terms.append(node)
            after = cursor.peek()
            if factors.kind == "operator" and after is not None and after.text in ("+", "-"):
                raise self.stop(
                    after, "the derivative of what stands before this sign, or of all?", "write parentheses"
                )
        if not operators:
            return terms[0]
        return nodes.Chain(terms[0].span.to(terms[-1].span), tuple(terms), tuple(operators))

    def product(self, cursor: Cursor) -> Factor:
        """Factors side by side and with product signs between them."""
        factors, operators, last = self._side_by_side(cursor)
        operated = last.kind == "operator" and len(factors) == 1
        while (item := cursor.peek()) is not None and item.kind == "op" and item.text in commands.PRODUCT_SIGNS:
            cursor.take()
            operators.append(nodes.Operator(self.symbols.span(item), item.text))
            if item.text == "/" and last.kind in ("open", "operator"):
                raise self.stop(item, "is this division inside or outside?", r"write parentheses or `\frac`")
            signs = cursor.signs()
            if len(signs) > 1:
                raise self.stop(signs[-1], "too many signs in a row")
            more, between, last = self._side_by_side(cursor)
            if item.text == "/" and len(more) > 1:
                raise self.stop(item, "does this division end before or after the next factor?", r"write `\frac`")
            if signs:
                kind: Literal["-", "+"] = "-" if signs[0].text == "-" else "+"
                more[0] = nodes.Unary(self.symbols.span(signs[0]).to(more[0].span), kind, more[0])
            factors += more
            operators += between
        if len(factors) == 1:
            return last
        span = factors[0].span.to(factors[-1].span)
        whole = self.differentiated(factors, operators) if operated and last.kind != "operator" else None
        if whole is not None:
            return Factor(whole, "operator")
        return Factor(
            nodes.Product(span, tuple(factors), tuple(operators)), last.kind if last.kind == "operator" else "product"
        )

    def _side_by_side(self, cursor: Cursor) -> tuple[list[nodes.Node], list[nodes.Operator], Factor]:
        found: list[Factor] = []
        while (item := cursor.peek()) is not None and item.kind not in _ENDS:
            if found and found[-1].kind == "big":
                break
            factor = self.factor(cursor)
            if found:
                self._neighbours(found, factor, item)
            found.append(factor)
        if not found:
            raise self._missing(cursor)
        places = [nodes.Operator(factor.node.span, "") for factor in found[1:]]
        return [factor.node for factor in found], places, found[-1]

    def run(self, cursor: Cursor) -> Factor:
        """Factors side by side, of the kind ``run``, or the one that there is."""
        factors, operators, last = self._side_by_side(cursor)
        if len(factors) == 1:
            return last
        return Factor(nodes.Product(factors[0].span.to(factors[-1].span), tuple(factors), tuple(operators)), "run")

    def _missing(self, cursor: Cursor) -> Refused:
        item = cursor.peek() or cursor.last()
        if item is None:
            return unread(self.passage, *cursor.place, "a formula is missing here")
        return self.stop(item, "a value is missing here")

    def _neighbours(self, found: list[Factor], factor: Factor, item: Item) -> None:
        """Refuse two factors side by side that could be one thing, or belong together in two ways."""
        before = found[-1]
        if before.kind == "operator" or (before.kind == "open" and factor.kind not in ("open", "big")):
            raise self.stop(item, "does this belong to the argument before it?", "write parentheses")
        if factor.kind == "number":
            raise self.stop(item, "a number after another factor", r"write `\cdot` between them")
        if factor.kind == "bars" and any(other.kind == "bars" for other in found):
            raise self.stop(item, "these bars cannot be told apart", r"write `\left| … \right|`")
        for other in (before, factor):
            if other.kind == "wrap" and isinstance(other.node, nodes.Chain):
                raise self.stop(item, "a sum in a box beside another factor", "write parentheses")

    # --- factors ---------------------------------------------------------------------------------------------

    def factor(self, cursor: Cursor) -> Factor:
        """The factor that begins here."""
        item = cursor.take()
        rule = _FACTORS.get(item.kind)
        if rule is None:
            raise self._left_over(item)
        return rule(self, item, cursor)

    def number(self, item: Item, cursor: Cursor) -> Factor:
        """A literal with what stands above it; ``1`` with a condition is an indicator."""
        if item.text == "1" and (condition := self.indicated(item, cursor)) is not None:
            return Factor(condition)
        if item.primes or item.sub is not None:
            raise self.stop(item, "this number has a subscript or a prime")
        bare = replace(item, end=item.start + len(item.text), sup=None)
        span = self.symbols.span(bare)
        if (problem := limits.literal_problem(item.text, span)) is not None:
            raise self.stop(item, problem.message)
        parts = superscript(item.sup)
        if parts and any(is_transpose(part[0]) for part in parts):
            if item.text != "1" or self.notation.spells(r"\mathbf{1}"):
                raise self.stop(item, "a transpose on a number")
            return Factor(self.symbols.scripted(nodes.Fitted(span, "ones", None, plain=False), item, parts))
        node = self.symbols.scripted(nodes.Number(span, Fraction(item.text), item.text), item, parts)
        return Factor(node, "number")

    def symbol(self, item: Item, cursor: Cursor) -> Factor:
        """A declared name, or a function with its arguments."""
        if base_key(item) in commands.INDICATORS and (condition := self.indicated(item, cursor)) is not None:
            return Factor(condition)
        if item.kind == "word" and item.text in commands.FUNCTIONS and not self._names(item.text):
            return self.function(replace(item, text=commands.FUNCTIONS[item.text]), cursor)
        after = cursor.peek()
        named = differential(item, after)
        if named is not None and self.notation.spells(named.text):
            if self.notation.value("d"):
                raise self.stop(named, "a product with `d`, or one name?", "declare one of them otherwise")
            item, after = named, (cursor.take(), cursor.peek())[1]
        group = after if after is not None and after.kind == "group" else None
        if (
            item.kind == "letter"
            and (primed := primes_above(item)).primes
            and (derived := self.primed_value(primed, group)) is not None
        ):
            if group is not None and group.text == "(":
                cursor.take()
            return Factor(derived)
        made, with_group = self.symbols.read(item, group)
        if with_group:
            cursor.take()
        if isinstance(made, FunctionName):
            return Factor(self.apply(item, made, cursor))
        return Factor(made)

    def _names(self, word: str) -> bool:
        """Whether an upright word is a name of the notation."""
        return bool(self.notation.spells(f"\\mathrm{{{word}}}")) or self.notation.value(word)

    def text(self, item: Item, cursor: Cursor) -> Factor:
        """Words among symbols: a function or a declared name, nothing else."""
        word = function_word(item.text)
        known = word is not None or self.notation.value(item.text) or item.text in self.notation.functions
        if not known and not any(item.text in spelling for s in self.notation.spellings.values() for spelling in s):
            raise self.stop(item, "these words cannot be read as part of the formula")
        return self.symbol(item, cursor)

    def group(self, item: Item, cursor: Cursor) -> Factor:
        """Parentheses, brackets or bars, and what stands above them."""
        (inside,) = item.args
        if not any(i.kind not in ("thin", "aside") for i in inside):
            raise self.stop(item, "nothing stands in these")
        if item.text == "⟨":
            return Factor(self.inner(item, inside))
        if (condition := self.iverson(item, cursor)) is not None:
            return Factor(condition)
        if item.primes and item.text in "([" and item.sub is None and item.sup is None:
            return Factor(self.primed_group(item))
        if item.sub is not None and canon(item.sub) == "+" and item.text in "([" and not item.primes:
            return Factor(self._positive_part(item))
        if item.primes or (item.sub is not None and item.text != "‖"):
            raise self.stop(item, "a subscript or a prime on parentheses")
        parts = list(superscript(item.sup))
        if item.text in "|‖":
            node = self.length(item, inside)
            return Factor(self.symbols.scripted(node, item, parts), "bars" if item.plain else "plain")
        row = self.row_of_numbers(item) if item.text == "[" else None
        node = row or self.whole(inside)
        node = replace(node, span=self.symbols.span(item))
        return Factor(self.symbols.scripted(node, item, parts))

    def inner(self, item: Item, inside: Items) -> nodes.Node:
        r"""``\langle a, b \rangle``: an inner product."""
        sides = split(inside, ",")
        if len(sides) != 2 or not all(sides) or item.sub is not None or item.primes:
            raise self.stop(item, "an inner product is of two vectors", r"write `\langle a, b \rangle`")
        bare = replace(item, sup=None)
        node = nodes.Inner(self.symbols.span(bare), self.whole(sides[0]), self.whole(sides[1]))
        return self.symbols.scripted(node, item, superscript(item.sup))

    def _positive_part(self, item: Item) -> nodes.Node:
        """``(z)_+``: z where it is positive, and 0 elsewhere."""
        span = self.symbols.span(replace(item, sup=None, sub=None))
        zero = nodes.Number(span, Fraction(0), "0")
        made = nodes.Call(span, nodes.Name(span, "max"), 0, (zero, self.whole(item.args[0])), ())
        return self.symbols.scripted(made, item, superscript(item.sup))

    def length(self, item: Item, inside: Items) -> nodes.Node:
        """``|a|`` and ``‖a‖`` with its index."""
        kinds: dict[str, Literal["", "1", "2", "F"]] = {"": "", "1": "1", "2": "2", "F": "F"}
        index = "".join(i.text for i in item.sub or ())
        if item.text == "‖" and (index not in kinds or any(not i.bare for i in item.sub or ())):
            raise self.stop(item, "this norm cannot be read", "the norms are those with the index 1, 2 and F")
        kind: Literal["", "1", "2", "F", "|"] = "|" if item.text == "|" else kinds[index]
        return nodes.Length(self.symbols.span(item), self.whole(inside), kind)

    def fraction(self, item: Item, cursor: Cursor) -> Factor:
        """A quotient or a derivative."""
        derivative = self.derivative(item, cursor)
        if derivative is not None:
            node, operator = derivative
            if not operator:
                self.at_arguments(item, node, cursor)
            return Factor(node, "operator" if operator else "plain")
        if not item.bare:
            raise self.stop(item, "does this script belong to the fraction or to its numerator?", "write parentheses")
        if not all(item.args):
            raise self.stop(item, "a side of this fraction is empty")
        over, under = (self.whole(argument) for argument in item.args)
        span = self.symbols.span(item)
        return Factor(nodes.Chain(span, (over, under), (nodes.Operator(span, "/"),)))

    def root(self, item: Item, cursor: Cursor) -> Factor:
        """A square root or a real cube root."""
        inside = self.whole(item.args[0])
        bare = replace(item, sub=None, sup=None, primes=0)
        span = self.symbols.span(bare)
        if item.sub is not None or item.primes:
            raise self.stop(item, "a subscript or a prime on a root")
        degree = self.whole(item.args[1]) if len(item.args) > 1 else None
        node: nodes.Node
        if degree is None or (isinstance(degree, nodes.Number) and degree.value == 2):
            node = nodes.Call(span, nodes.Name(span, "sqrt"), 0, (inside,), ())
        elif isinstance(degree, nodes.Number) and degree.value == 3:
            node = nodes.Call(span, nodes.Name(span, "cbrt"), 0, (inside,), ())
        else:
            raise self.stop(item, "only square and cube roots are read", "write a power: `x^{1/4}`")
        return Factor(self.symbols.scripted(node, item, superscript(item.sup)))

    def wrap(self, item: Item, cursor: Cursor) -> Factor:
        """A box, an underline or a brace under a part, whose label is no part of the formula."""
        labelled = item.text in ("underbrace", "overbrace")
        if item.primes or (not labelled and not item.bare):
            raise self.stop(item, "a script on this")
        return Factor(replace(self.whole(item.args[0]), span=self.symbols.span(item)), "wrap")

    def function(self, item: Item, cursor: Cursor) -> Factor:
        """A function by its command."""
        node, is_open = self.named(item, cursor)
        return Factor(node, "open" if is_open else "plain")

    def big(self, item: Item, cursor: Cursor) -> Factor:
        """A sum or a product over an index."""
        return Factor(self.big_operator(item, cursor), "big")

    def env(self, item: Item, cursor: Cursor) -> Factor:
        """A matrix or cases."""
        if not item.bare and item.text in commands.CASES:
            raise self.stop(item, "a script on cases")
        node = self.table(item)
        return Factor(self.symbols.scripted(node, item, superscript(item.sup)))

    def nabla_factor(self, item: Item, cursor: Cursor) -> Factor:
        """A gradient; what it is of has no parentheses."""
        return Factor(self.nabla(item, cursor), "open")

    def argument(self, cursor: Cursor) -> Factor:
        """One factor after a function without parentheses; a number may stand before a symbol (``\\sin 2x``)."""
        item = cursor.peek()
        if item is None or item.kind in _ENDS:
            raise self._missing(cursor)
        factor = self.factor(cursor)
        after = cursor.peek()
        if factor.kind == "number" and item.bare and after is not None and after.kind in ("letter", "accent"):
            more = self.factor(cursor)
            place = nodes.Operator(more.node.span, "")
            return Factor(nodes.Product(factor.node.span.to(more.node.span), (factor.node, more.node), (place,)))
        return factor


def _side_by_side(item: Item, after: Item) -> bool:
    """Whether a letter goes on in another one, with nothing between them."""
    return item.bare and after.kind == "letter" and len(after.text) == 1 and after.start == item.end


def _letters_before(items: list[Item]) -> list[Item]:
    """The letters side by side at the end of a row."""
    start = len(items) - 1
    while start > 0 and items[start - 1].kind == "letter" and _side_by_side(items[start - 1], items[start]):
        start -= 1
    return [item for item in items[start:] if len(item.text) == 1]


#: What ends a row of factors.
_ENDS = frozenset(["op", "relation", "punct", "wide", "tab", "row", "arrow"])
_FACTORS: dict[str, Callable[[Reader, Item, Cursor], Factor]] = {
    "number": Reader.number,
    "letter": Reader.symbol,
    "accent": Reader.symbol,
    "word": Reader.symbol,
    "text": Reader.text,
    "group": Reader.group,
    "frac": Reader.fraction,
    "sqrt": Reader.root,
    "wrap": Reader.wrap,
    "function": Reader.function,
    "big": Reader.big,
    "env": Reader.env,
    "nabla": Reader.nabla_factor,
    "partial": Reader.nabla_factor,
}
