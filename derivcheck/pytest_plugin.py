"""Owns the pytest plugin: every claim of a collected ``*.deriv.yaml`` is a test.

pytest loads this module at the start of every run, also of those without specs, so everything that costs time to
import is imported when the first spec is met.
"""

from __future__ import annotations

from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from derivcheck.cache import Cache
    from derivcheck.model import Claim, Derivation
    from derivcheck.run import Options, SpecJudge
    from derivcheck.verdict import ClaimReport

SUFFIX = ".deriv.yaml"
ACCEPTABLE = ("supported",)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("derivcheck", "claims of derivations (derivcheck)")
    group.addoption(
        "--derivcheck-no-cache",
        action="store_true",
        help="judge every claim anew, and remember no verdict",
    )
    group.addoption(
        "--derivcheck-accept",
        action="append",
        choices=ACCEPTABLE,
        metavar="supported",
        help="let claims pass that agree wherever they were tried, but are not proved",
    )
    parser.addini("derivcheck_accept", "verdicts that pass besides proved: supported", type="args", default=[])


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and refuse settings that mean nothing."""
    config.addinivalue_line("markers", "derivcheck: a claim of a derivation, from a *.deriv.yaml file")
    for word in config.getini("derivcheck_accept"):
        if word not in ACCEPTABLE:
            raise pytest.UsageError(f"derivcheck_accept: {word!r} is not one of {', '.join(ACCEPTABLE)}")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Take files by their name alone."""
    if not file_path.name.endswith(SUFFIX):
        return None
    collector: pytest.Collector = SpecFile.from_parent(parent, path=file_path)
    return collector


class SpecFile(pytest.File):
    """A spec file; a bad one is one failing test and never stops a run."""

    _judge: SpecJudge | None = None

    def judge(self, derivation: Derivation) -> SpecJudge:
        """The judge of the file's claims, which share work."""
        from derivcheck.run import SpecJudge

        if self._judge is None:
            cache = _cache(self.config)
            self._judge = SpecJudge(derivation, _options(self.config), cache.of(derivation) if cache else None)
        return self._judge

    def collect(self) -> Iterator[pytest.Item]:
        """One item a claim, or one that fails with every problem of the file."""
        from derivcheck.errors import EngineFault, Refused
        from derivcheck.report.details import plain_problem
        from derivcheck.report.interface import one_line
        from derivcheck.run import read

        path = self.nodeid or str(self.path)
        _cache(self.config)  # to be opened before anything else is imported
        try:
            derivation = read(self.path)
        except Refused as refused:
            text = "\n".join(plain_problem(path, refused.source, problem) for problem in refused.problems)
            yield BadSpec.from_parent(self, name="spec", text=text)
        except EngineFault as fault:
            yield BadSpec.from_parent(self, name="spec", text=f"{one_line(path)}: {one_line(str(fault))}")
        else:
            for claim in derivation.claims:
                yield ClaimItem.from_parent(self, name=one_line(claim.id), derivation=derivation, claim=claim)


class Failed(Exception):
    """A claim that is not as expected, or a spec that cannot be read; all that is printed is the message."""


class SpecItem(pytest.Item):
    """What the items of a spec file have in common: the marker, and failures without a traceback."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.add_marker("derivcheck")

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The message alone where the spec is at fault, pytest's own traceback otherwise."""
        if isinstance(excinfo.value, Failed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)


class BadSpec(SpecItem):
    """A spec that cannot be read."""

    def __init__(self, *, text: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.text = text

    def runtest(self) -> None:
        """Fail with every problem of the file."""
        raise Failed(self.text)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """The file."""
        return self.path, None, self.name


class ClaimItem(SpecItem):
    """A claim. The verdict, the sizes it is proved for and the source it cites are properties of the test."""

    def __init__(self, *, derivation: Derivation, claim: Claim, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.derivation = derivation
        self.claim = claim

    def runtest(self) -> None:
        """Judge the claim; fail unless it is as expected."""
        from derivcheck.errors import EngineFault
        from derivcheck.report.details import plain
        from derivcheck.report.interface import one_line

        assert isinstance(self.parent, SpecFile)
        path = self.parent.nodeid
        try:
            report = self.parent.judge(self.derivation).report(self.claim)
        except EngineFault as fault:
            raise Failed(f"{one_line(path)}: {self.name}: engine fault: {one_line(str(fault))}") from fault
        self.user_properties += _properties(report)
        text = plain(path, self.derivation.source, report)
        if not report.ok:
            raise Failed(text)
        if report.notes:
            self.add_report_section("call", "derivcheck", text)

    def reportinfo(self) -> tuple[PathLike[str] | str, int | None, str]:
        """The file and the line of the claim, which pytest counts from 0."""
        line, _ = self.derivation.source.position(self.claim.span.start)
        return self.path, line - 1, self.name


def _properties(report: ClaimReport) -> list[tuple[str, object]]:
    properties = (("verdict", report.verdict.value), ("sizes", report.sizes), ("cite", report.cite))
    return [(name, value) for name, value in properties if value is not None]


def _options(config: pytest.Config) -> Options:
    from derivcheck.run import Options
    from derivcheck.verdict import Verdict

    words = [*(config.getoption("derivcheck_accept") or ()), *config.getini("derivcheck_accept")]
    return Options(accept=frozenset(Verdict(word) for word in words))


_CACHE = pytest.StashKey["Cache | None"]()


def _cache(config: pytest.Config) -> Cache | None:
    """The cache of verdicts of a run, if there is to be one."""
    if _CACHE not in config.stash:
        from derivcheck.cache import Cache, folder

        root = None if config.getoption("derivcheck_no_cache") else folder()
        config.stash[_CACHE] = Cache.opened(root, _options(config).seed)
    return config.stash[_CACHE]
