"""SymPy expressions as claims: every class of the table against SymPy's own numbers, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import reference_numpy
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Matrix, MatrixSymbol, Rational, Symbol, symbols

from derivcheck import Refused, Verdict, assert_gradient, check, check_equal, check_gradient
from derivcheck.fromsympy import converter, scalars
from derivcheck.lang.typed import postorder
from derivcheck.source import Span

x, y, z = symbols("x y z")
m, n = symbols("m n")
X, W, V = MatrixSymbol("X", m, n), MatrixSymbol("W", n, 1), MatrixSymbol("V", n, n)
THIRD = Rational(1, 3)
POINT = {x: Rational(5, 7), y: Rational(3, 2), z: Rational(-4, 3)}
SIZES = {"m": 2, "n": 3}


def ours(expression, values, sizes=None):
    """The value of the converted expression, by the tests' own meaning of typed expressions."""
    converted = converter().expression(expression, Span(0, 1))
    return reference_numpy.evaluate(converted, SimpleNamespace(definitions={}), values, sizes or {})


# --- scalars

#: Further arguments, and one in the domain, of functions that do not take x = 5/7 alone.
ARGUMENTS = {
    sp.asec: [x + 1], sp.acsc: [x + 1], sp.acosh: [x + 1], sp.acoth: [x + 1], sp.zeta: [x + 2], sp.sign: [x - 1],
    sp.Min: [x, y], sp.Max: [x, y], sp.beta: [x, y], sp.lowergamma: [x, y], sp.uppergamma: [x, y],
    sp.polygamma: [2, x], sp.polylog: [2, x], sp.expint: [2, x],
    sp.besselj: [1, x], sp.bessely: [1, x], sp.besseli: [1, x], sp.besselk: [1, x],
}  # fmt: skip


@pytest.mark.parametrize("function", scalars._FUNCTIONS, ids=lambda function: function.__name__)
def test_every_function_has_sympys_value(function):
    expression = function(*ARGUMENTS.get(function, [x]))
    true = float(sp.N(expression.subs(POINT), 20))
    assert ours(expression, {"x": 5 / 7, "y": 1.5}) == pytest.approx(true, rel=1e-8)


EXPRESSIONS = [
    x**2 - 3 * x + 1, 1 / x, x ** Rational(1, 2), x**THIRD, 1 / sp.sqrt(x), 2**x, x**y, sp.pi * x, sp.E**x,
    x / y - y / x, sp.exp(sp.sin(x) * y) / (1 + y**2), -x, -((x + y) ** 3), sp.sqrt(2) * x, x * 0.1, 1e-30 * x,
    Rational(-7, 3) * x, sp.Piecewise((x, x > y), (y, True)),
    sp.Piecewise((1, x < 0), (2, sp.And(x >= 0, sp.Or(y < 0, sp.Ne(y, z)))), (3, True)),
    sp.Piecewise((1, sp.Not(sp.Eq(x, y))), (2, True)), sp.Heaviside(x - 1), sp.Heaviside(x), sp.Max(x, y, 2),
    sp.Min(x, y, 2), sp.Abs(x - y), sp.sign(x - y), sp.Sum(x**m, (m, 1, 4)), sp.Product(x + m, (m, 0, 3)),
    sp.Sum(y * m, (m, 2, 1)) + x, sp.Product(y * m, (m, 2, 1)) + x, sp.Sum(x + m * n, (n, 0, 2), (m, 1, 2)),
    sp.Sum(sp.Sum(x + m * n, (n, 0, 2)) * m, (m, 1, 2)), sp.Sum(x * m, (m, 0, 2)) * sp.Sum(y * m, (m, 0, 2)),
    sp.re(x), sp.im(x) + y, sp.conjugate(x * y), sp.UnevaluatedExpr(x + 1) * y, sp.factorial(x),
    sp.Add(*[x * k for k in range(700)], evaluate=False), sp.Mul(*[1 + x / k for k in range(1, 500)]),
    sp.Derivative(sp.sin(x) * y, x), sp.Derivative(x**4 * y, x, x), sp.Derivative(x**2 * y**3, x, y),
]  # fmt: skip


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_expressions_mean_what_sympy_means_by_them(expression):
    true = float(expression.doit().subs(POINT))
    values = {str(symbol): float(value) for symbol, value in POINT.items()}
    assert ours(expression, values) == pytest.approx(true, rel=1e-5)


LEAVES = st.sampled_from([x, y, sp.Integer(2), Rational(-1, 3), sp.pi])
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(sp.Add, inner, inner),
        st.builds(sp.Mul, inner, inner),
        st.builds(lambda a: sp.Pow(a, 2), inner),
        st.builds(lambda a, b: a / (2 + b**2), inner, inner),
        st.builds(sp.sin, inner),
        st.builds(sp.tanh, inner),
        st.builds(sp.Abs, inner),
        st.builds(lambda a, b: sp.Piecewise((a, x < y), (b, True)), inner, inner),
    ),
    max_leaves=8,
)


@given(TREES)
@settings(derandomize=True, deadline=None, max_examples=80)
def test_any_expression_means_what_sympy_means_by_it(expression):
    true = float(expression.subs(POINT))
    assert ours(expression, {"x": 5 / 7, "y": 1.5}) == pytest.approx(true, rel=1e-7, abs=1e-9)


def test_shared_parts_are_converted_once():
    expression = x
    for _ in range(40):  # which would unfold to more than 10**12 parts
        expression = sp.sin(expression) * sp.cos(expression)
    converted = converter().expression(expression, Span(0, 1))
    assert len(list(postorder(converted))) <= 121


def test_long_sums_are_no_deep_ones():
    long = sp.expand((x + y + z + 1) ** 18)
    assert check_equal(long, (x + y + z + 1) ** 18)


def test_what_is_deeper_than_the_language_allows_is_refused():
    expression = x
    with sp.evaluate(False):
        for _ in range(250):
            expression = sp.sin(expression)
    with pytest.raises(Refused, match="200 operations deep"):
        check_equal(expression, x)


def test_what_is_too_deep_to_be_printed_can_still_be_claimed():
    expression = x
    with sp.evaluate(False):
        for _ in range(120):
            expression = sp.sin(expression)
    assert converter().expression(expression, Span(0, 1)).shape == ()
    assert check_equal(expression, expression)


# --- matrices

i = Symbol("i")
F, G = sp.IndexedBase("F", shape=(n,)), sp.IndexedBase("V", shape=(n, n))
H = sp.IndexedBase("H", shape=(4,))
A = np.array([[2.0, -1.0, 3.0], [4.0, 0.5, -1.0]])
B = np.array([[2.0], [-1.0], [5.0]])
C = np.array([[2.0, 1.0, 0.0], [-1.0, 3.0, 1.0], [4.0, 0.0, -2.0]])
x0, y0 = 5 / 7, 1.5

MATRICES = [
    (X.T, A.T),
    (X * W, A @ B),
    (V * X.T, C @ A.T),
    (X + 2 * X, 3 * A),
    (X - X * V, A - A @ C),
    (3 * X * W, 3 * A @ B),
    (x * X, x0 * A),
    (V.I * W, np.linalg.inv(C) @ B),
    (V**2 * W, C @ C @ B),
    (V**-2 * W, np.linalg.inv(C) @ np.linalg.inv(C) @ B),
    (sp.HadamardProduct(X, X), A * A),
    (sp.HadamardPower(X, 2), A * A),
    (sp.Identity(n) * W, B),
    (V + sp.Identity(n), C + np.eye(3)),
    (X + sp.OneMatrix(m, n), A + 1),
    (sp.ZeroMatrix(m, n) + X.T.T, A),
    (W.T * V * W, B.T @ C @ B),
    (Matrix([[x, y], [1, x * y]]), [[x0, y0], [1, x0 * y0]]),
    (sp.ImmutableSparseMatrix(1, 2, {(0, 1): x}), [[0, x0]]),
    (sp.ImmutableDenseMatrix([[1, 2], [3, 4]]) * X, np.array([[1, 2], [3, 4]]) @ A),
    (sp.Array([x, y, 1]), [x0, y0, 1]),
    ([[x, 1], [y, 0.5]], [[x0, 1], [y0, 0.5]]),
    (sp.trace(V), 3.0),
    (sp.det(V), np.linalg.det(C)),
    (sp.trace(X * X.T), np.trace(A @ A.T)),
    (V[1, 2], 1.0),
    ((W.T * W)[0, 0], 30.0),
    (sp.trace(X * X.T) * x / (n * m), np.trace(A @ A.T) * x0 / 6),
    (sp.Sum(W[i, 0] ** 2, (i, 0, n - 1)), 30.0),
    (sp.Sum(X[1, i] * W[i, 0], (i, 0, n - 1)), (A @ B)[1, 0]),
    (sp.Sum(X[1, i - 1] * i, (i, 1, n)), 4 + 1 - 3),
    (sp.sin(W[0, 0]) / n, np.sin(2) / 3),
    (X.adjoint(), A.T),
    (sp.Sum(F[i] * G[i, 1], (i, 0, n - 1)), np.array([1, 2, 4]) @ C[:, 1]),
    (sp.Sum(F[sp.Idx("j", n)] ** 2, (sp.Idx("j", n), 0, n - 1)), 21.0),
    (sp.Sum(H[i] * H[i + 1], (i, 0, 2)), 2 + 8 + 40),
    (sp.Sum(H[i - 1], (i, 1, 4)), 17.0),
]


@pytest.mark.parametrize(("expression", "true"), MATRICES, ids=lambda value: type(value).__name__)
def test_matrices_mean_what_numpy_means_by_them(expression, true):
    values = {"X": A, "W": B, "V": C, "x": x0, "y": y0, "F": [1, 2, 4], "H": [1, 2, 4, 10]}
    assert ours(expression, values, SIZES) == pytest.approx(np.array(true), rel=1e-9)


def test_matrices_of_any_size():
    t = MatrixSymbol("t", m, 1)
    error = X * W - t
    assert check_gradient(error.T * error, W, 2 * X.T * error)
    assert check_gradient(error.T * error, W, "2*X.T @ (X @ W - t)")
    assert check_gradient((error.T * error)[0, 0], W, 2 * X.T * error)
    assert check_gradient(error.T * error, W, 2 * error.T * X, layout="jacobian")
    assert check_gradient(error.T * error, W, 2 * error.T * X, layout="either")
    assert check_gradient(error.T * error, W[1, 0], (2 * X.T * error)[1, 0])
    wrong = check_gradient(error.T * error, W, X.T * error)
    assert wrong.verdict is Verdict.REFUTED
    assert set(wrong.witness.sizes) == {"m", "n"}


def test_arrays_with_indices():
    residual = F[i] - G[i, 0]
    loss = sp.Sum(residual**2, (i, 0, n - 1)) / 2
    assert check_gradient(loss, "F", "F - V[:, 0]")
    assert check_gradient(loss, F[1], F[1] - G[1, 0])
    assert not check_gradient(loss, F[1], F[0] - G[0, 0])
    assert check_gradient(loss, F, "F - V[:, 0]")


def test_a_dimension_is_one_wherever_it_stands():
    assert check_gradient(sp.trace(V) / m, V, "eye(n)/m", assume=m > 0)
    assert check_equal(sp.Sum(1, (i, 0, m - 1)), m, "sum(1 for i in m)", when=sp.Eq(X[0, 0], 1))
    assert check_equal(n, sp.trace(V.T) - sp.trace(V) + n)


def test_shapes_that_do_not_fit_are_invalid():
    result = check_gradient((X * W).T * (X * W), W, 2 * (X * W).T * X)
    assert result.verdict is Verdict.INVALID
    assert "[n, 1] and [1, n]" in str(result)


# --- claims


def test_gradients_by_sympy_are_proved_and_wrong_ones_refuted():
    sigmoid = 1 / (1 + sp.exp(-x))
    loss = -(y * sp.log(sigmoid) + (1 - y) * sp.log(1 - sigmoid))
    assert check_gradient(loss, x, sp.diff(loss, x))
    assert check_gradient(loss, x, sigmoid - y, steps=[sp.diff(loss, x)])
    wrong = check_gradient(loss, x, y - sigmoid)
    assert wrong.verdict is Verdict.REFUTED
    assert set(wrong.point) == {"x", "y"}
    assert_gradient(x * y, x, y)
    with pytest.raises(AssertionError, match=r"refuted: D\(x\*y, x\) == x"):
        assert_gradient(x * y, x, x)


def test_by_several_symbols_at_once():
    assert check_gradient(x * y**2, [x, y], [y**2, 2 * x * y])
    assert check_gradient(x * y**2, (x, y), Matrix([y**2, 2 * x * y])).verdict is Verdict.INVALID
    assert check_gradient(x * y**2, Matrix([x, y]), Matrix([y**2, 2 * x * y]))
    assert check_gradient(x * y**2, Matrix([[x], [y]]), Matrix([[y**2, 2 * x * y]]), layout="jacobian")
    assert check_gradient(x * y**2, sp.Array([x, y]), sp.Array([y**2, 2 * x * y]))
    wrong = check_gradient(x * y**2, [x, y], [y**2, x * y])
    assert wrong.witness.entry == (1,)
    with pytest.raises(Refused, match="derivative is by symbols"):
        check_gradient(x * y, [x, 2 * y], [y, x])
    with pytest.raises(Refused):
        check_gradient(x * y, x + y, y)
    with pytest.raises(TypeError, match="wrt: None"):
        check_gradient(x * y, None, y)


def test_strings_and_expressions_go_together():
    assert check_gradient("sin(x)*y", x, y * sp.cos(x))
    assert check_gradient(sp.sin(x) * y, "x", y * sp.cos(x))
    assert check_gradient(sp.sin(x) * y, x, "y*cos(x)")
    assert check_gradient("u**2", "u", 2 * Symbol("u"), variables=["x"], define={"u": "sin(x)"})
    assert check_gradient("u**2", Symbol("u"), 2 * Symbol("u"), variables=["x"], define={"u": "sin(x)"})
    assert check_gradient("u**2", x, 2 * sp.sin(x) * sp.cos(x), variables=["x"], define={"u": "sin(x)"})
    with pytest.raises(Refused, match="`w` is not declared"):
        check_gradient(x**2, x, "2*w")


def test_equations():
    assert check(sp.Eq(sp.sin(x) ** 2 + sp.cos(x) ** 2, 1, evaluate=False))
    assert check(sp.Eq(x * (y + 1), x * y + x))
    assert check(sp.Eq(x, y)).verdict is Verdict.REFUTED
    for decided in (sp.Eq(x, x), sp.Eq(1, 2)):
        with pytest.raises(TypeError, match="SymPy has decided this equation itself"):
            check(decided)


def test_unknown_functions():
    g = sp.Function("g")
    assert check_gradient(g(x) ** 2, x, 2 * g(x) * g(x).diff(x))
    assert check_gradient(g(x), x, "g(x)*(1 - g(x))", functions={"g": "g(t)*(1 - g(t))"})
    assert not check_gradient(g(x) ** 2, x, 2 * g(x))
    with pytest.raises(Refused, match="an unknown function has one"):
        check_equal(g(x, y), 1)


def test_derivatives_that_sympy_writes_for_complex_numbers():
    assert sp.Abs(x).diff(x).has(sp.im)
    assert check_gradient(sp.Abs(x), x, sp.Abs(x).diff(x))


def test_relu_in_sympys_words():
    assert check_equal(sp.Max(0, x), sp.Piecewise((x, x > 0), (0, True)))
    assert check_gradient(sp.Max(0, x), x, sp.Heaviside(x))
    assert check_gradient(sp.Max(0, x), x, sp.diff(sp.Max(0, x), x))


# --- where symbols live


@pytest.mark.parametrize(
    ("assumptions", "claim"),
    [
        ({"positive": True}, lambda s: (sp.sqrt(s**2, evaluate=False), s)),
        ({"negative": True}, lambda s: (sp.Abs(s, evaluate=False), -s)),
        ({"nonnegative": True}, lambda s: (sp.Abs(s, evaluate=False), s)),
        ({"nonpositive": True}, lambda s: (sp.Abs(s, evaluate=False), -s)),
        ({"integer": True, "positive": True}, lambda s: (sp.Abs(s, evaluate=False), s)),
        ({"zero": True}, lambda s: (s + x, x)),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "claim",
)
def test_assumptions_are_kept(assumptions, claim):
    left, right = claim(Symbol("s", **assumptions))
    assert check_equal(left, right)
    left, right = claim(Symbol("s"))
    assert not check_equal(left, right)


def test_symbols_are_real_unless_something_else_is_said():
    assert check_equal(sp.Abs(x) ** 2, x**2)
    assert check_equal(sp.sqrt(x**2), x).verdict is Verdict.REFUTED


@pytest.mark.parametrize("word", ["even", "odd", "prime", "imaginary", "irrational", "rational", "infinite"])
def test_assumptions_that_cannot_be_kept_are_refused(word):
    with pytest.raises(Refused, match="s is"):
        check_equal(Symbol("s", **{word: True}), 1)


def test_what_is_declared_goes_before_assumptions():
    assert check_equal(sp.sqrt(x**2), x, variables={"x": "positive"})
    assert check_equal(Symbol("s", even=True), 1, variables={"s": "{1}"})
    with pytest.raises(Refused, match=r"declared with the shape \[n\]"):
        check_equal(x, 1, variables={"x": ("n",)})


def test_conditions_may_be_sympys():
    assert check_equal(sp.Abs(x), x, assume=x > 0)
    assert check_equal(sp.Abs(x), x, when=[x >= 0, sp.Ne(y, 0)])
    assert check_equal(sp.Abs(x), x, when=["x > 0"])
    assert check_equal("abs(x)", "x", variables=["x"], when=x > 0)
    with pytest.raises(TypeError, match="assume: a string is wanted, not StrictGreaterThan"):
        check("abs(x) == x", variables=["x"], assume=x > 0)
    with pytest.raises(Refused, match="is no condition"):
        check_equal(x, x, when=[x])


def test_symbols_of_one_name_stay_apart():
    """SymPy tells symbols of one name apart by their assumptions."""
    positive = Symbol("x", positive=True)
    assert check_equal(x, positive).verdict is Verdict.REFUTED
    assert check_equal(sp.Dummy("d"), sp.Dummy("d")).verdict is Verdict.REFUTED
    assert set(check_equal(x, positive).point) <= {"x", "x_2"}


@pytest.mark.parametrize(
    "name", ["lambda", "x y", "", "1", "__class__", "a\nb", "\x1b[31m", "{0}", "日本", "e", "sin"]
)
def test_a_symbol_may_have_any_name(name):
    symbol = Symbol(name)
    assert check_gradient(symbol**2, symbol, 2 * symbol)
    text = str(check_gradient(symbol**2, symbol, symbol))
    assert "\x1b" not in text


# --- what cannot be read


@pytest.mark.parametrize(
    ("expression", "word"),
    [
        (sp.Integral(x, x), "Integral"), (sp.Limit(x, x, 0), "Limit"), (sp.I * x, "I is no real number"),
        (sp.oo + x * 0, "oo"), (sp.zoo, "zoo"), (sp.nan, "nan"), (sp.Subs(x**2, x, y), "Subs"),
        (sp.floor(x), "floor"), (sp.Piecewise((x, x > 0)), "not defined everywhere"), (sp.zeta(x, y), "zeta"),
        (sp.Sum(x, (n, 1, y)), "a sum over y values"), (sp.Sum(x, (n, 1, sp.oo)), "a sum over oo values"),
        (sp.Integer(10) ** 20000, "digits"), (sp.Pow(7, 10**9, evaluate=False), "too large"), (sp.true, "condition"),
        (Symbol("A", commutative=False), "real number"), (sp.Float("inf"), "oo"), (sp.S.EmptySet, "EmptySet"),
        ([], "rows"), ([[x], [x, y]], "rows"), (object(), "no expression"), (None, "no expression"),
        (float("nan"), "nan"), (1j, "no expression"), (V ** x, "matrix to the power"),
        (MatrixSymbol("B", n + 1, 1), "neither a number nor a symbol"), (W[i, 0], "the position i is neither"),
        (sp.Sum(W[i - 1, 0], (i, 0, n - 1)), "leaves its axis"), (sp.Sum(W[i, 0], (i, 0, n)), "n . 1 values"),
        (sp.Sum(W[i, 0], (i, 0, 2)), "leaves its axis"), (sp.Sum(H[i + 2], (i, 0, 2)), "leaves its axis"),
        (sp.Sum(W[2 * i, 0], (i, 0, n - 1)), "the position 2.i is neither"), (sp.IndexedBase("K")[0], "no shape"),
        (sp.Sum(X[i, 0], (i, 0, n - 1)), "leaves its axis"), (sp.Idx("i"), "belongs to no sum"),
        (F[-1], "leaves its axis"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)  # fmt: skip
def test_what_cannot_be_read_is_refused_by_name(expression, word):
    with pytest.raises(Refused, match=word):
        check_equal(expression, x)


def test_points_and_tolerances_are_for_strings():
    for settings_ in ({"at": {"x": 1}}, {"tolerance": 0.1}):
        with pytest.raises(TypeError, match="only for claims given as strings"):
            check_equal(x, x, **settings_)
