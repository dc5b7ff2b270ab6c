"""Owns the version number: of the distribution, of the report it writes, and of the spec format it reads."""

__version__ = "0.1.0"
REPORT_SCHEMA = 1
SPEC_FORMAT = "1"
