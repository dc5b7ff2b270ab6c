"""Every key of the format: what it may hold beside what it may not; and the JSON Schema says the same."""

import json
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from specfile import HEAD, PATH, problems

from derivcheck.spec import loads, schema
from derivcheck.spec.marks import plain
from derivcheck.spec.read import read

VALIDATOR = Draft202012Validator(schema.json_schema())
SPECS = Path(__file__).parents[2] / "specs"


def as_text(text):
    """The data as loading sees it: every scalar a string."""
    return plain(read(text, PATH).top)


def as_typed(text):
    """The data as an editor sees it: numbers, booleans, nulls."""

    class Typed(yaml.SafeLoader):
        pass

    # YAML 1.2's core schema, as editors have it: neither dates, nor 1:30, nor yes and no
    Typed.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rows if tag.rpartition(":")[2] in ("int", "float", "null")]
        for first, rows in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    return json.loads(json.dumps(yaml.load(text, Loader=Typed)))


def in_claim(keys):
    return f"variables: {{x: [n], s: }}\ndefine: {{f: sum(x*x)}}\nclaims:\n  it: {keys}\n"


VALID = [
    "title: t",
    "title: 2024",
    "title: 'it: is'",
    "source: page 3",
    "description: |\n  Two\n  lines.\n",
    "dims: {n: '>= 2', k: 2, m: '> 1', j: '== 3'}",
    "dims: {n: '>=2'}",
    "dims:",
    "variables:",
    "variables: {}",
    "variables: {x: , y: [], z: [3], w: [n, 1], v: '[n, 1]', u: {}, t: {shape: [n]}}",
    "variables:\n  x: [n, 1]\n  y:\n    - n\n    - 1\n",
    "variables: {x: {domain: real}, y: {domain: '(0, 1)', doc: a probability}}",
    "variables: {x: {domain: [0, 1]}, y: {domain: {0, 1}}, z: {domain: {-1, 1}}}",
    "variables: {x: {shape: [n], domain: simplex}, y: {shape: [n, 1], domain: one-hot}}",
    "variables: {S: {shape: [n, n], domain: positive definite}}",
    "variables: {lambda: , class: , None: , E: , I: , S: , __x__: , yes: , ŷ: , σ: , W1: }",
    "functions:",
    "functions: {g: {derivative: 'g(z)*(1 - g(z))'}, h: , k: {}}",
    "functions: {g: {derivative: 1}}",
    "assume:",
    "assume: 1 > 0",
    "variables: {s: , p: }\nassume:\n  - s > 0\n  - 0 < p < 1\n",
    "variables: {s: , p: }\nassume: [s > 0, p != 0]",
    "define:",
    "define: {c: 3, d: 1e-3, f: [[1, 2], [3, 4]]}",
    "variables: {x: [n]}\ndefine:\n  f: sum(x)\n  g:\n    - [f, 1]\n    - [2, 3]\n",
    "layout: jacobian",
    "layout: either",
    "define: {f: 1}\nnotation: {f: ['\\hat{y}', 'a^{[2]}']}",
    "claims:",
    "claims: {a: 1 == 1}",
    "claims: {'N2-11 (a)': 1 == 1, '3': 1 == 1}",
    in_claim("{statement: f == f}"),
    in_claim("{statement: f == f == f, steps: [f]}"),
    in_claim("{of: f, wrt: x, gradient: 2*x}"),
    in_claim("{of: f, wrt: x, steps: [2*x]}"),
    in_claim("{of: f, wrt: x, steps: [2*x, x*2], gradient: x + x}"),
    in_claim("{of: x, wrt: x, gradient: 1}"),
    in_claim("{statement: f == f, at: {x: [1, 2.5]}}"),
    in_claim("{statement: f == f, at: {x: [1/2, -2e-3], s: -1}}"),
    in_claim("{statement: f == f, at: {f: 3, n: 2}}"),
    in_claim("{statement: f == f, when: f != 0}"),
    in_claim("{statement: f == f, when: [f != 0, f > 1]}"),
    in_claim("{of: f, wrt: x, gradient: 2*x, layout: jacobian}"),
    in_claim("{of: f, wrt: x, gradient: x, up_to: positive factor}"),
    in_claim("{statement: f ≈ 0.5, tolerance: 1e-3}"),
    in_claim("{statement: f ~= 0.5, tolerance: .5}"),
    in_claim("{statement: f == 1, expect: holds}"),
    in_claim("{statement: f == 1, expect: fails, correct: 2, fails_at: 0, because: it is 2}"),
    in_claim("{statement: f == 1, expect: fails, correct: 'f == 2'}"),
    in_claim("{of: f, wrt: x, gradient: x, expect: fails, correct: 2*x}"),
    in_claim("{statement: 'x == [1, 2]', expect: fails, correct: [2, 3], at: {n: 2}}"),
    in_claim("{statement: f == f, points: 2, cite: 12}"),
    in_claim("{statement: f == f, points: 0.5}"),
    in_claim("{statement: f == f, points: 1/3}"),
]

#: A line of a spec that is wrong in its form, what the first caret stands under, and what is said.
INVALID = [
    ("title: again\ntitle: x", "title", "`title` is given twice", False),
    ("titel: x", "titel", "unknown key `titel`", True),
    ("source:", "source", "`source` must be a text, not nothing", True),
    ("source: [a]", "[a]", "`source` must be a text, not this list", True),
    ("description: {a: b}", "{a: b}", "`description` must be a text, not this mapping", True),
    ("dims: [n]", "[n]", "`dims` must be a mapping of names to values, not this list", True),
    ("dims: n", "n", "`dims` must be a mapping of names to values, not `n`", True),
    ("dims: {n: }", "n", "`n` must be a size or a bound, not nothing", True),
    ("dims: {n: < 3}", "< 3", "`n` must be a size or a bound, not `< 3`", True),
    ("dims: {n: 1.5}", "1.5", "`n` must be a size or a bound, not `1.5`", False),
    ("dims: {n: m}", "m", "`n` must be a size or a bound, not `m`", True),
    ("dims: {2n: 1}", "2n", "the key `2n` must be a name", True),
    ("variables: [x]", "[x]", "`variables` must be a mapping of names to values, not this list", True),
    ("variables: {a-b: }", "a-b", "the key `a-b` must be a name", True),
    ("variables: {x.y: }", "x.y", "the key `x.y` must be a name", True),
    ("variables: {x: n}", "n", "`x` must be a shape, not `n`", True),
    ("variables: {x: 3}", "3", "`x` must be a shape, not `3`", True),
    ("variables: {x: [n + 1]}", "n + 1", "item 1 of `x` must be a size from 1, or the name of a dimension", True),
    ("variables: {x: [1, 0]}", "0", "item 2 of `x` must be a size from 1, or the name of a dimension", False),
    ("variables: {x: [[n]]}", "[n]", "item 1 of `x` must be a size from 1, or the name of a dimension", True),
    ("variables: {x: [-1]}", "-1", "item 1 of `x` must be a size from 1, or the name of a dimension", False),
    ("variables: {x: {shap: [n]}}", "shap", "unknown key `shap`", True),
    ("variables: {x: {shape: {a: b}}}", "{a: b}", "`shape` must be a shape, not this mapping", True),
    ("variables: {x: {domain: }}", "domain", "`domain` must be a domain, not nothing", True),
    ("variables: {x: {domain: {a: b}}}", "{a: b}", "`domain` must be a domain, not this mapping", True),
    ("variables: {x: {domain: [1]}}", "[1]", "`domain` must be a domain, not this list", True),
    ("variables: {x: {domain: (0, 1)}}", "(0, 1)", "a comma has cut this text in two", True),
    ("variables: {x: {doc: }}", "doc", "`doc` must be a text, not nothing", True),
    ("functions: {g: 'g(z)'}", "'g(z)'", "`g` must be a mapping, not `g(z)`", True),
    ("functions: {g: [x]}", "[x]", "`g` must be a mapping, not this list", True),
    ("functions: {g: {derivate: x}}", "derivate", "unknown key `derivate`", True),
    ("functions: {g: {derivative: }}", "derivative", "`derivative` must be a formula, not nothing", True),
    ("assume: {a: b}", "{a: b}", "`assume` must be a condition or a list of conditions, not this mapping", True),
    ("assume: [[a]]", "[a]", "item 1 of `assume` must be a condition, not this list", True),
    ("assume: ['']", "''", "item 1 of `assume` must be a condition, not nothing", True),
    ("define: [f]", "[f]", "`define` must be a mapping of names to values, not this list", True),
    ("define: {f: }", "f", "`f` must be a formula, not nothing", True),
    ("define: {f: {a: b}}", "{a: b}", "`f` must be a formula, not this mapping", True),
    ("define: {f: [1, {a: b}]}", "{a: b}", "item 2 of `f` must be an entry of an array, not this mapping", True),
    ("define: {f: max(1, 2)}", "max(1, 2)", "a comma has cut this text in two", True),
    ("layout: rows", "rows", "`layout` must be `gradient`, `jacobian` or `either`, not `rows`", True),
    ("layout: Jacobian", "Jacobian", "`layout` must be `gradient`, `jacobian` or `either`, not `Jacobian`", True),
    ("notation: {f: '\\hat{y}'}", "'\\hat{y}'", "`f` must be a list of LaTeX spellings, not `\\hat{y}`", True),
    ("notation: {f: []}", "[]", "`f` must be a list of LaTeX spellings, not an empty list", True),
    ("notation: {f: [[a]]}", "[a]", "item 1 of `f` must be a text, not this list", True),
    ("claims: [1 == 1]", "[1 == 1]", "`claims` must be a mapping of names to values, not this list", True),
    ("claims: {a: }", "a", "`a` must be a statement or a mapping, not nothing", True),
    ("claims: {a: [b]}", "[b]", "`a` must be a statement or a mapping, not this list", True),
    ("claims: {a: {}}", "a", "this claim states nothing", True),
    ("claims: {a: D(f, x) == 1}", "D(f, x) == 1", "a comma has cut this text in two", True),
    (f"claims: {{{'a' * 201}: 1 == 1}}", "a" * 201, "the key `" + "a" * 60 + "…` must be an id", True),
    (in_claim("{cite: x}"), "it", "this claim states nothing", True),
    (in_claim("{statement: f == f, gradient: x}"), "statement", "a `statement` beside `of`, `wrt` or", True),
    (in_claim("{statement: f == f, of: f, wrt: x}"), "statement", "a `statement` beside `of`, `wrt` or", True),
    (in_claim("{of: f, gradient: x}"), "of", "`of` without `wrt`", True),
    (in_claim("{wrt: x, gradient: x}"), "wrt", "`wrt` without `of`", True),
    (in_claim("{of: f, wrt: x}"), "of", "`of` and `wrt` claim nothing", True),
    (in_claim("{gradient: x}"), "gradient", "`gradient` without `of` and `wrt`", True),
    (in_claim("{steps: [x]}"), "it", "this claim states nothing", True),
    (in_claim("{statement: f == f, steps: f}"), "f", "`steps` must be a list of formulas, not `f`", True),
    (in_claim("{statement: f == f, steps: []}"), "[]", "`steps` must be a list of formulas, not an empty list", True),
    (in_claim("{statement: f == f, steps: [{a: b}]}"), "{a: b}", "item 1 of `steps` must be a formula", True),
    (in_claim("{statement: f == f, at: x}"), "x", "`at` must be a point, not `x`", True),
    (in_claim("{statement: f == f, at: {}}"), "{}", "`at` must be a point, not an empty mapping", True),
    (in_claim("{statement: f == f, at: {x: }}"), "x", "`x` must be an exact number or an array of them", True),
    (in_claim("{statement: f == f, at: {x: {a: b}}}"), "{a: b}", "`x` must be an exact number or an array", True),
    (in_claim("{statement: f == f, at: {1x: 2}}"), "1x", "the key `1x` must be a name", True),
    (in_claim("{statement: f == f, when: }"), "when", "`when` must be a condition or a list of conditions", True),
    (in_claim("{statement: f == f, when: [[a]]}"), "[a]", "item 1 of `when` must be a condition", True),
    (in_claim("{statement: f == f, layout: both}"), "both", "`layout` must be `gradient`, `jacobian` or", True),
    (in_claim("{statement: f == f, up_to: constant}"), "constant", "`up_to` must be `positive factor`, not", True),
    (in_claim("{statement: f ≈ 1, tolerance: -1}"), "-1", "`tolerance` must be a positive decimal", False),
    (in_claim("{statement: f ≈ 1, tolerance: 1/3}"), "1/3", "`tolerance` must be a positive decimal", True),
    (in_claim("{of: f, wrt: x, gradient: x, tolerance: 1}"), "tolerance", "a `tolerance` without a `statem", True),
    (in_claim("{statement: f == f, expect: maybe}"), "maybe", "`expect` must be `holds` or `fails`", True),
    (in_claim("{statement: f == f, expect: fails}"), "expect", "`expect: fails` without `correct`", True),
    (in_claim("{statement: f == f, correct: f}"), "correct", "`correct` without `expect: fails`", True),
    (in_claim("{statement: f == f, fails_at: 0}"), "fails_at", "`fails_at` without `expect: fails`", True),
    (in_claim("{statement: f == f, because: x}"), "because", "`because` without `expect: fails`", True),
    (in_claim("{statement: f == f, expect: holds, because: x}"), "because", "`because` without `expect", True),
    (
        in_claim("{statement: f == f, expect: fails, correct: 2, fails_at: -1}"),
        "-1",
        "`fails_at` must be the index of a step, not `-1`",
        False,
    ),
    (
        in_claim("{statement: f == f, expect: fails, correct: 2, fails_at: first}"),
        "first",
        "`fails_at` must be the index of a step, not `first`",
        True,
    ),
    (in_claim("{statement: f == f, points: -1}"), "-1", "`points` must be a number of points, not `-1`", False),
    (in_claim("{statement: f == f, points: many}"), "many", "`points` must be a number of points, not `many`", True),
    (in_claim("{statement: f == f, cite: [a]}"), "[a]", "`cite` must be a text, not this list", True),
    (in_claim("{stament: f == f}"), "stament", "unknown key `stament`", True),
]


def whole(body):
    head = HEAD if not body.startswith("title") else "derivcheck: 1\n"
    return head + body + ("" if body.endswith("\n") else "\n")


@pytest.mark.parametrize("body", VALID)
def test_what_is_right_is_taken_by_loading_and_by_the_schema(body):
    text = whole(body)
    derivation = loads(text, PATH)
    assert [claim.problems for claim in derivation.claims] == [()] * len(derivation.claims)
    for data in (as_text(text), as_typed(text)):
        assert [error.message for error in VALIDATOR.iter_errors(data)] == []


@pytest.mark.parametrize(("body", "under", "message", "structural"), INVALID)
def test_what_is_wrong_is_refused_by_loading_and_by_the_schema(body, under, message, structural):
    text = whole(body)
    rows = problems(text)
    (row,) = [row for row in rows if row[3].startswith(message)]
    line, column = row[:2]
    assert text.split("\n")[line - 1][column - 1 :].startswith(under)
    assert len(rows) == 1
    if structural:  # otherwise a JSON Schema cannot tell: a key given twice, a pattern of a number
        assert not VALIDATOR.is_valid(as_text(text))
        assert not VALIDATOR.is_valid(as_typed(text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title: x", "the key `derivcheck` is missing"),
        ("derivcheck: 1", "the key `title` is missing"),
        ("derivcheck: 2\ntitle: x", "`derivcheck` must be `1`, not `2`"),
        ("derivcheck: 1.0\ntitle: x", "`derivcheck` must be `1`, not `1.0`"),
        ("derivcheck: 1\ntitle: ''", "`title` must be a text, not nothing"),
    ],
)
def test_what_every_spec_needs(text, message):
    assert [row[3] for row in problems(text)] == [message]
    assert not VALIDATOR.is_valid(as_text(text))


def test_pydantic_is_not_heard_of():
    for body, *_ in INVALID:
        for _, _, _, message in problems(whole(body)):
            assert not any(word in message.lower() for word in ("pydantic", "http", "validation", "input", "extra"))


# --- the schema -----------------------------------------------------------------------------------------------


def test_the_shipped_schema_is_the_generated_one():
    shipped = files("derivcheck.spec").joinpath(schema.FILE_NAME).read_text(encoding="utf-8")
    assert shipped == schema.json_schema_text()
    Draft202012Validator.check_schema(json.loads(shipped))


def test_every_key_has_its_help():
    made = schema.json_schema()
    for part in (made, *(part for part in made["$defs"].values() if "properties" in part)):
        assert part["title"]
        assert part["description"]
        assert part["additionalProperties"] is False
        for name, key in part["properties"].items():
            assert key["description"], name
            assert "\n" not in key["description"]


def test_the_specs_of_the_project_are_valid_and_name_their_schema():
    paths = sorted(SPECS.glob("*.deriv.yaml"))
    assert paths
    for path in paths:
        text = path.read_text(encoding="utf-8")
        named = text.split("\n", 1)[0].removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve().is_file(), path.name
        for data in (as_text(text), as_typed(text)):
            assert [error.message for error in VALIDATOR.iter_errors(data)] == [], path.name
