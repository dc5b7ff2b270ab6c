"""Owns differences that are shown to be 0 by multiplying them by a matrix that has an inverse there.

If a difference ``D[i, …]`` has terms with ``inv(M)[i, k]``, then D is 0 for all i just when ``M @ D`` is, and in that
the inverse is gone from these terms. So Woodbury's identity and its kin are shown. It needs that every entry of D has
a value where one has: only polynomials in what depends on i are taken.
"""

from __future__ import annotations

from derivcheck.engine.indexed.functions import Calculus
from derivcheck.engine.indexed.matrices import INVERSES
from derivcheck.engine.indexed.terms import Atom, Index, Sum, beyond

#: How many multiplications are tried one after the other, and how many terms a difference may have.
MOST_STEPS = 4
MOST_TERMS = 40

#: Kinds of atoms that have a value at every index.
_EVERYWHERE = frozenset({"entry", "symmetric", "delta", "position", "before", *INVERSES})


def vanishes(c: Calculus, s: Sum, steps: int = MOST_STEPS) -> bool:
    """Whether a difference is 0 for all of its free indices, as multiplications by matrices show."""
    if not s:
        return True
    if not steps or len(s) > MOST_TERMS:
        return False
    seen: set[tuple[Atom, Index]] = set()
    for atom in _inverses(s):
        for slot in (0, 1):
            i = atom.indices[slot]
            key = (c.store.atom(atom.kind, "", (i, i), atom.arguments, atom.binds), i)
            if key in seen or not _takes(c, s, atom, i):
                continue
            seen.add(key)
            if vanishes(c, _multiplied(c, s, atom, slot), steps - 1):
                return True
    return False


def _inverses(s: Sum) -> list[Atom]:
    found = {a: None for m in s for a, e in m.factors if a.kind in INVERSES and e == 1}
    return sorted(found, key=lambda a: a.digest)


def _takes(c: Calculus, s: Sum, atom: Atom, i: Index) -> bool:
    """Whether a difference may be multiplied at an index by the matrix whose inverse an atom is an entry of."""
    if i[1] != "@" or i in atom.arguments[0].free:
        return False
    for m in s:
        for a, e in m.factors:
            plain = (
                a.kind in _EVERYWHERE and not any(i in x.free for x in a.arguments) and isinstance(e, int) and e > 0
            )
            if i in a.free and not plain and not (a.kind == "exp" and isinstance(e, int)):
                return False
    return True


def _multiplied(c: Calculus, s: Sum, atom: Atom, slot: int) -> Sum:
    """``M @ D`` (``D @ M``) at the index of an inverse's first (second) place."""
    i = atom.indices[slot]
    start = beyond(k for m in s for k in (*m.free, *atom.free))
    inner: Index = (i[0], "%", start)
    row, column = atom.binds if slot == 0 else atom.binds[::-1]
    body = c.store.rename_terms(atom.arguments[0].terms, {row: i, column: inner})
    return c.total(c.multiply(body, c.renamed(s, {i: inner})), [inner])
