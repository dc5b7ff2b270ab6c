r"""Owns derivatives as mathematics writes them: ``\frac{\partial f}{\partial x}``, ``\nabla_x f``, ``f'(x)``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from derivcheck.lang import limits, nodes
from derivcheck.lang.latex.base import Part
from derivcheck.lang.latex.cursor import Cursor
from derivcheck.lang.latex.notation import base_key, canon, is_transpose, superscript
from derivcheck.lang.latex.symbols import FunctionName, split
from derivcheck.lang.latex.tree import Item, Items
from derivcheck.lang.typed import Dim
from derivcheck.source import Span

_SYMBOLS = frozenset({"letter", "accent", "word", "text"})


class Calculus(Part):
    """Derivatives by their notations."""

    def derivative(self, item: Item, cursor: Cursor) -> tuple[nodes.Node, bool] | None:
        """A fraction that is a derivative, and whether it takes in what follows it; ``None`` for a quotient."""
        over, under = (tuple(i for i in argument if i.kind != "thin") for argument in item.args)
        if not over or not under or not (_is_d(over[0]) and _is_d(under[0])):
            if any(_is_d(i) and i.kind == "partial" for i in (*over, *under)):
                place = next(i for i in (*over, *under) if i.kind == "partial")
                raise self.stop(place, "this is neither a derivative nor a quotient")
            return None
        if over[0].kind != under[0].kind and "partial" in (over[0].kind, under[0].kind):
            raise self.stop(under[0], r"`\partial` above and `d` below, or the other way round")
        if over[0].kind != "partial" and self.notation.value("d"):
            raise self.stop(
                item, "`d` is declared: a quotient or a derivative?", r"write `\partial` for a derivative"
            )
        if not item.bare:
            raise self.stop(item, "a script on a derivative", "write parentheses")
        order = self._order(over[0])
        if order == 2 and (vector := self._squared(under)) is not None:
            return self._hessian(item, over, vector, cursor)
        targets = self._targets(under, under[0].text)
        if len(targets) != order:
            raise self.stop(item, f"a derivative of order {order} by {len(targets)} variables")
        if order > limits.MAX_ORDER:
            raise self.stop(item, f"a derivative of order {order}; {limits.MAX_ORDER} is the most")
        if len(over) > 1:
            return self._derived(item, self._numerator(over[1:]), targets), False
        of, operator = self._operand(item, cursor)
        return self._derived(item, of, targets, loose=operator and isinstance(of, nodes.Product)), operator

    def _squared(self, under: Items) -> Item | None:
        r"""The ``w`` of ``\partial w \partial w^\top`` below a second derivative."""
        if len(under) != 4 or not (_is_d(under[2]) and under[2].text == under[0].text and under[0].bare):
            return None
        first, second = under[1], under[3]
        parts = superscript(second.sup)
        if not (under[2].bare and parts and len(parts[-1]) == 1 and is_transpose(parts[-1][0])):
            return None
        rest = replace(second, sup=tuple(i for part in parts[:-1] for i in part) or None)
        return first if canon([first]) == canon([rest]) else None

    def _hessian(self, item: Item, over: Items, vector: Item, cursor: Cursor) -> tuple[nodes.Node, bool]:
        """A Hessian, by a value with one axis, or by a column: then it has the axes of length 1 left out."""
        target, _ = self.symbols.read(vector, None)
        shape = self.notation.shape(target.text) if isinstance(target, nodes.Name) else ()
        column = len(shape) == 2 and shape[1] == 1
        if not isinstance(target, nodes.Name) or not (len(shape) == 1 or column):
            raise self.stop(vector, "a Hessian is by a vector", "declare its shape as `[n]` or `[n, 1]`")
        if len(over) == 1:
            of, operator = self._operand(item, cursor)
        else:
            of, operator = self._numerator(over[1:]), False
        span = self.symbols.span(item).to(of.span)
        hessian = nodes.Derivative(span, "hess", of, target)
        if not column:
            return hessian, operator
        size = _size(span, shape[0])
        return nodes.Call(span, nodes.Name(span, "reshape"), 0, (hessian, size, size), ()), operator

    def _derived(self, item: Item, of: nodes.Node, targets: list[nodes.Node], *, loose: bool = False) -> nodes.Node:
        span = self.symbols.span(item).to(of.span)
        if loose and len(targets) > 1:
            raise self.stop(item, "how much of this is differentiated?", "write parentheses")
        for target in reversed(targets):
            of = nodes.Derivative(span, "D", of, target, loose)
        return of

    def _numerator(self, items: Items) -> nodes.Node:
        inner = Cursor(self.passage, items)
        if (sign := inner.peek()) is not None and sign.kind == "op":
            raise self.stop(sign, "a sign after the sign of a derivative", "write parentheses")
        factor = self.product(inner)
        if (left := inner.peek()) is not None:
            raise self.stop(left, "how much of this is differentiated?", "write parentheses")
        return factor.node

    def _operand(self, item: Item, cursor: Cursor) -> tuple[nodes.Node, bool]:
        """What follows ``\\frac{d}{dx}``, and whether it has no parentheses: then it is all factors side by side."""
        after = cursor.peek()
        if after is None or after.kind in ("op", "relation", "punct", "wide"):
            raise self.stop(item, "what is differentiated is missing")
        if after.kind == "group" and after.text in "([{":
            if not after.bare:
                raise self.stop(
                    after, "a derivative of the power, or a power of the derivative?", "write parentheses"
                )
            cursor.take()
            return replace(self.whole(after.args[0]), span=self.symbols.span(after)), False
        start = cursor.at
        factor = self.run(cursor)
        end = cursor.peek()
        if isinstance(factor.node, nodes.Product) and factor.kind == "run":
            chained = next((i for i in cursor.items[start + 1 : cursor.at] if _differentiates(i)), None)
            if chained is not None:
                raise self.stop(chained, "does this belong to the argument before it?", "write parentheses")
            if end is not None and end.kind == "op" and end.text not in ("+", "-"):
                raise self.stop(end, "how much of this is differentiated?", "write parentheses")
            return factor.node, True
        parts = superscript(after.sup)
        if parts and is_transpose(parts[-1][0]) and cursor.at == start + 1:
            raise self.stop(
                after, "a transpose of the derivative, or of what is differentiated?", "write parentheses"
            )
        if factor.kind in ("open", "big") and end is not None and end.kind == "op":
            raise self.stop(after, "how much of this is differentiated?", "write parentheses")
        return factor.node, True

    def differentiated(
        self, factors: Sequence[nodes.Node], operators: Sequence[nodes.Operator]
    ) -> nodes.Derivative | None:
        """A derivative of one factor and the factors behind it as the derivative of all of them; ``None`` where
        others of these are derivatives, as in the chain rule, or it is of a higher order."""
        first, *rest = factors
        if not isinstance(first, nodes.Derivative) or isinstance(first.of, nodes.Derivative | nodes.Product):
            return None
        stack = list(rest)
        while stack:
            one = stack.pop()
            if isinstance(one, nodes.Derivative):
                return None
            stack += nodes.children(one)
        span = first.span.to(rest[-1].span)
        of = nodes.Product(first.of.span.to(rest[-1].span), (first.of, *rest), tuple(operators))
        return replace(first, span=span, of=of, loose=True)

    def _order(self, item: Item) -> int:
        if item.sub is not None or item.primes:
            raise self.stop(item, "a subscript on the sign of a derivative")
        if item.sup is None:
            return 1
        text = "".join(i.text for i in item.sup)
        if not (text.isdigit() and 0 < int(text[:3]) <= limits.MAX_ORDER and len(text) < 3):
            raise self.stop(item.sup[0], "the order of a derivative is a small number")
        return int(text)

    def _targets(self, items: Items, sign: str) -> list[nodes.Node]:
        """The variables below: ``\\partial x \\partial y^2`` is by x, y, y."""
        found: list[nodes.Node] = []
        place = 0
        while place < len(items):
            mark = items[place]
            if not _is_d(mark) or mark.text != sign or not mark.bare:
                raise self.stop(mark, "the variable of this derivative cannot be read")
            if place + 1 == len(items):
                raise self.stop(mark, "the variable of this derivative is missing")
            found += self._target(items[place + 1])
            place += 2
        return found

    def _target(self, item: Item) -> list[nodes.Node]:
        """A variable, as often as the number above it says."""
        if item.kind not in _SYMBOLS:
            raise self.stop(item, "a derivative is by a variable, an entry of one, or a defined name")
        parts, times = superscript(item.sup), 1
        last = parts[-1] if parts and not self.symbols.is_spelled(item) else ()
        if len(last) == 1 and last[0].kind == "number" and last[0].bare and last[0].text.isdigit():
            times = int(last[0].text[:3])
            parts = parts[:-1]
            item = replace(item, sup=tuple(i for part in parts for i in part) or None)
        if not 0 < times <= limits.MAX_ORDER:
            raise self.stop(item, "the order of a derivative is a small number")
        target, _ = self.symbols.read(item, None)
        entry = isinstance(target, nodes.Index) and isinstance(target.base, nodes.Name)
        if isinstance(target, FunctionName) or not (isinstance(target, nodes.Name) or entry):
            raise self.stop(item, "a derivative is by a variable, an entry of one, or a defined name")
        return [target] * times

    def nabla(self, item: Item, cursor: Cursor) -> nodes.Node:
        r"""``\nabla_x f`` and ``\partial_x f``: of parentheses, or of one factor."""
        if item.kind == "partial" and (fraction := self._in_line(item, cursor)) is not None:
            made = self.derivative(fraction, cursor)
            assert made is not None
            return made[0]
        if item.kind == "nabla" and item.bare and (by_argument := self._by_argument(cursor)) is not None:
            symbol, target = by_argument
            return self._derived(item, symbol, [target])
        order = self._order(replace(item, sub=None)) if item.kind == "partial" else 1
        if item.sub is None or (item.sup is not None and item.kind != "partial") or item.primes:
            raise self.stop(item, "this does not say by what is differentiated", rf"write `\{item.text}_{{x}} f`")
        by = tuple(i for i in item.sub if i.kind != "thin")
        if len(by) != 1:
            raise self.stop(item.sub[0], "a derivative is by one variable here")
        targets = self._target(by[0])
        if len(targets) != 1:
            raise self.stop(by[0], "a derivative is by one variable here")
        targets *= order
        of, operator = self._operand(item, cursor)
        several = operator and isinstance(of, nodes.Product)
        if several and item.kind == "nabla":
            raise self.stop(item, "how much of this is differentiated?", "write parentheses")
        return self._derived(item, of, targets, loose=several)

    def at_arguments(self, item: Item, node: nodes.Node, cursor: Cursor) -> None:
        r"""Pass over ``(x, y)`` behind ``\frac{\partial f}{\partial x}``: the names from which f is made.

        Raises:
            Refused: where one name stands there, which could be a factor.
        """
        group = cursor.peek()
        while isinstance(node, nodes.Derivative):
            node = node.of
        if group is None or group.kind != "group" or group.text != "(" or not isinstance(node, nodes.Name):
            return
        parts = [[one for one in part if one.kind != "thin"] for part in split(group.args[0], ",")]
        means = [self.notation.lookup((base_key(part[0]), "", (), "")) if len(part) == 1 and part[0].bare else None
                 for part in parts]  # fmt: skip
        if not all(one is not None and self.notation.made_from(node.text, one.name) for one in means):
            return
        if len(parts) == 1 or not group.bare:
            raise self.stop(group, "a product, or the argument of the derivative?", "write a product with its sign")
        cursor.take()

    def _by_argument(self, cursor: Cursor) -> tuple[nodes.Node, nodes.Node] | None:
        r"""What ``\nabla J(w)`` is of, and by: a value that is spelled with the one name that it depends on."""
        row = cursor.items[cursor.at : cursor.at + 2]
        if len(row) < 2 or row[0].kind not in _SYMBOLS or row[1].kind != "group" or row[1].text != "(":
            return None
        inside = [i for i in row[1].args[0] if i.kind != "thin"]
        if len(inside) != 1 or inside[0].kind not in _SYMBOLS or not row[1].bare or row[0].primes:
            return None
        made, with_group = self.symbols.read(row[0], row[1])
        if not with_group or not isinstance(made, nodes.Name):
            return None
        (target,) = self._target(inside[0])
        cursor.take()
        cursor.take()
        return made, target

    def _in_line(self, item: Item, cursor: Cursor) -> Item | None:
        r"""``\partial f / \partial x`` as the fraction that it is: one symbol above, and one below."""
        if item.sub is not None or item.primes:
            return None
        row = cursor.items[cursor.at : cursor.at + 4]
        if len(row) < 4 or row[0].kind not in _SYMBOLS or row[1].text != "/" or row[2].kind != "partial":
            return None
        after = cursor.items[cursor.at + 4] if len(cursor.items) > cursor.at + 4 else None
        if row[3].kind not in _SYMBOLS or (
            after is not None and after.kind not in ("relation", "punct", "wide", "op")
        ):
            raise self.stop(row[2], "how much stands below this line?", r"write `\frac{\partial f}{\partial x}`")
        if (left := cursor.at - 2) >= 0 and cursor.items[left].text == "/":
            raise self.stop(item, "how much stands below the line before it?", "write parentheses")
        for _ in row:
            cursor.take()
        above, below = (item, row[0]), (row[2], row[3])
        return replace(item, kind="frac", args=(above, below), sup=None, end=row[3].end, text=r"\frac")

    def primed_group(self, item: Item) -> nodes.Node:
        """``(1 + e^{-z})'``: the derivative by the one name in it."""
        of = self.whole(item.args[0])
        names = sorted({name for name in _names(of) if self.notation.value(name)} - self.notation.dims)
        if len(names) != 1 or item.primes > limits.MAX_ORDER or self.indices.bound:
            raise self.stop(item, "the derivative by what?", "write the derivative as a fraction")
        span = self.symbols.span(item)
        return self._derived(item, of, [nodes.Name(span, names[0])] * item.primes)

    def primed_value(self, item: Item, group: Item | None) -> nodes.Node | None:
        """``L'(z)`` of a value L: its derivative by what stands in the parentheses, if that is one name; ``L'`` alone
        of a value that is declared with its one argument."""
        made, _ = self.symbols.read(replace(item, primes=0), None)
        if isinstance(made, nodes.Name) and made.text in self.notation.applied and group is not None:
            return None
        if isinstance(made, FunctionName):
            return None
        if isinstance(made, nodes.Name) and self.notation.given(made.text):
            raise self.stop(item, "a prime on something that is given, and no function")
        if group is None and isinstance(made, nodes.Name) and item.primes <= limits.MAX_ORDER:
            argument = self.notation.argument(made.text)
            if argument is not None:
                return self._derived(item, made, [nodes.Name(made.span, argument)] * item.primes)
        if group is None or group.text != "(" or not group.bare or item.primes > limits.MAX_ORDER:
            raise self.stop(item, "a prime on something that is no function", "write the derivative as a fraction")
        inside = tuple(i for i in group.args[0] if i.kind != "thin")
        if len(inside) != 1:
            raise self.stop(group, "the derivative by what?", "write the derivative as a fraction")
        (target,) = self._target(inside[0])
        known = self.notation.argument(made.text) if isinstance(made, nodes.Name) else None
        if known is not None and not (isinstance(target, nodes.Name) and target.text == known):
            raise self.stop(group, "the derivative by this, or at this?", "write the derivative as a fraction")
        return self._derived(replace(item, end=group.end), made, [target] * item.primes)


def _names(node: nodes.Node) -> Iterator[str]:
    """The names of values in a node."""
    if isinstance(node, nodes.Name):
        yield node.text
    for one in nodes.children(node):
        yield from _names(one)


def _differentiates(item: Item) -> bool:
    """Whether something is a derivative, or the sign of one."""
    over = [i for i in item.args[0] if i.kind != "thin"] if item.kind == "frac" else []
    return item.kind in ("nabla", "partial") or (bool(over) and _is_d(over[0]))


def primes_above(item: Item) -> Item:
    r"""A symbol with ``^{\prime}`` (and nothing else above it) as one with primes."""
    above = [i for i in item.sup or () if i.kind != "thin"]
    if not above or not all(i.text == r"\prime" and i.bare for i in above):
        return item
    return replace(item, sup=None, primes=item.primes + len(above))


def _is_d(item: Item) -> bool:
    """Whether something is the sign of a derivative, with nothing but an order on it."""
    upright = item.kind in ("letter", "word") and item.text in ("d", r"\mathit{d}")
    return (item.kind == "partial" or upright) and item.sub is None and not item.primes


def _size(span: Span, axis: Dim) -> nodes.Node:
    return nodes.Name(span, axis) if isinstance(axis, str) else nodes.Number(span, Fraction(axis), str(axis))
