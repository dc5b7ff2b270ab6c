"""Owns what a step with two sides of different shapes may have been: a transpose or a sum that is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from derivcheck.lang.print import printed
from derivcheck.lang.typed import ArrayOp, Expr, Shape
from derivcheck.model import Claim, Link, Statement
from derivcheck.notes.model import Broken, Piece

#: A kind of mistake, as diagnoses have it, words for it, and the right side as it may have been meant.
Mend = tuple[str, str, Expr]


def mends(broken: Broken, place: int) -> tuple[Mend, ...]:
    """What the right side of a link may have been meant to be, if both sides mean something of different shapes."""
    left, right = broken.pieces[place : place + 2]
    if left.value is None or right.value is None or right.problem is None:
        return ()
    return tuple(_mended(left.value.shape, right.value))


def claim_of(claim: Claim, broken: Broken, place: int, mend: Mend) -> Claim:
    """The link with its right side mended, as a claim."""
    left, right = broken.pieces[place : place + 2]
    assert left.value is not None
    link = Link(left.value, mend[2], "==", left.text, right.text, right.span)
    statement = Statement(claim.text, (link,), broken.quantifiers, left.span.to(right.span))
    return replace(claim, statement=statement, problems=())


def words(mend: Mend) -> str:
    """What is said of a mended side that is proved."""
    return f"{mend[1]}: it holds with {printed(mend[2])}"


def _mended(wanted: Shape, right: Expr) -> Iterator[Mend]:
    if len(right.shape) == 2 and right.shape[::-1] == wanted:
        turned = ArrayOp(wanted, right.span, "transpose", (right,))
        yield "transpose", "a transpose is missing or too many", turned
    one = all(axis == 1 for axis in wanted)
    if one and right.shape:
        yield "missing sum", "a sum is missing", ArrayOp((), right.span, "sum", (right,))
    for axis, size in enumerate(right.shape):
        summed = (*right.shape[:axis], 1, *right.shape[axis + 1 :])
        if size != 1 and summed == wanted and not one:
            made = ArrayOp(summed, right.span, "sum", (right,), axis, keepdims=True)
            yield "missing sum", f"a sum over the axis {axis} is missing", made


def uncertain(piece: Piece) -> bool:
    """Whether a term means nothing here because its notation is not known, not because it is wrong: the derivative of
    an array by an array, of which people write products by the chain rule; a norm of which there are several."""
    return piece.problem is not None and piece.problem.code in ("derivative", "jacobian", "latex")
