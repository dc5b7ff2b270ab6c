"""Owns the second look at evidence, ``python -m derivcheck.recheck DIR``, for who trusts nothing of derivcheck.
This one file imports neither SymPy nor anything of derivcheck. It evaluates the graph of each statement (its ``text``
is a caption) by rules of its own, differentiates by infinitesimals, and says of each claim:
``confirmed``, a refutation: the recorded point lies in the domain and meets the assumptions, and balls (FLINT's arb,
  rigorous) enclose both sides there in intervals that do not meet, and that meet the recorded ones. Certain.
``confirmed``, a proof: at the recorded points, of the sizes that are printed, (1) balls around both sides meet, known
  to 60 digits; (2) both sides agree in a finite field, in 24 or more independent draws ("lanes"). In (2) a variable
  is a random residue modulo P (integers, labels, what is given: themselves); exp and log follow their laws (log(ab) =
  log(a) + log(b) for positive a, b, and so on, told by derivatives along a random direction), (cos, sin) is on the
  unit circle, any other function a fresh residue for each argument. Were the sides different in it, a lane would
  agree with a probability of at most deg * prod(2k) / 2**191 (Schwartz, Zippel): deg bounds the degrees, counted on
  the way, k is the order of each root. The bound printed is one lane's, summed over all tests; above 2**-64 nothing
  is confirmed. P > 2**192 is drawn by the seal of the list. That a root has the sign of the real one rests on all
  lanes together (2**-24) and on the balls. All this speaks of the regions around the points in which comparisons come
  out as there, where both sides are defined; not of other sizes or regions, nor of borders. Of a ≈ 0.39, (1) alone
  is asked: that it is as near as the digits say at these points, which is certain.
``agrees``, a proof: (1), but (2) needs laws that are not known here, or an entry is defined at none of the points.
``FAILED``: the evidence does not show what it says. ``not checked``: it asserts nothing, or nothing known here.
Altered evidence (a seal does not fit, a file is missing or one too many) is refused; altered with its seals, it is
another claim, checked like any other."""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import ceil, lcm, log2, prod
from operator import add, mul, sub, truediv
from pathlib import Path
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq, fmpq_mat, fmpz, fmpz_mod_ctx, fmpz_mod_mat

# fmt: off
HALF = (1 << 191) + 65391  # a prime, as is P; 2, 3, 5, 7, 11 and 13 are squares modulo P
P = 2 * HALF + 1  # -1 is no square: of two roots, one is. Among squares, each has one root of each order
MODULO_P, LANES, MOST_LANES, SPARE, RESTARTS, LARGEST_ERROR = fmpz_mod_ctx(P), 24, 512, 8, 24, -64.0
BITS, DIGITS, WITNESS_BITS, MOST_BYTES, LARGEST, ENTRIES = (320, 5120), 60, (64, 256, 1024, 4096), 1 << 24, 64, 65536
MOST_WORK, MOST_IN_ALL, SIDES = 16_000_000, 160_000_000, ("left", "right")  # work of one evaluation, and of one link
Data = dict[str, Any]
def new_prime(seed: str) -> None:
    """Another P, as good: who writes numbers that are 0 modulo P into a file changes the seal it is drawn by."""
    global HALF, P, MODULO_P  # noqa: PLW0603
    draw, HALF = random.Random(seed), 0
    while not (fmpz(HALF).is_probable_prime() and fmpz(2 * HALF + 1).is_prime() and fmpz(HALF).is_prime()):
        HALF = (1 << 191) + 65391 + 60060 * draw.getrandbits(174)  # 60060 = 4 * 3 * 5 * 7 * 11 * 13 (reciprocity)
    P, MODULO_P = 2 * HALF + 1, fmpz_mod_ctx(2 * HALF + 1)
class Restart(Exception): """The lanes do not suffice: evaluate again with those that are named, and more."""
class Border(Exception): """A comparison of what is equal at the point, and not everywhere around it."""
class N:
    """A real number: an exact rational or a ball (NaN: undefined, or unknown); beside it its residues (an int if they
    are the same in every lane), and a bound of the degree of that of which they are values."""
    spent = in_all = 0
    def __init__(self, ball: Any, mod: Any = 0, deg: int = 0) -> None:
        self.ball, self.mod, self.deg = ball, mod, deg
    def join(self, other: N, do: Callable[[Any, Any], Any]) -> N:
        ball, mod = do(self.ball, other.ball), do(self.mod, other.mod) % P
        spend(8 if isinstance(mod, int) else 8 + len(mod))
        ball = arb(ball) if type(ball) is fmpq and ball.height_bits() > 4096 else ball
        return N(ball, mod, self.deg + other.deg)
def need(held: Any, what: str, error: type[Exception] = AssertionError) -> None:
    if not held: raise error(what)
def spend(work: int) -> None:
    N.spent, N.in_all = N.spent + work, N.in_all + work
    need(N.spent < MOST_WORK and N.in_all < MOST_IN_ALL, "it takes more work than is spent on one claim", LookupError)
class J:
    """A number with derivatives: ``c[m]`` goes with the product of the infinitesimals in the bit mask m, each of
    square 0. Bit 0 is the probe: a random direction, in the field alone, by which logarithms are told apart."""
    def __init__(self, c: dict[int, N]) -> None: self.c = c
    def __neg__(self) -> J: return self * -1
    def __sub__(self, other: Any) -> J: return self + jet(other) * -1
    def __rsub__(self, other: Any) -> J: return -self + jet(other)
    def __rtruediv__(self, other: Any) -> J: return jet(other) / self
    def __truediv__(self, other: Any) -> J:
        return self * lift(jet(other), lambda x, _: inverse(x), lambda a: jet(-1) / (a * a))
    def __add__(self, other: Any) -> J:
        c = jet(other).c
        return J({m: self.c[m].join(x, add) if m in self.c and m in c else x for m, x in (self.c | c).items()})
    def __mul__(self, other: Any) -> J:
        c, pairs = dict[int, N](), product(self.c.items(), jet(other).c.items())
        spend(len(self.c) * len(jet(other).c))
        for (a, x), (b, y) in pairs:
            if not a & b: c[a | b] = c[a | b].join(x.join(y, mul), add) if a | b in c else x.join(y, mul)
        return J(c)
    __radd__, __rmul__ = __add__, __mul__
    def part(self, bit: int) -> J:  # The derivative along one infinitesimal
        return J({0: ZERO} | {m ^ bit: x for m, x in self.c.items() if m & bit}) if known(self) else NOTHING
def known(x: J) -> bool: return type(x.c[0].ball) is fmpq or bool(x.c[0].ball.is_finite())
def rational(q: Fraction, modulus: int) -> int: return q.numerator * pow(q.denominator, -1, modulus) % modulus
def exact(text: str) -> Any: return fmpq(*Fraction(text.lower().replace("e", "?")).as_integer_ratio())
def jet(value: Any) -> J:  # A number without derivatives
    q = value if isinstance(value, J | Fraction) else Fraction(int(fmpq(value).p), int(fmpq(value).q))
    return q if isinstance(q, J) else J({0: N(fmpq(q.numerator, q.denominator), rational(q, P))})
def inverse(x: N) -> N:
    return N(1 / x.ball, power(x.mod, -1), x.deg) if x.ball > 0 or x.ball < 0 else N(arb.nan())
def power(mod: Any, n: int) -> Any:
    if isinstance(mod, int): return pow(mod, n, P) if mod else 0  # 0: of no number that is inverted or followed
    if n < 0 and not all(mod): raise ArithmeticError("a denominator that is 0 in the field")
    return mod if n == 1 else np.array([pow(x, n, P) for x in mod], dtype=object)
def lift(x: J, value: Callable[[N, N | None], N], slope: Callable[[J], J]) -> J:
    """f(x) from f on numbers (and their part along the probe) and f': f(a + e b) = f(a) + e f'(a) b, last e first."""
    need((top := max(x.c)) < 1 << 12, "derivatives nested that deep", LookupError)
    if top <= 1:
        at = {0: value(x.c[0], x.c.get(1))}
        return J(at | {1: slope(J({0: x.c[0]})).c[0].join(x.c[1], mul)} if top else at)
    bit = 1 << (top.bit_length() - 1)
    low, high = (J({m & ~bit: n for m, n in x.c.items() if bool(m & bit) is on}) for on in (False, True))
    return lift(low, value, slope) + J({m | bit: n for m, n in (slope(low) * high).c.items()})
ZERO, ONE, NOTHING = jet(0).c[0], jet(1).c[0], J({0: N(arb.nan())})
class Field:  # Residues for one attempt; a lane is an independent draw of all of them
    def __init__(self, seed: str, lanes: list[int]) -> None:
        self.seed, self.lanes, self.drawn, self.tests, self.degrees = seed, lanes, 0, 0, 1
        self.pi, self.atoms, self.roots = self.fresh(2), dict[Any, Any](), dict[int, int]()
        self.exps, self.logs = [(self.full(1), self.fresh(2), 1)], list[Any]()  # u, exp u; u'/u, u, log u; degrees
    def full(self, mod: Any) -> Any: return np.full(len(self.lanes), mod, object) if isinstance(mod, int) else mod
    def fresh(self, exponent: int = 1) -> Any:
        self.drawn += 1
        draws = (random.Random(f"{self.seed}/{lane}/{self.drawn}").randrange(2, P - 1) for lane in self.lanes)
        return np.array([pow(x, exponent, P) for x in draws], dtype=object)
    def combination(self, known: list[Any], vector: Any) -> list[Fraction] | None:
        """How a vector is made by rationals from those known, which are independent; ``None`` if it is not."""
        rows, columns, vectors = len(self.lanes), len(known), (row[0] for row in known)
        if rows < columns + SPARE: raise Restart(self.lanes)
        self.tests += 1
        entries = [int(x) for row in zip(*vectors, vector, strict=True) for x in row]
        reduced, rank = fmpz_mod_mat(rows, columns + 1, entries, MODULO_P).rref()
        return None if rank > columns else [short(int(reduced[i, columns])) for i in range(columns)]
    def raised(self, mod: Any, q: Fraction, name: int) -> Any:
        """A power; one of a fraction among squares, in the lanes in which this is one."""
        if abs(q) > 64 or q.denominator > 64: raise ArithmeticError("a power out of the ordinary")
        if q.denominator > 1:
            good = [lane for lane, x in zip(self.lanes, mod, strict=True) if pow(x, HALF, P) == 1]
            if len(good) < len(self.lanes): raise Restart(good)
            self.roots[name] = lcm(self.roots.get(name, 1), q.denominator)
        return power(mod, int(q) if q.denominator == 1 else rational(q, HALF))
    def exp(self, u: Any, along: Any, deg: int) -> tuple[Any, int]:
        found, out, size = self.combination(self.exps, u), self.full(1), 1
        if found is None:
            self.exps.append((u, out := self.fresh(2), 1))
            if self.combination(self.logs, along) is None: self.logs.append((along, out, u, 1, deg))
        for j, q in ((j, q) for j, q in enumerate(found or ()) if q):
            out, size = out * self.raised(self.exps[j][1], q, j) % P, size + ceil(abs(q)) * self.exps[j][2]
        return out, size
    def log(self, u: Any, along: Any, deg: int) -> tuple[Any, int]:
        along, out, size = along * power(u, -1) % P, self.full(0), 1
        found = self.combination(self.logs, along)
        if found is None: self.logs.append((along, u, self.new_log(u, deg), deg, 1))
        for j, q in ((j, q) for j, q in enumerate(found or ()) if q):
            _, base, log, of_base, of_log = self.logs[j]
            u, out = u * self.raised(base, -q, -1 - j) % P, (out + rational(q, P) * log) % P
            deg, size = deg + ceil(abs(q)) * of_base, size + of_log
        if any(x != u[0] for x in u): return (self.new_log(u, deg) + out) % P, size
        for n, sign in zip(short(int(u[0])).as_integer_ratio(), (1, -1), strict=True):
            out = sum((sign * k * self.new_log(self.full(int(p)), 1) for p, k in fmpz(n).factor()), start=out) % P
        return out, size
    def new_log(self, u: Any, deg: int) -> Any:
        if ("new", *u) not in self.atoms:
            self.atoms["new", *u] = self.fresh()
            self.exps.append((self.atoms["new", *u], u, deg))
        return self.atoms["new", *u]
    def known(self, name: str, x: N, slope: N | None) -> tuple[Any, int]:
        """What a function is in the field, and of which degree; one of which no law is known is odd."""
        u, along = self.full(x.mod), slope or ZERO
        self.tests, self.degrees = self.tests + 1, self.degrees + x.deg + along.deg
        key, minus = (name, *u), (name, *-u % P)
        if key not in self.atoms and name in ("exp", "log"):
            self.atoms[key] = getattr(self, name)(u, self.full(along.mod), x.deg)
        elif key not in self.atoms and minus not in self.atoms:
            self.atoms[key] = self.fresh() if np.any(u) else self.full(0), 1
        mod, deg = self.atoms[key if key in self.atoms else minus]
        return mod if key in self.atoms else -mod % P, deg
def short(residue: int, most: int = 1 << 40) -> Fraction:
    a, b, u, v = P, residue, 0, 1  # Euclid's algorithm: the fraction of two numbers below ``most``
    while b >= most: a, b, u, v = b, a % b, v, u - a // b * v
    if not 0 < abs(v) < most: raise ArithmeticError("a number that is no short fraction")
    return Fraction(b, v)
class Functions:
    def __init__(self, field: Field | None) -> None: self.field = field
    def sqrt(self, x: J) -> J: return self.pow(x, jet(Fraction(1, 2)))
    def pi(self) -> J: return J({0: N(arb.pi(), self.field.pi if self.field else 0, 2)})
    def at(self, x: N, ball: Callable[[Any], Any], name: str, slope: N | None) -> N:
        value = N(ball(arb(x.ball)))
        if self.field and value.ball.is_finite(): value.mod, value.deg = self.field.known(name, x, slope)
        return value
    def sign(self, x: J) -> int | None:
        """The sign, if it is certain; on a border there is no derivative, and nothing general."""
        ball = x.c[0].ball
        if self.field and ball == 0 and np.any(x.c[0].mod): raise Border
        return 1 if ball > 0 else -1 if ball < 0 else 0 if ball == 0 and max(x.c) < 2 else None
    def cases(self, x: J, *values: Callable[[], Any]) -> J:  # for x < 0, x == 0 and x > 0
        return NOTHING if (sign := self.sign(x)) is None else jet(values[sign + 1]())
    def larger(self, x: J, *more: J) -> J:
        return self.larger(self.cases(x - more[0], lambda: more[0], lambda: x, lambda: x), *more[1:]) if more else x
    def exp(self, x: J) -> J: return lift(x, lambda a, s: self.at(a, arb.exp, "exp", s), self.exp)
    def log(self, x: J) -> J: return lift(x, lambda a, s: self.at(a, arb.log, "log", s), lambda a: jet(1) / a)
    def odd(self, name: str, x: J) -> J:
        return lift(x, lambda a, s: self.at(a, ODD[name][0], name, s), lambda a: ODD[name][1](self, a))
    def pow(self, x: J, y: J) -> J:
        q, out = y.c[0].ball, jet(1)
        if type(q) is not fmpq or max(y.c) > 0 or (q.q > 1 and not (q > 0 and x.c[0].ball == 0)) or abs(q) > 10_000:
            out = self.exp(y * self.log(x))
            if type(q) is type(a := x.c[0].ball) is fmpq and max(y.c) == 0 and a > 0 and max(abs(q), q.q) <= LARGEST:
                root = fmpq(a.p.root(int(q.q)), a.q.root(int(q.q)))
                if root ** int(q.q) == a: out.c[0].ball = root ** int(q.p)  # a number that is known, also to be 0
            return out
        if q.q > 1: return jet(0) if max(x.c) == 0 else NOTHING
        for digit in bin(abs(int(q.p)))[2:]: out = out * out * x if digit == "1" else out * out
        return out if q >= 0 else jet(1) / out
    def turn(self, x: J, which: int) -> J:
        """cos (0) or sin (1), in the field rationally from what stands for the tangent of half the angle."""
        def value(a: N, slope: N | None) -> N:
            found = self.at(a, (arb.cos, arb.sin)[which], "turn", slope)
            mod = (1 - found.mod**2, 2 * found.mod)[which] * power((1 + found.mod**2) % P, -1) % P
            return N(found.ball, mod, 2 * found.deg)
        return lift(x, value, (lambda a: self.turn(a, 1) * -1, lambda a: self.turn(a, 0))[which])
    def apply(self, name: str, order: int, arguments: list[J]) -> J:
        """A function, or its derivative of an order by its first argument."""
        need(0 <= order <= LARGEST, "a derivative of that order", LookupError)
        if order and all(map(known, arguments)):
            bit = 1 << max(1, *(max(x.c).bit_length() for x in arguments))
            return self.apply(name, order - 1, [arguments[0] + J({0: ZERO, bit: ONE}), *arguments[1:]]).part(bit)
        return jet(FORMULAS[name](self, *arguments)) if all(map(known, arguments)) else NOTHING
ODD: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "asin": (arb.asin, lambda f, x: 1 / f.sqrt(1 - x * x)), "atan": (arb.atan, lambda f, x: 1 / (1 + x * x)),
    "erf": (arb.erf, lambda f, x: 2 / f.sqrt(f.pi()) * f.exp(-x * x))}
FORMULAS: dict[str, Callable[..., Any]] = {
    "exp": Functions.exp, "log2": lambda f, x: f.log(x) / f.log(jet(2)), "erfc": lambda f, x: 1 - f.odd("erf", x),
    "max": Functions.larger, "cos": lambda f, x: f.turn(x, 0), "log10": lambda f, x: f.log(x) / f.log(jet(10)),
    "sin": lambda f, x: f.turn(x, 1), "asin": lambda f, x: f.odd("asin", x), "relu": lambda f, x: f.larger(x, jet(0)),
    "csc": lambda f, x: 1 / f.turn(x, 1), "sec": lambda f, x: 1 / f.turn(x, 0), "atan": lambda f, x: f.odd("atan", x),
    "log1p": lambda f, x: f.log(1 + x), "abs": lambda f, x: f.larger(x, -x), "erf": lambda f, x: f.odd("erf", x),
    "log": Functions.log, "sigmoid": lambda f, x: 1 / (1 + f.exp(-x)), "softplus": lambda f, x: f.log(1 + f.exp(x)),
    "tan": lambda f, x: f.turn(x, 1) / f.turn(x, 0), "min": lambda f, *x: -f.larger(*(-y for y in x)),
    "cot": lambda f, x: f.turn(x, 0) / f.turn(x, 1), "sinh": lambda f, x: (f.exp(x) - f.exp(-x)) / 2,
    "tanh": lambda f, x: 1 - 2 / (f.exp(2 * x) + 1), "cosh": lambda f, x: (f.exp(x) + f.exp(-x)) / 2,
    "coth": lambda f, x: 1 + 2 / (f.exp(2 * x) - 1), "sech": lambda f, x: 2 / (f.exp(x) + f.exp(-x)),
    "logit": lambda f, x: f.log(x) - f.log(1 - x), "csch": lambda f, x: 2 / (f.exp(x) - f.exp(-x)),
    "asinh": lambda f, x: f.log(x + f.sqrt(x * x + 1)), "atanh": lambda f, x: f.log((1 + x) / (1 - x)) / 2,
    "clip": lambda f, x, a, b: -f.larger(-f.larger(x, a), -b), "acos": lambda f, x: f.pi() / 2 - f.odd("asin", x),
    "sign": lambda f, x: f.cases(x, lambda: -1, lambda: 0, lambda: 1), "expm1": lambda f, x: f.exp(x) - 1,
    "gelu": lambda f, x: x * (1 + f.odd("erf", x / f.sqrt(jet(2)))) / 2, "silu": lambda f, x: x / (1 + f.exp(-x)),
    "elu": lambda f, x, a=1: f.cases(x, lambda: a * (f.exp(x) - 1), lambda: 0, lambda: x), "sqrt": Functions.sqrt,
    "cbrt": lambda f, x: FORMULAS["sign"](f, x) * f.pow(FORMULAS["abs"](f, x), jet(Fraction(1, 3))),
    "leaky_relu": lambda f, x, a=Fraction(1, 100): f.cases(x, lambda: jet(a) * x, lambda: 0, lambda: x)}
class Frame:  # A differentiation: the name that it moves, its value there, and what has been evaluated under it
    def __init__(self, name: str = "", value: Any = None, outer: Frame | None = None) -> None:
        self.name, self.value, self.outer, self.memo = name, value, outer, dict[Any, Any]()
        self.bit: int = 2 * outer.bit if outer else 1
class Evaluator:  # the values of a statement's nodes at a point: arrays of jets, or of truth (``None``: not certain)
    def __init__(self, s: Data, record: Data, field: Field | None) -> None:
        self.s, self.f, self.sizes, self.names = s, Functions(field), record["sizes"], dict[int, set[str]]()
        self.bound, self.root, N.spent = dict[str, int](), Frame(), 0
        for size, rule in ((size, s["dims"][name]) for name, size in self.sizes.items() if name in s["dims"]):
            need(size >= rule["least"] and rule["exact"] in (None, size), "a size that is excluded")
        self.values = {name: self.drawn(record["point"][name], self.sized(v["shape"]), v["domain"])
                       for name, v in sorted(s["variables"].items()) if name in record["point"]}
    def sized(self, shape: list[int | str]) -> tuple[int, ...]:
        sizes = tuple(dim if isinstance(dim, int) else self.sizes[dim] for dim in shape)
        fit = all(type(size) is int and 0 < size <= LARGEST for size in sizes) and prod(sizes) <= ENTRIES
        need(fit, "an axis of that size is not looked at", LookupError)
        return sizes
    def drawn(self, numbers: Any, shape: tuple[int, ...], domain: Data) -> Any:
        """The recorded value of a variable, with residues that are free where its domain leaves it free."""
        value, field, kind = each(exact, np.array(numbers, dtype=object)), self.f.field, domain["kind"]
        need(value.shape == shape and contains(domain, value), "the point is not in the domain")
        if field is None or kind in ("given", "finite", "integer", "one-hot"): return each(jet, value)
        if kind in ("simplex", "orthogonal", "diagonal") or self.s["equations"]:
            raise ArithmeticError("numbers that depend on each other")
        out = each(lambda q: J({0: N(q, (1 if q >= 0 else -1) * field.fresh(2) % P, 1),
                                1: N(fmpq(0), field.fresh(), 1)}), value)
        return np.where(np.tri(len(out)) > 0, out, out.T) if kind in ("symmetric", "positive definite") else out
    def reach(self, n: int) -> set[str]:
        """The names on which a node depends, through definitions (and perhaps some more)."""
        if n not in self.names:
            node, t = self.s["nodes"][n], self.s["nodes"][n].get("target", {})
            inside = [i for k in INSIDE for i in (node[k] if isinstance(node.get(k), list) else [node.get(k)])]
            own = {str(d.get(k)) for d in (node, t) for k in ("name", "key")}
            inside += [*(t.get("subscripts") or []), *(self.s["definitions"].get(name) for name in sorted(own))]
            self.names[n] = own.union(*(self.reach(i) for i in inside if i is not None))
            spend(len(self.names[n]))
        return self.names[n]
    def value(self, n: int, frame: Frame) -> Any:
        while frame.outer and frame.name not in self.reach(n): frame = frame.outer  # what moves here does not move it
        key, node = (n, self.under(n)), self.s["nodes"][n]
        if key not in frame.memo:
            spend(8 + prod(shape := self.sized(node["shape"])))
            frame.memo[key] = np.asarray(OPERATIONS[node["op"]](self, node, frame), dtype=object)
            if frame.memo[key].shape != shape: raise AssertionError("a value is not of the shape that is recorded")
        return frame.memo[key]
    def under(self, n: int | None) -> tuple[Any, ...]:  # The values of the bound indices on which a node depends
        return () if n is None else tuple((k, v) for k, v in sorted(self.bound.items()) if k in self.reach(n))
    def all(self, frame: Frame, *nodes: int) -> list[Any]: return [self.value(n, frame) for n in nodes]
    def named(self, name: str, frame: Frame) -> Any:
        moved: Frame | None = frame
        while moved and moved.name != name: moved = moved.outer
        if moved or name in self.values: return moved.value if moved else self.values[name]
        return jet(self.bound[name]) if name in self.bound else self.value(self.s["definitions"][name], frame)
    def taken(self, a: Any, subscripts: Any, frame: Frame) -> Any:
        """An entry or a slice; a subscript is an integer from 0, within its axis."""
        found = [slice(None) if n is None else self.value(n, frame)[()].c[0].ball for n in subscripts]
        for place, size in zip(found, a.shape, strict=True):
            within = type(place) is slice or (type(place) is fmpq and place.q == 1 and 0 <= place < size)
            need(within, "a subscript that is not in its axis", LookupError)
        return np.asarray(a[tuple(k if type(k) is slice else int(k.p) for k in found)], dtype=a.dtype)
    def repeated(self, n: Data, frame: Frame) -> Any:
        terms = [self.value(n["body"], frame) for self.bound[n["key"]] in range(*self.sized([n["size"]]))]
        del self.bound[n["key"]]
        return (np.sum if n["kind"] == "sum" else np.prod)(np.stack(terms), axis=0)
    def slopes(self, n: Data, name: str, spots: Any, frame: Frame, more: int) -> list[Any]:
        """The derivatives along each entry of a target, and inside these (``more`` times) again."""
        found = list[Any]()
        for spot in np.ravel(spots) if more else ():
            value = np.array(self.named(name, frame))
            key = ("moved", name, spot, self.under(self.s["definitions"].get(name)))
            value.reshape(-1)[spot] += J({0: ZERO, 2 * frame.bit: ONE})
            moved = frame.memo.setdefault(key, Frame(name, value, frame))
            found += [x.part(2 * frame.bit) for x in self.slopes(n, name, spots, moved, more - 1)]
        return found if more else list(np.ravel(self.value(n["of"], frame)))
    def derivative(self, n: Data, frame: Frame) -> Any:
        t, kind, of = n["target"], n["kind"], self.sized(self.s["nodes"][n["of"]]["shape"])
        name = t["key"] if t["kind"] == "bound" else t["name"]
        spots = np.arange(np.size(self.named(name, frame))).reshape(np.shape(self.named(name, frame)))
        spots = spots if t["subscripts"] is None else self.taken(spots, t["subscripts"], frame)
        out = np.array(self.slopes(n, name, spots, frame, 1 + (kind == "hessian")), object).reshape(spots.size, -1)
        if kind in ("tangent", "jacobian", "hessian"):
            return out.T.reshape({"tangent": of, "jacobian": of + spots.shape, "hessian": spots.shape * 2}[kind])
        out = (out.diagonal() if kind == "elementwise" else out[:, 0]).reshape(spots.shape)
        return out.T if n["transposed"] else out
def each(function: Callable[..., Any], *arrays: Any) -> Any:
    spend(prod(np.broadcast_shapes(*(np.shape(a) for a in arrays))))
    return np.asarray(np.frompyfunc(function, len(arrays), 1)(*arrays), dtype=object)
def over(a: Any, n: Data, function: Callable[..., Any] = np.sum) -> Any:
    return np.asarray(function(a, axis=n["axis"], keepdims=n["keepdims"]), dtype=object)
def det(a: Any) -> Any:
    return sum((a[0, j] * det(np.delete(a[1:], j, 1)) * (-1) ** j for j in range(len(a))), start=jet(int(not a.size)))
def inv(a: Any) -> Any:
    whole = det(a)
    return each(lambda i, j: det(np.delete(np.delete(a, j, 0), i, 1)) * (-1) ** (i + j) / whole, *np.indices(a.shape))
def truth(e: Evaluator, operator: str, x: J) -> bool | None:
    sign = e.f.sign(x) if known(x) else None
    return None if sign is None else bool(sign) if operator == "!=" else "<=>"[sign + 1] in operator
def logic(operator: str, *a: bool | None) -> bool | None:
    a, decisive = tuple(x is False if operator == "not" and x is not None else x for x in a), operator != "and"
    return decisive if decisive in a else None if None in a else not decisive
INSIDE = (*SIDES, *"operand base arguments body entries operands test then otherwise of subscripts".split())  # noqa: SIM905
ARRAYS: dict[str, Callable[..., Any]] = {
    "sum": lambda e, n, s, a: over(a, n), "eye": lambda e, n, s: each(lambda i, j: jet(int(i == j)), *np.indices(s)),
    "prod": lambda e, n, s, a: over(a, n, np.prod), "diag": lambda e, n, s, a: each(jet, np.diag(a)),
    "mean": lambda e, n, s, a: over(a, n) / jet(Fraction(a.size, prod(s))), "transpose": lambda e, n, s, a: a.T,
    "softmax": lambda e, n, s, a: (powers := each(e.f.exp, a)) / powers.sum(axis=n["axis"], keepdims=True),
    "log_softmax": lambda e, n, s, a: each(e.f.log, ARRAYS["softmax"](e, n, s, a)), "det": lambda e, n, s, a: det(a),
    "logsumexp": lambda e, n, s, a: each(e.f.log, over(each(e.f.exp, a), n)), "inv": lambda e, n, s, a: inv(a),
    "norm": lambda e, n, s, a: each(e.f.sqrt, over(a * a, n)), "reshape": lambda e, n, s, a: a.reshape(s),
    "outer": lambda e, n, s, a, b: np.outer(a, b), "ones": lambda e, n, s: np.full(s, jet(1)),
    "trace": lambda e, n, s, a: sum(a.diagonal()), "dot": lambda e, n, s, a, b: (a * b).sum(),
    "concat": lambda e, n, s, *a: np.concatenate(a, axis=n["axis"]), "zeros": lambda e, n, s: np.full(s, jet(0))}
OPERATIONS: dict[str, Callable[[Evaluator, Data, Frame], Any]] = {
    "Number": lambda e, n, f: jet(exact(n["value"])), "Bound": lambda e, n, f: e.named(n["key"], f),
    "Constant": lambda e, n, f: e.f.pi() if n["name"] == "pi" else e.f.exp(jet(1)), "BigOp": Evaluator.repeated,
    "Variable": lambda e, n, f: e.named(n["name"], f), "Defined": lambda e, n, f: e.named(n["name"], f),
    "Dimension": lambda e, n, f: jet(e.sized([n["name"]])[0]), "Negate": lambda e, n, f: -e.value(n["operand"], f),
    "Arithmetic": lambda e, n, f: each({**SIGNS, "**": e.f.pow}[n["operator"]], *e.all(f, n["left"], n["right"])),
    "MatMul": lambda e, n, f: e.value(n["left"], f) @ e.value(n["right"], f),
    "Element": lambda e, n, f: e.taken(e.value(n["base"], f), n["subscripts"], f), "Derivative": Evaluator.derivative,
    "Apply": lambda e, n, f: each(lambda *a: e.f.apply(n["function"], n["order"], [*a]), *e.all(f, *n["arguments"])),
    "ArrayOp": lambda e, n, f: ARRAYS[n["name"]](e, n, e.sized(n["shape"]), *e.all(f, *n["arguments"])),
    "Entries": lambda e, n, f: np.array([x[()] for x in e.all(f, *n["entries"])]).reshape(e.sized(n["shape"])),
    "Compare": lambda e, n, f: each(lambda a, b: truth(e, n["operator"], a - b), *e.all(f, n["left"], n["right"])),
    "Logic": lambda e, n, f: each(lambda *a: logic(n["operator"], *a), *e.all(f, *n["operands"])),
    "Where": lambda e, n, f: each(lambda t, a, b: NOTHING if t is None else a if t else b,
                                  *e.all(f, n["test"], n["then"], n["otherwise"]))}
SIGNS: dict[str, Callable[..., Any]] = {"+": add, "-": sub, "*": mul, "/": truediv}
def contains(domain: Data, a: Any) -> bool:  # Whether exact numbers are in a domain
    flat, n, (low, high) = list(a.ravel()), len(a) if a.ndim else 1, map(domain.get, ("low", "high"))
    square, unit = (fmpq_mat(*m.shape, m.ravel().tolist()) for m in (a.reshape(n, -1), np.eye(n, dtype=int)))
    minors = (fmpq_mat(k, k, a[:k, :k].ravel().tolist()).det() for k in range(1, n + 1))
    held: dict[str, Callable[[], Any]] = {
        "given": lambda: flat == [*map(exact, domain["values"])], "integer": lambda: all(x.q == 1 for x in flat),
        "finite": lambda: all(x in map(exact, domain["values"]) for x in flat), "positive": lambda: min(flat) > 0,
        "interval": lambda: all((low is None or x >= exact(low)) and (high is None or x <= exact(high)) for x in flat)
        and not any(domain[k] and domain[f"{k}_open"] and exact(domain[k]) in flat for k in ("low", "high")),
        "simplex": lambda: min(flat) >= 0 and sum(flat) == 1, "symmetric": lambda: square.transpose() == square,
        "one-hot": lambda: sorted(flat) == [0] * (len(flat) - 1) + [1], "invertible": lambda: square.det() != 0,
        "positive definite": lambda: square.transpose() == square and all(minor > 0 for minor in minors),
        "diagonal": lambda: all(i == j or a[i, j] == 0 for i, j in np.ndindex(n, n)), "real": lambda: True,
        "orthogonal": lambda: square * square.transpose() == unit, "nonnegative": lambda: min(flat) >= 0}
    return bool(held[domain["kind"]]())
def cases(s: Data, link: Data, record: Data, field: Field | None, index: Data) -> list[tuple[Any, J, J]]:
    """Both sides at a point, by place: the sizes, indices (all that meet the assumptions), the entry, its number."""
    e, found, shapes = Evaluator(s, record, field), list[Any](), [s["nodes"][link[k]]["shape"] for k in SIDES]
    ranges = [[(q["key"], i) for i in range(*e.sized([q["size"]])) if index.get(q["name"], str(i)) == str(i)]
              for q in s["quantifiers"] if q["size"] is not None]
    same = e.sized(shapes[0]) == e.sized(shapes[1])
    need(same or any(set(one) <= {1} for one in shapes), "the sides have different shapes")
    for chosen in product(*ranges):
        e.bound, e.root = dict(chosen), Frame()
        if all(t is True for n in s["conditions"] for t in e.value(n, e.root).ravel()):
            a, b = e.all(e.root, *(link[k] for k in SIDES))
            shape = max(a.shape, b.shape, key=lambda one: (prod(one), len(one)))
            a, b = (np.full(shape, x.ravel()[0]) if x.size == 1 else x for x in (a, b))
            found += [((*e.sizes.items(), chosen, i, k), a[i], b[i]) for k, i in enumerate(np.ndindex(*shape))]
    return found
def tolerances(s: Data, link: Data) -> list[Any]:
    """How far apart the sides of a ≈ b may be, by entry: the tolerance, or half a unit of the last digit shown."""
    if link["relation"] != "≈" or s["tolerance"] is not None:
        return [] if link["relation"] == "==" else [exact(s["tolerance"])]
    shown, found = [s["nodes"][n] for n in s["nodes"][link["right"]].get("entries", [link["right"]])], list[Any]()
    for text in (s["nodes"][one["operand"]]["text"] if one["op"] == "Negate" else one["text"] for one in shown):
        mantissa, _, exponent = text.replace("_", "").lower().partition("e")
        found.append(fmpq(10) ** (int(exponent[:6] or 0) - len(mantissa.partition(".")[2])) / 2)
    return found
def prove(s: Data, link: Data, record: Data, seed: str, seen: dict[Any, bool]) -> tuple[str, float | None]:
    """What a proof lacks at a point, and the error's bound as a power of 2 (``None``: nothing seen); notes places."""
    lanes, drawn, ctx.prec, found, missing = [*range(LANES)], LANES, BITS[0], list[Any](), "too few draws with roots"
    for _ in range(RESTARTS):
        field = Field(seed, lanes)
        try: found, missing = cases(s, link, record, field, {}), ""
        except Restart as few:
            kept: list[int] = few.args[0]
            new = 0 if LANES <= len(kept) < len(lanes) else min(MOST_LANES - len(kept), 2 * len(lanes))
            lanes, drawn = kept + list(range(drawn, drawn + new)), drawn + new
            continue
        except Border: return "", None
        except ArithmeticError as law: missing = str(law)
        break
    gaps, within = [(a - b).c[0] for _, a, b in found if known(a - b)], tolerances(s, link)
    if any(np.any(gap.mod) for gap in gaps): missing = missing or "the sides differ by the laws that are known here"
    degrees = field.tests * field.degrees + sum(gap.deg for gap in gaps) + 1
    for ctx.prec in BITS:
        found, wide = cases(s, link, record, None, {}) if missing or ctx.prec > BITS[0] else found, False
        for place, a, b in found:
            gap, size = abs((a - b).c[0].ball), 1 + abs(arb(a.c[0].ball))
            most = within[place[-1] % len(within)] if within else 0
            need(not gap > most, f"the sides are {arb(a.c[0].ball).str(12)} and {arb(b.c[0].ball).str(12)}")
            wide |= known(a - b) and not (gap <= most if within else arb(gap).rad() < size * arb(10)**-DIGITS)
        if not wide: break
    if wide or not any(known(a - b) for _, a, b in found): return "", None
    seen |= {place: seen.get(place, False) or known(a - b) for place, a, b in found}
    bound = -192 if within else log2(degrees * prod(2 * k for k in field.roots.values())) - 191
    return (not within) * (missing or "degrees without bound" * (bound > LARGEST_ERROR)), bound
def refute(s: Data, link: Data, record: Data) -> None:
    within = tolerances(s, link) or [0]
    for ctx.prec in WITNESS_BITS:
        for place, a, b in cases(s, link, record, None, record["index"]):
            if list(place[-2]) == record["entry"] and abs(arb((a - b).c[0].ball)) > within[place[-1] % len(within)]:
                met = all(arb(record[k]).overlaps(arb(x.c[0].ball)) for k, x in zip(SIDES, (a, b), strict=True))
                return need(met, "the recorded enclosures are not those of the sides")
    raise AssertionError("the sides do not differ for certain at the point")
def check(data: Data) -> tuple[str, str]:  # What is said of one file: a word, and why
    missing, error, count, sizes = "", -192.0, 0, set[str]()
    for part in filter(None, (data, data["correction"])):
        wrong = [k for k in part["links"] if k["verdict"] == "refuted"]
        if part["verdict"] != ("refuted" if wrong else "proved") or not part["links"] or part["statement"]["up_to"]:
            return "not checked", f"{part['verdict']}: {part['because']}"
        for link in wrong or part["links"]:
            N.in_all, done, seen = 0, 0, dict[Any, bool]()
            if wrong: refute(part["statement"], link, link["witness"])
            for record in () if wrong else link["points"]:
                lack, bound = prove(part["statement"], link, record, f"{data['seal']}/{count}", seen)
                if bound is not None:
                    missing, error, done, count = missing or lack, max(error, bound) + 1, done + 1, count + 1
                    sizes |= {f", {name} = {size}" for name, size in record["sizes"].items()}
            if not wrong and not done: raise LookupError("both sides are defined at none of the recorded points")
            missing = missing or "not every entry is defined at one of the points" * (not all(seen.values()))
    sure = f"; {missing}" if missing else f", error below 2**{error:.0f}" if count else ""
    return "agrees" if missing else "confirmed", f"{data['verdict']}, {count} points{''.join(sorted(sizes))}{sure}"
def opened(path: Path) -> Data:
    data: Data = json.loads(path.read_text(encoding="ascii") if path.stat().st_size < MOST_BYTES else "")
    text = json.dumps({k: v for k, v in data.items() if k != "seal"}, sort_keys=True, separators=(",", ":"))
    fits = data["format"] == 1 and data["seal"] == hashlib.sha256(text.encode("ascii")).hexdigest()
    need(fits, f"{path.name} was altered, or is of another version", ValueError)
    return data
def main(folder: Path) -> int:  # 0: nothing failed, 1: something did, 2: it is altered, or no evidence
    counts = dict.fromkeys(("confirmed", "agrees", "not checked", "FAILED"), 0)
    whole = opened(folder / "evidence.json")
    listed = {one["file"]: one["seal"] for one in whole["claims"]}
    seals = {path.name: opened(path)["seal"] for path in sorted(folder.iterdir()) if path.name != "evidence.json"}
    if seals != listed: raise ValueError("a file is missing, one too many, or not the one that is listed")
    new_prime(whole["seal"])
    for data in (opened(folder / name) for name in listed):
        try: word, why = check(data)
        except (LookupError, RecursionError, MemoryError, OverflowError) as e: word, why = "not checked", f"{e}"
        except (AssertionError, ArithmeticError, ValueError, TypeError, AttributeError) as wrong:
            word, why = "FAILED", f"{wrong}"
        counts[word] += 1
        print(ascii(f"{word}: {data['spec']['path']}: {data['claim']}: {why}")[1:-1], flush=True)
    print(", ".join(f"{count} {word}" for word, count in counts.items()))
    return int(counts["FAILED"] > 0)
if __name__ == "__main__":
    sys.setrecursionlimit(20_000)
    usage = "usage: python -m derivcheck.recheck DIR, a folder that `derivcheck run SPEC --evidence DIR` has written"
    try: sys.exit(main(Path(sys.argv[1])) if len(sys.argv) == 2 else 2 * bool(sys.stderr.write(usage + "\n")))
    except (OSError, ArithmeticError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        why, hint = (f"{error}", f"\n{usage}\n") if isinstance(error, OSError) else (f"{error!r}", "\n")
        sys.exit(2 * bool(sys.stderr.write(ascii(f"no evidence that can be checked: {why}")[1:-1][:300] + hint)))
