"""The part of a program on which some references depend."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from txselect.decision.reading import clauses_by_head
from txselect.model.condition import Leaf
from txselect.program.horn import Clause
from txselect.program.program import Program


@dataclass(frozen=True, slots=True)
class Cone:
    """Clauses and leaves (by node) below some references of a program; leaves in the order of their nodes."""

    clauses: tuple[Clause, ...]
    leaves: dict[int, Leaf]


def cone_of(program: Program, references: Iterable[int | None]) -> Cone:
    """Everything that can matter to the truth of the references; None stands for known false."""
    reached: set[int] = set()
    waiting = [reference // 2 for reference in references if reference is not None]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += (premise // 2 for clause in _clauses(program, number) for premise in clause.body)
    ordered = sorted(reached)
    leaves = {number: leaf for number in ordered if (leaf := program.nodes[number].leaf) is not None}
    return Cone(tuple(clause for number in ordered for clause in _clauses(program, number)), leaves)


def _clauses(program: Program, number: int) -> Iterable[Clause]:
    by_head = clauses_by_head(program)
    return (program.horn.clauses[clause] for literal in (2 * number, 2 * number + 1) for clause in by_head[literal])
