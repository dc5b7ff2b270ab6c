r"""Forms that students type: what each is read as, beside what must not be read so."""

from __future__ import annotations

import pytest
from notes_kit import claims, key, kinds, note

from derivcheck.errors import Refused
from derivcheck.lang.print import printed
from derivcheck.model import Derivation
from derivcheck.notes.check import check_note
from derivcheck.notes.model import Note
from derivcheck.verdict import Verdict

VECTORS = key(
    "x: ", "w: [n, 1]", "b: [n, 1]", "y: [n, 1]", define={"h": "x**2", "r": "w - b", "p": "softmax(w, axis=0)"}
)
ATTENTION = key("Q: [n, k]", "K: [m, k]", "V: [m, v]", define={"S": "Q @ K.T", "A": "softmax(S, axis=1)"})


def verdicts(text: str, given: Derivation) -> list[str]:
    return [claim.verdict.value for claim in check_note(note(text, given), key=given).claims]


def unread(made: Note) -> list[str]:
    return [one.problem.message for formula in made.formulas for one in formula.not_read]


# --- Kronecker's delta, unless the note calls something else so


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r"$\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", True),
        (r"Let $\delta_{ij} = 1\{i = j\}$. $\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", True),
        (r"$\delta = w - b$, and $\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", False),
        (r"$\delta_{ij} = w_i b_j$: $\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", False),
        (r"$\delta^{[l]} = \int q$: $\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", False),
        (r"$\delta_j$ is the error: $\frac{\partial p_i}{\partial w_j} = p_i (\delta_{ij} - p_j)$", False),
    ],
)
def test_a_kronecker_delta(text: str, read: bool) -> None:
    assert (note(text, VECTORS).formulas[-1].problem is None) is read


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("with the Kronecker delta", "refuted"),
        (r"with $\delta_{ij} = 1$ if $i = j$, and 0 otherwise,", "refuted"),
        (r"with $\delta_{ij} = \begin{cases} 1 & i = j \\ 0 & i \neq j \end{cases}$", "refuted"),
        ("", "undecided"),
        (r"where $\delta_{ij}$ is the error,", "undecided"),
    ],
)
def test_a_delta_of_which_nothing_is_said_is_never_wrong(said: str, verdict: str) -> None:
    text = rf"{said} $\frac{{\partial p_i}}{{\partial w_j}} = p_i (\delta_{{ij}} + p_j)$"
    assert verdicts(text, VECTORS)[-1] == verdict
    assert verdicts(text.replace("+ p_j", "- p_j").replace(r"\delta", "δ"), VECTORS)[-1] == "proved"


def test_a_declared_delta_is_no_kronecker_delta() -> None:
    given = key("A: [n, n]", "w: [n, 1]", notation={"A": r"\delta"})
    (claim,) = note(r"$w_i \delta_{ij} = w_i \delta_{ij}$", given).derivation.claims
    assert claim.statement is not None
    assert "A[i, j]" in printed(claim.statement.links[0].left)


# --- the derivative of what stands behind an operator


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (r"\frac{d}{dx} 3 x^2 = 6 x", "proved"),
        (r"\frac{d}{dx} \ln x = \frac{1}{x}", "proved"),
        (r"\frac{\partial}{\partial w} w^T w = 2 w", "proved"),
        # right as all mean it, and wrong of the first factor alone
        (r"\frac{d}{dx} x^2 e^{-x} = 2 x e^{-x} - x^2 e^{-x}", "proved"),
        (r"\frac{d}{dx} x \cdot x = 2 x", "proved"),
        # right of the first factor alone
        (r"\frac{d}{dx} x^2 e^{-x} = 2 x e^{-x}", "undecided"),
        (r"\frac{d}{dx} x^2 e^{-x} = 2 x e^{-x} - x^2 e^{-x} = 2 x e^{-x}", "refuted"),
        # wrong in both
        (r"\frac{d}{dx} x^2 e^{-x} = 3 x", "refuted"),
        # nobody means all of it
        (r"\frac{d}{dx} x^3 \cdot \frac{dh}{dx} = 6 x^3", "proved"),
    ],
)
def test_an_operator_takes_in_the_product_behind_it(text: str, verdict: str) -> None:
    assert verdicts(f"${text}$", VECTORS) == [verdict]


def test_a_letter_that_is_differentiated_by_stands_for_any_number() -> None:
    assert verdicts(r"$\frac{d}{dt} \sin t = \cos t$", VECTORS) == ["proved"]
    assert verdicts(r"$\frac{d}{dt} \sin t = -\cos t$", VECTORS) == ["refuted"]
    assert unread(note(r"$\frac{d}{dt} \sin t = \cos q$", VECTORS)) != []


def test_the_argument_of_a_function_keeps_its_name() -> None:
    given = key("x: ", "w: ", define={"z": "w*x"})

    def read(text: str) -> list[str]:
        made = note(f"$g(t) = t^3 w$ and ${text} = 0$", given).derivation.claims
        return [printed(claim.statement.links[0].left) for claim in made if claim.statement is not None]

    assert read("g'(x)") == ["D(x**3*w, x)"]
    assert read("g'(z)") == ["D(z**3*w, z)"]
    assert read("g'(w)") == ["D(g_argument**3*w, g_argument)"]  # its own w is another one
    assert read("g'(x + 1)") == ["D(g_argument**3*w, g_argument)"]


# --- derivatives by letters below, and at arguments

SURFACE = key("x: ", "y: ", "s: ", "w: [n, 1]", define={"f": "x**2*y", "g": "exp(f)", "L": "sum(w**2)*s"})


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("f_x = 2 x y", "proved"),
        ("f_{xy} = 2 x", "proved"),
        ("f_{x,y} = 2 y", "refuted"),
        ("g_x = f_x g", "proved"),
        ("f_x(x, y) = 2 x y", None),
        (r"\frac{\partial f}{\partial x}(x, y) = 2 x y", "proved"),
        (r"\frac{\partial f}{\partial x}(x) = 2 x y", None),
        (r"\frac{\partial f}{\partial x}(x, s) = 2 x y", None),
        # nothing that the function is made from, no number, or no function
        ("f_s = 0", None),
        ("L_w = 2 s w", None),
        ("s_x = 0", None),
        ("f_{xq} = 0", None),
        ("s'(x) = 0", None),
        ("f'(x) = 2 x y", "proved"),
    ],
)
def test_derivatives_by_letters(text: str, verdict: str | None) -> None:
    assert verdicts(f"${text}$", SURFACE) == ([] if verdict is None else [verdict])


def test_derivatives_of_a_name_of_the_note() -> None:
    assert verdicts("$q = x^2 s$ and $q_x = 2 x s$ and $q_y = 0$", SURFACE) == ["proved"]


# --- names of the key


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("With $r = w + b$ we get", "claim"),
        ("where $r = w - b$", "claim"),
        ("Let $r = w - b$.", "claim"),
        ("Let $r = 0$.", "supposition"),
        ("If $r = w$ then", "supposition"),
        ("Let $w = b$.", "supposition"),
    ],
)
def test_a_name_of_the_key_is_restated(text: str, kind: str) -> None:
    assert kinds(text, VECTORS) == [kind]


def test_a_name_of_the_key_that_is_restated_wrongly_is_wrong() -> None:
    assert verdicts("With $r = w + b$ we get", VECTORS) == ["refuted"]
    assert verdicts("With $r = w - b$ we get", VECTORS) == ["proved"]


def test_names_with_a_letter_below_are_several_names() -> None:
    given = key("Wf: [k, n]", "Wi: [k, n]", "x: [n, 1]", notation={"Wf": "W_f", "Wi": "W_i"})
    (claim,) = note("$W_f x = W_i x$", given).derivation.claims
    assert claim.statement is not None
    assert [printed(side) for side in (claim.statement.links[0].left, claim.statement.links[0].right)] == [
        "Wf @ x", "Wi @ x",
    ]  # fmt: skip
    with pytest.raises(Refused, match="stands for `Wi` and for `Wj`"):
        key("Wi: [k, n]", "Wj: [k, n]", notation={"Wi": "W_i", "Wj": "W_j"})
    alone = key("Y: [k, n]", notation={"Y": "y_i"})
    assert unread(note("$y_j = y_j$", alone)) == []


# --- a softmax that does not say along which axis


def test_a_softmax_goes_along_the_axis_of_the_key() -> None:
    text = r"$A = \mathrm{softmax}(S)$ and $A V = \mathrm{softmax}(Q K^T) V$"
    assert verdicts(text, ATTENTION) == ["proved", "proved"]
    made = note(r"$B_1 = \mathrm{softmax}(2 S)$", ATTENTION)
    assert printed(made.derivation.definitions["B_1"]) == "softmax(2*S, axis=1)"


def test_without_the_key_a_softmax_of_a_matrix_has_two_readings() -> None:
    given = key("S: [n, m]", "w: [n, 1]", define={"A": "exp(S)/sum(exp(S), axis=1, keepdims=True)"})
    assert verdicts(r"$A = \mathrm{softmax}(S)$", given) == ["undecided"]
    assert verdicts(r"$S = \mathrm{softmax}(S)$", key("T: [n, m]", define={"S": "2*T"})) == ["refuted"]
    assert unread(note(r"$B_1 = \mathrm{softmax}(S)$", given)) == [
        "softmax along which axis: of every row, or of every column?"
    ]
    assert unread(note(r"$B_1 = \mathrm{softmax}(w)$", given)) == []


def test_a_softmax_of_all_entries_is_the_keys() -> None:
    given = key("S: [n, m]", define={"A": "softmax(S)"})
    assert verdicts(r"$A = \mathrm{softmax}(S)$", given) == ["proved"]


# --- Jacobians of what is differentiated entry by entry


def test_a_diagonal_of_a_column() -> None:
    made = note(r"$B_1 = \operatorname{diag}(p) - p p^T$", VECTORS)
    assert made.derivation.definitions["B_1"].shape == ("n", "n")


def test_the_jacobian_of_an_entrywise_function_is_not_called_wrong() -> None:
    given = key("c: [n, 1]", "f: [n, 1]", define={"h": "f*c"})
    assert verdicts(r"$\frac{\partial h}{\partial c} = \operatorname{diag}(f)$", given) == ["undecided"]
    assert verdicts(r"$\frac{\partial h}{\partial c} = f$", given) == ["proved"]
    assert verdicts(r"$\frac{\partial h}{\partial c} = c$", given) == ["refuted"]
    assert verdicts(r"$\frac{\partial h}{\partial c} = f^T$", given) == [Verdict.INVALID.value]


# --- conditions and inequalities


def test_an_inequality_behind_an_equation_is_not_judged() -> None:
    made = note(r"$h = x^2 \ge 0$", VECTORS)
    assert [claim.text for claim in made.derivation.claims] == ["h = x^2"]
    assert unread(made) == ["an inequality is not judged; what stands before it is"]
    assert made.gaps == {}
    assert claims(r"$h = x^2 \ge x$", VECTORS) == []


def test_decimal_commas() -> None:
    assert verdicts(r"$\sigma(0) = 0,5$", VECTORS) == ["proved"]
    assert verdicts(r"$\sigma(0) = 0,7$", VECTORS) == ["refuted"]
    assert claims(r"$h = 0,1$", VECTORS) == []
