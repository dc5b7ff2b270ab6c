"""Claims: chains, corrections, points, conditions, layouts; and what makes one claim invalid and not its file."""

from fractions import Fraction

import pytest
from specfile import BASIS, HEAD, claim, load, marked, problems

from derivcheck.lang import typed
from derivcheck.model import PointValue

MATRICES = HEAD + "variables: {W: [n, n], A: [n, m], x: [n, 1]}\ndefine: {f: sum(A), q: '(x.T @ W @ x)[0, 0]'}\n"


def links(found):
    return [(link.left_text, link.relation, link.right_text) for link in found.statement.links]


def invalid(body, head=BASIS):
    """The messages of a claim that is invalid while its file is taken."""
    found = claim(body, head)
    assert found.statement is None
    assert found.problems
    return [problem.message for problem in found.problems]


def both(body, head=BASIS):
    """The problems of a claim whose text is refused."""
    return [row[3] for row in problems(f"{head}claims:\n  it: {body}\n")]


# --- chains ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text", "expected"),
    [
        ("f == u**2", "f == u**2", [("f", "==", "u**2")]),
        ("f == u**2 == u*u", "f == u**2 == u*u", [("f", "==", "u**2"), ("u**2", "==", "u*u")]),
        ("(f) == (u)*(u)", "(f) == (u)*(u)", [("(f)", "==", "(u)*(u)")]),
        ("{statement: s ≈ 0.3932}", "s ≈ 0.3932", [("s", "≈", "0.3932")]),
        ("{statement: s ~= -1}", "s ~= -1", [("s", "≈", "-1")]),
        ("s == s for j in n", "s == s for j in n", [("s", "==", "s")]),
        ("{statement: f == u**2, steps: [u*u]}", "f == u**2 == u*u", [("f", "==", "u**2"), ("u**2", "==", "u*u")]),
        (
            "{statement: x == x for j in n, steps: [1*x, x]}",
            "x == x == 1*x == x for j in n",
            [("x", "==", "x"), ("x", "==", "1*x"), ("1*x", "==", "x")],
        ),
        ("{of: f, wrt: w, gradient: 2*u*x}", "D(f, w) == 2*u*x", [("D(f, w)", "==", "2*u*x")]),
        (
            "{of: f, wrt: w, gradient: 2*u*x, steps: [x*u*2, u*x*2]}",
            "D(f, w) == x*u*2 == u*x*2 == 2*u*x",
            [("D(f, w)", "==", "x*u*2"), ("x*u*2", "==", "u*x*2"), ("u*x*2", "==", "2*u*x")],
        ),
        ("{of: f, wrt: u, steps: [2*u]}", "D(f, u) == 2*u", [("D(f, u)", "==", "2*u")]),
        ("{of: sum(x), wrt: 'x[0, 0]', gradient: 1}", "D(sum(x), x[0, 0]) == 1", [("D(sum(x), x[0, 0])", "==", "1")]),
        ("'f ==\n      u**2'", "f == u**2", [("f", "==", "u**2")]),
        (">\n      f ==\n      u**2\n", "f == u**2", [("f", "==", "u**2")]),
        ("|\n      f ==\n      u  **  2\n", "f == u ** 2", [("f", "==", "u ** 2")]),
    ],
)
def test_chains(body, text, expected):
    found = claim(body)
    assert found.problems == ()
    assert (found.text, found.statement.text) == (text, text)
    assert links(found) == expected


def test_a_link_knows_its_right_hand_term():
    text = BASIS + "claims:\n  it:\n    of: f\n    wrt: w\n    gradient: 2*u*x\n    steps:\n      - x*u*2\n"
    found = load(text[len(HEAD) :]).claims[0]
    assert [text[link.span.start : link.span.end] for link in found.statement.links] == ["x*u*2", "2*u*x"]
    assert text[found.span.start : found.span.end] == "it"
    statement = load(BASIS[len(HEAD) :] + "claims: {it: f == u**2 == (u)*u}\n").claims[0].statement
    shown = (BASIS + "claims: {it: f == u**2 == (u)*u}\n")[statement.links[1].span.start :]
    assert shown.startswith("(u)*u}")


def test_quantifiers():
    (over,) = claim("x[j, 0] == x[j, 0] for j in n").statement.quantifiers
    assert (over.name, over.size, over.domain) == ("j", "n", None)
    (over,) = claim("z == z for z in positive").statement.quantifiers
    assert (over.name, over.size, over.domain.kind) == ("z", None, "positive")


def test_arrays_that_yaml_reads_as_lists():
    found = claim("{statement: 'x == [[1], [2]]', at: {n: 2}}")
    assert found.problems == ()
    for written in ("[[1], [2]]", "[['1'], [\"2\"]]", "'[[1], [2]]'", "\n      - [1]\n      - [2]\n"):
        found = claim(f"\n    of: s*x[0, 0] + s*2*x[1, 0]\n    wrt: x\n    at: {{n: 2}}\n    gradient: {written}")
        assert links(found)[0][2].replace(" ", "") == "[[1],[2]]"


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("f", "this states nothing: `==` or `≈` is missing"),
        ("f = 1", "a single `=` states nothing"),
        ("f < 1", "a claim cannot be made with `<`"),
        ("f == ", "the formula ends after `==`"),
        ("{of: f, wrt: w, gradient: 2*}", "the formula ends after `*`"),
        ("{of: f +, wrt: w, gradient: 2}", "the formula ends after `+`"),
        ("{statement: f == 1, steps: ['(1']}", "`(` is never closed"),
        ("{statement: f == 1, steps: ['1', max(1, 2)]}", "a comma has cut this formula in two"),
        ("{statement: s ≈ 0.5, steps: [0.5]}", "`steps` cannot follow a statement with ≈"),
        ("{statement: f == 1, when: s >}", "the formula ends after `>`"),
        ("{statement: f == 1, when: 'max(s, 1) >'}", "the formula ends after `>`"),
        ("'$f = 1$ for s in real'", "LaTeX cannot be read here"),
        ("'$f = {1$'", "this brace is not closed"),
        ("'$f > 1$'", "a statement is an equation"),
        ("f == 9**9**9", "this exponent is too large"),
        ("f == 1e999999999", "the decimal exponent 999999999 is too large"),
    ],
)
def test_texts_that_refuse_the_file(body, message):
    (found,) = both(body)
    assert found.startswith(message)


@pytest.mark.parametrize(
    "body",
    [
        "\n    of: f\n    wrt: s\n    gradient:\n      - x",
        "\n    of: f\n    wrt: s\n    steps:\n      - - x\n",
        "\n    statement: f == 1\n    expect: fails\n    correct:\n      - 2",
    ],
)
def test_a_minus_that_yaml_takes_for_a_list(body):
    assert both(body) == ["a dash and a blank make a list with one entry of this"]


def test_a_list_with_one_row_is_an_array():
    body = (
        "\n    of: x[0, 0]*s\n    wrt: s\n    gradient:\n      - [1, 2]\n    steps:\n      - -x[0, 0]\n      - [s]\n"
    )
    assert claim(body).text == "D(x[0, 0]*s, s) == -x[0, 0] == [s] == [[1, 2]]"


# --- what makes one claim invalid -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("f == g", "`g` is not declared"),
        ("D(f, w) == 2*u*x.T", "the two sides have different shapes: [n, 1] and [1, n]"),
        ("{of: f, wrt: w, gradient: x.T}", "the two sides have different shapes: [n, 1] and [1, n]"),
        ("{of: f, wrt: ww, gradient: x}", "`ww` is not declared"),
        ("{of: ff, wrt: w, gradient: x}", "`ff` is not declared"),
        ("{statement: f == 1, steps: [x @ x]}", "the shapes [n, 1] and [n, 1] do not go together under `@`"),
        ("{statement: f == f, when: t > 0}", "`t` is not declared"),
        ("{statement: f == f, at: {xx: 1}}", "`xx` is not declared"),
        ("{statement: f == f, at: {x: [1, 2]}}", "`x` has the shape [n, 1], and this value [2]"),
        ("{statement: f == f, at: {f: [1, 2]}}", "`f` has the shape [] (a number), and this value [2]"),
        ("{statement: f == f, at: {p: -1}}", "this value of `p` is outside of its domain: -1 is not in the dom"),
        ("{statement: f == f, at: {x: [[1]], w: [[1], [2]]}}", "`w` makes `n` 2, but `x` makes it 1"),
        ("{statement: f == f, at: {n: 2, w: [[1]]}}", "`w` makes `n` 1, but `n` makes it 2"),
        ("{statement: f == f, at: {n: 1/2}}", "`n` is a dimension: its size is a whole number from 1 to 1,000"),
        ("{statement: f == f, at: {n: [1]}}", "`n` is a dimension: its size is a whole number from 1 to 1,000"),
        ("{statement: f == f, at: {n: 10000}}", "`n` is a dimension: its size is a whole number from 1 to 1,000"),
    ],
)
def test_names_and_shapes_make_one_claim_invalid(body, message):
    (found,) = invalid(body)
    assert found.startswith(message)


def test_an_invalid_claim_leaves_the_others_alone():
    derivation = load("variables: {x: }\nclaims:\n  a: x == y\n  b: x == x\n  c: x == [1, 2] @ x\n")
    assert [claim.statement is None for claim in derivation.claims] == [True, False, True]
    assert [claim.id for claim in derivation.claims] == ["a", "b", "c"]
    assert derivation.claims[0].text == "x == y"


def test_values_of_what_has_none():
    head = HEAD + "variables: {x: , ŷ: }\nfunctions: {g: }\n"
    assert invalid("{statement: x == x, at: {g: 1}}", head) == ["`g` is a function and has no value"]
    assert invalid("{statement: x == x, at: {ŷ: 1, y\u0302: 1}}", head) == ["`ŷ` has a value twice"]
    assert invalid("{statement: z == x for z in real, at: {z: 1}}", head) == ["`z` is not declared"]


def test_a_point_too_large_refuses_the_file():
    head = HEAD + "variables: {v: [n]}\n"
    assert claim(f"{{statement: 1 == 1, at: {{v: {[1] * 1000}}}}}", head).sizes == {"n": 1000}
    text = f"{head}claims:\n  it: {{statement: 1 == 1, at: {{v: {[1] * 1001}}}}}\n"
    assert [row[2:] for row in problems(text)] == [("limit", "`v` makes `n` 1,001; 1,000 is the most")]


def test_every_problem_of_a_claim_is_told():
    assert invalid("{statement: f == g, when: h > 0, steps: [i]}") == [
        "`g` is not declared",
        "`i` is not declared",
        "`h` is not declared",
    ]


def test_a_refused_file_tells_of_its_invalid_claims_too():
    text = HEAD + "variables: {x: , y: [0]}\nclaims: {a: x == z, b: x ==}\n"
    assert [row[2] for row in problems(text)] == ["value", "name", "syntax"]


# --- points ---------------------------------------------------------------------------------------------------


def test_points():
    found = claim("{statement: f == f, at: {w: [[2], [-3]], x: [[1/2], [0.1]], u: -1e-2, s: 3}}")
    assert found.at == {
        "w": PointValue((2, 1), (Fraction(2), Fraction(-3))),
        "x": PointValue((2, 1), (Fraction(1, 2), Fraction(1, 10))),
        "u": PointValue((), (Fraction(-1, 100),)),
        "s": PointValue((), (Fraction(3),)),
    }
    assert found.sizes == {"n": 2}


def test_the_sizes_of_a_point_go_into_the_shapes_of_its_claim():
    found = claim("{statement: 'D(f, w) ≈ [[1.5], [2.5]]', at: {w: [[2], [-3]], x: [[1], [1]]}}")
    assert found.problems == ()
    assert invalid("{statement: 'D(f, w) ≈ [[1.5], [2.5], [1]]', at: {w: [[2], [-3]], x: [[1], [1]]}}") == [
        "the two sides have different shapes: [n, 1] and [3, 1]"
    ]


@pytest.mark.parametrize(
    ("declared", "value", "shape"),
    [
        ("[]", "3", ()),
        ("[2]", "[3, 4]", (2,)),
        ("[1, 1]", "3", (1, 1)),
        ("[1]", "3", (1,)),
        ("[1, 1]", "[[3]]", (1, 1)),
        ("[n, m]", "[[1, 2, 3], [4, 5, 6]]", (2, 3)),
        ("[n, m]", "\n        - [1, 2, 3]\n        - [4, 5, 6]", (2, 3)),
        ("[n, m]", "'[[1, 2], [3, 4]]'", (2, 2)),
        ("[2, 1, 2]", "[[[1, 2]], [[3, 4]]]", (2, 1, 2)),
        ("[n, n]", "[[1, 2], [3, 4]]", (2, 2)),
    ],
)
def test_values_and_shapes(declared, value, shape):
    body = f"variables: {{v: {declared}}}\nclaims:\n  a:\n    statement: 1 == 1\n    at:\n      v: {value}\n"
    found = load(body).claims[0]
    assert found.problems == ()
    assert found.at["v"].shape == shape


@pytest.mark.parametrize(
    ("declared", "value", "message"),
    [
        ("[2]", "[3]", "`v` has the shape [2], and this value [1]"),
        ("[n, 1]", "3", "`v` has the shape [n, 1], and this value [] (a number)"),
        ("[n, 1]", "[[1, 2]]", "`v` has the shape [n, 1], and this value [1, 2]"),
        ("[n, n]", "[[1, 2]]", "`v` makes `n` 2, but `v` makes it 1"),
        ("[k]", "[1]", "`v` makes `k` 1, but `dims` says 2"),
        ("[j]", "[1]", "`v` makes `j` 1, but `dims` says 3 or more"),
    ],
)
def test_values_that_do_not_fit(declared, value, message):
    body = f"dims: {{k: 2, j: '>= 3'}}\nvariables: {{v: {declared}}}\nclaims:\n  a: {{statement: 1 == 1, at: "
    (found,) = load(body + f"{{v: {value}}}}}\n").claims[0].problems
    assert found.message == message


def test_how_a_row_is_made_a_column():
    (found,) = claim("{statement: f == f, at: {x: [1, -2]}}").problems
    assert found.hint == "a column is written [[1], [-2]]"
    (found,) = claim("{statement: 1 == 1, at: {r: [[1], [2]]}}", HEAD + "variables: {r: [1, n]}\n").problems
    assert found.hint == "a row is written [[1, 2]]"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("about", "a point is given by exact numbers"),
        ("log(2)", "a point is given by exact numbers"),
        ("2*3", "a point is given by exact numbers"),
        ("1/0", "a division by zero"),
        ("[]", "an array without entries"),
        ("[[1], [2, 3]]", "the rows of this array differ: [1] and [2]"),
        ("[1, [2]]", "the rows of this array differ: [] (a number) and [1]"),
        ("1 2", "two numbers stand side by side"),
        ("nan", "a point is given by exact numbers"),
        (".inf", "`.inf` is not possible"),
        ("1e999999999", "the decimal exponent 999999999 is too large"),
        ("1" * 600, "this number has 600 digits"),
    ],
)
def test_values_that_are_none(value, message):
    (found,) = both(f"{{statement: f == f, at: {{x: {value}}}}}")
    assert found.startswith(message)


@pytest.mark.parametrize(
    ("domain", "shape", "inside", "outside"),
    [
        ("positive", "[]", ["1", "1e-9"], ["0", "-1"]),
        ("nonnegative", "[]", ["0", "2"], ["-1e-9"]),
        ("integer", "[]", ["-3"], ["1/2"]),
        ("'(0, 1]'", "[]", ["1", "0.5"], ["0", "1.001"]),
        ("'[0, 1)'", "[]", ["0", "0.5"], ["1", "-0.1"]),
        ("'(0, oo)'", "[]", ["9e99"], ["0"]),
        ("'(-oo, 0)'", "[]", ["-9e99"], ["0"]),
        ("'{-1, 1}'", "[2]", ["[1, -1]"], ["[1, 0]"]),
        ("real", "[2]", ["[1, -1]"], []),
        ("simplex", "[2]", ["[0.5, 1/2]", "[1, 0]"], ["[0.5, 0.6]", "[-1, 2]"]),
        ("one-hot", "[3]", ["[0, 1, 0]"], ["[0, 0, 0]", "[1, 1, 0]", "[0.5, 0.5, 0]"]),
        ("symmetric", "[2, 2]", ["[[1, 2], [2, 3]]"], ["[[1, 2], [3, 4]]"]),
        ("diagonal", "[2, 2]", ["[[1, 0], [0, 0]]"], ["[[1, 1], [0, 1]]"]),
        ("invertible", "[2, 2]", ["[[0, 1], [1, 0]]", "[[1, 2], [3, 4]]"], ["[[1, 2], [2, 4]]", "[[0, 0], [0, 0]]"]),
        (
            "positive definite",
            "[2, 2]",
            ["[[2, 1], [1, 2]]"],
            ["[[1, 2], [2, 1]]", "[[0, 1], [1, 0]]", "[[2, 1], [0, 2]]", "[[-1, 0], [0, -1]]"],
        ),
        ("orthogonal", "[2, 2]", ["[[3/5, 4/5], [-4/5, 3/5]]"], ["[[1, 1], [-1, 1]]"]),
    ],
)
def test_values_lie_in_their_domains(domain, shape, inside, outside):
    head = f"variables: {{v: {{shape: {shape}, domain: {domain}}}}}\nclaims:\n  a: {{statement: 1 == 1, at: {{v: "
    for value in inside:
        assert load(head + value + "}}\n").claims[0].problems == ()
    for value in outside:
        (problem,) = load(head + value + "}}\n").claims[0].problems
        assert problem.code == "domain"
        assert problem.message.startswith("this value of `v` is outside of its domain: ")


def test_a_large_matrix_of_a_costly_domain_is_not_looked_at():
    identity = [[int(i == j) for j in range(17)] for i in range(17)]
    head = "variables: {A: {shape: [n, n], domain: invertible}}\nclaims:\n  a: {statement: 1 == 1, at: {A: "
    (problem,) = load(f"{head}{identity}}}}}\n").claims[0].problems
    assert "with more than 16 rows it cannot be told" in problem.message


# --- conditions -----------------------------------------------------------------------------------------------


def test_conditions():
    assert len(claim("{statement: f == f, when: s > 0}").when) == 1
    assert len(claim("{statement: f == f, when: [s > 0, u != 1]}").when) == 2
    assert len(claim("\n    statement: f == f\n    when:\n      - max(s, 1) > 0\n").when) == 1


def test_a_condition_may_speak_of_what_the_statement_binds():
    found = claim("{statement: relu'(z) == indicator(z > 0) for z in real, when: z != 0}")
    assert found.problems == ()
    (condition,) = found.when
    assert isinstance(condition.left, typed.Bound)
    assert condition.left.key == found.statement.quantifiers[0].key


# --- layouts --------------------------------------------------------------------------------------------------


def test_layouts():
    assert claim("{of: f, wrt: w, gradient: 2*u*x}").layout == "gradient"
    assert claim("{of: f, wrt: w, gradient: (2*u*x).T, layout: jacobian}").problems == ()
    assert invalid("{of: f, wrt: w, gradient: (2*u*x).T}")
    assert invalid("{of: f, wrt: w, gradient: 2*u*x, layout: jacobian}")
    assert claim("{of: f, wrt: w, gradient: 2*u*x}", BASIS + "layout: either\n").layout == "either"
    assert claim("{of: f, wrt: w, gradient: (2*u*x).T}", BASIS + "layout: jacobian\n").problems == ()
    assert claim("{of: f, wrt: w, gradient: 2*u*x, layout: gradient}", BASIS + "layout: jacobian\n").problems == ()


@pytest.mark.parametrize(("gradient", "transposed"), [("2*u*x", False), ("(2*u*x).T", True)])
def test_either_layout_is_the_one_that_fits(gradient, transposed):
    found = claim(f"{{of: f, wrt: w, gradient: {gradient}, layout: either}}")
    assert found.statement.links[0].left.transposed is transposed
    assert found.warnings == ()


def test_where_both_layouts_fit_the_claim_says_so():
    found = claim("{of: q, wrt: W, gradient: x @ x.T, layout: either}", MATRICES)
    assert found.statement.links[0].left.transposed is False
    assert found.warnings == ("both layouts fit; the claim is read in the layout `gradient`",)
    found = claim("{of: f, wrt: A, gradient: 'ones(n, m)', layout: either}", MATRICES)
    assert found.warnings == ()


def test_where_neither_layout_fits_the_problems_are_those_of_the_gradient():
    assert invalid("{of: f, wrt: w, gradient: x @ x.T, layout: either}") == [
        "the two sides have different shapes: [n, 1] and [n, n]"
    ]


# --- corrections ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("{statement: f == u, expect: fails, correct: u**2}", "f == u**2"),
        ("{statement: f == u, expect: fails, correct: f == u**2}", "f == u**2"),
        ("{statement: f == u, expect: fails, correct: u*u == u**2 == f}", "u*u == u**2 == f"),
        ("{statement: f == u == 2, expect: fails, correct: u**2}", "f == u**2"),
        ("{statement: f == u, steps: [u], expect: fails, correct: u**2}", "f == u**2"),
        ("{of: f, wrt: w, gradient: x, expect: fails, correct: 2*u*x}", "D(f, w) == 2*u*x"),
        ("{of: f, wrt: w, gradient: x, steps: [x], expect: fails, correct: 2*u*x}", "D(f, w) == 2*u*x"),
        ("{of: f, wrt: w, gradient: x, expect: fails, correct: 'D(f, u) == 2*u'}", "D(f, u) == 2*u"),
        ("{statement: 's ≈ 0.41', expect: fails, correct: 0.39}", "s ≈ 0.39"),
        ("{statement: 's ≈ 0.41', expect: fails, correct: -0.39}", "s ≈ -0.39"),
        ("{statement: 's ≈ 0.41', expect: fails, correct: 2*p}", "s == 2*p"),
        ("{statement: 's == 0.41', expect: fails, correct: s ≈ 0.39}", "s ≈ 0.39"),
        ("{statement: s == p == 0.41, expect: fails, correct: 0.39}", "s == 0.39"),
        ("{statement: s == p ≈ 0.41, expect: fails, correct: 0.39}", "s ≈ 0.39"),
        ("{statement: 'z == 2 for z in real', expect: fails, correct: z}", "z == z for z in real"),
        (
            "{statement: 'z == 2 for z in real', expect: fails, correct: 'p == p for p in real'}",
            "p == p for p in real",
        ),
        ("{statement: 'x == [[1], [2]]', at: {n: 2}, expect: fails, correct: [[3], [4]]}", "x == [[3], [4]]"),
        ("{statement: f == u, expect: fails, correct: where(s == 0, u, u**2)}", None),
        ("{statement: f == u, expect: fails, correct: '(where(s == 0, u, u**2))'}", "f == (where(s == 0, u, u**2))"),
    ],
)
def test_corrections(body, text):
    if text is None:
        assert both(body) == ["a comma has cut this text in two"]
        return
    found = claim(body)
    assert found.expect == "fails"
    assert found.correct.problems == ()
    assert (found.correct.id, found.correct.text) == ("it.correct", text)
    assert (found.correct.expect, found.correct.correct) == ("holds", None)


def test_a_correction_inherits_what_the_claim_stands_on():
    found = claim(
        "{statement: s ≈ 0.4, at: {x: [[1]], s: 0.5}, when: s > 0, layout: either, up_to: positive factor, "
        "tolerance: 0.1, expect: fails, fails_at: 0, because: b, correct: 0.5, points: 2, cite: c}"
    )
    correct = found.correct
    for name in ("at", "sizes", "layout", "up_to", "tolerance"):
        assert getattr(correct, name) == getattr(found, name)
    assert len(correct.when) == 1
    assert (found.fails_at, found.because, found.points, found.cite) == (0, "b", Fraction(2), "c")
    assert (correct.fails_at, correct.because, correct.points, correct.cite) == (None, None, None, None)


def test_an_invalid_claim_may_have_a_sound_correction():
    found = claim("{statement: 'D(f, w) == 2*u*x.T', expect: fails, correct: 2*u*x}")
    assert found.statement is None
    assert found.correct.statement is not None


def test_a_correction_may_be_invalid():
    found = claim("{statement: f == u, expect: fails, correct: v}")
    assert found.statement is not None
    assert found.correct.statement is None
    assert [problem.message for problem in found.correct.problems] == ["`v` is not declared"]


@pytest.mark.parametrize(
    ("correct", "message"),
    [
        ("2*", "the formula ends after `*`"),
        ("f ==", "the formula ends after `==`"),
        ("f < 2", "a claim cannot be made with `<`"),
        ("'x == 1 for'", "the formula ends after `for`"),
        ("2 for j in n", "`for` can stand after a whole statement"),
    ],
)
def test_corrections_that_are_none(correct, message):
    (found,) = both(f"{{statement: f == u, expect: fails, correct: {correct}}}")
    assert found.startswith(message)


def test_the_place_of_the_first_wrong_step():
    body = "{statement: f == u == 2, expect: fails, correct: u**2, fails_at: %s}"
    assert claim(body % 1).fails_at == 1
    assert both(body % 2) == ["`fails_at` is 2, but this chain has the steps 0 to 1"]
    body = "{of: f, wrt: w, gradient: x, steps: [x], expect: fails, correct: 2*u*x, fails_at: %s}"
    assert claim(body % 1).fails_at == 1
    assert both(body % 2) == ["`fails_at` is 2, but this chain has the steps 0 to 1"]


# --- tolerance, points, texts ---------------------------------------------------------------------------------


def test_tolerances():
    assert claim("{statement: s ≈ p, tolerance: 1e-3}").tolerance == Fraction(1, 1000)
    assert claim("{statement: s == p == 2 ≈ 2.0, tolerance: 0.5}").tolerance == Fraction(1, 2)
    assert both("{statement: s == p, tolerance: 1e-3}") == ["a `tolerance` without ≈"]
    assert both("{statement: s ≈ p, tolerance: 0}") == ["a tolerance of 0"]
    assert both("{statement: s ≈ p, tolerance: 1e-99999}") == [
        "the decimal exponent -99999 is too large; 1000 is the most"
    ]
    found = claim("{statement: s == p, tolerance: 0.1, expect: fails, correct: s ≈ p}")
    assert (found.tolerance, found.correct.tolerance) == (None, Fraction(1, 10))


@pytest.mark.parametrize(("written", "points"), [("2", "2"), ("0.5", "1/2"), ("1/3", "1/3"), ("0", "0")])
def test_points_of_a_claim(written, points):
    assert claim(f"{{statement: f == f, points: {written}}}").points == Fraction(points)


def test_remarks_come_with_the_claim():
    assert claim("D(f, s) == 0").warnings == ("what is differentiated does not depend on `s`: this derivative is 0",)
    head = HEAD + "variables: {Z: [m, k]}\ndefine: {P: softmax(Z), L: sum(log(P))}\n"
    (remark,) = claim("L == L", head).warnings
    assert remark == "in `P`: `softmax` without `axis=` is taken over all entries of the matrix"


def test_carets_in_every_style_of_scalar():
    for body in (
        "f == u + q",
        "'f == u + q'",
        '"f == u + q"',
        '"f \\x3d= u + q"',
        "{statement: f == u + q}",
        "{of: f, wrt: w, gradient: x*q}",
        "\n    statement: f ==\n      u +\n\n      q",
        "\n    statement: 'f ==\n      u + q'",
        '\n    statement: "f == \\\n      u + q"',
        "\n    statement: >-\n      f ==\n      u + q",
        "\n    statement: |\n      f ==\n        u + q\n",
        "\n    of: f\n    wrt: w\n    gradient: [[1, 2], # one\n      [3, q]]",
        "\n    of: f\n    wrt: w\n    gradient:\n      - [1, 2]\n      - [3, q]\n",
    ):
        text = f"{BASIS}claims:\n  漢\t: {body}\n".replace("\t", "") + "  bad: f = 1\n"
        assert marked(text)[0] == "q", body
        windows = text.replace("\n", "\r\n")
        assert marked(windows)[0] == "q", body
