"""Owns the second look at evidence: ``python -m derivcheck.recheck DIR``, for readers who trust nothing of derivcheck.

This one file imports neither SymPy nor anything of derivcheck. It evaluates the graph of each statement by rules of
its own, differentiates by infinitesimals, and says of each claim:

``confirmed``, a refutation: the recorded point lies in the domain and meets the assumptions, and balls (FLINT's arb,
  rigorous) enclose both sides there in intervals that do not meet, and that meet the recorded ones. Certain.
``confirmed``, a proof: at the recorded points, for several sizes of each dimension, (1) balls of 320 bits around both
  sides meet and are known to 60 digits; (2) both sides agree in a finite field, in 24 or more independent draws
  ("lanes"). In (2) a variable is a random residue modulo P; exp and log follow their laws (exp(qa + b) = exp(a)**q
  exp(b); log(ab) = log(a) + log(b) for positive a, b, told by derivatives along a random direction), (cos, sin) lies on
  the unit circle, any other function is a fresh residue for each argument. Were the sides different expressions in
  these, a lane would agree with a probability of at most deg * 4**roots / P (Schwartz, Zippel); deg bounds their
  degrees and is counted on the way. The bound that is printed is that of one lane, summed over all tests; P is near
  2**192. That a root has the sign of the real one rests on all lanes together (2**-24) and on the balls. All this
  speaks of the recorded sizes, and of the regions around the points in which every comparison comes out as there; of
  no others, and not of their borders. Of a displayed number (a ≈ 0.39) it is (1) alone that is asked, and certain.
``agrees``, a proof: (1) holds, but (2) needs laws that are not known here. That is no proof.
``FAILED``: the evidence does not show what it says. ``not checked``: it asserts nothing, or nothing known here.

Altered evidence (a seal does not fit, a file is missing or one too many) is refused. Who alters a file with its seal
makes another claim, which is checked like any other: a false one fails.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate, product
from math import log2, prod
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat, fmpz, fmpz_mod_ctx, fmpz_mod_mat

# fmt: off
HALF = (1 << 191) + 65391  # a prime, as is P; 2, 3, 5, 7, 11 and 13 are squares modulo P
P = 2 * HALF + 1  # -1 is no square: of two roots, one is. Among squares, each has one root of each order
MODULO_P, LANES, MOST_LANES, SPARE, RESTARTS = fmpz_mod_ctx(P), 24, 512, 8, 24
BITS, DIGITS, WITNESS_BITS, LONGEST = 320, 60, (64, 256, 1024, 4096), 4096
MOST_WORK, MOST_BYTES, LARGEST = 2_000_000, 1 << 24, 64
Data = dict[str, Any]

class Restart(Exception):
    """The lanes do not suffice: evaluate again with those that are named, and more."""

# --- numbers

class N:
    """A real number: an exact rational or a ball (NaN: undefined, or unknown); beside it its residues (an int if they
    are the same in every lane), and a bound of the degree of that of which they are values."""
    spent = 0

    def __init__(self, ball: Any, mod: Any = 0, deg: int = 0) -> None:
        self.ball, self.mod, self.deg = ball, mod, deg

    def join(self, other: N, do: Callable[[Any, Any], Any]) -> N:
        N.spent += 1
        if N.spent > MOST_WORK:
            raise LookupError("it takes more work than is spent on one claim")
        ball = do(self.ball, other.ball)
        ball = arb(ball) if type(ball) is fmpq and ball.height_bits() > LONGEST else ball
        return N(ball, do(self.mod, other.mod) % P, self.deg + other.deg)

class J:
    """A number with derivatives: ``c[m]`` goes with the product of the infinitesimals in the bit mask m, each of
    square 0. Bit 0 is the probe: a random direction, in the field alone, by which logarithms are told apart."""
    def __init__(self, c: dict[int, N]) -> None: self.c = c
    def __neg__(self) -> J: return self * -1
    def __sub__(self, other: Any) -> J: return self + jet(other) * -1
    def __rsub__(self, other: Any) -> J: return self * -1 + other
    def __rtruediv__(self, other: Any) -> J: return jet(other) / self

    def part(self, bit: int) -> J:
        """The derivative along one infinitesimal."""
        return J({0: ZERO} | {m ^ bit: x for m, x in self.c.items() if m & bit}) if known(self) else NOTHING

    def __add__(self, other: Any) -> J:
        out = dict(self.c)
        for m, x in jet(other).c.items():
            out[m] = out[m].join(x, lambda a, b: a + b) if m in out else x
        return J(out)

    def __mul__(self, other: Any) -> J:
        out = J({})
        for (a, x), (b, y) in product(self.c.items(), jet(other).c.items()):
            if not a & b:
                out += J({a | b: x.join(y, lambda p, q: p * q)})
        return out

    def __truediv__(self, other: Any) -> J:
        return self * lift(jet(other), lambda x, _: inverse(x), lambda a: jet(-1) / (a * a))

    __radd__, __rmul__ = __add__, __mul__

def jet(value: Any) -> J:
    """A number without derivatives."""
    if isinstance(value, J):
        return value
    q = value if isinstance(value, Fraction) else Fraction(int(fmpq(value).p), int(fmpq(value).q))
    return J({0: N(fmpq(q.numerator, q.denominator), rational(q, P))})

def known(x: J) -> bool: return type(x.c[0].ball) is fmpq or bool(x.c[0].ball.is_finite())
def rational(q: Fraction, modulus: int) -> int: return q.numerator * pow(q.denominator, -1, modulus) % modulus
def exact(text: str) -> Any: return fmpq(*Fraction(text.lower().partition("e")[0]).as_integer_ratio())

def inverse(x: N) -> N:
    return N(1 / x.ball, power(x.mod, -1), x.deg) if x.ball > 0 or x.ball < 0 else N(arb.nan())

def power(mod: Any, n: int) -> Any:
    if isinstance(mod, int):
        return pow(mod, n, P) if mod else 0  # an integer 0 is of no number that is inverted, or is not followed
    if n < 0:  # one inversion for all lanes (Montgomery)
        before = [*accumulate(mod, lambda a, b: a * b % P, initial=1)]
        if not before[-1]:
            raise ArithmeticError("a denominator that is 0 in the field")
        rest, mod = pow(before[-1], -1, P), mod.copy()
        for i in reversed(range(len(mod))):
            mod[i], rest = before[i] * rest % P, rest * mod[i] % P
    return mod if n in (1, -1) else np.array([pow(x, abs(n), P) for x in mod], dtype=object)

def lift(x: J, value: Callable[[N, N | None], N], slope: Callable[[J], J]) -> J:
    """f(x) from f on numbers (and their part along the probe) and f': f(a + e b) = f(a) + e f'(a) b, the outermost
    infinitesimal first."""
    top = max(x.c)
    if top <= 1:
        at = {0: value(x.c[0], x.c.get(1))}
        return J(at | {1: slope(J({0: x.c[0]})).c[0].join(x.c[1], lambda a, b: a * b)} if top else at)
    bit = 1 << (top.bit_length() - 1)
    low, high = (J({m & ~bit: n for m, n in x.c.items() if bool(m & bit) is on}) for on in (False, True))
    return lift(low, value, slope) + J({m | bit: n for m, n in (slope(low) * high).c.items()})

ZERO, ONE, NOTHING = jet(0).c[0], jet(1).c[0], J({0: N(arb.nan())})

# --- exp, log and roots in the finite field

class Field:
    """Residues for one attempt; a lane is an independent draw of all of them."""
    def __init__(self, seed: str, lanes: list[int]) -> None:
        self.seed, self.lanes, self.drawn, self.tests, self.worst, self.roots = seed, lanes, 0, 0, 1, set[int]()
        self.pi, self.atoms = self.fresh(2), dict[Any, Any]()
        self.exponents, self.values = [self.full(1)], [self.fresh(2)]  # values[j] is exp(exponents[j])
        self.slopes, self.bases, self.logs = list[Any](), list[Any](), list[Any]()  # logs[j] is log(bases[j])

    def full(self, mod: Any) -> Any:
        return np.array([mod] * len(self.lanes), dtype=object) if isinstance(mod, int) else mod

    def fresh(self, exponent: int = 1) -> Any:
        self.drawn += 1
        draws = (random.Random(f"{self.seed}/{lane}/{self.drawn}").randrange(2, P - 1) for lane in self.lanes)
        return np.array([pow(x, exponent, P) for x in draws], dtype=object)

    def combination(self, vectors: list[Any], vector: Any) -> list[Fraction] | None:
        """How a vector is made by rationals from others, which are independent; ``None`` if it is not."""
        rows, columns = len(self.lanes), len(vectors)
        if rows < columns + SPARE:
            raise Restart(self.lanes)
        self.tests += 1
        entries = [int(x) for row in zip(*vectors, vector, strict=True) for x in row]
        reduced, rank = fmpz_mod_mat(rows, columns + 1, entries, MODULO_P).rref()
        return None if rank > columns else [short(int(reduced[i, columns])) for i in range(columns)]

    def raised(self, mod: Any, q: Fraction, name: int) -> Any:
        """A power; one of a fraction among squares, in the lanes in which this is one."""
        if q.denominator > 1:
            good = [lane for lane, x in zip(self.lanes, mod, strict=True) if pow(x, HALF, P) == 1]
            if len(good) < len(self.lanes):
                raise Restart(good)
            self.roots.add(name)
        return power(mod, int(q) if q.denominator == 1 else rational(q, HALF))

    def exp(self, x: N, slope: N | None) -> Any:
        u, along, out = self.full(x.mod), self.full(slope.mod if slope else 0), self.full(1)
        if ("exp", *u) in self.atoms:
            return self.atoms["exp", *u]
        found = self.combination(self.exponents, u)
        if found is None:
            out = self.fresh(2)
            self.exponents, self.values = [*self.exponents, u], [*self.values, out]
            if self.combination(self.slopes, along) is None:
                self.note(along, out, u)
        for j, q in enumerate(found or ()):
            out = out * self.raised(self.values[j], q, j) % P if q else out
        return self.atoms.setdefault(("exp", *u), out)

    def note(self, slope: Any, base: Any, log: Any) -> Any:
        self.slopes, self.bases, self.logs = [*self.slopes, slope], [*self.bases, base], [*self.logs, log]
        return log

    def log(self, x: N, slope: N | None) -> Any:
        u, out = self.full(x.mod), self.full(0)
        if ("log", *u) in self.atoms:
            return self.atoms["log", *u]
        along = self.full(slope.mod if slope else 0) * power(u, -1) % P
        found = self.combination(self.slopes, along)
        if found is None:
            return self.note(along, u, self.new_log(u))
        key = ("log", *u)
        for j, q in enumerate(found):
            if q:
                u, out = u * self.raised(self.bases[j], -q, -1 - j) % P, (out + rational(q, P) * self.logs[j]) % P
        if any(x != u[0] for x in u):
            return self.atoms.setdefault(key, (out + self.new_log(u)) % P)
        q = short(int(u[0]))
        primes = [(p, k * s) for n, s in ((q.numerator, 1), (q.denominator, -1)) for p, k in fmpz(n).factor()]
        return sum((k * self.new_log(self.full(int(p))) for p, k in primes), start=out) % P

    def new_log(self, u: Any) -> Any:
        if ("log", *u) not in self.atoms:
            self.atoms["log", *u] = self.fresh()
            self.exponents, self.values = [*self.exponents, self.atoms["log", *u]], [*self.values, u]
        return self.atoms["log", *u]

    def other(self, name: str, x: N) -> Any:
        """A function of which no law is known but that it is odd."""
        self.tests += 1
        key, minus = (name, *self.full(x.mod)), (name, *(-self.full(x.mod) % P))
        if minus not in self.atoms and key not in self.atoms:
            self.atoms[key] = self.fresh()
        return self.atoms[key] if key in self.atoms else -self.atoms[minus] % P

def short(residue: int, most: int = 1 << 40) -> Fraction:
    """The fraction of two numbers below ``most`` that a residue is (Euclid's algorithm)."""
    a, b, u, v = P, residue, 0, 1
    while b >= most:
        a, b, u, v = b, a % b, v, u - a // b * v
    if not 0 < abs(v) < most:
        raise ArithmeticError("a number that is no short fraction")
    return Fraction(b, v)

# --- functions

class Functions:
    """The language's functions, on jets."""
    def __init__(self, field: Field | None) -> None: self.field = field
    def sqrt(self, x: J) -> J: return self.pow(x, jet(Fraction(1, 2)))
    def pi(self) -> J: return J({0: N(arb.pi(), self.field.pi if self.field else 0, 2)})

    def at(self, x: N, ball: Callable[[Any], Any], mod: Callable[[Field], Any]) -> N:
        value = N(ball(arb(x.ball)), 0, 64)
        if self.field and value.ball.is_finite():
            self.field.worst, value.mod = max(self.field.worst, 2 * x.deg), mod(self.field)
        return value

    def sign(self, x: J) -> int | None:
        """The sign, if it is certain; on a border there is no derivative, and nothing general."""
        ball = x.c[0].ball
        if self.field and ball == 0 and np.any(x.c[0].mod):
            raise ArithmeticError("a point on a border")
        return 1 if ball > 0 else -1 if ball < 0 else 0 if ball == 0 and max(x.c) < 2 else None

    def cases(self, x: J, *values: Callable[[], Any]) -> J:
        """What stands for x < 0, x == 0 and x > 0."""
        sign = self.sign(x)
        return NOTHING if sign is None else jet(values[sign + 1]())

    def larger(self, x: J, *more: J) -> J:
        return self.larger(self.cases(x - more[0], lambda: more[0], lambda: x, lambda: x), *more[1:]) if more else x

    def exp(self, x: J) -> J:
        return lift(x, lambda a, s: self.at(a, arb.exp, lambda f: f.exp(a, s)), self.exp)

    def log(self, x: J) -> J:
        return lift(x, lambda a, s: self.at(a, arb.log, lambda f: f.log(a, s)), lambda a: jet(1) / a)

    def pow(self, x: J, y: J) -> J:
        q, out = y.c[0].ball, jet(1)
        if type(q) is not fmpq or max(y.c) > 0 or (q.q > 1 and not (q > 0 and x.c[0].ball == 0)) or abs(q) > 10_000:
            return self.exp(y * self.log(x))
        if q.q > 1:
            return jet(0) if max(x.c) == 0 else NOTHING
        for digit in bin(abs(int(q.p)))[2:]:
            out = out * out * x if digit == "1" else out * out
        return out if q >= 0 else jet(1) / out

    def turn(self, x: J, which: int) -> J:
        """cos (0) or sin (1), in the field rationally from what stands for the tangent of half the angle."""
        def mod(f: Field, a: N) -> Any:
            t = f.other("turn", a)
            return ((1 - t * t, 2 * t)[which] * power((1 + t * t) % P, -1)) % P
        slope = (lambda a: self.turn(a, 1) * -1, lambda a: self.turn(a, 0))[which]
        return lift(x, lambda a, _: self.at(a, (arb.cos, arb.sin)[which], lambda f: mod(f, a)), slope)

    def odd(self, name: str, x: J) -> J:
        """An odd function that is known by its ball and its derivative."""
        ball, slope = ODD[name]
        return lift(x, lambda a, _: self.at(a, ball, lambda f: f.other(name, a)), lambda a: slope(self, a))

    def apply(self, name: str, order: int, arguments: list[J]) -> J:
        """A function, or its derivative of an order by its first argument."""
        if not all(map(known, arguments)):
            return NOTHING
        if order:
            bit = 1 << max(1, *(max(x.c).bit_length() for x in arguments))
            return self.apply(name, order - 1, [arguments[0] + J({0: ZERO, bit: ONE}), *arguments[1:]]).part(bit)
        return jet(look_up(FORMULAS, name)(self, *arguments))

def look_up(table: dict[str, Any], name: str) -> Any:
    if name not in table:
        raise LookupError(f"{name} is not known here")
    return table[name]

ODD: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "asin": (arb.asin, lambda f, x: 1 / f.sqrt(1 - x * x)), "atan": (arb.atan, lambda f, x: 1 / (1 + x * x)),
    "erf": (arb.erf, lambda f, x: 2 / f.sqrt(f.pi()) * f.exp(-x * x))}
FORMULAS: dict[str, Callable[..., Any]] = {
    "exp": Functions.exp, "log": Functions.log, "sqrt": Functions.sqrt, "max": Functions.larger,
    "log2": lambda f, x: f.log(x) / f.log(jet(2)), "log10": lambda f, x: f.log(x) / f.log(jet(10)),
    "log1p": lambda f, x: f.log(1 + x), "expm1": lambda f, x: f.exp(x) - 1,
    "logit": lambda f, x: f.log(x) - f.log(1 - x), "softplus": lambda f, x: f.log(1 + f.exp(x)),
    "sigmoid": lambda f, x: 1 / (1 + f.exp(-x)), "silu": lambda f, x: x / (1 + f.exp(-x)),
    "gelu": lambda f, x: x * (1 + f.odd("erf", x / f.sqrt(jet(2)))) / 2, "erf": lambda f, x: f.odd("erf", x),
    "abs": lambda f, x: f.cases(x, lambda: -x, lambda: 0, lambda: x),
    "sign": lambda f, x: f.cases(x, lambda: -1, lambda: 0, lambda: 1),
    "relu": lambda f, x: f.cases(x, lambda: 0, lambda: 0, lambda: x),
    "leaky_relu": lambda f, x, a=Fraction(1, 100): f.cases(x, lambda: jet(a) * x, lambda: 0, lambda: x),
    "elu": lambda f, x, a=1: f.cases(x, lambda: a * (f.exp(x) - 1), lambda: 0, lambda: x),
    "cbrt": lambda f, x: FORMULAS["sign"](f, x) * f.pow(FORMULAS["abs"](f, x), jet(Fraction(1, 3))),
    "min": lambda f, *x: -f.larger(*(-y for y in x)),
    "clip": lambda f, x, low, high: -f.larger(-f.larger(x, low), -high),
    "sin": lambda f, x: f.turn(x, 1), "cos": lambda f, x: f.turn(x, 0),
    "tan": lambda f, x: f.turn(x, 1) / f.turn(x, 0), "cot": lambda f, x: f.turn(x, 0) / f.turn(x, 1),
    "sec": lambda f, x: 1 / f.turn(x, 0), "csc": lambda f, x: 1 / f.turn(x, 1),
    "asin": lambda f, x: f.odd("asin", x), "atan": lambda f, x: f.odd("atan", x),
    "acos": lambda f, x: f.pi() / 2 - f.odd("asin", x), "erfc": lambda f, x: 1 - f.odd("erf", x),
    "sinh": lambda f, x: (f.exp(x) - f.exp(-x)) / 2, "cosh": lambda f, x: (f.exp(x) + f.exp(-x)) / 2,
    "tanh": lambda f, x: 1 - 2 / (f.exp(2 * x) + 1), "coth": lambda f, x: 1 + 2 / (f.exp(2 * x) - 1),
    "sech": lambda f, x: 2 / (f.exp(x) + f.exp(-x)), "csch": lambda f, x: 2 / (f.exp(x) - f.exp(-x)),
    "asinh": lambda f, x: f.log(x + f.sqrt(x * x + 1)), "atanh": lambda f, x: f.log((1 + x) / (1 - x)) / 2,
    "acosh": lambda f, x: f.log(x + f.sqrt(x - 1) * f.sqrt(x + 1))}

# --- statements

class Frame:
    """A differentiation: the name that it moves, its value there, and what has been evaluated under it."""
    def __init__(self, name: str = "", value: Any = None, outer: Frame | None = None) -> None:
        self.name, self.value, self.outer, self.memo = name, value, outer, dict[Any, Any]()
        self.bit: int = 2 * outer.bit if outer else 1

class Evaluator:
    """The values of a statement's nodes at a recorded point: arrays of jets, or of truth (``None``: not certain)."""
    def __init__(self, s: Data, record: Data, field: Field | None) -> None:
        self.s, self.f, self.sizes, self.bound, self.root = s, Functions(field), record["sizes"], dict[str, int](), Frame()
        domains = {q["key"]: (q["name"], [], q["domain"]) for q in s["quantifiers"] if q["domain"]}
        domains |= {name: (name, v["shape"], v["domain"]) for name, v in s["variables"].items()}
        domains |= {name: (name, v["shape"], {"kind": "given"}) for name, v in s["given"].items()}
        self.values = {key: self.drawn(record["point"][name], self.sized(shape), domain)
                       for key, (name, shape, domain) in sorted(domains.items())}

    def sized(self, shape: list[int | str]) -> tuple[int, ...]:
        sizes = tuple(dim if isinstance(dim, int) else self.sizes[dim] for dim in shape)
        if not all(type(size) is int and 0 < size <= LARGEST for size in sizes):
            raise LookupError("an axis of such a size is not looked at here")
        return sizes

    def drawn(self, numbers: Any, shape: tuple[int, ...], domain: Data) -> Any:
        """The recorded value of a variable, with residues that are free where its domain leaves it free."""
        value = each(exact, np.array(numbers, dtype=object))
        if value.shape != shape or not contains(domain, value):
            raise AssertionError("the point is not in the domain")
        field, kind = self.f.field, domain["kind"]
        if field is None or kind in ("given", "finite", "integer", "one-hot"):
            return each(jet, value)
        if kind in ("simplex", "orthogonal", "diagonal") or self.s["equations"]:
            raise ArithmeticError("numbers that depend on each other")
        out = each(lambda q: J({0: N(q, (1 if q >= 0 else -1) * field.fresh(2) % P, 1),
                                1: N(fmpq(0), field.fresh(), 1)}), value)
        return np.where(np.tri(len(out)) > 0, out, out.T) if kind in ("symmetric", "positive definite") else out

    def value(self, n: int, frame: Frame) -> Any:
        key, node = (n, *sorted(self.bound.items())), self.s["nodes"][n]
        if key not in frame.memo:
            frame.memo[key] = np.asarray(look_up(OPERATIONS, node["op"])(self, node, frame), dtype=object)
        return frame.memo[key]

    def values_of(self, nodes: list[int], frame: Frame) -> list[Any]: return [self.value(n, frame) for n in nodes]

    def named(self, name: str, frame: Frame) -> Any:
        moved: Frame | None = frame
        while moved and moved.name != name:
            moved = moved.outer
        if moved or name in self.values:
            return moved.value if moved else self.values[name]
        return jet(self.bound[name]) if name in self.bound else self.value(self.s["definitions"][name], frame)

    def places(self, subscripts: Any, frame: Frame) -> Any:
        return tuple(slice(None) if n is None else int(self.value(n, frame)[()].c[0].ball.p) for n in subscripts)

    def repeated(self, n: Data, frame: Frame) -> Any:
        terms = []
        for i in range(*self.sized([n["size"]])):
            self.bound[n["key"]] = i
            terms.append(self.value(n["body"], frame))
        del self.bound[n["key"]]
        return (np.sum if n["kind"] == "sum" else np.prod)(np.stack(terms), axis=0)

    def derivative(self, n: Data, frame: Frame) -> Any:
        t, kind = n["target"], n["kind"]
        name = t["key"] if t["kind"] == "bound" else t["name"]
        def slopes(frame: Frame, more: int) -> list[Any]:
            """The derivatives along each entry of the target, and inside these (``more`` times) again."""
            found = list[Any]()
            for spot in np.ravel(spots) if more else ():
                value = np.array(self.named(name, frame))
                value.reshape(-1)[spot] += J({0: ZERO, 2 * frame.bit: ONE})
                found += [x.part(2 * frame.bit) for x in slopes(Frame(name, value, frame), more - 1)]
            return found if more else list(np.ravel(self.value(n["of"], frame)))
        spots = np.arange(np.size(self.named(name, frame))).reshape(np.shape(self.named(name, frame)))
        spots = spots if t["subscripts"] is None else np.asarray(spots[self.places(t["subscripts"], frame)])
        out = np.array(slopes(frame, 2 if kind == "hessian" else 1), dtype=object)
        if kind in ("hessian", "tangent", "jacobian"):
            of = self.sized(self.s["nodes"][n["of"]]["shape"])
            return out.reshape(spots.shape * 2) if kind == "hessian" else out.reshape(spots.size, -1).T.reshape(
                of + (spots.shape if kind == "jacobian" else ()))
        out = out.reshape(spots.size, -1)
        out = (out.diagonal() if kind == "elementwise" else out[:, 0]).reshape(spots.shape)
        return out.T if n["transposed"] else out

def each(function: Callable[..., Any], *arrays: Any) -> Any:
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)

def det(a: Any) -> Any:
    terms = (a[0, j] * det(np.delete(a[1:], j, 1)) * (-1) ** j for j in range(len(a)))
    return sum(terms, start=jet(0)) if len(a) else jet(1)

def inv(a: Any) -> Any:
    whole = det(a)
    return each(lambda i, j: det(np.delete(np.delete(a, j, 0), i, 1)) * (-1) ** (i + j) / whole, *np.indices(a.shape))

def softmax(e: Evaluator, n: Data, a: Any) -> Any:
    powers = each(e.f.exp, a)
    return powers / powers.sum(axis=n["axis"], keepdims=True)

def truth(e: Evaluator, operator: str, difference: J) -> bool | None:
    sign = e.f.sign(difference) if known(difference) else None
    return None if sign is None else "<=>"[sign + 1] in operator if operator != "!=" else bool(sign)

def logic(operator: str, *a: bool | None) -> bool | None:
    if operator == "not":
        return None if a[0] is None else not a[0]
    return operator == "or" if (operator == "or") in a else None if None in a else operator == "and"

def over(a: Any, n: Data, function: Callable[..., Any] = np.sum) -> Any:
    return np.asarray(function(a, axis=n["axis"], keepdims=n["keepdims"]), dtype=object)

ARRAYS: dict[str, Callable[..., Any]] = {
    "sum": lambda e, n, s, a: over(a, n), "prod": lambda e, n, s, a: over(a, n, np.prod),
    "mean": lambda e, n, s, a: over(a, n) / jet(Fraction(a.size, prod(s))),
    "softmax": lambda e, n, s, a: softmax(e, n, a), "log_softmax": lambda e, n, s, a: each(e.f.log, softmax(e, n, a)),
    "logsumexp": lambda e, n, s, a: each(e.f.log, over(each(e.f.exp, a), n)),
    "norm": lambda e, n, s, a: each(e.f.sqrt, over(a * a, n)), "dot": lambda e, n, s, a, b: (a * b).sum(),
    "outer": lambda e, n, s, a, b: np.multiply.outer(a.ravel(), b.ravel()), "trace": lambda e, n, s, a: sum(a.diagonal()),
    "det": lambda e, n, s, a: det(a), "inv": lambda e, n, s, a: inv(a), "transpose": lambda e, n, s, a: a.T,
    "diag": lambda e, n, s, a: each(jet, np.diag(a)), "reshape": lambda e, n, s, a: a.reshape(s),
    "concat": lambda e, n, s, *a: np.concatenate(a, axis=n["axis"]), "ones": lambda e, n, s: np.full(s, jet(1)),
    "eye": lambda e, n, s: each(jet, np.eye(*s, dtype=int).astype(object)), "zeros": lambda e, n, s: np.full(s, jet(0))}
OPERATIONS: dict[str, Callable[[Evaluator, Data, Frame], Any]] = {
    "Number": lambda e, n, f: jet(exact(n["value"])), "Bound": lambda e, n, f: e.named(n["key"], f),
    "Constant": lambda e, n, f: e.f.pi() if n["name"] == "pi" else e.f.exp(jet(1)),
    "Variable": lambda e, n, f: e.named(n["name"], f), "Defined": lambda e, n, f: e.named(n["name"], f),
    "Dimension": lambda e, n, f: jet(e.sized([n["name"]])[0]), "Negate": lambda e, n, f: -e.value(n["operand"], f),
    "Arithmetic": lambda e, n, f: ARITHMETIC[n["operator"]](e, *e.values_of([n["left"], n["right"]], f)),
    "MatMul": lambda e, n, f: e.value(n["left"], f) @ e.value(n["right"], f),
    "Element": lambda e, n, f: e.value(n["base"], f)[e.places(n["subscripts"], f)],
    "Apply": lambda e, n, f: each(lambda *a: e.f.apply(n["function"], n["order"], [*a]), *e.values_of(n["arguments"], f)),
    "ArrayOp": lambda e, n, f: ARRAYS[n["name"]](e, n, e.sized(n["shape"]), *e.values_of(n["arguments"], f)),
    "BigOp": Evaluator.repeated, "Derivative": Evaluator.derivative,
    "Entries": lambda e, n, f: np.array([x[()] for x in e.values_of(n["entries"], f)]).reshape(e.sized(n["shape"])),
    "Compare": lambda e, n, f: each(lambda a, b: truth(e, n["operator"], a - b), *e.values_of([n["left"], n["right"]], f)),
    "Logic": lambda e, n, f: each(lambda *a: logic(n["operator"], *a), *e.values_of(n["operands"], f)),
    "Where": lambda e, n, f: each(lambda t, a, b: NOTHING if t is None else a if t else b,
                                  *e.values_of([n["test"], n["then"], n["otherwise"]], f))}
ARITHMETIC: dict[str, Callable[..., Any]] = {
    "+": lambda e, a, b: a + b, "-": lambda e, a, b: a - b, "*": lambda e, a, b: a * b, "/": lambda e, a, b: a / b,
    "**": lambda e, a, b: each(e.f.pow, a, b)}

# --- evidence

def contains(domain: Data, a: Any) -> bool:
    """Whether exact numbers are in a domain."""
    flat, n = list(a.ravel()), len(a) if a.ndim else 1
    low, high = (None if domain.get(k) is None else exact(domain[k]) for k in ("low", "high"))
    square = fmpq_mat(n, n, flat) if a.ndim == 2 and a.shape[0] == a.shape[1] else fmpq_mat(0, 0)
    unit, mirrored = fmpq_mat(n, n, np.eye(n, dtype=int).ravel().tolist()), square.transpose() == square
    leading = lambda k: fmpq_mat(k, k, list(a[:k, :k].ravel())).det()  # noqa: E731
    return bool({
        "real": lambda: True, "given": lambda: True, "positive": lambda: min(flat) > 0,
        "nonnegative": lambda: min(flat) >= 0, "integer": lambda: all(x.q == 1 for x in flat),
        "finite": lambda: all(x in map(exact, domain["values"]) for x in flat),
        "interval": lambda: ((low is None or low < min(flat) or (low == min(flat) and not domain["low_open"])) and
                             (high is None or max(flat) < high or (high == max(flat) and not domain["high_open"]))),
        "simplex": lambda: min(flat) >= 0 and sum(flat, fmpq(0)) == 1, "symmetric": lambda: mirrored,
        "one-hot": lambda: sorted(flat) == [0] * (len(flat) - 1) + [1], "invertible": lambda: square.det() != 0,
        "positive definite": lambda: mirrored and all(leading(k + 1) > 0 for k in range(n)),
        "diagonal": lambda: all(i == j or a[i, j] == 0 for i, j in np.ndindex(n, n)),
        "orthogonal": lambda: square * square.transpose() == unit}[domain["kind"]]())

def cases(s: Data, link: Data, record: Data, field: Field | None) -> list[tuple[Any, J, J]]:
    """Both sides at a point, entry by entry, for the recorded indices, or all for which the assumptions hold."""
    e, found, index = Evaluator(s, record, field), list[tuple[Any, J, J]](), record.get("index", {})
    ranges = [[(q["key"], i) for i in ([int(index[q["name"]])] if index else range(*e.sized([q["size"]])))]
              for q in s["quantifiers"] if q["size"] is not None]
    for chosen in product(*ranges):
        e.bound, e.root = dict(chosen), Frame()
        if all(t is True for n in s["conditions"] for t in e.value(n, e.root).ravel()):
            a, b = e.values_of([link["left"], link["right"]], e.root)
            a, b = np.broadcast_arrays(a.reshape(()) if a.size == 1 and b.ndim else a, b.reshape(()) if b.size == 1 < a.size else b)
            found += [(list(i), a[i], b[i]) for i in np.ndindex(*a.shape)]
    if s["up_to"]:
        found = [(i, a * d, b * c) for i, a, b in found for _, c, d in found[:1]]
    return [(i, a, b) for i, a, b in found if known(a) and known(b)]

def prove(s: Data, link: Data, record: Data, seed: str) -> tuple[str, float]:
    """Check a proof at a point: what is missing, if anything, and the bound of the error, as a power of 2."""
    lanes, drawn, ctx.prec, missing = list(range(LANES)), LANES, BITS, "too few draws in which all roots exist"
    for _ in range(RESTARTS):
        field = Field(seed, lanes)
        try:
            found, missing = cases(s, link, record, field), ""
            break
        except Restart as few:
            kept: list[int] = few.args[0]
            new = 0 if LANES <= len(kept) < len(lanes) else min(MOST_LANES - len(kept), 2 * len(lanes))
            lanes, drawn = kept + list(range(drawn, drawn + new)), drawn + new
        except ArithmeticError as law:
            missing = str(law)
            break
    found, within = found if not missing else cases(s, link, record, None), [*map(exact, link["within"])]
    for k, (_, a, b) in enumerate(found):
        gap, size = arb((a - b).c[0].ball), 1 + abs(arb(a.c[0].ball))
        near = abs(gap) <= within[k % len(within)] if within else gap.contains(0) and gap.rad() < size * arb(10)**-DIGITS
        if not near:
            raise AssertionError(f"the sides are {arb(a.c[0].ball).str(12)} and {arb(b.c[0].ball).str(12)}")
        if not missing and not within and np.any((a - b).c[0].mod):
            missing = "the sides differ by the laws that are known here"
    if not found:
        raise ZeroDivisionError("both sides are defined at none of the points")
    worst = max(field.worst, *((a - b).c[0].deg for _, a, b in found)) * 4 ** len(field.roots)
    return "" if within else missing, log2(worst) + log2(field.tests + len(found)) - 192

def refute(s: Data, link: Data, record: Data) -> None:
    """Check a counterexample."""
    within = [*map(exact, link["within"])] or [0]
    for ctx.prec in WITNESS_BITS:
        for k, (entry, a, b) in enumerate(cases(s, link, record, None)):
            if entry == record["entry"] and abs(arb((a - b).c[0].ball)) > within[k % len(within)]:
                fit = (arb(record[side]).overlaps(arb(x.c[0].ball)) for side, x in (("left", a), ("right", b)))
                if s["up_to"] or all(fit):
                    return
                raise AssertionError("the recorded enclosures are not those of the sides")
    raise AssertionError("the sides do not differ for certain at the point")

def check(data: Data, seed: str) -> tuple[str, str]:
    """What is said of one file: a word, and why."""
    missing, error, count = "", -192.0, 0
    for part in [data] + ([data["correction"]] if data["correction"] else []):
        if part["verdict"] not in ("proved", "refuted"):
            return "not checked", f"{part['verdict']}: {part['because']}"
        wrong = [k for k in part["links"] if k["verdict"] == "refuted"]
        for link in wrong or part["links"]:
            N.spent, done = 0, 0
            for record in [link["witness"]] if wrong else link["points"]:
                if wrong:
                    refute(part["statement"], link, record)
                    continue
                try:
                    lack, bound = prove(part["statement"], link, record, f"{seed}/{count}")
                except ZeroDivisionError:
                    continue
                missing, error, done, count = missing or lack, max(error, bound) + 1, done + 1, count + 1
            if not wrong and not done:
                return "not checked", "both sides are defined at none of the recorded points"
    if missing:
        return "agrees", f"{count} points; {missing}"
    return "confirmed", f"{data['verdict']}" + (f", {count} points, error below 2**{error:.0f}" if count else "")

def opened(path: Path) -> Data:
    """A sealed file."""
    if path.stat().st_size > MOST_BYTES:
        raise ValueError("it is too large")
    data: Data = json.loads(path.read_text(encoding="ascii"))
    content = {key: value for key, value in data.items() if key != "seal"}
    text = json.dumps(content, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    if data["format"] != 1 or data["seal"] != hashlib.sha256(text.encode("ascii")).hexdigest():
        raise ValueError("it was altered, or is of another version")
    return data

def main(arguments: list[str]) -> int:
    """Check a folder; 0: nothing failed, 1: something did, 2: the evidence is altered, or cannot be read."""
    folder, words = Path(arguments[0]), dict.fromkeys(("confirmed", "agrees", "not checked", "FAILED"), 0)
    listed = opened(folder / "evidence.json")["claims"]
    files = {path.name for path in folder.iterdir()} - {"evidence.json"}
    if files != {one["file"] for one in listed}:
        raise ValueError("a file is missing, or one too many")
    for one in listed:
        data = opened(folder / one["file"])
        if data["seal"] != one["seal"]:
            raise ValueError(f"{one['file']} is not the one that is listed")
        try:
            word, why = check(data, data["seal"])
        except AssertionError as wrong:
            word, why = "FAILED", str(wrong)
        except LookupError as unknown:
            word, why = "not checked", str(unknown)
        words[word] += 1
        print(ascii(f"{word}  {data['spec']['path']}: {data['claim']}: {why}")[1:-1])
    print(", ".join(f"{count} {word}" for word, count in words.items()))
    return int(words["FAILED"] > 0)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
