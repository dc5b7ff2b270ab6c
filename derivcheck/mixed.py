"""Owns claims of which a part is a SymPy expression: the derivation that such a call of the Python API stands for.

SymPy's parts become typed expressions by ``fromsympy``; parts that are strings are read by the expression language,
in which the symbols of the others are declared names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from derivcheck.errors import Problem, Refused
from derivcheck.fromsympy import Converter, converter, spelled, target_of
from derivcheck.lang import derivatives, nodes, typed
from derivcheck.lang.elaborate import Scope, elaborate, elaborate_condition, link_problem, warnings
from derivcheck.lang.parse import parse_expression
from derivcheck.lang.typed import Expr, Target
from derivcheck.model import Claim, Derivation, DimensionRule, Layout, Link, Statement
from derivcheck.source import Passage, Source, Span

_LAYOUTS: Mapping[Layout, tuple[Literal["gradient", "jacobian"], ...]] = {
    "gradient": ("gradient",), "jacobian": ("jacobian",), "either": ("gradient", "jacobian"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """A chain of terms, each claimed equal to the one before; of the first its derivative by ``wrt``, unless that
    is None. Terms and conditions are strings, or what ``fromsympy`` reads; ``wrt`` may be a list or a matrix."""

    terms: tuple[Any, ...]
    wrt: Any = None
    assume: tuple[Any, ...] = ()
    when: tuple[Any, ...] = ()
    layout: Layout = "gradient"
    up_to: Literal["positive factor"] | None = None


def derivation(declared: Derivation, request: Request) -> Derivation:
    """The derivation with one claim that a request stands for; ``declared`` has what was declared beside it.

    Raises:
        Refused: for what cannot be read.
    """
    wanted = [*request.terms, *([] if request.wrt is None else [request.wrt]), *request.assume, *request.when]
    source, parts = _laid_out(wanted)
    try:
        return _Reader(declared, request, source, parts).read()
    except Refused as refused:
        raise Refused(refused.problems, refused.source or source) from None


@dataclass(frozen=True, slots=True)
class _Part:
    """A term, a target or a condition, and where its text stands."""

    value: Any
    text: str
    span: Span


def _laid_out(values: Sequence[Any]) -> tuple[Source, list[_Part]]:
    """A source with a line for every value."""
    parts: list[_Part] = []
    start = 0
    for value in values:
        text = spelled(value)
        parts.append(_Part(value, text, Span(start, start + len(text))))
        start += len(text) + 1
    return Source("<python>", "\n".join(part.text for part in parts)), parts


class _Reader:
    """A request on its way to a derivation."""

    def __init__(self, declared: Derivation, request: Request, source: Source, parts: list[_Part]) -> None:
        self.declared, self.request, self.source = declared, request, source
        count = len(request.terms)
        self.terms = parts[:count]
        self.wrt = None if request.wrt is None else parts[count]
        conditions = parts[count + (self.wrt is not None) :]
        self.assume, self.when = conditions[: len(request.assume)], conditions[len(request.assume) :]
        self.converter: Converter = converter()
        self.converter.variables.update(declared.variables)
        self.converter.dims.update(dict.fromkeys(declared.dims))
        self.converter.definitions.update(declared.definitions)

    def read(self) -> Derivation:
        """Convert SymPy's parts first: the others may use their symbols."""
        for part in (*self.terms, *([self.wrt] if self.wrt else []), *self.assume, *self.when):
            self.converter.span = part.span
            self.converter.note_dims(part.value)
        terms = [self._converted(part) for part in self.terms]
        by = None if self.wrt is None or isinstance(self.wrt.value, str) else self._by(self.wrt)
        conditions = [[self._converted(part) for part in parts] for parts in (self.assume, self.when)]
        scope = self._scope()
        exprs = [self._term(part, expr, scope) for part, expr in zip(self.terms, terms, strict=True)]
        if self.wrt is not None:
            by = by or derivatives.target(scope, self._parsed(self.wrt))
        assume, when = (
            tuple(self._condition(part, expr, scope) for part, expr in zip(parts, found, strict=True))
            for parts, found in zip((self.assume, self.when), conditions, strict=True)
        )
        known = self.converter
        return replace(
            self.declared,
            source=self.source,
            variables=known.variables,
            dims={name: self.declared.dims.get(name, DimensionRule(name)) for name in known.dims},
            functions={**known.functions, **self.declared.functions},
            assume=(*known.assume, *assume),
            claims=(replace(self._claim(exprs, by, scope), when=when),),
        )

    def _scope(self) -> Scope:
        known = self.converter
        return Scope(
            {name: variable.shape for name, variable in known.variables.items()},
            self.declared.definitions,
            frozenset(known.dims),
            frozenset((*known.functions, *self.declared.functions)),
            sizes={name: rule.exact for name, rule in self.declared.dims.items() if rule.exact is not None},
        )

    # -- parts --------------------------------------------------------------------------------------------------

    def _converted(self, part: _Part) -> Expr | None:
        return None if isinstance(part.value, str) else self.converter.expression(part.value, part.span)

    def _by(self, part: _Part) -> Target | typed.Entries:
        """What the derivative is taken by: a target, or an array of the variables or entries that it is taken by."""
        value = part.value
        if self.converter.is_one_target(value):
            return self.converter.target(value, part.span)
        entries = self.converter.expression(value, part.span)
        if not isinstance(entries, typed.Entries):
            raise Refused([Problem("sympy", "a derivative is by a symbol, or a list or matrix of them", part.span)])
        return entries

    def _parsed(self, part: _Part) -> nodes.Node:
        offsets = tuple(range(part.span.start, part.span.end + 1))
        return parse_expression(Passage(part.text, self.source, offsets))

    def _term(self, part: _Part, found: Expr | None, scope: Scope) -> Expr:
        if isinstance(found, (typed.Compare, typed.Logic)):
            raise Refused([Problem("sympy", f"{part.text} is a condition, where a number is wanted", part.span)])
        return elaborate(self._parsed(part), scope) if found is None else found

    def _condition(self, part: _Part, found: Expr | None, scope: Scope) -> Expr:
        if found is None:
            return elaborate_condition(self._parsed(part), scope)
        if not isinstance(found, (typed.Compare, typed.Logic)):
            raise Refused([Problem("sympy", f"{part.text} is no condition", part.span, "write x > 0, Ne(x, 0), …")])
        return found

    # -- the claim ----------------------------------------------------------------------------------------------

    def _claim(self, exprs: list[Expr], by: Target | typed.Entries | None, scope: Scope) -> Claim:
        """The claim in the first layout in which its shapes agree; invalid if they do in none."""
        texts = [part.text for part in self.terms]
        if self.wrt is not None:
            texts.insert(0, f"D({texts.pop(0)}, {self.wrt.text})")
        text = " == ".join(texts)
        span = self.terms[0].span.to(self.terms[-1].span)
        base = Claim("", text, span, None, layout=self.request.layout, up_to=self.request.up_to)
        problems: list[Problem] = []
        for layout in _LAYOUTS[self.request.layout]:
            inner = replace(scope, layout=layout)
            chain = exprs if by is None else [self._derivative(exprs[0], by, inner), *exprs[1:]]
            problems = [
                problem
                for (left, right), part in zip(pairwise(chain), self.terms[1:], strict=True)
                if (problem := link_problem(left, right, inner, part.span)) is not None
            ]
            if not problems:
                remarks = warnings(chain, inner)
                return replace(base, statement=Statement(text, self._links(chain, texts), (), span), warnings=remarks)
        return replace(base, problems=tuple(problems))

    def _links(self, chain: list[Expr], texts: list[str]) -> tuple[Link, ...]:
        return tuple(
            Link(left, right, "==", left_text, right_text, part.span)
            for (left, right), (left_text, right_text), part in zip(
                pairwise(chain), pairwise(texts), self.terms[1:], strict=True
            )
        )

    def _derivative(self, of: Expr, by: Target | typed.Entries, scope: Scope) -> Expr:
        span = self.terms[0].span
        if isinstance(by, Target):
            return derivatives.differentiate(scope, of, by, span)
        entries = tuple(derivatives.differentiate(scope, of, self._entry(entry), span) for entry in by.entries)
        gradient = typed.Entries(by.shape, span, entries)
        if scope.layout == "gradient":
            return gradient
        return typed.ArrayOp(by.shape[::-1], span, "transpose", (gradient,))

    def _entry(self, entry: Expr) -> Target:
        found = target_of(entry)
        if found is None or found.shape:
            message = "a derivative is by symbols, and this is not one of them"
            raise Refused([Problem("sympy", message, self.wrt.span if self.wrt else None)])
        return found
