"""Owns the building of surface nodes from what the parser reduces: one method a rule of the grammar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal, TypeAlias, cast

from derivcheck.lang import nodes
from derivcheck.lang.names import normalise
from derivcheck.source import Span


@dataclass(frozen=True, slots=True)
class Piece:
    """A token: its terminal, its text as written, its span in the source and its place in the passage."""

    type: str
    text: str
    span: Span
    start: int


Part: TypeAlias = Piece | nodes.Node
UnarySign: TypeAlias = Literal["-", "+", "not"]

#: The one spelling of every sign that has several.
_SIGNS: dict[str, str] = {"−": "-", "^": "**", "≠": "!=", "≤": "<=", "≥": ">=", "~=": "≈"}


def _span(parts: Sequence[Part]) -> Span:
    return parts[0].span.to(parts[-1].span)


def _nodes(parts: Sequence[Part]) -> tuple[nodes.Node, ...]:
    return tuple(part for part in parts if isinstance(part, nodes.Node))


def _sign(part: Part) -> str:
    assert isinstance(part, Piece)
    return _SIGNS.get(part.text, part.text)


def _operator(part: Part) -> nodes.Operator:
    return nodes.Operator(part.span, _sign(part))


def _name(part: Part) -> nodes.Name:
    assert isinstance(part, Piece)
    return nodes.Name(part.span, normalise(part.text))


def _number(part: Part) -> nodes.Number:
    assert isinstance(part, Piece)
    return nodes.Number(part.span, Fraction(part.text.replace("−", "-")), part.text)


class Builder:
    """A method for every rule of ``grammar.lark``; each takes the parts the rule matched, in order."""

    def expression(self, parts: list[Part]) -> nodes.Node:
        """The whole text is the one part."""
        return cast(nodes.Node, parts[0])

    domain = expression

    def statement(self, parts: list[Part]) -> nodes.Comprehension:
        """A body and its binders; what it states is looked at by the parser's caller."""
        body, binders = self._bound(parts)
        return nodes.Comprehension(_span(parts), nodes.Name(body.span, ""), body, binders)

    def _bound(self, parts: Sequence[Part]) -> tuple[nodes.Node, tuple[nodes.Binder, ...]]:
        body, *bindings = _nodes(parts)
        binders = [b for binding in bindings for b in cast(nodes.Tuple, binding).items]
        return body, tuple(cast(list[nodes.Binder], binders))

    def disjunction(self, parts: list[Part]) -> nodes.Junction:
        """``a or b or c``."""
        return nodes.Junction(_span(parts), "or", _nodes(parts))

    def conjunction(self, parts: list[Part]) -> nodes.Junction:
        """``a and b and c``."""
        return nodes.Junction(_span(parts), "and", _nodes(parts))

    def comparison(self, parts: list[Part]) -> nodes.Comparison:
        """``a < b <= c``."""
        return nodes.Comparison(_span(parts), _nodes(parts), tuple(_operator(p) for p in parts[1::2]))

    def sum(self, parts: list[Part]) -> nodes.Chain:
        """``a + b - c``, and likewise ``a * b / c``."""
        return nodes.Chain(_span(parts), _nodes(parts), tuple(_operator(p) for p in parts[1::2]))

    product = sum  # noqa: A003 - the rule above, not the builtin

    def unary(self, parts: list[Part]) -> nodes.Unary:
        """``-a``, ``+a``, ``not a``."""
        return nodes.Unary(_span(parts), cast(UnarySign, _sign(parts[0])), _nodes(parts)[0])

    def power(self, parts: list[Part]) -> nodes.Power:
        """``a ** b``."""
        base, exponent = _nodes(parts)
        return nodes.Power(_span(parts), base, exponent, _operator(parts[1]))

    def transpose(self, parts: list[Part]) -> nodes.Transpose:
        """``a.T``."""
        return nodes.Transpose(_span(parts), _nodes(parts)[0])

    def index(self, parts: list[Part]) -> nodes.Index:
        """``a[i, :]``."""
        base, *subscripts = _nodes(parts)
        return nodes.Index(_span(parts), base, tuple(subscripts))

    def whole(self, parts: list[Part]) -> nodes.Whole:
        """``:`` among subscripts."""
        return nodes.Whole(parts[0].span)

    def number(self, parts: list[Part]) -> nodes.Number:
        """A literal."""
        return _number(parts[0])

    def name(self, parts: list[Part]) -> nodes.Name:
        """A name."""
        return _name(parts[0])

    def keyword(self, parts: list[Part]) -> nodes.Keyword:
        """``axis=1``."""
        return nodes.Keyword(_span(parts), _name(parts[0]), _nodes(parts)[0])

    def call(self, parts: list[Part]) -> nodes.Call:
        """``f(a, b, axis=1)``."""
        return self._call(parts, 0)

    def primed(self, parts: list[Part]) -> nodes.Call:
        """``f''(a)``."""
        return self._call(parts, len(cast(Piece, parts[1]).text))

    def _call(self, parts: list[Part], primes: int) -> nodes.Call:
        inside = _nodes(parts)
        keywords = tuple(a for a in inside if isinstance(a, nodes.Keyword))
        arguments = tuple(a for a in inside if not isinstance(a, nodes.Keyword))
        return nodes.Call(_span(parts), _name(parts[0]), primes, arguments, keywords)

    def comprehension(self, parts: list[Part]) -> nodes.Comprehension:
        """``sum(a for i in m)``."""
        body, binders = self._bound(parts)
        return nodes.Comprehension(_span(parts), _name(parts[0]), body, binders)

    def binding(self, parts: list[Part]) -> nodes.Tuple:
        """The binders of one ``for``, to be taken apart by the rule around it."""
        return nodes.Tuple(_span(parts), _nodes(parts))

    def binder(self, parts: list[Part]) -> nodes.Binder:
        """``i in m``."""
        return nodes.Binder(_span(parts), _name(parts[0]), cast(nodes.Over, _nodes(parts)[0]))

    def words(self, parts: list[Part]) -> nodes.Words:
        """``m``, ``positive definite``, ``one-hot``: words with one blank between them, or a hyphen."""
        texts = [p.text if p.type == "NAME" else "-" for p in cast(list[Piece], parts)]
        return nodes.Words(_span(parts), normalise(" ".join(texts)).replace(" - ", "-"))

    def size(self, parts: list[Part]) -> nodes.Size:
        """``3`` after ``in``."""
        return nodes.Size(parts[0].span, _number(parts[0]))

    def interval(self, parts: list[Part]) -> nodes.Interval:
        """``(0, 1]``."""
        low, high = _nodes(parts)
        opens, closes = cast(Piece, parts[0]).text == "(", cast(Piece, parts[-1]).text == ")"
        return nodes.Interval(_span(parts), low, high, opens, closes)

    def finite_set(self, parts: list[Part]) -> nodes.FiniteSet:
        """``{0, 1}``."""
        return nodes.FiniteSet(_span(parts), _nodes(parts))

    def group(self, parts: list[Part]) -> nodes.Node:
        """``(a)``: the same node, with its parentheses in its span."""
        return replace(_nodes(parts)[0], span=_span(parts))

    def tuple(self, parts: list[Part]) -> nodes.Tuple:
        """``(a, b)``."""
        return nodes.Tuple(_span(parts), _nodes(parts))

    def array(self, parts: list[Part]) -> nodes.Array:
        """``[a, b]``."""
        return nodes.Array(_span(parts), _nodes(parts))
