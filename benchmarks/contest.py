"""Owns the fair contest: every peer in a process of its own, asked in turn, timed by its own processor time, and
killed when it takes too much of it.

Peers take turns of one or a few claims, in an order that rotates, so that a busy moment of the machine hits all of
them. The time is that of the process alone (user and system), after its imports and after the spec has been read.
Each question is asked once: SymPy remembers what it was asked before.
"""

from __future__ import annotations

import gc
import resource
import signal
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from time import thread_time
from typing import Any

from peers import Peer, peers
from questions import Question

from derivcheck.errors import Refused
from derivcheck.model import Derivation
from derivcheck.spec import loads

#: Seconds on the wall clock for a peer to start and import what it needs.
START = 120.0
#: Bytes of address space of a peer.
MEMORY = 4 << 30
#: Seconds on the wall clock for one of processor time, at most: the machine may be busy.
BUSY = 20


@dataclass(frozen=True, slots=True)
class Answer:
    """What a peer said of a question, in how many seconds; ``says`` is None for nothing, with why in ``word``.
    ``alone`` are the seconds that deciding took when the derivative was made already, where that was asked for."""

    says: bool | None
    word: str
    seconds: float
    alone: float | None = None


def _serve(connection: Connection, name: str, limit: float) -> None:
    """A peer's process: questions in, answers out. The system ends it at its limit, also in the midst of C code."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")
    peer = next(peer for peer in peers() if peer.name == name)
    warm_up = loads(_WARM, "warm")
    peer.decide(warm_up)
    if peer.made is not None:
        peer.decide(peer.made(warm_up))
        peer.decide(loads(_WARM_SIZES, "warm"))  # what proofs for every size need is imported, too
    gc.collect()
    gc.freeze()  # what was imported is not looked through again, whoever's turn it is
    connection.send("ready")
    while True:
        texts, alone = connection.recv()
        derivations = [loads(text, "question") for text in texts]
        said: list[bool | None] = []
        for derivation in derivations:
            says, word, seconds, making = _asked(peer, derivation, limit)
            said.append(says)
            connection.send((says, word, seconds, seconds - making if alone and peer.made is None else None))
        for derivation, says in zip(derivations, said, strict=True) if alone and peer.made is not None else ():
            apart: float | None = None
            with suppress(Refused):
                again, _, apart, _ = _asked(peer, peer.made(derivation), limit)
                apart = apart if again == says else None
            connection.send(apart)


def _asked(peer: Peer, derivation: Derivation, limit: float) -> tuple[bool | None, str, float, float]:
    """What a peer says, why, and in how many seconds, with those of making what it decides."""
    gc.collect()
    signal.setitimer(signal.ITIMER_PROF, limit)
    # while that timer is set, the clock of the process goes by the system's ticks; that of the thread does not
    begun = thread_time()
    try:
        says, word, making = peer.decide(derivation)
    except Exception as error:  # whatever a peer stumbles over is its answer
        says, word, making = None, type(error).__name__, 0.0
    seconds = thread_time() - begun
    signal.setitimer(signal.ITIMER_PROF, 0)
    return says, word, seconds, making


_WARM = "derivcheck: 1\ntitle: t\nvariables: {x: }\nclaims:\n  a: D(exp(x)*sin(x), x) == exp(x)*(sin(x) + cos(x))\n"
_WARM_SIZES = "derivcheck: 1\ntitle: t\nvariables: {v: [n]}\nclaims:\n  a: D(sum(v**2), v) == 2*v\n"


class Player:
    """A peer's process, started again after it was killed."""

    def __init__(self, peer: Peer, limit: float) -> None:
        self.peer = peer
        self._limit = limit
        self._process: Any = None

    def ask(self, questions: Sequence[Question], *, alone: bool = False) -> list[Answer]:
        """Its answers to a few questions in a row, each within the limit; if asked for, timed also when the
        derivatives are made already (``alone``)."""
        answers: list[Answer] = []
        while len(answers) < len(questions):
            rest = questions[len(answers) :]
            if self._process is None:
                self._start()
            self._connection.send(([question.spec for question in rest], alone))
            for _ in rest:
                answers.append(self._answer())
                if self._process is None:
                    break
            else:
                first = len(answers) - len(rest)
                for place in range(first, len(answers)) if alone and self.peer.made is not None else ():
                    answers[place] = replace(answers[place], alone=self._received())
        return answers

    def _answer(self) -> Answer:
        """Its next answer; where there is none, it is ended."""
        try:
            says, word, seconds, apart = self._received()
        except TimeoutError:
            self.stop()
            return Answer(None, "out of time", self._limit)
        except (EOFError, OSError):
            self._process.join()
            late = self._process.exitcode == -signal.SIGPROF
            self.stop()
            return Answer(None, "out of time" if late else "died", self._limit)
        return Answer(says, word, seconds, apart)

    def _received(self) -> Any:
        if not self._connection.poll(self._limit * BUSY):
            raise TimeoutError
        return self._connection.recv()

    def _start(self) -> None:
        context = get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self.peer.name, self._limit), daemon=True)
        self._process.start()
        theirs.close()
        if not self._connection.poll(START) or self._connection.recv() != "ready":
            raise RuntimeError(f"{self.peer.name} does not start")

    def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = None


def contest(
    questions: Sequence[Question],
    limit: float,
    told: Callable[[str], None] = lambda line: None,
    *,
    who: Sequence[Peer] | None = None,
    growing: bool = False,
    alone: bool = False,
    turn: int = 1,
) -> dict[str, list[Answer]]:
    """The answers of every peer (or of those in ``who``) to every question. If the questions are ``growing``, a peer
    that ran out of time is not asked the larger ones. With ``alone``, deciding is timed by itself, too. Peers
    take turns of ``turn`` questions."""
    players = [Player(peer, limit) for peer in who or peers()]
    late = Answer(None, "out of time", limit)
    answers: dict[str, list[Answer]] = {player.peer.name: [] for player in players}
    try:
        for number, first in enumerate(range(0, len(questions), turn)):
            told(f"{first + 1}/{len(questions)} {questions[first].name}")
            start = number % len(players)
            for player in (*players[start:], *players[:start]):
                given = answers[player.peer.name]
                asked = questions[first : first + turn]
                given += [late] * len(asked) if growing and late in given else player.ask(asked, alone=alone)
    finally:
        for player in players:
            player.stop()
    return answers
