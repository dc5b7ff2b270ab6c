"""Owns the reading of a spec's formulas: the expression language, or LaTeX where all of a text stands between dollar
signs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.source import Passage
from derivcheck.spec.marks import Marked, MarkedList, source_passage
from derivcheck.spec.problems import Problems

if TYPE_CHECKING:
    from derivcheck.lang.latex import Notation
    from derivcheck.lang.typed import Shape

# the reader of LaTeX is imported where there is some: most specs have none

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Formulas:
    """The reader of the formulas of one file: by which notation, which is made for the first that is LaTeX, and where
    problems go; ``blind`` when the declared names are not all known. Names that are not declared are problems
    ``inside`` of a claim, if this is a list."""

    notation: Callable[[], Notation]
    problems: Problems
    blind: bool = False
    inside: list[Problem] | None = None

    def knowing(self, shapes: Mapping[str, Shape]) -> Formulas:
        """The reader to which some more names stand for values of these shapes."""

        def more() -> Notation:
            notation = self.notation()
            return replace(notation, shapes={**notation.shapes, **shapes})

        return replace(self, notation=cache(more))

    def expression(self, passage: Passage) -> nodes.Node | None:
        """The expression that a text is; ``None`` after a problem, and for an empty one, which the form forbids."""

        def latex(inner: Passage) -> nodes.Node:
            from derivcheck.lang.latex import read_expression

            return read_expression(inner, self.notation())

        return self._read(passage, parse_expression, latex)

    def indexed(self, passage: Passage) -> tuple[nodes.Node, tuple[nodes.Binder, ...]] | None:
        """An expression with the indices that stand free in it, by LaTeX; ``None`` after a problem."""

        def latex(inner: Passage) -> tuple[nodes.Node, tuple[nodes.Binder, ...]]:
            from derivcheck.lang.latex import read_expression, read_formula

            (line, *more) = read_formula(inner, self.notation())
            if more or line.relations or line.conditions:
                read_expression(inner, self.notation())
            return line.terms[0], line.binders

        return self._read(passage, lambda whole: (parse_expression(whole), ()), latex)

    def statement(self, passage: Passage) -> nodes.Statement | None:
        """The statement that a text is; ``None`` after a problem, and for an empty one."""

        def latex(inner: Passage) -> nodes.Statement:
            from derivcheck.lang.latex import read_statement

            return read_statement(inner, self.notation())

        return self._read(passage, parse_statement, latex)

    def condition(self, passage: Passage) -> nodes.Node | None:
        """The condition that a text is; ``None`` after a problem, and for an empty one."""

        def latex(inner: Passage) -> nodes.Node:
            from derivcheck.lang.latex.formula import read_condition

            return read_condition(inner, self.notation())

        return self._read(passage, parse_expression, latex)

    def rule(self, node: Marked) -> nodes.Node | None:
        """The derivative rule of a function, in which one letter that is not declared is its argument."""

        def latex(inner: Passage) -> nodes.Node:
            from derivcheck.lang.latex.formula import parted, read_expression
            from derivcheck.lang.latex.undeclared import undeclared

            items = tuple(item for chunk in parted(inner) for item in chunk.items)
            free = [one for one in undeclared(items, inner, self.notation()).values() if one.bare]
            names = {one.plain.removeprefix("\\") or one.text for one in free[:1]}
            return read_expression(inner, self.knowing(dict.fromkeys(names, ())).notation())

        if minus_meant(node, self.problems):
            return None
        return self._read(source_passage(node), parse_expression, latex)

    def formula(self, node: Marked) -> nodes.Node | None:
        """The expression that a value of a spec is; ``None`` after a problem."""
        return None if minus_meant(node, self.problems) else self.expression(source_passage(node))

    def _read(self, passage: Passage, infix: Callable[[Passage], T], latex: Callable[[Passage], T]) -> T | None:
        if not passage.text:
            return None
        inner = between_dollars(passage)
        try:
            if inner is None:
                return infix(passage)
            if self.blind:
                from derivcheck.lang.latex.formula import parted

                parted(inner)
                return None
            return latex(inner)
        except Refused as refused:
            if inner is not None and self.inside is not None and refused.problems[0].code == "name":
                self.inside.extend(refused.problems)
            else:
                self.problems.extend(refused.problems)
            return None


def between_dollars(passage: Passage) -> Passage | None:
    """The LaTeX between the dollar signs around a text; ``None`` for a text that does not begin and end so."""
    text = passage.text
    size = 2 if text.startswith("$$") else 1
    if len(text) <= 2 * size or not (text.startswith("$") and text.endswith("$" * size)):
        return None
    end = len(text) - size
    if "$" in text[size:end].replace("\\$", ""):
        return None
    return Passage(text[size:end], passage.source, passage.offsets[size : end + 1])


def minus_meant(node: Marked, problems: Problems) -> bool:
    """Whether a value is a list of one line, ``- x``: to YAML an array, to a reader probably minus x; told if so."""
    if not isinstance(node, MarkedList) or node.flow or len(node.items) != 1 or isinstance(node.items[0], MarkedList):
        return False
    hint = "for a minus write -x without the blank or '- x' in quotes; for an array [x]"
    problems.add("value", "a dash and a blank make a list with one entry of this", node.span, hint)
    return True
