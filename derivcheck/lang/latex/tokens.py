"""Owns the tokens of LaTeX mathematics: characters and commands with their places, as TeX would part them.

Nothing is expanded, no file is opened, and what TeX would hide from a reader (comments, ``^^`` escapes) is refused.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from derivcheck.errors import Problem, Refused
from derivcheck.lang import limits
from derivcheck.lang.latex import commands
from derivcheck.lang.names import character_problems, code_point, normalise
from derivcheck.source import Passage

#: How deep braces, parentheses and environments may be nested; people use a handful.
MAX_NESTING = 40

Kind = Literal[
    "letter", "digit", "command", "char", "{", "}", "^", "_", "tab", "row", "prime", "space", "raw", "begin", "end"
]


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``text`` is the letter, the command without its backslash, or the raw argument of a text command."""

    kind: Kind
    text: str
    start: int
    end: int


def unread(passage: Passage, start: int, end: int, message: str, hint: str | None = None) -> Refused:
    """What is raised of a formula that cannot be read, with the place that stopped it."""
    return Refused([Problem("latex", message, passage.span(start, max(start, end)), hint)], passage.source)


def tokens(passage: Passage) -> tuple[Token, ...]:
    """The tokens of a formula, without the dollar signs around it.

    Raises:
        Refused: for characters that do not show, comments, escapes, and braces that are not closed.
    """
    limits.check_text(passage)
    if problems := character_problems(passage):
        raise Refused(problems, passage.source)
    scanner = _Scanner(passage)
    scanner.run()
    return tuple(scanner.found)


class _Scanner:
    """The position in the text and what was found before it."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.text = passage.text
        self.at = 0
        self.found: list[Token] = []
        self.open: list[int] = []

    def stop(self, start: int, message: str, hint: str | None = None, end: int | None = None) -> Refused:
        return unread(self.passage, start, self.at if end is None else end, message, hint)

    def add(self, kind: Kind, text: str, start: int) -> None:
        self.found.append(Token(kind, text, start, self.at))

    def run(self) -> None:
        while self.at < len(self.text):
            self.one()
        if self.open:
            raise self.stop(self.open[-1], "this brace is not closed", end=self.open[-1] + 1)

    def one(self) -> None:
        start, c = self.at, self.text[self.at]
        self.at += 1
        if c.isspace():
            return
        if c == "\\":
            self.command(start)
        elif c in _SIMPLE:
            _SIMPLE[c](self, start)
        elif c in commands.TYPED_COMMANDS:
            self.add("command", commands.TYPED_COMMANDS[c], start)
        elif c.isascii() and c.isdigit():
            self.add("digit", c, start)
        elif unicodedata.category(c)[0] == "L":
            while self.at < len(self.text) and unicodedata.category(self.text[self.at]) == "Mn":
                self.at += 1
            self.add("letter", normalise(self.text[start : self.at]), start)
        elif unicodedata.category(c)[0] == "M":
            raise self.stop(start, f"{code_point(c)} stands on no letter")
        else:
            self.add("char", c, start)

    def opening(self, start: int) -> None:
        self.open.append(start)
        if len(self.open) > MAX_NESTING:
            raise self.stop(start, f"braces are nested more than {MAX_NESTING} deep")
        self.add("{", "{", start)

    def closing(self, start: int) -> None:
        if not self.open:
            raise self.stop(start, "this brace closes nothing")
        self.open.pop()
        self.add("}", "}", start)

    def caret(self, start: int) -> None:
        if self.text[self.at : self.at + 1] == "^":
            self.at += 1
            raise self.stop(start, "`^^` writes a character by its number in TeX and is not taken")
        self.add("^", "^", start)

    def comment(self, start: int) -> None:
        raise self.stop(start, "a comment hides what follows it", r"delete it; a percent sign is written `\%`")

    def dollar(self, start: int) -> None:
        raise self.stop(start, "a dollar sign inside a formula", "one formula at a time")

    def command(self, start: int) -> None:
        rest = self.text[self.at : self.at + 1]
        if not rest:
            raise self.stop(start, "a backslash at the end")
        if not (rest.isascii() and rest.isalpha()):
            self.at += 1
            self.control_symbol(rest, start)
            return
        while self.at < len(self.text) and self.text[self.at].isascii() and self.text[self.at].isalpha():
            self.at += 1
        name = self.text[start + 1 : self.at]
        if name in commands.FORBIDDEN:
            raise self.stop(start, rf"`\{name}` is not taken", commands.FORBIDDEN[name])
        if name in ("begin", "end"):
            self.environment("begin" if name == "begin" else "end", start)
        else:
            if name in ("operatorname", "tag") and self.text[self.at : self.at + 1] == "*":
                self.at += 1
            self.add("command", name, start)
            if name in commands.WORDS | commands.TEXTS | commands.ASIDES_WITH_ARGUMENT:
                self.raw(name, start)

    def control_symbol(self, c: str, start: int) -> None:
        if c == "\\":
            if self.text[self.at : self.at + 1] == "*":
                self.at += 1
            self.length()
            self.add("row", r"\\", start)
        elif c.isspace():
            self.add("space", " ", start)
        else:
            self.add("command", c, start)

    def length(self) -> None:
        """The ``[2pt]`` after a line break."""
        end = self.text.find("]", self.at, self.at + 12)
        if self.text[self.at : self.at + 1] == "[" and end > 0:
            inside = self.text[self.at + 1 : end].strip()
            if inside[-2:] in ("pt", "em", "ex", "mm", "cm") and inside[:-2].strip().replace(".", "", 1).isdigit():
                self.at = end + 1

    def environment(self, word: Literal["begin", "end"], start: int) -> None:
        name = self.braced(start).strip()
        if name not in commands.ENVIRONMENTS:
            shown = name if len(name) <= 30 else name[:30] + "…"
            raise self.stop(start, f"the environment `{shown}` cannot be read")
        self.add(word, name, start)
        if name == "array" and word == "begin":
            columns = self.braced(start)
            if set(columns) - set("lcr| "):
                raise self.stop(start, "the columns of this array cannot be read")

    def raw(self, name: str, start: int) -> None:
        """The argument of a text command, as text; TeX also takes one letter without braces."""
        self.blanks()
        begin = self.at
        if self.text[self.at : self.at + 1] == "{":
            text = self.braced(start)
        elif name in commands.WORDS and self.text[self.at : self.at + 1].isalpha():
            self.at += 1
            text = self.text[begin : self.at]
        else:
            raise self.stop(start, rf"`\{name}` has no argument")
        self.add("raw", text.replace(r"\_", "_").replace("~", " ").replace(r"\ ", " "), begin)
        bad = next((c for c in self.found[-1].text if c in "\\${}#%^&"), None)
        if bad is not None:
            raise self.stop(begin, f"`{bad}` inside the text of a formula", "mathematics belongs outside the text")

    def blanks(self) -> None:
        while self.at < len(self.text) and self.text[self.at].isspace():
            self.at += 1

    def braced(self, start: int) -> str:
        """What stands in the braces that come next."""
        self.blanks()
        if self.text[self.at : self.at + 1] != "{":
            raise self.stop(start, "a brace is missing here")
        end = self.text.find("}", self.at)
        if end < 0:
            raise self.stop(self.at, "this brace is not closed", end=self.at + 1)
        inside = self.text[self.at + 1 : end]
        if "{" in inside:
            raise self.stop(self.at, "braces inside text", "mathematics belongs outside the text", self.at + 1)
        self.at = end + 1
        return inside


_SIMPLE: dict[str, Callable[[_Scanner, int], None]] = {
    "{": _Scanner.opening,
    "}": _Scanner.closing,
    "^": _Scanner.caret,
    "%": _Scanner.comment,
    "$": _Scanner.dollar,
    "_": lambda scanner, start: scanner.add("_", "_", start),
    "&": lambda scanner, start: scanner.add("tab", "&", start),
    "~": lambda scanner, start: scanner.add("space", " ", start),
    **{c: lambda scanner, start: scanner.add("prime", "'", start) for c in "'′’"},
}
