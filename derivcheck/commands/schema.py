"""Owns ``derivcheck schema``."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Print the JSON Schema of spec files.")
def schema() -> None:
    """Print the JSON Schema of spec files, with which an editor completes and checks them while you write.

    \b
    In the first line of a spec, for editors that use the YAML language server:
      # yaml-language-server: $schema=deriv.schema.json
    """
    from derivcheck.report import deliver
    from derivcheck.spec.schema import json_schema_text

    deliver.to_stream(json_schema_text(), sys.stdout)
