"""Owns corrections of signs and factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

from derivcheck.diagnose.case import Candidate, Case, at
from derivcheck.diagnose.rebuild import (
    Site,
    arithmetic,
    fraction,
    gradient,
    is_one,
    matmul,
    negated,
    number,
    parts,
    transposed,
)
from derivcheck.lang import typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr

_VARYING = (typed.Variable, typed.Defined, typed.Bound, typed.Derivative)
_LOGARITHMS = frozenset({"log", "log1p", "softplus", "log_softmax", "logsumexp"})


def signs(case: Case) -> Iterator[Candidate]:
    """The sign of everything, of a summand, of an argument."""
    whole = negative(case.claimed)
    if case.agrees(whole):
        words = "the sign"
        if case.target is not None and _is_logarithmic(case):
            words = "the sign (is it the loss, or the log-likelihood?)"
            yield Candidate("likelihood", words, whole)
        yield Candidate("sign", words, whole)
    for site in case.sites:
        part = site.part
        made: list[Expr | None] = []
        if isinstance(part, typed.Negate):
            made = [part.operand]
        elif isinstance(part, typed.Arithmetic) and part.operator in ("+", "-"):
            flipped: Any = "-" if part.operator == "+" else "+"
            made = [replace(part, operator=flipped), _turned(part)]
        for new in made:
            if new is not None:
                yield from at("sign", "a sign", site.plug(new))
    for site in case.sites:
        if site.inner and not isinstance(site.part, typed.Negate):
            yield from at("sign", "a sign", site.plug(negated(site.part)))


def _turned(part: typed.Arithmetic) -> Expr | None:
    if part.operator == "-":
        return replace(part, left=part.right, right=part.left)
    return arithmetic("-", part.right, part.left)


def negative(expr: Expr) -> Expr:
    """``-expr`` as a person writes it: in a product, the sign of a factor that is a difference or has one."""
    found = _negative_factor(expr)
    return negated(expr) if found is None else found


def _negative_factor(expr: Expr) -> Expr | None:
    if isinstance(expr, typed.Negate) or (isinstance(expr, typed.Arithmetic) and expr.operator == "-"):
        return negated(expr)
    product = isinstance(expr, typed.Arithmetic) and expr.operator in ("*", "/")
    if product or isinstance(expr, typed.MatMul):
        assert isinstance(expr, typed.Arithmetic | typed.MatMul)
        left = _negative_factor(expr.left)
        if left is not None:
            return replace(expr, left=left)
        if isinstance(expr, typed.Arithmetic) and expr.operator == "/":
            return replace(expr, left=negated(expr.left))
        right = _negative_factor(expr.right)
        return None if right is None else replace(expr, right=right)
    linear = isinstance(expr, typed.ArrayOp) and expr.name in ("sum", "mean", "transpose")
    if linear and isinstance(expr, typed.ArrayOp):
        inner = _negative_factor(expr.arguments[0])
        return None if inner is None else replace(expr, arguments=(inner,))
    if isinstance(expr, typed.BigOp) and expr.kind == "sum":
        inner = _negative_factor(expr.body)
        return None if inner is None else replace(expr, body=inner)
    return None


def _is_logarithmic(case: Case) -> bool:
    """Whether what is differentiated is a sum or mean of logarithms, up to signs and factors."""
    assert isinstance(case.other, typed.Derivative)
    waiting = [case.other.of]
    while waiting:
        expr = case.unfolded(waiting.pop())
        match expr:
            case typed.Apply(order=0) if expr.function in _LOGARITHMS:
                return True
            case typed.ArrayOp() if expr.name in _LOGARITHMS:
                return True
            case typed.Negate() | typed.BigOp() | typed.Arithmetic() | typed.MatMul() | typed.Element():
                waiting.extend(typed.children(expr))
            case typed.ArrayOp(name="sum" | "mean" | "transpose"):
                waiting.extend(expr.arguments)
            case _:
                pass
    return False


# --- factors


def dropped_factors(case: Case) -> Iterator[Candidate]:
    """A factor too many: each one of a product, what is divided by, each side of a matrix product."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Arithmetic) and part.operator in ("*", "/"):
            yield from at("extra factor", f"a factor too many, {_of(part, part.right)}", site.plug(part.left))
            one = number(1, part.span)
            yield from _both_dropped(case, site, part)
            rest = part.right if part.operator == "*" else arithmetic("/", one, part.right)
            if rest is not None and not is_one(part.left):
                yield from at("extra factor", f"a factor too many, {printed(part.left)}", site.plug(rest))
        elif isinstance(part, typed.MatMul):
            for extra, rest in ((part.right, part.left), (part.left, part.right)):
                yield from at("extra factor", f"a factor too many, {printed(extra)}", site.plug(rest))


def _both_dropped(case: Case, site: Site, part: typed.Arithmetic) -> Iterator[Candidate]:
    """The last two factors of a product, if the first is left."""
    inner = part.left
    if part.operator == "*" and isinstance(inner, typed.Arithmetic) and inner.operator == "*":
        both = arithmetic("*", inner.right, part.right)
        if both is not None:
            yield from at("extra factor", f"a factor too many, {printed(both)}", site.plug(inner.left))


def _of(part: typed.Arithmetic, factor: Expr) -> str:
    return printed(factor) if part.operator == "*" else printed(replace(part, left=number(1, part.span)))


def size_factors(case: Case) -> Iterator[Candidate]:
    """A factor of the whole that is a size, or one over it."""
    yield from _scaled_by_sizes(case, 0)


def _scaled_by_sizes(case: Case, least: int) -> Iterator[Candidate]:
    ratio = case.ratio() if case.free else None
    if ratio is None:
        return
    where = "on the right" if case.on_the_right else "on the left"
    span = case.claimed.span
    for dim in case.dims:
        size: Expr = typed.Dimension((), span, dim)
        n = case.sizes.get(dim, 0)
        for constant in (1, -1, 2, Fraction(1, 2)):
            if n > 1 and ratio in (Fraction(constant) * n, Fraction(constant) / n):
                over = ratio == Fraction(constant) / n
                side = times(case.claimed, Fraction(constant))
                made = arithmetic("/" if over else "*", *((side, size) if over else (size, side)))
                top = "-" * (constant < 0) + str(abs(Fraction(constant)))
                told = f"{top}/{dim}" if over else dim if constant == 1 else f"-{dim}" if constant == -1 else None
                told = told or f"{top}*{dim}"
                yield from at("factor of a size", f"a factor {told} is missing {where}", made)


def constant_factors(case: Case) -> Iterator[Candidate]:
    """A constant factor of the whole; of written numbers a rational factor tells nothing."""
    ratio = case.ratio() if case.free or case.values() is None else None
    if ratio is None or ratio in (1, -1):
        return
    where = "on the right" if case.on_the_right else "on the left"
    words = f"a factor {ratio} is missing {where}"
    if ratio.numerator == 1:
        words = f"a factor {ratio.denominator} too much {where}"
    yield Candidate("constant factor", words, times(case.claimed, ratio))


def times(expr: Expr, constant: Fraction) -> Expr:
    """An expression times a rational, as a person writes it."""
    if constant < 0:
        return times(negative(expr), -constant)
    over = constant.denominator
    top = expr
    if isinstance(expr, typed.Arithmetic) and expr.operator == "*" and isinstance(expr.left, typed.Number):
        value = expr.left.value * constant
        left = fraction(value, expr.span)
        return expr.right if value == 1 else replace(expr, left=left)
    if isinstance(expr, typed.Arithmetic) and expr.operator == "/" and isinstance(expr.right, typed.Number):
        below = expr.right.value / constant
        if below == 1:
            return expr.left
        if below.denominator == 1 and below > 0:
            return replace(expr, right=number(int(below), expr.span))
    if constant.numerator != 1:
        top = arithmetic("*", number(constant.numerator, expr.span), top) or top
    if over != 1:
        top = arithmetic("/", top, number(over, expr.span)) or top
    return top


def by_numbers(case: Case) -> Iterator[Candidate]:
    """A factor that is a size, one over it, or a variable that is a number, of the whole or of a part."""
    numbers = [name for name in case.names if isinstance(name, typed.Variable) and not name.shape]
    for site in case.sites:
        if not site.factor or isinstance(site.part, typed.Number):
            continue
        for dim in case.dims:
            size = typed.Dimension((), site.part.span, dim)
            words = f"a factor 1/{dim} is missing"
            yield from at("factor of a size", words, site.plug_with(arithmetic("/", site.part, size)))
            words = f"a factor {dim} is missing"
            yield from at("factor of a size", words, site.plug_with(arithmetic("*", size, site.part)))
        for name in numbers:
            words = f"a factor {printed(name)} is missing"
            yield from at("missing factor", words, site.plug_with(arithmetic("*", name, site.part)))


def missing_factors(case: Case) -> Iterator[Candidate]:
    """A factor that is a name, its transpose, what is left of 1, or the derivative of an activation."""
    factors = list(_factors(case))
    for site in case.sites:
        if not site.factor or isinstance(site.part, typed.Number):
            continue
        for factor in (*factors, *_elements(case, site)):
            if _same(factor, site.part):
                continue
            words = f"a factor {printed(factor)} is missing"
            yield from at("missing factor", words, site.plug_with(arithmetic("*", site.part, factor)))
            for left, right in ((site.part, factor), (factor, site.part)):
                if left.shape and right.shape:
                    yield from at("missing factor", words, site.plug_with(matmul(left, right)))
            if (not factor.shape or factor.shape == site.part.shape) and not _has(site.part, factor):
                words = f"a division by {printed(factor)} is missing"
                if isinstance(factor, typed.Dimension):
                    words = f"a factor 1/{factor.name} is missing"
                yield from at("missing factor", words, site.plug_with(arithmetic("/", site.part, factor)))


def _same(a: Expr, b: Expr) -> bool:
    return type(a) is type(b) and printed(a) == printed(b)


def _has(part: Expr, factor: Expr) -> bool:
    """Whether an array is among what a product is made of, so that dividing by it would take it away again."""
    return bool(factor.shape) and any(_same(factor, e) for e in typed.postorder(part, parts))


def _elements(case: Case, site: Site) -> Iterator[Expr]:
    """The entries of names at the indices that are bound around a part."""
    ranged = [q for q in case.question.quantifiers if q.size is not None]
    bound = [(typed.Bound((), site.part.span, q.name, q.key), q.size) for q in ranged]
    bound += list(site.bound)
    if not bound:
        return
    zero = number(0, site.part.span)
    for name in case.names:
        places = [[b for b, size in bound if size == axis] + [zero] * (axis == 1) for axis in name.shape]
        for subscripts in product(*places) if name.shape else ():
            yield typed.Element((), site.part.span, name, subscripts)
        yield from _samples(name, places, site)


def _samples(name: Expr, places: Sequence[Sequence[Expr]], site: Site) -> Iterator[Expr]:
    """The columns and the rows of a matrix at the indices that are bound around a part, as such."""
    if len(name.shape) != 2 or 1 in name.shape:
        return
    for axis in (1, 0):
        free = name.shape[1 - axis]
        shape = (free, 1) if axis else (1, free)
        for place in places[axis]:
            entry = typed.Element((free,), site.part.span, name, (None, place) if axis else (place, None))
            yield typed.ArrayOp(shape, site.part.span, "reshape", (entry,))
            yield entry


def lost_samples(case: Case) -> Iterator[Candidate]:
    """A sum over samples that is a product of matrices with the samples: ``sum(p - y)`` for ``X @ (p - y).T``."""
    for site in case.sites:
        part = site.part
        if not (isinstance(part, typed.ArrayOp) and part.name in ("sum", "mean") and part.axis is None):
            continue
        (inner,) = part.arguments
        for name in case.names:
            words = f"a factor {printed(name)} is missing"
            turned = (transposed(name), transposed(inner))
            for total in (matmul(name, turned[1]), matmul(turned[0], inner), matmul(name, inner)):
                made = total
                if part.name == "mean":
                    size = next((axis for axis in inner.shape if axis != 1), None)
                    over = typed.Dimension((), part.span, size) if isinstance(size, str) else None
                    made = arithmetic("/", total, over)
                yield from at("missing factor", words, site.plug_with(made))


def _applied(case: Case) -> Iterator[Expr]:
    """The functions that are applied in the claimed side, and in the other."""
    seen: dict[str, Expr] = {}
    for side in (case.claimed, case.other):
        for expr in typed.postorder(side, parts):
            if isinstance(expr, typed.Apply | typed.Opaque):
                seen.setdefault(printed(expr), expr)
                lower = replace(expr, order=0)
                seen.setdefault(printed(lower), lower)
    yield from list(seen.values())[:8]
    yield from _constants(case)


def _constants(case: Case) -> Iterator[Expr]:
    """The functions of sizes in the definitions from which the other side is made, such as ``sqrt(d)``."""
    definitions = case.question.derivation.definitions
    seen: dict[str, Expr] = {}
    for name, definition in definitions.items():
        if name in case.known.named(case.other):
            for expr in typed.postorder(definition):
                inside = [] if not isinstance(expr, typed.Apply) else list(typed.postorder(expr))
                sizes = any(isinstance(e, typed.Dimension) for e in inside)
                if sizes and not any(isinstance(e, _VARYING) for e in inside):
                    seen.setdefault(printed(expr), expr)
    yield from list(seen.values())[:4]


def _factors(case: Case) -> Iterator[Expr]:
    span = case.claimed.span
    one = number(1, span)
    for dim in case.dims:
        yield typed.Dimension((), span, dim)
    for name in case.names:
        if isinstance(name, typed.Defined) and not name.shape and not case.varies(name):
            continue  # any number is a factor by which some other one can be told
        yield name
        turned = transposed(name)
        if turned is not None:
            yield turned
    for name in case.names:
        if not isinstance(name, typed.Defined):
            continue
        meaning = case.unfolded(name)
        if isinstance(meaning, typed.Apply) and not meaning.order and len(meaning.arguments) == 1:
            yield replace(meaning, order=1)
        if isinstance(meaning, typed.Opaque) and not meaning.order:
            yield replace(meaning, order=1)
        if isinstance(meaning, typed.Apply) and meaning.function == "sigmoid":
            rest = arithmetic("-", one, name)
            product = arithmetic("*", name, rest)
            yield from (e for e in (product, rest) if e is not None)
    for applied in _applied(case):
        yield applied
        rest = arithmetic("-", one, applied)
        if rest is not None and isinstance(applied, typed.Apply) and applied.function == "sigmoid":
            yield rest
    if case.target is None:
        return
    for name in case.names:
        if isinstance(name, typed.Defined) and case.depends(name):
            slope = gradient(name, case.target)
            if slope is not None:
                yield slope
