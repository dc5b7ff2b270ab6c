"""The pytest plugin, driven by pytest itself over an engine with fixed answers."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from derivcheck.report import details

TESTS = Path(__file__).parents[1]


@pytest.fixture
def spec(pytester, engine, monkeypatch):
    """Write a spec file into the tested folder."""
    # each run that is tested would import Hypothesis once more
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")

    def write(text: str, name: str = "x.deriv.yaml"):
        path = pytester.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_every_claim_is_a_test(pytester, spec):
    spec("dJ-dz: proved\ndJ-dw: refuted\n", "specs/x.deriv.yaml")
    result = pytester.runpytest("-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["specs/x.deriv.yaml::dJ-dz PASSED*", "specs/x.deriv.yaml::dJ-dw FAILED*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_other_yaml_is_left_alone(pytester, spec):
    spec("a: proved\n", "x.yaml"), spec("a: proved\n", "deriv.yaml")
    assert pytester.runpytest().ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_claims_are_found_among_other_tests(pytester, spec):
    spec("a: proved\n")
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest().assert_outcomes(passed=2)


def test_a_claim_can_be_named(pytester, spec):
    spec("a: refuted\nb: proved\n")
    pytester.runpytest("x.deriv.yaml::b").assert_outcomes(passed=1)


def test_claims_can_be_selected_by_keyword_and_marker(pytester, spec):
    spec("dJ-dz: proved\ndJ-dw: refuted\n")
    pytester.makepyfile("def test_it(): pass")
    pytester.runpytest("-k", "dz").assert_outcomes(passed=1, deselected=2)
    pytester.runpytest("-m", "derivcheck").assert_outcomes(passed=1, failed=1, deselected=1)
    pytester.runpytest("-m", "not derivcheck").assert_outcomes(passed=1, deselected=2)


def test_the_marker_is_registered(pytester, spec):
    spec("a: proved\n")
    pytester.runpytest("--strict-markers").assert_outcomes(passed=1)
    pytester.runpytest("--markers").stdout.fnmatch_lines(["@pytest.mark.derivcheck: a claim of a derivation*"])


def test_failures_are_short_and_without_a_traceback(pytester, spec):
    spec("a: refuted\n")
    result = pytester.runpytest()
    result.stdout.fnmatch_lines(
        [
            "* a *",
            "x.deriv.yaml:1:1: a: refuted",
            "    1 │ a: refuted",
            "      │ ^",
            "  claim      statement of a",
            "  because    found refuted with seed 0",
            "  witness    x = 1/2",
            "             left  = 1.5000…",
            "             right = 2.5000…",
            "*short test summary*",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_mistake_of_the_plugin_keeps_its_traceback(pytester, spec, monkeypatch):
    monkeypatch.setattr(details, "plain", None)
    spec("a: refuted\n")
    pytester.runpytest().stdout.fnmatch_lines(["*TypeError*", "*pytest_plugin.py:*: TypeError"])


def test_a_bad_spec_is_one_failing_test_and_the_others_run(pytester, spec):
    spec("a: proved\nunreadable\n", "bad.deriv.yaml")
    spec("b: proved\n", "good.deriv.yaml")
    result = pytester.runpytest("-v")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "bad.deriv.yaml:2:1: this is unreadable",
            "    2 │ unreadable",
            "      │ ^^^^^^^^^^",
            "    hint: write better",
        ],
        consecutive=True,
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_crash_of_the_reader_is_one_failing_test(pytester, spec, monkeypatch):
    def load(path):
        raise RecursionError

    monkeypatch.setattr("derivcheck.spec.load", load)
    spec("a: proved\n")
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["x.deriv.yaml: internal error: RecursionError: *"])


@pytest.mark.parametrize("word", ["supported", "undecided", "invalid"])
def test_what_is_not_proved_fails(pytester, spec, word):
    spec(f"a: {word}\n")
    pytester.runpytest().assert_outcomes(failed=1)


def test_supported_can_be_accepted_on_the_command_line(pytester, spec):
    spec("a: supported\nb: undecided\n")
    pytester.runpytest("--derivcheck-accept", "supported").assert_outcomes(passed=1, failed=1)


def test_supported_can_be_accepted_in_the_settings(pytester, spec):
    spec("a: supported\nb: undecided\n")
    pytester.makeini("[pytest]\nderivcheck_accept = supported\n")
    pytester.runpytest().assert_outcomes(passed=1, failed=1)


def test_settings_that_mean_nothing_are_refused(pytester, spec):
    pytester.makeini("[pytest]\nderivcheck_accept = undecided\n")
    result = pytester.runpytest()
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*derivcheck_accept: 'undecided' is not one of supported*"])
    assert pytester.runpytest("--derivcheck-accept", "undecided").ret == pytest.ExitCode.USAGE_ERROR


def test_known_errors_pass_while_they_fail_as_said(pytester, spec):
    spec("a: refuted fails correct=proved\nb: proved fails correct=proved\n")
    pytester.runpytest().assert_outcomes(passed=1, failed=1)


def test_an_engine_fault_fails_that_claim_alone(pytester, spec):
    spec("a: fault\nb: proved\nc: crash\n")
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, failed=2)
    result.stdout.fnmatch_lines(["x.deriv.yaml: a: engine fault: two roads disagree"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_remarks_on_claims_that_pass_can_be_read(pytester, spec):
    spec("a: proved note=off-the-kink\n")
    pytester.runpytest("-rP").stdout.fnmatch_lines(["  note       off-the-kink"])


def test_junit_has_verdict_sizes_and_citation_as_properties(pytester, spec):
    spec("a: proved sizes=every cite\nb: refuted\n")
    pytester.runpytest("--junitxml=out.xml", "-o", "junit_family=xunit1")
    cases = {case.get("name"): case for case in ElementTree.parse(pytester.path / "out.xml").iter("testcase")}
    properties = {p.get("name"): p.get("value") for p in cases["a"].iter("property")}
    assert properties == {"verdict": "proved", "sizes": "every", "cite": "page 7"}
    assert {p.get("name"): p.get("value") for p in cases["b"].iter("property")} == {"verdict": "refuted"}
    assert (cases["b"].get("file"), cases["b"].get("line")) == ("x.deriv.yaml", "1")


def test_places_of_claims_are_those_of_the_file(pytester, spec):
    path = spec("\n\na: proved\n")
    items, _ = pytester.inline_genitems(path)
    assert [item.reportinfo() for item in items] == [(path, 2, "a")]


@pytest.mark.parametrize("claim_id", ["[bold]", "a::b", "<script>]]>", "日本語", "a\x1b[31mb", "a/b", "ŷ'"])
def test_odd_ids_are_shown_as_text(pytester, spec, claim_id):
    spec(f"{claim_id}: refuted\n")
    result = pytester.runpytest("-v", "--junitxml=out.xml")
    result.assert_outcomes(failed=1)
    assert "\x1b" not in result.stdout.str()
    assert len(list(ElementTree.parse(pytester.path / "out.xml").iter("failure"))) == 1


def test_the_plugin_can_be_turned_off(pytester, spec):
    spec("a: proved\n")
    assert pytester.runpytest("-p", "no:derivcheck").ret == pytest.ExitCode.NO_TESTS_COLLECTED


HEAVY = (
    "numpy",
    "sympy",
    "flint",
    "lark",
    "pydantic",
    "yaml",
    "rich",
    "click",
    "derivcheck.model",
    "derivcheck.run",
)


def test_a_run_without_specs_imports_nothing_for_them(pytester):
    pytester.makepyfile(
        f"""
        import sys

        def test_nothing_heavy_is_there():
            assert "derivcheck.pytest_plugin" in sys.modules
            assert [name for name in {HEAVY!r} if name in sys.modules] == []
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:hypothesispytest", "-p", "no:xdist")
    result.assert_outcomes(passed=1)


def test_claims_can_be_judged_by_several_processes(pytester, spec):
    pytester.makeconftest(
        f"""
        import sys

        import pytest

        sys.path.append({str(TESTS)!r})
        import fake_engine

        fake_engine.install(pytest.MonkeyPatch())
        """
    )
    for name in "ab":
        spec(
            "".join(f"{name}{i}: {'refuted' if i == 3 else 'proved sizes=every'}\n" for i in range(6)),
            f"{name}.deriv.yaml",
        )
    spec("unreadable\n", "c.deriv.yaml")
    result = pytester.runpytest_subprocess("-n", "2", "--junitxml=out.xml", "-o", "junit_family=xunit1")
    result.assert_outcomes(passed=10, failed=3)
    result.stdout.fnmatch_lines(["  witness    x = 1/2", "c.deriv.yaml:1:1: this is unreadable"])
    root = ElementTree.parse(pytester.path / "out.xml").getroot()
    assert sorted(p.get("value") for p in root.iter("property") if p.get("name") == "sizes") == ["every"] * 10
