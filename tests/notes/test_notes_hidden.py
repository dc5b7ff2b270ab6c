"""What stands in a document and is not seen on its page is marked so; what is seen is not."""

from __future__ import annotations

import time

import pytest

from derivcheck.notes.document import document
from derivcheck.source import Source

_BODY = r"\documentclass{article}\begin{document}%s\end{document}"


def hidden(text: str, path: str = "note.md") -> list[bool]:
    return [bool(place.hidden) for place in document(Source(path, text)).formulas]


@pytest.mark.parametrize(
    "text",
    [
        "![$a=b$](x.png)",
        "[a](http://x/$a=b$)",
        '[x]: http://a "$a=b$"',
        "<input value='$a=b$'>",
        '<div data-x="$a=b$">text</div>',
        "<a href=x title='see $a=b$' >text</a>",
        "<script>$a=b$</script>",
        "<style>$a=b$</style>",
        "<TEMPLATE id='x'>$a=b$</TEMPLATE>",
        "<noscript>$a=b$",
        '<font color="white">$a=b$</font>',
        '<div style="position:absolute;left:-9999px">$a=b$</div>',
        '<div style="height:0">$a=b$</div>',
        "<?php $a=b$ ?>",
        "<![CDATA[ $a=b$ ]]>",
    ],
)
def test_what_markdown_does_not_show(text: str) -> None:
    assert hidden(text) == [True]
    assert hidden(f"$c=d$ and\n{text}\n\nthen $e=f$")[:1] == [False]


@pytest.mark.parametrize(
    "text",
    [
        r"\newcommand{\x}{$a=b$}",
        r"\newcommand*\x[1][y]{$a=b$}",
        r"\def\x#1{$a=b$}",
        r"\newenvironment{x}{$a=b$}{}",
        r"\if0 $a=b$\fi",
        r"\ifx\a\undefined\else $a=b$\fi",
        r"\ifnum1=2 \iffalse\fi $a=b$\fi",
        r"\iftrue text\else $a=b$\fi",
        r"\makeatletter\@gobble{$a=b$}",
        r"\typeout{$a=b$}",
        r"\label{$a=b$}",
        r"\savebox{\x}{$a=b$}",
        r"\sbox0{$a=b$}",
        r"\begin{lrbox}{\x}$a=b$\end{lrbox}",
        r"\raisebox{-99cm}{$a=b$}",
        r"{\nullfont $a=b$}",
        r"{\fontsize{0}{0}\selectfont $a=b$}",
        r"{\transparent{0} $a=b$}",
        r"{\hspace{-99cm}$a=b$}",
    ],
)
def test_what_tex_does_not_show(text: str) -> None:
    assert hidden(_BODY % text, "note.tex") == [True]
    assert hidden(_BODY % f"$c=d$ {text} $e=f$", "note.tex") == [False, True, False]


def test_nothing_after_the_end_of_the_input_is_shown() -> None:
    assert hidden(_BODY % r"$a=b$ \endinput $c=d$", "note.tex") == [False, True]


@pytest.mark.parametrize(
    "text",
    [
        "if $a <b$ and $c> d$",
        "<b class='x'>$a=b$</b> $a=b$",
        "<details><summary>more</summary>\n\n$a=b$\n\n</details> $a=b$",
        "[1]: $a=b$ and $a=b$",
        "[^1]: $a=b$, $a=b$",
        "see [a](b) $a=b$ (and $a=b$)",
        "![a](b.png) $a=b$, $a=b$",
        "$W^{[1]}(x) = a$ and $a=b$",
        '<img src="a.png"> $a=b$ $a=b$',
        "<div align=center>$a=b$</div> $a=b$",
    ],
)
def test_what_markdown_shows(text: str) -> None:
    assert hidden(text) == [False, False]


@pytest.mark.parametrize(
    "text",
    [
        r"$a=b \iff c=d$ $a=b$",
        r"\newcommand{\x}{y} $a=b$ $a=b$",
        r"\ifthenelse{1=1}{$a=b$}{} $a=b$",
        r"\begin{algorithmic}\If{$a=b$} \EndIf\end{algorithmic} $a=b$",
        r"\begin{equation}\label{eq:a} a=b \end{equation} $a=b$",
        r"{\fontsize{12}{14}\selectfont $a=b$} $a=b$",
        r"\hspace{-10pt}$a=b$ $a=b$",
        r"\raisebox{2pt}{$a=b$} $a=b$",
        r"\footnote{$a=b$} $a=b$",
    ],
)
def test_what_tex_shows(text: str) -> None:
    assert hidden(_BODY % text, "note.tex") == [False, False]


@pytest.mark.parametrize(
    "piece",
    ["![", "](", "](a",
     "<a b='", '<a b="x" ', "<?", "<![CDATA[", "\\if", "<script>", "\\def\\x", "[a]: b ", "\\kern-", "{",
     "]((", "\n[a]: b '", "![[", "<font "],
)  # fmt: skip
def test_the_time_grows_with_the_length(piece: str) -> None:
    def taken(times: int) -> float:
        source = Source("note.md", piece * times)
        start = time.process_time()
        document(source)
        return time.process_time() - start

    taken(200)
    assert min(taken(16000) for _ in range(3)) < 8 * min(taken(4000) for _ in range(3)) + 0.05


def test_a_tag_in_a_formula_hides_nothing_behind_it() -> None:
    assert hidden(r"$z = \text{<script>}$ and $a=b$") == [False, False]
    assert hidden(r"$$z = \text{<style>}$$ $a=b$ <script>$c=d$</script> $e=f$") == [False, False, True, False]
    assert hidden("<script> $a=b$ $c=d$") == [True, True]
