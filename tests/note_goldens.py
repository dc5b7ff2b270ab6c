"""The reports of notes that are kept as files; ``python tests/note_goldens.py`` writes them anew."""

from __future__ import annotations

from pathlib import Path

from note_samples import CLEAN, EVERY_HOSTILE, EVERY_STANDING

from derivcheck.report.deliver import encode
from derivcheck.report.interface import Style
from derivcheck.report.notes import FORMATS, render

FOLDER = Path(__file__).parent / "check" / "golden"

GOLDENS = {
    f"{name}-{kind}.txt": (form, reports, style)
    for kind, reports in (("every-standing", EVERY_STANDING), ("hostile", EVERY_HOSTILE), ("clean", (CLEAN,)))
    for name, form, style in (
        *((form, form, Style()) for form in FORMATS),
        ("terminal-80", "terminal", Style(width=80)),
        ("terminal-120-color", "terminal", Style(color=True, width=120)),
    )
}


def rendered(name: str) -> bytes:
    """A report as it would be delivered."""
    form, reports, style = GOLDENS[name]
    return encode(render(form, reports, style))


if __name__ == "__main__":
    for golden in GOLDENS:
        (FOLDER / golden).write_bytes(rendered(golden))
