r"""Owns what transcription does to formulas, as rules: each undoes one kind of damage, on paper, not in meaning.

A rule finds what may be damaged and says how it may have been. Whether that can be read, and what it then states, is
for others to find out; rules know nothing of what is declared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

#: A letter, or a command, that stands by itself.
_ALONE = r"(?<![A-Za-z\\])(?:{})(?![A-Za-z])"


@dataclass(frozen=True, slots=True)
class Edit:
    """A changed formula, what was changed in words, how much it is (1 is a sign), and where it was changed."""

    text: str
    words: str
    cost: int
    places: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """Damage that a pattern finds; ``made`` is what it may have been (a replacement as in :func:`re.sub`). Signs are
    damaged alike throughout a formula, so that all places are changed at once. ``words`` say what was changed, by
    default ``found`` read as ``made``."""

    pattern: re.Pattern[str]
    made: str
    words: str = ""
    cost: int = 1

    def edit(self, text: str) -> Edit | None:
        """The formula with every place changed; ``None`` where there is none."""
        found = [match for match in self.pattern.finditer(text) if match.end() > match.start()]
        if not found:
            return None
        return _edit(text, found, [match.expand(self.made) for match in found], self.words, self.cost)

    def each(self, text: str) -> Iterator[Edit]:
        """The formula with one place changed, for every place."""
        for match in self.pattern.finditer(text):
            if match.end() > match.start():
                yield _edit(text, [match], [match.expand(self.made)], self.words, self.cost)


def _edit(text: str, found: list[re.Match[str]], made: list[str], words: str, cost: int) -> Edit:
    pieces, at = [], 0
    for match, new in zip(found, made, strict=True):
        pieces += [text[at : match.start()], new]
        at = match.end()
    changed = "".join([*pieces, text[at:]])
    said = words or f"{_shown(found[0][0])} read as {_shown(made[0])}"
    return Edit(changed, said, cost, tuple((match.start(), match.end()) for match in found))


def _shown(text: str) -> str:
    text = " ".join(text.split())
    return f"`{text if len(text) <= 40 else text[:39] + '…'}`"


def _alone(signs: str, made: str, cost: int = 1) -> Rule:
    return Rule(re.compile(_ALONE.format(signs)), made, cost=cost)


_TEXT = r"\\(?:text|mathrm|mathit|operatorname)\s*\{{\s*(?:{})\s*\}}"
_LN = r"l\s*[uwm]|1\s*n"

#: Functions, sums and numbers that came out as other words and signs.
WORDS: tuple[Rule, ...] = (
    Rule(re.compile(_TEXT.format(_LN)), r"\\ln "),
    _alone("l[uwmn]|1n", r"\\ln "),
    _alone("[il]og|l0g|1og", r"\\log "),
    Rule(re.compile(r"n[bp]\s*\.\s*" + _TEXT.format("[Ss]um")), r"\\mathrm{np.sum}"),
    _alone(r"n[bp]\s*\.\s*[Ss]um", r"\\mathrm{np.sum}"),
    Rule(re.compile(r"\b[hlb]eepdims\b"), "keepdims"),
    Rule(re.compile(r"\\Sigma\s*(?=\()"), r"\\mathrm{sum}"),
    Rule(re.compile(r"\\Pi\s*(?=T)"), "[1]"),
    Rule(re.compile(r"\\frac\s*\{\s*1\s*\}\s*\{\s*\\\{\s*([^{}]*(?:\{[^{}]*\}[^{}]*)*?)_\{\s*[x>]\s*[0o]\s*\}\s*\\\}\s*\}"),
         r"1_{\\{\1 > 0\\}}"),
    Rule(re.compile(r"\\frac\s*\{\s*1\s*\}\s*\{\s*\\\{(.*?)\\\}\s*\}"), r"1_{\\{\1\\}}"),
)  # fmt: skip

#: Signs that look alike: what was printed, and what may have been written.
_CONFUSED: tuple[tuple[str, str], ...] = (
    ("g", "y"), (r"\\mathcal\s*\{\s*G\s*\}", "y"), (r"\\mathfrak\s*\{\s*y\s*\}", "y"), ("q", "y"), ("4", "y"),
    (r"\\chi", "x"), (r"\\times(?=\s*[\^_)]|\s*$)", "x"), ("×(?=\\s*[\\^_)]|\\s*$)", "x"), (r"\\alpha", "x"),
    ("n", "x"), (r"\\mathcal\s*\{\s*X\s*\}", "x"), (r"(?<=[-=(])\s*\\times", r" \\alpha"),
    (r"(?<=[-=(])\s*\\times", r" \\eta"), (r"\\propto", r"\\alpha"),
    ("a", r"\\alpha"), (r"\\omega", "w"), ("w", r"\\omega"), (r"\\nu", "v"), ("v", r"\\nu"),
    ("T", "J"), (r"\\mathcal\s*\{\s*[TJ]\s*\}", "J"), (r"\\mathfrak\s*\{\s*J\s*\}", "J"), ("I", "J"), ("j", "J"),
    (r"\\mathcal\s*\{\s*L\s*\}", "L"), ("L", r"\\mathcal{L}"), (r"\\ell", "L"), ("Z", "z"), ("X", "x"), ("W", "w"),
    ("[oO]", "0"), ("0", "o"), (r"[liI](?=\s*[-+])", "1"), ("s", "5"), ("S", "5"), ("18", "B"), ("8", "B"),
    ("m", "n"), ("u", "n"), ("u", r"\\mu"), ("p", r"\\rho"), ("[0O]", r"\\theta"), ("[06G]", r"\\sigma"),
    ("r", r"\\gamma"), ("B", r"\\beta"), ("e", r"\\epsilon"),
)  # fmt: skip
LETTERS: tuple[Rule, ...] = (
    *(_alone(printed, written) if printed[0] != "\\" and printed[0] != "(" and printed[0] != "×"
      else Rule(re.compile(printed + r"(?![A-Za-z])"), written) for printed, written in _CONFUSED),
    Rule(re.compile(r"\\(?:dot|check|breve|tilde|vec|acute|bar)(?![A-Za-z])"), r"\\hat"),
    Rule(re.compile(r"\\hat\s*\{\s*([A-Za-z])\s*\}|\\hat\s+([A-Za-z])(?![A-Za-z])"), r"\1\2"),
)  # fmt: skip
#: A hat that was lost.
HATS: tuple[Rule, ...] = (
    Rule(re.compile(r"(?<![A-Za-z\\])(?<!\\hat\{)(?<!\\hat )([a-zA-Z])(?![A-Za-z])"), r"\\hat{\1}"),
)

#: Layers and indices above and below a letter.
SCRIPTS: tuple[Rule, ...] = (
    Rule(re.compile(r"(?<=\^\{)\s*\[\s*[ilI|]\s*\]"), "[1]"),
    Rule(re.compile(r"(?<=\^\{)\s*\[\s*[ilI|]\s*\]"), "[2]"),
    Rule(re.compile(r"(?<=\^\{)\s*\[\s*[zZ]\s*\]"), "[2]"),
    Rule(re.compile(r"(?<=\^\{)\s*\(\s*([0-9])\s*\)"), r"[\1]"),
    Rule(re.compile(r"(?<=\^\{)\s*\[\s*([0-9])\s*\]"), r"(\1)"),
    Rule(re.compile(r"(?<=\^\{)\s*\(\s*[1l]\s*\)"), "(i)"),
    Rule(re.compile(r"(?<=_\{)\s*[1l]\s*(?=\})"), "i"),
    Rule(re.compile(r"(?<=_)[1l](?![0-9A-Za-z])"), "i"),
    Rule(re.compile(r"([A-Za-z]|\\hat\s*\{\s*[A-Za-z]\s*\})\s*\(([i-n])\)"), r"\1^{(\2)}"),
    Rule(re.compile(r"\\hat\s*\{\s*([A-Za-z])_\{?\s*([A-Za-z0-9])\s*\}?\s*\}"), r"\\hat{\1}_{\2}"),
)  # fmt: skip

#: What does not belong to the formula.
STRAY: tuple[Rule, ...] = (
    Rule(re.compile(r"(?:\\q?quad\s*)?-\s*[G0-9]\s*$"), "", "`-` and a sign at the end, as the number of the formula,"
         " left out", 2),
    Rule(re.compile(r"\\text\s*\{[^{}]*\}"), " ", "words left out", 3),
    Rule(re.compile(r"^\s*[A-Za-z]{2,}\s+(?=\\)"), "", "letters before the formula left out", 3),
    Rule(re.compile(r"\\underbrace\s*(?=\{)"), "", "a brace under it left out", 2),
)  # fmt: skip

#: Functions that came out as letters apart.
_SPACED = re.compile(r"(?<![A-Za-z\\])(?:[A-Za-z]\s+){1,}[A-Za-z](?![A-Za-z])")
_NAMES = frozenset(
    ["relu", "sigmoid", "softmax", "tanh", "log", "ln", "exp", "sin", "cos", "tan", "max", "min", "sqrt", "sum"]
)


def spaced(text: str) -> Iterator[Edit]:
    """Functions whose letters stand apart, ``R e L U ( z )``."""
    found = [match for match in _SPACED.finditer(text) if "".join(match[0].split()).lower() in _NAMES]
    if found:
        made = [rf"\mathrm{{{''.join(match[0].split())}}}" for match in found]
        yield _edit(text, found, made, "", 1)


# --- brackets

_BRACKETS = {"}": "{", ")": "(", "]": "["}
_SIGNS = re.compile(r"\\[A-Za-z]+|\\.|[{}()\[\]]")


def brackets(text: str) -> Iterator[Edit]:
    """One bracket that is not closed, or that closes nothing."""
    waiting: list[tuple[str, int]] = []
    for match in _SIGNS.finditer(text):
        sign, at = match[0], match.start()
        if sign in _BRACKETS.values():
            waiting.append((sign, at))
        elif sign in _BRACKETS:
            if waiting and waiting[-1][0] == _BRACKETS[sign]:
                waiting.pop()
                continue
            yield Edit(text[:at] + text[at + 1 :], f"`{sign}` left out", 1, ((at, at + 1),))
            if waiting:
                closer = next(c for c, opener in _BRACKETS.items() if opener == waiting[-1][0])
                yield Edit(text[:at] + closer + text[at:], f"`{closer}` put in", 1, ((at, at + 1),))
            return
    if waiting:
        sign, at = waiting[-1]
        closer = next(c for c, opener in _BRACKETS.items() if opener == sign)
        places = ((at, at + 1), (len(text), len(text)))
        yield Edit(text.rstrip() + closer, f"`{closer}` added at the end", 1, places)
        if sign == "{" and (command := re.search(r"\\(?:underbrace|boxed|underline)\s*$", text[:at])):
            rest = text[: command.start()] + text[at + 1 :]
            yield Edit(rest, f"`{command[0].strip()}{{` left out", 2, ((command.start(), at + 1),))
        yield Edit(text[:at] + text[at + 1 :], f"`{sign}` left out", 1, ((at, at + 1),))


# --- sums

_SUM = re.compile(
    r"\\(?:lesssim|leqslant|leq|le|Sigma|xi|varepsilon|sum)(?![A-Za-z_])\s*(?!\s*[_^])"
    r"|\\stackrel\s*\{(?:[^{}]|\{[^{}]*\})*\}\s*\{[^{}]*\}|Σ|≲|≤"
)
_INDEX = re.compile(r"\^\s*\{\s*(?:\[[^\]]*\]\s*)?\(\s*([a-z])\s*\)|_\s*\{?\s*([a-z])(?![A-Za-z])")


def sums(text: str) -> Iterator[Edit]:
    """A sign of a sum that came out as another one, or without its index: over all that follows it."""
    for match in _SUM.finditer(text):
        end = _end_of_sum(text, match.end())
        rest = text[match.end() : end].strip()
        index = next((one[1] or one[2] for one in _INDEX.finditer(rest)), None)
        if not rest or index is None:
            continue
        made = rf"\sum_{{{index}}} \left( {rest} \right)"
        words = f"{_shown(match[0])} read as `\\sum_{{{index}}}` over all that follows"
        yield Edit(text[: match.start()] + made + text[end:], words, 2, ((match.start(), match.end()),))


_RANGED = re.compile(r"\\sum\s*_\s*(?:\{[^{}]*\}|[a-z])\s*(?:\^\s*(?:\{[^{}]*\}|[A-Za-z0-9]))?")


def summands(text: str) -> Iterator[Edit]:
    """A sum that is written without parentheses around what is summed."""
    for match in _RANGED.finditer(text):
        end = _end_of_sum(text, match.end())
        rest = text[match.end() : end].strip()
        if re.search(r"[^\s({]\s*[-+]", rest):
            made = rf"{match[0]} \left( {rest} \right)"
            yield Edit(text[: match.start()] + made + text[end:], "parentheses around all that is summed", 2,
                       ((match.start(), end),))  # fmt: skip


def _end_of_sum(text: str, start: int) -> int:
    """Where the brackets around a sum close, or the next relation, line or column."""
    depth = 0
    for match in re.compile(r"\\right|\\left|\\\\|\\[A-Za-z]+|\\.|[{}()\[\]=&]").finditer(text, start):
        sign = match[0]
        if sign in "{([" or sign == r"\left":
            depth += sign != r"\left"
        elif sign == r"\right" and depth == 0:
            return match.start()
        elif sign in "})]":
            if depth == 0:
                return match.start()
            depth -= 1
        elif depth == 0 and sign in ("=", "&", r"\\", r"\quad", r"\qquad"):
            return match.start()
    return len(text)


#: What finds several edits of a formula at once.
Finder = Callable[[str], Iterator[Edit]]

#: All damage that may keep a formula from being read, the likeliest first.
ANY: tuple[Rule, ...] = (*WORDS, *SCRIPTS, *LETTERS, *STRAY)
FINDERS: tuple[Finder, ...] = (brackets, spaced, sums, summands)
#: Damage after which a formula can still be read, and states something else.
SILENT: tuple[Rule, ...] = (*HATS, *LETTERS, *SCRIPTS)
