"""Faults planted in SymPy and in the engine's own tables: no false claim is proved, and contradictions are told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sympy
from sympy.core.cache import clear_cache
from sympy.core.function import Function

from derivcheck.engine import balls, cells, decide, jets, judge, normal_form, symbols
from derivcheck.engine.jets import Jet
from derivcheck.engine.tower import Tower
from derivcheck.errors import EngineFault
from derivcheck.spec import loads
from derivcheck.verdict import Verdict

Plant = Callable[[pytest.MonkeyPatch], None]


@pytest.fixture(autouse=True)
def _no_derivatives_remembered() -> Iterator[None]:
    clear_cache()
    yield
    clear_cache()


def verdict(statement: str) -> Verdict | None:
    """The verdict on a claim in x, y and a vector; ``None`` for an engine fault."""
    text = f"derivcheck: 1\ntitle: t\nvariables: {{x: , y: , a: [n]}}\nclaims: {{c: '{statement}'}}\n"
    derivation = loads(text, "planted.deriv.yaml")
    claim = derivation.claims[0]
    assert claim.statement is not None, claim.problems
    try:
        return judge(derivation, claim).verdict
    except EngineFault:
        return None


# --- the symbolic road ---------------------------------------------------------------------------------------


def _wrong_sign(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sympy.cos, "fdiff", lambda self, argindex=1: sympy.sin(self.args[0]))


def _dropped_term(patch: pytest.MonkeyPatch) -> None:
    def first_factor_only(self: Any, s: Any, n: int) -> Any:
        first, *rest = self.args
        return sympy.Mul(first.diff(s, n), *rest)

    patch.setattr(sympy.Mul, "_eval_derivative_n_times", first_factor_only)


def _power_not_lowered(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sympy.Pow, "_eval_derivative", lambda self, s: self.exp * self * self.base.diff(s))


def _inner_derivative_lost(patch: pytest.MonkeyPatch) -> None:
    def outer_only(self: Any, s: Any) -> Any:
        return self.fdiff(1) if self.has(s) else sympy.S.Zero

    patch.setattr(Function, "_eval_derivative", outer_only)


def _primitive_exchanged(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(symbols._PRIMITIVES, "sin", sympy.cos)


def _need_invented(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(symbols._NEEDS, "abs", lambda x: ((">", x),))


def _signs_all_positive(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Tower, "sign", lambda self, a: self.ring.one)


def _every_cell_impossible(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cells, "contradictory", lambda inequalities: True)


SYMBOLIC: dict[str, tuple[Plant, str]] = {
    "wrong sign": (_wrong_sign, "D(cos(x), x) == sin(x)"),
    "dropped term": (_dropped_term, "D(sin(x)*exp(x), x) == sin(x)*exp(x)"),
    "power not lowered": (_power_not_lowered, "D(x**3, x) == 3*x**3"),
    "inner derivative lost": (_inner_derivative_lost, "D(sin(x**2), x) == cos(x**2)"),
    "primitive exchanged": (_primitive_exchanged, "sin(x) == cos(x)"),
    "need invented": (_need_invented, "abs(x) == x"),
    "signs all positive": (_signs_all_positive, "sign(x) == 1"),
    "every cell impossible": (_every_cell_impossible, "relu(x) == abs(x)"),
}

#: Everything that some fault here could make true.
FALSEHOODS = (
    *(claim for _, claim in SYMBOLIC.values()),
    "D(sin(x)*exp(x), x) == cos(x)*exp(x)",
    "D(cos(x)**2, x) == 2*sin(x)*cos(x)",
    "D(exp(2*x), x) == exp(2*x)",
    "D(sum(cos(a)), a) == sin(a)",
    "max(x, y) == min(x, y)",
    "sin(2*x) == 2*sin(x)**2",
    "D(sin(x), x) == -sin(x)",
    "D(x*y, x) == 0",
    "exp(x) == 1 + x",
)


@pytest.mark.parametrize("fault", SYMBOLIC)
def test_a_fault_of_the_symbolic_road_proves_no_falsehood(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    SYMBOLIC[fault][0](monkeypatch)
    assert [claim for claim in FALSEHOODS if verdict(claim) is Verdict.PROVED] == []


@pytest.mark.parametrize("fault", SYMBOLIC)
def test_a_false_proof_that_no_point_forestalled_is_an_engine_fault(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plant, falsehood = SYMBOLIC[fault]
    plant(monkeypatch)
    monkeypatch.setattr(decide, "FIRST", ())
    monkeypatch.setattr(decide, "ELSEWHERE", ())
    assert verdict(falsehood) is None


@pytest.mark.parametrize("fault", SYMBOLIC)
def test_the_faults_are_faults(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    plant, falsehood = SYMBOLIC[fault]
    assert verdict(falsehood) is Verdict.REFUTED
    plant(monkeypatch)
    monkeypatch.setattr(decide, "FIRST", ())
    monkeypatch.setattr(decide, "ELSEWHERE", ())
    monkeypatch.setattr(decide, "CHECKS", (("fine", 0, (256,)),))
    assert verdict(falsehood) is not Verdict.REFUTED  # the symbolic road alone believes it


def test_a_prover_that_proves_everything_proves_no_falsehood(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(normal_form.Prover, "prove", lambda *_, **__: normal_form.ZERO)
    assert [claim for claim in FALSEHOODS if verdict(claim) is not Verdict.REFUTED] == []
    monkeypatch.setattr(decide, "FIRST", ())
    monkeypatch.setattr(decide, "ELSEWHERE", ())
    assert [claim for claim in FALSEHOODS if verdict(claim) is not None] == []


# --- the rigorous road ---------------------------------------------------------------------------------------


def _ball_exchanged(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(balls.Balls, "sin", balls.Balls.cos)


def _ball_of_wrong_sign(patch: pytest.MonkeyPatch) -> None:
    cosine = balls.Balls.cos
    patch.setattr(balls.Balls, "cos", lambda self, x: -cosine(self, x))


def _jet_without_product_rule(patch: pytest.MonkeyPatch) -> None:
    product = Jet.__mul__

    def first_part_only(self: Jet, other: Any) -> Jet:
        return product(self, Jet(jets.jet(other).value))

    patch.setattr(Jet, "__mul__", first_part_only)


def _jet_with_a_wrong_chain_rule(patch: pytest.MonkeyPatch) -> None:
    def outer_only(coefficients: list[Any], x: Jet) -> Jet:
        return Jet(coefficients[0], dict.fromkeys(x.parts, coefficients[1] if len(coefficients) > 1 else 0))

    patch.setattr(jets, "compose", outer_only)


def _comparison_turned(patch: pytest.MonkeyPatch) -> None:
    patch.setitem(balls._TRUTH, ">", lambda sign: sign < 0)


RIGOROUS: dict[str, Plant] = {
    "ball exchanged": _ball_exchanged,
    "ball of wrong sign": _ball_of_wrong_sign,
    "jet without product rule": _jet_without_product_rule,
    "jet with a wrong chain rule": _jet_with_a_wrong_chain_rule,
    "comparison turned": _comparison_turned,
}


@pytest.mark.parametrize("fault", RIGOROUS)
def test_a_fault_of_the_rigorous_road_proves_no_falsehood(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    RIGOROUS[fault](monkeypatch)
    assert [claim for claim in FALSEHOODS if verdict(claim) is Verdict.PROVED] == []


@pytest.mark.parametrize(
    ("fault", "truth"),
    [
        ("ball exchanged", "D(sin(x)**2, x) == 2*sin(x)*cos(x)"),
        ("ball of wrong sign", "D(sin(x), x) == cos(x)"),
        ("jet without product rule", "D(x*y*x, x) == 2*x*y"),
        ("jet with a wrong chain rule", "D(exp(2*x), x) == 2*exp(2*x)"),
    ],
)
def test_a_truth_is_not_proved_against_the_rigorous_road(
    fault: str, truth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdict(truth) is Verdict.PROVED
    RIGOROUS[fault](monkeypatch)
    monkeypatch.setattr(decide, "FIRST", ())
    monkeypatch.setattr(decide, "ELSEWHERE", ())
    assert verdict(truth) is None
