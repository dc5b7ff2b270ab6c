"""The reports that are kept as files, and a command that writes them anew: ``python tests/report_goldens.py``."""

from __future__ import annotations

from pathlib import Path

from report_samples import EVERY_VERDICT, HOSTILE_RUN

from derivcheck.report import render
from derivcheck.report.deliver import encode
from derivcheck.report.interface import Style

FOLDER = Path(__file__).parent / "report" / "golden"

GOLDENS = {
    f"{name}-{kind}.txt": (form, run, style)
    for kind, run in (("every-verdict", EVERY_VERDICT), ("hostile", HOSTILE_RUN))
    for name, form, style in (
        *((form, form, Style()) for form in ("terminal", "concise", "json", "junit", "github")),
        ("terminal-80", "terminal", Style(width=80)),
        ("terminal-120-color", "terminal", Style(color=True, width=120)),
    )
}


def rendered(name: str) -> bytes:
    form, run, style = GOLDENS[name]
    return encode(render(form, run, style))


if __name__ == "__main__":
    for golden in GOLDENS:
        (FOLDER / golden).write_bytes(rendered(golden))
