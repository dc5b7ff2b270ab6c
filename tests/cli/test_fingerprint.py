"""What a verdict depends on, and what it does not; and reports as plain data."""

from __future__ import annotations

import json
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck import fingerprint
from derivcheck.engine import Judge
from derivcheck.errors import Problem
from derivcheck.fingerprint import Fingerprints, Unknown, engine_digest, engine_stamp
from derivcheck.model import Claim, Derivation
from derivcheck.plain import NotPlain, from_plain, to_plain
from derivcheck.source import Span
from derivcheck.spec import loads
from derivcheck.verdict import Verdict

SPEC = """\
derivcheck: 1
title: One unit
dims: {k: '>= 2'}
variables:
  x: [n, 1]
  w: [n, 1]
  t: {domain: positive, doc: the temperature}
functions:
  g: {derivative: g(z)*(1 - g(z))}
assume: t > 1
define:
  u: (w.T @ x)[0, 0]
  f: sigmoid(u/t)
  other: u + 1
claims:
  df-dw:
    of: f
    wrt: w
    steps:
      - x*f*(1 - f)*(1/t)
    gradient: x*f*(1 - f)/t
    when: u != 0
    points: 2
    cite: page 3
  wrong:
    statement: D(f, u) == f*(1 + f)
    expect: fails
    correct: f*(1 - f)/t
    because: a slip
  worked:
    statement: f ≈ 0.88
    at: {u: 4, t: 2}
    tolerance: 0.01
  shapes: D(f, w) == x.T
"""


def keys(text: str = SPEC, engine: str = "e", seed: int = 0, path: str = "a.deriv.yaml") -> dict[str, str]:
    derivation = loads(text, path)
    of = Fingerprints(derivation, engine, seed).of
    return {claim.id: of(claim) for claim in derivation.claims}


def changed(old: str, new: str) -> set[str]:
    """The claims whose fingerprint an edit changes."""
    assert SPEC.count(old) == 1, old
    before, after = keys(), keys(SPEC.replace(old, new))
    assert len(before) == len(after)
    return {a for (a, key), other in zip(before.items(), after.values(), strict=True) if key != other}


# --- what counts

ALL = {"df-dw", "wrong", "worked", "shapes"}

MEANING = [
    ("dims: {k: '>= 2'}", "dims: {k: '>= 3'}", ALL),
    ("dims: {k: '>= 2'}", "dims: {k: 2}", ALL),
    ("dims: {k: '>= 2'}", "dims: {n: '>= 2'}", ALL),
    ("  x: [n, 1]\n  w: [n, 1]\n", "  w: [n, 1]\n  x: [n, 1]\n", ALL),
    ("domain: positive", "domain: nonnegative", ALL),
    ("domain: positive", "domain: '(0, 5)'", ALL),
    ("  t: {domain", "  v: [m]\n  t: {domain", ALL),
    ("g(z)*(1 - g(z))", "g(z)*(2 - g(z))", ALL),
    ("{derivative: g(z)*(1 - g(z))}", "", ALL),
    ("assume: t > 1", "assume: t > 2", ALL),
    ("assume: t > 1", "assume: t >= 1", ALL),
    ("assume: t > 1\n", "", ALL),
    ("define:", "layout: jacobian\ndefine:", ALL),
    ("sigmoid(u/t)", "sigmoid(t/u)", ALL),
    ("sigmoid(u/t)", "sigmoid(u/t) + 0", ALL),
    ("(w.T @ x)[0, 0]", "(x.T @ w)[0, 0]", ALL),
    ("    statement: D(f, u) == f*(1 + f)", "    statement: D(f, u) == f*(1 - f)", {"wrong"}),
    ("    statement: D(f, u) == f*(1 + f)", "    statement: D(f, u) == (f*(1 + f))", {"wrong"}),
    ("correct: f*(1 - f)/t", "correct: f*(1 - f)", {"wrong"}),
    ("      - x*f*(1 - f)*(1/t)", "      - x*f*(1 - f)*(1/t)\n      - x*f*(1 - f)/t", {"df-dw"}),
    ("when: u != 0", "when: u > 0", {"df-dw"}),
    ("    when: u != 0\n", "", {"df-dw"}),
    ("at: {u: 4, t: 2}", "at: {u: 4, t: 3}", {"worked"}),
    ("at: {u: 4, t: 2}", "at: {w: [[2], [0]], x: [[2], [0]], t: 2}", {"worked"}),
    ("tolerance: 0.01", "tolerance: 0.02", {"worked"}),
    ("    tolerance: 0.01\n", "", {"worked"}),
    ("f ≈ 0.88", "f ≈ 0.880", {"worked"}),
    ("  shapes: D(f, w) == x.T", "  shapes: D(f, w) == w.T @ x", {"shapes"}),
    ("    statement: D(f, u)", "    up_to: positive factor\n    statement: D(f, u)", {"wrong"}),
    ("    correct: f*(1 - f)/t", "    fails_at: 0\n    correct: f*(1 - f)/t", {"wrong"}),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "wanted"), MEANING)
def test_every_part_of_the_question_counts(old, new, wanted):
    assert changed(old, new) == wanted


def test_a_term_that_means_nothing_counts_with_what_it_names():
    text = SPEC.replace("shapes: D(f, w) == x.T", "shapes: D(f, u) == w @ x*other")
    assert keys(text)["shapes"] != keys(text.replace("other: u + 1", "other: u + 2"))["shapes"]
    assert keys()["shapes"] == keys(SPEC.replace("other: u + 1", "other: u + 2"))["shapes"]


ASIDE = [
    ("title: One unit", "title: Two units\nsource: a book\ndescription: more"),
    ("variables:", "# a remark\n\nvariables:"),
    ("doc: the temperature", "doc: something else"),
    ("  other: u + 1", "  other: u + 2"),
    ("  other: u + 1\n", ""),
    ("  other: u + 1\n", "  other: u + 1\n  more: exp(u)\n"),
    ("points: 2", "points: 3"),
    ("cite: page 3", "cite: page 4"),
    ("because: a slip", "because: no slip"),
    ("claims:\n", "claims:\n\n\n"),
    ("  wrong:\n", "  renamed:\n"),
    ("    of: f\n", "    of:      f\n"),
    ("define:", "notation: {f: ['\\hat{y}']}\ndefine:"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), ASIDE)
def test_what_says_nothing_of_the_question_does_not_count(old, new):
    assert changed(old, new) == set()


def test_the_seed_the_engine_and_nothing_of_the_place_count():
    assert not set(keys().values()) & set(keys(seed=1).values())
    assert not set(keys().values()) & set(keys(engine="f").values())
    assert keys() == keys(path="elsewhere/b.deriv.yaml")
    assert len(set(keys().values())) == 4


def test_a_claim_reaches_definitions_by_every_way():
    text = (
        "derivcheck: 1\ntitle: t\nvariables: {x: , A: [2, 2]}\nfunctions: {g: {derivative: g(z)}}\ndefine:\n"
        "  a: x + 1\n  b: a**2\n  c: b + x\n  d: A[0, 0]*x\n"
        "claims:\n  through: c == c\n  by: D(x**2 + 0*c, a) == 0\n  when: {statement: x == x, when: d > 0}\n"
        "  at: {statement: x == x, at: {b: 2}}\n  not: x == x\n"
        "  correct: {statement: x == 1, expect: fails, correct: c == c}\n"
    )

    def reaching(name: str) -> set[str]:
        other = {"a": "a: x + 3", "b": "b: a**3", "c": "c: b + 2*x", "d": "d: A[1, 1]*x"}[name]
        old = next(line for line in text.splitlines() if line.startswith(f"  {name}: "))
        before, after = keys(text), keys(text.replace(old, f"  {other}"))
        return {claim for claim in before if before[claim] != after[claim]}

    assert reaching("c") == {"through", "by", "correct"}
    assert reaching("b") == {"through", "by", "correct", "at"}
    assert reaching("a") == {"through", "by", "correct", "at"}
    assert reaching("d") == {"when"}


def test_fields_of_the_model_that_do_not_count_are_known():
    """A field that is added to the model counts by itself; what is left out is left out here on purpose."""
    assert {one.name for one in fields(Claim)} - set(fingerprint._fields(Claim)) == {
        "id", "span", "because", "points", "cite",
    }  # fmt: skip
    assert {one.name for one in fields(Problem)} - set(fingerprint._fields(Problem)) == {"span"}
    told = {"variables", "definitions", "claims", "dims", "functions", "assume", "layout"}
    assert {one.name for one in fields(Derivation)} - told == {
        "source", "title", "origin", "description", "notation", "reading",
    }  # fmt: skip


def test_parts_that_are_one_are_told_from_parts_that_are_alike():
    derivation = loads("derivcheck: 1\ntitle: t\nvariables: {x: }\nclaims: {a: x + x == x*x}\n", "a")
    (claim,) = derivation.claims
    assert claim.statement is not None
    (link,) = claim.statement.links
    one = replace(link, left=replace(link.left, right=link.left.left))
    shared = replace(claim, statement=replace(claim.statement, links=(one,)))
    of = Fingerprints(derivation, "e", 0).of
    assert of(claim) != of(shared)
    assert of(claim) == of(replace(claim))


def test_a_value_that_cannot_be_told_has_no_fingerprint():
    derivation = loads("derivcheck: 1\ntitle: t\nvariables: {x: }\nclaims: {a: x == x}\n", "a")
    with pytest.raises(Unknown):
        Fingerprints(derivation, "e", 0).of(replace(derivation.claims[0], tolerance=0.5))


def test_fingerprints_are_the_same_in_another_process(tmp_path):
    import subprocess
    import sys

    (tmp_path / "a.deriv.yaml").write_text(SPEC, encoding="utf-8")
    code = (
        "import json; from derivcheck.spec import load; from derivcheck.fingerprint import Fingerprints\n"
        "d = load('a.deriv.yaml'); f = Fingerprints(d, 'e', 0); print(json.dumps({c.id: f.of(c) for c in d.claims}))"
    )
    for seed in "17":
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        assert json.loads(done.stdout) == keys()


# --- the engine


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A copy of the package, which may be changed, in the place of the package."""
    copy = tmp_path / "derivcheck"
    shutil.copytree(fingerprint._PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(fingerprint, "_PACKAGE", copy)
    return copy


def edit(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\n")


@pytest.mark.parametrize(
    "change",
    [
        lambda package: edit(package / "engine" / "decide.py"),
        lambda package: edit(package / "lang" / "grammar.lark"),
        lambda package: edit(package / "verdict.py"),
        lambda package: (package / "engine" / "new.py").write_text(""),
        lambda package: (package / "engine" / "ring.py").rename(package / "engine" / "rings.py"),
        lambda package: (package / "engine" / "scale.py").unlink(),
    ],
)
def test_every_change_of_the_source_is_another_engine(package, change):
    digest, stamp = engine_digest(), engine_stamp()
    assert (engine_digest(), engine_stamp()) == (digest, stamp)
    change(package)
    assert engine_digest() != digest
    assert engine_stamp() != stamp


def test_compiled_files_are_no_source(package):
    digest, stamp = engine_digest(), engine_stamp()
    (package / "engine" / "__pycache__").mkdir()
    (package / "engine" / "__pycache__" / "decide.cpython-311.pyc").write_bytes(b"x")
    assert (engine_digest(), engine_stamp()) == (digest, stamp)


@pytest.mark.parametrize("name", fingerprint.LIBRARIES)
def test_another_version_of_a_library_is_another_engine(monkeypatch, name):
    from importlib import metadata

    digest, version = engine_digest(), metadata.version
    monkeypatch.setattr(metadata, "version", lambda asked: "0.0.1" if asked == name else version(asked))
    assert engine_digest() != digest


def test_an_engine_without_source_or_versions_is_unknown(tmp_path, monkeypatch):
    from importlib import metadata

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    with monkeypatch.context() as patch:
        patch.setattr(metadata, "version", missing)
        with pytest.raises(Unknown):
            engine_digest()
    monkeypatch.setattr(fingerprint, "_PACKAGE", tmp_path)
    with pytest.raises(Unknown):
        engine_digest()
    with pytest.raises(Unknown):
        engine_stamp()


# --- reports as plain data


@pytest.fixture(scope="module")
def judged():
    derivation = loads(SPEC, "a.deriv.yaml")
    judge = Judge(derivation)
    return [(claim, replace(judge.judge(claim), fails_at=claim.fails_at)) for claim in derivation.claims]


def test_reports_come_back_as_they_were(judged):
    verdicts = set()
    for claim, report in judged:
        data = json.loads(json.dumps(to_plain(report, claim)))
        assert from_plain(data, claim) == report
        verdicts.add(report.verdict.value)
    assert {"proved", "refuted", "invalid"} <= verdicts


def test_a_report_comes_back_where_its_claim_stands_now(judged):
    moved = SPEC.replace("claims:\n", "# moved\n\n\nclaims:\n").replace("page 3", "page 4")
    after = loads(moved, "b.deriv.yaml")
    judge = Judge(after)
    for (claim, report), other in zip(judged, after.claims, strict=True):
        assert other.span != claim.span
        assert from_plain(to_plain(report, claim), other) == judge.judge(other)


def test_a_report_with_a_place_of_its_own_is_not_plain(judged):
    claim, report = judged[0]
    with pytest.raises(NotPlain):
        to_plain(replace(report, span=Span(1, 2)), claim)
    with pytest.raises(NotPlain):  # a problem that the claim does not have
        to_plain(replace(report, problems=(Problem("name", "?"),)), claim)
    with pytest.raises(NotPlain):
        to_plain(replace(report, id="another"), claim)
    assert claim.statement is not None
    with pytest.raises(NotPlain):  # two places that may not be one in another file
        to_plain(report, replace(claim, span=claim.statement.links[0].span))


def test_what_comes_back_cannot_be_of_another_claim(judged):
    (chain, of_chain), (wrong, of_wrong), _, (shapes, of_shapes) = judged
    for report, its, other in ((of_chain, chain, wrong), (of_chain, chain, shapes), (of_wrong, wrong, shapes)):
        with pytest.raises(NotPlain):
            from_plain(to_plain(report, its), other)
    with pytest.raises(NotPlain):
        from_plain(to_plain(of_shapes, shapes), chain)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def places_in(value, path=()):
    yield path
    for key, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from places_in(inner, (*path, key))


def planted(value, path, new):
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = planted(copy[path[0]], path[1:], new)
    return copy


@settings(derandomize=True, max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_comes_back_is_a_report_or_refused(judged, data):
    claim, report = judged[data.draw(st.integers(0, 3))]
    plain = to_plain(report, claim)
    path = data.draw(st.sampled_from(list(places_in(plain))))
    try:
        found = from_plain(planted(plain, path, data.draw(JSON)), claim)
    except NotPlain:
        return
    assert isinstance(found.verdict, Verdict)
    assert isinstance(found.ok, bool)
    for text in (found.because, found.statement, *found.notes):
        assert isinstance(text, str)
    assert (found.id, found.claim_span, found.cite, found.problems) == (
        claim.id, claim.span, claim.cite, claim.problems,
    )  # fmt: skip
    assert len(found.steps) in (0, len(report.steps))


@pytest.mark.parametrize("data", [None, [], "x", 1, {}, {"verdict": "proved"}])
def test_what_is_no_report_is_refused(judged, data):
    with pytest.raises(NotPlain):
        from_plain(data, judged[0][0])
