"""The submissions of the grading benchmark are many, different, and the same every time. Nothing is timed."""

from __future__ import annotations

import random
import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parents[2] / "benchmarks"))

from grading import SAME, SLIPS, Measured, edited, submissions, table


def made(folder: Path) -> tuple[int, dict[str, str]]:
    folder.mkdir()
    distinct = submissions("logistic", 60, folder, random.Random("seed"))
    return distinct, {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_they_are_different_and_the_same_every_time(tmp_path: Path) -> None:
    distinct, texts = made(tmp_path / "one")
    assert (distinct, texts) == made(tmp_path / "two")
    assert len(texts) == 60
    assert distinct == len(set(texts.values())) > 40


def test_an_edit_is_one_edit() -> None:
    text = r"$\frac{1}{m} X (a - y)^T$"
    draw = random.Random(0)
    assert {edited(text, SLIPS, draw) for _ in range(50)} >= {r"$ X (a - y)^T$", r"$\frac{1}{m} X (a - y)$"}
    assert r"$\frac{1}{m} X (-y + a)^T$" in {edited(text, SAME, draw) for _ in range(50)}
    assert edited("no formula", SLIPS, draw) == "no formula"


def test_the_table_adds_up() -> None:
    one = Measured("a", 10, 9, 4.0, 6.0, 100_000_000, Counter(right=3, review=1), 2)
    two = Measured("b", 20, 20, 6.0, 9.0, 300_000_000, Counter(right=5), 1)
    assert (
        table([one, two]).splitlines()[-1]
        == "| **all** | 30 | 29 | 10 | 3.00 | 15 | 300 | 8 | 0 | 0 | 0 | 0 | 1 | 3 |"
    )
