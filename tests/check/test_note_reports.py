"""Every format of a report on notes, over formulas of every standing and over notes whose every text is hostile."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from unicodedata import category

import jsonschema
import pytest
from note_goldens import FOLDER, GOLDENS, rendered
from note_samples import CLAIMS, CLEAN, EVERY_HOSTILE, EVERY_STANDING, FAULTY, FORMULAS, REPORT, UNREADABLE
from report_samples import HOSTILE
from rich.cells import cell_len

from derivcheck.cli import main
from derivcheck.notes.check import check_note, read_text
from derivcheck.notes.model import Formula, NoteReport, Part, Unread
from derivcheck.notes.outcome import Standing, counts, exit_status, standings
from derivcheck.report.interface import Style
from derivcheck.report.notes import FORMATS, render
from derivcheck.report.notes.findings import findings, summary
from derivcheck.source import Span
from derivcheck.verdict import Verdict

SAMPLES = {"every-standing": EVERY_STANDING, "hostile": EVERY_HOSTILE, "clean": (CLEAN,), "nothing": ()}


@pytest.mark.parametrize("golden", GOLDENS)
def test_reports_are_as_kept(golden):
    assert rendered(golden) == (FOLDER / golden).read_bytes()


def test_every_kept_report_is_compared():
    assert {path.name for path in FOLDER.iterdir()} == set(GOLDENS)


@pytest.mark.parametrize("reports", SAMPLES.values(), ids=SAMPLES)
@pytest.mark.parametrize("form", FORMATS)
def test_no_character_moves_a_cursor_or_turns_the_writing(form, reports):
    text = render(form, reports, Style())
    assert text.endswith("\n")
    assert {c for c in text if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == {"\n"}


def test_colors_are_the_only_escapes():
    text = render("terminal", EVERY_HOSTILE, Style(color=True))
    assert "\x1b" in text
    bare = re.sub(r"\x1b\[[0-9;]*m", "", text)
    assert {c for c in bare if category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")} == {"\n"}


@pytest.mark.parametrize("width", [40, 63, 80, 100, 200])
@pytest.mark.parametrize("reports", SAMPLES.values(), ids=SAMPLES)
def test_the_terminal_report_fits_its_width(reports, width):
    assert max(cell_len(line) for line in render("terminal", reports, Style(width=width)).split("\n")) <= width


def test_a_finding_is_one_line_of_the_concise_report():
    lines = render("concise", EVERY_HOSTILE, Style()).splitlines()
    assert len(lines) == sum(len(findings(report)) for report in EVERY_HOSTILE) + 1


def test_findings_stand_in_the_order_of_the_text():
    spans = [one.span for one in findings(REPORT)]
    assert spans == sorted(spans)
    assert len(spans) == 7


def test_the_caret_is_under_the_first_wrong_step():
    lines = render("terminal", (REPORT,), Style()).splitlines()
    number = next(n for n, line in enumerate(lines) if line.startswith("  6 │"))
    assert lines[number][lines[number + 1].index("^") :].startswith(r"-\frac{y}{\hat y} + \frac")


def test_what_was_read_is_shown_in_the_language():
    assert "read as    D(L, z) == -y/yhat + (1 - y)/(1 - yhat)\n" in render("terminal", (REPORT,), Style())


def test_remarks_on_what_is_proved_are_told_once():
    twice = replace(CLEAN, claims=(CLEAN.claims[0], replace(CLEAN.claims[1], notes=CLEAN.claims[0].notes)))
    for report in (CLEAN, twice):
        assert [one.message for one in findings(report)].count("off the kinks") == 1


def test_a_remark_on_a_formula_is_not_told_again_of_its_claim():
    note = "---\nvariables:\n  w: [n, 1]\n  A: {shape: [n, n], domain: symmetric}\n---\n"
    report = check_note(read_text(note + r"$\frac{\partial}{\partial w} w^T A w = 2 A w$", "note.md"))
    assert [one.message for one in findings(report) if "first factor" in one.message] == [report.claims[0].notes[0]]


def test_a_hint_keeps_its_lines():
    assert "  hint       begin:\n             ---\n             x: []\n" in render("terminal", (REPORT,), Style())


def test_a_suggestion_says_that_it_is_not_applied():
    for form in ("terminal", "concise", "github"):
        text = " ".join(render(form, (REPORT,), Style(width=1000)).split())
        assert r"then it is proved (only a suggestion, not applied): \nabla_w L = (\hat y - y) x" in text


# --- how formulas stand, and the exit status


def test_the_standing_of_every_formula():
    assert standings(REPORT) == (
        Standing.SILENT, Standing.SILENT, Standing.WRONG, Standing.WRONG, Standing.WRONG, Standing.UNREAD,
        Standing.UNREAD, Standing.OPEN, Standing.SILENT,
    )  # fmt: skip
    assert standings(UNREADABLE) == ()


def test_a_formula_stands_by_the_links_that_are_in_it():
    steps = tuple(replace(step, verdict=verdict) for step, verdict in zip(
        CLAIMS[0].steps, (Verdict.PROVED, Verdict.REFUTED), strict=True))  # fmt: skip
    report = replace(REPORT, claims=(replace(CLAIMS[0], steps=steps, first_wrong_step=1), *CLAIMS[1:]))
    assert standings(report)[2:4] == (Standing.PROVED, Standing.WRONG)


def test_the_head_of_a_refuted_chain_that_stands_alone_is_as_the_chain():
    head = Formula(Span(0, 1), Span(0, 1), True, (Part("claim", Span(0, 1), "l6", (0, 0)),))
    report = replace(REPORT, note=replace(REPORT.note, formulas=(head,)))
    assert standings(report) == (Standing.WRONG,)


def test_a_formula_that_was_read_in_part():
    left = tuple(Unread(problem.span, problem) for problem in (FORMULAS[5].problem, FORMULAS[6].problem))
    partly = [replace(FORMULAS[number], problem=left[0].problem, unread=left) for number in (0, 7, 4)]
    report = replace(REPORT, note=replace(REPORT.note, formulas=tuple(partly)))
    assert standings(report) == (Standing.PARTLY, Standing.OPEN, Standing.WRONG)
    alone = replace(REPORT, note=replace(REPORT.note, formulas=(partly[0],)), claims=(), suggestions=())
    assert (exit_status((alone,)), exit_status((alone,), accept_unread=True)) == (3, 0)
    assert summary((alone,)) == "1 formula in 1 note: 0 proved, 1 partly read"
    text = render("concise", (alone,), Style())
    assert text.count("not read: ") == 2
    (formula,) = json.loads(render("json", (alone,), Style()))["notes"][0]["formulas"]
    jsonschema.validate(formula, FORMULA)
    assert [(one["line"], one["problem"]["message"]) for one in formula["unread"]] == [
        (8, r"`\int` cannot be read"), (8, "`lu` is not declared"),
    ]  # fmt: skip


def test_a_claim_that_was_not_judged_waits():
    assert standings(replace(REPORT, claims=()))[2] is Standing.WAITING


def _only(*standing_of: int, **changes) -> NoteReport:
    note = replace(REPORT.note, formulas=tuple(FORMULAS[number] for number in standing_of))
    return replace(REPORT, note=note, **changes)


@pytest.mark.parametrize(
    ("reports", "status"),
    [
        ((CLEAN,), 0),
        ((_only(0, 1),), 0),
        ((REPORT,), 1),
        ((_only(0, 7),), 3),
        ((_only(0, 5),), 3),
        ((_only(4, 5),), 1),
        ((UNREADABLE,), 2),
        ((CLEAN, UNREADABLE), 2),
        ((FAULTY,), 2),
        ((REPORT, FAULTY), 2),
        ((_only(),), 3),
        ((_only(), CLEAN), 0),
        ((), 3),
        ((_only(2, claims=()),), 3),
    ],
    ids=str,
)
def test_the_exit_status(reports, status):
    assert exit_status(reports) == status


def test_unread_formulas_may_be_accepted_and_nothing_else():
    assert exit_status((_only(0, 5),), accept_unread=True) == 0
    assert exit_status((_only(5, 7),), accept_unread=True) == 3
    assert exit_status((_only(4, 5),), accept_unread=True) == 1


def test_the_summary_counts():
    assert summary((CLEAN,)) == "7 formulas in 1 note: 4 proved, 3 with nothing to prove"
    assert counts(EVERY_STANDING) == {
        "notes": 3, "formulas": 16, "unread": 2, "wrong": 3, "undecided": 1, "not_judged": 2, "proved": 2,
        "nothing_to_prove": 6, "partly_read": 0, "suggestions": 3, "faults": 1, "notes_not_read": 1,
    }  # fmt: skip


# --- json

PLACE = {
    "type": "object",
    "required": ["line", "column", "end_line", "end_column"],
    "properties": {name: {"type": "integer"} for name in ("line", "column", "end_line", "end_column")},
}
PROBLEM = {"type": "object", "required": ["line", "column", "code", "message", "hint"]}
PART = {
    "type": "object",
    "required": ["kind", "claim", "links", "name", "remarks", "place"],
    "properties": {
        "kind": {"enum": ["claim", "definition", "assignment", "supposition", "expression"]},
        "place": PLACE,
    },
}
SUGGESTION = {
    "type": "object",
    "required": ["text", "words", "verdict", "because"],
    "properties": {"verdict": {"enum": [None, *Verdict]}},
}
FORMULA = {
    "type": "object",
    "required": [*PLACE["required"], "text", "display", "standing", "problem", "unread", "parts", "suggestions"],
    "properties": {
        **PLACE["properties"],
        "standing": {"enum": list(Standing)},
        "problem": {"anyOf": [{"type": "null"}, PROBLEM]},
        "unread": {
            "type": "array",
            "items": {**PLACE, "required": [*PLACE["required"], "problem"]},
        },
        "parts": {"type": "array", "items": PART},
        "suggestions": {"type": "array", "items": SUGGESTION},
    },
}
DOCUMENTED = {
    "type": "object",
    "required": ["derivcheck", "schema", "notes", "summary"],
    "properties": {
        "schema": {"const": 1},
        "notes": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["path", "problems", "faults", "remarks", "formulas", "claims"],
                "properties": {
                    "formulas": {"type": "array", "items": FORMULA},
                    "claims": {
                        "type": "array",
                        "items": {"type": "object", "required": ["id", "verdict", "steps", "place", "read_as"]},
                    },
                },
            },
        },
        "summary": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
}


@pytest.mark.parametrize("reports", SAMPLES.values(), ids=SAMPLES)
def test_json_has_the_documented_fields(reports):
    jsonschema.validate(json.loads(render("json", reports, Style())), DOCUMENTED)


def test_json_gives_back_texts_and_places():
    data = json.loads(render("json", EVERY_STANDING, Style()))["notes"][0]
    formula = data["formulas"][2]
    assert (formula["line"], formula["column"], formula["standing"]) == (6, 1, "wrong")
    assert formula["text"] == r"\frac{\partial L}{\partial z} = -\frac{y}{\hat y} + \frac{1-y}{1-\hat y}"
    assert data["claims"][0]["read_as"] == ["D(L, z)", "-y/yhat + (1 - y)/(1 - yhat)", "yhat - y"]
    hostile = json.loads(render("json", EVERY_HOSTILE, Style()))["notes"][0]
    assert hostile["formulas"][0]["problem"]["message"] == HOSTILE
    assert hostile["formulas"][0]["suggestions"][0]["text"] == HOSTILE


# --- the page on notes

PAGE = (Path(__file__).parents[2] / "docs" / "notes.md").read_text(encoding="utf-8")


def test_every_option_is_explained():
    for option in main.commands["check"].params:
        for name in getattr(option, "opts", []):
            assert not name.startswith("-") or f"`{name}" in PAGE, name
    for form in FORMATS:
        assert f"### `{form}`" in PAGE
    for standing in Standing:
        assert f"| `{standing}` |" in PAGE


def keys(data) -> set[str]:
    """Every field name of a report, except those of a claim, which are explained with the command `run`."""
    if isinstance(data, list):
        return set().union(*map(keys, data))
    if isinstance(data, dict):
        inner = (value for key, value in data.items() if key != "claims")
        return set(data).union(*map(keys, inner))
    return set()


def test_every_field_of_the_json_is_explained():
    table = PAGE[PAGE.index("### `json`") : PAGE.index("### `github`")]
    explained = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]*)`", table))))
    told = keys(json.loads(render("json", EVERY_STANDING, Style())))
    assert told - explained <= {standing.value.replace(" ", "_") for standing in Standing}
