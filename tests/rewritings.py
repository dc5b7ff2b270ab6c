"""Owns ways to write the same thing otherwise, by kind: a table of rules over the nodes of a formula; new names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
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


_SPELLED = {
    "sigmoid": ("1/(1 + exp(-({0})))", "(1 + tanh(({0})/2))/2", "exp({0})/(1 + exp({0}))"),
    "tanh": ("2*sigmoid(2*({0})) - 1", "sinh({0})/cosh({0})"),
    "relu": ("max({0}, 0)", "({0})*indicator(({0}) > 0)"),
    "softplus": ("log(1 + exp({0}))", "-log(sigmoid(-({0})))"),
    "sqrt": ("({0})**(1/2)",),
    "exp": ("1/exp(-({0}))", "exp(({0})/2)**2"),
    "abs": ("max({0}, -({0}))", "sqrt(({0})**2)"),
    "sin": ("-sin(-({0}))", "cos(({0}) - pi/2)"),
    "cos": ("cos(-({0}))",),
    "log": ("-log(1/({0}))", "log2({0})*log(2)"),
    "norm": ("sqrt(sum(({0})**2))",),
    "logsumexp": ("log(sum(exp({0})))",),
    "softmax": ("exp({0})/sum(exp({0}))",),
    "silu": ("({0})*sigmoid({0})",),
    "mean": ("mean(({0}) + 1) - 1",),
    "trace": ("sum(diag({0}))", "trace(({0}).T)"),
    "cosh": ("(exp({0}) + exp(-({0})))/2",),
    "sinh": ("(exp({0}) - exp(-({0})))/2",),
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
