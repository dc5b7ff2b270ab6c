"""Owns how a formula of a submission is drawn: its LaTeX as MathML, or not at all (then it stands as written).

What the converter returns is a tree, never markup; it is copied element by element into ours, and a formula that
needs anything beyond the tables below (a link, a colour, a style, a macro, hidden or shifted pieces, an unknown
command) is refused as a whole, because a reader must see what the student wrote and nothing else.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from derivcheck.gradebook.html import Element, el, words

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as Tree

#: Longer formulas, deeper ones and larger pictures of one stay text: they cannot be read as pictures either.
MOST_CHARACTERS = 3_000
DEEPEST = 40
MOST_ELEMENTS = 3_000
#: Characters of a formula that is remembered.
_SHORT = 200

#: Never handed to the converter: macros, what hides, shifts, colours or links, comments, and signs of another mode.
_REFUSED = re.compile(
    r"\\(?:def|let|newcommand|renewcommand|providecommand|href|url|class|style|cssId|color|textcolor|colorbox|fcolorbox"
    r"|definecolor|phantom|hphantom|vphantom|rule|hspace|hskip|kern|mkern|mskip|raise|lower|moveleft|moveright|llap|rlap"
    r"|clap|smash|skew|unicode|char|input|include|write|require|verb|sideset|genfrac|above|pod|LaTeX|TeX)(?![A-Za-z])"
    r"|(?:^|[^\\])(?:\\\\)*[%$#]"
)
#: Names of several letters, which the converter would take apart.
_NAME = re.compile(r"\\operatorname\s*\*?\s*\{\s*([A-Za-z][A-Za-z .]*)\}")
#: What numbers an equation and draws nothing of it.
_UNDRAWN = re.compile(
    r"\\(?:label|tag\*?)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|allowbreak|limits)(?![A-Za-z])"
)
#: Environments of aligned lines, all of which are drawn alike.
_ALIGNED = re.compile(r"\\(begin|end)\s*\{(?:align|aligned|split|gather|gathered|eqnarray|multline)\*?\}")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_CODE = re.compile(r"&#x([0-9A-Fa-f]{1,6});")

#: How many children an element of these must have: a browser draws an error otherwise.
_ARITY = {
    "mfrac": 2,
    "mroot": 2,
    "msub": 2,
    "msup": 2,
    "msubsup": 3,
    "munder": 2,
    "mover": 2,
    "munderover": 3,
}
_LEAVES = frozenset({"mi", "mn", "mo", "mtext", "ms", "mspace"})
_TAGS = _LEAVES | frozenset(_ARITY) | frozenset({"mrow", "msqrt", "mtable", "mtr", "mtd", "mstyle"})
#: What is taken over of an element, by attribute, with the values that are; the others are left out without harm.
_KEPT: dict[str, re.Pattern[str]] = {
    "stretchy": re.compile("true|false"),
    "fence": re.compile("true|false"),
    "form": re.compile("prefix|infix|postfix"),
    "accent": re.compile("true|false"),
    "movablelimits": re.compile("true|false"),
    "displaystyle": re.compile("true|false"),
    "scriptlevel": re.compile("[0-2]"),
    "linethickness": re.compile("0"),
    "minsize": re.compile(r"[0-3](?:\.\d+)?em"),
    "maxsize": re.compile(r"[0-3](?:\.\d+)?em"),
}
_DROPPED = words(
    "columnalign columnspacing rowspacing columnlines rowlines separator largeop symmetric lspace rspace mathvariant"
)
_ACCENTS = frozenset("^~¯ˇ˘´`˙¨→←.\u02c6\u02dc\u20d7")
#: A line that goes on from the one before is set further in.
_GOES_ON = re.compile(r"=|\\(?:approx|equiv|simeq|Rightarrow|implies|propto|le|ge|leq|geq)(?![A-Za-z])")
_RELATIONS = frozenset((sign,) for sign in "=≈≃≅≡≤≥<>⇒⟹∝")
_SIGNS = frozenset({("-",), ("\N{MINUS SIGN}",), ("+",), ("\N{PLUS-MINUS SIGN}",)})
_CLOSING = frozenset({(")",), ("]",), ("}",), ("|",), ("!",)})
_FUNCTIONS = frozenset(
    (name,)
    for name in words("ln log exp sin cos tan sinh cosh tanh arcsin arccos arctan max min det tr diag sign softmax")
)
_VARIANTS = {"normal": "up", "bold": "bold", "bold-italic": "bold", "sans-serif": "sans", "monospace": "mono"}
_STRUCK_DIGITS = {ord("0") + digit: 0x1D7D8 + digit for digit in range(10)}


class _Undrawable(Exception):
    """The formula has something that is not drawn."""


def drawn(latex: str, *, display: bool) -> Element | None:
    """A formula (without the signs around it) as a row of MathML; ``None`` if it is to stand as text."""
    return (_remembered if len(latex) <= _SHORT else _drawn)(latex, display=display)


@lru_cache(maxsize=2048)
def _remembered(latex: str, *, display: bool) -> Element | None:
    """The same; students write the same formulas."""
    return _drawn(latex, display=display)


def _drawn(latex: str, *, display: bool) -> Element | None:
    latex = _ALIGNED.sub(r"\\\1{align*}", _UNDRAWN.sub(" ", _NAME.sub(r"\\mathrm{\1}", latex))).strip()
    if not latex or len(latex) > MOST_CHARACTERS or _REFUSED.search(latex) or not _nested_well(latex):
        return None
    tree = _converted(latex, "block" if display else "inline")
    if tree is None or len(tree) != 1:
        return None
    try:
        return _Copy().of(tree[0], 0)
    except _Undrawable:
        return None


def _nested_well(latex: str) -> bool:
    depth = 0
    for match in _BRACE.finditer(latex):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if not 0 <= depth <= DEEPEST:
            return False
    return depth == 0


#: How the converter fails beside its own exceptions, on text that is no LaTeX.
_FAILURES = (ArithmeticError, AttributeError, LookupError, RuntimeError, StopIteration, TypeError, ValueError)


def _converted(latex: str, display: str) -> Tree | None:
    """What the converter makes of a formula; it has many ways to fail on text that is no LaTeX, none of them ours."""
    from latex2mathml import exceptions
    from latex2mathml.converter import Converter

    own = [one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception)]
    failures: tuple[type[Exception], ...] = (*own, *_FAILURES)
    try:
        return Converter(display=display).convert_to_element(latex)
    except failures:
        return None


class _Copy:
    """Copies a converted formula, within limits."""

    def __init__(self) -> None:
        self._room = MOST_ELEMENTS

    def of(self, tree: Tree, depth: int) -> Element:
        """The element of ours that draws what ``tree`` does."""
        self._room -= 1
        if depth > DEEPEST or self._room < 0 or (tree.tail or "").strip():
            raise _Undrawable
        if tree.tag == "menclose":
            return self._boxed(tree, depth)
        if tree.tag == "mpadded":
            return self._padded(tree, depth)
        if tree.tag not in _TAGS:
            raise _Undrawable
        if tree.tag in _LEAVES:
            return _leaf(tree)
        if tree.text is not None and tree.text.strip():
            raise _Undrawable
        children = [self.of(child, depth + 1) for child in tree]
        if len(children) != _ARITY.get(tree.tag, len(children)):
            raise _Undrawable
        attributes = _attributes(tree)
        if tree.tag == "mover" and children[1].tag == "mo" and children[1].children in [(sign,) for sign in _ACCENTS]:
            attributes["accent"] = "true"
        if tree.tag in ("mrow", "mtd", "mstyle"):
            children = _spaced(_joined(children))
        return el(tree.tag, attributes, *children)

    def _boxed(self, tree: Tree, depth: int) -> Element:
        if tree.get("notation") != "box":
            raise _Undrawable
        return el("mrow", {"class": "boxed"}, *(self.of(child, depth + 1) for child in tree))

    def _padded(self, tree: Tree, depth: int) -> Element:
        """The labels of arrows are padded; what is padded to nothing lies over something else, and is refused."""
        if tree.get("width") != "+0.833em":
            raise _Undrawable
        return el("mrow", None, *(self.of(child, depth + 1) for child in tree))


def _leaf(tree: Tree) -> Element:
    if len(tree):
        raise _Undrawable
    if tree.tag == "mspace" and set(tree.attrib) == {"depth"}:
        return el("mrow")
    if tree.tag == "mspace":
        return el("mspace", {"width": _space(tree)})
    text = _CODE.sub(lambda match: chr(min(int(match.group(1), 16), 0x10FFFF)), tree.text or "")
    if text.startswith("\\") or text == "&":
        raise _Undrawable
    attributes = _attributes(tree)
    variant = tree.get("mathvariant")
    if variant == "double-struck" and text.isascii() and text.isdigit():
        text = text.translate(_STRUCK_DIGITS)
    elif variant is not None and variant not in _VARIANTS:
        raise _Undrawable
    elif variant is not None and not (variant == "normal" and tree.tag != "mi"):
        attributes["class"] = _VARIANTS[variant]
    return el(tree.tag, attributes, text)


def _space(tree: Tree) -> str:
    match = re.fullmatch(r"(\d?\.?\d+)em", tree.get("width", ""))
    if match is None or float(match.group(1)) > 2 or set(tree.attrib) != {"width"}:
        raise _Undrawable
    return match.group()


def _attributes(tree: Tree) -> dict[str, str]:
    kept: dict[str, str] = {}
    for name, value in tree.attrib.items():
        if name in _KEPT and _KEPT[name].fullmatch(value):
            kept[name] = value
        elif name not in _DROPPED:
            raise _Undrawable
    if tree.tag == "mtd" and tree.get("columnalign") in ("left", "right"):
        kept["class"] = tree.attrib["columnalign"]
    return kept


def _joined(children: list[Element]) -> list[Element]:
    """Upright letters in a row are one name."""
    joined: list[Element] = []
    for child in children:
        if joined and _upright(child) and _upright(joined[-1]):
            joined[-1] = el("mi", {"class": "up"}, f"{joined[-1].children[0]}{child.children[0]}")
        else:
            joined.append(child)
    return joined


def _spaced(children: list[Element]) -> list[Element]:
    """A sign without a left side is set close to its term, a function's name a little apart from its neighbours."""
    spaced: list[Element] = []
    for one in children:
        child = one
        last = spaced[-1] if spaced else None
        after_sign = last is not None and last.tag == "mo" and last.children not in _CLOSING
        if child.tag == "mo" and child.children in _SIGNS and after_sign:
            child = el("mo", {**dict(child.attributes), "form": "prefix"}, *child.children)
        beside = last is not None and (last.tag != "mo" or last.children in _CLOSING) and child.tag != "mo"
        if last is not None and beside and (_function(last) or _function(child)):
            spaced.append(el("mspace", {"width": "0.167em"}))
        spaced.append(child)
    return spaced


def _function(element: Element) -> bool:
    """Whether this is the name of a function, perhaps with an index or a power."""
    while element.tag in ("msub", "msup", "msubsup") and isinstance(element.children[0], Element):
        element = element.children[0]
    return element.tag == "mi" and element.children in _FUNCTIONS


def _upright(element: Element) -> bool:
    return element.tag == "mi" and element.attributes == (("class", "up"),) and len(element.children) == 1


def math(latex: str, source: str, *, display: bool) -> Element | None:
    """A formula as an element that keeps its source beside what is drawn; ``None`` as for :func:`drawn`.

    No browser breaks a formula over lines, so that a chain is drawn link by link, and the lines break between them.
    """
    row = drawn(latex, display=display)
    if row is None:
        return None
    attributes = {"display": "block"} if display else {}
    on = " on" if display and _GOES_ON.match(latex.strip()) else ""
    annotation = el("annotation", {"encoding": "application/x-tex"}, source)
    first, *others = _links(row)
    whole = el("semantics", None, first, annotation)
    if not others:
        return el("math", {**attributes, "class": "on"} if on else attributes, whole)
    links = [part for other in others for part in (el("wbr"), el("math", {**attributes, "class": "link"}, other))]
    return el("span", {"class": f"chain block{on}" if display else "chain"}, el("math", attributes, whole), *links)


def _links(row: Element) -> list[Element]:
    """A row cut before each of its relations but one at its beginning, and after wide spaces."""
    links: list[list[Element]] = [[]]
    for child in row.children:
        if not isinstance(child, Element):
            return [row]
        if links[-1] and ((child.tag == "mo" and child.children in _RELATIONS) or _wide(links[-1][-1])):
            links.append([])
        links[-1].append(child)
    return [el("mrow", None, *link) for link in links] if len(links) > 1 else [row]


def _wide(element: Element) -> bool:
    return element.tag == "mspace" and dict(element.attributes).get("width") in ("1em", "2em")
