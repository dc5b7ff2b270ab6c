"""The claims of the benchmark are what they are called: for the engine, and for SymPy's numbers. Nothing is timed."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from sympy import Rational

from derivcheck.engine import Judge
from derivcheck.spec import loads

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

import phases
from naive import Naive
from phases import PARTS, Clock
from questions import GROWTH, WHOLE_NETWORKS, matrix_questions, network, scalar_questions, whole_network
from tables import exponent, ratio, table

SCALARS = list(scalar_questions())


def test_there_are_enough_of_them():
    assert sum(question.true for question in SCALARS) >= 60
    assert sum(not question.true for question in SCALARS) >= 120
    assert len({question.spec for question in SCALARS}) == len(SCALARS)


@pytest.mark.parametrize("family", sorted({question.name.split("/")[0] for question in SCALARS}))
def test_claims_are_what_they_are_called(family):
    for question in SCALARS:
        if question.name.startswith(f"{family}/"):
            derivation = loads(question.spec, question.name)
            verdict = Judge(derivation).judge(derivation.claims[0]).verdict.value
            assert verdict == ("proved" if question.true else "refuted"), question.name


@pytest.mark.parametrize("family", sorted({question.name.split("/")[0] for question in SCALARS}))
def test_their_sympy_forms_are_what_they_are_called(family):
    """By SymPy's own numbers at a point, which has nothing to do with the engine."""
    for question in SCALARS:
        if question.name.startswith(f"{family}/"):
            assert agree(question, 40) is question.true, question.name


@pytest.mark.parametrize(("size", "true"), [((1, 2, 1, 2), True), ((1, 2, 1, 2), False), ((2, 1, 2, 1), True)])
def test_networks_are_what_they_are_called(size, true):
    question = network(*size, true=true)
    derivation = loads(question.spec, question.name)
    assert Judge(derivation).judge(derivation.claims[0]).verdict.value == ("proved" if true else "refuted")
    assert agree(question, 30, 1) is true


@pytest.mark.parametrize("question", list(matrix_questions()), ids=lambda question: question.name)
def test_claims_for_every_size_are_what_they_are_called(question):
    derivation = loads(question.spec, question.name)
    report = Judge(derivation).judge(derivation.claims[0])
    assert (report.verdict.value, report.sizes) == (("proved", "every") if question.true else ("refuted", None))


@pytest.mark.parametrize("layers", WHOLE_NETWORKS, ids=lambda layers: layers[0])
def test_whole_networks_are_proved_for_every_size(layers):
    derivation = loads(whole_network(layers=layers).spec, "network")
    judge = Judge(derivation)
    reports = [judge.judge(claim) for claim in derivation.claims]
    assert [(report.id, report.verdict.value, report.sizes) for report in reports] == [
        (name, "proved", "every") for name in ("W2", "b2", "W1", "b1")
    ]


@pytest.mark.parametrize(("name", "question"), [(name, question) for name, question, _ in GROWTH])
def test_claims_that_grow_are_true_at_every_size(name, question):
    for size in (1, 3):
        derivation = loads(question(size).spec, name)
        assert Judge(derivation).judge(derivation.claims[0]).verdict.value == "proved"
        assert agree(question(size), 30, 1)


def agree(question, digits: int, points: int = 8) -> bool:
    """Whether both sides have the same value at points within every domain of the benchmark."""
    derivation = loads(question.spec, question.name)
    naive = Naive(derivation)
    (claim,) = derivation.claims
    sides = [pair for link in claim.statement.links for pair in naive.sides(link)]
    source = random.Random(3)
    for _ in range(points):
        point = {}
        for name, symbols in naive.symbols.items():
            domain = derivation.variables[name].domain
            for symbol in symbols.ravel():
                sign = source.choice((1, -1)) if domain.kind == "real" else 1
                point[symbol] = (1 if domain.low == 1 else 0) + sign * Rational(source.randint(20, 220), 499)
        for left, right in sides:
            if abs((left - right).subs(point).evalf(digits)) > 10 ** -(digits // 2):
                return False
    return True


# --- what measures


def test_a_clock_counts_every_second_once(monkeypatch):
    now = iter(range(100))
    monkeypatch.setattr("phases.process_time", lambda: float(next(now)))
    clock = Clock()
    inner = clock.timed("inner", lambda: 7)

    def outer():
        return inner() + inner()

    def turns():
        yield inner()
        yield 2

    assert clock.timed("outer", outer)() == 14
    assert clock.seconds == {"outer": 3.0, "inner": 2.0}
    assert list(clock.timed("turns", turns)()) == [7, 2]
    assert clock.seconds == {"outer": 3.0, "inner": 3.0, "turns": 4.0}


def test_the_parts_that_are_timed_are_there():
    from importlib import import_module

    for _, module, name in PARTS:
        owner = import_module(module)
        for step in name.split("."):
            owner = getattr(owner, step)


def test_start_up_is_told_relative_to_the_import_beside_it(monkeypatch):
    derivation = loads(phases.ONE_CLAIM, "one")
    assert Judge(derivation).judge(derivation.claims[0]).verdict.value == "proved"
    spent = iter([9, 9, 9, 9, 9, 9, 1, 2, 8, 4, 4, 4, 3, 2, 9, 3, 4, 4, 2, 2, 7, 7, 3, 2])
    monkeypatch.setattr(phases, "_python", lambda *arguments, **environment: (next(spent), 0.0))
    assert list(phases.starts(3).values()) == [1.0, 2.0, 1.0]


def test_tables_are_aligned_and_ratios_short():
    assert (
        table(("", "a"), [("xy", "1.0"), ("z", "100")]) == "|    |   a |\n| -- | --: |\n| xy | 1.0 |\n| z  | 100 |\n"
    )
    assert [ratio(x) for x in (0.0123, 0.5, 1.0, 9.96, 12.34, 1234.5)] == [
        "0.012",
        "0.50",
        "1.0",
        "10.0",
        "12",
        "1234",
    ]
    assert ratio(3.0, least=True) == "> 3.0"


def test_the_exponent_is_that_of_the_upper_half():
    assert exponent([1, 2, 4, 8], [5.0, 5.0, 16.0, 64.0]) == pytest.approx(2.0)
