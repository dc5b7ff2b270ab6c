"""Every format, over a run with one claim of each verdict and over a run whose every text is hostile."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from unicodedata import category
from xml.etree import ElementTree

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_goldens import FOLDER, GOLDENS, rendered
from report_samples import CLAIMS, EVERY_VERDICT, HOSTILE, HOSTILE_RUN, SOURCE
from rich.cells import cell_len

from derivcheck.errors import Problem
from derivcheck.report import FORMATS, render
from derivcheck.report.deliver import encode
from derivcheck.report.interface import Style, one_line, summary
from derivcheck.source import Source, Span
from derivcheck.verdict import ClaimReport, RunReport, SpecReport, Verdict, Witness

RUNS = {"every-verdict": EVERY_VERDICT, "hostile": HOSTILE_RUN, "empty": RunReport(())}


def of_claim(**changes) -> RunReport:
    return RunReport((SpecReport("a.deriv.yaml", "A", SOURCE, claims=(replace(CLAIMS[0], **changes),)),))


@pytest.mark.parametrize("golden", GOLDENS)
def test_reports_are_as_kept(golden):
    assert rendered(golden) == (FOLDER / golden).read_bytes()


def test_every_kept_report_is_compared():
    assert {path.name for path in FOLDER.iterdir()} == set(GOLDENS)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("form", FORMATS)
def test_no_character_moves_a_cursor_or_turns_the_writing(form, run):
    text = render(form, run, Style())
    assert text.endswith("\n")
    assert {c for c in text if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == {"\n"}


def test_colors_are_the_only_escapes():
    text = render("terminal", HOSTILE_RUN, Style(color=True))
    assert "\x1b" in text
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert {c for c in bare if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == {"\n"}


@pytest.mark.parametrize("width", [40, 41, 63, 80, 100, 120, 200])
@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_the_terminal_report_fits_its_width(run, width):
    assert max(cell_len(line) for line in render("terminal", run, Style(width=width)).split("\n")) <= width


def test_the_terminal_report_ignores_the_environment(monkeypatch):
    before = render("terminal", EVERY_VERDICT, Style())
    for name, value in {"COLUMNS": "33", "TERM": "dumb", "FORCE_COLOR": "1", "TTY_COMPATIBLE": "1"}.items():
        monkeypatch.setenv(name, value)
    assert render("terminal", EVERY_VERDICT, Style()) == before


def test_markup_of_rich_is_text():
    text = render(
        "terminal", of_claim(id="[bold]x[/bold] [/] :smile:", because="[link=x]y[/link]"), Style(color=True)
    )
    assert "[bold]x[/bold] [/] :smile:" in text
    assert "[link=x]y[/link]" in text


def test_ok_claims_are_one_line_of_the_table():
    text = render("terminal", RunReport((replace(EVERY_VERDICT.specs[2], claims=CLAIMS[1:4]),)), Style())
    assert text.split("\n")[1:4] == [
        "  ✓  true-gradient  proved                 every size",
        "  ✓  point          proved                 n=2",
        "  ✓  known-error    refuted (as expected)",
    ]


def test_a_note_is_said_once_for_all_claims_it_is_about():
    assert render("terminal", EVERY_VERDICT, Style()).count("checked off the kink") == 1


def test_an_excerpt_points_at_the_wrong_step():
    lines = render("terminal", of_claim(), Style()).split("\n")
    code = next(i for i, line in enumerate(lines) if "│" in line)
    column = lines[code].index("x*f*(1 + f)")
    assert lines[code + 1] == " " * 5 + "│" + " " * (column - 6) + "^" * len("x*f*(1 + f)")


# --- json


NUMBER_TEXT = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/numbers"}}]}
WITNESS = {
    "type": ["object", "null"],
    "required": ["point", "left", "right"],
    "properties": {
        "point": {"type": "object", "additionalProperties": {"$ref": "#/$defs/numbers"}},
        "left": {"type": "string"},
        "right": {"type": "string"},
    },
}
STEP = {
    "type": "object",
    "required": ["index", "left", "right", "verdict", "line"],
    "properties": {"index": {"type": "integer"}, "verdict": {"enum": list(Verdict)}, "line": {"type": "integer"}},
}
CLAIM = {
    "type": "object",
    "required": [
        "id", "statement", "line", "expect", "ok", "verdict", "sizes", "because", "steps", "first_wrong_step",
        "notes", "witness", "diagnosis", "cite",
    ],
    "properties": {
        "id": {"type": "string"},
        "statement": {"type": "string"},
        "line": {"type": "integer"},
        "expect": {"enum": ["holds", "fails"]},
        "ok": {"type": "boolean"},
        "verdict": {"enum": list(Verdict)},
        "sizes": {"type": ["string", "null"]},
        "because": {"type": "string"},
        "steps": {"type": "array", "items": STEP},
        "first_wrong_step": {"type": ["integer", "null"]},
        "notes": {"type": "array", "items": {"type": "string"}},
        "witness": WITNESS,
        "diagnosis": {"type": ["string", "null"]},
        "cite": {"type": ["string", "null"]},
    },
}  # fmt: skip
PROBLEM = {
    "type": "object",
    "required": ["line", "column", "message", "hint"],
    "properties": {
        "line": {"type": ["integer", "null"]},
        "column": {"type": ["integer", "null"]},
        "message": {"type": "string"},
        "hint": {"type": ["string", "null"]},
    },
}
DOCUMENTED = {
    "$defs": {"numbers": NUMBER_TEXT},
    "type": "object",
    "required": ["derivcheck", "schema", "specs", "summary"],
    "properties": {
        "derivcheck": {"type": "string"},
        "schema": {"const": 1},
        "specs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "title", "problems", "claims"],
                "properties": {
                    "problems": {"type": "array", "items": PROBLEM},
                    "claims": {"type": "array", "items": CLAIM},
                },
            },
        },
        "summary": {
            "type": "object",
            "required": ["claims", "ok", *Verdict],
            "additionalProperties": {"type": "integer"},
        },
    },
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_json_has_the_documented_fields(run):
    jsonschema.validate(json.loads(render("json", run, Style())), DOCUMENTED)


def test_json_gives_back_every_text_unchanged():
    data = json.loads(render("json", HOSTILE_RUN, Style()))
    claim = data["specs"][0]["claims"][1]
    for key in ("id", "statement", "because", "sizes", "diagnosis", "correct", "reason", "points", "cite"):
        assert claim[key] == HOSTILE
    assert claim["witness"]["point"] == {HOSTILE: [HOSTILE]}


def test_json_counts():
    assert json.loads(render("json", EVERY_VERDICT, Style()))["summary"] == {
        "claims": 7, "ok": 3, "proved": 2, "refuted": 2, "supported": 1, "undecided": 1, "invalid": 1,
        "faults": 1, "unread": 2,
    }  # fmt: skip


def test_times_are_told_only_when_they_were_taken():
    for form in FORMATS:
        timed = render(form, of_claim(seconds=1.25), Style())
        assert ("1.25" in timed) == (form != "github")
        assert "1.25" not in render(form, of_claim(), Style())


# --- junit


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_junit_is_xml_whose_counts_add_up(run):
    root = ElementTree.fromstring(render("junit", run, Style()).encode("utf-8"))
    assert root.get("tests") == str(len(root.findall("testsuite/testcase")))
    assert root.get("failures") == str(len(root.findall(".//failure")))
    assert root.get("errors") == str(len(root.findall(".//error")))


def test_junit_tells_wrong_and_open_claims_from_unread_files_and_faults():
    root = ElementTree.fromstring(render("junit", EVERY_VERDICT, Style()))
    failed = {
        case.get("name"): case.find("failure").get("type")
        for case in root.iter("testcase")
        if case.find("failure") is not None
    }
    assert failed == {"df-dw": "refuted", "hard": "undecided", "agrees": "supported", "shapes": "invalid"}
    assert [error.get("type") for error in root.iter("error")] == ["problems", "problems", "fault"]


def test_junit_has_verdict_sizes_and_citation_as_properties():
    root = ElementTree.fromstring(render("junit", of_claim(sizes="every"), Style()))
    found = {p.get("name"): p.get("value") for p in root.iter("property")}
    assert found == {"verdict": "refuted", "sizes": "every", "cite": "N2-11"}


@given(st.text(st.characters(), max_size=40))
@settings(derandomize=True, deadline=None, max_examples=150)
def test_any_text_at_all_is_shown_whole_and_safely(text):
    run = of_claim(id=text, because=text, cite=text, witness=Witness({text: text}, text, text))
    ElementTree.fromstring(render("junit", run, Style()).encode("utf-8"))
    assert json.loads(render("json", run, Style()))["specs"][0]["claims"][0]["id"] == text
    assert len(render("concise", run, Style()).split("\n")) == 3
    assert len(render("github", run, Style()).split("\n")) == 3
    for line in render("terminal", run, Style(width=50)).split("\n"):
        assert cell_len(line) <= 50


# --- github


def commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Workflow commands as the runner reads them."""

    def undo(value: str) -> str:
        for code, character in (("%3A", ":"), ("%2C", ","), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
            value = value.replace(code, character)
        return value

    found = []
    for line in text.split("\n"):
        if line.startswith("::"):
            head, _, message = line[2:].partition("::")
            level, _, properties = head.partition(" ")
            pairs = (pair.partition("=") for pair in properties.split(","))
            found.append((level, {key: undo(value) for key, _, value in pairs}, undo(message)))
    return found


def test_github_points_at_the_place():
    level, properties, message = commands(render("github", of_claim(), Style()))[0]
    assert level == "error"
    assert properties == {"file": "a.deriv.yaml", "line": "16", "col": "15", "title": "df-dw: refuted"}
    assert "wrong step: 1: x*exp(-u)/(1 + exp(-u))**2 == x*f*(1 + f)" in message.split("\n")


def test_github_says_error_of_what_is_wrong_and_warning_of_what_is_open():
    found = commands(render("github", EVERY_VERDICT, Style()))
    assert [level for level, _, _ in found] == ["error"] * 4 + ["warning"] * 2 + ["error"] * 2


def test_github_text_cannot_end_a_command_or_begin_another():
    text = render("github", HOSTILE_RUN, Style())
    assert len(commands(text)) == 3
    assert all(line.startswith("::error file=") for line in text.split("\n")[:3])
    _, properties, _ = commands(text)[0]
    assert properties["title"] == f"{one_line(HOSTILE)}: refuted"


# --- concise, summary


def test_concise_is_one_line_a_claim():
    lines = render("concise", EVERY_VERDICT, Style()).split("\n")
    assert lines[3] == "specs/unit.deriv.yaml:16:15: df-dw: refuted: the two sides differ at a point"
    assert lines[-2] == summary(EVERY_VERDICT)


def test_the_summary_says_everything_that_is_not_ok():
    assert summary(EVERY_VERDICT) == (
        "7 claims in 4 files: 3 ok, 1 refuted, 1 invalid, 1 supported, 1 undecided, 1 engine fault, 2 files not read"
    )
    assert summary(RunReport((), interrupted=True)) == "interrupted; 0 claims in 0 files: 0 ok"


# --- odd but possible


def test_places_outside_the_text_are_no_accident():
    run = RunReport(
        (
            SpecReport(
                "a", "", Source("a", ""), (Problem("x", "odd", Span(7, 9)),), (replace(CLAIMS[0], span=Span(9, 9)),)
            ),
        )
    )
    for form in FORMATS:
        assert "odd" in render(form, run, Style())


def test_half_a_surrogate_pair_can_be_written():
    assert encode(render("json", of_claim(id="\udc80"), Style())).count(b"\\udc80") == 1
    assert encode("\udc80") == b"\\udc80"


def test_a_statement_of_a_hundred_thousand_characters_is_cut_for_people_and_whole_for_programs():
    long = "x + " * 25_000
    run = of_claim(statement=long, because=long)
    for form in ("terminal", "github", "junit"):
        assert len(render(form, run, Style())) < 110_000
    assert json.loads(render("json", run, Style()))["specs"][0]["claims"][0]["statement"] == long


def test_a_claim_without_anything_optional():
    claim = ClaimReport("a", "1 == 1", Span(0, 1), Span(0, 1), "holds", Verdict.UNDECIDED, ok=False, because="")
    run = RunReport((SpecReport("a", "", None, claims=(claim,)),))
    for form in FORMATS:
        assert "undecided" in render(form, run, Style())
