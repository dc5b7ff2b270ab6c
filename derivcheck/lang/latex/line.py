"""Owns what is read of one chain of a formula: its terms and relations, and what was said around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang import nodes
from derivcheck.source import Span

ReadRelation = Literal["==", "≈", ":="]


@dataclass(frozen=True, slots=True)
class Line:
    """One chain of a formula: ``a = b ≈ c``.

    ``continues``: it begins with a relation, whose left side is the last term before it (of the line above, or of
    an earlier formula); then ``relations`` has one for every term, else one fewer. ``binders`` are the free indices,
    over the dimensions that they stand along. ``conditions`` were written after it (``if z > 0``). ``lead`` is the
    word or arrow before it (``so``, ``because``), and ``asides`` the places of labels and words passed over.
    """

    span: Span
    terms: tuple[nodes.Node, ...]
    relations: tuple[ReadRelation, ...]
    relation_spans: tuple[Span, ...]
    binders: tuple[nodes.Binder, ...]
    texts: tuple[str, ...]
    continues: bool = False
    conditions: tuple[nodes.Node, ...] = ()
    lead: str = ""
    asides: tuple[Span, ...] = ()

    @property
    def supposes(self) -> bool:
        """Whether the word before it says that it is no claim but a definition or a condition of what stands before
        it (``where z = 1``, ``with``, ``let``)."""
        return bool({"where", "with", "let"} & set(self.lead.split()))

    @property
    def assigns(self) -> bool:
        """Whether it gives a name a new value (``w := w - …``), and so states no equality."""
        return ":=" in self.relations

    def statement(self) -> nodes.Statement | None:
        """The equation that it states by itself; ``None`` for a lone expression, an assignment or a continuation."""
        return None if self.continues or self.assigns else _stated(self)

    def after(self, before: Line) -> Line:
        """This continuation with the last term of the line before it as its first.

        Raises:
            Refused: when it has an index that stands nowhere in the line before.
        """
        known = {binder.name.text for binder in before.binders}
        for binder in self.binders:
            if binder.name.text not in known:
                message = f"`{binder.name.text}` stands on this side only: is it summed over?"
                raise Refused([Problem("latex", message, binder.span, r"write the sum: `\sum_{i=1}^{n}`")])
        binders = dict.fromkeys((b.name.text for b in (*before.binders, *self.binders)), None)
        kept = {b.name.text: b for b in (*self.binders, *before.binders)}
        return replace(
            self,
            terms=(before.terms[-1], *self.terms),
            texts=(before.texts[-1], *self.texts),
            binders=tuple(kept[name] for name in binders),
            continues=False,
        )


def _stated(line: Line) -> nodes.Statement | None:
    relations: list[nodes.Relation] = []
    for relation in line.relations:
        if relation == ":=":
            return None
        relations.append(relation)
    if not relations:
        return None
    return nodes.Statement(line.span, line.terms, tuple(relations), line.relation_spans, line.binders, line.texts)
