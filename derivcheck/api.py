"""Owns the Python API: claims given as strings or SymPy expressions, files, and an assertion for tests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from derivcheck import compose
from derivcheck.errors import Problem, Refused
from derivcheck.model import Claim, Derivation
from derivcheck.result import NoteResult, Result, Results
from derivcheck.run import Options, judge_claim, read
from derivcheck.run import run as run_files
from derivcheck.verdict import Verdict

#: A string in the expression language, a SymPy expression or matrix, a number, or a list of such.
Expression = Any


class How(TypedDict, total=False):
    """How to judge: the ``seed`` of all random points; ``accept="supported"`` takes agreement at every point tried
    for ok."""

    seed: int
    accept: Literal["supported"]


class Settings(How, total=False):
    """What may be said beside a claim, each as in a spec file.

    - ``variables``: name to shape (``("n", 1)``, ``3``; ``()`` or None for a number), to a domain (``"positive"``,
      ``"(0, 1)"``), or to a mapping with ``shape``, ``domain``, ``doc``; or a list of names, which are real numbers.
    - ``define``: name to expression, in order: the forward computation.
    - ``assume``, ``when``: a condition or a list of them.
    - ``dims``: name of a dimension to its size or a bound (``">= 2"``).
    - ``functions``: name of an elementwise function to its derivative (``"g(z)*(1 - g(z))"``) or None.
    - ``at``: name to an exact number, or nested lists or an array of them.
    - ``layout``, ``up_to``, ``tolerance``: as in a spec.
    - ``seed``, ``accept``: how to judge.
    """

    variables: Mapping[str, compose.VariableLike] | Iterable[str]
    define: Mapping[str, str]
    assume: str | Iterable[Any]
    when: str | Iterable[Any]
    dims: Mapping[str, int | str]
    functions: Mapping[str, str | None]
    at: Mapping[str, Any]
    layout: Literal["gradient", "jacobian", "either"]
    up_to: Literal["positive factor"]
    tolerance: str | float | Decimal


def check(statement: Any, **settings: Unpack[Settings]) -> Result:
    """Judge a statement: ``a == b``, a chain ``a == b == c``, ``a ≈ 0.3932``, with ``for z in real`` or the like.

    The statement is a string, or a SymPy equation (made with ``evaluate=False`` if SymPy would decide it itself).

    Raises:
        Refused: for a string that cannot be read or has undeclared names, with the place and a hint.
        EngineFault: where the engine contradicts itself.
        TypeError: for arguments of the wrong type.
    """
    if isinstance(statement, str):
        return _judged(_from_text({"statement": statement}, settings), settings)
    return _judged(_from_parts(_sides(statement), None, settings), settings)


def check_equal(*terms: Expression, **settings: Unpack[Settings]) -> Result:
    """Judge that two expressions are equal, or of more that each equals the one before. Raises as :func:`check`."""
    if len(terms) < 2:
        raise TypeError("check_equal: two expressions or more are wanted")
    if _all_text(terms, settings):
        return _judged(_from_text({"statement": " == ".join(terms)}, settings), settings)
    return _judged(_from_parts(terms, None, settings), settings)


def check_gradient(
    loss: Expression,
    wrt: Expression,
    claimed: Expression,
    *,
    steps: Iterable[Expression] = (),
    **settings: Unpack[Settings],
) -> Result:
    """Judge that ``claimed`` is the derivative of ``loss`` by ``wrt``, of the shape of ``wrt``.

    ``wrt`` is a name or a SymPy symbol; of SymPy symbols also a list or a matrix, entry by entry. Each of ``steps``
    is claimed to equal the one before it, the first the derivative and the last ``claimed``.

    Raises as :func:`check`.
    """
    if wrt is None:
        raise TypeError("wrt: None is nothing to differentiate by")
    steps = [steps] if isinstance(steps, str) else list(steps)
    if _all_text((loss, wrt, claimed, *steps), settings):
        claim: dict[str, compose.Data] = {"of": loss, "wrt": wrt, "gradient": claimed, "steps": [*steps]}
        return _judged(_from_text(claim, settings), settings)
    return _judged(_from_parts((loss, *steps, claimed), wrt, settings), settings)


def assert_gradient(
    loss: Expression,
    wrt: Expression,
    claimed: Expression,
    *,
    steps: Iterable[Expression] = (),
    **settings: Unpack[Settings],
) -> None:
    """Raise an ``AssertionError`` that says why, with the witness, unless :func:`check_gradient` proves the claim."""
    __tracebackhide__ = True
    result = check_gradient(loss, wrt, claimed, steps=steps, **settings)
    if not result.ok:
        raise AssertionError(str(result))


def check_files(*paths: str | os.PathLike[str], claims: str | Iterable[str] = (), **how: Unpack[How]) -> Results:
    """Judge the claims of spec files; folders are searched for ``*.deriv.yaml``. ``claims`` are globs over ids.

    What is wrong with a file is in the results and raises nothing.
    """
    globs = (claims,) if isinstance(claims, str) else tuple(claims)
    return Results(run_files(paths, _options(how, globs)))


def check_note(
    path: str | os.PathLike[str], *, key: str | os.PathLike[str] | Spec | None = None, **how: Unpack[How]
) -> NoteResult:
    """Judge the formulas of a note, Markdown or LaTeX, where they stand.

    ``key`` is a spec, or the path of one, whose names and notation the note uses. What is wrong with the note is in
    the result and raises nothing.

    Raises:
        Refused: with every problem of a key that cannot be read.
        ValueError: for a folder.
    """
    from derivcheck.notes.check import NotesRun

    if os.path.isdir(path):
        raise ValueError(f"{os.fspath(path)!r} is a folder; check its notes one by one, or by `derivcheck check`")
    names = key.derivation if isinstance(key, Spec) else None if key is None else read(key)
    (report,) = NotesRun([path], _options(how, ()), names).execute()
    return NoteResult(report)


@dataclass(frozen=True, slots=True)
class Spec:
    """A spec file that has been read: ``check("df-dw")`` judges one claim, ``check_all()`` every one."""

    derivation: Derivation

    @property
    def title(self) -> str:
        """What the derivation is about."""
        return self.derivation.title

    @property
    def claims(self) -> tuple[str, ...]:
        """The ids of the claims, in the order of the file."""
        return tuple(claim.id for claim in self.derivation.claims)

    def check(self, claim: str, **how: Unpack[How]) -> Result:
        """Judge the claim of an id; ``KeyError`` if there is none."""
        found = next((one for one in self.derivation.claims if one.id == claim), None)
        if found is None:
            raise KeyError(claim)
        return _result(self.derivation, found, how)

    def check_all(self, **how: Unpack[How]) -> tuple[Result, ...]:
        """Judge every claim."""
        return tuple(_result(self.derivation, claim, how) for claim in self.derivation.claims)

    def __repr__(self) -> str:
        return f"<{self.derivation.source.path}: {len(self.claims)} claims>"


def load(path: str | os.PathLike[str]) -> Spec:
    """Read a spec file.

    Raises:
        Refused: with every problem of the file.
    """
    return Spec(read(path))


# --- from arguments to a derivation with one claim


def _from_text(claim: Mapping[str, compose.Data], settings: Settings) -> Derivation:
    from derivcheck.spec import loads

    _check_keys(settings)
    sections = {**_sections(settings), "assume": compose.texts("assume", settings.get("assume"))}
    extras: dict[str, compose.Data] = {
        "when": compose.texts("when", settings.get("when")),
        "at": compose.point(settings.get("at")),
        "layout": settings.get("layout", ""),
        "up_to": settings.get("up_to", ""),
        "tolerance": compose.number_text(settings["tolerance"]) if "tolerance" in settings else "",
    }
    return loads(compose.spec_text(sections, {**claim, **extras}), "<python>")


def _all_text(parts: Iterable[Any], settings: Settings) -> bool:
    """Whether a claim can be read as the text of a spec."""
    conditions = (*_conditions(settings.get("assume")), *_conditions(settings.get("when")))
    return all(isinstance(part, str) for part in (*parts, *conditions))


def _from_parts(terms: Iterable[Expression], wrt: Expression | None, settings: Settings) -> Derivation:
    from derivcheck.mixed import Request, derivation
    from derivcheck.spec import loads

    _check_keys(settings)
    for key in ("at", "tolerance"):
        if key in settings:
            raise TypeError(f"{key}: only for claims given as strings; substitute numbers in SymPy")
    declared = loads(compose.spec_text(_sections(settings), {}), "<python>")
    assume, when = _conditions(settings.get("assume")), _conditions(settings.get("when"))
    layout, up_to = settings.get("layout", "gradient"), settings.get("up_to")
    return derivation(declared, Request(tuple(terms), wrt, assume, when, layout, up_to))


def _sections(settings: Settings) -> dict[str, compose.Data]:
    return {
        "dims": compose.dims(settings.get("dims")),
        "variables": compose.variables(settings.get("variables")),
        "functions": compose.functions(settings.get("functions")),
        "define": compose.definitions(settings.get("define")),
    }


def _conditions(given: Any) -> tuple[Any, ...]:
    if given is None:
        return ()
    return tuple(given) if isinstance(given, (list, tuple)) else (given,)


def _sides(statement: Any) -> tuple[Any, Any]:
    """Both sides of a SymPy equation."""
    import sympy

    if isinstance(statement, sympy.Equality):
        return statement.lhs, statement.rhs
    if statement in (sympy.true, sympy.false):
        hint = "write check_equal(a, b), or Eq(a, b, evaluate=False)"
        raise TypeError(f"SymPy has decided this equation itself, without a proof; {hint}")
    raise TypeError(f"a string or a SymPy equation is wanted, not {type(statement).__name__}")


def _check_keys(settings: Settings) -> None:
    unknown = [key for key in settings if key not in Settings.__annotations__]
    if unknown:
        known = ", ".join(Settings.__annotations__)
        raise TypeError(f"unknown argument {unknown[0]!r}; beside the claim there are {known}")


# --- judging


def _judged(derivation: Derivation, settings: Settings) -> Result:
    (claim,) = derivation.claims
    if any(problem.code == "name" for problem in claim.problems):
        raise Refused(claim.problems, derivation.source)
    return _result(derivation, claim, settings)


def _result(derivation: Derivation, claim: Claim, how: How | Settings) -> Result:
    return Result(judge_claim(derivation, claim, _options(how)), derivation.source, sized=bool(derivation.dims))


def _options(how: How | Settings, claims: tuple[str, ...] = ()) -> Options:
    seed, accept = how.get("seed", 0), how.get("accept")
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise TypeError(f"seed: an integer from 0 is wanted, not {seed!r}")
    if accept not in (None, "supported"):
        raise ValueError(f"accept: only 'supported' can be accepted, not {accept!r}")
    return Options(seed, frozenset() if accept is None else frozenset({Verdict.SUPPORTED}), claims)


__all__ = [
    "Problem", "Result", "Results", "Settings", "Spec", "assert_gradient", "check", "check_equal", "check_files",
    "check_gradient", "check_note", "load",
]  # fmt: skip
