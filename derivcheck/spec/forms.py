"""Owns the form of single values in a spec: text, name, formula, shape, domain, …, as annotated pydantic types.

They see data in which every scalar is text (``marks.plain``), and each says in our own words what it must be.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    Tag,
    ValidationError,
    ValidatorFunctionWrapHandler,
)  # fmt: skip
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema
from typing_extensions import TypeAliasType

from derivcheck.spec.marks import Plain

TEXT, LIST, MAPPING = "<text>", "<list>", "<mapping>"


def kind(value: Any) -> str:
    """Which of the three kinds of YAML values something is."""
    return LIST if isinstance(value, list) else MAPPING if isinstance(value, dict) else TEXT


#: The annotation of a union whose branches are tagged by kind.
BY_KIND = Discriminator(kind)

_BRANCHES = frozenset({(TEXT,), (LIST,), (MAPPING,)})

#: A name, as far as a pattern can tell that means the same to Python, Rust and JavaScript: no ASCII sign but ``_``.
_NAME = r"[^\s\d!-/:-@\[-\^`{-~][^\s!-/:-@\[-\^`{-~]*"
_DECIMAL = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"
_POINTS = r"^[0-9]{1,6}(\.[0-9]{1,6})?$|^[0-9]{1,6}/[1-9][0-9]{0,5}$"


@dataclass(frozen=True, slots=True)
class Must:
    """An annotation: what a value must be, for the problem when it is not, and what to do then; ``whole`` when a
    part of it that is wrong makes it wrong as a whole."""

    be: str
    hint: str | None = None
    whole: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """What is wrong with the value itself is one error of type ``must``; errors inside it stay where they are."""

        def said(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
            try:
                return check(value)
            except ValidationError as error:
                places = [part["loc"] for part in error.errors(include_url=False, include_input=False)]
                if not self.whole and all(place and place not in _BRANCHES for place in places):
                    raise
            raise PydanticCustomError("must", "", {"be": self.be, "hint": self.hint})

        return core_schema.no_info_wrap_validator_function(said, handler(source))


@dataclass(frozen=True, slots=True)
class MayBeEmpty:
    """An annotation: a part that may be there with nothing in it, and what that means."""

    means: Callable[[], Plain]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """The empty text becomes the empty mapping or list."""
        return core_schema.no_info_before_validator_function(
            lambda value: self.means() if value == "" else value, handler(source)
        )

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """For an editor, nothing is null."""
        return {"anyOf": [handler(schema), {"enum": [None, ""]}]}


Text = Annotated[str, Field(min_length=1), Must("a text")]
Name = Annotated[
    str,
    Field(pattern=f"^{_NAME}$", max_length=100),
    Must("a name", "a name is letters, digits and `_`, and does not begin with a digit"),
]
ClaimId = Annotated[str, Field(min_length=1, max_length=200), Must("an id", "an id has at most 200 characters")]

Entry = Annotated[str, Field(min_length=1)]
Array = TypeAliasType("Array", "list[_ArrayEntry]")
_ArrayEntry = Annotated[
    Annotated[Entry, Tag(TEXT)] | Annotated[Array, Tag(LIST)], BY_KIND, Must("an entry of an array")
]
Formula = Annotated[
    Annotated[Entry, Tag(TEXT)] | Annotated[Array, Tag(LIST)],
    BY_KIND,
    Must("a formula", "a formula is a text, or an array such as [[1, 2], [3, 4]]"),
]
Formulas = Annotated[list[Formula], Field(min_length=1), Must("a list of formulas", "one in a line, after `- `")]
_Condition = Annotated[Entry, Must("a condition", "for example `z != 0`")]
Conditions = Annotated[
    Annotated[_Condition, Tag(TEXT)] | Annotated[list[_Condition], Tag(LIST)],
    BY_KIND,
    Must("a condition or a list of conditions", "for example `z != 0`, or lines such as `- z != 0`"),
]
PointValue = Annotated[
    Annotated[Entry, Tag(TEXT)] | Annotated[Array, Tag(LIST)],
    BY_KIND,
    Must("an exact number or an array of them", "for example -1/2, 0.25 or [[2], [-3]]"),
]
Point = Annotated[
    dict[Name, PointValue], Field(min_length=1), Must("a point", "for example {w: [[2], [-3]], b: 1/2}")
]
_Axis = Annotated[str, Field(pattern=f"^{_NAME}$|^[1-9][0-9]*$"), Must("a size from 1, or the name of a dimension")]
_Axes = Annotated[str, Field(pattern=r"^\[.*\]$|^$")]
Shape = Annotated[
    Annotated[_Axes, Tag(TEXT)] | Annotated[list[_Axis], Tag(LIST)],
    BY_KIND,
    Must("a shape", "a shape is a list such as [n, 1], a scalar has none; with a domain: {shape: [n], domain: real}"),
]
_Ends = Annotated[list[Entry], Field(min_length=2, max_length=2)]
_Values = dict[Entry, Annotated[str, Field(max_length=0)]]
Domain = Annotated[
    Annotated[Entry, Tag(TEXT)] | Annotated[_Ends, Tag(LIST)] | Annotated[_Values, Tag(MAPPING)],
    BY_KIND,
    Must("a domain", "such as `real`, `positive`, '(0, 1)', [0, 1], {0, 1}, `simplex`, `symmetric`", whole=True),
]
Layout = Annotated[Literal["gradient", "jacobian", "either"], Must("`gradient`, `jacobian` or `either`")]
Bound = Annotated[
    str,
    Field(pattern=r"^((>=|>|==|≥)\s*)?[0-9]+$"),
    Must("a size or a bound", "write `k: 2` or `n: '>= 2'`"),
]
UpTo = Annotated[Literal["positive factor"], Must("`positive factor`")]
Expectation = Annotated[Literal["holds", "fails"], Must("`holds` or `fails`")]
Tolerance = Annotated[str, Field(pattern=f"^{_DECIMAL}$"), Must("a positive decimal", "for example 0.001 or 1e-3")]
StepIndex = Annotated[str, Field(pattern="^[0-9]{1,4}$"), Must("the index of a step", "steps are counted from 0")]
Points = Annotated[str, Field(pattern=_POINTS), Must("a number of points", "for example 2, 0.5 or 1/3")]
Spellings = Annotated[
    list[Text], Field(min_length=1), Must("a list of LaTeX spellings", r"for example ['\hat{y}', 'a^{[2]}']")
]
First = Annotated[Literal["0", "1"], Must("`0` or `1`", "the number of the first entry of an array")]
Samples = Annotated[
    Literal["columns", "rows"], Must("`columns` or `rows`", "what `x^{(i)}` is of the array that it spells")
]
Version = Annotated[Literal["1"], Must("`1`", "this is version 1 of the format")]
