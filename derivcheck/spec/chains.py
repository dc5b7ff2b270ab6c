"""Owns how a claim is written: a statement, or ``of``/``wrt``/``gradient``/``steps``, as one chain of terms."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, replace

from derivcheck.lang import nodes
from derivcheck.lang.latex.written import written
from derivcheck.source import Passage
from derivcheck.spec.formulas import Formulas, between_dollars, minus_meant
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
    binders: tuple[nodes.Binder, ...] = ()


def one_line(text: str) -> str:
    """A formula's text with single blanks."""
    return " ".join(text.split())


def stated(passage: Passage, formulas: Formulas) -> Chain | None:
    """The chain of a statement; ``None`` after a problem."""
    statement = formulas.statement(passage)
    return None if statement is None else _stated(statement, passage)


def _stated(statement: nodes.Statement, passage: Passage) -> Chain:
    if between_dollars(passage) is not None:
        return Chain(statement, one_line(passage.text), "")
    after = bisect_left(passage.offsets, statement.terms[-1].span.end)
    binding = one_line(passage.text[after:]) if statement.binders else ""
    return Chain(statement, one_line(passage.text), binding)


def main_chain(claim: Marked, formulas: Formulas) -> Chain | None:
    """What a claim claims; ``None`` after a problem."""
    problems = formulas.problems
    if not isinstance(claim, MarkedMap):
        return stated(source_passage(claim), formulas)
    steps = _terms(claim.get("steps"), formulas)
    written = claim.get("statement")
    if written is not None:
        chain = stated(source_passage(written), formulas)
        if chain is None or steps is None or not steps:
            return None if steps is None else chain
        if "≈" in chain.relations:
            hint = "make a claim of its own of the steps"
            problems.add("claim", "`steps` cannot follow a statement with ≈", steps[0].node.span, hint)
            return None
        return None if _loose(steps, chain.statement.binders, problems) else extended(chain, steps)
    head = _head(claim, formulas)
    gradient = claim.get("gradient")
    last = None if gradient is None else _term(gradient, formulas)
    if head is None or steps is None or (gradient is not None and last is None):
        return None
    rest = [*steps, *([last] if last is not None else [])]
    return None if _loose(rest, head.binders, problems) else _chain([head, *rest])


def _loose(terms: list[_Term], binders: tuple[nodes.Binder, ...], problems: Problems) -> bool:
    """Whether a term has an index that its chain does not begin with; told if so."""
    known = {binder.name.text: written(binder.over) for binder in binders}
    for term in terms:
        for binder in term.binders:
            if known.get(binder.name.text) != written(binder.over):
                message = f"`{binder.name.text}` does not stand in what this is claimed to equal: is it summed over?"
                problems.add("latex", message, binder.span, r"write the sum: `\sum_{i=1}^{n}`")
                return True
    return False


def _head(claim: MarkedMap, formulas: Formulas) -> _Term | None:
    """``D(of, wrt)``."""
    of, wrt = claim.get("of"), claim.get("wrt")
    if of is None or wrt is None:
        return None
    what, by = _term(of, formulas), _term(wrt, formulas)
    if what is None or by is None:
        return None
    span = what.node.span.to(by.node.span)
    known = {binder.name.text for binder in what.binders}
    binders = (*what.binders, *(binder for binder in by.binders if binder.name.text not in known))
    return _Term(nodes.Derivative(span, "D", what.node, by.node), f"D({what.text}, {by.text})", binders)


def _term(node: Marked, formulas: Formulas) -> _Term | None:
    passage = source_passage(node)
    read = None if minus_meant(node, formulas.problems) else formulas.indexed(passage)
    return None if read is None else _Term(read[0], one_line(passage.text), read[1])


def _terms(node: Marked | None, formulas: Formulas) -> list[_Term] | None:
    """The terms of a list; ``None`` after a problem."""
    if not isinstance(node, MarkedList):
        return []
    if cut_items(node, formulas.problems):
        return None
    found = [_term(item, formulas) for item in node.items]
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
        first.binders,
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


def corrected(given: Marked, chain: Chain | None, formulas: Formulas) -> Chain | None:
    """The chain that ``correct`` claims: a statement, or a term in the place of all that follows the first of
    ``chain``; ``None`` after a problem, or if it would need a ``chain`` that has one."""
    passage, problems = source_passage(given), formulas.problems
    if not passage.text or minus_meant(given, problems):
        return None
    as_statement, as_term = Problems(problems.source), Problems(problems.source)
    made = stated(passage, replace(formulas, problems=as_statement))
    if made is not None:
        return made
    read = replace(formulas, problems=as_term).indexed(passage)
    if read is None or isinstance(read[0], nodes.Comparison):
        problems.extend(as_statement.found if read is not None or _has_relation(passage.text) else as_term.found)
        return None
    term = _Term(read[0], one_line(passage.text), read[1])
    if chain is None or _loose([term], chain.statement.binders, problems):
        return None
    return _replaced(chain, term)


def _has_relation(text: str) -> bool:
    return any(sign in text for sign in ("=", "≈", "~=", "\\approx"))


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
