"""Owns the ``terminal`` format: a table of the claims and, under it, what is worth reading of those not ok."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from derivcheck.errors import Problem
from derivcheck.outcome import Outcome, exit_status, outcome
from derivcheck.report.details import details, excerpt, problem_place
from derivcheck.report.interface import Style, one_line, place, sizes_words, summary, verdict_words
from derivcheck.verdict import ClaimReport, RunReport, SpecReport

#: A mark and a colour for each outcome; the verdict is always there in words too.
_MARKS = {Outcome.OK: ("✓", "green"), Outcome.WRONG: ("✗", "red"), Outcome.OPEN: ("?", "yellow")}
_STATUS_COLORS = {0: "bold green", 1: "bold red", 2: "bold red", 3: "bold yellow"}
_LABEL_WIDTH = 10


def render(run: RunReport, style: Style) -> str:
    """The report as text, with ANSI colours if the style has them."""
    # The environment is left out on purpose: COLUMNS, TERM and the like must not change what is printed.
    out = StringIO()
    console = Console(
        file=out, width=max(style.width, 40), height=1000, color_system="standard" if style.color else None,
        force_terminal=style.color, force_jupyter=False, force_interactive=False, legacy_windows=False,
        markup=False, emoji=False, highlight=False, _environ={},
    )  # fmt: skip
    for spec in run.specs:
        if not (spec.claims or spec.problems or spec.faults):
            continue  # nothing in it was asked for, or the run was stopped before it
        console.print(_spec(spec, console.width))
        console.print()
    console.print(Text(summary(run), _STATUS_COLORS[exit_status(run)]))
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip("\n").split("\n")) + "\n"


def _spec(spec: SpecReport, width: int) -> RenderableType:
    if spec.problems:  # each of them names the file
        first, *others = (_problem(spec, problem, width) for problem in spec.problems)
        return Group(first, *(Padding(problem, (1, 0, 0, 0)) for problem in others))
    parts: list[RenderableType] = _heading(spec, width)
    if spec.claims:
        parts.append(Padding(_table(spec), (0, 0, 0, 2)))
    notes = _notes(spec)
    if notes:
        parts.append(_indented(_rows([("note", line) for line in notes])))
    not_ok = [claim for claim in spec.claims if outcome(claim) is not Outcome.OK]
    parts += [_indented(_claim(spec, claim, width - 2)) for claim in not_ok]
    parts += [_indented(_fault(fault)) for fault in spec.faults]
    return Group(*parts)


def _heading(spec: SpecReport, width: int) -> list[RenderableType]:
    """The path, whole, and the title beside it, or under it where there is no room."""
    path, title = Text(one_line(spec.path), "bold"), Text(one_line(spec.title), "dim")
    if not title:
        return [path]
    if path.cell_len + title.cell_len + 2 <= width:
        return [Text.assemble(path, "  ", title)]
    title.truncate(width - 2, overflow="ellipsis")
    return [path, Padding(title, (0, 0, 0, 2))]


def _indented(part: RenderableType) -> Padding:
    return Padding(part, (1, 0, 0, 2))


def _table(spec: SpecReport) -> Table:
    """A line a claim; a column that no claim has anything for is left out."""
    columns = [
        [Text(*_MARKS[outcome(claim)]) for claim in spec.claims],
        [Text(one_line(claim.id)) for claim in spec.claims],
        [Text(verdict_words(claim), _MARKS[outcome(claim)][1]) for claim in spec.claims],
        [Text(one_line(sizes_words(claim.sizes))) for claim in spec.claims],
        [Text(one_line(claim.cite or ""), "dim") for claim in spec.claims],
        [Text("" if claim.seconds is None else f"{claim.seconds:.3f} s", "dim") for claim in spec.claims],
    ]
    columns = [column for column in columns if any(column)]
    table = Table.grid(padding=(0, 2, 0, 0))
    for _ in columns:
        table.add_column(overflow="fold")
    for row in zip(*columns, strict=True):
        table.add_row(*row)
    return table


def _claim(spec: SpecReport, claim: ClaimReport, width: int) -> RenderableType:
    mark, color = _MARKS[outcome(claim)]
    parts: list[RenderableType] = [Text(f"{mark} {one_line(claim.id)}: {verdict_words(claim)}", f"bold {color}")]
    parts += [_problem(spec, problem, width) for problem in claim.problems]
    if not any(problem.span for problem in claim.problems):
        line, column = place(spec.source, claim.span)
        parts.append(Text(f"{one_line(spec.path)}:{line}:{column}", "cyan"))
        parts += _code(excerpt(spec.source, claim.span, width))
    return Group(*parts, _rows([(detail.label, line) for detail in details(claim) for line in detail.lines]))


def _rows(rows: list[tuple[str, str]]) -> Table:
    """Labels and texts side by side; a label that repeats is said once."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=_LABEL_WIDTH, no_wrap=True)
    table.add_column(overflow="fold")
    last = ""
    for label, text in rows:
        table.add_row(Text("" if label == last else label, "dim"), Text(text))
        last = label
    return table


def _code(lines: tuple[str, ...]) -> list[Text]:
    if not lines:
        return []
    text, carets = (Text(line, no_wrap=True, overflow="crop") for line in lines)
    gutter = text.plain.index("│") + 1
    text.stylize("dim", 0, gutter)
    carets.stylize("dim", 0, gutter)
    carets.stylize("red", gutter)
    return [text, carets]


def _problem(spec: SpecReport, problem: Problem, width: int) -> RenderableType:
    where = Text(problem_place(spec.path, spec.source, problem), "cyan")
    parts: list[RenderableType] = [Text.assemble(where, ": ", (one_line(problem.message), "bold"))]
    parts += _code(excerpt(spec.source, problem.span, width))
    if problem.hint:
        parts.append(_rows([("hint", one_line(problem.hint))]))
    return Group(*parts)


def _fault(fault: str) -> Text:
    return Text.assemble(("engine fault: ", "bold red"), one_line(fault))


def _notes(spec: SpecReport) -> list[str]:
    """The remarks on claims that are ok, each said once with the claims that it is about."""
    about: dict[str, list[str]] = {}
    for claim in spec.claims:
        if outcome(claim) is Outcome.OK:
            for note in claim.notes:
                about.setdefault(note, []).append(claim.id)
    return [one_line(f"{', '.join(ids)}: {note}") for note, ids in about.items()]
