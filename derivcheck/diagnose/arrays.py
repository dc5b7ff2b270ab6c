"""Owns corrections of names, functions, positions, axes, sums, transposes and products of matrices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import combinations, permutations

from derivcheck.diagnose.case import Candidate, Case, at
from derivcheck.diagnose.rebuild import Site, arithmetic, matmul, number, reduced, substituted, transposed
from derivcheck.lang import shapes, typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr

Swap = Callable[[Expr], Expr | None]


def exchanged_names(case: Case) -> Iterator[Candidate]:
    """Two names of one shape, each in the place of the other."""
    used = _used(case)
    for a, b in combinations(used, 2):
        if a.shape == b.shape:
            words = f"{_name(a)} and {_name(b)} are exchanged"
            yield from at("exchanged names", words, substituted(case.claimed, _exchange(a, b)))


def _used(case: Case) -> list[Expr]:
    """The names in the claimed side, in reading order."""
    found: dict[str, Expr] = {}
    for site in case.sites:
        if isinstance(site.part, typed.Variable | typed.Defined):
            found.setdefault(site.part.name, site.part)
    return list(found.values())


def _name(expr: Expr) -> str:
    return printed(expr)


def _exchange(a: Expr, b: Expr) -> Swap:
    both = {_name(a): b, _name(b): a}
    return lambda e: both.get(e.name) if isinstance(e, typed.Variable | typed.Defined) else None


def other_names(case: Case) -> Iterator[Candidate]:
    """Another name of the same shape: of another layer, or just another; everywhere, or in one place."""
    for a in _used(case):
        for b in case.names:
            if _stands_for(a, b):
                yield from at(*_named(a, b), substituted(case.claimed, _instead(a, b)))
    for site in case.sites:
        if isinstance(site.part, typed.Variable | typed.Defined):
            for b in case.names:
                if _stands_for(site.part, b):
                    yield from at(*_named(site.part, b), site.plug(b))
        if isinstance(site.part, typed.Dimension):
            for dim in case.dims:
                if dim != site.part.name:
                    size = typed.Dimension((), site.part.span, dim)
                    yield from at("size", f"the size {dim} for {site.part.name}", site.plug(size))


def names_of_other_shapes(case: Case) -> Iterator[Candidate]:
    """Another name with as many axes, of another shape: of another layer, or just another."""
    for site in case.sites:
        if isinstance(site.part, typed.Variable | typed.Defined) and not isinstance(site.whole, typed.Element):
            for b in case.names:
                if b.shape != site.part.shape and len(b.shape) == len(site.part.shape):
                    yield from at(*_named(site.part, b), site.plug(b))


def _stands_for(a: Expr, b: Expr) -> bool:
    return a.shape == b.shape and _name(a) != _name(b)


def _instead(a: Expr, b: Expr) -> Swap:
    return lambda e: b if isinstance(e, typed.Variable | typed.Defined) and e.name == _name(a) else None


_LAYER = re.compile(r"[0-9₀-₉]+")


def _named(a: Expr, b: Expr) -> tuple[str, str]:
    """The kind of mistake that ``a`` for ``b`` is, and words for it."""
    here, there = _name(a), _name(b)
    if _LAYER.search(here) and _LAYER.sub("", here) == _LAYER.sub("", there):
        return "layer", f"the layer: {there} for {here}"
    return "name", f"{there} for {here}"


# --- functions

_RELATED: tuple[tuple[str, ...], ...] = (
    ("sin", "cos", "tan"), ("sinh", "cosh", "tanh"), ("exp", "log"), ("sigmoid", "tanh", "softplus", "relu"),
    ("min", "max"), ("sec", "csc", "cot"), ("asin", "acos", "atan"), ("log", "log1p", "log2", "log10"),
    ("relu", "abs", "sign"),
)  # fmt: skip


def activations(case: Case) -> Iterator[Candidate]:
    """The derivative of one activation for that of another: ``a*(1 - a)`` is right for the sigmoid alone."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.ArrayOp) and part.name == "diag":
            yield from _of_softmax(case, site, part.arguments[0])
        found = _as_sigmoid(part) if isinstance(part, typed.Arithmetic) else None
        if found is None:
            continue
        rest, name = found
        meaning = case.unfolded(name)
        if (
            isinstance(meaning, typed.Apply | typed.Opaque)
            and not meaning.order
            and len(typed.children(meaning)) == 1
        ):
            slope = replace(meaning, order=1)
            words = f"the derivative of another activation: {name.name} is {printed(meaning)}"
            yield from _some(site, "activation", words, slope if rest is None else arithmetic("*", rest, slope))


def _of_softmax(case: Case, site: Site, diagonal: Expr) -> Iterator[Candidate]:
    """``diag(a) - outer(a, a)`` for ``diag(a*(1 - a))``, where ``a`` is a softmax."""
    for part in typed.postorder(diagonal):
        whole = case.unfolded(part)
        softmax = isinstance(whole, typed.ArrayOp) and whole.name == "softmax" and len(part.shape) == 1
        if softmax and part is not diagonal:
            twice = typed.ArrayOp(part.shape * 2, part.span, "outer", (part, part))
            alone = typed.ArrayOp(part.shape * 2, part.span, "diag", (part,))
            words = "the derivative of another activation: the entries of a softmax depend on one another"
            yield from _some(site, "activation", words, arithmetic("-", alone, twice))


def _as_sigmoid(part: typed.Arithmetic) -> tuple[Expr | None, typed.Defined] | None:
    """What stands before ``a*(1 - a)`` in a product, and the ``a``; likewise of ``1 - a**2``."""
    if part.operator == "*" and isinstance(part.right, typed.Arithmetic) and part.right.operator == "-":
        name = part.right.right
        before = part.left
        if isinstance(name, typed.Defined):
            if isinstance(before, typed.Defined) and before.name == name.name:
                return None, name
            last = before.right if isinstance(before, typed.Arithmetic) and before.operator == "*" else None
            if isinstance(last, typed.Defined) and last.name == name.name and isinstance(before, typed.Arithmetic):
                return before.left, name
    if part.operator == "-" and isinstance(part.right, typed.Arithmetic) and part.right.operator == "**":
        name = part.right.left
        return (None, name) if isinstance(name, typed.Defined) else None
    return None


def functions(case: Case) -> Iterator[Candidate]:
    """A function for its derivative, the derivative for the function, a related function."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Apply | typed.Opaque):
            orders = [part.order + 1, part.order - 1] if part.order else [1]
            inner = part.arguments[0] if isinstance(part, typed.Apply) else part.argument
            if isinstance(part, typed.Apply) and len(part.arguments) > 1:
                orders = []
            for order in orders:
                words = f"the derivative {part.function}' is needed, not {part.function} itself"
                if order < part.order:
                    words = f"{part.function} itself is needed, not its derivative"
                side = site.plug(replace(part, order=order))
                if side is not None and order <= 2:
                    yield Candidate("function for derivative", words, side)
            if inner.shape == part.shape:
                yield from at("function", f"a function too many, {part.function}", site.plug(inner))
        if isinstance(part, typed.Defined):
            meaning = case.unfolded(part)
            if isinstance(meaning, typed.Apply | typed.Opaque) and not meaning.order:
                side = site.plug(replace(meaning, order=1))
                if side is not None and len(typed.children(meaning)) == 1:
                    words = f"the derivative of {meaning.function} is needed, not {part.name} itself"
                    yield Candidate("function for derivative", words, side)
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Apply):
            related = (f for row in _RELATED if part.function in row for f in row if f != part.function)
            for other in dict.fromkeys(related):
                words = f"the function: {other} for {part.function}"
                yield from at("function", words, site.plug(replace(part, function=other)))


def conditions(case: Case) -> Iterator[Candidate]:
    """A comparison or two cases the wrong way round."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.Compare) and part.operator in _TURNED:
            turned = replace(part, left=part.right, right=part.left)
            yield from at("condition", "a comparison the wrong way round", site.plug(turned))
        if isinstance(part, typed.Where) and part.then.shape == part.otherwise.shape:
            exchanged = replace(part, then=part.otherwise, otherwise=part.then)
            yield from at("condition", "the two cases are exchanged", site.plug(exchanged))


_TURNED = ("<", "<=", ">", ">=")


# --- positions


def positions(case: Case) -> Iterator[Candidate]:
    """Another index, two of them exchanged, another literal position."""
    quantified = {q.key: typed.Bound((), case.claimed.span, q.name, q.key) for q in case.question.quantifiers}
    sizes = {q.key: q.size for q in case.question.quantifiers if q.size is not None}
    for expr in typed.postorder(case.claimed):
        if isinstance(expr, typed.BigOp):
            sizes[expr.key] = expr.size
            use = typed.bound_by(expr)
            if use is not None:
                quantified[expr.key] = use
    for site in case.sites:
        if not isinstance(site.part, typed.Element):
            continue
        for places in _subscripts(site.part, quantified, sizes):
            other = replace(site.part, subscripts=places)
            side = site.plug(other)
            if side is not None and not _escapes(case, side):
                words = f"the index: {printed(other)} for {printed(site.part)}"
                yield Candidate("index", words, side)


def _subscripts(
    part: typed.Element, quantified: dict[str, typed.Bound], sizes: dict[str, typed.Dim]
) -> Iterator[tuple[typed.Subscript, ...]]:
    old, shape = part.subscripts, part.base.shape
    fits = [[key for key, size in sizes.items() if size == axis] for axis in shape]
    for order in permutations(range(len(old))):
        mixed = tuple(old[i] for i in order)
        kept = [s is None for s in mixed] == [s is None for s in old]
        if list(order) != sorted(order) and kept and all(map(_may_stand, mixed, shape, fits)):
            yield mixed
    for i, subscript in enumerate(old):
        if isinstance(subscript, typed.Bound | typed.Number):
            for key in fits[i]:
                if not isinstance(subscript, typed.Bound) or key != subscript.key:
                    yield (*old[:i], quantified[key], *old[i + 1 :]) if key in quantified else old
        axis = shape[i]
        if isinstance(subscript, typed.Number) and isinstance(axis, int):
            for place in range(min(axis, 6)):
                if place != subscript.value:
                    yield (*old[:i], number(place, subscript.span), *old[i + 1 :])


def _may_stand(subscript: typed.Subscript, axis: typed.Dim, fits: list[str]) -> bool:
    if isinstance(subscript, typed.Bound):
        return subscript.key in fits
    if isinstance(subscript, typed.Number):
        return isinstance(axis, int) and subscript.value < axis
    return subscript is None


def _escapes(case: Case, side: Expr) -> bool:
    """Whether an index is used outside of the sum that binds it."""
    allowed = {q.key for q in case.question.quantifiers}
    return not allowed.issuperset(case.known.keys(side))


# --- axes, sums and means


def sums(case: Case) -> Iterator[Candidate]:
    """Another axis, a mean for a sum and the reverse, a sum that is missing or too many."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.ArrayOp) and part.name in ("sum", "mean"):
            other = "mean" if part.name == "sum" else "sum"
            if other == "mean":
                yield from _some(site, "sum or mean", "a mean for the sum", replace(part, name=other))
            yield from _some(site, "extra sum", f"a {part.name} too many", part.arguments[0])
        if isinstance(part, typed.BigOp):
            size: Expr = number(part.size, part.span) if isinstance(part.size, int) else _size(part)
            if part.kind == "sum":
                yield from _some(site, "sum or mean", "a mean for the sum", arithmetic("/", part, size))
            side = site.plug(part.body)
            if side is not None and not _escapes(case, side):
                yield Candidate("extra sum", f"a {part.kind} too many", side)
            other_kind = replace(part, kind="prod" if part.kind == "sum" else "sum")
            words = f"a {other_kind.kind} for the {part.kind}"
            yield from _some(site, "sum or product", words, other_kind)
        if part.shape:
            for name in ("sum", "mean"):
                yield from _some(
                    site, "missing sum", f"a {name} is missing", reduced(name, part, None, keepdims=False)
                )
                for axis in range(len(part.shape)):
                    made = reduced(name, part, axis, keepdims=True)
                    yield from _some(site, "missing sum", f"a {name} over the axis {axis} is missing", made)


def means(case: Case) -> Iterator[Candidate]:
    """A sum for a mean, and another axis."""
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.ArrayOp) and part.name == "mean":
            yield from _some(site, "sum or mean", "a sum for the mean", replace(part, name="sum"))
        if isinstance(part, typed.ArrayOp):
            yield from _axes(site, part)


def _size(part: typed.BigOp) -> Expr:
    return typed.Dimension((), part.span, str(part.size))


def _some(site: Site, kind: str, words: str, new: Expr | None) -> Iterator[Candidate]:
    return at(kind, words, site.plug_with(new))


def _axes(site: Site, part: typed.ArrayOp) -> Iterator[Candidate]:
    if part.name not in shapes.REDUCTIONS and part.name not in ("softmax", "log_softmax"):
        return
    inner = part.arguments[0]
    for axis in (*range(len(inner.shape)), None):
        if axis == part.axis:
            continue
        words = f"a {part.name} along an axis is needed, not over all entries" if part.axis is None else "the axis"
        if part.name not in shapes.REDUCTIONS:
            yield from _some(site, "axis", words, replace(part, axis=axis))
            continue
        for keepdims in (part.keepdims, not part.keepdims):
            yield from _some(site, "axis", words, reduced(part.name, inner, axis, keepdims=keepdims))


# --- matrices


def matrices(case: Case) -> Iterator[Candidate]:
    """A transpose, the order of a product, an elementwise product for one of matrices and the reverse."""
    atoms = [site for site in case.sites if _is_plain(site.part)]
    for site in (*atoms, *(site for site in case.sites if not _is_plain(site.part))):
        turned = None if isinstance(site.whole, typed.Element) else transposed(site.part)
        extra = isinstance(site.part, typed.ArrayOp) and site.part.name == "transpose"
        words = "a transpose too many" if extra else f"a transpose is missing, of {printed(site.part)}"
        yield from _some(site, "transpose", words, turned)
    yield from at("transpose", "the transposes in products", substituted(case.claimed, _every_left))
    for site in case.sites:
        part = site.part
        if isinstance(part, typed.MatMul):
            words = "the order of a matrix product"
            yield from _some(site, "order", words, matmul(part.right, part.left))
            for left, right in _turned(part.right, part.left):
                yield from _some(site, "order", words, matmul(left, right))
            for left, right in _turned(part.left, part.right):
                yield from _some(site, "transpose", "the transposes in a product", matmul(left, right))
            words = "an elementwise product, not one of matrices"
            for left, right in _both(part.left, part.right):
                yield from _some(site, "product", words, arithmetic("*", left, right))
        if isinstance(part, typed.Arithmetic) and part.operator == "*":
            words = "a product of matrices, not an elementwise one"
            for left, right in (*_both(part.left, part.right), *_both(part.right, part.left)):
                yield from _some(site, "product", words, matmul(left, right))


def _is_plain(expr: Expr) -> bool:
    return not isinstance(expr, typed.Arithmetic | typed.MatMul | typed.Negate) and (
        not isinstance(expr, typed.ArrayOp) or expr.name == "transpose"
    )


def _every_left(expr: Expr) -> Expr | None:
    """The transpose of the matrix on the left of a product."""
    if isinstance(expr, typed.MatMul) and isinstance(expr.left, typed.Variable | typed.Defined):
        inner = substituted(expr.right, _every_left)
        return matmul(transposed(expr.left), expr.right if inner is None else inner)
    return None


def _turned(left: Expr, right: Expr) -> list[tuple[Expr | None, Expr | None]]:
    a, b = transposed(left), transposed(right)
    return [(a, right), (left, b), (a, b)]


def _both(left: Expr, right: Expr) -> list[tuple[Expr | None, Expr | None]]:
    return [(left, right), *_turned(left, right)]
