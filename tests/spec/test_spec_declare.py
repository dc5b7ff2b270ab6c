"""What a spec declares: names, dimensions, shapes, domains, functions, definitions and assumptions."""

from fractions import Fraction

import pytest
from specfile import BASIS, HEAD, load, marked, problems

from derivcheck.lang import typed
from derivcheck.lang.domains import Domain
from derivcheck.model import DimensionRule


@pytest.mark.parametrize(
    ("written", "shape"),
    [
        ("", ()),
        ("[]", ()),
        ("[n]", ("n",)),
        ("[n, 1]", ("n", 1)),
        ("[3, m]", (3, "m")),
        ("'[n, 1]'", ("n", 1)),
        ('["n", 1]', ("n", 1)),
        ("[n, 1,]", ("n", 1)),
        ("\n    - n\n    - 1", ("n", 1)),
        ("{shape: [n, 1]}", ("n", 1)),
        ("{doc: a number}", ()),
        ("{shape: [ŷ, k_1]}", ("ŷ", "k_1")),
        ("[1, 1, 1, 1, 1, 1, 1, 1]", (1,) * 8),
        ("[1000]", (1000,)),
    ],
)
def test_shapes(written, shape):
    assert load(f"variables:\n  x: {written}\n").variables["x"].shape == shape


@pytest.mark.parametrize(
    ("written", "under", "message"),
    [
        ("[1001]", "1001", "an axis of more than 1,000"),
        ("[100000000000000000000000]", "100000000000000000000000", "an axis of more than 1,000"),
        ("[1000, 1000]", "[1000, 1000]", "an array of more than 10,000 entries"),
        ("[1, 1, 1, 1, 1, 1, 1, 1, 1]", "[1, 1, 1, 1, 1, 1, 1, 1, 1]", "an array with 9 axes; 8 are the most"),
        ("'[n, 0]'", "0", "an axis has 1 entry or more"),
        ("'[n m]'", "m", "an operator is missing before `m`"),
        ("'[n + 1]'", "n + 1", "`n + 1` is no name"),
        ("[for]", "for", "`for` is a word of the language and cannot be a name"),
        ("[x]", "x", "`x` is a variable and cannot be a dimension too"),
        ("[f]", "f", "`f` is a defined name and cannot be a dimension too"),
        ("[g]", "g", "`g` is a function and cannot be a dimension too"),
    ],
)
def test_shapes_that_are_none(written, under, message):
    text = HEAD + f"variables:\n  x: {written}\nfunctions: {{g: }}\ndefine: {{f: 1}}\n"
    assert [row[3] for row in problems(text)] == [message]
    assert marked(text) == [under]


def test_a_name_that_only_occurs_in_a_shape_is_a_dimension():
    derivation = load("dims: {k: 2, n: '>= 3', j: '> 3'}\nvariables: {x: [m, n], y: [m, k, h]}\n")
    assert derivation.dims == {
        "k": DimensionRule("k", least=2, exact=2),
        "n": DimensionRule("n", least=3),
        "j": DimensionRule("j", least=4),
        "m": DimensionRule("m"),
        "h": DimensionRule("h"),
    }
    assert list(derivation.dims) == ["k", "n", "j", "m", "h"]


@pytest.mark.parametrize("bound", ["2", "'== 2'", "'==2'"])
def test_an_exact_size(bound):
    assert load(f"dims: {{k: {bound}}}\n").dims["k"].exact == 2


@pytest.mark.parametrize(
    ("bound", "message"),
    [
        ("0", "a dimension has a size of 1 or more"),
        ("1001", "a dimension of more than 1,000"),
        ("'> 1000'", "a dimension of more than 1,000"),
        ("1" * 5000, "a dimension of more than 1,000"),
    ],
)
def test_sizes_that_are_none(bound, message):
    assert [row[3] for row in problems(HEAD + f"dims: {{k: {bound}}}\n")] == [message]


def test_a_dimension_is_a_number_in_expressions():
    derivation = load("variables: {x: [m]}\ndefine: {a: sum(x)/m}\n")
    assert isinstance(derivation.definitions["a"].right, typed.Dimension)


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ("real", Domain("real")),
        ("positive", Domain("positive")),
        ("'(0, 1)'", Domain("interval", Fraction(0), Fraction(1))),
        ("'(0, 1]'", Domain("interval", Fraction(0), Fraction(1), True, False)),
        ("[0, 1]", Domain("interval", Fraction(0), Fraction(1), False, False)),
        ("[-1/2, 0.25]", Domain("interval", Fraction(-1, 2), Fraction(1, 4), False, False)),
        ("'(0, oo)'", Domain("interval", Fraction(0), None)),
        ("{0, 1}", Domain("finite", values=(Fraction(0), Fraction(1)))),
        ("{-1, 1}", Domain("finite", values=(Fraction(-1), Fraction(1)))),
        ("{0}", Domain("finite", values=(Fraction(0),))),
        ("'{0, 1}'", Domain("finite", values=(Fraction(0), Fraction(1)))),
    ],
)
def test_domains(written, domain):
    assert load(f"variables: {{p: {{domain: {written}}}}}\n").variables["p"].domain == domain


def test_a_domain_in_a_block_needs_no_quotes():
    derivation = load("variables:\n  p:\n    domain: (0, 1)   # open\n")
    assert derivation.variables["p"].domain == Domain("interval", Fraction(0), Fraction(1))


@pytest.mark.parametrize("kind", ["symmetric", "invertible", "positive definite", "diagonal", "orthogonal"])
@pytest.mark.parametrize(
    ("shape", "square"),
    [("[n, n]", True), ("[3, 3]", True), ("[k, 2]", True), ("[n, m]", False), ("[n]", False), ("[2, 3]", False),
     ("[]", False), ("[n, n, n]", False)],
)  # fmt: skip
def test_domains_of_square_matrices(kind, shape, square):
    text = f"dims: {{k: 2}}\nvariables: {{A: {{shape: {shape}, domain: {kind}}}}}\n"
    if square:
        assert load(text).variables["A"].domain.kind == kind
        return
    ((*_, message),) = problems(HEAD + text)
    assert message.startswith(f"`{kind}` is a domain of square matrices, and the shape is ")
    assert marked(HEAD + text) == [kind]


@pytest.mark.parametrize("kind", ["simplex", "one-hot"])
def test_domains_of_arrays(kind):
    assert load(f"variables: {{y: {{shape: [k], domain: {kind}}}}}\n").variables["y"].domain.kind == kind
    text = HEAD + f"variables: {{y: {{domain: {kind}}}}}\n"
    assert [row[3] for row in problems(text)] == [f"`{kind}` is a domain of arrays, and this is a number"]


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("'(1, 0)'", "this interval is reversed"),
        ("reel", "there is no domain `reel`"),
        ("{0, x}", "a domain's values are rational numbers"),
        ("{}", "this set has no value in it"),
    ],
)
def test_domains_that_are_none(written, message):
    ((*_, found),) = problems(HEAD + f"variables: {{p: {{domain: {written}}}}}\n")
    assert found.startswith(message)


# --- names ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["lambda", "class", "None", "E", "I", "S", "N", "beta", "__x__", "e", "pi", "exp", "ŷ", "σ", "W1", "D"]
)
def test_any_name_is_allowed(name):
    assert list(load(f"variables: {{{name}: }}\nclaims: {{a: {name} == {name}}}\n").variables) == [name]


@pytest.mark.parametrize("name", ["and", "or", "not", "for", "in"])
def test_the_words_of_the_language_are_no_names(name):
    for section in ("dims: {%s: 2}", "variables: {%s: }", "functions: {%s: }", "define: {%s: 1}"):
        rows = problems(HEAD + section % name + "\n")
        assert [row[3] for row in rows] == [f"`{name}` is a word of the language and cannot be a name"]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("variables: {x: }\ndefine: {x: 1}\n", 4, "`x` is declared twice: it is a variable (line 3)"),
        ("dims: {n: 2}\nvariables: {n: }\n", 4, "`n` is declared twice: it is a dimension (line 3)"),
        ("functions: {g: }\ndefine: {g: 1}\n", 4, "`g` is declared twice: it is a function (line 3)"),
        ("variables: {g: }\nfunctions: {g: }\n", 4, "`g` is declared twice: it is a variable (line 3)"),
        ("variables: {ŷ: , y\u0302: }\n", 3, "`ŷ` is declared twice: it is a variable (line 3)"),
    ],
)
def test_a_name_means_one_thing(text, line, message):
    ((found, *_, said),) = problems(HEAD + text)
    assert (found, said) == (line, message)


def test_names_that_cannot_be_told_apart():
    ((*_, message),) = problems(HEAD + "variables: {a: , а: }\n")
    assert message == "`а` looks like `a` (line 3), but they differ in U+0430 (CYRILLIC SMALL LETTER A)"


# --- definitions ----------------------------------------------------------------------------------------------


def test_definitions_in_order():
    derivation = load("variables: {x: [n, 1], w: [n, 1]}\ndefine:\n  u: (w.T @ x)[0, 0]\n  f: 1/(1 + exp(-u))\n")
    assert list(derivation.definitions) == ["u", "f"]
    assert derivation.definitions["f"].shape == ()


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("f: u\nu: 1", [(5, 6, "`f` uses `u`, which is defined after it")]),
        ("f: f + 1", [(5, 6, "`f` is defined by itself: `f` → `f`")]),
        ("f: u\nu: f", [(5, 6, "`f` is defined by itself: `f` → `u` → `f`")]),
        ("a: b\nb: c\nc: a", [(5, 6, "`a` is defined by itself: `a` → `b` → `c` → `a`")]),
        (
            "a: b\nb: a\nc: d\nd: c",
            [
                (5, 6, "`a` is defined by itself: `a` → `b` → `a`"),
                (7, 6, "`c` is defined by itself: `c` → `d` → `c`"),
            ],
        ),
        ("f: sum(u for u in n)\nu: 1", []),
        ("f: D(x*x, x)\nx2: f", []),
        ("f: v\ng: f + 1\nh: g + 1", [(5, 6, "`v` is not declared")]),
        ("f: 1 +\ng: f", [(5, 8, "the formula ends after `+`, but a value is expected")]),
        ("f:\n    - 1", [(6, 7, "a dash and a blank make a list with one entry of this")]),
        ("f: v @ w\ng: w @", [(5, 6, "`v` is not declared"), (6, 8, "the formula ends after `@`")]),
    ],
)
def test_definitions_that_cannot_be(body, rows):
    lines = "".join(f"  {line}\n" for line in body.split("\n"))
    text = HEAD + f"variables: {{x: , w: [n]}}\ndefine:\n{lines}"
    if not rows:
        assert load(text[len(HEAD) :]).definitions
        return
    found = problems(text)
    assert [(row[0], row[1]) for row in found] == [(row[0], row[1]) for row in rows]
    assert all(row[3].startswith(said) for row, (*_, said) in zip(found, rows, strict=True))


def test_an_array_in_a_definition():
    (entries,) = load("define: {A: [[1, 2], [3, 4]]}\n").definitions.values()
    assert isinstance(entries, typed.Entries)
    assert entries.shape == (2, 2)


def test_what_rests_on_a_problem_is_not_told_again():
    text = BASIS.replace("u: 'sum(w*x)'", "u: 'sum(w*y)'") + "claims: {a: f == u, b: 'D(f, w) == u*x', c: f == q}\n"
    assert [row[3] for row in problems(text)] == ["`y` is not declared", "`q` is not declared"]
    text = HEAD + "variables: {x: [n, 0], y: [n]}\ndefine: {f: sum(x)}\nassume: [f > 0]\nclaims: {a: f == sum(x*y)}\n"
    assert [row[2] for row in problems(text)] == ["value"]


# --- functions, assumptions, notation -------------------------------------------------------------------------


def test_opaque_functions():
    derivation = load("functions: {g: {derivative: 'g(z)*(1 - g(z))'}, h: , c: {derivative: 3}}\n")
    assert {name: function.parameter is not None for name, function in derivation.functions.items()} == {
        "g": True,
        "h": False,
        "c": False,
    }
    assert isinstance(derivation.functions["g"].derivative, typed.Arithmetic)
    assert derivation.functions["h"].derivative is None
    assert isinstance(derivation.functions["c"].derivative, typed.Number)


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("g(z)*g(t)", "the argument of `g` could be `z` or `t`"),
        ("g(z", "`(` is never closed"),
        ("'[z, z]'", "the derivative of `g` must be a number; this has the shape [2]"),
    ],
)
def test_rules_that_are_none(rule, message):
    assert [row[3] for row in problems(HEAD + f"functions:\n  g:\n    derivative: {rule}\n")] == [message]


def test_assumptions():
    derivation = load("variables: {s: , y: [k]}\nassume:\n  - s > 0\n  - sum(y) == 1\n")
    assert [type(condition) for condition in derivation.assume] == [typed.Compare, typed.Compare]
    assert load("assume: 1 < 2\n").assume[0].operator == "<"


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("s >", "the formula ends after `>`"),
        ("t > 0", "`t` is not declared"),
        ("s + 1", "a number stands where a condition"),
    ],
)
def test_assumptions_that_are_none(condition, message):
    rows = problems(HEAD + f"variables: {{s: }}\nassume: [{condition}]\n")
    assert len(rows) == 1
    assert rows[0][3].startswith(message)


def test_a_condition_cut_by_a_comma():
    text = HEAD + "variables: {s: }\nassume: [max(s, 1) > 0]\n"
    assert [row[3] for row in problems(text)] == ["a comma has cut this formula in two"]


def test_notation():
    body = "variables: {x: , ŷ: }\nnotation: {ŷ: ['\\hat{y}', 'a^{[2]}', '\\hat{y}'], sigmoid: ['\\sigma']}\n"
    assert load(body).notation == {"ŷ": ("\\hat{y}", "a^{[2]}"), "sigmoid": ("\\sigma",)}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("{xx: ['a']}", "`xx` is not declared, so it cannot be spelled"),
        ("{x: ['a'], y: ['a']}", "`a` is a spelling of `x` already"),
    ],
)
def test_notation_that_is_none(body, message):
    assert [row[3] for row in problems(HEAD + f"variables: {{x: , y: }}\nnotation: {body}\n")] == [message]


def test_plain_texts_are_kept():
    derivation = load("source: a page\ndescription: >\n  Two\n  lines.\nlayout: jacobian\n")
    assert (derivation.title, derivation.origin, derivation.description) == ("a test", "a page", "Two lines.")
    assert derivation.layout == "jacobian"
    assert derivation.source.path == "test.deriv.yaml"


# --- limits ---------------------------------------------------------------------------------------------------


def test_as_many_names_and_claims_as_can_be_looked_at():
    assert len(load("variables:\n" + "".join(f"  x{i}:\n" for i in range(500))).variables) == 500
    names = "variables:\n" + "".join(f"  x{i}:\n" for i in range(300))
    names += "define:\n" + "".join(f"  f{i}: 1\n" for i in range(201))
    assert [row[3] for row in problems(HEAD + names)] == ["this spec declares 501 names; 500 are the most"]
    shapes = "variables:\n" + "".join(f"  x{i}: [n{i}, m{i}]\n" for i in range(200))
    assert [row[3] for row in problems(HEAD + shapes)] == ["more than 500 names, with the dimensions in shapes"]
    claims = "claims:\n" + "".join(f"  c{i}: 1 == 1\n" for i in range(2001))
    assert [row[3] for row in problems(HEAD + claims)] == ["this spec makes 2,001 claims; 2,000 are the most"]
