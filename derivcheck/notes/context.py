"""Owns what may be used at a place of a note: the key's names, the front matter's, and those defined above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from derivcheck.lang.elaborate import Scope, warnings
from derivcheck.lang.latex import Notation
from derivcheck.lang.latex.notation import Key, spelling_key
from derivcheck.lang.latex.written import Written
from derivcheck.lang.typed import Defined, Expr, postorder
from derivcheck.model import Derivation
from derivcheck.source import Span


@dataclass(frozen=True, slots=True)
class Own:
    """A name that the note itself defines: how it is spelled, as what, and where."""

    name: str
    key: Key
    meaning: Written
    span: Span


@dataclass(frozen=True)
class Context:
    """The names that a formula may use. ``base`` has those that are declared before the note begins, ``own`` those
    that the note defined so far, the last meaning of each spelling by its key; ``several`` has the spellings to which
    it gave more than one meaning, with the names of all of these."""

    base: Derivation
    notation: Notation
    definitions: Mapping[str, Expr]
    own: Mapping[Key, Own] = field(default_factory=dict)
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    several: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, base: Derivation) -> Context:
        """The context at the beginning of a note."""
        shapes = {name: variable.shape for name, variable in base.variables.items()}
        shapes |= {name: made.shape for name, made in base.definitions.items()}
        notation = Notation(
            shapes=shapes,
            dims=frozenset(base.dims),
            functions=frozenset(base.functions),
            spellings=base.notation,
            first=1 if base.reading.first is None else base.reading.first,
            samples=base.reading.samples or "columns",
        )
        made = cls(base, notation, base.definitions)
        remarks: dict[str, tuple[str, ...]] = {}
        for name, expression in base.definitions.items():
            remarks[name] = _remarks(name, expression, made.scope, remarks)
        return replace(made, remarks=remarks)

    @cached_property
    def scope(self) -> Scope:
        """The names for elaboration."""
        return Scope(
            {name: variable.shape for name, variable in self.base.variables.items()},
            self.definitions,
            frozenset(self.base.dims),
            frozenset(self.base.functions),
            sizes={name: rule.exact for name, rule in self.base.dims.items() if rule.exact is not None},
        )

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that is taken."""
        return frozenset((*self.base.variables, *self.definitions, *self.base.dims, *self.base.functions))

    def free(self, name: str) -> bool:
        """Whether a name is that of something given: a variable or a dimension, of which nothing can be claimed."""
        return name in self.base.variables or name in self.base.dims

    def with_definition(
        self, name: str, spellings: tuple[str, ...], expression: Expr, meaning: Written, span: Span
    ) -> Context:
        """The context below a definition of the note: the spellings mean the new name from there on."""
        keys = [spelling_key(text) for text in spellings]
        older = {self.own[key].name for key in keys if key in self.own}
        kept = dict(self.notation.spellings)
        for other in older:
            kept[other] = tuple(text for text in kept.get(other, ()) if spelling_key(text) not in keys)
        kept[name] = spellings
        notation = replace(
            self.notation,
            shapes={**self.notation.shapes, name: expression.shape},
            spellings=kept,
            only_spelled=self.notation.only_spelled | {name},
        )
        several = dict(self.several)
        if older:
            several[spellings[0]] = several.get(spellings[0], frozenset()) | older | {name}
        own = {**self.own, **{key: Own(name, key, meaning, span) for key in keys}}
        definitions = {**self.definitions, name: expression}
        made = replace(self, notation=notation, own=own, definitions=definitions, several=several)
        remarks = _remarks(name, expression, made.scope, self.remarks)
        return replace(made, remarks={**self.remarks, name: remarks})


def _remarks(name: str, expression: Expr, scope: Scope, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The remarks on a definition and on those that it uses."""
    told = dict.fromkeys(f"in `{name}`: {remark}" for remark in warnings(expression, scope))
    for part in postorder(expression):
        if isinstance(part, Defined):
            told.update(dict.fromkeys(known.get(part.name, ())))
    return tuple(told)
