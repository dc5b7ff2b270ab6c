"""Owns corrections of terms, and of the rules of differentiation that were forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations

from derivcheck.diagnose.case import Candidate, Case, at
from derivcheck.diagnose.rebuild import (
    arithmetic,
    fraction,
    gradient,
    is_condition,
    is_one,
    matmul,
    number,
    transposed,
)
from derivcheck.lang import typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr


def outer_rules(case: Case) -> Iterator[Candidate]:
    """The chain rule: what is differentiated is a function of something, whose derivative is not there."""
    for inner in _nest(case):
        yield from _times_inner(case, case.claimed, inner, lambda new: new)


def inner_rules(case: Case) -> Iterator[Candidate]:
    """The same within a summand, of anything that is inside a function."""
    if case.target is None:
        return
    inside = [e for e in _insides(case) if case.depends(e)]
    for site in case.sites:
        if site.factor:
            for inner in inside:
                yield from _times_inner(case, site.part, inner, site.plug)


def _times_inner(case: Case, part: Expr, inner: Expr, plug: Callable[[Expr], Expr | None]) -> Iterator[Candidate]:
    assert case.target is not None
    slope = gradient(inner, case.target)
    if slope is None:
        return
    words = f"the inner derivative is forgotten (chain rule), {printed(slope)}"
    made = _times_above(part, slope)
    yield from at("chain rule", words, None if made is None else plug(made))


def _times_above(part: Expr, factor: Expr) -> Expr | None:
    """A product in which ``1/a`` times ``b`` is ``b/a``."""
    if isinstance(part, typed.Arithmetic) and part.operator == "/":
        return arithmetic("/", factor if is_one(part.left) else arithmetic("*", part.left, factor), part.right)
    return arithmetic("*", part, factor)


def _nest(case: Case) -> Iterator[Expr]:
    """What stands inside the functions of which the differentiated is made, from the outside in."""
    if not isinstance(case.other, typed.Derivative):
        return
    expr: Expr | None = case.other.of
    while expr is not None:
        expr, passed = _inside(case, case.unfolded(expr))
        if expr is not None and passed and not _is_target(case, expr):
            yield expr


def _inside(case: Case, expr: Expr) -> tuple[Expr | None, bool]:
    """The one part that depends on the target, and whether a function stands around it."""
    depending = [e for e in typed.children(expr) if case.depends(e)]
    if len(depending) != 1:
        return None, False
    match expr:
        case typed.Apply() | typed.Opaque():
            return depending[0], True
        case typed.Arithmetic(operator="**"):
            return depending[0], True
        case typed.Arithmetic(operator="/") if depending[0] is expr.right:
            return depending[0], True
        case typed.Arithmetic(operator="*" | "/" | "+" | "-") | typed.Negate():
            return depending[0], False
        case typed.ArrayOp(name="sum" | "mean" | "transpose") | typed.BigOp(kind="sum"):
            return depending[0], False
        case _:
            return None, False


def _is_target(case: Case, expr: Expr) -> bool:
    target = case.target
    return (
        target is not None
        and isinstance(expr, typed.Variable | typed.Defined | typed.Bound)
        and (expr.name == target.name)
    )


def _insides(case: Case) -> list[Expr]:
    """Everything that stands inside a function in what is differentiated, through definitions."""
    assert isinstance(case.other, typed.Derivative)
    found: dict[str, Expr] = {}
    waiting = [case.other.of]
    while waiting and len(found) < 12:
        expr = case.unfolded(waiting.pop(0))
        inside: tuple[Expr, ...] = ()
        if isinstance(expr, typed.Apply | typed.Opaque):
            inside = typed.children(expr)
        elif isinstance(expr, typed.Arithmetic) and expr.operator == "**":
            inside = (expr.left, expr.right)
        elif isinstance(expr, typed.Arithmetic) and expr.operator == "/":
            inside = (expr.right,)
        found.update({printed(e): e for e in inside if case.depends(e) and not _is_target(case, e)})
        waiting.extend(e for e in typed.children(expr) if not isinstance(expr, typed.Derivative))
    return list(found.values())


# --- products and quotients


def product_rules(case: Case) -> Iterator[Candidate]:
    """The derivative of a product or quotient taken factor by factor, or of one factor only."""
    if not isinstance(case.other, typed.Derivative) or case.target is None:
        return
    whole = case.unfolded(case.other.of)
    if not (isinstance(whole, typed.Arithmetic) and whole.operator in ("*", "/")):
        return
    u, v = whole.left, whole.right
    if not (case.depends(u) and case.depends(v)) or u.shape or v.shape:
        return
    du, dv = gradient(u, case.target), gradient(v, case.target)
    if du is None or dv is None:
        return
    square = arithmetic("**", v, number(2, v.span))
    if whole.operator == "*":
        right = plus(times(du, v), times(u, dv))
        models = [times(du, dv), times(du, v), times(u, dv), plus(du, dv)]
        words = f"the product rule is forgotten, for {printed(whole)}"
        kind = "product rule"
    else:
        right = over(minus(times(du, v), times(u, dv)), square)
        both = plus(times(du, v), times(u, dv))
        models = [
            over(du, dv), over(both, square), over(minus(times(du, v), times(u, dv)), v), over(du, v),
            over(minus(times(u, dv), times(du, v)), square), over(both, v), over(times(du, dv), square),
            minus(times(du, v), times(u, dv)),
        ]  # fmt: skip
        words = f"the quotient rule, for {printed(whole)}"
        kind = "quotient rule"
    if right is None:
        return
    for model in models:
        if model is not None:
            yield Candidate(kind, words, right, model)


def times(a: Expr | None, b: Expr | None) -> Expr | None:
    """``a*b``."""
    return arithmetic("*", a, b)


def over(a: Expr | None, b: Expr | None) -> Expr | None:
    """``a/b``."""
    return arithmetic("/", a, b)


def plus(a: Expr | None, b: Expr | None) -> Expr | None:
    """``a + b``."""
    return arithmetic("+", a, b)


def minus(a: Expr | None, b: Expr | None) -> Expr | None:
    """``a - b``."""
    return arithmetic("-", a, b)


def _stepped(n: Expr, step: int) -> Expr | None:
    """``n + step``, as a number where ``n`` is one."""
    sign, inner = (-1, n.operand) if isinstance(n, typed.Negate) else (1, n)
    if isinstance(inner, typed.Number):
        return fraction(sign * inner.value + step, n.span)
    return arithmetic("+" if step > 0 else "-", n, number(1, n.span))


def power_rules(case: Case) -> Iterator[Candidate]:
    """The derivative of a power with a wrong exponent, of an exponential as if it were a power, and the derivative of
    what is inside a function put inside of it."""
    if not isinstance(case.other, typed.Derivative) or case.target is None:
        return
    whole = case.unfolded(case.other.of)
    if whole.shape:
        return
    if isinstance(whole, typed.Arithmetic) and whole.operator == "**":
        u, n = whole.left, whole.right
        slope = gradient(u if case.depends(u) else n, case.target)
        lower = arithmetic("**", u, _stepped(n, -1))
        if case.depends(u) and not case.depends(n):
            right = times(times(n, lower), slope if not _is_target(case, u) else None) or times(n, lower)
            words = "the power rule"
            models = [times(n, arithmetic("**", u, _stepped(n, 1))), times(n, whole), lower]
        elif case.depends(n) and not case.depends(u):
            logarithm = typed.Apply((), n.span, "log", 0, (u,))
            right = times(times(logarithm, whole), slope if not _is_target(case, n) else None) or times(
                logarithm, whole
            )
            words = "the power rule, which does not hold for an exponential"
            models = [times(n, lower), times(times(n, lower), slope)]
        else:
            return
    elif isinstance(whole, typed.Apply) and len(whole.arguments) == 1 and whole.order == 0:
        (inner,) = whole.arguments
        slope = gradient(inner, case.target)
        if _is_target(case, inner) or slope is None:
            return
        right = times(replace(whole, order=1), slope)
        words = "the derivative of what is inside belongs outside, as a factor (chain rule)"
        models = [replace(whole, order=1, arguments=(slope,))]
        if whole.function == "exp":
            right = times(whole, slope)
            words = "the power rule, which does not hold for an exponential"
            lower = replace(whole, arguments=(minus(inner, number(1, whole.span)) or inner,))
            models += [times(inner, lower), times(inner, whole)]
    else:
        return
    for model in models:
        if model is not None and right is not None:
            kind = "chain rule" if words.endswith("(chain rule)") else "power rule"
            yield Candidate(kind, words, right, model)


# --- terms


def dropped_terms(case: Case) -> Iterator[Candidate]:
    """A term too many: each summand of a sum."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Arithmetic) and part.operator in ("+", "-"):
            rest = part.right if part.operator == "+" else typed.Negate(part.right.shape, part.span, part.right)
            for extra, left in ((part.right, part.left), (part.left, rest)):
                yield from at("extra term", f"a term too many, {printed(extra)}", site.plug(left))


def missing_terms(case: Case) -> Iterator[Candidate]:
    """A term that is missing: the derivative of a summand, a name, a number times a name."""
    terms = list(_terms(case))
    for site in case.sites:
        if not site.factor and site.inner and site.part.shape != case.claimed.shape:
            continue
        for words, term in terms:
            if (term.shape and term.shape != site.part.shape) or _alike(site.part, term):
                continue
            if isinstance(site.part, typed.Number) and not case.varies(term):
                continue  # a number is made of any other one by adding some third
            for sign in ("+", "-"):
                made = arithmetic("+" if sign == "+" else "-", site.part, term)
                yield from at("missing term", words, site.plug_with(made))


def _alike(part: Expr, term: Expr) -> bool:
    """Whether a term is no term of its own: a number beside a number, a name beside itself."""
    if isinstance(part, typed.Number) or is_condition(part):
        return isinstance(term, typed.Number) or is_condition(part)
    return printed(part) == printed(term)


def _terms(case: Case) -> Iterator[tuple[str, Expr]]:
    span = case.claimed.span
    if isinstance(case.other, typed.Derivative) and case.target is not None:
        for summand in _summands(case, case.other.of):
            if case.depends(summand):
                slope = gradient(summand, case.target)
                if slope is not None:
                    yield f"the derivative of the term {printed(summand)} is missing", slope
    else:
        for summand in _summands(case, case.other):
            yield f"the term {printed(summand)} is missing", summand
    one, two = number(1, span), number(2, span)
    yield "a term 1 is missing", one
    for name in case.names:
        yield f"a term {printed(name)} is missing", name
    for site in case.sites:
        for mirrored in _mirrored(site.part):
            yield f"a term {printed(mirrored)} is missing", mirrored
    for name in case.names:
        if len(name.shape) == 1:
            outer = typed.ArrayOp(name.shape * 2, span, "outer", (name, name))
            yield f"a term {printed(outer)} is missing", outer
    vectors = [name for name in case.names if len(name.shape) == 1]
    for a, b in combinations(vectors, 2):
        inner = matmul(a, b)
        double = arithmetic("*", two, inner)
        yield from ((f"a term {printed(e)} is missing", e) for e in (inner, double) if e is not None)
    scalars = [name for name in case.names if not name.shape]
    for factor in scalars:
        for name in case.names:
            product = arithmetic("*", factor, name)
            if product is not None and factor is not name:
                yield f"a term {printed(product)} is missing", product
                double = arithmetic("*", arithmetic("*", two, factor), name)
                if double is not None:
                    yield f"a term {printed(double)} is missing", double


def _mirrored(part: Expr) -> list[Expr]:
    """What stands beside a product in the derivative of a quadratic form: the same with the matrix transposed."""
    found: list[Expr | None] = []
    if isinstance(part, typed.MatMul):
        found = [matmul(transposed(part.left), part.right), matmul(part.left, transposed(part.right))]
    if len(part.shape) == 2 and part.shape[0] == part.shape[1]:
        found.append(transposed(part))
    return [e for e in found if e is not None]


def _summands(case: Case, expr: Expr) -> list[Expr]:
    """The summands of a sum, through definitions; none of what is no sum."""
    found: list[Expr] = []
    waiting = [expr]
    while waiting:
        part = waiting.pop(0)
        meaning = case.unfolded(part)
        if isinstance(meaning, typed.Arithmetic) and meaning.operator in ("+", "-"):
            waiting[:0] = [meaning.left, meaning.right]
        elif isinstance(meaning, typed.Negate):
            waiting.insert(0, meaning.operand)
        else:
            found.append(part)
    return found if len(found) > 1 else []


def constant_terms(case: Case) -> Iterator[Candidate]:
    """A constant by which the two sides differ."""
    gap = case.ratio(apart=True) if case.free else None
    if gap is None or case.claimed.shape != case.other.shape:
        return
    where = "on the right" if case.on_the_right else "on the left"
    step = fraction(abs(gap), case.claimed.span)
    side = arithmetic("+" if gap > 0 else "-", case.claimed, step)
    words = f"equal up to a constant: {abs(gap)} is {'missing' if gap > 0 else 'too much'} {where}"
    yield from at("constant term", words, side)
