"""Owns the way from text to surface nodes: tokens with places, the LALR parser, and the limits before and after it.

Nothing here recurses into the text: the automaton keeps its own stack, and the size of what was read is measured
level by level. So the nesting of a text cannot exhaust Python's stack. The grammar is ``grammar.lark``; its table is
made beforehand, since Lark takes a fifth of a second for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits, nodes, table
from derivcheck.lang.automaton import Automaton, Unexpected
from derivcheck.lang.build import Builder, Piece
from derivcheck.lang.names import character_problems
from derivcheck.lang.slips import latex_problems, syntax_problem, token_problems
from derivcheck.source import Passage

Start = Literal["expression", "statement", "domain"]


def parse_expression(passage: Passage) -> nodes.Node:
    """Read one expression, or one condition.

    Raises:
        Refused: with every problem that can be told at once.
    """
    return _read(passage, "expression")


def parse_statement(passage: Passage) -> nodes.Statement:
    """Read ``a == b``, a chain of ``==`` and ``≈``, with an optional trailing ``for …``.

    Raises:
        Refused: with every problem that can be told at once.
    """
    root = _read(passage, "statement")
    assert isinstance(root, nodes.Comprehension)
    relations, problem = _relations(root.body)
    if problem is not None:
        raise Refused([problem], passage.source)
    assert isinstance(root.body, nodes.Comparison)
    return nodes.Statement(
        root.span,
        root.body.operands,
        relations,
        tuple(operator.span for operator in root.body.operators),
        root.binders,
        tuple(_written(passage, term) for term in root.body.operands),
    )


def parse_over(passage: Passage) -> nodes.Over:
    """Read what stands after ``in``: a domain, a dimension or a number.

    Raises:
        Refused: with every problem that can be told at once.
    """
    root = _read(passage, "domain")
    assert isinstance(root, nodes.Over)
    return root


_AUTOMATON = Automaton(table.TERMINALS, table.KEYWORDS, table.IGNORED, table.RULES, table.STARTS, table.STATES)
_BUILDER = Builder()


def _pieces(passage: Passage) -> list[Piece]:
    tokens = _AUTOMATON.tokens(passage.text)
    return [Piece(name, text, passage.span(start, start + len(text)), start) for name, text, start in tokens]


def _read(passage: Passage, start: Start) -> nodes.Node:
    limits.check_text(passage)
    problems = character_problems(passage) or latex_problems(passage)
    if problems:
        raise Refused(problems, passage.source)
    pieces = _pieces(passage)
    problems = token_problems(pieces, passage)
    if problems:
        raise Refused(problems, passage.source)
    root = _fed(pieces, passage, start)
    if (problem := limits.tree_problem(root)) is not None:
        raise Refused([problem], passage.source)
    return root


def _fed(pieces: Sequence[Piece], passage: Passage, start: Start) -> nodes.Node:
    try:
        root = _AUTOMATON.parse(pieces, start, _BUILDER)
    except Unexpected as found:
        raise Refused([syntax_problem(pieces, found.place, found.expected)], passage.source) from None
    assert isinstance(root, nodes.Node)
    return root


def _relations(body: nodes.Node) -> tuple[tuple[nodes.Relation, ...], Problem | None]:
    """The relations of a statement's chain, unless it is something else."""
    hint = "a claim is an equation: `a == b`, a chain `a == b == c`, or `a ≈ 0.39`"
    if not isinstance(body, nodes.Comparison) or body.span.start < body.operands[0].span.start:
        return (), Problem("syntax", "this states nothing: `==` or `≈` is missing", body.span, hint)
    for operator in body.operators:
        if operator.sign not in ("==", "≈"):
            message = f"a claim cannot be made with `{operator.sign}`"
            return (), Problem("syntax", message, operator.span, hint)
    return tuple("≈" if operator.sign == "≈" else "==" for operator in body.operators), None


def _written(passage: Passage, node: nodes.Node) -> str:
    """The text of a node as it stands in the passage (its span is in the source, which may have line breaks)."""
    inside = [i for i, offset in enumerate(passage.offsets[:-1]) if node.span.start <= offset < node.span.end]
    return passage.text[inside[0] : inside[-1] + 1]
