"""Owns what a spec declares: dimensions, variables with shapes and domains, and that every name means one thing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import prod

from derivcheck.errors import Refused
from derivcheck.lang import limits, nodes
from derivcheck.lang.domains import REAL, WHOLE_ARRAY, Domain, parse_domain
from derivcheck.lang.names import RESERVED, code_point, double, skeleton
from derivcheck.lang.parse import parse_expression
from derivcheck.lang.shapes import show
from derivcheck.lang.typed import Dim, Shape
from derivcheck.model import Derivation, DimensionRule, Variable
from derivcheck.source import Passage, Span
from derivcheck.spec.check import Form
from derivcheck.spec.marks import Marked, MarkedMap, MarkedText, source_passage, stripped
from derivcheck.spec.problems import Problems
from derivcheck.spec.words import quoted

_BOUND = re.compile(r"(>=|>|==|≥)?\s*([0-9]+)")
#: Domains of a whole array that need no square matrix.
_ANY_ARRAY = ("simplex", "one-hot")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a name was first declared as, and where."""

    kind: str
    span: Span


@dataclass(slots=True)
class Names:
    """Every declared name of a spec, each with one meaning."""

    problems: Problems
    declared: dict[str, Declared] = field(default_factory=dict)
    _looks: dict[str, str] = field(default_factory=dict)

    def read(self, passage: Passage) -> str | None:
        """The name that a text is, in its one form; ``None`` after a problem."""
        try:
            node = parse_expression(passage)
        except Refused as refused:
            if passage.text in RESERVED:
                message = f"`{passage.text}` is a word of the language and cannot be a name"
                self.problems.add("name", message, passage.whole, f"call it `{passage.text}_`")
            else:
                self.problems.extend(refused.problems)
            return None
        if isinstance(node, nodes.Name):
            return node.text
        hint = "a name is letters, digits and `_`, and does not begin with a digit"
        self.problems.add("name", f"{quoted(passage.text)} is no name", passage.whole, hint)
        return None

    def declare(self, passage: Passage, kind: str) -> str | None:
        """Declare the name that a text is; ``None`` after a problem."""
        name = self.read(passage)
        if name is None:
            return None
        before = self.declared.get(name)
        if before is not None:
            line, _ = self.problems.source.position(before.span.start)
            message = f"`{name}` is declared twice: it is {before.kind} (line {line})"
            self.problems.add("name", message, passage.whole, "give one of the two another name")
            return None
        look = skeleton(name)
        twin = double(name, [self._looks.setdefault(look, name)])
        if twin is not None:
            other, letter = twin
            line, _ = self.problems.source.position(self.declared[other].span.start)
            message = f"`{name}` looks like `{other}` (line {line}), but they differ in {code_point(letter)}"
            self.problems.add("name", message, passage.whole, "give one of the two another name")
            return None
        self.declared[name] = Declared(kind, passage.whole)
        return name


@dataclass(frozen=True, slots=True)
class Part:
    """One entry of a section: the name it declares, where, and its value; ``sound`` when its form is right."""

    name: str
    key: MarkedText
    value: Marked
    sound: bool


@dataclass(frozen=True, slots=True)
class Declarations:
    """What a spec declares. ``faulty`` are names whose own text has problems."""

    names: Names
    dims: Mapping[str, DimensionRule]
    variables: Mapping[str, Variable]
    functions: tuple[Part, ...]
    definitions: tuple[Part, ...]
    faulty: frozenset[str]

    @property
    def sizes(self) -> Mapping[str, int]:
        """The dimensions whose size is given."""
        return {name: rule.exact for name, rule in self.dims.items() if rule.exact is not None}


def declarations(top: MarkedMap, form: Form, problems: Problems, base: Derivation) -> Declarations:
    """Read the declaring sections of a spec, which may use the names of a ``base``; ``form`` says whose form is
    wrong."""
    names = Names(problems)
    for kind, taken in (("a variable", base.variables), ("a dimension", base.dims), ("a function", base.functions),
                        ("a defined name", base.definitions)):  # fmt: skip
        names.declared.update({name: Declared(kind, Span(0, 0)) for name in taken})
    dims = list(_parts(top, "dims", "a dimension", names, form))
    variables = list(_parts(top, "variables", "a variable", names, form))
    functions = list(_parts(top, "functions", "a function", names, form))
    definitions = list(_parts(top, "define", "a defined name", names, form))
    rules: dict[str, DimensionRule | None] = dict(base.dims)
    rules |= {part.name: _rule(part, problems) for part in dims}
    read = {part.name: _variable(part, form, names, rules) for part in variables}
    parts = (*variables, *functions, *definitions)
    return Declarations(
        names,
        {name: rule or DimensionRule(name) for name, rule in rules.items()},
        {name: variable for name, variable in read.items() if variable is not None},
        tuple(functions),
        tuple(definitions),
        frozenset(part.name for part in parts if not part.sound)
        | frozenset(name for name, variable in read.items() if variable is None),
    )


def _parts(top: MarkedMap, section: str, kind: str, names: Names, form: Form) -> Iterator[Part]:
    node = top.get(section)
    if not isinstance(node, MarkedMap):
        return
    for key, value in node.entries.values():
        name = names.declare(key.passage, kind)
        if name is not None:
            yield Part(name, key, value, form.sound(section, key.text))


def _rule(part: Part, problems: Problems) -> DimensionRule | None:
    """``2`` or ``>= 2``; ``None`` after a problem."""
    match = _BOUND.fullmatch(part.value.text) if part.sound and isinstance(part.value, MarkedText) else None
    if match is None:
        return None
    sign, digits = match.groups()
    size = int(digits) if len(digits) < 8 else limits.MAX_SIZE + 1
    least = size + 1 if sign == ">" else size
    if least > limits.MAX_SIZE:
        problems.add("limit", f"a dimension of more than {limits.MAX_SIZE:,}", part.value.span)
        return None
    if size == 0 and sign is None:
        problems.add("value", "a dimension has a size of 1 or more", part.value.span)
        return None
    if sign in (None, "=="):
        return DimensionRule(part.name, exact=max(size, 1), least=max(size, 1))
    return DimensionRule(part.name, least=max(least, 1))


def _variable(part: Part, form: Form, names: Names, rules: dict[str, DimensionRule | None]) -> Variable | None:
    """A variable; ``None`` after a problem. New names in its shape become dimensions."""
    path = ("variables", part.key.text)
    spec = part.value if isinstance(part.value, MarkedMap) else None
    written = part.value if spec is None else spec.get("shape")
    bounds = None if spec is None else spec.get("domain")
    shape: Shape | None = ()
    if written is not None:
        sound = form.sound(*path) if spec is None else form.sound(*path, "shape")
        shape = _shape(written, names, rules) if sound else None
    domain = _domain(bounds, names.problems) if form.sound(*path, "domain") else None
    if shape is None or domain is None or not _fits(domain, shape, bounds, names.problems, rules):
        return None
    doc = None if spec is None else spec.get("doc")
    described = doc.text if isinstance(doc, MarkedText) else None
    return Variable(part.name, shape, domain, described) if part.sound else None


def _shape(node: Marked, names: Names, rules: dict[str, DimensionRule | None]) -> Shape | None:
    problems = names.problems
    passage = source_passage(node)
    axes: list[Dim | None] = [_axis(axis, names, rules) for axis in _axes(passage)]
    if len(axes) > limits.MAX_AXES:
        problems.add("limit", f"an array with {len(axes)} axes; {limits.MAX_AXES} are the most", passage.whole)
        return None
    shape = tuple(axis for axis in axes if axis is not None)
    if len(shape) < len(axes):
        return None
    if prod(axis for axis in shape if isinstance(axis, int)) > limits.MAX_ENTRIES:
        message = f"an array of more than {limits.MAX_ENTRIES:,} entries"
        problems.add("limit", message, passage.whole, "use symbolic dimensions")
        return None
    return shape


def _axes(passage: Passage) -> Iterator[Passage]:
    """What stands between the commas of ``[n, 1]``; nothing in ``[]`` and after a last comma."""
    text = passage.text
    start, end = text.find("[") + 1, text.rfind("]")
    while start < end:
        comma = text.find(",", start, end)
        stop = comma if comma >= 0 else end
        piece = stripped(Passage(text[start:stop], passage.source, passage.offsets[start : stop + 1]))
        if piece.text or stop < end:
            yield piece
        start = stop + 1


def _axis(passage: Passage, names: Names, rules: dict[str, DimensionRule | None]) -> Dim | None:
    text, problems = passage.text, names.problems
    if text.isascii() and text.isdigit():
        size = int(text) if len(text) < 8 else limits.MAX_SIZE + 1
        if size > limits.MAX_SIZE:
            hint = "use a symbolic dimension"
            problems.add("limit", f"an axis of more than {limits.MAX_SIZE:,}", passage.whole, hint)
        if size == 0:
            problems.add("shape", "an axis has 1 entry or more", passage.whole)
        return size if 0 < size <= limits.MAX_SIZE else None
    name = names.read(passage)
    if name is None or name in rules:
        return name
    other = names.declared.get(name)
    if other is not None:
        message = f"`{name}` is {other.kind} and cannot be a dimension too"
        problems.add("name", message, passage.whole, "give one of the two another name")
        return None
    if names.declare(passage, "a dimension") is None:
        return None
    rules[name] = DimensionRule(name)
    return name


def _domain(node: Marked | None, problems: Problems) -> Domain | None:
    if node is None:
        return REAL
    try:
        return parse_domain(source_passage(node))
    except Refused as refused:
        problems.extend(refused.problems)
        return None


def _fits(
    domain: Domain,
    shape: Shape,
    written: Marked | None,
    problems: Problems,
    rules: Mapping[str, DimensionRule | None],
) -> bool:
    """Whether a domain of whole arrays can be one of this shape."""
    if domain.kind not in WHOLE_ARRAY:
        return True
    span = None if written is None else written.span
    if domain.kind in _ANY_ARRAY:
        if not shape:
            problems.add(
                "domain", f"`{domain.kind}` is a domain of arrays, and this is a number", span, "add a `shape`"
            )
        return bool(shape)
    sizes = [_size(axis, rules) for axis in shape]
    square = len(sizes) == 2 and sizes[0] == sizes[1]
    if not square:
        message = f"`{domain.kind}` is a domain of square matrices, and the shape is {show(shape)}"
        problems.add("domain", message, span, "a square matrix has a shape such as [n, n]")
    return square


def _size(axis: Dim, rules: Mapping[str, DimensionRule | None]) -> Dim:
    rule = rules.get(axis) if isinstance(axis, str) else None
    return axis if rule is None or rule.exact is None else rule.exact
