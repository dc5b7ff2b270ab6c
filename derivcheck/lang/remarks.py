"""Owns the remarks on expressions that are well formed but perhaps not what their author means."""

from __future__ import annotations

from collections.abc import Iterable

from derivcheck.lang.scope import Scope
from derivcheck.lang.typed import Arithmetic, ArrayOp, Bound, Derivative, Expr, Negate, Number, Shape, postorder


def warnings(expressions: Expr | Iterable[Expr], scope: Scope) -> tuple[str, ...]:
    """Remarks on expressions that are well formed but perhaps not what is meant, each once, in order."""
    roots = [expressions] if isinstance(expressions, Expr) else list(expressions)
    found: dict[str, None] = {}
    for root in roots:
        for part in postorder(root):
            if (remark := _remark(part, scope)) is not None:
                found[remark] = None
    return tuple(found)


def _remark(part: Expr, scope: Scope) -> str | None:
    match part:
        case Derivative(of=of, target=target) if not scope.reach.reaches(of, target):
            return f"what is differentiated does not depend on `{target.name}`: this derivative is 0"
        case ArrayOp(name="transpose", shape=(_,)):
            return "`.T` of an array with one axis changes nothing"
        case Arithmetic(operator="**", left=base, right=right) if _square(base.shape) and _negative(right):
            return "`**` goes entry by entry: a negative power is no inverse; that is `inv(A)`"
        case ArrayOp(name="softmax" | "log_softmax" as name, axis=None, shape=(a, b)) if a != 1 and b != 1:
            return f"`{name}` without `axis=` is taken over all entries of the matrix"
        case Bound(name=name) if name in scope.variables or name in scope.definitions:
            return f"`{name}` is the name bound by `for` here, not the declared `{name}`"
        case _:
            return None


def _negative(exponent: Expr) -> bool:
    return isinstance(exponent, Negate) and isinstance(exponent.operand, Number)


def _square(shape: Shape) -> bool:
    return len(shape) == 2 and isinstance(shape[0], str) and shape[0] == shape[1]
