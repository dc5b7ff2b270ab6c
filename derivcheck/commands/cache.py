"""Owns ``derivcheck cache``."""

from __future__ import annotations

import os

import click

from derivcheck.commands.shared import CannotRun


@click.command(short_help="Look after remembered verdicts.")
@click.option("--path", is_flag=True, help="Print the folder alone.")
@click.option("--clear", is_flag=True, help="Forget every verdict.")
def cache(*, path: bool, clear: bool) -> None:
    """Tell where verdicts are remembered, and how many, or forget them.

    A claim that was judged before is not judged again, until it, something that
    it uses, or derivcheck changes. The folder is that of DERIVCHECK_CACHE, or
    one in your cache folder; DERIVCHECK_NO_CACHE=1 turns the cache off.
    """
    from derivcheck import cache as verdicts
    from derivcheck.report.interface import plural

    root = verdicts.folder()
    if root is None:
        raise CannotRun("verdicts are not remembered: DERIVCHECK_NO_CACHE is set, or there is no cache folder")
    if clear:
        try:
            forgotten = verdicts.clear(root)
        except OSError as error:
            raise CannotRun(f"not all verdicts could be forgotten: {error}") from error
        click.echo(f"{plural(forgotten, 'verdict')} forgotten")
    elif path:
        click.echo(os.fspath(root))
    else:
        count, size = verdicts.contents(root)
        click.echo(f"{os.fspath(root)}: {plural(count, 'verdict')}, {size // 1000} kB")
