"""Owns the inverse circular functions in the tower: asin and atan as angles whose cosine and sine are known.

acos(b) = pi/2 - asin(b). Of rational numbers, arctangents are sums of those of Gaussian primes: a + bi factors in
Z[i], and its argument is the sum of its factors' arguments up to a multiple of pi/2, which a ball decides. So every
linear relation between arctangents of rationals (Machin's formula) is seen.
"""

from __future__ import annotations

from math import isqrt
from typing import Any

from flint import arb, fmpq, fmpz

from derivcheck.engine.angles import Angles, Arc
from derivcheck.engine.ring import Poly

#: Primes beyond this are not written as sums of two squares.
LARGEST_PRIME = 10**8


class Arcs(Angles):
    """A tower with inverse circular functions."""

    def pi(self) -> Poly:
        """The constant pi."""
        found = self.by_key.get("pi")
        if found is None:
            low, high = fmpq(314159, 100000), fmpq(314160, 100000)
            found = self.ring.new("constant", low=low, high=high, strict_low=True, strict_high=True)
            self.by_key["pi"] = found
        return found.raw

    def arcsine(self, a: Poly) -> Poly:
        """asin(a)."""
        return self._cases(self._arcsine, a)

    def _arcsine(self, b: Poly) -> Poly:
        if b.is_zero():
            return b
        if b.leading_coefficient() < 0:
            return -self._arcsine(-b)
        return self._rational_arcsine(b) if b.is_constant() else self._arc("asin", b)

    def arctangent(self, a: Poly) -> Poly:
        """atan(a)."""
        return self._cases(self._arctangent, a)

    def _arctangent(self, b: Poly) -> Poly:
        if b.is_zero():
            return b
        if b.leading_coefficient() < 0:
            return -self._arctangent(-b)
        found = self._rational_arctangent(b.leading_coefficient()) if b.is_constant() else None
        return self._arc("atan", b) if found is None else found

    def _arc(self, name: str, b: Poly) -> Poly:
        key = ("arc", name, self.ring.key(b))
        found = self.by_key.get(key)
        if found is None:
            square = self.ring.mul(b, b)
            if name == "asin":
                cosine, sine = self.rational_power(1 - square, fmpq(1, 2)), b
            else:
                cosine = self.inverse(self.rational_power(1 + square, fmpq(1, 2)))
                sine = self.ring.mul(b, cosine)
            low, high = self._arc_bounds(name, b)
            strict = name == "atan" and (low, high) == (fmpq(-1, 2), fmpq(1, 2))
            arc = Arc(cosine, sine, low, high, strict, arcsine=name == "asin")
            found = self.ring.new("atom", b, name=name, low=_rational(arc.low, -1), high=_rational(arc.high, 1))
            found.strict_low = self.definite(b) == 1
            self.by_key[key] = found
            self.arcs[found.place] = arc
        return found.raw

    def _arc_bounds(self, name: str, b: Poly) -> tuple[Any, Any]:
        """Bounds of asin(b) or atan(b), from those of b; both functions rise."""
        low, high = self.ring.minimum(b), self.ring.minimum(-b)
        return (
            fmpq(-1, 2) if low is None else _end(name, low[0], fmpq(-1, 2)),
            fmpq(1, 2) if high is None else _end(name, -high[0], fmpq(1, 2)),
        )

    # -- of rational numbers ----------------------------------------------------------------------------------------

    def _rational_arcsine(self, b: Poly) -> Poly:
        value = fmpq(b.leading_coefficient())
        if value in _MULTIPLES["asin"]:
            return self.pi() * _MULTIPLES["asin"][value]
        p, q = int(value.p), int(value.q)
        root = isqrt(max(q * q - p * p, 0))
        if root and root * root == q * q - p * p:
            return self.arctangent(self.ring.constant(fmpq(p, root)))
        return self._arc("asin", b)

    def _rational_arctangent(self, value: Any) -> Poly | None:
        """atan of a positive rational, by the factors of q + pi in Z[i]; ``None`` if they are too large."""
        value = fmpq(value)
        real, imaginary = int(value.q), int(value.p)
        norm = fmpz(real * real + imaginary * imaginary)
        if norm.height_bits() > 100:
            return None
        total, angle = self.ring.zero, arb(0)
        for prime, exponent in norm.factor():
            ell, e = int(prime), int(exponent)
            if ell == 2:
                total, angle = total + self.pi() * fmpq(e, 4), angle + e * arb.pi() / 4
                continue
            parts = _two_squares(ell)
            if parts is None:
                return None
            u, v = parts
            # q + pi is prime to its conjugate, so that one of u + vi and u - vi divides it, e times
            times = -e if (real * u + imaginary * v) % ell or (imaginary * u - real * v) % ell else e
            total, angle = total + self._gaussian(u, v) * times, angle + times * arb(fmpq(v, u)).atan()
        quarters = (arb(value).atan() - angle) / (arb.pi() / 2)
        whole = quarters.unique_fmpz()
        if whole is None:
            return None
        return total + self.pi() * fmpq(int(whole), 2)

    def _gaussian(self, u: int, v: int) -> Poly:
        """The argument of a Gaussian prime u + vi, u > v > 0."""
        key = ("arc", "prime", u, v)
        found = self.by_key.get(key)
        if found is None:
            angle = arb(fmpq(v, u)).atan()
            low, high = _rational(angle, -1), _rational(angle, 1)
            found = self.ring.new("atom", name=key, low=low, high=high, strict_low=True, strict_high=True)
            self.by_key[key] = found
            size = self.rational_power(self.ring.constant(u * u + v * v), fmpq(-1, 2))
            self.arcs[found.place] = Arc(size * u, size * v, angle, angle, strict=False)
        return found.raw


def _two_squares(prime: int) -> tuple[int, int] | None:
    """u > v > 0 with u**2 + v**2 = prime, for a prime of the form 4k + 1."""
    if prime > LARGEST_PRIME:
        return None
    for v in range(1, isqrt(prime // 2) + 1):
        u = isqrt(prime - v * v)
        if u * u + v * v == prime:
            return u, v
    return None


def _end(name: str, bound: Any, otherwise: Any) -> Any:
    """asin or atan of a rational bound: a rational multiple of pi where it is one, else a ball."""
    if name == "asin" and not -1 < bound < 1:
        return otherwise
    size = fmpq(abs(bound.p), bound.q)
    exact = _MULTIPLES[name].get(size)
    if exact is not None:
        return exact if bound > 0 else -exact
    return arb(bound).asin() if name == "asin" else arb(bound).atan()


def _rational(bound: Any, side: int) -> Any:
    """A rational below (-1) or above (1) an end of an arc, within 1e-6 of it."""
    ball = arb.pi() * bound if type(bound) is fmpq else bound
    scaled = (ball * 10**6).floor().unique_fmpz() if side < 0 else (ball * 10**6).ceil().unique_fmpz()
    return None if scaled is None else fmpq(int(scaled), 10**6)


#: The values at rationals >= 0 that are rational multiples of pi, over pi (Niven: there are no others).
_MULTIPLES = {
    "asin": {fmpq(0): fmpq(0), fmpq(1, 2): fmpq(1, 6), fmpq(1): fmpq(1, 2)},
    "atan": {fmpq(0): fmpq(0), fmpq(1): fmpq(1, 4)},
}
