"""The assertion for tests that are written in Python."""

from __future__ import annotations

import pytest

from derivcheck import Refused, assert_gradient


def test_what_is_proved_passes():
    assert_gradient("x**2", "x", "2*x", variables=["x"])


def test_what_is_not_proved_fails_with_the_witness():
    with pytest.raises(AssertionError) as caught:
        assert_gradient("x**2", "x", "3*x", variables=["x"])
    assert str(caught.value).startswith("refuted: D(x**2, x) == 3*x\n")
    assert "witness    x = " in str(caught.value)


def test_supported_passes_only_if_accepted():
    claim = ("a*erf(abs(a))", "a", "abs(erf(a)) + 2*abs(a)*exp(-a**2)/sqrt(pi)")
    with pytest.raises(AssertionError, match="supported"):
        assert_gradient(*claim, variables=["a"])
    assert_gradient(*claim, variables=["a"], accept="supported")


def test_a_mistake_in_the_test_is_not_a_failed_claim():
    with pytest.raises(Refused):
        assert_gradient("x**2", "y", "2*x", variables=["x"])


def test_the_failure_is_shown_where_the_test_asserts(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_ADDOPTS", "-p no:hypothesispytest")
    pytester.makepyfile(
        """
        from derivcheck import assert_gradient

        def test_it():
            assert_gradient("x**2", "x", "3*x", variables=["x"])
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       assert_gradient(*",
            "E       AssertionError: refuted: D(x[*][*]2, x) == 3[*]x",
            "E         because * the two sides differ*",
            "test_the_failure*.py:4: AssertionError",
        ]
    )
    result.stdout.no_fnmatch_line("*api.py*")
