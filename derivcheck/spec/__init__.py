"""Spec files: YAML text to marked data to a derivation; every problem of a file at once."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from derivcheck.model import Derivation

__all__ = ["load", "loads"]


def load(path: str | os.PathLike[str]) -> Derivation:
    """Read a spec file.

    Raises:
        Refused: with every problem of the file, in the order of their places; also when there is no such file, it
            is no regular file, or not UTF-8.
    """
    from derivcheck.spec.files import read_file

    text, shown = read_file(path)
    return loads(text, shown)


def loads(text: str, path: str) -> Derivation:
    """Read a spec from its text; ``path`` is the name by which its problems call it.

    Raises:
        Refused: with every problem of the text, in the order of their places.
    """
    # pydantic, PyYAML and Lark take a tenth of a second to import, which who only imports this need not pay
    from derivcheck.spec.build import build
    from derivcheck.spec.read import read

    return build(read(text, path))
