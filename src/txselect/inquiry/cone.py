"""The part of a program on which some references depend."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from txselect.decision.reading import Reading, clauses_by_head
from txselect.model.condition import Leaf
from txselect.program.horn import Clause
from txselect.program.program import Program


@dataclass(frozen=True)
class Cone:
    """Clauses and leaves (by node) below some references of a program; leaves in the order of their nodes."""

    clauses: tuple[Clause, ...]
    leaves: dict[int, Leaf]

    def leaves_below(self, references: Iterable[int | None]) -> dict[int, Leaf]:
        """The leaves on which some of the references depend."""
        starts = (reference // 2 for reference in references if reference is not None)
        reached = _reached(starts, lambda number: self._premises.get(number, ()))
        return {number: self.leaves[number] for number in sorted(reached & self.leaves.keys())}

    def below(self, keys: Mapping[int, str]) -> dict[int, frozenset[str]]:
        """For each node the keys of the leaves on which it depends."""
        found = {node: frozenset({key}) for node, key in keys.items()}

        def collect(node: int) -> frozenset[str]:
            if node not in found:
                found[node] = frozenset()  # what depends on itself adds nothing
                found[node] = frozenset().union(*map(collect, self._premises.get(node, ())))
            return found[node]

        for node in self._premises:
            collect(node)
        return found

    @cached_property
    def _premises(self) -> dict[int, list[int]]:
        """For each node those that its clauses name."""
        found: dict[int, list[int]] = {}
        for clause in self.clauses:
            found.setdefault(clause.head // 2, []).extend(premise // 2 for premise in clause.body)
        return found


def cone_of(program: Program, references: Iterable[int | None]) -> Cone:
    """Everything that can matter to the truth of the references; None stands for known false."""
    starts = (reference // 2 for reference in references if reference is not None)
    return _cone(program, starts, lambda number: _clauses(program, number))


def undecided_cone(reading: Reading, references: Iterable[int | None]) -> Cone:
    """The part below the references that is still unknown: more knowledge changes nothing else."""
    starts = (reference // 2 for reference in references if reading.truth(reference) is None and reference is not None)
    return _cone(reading.program, starts, lambda number: _undecided(reading, _clauses(reading.program, number)))


def _cone(program: Program, starts: Iterable[int], clauses_of: Callable[[int], Iterable[Clause]]) -> Cone:
    """The nodes reached from some by the clauses that conclude each of them."""
    found: dict[int, list[Clause]] = {}

    def premises(number: int) -> Iterator[int]:
        found[number] = list(clauses_of(number))
        return (premise // 2 for clause in found[number] for premise in clause.body)

    ordered = sorted(_reached(starts, premises))
    leaves = {number: leaf for number in ordered if (leaf := program.nodes[number].leaf) is not None}
    return Cone(tuple(clause for number in ordered for clause in found[number]), leaves)


def _reached(starts: Iterable[int], following: Callable[[int], Iterable[int]]) -> set[int]:
    """Everything that is reached from some nodes, step by step."""
    reached: set[int] = set()
    waiting = [*starts]
    while waiting:
        number = waiting.pop()
        if number not in reached:
            reached.add(number)
            waiting += following(number)
    return reached


def _undecided(reading: Reading, clauses: Iterable[Clause]) -> Iterator[Clause]:
    """Clauses that may still conclude something, without the premises that hold."""
    for clause in clauses:
        truths = [reading.truth(premise) for premise in clause.body]
        if False not in truths:
            open_premises = (premise for premise, truth in zip(clause.body, truths, strict=True) if truth is None)
            yield Clause(clause.head, tuple(open_premises))


def _clauses(program: Program, number: int) -> Iterable[Clause]:
    by_head = clauses_by_head(program)
    return (program.horn.clauses[clause] for literal in (2 * number, 2 * number + 1) for clause in by_head[literal])
