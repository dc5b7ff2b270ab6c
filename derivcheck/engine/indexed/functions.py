"""Owns elementwise functions of index forms: exponentials, logarithms, powers, signs, and the carrier by which the
formulas of the function table are followed.

How each is kept, so that equal things meet:

- ``exp`` of a sum is the product of the exponentials of its terms, ``exp(t)**q`` for the term ``q*t``; so sigmoid,
  tanh, softplus and softmax are rational in exponentials.
- A power of a sum that is no natural power: common factors come out (for fractions: positive ones alone), the rest
  is normalised by its leading term and becomes one atom.
- ``log`` stands for ``log|.|``, which is true of products without any assumption. The log of an exponential is its
  argument.
- ``sign`` is +1 or -1, and +1 at 0, so that ``|u| = u*sign(u)`` and ``sign(u)**2 = 1``; ``zero`` is 1 where u = 0.
- A function of an entry with finitely many values is a polynomial in it, by interpolation.

In a branch of ``where``, which need not be taken, a function with arguments outside of its domain is kept as a whole
(kind ``guarded``): no relation is used for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from itertools import product as choices
from typing import Any

from flint import fmpq, fmpz

from derivcheck.engine.indexed.algebra import join
from derivcheck.engine.indexed.matrices import Matrices
from derivcheck.engine.indexed.terms import Atom, Exponent, Factors, Index, NotShown, Sum, beyond

#: Functions that are odd: the sign of the argument comes out.
_ODD = frozenset({"sin", "erf", "erfi", "erfinv", "asin", "atan", "Si", "fresnels", "fresnelc"})
MOST_CASES = 16
_CASES: dict[str, tuple[Any, ...]] = {"sign": (fmpq(-1), fmpq(1)), "zero": (fmpq(0), fmpq(1))}
_ONE = fmpq(1)


class Calculus(Matrices):
    """The algebra with elementwise functions."""

    def entry(self, name: str, indices: tuple[Index, ...]) -> Sum:
        """An entry of an array."""
        known = self.constraints
        if name in known.diagonal and indices[0] != indices[1]:
            identity = self.delta(indices[0], indices[1])
            return self.multiply(identity, self.entry(name, (indices[0], indices[0])))
        if name in known.symmetric:
            return self.single(self.store.atom("symmetric", name, tuple(sorted(indices))))
        return self.single(self.store.atom("entry", name, indices))

    def constant(self, name: str) -> Sum:
        """``pi`` or ``e``."""
        return self.single(self.store.atom("constant", name))

    def power(self, s: Sum, exponent: Fraction | int, guarded: bool = False) -> Sum:
        """A sum to a rational power (for a fraction with the sum not negative)."""
        q = _plain(exponent)
        if isinstance(q, int) and q >= 0:
            return self.natural_power(s, q)
        if not s:
            if q > 0 or guarded:
                return {}
            raise NotShown("a division by a number that is zero everywhere")
        cases = self.by_cases(s, lambda x: self.power(x, q, guarded=True))
        if cases is not None:
            return cases
        if guarded and not self.is_positive(s) and not (self.number_of(s) and isinstance(q, int)):
            return self.guarded(f"power {q}", s)
        if isinstance(q, int):
            c, common, rest = self.factored(s, integral=True)
            return self._powers(self.number(c**q), common, rest, q)
        return self._root(s, q)

    def _powers(self, scale: Sum, common: Factors, rest: Sum, q: Exponent) -> Sum:
        """``scale * common**q * rest**q``."""
        parts = [scale]
        for atom, e in common.items():
            if atom.kind in ("delta", "zero", "before") and q < 0:
                raise NotShown("a division by a condition")
            parts.append(self.single(atom, _plain(e * q)))
        if rest != self.number(1):
            number, factors = self._normalised(rest, q)
            parts.append(number)
            for base, n in factors:
                parts.append(
                    self.single(self.store.atom("power", "", (), (self.store.argument(base),)), _plain(n * q))
                )
        return self.product(parts)

    def _normalised(self, rest: Sum, q: Exponent) -> tuple[Sum, list[tuple[Sum, int]]]:
        """A sum as a number to the power q, and factors with leading coefficients 1 and multiplicities."""
        factors = self.factors(rest) if isinstance(q, int) else [(rest, 1)]
        if len(factors) == 1 and factors[0][1] == 1:
            return self.number(1), [(rest, 1)]
        lead = self.store.argument(rest).lead
        assert lead is not None
        assert isinstance(q, int)
        made = []
        for base, n in factors:
            top = self.store.argument(base).lead
            assert top is not None
            made.append((self.scale(base, 1 / base[top]), n))
        whole = self.product(self.natural_power(base, n) for base, n in made)
        if lead not in whole:
            return self.number(1), [(rest, 1)]
        return self.number((rest[lead] / whole[lead]) ** q), made

    def _root(self, s: Sum, q: Fraction) -> Sum:
        c, common, rest = self.factored(s, integral=False)
        if len(rest) == 1:
            ((m, sign),) = rest.items()
            if not m.factors:
                if sign < 0:
                    raise NotShown("a root of a negative number")
                return self._powers(self._number_power(c, q), common, self.number(1), q)
            if not m.bound and sign > 0:
                if all(isinstance(e, int) and e % 2 == 0 and (e * q).denominator == 1 for _, e in m.factors):
                    sizes = [self.power(self.absolute(self.single(a)), int(e * q)) for a, e in m.factors]
                    return self.product([self._powers(self._number_power(c, q), common, self.number(1), q), *sizes])
                atom, e = m.factors[0]
                odd = len(m.factors) == 1 and (isinstance(e, Fraction) or e % 2 == 1)
                if odd and atom.kind not in ("sign", "zero", "delta", "before"):  # the atom is not negative, then
                    common = {**common, atom: e}
                    rest = self.number(1)
        apart = self._apart(rest)
        if apart is not None:
            scale = self._powers(self._number_power(c, q), common, self.number(1), q)
            return self.product([scale, *(self.power(self.absolute(a), e * q) for a, e in apart)])
        size = self._even_root(c, rest, q)
        if size is not None:
            return self.multiply(self._powers(self.number(1), common, self.number(1), q), size)
        return self._powers(self._number_power(c, q), common, rest, q)

    def _apart(self, s: Sum) -> list[tuple[Sum, int]] | None:
        """A sum as a product of powers of what is not negative, or even powers; or ``None``."""
        if len(s) == 1:
            ((m, c),) = s.items()
            parts = [({part: _ONE}, e) for part, e in self.store.parts(m)]
            found = [(part, e) for part, e in parts if isinstance(e, int) and e > 0]
            whole = c == 1 and m.bound and len(found) == len(parts) > 1
            return found if whole and all(e % 2 == 0 or self.is_nonnegative(part) for part, e in found) else None
        _, common, rest = self.factored(s, integral=True)
        even = {a: e for a, e in common.items() if isinstance(e, int) and e > 0 and e % 2 == 0}
        if not even or len(even) < len(common) or not self.is_nonnegative(rest):
            return None
        return [*((self.single(a), e) for a, e in even.items()), (rest, 1)]

    def _even_root(self, c: Any, s: Sum, q: Fraction) -> Sum | None:
        """``(c*s)**q`` for an even power s: a natural power of a size."""
        factors = self.factors(s)
        if not all(n % 2 == 0 and (n * q).denominator == 1 for _, n in factors):
            return None
        number, bases = self._normalised(s, 1)
        scale = c * number.get(self.store.unit, fmpq(0))
        if scale <= 0:
            return None
        sizes = [self.power(self.absolute(base), int(n * q)) for base, n in bases]
        return self.product([self._number_power(scale, q), *sizes])

    def _number_power(self, c: Any, q: Fraction) -> Sum:
        """A positive rational number to a fractional power, by its primes."""
        parts: Factors = {}
        for whole, sign in ((fmpz(c.p), 1), (fmpz(c.q), -1)):
            for p, n in _factor(whole):
                parts[self.store.atom("prime", str(p))] = _plain(n * q * sign)
        return self.term(parts, (), _ONE)

    def exp(self, s: Sum) -> Sum:
        """``e**s``, as a product over the terms."""
        if not s:
            return self.number(1)
        cases = self.by_cases(s, self.exp)
        if cases is not None:
            return cases
        factors: Factors = {}
        sizes: list[Sum] = []
        for m, c in s.items():
            q = _plain(Fraction(int(c.p), int(c.q)))
            if not m.factors:
                factors[self.store.atom("constant", "e")] = q
            elif len(m.factors) == 1 and not m.bound and m.factors[0][0].kind == "log" and m.factors[0][1] == 1:
                inner = m.factors[0][0].arguments[0].terms
                sizes.append(self.power(self.absolute(inner), q))
            elif len(m.factors) == len(m.bound) == 1 and m.factors[0][0].kind == "log" and m.factors[0][1] == 1:
                over = (m.bound[0][0], "%", beyond(m.free))
                inner = self.store.rename_terms(m.factors[0][0].arguments[0].terms, {m.bound[0]: over})
                sizes.append(self.power(self.product_over(self.absolute(inner), over), q))
            else:
                factors[self.store.atom("exp", "", (), (self.store.argument({m: _ONE}),))] = q
        return self.product([self.term(factors, (), _ONE), *sizes])

    def log(self, s: Sum, guarded: bool = False) -> Sum:
        """``log|s|``."""
        if not s:
            if guarded:
                return {}
            raise NotShown("a logarithm of a number that is zero everywhere")
        cases = self.by_cases(s, lambda x: self.log(x, guarded=True))
        if cases is not None:
            return cases
        if guarded and not self.is_positive(s):
            return self.guarded("log", s)
        c, common, rest = self.factored(s, integral=True)
        parts = [self._number_log(abs(c))]
        parts += [self.scale(self._atom_log(a), fmpq(e.numerator, e.denominator)) for a, e in common.items()]
        if rest != self.number(1):
            if len(rest) == 1 and not next(iter(rest)).bound and len(next(iter(rest)).factors) == 1:
                atom, e = next(iter(rest)).factors[0]
                parts.append(self.scale(self._atom_log(atom), fmpq(e.numerator, e.denominator)))
            else:
                number, factors = self._normalised(rest, 1)
                parts.append(self._number_log(abs(number[self.store.unit])))
                parts += [self.scale(self._log_atom(base), fmpq(n)) for base, n in factors]
        return self.add(*parts)

    def _log_atom(self, s: Sum) -> Sum:
        return self.single(self.store.atom("log", "", (), (self.store.argument(s),)))

    def _number_log(self, c: Any) -> Sum:
        parts = [
            self.scale(self._log_atom(self.number(p)), fmpq(sign * n))
            for whole, sign in ((fmpz(c.p), 1), (fmpz(c.q), -1))
            for p, n in _factor(whole)
        ]
        return self.add(*parts)

    def _atom_log(self, atom: Atom) -> Sum:
        """``log|atom|``."""
        match atom.kind:
            case "exp":
                return atom.arguments[0].terms
            case "power":
                return self._log_atom(atom.arguments[0].terms)
            case "prime":
                return self._log_atom(self.number(int(atom.name)))
            case "sign":
                return {}
            case "constant" if atom.name == "e":
                return self.number(1)
            case "product":
                (place,), body = atom.binds, atom.arguments[0].terms
                over = (place[0], "%", beyond(atom.free))
                return self.total(self.log(self.renamed(body, {place: over})), [over])
            case "delta" | "zero" | "before":
                raise NotShown("a logarithm of a condition")
            case _:
                return self._log_atom({self.store.monomial(((atom, 1),), ()): _ONE})

    def sign(self, s: Sum) -> Sum:
        """+1 where s >= 0, else -1."""
        number = self.number_of(s)
        if number is not None:
            return self.number(1 if number >= 0 else -1)
        cases = self.by_cases(s, self.sign, signs=True)
        if cases is not None:
            return cases
        if self.is_nonnegative(s):
            return self.number(1)
        u, turned = self._turned(s)
        if self.is_positive(u):
            return self.number(-1 if turned else 1)
        order = self._order(s)
        if order is not None:
            return order
        atom = self.single(self.store.atom("sign", "", (), (self.store.argument(u),)))
        return self.subtract(self.scale(self.zero(u), fmpq(2)), atom) if turned else atom

    def zero(self, s: Sum) -> Sum:
        """1 where s = 0, else 0."""
        number = self.number_of(s)
        if number is not None:
            return self.number(int(number == 0))
        cases = self.by_cases(s, self.zero, signs=True)
        if cases is not None:
            return cases
        u, _ = self._turned(s)
        if self.is_positive(u) or self._is_known("!=", u) or self._is_known(">", self.scale(u, fmpq(-1))):
            return {}
        same = self._same_place(u)
        if same is not None:
            return same
        if len(u) == 1:
            m = next(iter(u))
            if not m.bound and any(a.kind == "delta" for a, _ in m.factors):
                raise NotShown("a condition on entries of an identity matrix")
        return self.single(self.store.atom("zero", "", (), (self.store.argument(u),)))

    def _order(self, s: Sum) -> Sum | None:
        """The sign of a difference of two indices of one dimension; ``None`` if it is no such difference."""
        if self._same_place(s) is None or len(s) != 2:
            return None
        (first, c), (second, _) = s.items()
        i, j = first.factors[0][0].indices[0], second.factors[0][0].indices[0]
        return self.subtract(self.number(1), self.scale(self.before(i, j) if c > 0 else self.before(j, i), fmpq(2)))

    def _same_place(self, u: Sum) -> Sum | None:
        """Where an index is another of its dimension, or the first; ``None`` if ``u`` is not their difference."""
        terms = [(m.factors[0], c) for m, c in u.items() if len(m.factors) == 1 and not m.bound]
        atoms = [a for (a, e), _ in terms if a.kind == "position" and e == 1]
        if not len(atoms) == len(u) <= 2 or len({a.indices[0][0] for a in atoms}) != 1:
            return None
        if len(u) == 2 and sum(u.values()) != 0:
            return None
        i = atoms[0].indices[0]
        return self.delta(i, atoms[1].indices[0] if len(atoms) == 2 else (i[0], "=", 0))

    def absolute(self, s: Sum) -> Sum:
        """``|s|``."""
        if not s:
            return s
        cases = self.by_cases(s, self.absolute, signs=True)
        if cases is not None:
            return cases
        if self.is_nonnegative(s):
            return s
        order = self._order(s)
        if order is not None:
            return self.multiply(s, order)
        u, turned = self._turned(s)
        atom = self.store.atom("sign", "", (), (self.store.argument(u),))
        if self.is_nonnegative(u):
            return self.scale(s, fmpq(-1)) if turned else s
        return self.multiply(self.scale(s, fmpq(-1)) if turned else s, self.single(atom))

    def above(self, s: Sum) -> Sum:
        """1 where s > 0, else 0."""
        return self.subtract(self.scale(self.add(self.number(1), self.sign(s)), fmpq(1, 2)), self.zero(s))

    def by_cases(self, s: Sum, function: Callable[[Sum], Sum], *, signs: bool = False) -> Sum | None:
        """A function of a sum by the values of its entries with finite domains (and of its ``signs``); ``None`` if it
        has none."""
        cases = self.cases(s, signs=signs)
        if cases is None:
            return None
        out: Sum = {}
        for weights, there in cases:
            join(out, self.product([*weights, function(there)]))
        return out

    def cases(self, s: Sum, *, signs: bool) -> Iterator[tuple[list[Sum], Sum]] | None:
        """What a sum is for every choice of values, with factors that are 1 for that choice and 0 for the others."""
        if not signs and not self.constraints.finite:
            return None
        found: dict[Atom, None] = {}
        for m in s:
            for a, _ in m.factors:
                has = a.kind in _CASES if signs else False
                has = has or (a.kind == "entry" and a.name in self.constraints.finite)
                if has and not any(i in m.bound for i in a.free):
                    found[a] = None
        atoms = sorted(found, key=lambda a: a.digest)
        count = 1
        for a in atoms:
            count *= len(self._values(a))
        if not atoms or count > MOST_CASES:
            return None
        every = choices(*(self._values(a) for a in atoms))
        return (
            (
                [self._lagrange(a, v) for a, v in zip(atoms, values, strict=True)],
                self._put_values(s, dict(zip(atoms, values, strict=True))),
            )
            for values in every
        )

    def _values(self, atom: Atom) -> tuple[Any, ...]:
        return _CASES[atom.kind] if atom.kind in _CASES else self.constraints.finite[atom.name]

    def _lagrange(self, atom: Atom, value: Any) -> Sum:
        """The polynomial in an entry that is 1 at one of its values and 0 at the others."""
        y = self.single(atom)
        others = [v for v in self._values(atom) if v != value]
        return self.product(
            [self.scale(self.subtract(y, self.number(v)), 1 / (value - v)) for v in others] or [self.number(1)]
        )

    def _put_values(self, s: Sum, values: Mapping[Atom, Any]) -> Sum:
        out: Sum = {}
        for m, c in s.items():
            scale = c
            for a, e in m.factors:
                if a in values:
                    if not isinstance(e, int) or (e < 0 and values[a] == 0):
                        raise NotShown("a power of an entry of a finite domain")
                    scale = scale * values[a] ** e
            if scale:  # bound indices are named by what is left
                factors, bound = self.store.opened(m, beyond(m.free))
                join(out, self.term({a: e for a, e in factors.items() if a not in values}, bound, scale))
        return out

    def guarded(self, name: str, s: Sum) -> Sum:
        """A partial function where it need not be defined: kept whole."""
        return self.single(self.store.atom("guarded", name, (), (self.store.argument(s),)))

    def function(self, name: str, *arguments: Sum) -> Sum:
        """A primitive function of the table that has no rule of its own here, or an opaque one (``name order``)."""
        if len(arguments) == 1:
            (s,) = arguments
            cases = self.by_cases(s, lambda x: self.function(name, x))
            if cases is not None:
                return cases
            if not s and (name in _ODD or name == "cos"):
                return self.number(int(name == "cos"))
            lead = self.store.argument(s).lead
            if lead is not None and s[lead] < 0 and (name in _ODD or name == "cos"):
                inner = self.function(name, self.scale(s, fmpq(-1)))
                return inner if name == "cos" else self.scale(inner, fmpq(-1))
        return self.single(self.store.atom("function", name, (), tuple(self.store.argument(a) for a in arguments)))

    def product_over(self, s: Sum, over: Index) -> Sum:
        """The product over an index (temporary)."""
        if over[0].isdigit() or over[0] in self.sizes:
            raise NotShown("a product over a dimension of known size")
        if len(s) == 1 and not next(iter(s)).bound:
            ((m, c),) = s.items()
            return self.product(
                [self._constant_product(c, over), *(self._atom_product(a, e, over) for a, e in m.factors)]
            )
        return self._product_atom(s, over)

    def _product_atom(self, s: Sum, over: Index) -> Sum:
        if not any(over in m.free for m in s) and self.is_positive(s):
            return self.exp(self.multiply(self.size(over[0]), self.log(s)))
        argument = self.store.argument(s)
        place = (over[0], "#", -2 * argument.height - 1)
        body = self.store.argument(self.store.rename_terms(s, {over: place}))
        return self.single(self.store.atom("product", "", (), (body,), (place,)))

    def _constant_product(self, c: Any, over: Index) -> Sum:
        if c < 0:
            return self.multiply(self._product_atom(self.number(-1), over), self._constant_product(-c, over))
        return self.number(1) if c == 1 else self._product_atom(self.number(c), over)

    def _atom_product(self, atom: Atom, e: Exponent, over: Index) -> Sum:
        """The product of one factor's powers; of exponentials, the exponential of the sum."""
        if atom.kind == "exp" and over in atom.free:
            return self.exp(self.total(self.scale(atom.arguments[0].terms, fmpq(e.numerator, e.denominator)), [over]))
        if isinstance(e, int):
            return self.power(self._product_atom(self.single(atom), over), e)
        return self._product_atom(self.single(atom, e), over)

    def rebuilt(
        self, atom: Atom, exponent: Exponent, inside: Callable[[Sum], Sum], renaming: Mapping[Index, Index]
    ) -> Sum:
        """A power of an atom whose arguments and indices have changed."""
        indices = tuple(renaming.get(i, i) for i in atom.indices)
        if not atom.binds:
            return _REBUILD[atom.kind](self, atom, exponent, indices, tuple(inside(a.terms) for a in atom.arguments))
        body = atom.arguments[0].terms
        start = beyond((*atom.free, *renaming.values())) + 64
        over = tuple((b[0], "%", start + k) for k, b in enumerate(atom.binds))
        opened = inside(self.store.rename_terms(body, dict(zip(atom.binds, over, strict=True))))
        if atom.kind == "product":
            return self.power(self.product_over(opened, over[0]), exponent)
        pair = (over[0], over[1])
        if atom.kind == "determinant":
            return self.power(self.determinant(opened, pair), exponent)
        make = self.adjugate if atom.kind.endswith("adjugate") else self.inverse
        return self.power(make(opened, pair, indices[0], indices[1]), exponent)


def _plain(q: Exponent) -> Exponent:
    return q.numerator if q.denominator == 1 else q


def _factor(whole: Any) -> list[tuple[int, int]]:
    if whole.bit_length() > 64:
        raise NotShown("a number that is too large to be factored")
    return [(int(p), int(n)) for p, n in whole.factor()] if whole > 1 else []


_REBUILD: dict[str, Callable[[Calculus, Atom, Exponent, tuple[Index, ...], tuple[Sum, ...]], Sum]] = {
    "entry": lambda c, atom, e, indices, args: c.power(c.entry(atom.name, indices), e),
    "symmetric": lambda c, atom, e, indices, args: c.power(c.entry(atom.name, indices), e),
    "delta": lambda c, atom, e, indices, args: c.delta(indices[0], indices[1]),
    "position": lambda c, atom, e, indices, args: c.power(c.position(indices[0]), e),
    "before": lambda c, atom, e, indices, args: c.before(indices[0], indices[1]),
    "exp": lambda c, atom, e, indices, args: c.exp(c.scale(args[0], fmpq(e.numerator, e.denominator))),
    "power": lambda c, atom, e, indices, args: c.power(args[0], e),
    "log": lambda c, atom, e, indices, args: c.power(c.log(args[0]), e),
    "sign": lambda c, atom, e, indices, args: c.natural_power(c.sign(args[0]), int(e)),
    "zero": lambda c, atom, e, indices, args: c.natural_power(c.zero(args[0]), int(e)),
    "function": lambda c, atom, e, indices, args: c.power(c.function(atom.name, *args), e),
    "guarded": lambda c, atom, e, indices, args: c.power(_guarded(c, atom.name, args[0]), e),
}


def _guarded(c: Calculus, name: str, s: Sum) -> Sum:
    kind, _, q = name.partition(" ")
    return c.log(s, guarded=True) if kind == "log" else c.power(s, Fraction(q), guarded=True)
