"""Displayed numbers: what rounds to the digits shown, ties, tolerances, values at a point."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

import mpmath
import pytest
from engine_kit import Judge, of_claims, report, reports
from mpmath import mp

from derivcheck.engine import numbers
from derivcheck.engine.numbers import unit
from derivcheck.errors import EngineFault

NOTHING = ""

#: Expressions and their values.
VALUES = {
    "exp(1)": lambda: mpmath.e,
    "pi**2": lambda: mpmath.pi**2,
    "100*sqrt(2)": lambda: 100 * mpmath.sqrt(2),
    "-log(7)/1000": lambda: -mpmath.log(7) / 1000,
    "1e20*pi": lambda: mpmath.mpf(10) ** 20 * mpmath.pi,
    "-sin(3)": lambda: -mpmath.sin(3),
    "gamma(0.3)": lambda: mpmath.gamma(mpmath.mpf(3) / 10),
    "1/3": lambda: mpmath.mpf(1) / 3,
    "2/3": lambda: mpmath.mpf(2) / 3,
    "-1e-12*sqrt(5)": lambda: -mpmath.sqrt(5) / mpmath.mpf(10) ** 12,
    "exp(-50)": lambda: mpmath.exp(-50),
    "99.9996": lambda: mpmath.mpf("99.9996"),
}


def displays(value: Decimal) -> list[tuple[str, str]]:
    """Ways to show a number rightly, and each with its last digit one off."""
    found = []
    with localcontext() as context:
        context.prec = 60
        size = value.adjusted()
        for digits in (1, 2, 3, 5, 9, 17):
            step = Decimal(1).scaleb(size - digits + 1)
            right = value.quantize(step, ROUND_HALF_EVEN)
            for wrong in (right + step, right - step):
                if step <= 1 and abs(size) < 30:
                    found.append((f"{right:f}", f"{wrong:f}"))
                mantissa, low = (x.scaleb(digits - 1 - size) for x in (right, wrong))
                found.append((f"{int(mantissa)}e{size - digits + 1}", f"{int(low)}e{size - digits + 1}"))
    return found


@pytest.fixture(scope="module")
def judged():
    claims = {}
    with mp.workdps(60):
        for i, (text, value) in enumerate(VALUES.items()):
            exact = Decimal(mpmath.nstr(value(), 50))
            for j, (right, wrong) in enumerate(displays(exact)):
                claims[f"right{i}-{j}"] = f"{text} ≈ {right}"
                claims[f"wrong{i}-{j}"] = f"{text} ≈ {wrong}"
    spec = of_claims(claims, NOTHING)
    judge = Judge(spec)
    return [(claim.id, claim.text, judge.judge(claim)) for claim in spec.claims]


def test_what_is_rounded_rightly_is_proved_and_one_off_is_refuted(judged):
    assert len(judged) > 300
    for name, text, found in judged:
        assert found.verdict == ("proved" if name.startswith("right") else "refuted"), (text, found.because)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.3932", "1/10000"),
        ("30", "1"),
        ("30.", "1"),
        ("30.0", "1/10"),
        ("2.5e3", "100"),
        ("2.5E3", "100"),
        ("25e-4", "1/10000"),
        ("1e-3", "1/1000"),
        (".5", "1/10"),
        ("0", "1"),
        ("0.0", "1/10"),
        ("1_000", "1"),
    ],
)
def test_unit_of_the_last_digit(text, expected):
    assert unit(text) == Fraction(expected)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        # a tie may be rounded either way, and no further
        ("1/8 ≈ 0.13", "proved"),
        ("1/8 ≈ 0.12", "proved"),
        ("1/8 ≈ 0.14", "refuted"),
        ("1/8 ≈ 0.11", "refuted"),
        ("-1/8 ≈ -0.13", "proved"),
        ("-1/8 ≈ -0.12", "proved"),
        ("5/2 ≈ 2", "proved"),
        ("5/2 ≈ 3", "proved"),
        ("5/2 ≈ 4", "refuted"),
        ("25 ≈ 2e1", "proved"),
        ("25 ≈ 3e1", "proved"),
        # ties of values that no ball separates from the end
        ("sqrt(2)**2/16 ≈ 0.13", "proved"),
        ("log(exp(1))/8 ≈ 0.12", "proved"),
        ("(sin(1)**2 + cos(1)**2)/8 ≈ 0.13", "proved"),
        ("sqrt(2)**2/16 ≈ 0.14", "refuted"),
        # so near to a tie that 64 bits do not tell
        ("1/8 + 1e-30 ≈ 0.12", "refuted"),
        ("1/8 + 1e-30 ≈ 0.13", "proved"),
        ("1/8 - 1e-30 ≈ 0.13", "refuted"),
        ("sqrt(2)**2/16 + 1e-300 ≈ 0.12", "refuted"),
        # integers, zero, signs
        ("7/10 ≈ 1", "proved"),
        ("3/10 ≈ 1", "refuted"),
        ("0.4 ≈ 0", "proved"),
        ("-0.4 ≈ 0", "proved"),
        ("-0.4 ≈ -0", "proved"),
        ("0.6 ≈ 0", "refuted"),
        ("exp(-100) ≈ 0.000", "proved"),
        ("-exp(-100) ≈ 0.000", "proved"),
        ("0 ≈ 0.00000", "proved"),
        ("exp(pi*sqrt(163)) ≈ 262537412640768744", "proved"),
        ("exp(pi*sqrt(163)) ≈ 262537412640768744.000000000000", "refuted"),
        ("exp(pi*sqrt(163)) ≈ 262537412640768743.999999999999", "proved"),
        ("3 ≈ 3.0000000000000000000000000000000000000000000001", "refuted"),
        # arrays, entry by entry
        ("[1/3, 2/3] ≈ [0.33, 0.67]", "proved"),
        ("[1/3, 2/3] ≈ [0.33, 0.66]", "refuted"),
        ("[[1, 2], [3, 4]]/7 ≈ [[0.14, 0.29], [0.43, 0.57]]", "proved"),
        ("[[1, 2], [3, 4]]/7 ≈ [[0.1, 0.3], [0.43, 0.571]]", "proved"),
        ("[[1, 2], [3, 4]]/7 ≈ [[0.14, 0.28], [0.43, 0.57]]", "refuted"),
        ("[1/3, 1/3] ≈ 0.33", "proved"),
        ("[1/3, 1/2] ≈ 0.33", "refuted"),
        # derivatives
        ("D(z**2, z) ≈ 6.0 for z in {3}", "supported"),
    ],
)
def test_verdicts_on_displayed_numbers(statement, expected):
    found = report(f"'{statement}'", NOTHING)
    assert found.verdict == expected, found.because


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("{statement: exp(1) ≈ 2.7, tolerance: 0.01}", "refuted"),
        ("{statement: exp(1) ≈ 2.7, tolerance: 0.02}", "proved"),
        ("{statement: exp(1) ≈ e, tolerance: 0.000001}", "proved"),
        ("{statement: 1/8 ≈ 0.126, tolerance: 0.001}", "proved"),
        ("{statement: 'sqrt(2)**2 ≈ 2', tolerance: 1e-300}", "proved"),
        ("{statement: sqrt(2) ≈ 1.4142, tolerance: 1e-5}", "refuted"),
        ("{statement: 1 ≈ 2, tolerance: 1}", "proved"),
        ("{statement: 'sqrt(2)**2 ≈ 3', tolerance: 1}", "proved"),
        ("{statement: 'sqrt(2)**2 ≈ 3', tolerance: 0.9999}", "refuted"),
        ("{statement: '[1, 2] ≈ [1.5, 2.5]', tolerance: 0.5}", "proved"),
        ("{statement: '[1, 2] ≈ [1.5, 2.5]', tolerance: 0.4}", "refuted"),
        ("{statement: '1/0 ≈ 1', tolerance: 1}", "invalid"),
    ],
)
def test_tolerance_takes_the_place_of_the_digits(claim, expected):
    found = report(claim, NOTHING)
    assert found.verdict == expected, found.because


SIGMOID = """\
variables: {x: [n], w: [n], s: }
define: {u: w @ x, f: 1/(1 + exp(-u)), L: (f - s)**2}
"""
AT = "at: {w: [2, -3, -3], x: [-1, -2, 1]}"


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        (f"{{statement: f ≈ 0.7311, {AT}}}", "proved"),
        (f"{{statement: f ≈ 0.7310, {AT}}}", "refuted"),
        (f"{{statement: 'D(f, w) ≈ [-0.1966, -0.3932, 0.1966]', {AT}}}", "proved"),
        (f"{{statement: 'D(f, w) ≈ [-0.1966, -0.3933, 0.1966]', {AT}}}", "refuted"),
        (f"{{statement: 'jac(f*x, w)[0, 1] ≈ 0.3932', {AT}}}", "proved"),
        ("{statement: f ≈ 0.7311, at: {u: 1}}", "proved"),
        ("{statement: 'D(f, u) ≈ 0.1966', at: {u: 1}}", "proved"),
        ("{statement: 'D(L, f) ≈ 1.0', at: {f: 0.75, s: 0.25}}", "proved"),
        ("{statement: 'D(L, u) ≈ 1.0', at: {f: 0.75, s: 0.25}}", "refuted"),
        ("{statement: 'D(L, u) ≈ 0', at: {f: 0.75, s: 0.25}}", "supported"),
        # not given: w and x are free, and no point proves what is of every point
        ("f ≈ 0.7311", "refuted"),
        ("{statement: 'f + 0*u ≈ 0.5', when: ['u == 0']}", "supported"),
        ("{statement: log(s) ≈ 1, at: {s: -1}}", "invalid"),
        ("{statement: 1/s ≈ 1, at: {s: 0}}", "invalid"),
        ("{statement: 'D(abs(s), s) ≈ 1', at: {s: 0}}", "invalid"),
        ("{statement: s*log(s) ≈ 0, at: {s: 0}}", "invalid"),
    ],
)
def test_values_at_a_point(claim, expected):
    found = report(claim, SIGMOID)
    assert found.verdict == expected, found.because


@pytest.mark.parametrize(
    "text",
    [
        "0/(sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2)) ≈ 0",
        "0*log(sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2)) ≈ 0",
        "0/sin(pi) ≈ 0",
        "0*log(exp(1) - e) ≈ 0",
        "where(sqrt(3 + 2*sqrt(2)) - 1 - sqrt(2) > 0, 1, 1) ≈ 2",
    ],
)
def test_what_is_undefined_or_not_known_to_be_defined_is_never_proved_nor_refuted(text):
    assert report(f"'{text}'", NOTHING).verdict in ("undecided", "invalid")


def test_a_refuted_value_has_a_witness():
    found = report("{statement: s**2 ≈ 10, at: {s: 3}}", SIGMOID)
    assert found.witness is not None
    assert found.witness.point == {"s": "3"}
    assert found.witness.left == "9"
    assert "9" in found.because


def test_a_chain_of_values():
    found = reports("claims:\n  it: 'exp(1) ≈ 2.718 ≈ 2.72 ≈ 3'\n")["it"]
    assert found.verdict == "proved"
    assert [step.verdict for step in found.steps] == ["proved"] * 3
    found = reports("claims:\n  it: 'exp(1) ≈ 2.718 ≈ 2.73 ≈ 3'\n")["it"]
    assert found.verdict == "refuted"
    assert found.first_wrong_step == 1


def test_roads_to_a_derivative_that_disagree_are_a_fault(monkeypatch):
    """SymPy's value of a derivative is compared with the enclosure."""
    monkeypatch.setattr(numbers.ExactRoad, "evaluate", lambda self, expr: "5.5")
    with pytest.raises(EngineFault, match="disagree"):
        report("{statement: 'D(s**2, s) ≈ 6', at: {s: 3}}", SIGMOID)


@pytest.mark.parametrize("big", ["1e40", "1e60"])
def test_cancelling_terms_are_no_disagreement(big):
    """The other road evaluates in floating point of 50 digits, in which these cancel."""
    setting = f"variables: {{v: [2], s: }}\ndefine: {{A: '[{big}*tanh(s)**2, {big}*sech(s)**2, s**2]'}}\n"
    found = report("{statement: 'D(sum(A), s) ≈ 6', at: {s: 3}}", setting)
    assert found.verdict == "proved"
