"""Several mistakes at once, and terms whose shapes do not go together: what is told, and that it holds."""

from __future__ import annotations

import time
from functools import cache

import pytest
import yaml

from derivcheck.diagnose.told import joined, listed
from derivcheck.judging import engine_for
from derivcheck.model import Claim, Derivation
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport

NETWORK = """\
derivcheck: 1
title: a test
variables: {X: [n, m], W1: [h, n], b1: [h, 1], W2: [k, h], b2: [k, 1], Y: [k, m], lam: }
define:
  Z1: W1 @ X + b1
  A1: tanh(Z1)
  Z2: W2 @ A1 + b2
  A2: sigmoid(Z2)
  L: -Y*log(A2) - (1 - Y)*log(1 - A2)
  J: sum(L)/m
  C: J + lam/2*sum(W1**2)
  new: W1 - lam*D(J, W1)
"""

#: A wrong claim, the kind of the mistake, and what is said before "it holds with"; beside these others of which
#: nothing is said.
ROWS: tuple[tuple[str, str | None, str], ...] = (
    # steps of the chain rule that are forgotten together
    ("D(J, b1) == (A2 - Y)/m", "several", "the factors W2.T and tanh'(Z1), and the sum over the axis 1 are missing"),
    ("D(J, b1) == A2 - Y", "several",
     "the factors W2.T, tanh'(Z1) and 1/m, and the sum over the axis 1 are missing"),
    ("D(J, b1) == sum(A2 - Y)/m", "missing factor", "the factors W2.T and tanh'(Z1) are missing"),
    ("D(J, b1) == mean(A2 - Y)", "missing factor", "the factors W2.T and tanh'(Z1) are missing"),
    ("D(J, b1) == W2.T @ (A2 - Y)/m", "several", "the factor tanh'(Z1) and the sum over the axis 1 are missing"),
    ("D(J, W1) == (A2 - Y) @ X.T/m", "missing factor", "the factors W2.T and tanh'(Z1) are missing"),
    ("D(J, W1) == (A2 - Y)/m", "missing factor", "the factors W2.T, tanh'(Z1) and X.T are missing"),
    ("D(J, A1) == (A2 - Y)/m", "missing factor", "a factor W2.T is missing"),
    # one of them, and a factor of the whole
    ("D(J, b1) == sum(W2.T @ (A2 - Y), axis=1, keepdims=True)", "several",
     "the factors tanh'(Z1) and 1/m are missing"),
    ("D(J, W1) == W2.T @ (Y - A2) @ X.T", "several",
     "the factors tanh'(Z1) and 1/m are missing, and the sign is wrong"),
    ("D(J, Z2) == 2*(Y - A2)", "several",
     "the factor 1/m is missing, and a factor 2 too much, and the sign is wrong"),
    # shapes
    ("D(J, W2) == (A2 - Y) @ A1/m", "transpose", "a transpose is missing, of A1"),
    ("D(J, W1) == (W2 @ (A2 - Y)*tanh'(Z1)) @ X/m", "transpose", "the transposes of X and W2 are missing"),
    ("D(J, W2) == (Y - A2) @ A1", "several",
     "the transpose of A1 and the factor 1/m are missing, and the sign is wrong"),
    ("D(J, W2) == A1 @ (A2 - Y)", "several",
     "the transpose of A1 and the factor 1/m are missing, and the order of a product is wrong"),
    ("D(J, W1) == X @ D(J, Z1)", "several", "the transpose of X is missing, and the order of a product is wrong"),
    ("D(J, Z1) == W2 @ (A2 - Y)", "several", "the transpose of W2 and the factors tanh'(Z1) and 1/m are missing"),
    ("D(J, b1) == sum(W2 @ (A2 - Y), axis=1, keepdims=True)", "several",
     "the transpose of W2 and the factors tanh'(Z1) and 1/m are missing"),
    ("D(J, W1) == D(J, Z1) @ A1.T", "name", "X for A1"),
    ("D(J, W2) == X", None, ""),
    # inside of a sum of terms
    ("D(C, W1) == (W2.T @ (A2 - Y)*tanh'(Z1)) @ X.T/m + lam*W1.T", "transpose", "a transpose too many, of W1"),
    ("D(C, W1) == (W2.T @ (A2 - Y)*tanh'(Z1)) @ X.T + 2*lam*W1", "several",
     "the factor 1/m is missing, and a factor too many, 2"),
    ("new == W1 - (W2 @ (A2 - Y)*tanh'(Z1)) @ X.T/m", "several",
     "the transpose of W2 and the factor lam are missing"),
    ("new == W1 + lam*(W2.T @ (A2 - Y)*tanh'(Z1)) @ X.T", "several", "the factor 1/m is missing, and a sign"),
    # nothing that a few changes explain
    ("D(J, b1) == X @ X.T", None, ""),
    ("D(J, W1) == X @ ((A2 - Y)*tanh'(Z1))/m", None, ""),
    ("D(J, W1) == W1 @ W1", None, ""),
    ("D(J, W1) == exp(W1)*W1", None, ""),
    ("D(J, W1) == (W2 @ X)*(W1 @ A1)/m + exp(X @ Y)", None, ""),
    ("D(J, b2) == b2 + sum(exp(A2 @ A1.T))", None, ""),
)  # fmt: skip


@cache
def spec() -> Derivation:
    claims = yaml.safe_dump({"claims": {f"c{i}": row[0] for i, row in enumerate(ROWS)}}, sort_keys=False)
    return loads(NETWORK + claims, "test.deriv.yaml")


@cache
def found(statement: str) -> ClaimReport:
    (claim,) = (claim for claim in spec().claims if claim.text == statement)
    return engine_for(spec(), 0).judge(claim)


@pytest.mark.parametrize(("statement", "kind", "words"), ROWS, ids=[row[0] for row in ROWS])
def test_several_mistakes_are_told_together(statement: str, kind: str | None, words: str) -> None:
    report = found(statement)
    assert report.verdict in ("refuted", "invalid")
    assert report.diagnosis_kind == kind
    assert (report.diagnosis or "").partition(": it holds with ")[0] == words


def test_what_is_said_to_hold_is_proved_when_it_is_read_anew() -> None:
    told = {row[0]: (found(row[0]).diagnosis or "").partition(": it holds with ")[2] for row in ROWS}
    sides = {f"c{i}": f"{text.partition(' == ')[0]} == {side}" for i, (text, side) in enumerate(told.items()) if side}
    assert len(sides) == sum(row[1] is not None for row in ROWS)
    corrected = loads(NETWORK + yaml.safe_dump({"claims": sides}, sort_keys=False), "test.deriv.yaml")
    judge = engine_for(corrected, 0)
    assert {claim.text: judge.judge(claim).verdict for claim in corrected.claims} == dict.fromkeys(
        sides.values(), "proved"
    )


def test_what_cannot_be_explained_does_not_take_long() -> None:
    begun = time.process_time()
    for row in ROWS:
        if row[1] is None:
            (claim,) = (claim for claim in spec().claims if claim.text == row[0])
            engine_for(spec(), 1).judge(claim)
    assert time.process_time() - begun < 20


def test_company_changes_nothing() -> None:
    together = engine_for(spec(), 0)
    reports = {claim.text: together.judge(claim) for claim in reversed(spec().claims)}
    assert all(reports[text].diagnosis == found(text).diagnosis for text, _, _ in ROWS)


SOFTMAX = """\
derivcheck: 1
title: a test
variables: {W: [K, n], x: [n, 1], b: [K, 1], y: {shape: [K, 1], domain: one-hot}}
define:
  z: W @ x + b
  p: softmax(z, axis=0)
  q: sigmoid(z)
  L: -sum(y*log(p))
  S: sum((q - y)**2)
"""


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("D(L, z[k, 0]) == D(L, p[k, 0])*p[k, 0]*(1 - p[k, 0]) for k in K",
         "the sum over all entries of p is forgotten (chain rule), each of which depends on z[k, 0]: it holds with "
         "sum(D(L, p[j, 0])*D(p[j, 0], z[k, 0]) for j in K)"),
        ("D(L, z) == -y*(1 - p)",
         "the sum over all entries of p is forgotten (chain rule), each of which depends on z[k, 0]: "
         "(-y*(1 - p))[k, 0] has to be sum(D(L, p[j, 0])*D(p[j, 0], z[k, 0]) for j in K)"),
        ("D(L, z) == y*(1 - p)", None),
        ("D(S, z) == 2*(q - y)", "a factor sigmoid'(z) is missing: it holds with 2*(q - y)*sigmoid'(z)"),
    ],
)  # fmt: skip
def test_the_way_through_one_entry_of_a_softmax(statement: str, words: str | None) -> None:
    derivation = loads(SOFTMAX + yaml.safe_dump({"claims": {"c": statement}}), "test.deriv.yaml")
    (claim,) = derivation.claims
    assert engine_for(derivation, 0).judge(claim).diagnosis == words


ATTENTION = """\
derivcheck: 1
title: a test
dims: {d: '>= 2'}
variables: {K: [r, d], q: [d], v: [r], y: }
define:
  s: K @ q/sqrt(d)
  a: softmax(s)
  o: sum(a*v)
  L: (o - y)**2/2
"""


@pytest.mark.parametrize(
    ("side", "words"),
    [
        ("K.T @ ((o - y)*a*(v - o))", "a division by sqrt(d) is missing"),
        ("K.T @ ((o - y)*a*(v - o))/d", "a factor sqrt(d) is missing"),
        ("K @ ((o - y)*a*(v - o))", "the transpose of K and the factor 1/sqrt(d) are missing"),
        ("(o - y)*a*(v - o)", "the factors 1/sqrt(d) and K.T are missing"),
        ("K.T @ ((o - y)*a*(v - o))/sqrt(r)", "the size d for r"),
        ("K.T @ ((o - y)*a*(v - o))*sqrt(r + d)", ""),
    ],
)
def test_a_function_of_a_size(side: str, words: str) -> None:
    derivation = loads(ATTENTION + yaml.safe_dump({"claims": {"c": f"D(L, q) == {side}"}}), "test.deriv.yaml")
    (claim,) = derivation.claims
    told = engine_for(derivation, 0).judge(claim).diagnosis or ""
    assert told.partition(": it holds with ")[0] == words


MARGIN = """\
derivcheck: 1
title: a test
variables: {A: [m, n], theta: [n], t: {shape: [m], domain: '{-1, 1}'}, lam: {domain: positive}, U: [a, r], V: [r, b]}
define:
  s: t*(A @ theta)
  F: mean(log(1 + exp(-s))) + lam/2*sum(theta**2)
  E: U @ V
  Q: sum(E**2)/2
  G: D(Q, E)
"""


@pytest.mark.parametrize(
    ("statement", "diagnosis"),
    [
        ("D(F, theta[j]) == -1/m*sum(sigmoid(-s[i])*A[i, j] for i in m) + lam*theta[j] for j in n",
         "a factor t[i] is missing: it holds with -1/m*sum(sigmoid(-s[i])*A[i, j]*t[i] for i in m) + lam*theta[j]"),
        ("D(F, theta[j]) == -1/m*(sum(t[i]*sigmoid(-s[i])*A[i, j] for i in m) - theta[j]) for j in n", None),
        ("D(Q, V) == G.T @ U", "a transpose is missing, of a product: it holds with (G.T @ U).T"),
    ],
)  # fmt: skip
def test_a_factor_within_a_sum_and_a_product_turned(statement: str, diagnosis: str | None) -> None:
    derivation = loads(MARGIN + yaml.safe_dump({"claims": {"c": statement}}), "test.deriv.yaml")
    (claim,) = derivation.claims
    assert engine_for(derivation, 0).judge(claim).diagnosis == diagnosis


def test_words_for_several_changes() -> None:
    assert joined(["a factor m is missing"]) == "a factor m is missing"
    both = ["a transpose is missing, of W", "the factor 1/m is missing", "a sign", "a factor X.T is missing"]
    assert joined(both) == "the transpose of W and the factors 1/m and X.T are missing, and a sign"
    assert joined(["a sign", "the axis"]) == "a sign, and the axis"
    assert [listed(words) for words in (["a"], ["a", "b"], ["a", "b", "c"], ["a and b", "c"])] == [
        "a", "a and b", "a, b and c", "a and b, and c",
    ]  # fmt: skip


# --- terms whose shapes do not go together


def misfit(statement: str) -> Claim:
    derivation = loads(NETWORK + yaml.safe_dump({"claims": {"c": statement}}), "test.deriv.yaml")
    return derivation.claims[0]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("D(J, b1) == Y", 0),
        ("D(J, W2) == (A2 - Y) @ A1/m", 0),
        ("D(J, Z2) == (A2 - Y)/m == A2.T", 1),
        ("D(J, W2) == D(J, Z2) @ A1.T == D(J, Z2) @ A1 == X", 1),
        ("D(J, W1) == D(Z1, W1)*D(J, Z1) == D(J, Z1) @ X", 1),
    ],
)
def test_the_first_link_that_cannot_be_is_kept(statement: str, place: int) -> None:
    claim = misfit(statement)
    assert claim.statement is None
    assert claim.misfit is not None
    assert claim.misfit.place == place


@pytest.mark.parametrize(
    "statement",
    [
        "D(J, Z2) == (A2 - Y)/m",  # fits
        "D(J, b1) == unknown",  # a name that means nothing
        "W2 @ X == D(J, b1)",  # nothing before it means anything
        "D(J, b1) == " + " + ".join(["X @ X"] * 60),  # too long
    ],
)
def test_nothing_is_kept_of_other_claims(statement: str) -> None:
    if "unknown" in statement or "@ X == " in statement or len(statement) > 300:
        assert misfit(statement).statement is None
    found = misfit(statement).misfit
    assert found is None or found.written is None


def test_a_claim_up_to_a_factor_is_not_diagnosed() -> None:
    text = "claims: {c: {statement: 'D(J, W2) == (A2 - Y) @ A1', up_to: positive factor}}"
    derivation = loads(NETWORK + text, "test.deriv.yaml")
    report = engine_for(derivation, 0).judge(derivation.claims[0])
    assert (report.verdict, report.diagnosis) == ("invalid", None)
