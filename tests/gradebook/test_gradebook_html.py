"""Markup is made of known elements and escaped text; formulas are drawn whole or not at all."""

from __future__ import annotations

import re

import pytest
from gradebook_samples import EVIL, EVIL_LATEX
from html_reading import read
from hypothesis import given, settings
from hypothesis import strategies as st

from derivcheck.gradebook.html import MATHML, Element, document, el, escaped, inert, render
from derivcheck.gradebook.mathml import DEEPEST, MOST_CHARACTERS, drawn, math
from derivcheck.gradebook.page import style_sheet

derandomized = settings(derandomize=True, max_examples=200, deadline=None)


def test_text_is_escaped_in_content_and_in_attributes() -> None:
    made = el("p", {"title": "\"'<&>"}, "<b>\"'&")
    assert render(made) == '<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;&quot;&#39;&amp;</p>'


@pytest.mark.parametrize(
    "tag", ["script", "iframe", "img", "object", "style", "link", "p onload", "form", "foreignObject"]
)
def test_other_elements_cannot_be_made(tag: str) -> None:
    with pytest.raises(ValueError, match="no element"):
        el(tag)


@pytest.mark.parametrize("name", ["onclick", "onload", "style", "src", "srcdoc", "xlink:href", "a b", "formaction"])
def test_other_attributes_cannot_be_made(name: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        el("p", {name: "x"})


@pytest.mark.parametrize("href", ["#line-3", "students/ada.html", "students/x%20y.html", "a@b.html"])
def test_references_lead_into_the_page_or_beside_it(href: str) -> None:
    assert href in render(el("a", {"href": href}, "x"))


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "http://x",
        "//x/y",
        "/etc/passwd",
        "../x",
        "a/../b",
        "",
        "#",
        "data:text/html,x",
        "#a b",
        "JAVASCRIPT:x",
        " javascript:x",
        "x\n",
        "a//b",
        "\\\\x\\y",
        ".hidden",
    ],
)
def test_references_lead_nowhere_else(href: str) -> None:
    with pytest.raises(ValueError, match="no attribute"):
        el("a", {"href": href})


def test_characters_that_would_be_more_than_text_are_shown_as_such() -> None:
    assert inert("a\x00b\u202ec\u2066d\ufeffe\ud800f\ufffeg\x9bh\r") == "a�b�c�d�e�f�g�h�"
    kept = "tab\t line\n é e\u0301 ﬁ 𝒳 👩\u200d🔬 نیم\u200cفاصله עברית"
    assert inert(kept) == kept


@derandomized
@given(st.text(alphabet=st.characters(codec=None), max_size=60))
def test_any_text_comes_out_of_a_parser_as_it_went_in(text: str) -> None:
    page = read(f"{render(el('p', {'title': text}, text))}")
    assert "".join(page.text) == inert(text)
    assert page.attributes == [("p", "title", inert(text))]
    escaped(text).encode("utf-8")


def test_a_document_has_a_policy_that_knows_its_style_alone() -> None:
    made = document("T", "p { color: red }", [el("p", None, "x")])
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', made)
    assert policy is not None
    assert policy.group(1).startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
    assert "unsafe" not in policy.group(1)
    assert made.startswith('<!DOCTYPE html>\n<html lang="en">')


def test_a_style_sheet_cannot_end_its_element() -> None:
    with pytest.raises(ValueError, match="style"):
        document("T", "</style><script>", [])


# -- formulas ------------------------------------------------------------------------------------------------------


def tags(element: Element) -> set[str]:
    inside = (tags(child) for child in element.children if isinstance(child, Element))
    return {element.tag}.union(*inside)


@pytest.mark.parametrize(
    ("latex", "markup"),
    [
        ("x", "<mrow><mi>x</mi></mrow>"),
        (r"\frac12", "<mrow><mfrac><mn>1</mn><mn>2</mn></mfrac></mrow>"),
        (r"\hat{y}", '<mrow><mover accent="true"><mrow><mi>y</mi></mrow><mo>^</mo></mover></mrow>'),
        (r"\mathrm { R e L U }", '<mrow><mrow><mi class="up">ReLU</mi></mrow></mrow>'),
        (r"\boxed{x}", '<mrow><mrow class="boxed"><mrow><mi>x</mi></mrow></mrow></mrow>'),
        (r"= -y", '<mrow><mo>=</mo><mo form="prefix">−</mo><mi>y</mi></mrow>'),
        (r"a < b", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>"),
        (r"\text{<b>}", "<mrow><mtext>&lt;b&gt;</mtext></mrow>"),
        (r"\mathbb{1}", "<mrow><mrow><mn>𝟙</mn></mrow></mrow>"),
        (
            r"y\ln x",
            '<mrow><mi>y</mi><mspace width="0.167em"></mspace><mi>ln</mi><mspace width="0.167em"></mspace>'
            "<mi>x</mi></mrow>",
        ),
    ],
)
def test_formulas_are_drawn(latex: str, markup: str) -> None:
    made = drawn(latex, display=False)
    assert made is not None
    assert render(made) == markup


@pytest.mark.parametrize(
    "latex",
    [
        r"\begin{aligned} a &= b \\ &= c \end{aligned}",
        r"\begin{cases} 1 & z > 0 \\ 0 & \text{else} \end{cases}",
        r"\begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}",
        r"\nabla_{W^{(2)}} J = \frac{1}{m} \sum_{i=1}^m \left( \hat{y}^{(i)} - y^{(i)} \right) h^{(1)T}",
        r"\underbrace{1 - x}_{y} \cdot \overline{z}",
        r"x \xrightarrow{w} z",
        r"\lVert x \rVert_2^2, \sqrt[3]{x}, \dot x, \vec v, \sigma'(z), f''(x)",
    ],
)
def test_the_notation_of_notes_is_drawn(latex: str) -> None:
    assert drawn(latex, display=True) is not None


@pytest.mark.parametrize(
    "latex",
    [
        "",
        " ",
        r"\href{javascript:x}{y}",
        r"\url{x}",
        r"\class{a}{b}",
        r"\style{color:red}{b}",
        r"\color{red}x",
        r"\colorbox{red}{x}",
        r"\phantom{x}",
        r"\hphantom{x}",
        r"\rule{1em}{1em}",
        r"\hspace{99em}x",
        r"\kern1em",
        r"\def\a{b}\a",
        r"\newcommand{\a}{b}\a",
        r"\let\a=b",
        r"\unknown x",
        r"\frac{1}",
        r"\left( x",
        r"x \right)",
        "{x",
        "x}",
        "x % y",
        "x $ y",
        r"\input{x}",
        r"\verb|x|",
        r"\unicode{x41}",
        r"\not x",
        r"\llap{x}y",
        "a & b",
        r"\mkern-99mu x",
        r"\char`x",
        "x" * (MOST_CHARACTERS + 1),
        "{" * (DEEPEST + 1) + "x" + "}" * (DEEPEST + 1),
        "^",
        "_",
        "x_",
        r"x \\% y",
        r"\begin{matrix}",
        "\\",
    ],
)
def test_what_is_not_drawn_stands_as_text(latex: str) -> None:
    assert drawn(latex, display=False) is None


def test_the_source_is_kept_beside_the_drawing() -> None:
    made = math("x", "$x$", display=False)
    assert made is not None
    assert render(made) == (
        "<math><semantics><mrow><mi>x</mi></mrow>"
        '<annotation encoding="application/x-tex">$x$</annotation></semantics></math>'
    )


def test_a_chain_is_drawn_link_by_link() -> None:
    made = math("a = b \\approx c", "$…$", display=False)
    assert made is not None
    assert render(made) == (
        '<span class="chain"><math><semantics><mrow><mi>a</mi></mrow>'
        '<annotation encoding="application/x-tex">$…$</annotation></semantics></math>'
        '<wbr><math class="link"><mrow><mo>=</mo><mi>b</mi></mrow></math>'
        '<wbr><math class="link"><mrow><mo>≈</mo><mi>c</mi></mrow></math></span>'
    )
    inside = math(r"\frac{a = b}{c}", "", display=False)
    assert inside is not None
    assert inside.tag == "math"
    further = math("= b", "", display=True)
    assert further is not None
    assert dict(further.attributes) == {"display": "block", "class": "on"}


PIECES = [
    *EVIL_LATEX,
    *EVIL,
    r"\frac",
    r"\sqrt",
    "{",
    "}",
    "^",
    "_",
    "&",
    r"\\",
    r"\left",
    r"\right",
    "(",
    ")",
    "[",
    "]",
    r"\begin{cases}",
    r"\end{cases}",
    r"\begin{aligned}",
    r"\end{aligned}",
    r"\text{",
    "x",
    "1",
    " ",
    "'",
    r"\hat",
    r"\sum",
    r"\limits",
    r"\mathbf",
    r"\operatorname{",
    r"\underbrace",
    r"\xrightarrow",
    r"\binom",
    r"\middle|",
    r"\genfrac",
    r"\substack{",
    r"\mathbb",
    r"\not",
    r"\overset",
    r"\big",
    r"\mod",
    r"\pmod",
    r"\array",
    r"\hline",
    r"\cr",
    r"\atop",
    r"\over",
    r"\choose",
    r"\root",
    r"\of",
    r"\begin{array}{|c|}",
    r"\end{array}",
    r"\displaystyle",
    r"\tiny",
    r"\bf",
    r"\it",
    r"\sideset",
    r"\skew",
    r"\prime",
    "~",
    r"\mbox{",
    r"\hbox{$x$}",
    r"\ensuremath",
    r"\qquad",
    r"\;",
    r"\!",
    "&#x3c;",
    "&#xffffff;",
]


@settings(derandomize=True, max_examples=800, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12), st.booleans())
def test_no_text_makes_the_converter_fail_or_give_more_than_mathml(pieces: list[str], display: bool) -> None:
    made = drawn("".join(pieces)[: MOST_CHARACTERS + 10], display=display)
    if made is not None:
        assert tags(made) <= MATHML
        page = read(render(made))
        assert {name for _, name, _ in page.attributes} <= {
            "class",
            "stretchy",
            "fence",
            "form",
            "accent",
            "movablelimits",
            "displaystyle",
            "scriptlevel",
            "linethickness",
            "minsize",
            "maxsize",
            "width",
        }


# -- colours -------------------------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: str, b: str) -> float:
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_text_can_be_told_from_its_ground(scheme: int) -> None:
    """WCAG 2.1 AA asks for 4.5 to 1, in the light scheme and in the dark one."""
    blocks = re.findall(r":root \{([^}]*--ground[^}]*)\}", style_sheet())
    assert len(blocks) == 2
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", blocks[scheme]))
    tones = ["right", "slip", "follows", "wrong", "review", "unread"]
    grounds = ["ground", "paper", *(f"{tone}-ground" for tone in tones)]
    assert set(colours) == {*tones, *grounds, "ink", "soft", "rule", "link"}
    for ground in grounds:
        for text in ("ink", "soft", "link"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
    for tone in tones:
        for ground in ("ground", "paper", f"{tone}-ground"):
            assert contrast(colours[tone], colours[ground]) >= 4.5, (tone, ground)
