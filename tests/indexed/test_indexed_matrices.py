"""Inverses, determinants and adjugates of whole matrices: what is shown, and what is not."""

import pytest
from index_values import kinds

SETTING = """variables: {A: {shape: [n, n], domain: invertible}, B: {shape: [n, n], domain: invertible}, M: [n, n],
  N: [n, n], P: [n, m], Q: [m, n], C: {shape: [m, m], domain: invertible}, x: [n], y: [n], t: , c: {domain: positive},
  S: {shape: [n, n], domain: positive definite}, O: {shape: [n, n], domain: orthogonal},
  d: {shape: [n], domain: positive}}
"""

#: (true, a way in which it is got wrong).
PAIRS = {
    "product": ("inv(A @ M) == inv(M) @ inv(A)", "inv(A @ M) == inv(A) @ inv(M)"),
    "long product": (
        "inv(A @ B @ A.T) == inv(A).T @ inv(B) @ inv(A)",
        "inv(A @ B @ A.T) == inv(A) @ inv(B) @ inv(A).T",
    ),
    "scalars": ("inv(t*M/2) == 2*inv(M)/t", "inv(t*M/2) == inv(M)/(2*t)"),
    "scalar product": ("inv((x @ y)*M) == inv(M)/(x @ y)", "inv((x @ y)*M) == (x @ y)*inv(M)"),
    "rows scaled": ("inv(diag(d) @ M) == inv(M) @ diag(1/d)", "inv(diag(d) @ M) == diag(1/d) @ inv(M)"),
    "columns scaled": ("inv(M @ diag(d)) == diag(1/d) @ inv(M)", "inv(M @ diag(d)) == inv(M) @ diag(1/d)"),
    "sum scaled": ("inv(2*M + 2*N) == inv(M + N)/2", "inv(2*M + 2*N) == inv(M) + inv(N)"),
    "rows of a sum scaled": (
        "inv(diag(d) @ (M + N)) == inv(M + N) @ diag(1/d)",
        "inv(diag(d) @ (M + N)) == diag(1/d) @ inv(M + N)",
    ),
    "twice": ("inv(inv(M)) == M", "inv(inv(M)) == M.T"),
    "twice, transposed": ("inv(inv(M).T) == M.T", "inv(inv(M).T) == M"),
    "diagonal sum": ("inv(diag(d) + eye(n)) == diag(1/(1 + d))", "inv(diag(d) + eye(n)) == diag(1/d) + eye(n)"),
    "orthogonal": ("inv(O @ M) == inv(M) @ O.T", "inv(O @ M) == O.T @ inv(M)"),
    "orthogonal, both sides": ("inv(O @ S @ O.T) == O @ inv(S) @ O.T", "inv(O @ S @ O.T) == O.T @ inv(S) @ O"),
    "Hadamard product": ("inv((M*N).T) == inv(M*N).T", "inv(M*N) == inv(M)*inv(N)"),
    "through": (
        "inv(eye(n) + P @ Q) @ P == P @ inv(eye(m) + Q @ P)",
        "inv(eye(n) + P @ Q) @ P == P @ inv(eye(m) + P.T @ P)",
    ),
    "ridge": (
        "inv(P.T @ P + c*eye(m)) @ P.T == P.T @ inv(P @ P.T + c*eye(n))",
        "inv(P.T @ P + c*eye(m)) @ P.T == P.T @ inv(P @ P.T - c*eye(n))",
    ),
    "Woodbury": (
        "inv(A + P @ C @ Q) == inv(A) - inv(A) @ P @ inv(inv(C) + Q @ inv(A) @ P) @ Q @ inv(A)",
        "inv(A + P @ C @ Q) == inv(A) - inv(A) @ P @ inv(C + Q @ inv(A) @ P) @ Q @ inv(A)",
    ),
    "rank one": (
        "inv(M + outer(x, y)) == inv(M) - outer(inv(M) @ x, y @ inv(M))/(1 + y @ inv(M) @ x)",
        "inv(M + outer(x, y)) == inv(M) - outer(inv(M) @ x, y @ inv(M))/(1 + x @ inv(M) @ y)",
    ),
    "parallel sum": (
        "inv(inv(A) + inv(B)) == A @ inv(A + B) @ B",
        "inv(inv(A) + inv(B)) == A @ inv(A - B) @ B",
    ),
    "difference": ("inv(A) - inv(B) == inv(A) @ (B - A) @ inv(B)", "inv(A) - inv(B) == inv(A) @ (A - B) @ inv(B)"),
    "determinant of a product": ("det(M @ N.T) == det(M)*det(N)", "det(M @ N.T) == det(M)"),
    "determinant scaled": ("det(t*M) == t**n*det(M)", "det(t*M) == t*det(M)"),
    "determinant scaled by a number": ("det(-2*M) == (-2)**n*det(M)", "det(-2*M) == 2**n*det(M)"),
    "determinant with rows scaled": ("det(diag(x) @ M) == prod(x)*det(M)", "det(diag(x) @ M) == sum(x)*det(M)"),
    "determinant of a diagonal": ("det(diag(x)) == prod(x)", "det(diag(x)) == prod(x)**2"),
    "determinant of an inverse": ("det(inv(M)) == 1/det(M)", "det(inv(M)) == det(M)"),
    "determinant of an orthogonal matrix": ("det(O)**2 == 1", "det(O) == 1"),
    "determinant turned": ("det(O @ M @ O.T) == det(M)", "det(O @ M @ M @ O.T) == det(M)"),
    "determinant of rank one": ("det(eye(n) + outer(x, y)) == 1 + x @ y", "det(eye(n) + outer(x, y)) == 1 - x @ y"),
    "determinant of rank one beside a matrix": (
        "det(A + outer(x, y)) == det(A)*(1 + y @ inv(A) @ x)",
        "det(A + outer(x, y)) == det(A)*(1 + x @ inv(A) @ y)",
    ),
    "Sylvester": ("det(eye(n) + P @ Q) == det(eye(m) + Q @ P)", "det(eye(n) + P @ Q) == det(eye(m) - Q @ P)"),
    "Sylvester, longer": (
        "det(eye(n) + P @ C @ Q @ M) == det(eye(m) + C @ Q @ M @ P)",
        "det(eye(n) + P @ C @ Q @ M) == det(eye(m) + Q @ M @ P)",
    ),
    "determinant lemma": (
        "det(A + P @ C @ Q) == det(A)*det(C)*det(inv(C) + Q @ inv(A) @ P)",
        "det(A + P @ C @ Q) == det(A)*det(inv(C) + Q @ inv(A) @ P)",
    ),
    "Jacobi": ("D(det(M), M) == det(M)*inv(M).T", "D(det(M), M) == det(M)*inv(M)"),
    "Jacobi of a square": ("D(det(M @ M), M) == 2*det(M)**2*inv(M).T", "D(det(M @ M), M) == 2*det(M)*inv(M).T"),
    "Jacobi, scaled": ("D(det(c*A), c) == n*c**n*det(A)/c", "D(det(c*A), c) == c**n*det(A)/c"),
    "log-determinant": ("D(log(abs(det(M))), M) == inv(M).T", "D(log(abs(det(M))), M) == inv(M)"),
    "log-determinant of a product": (
        "D(log(abs(det(A @ M))), M) == inv(M).T",
        "D(log(abs(det(A @ M))), M) == inv(A @ M).T",
    ),
    "log-determinant of a kernel": (
        "D(log(det(eye(n) + P @ P.T)), P) == 2*inv(eye(n) + P @ P.T) @ P",
        "D(log(det(eye(n) + P @ P.T)), P) == 2*inv(eye(n) - P @ P.T) @ P",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAIRS)
def test_what_holds_is_shown_and_what_does_not_is_not(name):
    assert kinds(SETTING, *PAIRS[name]) == ["zero", "open"]


def test_derivatives_of_determinants_where_there_is_no_inverse():
    """Of a matrix of rank n - 1 the adjugate is not 0."""
    assert kinds(
        SETTING,
        "D(det(M), M)*indicator(det(M) == 0) == zeros(n, n)",
        "D(det(M), M) == D(det(M), M)*indicator(det(M) != 0)",
        "D(det(M @ N), M)*indicator(det(M) == 0) == zeros(n, n)",
        "D(det(M)**2, M)*indicator(det(M) == 0) == zeros(n, n)",
        "det(M)*indicator(det(M) == 0) == 0",
        "det(M)*inv(M)*indicator(det(M) == 0) == zeros(n, n)",
    )[:4] == ["open", "open", "open", "zero"]


def test_a_matrix_is_not_multiplied_with_where_an_entry_has_no_value():
    """``1/x[i]`` has a value at some i only: no combination of the entries says anything of one of them."""
    assert kinds(SETTING, "inv(M) @ x/x == inv(M) @ x/x", "inv(M) @ x/x == ones(n)") == ["zero", "open"]


def test_roots_of_products_of_sums():
    setting = "variables: {x: [n], y: [n], z: [m], t: , T: {domain: nonnegative}}\n"
    assert (
        kinds(
            setting,
            "norm(outer(x, z)) == norm(x)*norm(z)",
            "norm(t*x) == abs(t)*norm(x)",
            "norm(norm(x)*y) == norm(x)*norm(y)",
            "norm(t*x/norm(x)) == abs(t)",
            "sqrt(t**4*sum(x**2)) == t**2*norm(x)",
            "norm(T*x) == T*norm(x)",
            "norm(t*x) == t*norm(x)",
            "norm(outer(x, y)) == abs(x @ y)",
            "sqrt(t**2*sum(x)) == t*sqrt(sum(x))",
            "sqrt(sum(x)*sum(y)) == sqrt(sum(x))*abs(sum(y))",
        )
        == ["zero"] * 6 + ["open"] * 4
    )
