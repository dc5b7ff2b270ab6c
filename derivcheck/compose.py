"""Owns the spec that a call of the Python API stands for: Python values in, the text of a spec file out.

So a string given in Python is read by the same code as a file, with the same limits and the same problems, and a
problem shows the line in which it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

#: A shape (an int, a sequence of sizes and dimension names, ``()`` or None for a number), a domain (a string), or
#: a mapping with ``shape``, ``domain``, ``doc``.
VariableLike = int | str | Sequence[int | str] | Mapping[str, Any] | None

#: YAML data: only texts, in mappings and lists. A :class:`Flow` is written on one line.
Data = str | Mapping[str, "Data"] | list["Data"]

CLAIM = "claim"


class Flow(str):
    """Text that is YAML already: an array or a shape in brackets."""

    __slots__ = ()


def spec_text(sections: Mapping[str, Data], claim: Mapping[str, Data]) -> str:
    """The text of a spec with one claim, or none; sections and keys without anything in them are left out."""
    data: dict[str, Data] = {"derivcheck": "1", "title": "a call of the Python API"}
    data.update({name: section for name, section in sections.items() if section})
    if claim:
        data["claims"] = {CLAIM: {key: value for key, value in claim.items() if value}}
    return "\n".join(_lines(data)) + "\n"


def variables(given: Mapping[str, VariableLike] | Iterable[str] | None) -> dict[str, Data]:
    """The ``variables`` of a spec. A bare collection of names declares real numbers."""
    if given is None:
        return {}
    if isinstance(given, str):
        raise TypeError(f"variables: give a mapping or a list of names, not the string {given!r}")
    if not isinstance(given, Mapping):
        given = dict.fromkeys(given)
    return {_name(name): _variable(name, value) for name, value in given.items()}


def _variable(name: str, value: VariableLike) -> Data:
    if isinstance(value, Mapping):
        fields = dict(value)
        if "shape" in fields:
            fields["shape"] = _shape(name, fields["shape"])
        return {str(key): field if isinstance(field, Flow) else str(field) for key, field in fields.items()}
    return {"domain": value} if isinstance(value, str) else _shape(name, value)


def _shape(name: str, value: Any) -> Flow:
    axes = [value] if isinstance(value, int) else list(() if value is None else value)
    if any(isinstance(axis, bool) or not isinstance(axis, (int, str)) for axis in axes) or isinstance(value, str):
        raise TypeError(f"variables: the shape of {name} must be a sequence of sizes and names, not {value!r}")
    return Flow(f"[{', '.join(_quoted(str(axis)) for axis in axes)}]")


def dims(given: Mapping[str, int | str] | None) -> dict[str, Data]:
    """The ``dims`` of a spec."""
    return {_name(name): str(size) for name, size in (given or {}).items()}


def functions(given: Mapping[str, str | None] | None) -> dict[str, Data]:
    """The ``functions`` of a spec: name to derivative, None for one of which nothing is known."""
    return {
        _name(name): Flow("{}") if derivative is None else {"derivative": derivative}
        for name, derivative in (given or {}).items()
    }


def texts(key: str, given: str | Iterable[str] | None) -> list[Data]:
    """A list of formulas, of which one may come alone."""
    if given is None:
        return []
    items = [given] if isinstance(given, str) or not isinstance(given, Iterable) else list(given)
    return [text(key, item) for item in items]


def text(key: str, given: object) -> str:
    """A formula: a string."""
    if not isinstance(given, str):
        raise TypeError(f"{key}: a string is wanted, not {type(given).__name__}")
    return given


def definitions(given: Mapping[str, str] | None) -> dict[str, Data]:
    """The ``define`` of a spec."""
    return {_name(name): text("define", formula) for name, formula in (given or {}).items()}


def point(given: Mapping[str, Any] | None) -> dict[str, Data]:
    """The ``at`` of a claim: exact numbers, or nested sequences or arrays of them."""
    return {_name(name): Flow(number_text(value)) for name, value in (given or {}).items()}


def number_text(value: Any) -> str:
    """A number, or a nested sequence of numbers, as the language writes it. A float is the decimal it prints as.

    Raises:
        TypeError: for anything else.
    """
    if hasattr(value, "tolist"):  # an array, or a number that came out of one
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(number_text(item) for item in value)}]"
    if isinstance(value, bool) or not isinstance(value, (Real, Decimal, str)):
        raise TypeError(f"a number is wanted, not {type(value).__name__}")
    return _quoted(str(value).lower())


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(f"a name is a string, not {type(name).__name__}")
    return name


# --- YAML


#: What stays what it is without quotes, in a line of its own.
_PLAIN = re.compile(r"[^\W\d]|[0-9(.]")
_SIMPLE = re.compile(r"[\w./+-]+")


def _lines(data: Mapping[str, Data], indent: str = "") -> list[str]:
    lines: list[str] = []
    for key, value in data.items():
        name = _quoted(key)
        match value:
            case str():
                lines.append(f"{indent}{name}: {value if isinstance(value, Flow) else _scalar(value)}")
            case list():
                lines.append(f"{indent}{name}:")
                lines += [f"{indent}  - {_scalar(str(item))}" for item in value]
            case _:
                lines += [f"{indent}{name}:", *_lines(value, indent + "  ")]
    return lines


def _scalar(value: str) -> str:
    """A formula in a line of its own: without quotes where it means the same, since that reads better."""
    line = " ".join(value.split())
    plain = _PLAIN.match(line) and ": " not in line and " #" not in line and not line.endswith(":")
    return line if plain else _quoted(line)


def _quoted(value: str) -> str:
    line = " ".join(value.split())
    return line if _SIMPLE.fullmatch(line) and line[0] not in "-./+" else "'" + line.replace("'", "''") + "'"
