"""Owns the pieces that reports for a terminal are made of: the console, labelled rows, source lines with carets."""

from __future__ import annotations

from collections.abc import Iterable
from io import StringIO

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from derivcheck.errors import Problem
from derivcheck.report.details import excerpt, problem_place
from derivcheck.report.interface import Style, one_line
from derivcheck.source import Source

_LABEL_WIDTH = 10
#: Colours of the last line, by exit status.
STATUS_COLORS = {0: "bold green", 1: "bold red", 2: "bold red", 3: "bold yellow"}


class Page:
    """A text that grows by what is printed on it."""

    def __init__(self, style: Style) -> None:
        # The environment is left out on purpose: COLUMNS, TERM and the like must not change what is printed.
        self._out = StringIO()
        self._console = Console(
            file=self._out, width=max(style.width, 40), height=1000,
            color_system="standard" if style.color else None, force_terminal=style.color, force_jupyter=False,
            force_interactive=False, legacy_windows=False, markup=False, emoji=False, highlight=False, _environ={},
        )  # fmt: skip

    @property
    def width(self) -> int:
        """The columns there are."""
        return self._console.width

    def print(self, *parts: RenderableType) -> None:
        """Print parts, and a line break."""
        self._console.print(*parts)

    def text(self) -> str:
        """All that was printed; lines end where they show nothing more."""
        return "\n".join(line.rstrip() for line in self._out.getvalue().rstrip("\n").split("\n")) + "\n"


def heading(path: str, title: str, width: int) -> list[RenderableType]:
    """The path, whole, and the title beside it, or under it where there is no room."""
    path_text, title_text = Text(one_line(path), "bold"), Text(one_line(title), "dim")
    if not title_text:
        return [path_text]
    if path_text.cell_len + title_text.cell_len + 2 <= width:
        return [Text.assemble(path_text, "  ", title_text)]
    title_text.truncate(width - 2, overflow="ellipsis")
    return [path_text, Padding(title_text, (0, 0, 0, 2))]


def indented(part: RenderableType) -> Padding:
    """A part under a heading, with an empty line before it."""
    return Padding(part, (1, 0, 0, 2))


def rows(lines: Iterable[tuple[str, str]]) -> Table:
    """Labels and texts side by side; a label that repeats is said once."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=_LABEL_WIDTH, no_wrap=True)
    table.add_column(overflow="fold")
    last = ""
    for label, text in lines:
        table.add_row(Text("" if label == last else label, "dim"), Text(text))
        last = label
    return table


def code(lines: tuple[str, ...], color: str = "red") -> list[Text]:
    """An excerpt: the numbered line dim at its number, the carets under it coloured."""
    if not lines:
        return []
    text, carets = (Text(line, no_wrap=True, overflow="crop") for line in lines)
    gutter = text.plain.index("│") + 1
    text.stylize("dim", 0, gutter)
    carets.stylize("dim", 0, gutter)
    carets.stylize(color, gutter)
    return [text, carets]


def problem_lines(path: str, source: Source | None, problem: Problem, width: int) -> list[RenderableType]:
    """A problem: where and what, the line with carets, the hint."""
    where = Text(problem_place(path, source, problem), "cyan")
    parts: list[RenderableType] = [Text.assemble(where, ": ", (one_line(problem.message), "bold"))]
    parts += code(excerpt(source, problem.span, width))
    if problem.hint:
        parts.append(rows([("hint", one_line(problem.hint))]))
    return parts


def fault_line(fault: str) -> Text:
    """A fault of the engine."""
    return Text.assemble(("engine fault: ", "bold red"), one_line(fault))
