"""Owns what a name or a call means: values, constants, elementwise functions, and everything else by table."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from derivcheck.errors import Refused
from derivcheck.functions import ALIASES, FUNCTIONS, canonical
from derivcheck.lang import arrays, derivatives, limits, nodes
from derivcheck.lang.arithmetic import join
from derivcheck.lang.lookup import no_double, unknown
from derivcheck.lang.scope import Context, Work, refusal
from derivcheck.lang.typed import (
    Apply,
    Bound,
    Compare,
    Constant,
    Defined,
    Dimension,
    Expr,
    Number,
    Opaque,
    Variable,
    Where,
)
from derivcheck.source import Span

_CONSTANTS: dict[str, Literal["pi", "e"]] = {"pi": "pi", "π": "pi", "e": "e"}


def name(context: Context, node: nodes.Name) -> Expr:
    """A name that stands for a value."""
    scope, text, span = context.scope, node.text, node.span
    no_double(scope, node, _WORDS)
    kind = scope.kind(text)
    if text in scope.bound:
        return Bound((), span, text, scope.bound[text].key)
    if text in scope.variables:
        return Variable(scope.variables[text], span, text)
    if text in scope.definitions:
        return Defined(scope.definitions[text].shape, span, text)
    if text in scope.dims:
        return Dimension((), span, text)
    if text in scope.faulty:
        raise Refused([])
    if kind is None and text in _CONSTANTS:
        return Constant((), span, _CONSTANTS[text])
    if kind is not None or text in _BUILTINS:
        raise refusal("name", f"`{text}` is a function and needs its argument", span, f"write `{text}(…)`")
    raise unknown(scope, node, scope.values)


def call(context: Context, node: nodes.Call) -> Work:
    """A call, by what is called: a declared function, or a word of the language."""
    scope, text = context.scope, node.function.text
    no_double(scope, node.function, _WORDS)
    if text in scope.functions and text not in scope.bound:
        return (yield from _opaque(context, node))
    if (kind := scope.kind(text)) is not None:
        hint = f"for a product write `{text}*(…)`"
        if text in _BUILTINS:
            hint += f"; to use the function `{text}`, give {kind} another name"
        raise refusal("name", f"`{text}` is {kind} here and cannot be called", node.function.span, hint)
    rule = _BUILTINS.get(text)
    if rule is None:
        raise unknown(scope, node.function, (*sorted(scope.functions), *_BUILTINS))
    return (yield from rule(context, node))


def _no_keywords(node: nodes.Call) -> None:
    if node.keywords:
        message = f"`{node.function.text}` takes no `{node.keywords[0].name.text}=`"
        raise refusal("keyword", message, node.keywords[0].span)


def _arity(node: nodes.Call, least: int, most: int, hint: str | None = None) -> None:
    given = len(node.arguments)
    if not least <= given <= most:
        wanted = str(least) if least == most else f"{least} to {most}" if most < 64 else f"{least} or more"
        word = "argument" if wanted == "1" else "arguments"
        message = f"`{node.function.text}` takes {wanted} {word}, not {given}"
        raise refusal("arity", message, node.span, hint)


def _few_primes(node: nodes.Call) -> None:
    if node.primes > limits.MAX_ORDER:
        message = f"a derivative of order {node.primes}; {limits.MAX_ORDER} is the most"
        raise refusal("limit", message, node.function.span)


def _opaque(context: Context, node: nodes.Call) -> Work:
    """A function that the spec declares: elementwise, of one argument."""
    _no_keywords(node)
    _arity(node, 1, 1)
    _few_primes(node)
    (argument,) = yield context.ask(*node.arguments)
    return Opaque(argument.shape, node.span, node.function.text, node.primes, argument)


def _apply(context: Context, node: nodes.Call) -> Work:
    """An elementwise function; its arguments stretch against each other. A prime is the derivative by the first
    argument, where the others are settings that may be left out (``leaky_relu'(z, 0.2)``)."""
    function = FUNCTIONS[canonical(node.function.text) or ""]
    _no_keywords(node)
    hint = None
    if function.name in ("min", "max") and len(node.arguments) == 1:
        hint = f"`{function.name}` goes entry by entry over its arguments; the language has no extreme of an array"
    _arity(node, function.least, function.most, hint)
    if node.primes and function.least > 1:
        message = f"`{node.function.text}'` does not say by which argument it is the derivative"
        raise refusal("function", message, node.function.span, "write `D(f, v)` and name the variable")
    _few_primes(node)
    arguments = yield context.ask(*node.arguments)
    shape = _stretched(context, node.function.text, arguments)
    return Apply(shape, node.span, function.name, node.primes, tuple(arguments))


def _stretched(context: Context, word: str, arguments: list[Expr]) -> tuple[int | str, ...]:
    """The shape of several arguments together; an error stands at the one that does not fit."""
    seen = arguments[0]
    for argument in arguments[1:]:
        shape = join(context, word, seen, argument, argument.span)
        seen = Expr(shape, seen.span.to(argument.span))
    return seen.shape


def _choice(context: Context, node: nodes.Call) -> Work:
    """``where(test, then, otherwise)``."""
    _plain(node, 3)
    test, then, otherwise = yield [
        *context.conditions(node.arguments[0]),
        *context.ask(*node.arguments[1:]),
    ]
    shape = _stretched(context, "where", [test, then, otherwise])
    return Where(shape, node.span, test, then, otherwise)


def _indicator(context: Context, node: nodes.Call) -> Work:
    """``indicator(test)``: 1 where it holds, else 0."""
    _plain(node, 1)
    (test,) = yield context.conditions(*node.arguments)
    return _zero_one(test, node.span)


def _equal(context: Context, node: nodes.Call) -> Work:
    """``eq(a, b)``: 1 where they are equal, else 0."""
    _plain(node, 2)
    left, right = yield context.ask(*node.arguments)
    shape = join(context, "eq", left, right, node.span)
    return _zero_one(Compare(shape, node.span, "==", left, right), node.span)


def _zero_one(test: Expr, span: Span) -> Where:
    one, zero = Number((), span, Fraction(1), "1"), Number((), span, Fraction(0), "0")
    return Where(test.shape, span, test, one, zero)


def _plain(node: nodes.Call, arguments: int) -> None:
    """Neither primes nor keywords, and so many arguments."""
    if node.primes:
        message = f"`{node.function.text}` has no derivative of its own"
        raise refusal("function", message, node.function.span)
    _no_keywords(node)
    _arity(node, arguments, arguments)


_BUILTINS: dict[str, Callable[[Context, nodes.Call], Work]] = {
    **dict.fromkeys((*FUNCTIONS, *ALIASES), _apply),
    **dict.fromkeys(arrays.ARRAYS, arrays.call),
    **dict.fromkeys(("D", "jac", "hess"), derivatives.called),
    "where": _choice,
    "indicator": _indicator,
    "eq": _equal,
}
#: Every word that has a meaning without being declared.
_WORDS: frozenset[str] = frozenset((*_BUILTINS, *_CONSTANTS))
