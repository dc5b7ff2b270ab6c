"""What steps are marked, and what becomes of the claims of a key: each rule beside its neighbours."""

from __future__ import annotations

from fractions import Fraction

from graded_notes import claim, graded, marks, outcomes, step

RIGHT = [
    "D(L, p) == -y/p + (1 - y)/(1 - p) == (p - y)/(p*(1 - p))",
    "D(p, z) == p*(1 - p)",
    "D(L, z) == D(L, p)*D(p, z) == p - y",
    "D(J, w) == X @ (p - y).T/m",
    "D(J, b) == sum(p - y)/m",
]


def test_all_right() -> None:
    result = graded(RIGHT)
    assert set(outcomes(result).values()) == {"right"}
    assert result.points == result.of == 7
    assert set(marks(result)) == {"right"}
    assert not result.review


def test_nothing_is_not_found_and_not_wrong() -> None:
    result = graded([])
    assert set(outcomes(result).values()) == {"not found"}
    assert result.points == 0
    assert not result.review


def test_a_mistake_is_carried_through_the_chain_rule() -> None:
    """Nothing after the mistake names what was mistaken."""
    result = graded(
        [
            "D(L, p) == -y/p - (1 - y)/(1 - p) == (2*y*p - y - p)/(p*(1 - p))",
            "D(L, z) == 2*y*p - y - p",
            "D(J, w) == X @ (2*y*p - y - p).T/m",
            "D(J, b) == sum(2*y*p - y - p)/m",
        ]
    )
    assert outcomes(result) == {"lossp": "wrong", "lossz": "follows", "weights": "follows", "bias": "follows"}
    assert marks(result) == ["wrong", "right", "follows", "follows", "follows"]
    assert claim(result, "lossp").points == Fraction(1, 2)
    assert result.points == Fraction(13, 2)
    assert step(result, 0).kind == "sign"
    assert step(result, 3).carried_from == f"line {step(result, 0).line}"


def test_what_does_not_follow_is_a_mistake_of_its_own() -> None:
    result = graded(["D(L, z) == y - p", "D(J, w) == X @ (y + p).T/m", "D(J, b) == sum(y - p)"])
    assert outcomes(result) == {"lossp": "not found", "lossz": "wrong", "weights": "wrong", "bias": "wrong"}


def test_after_a_mistake_the_truth_is_right() -> None:
    result = graded(["D(L, z) == y - p", "D(J, w) == X @ (p - y).T/m"])
    assert outcomes(result)["weights"] == "right"


def test_a_mistake_entry_by_entry_is_carried() -> None:
    result = graded(
        [
            "D(L[0, i], z[0, i]) == y[0, i] - p[0, i] for i in m",
            "D(J, w[k, 0]) == sum(X[k, i]*(y[0, i] - p[0, i]) for i in m)/m for k in n",
        ]
    )
    assert outcomes(result) == {"lossp": "not found", "lossz": "wrong", "weights": "follows", "bias": "not found"}


def test_a_wrong_definition_is_carried() -> None:
    result = graded(["z == w.T @ X", "D(L, z) == p - y", "D(J, b) == 0", "D(J, w) == X @ (p - y).T/m"])
    assert step(result, 0).mark == "wrong"
    assert step(result, 0).kind == "missing term"
    assert claim(result, "lossz").points == Fraction(1, 2)
    wrong_function = graded(["p == 1/(1 + exp(z))", "D(p, z) == -p*(1 - p)", "D(J, w) == X @ (y - p).T/m"])
    assert marks(wrong_function) == ["wrong", "follows", "follows"]


def test_a_wrong_step_before_the_right_answer_loses_that_step_alone() -> None:
    result = graded(["D(J, b) == sum(D(J, L)*D(L, p)*D(p, z)) == sum(y - p)/m == sum(p - y)/m"])
    assert outcomes(result)["bias"] == "slip"
    assert marks(result) == ["right", "wrong", "follows"]
    assert claim(result, "bias").points == Fraction(4, 3)


def test_an_answer_with_derivatives_left_in_it_is_no_answer() -> None:
    begun = graded(["D(L, z) == D(L, p)*D(p, z)"])
    assert outcomes(begun)["lossz"] == "not found"
    assert claim(begun, "lossz").points == Fraction(1, 2)
    told = graded(["D(L, z) == D(L, p)*D(p, z)", "D(L, p) == (p - y)/(p*(1 - p))", "D(p, z) == p*(1 - p)"])
    assert outcomes(told)["lossz"] == "right"
    circle = graded(["D(L, z) == D(L, p)*D(p, z)", "D(L, p) == D(L, z)/D(p, z)", "D(p, z) == p*(1 - p)"])
    assert outcomes(circle)["lossz"] == "not found"


def test_a_derivative_that_is_set_to_zero_is_no_answer() -> None:
    result = graded(["D(J, w) == X @ (p - y).T/m == zeros(n, 1)", "D(J, w) == 0"])
    assert outcomes(result)["weights"] == "right"
    assert marks(result) == ["right", "review", "review"]


def test_an_equation_between_expressions_is_no_step() -> None:
    result = graded(["X @ p.T == X @ y.T", "D(J, w) == X @ (p - y).T/m"])
    assert marks(result) == ["review", "right"]
    assert outcomes(result)["weights"] == "right"


def test_the_last_answer_counts() -> None:
    better = graded(["D(L, z) == y - p", "D(L, z) == p - y"])
    assert outcomes(better)["lossz"] == "slip"
    assert claim(better, "lossz").points == Fraction(1, 2)
    assert "last one counts" in claim(better, "lossz").words
    worse = graded(["D(L, z) == p - y", "D(L, z) == y - p"])
    assert outcomes(worse)["lossz"] == "wrong"
    assert claim(worse, "lossz").points == 0
    twice = graded(["D(L, z) == p - y", "D(L, z) == -(y - p)"])
    assert claim(twice, "lossz").words == "Right."


def test_many_answers_are_for_a_human() -> None:
    result = graded(["D(L, z) == y - p", "D(L, z) == y + p", "D(L, z) == p - y"])
    assert outcomes(result)["lossz"] == "review"
    assert "different answers" in claim(result, "lossz").review[0]


def test_who_has_put_a_mistake_right_does_not_follow_from_it() -> None:
    chains = ["D(L, z) == 3*y", "D(J, b) == 3*sum(y)/m"]
    assert outcomes(graded(chains))["bias"] == "follows"
    assert outcomes(graded([chains[0], "D(L, z) == p - y", chains[1]]))["bias"] == "wrong"


def test_a_step_before_what_a_claim_asks_for_is_not_its_own() -> None:
    result = graded(["D(J, w) == D(J, b) == sum(p - y)/m"])
    assert outcomes(result)["bias"] == "right"
    assert outcomes(result)["weights"] == "wrong"


def test_names_of_the_students_own() -> None:
    result = graded(
        ["delta == D(L, z) == p - y", "D(J, w) == X @ delta.T/m", "D(J, b) == sum(delta)/m"],
        define={"delta": "D(L, z)"},
    )
    assert outcomes(result) == {"lossp": "not found", "lossz": "right", "weights": "right", "bias": "right"}
    wrong = graded(
        ["delta == D(L, z) == y - p", "D(J, w) == X @ delta.T/m == X @ (y - p).T/m", "D(J, b) == sum(y - p)/m"],
        define={"delta": "D(L, z)"},
    )
    assert outcomes(wrong) == {"lossp": "not found", "lossz": "wrong", "weights": "follows", "bias": "follows"}


def test_a_value_that_is_only_given_a_name_is_for_a_human() -> None:
    named = graded([], define={"dw": "X @ (p - y).T"})
    assert outcomes(named)["weights"] == "review"
    assert claim(named, "weights").points == 0
    assert "dw" in claim(named, "weights").review[0]
    assert outcomes(graded([], define={"dw": "X @ (p + y).T"}))["weights"] == "not found"


def test_an_answer_that_does_not_say_to_what_is_for_a_human() -> None:
    loose = graded(["X @ p.T/m - X @ y.T/m == X @ (p - y).T/m"])
    assert outcomes(loose)["weights"] == "review"
    assert outcomes(graded(["X @ p.T - X @ y.T == X @ (p - y).T"]))["weights"] == "not found"


def test_a_second_mistake_is_told_in_the_light_of_the_first() -> None:
    result = graded(["D(L, z) == y - p", "D(J, w) == X @ (y - p).T"])
    assert [one.mark for one in result.steps] == ["wrong", "wrong"]
    assert step(result, 1).kind == "factor of a size"
    assert step(result, 1).diagnosis.startswith("after the earlier mistake, ")
