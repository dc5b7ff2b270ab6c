"""Owns the command line: the group of all commands; each is a module of its own in :mod:`derivcheck.commands`.

These modules import nothing at their top that costs time, so that asking for help costs none.
"""

from __future__ import annotations

import click

from derivcheck import process
from derivcheck.commands.cache import cache
from derivcheck.commands.check import check
from derivcheck.commands.grade import grade
from derivcheck.commands.run import run
from derivcheck.commands.schema import schema
from derivcheck.version import __version__

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_SETTINGS)
@click.version_option(__version__, "-V", "--version", message="derivcheck %(version)s")
def main() -> None:
    """A spelling checker for derivations.

    Claims that one expression equals another (a gradient, a step of a derivation, a number) are proved, or refuted
    with a point at which they fail.

    \b
    Begin with:
      derivcheck run specs/      check every *.deriv.yaml in a folder
      derivcheck check note.md   check the formulas of a note where they stand
      derivcheck grade --help    mark the notes of a class by a key
      derivcheck run --help      formats, options and exit statuses
    """
    process.own()


for command in (run, check, grade, schema, cache):
    main.add_command(command)
