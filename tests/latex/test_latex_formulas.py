"""Every formula of the data file is read as it was by hand, or stops where it must."""

from __future__ import annotations

import pytest
from latex_kit import CASES, SCOPES, Case, form, joined, read, statement

from derivcheck.errors import Refused
from derivcheck.lang.elaborate import elaborate_statement
from derivcheck.lang.parse import parse_expression, parse_statement
from derivcheck.source import Passage


def _id(case: Case) -> str:
    return f"{case.kit}: {case.latex[:60]}"


def by_hand(text: str, kit: str) -> object:
    states = ("==" in text or "≈" in text) and not text.startswith(("where(", "indicator("))
    whole = text if states else f"({text}) == ({text})"
    return form(elaborate_statement(parse_statement(Passage.of(whole)), SCOPES[kit]))


def by_reader(line: object, kit: str) -> object:
    return form(elaborate_statement(statement(line), SCOPES[kit]))


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "reads"], ids=_id)
def test_it_reads_as_by_hand(case: Case) -> None:
    (line,) = joined(read(case.latex, case.kit))
    assert by_reader(line, case.kit) == by_hand(case.expected, case.kit)


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "lines"], ids=_id)
def test_its_lines_read_as_by_hand(case: Case) -> None:
    lines = joined(read(case.latex, case.kit))
    assert [by_reader(line, case.kit) for line in lines] == [by_hand(text, case.kit) for text in case.expected]


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "unread"], ids=_id)
def test_it_stops_where_it_must(case: Case) -> None:
    with pytest.raises(Refused) as refused:
        read(case.latex, case.kit)
    problem = refused.value.problems[0]
    assert problem.span is not None
    assert case.latex[problem.span.start : problem.span.end] == case.expected
    assert problem.message


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "shape"], ids=_id)
def test_its_shapes_do_not_fit(case: Case) -> None:
    lines = read(case.latex, case.kit)
    with pytest.raises(Refused):
        elaborate_statement(statement(lines[0]), SCOPES[case.kit])


@pytest.mark.parametrize("case", [c for c in CASES if c.kind == "assigns"], ids=_id)
def test_an_assignment_is_no_statement(case: Case) -> None:
    (line,) = read(case.latex, case.kit)
    assert line.assigns
    assert line.statement() is None


def test_there_are_enough_of_them_and_none_twice() -> None:
    assert len(CASES) >= 300
    assert len({(case.kit, case.latex) for case in CASES}) == len(CASES)
    assert parse_expression(Passage.of("x"))
