"""Owns the chain rule taken backwards through the definitions: what a gradient is multiplied with, and summed over,
on its way from a name to one that this is made from. Of such steps several are forgotten at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, islice

from derivcheck.diagnose.case import Case
from derivcheck.diagnose.rebuild import Site, arithmetic, matmul, negated, number, reduced, transposed
from derivcheck.diagnose.told import Change, Changed
from derivcheck.lang import shapes, typed
from derivcheck.lang.print import printed
from derivcheck.lang.typed import Expr, Shape

#: Ways through the definitions that are looked at, steps of one, and steps that may be forgotten at once.
MOST_WAYS = 60
LONGEST = 10
MOST_MISSING = 3


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the way: ``make`` does it to the gradient so far (``None`` where the shapes do not go together),
    ``factor`` is what it multiplies with, and ``axis`` what it sums over."""

    noun: str
    make: Callable[[Expr], Expr | None]
    factor: bool = True
    axis: int | None = None


def forgotten(case: Case, missing: int) -> Iterator[Changed]:
    """The claimed side with some steps of the chain rule put in, so many as are ``missing``."""
    seen: set[tuple[str, ...]] = set()
    for way in _ways(case):
        for chosen in combinations(range(len(way)), missing):
            steps = [way[place] for place in chosen]
            nouns = tuple(step.noun for step in steps)
            if nouns in seen or not any(step.factor for step in steps):
                continue
            seen.add(nouns)
            after = next((step for step in way[chosen[-1] + 1 :] if not step.factor), None)
            changes = tuple(_told(step) for step in steps)
            for site in case.sites:
                yield from (Changed(side, changes) for side in _put_in(site, steps, after))


def _put_in(site: Site, steps: Sequence[Step], after: Step | None) -> Iterator[Expr]:
    """The steps done to one part; or to what is summed there, over the axis that the sum is over then."""
    part = site.part
    made: list[Expr | None] = []
    if site.factor and not isinstance(part, typed.Number):
        made.append(_done(steps, part))
    if after is not None and isinstance(part, typed.ArrayOp) and part.name in ("sum", "mean"):
        inner = _done(steps, part.arguments[0])
        if inner is not None and after.axis is not None:
            made.append(reduced(part.name, inner, after.axis, keepdims=True))
    sides = (site.plug_with(new) for new in made)
    return (side for side in sides if side is not None)


def _done(steps: Sequence[Step], part: Expr) -> Expr | None:
    made: Expr | None = part
    for step in steps:
        made = None if made is None else step.make(made)
    return made


def _told(step: Step) -> Change:
    if step.factor:
        return Change("missing factor", f"the factor {step.noun} is missing")
    return Change("missing sum" if step.axis is not None else "sign", f"{step.noun} is missing")


# --- the ways


def _ways(case: Case) -> list[tuple[Step, ...]]:
    """The ways from names that are differentiated to what they are differentiated by, the shortest first."""
    found: dict[tuple[str, ...], tuple[Step, ...]] = {}
    for derivative in _derivatives(case):
        back = _Back(case, derivative.target)
        for name in _between(case, derivative):
            for way in islice(back.through(case.question.derivation.definitions[name.name]), MOST_WAYS):
                if way:
                    found.setdefault(tuple(step.noun for step in way), way)
    return sorted(found.values(), key=len)[:MOST_WAYS]


def _derivatives(case: Case) -> list[typed.Derivative]:
    """The gradients by names that the other side is, or is made from."""
    inside = typed.postorder(case.unfolded(case.other))
    return [
        part
        for part in inside
        if isinstance(part, typed.Derivative)
        and part.kind == "gradient"
        and not part.transposed
        and part.target.kind != "bound"
        and part.target.subscripts is None
    ]


def _between(case: Case, derivative: typed.Derivative) -> list[typed.Defined]:
    """The defined names from which the one that is differentiated is made, and that are made from the target."""
    target = derivative.target.name
    definitions = case.question.derivation.definitions
    reached = case.known.named(derivative.of)
    span = derivative.span
    return [
        typed.Defined(definition.shape, span, name)
        for name, definition in definitions.items()
        if name in reached and name != target and target in case.known.named(definition)
    ]


@dataclass(frozen=True, slots=True)
class _Back:
    """The ways back to one name."""

    case: Case
    target: typed.Target

    def through(self, expr: Expr, depth: int = 0) -> Iterator[tuple[Step, ...]]:
        """The steps from an expression down to the name, one way for each place that it stands in."""
        if isinstance(expr, typed.Variable | typed.Defined) and expr.name == self.target.name:
            yield ()
            return
        if depth == LONGEST or self.target.name not in self.case.known.named(expr):
            return
        if isinstance(expr, typed.Defined):
            if expr.name not in self.case.question.claim.at:
                yield from self.through(self.case.question.derivation.definitions[expr.name], depth + 1)
            return
        for part, steps in _inside(expr):
            for rest in self.through(part, depth + 1):
                if len(steps) + len(rest) <= LONGEST:
                    yield (*steps, *rest)


def _inside(expr: Expr) -> Iterator[tuple[Expr, tuple[Step, ...]]]:
    """The parts of an expression, with the steps from a gradient by it to one by the part."""
    match expr:
        case typed.Negate():
            yield expr.operand, (Step("a minus sign", negated, factor=False),)
        case typed.Arithmetic():
            yield from _of_arithmetic(expr)
        case typed.MatMul() if len(expr.left.shape) == len(expr.right.shape) == 2:
            over, under = transposed(expr.left), transposed(expr.right)
            if over is not None and under is not None:
                yield expr.left, (_times_matrix(expr.shape, under, left=False),)
                yield expr.right, (_times_matrix(expr.shape, over, left=True),)
        case typed.MatMul() if len(expr.right.shape) == 1:
            yield from _of_vectors(expr)
        case typed.Apply(arguments=(part,)) | typed.Opaque(argument=part):
            slope = replace(expr, order=expr.order + 1)
            yield part, (_times(slope),)
        case typed.ArrayOp(name="transpose", arguments=(part,)):
            yield part, (Step("a transpose", transposed, factor=False),)
        case typed.Element() if shapes.one_entry(expr.base.shape):
            yield expr.base, ()
        case typed.ArrayOp(name="sum", arguments=(part,)):
            yield part, ()
        case typed.ArrayOp(name="mean", arguments=(part,), axis=None):
            yield part, tuple(_over(axis, part) for axis in part.shape if axis != 1)
        case _:
            return


def _of_arithmetic(expr: typed.Arithmetic) -> Iterator[tuple[Expr, tuple[Step, ...]]]:
    left, right = expr.left, expr.right
    sums = _summed(expr.shape, left.shape), _summed(expr.shape, right.shape)
    match expr.operator:
        case "+":
            yield left, sums[0]
            yield right, sums[1]
        case "-":
            yield left, sums[0]
            yield right, (Step("a minus sign", negated, factor=False), *sums[1])
        case "*":
            yield left, (_times(right), *sums[0])
            yield right, (_times(left), *sums[1])
        case "/":
            yield left, (_divided(right), *sums[0])
        case "**" if isinstance(right, typed.Number):
            lower = typed.Number((), right.span, right.value - 1, str(right.value - 1))
            power = left if lower.value == 1 else arithmetic("**", left, lower)
            slope = arithmetic("*", right, power)
            if slope is not None and right.value.denominator == 1 and right.value > 1:
                yield left, (_times(slope),)
        case _:
            return


def _of_vectors(expr: typed.MatMul) -> Iterator[tuple[Expr, tuple[Step, ...]]]:
    """The factors of a product of matrix and vector, and of two vectors."""
    over = transposed(expr.left)
    if len(expr.left.shape) == 1:
        yield expr.left, (_times(expr.right),)
        yield expr.right, (_times(expr.left),)
    elif over is not None:
        yield expr.right, (_times_matrix(expr.shape, over, left=True),)


def _times(factor: Expr) -> Step:
    def make(so_far: Expr) -> Expr | None:
        return arithmetic("*", so_far, factor)

    return Step(printed(factor), make)


def _divided(by: Expr) -> Step:
    one = typed.Arithmetic(by.shape, by.span, "/", number(1, by.span), by)
    return Step(printed(one), lambda so_far: arithmetic("/", so_far, by))


def _over(axis: typed.Dim, part: Expr) -> Step:
    size = typed.Dimension((), part.span, axis) if isinstance(axis, str) else number(axis, part.span)
    return _divided(size)


def _times_matrix(shape: Shape, factor: Expr, *, left: bool) -> Step:
    """The product of matrices with a factor; by a gradient that is a number, since what it is by has one entry, the
    product with that."""

    def make(so_far: Expr) -> Expr | None:
        if not so_far.shape and shapes.one_entry(shape):
            return arithmetic("*", factor, so_far) if left else arithmetic("*", so_far, factor)
        return matmul(factor, so_far) if left else matmul(so_far, factor)

    return Step(printed(factor), make)


def _summed(shape: Shape, part: Shape) -> tuple[Step, ...]:
    """The sums over the axes along which a part is repeated."""
    if not part and shape:
        return (Step("the sum", lambda so_far: reduced("sum", so_far, None, keepdims=False), factor=False),)
    return tuple(
        _sum_over(axis)
        for axis, (size, own) in enumerate(zip(shape, part, strict=False))
        if own == 1 and size != 1 and len(shape) == len(part)
    )


def _sum_over(axis: int) -> Step:
    def make(so_far: Expr) -> Expr | None:
        if axis >= len(so_far.shape) or so_far.shape[axis] == 1:
            return None
        return reduced("sum", so_far, axis, keepdims=True)

    return Step(f"the sum over the axis {axis}", make, factor=False, axis=axis)
