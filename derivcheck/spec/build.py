"""Owns the way from marked data to a derivation: section by section, all problems told at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, cast

from derivcheck.errors import Refused
from derivcheck.functions import ALIASES, FUNCTIONS
from derivcheck.lang.arrays import ARRAYS
from derivcheck.lang.elaborate import Scope, elaborate_condition, warnings
from derivcheck.lang.typed import Defined, Expr, postorder
from derivcheck.model import Claim, Derivation, Layout
from derivcheck.model import Reading as LatexReading
from derivcheck.spec.check import Form, check
from derivcheck.spec.claims import Surroundings, claim_problems, condition_texts, read_claim
from derivcheck.spec.declare import Declarations, declarations
from derivcheck.spec.define import definitions, functions
from derivcheck.spec.formulas import Formulas
from derivcheck.spec.marks import MarkedList, MarkedMap, MarkedText, source_passage
from derivcheck.spec.notation import notation_by
from derivcheck.spec.problems import Problems
from derivcheck.spec.read import Reading
from derivcheck.spec.words import did_you_mean, quoted

if TYPE_CHECKING:
    from derivcheck.lang.latex import Notation

#: How many names a spec may declare, and how many claims it may make.
MOST_NAMES = 500
MOST_CLAIMS = 2_000
#: Sections without which the names of a spec are not all known.
_DECLARING = ("dims", "variables", "functions", "define")
#: Problems of reading after which keys or values may be missing.
_LOSSY = frozenset({"alias", "anchor", "tag", "merge", "key", "yaml"})


def build(reading: Reading) -> Derivation:
    """The derivation that a file's marked data say.

    Raises:
        Refused: with every problem of the file.
    """
    problems = Problems(reading.source)
    problems.extend(reading.problems)
    if reading.top is None:
        raise Refused(problems.all(), reading.source)
    problems.next_stage()
    findings = check(reading.top)
    problems.extend(finding.problem for finding in findings)
    problems.next_stage()
    if _too_many(reading.top, problems):
        raise Refused(problems.all(), reading.source)
    blind = any(problem.code in _LOSSY for problem in reading.problems) or any(
        finding.path[:1] == finding.path and finding.path[0] in _DECLARING for finding in findings if finding.path
    )
    derivation = _derivation(reading.top, Form.of(findings), problems, blind=blind)
    if problems.found:
        for claim in derivation.claims:
            problems.extend(claim_problems(claim))
        raise Refused(problems.all(), reading.source)
    return derivation


def _too_many(top: MarkedMap, problems: Problems) -> bool:
    """Whether there is more than can be looked at in reasonable time; told if so."""
    sections = {name: top.get(name) for name in (*_DECLARING, "claims")}
    counts = {name: len(node.entries) for name, node in sections.items() if isinstance(node, MarkedMap)}
    names = sum(counts.get(name, 0) for name in _DECLARING)
    told = (("declares", "names", names, MOST_NAMES), ("makes", "claims", counts.get("claims", 0), MOST_CLAIMS))
    for verb, what, count, most in told:
        if count > most:
            hint = "split it into several specs"
            problems.add("limit", f"this spec {verb} {count:,} {what}; {most:,} are the most", None, hint)
    return any(count > most for _, _, count, most in told)


def _derivation(
    top: MarkedMap, form: Form, problems: Problems, *, blind: bool, base: Derivation | None = None
) -> Derivation:
    """What a file's marked data say, in addition to what a ``base`` declares."""
    base = base or Derivation(problems.source, "", {}, {}, ())
    declared = declarations(top, form, problems, base)
    if len(declared.names.declared) > MOST_NAMES:
        hint = "split it into several specs"
        problems.add("limit", f"more than {MOST_NAMES:,} names, with the dimensions in shapes", None, hint)
        blind = True
    variables = {**base.variables, **declared.variables}
    scope = Scope(
        {name: variable.shape for name, variable in variables.items()},
        base.definitions,
        dims=frozenset(declared.dims),
        functions=frozenset((*base.functions, *(part.name for part in declared.functions))),
        sizes=declared.sizes,
        faulty=declared.faulty,
    )
    spellings = _joined(base.notation, _notation(top, declared, form, problems))
    reading = _reading(top, form, base.reading)
    notation = cache(partial(notation_by, scope, spellings, reading))
    latex = bool(spellings) or "$" in problems.source.text  # where there is none, nobody asks what it would mean
    unclear = blind or (latex and not _one_meaning(notation(), top, problems))
    defined = definitions(declared.definitions, scope, Formulas(notation, problems, unclear), blind=blind)
    scope = replace(scope, definitions=defined.expressions, faulty=defined.faulty)
    notation = cache(partial(notation_by, scope, spellings, reading))
    unclear = unclear or bool(defined.faulty) or (latex and not _one_meaning(notation(), top, problems))
    formulas = Formulas(notation, problems, unclear)
    opaque = functions(declared.functions, scope, formulas, blind=blind)
    assume = _assumptions(top, scope, formulas, blind=blind)
    layout = cast(Layout, (form.sound("layout") and _text(top, "layout")) or base.layout)
    remarks = _remarks(defined.expressions, scope)
    around = Surroundings(scope, variables, declared.dims, layout, formulas, remarks, blind)
    return Derivation(
        source=problems.source,
        title=_text(top, "title") or "",
        variables=variables,
        definitions=defined.expressions,
        claims=_claims(top, around, form, problems),
        dims=declared.dims,
        functions={**base.functions, **opaque},
        assume=(*base.assume, *assume),
        layout=layout,
        origin=_text(top, "source"),
        description=_text(top, "description"),
        notation=spellings,
        reading=reading,
    )


def front_matter(top: MarkedMap, problems: Problems, base: Derivation | None) -> Derivation:
    """The names that a note declares at its top, in addition to those of a ``base``; what is wrong is in
    ``problems``."""
    findings = check(top)
    problems.extend(finding.problem for finding in findings)
    problems.next_stage()
    blind = bool(problems.found) or _too_many(top, problems)
    return _derivation(top, Form.of(findings), problems, blind=blind, base=base)


def _joined(one: Mapping[str, tuple[str, ...]], more: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(dict.fromkeys((*one.get(name, ()), *more.get(name, ())))) for name in (*one, *more)}


def _reading(top: MarkedMap, form: Form, base: LatexReading) -> LatexReading:
    node = top.get("reading")
    if not isinstance(node, MarkedMap) or not form.sound("reading"):
        return base
    first, samples = _text(node, "first"), _text(node, "samples")
    return LatexReading(
        base.first if first is None else 0 if first == "0" else 1,
        base.samples if samples is None else "rows" if samples == "rows" else "columns",
    )


def _one_meaning(notation: Notation, top: MarkedMap, problems: Problems) -> bool:
    """Whether every spelling, with any index in the place of its own, stands for one name; told if not."""
    try:
        notation.check()
    except Refused as refused:
        key, node = top.key("notation"), top.get("notation")
        told = node is not None and any(
            problem.span is not None and node.span.start <= problem.span.start < node.span.end
            for problem in problems.found
        )
        if not told:
            problem = refused.problems[0]
            problems.add("name", problem.message, key.span if key else None, problem.hint)
        return False
    return True


def _text(top: MarkedMap, key: str) -> str | None:
    node = top.get(key)
    return node.text if isinstance(node, MarkedText) and node.text else None


def _assumptions(top: MarkedMap, scope: Scope, formulas: Formulas, *, blind: bool) -> tuple[Expr, ...]:
    made = []
    for text in condition_texts(top.get("assume"), formulas.problems) or ():
        node = formulas.condition(source_passage(text))
        if node is None or blind:
            continue
        try:
            made.append(elaborate_condition(node, scope))
        except Refused as refused:
            formulas.problems.extend(refused.problems)
    return tuple(made)


def _remarks(expressions: Mapping[str, Expr], scope: Scope) -> dict[str, tuple[str, ...]]:
    """The remarks on every definition and on those that it uses."""
    remarks: dict[str, tuple[str, ...]] = {}
    for name, expression in expressions.items():
        told = dict.fromkeys(f"in `{name}`: {remark}" for remark in warnings(expression, scope))
        for part in postorder(expression):
            if isinstance(part, Defined):
                told.update(dict.fromkeys(remarks.get(part.name, ())))
        remarks[name] = tuple(told)
    return remarks


def _claims(top: MarkedMap, around: Surroundings, form: Form, problems: Problems) -> tuple[Claim, ...]:
    node = top.get("claims")
    if not isinstance(node, MarkedMap):
        return ()
    read = [
        read_claim(key, value, around, problems, sound=form.sound("claims", name))
        for name, (key, value) in node.entries.items()
    ]
    return tuple(claim for claim in read if claim is not None)


def _notation(top: MarkedMap, declared: Declarations, form: Form, problems: Problems) -> dict[str, tuple[str, ...]]:
    node = top.get("notation")
    if not isinstance(node, MarkedMap):
        return {}
    from derivcheck.lang.latex.notation import spelling_key  # here, since most specs have no LaTeX

    known = (*declared.names.declared, *FUNCTIONS, *ALIASES, *ARRAYS)
    made: dict[str, tuple[str, ...]] = {}
    spelled: dict[str, str] = {}
    for key, value in node.entries.values():
        name = declared.names.read(key.passage)
        if name is None or not form.sound("notation", key.text) or not isinstance(value, MarkedList):
            continue
        if name not in known:
            message = f"`{name}` is not declared, so it cannot be spelled"
            problems.add("name", message, key.span, did_you_mean(name, declared.names.declared))
        spellings = [item for item in value.items if isinstance(item, MarkedText)]
        for spelling in spellings:
            try:
                spelling_key(spelling.text)
            except Refused as refused:
                hint = refused.problems[0].hint
                problems.add("latex", f"{quoted(spelling.text)}: {refused.problems[0].message}", spelling.span, hint)
                continue
            first = spelled.setdefault(spelling.text, name)
            if first != name:
                message = f"{quoted(spelling.text)} is a spelling of `{first}` already"
                problems.add("name", message, spelling.span, "one spelling means one name")
        made[name] = tuple(dict.fromkeys(spelling.text for spelling in spellings))
    return made
