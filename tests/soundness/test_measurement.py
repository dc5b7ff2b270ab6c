"""The measurement of soundness in small: what ``run.py`` does with many, with a few; its journal; its page."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import killable
import measured_changes
import pytest
from measured_changes import Batch, Measured, batches
from planted_faults import FAULTS, FaultTask
from soundness_journal import Journal, measure
from soundness_page import page

from derivcheck.verdict import Verdict


def merged(tasks: Sequence[Batch]) -> Measured:
    whole = Measured()
    for task in tasks:
        found = task.measure(lambda _: None)
        whole.hits += found.hits
        whole.unproved += found.unproved
        for kind, counts in found.counts.items():
            whole.counts.setdefault(kind, Counter()).update(counts)
    return whole


def test_no_mutant_is_proved() -> None:
    found = merged(batches("mutants", 40, seed=7))
    assert found.hits == []
    refuted = sum(counts["refuted"] for counts in found.counts.values())
    assert refuted >= 30
    assert sum(counts["proved"] for counts in found.counts.values()) == 0


def test_no_rewriting_is_refuted_and_most_are_proved() -> None:
    found = merged(batches("rewritings", 40, seed=7))
    assert found.hits == []
    assert len(found.unproved) <= 2
    assert sum(counts["proved"] for counts in found.counts.values()) >= 36


def _always(monkeypatch: pytest.MonkeyPatch, verdict: Verdict) -> None:
    """Measure an engine that comes to the same verdict on every claim."""

    class Biased(measured_changes.Judge):
        def judge(self, claim: Any) -> Any:
            return replace(super().judge(claim), verdict=verdict)

    monkeypatch.setattr(measured_changes, "Judge", Biased)


def test_a_false_proof_is_a_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    _always(monkeypatch, Verdict.PROVED)
    found = merged(batches("mutants", 8, seed=7, only="proved/losses"))
    assert len(found.hits) >= 4
    assert all(hit.startswith("PROVED, but different") for hit in found.hits)


def test_a_refuted_truth_is_a_hit(monkeypatch: pytest.MonkeyPatch) -> None:
    _always(monkeypatch, Verdict.REFUTED)
    found = merged(batches("rewritings", 4, seed=7, only="proved/losses"))
    assert len(found.hits) >= 4
    assert all(hit.startswith("refuted rewriting (equal)") for hit in found.hits)


def test_the_same_seed_makes_the_same_changes() -> None:
    first, again, other = (batches("mutants", 60, seed=seed, only="losses") for seed in (1, 1, 2))
    assert [str(c) for b in first for c in b.changes] == [str(c) for b in again for c in b.changes]
    assert [str(c) for b in first for c in b.changes] != [str(c) for b in other for c in b.changes]


# --- the journal and the page ------------------------------------------------------------------------------------

ABOUT = {"mutants": 2, "rewritings": 1, "faults": 1, "only": "", "seed": 0, "engine": "e"}


def _journal(path: Path | None, counts: dict[str, Counter[str]], hits: Sequence[str] = ()) -> Any:
    journal = Journal.resumed(ABOUT, path)
    journal.add(Batch("mutants", "a claim", ()), Measured(counts, list(hits)))
    journal.add(Batch("rewritings", "a claim", ()), Measured({"commuted": Counter(proved=1)}))
    journal.add(FaultTask(0), Measured({"sympy.diff": Counter(refuted=9)}))
    return journal


def test_a_journal_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    _journal(path, {"sign": Counter(refuted=2, equal=1)})
    with path.open("a", encoding="utf-8") as file:
        file.write('{"part": "mutants", "name": "cut o')
    again = Journal.resumed(ABOUT, path)
    assert again.counts("mutants") == {"sign": Counter(refuted=2, equal=1)}
    tasks = [Batch("mutants", "a claim", ()), FaultTask(0)]
    measure(tasks, again, 1, 60, lambda _: None)  # nothing is left to do
    assert len(again.done) == 3


def test_a_journal_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    _journal(path, {})
    with pytest.raises(SystemExit, match="another measurement"):
        Journal.resumed({**ABOUT, "engine": "f"}, path)


@pytest.mark.parametrize(
    ("counts", "hits", "good"),
    [
        (Counter(refuted=2, equal=7), [], True),
        (Counter(refuted=1, supported=1), [], True),
        (Counter(refuted=1, equal=7), [], False),
        (Counter(refuted=2), ["engine fault: …"], False),
    ],
)
def test_the_page_says_whether_all_is_well(counts: Counter[str], hits: list[str], good: bool) -> None:
    text, found = page(_journal(None, {"sign": counts}, hits))
    assert found is good
    assert all(f"- {hit}" in text for hit in hits)
    assert "| sign |" in text


def test_a_fault_task_tells_what_it_measured() -> None:
    measured = FaultTask(0).measure(lambda _: None)
    assert measured.hits == []
    assert measured.counts[FAULTS[0].place]["refuted"] > 150
    assert measured.counts[FAULTS[0].place]["proved"] == 0


# --- processes ---------------------------------------------------------------------------------------------------


def _work(task: str, tell: Callable[[str], None], skip: Sequence[str]) -> list[str]:
    done = []
    for part in task.split():
        if part in skip:
            continue
        tell(part)
        if part == "hang":
            time.sleep(60)
        if part == "die":
            os._exit(1)
        done.append(part)
    return done


def test_what_hangs_or_dies_costs_its_name_alone() -> None:
    tasks = ["one two", "three hang four", "die five", "six"]
    done = {d.task: (d.result, d.lost) for d in killable.run(_work, tasks, 2, 1.0)}
    assert done == {
        "one two": (["one", "two"], ()),
        "three hang four": (["three", "four"], ("more than 1 s: hang",)),
        "die five": (["five"], ("it died: die",)),
        "six": (["six"], ()),
    }
