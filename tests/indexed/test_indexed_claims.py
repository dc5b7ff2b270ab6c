"""Claims over symbolic sizes: true ones are shown, and what people get wrong is not."""

import pytest
from changed_claims import CORPUS, SPECS
from index_values import derivation, kinds, outcomes

from derivcheck.spec import load

SETTING = """variables: {X: [m, n], w: [n], y: [m], A: [n, n], x: [n], a: [n], g: {shape: [n], domain: positive},
  W: [h, n], b: [h], v: [h], S: {shape: [n, n], domain: symmetric}, U: {shape: [n, n], domain: positive definite},
  R: {shape: [n, n], domain: orthogonal}, E: {shape: [n, n], domain: diagonal}, e: {shape: [n], domain: one-hot},
  q: {shape: [n], domain: simplex}, l: {shape: [m], domain: "{0, 1}"}, t: {shape: [m], domain: "{-1, 1}"},
  z: , s: {domain: positive}, T: {shape: [n], domain: nonnegative}}
"""

#: (true, a way in which it is got wrong), by what it takes.
PAIRS = {
    "linear form": ("D(dot(a, x), x) == a", "D(dot(a, x), x) == x"),
    "quadratic form": ("D(x @ A @ x, x) == (A + A.T) @ x", "D(x @ A @ x, x) == 2*A @ x"),
    "quadratic form, symmetric": ("D(x @ S @ x, x) == 2*S @ x", "D(x @ S @ x, x) == S @ x"),
    "by a symmetric matrix": ("D(trace(S @ S), S) == 2*S", "D(trace(S @ S), S) == 4*S - 2*S*eye(n)"),
    "by labels": ("D(sum(l**2), l) == 2*l", "D(sum(l**2), l) == ones(m)"),
    "labels 0 and 1": ("sum(l**2) == sum(l)", "sum(l**3) == sum(l)/2"),
    "labels of a sign": ("sum(t**2) == m", "sum(t**3) == m"),
    "hessian": ("hess(x @ A @ x, x) == A + A.T", "hess(x @ A @ x, x) == 2*A"),
    "least squares": (
        "D(sum((X @ w - y)**2)/2, w) == X.T @ (X @ w - y)",
        "D(sum((X @ w - y)**2), w) == X.T @ (X @ w - y)",
    ),
    "trace of a product": ("D(trace(A @ A), A) == 2*A.T", "D(trace(A @ A), A) == 2*A"),
    "trace of a cube": ("D(trace(A @ A @ A), A) == 3*(A @ A).T", "D(trace(A @ A @ A), A) == 3*A @ A"),
    "trace of the identity": ("trace(eye(n)) == n", "trace(eye(n))**2 - 3*trace(eye(n)) + 2 == 0"),
    "sizes": ("(n - 1)*(n - 2) == n**2 - 3*n + 2", "(n - 1)*(n - 2) == 0"),
    "deviations": ("sum(x - mean(x)) == 0", "sum((x - mean(x))**3) == 0"),
    "logistic loss": ("D(sum(softplus(X @ w) - y*(X @ w)), w) == X.T @ (sigmoid(X @ w) - y)",
                      "D(sum(softplus(X @ w) - y*(X @ w)), w) == X.T @ (tanh(X @ w) - y)"),
    "margins": ("D(sum(log(1 + exp(-t*(X @ w)))), w) == -X.T @ (t*sigmoid(-t*(X @ w)))",
                "D(sum(log(1 + exp(-t*(X @ w)))), w) == -X.T @ (t*sigmoid(t*(X @ w)))"),
    "margins of a hinge": ("D(sum(max(0, 1 - y*(X @ w))), w) == -X.T @ (y*indicator(y*(X @ w) < 1))",
                           "D(sum(max(0, 1 - y*(X @ w))), w) == -X.T @ (y*indicator(y*(X @ w) > 1))"),
    "softmax": ("jac(softmax(x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x))",
                "jac(softmax(x), x) == diag(softmax(x))"),
    "softmax is shift-invariant": ("softmax(x - z) == softmax(x)", "softmax(2*x) == softmax(x)"),
    "log-sum-exp": ("D(logsumexp(x), x) == softmax(x)", "logsumexp(x - z) == logsumexp(x)"),
    "cross-entropy of a distribution": ("D(-dot(q, log_softmax(x)), x) == softmax(x) - q",
                                        "D(-dot(a, log_softmax(x)), x) == softmax(x) - a"),
    "tanh layer": ("D(v @ tanh(W @ x + b), W) == outer(v*(1 - tanh(W @ x + b)**2), x)",
                   "D(v @ tanh(W @ x + b), W) == outer(v*(1 - tanh(W @ x + b)), x)"),
    "relu layer": ("D(v @ relu(W @ x + b), x) == W.T @ (v*indicator(W @ x + b > 0))",
                   "D(v @ relu(W @ x + b), x) == W.T @ (v*indicator(W @ x + b < 0))"),
    "relu at its kink": ("jac(relu(x), x) == diag(indicator(x >= 0))",
                         "sum(indicator(x > 0)) == sum(indicator(x >= 0))"),
    "norm": ("D(norm(x), x) == x/norm(x)", "D(norm(x), x) == x/norm(x)**2"),
    "unit vector": ("jac(x/norm(x), x) @ x == 0", "jac(x/norm(x), x) @ a == 0"),
    "powers of a sum": ("D(1/(1 + dot(x, x))**2, x) == -4*x/(1 + dot(x, x))**3",
                        "D(1/(1 + dot(x, x))**2, x) == -2*x/(1 + dot(x, x))**3"),
    "inverse": ("inv(A) @ A == eye(n)", "inv(A) @ A.T == eye(n)"),
    "inverse of a sum": ("inv(A + z*eye(n)) @ (A + z*eye(n)) == eye(n)", "inv(A + z*eye(n)) @ A == eye(n)"),
    "determinant": ("D(log(det(A)), A) == inv(A).T", "D(log(det(A)), A) == inv(A)"),
    "determinant, definite": ("D(log(det(U)), U) == inv(U)", "D(log(det(U)), U) == U"),
    "trace of an inverse": ("D(trace(inv(A)), A) == -(inv(A) @ inv(A)).T", "D(trace(inv(A)), A) == -inv(A).T"),
    "orthogonal": ("R.T @ R == eye(n)", "R @ R == eye(n)"),
    "diagonal": ("diag(diag(E)) == E", "diag(diag(A)) == A"),
    "one-hot": ("sum(e*x)**2 == sum(e*x**2)", "sum(q*x)**2 == sum(q*x**2)"),
    "entries": ("D(sum(x**2), x[j]) == 2*x[j] for j in n", "D(sum(x**2), x[j]) == 2*x[0] for j in n"),
    "entries at literal positions": ("D(x[0]*x[1], x[j]) == eq(j, 0)*x[1] + eq(j, 1)*x[0] for j in n",
                                     "x[0] == x[1]"),
    "jacobian, entry by entry": ("jac(x, x)[i, j] == eq(i, j) for i in n, j in n",
                                 "jac(x, x)[i, j] == 1 for i in n, j in n"),
    "a slice": ("D(sum(A[:, 0]**2), A[:, 0]) == 2*A[:, 0]", "D(sum(A[:, 0]**2), A[:, 0]) == 2*A[0, :]"),
    "products": ("prod(exp(x)) == exp(sum(x))", "prod(2*x) == 2*prod(x)"),
    "roots of what is not negative": ("sqrt(T**2) == T", "sqrt(x**2) == x"),
    "logs": ("log(sum(x)**2) == 2*log(abs(sum(x)))", "log(sum(x**2)) == 2*log(abs(sum(x)))"),
    "entropy": ("D(sum(g*log(g)), g) == log(g) + 1", "D(sum(g*log(g)), g) == log(g)"),
    "tangent": ("D(x*z**2, z) == 2*z*x", "D(x*z**2, z) == z*x"),
    "second derivative": ("D(D(sum(x*z**3), z), z) == 6*z*sum(x)", "D(D(sum(x*z**3), z), z) == 3*z*sum(x)"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_a_true_claim_is_shown_and_a_false_one_is_not(name):
    assert kinds(SETTING, *PAIRS[name]) == ["zero", "open"]


#: Statements whose falsehood hides where a branch is not taken, at a kink, or at an isolated point.
FALSE = [
    "where(z > 0, log(z), 5) == where(z > 0, log(z), 7)",
    "z*where(z == 0, 0, 1/z) == 1",
    "where(z != 0, 1/z, 0) == where(z != 0, 1/z, 5)",
    "z*where(z > 0, 1/z, 0) + indicator(z == 0) == indicator(z > 0)",
    "indicator(z > 0) + indicator(z < 0) == 1",
    "where(z > 0, sqrt(z), 0)**2 == z",
    "where(z**2 > 0, 1/z**2, 1)*z**2 == 1",
    "z/z*where(z == 0, 2, 1) == 2",
    "sqrt(z**2) == z",
    "exp(log(z**2)/2) == z",
    "(z**3)**(1/3) == abs(z)",
    "where(z == 0, 5, 1) == 1",
    "D(z**2*indicator(z == 0), z) == 1",
    "where(z > 1 or 1/z > 0, z, 0)*indicator(z == 0) == 1",
    "abs(z)/z == 1",
    "sign(z)**2 == 1",
    "min(z, 100) == z",
    "relu'(z)*x == indicator(x > 0)*x",
]


@pytest.mark.parametrize("text", FALSE)
def test_what_is_false_at_a_single_place_is_not_shown(text):
    assert kinds(SETTING, text) == ["open"]


#: Statements that hold wherever both sides are defined, by what is known there.
DEFINED = [
    "z/z == 1",
    "sqrt(s**2) == s",
    "exp(log(z)) == z",
    "exp(log(z)/2)**2 == z",
    "D(relu(z), z) == indicator(z >= 0)",
    "abs(z)/z == sign(z)",
    "relu(relu(x)) == relu(x)",
    "abs(sum(x) - z) == abs(z - sum(x))",
    "x/x == ones(n)",
    "1/(1 + exp(-x)) == exp(x)/(1 + exp(x))",
    "log(sigmoid(x)) == x - softplus(x)",
    "tanh(x) == 2*sigmoid(2*x) - 1",
    "D(sum(relu(X @ w)), w) == X.T @ relu'(X @ w)",
    "where(x > 0, x, 0) == relu(x)",
    "sum(a*sin(x)**2) == sum(a) - sum(a*cos(x)**2)",
    "sum(1/t) == sum(t)",
]


@pytest.mark.parametrize("text", DEFINED)
def test_what_holds_where_both_sides_are_defined_is_shown(text):
    assert kinds(SETTING, text) == ["zero"]


def test_cross_entropy_of_a_sigmoid_however_it_is_written():
    losses = "-y*log(p) - (1 - y)*log(1 - p)"
    for p in ("sigmoid(Z)", "1/(1 + exp(-Z))", "exp(Z)/(1 + exp(Z))"):
        setting = f"variables: {{X: [m, n], w: [n], y: [m]}}\ndefine: {{Z: X @ w, p: '{p}', L: 'sum({losses})'}}\n"
        found = kinds(
            setting,
            "D(L, w) == X.T @ (p - y)",
            "D(L, Z) == p - y",
            "D(L, Z) == D(L, p)*D(p, Z)",
            "D(L, p) == (p - y)/(p*(1 - p))",
            "hess(L, w) == X.T @ diag(p*(1 - p)) @ X",
            "D(L, Z) == y - p",
            "D(L, p) == p - y",
        )
        assert found == ["zero"] * 5 + ["open"] * 2


def test_conditions_are_used():
    setting = (
        "variables: {Y: [m, k], Z: [m, k], c: [k], x: [n], t: , u: }\nassume: ['sum(Y, axis=1) == 1', 't == 2*u']\n"
    )
    assert kinds(setting, "D(sum(logsumexp(Z, axis=1)) - sum(Y*Z), Z) == softmax(Z, axis=1) - Y") == ["zero"]
    assert kinds(setting, "sum(Y) == m", "sum(Y) == k", "t**2*x == 4*u**2*x", "D(t*u, u) == 2*u") == [
        "zero",
        "open",
        "zero",
        "zero",
    ]
    assert kinds(setting, "D(t*u, u) == 4*u", "D(sum(Y**2), Y) == 2*Y") == ["open", "zero"]


def test_opaque_functions_by_their_rule():
    setting = "variables: {x: [n], W: [h, n]}\nfunctions: {g: {derivative: 'g(z)*(1 - g(z))'}, k: {}}\n"
    true = ("D(sum(g(W @ x)), x) == W.T @ (g(W @ x)*(1 - g(W @ x)))", "D(sum(k(W @ x)), x) == W.T @ k'(W @ x)")
    false = ("D(sum(g(W @ x)), x) == W.T @ (1 - g(W @ x))", "D(sum(k(W @ x)), x) == W.T @ k(W @ x)")
    assert kinds(setting, *true, *false, "g''(x) == g'(x)*(1 - 2*g(x))") == ["zero", "zero", "open", "open", "zero"]


def test_an_index_goes_through_its_own_dimension_alone():
    found = kinds("variables: {v: [3], u: [6], w: [7]}\n", "sum((v[i + 1] - v[i])**2 for i in 2) == sum(v**2)")
    assert found == ["open"]
    true = "D(sum((v[i + 1] - v[i])**2 for i in 2), v[1]) == 4*v[1] - 2*v[0] - 2*v[2]"
    assert kinds("variables: {v: [3]}\n", true) == ["zero"]
    assert kinds("variables: {u: [6], w: [7]}\n", "sum(w[i]*u[i] for i in 6) == dot(w, w)") == ["open"]


SPEC_FILES = sorted(SPECS.glob("*.deriv.yaml"))


def test_every_true_link_of_the_specs_is_shown_and_no_wrong_claim():
    shown = 0
    for path in SPEC_FILES:
        spec = load(path)
        for claim in spec.claims:
            for judged in filter(None, (claim if claim.expect == "holds" else None, claim.correct)):
                if judged.statement is None or judged.at or judged.up_to:
                    continue
                if any(link.relation != "==" for link in judged.statement.links):
                    continue
                found = [outcome.kind for outcome in outcomes(spec, judged)]
                assert set(found) == {"zero"}, (path.name, claim.id)
                shown += len(found)
            wrong = claim.statement if claim.expect == "fails" and not claim.at else None
            if wrong is not None and all(link.relation == "==" for link in wrong.links):
                assert "open" in [outcome.kind for outcome in outcomes(spec, claim)], (path.name, claim.id)
    assert shown > 400


@pytest.mark.parametrize("folder", ["refuted", "open/false"])
def test_nothing_that_is_refuted_is_shown(folder):
    looked_at = 0
    for path in sorted((CORPUS / folder).glob("*.deriv.yaml")):
        spec = load(path)
        for claim in spec.claims:
            if claim.statement is None or claim.at or claim.up_to or claim.layout == "either":
                continue
            if any(link.relation != "==" for link in claim.statement.links):
                continue
            looked_at += 1
            assert "open" in [outcome.kind for outcome in outcomes(spec, claim)], (path.name, claim.id)
    assert looked_at


def test_what_is_outside_says_why():
    spec = derivation("variables: {x: [2], v: [3]}\nclaims: {c: 'sum(concat(x, v)) == sum(x) + sum(v)'}\n")
    (outcome,) = outcomes(spec, spec.claims[0])
    assert (outcome.kind, outcome.reason) == ("open", "a concatenation along an axis of symbolic size")


def test_what_is_known_at_one_entry_is_not_used_at_another():
    true = "[abs(z)/z, 1] + sum(x) == [sign(z), 1] + sum(x)"  # z is not 0 where the first entry has a value
    false = "[abs(z)/z, sign(z)**2] + sum(x) == [sign(z), 1] + sum(x)"
    turned = "[sign(z)**2, abs(z)/z] + sum(x) == [1, sign(z)] + sum(x)"
    assert kinds("variables: {z: , x: [n]}\n", true, false, turned) == ["zero", "open", "open"]


def test_too_much_work_and_depth_are_open():
    spec = derivation("variables: {x: [n]}\nclaims: {c: 'D(sum(softmax(x)**4), x) == x'}\n")
    (outcome,) = outcomes(spec, spec.claims[0], work=500)
    assert outcome.reason == "the work is more than the budget"
    chain = "".join(f"  a{i}: tanh(W @ a{i - 1})\n" for i in range(1, 400))
    spec = derivation(f"variables: {{x: [n], W: [n, n]}}\ndefine:\n  a0: x\n{chain}claims: {{c: a399 == x}}\n")
    (outcome,) = outcomes(spec, spec.claims[0])
    assert outcome.kind == "open"
