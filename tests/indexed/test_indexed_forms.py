"""Canonical forms: equal things have one form, whatever their indices are called and in whatever order they come."""

import os
import random
import subprocess
import sys
from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from hypothesis import given, settings
from hypothesis import strategies as st
from index_values import WORK, FormValues, kinds

from derivcheck.engine.indexed.algebra import Constraints
from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.work import Meter

SIZES = {"n": 3, "m": 2}
#: Arrays and the dimensions of their axes.
ARRAYS = {"x": "n", "y": "m", "A": "nn", "B": "nm", "C": "mn"}
FREE = [("n", "@", 0), ("n", "@", 1), ("m", "@", 2), ("n", "=", 1)]
BOUND = [("n", "%", 0), ("n", "%", 1), ("m", "%", 2), ("n", "%", 3)]


def calculus():
    return Calculus(Constraints(), {}, Meter(50 * WORK))


@st.composite
def products(draw):
    """Factors as (array, indices, exponent), over the indices of ``FREE`` and ``BOUND``; which of these are used."""
    factors = []
    for _ in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(sorted(ARRAYS)))
        indices = tuple(draw(st.sampled_from([i for i in FREE + BOUND if i[0] == d])) for d in ARRAYS[name])
        factors.append((name, indices, draw(st.sampled_from([1, 1, 2]))))
    used = tuple(b for b in BOUND if any(b in indices for _, indices, _ in factors))
    return factors, used


def form(c, factors, bound, wrap=None):
    atoms = {}
    for name, indices, e in factors:
        atom = c.store.atom("entry", name, indices)
        atoms[atom] = atoms.get(atom, 0) + e
    made = c.term(atoms, bound, fmpq(1))
    return made if wrap is None else wrap(made)


WRAPS = {
    "plain": None,
    "exponential": lambda c: c.exp,
    "reciprocal": lambda c: lambda s: c.power(c.add(s, c.number(2)), -1),
    "root of a square": lambda c: lambda s: c.power(c.add(c.multiply(s, s), c.number(1)), Fraction(1, 2)),
    "logarithm": lambda c: lambda s: c.log(c.add(c.exp(s), c.number(1))),
}


@settings(derandomize=True, max_examples=60, deadline=None)
@given(products(), st.randoms(use_true_random=False), st.sampled_from(sorted(WRAPS)))
def test_names_and_order_do_not_matter(product, rng, wrap):
    factors, bound = product
    names = dict(zip(bound, ((b[0], "%", 10 + k) for k, b in enumerate(rng.sample(bound, len(bound)))), strict=True))
    names = {b: (b[0], *names[b][1:]) for b in bound}
    other = [(n, tuple(names.get(i, i) for i in indices), e) for n, indices, e in rng.sample(factors, len(factors))]
    c = calculus()
    make = WRAPS[wrap](c) if WRAPS[wrap] else None
    one = form(c, factors, bound, make)
    two = form(c, other, tuple(rng.sample([names[b] for b in bound], len(bound))), make)
    assert one == two


@settings(derandomize=True, max_examples=40, deadline=None)
@given(st.lists(products(), min_size=3, max_size=3))
def test_a_product_distributes_over_a_sum_and_has_its_value(parts):
    c = calculus()
    a, b, d = (form(c, factors, bound) for factors, bound in parts)
    assert c.multiply(a, c.add(b, d)) == c.add(c.multiply(b, a), c.multiply(d, a))
    assert c.multiply(c.multiply(a, b), d) == c.multiply(a, c.multiply(d, b))
    rng = np.random.default_rng(3)
    forms = FormValues({n: rng.uniform(-1, 1, [SIZES[d] for d in dims]) for n, dims in ARRAYS.items()}, SIZES)
    at = {FREE[0]: 2, FREE[1]: 0, FREE[2]: 1}
    assert forms.of(c.multiply(a, b), at) == pytest.approx(forms.of(a, at) * forms.of(b, at), rel=1e-9, abs=1e-12)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(products(), st.sampled_from(sorted(WRAPS)))
def test_indices_that_become_one(product, wrap):
    """Renaming two free indices to one, and evaluating, is evaluating at one position."""
    factors, bound = product
    c = calculus()
    one = form(c, factors, bound, WRAPS[wrap](c) if WRAPS[wrap] else None)
    rng = np.random.default_rng(4)
    forms = FormValues({n: rng.uniform(0.1, 1, [SIZES[d] for d in dims]) for n, dims in ARRAYS.items()}, SIZES)
    merged = c.renamed(one, {FREE[1]: FREE[0]})
    literal = c.renamed(one, {FREE[1]: ("n", "=", 0), FREE[0]: ("n", "=", 2)})
    for k in range(3):
        at = {FREE[0]: k, FREE[1]: k, FREE[2]: 1}
        assert forms.of(merged, at) == pytest.approx(forms.of(one, at), rel=1e-9)
    at = {FREE[0]: 2, FREE[1]: 0, FREE[2]: 1}
    assert forms.of(literal, at) == pytest.approx(forms.of(one, at), rel=1e-9)


def test_many_sums_that_are_alike():
    """Powers of sums and rings of products do not try all orders."""
    setting = "variables: {x: [n], A: [n, n]}\n"
    ring = " @ ".join(["A"] * 5)
    assert kinds(setting, "sum(x)**9*sum(x) == sum(x)**10", f"trace(({ring}).T) == trace({ring})") == ["zero"] * 2


def test_deltas():
    c = calculus()
    i, j, k = ("n", "%", 0), ("n", "%", 1), FREE[0]
    identity = c.delta(i, j)
    assert c.total(c.multiply(identity, identity), [i, j]) == c.size("n")
    assert c.total(c.multiply(identity, c.entry("x", (j,))), [j]) == c.entry("x", (i,))
    assert c.multiply(c.delta(k, ("n", "=", 0)), c.delta(k, ("n", "=", 1))) == {}
    assert c.total(c.delta(i, ("n", "=", 2)), [i]) == c.number(1)


#: A proof with much in it: what it comes to must not depend on the hash seed.
SCRIPT = """
from index_values import derivation
from derivcheck.engine.indexed.prove import EverySize
from derivcheck.engine.work import Meter
spec = derivation('''
variables: {Q: [t, d], K: [s, d], V: [s, c], G: [t, c]}
define: {S: Q @ K.T/sqrt(d), P: 'softmax(S, axis=1)', L: sum(G*(P @ V))}
claims: {c: 'D(L, S) == P*(G @ V.T - sum(G*(P @ V), axis=1, keepdims=True))', w: 'D(L, S) == P*(G @ V.T)'}
''')
for claim in spec.claims:
    meter = Meter(10**6)
    (link,) = claim.statement.links
    print(EverySize(spec).prove(link.left, link.right, (), (), meter), meter.spent)
"""


def test_the_same_work_under_any_hash_seed():
    printed = set()
    for seed in ("0", "1", "77"):
        env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, capture_output=True, text=True, check=True)
        printed.add(done.stdout)
    assert len(printed) == 1
    assert "zero" in printed.pop()


def test_random_orders_of_large_products():
    """Refinement and components: products of many entries in a random order and naming have one form."""
    rng = random.Random(5)
    for _ in range(20):
        bound = [("n", "%", k) for k in range(6)]
        factors = [("A", (rng.choice(bound), rng.choice(bound)), 1) for _ in range(7)]
        used = [b for b in bound if any(b in i for _, i, _ in factors)]
        names = dict(zip(used, [("n", "%", 20 + k) for k in rng.sample(range(len(used)), len(used))], strict=True))
        other = [(n, tuple(names[i] for i in indices), e) for n, indices, e in rng.sample(factors, len(factors))]
        c = calculus()
        assert form(c, factors, tuple(used)) == form(c, other, tuple(names.values()))
