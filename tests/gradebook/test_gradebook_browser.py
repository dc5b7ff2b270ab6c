"""The pages in a real browser: nothing runs, nothing is fetched, formulas are drawn, and a phone shows it all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from chromium import CHROMIUM, Browser, Gone
from gradebook_samples import a_class, ada, hostile
from html_reading import contents_of_text

from derivcheck.gradebook import student
from derivcheck.gradebook.html import inert
from derivcheck.gradebook.lines import lay_out
from derivcheck.gradebook.write import write_all
from derivcheck.grading.model import Student

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    try:
        started = Browser(tmp_path_factory.mktemp("profile"))
    except Gone as gone:
        pytest.skip(f"Chromium is here, but does not start: {gone}")
    with started as one:
        yield one


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("pages")
    write_all([*a_class(), hostile()], folder / "out")
    names = {
        "class": "index.html",
        "ada": "students/ada.html",
        "hostile": "students/mallory.html",
        "failed": "students/broken.html",
    }
    return {name: (folder / "out" / path).as_uri() for name, path in names.items()}


ALL = ["class", "ada", "hostile", "failed"]


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_is_complained_of_nothing_is_fetched(
    browser: Browser, pages: dict[str, str], page: str, dark: bool
) -> None:
    browser.open(pages[page], dark=dark)
    assert browser.complaints() == []
    assert browser.requests() == [pages[page]]
    assert browser.evaluate("document.title") != ""
    assert browser.evaluate("document.compatMode") == "CSS1Compat"


@pytest.mark.parametrize("page", ALL)
@pytest.mark.parametrize("width", [320, 360, 700, 1400])
def test_a_page_is_never_wider_than_its_window(
    browser: Browser, pages: dict[str, str], page: str, width: int
) -> None:
    browser.open(pages[page], width=width)
    assert browser.evaluate("document.documentElement.scrollWidth") <= width


def test_formulas_are_drawn(browser: Browser, pages: dict[str, str]) -> None:
    browser.open(pages["ada"])
    sizes = browser.evaluate(
        "[...document.querySelectorAll('math')].map(m => m.getBoundingClientRect()).map(r => [r.width, r.height])"
    )
    assert len(sizes) > 10
    assert all(width > 4 and height > 4 for width, height in sizes)
    fraction = browser.evaluate("document.querySelector('mfrac').getBoundingClientRect().height")
    numerator = browser.evaluate("document.querySelector('mfrac').firstElementChild.getBoundingClientRect().height")
    assert fraction > 1.5 * numerator  # stacked, not side by side


def test_a_chain_is_broken_between_its_links_where_there_is_no_room(browser: Browser, pages: dict[str, str]) -> None:
    line = "[...document.querySelectorAll('#line-16 .content math')].map(m => m.getBoundingClientRect())"
    browser.open(pages["ada"], width=1400)
    wide = browser.evaluate(f"{line}.map(r => r.bottom)")
    assert len(wide) == 3
    assert max(wide) - min(wide) < 15  # beside one another
    browser.open(pages["ada"], width=360)
    narrow = browser.evaluate(f"{line}.map(r => [r.bottom, r.right])")
    assert narrow[-1][0] - narrow[0][0] > 20  # on lines of their own
    assert all(right <= 360 for _, right in narrow)


def test_what_a_submission_says_does_not_run(browser: Browser, pages: dict[str, str]) -> None:
    browser.open(pages["hostile"])
    assert browser.evaluate("typeof window.owned") == "undefined"
    assert browser.evaluate("document.title").startswith("</title><script>")
    found = browser.evaluate(
        "[...document.querySelectorAll('*')].filter(e => "
        "['SCRIPT','IMG','IFRAME','OBJECT','EMBED','LINK','FORM','BASE','INPUT'].includes(e.tagName.toUpperCase())"
        " || [...e.attributes].some(a => a.name.startsWith('on') || a.name === 'style' || a.name === 'src'"
        " || /script:|data:|https?:/i.test(a.value) && a.name === 'href')).map(e => e.outerHTML)"
    )
    assert found == []
    assert browser.evaluate("document.querySelectorAll('style').length") == 1


@pytest.mark.parametrize("page", ["ada", "hostile"])
def test_the_text_is_the_submissions_own(browser: Browser, pages: dict[str, str], page: str) -> None:
    """As the browser reads the page, not as a parser of ours does."""
    browser.open(pages[page])
    texts = browser.evaluate(
        "[...document.querySelectorAll('.text > li > .content')].map(c => { const d = c.cloneNode(true);"
        " d.querySelectorAll('math.link').forEach(m => m.remove());"
        " d.querySelectorAll('semantics').forEach(s => s.replaceWith(s.lastElementChild.textContent));"
        " return d.textContent; })"
    )
    submission = ada() if page == "ada" else hostile()
    assert texts == [inert(line.text) for line in lay_out(submission).lines]
    html = student.render(submission)
    assert texts == contents_of_text(html)


def test_a_page_is_printed_in_ink_on_paper(browser: Browser, pages: dict[str, str]) -> None:
    """Even where the screen is dark."""
    browser.open(pages["ada"], dark=True)
    dark = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    browser.call("Emulation.setEmulatedMedia", media="print")
    printed = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    browser.call("Emulation.setEmulatedMedia", media="")
    assert dark != printed == "rgb(255, 255, 255)"
    assert browser.call("Page.printToPDF")["data"].startswith("JVBERi0")  # %PDF-


def test_lines_and_claims_lead_to_each_other(browser: Browser, pages: dict[str, str]) -> None:
    browser.open(pages["ada"])
    broken = browser.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"], use')].map(a => a.getAttribute('href'))"
        ".filter(h => document.getElementById(h.slice(1)) === null)"
    )
    assert broken == []
    ids = browser.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_the_class_page_leads_to_its_students(browser: Browser, pages: dict[str, str]) -> None:
    browser.open(pages["class"])
    links = browser.evaluate("[...document.querySelectorAll('a')].map(a => a.href)")
    assert len(links) >= 5
    for link in set(links):
        assert Path(link.removeprefix("file://")).is_file(), link


def test_what_marks_mean_is_written_beside_them(browser: Browser, pages: dict[str, str]) -> None:
    """No mark is told by its colour alone, even on a phone, where the word is for those who listen."""
    browser.open(pages["ada"], width=360)
    words = browser.evaluate("[...document.querySelectorAll('.text > li.wrong .mark')].map(m => m.textContent)")
    assert words == ["wrong"]
    shape = browser.evaluate("document.querySelector('.text > li.wrong .mark svg').getBoundingClientRect().width")
    assert shape > 8


def test_a_page_of_five_thousand_formulas_opens(browser: Browser, tmp_path: Path) -> None:
    from gradebook_samples import many_formulas

    path = tmp_path / "many.html"
    path.write_text(student.render(replace(many_formulas(5_000), student=Student("many"))), encoding="utf-8")
    browser.open(path.as_uri())
    assert browser.complaints() == []
    assert browser.evaluate("document.querySelectorAll('.text > li').length") >= 4_000
