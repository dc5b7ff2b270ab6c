"""Owns the progress bar: shown on a terminal when a run takes long, gone without a trace when it ends."""

from __future__ import annotations

from threading import Timer
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from derivcheck.report.interface import one_line
from derivcheck.run import Tick

#: Seconds without a report after which a reader begins to wonder.
PATIENCE = 1.0


class ProgressBar:
    """A context manager whose :meth:`watch` is told where a run is."""

    def __init__(self, stream: TextIO, patience: float = PATIENCE) -> None:
        columns = (BarColumn(24), MofNCompleteColumn(), TextColumn("{task.description}", markup=False))
        console = Console(file=stream, markup=False, emoji=False, highlight=False)
        self._progress = Progress(*columns, console=console, transient=True)
        self._task = self._progress.add_task("reading", total=None)
        self._timer = Timer(patience, self._progress.start)
        self._timer.daemon = True

    def __enter__(self) -> ProgressBar:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self._timer.join()
        self._progress.stop()

    def watch(self, tick: Tick) -> None:
        """Show what is judged now."""
        where = one_line(f"{tick.path}: {tick.claim}")[:60]
        self._progress.update(self._task, completed=tick.done, total=tick.total, description=where)
