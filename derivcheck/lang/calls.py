"""Owns what a name or a call means: values, constants, elementwise functions, and everything else by table."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Literal

from derivcheck.errors import Refused
from derivcheck.functions import ALIASES, FUNCTIONS, canonical
from derivcheck.lang import arrays, derivatives, names, nodes
from derivcheck.lang.arithmetic import join
from derivcheck.lang.scope import Context, Scope, Work, refusal
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
)  # fmt: skip
from derivcheck.source import Span

_CONSTANTS: dict[str, Literal["pi", "e"]] = {"pi": "pi", "π": "pi", "e": "e"}

#: Names that people use for something the language writes otherwise.
_INSTEAD: dict[str, str] = {
    "factorial": "write `gamma(n + 1)`",
    "heaviside": "write `indicator(x > 0)`",
    "step": "write `indicator(x > 0)`",
    "grad": "write `D(f, v)`",
    "diff": "write `D(f, v)`",
    "derivative": "write `D(f, v)`",
    "jacobian": "write `jac(f, v)`",
    "hessian": "write `hess(f, v)`",
    "matmul": "write `a @ b`",
    "hadamard": "write `a * b`",
    "multiply": "write `a * b`",
    "pow": "write `a**b`",
    "square": "write `x**2`",
    "tr": "write `trace(A)`",
    "maximum": "write `max(a, b)`",
    "minimum": "write `min(a, b)`",
    "fabs": "write `abs(x)`",
    "product": "write `prod(x)`",
    "concatenate": "write `concat(a, b, axis=0)`",
    "sigma": "write `sigmoid(x)` or `σ(x)`",
    "expit": "write `sigmoid(x)`",
    "swish": "write `silu(x)`",
    "oo": "infinity is no number; only an interval may end there",
    "∞": "infinity is no number; only an interval may end there",
    "inf": "infinity is no number; only an interval may end there",
    "nan": "there are real numbers only",
    "True": "write a condition, e.g. `x > 0`",
    "False": "write a condition, e.g. `x > 0`",
}


def name(context: Context, node: nodes.Name) -> Expr:
    """A name that stands for a value."""
    scope, text, span = context.scope, node.text, node.span
    _no_double(scope, node)
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
    raise _unknown(scope, node, scope.values)


def _no_double(scope: Scope, node: nodes.Name) -> None:
    """Refuse a name that cannot be told from another known name by looking at it."""
    look = names.skeleton(node.text)
    others = [other for other in scope.doubles.get(look, ()) if other != node.text]
    if look != node.text and (look in _BUILTINS or look in _CONSTANTS):
        others.append(look)
    if not others:
        return
    found = names.double(node.text, others)
    assert found is not None
    other, letter = found
    message = f"`{node.text}` looks like `{other}`, but they differ in {names.code_point(letter)}"
    raise refusal("character", message, node.span, "write one of them with other letters")


def _unknown(scope: Scope, node: nodes.Name, known: tuple[str, ...]) -> Refused:
    hint = _INSTEAD.get(node.text)
    if hint is None and node.text[:1] == "d" and scope.kind(node.text[1:]) is not None:
        hint = "a derivative is written `D(f, v)`"
    elif hint is None and (close := names.nearest(node.text, known)) is not None:
        hint = f"did you mean `{close}`?"
    return refusal("name", f"`{node.text}` is not declared", node.span, hint)


def call(context: Context, node: nodes.Call) -> Work:
    """A call, by what is called: a declared function, or a word of the language."""
    scope, text = context.scope, node.function.text
    _no_double(scope, node.function)
    if text in scope.functions and text not in scope.bound:
        return (yield from _opaque(context, node))
    if (kind := scope.kind(text)) is not None:
        hint = f"for a product write `{text}*(…)`"
        if text in _BUILTINS:
            hint += f"; to use the function `{text}`, give {kind} another name"
        raise refusal("name", f"`{text}` is {kind} here and cannot be called", node.function.span, hint)
    rule = _BUILTINS.get(text)
    if rule is None:
        raise _unknown(scope, node.function, (*sorted(scope.functions), *_BUILTINS))
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


def _opaque(context: Context, node: nodes.Call) -> Work:
    """A function that the spec declares: elementwise, of one argument."""
    _no_keywords(node)
    _arity(node, 1, 1)
    (argument,) = yield context.ask(*node.arguments)
    return Opaque(argument.shape, node.span, node.function.text, node.primes, argument)


def _apply(context: Context, node: nodes.Call) -> Work:
    """An elementwise function; its arguments stretch against each other."""
    function = FUNCTIONS[canonical(node.function.text) or ""]
    _no_keywords(node)
    hint = None
    if function.name in ("min", "max") and len(node.arguments) == 1:
        hint = f"`{function.name}` goes entry by entry over its arguments; the language has no extreme of an array"
    _arity(node, function.least, function.most, hint)
    if node.primes and len(node.arguments) > 1:
        message = f"`{node.function.text}'` is possible with one argument only"
        raise refusal("function", message, node.function.span, "write `D(f, v)` and name the variable")
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
