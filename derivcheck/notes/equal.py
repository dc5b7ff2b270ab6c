"""Owns the question whether a second definition of a name says the same as the first in other words."""

from __future__ import annotations

from dataclasses import replace

from derivcheck.errors import EngineFault
from derivcheck.lang.typed import Defined, Expr
from derivcheck.model import Claim, Derivation, Link, Statement
from derivcheck.source import Span
from derivcheck.verdict import Verdict

#: How often this is asked of one note.
MOST_QUESTIONS = 30


def proved_equal(name: str, value: Expr, base: Derivation, definitions: dict[str, Expr], span: Span) -> bool:
    """Whether the engine proves that a defined name equals a value."""
    # the engine takes a second to import, which a note that defines each name once need not pay
    from derivcheck.judging import engine_for, judged

    own = Defined(definitions[name].shape, span, name)
    statement = Statement(name, (Link(own, value, "==", name, name, span),), (), span)
    claim = Claim(name, name, span, statement, layout=base.layout)
    derivation = replace(base, definitions=definitions, claims=(claim,))
    try:
        return judged(engine_for(derivation, 0), claim).verdict is Verdict.PROVED
    except EngineFault:
        return False
