"""Owns the tree of a formula: symbols with their scripts, commands with their arguments, and what is in parentheses.

The tree says what stands where on paper, not yet what it means. Braces that do not show are dropped where they change
nothing and refused where a reader could not see what they do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from derivcheck.errors import Refused
from derivcheck.lang import limits
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.tokens import MAX_NESTING, Token, tokens, unread
from derivcheck.source import Passage


@dataclass(frozen=True, slots=True)
class Item:
    """One thing on paper, with its scripts.

    ``kind`` is ``letter`` (``text`` its one spelling, ``plain`` the letter in the usual typeface), ``number``,
    ``word``, ``text``, ``accent``, ``group`` (``text`` the opening sign), ``frac``, ``sqrt``, ``function``, ``big``,
    ``partial``, ``nabla``, ``thin`` (a small space), ``op``, ``relation``, ``punct``, ``wide``, ``arrow``, ``wrap``,
    ``aside``, ``env``, ``tab`` or ``row``; ``start:end`` are characters of the passage, with the scripts.
    """

    kind: str
    text: str
    start: int
    end: int
    args: tuple[tuple[Item, ...], ...] = ()
    sub: tuple[Item, ...] | None = None
    sup: tuple[Item, ...] | None = None
    primes: int = 0
    plain: str = ""

    @property
    def bare(self) -> bool:
        """Whether it carries no scripts."""
        return self.sub is None and self.sup is None and not self.primes


Items = tuple[Item, ...]
#: Kinds that cannot carry a script.
_NO_SCRIPTS = frozenset(["thin", "op", "relation", "punct", "wide", "arrow", "aside", "tab", "row", "dots", "text"])


def tree(passage: Passage) -> Items:
    """The items of a formula.

    Raises:
        Refused: with the place of what cannot be read.
    """
    builder = _Builder(passage)
    items = builder.sequence(None)
    if builder.count > limits.MAX_NODES:
        raise unread(passage, 0, 1, f"this formula has {builder.count} signs; {limits.MAX_NODES} are allowed")
    return items


class _Builder:
    """The position among the tokens, and how deep it is nested."""

    def __init__(self, passage: Passage) -> None:
        self.passage = passage
        self.tokens = tokens(passage)
        self.count = len(self.tokens)
        self.at = 0
        self.depth = 0

    def stop(self, start: int, end: int, message: str, hint: str | None = None) -> Refused:
        return unread(self.passage, start, end, message, hint)

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    # --- sequences -------------------------------------------------------------------------------------------

    def sequence(self, closer: Token | None, until: Callable[[Token], bool] = lambda token: False) -> Items:
        """Items up to the token that ends them (which stays), or to the end of the formula if there is no opener."""
        self.depth += 1
        if self.depth > MAX_NESTING and closer is not None:
            raise self.stop(closer.start, closer.end, f"a formula nested more than {MAX_NESTING} deep")
        found: list[Item] = []
        while (token := self.peek()) is not None:
            if until(token):
                self.depth -= 1
                return tuple(found)
            self.step(token, found)
        if closer is not None:
            raise self.stop(closer.start, closer.end, "this is not closed")
        return tuple(found)

    def step(self, token: Token, found: list[Item]) -> None:
        if token.kind in ("^", "_", "prime"):
            self.script(token, found)
        elif token.kind == "{":
            self.brace(found)
        else:
            item = self.item()
            if item is not None:
                found.append(item)

    def script(self, token: Token, found: list[Item]) -> None:
        base = found[-1] if found else None
        if base is not None and base.kind == "text" and base.text.isalpha():
            base = replace(base, kind="word")  # `\text{ReLU}'`
        if base is None or base.kind in _NO_SCRIPTS or base.end > token.start:
            raise self.stop(token.start, token.end, "this stands on nothing")
        self.at += 1
        if token.kind == "prime":
            if base.sup is not None:
                raise self.stop(token.start, token.end, "a prime after a superscript", "write the prime first")
            found[-1] = replace(base, primes=base.primes + 1, end=token.end)
            return
        slot = "sup" if token.kind == "^" else "sub"
        if (base.sup if slot == "sup" else base.sub) is not None:
            raise self.stop(
                token.start, token.end, f"a second {slot}erscript" if slot == "sup" else "a second subscript"
            )
        inside, end = self.argument(token, script=True)
        inside = tuple(item for item in inside if item.kind != "aside")
        if not inside:
            raise self.stop(token.start, end, "this script is empty")
        found[-1] = replace(base, sup=inside, end=end) if slot == "sup" else replace(base, sub=inside, end=end)

    def brace(self, found: list[Item]) -> None:
        """Braces do not show: what is in them stands in the line, unless scripts would then stand on less."""
        token = self.tokens[self.at]
        inside, end = self.argument(token)
        after = self.peek()
        scripted = after is not None and after.kind in ("^", "_", "prime")
        if scripted and len(inside) != 1:
            raise self.stop(token.start, end, "braces do not show: this script seems to stand on less than it does",
                      "write parentheses")  # fmt: skip
        if scripted and inside[0].kind not in _NO_SCRIPTS:
            found.append(replace(inside[0], end=end))
        else:
            found.extend(inside)

    def argument(self, command: Token, *, script: bool = False) -> tuple[Items, int]:
        """What stands in braces, or the one sign that TeX takes without them; and where it ends."""
        token = self.peek()
        if token is None:
            raise self.stop(command.start, command.end, "something is missing after this")
        if token.kind == "{":
            self.at += 1
            inside = self.sequence(token, lambda t: t.kind == "}")
            self.at += 1
            return inside, self.tokens[self.at - 1].end
        fits = token.kind in ("letter", "digit", "command") or (script and token.text in ("*", "+", "-"))
        heavy = (
            token.text in commands.FRACTIONS | commands.WRAPS | {"sqrt", "left", "right"} | commands.ACCENTS.keys()
        )
        if not fits or (token.kind == "command" and heavy):
            raise self.stop(token.start, token.end, "this cannot follow without braces")
        item = self.digit() if token.kind == "digit" else self.item()
        if item is None:
            raise self.stop(token.start, token.end, "this cannot follow without braces")
        return (item,), item.end

    def digit(self) -> Item:
        token = self.tokens[self.at]
        self.at += 1
        return Item("number", token.text, token.start, token.end)

    # --- single items ----------------------------------------------------------------------------------------

    def item(self) -> Item | None:
        """The item that begins here, without its scripts; ``None`` for what carries no meaning."""
        token = self.tokens[self.at]
        self.at += 1
        if token.kind in ("tab", "row"):
            return Item(token.kind, token.text, token.start, token.end)
        if token.kind == "space":
            return Item("thin", " ", token.start, token.end)
        if token.kind == "digit" or (token.kind == "char" and token.text == "." and self._digit_follows(token)):
            return self.number(token)
        if token.kind == "letter":
            return self.letter(token)
        if token.kind == "begin":
            return self.environment(token)
        if token.kind == "end":
            raise self.stop(token.start, token.end, f"the environment `{token.text}` was not begun here")
        if token.kind == "}":
            raise self.stop(token.start, token.end, "a brace closes before what was opened in it")
        if token.kind == "char":
            return self.sign(token, token.text)
        return self.command(token)

    def _digit_follows(self, token: Token) -> bool:
        after = self.peek()
        return after is not None and after.kind == "digit" and after.start == token.end

    def letter(self, token: Token) -> Item:
        command = commands.GREEK_LETTERS.get(token.text)
        text = f"\\{command}" if command else token.text
        return Item("letter", text, token.start, token.end, plain=text)

    def number(self, first: Token) -> Item:
        text, end = first.text, first.end
        while (token := self.peek()) is not None and token.start == end:
            point = token.kind == "char" and token.text == "." and "." not in text
            if token.kind != "digit" and not (point and self._follows_digit(token)):
                break
            text, end = text + token.text, token.end
            self.at += 1
        return Item("number", text, first.start, end)

    def _follows_digit(self, point: Token) -> bool:
        after = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        return after is not None and after.kind == "digit" and after.start == point.end

    def sign(self, token: Token, text: str) -> Item:
        """A character that is no letter and no digit, or a command that stands for one."""
        if text in commands.OPENERS:
            return self.group(token, commands.OPENERS[text])
        if text in commands.BARS:
            return self.bars(token, commands.BARS[text])
        if text in commands.CLOSERS:
            raise self.stop(token.start, token.end, "this closes nothing")
        if text == ":" and (after := self.peek()) is not None and after.text == "=":
            self.at += 1
            return Item("relation", ":=", token.start, after.end)
        if text in commands.SIGNS:
            sign = commands.SIGNS[text]
            kind = "op" if sign in "+-" or sign in commands.PRODUCT_SIGNS else "relation"
            return Item(kind, sign, token.start, token.end)
        if text in ",;.:":
            return Item("punct", text, token.start, token.end)
        raise self.stop(token.start, token.end, f"the sign `{text}` cannot be read")

    def group(self, opener: Token, sign: str) -> Item:
        def closes(token: Token) -> bool:
            text = f"\\{token.text}" if token.kind == "command" else token.text
            return text in commands.CLOSERS or text == r"\right"

        inside = self.sequence(opener, closes)
        closer = self.tokens[self.at]
        self.at += 1
        text = f"\\{closer.text}" if closer.kind == "command" else closer.text
        if commands.CLOSERS.get(text) != sign:
            raise self.stop(closer.start, closer.end, "this closes something else than was opened")
        return Item("group", sign, opener.start, closer.end, (inside,))

    def bars(self, opener: Token, sign: str) -> Item:
        """Bars look alike on both sides: the next one of their kind in the same line closes."""

        def closes(token: Token) -> bool:
            text = f"\\{token.text}" if token.kind == "command" else token.text
            return token.kind in ("char", "command") and commands.BARS.get(text) == sign

        inside = self.sequence(opener, closes)
        closer = self.tokens[self.at]
        self.at += 1
        if not inside or (inside[0].kind in ("op", "relation") and inside[0].text not in ("-", "+")):
            raise self.stop(opener.start, closer.end, "these bars cannot be told apart", r"write `\left| … \right|`")
        if inside[-1].kind in ("op", "relation", "punct"):
            raise self.stop(closer.start, closer.end, "these bars cannot be told apart", r"write `\left| … \right|`")
        return Item("group", sign, opener.start, closer.end, (inside,), plain="bars")

    def left(self, command: Token) -> Item:
        token = self.peek()
        if token is None:
            raise self.stop(command.start, command.end, "something is missing after this")
        self.at += 1
        text = f"\\{token.text}" if token.kind == "command" else token.text
        sign = commands.OPENERS.get(text) or commands.BARS.get(text)
        if sign is None:
            raise self.stop(command.start, token.end, "this cannot open anything that is read here")
        inside = self.sequence(command, lambda t: t.kind == "command" and t.text == "right")
        self.at += 1
        closer = self.peek()
        if closer is None:
            raise self.stop(command.start, token.end, "this is not closed")
        self.at += 1
        text = f"\\{closer.text}" if closer.kind == "command" else closer.text
        if (commands.CLOSERS.get(text) or commands.BARS.get(text)) != sign:
            raise self.stop(closer.start, closer.end, "this closes something else than was opened")
        return Item("group", sign, command.start, closer.end, (inside,))

    def environment(self, begin: Token) -> Item:
        inside = self.sequence(begin, lambda t: t.kind == "end")
        end = self.tokens[self.at]
        if end.text != begin.text:
            raise self.stop(end.start, end.end, f"`{begin.text}` was begun, not `{end.text}`")
        self.at += 1
        return Item("env", begin.text, begin.start, end.end, (inside,))

    def demanded(self, token: Token) -> Item | None:
        r"""``\stackrel{!}{=}``: what has to be equal."""
        texts = [one.text for one in self.tokens[self.at : self.at + 6]]
        if token.text not in ("stackrel", "overset") or texts != ["{", "!", "}", "{", "=", "}"]:
            return None
        self.at += 6
        return Item("relation", "==", token.start, self.tokens[self.at - 1].end, plain="!")

    def command(self, token: Token) -> Item | None:
        """A command, by the table that it stands in."""
        name = token.text
        if (demanded := self.demanded(token)) is not None:
            return demanded
        if name in commands.IGNORED:
            return Item("thin", " ", token.start, token.end) if name in ",;:> " else None
        for table, make in _COMMANDS:
            if name in table:
                return make(self, token)
        if name in ("{", "|", "}"):
            return self.sign(token, f"\\{name}")
        if name == "right":
            raise self.stop(token.start, token.end, "this closes nothing")
        if f"\\{name}" in commands.OPENERS or f"\\{name}" in commands.CLOSERS or f"\\{name}" in commands.BARS:
            return self.sign(token, f"\\{name}")
        raise self.stop(token.start, token.end, rf"`\{name}` is not known here", "macros are not expanded")

    def simple(self, kind: str, token: Token, text: str) -> Item:
        return Item(kind, text, token.start, token.end)

    def greek(self, token: Token) -> Item:
        text = f"\\{token.text}"
        return Item("letter", text, token.start, token.end, plain=text)

    def accent(self, token: Token) -> Item:
        inside, end = self.argument(token)
        return Item("accent", commands.ACCENTS[token.text], token.start, end, (_trim(inside),))

    def font(self, token: Token) -> Item:
        inside, end = self.argument(token)
        inside, font = _trim(inside), commands.FONTS[token.text]
        if len(inside) != 1 or inside[0].kind not in ("letter", "number", "accent") or not inside[0].bare:
            raise self.stop(token.start, end, "a typeface is read of one letter alone", "put the scripts outside")
        (item,) = inside
        if item.kind == "accent":
            inner = item.args[0]
            fonted = tuple(replace(i, text=f"\\{font}{{{i.text}}}") for i in inner)
            return replace(item, start=token.start, end=end, args=(fonted,))
        plain = item.text if font in commands.PLAIN_FONTS and item.kind == "letter" else ""
        return Item("letter", f"\\{font}{{{item.text}}}", token.start, end, plain=plain)

    def word(self, token: Token) -> Item:
        raw = self.tokens[self.at]
        self.at += 1
        return Item("word", "".join(raw.text.split()), token.start, raw.end)

    def texts(self, token: Token) -> Item:
        raw = self.tokens[self.at]
        self.at += 1
        words = raw.text.split()
        text = "".join(words) if len(words) > 1 and all(len(w) == 1 for w in words) else " ".join(words)
        return Item("text", text, token.start, raw.end)

    def aside(self, token: Token) -> Item:
        if token.text in commands.ASIDES_WITH_ARGUMENT:
            self.at += 1
        return Item("aside", token.text, token.start, self.tokens[self.at - 1].end)

    def fraction(self, token: Token) -> Item:
        over, _ = self.argument(token)
        under, end = self.argument(token)
        return Item("frac", "frac", token.start, end, (over, under))

    def root(self, token: Token) -> Item:
        degree: Items | None = None
        opener = self.peek()
        if opener is not None and opener.text == "[":
            self.at += 1
            degree = self.sequence(opener, lambda t: t.text == "]")
            self.at += 1
        inside, end = self.argument(token)
        return Item("sqrt", "sqrt", token.start, end, (inside,) if degree is None else (inside, degree))

    def wrap(self, token: Token) -> Item:
        inside, end = self.argument(token)
        return Item("wrap", token.text, token.start, end, (inside,))


def _trim(items: Items) -> Items:
    return tuple(item for item in items if item.kind != "thin")


def _named(kind: str, table: dict[str, str]) -> Callable[[_Builder, Token], Item]:
    return lambda builder, token: builder.simple(kind, token, table[token.text])


_COMMANDS: tuple[tuple[frozenset[str] | dict[str, str], Callable[[_Builder, Token], Item]], ...] = (
    (commands.GREEK, _Builder.greek),
    (commands.LETTERS, _Builder.greek),
    (commands.ACCENTS, _Builder.accent),
    (commands.FONTS, _Builder.font),
    (commands.WORDS, _Builder.word),
    (commands.TEXTS, _Builder.texts),
    (commands.ASIDES, _Builder.aside),
    (commands.OPERATORS, _named("op", commands.OPERATORS)),
    (commands.RELATIONS, _named("relation", commands.RELATIONS)),
    (commands.ARROWS, _named("arrow", commands.ARROWS)),
    (commands.FUNCTIONS, _named("function", commands.FUNCTIONS)),
    (commands.BIG, _named("big", commands.BIG)),
    (commands.WRAPS, _Builder.wrap),
    (commands.FRACTIONS, _Builder.fraction),
    (commands.WIDE, lambda builder, token: builder.simple("wide", token, token.text)),
    ({"sqrt": "sqrt"}, _Builder.root),
    ({"left": "left"}, _Builder.left),
    ({"partial": "partial"}, _named("partial", {"partial": "partial"})),
    ({"nabla": "nabla"}, _named("nabla", {"nabla": "nabla"})),
    ({"top": "", "intercal": ""}, lambda builder, token: builder.simple("letter", token, r"\top")),
    ({"prime": ""}, lambda builder, token: builder.simple("letter", token, r"\prime")),
)
