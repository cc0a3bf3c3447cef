"""Many patients at once: a whole number for each literal, of which each bit is a patient for whom it holds.

What it concludes is what any engine concludes for each patient by itself (a law that is tested). It makes no proof and
no decision: it tells which of many patients are worth a decision.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from txselect.program.horn import HornProgram


@dataclass(frozen=True)
class Together:
    """For each literal the patients for whom it is known to hold.

    >>> from txselect.program.horn import Clause
    >>> program = HornProgram(nodes=3, clauses=(Clause(head=4, body=(0, 2)), Clause(head=2, body=(0,))))
    >>> bin(run_together(program, [[0], [2], [0, 2]]).holding[4])
    '0b101'
    """

    patients: int
    holding: Sequence[int]

    @property
    def everyone(self) -> int:
        return (1 << self.patients) - 1

    def joined(self, others: Together) -> Together:
        """These patients, and after them others of the same program."""
        pairs = zip(self.holding, others.holding, strict=True)
        return Together(self.patients + others.patients, [mine | other << self.patients for mine, other in pairs])


def run_together(program: HornProgram, given: Iterable[Iterable[int]]) -> Together:
    """The least fixpoint for each patient, over the literals that are given for each."""
    holding, patients = [0] * (2 * program.nodes), 0
    for literals in given:
        for literal in literals:
            holding[literal] |= 1 << patients
        patients += 1
    everyone, changed = (1 << patients) - 1, True
    while changed:  # clauses stand after those that they rest on, so that the second time nothing changes
        changed = False
        for clause in program.clauses:
            concluded = everyone
            for premise in clause.body:
                concluded &= holding[premise]
            if concluded & ~holding[clause.head]:
                holding[clause.head] |= concluded
                changed = True
    return Together(patients, holding)
