"""Owns the form of a spec file: the pydantic models that loading checks, and the JSON Schema made from them.

An editor's YAML reader makes numbers, booleans and nulls of some of the texts that the models see, so the JSON
Schema takes those wherever a text may stand.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, Tag, ValidationError
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import ErrorDetails, core_schema

from derivcheck.spec import forms
from derivcheck.spec.forms import Formula, MayBeEmpty, Must, Name, Text
from derivcheck.spec.marks import Plain

#: Where the shipped schema stands, beside this module.
FILE_NAME = "derivcheck-spec.schema.json"

#: Words in a pydantic location that are no step into the data but the branch of a union that was taken.
BRANCHES = frozenset({forms.TEXT, forms.LIST, forms.MAPPING, "[key]"})


class _Model(BaseModel):
    # Built with the whole file's model, which contains the others, and not each once more by itself. The docstrings
    # under the keys are looked up where the JSON Schema is made: that takes a fifth of the time of all this.
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class VariableSpec(_Model):
    """A variable with a shape and a domain."""

    model_config = ConfigDict(title="Variable")

    shape: forms.Shape = ""
    """The shape, a list of sizes and dimension names such as `[n, 1]`; left out for a scalar."""
    domain: forms.Domain = "real"
    """Where it lives: `real` (default), `positive`, `nonnegative`, `integer`, an interval `(0, 1)`, a finite set
    `{0, 1}`, `simplex`, `one-hot`; for square matrices `symmetric`, `invertible`, `positive definite`, `diagonal`,
    `orthogonal`."""
    doc: Text | None = None
    """What it is, for the reader."""


class FunctionSpec(_Model):
    """An opaque elementwise function."""

    model_config = ConfigDict(title="Function")

    derivative: Formula | None = None
    """Its derivative, an expression in one free name: `g(z)*(1 - g(z))`. Without it nothing is known of the
    function but its name."""


class ReadingSpec(_Model):
    """How formulas in LaTeX count."""

    model_config = ConfigDict(title="Reading")

    first: forms.First = "1"
    """The number of the first entry of an array in LaTeX: 1 (default) or 0."""
    samples: forms.Samples = "columns"
    """Whether `x^{(i)}` is a column (default) or a row of the array that it spells."""


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

    def schema(self) -> JsonSchemaValue:
        made: JsonSchemaValue = {}
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


def _claim_schema(schema: JsonSchemaValue) -> None:
    """Add the rules between keys to the JSON Schema of a claim."""
    whole = [{"if": {"required": [rule.key]}, "then": rule.schema()} for rule in _RULES]
    fails = {"required": ["expect"], "properties": {"expect": {"const": "fails"}}}
    holds = {"properties": dict.fromkeys(_FAILURE_KEYS, False)}
    schema["allOf"] = [*whole, {"if": fails, "then": {"required": ["correct"]}, "else": holds}]
    schema["anyOf"] = [{"required": ["statement"]}, {"required": ["of"]}, {"required": ["wrt"]}]


class ClaimSpec(_Model):
    """What is claimed: a statement, or `of`, `wrt` and `gradient`."""

    model_config = ConfigDict(title="Claim", json_schema_extra=_claim_schema)

    statement: Formula | None = None
    """`a == b`, a chain `a == b == c`, or a numeric `a ≈ 0.3932` (also spelled `~=`)."""
    of: Formula | None = None
    """What is differentiated: `of`, `wrt`, `gradient` stand for `D(of, wrt) == gradient`."""
    wrt: Formula | None = None
    """The variable, entry or defined name it is differentiated by."""
    gradient: Formula | None = None
    """The claimed derivative, an expression."""
    steps: forms.Formulas | None = None
    """Expressions, each claimed equal to the one before; after `of`/`wrt` the first equals the derivative and the
    last equals `gradient`; after `statement` the first equals its last term."""
    at: forms.Point | None = None
    """A point: exact values of variables, of defined names (which are then cut free) or of dimensions."""
    when: forms.Conditions | None = None
    """Further conditions for this claim alone, e.g. `z != 0`."""
    layout: forms.Layout | None = None
    """`gradient`: a derivative has the shape of the variable; `jacobian`: numerator layout, the derivative of a
    scalar by a column is a row; `either`: whichever fits."""
    up_to: forms.UpTo | None = None
    """`positive factor`: equality up to a positive constant."""
    tolerance: forms.Tolerance | None = None
    """Absolute tolerance of a ≈ claim, in place of the displayed digits."""
    expect: forms.Expectation = "holds"
    """`fails`: a known error of the source, kept as a regression test."""
    correct: Formula | None = None
    """For `expect: fails`: the corrected statement or expression, which must hold."""
    fails_at: forms.StepIndex | None = None
    """For `expect: fails` on a chain: the index of its first wrong step, from 0."""
    because: Text | None = None
    """For `expect: fails`: why it fails, in a sentence."""
    points: forms.Points | None = None
    """Weight in grading: `2`, `0.5` or `1/3`."""
    cite: Text | None = None
    """Ledger id, line, page or quote in the source."""


def disagreements(keys: frozenset[str], *, fails: bool) -> Iterator[tuple[str | None, str, str]]:
    """What does not go together among the keys of a claim: the key (``None``: of the whole claim), what is wrong
    with it, and what to do. The claim's JSON Schema has the same rules."""
    for rule in _RULES:
        if rule.broken(keys):
            yield rule.key, rule.message, rule.hint
    if keys.isdisjoint(("statement", "of", "wrt", "gradient")) and keys <= ClaimSpec.model_fields.keys():
        yield None, "this claim states nothing", "add a `statement`, or `of`, `wrt` and `gradient`"
    if fails and "correct" not in keys:
        yield "expect", "`expect: fails` without `correct`", "say what is right: `correct: …`"
    for key in _FAILURE_KEYS:
        if key in keys and not fails:
            yield key, f"`{key}` without `expect: fails`", "add `expect: fails`, or take this key out"


_NoFunction = Annotated[str, Field(max_length=0)]
_Statement = Annotated[str, Field(min_length=1)]

Variable = Annotated[
    Annotated[forms.Shape, Tag(forms.TEXT)]
    | Annotated[forms.Shape, Tag(forms.LIST)]
    | Annotated[VariableSpec, Tag(forms.MAPPING)],
    forms.BY_KIND,
]
Function = Annotated[
    Annotated[_NoFunction, Tag(forms.TEXT)] | Annotated[FunctionSpec, Tag(forms.MAPPING)],
    forms.BY_KIND,
    Must("a mapping", "write `g: {derivative: '…'}` or `g: {}`"),
]
Claim = Annotated[
    Annotated[_Statement, Tag(forms.TEXT)] | Annotated[ClaimSpec, Tag(forms.MAPPING)],
    forms.BY_KIND,
    Must("a statement or a mapping", "for example `D(f, w) == x`"),
]


class SpecFile(_Model):
    """A derivation: its variables, its forward computation, and what is claimed of it."""

    model_config = ConfigDict(title="derivcheck spec")

    derivcheck: forms.Version
    """Version of this format: 1."""
    title: Text
    """What the derivation is about."""
    source: Text | None = None
    """Where the derivation was taken from."""
    description: Text | None = None
    """Anything a reader should know."""
    dims: Annotated[dict[Name, forms.Bound], MayBeEmpty(dict)] = Field(default_factory=dict)
    """Sizes of symbolic dimensions: `{n: '>= 2', k: 2}`. A name that only occurs in a shape is a dimension of any
    size from 1."""
    variables: Annotated[dict[Name, Variable], MayBeEmpty(dict)] = Field(default_factory=dict)
    """Name: shape, or `{shape, domain, doc}`; no shape means a scalar."""
    functions: Annotated[dict[Name, Function], MayBeEmpty(dict)] = Field(default_factory=dict)
    """Opaque elementwise functions: `g: {derivative: 'g(z)*(1 - g(z))'}`."""
    assume: Annotated[forms.Conditions, MayBeEmpty(list)] = Field(default_factory=list)
    """Conditions that hold throughout: `sum(y) == 1`, `s > 0`."""
    define: Annotated[dict[Name, Formula], MayBeEmpty(dict)] = Field(default_factory=dict)
    """Name: expression; the forward computation, in order."""
    layout: forms.Layout = "gradient"
    """Default layout of every claim."""
    notation: Annotated[dict[Name, forms.Spellings], MayBeEmpty(dict)] = Field(default_factory=dict)
    """How a name is spelled in LaTeX: `yhat: ['\\\\hat{y}', 'a^{[2]}']`."""
    reading: Annotated[ReadingSpec, MayBeEmpty(dict)] = Field(default_factory=ReadingSpec)
    """How formulas in LaTeX count: `{first: 1, samples: columns}`."""
    claims: Annotated[dict[forms.ClaimId, Claim], MayBeEmpty(dict)] = Field(default_factory=dict)
    """The claims, by id: a statement, or a mapping."""


def errors(data: Plain) -> list[ErrorDetails]:
    """What the models find wrong with a spec's data; empty if nothing is."""
    try:
        SpecFile.model_validate(data)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)
    return []


#: What an editor may make of a text, and a text of which it would.
_TYPED = (("integer", "1"), ("number", "1.5"), ("boolean", "true"), ("null", ""))


class _EditorSchema(GenerateJsonSchema):
    """JSON Schema for what an editor reads, in which ``1`` is a number and nothing is null."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """A text, or whatever an editor makes of one."""
        least, most = schema.get("min_length") or 0, schema.get("max_length")
        pattern = str(schema.get("pattern") or "")
        types = [
            kind
            for kind, text in _TYPED
            if least <= len(text) and (most is None or len(text) <= most) and re.search(pattern, text)
        ]
        if "number" in types:
            types.remove("integer")
        return {**super().str_schema(schema), "type": ["string", *types]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """Words, and numbers for those that are digits."""
        words = schema["expected"]
        return {"enum": [*words, *(int(word) for word in words if word.isdigit())]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose keys are checked too (pydantic only lets keys of a pattern choose the value's schema)."""
        theirs = ("patternProperties", "additionalProperties", "propertyNames")
        kept = {key: value for key, value in super().dict_schema(schema).items() if key not in theirs}
        keys = {key: value for key, value in self.generate_inner(schema["keys_schema"]).items() if key != "type"}
        values = self.generate_inner(schema["values_schema"])
        return {**kept, "propertyNames": keys, "additionalProperties": values}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """A key that may be left out may not be empty for all that."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """A default is told where there is one."""
        made = super().default_schema(schema)
        return {key: value for key, value in made.items() if key != "default" or value}


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a spec file."""
    made = SpecFile.model_json_schema(schema_generator=_EditorSchema)
    for model in _Model.__subclasses__():
        part = made if model is SpecFile else made["$defs"][model.__name__]
        for key, about in _told(model):
            part["properties"][key] = dict(sorted({**part["properties"][key], "description": about}.items()))
    return {"$schema": GenerateJsonSchema.schema_dialect, **made}


def _told(model: type[_Model]) -> Iterator[tuple[str, str]]:
    """The keys of a model, each with the docstring under it, in one line."""
    (tree,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(tree, ast.ClassDef)
    for field, below in pairwise(tree.body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=key)), ast.Expr(value=ast.Constant(value=str(about))):
                yield key, " ".join(about.split())


def json_schema_text() -> str:
    """The shipped file's text."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(json_schema_text())
