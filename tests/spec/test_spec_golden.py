"""What a reader sees of a spec in which nearly everything is wrong: all of it at once, in the order of the file."""

import os
from pathlib import Path

import pytest
from specfile import refused

from derivcheck.errors import Refused
from derivcheck.spec import load

GOLDEN = Path(__file__).parent / "golden"


def test_all_problems_of_a_broken_spec():
    refusal = refused((GOLDEN / "broken.yaml").read_text(encoding="utf-8"))
    shown = "\n".join(problem.show(refusal.source) for problem in refusal.problems) + "\n"
    golden = GOLDEN / "broken.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_the_same_problems_whatever_the_road(tmp_path):
    path = tmp_path / "broken.deriv.yaml"
    path.write_bytes((GOLDEN / "broken.yaml").read_bytes())
    with pytest.raises(Refused) as caught:
        load(path)
    shown = str(caught.value).replace(str(path), "test.deriv.yaml") + "\n"
    assert shown == (GOLDEN / "broken.txt").read_text(encoding="utf-8")
