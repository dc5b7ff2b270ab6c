"""Owns ``derivcheck grade`` with the grader that needs no engine; to be run as a program."""

from __future__ import annotations

import os
import signal
import sys
from functools import partial

import fake_grading

from derivcheck import cli
from derivcheck.batch import run

if __name__ == "__main__":
    run.Options = partial(run.Options, grader=fake_grading.grader)  # type: ignore[misc, assignment]
    most = os.environ.get("MOST_BYTES_OF_A_FILE")
    if most:
        import resource

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(most), int(most)))
    sys.exit(cli.main(prog_name="derivcheck"))
