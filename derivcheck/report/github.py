"""Owns the ``github`` format: workflow commands that GitHub Actions shows beside the lines of a pull request."""

from __future__ import annotations

from derivcheck.errors import Problem
from derivcheck.outcome import Outcome, outcome
from derivcheck.report.details import details
from derivcheck.report.interface import Style, one_line, place, summary, verdict_words
from derivcheck.source import Source, Span
from derivcheck.verdict import ClaimReport, RunReport, SpecReport

_LEVELS = {Outcome.WRONG: "error", Outcome.OPEN: "warning"}


def render(run: RunReport, style: Style) -> str:
    """``::error file=…,line=…,col=…,title=…::message`` for all that is wrong, ``::warning`` for what is open."""
    lines = [line for spec in run.specs for line in _spec(spec)]
    return "\n".join([*lines, summary(run)]) + "\n"


def _spec(spec: SpecReport) -> list[str]:
    lines = [_problem(spec, problem) for problem in spec.problems]
    for claim in spec.claims:
        if outcome(claim) in _LEVELS:
            title = f"{one_line(claim.id)}: {verdict_words(claim)}"
            level = _LEVELS[outcome(claim)]
            lines.append(command(level, spec.path, spec.source, claim.span, title, _message(claim)))
    faults = (one_line(fault) for fault in spec.faults)
    lines += [command("error", spec.path, spec.source, None, "engine fault", fault) for fault in faults]
    return lines


def _problem(spec: SpecReport, problem: Problem) -> str:
    hint = f"\nhint: {one_line(problem.hint)}" if problem.hint else ""
    message = one_line(problem.message) + hint
    return command("error", spec.path, spec.source, problem.span, "the spec cannot be read", message)


def _message(claim: ClaimReport) -> str:
    lines = [one_line(problem.message) for problem in claim.problems]
    for detail in details(claim):
        first, *rest = detail.lines
        lines += [f"{detail.label}: {first}", *(f"  {line}" for line in rest)]
    return "\n".join(lines)


def command(level: str, path: str, source: Source | None, span: Span | None, title: str, message: str) -> str:
    """One workflow command; what could end it early is escaped."""
    properties = {"file": one_line(path), **_position(source, span), "title": title}
    said = ",".join(f"{key}={_escape_property(value)}" for key, value in properties.items())
    return f"::{level} {said}::{_escape(message)}"


def _position(source: Source | None, span: Span | None) -> dict[str, str]:
    if span is None:
        return {}
    line, column = place(source, span)
    return {"line": str(line), "col": str(column)}


def _escape(text: str) -> str:
    """As the runner undoes it: the percent sign first, then what would end the command."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escape_property(text: str) -> str:
    return _escape(text).replace(":", "%3A").replace(",", "%2C")
