"""What the tests of the engine share: specs from short texts, expressions, points, enclosures, components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
from flint import arb, fmpq

from derivcheck.engine import Judge, jets
from derivcheck.engine.decide import PROOF_WORK
from derivcheck.engine.enclose import Evaluator
from derivcheck.engine.exact import ExactRoad
from derivcheck.engine.jets import Hole, Jet
from derivcheck.engine.lower import Lowering
from derivcheck.engine.places import Point, StandIn
from derivcheck.engine.question import Question
from derivcheck.engine.session import Session
from derivcheck.engine.spaces import Space
from derivcheck.engine.work import Meter
from derivcheck.lang.typed import Expr
from derivcheck.model import Claim, Derivation
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport

HEAD = "derivcheck: 1\ntitle: a test\n"
#: Sizes that are pairwise distinct, so that no two axes are taken for each other.
SIZES = {"n": 2, "m": 3, "h": 4}
BITS = 256


def derivation(body: str) -> Derivation:
    """A spec without its first two lines."""
    return loads(HEAD + body, "test.deriv.yaml")


def of_claims(claims: Mapping[str, str] | Sequence[str], setting: str = "variables: {x: , y: , z: }\n") -> Derivation:
    """A spec of bare statements."""
    named = claims if isinstance(claims, Mapping) else {f"c{i}": text for i, text in enumerate(claims)}
    lines = "".join(f"  {name}: {quoted(text)}\n" for name, text in named.items())
    return derivation(f"{setting}claims:\n{lines}")


def quoted(text: str) -> str:
    """A text as a YAML string."""
    return "'" + text.replace("'", "''") + "'"


def reports(body: str) -> dict[str, ClaimReport]:
    """The reports of all claims of a spec, judged in order by one judge."""
    spec = derivation(body)
    judge = Judge(spec)
    return {claim.id: judge.judge(claim) for claim in spec.claims}


def verdicts(claims: Mapping[str, str] | Sequence[str], setting: str = "variables: {x: , y: , z: }\n") -> list[str]:
    """The verdicts on bare statements."""
    spec = of_claims(claims, setting)
    judge = Judge(spec)
    return [judge.judge(claim).verdict.value for claim in spec.claims]


def verdict(statement: str, setting: str = "variables: {x: , y: , z: }\n") -> str:
    """The verdict on one bare statement."""
    (found,) = verdicts([statement], setting)
    return found


def report(claim: str, setting: str = "variables: {x: , y: , z: }\n") -> ClaimReport:
    """The report of one claim; ``claim`` is what stands after its id."""
    return reports(f"{setting}claims:\n  it: {claim}\n")["it"]


# --- expressions at points -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """An expression in its derivation."""

    derivation: Derivation
    expr: Expr
    claim: Claim


def expression(text: str, setting: str = "variables: {x: , y: , z: }\n", layout: str = "gradient") -> Given:
    """An expression: the left side of a claim that it equals itself."""
    body = f"{setting}claims:\n  it: {{statement: {quoted(f'{text} == {text}')}, layout: {layout}}}\n"
    spec = derivation(body)
    (claim,) = spec.claims
    assert claim.statement is not None, claim.problems
    return Given(spec, claim.statement.links[0].left, claim)


def expressions(texts: Sequence[str], setting: str, layout: str = "gradient") -> dict[str, Given]:
    """Expressions of one derivation, read together."""
    lines = (
        f"  c{i}: {{statement: {quoted(f'{text} == {text}')}, layout: {layout}}}\n" for i, text in enumerate(texts)
    )
    spec = derivation(f"{setting}claims:\n{''.join(lines)}")
    found = {}
    for text, claim in zip(texts, spec.claims, strict=True):
        assert claim.statement is not None, (text, claim.problems)
        found[text] = Given(spec, claim.statement.links[0].left, claim)
    return found


def exact(value: Any) -> Any:
    """A number of Python as one of FLINT."""
    value = Fraction(value)
    return fmpq(value.numerator, value.denominator)


def array(values: Any) -> Any:
    """An array of jets from nested numbers."""
    nested = np.array(values, dtype=object)
    out = np.empty(nested.size, dtype=object)
    for i, value in enumerate(nested.ravel()):
        out[i] = Jet(exact(value))
    return out.reshape(nested.shape)


def evaluator(
    given: Given,
    values: Mapping[str, Any],
    sizes: Mapping[str, int] = SIZES,
    *,
    bound: Mapping[str, Any] | None = None,
    functions: Mapping[str, StandIn] | None = None,
    cut: tuple[str, ...] = (),
) -> Evaluator:
    """The rigorous road at a point."""
    arrays = {name: array(value) for name, value in values.items()}
    keys = {key: Fraction(value) for key, value in (bound or {}).items()}
    point = Point(dict(sizes), arrays, keys, dict(functions or {}), cut)
    return Evaluator(given.derivation, point, Meter(10**9), Session(given.derivation).names)


def enclosed(given: Given, values: Mapping[str, Any], sizes: Mapping[str, int] = SIZES, **more: Any) -> Any:
    """The values of an expression at a point: an object array of rationals, balls and holes."""
    with jets.precision(BITS):
        found = evaluator(given, values, sizes, **more).value(given.expr)
    out = np.empty(found.size, dtype=object)
    for i, x in enumerate(found.ravel()):
        out[i] = x.value
    return out.reshape(found.shape)


def close(number: Any, value: Any, digits: int = 30) -> bool:
    """Whether a rational or ball is a value of mpmath's as far as ``digits`` go; the ball must be that narrow."""
    if isinstance(number, Hole):
        return False
    with jets.precision(BITS), mpmath.workdps(70):
        mantissa = arb(mpmath.nstr(mpmath.mpf(value), 60))
        gap = abs(arb(number) - mantissa)
        return bool(gap < (1 + abs(mantissa)) * arb(10) ** -digits)


# --- components ----------------------------------------------------------------------------------------------


def road(given: Given) -> tuple[Space, ExactRoad]:
    """The exact road of the claim at the first choice of sizes."""
    assert given.claim.statement is not None
    statement = given.claim.statement
    question = Question(Session(given.derivation), given.claim, statement.links[0], statement.quantifiers, 0)
    space = question.spaces()[0]
    return space, ExactRoad(space, statement.quantifiers, Meter(PROOF_WORK))


def lowering(given: Given, sizes: Mapping[str, int] = SIZES) -> Lowering:
    """Components at given sizes, with nothing cut free."""
    names = Session(given.derivation).names
    made = Lowering(given.derivation, dict(sizes), frozenset(), bound={}, names=names)
    made.begin(Meter(10**9))
    return made
