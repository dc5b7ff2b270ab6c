"""Owns the few choices in which teachers differ: their names, values and defaults, and how they are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from typing import Any, Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang.names import nearest


@dataclass(frozen=True, slots=True)
class Policy:
    """How a submission is graded; the fields are the choices, in the words of ``docs/grading.md``.

    - ``layout``: the shape of a gradient: as the key says (``gradient`` or ``jacobian`` for all claims), or
      ``either``: a gradient that is the transpose of what it should be is right.
    - ``factor``: a step that is right but for a constant positive factor, such as a missing 1/m, is ``wrong``, is
      ``accept``-ed, or counts ``half``.
    - ``answer``: the part of a claim's points for the right answer without any step that leads to it.
    - ``step``: the least part of a claim's points that a wrong step costs, however many steps there are.
    - ``carry``: whether steps that follow from an earlier mistake keep their marks.
    - ``supported``: a step that agrees wherever it was tried but is not proved is for a human to ``review``, at no
      cost until then, or counts as ``right``.
    - ``misfit``: a step whose shapes do not go together in any reading is ``wrong``, or for a human to ``review``.
    - ``points``: what a claim is worth for which the key says nothing.
    - ``decimals``: how many decimals of points are shown; what is stored is exact.
    - ``seed``: for the points at which steps are tried.
    """

    layout: Literal["key", "gradient", "jacobian", "either"] = "key"
    factor: Literal["wrong", "accept", "half"] = "wrong"
    answer: Fraction = Fraction(1)
    step: Fraction = Fraction(1, 4)
    carry: bool = True
    supported: Literal["review", "right"] = "review"
    misfit: Literal["wrong", "review"] = "wrong"
    points: Fraction = Fraction(1)
    decimals: int = 2
    seed: int = 0

    def shown(self, points: Fraction) -> str:
        """Points as they are shown: rounded half up, without zeros that say nothing."""
        scale = 10**self.decimals
        whole = int(abs(points) * scale * 2 + 1) // 2
        sign = "-" if points < 0 and whole else ""
        text = f"{whole // scale}"
        if self.decimals:
            text = f"{text}.{whole % scale:0{self.decimals}d}".rstrip("0").rstrip(".")
        return sign + text

    def text(self) -> str:
        """The policy in one line, every choice in it, as :func:`parse_policy` reads it."""
        return ",".join(f"{one.name}={_written(getattr(self, one.name))}" for one in fields(self))


def _written(value: object) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


_WORDS: Mapping[str, tuple[str, ...]] = {
    "layout": ("key", "gradient", "jacobian", "either"),
    "factor": ("wrong", "accept", "half"),
    "supported": ("review", "right"),
    "misfit": ("wrong", "review"),
}
_TRUTH = {"yes": True, "no": False, "true": True, "false": False}
#: A longer text is no number that anybody would write here.
_LONGEST = 12


def _truth(text: str) -> bool | str:
    return _TRUTH.get(text.lower(), "yes or no")


def _share(text: str) -> Fraction | str:
    value = _fraction(text)
    if text in ("full", "none"):
        return Fraction(text == "full")
    return value if value is not None and value <= 1 else "a part from 0 to 1, such as 0.5 or 1/2"


def _points(text: str) -> Fraction | str:
    value = _fraction(text)
    return value if value else "a positive number"


def _fraction(text: str) -> Fraction | None:
    """A number from 0, a decimal or a fraction."""
    plain = text.isascii() and len(text) <= _LONGEST and all(c.isdigit() or c in "./" for c in text)
    try:
        return Fraction(text) if plain else None
    except (ValueError, ZeroDivisionError):
        return None


def _whole(most: int) -> Callable[[str], int | str]:
    def read(text: str) -> int | str:
        plain = text.isascii() and text.isdigit() and len(text) <= _LONGEST
        return int(text) if plain and int(text) <= most else f"a whole number from 0 to {most}"

    return read


_READ: Mapping[str, Callable[[str], Any]] = {
    "answer": _share,
    "step": _share,
    "carry": _truth,
    "points": _points,
    "decimals": _whole(6),
    "seed": _whole(2**31 - 1),
}


def policy_of(choices: Mapping[str, str]) -> Policy:
    """The policy with some choices made, each as text.

    Raises:
        Refused: for names and values that there are not, all of them at once.
    """
    made: dict[str, Any] = {}
    problems: list[Problem] = []
    known = [one.name for one in fields(Policy)]
    for name, text in choices.items():
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean `{near}`?" if near else f"the choices are {', '.join(known)}"
            problems.append(Problem("policy", f"the policy has no choice `{name}`", None, hint))
            continue
        value = _value(name, text.strip())
        if isinstance(value, _Wanted):
            problems.append(Problem("policy", f"`{name}={text}`: {value.what} is wanted", None))
        else:
            made[name] = value
    if problems:
        raise Refused(problems)
    return replace(Policy(), **made)


@dataclass(frozen=True, slots=True)
class _Wanted:
    what: str


def _value(name: str, text: str) -> Any:
    words = _WORDS.get(name)
    if words is not None:
        return text if text in words else _Wanted(" or ".join((", ".join(words[:-1]), words[-1])))
    value = _READ[name](text)
    return _Wanted(value) if isinstance(value, str) else value


def read_policy(text: str, path: str) -> Policy:
    """The policy that a YAML file says: ``name: value``, one a line.

    Raises:
        Refused: with every problem of it.
    """
    from derivcheck.spec.marks import MarkedText
    from derivcheck.spec.read import read

    reading = read(text, path)
    problems = list(reading.problems)
    choices: dict[str, str] = {}
    for name, (key, value) in (reading.top.entries if reading.top else {}).items():
        if isinstance(value, MarkedText):
            choices[name] = value.text
        else:
            problems.append(Problem("policy", f"`{name}`: one value is wanted", key.span))
    if problems:
        raise Refused(problems, reading.source)
    return policy_of(choices)


def parse_policy(text: str) -> Policy:
    """The policy that ``name=value,name=value`` says; nothing says the default one.

    Raises:
        Refused: with every problem of it.
    """
    choices: dict[str, str] = {}
    problems: list[Problem] = []
    for part in (part.strip() for part in text.split(",")):
        name, sign, value = part.partition("=")
        name = name.strip()
        if not part:
            continue
        if not sign or name in choices:
            message = f"`{name}` is chosen twice" if sign else f"`{part}` is no choice"
            problems.append(Problem("policy", message, None, "write `name=value`, with commas between"))
        else:
            choices[name] = value
    if problems:
        raise Refused(problems)
    return policy_of(choices)
