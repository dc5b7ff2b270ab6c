"""Identities that the exact road must prove, and their false neighbours, which it must not."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from engine_kit import Given, array, of_claims, road
from flint import arb

from derivcheck.engine import Judge, jets
from derivcheck.engine.compare import paired
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.lower import NotLowered, NowhereDefined
from derivcheck.engine.places import Point
from derivcheck.engine.session import Session
from derivcheck.engine.work import Meter, OverBudget

SETTING = """\
variables:
  x: []
  y: []
  z: []
  p: {domain: positive}
  q: {domain: positive}
  s: {domain: '(0, 1)'}
  t: {domain: '{-1, 1}'}
  b: {domain: '{0, 1}'}
define: {r: 1/x, l: log(p), big: exp(x + y)}
"""

TRUE = [
    # exponentials
    "exp(x + y) == exp(x)*exp(y)", "exp(x)/exp(y) == exp(x - y)", "exp(2*x) == exp(x)**2", "exp(x/2)**2 == exp(x)",
    "exp(x/3)*exp(x/6) == sqrt(exp(x))", "exp(-x)*exp(x) == 1", "exp(x)**y == exp(x*y)", "big == exp(y)*exp(x)",
    "exp(x + 1) == e*exp(x)", "exp(1/2)**2 == e", "exp(2*x + 3*y)*exp(-x - 4*y) == exp(x)/exp(y)",
    "2**x*2**y == 2**(x + y)", "4**x == 2**(2*x)", "6**x == 2**x*3**x", "(1/2)**x == 2**-x",
    "expm1(x) + 1 == exp(x)", "exp(log(p)*2) == p**2", "exp(x*log(2)) == 2**x",
    # logarithms
    "log(p*q) == log(p) + log(q)", "log(p/q) == log(p) - log(q)", "log(p**3) == 3*log(p)", "log(exp(x)) == x",
    "exp(log(p)) == p", "log(sqrt(p)) == log(p)/2", "log(8) == 3*log(2)", "log(6) == log(2) + log(3)",
    "log(4/9) == 2*log(2) - 2*log(3)", "log(exp(x)*p) == x + log(p)", "log(p**x) == x*log(p)",
    "log2(p) == log(p)/log(2)", "log10(1000) == 3", "log2(8) == 3", "log1p(p) == log(1 + p)",
    "log(p**2 + 2*p*q + q**2) == 2*log(p + q)", "log(x**2) == 2*log(abs(x))", "log(1/p) == -l",
    "log(exp(x) + exp(2*x)) == x + log(1 + exp(x))", "log(e) == 1", "log(sqrt(2)) == log(2)/2",
    "log(p) + log(q) + log(p + q) == log(p**2*q + p*q**2)", "logit(s) == log(s/(1 - s))",
    # roots and powers
    "sqrt(p)**2 == p", "sqrt(x**2) == abs(x)", "sqrt(p*q) == sqrt(p)*sqrt(q)", "sqrt(8) == 2*sqrt(2)",
    "sqrt(2)*sqrt(3) == sqrt(6)", "1/sqrt(p) == sqrt(p)/p", "p**(1/3)*p**(2/3) == p",
    "p**(1/2)*p**(1/3) == p**(5/6)", "cbrt(x**3) == x", "cbrt(-8) == -2", "cbrt(x)**3 == x",
    "sqrt(p**4*q**2) == p**2*q", "(p**2)**(1/4) == sqrt(p)", "1/(sqrt(2) - 1) == sqrt(2) + 1",
    "(sqrt(p) + sqrt(q))*(sqrt(p) - sqrt(q)) == p - q", "p**x*p**y == p**(x + y)", "(p*q)**x == p**x*q**x",
    "sqrt(x**2 + 2*x + 1) == abs(x + 1)", "sqrt(exp(x)) == exp(x/2)", "p**0 == 1",
    "(sqrt(p + 1) + 1)/p == 1/(sqrt(p + 1) - 1)",
    # rational functions
    "1/(x*y) == (1/x)*(1/y)", "(x**2 - y**2)/(x - y) == x + y", "1/(1 + x) - 1/(2 + x) == 1/((1 + x)*(2 + x))",
    "x*r == 1", "(x + y)**5 == x**5 + 5*x**4*y + 10*x**3*y**2 + 10*x**2*y**3 + 5*x*y**4 + y**5",
    "x/(x + 1/x) == x**2/(x**2 + 1)", "1/(1 - 1/(1 - 1/(1 - x))) == x",
    # signs, sizes, maxima, cases
    "sign(x)*abs(x) == x", "abs(x)*abs(y) == abs(x*y)", "abs(-x) == abs(x)", "sign(x)**3 == sign(x)",
    "max(x, y) + min(x, y) == x + y", "max(x, y)*min(x, y) == x*y", "max(x, -x) == abs(x)",
    "max(x, y) - min(x, y) == abs(x - y)", "relu(x) - relu(-x) == x", "relu(x)*relu(-x) == 0",
    "relu(x)**2 == relu(x)*x", "max(max(x, y), z) == max(x, max(y, z))", "relu(relu(x)) == relu(x)",
    "abs(abs(x)) == abs(x)", "clip(x, 0, 1) == max(0, min(x, 1))", "max(x, x + 1) == x + 1",
    "where(x > y, x, y) == max(x, y)", "where(x == 0, 0, x) == x", "where(x == 0, 1, x) == x + eq(x, 0)",
    "where(x > 0, 1, 0) + where(x <= 0, 1, 0) == 1", "where(x > y, 1, 2) == where(y < x, 1, 2)",
    "where(x == y, x, y) == y", "where(x == 2, x**2, 4) == 4", "indicator(x > 0)*x == relu(x)",
    "where(x > 0 and y > 0, 1, 0) == indicator(x > 0)*indicator(y > 0)", "abs(x**3) == abs(x)**3",
    "where(x > 0, log(x), 0) == where(x > 0, log(abs(x)), 0)", "sign(2*x) == sign(x)", "sign(exp(x)) == 1",
    "sign(1 + x**2) == 1", "where(x**2 + 1 > 0, 1, 2) == 1", "leaky_relu(x, 1) == x", "sign(p) == 1",
    "exp(abs(x))*exp(-abs(x)) == 1", "log(exp(abs(x))) == sign(x)*x", "where(x < x + 1, 1, 2) == 1",
    "where(x == y + 3, x - y, 3) == 3",
    # hyperbolic functions and activations
    "cosh(x)**2 - sinh(x)**2 == 1", "tanh(x) == sinh(x)/cosh(x)", "tanh(x) == 2*sigmoid(2*x) - 1",
    "1 - sigmoid(x) == sigmoid(-x)", "softplus(x) - softplus(-x) == x",
    "sinh(x + y) == sinh(x)*cosh(y) + cosh(x)*sinh(y)", "log(sigmoid(x)) == -softplus(-x)",
    "sigmoid(x)*(1 - sigmoid(x)) == exp(-x)/(1 + exp(-x))**2", "logit(sigmoid(x)) == x", "asinh(sinh(x)) == x",
    "atanh(tanh(x)) == x", "sinh(asinh(x)) == x", "sech(x)*cosh(x) == 1", "coth(x)*tanh(x) == 1",
    "silu(x) == x*sigmoid(x)", "cosh(2*x) == 2*cosh(x)**2 - 1", "gelu(x) + gelu(-x) == x*erf(x/sqrt(2))",
    "erfc(x) == 1 - erf(x)", "erf(-x) == -erf(x)", "atan(-x) == -atan(x)",
    # trigonometry
    "sin(x)**2 + cos(x)**2 == 1", "sin(2*x) == 2*sin(x)*cos(x)", "cos(2*x) == 1 - 2*sin(x)**2",
    "sin(x + y) == sin(x)*cos(y) + cos(x)*sin(y)", "cos(3*x) == 4*cos(x)**3 - 3*cos(x)", "sin(-x) == -sin(x)",
    "sin(x + pi) == -sin(x)", "cos(x + pi/2) == -sin(x)", "sin(pi/6) == 1/2", "cos(pi/4) == sqrt(2)/2",
    "sin(pi/3) == sqrt(3)/2", "cos(x - pi/3) == cos(x)/2 + sin(x)*sqrt(3)/2", "sin(x + 2*pi) == sin(x)",
    "tan(x)*cos(x) == sin(x)", "1 + tan(x)**2 == sec(x)**2", "sin(x/2)**2 == (1 - cos(x))/2",
    "tan(x + pi) == tan(x)", "asin(s) + acos(s) == pi/2", "sin(7*pi/6) == -1/2", "sin(x/2 + x/3) == sin(5*x/6)",
    # labels
    "b**2 == b", "t**2 == 1", "1/t == t", "abs(t) == 1", "b*(1 - b) == 0", "sign(b) == b", "p**b == 1 + b*(p - 1)",
    "b*log(s) + (1 - b)*log(1 - s) == log(where(b == 1, s, 1 - s))", "log(1 + exp(-t*x)) == -log(sigmoid(t*x))",
    "max(t*x, -t*x) == abs(x)", "sqrt(b) == b", "0**b == 1 - b",
    # derivatives
    "D(x**3*y, x) == 3*x**2*y", "D(log(p), p) == 1/p", "D(sqrt(p), p) == 1/(2*sqrt(p))",
    "D(x**y, y)*1 == x**y*log(x)", "D(sigmoid(x), x) == sigmoid(x)*(1 - sigmoid(x))",
    "D(tanh(x), x) == 1 - tanh(x)**2", "D(abs(x), x) == sign(x)", "D(relu(x)*y, x) == y*indicator(x > 0)",
    "D(atan(x), x) == 1/(1 + x**2)", "D(asin(s), s) == 1/sqrt(1 - s**2)",
    "D(gelu(x), x) == (1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)", "D(max(x, y), x) == indicator(x > y)",
    "D(x*abs(x), x) == 2*abs(x)", "hess(exp(x*y), x) == y**2*exp(x*y)", "D(gamma(p), p) == gamma(p)*digamma(p)",
    "D(erf(x), x) == 2*exp(-x**2)/sqrt(pi)", "D(softplus(x), x) == sigmoid(x)",
    "D(cbrt(p), p) == 1/(3*cbrt(p)**2)", "D(besselj(1, p), p) == (besselj(0, p) - besselj(2, p))/2",
    "D(digamma(p), p) == polygamma(1, p)",
]  # fmt: skip

FALSE = [
    "exp(x + y) == exp(x) + exp(y)", "log(x**2) == 2*log(x) + 1e-30", "sqrt(x**2) == x", "cbrt(x**3) == abs(x)",
    "(x**2)**(1/2) == x", "abs(x)*abs(y) == x*y", "max(x, y) == x", "min(x, 100) == x", "sign(x)**2 == 1",
    "where(x == 0, 5, 1) == 1", "where(x == 1/3, 5, 1) == 1", "where(x + y == 17, 5, 1) == 1", "x/x == 2",
    "tanh(40 + x**2) == 1", "x + 1e-20 == x", "exp(pi*sqrt(163)) == 262537412640768744", "sin(x) == x",
    "cos(x + pi/3) == cos(x)/2 + sin(x)*sqrt(3)/2", "atan(tan(x)) == x", "acos(cos(x)) == x", "asin(sin(x)) == x",
    "sign(sqrt(1 + x**2) - 1) == 1", "where(sqrt(1 + x**2) > 1, 1, 0) == 1", "sign(log(1 + x**2)) == 1",
    "where(x > 0, log(x), 5) == where(x > 0, log(x), 7)", "where(x > 0, log(x), 5) == log(x) + 1",
    "sign(x**2) == 1", "1 - s**2 == s", "p == abs(p) + 1e-30", "b**2 == t", "t**3 == 1",
    "relu(x)*relu(y) == relu(x*y)", "max(x, y) + max(y, z) == max(x, z) + y", "D(x*abs(x), x) == 2*x",
    "D(relu(x), x) == 1", "log(4) == 2*log(3)", "sqrt(2) + sqrt(3) == sqrt(5 + 2*sqrt(6)) + 1e-25",
    "sin(1) == 1/2 + 1/3 + 8/1000", "erf(x) == tanh(x)", "indicator(x > 0) == indicator(x >= 0)",
    "where(x > y, 1, 0) + where(y > x, 1, 0) == 1", "exp(abs(x)) == exp(x)", "gamma(p + 1) == gamma(p)",
    "sqrt(p + q) == sqrt(p) + sqrt(q)", "2**x == x**2", "(p**2)**(1/4) == p", "where(x > 500, 5, 1) == 1",
    "where(x == 500, 5, 1) == 1", "where(3*x - 5*y == 17, 5, 1) == 1", "sum(where(i == 2, x, 0) for i in 3) == 0",
    "sum(x**i for i in 3) == where(x > 0, 1 + x + x**2, 17)",
]  # fmt: skip


@pytest.fixture(scope="module")
def judged():
    spec = of_claims([*TRUE, *FALSE], SETTING)
    judge = Judge(spec)
    return {claim.text: judge.judge(claim) for claim in spec.claims}


@pytest.mark.parametrize("text", TRUE)
def test_proved(judged, text):
    assert judged[text].verdict == "proved", judged[text].because


@pytest.mark.parametrize("text", FALSE)
def test_never_proved(judged, text):
    assert judged[text].verdict in ("refuted", "supported"), judged[text].because


def test_they_are_many():
    assert len(TRUE) >= 150
    assert len(set(TRUE)) == len(TRUE)


# --- the prover alone -----------------------------------------------------------------------------------------


def outcome(statement, setting):
    """What the prover says of a bare statement that no point has refuted before."""
    spec = of_claims([statement], setting)
    (claim,) = spec.claims
    link = claim.statement.links[0]
    _, exact = road(Given(spec, link.left, claim))
    return exact.prove(link.left, link.right, defined=True).kind


@pytest.mark.parametrize(
    ("domain", "statement", "expected"),
    [
        ("real", "sign(v)**2 == 1", "open"),
        ("positive", "sign(v) == 1", "zero"),
        ("positive", "abs(v) == v", "zero"),
        ("nonnegative", "sign(v) == 1", "open"),
        ("nonnegative", "abs(v) == v", "zero"),
        ("nonnegative", "v/v == where(v == 0, 5, 1)", "zero"),
        ("(0, 1)", "sign(v) + sign(1 - v) == 2", "zero"),
        ("[0, 1)", "sign(v) == 1", "open"),
        ("[0, 1)", "sign(1 - v) == 1", "zero"),
        ("(0, 1]", "sign(1 - v) == 1", "open"),
        ("(0, 1]", "sign(v) == 1", "zero"),
        ("[0, 1]", "abs(1 - v) == 1 - v", "zero"),
        ("[2, oo)", "sign(v - 2) == 1", "open"),
        ("[2, oo)", "sign(v - 1) == 1", "zero"),
        ("(2, oo)", "sign(v - 2) == 1", "zero"),
        ("(-oo, 0]", "sign(v) == -1", "open"),
        ("(-oo, 0)", "sign(v) == -1", "zero"),
        ("{0, 1}", "sign(v) == 1", "open"),
        ("{0, 1}", "sign(v) == v", "zero"),
        ("{0, 1}", "v**2 == v", "zero"),
        ("{0, 2}", "v**2 == v", "open"),
        ("{-1, 1}", "v**2 == 1", "zero"),
        ("{-1, 1}", "v == 1", "open"),
        ("{1/2, 3}", "sign(v) == 1", "zero"),
        ("{1/2, 3}", "sign(v - 1/2) == 1", "open"),
    ],
)
def test_what_a_domain_lets_the_prover_conclude(domain, statement, expected):
    assert outcome(statement, f"variables: {{v: {{domain: '{domain}'}}}}\n") == expected


@pytest.mark.parametrize(
    ("domain", "shape", "statement", "expected"),
    [
        ("simplex", "[2]", "v[0] + v[1] == 1", "zero"),
        ("simplex", "[2]", "sign(v[0]) == 1", "open"),
        ("simplex", "[2]", "sign(1 - v[0]) == 1", "open"),
        ("simplex", "[2]", "abs(v[0]) == v[0]", "zero"),
        ("one-hot", "[2]", "v[0]**2 == v[0]", "zero"),
        ("one-hot", "[2]", "v[0] == 1", "open"),
        ("one-hot", "[2]", "v[0]*v[1] == 0", "zero"),
        ("symmetric", "[2, 2]", "v[0, 1] == v[1, 0]", "zero"),
        ("symmetric", "[2, 2]", "v[0, 0] == v[1, 1]", "open"),
        ("diagonal", "[2, 2]", "v[0, 1] == 0", "zero"),
        ("diagonal", "[2, 2]", "v[0, 0] == v[1, 1]", "open"),
        ("positive definite", "[2, 2]", "sign(v[0, 0]) == 1", "zero"),
        ("positive definite", "[2, 2]", "sign(v[0, 1]) == 1", "open"),
        ("orthogonal", "[2, 2]", "v[0, 0]**2 + v[0, 1]**2 == 1", "zero"),
        ("orthogonal", "[2, 2]", "det(v)**2 == 1", "zero"),
        ("orthogonal", "[2, 2]", "det(v) == 1", "open"),
        ("invertible", "[2, 2]", "v[0, 1] == v[1, 0]", "open"),
    ],
)
def test_what_the_domain_of_an_array_lets_the_prover_conclude(domain, shape, statement, expected):
    assert outcome(statement, f"variables: {{v: {{shape: '{shape}', domain: '{domain}'}}}}\n") == expected


# --- random pairs, by the prover alone -----------------------------------------------------------------------

_ATOMS = ("x", "y", "z", "p", "q", "t", "b", "2", "1/2", "(x - y)", "(x + 2*y - 3)")
_FORMS = (
    "({} + {})", "({} - {})", "({}*{})", "({}/{})", "max({}, {})", "exp({})", "log({})", "sqrt({})", "abs({})",
    "sign({})", "({})**2", "({})**(1/3)", "({})**-1", "where({} > 0, {}, {})", "relu({})", "where({} == 0, {}, {})",
)  # fmt: skip


def random_expression(rng, depth):
    if depth == 0 or rng.random() < 0.1:
        return rng.choice(_ATOMS)
    form = rng.choice(_FORMS)
    return form.format(*(random_expression(rng, depth - 1) for _ in range(form.count("{}"))))


def random_claims(seed, count):
    rng = random.Random(seed)
    for _ in range(count):
        a, b, c = (random_expression(rng, rng.choice((1, 2, 2))) for _ in range(3))
        yield rng.choice(
            [
                f"{a} == {b}",
                f"{a} == where({b} > 0, {a}, {c})",
                f"{a} == where({b} == 0, {c}, {a})",
                f"{a}*sign({b})**2 == {a}",
                f"sqrt(({a})**2) == {a}",
                f"log(({a})*({b})) == log({a}) + log({b})",
                f"max({a}, {b}) == {a}",
                f"({a})*(1/({b})) == ({a})/({b})",
                f"exp(log({a})) == {a}",
                f"where({b} != 0, ({a})/({b})*({b}), {a}) == {a}",
                f"abs({a}) + abs({b}) == abs(({a}) + ({b}))",
                f"sign(sqrt(({a})**2 + 1) - 1) == 1",
            ]
        )


def points(rng):
    special = [Fraction(n) for n in ("0", "1", "-1", "2", "-2", "1/2", "3", "-3")]
    for _ in range(30):
        x, y, z = (
            rng.choice(special) if rng.random() < 0.7 else Fraction(rng.randint(-900, 900), 64) for _ in range(3)
        )
        if rng.random() < 0.3:
            x = y
        if rng.random() < 0.3:
            x = 3 - 2 * y
        yield {"x": x, "y": y, "z": z, "p": abs(z) or 1, "q": abs(x) + 1, "s": Fraction(1, 3),
               "t": rng.choice((-1, 1)), "b": rng.choice((0, 1))}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_what_differs_somewhere_is_never_shown_to_be_zero(seed):
    """The prover without the refutation before it, against balls at points where conditions change."""
    rng = random.Random(seed)
    for text in random_claims(seed, 60):
        spec = of_claims([text], SETTING)
        (claim,) = spec.claims
        link = claim.statement.links[0]
        _, exact = road(Given(spec, link.left, claim))
        try:
            outcome = exact.prove(link.left, link.right, defined=False)
        except (NotLowered, NowhereDefined, OverBudget):
            continue
        if outcome.kind == "open":
            continue
        for point in points(rng):
            values = {name: array(value) for name, value in point.items()}
            with jets.precision(256):
                evaluator = Evaluator(spec, Point({}, values), Meter(10**7), Session(spec).names)
                a, b = (x[()].value for x in paired(evaluator.value(link.left), evaluator.value(link.right)))
                if isinstance(a, jets.Hole) or isinstance(b, jets.Hole):
                    continue
                assert outcome.kind == "zero", (text, point)
                assert jets.sign_of(arb(a) - arb(b)) in (None, 0), (text, point, a, b)
