"""Owns what `for` binds: indices over dimensions, and scalars of a domain over a whole statement."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from derivcheck.lang import limits, nodes
from derivcheck.lang.domains import WHOLE_ARRAY, read_domain
from derivcheck.lang.lookup import no_double
from derivcheck.lang.names import nearest
from derivcheck.lang.scope import Ask, Context, Scope, Work, refusal
from derivcheck.lang.typed import Arithmetic, BigOp, Dim, Dimension, Expr, Number, Quantifier


def comprehension(context: Context, node: nodes.Comprehension) -> Work:
    """``sum(body for i in m, j in n)``: the outermost binder first. A mean is the sum over the number of terms."""
    word = node.function.text
    if word not in ("sum", "prod", "mean"):
        hint = "write `sum(… for i in n)`"
        raise refusal("syntax", f"`for` cannot stand inside `{word}(…)`", node.function.span, hint)
    if (kind := context.scope.kind(word)) is not None:
        raise refusal("name", f"`{word}` is {kind} here and cannot be called", node.function.span)
    bound: list[Quantifier] = []
    for binder in node.binders:
        size = _size(context.scope, binder)
        if any(q.name == binder.name.text for q in bound):
            raise refusal("name", f"`{binder.name.text}` is bound twice", binder.name.span)
        bound.append(Quantifier(binder.name.text, _key(binder), size))
    (body,) = yield [Ask(node.body, context.within(*bound))]
    for quantifier in reversed(bound):
        assert quantifier.size is not None
        kind_of: Literal["sum", "prod"] = "prod" if word == "prod" else "sum"
        body = BigOp(body.shape, node.span, kind_of, quantifier.key, quantifier.size, body)
        if word == "mean":
            body = Arithmetic(body.shape, node.span, "/", body, _count(quantifier.size, node))
    return body


def _count(size: Dim, node: nodes.Comprehension) -> Expr:
    """The number of values that a binder goes through."""
    if isinstance(size, str):
        return Dimension((), node.span, size)
    return Number((), node.span, Fraction(size), str(size))


def quantifier(scope: Scope, binder: nodes.Binder) -> Quantifier:
    """One binder of a whole statement: over a dimension, a number of values, or a domain.

    Raises:
        Refused: when it goes over nothing that is known.
    """
    over = binder.over
    if isinstance(over, nodes.Size) or (isinstance(over, nodes.Words) and over.text in scope.dims):
        return Quantifier(binder.name.text, _key(binder), _size(scope, binder))
    domain = read_domain(over, also=sorted(scope.dims))
    if domain.kind in WHOLE_ARRAY:
        message = f"`{domain.kind}` is a domain of arrays; a name bound by `for` is a number"
        raise refusal("domain", message, over.span)
    return Quantifier(binder.name.text, _key(binder), None, domain)


def _key(binder: nodes.Binder) -> str:
    # The place makes it unique among the binders of one source, and the same in every run.
    return f"{binder.name.text}@{binder.span.start}"


def _size(scope: Scope, binder: nodes.Binder) -> Dim:
    over = binder.over
    if isinstance(over, nodes.Size):
        value = over.number.value
        if value.denominator != 1 or value < 1:
            raise refusal("index", f"an index goes over 1 value or more, not {over.number.text}", over.span)
        if value > limits.MAX_SIZE:
            message = f"an index over {over.number.text} values; {limits.MAX_SIZE} are the most"
            raise refusal("limit", message, over.span, "use a symbolic dimension")
        return int(value)
    if isinstance(over, nodes.Words):
        no_double(scope, nodes.Name(over.span, over.text))
        if over.text in scope.dims:
            return over.text
        if (kind := scope.kind(over.text)) is not None:
            message = f"`{over.text}` is {kind}; an index goes over a dimension"
            raise refusal("index", message, over.span, _dims(scope))
        close = nearest(over.text, sorted(scope.dims))
        hint = f"did you mean `{close}`?" if close else _dims(scope)
        raise refusal("name", f"there is no dimension `{over.text}`", over.span, hint)
    raise refusal("index", "a sum goes over a dimension", over.span, _dims(scope))


def _dims(scope: Scope) -> str | None:
    return f"the dimensions are {', '.join(sorted(scope.dims))}" if scope.dims else None
