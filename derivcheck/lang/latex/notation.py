"""Owns what symbols mean: the declared names, their spellings in LaTeX, and the few spellings that need no word.

A symbol is a letter (or an accented letter, or an upright word) with its scripts. Its superscript falls into parts:
``[1]``, ``(i)``, a power, a transpose. A spelling names some of them; what is left over means what it means anywhere
(``W^{[2]T}`` is the transpose of what ``W^{[2]}`` spells).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Literal, TypeAlias

from derivcheck.functions import ALIASES, FUNCTIONS
from derivcheck.lang.arrays import ARRAYS
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.tokens import unread
from derivcheck.lang.latex.tree import Item, Items, tree
from derivcheck.lang.typed import Shape
from derivcheck.source import Passage

#: A symbol as it is looked up: its letter, its subscript, the parts of its superscript, and the group after it.
Key: TypeAlias = tuple[str, str, tuple[str, ...], str]
#: The part of a spelling that stands for any index: ``x^{(i)}`` is also ``x^{(k)}``.
SLOT = "#"
#: Letters that are indices wherever they stand below a symbol, unless others beside them are labels.
_INDICES = frozenset("ijklmnt")
_NOTHING: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_NOTHING_APPLIED: Mapping[str, str] = MappingProxyType({})
_LAYER = re.compile(r"([^\W\d_]+)_?([0-9]+)")
_SUBSCRIPTED = re.compile(r"([^\W\d_]+)_(\w+)")
_ACCENTED = re.compile(r"([^\W\d_]|[a-z]+)_?(hat|bar|tilde)")
_MARKS = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde", "\u0307": "dot"}
#: The language's functions by their words, letters in lower case.
_FUNCTION_WORDS: dict[str, str] = {
    **{name.lower(): name for name in (*FUNCTIONS, *ALIASES, *ARRAYS)},
    **commands.NAMED,
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a spelling stands for: a value or a function; ``slot`` says where an index in it goes (in a
    superscript: in which part, by its ``place``), ``default`` that nobody declared the spelling."""

    name: str
    kind: Literal["value", "function"]
    slot: Literal["", "sup", "sub"] = ""
    default: bool = False
    place: int = 0


@dataclass(frozen=True)
class Notation:
    """The names that a formula may use, and how they are written.

    ``shapes``: every name that stands for a value (variables, defined names, and dimensions with the shape ``()``).
    ``dims``: the dimensions, which sums go over. ``functions``: the declared elementwise functions. ``spellings``:
    name → LaTeX spellings, for declared names and for functions of the language. ``first``: the number of the first
    entry in the notes (1, or 0). ``samples``: whether ``x^{(i)}`` is a column or a row of the array it spells.
    ``only_spelled``: names that are written as ``spellings`` has them and in no way of their own. ``applied``: values
    that are functions too, where arguments follow them, and the names of these. ``taken``: signs of numbers (``e``,
    ``\\pi``) to which the text gives another meaning somewhere, so that alone they are no numbers. ``depends``: of
    the values that are defined, all names from which they are made; ``None`` where that is not known.
    """

    shapes: Mapping[str, Shape] = field(default_factory=dict)
    dims: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    spellings: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: _NOTHING)
    first: Literal[0, 1] = 1
    samples: Literal["columns", "rows"] = "columns"
    only_spelled: frozenset[str] = frozenset()
    applied: Mapping[str, str] = field(default_factory=lambda: _NOTHING_APPLIED)
    taken: frozenset[str] = frozenset()
    depends: Mapping[str, frozenset[str]] | None = None

    def check(self) -> None:
        """Make sure that every spelling means one name.

        Raises:
            Refused: for a spelling that cannot be read, or that means two.
        """
        self.lookup(("", "", (), ""))

    def lookup(self, key: Key) -> Meaning | None:
        """What a symbol stands for, if it is declared."""
        return self._table.get(key)

    @cached_property
    def called(self) -> frozenset[Key]:
        """The symbols that some spelling writes with arguments in parentheses, by all but these."""
        return frozenset((key[0], key[1], key[2], "") for key in self._table if key[3])

    def argument(self, name: str) -> str | None:
        """The number that a value is a function of, if that is told by its spellings: one letter in parentheses."""
        given = {key[3] for key, meaning in self._table.items() if meaning.name == name and key[3]}
        found = self.lookup((given.pop()[1:-1], "", (), "")) if len(given) == 1 else None
        return found.name if found is not None and found.kind == "value" and not self.shape(found.name) else None

    def made_from(self, name: str, other: str) -> bool:
        """Whether a value is certainly made from what another name stands for."""
        return self.depends is not None and other in self.depends.get(name, ())

    def given(self, name: str) -> bool:
        """Whether a value is certainly no function of anything."""
        return self.depends is not None and name in self.shapes and name not in self.depends

    def spells(self, letter: str) -> frozenset[str]:
        """The letter, if some spelling is written with it as it stands."""
        return frozenset({letter}) & self._letters

    @cached_property
    def _letters(self) -> frozenset[str]:
        return frozenset(key[0] for key in self._table)

    def value(self, name: str) -> bool:
        """Whether a name stands for a value."""
        return name in self.shapes or name in self.dims

    def shape(self, name: str) -> Shape:
        """The shape of a value; a dimension is a number."""
        return self.shapes.get(name, ())

    def spelled(self, name: str) -> tuple[str, ...]:
        """How a name may be written, the declared spellings first; none that could mean something else."""
        return tuple(text for text, key in self._ways(name) if self._stands(key, name))

    def _stands(self, key: Key, name: str) -> bool:
        meaning = self._table.get(key)
        return meaning is not None and meaning.name == name and not meaning.slot

    def _ways(self, name: str) -> Iterator[tuple[str, Key]]:
        for text in self.spellings.get(name, ()):
            yield text, spelling_key(text)
        for text in self._defaults(name):
            yield text, spelling_key(text)

    def _defaults(self, name: str) -> tuple[str, ...]:
        return () if name in self.only_spelled else default_spellings(name)

    @cached_property
    def _table(self) -> dict[Key, Meaning]:
        """Every spelling; one that two names share by default stands for neither."""
        table: dict[Key, Meaning] = {}
        declared = (*self.shapes, *sorted(self.dims - self.shapes.keys()), *sorted(self.functions))
        explicit_ways = [(name, text) for name, spellings in self.spellings.items() for text in spellings]
        labelled = self._labelled(explicit_ways)
        for name, text in explicit_ways:
            for key, meaning in self._meanings(name, text):
                if key in labelled:
                    _declare(table, spelling_key(text), Meaning(name, meaning.kind), text)
                else:
                    _declare(table, key, meaning, text)
        defaults: dict[Key, list[Meaning]] = {}
        explicit = {key[0] for key in table}
        for name in declared:
            for text in self._defaults(name):
                key = spelling_key(text)
                # `z_1` may be the first entry of what is spelled `z^{[1]}`, or of an array z, and no name z1
                if not (key[1] and (self._indexable(key[0]) or key[0] in explicit)):
                    defaults.setdefault(key, []).append(Meaning(name, self._kind(name), default=True))
        for key, meanings in defaults.items():
            if len({meaning.name for meaning in meanings}) == 1:
                table.setdefault(key, meanings[0])
        return table

    def _labelled(self, ways: Iterable[tuple[str, str]]) -> frozenset[Key]:
        """The symbols that several names spell with letters below of which one is no usual index: ``W_f`` and ``W_i``
        are two names then, and no samples of one."""
        names: dict[Key, dict[str, str]] = {}
        for name, text in ways:
            for key, meaning in self._meanings(name, text):
                if meaning.slot == "sub":
                    names.setdefault(key, {})[name] = spelling_key(text)[1]
        labels = {key: set(letters.values()) for key, letters in names.items() if len(letters) > 1}
        return frozenset(key for key, letters in labels.items() if letters - _INDICES)

    def _indexable(self, base: str) -> bool:
        """Whether a letter alone stands for an array, of which it with a subscript could be an entry."""
        return base in self._arrays

    @cached_property
    def _arrays(self) -> frozenset[str]:
        """The letters that stand for arrays by themselves."""
        ways = (
            spelling_key(text)
            for name, shape in self.shapes.items()
            if shape
            for text in (*self.spellings.get(name, ()), *self._defaults(name))
        )
        return frozenset(key[0] for key in ways if not any(key[1:]))

    def _kind(self, name: str) -> Literal["value", "function"]:
        return "value" if self.value(name) else "function"

    def _meanings(self, name: str, text: str) -> Iterator[tuple[Key, Meaning]]:
        """A declared spelling; with ``(i)`` or ``_i`` in it the same with any index, if there is an axis for it."""
        key, kind = spelling_key(text), self._kind(name)
        letter, sub, sup, arguments = key
        axes = [axis for axis in self.shape(name) if axis != 1]
        at = next((place for place, part in enumerate(sup) if _is_index(part)), None)
        sampled = bool(axes) and kind == "value" and self._sample_axis(name) is not None
        if at is not None and sampled:
            general = (letter, sub, (*sup[:at], f"({SLOT})", *sup[at + 1 :]), arguments)
            yield general, Meaning(name, kind, "sup", place=at)
        elif at is None and sampled and re.fullmatch(r"[a-z]", sub):
            yield (letter, SLOT, sup, arguments), Meaning(name, kind, "sub")
        else:
            yield key, Meaning(name, kind)

    def _sample_axis(self, name: str) -> int | None:
        """The axis of samples: the last one of columns, the first one of rows, unless it is the literal 1."""
        shape = self.shape(name)
        if not shape or len(shape) > 2:
            return None
        axis = len(shape) - 1 if self.samples == "columns" else 0
        return None if shape[axis] == 1 else axis

    def sampled(self, name: str) -> bool:
        """Whether a value has an axis that ``(i)`` goes along."""
        return self._sample_axis(name) is not None

    def sample_axis(self, name: str) -> int:
        """The axis of a value that ``(i)`` goes along.

        Raises:
            ValueError: if it has none; spellings with a slot belong to values that have one.
        """
        axis = self._sample_axis(name)
        if axis is None:
            raise ValueError(name)
        return axis


def _declare(table: dict[Key, Meaning], key: Key, meaning: Meaning, text: str) -> None:
    first = table.setdefault(key, meaning)
    if first.name != meaning.name:
        message = f"this spelling stands for `{first.name}` and for `{meaning.name}`"
        raise unread(Passage.of(text, "<notation>"), 0, len(text), message, "one spelling means one name")


def _is_index(part: str) -> bool:
    return re.fullmatch(r"\([a-z]\)", part) is not None


@lru_cache(maxsize=4096)
def default_spellings(name: str) -> tuple[str, ...]:
    """The spellings of a name that need no declaration, the plainest first."""
    parts = unicodedata.normalize("NFD", name)
    if len(parts) == 2 and parts[1] in _MARKS:
        return (f"\\{_MARKS[parts[1]]}{{{parts[0]}}}",)
    if (command := _command(name)) is not None:
        return (command,) if len(name) == 1 else (command, f"\\mathrm{{{name}}}")
    found: list[str] = []
    if (match := _ACCENTED.fullmatch(name)) and (inner := _command(match[1])):
        found.append(f"\\{match[2]}{{{inner}}}")
    if (match := _LAYER.fullmatch(name)) and (inner := _command(match[1])):
        found += [f"{inner}^{{[{match[2]}]}}", f"{inner}_{{{match[2]}}}"]
    elif (match := _SUBSCRIPTED.fullmatch(name)) and (inner := _command(match[1])):
        found.append(f"{inner}_{{\\mathrm{{{match[2]}}}}}")
        if match[2].isascii() and match[2].isalpha():
            found.append(f"{inner}_{{{match[2]}}}")
    word = name.replace("_", r"\_")
    return (*found, f"\\mathrm{{{word}}}")


def _command(name: str) -> str | None:
    """The letter that a name is: itself, or a Greek one by its command."""
    if name in commands.GREEK or name in commands.LETTERS:
        return f"\\{name}"
    if name in commands.GREEK_LETTERS:
        return f"\\{commands.GREEK_LETTERS[name]}"
    return name if len(name) == 1 and name.isalpha() else None


def function_word(text: str) -> str | None:
    """The function of the language that an upright word names; letters in any case."""
    return _FUNCTION_WORDS.get(text.lower())


# --- symbols as they are looked up -------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def spelling_key(text: str) -> Key:
    """The symbol that a declared spelling is.

    Raises:
        Refused: when it cannot be read as LaTeX, or is no symbol (``a + b``).
    """
    passage = Passage.of(text, "<notation>")
    items = joined(tuple(item for item in tree(passage) if item.kind != "thin"))
    one_group = len(items) == 2 and items[1].kind == "group" and items[1].bare
    if not items or not (len(items) == 1 or one_group) or items[0].kind not in ("letter", "accent", "word", "text"):
        raise unread(
            passage,
            0,
            len(text),
            "a spelling is one symbol with its scripts",
            r"e.g. `\hat{y}`, `W^{[1]}`, `L(a, y)`",
        )
    head = items[0]
    parts = tuple(canon(part) for part in superscript(head.sup))
    arguments = canon(items[1:]) if one_group else ""
    return base_key(head), canon(head.sub or ()), parts, arguments


def joined(items: Items) -> Items:
    """A row that begins with ``dW`` as one that begins with a letter of this name."""
    if len(items) > 1 and (letter := differential(items[0], items[1])) is not None:
        return (letter, *items[2:])
    return items


def differential(first: Item, second: Item | None) -> Item | None:
    """``dW`` as one letter, as programs call a gradient; ``None`` if these two are nothing like it."""
    if first.text != "d" or first.kind != "letter" or not first.bare or second is None or second.start != first.end:
        return None
    if second.kind not in ("letter", "accent"):
        return None
    return replace(second, kind="letter", text=f"d{base_key(second)}", start=first.start, args=(), plain="")


def slotted(key: Key) -> Key:
    """The key of a symbol with one index, whatever letter it is."""
    letter, sub, sup, arguments = key
    if re.fullmatch(r"[a-z]", sub):
        return letter, SLOT, sup, arguments
    return letter, sub, tuple(f"({SLOT})" if _is_index(part) else part for part in sup), arguments


def base_key(item: Item) -> str:
    """The letter of a symbol, without scripts."""
    if item.kind == "accent":
        return f"\\{item.text}{{{canon(item.args[0])}}}"
    if item.kind in ("word", "text"):
        return f"\\mathrm{{{item.text}}}" if len(item.text) > 1 else item.text
    return item.text


def superscript(items: Items | None) -> tuple[Items, ...]:
    """The parts of a superscript: every ``[…]`` and ``(…)``, every transpose, and what is left as one power."""
    parts: list[Items] = []
    rest: list[Item] = []
    visible = [item for item in items or () if item.kind != "thin"]
    for place, item in enumerate(visible):
        if item.kind == "group" and item.primes and item.sub is None and item.sup is None and not rest:
            parts.append((replace(item, primes=0),))
            parts += [(Item("letter", r"\prime", item.end - 1, item.end),)] * item.primes
            continue
        marks = item.bare and (
            (item.kind == "group" and _labels(item) and not _beside_operator(visible, place))
            or is_transpose(item)
            or item.text == r"\prime"
        )
        if (marks and not rest) or (
            is_transpose(item) and item.bare and place == len(visible) - 1 and len(visible) == 1
        ):
            parts.append((item,))
        else:
            rest.append(item)
    if rest:
        parts.append(tuple(rest))
    return tuple(parts)


def _labels(group: Item) -> bool:
    """Whether what is in brackets or parentheses above a symbol can be a layer, an index or a sum of such."""
    simple = all(i.bare and i.kind in ("letter", "number", "op", "punct", "thin") for i in group.args[0])
    return group.text == "[" or (group.text == "(" and simple)


def _beside_operator(items: list[Item], place: int) -> bool:
    """Whether a group in a superscript belongs to a sum or a product: ``e^{(a)+b}``."""
    return any(item.kind in ("op", "relation", "frac", "number") for item in items[place + 1 :])


def is_transpose(item: Item) -> bool:
    """``T`` in any typeface, or ``\\top``."""
    return item.text in ("T", r"\top", r"\mathsf{T}", r"\mathbf{T}", r"\mathit{T}")


def canon(items: Iterable[Item]) -> str:
    """One spelling of items: spaces and braces left out, scripts in a fixed order."""
    return "".join(_canon(item) for item in items if item.kind != "thin")


def _canon(item: Item) -> str:
    if item.kind == "group":
        text = f"{item.text}{_whole(item.args[0]) or canon(item.args[0])}{_CLOSE[item.text]}"
    elif item.kind in ("accent", "word", "text", "letter"):
        text = base_key(item)
    elif item.args:
        text = f"\\{item.text}" + "".join(f"{{{canon(argument)}}}" for argument in item.args)
    else:
        text = item.text
    text += "'" * item.primes
    if item.sub is not None:
        text += f"_{{{canon(item.sub)}}}"
    if item.sup is not None:
        text += "^{" + "".join(canon(part) for part in superscript(item.sup)) + "}"
    return text


_CLOSE = {"(": ")", "[": "]", "{": "}", "|": "|", "‖": "‖", "⟨": "⟩"}


def _whole(items: Items) -> str:
    """The value of a layer number that is written as a sum: ``2-1``."""
    text = "".join(item.text for item in items if item.bare and item.kind in ("number", "op"))
    if len(text) == sum(len(item.text) for item in items) and re.fullmatch(r"\d{1,3}([+-]\d{1,3})+", text):
        return str(sum(int(term) for term in re.findall(r"[+-]?\d+", text)))
    return ""
