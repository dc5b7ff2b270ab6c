"""Owns inverses and determinants of index forms.

Each is brought nearer to canonical by relations that hold for every size wherever the whole has a value:

- Of a product of square matrices, of diagonal ones and of scalars: ``inv(A @ B) = inv(B) @ inv(A)``,
  ``det(A @ B) = det(A)*det(B)``, ``det(c*A) = c**n*det(A)``. (If the product has an inverse, so has every factor.)
- ``inv(inv(A)) = A``, ``det(inv(A)) = 1/det(A)``; of an orthogonal matrix the inverse is the transpose.
- ``det(B + W) = det(B)*det(1 + inv(B) @ W)`` for a B that certainly has an inverse,
  ``det(1 + P @ Q) = det(1 + Q @ P)`` (of all ways to begin a closed product the least is taken), and of rank one
  ``det(1 + u @ v.T) = 1 + v.T @ u``.

What is left is one atom: a matrix with placeholders for its row and column. The derivative of a determinant is an
``adjugate``, which is defined also where there is no inverse; beside a determinant an inverse becomes one.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from flint import fmpq

from derivcheck.engine.indexed.algebra import Constraints, merged
from derivcheck.engine.indexed.chains import Chain, Part, chain, cuts, sides
from derivcheck.engine.indexed.known import Known
from derivcheck.engine.indexed.terms import Argument, Atom, Factors, Index, NotShown, Sum, beyond
from derivcheck.engine.work import Meter

_ONE = fmpq(1)
Pair = tuple[Index, Index]
INVERSES = ("inverse", "symmetric inverse")


class Matrices(Known):
    """The algebra with inverses and determinants of whole matrices. Where it ``splits``, determinants of sums are
    taken apart, too: more meets, at the price of longer derivatives."""

    def __init__(
        self,
        constraints: Constraints,
        sizes: Mapping[str, int],
        meter: Meter,
        least: Mapping[str, int] | None = None,
        *,
        splits: bool = False,
    ) -> None:
        super().__init__(constraints, sizes, meter, least)
        self.splits = splits
        self._regular: dict[Any, bool] = {}

    def power(self, s: Sum, exponent: Fraction | int, guarded: bool = False) -> Sum:
        """A sum to a rational power."""
        raise NotImplementedError

    def product_over(self, s: Sum, over: Index) -> Sum:
        """The product over an index (temporary)."""
        raise NotImplementedError

    # -- the inverse ------------------------------------------------------------------------------------------------

    def inverse(self, body: Sum, over: Pair, i: Index, j: Index) -> Sum:
        """Entry i, j of the inverse of the matrix ``body``, whose row and column are ``over``."""
        self._symbolic(body, over[0])
        values = self._diagonal(body, over)
        if values is not None:
            return self.multiply(self.delta(i, j), self.power(self.renamed(values, {over[0]: i}), -1))
        common = self._common(body, over)
        if common is not None:
            outside, rest = common
            ends = {over[0]: j, over[1]: i}
            parts = [self.renamed(self.power(s, -1), ends) for s in outside]
            return self.product([*parts, self.inverse(rest, over, i, j)])
        parts_of = self._product_of(body, over)
        if parts_of is None:
            return self._matrix_atom("inverse", body, over, i, j)
        start = beyond((*over, i, j, *parts_of.places, *(k for m in body for k in m.free)))
        ends_of = (j, *((i[0], "%", start + k) for k in range(len(parts_of.places) - 2)), i)
        factors = [self.power(self._closed(parts_of.scalar), -1)]
        for place, node, end in zip(parts_of.places, parts_of.nodes, ends_of, strict=True):
            factors.append(self.renamed(self.power(self._closed(node), -1), {place: end}))
        for k, link in enumerate(parts_of.links):
            pair = (parts_of.places[k], parts_of.places[k + 1])
            factors.append(self._link_inverse(link, pair, ends_of[k + 1], ends_of[k]))
        return self.total(self.product(factors), ends_of[1:-1])

    def _link_inverse(self, link: Part, over: Pair, i: Index, j: Index) -> Sum:
        """The inverse of one square matrix of a product."""
        if len(link[0]) == 1 and not link[1]:
            ((atom, e),) = link[0].items()
            if e == 1 and atom.kind == "entry" and atom.name in self.constraints.orthogonal:
                return self.single(self.store.rename_atom(atom, {over[0]: j, over[1]: i}))
            if e == 1 and atom.kind in INVERSES:
                first, second = (i, j) if atom.indices == over else (j, i)
                return self.renamed(self._opened(atom), dict(zip(_formal(atom), (first, second), strict=True)))
        return self._matrix_atom("inverse", self._closed(link), over, i, j)

    def _matrix_atom(self, kind: str, body: Sum, over: Pair, i: Index, j: Index) -> Sum:
        """Entry i, j of the inverse or the adjugate of a matrix as an atom, in the one writing of the matrix."""
        argument, places, symmetric, turned = self._placed(body, over)
        indices = (j, i) if turned else (i, j)
        if symmetric:
            return self.single(self.store.atom(f"symmetric {kind}", "", tuple(sorted(indices)), (argument,), places))
        return self.single(self.store.atom(kind, "", indices, (argument,), places))

    # -- the determinant --------------------------------------------------------------------------------------------

    def determinant(self, body: Sum, over: Pair) -> Sum:
        """The determinant of a matrix."""
        self._symbolic(body, over[0])
        row, column = over
        values = self._diagonal(body, over)
        if values is not None:
            return self.product_over(values, row)
        common = self._common(body, over)
        if common is not None:
            outside, rest = common
            parts = [self.product_over(self.renamed(s, {column: row}), row) for s in outside]
            return self.product([*parts, self.determinant(rest, over)])
        parts_of = self._product_of(body, over)
        if parts_of is not None:
            factors = [self.product_over(self._closed(parts_of.scalar), row)]
            for place, node in zip(parts_of.places, parts_of.nodes, strict=True):
                factors.append(self.product_over(self.renamed(self._closed(node), {place: row}), row))
            for k, link in enumerate(parts_of.links):
                factors.append(self._link_determinant(link, (parts_of.places[k], parts_of.places[k + 1])))
            return self.product(factors)
        split = self._split(body, over) if self.splits else None
        return self._determinant_atom(body, over) if split is None else split

    def adjugate(self, body: Sum, over: Pair, i: Index, j: Index) -> Sum:
        """Entry i, j of ``det(M)*inv(M)``, which is defined also where there is no inverse."""
        self._symbolic(body, over[0])
        parts = self._product_of(body, over)
        if self._is_regular(body, over) or (parts is not None and parts.is_pure):
            return self.multiply(self.determinant(body, over), self.inverse(body, over, i, j))
        return self._matrix_atom("adjugate", body, over, i, j)

    def _link_determinant(self, link: Part, over: Pair) -> Sum:
        """The determinant of one square matrix of a product."""
        if len(link[0]) == 1 and not link[1]:
            ((atom, e),) = link[0].items()
            if e == 1 and atom.kind in INVERSES:
                return self.power(self.determinant(self._opened(atom), _formal(atom)), -1)
        return self._determinant_atom(self._closed(link), over)

    def _determinant_atom(self, body: Sum, over: Pair) -> Sum:
        argument, places, _, _ = self._placed(body, over)
        name = "definite" if self._is_definite(argument.terms) else ""
        return self.single(self.store.atom("determinant", name, (), (argument,), places))

    def _is_definite(self, body: Sum) -> bool:
        (m, *others) = body
        one = not others and len(m.factors) == 1 and m.factors[0][1] == 1 and body[m] > 0
        return one and m.factors[0][0].name in self.constraints.definite

    def _split(self, body: Sum, over: Pair) -> Sum | None:
        """``det(B + W)`` by ``det(B)``, for a term B that has an inverse and a W that is one product."""
        if len(body) != 2:
            return None
        (m, c), (n, d) = sorted(body.items(), key=lambda t: t[0].digest)
        for kept, rest in (({m: c}, {n: d}), ({n: d}, {m: c})):
            if not self._is_regular(kept, over):
                continue
            row, _ = over
            middle = (row[0], "%", beyond((*over, *(i for x in body for i in x.free))))
            inverse = self.inverse(kept, over, row, middle)
            loop = self.total(self.multiply(inverse, self.renamed(rest, {row: middle})), [middle])
            return self.multiply(self.determinant(kept, over), self._one_plus(loop, over))
        return None

    def _one_plus(self, loop: Sum, over: Pair) -> Sum:
        """``det(1 + loop)``."""
        row, column = over
        whole = self.add(self.delta(row, column), loop)
        if len(loop) != 1:
            return self._determinant_atom(whole, over)
        ((m, c),) = loop.items()
        factors, bound = self.store.opened(m, beyond((*over, *m.free)))
        parts = chain(factors, bound, row, column)
        if parts is None:  # of rank one
            return self.add(self.number(1), self.term(self._moved(factors, {column: row}), (*bound, row), c))
        last = parts.nodes[-1][0]
        factors = merged(
            {a: e for a, e in factors.items() if a not in last}, self._moved(last, {column: row}).items()
        )
        whole = self.add(self.delta(row, column), self.term(factors, bound, c))
        ways = [(self._placed(whole, over)[0].digest, whole, over)]
        for cut in cuts(factors, bound, row, column):
            if not cut[0].isdigit() and cut[0] not in self.sizes:
                begun = self._begun_at(factors, bound, over, cut, c)
                ways.append((self._placed(*begun)[0].digest, *begun))
        _, least, pair = min(ways, key=lambda way: way[0])
        return self._determinant_atom(least, pair)

    def _moved(self, factors: Factors, names: dict[Index, Index]) -> Factors:
        moved: Factors = {}
        for atom, e in factors.items():
            moved = merged(moved, [(self.store.rename_atom(atom, names), e)])
        return moved

    def _begun_at(
        self, factors: Factors, bound: tuple[Index, ...], over: Pair, cut: Index, c: Any
    ) -> tuple[Sum, Pair]:
        """``1 + Q @ P`` for ``1 + P @ Q``: the product begun at one of its cuts."""
        row, column = over
        start = beyond((*over, *bound, *(i for a in factors for i in a.free)))
        end: Index = (cut[0], "%", start)
        joint: Index = (row[0], "%", start + 1)
        near, far = sides(factors, bound, row, cut)
        moved = merged(self._moved(near, {row: joint, cut: end}), self._moved(far, {column: joint}).items())
        rest = tuple(b for b in bound if b != cut)
        return self.add(self.delta(cut, end), self.term(moved, (*rest, joint), c)), (cut, end)

    def _is_regular(self, body: Sum, over: Pair) -> bool:
        """Whether a matrix certainly has an inverse, wherever it has a value."""
        values = self._diagonal(body, over)
        if values is not None:
            number = self.number_of(values)
            return bool(number) if number is not None else self.is_positive(values)
        parts = self._product_of(body, over) or self._one_product(body, over)
        if parts is None:
            return False
        outside = [self._closed(p) for p in (parts.scalar, *parts.nodes) if p[0]]
        return all(self.is_positive(s) for s in outside) and all(self._is_regular_link(p) for p in parts.links)

    def _is_regular_link(self, link: Part) -> bool:
        if len(link[0]) != 1 or link[1]:
            return False
        ((atom, e),) = link[0].items()
        if e != 1:
            return False
        return atom.kind in INVERSES or atom.name in self.constraints.regular

    def is_never_singular(self, atom: Atom) -> bool:
        """Whether the matrix of an atom has an inverse wherever it has a value."""
        key = (atom.arguments, atom.binds)
        found = self._regular.get(key)
        if found is None:
            found = self._regular[key] = self._is_regular(atom.arguments[0].terms, (atom.binds[0], atom.binds[1]))
        return found

    # -- what both need ---------------------------------------------------------------------------------------------

    def _symbolic(self, body: Sum, row: Index) -> None:
        if not body:
            raise NotShown("the inverse or determinant of a matrix of zeros")
        if row[0].isdigit() or row[0] in self.sizes:
            raise NotShown("an inverse or determinant of known size")

    def _closed(self, part: Part) -> Sum:
        return self.term(*part, _ONE)

    def _opened(self, atom: Atom) -> Sum:
        """The matrix of an atom, at the indices ``_formal(atom)``."""
        return self.store.rename_terms(atom.arguments[0].terms, dict(zip(atom.binds, _formal(atom), strict=True)))

    def _diagonal(self, body: Sum, over: Pair) -> Sum | None:
        """The diagonal of a diagonal matrix, at the row."""
        identity = self.store.atom("delta", "", tuple(sorted(over)))
        if not all(any(a is identity for a, _ in m.factors) for m in body):
            return None
        row, column = over
        values = {self.store.monomial(tuple(f for f in m.factors if f[0] is not identity), m.bound): c
                  for m, c in body.items()}  # fmt: skip
        return self.renamed(values, {column: row})

    def _common(self, body: Sum, over: Pair) -> tuple[list[Sum], Sum] | None:
        """What all terms have in common, as a scalar, a factor of the row and one of the column; and the rest."""
        if len(body) == 1 and next(iter(body.values())) == 1:
            return None
        if len(body) == 1:
            ((m, c),) = body.items()
            return [self.number(c)], {m: _ONE}
        c, common, rest = self.factored(body, integral=True)
        row, column = over
        if (not common and c == 1) or any(row in a.free and column in a.free for a in common):
            return None
        parts: list[Factors] = [{}, {}, {}]
        for atom, e in common.items():
            parts[1 if row in atom.free else 2 if column in atom.free else 0][atom] = e
        scalar, *nodes = (self._closed((p, ())) for p in parts)
        return [self.scale(scalar, c), *nodes], rest

    def _product_of(self, body: Sum, over: Pair) -> Chain | None:
        """A product that comes apart into more than one thing, or into one of which more is known."""
        parts = self._one_product(body, over)
        if parts is None or not parts.is_lone or self._is_known_link(parts.links[0]):
            return parts
        return None

    def _one_product(self, body: Sum, over: Pair) -> Chain | None:
        """A product (without a number before it) as a chain."""
        if len(body) != 1:
            return None
        ((m, c),) = body.items()
        factors, bound = self.store.opened(m, beyond((*over, *m.free)))
        if c != 1 or any(a.kind == "delta" and not a.free.isdisjoint((*over, *bound)) for a in factors):
            return None
        return chain(factors, bound, *over)

    def _is_known_link(self, link: Part) -> bool:
        """Whether more is known of the inverse or determinant of one matrix than that it is one."""
        if len(link[0]) != 1 or link[1]:
            return False
        ((atom, e),) = link[0].items()
        return e == 1 and (atom.kind in INVERSES or atom.name in self.constraints.orthogonal)

    def _placed(self, body: Sum, over: Pair) -> tuple[Argument, Pair, bool, bool]:
        """A matrix with placeholders for its indices; whether it is symmetric, or was transposed to be canonical."""
        row, _ = over
        height = self.store.argument(body).height
        places = ((row[0], "#", -2 * height - 1), (row[0], "#", -2 * height - 2))
        one = self.store.argument(self.store.rename_terms(body, dict(zip(over, places, strict=True))))
        other = self.store.argument(self.store.rename_terms(body, dict(zip(over[::-1], places, strict=True))))
        if one is other:
            return one, places, True, False
        turned = other.digest < one.digest
        return (other if turned else one), places, False, turned


def _formal(atom: Atom) -> Pair:
    """Names for the row and the column of the matrix of an atom."""
    start = beyond(atom.free)
    return (atom.binds[0][0], "%", start), (atom.binds[1][0], "%", start + 1)
