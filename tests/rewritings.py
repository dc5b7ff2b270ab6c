"""Owns ways to write the same thing otherwise, by kind: a table of rules over the nodes of a formula; new names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from formula_texts import Formula, Rule, Scope, Subject, is_product, is_sum, is_value, parsed

from derivcheck.lang import nodes
from derivcheck.lang.nodes import Node


def _commuted(f: Formula, node: Node) -> Iterator[str]:
    signs = {o.sign for o in node.operators} if isinstance(node, nodes.Chain) else set()
    if isinstance(node, nodes.Chain) and signs in ({"+"}, {"*"}):
        yield f.replace(node, f" {signs.pop()} ".join(f"({f.of(o)})" for o in reversed(node.operands)))


def _regrouped(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain) and len(node.operands) > 2 and {o.sign for o in node.operators} <= {"+"}:
        first, *rest = (f"({f.of(o)})" for o in node.operands)
        yield f.replace(node, f"{first} + ({' + '.join(rest)})")


def _multiplied_out(f: Formula, node: Node) -> Iterator[str]:
    if not (is_product(node) and isinstance(node, nodes.Chain) and {o.sign for o in node.operators} == {"*"}):
        return
    for i, operand in enumerate(node.operands):
        if isinstance(operand, nodes.Chain) and is_sum(operand):
            others = "*".join(f"({f.of(o)})" for j, o in enumerate(node.operands) if j != i)
            terms = [f"{others}*({f.of(t)})" for t in operand.operands]
            signs = ["", *(f" {o.sign} " for o in operand.operators)]
            yield f.replace(node, "".join(s + t for s, t in zip(signs, terms, strict=True)))


def _factored_out(f: Formula, node: Node) -> Iterator[str]:
    """``a*b + a*c`` as ``a*(b + c)``."""
    if not (isinstance(node, nodes.Chain) and is_sum(node) and len(node.operands) == 2):
        return
    parts = [_factors(f, operand) for operand in node.operands]
    for common in parts[0]:
        if common in parts[1]:
            left, right = ("*".join(f"({x})" for x in _without(p, common)) or "1" for p in parts)
            yield f.replace(node, f"({common})*({left} {node.operators[0].sign} {right})")


def _factors(f: Formula, node: Node) -> list[str]:
    if isinstance(node, nodes.Chain) and {o.sign for o in node.operators} == {"*"}:
        return [f.of(operand) for operand in node.operands]
    return [f.of(node)]


def _without(parts: list[str], one: str) -> list[str]:
    place = parts.index(one)
    return parts[:place] + parts[place + 1 :]


def _brought_together(f: Formula, node: Node) -> Iterator[str]:
    """``a/b + c`` as ``(a + c*b)/b``, and ``a/b + c/d`` over one denominator."""
    if not (isinstance(node, nodes.Chain) and is_sum(node) and len(node.operands) == 2):
        return
    sign = node.operators[0].sign
    (a, b), (c, d) = (_quotient(f, operand) for operand in node.operands)
    if b and d:
        yield f.replace(node, f"(({a})*({d}) {sign} ({c})*({b}))/(({b})*({d}))")
    elif b:
        yield f.replace(node, f"(({a}) {sign} ({c})*({b}))/({b})")
    elif d:
        yield f.replace(node, f"(({a})*({d}) {sign} ({c}))/({d})")


def _quotient(f: Formula, node: Node) -> tuple[str, str]:
    """Numerator and denominator; the latter is empty if it is no quotient."""
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["/"]:
        return f.of(node.operands[0]), f.of(node.operands[1])
    return f.of(node), ""


def _taken_apart(f: Formula, node: Node) -> Iterator[str]:
    """``(a + b)/c`` as ``a/c + b/c``."""
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["/"]:
        above, below = node.operands
        if isinstance(above, nodes.Chain) and is_sum(above):
            terms = [f"({f.of(t)})/({f.of(below)})" for t in above.operands]
            signs = ["", *(f" {o.sign} " for o in above.operators)]
            yield f.replace(node, "".join(s + t for s, t in zip(signs, terms, strict=True)))


def _exponent_split(f: Formula, node: Node) -> Iterator[str]:
    """``exp(a + b)`` as ``exp(a)*exp(b)``."""
    if isinstance(node, nodes.Call) and node.function.text == "exp" and not node.primes and len(node.arguments) == 1:
        inner = node.arguments[0]
        if isinstance(inner, nodes.Chain) and is_sum(inner):
            signs = ["", *(" * " if o.sign == "+" else " / " for o in inner.operators)]
            yield f.replace(node, "".join(s + f"exp({f.of(t)})" for s, t in zip(signs, inner.operands, strict=True)))


def _power_of_a_power(f: Formula, node: Node) -> Iterator[str]:
    """``x`` as ``1/x**(-1)``, for a variable that need not be 0."""
    if isinstance(node, nodes.Name) and node.text in f.scope.free:
        yield f.replace(node, f"1/({node.text})**(-1)")
        yield f.replace(node, f"({node.text})**2/({node.text})")


def _squares_differ(f: Formula, node: Node) -> Iterator[str]:
    """``a - b`` and a product by differences of squares."""
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["*"]:
        a, b = (f"({f.of(o)})" for o in node.operands)
        yield f.replace(node, f"(({a} + {b})**2 - ({a} - {b})**2)/4")
    if isinstance(node, nodes.Power) and isinstance(node.exponent, nodes.Number) and node.exponent.text == "2":
        base = f"({f.of(node.base)})"
        yield f.replace(node, f"({base} - 1)*({base} + 1) + 1")


def _completed(f: Formula, node: Node) -> Iterator[str]:
    """A value by way of squares, fractions, exponentials of itself."""
    if is_value(node) and not isinstance(node, nodes.Number):
        v = f"({f.of(node)})"
        yield f.replace(node, f"({v} + 1)**2 - {v}**2 - {v} - 1")
        yield f.replace(node, f"({v} + {v}**3)/(1 + {v}**2)")
        yield f.replace(node, f"log(exp({v}))")
        yield f.replace(node, f"{v}*exp({v})/exp({v})")


def _identity_beside(f: Formula, node: Node) -> Iterator[str]:
    """``W`` as ``W @ eye(n)``, ``eye(m) @ W`` and ``W.T.T``."""
    if isinstance(node, nodes.Name) and len(shape := f.scope.shapes.get(node.text, ())) == 2:
        yield f.replace(node, f"{node.text} @ eye({shape[1]})")
        yield f.replace(node, f"eye({shape[0]}) @ {node.text}")
        yield f.replace(node, f"({node.text}.T).T")


def _extremes(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and node.function.text in ("max", "min") and len(node.arguments) == 2:
        a, b = (f"({f.of(o)})" for o in node.arguments)
        sign = "+" if node.function.text == "max" else "-"
        other = "min" if sign == "+" else "max"
        yield f.replace(node, f"({a} + {b} {sign} abs({a} - {b}))/2")
        yield f.replace(node, f"-{other}(-{a}, -{b})")
        yield f.replace(node, f"{node.function.text}({b}, {a})")


_SPELLED = {
    "sigmoid": ("1/(1 + exp(-({0})))", "(1 + tanh(({0})/2))/2", "exp({0})/(1 + exp({0}))", "1 - sigmoid(-({0}))"),
    "tanh": ("2*sigmoid(2*({0})) - 1", "sinh({0})/cosh({0})", "1 - 2/(1 + exp(2*({0})))"),
    "relu": ("max({0}, 0)", "({0})*indicator(({0}) > 0)", "(({0}) + abs({0}))/2"),
    "softplus": ("log(1 + exp({0}))", "-log(sigmoid(-({0})))", "log1p(exp({0}))"),
    "sqrt": ("({0})**(1/2)", "exp(log({0})/2)"),
    "exp": ("1/exp(-({0}))", "exp(({0})/2)**2", "exp(({0}) + 1)/exp(1)", "expm1({0}) + 1"),
    "abs": ("max({0}, -({0}))", "sqrt(({0})**2)", "({0})*sign({0})"),
    "sin": ("-sin(-({0}))", "cos(({0}) - pi/2)", "2*sin(({0})/2)*cos(({0})/2)"),
    "cos": ("cos(-({0}))", "1 - 2*sin(({0})/2)**2"),
    "tan": ("sin({0})/cos({0})",),
    "log": ("-log(1/({0}))", "log2({0})*log(2)", "2*log(sqrt({0}))", "log(3*({0})) - log(3)"),
    "norm": ("sqrt(sum(({0})**2))",),
    "logsumexp": ("log(sum(exp({0})))",),
    "softmax": ("exp({0})/sum(exp({0}))",),
    "silu": ("({0})*sigmoid({0})", "({0})/(1 + exp(-({0})))"),
    "mean": ("mean(({0}) + 1) - 1",),
    "sum": ("-sum(-({0}))",),
    "trace": ("sum(diag({0}))", "trace(({0}).T)"),
    "cosh": ("(exp({0}) + exp(-({0})))/2",),
    "sinh": ("(exp({0}) - exp(-({0})))/2",),
    "erf": ("-erf(-({0}))", "1 - erfc({0})"),
    "erfc": ("1 - erf({0})",),
    "expm1": ("exp({0}) - 1",),
    "log1p": ("log(1 + ({0}))",),
    "logit": ("log(({0})/(1 - ({0})))",),
    "asinh": ("-asinh(-({0}))",),
    "atan": ("-atan(-({0}))",),
    "gamma": ("gamma(({0}) + 1)/({0})",),
    "gelu": ("({0})*(1 + erf(({0})/sqrt(2)))/2",),
}


def _spelled(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and not node.primes and not node.keywords and len(node.arguments) == 1:
        for spelling in _SPELLED.get(node.function.text, ()):
            yield f.replace(node, spelling.replace("{0}", f.of(node.arguments[0])))


def _power_written_out(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Power) and isinstance(node.exponent, nodes.Number) and node.exponent.text in "23":
        yield f.replace(node, "*".join([f"({f.of(node.base)})"] * int(node.exponent.text)))


def _quotient_as_a_power(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["/"]:
        above, below = (f.of(o) for o in node.operands)
        yield f.replace(node, f"({above})*({below})**(-1)")


def _nothing_added(f: Formula, node: Node) -> Iterator[str]:
    if is_value(node) and not isinstance(node, nodes.Number):
        yield f.replace(node, f"({f.of(node)}) + 7/3 - 7/3")
        yield f.replace(node, f"3*({f.of(node)})/3")
        yield f.replace(node, f"-(-({f.of(node)}))")


def _difference_turned(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["-"]:
        a, b = (f.of(o) for o in node.operands)
        yield f.replace(node, f"-(({b}) - ({a}))")


def _transposed_twice(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Chain) and [o.sign for o in node.operators] == ["@"]:
        a, b = (f.of(o) for o in node.operands)
        yield f.replace(node, f"(({b}).T @ ({a}).T).T")


def _condition_turned(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and node.function.text == "where" and len(node.arguments) == 3:
        test, then, otherwise = (f.of(a) for a in node.arguments)
        yield f.replace(node, f"where(not ({test}), {otherwise}, {then})")
    if isinstance(node, nodes.Call) and node.function.text == "indicator":
        yield f.replace(node, f"where({f.of(node.arguments[0])}, 1, 0)")


def _sides_turned(f: Formula, node: Node) -> Iterator[str]:
    if isinstance(node, nodes.Statement) and set(node.relations) == {"=="}:
        turned = " == ".join(f.of(term) for term in reversed(node.terms))
        yield f.put(node.terms[0].span.to(node.terms[-1].span), turned)


#: Ways to write the same thing otherwise, by kind.
REWRITINGS: dict[str, Rule] = {
    "commuted": _commuted,
    "regrouped": _regrouped,
    "multiplied out": _multiplied_out,
    "factored out": _factored_out,
    "brought together": _brought_together,
    "taken apart": _taken_apart,
    "exponent split": _exponent_split,
    "1/x**-1": _power_of_a_power,
    "squares": _squares_differ,
    "completed": _completed,
    "identity beside": _identity_beside,
    "extremes": _extremes,
    "spelled otherwise": _spelled,
    "power written out": _power_written_out,
    "quotient as a power": _quotient_as_a_power,
    "nothing added": _nothing_added,
    "difference turned": _difference_turned,
    "transposed twice": _transposed_twice,
    "condition turned": _condition_turned,
    "sides turned": _sides_turned,
}


def renamed(subject: Subject) -> Subject:
    """A subject whose variables have other names."""
    data: dict[str, Any] = json.loads(json.dumps(subject.data))
    data.pop("notation", None)
    new = {name: f"q{i}_" for i, name in enumerate(data.get("variables") or {})}
    data["variables"] = {new[name]: value for name, value in (data.get("variables") or {}).items()}
    if data.get("define"):
        data["define"] = {name: _renamed(text, new) for name, text in data["define"].items()}
    if data.get("assume"):
        data["assume"] = [_renamed(text, new) for text in data["assume"]]
    claim = data["claims"][subject.claim]
    data["claims"][subject.claim] = _renamed_claim(claim, new)
    return Subject(subject.path, subject.claim, data)


def _renamed_claim(claim: Any, new: Mapping[str, str]) -> Any:
    if isinstance(claim, str):
        return _renamed(claim, new)
    made = dict(claim)
    for key in ("statement", "of", "wrt", "gradient"):
        if key in made:
            made[key] = _renamed(made[key], new)
    for key in ("steps", "when"):
        if key in made:
            made[key] = [_renamed(text, new) for text in ([made[key]] if isinstance(made[key], str) else made[key])]
    if "at" in made:
        made["at"] = {new.get(name, name): value for name, value in made["at"].items()}
    return made


def _renamed(text: Any, new: Mapping[str, str]) -> Any:
    return Formula(text, parsed(text), Scope()).with_names(new) if isinstance(text, str) else text


def _other_names(subject: Subject) -> Iterator[Subject]:
    if subject.data.get("variables"):
        yield renamed(subject)


def _named_apart(subject: Subject) -> Iterator[Subject]:
    """The right side of a bare statement given a name of its own."""
    claim = subject.data["claims"][subject.claim]
    if not isinstance(claim, str):
        return
    formula = Formula(claim, parsed(claim), Scope())
    root = formula.root
    if not isinstance(root, nodes.Statement) or root.binders or set(root.relations) != {"=="}:
        return
    data: dict[str, Any] = json.loads(json.dumps(subject.data))
    data["define"] = {**(data.get("define") or {}), "q_0": formula.of(root.terms[-1])}
    data["claims"][subject.claim] = formula.put(root.terms[-1].span, "q_0")
    yield Subject(subject.path, subject.claim, data)


#: Ways to write a whole claim otherwise, by kind.
WHOLE: dict[str, Callable[[Subject], Iterator[Subject]]] = {"renamed": _other_names, "named apart": _named_apart}
