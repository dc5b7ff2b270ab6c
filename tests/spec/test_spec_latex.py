"""LaTeX in specs: every place that takes a formula, each beside what is refused there, with its place."""

import pytest
from specfile import refused

from derivcheck.spec import loads

HEAD = """derivcheck: 1
title: t
variables: {x: [n], w: [n], s: {}, A: [n, n], B: [n, n]}
notation: {f: ['f', 'f(w)']}
"""
INFIX = HEAD + "define: {f: 'sum(w*x)'}\nclaims:\n"
LATEX = HEAD + "define: {f: '$w^T x$'}\nclaims:\n"


def shown(derivation, claim):
    from latex_kit import form

    (made,) = [c for c in derivation.claims if c.id == claim]
    return form(tuple(link.left for link in made.statement.links)), form(tuple(q for q in made.statement.quantifiers))


@pytest.mark.parametrize(
    ("latex", "infix"),
    [
        (r"$f = w^T x$", "f == w @ x"),
        (r"$\frac{\partial f}{\partial w} = x$", "D(f, w) == x"),
        (r"$w_i + x_i = x_i + w_i$", "w[i] + x[i] == x[i] + w[i] for i in n"),
        (r"{statement: $s + s = 2 s$, when: $s > 0$}", "{statement: s + s == 2*s, when: s > 0}"),
        (r"{of: $f(w)$, wrt: $w_i$, gradient: $x_i$}", "D(f, w[i]) == x[i] for i in n"),
        (r"{of: f, wrt: w, steps: [$x + 0$], gradient: x}", "{of: f, wrt: w, steps: [x + 0], gradient: x}"),
        (r"{statement: 'w[i] == w[i] for i in n', steps: ['$1 \cdot w_i$']}",
         "{statement: 'w[i] == w[i] for i in n', steps: ['1*w[i]']}"),
        (r"$$s = s$$", "s == s"),
        (r"$s \approx 0.5$", "s ≈ 0.5"),
    ],
)  # fmt: skip
def test_what_latex_says_in_a_claim(latex, infix):
    for head in (INFIX, LATEX):
        one, other = (loads(f"{head}  c: {body}\n", "t.yaml") for body in (latex, infix))
        a, b = (loads(f"{INFIX}  c: {body}\n", "t.yaml").claims[0].statement for body in (latex, infix))
        assert len(a.links) == len(b.links)
        assert [(q.name, q.size) for q in a.quantifiers] == [(q.name, q.size) for q in b.quantifiers]
        assert one.claims[0].problems == other.claims[0].problems == ()


@pytest.mark.parametrize(
    ("body", "message", "where"),
    [
        (r"$f = \foo$", r"`\foo` is not known here", r"\foo"),
        (r"$f = {1$", "this brace is not closed", "{"),
        (r"$f$", "this states nothing that can be decided", "f"),
        (r"$f > 1$", "a statement is an equation", ">"),
        (r"$a = b$ and $c = d$", "LaTeX cannot be read here", "$a = b$"),
        (r"'D(f, w) == $x$'", "LaTeX cannot be read here", "$x$"),
        (r"{of: f, wrt: w, gradient: $x_i$}", "`i` does not stand in what this is claimed to equal", "i"),
        (r"{of: f, wrt: w, gradient: $x = x$}", "an expression is expected here, not a statement", "="),
        (r"{statement: s == s, when: $s$}", "a condition is missing here", "s"),
        (r'"$\nabla_w f = x$"', None, None),
    ],
)
def test_what_cannot_be_read_is_refused_at_its_place(body, message, where):
    text = f"{INFIX}  c: {body}\n"
    refusal = refused(text)
    if message is None:
        return
    (problem, *_) = refusal.problems
    assert problem.message.startswith(message)
    start = text.index("  c:")
    assert text[problem.span.start : problem.span.end] == where
    assert problem.span.start > start


def test_a_name_that_is_not_declared_makes_the_claim_invalid():
    (claim,) = loads(INFIX + r"  c: $f = \lambda w^T q$" + "\n", "t.yaml").claims
    assert claim.statement is None
    assert [problem.code for problem in claim.problems] == ["name"]
    (claim,) = loads(INFIX + r"  c: {statement: s == s, steps: [$q$], points: 2}" + "\n", "t.yaml").claims
    assert claim.statement is None
    assert claim.points == 2


def test_shapes_decide_products_and_the_rest_is_told():
    (claim,) = loads(INFIX + r"  c: $A B = B A$" + "\n", "t.yaml").claims
    assert "read as the matrix product" in " ".join(claim.warnings)
    (problem,) = refused(HEAD + "define: {f: '$w \\cdot x$', g: '$A \\cdot B$'}\n").problems[:1]
    assert "was read as" in problem.message


def test_assumptions_functions_and_definitions_in_latex():
    text = HEAD.replace("f: ['f'", "g: ['\\phi'], f: ['f'") + (
        "functions: {g: {derivative: '$\\phi(z)(1 - \\phi(z))$'}}\n"
        "assume: $0 < s \\le 1$\n"
        "define: {f: $\\sum_i w_i x_i$, h: $2 f$}\n"
        "claims: {c: $\\phi'(s) = \\phi(s)(1 - \\phi(s))$, d: $h = 2 w^T x$}\n"
    )
    made = loads(text, "t.yaml")
    assert made.functions["g"].derivative is not None
    assert len(made.assume) == 1
    assert all(claim.statement is not None for claim in made.claims)
    (problem,) = refused(text.replace("$2 f$", "$2 k$")).problems
    assert problem.message == "`k` is not declared"


@pytest.mark.parametrize("spelling", ["a + b", "", r"\hat{y", r"\foo", "NLL"])
def test_a_spelling_that_is_no_symbol_is_a_problem_of_the_file(spelling):
    text = HEAD.replace("f(w)", spelling or " ") + "define: {f: s}\n"
    assert refused(text).problems


def test_one_spelling_means_one_name_whatever_its_index():
    text = HEAD.replace("{f: ['f', 'f(w)']}", "{w: ['v_i'], x: ['v_j']}")
    (problem,) = refused(text).problems
    assert problem.message == "this spelling stands for `w` and for `x`"
    assert text[problem.span.start : problem.span.end] == "notation"


def test_how_formulas_count():
    text = HEAD + "reading: {first: 0, samples: rows}\ndefine: {f: $w_0$}\n"
    made = loads(text, "t.yaml")
    assert (made.reading.first, made.reading.samples) == (0, "rows")
    assert refused(text.replace("first: 0", "first: 1")).problems[0].message.startswith("there is no entry 0")
    assert refused(text.replace("first: 0", "first: 2")).problems[0].message == "`first` must be `0` or `1`, not `2`"
    assert refused(text.replace("first:", "frist:")).problems[0].hint == "did you mean `first`?"
