"""Owns what a chain of terms means as a claim: elaborated in the scope that it stands in, in the layout that fits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import Scope, ambiguities, elaborate_condition, elaborate_statement, warnings
from derivcheck.lang.typed import Defined, Derivative, Expr, Quantifier, postorder
from derivcheck.model import Claim, Layout, Link, Statement
from derivcheck.spec.chains import Chain, one_line
from derivcheck.spec.misfits import misfit_of

#: The layouts in which a claim is read, by what is said of it.
LAYOUTS: Mapping[Layout, tuple[Literal["gradient", "jacobian"], ...]] = {
    "gradient": ("gradient",), "jacobian": ("jacobian",), "either": ("gradient", "jacobian"),
}  # fmt: skip

#: Problems of a chain in which two sides may be at odds by their shapes.
_OF_SHAPES = ("shape", "derivative", "jacobian")


def meant(
    claim: Claim, chain: Chain, conditions: Sequence[nodes.Node], scope: Scope, remarks: Mapping[str, tuple[str, ...]]
) -> Claim:
    """A claim with what its chain and conditions mean, in the first layout in which they mean something.

    ``remarks`` has those on every definition and on what it uses. What is wrong with names and shapes is told in the
    claim's ``problems``, and it has no ``statement`` then.
    """
    layouts = (replace(scope, layout=layout) for layout in LAYOUTS[claim.layout])
    read = [_read(claim, chain, conditions, layout, remarks) for layout in layouts]
    sound = [meaning for meaning in read if meaning.statement is not None]
    if len(sound) > 1 and _turns(sound[0].statement):
        remark = "both layouts fit; the claim is read in the layout `gradient`"
        return replace(sound[0], warnings=(*sound[0].warnings, remark))
    return sound[0] if sound else read[0]


def _turns(statement: Statement | None) -> bool:
    """Whether a statement has a gradient that the layout may turn."""
    links = statement.links if statement is not None else ()
    parts = (part for link in links for side in (link.left, link.right) for part in postorder(side))
    return any(
        isinstance(part, Derivative) and part.kind == "gradient" and any(axis != 1 for axis in part.shape[1:])
        for part in parts
    )


def _read(
    claim: Claim, chain: Chain, conditions: Sequence[nodes.Node], scope: Scope, remarks: Mapping[str, tuple[str, ...]]
) -> Claim:
    """A claim with its statement and conditions in one layout, or with the problems of these."""
    written = chain.statement
    problems: list[Problem] = []
    terms: tuple[Expr, ...] = ()
    quantifiers: tuple[Quantifier, ...] = ()
    failed = False
    try:
        terms, quantifiers = elaborate_statement(written, scope)
    except Refused as refused:
        problems, failed = list(refused.problems), True
    when: list[Expr] = []
    for condition in [] if failed and written.binders else conditions:
        try:
            when.append(elaborate_condition(condition, scope.within(quantifiers)))
        except Refused as refused:
            problems.extend(refused.problems)
            failed = True
    if failed:
        misfit = misfit_of(written, scope) if any(one.code in _OF_SHAPES for one in problems) else None
        return replace(claim, problems=tuple(problems), misfit=misfit)
    links = tuple(
        Link(left, right, relation, *texts, node.span)
        for (left, right), relation, texts, node in zip(
            pairwise(terms), written.relations, _pairs(chain), written.terms[1:], strict=True
        )
    )
    statement = Statement(chain.text, links, quantifiers, written.span)
    unclear = [message for _, message in ambiguities(written, scope)] if _by_shapes(written) else []
    told = (*unclear, *warnings((*terms, *when), scope), *_inherited((*terms, *when), remarks))
    return replace(claim, statement=statement, when=tuple(when), warnings=tuple(dict.fromkeys(told)))


def _by_shapes(statement: nodes.Statement) -> bool:
    """Whether it has products or powers whose meaning their shapes decide."""
    stack: list[nodes.Node] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, nodes.Product | nodes.Raised):
            return True
        stack.extend(nodes.children(node))
    return False


def _pairs(chain: Chain) -> list[tuple[str, str]]:
    texts = [one_line(text) for text in chain.statement.texts]
    return list(pairwise(texts))


def _inherited(roots: tuple[Expr, ...], remarks: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The remarks on the definitions that expressions use."""
    return [
        remark
        for root in roots
        for part in postorder(root)
        if isinstance(part, Defined)
        for remark in remarks.get(part.name, ())
    ]
