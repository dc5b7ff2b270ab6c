"""Kronecker's delta of two index letters, where nothing else is called delta."""

from __future__ import annotations

import pytest

from derivcheck.engine import judge
from derivcheck.notes.read import read_note
from derivcheck.notes.settle import settle
from derivcheck.source import Source
from derivcheck.spec import loads

KEY = """derivcheck: 1
title: softmax
variables: {z: [K], d: [K]}
define: {p: softmax(z)}
claims: {a: 'D(p[k], z[j]) == p[k]*(indicator(k == j) - p[j]) for k in K, j in K'}
"""
RIGHT = r"$\frac{\partial p_k}{\partial z_j} = p_k (\delta_{kj} - p_j)$"


def verdicts(text: str, key: str = KEY) -> list[str]:
    note = read_note(Source("note.md", text), loads(key, "key.deriv.yaml"))
    return [
        str(settle(note, claim, lambda one: judge(note.derivation, one)).verdict) for claim in note.derivation.claims
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (RIGHT, ["proved"]),
        (RIGHT.replace("kj", "jk"), ["proved"]),
        (RIGHT.replace("kj", "k,j"), ["proved"]),
        (r"$\sum_{j=1}^K \delta_{kj} z_j = z_k$", ["proved"]),
        (r"$p_k = \sum_{j=1}^K \delta_{kj} p_j$", ["proved"]),
        (RIGHT.replace("kj", "kk"), ["undecided"]),
        (RIGHT.replace("kj", "ki"), []),
        (RIGHT.replace("kj", "kjj"), []),
        (RIGHT.replace(r"_{kj}", r"_k"), []),
        (RIGHT.replace(r"_{kj}", r"_{kj}^2"), []),
        (RIGHT.replace(r"- p_j", "+ p_j"), ["undecided"]),
        ("With Kronecker's delta: " + RIGHT.replace(r"- p_j", "+ p_j"), ["refuted"]),
        (r"$\delta_{kj}$ is 1 if $k = j$. " + RIGHT, ["proved"]),
    ],
)
def test_a_delta_of_two_indices_is_kroneckers(text: str, found: list[str]) -> None:
    assert verdicts(text) == found


def test_a_delta_that_means_something_is_not_taken_for_kroneckers() -> None:
    own = r"Let $\delta = p$. " + RIGHT
    assert "proved" not in verdicts(own)
    declared = KEY.replace("claims:", r"notation: {d: ['\delta']}" + "\nclaims:")
    assert verdicts(RIGHT, declared) == []
