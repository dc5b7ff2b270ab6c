"""Submissions for tests of grading, written in the infix language, so that no reading of LaTeX stands between a test
and what it asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

from derivcheck.fingerprint import Fingerprints
from derivcheck.grading.grade import grade_note
from derivcheck.grading.model import ClaimResult, StepResult, Student, Submission
from derivcheck.grading.policy import Policy
from derivcheck.model import Claim, Derivation
from derivcheck.notes.model import Note
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport

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
    return grade_note(spec(setting + claims), note(setting, chains, define), Student("s"), policy, cache=MEMORY)


def outcomes(result: Submission) -> dict[str, str]:
    """What became of every claim of the key."""
    return {claim.id: claim.outcome for claim in result.claims}


class Memory:
    """Remembers the reports of claims, as batches do, by what the claims are."""

    def __init__(self) -> None:
        self.reports: dict[str, ClaimReport] = {}
        self.hits = 0

    def of(self, derivation: Derivation) -> MemoryOf:
        """What is remembered of the claims of a derivation."""
        return MemoryOf(self, Fingerprints(derivation, "engine", 0))


class MemoryOf:
    """The reports of the claims of one derivation."""

    def __init__(self, memory: Memory, fingerprints: Fingerprints) -> None:
        self._memory, self._fingerprints = memory, fingerprints

    def get(self, asked: Claim) -> ClaimReport | None:
        """The report of a claim."""
        found = self._memory.reports.get(self._fingerprints.of(asked))
        self._memory.hits += found is not None
        return found

    def put(self, asked: Claim, report: ClaimReport) -> None:
        """Remember a report."""
        self._memory.reports[self._fingerprints.of(asked)] = report


#: Shared by all tests, which ask much the same.
MEMORY = Memory()


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
