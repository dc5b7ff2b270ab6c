r"""Owns the rows of a formula as text, and the sides of the chain in a row: what is read apart where a formula cannot
be read as a whole.

Nothing is known here of what signs mean. A row is *plain* if it is certainly one chain of equals, or the rest of one:
every sign in it is known to be part of a value, so that none can be another relation, a condition or a word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from derivcheck.lang.latex import commands
from derivcheck.lang.latex.marks import explaining
from derivcheck.source import Passage, Span

#: The most rows of a formula that are looked at one by one.
MOST_ROWS = 60
#: Environments of lines that may stand around all of a formula; the rows of ``multline`` are pieces of one.
_WRAPPERS = frozenset(name for name in commands.LINES if not name.startswith("multline"))
_WRAPPED = re.compile(
    r"(?:\s|\\label\s*\{[^{}]*\}|\\displaystyle(?![A-Za-z]))*"
    r"\\begin\s*\{(?P<name>[A-Za-z]+\*?)\}(?P<inside>.*)\\end\s*\{(?P=name)\}"
    r"(?:[\s.,;]|\\(?:label|tag)\s*\{[^{}]*\}|\\(?:notag|nonumber)(?![A-Za-z]))*",
    re.DOTALL,
)
_TOKEN = re.compile(
    r"\\\\\*?(?:\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm)\s*\])?"  # the end of a row
    r"|\\(?:begin|end)\s*\{[^{}]*\}"
    r"|\\(?:label|tag)\s*\*?\s*\{[^{}]*\}"
    r"|\\[A-Za-z]+|\\.|:=|[^\s]",
    re.DOTALL,
)
_OPENING = frozenset(
    [r"\langle", r"\lbrace", r"\lbrack", r"\lvert", r"\lVert", r"\lfloor", r"\lceil", r"\left", r"\{", "(", "[", "{"]
)
_CLOSING = frozenset(
    [r"\rangle", r"\rbrace", r"\rbrack", r"\rvert", r"\rVert", r"\rfloor", r"\rceil", r"\right", r"\}", ")", "]", "}"]
)


def _named(*tables: object) -> frozenset[str]:
    return frozenset(f"\\{name}" for table in tables for name in table)  # type: ignore[attr-defined]


#: Commands whose arguments stand in braces behind them.
_TAKING = _named(
    commands.FRACTIONS, commands.ACCENTS, commands.FONTS, commands.WORDS, commands.TEXTS, commands.WRAPS,
    ["sqrt", "binom", "tbinom", "dbinom", "cancel", "substack", "mathds", "mathbbm", "pmb", "hspace", "mathring"],
)  # fmt: skip
#: Commands of values and of their typography that are certainly no relations; not all of them can be read.
_VALUES = _TAKING | _named(
    ["left", "right", "middle", "partial", "nabla", "top", "intercal", "prime", "int", "iint", "oint", "lim",
     "limsup", "liminf", "sup", "inf", "arg", "argmax", "argmin", "Pr", "dim", "ker", "gcd", "Re", "Im", "infty",
     "ldots", "cdots", "dots",
     "dotsc", "dotsb", "otimes", "oplus", "ominus", "pm", "mp", "star", "dagger", "langle", "rangle",
     "lfloor", "rfloor", "lceil", "rceil", "lvert", "rvert", "lVert", "rVert", "vert", "Vert", "lbrace", "rbrace",
     "lbrack", "rbrack", "{", "}", "|"],
    commands.GREEK, commands.LETTERS, commands.IGNORED, commands.OPERATORS, commands.FUNCTIONS, commands.BIG,
)  # fmt: skip
_SPACES = _named(commands.IGNORED, commands.WIDE, [" "], ["notag", "nonumber", "checkmark", "qed", "blacksquare"])
_RELATIONS = frozenset("=<>≈≤≥≠≡∼≃∝∈→⇒←↦") | {":="} | _named(commands.RELATIONS)
_INEQUALITIES = frozenset("<>≤≥≠") | _named(
    ["le", "leq", "leqslant", "ge", "geq", "geqslant", "lt", "gt", "ne", "neq"]
)
_EQUALS = frozenset(["=", "≈", r"\approx"])
_LEADS = _named(commands.ARROWS)
#: Commands that may say for what a row is meant, or begin another statement.
_TELLING = _LEADS | _named(
    commands.WIDE,
    ["intertext", "shortintertext", "forall", "exists", "in", "notin", "ni", "mid", "colon", "to", "rightarrow",
     "mapsto", "longrightarrow", "sim", "simeq", "propto", "ll", "gg", "subset", "subseteq", "parbox", "mathchoice"],
)  # fmt: skip
#: What makes a row more than a value.
_STATING = _RELATIONS | _TELLING - _named(commands.WIDE)
_TEXTS = _named(commands.TEXTS)
#: Signs between values: a row that begins or ends with one goes on in another.
_OPERATORS = frozenset("+-−*/·⋅×⊙∘∗") | _named(commands.OPERATORS, ["pm", "mp", "otimes", "oplus", "ominus"])
#: Characters of values, beside letters and digits.
_CHARACTERS = _OPERATORS | _EQUALS | _OPENING | _CLOSING | frozenset("^_'′.&~|∂∇∑∏")
_ENDS = _SPACES | frozenset(".,;&~")


@dataclass(frozen=True, slots=True)
class Sign:
    """One sign of a row that shows in the line itself, and in no brackets; ``loose``: it stands in braces."""

    text: str
    start: int
    end: int
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row, or several of which one goes on in the next.

    ``relations`` are the places of its relations in the passage, and ``sides`` what stands between them; the first
    side of a row that begins with a relation is empty. ``plain``: see above; ``silent``: it has no words, conditions
    and lists, whatever the commands in it are that are not known. ``tail`` is the place of an inequality behind a
    chain of equals (``> 0``), of which the sides know nothing.
    """

    passage: Passage
    sides: tuple[tuple[int, int], ...]
    relations: tuple[tuple[int, int], ...] = ()
    plain: bool = False
    silent: bool = False
    tail: tuple[int, int] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether it begins with a relation, and so goes on with what stands before it."""
        return bool(self.relations) and not _shows(self.passage.text[slice(*self.sides[0])])

    @property
    def words(self) -> bool:
        """Whether only words stand in it that join what is said."""
        signs = _core(self.passage.text, _signs(self.passage.text) or ())
        return bool(signs) and all(_connects(self.passage.text, sign) for sign in signs)

    @property
    def span(self) -> Span:
        """Where it stands, without the blanks around it."""
        return self.place(0, len(self.passage.text))

    def approximate(self, place: int) -> bool:
        """Whether a relation says that its sides are only nearly equal."""
        return self.passage.text[slice(*self.relations[place])] != "="

    def place(self, start: int, end: int) -> Span:
        """Where a piece of it stands, without the blanks around it."""
        text = self.passage.text
        while start + 1 < end and (text[start].isspace() or text[start] == "&"):
            start += 1
        while end - 1 > start and (text[end - 1].isspace() or text[end - 1] == "&"):
            end -= 1
        return self.passage.span(start, end)

    def side(self, place: int) -> Passage:
        """One side as a passage."""
        return piece(self.passage, *self.sides[place])

    def keeping(self, places: Sequence[int]) -> Passage:
        """Some of its sides alone, each with the relation before it; the first one only if the row goes on."""
        kept: list[int] = []
        for place in places:
            if place and (kept or self.goes_on):
                kept += range(*self.relations[place - 1])
            kept += range(*self.sides[place])
        text, offsets = self.passage.text, self.passage.offsets
        return Passage(
            "".join(text[at] for at in kept), self.passage.source, (*(offsets[at] for at in kept), offsets[-1])
        )


def piece(passage: Passage, start: int, end: int) -> Passage:
    """A piece of a passage."""
    return Passage(passage.text[start:end], passage.source, passage.offsets[start : end + 1])


# --- rows


def rows(passage: Passage) -> tuple[Row, ...]:
    """The rows of a formula that show something, those that go on in each other put together; none if there are too
    many to look at."""
    inside = _unwrapped(passage)
    places = [place for place in _split(inside.text) if _shows(inside.text[slice(*place)])]
    if len(places) > MOST_ROWS:
        return ()
    texts = [inside.text[slice(*place)] for place in places]
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(places):
        last = _balanced(texts, at)
        start, end = places[at][0], places[last][1]
        after = texts[last + 1] if last + 1 < len(texts) else ""
        if found and _joined(inside.text[slice(*found[-1])], inside.text[start:end], after):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
        at = last + 1
    return tuple(_row(piece(inside, *place)) for place in found)


def _unwrapped(passage: Passage) -> Passage:
    """A formula without the environments of lines around all of it."""
    while (match := _WRAPPED.fullmatch(passage.text)) is not None and match["name"] in _WRAPPERS:
        if re.search(rf"\\begin\s*\{{{re.escape(match['name'])}\}}", match["inside"]):
            break  # one behind the other, and not one around all
        passage = piece(passage, match.start("inside"), match.end("inside"))
    return passage


def _split(text: str) -> list[tuple[int, int]]:
    r"""The places of the rows, parted by ``\\`` outside of braces and environments; one if these do not close."""
    found, start, depth = [], 0, 0
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if sign.startswith("\\\\") and depth == 0:
            found.append((start, match.start()))
            start = match.end()
        depth += _braces(sign)
        if depth < 0:
            return [(0, len(text))]
    return [*found, (start, len(text))] if depth == 0 else [(0, len(text))]


def _braces(sign: str) -> int:
    if sign == "{" or sign.startswith(r"\begin"):
        return 1
    return -1 if sign == "}" or sign.startswith(r"\end") else 0


def _balanced(texts: Sequence[str], at: int) -> int:
    """The row in which the brackets close that are opened in one; the row itself if they close nowhere."""
    depth = 0
    for last in range(at, len(texts)):
        depth += _depth(texts[last])
        if depth <= 0:
            return last if depth == 0 else at
    return at


def _depth(text: str) -> int:
    """How many brackets a text opens more than it closes."""
    depth, fence = 0, False
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if not fence:
            depth += (sign in _OPENING) - (sign in _CLOSING) + _environment(sign)
        fence = sign in (r"\left", r"\right")
    return depth


def _environment(sign: str) -> int:
    return sign.startswith(r"\begin{") - sign.startswith(r"\end{")


def _joined(before: str, row: str, after: str) -> bool:
    """Whether a row goes on with what the row before it states: between signs of a value, as a condition behind it,
    or as an expression that stands alone there, with which nothing goes on."""
    first, last, signs = _shown(row), _shown(before), _signs(row)
    if last[-1] in _OPERATORS or last[-1] in _RELATIONS:
        return True
    related = signs is None or any(sign.text in _STATING for sign in signs)
    if first[0] in _OPERATORS and not (first[0] in "+-−" and related):
        return True
    if first[0] in _TEXTS:
        words = re.search(r"\{\s*([A-Za-z]*)", row)
        conditional = words is not None and words[1].lower() in commands.CONDITIONALS
        return conditional or (
            not related and signs is not None and not all(s.text in _TEXTS for s in _core(row, signs))
        )
    return not related and not (_shown(after) and _shown(after)[0] in _RELATIONS)


def _shows(text: str) -> bool:
    """Whether a text shows anything but spaces, alignment and labels."""
    return bool(_shown(text))


def _shown(text: str) -> list[str]:
    """The signs of a text, but for spaces, alignment and labels."""
    signs = (match[0] for match in _TOKEN.finditer(text))
    hidden = _SPACES | {"&", "~", "{", "}"}
    return [sign for sign in signs if sign not in hidden and not sign.startswith((r"\label", r"\tag"))]


# --- the sides of a row


def _row(passage: Passage) -> Row:
    signs = _signs(passage.text)
    if signs is None:
        return Row(passage, ((0, len(passage.text)),))
    related = [sign for sign in signs if sign.text in _RELATIONS]
    tail = _tail(passage.text, signs, related)
    related = [sign for sign in related if tail is None or sign.start < tail[0]]
    places = tuple((sign.start, sign.end) for sign in related)
    edges = (0, *(at for place in places for at in place), len(passage.text) if tail is None else tail[0])
    sides = tuple(zip(edges[::2], edges[1::2], strict=True))
    equals = all(sign.text in _EQUALS and not sign.loose for sign in related)
    shown = _core(passage.text, [sign for sign in signs if tail is None or sign.start < tail[0]])
    of_values = [_of_value(passage.text, shown, place) for place in range(len(shown))]
    plain = bool(related) and equals and all(known is True for known in of_values)
    return Row(passage, sides, places, plain, equals and all(known is not False for known in of_values), tail)


def _tail(text: str, signs: Sequence[Sign], related: Sequence[Sign]) -> tuple[int, int] | None:
    """The place of one inequality with a number behind a chain of equals."""
    if len(related) < 2 or related[-1].text not in _INEQUALITIES or related[-2].text not in _EQUALS:
        return None
    last = related[-1]
    behind = [sign for sign in _core(text, signs) if sign.start > last.start and sign.text not in _SPACES]
    number = all(sign.text.isdigit() or sign.text in (".", "-", r"\infty") for sign in behind)
    return (last.start, len(text)) if behind and number else None


def _signs(text: str) -> list[Sign] | None:
    """The signs of a row that show in the line and in no brackets; ``None`` if these do not close."""
    found: list[Sign] = []
    stack: list[bool] = []  # of every open bracket, whether what is in it stands in the line itself
    aside = 0  # how many there are in which it does not
    fence = attached = False
    for match in _TOKEN.finditer(text):
        sign = match[0]
        if fence:
            fence, attached = False, False
            continue
        loose = sign == "{" and not attached
        closed = False
        if sign in _CLOSING or sign.startswith(r"\end{"):
            if not stack:
                return None
            closed = stack.pop()
            aside -= not closed
        if not aside and sign not in ("{", "}") and not closed:
            found.append(Sign(sign, match.start(), match.end(), bool(stack)))
        if sign in _OPENING or sign.startswith(r"\begin{"):
            stack.append(loose)
            aside += not loose
        fence = sign in (r"\left", r"\right")
        attached = sign in _TAKING or sign in ("_", "^") or (sign == "}" and not closed)
    return None if stack else found


def _core(text: str, signs: Sequence[Sign]) -> Sequence[Sign]:
    """The signs without the punctuation, the spaces and the remarks at the ends of the row."""
    first, last = 0, len(signs)
    while first < last and signs[first].text in _ENDS:
        first += 1
    while last > first and (signs[last - 1].text in _ENDS or signs[last - 1].text.startswith((r"\label", r"\tag"))):
        last -= 1
    if last - first > 2 and signs[last - 1].text in _TEXTS:
        apart = signs[last - 2].text in _ENDS | {r"\quad", r"\qquad"}
        if explaining(" ".join(_words(text, signs[last - 1])), apart=apart):
            return _core(text, signs[first : last - 1])
    return signs[first:last]


def _of_value(text: str, signs: Sequence[Sign], place: int) -> bool | None:
    """Whether a sign is part of a value, or one of the row's relations; ``None`` of a command that is not known."""
    name = signs[place].text
    if name in _TEXTS:
        return _is_name(text, signs, place)
    if name.startswith(("\\begin{", "\\end{")):
        return name[name.index("{") + 1 : -1] in commands.MATRICES | commands.CASES
    if name.startswith("\\") and name[1:2].isalpha():
        known = name in _VALUES or name in _RELATIONS or (place == 0 and name in _LEADS)
        return True if known else False if name in _TELLING else None
    return name in _CHARACTERS or name in _VALUES or name.startswith("\\\\") or name.isalnum()


def _words(text: str, sign: Sign) -> list[str]:
    """The words that a command of text has for its argument."""
    inside = re.compile(r"\s*\{([^{}]*)\}").match(text, sign.end)
    return inside[1].split() if inside is not None else []


def _connects(text: str, sign: Sign) -> bool:
    """Whether a sign is words that only join what is said."""
    words = _words(text, sign) if sign.text in _TEXTS else []
    return bool(words) and all(word.lower().strip(".,:") in commands.CONNECTIVES for word in words)


def _is_name(text: str, signs: Sequence[Sign], place: int) -> bool:
    """Whether words are the name of a value, where a value has to stand, or a connective before all else."""
    if _connects(text, signs[place]):
        return place == 0
    words = _words(text, signs[place])
    if len(words) != 1 or not re.fullmatch(r"[A-Za-z_]+", words[0]) or words[0].lower() in commands.CONDITIONALS:
        return False
    before = signs[place - 1].text if place else "="
    behind = signs[place + 1].text if place + 1 < len(signs) else "="
    around = _OPERATORS | _RELATIONS | {"&"}
    return before in around and behind in around | {"_", "^", "("}
