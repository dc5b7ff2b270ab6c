"""Owns the limits on what is read: each is checked on sizes alone, before anything costly is done.

The figures are far above what a person writes and far below what makes any later stage slow. All of them count work
(characters, nodes, bits), never seconds, so that a text is refused on every machine or on none.
"""

from __future__ import annotations

import math
from fractions import Fraction

from derivcheck.errors import Problem, Refused
from derivcheck.lang.nodes import Node, children
from derivcheck.source import Passage, Span

#: Characters of one formula.
MAX_TEXT = 20_000
#: Characters of one name.
MAX_NAME = 100
#: Problems that are told of one formula; past these the rest is seldom news.
MAX_PROBLEMS = 20
#: How many names are looked through for the one that was perhaps meant.
MAX_SUGGESTED = 1_000
#: Nodes of one formula.
MAX_NODES = 4_000
#: How deep a formula may be nested; a flat chain ``a + b + c`` counts once.
MAX_DEPTH = 200
#: Digits of a literal, before and after the point together.
MAX_DIGITS = 500
#: Size of the exponent in ``1e500``, either sign.
MAX_DECIMAL_EXPONENT = 1_000
#: Bits of the numerator or the denominator of a constant.
MAX_BITS = 16_384
#: Size of a constant exponent, either sign.
MAX_EXPONENT = 10_000
#: Nested differentiations, through defined names, and primes after a function's name.
MAX_ORDER = 8
#: Size of a literal axis or of a literal range (``for i in 1000``).
MAX_SIZE = 1_000
#: Entries of an array whose axes are all literal.
MAX_ENTRIES = 10_000
#: Axes of an array (the Jacobian of a matrix by a matrix has four).
MAX_AXES = 8


def check_text(passage: Passage) -> None:
    """Refuse a text that is too long to be looked at."""
    if len(passage.text) > MAX_TEXT:
        message = f"this formula has {len(passage.text)} characters; {MAX_TEXT} are allowed"
        hint = "split it with `define`"
        raise Refused([Problem("limit", message, passage.span(0, 1), hint)], passage.source)


def literal_problem(text: str, span: Span) -> Problem | None:
    """What is wrong with the size of a decimal literal, told from its text alone."""
    mantissa, _, exponent = text.lower().partition("e")
    digits = sum(c.isdigit() for c in mantissa)
    if digits > MAX_DIGITS:
        return Problem("limit", f"this number has {digits} digits; {MAX_DIGITS} are allowed", span)
    significant = exponent.lstrip("+-−").lstrip("0")
    if len(significant) > len(str(MAX_DECIMAL_EXPONENT)) or int(significant or 0) > MAX_DECIMAL_EXPONENT:
        shown = exponent if len(exponent) <= 12 else exponent[:12] + "…"
        message = f"the decimal exponent {shown} is too large; {MAX_DECIMAL_EXPONENT} is the most"
        return Problem("limit", message, span)
    return None


def tree_problem(root: Node) -> Problem | None:
    """What is wrong with the number of nodes or the nesting of what was read."""
    count, level, depth = 0, [root], 0
    while level:
        depth += 1
        count += len(level)
        if depth > MAX_DEPTH:
            message = f"this formula is nested more than {MAX_DEPTH} deep"
            return Problem("limit", message, level[0].span, "name its inner parts with `define`")
        level = [child for node in level for child in children(node)]
    if count > MAX_NODES:
        message = f"this formula has {count} parts; {MAX_NODES} are allowed"
        return Problem("limit", message, root.span, "split it with `define`")
    return None


def bits(value: Fraction) -> int:
    """Bits of the larger of numerator and denominator."""
    return max(value.numerator.bit_length(), value.denominator.bit_length())


def power_bits(base: Fraction, exponent: int) -> int:
    """An upper bound of the bits of ``base**exponent``, without computing it."""
    if base in (0, 1, -1):
        return 1
    return int(max(math.log2(abs(base.numerator)), math.log2(base.denominator)) * abs(exponent)) + 2
