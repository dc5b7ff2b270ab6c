"""Claims changed as people get them wrong are never proved unless still true; rewritten ones are never refuted."""

from __future__ import annotations

import pytest
from changed_claims import judged, true_subjects
from formula_texts import Changed, Formula, Scope, Subject, changes, parsed, sample
from mutations import MUTATIONS
from rewritings import REWRITINGS, renamed

from derivcheck.engine import judge
from derivcheck.verdict import Verdict

SUBJECTS = true_subjects()
#: Two samples of changes, the same in every run. ``run.py`` makes larger ones.
MUTANTS = list(sample(SUBJECTS, MUTATIONS, 120, seed=1))
REWRITTEN = list(sample(SUBJECTS, REWRITINGS, 100, seed=1))
RENAMED = SUBJECTS[::60]


@pytest.mark.parametrize("changed", MUTANTS, ids=lambda changed: f"{changed.origin.name}-{changed.kind}")
def test_no_false_mutant_is_proved_and_no_true_one_refuted(changed: Changed) -> None:
    outcome = judged(changed)
    assert outcome.wrong is None, f"{changed}: {outcome.wrong}"
    assert outcome.said != "fault", f"{changed}: {outcome.because}"


@pytest.mark.parametrize("changed", REWRITTEN, ids=lambda changed: f"{changed.origin.name}-{changed.kind}")
def test_a_true_claim_written_otherwise_is_not_refuted(changed: Changed) -> None:
    outcome = judged(changed)
    assert outcome.said in ("proved", "supported", "undecided"), f"{changed}: {outcome.because}"


@pytest.mark.parametrize("subject", RENAMED, ids=lambda subject: subject.name)
def test_other_names_change_nothing(subject: Subject) -> None:
    verdicts = []
    for one in (subject, renamed(subject)):
        derivation = one.derivation()
        verdicts.append(judge(derivation, derivation.claims[0]).verdict)
    assert verdicts[0] is verdicts[1] is Verdict.PROVED


def texts(rules: str, text: str, scope: Scope | None = None) -> list[str]:
    """What one kind of change makes of a formula."""
    rule = {**MUTATIONS, **REWRITINGS}[rules]
    formula = Formula(text, parsed(text), scope or Scope(("x", "y"), ("A", "B"), (), ("m",)))
    return [after for node in formula.nodes() for after in rule(formula, node)]


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("sign", "x - y", "x + y"),
        ("sign", "-x*y", "(x)*y"),
        ("factor 2", "exp(x)", "(2*(exp(x)))"),
        ("exponent", "x**2", "x**(2 - 1)"),
        ("index shifted", "A[i, 1] == 0 for i in m, j in m", "A[j, 1] == 0 for i in m, j in m"),
        ("index shifted", "A[0, 1]", "A[1, 0]"),
        ("transpose", "A.T @ B", "(A) @ B"),
        ("transpose", "A @ x", "(A.T) @ x"),
        ("1/m", "x/m", "x"),
        ("1/m", "mean(A)", "sum(A)"),
        ("term dropped", "x - y*x", "x "),
        ("term dropped", "x*y", "y"),
        ("names swapped", "x*y", "y*y"),
        ("names exchanged", "x - log(y)", "y - log(x)"),
        ("* for @", "A @ B", "A * B"),
        ("* for /", "x/y", "x*y"),
        ("derivative's order", "relu'(x)", "relu(x)"),
        ("axis", "sum(A, axis=0)", "sum(A, axis=1)"),
        ("function", "exp(x)", "(exp(-(x)))"),
        ("constant", "x + 2", "x + (2 - 1)"),
        ("constant", "x ≈ 0.25", "x ≈ 0.26"),
        ("parentheses", "x*(y + 1)", "x*y + 1"),
        ("far branch", "x*y", "(where(x > 50, (x*y) + 1, x*y))"),
        ("tiny factor", "x*y", "((x*y)*(1 + 1e-12))"),
        ("comparison", "indicator(x > 0)", "indicator(x >= 0)"),
        ("branches", "where(x > 0, 1, y)", "(where(x > 0, y, 1))"),
        ("commuted", "x + y", "((y) + (x))"),
        ("multiplied out", "x*(y - 1)", "((x)*(y) - (x)*(1))"),
        ("spelled otherwise", "sigmoid(x)", "(1/(1 + exp(-(x))))"),
        ("power written out", "x**2", "((x)*(x))"),
        ("difference turned", "x - y", "(-((y) - (x)))"),
        ("transposed twice", "A @ B", "(((B).T @ (A).T).T)"),
        ("sides turned", "x == y == 1", "1 == y == x"),
    ],
)
def test_a_kind_of_change_makes_what_it_says(kind: str, before: str, after: str) -> None:
    assert after in texts(kind, before)


def test_nearly_every_kind_of_change_is_in_the_sample() -> None:
    assert len({changed.kind for changed in MUTANTS}) >= len(MUTATIONS) - 4
    assert len({changed.kind for changed in REWRITTEN}) >= len(REWRITINGS) - 4


def test_most_mutants_are_refuted() -> None:
    subject = next(s for s in SUBJECTS if s.name.endswith("networks/tanh-hidden-weights"))
    said = [judged(changed) for changed in changes(subject, MUTATIONS) if changed.way[0] == "claims"]
    false = [outcome for outcome in said if not outcome.equal and outcome.said not in ("unread", "invalid")]
    assert len(false) > 20
    assert all(outcome.said == "refuted" for outcome in false), [o.said for o in false]
