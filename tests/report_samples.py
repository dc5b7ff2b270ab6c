"""Hand-made run reports: one claim of each verdict and kind, and one run whose every text is hostile."""

from __future__ import annotations

from derivcheck.errors import Problem
from derivcheck.source import Source, Span
from derivcheck.verdict import ClaimReport, RunReport, SpecReport, StepReport, Verdict, Witness

SPEC_TEXT = """\
derivcheck: 1
title: One sigmoid unit, gradient of its output

variables:
  x: [n, 1]
  w: [n, 1]

define:
  u: (w.T @ x)[0, 0]
  f: 1/(1 + exp(-u))

claims:
  df-dw:
    of: f
    wrt: w
    gradient: x*f*(1 + f)
    steps:
      - x*exp(-u)/(1 + exp(-u))**2
    cite: N2-11
  true-gradient: D(f, w) == x*f*(1 - f)
  point: f ≈ 0.41
  known-error:
    statement: D(f, u) == f*(1 + f)
    expect: fails
    correct: f*(1 - f)
    because: the derivative of a sigmoid falls with f
  hard: erf(u) + erfi(u) <= 3
  agrees: gamma(u**2 + 1) == u**2*gamma(u**2)
  shapes: D(f, w) == x.T*f*(1 - f)
"""
SOURCE = Source("specs/unit.deriv.yaml", SPEC_TEXT)


def span(text: str, source: Source = SOURCE) -> Span:
    """The span of the first occurrence of a text."""
    start = source.text.index(text)
    return Span(start, start + len(text))


WITNESS = Witness(
    point={"w": (("2",), ("-3",)), "x": (("1/2",), ("-1",))},
    left="0.0088312…",
    right="0.49110…",
    entry=(0, 0),
    sizes={"n": 2},
)

CLAIMS = (
    ClaimReport(
        id="df-dw",
        statement="D(f, w) == x*exp(-u)/(1 + exp(-u))**2 == x*f*(1 + f)",
        span=span("x*f*(1 + f)"),
        claim_span=span("df-dw"),
        expect="holds",
        verdict=Verdict.REFUTED,
        ok=False,
        because="the two sides differ at a point",
        steps=(
            StepReport(
                0, "D(f, w)", "x*exp(-u)/(1 + exp(-u))**2", "==", Verdict.PROVED,
                span("x*exp(-u)/(1 + exp(-u))**2"), sizes="every",
            ),
            StepReport(
                1, "x*exp(-u)/(1 + exp(-u))**2", "x*f*(1 + f)", "==", Verdict.REFUTED,
                span("x*f*(1 + f)"), because="the two sides differ at a point", witness=WITNESS,
            ),
        ),
        first_wrong_step=1,
        witness=WITNESS,
        diagnosis="a sign: x*f*(1 - f) would be right",
        cite="N2-11",
    ),
    ClaimReport(
        id="true-gradient", statement="D(f, w) == x*f*(1 - f)", span=span("D(f, w) == x*f*(1 - f)"),
        claim_span=span("true-gradient"), expect="holds", verdict=Verdict.PROVED, ok=True,
        because="equal as exact normal forms", sizes="every", notes=("checked off the kink at u = 0",),
        steps=(StepReport(0, "D(f, w)", "x*f*(1 - f)", "==", Verdict.PROVED,
                          span("D(f, w) == x*f*(1 - f)"), sizes="every"),),
    ),
    ClaimReport(
        id="point", statement="f ≈ 0.41", span=span("f ≈ 0.41"), claim_span=span("point"), expect="holds",
        verdict=Verdict.PROVED, ok=True, because="0.41 is f correctly rounded", sizes="n=2",
        notes=("checked off the kink at u = 0",),
    ),
    ClaimReport(
        id="known-error", statement="D(f, u) == f*(1 + f)", span=span("D(f, u) == f*(1 + f)"),
        claim_span=span("known-error"), expect="fails", verdict=Verdict.REFUTED, ok=True,
        because="the two sides differ at a point", witness=Witness({"u": "0"}, "0.25000…", "0.75000…"),
        correct="D(f, u) == f*(1 - f)", correct_verdict=Verdict.PROVED,
        reason="the derivative of a sigmoid falls with f",
    ),
    ClaimReport(
        id="hard", statement="erf(u) + erfi(u) <= 3", span=span("erf(u) + erfi(u) <= 3"), claim_span=span("hard"),
        expect="holds", verdict=Verdict.UNDECIDED, ok=False, because="neither proved nor refuted within the budget",
    ),
    ClaimReport(
        id="agrees", statement="gamma(u**2 + 1) == u**2*gamma(u**2)", span=span("gamma(u**2 + 1) == "),
        claim_span=span("agrees"), expect="holds", verdict=Verdict.SUPPORTED, ok=False,
        because="agrees at 24 random points to 30 digits",
    ),
    ClaimReport(
        id="shapes", statement="D(f, w) == x.T*f*(1 - f)", span=span("D(f, w) == x.T*f*(1 - f)"),
        claim_span=span("shapes"), expect="holds", verdict=Verdict.INVALID, ok=False,
        because="== needs equal shapes: [n, 1] on its left, [1, n] on its right",
        problems=(
            Problem(
                "shape", "== needs equal shapes: [n, 1] on its left, [1, n] on its right",
                span("D(f, w) == x.T*f*(1 - f)"), "leave out .T",
            ),
        ),
    ),
)  # fmt: skip

BROKEN = Source("specs/broken.deriv.yaml", "derivcheck: 1\ntitle: Broken\nclaim:\n  a: 1 == 1\n")

EVERY_VERDICT = RunReport(
    (
        SpecReport(
            BROKEN.path, "", BROKEN,
            problems=(
                Problem("key", "unknown key: claim", span("claim", BROKEN), "did you mean claims?"),
                Problem("key", "there is no key: claims"),
            ),
        ),
        SpecReport("specs/missing.deriv.yaml", "", None, (Problem("file", "there is no such file or folder"),)),
        SpecReport(SOURCE.path, "One sigmoid unit, gradient of its output", SOURCE, claims=CLAIMS),
        SpecReport(
            "specs/z.deriv.yaml", "A fault", Source("specs/z.deriv.yaml", "x"),
            faults=("second: two roads to D(f, w)[0, 0] disagree",),
        ),
    )
)  # fmt: skip

#: Markup of every format, terminal escapes, what ends a CDATA section or a command, and characters of odd widths.
HOSTILE = (
    "<script>alert(1)</script> [bold]b[/bold] [/] [link=file:///]l[/link] :smile: \x1b[31mred\x1b[0m \x9b2J "
    "]]> <![CDATA[ &amp; \"q\" 'a' `c` ``d`` $x$ % %0A ::error:: \u202egnp.exe \u200b\u2066 \x00\x07\x7f 日本語 "
    "e\u0301 \U0001f600 \ud800 \ufffe line\nbreak\r\nand\ttab {0.__class__} =cmd()"
)
_HOSTILE_SOURCE = Source(f"specs/{HOSTILE}.deriv.yaml", f"title: x\n{HOSTILE.replace(chr(10), '')}: {'x + ' * 60}1\n")
_HOSTILE_SPAN = Span(_HOSTILE_SOURCE.text.index("x + "), len(_HOSTILE_SOURCE.text) - 1)
_HOSTILE_WITNESS = Witness(
    {HOSTILE: (HOSTILE,)}, HOSTILE, HOSTILE, index={HOSTILE: HOSTILE}, sizes={HOSTILE: 1}, explanation=HOSTILE
)

HOSTILE_RUN = RunReport(
    (
        SpecReport(
            _HOSTILE_SOURCE.path, HOSTILE, _HOSTILE_SOURCE,
            claims=tuple(
                ClaimReport(
                    id=HOSTILE, statement=HOSTILE, span=_HOSTILE_SPAN, claim_span=_HOSTILE_SPAN, expect="holds",
                    verdict=verdict, ok=verdict is Verdict.PROVED, because=HOSTILE, sizes=HOSTILE,
                    steps=tuple(
                        StepReport(i, HOSTILE, HOSTILE, "==", verdict, _HOSTILE_SPAN, HOSTILE) for i in range(2)
                    ),
                    first_wrong_step=0, notes=(HOSTILE,), witness=_HOSTILE_WITNESS, diagnosis=HOSTILE,
                    correct=HOSTILE, correct_verdict=Verdict.PROVED, reason=HOSTILE, points=HOSTILE, cite=HOSTILE,
                )
                for verdict in (Verdict.PROVED, Verdict.REFUTED)
            ),
            faults=(HOSTILE,),
        ),
        SpecReport(
            HOSTILE, "", _HOSTILE_SOURCE, problems=(Problem(HOSTILE, HOSTILE, _HOSTILE_SPAN, HOSTILE),),
        ),
    )
)  # fmt: skip
