"""Roads that disagree: with a fault planted in one, no verdict on the claim, status 2, and the others are judged."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest
from flint import fmpq

from derivcheck.engine import decide, duals, enclose, lets, sampling, straight
from derivcheck.engine.jets import Jet
from derivcheck.outcome import exit_status
from derivcheck.report import render
from derivcheck.report.interface import Style
from derivcheck.run import Options, run

SPEC = """\
derivcheck: 1
title: two roads
variables:
  x:
  v: [n]
  y: {shape: [m], domain: positive}
claims:
  cube: D(x**3, x) == 3*x**2
  square: D(dot(v, v), v) == 2*v
  at-a-point: {statement: 'D(x**3, x) ≈ 6.75', at: {x: 1.5}}
  plain: (x + 1)**2 == x**2 + 2*x + 1
  wrong: x**2 == 2*x
"""
#: What the fault in SymPy's derivative makes of the true derivatives: these are claimed instead.
FALSE = SPEC.replace("== 3*x**2", "== 6*x**2").replace("== 2*v", "== 4*v")


@pytest.fixture
def judged(tmp_path, monkeypatch):
    """Judges a text in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def judge(text, **options):
        (tmp_path / "two.deriv.yaml").write_text(text, encoding="utf-8")
        return run(["two.deriv.yaml"], Options(**options))

    return judge


def verdicts(report):
    return {claim.id: claim.verdict.value for claim in report.specs[0].claims}


@pytest.fixture
def doubled_by_sympy(monkeypatch):
    """SymPy's derivative is twice what it should be."""
    whole, shortly = lets.Lets._partial, duals.Duals._partial
    monkeypatch.setattr(lets.Lets, "_partial", lambda self, expr, s: 2 * whole(self, expr, s))
    monkeypatch.setattr(duals.Duals, "_partial", lambda self, *a: 2 * shortly(self, *a))


@pytest.fixture
def doubled_by_balls(monkeypatch):
    """The derivative of the rigorous road is twice what it should be, so that it bears out what SymPy makes 0 of."""
    whole, of_series = enclose.balls.part, straight.coefficient
    monkeypatch.setattr(enclose.balls, "part", lambda x, level, direction: whole(x, level, direction) * Jet(fmpq(2)))
    monkeypatch.setattr(straight, "coefficient", lambda series: 2 * of_series(series))


def test_without_a_fault_all_is_well(judged):
    report = judged(SPEC)
    assert report.specs[0].faults == ()
    assert list(verdicts(report).values()) == ["proved"] * 4 + ["refuted"]
    assert exit_status(report) == 1


def test_a_derivative_that_sympy_has_wrong_proves_nothing(judged, doubled_by_sympy):
    for claim in judged(SPEC).specs[0].claims[:2]:  # what still is proved, is so by other roads, and says so
        assert "not by SymPy" in claim.because or claim.verdict.value == "supported"
    false = judged(FALSE)
    assert verdicts(false)["cube"] == verdicts(false)["square"] == "refuted"


def test_a_displayed_derivative_has_two_roads(judged, doubled_by_sympy):
    report = judged(SPEC)
    assert "at-a-point" not in verdicts(report)
    (fault,) = report.specs[0].faults
    assert fault.startswith("at-a-point: two roads to a derivative disagree: 6.75")
    assert "13.5" in fault
    assert exit_status(report) == 2
    assert verdicts(report)["plain"] == "proved"


@pytest.fixture
def seen_late(monkeypatch):
    """SymPy is wrong, and the first looks at points are blind: only the check after the proof sees that."""
    whole, looked = decide._try_points, []

    def blind(question, found, space, stages, tally):
        if stages is decide.FIRST or stages is decide.ELSEWHERE:
            tally.points += 1
            tally.agreed += 1
            looked.append(space)
            return None
        return whole(question, found, space, stages, tally)

    monkeypatch.setattr(decide, "_try_points", blind)
    return looked


FAULTS = {"cube", "square", "at-a-point"}


def test_a_false_proof_is_a_fault_with_both_values(judged, doubled_by_sympy, seen_late):
    report = judged(FALSE)
    assert seen_late
    assert {fault.partition(":")[0] for fault in report.specs[0].faults} == FAULTS
    about = {fault.partition(":")[0]: fault for fault in report.specs[0].faults}
    assert "proved equal, but the independent evaluation differs at a point (" in about["cube"]
    assert " against " in about["cube"]
    assert FAULTS.isdisjoint(verdicts(report))
    assert exit_status(report) == 2


def test_a_rigorous_road_that_is_wrong_is_a_fault_too(judged, doubled_by_balls, seen_late):
    report = judged(SPEC)
    assert {"cube", "square"} <= {fault.partition(":")[0] for fault in report.specs[0].faults}
    assert verdicts(report)["plain"] == "proved"
    assert exit_status(report) == 2


def test_a_fault_is_told_in_every_format(judged, doubled_by_sympy, seen_late):
    report = judged(FALSE)
    for form in ("terminal", "concise", "github"):
        text = render(form, report, Style())
        assert "fault" in text
        assert "cube: proved equal, but the independent evaluation differs" in text, form
    data = json.loads(render("json", report, Style()))
    assert len(data["specs"][0]["faults"]) == data["summary"]["faults"] == 3
    assert [claim["id"] for claim in data["specs"][0]["claims"]] == ["plain", "wrong"]
    suite = ElementTree.fromstring(render("junit", report, Style()))
    errors = [error for error in suite.iter("error") if error.get("type") == "fault"]
    assert len(errors) == 3


def test_floating_point_is_no_road(judged, monkeypatch):
    """What floating point says is evidence alone: where it disagrees, verdicts stay."""
    text = SPEC + "  open: sign(x - 1/7)**2 + where(x == pi, 1, 0) == 1\n"
    before = verdicts(judged(text))
    monkeypatch.setattr(decide, "sample", lambda *a: sampling.Evidence(64, 0))
    assert verdicts(judged(text)) == before
