"""Owns the faults that are planted in the road that proves claims for every size."""

from __future__ import annotations

from typing import Any

from flint import fmpq
from planted import Fault, Patch, item, method

from derivcheck.engine.indexed import derive
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.known import Known
from derivcheck.engine.indexed.lower import IndexLowering
from derivcheck.engine.indexed.prove import EverySize
from derivcheck.engine.normal_form import ZERO

# --- the road for every size -------------------------------------------------------------------------------------


def _transposed_inner(patch: Patch) -> None:
    honest = Calculus.entry

    def symmetric(self: Any, name: str, indices: Any) -> Any:
        return honest(self, name, tuple(sorted(indices)))

    patch.setattr(Calculus, "entry", symmetric)


def _for_every_label(self: Any, p: Any, q: Any) -> None:
    for _, there in self.cases(p, signs=True) or [([], p)]:
        self._learn_kink(there, q)


INDEXED = (
    Fault(
        "index road",
        "proves everything",
        method(EverySize, "prove", lambda *_: ZERO),
        (
            "(n - 1)*(n - 2)*(n - 3)*(n - 4) == 0",
            "(n - 1)*(n - 2)*(n - 3)*(n - 4)*(n - 5) == 0",
            "sum(where(c == 4, a[c], 0) for c in n) == 0",
            "sum(where(c == 6, a[c], 0) for c in n) == 0",
            "sum(a)**5 - 10*sum(a)**3*sum(a**2) + 20*sum(a)**2*sum(a**3) + 15*sum(a)*sum(a**2)**2"
            " - 30*sum(a)*sum(a**4) - 20*sum(a**2)*sum(a**3) + 24*sum(a**5) == 0",
        ),
    ),
    Fault(
        "index road",
        "what holds at a point is used in derivatives",
        method(IndexLowering, "_needs_no_cut", lambda self, expr, frame: expr.target.kind == "variable"),
        ("D(x*y, x) == 2*x | y == x", "D(x*y, y) == 2*x | x == y"),
    ),
    Fault(
        "index road",
        "everything is known not to be 0",
        method(Known, "_is_known", lambda *_: True),
        ("indicator(x == 0) == 0", "sum(indicator(a == 0)) == 0"),
    ),
    Fault(
        "index road",
        "kinks move always",
        method(Known, "learn_kink", lambda self, p, q: self.learn("!=", p)),
        ("D(sum(relu(a*b)), b) == a*indicator(a*b > 0) + 1 - sign(a)**2",),
    ),
    Fault(
        "index road",
        "a kink for one label is one for every label",
        method(Known, "learn_kink", _for_every_label),
        ("D(sum(relu(a - z)), a) == indicator(a > z) + indicator(a == 0)*z for z in {0, 1}",),
    ),
    Fault(
        "index road",
        "sin' = -cos",
        item(derive._SLOPES, "sin", lambda c, s: c.scale(c.function("cos", s), fmpq(-1))),
        ("D(sum(sin(a)), a) == -cos(a)",),
        ("D(sum(sin(a)), a) == cos(a)",),
    ),
    Fault(
        "index road",
        "erf' = exp",
        item(derive._SLOPES, "erf", lambda c, s: c.exp(s)),
        ("D(sum(erf(a)), a) == exp(a)",),
        ("D(sum(erf(a)), a) == 2*exp(-a**2)/sqrt(pi)",),
    ),
    Fault(
        "index road",
        "atan' = 1",
        item(derive._SLOPES, "atan", lambda c, s: c.number(1)),
        ("D(sum(atan(a)), a) == 1",),
        ("D(sum(atan(a)), a) == 1/(1 + a**2)",),
    ),
    Fault(
        "index road",
        "delta is 1",
        method(Calculus, "delta", lambda self, i, j: self.number(1)),
        ("D(sum(a**2), a) == 2*sum(a)", "eye(n) @ a == sum(a)"),
        ("D(sum(a**2), a) == 2*a",),
    ),
    Fault(
        "index road",
        "sizes are 1",
        method(Calculus, "size", lambda self, dim: self.number(1)),
        ("mean(a) == sum(a)", "trace(eye(n)) == 1"),
        ("sum(a + 1) == sum(a) + n",),
    ),
    Fault(
        "index road",
        "abs changes nothing",
        method(Calculus, "absolute", lambda self, s: s),
        ("sum(abs(a)) == sum(a)",),
        ("sum(abs(-a)) == sum(abs(a))",),
    ),
    Fault(
        "index road",
        "every sign 1",
        method(Calculus, "sign", lambda self, s: self.number(1)),
        ("sum(sign(a)) == n",),
        ("sum(sign(-a)) == -sum(sign(a))",),
    ),
    Fault(
        "index road",
        "exp(s) = 1 + s",
        method(Calculus, "exp", lambda self, s: self.add(self.number(1), s)),
        ("sum(exp(a)) == n + sum(a)",),
        ("sum(exp(a + 1)) == sum(exp(a))*exp(1)",),
    ),
    Fault(
        "index road",
        "log(s) = s",
        method(Calculus, "log", lambda self, s, guarded=False: s),
        ("log(sum(exp(a))) == sum(exp(a))",),
        ("logsumexp(a + 1) == logsumexp(a) + 1",),
    ),
    Fault(
        "index road",
        "s**q = q s",
        method(Calculus, "power", lambda self, s, q, guarded=False: self.scale(s, fmpq(q.numerator, q.denominator))),
        ("sum(a**2) == 2*sum(a)", "norm(a) == sum(a**2)/2"),
        ("sum(a**2*b) == sum(a*a*b)",),
    ),
    Fault(
        "index road",
        "determinants are 1",
        method(Calculus, "determinant", lambda self, body, over: self.number(1)),
        ("det(M) == 1",),
        ("log(det(M)**2)/2 == log(abs(det(M)))",),
    ),
    Fault(
        "index road",
        "inverse is the matrix",
        method(Calculus, "inverse", lambda self, body, over, i, j: self.renamed(body, {over[0]: i, over[1]: j})),
        ("inv(M) == M",),
        ("inv(M) @ M == eye(n)",),
    ),
    Fault(
        "index road",
        "entries symmetric",
        _transposed_inner,
        ("A == A.T", "A @ A.T == A @ A"),
        ("sum(A @ a) == sum(A.T @ ones(n)*a)",),
    ),
    Fault(
        "index road",
        "everything positive",
        method(Calculus, "is_positive", lambda *_: True),
        ("sum(abs(a)) == sum(a)",),
        (),
    ),
)
