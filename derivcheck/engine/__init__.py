"""The decision engine: an obligation goes in, one verdict with its evidence comes out."""

from __future__ import annotations

from derivcheck.engine.judge import Judge, Settings, judge

__all__ = ["Judge", "Settings", "judge"]
