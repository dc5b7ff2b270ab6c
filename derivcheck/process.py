"""Owns what a process that is derivcheck's alone, a command or a worker, sets for itself to start and end sooner.

A library must not do so: all of it holds for the whole process.
"""

from __future__ import annotations

import atexit
import gc
import os

#: Objects that are made before Python looks among them for garbage. Imports leave hardly any, and the engine makes
#: many small objects that go by themselves: at Python's own 700 the looking takes some hundredths of a run.
YOUNG = 50_000


def own() -> None:
    """Make this process derivcheck's own."""
    # of every package that is installed pydantic would ask whether it has a plugin for it
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])
    # At its end Python would look through all objects, SymPy's too, to give back to the system what it takes anyway.
    atexit.register(gc.freeze)
