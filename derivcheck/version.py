"""Owns the version number: of the distribution, of the reports it writes, and of the spec format it reads; and when
this process took it up."""

from time import time

__version__ = "0.1.0"
REPORT_SCHEMA = 1
NOTES_SCHEMA = 1
SPEC_FORMAT = "1"

#: When this process began to import derivcheck: a source file that is younger may not be what it runs.
IMPORTED = time()
