"""Owns what is said of a name that is not known, or that cannot be told from another."""

from __future__ import annotations

from derivcheck.errors import Refused
from derivcheck.lang import names, nodes
from derivcheck.lang.scope import Scope, refusal

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


def no_double(scope: Scope, node: nodes.Name, words: frozenset[str] = frozenset()) -> None:
    """Refuse a name that cannot be told from another declared name, or one of ``words``, by looking at it."""
    look = node.text if node.text.isascii() else names.skeleton(node.text)
    others = [other for other in scope.foreign.get(look, ()) if other != node.text]
    if look != node.text and (look in words or scope.kind(look) is not None):
        others.append(look)
    if not others:
        return
    found = names.double(node.text, others)
    assert found is not None
    other, letter = found
    message = f"`{node.text}` looks like `{other}`, but they differ in {names.code_point(letter)}"
    raise refusal("character", message, node.span, "write one of them with other letters")


def unknown(scope: Scope, node: nodes.Name, known: tuple[str, ...]) -> Refused:
    """What is raised of a name that is not declared, with the nearest of the ``known`` ones."""
    hint = _INSTEAD.get(node.text)
    if hint is None and node.text[:1] == "d" and scope.kind(node.text[1:]) is not None:
        hint = "a derivative is written `D(f, v)`"
    elif hint is None and (close := names.nearest(node.text, known)) is not None:
        hint = f"did you mean `{close}`?"
    return refusal("name", f"`{node.text}` is not declared", node.span, hint)
