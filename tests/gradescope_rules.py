"""What Gradescope says of its ``results.json``, as a check."""

from __future__ import annotations

from typing import Any


def check_gradescope(data: dict[str, Any]) -> None:
    """The rules of Gradescope's page on ``results.json``."""
    top = {
        "score",
        "execution_time",
        "output",
        "output_format",
        "test_output_format",
        "test_name_format",
        "visibility",
        "stdout_visibility",
        "extra_data",
        "tests",
        "leaderboard",
    }
    inner = {
        "score",
        "max_score",
        "status",
        "name",
        "name_format",
        "number",
        "output",
        "output_format",
        "tags",
        "visibility",
        "extra_data",
    }
    formats = {"text", "html", "simple_format", "md", "ansi"}
    visibilities = {"hidden", "after_due_date", "after_published", "visible"}
    assert set(data) <= top
    assert "score" in data or all("score" in test for test in data.get("tests", [{}]))
    assert isinstance(data.get("score", 0), int | float)
    assert not isinstance(data.get("score", 0), bool)
    for part in (data, *data["tests"]):
        for name in ("output_format", "test_output_format", "test_name_format", "name_format"):
            assert part.get(name, "text") in formats
        assert part.get("visibility", "visible") in visibilities
        assert isinstance(part.get("output", ""), str)
        assert isinstance(part.get("extra_data", {}), dict)
    assert data.get("stdout_visibility", "hidden") in visibilities
    for test in data["tests"]:
        assert set(test) <= inner
        assert test.get("status", "passed") in {"passed", "failed"}
        assert isinstance(test["score"], int | float)
        assert isinstance(test["max_score"], int | float)
        assert isinstance(test["name"], str)
        assert isinstance(test["number"], str)
        assert all(isinstance(tag, str) for tag in test["tags"])
