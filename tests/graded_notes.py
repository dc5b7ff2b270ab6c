"""Submissions for tests of grading, written in the infix language, so that no reading of LaTeX stands between a test
and what it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from derivcheck.grading.grade import grade_note
from derivcheck.grading.model import ClaimResult, StepResult, Student, Submission
from derivcheck.grading.policy import Policy
from derivcheck.model import Derivation
from derivcheck.notes.model import Note
from derivcheck.spec import loads

HEAD = "derivcheck: 1\ntitle: a test\n"

#: Logistic regression; one sample a column.
LOGISTIC = """\
variables: {X: [n, m], y: [1, m], w: [n, 1], b: }
define:
  z: w.T @ X + b
  p: sigmoid(z)
  L: -y*log(p) - (1 - y)*log(1 - p)
  J: sum(L)/m
"""
CLAIMS = """\
claims:
  lossp: D(L, p) == (p - y)/(p*(1 - p))
  lossz: D(L, z) == p - y
  weights: {of: J, wrt: w, gradient: X @ (p - y).T/m, points: 3}
  bias: {statement: 'D(J, b) == sum(p - y)/m', points: 2}
"""


@cache
def spec(text: str) -> Derivation:
    """A spec without its head."""
    return loads(HEAD + text, "key.deriv.yaml")


def note(setting: str, chains: Sequence[str], define: Mapping[str, str] | None = None) -> Note:
    """A note that states chains, and makes definitions of its own."""
    own = "".join(f"  {name}: {expr}\n" for name, expr in (define or {}).items())
    claims = "".join(f"  c{i}: '{chain.replace(chr(39), chr(39) * 2)}'\n" for i, chain in enumerate(chains))
    derivation = loads(HEAD + setting + own + ("claims:\n" + claims if claims else ""), "note")
    return Note(derivation.source, derivation, ())


def graded(
    chains: Sequence[str],
    policy: Policy | None = None,
    *,
    setting: str = LOGISTIC,
    claims: str = CLAIMS,
    define: Mapping[str, str] | None = None,
) -> Submission:
    """A submission of chains, graded by a key."""
    return grade_note(spec(setting + claims), note(setting, chains, define), Student("s"), policy)


def outcomes(result: Submission) -> dict[str, str]:
    """What became of every claim of the key."""
    return {claim.id: claim.outcome for claim in result.claims}


def claim(result: Submission, name: str) -> ClaimResult:
    """The result of a claim of the key."""
    (found,) = (one for one in result.claims if one.id == name)
    return found


def marks(result: Submission) -> list[str]:
    """The marks of all steps, in order."""
    return [step.mark for step in result.steps]


def step(result: Submission, chain: int, index: int = 0) -> StepResult:
    """A step of a chain."""
    (found,) = (one for one in result.steps if (one.claim, one.index) == (f"c{chain}", index))
    return found
