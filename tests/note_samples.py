"""Hand-made reports of notes: a formula of each standing, and one note whose every text is hostile."""

from __future__ import annotations

from dataclasses import replace

from report_samples import HOSTILE, WITNESS

from derivcheck.errors import Problem
from derivcheck.model import Derivation
from derivcheck.notes.model import Formula, Note, NoteReport, Part, Suggestion
from derivcheck.source import Source, Span
from derivcheck.spec import loads
from derivcheck.verdict import ClaimReport, StepReport, Verdict

TEXT = r"""# Homework 3

The output is $\hat y = \sigma(z)$ and the loss
$$L = -y \ln \hat y - (1-y) \ln(1 - \hat y).$$
Then
$$\frac{\partial L}{\partial z} = -\frac{y}{\hat y} + \frac{1-y}{1-\hat y}$$
$$= \hat y - y$$
so $\nabla_w L = (\hat y - y) x^T$, and by table $\int_0^1 z\,dz = 1/2$, where $-y \text{lu} g$ and
$\Gamma(z^2 + 1) = z^2\,\Gamma(z^2)$. We put $w := w - \alpha g$.
"""
SOURCE = Source("notes/homework.md", TEXT)

KEY = """\
derivcheck: 1
title: The names of the sample
variables:
  w: [n, 1]
  x: [n, 1]
  y: {}
define:
  z: (w.T @ x)[0, 0]
  yhat: sigmoid(z)
  L: -y*log(yhat) - (1 - y)*log(1 - yhat)
claims:
  l6: D(L, z) == -y/yhat + (1 - y)/(1 - yhat) == yhat - y
  l8: D(L, w) == (yhat - y)*x
  l9: gamma(z**2 + 1) == z**2*gamma(z**2)
"""


def span(text: str) -> Span:
    """The span of the first occurrence of a text in the note."""
    start = TEXT.index(text)
    return Span(start, start + len(text))


def _formula(content: str, *parts: Part, display: bool = False, problem: Problem | None = None) -> Formula:
    inside = span(content)
    signs = 2 if display else 1
    return Formula(Span(inside.start - signs, inside.end + signs), inside, display, parts, problem)


def derivation() -> Derivation:
    """The names of the note, and what it states."""
    return loads(KEY, "notes/homework.md")


FORMULAS = (
    _formula(r"\hat y = \sigma(z)", Part("definition", span(r"\hat y = \sigma(z)"), name="yhat")),
    _formula(
        r"L = -y \ln \hat y - (1-y) \ln(1 - \hat y).",
        Part("definition", span(r"L = -y \ln \hat y - (1-y) \ln(1 - \hat y)"), name="L"),
        display=True,
    ),
    _formula(
        r"\frac{\partial L}{\partial z} = -\frac{y}{\hat y} + \frac{1-y}{1-\hat y}",
        Part("claim", span(r"\frac{\partial L}{\partial z} = -\frac{y}{\hat y}"), "l6", (0, 1)),
        display=True,
    ),
    _formula("= \\hat y - y", Part("claim", span("= \\hat y - y"), "l6", (1, 2)), display=True),
    _formula(
        r"\nabla_w L = (\hat y - y) x^T",
        Part("claim", span(r"\nabla_w L = (\hat y - y) x^T"), "l8", (0, 1), remarks=("a matrix product here",)),
    ),
    _formula(r"\int_0^1 z\,dz = 1/2", problem=Problem("latex", r"`\int` cannot be read", span(r"\int"), "leave it")),
    _formula(r"-y \text{lu} g", problem=Problem("latex", "`lu` is not declared", span(r"\text{lu}"))),
    _formula(
        r"\Gamma(z^2 + 1) = z^2\,\Gamma(z^2)",
        Part("claim", span(r"\Gamma(z^2 + 1) = z^2\,\Gamma(z^2)"), "l9", (0, 1)),
    ),
    _formula(r"w := w - \alpha g", Part("assignment", span(r"w := w - \alpha g"), name="w")),
)

_HEAD, _MIDDLE, _END = r"\frac{\partial L}{\partial z}", r"-\frac{y}{\hat y} + \frac{1-y}{1-\hat y}", r"\hat y - y"
CLAIMS = (
    ClaimReport(
        id="l6", statement=f"{_HEAD} = {_MIDDLE} = {_END}", span=span(_MIDDLE), claim_span=span(_HEAD),
        expect="holds",
        verdict=Verdict.REFUTED, ok=False, because="the two sides differ at a point",
        steps=(
            StepReport(0, _HEAD, _MIDDLE, "==", Verdict.REFUTED, span(_MIDDLE), witness=WITNESS),
            StepReport(1, _MIDDLE, _END, "==", Verdict.REFUTED, span("= \\hat y - y"), witness=WITNESS),
        ),
        first_wrong_step=0, witness=WITNESS, notes=("off the kinks",),
        diagnosis="the inner derivative is missing: the factor yhat*(1 - yhat)",
    ),
    ClaimReport(
        id="l8", statement=r"\nabla_w L = (\hat y - y) x^T", span=span(r"(\hat y - y) x^T"),
        claim_span=span(r"\nabla_w L"), expect="holds", verdict=Verdict.INVALID, ok=False,
        because="the shapes do not fit",
        problems=(Problem("shape", "[n, 1] on the left, [1, n] on the right", span(r"(\hat y - y) x^T"), "no ^T"),),
    ),
    ClaimReport(
        id="l9", statement=r"\Gamma(z^2 + 1) = z^2\,\Gamma(z^2)", span=span(r"z^2\,\Gamma(z^2)"),
        claim_span=span(r"\Gamma(z^2 + 1)"), expect="holds", verdict=Verdict.SUPPORTED, ok=False,
        because="agrees at 24 random points to 30 digits",
        steps=(StepReport(0, "a", "b", "==", Verdict.SUPPORTED, span(r"z^2\,\Gamma(z^2)")),),
    ),
)  # fmt: skip

SUGGESTIONS = (
    Suggestion(6, r"-y \ln \hat y", r"`lu` read as `\ln` and `g` as `\hat y`"),
    Suggestion(4, r"\nabla_w L = (\hat y - y) x", "`^T` left out", Verdict.PROVED),
    Suggestion(5, r"\ln_0^1 z\,dz = 1/2", r"`\int` read as `\ln`", Verdict.REFUTED, "the two sides differ"),
)

NOTE = Note(
    SOURCE,
    derivation(),
    FORMULAS,
    (Problem("document", "this heading is no formula", span("Homework"), "begin:\n---\nx: []"),),
)
REPORT = NoteReport(SOURCE.path, SOURCE, NOTE, CLAIMS, SUGGESTIONS)

#: The same note with nothing amiss.
CLEAN = NoteReport(
    SOURCE.path,
    SOURCE,
    replace(NOTE, formulas=tuple(one for one in FORMULAS if one.problem is None), problems=()),
    tuple(replace(one, verdict=Verdict.PROVED, ok=True, problems=(), witness=None) for one in CLAIMS),
)
UNREADABLE = NoteReport(
    "notes/other.md", Source("notes/other.md", ""), None, problems=(Problem("file", "there is no such file"),)
)
FAULTY = replace(CLEAN, path="notes/z.md", claims=CLEAN.claims[1:], faults=("l6: two roads to L disagree",))

# --- every text hostile

_BAD = Source(f"{HOSTILE}.md", f"text ${HOSTILE.replace(chr(10), '')}{'x + ' * 60}1$\n")
_IN = Span(_BAD.text.index("$"), len(_BAD.text) - 1)
_PROBLEM = Problem(HOSTILE, HOSTILE, _IN, HOSTILE)
_NAMES = derivation()
HOSTILE_REPORT = NoteReport(
    _BAD.path,
    _BAD,
    Note(
        _BAD,
        replace(_NAMES, claims=tuple(replace(claim, id=HOSTILE) for claim in _NAMES.claims[:1])),
        (
            Formula(_IN, _IN, False, (), _PROBLEM),
            Formula(_IN, _IN, True, (Part("claim", _IN, HOSTILE, (0, 1), HOSTILE, (HOSTILE,)),)),
        ),
        (_PROBLEM,),
    ),
    (replace(CLAIMS[0], id=HOSTILE, statement=HOSTILE, span=_IN, claim_span=_IN, because=HOSTILE, notes=(HOSTILE,),
             diagnosis=HOSTILE, problems=()),),
    (Suggestion(0, HOSTILE, HOSTILE, Verdict.PROVED),),
    faults=(HOSTILE,),
)  # fmt: skip
HOSTILE_FILE = NoteReport(HOSTILE, _BAD, None, problems=(_PROBLEM,))

EVERY_STANDING = (REPORT, UNREADABLE, FAULTY)
EVERY_HOSTILE = (HOSTILE_REPORT, HOSTILE_FILE)
