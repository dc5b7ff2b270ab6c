"""Spec files from Python."""

from __future__ import annotations

import json

import pytest

from derivcheck import Refused, Verdict, check_files, load

SPEC = """\
derivcheck: 1
title: Powers
variables:
  x:
claims:
  square: D(x**2, x) == 2*x
  cube: D(x**3, x) == 3*x
"""


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "powers.deriv.yaml"
    path.write_text(SPEC, encoding="utf-8")
    return path


def test_a_file_is_loaded_and_its_claims_judged(path):
    spec = load(path)
    assert (spec.title, spec.claims) == ("Powers", ("square", "cube"))
    assert spec.check("square").ok
    assert [result.verdict for result in spec.check_all()] == [Verdict.PROVED, Verdict.REFUTED]
    assert repr(spec) == f"<{path}: 2 claims>"
    with pytest.raises(KeyError):
        spec.check("sqare")


def test_a_file_that_cannot_be_read_raises_every_problem(tmp_path):
    path = tmp_path / "bad.deriv.yaml"
    path.write_text("derivcheck: 1\nttle: Bad\nclaims:\n  a: x + == 1\n", encoding="utf-8")
    with pytest.raises(Refused) as caught:
        load(path)
    assert len(caught.value.problems) >= 2
    with pytest.raises(Refused):
        load(tmp_path / "missing")


def test_files_and_folders_are_judged_together(path, tmp_path):
    results = check_files(tmp_path)
    assert [result.verdict for result in results] == [Verdict.PROVED, Verdict.REFUTED]
    assert (len(results), results.ok, results.status, bool(results)) == (2, False, 1, False)
    assert repr(results) == "<2 claims in 1 file: 1 ok, 1 refuted>"
    assert str(results).endswith("2 claims in 1 file: 1 ok, 1 refuted")
    assert json.loads(results.render("json"))["summary"]["refuted"] == 1
    assert results._repr_markdown_().startswith("```text\n")


def test_claims_can_be_selected(path):
    assert [result.report.id for result in check_files(path, claims="sq*")] == ["square"]
    assert check_files(path, claims=["sq*", "nothing"]).ok


def test_problems_are_in_the_results(tmp_path):
    results = check_files(tmp_path / "missing", tmp_path)
    assert results.status == 2
    assert len(results.problems) == 2
    assert not results


def test_an_unknown_format_is_a_key_error(path):
    with pytest.raises(KeyError):
        check_files(path).render("xml")
