"""A counting forward chainer in plain Python: each clause counts down the premises it still waits for.

W. F. Dowling and J. H. Gallier, Linear-time algorithms for testing the satisfiability of propositional Horn
formulae, Journal of Logic Programming 1 (1984), 267-284.
"""

from __future__ import annotations

from collections.abc import Sequence

from txselect.engine.literals import check_given, check_program
from txselect.program.horn import HornProgram, Valuation


class LinearEngine:
    """Prepared once for a program; `run` may be called from any number of threads, as it shares nothing it changes.

    >>> from txselect.program.horn import Clause
    >>> program = HornProgram(nodes=3, clauses=(Clause(head=4, body=(0, 2)), Clause(head=2, body=(0,))))
    >>> LinearEngine(program).run([0])
    Valuation(given=(0,), derived=((2, 1), (4, 0)))
    """

    name = "linear"

    def __init__(self, program: HornProgram, version: str = "1") -> None:
        check_program(program)
        self.version = version
        self.program = program
        self._limit = 2 * program.nodes
        self._steps = [(clause.head, number) for number, clause in enumerate(program.clauses)]
        self._waiting = [0] * len(program.clauses)
        self._watchers: list[list[int]] = [[] for _ in range(self._limit)]
        self._followers: list[list[int]] = [[] for _ in range(self._limit)]
        for number, clause in enumerate(program.clauses):
            self._watch(number, frozenset(clause.body))

    def _watch(self, number: int, premises: frozenset[int]) -> None:
        """A lone premise needs no counter: its clauses follow at once."""
        if len(premises) == 1:
            self._followers[min(premises)].append(number)
            return
        self._waiting[number] = len(premises) - 1
        for premise in premises:
            self._watchers[premise].append(number)

    def run(self, given: Sequence[int]) -> Valuation:
        """The least fixpoint over `given`; raises `LiteralError` for a literal that the program does not have.

        `waiting` is one less than the premises still missing, so that zero means: this one was the last.
        """
        taken = check_given(given, self._limit)
        waiting, steps, watchers, followers = self._waiting.copy(), self._steps, self._watchers, self._followers
        holds = bytearray(self._limit)
        for literal in taken:
            holds[literal] = 1
        queue = list(taken)
        derived: list[tuple[int, int]] = []
        for literal in queue:  # grows while it is read
            for number in followers[literal]:
                step = steps[number]
                if not holds[step[0]]:
                    holds[step[0]] = 1
                    queue.append(step[0])
                    derived.append(step)
            for number in watchers[literal]:
                if waiting[number]:
                    waiting[number] -= 1
                    continue
                step = steps[number]
                if not holds[step[0]]:
                    holds[step[0]] = 1
                    queue.append(step[0])
                    derived.append(step)
        return Valuation(given=taken, derived=tuple(derived))

    def close(self) -> None:
        """Nothing is held; here so that engines can be exchanged."""
