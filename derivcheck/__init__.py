"""derivcheck: a spelling checker for derivations.

Claims are judged with :func:`check`, :func:`check_equal` and :func:`check_gradient`, given as strings or as SymPy
expressions; files with :func:`check_files` and :func:`load`, notes with :func:`check_note`; :func:`assert_gradient`
is for tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from derivcheck.version import __version__

if TYPE_CHECKING:
    from derivcheck.api import (
        Spec,
        assert_gradient,
        check,
        check_equal,
        check_files,
        check_gradient,
        check_note,
        load,
    )  # fmt: skip
    from derivcheck.errors import DerivcheckError, EngineFault, Problem, Refused
    from derivcheck.result import NoteResult, Result, Results
    from derivcheck.verdict import Verdict, Witness

#: The public names and where they are: imported when they are used, so that importing derivcheck costs nothing.
_PUBLIC = {
    "DerivcheckError": "errors",
    "EngineFault": "errors",
    "NoteResult": "result",
    "Problem": "errors",
    "Refused": "errors",
    "Result": "result",
    "Results": "result",
    "Spec": "api",
    "Verdict": "verdict",
    "Witness": "verdict",
    "assert_gradient": "api",
    "check": "api",
    "check_equal": "api",
    "check_files": "api",
    "check_gradient": "api",
    "check_note": "api",
    "load": "api",
}

__all__ = [
    "DerivcheckError", "EngineFault", "NoteResult", "Problem", "Refused", "Result", "Results", "Spec", "Verdict",
    "Witness", "__version__", "assert_gradient", "check", "check_equal", "check_files", "check_gradient",
    "check_note", "load",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"derivcheck.{_PUBLIC[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
