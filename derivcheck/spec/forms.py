"""Owns the forms that data can have: each tells what is wrong with some data, and its JSON Schema.

Data are plain (``marks.plain``): every scalar is a text. An editor's YAML reader makes numbers, booleans and nulls of
some of these texts, so the JSON Schema takes those wherever a text may stand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from derivcheck.spec.marks import Path, Plain

Schema = dict[str, Any]
#: Schemas that have a name and are referred to by it.
Named = dict[str, Schema]

#: What an editor may make of a text, and a text of which it would.
_TYPED = (("integer", "1"), ("number", "1.5"), ("boolean", "true"), ("null", ""))


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong, at the end of a path: a value that must ``be`` something else, or its key where it is the key
    that must; a key that is missing; a key that is unknown."""

    path: Path
    be: str = "something else"
    hint: str | None = None
    what: Literal["value", "key", "missing", "unknown"] = "value"

    def under(self, step: str | int) -> Wrong:
        """The same, seen from one step further up."""
        return Wrong((step, *self.path), self.be, self.hint, self.what)


class Form(Protocol):
    """What data can be like."""

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """What is wrong with data of this form."""

    def schema(self, named: Named) -> Schema:
        """The JSON Schema; what it refers to by name is put into ``named``."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text: its length, and patterns of which one must fit all of it (in what Python's and JavaScript's regular
    expressions have in common)."""

    least: int = 0
    most: int | None = None
    patterns: tuple[str, ...] = ()

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """A value that is no text, or not such a text."""
        if not (isinstance(data, str) and self._fits(data)):
            yield Wrong(())

    def schema(self, named: Named) -> Schema:
        """A text, or whatever an editor makes of one."""
        types = [kind for kind, text in _TYPED if self._fits(text)]
        if "number" in types:
            types.remove("integer")
        made: Schema = {"type": ["string", *types]}
        if self.least:
            made["minLength"] = self.least
        if self.most is not None:
            made["maxLength"] = self.most
        if self.patterns:
            made["pattern"] = "|".join(f"^{pattern}$" for pattern in self.patterns)
        return made

    def _fits(self, text: str) -> bool:
        if len(text) < self.least or (self.most is not None and len(text) > self.most):
            return False
        return not self.patterns or any(re.fullmatch(pattern, text) for pattern in self.patterns)


@dataclass(frozen=True, slots=True)
class Words:
    """One of some words."""

    words: tuple[str, ...]

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """Any other value."""
        if data not in self.words:
            yield Wrong(())

    def schema(self, named: Named) -> Schema:
        """Words, and numbers for those that are digits."""
        return {"enum": [*self.words, *(int(word) for word in self.words if word.isdigit())]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list, from ``least`` up to ``most`` long."""

    item: Form
    least: int = 0
    most: int | None = None

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """A value that is no list, a length, or what is wrong with items."""
        if not isinstance(data, list) or len(data) < self.least or (self.most is not None and len(data) > self.most):
            yield Wrong((), "a list")
            return
        for place, item in enumerate(data):
            for wrong in self.item.wrong(item):
                yield wrong.under(place)

    def schema(self, named: Named) -> Schema:
        """An array."""
        made: Schema = {"type": "array", "items": self.item.schema(named)}
        if self.least:
            made["minItems"] = self.least
        if self.most is not None:
            made["maxItems"] = self.most
        return made


@dataclass(frozen=True, slots=True)
class MappingOf:
    """A mapping whose keys are of one form and whose values are of another; at least ``least`` of them."""

    key: Form
    value: Form
    least: int = 0

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """A value that is no mapping, its size, or what is wrong with keys and values."""
        if not isinstance(data, dict) or len(data) < self.least:
            yield Wrong((), "a mapping of names to values")
            return
        for key, value in data.items():
            for wrong in self.key.wrong(key):
                yield Wrong((key,), wrong.be, wrong.hint, "key")
            for wrong in self.value.wrong(value):
                yield wrong.under(key)

    def schema(self, named: Named) -> Schema:
        """An object. A key is a text, whatever an editor thinks."""
        keys = {word: value for word, value in self.key.schema(named).items() if word != "type"}
        made: Schema = {"type": "object", "propertyNames": keys, "additionalProperties": self.value.schema(named)}
        if self.least:
            made["minProperties"] = self.least
        return made


@dataclass(frozen=True, slots=True)
class ByKind:
    """What is a text, a list or a mapping has the form of its kind; where there is none it is wrong."""

    text: Form | None = None
    list: Form | None = None
    mapping: Form | None = None

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """What is wrong with it as a value of its kind."""
        form = self.mapping if isinstance(data, dict) else self.text if isinstance(data, str) else self.list
        if form is None:
            yield Wrong(())
        else:
            yield from form.wrong(data)

    def schema(self, named: Named) -> Schema:
        """One of the kinds that there are."""
        forms = dict.fromkeys(form for form in (self.text, self.list, self.mapping) if form is not None)
        return {"oneOf": [form.schema(named) for form in forms]}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a record: the form of its value, what it is for, and what is meant where it is left out."""

    name: str
    form: Form
    doc: str
    default: str | None = None
    needed: bool = False

    def schema(self, named: Named) -> Schema:
        """The schema of its value."""
        title = self.name.replace("_", " ").title()
        made = {**self.form.schema(named), "title": title, "description": self.doc}
        return made if self.default is None else {**made, "default": self.default}


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with keys of its own, each at most once; ``more`` is what its JSON Schema says beside them."""

    title: str
    doc: str
    keys: tuple[Key, ...]
    more: Schema | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its keys."""
        return tuple(key.name for key in self.keys)

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """A value that is no mapping, keys that are missing or unknown, or what is wrong with values."""
        if not isinstance(data, dict):
            yield Wrong((), "a mapping")
            return
        for key in self.keys:
            if key.name in data:
                for wrong in key.form.wrong(data[key.name]):
                    yield wrong.under(key.name)
            elif key.needed:
                yield Wrong((key.name,), what="missing")
        known = self.names
        for name in data:
            if name not in known:
                yield Wrong((name,), what="unknown")

    def schema(self, named: Named) -> Schema:
        """An object with these properties and no other."""
        made: Schema = {
            "type": "object",
            "title": self.title,
            "description": self.doc,
            "properties": {key.name: key.schema(named) for key in self.keys},
            "additionalProperties": False,
            **(self.more or {}),
        }
        needed = [key.name for key in self.keys if key.needed]
        return {**made, "required": needed} if needed else made


@dataclass(frozen=True, slots=True)
class Called:
    """A form by its name, by which it can contain itself."""

    name: str
    form: Callable[[], Form]

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """What is wrong with it as a value of that form."""
        return self.form().wrong(data)

    def schema(self, named: Named) -> Schema:
        """A reference to the schema of that form."""
        if self.name not in named:
            named[self.name] = {}  # while it is made it is referred to
            named[self.name] = self.form().schema(named)
        return {"$ref": f"#/$defs/{self.name}"}


@dataclass(frozen=True, slots=True)
class Must:
    """A form, and in our own words what a value must be that is wrong itself (and not in its parts), and what to do
    then; ``whole`` when a part that is wrong makes it wrong as a whole."""

    form: Form
    be: str
    hint: str | None = None
    whole: bool = False

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """That it must be something else, or what is wrong with its parts."""
        found = list(self.form.wrong(data))
        if found and (self.whole or not all(wrong.path for wrong in found)):
            yield Wrong((), self.be, self.hint)
        else:
            yield from found

    def schema(self, named: Named) -> Schema:
        """The form's."""
        return self.form.schema(named)


@dataclass(frozen=True, slots=True)
class MayBeEmpty:
    """A part of a file that may be there with nothing in it."""

    form: Form

    def wrong(self, data: Plain) -> Iterator[Wrong]:
        """What is wrong with it, if there is anything in it."""
        if data != "":
            yield from self.form.wrong(data)

    def schema(self, named: Named) -> Schema:
        """For an editor, nothing is null."""
        return {"anyOf": [self.form.schema(named), {"enum": [None, ""]}]}
