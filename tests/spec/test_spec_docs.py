"""The reference of the spec format says what is so: its examples are specs, and it names every key and limit."""

import re
from pathlib import Path

from jsonschema import Draft202012Validator
from specfile import PATH, refused

from derivcheck.lang import limits
from derivcheck.lang.domains import WHOLE_ARRAY
from derivcheck.spec import build, loads, read, schema
from derivcheck.spec.marks import plain

PAGE = (Path(__file__).parents[2] / "docs" / "spec-files.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.DOTALL)


def test_the_examples_are_specs():
    examples = blocks("yaml")
    assert len(examples) == 2
    for example in examples:
        derivation = loads(example, PATH)
        invalid = {claim.id for claim in derivation.claims if claim.statement is None}
        assert invalid <= {claim.id for claim in derivation.claims if claim.expect == "fails"}
        assert all(claim.correct.statement is not None for claim in derivation.claims if claim.correct)
        data = plain(read.read(example, PATH).top)
        assert [error.message for error in Draft202012Validator(schema.json_schema()).iter_errors(data)] == []


def test_the_example_uses_every_section():
    (example, _) = blocks("yaml")
    used = set(plain(read.read(example, PATH).top))
    assert used == set(schema.SpecFile.model_fields) - {"assume", "layout", "notation", "reading"}


def test_every_key_is_told():
    for model in (schema.SpecFile, schema.ClaimSpec, schema.VariableSpec, schema.FunctionSpec):
        for key in model.model_fields:
            assert re.search(rf"`{key}\b|{{{key}: ", PAGE), key


def test_every_domain_is_told():
    for kind in ("real", "positive", "nonnegative", "integer", *WHOLE_ARRAY):
        assert f"`{kind}`" in PAGE


def test_every_limit_is_told():
    for number in (read.MOST_BYTES, read.MOST_NODES, build.MOST_CLAIMS, limits.MAX_ENTRIES, limits.MAX_SIZE):
        assert f"{number:,} " in PAGE
    for words in (
        f"{read.MOST_DEPTH} lists and mappings",
        f"{build.MOST_NAMES} declared names",
        f"{limits.MAX_AXES} axes",
    ):
        assert words in PAGE


def test_what_to_quote():
    rows = re.findall(r"^\| (?:has|begins|stands).* \| `(.*?)` \| `(.*?)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 4
    for row in rows:
        broken, quoted = (read.read(f"derivcheck: 1\nd:\n  {text}\n", PATH) for text in row)
        assert quoted.problems == ()
        assert broken.problems or "1)" in str(plain(broken.top)), row


def test_the_shown_problem_is_what_is_said():
    text = "derivcheck: 1\ntitle: t\n\n# one\nvariables:\n  p: {domain: (0, 1)}\n"
    refusal = refused(text)
    (problem,) = refusal.problems
    head, *rest = problem.show(refusal.source).split("\n")
    (block,) = blocks("text")
    first, *others = block.rstrip("\n").split("\n")
    assert first == head.replace(PATH, "lecture.deriv.yaml")
    assert others == rest
