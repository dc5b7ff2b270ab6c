"""What the tests of the every-size road share: index forms as numbers at given sizes, and short proofs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product
from typing import Any

import mpmath
import numpy as np

from derivcheck.engine.indexed.prove import EverySize
from derivcheck.engine.indexed.terms import Atom, Index, Monomial, Sum
from derivcheck.engine.normal_form import Outcome
from derivcheck.engine.work import Meter
from derivcheck.lang.domains import Domain
from derivcheck.model import Claim, Derivation
from derivcheck.spec import loads

#: Sizes at which nothing agrees by accident; the second has a 1 and turns the order round.
SIZES = (
    {"n": 3, "m": 2, "h": 4, "k": 5, "d": 2, "t": 3, "s": 4, "c": 2, "B": 3, "N": 2, "a": 2, "e": 3, "p": 2, "q": 3},
    {"n": 2, "m": 5, "h": 1, "k": 3, "d": 3, "t": 2, "s": 2, "c": 3, "B": 4, "N": 3, "a": 3, "e": 2, "p": 3, "q": 2},
)
WORK = 200_000


class FormValues:
    """Index forms as numbers: float64, by the meaning of each atom. ``values`` are by the name of an array in forms
    (``variable x``, ``bound key``)."""

    def __init__(self, values: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
        self._values = values
        self._sizes = sizes

    def size(self, dim: str) -> int:
        return int(dim) if dim.isdigit() else self._sizes[dim]

    def of(self, s: Sum, at: Mapping[Index, int]) -> float:
        """The value of a sum with its free indices at positions."""
        return sum((int(c.p) / int(c.q) * self._monomial(m, at) for m, c in s.items()), 0.0)

    def _monomial(self, m: Monomial, at: Mapping[Index, int]) -> float:
        total = 0.0
        for places in product(*(range(self.size(b[0])) for b in m.bound)):
            inner = {**at, **dict(zip(m.bound, places, strict=True))}
            total += math.prod(float(self._atom(a, inner)) ** float(e) for a, e in m.factors)
        return total

    def _atom(self, atom: Atom, at: Mapping[Index, int]) -> float:
        place = tuple(i[2] if i[1] == "=" else at[i] for i in atom.indices)
        if atom.kind in ("entry", "symmetric"):
            return float(np.asarray(self._values[atom.name])[place])
        if atom.kind in _LEAVES:
            return _LEAVES[atom.kind](self, atom, place)
        if atom.binds:
            return self._binding(atom, at, place)
        arguments = [self.of(a.terms, at) for a in atom.arguments]
        return float(_FUNCTIONS[atom.kind](atom, *arguments))

    def _binding(self, atom: Atom, at: Mapping[Index, int], place: tuple[int, ...]) -> float:
        body, n = atom.arguments[0].terms, self.size(atom.binds[0][0])
        if atom.kind == "product":
            return math.prod(self.of(body, {**at, atom.binds[0]: k}) for k in range(n))
        matrix = [[self.of(body, {**at, atom.binds[0]: i, atom.binds[1]: j}) for j in range(n)] for i in range(n)]
        if atom.kind == "determinant":
            return float(np.linalg.det(np.array(matrix)))
        inverse = float(np.linalg.inv(np.array(matrix))[place])
        return inverse * float(np.linalg.det(np.array(matrix))) if "adjugate" in atom.kind else inverse


_LEAVES: dict[str, Any] = {
    "delta": lambda forms, atom, place: float(place[0] == place[1]),
    "position": lambda forms, atom, place: float(place[0]),
    "before": lambda forms, atom, place: float(place[0] < place[1]),
    "size": lambda forms, atom, place: float(forms.size(atom.name)),
    "prime": lambda forms, atom, place: float(atom.name),
    "constant": lambda forms, atom, place: {"pi": math.pi, "e": math.e}[atom.name],
}

_FUNCTIONS: dict[str, Any] = {
    "exp": lambda atom, x: math.exp(x),
    "power": lambda atom, x: x,
    "log": lambda atom, x: math.log(abs(x)) if x else math.nan,
    "sign": lambda atom, x: 1 if x >= 0 else -1,
    "zero": lambda atom, x: int(x == 0),
    "function": lambda atom, *x: getattr(
        mpmath, {"lgamma": "loggamma", "polygamma": "psi"}.get(atom.name, atom.name)
    )(*x),
    "guarded": lambda atom, x: _partial(atom.name, x),
}


def _partial(name: str, x: float) -> float:
    """A function in a branch: any number where it is undefined."""
    kind, _, q = name.partition(" ")
    if kind == "log":
        return math.log(x) if x > 0 else 7.0
    exponent = float(fraction(q))
    return x**exponent if x > 0 or (x < 0 and exponent.is_integer()) else 7.0


def fraction(text: str) -> float:
    """A number like ``-1/2``."""
    above, _, below = text.partition("/")
    return int(above) / int(below or 1)


def drawn(domain: Domain, shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Values of a variable in its domain."""
    x = rng.uniform(0.2, 1.4, shape) * rng.choice([-1, 1], shape)
    match domain.kind:
        case "positive" | "nonnegative":
            return abs(x)
        case "finite":
            return rng.choice([float(v) for v in domain.values], shape)
        case "integer":
            return np.round(3 * x)
        case "interval":
            low = -2.0 if domain.low is None else float(domain.low)
            high = low + 2 if domain.high is None else float(domain.high)
            return low + (high - low) * rng.uniform(0.05, 0.95, shape)
        case "simplex":
            return abs(x) / abs(x).sum()
        case "one-hot":
            hot = np.zeros(x.size)
            hot[rng.integers(x.size)] = 1
            return hot.reshape(shape)
        case "symmetric":
            return x + x.T
        case "positive definite":
            return x @ x.T + np.eye(len(x))
        case "invertible":
            return x + 4 * np.eye(len(x))
        case "diagonal":
            return x * np.eye(len(x))
        case "orthogonal":
            return np.linalg.qr(x)[0]
        case _:
            return x


def derivation(body: str) -> Derivation:
    """A spec without its first two lines."""
    return loads(f"derivcheck: 1\ntitle: a test\n{body}", "test.deriv.yaml")


def outcomes(derivation_: Derivation, claim: Claim, work: int = WORK) -> list[Outcome]:
    """What is shown of each link of a claim."""
    assert claim.statement is not None
    road = EverySize(derivation_)
    conditions = (*derivation_.assume, *claim.when)
    quantifiers = claim.statement.quantifiers
    return [road.prove(k.left, k.right, quantifiers, conditions, Meter(work)) for k in claim.statement.links]


def kinds(setting: str, *statements: str) -> list[str]:
    """Whether statements are shown (``zero``) or not (``open``)."""
    lines = "".join("  c{}: '{}'\n".format(i, text.replace("'", "''")) for i, text in enumerate(statements))
    spec = derivation(f"{setting}claims:\n{lines}")
    found = []
    for claim in spec.claims:
        assert claim.statement is not None, (claim.text, claim.problems)
        shown = {outcome.kind for outcome in outcomes(spec, claim)}
        found.append("zero" if shown == {"zero"} else "open")
    return found
