"""Owns the ways in which people get a formula wrong, by kind: a table of rules over the nodes of a formula.

Whether a mutant says something false is not known here (half of a wrong sign may cancel), only that its author would
have been careless.
"""

from __future__ import annotations

from collections.abc import Iterator

from formula_texts import Formula, Rule, is_product, is_sum, is_value

from derivcheck.lang import nodes
from derivcheck.lang.nodes import Node
from derivcheck.source import Span


def _sign(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain):
        for operator in node.operators:
            if operator.sign in "+-":
                yield f.put(operator.span, "-" if operator.sign == "+" else "+")
    if isinstance(node, nodes.Unary) and node.sign == "-":
        yield f.replace(node, f.of(node.operand))
    if isinstance(node, nodes.Call | nodes.Power | nodes.Index) or is_product(node):
        yield f.replace(node, f"-({f.of(node)})")


def _factor(f: Formula, node: Node) -> Iterator[str]:
    if is_value(node) and not isinstance(node, nodes.Number):
        yield f.replace(node, f"2*({f.of(node)})")
        yield f.replace(node, f"({f.of(node)})/2")


def _exponent(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Power):
        yield f.put(node.exponent.span, f"({f.of(node.exponent)} + 1)")
        yield f.put(node.exponent.span, f"({f.of(node.exponent)} - 1)")
        yield f.replace(node, f.of(node.base))
    if isinstance(node, nodes.Call) and node.function.text == "sqrt" and len(node.arguments) == 1:
        yield f.replace(node, f.of(node.arguments[0]))


def _index(f: Formula, node: Node) -> Iterator[str]:
    if not isinstance(node, nodes.Index):
        return
    bound = [binder.name.text for binder in f.binders]
    for subscript in node.subscripts:
        if isinstance(subscript, nodes.Number):
            for other in ("0", "1", "2"):
                if other != subscript.text:
                    yield f.put(subscript.span, other)
        if isinstance(subscript, nodes.Name):
            for other in (*bound, "0", "1"):
                if other != subscript.text:
                    yield f.put(subscript.span, other)
    if len(node.subscripts) == 2:
        first, second = node.subscripts
        yield f.put(first.span.to(second.span), f"{f.of(second)}, {f.of(first)}")


def _transpose(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Transpose):
        yield f.replace(node, f.of(node.operand))
    axes = f.scope.shapes.get(node.text, ("", "")) if isinstance(node, nodes.Name) else ()
    if isinstance(node, nodes.Name) and node.text in f.scope.arrays and len(axes) == 2:  # a vector is its transpose
        yield f.replace(node, f"{node.text}.T")
    if isinstance(node, nodes.Chain) and "@" in [o.sign for o in node.operators]:
        yield f.replace(node, f"({f.of(node)}).T")


def _mean(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain):
        for i, operator in enumerate(node.operators):
            operand = node.operands[i + 1]
            if operator.sign == "/" and isinstance(operand, nodes.Name) and operand.text in f.scope.dims:
                yield f.put(operator.span.to(operand.span), "")
    if isinstance(node, nodes.Call) and node.function.text in ("mean", "sum"):
        yield f.put(node.function.span, "sum" if node.function.text == "mean" else "mean")


def _term(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain):
        last = len(node.operands) - 1
        for i in range(last + 1):
            if i:
                span = node.operators[i - 1].span.to(node.operands[i].span)
                yield f.put(span, "")
            elif node.operators[0].sign in "+*@":
                yield f.put(Span(node.operands[0].span.start, node.operators[0].span.end), "")
            elif node.operators[0].sign == "-":
                yield f.put(node.operands[0].span, "")
            else:
                yield f.put(node.operands[0].span, "1")


def _swapped(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Name) and node.text in f.names():
        for other in f.names():
            if other != node.text:
                yield f.put(node.span, other)


def _exchanged(f: Formula, node: Node) -> Iterator[str]:
    """Two names exchanged in a definition, or on one side of a statement."""
    if node not in (f.root.terms if isinstance(f.root, nodes.Statement) else (f.root,)):
        return
    names = Formula(f.text, node, f.scope).names()
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            yield Formula(f.text, node, f.scope).with_names({one: other, other: one})


def _product(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain):
        for operator in node.operators:
            if operator.sign == "@":
                yield f.put(operator.span, "*")
            elif operator.sign == "*":
                yield f.put(operator.span, "@")


def _quotient(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain):
        for operator in node.operators:
            if operator.sign in "*/":
                yield f.put(operator.span, "/" if operator.sign == "*" else "*")


def _prime(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and node.primes:
        at = node.function.span.end
        yield f.put(Span(at, at + node.primes), "'" * (node.primes - 1))
        yield f.put(Span(at, at + node.primes), "'" * (node.primes + 1))
    elif isinstance(node, nodes.Call) and node.function.text in _SMOOTH:
        yield f.put(node.function.span, node.function.text + "'")


def _axis(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call):
        for keyword in node.keywords:
            if keyword.name.text == "axis" and isinstance(keyword.value, nodes.Number):
                yield f.put(keyword.value.span, "1" if keyword.value.text == "0" else "0")


_SMOOTH = ("sigmoid", "tanh", "softplus", "silu", "sin", "cos", "relu", "elu", "gelu", "exp", "log")
_MISTAKEN = {
    "exp": ("log", "expm1"),
    "log": ("log10", "exp"),
    "sin": ("cos", "sinh"),
    "cos": ("sin", "cosh"),
    "sinh": ("cosh", "sin"),
    "cosh": ("sinh", "cos"),
    "tan": ("cot", "tanh"),
    "tanh": ("sigmoid", "tan"),
    "sigmoid": ("tanh", "softplus"),
    "relu": ("softplus", "abs", "leaky_relu"),
    "softplus": ("relu", "log1p"),
    "max": ("min",),
    "min": ("max",),
    "abs": ("sign", "relu"),
    "sign": ("abs",),
    "asin": ("acos",),
    "acos": ("asin",),
    "softmax": ("log_softmax", "exp"),
    "log_softmax": ("softmax",),
    "logsumexp": ("sum",),
    "norm": ("sum",),
    "det": ("trace",),
    "erf": ("erfc",),
}


def _function(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call):
        for other in _MISTAKEN.get(node.function.text, ()):
            yield f.put(node.function.span, other)
        if node.function.text == "exp":
            yield f.replace(node, f"exp(-({f.of(node.arguments[0])}))")


def _constant(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Number):
        if "." in node.text:
            digits = list(node.text)
            place = max(i for i, c in enumerate(digits) if c.isdigit() and "e" not in node.text[:i].lower())
            digits[place] = str((int(digits[place]) + 1) % 10)
            yield f.put(node.span, "".join(digits))
        else:
            yield f.put(node.span, f"({node.text} + 1)")
            yield f.put(node.span, f"({node.text} - 1)")


def _inner(f: Formula, node: Node) -> Iterator[str]:
    """Parentheses forgotten: ``a*(b + c)`` becomes ``a*b + c``."""
    if is_product(node) and isinstance(node, nodes.Chain):
        for operand in node.operands:
            if is_sum(operand) and f.of(operand).startswith("("):
                yield f.put(operand.span, f.of(operand)[1:-1])


def _scalars(f: Formula) -> list[str]:
    bound = [
        b.name.text for b in f.binders if isinstance(b.over, nodes.Words) and b.over.text in ("real", "positive")
    ]
    return [*bound, *(name for name in f.scope.scalars if not f.scope.free or name in f.scope.free)]


def _region(condition: str) -> Rule:
    def rule(f: Formula, node: Node) -> Iterator[str]:
        terms = f.root.terms if isinstance(f.root, nodes.Statement) else (f.root,)
        if node in terms[-1:] and isinstance(node, Node):
            for name in _scalars(f)[:2]:
                yield f.replace(node, f"where({name} {condition}, ({f.of(node)}) + 1, {f.of(node)})")

    return rule


def _tiny(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call | nodes.Power) or is_product(node):
        yield f.replace(node, f"({f.of(node)})*(1 + 1e-12)")


def _bounded(f: Formula, node: Node) -> Iterator[str]:
    """A bound that is met far out alone."""
    if isinstance(node, nodes.Name) and node.text in f.scope.free:
        yield f.replace(node, f"min({node.text}, 100)")
        yield f.replace(node, f"max({node.text}, -1000)")


def _tiny_term(f: Formula, node: Node) -> Iterator[str]:
    terms = f.root.terms if isinstance(f.root, nodes.Statement) else (f.root,)
    if node in terms[-1:]:
        for name in _scalars(f)[:2]:
            yield f.replace(node, f"({f.of(node)}) + 1e-20*{name}")
        if is_value(node):
            yield f.replace(node, f"({f.of(node)})*(1 + 1e-20)")


def _late_digit(f: Formula, node: Node) -> Iterator[str]:
    """A number that is off in its 15th digit."""
    if isinstance(node, nodes.Number) and node.text.isdigit() and len(node.text) == 1:
        yield f.put(node.span, f"{node.text}.00000000000001")


def _comparison(f: Formula, node: Node) -> Iterator[str]:
    flipped = {"<": (">", "<="), ">": ("<", ">="), "<=": (">=", "<"), ">=": ("<=", ">"), "==": ("!=",), "!=": ("==",)}
    if isinstance(node, nodes.Comparison):
        for operator in node.operators:
            for other in flipped.get(operator.sign, ()):
                yield f.put(operator.span, other)
    if isinstance(node, nodes.Junction):
        text = f.of(node)
        words = ("and", "or") if node.word == "and" else ("or", "and")
        if f" {words[0]} " in text:
            yield f.put(node.span, text.replace(f" {words[0]} ", f" {words[1]} ", 1))


def _branches(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and node.function.text in ("where", "clip") and len(node.arguments) == 3:
        test, then, otherwise = (f.of(a) for a in node.arguments)
        yield f.replace(node, f"{node.function.text}({test}, {otherwise}, {then})")


#: The ways to get a formula wrong, by kind.
MUTATIONS: dict[str, Rule] = {
    "sign": _sign,
    "factor 2": _factor,
    "exponent": _exponent,
    "index shifted": _index,
    "transpose": _transpose,
    "1/m": _mean,
    "term dropped": _term,
    "names swapped": _swapped,
    "names exchanged": _exchanged,
    "* for @": _product,
    "* for /": _quotient,
    "derivative's order": _prime,
    "axis": _axis,
    "function": _function,
    "constant": _constant,
    "parentheses": _inner,
    "far branch": _region("> 50"),
    "near branch": _region("> 1/2"),
    "isolated point": _region("== 3"),
    "far bound": _bounded,
    "tiny factor": _tiny,
    "tiny term": _tiny_term,
    "15th digit": _late_digit,
    "comparison": _comparison,
    "branches": _branches,
}

#: Kinds whose mutants differ by so little that derivatives by differences need more digits to show it.
MINUTE = frozenset({"tiny factor", "tiny term", "15th digit"})
