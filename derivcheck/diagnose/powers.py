"""Owns corrections of exponents, fractions, written numbers and codings of labels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from derivcheck.diagnose.case import Candidate, Case, at
from derivcheck.diagnose.rebuild import (
    Operator,
    arithmetic,
    fraction,
    is_condition,
    is_one,
    negated,
    number,
    substituted,
)
from derivcheck.diagnose.scales import negative
from derivcheck.lang import typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr


def exponents(case: Case) -> Iterator[Candidate]:
    """An exponent off by one or of the other sign, a square or root too many or too few, a fraction upside down."""
    for site in case.sites:
        part, span = site.part, site.part.span
        if isinstance(part, typed.Arithmetic) and part.operator == "**":
            for words, exponent in _exponents(part.right):
                yield from at("exponent", words, site.plug(replace(part, right=exponent)))
            yield from at("exponent", f"an exponent too many, in {printed(part)}", site.plug(part.left))
        if isinstance(part, typed.Arithmetic):
            for words, sign, left, right in _UPSIDE_DOWN.get(part.operator, ()):
                sides = (part.left, part.right)
                yield from at("upside down", words, site.plug_with(arithmetic(sign, sides[left], sides[right])))
        if isinstance(part, typed.Number | typed.Dimension) or is_condition(part):
            continue
        if site.inner:
            two = number(2, span)
            twice, half = arithmetic("*", two, part), arithmetic("/", part, two)
            yield from at("constant factor", f"a factor 2 is missing, of {printed(part)}", site.plug_with(twice))
            yield from at("constant factor", f"{printed(part)} is twice too much", site.plug_with(half))
        below = arithmetic("/", number(1, span), part)
        yield from at("upside down", f"{printed(part)} belongs below the line", site.plug_with(below))
        squared = arithmetic("**", part, number(2, span))
        yield from at("exponent", f"a square is missing, of {printed(part)}", site.plug_with(squared))
        root = typed.Apply(part.shape, span, "sqrt", 0, (part,))
        yield from at("exponent", f"a root is missing, of {printed(part)}", site.plug(root))
        if isinstance(part, typed.Apply) and part.function == "sqrt":
            yield from at("exponent", "a root too many", site.plug(part.arguments[0]))


#: What a product or quotient may have been meant to be: words, the operator, and which side comes first.
_UPSIDE_DOWN: dict[str, tuple[tuple[str, Operator, int, int], ...]] = {
    "/": (("a fraction upside down", "/", 1, 0), ("a factor below for above", "*", 0, 1)),
    "*": (("a factor above for below", "/", 0, 1), ("a factor above for below", "/", 1, 0)),
}


def _exponents(exponent: Expr) -> Iterator[tuple[str, Expr]]:
    span = exponent.span
    if isinstance(exponent, typed.Number):
        for step in (-1, 1, -2, 2):
            value = exponent.value + step
            if value not in (0, 1):
                yield "the exponent is off by one" if abs(step) == 1 else "the exponent", fraction(value, span)
        yield "the sign of an exponent", typed.Negate((), span, exponent)
    else:
        one = number(1, span)
        for made in (arithmetic("-", exponent, one), arithmetic("+", exponent, one)):
            if made is not None and not exponent.shape:
                yield "the exponent is off by one", made
        if isinstance(exponent, typed.Arithmetic) and is_one(exponent.right):
            yield "the exponent is off by one", exponent.left
        yield "the sign of an exponent", negated(exponent)


def numbers(case: Case) -> Iterator[Candidate]:
    """A number that is written: one more or less, twice or half of it."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Variable | typed.Defined | typed.Apply):
            one = number(1, part.span)
            yield from at("number", f"1 for {printed(part)}", site.plug(one))
        if not isinstance(part, typed.Number) or part.value.denominator != 1:
            continue
        n = part.value
        for value in (n + 1, n - 1, 2 * n, n / 2, -n):
            if value != n:
                words = f"{value} for {part.text}"
                yield from at("number", f"a number, {words}", site.plug(fraction(value, part.span)))


def label_codings(case: Case) -> Iterator[Candidate]:
    """Labels 0 and 1 taken for -1 and 1, or the reverse."""
    for name in case.names:
        variable = case.question.derivation.variables.get(name.name) if isinstance(name, typed.Variable) else None
        if variable is None or variable.domain.kind != "finite":
            continue
        values, span = sorted(variable.domain.values), name.span
        one, two = number(1, span), number(2, span)
        if values == [0, 1]:
            coded = arithmetic("-", arithmetic("*", two, name), one)
            words = f"the coding of the labels: {variable.name} is 0 or 1 here, not -1 or 1"
        elif values == [-1, 1]:
            coded = arithmetic("/", arithmetic("+", name, one), two)
            words = f"the coding of the labels: {variable.name} is -1 or 1 here, not 0 or 1"
        else:
            continue
        swap = _replacing(variable.name, coded)
        coding = substituted(case.claimed, swap)
        yield from at("label coding", words, coding)
        if coding is not None:
            yield from at("label coding", f"{words}, and the sign", negative(coding))
        turned = _replacing(variable.name, arithmetic("-", one, name))
        if values == [0, 1]:
            words = f"the labels 0 and 1 of {variable.name} are exchanged"
            yield from at("label coding", words, substituted(case.claimed, turned))


def _replacing(name: str, new: Expr | None) -> Any:
    return lambda e: new if isinstance(e, typed.Variable) and e.name == name else None
