"""Hostile and odd texts: refused on their size before anything costly, or right; never a crash, never slow."""

from __future__ import annotations

import subprocess
import sys
import time
import unicodedata

import pytest
from language import (
    DEFINITIONS,
    SCOPE,
    SIZES,
    VARIABLES,
    draw_values,
    expression_problems,
    make_scope,
    place,
    problems_of,
    read,
    unmark,
)
from reference_numpy import evaluate

from derivcheck.errors import Refused
from derivcheck.lang import limits, typed
from derivcheck.lang.elaborate import Scope, elaborate, elaborate_statement, warnings
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.source import Passage

TOO_LARGE = [
    ("9**⟦9**9⟧", "exponent is too large"),
    ("2**⟦30**5⟧", "exponent is too large"),
    ("2^⟦30^5⟧", "exponent is too large"),
    ("⟦10**(4*1000)*10**(4*1000)⟧", "bits"),
    ("⟦9**9999⟧", "bits"),
    ("⟦huge**9⟧", "bits"),
    ("a**⟦huge⟧", "exponent is too large"),
    ("a**⟦(-10001)⟧", "exponent is too large"),
    ("x**⟦100000⟧", "exponent is too large"),
    ("[2, 3]**[1, ⟦10**9⟧]", "exponent is too large"),
    ("⟦sin⟧'''''''''(a)", "order 9"),
    ("⟦g⟧" + "'" * 5_000 + "(a)", "order 5000"),
    ("⟦D(sin''''''''(a) + sin'(a), a)⟧", "order 9"),
    ("⟦hess(hess(hess(hess(D(a, a), a), a), a), a)⟧", "order 9"),
    ("a + ⟦" + "D(" * 9 + "a**9" + ", a)" * 9 + "⟧", "order 9"),
    ("⟦1e999999999⟧", "decimal exponent"),
    ("⟦1e-999999999⟧", "decimal exponent"),
    ("⟦1e0001001⟧", "decimal exponent"),
    ("⟦1e99999999999999999999999⟧", "decimal exponent"),
    ("eye(⟦1000000000⟧)", "axis of size"),
    ("⟦ones(1000, 1000)⟧", "1000000 entries"),
    ("⟦outer(ones(999), ones(999))⟧", "entries"),
    ("⟦jac(eye(90), M)⟧", "entries"),
    ("sum(i for i in ⟦1000000000⟧)", "1000 are the most"),
    ("reshape(X, ⟦99999999999999999999⟧)", "axis of size"),
    ("⟦jac(jac(V, V), V)⟧", "9 axes"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message"), TOO_LARGE)
def test_what_would_be_too_large_is_refused_on_its_size(marked: str, message: str) -> None:
    text, *where = unmark(marked)
    (problem,) = expression_problems(text)
    assert problem.code == "limit"
    assert place(problem) == tuple(where)
    assert message in problem.message


def test_what_is_just_small_enough_is_taken() -> None:
    for text in (
        "D(" * 8 + "a**9" + ", a)" * 8,
        "sin''(a)",
        "1e1000",
        "1e-1000",
        "2**10000",
        "9" * 500,
        "a**10000",
        "ones(1000)",
        "10**3000 + huge",
        "0**5",
        "1**9999*(-1)**9999",
    ):
        read(text, SCOPE)


def test_a_long_literal_is_refused() -> None:
    for text in ("9" * 10_000, "0." + "1" * 10_000):
        (problem,) = expression_problems(text)
        assert (problem.code, "10" in problem.message) == ("limit", True)


def test_a_chain_of_definitions_cannot_build_a_huge_constant() -> None:
    definitions = {"c0": "2**1000", **{f"c{i}": f"c{i - 1}*c{i - 1}" for i in range(1, 40)}}
    with pytest.raises(Refused, match="bits"):
        make_scope(definitions=definitions)


def test_constants_stay_small_under_addition_and_division() -> None:
    text = "+".join(f"1/{2**60 + i}" for i in range(1, 400))
    (problem,) = expression_problems(text)
    assert "bits" in problem.message


NESTED = [
    ("(" * 1_000 + "a" + ")" * 1_000, True),
    ("[" * 1_000 + "1" + "]" * 1_000, False),
    ("-" * 3_000 + "a", False),
    ("- " * 150 + "a", True),
    ("+".join("a" * 500), True),
    ("*".join("a" * 500), True),
    ("/".join("a" * 500), True),
    ("-".join(["a"] * 1_999), True),
    ("+".join("a" * 5_000), False),
    ("@".join("A" * 150), True),
    ("@".join("A" * 500), False),
    ("sin(" * 150 + "a" + ")" * 150, True),
    ("sin(" * 1_000 + "a" + ")" * 1_000, False),
    ("a**" * 150 + "a", True),
    ("a**" * 1_000 + "a", False),
    ("indicator(" + " and ".join(["a > b"] * 300) + ")", True),
    ("indicator(" + "not " * 1_000 + "a > b)", False),
    ("indicator(" + " < ".join(["a"] * 300) + ")", True),
    ("a" + "[0]" * 1_000, False),
    ("A" + ".T" * 150, True),
    ("A" + ".T" * 1_000, False),
    ("D(" * 300 + "a" + ", a)" * 300, False),
    ("sum(" * 300 + "a" + " for i in n)" * 300, False),
    ("where(a > b, a, " * 1_000 + "b" + ")" * 1_000, False),
    ("max(" + ", ".join("a" * 60) + ")", True),
    ("a + (" * 600 + "a" + ")" * 600, False),
    ("(" * 10_000, False),
    (")" * 10_000, False),
    ("[" * 10_000, False),
    ("a'" * 5_000, False),
    (".T" * 5_000, False),
    ("a b " * 2_000, False),
    ("#" * 10_000, False),
    ("$" * 9_999, False),
]


@pytest.mark.parametrize(("text", "taken"), NESTED, ids=lambda v: v[:24] if isinstance(v, str) else str(v))
def test_depth_and_length_never_exhaust_the_stack(text: str, taken: bool) -> None:
    if taken:
        made = read(text, SCOPE)
        assert np_depth(made) <= limits.MAX_DEPTH
    else:
        problems = expression_problems(text)
        assert 0 < len(problems) <= 10_000
        assert all(p.span is not None for p in problems)


def np_depth(root: typed.Expr) -> int:
    depth: dict[typed.Expr, int] = {}
    for part in typed.postorder(root):
        depth[part] = 1 + max((depth[c] for c in typed.children(part)), default=0)
    return depth[root]


@pytest.mark.parametrize("sign", ["+", "-", "*", "/"])
@pytest.mark.parametrize("length", [16, 17, 100, 501])
def test_a_long_chain_has_the_value_of_a_fold_from_the_left(sign: str, length: int) -> None:
    terms = ["a", "b", "p", "2"]
    text = f" {sign} ".join(terms[i % 4] for i in range(length))
    values = draw_values()
    expected = float(values["a"])
    for i in range(1, length):
        term = [values["a"], values["b"], values["p"], 2.0][i % 4]
        expected = {"+": expected + term, "-": expected - term, "*": expected * term, "/": expected / term}[sign]
    assert float(evaluate(read(text, SCOPE), SCOPE, values, SIZES)) == pytest.approx(expected, rel=1e-9)


def test_a_long_mixed_chain_keeps_signs_and_quotients() -> None:
    values = draw_values()
    for text in (
        " + ".join(f"a - b*{i} + x" for i in range(40)),
        "a" + "".join(f" {'*/'[i % 2]} {['b', 'x', 'p', '3'][i % 4]}" for i in range(60)),
        "-" + " - ".join(["a", "x", "b"] * 30),
    ):
        got = evaluate(read(text, SCOPE), SCOPE, values, SIZES)
        names = {k: v for k, v in values.items() if k.isidentifier()}
        expected = _by_hand(text, names)
        assert abs(got - expected).max() <= 1e-9 * max(1.0, abs(expected).max())


def _by_hand(text: str, names: dict[str, object]) -> object:
    """Python's own reading of a text of the test, token by token."""
    import ast

    def value(node: ast.expr) -> object:
        match node:
            case ast.BinOp(left=left, op=op, right=right):
                a, b = value(left), value(right)
                return {
                    ast.Add: lambda: a + b,
                    ast.Sub: lambda: a - b,
                    ast.Mult: lambda: a * b,
                    ast.Div: lambda: a / b,
                }[type(op)]()
            case ast.UnaryOp(operand=operand):
                return -value(operand)
            case ast.Name(id=name):
                return names[name]
            case ast.Constant(value=number):
                return float(number)
        raise AssertionError(node)

    return value(ast.parse(text, mode="eval").body)


def test_a_shape_error_in_a_long_chain_stands_at_the_misfit() -> None:
    text = " + ".join(["a"] * 20 + ["x"] + ["a"] * 20 + ["u"] + ["a"] * 20)
    (problem,) = expression_problems(text)
    assert place(problem)[0] == text.index("u") - 2


def test_a_shared_graph_that_unfolds_to_2_to_the_40_is_no_work() -> None:
    definitions = {"s0": "sin(a)", **{f"s{i}": f"s{i - 1} + s{i - 1}*s{i - 1}" for i in range(1, 41)}}
    begin = time.perf_counter()
    scope = make_scope({"a": (), "v": ("n",)}, definitions)
    made = read("D(s40, a) + D(s40, s3) + D(s40*v, v)", scope)
    assert warnings(made, scope) == ()
    assert warnings(read("D(s40, v)", scope), scope) != ()
    assert time.perf_counter() - begin < 5


def test_derivatives_of_definitions_add_up_their_orders() -> None:
    definitions = {"d0": "sin(a)", **{f"d{i}": f"D(d{i - 1}, a)" for i in range(1, 9)}}
    scope = make_scope({"a": ()}, definitions)
    assert read("d8 + D(d7, a) + sin(d8)", scope)
    for text in ("D(d8, a)", "D(sin(d8), a)", "hess(d7, a)", "jac(d8, a)"):
        (problem,) = expression_problems(text, scope)
        assert (problem.code, "order 9" in problem.message) == ("limit", True)


def test_many_names_are_no_work() -> None:
    variables = {f"v{i}": () for i in range(20_000)}
    scope = Scope(variables)
    begin = time.perf_counter()
    for i in range(200):
        read(f"v{i}*v{i + 1}", scope)
    expression_problems("v99999", scope)
    assert time.perf_counter() - begin < 5


def test_many_mistakes_among_many_names_are_no_work() -> None:
    scope = Scope({f"name{i}": () for i in range(20_000)})
    begin = time.perf_counter()
    problems = expression_problems("+".join(f"nome{i}" for i in range(1_500)), scope)
    assert len(problems) == limits.MAX_PROBLEMS
    assert time.perf_counter() - begin < 5


def test_many_derivatives_of_a_large_graph_are_no_work() -> None:
    definitions = {"s0": "v", **{f"s{i}": f"tanh(s{i - 1}*v{i % 50}) + s{i - 1}" for i in range(1, 500)}}
    variables: dict[str, typed.Shape] = {"v": ("n",), **{f"v{i}": () for i in range(50)}}
    made: dict[str, typed.Expr] = {}
    for name, text in definitions.items():
        made[name] = elaborate(parse_expression(Passage.of(text)), Scope(variables, made))
    scope = Scope(variables, made)
    begin = time.perf_counter()
    expr = read(" + ".join(f"D(s499, s{i * 4})" for i in range(120)), scope)
    assert warnings(expr, scope) == ()
    assert time.perf_counter() - begin < 10


def test_a_long_name_is_refused_and_not_repeated() -> None:
    (problem,) = expression_problems("a" * 19_999)
    assert (problem.code, len(problem.message) < 100) == ("limit", True)


def test_a_ten_megabyte_line_is_refused_at_once() -> None:
    begin = time.perf_counter()
    passage = Passage.of("a+" * 5_000_000)
    (problem,) = problems_of(lambda: parse_expression(passage))
    assert "10000000 characters" in problem.message
    assert len(problem.show(passage.source)) < 1_000
    assert time.perf_counter() - begin < 8


def test_texts_at_the_limit_are_read_in_good_time() -> None:
    begin = time.perf_counter()
    for text in (
        "a" * 19_999,
        "-" * 19_999,
        "(" * 9_999 + ")" * 9_999,
        "a." * 9_999,
        "x²" * 9_000,
        "1," * 9_999,
        "'" * 19_999,
        "é" * 19_999,
    ):
        expression_problems(text)
    assert time.perf_counter() - begin < 15


# --- characters and names ------------------------------------------------------------------------------------

CHARACTERS = [
    ("a⟦\x00⟧", "U+0000"),
    ("a⟦\u202e⟧+b", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
    ("a⟦\u2066⟧+b", "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
    ("a⟦\u200b⟧b", "U+200B (ZERO WIDTH SPACE)"),
    ("a⟦\u200d⟧b", "U+200D (ZERO WIDTH JOINER)"),
    ("⟦\ufeff⟧a", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
    ("a⟦\u00ad⟧b", "U+00AD (SOFT HYPHEN)"),
    ("a⟦\x1b⟧", "U+001B"),
    ("a⟦\u2028⟧+ b", "U+2028 (LINE SEPARATOR)"),
    ("a⟦\ue000⟧", "U+E000"),
    ("a⟦\ud800⟧", "U+D800"),
    ("a⟦\u0378⟧", "U+0378"),
    ("⟦\u0430⟧ + b", "U+0430 (CYRILLIC SMALL LETTER A)"),
    ("⟦f\u0430b⟧", "U+0430 (CYRILLIC SMALL LETTER A)"),
    ("⟦\u0435\u0445\u0440⟧(a)", "U+0435 (CYRILLIC SMALL LETTER IE)"),
    ("⟦\u0391⟧ + b", "U+0391 (GREEK CAPITAL LETTER ALPHA)"),
    ("D(L, ⟦\u0391⟧)", "U+0391 (GREEK CAPITAL LETTER ALPHA)"),
    ("sum(u[⟦\u0456⟧] for i in n)", "U+0456"),
    ("sum(a for i in ⟦\u0578⟧)", "U+0578"),
    ("⟦W\u039f⟧", "U+039F (GREEK CAPITAL LETTER OMICRON)"),
    ("⟦\U0001d465⟧", "U+1D465 (MATHEMATICAL ITALIC SMALL X)"),
    ("⟦\uff41⟧", "U+FF41 (FULLWIDTH LATIN SMALL LETTER A)"),
    ("⟦\ufb01⟧", "U+FB01 (LATIN SMALL LIGATURE FI)"),
    ("⟦a\u0661⟧", "U+0661 (ARABIC-INDIC DIGIT ONE)"),
    ("⟦x²⟧", "U+00B2 (SUPERSCRIPT TWO)"),
    ("(a)⟦²⟧", "U+00B2 (SUPERSCRIPT TWO)"),
    ("⟦Xᵀ⟧", "U+1D40"),
    ("⟦½⟧", "U+00BD"),
    ("⟦aⅣ⟧", "U+2163"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "named"), CHARACTERS, ids=lambda v: v.encode("unicode_escape").decode())
def test_a_deceiving_character_is_refused_by_its_code_point(marked: str, named: str) -> None:
    text, *where = unmark(marked)
    (problem,) = expression_problems(text)
    assert problem.code == "character"
    assert place(problem) == tuple(where)
    assert named in problem.message


def test_a_problem_never_shows_a_control_character() -> None:
    passage = Passage.of("a\x1b[31m + \u202eb")
    try:
        parse_expression(passage)
    except Refused as refused:
        shown = str(refused)
    assert "\x1b" not in shown
    assert "\u202e" not in shown


HARMLESS = [
    "dσ",
    "Δx",
    "σ_max",
    "x₁",
    "x_₂",
    "ℓ",
    "ϕ",
    "θ̂",
    "вес",
    "損失",
    "學習率",
    "レート値",
    "α",
    "ν",
    "ẋ",
    "L̄",
    "ĝ",
    "ñ",
]


@pytest.mark.parametrize("name", HARMLESS)
def test_letters_of_one_script_are_names(name: str) -> None:
    scope = make_scope({unicodedata.normalize("NFC", name): ()}, {})
    assert isinstance(read(name, scope), typed.Variable)


def test_two_declared_names_that_look_alike_are_refused_where_they_are_used() -> None:
    scope = make_scope({"a": (), "\u0430": (), "\u0435": (), "\u0441": ()}, {})
    for text in ("a + 1", "\u0430 + 1", "\u0435"):  # the last one looks like the constant e
        (problem,) = expression_problems(text, scope)
        assert problem.code == "character"
        assert "U+04" in problem.message
    assert isinstance(read("\u0441", scope), typed.Variable)


# --- nothing is run ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('touch pwned')",
        "().__class__.__bases__[0].__subclasses__()",
        "[c for c in ().__class__.__base__.__subclasses__()]",
        "exec(a)",
        "eval(a)",
        "open(a)",
        "getattr(a, b)",
        "f\"{a.__class__}\"",
        "{0.__class__}",
        "lambda: a",
        "a if a else b",
        "a := 3",
        "yield a",
        "import os",
        "%s %d",
        "${HOME}",
        "`id`",
    ],
)  # fmt: skip
def test_text_that_would_be_code_elsewhere_is_refused(text: str) -> None:
    assert expression_problems(text)


def test_reading_needs_neither_lark_nor_sympy_nor_numpy() -> None:
    program = (
        "import sys\n"
        "from derivcheck.source import Passage\n"
        "from derivcheck.lang.elaborate import Scope, elaborate\n"
        "from derivcheck.lang.parse import parse_expression\n"
        "elaborate(parse_expression(Passage.of('exp(a)')), Scope({'a': ()}))\n"
        "assert not {'lark', 'sympy', 'numpy', 'flint'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


def test_the_same_text_gives_the_same_answer_under_any_hash_seed() -> None:
    program = (
        "from language import SCOPE, read, statement_problems\n"
        "for text in ('hh + zz == 1', 'a == b for i in rael', 'sum(a for i in q) == 1', 'sum(X, axs=1) == foo'):\n"
        "    print([(p.code, p.message, p.hint) for p in statement_problems(text)])\n"
        "print(read('sum(W[j, k] for j in h, k in n)', SCOPE).key)\n"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(__import__("pathlib").Path(__file__).parent.parent)},
        ).stdout
        for seed in ("0", "1", "77")
    }
    assert len(outputs) == 1


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_the_scope_of_these_tests_is_sound(name: str) -> None:
    assert name not in VARIABLES
    assert SCOPE.definitions[name] is not None


def test_many_statements_share_one_parser() -> None:
    begin = time.perf_counter()
    for i in range(300):
        statement = parse_statement(Passage.of(f"D(L, W) == D(L, R)*relu'(Z) @ X.T + {i}*W"))
        elaborate_statement(statement, SCOPE)
    assert time.perf_counter() - begin < 6


def test_elaborate_reads_the_same_node_twice() -> None:
    node = parse_expression(Passage.of("sum(u[i] for i in n)"))
    first, second = elaborate(node, SCOPE), elaborate(node, SCOPE)
    assert isinstance(first, typed.BigOp)
    assert isinstance(second, typed.BigOp)
    assert first.key == second.key
