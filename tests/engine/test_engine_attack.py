"""Hostile claims: nothing false is proved, nothing true is refuted, nothing crashes, nothing takes long."""

from __future__ import annotations

import signal
from contextlib import contextmanager

import pytest
from engine_kit import Judge, derivation, of_claims, quoted

SCALARS = """\
variables: {x: , y: , z: , s: , t: , k: {domain: integer}, p: {domain: positive}, b: {domain: '{0, 1}'}}
functions: {g: {derivative: 'g(v)'}, c: {derivative: '0'}, d: {derivative: '2*v'}, l: {derivative: '2'}, f: }
define: {u: 3*x - 5*y - 17, r: 1/u, q: 1/x, i: 1/s, w: t**2, o: w*t}
"""
ARRAYS = """\
variables:
  x: [n]
  y: [n]
  z: [n]
  A: [n, n]
  B: [n, m]
  p: {shape: [n], domain: positive}
  S: {shape: [n, n], domain: symmetric}
  Q: {shape: [n, n], domain: orthogonal}
  G: {shape: [n, n], domain: diagonal}
  oh: {shape: [n], domain: one-hot}
  sx: {shape: [n], domain: simplex}
  t: {shape: [n], domain: '{-1, 1}'}
  e: {shape: [n], domain: '[0, 1]'}
define: {u: 3*x - 5*y - 17, r: 1/u, a: x, c: a + y, L: sum(a*c), h: sum(x) - 1/7, off: relu(x)}
"""

#: Claims that are false, most of them at few points, or on one side of a hinge that is far away.
FALSE_SCALARS = [
    # at one place alone
    "where(u == 0, 5, 1) == 1", "where(u != 0, 1, 2) == 1", "sign(u)**2 == 1",
    "sign(u)*sign(u) == where(u == 0, 7, 1)", "where(u >= 0, 1, 0) == where(u > 0, 1, 0)",
    "1/(1 + where(u == 0, 1, 0)) == 1", "exp(where(u == 0, 1, 0)) == 1", "log(where(u == 0, 2, 1)) == 0",
    "sqrt(where(u == 0, 1, 0)) == 0", "abs(where(u == 0, -2, 1)) == 1", "sin(where(u == 0, 1, 0)) == 0",
    "erf(where(u == 0, 1, 0)) == 0", "(1 + where(u == 0, 1, 0))**(1/3) == 1",
    "where(where(u == 0, 1, 0) > 0, 1, 0) == 0", "sign(1 + where(u == 0, -1, 0)) == 1",
    "x == x + where(u == 0, x, 0)", "0**where(u == 0, 1, 2) == where(u == 0, 1, 0)",
    "max(u, 0)*max(-u, 0) == where(u == 0, 1, 0)", "where(sign(u)**2 == 1, 1, 2) == 1",
    "where(x == 1/7, 5, 1) == 1", "where(x*7 == 1, 5, 1) == 1", "where(x**2 == 2, 5, 1) == 1",
    "where(exp(x) == 3, 5, 1) == 1",
    # in a branch that stands beside one without a value
    "where(u == 0, where(z > 1, 5, r*u), 1) == 1", "where(u == 0, where(z > 1, 5, r), 1) == 1",
    "where(u == 0, where(y + z == 0, 5, r*u), 1) == 1", "where(u == 0, where(y*z == 0, 5, r*u), 1) == 1",
    "where(u == 0, where(y**2 + 1 > z, 5, r*u), 1) == 1", "where(u == 0, 1/(1 + sign(z)), 0) == 0",
    "where(u == 0, 1/(abs(z) + z), 0) == 0", "where(u == 0, log(abs(z) + z), 0) == 0",
    "where(u == 0, abs(z), 0) == 0", "where(u == 0, sqrt(-abs(z)), 0) == where(u == 0, 1, 0)",
    "where(z > 0, where(u == 0, 1/(1 + sign(z)), 0), 0) == 0", "where(x == 0, where(y == 0, 5, q*x), 1) == 1",
    "where(x == 0, 1, 0)/(1 + sign(y)) == 0", "where(u == 0, 5*y**2, 0)*(1/y) == 0",
    "where(u == 0, log(z), 0) == 0",
    # conditions of which one side decides alone
    "where(z < 1 or r > 0, 1, 2) == where(u == 0, 3, where(z < 1 or r > 0, 1, 2))",
    "where(z < 1 and r > 0, 1, 2) == where(u == 0, 3, where(z < 1 and r > 0, 1, 2))",
    "where(not (z >= 1 and u/u == 1), 1, 2) == where(u == 0, 3, where(z < 1, 1, 2))",
    "where(x > 1 and log(x) > 0, 1, 2) == where(x > 0, where(x > 1, 1, 2), 3)",
    # bounds that are attained
    "sign(sqrt(1 + x**2) - 1) == 1", "where(sqrt(1 + x**2) > 1, 1, 0) == 1", "sign(log(1 + x**2)) == 1",
    "sign(exp(x**2) - 1) == 1", "sign(1 - 1/(1 + x**2)) == 1", "sign(x**2 + y**2) == 1",
    "sign(sqrt(1 + u**2) - 1) == 1", "sign(cosh(u) - 1) == 1", "sign(1 - cos(u)) == 1", "sign(b) == 1",
    "where(b > 0, 1, 0) == 1",
    # powers
    "sum(x**j for j in 3) == where(x > 0, sum(x**j for j in 3), 17)", "x**k == where(x > 0, x**k, 17)",
    "x**2 == where(x > 0, x**2, 17)", "(x**3)**(1/3) == where(x >= 0, x, 17) + where(x > 90, 1, 0)", "x**b == x",
    "(-1)**k == 1", "(-1)**k == -1", "x**(2*k) == abs(x)**(2*k) + where(u == 0, 1, 0)",
    # far away, or very near
    "min(x, 100) == x", "where(x > 500, 5, 1) == 1", "where(x < -1000 and y < -1000, 5, 1) == 1",
    "x + 1e-300 == x", "tanh(40 + x**2) == 1", "D(min(s, 300), s) == 1", "where(exp(x) > 1e30, 5, 1) == 1",
    # derivatives where a unit is off, at kinks, beside them
    "D(relu(relu(s)), s) == where(s > 0, 1, 17)", "D(relu(-relu(s)), s) == where(s > 0, 0, 17)",
    "D(sqrt(relu(s)), s) == where(s > 0, 1/(2*sqrt(s)), 17)",
    "D(norm([relu(s), relu(s)]), s) == where(s > 0, sqrt(2), 17)",
    "D(relu(s)**(3/2), s) == where(s > 0, 3/2*sqrt(s), 17)",
    "D(where(relu(s) > 0, 5, s), s) == where(s > 0, 0, 17)", "D(sign(relu(s)), s) == where(s > 0, 0, 17)",
    "D(relu(s)*indicator(relu(s) > 0), s) == where(s > 0, 1, 17)",
    "D(max(relu(s), relu(t)), s) == where(s > 0, indicator(s > relu(t)), 17)", "D(abs(s)**2, s) == 2*abs(s)",
    "D(clip(clip(s, 0, 1), 0, 1), s) == where(0 < s < 1, 1, 17)", "D(relu(s - relu(s)), s) == 17",
    "hess(relu(relu(s)), s) == where(s > 0, 0, 17)", "D(abs(u)*z, z) == where(u == 0, 5, abs(u))",
    "D(where(u > 0, z, 2*z), z) == where(u == 0, 5, where(u > 0, 1, 2))",
    "D(sign(u)*z, z) == where(u == 0, 5, sign(u))", "D(sqrt(u**2)*z, z) == where(u == 0, 5, sqrt(u**2))",
    "D(relu(u)*z, z) == where(u == 0, 5, relu(u))",
    # cuts
    "D(o, w) == t + w/(2*t)", "D(o, t) == w", "D(D(o, t), w) == 3", "D(w, w) == 2*t", "D(t, w) == 1/(2*t)",
    # functions
    "f(x) == f(y)", "f(x) == x", "f(-x) == -f(x)", "D(f(x), x) == f(x)", "g(x) == g(y)", "l'(x) == 3",
    "d(x) == x**2", "D(g(2*x), x) == g(2*x)", "D(f(f(x)), x) == f'(x)**2", "c(x) == 0", "g(x) == exp(x)",
    # numbers
    "exp(pi*sqrt(163)) == 262537412640768744", "sqrt(2) + sqrt(3) == sqrt(5 + 2*sqrt(6)) + 1e-40", "0**0 == 0",
]  # fmt: skip

FALSE_ARRAYS = [
    "where(u == 0, 5, 1) == 1", "sign(u)**2 == 1", "sign(h)**2 == 1", "where(h == 0, 5, 1) == 1",
    "sum(where(u >= 0, 1, 0)) == sum(where(u > 0, 1, 0))", "where(u == 0, 5, u*r) == 1",
    "norm(where(u == 0, 1, 0)) == 0", "softmax(where(u == 0, 1, 0)) == ones(n)/n",
    "prod(where(u == 0, 0, 1)) == 1", "sum(eq(u, 0)) == 0", "where(norm(u) == 0, 5, 1) == 1",
    "where(sum(u**2) == 0, 5, sum(u**2)/sum(u**2)) == 1", "where(det(A) == 1/7, 5, 1) == 1",
    "where(z < 1 or r > 0, 1, 2) == where(u == 0, 3, where(z < 1 or r > 0, 1, 2))",
    "where(n*m > 40, 1, 0)*sum(B) == 0", "prod(n - i - 1 for i in 9)*sum(x) == 0",
    "sum(where(i > 6, x[i], 0) for i in n) == 0",
    "sum(x)**4 - 6*sum(x)**2*sum(x**2) + 3*sum(x**2)**2 + 8*sum(x)*sum(x**3) - 6*sum(x**4) == 0",
    "det(B.T @ B) == 0", "det(Q) == 1", "prod(oh) == 0", "sum(oh*x) == x[0]", "sum(t) == n",
    "D(sum(t*t), t) == ones(n)", "D(sum(oh*oh), oh) == ones(n)", "D(sum(G), G) == eye(n)",
    "D(trace(S @ S), S) == 4*S - 2*S*eye(n)", "D(trace(Q.T @ Q), Q) == zeros(n, n)",
    "D(x @ S @ x, S) == 2*outer(x, x) - diag(x**2)", "sign(e) == 1", "D(L, a) == c", "D(L, x) == c",
    "D(L, c) == a + c", "hess(L, a) == eye(n)", "x[i]*y[j] == x[j]*y[i] for i in n, j in n",
    "jac(A @ x, x)[i, j] == A[j, i] for i in n, j in n", "D(trace(A @ A), A) == 2*A",
    "D(sum(A @ A), A) == ones(n, n) @ A*2",
    "D(norm(off), x) == where(norm(off) > 0, where(x > 0, x, 0)/norm(off), 17)",
    "D(sum(relu(off)), x) == where(x > 0, 1, 17)", "D(sum(sqrt(off)), x) == where(x > 0, 1/(2*sqrt(x)), 17)",
    "D(sum(max(off, 0)*y), x) == where(x > 0, y, 17)", "sum(x**2) == 0",
    "log(prod(x)) == sum(log(abs(x))) + 1e-30", "norm(x) == sum(abs(x))", "trace(eye(n))**2 - 3*n + 2 == 0",
    "inv(A) @ B @ B.T == B @ B.T @ inv(A)", "sum(softmax(x)*y) == mean(y)", "D(mean(x**2), x) == 2*x",
]  # fmt: skip

#: Claims that are true; some are hard to prove.
TRUE_SCALARS = [
    "u*r == 1", "u*r == where(u == 0, 5, 1)", "abs(u)*r == sign(u)", "u*r == sign(u)**2",
    "sqrt(u**2)*r == sign(u)", "where(u == 0, r, 5) == 5",
    "where(u > 0, log(u), 0) == where(u > 0, log(abs(u)), 0)", "x**0 == 1", "0*log(p) == 0",
    "x**k*x**2 == x**(k + 2)", "x**(2*k) == (x**k)**2", "(-1)**(2*k) == 1", "b**2 == b", "p**b == 1 + b*(p - 1)",
    "sum(x**j for j in 4) == 1 + x + x**2 + x**3", "max(x, y, z) == max(z, y, x)",
    "max(x, y) == (x + y + abs(x - y))/2", "D(o, w) == t", "D(o, t) == 3*t**2", "D(w*D(o, w), t) == 3*t**2",
    "D(D(o, w), t) == 1", "D(D(o, t), t) == 6*t", "D(w**2, w) == 2*w", "D(o**2, w) == 2*o*t", "hess(o, t) == 6*t",
    "D(s*abs(s), s) == 2*abs(s)", "hess(abs(s)**3, s) == 6*abs(s)",
    "hess(where(s > 0, s**3, s**2), s) == where(s > 0, 6*s, 2)", "D(where(s == 0, 5, s), s) == 1",
    "relu'(s) == indicator(s > 0)", "D(max(s, 2*s), s) == where(s > 0, 2, 1)",
    # of every function with that derivative
    "c(x) == c(y)", "d(x) - d(y) == x**2 - y**2", "d(x) - d(0) == x**2", "g(x)*g(-x) == g(0)**2",
    "g(x + 1) == e*g(x)", "l'(x) == 2", "l''(x) == 0", "D(l(x), x) == 2", "l(x) - l(y) == 2*x - 2*y",
    "g''(x) == g(x)", "D(g(x*y), x) == y*g(x*y)", "D(g(g(x)), x) == g(g(x))*g(x)", "D(g(x)*g(-x), x) == 0",
    "D(f(f(x)), x) == f'(f(x))*f'(x)", "f(2*x) == f(x + x)", "hess(f(x*y), x) == y**2*f''(x*y)",
    "D(D(f(x*y), x), y) == f'(x*y) + x*y*f''(x*y)",
]  # fmt: skip

TRUE_ARRAYS = [
    "u*r == 1", "abs(u)*r == sign(u)", "prod(x[i] - x[0] for i in n) == 0",
    "sum(x[i]*x[j] for i in n, j in n) == sum(x)**2", "det(Q)**2 == 1", "sum(Q**2) == n", "norm(Q @ x) == norm(x)",
    "inv(Q) == Q.T", "det(G) == prod(diag(G))", "sum(oh**2) == 1", "oh*oh == oh", "sum(oh*x)**2 == sum(oh*x**2)",
    "sum(sx) == 1", "D(sum(sx)**2, sx) == 2*ones(n)", "t*t == 1", "abs(e) == e", "D(trace(S @ S), S) == 2*S",
    "D(x @ S @ x, S) == outer(x, x)", "D(sum(G), G) == ones(n, n)", "D(sum(Q**2), Q) == 2*Q",
    "D(det(A), A) == det(A)*inv(A).T", "A @ inv(A) == eye(n)", "inv(A @ A) == inv(A) @ inv(A)",
    "det(A.T) == det(A)", "D(log(det(A)), A) == inv(A).T",
    "D(sum(inv(A)), A) == -inv(A).T @ ones(n, n) @ inv(A).T", "inv(B.T @ B).T == inv(B.T @ B)", "D(L, a) == c + a",
    "D(L, x) == 2*x + y", "D(L, c) == a", "hess(L, x) == 2*eye(n)", "hess(L, a) == 2*eye(n)",
    "D(L, a[i]) == 2*x[i] + y[i] for i in n", "D(D(L, a)[0], a[0]) == 2",
    "jac(softmax(x), x) == diag(softmax(x)) - outer(softmax(x), softmax(x))", "D(logsumexp(x), x) == softmax(x)",
    "D(norm(x), x)*norm(x) == x", "D(prod(x), x)*x == prod(x)", "D(trace(A @ A @ A), A) == 3*(A @ A).T",
    "D(sum(relu(x)), x) == where(x > 0, 1, 0)", "D(mean((x - mean(x))**2), x) == 2*(x - mean(x))/n",
    "sum(where(i == j, x[i], 0) for i in n, j in n) == sum(x)", "prod(exp(x)) == exp(sum(x))",
    "exp(sum(log(p))) == prod(p)", "det(2*eye(n)) == 2**n", "sum(i for i in n) == n*(n - 1)/2",
    "x[i]**0 == 1 for i in n",
]  # fmt: skip


@contextmanager
def at_most(seconds):
    """Raise where something takes long; a guard for this file, no measurement."""

    def stop(number, frame):
        raise TimeoutError(f"more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def judged(statements, setting):
    spec = of_claims(list(statements), setting)
    judge = Judge(spec)
    found = {}
    for claim in spec.claims:
        assert claim.statement is not None, (claim.text, claim.problems)
        with at_most(20):
            found[claim.text] = judge.judge(claim)
    return found


@pytest.fixture(scope="module")
def scalars():
    return judged([*FALSE_SCALARS, *TRUE_SCALARS], SCALARS)


@pytest.fixture(scope="module")
def arrays():
    return judged([*FALSE_ARRAYS, *TRUE_ARRAYS], ARRAYS)


@pytest.mark.parametrize("statement", FALSE_SCALARS)
def test_false_is_never_proved(scalars, statement):
    assert scalars[statement].verdict in ("refuted", "supported", "undecided"), scalars[statement].because


@pytest.mark.parametrize("statement", FALSE_ARRAYS)
def test_false_is_never_proved_of_arrays(arrays, statement):
    assert arrays[statement].verdict in ("refuted", "supported", "undecided"), arrays[statement].because


@pytest.mark.parametrize("statement", TRUE_SCALARS)
def test_true_is_never_refuted(scalars, statement):
    assert scalars[statement].verdict in ("proved", "supported", "undecided"), scalars[statement].because


@pytest.mark.parametrize("statement", TRUE_ARRAYS)
def test_true_is_never_refuted_of_arrays(arrays, statement):
    assert arrays[statement].verdict in ("proved", "supported", "undecided"), arrays[statement].because


def test_a_proof_has_seen_every_entry():
    """4900 of them, of which the last 70 are wrong."""
    statement = "v[i, j]*where(i < 69, 0, 1) == 0 for i in 70, j in 70"
    (found,) = judged([statement], "variables: {v: [70, 70]}\n").values()
    assert found.verdict in ("refuted", "supported", "undecided")


@pytest.mark.xfail(strict=True, reason="at an isolated 0 the second derivative of |p| is read off as 0")
@pytest.mark.parametrize(
    "statement", ["hess(abs(s**2), s) == where(s == 0, 0, 2)", "D(D(relu(s**2), s), s) == where(s == 0, 1, 2)"]
)
def test_second_derivatives_at_an_isolated_zero(statement):
    (found,) = judged([statement], "variables: {s: }\n").values()
    assert found.verdict in ("refuted", "supported", "undecided")


# --- nothing crashes or takes long ---------------------------------------------------------------------------


def nested(form, depth, inner="x"):
    for _ in range(depth):
        inner = form.replace("@", inner)
    return inner


ODD = {
    "large arguments of gamma": ("variables: {x: }\n", "gamma(1000000000) == gamma(1000000000)"),
    "a large number of zeta": ("", "zeta(-100001) ≈ 1"),
    "an order that unfolds": ("variables: {x: {domain: positive}}\n", "lowergamma(30000, x) == lowergamma(30000, x)"),
    "a large order": ("variables: {x: {domain: positive}}\n", "polygamma(9000, x) == polygamma(9000, x)"),
    "an order of an integral": ("variables: {x: {domain: positive}}\n", "expint(-3000, x) == expint(-3000, x)"),
    "a tower of exponentials": ("variables: {x: }\n", "exp(exp(exp(exp(x)))) == 0"),
    "a number beyond all bounds": ("", "exp(exp(exp(exp(10)))) ≈ 1"),
    "the sine of such a number": ("", "sin(exp(exp(exp(10)))) == 1"),
    "two primes": ("", "log(803469022129495137770981046170581301261101496891396417650689) == 1"),
    "a thousand labels": (
        f"variables: {{x: {{domain: '{{{', '.join(map(str, range(1000)))}}}'}}}}\n",
        "where(x > 500, 1, 0)*x == indicator(x > 500)*abs(x)",
    ),
    "a deep sine": (
        "variables: {x: , y: }\n",
        f"{nested('sin(@)', 150)} == {nested('sin(@)', 150)}*where(y == 1/7, 2, 1)",
    ),
    "deep roots": ("variables: {x: {domain: positive}}\n", f"D({nested('sqrt(1 + @)', 60)}, x) == 0"),
    "deep cases": ("variables: {x: , y: }\n", f"{nested('where(x > @, 1, y)', 40)} == y"),
    "deep sizes": ("variables: {x: }\n", f"{nested('abs(@ - 1)', 40)} == {nested('abs(1 - @)', 40)}"),
    "deep units": ("variables: {x: }\n", f"{nested('relu(@ - 1)', 8)} == relu(x - 8)"),
    "many maxima": ("variables: {v: [8]}\n", f"max({', '.join(f'v[{i}]' for i in range(8))}) == v[0]*1 + relu(v[0])"),
    "a long sum": ("variables: {x: }\n", f"{'+'.join(['x'] * 1500)} == 1500*x"),
    "a long product": ("variables: {x: }\n", f"{'*'.join(['x'] * 1500)} == x**1500"),
    "many angles": (
        "variables: {x: }\n",
        "+".join(f"sin({i}*x)**2 + cos({i}*x)**2" for i in range(1, 30)) + " == 29",
    ),
    "many exponents": (
        "variables: {x: }\n",
        "*".join(f"exp(x/{i})" for i in range(1, 30)) + f" == exp({'+'.join(f'x/{i}' for i in range(1, 30))})",
    ),
    "forty factors": ("variables: {x: [40]}\n", "log(prod(x**2)) == sum(log(x**2))"),
    "forty exponentials": ("variables: {x: [40]}\n", "D(logsumexp(x), x) == softmax(x)"),
    "a determinant of nine rows": ("variables: {A: [9, 9]}\n", "det(A) == det(A.T)"),
    "a power of a sum": ("variables: {x: , y: , z: , w: }\n", "log((x + y + z + w + 1)**9 + 1) == 0"),
    "large ends of a domain": ("variables: {x: {domain: '(1e400, 2e400)'}, z: }\n", "x*where(z == 1/7, 2, 1) == x"),
    "small ends of a domain": ("variables: {x: {domain: '(0, 1e-400)'}, z: }\n", "x*where(z == 1/7, 2, 1) == x"),
    "a large array": ("dims: {k: 1000, m: 999}\nvariables: {A: [k, m]}\n", "sum(A) == sum(A) + 0"),
    "a size beside arrays of that size": (
        "dims: {k: 1000, m: 999}\nvariables: {A: [k, m], B: [k, k], C: [m, k]}\n",
        "k == m + 1",
    ),
    "an infinite difference": (
        "variables: {y: [n], t: }\ndefine: {d: 'exp(y + ones(n))'}\n",
        "D(logsumexp(sigmoid(max(d, y))), d) == where(t == 1/7, 5, D(logsumexp(sigmoid(max(d, y))), d))",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ODD)
def test_odd_claims_have_a_verdict_in_time(name):
    setting, statement = ODD[name]
    spec = derivation(f"{setting}claims:\n  it: {quoted(statement)}\n")
    (claim,) = spec.claims
    assert claim.statement is not None, claim.problems
    with at_most(10):
        assert Judge(spec).judge(claim).verdict in ("proved", "refuted", "supported", "undecided")


@pytest.mark.parametrize("factor", ["exp(10**13)", "exp(-10**13)", "1e300", "1e-300", "pi"])
def test_odd_factors(factor):
    spec = derivation(
        f"variables: {{x: }}\nclaims:\n  it: {{statement: '{factor}*x == x', up_to: positive factor}}\n"
    )
    with at_most(10):
        assert Judge(spec).judge(spec.claims[0]).verdict in ("proved", "supported")


@pytest.mark.parametrize(
    "last", ["a{0} == a{0} + 0*x", "D(a{0}, x) == D(a{0}, y)", "D(a{0}, a1) == D(a{0}, a2)*D(a2, a1)"]
)
@pytest.mark.parametrize("step", ["{0} + {0}", "{0}*{0} - {0} + 1", "sigmoid({0}) + tanh({0})"])
def test_shared_graphs_are_not_unfolded(step, last):
    """Written out, the last of these has 2**40 leaves."""
    lines = "".join(f"  a{i}: {step.format(f'a{i - 1}')}\n" for i in range(1, 41))
    spec = derivation(f"variables: {{x: , y: }}\ndefine:\n  a0: x + y\n{lines}claims:\n  it: {last.format(40)}\n")
    with at_most(20):
        assert Judge(spec).judge(spec.claims[0]).verdict in ("proved", "supported")
