"""Owns ``D``, ``jac`` and ``hess``: what may be differentiated by what, and the shape that comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from derivcheck.errors import Refused
from derivcheck.lang import limits, nodes, shapes
from derivcheck.lang.arithmetic import check_shape
from derivcheck.lang.dependence import is_image
from derivcheck.lang.indexing import subscripts
from derivcheck.lang.lookup import no_double, unknown
from derivcheck.lang.scope import Context, Scope, Session, Work, refusal
from derivcheck.lang.typed import Derivative, Expr, Target
from derivcheck.source import Span

LOOSE = "the derivative was read as that of the whole product; it could be that of its first factor"
_BY = "a derivative is by a variable, an entry of one (`W[j, k]`), or a defined name"


def derivative(context: Context, node: nodes.Derivative) -> Work:
    """A derivative of ``node.of`` by ``node.by``; of factors without parentheses in the reading that is asked for."""
    if node.loose and isinstance(node.of, nodes.Product):
        first, *rest = node.of.operands
        (factor,) = yield context.ask(first)
        if context.scope.reach.reaches(factor, _target(context, node.by)):
            context.session.ambiguities[node.span, LOOSE] = None
            if node.span in context.scope.otherwise:
                alone = nodes.Derivative(node.span, node.word, first, node.by)
                (made,) = yield context.ask(replace(node.of, operands=(alone, *rest)))
                return made
    (of,) = yield context.ask(node.of)
    return _made(context, node.word, of, _target(context, node.by), node.span)


def _made(context: Context, word: nodes.DerivativeWord, of: Expr, by: Target, span: Span) -> Derivative:
    made = _KINDS[word](context, of, by, span)
    check_shape(made.shape, span)
    if (order := context.scope.orders.of(made)) > limits.MAX_ORDER:
        message = f"a derivative of order {order}; {limits.MAX_ORDER} is the most"
        raise refusal("limit", message, span)
    return made


def called(context: Context, node: nodes.Call) -> Work:
    """``D(f, v)``, ``jac(f, v)``, ``hess(f, v)``."""
    word = node.function.text
    if node.primes:
        raise refusal("function", f"`{word}` has no derivative", node.function.span)
    if node.keywords:
        raise refusal("keyword", f"`{word}` takes no `{node.keywords[0].name.text}=`", node.keywords[0].span)
    if len(node.arguments) != 2:
        hint = f"write `{word}(f, v)`: the derivative of `f` by `v`"
        raise refusal("arity", f"`{word}` takes 2 arguments, not {len(node.arguments)}", node.span, hint)
    kind: nodes.DerivativeWord = "D" if word == "D" else "jac" if word == "jac" else "hess"
    return (yield from derivative(context, nodes.Derivative(node.span, kind, *node.arguments)))


def target(scope: Scope, node: nodes.Node) -> Target:
    """What ``D(…, v)`` is taken by, of a ``v`` that stands alone.

    Raises:
        Refused: when there is no derivative by it.
    """
    return _target(Context(scope, Session()), node)


def differentiate(scope: Scope, of: Expr, by: Target, span: Span) -> Derivative:
    """``D(f, v)`` of an expression that is typed already.

    Raises:
        Refused: when the shapes do not say what it is.
    """
    return _made(Context(scope, Session()), "D", of, by, span)


def _target(context: Context, node: nodes.Node) -> Target:
    if isinstance(node, nodes.Index) and isinstance(node.base, nodes.Name):
        whole = _named(context.scope, node.base)
        found, shape = subscripts(context, whole.shape, node)
        return Target(whole.kind, whole.name, whole.key, found, shape, whole.shape)
    if isinstance(node, nodes.Name):
        return _named(context.scope, node)
    hint = _BY
    if isinstance(node, nodes.Transpose):
        hint = "take the derivative by the name and transpose it: `D(f, v).T`"
    raise refusal("derivative", "a derivative by this is not possible", node.span, hint)


def _named(scope: Scope, name: nodes.Name) -> Target:
    text = name.text
    no_double(scope, name)
    kind = scope.kind(text)
    if kind == "a bound name" and (quantifier := scope.bound[text]).size is None:
        return Target("bound", text, quantifier.key, None, (), ())
    if kind == "a variable":
        shape = scope.variables[text]
        return Target("variable", text, text, None, shape, shape)
    if kind == "a defined name" and text in scope.definitions:
        shape = scope.definitions[text].shape
        return Target("defined", text, text, None, shape, shape)
    if kind == "a defined name":
        raise faulty()
    if kind is not None:
        word = "an index" if kind == "a bound name" else kind
        raise refusal("derivative", f"`{text}` is {word}; there is no derivative by it", name.span, _BY)
    raise unknown(scope, name, scope.values)


def faulty() -> Refused:
    """What is raised of a name whose own text was refused: nothing more is to be said of it."""
    return Refused([])


def _first(context: Context, of: Expr, target: Target, span: Span) -> Derivative:
    """``D(f, v)``: gradient, tangent or elementwise derivative, whichever the shapes ask for."""
    scope = context.scope
    if shapes.one_entry(of.shape):
        transposed = scope.layout == "jacobian"
        shape = target.shape[::-1] if transposed else target.shape
        return Derivative(shape, span, "gradient", of, target, transposed)
    if not target.shape:
        return Derivative(of.shape, span, "tangent", of, target)
    alike = target.subscripts is None and shapes.agree(of.shape, target.shape, {})
    if alike and is_image(of, target, scope.reach):
        return Derivative(of.shape, span, "elementwise", of, target)
    sides = f"{shapes.show(of.shape)} by {shapes.show(target.shape)}"
    message = f"the derivative of an array by an array, {sides}, that is no elementwise image of it"
    hint = f"`jac(f, v)` is the full Jacobian; here it has the shape {shapes.show(of.shape + target.shape)}"
    raise refusal("derivative", message, span, hint)


def _jacobian(context: Context, of: Expr, target: Target, span: Span) -> Derivative:
    """``jac(f, v)``: every entry of f by every entry of v."""
    return Derivative(of.shape + target.shape, span, "jacobian", of, target)


def _hessian(context: Context, of: Expr, target: Target, span: Span) -> Derivative:
    """``hess(f, v)``: the second derivatives of a number."""
    if not shapes.one_entry(of.shape):
        message = f"a Hessian is of a number; this has the shape {shapes.show(of.shape)}"
        raise refusal("derivative", message, of.span)
    return Derivative(target.shape + target.shape, span, "hessian", of, target)


_KINDS: dict[nodes.DerivativeWord, Callable[[Context, Expr, Target, Span], Derivative]] = {
    "D": _first,
    "jac": _jacobian,
    "hess": _hessian,
}
