"""Owns what may be used at a place of a note: the key's names, the front matter's, and those defined above it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from derivcheck.lang.elaborate import Scope, warnings
from derivcheck.lang.latex import Notation
from derivcheck.lang.latex.notation import Key, slotted, spelling_key
from derivcheck.lang.latex.written import Written
from derivcheck.lang.typed import Defined, Expr, Shape, postorder
from derivcheck.model import Derivation
from derivcheck.notes.functions import Family, Function
from derivcheck.source import Span
from derivcheck.spec.notation import made_of, notation_of


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
    it gave more than one meaning, with the place of the second and the names of all. ``functions`` and ``families``
    are written out wherever they are used. ``questions`` counts how often two definitions were compared."""

    base: Derivation
    notation: Notation
    definitions: Mapping[str, Expr]
    own: Mapping[Key, Own] = field(default_factory=dict)
    remarks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    several: Mapping[str, tuple[int, frozenset[str]]] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    families: Mapping[str, Family] = field(default_factory=dict)
    questions: int = 0

    @classmethod
    def of(cls, base: Derivation) -> Context:
        """The context at the beginning of a note."""
        notation = notation_of(base)
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
        own = (*self.definitions, *self.functions, *self.families)
        return frozenset((*self.base.variables, *self.base.dims, *self.base.functions, *own))

    def free(self, name: str) -> bool:
        """Whether a name is that of something given: a variable or a dimension, of which nothing can be claimed."""
        return name in self.base.variables or name in self.base.dims

    def defined(self, spelling: str) -> Own | None:
        """What the note defined by a symbol."""
        return self.own.get(slotted(spelling_key(spelling)))

    def with_definition(
        self, name: str, spellings: tuple[str, ...], expression: Expr, meaning: Written, span: Span
    ) -> Context:
        """The context below a definition of the note: the spellings mean the new name from there on."""
        made = self._spelled(name, spellings, meaning, span)
        shapes = {**made.notation.shapes, name: expression.shape}
        depends = made.notation.depends or {}
        spelled = dict(made.notation.spellings)
        spelled[name] = (*spelled[name], *_sampled(spellings[0], expression.shape, self.notation))
        made = replace(
            made,
            notation=replace(
                made.notation,
                shapes=shapes,
                spellings=spelled,
                depends={**depends, name: made_of(expression, depends)},
            ),
            definitions={**self.definitions, name: expression},
        )
        made.notation.check()
        remarks = _remarks(name, expression, made.scope, self.remarks)
        return replace(made, remarks={**self.remarks, name: remarks})

    def with_function(self, function: Function, spellings: tuple[str, ...], meaning: Written, span: Span) -> Context:
        """The context below the definition of a function. Without a spelling it is written as the value is of which
        it has the name and ``()``."""
        made = self if not spellings else self._spelled(function.name, spellings, meaning, span)
        notation = replace(
            made.notation,
            functions=made.notation.functions | {function.name},
            only_spelled=made.notation.only_spelled | {function.name},
        )
        if not spellings:
            applied = {**notation.applied, function.name.removesuffix("()"): function.name}
            notation = replace(notation, applied=applied)
        notation.check()
        return replace(made, notation=notation, functions={**self.functions, function.name: function})

    def with_family(self, family: Family, shape: Shape, spelling: str, meaning: Written, span: Span) -> Context:
        """The context below the definition of an array by its parts."""
        made = self._spelled(family.name, (spelling,), meaning, span)
        notation = replace(made.notation, shapes={**made.notation.shapes, family.name: shape})
        notation.check()
        return replace(made, notation=notation, families={**self.families, family.name: family})

    def with_argument(self, name: str, expression: Expr) -> Context:
        """The context with a name for what a function is applied to; no spelling means it."""
        notation = replace(self.notation, only_spelled=self.notation.only_spelled | {name})
        return replace(self, notation=notation, definitions={**self.definitions, name: expression})

    def with_numbers(self, names: Mapping[str, str]) -> Context:
        """The context in which letters stand for any number: their names, and how they are spelled."""
        notation = replace(
            self.notation,
            shapes={**self.notation.shapes, **dict.fromkeys(names, ())},
            spellings={**self.notation.spellings, **{name: (text,) for name, text in names.items()}},
            only_spelled=self.notation.only_spelled | names.keys(),
        )
        return replace(self, notation=notation)

    def with_spelling(self, name: str, spelling: str) -> Context:
        """The context in which a name has one more spelling."""
        spelled = {**self.notation.spellings, name: (*self.notation.spellings.get(name, ()), spelling)}
        return replace(self, notation=replace(self.notation, spellings=spelled))

    def _spelled(self, name: str, spellings: tuple[str, ...], meaning: Written, span: Span) -> Context:
        """The context in which spellings mean a name of the note and nothing that they meant before."""
        keys = [slotted(spelling_key(text)) for text in spellings]
        older = {self.own[key].name for key in keys if key in self.own}
        kept = dict(self.notation.spellings)
        kept.update(dict.fromkeys(older, ()))
        kept[name] = spellings
        several = dict(self.several)
        if older:
            first, names = several.get(spellings[0], (span.start, frozenset()))
            several[spellings[0]] = (first, names | older | {name})
        own = {**self.own, **{key: Own(name, key, meaning, span) for key in keys}}
        only = self.notation.only_spelled | {name}
        return replace(
            self, notation=replace(self.notation, spellings=kept, only_spelled=only), own=own, several=several
        )


def _sampled(spelling: str, shape: Shape, notation: Notation) -> tuple[str, ...]:
    """How a sample of a new array is written: its spelling with ``(i)``, if one of its axes is that of samples."""
    axes = {
        notation.shapes[name][notation.sample_axis(name)]
        for name, spellings in notation.spellings.items()
        if name in notation.shapes
        and any("(i)" in text or "(n)" in text for text in spellings)
        and notation.sampled(name)
    }
    if not shape or len(shape) > 2 or shape[-1 if notation.samples == "columns" else 0] not in axes:
        return ()
    _, sub, sup, arguments = spelling_key(spelling)
    if arguments or "'" in spelling:
        return ()
    if not sup:
        return (f"{spelling}^{{(i)}}",)
    inside = spelling.rstrip().removesuffix("}")
    return (f"{inside}(i)}}",) if spelling.rstrip().endswith("}") and not sub else ()


def _remarks(name: str, expression: Expr, scope: Scope, known: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The remarks on a definition and on those that it uses."""
    told = dict.fromkeys(f"in `{name}`: {remark}" for remark in warnings(expression, scope))
    for part in postorder(expression):
        if isinstance(part, Defined):
            told.update(dict.fromkeys(known.get(part.name, ())))
    return tuple(told)
