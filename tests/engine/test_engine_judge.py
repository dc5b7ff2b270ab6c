"""Verdicts on representative claims, chains, expectations, factors, sizes, faults of the engine, budgets."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction

import pytest
import reference_mpmath
import reference_points
from engine_kit import derivation, expression, report, reports, verdict
from flint import arb, fmpq

from derivcheck.diagnose import Diagnosis
from derivcheck.engine import Judge, balls, decide, jets, straight, symbols
from derivcheck.engine.question import Question
from derivcheck.engine.scale import simple_rational
from derivcheck.engine.session import Session
from derivcheck.engine.sizes import choices, told
from derivcheck.errors import EngineFault

SETTING = """\
variables: {x: , y: , p: {domain: positive}, A: [n, n], B: [n, m], u: [n], v: [n]}
define: {q: x**2, L: sum(u*v)}
"""

VERDICTS = [
    ("(x + y)**2 == x**2 + 2*x*y + y**2", "proved"),
    ("D(q, x) == 2*x", "proved"),
    ("D(L, u) == v", "proved"),
    ("D(trace(A @ A), A) == 2*A.T", "proved"),
    ("B.T.T == B", "proved"),
    ("u[i]*v[i] == v[i]*u[i] for i in n", "proved"),
    ("sin(z)**2 + cos(z)**2 == 1 for z in real", "proved"),
    ("log(x**2) == 2*log(x)", "proved"),
    ("D(q, x) == x", "refuted"),
    ("D(trace(A @ A), A) == 2*A", "refuted"),
    ("min(x, 100) == x", "refuted"),
    ("where(x == 0, 5, 1) == 1", "refuted"),
    ("x + 1e-200 == x", "refuted"),
    ("u[i]*v[j] == u[j]*v[i] for i in n, j in n", "refuted"),
    ("z**2 == z for z in {0, 1, 2}", "refuted"),
    ("n == 2", "refuted"),
    ("(n - 1)*(n - 2)*(n - 3)*(n - 4) == 0", "refuted"),
    ("exp(pi*sqrt(163)) == 262537412640768744", "refuted"),
    ("where(3*x - 5*y == 17, 5, 1) == 1", "supported"),
    ("det([[x, 1, 2, 3, 4, 5, 6, 7, 8]]*ones(9, 9)) == 0", "undecided"),
    ("log(-1 - x**2) == 1", "invalid"),
    ("1/(x - x) == 1", "invalid"),
    ("sqrt(-4) == 2", "invalid"),
    ("D(L, A) == u", "invalid"),
    ("u == B", "invalid"),
    ("nothing == 1", "invalid"),
]


@pytest.mark.parametrize(("statement", "expected"), VERDICTS)
def test_verdicts(statement, expected):
    assert verdict(statement, SETTING) == expected


@pytest.mark.parametrize("statement", [s for s, v in VERDICTS if v == "refuted"])
def test_a_witness_can_be_replayed(statement):
    """By mpmath, with the numbers that the report shows."""
    spec = derivation(f"{SETTING}claims:\n  it: '{statement}'\n")
    (claim,) = spec.claims
    found = Judge(spec).judge(claim).witness
    assert found is not None
    with reference_mpmath.precise(900):
        left, right = reference_points.replayed(spec, claim, claim.statement.links[0], found)
        assert left != right
    for shown, value in ((found.left, left), (found.right, right)):
        number = float(Fraction(shown)) if "/" in shown else float(shown.replace("…", ""))
        assert abs(float(value) - number) < 1e-6 * (1 + abs(number))


def test_proofs_say_for_which_sizes():
    assert report("D(L, u) == v", SETTING).sizes == "every"
    assert report("x == x", SETTING).sizes == "every"
    assert report("D(q, x) == x", SETTING).sizes is None


@pytest.mark.parametrize(
    "statement",
    [
        "(n - 1)*(n - 2)*(n - 3)*(n - 4)*(n - 5)*(n - 6) == 0",
        "sum(where(i > 6, 1, 0) for i in n) == 0",
        "sum(where(i == 5, u[i], 0) for i in n) == 0",
        "sum(i*(i - 1)*(i - 2)*(i - 3)*(i - 4)*u[i] for i in n) == 0",
        "u[i]*where(i < 7, 1, 2) == u[i] for i in n",
        "where(i > 5, 1, 0) == 0 for i in n",
        "where(n > 7, 1, 0) == 0",
        "where(n*m > 40, 1, 0)*sum(B) == 0",
        "sum(u)**5 - 10*sum(u)**3*sum(u**2) + 20*sum(u)**2*sum(u**3) + 15*sum(u)*sum(u**2)**2 - 30*sum(u)*sum(u**4)"
        " - 20*sum(u**2)*sum(u**3) + 24*sum(u**5) == 0",
        "sum(u[a]*u[b]*u[c]*u[d]*indicator(a != b and a != c and a != d and b != c and b != d and c != d)"
        " for a in n, b in n, c in n, d in n) == 0",
        "det(eye(n) - 2*outer(u, u)) == 1 - 2*u @ u + where(n > 12, 1, 0)",
    ],
)
def test_what_holds_at_small_sizes_alone_is_not_proved(statement):
    found = report(f"'{statement}'", SETTING)
    assert found.verdict in ("refuted", "supported")
    assert not found.ok


ORTHOGONAL = "variables: {O: {shape: [n, n], domain: orthogonal}, y: {shape: [n], domain: '{-1, 1}'}}\n"


def test_every_size_is_proved_without_sympy_only_of_what_is_smooth():
    proved = report("inv(O)*O == O.T*O", ORTHOGONAL)
    assert (proved.verdict, proved.sizes) == ("proved", "every")
    assert "SymPy does not reduce them" in proved.because
    for statement in ("inv(O) + abs(O) == O.T + abs(O)", "y @ inv(O) == y @ O.T", "where(O > 0, inv(O), O.T) == O.T"):
        found = report(f"'{statement}'", ORTHOGONAL)
        assert found.verdict == "supported", (statement, found.because)
    assert report("inv(O) == O", ORTHOGONAL).verdict == "refuted"


# --- chains and expectations ---------------------------------------------------------------------------------


def test_a_chain_is_as_good_as_its_worst_link():
    found = report("x*(x + 1) == x**2 + x == x + x**2", SETTING)
    assert found.verdict == "proved"
    assert found.first_wrong_step is None
    assert [s.verdict for s in found.steps] == ["proved", "proved"]
    found = report("x*(x + 1) == x**2 + x == x**2 + 2*x == x*(x + 2) == x", SETTING)
    assert found.verdict == "refuted"
    assert found.first_wrong_step == 1
    assert [s.verdict for s in found.steps] == ["proved", "refuted", "proved", "refuted"]
    assert found.witness == found.steps[1].witness
    found = report("x == where(3*x - 5*y == 17, 5, x) == x + 0", SETTING)
    assert found.verdict == "supported"
    assert not found.ok


@pytest.mark.parametrize(
    ("claim", "verdict_", "ok"),
    [
        ("{statement: x + x == 2*x}", "proved", True),
        ("{statement: x + x == x}", "refuted", False),
        ("{statement: x + x == 2*x, expect: fails, correct: x + x == 3*x}", "proved", False),
        ("{statement: x + x == 3*x, expect: fails, correct: x + x == 2*x}", "refuted", True),
        ("{statement: x + x == 3*x, expect: fails, correct: x + x == 4*x}", "refuted", False),
        ("{statement: x == where(3*x - 5*y == 17, 5, x), expect: fails, correct: x == x}", "supported", False),
        ("{statement: u == B, expect: fails, correct: u == u}", "invalid", True),
        ("{statement: u == B, expect: fails, correct: u == v}", "invalid", False),
        ("{statement: u == B}", "invalid", False),
        ("{statement: 1/(x - x) == 1, expect: fails, correct: x == x}", "invalid", True),
        ("{statement: x == x == 2*x == 3*x, expect: fails, fails_at: 1, correct: x == x}", "refuted", True),
        ("{statement: x == x == 2*x == 3*x, expect: fails, fails_at: 2, correct: x == x}", "refuted", False),
        ("{statement: x == x == 2*x == 3*x, expect: fails, fails_at: 0, correct: x == x}", "refuted", False),
    ],
)
def test_expectations(claim, verdict_, ok):
    text = claim.replace("where(3*x - 5*y == 17, 5, x)", "y*0 + x*(1 + indicator(3*x - 5*y == 17))")
    found = report(text, SETTING)
    assert found.verdict == verdict_, found.because
    assert found.ok is ok


def test_a_correction_is_judged_too():
    found = report("{statement: x + x == 3*x, expect: fails, correct: x + x == 2*x, because: a slip}", SETTING)
    assert found.correct_verdict == "proved"
    assert found.reason == "a slip"
    found = report("{statement: x == x == 2*x == 3*x, expect: fails, fails_at: 2, correct: x == x}", SETTING)
    assert "the first wrong step is 1, not 2" in found.because


def test_sugar_for_gradients_and_layouts():
    body = "{of: L, wrt: u, gradient: v, steps: [v*1]}"
    assert report(body, SETTING).verdict == "proved"
    column = "variables: {w: [n, 1], x: [n, 1]}\ndefine: {f: '(w.T @ x)[0, 0]'}\n"
    for layout, right, expected in (
        ("gradient", "x", "proved"), ("jacobian", "x.T", "proved"), ("jacobian", "x", "invalid"),
        ("gradient", "x.T", "invalid"), ("either", "x", "proved"), ("either", "x.T", "proved"),
    ):  # fmt: skip
        found = report(f"{{of: f, wrt: w, gradient: {right}, layout: {layout}}}", column)
        assert found.verdict == expected, (layout, right, found.because)


# --- domains, conditions, notes ------------------------------------------------------------------------------


def test_a_lost_domain_is_told_with_a_point():
    found = report("log(x**2) == 2*log(x)", SETTING)
    assert any("undefined" in note and "x = -" in note for note in found.notes)
    assert not report("log(p**2) == 2*log(p)", SETTING).notes


def test_a_kink_is_told():
    assert any("kink" in note for note in report("'D(relu(x), x) == indicator(x > 0)'", SETTING).notes)
    assert not report("D(x**2, x) == 2*x", SETTING).notes


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("{statement: abs(x) == x, when: [x > 0]}", "proved"),
        ("{statement: abs(x) == x, when: [x >= 0]}", "proved"),
        ("{statement: abs(x) == x, when: [x > -1]}", "refuted"),
        ("{statement: x/x == 1, when: [x != 0]}", "proved"),
        ("{statement: sign(x)**2 == 1, when: [x != 0]}", "proved"),
        ("{statement: 'max(x, y) == x', when: [x >= y]}", "proved"),
        ("{statement: 'max(x, y) == x', when: [x + 1 >= y]}", "refuted"),
        ("{statement: x**2 == y**2, when: [x == y]}", "proved"),
        ("{statement: x**2 == y**2, when: [x == -y]}", "proved"),
        ("{statement: x == y, when: [x**2 == y**2]}", "refuted"),
        ("{statement: sum(u)**2 == 1, when: [sum(u) == 1]}", "proved"),
        ("{statement: 'D(sum(u)**2, u) == 2*ones(n)', when: [sum(u) == 1]}", "proved"),
        ("{statement: sqrt(x**2) == -x, when: [x < 0]}", "proved"),
        ("{statement: 'x == x for x in real', when: [y > 0]}", "proved"),
        ("{statement: 'abs(z) == z for z in real', when: [z > 0]}", "proved"),
        ("{statement: 'abs(u[i]) == u[i] for i in n', when: ['u[i] > -1']}", "refuted"),
    ],
)
def test_conditions(claim, expected):
    found = report(claim, SETTING)
    assert found.verdict == expected, found.because


@pytest.mark.parametrize(
    "conditions", ["[x > 1, x < 0]", "[x**2 == -1]", "[log(x) > 0, x < 1]", "[x == 1, x == 2]", "['1 == 2']"]
)
def test_contradictory_conditions_prove_nothing(conditions):
    found = report(f"{{statement: x == x + 1, when: {conditions}}}", "variables: {x: }\n")
    assert found.verdict in ("undecided", "invalid"), found.because


def test_a_name_that_is_given():
    body = "{statement: 'D(q**2, q) == 4', at: {q: 2}}"
    assert report(body, SETTING).verdict == "proved"
    assert report("{statement: 'D(q**2, x) == 0', at: {q: 2}}", SETTING).verdict == "proved"
    assert report("{statement: 'D(q**2, x) == 32', at: {x: 2}}", SETTING).verdict == "proved"
    assert report("{statement: q == 4, at: {x: 2, q: 5}}", SETTING).verdict == "refuted"


# --- factors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("3*x == x", "proved"),
        ("x == 3*x", "proved"),
        ("x == x", "proved"),
        ("u/7 == u", "proved"),
        ("D(sum(u**2)/n, u) == u", "proved"),
        ("B*n/m == B", "supported"),
        ("-x == x", "refuted"),
        ("0*x == x", "refuted"),
        ("x == 0", "refuted"),
        ("x**2 == x", "refuted"),
        ("x + 1 == x", "refuted"),
        ("[x, 2*y] == [x, y]", "refuted"),
        ("u*(100 - n) == u", "supported"),
        ("D(sum(u**2)*(5 - n), u) == u", "supported"),
        ("pi*x == x", "supported"),
        ("where(3*x - 5*y == 17, 2*x, x) == x", "supported"),
        ("0*x == 0", "undecided"),
        ("exp(10**13)*x == x", "supported"),
        ("exp(-10**13)*x == x", "supported"),
        ("10**40*x == x/10**30", "proved"),
        ("log(-1 - x**2) == x", "undecided"),
    ],
)
def test_up_to_a_positive_factor(statement, expected):
    found = report(f"{{statement: '{statement}', up_to: positive factor}}", SETTING)
    allowed = (expected, "refuted") if expected == "supported" else (expected,)
    assert found.verdict in allowed, found.because


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1/3", "1/3"), ("-7/5000", "-7/5000"), ("12345678901234567890", "12345678901234567890"), ("0.1", "1/10")],
)
def test_a_simple_rational_in_a_ball(text, expected):
    with jets.precision(256):
        value = Fraction(text)
        ball = arb(fmpq(value.numerator, value.denominator)) + arb(0, 1) / arb(10) ** 60
        assert str(simple_rational(ball)) == expected
        assert simple_rational(arb.pi()) is None
        assert simple_rational(arb(2).sqrt()) is None


def test_the_first_refuted_link_is_given_to_who_diagnoses():
    claims = "{it: 'x == x == 2*x == 3*x', right: x == x, near: {statement: x ≈ 1.0}}"
    spec = derivation(f"variables: {{x: }}\nclaims: {claims}\n")
    asked = []

    def diagnose(question, answer):
        asked.append((question.link.right_text, answer.verdict.value))
        return Diagnosis("guess", "a guess", None, proved=False)

    judge = Judge(spec, diagnose=diagnose)
    reports = [judge.judge(claim) for claim in spec.claims]
    assert [found.diagnosis for found in reports] == ["a guess", None, "a guess"]
    assert [found.diagnosis_kind for found in reports] == ["guess", None, "guess"]
    assert asked == [("2*x", "refuted"), ("1.0", "refuted")]
    assert Judge(spec).judge(spec.claims[0]).diagnosis is None


# --- sizes ---------------------------------------------------------------------------------------------------


def sized(body):
    spec = derivation(body)
    (claim,) = spec.claims
    found = Question(Session(spec), claim, claim.statement.links[0], claim.statement.quantifiers, 0).reach()
    return spec, claim, found, list(choices(spec, claim, found))


def test_sizes_are_pairwise_distinct_first():
    _, _, found, tried = sized("variables: {X: [m, n], y: [k]}\nclaims:\n  it: X.T.T == X\n")
    assert len(set(tried[0].values())) == len(tried[0])
    assert min(tried[0].values()) >= 2
    assert tried[0]["n"] != tried[1]["n"]
    assert {1} in [set(sizes.values()) for sizes in tried]
    assert found.dims == ("m", "n")


@pytest.mark.parametrize(
    ("body", "dim", "allowed"),
    [
        ("dims: {n: '>= 4'}\nvariables: {u: [n]}\nclaims:\n  it: u == u\n", "n", lambda v: v >= 4),
        ("dims: {n: 3}\nvariables: {u: [n]}\nclaims:\n  it: u == u\n", "n", lambda v: v == 3),
        ("variables: {u: [n]}\nclaims:\n  it: u[5] == u[0]\n", "n", lambda v: v >= 6),
        ("variables: {u: [n]}\ndefine: {a: 'u[5]'}\nclaims:\n  it: a == u[0]\n", "n", lambda v: v >= 6),
        ("variables: {u: [n]}\nclaims:\n  it: {statement: u == u, at: {u: [1, 2, 3]}}\n", "n", lambda v: v == 3),
        ("variables: {u: [n]}\nclaims:\n  it: 'D(sum(u), u[4]) == 1'\n", "n", lambda v: v >= 5),
    ],
)
def test_sizes_that_the_spec_asks_for(body, dim, allowed):
    *_, tried = sized(body)
    assert tried
    assert all(allowed(sizes[dim]) for sizes in tried)


def test_what_is_told_of_sizes():
    spec, claim, found, tried = sized(
        "dims: {k: 2}\nvariables: {X: [m, n], Y: [k, m]}\nclaims:\n  it: Y @ X == Y @ X\n"
    )
    assert told(spec, claim, found, tried[0]) == f"m={tried[0]['m']}, n={tried[0]['n']}"
    spec, claim, found, tried = sized("dims: {k: 2}\nvariables: {Y: [k]}\nclaims:\n  it: Y == Y\n")
    assert told(spec, claim, found, tried[0]) == "every"


def test_a_quantifiers_dimension_is_reached():
    body = "variables: {u: [n]}\nclaims:\n  it: where(i > 5, 1, 0) == 0 for i in n\n"
    assert reports(body)["it"].verdict in ("refuted", "supported")


# --- faults and budgets --------------------------------------------------------------------------------------


def test_a_wrong_lowering_is_a_fault(monkeypatch):
    """With |p| lowered to p, relu is the identity; at x = 0 it is not."""
    monkeypatch.setitem(symbols.PRIMITIVES, "abs", lambda p: p)
    with pytest.raises(EngineFault, match="independent"):
        verdict("relu(x**2 - 0.01) == x**2 - 0.01", SETTING)


def test_a_wrong_lowering_beyond_a_hinge_is_a_fault(monkeypatch):
    """With |p| lowered to -p, min(x, 100) is x; at x = 101 it is not."""
    monkeypatch.setitem(symbols.PRIMITIVES, "abs", lambda p: -p)
    with suppress(EngineFault):
        assert verdict("min(x, 100) == x", SETTING) != "proved"


def test_a_wrong_enclosure_is_a_fault(monkeypatch):
    """An absolute value that is wrong for small numbers contradicts a proof at x = 0."""
    honest = jets.absolute

    def wrong(x):
        small = jets.sign_of(x.value) == 1 and jets.sign_of(x.value - fmpq(1, 20)) == -1
        return -x if small else honest(x)

    def wrong_ball(x):
        return -x if 0 < x < 0.05 else abs(x)

    monkeypatch.setattr(balls.Balls, "abs", staticmethod(wrong))
    monkeypatch.setitem(straight.FUNCTIONS_OF, "abs", (wrong_ball, straight.FUNCTIONS_OF["abs"][1]))
    with pytest.raises(EngineFault, match=r"independent|formula of relu"):
        verdict("relu(x**2 + 0.01) == x**2 + 0.01", SETTING)


def test_a_wrong_derivative_is_a_fault_or_refuted_but_never_proved(monkeypatch):
    """A derivative of Mag without its sign: what the symbolic road then calls zero differs at points."""
    monkeypatch.setattr(symbols.Mag, "_eval_derivative", lambda self, s: self.args[0].diff(s))
    for statement in ("D(abs(x), x) == 1", "D(max(x, 100), x) == 1", "D(min(x, 100)*y, x) == 0"):
        with suppress(EngineFault):
            assert verdict(statement, SETTING) != "proved"


@pytest.mark.parametrize("budget", [1, 50, 1_000])
def test_beyond_the_budgets_nothing_is_decided_falsely(budget, monkeypatch):
    for name in ("POINT_WORK", "PROOF_WORK", "EVERY_SIZE_WORK"):
        monkeypatch.setattr(decide, name, budget)
    for statement, expected in VERDICTS:
        found = verdict(statement, SETTING)
        if expected in ("proved", "supported", "undecided"):
            assert found in ("proved", "supported", "undecided"), statement
        if expected == "refuted":
            assert found in ("refuted", "supported", "undecided"), statement


def test_work_beyond_the_budget_is_undecided(monkeypatch):
    for name in ("POINT_WORK", "PROOF_WORK", "EVERY_SIZE_WORK"):
        monkeypatch.setattr(decide, name, 1)
    found = report("'D(trace(A @ A), A) == 2*A.T'", SETTING)
    assert found.verdict == "undecided"
    assert "budget" in found.because


def test_expressions_judged_alone_leave_no_trace():
    given = expression("x + y", SETTING)
    assert Judge(given.derivation).judge(given.claim).verdict == "proved"
    assert jets.ctx.prec == 53
