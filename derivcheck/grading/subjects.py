"""Owns what a term of a chain is about: a derivative of one thing by another, a name, or an expression, whether it is
written for the whole array or entry by entry, and which spellings of that are one."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from derivcheck.grading.expressions import Indices, rewritten, with_bound
from derivcheck.lang import typed
from derivcheck.lang.typed import Dim, Expr, Quantifier, Target
from derivcheck.model import Derivation
from derivcheck.source import Span

#: Fields of expressions that say nothing of what they are.
_ASIDE = frozenset({"span", "text", "transposed", "shape"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A derivative, or a name (``target`` is ``None``), entry by entry.

    Entry ``axes`` (an index and its dimension, one an axis of the term) is the derivative of ``of[of_at]`` by
    ``target[by_at]``. Where a term is written for every index, the indices are those of its quantifiers.
    """

    of: Expr
    of_at: tuple[Expr, ...]
    target: Target | None
    by_at: tuple[Expr, ...]
    axes: tuple[tuple[Expr, Dim], ...]
    span: Span

    def at(self, values: Mapping[str, Expr]) -> Opened:
        """The same with expressions in the place of indices, by their keys."""

        def put(indices: Sequence[Expr]) -> tuple[Expr, ...]:
            return tuple(with_bound(index, values) for index in indices)

        axes = tuple((with_bound(index, values), dim) for index, dim in self.axes)
        return replace(self, of_at=put(self.of_at), by_at=put(self.by_at), axes=axes)

    def indices(self) -> tuple[tuple[Expr, Dim], ...]:
        """Every index over a dimension that it has, once, with its dimension."""
        dims = (*self.of.shape, *(self.target.whole if self.target else ()))
        found: dict[str, tuple[Expr, Dim]] = {}
        for index, dim in zip((*self.of_at, *self.by_at), dims, strict=True):
            if isinstance(index, typed.Bound):
                found.setdefault(index.key, (index, dim))
        return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Subject:
    """What a term is about, so that two terms about one thing have equal subjects.

    ``what`` tells the thing, ``pattern`` which of its entries: every axis is one number of an index, and two axes
    with one number go together. ``argument`` of a function's derivative is what it is taken at, ``None`` for any.
    """

    kind: str
    what: Hashable
    pattern: tuple[Hashable, ...] = ()
    argument: Hashable = field(default=None, compare=False)

    def covers(self, other: Subject) -> bool:
        """Whether a term about this states all that one about the other does: it is about the same entries, or about
        more of them."""
        if not self.near(other) or not _covers(self.pattern, other.pattern):
            return False
        return None in (self.argument, other.argument) or self.argument == other.argument

    def near(self, other: Subject) -> bool:
        """Whether the other is about the same thing, or about other entries of it."""
        return (self.kind, self.what) == (other.kind, other.what)


def _covers(general: Sequence[Hashable], special: Sequence[Hashable]) -> bool:
    """Whether a pattern of entries has all of another: its numbers stand for any."""
    if len(general) != len(special):
        return False
    meant: dict[int, Hashable] = {}
    for mine, other in zip(general, special, strict=True):
        if isinstance(mine, int):
            if meant.setdefault(mine, other) != other:
                return False
        elif mine != other:
            return False
    return True


class Subjects:
    """Tells what terms are about, with the names of a derivation; ``own`` names are those that a note brought in."""

    def __init__(self, derivation: Derivation, own: frozenset[str] = frozenset()) -> None:
        self._definitions = derivation.definitions
        self._own = own
        self._spellings = derivation.notation
        self._forms: dict[Hashable, int] = {}
        self._names: dict[int, str] = {}
        self._form_of: dict[str, int] = {}
        for name, expr in self._definitions.items():
            self._form_of[name] = self.form(expr)
            if not isinstance(expr, typed.Defined | typed.Variable):
                self._names.setdefault(self._form_of[name], name)

    def spellings(self, name: str) -> Sequence[str]:
        """How a name is written in LaTeX, beside as itself."""
        return self._spellings.get(name, ())

    # --- forms

    def form(self, expr: Expr, bound: Mapping[str, Hashable] | None = None) -> int:
        """A number that two expressions have in common if they are written alike, whatever their bound names and
        their spelling; names that stand for names are the same. ``bound`` are names bound further out."""
        return self._form(expr, dict(bound or {}))

    def _form(self, expr: Expr, bound: dict[str, Hashable]) -> int:
        expr = self._resolved(expr)
        told: list[Hashable] = [type(expr).__name__]
        if isinstance(expr, typed.Bound):
            told.append(bound.get(expr.key, expr.key))
            return self._numbered(tuple(told))
        if isinstance(expr, typed.ArrayOp) and (not expr.arguments or expr.name == "reshape"):
            told.append(expr.shape)
        inner = bound
        if isinstance(expr, typed.BigOp):
            inner = {**bound, expr.key: ("inner", len(bound))}
        names = (one.name for one in fields(expr) if one.name not in _ASIDE and one.name != "key")
        told += [self._told(getattr(expr, name), inner) for name in names]
        return self._numbered(tuple(told))

    def _told(self, value: Any, bound: dict[str, Hashable]) -> Hashable:
        if isinstance(value, Expr):
            return self._form(value, bound)
        if isinstance(value, tuple):
            return tuple(self._told(one, bound) for one in value)
        if isinstance(value, Target):
            key = bound.get(value.key, value.key)
            return value.kind, value.name if value.kind != "bound" else key, self._told(value.subscripts, bound)
        return value if isinstance(value, Hashable) else str(value)

    def _numbered(self, told: Hashable) -> int:
        return self._forms.setdefault(told, len(self._forms))

    def _resolved(self, expr: Expr) -> Expr:
        """What a name stands for, as long as that is another name."""
        while isinstance(expr, typed.Defined):
            meant = self._definitions[expr.name]
            if not isinstance(meant, typed.Defined | typed.Variable):
                break
            expr = meant
        return expr

    def unfolded(self, expr: Expr) -> Expr:
        """What a name of the note's own stands for, if that is a derivative."""
        inner = self._resolved(expr)
        if isinstance(inner, typed.Defined) and inner.name in self._own:
            meant = self._definitions[inner.name]
            if isinstance(meant, typed.Derivative):
                return meant
        return inner

    def called(self, of: Expr) -> Hashable:
        """What is differentiated, so that one thing is called one."""
        return self._called(self.unfolded(of), {})

    def definition(self, name: typed.Defined) -> Expr:
        """What a name stands for."""
        return self._definitions[name.name]

    def reaches(self, root: Expr, name: str, without: str = "") -> bool:
        """Whether an expression is made from a variable or a defined name; on ways that do not lead over another."""
        seen: set[str] = set()
        waiting = [root]
        while waiting:
            for part in typed.postorder(waiting.pop()):
                if not isinstance(part, typed.Variable | typed.Defined) or part.name == without:
                    continue
                if part.name == name:
                    return True
                if isinstance(part, typed.Defined) and part.name not in seen:
                    seen.add(part.name)
                    waiting.append(self._definitions[part.name])
        return False

    def comes_before(self, root: Expr, name: str) -> bool:
        """Whether an expression can be the definition of a name: it is made of names before it alone."""
        order = {known: place for place, known in enumerate(self._definitions)}
        used = (e.name for e in typed.postorder(root) if isinstance(e, typed.Defined))
        return all(order[one] < order[name] for one in used)

    def without_own(self, root: Expr) -> Expr:
        """An expression with the names of the note's own written out."""

        def change(part: Expr) -> Expr | None:
            meant = self.meaning(part) if isinstance(part, typed.Defined) else None
            return None if meant is None else rewritten(meant, change)

        return rewritten(root, change)

    def meaning(self, name: typed.Defined) -> Expr | None:
        """What a name of the note's own stands for; ``None`` for names of the key."""
        return self._definitions[name.name] if name.name in self._own else None

    # --- entries

    def opened(self, term: Expr, indices: Indices) -> Opened | None:
        """A term that is a derivative or a name, entry by entry; ``None`` for any other."""
        term = self.unfolded(term)
        match term:
            case typed.ArrayOp(name="transpose", arguments=(inner,)):
                found = self.opened(inner, indices)
                return None if found is None else replace(found, axes=found.axes[::-1])
            case typed.Element(base=base, subscripts=subscripts):
                found = self.opened(base, indices)
                return None if found is None else _picked(found, subscripts)
            case typed.Derivative():
                return self._opened_derivative(term, indices)
            case typed.Variable() | typed.Defined():
                at = tuple(indices.fresh(dim, term.span) for dim in term.shape)
                return Opened(term, at, None, (), tuple(zip(at, term.shape, strict=True)), term.span)
            case _:
                return None

    def _opened_derivative(self, node: typed.Derivative, indices: Indices) -> Opened | None:
        if node.kind == "hessian":
            first = typed.Derivative(node.target.shape, node.span, "gradient", node.of, node.target)
            shape = (*first.shape, *node.target.shape)
            node = typed.Derivative(shape, node.span, "jacobian", first, node.target)
        of = self._resolved(node.of)
        given: tuple[typed.Subscript, ...] | None = None
        if isinstance(of, typed.Element):
            given, of = of.subscripts, self._resolved(of.base)
        of_at, of_open = _places(of.shape, given, indices, node.span)
        if node.kind == "elementwise":
            by_open = [index for index, _ in of_open]
            by_at = _filled(node.target, by_open)
            if by_at is None:
                return None
            axes = of_open
        else:
            by_at, by_axes = _places(node.target.whole, node.target.subscripts, indices, node.span)
            by_axes = by_axes[::-1] if node.transposed else by_axes
            axes = {"gradient": by_axes, "tangent": of_open}.get(node.kind, [*of_open, *by_axes])
        if len(axes) != len(node.shape):
            return None
        return Opened(of, of_at, node.target, by_at, tuple(axes), node.span)

    # --- subjects

    def of(self, term: Expr, quantifiers: Sequence[Quantifier]) -> Subject:
        """What a term is about."""
        term = self.unfolded(term)
        scalars = {q.key: ("any", i) for i, q in enumerate(q for q in quantifiers if q.size is None)}
        prime = self._prime(term, scalars)
        if prime is not None:
            return prime
        found = self.opened(term, Indices())
        if found is None:
            numbered = {q.key: ("every", i) for i, q in enumerate(quantifiers)}
            return Subject("expression", self.form(term, numbered))
        pattern = _pattern(found, quantifiers, self)
        if found.target is None:
            return Subject("name", self.form(found.of), pattern)
        of, target = found.of, found.target
        by: list[Hashable] = [_by(target, scalars)]
        while _by_number(target) and isinstance(of, typed.Derivative) and _by_number(of.target):
            by.append(_by(of.target, scalars))  # one after another by numbers: in whatever order
            of = self._resolved(of.of)
        return Subject("derivative", (self._called(of, scalars), *sorted(by, key=str)), pattern)

    def _called(self, of: Expr, scalars: Mapping[str, Hashable]) -> Hashable:
        """What is differentiated: a name, also where its definition is written out; or else a form."""
        if isinstance(of, typed.Defined):
            return self._names.get(self._form_of[of.name], of.name)
        form = self.form(of, scalars)
        return self._names.get(form, form)

    def _prime(self, term: Expr, scalars: Mapping[str, Hashable]) -> Subject | None:
        """The derivative of a function of one number, however it is written: ``f'(z)``, ``D(f(z), z)``."""
        order = 0
        inner = term
        while isinstance(inner, typed.Derivative) and not inner.target.subscripts:
            order, by, inner = order + 1, inner.target, inner.of
            if not isinstance(inner, typed.Derivative):
                break
        if isinstance(inner, typed.Apply) and len(inner.arguments) == 1:
            function, argument = inner.function, inner.arguments[0]
        elif isinstance(inner, typed.Opaque):
            function, argument = inner.function, inner.argument
        else:
            return None
        if order and not _is_whole(argument, by):
            return None
        order += inner.order
        if not order:
            return None
        key = argument.key if isinstance(argument, typed.Bound) else None
        return Subject("prime", (function, order), (), None if key in scalars else self.form(argument))


def _by(target: Target, scalars: Mapping[str, Hashable]) -> Hashable:
    return target.kind, scalars.get(target.key, target.name) if target.kind == "bound" else target.name


def _by_number(target: Target) -> bool:
    """Whether a derivative is by a number that depends on nothing."""
    return target.kind == "variable" and not target.whole


def _is_whole(expr: Expr, target: Target) -> bool:
    """Whether an expression is what a derivative is by."""
    match expr:
        case typed.Variable(name=name) | typed.Defined(name=name):
            return target.name == name and target.kind != "bound"
        case typed.Bound(key=key):
            return target.kind == "bound" and target.key == key
        case _:
            return False


def _places(
    shape: Sequence[Dim], given: Sequence[typed.Subscript] | None, indices: Indices, span: Span
) -> tuple[tuple[Expr, ...], list[tuple[Expr, Dim]]]:
    """An index for every axis, those that are given among them; and the ones that are not, with their dimensions."""
    at: list[Expr] = []
    free: list[tuple[Expr, Dim]] = []
    for axis, dim in enumerate(shape):
        subscript = given[axis] if given is not None else None
        if subscript is None:
            subscript = indices.fresh(dim, span)
            free.append((subscript, dim))
        at.append(subscript)
    return tuple(at), free


def _filled(target: Target, indices: Sequence[Expr]) -> tuple[Expr, ...] | None:
    """The places of a target whose free axes have given indices."""
    waiting = list(indices)
    at: list[Expr] = []
    for subscript in target.subscripts or (None,) * len(target.whole):
        if subscript is None and not waiting:
            return None
        at.append(waiting.pop(0) if subscript is None else subscript)
    return None if waiting else tuple(at)


def _picked(found: Opened, subscripts: Sequence[typed.Subscript]) -> Opened | None:
    """Some entries of what is opened."""
    if len(subscripts) != len(found.axes):
        return None
    values: dict[str, Expr] = {}
    for (index, _), subscript in zip(found.axes, subscripts, strict=True):
        if subscript is not None and isinstance(index, typed.Bound):
            values[index.key] = subscript
    kept = tuple(axis for axis, subscript in zip(found.axes, subscripts, strict=True) if subscript is None)
    return replace(found.at(values), axes=tuple((with_bound(i, values), dim) for i, dim in kept))


def _pattern(found: Opened, quantifiers: Sequence[Quantifier], subjects: Subjects) -> tuple[Hashable, ...]:
    """Which entries: a number for every index over a whole dimension, in the order in which they come."""
    sizes = {q.key: q.size for q in quantifiers}
    numbers: dict[str, int] = {}
    told: list[Hashable] = []
    dims = (*found.of.shape, *(found.target.whole if found.target else ()))
    for index, dim in zip((*found.of_at, *found.by_at), dims, strict=True):
        if dim == 1:
            told.append("one")
        elif isinstance(index, typed.Bound) and sizes.get(index.key, dim) == dim:
            told.append(numbers.setdefault(index.key, len(numbers)))
        else:
            told.append(("at", subjects.form(index)))
    return tuple(told)
