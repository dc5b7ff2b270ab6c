"""Owns the form of a spec file: its keys, what each is for, and the JSON Schema made from them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from derivcheck.spec import values
from derivcheck.spec.forms import ByKind, Called, Key, MappingOf, MayBeEmpty, Must, Named, Record, Schema

#: Where the shipped schema stands, beside this module.
FILE_NAME = "derivcheck-spec.schema.json"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"

VARIABLE = Record(
    "Variable",
    "A variable with a shape and a domain.",
    (
        Key(
            "shape",
            values.SHAPE,
            "The shape, a list of sizes and dimension names such as `[n, 1]`; left out for a scalar.",
        ),
        Key(
            "domain",
            values.DOMAIN,
            "Where it lives: `real` (default), `positive`, `nonnegative`, `integer`, an interval `(0, 1)`, a finite "
            "set `{0, 1}`, `simplex`, `one-hot`; for square matrices `symmetric`, `invertible`, `positive definite`, "
            "`diagonal`, `orthogonal`.",
            default="real",
        ),
        Key("doc", values.TEXT, "What it is, for the reader."),
    ),
)

FUNCTION = Record(
    "Function",
    "An opaque elementwise function.",
    (
        Key(
            "derivative",
            values.FORMULA,
            "Its derivative, an expression in one free name: `g(z)*(1 - g(z))`. Without it nothing is known of the "
            "function but its name.",
        ),
    ),
)

READING = Record(
    "Reading",
    "How formulas in LaTeX count.",
    (
        Key(
            "first",
            values.FIRST,
            "The number of the first entry of an array in LaTeX: 1 (default) or 0.",
            default="1",
        ),
        Key(
            "samples",
            values.SAMPLES,
            "Whether `x^{(i)}` is a column (default) or a row of the array that it spells.",
            default="columns",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule between the keys of a claim: where ``key`` stands, every key of ``needs`` and one of ``any_of`` must
    stand too, and none of ``without``."""

    key: str
    message: str
    hint: str
    needs: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def broken(self, keys: frozenset[str]) -> bool:
        if self.key not in keys:
            return False
        one = not self.any_of or not keys.isdisjoint(self.any_of)
        return not (keys.issuperset(self.needs) and one and keys.isdisjoint(self.without))

    def schema(self) -> Schema:
        made: Schema = {}
        if self.needs:
            made["required"] = list(self.needs)
        if self.any_of:
            made["anyOf"] = [{"required": [key]} for key in self.any_of]
        if self.without:
            made["properties"] = dict.fromkeys(self.without, False)
        return made


_SUGAR = "`of`, `wrt` and `gradient` stand for D(of, wrt) == gradient"
_RULES = (
    _Rule("of", "`of` without `wrt`", _SUGAR, needs=("wrt",)),
    _Rule("wrt", "`wrt` without `of`", _SUGAR, needs=("of",)),
    _Rule("gradient", "`gradient` without `of` and `wrt`", _SUGAR, any_of=("of", "wrt", "statement")),
    _Rule(
        "of", "`of` and `wrt` claim nothing", "add `gradient` or `steps`", any_of=("gradient", "steps", "statement")
    ),
    _Rule(
        "statement",
        "a `statement` beside `of`, `wrt` or `gradient`",
        f"make two claims of it; {_SUGAR}",
        without=("of", "wrt", "gradient"),
    ),
    _Rule(
        "tolerance",
        "a `tolerance` without a `statement`",
        "a tolerance belongs to a claim with ≈",
        needs=("statement",),
    ),
)
_FAILURE_KEYS = ("correct", "fails_at", "because")


def _rules_schema() -> Schema:
    """The rules between the keys of a claim, as its JSON Schema has them."""
    whole = [{"if": {"required": [rule.key]}, "then": rule.schema()} for rule in _RULES]
    fails = {"required": ["expect"], "properties": {"expect": {"const": "fails"}}}
    holds = {"properties": dict.fromkeys(_FAILURE_KEYS, False)}
    return {
        "allOf": [*whole, {"if": fails, "then": {"required": ["correct"]}, "else": holds}],
        "anyOf": [{"required": ["statement"]}, {"required": ["of"]}, {"required": ["wrt"]}],
    }


CLAIM = Record(
    "Claim",
    "What is claimed: a statement, or `of`, `wrt` and `gradient`.",
    (
        Key(
            "statement",
            values.FORMULA,
            "`a == b`, a chain `a == b == c`, or a numeric `a ≈ 0.3932` (also spelled `~=`).",
        ),
        Key(
            "of",
            values.FORMULA,
            "What is differentiated: `of`, `wrt`, `gradient` stand for `D(of, wrt) == gradient`.",
        ),
        Key("wrt", values.FORMULA, "The variable, entry or defined name it is differentiated by."),
        Key("gradient", values.FORMULA, "The claimed derivative, an expression."),
        Key(
            "steps",
            values.FORMULAS,
            "Expressions, each claimed equal to the one before; after `of`/`wrt` the first equals the derivative and "
            "the last equals `gradient`; after `statement` the first equals its last term.",
        ),
        Key(
            "at",
            values.POINT,
            "A point: exact values of variables, of defined names (which are then cut free) or of dimensions.",
        ),
        Key("when", values.CONDITIONS, "Further conditions for this claim alone, e.g. `z != 0`."),
        Key(
            "layout",
            values.LAYOUT,
            "`gradient`: a derivative has the shape of the variable; `jacobian`: numerator layout, the derivative of "
            "a scalar by a column is a row; `either`: whichever fits.",
        ),
        Key("up_to", values.UP_TO, "`positive factor`: equality up to a positive constant."),
        Key("tolerance", values.TOLERANCE, "Absolute tolerance of a ≈ claim, in place of the displayed digits."),
        Key(
            "expect",
            values.EXPECTATION,
            "`fails`: a known error of the source, kept as a regression test.",
            default="holds",
        ),
        Key(
            "correct",
            values.FORMULA,
            "For `expect: fails`: the corrected statement or expression, which must hold.",
        ),
        Key(
            "fails_at",
            values.STEP_INDEX,
            "For `expect: fails` on a chain: the index of its first wrong step, from 0.",
        ),
        Key("because", values.TEXT, "For `expect: fails`: why it fails, in a sentence."),
        Key("points", values.POINTS, "Weight in grading: `2`, `0.5` or `1/3`."),
        Key("cite", values.TEXT, "Ledger id, line, page or quote in the source."),
    ),
    _rules_schema(),
)


def disagreements(keys: frozenset[str], *, fails: bool) -> Iterator[tuple[str | None, str, str]]:
    """What does not go together among the keys of a claim: the key (``None``: of the whole claim), what is wrong
    with it, and what to do. The claim's JSON Schema has the same rules."""
    for rule in _RULES:
        if rule.broken(keys):
            yield rule.key, rule.message, rule.hint
    if keys.isdisjoint(("statement", "of", "wrt", "gradient")) and keys.issubset(CLAIM.names):
        yield None, "this claim states nothing", "add a `statement`, or `of`, `wrt` and `gradient`"
    if fails and "correct" not in keys:
        yield "expect", "`expect: fails` without `correct`", "say what is right: `correct: …`"
    for key in _FAILURE_KEYS:
        if key in keys and not fails:
            yield key, f"`{key}` without `expect: fails`", "add `expect: fails`, or take this key out"


_VARIABLE = ByKind(values.SHAPE, values.SHAPE, Called("VariableSpec", lambda: VARIABLE))
_FUNCTION = Must(
    ByKind(text=values.NOTHING, mapping=Called("FunctionSpec", lambda: FUNCTION)),
    "a mapping",
    "write `g: {derivative: '…'}` or `g: {}`",
)
_CLAIM = Must(
    ByKind(text=values.ENTRY, mapping=Called("ClaimSpec", lambda: CLAIM)),
    "a statement or a mapping",
    "for example `D(f, w) == x`",
)

SPEC = Record(
    "derivcheck spec",
    "A derivation: its variables, its forward computation, and what is claimed of it.",
    (
        Key("derivcheck", values.VERSION, "Version of this format: 1.", needed=True),
        Key("title", values.TEXT, "What the derivation is about.", needed=True),
        Key("source", values.TEXT, "Where the derivation was taken from."),
        Key("description", values.TEXT, "Anything a reader should know."),
        Key(
            "dims",
            MayBeEmpty(MappingOf(values.NAME, values.BOUND)),
            "Sizes of symbolic dimensions: `{n: '>= 2', k: 2}`. A name that only occurs in a shape is a dimension of "
            "any size from 1.",
        ),
        Key(
            "variables",
            MayBeEmpty(MappingOf(values.NAME, _VARIABLE)),
            "Name: shape, or `{shape, domain, doc}`; no shape means a scalar.",
        ),
        Key(
            "functions",
            MayBeEmpty(MappingOf(values.NAME, _FUNCTION)),
            "Opaque elementwise functions: `g: {derivative: 'g(z)*(1 - g(z))'}`.",
        ),
        Key(
            "assume",
            MayBeEmpty(values.CONDITIONS),
            "Conditions that hold throughout: `sum(y) == 1`, `s > 0`.",
        ),
        Key(
            "define",
            MayBeEmpty(MappingOf(values.NAME, values.FORMULA)),
            "Name: expression; the forward computation, in order.",
        ),
        Key("layout", values.LAYOUT, "Default layout of every claim.", default="gradient"),
        Key(
            "notation",
            MayBeEmpty(MappingOf(values.NAME, values.SPELLINGS)),
            r"How a name is spelled in LaTeX: `yhat: ['\\hat{y}', 'a^{[2]}']`.",
        ),
        Key(
            "reading",
            MayBeEmpty(Called("ReadingSpec", lambda: READING)),
            "How formulas in LaTeX count: `{first: 1, samples: columns}`.",
        ),
        Key(
            "claims",
            MayBeEmpty(MappingOf(values.CLAIM_ID, _CLAIM)),
            "The claims, by id: a statement, or a mapping.",
        ),
    ),
)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a spec file."""
    named: Named = {}
    made = SPEC.schema(named)
    return {"$schema": _DRAFT, **_ordered({**made, "$defs": named})}


def _ordered(schema: Any, *, keep: bool = False) -> Any:
    """The same schema with its words in the order of letters, but properties in theirs, in which they are told."""
    match schema:
        case dict():
            words = schema if keep else sorted(schema)
            return {word: _ordered(schema[word], keep=word == "properties") for word in words}
        case list():
            return [_ordered(item) for item in schema]
        case _:
            return schema


def json_schema_text() -> str:
    """The shipped file's text."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema_text())
