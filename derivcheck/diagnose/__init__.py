"""The probable mistake in a refuted link: a small correction that makes it true, proved by the engine, in words."""

from derivcheck.diagnose.search import Diagnosis, diagnose, diagnosis, misfit

__all__ = ["Diagnosis", "diagnose", "diagnosis", "misfit"]
