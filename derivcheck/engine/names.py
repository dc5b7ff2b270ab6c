"""Owns what an expression says of the names in it: its free binders, and whether it can only be an integer."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction

from derivcheck.lang import typed
from derivcheck.lang.typed import Expr, children
from derivcheck.model import Derivation


def is_literal(expr: Expr) -> bool:
    """Whether an exponent is a number by the way it is written: built from numbers and sizes alone."""
    stack = [expr]
    while stack:
        node = stack.pop()
        if not isinstance(node, typed.Number | typed.Dimension | typed.Negate | typed.Arithmetic):
            return False
        stack.extend(children(node))
    return True


class Names:
    """What expressions of one derivation say of the names in them, remembered by identity: the binders that an
    expression uses without binding them, and whether it can only have integer values.

    It keeps what it was asked about alive, so that identities stay apart.
    """

    def __init__(self, derivation: Derivation) -> None:
        self._derivation = derivation
        self._scalars = {f.parameter for f in derivation.functions.values()}
        #: What :meth:`keys` has found, by identity.
        self.known: dict[int, tuple[str, ...]] = {}
        self._alive: list[Expr] = []
        self._reached: dict[int, tuple[Expr, ...]] = {}
        self._heights: dict[int, int] = {}

    def keys(self, expr: Expr) -> tuple[str, ...]:
        """The keys of binders that an expression uses without binding them, sorted."""
        found = self.known.get(id(expr))
        if found is not None:
            return found
        self._alive.append(expr)
        stack = [(expr, False)]
        while stack:
            node, done = stack.pop()
            if id(node) in self.known:
                continue
            if done:
                self.known[id(node)] = tuple(sorted(self._free(node)))
            else:
                stack.append((node, True))
                stack.extend((child, False) for child in children(node))
        return self.known[id(expr)]

    def reached(self, expr: Expr) -> tuple[Expr, ...]:
        """Every part of an expression, definitions included."""
        found = self._reached.get(id(expr))
        if found is None:
            self._alive.append(expr)
            seen: dict[int, Expr] = {}
            stack = [expr]
            while stack:
                node = stack.pop()
                if id(node) in seen:
                    continue
                seen[id(node)] = node
                if isinstance(node, typed.Defined):
                    stack.append(self._derivation.definitions[node.name])
                stack.extend(children(node))
            found = self._reached[id(expr)] = tuple(seen.values())
        return found

    def height(self, expr: Expr) -> int:
        """How deeply an expression is nested, with definitions and the rules of functions written out."""
        self._alive.append(expr)
        stack = [(expr, False)]
        while stack:
            node, done = stack.pop()
            if id(node) in self._heights:
                continue
            inside = self._inside(node)
            if done:
                self._heights[id(node)] = 1 + max((self._heights[id(e)] for e in inside), default=0)
            else:
                stack.append((node, True))
                stack.extend((e, False) for e in inside)
        return self._heights[id(expr)]

    def _inside(self, node: Expr) -> tuple[Expr, ...]:
        """What lies directly inside a node, with definitions and rules written out."""
        if isinstance(node, typed.Defined):
            return (self._derivation.definitions[node.name],)
        if isinstance(node, typed.Derivative) and node.target.kind == "defined":
            return (*children(node), self._derivation.definitions[node.target.name])
        return children(node)

    def named(self, expr: Expr) -> frozenset[str]:
        """The variables and defined names that an expression is made from."""
        nodes = self.reached(expr)
        return frozenset(node.name for node in nodes if isinstance(node, typed.Variable | typed.Defined))

    def derivatives(self, expr: Expr) -> tuple[typed.Derivative, ...]:
        """The derivatives that stand in an expression, or in what it is made from."""
        return tuple(node for node in self.reached(expr) if isinstance(node, typed.Derivative))

    def bind_scalars(self, keys: Iterable[str]) -> None:
        """These binders take other numbers than integers; all others are indices."""
        self._scalars.update(keys)

    def _free(self, node: Expr) -> set[str]:
        free = {key for child in children(node) for key in self.known[id(child)]}
        match node:
            case typed.Bound():
                free.add(node.key)
            case typed.BigOp():
                free.discard(node.key)
            case typed.Derivative() if node.target.kind == "bound":
                free.add(node.target.key)
            case _:
                pass
        return free

    def integral(self, expr: Expr) -> bool:
        """Whether an expression can only be an integer: built from integers by ``+ - * @``, literal powers, sums,
        products and sizes, or of finitely many values that all are (``(1 + y)/2`` with labels y of -1 and 1)."""
        match expr:
            case typed.Number():
                return expr.value.denominator == 1
            case typed.Dimension():
                return True
            case typed.Bound():
                return expr.key not in self._scalars
            case typed.Variable():
                domain = self._derivation.variables[expr.name].domain
                whole = all(v.denominator == 1 for v in domain.values)
                return domain.kind in ("integer", "one-hot") or (domain.kind == "finite" and whole)
            case typed.Defined():
                return self.integral(self._derivation.definitions[expr.name])
            case typed.Negate():
                return self.integral(expr.operand)
            case typed.Element():
                return self.integral(expr.base)
            case typed.BigOp():
                return self.integral(expr.body)
            case typed.MatMul():
                return self.integral(expr.left) and self.integral(expr.right)
            case typed.ArrayOp() if expr.name in _WHOLE_OF_ARRAYS:
                return all(self.integral(a) for a in expr.arguments)
            case typed.Apply() if expr.function in _WHOLE_OF_NUMBERS and not expr.order:
                return all(self.integral(a) for a in expr.arguments)
            case typed.Where():
                return self.integral(expr.then) and self.integral(expr.otherwise)
            case typed.Arithmetic():
                if expr.operator in "+-*" and self.integral(expr.left) and self.integral(expr.right):
                    return True
                if expr.operator == "**" and self.integral(expr.left) and _is_whole(expr.right):
                    return True
                values = self._values(expr)
                return values is not None and all(v.denominator == 1 for v in values)
            case _:
                return False

    def _values(self, expr: Expr) -> frozenset[Fraction] | None:
        """The values that an expression of finitely many can have (perhaps more than it really has)."""
        match expr:
            case typed.Number():
                return frozenset((expr.value,))
            case typed.Variable():
                domain = self._derivation.variables[expr.name].domain
                return frozenset(domain.values) if domain.kind == "finite" else None
            case typed.Defined():
                return self._values(self._derivation.definitions[expr.name])
            case typed.Element():
                return self._values(expr.base)
            case typed.Negate():
                inner = self._values(expr.operand)
                return None if inner is None else frozenset(-v for v in inner)
            case typed.Arithmetic() if expr.operator in _EXACT:
                left, right = self._values(expr.left), self._values(expr.right)
                if left is None or right is None or len(left) * len(right) > 64:
                    return None
                if expr.operator == "/" and 0 in right:
                    return None
                return frozenset(_EXACT[expr.operator](a, b) for a in left for b in right)
            case _:
                return None


def _is_whole(exponent: Expr) -> bool:
    return isinstance(exponent, typed.Number) and exponent.value.denominator == 1 and exponent.value >= 0


#: Functions that make integers of integers.
_WHOLE_OF_ARRAYS = frozenset({"sum", "prod", "dot", "trace", "det", "transpose"})
_WHOLE_OF_NUMBERS = frozenset({"abs", "sign", "relu", "min", "max"})

_EXACT: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
}
