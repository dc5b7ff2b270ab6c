"""Owns a hostile batch with the real grader: what notes may do to a reader and an engine, among notes of students."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from batch_kit import REAL, TESTS, finished, started

CORPUS = TESTS / "grading_corpus" / "calculus"

#: Aliases that unfold to a billion words.
BOMB = (
    "---\na: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"{b}: &{b} [{','.join(['*' + a] * 9)}]\n" for a, b in zip("abcdefghi", "bcdefghij", strict=True))
    + "---\n$f'(x) = x$"
)

#: What the table of hostile input has, as formulas of a note.
HOSTILE = {
    "tower": r"$f'(x) = 9^{9^{9^9}}$",
    "huge-power": r"$f'(x) = 2^{30^5} x$",
    "factorial": r"$f'(x) = (10^7)!$",
    "exponent": r"$f'(x) = 1e999999999$",
    "digits": "$f'(x) = " + "7" * 10000 + "$",
    "parens": "$f'(x) = " + "(" * 1000 + "x" + ")" * 1000 + "$",
    "braces": "$f'(x) = " + "{" * 20000 + "x" + "}" * 20000 + "$",
    "minus": "$f'(x) = " + "-" * 3000 + "x$",
    "terms": "$f'(x) = " + " + ".join(["x"] * 5000) + "$",
    "line": "$f'(x) = " + "x + " * 240000 + "x$",
    "sins": "$f'(x) = " + r"\sin(" * 150 + "x" + ")" * 150 + "$",
    "exps": "$f'(x) = " + r"\exp(" * 60 + "x" + ")" * 60 + "$",
    "fracs": "$f'(x) = " + r"\frac{1}{1+" * 300 + "x" + "}" * 300 + "$",
    "sum": r"$f'(x) = \sum_{i=1}^{1000000000} x^i$",
    "attr": "$f'(x) = x.__class__$ $f'(x) = __import__('os').system('x')$",
    "def": r"\def\a{\a\a} $f'(x) = \a$",
    "newcommand": "\\newcommand{\\x}{\\x\\x}\n$f'(x) = \\x$",
    "input": r"\input{/etc/passwd} $f'(x) = \input{/etc/passwd}$ \write18{touch pwned}",
    "unclosed": "\\begin{align} f'(x) &= 2x \\\\ ",
    "unclosed-dollar": "$f'(x) = 2x e^{-x}",
    "dollars": "$" * 5000,
    "envs": r"\begin{aligned}" * 3000,
    "many": "\n".join(f"$f'(x) = {n}x$" for n in range(400)),
    "chain": "$f'(x) = " + " = ".join(f"{n}x" for n in range(500)) + "$",
    "bidi": "$f'(x) = \u202e2x\u202c$",
    "nulish": "$f'(x) = \u0001 x$",
    "script": "<script>alert(1)</script> $f'(x) = x(2-x)e^{-x}$ </body>",
    "csv": "=cmd|' /C calc'!A0 $f'(x)=x$",
    "front": "---\na: &a [*a]\nb: *a\n---\n$f'(x) = x$",
    "front-bomb": BOMB,
    "front-deep": "---\n" + "[" * 100000 + "\n---\n$f'(x) = x$",
    "definitions": "\n".join(f"$a_{{{n}}} = a_{{{n - 1}}} \\cdot a_{{{n - 1}}}$" for n in range(1, 60))
    + "\n$f'(x) = a_{59}$",
    "doubling": "$a = x + x$\n"
    + "".join(rf"${b} = {a} \cdot {a}$" + "\n" for a, b in zip("abcdu", "bcduv", strict=True))
    + "$f'(x) = v$",
    "primes": "$f" + "'" * 400 + "(x) = x$",
    "expand": "$f'(x) = (1 + x + x^2 + x^3)^{200}$",
    "nested-exp": "$f'(x) = e^{e^{e^{e^{e^{e^{x}}}}}}$",
    "root": r"$f'(x) = \sqrt[100000]{x}$",
    "matrix": r"$f'(x) = \begin{pmatrix}" + "&".join(["x"] * 3000) + r"\end{pmatrix}$",
    "comment": "$f'(x) = %" + "\n2x$",
}


def points(out: Path) -> dict[str, tuple[bytes, dict[str, Any]]]:
    """The results of each student."""
    found = {path.stem: path.read_bytes() for path in (out / "results").iterdir()}
    return {name: (data, json.loads(data)) for name, data in found.items()}


def test_every_hostile_note_costs_itself_alone(tmp_path: Path) -> None:
    subs, good = tmp_path / "subs", sorted(CORPUS.glob("0[12]*.md"))
    subs.mkdir()
    for path in good:
        shutil.copy(path, subs)
    words = [os.fspath(CORPUS / "key.deriv.yaml"), os.fspath(subs), "-j", "2", "--timeout", "20", "-o"]
    status, _, err = finished(started([*words, os.fspath(tmp_path / "calm")], tmp_path / "cache", REAL))
    assert status in (0, 3), err
    for name, text in HOSTILE.items():
        (subs / f"h-{name}.md").write_text(text, encoding="utf-8")
    status, _, err = finished(started([*words, os.fspath(tmp_path / "out")], tmp_path / "cache", REAL))
    assert (status, err) == (3, "")
    found, calm = points(tmp_path / "out"), points(tmp_path / "calm")
    assert len(calm) == len(good) > 0
    assert set(found) == set(calm) | {f"h-{name}" for name in HOSTILE}
    assert all(found[name][0] == data for name, (data, _) in calm.items())
    for name in HOSTILE:
        _, result = found[f"h-{name}"]
        said = json.dumps([result["failure"], result["review"]])
        broken = [word for word in ("internal error", "the process that graded it", "fault") if word in said]
        assert not broken, (name, said)
        outcomes = {claim["outcome"] for claim in result["claims"]}
        assert name in RIGHT or not outcomes & {"right", "slip", "follows"}, (name, outcomes)


#: Hostile in what is around it: its formula is right.
RIGHT = frozenset({"script"})
