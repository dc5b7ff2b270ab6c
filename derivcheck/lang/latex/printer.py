"""Owns the way back: nodes as LaTeX that the reader reads to the same nodes, by the same notation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from derivcheck.lang import nodes
from derivcheck.lang.latex import commands
from derivcheck.lang.latex.notation import Notation, spelling_key

_PRODUCTS = {"": " ", "·": r" \cdot ", "×": r" \times ", "⊙": r" \odot ", "/": " / "}
_RELATIONS = {"==": " = ", "≈": r" \approx ", "<": " < ", ">": " > ", "<=": r" \le ", ">=": r" \ge ", "!=": r" \ne "}
_COMMANDS: dict[str, str] = {**{name: command for command, name in commands.FUNCTIONS.items()}, "log10": r"log_{10}"}
#: How tightly something binds: a sum, a product, a factor.
_SUM, _PRODUCT, _FACTOR = 0, 1, 2


class Unprintable(ValueError):
    """A node that this notation has no LaTeX for."""


def to_latex(node: nodes.Node, notation: Notation) -> str:
    """LaTeX that reads back to the node (a :class:`nodes.Statement` to its chain; its binders are free indices).

    Raises:
        Unprintable: for a name without a spelling, and for nodes that only the infix language makes.
    """
    return _Printer(notation).text(node, _SUM)


class _Printer:
    """The notation, the indices that are bound around the node at hand, and how many conditions are around it."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.bound: list[str] = []
        self.conditions = 0

    def text(self, node: nodes.Node, level: int) -> str:
        """A node where something of a level is wanted: in parentheses if it binds less tightly."""
        rule = _RULES.get(type(node))
        if rule is None:
            raise Unprintable(type(node).__name__)
        text, own = rule(self, node)
        return text if own >= level else rf"\left( {text} \right)"

    def number(self, node: nodes.Number) -> tuple[str, int]:
        if not node.text.replace(".", "", 1).isdigit():
            raise Unprintable(node.text)
        return node.text, _FACTOR

    def name(self, node: nodes.Name) -> tuple[str, int]:
        if self._index(node.text) and self.notation.first == 0:
            return node.text, _FACTOR
        ways = self.notation.spelled(node.text)
        if ways:
            return ways[0], _FACTOR
        if node.text in ("e", "pi") and not self.notation.value(node.text):
            return ("e" if node.text == "e" else r"\pi"), _FACTOR
        raise Unprintable(node.text)

    def unary(self, node: nodes.Unary) -> tuple[str, int]:
        if node.sign == "not":
            raise Unprintable(node.sign)
        level = _FACTOR if isinstance(node.operand, nodes.Unary) else _PRODUCT
        return f"{node.sign}{self.text(node.operand, level)}", _SUM

    def chain(self, node: nodes.Chain) -> tuple[str, int]:
        signs = [operator.sign for operator in node.operators]
        if signs == ["/"]:
            over, under = (self.text(operand, _SUM) for operand in node.operands)
            return rf"\frac{{{_undifferentiated(over)}}}{{{_undifferentiated(under)}}}", _FACTOR
        if set(signs) - {"+", "-"}:
            raise Unprintable("".join(signs))
        if (counted := self._counted(node)) is not None:
            return counted, _FACTOR
        first, *rest = node.operands
        text = self.text(first, _SUM if isinstance(first, nodes.Unary) else _PRODUCT)
        for sign, operand in zip(signs, rest, strict=True):
            text += f" {sign} {self.text(operand, _PRODUCT)}"
        return text, _SUM

    def _index(self, letter: str) -> bool:
        """Whether a name is an index that may stand as a number: a bound one, in a condition also a free one."""
        free = self.conditions and len(letter) == 1 and not self.notation.value(letter)
        return letter in self.bound or bool(free)

    def _counted(self, node: nodes.Chain) -> str | None:
        """A bound index as a number, which the notes count from 1."""
        match node:
            case nodes.Chain(operands=(nodes.Name(text=letter), nodes.Number(value=value)), operators=(operator,)):
                counted = self._index(letter) and value == 1 and operator.sign == "+" and self.notation.first == 1
                return letter if counted else None
            case _:
                return None

    def product(self, node: nodes.Product) -> tuple[str, int]:
        text = self.text(node.operands[0], _FACTOR)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            part = self.text(operand, _FACTOR)
            if operator.sign == "" and isinstance(operand, nodes.Number):
                part = rf"\left[ {part} \right]"
            elif operator.sign == "" and part.startswith(r"\left( "):  # parentheses would look like arguments
                part = rf"\left[ {self.text(operand, _SUM)} \right]"
            text += _PRODUCTS[operator.sign] + part
        return text, _PRODUCT

    def raised(self, node: nodes.Raised) -> tuple[str, int]:
        base, exponent = self.text(node.base, _SUM), self.text(node.exponent, _SUM)
        return rf"\left[ {base} \right]^{{{exponent}}}", _FACTOR

    def transpose(self, node: nodes.Transpose) -> tuple[str, int]:
        return rf"\left[ {self.text(node.operand, _SUM)} \right]^{{\top}}", _FACTOR

    def inner(self, node: nodes.Inner) -> tuple[str, int]:
        left, right = (self.text(side, _SUM) for side in (node.left, node.right))
        return rf"\left\langle {left}, {right} \right\rangle", _FACTOR

    def length(self, node: nodes.Length) -> tuple[str, int]:
        inside = self.text(node.operand, _SUM)
        if node.kind == "|":
            return rf"\left| {inside} \right|", _FACTOR
        index = f"_{{{node.kind}}}" if node.kind else ""
        return rf"\left\lVert {inside} \right\rVert{index}", _FACTOR

    def comparison(self, node: nodes.Comparison) -> tuple[str, int]:
        self.conditions += 1
        text = self.text(node.operands[0], _SUM)
        for operator, operand in zip(node.operators, node.operands[1:], strict=True):
            text += _RELATIONS[operator.sign] + self.text(operand, _SUM)
        self.conditions -= 1
        return text, _SUM

    def fitted(self, node: nodes.Fitted) -> tuple[str, int]:
        letter = "I" if node.plain else r"\mathbf{I}" if node.name == "eye" else r"\mathbf{1}"
        if self.notation.spells(letter):
            raise Unprintable(letter)
        return letter if node.size is None else f"{letter}_{{{self.text(node.size, _SUM)}}}", _FACTOR

    def call(self, node: nodes.Call) -> tuple[str, int]:
        name = node.function.text
        if name == "where" and len(node.arguments) == 3:
            test, then, otherwise = (self.text(argument, _SUM) for argument in node.arguments)
            rows = rf"{then} & {test} \\ {otherwise} & \text{{otherwise}}"
            return rf"\begin{{cases}} {rows} \end{{cases}}", _FACTOR
        if name == "indicator":
            return rf"\mathbb{{1}}\left[ {self.text(node.arguments[0], _SUM)} \right]", _FACTOR
        if name == "reshape" and isinstance(node.arguments[0], nodes.Derivative) and node.arguments[0].word == "hess":
            return self.derivative(node.arguments[0])
        arguments = [self.text(argument, _SUM) for argument in node.arguments]
        arguments += [self._keyword(keyword) for keyword in node.keywords]
        inside = ", ".join(arguments)
        return rf"{self._function(name)}{chr(39) * node.primes}\left( {inside} \right)", _FACTOR

    def _keyword(self, keyword: nodes.Keyword) -> str:
        value = keyword.value
        text = rf"\text{{{value.text}}}" if isinstance(value, nodes.Name) else self.text(value, _SUM)
        return rf"\text{{{keyword.name.text}}} = {text}"

    def _function(self, name: str) -> str:
        if name in self.notation.functions:
            ways = self.notation.spelled(name)
            if not ways:
                raise Unprintable(name)
            return ways[0]
        if name in _COMMANDS:
            return f"\\{_COMMANDS[name]}"
        return rf"\mathrm{{{name.replace('_', chr(92) + '_')}}}"

    def comprehension(self, node: nodes.Comprehension) -> tuple[str, int]:
        if node.function.text not in commands.BIG.values() or len(node.binders) != 1:
            return self._nested(node)
        (binder,) = node.binders
        low, high = self._range(binder)
        self.bound.append(binder.name.text)
        body = self.text(node.body, _SUM)
        self.bound.pop()
        span = rf"_{{{binder.name.text} = {low}}}^{{{high}}}"
        return rf"\{node.function.text}{span} \left( {body} \right)", _SUM

    def _nested(self, node: nodes.Comprehension) -> tuple[str, int]:
        """Several indices without limits: the body says over what they go."""
        if node.function.text not in commands.BIG.values():
            raise Unprintable(node.function.text)
        letters = [binder.name.text for binder in node.binders]
        self.bound += letters
        body = self.text(node.body, _SUM)
        del self.bound[len(self.bound) - len(letters) :]
        return rf"\{node.function.text}_{{{', '.join(letters)}}} \left( {body} \right)", _SUM

    def _range(self, binder: nodes.Binder) -> tuple[str, str]:
        over = binder.over
        if isinstance(over, nodes.Size):
            size = over.number.text
        elif isinstance(over, nodes.Words):
            size = self.name(nodes.Name(over.span, over.text))[0]
        else:
            raise Unprintable(type(over).__name__)
        return ("1", size) if self.notation.first == 1 else ("0", f"{size} - 1")

    def derivative(self, node: nodes.Derivative) -> tuple[str, int]:
        of = self.text(node.of, _FACTOR)
        if node.word == "hess":
            by = self.text(node.by, _FACTOR)
            return rf"\frac{{\partial^2 {of}}}{{\partial {by} \partial {by}^{{\top}}}}", _FACTOR
        if node.word != "D":
            raise Unprintable(node.word)
        return rf"\frac{{\partial {of}}}{{\partial {self._variable(node.by)}}}", _FACTOR

    def _variable(self, node: nodes.Node) -> str:
        """What a derivative is by, without arguments."""
        ways = self.notation.spelled(node.text) if isinstance(node, nodes.Name) else ()
        return next((way for way in ways if not spelling_key(way)[3]), None) or self.text(node, _FACTOR)

    def index(self, node: nodes.Index) -> tuple[str, int]:
        if not isinstance(node.base, nodes.Name):
            raise Unprintable("an entry of an expression")
        ways = [way for way in self.notation.spelled(node.base.text) if not spelling_key(way)[1]]
        if not ways:
            raise Unprintable(node.base.text)
        inside = ", ".join(self._position(subscript) for subscript in node.subscripts)
        return f"{ways[0]}_{{{inside}}}", _FACTOR

    def _position(self, node: nodes.Node) -> str:
        match node:
            case nodes.Whole():
                return ":"
            case nodes.Number(value=value) if value.denominator == 1:
                return str(int(value) + self.notation.first)
            case nodes.Name(text=letter):
                return letter
            case nodes.Chain(operands=(nodes.Name(text=letter), nodes.Number(text=offset)), operators=(operator,)):
                return f"{letter} {operator.sign} {offset}"
            case _:
                raise Unprintable("a position")

    def array(self, node: nodes.Array) -> tuple[str, int]:
        rows = [row.items for row in node.items if isinstance(row, nodes.Array)]
        if len(rows) != len(node.items) or not rows:
            raise Unprintable("an array with one axis")
        lines = r" \\ ".join(" & ".join(self.text(cell, _SUM) for cell in row) for row in rows)
        return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}", _FACTOR

    def statement(self, node: nodes.Statement) -> tuple[str, int]:
        text = self.text(node.terms[0], _SUM)
        for relation, term in zip(node.relations, node.terms[1:], strict=True):
            text += _RELATIONS[relation] + self.text(term, _SUM)
        return text, _SUM


def _undifferentiated(text: str) -> str:
    """A side of a fraction that begins with d, set apart so that the fraction is not taken for a derivative."""
    return rf"\left( {text} \right)" if text.startswith(("d", r"\mathit{d}")) else text


Rule = Callable[[_Printer, Any], tuple[str, int]]
_RULES: dict[type[nodes.Node], Rule] = {
    nodes.Number: _Printer.number,
    nodes.Name: _Printer.name,
    nodes.Unary: _Printer.unary,
    nodes.Chain: _Printer.chain,
    nodes.Product: _Printer.product,
    nodes.Raised: _Printer.raised,
    nodes.Transpose: _Printer.transpose,
    nodes.Length: _Printer.length,
    nodes.Inner: _Printer.inner,
    nodes.Comparison: _Printer.comparison,
    nodes.Call: _Printer.call,
    nodes.Fitted: _Printer.fitted,
    nodes.Comprehension: _Printer.comprehension,
    nodes.Derivative: _Printer.derivative,
    nodes.Index: _Printer.index,
    nodes.Array: _Printer.array,
    nodes.Statement: _Printer.statement,
}
