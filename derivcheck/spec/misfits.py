"""Owns what is kept of a chain whose shapes do not fit: its first such link, for whoever looks for the mistake."""

from __future__ import annotations

from derivcheck.errors import Refused
from derivcheck.lang import nodes
from derivcheck.lang.elaborate import Scope, elaborate_statement, link_problem
from derivcheck.lang.typed import Expr, Quantifier
from derivcheck.model import Misfit

#: The largest term that is kept as it is written, in nodes.
MOST_NODES = 80


def misfit_of(statement: nodes.Statement, scope: Scope) -> Misfit | None:
    """The first link of a chain that its shapes make impossible, if there is a term before it that means something.

    A term of a chain that has no meaning for another reason (the derivative of an array by an array) is passed over:
    what comes after it is compared with what stands before it.
    """
    known: Expr | None = None
    quantifiers: tuple[Quantifier, ...] = ()
    for place, term in enumerate(statement.terms):
        alone = nodes.Statement(term.span, (term,), (), (), statement.binders, (statement.texts[place],))
        value: Expr | None = None
        try:
            (value,), quantifiers = elaborate_statement(alone, scope)
        except Refused as refused:
            if not refused.problems or any(one.code != "shape" for one in refused.problems):
                continue
        if place == 0:
            if value is None:
                return None
        elif known is None:
            return None
        elif value is None or link_problem(known, value, scope, statement.relation_spans[place - 1]) is not None:
            written = term if _is_small(term) else None
            return Misfit(place - 1, known, value, written, quantifiers, term.span)
        known = value
    return None


def _is_small(term: nodes.Node) -> bool:
    count, waiting = 0, [term]
    while waiting:
        count += 1
        if count > MOST_NODES:
            return False
        waiting += nodes.children(waiting.pop())
    return True
