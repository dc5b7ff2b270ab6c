"""The identity matrix and the column of ones: read where one size fits and nothing else can be meant."""

from __future__ import annotations

import pytest
from latex_kit import SCOPES, read, statement

from derivcheck.errors import Refused
from derivcheck.lang.elaborate import ambiguities, elaborate_statement
from derivcheck.lang.fitting import MOST_TRIED
from derivcheck.lang.print import printed


def terms(latex: str, kit: str = "layers") -> list[str]:
    """What the terms of a statement are read as."""
    (line,) = read(latex, kit)
    made, _ = elaborate_statement(statement(line), SCOPES[kit])
    return [printed(term) for term in made]


@pytest.mark.parametrize(
    ("latex", "kit", "reads"),
    [
        (r"A + \lambda I = B", "layers", ["A + λ*eye(n)", "B"]),
        (r"I = A B", "layers", ["eye(n)", "A @ B"]),
        (r"S S^{-1} = I", "layers", ["S @ inv(S)", "eye(p)"]),
        (r"(A + I) w = A w + w", "layers", ["(A + eye(n)) @ w", "A @ w + w"]),
        (r"\mathbf{I} w = w", "layers", ["eye(n) @ w", "w"]),
        (r"W^{[1]} \mathbf{I} = W^{[1]}", "layers", ["W1 @ eye(n)", "W1"]),
        (r"\mathbf{I} W^{[1]} \mathbf{I} = W^{[1]}", "layers", ["eye(h) @ W1 @ eye(n)", "W1"]),
        (r"w^T \mathbf{1} = \sum_i w_i", "layers", ["w.T @ ones(n, 1)", "sum(w[i, 0] for i in n)"]),
        (r"z^{[1]} + \mathbf{1} = z^{[1]}", "layers", ["z1 + ones(h, 1)", "z1"]),
        (r"M u + \mathbf{1} = v", "zero", ["M @ u + ones(n)", "v"]),
        (r"\frac{1}{2} \mathbf{1}_n = w", "layers", ["1/2*ones(n, 1)", "w"]),
        (r"\mathbf{1} \mathbf{1}_n^T w = z^{[1]}", "layers", ["ones(h, 1) @ ones(n, 1).T @ w", "z1"]),
    ],
)
def test_one_size_fits(latex: str, kit: str, reads: list[str]) -> None:
    assert terms(latex, kit) == reads


@pytest.mark.parametrize(
    ("latex", "why"),
    [
        ("I w = w", "`I` is not declared"),  # an array of the author's own, perhaps
        ("W^{[1]} I = W^{[1]}", "`I` is not declared"),
        ("w + I = w", "no size for this identity matrix"),  # it would stretch
        ("1 + I = A", "no size for this identity matrix"),
        (r"A + \mathbf{1} = A", "no size for this column of ones"),
        (r"\lambda = \mathbf{1}", "no size for this column of ones"),
        ("L = I", "no size for this identity matrix"),
        ("W^{[1]} = I", "no size for this identity matrix"),
        ("A + I + S = A", "no size for this identity matrix"),
        (r"\mathbf{I} \mathbf{I} = \mathbf{I}", "could be of size"),
        (r"\mathbf{1}^T \mathbf{1} = \lambda", "could be of size"),
        (r"\mathbf{1} \mathbf{1} \mathbf{1} \mathbf{1} \mathbf{1} \mathbf{1} = w", "too many sizes"),
        (r"\mathbf{I}_x w = w", "`x` is a variable, and no size"),
        (r"\mathbf{1}_p^T w = 0", "fit neither"),
    ],
)
def test_anything_else_is_refused(latex: str, why: str) -> None:
    assert len({"n", "h", "p"}) ** 6 > MOST_TRIED
    with pytest.raises(Refused) as refused:
        terms(latex)
    assert any(why in problem.message for problem in refused.value.problems), refused.value.problems


def test_other_problems_are_told_first() -> None:
    with pytest.raises(Refused) as refused:
        terms(r"A + \lambda I = w + z^{[1]} W^{[1]}")
    assert all("size" not in problem.message for problem in refused.value.problems)


def test_ambiguities_are_told_with_the_size_that_fits() -> None:
    (line,) = read(r"\mathbf{I} A = A", "layers")
    ((span, message),) = ambiguities(statement(line), SCOPES["layers"])
    assert "matrix product" in message
    assert span.start > 0
