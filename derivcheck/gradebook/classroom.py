"""Owns the page of a class: first what needs a person, then claims, mistakes, points, and every student's page."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from statistics import median

from derivcheck.gradebook.html import Element, el
from derivcheck.gradebook.names import page_reference
from derivcheck.gradebook.page import badge, notice, page, said, section, share_bar, stacked
from derivcheck.gradebook.summary import OUTCOMES as ORDER
from derivcheck.gradebook.summary import ClaimTally, Entry, MistakeTally, Summary
from derivcheck.gradebook.words import OUTCOMES, kind_words, number, shortened

_MOST_OPEN = 1_000
_MOST_REASONS = 8
_MOST_NAMED = 40


def render(summary: Summary, title: str) -> str:
    """The page of a class, whole in itself; it leads to its students' pages beside it."""
    return page(f"{title} – class", _body(summary, title))


def _body(summary: Summary, title: str) -> Iterator[Element]:
    entries = summary.entries
    yield el(
        "header", None, el("div", None, el("p", {"class": "over"}, "Class summary"), el("h1", {"dir": "auto"}, title))
    )
    yield _facts(summary)
    yield section("What needs a person", _open(summary), name="review")
    if summary.claims:
        yield section("Claims", _claims(summary), name="claims")
    if summary.graded:
        yield section("Mistakes", _mistakes(summary), name="mistakes")
        yield section("Points", _distribution(summary), name="points")
    if entries:
        yield section("Students", _students(entries), name="students")


def _facts(summary: Summary) -> Element:
    points = [entry.points for entry in summary.graded]
    of = max((entry.of for entry in summary.graded), default=Fraction(0))
    facts = [(str(len(summary.entries)), "submissions"), (str(len(summary.open)), "need a person")]
    if points:
        facts += [
            (number(sum(points, Fraction(0)) / len(points)), f"points on average, of {number(of)}"),
            (number(Fraction(median(points))), "points in the middle (median)"),
        ]
    return el("ul", {"class": "facts"}, *(el("li", None, el("strong", None, value), words) for value, words in facts))


def _link(entry: Entry) -> Element:
    return el("a", {"href": page_reference(entry.id), "dir": "auto"}, entry.name or entry.id)


def _open(summary: Summary) -> Element:
    if not summary.open:
        return el("p", None, badge("right", "nothing"), " Every point stands as it is.")
    rows = []
    for entry in summary.open[:_MOST_OPEN]:
        reasons = [f"Nothing was graded: {entry.failure}"] if entry.failure else []
        lines = [*reasons, *(line for line in entry.review if line != entry.failure)]
        items = [el("li", None, *said(line, 300)) for line in lines[:_MOST_REASONS]]
        if len(lines) > _MOST_REASONS:
            items.append(el("li", None, f"and {len(lines) - _MOST_REASONS} more, on the student's page"))
        rows.append(el("tr", None, el("th", {"scope": "row"}, _link(entry)), el("td", None, el("ul", None, *items))))
    heads = el("tr", None, el("th", {"scope": "col"}, "Student"), el("th", {"scope": "col"}, "Why"))
    table = el("table", {"class": "open"}, el("thead", None, heads), el("tbody", None, *rows))
    more = len(summary.open) - _MOST_OPEN
    rest = el("p", {"class": "rest"}, f"{more} more are in summary.json.") if more > 0 else None
    head = notice(
        f"{len(summary.open)} of {len(summary.entries)} submissions: their points do not stand yet.", [], "review"
    )
    return el("div", None, head, table, rest)


def _claims(summary: Summary) -> Element:
    heads = el("tr", None, *(el("th", {"scope": "col"}, text) for text in ("Claim", "How it went")))
    return el(
        "table",
        {"class": "tally"},
        el("thead", None, heads),
        el("tbody", None, *(_claim(number_, one) for number_, one in enumerate(summary.claims, 1))),
    )


def _claim(number_: int, tally: ClaimTally) -> Element:
    shares = [(Fraction(tally.counts[one], tally.students), OUTCOMES[one][2]) for one in ORDER]
    counts = [
        badge(OUTCOMES[one][2], f"{tally.counts[one]} {OUTCOMES[one][0]}", OUTCOMES[one][1])
        for one in ORDER
        if tally.counts[one]
    ]
    return el(
        "tr",
        None,
        el(
            "th",
            {"scope": "row"},
            el("span", {"class": "title"}, f"{number_}. {shortened(tally.title, 200)}"),
            el("span", {"class": "under"}, f"{number(tally.of)} {'point' if tally.of == 1 else 'points'}"),
        ),
        el("td", None, stacked(shares), el("div", {"class": "tallies"}, *counts)),
    )


def _mistakes(summary: Summary) -> Element:
    tallies = summary.mistakes
    if not tallies:
        return el("p", None, "No mistake was found.")
    most = max(len(one.students) for one in tallies)
    heads = [
        el("th", {"scope": "col"}, "Mistake"),
        el("th", {"scope": "col"}, "Students"),
        el("th", {"scope": "col", "class": "wide"}, ""),
        el("th", {"scope": "col"}, "Claims"),
    ]
    names = {one.id: f"{index}" for index, one in enumerate(summary.claims, 1)}
    entries = {entry.id: entry for entry in summary.entries}
    rows = [_mistake(one, most, names, entries) for one in tallies]
    return el("table", {"class": "mistakes"}, el("thead", None, el("tr", None, *heads)), el("tbody", None, *rows))


def _mistake(tally: MistakeTally, most: int, names: dict[str, str], entries: dict[str, Entry]) -> Element:
    times = f" ({tally.count} times)" if tally.count != len(tally.students) else ""
    where = ", ".join(names[one] for one in names if one in tally.claims)
    return el(
        "tr",
        None,
        el("th", {"scope": "row"}, kind_words(tally.kind), _who([entries[one] for one in tally.students])),
        el("td", {"class": "count"}, f"{len(tally.students)}{times}"),
        el("td", {"class": "measure wide"}, stacked([(Fraction(len(tally.students), most), "wrong")])),
        el("td", None, where or "–"),
    )


def _who(entries: list[Entry]) -> Element:
    """Whose mistake it is, folded away."""
    links: list[Element | str] = []
    for entry in entries[:_MOST_NAMED]:
        links += [", "] * bool(links)
        links.append(_link(entry))
    if len(entries) > _MOST_NAMED:
        links.append(f" and {len(entries) - _MOST_NAMED} more")
    return el("details", {"class": "who"}, el("summary", None, "who"), el("p", None, *links))


def _distribution(summary: Summary) -> Element:
    """A plot of how many have which share of the points; its numbers stand on it, and it says them in words."""
    columns = summary.distribution()
    most = max([*columns, 1])
    width, height, top, step = 440, 150, 18, 44
    marks: list[Element] = []
    for index, count in enumerate(columns):
        tall = (height - top) * count / most
        x = index * step + 4
        if count:
            marks.append(
                el(
                    "rect",
                    {
                        "class": "column",
                        "x": str(x),
                        "y": f"{height - tall:.1f}",
                        "width": str(step - 8),
                        "height": f"{tall:.1f}",
                        "rx": "2",
                    },
                )
            )
            marks.append(
                el(
                    "text",
                    {
                        "class": "value",
                        "x": str(x + step // 2 - 4),
                        "y": f"{height - tall - 4:.1f}",
                        "text-anchor": "middle",
                    },
                    str(count),
                )
            )
        label = f"{index * 10}–{index * 10 + 10}"
        marks.append(el("text", {"x": str(x + step // 2 - 4), "y": str(height + 16), "text-anchor": "middle"}, label))
    marks.append(el("line", {"x1": "0", "y1": str(height), "x2": str(width), "y2": str(height)}))
    said = "; ".join(f"{count} from {i * 10} to {i * 10 + 10} %" for i, count in enumerate(columns) if count)
    attributes = {
        "class": "plot",
        "viewBox": f"0 0 {width} {height + 24}",
        "role": "img",
        "aria-label": f"Students by their share of the points: {said or 'none'}.",
    }
    caption = el(
        "p",
        {"class": "under"},
        "Students by their share of the points, in per cent; preliminary points count as they are.",
    )
    return el("div", None, caption, el("svg", attributes, *marks))


def _students(entries: list[Entry]) -> Element:
    heads = el(
        "tr",
        None,
        *(el("th", {"scope": "col"}, text) for text in ("Student", "Points")),
        el("th", {"scope": "col", "class": "wide"}, ""),
        el("th", {"scope": "col"}, "State"),
    )
    return el("table", {"class": "students"}, el("thead", None, heads), el("tbody", None, *map(_student, entries)))


def _student(entry: Entry) -> Element:
    state = badge("review", "review", "A person has to look at it.") if entry.open else badge("right", "stands")
    under = el("span", {"class": "under"}, f" {entry.id}") if entry.name else None
    return el(
        "tr",
        None,
        el("th", {"scope": "row"}, _link(entry), under),
        el("td", {"class": "points"}, "–" if entry.failure else f"{number(entry.points)} of {number(entry.of)}"),
        el("td", {"class": "measure wide"}, share_bar(entry.points, entry.of)),
        el("td", None, state),
    )
