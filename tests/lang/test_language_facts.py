"""What is told of typed expressions besides their meaning: rules of functions, remarks, least sizes, dependence."""

from __future__ import annotations

import pytest
from language import SCOPE, make_scope, place, problems_of, read, unmark

from derivcheck.lang import nodes, typed
from derivcheck.lang.dependence import is_image
from derivcheck.lang.elaborate import Scope, elaborate, elaborate_rule, elaborate_statement, least_sizes, warnings
from derivcheck.lang.parse import parse_expression
from derivcheck.lang.typed import Target, displayed
from derivcheck.source import Passage, Span


def rule(text: str, scope: Scope = SCOPE, function: str = "g") -> tuple[typed.Expr, str | None]:
    return elaborate_rule(parse_expression(Passage.of(text)), scope, function)


def bound_names(expr: typed.Expr) -> set[tuple[str, str]]:
    return {(e.name, e.key) for e in typed.postorder(expr) if isinstance(e, typed.Bound)}


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("g(z)*(1 - g(z))", "z"),
        ("2*s", "s"),
        ("a*g(z)", "z"),
        ("g(a)", "a"),  # declared, but it stands as the function's own argument
        ("g(a)*b", "a"),
        ("e**z/pi", "z"),
        ("f(z)", "z"),
        ("where(z > 0, 1, 0)", "z"),
        ("sum(z*i for i in 3)", "z"),
        ("sum(i*sum(z*ones(2), keepdims=False, axis=None) for i in 3)", "z"),
        ("1", None),
        ("2/3", None),
    ],
)
def test_the_argument_of_a_rule_is_told_from_its_text(text: str, parameter: str | None) -> None:
    made, key = rule(text)
    if parameter is None:
        assert key is None
        assert bound_names(made) == set()
    else:
        assert {(name, k) for name, k in bound_names(made) if name != "i"} == {(parameter, key)}


RULES_REFUSED = [
    ("g(z)*⟦s⟧", "name", "`z` or `s`"),
    ("g(z)*g(⟦s⟧)", "name", "`z` or `s`"),
    ("2*⟦a⟧", "name", "which name is the argument of `g`"),
    ("⟦g'(z)⟧", "function", "cannot use derivatives"),
    ("2*⟦f'(z)⟧", "function", "cannot use derivatives"),
    ("⟦D(z**2, z)⟧", "function", "cannot use derivatives"),
    ("⟦x*z⟧", "shape", "must be a number"),
    ("⟦z > 0⟧", "condition", "a number is needed"),
    ("z ⟦@⟧ z", "shape", "`@`"),
]


@pytest.mark.parametrize(("marked", "code", "message"), RULES_REFUSED)
def test_rules_that_are_refused(marked: str, code: str, message: str) -> None:
    text, *where = unmark(marked)
    (problem,) = problems_of(lambda: rule(text))
    assert (problem.code, place(problem)) == (code, tuple(where))
    assert message in problem.message


WARNINGS = [
    ("D(L, y)", "does not depend on `y`"),
    ("D(relu(Z), R)", "does not depend on `R`"),
    ("D(a, b) + D(a, a)", "does not depend on `b`"),
    ("u.T @ u", "`.T` of an array with one axis changes nothing"),
    ("softmax(X)", "all entries of the matrix"),
    ("log_softmax(X)", "all entries of the matrix"),
    ("A**-1", "`inv(A)`"),
]
NO_WARNINGS = [
    "D(L, W)",
    "D(L, W[0, 0])",
    "D(L, R)",
    "D(R, Z)",
    "D(R, R)",
    "X.T",
    "softmax(u)",
    "softmax(x)",
    "softmax(r)",
    "softmax(X, axis=0)",
    "A**2",
    "X**-1",
    "a**-1",
    "hess(L, c)",
    "D(D(L, W[0, 0]), c[0, 0])",
]


@pytest.mark.parametrize(("text", "remark"), WARNINGS)
def test_what_is_perhaps_not_meant_is_remarked(text: str, remark: str) -> None:
    (found,) = warnings(read(text, SCOPE), SCOPE)
    assert remark in found


@pytest.mark.parametrize("text", NO_WARNINGS)
def test_what_is_usual_is_not_remarked(text: str) -> None:
    assert warnings(read(text, SCOPE), SCOPE) == ()


def test_a_remark_is_made_once_and_on_bound_names_that_hide_others() -> None:
    exprs = [read(text, SCOPE) for text in ("D(L, y)", "2*D(L, y)", "sum(a*u[i] for i in n)", "sum(a for a in n)")]
    assert warnings(exprs, SCOPE) == (
        "what is differentiated does not depend on `y`: this derivative is 0",
        "`a` is the name bound by `for` here, not the declared `a`",
    )


LEAST = [
    ("X[0, 0]", {}),
    ("X[2, 0]", {"n": 3}),
    ("X[2, 4] + W[1, 5]", {"n": 6, "m": 5, "h": 2}),
    ("M[1, 2]", {}),
    ("sum(X[i, 1] for i in n)", {"m": 2}),
    ("D(L, W[0, 3])", {"n": 4}),
    ("D(L, W[1, :])", {"h": 2}),
    ("X.T[4, :]", {"m": 5}),
    ("(X @ Y.T)[1, 2]", {"n": 3}),
    ("L + Z[0, 0]", {}),
]


@pytest.mark.parametrize(("text", "sizes"), LEAST)
def test_literal_positions_ask_for_sizes(text: str, sizes: dict[str, int]) -> None:
    assert least_sizes(read(text, SCOPE)) == sizes


@pytest.mark.parametrize(
    ("text", "is_displayed"),
    [("0.3932", True), ("-0.5", True), ("[[1, -2.50]]", True), ("1/3", False), ("[1, a]", False), ("--1", False)],
)
def test_displayed_numbers(text: str, is_displayed: bool) -> None:
    assert displayed(read(text, SCOPE)) is is_displayed


def by(name: str) -> Target:
    expr = read(f"D(sum({name}), {name})", SCOPE)
    assert isinstance(expr, typed.Derivative)
    return expr.target


@pytest.mark.parametrize(
    ("text", "name", "reaches", "image"),
    [
        ("X", "X", True, True),
        ("2*X + Y", "X", True, True),
        ("relu(Z)", "Z", True, True),
        ("R", "Z", True, True),
        ("R", "X", True, False),
        ("Z", "R", False, True),
        ("X + sum(X)", "X", True, False),
        ("X*sum(Y)", "X", True, True),
        ("where(X > 0, Y, X)", "X", True, True),
        ("where(X > sum(X), Y, Y)", "X", True, False),
        ("X.T.T", "X", True, False),
        ("X + x", "x", True, False),
        ("x + sum(X, axis=1, keepdims=True)", "x", True, True),
        ("g(X)*g'(X)", "X", True, True),
        ("D(E, X)", "X", True, True),
        ("D(relu(E), E)", "X", True, True),
        ("D(L, R)", "R", True, False),
        ("max(X, 0)**2/clip(X, 0, 1)", "X", True, True),
        ("eye(n) @ X", "X", True, False),
        ("Y", "X", False, True),
        ("ones(n, m)*X[0, 0]", "X", True, False),
    ],
)
def test_what_reaches_a_name_and_what_is_its_elementwise_image(
    text: str, name: str, reaches: bool, image: bool
) -> None:
    expr = read(text, SCOPE)
    assert SCOPE.reach.reaches(expr, by(name)) is reaches
    assert is_image(expr, by(name), SCOPE.reach) is image


KINDS = [
    ("D(L, W)", "gradient", ("h", "n")),
    ("D(L, L)", "gradient", ()),
    ("D(one, a)", "gradient", ()),
    ("D(x.T @ x, x)", "gradient", ("n", 1)),
    ("D(X, a)", "tangent", ("n", "m")),
    ("D(X, X[0, 0])", "tangent", ("n", "m")),
    ("D(R, Z)", "elementwise", ("h", "m")),
    ("jac(a, a)", "jacobian", ()),
    ("jac(L, X)", "jacobian", ("n", "m")),
    ("hess(a, a)", "hessian", ()),
]


@pytest.mark.parametrize(("text", "kind", "shape"), KINDS)
def test_which_derivative_it_is(text: str, kind: str, shape: typed.Shape) -> None:
    made = read(text, SCOPE)
    assert isinstance(made, typed.Derivative)
    assert (made.kind, made.shape, made.transposed) == (kind, shape, False)


def test_numerator_layout_turns_gradients_only() -> None:
    scope = make_scope(layout="jacobian")
    for text, kind, shape, turned in [
        ("D(L, W)", "gradient", ("n", "h"), True),
        ("D(L, c)", "gradient", (1, "h"), True),
        ("D(X, a)", "tangent", ("n", "m"), False),
        ("D(R, Z)", "elementwise", ("h", "m"), False),
        ("jac(L, W)", "jacobian", ("h", "n"), False),
        ("hess(L, c)", "hessian", ("h", 1, "h", 1), False),
    ]:
        made = read(text, scope)
        assert isinstance(made, typed.Derivative)
        assert (made.kind, made.shape, made.transposed) == (kind, shape, turned)


def test_targets_keep_the_shape_before_their_subscripts() -> None:
    made = read("D(L, W[0, :])", SCOPE)
    assert isinstance(made, typed.Derivative)
    assert (made.target.whole, made.target.shape, made.target.kind) == (("h", "n"), ("n",), "variable")
    made = read("D(L, Z)", SCOPE)
    assert isinstance(made, typed.Derivative)
    assert (made.target.whole, made.target.subscripts, made.target.kind) == (("h", "m"), None, "defined")


def test_a_derivative_need_not_be_written_as_a_call() -> None:
    of, by_name = parse_expression(Passage.of("L")), parse_expression(Passage.of("W"))
    made = elaborate(
        nodes.Derivative(Span(0, 1), "D", of, by_name), make_scope({"W": ("h", "n"), "D": ()}, {"L": "sum(W)"})
    )
    assert isinstance(made, typed.Derivative)
    assert made.shape == ("h", "n")


def test_a_statement_may_be_put_together_from_texts() -> None:
    texts = ("D(L, R)", "2*R/m", "R/m + R/m")
    terms = tuple(parse_expression(Passage.of(text)) for text in texts)
    places = (Span(0, 1), Span(0, 1))
    statement = nodes.Statement(Span(0, 1), terms, ("==", "=="), places, (), texts)
    made, quantifiers = elaborate_statement(statement, SCOPE)
    assert [term.shape for term in made] == [("h", "m")] * 3
    assert quantifiers == ()


def test_walks_follow_every_part_once() -> None:
    expr = read("where(X > 0, X[0, 1], sum(X[i, 0] for i in n)) + D(L, W[0, 0])*[[1, 2]][0, 1]", SCOPE)
    parts = list(typed.postorder(expr))
    assert len(parts) == len(set(map(id, parts)))
    assert parts[-1] is expr
    seen: set[int] = set()
    for part in parts:
        assert all(id(child) in seen for child in typed.children(part))
        seen.add(id(part))
