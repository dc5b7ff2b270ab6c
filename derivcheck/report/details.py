"""Owns what is said of a claim that needs a reader: the place, the claim, its wrong step, witness and remedy.

Plain values, dressed by whoever shows them: the terminal report, the pytest plugin, the Python API.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from derivcheck.errors import Problem
from derivcheck.report.interface import nested, one_line, place, sizes_words, verdict_words
from derivcheck.source import Source, Span, columns
from derivcheck.verdict import ClaimReport, StepReport, Verdict, Witness


@dataclass(frozen=True, slots=True)
class Detail:
    """A label and its lines of text, safe to show."""

    label: str
    lines: tuple[str, ...]


def details(claim: ClaimReport) -> tuple[Detail, ...]:
    """Everything worth knowing of a claim, besides its place; empty parts are left out."""
    step = wrong_step(claim)
    witness = claim.witness or (step.witness if step else None)
    rows: list[tuple[str, list[str]]] = [
        ("claim", [claim.statement]),
        ("steps", _steps(claim)),
        ("wrong step", [f"{step.index}: {step.left} {step.relation} {step.right}"] if step else []),
        ("because", [claim.because]),
        ("witness", _witness(witness) if witness else []),
        ("perhaps", [claim.diagnosis or ""]),
        ("correct", _correction(claim)),
        ("spec says", [claim.reason or ""]),
        ("note", list(claim.notes)),
        ("cite", [claim.cite or ""]),
    ]
    told = {problem.message for problem in claim.problems}
    safe = ((label, tuple(_clip(one_line(t)) for t in lines if t and t not in told)) for label, lines in rows)
    return tuple(Detail(label, lines) for label, lines in safe if lines)


def _clip(text: str, limit: int = 2000) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def wrong_step(claim: ClaimReport) -> StepReport | None:
    """The first wrong step of a claim that has more than one."""
    if claim.first_wrong_step is None or len(claim.steps) < 2:
        return None
    return next((step for step in claim.steps if step.index == claim.first_wrong_step), None)


def _steps(claim: ClaimReport) -> list[str]:
    if len(claim.steps) < 2:
        return []
    return [", ".join(f"{step.index} {step.verdict.value}" for step in claim.steps)]


def _witness(witness: Witness) -> list[str]:
    entry = f"[{', '.join(str(i) for i in witness.entry)}]" if witness.entry else ""
    return [
        *_assignments(witness.sizes),
        *_assignments(witness.index),
        *(f"{name} = {nested(value)}" for name, value in witness.point.items()),
        *(_function(name, coefficients) for name, coefficients in witness.functions.items()),
        f"left{entry}  = {witness.left}",
        f"right{entry} = {witness.right}",
        witness.explanation or "",
    ]


def _function(name: str, coefficients: tuple[str, ...]) -> str:
    """What stands for a function of which nothing is known, or only how it is differentiated."""
    if len(coefficients) == 1:
        return f"{name}(…) = {coefficients[0]}"
    powers = ("", "*t", *(f"*t**{k}" for k in range(2, len(coefficients))))
    return f"{name}(t) = " + " + ".join(c + power for c, power in zip(coefficients, powers, strict=True))


def _assignments(values: Mapping[str, str] | Mapping[str, int]) -> list[str]:
    joined = ", ".join(f"{name} = {value}" for name, value in values.items())
    return [joined] if joined else []


def _correction(claim: ClaimReport) -> list[str]:
    if claim.correct is None:
        return []
    said = f" ({claim.correct_verdict.value})" if claim.correct_verdict else ""
    return [claim.correct + said]


def excerpt(source: Source | None, span: Span | None, width: int) -> tuple[str, ...]:
    """The numbered line of a span and carets under it, at most ``width`` columns; empty without text."""
    if source is None or span is None or not source.text or span.start > len(source.text):
        return ()
    number, _ = source.position(span.start)
    gutter = f"{number} │ "
    room = max(20, width - len(gutter) - 2)
    lines = source.excerpt(span, room).split("\n")
    if columns(lines[0]) > room + 2:  # wide characters
        lines = source.excerpt(span, room // 2).split("\n")
    return (gutter + lines[0], " " * (len(gutter) - 2) + "│ " + lines[1])


def claim_excerpt(source: Source | None, claim: ClaimReport, width: int) -> tuple[str, ...]:
    """The excerpt of what is at fault in a claim, unless its problems have their own."""
    return () if any(problem.span for problem in claim.problems) else excerpt(source, claim.span, width)


def headline(path: str, source: Source | None, claim: ClaimReport) -> str:
    """``path:line:column: id: verdict``."""
    line, column = place(source, claim.span)
    return f"{one_line(path)}:{line}:{column}: {one_line(claim.id)}: {verdict_words(claim)}"


def problem_place(path: str, source: Source | None, problem: Problem) -> str:
    """``path:line:column``, or the path alone where a problem has no place."""
    if problem.span is None:
        return one_line(path)
    line, column = place(source, problem.span)
    return f"{one_line(path)}:{line}:{column}"


def plain(path: str, source: Source | None, claim: ClaimReport, width: int = 100) -> str:
    """A claim in full, as plain text: headline, source line with carets, problems, details."""
    head = headline(path, source, claim)
    if claim.verdict is Verdict.PROVED and sizes_words(claim.sizes):
        head += f" ({sizes_words(claim.sizes)})"
    lines = [head, *(f"    {line}" for line in claim_excerpt(source, claim, width - 4))]
    for problem in claim.problems:
        lines += [f"  {line}" for line in plain_problem(path, source, problem, width - 2).split("\n")]
    for detail in details(claim):
        lines += labelled(detail)
    return "\n".join(lines)


def plain_problem(path: str, source: Source | None, problem: Problem, width: int = 100) -> str:
    """A problem as plain text: where and what, source line with carets, hint."""
    lines = [f"{problem_place(path, source, problem)}: {one_line(problem.message)}"]
    lines += [f"    {line}" for line in excerpt(source, problem.span, width - 4)]
    if problem.hint:
        lines.append(f"    hint: {one_line(problem.hint)}")
    return "\n".join(lines)


def labelled(detail: Detail) -> list[str]:
    """A detail as plain text, with its label before the first line."""
    labels = (detail.label, *("" for _ in detail.lines[1:]))
    return [f"  {label:<11}{line}" for label, line in zip(labels, detail.lines, strict=True)]
