"""The examples of the reference page: read as it says, in the scope that it shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from language import expression_problems, make_scope, read

from derivcheck.functions import ALIASES, FUNCTIONS
from derivcheck.lang import limits
from derivcheck.lang.arrays import ARRAYS
from derivcheck.lang.elaborate import Scope

PAGE = (Path(__file__).parents[2] / "docs" / "language.md").read_text(encoding="utf-8")


def blocks(label: str) -> list[str]:
    found = re.findall(rf"^```{label}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return [line for block in found for line in block.splitlines() if line.strip()]


def page_scope() -> Scope:
    declared = yaml.load("\n".join(blocks("yaml")), yaml.BaseLoader)
    variables = {
        name: tuple(int(axis) if axis.isdigit() else axis for axis in shape)
        for name, shape in declared["variables"].items()
    }
    return make_scope(variables, declared["define"], functions=frozenset(declared["functions"]))


SCOPE = page_scope()


@pytest.mark.parametrize("text", blocks("derivcheck"))
def test_an_example_is_read(text: str) -> None:
    assert read(text, SCOPE)


@pytest.mark.parametrize("line", blocks("derivcheck-refused"))
def test_an_example_is_refused_for_the_reason_given(line: str) -> None:
    text, reason = line.split("#", 1)
    (problem,) = expression_problems(text, SCOPE)
    assert problem.code == re.split(r"[:\s]", reason.strip())[0]


def test_the_page_has_examples_of_everything() -> None:
    assert len(blocks("derivcheck")) > 30
    assert len(blocks("derivcheck-refused")) > 20


def test_every_function_is_on_the_page() -> None:
    words = set(re.findall(r"[\wσ]+", PAGE))
    inverse = {name for name in FUNCTIONS if name[0] == "a" and name[1:] in FUNCTIONS}
    assert set(FUNCTIONS) - inverse <= words
    assert set(ARRAYS) <= words
    assert {"ln", "σ", "arcsin"} <= words
    assert set(ALIASES) >= {"ln", "σ", "arcsin"}


def test_the_limits_on_the_page_are_the_limits() -> None:
    table = PAGE[PAGE.index("## Limits") : PAGE.index("## Problems")]
    numbers = {int(number.replace(",", "")) for number in re.findall(r"\d[\d,]*", table)}
    assert numbers == {
        limits.MAX_TEXT,
        limits.MAX_NAME,
        limits.MAX_NODES,
        limits.MAX_DEPTH,
        limits.MAX_DIGITS,
        limits.MAX_DECIMAL_EXPONENT,
        limits.MAX_BITS,
        limits.MAX_EXPONENT,
        limits.MAX_ORDER,
        limits.MAX_SIZE,
        limits.MAX_ENTRIES,
        limits.MAX_AXES,
        limits.MAX_PROBLEMS,
    }


def test_every_code_of_a_problem_is_on_the_page() -> None:
    room = Path(limits.__file__).parent
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(room.glob("*.py")))
    codes = set(re.findall(r'(?:Problem|refusal)\(\s*"(\w+)"', source))
    table = PAGE[PAGE.index("## Problems") : PAGE.index("## Remarks")]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    assert codes == {code for cell in cells for code in re.findall(r"`(\w+)`", cell)}
