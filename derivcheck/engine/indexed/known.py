"""Owns what is known of index forms: the factors of a sum, whether it is positive, and what has been learnt of it
(that it is not 0, or positive) from where both sides of a claim are defined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product as choices
from typing import Any

from flint import Ordering, fmpq, fmpq_mpoly_ctx

from derivcheck.engine.indexed.algebra import Constraints, Item, merged
from derivcheck.engine.indexed.positions import Positions
from derivcheck.engine.indexed.terms import Argument, Atom, Exponent, Factors, Index, Monomial, NotShown, Sum
from derivcheck.engine.work import Meter

_ONE = fmpq(1)

#: ``sign(u)*sign(v)`` as ``p + q*sign(u) + r*sign(v)``, by f and the sign that ``v + f*u`` certainly has.
_TOGETHER = {(-1, 1): (1, 1, -1), (-1, -1): (1, -1, 1), (1, 1): (-1, 1, 1), (1, -1): (-1, -1, -1)}


class Pattern:
    """A sum that is known not to be 0 (where ``slope`` is not 0, if there is one), or to be positive, for all values
    of its ``indices``."""

    __slots__ = ("argument", "indices", "slope")

    def __init__(self, argument: Argument, indices: tuple[Index, ...], slope: Sum | None = None) -> None:
        self.argument = argument
        self.indices = indices
        self.slope = slope


class Known(Positions):
    """The algebra with what is known of sums."""

    def __init__(
        self,
        constraints: Constraints,
        sizes: Mapping[str, int],
        meter: Meter,
        least: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(constraints, sizes, meter, least)
        self.known: dict[str, list[Pattern]] = {"!=": [], ">": [], "off": []}
        self._positive: dict[Any, bool] = {}
        self._told: dict[tuple[Atom, Atom, int], int] = {}
        self._factored: dict[Argument, list[tuple[Sum, int]]] = {}

    def factored(self, s: Sum, *, integral: bool) -> tuple[Any, Factors, Sum]:
        """``s = c * common * rest``: common factors taken out, a common denominator among them.

        Unless ``integral``, only positive factors come out, and c is positive.
        """
        common: Factors = {}
        for _ in range(8):
            low = self.lowest(s, integral)
            if not low:
                break
            for atom, e in low.items():
                common = merged(common, [(atom, e)])
            s = self.multiply(s, self.term({a: -e for a, e in low.items()}, (), _ONE))
        else:
            raise NotShown("a fraction that does not come to an end")
        m = self.store.argument(s).lead
        if m is None:
            raise NotShown("a number that is zero everywhere stands where it may not")
        c = s[m]
        if not integral:
            c = abs(c)
        return c, common, self.scale(s, 1 / c)

    def factors(self, s: Sum) -> list[tuple[Sum, int]]:
        """A sum as a product of powers, up to a number: its polynomial in atoms and closed sums, factored."""
        if all(len(m.factors) < 2 and all(e == 1 for _, e in m.factors) for m in s):
            return [(s, 1)]
        key = self.store.argument(s)
        found = self._factored.get(key)
        if found is None:
            self.store.meter.spend(20 + len(s) ** 2)
            found = self._factored[key] = self._factor(s)
        return found

    def _factor(self, s: Sum) -> list[tuple[Sum, int]]:
        places: dict[Monomial, int] = {}
        terms: list[tuple[dict[int, int], Any]] = []
        for m, c in s.items():
            powers: dict[int, int] = {}
            for part, e in self.store.parts(m):
                if not isinstance(e, int) or e < 0:
                    return [(s, 1)]
                place = places.setdefault(part, len(places))
                powers[place] = powers.get(place, 0) + e
            terms.append((powers, c))
        if len(places) > 12 or len(s) > 64:
            return [(s, 1)]
        context = fmpq_mpoly_ctx.get([f"g{k}" for k in range(len(places))], Ordering.lex)
        entries = {tuple(powers.get(k, 0) for k in range(len(places))): c for powers, c in terms}
        _, found = context.from_dict(entries).factor()
        if len(found) == 1 and found[0][1] == 1:
            return [(s, 1)]
        parts = list(places)
        made = []
        for polynomial, multiplicity in found:
            sums = [
                self.scale(
                    self.product(self.natural_power({parts[k]: _ONE}, e) for k, e in enumerate(powers) if e), c
                )
                for powers, c in polynomial.to_dict().items()
            ]
            made.append((self.add(*sums), int(multiplicity)))
        return made

    def lowest(self, s: Sum, integral: bool) -> Factors:
        """For every atom that may come out, its least exponent over the terms, if that is not 0."""
        low: dict[Atom, Exponent] = {}
        held: set[Atom] = set()
        for k, m in enumerate(s):
            here = dict(m.factors)
            held.update(a for a in here if m.bound and any(i in a.free for i in m.bound))
            low.update({a: 0 for a, e in low.items() if a not in here and e > 0})
            for a, e in here.items():
                low[a] = min(low[a], e) if a in low else e if k == 0 else min(0, e)
        return {
            a: low[a]
            for a in sorted(low, key=lambda a: a.digest)
            if low[a] != 0 and a not in held and (integral or self.is_positive_atom(a))
            and a.kind not in ("delta", "zero", "before")
        }  # fmt: skip

    def _turned(self, s: Sum) -> tuple[Sum, bool]:
        """A sum without positive factors, its leading coefficient 1; and whether it has been turned round."""
        _, _, rest = self.factored(s, integral=False)
        lead = self.store.argument(rest).lead
        assert lead is not None
        return (rest, False) if rest[lead] > 0 else (self.scale(rest, fmpq(-1)), True)

    def number_of(self, s: Sum) -> Any | None:
        """The rational number that a sum is, if it is one."""
        if not s:
            return fmpq(0)
        return s.get(self.store.unit) if len(s) == 1 else None

    def is_positive(self, s: Sum) -> bool:
        """Whether a sum is known to be positive, wherever it has a value."""
        key = self.store.argument(s)
        found = self._positive.get(key)
        if found is None:
            found = self._positive_terms(s) or self._is_known(">", s)
            if not found and any(a.kind == "power" for m in s for a, _ in m.factors):
                _, _, rest = self.factored(s, integral=False)  # over a common denominator
                found = rest is not s and self._positive_terms(rest)
            self._positive[key] = found
        return found

    def is_nonnegative(self, s: Sum) -> bool:
        """Whether a sum is known not to be negative, wherever it has a value."""
        terms = all(c > 0 for c in s.values()) and all(self._positive_term(m) is not None for m in s)
        return terms or self.is_positive(s)

    def _positive_terms(self, s: Sum) -> bool:
        strict = [self._positive_term(m) for m in s]
        return bool(s) and all(c > 0 for c in s.values()) and None not in strict and any(strict)

    def _positive_term(self, m: Monomial) -> bool | None:
        """Whether a monomial is positive; ``False`` if it may be 0, too; ``None`` if it may be negative."""
        strict = True
        for atom, e in m.factors:
            if self.is_positive_atom(atom):
                continue
            if (
                isinstance(e, int)
                and e % 2
                and not (
                    atom.kind in ("zero", "delta", "position", "before") or atom.name in self.constraints.nonnegative
                )
            ):
                return None
            strict = strict and e < 0
        return strict

    def is_positive_atom(self, atom: Atom) -> bool:
        """Whether an atom is positive, wherever it has a value."""
        match atom.kind:
            case "exp" | "size" | "prime" | "constant":
                return True
            case "entry" | "symmetric":
                if atom.name in self.constraints.positive:
                    return True
                return self._is_known(">", {self.store.monomial(((atom, 1),), ()): _ONE})
            case "power":
                return self.is_positive(atom.arguments[0].terms)
            case "product":
                return self.is_positive(atom.arguments[0].terms)
            case "determinant":
                return atom.name == "definite"
            case _:
                return False

    def _is_known(self, relation: str, s: Sum) -> bool:
        patterns = self.known[relation]
        if not patterns:
            return False
        argument = self.store.argument(s)
        return any(self._instance(argument, p) is not None for p in patterns)

    def _instance(self, argument: Argument, pattern: Pattern) -> dict[Index, Index] | None:
        """By which renaming of its indices a pattern becomes a sum."""
        if argument.pattern != pattern.argument.pattern and not any(i[1] == "=" for i in argument.free):
            return None
        if argument is pattern.argument:
            return {}
        targets = sorted(argument.free)
        ways = [[j for j in targets if j[0] == i[0]] for i in pattern.indices]
        count = 1
        for way in ways:
            count *= len(way)
        if not 0 < count <= 64:
            return None
        for chosen in choices(*ways):
            self.store.meter.spend(4)
            renaming = dict(zip(pattern.indices, chosen, strict=True))
            if self.store.argument(self.renamed(pattern.argument.terms, renaming)) is argument:
                return renaming
        return None

    def learn(self, relation: str, s: Sum) -> None:
        """Note that ``s > 0`` or ``s != 0``, for all values of indices that are not of the claim's entry."""
        if not s or self.number_of(s) is not None:
            return
        u, turned = self._turned(s)
        if relation == ">" and turned:
            u = self.scale(u, fmpq(-1))
        elif relation == "!=":
            for part in self._parts(u):
                self._learn("!=", part)
        self._learn(relation, u)
        self._positive.clear()

    def learn_kink(self, p: Sum, q: Sum) -> None:
        """Note that not both p = 0 and q != 0, for all values of indices that are not of the claim's entry."""
        for m in q:
            for atom, _ in m.factors:
                if atom.kind == "delta" and all(
                    (atom, 1) in n.factors for n in q
                ):  # q is 0 unless the two indices are one
                    out = next((i for i in reversed(atom.indices) if i[1] not in "=@"), None)
                    if out is None:
                        i, j = atom.indices
                        p = self.renamed(p, {i: j} if j[1] == "=" else {j: i})  # as it is beside the delta
                        break
                    into = atom.indices[0] if out == atom.indices[1] else atom.indices[1]
                    self.learn_kink(self.renamed(p, {out: into}), self.renamed(q, {out: into}))
                    return
        cases = self.cases(p, signs=True)
        if cases is None:
            self._learn_kink(p, q)
            return
        for weights, there in cases:  # what has a kink is told by cases, too
            self._learn_kink(there, self.product([*weights, q]))

    def cases(self, s: Sum, *, signs: bool) -> Iterator[tuple[list[Sum], Sum]] | None:
        """What a sum is for every choice of values of what has few, with the weights of the choice."""
        raise NotImplementedError

    def _learn_kink(self, p: Sum, q: Sum) -> None:
        if not p or not q or self.number_of(p) is not None:
            return
        u, _ = self._turned(p)
        number = self.number_of(q)
        if (number is not None and number) or self.is_positive(q):
            self._learn("!=", u)
        else:
            argument = self.store.argument(u)
            free = {i for m in (*u, *q) for i in m.free}
            indices = tuple(sorted(i for i in argument.free if i[1] not in "=@"))
            if free - argument.free <= {i for i in free if i[1] in "=@"}:
                self.known["off"].append(Pattern(argument, indices, q))
        self._positive.clear()

    def is_off(self, atom: Atom, factors: Factors, bound: tuple[Index, ...]) -> bool:
        """Whether a product is 0 where ``atom``, a condition u = 0, is met, since then something else is 0."""
        for pattern in self.known["off"]:
            renaming = self._instance(atom.arguments[0], pattern)
            if renaming is None or pattern.slope is None:
                continue
            slope = self.renamed(pattern.slope, renaming)
            if len(slope) == 1 and self.divided(factors, bound, next(iter(slope))) is not None:
                return True
        return False

    def _signs(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """Two signs of which one certainly says something of the other: if ``v - u > 0``, then v is positive where
        u is not negative; if ``u + v > 0``, then not both are negative; if ``u + v < 0``, one is."""
        found = self._sign(atom, e, f, b, c)
        if found is not None:
            return found
        for other in f:
            if other.kind != "sign" or other is atom:
                continue
            rest = {a: x for a, x in f.items() if a is not atom and a is not other}
            for factor in (-1, 1):
                told = _TOGETHER.get((factor, self._certain(atom, other, factor)))
                if told is not None:
                    one, by_atom, by_other = told
                    own = [(merged(rest, [(atom, 1)]), b, c * by_atom), (merged(rest, [(other, 1)]), b, c * by_other)]
                    return [(rest, b, c * one), *own]
        return None

    def _zeros(self, atom: Atom, e: Exponent, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``[u = 0]`` of a u that is known not to be 0; or beside the sign of a v that certainly has one there."""
        if self._is_known("!=", atom.arguments[0].terms):
            return []
        if e == 1:
            for other in f:
                sign = (
                    (self._certain(atom, other, -1) or self._certain(atom, other, 1)) if other.kind == "sign" else 0
                )
                if sign:
                    return [({a: x for a, x in f.items() if a is not other}, b, c * sign ** int(f[other]))]
        return self._by_slopes(atom, f, b, c) or self._zero(atom, e, f, b, c)

    def _by_slopes(self, atom: Atom, f: Factors, b: tuple[Index, ...], c: Any) -> list[Item] | None:
        """``[u = 0]`` beside the leading term of a sum that is 0 there: beside minus the other terms."""
        for pattern in self.known["off"]:
            if pattern.slope is None or len(pattern.slope) < 2:
                continue
            renaming = self._instance(atom.arguments[0], pattern)
            if renaming is None:
                continue
            slope = self.store.argument(self.renamed(pattern.slope, renaming))
            found = None if slope.lead is None else self.divided(f, b, slope.lead)
            if found is not None and slope.lead is not None:
                return self._others(slope, found[0], found[1], -c / slope.terms[slope.lead])
        return None

    def _certain(self, low: Atom, high: Atom, factor: int) -> int:
        """1 or -1 if ``v + factor*u`` is certainly of that sign, for the arguments u and v of two atoms; else 0."""
        key = (low, high, factor)
        found = self._told.get(key)
        if found is None:
            gap = self.add(high.arguments[0].terms, self.scale(low.arguments[0].terms, fmpq(factor)))
            found = 0
            if len(gap) <= 2:
                opposite = self.scale(gap, fmpq(-1))
                found = 1 if self._positive_terms(gap) else -1 if self._positive_terms(opposite) else 0
            self._told[key] = found
        return found

    def forget(self) -> None:
        """After ``known`` has been changed: nothing that was made with what was known is used again."""
        self._positive.clear()
        self._told.clear()
        self._products.clear()
        self._renamed.clear()

    def _parts(self, u: Sum) -> list[Sum]:
        """The factors of a product, none of which is 0 if that is not."""
        _, common, rest = self.factored(u, integral=True)
        return [*(self.single(a) for a in common), rest] if common else []

    def _learn(self, relation: str, u: Sum) -> None:
        if self.number_of(u) is not None:
            return
        argument = self.store.argument(u)
        if not any(p.argument is argument for p in self.known[relation]):
            indices = tuple(sorted(i for i in argument.free if i[1] not in "=@"))
            self.known[relation].append(Pattern(argument, indices))


Known.rules = {**Positions.rules, "sign": Known._signs, "zero": Known._zeros}
