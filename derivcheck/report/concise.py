"""Owns the ``concise`` format: one line a claim, as compilers write them, for editors and for grep."""

from __future__ import annotations

from derivcheck.report.details import headline, problem_place
from derivcheck.report.interface import Style, one_line, summary
from derivcheck.verdict import ClaimReport, RunReport, SpecReport


def render(run: RunReport, style: Style) -> str:
    """``path:line:column: id: verdict: reason``; for a problem of a file ``path:line:column: error: message``."""
    lines = [line for spec in run.specs for line in _spec(spec)]
    return "\n".join([*lines, summary(run)]) + "\n"


def _spec(spec: SpecReport) -> list[str]:
    lines = []
    for problem in spec.problems:
        hint = f" ({one_line(problem.hint)})" if problem.hint else ""
        where = problem_place(spec.path, spec.source, problem)
        lines.append(f"{where}: error: {one_line(problem.message)}{hint}")
    lines += [f"{headline(spec.path, spec.source, claim)}: {_reason(claim)}" for claim in spec.claims]
    lines += [f"{one_line(spec.path)}: fault: {one_line(fault)}" for fault in spec.faults]
    return lines


def _reason(claim: ClaimReport) -> str:
    timing = "" if claim.seconds is None else f" [{claim.seconds:.3f} s]"
    return one_line(claim.because) + timing
