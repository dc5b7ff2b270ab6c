"""Index forms against NumPy and central differences: each side of each claim, at several sizes."""

import numpy as np
import pytest
from changed_claims import CORPUS, SPECS
from index_values import SIZES, WORK, FormValues, drawn
from reference_numpy import evaluate

from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.lower import ONLY, IndexLowering
from derivcheck.engine.indexed.prove import constrained
from derivcheck.engine.indexed.terms import NotShown
from derivcheck.engine.names import Names
from derivcheck.engine.work import Meter, OverBudget
from derivcheck.spec import load

NAMES = (
    "matrices",
    "networks",
    "normalisations",
    "regression",
    "losses",
    "likelihoods",
    "kinks-and-cases",
    "entries",
    "every-size-matrices",
    "every-size-positions",
    "every-size-layers",
)
FILES = [
    *sorted(SPECS.glob("gallery-*.deriv.yaml")),
    SPECS / "001-backpropagation.deriv.yaml",
    SPECS / "003-relu-network-batch.deriv.yaml",
    *(CORPUS / "proved" / f"{name}.deriv.yaml" for name in NAMES),
]
#: With determinants of sums taken apart, too, where there are some.
CASES = [*((path, False) for path in FILES), (CORPUS / "proved" / "every-size-matrices.deriv.yaml", True)]

#: Claims with inverses that do not exist at one of the sizes, by how much larger n is there than m.
SINGULAR = {"newton-step": (1,), "inverse-slope-6": (-3,), "determinant-slope-4": (-3,), "determinant-slope-5": (-3,)}
#: What central differences of a second derivative are good for.
CLOSE = 2e-5


def sides(spec):
    """Every side of a claim, once."""
    seen = set()
    for claim in spec.claims:
        if claim.statement is None or claim.at:
            continue
        for link in claim.statement.links:
            for side in (link.left, link.right):
                if id(side) not in seen:
                    seen.add(id(side))
                    yield claim, side


@pytest.mark.parametrize(("path", "splits"), CASES, ids=lambda p: getattr(p, "stem", "split" if p else "whole"))
@pytest.mark.parametrize("sizes", SIZES, ids=["all apart", "turned round"])
def test_a_form_has_the_value_of_the_expression(path, sizes, splits):
    spec = load(path)
    sizes = {**sizes, **{name: rule.exact for name, rule in spec.dims.items() if rule.exact is not None}}
    rng = np.random.default_rng(7)
    shapes = {n: tuple(d if isinstance(d, int) else sizes[d] for d in v.shape) for n, v in spec.variables.items()}
    values = {n: drawn(v.domain, shapes[n], rng) for n, v in spec.variables.items()}
    compared = 0
    for claim, side in sides(spec):
        quantifiers = claim.statement.quantifiers
        names = Names(spec)
        known = {n: r.exact for n, r in spec.dims.items() if r.exact is not None}
        calculus = Calculus(constrained(spec, quantifiers), known, Meter(WORK), splits=splits)
        low = IndexLowering(spec, calculus, names, {}, facts=True)
        low.begin(Meter(WORK))
        bound = {}
        for k, q in enumerate(quantifiers):
            if q.size is not None:
                place = int(rng.integers(sizes.get(q.size, q.size)))
                low.bound[q.key] = (str(q.size), "@", k)
                bound[q.key] = place
            else:
                bound[q.key] = float(drawn(q.domain, (), rng))
        shape = tuple(sizes.get(d, d) for d in side.shape)
        entry = tuple(int(rng.integers(n)) for n in shape)
        index = tuple(
            ONLY if d == 1 else (str(d), "@", 100 + k) if isinstance(d, str) and d not in known else (str(n), "=", i)
            for k, (d, n, i) in enumerate(zip(side.shape, shape, entry, strict=True))
        )
        try:
            form, facts = low.entry_with_facts(side, index)
        except (NotShown, OverBudget):
            continue
        at = {i: place for i, place in zip(index, entry, strict=True) if i[1] == "@"}
        at |= {low.bound[q.key]: bound[q.key] for q in quantifiers if q.size is not None}
        arrays = {f"variable {n}": x for n, x in values.items()}
        arrays |= {f"bound {key}": x for key, x in bound.items()}
        forms = FormValues(arrays, sizes)
        if claim.id in SINGULAR and sizes["n"] - sizes["m"] in SINGULAR[claim.id]:
            continue
        expected = float(evaluate(side, spec, values, sizes, bound)[entry])
        if np.isnan(expected):
            continue
        assert forms.of(form, at) == pytest.approx(expected, rel=CLOSE, abs=CLOSE), claim.id
        compared += 1
        for kind, p, _ in facts:
            free = {i: at.get(i, int(rng.integers(forms.size(i[0])))) for i in p.free if i[1] != "="}
            value = forms.of(p.terms, free)
            assert {">": value > 0, ">=": value >= 0, "!=": value != 0}.get(kind, True), (claim.id, kind)
    assert compared
