"""Owns how measurements look: Markdown tables of ratios, which read well as text, and a plot where Matplotlib is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from contest import Answer
from questions import Question

#: Names told of claims that somebody did not decide.
SHOWN = 20

Answers = dict[str, list[Answer]]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with its columns aligned, the first to the left."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        aligned = [c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(cells, widths, strict=True))]
        return f"| {' | '.join(aligned)} |"

    rule = ["-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths)]
    return "\n".join([line(head), line(rule), *map(line, rows)]) + "\n"


def alone_table(questions: Sequence[Question], answers: Answers) -> str:
    """Deciding alone, with the derivative made already, compared with the first: medians of ratios claim by claim,
    over the claims of which all have a time. Who ran out of time counts with that."""
    rows: list[list[str]] = [[name] for name in answers]
    head = ["median of ratios"]
    for true in (True, False):
        places = [i for i, q in enumerate(questions) if q.true is true]
        first = next(iter(answers.values()))
        places = [i for i in places if first[i].alone is not None]
        head.append(f"{len(places)} {'true' if true else 'false'} claims")
        for row, every in zip(rows, answers.values(), strict=True):
            times = [(every[i].alone or every[i].seconds, first[i].alone or 1.0) for i in places]
            row.append(ratio(median(a / b for a, b in times)))
    return table(head, rows)


def ratio(value: float, *, least: bool = False) -> str:
    """A ratio in three digits; ``least`` if it is at least that."""
    digits = max(0, 1 - math.floor(math.log10(value))) if value < 10 else 0
    return ("> " if least else "") + f"{value:.{digits}f}"


def scalar_table(questions: Sequence[Question], answers: Answers, *, true: bool) -> str:
    """Who decides how many of the true (or false) claims, rightly or wrongly, and in what time compared with the
    first: the median of its ratios claim by claim, the ratio of the medians, and that of the sums."""
    places = [i for i, question in enumerate(questions) if question.true is true]
    base = [next(iter(answers.values()))[i].seconds for i in places]
    rows = []
    for name, every in answers.items():
        given = [every[i] for i in places]
        seconds = [a.seconds for a in given]
        late = sum(a.word == "out of time" for a in given)
        rows.append(
            (
                name,
                str(sum(a.says is true for a in given)),
                str(sum(a.says is (not true) for a in given)),
                str(sum(a.says is None for a in given)),
                ratio(median(a / b for a, b in zip(seconds, base, strict=True))),
                ratio(median(seconds) / median(base)),
                ratio(sum(seconds) / sum(base), least=late > 0),
            )
        )
    kind = "true" if true else "false"
    wrong = "called false" if true else "called true"
    head = (
        f"{len(places)} {kind} claims",
        "right",
        wrong,
        "no answer",
        "median of ratios",
        "ratio of medians",
        "total",
    )
    return table(head, rows)


def missed(questions: Sequence[Question], answers: Answers) -> str:
    """What each did not decide rightly, by name."""
    lines = []
    for name, given in answers.items():
        wrong = [(q, a) for q, a in zip(questions, given, strict=True) if a.says is not q.true]
        shown = [f"{q.name}{f' ({a.word})' if a.word else ''}" for q, a in wrong[:SHOWN]]
        more = [f"and {len(wrong) - SHOWN} more"] if len(wrong) > SHOWN else []
        lines.append(f"- {name}: {', '.join([*shown, *more]) or 'none'}")
    return "\n".join(lines) + "\n"


def size_table(questions: Sequence[Question], answers: Answers) -> str:
    """A row a question, a column a peer: its time compared with the first's, and a mark where it decided wrongly."""
    (first, base), *others = answers.items()
    head = ("", first, *(name for name, _ in others))
    rows = []
    for i, question in enumerate(questions):
        own = base[i].seconds / base[0].seconds
        cells = [_cell(question, base[i], own)]
        cells += [_cell(question, given[i], given[i].seconds / base[i].seconds) for _, given in others]
        rows.append((question.name, *cells))
    return table(head, rows)


def _cell(question: Question, answer: Answer, value: float) -> str:
    late = answer.word == "out of time"
    mark = "" if answer.says is question.true or late else " ✗" if answer.says is not None else " ?"
    return ratio(value, least=late) + mark


def exponent(sizes: Sequence[int], seconds: Sequence[float]) -> float:
    """The exponent p of a growth like size**p, over the upper half of the sizes."""
    half = len(sizes) // 2
    return math.log(seconds[-1] / seconds[half]) / math.log(sizes[-1] / sizes[half])


def milliseconds(seconds: Sequence[float]) -> str:
    """The median in milliseconds: the one place where a time is told that depends on the machine."""
    return f"{ratio(1000 * median(seconds))} ms"


def plot(curves: Sequence[tuple[str, Sequence[int], Answers]], path: Path) -> bool:
    """Draw how times grow, a panel a curve, relative to the first time of the first; whether Matplotlib is there."""
    if not find_spec("matplotlib"):
        return False
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "derivcheck"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(curves), figsize=(4 * len(curves), 3.6), layout="constrained")
    for panel, (name, sizes, answers) in zip(axes, curves, strict=True):
        unit = next(iter(answers.values()))[0].seconds
        for peer, given in answers.items():
            points = [(s, a.seconds / unit) for s, a in zip(sizes, given, strict=True) if a.word != "out of time"]
            if points:
                panel.plot(*zip(*points, strict=True), marker="o", markersize=3, label=peer)
        panel.set(title=name, xscale="log", yscale="log", xlabel="size", xticks=sizes, xticklabels=sizes)
        panel.minorticks_off()
        panel.grid(visible=True, alpha=0.3)
    axes[0].set_ylabel("time (derivcheck, smallest size = 1)")
    axes[0].legend(fontsize=7)
    figure.savefig(path, metadata={"Date": None})
    return True
