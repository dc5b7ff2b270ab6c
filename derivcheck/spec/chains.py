"""Owns how a claim is written: a statement, or ``of``/``wrt``/``gradient``/``steps``, as one chain of terms."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.source import Passage
from derivcheck.spec.define import formula, minus_meant, parsed
from derivcheck.spec.marks import CUT_HINT, Marked, MarkedList, MarkedMap, MarkedText, cut_by_comma, source_passage
from derivcheck.spec.problems import Problems


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of terms as nodes, how it is spelled out, and the text of its ``for …`` (or nothing)."""

    statement: nodes.Statement
    text: str
    binding: str

    @property
    def relations(self) -> tuple[nodes.Relation, ...]:
        """The relations between neighbouring terms."""
        return self.statement.relations


@dataclass(frozen=True, slots=True)
class _Term:
    node: nodes.Node
    text: str


def one_line(text: str) -> str:
    """A formula's text with single blanks."""
    return " ".join(text.split())


def stated(passage: Passage, problems: Problems) -> Chain | None:
    """The chain of a statement; ``None`` after a problem."""
    statement = parsed(parse_statement, passage, problems)
    return None if statement is None else _stated(statement, passage)


def _stated(statement: nodes.Statement, passage: Passage) -> Chain:
    after = bisect_left(passage.offsets, statement.terms[-1].span.end)
    binding = one_line(passage.text[after:]) if statement.binders else ""
    return Chain(statement, one_line(passage.text), binding)


def main_chain(claim: Marked, problems: Problems) -> Chain | None:
    """What a claim claims; ``None`` after a problem."""
    if not isinstance(claim, MarkedMap):
        return stated(source_passage(claim), problems)
    steps = _terms(claim.get("steps"), problems)
    written = claim.get("statement")
    if written is not None:
        chain = stated(source_passage(written), problems)
        if chain is None or steps is None or not steps:
            return None if steps is None else chain
        if "≈" in chain.relations:
            hint = "make a claim of its own of the steps"
            problems.add("claim", "`steps` cannot follow a statement with ≈", steps[0].node.span, hint)
            return None
        return extended(chain, steps)
    head = _head(claim, problems)
    gradient = claim.get("gradient")
    last = None if gradient is None else _term(gradient, problems)
    if head is None or steps is None or (gradient is not None and last is None):
        return None
    return _chain([head, *steps, *([last] if last is not None else [])])


def _head(claim: MarkedMap, problems: Problems) -> _Term | None:
    """``D(of, wrt)``."""
    of, wrt = claim.get("of"), claim.get("wrt")
    if of is None or wrt is None:
        return None
    what, by = _term(of, problems), _term(wrt, problems)
    if what is None or by is None:
        return None
    span = what.node.span.to(by.node.span)
    return _Term(nodes.Derivative(span, "D", what.node, by.node), f"D({what.text}, {by.text})")


def _term(node: Marked, problems: Problems) -> _Term | None:
    passage = source_passage(node)
    root = formula(node, problems)
    return None if root is None else _Term(root, one_line(passage.text))


def _terms(node: Marked | None, problems: Problems) -> list[_Term] | None:
    """The terms of a list; ``None`` after a problem."""
    if not isinstance(node, MarkedList):
        return []
    if cut_items(node, problems):
        return None
    found = [_term(item, problems) for item in node.items]
    terms = [term for term in found if term is not None]
    return terms if len(terms) == len(found) else None


def cut_items(node: MarkedList, problems: Problems) -> bool:
    """Whether commas have cut the items of a list written ``[a, b]``; told if so."""
    plain = (item for item in node.items if isinstance(item, MarkedText) and item.style == "plain")
    cut = next((item for item in plain if node.flow and cut_by_comma(item.text)), None)
    if cut is not None:
        problems.add("syntax", "a comma has cut this formula in two", cut.span, CUT_HINT)
    return cut is not None


def _chain(terms: list[_Term]) -> Chain:
    first, *rest = terms
    span = first.node.span
    for term in rest:
        span = span.to(term.node.span)
    statement = nodes.Statement(
        span,
        tuple(term.node for term in terms),
        _equalities(rest),
        tuple(term.node.span for term in rest),
        (),
        tuple(term.text for term in terms),
    )
    return Chain(statement, " == ".join(statement.texts), "")


def _equalities(terms: list[_Term]) -> tuple[nodes.Relation, ...]:
    return tuple("==" for _ in terms)


def extended(chain: Chain, steps: list[_Term]) -> Chain:
    """A chain with further terms, each equal to the one before, under the same binders."""
    old = chain.statement
    texts = (*old.texts, *(one_line(step.text) for step in steps))
    statement = nodes.Statement(
        old.span,
        (*old.terms, *(step.node for step in steps)),
        (*old.relations, *_equalities(steps)),
        (*old.relation_spans, *(step.node.span for step in steps)),
        old.binders,
        texts,
    )
    return Chain(statement, _spelled(statement, chain.binding), chain.binding)


def _spelled(statement: nodes.Statement, binding: str) -> str:
    pieces = [one_line(statement.texts[0])]
    for relation, text in zip(statement.relations, statement.texts[1:], strict=True):
        pieces += [relation, one_line(text)]
    return " ".join([*pieces, *([binding] if binding else [])])


def corrected(written: Marked, chain: Chain | None, problems: Problems) -> Chain | None:
    """The chain that ``correct`` claims: a statement, or a term in the place of all that follows the first of
    ``chain``; ``None`` after a problem, or if it would need a ``chain`` that has one."""
    passage = source_passage(written)
    if not passage.text or minus_meant(written, problems):
        return None
    try:
        return _stated(parse_statement(passage), passage)
    except Refused as refused:
        as_statement = refused.problems
    try:
        node = parse_expression(passage)
    except Refused as refused:
        problems.extend(as_statement if _has_relation(passage.text) else refused.problems)
        return None
    if isinstance(node, nodes.Comparison):
        problems.extend(as_statement)
        return None
    if chain is None:
        return None
    return _replaced(chain, _Term(node, one_line(passage.text)))


def _has_relation(text: str) -> bool:
    return any(sign in text for sign in ("==", "≈", "~="))


def _replaced(chain: Chain, term: _Term) -> Chain:
    old = chain.statement
    relation: nodes.Relation = "≈" if old.relations[-1:] == ("≈",) and _displayed(term.node) else "=="
    statement = nodes.Statement(
        term.node.span,
        (old.terms[0], term.node),
        (relation,),
        (term.node.span,),
        old.binders,
        (old.texts[0], term.text),
    )
    return Chain(statement, _spelled(statement, chain.binding), chain.binding)


def _displayed(node: nodes.Node) -> bool:
    """Whether a term is a displayed number, or an array of them: what may stand to the right of ``≈``."""
    if isinstance(node, nodes.Array):
        return all(_displayed(item) for item in node.items)
    inner = node.operand if isinstance(node, nodes.Unary) and node.sign == "-" else node
    return isinstance(inner, nodes.Number)
