"""Owns the text of a result: JSON from which the very same result is read again, wherever it was written.

Points are exact fractions, as text. What is read is checked against the classes of the result; a text of another
version is refused.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from derivcheck.grading.model import Submission

#: Of the text; another number for another form.
VERSION = 1
#: A longer numerator or denominator is no number of points.
_LONGEST = 400


class NotAResult(ValueError):
    """A text that is no result of this version."""


def to_json(submission: Submission) -> str:
    """A result as one line of JSON, in ASCII; equal results have equal texts."""
    data = {"codec": VERSION, "submission": _plain(submission)}
    return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


def from_json(text: str) -> Submission:
    """The result that a text says.

    Raises:
        NotAResult: if it says none, or is of another version.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotAResult("this is no JSON") from error
    if not isinstance(data, dict) or data.get("codec") != VERSION:
        version = data.get("codec") if isinstance(data, dict) else None
        raise NotAResult(f"a result of version {version!r} cannot be read; {VERSION} is wanted")
    found = _read(Submission, data.get("submission"), "submission")
    assert isinstance(found, Submission)
    if found.version != Submission.__dataclass_fields__["version"].default:
        raise NotAResult(f"a submission of version {found.version} cannot be read")
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, Fraction):
        return str(value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, value: Any, where: str) -> Any:
    """A value of an annotated type.

    Raises:
        NotAResult: if it is none.
    """
    origin = get_origin(kind)
    if origin in (Union, UnionType):
        return _any_of(get_args(kind), value, where)
    if origin is Literal:
        if not isinstance(value, str) or value not in get_args(kind):
            raise NotAResult(f"{where}: {value!r:.50} is not one of {', '.join(get_args(kind))}")
        return value
    if origin is tuple:
        return _items(get_args(kind), value, where)
    if kind is Fraction:
        return _fraction(value, where)
    if is_dataclass(kind) and isinstance(kind, type):
        return _record(kind, value, where)
    wanted: type = type(None) if kind is None else kind
    if type(value) is not wanted:
        raise NotAResult(f"{where}: {wanted.__name__} is wanted")
    return value


def _any_of(kinds: tuple[Any, ...], value: Any, where: str) -> Any:
    for kind in kinds:
        if (kind is type(None)) is (value is None):
            return _read(kind, value, where)
    raise NotAResult(f"{where}: it may not be missing")


def _items(kinds: tuple[Any, ...], value: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise NotAResult(f"{where}: a list is wanted")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise NotAResult(f"{where}: {len(kinds)} items are wanted")
    return tuple(_read(kind, one, f"{where}[{i}]") for i, (kind, one) in enumerate(zip(kinds, value, strict=True)))


def _fraction(value: Any, where: str) -> Fraction:
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isascii():
        raise NotAResult(f"{where}: a fraction is wanted")
    sign, digits = ("-", value[1:]) if value.startswith("-") else ("", value)
    whole, slash, below = digits.partition("/")
    if not whole.isdigit() or (slash and (not below.isdigit() or not int(below))):
        raise NotAResult(f"{where}: a fraction is wanted")
    return Fraction(f"{sign}{whole}{slash}{below}")


def _record(kind: type, value: Any, where: str) -> Any:
    hints = _hints(kind)
    if not isinstance(value, dict) or set(value) != set(hints):
        raise NotAResult(f"{where}: other fields than those of {kind.__name__}")
    return kind(**{name: _read(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})
