"""Owns the forms of single values in a spec: text, name, formula, shape, domain, …; each says in our own words what
it must be."""

from __future__ import annotations

from derivcheck.spec.forms import ByKind, Called, Form, ListOf, MappingOf, Must, Text, Words

#: A name, as far as a pattern can tell that means the same to Python and JavaScript: no ASCII sign but ``_``.
_NAME = r"[^\s\d!-/:-@\[-\^`{-~][^\s!-/:-@\[-\^`{-~]*"
_DECIMAL = r"([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?"

TEXT = Must(Text(least=1), "a text")
NOTHING = Text(most=0)
NAME = Must(
    Text(most=100, patterns=(_NAME,)),
    "a name",
    "a name is letters, digits and `_`, and does not begin with a digit",
)
CLAIM_ID = Must(Text(least=1, most=200), "an id", "an id has at most 200 characters")

ENTRY = Text(least=1)
ARRAY = Called("Array", lambda: ListOf(_ARRAY_ENTRY))
_ARRAY_ENTRY: Form = Must(ByKind(text=ENTRY, list=ARRAY), "an entry of an array")
FORMULA = Must(
    ByKind(text=ENTRY, list=ARRAY), "a formula", "a formula is a text, or an array such as [[1, 2], [3, 4]]"
)
FORMULAS = Must(ListOf(FORMULA, least=1), "a list of formulas", "one in a line, after `- `")
_CONDITION = Must(ENTRY, "a condition", "for example `z != 0`")
CONDITIONS = Must(
    ByKind(text=_CONDITION, list=ListOf(_CONDITION)),
    "a condition or a list of conditions",
    "for example `z != 0`, or lines such as `- z != 0`",
)
POINT_VALUE = Must(
    ByKind(text=ENTRY, list=ARRAY),
    "an exact number or an array of them",
    "for example -1/2, 0.25 or [[2], [-3]]",
)
POINT = Must(MappingOf(NAME, POINT_VALUE, least=1), "a point", "for example {w: [[2], [-3]], b: 1/2}")
_AXIS = Must(Text(patterns=(_NAME, "[1-9][0-9]*")), "a size from 1, or the name of a dimension")
SHAPE = Must(
    ByKind(text=Text(patterns=(r"\[.*\]", "")), list=ListOf(_AXIS)),
    "a shape",
    "a shape is a list such as [n, 1], a scalar has none; with a domain: {shape: [n], domain: real}",
)
DOMAIN = Must(
    ByKind(text=ENTRY, list=ListOf(ENTRY, least=2, most=2), mapping=MappingOf(ENTRY, NOTHING)),
    "a domain",
    "such as `real`, `positive`, '(0, 1)', [0, 1], {0, 1}, `simplex`, `symmetric`",
    whole=True,
)
LAYOUT = Must(Words(("gradient", "jacobian", "either")), "`gradient`, `jacobian` or `either`")
BOUND = Must(Text(patterns=(r"((>=|>|==|≥)\s*)?[0-9]+",)), "a size or a bound", "write `k: 2` or `n: '>= 2'`")
UP_TO = Must(Words(("positive factor",)), "`positive factor`")
EXPECTATION = Must(Words(("holds", "fails")), "`holds` or `fails`")
TOLERANCE = Must(Text(patterns=(_DECIMAL,)), "a positive decimal", "for example 0.001 or 1e-3")
STEP_INDEX = Must(Text(patterns=("[0-9]{1,4}",)), "the index of a step", "steps are counted from 0")
POINTS = Must(
    Text(patterns=(r"[0-9]{1,6}(\.[0-9]{1,6})?", "[0-9]{1,6}/[1-9][0-9]{0,5}")),
    "a number of points",
    "for example 2, 0.5 or 1/3",
)
SPELLINGS = Must(ListOf(TEXT, least=1), "a list of LaTeX spellings", r"for example ['\hat{y}', 'a^{[2]}']")
FIRST = Must(Words(("0", "1")), "`0` or `1`", "the number of the first entry of an array")
SAMPLES = Must(Words(("columns", "rows")), "`columns` or `rows`", "what `x^{(i)}` is of the array that it spells")
VERSION = Must(Words(("1",)), "`1`", "this is version 1 of the format")
