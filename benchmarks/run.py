"""Owns the benchmark's command: derivcheck and its peers on the same claims in the same run, told in ratios.

``python benchmarks/run.py`` prints tables and writes benchmarks/results.md (and growth.svg); ``--quick`` takes every
eighth scalar claim and small sizes, and writes nothing. SymEngine and Matplotlib take part where they are installed
(``pip install '.[benchmark]'``). Times are processor times, and only their ratios are told: those hardly depend on
the machine.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import phases  # noqa: E402
import tables  # noqa: E402
from contest import contest  # noqa: E402
from peers import DERIVCHECK  # noqa: E402
from questions import (  # noqa: E402
    GROWTH,
    NETWORKS,
    WHOLE_NETWORKS,
    matrix_questions,
    network,
    scalar_questions,
    whole_network,
)

SPECS = HERE.parent / "specs"


@dataclass(frozen=True, slots=True)
class Effort:
    """How much to measure: every how manyth scalar claim, seconds for a claim, how many sizes, and how often the
    parts of a run and its start."""

    every: int
    limit: float
    sizes: int
    rounds: int
    starts: int


FULL = Effort(every=1, limit=2.0, sizes=5, rounds=2, starts=9)
QUICK = Effort(every=8, limit=1.0, sizes=3, rounds=1, starts=2)

#: Short claims that a peer is asked in a row: nobody asks for one alone.
TURN = 16


LEGEND = """\
The column of derivcheck is relative to its first row, the
others are relative to derivcheck in the same row. `>`: out of time; `?`: no answer; `✗`: a wrong one."""


def told(line: str) -> None:
    """Progress, on stderr."""
    print(f"\r\x1b[K{line}"[:100], end="", file=sys.stderr, flush=True)


def scalars(effort: Effort) -> str:
    """The scalar claims of claims.yaml."""
    questions = list(scalar_questions())[:: effort.every]
    answers = contest(questions, effort.limit, told, alone=True, turn=TURN)
    own = next(iter(answers.values()))
    medians = [
        tables.milliseconds([a.seconds for q, a in zip(questions, own, strict=True) if q.true is true])
        for true in (True, False)
    ]
    apart = [
        tables.milliseconds([a.alone for q, a in zip(questions, own, strict=True) if q.true is true and a.alone])
        for true in (True, False)
    ]
    return (
        "## Scalar claims\n\n"
        f"Claims that a derivative is such and such (claims.yaml), at most {effort.limit:g} s for each. Times are\n"
        "relative to derivcheck's, which differentiates and proves, or refutes with a witness, in a median of\n"
        f"{medians[0]} (true claims) and {medians[1]} (false ones) here.\n\n"
        f"{tables.scalar_table(questions, answers, true=True)}\n"
        f"{tables.scalar_table(questions, answers, true=False)}\n"
        f"Not decided rightly:\n\n{tables.missed(questions, answers)}\n"
        "### Deciding alone\n\n"
        "The same claims, in the same run, with the derivative made already: peers are given both sides as\n"
        "SymPy has differentiated them, derivcheck the same two expressions as a claim without a derivative (where\n"
        "it can read them). derivcheck takes a median of\n"
        f"{apart[0]} (true claims) and {apart[1]} (false ones) for that.\n\n"
        f"{tables.alone_table(questions, answers)}"
    )


def every_size(effort: Effort) -> str:
    """Claims with symbolic sizes, which no peer takes, and whole networks."""
    questions = list(matrix_questions())[:: 1 if effort is FULL else 3]
    whole = [whole_network(layers=layers) for layers in WHOLE_NETWORKS]
    (own,) = contest(questions, 2 * effort.limit, told, who=[DERIVCHECK]).values()
    rounds = [contest(whole, 4 * effort.limit, told, who=[DERIVCHECK])[DERIVCHECK.name] for _ in range(effort.rounds)]
    rows = []
    for kind, true in (("true", True), ("false", False)):
        given = [a for q, a in zip(questions, own, strict=True) if q.true is true]
        right = sum(a.says is true for a in given)
        rows.append(
            (f"{len(given)} {kind} claims", f"{right} decided", tables.milliseconds([a.seconds for a in given]))
        )
    for i, question in enumerate(whole):
        says = "all four proved" if all(one[i].says for one in rounds) else rounds[0][i].word
        rows.append(
            (f"whole network ({question.name})", says, tables.milliseconds([min(one[i].seconds for one in rounds)]))
        )
    return (
        "## Every size\n\n"
        "Matrix claims with symbolic sizes: regressions, forms, traces, normalisations. Only derivcheck takes them.\n"
        "A whole network has four claims, the gradients by both weights and both biases, for every number of\n"
        "inputs, hidden units, outputs and samples; all of it is one spec, judged once.\n\n"
        + tables.table(("", "", "median, here"), rows)
    )


def networks(effort: Effort) -> str:
    """Gradients of two-layer networks."""
    sizes = NETWORKS[: effort.sizes - 1]
    questions = [network(*size, true=true) for true in (True, False) for size in sizes]
    limit = 2 * effort.limit
    half = len(questions) // 2
    right = contest(questions[:half], limit, told, growing=True)
    wrong = contest(questions[half:], limit, told, growing=True)
    answers = {name: right[name] + wrong[name] for name in right}
    return (
        "## Gradients of a network\n\n"
        "All entries of the gradient by the first weights of a two-layer perceptron (tanh, sigmoid, cross-entropy),\n"
        f"at sizes that are written down; at most {limit:g} s for each. {LEGEND}\n\n"
        f"{tables.size_table(questions, answers)}"
    )


def growth(effort: Effort) -> str:
    """How times grow with the size of a claim."""
    parts, curves = [], []
    for name, question, every in GROWTH:
        sizes = every[: effort.sizes]
        questions = [question(size) for size in sizes]
        answers = contest(questions, effort.limit, told, growing=True)
        own = [answer.seconds for answer in next(iter(answers.values()))]
        power = tables.exponent(sizes, own)
        parts.append(f"### {name}\n\n{tables.size_table(questions, answers)}\nderivcheck: about size^{power:.1f}.\n")
        curves.append((name, sizes, answers))
    drawn = effort is FULL and tables.plot(curves, HERE / "growth.svg")
    picture = "![growth](growth.svg)\n\n" if drawn else ""
    return f"## Growth\n\nAt most {effort.limit:g} s for each. {LEGEND}\n\n{picture}{chr(10).join(parts)}"


def command(effort: Effort) -> str:
    """Where the time of a whole run goes."""
    told("phases of derivcheck run specs/")
    rounds = [phases.split(str(SPECS)) for _ in range(effort.rounds)]
    seconds = min(rounds, key=lambda one: sum(one.values()))
    total = sum(seconds.values())
    rows = [(part, f"{100 * spent / total:.1f} %") for part, spent in seconds.items()]
    ways = phases.commands(str(SPECS))
    unit = next(iter(ways.values()))
    starts = phases.starts(effort.starts)
    told("")
    parts = (
        tables.table(("part", "of the processor time"), rows),
        tables.table(
            ("the whole command", "processor time", "wall clock"),
            [(way, f"{cpu / unit[0]:.2f}", f"{wall / unit[1]:.2f}") for way, (cpu, wall) in ways.items()],
        ),
        tables.table(
            ("start-up", "of the import of SymPy, NumPy and FLINT"),
            [(way, f"{ratio:.2f}") for way, ratio in starts.items()],
        ),
    )
    return "## `derivcheck run specs/`\n\n" + "\n".join(parts)


PARTS: dict[str, Callable[[Effort], str]] = {
    "scalars": scalars, "networks": networks, "every size": every_size, "growth": growth, "command": command,
}  # fmt: skip

HEAD = """\
# Results

Written by `python benchmarks/run.py`; what is measured, and how, is said in [README.md](README.md). Times are ratios.

With {versions}; Python {python}, {cores} cores.

"""


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a part of the claims, small sizes; nothing is written")
    parser.add_argument("--only", choices=list(PARTS), action="append", help="one part; may be repeated")
    options = parser.parse_args()
    texts = []
    for name in options.only or PARTS:
        text = PARTS[name](QUICK if options.quick else FULL)
        told("")
        print(text, flush=True)
        texts.append(text)
    if not options.quick and not options.only:
        names = ["sympy", "python-flint", "numpy", *(["symengine"] if find_spec("symengine") else [])]
        versions = ", ".join(f"{name} {version(name)}" for name in names)
        (HERE / "results.md").write_text(
            HEAD.format(versions=versions, python=".".join(map(str, sys.version_info[:2])), cores=os.cpu_count())
            + "\n".join(texts),
            encoding="utf-8",
        )


if __name__ == "__main__":
    main()
