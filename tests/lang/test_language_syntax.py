"""What is read and what is refused by the grammar: precedence, places, and the words for the usual slips."""

from __future__ import annotations

from fractions import Fraction

import pytest
from language import place, problems_of, unmark

from derivcheck.lang import nodes
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.source import Passage, Source


def shape_of(node: nodes.Node) -> object:
    """A node as nested tuples, without places."""
    match node:
        case nodes.Number(text=text) | nodes.Name(text=text):
            return text
        case nodes.Unary(sign=sign, operand=operand):
            return (sign, shape_of(operand))
        case (
            nodes.Chain(operands=operands, operators=operators)
            | nodes.Comparison(operands=operands, operators=operators)
        ):
            out: list[object] = [shape_of(operands[0])]
            for operator, operand in zip(operators, operands[1:], strict=True):
                out += [operator.sign, shape_of(operand)]
            return tuple(out)
        case nodes.Power(base=base, exponent=exponent):
            return (shape_of(base), "**", shape_of(exponent))
        case nodes.Junction(word=word, operands=operands):
            return (word, *map(shape_of, operands))
        case nodes.Transpose(operand=operand):
            return ("T", shape_of(operand))
        case nodes.Index(base=base, subscripts=subscripts):
            return ("index", shape_of(base), *map(shape_of, subscripts))
        case nodes.Whole():
            return ":"
        case nodes.Array(items=items):
            return ["array", *map(shape_of, items)]
        case nodes.Tuple(items=items):
            return ["tuple", *map(shape_of, items)]
        case nodes.Call(function=function, primes=primes, arguments=arguments, keywords=keywords):
            named = [(k.name.text, shape_of(k.value)) for k in keywords]
            return ("call", function.text + "'" * primes, *map(shape_of, arguments), *named)
        case nodes.Comprehension(function=function, body=body, binders=binders):
            return ("for", function.text, shape_of(body), *((b.name.text, over(b.over)) for b in binders))
    raise AssertionError(node)


def over(node: nodes.Over) -> object:
    match node:
        case nodes.Words(text=text):
            return text
        case nodes.Size(number=number):
            return int(number.value)
        case nodes.Interval(low=low, high=high, low_open=low_open, high_open=high_open):
            return ("(" if low_open else "[", shape_of(low), shape_of(high), ")" if high_open else "]")
        case nodes.FiniteSet(entries=entries):
            return ("{", *map(shape_of, entries))
    raise AssertionError(node)


TREES = [
    ("a + b*c", ("a", "+", ("b", "*", "c"))),
    ("a + b - c", ("a", "+", "b", "-", "c")),
    ("(a + b) - c", (("a", "+", "b"), "-", "c")),
    ("a*b @ c/d", ("a", "*", "b", "@", "c", "/", "d")),
    ("-a**2", ("-", ("a", "**", "2"))),
    ("-a*b", (("-", "a"), "*", "b")),
    ("a**-b", ("a", "**", ("-", "b"))),
    ("a**b**c", ("a", "**", ("b", "**", "c"))),
    ("a^b", ("a", "**", "b")),
    ("-a.T", ("-", ("T", "a"))),
    ("a.T**2", (("T", "a"), "**", "2")),
    ("a. T", ("T", "a")),
    ("W.T[0, :]", ("index", ("T", "W"), "0", ":")),
    ("x[i + 1]", ("index", "x", ("i", "+", "1"))),
    ("f(x)[0].T", ("T", ("index", ("call", "f", "x"), "0"))),
    ("f()", ("call", "f")),
    ("f''(x, y)", ("call", "f''", "x", "y")),
    ("f′′(x)", ("call", "f''", "x")),
    ("sum(A, axis=1, keepdims=True)", ("call", "sum", "A", ("axis", "1"), ("keepdims", "True"))),
    ("sum(a for i in n)", ("for", "sum", "a", ("i", "n"))),
    ("sum(a for i in n, j in 3)", ("for", "sum", "a", ("i", "n"), ("j", 3))),
    ("sum(a for i in n for j in m)", ("for", "sum", "a", ("i", "n"), ("j", "m"))),
    ("[a, [b]]", ["array", "a", ["array", "b"]]),
    ("[]", ["array"]),
    ("zeros((2, 3))", ("call", "zeros", ["tuple", "2", "3"])),
    ("a < b <= c", ("a", "<", "b", "<=", "c")),
    ("a < b and c or not d", ("or", ("and", ("a", "<", "b"), "c"), ("not", "d"))),
    ("not a == b", ("not", ("a", "==", "b"))),
    ("a or b or c", ("or", "a", "b", "c")),
    ("a ≠ b ≤ c ≥ d", ("a", "!=", "b", "<=", "c", ">=", "d")),
    ("lambda + class*None - __x__/E", ("lambda", "+", ("class", "*", "None"), "-", ("__x__", "/", "E"))),
    ("order + android + nota + format + inner", ("order", "+", "android", "+", "nota", "+", "format", "+", "inner")),
    ("is + if + else", ("is", "+", "if", "+", "else")),
    ("x₁ + σ + ℓ + W_2", ("x₁", "+", "σ", "+", "ℓ", "+", "W_2")),
    ("損失 + вес + 학습", ("損失", "+", "вес", "+", "학습")),
    ("x\u0302", "x\u0302"),
    ("e\u0301", "é"),
    ("1e5*e", ("1e5", "*", "e")),
    ("[1].T", ("T", ["array", "1"])),
]


@pytest.mark.parametrize(("text", "tree"), TREES)
def test_precedence_is_pythons(text: str, tree: object) -> None:
    assert shape_of(parse_expression(Passage.of(text))) == tree


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("12", Fraction(12)),
        (".5E1", Fraction(5)),
        ("00.10", Fraction(1, 10)),
    ],
)
def test_a_literal_is_exact_and_keeps_its_digits(text: str, value: Fraction) -> None:
    node = parse_expression(Passage.of(text))
    assert isinstance(node, nodes.Number)
    assert node.value == value
    assert node.text == text


def test_a_composed_and_a_combining_letter_are_one_name() -> None:
    composed, combining = (parse_expression(Passage.of(t)) for t in ("ŷ", "y\u0302"))
    assert isinstance(composed, nodes.Name)
    assert isinstance(combining, nodes.Name)
    assert composed.text == combining.text == "ŷ"
    micro = parse_expression(Passage.of("µ"))
    assert isinstance(micro, nodes.Name)
    assert micro.text == "μ"


STATEMENTS = [
    ("a == b", ["a", "b"], ["=="], []),
    ("a == b ≈ 0.5", ["a", "b", "0.5"], ["==", "≈"], []),
    ("a ~= -0.5", ["a", "-0.5"], ["≈"], []),
    ("(a + b)*c == ( d )", ["(a + b)*c", "( d )"], ["=="], []),
    ("a == b for j in h, k in 3", ["a", "b"], ["=="], [("j", "h"), ("k", 3)]),
    ("a == b for j in h for z in real", ["a", "b"], ["=="], [("j", "h"), ("z", "real")]),
    ("a == b for p in (0, 1)", ["a", "b"], ["=="], [("p", ("(", "0", "1", ")"))]),
    ("a == b for p in [0, oo), q in (-oo, 1/2]", ["a", "b"], ["=="], [
        ("p", ("[", "0", "oo", ")")), ("q", ("(", ("-", "oo"), ("1", "/", "2"), "]")),
    ]),
    ("a == b for y in {0, 1}", ["a", "b"], ["=="], [("y", ("{", "0", "1"))]),
    ("a == b for z in positive definite", ["a", "b"], ["=="], [("z", "positive definite")]),
    ("a == b for z in one-hot, t in one - hot", ["a", "b"], ["=="], [("z", "one-hot"), ("t", "one-hot")]),
    ("a == where(x == 1, a, b)", ["a", "where(x == 1, a, b)"], ["=="], []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "terms", "relations", "binders"), STATEMENTS)
def test_a_statement_is_a_chain_with_binders(
    text: str, terms: list[str], relations: list[str], binders: list[object]
) -> None:
    statement = parse_statement(Passage.of(text))
    assert list(statement.texts) == terms
    assert [text[t.span.start : t.span.end] for t in statement.terms] == terms
    assert list(statement.relations) == relations
    assert len(statement.relation_spans) == len(relations)
    assert [(b.name.text, over(b.over)) for b in statement.binders] == binders


def test_spans_are_of_the_source_and_take_in_parentheses() -> None:
    source = Source("f.yaml", "s: >\n  (a + b)\n  * c[0,\n  :] == 1\n")
    text = "(a + b) * c[0, :] == 1"
    offsets = tuple(
        i
        for i in range(7, len(source.text) - 1)
        if source.text[i : i + 2] != "  " and source.text[i - 1 : i + 1] != "  "
    )
    passage = Passage(text, source, (*offsets, len(source.text) - 1))
    assert len(offsets) == len(text)
    statement = parse_statement(passage)
    product = statement.terms[0]
    assert isinstance(product, nodes.Chain)
    spans = [product.operands[0].span, product.operands[1].span, product.operators[0].span]
    assert [source.text[s.start : s.end] for s in spans] == ["(a + b)", "c[0,\n  :]", "*"]
    assert statement.texts == ("(a + b) * c[0, :]", "1")


#: text with the place marked, and a piece of the message and of the hint.
SLIPS = [
    ("x ⟦=⟧ 3", "single `=`", "`==`"),
    ("⟦(⟧a + b", "`(` is never closed", "`)`"),
    ("sum⟦(⟧a, [b, c]", "`(` is never closed", "`)`"),
    ("a + [b⟦)⟧", "`)` cannot close the `[` of line 1, column 5", "`]`"),
    ("(a + b⟦]⟧", "cannot stand here", ""),
    ("1 + (a + b⟦]⟧", "`]` cannot close the `(` of line 1, column 5", "`)`"),
    ("a + b⟦)⟧", "`)` closes nothing", ""),
    ("2⟦x⟧", "an operator is missing", "`2*x`"),
    ("2⟦(⟧x + 1)", "an operator is missing", "2*("),
    ("(a)⟦(⟧b)", "an operator is missing", "*"),
    ("x ⟦y⟧", "an operator is missing", "`x*y`"),
    ("x ⟦2⟧", "an operator is missing", "`x*2`"),
    ("1⟦_000⟧", "no `_`", ""),
    ("1 ⟦2⟧", "two numbers", ""),
    ("x⟦.__class__⟧", "only `.T`", ""),
    ("x⟦.shape⟧", "only `.T`", "shape(x)"),
    ("np⟦.sum⟧(x)", "only `.T`", "`sum(x)`"),
    ("x⟦.t⟧", "only `.T`", "`x.T`"),
    ("x⟦.Tx⟧", "only `.T`", ""),
    ("⟦'abc'⟧", "text in quotes", "leave out"),
    ('f⟦"abc"⟧', "text in quotes", ""),
    ("f(⟦'os'⟧)", "text in quotes", ""),
    ("__import__(⟦'os'⟧)", "text in quotes", ""),
    ("⟦“x”⟧", "text in quotes", ""),
    ("lambda ⟦x⟧: x", "lambda", "functions"),
    ("[x ⟦for⟧ x in n]", "list comprehension", "sum("),
    ("sum(u[i]) ⟦for⟧ i in n", "after a whole statement", ""),
    ("(u[i] ⟦for⟧ i in n)", "only after the one argument", "sum("),
    ("sum(u[i], 2 ⟦for⟧ i in n)", "only after the one argument", "sum("),
    ("f(x) ⟦=⟧ 1", "single `=`", "=="),
    ("a ==⟦=⟧ b", "`===`", "`==`"),
    ("a ⟦=>⟧ b", "`=>`", "`>=`"),
    ("x ⟦if⟧ y else z", "no `if", "where(test, a, b)"),
    ("x ⟦is⟧ y", "`is`", "`==`"),
    ("x ⟦in⟧ {0, 1}", "`in` can stand only after `for`", "domain"),
    ("⟦{⟧x}", "braces", "`(`"),
    ("⟦\\⟧frac{a}{b}", "not part", "LaTeX"),
    ("A[0⟦:⟧2]", "whole axis", "range"),
    ("f'⟦x⟧", "needs its argument", "f.T"),
    ("x⟦'⟧", "needs its argument", "`x.T`"),
    ("x.T⟦'⟧", "a prime belongs", ""),
    ("sum(u for i in n-⟦1⟧)", "one whole dimension", "for i in n"),
    ("sum(u for i in n ⟦>⟧ 1)", "one whole dimension", ""),
    ("sum(u for i in n if i ⟦>⟧ 1)", "no `if`", "indicator"),
    ("sum(u for i in range⟦(⟧n))", "one whole dimension", "for i in n"),
    ("sum(u for i ⟦==⟧ n)", "`in` is expected", ""),
    ("1⟦,⟧5", "comma", "`1.5`"),
    ("a⟦,⟧ b", "cannot stand here", ""),
    ("a ⟦⋅⟧ b", "U+22C5", "elementwise"),
    ("a ⟦×⟧ b", "U+00D7", "`@`"),
    ("a ⟦·⟧ b", "U+00B7", "`*`"),
    ("a ⟦⊙⟧ b", "U+2299", "`*`"),
    ("a ⟦–⟧ b", "U+2013", "`-`"),
    ("a ⟦（⟧b", "U+FF08", "`(`"),
    ("⟦√⟧x", "U+221A", "sqrt"),
    ("⟦∑⟧x", "U+2211", "sum("),
    ("⟦∂⟧f", "U+2202", "D(f, v)"),
    ("⟦∇⟧f", "U+2207", "D(f, v)"),
    ("X⟦⊤⟧", "U+22A4", "`x.T`"),
    ("⟦|⟧x", "`|`", "abs(x)"),
    ("x⟦!⟧", "`!`", "gamma"),
    ("a ⟦//⟧ b", "`//`", "`/`"),
    ("a ⟦%⟧ b", "`%`", ""),
    ("a ⟦&&⟧ b", "`&&`", "`and`"),
    ("a ⟦:=⟧ b", "`:=`", "=="),
    ("a ⟦->⟧ b", "`->`", "a == b"),
    ("a ⟦#⟧ b", "`#`", "comment"),
    ("a⟦;⟧ b", "`;`", ""),
    ("a ⟦~⟧ b", "`~`", "≈"),
    ("a ⟦**⟧", "ends after `**`", ""),
    ("a ⟦+⟧", "a value is expected", ""),
    ("⟦*⟧ a", "a value is expected", ""),
    ("a * ⟦/⟧ b", "a value is expected", ""),
    ("f(a,⟦)⟧", "a value", ""),
    ("f(⟦,⟧ a)", "a value", ""),
    ("x[⟦]⟧", "a value", ""),
    ("⟦)⟧", "closes nothing", ""),
    ("a < ⟦<⟧ b", "two comparisons", ""),
    ("a ⟦oder⟧ b", "operator is missing", ""),
    ("⟦and⟧ a", "a value is expected", ""),
    ("D(f, v⟦]⟧", "`]` cannot close", "`)`"),
    ("(axis⟦=⟧1)", "single `=`", ""),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message", "hint"), SLIPS)
def test_a_slip_is_named_where_it_stands(marked: str, message: str, hint: str) -> None:
    text, *where = unmark(marked)
    (problem,) = problems_of(lambda: parse_expression(Passage.of(text)))
    assert problem.code == "syntax"
    assert place(problem) == tuple(where)
    assert message in problem.message
    assert hint in (problem.hint or "")


STATEMENT_SLIPS = [
    ("⟦a + b⟧", "states nothing", "a == b"),
    ("⟦(a == b)⟧", "states nothing", ""),
    ("⟦a == b and c == d⟧", "states nothing", ""),
    ("a ⟦<⟧ b", "cannot be made with `<`", ""),
    ("a == b ⟦!=⟧ c", "cannot be made with `!=`", ""),
    ("a ⟦=⟧ b", "single `=`", "`==`"),
    ("a == b for z in real, z ⟦!=⟧ 0", "condition cannot stand", "`when`"),
    ("a == b for ⟦2⟧ in n", "a name is expected", ""),
    ("a == b for i⟦,⟧ j in n", "`in` is expected", ""),
    ("a == b ⟦for⟧", "ends after `for`", ""),
    ("a == b for i in ⟦[⟧0, 1", "never closed", "`]`"),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "message", "hint"), STATEMENT_SLIPS)
def test_a_statements_slip_is_named_where_it_stands(marked: str, message: str, hint: str) -> None:
    text, *where = unmark(marked)
    (problem,) = problems_of(lambda: parse_statement(Passage.of(text)))
    assert problem.code == "syntax"
    assert place(problem) == tuple(where)
    assert message in problem.message
    assert hint in (problem.hint or "")


def test_several_slips_are_told_at_once() -> None:
    problems = problems_of(lambda: parse_expression(Passage.of("a·b + x.shape + 'no' + 1e99999 + x²")))
    assert [p.code for p in problems] == ["syntax", "syntax", "syntax", "limit", "character"]
    brackets = problems_of(lambda: parse_expression(Passage.of("a) + b) + (c")))
    assert [p.message for p in brackets] == ["`)` closes nothing", "`)` closes nothing", "`(` is never closed"]


@pytest.mark.parametrize("text", ["", "   ", "\n\t"])
def test_an_empty_text_is_told_so(text: str) -> None:
    for read in (parse_expression, parse_statement):
        (problem,) = problems_of(lambda read=read: read(Passage.of(text)))
        assert problem.message == "there is no formula here"


@pytest.mark.parametrize("marked", ["⟦$x$⟧", "⟦$\\frac{1}{2}$⟧ + a", "a + ⟦$$x^2$$⟧ + b", "a + ⟦$b + c⟧"])
def test_latex_is_told_to_be_unread(marked: str) -> None:
    text, *where = unmark(marked)
    (problem,) = problems_of(lambda: parse_expression(Passage.of(text)))
    assert problem.code == "latex"
    assert place(problem) == tuple(where)
    assert problem.message == "LaTeX cannot be read here"


def test_every_latex_formula_of_a_statement_is_told() -> None:
    problems = problems_of(lambda: parse_statement(Passage.of("$a$ == $b$")))
    assert [p.code for p in problems] == ["latex", "latex"]


def test_a_problem_shows_its_line_and_a_caret() -> None:
    passage = Passage.of("a +\nb · c", "x.deriv.yaml")
    (problem,) = problems_of(lambda: parse_expression(passage))
    assert problem.show(passage.source) == (
        "x.deriv.yaml:2:3: `·` (U+00B7 (MIDDLE DOT)) is not part of the language\n"
        "    b · c\n"
        "      ^\n"
        "    hint: write `*` for the elementwise product, `@` for the matrix product"
    )
