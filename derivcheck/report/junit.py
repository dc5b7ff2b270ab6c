"""Owns the ``junit`` format: the XML that continuous-integration servers read as test results."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from derivcheck.outcome import Outcome, outcome
from derivcheck.report.details import plain, plain_problem
from derivcheck.report.interface import Style, one_line, place, verdict_words
from derivcheck.verdict import ClaimReport, RunReport, SpecReport

#: What XML 1.0 cannot hold in any spelling (its section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(run: RunReport, style: Style) -> str:
    """One suite a spec, one case a claim; wrong and open claims are failures, unread files and faults errors."""
    root = Element("testsuites", name="derivcheck")
    suites = [_suite(root, spec) for spec in run.specs]
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _suite(root: Element, spec: SpecReport) -> Element:
    suite = SubElement(root, "testsuite", name=attribute(spec.path))
    for claim in spec.claims:
        _claim(suite, spec, claim)
    if spec.problems:
        text = "\n\n".join(plain_problem(spec.path, spec.source, problem) for problem in spec.problems)
        error = SubElement(_case(suite, spec, "spec"), "error", type="problems")
        _say(error, spec.problems[0].message, text)
    for fault in spec.faults:
        _say(SubElement(_case(suite, spec, "engine"), "error", type="fault"), fault, one_line(fault))
    for count, tag in (("tests", "testcase"), ("failures", "testcase/failure"), ("errors", "testcase/error")):
        suite.set(count, str(len(suite.findall(tag))))
    return suite


def _claim(suite: Element, spec: SpecReport, claim: ClaimReport) -> None:
    case = _case(suite, spec, claim.id)
    line, _ = place(spec.source, claim.claim_span)
    case.set("line", str(line))
    if claim.seconds is not None:
        case.set("time", f"{claim.seconds:.3f}")
    properties = SubElement(case, "properties")
    for name, value in (("verdict", claim.verdict.value), ("sizes", claim.sizes), ("cite", claim.cite)):
        if value is not None:
            SubElement(properties, "property", name=name, value=attribute(value))
    if outcome(claim) is not Outcome.OK:
        failure = SubElement(case, "failure", type=claim.verdict.value)
        _say(failure, f"{verdict_words(claim)}: {claim.because}", plain(spec.path, spec.source, claim))


def _case(suite: Element, spec: SpecReport, name: str) -> Element:
    path = attribute(spec.path)
    return SubElement(suite, "testcase", classname=path, name=attribute(name), file=path)


def _say(element: Element, message: str, text: str) -> None:
    element.set("message", attribute(message))
    element.text = legal(text)


def legal(text: str) -> str:
    """Text that XML can hold: what it cannot is shown as ``�``."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def attribute(text: str) -> str:
    """Text for an attribute: one line of what XML can hold and a log may show."""
    return legal(one_line(text))
