r"""Owns where the formulas of a document stand: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` and environments, each with
its place; and what hides them: code, comments, verbatim text, the preamble.

A document is read once from its beginning to its end. Nothing is expanded and no file is opened: a command that the
document defines itself is only noted, so that a formula that uses it is not taken for something else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Literal

from derivcheck.errors import Problem
from derivcheck.notes.hidden import hidden
from derivcheck.source import Passage, Source, Span

Format = Literal["markdown", "latex"]

#: Environments whose whole content is one formula.
_MATH = frozenset(
    name + star
    for name in ("equation", "align", "gather", "eqnarray", "multline", "flalign", "alignat", "displaymath", "math",
                 "aligned", "gathered", "split")
    for star in ("", "*")
)  # fmt: skip
#: Environments in which nothing is a formula.
_HIDDEN = frozenset({"verbatim", "verbatim*", "lstlisting", "minted", "comment", "Verbatim", "alltt", "filecontents"})
#: Names of packages that give commands another meaning than the usual one, and which.
_PACKAGES = {"physics": ("div", "tr", "Tr", "det", "exp", "log", "ln", "sin", "cos", "tan")}

#: What has to be looked at in a document; all else is text.
_MARKDOWN = re.compile(
    r"(?P<fence>^[ \t>]*(?:[-*+][ \t]+)?(?P<fence_sign>`{3,}|~{3,})(?P<fence_word>[^\n]*)$)"
    r"|(?P<ticks>`+)"
    r"|(?P<html><!--)"
    r"|(?P<double>\\\\[(\[])"
    r"|(?P<escaped>\\[\\$`])"
    r"|(?P<paren>\\\()"
    r"|(?P<bracket>\\\[)"
    r"|(?P<begin>\\begin[ \t]*\{(?P<name>[A-Za-z]+\*?)\})"
    r"|(?P<display>\$\$)"
    r"|(?P<inline>\$)",
    re.MULTILINE,
)
_LATEX = re.compile(
    r"(?P<escaped>\\[\\$%])"
    r"|(?P<verb>\\verb\*?(?P<verb_sign>[^A-Za-z\s*]))"
    r"|(?P<comment>%)"
    r"|(?P<end_document>\\end[ \t]*\{document\})"
    r"|(?P<paren>\\\()"
    r"|(?P<bracket>\\\[)"
    r"|(?P<begin>\\begin[ \t]*\{(?P<name>[A-Za-z]+\*?)\})"
    r"|(?P<display>\$\$)"
    r"|(?P<inline>\$)"
)
#: What no inline formula goes across.
_BREAKS = {
    "markdown": re.compile(r"\n(?:[ \t>]*\n|[ \t>]*(?:#{1,6}[ \t]|[-*+][ \t]|\d{1,3}[.)][ \t]|```|~~~|\$\$))"),
    "latex": re.compile(
        r"\n[ \t]*\n|\\(?:item|section|subsection|subsubsection|paragraph|part|chapter)(?![A-Za-z])|(?<!\\)\\\["
        r"|\\(?:begin|end)[ \t]*\{(?:itemize|enumerate|description|document|proof|center|figure|table|tabular|quote"
        r"|verbatim|lstlisting|equation|align|gather|eqnarray|multline|flalign|alignat)\*?\}"
    ),
}
#: A comment that is over before the formula is; a percent sign with a backslash is none.
_TEX_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*+(%[^\n]*+)(?=\n)")
_BLANK_LINE = re.compile(r"\n[ \t>]*\n")
#: What closes a formula: not behind a backslash that stands for itself.
_CLOSERS = {sign: re.compile(rf"(?<!\\)(?:\\\\)*+({re.escape(sign)})") for sign in ("\\)", "\\]", "$")} | {
    "$$": re.compile(r"(?<!\\)(?:\\\\)*+(\$)(?=\$)"),
    "\\\\)": re.compile(r"(\\\\\))"),
    "\\\\]": re.compile(r"(\\\\\])"),
}
_DEFINES = re.compile(
    r"\\(?:[egx]?def|(?:future)?let|[a-zA-Z]*command[a-z]?|DeclareMathOperator|DeclarePairedDelimiter"
    r"|(?:re)?newenvironment|[A-Z][a-z]*Document(?:Command|Environment))(?![A-Za-z])\*?[ \t\n]*+\{?+[ \t\n]*+"
    r"(?:\\(?P<name>[A-Za-z@]++|[^A-Za-z@\s])|(?P<environment>[A-Za-z]++\*?)\})"
)
_PACKAGE = re.compile(r"\\usepackage[ \t]*(?:\[[^\]\n]{0,200}\])?[ \t]*\{([^}\n]{0,200})\}")
_REDEFINES_SIGNS = re.compile(r"\\(?:catcode|active|lccode|mathcode|csname)(?![A-Za-z])")
_READS_FILES = re.compile(r"\\(?:input|include|InputIfFileExists|openin|subfile|import)(?![A-Za-z])")
#: What follows a dollar sign that was meant to begin a formula.
_LIKE_FORMULA = re.compile(r"[\\A-Za-z({\[|+\-^_=]")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a formula stands: with the signs around it, and without them. ``hidden`` says why a reader of the page
    does not see it, or sees that it does not count."""

    span: Span
    content: Span
    display: bool
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """The formulas of a document in their order. ``macros`` are the commands (without the backslash) and environments
    that it gives a meaning of its own; ``altered`` is where it changes what signs are, after which no formula can be
    read. ``problems`` are of the document as a whole, each with its place."""

    source: Source
    format: Format
    formulas: tuple[Place, ...]
    macros: frozenset[str] = frozenset()
    altered: Span | None = None
    problems: tuple[Problem, ...] = ()

    def passage(self, place: Place) -> Passage:
        """The text between the signs around a formula; without the marks of a quotation at the beginning of its
        lines, and without TeX's comments."""
        text, start, end = self.source.text, place.content.start, place.content.end
        if self.format == "latex":
            shown = list(_uncommented(text, start, end))
            return Passage("".join(text[offset] for offset in shown), self.source, (*shown, end))
        line = text.rfind("\n", 0, place.span.start) + 1
        depth = text[line : place.span.start].count(">") if text[line : line + 20].lstrip().startswith(">") else 0
        if self.format != "markdown" or not depth:
            return Passage(text[start:end], self.source, tuple(range(start, end + 1)))
        kept = list(_unquoted(text, start, end, depth))
        return Passage("".join(text[offset] for offset in kept), self.source, (*kept, end))


def _uncommented(text: str, start: int, end: int) -> Iterator[int]:
    """The places that are in no comment. A comment without an end may hide that of the formula: it stays."""
    at = start
    for match in _TEX_COMMENT.finditer(text, start, end):
        yield from range(at, match.start(1))
        at = match.end()
    yield from range(at, end)


def _unquoted(text: str, start: int, end: int, depth: int) -> Iterator[int]:
    at = start
    while at < end:
        stop = text.find("\n", at, end)
        stop = end if stop < 0 else stop + 1
        yield from range(at, stop)
        at, left = stop, depth
        while at < end and (text[at] in " \t" or (text[at] == ">" and left)):
            left -= text[at] == ">"
            at += 1


def format_of(source: Source) -> Format:
    """What kind of document this is, by its name or by what stands in it."""
    name = source.path.lower()
    if name.endswith((".tex", ".ltx", ".latex")):
        return "latex"
    if name.endswith((".md", ".markdown", ".rmd", ".qmd")):
        return "markdown"
    return "latex" if "\\documentclass" in source.text or "\\begin{document}" in source.text else "markdown"


def document(source: Source, start: int = 0) -> Document:
    """The formulas of a document from a place on (behind its front matter). Never raises."""
    kind = format_of(source)
    problems: list[Problem] = []
    scanner = _Scanner(source.text, kind, _body(source.text, start) if kind == "latex" else start, problems)
    scanner.run()
    macros, altered = _macros(source.text, kind, problems)
    problems.sort(key=lambda problem: problem.span or Span(0, 0))
    covers = hidden(source.text, [place.span for place in scanner.found])
    places = tuple(replace(place, hidden=covers.at(place.span.start)) for place in scanner.found)
    return Document(source, kind, places, macros, altered, tuple(problems))


def _body(text: str, start: int) -> int:
    """Where the body of a LaTeX document begins."""
    for match in islice(re.finditer(r"\\begin[ \t]*\{document\}", text), 100):
        line = text.rfind("\n", 0, match.start()) + 1
        if "%" not in text[line : match.start()].replace("\\%", ""):
            return max(start, match.end())
    return start


def _macros(text: str, kind: Format, problems: list[Problem]) -> tuple[frozenset[str], Span | None]:
    """The commands that a document defines, and where it changes the signs of TeX."""
    names = {match["name"] or match["environment"] for match in _DEFINES.finditer(text)}
    for match in _PACKAGE.finditer(text):
        for package in match[1].split(","):
            names.update(_PACKAGES.get(package.strip(), ()))
    files = _READS_FILES.search(text)
    if files is not None and kind == "latex":
        message = "another file is read here; it was not opened, and what it defines is not known"
        problems.append(Problem("latex", message, Span(*files.span()), "put all of it into one file"))
    altered = _REDEFINES_SIGNS.search(text) if kind == "latex" else None
    if altered is not None:
        message = "this changes what signs mean to TeX: no formula of this document can be read"
        problems.append(Problem("latex", message, Span(*altered.span()), "write the formulas without it"))
    return frozenset(names), None if altered is None else Span(*altered.span())


@dataclass(slots=True)
class _Scanner:
    """The position in a document, and what was found before it."""

    text: str
    kind: Format
    at: int
    problems: list[Problem]
    found: list[Place] = field(default_factory=list)
    _next: dict[str, tuple[int, int]] = field(default_factory=dict)
    _places: dict[re.Pattern[str], list[int]] = field(default_factory=dict)
    _ticks: dict[int, list[int]] | None = None

    def run(self) -> None:
        marks = _MARKDOWN if self.kind == "markdown" else _LATEX
        while (match := marks.search(self.text, self.at)) is not None:
            self.at = match.end()
            _RULES[match.lastgroup or ""](self, match)

    # --- where something ends

    def find(self, sign: str, start: int) -> int:
        """The next place of a text, or the end of the document; what lies between is looked through once."""
        since, place = self._next.get(sign, (0, -1))
        if not since <= start <= place:
            place = self.text.find(sign, start)
            place = len(self.text) if place < 0 else place
            self._next[sign] = (start, place)
        return place

    def next(self, pattern: re.Pattern[str], start: int) -> int:
        """The next place where a pattern matches, or the end of the document."""
        if pattern not in self._places:
            self._places[pattern] = [match.start(pattern.groups) for match in pattern.finditer(self.text)]
        places = self._places[pattern]
        at = bisect_left(places, start)
        return places[at] if at < len(places) else len(self.text)

    def break_after(self, start: int) -> int:
        """Where the paragraph ends: no inline formula goes on behind it."""
        return self.next(_BREAKS[self.kind], start)

    def blank_after(self, start: int) -> int:
        """The next empty line, or the end of the document."""
        return self.next(_BLANK_LINE, start)

    # --- what was found

    def formula(self, start: int, inner: int, outer: int, end: int, *, display: bool) -> None:
        self.found.append(Place(Span(start, end), Span(inner, outer), display))
        self.at = end

    def unclosed(self, start: int, end: int, closer: str) -> None:
        message = "this formula is not closed"
        self.problems.append(Problem("latex", message, Span(start, end), f"it ends with `{closer}`"))

    # --- rules

    def skip(self, match: re.Match[str]) -> None:
        """A sign that stands for itself."""

    def fence(self, match: re.Match[str]) -> None:
        """A block of code, to the line that closes it or to the end; of the language ``math`` it is a formula."""
        sign = match["fence_sign"]
        if sign[0] == "`" and "`" in match["fence_word"]:
            self.at = match.start("fence_sign")
            self.ticks_at(self.at)
            return
        closing = re.compile(rf"\n[ \t>]*+{sign[0]}{{{min(len(sign), 1_000)},}}[ \t]*+(?=\n|\r|\Z)")
        end = closing.search(self.text, match.end())
        if end is not None and match["fence_word"].strip() == "math":
            self.formula(match.start("fence_sign"), match.end(), end.start(), end.end(), display=True)
        self.at = len(self.text) if end is None else end.end()

    def ticks(self, match: re.Match[str]) -> None:
        self.ticks_at(match.start())

    def ticks_at(self, start: int) -> None:
        """Code between as many ticks; without the closing ones they are text."""
        if self._ticks is None:
            self._ticks = {}
            for run in re.finditer("`+", self.text):
                self._ticks.setdefault(run.end() - run.start(), []).append(run.start())
        end = start
        while end < len(self.text) and self.text[end] == "`":
            end += 1
        same = self._ticks.get(end - start, [])
        at = bisect_left(same, end)
        closed = at < len(same) and same[at] < self.break_after(end)
        self.at = same[at] + end - start if closed else end

    def html(self, match: re.Match[str]) -> None:
        self.at = min(self.find("-->", match.end()) + 3, len(self.text))

    def comment(self, match: re.Match[str]) -> None:
        self.at = self.find("\n", match.end())

    def verb(self, match: re.Match[str]) -> None:
        self.at = min(self.find(match["verb_sign"], match.end()), self.find("\n", match.end())) + 1

    def end_document(self, match: re.Match[str]) -> None:
        """On to the next document in the text, as where several files were joined."""
        begin = "\\begin{document}"
        self.at = self.find(begin, match.end())
        behind = self.text.find("$", match.end(), self.at)
        if self.at == len(self.text) and behind >= 0:
            message = "what stands behind the end of the document is not read"
            self.problems.append(Problem("latex", message, Span(behind, behind + 1), "move it into the document"))
        self.at = min(self.at + len(begin), len(self.text))

    def begin(self, match: re.Match[str]) -> None:
        name = match["name"]
        if name in _HIDDEN:
            self.at = self.find(f"\\end{{{name}}}", match.end())
        elif name in _MATH:
            closer = f"\\end{{{name}}}"
            end = self.find(closer, match.end())
            if end == len(self.text):
                self.unclosed(match.start(), match.end(), closer)
                return
            inner = match.end()
            if name.startswith("alignat"):
                columns = re.compile(r"[ \t]*\{\d+\}").match(self.text, inner)
                inner = columns.end() if columns else inner
            self.formula(match.start(), inner, end, end + len(closer), display=name not in ("math", "math*"))

    def paren(self, match: re.Match[str]) -> None:
        self.bracketed(match, "\\)", self.break_after(match.end()), display=False)

    def bracket(self, match: re.Match[str]) -> None:
        self.bracketed(match, "\\]", self.blank_after(match.end()), display=True)

    def double(self, match: re.Match[str]) -> None:
        r"""``\\(`` and ``\\[``: in Markdown a backslash may be written twice."""
        display = match[0].endswith("[")
        closer = "\\\\]" if display else "\\\\)"
        stop = self.blank_after(match.end())
        if self.find(closer, match.end()) < stop:
            self.bracketed(match, closer, stop, display=display)
        else:
            self.at = match.start() + 2

    def bracketed(self, match: re.Match[str], closer: str, stop: int, *, display: bool) -> None:
        end = self.next(_CLOSERS[closer], match.end())
        if end >= stop:
            self.unclosed(match.start(), match.end(), closer)
            return
        self.formula(match.start(), match.end(), end, end + len(closer), display=display)

    def display(self, match: re.Match[str]) -> None:
        stop = self.blank_after(match.end())
        end = self.next(_CLOSERS["$$"], match.end())
        if end >= stop:
            self.unclosed(match.start(), match.end(), "$$")
            return
        self.formula(match.start(), match.end(), end, end + 2, display=True)

    def inline(self, match: re.Match[str]) -> None:
        start, inner = match.start(), match.end()
        if self.text[inner : inner + 1] == "`" and self.kind == "markdown" and self.ticked(start, inner + 1):
            return
        end = self.closing(inner)
        if end is not None:
            self.formula(start, inner, end, end + 1, display=False)
        elif _LIKE_FORMULA.match(self.text, inner) and not self.text[start - 1 : start].isalnum():
            self.unclosed(start, inner, "$")

    def ticked(self, start: int, inner: int) -> bool:
        """``$`…`$``, as GitHub has it."""
        end = self.find("`$", inner)
        if end >= self.break_after(inner):
            return False
        self.formula(start, inner, end, end + 2, display=False)
        return True

    def closing(self, inner: int) -> int | None:
        """Where an inline formula ends, if it is one and no money."""
        stop = self.break_after(inner)
        end = self.next(_CLOSERS["$"], inner)
        if end >= stop or end == inner:
            return None
        content = self.text[inner : min(end, inner + 2_000)]
        if self.kind == "latex":
            return end
        if "`" in content or "\\(" in content or "\\[" in content:
            return None
        if self.text[inner].isspace() or self.text[end - 1].isspace():
            line = "\n" not in content
            return end if line and _spaced(content) and not self.text[end + 1 : end + 2].isdigit() else None
        return None if self.text[end + 1 : end + 2].isdigit() else end


def _spaced(content: str) -> bool:
    """Whether what stands between dollar signs with spaces inside of them is a formula and no text about money."""
    return content[:1].isspace() and content[-1:].isspace() and any(sign in content for sign in "\\=^_")


_RULES: dict[str, Callable[[_Scanner, re.Match[str]], None]] = {
    "fence": _Scanner.fence,
    "ticks": _Scanner.ticks,
    "html": _Scanner.html,
    "double": _Scanner.double,
    "escaped": _Scanner.skip,
    "paren": _Scanner.paren,
    "bracket": _Scanner.bracket,
    "begin": _Scanner.begin,
    "display": _Scanner.display,
    "inline": _Scanner.inline,
    "verb": _Scanner.verb,
    "comment": _Scanner.comment,
    "end_document": _Scanner.end_document,
}
