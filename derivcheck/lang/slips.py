"""Owns what is said of a text that the grammar does not take: the place, and the usual slip behind it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from unicodedata import normalize

from derivcheck.errors import Problem
from derivcheck.lang.build import Piece
from derivcheck.lang.limits import MAX_PROBLEMS, literal_problem
from derivcheck.lang.names import code_point, name_problem, nearest
from derivcheck.source import Passage

_PRODUCT = "write `*` for the elementwise product, `@` for the matrix product"
_LATEX = "LaTeX commands cannot be read here"

#: Signs that people type and the language does not have: what to write instead.
_SIGNS: dict[str, str] = {
    **dict.fromkeys("·×⋅∗⊙∘⊗•✕", _PRODUCT),
    **dict.fromkeys("÷∕⁄", "write `/`"),
    **dict.fromkeys("–—‐‑⁻", "write `-`"),
    "⊤": "a transpose is written `x.T`",
    "√": "write `sqrt(x)`",
    "∑": "write `sum(expression for i in n)`",
    "∏": "write `prod(expression for i in n)`",
    "∂": "a derivative is written `D(f, v)`",
    "∇": "a gradient is written `D(f, v)`",
    "∫": "there are no integrals in the language",
    "∈": "write `in`",
    "≡": "write `==`",
    "≔": "write `==`",
    "~": "write `≈` or `~=`",
    "&": "write `and`",
    "&&": "write `and`",
    "∧": "write `and`",
    "|": "write `abs(x)` for a size, `or` between conditions",
    "||": "write `or` between conditions, `norm(x)` for a length",
    "‖": "write `norm(x)`",
    "∨": "write `or`",
    "!": "write `not`, or `!=`; for a factorial `gamma(n + 1)`",
    "¬": "write `not`",
    "//": "write `/`; every division is exact",
    "%": "there is no remainder in the language",
    ":=": "write `==`; definitions stand under `define`",
    "=>": "write `>=`",
    "->": "a claim is an equation: `a == b`",
    "\\": _LATEX,
    "#": "a comment belongs outside the formula",
    ";": "one formula at a time; rows are written `[[1, 2], [3, 4]]`",
    "?": "there are no choices in the language; write `where(test, a, b)`",
    **dict.fromkeys('"`“”„«»‘', "names and formulas are written without quotes; text has no value here"),
}

#: What the parser waits for, in a reader's words; terminals with the same words are told once.
_WANTED: tuple[tuple[str, str], ...] = (
    ("NUMBER", "a value"),
    ("NAME", "a name"),
    ("RPAR", "`)`"),
    ("RSQB", "`]`"),
    ("RBRACE", "`}`"),
    ("COMMA", "`,`"),
    ("PLUS", "an operator"),
    ("LPAR", "`(`"),
    ("IN", "`in`"),
    ("$END", "the end"),
)
_OPENERS = {"LPAR": "RPAR", "LSQB": "RSQB", "LBRACE": "RBRACE"}
_CLOSERS = frozenset(_OPENERS.values())
_VALUE_ENDS = frozenset({"NAME", "NUMBER", "RPAR", "RSQB", "TRANSPOSE", "PRIME"})
_VALUE_STARTS = frozenset({"NAME", "NUMBER", "LPAR", "LSQB"})


def latex_problems(passage: Passage) -> list[Problem]:
    """One problem for every ``$…$`` of the passage."""
    text, problems, start = passage.text, [], passage.text.find("$")
    while start >= 0:
        end = text.find("$", start + 1)
        if end == start + 1:
            end = text.find("$$", start + 2) + 1 or -1
        stop = end + 1 if end > 0 else len(text)
        problems.append(
            Problem(
                "latex",
                "LaTeX cannot be read here",
                passage.span(start, stop),
                "a formula of a spec that is LaTeX stands as a whole between two dollar signs",
            )
        )
        start = text.find("$", stop)
    return problems[:MAX_PROBLEMS]


def token_problems(pieces: Sequence[Piece], passage: Passage) -> list[Problem]:
    """Everything wrong that can be told from the tokens alone, in the order of the text."""
    if not pieces:
        whole = passage.whole
        return [Problem("syntax", "there is no formula here", whole, "write an expression")]
    problems = []
    quoted_to = -1
    for place, piece in enumerate(pieces):
        if place <= quoted_to:
            continue
        if _is_quote(pieces, place):
            quoted_to, problem = _quoted(pieces, place)
            problems.append(problem)
        elif (found := _piece_problem(piece, pieces, place)) is not None:
            problems.append(found)
        if len(problems) == MAX_PROBLEMS:
            break
    return problems or _bracket_problems(pieces, passage)[:MAX_PROBLEMS]


def _is_quote(pieces: Sequence[Piece], place: int) -> bool:
    piece = pieces[place]
    if piece.type == "OTHER":
        return piece.text in '"“”„«‘`'
    if piece.type != "PRIME":
        return False
    before = pieces[place - 1] if place else None
    return before is None or before.type not in _VALUE_ENDS or before.start + len(before.text) != piece.start


def _quoted(pieces: Sequence[Piece], place: int) -> tuple[int, Problem]:
    """A problem for a quotation, and the place of its last token."""
    closers = {"“": "”", "„": "“”", "«": "»", "‘": "’"}.get(pieces[place].text, pieces[place].text)
    end = next((i for i in range(place + 1, len(pieces)) if pieces[i].text in closers), place)
    span = pieces[place].span.to(pieces[end].span)
    return end, Problem("syntax", "text in quotes has no meaning in a formula", span, "leave out the quotes")


def _piece_problem(piece: Piece, pieces: Sequence[Piece], place: int) -> Problem | None:
    match piece.type:
        case "NAME":
            return name_problem(piece.text, piece.span)
        case "NUMBER":
            return literal_problem(piece.text, piece.span)
        case "ATTRIBUTE":
            name = piece.text[1:].strip()
            hint = "write `x.T` for the transpose" if name == "t" else f"`{name}(x)` may be what is meant"
            message = f"`.{name}` is not possible: only `.T` may follow a dot"
            return Problem("syntax", message, piece.span, None if name.startswith("_") else hint)
        case "PRIME" if pieces[place - 1].type != "NAME":
            message = "a prime belongs to a function's name"
            return Problem("syntax", message, piece.span, "a derivative is written `f'(x)`, a transpose `x.T`")
        case "SIGN" | "OTHER":
            return _sign_problem(piece)
        case _:
            return None


def _sign_problem(piece: Piece) -> Problem:
    if len(piece.text) == 1 and not piece.text.isascii():
        what = f"`{piece.text}` ({code_point(piece.text)})"
    else:
        what = f"`{piece.text}`"
    plain = normalize("NFKC", piece.text)
    hint = _SIGNS.get(piece.text) or (f"write `{plain}`" if plain != piece.text and plain.isascii() else None)
    return Problem("syntax", f"{what} is not part of the language", piece.span, hint)


def _bracket_problems(pieces: Sequence[Piece], passage: Passage) -> list[Problem]:
    """Brackets that close nothing, are closed by another kind, or never."""
    problems: list[Problem] = []
    opened: list[tuple[Piece, bool]] = []
    for place, piece in enumerate(pieces):
        if piece.type in _OPENERS:
            opened.append((piece, _opens_interval(pieces, place)))
        elif piece.type in _CLOSERS:
            if not opened:
                problems.append(Problem("syntax", f"`{piece.text}` closes nothing", piece.span))
                continue
            opener, interval = opened.pop()
            if piece.type != _OPENERS[opener.type] and not (interval and piece.type in ("RPAR", "RSQB")):
                line, column = passage.source.position(opener.span.start)
                message = f"`{piece.text}` cannot close the `{opener.text}` of line {line}, column {column}"
                hint = f"write `{_closer(opener)}`"
                return [*problems, Problem("syntax", message, piece.span, hint)]
    never = [
        Problem("syntax", f"`{opener.text}` is never closed", opener.span, f"add `{_closer(opener)}`")
        for opener, _ in opened
    ]
    return [*problems, *never]


def _closer(opener: Piece) -> str:
    return {"(": ")", "[": "]", "{": "}"}[opener.text]


def _opens_interval(pieces: Sequence[Piece], place: int) -> bool:
    """After ``in``, or as the whole of a domain, ``[`` and ``(`` may close with either bracket."""
    return pieces[place].type in ("LPAR", "LSQB") and (place == 0 or pieces[place - 1].type == "IN")


@dataclass(frozen=True, slots=True)
class Stop:
    """Where the parser stopped: the tokens, the place of the one it could not take (past the last: the end), and
    the terminals it would have taken there."""

    pieces: Sequence[Piece]
    place: int
    expected: frozenset[str]

    def type(self, step: int = 0) -> str:
        """The terminal ``step`` tokens after the one that stopped the parser; ``""`` beyond the text."""
        at = self.place + step
        return self.pieces[at].type if 0 <= at < len(self.pieces) else ""

    def text(self, step: int = 0) -> str:
        """The text of that token."""
        at = self.place + step
        return self.pieces[at].text if 0 <= at < len(self.pieces) else ""

    @property
    def types(self) -> tuple[str, ...]:
        """The terminals of all tokens."""
        return tuple(piece.type for piece in self.pieces)


#: A slip: how it is recognised, what is said, and the hint. The first that fits is told.
_Slip = tuple[Callable[[Stop], bool], Callable[[Stop], str], Callable[[Stop], str | None]]


def _innermost(stop: Stop) -> str:
    """The bracket that is open where the parser stopped."""
    opened: list[str] = []
    for piece in stop.pieces[: stop.place]:
        if piece.type in _OPENERS:
            opened.append(piece.type)
        elif piece.type in _CLOSERS and opened:
            opened.pop()
    return opened[-1] if opened else ""


def _in_binder(stop: Stop) -> bool:
    before = [piece.type for piece in stop.pieces[: stop.place]]
    return "IN" in before and set(before[_last(before, "IN") + 1 :]) <= {"NAME", "NUMBER", "MINUS"}


def _last(types: Sequence[str], wanted: str) -> int:
    return max(i for i, t in enumerate(types) if t == wanted)


def _shown(stop: Stop) -> str:
    text = stop.text()
    return f"`{text if len(text) <= 30 else text[:30] + '…'}`"


def _has_words(*words: str) -> Callable[[Stop], bool]:
    return lambda stop: any(p.type == "NAME" and p.text in words for p in stop.pieces[: stop.place + 1])


_SLIPS: tuple[_Slip, ...] = (
    (
        lambda s: s.type() == "EQUALS" and s.text(-1) == "==",
        lambda s: "`===` is not part of the language",
        lambda s: "write `==`",
    ),
    (
        lambda s: s.type() == "EQUALS",
        lambda s: "a single `=` states nothing",
        lambda s: "write `==` for equality",
    ),
    (
        lambda s: "COLON" in s.types and _has_words("lambda")(s),
        lambda s: "functions cannot be written in place (`lambda`)",
        lambda s: "declare a function under `functions`, or write the expression out",
    ),
    (
        lambda s: s.type() == "FOR" and _innermost(s) == "LSQB",
        lambda s: "there are no list comprehensions",
        lambda s: "write `sum(expression for i in n)`, or a claim for every index: `a[i] == b[i] for i in n`",
    ),
    (
        lambda s: s.type() == "FOR" and _innermost(s) == "",
        lambda s: "`for` can stand after a whole statement, or inside `sum(…)` and `prod(…)`",
        lambda s: None,
    ),
    (
        lambda s: s.type() == "FOR",
        lambda s: "`for` can stand only after the one argument of `sum(…)` or `prod(…)`",
        lambda s: "write `sum(expression for i in n)`",
    ),
    (
        lambda s: s.type() == "NAME" and s.text() in ("if", "else"),
        lambda s: "there is no `if … else` in the language",
        lambda s: "write `where(test, a, b)`",
    ),
    (
        lambda s: s.type() == "NAME" and s.text() == "is",
        lambda s: "`is` is not part of the language",
        lambda s: "write `==`",
    ),
    (
        lambda s: s.type() == "IN",
        lambda s: "`in` can stand only after `for`",
        lambda s: "where a variable lives is said by its `domain`",
    ),
    (
        lambda s: s.type() == "LBRACE" or s.type() == "RBRACE",
        lambda s: "braces can stand only in a set of values after `in`",
        lambda s: "use `(` and `)`",
    ),
    (
        lambda s: s.type() == "COLON",
        lambda s: "`:` can stand only for a whole axis: `A[:, i]`",
        lambda s: "a range such as `1:3` is not part of the language" if _innermost(s) == "LSQB" else None,
    ),
    (
        lambda s: s.type(-1) == "PRIME",
        lambda s: f"`{s.text(-2)}{s.text(-1)}` is the derivative of a function and needs its argument",
        lambda s: f"write `{s.text(-2)}{s.text(-1)}(…)`; a transpose is written `{s.text(-2)}.T`",
    ),
    (
        lambda s: _in_binder(s) and _has_words("if")(s),
        lambda s: "there is no `if` among what `for` binds",
        lambda s: "multiply by `indicator(test)`",
    ),
    (
        lambda s: s.type() == "RELATION" and s.type(-1) == "NAME" and s.type(-2) == "COMMA" and "IN" in s.expected,
        lambda s: "a condition cannot stand among what `for` binds",
        lambda s: "conditions of a claim stand under `when`",
    ),
    (
        _in_binder,
        lambda s: "a name bound by `for` goes over one whole dimension, number or domain",
        lambda s: "write `for i in n`, `for i in 3`, `for z in real` or `for p in (0, 1)`",
    ),
    (
        lambda s: s.type(-1) == "NUMBER" and s.type() == "NUMBER",
        lambda s: f"two numbers stand side by side: `{s.text(-1)}` and {_shown(s)}",
        lambda s: None,
    ),
    (
        lambda s: s.type(-1) == "NUMBER" and s.type() == "NAME" and s.text().startswith("_"),
        lambda s: "a number has no `_` in it",
        lambda s: None,
    ),
    (
        lambda s: s.type(-1) in _VALUE_ENDS and s.type() in _VALUE_STARTS and "STAR" in s.expected,
        lambda s: f"an operator is missing before {_shown(s)}",
        lambda s: f"for a product write `{_near(s.text(-1))}*{_near(s.text())}`",
    ),
    (
        lambda s: s.type() == "COMMA" and s.type(-1) == "NUMBER" and s.type(1) == "NUMBER" and not _innermost(s),
        lambda s: "a comma cannot stand here",
        lambda s: f"a decimal point is meant? write `{_near(s.text(-1))}.{_near(s.text(1))}`",
    ),
    (
        lambda s: s.type(-1) == "RELATION" and s.type() in ("RELATION", "EQUALS"),
        lambda s: f"two comparisons stand side by side: `{s.text(-1)}` and {_shown(s)}",
        lambda s: None,
    ),
)


def _near(text: str) -> str:
    return text if len(text) <= 20 else "…"


def syntax_problem(pieces: Sequence[Piece], place: int, expected: frozenset[str]) -> Problem:
    """Where and why the parser stopped at token ``place`` (past the last: at the end), and what it waited for."""
    stop = Stop(pieces, place, expected)
    span = pieces[place].span if place < len(pieces) else pieces[-1].span
    for fits, says, hints in _SLIPS:
        if fits(stop):
            return Problem("syntax", says(stop), span, hints(stop))
    wanted = _wanted(expected)
    if place == len(pieces):
        ends = f"the formula ends after `{_near(pieces[-1].text)}`, but {wanted} is expected"
        return Problem("syntax", ends, span)
    return Problem("syntax", f"{_shown(stop)} cannot stand here: {wanted} is expected", span, _word_hint(stop))


def _word_hint(stop: Stop) -> str | None:
    if stop.type() != "NAME":
        return None
    word = nearest(stop.text(), ("and", "or", "not", "for", "in"))
    return f"did you mean `{word}`?" if word else None


def _wanted(expected: frozenset[str]) -> str:
    words = [word for terminal, word in _WANTED if terminal in expected]
    if "a value" in words:
        words = [word for word in words if word not in ("a name", "`(`", "an operator")]
    if not words:
        return "something else"
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " or " + words[-1]
