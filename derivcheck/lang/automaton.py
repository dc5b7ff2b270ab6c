"""Owns the LALR(1) automaton: text to tokens, and tokens to what a builder makes of them, by a grammar's table.

The table is Lark's, made beforehand (:mod:`derivcheck.lang.make_table`). It is followed here and not by Lark's parser
because every run reads formulas: to import Lark and let it make or load the table takes a third of the time in which
SymPy is imported, and this takes a hundredth. That both read and refuse alike is tested.

The lexer is a loop and the parser keeps its own stack, so no nesting of a text can exhaust Python's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

#: What becomes of the parts of a rule that is not the builder's: its only part is handed on, or they are a list,
#: which the rule around it takes in.
PASS, LIST = "", "*"
END = "$END"


class Token(Protocol):
    """What is fed to the parser."""

    @property
    def type(self) -> str:
        """The name of its terminal."""


class Unexpected(Exception):
    """The token at ``place``, or the end (the place behind all tokens), is none of those that may follow there."""

    def __init__(self, place: int, expected: frozenset[str]) -> None:
        super().__init__(place)
        self.place = place
        self.expected = expected


@dataclass(frozen=True)
class Automaton:
    """A grammar's table.

    ``terminals`` are names (in capitals) and patterns, in the order in which they are tried; ``keywords`` are texts
    of the terminal NAME that are terminals of their own; ``rules`` say what is reduced, from how many parts (never
    none), and which method of a builder gets them; ``states`` have for every symbol the next state, or ``~rule`` to
    reduce by.
    """

    terminals: tuple[tuple[str, str], ...]
    keywords: Mapping[str, str]
    ignored: frozenset[str]
    rules: tuple[tuple[str, int, str], ...]
    starts: Mapping[str, int]
    states: tuple[Mapping[str, int], ...]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in self.terminals))

    def tokens(self, text: str) -> Iterator[tuple[str, str, int]]:
        """Terminal, text and place of every token; where no terminal fits, one character is left out."""
        for match in self._pattern.finditer(text):
            name, word = str(match.lastgroup), match.group()
            if name not in self.ignored:
                yield (self.keywords.get(word, name) if name == "NAME" else name), word, match.start()

    def parse(self, tokens: Sequence[Token], start: str, builder: object) -> Any:
        """What a builder makes of the tokens; it has a method for each that the rules name.

        Raises:
            Unexpected: at the first token that does not fit.
        """
        states = [self.starts[start]]
        values: list[Any] = []
        for place, (symbol, token) in enumerate([*((token.type, token) for token in tokens), (END, None)]):
            while (action := self.states[states[-1]].get(symbol)) is not None and action < 0:
                origin, count, method = self.rules[~action]
                parts = values[-count:]
                del states[-count:], values[-count:]
                values.append(_reduced(parts, method, builder))
                states.append(self.states[states[-1]][origin])
            if action is None:
                raise Unexpected(place, self._expected(states))
            states.append(action)
            values.append(token)
        return values[0]

    def _expected(self, states: Sequence[int]) -> frozenset[str]:
        """The terminals that may come next. Not every entry of a state is one: what it reduces may stand where the
        terminal cannot follow."""
        terminals = [symbol for symbol in self.states[states[-1]] if symbol.isupper()]
        return frozenset(terminal for terminal in terminals if self._shifts(list(states), terminal))

    def _shifts(self, states: list[int], symbol: str) -> bool:
        while (action := self.states[states[-1]].get(symbol)) is not None and action < 0:
            origin, count, _ = self.rules[~action]
            del states[-count:]
            states.append(self.states[states[-1]][origin])
        return action is not None


def _reduced(parts: list[Any], method: str, builder: object) -> Any:
    if method == PASS:
        return parts[0]
    flat: list[Any] = []
    for part in parts:
        if not isinstance(part, list):
            flat.append(part)
        elif flat:
            flat += part
        else:  # of a repetition all that came before: copied, a long chain would take quadratic time
            flat = part
    return flat if method == LIST else getattr(builder, method)(flat)
