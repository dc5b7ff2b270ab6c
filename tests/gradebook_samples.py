"""Submissions made by hand, as grading would make them, for the tests of what is handed back."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from derivcheck.grading.model import ClaimResult, FormulaResult, Mark, Outcome, StepResult, Student, Submission

NOTE = r"""# Logistic regression, one sample

We have $z = w^T x + b$ and $\hat{y} = \sigma(z)$, with the loss

$$L = -y \ln \hat{y} - (1 - y) \ln(1 - \hat{y})$$

First by the output:
\[
\begin{aligned}
\frac{\partial L}{\partial \hat{y}} &= -\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}} \\
&= \frac{\hat{y} - y}{\hat{y}(1-\hat{y})}
\end{aligned}
\]
Then $\frac{d\hat{y}}{dz} = \hat{y}(1 + \hat{y})$, and so

$$\frac{\partial L}{\partial z} = \frac{\hat{y} - y}{\hat{y}(1-\hat{y})} \cdot \hat{y}(1 + \hat{y}) = \frac{(\hat{y} - y)(1 + \hat{y})}{1 - \hat{y}}$$

With that $\nabla_w L = \left( \frac{(\hat{y} - y)(1 + \hat{y})}{1 - \hat{y}} \right) x$.

I am not sure about $\oint_? L \, d w$ and the Hessian:

$$\frac{\partial^2 L}{\partial z^2} = \hat{y}(1-\hat{y})$$
"""  # noqa: E501


def place(text: str, piece: str) -> tuple[int, int]:
    """Where a piece stands in a text; it must be there."""
    start = text.index(piece)
    return start, start + len(piece)


def formula(
    text: str, piece: str, *, signs: int = 1, display: bool = False, steps: tuple[int, ...] = (), **more: object
) -> FormulaResult:
    start, end = place(text, piece)
    line = text.count("\n", 0, start) + 1
    return FormulaResult(start, end, start + signs, end - signs, line, display, steps=steps, **more)  # type: ignore[arg-type]


def step(
    text: str, right: str, left: str, mark: Mark, claim: str, of: str | None, index: int = 0, **more: object
) -> StepResult:
    start, end = place(text, right)
    line = text.count("\n", 0, start) + 1
    verdict = {"right": "proved", "follows": "refuted", "wrong": "refuted", "review": "undecided"}[mark]
    return StepResult(claim, index, of, start, end, line, left, "=", right, verdict, mark, **more)  # type: ignore[arg-type]


def ada() -> Submission:
    """One slip, work that follows from it, a formula that was not read, a step that was not decided."""
    text = NOTE
    steps = (
        step(
            text,
            r"-\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}}",
            r"\frac{\partial L}{\partial \hat{y}}",
            "right",
            "s1",
            "dy",
        ),
        step(
            text,
            r"\frac{\hat{y} - y}{\hat{y}(1-\hat{y})}",
            r"-\frac{y}{\hat{y}} + \frac{1-y}{1-\hat{y}}",
            "right",
            "s1",
            "dy",
            1,
        ),
        step(
            text,
            r"\hat{y}(1 + \hat{y})",
            r"\frac{d\hat{y}}{dz}",
            "wrong",
            "s2",
            "dz",
            because="The two sides differ at a point.",
            witness=(("z", "3/2"), ("left side", "0.14914645…"), ("right side", "1.48605…")),
            kind="sign",
            diagnosis=r"a sign, y_hat*(1 - y_hat) for y_hat*(1 + y_hat)",
        ),
        step(
            text,
            r"\frac{\hat{y} - y}{\hat{y}(1-\hat{y})} \cdot \hat{y}(1 + \hat{y})",
            r"\frac{\partial L}{\partial z}",
            "follows",
            "s3",
            "dLdz",
            carried_from="dz",
        ),
        step(
            text,
            r"\frac{(\hat{y} - y)(1 + \hat{y})}{1 - \hat{y}}$$",
            r"\frac{\hat{y} - y}{\hat{y}(1-\hat{y})} \cdot \hat{y}(1 + \hat{y})",
            "right",
            "s3",
            "dLdz",
            1,
        ),
        step(
            text,
            r"\left( \frac{(\hat{y} - y)(1 + \hat{y})}{1 - \hat{y}} \right) x",
            r"\nabla_w L",
            "follows",
            "s4",
            "dLdw",
            carried_from="dz",
        ),
        step(
            text,
            r"\hat{y}(1-\hat{y})$$",
            r"\frac{\partial^2 L}{\partial z^2}",
            "review",
            "s5",
            "hess",
            because="No proof and no counterexample was found within the work that it may cost.",
        ),
    )
    formulas = (
        formula(text, r"$z = w^T x + b$", kinds=("definition",)),
        formula(text, r"$\hat{y} = \sigma(z)$", kinds=("definition",)),
        formula(
            text,
            r"$$L = -y \ln \hat{y} - (1 - y) \ln(1 - \hat{y})$$",
            signs=2,
            display=True,
            kinds=("definition",),
            remarks=(r"\ln is read as the natural logarithm.",),
        ),
        formula(
            text,
            text[text.index(r"\[") : text.index(r"\]") + 2],
            signs=2,
            display=True,
            steps=(0, 1),
            kinds=("claim",),
        ),
        formula(text, r"$\frac{d\hat{y}}{dz} = \hat{y}(1 + \hat{y})$", steps=(2,), kinds=("claim",)),
        formula(
            text,
            text[text.index(r"$$\frac{\partial L}{\partial z}") : text.index("\n\nWith that")],
            signs=2,
            display=True,
            steps=(3, 4),
            kinds=("claim",),
        ),
        formula(
            text,
            r"$\nabla_w L = \left( \frac{(\hat{y} - y)(1 + \hat{y})}{1 - \hat{y}} \right) x$",
            steps=(5,),
            kinds=("claim",),
        ),
        formula(
            text,
            r"$\oint_? L \, d w$",
            problem=r"\oint is no notation that is read",
            hint="Write it in words, or leave it out.",
            problem_start=place(text, r"\oint")[0],
            problem_end=place(text, r"\oint")[1],
            suggestions=(r"\oint read as \int, which states nothing",),
        ),
        formula(
            text,
            r"$$\frac{\partial^2 L}{\partial z^2} = \hat{y}(1-\hat{y})$$",
            signs=2,
            display=True,
            steps=(6,),
            kinds=("claim",),
        ),
    )
    half = Fraction(1, 2)
    claims = (
        ClaimResult(
            "dy",
            "The loss by the output",
            "D(L, y_hat) == (y_hat - y)/(y_hat*(1 - y_hat))",
            "right",
            Fraction(2),
            Fraction(2),
            "Every step is right.",
            (0, 1),
            start=place(text, r"\[")[0],
            end=place(text, r"\]")[1],
        ),
        ClaimResult(
            "dz",
            "The sigmoid's derivative",
            "D(y_hat, z) == y_hat*(1 - y_hat)",
            "wrong",
            Fraction(0),
            Fraction(2),
            "This is not the derivative.",
            (2,),
            2,
            *place(text, r"$\frac{d\hat{y}}{dz} = \hat{y}(1 + \hat{y})$"),
            "sign",
            "a sign, y_hat*(1 - y_hat) for y_hat*(1 + y_hat)",
        ),
        ClaimResult(
            "dLdz",
            "The loss by z",
            r"$\frac{\partial L}{\partial z} = \hat{y} - y$",
            "follows",
            Fraction(3) - half,
            Fraction(3),
            "It follows from your derivative of the sigmoid.",
            (3, 4),
            None,
            *place(text, r"\frac{\partial L}{\partial z} ="),
        ),
        ClaimResult(
            "dLdw",
            "The gradient by w",
            "D(L, w) == (y_hat - y)*x",
            "follows",
            Fraction(1, 3),
            Fraction(1, 3),
            "It follows from your derivative of the loss by z.",
            (5,),
            None,
            *place(text, r"\nabla_w L"),
        ),
        ClaimResult(
            "dLdb",
            "The derivative by b",
            "D(L, b) == y_hat - y",
            "not found",
            Fraction(0),
            Fraction(1),
            "It is nowhere stated.",
        ),
        ClaimResult(
            "hess",
            "The second derivative",
            "D(L, z, z) == y_hat*(1 - y_hat)",
            "review",
            Fraction(0),
            Fraction(1),
            "It could not be decided.",
            (6,),
            None,
            *place(text, r"\frac{\partial^2 L}{\partial z^2}"),
            review=("line 23: the second derivative could not be decided",),
        ),
    )
    return Submission(
        Student("ada", "Ada Lovelace", "ada@example.org", "canvas:4711"),
        "submissions/lovelaceada_4711_991_notes.md",
        text,
        "Logistic regression",
        claims,
        steps,
        formulas,
        review=("line 21: a formula could not be read",),
    )


def broken() -> Submission:
    """Nothing was graded."""
    reason = "it took longer than 60 seconds"
    return Submission(
        Student("broken"),
        "submissions/broken.md",
        "$x$\n" * 3,
        "Logistic regression",
        failure=reason,
        review=(reason,),
    )


def with_outcomes(name: str, outcomes: dict[str, tuple[Outcome, str]]) -> Submission:
    """Ada's submission as another's, with other outcomes of its claims."""
    given = ada()
    claims = []
    for claim in given.claims:
        outcome, kind = outcomes.get(claim.id, ("right", ""))
        part = {"right": Fraction(1), "follows": Fraction(1), "slip": Fraction(3, 4)}.get(outcome, Fraction(0))
        claims.append(
            replace(
                claim,
                outcome=outcome,
                points=claim.of * part,
                kind=kind,
                diagnosis=kind,
                review=(),
                steps=(),
                first_wrong=None,
            )
        )
    identity = name.rsplit(maxsplit=1)[-1].lower()
    return replace(
        given,
        student=Student(identity, name, f"{identity}@example.org"),
        path=f"submissions/{identity}.md",
        claims=tuple(claims),
        steps=(),
        formulas=(),
        review=(),
    )


def a_class() -> list[Submission]:
    """A small class, one of whom was not graded."""
    return [
        ada(),
        broken(),
        with_outcomes("Grace Hopper", {}),
        with_outcomes("Emmy Noether", {"dz": ("wrong", "sign"), "dLdb": ("not found", "")}),
        with_outcomes("Alan Turing", {"dz": ("slip", ""), "dLdw": ("wrong", "transpose"), "hess": ("wrong", "")}),
        with_outcomes("Kurt Goedel", {"hess": ("review", "")}),
    ]


EVIL = (
    "<script>window.owned = 1</script>",
    "</title><script>window.owned = 1</script><b title='",
    '<img src=x onerror="window.owned = 1">',
    '"><svg onload=window.owned=1>',
    "</style><style>body { display: none }</style>",
    "</annotation></semantics></math><script>window.owned=1</script>",
    "<!-- ",
    "--><![CDATA[",
    "]]>",
    "<?php",
    "&lt;script&gt;&amp;&#60;&#x3c;",
    "[x](javascript:window.owned=1)",
    "javascript:window.owned=1",
    "data:text/html,<script>window.owned=1</script>",
    "nul\x00esc\x1b[31mbell\x07",
    "\u202eright to left\u202c",
    "\u2066isolated\u2069",
    "\ufeffmark\u200bspace",
    "\ufffe\uffff",
    "=cmd|' /C calc'!A0",
    "${7*7} {{7*7}} {0.__class__} %s %n",
    "'; DROP TABLE students; --",
    "\ud800half",
    "עברית מימין לשמאל",
    "é e\u0301 ﬁ 𝒳 👩\u200d🔬",
    "tab\there",
    "cr\rhere",
    "  two  blanks ",
)
EVIL_LATEX = (
    r"\href{javascript:window.owned=1}{x}",
    r"\text{<img src=x onerror=window.owned=1>}",
    r"\color{red\" onload=\"x}y",
    r"\def\a{\a\a}\a",
    r"\style{position:fixed}{x}",
    r"\class{notice}{x}",
    r"\text{</math><script>window.owned=1</script>}",
    r"\text{&lt;b&gt;&#x3c;script&#x3e;}",
    r"\unknown{x}",
    r"\frac{1}",
    "{" * 200 + "x" + "}" * 200,
    r"\left(" * 90,
    "x_" * 400,
    r"\hspace{9999em}x",
    r"\phantom{x}",
    r"\rule{99em}{99em}",
    "x" * 20_000,
    r"\input{/etc/passwd}",
    r"\unicode{x202e}",
    r"\text{" + "\u202e" + "}",
    "x \x00 y",
    r"\begin{matrix}" + "&" * 500 + r"\end{matrix}",
    r"\verb|<script>|",
    r"\mathchar`<",
    r"a \\ b & c",
    r"\tag{<b>}",
    "%hidden\n x",
)


def hostile() -> Submission:
    """Everything in a submission that could be more than text, wherever text is shown."""
    text, formulas, steps = "", [], []
    for line in EVIL:
        text += f"{line}\n"
    for index, latex in enumerate(EVIL_LATEX):
        start = len(text)
        text += f"$${latex}$$"
        line = text.count("\n") + 1
        formulas.append(
            FormulaResult(
                start,
                len(text),
                start + 2,
                len(text) - 2,
                line,
                True,
                ("claim",),
                (index,),
                EVIL[index % len(EVIL)],
                EVIL[(index + 1) % len(EVIL)],
                start,
                len(text),
                (latex,),
                (latex,),
            )
        )
        steps.append(
            StepResult(
                EVIL[3],
                index,
                "evil",
                start,
                len(text),
                line,
                latex,
                "=",
                latex,
                "refuted",
                "wrong",
                EVIL[index % len(EVIL)],
                ((EVIL[4], EVIL[5]),),
                EVIL[2],
                EVIL[1],
                EVIL[0],
            )
        )
        text += "\n"
    claim = ClaimResult(
        "evil",
        EVIL[1],
        f"${EVIL_LATEX[0]}$",
        "wrong",
        Fraction(-1, 3),
        Fraction(7, 3),
        EVIL[2],
        tuple(range(len(steps))),
        0,
        0,
        5,
        EVIL[0],
        EVIL[2],
        EVIL,
    )
    return Submission(
        Student("mallory", EVIL[1], EVIL[19]),
        EVIL[3],
        text,
        EVIL[4],
        (claim,),
        tuple(steps),
        tuple(formulas),
        EVIL,
        EVIL[0],
    )


def many_formulas(count: int) -> Submission:
    """A submission of nothing but formulas, each of them a step."""
    piece = r"$\frac{\partial L}{\partial z} = \hat{y} - y$"
    text = "\n".join([piece] * count)
    width = len(piece) + 1
    formulas = tuple(
        FormulaResult(
            i * width, i * width + width - 1, i * width + 1, i * width + width - 2, i + 1, False, ("claim",), (i,)
        )
        for i in range(count)
    )
    steps = tuple(
        StepResult("s", i, "c", i * width + 3, i * width + width - 1, i + 1, "L", "=", "y", "refuted", "wrong")
        for i in range(count)
    )
    claim = ClaimResult(
        "c", "All", "L == y", "wrong", Fraction(0), Fraction(1), "No.", tuple(range(count)), 0, 0, width
    )
    return Submission(Student("many"), "many.md", text, "Many", (claim,), steps, formulas)
