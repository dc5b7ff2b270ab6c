"""Owns the way from surface nodes to typed expressions: the table of rules, their driver, and the public calls.

Every rule is a generator (see ``scope``); the driver keeps their stack, so nesting costs no Python frames, and it
goes on after a problem, so that all problems of a text are told at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from derivcheck.errors import Problem, Refused
from derivcheck.lang import arithmetic, binders, calls, derivatives, indexing, limits, nodes, products, shapes
from derivcheck.lang.arithmetic import check_shape
from derivcheck.lang.fitting import alike, fitted, fitting
from derivcheck.lang.remarks import warnings
from derivcheck.lang.rules import rule_parameter
from derivcheck.lang.scope import Ask, Context, Scope, Session, Work, refusal
from derivcheck.lang.typed import (
    Compare,
    Derivative,
    Expr,
    Logic,
    Opaque,
    Quantifier,
    children,
    least_sizes,
    postorder,
)
from derivcheck.source import Span

__all__ = [
    "Scope",
    "ambiguities",
    "elaborate",
    "elaborate_condition",
    "elaborate_rule",
    "elaborate_statement",
    "least_sizes",
    "link_problem",
    "warnings",
]

_RULES: dict[type[nodes.Node], Callable[[Context, Any], Work | Expr]] = {
    nodes.Number: arithmetic.number,
    nodes.Name: calls.name,
    nodes.Unary: arithmetic.unary,
    nodes.Chain: arithmetic.chain,
    nodes.Power: arithmetic.power,
    nodes.Product: products.product,
    nodes.Raised: products.raised,
    nodes.Length: products.length,
    nodes.Inner: products.inner,
    nodes.Comparison: arithmetic.comparison,
    nodes.Junction: arithmetic.junction,
    nodes.Call: calls.call,
    nodes.Comprehension: binders.comprehension,
    nodes.Derivative: derivatives.derivative,
    nodes.Transpose: arithmetic.transpose,
    nodes.Index: indexing.index,
    nodes.Array: arithmetic.array,
    nodes.Fitted: fitted,
}


def elaborate(node: nodes.Node, scope: Scope) -> Expr:
    """The number, or the array of numbers, that a node stands for.

    Raises:
        Refused: with every problem found (none, if only names of ``scope.faulty`` are at fault).
    """
    return fitting(scope, lambda session: _sound(Ask(node, Context(scope, session))))


def elaborate_condition(node: nodes.Node, scope: Scope) -> Expr:
    """The condition (:class:`Compare` or :class:`Logic`) that a node stands for.

    Raises:
        Refused: with every problem found.
    """
    return fitting(scope, lambda session: _sound(Ask(node, Context(scope, session), "condition")))


def elaborate_statement(statement: nodes.Statement, scope: Scope) -> tuple[tuple[Expr, ...], tuple[Quantifier, ...]]:
    """The terms of a statement, whose neighbours have shapes that can be equal, and its quantifiers.

    Raises:
        Refused: with every problem found, in the order of the text.
    """
    problems: list[Problem] = []
    quantifiers: list[Quantifier] = []
    for binder in statement.binders:
        try:
            if any(q.name == binder.name.text for q in quantifiers):
                raise refusal("name", f"`{binder.name.text}` is bound twice", binder.name.span)
            quantifiers.append(binders.quantifier(scope, binder))
        except Refused as refused:
            problems.extend(refused.problems)
    if problems:
        raise Refused(problems)
    inner = scope.within(quantifiers)
    return fitting(inner, lambda session: _terms(statement, Context(inner, session))), tuple(quantifiers)


def _terms(statement: nodes.Statement, context: Context) -> tuple[Expr, ...]:
    """The terms of a statement, whose neighbours have shapes that can be equal."""
    problems: list[Problem] = []
    terms = [_elaborated(Ask(term, context), problems) for term in statement.terms]
    for (left, right), place in zip(pairwise(terms), statement.relation_spans, strict=True):
        if left is not None and right is not None:
            problem = link_problem(left, right, context.scope, place)
            problems.extend([problem] if problem else [])
    sound = tuple(term for term in terms if term is not None)
    if context.session.fitted and not problems:
        alike(context, sound)
    if problems or len(sound) < len(terms):
        raise Refused(sorted(problems, key=_place))
    return sound


def ambiguities(node: nodes.Node, scope: Scope) -> tuple[tuple[Span, str], ...]:
    """Where an expression or a statement that elaborates can be read in two ways, and which way was taken."""
    if isinstance(node, nodes.Statement):
        scope = scope.within([binders.quantifier(scope, binder) for binder in node.binders])

    def told(session: Session) -> tuple[tuple[Span, str], ...]:
        context = Context(scope, session)
        if isinstance(node, nodes.Statement):
            _terms(node, context)
        else:
            _sound(Ask(node, context))
        return tuple(sorted(session.ambiguities))

    return fitting(scope, told)


def link_problem(left: Expr, right: Expr, scope: Scope, place: Span) -> Problem | None:
    """Why two sides cannot be claimed equal, if their shapes are at odds; ``place`` is that of the ``==``."""
    a, b = left.shape, right.shape
    if shapes.equation(a, b, scope.sizes) is not None:
        return None
    hint = shapes.cure("==", shapes.equation, left, right, scope.sizes)
    message = f"the two sides have different shapes: {shapes.show(a)} and {shapes.show(b)}"
    return Problem("shape", message, place, hint)


def elaborate_rule(node: nodes.Node, scope: Scope, function_name: str) -> tuple[Expr, str | None]:
    """The derivative rule of a declared function, and the key of the :class:`Bound` that is its argument.

    The argument is the one name in the rule that is not declared, or that stands as the function's own argument
    (``g(z)``); a rule without any name is a constant, and the key is ``None``.

    Raises:
        Refused: with every problem found.
    """
    parameter = rule_parameter(node, scope, function_name)
    inner = scope if parameter is None else scope.within([parameter])
    rule = elaborate(node, inner)
    if rule.shape:
        message = (
            f"the derivative of `{function_name}` must be a number; this has the shape {shapes.show(rule.shape)}"
        )
        raise refusal("shape", message, node.span)
    for part in postorder(rule):
        if isinstance(part, Derivative) or (isinstance(part, Opaque) and part.order):
            message = "a derivative rule cannot use derivatives itself"
            raise refusal("function", message, part.span, "write it out with functions and operators")
    return rule, parameter.key if parameter else None


# --- the driver ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Frame:
    """A rule at work: what it waits for, and what it has got of that so far (``None``: refused)."""

    work: Work
    started: bool = False
    wanted: Sequence[Ask] = ()
    got: list[Expr | None] = field(default_factory=list)


def _sound(ask: Ask) -> Expr:
    problems: list[Problem] = []
    result = _elaborated(ask, problems)
    if result is None or problems:
        raise Refused(sorted(problems, key=_place))
    return result


def _elaborated(ask: Ask, problems: list[Problem]) -> Expr | None:
    """What is asked for; ``None``, and more ``problems``, if that is not possible."""
    stack = [_Frame(_work(ask))]
    while True:
        frame = stack[-1]
        if len(frame.got) < len(frame.wanted):
            stack.append(_Frame(_work(frame.wanted[len(frame.got)])))
            continue
        if len(problems) >= limits.MAX_PROBLEMS:
            return None
        done, result = _advance(frame, problems)
        if done:
            stack.pop()
            if not stack:
                break
            stack[-1].got.append(result)
    if result is not None and (problem := _depth_problem(result)) is not None:
        problems.append(problem)
        return None
    return result


def _advance(frame: _Frame, problems: list[Problem]) -> tuple[bool, Expr | None]:
    """Let a rule go on with what it has got: whether it is done, and with what."""
    sound = [result for result in frame.got if result is not None]
    if len(sound) < len(frame.got):
        frame.work.close()
        return True, None
    try:
        frame.wanted = frame.work.send(sound) if frame.started else next(frame.work)
    except StopIteration as finished:
        result: Expr = finished.value
        return True, result
    except Refused as refused:
        problems.extend(refused.problems)
        return True, None
    frame.started, frame.got = True, []
    return False, None


def _work(ask: Ask) -> Work:
    """The work of one node: its rule, then what holds of every result."""
    rule = _RULES.get(type(ask.node))
    if rule is None:
        raise _misplaced(ask.node)
    made = rule(ask.context, ask.node)
    result = made if isinstance(made, Expr) else (yield from made)
    check_shape(result.shape, ask.node.span)
    is_condition = isinstance(result, Compare | Logic)
    if is_condition and ask.want == "number":
        hint = "`indicator(a > b)` is 1 where it holds and 0 elsewhere"
        raise refusal("condition", "a condition stands where a number is needed", ask.node.span, hint)
    if not is_condition and ask.want == "condition":
        hint = "compare it with something: `x > 0`, `y == 1`"
        raise refusal("condition", "a number stands where a condition is needed", ask.node.span, hint)
    return result


def _misplaced(node: nodes.Node) -> Refused:
    if isinstance(node, nodes.Tuple):
        hint = "an array is written `[a, b]`"
        return refusal("syntax", "several values in parentheses have no meaning here", node.span, hint)
    return refusal("syntax", "`:` can stand only among subscripts", node.span)


def _depth_problem(root: Expr) -> Problem | None:
    depth: dict[Expr, int] = {}
    for part in postorder(root):
        depth[part] = 1 + max((depth[child] for child in children(part)), default=0)
        if depth[part] > limits.MAX_DEPTH:
            message = f"this formula is more than {limits.MAX_DEPTH} operations deep"
            return Problem("limit", message, part.span, "name its inner parts with `define`")
    return None


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.span.start, problem.span.end) if problem.span else (0, 0)
