"""Owns the surface nodes: what was written, with its place, before names and shapes are looked at.

They know no notation: the infix grammar builds them, and any other reader may. A node's ``span`` is in its source
and takes in the parentheses around it. Chains of one precedence are kept flat, so that a sum of a thousand terms
is one node and no walk need be a thousand levels deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from derivcheck.source import Span

Relation = Literal["==", "≈"]
DerivativeWord = Literal["D", "jac", "hess"]


@dataclass(frozen=True, slots=True)
class Node:
    """Something written: an expression or a part of one."""

    span: Span


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An unsigned literal, exact; ``text`` as written."""

    value: Fraction
    text: str


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name, in Unicode's composed form (NFC)."""

    text: str


@dataclass(frozen=True, slots=True)
class Fitted(Node):
    """An identity matrix (``eye``) or a column of ones, of a size that is written, or else of the one that fits;
    ``plain``: the letter is in no typeface of its own, and may be taken for a name."""

    name: Literal["eye", "ones"]
    size: Name | Number | None
    plain: bool


@dataclass(frozen=True, slots=True)
class Operator(Node):
    """The sign between two operands, with its place."""

    sign: str


@dataclass(frozen=True, slots=True)
class Unary(Node):
    """``-x``, ``+x`` or ``not x``."""

    sign: Literal["-", "+", "not"]
    operand: Node


@dataclass(frozen=True, slots=True)
class Chain(Node):
    """Two operands or more joined by ``+ -``, or by ``* / @``, read from the left; one operator fewer."""

    operands: tuple[Node, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Power(Node):
    """``base ** exponent``."""

    base: Node
    exponent: Node
    operator: Operator


@dataclass(frozen=True, slots=True)
class Product(Node):
    """Factors as mathematics writes them, one operator fewer: the shapes say which product is meant.

    The signs are ``""`` (side by side), ``·``, ``×``, ``⊙`` (always entry by entry) and ``/``.
    """

    operands: tuple[Node, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Raised(Node):
    """A power as mathematics writes it: of a square matrix it is a product of matrices, or the inverse."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Length(Node):
    """``‖a‖`` with its index (``""``, ``1``, ``2``, ``F``), or ``|a|``: what it measures depends on the shape."""

    operand: Node
    kind: Literal["", "1", "2", "F", "|"]


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``a < b``, or a chain ``a < b <= c``, which means ``a < b and b <= c``; one operator fewer than operands."""

    operands: tuple[Node, ...]
    operators: tuple[Operator, ...]


@dataclass(frozen=True, slots=True)
class Junction(Node):
    """Two conditions or more joined by ``and``, or by ``or``."""

    word: Literal["and", "or"]
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Keyword(Node):
    """``axis=1`` among the arguments of a call."""

    name: Name
    value: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """``function(arguments)``; ``primes`` counts those after the name (``relu'(z)`` has 1)."""

    function: Name
    primes: int
    arguments: tuple[Node, ...]
    keywords: tuple[Keyword, ...]


@dataclass(frozen=True, slots=True)
class Over(Node):
    """What a bound name goes over."""


@dataclass(frozen=True, slots=True)
class Words(Over):
    """A dimension or a domain by its name: ``m``, ``real``, ``positive definite``, ``one-hot``."""

    text: str


@dataclass(frozen=True, slots=True)
class Size(Over):
    """A number of values, ``0, 1, …``: the ``3`` of ``for i in 3``."""

    number: Number


@dataclass(frozen=True, slots=True)
class Interval(Over):
    """``(low, high)``, with square brackets where an end belongs to it."""

    low: Node
    high: Node
    low_open: bool
    high_open: bool


@dataclass(frozen=True, slots=True)
class FiniteSet(Over):
    """``{0, 1}``."""

    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Binder(Node):
    """``i in m`` after ``for``."""

    name: Name
    over: Over


@dataclass(frozen=True, slots=True)
class Comprehension(Node):
    """``sum(body for i in m, j in n)``: the function's name, the body, and the binders from the outermost."""

    function: Name
    body: Node
    binders: tuple[Binder, ...]


@dataclass(frozen=True, slots=True)
class Derivative(Node):
    """A derivative that is not written as a call of ``D``, ``jac`` or ``hess`` (which is a :class:`Call`). ``loose``:
    it is of factors that stand behind it without parentheses, and could be of the first of them alone."""

    word: DerivativeWord
    of: Node
    by: Node
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Inner(Node):
    """``⟨left, right⟩``: the inner product of two vectors, or of two matrices entry by entry."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Transpose(Node):
    """``operand.T``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Whole(Node):
    """``:`` among subscripts."""


@dataclass(frozen=True, slots=True)
class Index(Node):
    """``base[subscripts]``."""

    base: Node
    subscripts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Array(Node):
    """``[1, 2, 3]``, possibly nested."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tuple(Node):
    """``(n, m)``: a shape among arguments; it has no value of its own."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """``a == b ≈ c for j in h, z in real``: the terms, the relations between neighbours (one fewer), where these
    stand, the binders, and the text of every term as it was written."""

    terms: tuple[Node, ...]
    relations: tuple[Relation, ...]
    relation_spans: tuple[Span, ...]
    binders: tuple[Binder, ...]
    texts: tuple[str, ...]


def every(node: Node) -> Iterator[Node]:
    """A node and all in it."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(children(one))


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside one, in reading order."""
    match node:
        case Unary() | Transpose() | Length():
            return (node.operand,)
        case Chain() | Product() | Comparison() | Junction():
            return node.operands
        case Power() | Raised():
            return (node.base, node.exponent)
        case Keyword():
            return (node.value,)
        case Call():
            return (*node.arguments, *node.keywords)
        case Comprehension():
            return (node.body, *node.binders)
        case Derivative():
            return (node.of, node.by)
        case Inner():
            return (node.left, node.right)
        case Index():
            return (node.base, *node.subscripts)
        case Array() | Tuple():
            return node.items
        case Binder():
            return (node.over,)
        case Interval():
            return (node.low, node.high)
        case FiniteSet():
            return node.entries
        case Statement():
            return (*node.terms, *node.binders)
        case _:
            return ()
