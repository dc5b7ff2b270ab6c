"""Names, shapes, subscripts, calls and derivatives: each valid form beside its invalid neighbours."""

from __future__ import annotations

import pytest
from language import (
    SCOPE,
    expression_problems,
    make_scope,
    place,
    problems_of,
    read,
    read_condition,
    statement_problems,
    unmark,
)

from derivcheck.lang import typed
from derivcheck.lang.elaborate import elaborate_statement
from derivcheck.lang.parse import parse_statement
from derivcheck.source import Passage

SHAPES = [
    ("3", ()),
    ("a", ()),
    ("x", ("n", 1)),
    ("X + x", ("n", "m")),
    ("x + X", ("n", "m")),
    ("x + r", ("n", "n")),
    ("one + X", ("n", "m")),
    ("X*a", ("n", "m")),
    ("W @ X", ("h", "m")),
    ("W @ X + c", ("h", "m")),
    ("u @ A", ("n",)),
    ("A @ u", ("n",)),
    ("u @ v", ()),
    ("x.T @ y", (1, 1)),
    ("V.T", ("m", "n", "n")),
    ("V[0]", ("n", "m")),
    ("V[:, 0, :]", ("n", "m")),
    ("V[0, 0, 0]", ()),
    ("sum(V, axis=1)", ("n", "m")),
    ("sum(V, axis=-1, keepdims=True)", ("n", "n", 1)),
    ("max(X, x)", ("n", "m")),
    ("where(X > 0, x, 0)", ("n", "m")),
    ("indicator(x > 0)", ("n", 1)),
    ("[[1, 2, 3]]", (1, 3)),
    ("outer(u, t)", ("n", "m")),
    ("jac(X, W)", ("n", "m", "h", "n")),
    ("D(L, W)", ("h", "n")),
    ("D(L, W[0, :])", ("n",)),
    ("D(L, W[0, 0])", ()),
    ("D(R, W[0, 0])", ("h", "m")),
    ("D(one, X)", ("n", "m")),
    ("D(one*a, one)", (1, 1)),
    ("hess(L, c)", ("h", 1, "h", 1)),
    ("sum(x[:, 0]*i for i in n)", ("n",)),
]


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_shapes(text: str, shape: typed.Shape) -> None:
    assert read(text, SCOPE).shape == shape


#: expression with the place marked, code, pieces of the message, piece of the hint (None: no hint at all).
REFUSED = [
    # names
    ("a + ⟦bb⟧", "name", ["`bb` is not declared"], "`b`"),
    ("⟦alpa⟧", "name", ["not declared"], "`alpha`"),
    ("⟦zzz⟧", "name", ["not declared"], None),
    ("⟦ALPHA⟧", "name", ["not declared"], "`alpha`"),
    ("⟦dL⟧", "name", ["not declared"], "D(f, v)"),
    ("⟦sigmoid⟧ + 1", "name", ["function", "argument"], "sigmoid(…)"),
    ("⟦sum⟧", "name", ["function"], ""),
    ("⟦D⟧", "name", ["function"], ""),
    ("⟦g⟧", "name", ["function"], ""),
    ("⟦oo⟧", "name", ["not declared"], "infinity"),
    ("1/⟦∞⟧", "name", ["not declared"], "infinity"),
    ("⟦nan⟧ + 1", "name", ["not declared"], "real numbers"),
    ("⟦sigmoyd⟧(a)", "name", ["not declared"], "`sigmoid`"),
    ("⟦a⟧(b)", "name", ["`a` is a variable", "called"], "`a*(…)`"),
    ("⟦L⟧(b)", "name", ["a defined name"], ""),
    ("⟦n⟧(b)", "name", ["a dimension"], ""),
    ("⟦factorial⟧(5)", "name", ["not declared"], "gamma"),
    ("⟦grad⟧(L, W)", "name", ["not declared"], "D(f, v)"),
    ("A**⟦T⟧", "name", ["`T`"], "`x.T`"),
    ("⟦open⟧(a)", "name", ["not declared"], ""),
    ("⟦e⟧(2)", "name", ["not declared"], ""),
    # shapes under operators
    ("x ⟦+⟧ u", "shape", ["[n, 1]", "[n]", "`+`"], "reshape(…, n, 1)"),
    ("x ⟦+⟧ W", "shape", ["[n, 1]", "[h, n]"], "`.T`) of the left"),
    ("X ⟦+⟧ X.T", "shape", ["[n, m]", "[m, n]", "`+`"], "`.T`"),
    ("W ⟦*⟧ X", "shape", ["[h, n]", "[n, m]", "`*`"], "`@`"),
    ("X ⟦@⟧ Y", "shape", ["[n, m]", "`@`"], "`.T`"),
    ("M ⟦+⟧ M.T", "shape", ["[2, 3]", "[3, 2]"], "`.T`"),
    ("M ⟦+⟧ X", "shape", ["[2, 3]", "[n, m]"], None),
    ("a ⟦@⟧ X", "shape", ["a number", "`@`"], "`*`"),
    ("X ⟦-⟧ sum(X, axis=1)", "shape", ["[n, m]", "[n]"], "keepdims=True"),
    ("X ⟦-⟧ sum(X, axis=0)", "shape", ["[n, m]", "[m]"], "keepdims=True"),
    ("X ⟦-⟧ t", "shape", ["[n, m]", "[m]"], "reshape(…, 1, m)"),
    ("V ⟦*⟧ X", "shape", ["[n, n, m]", "[n, m]"], None),
    ("V ⟦@⟧ t", "shape", ["[n, n, m]", "`@`"], None),
    ("a + x ⟦+⟧ t + b", "shape", ["[n, 1]", "[m]"], ""),
    ("x ⟦**⟧ u", "shape", ["`**`"], ""),
    ("max(x, ⟦u⟧)", "shape", ["[n, 1]", "[n]", "`max`"], ""),
    ("where(x > 0, 1, ⟦u⟧)", "shape", ["`where`"], ""),
    ("indicator(x ⟦<⟧ u)", "shape", ["`<`"], ""),
    ("[[1, 2], ⟦[3]⟧]", "shape", ["differ in length"], None),
    ("[[1, 2], ⟦3⟧]", "shape", ["differ in length"], None),
    ("[1, ⟦[3]⟧]", "shape", ["differ in length"], None),
    ("⟦[]⟧", "shape", ["an entry at least"], None),
    ("[[1], ⟦[]⟧]", "shape", ["differ in length"], None),
    ("[⟦x⟧, 1]", "shape", ["must be a number", "[n, 1]"], "concat"),
    ("[⟦one⟧, 1]", "shape", ["must be a number"], "[0, 0]"),
    ("⟦(a, b)⟧", "syntax", ["several values"], "[a, b]"),
    # subscripts
    ("⟦a[0]⟧", "index", ["a number has no entries"], ""),
    ("X[0, 0, ⟦0⟧]", "index", ["3 subscripts", "[n, m]"], None),
    ("M[⟦2⟧, 0]", "index", ["position 2", "size 2", "0 to 1"], None),
    ("M[⟦-3⟧, 0]", "index", ["position -3"], None),
    ("X[⟦-1⟧, 0]", "index", ["counted from the end", "n"], "count from 0"),
    ("X[⟦i⟧, 0]", "name", ["`i` is not bound"], "for i in n"),
    ("X[⟦a⟧, 0]", "index", ["`a` is a variable"], "bound"),
    ("X[⟦n⟧, 0]", "index", ["`n` is a dimension"], "from 0"),
    ("X[⟦0.5⟧, 0]", "index", ["cannot be a position"], ""),
    ("X[⟦u[0]⟧, 0]", "index", ["cannot be a position"], ""),
    ("sum(X[⟦j⟧, 0] for j in m)", "index", ["`j` goes over m", "axis is n"], "for i in n"),
    ("sum(X[⟦j + 1⟧, 0] for j in n)", "index", ["leaves its axis", "n"], "shifted"),
    ("sum(X[⟦j - 1⟧, 0] for j in n)", "index", ["from -1"], ""),
    ("sum(M[0, ⟦j + 1⟧] for j in 3)", "index", ["1 to 3", "size 3"], None),
    ("sum(M[0, ⟦j - 1⟧] for j in 3)", "index", ["-1 to 1"], None),
    ("sum(M[⟦j⟧, 0] for j in 3)", "index", ["0 to 2", "size 2"], None),
    ("sum(M[0, ⟦j⟧] for j in n)", "index", ["`j` goes over n", "axis is 3"], ""),
    ("sum(X[⟦j⟧, 0] for j in 2)", "index", ["`j` goes over 2", "axis is n"], ""),
    ("sum(X[⟦2*j⟧, 0] for j in n)", "index", ["position"], ""),
    ("sum(X[j + ⟦k⟧, 0] for j in n, k in n)", "index", ["position"], ""),
    # binders
    ("sum(a for i in ⟦q⟧)", "index", ["`q` is a defined name"], "dimensions are h, k, m, n"),
    ("sum(a for i in ⟦nn⟧)", "name", ["no dimension `nn`"], "`n`"),
    ("sum(a for i in ⟦real⟧)", "name", ["no dimension `real`"], ""),
    ("sum(a for i in ⟦(0, 1)⟧)", "index", ["goes over a dimension"], ""),
    ("sum(a for i in ⟦0⟧)", "index", ["1 value or more"], None),
    ("sum(a for i in ⟦1.5⟧)", "index", ["1 value or more"], None),
    ("⟦norm⟧(a for i in n)", "syntax", ["`norm(…)`"], "sum("),
    ("mean(a for i in ⟦0⟧)", "index", ["1 value or more"], None),
    ("mean(⟦a > b⟧ for i in n)", "condition", ["a number is needed"], "indicator"),
    ("⟦max⟧(a for i in n)", "syntax", ["`max(…)`"], "sum("),
    ("sum(a for i in n, ⟦i⟧ in m)", "name", ["bound twice"], None),
    ("sum(⟦a > b⟧ for i in n)", "condition", ["a number is needed"], "indicator"),
    # calls
    ("⟦exp()⟧", "arity", ["1 argument,", "not 0"], ""),
    ("⟦exp(a, b)⟧", "arity", ["1 argument,", "not 2"], ""),
    ("⟦clip(a)⟧", "arity", ["3 arguments"], ""),
    ("⟦leaky_relu(a, b, p)⟧", "arity", ["1 to 2 arguments"], ""),
    ("⟦max(X)⟧", "arity", ["2 or more"], "entry by entry"),
    ("⟦g(a, b)⟧", "arity", ["1 argument,"], ""),
    ("⟦where(a > b, a)⟧", "arity", ["3 arguments"], ""),
    ("exp(a, ⟦axis=0⟧)", "keyword", ["`exp`", "`axis=`"], None),
    ("g(a, ⟦axis=0⟧)", "keyword", ["`g`"], None),
    ("sum(X, ⟦axs=0⟧)", "keyword", ["no keyword `axs`"], "`axis=`"),
    ("softmax(X, ⟦keepdims=True⟧)", "keyword", ["no keyword `keepdims`"], "`axis=`"),
    ("sum(X, axis=⟦a⟧)", "keyword", ["literal integer"], "axis=1"),
    ("sum(X, axis=⟦0.5⟧)", "keyword", ["literal integer"], ""),
    ("sum(X, axis=⟦(0, 1)⟧)", "keyword", ["literal integer"], ""),
    ("sum(X, axis=⟦2⟧)", "shape", ["no axis 2", "[n, m]"], None),
    ("sum(X, axis=⟦-3⟧)", "shape", ["no axis -3"], None),
    ("sum(a, axis=⟦0⟧)", "shape", ["no axis 0"], None),
    ("sum(X, axis=0, ⟦axis=1⟧)", "keyword", ["twice"], None),
    ("sum(X, 0, ⟦axis=1⟧)", "keyword", ["twice"], None),
    ("sum(X, keepdims=⟦1⟧)", "keyword", ["`True` or `False`"], None),
    ("⟦sum(X, Y, a)⟧", "arity", ["1 argument,"], ""),
    ("⟦sum()⟧", "arity", ["not 0"], ""),
    ("⟦norm(X, 1)⟧", "arity", ["1 argument,"], "axis=1"),
    ("⟦sum'(X)⟧", "function", ["function of arrays"], "jac"),
    ("⟦where⟧'(a > b, a, b)", "function", ["no derivative"], None),
    ("⟦besselj⟧'(1, a)", "function", ["by which argument"], "D(f, v)"),
    ("⟦max⟧'(a, b)", "function", ["by which argument"], "D(f, v)"),
    ("⟦D⟧'(a, b)", "function", [""], None),
    ("where(⟦a⟧, 1, 2)", "condition", ["condition is needed"], "x > 0"),
    ("indicator(⟦a⟧)", "condition", ["condition is needed"], ""),
    ("⟦(a > b)⟧*2", "condition", ["a number is needed"], "indicator"),
    ("exp(⟦a > b⟧)", "condition", ["a number is needed"], ""),
    ("where(a > b, ⟦a > b⟧, 1)", "condition", ["a number is needed"], ""),
    ("indicator(⟦a⟧ and a > b)", "condition", ["condition is needed"], ""),
    ("indicator(not ⟦a⟧)", "condition", ["condition is needed"], ""),
    ("indicator(a ⟦≈⟧ b)", "condition", ["`≈`"], "=="),
    ("⟦a == b⟧", "condition", ["a number is needed"], ""),
    # functions of arrays
    ("trace(⟦X⟧)", "shape", ["square", "[n, m]"], None),
    ("det(⟦u⟧)", "shape", ["square", "[n]"], None),
    ("inv(⟦M⟧)", "shape", ["square", "[2, 3]"], None),
    ("inv(⟦a⟧)", "shape", ["square"], None),
    ("diag(⟦x⟧)", "shape", ["vector or a square matrix"], "x[:, 0]"),
    ("diag(⟦r⟧)", "shape", ["vector or a square matrix"], "x[0, :]"),
    ("diag(⟦X⟧)", "shape", ["square"], None),
    ("outer(⟦X⟧, u)", "shape", ["takes vectors"], None),
    ("⟦dot(x, y)⟧", "shape", ["[n, 1]", "`dot`"], "`.T`"),
    ("⟦dot(u)⟧", "arity", ["2 arguments"], ""),
    ("concat(x, ⟦u⟧)", "shape", ["joined along axis 0"], None),
    ("concat(x, ⟦y⟧)", "shape", ["n + n", "no name"], "literal size"),
    ("concat(M, ⟦N.T⟧, axis=1)", "shape", ["joined along axis 1"], None),
    ("concat(⟦a⟧, b)", "shape", ["numbers cannot be joined"], "[a, b]"),
    ("⟦reshape(X, n, n)⟧", "shape", ["[n, m]", "[n, n]"], None),
    ("⟦reshape(X, n)⟧", "shape", ["[n, m]"], None),
    ("⟦reshape(X, -1)⟧", "shape", ["[-1]"], None),
    ("⟦reshape(M, 4)⟧", "shape", ["[2, 3]", "[4]"], None),
    ("⟦reshape(M, -1, -1)⟧", "shape", ["[-1, -1]"], None),
    ("⟦reshape(M)⟧", "arity", ["sizes"], "reshape(A, n, m)"),
    ("reshape(X, ⟦n*m⟧)", "shape", ["a size is"], None),
    ("reshape(X, ⟦nn⟧, m)", "name", ["no dimension `nn`"], "`n`"),
    ("ones(⟦a⟧)", "shape", ["a size is"], None),
    ("ones(⟦0⟧)", "shape", ["a size is"], None),
    ("ones(⟦-1⟧)", "shape", ["positive"], None),
    ("⟦eye(n, m)⟧", "arity", ["1 size"], "square"),
    ("⟦eye()⟧", "arity", ["sizes"], "eye(n)"),
    # derivatives
    ("⟦D(L)⟧", "arity", ["2 arguments"], "D(f, v)"),
    ("D(L, W, ⟦axis=0⟧)", "keyword", ["no `axis=`"], None),
    ("D(L, ⟦WW⟧)", "name", ["not declared"], "`W`"),
    ("D(L, ⟦2⟧)", "derivative", ["not possible"], "by a variable"),
    ("D(L, ⟦a + b⟧)", "derivative", ["not possible"], ""),
    ("D(L, ⟦W.T⟧)", "derivative", ["not possible"], "D(f, v).T"),
    ("D(L, ⟦n⟧)", "derivative", ["a dimension"], ""),
    ("D(L, ⟦g⟧)", "derivative", ["declared function"], ""),
    ("sum(D(L, ⟦i⟧) for i in n)", "derivative", ["an index"], ""),
    ("D(L, ⟦pi⟧)", "name", ["not declared"], ""),
    ("D(L, W[⟦9.5⟧, 0])", "index", ["position"], ""),
    ("D(L, W[0, 0, ⟦0⟧])", "index", ["3 subscripts"], None),
    ("⟦D(R, W)⟧", "derivative", ["[h, m]", "[h, n]"], "jac(f, v)"),
    ("⟦D(A @ x, x)⟧", "derivative", ["[n, 1] by [n, 1]"], "[n, 1, n, 1]"),
    ("⟦D(X, X[0, :])⟧", "derivative", ["[n, m] by [m]"], "jac"),
    ("⟦D(softmax(u), u)⟧", "derivative", ["[n] by [n]"], "jac"),
    ("⟦D(x*sum(x), x)⟧", "derivative", ["[n, 1] by [n, 1]"], "jac"),
    ("⟦D(A.T, A)⟧", "derivative", ["[n, n] by [n, n]"], "jac"),
    ("hess(⟦R⟧, c)", "derivative", ["Hessian is of a number", "[h, m]"], None),
    ("D(⟦a > b⟧, a)", "condition", ["a number is needed"], ""),
]  # fmt: skip


@pytest.mark.parametrize(("marked", "code", "message", "hint"), REFUSED)
def test_what_is_refused_and_where(marked: str, code: str, message: list[str], hint: str | None) -> None:
    text, *where = unmark(marked)
    (problem,) = expression_problems(text)
    assert problem.code == code
    assert place(problem) == tuple(where)
    for piece in message:
        assert piece in problem.message
    assert problem.hint is None if hint is None else hint in (problem.hint or "")


def test_every_problem_of_a_text_is_told_once_in_its_order() -> None:
    problems = expression_problems("foo + x*u + sum(bar) + exp(a, b) + (x @ x)[0, 0] + W[9.5, zip]")
    assert [(p.code, place(p)[0]) for p in problems] == [
        ("name", 0),
        ("shape", 7),
        ("name", 16),
        ("arity", 23),
        ("shape", 38),
        ("index", 53),
    ]


def test_one_mistake_is_not_told_again_by_what_is_around_it() -> None:
    (problem,) = expression_problems("exp(sum(undeclared, axis=1)[0] @ X + u)*W.T")
    assert problem.code == "name"


def test_a_declared_name_wins_over_a_function_or_a_constant() -> None:
    scope = make_scope({"beta": (), "e": (), "pi": (), "gamma": ("n",), "D": (), "sum": ()}, {})
    for name in ("beta", "e", "pi", "gamma", "D", "sum"):
        assert isinstance(read(name, scope), typed.Variable)
    (problem,) = expression_problems("beta(1, 2)", scope)
    assert problem.message == "`beta` is a variable here and cannot be called"
    assert "give a variable another name" in (problem.hint or "")
    for text in ("D(beta, e)", "sum(gamma)", "sum(1 for i in n)"):
        (problem,) = expression_problems(text, scope)
        assert (problem.code, place(problem)[0]) == ("name", 0)


def test_any_word_may_be_a_name() -> None:
    words = ["lambda", "class", "None", "E", "I", "S", "N", "Q", "__x__", "True", "if", "is", "print", "beta"]
    scope = make_scope(dict.fromkeys(words, ()), {})
    for word in words:
        made = read(f"{word}**2 + {word}", scope)
        assert isinstance(made, typed.Arithmetic)
        assert isinstance(made.right, typed.Variable)
        assert made.right.name == word


def test_a_declared_function_wins_over_the_languages_own() -> None:
    scope = make_scope({"z": ()}, {}, functions=frozenset({"sigmoid"}))
    assert isinstance(read("sigmoid''(z)", scope), typed.Opaque)


def test_names_that_need_a_refused_definition_are_refused_without_another_problem() -> None:
    scope = make_scope(faulty=frozenset({"broken"}))
    assert expression_problems("broken + 1", scope) == ()
    assert expression_problems("D(broken, x)", scope) == ()
    assert expression_problems("D(L, broken)", scope) == ()
    (problem,) = expression_problems("broken + nothing", scope)
    assert "nothing" in problem.message


# --- statements ----------------------------------------------------------------------------------------------

EQUATIONS = [
    ("x == y", True),
    ("x == 0", True),
    ("0 == X", True),
    ("one == a", True),
    ("x == r", False),
    ("x == u", False),
    ("x == one", False),
    ("X == x", False),
    ("M == N", True),
    ("M == N.T", False),
    ("x == [[1], [2], [3]]", False),
    ("one == [[1]]", True),
    ("one == [1]", False),
]


@pytest.mark.parametrize(("text", "fits"), EQUATIONS)
def test_nothing_stretches_across_an_equation_but_a_number(text: str, fits: bool) -> None:
    if fits:
        terms, _ = elaborate_statement(parse_statement(Passage.of(text)), SCOPE)
        assert len(terms) == 2
    else:
        (problem,) = statement_problems(text)
        assert problem.code == "shape"
        assert place(problem) == (text.index("=="), text.index("==") + 2)


def test_a_known_size_goes_with_that_number_and_with_no_other() -> None:
    scope = make_scope(sizes={"n": 3, "m": 3})
    for text in (
        "x == [[1], [2], [3]]",
        "u + [1, 2, 3] == v",
        "M.T == x + ones(3, 2)",
        "trace(ones(n, 3)) == 3",
        "u[2] == u[-1]",
    ):
        elaborate_statement(parse_statement(Passage.of(text)), scope)
    for text in ("x == [[1], [2]]", "u + [1, 2] == v", "u == t", "u[3] == 1"):
        (problem,) = statement_problems(text, scope)
        assert problem.code in ("shape", "index")


STATEMENTS_REFUSED = [
    ("x == y ⟦==⟧ u", "shape", "[n, 1] and [n]"),
    ("X ⟦==⟧ sum(X, axis=1)", "shape", "[n, m] and [n]"),
    ("a == b for i in ⟦rael⟧", "domain", "`rael`"),
    ("a == b for i in ⟦simplex⟧", "domain", "arrays"),
    ("a == b for i in ⟦0⟧", "index", "1 value"),
    ("a == b for i in n, ⟦i⟧ in m", "name", "bound twice"),
    ("X[⟦z⟧, 0] == 1 for z in real", "index", "goes over numbers"),
    ("W[⟦k⟧, 0] == 1 for k in n", "index", "`k` goes over n, but this axis is h"),
    ("⟦(a < b)⟧ == 1", "condition", "a number"),
    ("a == b for z in ⟦(1, 0)⟧", "domain", "reversed"),
]


@pytest.mark.parametrize(("marked", "code", "message"), STATEMENTS_REFUSED)
def test_statements_that_are_refused(marked: str, code: str, message: str) -> None:
    text, *where = unmark(marked)
    (problem,) = statement_problems(text)
    assert (problem.code, place(problem)) == (code, tuple(where))
    assert message in problem.message


def test_every_wrong_link_of_a_chain_is_told() -> None:
    problems = statement_problems("x == u == x == foo")
    assert [(p.code, place(p)[0]) for p in problems] == [("shape", 2), ("shape", 7), ("name", 15)]


def test_quantifiers_bind_over_dimensions_numbers_and_domains() -> None:
    text = "W[j, k] == z for j in h, k in n, i in 3, z in (0, 1], y in {-1, 1}"
    terms, quantifiers = elaborate_statement(parse_statement(Passage.of(text)), SCOPE)
    assert [(q.name, q.size, q.domain.kind if q.domain else None) for q in quantifiers] == [
        ("j", "h", None),
        ("k", "n", None),
        ("i", 3, None),
        ("z", None, "interval"),
        ("y", None, "finite"),
    ]
    assert len({q.key for q in quantifiers}) == 5
    assert isinstance(terms[1], typed.Bound)
    assert terms[1].key == quantifiers[3].key


def test_conditions_see_the_names_bound_around_them() -> None:
    _, quantifiers = elaborate_statement(parse_statement(Passage.of("relu'(z) == 1 for z in real")), SCOPE)
    condition = read_condition("z > 0", SCOPE.within(quantifiers))
    assert isinstance(condition, typed.Compare)
    assert isinstance(condition.left, typed.Bound)
    assert condition.left.key == quantifiers[0].key
    (problem,) = problems_of(lambda: read_condition("z > 0", SCOPE))
    assert problem.code == "name"


def test_nested_binders_of_one_name_stay_apart() -> None:
    made = read("sum(u[i]*sum(i for i in m) for i in n)", SCOPE)
    assert isinstance(made, typed.BigOp)
    inner = next(e for e in typed.postorder(made.body) if isinstance(e, typed.BigOp))
    assert isinstance(inner.body, typed.Bound)
    assert inner.body.key == inner.key != made.key


def test_a_bound_name_hides_a_declared_one() -> None:
    terms, _ = elaborate_statement(parse_statement(Passage.of("sigmoid'(a) == 1 for a in real")), SCOPE)
    assert isinstance(terms[0], typed.Apply)
    assert isinstance(terms[0].arguments[0], typed.Bound)


def test_a_gradient_by_a_bound_scalar() -> None:
    terms, quantifiers = elaborate_statement(parse_statement(Passage.of("D(z**2, z) == 2*z for z in real")), SCOPE)
    assert isinstance(terms[0], typed.Derivative)
    assert (terms[0].kind, terms[0].target.kind, terms[0].target.key) == ("gradient", "bound", quantifiers[0].key)
